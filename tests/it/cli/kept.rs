//! What the user changes in generated files: kept, merged, or shown as a conflict; never lost in silence.

use crate::cli::generate::{NEXT, PLAN, generated, lines};
use crate::cli::{Folder, Test};

const CONFLICT_END: &str = "nothing was written: undo your change, or take Backstay's with `--force` (yours is kept as NAME.orig)\n";

/// A folder with everything generated, in which the user then changed the app's image in a compose file.
fn changed_by_both() -> Folder {
    let folder = generated(PLAN);
    folder.edit(
        "deploy/dev/box/compose.yaml",
        "shop:1.0.0",
        "shop:my-branch",
    );
    folder.edit("backstay.toml", "shop:1.0.0", "shop:1.0.1");
    folder
}

/// Runs `generate` after a change of the plan that reaches every file of the development environment.
#[track_caller]
fn generated_again(folder: Folder) -> Folder {
    folder.edit("backstay.toml", "port = 8080", "port = 8081");
    folder.edit("backstay.toml", "kind = \"redis\"", "kind = \"memcached\"");
    folder
        .test()
        .args(["generate", "dev"])
        .stdout_has(["updated deploy/dev/box/compose.yaml\n"])
        .run()
}

#[test]
fn lines_that_the_user_added_stay_in_every_sort_of_file() {
    let folder = generated(PLAN);
    let in_env = "# mine\nexport MY_FLAG='a b'\nMY_OTHER=\"x\n y\"\n";
    for file in [
        "box/.env",
        "box/web.env",
        "box/web.env.example",
        "box/.env.example",
        "secrets.env",
    ] {
        folder.append(&format!("deploy/dev/{file}"), in_env);
    }
    folder.append("deploy/dev/box/compose.yaml", "\nx-mine: { a: 1 }\n");
    folder.append("deploy/dev/README.md", "\n## Mine\n\nCall Ada first.\n");
    let labels = "  web:\n    labels:\n      mine: \"yes\"\n";
    folder.edit("deploy/dev/box/compose.yaml", "  web:\n", labels);
    // Nothing to do: the user's lines alone change nothing.
    let test = folder.test().args(["generate"]);
    let folder = test
        .stdout("nothing changed: every file is up to date\n")
        .run();
    let test = folder.test().args(["generate", "--check"]);
    let folder = test.stdout("every file is up to date\n").run();
    // Everything around them changes.
    let folder = generated_again(folder);
    for file in ["box/web.env", "box/web.env.example", "secrets.env"] {
        let text = folder.read(&format!("deploy/dev/{file}"));
        assert!(text.contains(in_env), "{file}:\n{text}");
    }
    let compose = folder.read("deploy/dev/box/compose.yaml");
    assert!(
        compose.contains(labels) && compose.ends_with("\nx-mine: { a: 1 }\n"),
        "{compose}"
    );
    assert!(
        compose.contains("memcached") && !compose.contains("redis"),
        "{compose}"
    );
    let runbook = folder.read("deploy/dev/README.md");
    assert!(
        runbook.ends_with("\n## Mine\n\nCall Ada first.\n") && runbook.contains("Memcached"),
        "{runbook}"
    );
    // Memcached has no password, so no variable is left for Compose, but the user's own.
    assert!(folder.read("deploy/dev/box/.env").contains(in_env));
}

#[test]
fn a_line_added_in_between_stays_where_it_is() {
    let folder = generated(PLAN);
    for file in ["web.env", "web.env.example"] {
        let env = format!("deploy/dev/box/{file}");
        folder.write(&env, format!("# mine\nFIRST=1\n\n{}", folder.read(&env)));
        folder.edit(&env, "DATABASE_URL=", "# why\nBETWEEN=2\nDATABASE_URL=");
    }
    let before = folder.read("deploy/dev/box/web.env");
    let test = folder.test().args(["generate", "--check"]);
    let folder = test.stdout("every file is up to date\n").run();
    let test = folder.test().args(["generate"]);
    let folder = test
        .stdout("nothing changed: every file is up to date\n")
        .run();
    assert_eq!(folder.read("deploy/dev/box/web.env"), before);
    folder.edit("backstay.toml", "port = 8080", "port = 8081");
    let folder = folder
        .test()
        .args(["generate", "dev"])
        .stdout_has(["web.env"])
        .run();
    let expected = before.replace("\nPORT=8080\n", "\nPORT=8081\n");
    assert_eq!(folder.read("deploy/dev/box/web.env"), expected);
}

