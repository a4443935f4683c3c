//! The state as a screen. Nothing in here changes anything.

pub mod ask;
pub mod catalog;
mod comparison;
pub mod dialogs;
pub mod files;
mod findings;
mod header;
mod inspector;
pub mod map;
pub mod matrix;
mod minimap;
pub mod palette;
mod properties;
mod status;
mod tiers;
pub mod tree;
mod wrap;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph, Wrap};

use crate::layout::Charset;
use crate::tui::command::Command;
use crate::tui::regions::{is_narrow, is_stacked, regions};
use crate::tui::state::{Panel, State, Zoom};
use crate::tui::view::wrap::wrap;

/// The smallest screen that anything can be read on.
const SMALLEST: (u16, u16) = (30, 8);
/// How wide a column of text is at least.
const COLUMN: u16 = 38;

/// Draws everything.
pub fn draw(state: &State, frame: &mut Frame) {
    let (width, height) = state.size;
    if width < SMALLEST.0 || height < SMALLEST.1 {
        let text = format!("Backstay needs {} × {} cells", SMALLEST.0, SMALLEST.1);
        let words = Paragraph::new(text).wrap(Wrap { trim: true });
        frame.render_widget(words, frame.area());
        return;
    }
    let areas = regions(state);
    header::draw(state, &areas, frame);
    match state.panel {
        Panel::Map if state.plan.analysis.topologies.is_empty() => {
            nothing(state, areas.main, frame)
        }
        Panel::Map if is_narrow(state) => tree::draw(state, areas.main, frame),
        Panel::Map if state.zoom == Zoom::Tiers => tiers::draw(state, areas.main, frame),
        Panel::Map => map::draw(state, areas.main, frame),
        Panel::Matrix => matrix::draw(state, areas.main, frame),
        Panel::Findings => findings::draw_list(state, areas.main, frame),
        Panel::Files => files::draw_list(state, areas.main, frame),
        Panel::Catalog => catalog::draw_list(state, areas.main, frame),
    }
    if let Some(side) = areas.side {
        let inner = beside(state, side, frame);
        match state.panel {
            Panel::Map | Panel::Matrix => inspector::draw(state, inner, frame),
            Panel::Findings => findings::draw_detail(state, inner, frame),
            Panel::Files => files::draw_text(state, inner, frame),
            Panel::Catalog => catalog::draw_text(state, inner, frame),
        }
    }
    if let Some(area) = areas.minimap {
        minimap::draw(state, area, frame);
    }
    status::draw(state, areas.status, frame);
    if let Some(area) = areas.dialog {
        frame.render_widget(Clear, area);
        dialogs::draw(state, area, frame);
    }
}

/// A plan without environments.
fn nothing(state: &State, area: Rect, frame: &mut Frame) {
    let lines = vec![
        Line::default(),
        Line::from("  the plan has no environment yet"),
        Line::styled(
            format!("  {} adds one", state.keymap.shown(Command::Add)),
            state.theme.dim(),
        ),
    ];
    paragraph(lines, area, frame);
}

/// Draws the line between a side and what it stands beside or below; what is left of it.
fn beside(state: &State, area: Rect, frame: &mut Frame) -> Rect {
    let dim = state.theme.dim();
    if area.width == 0 || area.height == 0 {
        return area;
    }
    let (vertical, horizontal) = match state.charset {
        Charset::Unicode => ("│", "─"),
        Charset::Ascii => ("|", "-"),
    };
    let buffer = frame.buffer_mut();
    if is_stacked(state) {
        let line = horizontal.repeat(usize::from(area.width));
        buffer.set_string(area.x, area.y, line, dim);
    } else {
        for y in area.top()..area.bottom() {
            buffer.set_string(area.x, y, vertical, dim);
        }
    }
    inside(state, area)
}

/// What is left of a side without the line before it.
pub fn inside(state: &State, side: Rect) -> Rect {
    let Rect {
        x,
        y,
        width,
        height,
    } = side;
    match is_stacked(state) {
        // Below the names in the header, as everything else is.
        true => Rect::new(
            x + 1,
            y + 1,
            width.saturating_sub(1),
            height.saturating_sub(1),
        ),
        false => Rect::new(x + 2, y, width.saturating_sub(2), height),
    }
}

