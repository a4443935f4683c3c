//! Importing in the real app on a real terminal: what is saved is what the command line writes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::screen::saving::wait_for_words;
use crate::screen::terminal::Running;

const COMPOSE: &str = r#"name: shop
services:
  web:
    image: acme/web:1.4
    ports: ["8080:80"]
    environment:
      DATABASE_URL: postgres://app:hunter-2-secret@db:5432/shop
      LOG_LEVEL: ${LEVEL:-info}
    volumes: ["./conf:/etc/web:ro"]
    depends_on: [db]
    sysctls: {net.core.somaxconn: 1024}
  db:
    image: postgres:16
    environment: {POSTGRES_PASSWORD: hunter-2-secret}
"#;

const PROD: &str =
    "services: {web: {environment: {API_TOKEN: hunter-3-secret}, restart: always}}\n";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("there is room");
    for (name, text) in [("compose.yaml", COMPOSE), ("compose.prod.yaml", PROD)] {
        fs::write(folder.path().join(name), text).expect("there is room");
    }
    folder
}

/// Every file below a folder with its content and, where there are modes, its mode.
fn files(folder: &Path) -> Vec<(PathBuf, u32, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("it can be read") {
            let path = entry.expect("it can be read").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).expect("it is text");
            let below = path.strip_prefix(folder).expect("it is below").to_owned();
            found.push((below, mode(&path), text));
        }
    }
    found.sort();
    found
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    let metadata = fs::metadata(path).expect("it is there");
    metadata.permissions().mode() & 0o777
}

#[cfg(not(unix))]
fn mode(_: &Path) -> u32 {
    0
}

#[test]
fn what_is_imported_and_saved_is_what_the_command_line_writes() {
    let by_command = folder();
    let status = Command::new(env!("CARGO_BIN_EXE_backstay"))
        .args(["import", "compose", "--as", "local=compose.yaml"])
        .args(["--as", "prod=compose.yaml,compose.prod.yaml"])
        .current_dir(by_command.path())
        .output();
    assert!(status.expect("it starts").status.success());

    let by_keys = folder();
    let mut running = Running::start(by_keys.path(), &[]);
    running.wait_for("this is an example; I makes a plan of your own from compose.yaml,");
    running.keys("I");
    running.wait_for("> local=compose.yaml; prod=compose.yaml,compose.prod.yaml");
    running.keys("\r");
    running.wait_for("make a plan of this?");
    running.wait_for("2 credentials go to deploy/local/secrets.env");
    running.keys("\r");
    running.wait_for("this is your plan");
    // What is edited is kept in a journal; nothing else is written, and no credential.
    assert!(!by_keys.path().join("backstay.toml").exists());
    assert!(!by_keys.path().join("deploy").exists());
    for (path, _, text) in files(by_keys.path()) {
        let is_ours = !path.to_string_lossy().starts_with("compose");
        assert!(!is_ours || !text.contains("hunter"), "{}", path.display());
    }
    running.keys("s\r");
    running.wait_for("2 credentials are kept in deploy/local/secrets.env");
    running.keys("q");
    assert_eq!(running.ended(), 0);

    let (by_keys, by_command) = (files(by_keys.path()), files(by_command.path()));
    let names = by_keys
        .iter()
        .map(|(path, mode, _)| format!("{} {mode:o}", path.display()));
    let names: Vec<String> = names.collect();
    assert_eq!(by_keys, by_command, "{names:?}");
    let secrets = by_keys
        .iter()
        .find(|(path, ..)| path.ends_with("prod/secrets.env"));
    let (_, mode, text) = secrets.expect("there are credentials");
    assert!(text.contains("hunter-3-secret"));
    assert_eq!(*mode & 0o077, 0);
    let plan = by_keys
        .iter()
        .find(|(path, ..)| path.ends_with("backstay.toml"));
    assert!(!plan.expect("there is a plan").2.contains("hunter"));
}

