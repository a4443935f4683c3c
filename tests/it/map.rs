//! The map can be read back: what its lines say is what the plan says, in every picture and both sets of characters.

use std::collections::BTreeSet;
use std::sync::Arc;

use backstay::layout::{
    Card, Charset, Component, Graph, Layout, Part, Port, Rect, Use, draw, layout,
};

use crate::golden::{all_fixtures, fixture, folders_in, of_kind};
use crate::graphs::{Dice, Draft, demo, reference, tiered, wild};
use crate::read_back::{ReadUse, Reading, read_back};
use crate::support::{analysis, built, plain};

/// The whole picture as text.
fn picture(layout: &Layout, charset: Charset) -> String {
    draw(layout, charset, layout.whole()).to_text()
}

fn declared_uses(graph: &Graph) -> BTreeSet<ReadUse> {
    let component = |id: u32| {
        let component = &graph.components[id as usize];
        [
            graph.hosts[component.host as usize].name.clone(),
            component.name.clone(),
        ]
    };
    let uses = graph.uses.iter().enumerate();
    uses.map(|(id, used)| {
        let [host, name] = component(graph.ports[used.port as usize].component);
        ReadUse {
            user: component(used.user),
            named: graph.target_name(id as u32) + &graph.target_port(id as u32),
            target: [host, name, graph.port_label(used.port)],
        }
    })
    .collect()
}

/// What was read, with names in full that the picture cuts.
fn in_full(graph: &Graph, mut reading: Reading) -> Reading {
    let hosts: Vec<String> = graph.hosts.iter().map(|it| it.name.clone()).collect();
    let components: Vec<String> = graph.components.iter().map(|it| it.name.clone()).collect();
    let named: Vec<String> = (0..graph.uses.len() as u32)
        .map(|used| graph.target_name(used) + &graph.target_port(used))
        .collect();
    let full = |text: &str, all: &[String]| {
        let (start, end) = text.split_once(['…', '~']).unwrap_or((text, ""));
        let is_it = |it: &&String| it.starts_with(start) && it.ends_with(end);
        match text.contains(['…', '~']) {
            true => all.iter().find(is_it).cloned().unwrap_or_default(),
            false => text.to_owned(),
        }
    };
    let place = |[host, name]: [String; 2]| [full(&host, &hosts), full(&name, &components)];
    let whole = |[host, name, port]: [String; 3]| {
        let [host, name] = place([host, name]);
        [host, name, port]
    };
    let uses = reading.uses.into_iter();
    reading.uses = uses
        .map(|it| ReadUse {
            user: place(it.user),
            named: full(&it.named, &named),
            target: whole(it.target),
        })
        .collect();
    reading.ports = reading.ports.into_iter().map(whole).collect();
    reading.components = reading.components.into_iter().map(place).collect();
    reading
}

/// What is not as it should be in the picture of a layout.
fn fault(layout: &Layout, charset: Charset) -> Result<usize, String> {
    let graph = &layout.graph;
    let text = picture(layout, charset);
    let reading = read_back(&text, charset).map_err(|fault| format!("{fault}\n{text}"))?;
    let reading = in_full(graph, reading);
    let declared = declared_uses(graph);
    if reading.uses != declared || reading.n_pins != graph.uses.len() {
        let missing: Vec<_> = declared.difference(&reading.uses).collect();
        let extra: Vec<_> = reading.uses.difference(&declared).collect();
        return Err(format!(
            "missing: {missing:#?}\nnot declared: {extra:#?}\n{text}"
        ));
    }
    let mut ports = reading.ports;
    ports.sort();
    let mut expected: Vec<[String; 3]> = (0..graph.ports.len() as u32)
        .map(|port| {
            let component = &graph.components[graph.ports[port as usize].component as usize];
            let host = &graph.hosts[component.host as usize];
            [
                host.name.clone(),
                component.name.clone(),
                graph.port_label(port),
            ]
        })
        .collect();
    expected.sort();
    if ports != expected {
        return Err(format!("ports: {ports:?}\nnot {expected:?}\n{text}"));
    }
    if reading.components.len() != graph.components.len() {
        return Err(format!("{:?}\n{text}", reading.components));
    }
    Ok(reading.n_crossings)
}

#[track_caller]
fn reads_back(graph: Graph) -> Layout {
    let layout = layout(&Arc::new(graph), None);
    for charset in [Charset::Unicode, Charset::Ascii] {
        if let Err(fault) = fault(&layout, charset) {
            panic!("{fault}");
        }
    }
    layout
}

/// So many cases; `MAP_CASES` asks for another number.
fn n_cases(usual: u64) -> u64 {
    let asked = std::env::var("MAP_CASES").ok();
    asked.and_then(|cases| cases.parse().ok()).unwrap_or(usual)
}

