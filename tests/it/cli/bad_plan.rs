//! Plans that are no plans: each gives a clear error or findings with their places, and nothing else.

use std::fmt::Write as _;

use crate::cli::generate::PLAN;
use crate::cli::{Folder, Test};

/// Every command that reads a plan.
const COMMANDS: [&[&str]; 4] = [&["check"], &["show"], &["generate"], &["check", "--fix"]];

/// A plan's bytes give this error, whatever the command, and nothing is written.
#[track_caller]
fn refused(bytes: &[u8], error: &str) {
    for command in COMMANDS {
        let test = Test::new()
            .file("backstay.toml", bytes)
            .args(command.iter().copied());
        let folder = test.stderr(error).status(2).run();
        assert_eq!(folder.paths(""), ["backstay.toml"]);
        assert!(folder.files("")["backstay.toml"] == bytes);
    }
}

/// `check` finds these, in this order, and `generate` refuses the plan.
#[track_caller]
pub fn found(plan: &str, expected: &[&str]) -> Folder {
    let (folder, stdout, _) = Test::new()
        .plan(plan)
        .args(["check"])
        .stdout_has([])
        .status(1)
        .output();
    let is_title = |line: &&str| {
        ["deny[", "warn[", "note["]
            .iter()
            .any(|word| line.starts_with(word))
    };
    let titles: Vec<&str> = stdout.lines().filter(is_title).collect();
    assert_eq!(titles, expected, "{stdout}");
    let places = stdout
        .lines()
        .filter(|line| line.contains("╭▸ backstay.toml:"))
        .count();
    let cures = stdout
        .lines()
        .filter(|line| line.contains(" help: "))
        .count();
    assert_eq!(
        (places, cures),
        (titles.len(), titles.len()),
        "each has a place and a cure:\n{stdout}"
    );
    let folder = folder
        .test()
        .args(["generate"])
        .stderr_has(["nothing was written"])
        .status(1)
        .run();
    assert_eq!(folder.paths(""), ["backstay.toml"]);
    folder
}

/// Whatever it says, it says it with a documented exit code and writes nothing.
#[track_caller]
fn survives(plan: impl AsRef<[u8]>) {
    for command in COMMANDS {
        let test = Test::new()
            .file("backstay.toml", &plan)
            .args(command.iter().copied());
        let (folder, code) = test.code();
        assert!((0..=2).contains(&code), "{command:?} ends with {code}");
        assert!(!folder.has("deploy") || code == 0, "{command:?}");
    }
}

#[test]
fn a_missing_plan() {
    let error =
        "error: cannot read `no/where.toml`: No such file or directory (os error 2)\n  help: ";
    for command in ["check", "show", "generate"] {
        Test::new()
            .args([command, "-p", "no/where.toml"])
            .stderr_has([error])
            .status(2)
            .run();
    }
}

#[test]
fn an_empty_plan() {
    let empty = "deny[missing-key]: the plan is empty";
    found("", &[empty]);
    found("\n\n# nothing\n", &[empty]);
    found("\u{feff}", &[empty]);
}

#[test]
#[cfg(unix)]
fn an_unreadable_plan() {
    use std::os::unix::fs::PermissionsExt;
    let test = Test::new().plan(PLAN).args(["check"]);
    let plan = test.folder.path("backstay.toml");
    let locked = std::fs::Permissions::from_mode(0o000);
    std::fs::set_permissions(&plan, locked).expect("the mode can be set");
    if std::fs::read(&plan).is_ok() {
        return; // Whoever runs this reads everything.
    }
    let error = "error: cannot read `backstay.toml`: Permission denied (os error 13)\n  help: check who owns it and who may write there\n";
    test.stderr(error).status(2).run();
}

#[test]
fn a_plan_in_another_encoding() {
    refused(
        b"name = \"shop\"\n# caf\xe9\n",
        "error: `backstay.toml` is not UTF-8 text: byte 19, in line 2\n  help: save it as UTF-8\n",
    );
    let utf16: Vec<u8> = PLAN.encode_utf16().flat_map(u16::to_le_bytes).collect();
    survives(utf16);
}