#[test]
fn credentials_of_an_import_that_was_not_saved_are_read_again() {
    let folder = folder();
    let mut running = Running::start(folder.path(), &[]);
    running.wait_for("this is an example; I makes a plan");
    running.keys("I\r");
    running.wait_for("make a plan of this?");
    running.keys("\r");
    running.wait_for("this is your plan");
    running.child.kill().expect("it is our child");
    running.ended();
    let journal = fs::read_to_string(folder.path().join(".backstay.toml.journal"));
    let journal = journal.expect("there is one");
    assert!(journal.contains("prod web.API_TOKEN") && !journal.contains("hunter"));
    fs::write(folder.path().join("compose.prod.yaml"), "services: {}\n").expect("there is room");
    let mut running = Running::start(folder.path(), &[]);
    wait_for_words(
        &mut running,
        "these credentials were not found again in the compose files: prod web.API_TOKEN; I imports them again",
    );
    running.keys("s\r");
    running.wait_for("kept in deploy/local/secrets.env");
    running.keys("q");
    assert_eq!(running.ended(), 0);
    let secrets = fs::read_to_string(folder.path().join("deploy/local/secrets.env"));
    assert!(
        secrets
            .expect("there are credentials")
            .contains("hunter-2-secret")
    );
    let prod = fs::read_to_string(folder.path().join("deploy/prod/secrets.env"));
    assert!(
        !prod
            .expect("there are credentials")
            .contains("hunter-3-secret")
    );
}

#[test]
fn credentials_that_cannot_be_kept_leave_nothing_behind_and_can_be_tried_again() {
    let folder = folder();
    // A file stands where the folder must be.
    fs::write(folder.path().join("deploy"), "").expect("there is room");
    let mut running = Running::start(folder.path(), &[]);
    running.wait_for("this is an example");
    running.keys("I\r");
    running.wait_for("make a plan of this?");
    running.keys("\r");
    running.wait_for("this is your plan");
    running.keys("s\r");
    running.wait_for("not saved, but your edits are kept");
    assert!(!folder.path().join("backstay.toml").exists());
    fs::remove_file(folder.path().join("deploy")).expect("it can be removed");
    running.keys("s\r");
    running.wait_for("saved backstay.toml");
    assert!(folder.path().join("deploy/prod/secrets.env").exists());
    running.keys("q");
    assert_eq!(running.ended(), 0);
}

#[test]
fn what_was_imported_and_undone_is_not_kept_with_another_plan() {
    let folder = folder();
    let mut running = Running::start(folder.path(), &[]);
    running.wait_for("this is an example");
    running.keys("I\r");
    running.wait_for("make a plan of this?");
    running.keys("\r");
    running.wait_for("this is your plan");
    running.keys("u");
    running.wait_for("undone: import compose files");
    running.keys("S\r");
    running.wait_for("saved backstay.toml");
    assert!(!folder.path().join("deploy").exists());
    running.keys("q");
    assert_eq!(running.ended(), 0);
}

#[test]
fn what_one_machine_runs_is_shown_however_much_it_is() {
    let folder = tempfile::tempdir().expect("there is room");
    let service = |at: usize| {
        format!(
            "  s{at}: {{image: 'acme/app:{at}', ports: ['{}:80'], environment: {{API_URL: 'http://s{}:80'}}}}\n",
            10_000 + at,
            at / 2
        )
    };
    let services: String = (0..1_500).map(service).collect();
    let text = format!("services:\n{services}");
    fs::write(folder.path().join("compose.yaml"), text).expect("there is room");
    let mut running = Running::start(folder.path(), &[]);
    running.wait_for("this is an example");
    running.keys("I\r");
    running.wait_for("local: 1500 apps, 0 services");
    running.keys("\r");
    running.wait_for("1500 components");
    running.keys("q\u{1b}[B\r");
    assert_eq!(running.ended(), 0);
}

#[test]
fn a_large_file_is_read_while_the_screen_goes_on() {
    let folder = tempfile::tempdir().expect("there is room");
    let service = |at: usize| {
        format!(
            "  s{at}: {{image: 'acme/app:{at}', environment: {{HOST: s{}}}}}\n",
            at / 2
        )
    };
    let services: String = (0..20_000).map(service).collect();
    let text = format!("services:\n{services}");
    fs::write(folder.path().join("compose.yaml"), text).expect("there is room");
    let mut running = Running::start(folder.path(), &[]);
    running.wait_for("this is an example");
    running.keys("I\r");
    running.wait_for("reading compose files; esc gives up");
    running.keys("\u{1b}");
    running.wait_for("given up: nothing was read");
    running.keys("\u{1b}");
    running.wait("closed dialog", |screen| {
        !screen.contents().contains("lies over those before")
    });
    running.keys("q");
    assert_eq!(running.ended(), 0);
}
