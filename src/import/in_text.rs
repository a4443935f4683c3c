//! Where in a text a credential stands as one, and where a name that is called the same.

/// Whether a user, a host, a database or a program has its name at a byte of a command: `-u X`, `--host=X`, `X@`.
pub(super) fn is_a_name_at(line: &str, at: usize) -> bool {
    let before = &line[..at];
    if at == 0 || before.ends_with("://") || before.ends_with('@') {
        return true;
    }
    let is_apart = |c: char| c.is_whitespace() || matches!(c, '"' | '\'');
    let token = before.rsplit(is_apart).next().unwrap_or_default();
    // `scheme://host/X`
    let path = token
        .split_once("://")
        .and_then(|(_, rest)| rest.split_once('/'));
    if path.is_some_and(|(_, path)| !path.contains('?')) {
        return true;
    }
    let marks = [' ', '\t', '=', ':', '"', '\'', '\\'];
    let ends = |c: char| is_apart(c) || matches!(c, ';' | '&' | '?' | '{' | ',' | '(' | '\\');
    let name = before.trim_end_matches(marks).rsplit(ends).next();
    match name.unwrap_or_default() {
        "-u" | "-U" | "-h" => true,
        // Elsewhere it is what is sent.
        "-d" => line.contains("-U"),
        name => is_called_like_a_name(name),
    }
}

/// Whether a variable is called like what holds a name.
pub(super) fn is_called_like_a_name(variable: &str) -> bool {
    let upper = variable.to_ascii_uppercase();
    let last = upper.rsplit(['_', '.', '-']).next().unwrap_or_default();
    let ends = ["USER", "USERNAME", "DATABASE", "DBNAME", "HOST", "HOSTNAME"];
    ends.iter().any(|end| last.ends_with(end))
        || matches!(
            last,
            "DB" | "NAME" | "VHOST" | "BUCKET" | "SCHEMA" | "SERVER"
        )
}

/// From this many bytes on no credential is found by chance, if it is no plain word.
const LONG: usize = 16;

/// Whether a credential stands at a byte of a text. One that is short or a plain word is found by chance in paths
/// and longer words, unless it stands between the marks that set it off in connection strings and commands.
pub(super) fn stands_at(text: &str, at: usize, value: &str) -> bool {
    if !text.as_bytes()[at..].starts_with(value.as_bytes()) || is_in_a_name(text, at) {
        return false;
    }
    let is_word = |of_it: fn(&u8) -> bool| value.bytes().all(|byte| of_it(&byte));
    let is_long =
        value.len() >= LONG && !is_word(u8::is_ascii_lowercase) && !is_word(u8::is_ascii_uppercase);
    let is_mark = |byte: u8| {
        !matches!(
            byte,
            // Not those of paths, longer words and variables.
            b'-' | b'_' | b'.' | b'/' | b'$' | b'{' | b'}'
        ) && byte.is_ascii_punctuation()
            || byte.is_ascii_whitespace()
    };
    let (before, after) = (&text.as_bytes()[..at], &text.as_bytes()[at + value.len()..]);
    is_long
        || before.last().is_none_or(|byte| is_mark(*byte))
            && after.first().is_none_or(|byte| is_mark(*byte))
}

/// Whether a byte of a text belongs to a name that took the place of a credential: `{{ secret('NAME') }}`.
fn is_in_a_name(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let begin = bytes[..at].windows(2).rposition(|two| two == b"{{");
    begin.is_some_and(|begin| {
        let inside = &bytes[begin..];
        let end = inside.windows(2).position(|two| two == b"}}");
        inside.starts_with(b"{{ secret(") && end.is_some_and(|end| begin + end > at)
    })
}

/// Whether a text is a word as people write it, of small letters alone.
pub(super) fn is_plain_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_lowercase())
}
