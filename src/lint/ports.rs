//! Which ports of a host the components take that run on it.

use std::collections::BTreeMap;

use crate::model::{Expose, Protocol, RunsAs};
use crate::topology::{Component, Door, Host, Instance, Publication, Topology};

/// A port of a host, with what it speaks: nothing clashes that speaks something else.
pub(super) type HostPort = (u16, Protocol);

/// Who takes which port, in the order in which they keep it.
pub(super) type Ports<'t> = BTreeMap<HostPort, Vec<Taker<'t>>>;

/// A component that takes a port.
#[derive(Clone, Copy)]
pub(super) struct Taker<'t> {
    /// Which.
    pub component: &'t Component,
    /// Which of its ports.
    pub taken: Taken,
}

/// A port that a component takes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Taken {
    /// On the host.
    pub port: HostPort,
    /// Inside its container.
    pub inside: u16,
    /// Whether the port moves with the `port` of the plan. The one for the service's own instances on
    /// other hosts stays where it is.
    pub moves: bool,
    /// Which of the further ports of its container, if it is one, and whether it is of a range.
    pub further: Option<(usize, bool)>,
}

/// Who takes which port of a host, in the order in which they keep it.
pub(super) fn ports_of<'t>(topology: &'t Topology, host: &Host) -> Ports<'t> {
    let mut ports = Ports::new();
    for component in host
        .runs
        .iter()
        .filter_map(|name| topology.components.get(name))
    {
        for taken in host_ports(topology, host, component) {
            let taker = Taker { component, taken };
            ports.entry(taken.port).or_default().push(taker);
        }
    }
    for takers in ports.values_mut() {
        takers.sort_by_key(|taker| {
            let component = taker.component;
            (
                taker.taken.moves,
                !is_for_the_world(component),
                moves_easily(component),
            )
        });
    }
    ports
}

/// The ports of the host that a component takes.
pub(super) fn host_ports(topology: &Topology, host: &Host, component: &Component) -> Vec<Taken> {
    if component.runs_as == RunsAs::Process {
        // A process listens for its peers whether it has any or not.
        let is_apart = |peers: &u16| Some(*peers) != component.container_port();
        let peers = component.peers_port().filter(is_apart);
        let of_process = |port: u16, moves: bool| Taken {
            port: (port, Protocol::Tcp),
            inside: port,
            moves,
            further: None,
        };
        let clients = component.port.map(|port| of_process(port, true));
        let peers = peers.map(|port| of_process(port, false));
        return clients.into_iter().chain(peers).collect();
    }
    let instance = Instance {
        component: component.name.clone(),
        host: host.name.clone(),
    };
    let published = topology.publications_of(&instance).iter();
    let mut ports: Vec<Taken> = published.flat_map(taken_by).collect();
    // A port may be published for several reaches.
    ports.sort_unstable();
    ports.dedup_by_key(|taken| (taken.port, taken.inside));
    ports
}

fn taken_by(publication: &Publication) -> impl Iterator<Item = Taken> {
    let (first, inside, protocol) = (
        publication.port,
        publication.container_port,
        publication.protocol,
    );
    let further = match publication.door {
        Door::Further(at) => Some((at, publication.more > 0)),
        Door::Clients | Door::Peers | Door::People(_) => None,
    };
    let moves = further.is_none() && publication.door != Door::Peers;
    (0..=publication.more).map(move |nth| Taken {
        port: (first.saturating_add(nth), protocol),
        inside: inside.saturating_add(nth),
        moves,
        further,
    })
}

/// Whether people outside know it by its port: that of anything else is changed with less harm.
pub(super) fn is_for_the_world(component: &Component) -> bool {
    component.expose == Some(Expose::World)
}

/// Whether the port on the host is Backstay's to choose: a container of a service keeps its own inside.
pub(super) fn moves_easily(component: &Component) -> bool {
    component.service().is_some() && component.runs_as.in_container()
}
