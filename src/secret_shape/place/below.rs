//! What is nested below a name of a credential, in the next lines or in brackets.

use std::ops::Range;

use crate::secret_shape::place::Scan;
use crate::secret_shape::place::extent::{State, closing, end_of_line, opening, skip_blanks};
use crate::secret_shape::place::value::At;

/// Keys below a credential that say where it is taken from, or what it is for.
const SOURCES: &[&str] = &[
    "from-env",
    "from-file",
    "file",
    "environment",
    "env",
    "external",
    "name",
    "source",
    "target",
    "driver",
    "template_driver",
    "uid",
    "gid",
    "mode",
    "role",
    "kind",
];

/// Keys that say what a credential is, where a service may be called as the credential is.
const VALUES: &[&str] = &[
    "content", "contents", "data", "default", "literal", "plain", "text", "value",
];

/// An entry of a table: its key, and where its value begins.
pub(super) struct Entry<'l> {
    key: &'l str,
    value: usize,
}

/// The entry that a line begins with, behind the marks of lists.
pub(super) fn entry(line: &str) -> Option<Entry<'_>> {
    let plain = line.trim_start_matches(['-', '?', ' ', '\t']);
    let plain = plain.trim_start_matches(['"', '\'', '\\']);
    let length = plain.bytes().take_while(|byte| super::is_of_word(*byte));
    let key = &plain[..length.count()];
    let rest = plain[key.len()..].trim_start_matches(['"', '\'', '\\']);
    let rest = rest.trim_start_matches([' ', '\t']);
    let value = rest.strip_prefix([':', '='])?;
    let is_map =
        rest.starts_with(':') && (value.is_empty() || value.starts_with([' ', '\t', '\r']));
    // Keys in base 64 end so, too.
    let is_set = rest.starts_with('=') && !value.trim_end().is_empty() && !value.starts_with('=');
    (!key.is_empty() && (is_map || is_set)).then(|| Entry {
        key,
        value: line.len() - value.len(),
    })
}

/// Whether what stands under `child` is the credential itself that is called `key`.
fn inherits(key: &str, child: &str) -> bool {
    let lower = key.to_ascii_lowercase();
    let is_no_service = lower != key || lower.contains("pass") || lower.contains("pwd");
    match is_no_service {
        true => !SOURCES.contains(&child),
        false => VALUES.contains(&child),
    }
}

/// What may stand in the lines below a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// A text in lines of its own.
    Block,
    /// More of a text that has begun.
    Plain,
    /// Anything.
    Any,
}

