//! The last row: what was just said, or what the keys of this panel do.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Clear;

use crate::finding::printed;
use crate::tui::command::Command;
use crate::tui::state::{Panel, State};
use crate::tui::view::wrap::wrap;
use crate::tui::view::{paragraph, span};

/// Draws it.
pub fn draw(state: &State, area: Rect, frame: &mut Frame) {
    if let Some(notice) = &state.notice {
        let style = match notice.is_error {
            true => state.theme.removed(),
            false => state.theme.accent(),
        };
        let line = Line::styled(printed(&notice.text), style);
        let rows = wrap(&[line], usize::from(area.width.saturating_sub(2)));
        // What is long is read in full, over what stands above.
        let height = (rows.len() as u16).clamp(1, area.y + 1);
        let above = Rect::new(area.x, area.bottom() - height, area.width, height);
        frame.render_widget(Clear, above);
        let inner = Rect::new(above.x + 1, above.y, above.width.saturating_sub(1), height);
        paragraph(rows, inner, frame);
        return;
    }
    if let Some(carried) = &state.carried {
        let drop = state.keymap.shown(Command::PickUp);
        let back = state.keymap.shown(Command::Back);
        let text = format!(
            " {} is picked up: go to a host and press {drop}; {back} lets it stay",
            carried.component
        );
        frame.render_widget(Line::styled(text, state.theme.accent()), area);
        return;
    }
    let undo = state
        .history
        .undo_title()
        .map(|title| format!("undo: {}", printed(title)));
    let mut spans = Vec::new();
    let mut width = 0;
    let undo = undo.as_deref().map(|words| (Command::Undo, words));
    let save = state.is_edited().then_some((Command::Save, "save"));
    let begin = state.plan.path.is_none() && !state.is_edited();
    let import = import_words(state);
    let mut begin = match begin {
        true => vec![
            (Command::NewPlan, "begin your own plan"),
            (Command::Import, import.as_str()),
        ],
        false => Vec::new(),
    };
    // What is there already comes first.
    begin.sort_by_key(|(command, _)| *command != Command::Import || state.proposed.is_empty());
    let hints = hints(state).iter().copied();
    let first = begin.into_iter().chain(save).chain(undo);
    for (command, words) in first.chain(hints) {
        let key = state.keymap.shown(command);
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

/// What an import would be of.
fn import_words(state: &State) -> String {
    let first = state
        .proposed
        .first()
        .and_then(|wanted| wanted.files.first());
    match first {
        Some(file) => format!("import {}", printed(&file.display().to_string())),
        None => "import compose files".to_owned(),
    }
}

/// What is worth saying in each panel, the most useful first.
fn hints(state: &State) -> &'static [(Command, &'static str)] {
    match state.panel {
        Panel::Map => &[
            (Command::Help, "keys"),
            (Command::Quit, "quit"),
            (Command::Down, "select"),
            (Command::NextEnvironment, "environment"),
            (Command::Add, "add"),
            (Command::Properties, "change"),
            (Command::PickUp, "move"),
            (Command::Connect, "connect"),
            (Command::NextFinding, "finding"),
            (Command::Generate, "write files"),
            (Command::Search, "search"),
            (Command::Focus, "focus"),
            (Command::Palette, "commands"),
        ],
        Panel::Matrix => &[
            (Command::Help, "keys"),
            (Command::Quit, "quit"),
            (Command::Enter, "show on the map"),
            (Command::NextEnvironment, "environment"),
            (Command::PickUp, "place"),
            (Command::Compare, "compare"),
            (Command::Properties, "change"),
            (Command::Palette, "commands"),
        ],
        Panel::Findings => &[
            (Command::Help, "keys"),
            (Command::Quit, "quit"),
            (Command::Enter, "show on the map"),
            (Command::Fix, "fix"),
            (Command::FixAll, "fix all"),
            (Command::SetLevel, "level"),
            (Command::ToggleEnvironments, "this or all environments"),
            (Command::Edit, "open the line"),
            (Command::NextEnvironment, "environment"),
        ],
        Panel::Files => &[
            (Command::Help, "keys"),
            (Command::Quit, "quit"),
            (Command::Down, "file"),
            (Command::ToggleDiff, "file or diff"),
            (Command::Generate, "write"),
            (Command::ToggleCredentials, "credentials"),
            (Command::ScrollDown, "scroll"),
            (Command::PanRight, "to the side"),
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
