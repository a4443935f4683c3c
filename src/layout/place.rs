//! In which row each item of a column stands: as near to what its lines lead to as the order allows.
//!
//! For one column with the others held fast this is a regression under an order, and pooling adjacent violators
//! solves it exactly in one pass.

use crate::layout::card::Contents;
use crate::layout::order::Order;
use crate::layout::seed::Kept;
use crate::layout::wires::{End, ItemId, Wires};

/// Wishes are in parts of a row.
const SCALE: i64 = 256;
/// How often every column is placed anew.
const SWEEPS: usize = 8;
/// Against the weight of a pin, how much an item is drawn to the row of before.
const OLD_ROW: i64 = 10_000;

/// Where everything in columns stands, from top to bottom.
pub(super) struct Places {
    /// By item, its first row.
    pub y: Vec<i32>,
    /// By pin, how far below the first row of its item it is.
    pub offsets: Vec<i32>,
    /// How high the columns are.
    pub height: i32,
}

/// How many rows stay free between an item and the next.
pub(super) fn gap(wires: &Wires, above: ItemId, below: ItemId) -> i32 {
    i32::from(!(wires.is_passage(above) && wires.is_passage(below)))
}

/// How high an item is.
pub(super) fn height(wires: &Wires, contents: &Contents, item: ItemId) -> i32 {
    match wires.is_passage(item) {
        true => 1,
        false => contents.height(item),
    }
}

/// The first of some rows and the last.
pub(super) fn span(rows: &[i32]) -> (i32, i32) {
    let (mut top, mut bottom) = (i32::MAX, i32::MIN);
    for row in rows {
        top = top.min(*row);
        bottom = bottom.max(*row);
    }
    (top, bottom)
}

/// How many of some rows are between two others.
pub(super) fn count_between(rows: &[i32], top: i32, bottom: i32) -> i32 {
    let mut n = 0;
    for row in rows {
        n += i32::from((*row > top) & (*row < bottom));
    }
    n
}

/// How far each pin is below the first row of its item.
pub(super) fn offsets(wires: &Wires, contents: &Contents) -> Vec<i32> {
    let pins = wires.pins.iter();
    pins.map(|pin| {
        let row = match pin.end {
            End::Passage => return 0,
            End::Use(used) => contents.use_rows[used as usize],
            End::Port(port) => contents.port_rows[port as usize],
        };
        (row - contents.first_row[pin.item as usize]) as i32 + 1
    })
    .collect()
}

