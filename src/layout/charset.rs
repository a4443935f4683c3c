//! The characters that lines and frames are drawn with.

use crate::finding::Severity;
use crate::layout::graph::{Frame, Sort};

/// Which characters to draw with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Charset {
    /// Box-drawing characters.
    #[default]
    Unicode,
    /// ASCII alone, for terminals that have no others or draw them two cells wide.
    Ascii,
}

/// Where a line goes on from a cell, as bits.
pub(super) type Arms = u8;
pub(super) const LEFT: Arms = 1;
pub(super) const RIGHT: Arms = 2;
pub(super) const UP: Arms = 4;
pub(super) const DOWN: Arms = 8;

/// The characters of a frame.
pub(super) struct FrameChars {
    pub top_left: char,
    pub top_right: char,
    pub bottom_left: char,
    pub bottom_right: char,
    pub horizontal: char,
    pub vertical: char,
    /// Where a line leaves to the right.
    pub right_exit: char,
    /// Where a line leaves to the left.
    pub left_exit: char,
}

impl Charset {
    /// The character of a line with these arms.
    pub(super) fn line(self, arms: Arms) -> char {
        const UNICODE: [char; 16] = [
            ' ', '─', '─', '─', '│', '╯', '╰', '┴', '│', '╮', '╭', '┬', '│', '┤', '├', '╋',
        ];
        const ASCII: [char; 16] = [
            ' ', '-', '-', '-', '|', '+', '+', '+', '|', '+', '+', '+', '|', '+', '+', '+',
        ];
        match self {
            Charset::Unicode => UNICODE[usize::from(arms & 15)],
            Charset::Ascii => ASCII[usize::from(arms & 15)],
        }
    }

    /// Where a line crosses another net's.
    pub(super) fn crossing(self) -> char {
        match self {
            Charset::Unicode => '┼',
            // The horizontal line has a gap.
            Charset::Ascii => '|',
        }
    }

    pub(super) fn arrow_right(self) -> char {
        self.either('▶', '>')
    }

    pub(super) fn arrow_left(self) -> char {
        self.either('◀', '<')
    }

    /// What stands before the target of a use that leaves to the right.
    pub(super) fn uses(self) -> char {
        self.either('→', '>')
    }

    /// What stands before the target of a use that leaves to the left.
    pub(super) fn uses_against(self) -> char {
        self.either('←', '<')
    }

    pub(super) fn ellipsis(self) -> char {
        self.either('…', '~')
    }

    /// The mark of a finding.
    pub fn mark(self, severity: Severity) -> char {
        match severity {
            Severity::Deny => self.either('✖', 'x'),
            Severity::Warn => self.either('▲', '!'),
            Severity::Note => self.either('●', '*'),
        }
    }

    /// The side of a card where no line goes through it.
    pub fn side(self, frame: Frame) -> char {
        self.frame(frame).vertical
    }

    /// The characters of a frame.
    pub(super) fn frame(self, frame: Frame) -> FrameChars {
        let [corners, lines] = match self {
            Charset::Unicode => unicode_frame(frame),
            Charset::Ascii => ascii_frame(frame),
        };
        let mut chars = corners.chars().chain(lines.chars());
        let mut next = || chars.next().unwrap_or(' ');
        FrameChars {
            top_left: next(),
            top_right: next(),
            bottom_left: next(),
            bottom_right: next(),
            horizontal: next(),
            vertical: next(),
            right_exit: next(),
            left_exit: next(),
        }
    }

    fn either(self, unicode: char, ascii: char) -> char {
        match self {
            Charset::Unicode => unicode,
            Charset::Ascii => ascii,
        }
    }
}

/// Corners; then lines, horizontal and vertical, and where lines leave, right and left.
fn unicode_frame(frame: Frame) -> [&'static str; 2] {
    match (frame.sort, frame.is_heavy) {
        (Sort::Machine, false) => ["╭╮╰╯", "─│├┤"],
        (Sort::Machine, true) => ["┏┓┗┛", "━┃┠┨"],
        (Sort::Managed, _) => ["╔╗╚╝", "═║╟╢"],
        (Sort::Cluster, false) => ["┌┐└┘", "┄┆├┤"],
        (Sort::Cluster, true) => ["┏┓┗┛", "┅┇┠┨"],
        (Sort::Borrowed, false) => ["┌┐└┘", "╌╎├┤"],
        (Sort::Borrowed, true) => ["┏┓┗┛", "╍╏┠┨"],
    }
}

fn ascii_frame(frame: Frame) -> [&'static str; 2] {
    match (frame.sort, frame.is_heavy) {
        (Sort::Machine, false) => ["++++", "-|++"],
        (Sort::Machine, true) => ["####", "=|++"],
        (Sort::Managed, _) => ["++++", "=|++"],
        (Sort::Cluster, false) => ["++++", ".:++"],
        (Sort::Cluster, true) => ["####", ".:++"],
        (Sort::Borrowed, false) => ["++++", "~|++"],
        (Sort::Borrowed, true) => ["####", "~|++"],
    }
}
