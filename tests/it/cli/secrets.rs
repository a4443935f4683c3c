//! Credentials: drawn once, kept for ever, in files for their owner alone, and nowhere else.

use std::collections::BTreeSet;

use crate::cli::generate::{NEXT_IN_DEV, PLAN, generated, lines};
use crate::cli::{Folder, Test};
use crate::support::variables;

const SECRETS: &str = "deploy/dev/secrets.env";

#[track_caller]
fn secret(folder: &Folder, path: &str, variable: &str) -> String {
    variables(&folder.read(path))
        .remove(variable)
        .expect("the variable is there")
}

#[test]
fn credentials_are_drawn_once_for_each_service_and_environment() {
    let folder = generated(PLAN);
    let drawn: BTreeSet<String> = ["dev", "prod"]
        .into_iter()
        .flat_map(|name| {
            variables(&folder.read(&format!("deploy/{name}/secrets.env"))).into_values()
        })
        .collect();
    assert_eq!(drawn.len(), 4, "each is another: {drawn:?}");
    for secret in drawn {
        let has = |of: fn(&char) -> bool| secret.chars().any(|c| of(&c));
        assert!(secret.len() >= 24 && secret.starts_with(|c: char| c.is_ascii_alphabetic()));
        assert!(has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase));
        assert!(
            has(char::is_ascii_digit) && has(|c| "-_.".contains(*c)),
            "{secret}"
        );
        assert!(
            secret
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        );
    }
}

#[test]
fn a_credential_is_the_same_wherever_it_is_needed() {
    let folder = generated(PLAN);
    let password = secret(&folder, SECRETS, "DB_PASSWORD");
    assert_eq!(folder.read("deploy/dev/box/secrets/db-password"), password);
    let url = secret(&folder, "deploy/dev/box/web.env", "DATABASE_URL");
    assert!(url.contains(&format!(":{password}@")));
    let cache = secret(&folder, SECRETS, "CACHE_PASSWORD");
    assert_eq!(
        secret(&folder, "deploy/dev/box/.env", "CACHE_PASSWORD"),
        cache
    );
}

#[test]
fn no_committed_file_holds_a_credential() {
    let folder = generated(PLAN);
    let ignored = |path: &str| {
        path.ends_with(".env") || path.contains("secrets/") || path.starts_with(".backstay/")
    };
    let secrets: Vec<String> = ["dev", "prod"]
        .into_iter()
        .flat_map(|name| {
            variables(&folder.read(&format!("deploy/{name}/secrets.env"))).into_values()
        })
        .collect();
    for (path, text) in folder.files("deploy") {
        let text = String::from_utf8(text).expect("files are text");
        let held = secrets.iter().any(|secret| text.contains(secret));
        assert!(!held || ignored(&path), "{path}");
    }
}

#[test]
fn a_changed_credential_reaches_every_file() {
    let folder = generated(PLAN);
    let old = secret(&folder, SECRETS, "DB_PASSWORD");
    folder.edit(SECRETS, &old, "'my own, with blanks and a # sign'");
    let folder = folder
        .test()
        .args(["generate"])
        .stdout(
            lines(
                "updated",
                &["dev/box/secrets/db-password", "dev/box/web.env"],
            ) + NEXT_IN_DEV,
        )
        .run();
    let mine = "my own, with blanks and a # sign";
    assert_eq!(folder.read("deploy/dev/box/secrets/db-password"), mine);
    let url = secret(&folder, "deploy/dev/box/web.env", "DATABASE_URL");
    assert!(
        url.contains("my%20own%2C%20with%20blanks%20and%20a%20%23%20sign"),
        "{url}"
    );
    assert!(
        folder
            .read(SECRETS)
            .contains("DB_PASSWORD='my own, with blanks and a # sign'\n")
    );
}

