//! The palette: every command that fits the panel, found by parts of its words.

use crate::tui::ask::best;
use crate::tui::command::Command;
use crate::tui::state::State;

/// The commands that a query finds, the best first; all of them for an empty one. Those that have its words, or words
/// that begin so, are all that is meant where there are any.
pub fn found(state: &State, query: &str) -> Vec<Command> {
    let typed = words_of(query);
    let fitting = Command::ALL
        .iter()
        .filter(|command| command.fits(state.panel));
    let ranked = fitting.filter_map(|command| Some((rank(*command, &typed)?, *command)));
    let mut ranked: Vec<_> = ranked.collect();
    if !typed.is_empty() && !ranked.is_empty() {
        ranked.sort_by_key(|(rank, _)| *rank);
        return ranked.into_iter().map(|(_, command)| command).collect();
    }
    let fitting = Command::ALL
        .iter()
        .filter(|command| command.fits(state.panel));
    let words = |command: &Command| format!("{} {}", command.name(), command.title());
    best(query, fitting.map(|command| (words(command), *command)))
}

/// How near the words of a command are to those that were typed, the nearest first; `None` if one of them begins none
/// of its words. What stands in its name is nearer than what stands in what it does.
fn rank(command: Command, typed: &[String]) -> Option<usize> {
    let (name, title) = (words_of(command.name()), words_of(command.title()));
    let rank_of = |typed: &String| {
        let is_whole = |words: &[String]| words.contains(typed);
        let is_begun = |words: &[String]| words.iter().any(|word| word.starts_with(typed));
        let ranks = [
            is_whole(&name),
            is_whole(&title),
            is_begun(&name),
            is_begun(&title),
        ];
        ranks.iter().position(|is_it| *is_it)
    };
    typed.iter().map(rank_of).sum()
}

fn words_of(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}
