//! Output folders that cannot be written: a clear error, exit code 2, and everything as it was.

use std::fs::{self, File};

use crate::cli::generate::{NEXT, PLAN, generated, lines};
use crate::cli::{Folder, Test};

#[cfg(unix)]
fn link(folder: &Folder, from: &str, to: impl AsRef<std::path::Path>) {
    std::os::unix::fs::symlink(to, folder.path(from)).expect("a link");
}

/// A plan that changes every compose file, in a folder where all was generated before.
fn with_changes_to_write() -> Folder {
    let folder = generated(PLAN);
    folder.edit("backstay.toml", "shop:1.0.0", "shop:1.0.1");
    folder
}

#[test]
fn a_file_in_the_folders_place() {
    for command in [
        &["generate"][..],
        &["generate", "--dry-run"],
        &["generate", "--check"],
    ] {
        let test = Test::new()
            .plan(PLAN)
            .file("deploy", "mine")
            .args(command.iter().copied());
        let error = "error: `deploy` is a file, not a folder\n  help: move it away, or choose another folder with `--output`\n";
        let folder = test.stderr(error).status(2).run();
        assert_eq!(folder.read("deploy"), "mine");
    }
}

#[test]
fn a_file_where_a_folder_inside_must_be() {
    for place in ["deploy/prod", "deploy/prod/data-1", "deploy/.backstay"] {
        let test = Test::new()
            .plan(PLAN)
            .file(place, "mine")
            .args(["generate"]);
        let (folder, _, stderr) = test.stderr_has(["error: ", place]).status(2).output();
        assert!(stderr.contains("help: "), "{stderr}");
        assert_eq!(folder.read(place), "mine");
        let left: Vec<String> = folder.paths("deploy");
        let written = left.iter().find(|path| !path.starts_with(".backstay"));
        let mine = place.trim_start_matches("deploy/");
        assert!(
            written.is_none_or(|path| path == mine),
            "half is written: {left:?}"
        );
    }
}

#[test]
fn a_folder_where_a_file_must_be() {
    for place in [
        "prod/README.md",
        "dev/box/.env",
        "dev/box/secrets/db-password",
        "backstay.lock",
    ] {
        let folder = with_changes_to_write();
        folder.remove(&format!("deploy/{place}"));
        folder.write(&format!("deploy/{place}/mine"), "mine");
        let before = folder.files("deploy");
        let (folder, _, stderr) = folder
            .test()
            .args(["generate"])
            .stderr_has(["error: ", place])
            .status(2)
            .output();
        assert!(stderr.contains("help: "), "{stderr}");
        assert_eq!(folder.files("deploy"), before, "{place}");
    }
}

#[test]
#[cfg(unix)]
fn a_read_only_folder() {
    use std::os::unix::fs::PermissionsExt;
    let folder = with_changes_to_write();
    let before = folder.files("deploy");
    let deploy = folder.path("deploy");
    let allow =
        |mode| fs::set_permissions(&deploy, fs::Permissions::from_mode(mode)).expect("its mode");
    allow(0o555);
    let refused = File::create(deploy.join("probe")).is_err();
    if refused {
        let (folder, code) = folder.test().args(["generate"]).code();
        allow(0o755);
        assert_eq!(code, 2);
        assert_eq!(folder.files("deploy"), before);
        return;
    }
    // Root writes everywhere; a file that nobody can replace is the nearest to it.
    allow(0o755);
    folder.remove("deploy/probe");
}

#[test]
#[cfg(unix)]
fn a_link_out_of_the_tree_is_not_followed() {
    let elsewhere = tempfile::tempdir().expect("a folder");
    let test = Test::new().plan(PLAN);
    link(&test.folder, "deploy", elsewhere.path());
    for command in [
        &["generate"][..],
        &["generate", "--dry-run"],
        &["generate", "--check"],
    ] {
        let refused = Test::new().plan(PLAN);
        link(&refused.folder, "deploy", elsewhere.path());
        let error = "error: `deploy` is a link out of `.`\n  help: name its target with `--output` if you mean it\n";
        refused
            .args(command.iter().copied())
            .stderr(error)
            .status(2)
            .run();
    }
    assert_eq!(fs::read_dir(elsewhere.path()).expect("a folder").count(), 0);
    // Said on the command line, it is meant.
    let output = elsewhere.path().as_os_str().to_owned();
    let folder = test
        .args(["generate".into(), "--output".into(), output])
        .stdout_has(["created"])
        .run();
    assert!(elsewhere.path().join("prod/README.md").exists());
    assert!(folder.has("deploy/prod/README.md"));
}

#[test]
#[cfg(unix)]
fn a_link_inside_that_leads_out_is_not_followed() {
    for place in [
        "deploy/prod",
        "deploy/prod/data-1",
        "deploy/.backstay",
        "deploy/prod/README.md",
        "deploy/prod/data-1/secrets",
    ] {
        let elsewhere = tempfile::tempdir().expect("a folder");
        fs::write(elsewhere.path().join("README.md"), "theirs").expect("a file");
        let folder = with_changes_to_write();
        folder.remove(place);
        let is_file = place.ends_with(".md");
        let target = if is_file {
            elsewhere.path().join("README.md")
        } else {
            elsewhere.path().to_owned()
        };
        link(&folder, place, &target);
        let before = folder.files("deploy");
        let folder = folder
            .test()
            .args(["generate"])
            .stderr_has(["error: ", place, "is a link out of `"])
            .status(2)
            .run();
        assert_eq!(folder.files("deploy"), before, "{place}");
        let left: Vec<_> = fs::read_dir(elsewhere.path())
            .expect("a folder")
            .flatten()
            .map(|entry| entry.file_name())
            .collect();
        assert_eq!(left, ["README.md"], "{place}");
        assert_eq!(
            fs::read_to_string(elsewhere.path().join("README.md")).expect("a file"),
            "theirs"
        );
    }
}

