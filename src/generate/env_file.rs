//! Env files: an encoder for each way of quoting that real readers agree on, and a reader.
//!
//! No quoting is right for every reader, so an app's file is written for what reads it. `compose`:
//! Docker Compose, systemd and dotenvy read every value back unchanged; bash, node's dotenv and
//! python-dotenv all but those that need the last form below. `shell`: bash and dash read every value.
//! `raw`: what takes a line as it is reads every value without line breaks.
//!
//! A file that is not quoted for Compose says so in a comment at its top, and so it is read again.

use crate::model::{Choice, Quoting};

/// Who reads a value as it was meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Portability {
    /// Every reader of env files.
    Everywhere,
    /// Readers of the compose dialect: Docker Compose, systemd, dotenvy. Shells too, unless it holds a backtick.
    ComposeOnly,
    /// Shells alone.
    ShellOnly,
    /// Readers alone that take a line as it is.
    RawOnly,
}

impl Portability {
    /// What to know before another reader is given the file; nothing if there is nothing to know.
    pub fn note(self, quoting: Quoting) -> Option<&'static str> {
        match self {
            Portability::Everywhere => None,
            Portability::ComposeOnly if quoting == Quoting::Shell => Some(
                "Quoted for shells, Docker Compose and systemd; other readers may take the backslashes literally.",
            ),
            Portability::ComposeOnly => Some(
                "Quoted for Docker Compose and systemd; other readers may take the backslashes literally.",
            ),
            Portability::ShellOnly => Some("Quoted for shells; other readers take it differently."),
            Portability::RawOnly => {
                Some("Not quoted; readers that know quotes, comments or `$` take it differently.")
            }
        }
    }
}

/// `value` as the right-hand side of a line for Docker Compose, and who can read it; `None` if nobody can.
pub fn encode(value: &str) -> Option<(String, Portability)> {
    encode_as(value, Quoting::Compose).ok()
}

/// `value` as the right-hand side of a line that is quoted so, and who can read it; else why it cannot be said.
pub fn encode_as(value: &str, quoting: Quoting) -> Result<(String, Portability), &'static str> {
    if value.contains('\0') {
        return Err("no env file can hold a zero byte");
    }
    if quoting == Quoting::Raw && value.contains(['\n', '\r']) {
        return Err(
            "an env file without quotes cannot hold a line break; let `env-file` of the app be `compose` or `shell`",
        );
    }
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_./:@%+,=-".contains(&b);
    if value.bytes().all(plain) {
        return Ok((value.to_owned(), Portability::Everywhere));
    }
    Ok(match quoting {
        Quoting::Raw => (value.to_owned(), Portability::RawOnly),
        Quoting::Compose | Quoting::Shell => quoted(value, quoting),
    })
}

/// `value` in the quotes that most readers agree on.
fn quoted(value: &str, quoting: Quoting) -> (String, Portability) {
    let single = !value.contains(['\'', '\r'])
        && !value.ends_with('\\')
        && !value.contains("\\\\")
        && !value.contains("${");
    if single {
        return (format!("'{value}'"), Portability::Everywhere);
    }
    if !value.contains(['"', '$', '\\', '`', '\r']) {
        return (format!("\"{value}\""), Portability::Everywhere);
    }
    let escaped = value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('$', "\\$");
    if quoting == Quoting::Shell && escaped.contains('`') {
        let escaped = escaped.replace('`', "\\`");
        return (format!("\"{escaped}\""), Portability::ShellOnly);
    }
    (format!("\"{escaped}\""), Portability::ComposeOnly)
}

const MARK: &str = "# Quoting: ";

/// The line at the top of a file that says how it is quoted; none for Compose, the usual one.
pub fn mark(quoting: Quoting) -> Option<String> {
    (quoting != Quoting::Compose).then(|| format!("{MARK}{}, {}\n", quoting, quoting.meaning()))
}

