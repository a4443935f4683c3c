//! `backstay secrets`: what is listed, renewed, set and forgotten, and that nothing is lost or shown.

use serde_json::Value;

use crate::cli::generate::{PLAN, generated};
use crate::cli::{Folder, Test};
use crate::support::variables;

const SECRETS: &str = "deploy/prod/secrets.env";
const PREVIOUS: &str = "deploy/prod/secrets.previous.env";

/// Development borrows production's database, and files come from a provider.
const SHARED: &str = "\
name = \"shop\"
[rules]
borrowed-from-production = { level = \"allow\", reason = \"a test of it\" }
[apps.web]
image = \"ghcr.io/acme/shop:1.0.0\"
dialect = \"node\"
uses.db = {}
uses.uploads = {}
[services.db]
kind = \"mysql\"
[services.uploads]
kind = \"wasabi\"
region = \"eu-central-1\"
[environments.dev.hosts.laptop]
runs = [\"web\"]
[environments.dev.apps.web]
runs-as = \"process\"
[environments.dev.hosts.data-1]
borrow = \"prod\"
runs = [\"db\"]
[environments.dev.hosts.wasabi]
borrow = \"prod\"
runs = [\"uploads\"]
[environments.prod.hosts.app-1]
address = \"10.0.1.11\"
runs = [\"web\"]
[environments.prod.hosts.data-1]
address = \"10.0.1.21\"
runs = [\"db\"]
[environments.prod.hosts.wasabi]
kind = \"managed\"
runs = [\"uploads\"]
";

#[track_caller]
fn secret(folder: &Folder, path: &str, variable: &str) -> String {
    let mut all = variables(&folder.read(path));
    all.remove(variable).expect("the variable is there")
}

/// The folder of a plan whose files are written.
#[track_caller]
fn shared() -> Folder {
    let test = Test::new().plan(SHARED).args(["generate"]);
    test.stdout_has([" in deploy/prod/secrets.env, then run this again"])
        .run()
}

#[test]
fn a_list_says_everything_but_the_values() {
    let folder = generated(PLAN);
    let test = folder.test().args(["secrets", "list", "prod"]);
    let folder = test
        .stdout(
            "\
credential           variable        origin     state  mode  kept in
prod cache.password  CACHE_PASSWORD  generated  there  0600  deploy/prod/secrets.env
  in deploy/prod/app-1/web.env, for web
  in deploy/prod/data-1/.env
prod db.password     DB_PASSWORD     generated  there  0600  deploy/prod/secrets.env
  in deploy/prod/app-1/web.env, for web
  in deploy/prod/data-1/secrets/db-password
",
        )
        .run();
    let test = folder.test().args(["secrets", "list", "--format", "json"]);
    let (_, json, _) = test.stdout_has(["\"plan\": \"shop\""]).output();
    let json: Value = serde_json::from_str(&json).expect("it is JSON");
    let secrets = json["secrets"].as_array().expect("a list");
    assert_eq!(secrets.len(), 4);
    assert_eq!(secrets[3]["carriers"][0]["app"], "web");
    assert_eq!(secrets[3]["is_there"], true);
}

#[test]
fn a_list_says_what_is_missing_and_needs_no_files() {
    let test = Test::new().plan(SHARED).args(["secrets", "list", "prod"]);
    let (folder, text, _) = test.stdout_has(["prod uploads.access_key"]).output();
    assert_eq!(text.matches("  missing").count(), 4, "{text}");
    assert!(text.contains("to be given"), "{text}");
    assert!(
        text.contains("  in deploy/dev/laptop/web.env, for web\n"),
        "{text}"
    );
    assert!(!folder.has("deploy"), "looking writes nothing");
}

#[test]
fn a_rotation_reaches_every_file_and_keeps_the_old_value() {
    let folder = generated(PLAN);
    let old = secret(&folder, SECRETS, "DB_PASSWORD");
    let cache = secret(&folder, SECRETS, "CACHE_PASSWORD");
    let before = folder.files("deploy");
    let test = folder.test().args(["secrets", "rotate", "prod", "db"]);
    let folder = test
        .stdout(
            "\
updated deploy/prod/app-1/web.env
updated deploy/prod/data-1/secrets/db-password
updated deploy/prod/secrets.env
created deploy/prod/secrets.previous.env

left to be done by hand, in this order:

1. Unless the host is this machine, copy to it again what has changed: deploy/prod/app-1 to app-1, deploy/prod/data-1 to data-1.

2. Start db anew on data-1, in deploy/prod/data-1:
docker compose up --detach --force-recreate --wait db

3. There, tell db on data-1 the new db.password, because it has data and keeps the old one until then.
docker compose exec -T db sh -c \"$(cat <<'END'
psql -U \"$POSTGRES_USER\" -d \"$POSTGRES_DB\" -v ON_ERROR_STOP=1 <<'SQL'
\\set new `cat \"$POSTGRES_PASSWORD_FILE\"`
ALTER ROLE :\"USER\" PASSWORD :'new';
SQL
END
)\" </dev/null

4. Start web anew on app-1, in deploy/prod/app-1:
docker compose up --detach --force-recreate web

the value of before is kept in deploy/prod/secrets.previous.env; when all of this is done and works:
backstay secrets rotate prod db.password --forget
",
        )
        .run();
    let new = secret(&folder, SECRETS, "DB_PASSWORD");
    assert_ne!(new, old);
    assert_eq!(folder.read("deploy/prod/data-1/secrets/db-password"), new);
    let url = secret(&folder, "deploy/prod/app-1/web.env", "DATABASE_URL");
    assert!(url.contains(&format!(":{new}@")));
    assert_eq!(secret(&folder, PREVIOUS, "DB_PASSWORD"), old);
    assert_eq!(secret(&folder, SECRETS, "CACHE_PASSWORD"), cache);
    let after = folder.files("deploy");
    let still_there = |(path, text): (&String, &Vec<u8>)| {
        let holds = String::from_utf8_lossy(text).contains(&old);
        holds.then(|| path.clone())
    };
    let holders: Vec<String> = after.iter().filter_map(still_there).collect();
    assert_eq!(holders, ["prod/secrets.previous.env"]);
    assert_eq!(before["dev/secrets.env"], after["dev/secrets.env"]);
    let test = folder.test().args(["generate"]);
    let folder = test
        .stdout("nothing changed: every file is up to date\n")
        .run();
    assert_eq!(folder.files("deploy"), after);
}

#[test]
fn earlier_values_pile_up_until_they_are_forgotten() {
    let folder = generated(PLAN);
    let first = secret(&folder, SECRETS, "DB_PASSWORD");
    let test = folder.test().args(["secrets", "rotate", "prod", "--all"]);
    let folder = test
        .stdout_has([
            "force-recreate --wait cache",
            "the values of before are kept in ",
        ])
        .run();
    let second = secret(&folder, SECRETS, "DB_PASSWORD");
    let test = folder
        .test()
        .args(["secrets", "rotate", "prod", "db.password"]);
    let folder = test
        .stdout_has(["updated deploy/prod/secrets.previous.env"])
        .run();
    let kept = folder.read(PREVIOUS);
    assert!(
        kept.contains(&format!("DB_PASSWORD={first}\n")),
        "the first"
    );
    assert!(
        kept.contains(&format!("DB_PASSWORD={second}\n")),
        "the second"
    );
    let test = folder.test().args(["secrets", "list", "prod"]);
    let folder = test.stdout_has(["there, an earlier one too"]).run();
    let test = folder
        .test()
        .args(["secrets", "rotate", "prod", "db", "--forget"]);
    let folder = test
        .stdout("updated deploy/prod/secrets.previous.env\n")
        .run();
    let kept = folder.read(PREVIOUS);
    assert!(!kept.contains("DB_PASSWORD=") && kept.contains("CACHE_PASSWORD="));
    assert!(kept.starts_with("# Values that"), "the header stays");
    let test = folder
        .test()
        .args(["secrets", "rotate", "prod", "--forget"]);
    let folder = test
        .stdout("removed deploy/prod/secrets.previous.env\n")
        .run();
    let test = folder
        .test()
        .args(["secrets", "rotate", "prod", "--forget"]);
    test.stdout("nothing to forget: prod keeps no earlier value of it\n")
        .run();
}

#[test]
fn a_dry_run_draws_nothing_and_says_what_it_would_do() {
    let folder = generated(PLAN);
    let before = folder.files("deploy");
    let args = ["secrets", "rotate", "prod", "cache", "--dry-run"];
    let test = folder.test().args(args);
    let test = test.stdout_has([
        "would be updated deploy/prod/data-1/.env\n",
        "nothing was written (--dry-run)\n",
    ]);
    let folder = test.run();
    assert_eq!(folder.files("deploy"), before);
}

#[test]
fn whoever_borrows_gets_the_new_value_too_and_admin_comes_first() {
    let folder = shared();
    let test = folder.test().args(["secrets", "rotate", "prod", "db"]);
    let (folder, text, _) = test
        .stdout_has([
            "updated deploy/dev/laptop/web.env\n",
            "Start web anew on laptop, with the variables of deploy/dev/laptop/web.env.\n",
            "It asks for the root password of before.\n",
        ])
        .output();
    let place = |text: &str, of: &str| text.find(of).expect("it is said");
    assert!(place(&text, "db.root_password, b") < place(&text, "db.password, b"));
    let new = secret(&folder, SECRETS, "DB_PASSWORD");
    assert!(folder.read("deploy/dev/laptop/web.env").contains(&new));
}

#[test]
fn what_backstay_does_not_make_is_not_rotated_but_set() {
    let folder = shared();
    let args = ["secrets", "rotate", "prod", "uploads.secret_key"];
    let test = folder.test().args(args).status(2);
    let folder = test
        .stderr(
            "error: `uploads.secret_key` of prod is not made by Backstay: whoever runs Wasabi gives it\n  \
             help: change it there, then give it to `backstay secrets set prod uploads.secret_key`\n",
        )
        .run();
    let args = ["secrets", "set", "prod", "uploads.secret_key"];
    let test = folder.test().args(args).stdin("given#by 'them'\n");
    let folder = test
        .stdout_has([
            "updated deploy/prod/secrets.env\n",
            "2. See that Wasabi takes the new uploads.secret_key: whoever runs it changes it.\n",
            "docker compose up --detach --force-recreate web\n",
        ])
        .run();
    assert_eq!(
        secret(&folder, SECRETS, "UPLOADS_SECRET_KEY"),
        "given#by 'them'"
    );
    assert!(!folder.has(PREVIOUS), "there was none before");
    let test = folder.test().args(args).variable("NEW", "another one");
    let test = test.args([
        "secrets",
        "set",
        "prod",
        "uploads.secret_key",
        "--from-env",
        "NEW",
    ]);
    let folder = test
        .stdout_has(["created deploy/prod/secrets.previous.env\n"])
        .run();
    assert_eq!(
        secret(&folder, PREVIOUS, "UPLOADS_SECRET_KEY"),
        "given#by 'them'"
    );
    folder.write("key", "a third one\r\n");
    let args = [
        "secrets",
        "set",
        "prod",
        "uploads.secret_key",
        "--from-file",
        "key",
    ];
    let folder = folder.test().args(args).stdout_has(["updated"]).run();
    assert_eq!(
        secret(&folder, SECRETS, "UPLOADS_SECRET_KEY"),
        "a third one"
    );
    let test = folder.test().args(args);
    test.stdout("nothing changed: that is its value already\n")
        .run();
}

#[test]
fn what_a_service_cannot_take_is_refused_and_not_repeated() {
    let folder = shared();
    let before = folder.files("deploy");
    let mut folder = Some(folder);
    for (value, refusal) in [
        ("", "is empty"),
        ("\n", "is empty"),
        (
            "two\nlines",
            "holds a line break or another control character",
        ),
        (
            "it's mine",
            "holds `'`, which breaks the first start of its container",
        ),
    ] {
        let test = folder.take().expect("a folder").test();
        let test = test.args(["secrets", "set", "prod", "db.password"]);
        let test = test.stdin(value).status(2);
        let told = format!(
            "error: the value for `db.password` {refusal}\n  help: nothing was written; give another one\n"
        );
        folder = Some(test.stderr(told).run());
    }
    let test = folder.expect("a folder").test().status(2);
    let test = test.args(["secrets", "set", "prod", "db"]).stdin("x");
    let folder = test
        .stderr(
            "error: `db` has several credentials\n  help: name one: db.password, db.root_password\n",
        )
        .run();
    assert_eq!(folder.files("deploy"), before);
}

#[test]
fn other_changes_come_first() {
    let folder = generated(PLAN);
    folder.edit("backstay.toml", "shop:1.0.0", "shop:1.0.1");
    let before = folder.files("deploy");
    let test = folder.test().args(["secrets", "rotate", "prod", "db"]);
    let folder = test
        .status(2)
        .stderr(
            "error: the files of prod are not up to date\n  \
             help: run `backstay generate prod` first; nothing was written\n",
        )
        .run();
    assert_eq!(folder.files("deploy"), before);
}

#[test]
fn a_name_that_is_none_is_answered_with_one_that_is() {
    let folder = generated(PLAN);
    let test = folder.test().args(["secrets", "rotate", "prod", "dbb"]);
    let folder = test
        .status(2)
        .stderr("error: prod has no credential `dbb`\n  help: did you mean `db`?\n")
        .run();
    let test = folder.test().args(["secrets", "rotate", "prod"]);
    test.status(2)
        .stderr_has(["error: nothing is named of which prod is to have a new one\n  help: name some of cache.password, db.password, or say `--all`\n"])
        .run();
}

#[cfg(unix)]
#[test]
fn what_others_can_read_is_noticed_and_closed_and_nothing_is_opened() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |folder: &Folder, path: &str| {
        let metadata = std::fs::metadata(folder.path(path)).expect("it is there");
        metadata.permissions().mode() & 0o777
    };
    let chmod = |folder: &Folder, path: &str, mode| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(folder.path(path), permissions).expect("it is ours");
    };
    let folder = generated(PLAN);
    chmod(&folder, SECRETS, 0o644);
    chmod(&folder, "deploy/prod/data-1/secrets", 0o755);
    chmod(&folder, "deploy/prod/README.md", 0o600);
    let warned = "\
warning: others can read deploy/prod/data-1/secrets (mode 0755): chmod 700 deploy/prod/data-1/secrets
warning: others can read deploy/prod/secrets.env (mode 0644): chmod 600 deploy/prod/secrets.env
";
    let test = folder.test().args(["check"]).stdout_has([]);
    let folder = test.stderr(warned).run();
    let test = folder.test().args(["secrets", "list"]).stdout_has(["0644"]);
    let folder = test.stderr(warned).run();
    let test = folder.test().args(["generate", "--check"]).stderr(warned);
    let folder = test.stdout("every file is up to date\n").run();
    assert_eq!(mode(&folder, SECRETS), 0o644);
    let test = folder.test().args(["generate"]);
    let folder = test
        .stdout(
            "\
closed deploy/prod/data-1/secrets: others could read it (mode 0755, now 0700)
closed deploy/prod/secrets.env: others could read it (mode 0644, now 0600)
",
        )
        .run();
    assert_eq!(mode(&folder, SECRETS), 0o600);
    chmod(&folder, SECRETS, 0o400);
    folder.edit("backstay.toml", "shop:1.0.0", "shop:1.0.1");
    folder.edit("backstay.toml", "name = \"shop\"", "name = \"store\"");
    let folder = folder
        .test()
        .args(["generate"])
        .stdout_has(["updated"])
        .run();
    assert_eq!(
        mode(&folder, "deploy/prod/README.md"),
        0o600,
        "it stays closed"
    );
    let test = folder.test().args(["secrets", "rotate", "prod", "db"]);
    let folder = test.stdout_has(["updated deploy/prod/secrets.env"]).run();
    assert_eq!(mode(&folder, SECRETS), 0o400, "it stays closed");
    assert_eq!(mode(&folder, PREVIOUS), 0o600);
}

#[test]
fn a_credential_that_data_depends_on_stays() {
    let plan = "name = \"shop\"\n[services.log]\nkind = \"kafka\"\n\
                [environments.dev.hosts.box]\nruns = [\"log\"]\n";
    let folder = generated(plan);
    let before = folder.files("deploy");
    let stays = "`log.cluster_id` of dev stays as it is: \
                 its data belongs to the cluster of this id, and no other reads it\n";
    let told = format!("error: {stays}  help: begin without data if it must change\n");
    let test = folder.test().args(["secrets", "rotate", "dev", "log"]);
    let folder = test.status(2).stderr(&told).run();
    let test = folder.test().args(["secrets", "set", "dev", "log"]);
    let folder = test.stdin("another-id").status(2).stderr(&told).run();
    let test = folder.test().args(["secrets", "rotate", "dev", "--all"]);
    let folder = test.status(2).stderr_has(["no credential"]).run();
    assert_eq!(folder.files("deploy"), before);
}

#[test]
fn a_credential_from_elsewhere_that_data_depends_on_is_left_there() {
    let plan = "name = \"shop\"\n[services.log]\nkind = \"kafka\"\n\
                [environments.dev.hosts.box]\nruns = [\"log\"]\n\
                [environments.dev.services.log]\nsecrets.cluster_id.from-env = \"LOG_ID\"\n";
    let told = "error: `log.cluster_id` of dev is taken from the variable `LOG_ID`, and must stay as it is: \
                its data belongs to the cluster of this id, and no other reads it\n  \
                help: leave it as it is there, or begin without data and with another\n";
    let mut folder = Test::new()
        .plan(plan)
        .args(["check"])
        .stdout_has(["findings: 1"])
        .run();
    for command in ["rotate", "set"] {
        let test = folder.test().args(["secrets", command, "dev", "log"]);
        folder = test.stdin("x").status(2).stderr(told).run();
    }
}
