//! Which ports must be reachable from outside their Compose project, and from how far.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Clients;
use crate::model::{ComponentName, EnvironmentName, Expose, HostName, RunsAs};
use crate::topology::{Component, Instance, Topology, Via};

/// A port of a container that the host publishes, or of a process that other hosts connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// Whose port.
    pub instance: Instance,
    /// How far it reaches.
    pub reach: Reach,
    /// Whom it is for.
    pub door: Door,
    /// The port on the host.
    pub port: u16,
    /// The port inside the container; a process's own.
    pub container_port: u16,
    /// Who connects from other hosts: environment, host and component.
    pub users: BTreeSet<Remote>,
}

/// A component on a host of some environment.
pub type Remote = (EnvironmentName, HostName, ComponentName);

/// Who connects to the instances of an environment from elsewhere, by how far each must reach and whom it is for.
type Needs<'t> = BTreeMap<&'t Instance, BTreeMap<(Reach, Door), BTreeSet<Remote>>>;

/// Whom a published port is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Door {
    /// Whoever uses the component.
    Clients,
    /// Instances of the same service on other hosts, which have a port of their own.
    Peers,
    /// People, who open this port of the container in a browser.
    People(u16),
}

/// From where a published port can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// The host itself only: `127.0.0.1`.
    Machine,
    /// The host's own address.
    Network,
    /// Every address of the host.
    World,
}

/// Works out the publications of every environment, from its own uses and from those that borrow.
pub(super) fn publish(topologies: &mut [Topology]) {
    let mut needs: Vec<Needs> = topologies.iter().map(asked).collect();
    for (at, topology) in topologies.iter().enumerate() {
        for link in topology.connections() {
            let lent = |lender: &EnvironmentName| {
                topologies.iter().position(|of| of.environment == *lender)
            };
            let (owner, reach) = match &link.connection.via {
                Via::AnotherMachine => (Some(at), Reach::Network),
                Via::Borrowed(lender) => (lent(lender), Reach::Network),
                Via::SameMachine
                    if topology.components[&link.user.component].runs_as == RunsAs::Process =>
                {
                    (Some(at), Reach::Machine)
                }
                _ => continue,
            };
            let Some(owner) = owner else { continue };
            let of_target = needs[owner].entry(link.target).or_default();
            let users = of_target.entry((reach, Door::Clients)).or_default();
            if reach == Reach::Network {
                users.insert((
                    topology.environment.clone(),
                    link.user.host.clone(),
                    link.user.component.clone(),
                ));
            }
        }
    }
    let published: Vec<_> = topologies
        .iter()
        .zip(needs)
        .map(|(topology, needs)| publications(topology, needs))
        .collect();
    for (topology, published) in topologies.iter_mut().zip(published) {
        topology.publications = published;
    }
}

/// What the plan itself asks for, without anybody's use.
fn asked(topology: &Topology) -> Needs<'_> {
    let mut needs = Needs::new();
    for instance in topology.instances() {
        if let Some(reach) = asked_reach(topology, instance) {
            let of_instance = needs.entry(instance).or_default();
            of_instance.entry((reach, Door::Clients)).or_default();
        }
        for page in pages(topology, instance) {
            let of_instance = needs.entry(instance).or_default();
            let opened = of_instance.entry((Reach::Machine, Door::People(page)));
            opened.or_default();
        }
    }
    for component in topology.components.values() {
        add_peers(topology, component, &mut needs);
    }
    needs
}

/// Lets the instances of a service of this environment's own that several hosts run reach each other.
fn add_peers<'t>(topology: &'t Topology, component: &'t Component, needs: &mut Needs<'t>) {
    let Some(port) = component.peers_port() else {
        return;
    };
    let door = match Some(port) == component.container_port() {
        true => Door::Clients,
        false => Door::Peers,
    };
    let hosts = topology.hosts_of(&component.name);
    if hosts.len() < 2 || component.owner != topology.environment {
        return;
    }
    for instance in topology.instances_of(&component.name) {
        let others = hosts.iter().filter(|other| **other != instance.host);
        let remote = |host: &HostName| {
            let environment = topology.environment.clone();
            (environment, host.clone(), component.name.clone())
        };
        let of_instance = needs.entry(instance).or_default();
        let users = of_instance.entry((Reach::Network, door)).or_default();
        users.extend(others.map(remote));
    }
}

fn publications(topology: &Topology, needs: Needs) -> BTreeMap<Instance, Vec<Publication>> {
    let mut publications = BTreeMap::new();
    for (instance, reaches) in needs {
        let of_instance: Vec<Publication> = reaches
            .into_iter()
            .filter_map(|(way, users)| publication(topology, instance, way, users))
            .collect();
        if !of_instance.is_empty() {
            publications.insert(instance.clone(), of_instance);
        }
    }
    publications
}

/// What a service shows people besides the port for its clients: they can open it on its own machine.
fn pages<'t>(topology: &'t Topology, instance: &Instance) -> impl Iterator<Item = u16> + 't {
    let service = topology.components[&instance.component].service();
    service.into_iter().flat_map(|service| service.kind.pages())
}

/// The reach that the plan asks for; an app with a port, and what people open, can always be opened on its own
/// machine.
fn asked_reach(topology: &Topology, instance: &Instance) -> Option<Reach> {
    let component = &topology.components[&instance.component];
    let asked = component
        .expose
        .or(is_opened_there(component).then_some(Expose::Machine));
    asked.map(|expose| match expose {
        Expose::Machine => Reach::Machine,
        Expose::Network => Reach::Network,
        Expose::World => Reach::World,
    })
}

fn is_opened_there(component: &Component) -> bool {
    let service = component.service();
    service.is_none_or(|service| service.kind.is_for_people())
}

fn publication(
    topology: &Topology,
    instance: &Instance,
    (reach, door): (Reach, Door),
    users: BTreeSet<Remote>,
) -> Option<Publication> {
    let component = topology.components.get(&instance.component)?;
    // A process opens its port by itself; what matters of it is only who comes from elsewhere.
    let by_itself = component.runs_as == RunsAs::Process && reach == Reach::Machine;
    let runs_there = topology.node(instance).is_some();
    if !runs_there || !topology.hosts.get(&instance.host)?.is_own_machine() || by_itself {
        return None;
    }
    let (port, container_port) = match (door, component.runs_as) {
        (Door::Peers, _) => (component.peers_port()?, component.peers_port()?),
        (Door::People(page), _) => (beside_clients(component, page), page),
        (Door::Clients, RunsAs::Container) => (component.port?, clients_port(component, reach)?),
        (Door::Clients, RunsAs::Process) => (component.port?, component.port?),
    };
    Some(Publication {
        instance: instance.clone(),
        reach,
        door,
        port,
        container_port,
        users,
    })
}

/// The port on the host for a page: as far from the port for clients as inside the container, so that another
/// `port` in the plan moves both.
fn beside_clients(component: &Component, page: u16) -> u16 {
    let moved = |port: u16| {
        let inside = component.service()?.kind.port();
        u16::try_from(i32::from(page) + i32::from(port) - i32::from(inside)).ok()
    };
    let moved = component.port.and_then(moved);
    moved.filter(|port| *port > 0).unwrap_or(page)
}

/// The port inside the container for clients from so far away.
fn clients_port(component: &Component, reach: Reach) -> Option<u16> {
    let clients = match reach {
        Reach::Machine => Clients::Machine,
        Reach::Network | Reach::World => Clients::Network,
    };
    match component.service() {
        Some(service) => Some(service.kind.port_for(clients)),
        None => component.container_port(),
    }
}
