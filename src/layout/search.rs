//! Tries several orders where a graph is small enough for it, and takes the one whose lines cross least.

use crate::layout::card::Contents;
use crate::layout::graph::Graph;
use crate::layout::order::{Order, Start, order};
use crate::layout::place::{Places, place};
use crate::layout::seed::Kept;
use crate::layout::swaps;
use crate::layout::tracks::{Segment, Tracks, crossings};
use crate::layout::wires::Wires;

/// What all tries together may cost, in pins of wires.
const BUDGET: usize = 2_000;
/// The most tries.
const TRIES: usize = 16;
/// The most rounds of trades of one try.
const TRADES: usize = 12;

/// Everything about a layout but its columns from left to right.
pub(super) struct Plan {
    pub contents: Contents,
    pub order: Order,
    pub places: Places,
    /// By channel.
    pub segments: Vec<Vec<Segment>>,
}

/// The best plan that was found.
pub(super) fn plan(graph: &Graph, wires: &Wires, contents: &Contents) -> Plan {
    let n_pins = wires.pins.len().max(1);
    let n_tries = (BUDGET / n_pins).clamp(1, TRIES);
    let trades = (4 * BUDGET / n_pins / n_tries).clamp(2, TRADES);
    let mut best: Option<(usize, Plan)> = None;
    for nth in 0..n_tries {
        let start = Start {
            sweeps: [4, 4, 8, 12][nth % 4],
            is_leftward: nth % 2 == 1,
            shuffle: (nth / 2) as u64,
            trades: if n_pins > BUDGET { 0 } else { trades as u32 },
        };
        let mut contents = contents.clone();
        let order = order(graph, wires, &mut contents, start);
        let plan = finish(wires, contents, order, None);
        if n_tries == 1 {
            return plan;
        }
        let n_crossings = n_crossings(graph, wires, &plan);
        if best.as_ref().is_none_or(|(least, _)| n_crossings < *least) {
            best = Some((n_crossings, plan));
        }
    }
    best.expect("at least one try is made").1
}

/// Rows and tracks for an order.
pub(super) fn finish(wires: &Wires, contents: Contents, order: Order, kept: Option<&Kept>) -> Plan {
    let places = place(wires, &contents, &order, kept);
    let mut tracks = Tracks::new(wires, &places, kept);
    let channels = 0..wires.channels.len();
    let segments = channels.map(|channel| tracks.route(channel)).collect();
    Plan {
        contents,
        order,
        places,
        segments,
    }
}

/// How often lines cross, in channels and on cards.
fn n_crossings(graph: &Graph, wires: &Wires, plan: &Plan) -> usize {
    let channels = plan.segments.iter();
    let outside: usize = channels
        .map(|segments| crossings(wires, &plan.places, segments))
        .sum();
    let hosts = 0..graph.hosts.len() as u32;
    let inside: i64 = hosts
        .map(|host| swaps::inside_cost(graph, wires, &plan.contents, host))
        .sum();
    outside + inside as usize / 2
}
