//! Credentials in what is said of a text: a message may repeat what stands where something is wrong.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

/// The credentials of texts, which nothing that is said may repeat.
#[derive(Debug, Default)]
pub struct Hidden {
    /// In the order of their bytes, each once.
    texts: Vec<String>,
    /// How those begin that are not short: most places of what is said are passed over by it.
    starts: HashSet<[u8; SHORT]>,
}

/// From this many bytes on a credential is hidden wherever it stands; shorter ones as a whole quote alone.
const SHORT: usize = 4;

/// From this many bytes on what is no plain word is no word of a sentence.
const UNLIKE_A_WORD: usize = 6;

/// What stands in the place of a credential in a sentence.
const MASK: &str = "********";

/// What stands behind the beginning of a long quote.
const CUT: &str = "…`";

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
        self.texts.sort_unstable();
        self.texts.dedup();
        let starts = self
            .texts
            .iter()
            .filter_map(|text| text.as_bytes().first_chunk());
        self.starts = starts.copied().collect();
    }

    /// What is said, without them.
    pub fn out_of(&self, said: &str) -> String {
        let texts = self.standing_in(said);
        let mut said = said.to_owned();
        for text in texts {
            if text.len() >= SHORT {
                if said.contains(text) {
                    said = said.replace(text, MASK);
                }
                if said.contains(CUT) {
                    said = without_a_begun(&said, text);
                }
            } else {
                said = said.replace(&format!("`{text}`"), &format!("`{MASK}`"));
            }
        }
        said
    }

    /// Those that what is said may repeat, the longest first: one may hold another.
    fn standing_in(&self, said: &str) -> Vec<&str> {
        let bytes = said.as_bytes();
        let mut found = BTreeSet::new();
        let is_start = |window: &[u8]| {
            let start = window.first_chunk();
            start.is_some_and(|start| self.starts.contains(start))
        };
        let windows = bytes.windows(SHORT).enumerate();
        for (at, _) in windows.filter(|(_, window)| is_start(window)) {
            self.add_whole(&bytes[at..], &mut found);
            if let Some(length) = said.get(at..).and_then(|rest| rest.find(CUT)) {
                found.extend(self.beginning_with(&bytes[at..at + length]));
            }
        }
        for (quote, _) in said.match_indices('`') {
            let short = (1..SHORT).filter_map(|length| {
                let (start, end) = (quote + 1, quote + 1 + length);
                let text = said.get(start..end)?;
                let at = self
                    .texts
                    .binary_search_by(|other| other.as_str().cmp(text));
                at.ok().filter(|_| bytes.get(end) == Some(&b'`'))
            });
            found.extend(short.map(|at| self.texts[at].as_str()));
        }
        let mut found: Vec<&str> = found.into_iter().collect();
        found.sort_by_key(|text| Reverse(text.len()));
        found
    }

    /// Adds those that these bytes begin with. In the order of bytes none stands between one of them and the bytes
    /// but what begins with it too.
    fn add_whole<'h>(&'h self, bytes: &[u8], found: &mut BTreeSet<&'h str>) {
        let mut bytes = bytes;
        while bytes.len() >= SHORT {
            let behind = self.texts.partition_point(|text| text.as_bytes() <= bytes);
            let Some(text) = behind.checked_sub(1).map(|at| self.texts[at].as_str()) else {
                return;
            };
            let pairs = text.bytes().zip(bytes);
            let alike = pairs.take_while(|(one, other)| one == *other).count();
            let is_whole = alike == text.len();
            found.extend((is_whole && alike >= SHORT).then_some(text));
            bytes = &bytes[..alike.saturating_sub(usize::from(is_whole))];
        }
    }

    /// The first that begins with these bytes.
    fn beginning_with(&self, bytes: &[u8]) -> Option<&str> {
        let at = self.texts.partition_point(|text| text.as_bytes() < bytes);
        let text = self.texts.get(at)?;
        text.as_bytes().starts_with(bytes).then_some(text)
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
    let mut parts = said.split(CUT).peekable();
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
            out.push_str(CUT);
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
    fn one_that_begins_as_others_do_is_found_among_many() {
        let all: Vec<String> = (0..300)
            .map(|n| format!("postgres://u:{n:03}@db"))
            .collect();
        let text = all.join("\n") + "\npostgres://u:1\npostgres";
        let places: Vec<Range<usize>> = all
            .iter()
            .enumerate()
            .map(|(nth, one)| nth * (one.len() + 1)..nth * (one.len() + 1) + one.len())
            .chain(std::iter::once(6_000..6_014))
            .collect();
        let hidden = Hidden::of(&text, &places, |_| true);
        for (said, wanted) in [
            ("`postgres://u:217@db/x`", "`********/x`"),
            ("postgres://u:1 and postgres", "******** and postgres"),
            ("`postgres://u:29…` is", "`********…` is"),
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
