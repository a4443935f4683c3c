//! Which track the trunk of each wire stands on, so that no two nets share a cell and few cross.
//!
//! A pin on the left and another net's pin on the right can share a row only if the left one's trunk stands to the
//! left. Where such demands go in a circle, a wire gets a second trunk, and a free row leads from one to the other.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::layout::place::Places;
use crate::layout::wires::{Wire, Wires};

const NOBODY: u32 = u32::MAX;

/// A trunk, or a wire that goes straight on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub wire: u32,
    pub track: i32,
    pub top: i32,
    pub bottom: i32,
    /// Whether the pins on the left are at this trunk.
    pub has_left: bool,
    /// Whether the pins on the right are.
    pub has_right: bool,
    /// The row that leads to the wire's other trunk, and its track.
    pub jog: Option<(i32, i32)>,
}

/// Routes one channel after the other.
pub(super) struct Tracks<'w> {
    wires: &'w Wires,
    places: &'w Places,
    /// By row of the picture, whose pin is there on the left, and on the right.
    left_owner: Vec<u32>,
    right_owner: Vec<u32>,
    /// By row, how many tracks are taken there.
    taken: Vec<i32>,
}

/// What gets a track: a trunk.
#[derive(Clone, Copy)]
struct Node {
    segment: Segment,
    n_before: u32,
    is_done: bool,
}

