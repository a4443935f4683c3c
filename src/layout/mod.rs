//! The map of an environment: where cards, rows, pins and lines stand, in whole cells, and how they are drawn.
//!
//! ```text
//!  Topology ── Graph::of ──► Graph ── layout ──► Layout ── draw ──► Canvas
//!              the border       ▲                  │
//!              to the plan      └──── the seed ────┘  of the next layout
//! ```
//!
//! A host is a card with a row for each component; a row says its port once. All uses of a port are one net, a
//! bus with one trunk in each channel between two columns of cards. Each use has a pin of its own that names its
//! target. `┼` always crosses, other forks always join, and no line runs through a card; so the picture can be
//! read back, and a test does so.
//!
//! `layout` goes through these steps; `search` tries several ways through them where a graph is small enough:
//!
//! | Step | What it decides |
//! |---|---|
//! | `rank`, `balance` | the column of each host: users left of what they use, channels that share the lines |
//! | `wires` | nets cut into what each channel holds, and lines that pass columns |
//! | `order`, `swaps` | the order in columns and on cards, by how often lines must cross |
//! | `place` | the row of everything, as near to what its lines lead to as the order allows |
//! | `settle`, `drawn` | what moves a little because fewer lines cross as they will be drawn |
//! | `tracks`, `sift` | the track of each trunk in its channel |
//! | `route`, `card` | columns, widths and texts: the [`Layout`] |
//!
//! With a seed, `seed` takes columns, order and rows from the layout of before instead.
//!
//! Everything in here is whole numbers and pure. The same graph gives the same picture, whatever the order in
//! which the plan says it.

mod balance;
mod canvas;
mod card;
mod charset;
mod draw;
mod drawn;
mod from_topology;
mod graph;
mod order;
mod place;
mod rank;
mod route;
mod search;
mod seed;
mod settle;
mod sift;
mod swaps;
mod tracks;
mod wires;

use std::ops::Range;
use std::sync::Arc;

pub use canvas::{Canvas, Cell, Part, Subject};
pub use charset::Charset;
pub use draw::draw;
pub use graph::{
    Component, ComponentId, Frame, Graph, Host, HostId, Port, PortId, Sort, Use, UseId,
};

/// A graph with a place for everything, in cells from the upper left corner.
#[derive(Clone, Debug)]
pub struct Layout {
    /// What is laid out; every id in here refers to it.
    pub graph: Arc<Graph>,
    /// How many cells the whole picture is wide.
    pub width: i32,
    /// How many cells it is high.
    pub height: i32,
    /// The card of each host, by id.
    pub cards: Vec<Card>,
    /// The rows of all cards: card by card, on each from top to bottom.
    pub rows: Vec<Row>,
    /// By port, the row that says it.
    pub port_rows: Vec<u32>,
    /// By port, from where lines come to it.
    pub entries: Vec<Entries>,
    /// By use, the row with its pin.
    pub use_rows: Vec<u32>,
    /// By use, where its line leaves.
    pub exits: Vec<Exit>,
    /// Columns of cards that lines connect, from left to right.
    pub columns: Vec<Column>,
    /// The space left of each column, and right of the last: one more than columns.
    pub channels: Vec<Channel>,
    /// Cards without a line to another card, row by row below the columns.
    pub shelves: Vec<Shelf>,
}

/// Where something stands, in cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rect {
    /// Cells to its left.
    pub x: i32,
    /// Cells above it.
    pub y: i32,
    /// How many cells it is wide.
    pub width: i32,
    /// How many cells it is high.
    pub height: i32,
}

/// A host's card.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    /// Where it stands, its frame included.
    pub area: Rect,
    /// Which column it stands in; `None` on a shelf.
    pub column: Option<u32>,
    /// Its rows, in [`Layout::rows`]. The first stands one cell below the card's upper edge.
    pub rows: Range<u32>,
    /// Where the texts of its rows begin and end.
    pub text: TextColumns,
    /// Lines that stay inside, from left to right.
    pub lanes: Vec<Lane>,
}

/// Where the texts of a card's rows stand, in cells from the card's left edge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TextColumns {
    /// Where ports begin.
    pub port: i32,
    /// Where the marks of findings stand, if the card has any; names begin two cells to the right of it then.
    pub mark: i32,
    /// Where names begin.
    pub name: i32,
    /// How wide a name may be; a longer one is cut.
    pub name_width: i32,
    /// Where remarks begin.
    pub remark: i32,
    /// How wide a remark may be.
    pub remark_width: i32,
    /// Where the pins of uses begin: an arrow, a blank and the target.
    pub target: i32,
    /// How wide a target with its port may be.
    pub target_width: i32,
    /// Where lines begin.
    pub line: i32,
}

/// A row of a card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Whose it is.
    pub component: ComponentId,
    /// Whether it is the first of its component, which says its name.
    pub is_first: bool,
    /// The port that it says.
    pub port: Option<PortId>,
    /// A use that leaves to the left, against the flow.
    pub left: Option<UseId>,
    /// A use that leaves to the right or stays inside.
    pub right: Option<UseId>,
}

/// From where lines come to a port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entries {
    /// From a column further left, through the card's left edge.
    pub left: bool,
    /// From the same column or one further right, through the card's right edge.
    pub right: bool,
    /// From the same card.
    pub inside: bool,
}

/// Where the line of a use leaves its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Through the card's right edge.
    Right,
    /// Through the card's left edge, against the flow.
    Left,
    /// It stays inside.
    Inside,
}

