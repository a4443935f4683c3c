//! How the environment differs from another: what matters most first, with the reason.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Padding};
use unicode_width::UnicodeWidthStr;

use crate::compare::{Difference, Weight};
use crate::finding::printed;
use crate::model::EnvironmentName;
use crate::report::comparison::{reason, side, what};
use crate::tui::state::State;
use crate::tui::view::wrap::wrap;
use crate::tui::view::{list, paragraph, span};

/// Rows for what is said of the selected difference.
const SAID: u16 = 6;

/// Widest column of components.
const WIDEST_NAME: usize = 20;

/// Draws the list, and below it what differs in the selected one.
pub fn draw(state: &State, with: &EnvironmentName, selected: usize, area: Rect, frame: &mut Frame) {
    let here = state
        .topology()
        .map(|topology| topology.environment.to_string());
    let here = here.unwrap_or_default();
    let compared = &state.derived.comparison;
    let block = Block::bordered()
        .title(format!(" {here} → {with}, {} % alike ", compared.score))
        .title_bottom(Line::styled(
            " enter accepts it with a reason, o shows it on the map, esc closes ",
            state.theme.dim(),
        ))
        .border_style(state.theme.accent())
        .padding(Padding::horizontal(1));
    let inner = block.inner(area);
    frame.render_widget(block, area);
    if compared.differences.is_empty() {
        let line = Line::styled("nothing differs", state.theme.dim());
        frame.render_widget(line, inner);
        return;
    }
    let below = SAID.min(inner.height / 2);
    let above = Rect {
        height: inner.height - below,
        ..inner
    };
    let all = || {
        compared
            .differences
            .iter()
            .map(|(_, difference)| difference)
    };
    let names = all().map(|difference| difference.component.as_str().width());
    let whats = all().map(|difference| what(difference).width());
    let widths = (
        names.max().unwrap_or(0).min(WIDEST_NAME),
        whats.max().unwrap_or(0).min(usize::from(inner.width) / 3),
    );
    let mut lines = Vec::new();
    let mut at = 0;
    let mut title = "";
    for (place, (section, difference)) in compared.differences.iter().enumerate() {
        if *section != title {
            title = section;
            lines.push(Line::styled(*section, heading(state, difference)));
        }
        if place == selected {
            at = lines.len();
        }
        lines.push(row(state, difference, widths));
    }
    let count = lines.len();
    list(&mut lines.into_iter(), at, count, above, state, frame);
    if let Some((_, difference)) = compared.differences.get(selected) {
        let said = said(state, (&here, with.as_str()), difference);
        let rows = wrap(&said, usize::from(inner.width));
        let place = Rect {
            y: above.bottom(),
            height: below,
            ..inner
        };
        paragraph(rows, place, frame);
    }
}

fn heading(state: &State, difference: &Difference) -> ratatui::style::Style {
    match difference.weight {
        _ if difference.accepted.is_some() => state.theme.dim(),
        Weight::Much => state.theme.removed(),
        Weight::Some => state.theme.accent(),
        Weight::Little => state.theme.dim(),
    }
}

fn row(state: &State, difference: &Difference, (name, about): (usize, usize)) -> Line<'static> {
    let dim = state.theme.dim();
    Line::from(vec![
        Span::raw(format!("  {:<name$}  ", difference.component)),
        span(format!("{:<about$}  ", what(difference)), dim),
        Span::raw(side(&difference.left)),
        span(" → ", dim),
        Span::raw(side(&difference.right)),
    ])
}

/// Both sides in full, and why it matters or is accepted.
fn said(state: &State, (here, there): (&str, &str), difference: &Difference) -> Vec<Line<'static>> {
    let theme = state.theme;
    let value = |name: &str, said: &Option<String>, style| {
        Line::from(vec![
            span(format!("{name} "), theme.dim()),
            span(side(said), style),
        ])
    };
    let why = match &difference.accepted {
        Some(_) => format!("accepted: {}", printed(reason(difference))),
        None => reason(difference).to_owned(),
    };
    vec![
        Line::default(),
        value(here, &difference.left, theme.removed()),
        value(there, &difference.right, theme.added()),
        Line::from(why),
    ]
}
