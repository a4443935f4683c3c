//! What is selected, and where that leads: from a finding to its place, from a place to its line.

use crate::finding::Finding;
use crate::model::{PlanPath, Step};
use crate::source;
use crate::span::Lines;
use crate::topology::{Instance, Topology};
use crate::tui::state::{Panel, State, Thing};
use crate::tui::update::navigate;

pub use crate::tui::update::navigate::follow;

/// Shows another environment; what is selected stays so where it is there too.
pub fn set_environment(state: &mut State, environment: usize) {
    let last = state.plan.analysis.topologies.len().saturating_sub(1);
    state.environment = environment.min(last);
    let selected = state.selection.take();
    let topology = state.topology();
    state.selection = selected.and_then(|thing| same_in(topology?, thing));
    state.focus = None;
    state.failing = None;
    state.carried = None;
    state.lists.finding = 0;
    state.lists.show_file(0);
}

/// The thing itself, or the same component elsewhere.
pub fn same_in(topology: &Topology, thing: Thing) -> Option<Thing> {
    if thing.is_in(topology) {
        return Some(thing);
    }
    let component = thing.component()?;
    let instance = topology.instances_of(component).next()?;
    Some(Thing::Instance(instance.clone()))
}

/// Shows the next environment, or the one before.
pub fn step_environment(state: &mut State, step: isize) {
    let count = state.plan.analysis.topologies.len();
    set_environment(state, stepped(Some(state.environment), count, step));
    if state.panel == Panel::Matrix {
        select_matrix_cell(state);
    }
}

/// The place after `at`, or before it, in a circle of `count`.
fn stepped(at: Option<usize>, count: usize, step: isize) -> usize {
    let count = count.max(1);
    match at {
        None if step < 0 => count - 1,
        None => 0,
        Some(at) => (at as isize + step).rem_euclid(count as isize) as usize,
    }
}

/// Goes to the next finding, and to where it is.
pub fn step_finding(state: &mut State, step: isize) {
    let count = state.listed_findings().len();
    if count == 0 {
        state.lists.all_environments = true;
        state.lists.finding = 0;
        super::derive(state);
    } else if state.selection.is_some() || state.panel == Panel::Findings {
        state.lists.finding = stepped(Some(state.lists.finding), count, step);
    }
    if state.panel != Panel::Findings {
        go_to_finding(state);
    }
}

/// Opens what is selected: the place of a finding, the map of a cell of the matrix.
pub fn enter(state: &mut State) {
    match state.panel {
        Panel::Findings => {
            state.panel = Panel::Map;
            go_to_finding(state);
        }
        Panel::Matrix => {
            state.panel = Panel::Map;
            navigate::follow(state);
        }
        Panel::Map if state.selection.is_some() => super::properties::open(state),
        Panel::Map | Panel::Files | Panel::Catalog => {}
    }
}

/// Selects what the finding is about, in its environment.
fn go_to_finding(state: &mut State) {
    let Some(finding) = state.listed_finding().cloned() else {
        return;
    };
    let at = state.lists.finding;
    let of = environment_of(&finding);
    let topologies = &state.plan.analysis.topologies;
    let environment = topologies
        .iter()
        .position(|topology| of.as_deref() == Some(topology.environment.as_str()));
    if let Some(environment) = environment.filter(|it| *it != state.environment) {
        set_environment(state, environment);
    }
    state.lists.finding = at;
    let thing = state
        .topology()
        .and_then(|topology| thing_of(&finding, topology));
    if thing.is_some() {
        state.selection = thing;
    }
    super::lay_out(state);
    navigate::follow(state);
}

fn environment_of(finding: &Finding) -> Option<String> {
    let said = finding
        .environment
        .as_ref()
        .map(|of| of.as_str().to_owned());
    said.or_else(|| match finding.primary.path.as_ref()?.steps() {
        [Step::Key(table), Step::Key(name), ..] if table == "environments" => Some(name.clone()),
        _ => None,
    })
}

