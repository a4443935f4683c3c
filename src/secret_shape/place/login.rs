//! Passwords behind options of one letter, and phrases that say that a credential follows.

use std::ops::Range;

use crate::secret_shape::place::extent::skip_blanks;
use crate::secret_shape::place::{ANY_NAME, Scan};

/// How far around an option others are looked for that say what it means, in bytes.
const NEAR: usize = 300;

/// Words that begin with `p`, as options of one dash.
const WORDS: &[&str] = &[
    "print", "print0", "path", "perm", "port", "prune", "parents", "profile", "pidfile", "prod",
];

impl Scan<'_> {
    /// Hides what follows `-p`, `-P`, `-a`, `-w` and `-u`: each letter means many things, but not beside others.
    pub(super) fn login(&mut self, word: &Range<usize>) {
        let key = &self.text[word.clone()];
        if !key.starts_with('-') || key.len() < 2 {
            return;
        }
        match key {
            "-p" if self.names_a_user(word) => self.hide_login(word.end),
            "-P" if self.is_near(word, &["-U"]) => self.hide_login(word.end),
            "-a" if self.is_before(word, &["-cli"]) => self.hide_login(word.end),
            "-w" if self.is_near(word, &["-D"]) => self.hide_login(word.end),
            "-u" | "--user" => self.hide_login_of_user(word.end),
            _ => {
                let is_short = |start: &str| key.starts_with(start);
                let is_user = is_short("-u") && !is_short("-url");
                if is_short("-p") {
                    self.hide_glued(word);
                } else if is_short("-a") && self.is_before(word, &["-cli"]) {
                    self.hide_if_password(word.start + 2);
                } else if is_user || is_short("--user=") {
                    self.hide_login_of_user(word.start + 2);
                }
            }
        }
    }

    /// `-pPASSWORD`
    fn hide_glued(&mut self, word: &Range<usize>) {
        let glued = &self.text[word.start + 2..word.end];
        let is_made_up = glued.bytes().any(|byte| !byte.is_ascii_lowercase());
        if WORDS.contains(&glued) || glued.is_empty() && !self.names_a_user(word) {
            return;
        }
        if is_made_up || self.names_a_user(word) {
            self.hide_if_password(word.start + 2);
        }
    }

    /// Whether a command logs in somewhere: it names a user, or it is the client of a database.
    fn names_a_user(&self, word: &Range<usize>) -> bool {
        self.is_near(word, &["-u", "--user"])
            || self.is_before(word, &["sql", "db", "dump", "admin"])
    }

    /// Whether one of these stands near a word, as the beginning of a word of its own.
    fn is_near(&self, word: &Range<usize>, options: &[&str]) -> bool {
        let near = self.near(word.start.saturating_sub(NEAR), word.end + NEAR);
        let is_apart = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '[' | ',');
        let mut words = near.split(is_apart);
        words.any(|word| options.iter().any(|option| word.starts_with(option)))
    }

    /// Whether one of these stands before a word, in its line or the one above.
    fn is_before(&self, word: &Range<usize>, parts: &[&str]) -> bool {
        let before = self.near(word.start.saturating_sub(NEAR), word.start);
        let lines = before.rsplitn(5, '\n');
        let mut lines = lines.take(4);
        lines.any(|line| parts.iter().any(|part| line.contains(part)))
    }

    fn near(&self, start: usize, end: usize) -> &str {
        let mut start = start;
        let mut end = end.min(self.text.len());
        while !self.text.is_char_boundary(start) {
            start += 1;
        }
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        &self.text[start..end]
    }

    /// Hides the next word, if it can be a password.
    fn hide_login(&mut self, at: usize) {
        let (n_found, hidden_to) = (self.found.len(), self.hidden_to);
        self.hide_next_word(ANY_NAME, at);
        if let Some(place) = self.found.get(n_found) {
            let text = &self.text[place.clone()];
            if is_port(text) {
                self.found.truncate(n_found);
                self.hidden_to = hidden_to;
            }
        }
    }

    /// Hides what stands from a byte to the end of its word, if it can be a password.
    fn hide_if_password(&mut self, at: usize) {
        let text = &self.text[at..];
        let text = text.strip_prefix('\\').unwrap_or(text);
        let open = text.starts_with(['"', '\'']);
        let start = self.text.len() - text.len() + usize::from(open);
        let text = &self.text[start..];
        let ends = |c: char| matches!(c, '"' | '\'' | '\\' | '\n') || !open && c.is_whitespace();
        let text = &text[..text.find(ends).unwrap_or(text.len())];
        let text = text.trim_end_matches([',', ']', '}', ')', ';']);
        if !is_port(text) {
            self.hide(ANY_NAME, start..start + text.len());
        }
    }

    /// `-u USER:PASSWORD`
    fn hide_login_of_user(&mut self, at: usize) {
        let rest = &self.text[at..];
        let start = rest.trim_start_matches([' ', '\t', '=', '"', '\'', '\\', ',', '\n', '-']);
        let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '\\');
        let login = &start[..start.find(ends).unwrap_or(start.len())];
        if let Some((user, password)) = login.split_once(':')
            && !user.is_empty()
            && !password.is_empty()
        {
            let start = self.text.len() - start.len() + user.len() + 1;
            self.hide_if_password(start);
        }
    }

    /// `Bearer …`, `Basic …` and `IDENTIFIED BY '…'`.
    pub(super) fn phrase(&mut self, word: &Range<usize>) {
        let bytes = self.text.as_bytes();
        let key = &self.text[word.clone()];
        let at = skip_blanks(bytes, word.end);
        if key.eq_ignore_ascii_case("bearer") || key.eq_ignore_ascii_case("basic") {
            let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '\\' | ',');
            // A word that sticks to this one is none, however long.
            let token = if at > word.end { &self.text[at..] } else { "" };
            let token = &token[..token.find(ends).unwrap_or(token.len())];
            let has_digit = token.bytes().any(|byte| byte.is_ascii_digit());
            if token.len() >= 8 && has_digit {
                self.hide(ANY_NAME, at..at + token.len());
            }
        } else if key.eq_ignore_ascii_case("identified")
            && let Some(by) = bytes.get(at..at + 2)
            && by.eq_ignore_ascii_case(b"by")
        {
            self.hide_if_password(skip_blanks(bytes, at + 2));
        }
    }
}

/// Whether a text is a port, or what is published of one.
fn is_port(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.'))
}
