//! Credentials in the words of commands and healthchecks: a name that the plan may hold takes the place of each.

use crate::compose_file::Place;
use crate::import::container::texts;
use crate::import::draft::{Credential, Draft};
use crate::import::secrets::{Secrets, leave, stands_at};
use crate::model::{VariableName, secret_word};

/// Most credentials that are looked for in one command.
pub(super) const MOST: usize = 16;

/// Puts names in the place of the credentials of a service's commands. What still holds one goes: a plan must not.
pub(super) fn take(draft: &mut Draft<'_>, secrets: &Secrets) {
    // What becomes of a command depends on the program that is left.
    for key in ["entrypoint", "command", "healthcheck"] {
        let Some(node) = draft.take(key) else {
            continue;
        };
        let list = node.list().or_else(|| node.get("test")?.list());
        let words = list.map(texts).unwrap_or_default();
        if !secrets.stand_in_words(&words) {
            draft.give_back(key, node);
            continue;
        }
        match named(&words, draft, secrets, node.place) {
            Some((words, credentials)) => {
                draft.credentials.extend(credentials);
                draft.words.insert(key, words);
                draft.give_back(key, node);
            }
            None => leave(draft, key, node.place),
        }
    }
}

/// Words with names in place of all credentials, and those that nothing else of the service carries.
fn named(
    words: &[String],
    draft: &Draft<'_>,
    secrets: &Secrets,
    place: Place,
) -> Option<(Vec<String>, Vec<Credential>)> {
    let mut words = words.to_vec();
    let mut found: Vec<Credential> = Vec::new();
    for _ in 0..MOST {
        if !secrets.stand_in_words(&words) {
            return Some((words, found));
        }
        let value = secrets.first_in_words(&words)?;
        let known = || draft.credentials.iter().chain(&found);
        let carrier = known().find(|credential| credential.value == value);
        let name = match carrier {
            Some(credential) => credential.variable.clone(),
            None => {
                let is_free = |name: &str| {
                    known().all(|credential| credential.variable != name) && !draft.sets(name)
                };
                free(&said_before(&words, &value), is_free)
            }
        };
        if carrier.is_none() {
            found.push(Credential {
                component: draft.name.clone(),
                variable: name.clone(),
                value: value.clone(),
                place,
            });
        }
        let put: Vec<String> = words.iter().map(|word| put(word, &value, &name)).collect();
        if put == words {
            return None;
        }
        words = put;
    }
    None
}

/// `word` with a credential's name wherever the credential stands.
pub(super) fn put(word: &str, value: &str, name: &str) -> String {
    let mut text = String::with_capacity(word.len());
    let mut from = 0;
    for (at, _) in word.match_indices(value) {
        let is_behind =
            matches!(&word[..at], before if before.ends_with("-p") || before.ends_with("-a"));
        if at < from || !is_behind && !stands_at(word, at, value) {
            continue;
        }
        text.push_str(&word[from..at]);
        text.push_str(&secret_word(name));
        from = at + value.len();
    }
    text.push_str(&word[from..]);
    text
}

/// What the option or the variable before a credential calls it.
fn said_before(words: &[String], value: &str) -> String {
    let line = words.join(" ");
    let at = line.find(value).unwrap_or_default();
    let before = line[..at].trim_end_matches([' ', '=', '"', '\'']);
    let last =
        before.rsplit(|c: char| c.is_whitespace() || matches!(c, ';' | '&' | '?' | '"' | '\''));
    let last = last.into_iter().next().unwrap_or_default();
    let plain = last.trim_start_matches('-');
    let is_option = plain.len() < last.len() && plain.len() >= 3;
    let is_variable = line[..at].trim_end_matches(['"', '\'']).ends_with('=')
        && plain
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let name = VariableName::shouted(plain);
    match (is_option || is_variable) && VariableName::new(&name).is_ok() {
        true => name,
        false => "PASSWORD".to_owned(),
    }
}

/// `name`, or with the first number behind it that makes it free.
fn free(name: &str, is_free: impl Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    let mut all = std::iter::once(name.to_owned()).chain(numbered);
    all.find(|name| is_free(name)).expect("numbers do not end")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_not_found_in_the_name_that_took_its_place() {
        let name = "{{ secret('secret') }}";
        let once = put("echo secret>/x; run --pass secret", "secret", "secret");
        assert_eq!(once, format!("echo {name}>/x; run --pass {name}"));
        assert_eq!(put(&once, "secret", "OTHER"), once);
    }
}