#[test]
fn the_demo_is_small_and_reads_back() {
    let layout = reads_back(demo());
    assert!(
        layout.width <= 120 && layout.height <= 14,
        "{}",
        picture(&layout, Charset::Unicode)
    );
    let crossings = fault(&layout, Charset::Unicode).expect("it reads back");
    assert!(
        crossings <= 3,
        "{crossings}\n{}",
        picture(&layout, Charset::Unicode)
    );
}

#[test]
fn every_environment_of_every_fixture_reads_back() {
    let kinds = folders_in(crate::golden::KINDS);
    let kinds = kinds.iter().map(|kind| fixture(&of_kind(kind)));
    for plan in all_fixtures().into_iter().chain(kinds) {
        let analysis = analysis(&plan);
        for topology in &analysis.topologies {
            reads_back(Graph::of(topology, &analysis.findings));
        }
    }
}

#[test]
fn the_reference_graphs_read_back() {
    let layout = reads_back(reference(include_str!("../graphs/t10.txt")));
    let crossings = fault(&layout, Charset::Unicode).expect("it reads back");
    assert!(crossings <= 7, "{crossings}");
    let layout = reads_back(reference(include_str!("../graphs/t100.txt")));
    let crossings = fault(&layout, Charset::Unicode).expect("it reads back");
    assert!(crossings <= 400, "{crossings}");
    assert!(layout.width <= 360 && layout.height <= 110);
}

#[test]
fn random_graphs_read_back() {
    for seed in 0..n_cases(24) {
        let n_uses = Dice(seed).below(60);
        reads_back(wild(n_uses, seed));
    }
    for seed in 0..n_cases(24) / 24 {
        reads_back(wild(200, seed));
        reads_back(tiered(150, seed));
    }
    // The largest take long, so only those get them who ask for many.
    for seed in 0..n_cases(24) / 100 {
        reads_back(wild(500, seed));
        reads_back(tiered(330, seed));
    }
}

/// One service more on a host, which uses two others and is used by one.
fn with_one_more(graph: &Graph, dice: &mut Dice) -> Graph {
    let mut draft = Draft {
        hosts: graph.hosts.clone(),
        components: graph.components.clone(),
        ports: graph.ports.clone(),
        uses: graph.uses.clone(),
        ..Draft::default()
    };
    let host = dice.below(draft.hosts.len()) as u32;
    let added = draft.component(host, "zz-added");
    for _ in 0..2 {
        let port = dice.below(graph.ports.len()) as u32;
        draft.uses.push(Use { user: added, port });
    }
    draft.finish()
}

/// How many hosts stand more than two rows from where they stood, and how many pairs of a column stand the other
/// way round.
fn moved(before: &Layout, after: &Layout) -> (usize, usize) {
    let card = |layout: &Layout, name: &str| {
        let at = layout.graph.hosts.iter().position(|it| it.name == name);
        layout.cards[at.expect("the host is there")].clone()
    };
    let names = before.graph.hosts.iter().map(|it| it.name.as_str());
    let cards: Vec<[Card; 2]> = names
        .map(|name| [card(before, name), card(after, name)])
        .collect();
    let n_moved = cards.iter().filter(|[old, new]| {
        old.column.is_some() && (old.column != new.column || (old.area.y - new.area.y).abs() > 2)
    });
    let mut n_flipped = 0;
    for (nth, [a, new_a]) in cards.iter().enumerate() {
        for [b, new_b] in &cards[nth + 1..] {
            let same = a.column.is_some() && a.column == b.column && new_a.column == new_b.column;
            let was_above = a.area.y < b.area.y;
            n_flipped += usize::from(same && was_above != (new_a.area.y < new_b.area.y));
        }
    }
    (n_moved.count(), n_flipped)
}

#[test]
fn one_service_more_moves_hardly_anything() {
    for text in [
        include_str!("../graphs/t100.txt"),
        include_str!("../graphs/t1000.txt"),
    ] {
        let graph = Arc::new(reference(text));
        let before = layout(&graph, None);
        let mut n_moved = Vec::new();
        for seed in 0..n_cases(24) / 8 {
            let graph = Arc::new(with_one_more(&graph, &mut Dice(seed)));
            let after = layout(&graph, Some(&before));
            let (moved, flipped) = moved(&before, &after);
            assert_eq!(flipped, 0, "seed {seed}");
            if graph.uses.len() < 500 {
                fault(&after, Charset::Unicode).unwrap_or_else(|fault| panic!("{fault}"));
            }
            n_moved.push(moved);
        }
        n_moved.sort_unstable();
        let n_hosts = graph.hosts.len();
        assert!(
            n_moved[n_moved.len() / 2] * 20 <= n_hosts,
            "of {n_hosts} hosts: {n_moved:?}"
        );
    }
}

