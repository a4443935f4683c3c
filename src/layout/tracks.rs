//! Which track the trunk of each wire stands on, so that no two nets share a cell and few cross.
//!
//! A pin on the left and another net's pin on the right can share a row only if the left one's trunk stands to the
//! left. Where such demands go in a circle, a wire gets a second trunk, and a free row leads from one to the other.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::layout::place::{Places, span};
use crate::layout::seed::Kept;
use crate::layout::sift::{Effort, Net, Sifting};
use crate::layout::wires::Wires;

const NOBODY: u32 = u32::MAX;
/// A row that a straight line takes.
const STRAIGHT: u32 = u32::MAX - 1;

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
    kept: Option<&'w Kept<'w>>,
    /// By row of the picture, which trunk has a pin there on the left, and on the right.
    left_owner: Vec<u32>,
    right_owner: Vec<u32>,
    /// By row, how many tracks are taken there.
    taken: Vec<i32>,
}

/// The trunks of a channel.
struct Trunks {
    segments: Vec<Segment>,
    nets: Vec<Net>,
    /// The rows of their pins.
    rows: Vec<i32>,
    /// By trunk, the other one of its wire that leads to it, if there is one.
    first_parts: Vec<u32>,
    /// By trunk, how many still must get a track before it.
    n_before: Vec<u32>,
}