/// The first entry of a list that is shown, so that the selected one is.
pub fn list_offset(selected: usize, count: usize, height: u16) -> usize {
    let height = usize::from(height);
    let most = count.saturating_sub(height);
    selected.saturating_sub(height / 2).min(most)
}

/// A list of lines with one selected.
fn list(
    lines: &mut dyn Iterator<Item = Line<'static>>,
    selected: usize,
    count: usize,
    area: Rect,
    state: &State,
    frame: &mut Frame,
) {
    let offset = list_offset(selected, count, area.height);
    let shown = lines
        .enumerate()
        .skip(offset)
        .take(usize::from(area.height));
    for (row, (at, line)) in shown.enumerate() {
        let row_area = Rect::new(area.x, area.y + row as u16, area.width, 1);
        let is_cut = line.width() > usize::from(area.width);
        frame.render_widget(line, row_area);
        if is_cut {
            mark_cut(state, row_area.right().saturating_sub(1), row_area, frame);
        }
        if at == selected {
            frame
                .buffer_mut()
                .set_style(row_area, state.theme.selected());
        }
    }
}

/// Marks the edge of a row as one where its line goes on.
fn mark_cut(state: &State, x: u16, row: Rect, frame: &mut Frame) {
    let mark = match state.charset {
        Charset::Unicode => "…",
        Charset::Ascii if x == row.left() => "<",
        Charset::Ascii => ">",
    };
    if let Some(cell) = frame.buffer_mut().cell_mut((x, row.y)) {
        cell.set_symbol(mark);
    }
}

/// Lines as they are, cut at the area's edges.
fn paragraph(lines: Vec<Line<'_>>, area: Rect, frame: &mut Frame) {
    frame.render_widget(Paragraph::new(lines), area);
}

/// Lines that go on in the next row where they are too long, from row `scroll` on or from the last that fills
/// the area.
fn wrapped(lines: Vec<Line<'_>>, scroll: usize, area: Rect, frame: &mut Frame) {
    let rows = wrap(&lines, usize::from(area.width));
    let most = rows.len().saturating_sub(usize::from(area.height));
    let shown = rows.into_iter().skip(scroll.min(most));
    paragraph(shown.take(usize::from(area.height)).collect(), area, frame);
}

/// The last row of lines that can come first.
fn most_scroll(lines: &[Line<'_>], area: Rect) -> usize {
    let rows = wrap(lines, usize::from(area.width));
    rows.len().saturating_sub(usize::from(area.height))
}

/// Lines in as many columns as there is room for, one after the other. Those for which there is none are not made:
/// `left` says in the last row what they are, knowing how many are shown.
fn columns(
    lines: impl Iterator<Item = Line<'static>>,
    left: impl Fn(usize) -> Line<'static>,
    area: Rect,
    frame: &mut Frame,
) {
    let count = (area.width / COLUMN).max(1);
    let width = area.width / count;
    let height = area.height.max(1);
    let text_width = usize::from(width.saturating_sub(2));
    let rows = lines.enumerate().flat_map(|(nth, line)| {
        let rows = wrap(&[line], text_width).into_iter();
        rows.map(move |row| (nth, row))
    });
    let room = usize::from(count) * usize::from(height);
    let mut rows: Vec<(usize, Line<'static>)> = rows.take(room + 1).collect();
    // Where there is hardly room, what is said is worth more than that there is more.
    let is_said = rows.len() > room && room > 2;
    rows.truncate(if is_said { room - 1 } else { room });
    if is_said {
        // What has begun is shown, if not to its end.
        let n_shown = rows.last().map_or(0, |(nth, _)| nth + 1);
        let said = wrap(&[left(n_shown)], text_width);
        rows.extend(said.into_iter().take(1).map(|row| (n_shown, row)));
    }
    for (nth, (_, row)) in rows.into_iter().enumerate() {
        let (column, below) = (nth as u16 / height, nth as u16 % height);
        let place = Rect::new(area.x + column * width, area.y + below, width, 1);
        frame.render_widget(row, place.intersection(area));
    }
}

/// A heading between lines.
fn heading(text: impl Into<String>, state: &State) -> Line<'static> {
    Line::styled(text.into(), state.theme.dim())
}

fn span(text: impl Into<String>, style: Style) -> Span<'static> {
    Span::styled(text.into(), style)
}
