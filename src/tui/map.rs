//! The picture of an environment at a level: what is laid out, and which thing each part of it is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::finding::{Finding, counted};
use crate::layout::{
    Component, ComponentId, Graph, HostId, Layout, Port, PortId, Rect, Use, UseId, layout,
};
use crate::model::EnvironmentName;
use crate::topology::{Instance, Topology};
use crate::tui::state::{Thing, Zoom};

/// Layouts of before, by what they show, and whether in short form.
pub type Seeds = BTreeMap<(EnvironmentName, Detail, bool), Arc<Layout>>;

/// Which graph is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// A row a host.
    Hosts,
    /// A row a component.
    Components,
}

/// What a map shows; another one is laid out when this changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapKey {
    /// Which environment.
    pub environment: EnvironmentName,
    /// Which graph.
    pub detail: Detail,
    /// What it is narrowed to.
    pub focus: Option<Thing>,
    /// Whether rows leave kinds and versions out, which the inspector says too.
    pub is_short: bool,
}

/// A picture that is laid out.
#[derive(Debug)]
pub struct Map {
    /// What it shows.
    pub key: MapKey,
    /// Where everything stands.
    pub layout: Arc<Layout>,
    /// How wide the screen was that it was laid out for.
    pub width: i32,
}

/// Something of the picture that can be selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The card of a host.
    Host(HostId),
    /// The rows of a component.
    Component(ComponentId),
}

/// What belongs to a selection: its own, and what its lines reach.
#[derive(Debug, Default)]
pub struct Highlight {
    /// The components at either end of its lines, itself among them.
    pub components: BTreeSet<ComponentId>,
    /// The nets of its lines.
    pub nets: BTreeSet<PortId>,
    /// Its lines.
    pub uses: BTreeSet<UseId>,
}

impl Zoom {
    /// The graph that it shows; `None` if it shows none.
    pub fn detail(self) -> Option<Detail> {
        match self {
            Zoom::Tiers => None,
            Zoom::Hosts => Some(Detail::Hosts),
            Zoom::Cards | Zoom::Lines => Some(Detail::Components),
        }
    }
}

impl Map {
    /// Lays out what `key` says of an environment.
    pub fn new(
        key: MapKey,
        topology: &Topology,
        findings: &[Finding],
        seeds: &mut Seeds,
        width: i32,
    ) -> Map {
        let whole = Graph::of(topology, findings);
        let graph = match key.detail {
            Detail::Hosts => collapsed(&whole),
            Detail::Components => whole,
        };
        let graph = match &key.focus {
            Some(thing) => around(&graph, thing),
            None => graph,
        };
        let graph = match key.is_short {
            true => shortened(&graph),
            false => graph,
        };
        let graph = Arc::new(graph);
        let seed_key = (key.environment.clone(), key.detail, key.is_short);
        // What is narrowed stands elsewhere anyway, and must not move the whole picture afterwards.
        let seed = seeds.get(&seed_key).filter(|_| key.focus.is_none());
        let layout = Arc::new(layout(&graph, seed.map(|seed| &**seed)));
        if key.focus.is_none() {
            seeds.insert(seed_key, layout.clone());
        }
        Map { key, layout, width }
    }

    /// The graph that is laid out.
    pub fn graph(&self) -> &Graph {
        &self.layout.graph
    }

    /// What a host's card stands for.
    pub fn host(&self, topology: &Topology, host: HostId) -> Option<Thing> {
        let name = self.graph().hosts.get(host as usize)?.name.as_str();
        let (name, _) = topology.hosts.get_key_value(name)?;
        Some(Thing::Host(name.clone()))
    }

    /// What a component's rows stand for.
    pub fn component(&self, topology: &Topology, component: ComponentId) -> Option<Thing> {
        let row = self.graph().components.get(component as usize)?;
        let host = self.host(topology, row.host)?;
        if self.key.detail == Detail::Hosts {
            return Some(host);
        }
        let (name, _) = topology.components.get_key_value(row.name.as_str())?;
        Some(Thing::Instance(Instance {
            component: name.clone(),
            host: host.host().clone(),
        }))
    }

