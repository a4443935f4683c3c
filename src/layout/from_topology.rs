//! The graph of an environment: the one place where the drawing knows what it draws.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Severity};
use crate::layout::graph::{Component, Frame, Graph, Host, Port, Sort, Use};
use crate::model::{HostKind, PlanPath, RunsAs, Step, Tier};
use crate::topology::{self, Instance, Topology};

impl Graph {
    /// An environment as it is drawn: every connection that is made, and on each host and component the
    /// worst that a finding of this environment says about it.
    pub fn of(topology: &Topology, findings: &[Finding]) -> Graph {
        let marks = Marks::of(topology, findings);
        let mut parts = Parts::default();
        for host in topology.hosts.values() {
            parts.add_host(topology, host, &marks);
        }
        for link in topology.connections() {
            let user = parts.instances.get(link.user);
            let target = parts.instances.get(link.target);
            let (Some(&user), Some(&target)) = (user, target) else {
                continue;
            };
            let component = &topology.components[&link.target.component];
            let port = parts.port(target, component, link.connection.endpoint.port);
            parts.uses.push(Use { user, port });
        }
        for (instance, &id) in &parts.instances.clone() {
            let component = &topology.components[&instance.component];
            if component.port.is_some() && !parts.has_port.contains(&id) {
                parts.port(id, component, component.port);
            }
        }
        Graph::new(parts.hosts, parts.components, parts.ports, parts.uses)
    }
}

/// A graph as it comes together.
#[derive(Default)]
struct Parts {
    hosts: Vec<Host>,
    components: Vec<Component>,
    ports: Vec<Port>,
    uses: Vec<Use>,
    instances: BTreeMap<Instance, u32>,
    /// By component and number.
    port_ids: BTreeMap<(u32, Option<u16>), u32>,
    has_port: BTreeSet<u32>,
}

impl Parts {
    fn add_host(&mut self, topology: &Topology, host: &topology::Host, marks: &Marks) {
        let id = self.hosts.len() as u32;
        let runs = host.runs.iter();
        let components: Vec<&topology::Component> = runs
            .filter_map(|name| topology.components.get(name))
            .collect();
        self.hosts.push(Host {
            name: host.name.to_string(),
            remark: remark_of_host(host),
            frame: Frame {
                sort: sort(host),
                is_heavy: topology.tier == Some(Tier::Production),
            },
            rank: None,
            finding: marks.hosts.get(host.name.as_str()).copied(),
        });
        for component in components {
            let name = component.name.as_str();
            let here = (name.to_owned(), host.name.to_string());
            let placed = marks.placements.get(&here).copied();
            let anywhere = marks.components.get(name).copied();
            let instance = Instance {
                component: component.name.clone(),
                host: host.name.clone(),
            };
            self.instances
                .insert(instance, self.components.len() as u32);
            self.components.push(Component {
                host: id,
                name: name.to_owned(),
                remark: remark_of_component(component, host),
                finding: placed.max(anywhere),
                is_replica: false,
            });
        }
    }

    /// The port of a component with this number.
    fn port(&mut self, id: u32, component: &topology::Component, number: Option<u16>) -> u32 {
        self.has_port.insert(id);
        *self.port_ids.entry((id, number)).or_insert_with(|| {
            self.ports.push(Port {
                component: id,
                number,
                protocol: component.kind().protocol.clone(),
            });
            self.ports.len() as u32 - 1
        })
    }
}

fn sort(host: &topology::Host) -> Sort {
    match (&host.borrowed_from, host.kind) {
        (Some(_), _) => Sort::Borrowed,
        (None, HostKind::Machine) => Sort::Machine,
        (None, HostKind::Managed) => Sort::Managed,
        (None, HostKind::Cluster) => Sort::Cluster,
    }
}

/// What a host is unless a machine of the environment's own, and its address.
fn remark_of_host(host: &topology::Host) -> String {
    let sort = match (&host.borrowed_from, host.kind) {
        (Some(lender), _) => Some(format!("borrowed from {lender}")),
        (None, HostKind::Machine) => None,
        (None, kind) => Some(kind.to_string()),
    };
    let address = host.address.as_ref().map(ToString::to_string);
    let words: Vec<String> = sort.into_iter().chain(address).collect();
    words.join(" ")
}

fn remark_of_component(component: &topology::Component, host: &topology::Host) -> String {
    let mut remark = match component.service() {
        Some(service) => format!("{} {}", service.kind.id, service.version)
            .trim_end()
            .to_owned(),
        None => "app".to_owned(),
    };
    let service = component.service();
    if let Some(declared) = service.and_then(|service| service.stands_in_for.as_ref()) {
        remark.push_str(&format!(", stands in for {}", declared.id));
    }
    if component.runs_as == RunsAs::Process && host.kind == HostKind::Machine {
        remark.push_str(", process");
    }
    remark
}

/// The worst that findings say, by what they are about.
#[derive(Default)]
struct Marks {
    /// By host.
    hosts: BTreeMap<String, Severity>,
    /// By component, wherever it runs.
    components: BTreeMap<String, Severity>,
    /// By component and host.
    placements: BTreeMap<(String, String), Severity>,
}

impl Marks {
    fn of(topology: &Topology, findings: &[Finding]) -> Marks {
        let mut marks = Marks::default();
        let environment = topology.environment.as_str();
        for finding in findings {
            let elsewhere = |other: &crate::model::EnvironmentName| *other != topology.environment;
            if finding.environment.as_ref().is_some_and(elsewhere) {
                continue;
            }
            if let Some(path) = &finding.primary.path {
                marks.add(environment, path, finding.severity);
            }
        }
        marks
    }

    /// Marks what a path leads to, if it is of this environment or of all.
    fn add(&mut self, environment: &str, path: &PlanPath, severity: Severity) {
        let steps: Vec<&str> = path
            .steps()
            .iter()
            .map(|step| match step {
                Step::Key(text) | Step::Item(text) => text.as_str(),
            })
            .collect();
        let steps = match steps.as_slice() {
            ["environments", name, rest @ ..] if *name == environment => rest,
            ["environments", ..] => return,
            steps => steps,
        };
        match steps {
            ["hosts", host, "runs", component, ..] => {
                let place = ((*component).to_owned(), (*host).to_owned());
                raise(self.placements.entry(place), severity);
            }
            ["hosts", host, ..] => raise(self.hosts.entry((*host).to_owned()), severity),
            ["apps" | "services", component, ..] => {
                raise(self.components.entry((*component).to_owned()), severity);
            }
            _ => {}
        }
    }
}

fn raise<K: Ord>(entry: std::collections::btree_map::Entry<K, Severity>, severity: Severity) {
    let worst = entry.or_insert(severity);
    *worst = severity.max(*worst);
}
