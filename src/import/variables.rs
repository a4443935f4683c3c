//! Variables of a service: settings, and those that are credentials, which no plan holds.

use std::collections::BTreeSet;

use crate::compose_file::{Map, Node, Reading};
use crate::import::draft::{Credential, Draft};
use crate::model::VariableName;
use crate::secret_shape::looks_secret;
use crate::source::Written;

/// Shortest credential that is looked for in other texts, in characters: a shorter one is found by chance.
const SHORTEST: usize = 6;

/// Every credential in the variables of a project.
pub(super) fn credentials(reading: &Reading) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (_, service) in reading.section("services") {
        let variables = service.get("environment").and_then(Node::map);
        for (name, node) in variables.into_iter().flatten() {
            if let Some(value) = node.text().filter(|value| looks_secret(name, value)) {
                found.insert(value.to_owned());
            }
        }
    }
    found.retain(|value| value.chars().count() >= SHORTEST && value.parse::<f64>().is_err());
    found
}

/// Takes the variables of a service.
pub(super) fn take(draft: &mut Draft<'_>, variables: &Map, known: &BTreeSet<String>) {
    for (name, node) in variables {
        let Some(value) = node.text() else {
            draft.leave(
                &format!("environment.{name}"),
                node.place,
                "its value is that of the shell, which has none now",
            );
            continue;
        };
        if let Err(why) = VariableName::of_container(name) {
            draft.leave(
                &format!("environment.{name}"),
                node.place,
                format!("its name {why}, which many readers of env files refuse"),
            );
            continue;
        }
        if is_secret(name, value, known) {
            draft.say(&["secret-settings", name], Written::Flag(true));
            draft.credentials.push(Credential {
                component: draft.name.clone(),
                variable: name.to_string(),
                value: value.to_owned(),
                place: node.place,
            });
        } else if value.contains('\0') {
            draft.leave(
                &format!("environment.{name}"),
                node.place,
                "no variable can hold a zero byte",
            );
        } else {
            draft.say_text(&["settings", name], value);
        }
    }
}

/// Whether a variable's value is a credential, or holds one.
fn is_secret(name: &str, value: &str, known: &BTreeSet<String>) -> bool {
    looks_secret(name, value) || holds(value, known)
}

/// Whether a known credential stands in a text where credentials stand: as the whole, or between the marks that
/// set it off in connection strings. Many a password is a word that is found elsewhere by chance.
fn holds(text: &str, known: &BTreeSet<String>) -> bool {
    let mark = |c: char| matches!(c, ':' | '=' | '@' | ';' | '&' | ',' | ' ' | '"' | '\'');
    let stands_apart = |part: &str| known.contains(part);
    known.contains(text) || text.contains([':', '=', ' ']) && text.split(mark).any(stands_apart)
}

/// Whether the words of a command hold a credential: one that is known, or one behind `--password`.
pub(super) fn hold_a_credential(words: &[String], known: &BTreeSet<String>) -> bool {
    let named = |option: &str, value: &str| {
        let name = option.trim_start_matches('-').replace('-', "_");
        option.starts_with('-') && looks_secret(&name, value)
    };
    let follows = words
        .windows(2)
        .any(|pair| !pair[1].starts_with(['-', '$']) && named(&pair[0], &pair[1]));
    let is_one = |word: &String| {
        let (option, value) = word.split_once('=').unwrap_or((word, ""));
        looks_secret("", word)
            || !value.starts_with('$') && named(option, value)
            || holds(word, known)
    };
    follows || words.iter().any(is_one)
}