    /// The host's card of a thing.
    pub fn host_id(&self, thing: &Thing) -> Option<HostId> {
        let hosts = &self.graph().hosts;
        let name = thing.host().as_str();
        let at = hosts.binary_search_by(|host| host.name.as_str().cmp(name));
        at.ok().map(|at| at as HostId)
    }

    /// The component of a thing, if it is one and the map shows components.
    pub fn component_id(&self, thing: &Thing) -> Option<ComponentId> {
        let (host, name) = (self.host_id(thing)?, thing.component()?);
        let mut components = self.graph().components_of(host);
        components.find(|row| self.graph().components[*row as usize].name == name.as_str())
    }

    /// Where a thing stands.
    pub fn area(&self, thing: &Thing) -> Option<Rect> {
        match self.component_id(thing) {
            Some(component) => Some(self.layout.component_area(component)),
            None => {
                let card = self.layout.cards.get(self.host_id(thing)? as usize)?;
                Some(card.area)
            }
        }
    }

    /// What stands at a cell of the picture.
    pub fn at(&self, topology: &Topology, x: i32, y: i32) -> Option<Thing> {
        let (host, row) = self.layout.at(x, y)?;
        let component = row.map(|row| self.layout.rows[row as usize].component);
        component
            .and_then(|component| self.component(topology, component))
            .or_else(|| self.host(topology, host))
    }

    /// Everything that can be selected, with where it stands.
    pub fn stops(&self) -> Vec<(Stop, Rect)> {
        let hosts = self.layout.cards.iter().enumerate().map(|(host, card)| {
            let title = Rect {
                height: 1,
                ..card.area
            };
            (Stop::Host(host as HostId), title)
        });
        if self.key.detail == Detail::Hosts {
            return hosts.collect();
        }
        let mut seen = None;
        let rows = self.layout.cards.iter().flat_map(|card| {
            let first = card.rows.start;
            card.rows
                .clone()
                .map(move |row| (card.area, row - first, row))
        });
        let components = rows.filter_map(|(area, below, row)| {
            let component = self.layout.rows[row as usize].component;
            let is_first = seen.replace(component) != Some(component);
            let area = Rect {
                y: area.y + 1 + below as i32,
                height: 1,
                ..area
            };
            is_first.then_some((Stop::Component(component), area))
        });
        hosts.chain(components).collect()
    }

    /// What a stop stands for.
    pub fn thing(&self, topology: &Topology, stop: Stop) -> Option<Thing> {
        match stop {
            Stop::Host(host) => self.host(topology, host),
            Stop::Component(component) => self.component(topology, component),
        }
    }

    /// The stop of a thing.
    pub fn stop(&self, thing: &Thing) -> Option<Stop> {
        let component = self.component_id(thing).map(Stop::Component);
        component.or_else(|| self.host_id(thing).map(Stop::Host))
    }

    /// What belongs to a selection.
    pub fn highlight(&self, selection: Option<&Thing>) -> Highlight {
        let mut highlight = Highlight::default();
        let Some(thing) = selection else {
            return highlight;
        };
        let graph = self.graph();
        let host = self.host_id(thing);
        let own: BTreeSet<ComponentId> = match self.component_id(thing) {
            Some(component) => [component].into(),
            None => (0..graph.components.len() as ComponentId)
                .filter(|component| Some(graph.components[*component as usize].host) == host)
                .collect(),
        };
        for (id, used) in graph.uses.iter().enumerate() {
            let target = graph.ports[used.port as usize].component;
            if own.contains(&used.user) || own.contains(&target) {
                highlight.uses.insert(id as UseId);
                highlight.nets.insert(used.port);
                highlight.components.extend([used.user, target]);
            }
        }
        highlight.components.extend(own);
        highlight
    }
}