/// How a file is quoted, as the comments at its top say.
pub fn quoting_of(text: &str) -> Quoting {
    marked(text).unwrap_or(Quoting::Compose)
}

/// How the comments at the top say that a file is quoted, if they do.
pub fn marked(text: &str) -> Option<Quoting> {
    let is_at_top = |line: &&str| line.is_empty() || line.starts_with('#');
    let comments = text.lines().take_while(is_at_top);
    let mut marks = comments.filter_map(|line| line.strip_prefix(MARK));
    marks.find_map(|mark| Quoting::find(mark.split(',').next()?))
}

/// One piece of an env file: an assignment with the lines above it, or the lines at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Comments and blank lines before the assignment, each with its line break.
    pub lead: &'a str,
    /// The key; `None` for what stands after the last assignment.
    pub key: Option<&'a str>,
    /// The assignment as written, with its line break; a quoted value may have several lines.
    pub assignment: &'a str,
    /// How the file is quoted.
    pub quoting: Quoting,
}

/// The entries of a text. Joined again they give the text, byte for byte.
pub fn entries(text: &str) -> Vec<Entry<'_>> {
    let quoting = quoting_of(text);
    let mut entries = Vec::new();
    let (mut lead_start, mut at) = (0, 0);
    while at < text.len() {
        let line_end = text[at..]
            .find('\n')
            .map_or(text.len(), |newline| at + newline + 1);
        let Some((key, value_at)) = assignment_start(&text[at..line_end]) else {
            at = line_end;
            continue;
        };
        let end = match quoting {
            Quoting::Raw => line_end,
            _ => value_end(text, at + value_at).unwrap_or(line_end),
        };
        entries.push(Entry {
            lead: &text[lead_start..at],
            key: Some(key),
            assignment: &text[at..end],
            quoting,
        });
        (lead_start, at) = (end, end);
    }
    if lead_start < text.len() {
        entries.push(Entry {
            lead: &text[lead_start..],
            key: None,
            assignment: "",
            quoting,
        });
    }
    entries
}

/// A line that no reader takes for what it is meant to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Its number in the text, from 1.
    pub line: usize,
    /// Why it is not read, without a word of what it holds.
    pub why: &'static str,
}

/// The lines that say nothing, or not what they seem to say.
pub fn unread(text: &str) -> Vec<Unread> {
    let mut found = Vec::new();
    let mut line = 0;
    for entry in entries(text) {
        for lead in entry.lead.lines() {
            line += 1;
            let lead = lead.trim_start_matches('\u{feff}').trim();
            if !lead.is_empty() && !lead.starts_with('#') {
                let why = "it is neither `NAME=value` nor a comment, and nothing reads it";
                found.push(Unread { line, why });
            }
        }
        if entry.is_open() {
            let why = "its quote has no end, so the value ends with the line";
            let line = line + 1;
            found.push(Unread { line, why });
        }
        line += entry.assignment.lines().count();
    }
    found
}