impl<'w> Tracks<'w> {
    pub fn new(wires: &'w Wires, places: &'w Places, kept: Option<&'w Kept<'w>>) -> Tracks<'w> {
        Tracks {
            wires,
            places,
            kept,
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
    pub fn route(&mut self, channel: usize) -> Vec<Segment> {
        let n_rows = self.places.height as usize + 2;
        for owners in [&mut self.left_owner, &mut self.right_owner] {
            owners.clear();
            owners.resize(n_rows, NOBODY);
        }
        let (mut trunks, mut segments) = self.trunks(channel);
        let priority = self.priorities(channel, &trunks);
        let order = self.feasible_order(&mut trunks, priority);
        let order = self.improved(&trunks, order);
        self.assign(&mut trunks, &order);
        for at in 0..trunks.segments.len() {
            if let Some((row, other)) = trunks.segments[at].jog {
                let track = trunks.segments[other as usize].track;
                trunks.segments[at].jog = Some((row, track));
            }
        }
        segments.append(&mut trunks.segments);
        segments
    }

    /// The wires of a channel that need a trunk, and those that go straight on.
    fn trunks(&mut self, channel: usize) -> (Trunks, Vec<Segment>) {
        let range = self.wires.channels[channel].clone();
        let mut straight = Vec::new();
        let mut trunks = Trunks {
            segments: Vec::with_capacity(range.len()),
            nets: Vec::with_capacity(range.len()),
            rows: Vec::with_capacity(range.len() * 3),
            first_parts: Vec::new(),
            n_before: Vec::new(),
        };
        for wire_id in range {
            let wire = self.wires.wires[wire_id as usize];
            let first = trunks.rows.len();
            trunks.rows.extend(wire.all().map(|pin| self.row(pin)));
            let rows = &trunks.rows[first..];
            let (top, bottom) = span(rows);
            let segment = Segment {
                wire: wire_id,
                track: -1,
                top,
                bottom,
                has_left: true,
                has_right: true,
                jog: None,
            };
            if top == bottom {
                trunks.rows.truncate(first);
                self.left_owner[top as usize] = STRAIGHT;
                straight.push(segment);
                continue;
            }
            let n_left = wire.left().len();
            let at = trunks.segments.len() as u32;
            for (nth, row) in rows.iter().enumerate() {
                let owners = if nth < n_left {
                    &mut self.left_owner
                } else {
                    &mut self.right_owner
                };
                owners[*row as usize] = at;
            }
            trunks.nets.push(Net {
                top,
                bottom,
                first: first as u32,
                first_right: (first + n_left) as u32,
                last: trunks.rows.len() as u32,
            });
            trunks.segments.push(segment);
            trunks.first_parts.push(NOBODY);
        }
        (trunks, straight)
    }

    /// The trunks that must stand right of one, each as often as there is a reason.
    fn after(&self, trunks: &Trunks, at: u32) -> impl Iterator<Item = u32> {
        let net = trunks.nets[at as usize];
        let left = &trunks.rows[net.first as usize..net.first_right as usize];
        let others = left.iter().map(|row| self.right_owner[*row as usize]);
        let others = others.filter(move |other| *other < STRAIGHT && *other != at);
        let second = trunks.segments[at as usize]
            .jog
            .map(|(_, second)| second as u32);
        others.chain(second)
    }

    /// The trunks that must stand left of one.
    fn before(&self, trunks: &Trunks, at: u32) -> impl Iterator<Item = u32> {
        let net = trunks.nets[at as usize];
        let right = &trunks.rows[net.first_right as usize..net.last as usize];
        let others = right.iter().map(|row| self.left_owner[*row as usize]);
        let others = others.filter(move |other| *other < STRAIGHT && *other != at);
        let first = trunks.first_parts[at as usize];
        others.chain((first < STRAIGHT).then_some(first))
    }

    /// Which trunks stand where there is no reason for another order: where they stood before, or else lines that
    /// join many on the left, then those that go down, lower ones first, then those that go up, upper ones first,
    /// then those that join many on the right.
    fn priorities(&self, channel: usize, trunks: &Trunks) -> Vec<(u8, i64)> {
        let Some(kept) = self.kept else {
            let nets = trunks.nets.iter();
            return nets.map(|net| priority(net, &trunks.rows)).collect();
        };
        let old = kept.trunks(channel);
        let middle = old.iter().map(|it| it.1).max().unwrap_or(0) / 2;
        let x = |segment: &Segment| {
            let port = self.wires.wires[segment.wire as usize].port;
            let at = old
                .binary_search_by_key(&kept.port(port)?, |it| it.0)
                .ok()?;
            Some(old[at].1)
        };
        let segments = trunks.segments.iter();
        segments
            .map(|it| (0, i64::from(x(it).unwrap_or(middle))))
            .collect()
    }

    /// An order in which every trunk stands right of those that it must stand right of, and else by
    /// priority.
    fn feasible_order(&mut self, trunks: &mut Trunks, mut priority: Vec<(u8, i64)>) -> Vec<u32> {
        trunks.n_before = (0..trunks.nets.len() as u32)
            .map(|at| self.before(trunks, at).count() as u32)
            .collect();
        let ready = (0..trunks.nets.len()).filter(|at| trunks.n_before[*at] == 0);
        let mut heap: BinaryHeap<Reverse<((u8, i64), u32)>> =
            ready.map(|at| Reverse((priority[at], at as u32))).collect();
        let mut order = Vec::with_capacity(trunks.nets.len());
        while order.len() < trunks.nets.len() {
            let Some(Reverse((_, at))) = heap.pop() else {
                let at = self.split(trunks);
                priority.push(priority[at as usize]);
                heap.push(Reverse((priority[at as usize], at)));
                continue;
            };
            order.push(at);
            // None before it any more: it is done.
            trunks.n_before[at as usize] = 0;
            let after: Vec<u32> = self.after(trunks, at).collect();
            for next in after {
                let n_before = &mut trunks.n_before[next as usize];
                *n_before -= 1;
                if *n_before == 0 {
                    heap.push(Reverse((priority[next as usize], next)));
                }
            }
        }
        order
    }

    /// Breaks a circle of demands: one of its trunks is cut in two, one for its pins on the left and one for those
    /// on the right, with a row of their own between them. The first of them.
    fn split(&mut self, trunks: &mut Trunks) -> u32 {
        let at = self.in_circle(trunks);
        let net = trunks.nets[at as usize];
        let second = trunks.nets.len() as u32;
        let row = self.free_row((net.top + net.bottom) / 2);
        self.left_owner[row as usize] = STRAIGHT;
        self.right_owner[row as usize] = STRAIGHT;
        let right: Vec<i32> = trunks.rows[net.first_right as usize..net.last as usize].to_vec();
        for row in &right {
            self.right_owner[*row as usize] = second;
        }
        let left: Vec<i32> = trunks.rows[net.first as usize..net.first_right as usize].to_vec();
        let mut segment = trunks.segments[at as usize];
        let first_net = trunks.add_net(&left, &[row]);
        trunks.nets[at as usize] = first_net;
        let second_net = trunks.add_net(&[row], &right);
        trunks.nets.push(second_net);
        trunks.first_parts.push(at);
        (segment.top, segment.bottom) = (second_net.top, second_net.bottom);
        segment.has_left = false;
        trunks.segments.push(segment);
        let first = &mut trunks.segments[at as usize];
        (first.top, first.bottom) = (first_net.top, first_net.bottom);
        first.has_right = false;
        first.jog = Some((row, second as i32));
        let n_before = trunks.n_before[at as usize];
        trunks.n_before.push(n_before + 1);
        trunks.n_before[at as usize] = 0;
        at
    }

    /// A trunk that waits for itself.
    fn in_circle(&self, trunks: &Trunks) -> u32 {
        let waits = |at: &u32| trunks.n_before[*at as usize] > 0;
        let mut waiting = 0..trunks.nets.len() as u32;
        let mut at = waiting.find(waits).expect("if nothing waits, all is done");
        let mut seen = vec![false; trunks.nets.len()];
        while !std::mem::replace(&mut seen[at as usize], true) {
            let mut before = self.before(trunks, at);
            at = before.find(waits).expect("what waits, waits for something");
        }
        at
    }

    /// The nearest row in which the channel has no pin.
    fn free_row(&mut self, near: i32) -> i32 {
        let n_rows = self.left_owner.len() as i32;
        let is_free = |row: &i32| {
            (0..n_rows).contains(row)
                && self.left_owner[*row as usize] == NOBODY
                && self.right_owner[*row as usize] == NOBODY
        };
        let mut rows = (0..n_rows).flat_map(|distance| [near - distance, near + distance]);
        let row = rows.find(is_free).unwrap_or(n_rows);
        if row == n_rows {
            self.left_owner.push(NOBODY);
            self.right_owner.push(NOBODY);
        }
        row
    }

    /// Moves trunks to where they cross less, as far as they may.
    fn improved(&self, trunks: &Trunks, mut order: Vec<u32>) -> Vec<u32> {
        let sifting = Sifting {
            rows: &trunks.rows,
            nets: &trunks.nets,
            effort: match self.kept {
                None => Effort::Full,
                Some(_) => Effort::Little,
            },
        };
        sifting.improve(
            &mut order,
            |at, position| {
                let before = self.before(trunks, at);
                before
                    .map(|it| position[it as usize] as usize + 1)
                    .max()
                    .unwrap_or(0)
            },
            |at, position| {
                let after = self.after(trunks, at);
                let last = after.map(|it| position[it as usize] as usize).min();
                last.unwrap_or(position.len())
            },
        );
        order
    }

    /// The first track for each trunk, in order, right of all that reach into its rows.
    fn assign(&mut self, trunks: &mut Trunks, order: &[u32]) {
        self.taken.clear();
        self.taken.resize(self.left_owner.len() + 2, 0);
        for &at in order {
            let segment = &mut trunks.segments[at as usize];
            let (top, bottom) = (segment.top as usize, segment.bottom as usize);
            // One row stays free between two trunks of one track.
            let track = greatest(&self.taken[top..bottom + 3]);
            self.taken[top + 1..bottom + 2].fill(track + 1);
            segment.track = track;
        }
    }
}

/// How often the lines of a channel cross.
pub(super) fn crossings(wires: &Wires, places: &Places, segments: &[Segment]) -> usize {
    let row = |pin: usize| places.y[wires.pins[pin].item as usize] + places.offsets[pin];
    let crossed = |y: i32, from: i32, to: i32| {
        let passes =
            |it: &&Segment| it.track > from && it.track < to && it.top < y && y < it.bottom;
        segments.iter().filter(passes).count()
    };
    let mut sum = 0;
    for segment in segments {
        let wire = &wires.wires[segment.wire as usize];
        if segment.track < 0 {
            sum += crossed(segment.top, -1, i32::MAX);
            continue;
        }
        if segment.has_left {
            sum += wire
                .left()
                .map(|pin| crossed(row(pin), -1, segment.track))
                .sum::<usize>();
        }
        if segment.has_right {
            sum += wire
                .right()
                .map(|pin| crossed(row(pin), segment.track, i32::MAX))
                .sum::<usize>();
        }
        if let Some((y, track)) = segment.jog {
            sum += crossed(y, segment.track, track);
        }
    }
    sum
}

impl Trunks {
    fn add_net(&mut self, left: &[i32], right: &[i32]) -> Net {
        let first = self.rows.len() as u32;
        self.rows.extend(left);
        let first_right = self.rows.len() as u32;
        self.rows.extend(right);
        let (top, bottom) = span(&self.rows[first as usize..]);
        Net {
            top,
            bottom,
            first,
            first_right,
            last: self.rows.len() as u32,
        }
    }
}

/// The greatest of numbers that are not negative; a plain loop, of which the compiler does many at a time.
fn greatest(numbers: &[i32]) -> i32 {
    let mut greatest = 0;
    for number in numbers {
        greatest = greatest.max(*number);
    }
    greatest
}

fn priority(net: &Net, rows: &[i32]) -> (u8, i64) {
    let mean = |first: u32, last: u32| {
        let rows = &rows[first as usize..last as usize];
        let sum: i64 = rows.iter().map(|row| i64::from(*row)).sum();
        sum * 256 / rows.len().max(1) as i64
    };
    let left = mean(net.first, net.first_right);
    let right = match net.first_right == net.last {
        true => left,
        false => mean(net.first_right, net.last),
    };
    let p = (net.first_right - net.first) as i64;
    let q = (net.last - net.first_right) as i64;
    let t: i64 = 2;
    if p - q >= t {
        return (0, q - p);
    }
    if q - p >= t {
        return (3, q - p);
    }
    match left <= right {
        true => (1, -(left + right)),
        false => (2, left + right),
    }
}