#[test]
fn a_value_that_the_user_changed_stays_while_the_plan_has_nothing_new_to_say() {
    let folder = generated(PLAN);
    let env = "deploy/dev/box/web.env";
    folder.edit(env, "NODE_ENV=development", "NODE_ENV=profiling");
    folder.edit("backstay.toml", "port = 8080", "port = 8081");
    let folder = folder
        .test()
        .args(["generate", "dev"])
        .stdout_has([env])
        .run();
    let text = folder.read(env);
    assert!(text.contains("NODE_ENV=profiling\nPORT=8081\n"), "{text}");
}

#[test]
fn a_conflict_is_shown_and_nothing_is_written() {
    let folder = changed_by_both();
    let before = folder.files("deploy");
    let said = "\
conflict: dev/box/compose.yaml
    both changed these lines (- here, + generated):
      -     image: \"ghcr.io/acme/shop:my-branch\"
      +     image: \"ghcr.io/acme/shop:1.0.1\"
";
    let test = folder.test().args(["generate"]);
    let folder = test.stderr(format!("{said}{CONFLICT_END}")).status(1).run();
    assert_eq!(
        folder.files("deploy"),
        before,
        "not even what is not in conflict"
    );
    let test = folder.test().args(["generate", "--dry-run"]);
    let test = test
        .stdout_has(["+++ prod/app-1/compose.yaml\n"])
        .stderr(said)
        .status(1);
    let folder = test.run();
    let test = folder.test().args(["generate", "--check"]);
    let folder = test
        .stderr_has(["stale: dev/box/compose.yaml\n"])
        .status(1)
        .run();
    assert_eq!(folder.files("deploy"), before);
}

#[test]
fn force_takes_backstays_side_and_keeps_the_users_file() {
    let folder = changed_by_both();
    let path = "deploy/dev/box/compose.yaml";
    folder.append(path, "\nx-mine: 1\n");
    let users = folder.read(path);
    let test = folder.test().args(["generate", "--force"]);
    let folder = test
        .stdout(
            "\
replaced (yours is kept as .orig) deploy/dev/box/compose.yaml
updated deploy/prod/app-1/compose.yaml
"
            .to_owned()
                + NEXT,
        )
        .run();
    assert_eq!(folder.read(&format!("{path}.orig")), users);
    let text = folder.read(path);
    assert!(
        text.contains("shop:1.0.1") && text.ends_with("\nx-mine: 1\n"),
        "{text}"
    );
    // The next conflict does not take the place of what was kept.
    folder.edit(path, "shop:1.0.1", "shop:my-other-branch");
    folder.edit("backstay.toml", "shop:1.0.1", "shop:1.0.2");
    let folder = folder
        .test()
        .args(["generate", "--force"])
        .stdout_has(["replaced"])
        .run();
    assert_eq!(folder.read(&format!("{path}.orig")), users);
    assert!(
        folder
            .read(&format!("{path}.orig2"))
            .contains("my-other-branch")
    );
    let test = folder.test().args(["generate"]);
    test.stdout("nothing changed: every file is up to date\n")
        .run();
}

#[test]
fn undoing_the_change_ends_the_conflict() {
    let folder = changed_by_both();
    folder.edit(
        "deploy/dev/box/compose.yaml",
        "shop:my-branch",
        "shop:1.0.0",
    );
    let test = folder.test().args(["generate"]);
    let changed = ["dev/box/compose.yaml", "prod/app-1/compose.yaml"];
    test.stdout(lines("updated", &changed) + NEXT).run();
}

#[test]
fn a_conflict_in_an_env_file_names_the_variable_and_not_its_value() {
    let folder = generated(PLAN);
    let env = "deploy/dev/box/web.env";
    folder.edit(env, "PORT=8080", "PORT=9999");
    folder.edit("backstay.toml", "port = 8080", "port = 8081");
    let said = "conflict: dev/box/web.env\n    `PORT` was changed here, and its generated value changed too\n";
    let test = folder.test().args(["generate"]);
    let folder = test.stderr(format!("{said}{CONFLICT_END}")).status(1).run();
    let test = folder.test().args(["generate", "--force"]);
    let folder = test
        .stdout_has(["replaced (yours is kept as .orig) deploy/dev/box/web.env\n"])
        .run();
    assert!(folder.read(env).contains("PORT=8081\n"));
    assert!(folder.read(&format!("{env}.orig")).contains("PORT=9999\n"));
}