impl Scan<'_> {
    /// Hides the lines of a block.
    pub(super) fn below_block(&mut self, key: &str, key_at: usize, line: usize) {
        self.lines_below(key, key_at, line, Sort::Block);
    }

    /// Hides the lines that go on with a text.
    pub(super) fn below_plain(&mut self, key: &str, key_at: usize, line: usize) {
        self.lines_below(key, key_at, line, Sort::Plain);
    }

    /// Hides what is nested below a name that has nothing behind it.
    pub(super) fn below(&mut self, key: &str, key_at: usize, line: usize) {
        self.lines_below(key, key_at, line, Sort::Any);
    }

    fn lines_below(&mut self, key: &str, key_at: usize, line: usize, sort: Sort) {
        let bytes = self.text.as_bytes();
        let begin = self.text[..key_at].rfind('\n').map_or(0, |at| at + 1);
        let quotes = self.text[begin..key_at].bytes().rev();
        let n_quotes = quotes
            .take_while(|byte| matches!(byte, b'"' | b'\''))
            .count();
        let column = key_at - begin - n_quotes;
        self.left = self.left.saturating_sub(key_at - begin);
        let mut at = line + 1;
        let mut is_first = true;
        while at < bytes.len() && self.left > 0 {
            let end = end_of_line(bytes, at);
            let start = skip_blanks(bytes, at);
            self.left = self.left.saturating_sub(end + 1 - at);
            let text = &self.text[start..end];
            let next = end + 1;
            if text.trim().is_empty() {
                at = next;
                continue;
            }
            let is_deeper = start - at > column;
            let is_item =
                start - at == column && (text.starts_with("- ") || text.trim_end() == "-");
            let found = entry(text);
            let is_header = text.starts_with('[') && start == at;
            let is_wrong =
                is_first && found.is_none() && !is_header && !text.starts_with(['#', '-']);
            let goes_on = match sort {
                Sort::Block => is_deeper || is_wrong,
                Sort::Plain => found.is_none() && is_deeper,
                Sort::Any => is_deeper || is_item || is_wrong,
            };
            if !goes_on {
                return;
            }
            match found.filter(|_| sort != Sort::Block) {
                Some(entry) if inherits(key, entry.key) => {
                    self.hide_line(key, start + entry.value..end);
                }
                Some(_) => {}
                None if sort == Sort::Any => {
                    let plain = text.trim_start_matches("- ");
                    self.hide_line(key, end - plain.len()..end);
                }
                None => self.hide_line(key, start..end),
            }
            is_first = false;
            at = next;
            if !is_deeper && !is_item {
                return;
            }
        }
    }

    /// Hides what stands below a name, which a path or an answer alone is not.
    fn hide_line(&mut self, key: &str, place: Range<usize>) {
        self.hide(key, place);
    }

    /// Whether a word ends the name of a table in brackets.
    pub(super) fn is_header(&self, word: &Range<usize>, state: &State) -> bool {
        let rest = &self.text[word.end..];
        let begin = self.text[state.line..word.start].trim_start();
        begin.starts_with('[') && rest.trim_start_matches(['"', '\'']).starts_with(']')
    }

    /// Hides what a table says that is called as a credential is.
    pub(super) fn below_header(&mut self, word: &Range<usize>) {
        let whole = &self.text[word.clone()];
        let key = whole.rsplit('.').next().unwrap_or(whole);
        let bytes = self.text.as_bytes();
        let mut at = end_of_line(bytes, word.end) + 1;
        self.left = self.left.saturating_sub(at - word.end);
        while at < bytes.len() && self.left > 0 {
            let end = end_of_line(bytes, at);
            self.left = self.left.saturating_sub(end + 1 - at);
            let line = &self.text[at..end];
            if line.trim_start().starts_with('[') {
                return;
            }
            if let Some(entry) = entry(line).filter(|entry| inherits(key, entry.key)) {
                self.hide(key, at + entry.value..end);
            }
            at = end + 1;
        }
    }

    /// Hides what stands in the brackets that open at a byte.
    pub(super) fn collection(&mut self, at: &At<'_>, open: usize) {
        let bytes = self.text.as_bytes();
        let closed = self.bracket_end(open);
        let end = closed.unwrap_or_else(|| end_of_line(bytes, open));
        self.left = self.left.saturating_sub(end - open);
        let ends = |c: char| matches!(c, ',' | '\n' | '{' | '}' | '[' | ']');
        let mut start = open;
        for piece in self.text[open..end].split(ends) {
            let place = start..start + piece.len();
            start = place.end + 1;
            match entry(piece) {
                Some(entry) if inherits(at.key, entry.key) => {
                    self.hide(at.key, place.start + entry.value..place.end);
                }
                Some(_) => {}
                None => self.hide(at.key, place),
            }
        }
        if closed.is_none() {
            self.below(at.key, at.key_at, end);
        }
    }

    /// Behind the bracket that closes the one at a byte.
    fn bracket_end(&mut self, open: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let mut depth = 0;
        let mut at = open;
        while at < bytes.len() && self.left > 0 {
            self.left -= 1;
            match bytes[at] {
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                b'"' | b'\'' => {
                    if let Some(quote) = opening(bytes, at) {
                        at = closing(bytes, at, quote, &mut self.left);
                        continue;
                    }
                }
                _ => {}
            }
            at += 1;
            if depth == 0 {
                return Some(at);
            }
        }
        None
    }
}
