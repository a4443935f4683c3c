//! Which column each host stands in: users to the left of what they use, as far as circles allow and it pays.

use crate::layout::balance::balance;
use crate::layout::graph::{Graph, HostId};
use crate::layout::seed::Kept;

/// No column: the host stands on a shelf.
const NOWHERE: u32 = u32::MAX;

/// The column of each host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Columns {
    of_host: Vec<u32>,
    /// How many there are.
    pub n: u32,
}

/// That some components of a host use some of another, and how many uses there are.
#[derive(Clone, Copy)]
struct Edge {
    from: HostId,
    to: HostId,
    weight: i32,
}

impl Columns {
    /// The column of a host; `None` if no line leaves it.
    pub fn of(&self, host: HostId) -> Option<u32> {
        let column = self.of_host[host as usize];
        (column != NOWHERE).then_some(column)
    }

    /// How many hosts there are, in columns or not.
    pub fn n_hosts(&self) -> usize {
        self.of_host.len()
    }
}

/// How strictly users stand to the left of what they use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// As far as circles allow.
    Strict,
    /// Unless so many crossings are spared, as they are estimated, for each use that does not lead to the right.
    Price(i64),
}

/// A column for each host that a line leaves or comes to; that of before, if there is one.
pub(super) fn columns(graph: &Graph, flow: Flow, kept: Option<&Kept>) -> Columns {
    let n_hosts = graph.hosts.len();
    let edges = edges(graph);
    let mut connected = vec![false; n_hosts];
    for edge in &edges {
        connected[edge.from as usize] = true;
        connected[edge.to as usize] = true;
    }
    let place = sequence(graph, &edges);
    let forward: Vec<Edge> = edges
        .iter()
        .map(
            |edge| match place[edge.from as usize] < place[edge.to as usize] {
                true => *edge,
                false => Edge {
                    from: edge.to,
                    to: edge.from,
                    weight: edge.weight,
                },
            },
        )
        .collect();
    let mut by_place: Vec<HostId> = (0..n_hosts as u32).collect();
    by_place.sort_unstable_by_key(|host| place[*host as usize]);
    let neighbours = Neighbours::new(n_hosts, &forward);
    let mut column = longest_paths(&by_place, &neighbours);
    pull_together(&by_place, &neighbours, &mut column);
    if let Flow::Price(price) = flow {
        let edges = forward.iter().map(|edge| (edge.from, edge.to));
        balance(graph, edges, price, &mut column);
    }
    if let Some(kept) = kept {
        keep(&by_place, &neighbours, &mut column, kept);
    }
    numbered(column, &connected)
}

/// Columns without gaps between their numbers.
fn numbered(mut column: Vec<u32>, connected: &[bool]) -> Columns {
    let used = column.iter().zip(connected);
    let mut numbers: Vec<u32> = used.filter(|it| *it.1).map(|it| *it.0).collect();
    numbers.sort_unstable();
    numbers.dedup();
    for (column, connected) in column.iter_mut().zip(connected) {
        *column = match numbers.binary_search(column) {
            Ok(at) if *connected => at as u32,
            _ => NOWHERE,
        };
    }
    Columns {
        of_host: column,
        n: numbers.len() as u32,
    }
}

/// The edges between hosts, each once.
fn edges(graph: &Graph) -> Vec<Edge> {
    let hosts = graph
        .uses
        .iter()
        .map(|used| (graph.host_of(used.user), graph.host_of_port(used.port)));
    let mut pairs: Vec<(HostId, HostId)> = hosts.filter(|(from, to)| from != to).collect();
    pairs.sort_unstable();
    let groups = pairs.chunk_by(|a, b| a == b);
    groups
        .map(|group| Edge {
            from: group[0].0,
            to: group[0].1,
            weight: group.len() as i32,
        })
        .collect()
}

/// By host, its neighbours on either side with the weights of the edges to them.
struct Neighbours {
    before: Vec<Vec<(HostId, i32)>>,
    after: Vec<Vec<(HostId, i32)>>,
}

impl Neighbours {
    fn new(n_hosts: usize, edges: &[Edge]) -> Neighbours {
        let mut neighbours = Neighbours {
            before: vec![Vec::new(); n_hosts],
            after: vec![Vec::new(); n_hosts],
        };
        for edge in edges {
            neighbours.after[edge.from as usize].push((edge.to, edge.weight));
            neighbours.before[edge.to as usize].push((edge.from, edge.weight));
        }
        neighbours
    }
}

