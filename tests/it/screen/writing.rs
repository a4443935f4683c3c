//! Before files are written, the screen says what would happen to those of every environment; afterwards, what is to
//! be done besides.

use std::fs;

use backstay::tui::{Effect, FileState, InConflict, Msg, Written};

use crate::screen::terminal::{Running, folder_with_plan};
use crate::screen::{EXAMPLE, Screen};

fn asked(files: &[(&str, FileState)]) -> Screen {
    let mut screen = Screen::new(EXAMPLE, 120, 40);
    let files = files
        .iter()
        .map(|(path, state)| ((*path).to_owned(), *state));
    screen.to_write.files = files.collect();
    screen.keys("gg")
}

#[test]
fn every_environment_has_its_line_and_what_goes_is_named() {
    let screen = asked(&[
        (".gitignore", FileState::Current),
        ("dev/README.md", FileState::Removed),
        ("prod/README.md", FileState::New),
        ("prod/app-1/web.env", FileState::Changed),
        ("prod/app-1/compose.yaml", FileState::Changed),
    ]);
    let text = screen.text();
    for said in [
        "deploy: 1 as they are",
        "dev: 1 removed",
        "removes deploy/dev/README.md",
        "prod: 1 new, 2 changed",
        "write the files of every environment",
    ] {
        assert!(text.contains(said), "{said} is not in {text}");
    }
    assert!(!text.contains("in conflict"), "{text}");
    let screen = screen.keys("<enter>");
    let written = [Effect::WriteFiles(Vec::new(), InConflict::Left)];
    assert_eq!(screen.effects, written);
}

#[test]
fn steps_that_will_follow_are_said_before() {
    let mut screen = Screen::new(EXAMPLE, 120, 40);
    screen.to_write.ahead = Some("db on data-1 of prod leaves something behind".to_owned());
    let text = screen.keys("gg").text();
    let said = "Afterwards, db on data-1 of prod leaves something behind; they are shown then.";
    assert!(text.contains(said), "{text}");
}

#[test]
fn what_keeps_files_from_being_written_is_said_before() {
    let denied = "[rules]\ninternal-in-production = { level = \"deny\", reason = \"no\" }\n";
    let plan = format!("{EXAMPLE}\n{denied}");
    let ask = || Screen::new(&plan, 120, 40).keys("gg");
    let text = ask().text();
    let said = "1 finding that is denied keeps all files from being written";
    assert!(text.contains(said) && !text.contains("yes"), "{text}");
    for keys in ["<enter>", "f<enter>"] {
        let screen = ask().keys(keys);
        assert!(screen.effects.is_empty(), "{:?}", screen.effects);
        let text = screen.text();
        assert!(
            text.contains("▸ findings") || text.contains("deny  internal-in-production"),
            "{text}"
        );
    }
    assert_eq!(ask().keys("no<enter>").state.dialog, None);
}

#[test]
fn what_is_in_conflict_is_left_or_replaced_as_the_user_says() {
    let files = [
        ("prod/app-1/web.env", FileState::Conflict),
        ("test/README.md", FileState::New),
    ];
    for (keys, in_conflict) in [
        ("skip<enter>", Some(InConflict::Left)),
        ("replace<enter>", Some(InConflict::Replaced)),
        ("no<enter>", None),
    ] {
        let screen = asked(&files);
        let text = screen.text();
        assert!(
            text.contains("in conflict: deploy/prod/app-1/web.env"),
            "{text}"
        );
        assert!(!text.contains("yes"), "{text}");
        let screen = screen.keys(keys);
        let written = in_conflict.map(|it| Effect::WriteFiles(Vec::new(), it));
        assert_eq!(screen.effects, Vec::from_iter(written), "{keys}");
    }
}

#[test]
fn what_is_typed_at_a_decision_is_shown_and_chooses() {
    let screen = asked(&[]).keys("no");
    assert!(screen.text().contains("> no"), "{}", screen.text());
    let screen = screen.keys("x<enter>");
    assert!(screen.text().contains("> nox"), "{}", screen.text());
    let screen = screen.keys("<backspace><enter>");
    assert_eq!((&screen.state.dialog, screen.effects.len()), (&None, 0));
}

#[test]
fn a_file_in_conflict_stays_when_it_is_skipped_and_is_kept_when_it_is_replaced() {
    let folder = folder_with_plan();
    let path = folder.path().join("deploy/prod/app-1/compose.yaml");
    let read = |name: &str| fs::read_to_string(folder.path().join("deploy").join(name));
    let mut running = Running::start(folder.path(), &[]);
    running.wait_for("app-1");
    running.keys("gg");
    running.wait_for("write the files?");
    running.keys("yes\r");
    running.wait_for("files written");
    let mine = fs::read_to_string(&path).expect("it was written");
    let mine = mine.replace("coding-events:1.4.0", "coding-events:mine");
    fs::write(&path, &mine).expect("it can be written");
    let plan = EXAMPLE.replace("coding-events:1.4.0", "coding-events:2.0.0");
    fs::write(folder.path().join("backstay.toml"), plan).expect("it can be written");
    running.wait_for("the plan was read again");
    // What is to be done now is closed first.
    running.keys("q1gg");
    running.wait_for("although some are in conflict");
    running.keys("skip\r");
    running.wait_for("left as it is, in conflict");
    assert_eq!(read("prod/app-1/compose.yaml").expect("it is there"), mine);
    let other = read("test/ci/compose.yaml").expect("it is there");
    assert!(other.contains("coding-events:2.0.0"), "{other}");
    running.keys("q1gg");
    running.wait_for("although some are in conflict");
    running.keys("replace\r");
    running.wait_for("yours is kept as .orig");
    running.keys("qq");
    assert_eq!(running.ended(), 0);
    let now = read("prod/app-1/compose.yaml").expect("it is there");
    assert!(now.contains("coding-events:2.0.0"), "{now}");
    assert_eq!(
        read("prod/app-1/compose.yaml.orig").expect("it is kept"),
        mine
    );
}

#[test]
fn steps_are_shown_until_they_are_closed() {
    let steps = vec!["db left data-1".to_owned(), "  move its data".to_owned()];
    let said = "2 files written".to_owned();
    let screen = Screen::new(EXAMPLE, 120, 40);
    let screen = screen.msg(Msg::Written(Ok(Written { said, steps })));
    let text = screen.text();
    assert!(text.contains("what is to be done now"), "{text}");
    assert!(
        text.contains("move its data") && text.contains("2 files written"),
        "{text}"
    );
    let text = screen.keys("<down><esc>").text();
    assert!(!text.contains("move its data"), "{text}");
}

#[test]
fn what_a_moved_service_leaves_behind_is_shown_whole() {
    let folder = folder_with_plan();
    let mut running = Running::start(folder.path(), &[]);
    running.wait_for("app-1");
    let write = |running: &mut Running| {
        running.keys("gg");
        running.wait_for("write the files?");
        running.keys("yes\r");
        running.wait_for("files written");
    };
    write(&mut running);
    running.wait_for("what is to be done now");
    running.keys("q1/db\rp/app-1\rp");
    running.wait_for("edited");
    write(&mut running);
    running.wait_for("what is to be done now");
    running.wait_for("left behind:");
    // What closes it does not end the app.
    running.keys("q");
    running.wait_for("app-1");
    running.keys("q");
    assert_eq!(running.ended(), 0);
}
