//! Which ports must be reachable from outside their Compose project, and from how far.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{ComponentName, EnvironmentName, Expose, HostName, RunsAs};
use crate::topology::{Instance, Topology, Via};

/// A port of a container that the host publishes, or of a process that other hosts connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// Whose port.
    pub instance: Instance,
    /// How far it reaches.
    pub reach: Reach,
    /// The port on the host.
    pub port: u16,
    /// The port inside the container; a process's own.
    pub container_port: u16,
    /// Who connects from other hosts: environment, host and component.
    pub users: BTreeSet<Remote>,
}

/// A component on a host of some environment.
pub type Remote = (EnvironmentName, HostName, ComponentName);

/// Who connects to an instance from elsewhere, by whose it is and how far it must reach.
type Needs = BTreeMap<(EnvironmentName, Instance, Reach), BTreeSet<Remote>>;

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
    let mut needs = Needs::new();
    for topology in topologies.iter() {
        for link in topology.links() {
            let (owner, reach) = match &link.connection.via {
                Via::AnotherMachine => (&topology.environment, Reach::Network),
                Via::Borrowed(lender) => (lender, Reach::Network),
                Via::SameMachine
                    if topology.components[&link.user.component].runs_as == RunsAs::Process =>
                {
                    (&topology.environment, Reach::Machine)
                }
                _ => continue,
            };
            let users = needs
                .entry((owner.clone(), link.target.clone(), reach))
                .or_default();
            if reach == Reach::Network {
                users.insert((
                    topology.environment.clone(),
                    link.user.host.clone(),
                    link.user.component.clone(),
                ));
            }
        }
    }
    for topology in topologies {
        for instance in topology.instances() {
            if let Some(reach) = asked_reach(topology, instance) {
                needs
                    .entry((topology.environment.clone(), instance.clone(), reach))
                    .or_default();
            }
        }
        let mut publications: BTreeMap<Instance, Vec<Publication>> = BTreeMap::new();
        for ((_, instance, reach), users) in needs
            .iter()
            .filter(|((owner, ..), _)| *owner == topology.environment)
        {
            if let Some(publication) = publication(topology, instance, *reach, users) {
                publications
                    .entry(instance.clone())
                    .or_default()
                    .push(publication);
            }
        }
        topology.publications = publications;
    }
}

/// The reach that the plan asks for; an app with a port can always be opened on its own machine.
fn asked_reach(topology: &Topology, instance: &Instance) -> Option<Reach> {
    let component = &topology.components[&instance.component];
    let asked = component
        .expose
        .or(component.app().map(|_| Expose::Machine));
    asked.map(|expose| match expose {
        Expose::Machine => Reach::Machine,
        Expose::Network => Reach::Network,
        Expose::World => Reach::World,
    })
}

fn publication(
    topology: &Topology,
    instance: &Instance,
    reach: Reach,
    users: &BTreeSet<Remote>,
) -> Option<Publication> {
    let component = topology.components.get(&instance.component)?;
    // A process opens its port by itself; what matters of it is only who comes from elsewhere.
    let by_itself = component.runs_as == RunsAs::Process && reach == Reach::Machine;
    let runs_there = topology.node(instance).is_some();
    if !runs_there || !topology.hosts.get(&instance.host)?.is_own_machine() || by_itself {
        return None;
    }
    Some(Publication {
        instance: instance.clone(),
        reach,
        port: component.port?,
        container_port: match component.runs_as {
            RunsAs::Container => component.container_port()?,
            RunsAs::Process => component.port?,
        },
        users: users.clone(),
    })
}