impl Entry<'_> {
    /// Whether its value begins with a quote that nothing closes.
    fn is_open(&self) -> bool {
        let Some((left, raw)) = self.assignment.split_once('=') else {
            return false;
        };
        let is_quoted = raw.trim_start_matches([' ', '\t']).starts_with(['"', '\'']);
        let is_closed = || closing_quote(self.assignment, left.len() + 1).is_some();
        self.quoting != Quoting::Raw && is_quoted && !is_closed()
    }

    /// The assignment with the same value in a file that is quoted otherwise; else why it cannot be said.
    /// A comment behind the value stands above it then.
    pub fn requoted(&self, quoting: Quoting) -> Result<String, &'static str> {
        if self.is_filled_in() {
            return Err("it holds a `$` that its reader fills in");
        }
        let (written, _) = encode_as(&self.value(), quoting)?;
        let (left, _) = self.assignment.split_once('=').unwrap_or_default();
        let remark = self.remark();
        let remark = remark.map_or_else(String::new, |remark| format!("{remark}\n"));
        // What is no `NAME=` alone would be part of the name for readers of lines as they are.
        let left = match quoting {
            Quoting::Raw => self.key.unwrap_or(left),
            Quoting::Compose | Quoting::Shell => left,
        };
        Ok(format!("{remark}{left}={written}\n"))
    }

    /// Whether a reader puts something else in the place of a `$`.
    fn is_filled_in(&self) -> bool {
        let raw = self.assignment.split_once('=').map_or("", |(_, raw)| raw);
        if self.quoting == Quoting::Raw || raw.trim_start().starts_with('\'') {
            return false;
        }
        let raw = raw.trim_end();
        let value = raw.strip_suffix(self.remark().unwrap_or_default());
        let mut escaped = false;
        value.unwrap_or(raw).chars().any(|c| {
            let fills_in = c == '$' && !escaped;
            escaped = c == '\\' && !escaped;
            fills_in
        })
    }

    /// The comment behind the value, if there is one.
    fn remark(&self) -> Option<&str> {
        let written = self.assignment.trim_end();
        let (left, raw) = written.split_once('=')?;
        let from = match self.quoting {
            Quoting::Raw => return None,
            _ => closing_quote(written, left.len() + 1),
        };
        let rest = from.map_or(raw, |close| &written[close..]);
        let marks = [" #", "\t#"].iter().filter_map(|mark| rest.find(mark));
        Some(&rest[marks.min()? + 1..])
    }

    /// The value as written by `encode` or by a person; taken literally, nothing is interpolated.
    pub fn value(&self) -> String {
        let written = self.assignment.split_once('=').map_or("", |(_, raw)| raw);
        if self.quoting == Quoting::Raw {
            return written.trim_end_matches(['\n', '\r']).to_owned();
        }
        let raw = written.trim_end();
        let (spaced, raw) = (raw, raw.trim_start());
        if let Some(inner) = raw.strip_prefix('\'') {
            return literal(inner);
        }
        if let Some(inner) = raw.strip_prefix('"') {
            return unescaped(inner, self.quoting);
        }
        // A comment begins with a `#` behind a blank, even where no value stands before it.
        let end = [" #", "\t#"]
            .iter()
            .filter_map(|mark| spaced.find(mark))
            .min();
        spaced[..end.unwrap_or(spaced.len())].trim().to_owned()
    }
}

/// The key of a line that assigns, and where its value begins.
fn assignment_start(line: &str) -> Option<(&str, usize)> {
    let equals = line.find('=')?;
    let key = line[..equals].trim();
    let key = key.strip_prefix("export ").map_or(key, str::trim_start);
    let valid = !key.is_empty()
        && key
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
        && !key.starts_with(|c: char| c.is_ascii_digit());
    valid.then_some((key, equals + 1))
}

/// Where a quoted value's last line ends; `None` for values without quotes or without an end.
fn value_end(text: &str, value_at: usize) -> Option<usize> {
    let close = closing_quote(text, value_at)?;
    let newline = text[close..].find('\n');
    Some(newline.map_or(text.len(), |newline| close + newline + 1))
}

/// The place behind the closing quote of the value that begins there.
fn closing_quote(text: &str, value_at: usize) -> Option<usize> {
    let value = text[value_at..].trim_start_matches([' ', '\t']);
    let start = text.len() - value.len();
    let quote = value.chars().next().filter(|c| *c == '"' || *c == '\'')?;
    let mut escaped = false;
    for (offset, c) in value.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == quote {
            return Some(start + offset + 1);
        }
    }
    None
}

/// The text up to the closing single quote; `\'` is a quote that does not close.
fn literal(inner: &str) -> String {
    let mut value = String::with_capacity(inner.len());
    let mut chars = inner.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\'' => break,
            '\\' if chars.peek() == Some(&'\'') => value.extend(chars.next()),
            c => value.push(c),
        }
    }
    value
}

