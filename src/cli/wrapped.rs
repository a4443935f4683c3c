//! Sentences that are longer than the terminal is wide, in lines that break between words.

use unicode_width::UnicodeWidthStr;

/// A terminal that is narrower breaks lines as it likes.
const NARROWEST: usize = 40;

/// How wide the terminal is to which standard error goes; nothing if it goes elsewhere.
pub fn width_of_notes() -> Option<usize> {
    let (width, _) = terminal_size::terminal_size_of(std::io::stderr())?;
    Some(usize::from(width.0))
}

/// An error and its help, in lines that are no wider than that; those that go on stand below the first words.
pub fn error(text: &str, width: Option<usize>) -> String {
    let head = |line: &str| {
        let mut heads = ["error: ", "  help: "].into_iter();
        heads.find(|head| line.starts_with(head)).map(str::len)
    };
    let line = |line: &str| match head(line) {
        Some(indent) => wrapped(line, indent, width),
        None => line.to_owned(),
    };
    text.split('\n')
        .map(line)
        .collect::<Vec<String>>()
        .join("\n")
}

/// A line, in lines that are no wider than that; those that go on are indented. What stands between `` ` `` is one
/// word: it may be a command that somebody copies.
pub fn wrapped(line: &str, indent: usize, width: Option<usize>) -> String {
    let Some(width) = width.filter(|width| *width >= NARROWEST && line.width() > *width) else {
        return line.to_owned();
    };
    let (mut text, mut column) = (String::new(), 0);
    for word in words(line) {
        if column > 0 && column + word.trim_end().width() > width {
            text.truncate(text.trim_end().len());
            text.push('\n');
            text.push_str(&" ".repeat(indent));
            column = indent;
        }
        text.push_str(word);
        column += word.width();
    }
    text
}

/// The words of a line, each with the blanks behind it; blanks before the first are of it.
fn words(line: &str) -> Vec<&str> {
    let (mut words, mut start) = (Vec::new(), 0);
    let (mut is_quoted, mut is_behind) = (false, false);
    for (at, c) in line.char_indices() {
        if is_behind && c != ' ' && !is_quoted && !line[start..at].trim().is_empty() {
            words.push(&line[start..at]);
            start = at;
        }
        is_behind = c == ' ';
        is_quoted ^= c == '`';
    }
    words.push(&line[start..]);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_in_no_command() {
        let text = "error: `x` is not a role\n  help: the roles are database, document and cache, as in `backstay new --needs cache`\n";
        let expected = "\
error: `x` is not a role
  help: the roles are database, document
        and cache, as in
        `backstay new --needs cache`
";
        assert_eq!(error(text, Some(40)), expected);
        assert_eq!(error(text, None), text);
        assert_eq!(error(text, Some(100)), text);
        let long = "a".repeat(60);
        assert_eq!(
            wrapped(&format!("b {long} c"), 2, Some(40)),
            format!("b\n  {long}\n  c")
        );
    }
}
