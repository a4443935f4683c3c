//! What stands behind a name of a credential: a text, something else that takes its place, or what is nested below.

use std::ops::Range;

use crate::secret_shape::looks_secret;
use crate::secret_shape::place::extent::{
    State, closing, end_of_line, opening, skip_blanks, trimmed,
};
use crate::secret_shape::place::{Between, Scan};

/// Where a value stands, and what it belongs to.
pub(super) struct At<'k> {
    /// The name before it.
    pub key: &'k str,
    /// Where that begins.
    pub key_at: usize,
    /// Where the value begins.
    pub value: usize,
    /// Whether the value is all that its entry says.
    pub begins: bool,
}

impl<'t> Scan<'t> {
    /// Hides what a name stands for.
    pub(super) fn hide_named(&mut self, word: &Range<usize>, between: Between, state: &State) {
        let bytes = self.text.as_bytes();
        let key = &self.text[word.clone()];
        // The scheme and the credential of a header of the web are two words.
        let begins = state.begins_entry(bytes, word.start) || is_web_header(key);
        // The quotes around the name itself are closed again.
        let quote = state.quote;
        let quote = quote.filter(|quote| bytes.get(word.end) != Some(quote));
        let state = State { quote, ..*state };
        match between {
            Between::Words(at) => self.hide_next_word(key, at),
            Between::Blanks(value) | Between::Mark(value) => {
                let at = At {
                    key,
                    key_at: word.start,
                    value,
                    begins,
                };
                self.hide_at(&at, &state);
            }
        }
    }

    fn hide_at(&mut self, at: &At<'_>, state: &State) {
        let bytes = self.text.as_bytes();
        let value = skip_properties(bytes, skip_blanks(bytes, at.value));
        // The end of the line is far away where all of a text is in one.
        let mut rest = self.text[value..].chars().take_while(|c| *c != '\n');
        let first = rest.find(|c| !c.is_whitespace()).map(|_| bytes[value]);
        match first {
            None | Some(b'#') => {
                let line = self.line_of(value);
                self.below(at.key, at.key_at, line);
            }
            Some(b'|' | b'>') if self.is_block(value) => {
                let line = self.line_of(value);
                self.below_block(at.key, at.key_at, line);
            }
            Some(b'*') if self.is_alias(value + 1) => {}
            Some(b'{' | b'[') if !bytes[value..].starts_with(b"{{") => self.collection(at, value),
            _ => {
                let end = state.end_of_value(bytes, value, at.begins, &mut self.left);
                self.left = self.left.saturating_sub(end - value);
                self.hide_as(at.key, value..end);
                let is_plain = opening(bytes, value).is_none();
                let ends_line = matches!(bytes.get(end), None | Some(b'\n'));
                if at.begins && ends_line && is_plain {
                    self.below_plain(at.key, at.key_at, end);
                }
            }
        }
    }

    /// Where the line of a byte ends; how far that is is taken from what is left.
    fn line_of(&mut self, at: usize) -> usize {
        let end = end_of_line(self.text.as_bytes(), at);
        self.left = self.left.saturating_sub(end - at);
        end
    }

    /// Whether the line of a byte says nothing but that a text follows in lines of its own.
    fn is_block(&self, at: usize) -> bool {
        let mut rest = self.text[at + 1..].chars().peekable();
        let is_mark = |c: &char| matches!(c, '+' | '-') || c.is_ascii_digit();
        while rest.next_if(is_mark).is_some() {}
        let is_blank = |c: &char| *c != '\n' && c.is_whitespace();
        while rest.next_if(is_blank).is_some() {}
        matches!(rest.next(), None | Some('\n' | '#'))
    }

    /// Notes the name that a credential is taken from, if it is one.
    fn is_alias(&mut self, at: usize) -> bool {
        let rest = &self.text[at..];
        let ends = |c: char| c.is_whitespace() || matches!(c, ',' | '}' | ']');
        let name = rest.split(ends).next().unwrap_or_default();
        self.left = self.left.saturating_sub(self.text.len() / 64);
        let is_one = !name.is_empty() && self.text.contains(&format!("&{name}"));
        if is_one {
            self.aliases.push(name);
        }
        is_one
    }

