//! Comments of Backstay's own go with what they speak of, and those of the user stay.

use crate::screen::Screen;
use crate::screen::editing::difference;

/// A plan as it is begun, with a comment of the user's.
fn begun() -> String {
    let mut screen = Screen::new("", 140, 40);
    screen.state.plan.path = None;
    let screen =
        screen.keys("<ctrl-n>shop<enter><ctrl-u>web<enter><ctrl-u>database, cache, files<enter>");
    let screen = screen.keys("<ctrl-u>local, prod<enter>");
    let text = screen.state.plan.text.to_string();
    assert!(text.contains("# For database: "), "{text}");
    text.replace(
        "[services.database]",
        "# Ours since 2019.\n[services.database]",
    )
}

fn changes(keys: &str) -> Vec<String> {
    let begun = begun();
    let screen = Screen::new(&begun, 140, 40).keys(keys);
    let changes = difference(&begun, &screen.state.plan.text);
    assert_eq!(screen.keys("<esc>u").state.plan.text.as_ref(), begun);
    changes
}

#[test]
fn another_kind_takes_along_why_the_one_of_before_was_chosen() {
    let changes = changes("/database<enter>v<enter>mariadb<enter>");
    assert!(changes.iter().any(|it| it.starts_with("-# For database: ")));
    assert!(changes.contains(&"+kind = \"mariadb\"".to_owned()));
    assert!(
        !changes
            .iter()
            .any(|it| it.contains("Ours") || it.contains("cache"))
    );
}

#[test]
fn what_is_taken_away_takes_its_comments_along() {
    for (name, said) in [("cache", "-# For cache: "), ("files", "-# For files: ")] {
        let changes = changes(&format!("/{name}<enter>x<enter>"));
        assert!(changes.iter().any(|it| it.starts_with(said)), "{changes:?}");
        assert!(
            !changes.iter().any(|it| it.contains("For database")),
            "{changes:?}"
        );
    }
}

#[test]
fn an_address_that_is_written_is_no_place_kept_for_another() {
    let changes = changes("/data-1<enter>vj<enter><ctrl-u>10.0.0.9<enter>");
    assert!(changes.contains(&"+address = \"10.0.0.9\"".to_owned()));
    let kept = changes
        .iter()
        .filter(|it| it.starts_with("-# Keeps the place"));
    assert_eq!(kept.count(), 1);
}
