//! Credentials that the plan says are kept elsewhere: in a variable or a file of whoever generates.

use crate::cli::{Folder, Test};
use crate::support::variables;

const PLAN: &str = "\
name = \"shop\"
[apps.web]
image = \"ghcr.io/acme/shop:1.0.0\"
dialect = \"node\"
uses.db = {}
uses.cache = {}
[services.db]
kind = \"mysql\"
[services.cache]
kind = \"redis\"
[environments.dev.hosts.box]
runs = [\"web\", \"db\", \"cache\"]
[environments.dev.services.db.secrets]
password = { from-env = \"DEV_DB\" }
root_password = { from-file = \"keys/root\" }
";

fn written() -> Folder {
    let test = Test::new().plan(PLAN).args(["generate"]);
    let test = test.file("keys/root", "the own of root\n");
    let test = test.variable("DEV_DB", "taken-from-there");
    test.stdout_has(["created deploy/dev/secrets.env"]).run()
}

#[test]
fn they_reach_the_files_that_need_them_and_no_other() {
    let folder = written();
    let password = folder.read("deploy/dev/box/secrets/db-password");
    assert_eq!(password, "taken-from-there");
    let root = folder.read("deploy/dev/box/secrets/db-root-password");
    assert_eq!(root, "the own of root");
    let url = variables(&folder.read("deploy/dev/box/web.env"));
    assert!(url["DATABASE_URL"].contains(":taken-from-there@"));
    let kept = variables(&folder.read("deploy/dev/secrets.env"));
    assert_eq!(kept.keys().collect::<Vec<_>>(), ["CACHE_PASSWORD"]);
    let runbook = folder.read("deploy/dev/README.md");
    assert!(runbook.contains(
        "Taken whenever files are generated: DB_PASSWORD from the variable DEV_DB, \
         DB_ROOT_PASSWORD from the file keys/root.\n"
    ));
    assert!(!runbook.contains("To fill in first"), "nothing is missing");
    for (path, text) in folder.files("deploy") {
        let holds = String::from_utf8_lossy(&text).contains("taken-from-there");
        let may = ["dev/box/secrets/db-password", "dev/box/web.env"];
        assert_eq!(holds, may.contains(&path.as_str()), "{path}");
    }
}

#[test]
fn what_is_not_there_is_said_with_its_place_and_nothing_is_written() {
    let test = Test::new().plan(PLAN).args(["generate"]);
    let folder = test
        .status(2)
        .stderr(
            "\
error: backstay.toml:14:25: the credential `db.password` of dev cannot be had: the variable `DEV_DB` is not set
error: backstay.toml:15:31: the credential `db.root_password` of dev cannot be had: cannot read `keys/root`: No such file or directory (os error 2)
  help: set the variable or write the file for this run; nothing was written
",
        )
        .run();
    assert!(!folder.has("deploy"));
}

#[test]
fn what_the_service_cannot_take_is_refused_and_not_repeated() {
    let test = Test::new().plan(PLAN).args(["generate"]);
    let test = test.file("keys/root", "").variable("DEV_DB", "it's");
    let (_, _, told) = test
        .status(2)
        .stderr_has([
            "cannot be had: the variable `DEV_DB` holds `'`, which breaks the first start of its container\n",
            "cannot be had: the file `keys/root` is empty\n",
        ])
        .output();
    assert!(!told.contains("it's"), "{told}");
}

#[test]
fn a_check_without_them_compares_what_is_committed() {
    let folder = written();
    let missing = "files with credentials are not compared: backstay.toml:14:25: \
                   the credential `db.password` of dev cannot be had: the variable `DEV_DB` is not set\n";
    let test = folder.test().args(["generate", "--check"]).stderr(missing);
    let folder = test.stdout("every file is up to date\n").run();
    folder.edit("backstay.toml", "shop:1.0.0", "shop:1.0.1");
    let test = folder.test().args(["generate", "--check"]).status(1);
    test.stderr_has(["stale: dev/box/compose.yaml\n"]).run();
}

#[test]
fn a_change_at_the_source_reaches_the_files() {
    let folder = written();
    let test = folder
        .test()
        .args(["generate"])
        .variable("DEV_DB", "another");
    let test = test.stdout_has([
        "updated deploy/dev/box/secrets/db-password\nupdated deploy/dev/box/web.env\n",
        "changed at the source: dev db.password\n\nleft to be done by hand, in this order:\n",
        "tell db on box the new db.password, because it has data",
    ]);
    let (folder, text, _) = test.output();
    assert!(!text.contains("another"), "{text}");
    // Nothing is left to be done when a file changes for another reason.
    folder.edit("backstay.toml", "uses.cache = {}\n", "");
    folder.edit("backstay.toml", ", \"cache\"]", "]");
    folder.edit("backstay.toml", "[services.cache]\nkind = \"redis\"\n", "");
    let test = folder.test().args(["generate"]);
    let test = test.variable("DEV_DB", "another");
    let (_, text, _) = test
        .stdout_has(["updated deploy/dev/box/web.env\n"])
        .output();
    assert!(!text.contains("changed at the source"), "{text}");
}

#[test]
fn a_value_of_before_stays_in_the_secrets_file_and_is_said_to_be_unused() {
    let (own, source) = PLAN
        .split_once("[environments.dev.services")
        .expect("a source");
    let test = Test::new().plan(own).args(["generate"]);
    let folder = test.stdout_has(["created"]).run();
    let old = variables(&folder.read("deploy/dev/secrets.env"))["DB_PASSWORD"].clone();
    folder.append(
        "backstay.toml",
        &format!("[environments.dev.services{source}"),
    );
    folder.write("keys/root", "root");
    let test = folder.test().args(["generate"]).variable("DEV_DB", "taken");
    let test = test.stdout_has([
        "no longer used: DB_PASSWORD in deploy/dev/secrets.env; take the line out when nothing needs it any more\n",
    ]);
    let folder = test.run();
    assert!(folder.read("deploy/dev/secrets.env").contains(&old));
}

#[test]
fn they_are_listed_and_neither_rotated_nor_set_here() {
    let folder = written();
    let test = folder
        .test()
        .args(["secrets", "list"])
        .stdout_has(["the variable DEV_DB  missing", "the file keys/root   there"]);
    let folder = test.run();
    let test = folder.test().args(["secrets", "rotate", "dev", "--all"]);
    let test = test.variable("DEV_DB", "taken-from-there");
    let folder = test
        .stdout_has(["updated deploy/dev/secrets.env"])
        .stderr_has(["not rotated: `db.password` of dev is taken from the variable `DEV_DB`\n"])
        .run();
    let test = folder.test().args(["secrets", "set", "dev", "db.password"]);
    test.stdin("x")
        .status(2)
        .stderr(
            "error: `db.password` of dev is taken from the variable `DEV_DB`\n  \
             help: change it there, then run `backstay generate`\n",
        )
        .run();
}

#[test]
fn a_source_that_says_nothing_or_two_things_is_a_finding() {
    let plan = PLAN.replace("{ from-env = \"DEV_DB\" }", "{}");
    let plan = plan.replace("{ from-file", "{ from-env = \"A\", from-file");
    let plan = format!("{plan}pasword = {{ from-env = \"A\" }}\n");
    Test::new()
        .plan(&plan)
        .args(["check"])
        .status(1)
        .stdout_has([
            "`environments.dev.services.db.secrets.password` does not say its source",
            "`environments.dev.services.db.secrets.root_password` says two sources",
            "`pasword` is not a credential of MySQL",
            "did you mean `password`?",
        ])
        .run();
}

#[test]
fn only_an_environment_says_a_source() {
    let plan = PLAN.replace(
        "[environments.dev.services.db.secrets]",
        "[services.db.secrets]",
    );
    let test = Test::new().plan(&plan).args(["check"]).status(1);
    test.stdout_has(["unknown-key"]).run();
}

#[test]
fn an_excerpt_shows_the_name_of_a_variable_and_no_credential() {
    let plan = PLAN.replace("password = { from-env", "pasword = { from-env");
    let test = Test::new().plan(&plan).args(["check"]).status(1);
    let (_, text, _) = test.stdout_has(["`pasword` is not a credential"]).output();
    assert!(
        text.contains("pasword = { from-env = \"DEV_DB\" }"),
        "{text}"
    );
}
