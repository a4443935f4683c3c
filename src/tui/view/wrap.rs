//! Breaks lines between words, with the styles of their parts.

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// The rows that lines take in `width` cells. What goes on in the next row begins where its line does.
pub fn wrap(lines: &[Line<'_>], width: usize) -> Vec<Line<'static>> {
    lines
        .iter()
        .flat_map(|line| wrap_one(line, width.max(1)))
        .collect()
}

fn wrap_one(line: &Line<'_>, width: usize) -> Vec<Line<'static>> {
    let indent = indent(line).min(width / 2);
    let mut rows = Vec::new();
    let mut row: Vec<Span<'static>> = Vec::new();
    let mut taken = 0;
    for span in &line.spans {
        let style = line.style.patch(span.style);
        for word in span.content.split_inclusive(' ') {
            for piece in pieces(word, width - indent) {
                let fits = taken + piece.trim_end().width() <= width;
                if !fits && taken > indent {
                    rows.push(Line::from(std::mem::take(&mut row)));
                    row.push(Span::raw(" ".repeat(indent)));
                    taken = indent;
                }
                taken += piece.width();
                push(&mut row, piece, style);
            }
        }
    }
    rows.push(Line::from(row));
    rows
}

/// How many blanks a line begins with.
fn indent(line: &Line<'_>) -> usize {
    let first = line.spans.first().map_or("", |span| span.content.as_ref());
    first.len() - first.trim_start_matches(' ').len()
}

/// A word in pieces that fit into a row each.
fn pieces(word: &str, width: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = word;
    while rest.trim_end().width() > width {
        let mut taken = 0;
        let cut = rest.char_indices().find(|(_, c)| {
            taken += unicode_width::UnicodeWidthChar::width(*c).unwrap_or(0);
            taken > width
        });
        let cut = cut.map_or(rest.len(), |(at, _)| at);
        if cut == 0 {
            break;
        }
        let (piece, after) = rest.split_at(cut);
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

fn push(row: &mut Vec<Span<'static>>, text: &str, style: Style) {
    match row.last_mut() {
        Some(last) if last.style == style => last.content.to_mut().push_str(text),
        _ => row.push(Span::styled(text.to_owned(), style)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, width: usize) -> Vec<String> {
        let rows = wrap(&[Line::from(text.to_owned())], width);
        rows.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn lines_break_between_words_and_keep_their_indent() {
        assert_eq!(rows("one two three", 8), ["one two ", "three"]);
        assert_eq!(rows("  one two three", 9), ["  one two ", "  three"]);
        assert_eq!(rows("", 9), [""]);
    }

    #[test]
    fn a_word_that_is_too_long_is_cut() {
        assert_eq!(rows("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(rows("数据库主机", 4), ["数据", "库主", "机"]);
    }
}
