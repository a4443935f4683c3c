//! Credentials in what is said of a text: a message may repeat what stands where something is wrong.

use std::ops::Range;

/// The credentials of texts, which nothing that is said may repeat.
#[derive(Debug, Default)]
pub struct Hidden {
    texts: Vec<String>,
}

/// From this many bytes on a credential is hidden wherever it stands; shorter ones as a whole quote alone.
const SHORT: usize = 4;

/// From this many bytes on what is no plain word is no word of a sentence.
const UNLIKE_A_WORD: usize = 6;

/// What stands in the place of a credential in a sentence.
const MASK: &str = "********";

impl Hidden {
    /// The credentials at these places of a text: those near what is spoken of, for which `is_near` holds, and
    /// those that are no words that a sentence has anyway.
    pub fn of<'p>(
        text: &str,
        places: impl IntoIterator<Item = &'p Range<usize>>,
        is_near: impl Fn(&Range<usize>) -> bool,
    ) -> Hidden {
        let mut hidden = Hidden::default();
        hidden.add(text, places, is_near);
        hidden
    }

    /// Adds those of another text.
    pub fn add<'p>(
        &mut self,
        text: &str,
        places: impl IntoIterator<Item = &'p Range<usize>>,
        is_near: impl Fn(&Range<usize>) -> bool,
    ) {
        for place in places {
            let Some(said) = text.get(place.clone()) else {
                continue;
            };
            if is_near(place) || is_unlike_a_word(said) {
                self.texts.extend(spellings(said));
            }
        }
        // One may hold another.
        self.texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        self.texts.dedup();
    }

    /// What is said, without them.
    pub fn out_of(&self, said: &str) -> String {
        let mut said = said.to_owned();
        for text in &self.texts {
            if text.len() >= SHORT {
                if said.contains(text.as_str()) {
                    said = said.replace(text.as_str(), MASK);
                }
                if said.contains("…`") {
                    said = without_a_begun(&said, text);
                }
            } else {
                said = said.replace(&format!("`{text}`"), &format!("`{MASK}`"));
            }
        }
        said
    }
}

fn is_unlike_a_word(text: &str) -> bool {
    let is_of_word = |byte: u8| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'_' | b' ');
    text.len() >= UNLIKE_A_WORD && !text.bytes().all(is_of_word)
}

/// A credential as it is written, and as it is meant where something in it is escaped.
fn spellings(text: &str) -> Vec<String> {
    let trimmed = text.trim();
    let quotes = ['"', '\''];
    let plain = trimmed.trim_matches(quotes);
    // Compose has two dollars for one.
    let meant = [
        plain.replace("''", "'"),
        plain.replace('\\', ""),
        plain.replace('$', "$$"),
    ];
    let mut all = vec![plain.to_owned()];
    // Where a text has no end it takes in what stands behind it.
    let mut words = plain.split_whitespace();
    all.extend(
        words
            .next()
            .filter(|word| word.len() >= SHORT)
            .map(str::to_owned),
    );
    all.extend(
        words
            .filter(|word| is_unlike_a_word(word))
            .map(str::to_owned),
    );
    all.extend(meant.into_iter().filter(|meant| *meant != plain));
    all.retain(|text| !text.is_empty());
    all
}

/// What is said without the beginning of a credential before the mark of what was cut off.
fn without_a_begun(said: &str, text: &str) -> String {
    let mut out = String::with_capacity(said.len());
    let mut parts = said.split("…`").peekable();
    while let Some(part) = parts.next() {
        let is_cut = parts.peek().is_some();
        let begun = text.char_indices().map(|(at, _)| &text[..at]).rev();
        let begun = begun.filter(|begun| begun.len() >= SHORT);
        let begun = is_cut.then(|| begun.into_iter().find(|begun| part.ends_with(begun)));
        match begun.flatten() {
            Some(begun) => {
                out.push_str(&part[..part.len() - begun.len()]);
                out.push_str(MASK);
            }
            None => out.push_str(part),
        }
        if is_cut {
            out.push_str("…`");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_said_repeats_a_credential() {
        let text = "A: hunter2\nB: db\nC: it''s+one+that+is+long";
        let places = [3..10, 14..16, 20..text.len()];
        let hidden = Hidden::of(text, &places, |place| place.start == 14);
        for (said, wanted) in [
            ("`hunter2` is no port", "`********` is no port"),
            ("`a:hunter2x` is none", "`a:********x` is none"),
            ("`db` of the db", "`********` of the db"),
            ("`x it's+one+that…` is", "`x ********…` is"),
            ("`it's+one+that+is+long`", "`********`"),
            ("`x…` is", "`x…` is"),
        ] {
            assert_eq!(hidden.out_of(said), wanted);
        }
    }

    #[test]
    fn plain_words_are_hidden_near_their_place_alone() {
        let text = "PASSWORD: postgres";
        let place = 10..18;
        let far = Hidden::of(text, [&place], |_| false);
        assert_eq!(far.out_of("no service `postgres`"), "no service `postgres`");
        let near = Hidden::of(text, [&place], |_| true);
        assert_eq!(
            near.out_of("no service `postgres`"),
            "no service `********`"
        );
    }
}
