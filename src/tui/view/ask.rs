//! A question: what it is about, the line to type on, what is wrong with it so far, and answers to choose from.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Padding};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::finding::printed;
use crate::layout::Charset;
use crate::tui::ask::{Ask, Offer};
use crate::tui::state::State;
use crate::tui::update::ask::fault;
use crate::tui::view::wrap::wrap;
use crate::tui::view::{list, paragraph, span};

/// Widest column of answers.
const WIDEST: usize = 24;

/// Draws it.
pub fn draw(state: &State, ask: &Ask, area: Rect, frame: &mut Frame) {
    let keys = match ask.is_choice {
        true if ask.marked.is_some() => {
            " ↑↓ choose · space marks several · enter takes it · esc leaves "
        }
        true => " ↑↓ choose · enter takes it · esc leaves ",
        false if ask.is_for_compose_files() => {
            " enter reads them · esc leaves · ctrl-e names env files "
        }
        false => " enter takes it · esc leaves ",
    };
    let keys = match state.charset {
        Charset::Unicode => keys.to_owned(),
        Charset::Ascii => keys.replace("↑↓", "up down").replace('·', "-"),
    };
    let block = Block::bordered()
        .title(format!(" {} ", printed(&ask.title)))
        .title_bottom(Line::styled(keys, state.theme.dim()))
        .border_style(state.theme.accent())
        .padding(Padding::horizontal(1));
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let mut rest = inner;
    let about = about(state, ask, usize::from(inner.width));
    let rows = rows_of_about(ask, about.len(), inner);
    if rows > 0 {
        let last = about.len().saturating_sub(usize::from(rows));
        let first = ask.scroll.min(last);
        let mut shown: Vec<Line> = about
            .into_iter()
            .skip(first)
            .take(usize::from(rows))
            .collect();
        let left = last - first;
        // Where there is one row, it is read line by line.
        if left > 0
            && rows > 1
            && let Some(last) = shown.last_mut()
        {
            let more = format!("… {} more lines: page down, page up", left + 1);
            *last = Line::styled(more, state.theme.dim());
        }
        paragraph(
            shown,
            Rect {
                height: rows,
                ..rest
            },
            frame,
        );
        rest.y += rows + 1;
        rest.height = rest.height.saturating_sub(rows + 1);
    }
    let room = usize::from(rest.width).saturating_sub(3);
    let prompt = Line::from(vec![
        span("> ", state.theme.accent()),
        Span::raw(end_of(&printed(&ask.query), room, state.charset)),
        span(" ", state.theme.selected()),
    ]);
    frame.render_widget(
        prompt,
        Rect {
            height: rest.height.min(1),
            ..rest
        },
    );
    let below = Rect {
        y: rest.y + 1.min(rest.height),
        height: rest.height.saturating_sub(1),
        ..rest
    };
    match fault(state, ask) {
        Some(fault) => {
            let line = Line::styled(printed(&fault), state.theme.removed());
            let rows = wrap(&[line], usize::from(below.width));
            paragraph(rows, below, frame);
        }
        None => offers(state, ask, below, frame),
    }
}

/// How many rows what it is about gets of the inside of the dialog: it may take what the answers leave.
fn rows_of_about(ask: &Ask, n_lines: usize, inner: Rect) -> u16 {
    let answers = (ask.offers.len() as u16).min(8) + 3;
    let n_lines = u16::try_from(n_lines).unwrap_or(u16::MAX);
    n_lines.min(inner.height.saturating_sub(answers))
}

/// By how many lines a page of what it is about is turned, and the last line that can come first, in a dialog
/// that lies there.
pub fn pages(state: &State, ask: &Ask, area: Rect) -> (usize, usize) {
    let inner = Block::bordered()
        .padding(Padding::horizontal(1))
        .inner(area);
    let n_lines = about(state, ask, usize::from(inner.width)).len();
    let rows = usize::from(rows_of_about(ask, n_lines, inner));
    // The last row says how much is left, and its line comes first on the next page.
    (rows.saturating_sub(1).max(1), n_lines.saturating_sub(rows))
}

/// What fits of a text that is typed: its end, which is where typing goes on.
fn end_of(text: &str, room: usize, charset: Charset) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let cut = match charset {
        Charset::Unicode => "…",
        Charset::Ascii => "<",
    };
    let mut left = room.saturating_sub(1);
    let fits = |(_, c): &(usize, char)| {
        let rest = left.checked_sub(c.width().unwrap_or_default());
        left = rest.unwrap_or_default();
        rest.is_some()
    };
    let from = text.char_indices().rev().take_while(fits).last();
    let end = from.map_or("", |(from, _)| &text[from..]);
    format!("{cut}{end}")
}

fn about(state: &State, ask: &Ask, width: usize) -> Vec<Line<'static>> {
    let style = |line: &str| match line.get(..2) {
        Some("+ ") => state.theme.added(),
        Some("- ") => state.theme.removed(),
        _ => state.theme.dim(),
    };
    let faults = ask.faults.iter();
    let faults = faults.map(|line| Line::styled(printed(line), state.theme.removed()));
    let lines = ask
        .about
        .iter()
        .map(|line| Line::styled(printed(line), style(line)));
    wrap(&faults.chain(lines).collect::<Vec<Line>>(), width)
}

fn offers(state: &State, ask: &Ask, area: Rect, frame: &mut Frame) {
    let found = ask.found();
    // Where there is hardly room, the selected answer is worth more than a gap.
    let gap = u16::from(area.height > 2);
    let area = Rect {
        y: area.y + gap,
        height: area.height - gap,
        ..area
    };
    if found.is_empty() {
        if ask.is_choice {
            let line = Line::styled("nothing is called so", state.theme.dim());
            frame.render_widget(
                line,
                Rect {
                    height: area.height.min(1),
                    ..area
                },
            );
        }
        return;
    }
    let widest = ask.offers.iter().map(|offer| offer.answer.width()).max();
    let width = widest.unwrap_or_default().min(WIDEST);
    let line = |offer: &&Offer| {
        let mark = match &ask.marked {
            None => "",
            Some(_) if ask.is_marked(&offer.answer) => "[x] ",
            Some(_) => "[ ] ",
        };
        Line::from(vec![
            span(mark, state.theme.accent()),
            Span::raw(format!("{:width$}  ", printed(&offer.answer))),
            span(printed(&offer.note), state.theme.dim()),
        ])
    };
    let count = found.len();
    let lines: Vec<Line> = found.iter().map(line).collect();
    let selected = ask.selected.unwrap_or(usize::MAX);
    // Where a row is cut, the selected one stands in full below; as much room is kept for each.
    let notes = found
        .iter()
        .map(|offer| wrap(&[Line::raw(printed(&offer.note))], area.width.into()));
    let notes: Vec<Vec<Line>> = notes.collect();
    let is_cut = lines.iter().any(|line| line.width() > area.width.into());
    let rows = notes.iter().map(Vec::len).max().filter(|_| is_cut);
    let below = rows.map_or(0, |rows| (rows as u16 + 1).min(area.height / 2));
    let above = Rect {
        height: area.height - below,
        ..area
    };
    list(&mut lines.into_iter(), selected, count, above, state, frame);
    if let Some(note) = notes.into_iter().nth(selected).filter(|_| below > 1) {
        let place = Rect {
            y: above.bottom() + 1,
            height: below - 1,
            ..area
        };
        paragraph(note, place, frame);
    }
}
