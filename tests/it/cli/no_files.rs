//! Pipes, devices and sockets where files belong: refused without waiting for them, unless they are open.
#![cfg(unix)]

use std::fs;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Output};

use crate::cli::generate::{PLAN, generated};
use crate::cli::{Folder, Test};

/// A pipe that nobody writes to: whoever opens it waits for ever.
fn make_pipe(path: &Path) {
    let _ = fs::remove_file(path);
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.expect("mkfifo runs").success());
}

/// What a line of the shell does in a folder; `$BACKSTAY` is the program.
fn shell(folder: &Folder, line: &str) -> Output {
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).current_dir(folder.path(""));
    shell.env("BACKSTAY", env!("CARGO_BIN_EXE_backstay"));
    shell
        .env("HOME", folder.path("home"))
        .env_remove("XDG_CONFIG_HOME");
    shell.output().expect("the shell runs")
}

/// Every command that reads a plan refuses `plan` at once.
#[track_caller]
fn refused(folder: Folder, plan: &str, sort: &str) {
    let error = format!(
        "error: `{plan}` is {sort}, not a plan\n  help: name a file; a pipe is read as `/dev/stdin`\n"
    );
    let mut folder = folder;
    for command in [
        &["check"][..],
        &["show"],
        &["generate"],
        &["check", "--fix"],
    ] {
        let test = folder.test().args(command.iter().copied());
        let test = test.args(["-p", plan]).stderr(error.as_str());
        folder = test.status(2).run();
    }
}

#[test]
fn a_pipe_that_nobody_writes_to_is_no_plan() {
    let test = Test::new();
    make_pipe(&test.folder.path("backstay.toml"));
    refused(test.folder, "backstay.toml", "a named pipe");
}

#[test]
fn devices_and_sockets_are_no_plans() {
    for device in ["/dev/zero", "/dev/null"] {
        refused(Test::new().folder, device, "a device");
    }
    let test = Test::new();
    let _socket = UnixListener::bind(test.folder.path("plan")).expect("a socket");
    refused(test.folder, "plan", "a socket");
}

#[test]
fn what_is_open_already_is_read() {
    let test = Test::new();
    fs::write(test.folder.path("other.toml"), PLAN).expect("a file");
    for line in [
        "cat other.toml | $BACKSTAY show -p /dev/stdin",
        "$BACKSTAY show -p /dev/stdin < other.toml",
        // What belongs beside a plan is looked for and written here.
        "cat other.toml | $BACKSTAY generate -p /dev/stdin && $BACKSTAY show -p other.toml",
    ] {
        let ran = shell(&test.folder, line);
        assert!(ran.status.success(), "{line}: {ran:?}");
        assert!(String::from_utf8_lossy(&ran.stdout).contains("web → db"));
    }
    assert!(test.folder.has("deploy/dev/box/compose.yaml"));
    assert!(!Path::new("/dev/deploy").exists());
}

#[test]
fn a_pipe_where_a_generated_file_belongs_is_not_waited_for() {
    for file in ["README.md", "box/.env", "secrets.env"] {
        let folder = generated(PLAN);
        make_pipe(&folder.path(&format!("deploy/dev/{file}")));
        // The harness would read every file and wait itself.
        let mut run = Command::new(env!("CARGO_BIN_EXE_backstay"));
        run.arg("generate").current_dir(folder.path(""));
        let ran = run
            .env("HOME", folder.path("home"))
            .env_remove("XDG_CONFIG_HOME")
            .output();
        let ran = ran.expect("the program starts");
        let error = format!(
            "error: `deploy/dev/{file}` is a named pipe, not a file\n  help: move it away: only a file is read there\n"
        );
        assert_eq!(String::from_utf8_lossy(&ran.stderr), error);
        assert_eq!(ran.status.code(), Some(2));
    }
}

#[test]
fn what_is_only_passed_in_cannot_be_mended() {
    let test = Test::new().file("other.toml", PLAN.replace("redis", "rediss"));
    let line = "$BACKSTAY check --fix -p /dev/stdin < other.toml";
    let ran = shell(&test.folder, line);
    let error =
        "error: `/dev/stdin` can only be read\n  help: name the file itself with `--plan`\n";
    assert_eq!(String::from_utf8_lossy(&ran.stderr), error);
    assert_eq!(ran.status.code(), Some(2));
}

#[test]
fn a_credential_comes_from_no_pipe_that_nobody_writes_to() {
    let folder = generated(PLAN);
    make_pipe(&folder.path("value"));
    let error = "error: `value` is a named pipe, not a file\n  help: move it away: only a file is read there\n";
    let set = ["secrets", "set", "dev", "db.password", "--from-file"];
    let test = folder.test().args(set.into_iter().chain(["value"]));
    let folder = test.stderr(error).status(2).run();
    // What is open already has its writer.
    let line =
        "printf mine-and-long | $BACKSTAY secrets set dev db.password --from-file /dev/stdin";
    let ran = shell(&folder, line);
    assert!(ran.status.success(), "{ran:?}");
    assert!(
        folder
            .read("deploy/dev/secrets.env")
            .contains("mine-and-long")
    );
}
