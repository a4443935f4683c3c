//! An environment as a DOT graph: hosts as clusters, external uses as bold lines.

use std::fmt::Write;

use crate::layout::Graph;
use crate::report::export::{label_of, lines_of, plain, title_of};

/// The directed graph called `name`.
pub fn dot(name: &str, graph: &Graph) -> String {
    let mut text = format!("digraph \"{}\" {{\n", escaped(&plain(name)));
    text.push_str("  rankdir=LR;\n  node [shape=box];\n");
    for host in 0..graph.hosts.len() {
        let title = escaped(&title_of(graph, host));
        let _ = writeln!(text, "  subgraph \"cluster_{host}\" {{");
        let _ = writeln!(text, "    label=\"{title}\";");
        for component in graph.components_of(host as u32) {
            let [name, remark] = lines_of(graph, component).map(|line| escaped(&line));
            let words = match remark.is_empty() {
                true => name,
                false => format!("{name}\\n{remark}"),
            };
            let _ = writeln!(text, "    c{component} [label=\"{words}\"];");
        }
        text.push_str("  }\n");
    }
    for (id, used) in graph.uses.iter().enumerate() {
        let id = id as u32;
        let target = graph.target_of(id);
        let style = if graph.is_internal(id) {
            "solid"
        } else {
            "bold"
        };
        let label = escaped(&label_of(graph, id));
        let _ = writeln!(
            text,
            "  c{} -> c{target} [label=\"{label}\", style={style}];",
            used.user
        );
    }
    text.push_str("}\n");
    text
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