#[test]
fn credentials_survive_the_loss_of_their_file() {
    let folder = generated(PLAN);
    let before = folder.files("deploy");
    folder.remove(SECRETS);
    let test = folder.test().args(["generate"]);
    let folder = test.stdout("created deploy/dev/secrets.env\n").run();
    assert_eq!(
        folder.files("deploy"),
        before,
        "they are adopted from the hosts' files"
    );
    // The files alone are enough, even where nothing is recorded.
    folder.remove(SECRETS);
    folder.remove("deploy/.backstay");
    let test = folder.test().args(["generate"]);
    let folder = test.stdout("created deploy/dev/secrets.env\n").run();
    assert_eq!(folder.read(SECRETS).as_bytes(), before["dev/secrets.env"]);
}

#[test]
fn a_credential_that_is_emptied_is_adopted_or_drawn_again() {
    let folder = generated(PLAN);
    let password = secret(&folder, SECRETS, "DB_PASSWORD");
    folder.edit(SECRETS, &password, "");
    let test = folder.test().args(["generate"]);
    let folder = test.stdout("updated deploy/dev/secrets.env\n").run();
    assert_eq!(secret(&folder, SECRETS, "DB_PASSWORD"), password);
}

#[test]
fn credentials_of_a_removed_service_are_kept_for_its_return() {
    let folder = generated(PLAN);
    let password = secret(&folder, SECRETS, "CACHE_PASSWORD");
    let without = PLAN.replace("uses.cache = { role = \"cache\" }\n", "");
    let without = without
        .replace("[services.cache]\nkind = \"redis\"\n", "")
        .replace(", \"cache\"", "");
    let folder = folder
        .test()
        .plan(&without)
        .args(["generate"])
        .stdout_has(["updated"])
        .run();
    let folder = folder
        .test()
        .plan(PLAN)
        .args(["generate"])
        .stdout_has(["updated"])
        .run();
    assert_eq!(secret(&folder, SECRETS, "CACHE_PASSWORD"), password);
    assert!(secret(&folder, "deploy/dev/box/web.env", "REDIS_URL").contains(&password));
}

#[test]
fn what_a_provider_gives_is_asked_for_and_then_used() {
    let plan = PLAN.replace(
        "[environments.prod.hosts.data-1]\naddress = \"10.0.1.21\"\n",
        "[environments.prod.hosts.rds]\nkind = \"managed\"\naddress = \"db.example.com\"\n",
    );
    let to_fill =
        "to fill in: CACHE_PASSWORD, DB_PASSWORD in deploy/prod/secrets.env, then run this again\n";
    let test = Test::new().plan(&plan).args(["generate", "prod"]);
    let folder = test.stdout_has([to_fill]).run();
    let runbook = folder.read("deploy/prod/README.md");
    assert!(
        runbook.contains(
            "Whatever is still empty in prod/secrets.env, of: CACHE_PASSWORD, DB_PASSWORD"
        ),
        "{runbook}"
    );
    assert_eq!(
        secret(&folder, "deploy/prod/app-1/web.env", "DATABASE_URL"),
        ""
    );
    folder.edit(
        "deploy/prod/secrets.env",
        "DB_PASSWORD=",
        "DB_PASSWORD='p@ss/w:rd'",
    );
    let test = folder.test().args(["generate", "prod"]);
    let folder = test
        .stdout_has([
            "updated deploy/prod/app-1/web.env\n",
            "to fill in: CACHE_PASSWORD in deploy/prod/secrets.env, then run this again\n",
        ])
        .run();
    assert_eq!(
        secret(&folder, "deploy/prod/app-1/web.env", "DATABASE_URL"),
        "postgresql://app:p%40ss%2Fw%3Ard@db.example.com:5432/shop?sslmode=require"
    );
}

