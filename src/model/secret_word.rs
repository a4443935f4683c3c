//! Credentials in the words of a command: `{{ secret('NAME') }}` stands for one of the component's own, as in the
//! catalog. The plan holds its name alone.

use crate::model::VariableName;

/// A part of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordPart<'a> {
    /// What stands there.
    Text(&'a str),
    /// The name of a credential that takes this place.
    Secret(&'a str),
}

/// How the credential of this name is said in a word.
pub fn secret_word(name: &str) -> String {
    format!("{{{{ secret('{name}') }}}}")
}

/// The parts of a word; one text if no credential stands in it.
pub fn word_parts(word: &str) -> Vec<WordPart<'_>> {
    let mut parts = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(found) = word[at..].find("{{") {
        let start = at + found;
        match secret_at(&word[start..]) {
            Some((name, length)) => {
                if from < start {
                    parts.push(WordPart::Text(&word[from..start]));
                }
                parts.push(WordPart::Secret(name));
                (from, at) = (start + length, start + length);
            }
            None => at = start + 1,
        }
    }
    if from < word.len() || parts.is_empty() {
        parts.push(WordPart::Text(&word[from..]));
    }
    parts
}

/// The name that a text begins with the place of, and how long that place is.
fn secret_at(text: &str) -> Option<(&str, usize)> {
    let rest = text.strip_prefix("{{")?.trim_start();
    let rest = rest.strip_prefix("secret(")?.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let (name, rest) = rest[1..].split_once(quote)?;
    let rest = rest.trim_start().strip_prefix(')')?;
    let rest = rest.trim_start().strip_prefix("}}")?;
    let is_name = VariableName::new(name).is_ok();
    is_name.then_some((name, text.len() - rest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_places_of_credentials_are_found_and_nothing_else() {
        use WordPart::{Secret, Text};
        for (word, parts) in [
            ("", vec![Text("")]),
            ("plain", vec![Text("plain")]),
            ("{{ secret('A_B') }}", vec![Secret("A_B")]),
            (
                "x={{secret( \"A\" )}};{{ secret('B') }} é",
                vec![Text("x="), Secret("A"), Text(";"), Secret("B"), Text(" é")],
            ),
            (
                "{{{ secret('A') }}}",
                vec![Text("{"), Secret("A"), Text("}")],
            ),
            ("{{ secret('a b') }}", vec![Text("{{ secret('a b') }}")]),
            ("{{ secret('A\") }}", vec![Text("{{ secret('A\") }}")]),
            ("{{.Names}} {{", vec![Text("{{.Names}} {{")]),
        ] {
            assert_eq!(word_parts(word), parts, "{word}");
        }
        let said = secret_word("A");
        assert_eq!(word_parts(&said), [Secret("A")]);
    }
}