    /// Hides the value of a header of the web but for its scheme, and any other value.
    fn hide_as(&mut self, key: &str, place: Range<usize>) {
        let place = trimmed(self.text, place);
        if !is_web_header(key) {
            return self.hide(key, place);
        }
        let text = &self.text[place.clone()];
        let start = place.start + text.len() - text.trim_start_matches(['"', '\'', '\\']).len();
        let text = &self.text[start..place.end];
        match text.split_once(' ') {
            Some((_, rest)) => self.hide(super::ANY_NAME, place.end - rest.len()..place.end),
            // `authorization: enabled`
            None if text.bytes().all(|byte| byte.is_ascii_lowercase()) => {}
            None => self.hide(super::ANY_NAME, start..place.end),
        }
    }

    /// Hides what stands under `key`, but for the quotes around it, if it may be a credential.
    pub(super) fn hide(&mut self, key: &str, place: Range<usize>) {
        let place = inner(self.text, trimmed(self.text, place));
        let text = &self.text[place.clone()];
        if text.starts_with('$') {
            let (defaults, length) = references(text);
            if length == text.len() {
                for default in defaults {
                    let start = place.start + default.start;
                    self.hide(key, start..place.start + default.end);
                }
                return;
            }
            if text.starts_with("${") && looks_secret(key, &text[length..]) {
                return self.push(place);
            }
        }
        if looks_secret(key, text) {
            self.push(place);
        }
    }

    fn push(&mut self, place: Range<usize>) {
        self.hidden_to = self.hidden_to.max(place.end);
        self.found.push(place);
    }

    /// Hides the next word of a command, which an option takes: on its line or as the next of a list.
    pub(super) fn hide_next_word(&mut self, key: &str, at: usize) {
        let bytes = self.text.as_bytes();
        let mut at = at;
        // What closes the option itself.
        while matches!(bytes.get(at), Some(b'"' | b'\'' | b'\\')) {
            at += 1;
        }
        let behind = at;
        at = skip_blanks(bytes, at);
        if bytes.get(at) == Some(&b',') {
            at = skip_blanks(bytes, at + 1);
        }
        let mut is_item = false;
        if let Some(next) = super::skip_line_end(bytes, at) {
            at = skip_blanks(bytes, next);
            is_item = bytes[at..].starts_with(b"- ");
            at = skip_blanks(bytes, at + usize::from(is_item));
            if !is_item && super::below::entry(&self.text[at..end_of_line(bytes, at)]).is_some() {
                return;
            }
        }
        if at == behind || matches!(bytes.get(at), None | Some(b'-' | b'\n')) {
            return;
        }
        let end = match opening(bytes, at) {
            Some(quote) => closing(bytes, at, quote, &mut self.left),
            None if is_item => end_of_line(bytes, at),
            None => {
                let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '\\');
                let length = self.text[at..].find(ends);
                length.map_or(self.text.len(), |length| at + length)
            }
        };
        self.left = self.left.saturating_sub(end - at);
        let text = &self.text[at..end];
        let plain = text.trim_end_matches([',', ']', '}', ')']);
        let is_open = opening(bytes, at).is_some();
        let length = if is_open { text.len() } else { plain.len() };
        self.hide(key, at..at + length);
    }

    /// Hides what takes the place of a variable that is not set, `${PASSWORD:-x}`; where what is left begins.
    pub(super) fn reference(&mut self, at: usize) -> usize {
        let start = at + "${".len();
        let (name, operator) = name_and_operator(&self.text[start..]);
        let default = start + name.len() + operator.len();
        if operator.is_empty() && !self.text[default..].starts_with('}') {
            // It is no reference, and may name what follows.
            return start;
        }
        if matches!(operator, ":-" | "-" | ":+" | "+") {
            let rest = &self.text[default..];
            let closed = closing_brace(rest.char_indices().take_while(|(_, c)| *c != '\n'));
            let length = closed.unwrap_or_else(|| up_to_blank(rest));
            let line = match closed {
                Some(_) => default + length,
                None => end_of_line(self.text.as_bytes(), default),
            };
            self.left = self.left.saturating_sub(line - default);
            if default >= self.hidden_to {
                self.hide(name, default..default + length);
            }
        }
        default
    }
}

