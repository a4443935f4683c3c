//! What may be said of the selected thing: a row a key, with what holds everywhere and what an environment says.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Padding};

use crate::change::{Named, Property};
use crate::finding::printed;
use crate::report::text::shown_value;
use crate::source::Shape;
use crate::tui::command::Command;
use crate::tui::state::State;
use crate::tui::update::edit;
use crate::tui::view::wrap::wrap;
use crate::tui::view::{list, paragraph, span};
use crate::tui::words::of_screen;

/// How wide the column of keys is.
const KEYS: usize = 24;

/// Draws them.
pub fn draw(state: &State, what: &Named, selected: usize, area: Rect, frame: &mut Frame) {
    let all = &state.derived.properties;
    let has_overrides = all.iter().any(|property| property.override_path.is_some());
    let keys = match has_overrides {
        true => " enter changes it everywhere, o here only, x resets it, esc leaves ",
        false => " enter changes it, x resets it, esc leaves ",
    };
    let block = Block::bordered()
        .title(format!(" {} ", printed(what.name())))
        .title_bottom(Line::styled(keys, state.theme.dim()))
        .border_style(state.theme.accent())
        .padding(Padding::horizontal(1));
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let doc = all.get(selected).map(|property| {
        let doc = of_screen(&state.keymap, Command::Properties, property.doc);
        let line = Line::styled(printed(&doc), state.theme.dim());
        wrap(&[line], usize::from(inner.width))
    });
    let doc = doc.unwrap_or_default();
    // What it means gives way to the keys themselves.
    let least = 3.min(inner.height);
    let rows = (doc.len() as u16 + 1).min(inner.height - least);
    let count = all.len();
    let lines: Vec<Line> = all.iter().map(|property| row(state, property)).collect();
    let above = Rect {
        height: inner.height - rows,
        ..inner
    };
    list(&mut lines.into_iter(), selected, count, above, state, frame);
    let below = Rect {
        y: above.bottom() + 1.min(rows),
        height: rows.saturating_sub(1),
        ..inner
    };
    paragraph(doc, below, frame);
}

fn row(state: &State, property: &Property) -> Line<'static> {
    let theme = state.theme;
    let mut spans = vec![span(
        format!("{:KEYS$}", printed(&property.key)),
        theme.dim(),
    )];
    match &property.value {
        _ if matches!(property.shape, Shape::Map(..)) => {
            spans.push(span("add one", theme.dim()));
        }
        Some(value) => spans.push(Span::raw(printed(&shown_value(&property.key, value)))),
        None => spans.push(span("-", theme.dim())),
    }
    if let (Some(value), Some(environment)) = (&property.override_value, edit::here(state)) {
        spans.push(span(format!("  in {environment}: "), theme.dim()));
        let value = printed(&shown_value(&property.key, value));
        spans.push(span(value, theme.accent()));
    }
    Line::from(spans)
}
