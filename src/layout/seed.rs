//! What a layout keeps of the one before it, so that an edit moves nothing that it need not.

use crate::layout::Layout;
use crate::layout::card::Contents;
use crate::layout::graph::{Graph, HostId};
use crate::layout::order::Order;
use crate::layout::wires::{ItemId, Wires};

/// What was before, by what is now.
pub(super) struct Kept {
    columns: Vec<Option<u32>>,
}

impl Kept {
    /// Finds what `old` and `graph` have in common, by name.
    pub fn new(graph: &Graph, _old: &Layout) -> Kept {
        Kept {
            columns: vec![None; graph.hosts.len()],
        }
    }

    /// The column of before.
    pub fn column(&self, host: HostId) -> Option<u32> {
        self.columns[host as usize]
    }

    /// How wide a channel was.
    pub fn channel_width(&self, _channel: usize) -> Option<i32> {
        None
    }

    /// The row of before.
    pub fn row(&self, _item: ItemId) -> Option<i32> {
        None
    }
}

/// The order of before, with what is new where its lines lead.
pub(super) fn order(graph: &Graph, wires: &Wires, contents: &mut Contents, _kept: &Kept) -> Order {
    super::order::order(graph, wires, contents)
}
