//! An environment as aligned text: hosts, what runs on them, and who uses what where.

use crate::model::{HostKind, RunsAs};
use crate::report::table::aligned;
use crate::topology::{Component, Host, Instance, Link, Reach, Topology};

/// Environments one after the other.
pub fn show(plan: &str, topologies: &[&Topology]) -> String {
    let mut text = format!("{plan}\n");
    for topology in topologies {
        text.push('\n');
        text.push_str(&environment(topology));
    }
    text
}

fn environment(topology: &Topology) -> String {
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
    let mut text = format!(
        "── {heading} {}\n",
        "─".repeat(60_usize.saturating_sub(heading.chars().count()))
    );
    if topology.hosts.is_empty() {
        text.push_str("  no hosts\n");
        return text;
    }
    text.push_str("  hosts\n");
    let rows: Vec<Vec<String>> = topology
        .hosts
        .values()
        .flat_map(|host| host_rows(topology, host))
        .collect();
    text.push_str(&aligned(&rows, "    "));
    let mut links: Vec<Link> = topology.links().collect();
    links.sort_by_key(|link| (link.user, link.target));
    let mut rows: Vec<Vec<String>> = links.iter().map(|link| use_row(topology, link)).collect();
    rows.extend(topology.unreached.iter().map(|unreached| {
        let user = instance_name(topology, &unreached.user);
        vec![
            format!("{user} → {}", unreached.target),
            String::new(),
            "unplaced".to_owned(),
        ]
    }));
    if !rows.is_empty() {
        text.push_str("  uses\n");
        text.push_str(&aligned(&rows, "    "));
    }
    text
}

fn host_rows(topology: &Topology, host: &Host) -> Vec<Vec<String>> {
    let kind = match (&host.borrowed_from, host.kind) {
        (Some(lender), _) => format!("borrowed from {lender}"),
        (None, kind) => kind.to_string(),
    };
    let address = host
        .address
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    let mut rows = vec![vec![format!("{}  {kind}", host.name), address]];
    if host.runs.is_empty() {
        rows.push(vec!["  (nothing)".to_owned()]);
    }
    let components = host
        .runs
        .iter()
        .filter_map(|name| topology.components.get(name));
    rows.extend(components.map(|component| component_row(topology, host, component)));
    rows
}

fn component_row(topology: &Topology, host: &Host, component: &Component) -> Vec<String> {
    let instance = Instance {
        component: component.name.clone(),
        host: host.name.clone(),
    };
    let what = match component.service() {
        Some(service) => format!("{} {}", service.kind.id, service.version)
            .trim_end()
            .to_owned(),
        None => "app".to_owned(),
    };
    let mut remarks = Vec::new();
    if component.runs_as == RunsAs::Process && host.kind == HostKind::Machine {
        remarks.push("process".to_owned());
    }
    if let Some(cloud) = component
        .service()
        .and_then(|service| service.stands_in_for.as_ref())
    {
        remarks.push(format!("stands in for {}", cloud.id));
    }
    let publications = topology.publications_of(&instance);
    let opens = match component.runs_as {
        RunsAs::Container => "published",
        RunsAs::Process => "listens",
    };
    remarks.extend(
        publications
            .iter()
            .map(|publication| match publication.reach {
                Reach::Machine => format!("{opens} on 127.0.0.1:{}", publication.port),
                Reach::Network => format!("{opens} on :{} for other hosts", publication.port),
                Reach::World => format!("{opens} on :{} for the world", publication.port),
            }),
    );
    vec![format!("  {}", component.name), what, remarks.join(", ")]
}

fn use_row(topology: &Topology, link: &Link) -> Vec<String> {
    let connection = link.connection;
    vec![
        format!(
            "{} → {}",
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
