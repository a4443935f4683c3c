//! `backstay generate`: what is written, shown and compared, and what happens to files nobody changed.

use crate::cli::{Folder, Test};

/// A development environment on one machine and production on two.
pub const PLAN: &str = "\
name = \"shop\"

[apps.web]
image = \"ghcr.io/acme/shop:1.0.0\"
port = 8080
dialect = \"node\"
uses.db = {}
uses.cache = { role = \"cache\" }

[services.db]
kind = \"postgres\"

[services.cache]
kind = \"redis\"

[environments.dev.hosts.box]
runs = [\"web\", \"db\", \"cache\"]

[environments.prod.hosts.app-1]
address = \"10.0.1.11\"
runs = [\"web\"]

[environments.prod.hosts.data-1]
address = \"10.0.1.21\"
runs = [\"db\", \"cache\"]
";

/// Every file of the development environment, and those at the top.
const DEV_FILES: &[&str] = &[
    ".gitignore",
    "dev/README.md",
    "dev/box/.env",
    "dev/box/.env.example",
    "dev/box/compose.yaml",
    "dev/box/secrets/db-password",
    "dev/box/web.env",
    "dev/box/web.env.example",
    "dev/secrets.env",
];

const PROD_FILES: &[&str] = &[
    "prod/README.md",
    "prod/app-1/compose.yaml",
    "prod/app-1/web.env",
    "prod/app-1/web.env.example",
    "prod/data-1/.env",
    "prod/data-1/.env.example",
    "prod/data-1/compose.yaml",
    "prod/data-1/secrets/db-password",
    "prod/secrets.env",
];

/// What is said last when these files were written.
pub const NEXT_IN_DEV: &str = "next: cd deploy/dev/box && docker compose up --detach --wait\n";
pub const NEXT_IN_PROD: &str = "\
next: copy deploy/prod/data-1 to its host and run there: docker compose up --detach --wait
every step is in deploy/prod/README.md
";
pub const NEXT: &str = "\
next: cd deploy/dev/box && docker compose up --detach --wait
every step is in deploy/prod/README.md
";

/// A line a file.
pub fn lines(word: &str, files: &[&str]) -> String {
    files
        .iter()
        .map(|file| format!("{word} deploy/{file}\n"))
        .collect()
}

/// A folder in which everything was generated.
#[track_caller]
pub fn generated(plan: &str) -> Folder {
    let test = Test::new().plan(plan).args(["generate"]);
    test.stdout_has(["created deploy/"]).run()
}

#[test]
fn the_first_run_writes_every_file_and_the_second_none() {
    let folder = Test::new().plan(PLAN).args(["generate"]);
    let all: Vec<&str> = DEV_FILES.iter().chain(PROD_FILES).copied().collect();
    let folder = folder.stdout(lines("created", &all) + NEXT).run();
    let first = folder.files("");
    let folder = folder.test().args(["generate"]);
    let folder = folder
        .stdout("nothing changed: every file is up to date\n")
        .run();
    assert_eq!(folder.files(""), first);
    let mut expected: Vec<&str> = all;
    expected.extend([".backstay/lock", ".backstay/record", "backstay.lock"]);
    expected.sort_unstable();
    assert_eq!(folder.paths("deploy"), expected);
    assert_eq!(
        folder.paths("home"),
        [""; 0],
        "nothing is written to the home folder"
    );
}

#[test]
fn the_last_lines_say_what_is_empty_and_what_is_run_next() {
    let plan = PLAN
        .replace("environments.dev.", "environments.local.")
        .replace(
            "[environments.prod.hosts.data-1]\naddress = \"10.0.1.21\"\n",
            "[environments.prod.hosts.aws]\nkind = \"managed\"\naddress = \"db.example.com\"\n",
        );
    let folder = Test::new().plan(&plan).args(["generate", "-o", "a b"]);
    let (folder, stdout, _) = folder.stdout_has([]).output();
    let last = "\
to fill in: CACHE_PASSWORD, DB_PASSWORD in a b/prod/secrets.env, then run this again
next: cd 'a b/local/box' && docker compose up --detach --wait
every step is in a b/prod/README.md
";
    assert!(stdout.ends_with(last), "{stdout}");
    let kept = "a b/prod/secrets.env";
    folder.edit(kept, "DB_PASSWORD=", "DB_PASSWORD=given");
    folder.edit(kept, "CACHE_PASSWORD=", "CACHE_PASSWORD=given-too");
    let test = folder.test().args(["generate", "-o", "a b"]);
    let next = "\
next: copy a b/prod/app-1 to its host and run there: docker compose up --detach --wait
every step is in a b/prod/README.md
";
    let (folder, stdout, _) = test.stdout_has([]).output();
    assert!(
        stdout.ends_with(next) && !stdout.contains("to fill in"),
        "{stdout}"
    );
    let test = folder.test().args(["generate", "-o", "a b"]);
    test.stdout("nothing changed: every file is up to date\n")
        .run();
}

#[test]
fn an_environment_alone_is_written_alone() {
    let test = Test::new().plan(PLAN).args(["generate", "dev"]);
    let folder = test.stdout(lines("created", DEV_FILES) + NEXT_IN_DEV).run();
    let before = folder.files("deploy/dev");
    let test = folder.test().args(["generate", "prod"]);
    let folder = test
        .stdout(lines("created", PROD_FILES) + NEXT_IN_PROD)
        .run();
    assert_eq!(folder.files("deploy/dev"), before);
}

#[test]
fn the_same_plan_gives_the_same_files_whatever_the_folder() {
    let one = generated(PLAN);
    let other = Test::new().plan(PLAN);
    for path in ["dev/secrets.env", "prod/secrets.env"] {
        let path = format!("deploy/{path}");
        other.folder.write(&path, one.read(&path));
    }
    let other = other
        .args(["generate"])
        .stdout_has(["created deploy/dev/box/web.env\n"])
        .run();
    let local = ["backstay.lock", ".backstay/lock", ".backstay/record"];
    let without_local = |folder: &Folder| {
        let files = folder.files("deploy").into_iter();
        files
            .filter(|(path, _)| !local.contains(&path.as_str()))
            .collect::<Vec<_>>()
    };
    assert_eq!(without_local(&one), without_local(&other));
}

#[test]
fn a_dry_run_shows_what_would_change_and_writes_nothing() {
    let test = Test::new().plan(PLAN).args(["generate", "--dry-run"]);
    let (folder, stdout, _) = test
        .stdout_has(["+++ dev/box/compose.yaml\n", "+CACHE_PASSWORD=********\n"])
        .output();
    assert_eq!(
        folder.paths(""),
        ["backstay.toml"],
        "not even the folder is made"
    );
    assert!(
        stdout.contains("+++ dev/box/secrets/db-password\n@@ -0,0 +1 @@\n+********\n"),
        "{stdout}"
    );
    let folder = folder.test().args(["generate"]).stdout_has([]).run();
    let folder = folder.test().args(["generate", "--dry-run"]);
    let folder = folder.stdout("nothing would change\n").run();
    let before = folder.files("");
    folder.edit("backstay.toml", "shop:1.0.0", "shop:1.0.1");
    let folder = folder
        .test()
        .args(["generate", "dev", "--dry-run"])
        .stdout(
            "\
--- dev/box/compose.yaml
+++ dev/box/compose.yaml
@@
         max-file: \"3\"
 
   web:
-    image: \"ghcr.io/acme/shop:1.0.0\"
+    image: \"ghcr.io/acme/shop:1.0.1\"
     restart: \"unless-stopped\"
     init: true
     env_file:
",
        )
        .hunks_anywhere()
        .run();
    folder.edit("backstay.toml", "shop:1.0.1", "shop:1.0.0");
    assert_eq!(folder.files(""), before);
}

#[test]
fn a_check_fails_where_files_are_stale() {
    let test = Test::new().plan(PLAN).args(["generate", "dev", "--check"]);
    let folder = test
        .stderr(
            "\
stale: .gitignore
stale: dev/README.md
stale: dev/box/.env.example
stale: dev/box/compose.yaml
stale: dev/box/web.env.example
run `backstay generate dev` to bring them up to date
",
        )
        .status(1)
        .run();
    assert_eq!(folder.paths(""), ["backstay.toml"]);
    let folder = folder.test().args(["generate"]).stdout_has([]).run();
    let up_to_date = "every file is up to date\n";
    let folder = folder
        .test()
        .args(["generate", "--check"])
        .stdout(up_to_date)
        .run();
    folder.edit("backstay.toml", "shop:1.0.0", "shop:1.0.1");
    let before = folder.files("");
    let folder = folder
        .test()
        .args(["generate", "--check"])
        .stderr(
            "\
stale: dev/box/compose.yaml
stale: prod/app-1/compose.yaml
run `backstay generate` to bring them up to date
",
        )
        .status(1)
        .run();
    assert_eq!(folder.files(""), before);
}

#[test]
fn a_check_needs_nothing_that_is_not_committed() {
    // What a provider gives is filled in on one machine; on another there is only what git has.
    let plan = PLAN.replace(
        "[environments.prod.hosts.data-1]\naddress = \"10.0.1.21\"\n",
        "[environments.prod.hosts.rds]\nkind = \"managed\"\naddress = \"db.example.com\"\n",
    );
    let folder = generated(&plan);
    folder.edit(
        "deploy/prod/secrets.env",
        "DB_PASSWORD=",
        "DB_PASSWORD=given-by-rds",
    );
    folder.edit(
        "deploy/prod/secrets.env",
        "CACHE_PASSWORD=",
        "CACHE_PASSWORD=given-too",
    );
    let folder = folder.test().args(["generate"]).stdout_has([]).run();
    let url = "postgresql://app:given-by-rds@db.example.com:5432/shop";
    assert!(folder.read("deploy/prod/app-1/web.env").contains(url));
    let folder = folder.test().args(["generate", "--check"]);
    let folder = folder.stdout("every file is up to date\n").run();
    for path in folder.paths("deploy") {
        let ignored =
            path.ends_with(".env") || path.contains("secrets/") || path.contains(".backstay/");
        if ignored {
            folder.remove(&format!("deploy/{path}"));
        }
    }
    let folder = folder.test().args(["generate", "--check"]);
    folder.stdout("every file is up to date\n").run();
}

#[test]
fn files_follow_the_plan_and_no_other_file_changes() {
    let folder = generated(PLAN);
    let before = folder.files("deploy");
    folder.edit("backstay.toml", "port = 8080", "port = 8081");
    let test = folder.test().args(["generate", "dev"]);
    let changed = [
        "dev/box/compose.yaml",
        "dev/box/web.env",
        "dev/box/web.env.example",
    ];
    let folder = test.stdout(lines("updated", &changed) + NEXT_IN_DEV).run();
    for (path, text) in folder.files("deploy") {
        let recorded = path == "backstay.lock" || path.starts_with(".backstay/");
        let same = before.get(&path) == Some(&text);
        assert_eq!(
            !same,
            recorded && !path.ends_with("/lock") || changed.contains(&path.as_str()),
            "{path}"
        );
    }
}

#[test]
fn files_of_what_is_gone_are_removed() {
    let folder = generated(PLAN);
    let plan = PLAN
        .replace("uses.db = {}\n", "")
        .replace("[services.db]\nkind = \"postgres\"\n", "")
        .replace(", \"db\"", "")
        .replace("\"db\", ", "");
    let folder = folder
        .test()
        .plan(&plan)
        .args(["generate"])
        .stdout_has([
            "left behind: db on box of dev, which nothing runs any more\n",
            "left behind: db on data-1 of prod, which nothing runs any more\n",
        ])
        .run();
    // What the container of before needs stays until nothing is left behind.
    folder.remove("deploy/left-behind.md");
    let test = folder.test().args(["generate"]);
    let folder = test
        .stdout_has([
            "removed deploy/dev/box/secrets/db-password\n",
            "removed deploy/prod/data-1/secrets/db-password\n",
        ])
        .run();
    assert!(
        !folder.has("deploy/dev/box/secrets"),
        "nor is an empty folder left"
    );
    let plan = plan.replace(
        "[environments.prod.hosts.data-1]",
        "[environments.prod.hosts.data-2]",
    );
    let folder = folder
        .test()
        .plan(&plan)
        .args(["generate"])
        .stdout_has([
            "created deploy/prod/data-2/compose.yaml\n",
            "removed deploy/prod/data-1/compose.yaml\n",
        ])
        .run();
    assert!(!folder.has("deploy/prod/data-1"));
}

#[test]
fn files_of_an_environment_that_is_gone_are_removed_but_for_its_credentials() {
    let folder = generated(PLAN);
    let (plan, _) = PLAN
        .split_once("[environments.prod")
        .expect("prod comes last");
    let test = folder.test().plan(plan).args(["generate"]);
    let folder = test
        .stdout_has(["removed deploy/prod/data-1/compose.yaml\n"])
        .run();
    folder.remove("deploy/left-behind.md");
    let test = folder.test().args(["generate"]);
    let folder = test
        .stdout("removed deploy/prod/data-1/secrets/db-password\n")
        .run();
    assert_eq!(folder.paths("deploy/prod"), ["secrets.env"]);
    let test = folder.test().args(["generate", "--check"]);
    test.stdout("every file is up to date\n").run();
}

#[test]
fn files_that_were_deleted_come_back() {
    let folder = generated(PLAN);
    let before = folder.files("deploy");
    for path in ["dev/README.md", "dev/box", "backstay.lock"] {
        folder.remove(&format!("deploy/{path}"));
    }
    let folder = folder
        .test()
        .args(["generate"])
        .stdout_has(["created deploy/dev/box/.env\n"])
        .run();
    assert_eq!(folder.files("deploy"), before);
}

#[test]
fn the_output_goes_where_it_is_told_to() {
    let test = Test::new()
        .plan(PLAN)
        .args(["generate", "dev", "--output", "out/there"]);
    let folder = test
        .stdout_has(["created out/there/dev/box/compose.yaml\n"])
        .run();
    assert!(!folder.has("deploy"));
    let test = folder
        .test()
        .file("sub/backstay.toml", PLAN)
        .args(["generate", "-p", "sub", "dev"]);
    let folder = test
        .stdout_has(["created sub/deploy/dev/box/compose.yaml\n"])
        .run();
    assert!(!folder.has("deploy"));
}

#[test]
fn a_plan_with_denied_findings_is_mended_first() {
    let plan = PLAN.replace("postgres", "postgers");
    let test = Test::new().plan(&plan).args(["generate"]);
    let folder = test
        .stderr_has([
            "deny[unknown-name]",
            "nothing was written: mend the plan first\n",
        ])
        .status(1)
        .run();
    assert_eq!(folder.paths(""), ["backstay.toml"]);
}

#[test]
fn a_denied_finding_of_one_environment_does_not_stop_another() {
    let plan = PLAN.replace("address = \"10.0.1.21\"\n", "");
    let folder = Test::new()
        .plan(&plan)
        .args(["generate", "dev"])
        .stdout_has(["created"])
        .run();
    let test = folder.test().args(["generate"]);
    let folder = test
        .stderr_has(["-without-address", "nothing is denied in dev: name it"])
        .status(1)
        .run();
    assert!(!folder.has("deploy/prod"));
}
