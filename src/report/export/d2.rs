//! An environment as a D2 diagram: hosts as containers, external uses as thick lines.

use std::fmt::Write;

use crate::layout::Graph;
use crate::report::export::{label_of, lines_of, title_of};

/// The diagram of a graph.
pub fn d2(graph: &Graph) -> String {
    let mut text = "direction: right\n".to_owned();
    for host in 0..graph.hosts.len() {
        let _ = writeln!(text, "h{host}: \"{}\" {{", escaped(&title_of(graph, host)));
        for component in graph.components_of(host as u32) {
            let [name, remark] = lines_of(graph, component).map(|line| escaped(&line));
            let words = match remark.is_empty() {
                true => name,
                false => format!("{name}\\n{remark}"),
            };
            let _ = writeln!(text, "  c{component}: \"{words}\"");
        }
        text.push_str("}\n");
    }
    let place = |component: u32| format!("h{}.c{component}", graph.host_of(component));
    for (id, used) in graph.uses.iter().enumerate() {
        let id = id as u32;
        let width = if graph.is_internal(id) { 1 } else { 3 };
        let _ = writeln!(
            text,
            "{} -> {}: \"{}\" {{style.stroke-width: {width}}}",
            place(used.user),
            place(graph.target_of(id)),
            escaped(&label_of(graph, id))
        );
    }
    text
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('$', "\\$")
}
