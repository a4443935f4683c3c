//! Where everything stands on the screen: worked out from size and state alone, for drawing and for the mouse.
//!
//! ```text
//!  plan      environments                          counts     header
//!  1 map  2 matrix  3 findings  4 files  5 catalog            tabs
//!  ┌ main ──────────────────────────────┐│ side
//!  │                                    ││ inspector, detail or text;
//!  │                       ┌ small map ┐││ below main on narrow screens
//!  └───────────────────────┴───────────┘│
//!  notice, or what keys do                                    status
//! ```

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use crate::tui::ask::Ask;
use crate::tui::state::{Dialog, Panel, State};
use crate::tui::view::{map, matrix};

/// Screens that are narrower show the map as a tree, and put everything below each other.
pub const NARROW: u16 = 100;

/// The rows of the properties' dialog besides a row for each: frame, a gap, and what the selected one means.
const PROPERTIES_FRAME: usize = 6;

/// The rectangles of one screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Regions {
    /// The first row.
    pub header: Rect,
    /// The name of each environment in it.
    pub environments: Vec<(Rect, usize)>,
    /// The name of each panel, in the second row.
    pub panels: Vec<(Rect, Panel)>,
    /// What the panel shows first: map, matrix or list.
    pub main: Rect,
    /// What it says about the selection.
    pub side: Option<Rect>,
    /// The small map, in a corner of main that is blank.
    pub minimap: Option<Rect>,
    /// The last row.
    pub status: Rect,
    /// What lies over everything.
    pub dialog: Option<Rect>,
}

/// Whether the screen is too narrow for the picture.
pub fn is_narrow(state: &State) -> bool {
    state.size.0 < NARROW
}

/// The rectangles of the screen.
pub fn regions(state: &State) -> Regions {
    let (width, height) = state.size;
    let row = |y: u16| Rect::new(0, y.min(height.saturating_sub(1)), width, 1.min(height));
    let body = Rect::new(0, 2.min(height), width, height.saturating_sub(3));
    let (main, side) = split(state, body);
    Regions {
        header: row(0),
        environments: environment_tabs(state),
        panels: panel_tabs(state),
        minimap: minimap(state, main),
        main,
        side,
        status: row(height.saturating_sub(1)),
        dialog: state.dialog.as_ref().map(|open| dialog(open, state)),
    }
}

/// Whether the side stands below main: where there is no room beside it, or where more of the picture is seen so.
pub fn is_stacked(state: &State) -> bool {
    if is_narrow(state) {
        return true;
    }
    let height = i32::from(state.size.1);
    let beside = i32::from(state.size.0) - i32::from(side_width(state.size.0));
    let (w, h) = match (state.panel, &state.map) {
        (Panel::Map, Some(map)) => (map.layout.width, map.layout.height),
        (Panel::Matrix, _) => matrix::size(state),
        _ => return false,
    };
    w >= beside && h <= height / 2
}

fn split(state: &State, body: Rect) -> (Rect, Option<Rect>) {
    let narrow = is_stacked(state);
    let (first, second) = match (state.panel, narrow) {
        (Panel::Map | Panel::Matrix, _) if !state.shows_inspector => return (body, None),
        (Panel::Map | Panel::Matrix, false) => (None, Some(side_width(body.width))),
        (Panel::Map | Panel::Matrix, true) if !is_narrow(state) => (Some(body.height / 2), None),
        (Panel::Map | Panel::Matrix, true) => (None, Some(body.height * 2 / 5)),
        (Panel::Findings, false) => (None, Some(body.width * 9 / 20)),
        (Panel::Findings, true) => (None, Some(body.height * 11 / 20)),
        (Panel::Files | Panel::Catalog, false) => (Some(list_width(body.width)), None),
        (Panel::Files | Panel::Catalog, true) => (Some(body.height / 3), None),
    };
    let whole = if narrow { body.height } else { body.width };
    let first = first.unwrap_or_else(|| whole.saturating_sub(second.unwrap_or(0)));
    let (mut main, mut side) = (body, body);
    match narrow {
        true => {
            main.height = first;
            side.y += first;
            side.height -= first;
        }
        false => {
            main.width = first;
            side.x += first;
            side.width -= first;
        }
    }
    (main, Some(side))
}

fn side_width(width: u16) -> u16 {
    (width / 3).clamp(36, 52)
}

fn list_width(width: u16) -> u16 {
    (width / 3).clamp(30, 44)
}

/// One tab beside the other from `x` on, with two cells between.
fn tabs<T>(y: u16, x: u16, right: u16, names: impl Iterator<Item = (String, T)>) -> Vec<(Rect, T)> {
    let mut x = x;
    let mut placed = Vec::new();
    for (name, what) in names {
        let width = name.width() as u16 + 2;
        if x + width > right {
            break;
        }
        placed.push((Rect::new(x, y, width, 1), what));
        x += width;
    }
    placed
}

