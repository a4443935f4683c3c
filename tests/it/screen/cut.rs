//! What is too long or too much for its place on the screen says that there is more, and is reached.

use backstay::tui::{FilePreview, FileState, Msg};

use crate::screen::{EXAMPLE, Screen};

/// The files panel with one file, which has a line that is longer than the panel is wide.
fn files(width: u16, keys: &str) -> Screen {
    let path = format!("prod/{}/compose.yaml", "a-long-name-of-a-host-".repeat(4));
    let line = |end: &str| format!("KEY={}{end}\n", "0123456789".repeat(12));
    let file = FilePreview {
        path,
        state: FileState::New,
        old: String::new(),
        new: format!("short: 1\n{}", line("END")),
    };
    let screen = Screen::new(EXAMPLE, width, 24).keys("4");
    let environment = screen
        .state
        .topology()
        .expect("it is shown")
        .environment
        .clone();
    screen
        .msg(Msg::Files(environment, Ok(vec![file])))
        .keys(keys)
}

#[test]
fn a_line_that_is_too_long_is_marked_and_scrolled_to_its_end() {
    for (width, keys) in [
        (80, "LLLLL"),
        (140, "<right><right><right><right>"),
        (80, "L<shift-right>LL"),
    ] {
        let text = files(width, "").text();
        let row = text
            .lines()
            .find(|row| row.contains("KEY="))
            .expect("it is shown");
        assert!(row.ends_with('…'), "{text}");
        let text = files(width, keys).text();
        let row = text
            .lines()
            .find(|row| row.ends_with("END"))
            .expect("its end is shown");
        let begin = row
            .trim_start_matches([' ', '│'])
            .trim_start_matches(|c| c != '…');
        assert!(begin.starts_with('…') || row.contains("… …"), "{text}");
        // Further than to its end it does not go, and back it comes.
        let back = files(width, &format!("{keys}LLLLLHHHHH<left>"));
        assert_eq!(back.text(), files(width, "").text());
    }
}

#[test]
fn the_whole_path_of_a_file_is_above_its_text() {
    for width in [80, 140] {
        let text = files(width, "").text();
        let side = text
            .lines()
            .map(|row| row.split('│').next_back().unwrap_or_default());
        let whole: String = side.flat_map(|row| row.trim().chars()).collect();
        let path = format!(
            "deploy/prod/{}/compose.yaml",
            "a-long-name-of-a-host-".repeat(4)
        );
        assert!(whole.contains(&path), "{text}");
    }
}

#[test]
fn findings_that_have_no_room_in_the_inspector_are_counted() {
    let services: String = (0..9)
        .map(|n| format!("[services.s{n}]\nkind = \"redis\"\n[apps.web.uses.s{n}]\n"))
        .collect();
    let names: Vec<String> = (0..9).map(|n| format!("\"s{n}\"")).collect();
    let plan = format!(
        "name = \"a\"\n[apps.web]\nimage = \"a/b:1\"\nport = 80\n{services}[environments.prod.hosts.one]\nruns = [\"web\", {}]\n",
        names.join(", ")
    );
    let screen = Screen::new(&plan, 80, 24);
    let count = screen.state.derived.concerning.len();
    let text = screen.text();
    assert!(
        text.contains(&format!("… and {count} findings: press 3")),
        "{text}"
    );
    // Where some have room, the others are counted.
    let text = Screen::new(EXAMPLE, 80, 24).text();
    assert!(
        text.contains("findings: 3") && text.contains("… and 2 more: press 3"),
        "{text}"
    );
    let text = Screen::new(EXAMPLE, 120, 40).text();
    assert!(
        text.contains("findings: 3") && !text.contains("… and"),
        "{text}"
    );
}
