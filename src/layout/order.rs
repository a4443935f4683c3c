//! In which order items stand in their columns, and rows on their cards, so that few lines cross.
//!
//! Sweeps over the columns bring everything to where its lines lead on average; then neighbours trade places
//! wherever that takes crossings away. How much is tried is counted in steps, never in time, so that the same
//! graph always gets the same order.

use crate::layout::card::{Contents, Wishes};
use crate::layout::graph::Graph;
use crate::layout::place::{gap, height, offsets};
use crate::layout::swaps;
use crate::layout::wires::{End, ItemId, Wires};

/// The items of each column, from top to bottom.
#[derive(Clone, Debug, Default)]
pub(super) struct Order {
    /// By column.
    pub columns: Vec<Vec<ItemId>>,
}

/// How a search for an order begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    /// How often the columns are swept.
    pub sweeps: u32,
    /// Whether the first sweep goes to the left.
    pub is_leftward: bool,
    /// By what the items are shuffled before; not at all if zero.
    pub shuffle: u64,
    /// How often neighbours may trade places, all over.
    pub trades: u32,
}

/// Every how many sweeps the rows of cards are put in order.
const SWEEPS_A_CARD: u32 = 4;

/// Finds a good order of items, and of the rows of cards.
pub(super) fn order(graph: &Graph, wires: &Wires, contents: &mut Contents, start: Start) -> Order {
    let mut ordering = Ordering::new(graph, wires, contents);
    ordering.shuffle(start.shuffle);
    for sweep in 0..start.sweeps {
        ordering.sweep((sweep % 2 == 0) != start.is_leftward);
        if sweep % SWEEPS_A_CARD == SWEEPS_A_CARD - 1 {
            ordering.arrange_cards();
        }
    }
    for _ in 0..start.trades {
        if swaps::improve(&mut ordering) == 0 {
            break;
        }
    }
    Order {
        columns: ordering.columns,
    }
}

/// An order that is being improved.
pub(super) struct Ordering<'w> {
    pub graph: &'w Graph,
    pub wires: &'w Wires,
    pub contents: &'w mut Contents,
    pub columns: Vec<Vec<ItemId>>,
    /// Whether items are where they will be drawn, and crossings are counted so.
    pub is_placed: bool,
    /// By item, its first row; unless it is placed, as if all items of a column stood close together, the column's
    /// middle in row 0.
    pub y: Vec<i32>,
    /// By pin, the row that it is in so.
    pub rows: Vec<i32>,
    /// By pin, how far below the first row of its item it is.
    pub offsets: Vec<i32>,
    pub heights: Vec<i32>,
}

impl<'w> Ordering<'w> {
    fn new(graph: &'w Graph, wires: &'w Wires, contents: &'w mut Contents) -> Ordering<'w> {
        let mut ordering = Ordering {
            graph,
            wires,
            columns: wires.items.clone(),
            is_placed: false,
            y: vec![0; wires.n_items()],
            rows: vec![0; wires.pins.len()],
            offsets: offsets(wires, contents),
            heights: (0..wires.n_items() as ItemId)
                .map(|item| height(wires, contents, item))
                .collect(),
            contents,
        };
        ordering.stack_all();
        ordering
    }

    /// An order whose items have their places.
    pub fn placed(
        graph: &'w Graph,
        wires: &'w Wires,
        contents: &'w mut Contents,
        order: Order,
        y: Vec<i32>,
    ) -> Ordering<'w> {
        let mut ordering = Ordering::new(graph, wires, contents);
        ordering.columns = order.columns;
        ordering.is_placed = true;
        ordering.y = y;
        for item in 0..wires.n_items() as ItemId {
            ordering.set_rows(item);
        }
        ordering
    }

    /// Another order to begin with, of items and of what is on cards; the same for the same number.
    fn shuffle(&mut self, mut state: u64) {
        if state == 0 {
            return;
        }
        let mut random = || {
            // A linear congruential generator; its upper bits are random enough to shuffle by.
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize
        };
        for items in &mut self.columns {
            for at in (1..items.len()).rev() {
                items.swap(at, random() % (at + 1));
            }
        }
        let mut wishes = Wishes::none(self.graph);
        for list in [&mut wishes.components, &mut wishes.uses, &mut wishes.ports] {
            list.fill_with(|| random() as i64);
        }
        for host in 0..self.graph.hosts.len() as u32 {
            self.contents.arrange(self.graph, self.wires, host, &wishes);
        }
        self.offsets = offsets(self.wires, self.contents);
        self.stack_all();
    }