#[test]
fn a_credential_that_a_connection_string_cannot_hold_is_said_and_its_variable_is_not_dropped() {
    let plan = PLAN
        .replace("dialect = \"node\"", "dialect = \"dotnet\"")
        .replace(
            "[environments.prod.hosts.data-1]",
            "[environments.prod.hosts.data-1]\nkind = \"managed\"",
        );
    let folder = generated(&plan);
    assert!(
        folder
            .read("deploy/prod/app-1/web.env")
            .contains("ConnectionStrings__cache=")
    );
    folder.edit(
        "deploy/prod/secrets.env",
        "CACHE_PASSWORD=",
        "CACHE_PASSWORD='one,two-three'",
    );
    let before = folder.files("deploy");
    let test = folder.test().args(["generate", "prod"]);
    let folder = test.stderr_has(["error: ", "comma"]).status(2).run();
    assert_eq!(folder.files("deploy"), before);
}

#[test]
fn services_whose_names_differ_in_a_mark_do_not_share_a_credential() {
    for (one, other) in [("my-db", "my_db"), ("db", "db-root")] {
        let plan = format!(
            "name = \"shop\"\n[apps.web]\nuses.{one} = {{ env = \"A\" }}\nuses.{other} = {{ env = \"B\" }}\n\
             [services.{one}]\nkind = \"mysql\"\n[services.{other}]\nkind = \"mysql\"\nport = 3307\n\
             [environments.dev.hosts.box]\nruns = [\"web\", \"{one}\", \"{other}\"]\n"
        );
        let (folder, code) = Test::new().plan(&plan).args(["generate"]).code();
        // A finding that refuses such names is as good as files that keep them apart.
        if code == 1 {
            assert!(!folder.has("deploy"));
            continue;
        }
        let first = folder.files("deploy");
        let test = folder.test().args(["generate"]);
        let folder = test
            .stdout("nothing changed: every file is up to date\n")
            .run();
        assert_eq!(folder.files("deploy"), first, "{one} and {other}");
        let passwords: BTreeSet<String> = ["A_PASSWORD", "B_PASSWORD"]
            .into_iter()
            .map(|name| secret(&folder, "deploy/dev/box/web.env", name))
            .collect();
        assert_eq!(passwords.len(), 2, "{one} and {other}");
    }
}

#[test]
fn a_service_whose_name_begins_with_a_digit_has_settings_and_keeps_its_credential() {
    let plan = "name = \"shop\"\n[apps.web]\nuses.2nd-db = {}\n[services.2nd-db]\nkind = \"postgres\"\n\
                [environments.dev.hosts.box]\nruns = [\"web\", \"2nd-db\"]\n";
    let folder = generated(plan);
    let first = folder.files("deploy");
    let settings = variables(&folder.read("deploy/dev/box/web.env"));
    assert!(
        settings
            .values()
            .any(|value| value.starts_with("postgresql://")),
        "{settings:?}"
    );
    let test = folder.test().args(["generate"]);
    let folder = test
        .stdout("nothing changed: every file is up to date\n")
        .run();
    assert_eq!(folder.files("deploy"), first);
}

#[test]
fn an_app_called_secrets_has_an_env_file_like_any_other() {
    let plan = "name = \"shop\"\n[apps.secrets]\nimage = \"a/b:1\"\nport = 8080\n\
                [environments.dev.hosts.box]\nruns = [\"secrets\"]\n";
    let folder = generated(plan);
    folder.edit("backstay.toml", "8080", "8081");
    let folder = folder
        .test()
        .args(["generate"])
        .stdout_has(["updated"])
        .run();
    assert_eq!(
        secret(&folder, "deploy/dev/box/secrets.env", "PORT"),
        "8081"
    );
}

#[test]
fn what_is_called_secrets_is_committed_all_the_same() {
    for plan in [
        PLAN.replace("cache", "secrets")
            .replace("role = \"secrets\"", "role = \"cache\"")
            .replace("redis", "nginx"),
        PLAN.replace("data-1", "secrets"),
        PLAN.replace("environments.prod", "environments.secrets")
            .replace(
                "[environments.secrets.hosts.app",
                "[environments.secrets]\ntier = \"production\"\n[environments.secrets.hosts.app",
            ),
    ] {
        let (folder, code) = Test::new().plan(&plan).args(["generate"]).code();
        // A finding that refuses the name is as good as files that keep out of its way.
        if code == 1 {
            continue;
        }
        for path in folder.paths("deploy") {
            let committed =
                path.ends_with("compose.yaml") || path.ends_with(".conf") || path.ends_with(".md");
            // `/*/*/secrets/` hides what stands in a folder of that name below a host.
            let parts: Vec<&str> = path.split('/').collect();
            let ignored = parts.len() > 3 && parts[2] == "secrets";
            assert!(!(committed && ignored), "git does not see {path}");
        }
    }
}