/// `Authorization` and `Proxy-Authorization`
fn is_web_header(key: &str) -> bool {
    key.to_ascii_lowercase().ends_with("authorization")
}

/// Behind the tag and the anchor that a value may have.
fn skip_properties(bytes: &[u8], at: usize) -> usize {
    let mut at = at;
    for _ in 0..2 {
        if !matches!(bytes.get(at), Some(b'!' | b'&')) {
            break;
        }
        let length = bytes[at..].iter().position(u8::is_ascii_whitespace);
        let end = length.map_or(bytes.len(), |length| at + length);
        let next = skip_blanks(bytes, end);
        // Alone it is what the value begins with.
        if matches!(bytes.get(next), None | Some(b'\n' | b'\r')) {
            break;
        }
        at = next;
    }
    at
}

/// A place without the quotes around what stands there.
fn inner(text: &str, place: Range<usize>) -> Range<usize> {
    let bytes = &text.as_bytes()[..place.end];
    let Some(quote) = opening(bytes, place.start) else {
        return place;
    };
    let start = place.start + quote.len();
    let is_closed = place.end >= start + quote.len() && bytes.ends_with(quote);
    start..place.end - if is_closed { quote.len() } else { 0 }
}

/// The texts that take the places of variables at the start of a text, and where what is no variable begins.
fn references(text: &str) -> (Vec<Range<usize>>, usize) {
    let mut defaults = Vec::new();
    let mut at = 0;
    while let Some(rest) = text[at..].strip_prefix('$') {
        // Compose has two dollars for one.
        let doubled = usize::from(rest.starts_with('$'));
        let rest = &rest[doubled..];
        at += doubled;
        if let Some(rest) = rest.strip_prefix('{') {
            let (name, operator) = name_and_operator(rest);
            let start = at + "${".len() + name.len() + operator.len();
            let length = default_length(&text[start..]);
            // Words of commands end before the brace; variables are called in capitals.
            let is_cut = start == text.len() && !name.bytes().any(|byte| byte.is_ascii_lowercase());
            if is_cut && operator.is_empty() && !name.is_empty() {
                return (defaults, start);
            }
            if name.is_empty() || !text[start + length..].starts_with('}') {
                break;
            }
            // What is said where a variable has no value is for everybody.
            if !matches!(operator, ":?" | "?") {
                defaults.push(start..start + length);
            }
            at = start + length + 1;
            continue;
        }
        let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let length = rest.find(|c| !is_of_name(c)).unwrap_or(rest.len());
        if length == 0 || rest.bytes().any(|byte| byte.is_ascii_lowercase()) {
            break;
        }
        at += 1 + length;
    }
    (defaults, at)
}

/// The name of a variable, and the mark before what takes its place.
fn name_and_operator(rest: &str) -> (&str, &str) {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let length = rest.find(|c| !is_of_name(c)).unwrap_or(rest.len());
    let (name, rest) = rest.split_at(length);
    let operators = [":-", ":+", ":?", "-", "+", "?"];
    let operator = operators.into_iter().find(|one| rest.starts_with(one));
    (name, operator.unwrap_or_default())
}

/// How long the text is that takes the place of a variable; what is not closed goes up to the next blank.
fn default_length(rest: &str) -> usize {
    closing_brace(rest.char_indices()).unwrap_or_else(|| up_to_blank(rest))
}

/// Where the brace is that closes one before these.
fn closing_brace(rest: impl Iterator<Item = (usize, char)>) -> Option<usize> {
    let mut depth = 0;
    for (at, c) in rest {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn up_to_blank(rest: &str) -> usize {
    rest.find(char::is_whitespace).unwrap_or(rest.len())
}
