//! How often the lines of a channel cross as they will be drawn, with everything in its row and each trunk on the
//! better side of each other.

use crate::layout::order::Ordering;
use crate::layout::place::{count_between, span};

/// What it costs that two trunks must each stand left of the other: another trunk and a row between.
const CIRCLE: i32 = 3;

/// The rows of a wire's pins.
struct Drawn<'r> {
    left: &'r [i32],
    right: &'r [i32],
    top: i32,
    bottom: i32,
}

impl<'r> Drawn<'r> {
    fn new(ordering: &'r Ordering, wire: u32) -> Drawn<'r> {
        let wire = &ordering.wires.wires[wire as usize];
        let (top, bottom) = span(&ordering.rows[wire.all()]);
        Drawn {
            left: &ordering.rows[wire.left()],
            right: &ordering.rows[wire.right()],
            top,
            bottom,
        }
    }

    fn passes(&self, rows: &[i32]) -> i32 {
        count_between(rows, self.top, self.bottom)
    }

    fn crossings(&self, other: &Drawn) -> i32 {
        if self.top > other.bottom || other.top > self.bottom {
            return 0;
        }
        let first = self.passes(other.left) + other.passes(self.right);
        let second = other.passes(self.left) + self.passes(other.right);
        // Where two nets share a row, the one whose pin is on the left must stand on the left.
        let shares = |left: &[i32], right: &[i32]| left.iter().any(|row| right.contains(row));
        match (
            shares(self.left, other.right),
            shares(other.left, self.right),
        ) {
            (true, true) => first.min(second) + CIRCLE,
            (true, false) => first,
            (false, true) => second,
            (false, false) => first.min(second),
        }
    }
}

/// How often the lines of some wires of one channel cross any.
pub(super) fn cost<'w>(ordering: &Ordering, wires: impl Iterator<Item = &'w u32> + Clone) -> i64 {
    let mut sum = 0;
    for (nth, &a) in wires.clone().enumerate() {
        let is_counted = |wire: u32| wires.clone().take(nth).any(|it| *it == wire);
        if is_counted(a) {
            continue;
        }
        let drawn = Drawn::new(ordering, a);
        for b in ordering.wires.channel_of(a) {
            if b != a && !is_counted(b) {
                sum += drawn.crossings(&Drawn::new(ordering, b));
            }
        }
    }
    i64::from(sum)
}
