//! Trunks get tracks in their channels; then everything has a column, a row and a width.

use std::sync::Arc;

use crate::layout::card::{Contents, card_width};
use crate::layout::graph::{Graph, HostId};
use crate::layout::order::Order;
use crate::layout::place::Places;
use crate::layout::search::Plan;
use crate::layout::seed::Kept;
use crate::layout::tracks::Segment;
use crate::layout::wires::{End, Wires};
use crate::layout::{Branch, Card, Channel, Column, Layout, Passage, Rect, Shelf, Trunk};

/// Cells from one track to the next.
const PITCH: i32 = 2;
/// The least cells between two columns.
const NARROWEST: i32 = 4;
/// Cards without lines fill rows of this width, or of the picture's, if it is wider.
const SHELF: i32 = 100;

/// Puts the parts together.
pub(super) fn assemble(
    graph: &Arc<Graph>,
    wires: &Wires,
    plan: Plan,
    kept: Option<&Kept>,
) -> Layout {
    let Plan {
        contents,
        order,
        places,
        segments,
    } = plan;
    let mut layout = Layout {
        graph: graph.clone(),
        width: 0,
        height: places.height,
        cards: cards(graph, wires, &contents),
        rows: Vec::new(),
        port_rows: Vec::new(),
        entries: wires.entries.clone(),
        use_rows: Vec::new(),
        exits: wires.exits.clone(),
        columns: Vec::new(),
        channels: Vec::new(),
        shelves: Vec::new(),
    };
    add_columns(&mut layout, wires, &order, &places);
    add_channels(&mut layout, wires, &places, &segments, kept);
    set_x(&mut layout);
    add_shelves(&mut layout, wires);
    layout.rows = contents.rows;
    layout.port_rows = contents.port_rows;
    layout.use_rows = contents.use_rows;
    layout
}

/// Cards with their texts and lanes, each as wide as it needs to be, at no place yet.
fn cards(graph: &Graph, wires: &Wires, contents: &Contents) -> Vec<Card> {
    let hosts = 0..graph.hosts.len() as u32;
    hosts
        .map(|host| {
            let text = contents.text_columns(graph, wires, host);
            let lanes = contents.lanes(graph, wires, host, text.line);
            Card {
                area: Rect {
                    width: card_width(graph, host, &text, &lanes),
                    height: contents.height(host),
                    ..Rect::default()
                },
                column: wires.columns.of(host),
                rows: contents.rows_of(host),
                text,
                lanes,
            }
        })
        .collect()
}

/// Columns with their rows, as wide as their widest cards; all cards of one get its width.
fn add_columns(layout: &mut Layout, wires: &Wires, order: &Order, places: &Places) {
    for items in &order.columns {
        let mut column = Column::default();
        for &item in items {
            let y = places.y[item as usize];
            match wires.passage(item) {
                Some(passage) => column.passages.push(Passage {
                    y,
                    port: passage.port,
                }),
                None => {
                    let area = &mut layout.cards[item as usize].area;
                    area.y = y;
                    column.width = column.width.max(area.width);
                    column.cards.push(item);
                }
            }
        }
        for host in &column.cards {
            layout.cards[*host as usize].area.width = column.width;
        }
        layout.columns.push(column);
    }
}

/// Channels with their lines, counted from the channel's left edge.
fn add_channels(
    layout: &mut Layout,
    wires: &Wires,
    places: &Places,
    segments: &[Vec<Segment>],
    kept: Option<&Kept>,
) {
    for (nth, segments) in segments.iter().enumerate() {
        let is_outermost = nth == 0 || nth == layout.columns.len();
        let n_tracks = segments.iter().map(|it| it.track + 1).max().unwrap_or(0);
        let needed = match (is_outermost, segments.is_empty()) {
            (true, true) => 0,
            _ => (PITCH * n_tracks + 1).max(NARROWEST),
        };
        let before = kept.and_then(|kept| kept.channel_width(nth, layout.columns.len() + 1));
        let mut channel = Channel {
            width: needed.max(before.unwrap_or(0)),
            ..Channel::default()
        };
        for segment in segments {
            add_lines(&mut channel, wires, places, segment);
        }
        channel
            .trunks
            .sort_unstable_by_key(|trunk| (trunk.x, trunk.top));
        channel
            .branches
            .sort_unstable_by_key(|branch| (branch.y, branch.left));
        layout.height = channel
            .trunks
            .iter()
            .map(|trunk| trunk.bottom + 1)
            .fold(layout.height, i32::max);
        layout.channels.push(channel);
    }
}