impl<'w> Tracks<'w> {
    pub fn new(wires: &'w Wires, places: &'w Places) -> Tracks<'w> {
        Tracks {
            wires,
            places,
            left_owner: Vec::new(),
            right_owner: Vec::new(),
            taken: Vec::new(),
        }
    }

    fn row(&self, pin: usize) -> i32 {
        let item = self.wires.pins[pin].item;
        self.places.y[item as usize] + self.places.offsets[pin]
    }

    /// The tracks of a channel's wires.
    pub fn route(&mut self, channel: usize, height: i32) -> Vec<Segment> {
        let range = self.wires.channels[channel].clone();
        let first = range.start;
        let n_rows = height as usize + 2;
        self.left_owner.clear();
        self.left_owner.resize(n_rows, NOBODY);
        self.right_owner.clear();
        self.right_owner.resize(n_rows, NOBODY);
        let mut nodes: Vec<Node> = Vec::with_capacity(range.len());
        for wire_id in range.clone() {
            let wire = self.wires.wires[wire_id as usize];
            for pin in wire.left() {
                let row = self.row(pin) as usize;
                self.left_owner[row] = wire_id;
            }
            for pin in wire.right() {
                let row = self.row(pin) as usize;
                self.right_owner[row] = wire_id;
            }
            nodes.push(self.node(wire_id, wire));
        }
        let order = self.soft_order(&nodes);
        let mut priority = vec![0_u32; nodes.len()];
        for (at, node) in order.iter().enumerate() {
            priority[*node as usize] = at as u32;
        }
        self.assign(nodes, priority, first)
    }

    fn node(&self, wire_id: u32, wire: Wire) -> Node {
        let rows = wire.all().map(|pin| self.row(pin));
        let top = rows.clone().min().unwrap_or(0);
        let bottom = rows.max().unwrap_or(0);
        Node {
            segment: Segment {
                wire: wire_id,
                track: -1,
                top,
                bottom,
                has_left: true,
                has_right: true,
                jog: None,
            },
            n_before: 0,
            is_done: false,
        }
    }

    /// The order from left to right that makes few crossings: lines that go down, lower ones first, then lines
    /// that go up, upper ones first.
    fn soft_order(&self, nodes: &[Node]) -> Vec<u32> {
        let mean = |pins: std::ops::Range<usize>| {
            let n = pins.len().max(1) as i64;
            pins.map(|pin| i64::from(self.row(pin))).sum::<i64>() * 256 / n
        };
        let mut keyed: Vec<(bool, i64, u32)> = nodes
            .iter()
            .enumerate()
            .map(|(at, node)| {
                let wire = &self.wires.wires[node.segment.wire as usize];
                let (left, right) = (mean(wire.left()), mean(wire.right()));
                match left <= right {
                    true => (false, -(left + right), at as u32),
                    false => (true, left + right, at as u32),
                }
            })
            .collect();
        keyed.sort_unstable();
        keyed.into_iter().map(|it| it.2).collect()
    }

    fn is_straight(node: &Node) -> bool {
        node.segment.top == node.segment.bottom
    }

    /// Who must stand to the right of a trunk.
    fn after(
        &self,
        node: &Node,
        at: usize,
        right_node: &[u32],
        first: u32,
        visit: &mut impl FnMut(u32),
    ) {
        if !node.segment.has_left || Self::is_straight(node) {
            return;
        }
        let wire = &self.wires.wires[node.segment.wire as usize];
        for pin in wire.left() {
            let other = self.right_owner[self.row(pin) as usize];
            if other != NOBODY && other != node.segment.wire {
                visit(right_node[(other - first) as usize]);
            }
        }
        let own_right = right_node[(node.segment.wire - first) as usize];
        if own_right as usize != at {
            visit(own_right);
        }
    }

    fn assign(&mut self, mut nodes: Vec<Node>, mut priority: Vec<u32>, first: u32) -> Vec<Segment> {
        let mut right_node: Vec<u32> = (0..nodes.len() as u32).collect();
        for at in 0..nodes.len() {
            let node = nodes[at];
            self.after(&node, at, &right_node, first, &mut |next| {
                nodes[next as usize].n_before += 1;
            });
        }
        let ready = (0..nodes.len()).filter(|at| nodes[*at].n_before == 0);
        let mut heap: BinaryHeap<Reverse<(u32, u32)>> =
            ready.map(|at| Reverse((priority[at], at as u32))).collect();
        let mut skyline = std::mem::take(&mut self.taken);
        skyline.clear();
        skyline.resize(self.left_owner.len() + 2, 0);
        let mut n_left = nodes.len();
        while n_left > 0 {
            let Some(Reverse((_, at))) = heap.pop() else {
                self.split(&mut nodes, &mut priority, &mut right_node, first, &mut heap);
                n_left += 1;
                skyline.resize(self.left_owner.len() + 2, 0);
                continue;
            };
            let at = at as usize;
            nodes[at].is_done = true;
            n_left -= 1;
            let node = nodes[at];
            if !Self::is_straight(&node) {
                // One row stays free between two trunks of one track.
                let rows = node.segment.top as usize..node.segment.bottom as usize + 3;
                let track = skyline[rows].iter().copied().max().unwrap_or(0);
                let rows = node.segment.top as usize + 1..node.segment.bottom as usize + 2;
                skyline[rows].fill(track + 1);
                nodes[at].segment.track = track;
            }
            self.after(&node, at, &right_node, first, &mut |next| {
                let next_node = &mut nodes[next as usize];
                next_node.n_before -= 1;
                if next_node.n_before == 0 {
                    heap.push(Reverse((priority[next as usize], next)));
                }
            });
        }
        self.taken = skyline;
        for at in 0..nodes.len() {
            if let Some((row, other)) = nodes[at].segment.jog {
                let track = nodes[other as usize].segment.track;
                nodes[at].segment.jog = Some((row, track));
            }
        }
        nodes.into_iter().map(|node| node.segment).collect()
    }

    /// Breaks a circle of demands: one of its wires gets a second trunk for its pins on the right.
    fn split(
        &mut self,
        nodes: &mut Vec<Node>,
        priority: &mut Vec<u32>,
        right_node: &mut [u32],
        first: u32,
        heap: &mut BinaryHeap<Reverse<(u32, u32)>>,
    ) {
        let at = self.in_circle(nodes, right_node, first);
        let wire_id = nodes[at].segment.wire;
        let wire = self.wires.wires[wire_id as usize];
        let (top, bottom) = (nodes[at].segment.top, nodes[at].segment.bottom);
        let row = self.free_row((top + bottom) / 2, wire_id);
        let span = |pins: std::ops::Range<usize>| {
            let rows = pins.map(|pin| self.row(pin)).chain([row]);
            (rows.clone().min().unwrap_or(row), rows.max().unwrap_or(row))
        };
        let (left, right) = (span(wire.left()), span(wire.right()));
        let second = nodes.len() as u32;
        let mut right_part = nodes[at];
        right_part.segment.has_left = false;
        (right_part.segment.top, right_part.segment.bottom) = right;
        right_part.n_before += 1;
        nodes.push(right_part);
        priority.push(priority[at]);
        let node = &mut nodes[at];
        node.segment.has_right = false;
        (node.segment.top, node.segment.bottom) = left;
        node.segment.jog = Some((row, second as i32));
        node.n_before = 0;
        right_node[(wire_id - first) as usize] = second;
        heap.push(Reverse((priority[at], at as u32)));
    }

    /// A wire that waits for itself.
    fn in_circle(&self, nodes: &[Node], right_node: &[u32], first: u32) -> usize {
        let waiting = nodes.iter().position(|node| !node.is_done);
        let mut at = waiting.expect("something waits, or nothing would be in a circle");
        let mut seen = vec![false; nodes.len()];
        while !std::mem::replace(&mut seen[at], true) {
            // What waits has something before it that waits too.
            let node = &nodes[at];
            let wire = &self.wires.wires[node.segment.wire as usize];
            let before = wire.right().find_map(|pin| {
                let other = self.left_owner[self.row(pin) as usize];
                if other == NOBODY || other == node.segment.wire {
                    return None;
                }
                let before = (other - first) as usize;
                (!nodes[before].is_done).then_some(before)
            });
            at = before.expect("what waits, waits for something");
        }
        let _ = right_node;
        at
    }

    /// The nearest row in which the channel has no pin; the wire gets it.
    fn free_row(&mut self, near: i32, wire: u32) -> i32 {
        let n_rows = self.left_owner.len() as i32;
        let mut distance = 0;
        let row = loop {
            let candidates = [near - distance, near + distance];
            let free = candidates.into_iter().find(|row| {
                (0..n_rows).contains(row)
                    && self.left_owner[*row as usize] == NOBODY
                    && self.right_owner[*row as usize] == NOBODY
            });
            match free {
                Some(row) => break row,
                None if distance > n_rows => {
                    self.left_owner.push(NOBODY);
                    self.right_owner.push(NOBODY);
                    break n_rows;
                }
                None => distance += 1,
            }
        };
        self.left_owner[row as usize] = wire;
        self.right_owner[row as usize] = wire;
        row
    }
}
