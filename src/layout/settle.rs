//! The last step to fewer crossings: with everything in its place, and crossings counted as they will be drawn,
//! neighbours trade places once more, and cards and lines move up and down between their neighbours.

use crate::layout::card::Contents;
use crate::layout::drawn;
use crate::layout::graph::Graph;
use crate::layout::order::{Order, Ordering};
use crate::layout::place::{Places, gap};
use crate::layout::swaps;
use crate::layout::wires::{ItemId, Wires};

/// How many rows something moves at most at a time.
const REACH: i32 = 24;

/// Improves an order and its places, at most so many rounds.
pub(super) fn settle(
    graph: &Graph,
    wires: &Wires,
    contents: &mut Contents,
    order: Order,
    places: Places,
    rounds: usize,
) -> (Order, Places) {
    let mut ordering = Ordering::placed(graph, wires, contents, order, places.y);
    for _ in 0..rounds {
        let mut gain = swaps::improve(&mut ordering);
        for column in 0..ordering.columns.len() {
            for nth in 0..ordering.columns[column].len() {
                gain += shift(&mut ordering, column, nth, places.height);
            }
        }
        if gain == 0 {
            break;
        }
    }
    let Ordering {
        columns,
        mut y,
        offsets,
        heights,
        ..
    } = ordering;
    let placed = || columns.iter().flatten().map(|item| *item as usize);
    let top = placed().map(|item| y[item]).min().unwrap_or(0);
    placed().for_each(|item| y[item] -= top);
    let height = placed().map(|item| y[item] + heights[item]).max();
    let height = height.unwrap_or(0);
    let places = Places { y, offsets, height };
    (Order { columns }, places)
}

/// Moves an item to the row between its neighbours where its lines cross least, the nearest of several.
fn shift(ordering: &mut Ordering, column: usize, nth: usize, height: i32) -> i64 {
    let items = &ordering.columns[column];
    let item = items[nth];
    let end = |item: ItemId| ordering.y[item as usize] + ordering.heights[item as usize];
    let least = match nth {
        0 => 0,
        _ => end(items[nth - 1]) + gap(ordering.wires, items[nth - 1], item),
    };
    let below = match items.get(nth + 1) {
        None => height,
        Some(next) => ordering.y[*next as usize] - gap(ordering.wires, item, *next),
    };
    let most = below - ordering.heights[item as usize];
    let mut sides: [Vec<u32>; 2] = Default::default();
    swaps::wires_of(ordering, ordering.wires.left_pins.of(item), &mut sides[0]);
    swaps::wires_of(ordering, ordering.wires.right_pins.of(item), &mut sides[1]);
    let cost = |ordering: &Ordering| {
        drawn::cost(ordering, sides[0].iter()) + drawn::cost(ordering, sides[1].iter())
    };
    let start = ordering.y[item as usize];
    let before = cost(ordering);
    let (mut best, mut to) = (before, start);
    for distance in 1..=REACH {
        for y in [start - distance, start + distance] {
            if best > 0 && (least..=most).contains(&y) {
                ordering.y[item as usize] = y;
                ordering.set_rows(item);
                let cost = cost(ordering);
                if cost < best {
                    (best, to) = (cost, y);
                }
            }
        }
    }
    ordering.y[item as usize] = to;
    ordering.set_rows(item);
    2 * (before - best)
}
