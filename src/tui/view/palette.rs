//! The palette: every command that fits the panel, found by parts of its words.

use crate::tui::ask::best;
use crate::tui::command::Command;
use crate::tui::state::State;

/// The commands that a query finds, the best first; all of them for an empty one.
pub fn found(state: &State, query: &str) -> Vec<Command> {
    let fitting = Command::ALL
        .iter()
        .filter(|command| command.fits(state.panel));
    let words = |command: &Command| format!("{} {}", command.name(), command.title());
    best(query, fitting.map(|command| (words(command), *command)))
}
