//! Tries several columns and orders where a graph is small enough for it, and takes those whose lines cross least.

use std::ops::Range;

use crate::layout::card::Contents;
use crate::layout::graph::Graph;
use crate::layout::order::{Order, Start, order};
use crate::layout::place::{Places, place};
use crate::layout::rank::{self, Columns, Flow};
use crate::layout::seed::Kept;
use crate::layout::settle::settle;
use crate::layout::swaps;
use crate::layout::tracks::{Segment, Tracks, crossings};
use crate::layout::wires::Wires;

/// What all tries of one assignment of columns may cost together, in pins of wires.
const BUDGET: usize = 2_000;
/// The most tries.
const TRIES: usize = 16;
/// How many tries show which columns are best.
const FIRST_TRIES: usize = 2;
/// The most rounds of trades of one try.
const TRADES: usize = 12;
/// The most rounds in which everything settles.
const ROUNDS: usize = 4;
/// Up to so many pins everything settles in each try, not just in the best.
const FEW_PINS: usize = 150;
/// More uses than that get one assignment of columns and one try.
const MANY_USES: usize = 600;
/// How columns are assigned to few hosts, and to many.
const FLOWS_OF_FEW: [Flow; 3] = [Flow::Strict, Flow::Price(40), Flow::Price(10)];
const FLOW_OF_MANY: Flow = Flow::Price(20);
/// How many crossings are as bad as a use that does not lead to the right.
const AGAINST: usize = 2;

/// The most lines that stay on one card for its rows to trade places: each trade looks at all of them.
const MOST_INSIDE: usize = 200;

/// Everything about a layout but its columns from left to right.
pub(super) struct Plan {
    pub contents: Contents,
    pub order: Order,
    pub places: Places,
    /// By channel.
    pub segments: Vec<Vec<Segment>>,
}

/// The best plan that was found, and the wires it is for.
pub(super) fn plan(graph: &Graph) -> (Wires, Plan) {
    let flows: &[Flow] = match graph.uses.len() > MANY_USES {
        true => &[FLOW_OF_MANY],
        false => &FLOWS_OF_FEW,
    };
    let mut searches: Vec<Search> = Vec::new();
    for flow in flows {
        let columns = rank::columns(graph, *flow, None);
        if searches.iter().all(|it| it.wires.columns != columns) {
            searches.push(Search::new(graph, columns));
        }
    }
    if let [only] = &searches[..]
        && only.n_tries == 1
    {
        let plan = only.attempt(0);
        return (searches.swap_remove(0).wires, plan);
    }
    for search in &mut searches {
        search.attempt_all(0..FIRST_TRIES.min(search.n_tries));
    }
    let best = searches.into_iter().min_by_key(|search| search.cost());
    let mut best = best.expect("there is a way to assign columns");
    best.attempt_all(FIRST_TRIES..best.n_tries);
    if !best.is_small() && !best.is_crowded {
        best.settle_best();
    }
    let (_, plan) = best.best.expect("at least one try is made");
    (best.wires, plan)
}

/// The search for the best order in given columns.
struct Search<'g> {
    graph: &'g Graph,
    wires: Wires,
    /// What every try begins with.
    contents: Contents,
    n_tries: usize,
    trades: u32,
    is_crowded: bool,
    /// How often lines cross in the best plan.
    best: Option<(usize, Plan)>,
}

impl<'g> Search<'g> {
    fn new(graph: &'g Graph, columns: Columns) -> Search<'g> {
        let wires = Wires::new(graph, columns);
        let n_pins = wires.pins.len().max(1);
        let is_crowded = is_crowded(graph, &wires);
        let n_tries = match is_crowded {
            true => 1,
            false => (BUDGET / n_pins).clamp(1, TRIES),
        };
        let trades = (4 * BUDGET / n_pins / n_tries).clamp(2, TRADES);
        Search {
            graph,
            contents: Contents::new(graph, &wires),
            wires,
            n_tries,
            trades: match is_crowded || n_pins > BUDGET {
                true => 0,
                false => trades as u32,
            },
            is_crowded,
            best: None,
        }
    }

    fn is_small(&self) -> bool {
        self.wires.pins.len() <= FEW_PINS && !self.is_crowded
    }

    fn attempt_all(&mut self, tries: Range<usize>) {
        for nth in tries {
            let plan = self.attempt(nth);
            self.keep_best(plan);
        }
    }

    fn keep_best(&mut self, plan: Plan) {
        let n_crossings = n_crossings(self.graph, &self.wires, &plan);
        if self.best.as_ref().is_none_or(|it| n_crossings < it.0) {
            self.best = Some((n_crossings, plan));
        }
    }

    fn attempt(&self, nth: usize) -> Plan {
        let start = Start {
            sweeps: [4, 4, 8, 12, 4, 4].get(nth).map_or(2, |sweeps| *sweeps),
            is_leftward: nth % 2 == 1,
            shuffle: (nth / 2) as u64,
            trades: self.trades,
        };
        let mut contents = self.contents.clone();
        let order = order(self.graph, &self.wires, &mut contents, start);
        match self.is_small() {
            true => self.settled(contents, order),
            false => finish(&self.wires, contents, order, None),
        }
    }

    fn settled(&self, mut contents: Contents, order: Order) -> Plan {
        let places = place(&self.wires, &contents, &order, None);
        let (order, places) = settle(
            self.graph,
            &self.wires,
            &mut contents,
            order,
            places,
            ROUNDS,
        );
        route(&self.wires, contents, order, places, None)
    }

    fn settle_best(&mut self) {
        if let Some((_, best)) = &self.best {
            let plan = self.settled(best.contents.clone(), best.order.clone());
            self.keep_best(plan);
        }
    }

    /// How bad the best plan is.
    fn cost(&self) -> usize {
        let n_crossings = self.best.as_ref().map_or(0, |it| it.0);
        n_crossings + AGAINST * self.wires.n_against(self.graph)
    }
}

/// Whether a card has more lines on it than trades can be tried with, as where one machine runs everything.
fn is_crowded(graph: &Graph, wires: &Wires) -> bool {
    let lines_on = |host: u32| {
        let nets = wires.inside_nets.of(host).iter();
        nets.map(|port| wires.inside_users.of(*port).len())
            .sum::<usize>()
    };
    (0..graph.hosts.len() as u32).any(|host| lines_on(host) > MOST_INSIDE)
}

/// Rows and tracks for an order.
pub(super) fn finish(wires: &Wires, contents: Contents, order: Order, kept: Option<&Kept>) -> Plan {
    let places = place(wires, &contents, &order, kept);
    route(wires, contents, order, places, kept)
}

/// Tracks for what has its rows.
fn route(
    wires: &Wires,
    contents: Contents,
    order: Order,
    places: Places,
    kept: Option<&Kept>,
) -> Plan {
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
