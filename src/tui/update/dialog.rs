//! What keys do while something lies over the panels: they type, choose and close.

use crossterm::event::KeyCode;

use crate::report::changes::Changes;
use crate::tui::command::Command;
use crate::tui::key::Key;
use crate::tui::msg::Effect;
use crate::tui::state::{AfterSaving, Dialog, Notice, State};
use crate::tui::update::{ask, comparison, import, navigate, properties, run, select};
use crate::tui::view::palette;

/// Gives a key to the dialog.
pub fn on_key(state: &mut State, key: Key) -> Vec<Effect> {
    if import::is_reading(state) {
        match key.code {
            KeyCode::Esc => import::give_up(state),
            _ => import::say_that_it_reads(state),
        }
        return Vec::new();
    }
    let command = state
        .keymap
        .command(crate::tui::command::Scope::Everywhere, key)
        .filter(|_| key.typed().is_none() || !has_text(state));
    if key.code == KeyCode::Esc || (command == Some(Command::Back) && !has_text(state)) {
        close(state);
        return Vec::new();
    }
    match state.dialog.take() {
        Some(Dialog::Help { scroll }) => {
            state.dialog = scrolled(scroll, command).map(|scroll| Dialog::Help { scroll });
            Vec::new()
        }
        Some(Dialog::Palette { query, selected }) => in_palette(state, query, selected, key),
        Some(Dialog::Search { query, selected }) => {
            in_search(state, query, selected, key);
            Vec::new()
        }
        Some(Dialog::Changes { changes, scroll }) => {
            let scroll = scrolled(scroll, command);
            state.dialog = scrolled_changes(changes, scroll);
            Vec::new()
        }
        Some(Dialog::Written { steps, scroll }) => {
            let scroll = scrolled(scroll, command);
            state.dialog = scroll.map(|scroll| Dialog::Written { steps, scroll });
            Vec::new()
        }
        Some(Dialog::Comparison { with, selected }) => {
            comparison::on_key(state, with, selected, key);
            Vec::new()
        }
        Some(Dialog::Ask(question)) => ask::on_key(state, *question, key),
        Some(Dialog::Properties { of, selected }) => properties::on_key(state, of, selected, key),
        None => Vec::new(),
    }
}

fn scrolled_changes(changes: Box<Changes>, scroll: Option<usize>) -> Option<Dialog> {
    scroll.map(|scroll| Dialog::Changes { changes, scroll })
}

/// Closes what is open, back to what it came from.
pub fn close(state: &mut State) {
    import::give_up(state);
    let back = match state.dialog.take() {
        Some(Dialog::Ask(question)) => {
            // What was typed so far is gone, which is not seen on the screen.
            if question.then.is_late() {
                state.notice = Some(Notice::said("given up: nothing was changed"));
            }
            question.back
        }
        _ => None,
    };
    state.dialog = back.map(|back| *back);
    state.after_saving = AfterSaving::default();
}

/// Types a pasted text.
pub fn paste(state: &mut State, text: &str) -> Vec<Effect> {
    if import::is_reading(state) {
        return Vec::new();
    }
    let typed = text.chars().filter(|c| !c.is_control());
    if let Some(Dialog::Palette { query, selected } | Dialog::Search { query, selected }) =
        &mut state.dialog
    {
        query.extend(typed);
        *selected = 0;
    } else if let Some(Dialog::Ask(question)) = &mut state.dialog {
        question.query.extend(typed);
        ask::begin_again(question);
        return import::completed(question);
    }
    Vec::new()
}

fn has_text(state: &State) -> bool {
    matches!(
        state.dialog,
        Some(Dialog::Palette { .. } | Dialog::Search { .. } | Dialog::Ask(_))
    )
}

/// The first line after a command; nothing if it closes the text.
fn scrolled(scroll: usize, command: Option<Command>) -> Option<usize> {
    match command {
        Some(Command::Down) => Some(scroll + 1),
        Some(Command::Up) => Some(scroll.saturating_sub(1)),
        Some(Command::PageDown) => Some(scroll + 10),
        Some(Command::PageUp) => Some(scroll.saturating_sub(10)),
        Some(Command::First) => Some(0),
        Some(Command::Last) => Some(usize::MAX / 2),
        Some(Command::Help | Command::Quit | Command::Enter) => None,
        _ => Some(scroll),
    }
}

/// What a key does to a line of text and the choice below it.
fn typed(query: &mut String, selected: &mut usize, count: usize, key: Key) {
    match (key.code, key.typed()) {
        (KeyCode::Up, _) => *selected = selected.saturating_sub(1),
        (KeyCode::Down, _) => *selected = (*selected + 1).min(count.saturating_sub(1)),
        (KeyCode::Backspace, _) => {
            query.pop();
            *selected = 0;
        }
        (KeyCode::Char('u'), None) => {
            query.clear();
            *selected = 0;
        }
        (_, Some(c)) => {
            query.push(c);
            *selected = 0;
        }
        _ => {}
    }
}

fn in_palette(state: &mut State, mut query: String, mut selected: usize, key: Key) -> Vec<Effect> {
    let found = palette::found(state, &query);
    if key.code == KeyCode::Enter {
        return match found.get(selected) {
            Some(command) => run(state, *command),
            None => Vec::new(),
        };
    }
    typed(&mut query, &mut selected, found.len(), key);
    state.dialog = Some(Dialog::Palette { query, selected });
    Vec::new()
}

fn in_search(state: &mut State, mut query: String, mut selected: usize, key: Key) {
    if key.code == KeyCode::Enter {
        let things = select::matches(state, &query);
        if let Some(thing) = things.get(selected).filter(|_| !query.is_empty()) {
            state.selection = Some(thing.clone());
            state.focus = None;
            state.panel = crate::tui::state::Panel::Map;
            super::lay_out(state);
            navigate::follow(state);
        }
        state.search = query;
        return;
    }
    let count = select::matches(state, &query).len();
    typed(&mut query, &mut selected, count, key);
    state.dialog = Some(Dialog::Search { query, selected });
}
