//! The last row: what was just said, or what the keys of this panel do.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::finding::printed;
use crate::tui::command::Command;
use crate::tui::state::{Panel, State};
use crate::tui::view::span;

/// Draws it.
pub fn draw(state: &State, area: Rect, frame: &mut Frame) {
    if let Some(notice) = &state.notice {
        let style = match notice.is_error {
            true => state.theme.removed(),
            false => state.theme.accent(),
        };
        let line = Line::styled(format!(" {}", printed(&notice.text)), style);
        frame.render_widget(line, area);
        return;
    }
    let mut spans = Vec::new();
    let mut width = 0;
    for (command, words) in hints(state) {
        let key = state.keymap.shown(*command);
        if key.is_empty() || command.available(state).is_err() {
            continue;
        }
        let next = key.chars().count() + words.chars().count() + 4;
        if width + next > usize::from(area.width) {
            break;
        }
        width += next;
        spans.push(span(format!(" {key}"), state.theme.accent()));
        spans.push(span(format!(" {words}  "), state.theme.dim()));
    }
    frame.render_widget(Line::from(spans), area);
}

/// What is worth saying in each panel, the most useful first.
fn hints(state: &State) -> &'static [(Command, &'static str)] {
    match state.panel {
        Panel::Map => &[
            (Command::Help, "keys"),
            (Command::Quit, "quit"),
            (Command::Down, "select"),
            (Command::NextEnvironment, "environment"),
            (Command::NextFinding, "finding"),
            (Command::Search, "search"),
            (Command::Focus, "focus"),
            (Command::LessDetail, "less"),
            (Command::MoreDetail, "more"),
            (Command::Edit, "edit"),
            (Command::Palette, "commands"),
        ],
        Panel::Matrix => &[
            (Command::Help, "keys"),
            (Command::Quit, "quit"),
            (Command::Enter, "show on the map"),
            (Command::NextEnvironment, "environment"),
            (Command::Edit, "edit"),
            (Command::Palette, "commands"),
        ],
        Panel::Findings => &[
            (Command::Help, "keys"),
            (Command::Quit, "quit"),
            (Command::Enter, "show on the map"),
            (Command::ToggleEnvironments, "this or all environments"),
            (Command::Edit, "open the line"),
            (Command::NextEnvironment, "environment"),
        ],
        Panel::Files => &[
            (Command::Help, "keys"),
            (Command::Quit, "quit"),
            (Command::Down, "file"),
            (Command::ToggleDiff, "file or diff"),
            (Command::ScrollDown, "scroll"),
            (Command::NextEnvironment, "environment"),
        ],
        Panel::Catalog => &[
            (Command::Help, "keys"),
            (Command::Quit, "quit"),
            (Command::Down, "kind"),
            (Command::ScrollDown, "scroll"),
        ],
    }
}