#[test]
fn nothing_that_a_terminal_obeys_is_shown_from_a_file() {
    let folder = changed_by_both();
    folder.edit(
        "deploy/dev/box/compose.yaml",
        "my-branch",
        "\u{1b}]0;pwned\u{7}\u{1b}[2J",
    );
    let test = folder.test().args(["generate", "--dry-run"]).colours();
    let folder = test
        .stdout_has([])
        .stderr_has(["conflict: "])
        .status(1)
        .run();
    let test = folder.test().args(["generate"]).colours();
    test.stderr_has(["conflict: "]).status(1).run();
}

#[test]
fn a_file_that_the_user_changed_stays_when_it_is_no_longer_generated() {
    let folder = generated(PLAN);
    folder.append("deploy/prod/data-1/compose.yaml", "\nx-mine: 1\n");
    let kept = folder.read("deploy/prod/data-1/compose.yaml");
    folder.edit(
        "backstay.toml",
        "[environments.prod.hosts.data-1]",
        "[environments.prod.hosts.data-2]",
    );
    let test = folder.test().args(["generate"]);
    let orphan =
        "no longer generated; it stays because you changed it: deploy/prod/data-1/compose.yaml\n";
    let folder = test
        .stdout_has([orphan, "removed deploy/prod/data-1/.env\n"])
        .run();
    assert_eq!(folder.read("deploy/prod/data-1/compose.yaml"), kept);
    // So does what the container of before needs, until nothing is left behind.
    let paths = ["compose.yaml", "secrets/db-password"];
    assert_eq!(folder.paths("deploy/prod/data-1"), paths);
    // It is the user's file now, and not spoken of again.
    folder.remove("deploy/left-behind.md");
    let test = folder.test().args(["generate"]);
    test.stdout("removed deploy/prod/data-1/secrets/db-password\n")
        .run();
}

#[test]
fn a_file_that_was_there_before_is_not_overwritten() {
    let test = Test::new()
        .plan(PLAN)
        .file("deploy/dev/README.md", "My own notes.\n");
    let folder = test
        .args(["generate"])
        .stderr(format!(
            "conflict: dev/README.md\n    it differs from what Backstay would write, and nothing tells who changed it\n{CONFLICT_END}"
        ))
        .status(1)
        .run();
    assert_eq!(folder.read("deploy/dev/README.md"), "My own notes.\n");
    let test = folder.test().args(["generate", "--force"]);
    let folder = test
        .stdout_has(["replaced (yours is kept as .orig) deploy/dev/README.md\n"])
        .run();
    assert_eq!(folder.read("deploy/dev/README.md.orig"), "My own notes.\n");
}

#[test]
fn after_a_merge_of_the_record_nothing_that_agrees_is_in_conflict() {
    let folder = generated(PLAN);
    let ours = folder.read("deploy/backstay.lock");
    folder.write(
        "deploy/backstay.lock",
        format!("<<<<<<< ours\n{ours}=======\n>>>>>>> theirs\n"),
    );
    let test = folder.test().args(["generate"]);
    let folder = test
        .stdout("nothing changed: every file is up to date\n")
        .run();
    assert!(
        folder.read("deploy/backstay.lock") == ours,
        "the record is not whole again"
    );
}

#[test]
fn files_with_the_line_ends_of_another_system_are_no_conflict() {
    let folder = generated(PLAN);
    for path in [
        "deploy/dev/README.md",
        "deploy/dev/box/compose.yaml",
        "deploy/dev/box/web.env",
    ] {
        folder.write(path, folder.read(path).replace('\n', "\r\n"));
    }
    folder.edit("backstay.toml", "port = 8080", "port = 8081");
    folder
        .test()
        .args(["generate"])
        .stdout_has(["updated deploy/dev/box/compose.yaml\n"])
        .run();
}
