//! The small map: every card as a block, and the part that is shown.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, Clear};

use crate::tui::regions::regions;
use crate::tui::state::State;

/// Draws it.
pub fn draw(state: &State, area: Rect, frame: &mut Frame) {
    let Some(map) = &state.map else { return };
    frame.render_widget(Clear, area);
    let block = Block::bordered().border_style(state.theme.dim());
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let (width, height) = (map.layout.width.max(1), map.layout.height.max(1));
    let scaled = |x: i32, y: i32| {
        let column = x * i32::from(inner.width) / width;
        let row = y * i32::from(inner.height) / height;
        (
            inner.x + (column.max(0) as u16).min(inner.width.saturating_sub(1)),
            inner.y + (row.max(0) as u16).min(inner.height.saturating_sub(1)),
        )
    };
    let filled = match state.charset {
        crate::layout::Charset::Unicode => "▪",
        crate::layout::Charset::Ascii => "#",
    };
    let buffer = frame.buffer_mut();
    for card in &map.layout.cards {
        let from = scaled(card.area.x, card.area.y);
        let to = scaled(
            card.area.x + card.area.width - 1,
            card.area.y + card.area.height - 1,
        );
        for x in from.0..=to.0 {
            for y in from.1..=to.1 {
                if let Some(cell) = buffer.cell_mut((x, y)) {
                    cell.set_symbol(filled).set_style(state.theme.dim());
                }
            }
        }
    }
    let main = regions(state).main;
    let from = scaled(state.offset.0, state.offset.1);
    let to = scaled(
        state.offset.0 + i32::from(main.width) - 1,
        state.offset.1 + i32::from(main.height) - 1,
    );
    let shown = Rect::new(from.0, from.1, to.0 - from.0 + 1, to.1 - from.1 + 1);
    buffer.set_style(shown, state.theme.selected());
}
