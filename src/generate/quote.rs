//! Values in YAML: always in double quotes, with `$` doubled so that Compose takes it literally.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Opens the name of a variable that Compose fills in from `.env`; see `container_text`.
pub(super) const VARIABLE_OPENS: char = '\u{e000}';
/// Closes it.
pub(super) const VARIABLE_CLOSES: char = '\u{e001}';
/// Opens the name of a credential that is mounted as a file; closed as a variable is.
pub(super) const FILE_OPENS: char = '\u{e002}';
/// Every mark: no text of the plan may bring one.
const MARKS: [char; 3] = [VARIABLE_OPENS, VARIABLE_CLOSES, FILE_OPENS];

/// `text` as a YAML string in a compose file. A variable between the two marks becomes an
/// interpolation that fails with a clear message when the variable is not set.
pub(super) fn yaml_string(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(VARIABLE_OPENS) {
        push_escaped(&mut quoted, before);
        let (variable, after) = after.split_once(VARIABLE_CLOSES).unwrap_or((after, ""));
        // Writing into a string cannot fail.
        let _ = write!(quoted, "${{{variable}:?fill it in, in .env}}");
        rest = after;
    }
    push_escaped(&mut quoted, rest);
    quoted.push('"');
    quoted
}

/// The text that Compose reads where `yaml_string` has written one; none where it has not, or with a variable in it.
pub(super) fn read_back(quoted: &str) -> Option<String> {
    let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
    let (mut text, mut chars) = (String::new(), inner.chars());
    while let Some(c) = chars.next() {
        text.push(match c {
            '$' => chars.next().filter(|next| *next == '$')?,
            '\\' => match chars.next()? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'u' => {
                    let digits: String = chars.by_ref().take(4).collect();
                    char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?
                }
                escaped => escaped,
            },
            c => c,
        });
    }
    Some(text)
}

/// `text` without the marks, for text that comes from the user.
pub(super) fn unmarked(text: &str) -> Cow<'_, str> {
    match text.contains(MARKS) {
        true => Cow::Owned(text.replace(MARKS, "\u{fffd}")),
        false => Cow::Borrowed(text),
    }
}

fn push_escaped(quoted: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '$' => quoted.push_str("$$"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                let _ = write!(quoted, "\\u{:04x}", c as u32);
            }
            c => quoted.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_leaves_its_quotes() {
        assert_eq!(yaml_string("x: {y"), "\"x: {y\"");
        assert_eq!(
            yaml_string("a\"b\\c\n$d\u{1b}"),
            "\"a\\\"b\\\\c\\n$$d\\u001b\""
        );
        for text in ["x: {y", "a\"b\\c\n$d\u{1b}", "", "$$"] {
            assert_eq!(read_back(&yaml_string(text)).as_deref(), Some(text));
        }
        assert_eq!(read_back("\"${A:?x}\""), None);
    }

    #[test]
    fn a_marked_variable_is_filled_in_by_compose() {
        let text = format!("<{VARIABLE_OPENS}DB_PASSWORD{VARIABLE_CLOSES}>");
        assert_eq!(
            yaml_string(&text),
            "\"<${DB_PASSWORD:?fill it in, in .env}>\""
        );
        assert_eq!(unmarked(&text), "<\u{fffd}DB_PASSWORD\u{fffd}>");
    }

    #[test]
    fn no_mark_of_the_plans_own_is_left() {
        for mark in MARKS {
            assert_eq!(
                unmarked(&format!("x{mark}/../../evil")),
                "x\u{fffd}/../../evil"
            );
        }
    }
}