#[test]
#[cfg(unix)]
fn a_link_that_leads_nowhere_is_said() {
    for place in ["deploy", "deploy/dev"] {
        let test = Test::new().plan(PLAN).file("deploy/keep", "");
        if place == "deploy" {
            test.folder.remove("deploy");
        }
        link(&test.folder, place, "nowhere");
        let error =
            format!("error: `{place}` is a link that leads nowhere\n  help: remove the link\n");
        test.args(["generate"]).stderr(error).status(2).run();
    }
}

#[test]
#[cfg(unix)]
fn a_link_that_stays_inside_is_followed() {
    let test = Test::new().plan(PLAN).file("files/keep", "");
    link(&test.folder, "deploy", "files");
    let folder = test
        .args(["generate"])
        .stdout_has(["created deploy/prod/README.md\n"])
        .run();
    assert!(folder.has("files/prod/README.md"));
    assert!(
        fs::symlink_metadata(folder.path("deploy"))
            .expect("it is there")
            .is_symlink()
    );
}

#[test]
fn two_runs_at_once() {
    let folder = with_changes_to_write();
    let lock = File::options()
        .write(true)
        .open(folder.path("deploy/.backstay/lock"))
        .expect("the lock");
    lock.lock().expect("nobody holds it");
    let before = folder.files("deploy");
    let error = "error: `deploy` is being written by another run of Backstay\n  help: wait until it has finished, then run this again\n";
    let folder = folder
        .test()
        .args(["generate"])
        .stderr(error)
        .status(2)
        .run();
    assert_eq!(folder.files("deploy"), before);
    // Looking is always possible.
    let test = folder.test().args(["generate", "--check"]);
    let folder = test
        .stderr_has(["stale: dev/box/compose.yaml\n"])
        .status(1)
        .run();
    // Unlocked and not only closed: a process that another test is starting may still hold the file.
    lock.unlock().expect("it is ours");
    let test = folder.test().args(["generate"]);
    let changed = ["dev/box/compose.yaml", "prod/app-1/compose.yaml"];
    test.stdout(lines("updated", &changed) + NEXT).run();
}

#[test]
fn a_run_that_was_interrupted_is_finished_by_the_next() {
    let folder = generated(PLAN);
    // What a run leaves that ended after it had staged everything: a journal, and one file still to be moved.
    let text = "finished\n";
    folder.write("deploy/.backstay/staging/0", text);
    let hash = text.trim_end().bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    folder.write(
        "deploy/.backstay/journal",
        format!("0\t{hash:x}\tdev/notes.txt\n"),
    );
    let folder = folder.test().args(["generate"]).stdout_has([]).run();
    assert_eq!(folder.paths("deploy/.backstay"), ["lock", "record"]);
}

#[test]
fn a_staging_folder_without_a_journal_is_thrown_away() {
    let folder = generated(PLAN);
    folder.write("deploy/.backstay/staging/0", "half");
    let folder = folder.test().args(["generate"]);
    let folder = folder
        .stdout("nothing changed: every file is up to date\n")
        .run();
    assert!(!folder.has("deploy/.backstay/staging"));
}

#[test]
fn what_a_killed_run_tried_folders_with_is_taken_away() {
    let folder = generated(PLAN);
    folder.write("deploy/dev/.backstay-probe.1", "");
    folder.write("outside/.backstay-probe.1", "");
    folder.write("deploy/dev/mine", "");
    let list =
        "dev/.backstay-probe.1\n../outside/.backstay-probe.1\ndev/mine\nprod/.backstay-probe.1\n";
    folder.write("deploy/.backstay/staging/probes", list);
    let folder = folder.test().args(["generate"]).stdout_has([]).run();
    assert!(!folder.has("deploy/dev/.backstay-probe.1"));
    assert!(folder.has("outside/.backstay-probe.1"));
    assert!(folder.has("deploy/dev/mine"));
}

#[test]
fn a_journal_cannot_write_outside_the_folder() {
    let folder = generated(PLAN);
    folder.write("deploy/.backstay/staging/0", "x");
    let hash = (0x811c_9dc5_u32 ^ u32::from(b'x')).wrapping_mul(0x0100_0193);
    folder.write(
        "deploy/.backstay/journal",
        format!("0\t{hash:x}\t../outside\n-\t-\t../backstay.toml\n"),
    );
    let (folder, _) = folder.test().args(["generate"]).code();
    assert!(!folder.has("outside") && folder.has("backstay.toml"));
}

#[test]
fn a_generated_file_that_is_no_text_any_more_is_said() {
    let folder = with_changes_to_write();
    folder.write("deploy/prod/README.md", b"\xff\xfe\0");
    let before = folder.files("deploy");
    let error = "error: `deploy/prod/README.md` is not UTF-8 text\n  help: Backstay writes text there: move the file away\n";
    let folder = folder
        .test()
        .args(["generate"])
        .stderr(error)
        .status(2)
        .run();
    assert_eq!(folder.files("deploy"), before);
}

#[test]
fn a_folder_with_an_awkward_name_is_shown_harmlessly() {
    for name in ["out \u{1b}[2Jput", "-out", "ö 'x' \"y\"", "a\nb"] {
        let test = Test::new()
            .plan(PLAN)
            .args(["generate".to_owned(), format!("--output={name}")]);
        let folder = test.colours().stdout_has(["created "]).run();
        assert!(folder.has(name), "{name:?}");
    }
}