#[test]
fn the_order_of_the_plan_is_not_seen() {
    for seed in 0..4 {
        let graph = wild(40, seed);
        let mut dice = Dice(seed);
        let mut ids: Vec<u32> = (0..graph.components.len() as u32).collect();
        for at in (1..ids.len()).rev() {
            ids.swap(at, dice.below(at + 1));
        }
        // Everything the other way round, and components in any order.
        let n_hosts = graph.hosts.len() as u32;
        let place = |component: u32| {
            ids.iter()
                .position(|it| *it == component)
                .expect("it is there") as u32
        };
        let components = ids.iter().map(|id| {
            let component = graph.components[*id as usize].clone();
            let host = n_hosts - 1 - component.host;
            Component { host, ..component }
        });
        let n_ports = graph.ports.len() as u32;
        let ports = graph.ports.iter().rev().map(|port| Port {
            component: place(port.component),
            ..port.clone()
        });
        let uses = graph.uses.iter().rev().map(|used| Use {
            user: place(used.user),
            port: n_ports - 1 - used.port,
        });
        let hosts = graph.hosts.iter().rev().cloned();
        let other = Graph::new(
            hosts.collect(),
            components.collect(),
            ports.collect(),
            uses.collect(),
        );
        assert_eq!(graph, other);
        let [one, other] = [graph, other].map(|graph| layout(&Arc::new(graph), None));
        assert_eq!(
            picture(&one, Charset::Unicode),
            picture(&other, Charset::Unicode)
        );
    }
}

#[test]
fn colours_and_views_show_the_same_picture() {
    let built = built(&fixture("borrowed"));
    for topology in &built.analysis.topologies {
        let graph = Arc::new(Graph::of(topology, &built.analysis.findings));
        let layout = layout(&graph, None);
        let whole = picture(&layout, Charset::Unicode);
        let coloured = backstay::report::map::map(&layout, Charset::Unicode);
        assert!(coloured.contains('\u{1b}'), "{coloured}");
        assert_eq!(plain(&coloured), whole);
        // A view shows what the whole picture has there.
        let rows: Vec<Vec<char>> = whole.lines().map(|line| line.chars().collect()).collect();
        for (x, y) in [
            (0, 0),
            (7, 3),
            (layout.width - 5, layout.height - 2),
            (-3, -2),
        ] {
            let view = Rect {
                x,
                y,
                width: 11,
                height: 4,
            };
            let part = draw(&layout, Charset::Unicode, view).to_text();
            for (line, y) in part.lines().zip(y..) {
                let cell = |x: i32| {
                    let row = usize::try_from(y).ok().and_then(|y| rows.get(y));
                    let cell = row.and_then(|row| row.get(usize::try_from(x).ok()?));
                    cell.copied().unwrap_or(' ')
                };
                let expected: String = (x..x + 11).map(cell).collect();
                assert_eq!(line, expected.trim_end(), "at {x}, {y} of\n{whole}");
            }
        }
    }
}

#[test]
fn the_reader_sees_a_wrong_cell() {
    let layout = layout(&Arc::new(demo()), None);
    let text = picture(&layout, Charset::Unicode);
    let right = read_back(&text, Charset::Unicode).expect("it reads back");
    let rows: Vec<Vec<char>> = text.lines().map(|line| line.chars().collect()).collect();
    let canvas = draw(&layout, Charset::Unicode, layout.whole());
    let mut n = 0;
    for (y, row) in rows.iter().enumerate() {
        for x in 0..row.len() {
            let cell = canvas.cell(x as i32, y as i32).expect("it is drawn");
            if !matches!(cell.part, Part::Line | Part::Pin) {
                continue;
            }
            for wrong in ['┼', '╋', ' '].into_iter().filter(|wrong| *wrong != row[x]) {
                let mut other = rows.clone();
                other[y][x] = wrong;
                let lines = other
                    .iter()
                    .map(|line| line.iter().collect::<String>() + "\n");
                let other: String = lines.collect();
                n += usize::from(read_back(&other, Charset::Unicode) == Ok(right.clone()));
            }
        }
    }
    assert_eq!(n, 0, "so many wrong cells are not seen");
}

#[test]
fn wide_and_joined_characters_keep_frames_in_line() {
    let mut draft = Draft::default();
    let [one, other] = ["边缘", "e\u{301}ge"].map(|name| draft.host(name, None));
    let names = ["数据库主机", "👩‍👩‍👧‍👦", "cafe\u{301}", "🇫🇷x"];
    let ids = names.map(|name| draft.component(one, name));
    let target = draft.component(other, "목표");
    for id in ids {
        draft.connect(id, target, 80, "http");
    }
    draft.connect(ids[0], ids[1], 81, "");
    reads_back(draft.finish());
}
