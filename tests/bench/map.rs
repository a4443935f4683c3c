//! What the map costs: laying it out, again after an edit, and drawing what a screen shows; and how its lines cross.

#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

use std::hint::black_box;
use std::sync::Arc;

use backstay::layout::{Charset, Graph, Layout, Rect, draw, layout};

use crate::graphs::{Draft, demo, reference, tiered};
use crate::measure::{Sample, growth};
use crate::process::dot;
use crate::row;

/// Sizes between which growth is measured, in services; smaller graphs get more tries, so that they cost alike.
const SIZES: [usize; 4] = [1_000, 2_000, 4_000, 10_000];
/// How often lines cross in ELK's drawing of a graph with merged edges, measured once by hand with elkjs 0.12.
const ELK: [(&str, usize); 4] = [("demo", 2), ("t10", 5), ("t100", 334), ("t1000", 31_559)];

/// Prints the rows.
pub fn rows() {
    let thousand = Arc::new(reference(include_str!("../graphs/t1000.txt")));
    let ten = Arc::new(tiered(10_000, 1));
    let sizes = [
        ("1,000", &thousand, 5.0, 2.0),
        ("10,000", &ten, 100.0, 40.0),
    ];
    for (size, graph, cold_aim, seeded_aim) in sizes {
        let runs = if graph.components.len() > 5_000 {
            11
        } else {
            41
        };
        let cold = Sample::of(runs, || layout(graph, None));
        row(&format!("layout, {size} services"), cold_aim, "ms", &cold);
        let before = layout(graph, None);
        let edited = Arc::new(with_one_more(graph));
        let seeded = Sample::of(runs, || layout(&edited, Some(&before)));
        row("the same after an edit", seeded_aim, "ms", &seeded);
        let frame = Sample::of(201, || frame(&before));
        row("drawing 200×60 cells of it", 1.0, "ms", &frame);
    }
    let points: Vec<(f64, f64)> = SIZES
        .into_iter()
        .filter_map(|n_services| {
            let graph = Arc::new(tiered(n_services, 1));
            let sample = Sample::of(9, || layout(&graph, None));
            Some((n_services as f64, sample.median()?))
        })
        .collect();
    let exponent = Sample::from_values([growth(&points)]);
    row("growth of layout, exponent", 1.2, "", &exponent);
    quality();
    let times = (0..3).map_while(|_| dot(&as_dot(&thousand)));
    let figure = "Graphviz `dot` on the 1,000, without hosts";
    row(figure, f64::INFINITY, "ms", &Sample::from_durations(times));
}

/// How often lines cross on the graphs that other engines were measured on.
fn quality() {
    let graphs = [
        demo(),
        reference(include_str!("../graphs/t10.txt")),
        reference(include_str!("../graphs/t100.txt")),
        reference(include_str!("../graphs/t1000.txt")),
    ];
    for ((name, elk), graph) in ELK.into_iter().zip(graphs) {
        let layout = layout(&Arc::new(graph), None);
        let canvas = draw(&layout, Charset::Unicode, layout.whole());
        let cells = canvas.rows().flatten();
        let n = cells.filter(|cell| cell.crossed.is_some()).count();
        let figure = format!(
            "crossings on {name}, {}×{} cells (ELK: {elk})",
            layout.width, layout.height
        );
        let aim = (elk * 6 / 5) as f64;
        row(&figure, aim, "", &Sample::from_values([n as f64]));
    }
    println!();
}

fn frame(layout: &Layout) {
    let view = Rect {
        x: layout.width / 2,
        y: layout.height / 2,
        width: 200,
        height: 60,
    };
    black_box(draw(layout, Charset::Unicode, view));
}

/// One service more on the host in the middle, which uses two others.
fn with_one_more(graph: &Graph) -> Graph {
    let mut draft = Draft {
        hosts: graph.hosts.clone(),
        components: graph.components.clone(),
        ports: graph.ports.clone(),
        uses: graph.uses.clone(),
        ..Draft::default()
    };
    let added = draft.component(graph.hosts.len() as u32 / 2, "zz-added");
    for port in [0, graph.ports.len() as u32 - 1] {
        draft.uses.push(backstay::layout::Use { user: added, port });
    }
    draft.finish()
}

/// Services and uses in Graphviz's language.
fn as_dot(graph: &Graph) -> String {
    let mut text = "digraph { rankdir=LR; node [shape=box];\n".to_owned();
    for used in &graph.uses {
        let target = graph.ports[used.port as usize].component;
        text.push_str(&format!("n{} -> n{target};\n", used.user));
    }
    text + "}\n"
}