#[test]
fn a_binary_plan() {
    refused(
        b"\x7fELF\x02\x01\x01\0\0\0\xff\xfe",
        "error: `backstay.toml` is not UTF-8 text: byte 10, in line 1\n  help: save it as UTF-8\n",
    );
    survives("\u{0}\u{1}\u{2}\u{1b}\u{7f}");
    survives("\u{0}".repeat(1000));
}

#[test]
fn a_huge_plan() {
    let error = "error: `backstay.toml` is larger than 16 MiB\n  help: a plan is a small text file; is this the right one?\n";
    refused(&vec![b'#'; 50_000_000], error);
}

#[test]
fn a_folder_in_the_plans_place() {
    let test = Test::new().file("backstay.toml/x", "").args(["check"]);
    let error = "error: `backstay.toml` is a folder, not a plan\n  help: name the file, or the folder's `backstay.toml`\n";
    test.stderr(error).status(2).run();
}

#[test]
fn deep_nesting() {
    for text in [
        "[".repeat(100_000),
        format!("a = {}", "[".repeat(20_000)),
        format!("a = {}", "{a=".repeat(10_000)),
    ] {
        let (_, code) = Test::new().plan(&text).args(["check"]).code();
        assert_eq!(code, 1);
    }
    let dotted = ["a"; 100_000].join(".");
    for plan in [
        format!("{dotted} = 1\n"),
        format!("[{dotted}]\n"),
        format!("[[{dotted}]]\n"),
    ] {
        let (folder, stdout, _) = Test::new()
            .plan(&plan)
            .args(["check"])
            .stdout_has([])
            .status(1)
            .output();
        assert!(
            stdout.contains("deny[invalid-syntax]") && stdout.len() < 10_000,
            "{stdout}"
        );
        folder
            .test()
            .args(["generate"])
            .stderr_has(["nothing was written"])
            .status(1)
            .run();
    }
}

#[test]
fn a_table_nested_too_deeply_is_said_where_it_is() {
    let dotted = ["a"; 2_000].join(".");
    let plan = format!("name = \"shop\"\n\n[apps.web]\n{dotted} = 1\n");
    let (_, stdout, _) = Test::new()
        .plan(&plan)
        .args(["check"])
        .stdout_has([])
        .status(1)
        .output();
    assert!(stdout.contains("╭▸ backstay.toml:4:"), "{stdout}");
}

#[test]
fn very_many_mistakes() {
    let mut plan = "name = \"shop\"\n".to_owned();
    for number in 0..500 {
        let _ = write!(
            plan,
            "[services.s{number}]\nkind = \"postgers\"\nport = \"x\"\n"
        );
    }
    let test = Test::new().plan(&plan).args(["check"]);
    let folder = test
        .stdout_has(["more", "findings: 1000 denied"])
        .status(1)
        .run();
    let test = folder
        .test()
        .args(["check", "--format", "json"])
        .stdout_has([])
        .status(1);
    let (_, stdout, _) = test.output();
    let found: serde_json::Value = serde_json::from_str(&stdout).expect("it is JSON");
    let found = found["findings"].as_array().expect("a list");
    let denied = found
        .iter()
        .filter(|finding| finding["severity"] == "deny")
        .count();
    assert_eq!(denied, 1000, "one mistake hides no other");
}

#[test]
fn names_that_are_none() {
    for (name, said) in [
        ("a\\\"b", "holds `\\\"`"),
        ("a'b", "holds `\\'`"),
        ("a\\nb", "holds `\\n`"),
        ("a\\u001B[2Jb", "holds `\\u{1b}`"),
        ("a\\u0000b", "holds `\\0`"),
        ("a\\u202Eb", "holds `\\u{202e}`"),
        ("../../etc", "holds `.`"),
        ("a/b", "holds `/`"),
        ("a\\\\b", "holds `\\\\`"),
        ("a:b", "holds `:`"),
        ("-rf", "does not start with a letter or a digit"),
        ("🐘", "holds `🐘`"),
        ("CON", "holds `C`"),
        ("", "is empty"),
    ] {
        for plan in [
            format!("name = \"shop\"\n[apps.\"{name}\"]\n"),
            format!("name = \"shop\"\n[services.\"{name}\"]\nkind = \"redis\"\n"),
            format!("name = \"shop\"\n[environments.\"{name}\"]\ntier = \"test\"\n"),
            format!("name = \"shop\"\n[environments.test.hosts.\"{name}\"]\nruns = []\n"),
            format!("name = \"shop\"\n[environments.test.hosts.box]\nruns = [\"{name}\"]\n"),
            format!("name = \"{name}\"\n"),
        ] {
            let test = Test::new().plan(&plan).args(["check"]);
            let folder = test
                .stdout_has(["deny[invalid-name]: the name `", said])
                .status(1)
                .run();
            let folder = folder
                .test()
                .args(["generate"])
                .stderr_has(["invalid-name"])
                .status(1)
                .run();
            assert_eq!(folder.paths(""), ["backstay.toml"], "{plan}");
        }
    }
}

