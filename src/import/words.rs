//! Credentials in the words of commands and healthchecks: a name that the plan may hold takes the place of each.

use crate::compose_file::Place;
use crate::import::container::texts;
use crate::import::draft::{Credential, Draft};
use crate::import::secrets::{Secrets, leave};
use crate::model::{VariableName, secret_word};
use crate::secret_shape::Spot;

/// Most places of credentials that are looked for in one command.
pub(super) const MOST: usize = 32;

/// Puts names in the place of the credentials of a service's commands. What still holds one goes: a plan must not.
pub(super) fn take(draft: &mut Draft<'_>, secrets: &Secrets) {
    // What becomes of a command depends on the program that is left.
    for key in ["entrypoint", "command", "healthcheck"] {
        let Some(node) = draft.take(key) else {
            continue;
        };
        let list = node.list().or_else(|| node.get("test")?.list());
        let words = list.map(texts).unwrap_or_default();
        if !secrets.stand_in_words(&words, &[]) {
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
    let mut placed: Vec<String> = Vec::new();
    for _ in 0..MOST {
        let all: Vec<&str> = placed.iter().map(String::as_str).collect();
        if !secrets.stand_in_words(&words, &all) {
            return Some((words, found));
        }
        let spot = secrets.first_in_words(&words, &all)?;
        let value = spot.text(&words).to_owned();
        let known = || draft.credentials.iter().chain(&found);
        let carrier = known().find(|credential| credential.value == value);
        let name = match carrier {
            Some(credential) => credential.variable.clone(),
            None => {
                let is_free = |name: &str| {
                    known().all(|credential| credential.variable != name) && !draft.sets(name)
                };
                free(&said_before(&words, &spot), is_free)
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
        put(&spot, &mut words, &name);
        placed.push(value);
    }
    None
}

/// Puts a name in the place of a credential.
pub(super) fn put(spot: &Spot, words: &mut [String], name: &str) {
    words[spot.word].replace_range(spot.range.clone(), &secret_word(name));
}

/// What the option or the variable before a credential calls it.
fn said_before(words: &[String], spot: &Spot) -> String {
    let (before, word) = (&words[..spot.word], &words[spot.word]);
    let line = before.iter().map(String::as_str);
    let line = line.chain([&word[..spot.range.start]]).collect::<Vec<_>>();
    let line = line.join(" ");
    let at = line.len();
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
    fn a_name_takes_the_place_of_one_credential_and_of_nothing_else() {
        let mut words = ["run", "-u", "root", "-proot root"].map(str::to_owned);
        let line = words.join(" ");
        let at = line.find("-proot").expect("it is there") + 2;
        let spot = Spot::of(&words, &line, &line[at..at + 4]).expect("it is in a word");
        assert_eq!((spot.word, spot.text(&words)), (3, "root"));
        put(&spot, &mut words, "A");
        assert_eq!(words.join(" "), "run -u root -p{{ secret('A') }} root");
        assert_eq!(Spot::of(&words, &line, &line[..6]), None, "it is in two");
    }
}
