//! What must be done by hand after a credential has changed, in order.
//!
//! A service that has data ignores what its container is told at the first start. So its container is
//! made anew first, to see the new value; then it is told by a script that reads the value in there; then
//! whoever uses it is started again. No step holds a credential.

use std::collections::BTreeSet;

use crate::catalog::Encoding;
use crate::generate::{Carrier, GenerateError, Inputs};
use crate::model::{ComponentName, EnvironmentName, HostName};
use crate::settings::{SecretNeed, SecretValues, values_of};
use crate::template::Templates;
use crate::topology::{Component, Endpoint, Topology};

/// Something to be done by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What, and where, as a sentence.
    pub text: String,
    /// What is run there, where a command does it.
    pub command: Option<String>,
}

impl Step {
    pub(super) fn new(text: impl Into<String>, command: impl Into<Option<String>>) -> Step {
        Step {
            text: text.into(),
            command: command.into(),
        }
    }
}

/// The steps after these credentials of one environment have changed; `carriers` are the files that
/// carry them, below `output`.
pub fn rotation_steps(
    inputs: &Inputs,
    changed: &[SecretNeed],
    carriers: &[Carrier],
    output: &str,
) -> Result<Vec<Step>, GenerateError> {
    let mut steps = Vec::from_iter(copied(carriers, output));
    let mut renewed = BTreeSet::new();
    let mut changed: Vec<&SecretNeed> = changed.iter().collect();
    // Whoever may change the others' credentials comes first.
    changed.sort_by_key(|need| (&need.id.service, need.rule.for_clients, &need.id.name));
    for need in changed {
        let Some(topology) = topology(inputs, &need.id.environment) else {
            continue;
        };
        let Some(component) = topology.components.get(&need.id.service) else {
            continue;
        };
        if !need.in_container {
            let (id, title) = (need.id.said(), &need.title);
            let text = format!("See that {title} takes the new {id}: whoever runs it changes it.");
            steps.push(Step::new(text, None));
            continue;
        }
        if renewed.insert(&need.id.service) {
            for host in topology.hosts_of(&need.id.service) {
                steps.push(started_anew(
                    (&need.id.environment, host, &need.id.service),
                    output,
                    "docker compose up --detach --force-recreate --wait",
                ));
            }
        }
        steps.extend(told(inputs, topology, component, need)?);
    }
    let mut users = BTreeSet::new();
    for carrier in carriers {
        let of_app = carrier.app.iter().cloned();
        for user in of_app.chain(services_with(inputs, carrier, &renewed)) {
            if users.insert((&carrier.environment, &carrier.host, user.clone())) {
                steps.push(restarted(inputs, carrier, &user, output));
            }
        }
    }
    Ok(steps)
}

/// The folders that go to their hosts again before anything is started there; nothing if no file changed.
fn copied(carriers: &[Carrier], output: &str) -> Option<Step> {
    let places = carriers
        .iter()
        .map(|carrier| (&carrier.environment, &carrier.host));
    let folders: Vec<String> = BTreeSet::from_iter(places)
        .iter()
        .map(|(environment, host)| format!("{output}/{environment}/{host} to {host}"))
        .collect();
    let text = format!(
        "Unless the host is this machine, copy to it again what has changed: {}.",
        folders.join(", ")
    );
    (!folders.is_empty()).then(|| Step::new(text, None))
}

/// The services whose containers see the file of a host because they use one whose credential it carries.
fn services_with(
    inputs: &Inputs,
    carrier: &Carrier,
    renewed: &BTreeSet<&ComponentName>,
) -> BTreeSet<ComponentName> {
    let here = topology(inputs, &carrier.environment).filter(|_| carrier.app.is_none());
    let links = here
        .iter()
        .flat_map(|here| here.links().map(move |link| (here, link)));
    let users = links.filter(|(here, link)| {
        let is_service = here.components[&link.user.component].service().is_some();
        is_service
            && link.user.host == carrier.host
            && renewed.contains(&link.target.component)
            && !renewed.contains(&link.user.component)
    });
    users.map(|(_, link)| link.user.component.clone()).collect()
}

fn topology<'a>(inputs: &Inputs<'a>, environment: &EnvironmentName) -> Option<&'a Topology> {
    let mut topologies = inputs.topologies.iter();
    topologies.find(|topology| topology.environment == *environment)
}

fn started_anew(
    (environment, host, component): (&EnvironmentName, &HostName, &ComponentName),
    output: &str,
    command: &str,
) -> Step {
    let text = format!("Start {component} anew on {host}, in {output}/{environment}/{host}:");
    Step::new(text, format!("{command} {component}"))
}

/// How a service that has data already is told; nothing if its new start has told it.
fn told(
    inputs: &Inputs,
    topology: &Topology,
    component: &Component,
    need: &SecretNeed,
) -> Result<Option<Step>, GenerateError> {
    let (name, id) = (&component.name, need.id.said());
    if let Some(reason) = &need.rule.permanent {
        let text = format!("Give {id} its value of before again, or begin without data: {reason}.");
        return Ok(Some(Step::new(text, None)));
    }
    if need.rule.read_at_start {
        return Ok(None);
    }
    let Some(script) = &need.rule.rotation else {
        let text = format!(
            "Change {id} in {name} itself: how {} is told is not known here, so follow its documentation.",
            need.title
        );
        return Ok(Some(Step::new(text, None)));
    };
    let script = rendered(inputs, component, script).map_err(|reason| {
        let path = component.kind().id.clone();
        let name = format!("rotation of {}", need.id.name);
        GenerateError::Unsayable { path, name, reason }
    })?;
    let host = topology.hosts_of(name).first();
    let host = host.map_or_else(String::new, |host| format!(" on {host}"));
    let note = need.rule.rotation_note.as_deref();
    let note = note.map_or_else(String::new, |note| format!(" {note}"));
    let text = format!(
        "There, tell {name}{host} the new {id}, because it has data and keeps the old one until then.{note}"
    );
    // A text in a file of its own, so that no shell on the way looks into it.
    let script = script.trim_end();
    let command = format!("docker compose exec {name} sh -c \"$(cat <<'END'\n{script}\nEND\n)\"");
    Ok(Some(Step::new(text, command)))
}

fn rendered(inputs: &Inputs, component: &Component, script: &str) -> Result<String, String> {
    let templates = Templates::new();
    let endpoint = Endpoint {
        host: None,
        port: component.container_port(),
        tls: false,
    };
    let none = SecretValues::new();
    let values = values_of(&templates, inputs.plan, component, &endpoint, &none);
    let context = minijinja::Value::from(values.known);
    let rendered = templates.render(script, Encoding::Plain, context);
    rendered.map_err(|error| error.to_string())
}

fn restarted(inputs: &Inputs, carrier: &Carrier, app: &ComponentName, output: &str) -> Step {
    let (environment, host) = (&carrier.environment, &carrier.host);
    let is_written = topology(inputs, environment).is_some_and(|here| {
        let component = here.components.get(app);
        component
            .is_some_and(|component| here.container_hosts(component).any(|at| at.name == *host))
    });
    if is_written {
        let command = "docker compose up --detach --force-recreate";
        return started_anew((environment, host, app), output, command);
    }
    let path = &carrier.path;
    let text = format!("Start {app} anew on {host}, with the variables of {output}/{path}.");
    Step::new(text, None)
}
