//! Credentials in the words of a command that a list holds one by one: what comes before a word may tell what it is.

use std::ops::Range;

use crate::secret_shape::form::passwords_in;
use crate::secret_shape::looks_secret;

/// Most rounds in which passwords are looked for in one command.
const MOST_ROUNDS: usize = 32;

/// Where a credential stands in the words of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// In which of them.
    pub word: usize,
    /// Where in it.
    pub range: Range<usize>,
}

impl Spot {
    /// Where `found` stands, which is a part of `line`, all words with blanks between them; nothing if it is no part
    /// of one word.
    pub fn of(words: &[impl AsRef<str>], line: &str, found: &str) -> Option<Spot> {
        let at = (found.as_ptr() as usize).checked_sub(line.as_ptr() as usize)?;
        Spot::at(words, at..at + found.len())
    }

    /// Where these bytes of the line of all words stand.
    fn at(words: &[impl AsRef<str>], place: Range<usize>) -> Option<Spot> {
        let mut at = place.start;
        for (word, text) in words.iter().enumerate() {
            let text = text.as_ref();
            if at < text.len() {
                let range = at..at + place.len();
                return (range.end <= text.len()).then_some(Spot { word, range });
            }
            at = at.checked_sub(text.len() + 1)?;
        }
        None
    }

    /// What stands there.
    pub fn text<'w>(&self, words: &'w [impl AsRef<str>]) -> &'w str {
        &words[self.word].as_ref()[self.range.clone()]
    }
}

/// Whether a word of a command is a credential by the option before it.
pub fn is_behind(option: &str, word: &str) -> bool {
    let is_option = option.starts_with('-') && !option.contains(char::is_whitespace);
    is_option && !word.starts_with('-') && looks_secret(option, word)
}

/// The passwords in the words of a command, also those that all of them together tell, as `-u root -p x` does: those
/// of the same command in one text, as far as each stands in one word.
pub fn passwords_in_words(words: &[impl AsRef<str>]) -> Vec<Spot> {
    let mut spots = Vec::new();
    let all: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    let mut line = all.join(" ");
    // One of each sort is found at a time: what takes its place is none, so that the next is found.
    for _ in 0..MOST_ROUNDS {
        let start = line.as_ptr() as usize;
        let found = passwords_in(&line).map(|found| {
            let at = found.as_ptr() as usize - start;
            at..at + found.len()
        });
        let found: Vec<Range<usize>> = found.collect();
        if found.is_empty() {
            break;
        }
        for place in found {
            spots.extend(Spot::at(words, place.clone()).filter(|spot| !spots.contains(spot)));
            line.replace_range(place.clone(), &"$".repeat(place.len()));
        }
    }
    spots
}

/// Which words of the list under `key` are credentials or hold one, by their places in it.
pub fn credentials_among(key: &str, words: &[&str]) -> Vec<usize> {
    let before = std::iter::once("").chain(words.iter().copied());
    let by_itself = words.iter().zip(before).enumerate();
    let by_itself = by_itself
        .filter(|(_, (word, before))| looks_secret(key, word) || is_behind(before, word))
        .map(|(at, _)| at);
    let mut found: Vec<usize> = by_itself.collect();
    // Only these say together what another word is, and most lists have none of them.
    let options = ["-a", "-p", "-P", "-u", "--user"];
    let is_option = |word: &&str| options.iter().any(|option| word.starts_with(option));
    if words.iter().any(is_option) {
        found.extend(passwords_in_words(words).iter().map(|spot| spot.word));
    }
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn among(line: &str) -> Vec<&str> {
        let words: Vec<&str> = line.split(' ').collect();
        let found = credentials_among("command", &words);
        found.into_iter().map(|at| words[at]).collect()
    }

    #[test]
    fn words_that_others_make_credentials_are_found() {
        for (line, wanted) in [
            ("mysqldump -u root -p hunter2x shop", vec!["hunter2x"]),
            ("mysqldump -phunter3x shop", vec!["-phunter3x"]),
            ("CMD redis-cli -a hunter4x ping", vec!["hunter4x"]),
            ("curl -u root:hunter2 http://db", vec!["root:hunter2"]),
            ("serve --password hunter2 -v", vec!["hunter2"]),
            ("serve --db-password=hunter2", vec!["--db-password=hunter2"]),
            (
                "mysql -u root -phunter2 && mysql -u root -p hunter3",
                vec!["-phunter2", "hunter3"],
            ),
            ("psql --password --host db", vec![]),
            ("psql -U app -p 5432", vec![]),
            ("tool -a all -p plain", vec![]),
            ("mkdir -p db-data", vec![]),
            ("id -u && mkdir -p data", vec![]),
            ("mysqldump -u root -p {{ secret('A') }}", vec![]),
            ("serve -u 1000:1000 -p8080:80", vec![]),
        ] {
            assert_eq!(among(line), wanted, "{line}");
        }
    }

    #[test]
    fn what_goes_over_two_words_is_in_none() {
        let words = ["-v", "http://db:8080", "admin@example.com"];
        assert_eq!(passwords_in_words(&words), []);
    }
}
