//! Edits that are not saved survive whatever happens to the program: the real one, on a real terminal.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::screen::EXAMPLE;
use crate::screen::terminal::{Running, folder_with_plan};

/// Moves the cache to the database's host.
const MOVE: &str = "/cache\rp/data\rp";

/// How often the program is killed; `BACKSTAY_KILLS` asks for more.
const KILLS: u64 = 5;

fn plan(folder: &Path) -> String {
    fs::read_to_string(folder.join("backstay.toml")).expect("the plan is there")
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("it can be read")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

fn opened(folder: &Path) -> Running {
    let mut running = Running::start(folder, &[]);
    running.wait_for("app-1");
    running
}

/// Waits for a sentence, wherever its lines are broken.
pub fn wait_for_words(running: &mut Running, sentence: &str) {
    running.wait(sentence, |screen| {
        let words: Vec<String> = screen
            .contents()
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        words.join(" ").contains(sentence)
    });
}

#[test]
fn an_edit_is_saved_and_nothing_else_is_left() {
    let folder = folder_with_plan();
    let mut running = opened(folder.path());
    running.keys(MOVE);
    running.wait_for("move cache to data-1 in prod");
    assert_eq!(
        plan(folder.path()),
        EXAMPLE,
        "nothing is written before it is asked for"
    );
    running.keys("s");
    running.wait_for("saved backstay.toml");
    running.keys("q");
    assert_eq!(running.ended(), 0);
    let text = plan(folder.path());
    assert!(text.contains("runs = [\"db\", \"cache\"]"), "{text}");
    assert_eq!(text.lines().count(), EXAMPLE.lines().count());
    assert_eq!(names(folder.path()), ["backstay.toml"]);
}

#[test]
fn edits_of_a_program_that_was_killed_are_there_again() {
    let kills = std::env::var("BACKSTAY_KILLS").ok();
    let kills = kills.and_then(|kills| kills.parse().ok()).unwrap_or(KILLS);
    for round in 0..kills {
        let folder = folder_with_plan();
        let mut running = opened(folder.path());
        running.keys(MOVE);
        running.wait_for("move cache to data-1 in prod");
        // Some more edits, and an end in the middle of them.
        running.keys("/db\rR2\r/web\rR2\r");
        std::thread::sleep(Duration::from_millis(round * 7 % 120));
        running.child.kill().expect("it is our child");
        running.ended();
        assert_eq!(plan(folder.path()), EXAMPLE);
        let mut running = opened(folder.path());
        running.wait_for("bring back edits that were not saved");
        running.keys("s");
        running.wait_for("saved backstay.toml");
        let text = plan(folder.path());
        assert!(
            text.contains("\"cache\"]\n\n[environments.prod.hosts.wasabi]"),
            "{text}"
        );
        running.keys("uuq");
        running.wait_for("not saved");
        running.keys("\u{1b}[B\r");
        assert_eq!(running.ended(), 0);
        assert_eq!(names(folder.path()), ["backstay.toml"]);
    }
}

#[test]
fn a_plan_that_changes_behind_its_back_is_joined_with_the_edits() {
    let folder = folder_with_plan();
    let mut running = opened(folder.path());
    running.keys(MOVE);
    running.wait_for("move cache to data-1 in prod");
    let elsewhere = EXAMPLE.replace("coding_events_user", "somebody_else");
    fs::write(folder.path().join("backstay.toml"), elsewhere).expect("it can be written");
    running.wait_for("join with the change of the file");
    // Undone it is gone from the file, too, and that is said.
    running.keys("u");
    running.wait_for("saving takes it out of the file");
    running.keys("U");
    running.wait_for("done again: join with the change of the file");
    running.keys("s");
    running.wait_for("saved backstay.toml");
    let text = plan(folder.path());
    assert!(
        text.contains("somebody_else") && text.contains("\"db\", \"cache\""),
        "{text}"
    );
    running.keys("q");
    assert_eq!(running.ended(), 0);
}

#[test]
fn a_folder_that_is_gone_loses_nothing() {
    let folder = folder_with_plan();
    let elsewhere = tempfile::tempdir().expect("there is room");
    let mut running = opened(folder.path());
    running.keys(MOVE);
    running.wait_for("move cache to data-1 in prod");
    fs::remove_dir_all(folder.path()).expect("it can be removed");
    running.keys("s");
    running.wait_for("not saved");
    running.wait_for("saves them elsewhere");
    let path = elsewhere.path().join("rescued.toml");
    running.keys(&format!("S\u{15}{}\r", path.display()));
    running.wait_for("saved");
    running.keys("q");
    assert_eq!(running.ended(), 0);
    let text = fs::read_to_string(path).expect("it was saved");
    assert!(text.contains("\"db\", \"cache\""), "{text}");
}

#[test]
#[cfg(unix)]
fn a_plan_that_goes_away_is_said_with_where_the_edits_are() {
    let folder = folder_with_plan();
    let state = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("backstay.toml");
    let mut running = Running::start_with_state(folder.path(), state.path());
    running.wait_for("app-1");
    fs::remove_file(&path).expect("it can be removed");
    wait_for_words(&mut running, "the plan's file is gone: s writes it again");
    running.keys("q");
    wait_for_words(
        &mut running,
        "the plan's file is gone, and what is shown is not saved",
    );
    running.keys("stay\rs");
    running.wait_for("saved backstay.toml");
    assert_eq!(plan(folder.path()), EXAMPLE);
    running.keys(MOVE);
    running.wait_for("move cache to data-1 in prod");
    fs::remove_file(&path).expect("it can be removed");
    wait_for_words(&mut running, "the plan's file is gone");
    fs::remove_dir_all(folder.path()).expect("it can be removed");
    wait_for_words(
        &mut running,
        "the folder of the plan is gone: S saves the plan elsewhere",
    );
    // Beside the plan they cannot be any more.
    running.wait("the journal's place", |screen| {
        let words: String = screen.contents().split_whitespace().collect();
        words.contains("youreditsarekeptin") && words.contains("backstay.toml.journal")
    });
    let kept = fs::read_dir(state.path().join("backstay")).expect("they are there");
    assert_eq!(kept.count(), 2, "a journal and a lock");
    assert!(!folder.path().exists());
    running.keys("q\u{1b}[B\r");
    assert_eq!(running.ended(), 0);
}

#[test]
fn a_copied_folder_brings_no_edits_of_another_text() {
    let (folder, copy) = (folder_with_plan(), folder_with_plan());
    let mut running = opened(folder.path());
    running.keys(MOVE);
    running.wait_for("move cache to data-1 in prod");
    running.child.kill().expect("it is our child");
    running.ended();
    let journal = |folder: &Path| folder.join(".backstay.toml.journal");
    fs::copy(journal(folder.path()), journal(copy.path())).expect("there is room");
    let other = EXAMPLE.replace("port = 5000", "port = 5001");
    fs::write(copy.path().join("backstay.toml"), &other).expect("there is room");
    let mut running = opened(copy.path());
    wait_for_words(&mut running, "that were not saved, made to another text");
    running.keys("q");
    assert_eq!(running.ended(), 0);
    assert_eq!(plan(copy.path()), other);
    assert_eq!(
        names(copy.path()),
        [".backstay.toml.journal.left", "backstay.toml"]
    );
    // Where the text is the same, they are.
    fs::copy(journal(folder.path()), journal(copy.path())).expect("there is room");
    fs::write(copy.path().join("backstay.toml"), EXAMPLE).expect("there is room");
    let mut running = opened(copy.path());
    running.wait_for("bring back edits that were not saved");
    running.keys("s");
    running.wait_for("saved backstay.toml");
    running.keys("q");
    assert_eq!(running.ended(), 0);
    assert!(plan(copy.path()).contains("\"db\", \"cache\""));
}

#[test]
fn two_on_one_plan_notice_each_other() {
    let folder = folder_with_plan();
    let mut first = opened(folder.path());
    first.keys(MOVE);
    first.wait_for("move cache to data-1 in prod");
    let mut second = opened(folder.path());
    second.wait_for("another Backstay is editing this plan");
    second.keys("q");
    assert_eq!(second.ended(), 0);
    // The second one took nothing away.
    assert!(names(folder.path()).contains(&".backstay.toml.journal".to_owned()));
    first.keys("q\u{1b}[B\r");
    assert_eq!(first.ended(), 0);
    assert_eq!(plan(folder.path()), EXAMPLE);
}

#[test]
fn a_plan_of_ones_own_begins_without_a_file_and_gets_one() {
    let folder = tempfile::tempdir().expect("there is room");
    let mut running = Running::start(folder.path(), &[]);
    running.wait_for("begin your own plan");
    running.keys("\u{e}shop\r\r\r\r");
    running.wait_for("this is your plan");
    running.keys("s\r");
    running.wait_for("saved backstay.toml");
    running.keys("q");
    assert_eq!(running.ended(), 0);
    assert!(plan(folder.path()).starts_with("name = \"shop\"\n"));
    assert_eq!(names(folder.path()), ["backstay.toml"]);
}

#[test]
fn edits_outlive_the_file_that_they_were_made_to() {
    let folder = folder_with_plan();
    let mut running = opened(folder.path());
    running.keys(MOVE);
    running.wait_for("move cache to data-1 in prod");
    running.child.kill().expect("it is our child");
    running.ended();
    fs::remove_file(folder.path().join("backstay.toml")).expect("it can be removed");
    let mut running = opened(folder.path());
    running.wait_for("bring back edits that were not saved");
    running.keys("s\r");
    running.wait_for("saved backstay.toml");
    running.keys("q");
    assert_eq!(running.ended(), 0);
    assert!(plan(folder.path()).contains("\"db\", \"cache\""));
}

#[test]
fn nobody_elses_change_is_replaced_without_an_answer() {
    let folder = folder_with_plan();
    let mut running = opened(folder.path());
    running.keys(MOVE);
    running.wait_for("move cache to data-1 in prod");
    let elsewhere = EXAMPLE.replace("runs = [\"db\"]", "runs = [\"db\"] # alone");
    // Elsewhere in the file too, where nothing was edited.
    let elsewhere = elsewhere.replace("coding-events:1.4.0", "coding-events:2.0.0");
    fs::write(folder.path().join("backstay.toml"), &elsewhere).expect("it can be written");
    running.wait_for("whose text?");
    running.wait_for("# alone");
    running.keys("\u{1b}");
    running.wait("no question", |screen| {
        !screen.contents().contains("whose text?")
    });
    running.keys("s");
    // Asked again, and answered.
    running.wait_for("whose text?");
    assert_eq!(plan(folder.path()), elsewhere);
    running.keys("m\r");
    running.wait_for("keep your edits where the file was changed too");
    running.keys("s");
    running.wait_for("saved backstay.toml");
    let joined = plan(folder.path());
    assert!(joined.contains("\"db\", \"cache\"") && joined.contains("coding-events:2.0.0"));
    // What lost is there again.
    running.keys("u");
    running.wait_for("undone: keep your edits");
    running.keys("s");
    running.wait_for("saved backstay.toml");
    assert_eq!(plan(folder.path()), elsewhere);
    running.keys("q");
    assert_eq!(running.ended(), 0);
}

#[test]
fn a_plan_that_was_taken_away_is_written_again() {
    let folder = folder_with_plan();
    let mut running = opened(folder.path());
    running.keys(MOVE);
    running.wait_for("move cache to data-1 in prod");
    fs::remove_file(folder.path().join("backstay.toml")).expect("it can be removed");
    running.keys("sq");
    assert_eq!(running.ended(), 0);
    assert!(plan(folder.path()).contains("\"db\", \"cache\""));
}

#[test]
#[cfg(unix)]
fn a_full_disk_is_said_and_the_edits_stay() {
    let folder = folder_with_plan();
    let mut running = Running::start_on_a_full_disk(folder.path());
    running.wait_for("app-1");
    running.keys(MOVE);
    running.wait_for("your edits are not kept safe");
    running.keys("s");
    running.wait_for("not saved");
    assert_eq!(plan(folder.path()), EXAMPLE);
    // It is still there to be undone, and leaving asks.
    running.keys("q");
    running.wait_for("there are edits that are not saved");
    running.keys("stay\r");
    running.keys("u");
    running.wait_for("undone: move cache to data-1 in prod");
    running.keys("q");
    assert_eq!(running.ended(), 0);
    assert_eq!(names(folder.path()), ["backstay.toml"]);
}

#[test]
fn edits_outlive_the_terminal_that_they_were_made_on() {
    let folder = folder_with_plan();
    let mut running = opened(folder.path());
    running.keys(MOVE);
    running.wait_for("move cache to data-1 in prod");
    let mut child = running.hang_up();
    let start = std::time::Instant::now();
    while child.try_wait().expect("it is our child").is_none() {
        assert!(start.elapsed() < Duration::from_secs(20), "it does not end");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(plan(folder.path()), EXAMPLE);
    let mut running = opened(folder.path());
    running.wait_for("bring back edits that were not saved");
    running.keys("s");
    running.wait_for("saved backstay.toml");
    assert!(plan(folder.path()).contains("\"db\", \"cache\""));
    running.keys("q");
    assert_eq!(running.ended(), 0);
}

#[test]
fn credentials_are_revealed_on_request_alone() {
    let folder = folder_with_plan();
    let mut running = opened(folder.path());
    running.keys("4*");
    running.wait_for("show credentials on this screen?");
    running.keys("yes\r");
    running.wait_for("some credentials are drawn when the files are written");
    running.keys("gg");
    running.wait_for("write the files?");
    running.keys("yes\r");
    running.wait_for("files written");
    let text = fs::read_to_string(folder.path().join("deploy/prod/secrets.env"));
    let text = text.expect("it was written");
    let mut values = text.lines().filter_map(|line| line.split_once('='));
    let (_, credential) = values
        .find(|(_, value)| value.len() > 20)
        .expect("one is drawn");
    let credential = credential.trim_matches('\'');
    // What is to be done now is closed first.
    running.keys("qdG");
    running.wait_for("********");
    running.keys("*");
    running.wait_for("show credentials on this screen?");
    running.keys("yes\r");
    running.wait_for(&credential[..12]);
    // Whatever else is shown masks them again.
    running.keys("14G");
    running.wait_for("********");
    running.keys("q");
    assert_eq!(running.ended(), 0);
}

#[test]
#[cfg(unix)]
fn a_plan_that_is_a_link_to_nothing_is_said_and_the_link_stays() {
    let folder = folder_with_plan();
    let (plan, real) = (
        folder.path().join("backstay.toml"),
        folder.path().join("real.toml"),
    );
    fs::rename(&plan, &real).expect("it can be moved");
    std::os::unix::fs::symlink("real.toml", &plan).expect("a link");
    let mut running = opened(folder.path());
    running.keys(MOVE);
    running.wait_for("move cache to data-1 in prod");
    // What it leads to goes away while it is edited.
    fs::remove_file(&real).expect("it can be removed");
    running.keys("s");
    wait_for_words(&mut running, "not saved, but your edits are kept");
    wait_for_words(&mut running, "which is not there");
    running.keys("Sbackstay.toml\u{15}backstay.toml\r");
    wait_for_words(&mut running, "which is not there");
    assert!(plan.is_symlink() && !plan.exists());
    running.keys("S\u{15}rescued.toml\r");
    running.wait_for("saved rescued.toml");
    running.keys("q");
    assert_eq!(running.ended(), 0);
    let text = fs::read_to_string(folder.path().join("rescued.toml")).expect("it was saved");
    assert!(text.contains("\"db\", \"cache\""), "{text}");
    assert!(plan.is_symlink() && !plan.exists());
    // Opened so, it is an error and no example.
    let mut running = Running::start(folder.path(), &[]);
    wait_for_words(&mut running, "is a link to `real.toml`, which is not there");
    assert_eq!(running.ended(), 2);
}

#[test]
fn a_journal_or_a_lock_that_is_not_ours_is_said_and_saving_goes_on() {
    for (name, said) in [
        (".backstay.toml.journal", "cannot be read"),
        (".backstay.toml.lock", ""),
    ] {
        let folder = folder_with_plan();
        // A folder can be opened as a file by nobody, root included.
        fs::create_dir(folder.path().join(name)).expect("a folder");
        let mut running = opened(folder.path());
        wait_for_words(&mut running, said);
        running.keys(MOVE);
        match said {
            "" => wait_for_words(&mut running, "your edits are not kept safe: cannot write"),
            _ => wait_for_words(
                &mut running,
                "holds edits of another session that were not saved",
            ),
        }
        running.keys("s");
        running.wait_for("saved backstay.toml");
        running.keys("q");
        assert_eq!(running.ended(), 0);
        assert!(plan(folder.path()).contains("\"db\", \"cache\""));
        let left = names(folder.path());
        assert!(left.iter().any(|it| it.starts_with(name)), "{left:?}");
    }
}

#[test]
fn a_plan_is_saved_into_no_folder_that_is_not_there() {
    let folder = folder_with_plan();
    let mut running = opened(folder.path());
    running.keys("S\u{15}a; b/x\r");
    wait_for_words(
        &mut running,
        "there is no folder `a; b`: make it, or save the plan elsewhere",
    );
    assert_eq!(names(folder.path()), ["backstay.toml"]);
}
