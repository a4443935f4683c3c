//! Credentials that are known by their own form, whatever they are called.

use std::ops::Range;

use crate::secret_shape::form::{HASHES, TOKEN_STARTS, WEBHOOKS, is_said};
use crate::secret_shape::place::{ANY_NAME, Scan};

impl Scan<'_> {
    /// Hides tokens of known issuers, keys in several lines, hashes, and what stands in URLs.
    pub(super) fn forms(&mut self) {
        for (at, _) in self.text.match_indices("://") {
            self.url(at + "://".len());
        }
        for (at, _) in self.text.match_indices('@') {
            self.login_before(at);
        }
        if self.left == 0 {
            self.found.push(0..self.text.len());
        }
        for (start, length) in TOKEN_STARTS {
            for (at, _) in self.text.match_indices(start) {
                self.token(at, *length);
            }
        }
        for hash in HASHES {
            for (at, _) in self.text.match_indices(hash) {
                let word = self.word_at(at);
                if word.len() >= 20 {
                    self.found.push(word);
                }
            }
        }
        // Compose has two dollars for one.
        for (at, _) in self.text.match_indices("$$") {
            let word = self.word_at(at);
            let said = self.text[word.clone()].replace("$$", "$");
            if said.len() >= 20 && HASHES.iter().any(|hash| said.starts_with(hash)) {
                self.found.push(word);
            }
        }
        for start in WEBHOOKS {
            for (at, _) in self.text.match_indices(start) {
                let word = self.word_at(at + start.len());
                if is_said(&self.text[word.clone()]) {
                    self.found.push(word);
                }
            }
        }
    }

    /// The word that goes on from a byte.
    fn word_at(&self, at: usize) -> Range<usize> {
        let rest = &self.text[at..];
        let ends =
            |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | '\\' | '}' | ']');
        at..at + rest.find(ends).unwrap_or(rest.len())
    }

    /// `user:password@host` and `KEY@host`, where a password may hold what should be written otherwise.
    fn url(&mut self, at: usize) {
        let rest = &self.text[at..];
        let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`');
        let rest = &rest[..rest.find(ends).unwrap_or(rest.len())];
        self.left = self.left.saturating_sub(rest.len());
        if self.left == 0 {
            return;
        }
        // Another URL may stand in the same word.
        let rest = rest.split("://").next().unwrap_or_default();
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let login = match authority.rsplit_once('@') {
            Some((login, _)) => Some(login),
            None => rest.rsplit_once('@').map(|(login, _)| login),
        };
        let Some(login) = login else { return };
        match login.split_once(':') {
            Some((user, password)) => {
                let is_port = password.starts_with(|c: char| c.is_ascii_digit())
                    && password.contains('/')
                    && !authority.contains('@');
                if !is_port {
                    let start = at + user.len() + 1;
                    self.hide(ANY_NAME, start..start + password.len());
                }
            }
            None if login.len() >= 16 && login.bytes().any(|byte| byte.is_ascii_digit()) => {
                self.hide(ANY_NAME, at..at + login.len());
            }
            None => {}
        }
    }

    /// `user:password@host` without a scheme.
    fn login_before(&mut self, at: usize) {
        let is_apart =
            |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '/' | ',' | '{');
        let before = &self.text[..at];
        let start = before.rfind(is_apart).map_or(0, |apart| {
            apart + before[apart..].chars().next().map_or(1, char::len_utf8)
        });
        self.left = self.left.saturating_sub(at - start);
        if self.left == 0 {
            return;
        }
        let login = before[start..].trim_start_matches(|c: char| c.is_ascii_punctuation());
        let start = at - login.len();
        let is_digest = self.text[at..].starts_with("@sha256:");
        let is_host = |c: char| c.is_ascii_alphanumeric() || c == '[';
        let has_host = self.text[at + 1..].starts_with(is_host);
        if let Some((user, password)) = before[start..].split_once(':')
            && !user.is_empty()
            && has_host
            && !is_digest
        {
            let start = start + user.len() + 1;
            self.hide(ANY_NAME, start..start + password.len());
        }
    }

    /// What an issuer has given out, or a key in lines of its own.
    fn token(&mut self, at: usize, length: usize) {
        let is_inside = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if self.text[..at].ends_with(is_inside) {
            return;
        }
        if !self.text[at..].starts_with("-----") {
            let word = self.word_at(at);
            if word.len() >= length {
                self.found.push(word);
            }
            return;
        }
        let end = self.text[at..].find("-----END ").map(|end| at + end);
        let line = |from: usize| {
            self.text[from..]
                .find('\n')
                .map_or(self.text.len(), |end| from + end)
        };
        let end = match end {
            Some(end) => line(end),
            // Without its end it goes on as long as it looks like it.
            None => {
                let is_of_key = |c: char| c.is_ascii_alphanumeric() || "+/= \t\r\n\\".contains(c);
                let lines = self.text[line(at)..].split_inclusive('\n');
                let lines = lines.take_while(|line| line.chars().all(is_of_key));
                line(at) + lines.map(str::len).sum::<usize>()
            }
        };
        self.found.push(at..end);
    }
}
