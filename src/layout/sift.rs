//! Moves the trunks of a channel, one after the other, to where they cross least within reach.

use crate::layout::place::count_between;

/// How many pairs of trunks one pass may compare to either side.
const BUDGET: usize = 30_000;
/// The least and the greatest number of places that a trunk may move in one pass.
const LEAST_WINDOW: usize = 24;
const MOST_WINDOW: usize = 200;
const PASSES: usize = 3;

/// The pins of a trunk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Net {
    /// The first row that it reaches, and the last.
    pub top: i32,
    pub bottom: i32,
    /// Where the rows of its pins begin: first those on the left.
    pub first: u32,
    pub first_right: u32,
    pub last: u32,
}

/// The trunks of a channel, to count crossings by.
pub(super) struct Sifting<'t> {
    pub rows: &'t [i32],
    pub nets: &'t [Net],
    /// How often every trunk is moved; an order from before needs little.
    pub effort: Effort,
}

/// How much is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effort {
    /// As for a new order.
    Full,
    /// As for one that was good before an edit.
    Little,
}

impl Sifting<'_> {
    /// How many crossings more there are if `a` stands left of `b` than if it stands right of it.
    fn excess(&self, a: &Net, b: &Net) -> i32 {
        if a.top >= b.bottom || b.top >= a.bottom {
            return 0;
        }
        self.inside(b.first, b.first_right, a) + self.inside(a.first_right, a.last, b)
            - self.inside(a.first, a.first_right, b)
            - self.inside(b.first_right, b.last, a)
    }

    /// How many of some rows a trunk passes.
    fn inside(&self, first: u32, last: u32, net: &Net) -> i32 {
        count_between(
            &self.rows[first as usize..last as usize],
            net.top,
            net.bottom,
        )
    }

    /// Improves an order. `least` and `most` say between which places a trunk may move, by the place of each.
    pub fn improve(
        &self,
        order: &mut [u32],
        least: impl Fn(u32, &[u32]) -> usize,
        most: impl Fn(u32, &[u32]) -> usize,
    ) {
        let (window, passes) = match self.effort {
            Effort::Full => {
                let window = BUDGET / order.len().max(1);
                (window.clamp(LEAST_WINDOW, MOST_WINDOW), PASSES)
            }
            Effort::Little => (LEAST_WINDOW / 2, 1),
        };
        let mut position = vec![0; order.len()];
        for (at, net) in order.iter().enumerate() {
            position[*net as usize] = at as u32;
        }
        for _ in 0..passes {
            let mut gain = 0;
            for at in 0..order.len() {
                let net = order[at];
                let from = least(net, &position).max(at.saturating_sub(window));
                let to = most(net, &position).min(at + 1 + window);
                gain += self.sift(order, at, from..to, &mut position);
            }
            if gain == 0 {
                break;
            }
        }
    }

    fn sift(
        &self,
        order: &mut [u32],
        at: usize,
        reach: std::ops::Range<usize>,
        position: &mut [u32],
    ) -> i32 {
        let net = &self.nets[order[at] as usize];
        let (mut best, mut to) = (0, at);
        let mut sum = 0;
        for other in (reach.start..at).rev() {
            sum += self.excess(net, &self.nets[order[other] as usize]);
            if sum < best {
                (best, to) = (sum, other);
            }
        }
        sum = 0;
        for (nth, other) in order[at + 1..reach.end].iter().enumerate() {
            sum += self.excess(&self.nets[*other as usize], net);
            if sum < best {
                (best, to) = (sum, at + 1 + nth);
            }
        }
        match to < at {
            true => order[to..=at].rotate_right(1),
            false => order[at..=to].rotate_left(1),
        }
        for at in to.min(at)..=to.max(at) {
            position[order[at] as usize] = at as u32;
        }
        -best
    }
}
