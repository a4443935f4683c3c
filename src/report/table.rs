//! Columns that line up, for wide and combining characters too.

use unicode_width::UnicodeWidthStr;

/// Rows as lines, each cell padded to its column's width, two blanks between; none at a line's end.
pub(super) fn aligned(rows: &[Vec<String>], indent: &str) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.width())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = indent.to_owned();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width - cell.width() + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Lines under one label, which only the first carries.
pub(super) fn labelled(
    label: &'static str,
    said: impl Iterator<Item = String>,
) -> impl Iterator<Item = (&'static str, String)> {
    let mut label = Some(label);
    said.map(move |said| (label.take().unwrap_or_default(), said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_for_wide_characters_too() {
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        let text = aligned(&[row(["a", "1"]), row(["日本", "2"]), row(["", ""])], " ");
        assert_eq!(text, " a     1\n 日本  2\n\n");
    }
}
