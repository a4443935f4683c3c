//! What is to be done after files were written is shown whole, until it is closed.

use backstay::tui::{Msg, Written};

use crate::screen::terminal::{Running, folder_with_plan};
use crate::screen::{EXAMPLE, Screen};

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
    running.keys("1/db\rp/app-1\rp");
    running.wait_for("edited");
    write(&mut running);
    running.wait_for("what is to be done now");
    running.wait_for("docker compose");
    // What closes it does not end the app.
    running.keys("q");
    running.wait_for("app-1");
    running.keys("q");
    assert_eq!(running.ended(), 0);
}
