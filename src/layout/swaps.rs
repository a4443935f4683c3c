//! Neighbours trade places wherever that takes crossings away: items of a column, components of a card, uses and
//! ports of a component.

use crate::layout::card::Contents;
use crate::layout::drawn;
use crate::layout::graph::{Graph, HostId};
use crate::layout::order::Ordering;
use crate::layout::place::{gap, span};
use crate::layout::wires::{ItemId, NO_PIN, Wires};
use crate::layout::{Exit, Row};

/// One pass over everything; how many crossings it took away.
pub(super) fn improve(ordering: &mut Ordering) -> i64 {
    let mut gain = 0;
    for column in 0..ordering.columns.len() {
        gain += swap_items(ordering, column);
    }
    for host in 0..ordering.graph.hosts.len() as HostId {
        gain += swap_components(ordering, host);
        gain += swap_rows(ordering, host);
    }
    gain
}

/// How often the lines of two wires of a channel cross at least, by the order of their pins alone, if the one that
/// does better with it stands on the left.
fn cost(ordering: &Ordering, a: u32, b: u32) -> i64 {
    if a == b {
        return 0;
    }
    let (a, b) = (
        &ordering.wires.wires[a as usize],
        &ordering.wires.wires[b as usize],
    );
    let (al, ar) = (&ordering.rows[a.left()], &ordering.rows[a.right()]);
    let (bl, br) = (&ordering.rows[b.left()], &ordering.rows[b.right()]);
    if let ([al], [ar], [bl], [br]) = (al, ar, bl, br) {
        return i64::from((al < bl) != (ar < br));
    }
    let ((al_least, al_most), (bl_least, bl_most)) = (span(al), span(bl));
    if ar.is_empty() || br.is_empty() {
        let inside = |rows: &[i32], from: i32, to: i32| above(rows, to) - above(rows, from + 1);
        return inside(bl, al_least, al_most).min(inside(al, bl_least, bl_most));
    }
    let ((ar_least, ar_most), (br_least, br_most)) = (span(ar), span(br));
    match ar_least + ar_most <= br_least + br_most {
        true => {
            let first = above(bl, al_most) + below(ar, br_least);
            let second = below(al, bl_least) + above(br, ar_most);
            first.min(second)
        }
        false => {
            let first = above(al, bl_most) + below(br, ar_least);
            let second = below(bl, al_least) + above(ar, br_most);
            first.min(second)
        }
    }
}

fn below(rows: &[i32], limit: i32) -> i64 {
    let mut n = 0;
    for row in rows {
        n += i64::from(*row > limit);
    }
    n
}

fn above(rows: &[i32], limit: i32) -> i64 {
    let mut n = 0;
    for row in rows {
        n += i64::from(*row < limit);
    }
    n
}

/// The wires of pins, each once.
pub(super) fn wires_of(ordering: &Ordering, pins: &[u32], wires: &mut Vec<u32>) {
    wires.clear();
    wires.extend(
        pins.iter()
            .map(|pin| ordering.wires.pins[*pin as usize].wire),
    );
    wires.sort_unstable();
    wires.dedup();
}

/// How often the lines of some wires of a channel cross those of others of it; once all are placed, whatever else
/// is there.
fn cost_between(ordering: &Ordering, a: &[u32], b: &[u32]) -> i64 {
    if ordering.is_placed {
        return drawn::cost(ordering, a.iter().chain(b));
    }
    let mut sum = 0;
    for &a in a {
        for &b in b {
            sum += cost(ordering, a, b);
        }
    }
    sum
}

/// Trades neighbours of a column.
fn swap_items(ordering: &mut Ordering, column: usize) -> i64 {
    let mut gain = 0;
    let mut sides: [[Vec<u32>; 2]; 2] = Default::default();
    for at in 1..ordering.columns[column].len() {
        let (above, below) = (
            ordering.columns[column][at - 1],
            ordering.columns[column][at],
        );
        for (item, sides) in [above, below].into_iter().zip(&mut sides) {
            wires_of(ordering, ordering.wires.left_pins.of(item), &mut sides[0]);
            wires_of(ordering, ordering.wires.right_pins.of(item), &mut sides[1]);
        }
        let between = |ordering: &Ordering| {
            cost_between(ordering, &sides[0][0], &sides[1][0])
                + cost_between(ordering, &sides[0][1], &sides[1][1])
        };
        let before = between(ordering);
        if before == 0 {
            continue;
        }
        trade(ordering, above, below);
        let after = between(ordering);
        if after < before && (!ordering.is_placed || stand_apart(ordering, column, at)) {
            gain += before - after;
            ordering.columns[column].swap(at - 1, at);
        } else {
            trade(ordering, below, above);
        }
    }
    gain
}

