//! What mends a clash of two ports: another number for one of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::Finding;
use crate::lint::machines::HostIn;
use crate::lint::ports::{Taker, host_ports, moves_easily};
use crate::model::{ComponentName, Edit, EditValue, EnvironmentName, PlanPath};
use crate::topology::{Component, Topology};

/// What fixes give out: each component gets a port of its own.
#[derive(Default)]
pub(super) struct Fixes<'t> {
    given: BTreeMap<(&'t EnvironmentName, &'t ComponentName), u16>,
    taken: BTreeSet<u16>,
}

impl<'t> Fixes<'t> {
    /// The next `port` with which a component takes nothing that is taken: its pages move with it. None
    /// where the port in question does not move.
    pub(super) fn free(
        &mut self,
        (topology, host): HostIn<'t>,
        taker: Taker<'t>,
        is_taken: impl Fn(u16) -> bool,
    ) -> Option<u16> {
        let component = taker.component;
        let key = (&topology.environment, &component.name);
        let moves = taker.taken.moves;
        if !moves || self.given.contains_key(&key) {
            return self.given.get(&key).copied().filter(|_| moves);
        }
        let port = component.port?;
        let distances: Vec<i32> = host_ports(topology, host, component)
            .into_iter()
            .filter(|taken| taken.moves)
            .map(|taken| i32::from(taken.port.0) - i32::from(port))
            .collect();
        let moved = |to: u16| {
            let ports = distances.iter();
            ports.map(move |distance| u16::try_from(i32::from(to) + distance).ok())
        };
        let is_free = |port: u16| !is_taken(port) && !self.taken.contains(&port);
        let free = (port.checked_add(1)?..=u16::MAX)
            .find(|to| moved(*to).all(|port| port.is_some_and(is_free)))?;
        self.taken.extend(moved(free).flatten());
        self.given.insert(key, free);
        Some(free)
    }
}

/// The finding with what mends it: another `port`, or else another host.
pub(super) fn mended(
    finding: Finding,
    (topology, component): (&Topology, &Component),
    free: Option<u16>,
    further: Option<String>,
    title: impl Fn(&ComponentName, u16) -> String,
) -> Finding {
    match free {
        Some(free) => finding.help(help(topology, component)).fix(
            title(&component.name, free),
            vec![edit(topology, component, free)],
        ),
        None => finding.help(further.unwrap_or("run one of them on another host".to_owned())),
    }
}

/// What to do about one of the further ports of a container, the second's rather than the first's.
pub(super) fn further_of(both: [&Taker; 2]) -> Option<String> {
    let mut takers = both.into_iter().rev();
    takers.find_map(|taker| {
        let (at, _) = taker.taken.further?;
        let name = taker.component.container.ports.keys().nth(at)?;
        let owner = &taker.component.name;
        Some(format!(
            "give `container.ports.{name}` of `{owner}` another `published`"
        ))
    })
}

fn edit(topology: &Topology, component: &Component, port: u16) -> Edit {
    let section = match component.app() {
        Some(_) => "apps",
        None => "services",
    };
    let path = PlanPath::environment(topology.environment.as_str())
        .key(section)
        .key(component.name.as_str())
        .key(match is_published_apart(component) {
            true => "published",
            false => "port",
        });
    Edit::Set {
        path,
        value: EditValue::Integer(port.into()),
    }
}

/// Whether the port on the host can be another while what runs goes on listening on its own.
fn is_published_apart(component: &Component) -> bool {
    component.app().is_some() && component.runs_as.in_container()
}

fn help(topology: &Topology, component: &Component) -> String {
    let (name, environment) = (&component.name, &topology.environment);
    match (is_published_apart(component), moves_easily(component)) {
        (true, _) => format!("publish `{name}` on another port in `{environment}`: `published`"),
        (false, true) => {
            format!("give `{name}` another `port` in `{environment}`; every address follows")
        }
        (false, false) => format!(
            "give `{name}` another `port` in `{environment}`, and let it listen there; every address follows"
        ),
    }
}
