//! What services there are, and everything that is known about the selected one.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::finding::printed;
use crate::report::explain;
use crate::tui::state::State;
use crate::tui::view::{list, span, wrapped};

/// Draws the list.
pub fn draw_list(state: &State, area: Rect, frame: &mut Frame) {
    let kinds: Vec<_> = state.plan.catalog.kinds().collect();
    let mut lines = kinds.iter().map(|kind| {
        Line::from(vec![
            Span::raw(format!(" {:<16}", kind.id)),
            span(printed(&kind.category), state.theme.dim()),
        ])
    });
    list(
        &mut lines,
        state.lists.kind,
        kinds.len(),
        area,
        state,
        frame,
    );
}

/// The last row of the description of the selected kind that can come first.
pub fn most_scroll(state: &State, side: Rect) -> usize {
    super::most_scroll(&described(state), super::inside(state, side))
}

/// Draws the description of the selected kind.
pub fn draw_text(state: &State, area: Rect, frame: &mut Frame) {
    wrapped(described(state), state.lists.kind_scroll, area, frame);
}

fn described(state: &State) -> Vec<Line<'static>> {
    let text = text(state);
    let lines = text.lines().enumerate().map(|(at, line)| {
        let line = printed(line);
        let is_heading = at == 0 || (!line.starts_with(' ') && line.ends_with(':'));
        match is_heading {
            true => Line::styled(line, state.theme.strong()),
            false => Line::from(line),
        }
    });
    lines.collect()
}

fn text(state: &State) -> String {
    let kind = state.plan.catalog.kinds().nth(state.lists.kind);
    kind.map(|kind| explain::kind(&kind)).unwrap_or_default()
}