#[test]
#[cfg(unix)]
fn files_with_credentials_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = generated(PLAN);
    folder.edit("deploy/dev/box/web.env", "PORT=8080", "PORT=9999");
    folder.edit("backstay.toml", "port = 8080", "port = 8081");
    let test = folder
        .test()
        .args(["generate", "--force"])
        .stdout_has(["replaced"]);
    let folder = test.run();
    let mode = |path: &str| {
        let metadata = std::fs::metadata(folder.path("deploy").join(path)).expect("it is there");
        metadata.permissions().mode() & 0o777
    };
    for path in [
        "dev/secrets.env",
        "dev/box/.env",
        "dev/box/web.env",
        "dev/box/web.env.orig",
        ".backstay/record",
    ] {
        assert_eq!(mode(path), 0o600, "{path}");
    }
    for folder in ["dev/box/secrets", ".backstay"] {
        assert_eq!(mode(folder), 0o700, "{folder}");
    }
    // The container's user reads it, through a folder that only the owner can enter.
    assert_eq!(mode("dev/box/secrets/db-password"), 0o644);
    for path in [
        "dev/box/compose.yaml",
        "dev/box/web.env.example",
        "dev/README.md",
        "backstay.lock",
    ] {
        assert_eq!(mode(path) & 0o600, 0o600, "{path}");
    }
}

#[test]
fn git_ignores_every_file_with_a_credential() {
    let folder = generated(PLAN);
    let ignored = folder.read("deploy/.gitignore");
    for pattern in [".env", "*.env", "/*/*/secrets/", "/.backstay/", "*.orig*"] {
        assert!(ignored.lines().any(|line| line == pattern), "{pattern}");
    }
}

#[test]
fn an_app_with_a_new_credential_of_its_own_is_started_once() {
    let plan = "name = \"shop\"\n[apps.web]\nimage = \"acme/web:1\"\nport = 80\nsecret-settings = [\"SECRET_KEY\"]\n[environments.prod.hosts.app-1]\nruns = [\"web\"]\n";
    let (folder, _) = Test::new().plan(plan).args(["generate"]).code();
    let said = folder
        .test()
        .args(["secrets", "set", "prod", "web.SECRET_KEY"])
        .stdin("another-key-of-32-characters-000")
        .said();
    assert_eq!(said.matches("docker compose up").count(), 1, "{said}");
}

#[test]
fn lines_that_nothing_reads_are_said_by_their_place_and_never_shown() {
    let folder = generated(PLAN);
    let before = folder.read(SECRETS);
    folder.append(SECRETS, "hunter2-hunter2\nMINE='open-hunter2\n");
    let line = before.lines().count() + 1;
    let said = format!(
        "warning: line {line} of {SECRETS}: it is neither `NAME=value` nor a comment, and nothing reads it\n\
         warning: line {} of {SECRETS}: its quote has no end, so the value ends with the line\n",
        line + 1
    );
    let test = folder.test().args(["check"]).stdout_has([]);
    let folder = test.stderr(&said).run();
    let test = folder.test().args(["secrets", "list"]).stdout_has(["DB_"]);
    let folder = test.stderr(&said).run();
    let test = folder.test().args(["generate"]).stderr(&said);
    let folder = test
        .stdout("nothing changed: every file is up to date\n")
        .run();
    let rotate = ["secrets", "rotate", "dev", "cache"];
    let test = folder.test().args(rotate).stdout_has(["updated "]);
    let folder = test.stderr(said).run();
    assert!(folder.read(SECRETS).contains("\nhunter2-hunter2\n"));
}
