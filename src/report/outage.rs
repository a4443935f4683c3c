//! What an outage costs, for people and for scripts.

use serde::Serialize;

use crate::model::{Choice, ComponentName};
use crate::report::table::aligned;
use crate::topology::{Failing, Instance, Left, Outage, SinglePoint, Topology};

/// The title of what does not run any more.
pub const GONE: &str = "gone";
/// The title of what has lost something.
pub const HARMED: &str = "harmed";

/// What happens to an instance, in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Which one: `web on app-1`.
    pub who: String,
    /// What it has lost, in words; nothing for what goes on as before.
    pub what: String,
}

/// The sections of what an outage costs, each with its title; empty ones are left out.
pub fn sections(topology: &Topology, outage: &Outage) -> Vec<(&'static str, Vec<Row>)> {
    let gone = outage.gone.iter().map(|instance| Row {
        who: who(instance),
        what: match topology.components.get(&instance.component) {
            Some(component) if component.app().is_some() => "an app".to_owned(),
            Some(component) => component.kind().title.clone(),
            None => String::new(),
        },
    });
    let (harmed, whole): (Vec<&Left>, Vec<&Left>) =
        outage.left.iter().partition(|left| left.is_harmed());
    let harmed = harmed.into_iter().map(|left| Row {
        who: who(&left.instance),
        what: losses(left),
    });
    let whole = whole.into_iter().map(|left| Row {
        who: who(&left.instance),
        what: fewer(&left.fewer),
    });
    let sections = [
        (GONE, gone.collect::<Vec<_>>()),
        (HARMED, harmed.collect()),
        ("goes on", whole.collect()),
    ];
    sections
        .into_iter()
        .filter(|(_, rows)| !rows.is_empty())
        .collect()
}

/// What an outage costs, as text.
pub fn text(plan: &str, topology: &Topology, failing: &[Failing], outage: &Outage) -> String {
    let names: Vec<&str> = failing.iter().map(name).collect();
    let mut text = format!(
        "{plan}: {} without {}\n",
        topology.environment,
        names.join(" and ")
    );
    for (title, rows) in sections(topology, outage) {
        text.push_str(&format!("\n{title}\n"));
        let rows: Vec<Vec<String>> = rows
            .into_iter()
            .map(|row| vec![row.who, row.what])
            .collect();
        text.push_str(&aligned(&rows, "  "));
    }
    let points = topology.single_points();
    if !points.is_empty() {
        text.push_str("\nsingle points of failure while everything runs: hosts without which no instance of an app does all it should\n");
        let rows: Vec<Vec<String>> = points
            .iter()
            .map(|point| vec![point.host.to_string(), joined(&point.apps)])
            .collect();
        text.push_str(&aligned(&rows, "  "));
    }
    text
}

#[derive(Serialize)]
struct OutageJson<'a> {
    plan: &'a str,
    environment: &'a str,
    without: Vec<&'a str>,
    gone: Vec<InstanceJson<'a>>,
    left: Vec<LeftJson<'a>>,
    single_points: Vec<SinglePointJson<'a>>,
}

#[derive(Serialize)]
struct InstanceJson<'a> {
    component: &'a str,
    host: &'a str,
}

#[derive(Serialize)]
struct LeftJson<'a> {
    component: &'a str,
    host: &'a str,
    lost: Vec<LostJson<'a>>,
    through: Vec<&'a str>,
    fewer: Vec<&'a str>,
}

#[derive(Serialize)]
struct LostJson<'a> {
    target: &'a str,
    roles: Vec<&'a str>,
    elsewhere: Option<&'a str>,
}

#[derive(Serialize)]
struct SinglePointJson<'a> {
    host: &'a str,
    apps: Vec<&'a str>,
}

/// What an outage costs, as JSON.
pub fn json(plan: &str, topology: &Topology, failing: &[Failing], outage: &Outage) -> String {
    let points = topology.single_points();
    super::json::print(&OutageJson {
        plan,
        environment: topology.environment.as_str(),
        without: failing.iter().map(name).collect(),
        gone: outage
            .gone
            .iter()
            .map(|instance| InstanceJson {
                component: instance.component.as_str(),
                host: instance.host.as_str(),
            })
            .collect(),
        left: outage.left.iter().map(left_json).collect(),
        single_points: points.iter().map(point_json).collect(),
    })
}

fn left_json(left: &Left) -> LeftJson<'_> {
    let lost = left.lost.iter().map(|lost| LostJson {
        target: lost.target.as_str(),
        roles: lost.roles.iter().map(|role| role.as_str()).collect(),
        elsewhere: lost.elsewhere.as_ref().map(|host| host.as_str()),
    });
    LeftJson {
        component: left.instance.component.as_str(),
        host: left.instance.host.as_str(),
        lost: lost.collect(),
        through: names(&left.through),
        fewer: names(&left.fewer),
    }
}

fn point_json(point: &SinglePoint) -> SinglePointJson<'_> {
    SinglePointJson {
        host: point.host.as_str(),
        apps: names(&point.apps),
    }
}

/// The name of what fails.
pub fn name(failing: &Failing) -> &str {
    match failing {
        Failing::Host(host) => host.as_str(),
        Failing::Component(component) => component.as_str(),
    }
}

fn who(instance: &Instance) -> String {
    format!("{} on {}", instance.component, instance.host)
}

fn losses(left: &Left) -> String {
    let lost = left.lost.iter().map(|lost| {
        let roles: Vec<&str> = lost.roles.iter().map(|role| role.as_str()).collect();
        let what = match roles.is_empty() {
            true => lost.target.to_string(),
            false => format!("{} as {}", lost.target, roles.join(", ")),
        };
        match &lost.elsewhere {
            Some(host) => format!("loses {what}: it also runs on {host}, but nothing points there"),
            None => format!("loses {what}"),
        }
    });
    let through = left
        .through
        .iter()
        .map(|target| format!("is hit through {target}"));
    let mut said: Vec<String> = lost.chain(through).collect();
    said.extend(Some(fewer(&left.fewer)).filter(|said| !said.is_empty()));
    said.join("; ")
}

fn fewer(names: &[ComponentName]) -> String {
    match names.is_empty() {
        true => String::new(),
        false => format!("with fewer of {}", joined(names)),
    }
}

fn names(names: &[ComponentName]) -> Vec<&str> {
    names.iter().map(ComponentName::as_str).collect()
}

fn joined(all: &[ComponentName]) -> String {
    names(all).join(", ")
}