/// A line inside a card, from row to row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    /// Whose net it is.
    pub port: PortId,
    /// Cells from the card's left edge.
    pub x: i32,
    /// The first row it touches, counted on the card.
    pub top: i32,
    /// The last row it touches.
    pub bottom: i32,
}

/// A column of cards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// Where it begins.
    pub x: i32,
    /// How wide it is.
    pub width: i32,
    /// Its cards, from top to bottom.
    pub cards: Vec<HostId>,
    /// Lines that pass between its cards, from top to bottom.
    pub passages: Vec<Passage>,
}

/// A line that passes a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Where.
    pub y: i32,
    /// Whose net it is.
    pub port: PortId,
}

/// The space between two columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Channel {
    /// Where it begins.
    pub x: i32,
    /// How wide it is.
    pub width: i32,
    /// Lines from top to bottom, from left to right.
    pub trunks: Vec<Trunk>,
    /// Lines from left to right, from top to bottom.
    pub branches: Vec<Branch>,
}

/// A line from top to bottom in a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trunk {
    /// Whose net it is.
    pub port: PortId,
    /// Where it stands.
    pub x: i32,
    /// Its first cell.
    pub top: i32,
    /// Its last cell.
    pub bottom: i32,
}

/// A line from left to right in a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Branch {
    /// Whose net it is.
    pub port: PortId,
    /// The one use it belongs to, if it is not the line of several.
    pub of_use: Option<UseId>,
    /// Where it stands.
    pub y: i32,
    /// Its first cell.
    pub left: i32,
    /// Its last cell.
    pub right: i32,
}

/// A row of cards that no line connects with others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shelf {
    /// Where it begins.
    pub y: i32,
    /// How high its highest card is.
    pub height: i32,
    /// Its cards, from left to right.
    pub cards: Vec<HostId>,
}

impl Layout {
    /// The whole picture.
    pub fn whole(&self) -> Rect {
        Rect {
            x: 0,
            y: 0,
            width: self.width,
            height: self.height,
        }
    }

    /// Where a component's rows stand: the width of its card, frame included, and as high as they are.
    pub fn component_area(&self, component: ComponentId) -> Rect {
        let card = &self.cards[self.graph.host_of(component) as usize];
        let rows = &self.rows[card.rows.start as usize..card.rows.end as usize];
        let first = rows.iter().position(|row| row.component == component);
        let height = rows.iter().filter(|row| row.component == component).count();
        Rect {
            y: card.area.y + 1 + first.unwrap_or(0) as i32,
            height: height as i32,
            ..card.area
        }
    }

    /// Where a row of a card stands.
    pub fn row_y(&self, row: u32) -> i32 {
        let component = self.rows[row as usize].component;
        let card = &self.cards[self.graph.host_of(component) as usize];
        card.area.y + 1 + (row - card.rows.start) as i32
    }

    /// The host whose card has a cell, and the row of the card that has it, if it is not the frame.
    pub fn at(&self, x: i32, y: i32) -> Option<(HostId, Option<u32>)> {
        let after = self.columns.partition_point(|column| column.x <= x);
        let column = after.checked_sub(1).map(|at| &self.columns[at]);
        let in_column = column.and_then(|column| {
            let top = |host: &HostId| self.cards[*host as usize].area.y;
            let after = column.cards.partition_point(|host| top(host) <= y);
            column.cards.get(after.checked_sub(1)?)
        });
        let shelf = self
            .shelves
            .iter()
            .find(|shelf| (shelf.y..shelf.y + shelf.height).contains(&y));
        let on_shelf = shelf.into_iter().flat_map(|shelf| &shelf.cards);
        let host = in_column
            .into_iter()
            .chain(on_shelf)
            .find(|host| self.cards[**host as usize].area.contains(x, y))?;
        let card = &self.cards[*host as usize];
        let row = y - card.area.y - 1;
        let inside = (0..(card.rows.end - card.rows.start) as i32).contains(&row);
        Some((*host, inside.then(|| card.rows.start + row as u32)))
    }
}

impl Layout {
    /// Whether what a cell belongs to stays on the machine there: a use as a whole, a net where it runs inside of
    /// its card.
    pub fn is_internal(&self, subject: Subject, x: i32, y: i32) -> bool {
        match subject {
            Subject::Use(used) => self.graph.is_internal(used),
            Subject::Net(port) => self.entries[port as usize].inside && self.is_inside(x, y),
            _ => false,
        }
    }

    /// Whether a cell is within the frame of a card.
    pub fn is_inside(&self, x: i32, y: i32) -> bool {
        self.at(x, y).is_some_and(|(host, row)| {
            let area = self.cards[host as usize].area;
            row.is_some() && x > area.x && x < area.x + area.width - 1
        })
    }
}

impl Rect {
    /// Whether a cell is in it.
    pub fn contains(&self, x: i32, y: i32) -> bool {
        (self.x..self.x + self.width).contains(&x) && (self.y..self.y + self.height).contains(&y)
    }
}

/// Lays a graph out. With the layout of before as a seed, what was there stays where it was as far as it can.
pub fn layout(graph: &Arc<Graph>, seed: Option<&Layout>) -> Layout {
    let Some(kept) = seed.map(|old| seed::Kept::new(graph, old)) else {
        let (wires, plan) = search::plan(graph);
        return route::assemble(graph, &wires, plan, None);
    };
    let columns = rank::columns(graph, rank::Flow::Strict, Some(&kept));
    let wires = wires::Wires::new(graph, columns);
    let contents = card::Contents::new(graph, &wires);
    let plan = seed::plan(graph, &wires, contents, &kept);
    route::assemble(graph, &wires, plan, Some(&kept))
}
