//! The graph of an environment: the one place where the drawing knows what it draws.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use crate::finding::{Finding, Severity};
use crate::layout::graph::{Component, Frame, Graph, Host, Port, Sort, Use};
use crate::model::{HostKind, HostName, PlanPath, RunsAs, Step, Tier};
use crate::topology::{self, Topology};

impl Graph {
    /// An environment as it is drawn: every connection that is made, and on each host and component the
    /// worst that a finding of this environment says about it.
    pub fn of(topology: &Topology, findings: &[Finding]) -> Graph {
        let marks = Marks::of(topology, findings);
        let mut parts = Parts::default();
        let mut on_hosts: BTreeMap<&HostName, Vec<(usize, &topology::Component)>> = BTreeMap::new();
        for (number, (instance, component)) in topology.placed().enumerate() {
            let on_host = on_hosts.entry(&instance.host).or_default();
            on_host.push((number, component));
            parts.ids.push(0);
        }
        for host in topology.hosts.values() {
            let runs = on_hosts.remove(&host.name).unwrap_or_default();
            parts.add_host(topology, host, &runs, &marks);
        }
        for (ends, link) in topology.numbered_connections() {
            let [user, target] = ends.map(|number| parts.ids[number]);
            let port = parts.port(target, link.connection.endpoint.port);
            parts.uses.push(Use { user, port });
        }
        for id in 0..parts.placed.len() {
            let component = parts.placed[id];
            if component.port.is_some() && parts.port_ids[id].is_empty() {
                parts.port(id as u32, component.port);
            }
        }
        Graph::new(parts.hosts, parts.components, parts.ports, parts.uses)
    }
}

/// A graph as it comes together.
#[derive(Default)]
struct Parts<'t> {
    hosts: Vec<Host>,
    components: Vec<Component>,
    ports: Vec<Port>,
    uses: Vec<Use>,
    /// The component of each instance, by its number.
    ids: Vec<u32>,
    /// What the components are.
    placed: Vec<&'t topology::Component>,
    /// The ports of each component.
    port_ids: Vec<Vec<u32>>,
}

impl<'t> Parts<'t> {
    /// Adds a host with the components that it runs, each with the number of its instance.
    fn add_host(
        &mut self,
        topology: &Topology,
        host: &topology::Host,
        runs: &[(usize, &'t topology::Component)],
        marks: &Marks,
    ) {
        let id = self.hosts.len() as u32;
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
        for (number, component) in runs {
            let name = component.name.as_str();
            let placed = marks.placements.get(&(name, host.name.as_str())).copied();
            let anywhere = marks.components.get(name).copied();
            self.ids[*number] = self.components.len() as u32;
            self.placed.push(component);
            self.port_ids.push(Vec::new());
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
    fn port(&mut self, id: u32, number: Option<u16>) -> u32 {
        let known = &mut self.port_ids[id as usize];
        let mut same = known.iter();
        if let Some(same) = same.find(|port| self.ports[**port as usize].number == number) {
            return *same;
        }
        let port = self.ports.len() as u32;
        known.push(port);
        self.ports.push(Port {
            component: id,
            number,
            protocol: self.placed[id as usize].kind().protocol.clone(),
        });
        port
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
        Some(service) => format!("{} {}", service.kind.id, service.short_version())
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
struct Marks<'f> {
    /// By host.
    hosts: HashMap<&'f str, Severity>,
    /// By component, wherever it runs.
    components: HashMap<&'f str, Severity>,
    /// By component and host.
    placements: HashMap<(&'f str, &'f str), Severity>,
}

impl<'f> Marks<'f> {
    fn of(topology: &Topology, findings: &'f [Finding]) -> Marks<'f> {
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
    fn add(&mut self, environment: &str, path: &'f PlanPath, severity: Severity) {
        let steps = path.steps();
        let word = |at: usize| match steps.get(at) {
            Some(Step::Key(text) | Step::Item(text)) => text.as_str(),
            None => "",
        };
        let first = match (word(0), word(1)) {
            ("environments", name) if name == environment => 2,
            ("environments", _) => return,
            _ => 0,
        };
        if steps.len() < first + 2 {
            return;
        }
        match [0, 1, 2, 3].map(|at| word(first + at)) {
            ["hosts", host, "runs", component] if steps.len() > first + 3 => {
                raise(self.placements.entry((component, host)), severity);
            }
            ["hosts", host, ..] => raise(self.hosts.entry(host), severity),
            ["apps" | "services", component, ..] => {
                raise(self.components.entry(component), severity);
            }
            _ => {}
        }
    }
}

fn raise<K: Eq + Hash>(entry: Entry<K, Severity>, severity: Severity) {
    let worst = entry.or_insert(severity);
    *worst = severity.max(*worst);
}