    fn stack_all(&mut self) {
        for column in 0..self.columns.len() {
            self.stack(column);
        }
    }

    /// Gives the items of a column their rows, one below the other.
    pub fn stack(&mut self, column: usize) {
        let items = std::mem::take(&mut self.columns[column]);
        let mut next = 0;
        let mut above = None;
        for &item in &items {
            if let Some(above) = above {
                next += gap(self.wires, above, item);
            }
            self.y[item as usize] = next;
            next += self.heights[item as usize];
            above = Some(item);
        }
        for &item in &items {
            self.y[item as usize] -= next / 2;
            self.set_rows(item);
        }
        self.columns[column] = items;
    }

    /// Tells the pins of an item where they are.
    pub fn set_rows(&mut self, item: ItemId) {
        let y = self.y[item as usize];
        let pins = [
            self.wires.left_pins.of(item),
            self.wires.right_pins.of(item),
        ];
        for &pin in pins.into_iter().flatten() {
            self.rows[pin as usize] = y + self.offsets[pin as usize];
        }
    }

    /// The row where pins are on average, in 256ths.
    fn mean(&self, pins: std::ops::Range<usize>) -> Option<i64> {
        let n = pins.len() as i64;
        let rows: i64 = self.rows[pins].iter().map(|row| i64::from(*row)).sum();
        (n > 0).then(|| rows * 256 / n)
    }

    fn sweep(&mut self, rightwards: bool) {
        let n = self.columns.len();
        for nth in 0..n {
            let column = if rightwards { nth } else { n - 1 - nth };
            let mut keyed: Vec<(i64, ItemId)> = self.columns[column]
                .iter()
                .map(|item| (self.wish(*item, rightwards), *item))
                .collect();
            keyed.sort_by_key(|it| it.0);
            self.columns[column] = keyed.into_iter().map(|it| it.1).collect();
            self.stack(column);
        }
    }

    fn wish(&self, item: ItemId, rightwards: bool) -> i64 {
        let pins = match rightwards {
            true => self.wires.left_pins.of(item),
            false => self.wires.right_pins.of(item),
        };
        let half = 128 * i64::from(self.heights[item as usize]);
        let (mut sum, mut n) = (0, 0);
        for &pin in pins {
            let wire = &self.wires.wires[self.wires.pins[pin as usize].wire as usize];
            let others = if rightwards {
                wire.left()
            } else {
                wire.right()
            };
            if let Some(mean) = self.mean(others) {
                sum += mean - 256 * i64::from(self.offsets[pin as usize]);
                n += 1;
            }
        }
        match n {
            0 => 256 * i64::from(self.y[item as usize]) + half,
            n => sum / n + half,
        }
    }

    fn arrange_cards(&mut self) {
        let mut wishes = Wishes::none(self.graph);
        let mut sums = vec![(0_i64, 0_i64); self.graph.components.len()];
        for wire in &self.wires.wires {
            for (pins, others) in [(wire.left(), wire.right()), (wire.right(), wire.left())] {
                let Some(mean) = self.mean(others) else {
                    continue;
                };
                for pin in pins {
                    let component = match self.wires.pins[pin].end {
                        End::Passage => continue,
                        End::Use(used) => {
                            wishes.uses[used as usize] = mean;
                            self.graph.uses[used as usize].user
                        }
                        End::Port(port) => {
                            wishes.ports[port as usize] = mean;
                            self.graph.ports[port as usize].component
                        }
                    };
                    let sum = &mut sums[component as usize];
                    *sum = (sum.0 + mean, sum.1 + 1);
                }
            }
        }
        for (component, (sum, n)) in sums.into_iter().enumerate() {
            wishes.components[component] = if n > 0 { sum / n } else { i64::MAX };
        }
        for host in 0..self.graph.hosts.len() as u32 {
            if self.wires.columns.of(host).is_some() {
                self.contents.arrange(self.graph, self.wires, host, &wishes);
            }
        }
        self.offsets = offsets(self.wires, self.contents);
        self.stack_all();
    }
}