/// `123` and `0x7f` are IPv4 addresses to every resolver, so nobody would find a container of that name.
#[test]
fn names_that_are_read_as_addresses() {
    for name in ["123", "0", "0x7f", "0177"] {
        let plan = format!(
            "name = \"shop\"\n[apps.web]\nimage = \"a:1\"\nuses.{name} = {{}}\n[services.{name}]\nkind = \"redis\"\n\
             [environments.dev.hosts.box]\nruns = [\"web\", \"{name}\"]\n"
        );
        let said = format!("`{name}`");
        let test = Test::new().plan(&plan).args(["check"]);
        test.stdout_has([said.as_str()]).status(1).run();
    }
}

#[test]
fn a_name_of_ten_thousand_characters() {
    let long = "x".repeat(10_000);
    let plan = format!(
        "name = \"shop\"\n[apps.{long}]\n[services.db]\nkind = \"{long}\"\n[environments.{long}]\n"
    );
    let (folder, stdout, _) = Test::new()
        .plan(&plan)
        .args(["check"])
        .stdout_has([])
        .status(1)
        .output();
    let shortened = format!(
        "the name `{}…` is longer than 63 characters",
        "x".repeat(60)
    );
    assert!(stdout.contains(&shortened), "{stdout}");
    assert!(stdout.len() < 10_000, "no line is shown at its full length");
    folder
        .test()
        .args(["generate"])
        .stderr_has([shortened.as_str()])
        .status(1)
        .run();
}

#[test]
fn a_value_cannot_leave_the_output_folder() {
    // The marks that stand for credentials inside the program, written by the user.
    for mark in ["\\uE000", "\\uE001", "\\uE002", "\\uE003"] {
        for key in [
            "database", "user", "bucket", "region", "vhost", "version", "image",
        ] {
            for kind in ["postgres", "rabbitmq", "seaweedfs"] {
                let plan = format!(
                    "name = \"shop\"\n[apps.web]\nuses.db = {{}}\n[services.db]\nkind = \"{kind}\"\n\
                     {key} = \"{mark}x/../../../../../../../out\"\n\
                     [environments.dev.hosts.box]\nruns = [\"web\", \"db\"]\n"
                );
                let (folder, code) = Test::new()
                    .file("a/b/c/d/backstay.toml", plan)
                    .args(["generate", "-p", "a/b/c/d"])
                    .code();
                assert!(code < 2, "{key} of {kind}");
                let outside = |path: &String| !path.starts_with("a/b/c/d/");
                assert_eq!(
                    folder.paths("").into_iter().find(outside),
                    None,
                    "{key} of {kind}"
                );
                let secrets = folder.paths("a/b/c/d/deploy/dev/box/secrets");
                assert!(
                    secrets.iter().all(|path| path == "db-password"),
                    "{secrets:?}"
                );
            }
        }
    }
}

#[test]
fn components_that_use_each_other_in_a_circle() {
    let plan = "name = \"shop\"\n[apps.a]\nimage = \"a:1\"\nport = 80\nuses.b = {}\n[apps.b]\nimage = \"b:1\"\nport = 81\nuses.a = {}\n\
                [apps.c]\nimage = \"c:1\"\nport = 82\nuses.c = {}\nuses.a = {}\n[environments.dev.hosts.box]\nruns = [\"a\", \"b\", \"c\"]\n";
    let test = Test::new().plan(plan).args(["check"]);
    let folder = test
        .stdout_has(["[circular-use]", "`a`", "`b`", "`c`"])
        .run();
    let folder = folder
        .test()
        .args(["generate"])
        .stdout_has(["created"])
        .run();
    let compose = folder.read("deploy/dev/box/compose.yaml");
    // Who waits for whom is no circle, or Compose would refuse the file.
    let waiting: Vec<&str> = compose
        .lines()
        .filter(|line| line.ends_with("condition: service_started"))
        .collect();
    assert!(waiting.len() <= 1, "{compose}");
    folder.test().args(["show"]).stdout_has(["c → c"]).run();
}

