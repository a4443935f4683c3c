//! Which ports must be reachable from outside their Compose project, and from how far.

use std::collections::BTreeSet;
use std::net::IpAddr;

use petgraph::graph::EdgeReference;
use petgraph::visit::EdgeRef;

use crate::catalog::Clients;
use crate::model::{
    ComponentName, EnvironmentName, Expose, FurtherPort, HostName, Protocol, Role, RunsAs,
};
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
    /// How many ports follow, on the host and inside, if it is a range of them.
    pub more: u16,
    /// What they speak.
    pub protocol: Protocol,
    /// The one address of the host to bind to, if the plan says it.
    pub address: Option<IpAddr>,
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
    /// Whoever the plan has in mind with this one of the further ports of the container.
    Further(usize),
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

impl Publication {
    /// The last of its ports on the host.
    pub fn last_port(&self) -> u16 {
        self.port.saturating_add(self.more)
    }

    /// Its ports on the host, as people write them: `5432`, `30000-30010/udp`.
    pub fn said_ports(&self) -> String {
        let range = match self.more {
            0 => self.port.to_string(),
            _ => format!("{}-{}", self.port, self.last_port()),
        };
        match self.protocol {
            Protocol::Tcp => range,
            Protocol::Udp => format!("{range}/udp"),
        }
    }
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
                Via::SameMachine if link.user_component.runs_as == RunsAs::Process => {
                    (at, Reach::Machine, Some(node))
                }
                _ => continue,
            };
            let Some(node) = node else { continue };
            let ways = &mut needs[owner][node.index()];
            let clients = users(ways, (reach, Door::Clients));
            if reach == Reach::Network {
                let remote = (
                    topology.environment.clone(),
                    link.user.host.clone(),
                    link.user.component.clone(),
                );
                clients.insert(remote.clone());
                for way in further_asked(topology, &link) {
                    users(ways, way).insert(remote.clone());
                }
            }
        }
    }
    for (topology, needs) in topologies.iter_mut().zip(needs) {
        topology.publications = publications(topology, needs);
        for (node, port) in opened_by_proxies(topology) {
            let is_opened = |own: &Publication| own.door == Door::Clients && own.port == port;
            topology.publications[node].retain(|own| !is_opened(own));
        }
    }
}

/// Apps whose port nobody asks for, and a proxy in a container of the same host takes: they are opened through
/// it. By their nodes, with the port.
fn opened_by_proxies(topology: &Topology) -> Vec<(usize, u16)> {
    let behind = |edge: EdgeReference<'_, Connection>| {
        let link = topology.link(edge);
        let (roles, via) = (&link.connection.roles, &link.connection.via);
        if !roles.contains(&Role::Proxy) || *via != Via::SameMachine {
            return None;
        }
        let app = link.target_component;
        app.app()?;
        let of_proxy = &topology.publications[edge.source().index()];
        let is_taken = |port: &u16| of_proxy.iter().any(|of_proxy| of_proxy.port == *port);
        let port = app.port.filter(is_taken)?;
        let mut users = topology.links_to(link.target);
        let is_process = |link: Link<'_>| link.user_component.runs_as == RunsAs::Process;
        let own = &topology.publications[edge.target().index()];
        let is_asked = app.expose.is_some()
            || own
                .iter()
                .any(|own| own.door == Door::Clients && own.reach != Reach::Machine)
            || users.any(is_process);
        (!is_asked).then_some((edge.target().index(), port))
    };
    topology
        .graph
        .edge_references()
        .filter_map(behind)
        .collect()
}