fn unescaped(inner: &str, quoting: Quoting) -> String {
    let mut value = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => match chars.next() {
                Some(escaped @ ('\\' | '"' | '$')) => value.push(escaped),
                Some('`') if quoting == Quoting::Shell => value.push('`'),
                Some('n') if quoting == Quoting::Compose => value.push('\n'),
                Some('t') if quoting == Quoting::Compose => value.push('\t'),
                Some('r') if quoting == Quoting::Compose => value.push('\r'),
                Some(other) => value.extend(['\\', other]),
                None => value.push('\\'),
            },
            c => value.push(c),
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(value: &str) -> (String, Portability) {
        encode(value).expect("the value can be written")
    }

    #[test]
    fn every_value_takes_the_plainest_form_that_holds_it() {
        use Portability::{ComposeOnly, Everywhere};
        for (value, written, portability) in [
            ("abc-1.2_3", "abc-1.2_3", Everywhere),
            ("", "", Everywhere),
            ("a b # c", "'a b # c'", Everywhere),
            ("pa$word", "'pa$word'", Everywhere),
            ("it's", "\"it's\"", Everywhere),
            ("it's $5", "\"it's \\$5\"", ComposeOnly),
            ("${x}", "\"\\${x}\"", ComposeOnly),
            ("a\nb", "'a\nb'", Everywhere),
            ("end\\", "\"end\\\\\"", ComposeOnly),
        ] {
            assert_eq!(
                encoded(value),
                (written.to_owned(), portability),
                "{value:?}"
            );
        }
        assert_eq!(encode("a\0b"), None);
    }

    #[test]
    fn what_is_written_is_read_back() {
        for value in [
            "",
            "plain",
            "a b",
            "it's",
            "it's $5 \\ `x`",
            "a\nb",
            "\"q\"",
            "${x}",
            " ends ",
            "a#b",
            "\\",
            "'",
        ] {
            let text = format!("# c\nA={}\nB=1\n", encoded(value).0);
            let entries = entries(&text);
            assert_eq!(entries.len(), 2, "{text}");
            assert_eq!(
                (entries[0].value(), entries[1].value()),
                (value.to_owned(), "1".to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn a_note_fits_the_quoting_of_its_file() {
        let note = |quoting| {
            let (_, portability) = encode_as("it's $5", quoting).expect("it can be written");
            portability
                .note(quoting)
                .expect("there is something to know")
        };
        assert!(note(Quoting::Compose).starts_with("Quoted for Docker Compose"));
        assert!(note(Quoting::Shell).starts_with("Quoted for shells, Docker Compose"));
        assert!(note(Quoting::Raw).starts_with("Not quoted"));
    }

    #[test]
    fn a_comment_is_no_value() {
        for (line, value) in [
            ("X= # ask Bob", ""),
            ("X=\t# ask Bob", ""),
            ("X=a # b", "a"),
            ("X=#a", "#a"),
            ("X= a#b", "a#b"),
        ] {
            assert_eq!(entries(line)[0].value(), value, "{line}");
        }
    }

    #[test]
    fn lines_that_say_nothing_are_found_by_their_numbers() {
        let text = "# c\n\nA=1\nhunter2\nB='a\nb=c'\n1ST=x\nC=\"open\nD=' x' # y\n  # z\nlast";
        let lines: Vec<usize> = unread(text).iter().map(|unread| unread.line).collect();
        assert_eq!(lines, [4, 7, 8, 11]);
        assert!(unread("# c\nA=\n").is_empty());
    }

    #[test]
    fn entries_joined_give_the_text_whatever_it_is() {
        for text in [
            "",
            "\n",
            "A='open\nB=2\n",
            "x\nA=1\n# end",
            "export A = \"a\nb\" # c\nB=",
            "=\n==\nA",
        ] {
            let joined: String = entries(text)
                .iter()
                .map(|entry| format!("{}{}", entry.lead, entry.assignment))
                .collect();
            assert_eq!(joined, text);
        }
    }
}
