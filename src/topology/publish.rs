//! Which ports must be reachable from outside their Compose project, and from how far.

use std::collections::BTreeSet;

use petgraph::graph::EdgeReference;
use petgraph::visit::EdgeRef;

use crate::catalog::Clients;
use crate::model::{ComponentName, EnvironmentName, Expose, HostName, Role, RunsAs};
use crate::topology::{Component, Connection, Instance, Link, Topology, Via};

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

/// How far a port must reach and whom it is for, with who connects to it from elsewhere.
type Ways = Vec<((Reach, Door), BTreeSet<Remote>)>;

/// What each instance of an environment is asked for, by its node.
type Needs = Vec<Ways>;

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
        for edge in topology.connection_edges() {
            let (link, node) = (topology.link(edge), edge.target());
            let (owner, reach, node) = match &link.connection.via {
                Via::AnotherMachine => (at, Reach::Network, Some(node)),
                Via::Borrowed(lender) => {
                    let mut all = topologies.iter();
                    let Some(owner) = all.position(|of| of.environment == *lender) else {
                        continue;
                    };
                    let node = topologies[owner].node(link.target);
                    (owner, Reach::Network, node)
                }
                Via::SameMachine
                    if topology.components[&link.user.component].runs_as == RunsAs::Process =>
                {
                    (at, Reach::Machine, Some(node))
                }
                _ => continue,
            };
            let Some(node) = node else { continue };
            let users = users(&mut needs[owner][node.index()], (reach, Door::Clients));
            if reach == Reach::Network {
                users.insert((
                    topology.environment.clone(),
                    link.user.host.clone(),
                    link.user.component.clone(),
                ));
            }
        }
    }
    for (topology, needs) in topologies.iter_mut().zip(needs) {
        topology.publications = publications(topology, needs);
        for (node, port) in opened_by_proxies(topology) {
            topology.publications[node].retain(|publication| publication.port != port);
        }
    }
}

/// Apps whose port nobody asks for, and a proxy in a container of the same host takes: they are opened through
/// it. By their nodes, with the port.
fn opened_by_proxies(topology: &Topology) -> Vec<(usize, u16)> {
    let behind = |edge: EdgeReference<'_, Connection>| {
        let link = topology.link(edge);
        let app = &topology.components[&link.target.component];
        let (roles, via) = (&link.connection.roles, &link.connection.via);
        if !roles.contains(&Role::Proxy) || *via != Via::SameMachine || app.app().is_none() {
            return None;
        }
        let of_proxy = &topology.publications[edge.source().index()];
        let is_taken = |port: &u16| of_proxy.iter().any(|of_proxy| of_proxy.port == *port);
        let port = app.port.filter(is_taken)?;
        let mut users = topology.links_to(link.target);
        let is_process =
            |link: Link<'_>| topology.components[&link.user.component].runs_as == RunsAs::Process;
        let own = &topology.publications[edge.target().index()];
        let is_asked = app.expose.is_some()
            || own.iter().any(|own| own.reach != Reach::Machine)
            || users.any(is_process);
        (!is_asked).then_some((edge.target().index(), port))
    };
    topology
        .graph
        .edge_references()
        .filter_map(behind)
        .collect()
}

/// Who connects in such a way, which is asked for from now on.
fn users(ways: &mut Ways, way: (Reach, Door)) -> &mut BTreeSet<Remote> {
    let at = match ways.binary_search_by_key(&way, |(way, _)| *way) {
        Ok(at) => at,
        Err(at) => {
            ways.insert(at, (way, BTreeSet::new()));
            at
        }
    };
    &mut ways[at].1
}

/// What the plan itself asks for, without anybody's use.
fn asked(topology: &Topology) -> Needs {
    let of_instance = |instance: &Instance| {
        let mut ways = Ways::new();
        let component = &topology.components[&instance.component];
        if let Some(reach) = asked_reach(component) {
            users(&mut ways, (reach, Door::Clients));
        }
        let service = component.service();
        for page in service.into_iter().flat_map(|service| service.kind.pages()) {
            users(&mut ways, (Reach::Machine, Door::People(page)));
        }
        add_peers(topology, component, instance, &mut ways);
        ways
    };
    topology.instances().map(of_instance).collect()
}

/// Lets the instances of a service of this environment's own that several hosts run reach each other.
fn add_peers(topology: &Topology, component: &Component, instance: &Instance, ways: &mut Ways) {
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
    let others = hosts.iter().filter(|other| **other != instance.host);
    let remote = |host: &HostName| {
        let environment = topology.environment.clone();
        (environment, host.clone(), component.name.clone())
    };
    users(ways, (Reach::Network, door)).extend(others.map(remote));
}

fn publications(topology: &Topology, needs: Needs) -> Vec<Vec<Publication>> {
    let of_instance = |(instance, ways): (&Instance, Ways)| {
        ways.into_iter()
            .filter_map(|(way, users)| publication(topology, instance, way, users))
            .collect()
    };
    topology.instances().zip(needs).map(of_instance).collect()
}

/// The reach that the plan asks for; an app with a port, and what people open, can always be opened on its own
/// machine.
fn asked_reach(component: &Component) -> Option<Reach> {
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
    if !topology.hosts.get(&instance.host)?.is_own_machine() || by_itself {
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

#[cfg(test)]
mod tests {
    use crate::lint::testing::analysis;

    /// What the hosts of a plan's first environment publish, as `web 8080`.
    fn published(plan: &str) -> Vec<String> {
        let analysis = analysis(plan);
        let publications = analysis.topologies[0].publications();
        let said = publications.map(|one| format!("{} {}", one.instance.component, one.port));
        let mut said: Vec<String> = said.collect();
        said.sort();
        said
    }

    #[test]
    fn an_app_behind_a_proxy_leaves_it_the_port() {
        let plan = r#"name = "shop"
[apps.web]
image = "ghcr.io/acme/web:1"
port = 8080
[services.front]
kind = "nginx"
expose = "world"
uses.web = { role = "proxy" }
[environments.local.hosts.laptop]
runs = ["web", "front"]
"#;
        let clashes = |plan: &str| {
            let findings = analysis(plan).findings;
            let clashes = findings.iter().filter(|found| found.rule == "port-clash");
            clashes.count()
        };
        assert_eq!(clashes(plan), 0);
        assert_eq!(published(plan), ["front 8080"]);
        // With a port of its own it can be opened as ever.
        let apart = plan.replace("port = 8080", "port = 8081");
        assert_eq!(published(&apart), ["front 8080", "web 8081"]);
        let web = "[apps.web]\n";
        for asked in ["expose = \"machine\"\n", "runs-as = \"process\"\n"] {
            assert_eq!(clashes(&plan.replace(web, &format!("{web}{asked}"))), 1);
        }
        // A process comes in by the port that is published.
        let user = "[apps.tool]\nruns-as = \"process\"\nuses.web = {}\n[apps.web]\n";
        let used = plan
            .replace(web, user)
            .replace("[\"web\"", "[\"tool\", \"web\"");
        assert_eq!(clashes(&used), 1);
        // An app that uses another one is no proxy for it.
        let beside = plan
            .replace("uses.web = { role = \"proxy\" }\n", "uses.web = {}\n")
            .replace(
                "[services.front]\nkind = \"nginx\"\nexpose = \"world\"",
                "[apps.front]\nimage = \"a/b:1\"\nport = 8080",
            );
        assert_eq!(clashes(&beside), 1);
    }
}