/// Whether two items that traded places are far enough from those above and below.
fn stand_apart(ordering: &Ordering, column: usize, at: usize) -> bool {
    let items = &ordering.columns[column];
    let is_apart = |above: ItemId, below: ItemId| {
        let end = ordering.y[above as usize] + ordering.heights[above as usize];
        end + gap(ordering.wires, above, below) <= ordering.y[below as usize]
    };
    let (first, second) = (items[at], items[at - 1]);
    (at < 2 || is_apart(items[at - 2], first))
        && items.get(at + 1).is_none_or(|it| is_apart(second, *it))
}

/// Two items trade places: `above` goes below.
fn trade(ordering: &mut Ordering, above: ItemId, below: ItemId) {
    let y = ordering.y[above as usize];
    let end = ordering.y[below as usize] + ordering.heights[below as usize];
    ordering.y[below as usize] = y;
    ordering.y[above as usize] = end - ordering.heights[above as usize];
    ordering.set_rows(above);
    ordering.set_rows(below);
}

/// The pins of a row, left and right.
fn pins_of_row(ordering: &Ordering, row: &Row) -> [[u32; 2]; 2] {
    let wires = ordering.wires;
    let port = row
        .port
        .map_or([NO_PIN; 2], |port| wires.port_pins[port as usize]);
    let pin = |used: Option<u32>| used.map_or(NO_PIN, |used| wires.use_pins[used as usize]);
    [[port[0], pin(row.left)], [port[1], pin(row.right)]]
}

/// The wires of some rows of a card, left and right.
fn wires_of_rows(ordering: &Ordering, rows: std::ops::Range<usize>, sides: &mut [Vec<u32>; 2]) {
    let mut pins: [Vec<u32>; 2] = Default::default();
    for row in &ordering.contents.rows[rows] {
        let of_row = pins_of_row(ordering, row);
        for (pins, of_row) in pins.iter_mut().zip(of_row) {
            pins.extend(of_row.into_iter().filter(|pin| *pin != NO_PIN));
        }
    }
    wires_of(ordering, &pins[0], &mut sides[0]);
    wires_of(ordering, &pins[1], &mut sides[1]);
}

/// Tells everything of a card's rows which row it is in.
fn renumber(ordering: &mut Ordering, host: HostId, rows: std::ops::Range<usize>) {
    let first = ordering.contents.first_row[host as usize] as usize;
    let y = ordering.y[host as usize];
    for at in rows {
        let row = ordering.contents.rows[at];
        if let Some(port) = row.port {
            ordering.contents.port_rows[port as usize] = at as u32;
        }
        for used in row.left.into_iter().chain(row.right) {
            ordering.contents.use_rows[used as usize] = at as u32;
        }
        for pin in pins_of_row(ordering, &row).into_iter().flatten() {
            if pin != NO_PIN {
                let offset = (at - first) as i32 + 1;
                ordering.offsets[pin as usize] = offset;
                ordering.rows[pin as usize] = y + offset;
            }
        }
    }
}

/// How often the lines that stay on a card cross others there, twice.
pub(super) fn inside_cost(graph: &Graph, wires: &Wires, contents: &Contents, host: HostId) -> i64 {
    let mut sum = 0;
    for net in wires.inside_nets.of(host) {
        let port = *net;
        let mut first = contents.port_rows[port as usize];
        let mut last = first;
        let users = wires.inside_users.of(port);
        for used in users {
            let row = contents.use_rows[*used as usize];
            first = first.min(row);
            last = last.max(row);
        }
        for row in &contents.rows[first as usize..=last as usize] {
            let right = row
                .right
                .map(|used| (graph.uses[used as usize].port, wires.exits[used as usize]));
            let entries = row
                .port
                .map(|port| wires.entries[port as usize])
                .unwrap_or_default();
            let is_own = row.port == Some(port) || right == Some((port, Exit::Inside));
            let leaves = entries.right || matches!(right, Some((_, Exit::Right)));
            sum += match (is_own, leaves) {
                (true, _) => 0,
                (false, true) => 2,
                (false, false) => i64::from(right.is_some() || entries.inside),
            };
        }
    }
    sum
}