/// A graph with one row a host, which says how many components it has.
fn collapsed(graph: &Graph) -> Graph {
    let mut components = Vec::new();
    let mut ports = Vec::new();
    for (id, host) in graph.hosts.iter().enumerate() {
        let of_host = graph
            .components
            .iter()
            .filter(|row| row.host == id as HostId);
        let count = of_host.clone().count();
        let worst = of_host.filter_map(|row| row.finding).max();
        components.push(Component {
            host: id as HostId,
            // Pins name what they lead to, which is the host as a whole.
            name: host.name.clone(),
            remark: counted(count, "component"),
            finding: worst.or(host.finding),
            is_replica: false,
        });
        ports.push(Port {
            component: id as ComponentId,
            number: None,
            protocol: String::new(),
        });
    }
    let host_of = |component: ComponentId| graph.components[component as usize].host;
    let between: BTreeSet<(HostId, HostId)> = graph
        .uses
        .iter()
        .map(|used| {
            let target = graph.ports[used.port as usize].component;
            (host_of(used.user), host_of(target))
        })
        .filter(|(user, target)| user != target)
        .collect();
    let uses = between.into_iter().map(|(user, port)| Use { user, port });
    Graph::new(graph.hosts.clone(), components, ports, uses.collect())
}

/// A graph whose rows say no more than what is unusual about a component: that it stands in, or is a process.
fn shortened(graph: &Graph) -> Graph {
    let unusual = |remark: &str| {
        remark
            .split_once(", ")
            .map_or("", |(_, rest)| rest)
            .to_owned()
    };
    let components = graph.components.iter().map(|row| Component {
        remark: unusual(&row.remark),
        ..row.clone()
    });
    Graph::new(
        graph.hosts.clone(),
        components.collect(),
        graph.ports.clone(),
        graph.uses.clone(),
    )
}

/// What is left of a graph around a thing: itself, or what its host runs, with whatever that uses and whoever
/// uses it.
fn around(graph: &Graph, thing: &Thing) -> Graph {
    let is_own = |row: &Component| {
        let host = &graph.hosts[row.host as usize];
        let is_it = thing
            .component()
            .is_none_or(|name| row.name == name.as_str());
        host.name == thing.host().as_str() && is_it
    };
    let own: BTreeSet<ComponentId> = (0..graph.components.len() as ComponentId)
        .filter(|component| is_own(&graph.components[*component as usize]))
        .collect();
    let ends = |used: &Use| [used.user, graph.ports[used.port as usize].component];
    let kept_uses: Vec<&Use> = graph
        .uses
        .iter()
        .filter(|used| ends(used).iter().any(|end| own.contains(end)))
        .collect();
    let ends_of_kept = kept_uses.iter().flat_map(|used| ends(used));
    let components: BTreeSet<ComponentId> = ends_of_kept.chain(own.iter().copied()).collect();
    let hosts: BTreeSet<HostId> = components
        .iter()
        .map(|component| graph.components[*component as usize].host)
        .collect();
    let ports: BTreeSet<PortId> = kept_uses
        .iter()
        .map(|used| used.port)
        .chain((0..graph.ports.len() as PortId).filter(|port| {
            let port = &graph.ports[*port as usize];
            own.contains(&port.component)
        }))
        .collect();
    let place = |set: &BTreeSet<u32>, id: u32| set.range(..id).count() as u32;
    Graph::new(
        hosts
            .iter()
            .map(|host| graph.hosts[*host as usize].clone())
            .collect(),
        components
            .iter()
            .map(|component| {
                let row = graph.components[*component as usize].clone();
                Component {
                    host: place(&hosts, row.host),
                    ..row
                }
            })
            .collect(),
        ports
            .iter()
            .map(|port| {
                let port = graph.ports[*port as usize].clone();
                Port {
                    component: place(&components, port.component),
                    ..port
                }
            })
            .collect(),
        kept_uses
            .iter()
            .map(|used| Use {
                user: place(&components, used.user),
                port: place(&ports, used.port),
            })
            .collect(),
    )
}
