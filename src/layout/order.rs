//! In which order items stand in their columns, so that few lines cross.

use crate::layout::card::{Contents, Wishes};
use crate::layout::graph::Graph;
use crate::layout::place::{gap, height, offsets};
use crate::layout::wires::{ItemId, Wires};

/// The items of each column, from top to bottom.
#[derive(Clone, Debug, Default)]
pub(super) struct Order {
    /// By column.
    pub columns: Vec<Vec<ItemId>>,
}

/// Finds a good order of items, and of the rows of cards.
pub(super) fn order(graph: &Graph, wires: &Wires, contents: &mut Contents) -> Order {
    let mut sweeper = Sweeper::new(graph, wires, contents);
    for sweep in 0..12 {
        sweeper.sweep(sweep % 2 == 0);
        if sweep % 4 == 3 {
            sweeper.arrange_cards();
        }
    }
    Order {
        columns: sweeper.columns,
    }
}

struct Sweeper<'w> {
    graph: &'w Graph,
    wires: &'w Wires,
    contents: &'w mut Contents,
    columns: Vec<Vec<ItemId>>,
    y: Vec<i32>,
    offsets: Vec<i32>,
    heights: Vec<i32>,
}

impl<'w> Sweeper<'w> {
    fn new(graph: &'w Graph, wires: &'w Wires, contents: &'w mut Contents) -> Sweeper<'w> {
        let mut sweeper = Sweeper {
            graph,
            wires,
            columns: wires.items.clone(),
            y: vec![0; wires.n_items()],
            offsets: offsets(wires, contents),
            heights: (0..wires.n_items() as ItemId)
                .map(|item| height(wires, contents, item))
                .collect(),
            contents,
        };
        for column in 0..sweeper.columns.len() {
            sweeper.stack(column);
        }
        sweeper
    }

    /// Gives the items of a column their rows, one below the other.
    fn stack(&mut self, column: usize) {
        let mut next = 0;
        let mut above = None;
        for &item in &self.columns[column] {
            if let Some(above) = above {
                next += gap(self.wires, above, item);
            }
            self.y[item as usize] = next;
            next += self.heights[item as usize];
            above = Some(item);
        }
    }

    /// The row where the pins of a wire are on average, in 256ths.
    fn mean(&self, pins: std::ops::Range<usize>) -> Option<i64> {
        let n = pins.len() as i64;
        let rows: i64 = pins
            .map(|pin| {
                let item = self.wires.pins[pin].item;
                i64::from(self.y[item as usize] + self.offsets[pin])
            })
            .sum();
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
            0 => 256 * i64::from(self.y[item as usize]),
            n => sum / n,
        }
    }

    fn arrange_cards(&mut self) {
        let mut wishes = Wishes::none(self.graph);
        let mut sums = vec![(0_i64, 0_i64); self.graph.components.len()];
        for (nth, pin) in self.wires.pins.iter().enumerate() {
            let wire = &self.wires.wires[pin.wire as usize];
            let others = if wire.left().contains(&nth) {
                wire.right()
            } else {
                wire.left()
            };
            let Some(mean) = self.mean(others) else {
                continue;
            };
            let component = match pin.end {
                crate::layout::wires::End::Passage => continue,
                crate::layout::wires::End::Use(used) => {
                    wishes.uses[used as usize] = mean;
                    self.graph.uses[used as usize].user
                }
                crate::layout::wires::End::Port(port) => {
                    wishes.ports[port as usize] = mean;
                    self.graph.ports[port as usize].component
                }
            };
            let sum = &mut sums[component as usize];
            *sum = (sum.0 + mean, sum.1 + 1);
        }
        for (component, (sum, n)) in sums.into_iter().enumerate() {
            wishes.components[component] = if n > 0 { sum / n } else { i64::MAX };
        }
        for host in 0..self.graph.hosts.len() as u32 {
            self.contents.arrange(self.graph, self.wires, host, &wishes);
        }
        self.offsets = offsets(self.wires, self.contents);
    }
}
