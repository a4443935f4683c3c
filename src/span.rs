//! Places in a text: byte ranges, and the line and column a person would call them by.

/// A byte range in the plan's text; `start <= end`, both on character boundaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// A place as editors show it: both counted from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Span {
    /// The same bytes of a text in which `before` others stand first.
    pub fn moved_by(self, before: usize) -> Span {
        Span {
            start: self.start + before,
            end: self.end + before,
        }
    }

    /// A span that lies inside `text`, whatever was asked for.
    pub fn within(self, text: &str) -> Span {
        let start = floor_boundary(text, self.start);
        let end = floor_boundary(text, self.end).max(start);
        Span { start, end }
    }
}

/// Where the lines of a text begin, so that a place is found without counting from the start.
#[derive(Clone, Debug)]
pub struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    /// The lines of `text`.
    pub fn new(text: &str) -> Lines {
        let starts = text.match_indices('\n').map(|(newline, _)| newline + 1);
        Lines {
            starts: std::iter::once(0).chain(starts).collect(),
        }
    }

    /// The number of the line that holds a byte, from 0.
    pub fn index(&self, byte: usize) -> usize {
        self.starts.partition_point(|start| *start <= byte) - 1
    }

    /// The bytes of some lines of `text`, from the first to the last, without the last line break.
    pub fn span(&self, first: usize, last: usize, text: &str) -> Span {
        let end = self
            .starts
            .get(last + 1)
            .map_or(text.len(), |next| next - 1);
        Span {
            start: self.starts[first],
            end,
        }
    }

    /// The line and column of a byte of `text`.
    pub fn line_column(&self, byte: usize, text: &str) -> LineColumn {
        let byte = floor_boundary(text, byte);
        let line = self.index(byte);
        LineColumn {
            line: line + 1,
            column: text[self.starts[line]..byte].chars().count() + 1,
        }
    }
}

impl From<std::ops::Range<usize>> for Span {
    fn from(range: std::ops::Range<usize>) -> Self {
        Span {
            start: range.start,
            end: range.end,
        }
    }
}

pub(crate) fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_start_at_one() {
        let text = "a = 1\né = 2";
        let place = Lines::new(text).line_column(9, text);
        assert_eq!(place, LineColumn { line: 2, column: 3 });
    }

    #[test]
    fn a_span_outside_the_text_or_inside_a_character_is_moved_into_it() {
        assert_eq!(
            Span { start: 1, end: 99 }.within("é"),
            Span { start: 0, end: 2 }
        );
    }
}
