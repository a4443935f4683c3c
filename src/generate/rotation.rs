//! What must be done by hand after a credential has changed, in order.
//!
//! A service that has data ignores what its container is told at the first start. So its container is
//! made anew first, to see the new value; then it is told by a script that reads the value in there; then
//! whoever uses it is started again. No step holds a credential.

use std::collections::BTreeSet;

use crate::catalog::{Encoding, SecretRule};
use crate::generate::copies::{NO_INPUT, quoted};
use crate::generate::{Carrier, GenerateError, Inputs};
use crate::model::{ComponentName, EnvironmentName, HostName};
use crate::settings::{SecretId, SecretNeed, SecretValues, values_of};
use crate::template::Templates;
use crate::topology::{Component, Endpoint, Topology};

/// Lines of a script that ask for the value of before, which is not shown, and put it into a variable of the shell.
const ASK: &str = "\
stty -echo 2>/dev/null
printf 'the one of before: ' >&2
IFS= read -r old
stty echo 2>/dev/null
echo >&2";

/// Something to be done by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// What, and where, as a sentence.
    pub text: String,
    /// What is run there, where a command does it.
    pub command: Option<String>,
}

impl Instruction {
    pub(super) fn new(text: impl Into<String>, command: impl Into<Option<String>>) -> Instruction {
        Instruction {
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
) -> Result<Vec<Instruction>, GenerateError> {
    let places = carriers
        .iter()
        .map(|carrier| (carrier.environment.as_str(), carrier.host.as_str()));
    let mut steps = Vec::from_iter(copied(&places.collect(), output));
    let mut renewed = BTreeSet::new();
    // Whoever is started anew, once: environment, host and component.
    let mut users = BTreeSet::new();
    let mut changed: Vec<&SecretNeed> = changed.iter().collect();
    // Whoever may change the others' credentials comes first.
    changed.sort_by_key(|need| (&need.id.service, need.rule.for_clients, &need.id.name));
    for needs in changed.chunk_by(|one, other| one.id.service == other.id.service) {
        let SecretId {
            environment,
            service,
            ..
        } = &needs[0].id;
        let Some(topology) = topology(inputs, environment) else {
            continue;
        };
        let Some(component) = topology.components.get(service) else {
            continue;
        };
        let (own, others): (Vec<&SecretNeed>, Vec<_>) =
            needs.iter().partition(|need| need.in_container);
        for need in others {
            let (id, title) = (need.id.said(), &need.title);
            let text = format!("See that {title} takes the new {id}: whoever runs it changes it.");
            steps.push(Instruction::new(text, None));
        }
        if !own.is_empty() {
            renewed.insert(service);
            let hosts = topology.hosts_of(service).iter();
            users.extend(hosts.map(|host| (environment, host, service.clone())));
            steps.extend(of_service(inputs, (topology, component), &own, output)?);
        }
    }
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

/// How a service of one's own learns of credentials that have changed.
fn of_service(
    inputs: &Inputs,
    (topology, component): (&Topology, &Component),
    needs: &[&SecretNeed],
    output: &str,
) -> Result<Vec<Instruction>, GenerateError> {
    let (name, environment) = (&component.name, &topology.environment);
    let is_any = |is: fn(&SecretRule) -> bool| needs.iter().any(|need| is(&need.rule));
    // Its healthcheck fails until it has been told, which needs it to run.
    let is_told_first = is_any(|rule| rule.needed_for_health) && is_any(SecretRule::is_told);
    let command = match is_told_first {
        true => RECREATE,
        false => "docker compose up --detach --force-recreate --wait",
    };
    let mut steps = Vec::new();
    for host in topology.hosts_of(name) {
        steps.push(started_anew((environment, host, name), output, command));
    }
    for need in needs {
        steps.extend(told(inputs, topology, component, need)?);
    }
    if is_told_first {
        for host in topology.hosts_of(name) {
            let text = format!(
                "Wait until {name} is healthy on {host}, in {output}/{environment}/{host}:"
            );
            // What failed its healthcheck until now is not waited for at once.
            let command =
                format!("until docker compose up --detach --wait {name}; do sleep 5; done");
            steps.push(Instruction::new(text, command));
        }
    }
    Ok(steps)
}

/// The command that has a service of one's own draw another credential and prints it, where it takes none
/// that somebody else has chosen; run in the folder of its host.
pub fn renewal(need: &SecretNeed) -> Option<String> {
    let command = need.rule.renewal.as_ref().filter(|_| need.in_container)?;
    Some(format!(
        "docker compose exec -T {} sh -c {} {NO_INPUT}",
        need.id.service,
        quoted(command)
    ))
}

/// The folders of hosts that go there again before anything is started, by environment and host; nothing if
/// there are none.
pub(super) fn copied(places: &BTreeSet<(&str, &str)>, output: &str) -> Option<Instruction> {
    let folders: Vec<String> = places
        .iter()
        .map(|(environment, host)| format!("{output}/{environment}/{host} to {host}"))
        .collect();
    let text = format!(
        "Unless the host is this machine, copy to it again what has changed: {}.",
        folders.join(", ")
    );
    (!folders.is_empty()).then(|| Instruction::new(text, None))
}

/// The services whose containers see the file of a host because they use one whose credential it carries.
fn services_with(
    inputs: &Inputs,
    carrier: &Carrier,
    renewed: &BTreeSet<&ComponentName>,
) -> BTreeSet<ComponentName> {
    let here = topology(inputs, &carrier.environment).filter(|_| carrier.app.is_none());
    let links = here.iter().flat_map(|here| here.links());
    let users = links.filter(|link| {
        let is_service = link.user_component.service().is_some();
        is_service
            && link.user.host == carrier.host
            && renewed.contains(&link.target.component)
            && !renewed.contains(&link.user.component)
    });
    users.map(|link| link.user.component.clone()).collect()
}

fn topology<'a>(inputs: &Inputs<'a>, environment: &EnvironmentName) -> Option<&'a Topology> {
    let mut topologies = inputs.topologies.iter();
    topologies.find(|topology| topology.environment == *environment)
}

fn started_anew(
    (environment, host, component): (&EnvironmentName, &HostName, &ComponentName),
    output: &str,
    command: &str,
) -> Instruction {
    let place = (environment.as_str(), host.as_str());
    all_started_anew(place, &[component.as_str()], output, command)
}

/// The components of a host that are started again together.
pub(super) fn all_started_anew(
    (environment, host): (&str, &str),
    components: &[&str],
    output: &str,
    command: &str,
) -> Instruction {
    let (said, named) = (components.join(", "), components.join(" "));
    let text = format!("Start {said} anew on {host}, in {output}/{environment}/{host}:");
    Instruction::new(text, format!("{command} {named}"))
}

/// An app that is started again by whoever runs it.
pub(super) fn restarted_by_hand(app: &str, host: &str, path: &str) -> Instruction {
    let text = format!("Start {app} anew on {host}, with the variables of {path}.");
    Instruction::new(text, None)
}

/// What makes containers anew that see other variables then.
pub(super) const RECREATE: &str = "docker compose up --detach --force-recreate";

/// How a service that has data already is told; nothing if its new start has told it.
fn told(
    inputs: &Inputs,
    topology: &Topology,
    component: &Component,
    need: &SecretNeed,
) -> Result<Option<Instruction>, GenerateError> {
    let (name, id) = (&component.name, need.id.said());
    if let Some(reason) = &need.rule.permanent {
        let text = format!("Give {id} its value of before again, or begin without data: {reason}.");
        return Ok(Some(Instruction::new(text, None)));
    }
    if need.rule.read_at_start {
        return Ok(None);
    }
    let note = need.rule.rotation_note.as_deref();
    if need.rule.renewal.is_some() {
        let text = format!("{} has drawn the new {id} itself.", need.title);
        return Ok(note.map(|note| Instruction::new(format!("{text} {note}"), None)));
    }
    let Some(script) = &need.rule.rotation else {
        let text = format!(
            "Change {id} in {name} itself: how {} is told is not known here, so follow its documentation.",
            need.title
        );
        return Ok(Some(Instruction::new(text, None)));
    };
    let script = rendered(inputs, component, script).map_err(|reason| {
        let path = component.kind().id.clone();
        let name = format!("rotation of {}", need.id.name);
        GenerateError::Unsayable { path, name, reason }
    })?;
    let host = topology.hosts_of(name).first();
    let host = host.map_or_else(String::new, |host| format!(" on {host}"));
    let asks = script
        .contains(ASK)
        .then_some("It asks for the one of before.");
    let notes = asks.into_iter().chain(note);
    let notes: String = notes.map(|note| format!(" {note}")).collect();
    let text = format!(
        "There, tell {name}{host} the new {id}, because it has data and keeps the old one until then.{notes}"
    );
    // A text in a file of its own, so that no shell on the way looks into it.
    let script = script.trim_end();
    let script = format!("sh -c \"$(cat <<'END'\n{script}\nEND\n)\"");
    let command = match asks {
        Some(_) => format!("docker compose exec {name} {script}"),
        None => format!("docker compose exec -T {name} {script} {NO_INPUT}"),
    };
    Ok(Some(Instruction::new(text, command)))
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
    let mut context = values.known;
    context.insert("ask".to_owned(), ASK.into());
    let context = minijinja::Value::from(context);
    let rendered = templates.render(script, Encoding::Plain, context);
    rendered.map_err(|error| error.to_string())
}

fn restarted(inputs: &Inputs, carrier: &Carrier, app: &ComponentName, output: &str) -> Instruction {
    let (environment, host) = (&carrier.environment, &carrier.host);
    let is_written = topology(inputs, environment).is_some_and(|here| {
        let component = here.components.get(app);
        component
            .is_some_and(|component| here.container_hosts(component).any(|at| at.name == *host))
    });
    if is_written {
        return started_anew((environment, host, app), output, RECREATE);
    }
    let path = format!("{output}/{}", carrier.path);
    restarted_by_hand(app.as_str(), host.as_str(), &path)
}
