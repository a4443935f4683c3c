//! An environment as a Mermaid flowchart: hosts as subgraphs, external uses as thick lines.

use std::fmt::Write;

use crate::layout::Graph;
use crate::report::export::{label_of, lines_of, title_of};

/// The flowchart of a graph.
pub fn mermaid(graph: &Graph) -> String {
    let mut text = "flowchart LR\n".to_owned();
    for host in 0..graph.hosts.len() {
        let title = escaped(&title_of(graph, host));
        let _ = writeln!(text, "  subgraph h{host}[\"{title}\"]");
        for component in graph.components_of(host as u32) {
            let [name, remark] = lines_of(graph, component).map(|line| escaped(&line));
            let words = match remark.is_empty() {
                true => name,
                false => format!("{name}<br/>{remark}"),
            };
            let _ = writeln!(text, "    c{component}[\"{words}\"]");
        }
        text.push_str("  end\n");
    }
    for (id, used) in graph.uses.iter().enumerate() {
        let id = id as u32;
        let target = graph.target_of(id);
        let line = if graph.is_internal(id) { "-->" } else { "==>" };
        let label = escaped(&label_of(graph, id));
        let _ = writeln!(text, "  c{} {line}|\"{label}\"| c{target}", used.user);
    }
    text
}

/// A text between quotes: what would end it, or mean something in it, by its number.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '#' | '<' | '>' | '&' | '\\' | '`' | ';' => {
                let _ = write!(escaped, "#{};", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    escaped
}
