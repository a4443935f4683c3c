//! An environment as text: its map, or a tree where there is no room for it, and what no picture says.

use std::sync::Arc;

use crate::finding::Finding;
use crate::layout::{Charset, Graph, layout};
use crate::model::Address;
use crate::report::map::map;
use crate::report::table::aligned;
use crate::report::tree::tree;
use crate::topology::{Instance, Link, Publication, Reach, Topology};

/// Below this width a map is no help, however small it is.
const NARROW: usize = 100;
/// How wide a text is where nothing says how wide the screen is.
const USUAL: usize = 200;

/// How environments are drawn.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// How many cells a line may have.
    pub width: usize,
    /// With which characters.
    pub charset: Charset,
}

impl Default for Screen {
    fn default() -> Screen {
        Screen {
            width: USUAL,
            charset: Charset::Unicode,
        }
    }
}

/// Environments one after the other, with the worst that the findings say beside what they are about. The text is
/// coloured.
pub fn show(plan: &str, topologies: &[&Topology], findings: &[Finding], screen: Screen) -> String {
    let mut text = format!("{plan}\n");
    for topology in topologies {
        text.push('\n');
        text.push_str(&environment(topology, findings, screen));
    }
    text
}

fn environment(topology: &Topology, findings: &[Finding], screen: Screen) -> String {
    let name = topology.environment.as_str();
    let tier = topology
        .tier
        .map(|tier| tier.to_string())
        .unwrap_or_else(|| "no tier".to_owned());
    let heading = if tier == name {
        name.to_owned()
    } else {
        format!("{name} ({tier})")
    };
    let line = match screen.charset {
        Charset::Unicode => "─",
        Charset::Ascii => "-",
    };
    let mut text = format!(
        "{line}{line} {heading} {}\n",
        line.repeat(60_usize.saturating_sub(heading.chars().count()))
    );
    if topology.hosts.is_empty() {
        text.push_str("  no hosts\n");
        return text;
    }
    text.push_str(&picture(topology, findings, screen));
    let arrow = match screen.charset {
        Charset::Unicode => "→",
        Charset::Ascii => "->",
    };
    let mut links: Vec<Link> = topology.connections().collect();
    links.sort_by_key(|link| (link.user, link.target));
    let mut rows: Vec<Vec<String>> = links
        .iter()
        .map(|link| use_row(topology, link, arrow))
        .collect();
    rows.extend(topology.unreached.iter().map(|unreached| {
        let user = instance_name(topology, &unreached.user);
        vec![
            format!("{user} {arrow} {}", unreached.target),
            String::new(),
            "unplaced".to_owned(),
        ]
    }));
    let opened: Vec<Vec<String>> = topology
        .instances()
        .filter_map(|instance| opened_row(topology, instance))
        .collect();
    for (title, rows) in [("uses", rows), ("open ports", opened)] {
        if !rows.is_empty() {
            text.push_str(&format!("  {title}\n"));
            text.push_str(&aligned(&rows, "    "));
        }
    }
    text
}

/// The map where it fits, else the tree.
fn picture(topology: &Topology, findings: &[Finding], screen: Screen) -> String {
    let graph = Arc::new(Graph::of(topology, findings));
    if screen.width >= NARROW {
        let layout = layout(&graph, None);
        if layout.width as usize <= screen.width {
            return map(&layout, screen.charset);
        }
    }
    tree(&graph, screen.charset)
}

/// How an instance is reached from outside its Compose project, if it is.
fn opened_row(topology: &Topology, instance: &Instance) -> Option<Vec<String>> {
    let component = topology.components.get(&instance.component)?;
    let opens = match component.runs_as.in_container() {
        true => "published",
        false => "listens",
    };
    let publications = topology.publications_of(instance).iter();
    let remarks: Vec<String> = publications
        .map(|publication| match publication.reach {
            Reach::Machine => format!("{opens} on 127.0.0.1:{}", publication.said_ports()),
            Reach::Network => format!("{opens} on {}", for_others(topology, publication)),
            Reach::World => format!("{opens} on :{} for the world", publication.said_ports()),
        })
        .collect();
    let name = instance_name(topology, instance);
    (!remarks.is_empty()).then(|| vec![name, remarks.join(", ")])
}

/// Where other hosts reach a port: at the one address that it is bound to, or at the host's.
fn for_others(topology: &Topology, publication: &Publication) -> String {
    let bound = publication.address.map(|address| address.to_string());
    let bound = bound.and_then(|address| Address::new(&address));
    let hosts = &topology.hosts;
    let host = hosts.get(&publication.instance.host);
    let address = bound.or_else(|| host?.address.clone());
    let ports = publication.said_ports();
    match address {
        Some(address) => format!("{address}:{ports} for other hosts"),
        None => format!("?:{ports} for other hosts (no address known)"),
    }
}

fn use_row(topology: &Topology, link: &Link, arrow: &str) -> Vec<String> {
    let connection = link.connection;
    vec![
        format!(
            "{} {arrow} {}",
            instance_name(topology, link.user),
            instance_name(topology, link.target)
        ),
        connection.said_roles(),
        connection.via.locality().as_str().to_owned(),
        connection.endpoint.to_string(),
        connection.via.to_string(),
    ]
}

/// The component's name, with its host where it runs on several.
fn instance_name(topology: &Topology, instance: &Instance) -> String {
    match topology.hosts_of(&instance.component).len() {
        0 | 1 => instance.component.to_string(),
        _ => format!("{}@{}", instance.component, instance.host),
    }
}
