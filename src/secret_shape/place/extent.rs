//! How far a value goes: what a line has opened before it, and what ends it there.

use std::ops::Range;

/// What is open at a byte of a line.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct State {
    /// Where the line begins.
    pub line: usize,
    /// How many brackets are open.
    pub depth: usize,
    /// The quote that is open.
    pub quote: Option<u8>,
    /// Whether a comment has begun.
    pub is_comment: bool,
}

impl State {
    /// Goes over the byte at a place that belongs to no word.
    pub fn step(&mut self, bytes: &[u8], at: usize) {
        let before = at.checked_sub(1).map(|before| bytes[before]);
        match bytes[at] {
            b'\n' => {
                *self = State {
                    line: at + 1,
                    ..State::default()
                }
            }
            quote @ (b'"' | b'\'') => match self.quote {
                Some(open) if open == quote && before != Some(b'\\') => self.quote = None,
                // An apostrophe stands in words.
                None if !before.is_some_and(|byte| byte.is_ascii_alphanumeric()) => {
                    self.quote = Some(quote);
                }
                _ => {}
            },
            b'{' | b'[' if self.quote.is_none() => self.depth += 1,
            b'}' | b']' if self.quote.is_none() => self.depth = self.depth.saturating_sub(1),
            b'#' if self.quote.is_none()
                && before.is_none_or(|byte| byte.is_ascii_whitespace()) =>
            {
                self.is_comment = true;
            }
            _ => {}
        }
    }

    /// Whether an entry of a table, a list or a file of variables may begin at a byte.
    pub fn begins_entry(&self, bytes: &[u8], at: usize) -> bool {
        let line = &bytes[self.line..at];
        let mut before = line.trim_ascii_end();
        while let [rest @ .., b'"' | b'\'' | b'\\'] = before {
            before = rest;
        }
        let before = before.trim_ascii();
        let begins = |byte: &u8| matches!(byte, b'{' | b'[' | b',' | b'(');
        let is_mark = |byte: &u8| matches!(byte, b'-' | b'?' | b'#' | b' ');
        before.last().is_none_or(begins)
            || before.iter().all(is_mark)
            || before.ends_with(b"export") && before.len() <= b"# export".len()
    }

    /// Whether a word sticks to a mark, as one does where something before it is wrong.
    pub fn sticks_to_a_mark(&self, bytes: &[u8], at: usize) -> bool {
        let line = &bytes[self.line..at];
        let mut quotes = line
            .iter()
            .rev()
            .skip_while(|byte| matches!(byte, b'"' | b'\'' | b'\\'));
        quotes
            .next()
            .is_some_and(|byte| byte.is_ascii_punctuation() && *byte != b'$')
    }

    /// Where the value that begins at a byte ends, at the latest; `begins` where it is all that its entry says. What
    /// is looked at beyond that is taken from `left`.
    pub fn end_of_value(&self, bytes: &[u8], at: usize, begins: bool, left: &mut usize) -> usize {
        let quoted = opening(bytes, at).map(|quote| closing(bytes, at, quote, left));
        let start = quoted.unwrap_or(at);
        let rest = bytes[start..].iter().enumerate();
        let mut places = rest.map(|(offset, byte)| (start + offset, *byte));
        let ends = |(at, byte): &(usize, u8)| match *byte {
            b'\n' => true,
            byte if Some(byte) == self.quote => bytes[at - 1] != b'\\',
            // Behind closed quotes nothing belongs to a value, but for what stands there by mistake.
            b',' if quoted.is_some() => true,
            b'\\' if quoted.is_some() => true,
            byte if !begins || self.quote.is_some() && quoted.is_some() => {
                byte.is_ascii_whitespace() || byte == b';' || quoted.is_some() && is_bracket(byte)
            }
            b',' => self.depth > 0 && is_blank(bytes.get(at + 1)),
            b'}' | b']' => self.depth > 0 && is_behind_bracket(bytes.get(at + 1)),
            b'#' => quoted.is_some() && is_blank(bytes.get(at - 1)),
            _ => false,
        };
        places.find(ends).map_or(bytes.len(), |(at, _)| at)
    }
}

