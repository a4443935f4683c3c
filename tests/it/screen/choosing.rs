//! What is chosen from a list: shown on the smallest screen, and commands found by their words.

use backstay::tui::Msg;

use crate::screen::{EXAMPLE, Screen};

#[test]
fn on_the_smallest_screen_what_is_selected_is_shown() {
    for (keys, said) in [
        ("a", "service"),
        ("v", "tier"),
        (":quit", "ctrl-c"),
        ("/db", "db"),
    ] {
        let text = Screen::new(EXAMPLE, 30, 8).keys(keys).text();
        let shown = text.lines().filter(|line| line.contains('│'));
        let shown: Vec<&str> = shown.collect();
        assert!(
            shown.iter().any(|line| line.contains(said)),
            "{keys}: {text}"
        );
    }
}

#[test]
fn commands_are_found_by_their_words_and_by_parts_only_where_no_word_fits() {
    for (typed, is_there, is_not) in [
        (
            "list",
            "list what is wrong",
            "let what is selected use something",
        ),
        ("nam plan", "give the plan a name", "save the plan"),
        ("sve", "save the plan", "nothing is called so"),
        ("qqqq", "nothing is called so", "save the plan"),
        ("give", ": name-plan", "undo"),
    ] {
        let screen = Screen::new(EXAMPLE, 120, 40).keys(&format!(":{typed}"));
        let text = screen.text();
        assert!(text.contains(is_there), "{typed}: {text}");
        assert!(!text.contains(is_not), "{typed}: {text}");
    }
}

#[test]
fn what_is_pasted_chooses_as_what_is_typed_does() {
    for (pasted, is_gone) in [("no", false), ("yes", true), ("x", false)] {
        let screen = Screen::new(EXAMPLE, 120, 40).keys("/web<enter>x");
        let screen = screen.msg(Msg::Paste(pasted.to_owned())).keys("<enter>");
        let is_there = screen.state.plan.text.contains("[apps.web]");
        assert_eq!(is_there, !is_gone, "{pasted}");
    }
}