fn add_lines(channel: &mut Channel, wires: &Wires, places: &Places, segment: &Segment) {
    let wire = &wires.wires[segment.wire as usize];
    let x = 1 + PITCH * segment.track;
    let row = |pin: usize| {
        let item = wires.pins[pin].item;
        places.y[item as usize] + places.offsets[pin]
    };
    let mut add = |y: i32, left: i32, right: i32, of_use| {
        channel.branches.push(Branch {
            port: wire.port,
            of_use,
            y,
            left,
            right,
        });
    };
    let of_use = |pin: usize| match wires.pins[pin].end {
        End::Use(used) => Some(used),
        _ => None,
    };
    let end = channel.width - 1;
    if segment.top == segment.bottom {
        let pin = wire.left().start;
        add(segment.top, 0, end, of_use(pin));
        return;
    }
    if segment.has_left {
        wire.left().for_each(|pin| add(row(pin), 0, x, of_use(pin)));
    }
    if segment.has_right {
        wire.right()
            .for_each(|pin| add(row(pin), x, end, of_use(pin)));
    }
    if let Some((y, track)) = segment.jog {
        add(y, x, 1 + PITCH * track, None);
    }
    channel.trunks.push(Trunk {
        port: wire.port,
        x,
        top: segment.top,
        bottom: segment.bottom,
    });
}

/// Gives columns and channels their places from left to right.
fn set_x(layout: &mut Layout) {
    let mut x = 0;
    for nth in 0..layout.channels.len() {
        let channel = &mut layout.channels[nth];
        channel.x = x;
        channel.trunks.iter_mut().for_each(|trunk| trunk.x += x);
        for branch in &mut channel.branches {
            branch.left += x;
            branch.right += x;
        }
        x += channel.width;
        if let Some(column) = layout.columns.get_mut(nth) {
            column.x = x;
            for host in &column.cards {
                layout.cards[*host as usize].area.x = x;
            }
            x += column.width;
        }
    }
    layout.width = x;
}

/// Cards without lines to others stand below the rest, in rows.
fn add_shelves(layout: &mut Layout, wires: &Wires) {
    let alone = |host: &HostId| wires.columns.of(*host).is_none();
    let hosts: Vec<HostId> = (0..layout.cards.len() as u32).filter(alone).collect();
    let area: i64 = hosts
        .iter()
        .map(|host| {
            let area = layout.cards[*host as usize].area;
            i64::from(area.width + 2) * i64::from(area.height + 1)
        })
        .sum();
    // A cell is twice as high as it is wide, and a screen half as high again as wide.
    let square = (area * 3).isqrt() as i32;
    let widest = SHELF.max(layout.width).max(square);
    let mut y = match layout.height {
        0 => 0,
        height => height + 1,
    };
    let mut x = 0;
    let mut shelf = Shelf::default();
    for host in hosts {
        let area = &mut layout.cards[host as usize].area;
        if x > 0 && x + area.width > widest {
            let full = std::mem::take(&mut shelf);
            y = full.y + full.height + 1;
            layout.shelves.push(full);
            x = 0;
        }
        (area.x, area.y) = (x, y);
        shelf.y = y;
        shelf.height = shelf.height.max(area.height);
        shelf.cards.push(host);
        x += area.width + 2;
        layout.width = layout.width.max(area.x + area.width);
        layout.height = layout.height.max(area.y + area.height);
    }
    if !shelf.cards.is_empty() {
        layout.shelves.push(shelf);
    }
}