/// Trades neighbouring components of a card.
fn swap_components(ordering: &mut Ordering, host: HostId) -> i64 {
    let mut gain = 0;
    let rows = ordering.contents.rows_of(host);
    let components = ordering.graph.components_of(host);
    let mut sides: [[Vec<u32>; 2]; 2] = Default::default();
    let mut first = rows.start as usize;
    for at in components.start as usize..components.end as usize {
        let length = |ordering: &Ordering, at: usize| {
            let component = ordering.contents.sequence[at];
            ordering.contents.n_rows(component) as usize
        };
        if at + 1 == components.end as usize {
            break;
        }
        let (above, below) = (length(ordering, at), length(ordering, at + 1));
        let both = first..first + above + below;
        wires_of_rows(ordering, first..first + above, &mut sides[0]);
        wires_of_rows(ordering, first + above..both.end, &mut sides[1]);
        let between = |ordering: &Ordering| {
            2 * (cost_between(ordering, &sides[0][0], &sides[1][0])
                + cost_between(ordering, &sides[0][1], &sides[1][1]))
                + inside_cost(ordering.graph, ordering.wires, ordering.contents, host)
        };
        let before = between(ordering);
        ordering.contents.rows[both.clone()].rotate_left(above);
        renumber(ordering, host, both.clone());
        let after = between(ordering);
        if after < before {
            gain += before - after;
            ordering.contents.sequence.swap(at, at + 1);
            first += below;
        } else {
            ordering.contents.rows[both.clone()].rotate_right(above);
            renumber(ordering, host, both);
            first += above;
        }
    }
    gain
}

/// Trades the uses, and the ports, of neighbouring rows of a component.
fn swap_rows(ordering: &mut Ordering, host: HostId) -> i64 {
    let rows = ordering.contents.rows_of(host);
    let mut gain = 0;
    for above in rows.start as usize..rows.end as usize {
        for below in above + 1..(rows.end as usize).min(above + 2) {
            let [a, b] = [above, below].map(|at| ordering.contents.rows[at]);
            if a.component != b.component {
                break;
            }
            let has_line = |row: &Row| {
                row.port
                    .is_some_and(|port| ordering.wires.has_right_side(port))
            };
            if !has_line(&a) && !has_line(&b) {
                let swap = |rows: &mut [Row], a: usize, b: usize| {
                    let right = rows[a].right;
                    rows[a].right = std::mem::replace(&mut rows[b].right, right);
                };
                gain += swap_parts(ordering, host, [above, below], swap);
                if a.port.is_some() && b.port.is_some() {
                    let swap = |rows: &mut [Row], a: usize, b: usize| {
                        let port = rows[a].port;
                        rows[a].port = std::mem::replace(&mut rows[b].port, port);
                    };
                    gain += swap_parts(ordering, host, [above, below], swap);
                }
                if a.left.is_some() && b.left.is_some() {
                    let swap = |rows: &mut [Row], a: usize, b: usize| {
                        let left = rows[a].left;
                        rows[a].left = std::mem::replace(&mut rows[b].left, left);
                    };
                    gain += swap_parts(ordering, host, [above, below], swap);
                }
            } else if has_line(&a) == has_line(&b)
                || (a.left.is_none() && b.left.is_none() && !a.is_first)
            {
                let swap = |rows: &mut [Row], a: usize, b: usize| {
                    rows.swap(a, b);
                    let is_first = rows[a].is_first;
                    rows[a].is_first = std::mem::replace(&mut rows[b].is_first, is_first);
                };
                gain += swap_parts(ordering, host, [above, below], swap);
            }
        }
    }
    gain
}

fn swap_parts(
    ordering: &mut Ordering,
    host: HostId,
    [above, below]: [usize; 2],
    swap: impl Fn(&mut [Row], usize, usize),
) -> i64 {
    let both = above..below + 1;
    let [a, b] = [above, below].map(|at| {
        let mut sides = Default::default();
        wires_of_rows(ordering, at..at + 1, &mut sides);
        sides
    });
    let between = |ordering: &Ordering| {
        2 * (cost_between(ordering, &a[0], &b[0]) + cost_between(ordering, &a[1], &b[1]))
            + inside_cost(ordering.graph, ordering.wires, ordering.contents, host)
    };
    let before = between(ordering);
    if before == 0 {
        return 0;
    }
    swap(&mut ordering.contents.rows, above, below);
    renumber(ordering, host, both.clone());
    let after = between(ordering);
    if after < before {
        return before - after;
    }
    swap(&mut ordering.contents.rows, above, below);
    renumber(ordering, host, both);
    0
}
