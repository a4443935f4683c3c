//! The palette: every command that fits the panel, found by parts of its words.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher};

use crate::tui::command::Command;
use crate::tui::state::State;

/// The commands that a query finds, the best first; all of them for an empty one.
pub fn found(state: &State, query: &str) -> Vec<Command> {
    let fitting = || {
        Command::ALL
            .iter()
            .filter(|command| command.fits(state.panel))
    };
    if query.trim().is_empty() {
        return fitting().copied().collect();
    }
    let pattern = Pattern::parse(query, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut scored: Vec<(u32, Command)> = fitting()
        .filter_map(|command| {
            let words = format!("{} {}", command.name(), command.title());
            let words = nucleo_matcher::Utf32Str::new(&words, &mut buffer);
            Some((pattern.score(words, &mut matcher)?, *command))
        })
        .collect();
    scored.sort_by_key(|(score, command)| (std::cmp::Reverse(*score), *command));
    scored.into_iter().map(|(_, command)| command).collect()
}
