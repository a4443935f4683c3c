//! An environment that was renamed: whether its credentials go along is asked when files are written.

use std::fs;

use backstay::model::EnvironmentName;
use backstay::tui::{Effect, Handover, InConflict};

use crate::screen::terminal::{Running, folder_with_plan};
use crate::screen::{EXAMPLE, Screen};

fn handover(from: &str, to: &str) -> Handover {
    let name = |name| EnvironmentName::new(name).expect("a name");
    Handover {
        from: name(from),
        to: name(to),
    }
}

#[test]
fn credentials_of_before_are_asked_about_one_by_one_and_go_to_one_alone() {
    let mut screen = Screen::new(EXAMPLE, 120, 40);
    screen.to_write.handovers = vec![
        handover("production", "prod"),
        handover("production", "test"),
        handover("ci", "test"),
    ];
    let screen = screen.keys("gg");
    let text = screen.text();
    assert!(
        text.contains("does prod go on with the credentials of production?"),
        "{text}"
    );
    let screen = screen.keys("yes<enter>");
    let text = screen.text();
    assert!(
        text.contains("does test go on with the credentials of ci?"),
        "{text}"
    );
    let screen = screen.keys("no<enter>");
    let text = screen.text();
    assert!(
        text.contains("write the files?")
            && text.contains("prod goes on with the credentials of production."),
        "{text}"
    );
    let screen = screen.keys("<enter>");
    let handovers = vec![handover("production", "prod")];
    assert_eq!(
        screen.effects.as_slice(),
        [Effect::WriteFiles(handovers, InConflict::Left)].as_slice()
    );
}

#[test]
fn leaving_a_question_writes_nothing() {
    let mut screen = Screen::new(EXAMPLE, 120, 40);
    screen.to_write.handovers = vec![handover("production", "prod")];
    let screen = screen.keys("gg<esc>");
    assert_eq!((&screen.state.dialog, screen.effects.len()), (&None, 0));
}

/// The lines of a file below the output folder that hold values.
fn values(folder: &std::path::Path, path: &str) -> Vec<String> {
    let text = fs::read_to_string(folder.join("deploy").join(path)).unwrap_or_default();
    let lines = text.lines().filter(|line| line.contains('='));
    lines.map(str::to_owned).collect()
}

#[test]
fn the_renamed_environment_keeps_its_credentials() {
    let folder = folder_with_plan();
    let mut running = Running::start(folder.path(), &[]);
    running.wait_for("app-1");
    running.keys("gg");
    running.wait_for("write the files?");
    running.keys("yes\r");
    running.wait_for("files written");
    let before = values(folder.path(), "prod/secrets.env");
    assert!(!before.is_empty());
    running.keys("q1R\u{15}live\r");
    running.wait_for("rename prod to live");
    running.keys("gg");
    running.wait_for("does live go on with the credentials of prod?");
    running.keys("yes\r");
    running.wait_for("write the files?");
    running.keys("yes\r");
    running.wait_for("files written");
    // What is to be done now is shown until it is closed.
    running.wait_for("what is to be done now");
    running.keys("qq");
    assert_eq!(running.ended(), 0);
    assert_eq!(values(folder.path(), "live/secrets.env"), before);
    assert!(!folder.path().join("deploy/prod/secrets.env").exists());
    // Whoever undoes it, also after it was saved, is asked again.
    let plan = folder.path().join("backstay.toml");
    fs::write(plan, EXAMPLE).expect("it can be written");
    let mut running = Running::start(folder.path(), &[]);
    running.wait_for("app-1");
    running.keys("gg");
    running.wait_for("does prod go on with the credentials of live?");
    running.keys("no\r");
    running.wait_for("write the files?");
    running.keys("yes\r");
    running.wait_for("files written");
    // What is to be done now is shown until it is closed.
    running.wait_for("what is to be done now");
    running.keys("qq");
    assert_eq!(running.ended(), 0);
    assert_eq!(values(folder.path(), "live/secrets.env"), before);
    assert_ne!(values(folder.path(), "prod/secrets.env"), before);
}