/// Places every item.
pub(super) fn place(
    wires: &Wires,
    contents: &Contents,
    order: &Order,
    kept: Option<&Kept>,
) -> Places {
    let mut placing = Placing::new(wires, contents, order, kept);
    let n = order.columns.len();
    let first = if kept.is_some() { SWEEPS - 2 } else { 0 };
    for sweep in first..SWEEPS {
        for nth in 0..n {
            let (column, sides) = match (sweep + 2 >= SWEEPS, sweep % 2) {
                (true, 0) => (nth, Sides::Both),
                (true, _) => (n - 1 - nth, Sides::Both),
                (false, 0) => (nth, Sides::Left),
                (false, _) => (n - 1 - nth, Sides::Right),
            };
            placing.place_column(column, sides);
        }
    }
    let least = placing.y.iter().enumerate();
    let least = least
        .filter(|(item, _)| wires.column(*item as ItemId).is_some())
        .map(|(_, y)| *y)
        .min();
    // What was there stays in its row, even if nothing is above it any more.
    let shift = least.filter(|_| kept.is_none()).unwrap_or(0);
    for y in &mut placing.y {
        *y -= shift;
    }
    let bottoms = order.columns.iter().filter_map(|items| items.last());
    let height = bottoms.map(|item| placing.y[*item as usize] + height(wires, contents, *item));
    Places {
        height: height.max().unwrap_or(0),
        y: placing.y,
        offsets: placing.offsets,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sides {
    Left,
    Right,
    Both,
}

struct Placing<'w> {
    wires: &'w Wires,
    order: &'w Order,
    /// By item, the row of before; nothing at all without a seed.
    old_rows: Option<Vec<Option<i32>>>,
    y: Vec<i32>,
    offsets: Vec<i32>,
    heights: Vec<i32>,
    /// How high the highest column is if nothing stands apart; all others stay within.
    height: i32,
    blocks: Vec<Block>,
}

/// Items that stand close together because each would like to stand where another does.
#[derive(Clone, Copy)]
struct Block {
    sum: i64,
    weight: i64,
    n_items: u32,
}

impl<'w> Placing<'w> {
    fn new(
        wires: &'w Wires,
        contents: &Contents,
        order: &'w Order,
        kept: Option<&'w Kept<'w>>,
    ) -> Placing<'w> {
        let n_items = wires.n_items();
        let heights: Vec<i32> = (0..n_items as ItemId)
            .map(|item| height(wires, contents, item))
            .collect();
        let mut y = vec![0; n_items];
        let mut highest = 0;
        for items in &order.columns {
            let mut next = 0;
            for (nth, item) in items.iter().enumerate() {
                if nth > 0 {
                    next += gap(wires, items[nth - 1], *item);
                }
                y[*item as usize] = next;
                next += heights[*item as usize];
            }
            highest = next.max(highest);
        }
        Placing {
            wires,
            order,
            old_rows: kept.map(|kept| kept.rows(wires)),
            y,
            offsets: offsets(wires, contents),
            heights,
            height: highest,
            blocks: Vec::new(),
        }
    }

    /// Where an item would like to stand, and how much.
    fn wish(&self, item: ItemId, sides: Sides) -> (i64, i64) {
        let (mut sum, mut weight) = (0, 0);
        if sides != Sides::Right {
            for &pin in self.wires.left_pins.of(item) {
                let wire = self.wires.wires[self.wires.pins[pin as usize].wire as usize];
                self.add_wish(pin, wire.left(), &mut sum, &mut weight);
            }
        }
        if sides != Sides::Left {
            for &pin in self.wires.right_pins.of(item) {
                let wire = self.wires.wires[self.wires.pins[pin as usize].wire as usize];
                self.add_wish(pin, wire.right(), &mut sum, &mut weight);
            }
        }
        match weight {
            0 => (i64::from(self.y[item as usize]) * SCALE, 1),
            weight => (sum / weight, weight * 4),
        }
    }

    /// The pin would like to be where the other side of its wire is on average.
    fn add_wish(&self, pin: u32, others: std::ops::Range<usize>, sum: &mut i64, weight: &mut i64) {
        let n = others.len() as i64;
        if n == 0 {
            return;
        }
        let rows: i64 = others
            .map(|other| {
                let item = self.wires.pins[other].item;
                i64::from(self.y[item as usize] + self.offsets[other])
            })
            .sum();
        let passes = self.wires.is_passage(self.wires.pins[pin as usize].item);
        let importance = if passes { 4 } else { 1 };
        let offset = i64::from(self.offsets[pin as usize]);
        *sum += importance * (rows * SCALE / n - offset * SCALE);
        *weight += importance;
    }

    fn place_column(&mut self, column: usize, sides: Sides) {
        let items = &self.order.columns[column];
        let mut blocks = std::mem::take(&mut self.blocks);
        blocks.clear();
        let mut before = 0;
        let mut total = 0;
        for (nth, &item) in items.iter().enumerate() {
            if nth > 0 {
                before = total + gap(self.wires, items[nth - 1], item);
            }
            total = before + self.heights[item as usize];
            let (mut wish, mut weight) = self.wish(item, sides);
            if let Some(old) = self.old_rows.as_ref().and_then(|rows| rows[item as usize]) {
                wish = (wish * weight + i64::from(old) * SCALE * OLD_ROW) / (weight + OLD_ROW);
                weight += OLD_ROW;
            }
            let mut block = Block {
                sum: (wish - i64::from(before) * SCALE) * weight,
                weight,
                n_items: 1,
            };
            while let Some(above) = blocks.last() {
                if above.sum * block.weight < block.sum * above.weight {
                    break;
                }
                block.sum += above.sum;
                block.weight += above.weight;
                block.n_items += above.n_items;
                blocks.pop();
            }
            blocks.push(block);
        }
        let lowest = i64::from((self.height - total).max(0));
        let mut items = items.iter();
        let mut before = 0;
        let mut previous: Option<ItemId> = None;
        for block in &blocks {
            let mut start = (block.sum.div_euclid(block.weight) + SCALE / 2).div_euclid(SCALE);
            start = match self.old_rows {
                None => start.clamp(0, lowest),
                Some(_) => start.max(0),
            };
            for &item in items.by_ref().take(block.n_items as usize) {
                if let Some(previous) = previous {
                    before += self.heights[previous as usize] + gap(self.wires, previous, item);
                }
                self.y[item as usize] = start as i32 + before;
                previous = Some(item);
            }
        }
        self.blocks = blocks;
    }
}