/// Where the names of environments begin: behind the plan's.
pub fn environments_from(state: &State) -> u16 {
    let name = plan_name(state).width() as u16;
    (name + 3).min(state.size.0 / 2)
}

/// The name of the plan.
pub fn plan_name(state: &State) -> &str {
    let name = state.plan.analysis.plan.name.as_ref();
    name.map_or("unnamed", |name| name.as_str())
}

fn environment_tabs(state: &State) -> Vec<(Rect, usize)> {
    let topologies = state.plan.analysis.topologies.iter().enumerate();
    let names = topologies.map(|(at, topology)| (topology.environment.to_string(), at));
    tabs(0, environments_from(state), state.size.0, names)
}

/// A panel's tab: its key and its name.
pub fn panel_title(at: usize, panel: Panel) -> String {
    format!("{} {}", at + 1, panel.as_str())
}

fn panel_tabs(state: &State) -> Vec<(Rect, Panel)> {
    let panels = Panel::ALL.into_iter().enumerate();
    let names = panels.map(|(at, panel)| (panel_title(at, panel), panel));
    tabs(1.min(state.size.1), 0, state.size.0, names)
}

/// The small map, where the picture is larger than what is shown of it: in the first corner that has nothing of it.
fn minimap(state: &State, main: Rect) -> Option<Rect> {
    let picture = state.map.as_ref().filter(|_| state.panel == Panel::Map)?;
    let is_larger = picture.layout.width > i32::from(main.width)
        || picture.layout.height > i32::from(main.height);
    // The signs that the picture goes on are in the middle of each side.
    let has_room = main.width >= 60 && main.height >= 20 && !is_narrow(state);
    if !(state.shows_minimap && is_larger && has_room) {
        return None;
    }
    let (width, height) = (26, 9);
    let (right, bottom) = (main.right() - width, main.bottom() - height);
    let corners = [
        (right, bottom),
        (right, main.y),
        (main.x, bottom),
        (main.x, main.y),
    ];
    let corners = corners.map(|(x, y)| Rect::new(x, y, width, height));
    corners
        .into_iter()
        .find(|corner| map::is_blank(state, picture, main, *corner))
}

/// Where a dialog lies.
fn dialog(open: &Dialog, state: &State) -> Rect {
    let rows = |rows: usize| u16::try_from(rows).unwrap_or(u16::MAX);
    match open {
        Dialog::Ask(ask) => of_question(ask, state),
        Dialog::Properties { .. } => {
            let n_rows = state.derived.properties.len() + PROPERTIES_FRAME;
            centred(state, |_| rows(n_rows))
        }
        Dialog::Written { steps, .. } => {
            centred(state, |width| rows(rows_in(steps.iter(), width) + 2))
        }
        _ => centred(state, |_| u16::MAX),
    }
}

/// In the middle, no higher than it needs, given the rows that it needs in a width.
fn centred(state: &State, rows: impl Fn(u16) -> u16) -> Rect {
    let (width, height) = state.size;
    let w = width.saturating_sub(4).min(90);
    let h = rows(w.saturating_sub(4)).min(height.saturating_sub(4).min(34));
    Rect::new((width - w) / 2, (height - h) / 3, w, h)
}

/// Where the dialog of a question lies.
pub fn of_question(ask: &Ask, state: &State) -> Rect {
    centred(state, |width| rows_of(ask, width))
}

/// How many rows lines take that go on in the next where they are too long.
fn rows_in<'l>(lines: impl Iterator<Item = &'l String>, width: u16) -> usize {
    lines
        .map(|line| line.width().div_ceil(usize::from(width.max(1))).max(1))
        .sum()
}

/// The rows of a question with its frame: what it is about, the line to type on, and the answers.
fn rows_of(ask: &Ask, width: u16) -> u16 {
    let about = rows_in(ask.faults.iter().chain(&ask.about), width);
    let gap = usize::from(about > 0);
    let answers = ask.offers.len().max(2);
    // What is cut stands below in full, and words take a little more room in rows.
    let width = usize::from(width.max(1));
    let notes = ask.offers.iter().map(|offer| offer.note.width());
    let longest = notes.max().unwrap_or_default();
    let answer = ask.offers.iter().map(|offer| offer.answer.width()).max();
    let is_cut = longest + answer.unwrap_or_default() + 2 > width;
    let below = if is_cut {
        longest.div_ceil(width) + 2
    } else {
        0
    };
    u16::try_from(about + gap + answers + below + 5).unwrap_or(u16::MAX)
}
