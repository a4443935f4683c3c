//! Environments as pictures for others: SVG from the map's own coordinates, and the graph for Mermaid, DOT and D2,
//! which place it as they like.

mod d2;
mod dot;
mod mermaid;
mod svg;

use crate::finding::printed;
use crate::layout::{ComponentId, Graph, UseId};

pub use d2::d2;
pub use dot::dot;
pub use mermaid::mermaid;
pub use svg::svg;

/// A text on one line that no reader obeys.
fn plain(text: &str) -> String {
    printed(text)
}

/// What stands in the box of a component: its name, and below it what else its row says.
fn lines_of(graph: &Graph, component: ComponentId) -> [String; 2] {
    let row = &graph.components[component as usize];
    [plain(&row.name), plain(&row.remark)]
}

/// What stands in the title of a host.
fn title_of(graph: &Graph, host: usize) -> String {
    let host = &graph.hosts[host];
    plain(&format!("{} {}", host.name, host.remark))
        .trim_end()
        .to_owned()
}

/// What stands on the line of a use: where it ends, and whether it leaves the machine.
fn label_of(graph: &Graph, used: UseId) -> String {
    let port = graph.port_label(graph.uses[used as usize].port);
    let locality = match graph.is_internal(used) {
        true => "internal",
        false => "external",
    };
    format!("{} {locality}", plain(&port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::{Component, Frame, Host, Port, Sort, Use};

    /// Names that every format must escape.
    const AWKWARD: &str = "a\"<b>&\\#${x}{}[]|'\n\u{1b}";

    fn awkward() -> Graph {
        let host = |name: &str, sort| Host {
            name: name.to_owned(),
            remark: AWKWARD.to_owned(),
            frame: Frame {
                sort,
                is_heavy: false,
            },
            rank: None,
            finding: None,
        };
        let component = |host, name: &str| Component {
            host,
            name: name.to_owned(),
            remark: AWKWARD.to_owned(),
            finding: None,
            is_replica: false,
        };
        Graph::new(
            vec![host("one", Sort::Machine), host("two", Sort::Managed)],
            vec![
                component(0, "web"),
                component(0, "cache"),
                component(1, "db"),
            ],
            vec![
                Port {
                    component: 1,
                    number: Some(6379),
                    protocol: "redis".to_owned(),
                },
                Port {
                    component: 2,
                    number: None,
                    protocol: AWKWARD.to_owned(),
                },
            ],
            vec![Use { user: 0, port: 0 }, Use { user: 0, port: 1 }],
        )
    }

    #[test]
    fn every_host_component_and_use_is_in_every_format() {
        let graph = awkward();
        for text in [mermaid(&graph), dot("x", &graph), d2(&graph)] {
            for word in [
                "one", "two", "web", "cache", "db", "6379", "internal", "external",
            ] {
                assert!(text.contains(word), "{word}\n{text}");
            }
            assert!(!text.contains('\u{1b}'), "{text}");
        }
    }

    #[test]
    fn names_with_anything_in_them_stay_names() {
        let graph = awkward();
        let mermaid = mermaid(&graph);
        assert!(
            !mermaid.contains("<b>") && !mermaid.contains("a\""),
            "{mermaid}"
        );
        let dot = dot("x", &graph);
        assert!(dot.contains("a\\\"<b>"), "{dot}");
        let d2 = d2(&graph);
        assert!(d2.contains("\\${x}"), "{d2}");
        let layout = crate::layout::layout(&graph.into(), None);
        let svg = svg("x", "an environment", &layout);
        assert!(
            !svg.contains("<b>") && svg.contains("&lt;b&gt;&amp;"),
            "{svg}"
        );
    }
}