/// The further ports of a container that the settings of who uses it name, as they must be open for another host.
fn further_asked(topology: &Topology, link: &Link) -> Vec<(Reach, Door)> {
    if link.connection.named_in.is_empty() {
        return Vec::new();
    }
    let asked: BTreeSet<u16> = topology.ports_asked(link).map(|(_, port)| port).collect();
    let target = link.target_component;
    let main = target.container_port();
    let ports = target.container.ports.values().enumerate();
    let named = ports.filter(|(_, port)| {
        let range = port
            .port
            .map(|first| first..=first.saturating_add(port.more()));
        let mut asked = asked.iter().filter(|asked| Some(**asked) != main);
        range.is_some_and(|range| asked.any(|asked| range.contains(asked)))
    });
    let way = |(at, port): (usize, &FurtherPort)| {
        let reach = further_reach(port).unwrap_or(Reach::Network);
        (reach.max(Reach::Network), Door::Further(at))
    };
    named.map(way).collect()
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
    let of_instance = |(instance, component): (&Instance, &Component)| {
        let mut ways = Ways::new();
        if let Some(reach) = asked_reach(component) {
            users(&mut ways, (reach, Door::Clients));
        }
        let service = component.service().filter(|_| component.is_from_catalog());
        for page in service.into_iter().flat_map(|service| service.kind.pages()) {
            users(&mut ways, (Reach::Machine, Door::People(page)));
        }
        for (at, port) in component.container.ports.values().enumerate() {
            if let Some(reach) = further_reach(port) {
                users(&mut ways, (reach, Door::Further(at)));
            }
        }
        add_peers(topology, component, instance, &mut ways);
        ways
    };
    topology.placed().map(of_instance).collect()
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
    let of_instance = |(placed, ways): ((&Instance, &Component), Ways)| {
        ways.into_iter()
            .filter_map(|(way, users)| publication(topology, placed, way, users))
            .collect()
    };
    topology.placed().zip(needs).map(of_instance).collect()
}

/// The reach that the plan asks for; an app with a port, and what people open, can always be opened on its own
/// machine.
fn asked_reach(component: &Component) -> Option<Reach> {
    let asked = component
        .expose
        .or(is_opened_there(component).then_some(Expose::Machine));
    asked.and_then(reach)
}

/// How far a port must reach that the plan exposes so; none if nobody on the host is to find it.
fn reach(expose: Expose) -> Option<Reach> {
    match expose {
        Expose::Containers => None,
        Expose::Machine => Some(Reach::Machine),
        Expose::Network => Some(Reach::Network),
        Expose::World => Some(Reach::World),
    }
}

/// How far a further port of a container reaches, if at all.
fn further_reach(port: &FurtherPort) -> Option<Reach> {
    match port.address {
        Some(address) if address.is_loopback() => Some(Reach::Machine),
        Some(address) if address.is_unspecified() => Some(Reach::World),
        Some(_) => Some(Reach::Network),
        None => reach(port.expose.unwrap_or(Expose::Machine)),
    }
}

fn is_opened_there(component: &Component) -> bool {
    let service = component.service();
    service.is_none_or(|service| service.kind.is_for_people())
}

fn publication(
    topology: &Topology,
    (instance, component): (&Instance, &Component),
    (reach, door): (Reach, Door),
    users: BTreeSet<Remote>,
) -> Option<Publication> {
    // A process opens its port by itself; what matters of it is only who comes from elsewhere.
    let is_process = !component.runs_as.in_container();
    let by_itself = is_process && reach == Reach::Machine;
    if !topology.hosts.get(&instance.host)?.is_own_machine() || by_itself {
        return None;
    }
    let further = further(component, door);
    let (port, container_port) = match door {
        Door::Peers => (component.peers_port()?, component.peers_port()?),
        Door::People(page) => (beside_clients(component, page), page),
        Door::Clients if is_process => (component.port?, component.port?),
        Door::Clients => (component.port?, clients_port(component, reach)?),
        Door::Further(_) => {
            let port = further.filter(|_| !is_process)?;
            (port.published.or(port.port)?, port.port?)
        }
    };
    Some(Publication {
        more: further.map_or(0, FurtherPort::more),
        protocol: further
            .and_then(|port| port.protocol)
            .unwrap_or(Protocol::Tcp),
        // Who comes from elsewhere reaches nothing that only the machine itself reaches.
        address: further
            .and_then(|port| port.address)
            .filter(|address| reach == Reach::Machine || !address.is_loopback()),
        instance: instance.clone(),
        reach,
        door,
        port,
        container_port,
        users,
    })
}

/// The further port of the container that a door is.
fn further(component: &Component, door: Door) -> Option<&FurtherPort> {
    match door {
        Door::Further(at) => component.container.ports.values().nth(at),
        Door::Clients | Door::Peers | Door::People(_) => None,
    }
}

/// The port on the host for a page: as far from the port for clients as inside the container, so that another
/// `port` in the plan moves both.
fn beside_clients(component: &Component, page: u16) -> u16 {
    let moved = |port: u16| {
        let inside = component.service()?.listens;
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
        Some(service) if component.is_from_catalog() && service.listens == service.kind.port() => {
            Some(service.kind.port_for(clients))
        }
        _ => component.container_port(),
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
