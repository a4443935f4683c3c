//! Variables in texts: `$A`, `${A:-b}`, `${A:?why}`, `${A:+b}`, nested, and `$$` for a dollar.

use std::collections::BTreeSet;

/// How deep one variable may stand in the default of another.
const DEEPEST: usize = 32;

/// Most bytes that all texts may have together once their variables are filled in.
const LONGEST: usize = 64 << 20;

/// Fills in variables, and remembers which had no value.
pub(super) struct Filler<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    /// The variables without a value and without a default, which become nothing.
    pub unset: BTreeSet<String>,
    /// The variables that something was filled in for, and what.
    pub filled: Vec<(String, String)>,
    left: usize,
}

/// Why a text's variables cannot be filled in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// `${` that does not go on as a variable.
    Form,
    /// A variable that must have a value.
    Missing { name: String, reason: String },
    /// More than is sensible.
    TooMuch,
}

impl Wrong {
    /// As a sentence, and how to mend it.
    pub fn said(&self) -> (String, &'static str) {
        match self {
            Wrong::Form => (
                "`${` does not begin a variable here".to_owned(),
                "write `${NAME}`, or `$$` for a dollar that stays",
            ),
            Wrong::Missing { name, reason } if reason.is_empty() => (
                format!("the variable `{name}` has no value, and needs one"),
                "set it in `.env` beside the file, in a file for `--env-file`, or in the shell",
            ),
            Wrong::Missing { name, reason } => (
                format!(
                    "the variable `{name}` has no value: {}",
                    crate::finding::printed(reason)
                ),
                "set it in `.env` beside the file, in a file for `--env-file`, or in the shell",
            ),
            Wrong::TooMuch => (
                "variables grow without end here".to_owned(),
                "use fewer variables in the values of variables",
            ),
        }
    }
}

impl<'a> Filler<'a> {
    /// Looks variables up with `lookup`.
    pub fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Filler<'a> {
        Filler {
            lookup,
            unset: BTreeSet::new(),
            filled: Vec::new(),
            left: LONGEST,
        }
    }

    /// `text` with its variables filled in.
    pub fn fill(&mut self, text: &str) -> Result<String, Wrong> {
        self.fill_at(text, 0)
    }

    fn fill_at(&mut self, text: &str, depth: usize) -> Result<String, Wrong> {
        if depth > DEEPEST {
            return Err(Wrong::TooMuch);
        }
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            let before = filled.len();
            filled.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            rest = match after.as_bytes().first() {
                Some(b'$') => {
                    filled.push('$');
                    &after[1..]
                }
                Some(b'{') => {
                    let (inside, behind) = braced(&after[1..]).ok_or(Wrong::Form)?;
                    let value = self.expression(inside, depth)?;
                    filled.push_str(&value);
                    behind
                }
                Some(b) if is_first(*b) => {
                    let name = &after[..name_length(after)];
                    filled.push_str(&self.value(name));
                    &after[name.len()..]
                }
                _ => {
                    filled.push('$');
                    after
                }
            };
            self.take_off(filled.len() - before)?;
        }
        filled.push_str(rest);
        self.take_off(rest.len())?;
        Ok(filled)
    }

    /// Takes what was added off what may still be.
    fn take_off(&mut self, added: usize) -> Result<(), Wrong> {
        self.left = self.left.checked_sub(added).ok_or(Wrong::TooMuch)?;
        Ok(())
    }

    /// What stands between the braces: a name, or a name with what to do about its value.
    fn expression(&mut self, inside: &str, depth: usize) -> Result<String, Wrong> {
        let (name, operation) = inside.split_at(name_length(inside));
        if operation.is_empty() {
            return Ok(self.value(name));
        }
        let (counts_empty, operation) = match operation.strip_prefix(':') {
            Some(operation) => (true, operation),
            None => (false, operation),
        };
        let (sign, argument) = operation.split_at(1);
        let value = (self.lookup)(name);
        let is_there = value
            .as_ref()
            .is_some_and(|value| !counts_empty || !value.is_empty());
        match (sign, is_there) {
            ("-", false) => {
                let otherwise = self.fill_at(argument, depth + 1)?;
                self.filled.push((name.to_owned(), otherwise.clone()));
                Ok(otherwise)
            }
            ("+", true) => self.fill_at(argument, depth + 1),
            ("?", false) => Err(Wrong::Missing {
                name: name.to_owned(),
                reason: self.fill_at(argument, depth + 1)?,
            }),
            _ => {
                let said = value.iter().map(|value| (name.to_owned(), value.clone()));
                self.filled.extend(said);
                Ok(value.unwrap_or_default())
            }
        }
    }

    fn value(&mut self, name: &str) -> String {
        match (self.lookup)(name) {
            Some(value) => {
                self.filled.push((name.to_owned(), value.clone()));
                value
            }
            None => {
                self.unset.insert(name.to_owned());
                String::new()
            }
        }
    }
}

