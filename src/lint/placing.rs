//! Where a fix can put a component: a host that an environment has, or a new one.

use crate::catalog::{Catalog, Kind};
use crate::model::{Choice, ComponentName, Edit, HostKind, HostName, PlanPath};
use crate::topology::Topology;

/// A host that a fix puts something on. Shown as the title of a fix says it.
#[derive(Clone)]
pub(super) enum Destination {
    /// A host that is there.
    Existing(HostName),
    /// A machine to be made.
    NewMachine(String),
    /// A managed host to be made.
    NewManaged(String),
    /// A cluster to be made.
    NewCluster(String),
}

impl Destination {
    fn name(&self) -> &str {
        match self {
            Destination::Existing(name) => name.as_str(),
            Destination::NewMachine(name)
            | Destination::NewManaged(name)
            | Destination::NewCluster(name) => name,
        }
    }
}

impl std::fmt::Display for Destination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Destination::Existing(name) => write!(f, "`{name}`"),
            Destination::NewMachine(name) => write!(f, "a host of its own, `{name}`"),
            Destination::NewManaged(name) => write!(f, "a managed host, `{name}`"),
            Destination::NewCluster(name) => write!(f, "a cluster, `{name}`"),
        }
    }
}

/// A machine of the environment that runs no app, or else a new one.
pub(super) fn host_of_its_own(topology: &Topology) -> Destination {
    let is_app = |name| {
        let component = topology.components.get(name);
        component.is_some_and(|component| component.app().is_some())
    };
    let dedicated = topology
        .hosts
        .values()
        .find(|host| host.is_own_machine() && !host.runs.iter().any(is_app));
    match dedicated {
        Some(host) => Destination::Existing(host.name.clone()),
        None => Destination::NewMachine(free_name(topology, "data", 1)),
    }
}

/// The host that `kind` itself runs on: the one of that sort that is named after it, or else a new one.
pub(super) fn home_of(topology: &Topology, kind: &Kind) -> Destination {
    let home = kind.hosting.home();
    // A kind of the user's own may be called what no host can be.
    let wanted = HostName::new(&kind.id).map_or(home.as_str(), |_| kind.id.as_str());
    let name = match topology.hosts.get(wanted) {
        Some(host) if host.kind == home && host.is_own() => {
            return Destination::Existing(host.name.clone());
        }
        Some(_) => free_name(topology, wanted, 2),
        None => wanted.to_owned(),
    };
    match home {
        HostKind::Machine => Destination::NewMachine(name),
        HostKind::Managed => Destination::NewManaged(name),
        HostKind::Cluster => Destination::NewCluster(name),
    }
}

/// Whether a machine can run `kind`: itself, or by its stand-in.
pub(super) fn runs_on_machines(catalog: &Catalog, kind: &Kind) -> bool {
    let stand_in = || kind.stand_in.as_deref().and_then(|id| catalog.kind(id));
    kind.runs_on_machines() || stand_in().is_some()
}

/// The edits that place `component` on `destination`.
pub(super) fn place(
    topology: &Topology,
    component: &ComponentName,
    destination: &Destination,
) -> Vec<Edit> {
    let environment = topology.environment.as_str();
    let host = PlanPath::host(environment, destination.name());
    let new_kind = match destination {
        Destination::NewManaged(_) => Some(HostKind::Managed),
        Destination::NewCluster(_) => Some(HostKind::Cluster),
        Destination::Existing(_) | Destination::NewMachine(_) => None,
    };
    let new_kind = new_kind.map(|kind| Edit::set_text(host.clone().key("kind"), kind.to_string()));
    let address = match destination {
        Destination::NewMachine(_) => Some(address(topology, destination)),
        _ => None,
    };
    let hosts = topology.hosts_of(component);
    let is_there = hosts.iter().any(|host| host.as_str() == destination.name());
    let push = (!is_there).then(|| Edit::Push {
        path: host.key("runs"),
        text: component.to_string(),
    });
    new_kind.into_iter().chain(address).chain(push).collect()
}

/// The edit that keeps the place of the address of a machine, which only its owner knows: without one, nothing that
/// Backstay writes could lead there.
pub(super) fn address(topology: &Topology, machine: &Destination) -> Edit {
    let hosts = topology.hosts.values();
    let taken: Vec<&str> = hosts
        .filter_map(|host| Some(host.address.as_ref()?.as_str()))
        .collect();
    let numbers = (11..255).map(|number| format!("192.0.2.{number}"));
    let names = (1..).map(|number| format!("host-{number}.example"));
    let free = numbers
        .chain(names)
        .find(|address| !taken.contains(&address.as_str()));
    let host = PlanPath::host(topology.environment.as_str(), machine.name());
    Edit::set_text(
        host.key("address"),
        free.expect("there are more names than hosts"),
    )
}

/// The edits that take `component` from the host `from` to `destination`.
pub(super) fn relocate(
    topology: &Topology,
    component: &ComponentName,
    from: &HostName,
    destination: &Destination,
) -> Vec<Edit> {
    let environment = topology.environment.as_str();
    let path = PlanPath::placement(environment, from.as_str(), component.as_str());
    let mut edits = vec![Edit::Remove { path }];
    edits.extend(place(topology, component, destination));
    edits
}

/// A name that no host of the environment has: `data-1`, or the next number.
pub(super) fn free_name(topology: &Topology, stem: &str, first: usize) -> String {
    (first..)
        .map(|number| format!("{stem}-{number}"))
        .find(|name| !topology.hosts.contains_key(name.as_str()))
        .expect("there are more numbers than hosts")
}