/// What a finding is about in an environment: the first of its places that is there.
pub fn thing_of(finding: &Finding, topology: &Topology) -> Option<Thing> {
    let labels = std::iter::once(&finding.primary).chain(&finding.secondary);
    labels
        .filter_map(|label| label.path.as_ref())
        .find_map(|path| thing_at(path, topology))
}

fn thing_at(path: &PlanPath, topology: &Topology) -> Option<Thing> {
    let words: Vec<&str> = path
        .steps()
        .iter()
        .map(|step| match step {
            Step::Key(word) | Step::Item(word) => word.as_str(),
        })
        .collect();
    let instance = |component: &str, host: Option<&str>| {
        let (name, _) = topology.components.get_key_value(component)?;
        let mut instances = topology.instances_of(name);
        let found = instances.find(|it| host.is_none_or(|host| it.host.as_str() == host))?;
        Some(Thing::Instance(Instance::clone(found)))
    };
    match words.as_slice() {
        ["apps" | "services", name, ..] => instance(name, None),
        ["environments", environment, ..] if *environment != topology.environment.as_str() => None,
        ["environments", _, "apps" | "services", name, ..] => instance(name, None),
        ["environments", _, "hosts", host, "runs", name, ..] => instance(name, Some(host)),
        ["environments", _, "hosts", host, ..] => {
            let (name, _) = topology.hosts.get_key_value(*host)?;
            Some(Thing::Host(name.clone()))
        }
        _ => None,
    }
}

/// The things whose names hold what was searched for, in the order of the tree.
pub fn matches(state: &State, query: &str) -> Vec<Thing> {
    let Some(topology) = state.topology() else {
        return Vec::new();
    };
    let query = query.to_lowercase();
    let mut things = crate::tui::view::tree::things(topology);
    things.retain(|thing| {
        let name = thing
            .component()
            .map_or(thing.host().as_str(), |name| name.as_str());
        name.contains(&query)
    });
    things
}

/// Goes to the next thing that the search finds.
pub fn step_match(state: &mut State, step: isize) {
    let things = matches(state, &state.search);
    let here = state
        .selection
        .as_ref()
        .and_then(|thing| things.iter().position(|other| other == thing));
    if let Some(thing) = things.get(stepped(here, things.len(), step)) {
        state.selection = Some(thing.clone());
        navigate::follow(state);
    }
}

/// Selects what the chosen cell of the matrix stands for.
pub fn select_matrix_cell(state: &mut State) {
    let rows = state.matrix_rows();
    let name = rows.get(state.lists.component).map(|name| (*name).clone());
    let instance = name.and_then(|name| {
        let topology = state.topology()?;
        topology.instances_of(&name).next().cloned()
    });
    state.selection = instance.map(Thing::Instance);
}

/// The line of the plan, counted from 1, that says what is selected.
pub fn line(state: &State) -> usize {
    let text = &state.plan.text;
    let finding = state
        .listed_finding()
        .and_then(|finding| finding.primary.span);
    let span = match state.panel {
        Panel::Findings => finding,
        Panel::Matrix => {
            let rows = state.matrix_rows();
            let name = rows.get(state.lists.component).map(|name| name.as_str());
            let plan = &state.plan.analysis.plan;
            name.map(|name| {
                let path = match plan.apps.contains_key(name) {
                    true => PlanPath::app(name),
                    false => PlanPath::service(name),
                };
                source::read(text).places.find(&path)
            })
        }
        _ => state.topology().map(|topology| {
            let path = match &state.selection {
                Some(thing) => thing.path(&topology.environment),
                None => PlanPath::environment(topology.environment.as_str()),
            };
            source::read(text).places.find(&path)
        }),
    };
    let start = span.unwrap_or_default().start;
    Lines::new(text).line_column(start, text).line
}
