//! Env files as Compose reads them: `.env` beside a compose file, and what `env_file` names.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::compose_file::interpolate::Filler;

/// What an env file says, with the bytes where each variable stands.
pub(super) type Variables = BTreeMap<String, (String, Range<usize>)>;

/// Why an env file cannot be read, and at which byte.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub message: String,
    pub at: usize,
}

/// The longest value that variables of an env file may grow to, in bytes.
const LONGEST_VALUE: usize = 1 << 20;

/// The most bytes that the values of all env files of an import may have together: one long value can be asked for
/// by thousands of others.
pub(super) const MOST_BYTES: usize = 64 << 20;

/// Reads `text`. Variables in its values are looked up outside first, then among those that stand before. So many
/// bytes as `left` says may its values have; what they have is taken off.
pub(super) fn read(
    text: &str,
    outside: &dyn Fn(&str) -> Option<String>,
    left: &mut usize,
) -> Result<Variables, Wrong> {
    let mut variables = Variables::new();
    let start = text.len() - text.trim_start_matches('\u{feff}').len();
    let mut reader = Reader { text, at: start };
    while let Some((name, at, ending)) = reader.name()? {
        let value = match ending {
            Ending::Line => outside(&name),
            Ending::Value => Some(reader.value(&variables, outside)?),
        };
        if let Some(value) = value {
            if value.len() > LONGEST_VALUE {
                return Err(Wrong {
                    message: "variables grow without end here".to_owned(),
                    at,
                });
            }
            *left = left.checked_sub(value.len()).ok_or_else(|| Wrong {
                message: format!(
                    "the values of env files come to more than {} MiB here",
                    MOST_BYTES >> 20
                ),
                at,
            })?;
            variables.insert(name, (value, at..reader.at));
        }
    }
    Ok(variables)
}

/// Reads `text` in the form `raw`: every value as it stands, quotes and dollars too.
pub(super) fn read_raw(text: &str) -> Variables {
    let mut variables = Variables::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let line = line.trim_end_matches(['\n', '\r']).trim_start();
        if let Some((name, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) {
            let span = start..start + line.len();
            variables.insert(name.trim().to_owned(), (value.to_owned(), span));
        }
    }
    variables
}

/// What follows the name of a variable.
enum Ending {
    /// Nothing: it is taken from outside.
    Line,
    /// A value.
    Value,
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn skip_while(&mut self, skipped: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(skipped).len();
    }

    fn skip_to_line_end(&mut self) {
        let length = self.rest().find('\n');
        self.at += length.unwrap_or(self.rest().len());
    }

    /// The next variable's name and where it begins; `None` at the end of the text.
    fn name(&mut self) -> Result<Option<(String, usize, Ending)>, Wrong> {
        loop {
            self.skip_while(char::is_whitespace);
            if !self.rest().starts_with('#') {
                break;
            }
            self.skip_to_line_end();
        }
        if self.rest().is_empty() {
            return Ok(None);
        }
        if let Some(after) = self.rest().strip_prefix("export")
            && after.starts_with(is_space)
        {
            self.at += "export".len();
            self.skip_while(is_space);
        }
        let start = self.at;
        let end = self.rest().find(['=', ':', '\n']);
        let length = end.unwrap_or(self.rest().len());
        let name = self.rest()[..length].trim_end().to_owned();
        let in_name = |c: char| c.is_alphanumeric() || is_space(c) || "_.-[]".contains(c);
        if let Some(wrong) = name.find(|c| !in_name(c)) {
            return Err(Wrong {
                message: "this cannot stand in the name of a variable".to_owned(),
                at: start + wrong,
            });
        }
        if name.contains(is_space) || name.is_empty() {
            return Err(Wrong {
                message: "the name of a variable must be one word".to_owned(),
                at: start,
            });
        }
        self.at += length;
        let ending = match self.rest().starts_with(['=', ':']) {
            true => {
                self.at += 1;
                self.skip_while(is_space);
                Ending::Value
            }
            false => Ending::Line,
        };
        Ok(Some((name, start, ending)))
    }

