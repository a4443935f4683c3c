//! Env files in the `compose` dialect: an encoder that real readers agree on, and a reader.
//!
//! Docker Compose, systemd and dotenvy read every value back unchanged; bash, node's dotenv and
//! python-dotenv all but those that need the last form below.

/// How a value has to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Portability {
    /// Every reader of env files gets the same value.
    Everywhere,
    /// Only readers of the compose dialect do: Docker Compose, systemd, dotenvy.
    ComposeOnly,
}

/// `value` as the right-hand side of a line, and who can read it; `None` if nobody can.
pub fn encode(value: &str) -> Option<(String, Portability)> {
    if value.contains('\0') {
        return None;
    }
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_./:@%+,=-".contains(&b);
    if value.bytes().all(plain) {
        return Some((value.to_owned(), Portability::Everywhere));
    }
    let single = !value.contains(['\'', '\r'])
        && !value.ends_with('\\')
        && !value.contains("\\\\")
        && !value.contains("${");
    if single {
        return Some((format!("'{value}'"), Portability::Everywhere));
    }
    if !value.contains(['"', '$', '\\', '`', '\r']) {
        return Some((format!("\"{value}\""), Portability::Everywhere));
    }
    let escaped = value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('$', "\\$");
    Some((format!("\"{escaped}\""), Portability::ComposeOnly))
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
}

/// The entries of a text. Joined again they give the text, byte for byte.
pub fn entries(text: &str) -> Vec<Entry<'_>> {
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
        let end = value_end(text, at + value_at).unwrap_or(line_end);
        entries.push(Entry {
            lead: &text[lead_start..at],
            key: Some(key),
            assignment: &text[at..end],
        });
        (lead_start, at) = (end, end);
    }
    if lead_start < text.len() {
        entries.push(Entry {
            lead: &text[lead_start..],
            key: None,
            assignment: "",
        });
    }
    entries
}

impl Entry<'_> {
    /// The value as written by `encode` or by a person; taken literally, nothing is interpolated.
    pub fn value(&self) -> String {
        let raw = self
            .assignment
            .split_once('=')
            .map_or("", |(_, raw)| raw.trim_end());
        let (spaced, raw) = (raw, raw.trim_start());
        if let Some(inner) = raw.strip_prefix('\'') {
            return literal(inner);
        }
        if let Some(inner) = raw.strip_prefix('"') {
            return unescaped(inner);
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
            let close = start + offset + 1;
            return Some(
                text[close..]
                    .find('\n')
                    .map_or(text.len(), |newline| close + newline + 1),
            );
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

fn unescaped(inner: &str) -> String {
    let mut value = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => match chars.next() {
                Some('n') => value.push('\n'),
                Some('t') => value.push('\t'),
                Some('r') => value.push('\r'),
                Some(escaped @ ('\\' | '"' | '$')) => value.push(escaped),
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
