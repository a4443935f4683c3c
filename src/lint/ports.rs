//! Which ports of a host the components take that run on it.

use std::collections::BTreeMap;

use crate::model::{Expose, RunsAs};
use crate::topology::{Component, Door, Host, Instance, Topology};

/// Who takes which port, in the order in which they keep it.
pub(super) type Ports<'t> = BTreeMap<u16, Vec<Taker<'t>>>;

/// A component that takes a port.
#[derive(Clone, Copy)]
pub(super) struct Taker<'t> {
    /// Which.
    pub component: &'t Component,
    /// Whether the port moves with the `port` of the plan. The one for the service's own instances on
    /// other hosts stays where it is.
    pub moves: bool,
}

/// Who takes which port of a host, in the order in which they keep it.
pub(super) fn ports_of<'t>(topology: &'t Topology, host: &Host) -> Ports<'t> {
    let mut ports = Ports::new();
    for component in host
        .runs
        .iter()
        .filter_map(|name| topology.components.get(name))
    {
        for (port, moves) in host_ports(topology, host, component) {
            let taker = Taker { component, moves };
            ports.entry(port).or_default().push(taker);
        }
    }
    for takers in ports.values_mut() {
        takers.sort_by_key(|taker| {
            let component = taker.component;
            (
                taker.moves,
                !is_for_the_world(component),
                moves_easily(component),
            )
        });
    }
    ports
}

/// The ports of the host that a component takes, and whether each moves with its `port`.
pub(super) fn host_ports(
    topology: &Topology,
    host: &Host,
    component: &Component,
) -> Vec<(u16, bool)> {
    if component.runs_as == RunsAs::Process {
        // A process listens for its peers whether it has any or not.
        let is_apart = |peers: &u16| Some(*peers) != component.container_port();
        let peers = component.peers_port().filter(is_apart);
        let clients = component.port.into_iter().map(|port| (port, true));
        return clients.chain(peers.map(|port| (port, false))).collect();
    }
    let instance = Instance {
        component: component.name.clone(),
        host: host.name.clone(),
    };
    let published = topology.publications_of(&instance).iter();
    let mut ports: Vec<(u16, bool)> = published
        .map(|publication| (publication.port, publication.door != Door::Peers))
        .collect();
    // A port may be published for several reaches.
    ports.sort_unstable();
    ports.dedup_by_key(|(port, _)| *port);
    ports
}

/// Whether people outside know it by its port: that of anything else is changed with less harm.
pub(super) fn is_for_the_world(component: &Component) -> bool {
    component.expose == Some(Expose::World)
}

/// Whether the port on the host is Backstay's to choose: a container of a service keeps its own inside.
pub(super) fn moves_easily(component: &Component) -> bool {
    component.service().is_some() && component.runs_as.in_container()
}