fn is_bracket(byte: u8) -> bool {
    matches!(byte, b'}' | b']' | b')')
}

fn is_blank(byte: Option<&u8>) -> bool {
    byte.is_none_or(u8::is_ascii_whitespace)
}

fn is_behind_bracket(byte: Option<&u8>) -> bool {
    is_blank(byte) || matches!(byte, Some(b',' | b'}' | b']' | b'"' | b'\''))
}

/// The quote that opens at a byte, with the backslash that may stand before it in a text in quotes.
pub(super) fn opening(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let rest = bytes.get(at..)?;
    let known: [&[u8]; 6] = [b"\"\"\"", b"'''", b"\\\"", b"\\'", b"\"", b"'"];
    let quote = known.into_iter().find(|quote| rest.starts_with(quote))?;
    // An empty text is no beginning of a long one.
    let is_empty = quote.len() == 3
        && !matches!(rest.get(3), None | Some(b'\n' | b'\r'))
        && !has_twice(rest, quote);
    Some(if is_empty { &quote[..1] } else { quote })
}

fn has_twice(rest: &[u8], quote: &[u8]) -> bool {
    rest[quote.len()..]
        .windows(quote.len())
        .any(|window| window == quote)
}

/// Behind the quote that closes what one opens at a byte. One that is not closed where a value could end is
/// taken to end with its line, or with the text if it is one of three. How many bytes are looked at is taken from
/// `left`.
pub(super) fn closing(bytes: &[u8], at: usize, quote: &[u8], left: &mut usize) -> usize {
    let start = at + quote.len();
    let mut from = start;
    while let Some(found) = find(bytes, from, quote) {
        let end = found + quote.len();
        let is_doubled = quote == b"'" && bytes.get(end) == Some(&b'\'');
        let is_escaped = quote == b"\"" && n_backslashes(bytes, found) % 2 == 1;
        if is_doubled || is_escaped {
            from = end + usize::from(is_doubled);
            continue;
        }
        *left = left.saturating_sub(end - start);
        // Most quotes are closed in their line, whose end is far away where all of a text is in one.
        let is_in_line = !bytes[start..end].contains(&b'\n');
        return match is_in_line || quote.len() == 3 || ends_behind(&bytes[end..]) {
            true => end,
            false => end_of_line(bytes, start),
        };
    }
    *left = left.saturating_sub(bytes.len() - start);
    match quote.len() {
        3 => bytes.len(),
        _ => end_of_line(bytes, start),
    }
}

/// Whether a value could end before this.
fn ends_behind(rest: &[u8]) -> bool {
    let mut line = rest.iter().take_while(|byte| **byte != b'\n');
    let next = line.find(|byte| !byte.is_ascii_whitespace());
    next.is_none_or(|byte| matches!(byte, b',' | b'}' | b']' | b'#' | b':'))
}

fn n_backslashes(bytes: &[u8], at: usize) -> usize {
    let before = bytes[..at].iter().rev();
    before.take_while(|byte| **byte == b'\\').count()
}

fn find(bytes: &[u8], from: usize, wanted: &[u8]) -> Option<usize> {
    let mut windows = bytes.get(from..)?.windows(wanted.len());
    windows
        .position(|window| window == wanted)
        .map(|at| from + at)
}

/// Where the line of a byte ends.
pub(super) fn end_of_line(bytes: &[u8], at: usize) -> usize {
    let length = bytes[at..].iter().position(|byte| *byte == b'\n');
    length.map_or(bytes.len(), |length| at + length)
}

/// The first byte that is neither a space nor a tab.
pub(super) fn skip_blanks(bytes: &[u8], at: usize) -> usize {
    let rest = bytes[at.min(bytes.len())..].iter();
    at + rest.take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// A place without the blanks around what stands there.
pub(super) fn trimmed(text: &str, place: Range<usize>) -> Range<usize> {
    let inner = &text[place.clone()];
    let start = place.start + inner.len() - inner.trim_start().len();
    start..start + inner.trim().len()
}
