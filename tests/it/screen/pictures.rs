//! Screens of every panel and dialog at three sizes, each with its styles, in `tests/screens/`.
//!
//! `BACKSTAY_BLESS=1 cargo test` writes what is drawn as what is expected. Read the difference.

use std::fs;

use backstay::layout::Charset;
use backstay::tui::Theme;

use crate::screen::{EXAMPLE, Screen};

/// Name, columns, rows and keys of each screen.
const SCREENS: &[(&str, u16, u16, &str)] = &[
    ("map-80x24", 80, 24, ""),
    ("map-120x40", 120, 40, ""),
    ("map-200x60", 200, 60, ""),
    ("map-selected-80x24", 80, 24, "jj"),
    ("map-selected-120x40", 120, 40, "jj"),
    ("map-focus-120x40", 120, 40, "jjf"),
    ("map-cards-120x40", 120, 40, "j-"),
    ("map-hosts-120x40", 120, 40, "--"),
    ("map-tiers-120x40", 120, 40, "---"),
    ("map-local-120x40", 120, 40, "<tab>"),
    ("map-wide-open-120x40", 120, 40, "i"),
    ("matrix-80x24", 80, 24, "2"),
    ("matrix-120x40", 120, 40, "2j"),
    ("findings-80x24", 80, 24, "3"),
    ("findings-120x40", 120, 40, "3Aj"),
    ("files-80x24", 80, 24, "4"),
    ("files-120x40", 120, 40, "4"),
    ("files-diff-120x40", 120, 40, "4jd"),
    ("catalog-80x24", 80, 24, "5jj"),
    ("catalog-120x40", 120, 40, "5jjJ"),
    ("help-80x24", 80, 24, "?"),
    ("help-120x40", 120, 40, "?jj"),
    ("palette-120x40", 120, 40, ":focus"),
    ("search-120x40", 120, 40, "/d"),
    ("add-120x40", 120, 40, "a"),
    ("add-kind-80x24", 80, 24, "a<enter>re"),
    ("remove-120x40", 120, 40, "/cache<enter>x"),
    ("properties-120x40", 120, 40, "/db<enter>vj"),
    ("property-80x24", 80, 24, "/db<enter>vjjjj<enter>70000"),
    ("carried-120x40", 120, 40, "/cache<enter>p"),
    ("moved-120x40", 120, 40, "/cache<enter>p/data<enter>p"),
    ("changes-120x40", 120, 40, "/cache<enter>p/data<enter>p'"),
    ("compare-120x40", 120, 40, "Ddev<enter>j"),
    ("compare-80x24", 80, 24, "Dlocal<enter>"),
    ("outage-120x40", 120, 40, "/data<enter>b"),
    ("fix-120x40", 120, 40, "3f"),
    ("quit-80x24", 80, 24, "/cache<enter>p/data<enter>pq"),
    ("narrow-40x12", 40, 12, "j"),
    ("too-small-20x5", 20, 5, ""),
];

#[test]
fn every_panel_and_dialog_looks_as_expected() {
    let mut faults = String::new();
    for (name, width, height, keys) in SCREENS {
        let screen = Screen::new(EXAMPLE, *width, *height).keys(keys);
        faults.push_str(&compared(name, &screen.styled()));
    }
    assert!(faults.is_empty(), "{faults}");
}

#[test]
fn without_colours_and_other_characters_it_looks_as_expected() {
    let mut screen = Screen::new(EXAMPLE, 120, 40).keys("jj");
    screen.state.theme = Theme::Plain;
    screen.state.charset = Charset::Ascii;
    let drawn = screen.styled();
    let faults = compared("plain-ascii-120x40", &drawn);
    assert!(faults.is_empty(), "{faults}");
    let colours = ["cyan", "yellow", "red", "magenta", "green"];
    for row in drawn.lines().filter(|row| row.starts_with("        ┊")) {
        assert!(!colours.iter().any(|colour| row.contains(colour)), "{row}");
    }
}

/// What differs from the expected screen; empty if nothing does.
pub fn compared(name: &str, drawn: &str) -> String {
    let folder = format!("{}/tests/screens", env!("CARGO_MANIFEST_DIR"));
    let path = format!("{folder}/{name}.txt");
    if std::env::var_os("BACKSTAY_BLESS").is_some() {
        fs::create_dir_all(&folder).expect("the folder can be made");
        fs::write(&path, drawn).expect("the fixture can be written");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    match expected == drawn {
        true => String::new(),
        false => format!("{name} is now\n{drawn}\n"),
    }
}
