//! What a layout keeps of the one before it, so that an edit moves nothing that it need not: columns, the order in
//! them, rows, tracks, and how wide channels are.

use std::cmp::Ordering;

use crate::layout::card::{Contents, Wishes};
use crate::layout::graph::{Graph, HostId, PortId};
use crate::layout::order::Order;
use crate::layout::place::offsets;
use crate::layout::search::{Plan, finish};
use crate::layout::wires::{ItemId, Wires};
use crate::layout::{Column, Layout};

const NEW: u32 = u32::MAX;

/// What was before, by what is now.
pub(super) struct Kept<'l> {
    old: &'l Layout,
    /// By host, component, port and use of now: which one it was; `NEW` if it was not there.
    hosts: Vec<u32>,
    components: Vec<u32>,
    ports: Vec<u32>,
    uses: Vec<u32>,
    /// By column, the ports of the lines that passed it, in order, with their rows.
    passages: Vec<Vec<(PortId, i32)>>,
}

impl<'l> Kept<'l> {
    /// Finds what `old` and `graph` have in common, by name.
    pub fn new(graph: &Graph, old: &'l Layout) -> Kept<'l> {
        let before = &old.graph;
        let hosts = matches(graph.hosts.len(), before.hosts.len(), |new, at| {
            graph.hosts[new].name.cmp(&before.hosts[at].name)
        });
        let components = matches(
            graph.components.len(),
            before.components.len(),
            |new, at| {
                let (new, at) = (&graph.components[new], &before.components[at]);
                let [host, old_host] = [
                    &graph.hosts[new.host as usize].name,
                    &before.hosts[at.host as usize].name,
                ];
                host.cmp(old_host).then_with(|| new.name.cmp(&at.name))
            },
        );
        let mut kept = Kept {
            old,
            hosts,
            components,
            ports: vec![NEW; graph.ports.len()],
            uses: vec![NEW; graph.uses.len()],
            passages: old.columns.iter().map(passages).collect(),
        };
        for (new, port) in graph.ports.iter().enumerate() {
            let component = kept.components[port.component as usize];
            if component != NEW {
                let is_it = |at: &PortId| {
                    let at = &before.ports[*at as usize];
                    (at.number, &at.protocol) == (port.number, &port.protocol)
                };
                kept.ports[new] = before.ports_of(component).find(is_it).unwrap_or(NEW);
            }
        }
        for (new, used) in graph.uses.iter().enumerate() {
            let user = kept.components[used.user as usize];
            let port = kept.ports[used.port as usize];
            if user != NEW && port != NEW {
                let mut uses = before.uses_of(user);
                let is_it = |at: &u32| before.uses[*at as usize].port == port;
                kept.uses[new] = uses.find(is_it).unwrap_or(NEW);
            }
        }
        kept
    }

    /// The column of before.
    pub fn column(&self, host: HostId) -> Option<u32> {
        self.old.cards[known(self.hosts[host as usize])?].column
    }

    /// The first row of before of everything that stands in a column; none for what is new.
    pub fn rows(&self, wires: &Wires) -> Vec<Option<i32>> {
        let items = 0..wires.n_items() as ItemId;
        items.map(|item| self.row(wires, item)).collect()
    }

    fn row(&self, wires: &Wires, item: ItemId) -> Option<i32> {
        let Some(passage) = wires.passage(item) else {
            let card = &self.old.cards[known(self.hosts[item as usize])?];
            return card.column.map(|_| card.area.y);
        };
        let port = self.ports[passage.port as usize];
        let passages = self.passages.get(passage.column as usize)?;
        let at = passages.binary_search_by_key(&port, |it| it.0).ok()?;
        Some(passages[at].1)
    }

    /// How wide a channel was, if there are as many as before.
    pub fn channel_width(&self, channel: usize, n_channels: usize) -> Option<i32> {
        let same = self.old.channels.len() == n_channels;
        let channel = self.old.channels.get(channel).filter(|_| same)?;
        Some(channel.width)
    }

    /// By port, where the trunk of its net stood in a channel, in cells from the channel's left edge.
    pub fn trunks(&self, channel: usize) -> Vec<(PortId, i32)> {
        let mut trunks: Vec<(PortId, i32)> = match self.old.channels.get(channel) {
            Some(channel) => channel
                .trunks
                .iter()
                .map(|it| (it.port, it.x - channel.x))
                .collect(),
            None => Vec::new(),
        };
        trunks.sort_unstable();
        trunks
    }

    /// The port that a port was.
    pub fn port(&self, port: PortId) -> Option<PortId> {
        known(self.ports[port as usize]).map(|port| port as PortId)
    }

    /// The rows of before as wishes; what is new comes last.
    fn wishes(&self, graph: &Graph) -> Wishes {
        let mut wishes = Wishes::none(graph);
        let row = |row: u32| i64::from(row);
        for (wish, component) in wishes.components.iter_mut().zip(&self.components) {
            *wish = match known(*component) {
                Some(_) => {
                    let ports = self.old.graph.ports_of(*component);
                    let uses = self.old.graph.uses_of(*component);
                    let ports = ports.map(|port| self.old.port_rows[port as usize]);
                    let uses = uses.map(|used| self.old.use_rows[used as usize]);
                    ports.chain(uses).min().map_or(i64::MAX - 1, row)
                }
                None => i64::MAX,
            };
        }
        for (wish, port) in wishes.ports.iter_mut().zip(&self.ports) {
            *wish = known(*port).map_or(i64::MAX, |port| row(self.old.port_rows[port]));
        }
        for (wish, used) in wishes.uses.iter_mut().zip(&self.uses) {
            *wish = known(*used).map_or(i64::MAX, |used| row(self.old.use_rows[used]));
        }
        wishes
    }
}

fn passages(column: &Column) -> Vec<(PortId, i32)> {
    let mut passages: Vec<(PortId, i32)> =
        column.passages.iter().map(|it| (it.port, it.y)).collect();
    passages.sort_unstable();
    passages
}

fn known(id: u32) -> Option<usize> {
    (id != NEW).then_some(id as usize)
}

/// For each of `n` things of now, which of `n_old` it was; both are in the order that `compare` knows.
fn matches(n: usize, n_old: usize, compare: impl Fn(usize, usize) -> Ordering) -> Vec<u32> {
    let mut at = 0;
    (0..n)
        .map(|new| {
            while at < n_old && compare(new, at) == Ordering::Greater {
                at += 1;
            }
            match at < n_old && compare(new, at) == Ordering::Equal {
                true => at as u32,
                false => NEW,
            }
        })
        .collect()
}

/// The order of before, with what is new where its lines lead.
pub(super) fn plan(graph: &Graph, wires: &Wires, mut contents: Contents, kept: &Kept) -> Plan {
    let wishes = kept.wishes(graph);
    for host in 0..graph.hosts.len() as u32 {
        contents.arrange(graph, wires, host, &wishes);
    }
    let offsets = offsets(wires, &contents);
    let old_rows = kept.rows(wires);
    // What is new wants to be where what it is joined with was.
    let row_of_new = |item: ItemId| {
        let pins = [wires.left_pins.of(item), wires.right_pins.of(item)];
        let (mut sum, mut n) = (0, 0);
        for &pin in pins.into_iter().flatten() {
            for other in wires.wires[wires.pins[pin as usize].wire as usize].all() {
                if let Some(row) = old_rows[wires.pins[other].item as usize] {
                    sum += i64::from(row + offsets[other] - offsets[pin as usize]);
                    n += 1;
                }
            }
        }
        if n > 0 { sum / n } else { i64::MAX }
    };
    let columns = wires.items.iter().map(|items| {
        let row =
            |item: ItemId| old_rows[item as usize].map_or_else(|| row_of_new(item), i64::from);
        let mut keyed: Vec<(i64, ItemId)> = items.iter().map(|item| (row(*item), *item)).collect();
        keyed.sort_unstable();
        keyed.into_iter().map(|it| it.1).collect()
    });
    let order = Order {
        columns: columns.collect(),
    };
    finish(wires, contents, order, Some(kept))
}