#[test]
fn an_environment_without_hosts() {
    let plan = format!("{PLAN}[environments.staging]\n");
    let test = Test::new().plan(&plan).args(["check"]);
    let folder = test.stdout_has(["backstay.toml:26:15"]).run();
    let folder = folder
        .test()
        .args(["show", "staging"])
        .stdout_has(["  no hosts\n"])
        .run();
    let folder = folder
        .test()
        .args(["generate"])
        .stdout_has(["created deploy/staging/README.md\n"])
        .run();
    assert_eq!(folder.paths("deploy/staging"), ["README.md"]);
}

#[test]
fn unknown_kinds_and_versions() {
    found(
        "name = \"shop\"\n[apps.web]\nimage = \"a:1\"\nuses.db = {}\n[services.db]\nkind = \"oracle-rac\"\n\
         [environments.dev.hosts.box]\nruns = [\"web\", \"db\"]\n",
        &["deny[unknown-name]: `oracle-rac` is not a kind of the catalog"],
    );
    let plan = PLAN.replace(
        "kind = \"postgres\"\n",
        "kind = \"postgres\"\nversion = \"99-x\"\n",
    );
    let test = Test::new()
        .plan(&plan)
        .args(["check"])
        .stdout_has(["[unknown-version]", "`99-x`"]);
    let folder = test.run();
    let folder = folder
        .test()
        .args(["generate"])
        .stdout_has(["created"])
        .run();
    let compose = folder.read("deploy/dev/box/compose.yaml");
    assert!(
        compose.contains("image: \"docker.io/library/postgres:99-x\""),
        "{compose}"
    );
}

#[test]
fn a_credential_in_the_plan_is_never_shown() {
    let secret = "hunter2-very-secret";
    let mut shown = Vec::new();
    for settings in [
        format!("DB_PASSWORD = \"{secret}\""),
        format!("DB_PASSWORD = \"{secret}\"\nDB_PASSWORD = \"{secret}\""),
        format!("DB_PASSWORD = \"\"\"\n{secret}\"\"\""),
        format!("DB_PASSWORD = [\"{secret}\"]"),
        format!("DB_PASSWORD = {{ x = \"{secret}\" }}"),
        format!("DATABASE_URL = \"postgres://app:{secret}@db/shop\""),
        format!("DB_PASSWORD = \"{secret}"),
        format!("DB_PASSWORD = {secret}"),
        format!("DB_PASSWORD = '{secret}\nPORT = 1"),
        format!("DB-PASSWORD = \"{secret}\""),
    ] {
        let plan = format!(
            "name = \"shop\"\n[apps.web]\nimage = \"a:1\"\nport = 70000\n[apps.web.settings]\n{settings}\n"
        );
        shown.extend(commands_that_show(&plan, secret));
    }
    assert!(shown.is_empty(), "\n{}", shown.join("\n"));
}

/// The commands whose output holds a text, with what they print.
fn commands_that_show(plan: &str, secret: &str) -> Vec<String> {
    let commands: [&[&str]; 6] = [
        &["check"],
        &["check", "--fix", "--dry-run"],
        &["check", "--format", "json"],
        &["generate"],
        &["show"],
        &[],
    ];
    let mut shown = Vec::new();
    for command in commands {
        let said = Test::new().plan(plan).args(command.iter().copied()).said();
        let lines = said.lines().filter(|line| line.contains(secret));
        shown.extend(lines.map(|line| format!("{command:?}: {line}")));
    }
    shown
}

#[test]
fn a_credential_without_quotes_is_not_shown_either() {
    let plan = |settings: &str| format!("name = \"shop\"\n[apps.web.settings]\n{settings}\n");
    let mut shown = commands_that_show(&plan("DB_PASSWORD = 73577357"), "73577357");
    shown.extend(commands_that_show(
        &plan("PIN_TOKEN = 1979-05-27"),
        "1979-05-27",
    ));
    assert!(shown.is_empty(), "\n{}", shown.join("\n"));
}