    fn value(
        &mut self,
        variables: &Variables,
        outside: &dyn Fn(&str) -> Option<String>,
    ) -> Result<String, Wrong> {
        let start = self.at;
        let lookup = |name: &str| outside(name).or_else(|| Some(variables.get(name)?.0.clone()));
        let fill = |text: &str| {
            let filled = Filler::new(&lookup).fill(text);
            filled.map_err(|wrong| Wrong {
                message: wrong.said().0,
                at: start,
            })
        };
        match self.rest().chars().next() {
            Some('\'') => self.quoted('\''),
            Some('"') => fill(&unescaped(&self.quoted('"')?)),
            _ => {
                self.skip_to_line_end();
                let line = &self.text[start..self.at];
                let line = line.split_once(" #").map_or(line, |(value, _)| value);
                fill(line.trim_end())
            }
        }
    }

    /// What stands between quotes; only an escaped quote loses its backslash.
    fn quoted(&mut self, quote: char) -> Result<String, Wrong> {
        let start = self.at;
        let mut value = String::new();
        let mut escaped = false;
        for (offset, c) in self.text[start + 1..].char_indices() {
            match (c, escaped) {
                (c, false) if c == quote => {
                    self.at = start + 1 + offset + 1;
                    return Ok(value);
                }
                (c, true) if c == quote => value.push(c),
                ('\\', false) => {
                    escaped = true;
                    continue;
                }
                (c, true) => value.extend(['\\', c]),
                (c, false) => value.push(c),
            }
            escaped = false;
        }
        Err(Wrong {
            message: "this quote is not closed".to_owned(),
            at: start,
        })
    }
}

/// Escapes of a value in double quotes; an escaped dollar stays one through what follows.
fn unescaped(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let escape = (c == '\\').then(|| rest.peek().copied()).flatten();
        let meant = match escape {
            Some('n') => Some("\n"),
            Some('r') => Some("\r"),
            Some('t') => Some("\t"),
            Some('a') => Some("\u{7}"),
            Some('b') => Some("\u{8}"),
            Some('f') => Some("\u{c}"),
            Some('v') => Some("\u{b}"),
            Some('"') => Some("\""),
            Some('\\') => Some("\\"),
            Some('$') => Some("$$"),
            _ => None,
        };
        match meant {
            Some(meant) => {
                value.push_str(meant);
                rest.next();
            }
            None => value.push(c),
        }
    }
    value
}

/// Space within a line.
fn is_space(c: char) -> bool {
    matches!(
        c,
        '\t' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Result<Vec<(String, String)>, Wrong> {
        let outside = |name: &str| (name == "HOME").then(|| "/home/me".to_owned());
        let mut left = MOST_BYTES;
        let variables = read(text, &outside, &mut left)?.into_iter();
        Ok(variables.map(|(name, (value, _))| (name, value)).collect())
    }

    #[test]
    fn env_files_are_read_as_compose_reads_them() {
        for (text, value) in [
            ("A=b", "b"),
            ("A = b # c", "b"),
            ("A=b#c", "b#c"),
            ("export A=b", "b"),
            ("A: b", "b"),
            ("A='x $HOME \\' y'", "x $HOME ' y"),
            ("A=\"x\\n$HOME\\$y\"", "x\n/home/me$y"),
            ("A=\"two\nlines\"", "two\nlines"),
            ("A=$HOME/x${NOPE:-y}", "/home/me/xy"),
            ("\u{feff}# c\n\n  A=b\r\n", "b"),
            ("A=", ""),
        ] {
            let read = values(text).expect("it can be read");
            assert_eq!(read, [("A".to_owned(), value.to_owned())], "{text:?}");
        }
        let chain = values("A=1\nB=$A$A\nHOME\n").expect("it can be read");
        assert_eq!(chain[1], ("B".to_owned(), "11".to_owned()));
        assert_eq!(chain[2], ("HOME".to_owned(), "/home/me".to_owned()));
    }

    #[test]
    fn what_is_no_env_file_is_refused_with_its_place() {
        assert_eq!(values("A=1\nB C=2").expect_err("two words").at, 4);
        assert_eq!(values("A=1\nB*=2").expect_err("a star").at, 5);
        assert_eq!(values("A=\"x").expect_err("no end").at, 2);
        let mut growing = "A=xxxxxxxxxxxxxxxx\n".to_owned();
        for name in 0..30 {
            growing.push_str(&format!("A=$A$A\nB{name}=x\n"));
        }
        assert!(values(&growing).is_err());
    }

    #[test]
    fn raw_values_stay_as_they_stand() {
        let raw = read_raw("A='x' $Y\n#B=1\n");
        assert_eq!(raw["A"].0, "'x' $Y");
        assert_eq!(raw.len(), 1);
    }
}
