//! Moves hosts to neighbouring columns so that the channels share the lines: how often lines cross in a channel
//! grows with the product of what comes in and what goes out.
//!
//! A user may end up in the column of what it uses, which has its price because the picture reads from left to
//! right; never to the right of it, if it was not there before.

use crate::layout::graph::{Graph, HostId, PortId};
use crate::layout::wires::Lists;

/// How often every host is looked at.
const ROUNDS: usize = 8;

/// The lines of a graph with a column for each host.
struct Balance<'g> {
    graph: &'g Graph,
    column: &'g mut [u32],
    /// By port, the hosts of its users but its own, one for each use.
    users: Lists,
    /// By host, the ports that its lines lead to or come to.
    ports: Lists,
    /// By channel, how many lines come into it and how many nets it holds.
    channels: Vec<(i64, i64)>,
    /// How many uses do not lead to the right.
    n_against: i64,
    /// What each of them costs, in crossings as they are estimated.
    price: i64,
}

/// Improves a column for each host. `edges` say who uses whom, the columns of before forward where they can be.
pub(super) fn balance(
    graph: &Graph,
    edges: impl Iterator<Item = (HostId, HostId)> + Clone,
    price: i64,
    column: &mut [u32],
) {
    let n_hosts = column.len();
    let before = Lists::new(n_hosts, edges.clone().map(|(from, to)| (to, from)));
    let after = Lists::new(n_hosts, edges);
    let mut balance = Balance::new(graph, price, column);
    let mut best = balance.cost();
    for _ in 0..ROUNDS {
        let first = best;
        for host in 0..n_hosts as HostId {
            for is_right in [false, true] {
                let at = balance.column[host as usize];
                let Some(to) = (if is_right {
                    at.checked_add(1)
                } else {
                    at.checked_sub(1)
                }) else {
                    continue;
                };
                let column = |of: &u32| balance.column[*of as usize];
                let passes = match is_right {
                    false => before.of(host).iter().any(|it| column(it) == at),
                    true => after.of(host).iter().any(|it| column(it) == at),
                };
                if passes || to as usize + 1 >= balance.channels.len() {
                    continue;
                }
                balance.move_to(host, to);
                let cost = balance.cost();
                match cost < best {
                    true => best = cost,
                    false => balance.move_to(host, at),
                }
            }
        }
        if best == first {
            break;
        }
    }
}

impl<'g> Balance<'g> {
    fn new(graph: &'g Graph, price: i64, column: &'g mut [u32]) -> Balance<'g> {
        let outside = graph.uses.iter().filter_map(|used| {
            let user = graph.host_of(used.user);
            (user != graph.host_of_port(used.port)).then_some((used.port, user))
        });
        let users = Lists::new(graph.ports.len(), outside.clone());
        let targets = outside
            .clone()
            .map(|(port, _)| (graph.host_of_port(port), port));
        let mut pairs: Vec<(HostId, PortId)> = outside
            .map(|(port, user)| (user, port))
            .chain(targets)
            .collect();
        pairs.sort_unstable();
        pairs.dedup();
        let n_columns = column.iter().max().map_or(0, |it| *it as usize + 1);
        let mut balance = Balance {
            graph,
            ports: Lists::new(column.len(), pairs.iter().copied()),
            column,
            users,
            channels: vec![(0, 0); n_columns + 1],
            n_against: 0,
            price,
        };
        for port in 0..graph.ports.len() as PortId {
            balance.count(port, 1);
        }
        balance
    }

    fn cost(&self) -> i64 {
        let crossings = self.channels.iter().map(|(lines, nets)| lines * nets);
        crossings.sum::<i64>() + self.price * self.n_against
    }

    fn move_to(&mut self, host: HostId, to: u32) {
        self.count_all(host, -1);
        self.column[host as usize] = to;
        self.count_all(host, 1);
    }

    fn count_all(&mut self, host: HostId, sign: i64) {
        for nth in 0..self.ports.of(host).len() {
            let port = self.ports.of(host)[nth];
            self.count(port, sign);
        }
    }

    /// Adds the lines of a port, or takes them away. Channel `n` is the one left of column `n`.
    fn count(&mut self, port: PortId, sign: i64) {
        let target = self.column[self.graph.host_of_port(port) as usize];
        // The channels furthest from the port on either side; none yet.
        let (mut first, mut last) = (target + 1, target);
        for user in self.users.of(port) {
            let at = self.column[*user as usize];
            let channel = match at < target {
                true => at + 1,
                false => at.max(target + 1),
            };
            first = first.min(channel);
            last = last.max(channel);
            self.channels[channel as usize].0 += sign;
            self.n_against += sign * i64::from(at >= target);
        }
        for channel in first..=last {
            let is_furthest =
                channel == first && channel <= target || channel == last && channel > target;
            let (lines, nets) = &mut self.channels[channel as usize];
            *lines += sign * i64::from(!is_furthest);
            *nets += sign;
        }
    }
}