/// The variable that a text is made of alone, or what is said in it of another: `${A:-b}`, `X=$A`.
pub(super) fn only_variable(text: &str) -> Option<&str> {
    let of_whole = |text: &'_ str| -> Option<usize> {
        let after = text.strip_prefix('$')?;
        match after.strip_prefix('{') {
            Some(after) => braced(after)
                .is_some_and(|(_, behind)| behind.is_empty())
                .then_some(2),
            None => (name_length(after) == after.len() && !after.is_empty()).then_some(1),
        }
    };
    let value = || text.split_once('=').map(|(_, value)| value);
    let said = [Some(text), value()].into_iter().flatten();
    let found = said
        .into_iter()
        .find_map(|text| Some(&text[of_whole(text)?..]));
    found.map(|name| &name[..name_length(name)])
}

/// The variables that a text asks for, defaults left out.
pub(super) fn variables_in(text: &str) -> impl Iterator<Item = &str> {
    let behind = text.match_indices('$').map(|(at, _)| &text[at + 1..]);
    let names = behind.map(|text| text.strip_prefix('{').unwrap_or(text));
    names
        .map(|text| &text[..name_length(text)])
        .filter(|name| !name.is_empty())
}

/// What stands between `${` and its brace, and what follows it; `None` if it is no variable.
fn braced(text: &str) -> Option<(&str, &str)> {
    let length = name_length(text);
    if length == 0 {
        return None;
    }
    let after = &text[length..];
    if let Some(behind) = after.strip_prefix('}') {
        return Some((&text[..length], behind));
    }
    let operation = after.strip_prefix(':').unwrap_or(after);
    if !operation.starts_with(['-', '?', '+']) {
        return None;
    }
    // A default ends on its line, at the brace that closes it; where braces do not pair, at the last one.
    let line = text.lines().next().unwrap_or_default();
    let last = line.rfind('}').filter(|at| *at >= length)?;
    let end = closing(&line[..=last]).unwrap_or(last);
    Some((&text[..end], &text[end + 1..]))
}

/// Where the brace closes that was open before `text`.
fn closing(text: &str) -> Option<usize> {
    let mut open = 1;
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'}' => {
                open -= 1;
                if open == 0 {
                    return Some(at);
                }
            }
            b'{' => {
                open += 1;
                // The byte behind an opening brace begins a name, as Compose counts.
                bytes.next();
            }
            _ => {}
        }
    }
    None
}

fn is_first(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

/// How many bytes of `text` are a variable's name.
fn name_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    if !bytes.first().is_some_and(|first| is_first(*first)) {
        return 0;
    }
    let in_name = |byte: &&u8| is_first(**byte) || byte.is_ascii_digit();
    bytes.iter().take_while(in_name).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(text: &str) -> Result<String, Wrong> {
        let lookup = |name: &str| match name {
            "A" => Some("a".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        Filler::new(&lookup).fill(text)
    }

    #[test]
    fn variables_are_filled_in_as_compose_does() {
        for (text, filled) in [
            ("$A-${A}", "a-a"),
            ("$$A $$", "$A $"),
            ("cost$ $1 $", "cost$ $1 $"),
            ("${B:-x}${EMPTY:-y}${EMPTY-z}", "xy"),
            ("${A:+x}${EMPTY:+x}${EMPTY+y}${B+z}", "xy"),
            ("${B:-${C:-${A}}}!", "a!"),
            ("${B:-{\"k\": 1}}!", "{\"k\": 1}!"),
            ("${B-a:b}${A?why}", "a:ba"),
            ("[$B]", "[]"),
            ("${B:-a} and ${B:-b}", "a and b"),
            ("${B:-{}", "{"),
            ("é${A}é", "éaé"),
        ] {
            assert_eq!(fill(text).as_deref(), Ok(filled), "{text}");
        }
    }

    #[test]
    fn a_long_text_is_counted_once() {
        let line = "export HOME=$$HOME PATH=$$PATH and $A\n";
        let filled = fill(&line.repeat(4_000));
        let wanted = "export HOME=$HOME PATH=$PATH and a\n".repeat(4_000);
        assert_eq!(filled, Ok(wanted));
        let long = |_: &str| Some("x".repeat(1 << 20));
        let many = |n: usize| Filler::new(&long).fill(&"$A".repeat(n)).map(drop);
        assert_eq!(many(64), Ok(()));
        assert_eq!(many(65), Err(Wrong::TooMuch));
    }

    #[test]
    fn a_variable_alone_is_told_from_a_text_with_variables() {
        for (text, variable) in [
            ("$A", Some("A")),
            ("${A}", Some("A")),
            ("${A:-b=c}", Some("A")),
            ("X=${A:-b}", Some("A")),
            ("X=$A", Some("A")),
            ("${A}b", None),
            ("x://$A", None),
            ("$", None),
            ("A", None),
        ] {
            assert_eq!(only_variable(text), variable, "{text}");
        }
        let asked: Vec<&str> = variables_in("${A:-x}:$B $$ $1").collect();
        assert_eq!(asked, ["A", "B"]);
    }

    #[test]
    fn what_is_no_variable_is_refused() {
        for text in ["${", "${}", "${A", "${A!}", "${1}", "${A:-x\n}", "${A:}"] {
            assert_eq!(fill(text), Err(Wrong::Form), "{text}");
        }
        assert_eq!(
            fill("${B:?set ${A}}"),
            Err(Wrong::Missing {
                name: "B".to_owned(),
                reason: "set a".to_owned()
            })
        );
        let deep = format!("{}{}", "${B:-".repeat(100), "}".repeat(100));
        assert_eq!(fill(&deep), Err(Wrong::TooMuch));
    }
}