/// A sequence of the hosts in which few uses go backwards: the place of each. By rank where two have one, else
/// after Eades, Lin and Smyth: first those that nothing uses, last those that use nothing, between them always
/// the one that uses most and is used least.
fn sequence(graph: &Graph, edges: &[Edge]) -> Vec<u32> {
    let n_hosts = graph.hosts.len();
    let rank = |host: HostId| graph.hosts[host as usize].rank;
    let differs = |edge: &Edge| {
        let ranks = rank(edge.from).zip(rank(edge.to));
        ranks.is_some_and(|(from, to)| from != to)
    };
    let ahead: Vec<Edge> = edges
        .iter()
        .copied()
        .filter(|edge| !differs(edge))
        .collect();
    let neighbours = Neighbours::new(n_hosts, &ahead);
    let sum = |edges: &[(HostId, i32)]| edges.iter().map(|(_, weight)| weight).sum::<i32>();
    let mut outgoing: Vec<i32> = neighbours.after.iter().map(|it| sum(it)).collect();
    let mut incoming: Vec<i32> = neighbours.before.iter().map(|it| sum(it)).collect();
    // What has nothing on one side goes to that end, ties by name; the heap holds stale entries too.
    let key = |out: i32, into: i32| match (out, into) {
        (_, 0) => i32::MAX,
        (out, into) => out - into,
    };
    let mut heap: std::collections::BinaryHeap<(i32, std::cmp::Reverse<HostId>)> = (0..n_hosts)
        .map(|host| {
            (
                key(outgoing[host], incoming[host]),
                std::cmp::Reverse(host as u32),
            )
        })
        .collect();
    let mut sinks: Vec<HostId> = (0..n_hosts as u32)
        .filter(|host| outgoing[*host as usize] == 0 && incoming[*host as usize] > 0)
        .collect();
    let mut taken = vec![false; n_hosts];
    let (mut first, mut last) = (Vec::new(), Vec::new());
    loop {
        let is_first = sinks.is_empty();
        let host = match sinks.pop() {
            Some(host) => host,
            None => match heap.pop() {
                Some((value, std::cmp::Reverse(host))) => {
                    let at = host as usize;
                    if value != key(outgoing[at], incoming[at]) {
                        continue;
                    }
                    host
                }
                None => break,
            },
        };
        let at = host as usize;
        if std::mem::replace(&mut taken[at], true) {
            continue;
        }
        match is_first {
            true => first.push(host),
            false => last.push(host),
        }
        for (next, weight) in &neighbours.after[at] {
            let next_at = *next as usize;
            incoming[next_at] -= weight;
            if !taken[next_at] {
                heap.push((
                    key(outgoing[next_at], incoming[next_at]),
                    std::cmp::Reverse(*next),
                ));
            }
        }
        for (previous, weight) in &neighbours.before[at] {
            let previous_at = *previous as usize;
            outgoing[previous_at] -= weight;
            if taken[previous_at] {
                continue;
            }
            if outgoing[previous_at] == 0 && incoming[previous_at] > 0 {
                sinks.push(*previous);
            }
            let value = key(outgoing[previous_at], incoming[previous_at]);
            heap.push((value, std::cmp::Reverse(*previous)));
        }
    }
    let mut order: Vec<HostId> = first;
    order.extend(last.into_iter().rev());
    order.sort_by_key(|host| rank(*host).unwrap_or(0));
    let mut place = vec![0; n_hosts];
    for (at, host) in order.into_iter().enumerate() {
        place[host as usize] = at as u32;
    }
    place
}

fn longest_paths(by_place: &[HostId], neighbours: &Neighbours) -> Vec<u32> {
    let mut column = vec![0; by_place.len()];
    for &host in by_place {
        let before = neighbours.before[host as usize].iter();
        let least = before.map(|(from, _)| column[*from as usize] + 1).max();
        column[host as usize] = least.unwrap_or(0);
    }
    column
}

/// Moves hosts within their freedom to where their lines are shortest.
fn pull_together(by_place: &[HostId], neighbours: &Neighbours, column: &mut [u32]) {
    const ROUNDS: usize = 4;
    for _ in 0..ROUNDS {
        let mut moved = false;
        for &host in by_place.iter().rev() {
            let at = host as usize;
            let (before, after) = (&neighbours.before[at], &neighbours.after[at]);
            let least = before
                .iter()
                .map(|(from, _)| column[*from as usize] + 1)
                .max();
            let most = after.iter().map(|(to, _)| column[*to as usize] - 1).min();
            let weight = |edges: &[(HostId, i32)]| edges.iter().map(|it| it.1).sum::<i32>();
            let best = match (least, most) {
                (Some(least), None) => least,
                (None, Some(most)) => most,
                (Some(_), Some(most)) if weight(after) > weight(before) => most,
                (Some(least), Some(_)) if weight(after) < weight(before) => least,
                _ => column[at],
            };
            moved |= best != column[at];
            column[at] = best;
        }
        if !moved {
            break;
        }
    }
}

/// Gives hosts their columns of before; new ones stand right of those that use them.
fn keep(by_place: &[HostId], neighbours: &Neighbours, column: &mut [u32], kept: &Kept) {
    for &host in by_place {
        let at = host as usize;
        if let Some(old) = kept.column(host) {
            column[at] = old;
            continue;
        }
        let before = neighbours.before[at].iter().map(|(from, _)| *from);
        let after = neighbours.after[at].iter().map(|(to, _)| *to);
        let known_before = before.filter_map(|it| kept.column(it)).max();
        let known_after = after.filter_map(|it| kept.column(it)).min();
        column[at] = match (known_before, known_after) {
            (Some(before), _) => before + 1,
            (None, Some(after)) => after.saturating_sub(1),
            (None, None) => column[at],
        };
    }
}
