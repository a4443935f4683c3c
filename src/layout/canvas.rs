//! A rectangle of cells, each with what it shows and what it belongs to, so that a caller can give it a style.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::finding::Severity;
use crate::layout::Rect;
use crate::layout::graph::{ComponentId, HostId, PortId, UseId};

/// What a part of the picture shows.
#[derive(Clone, Debug, Default)]
pub struct Canvas {
    /// Which part of the picture it is.
    pub view: Rect,
    cells: Vec<Cell>,
    /// What more than one character makes up.
    clusters: Vec<String>,
}

/// One cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    symbol: Symbol,
    /// What it belongs to.
    pub subject: Subject,
    /// The other net, where two cross.
    pub crossed: Option<PortId>,
    /// What it is a part of.
    pub part: Part,
}

/// What a cell belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Subject {
    /// Nothing at all.
    #[default]
    Nothing,
    /// A host.
    Host(HostId),
    /// A component.
    Component(ComponentId),
    /// A port, or the line of all its uses.
    Net(PortId),
    /// One use: its pin, and its line as far as it is its own.
    Use(UseId),
}

/// What a cell is a part of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Part {
    /// Nothing: a blank.
    #[default]
    Blank,
    /// The frame of a card.
    Frame,
    /// The name of a host in its frame.
    Title,
    /// What else a title or a row says.
    Remark,
    /// The name of a component.
    Name,
    /// The label of a port.
    Port,
    /// What the pin of a use says.
    Target,
    /// A line.
    Line,
    /// An arrowhead, or where a line leaves a card.
    Pin,
    /// The mark of a finding.
    Mark(Severity),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Symbol {
    Char(char),
    /// One of `clusters`.
    Cluster(u32),
    /// The second cell of a wide character.
    Continued,
}

const BLANK: Cell = Cell {
    symbol: Symbol::Char(' '),
    subject: Subject::Nothing,
    crossed: None,
    part: Part::Blank,
};

impl Canvas {
    /// A blank canvas over a part of the picture.
    pub fn new(view: Rect) -> Canvas {
        let n_cells = view.width.max(0) as usize * view.height.max(0) as usize;
        Canvas {
            view,
            cells: vec![BLANK; n_cells],
            clusters: Vec::new(),
        }
    }

    /// A cell by its place in the picture; `None` outside of the view.
    pub fn cell(&self, x: i32, y: i32) -> Option<&Cell> {
        self.index(x, y).map(|at| &self.cells[at])
    }

    /// What a cell shows; nothing for the second half of a wide character.
    pub fn symbol<'c>(&'c self, cell: &Cell, buffer: &'c mut [u8; 4]) -> &'c str {
        match cell.symbol {
            Symbol::Char(c) => c.encode_utf8(buffer),
            Symbol::Cluster(at) => &self.clusters[at as usize],
            Symbol::Continued => "",
        }
    }

    /// Rows of cells from top to bottom.
    pub fn rows(&self) -> impl Iterator<Item = &[Cell]> {
        self.cells.chunks(self.view.width.max(1) as usize)
    }

    /// The canvas as lines of text, without blanks at their ends.
    pub fn to_text(&self) -> String {
        let mut text = String::with_capacity(self.cells.len() + self.view.height.max(0) as usize);
        for row in self.rows() {
            let start = text.len();
            for cell in row {
                text.push_str(self.symbol(cell, &mut [0; 4]));
            }
            text.truncate(start + text[start..].trim_end_matches(' ').len());
            text.push('\n');
        }
        text
    }

    fn index(&self, x: i32, y: i32) -> Option<usize> {
        let (x, y) = (x - self.view.x, y - self.view.y);
        let inside = (0..self.view.width).contains(&x) && (0..self.view.height).contains(&y);
        inside.then(|| y as usize * self.view.width as usize + x as usize)
    }

    /// Sets a cell to a character of one cell.
    pub(super) fn put(&mut self, x: i32, y: i32, c: char, subject: Subject, part: Part) {
        if let Some(at) = self.index(x, y) {
            self.cells[at] = Cell {
                symbol: Symbol::Char(c),
                subject,
                crossed: None,
                part,
            };
        }
    }

    /// Sets a cell where one net crosses another.
    pub(super) fn put_crossing(&mut self, x: i32, y: i32, c: char, over: PortId, under: PortId) {
        self.put(x, y, c, Subject::Net(over), Part::Line);
        if let Some(at) = self.index(x, y) {
            self.cells[at].crossed = Some(under);
        }
    }

    /// Writes a text from a cell on, at most `width` cells of it; one that is longer ends in `ellipsis`. The
    /// number of cells that it took.
    pub(super) fn write(
        &mut self,
        (x, y): (i32, i32),
        text: &str,
        width: i32,
        ellipsis: char,
        (subject, part): (Subject, Part),
    ) -> i32 {
        let mut at = x;
        let is_cut = super::graph::width(text) > width;
        let end = x + if is_cut { width - 1 } else { width };
        for cluster in text.graphemes(true) {
            let cells = cluster.width() as i32;
            if cells == 0 {
                continue;
            }
            if at + cells > end {
                break;
            }
            self.put_cluster(at, y, cluster, cells, (subject, part));
            at += cells;
        }
        if is_cut && width > 0 {
            self.put(at, y, ellipsis, subject, part);
            at += 1;
        }
        at - x
    }

    fn put_cluster(
        &mut self,
        x: i32,
        y: i32,
        cluster: &str,
        cells: i32,
        (subject, part): (Subject, Part),
    ) {
        let mut chars = cluster.chars();
        let symbol = match (chars.next(), chars.next()) {
            (Some(c), None) if c.is_control() => Symbol::Char('\u{fffd}'),
            (Some(c), None) => Symbol::Char(c),
            _ => {
                self.clusters.push(cluster.to_owned());
                Symbol::Cluster(self.clusters.len() as u32 - 1)
            }
        };
        for nth in 0..cells {
            let Some(at) = self.index(x + nth, y) else {
                continue;
            };
            // A character of which the view shows only a part is left blank.
            let is_whole = self.index(x, y).is_some() && self.index(x + cells - 1, y).is_some();
            let symbol = match (is_whole, nth) {
                (false, _) => Symbol::Char(' '),
                (true, 0) => symbol,
                (true, _) => Symbol::Continued,
            };
            self.cells[at] = Cell {
                symbol,
                subject,
                crossed: None,
                part,
            };
        }
    }
}
