//! The env file of an app: where everything it uses is reached, in the app's dialect.

use std::collections::{BTreeMap, BTreeSet};

use crate::generate::env_file::{self, Portability};
use crate::generate::secret_file::{self, Line, Style};
use crate::generate::{Artifact, GenerateError, Inputs};
use crate::model::{ComponentName, Quoting};
use crate::secret_shape::looks_secret;
use crate::settings::{Missing, Origin, SettingValue, Speller, UnsayableValue, Variable};
use crate::topology::{Host, Instance, Link, Topology};

/// What variables wait for, and which instances wait for it.
pub(super) type Waiting = BTreeMap<Missing, BTreeSet<Instance>>;

/// Adds the env files of the apps on a host, and notes what they wait for.
pub(super) fn generate(
    inputs: &Inputs,
    speller: &Speller,
    (topology, host): (&Topology, &Host),
    waiting: &mut Waiting,
) -> Result<Vec<Artifact>, GenerateError> {
    let mut artifacts = Vec::new();
    for name in &host.runs {
        let component = topology.components.get(name);
        let Some((component, app)) =
            component.and_then(|component| Some((component, component.app()?)))
        else {
            continue;
        };
        let instance = Instance {
            component: name.clone(),
            host: host.name.clone(),
        };
        let path = format!("{}/{}/{name}.env", topology.environment, host.name);
        let variables = speller.variables(topology, &instance);
        let unsayable = |unsayable: UnsayableValue| GenerateError::Unsayable {
            path: path.clone(),
            name: unsayable.variable.to_string(),
            reason: unsayable.reason,
        };
        let variables = variables.map_err(unsayable)?;
        if topology.writes_container(component, host) {
            check_compose_reads(&variables, app.quoting).map_err(unsayable)?;
        }
        for variable in &variables {
            if let SettingValue::Unfilled(missing) = &variable.value {
                for one in missing {
                    let who = waiting.entry(one.clone()).or_default();
                    who.insert(instance.clone());
                }
            }
        }
        let lines = lines(topology, &instance, &variables);
        let renderer = inputs.renderer;
        let style = Style {
            header: "app.env.header",
            quoting: app.quoting,
        };
        secret_file::push(renderer, &path, style, &lines, &mut artifacts)?;
    }
    Ok(artifacts)
}

/// Refuses what Docker Compose would give to the container otherwise than it was meant.
fn check_compose_reads(variables: &[Variable], quoting: Quoting) -> Result<(), UnsayableValue> {
    let for_shells_alone = |variable: &&Variable| match &variable.value {
        SettingValue::Known(value) => env_file::encode_as(value, quoting)
            .is_ok_and(|(_, portability)| portability == Portability::ShellOnly),
        SettingValue::Unfilled(_) => false,
    };
    match variables.iter().find(for_shells_alone) {
        Some(variable) => Err(UnsayableValue {
            variable: variable.name.clone(),
            reason: "Docker Compose reads it otherwise than a shell; let `env-file` be `compose` where the app runs in a container".to_owned(),
        }),
        None => Ok(()),
    }
}

fn lines(topology: &Topology, instance: &Instance, variables: &[Variable]) -> Vec<Line> {
    let links = topology.uses_of(instance);
    let line = |variable: &Variable| {
        let (value, note) = match &variable.value {
            SettingValue::Known(text) => (text.clone(), variable.replaces.as_ref().map(replaced)),
            SettingValue::Unfilled(missing) => {
                let missing: Vec<String> = missing.iter().map(said).collect();
                let note = format!("waits for {}", missing.join(", "));
                (String::new(), Some(note))
            }
        };
        Line {
            name: variable.name.to_string(),
            value,
            comment: match &variable.origin {
                Origin::App => format!("{}: the app itself", instance.component),
                Origin::Setting => "settings of the plan".to_owned(),
                Origin::SecretSetting => "credentials of its own".to_owned(),
                Origin::Use(target) => use_comment(&links, target),
            },
            note,
            is_secret: match (&variable.origin, &variable.value) {
                // Most values of a use carry a credential or an address of one environment.
                (Origin::Use(_) | Origin::SecretSetting, _) => true,
                // The plan must not hold one, and what is committed beside it neither.
                (_, SettingValue::Known(text)) => looks_secret(variable.name.as_str(), text),
                (_, SettingValue::Unfilled(_)) => false,
            },
        }
    };
    variables.iter().map(line).collect()
}

/// What a setting of the plan took the place of.
fn replaced(origin: &Origin) -> String {
    match origin {
        Origin::Use(target) => format!("replaces the value of {target}"),
        Origin::App | Origin::Setting | Origin::SecretSetting => {
            "replaces the value of the app itself".to_owned()
        }
    }
}

fn use_comment(links: &[Link], target: &ComponentName) -> String {
    let Some(link) = links.iter().find(|link| link.target.component == *target) else {
        return target.to_string();
    };
    let component = link.target_component;
    let what = match component.service() {
        Some(service) => format!("{} {}", service.kind.title, service.version),
        None => "app".to_owned(),
    };
    let locality = link.connection.via.locality().as_str();
    format!(
        "{target}: {}, {locality} ({}), {}",
        what.trim_end(),
        link.connection.via,
        link.connection.endpoint
    )
}

/// What is missing, as a sentence says it.
pub(super) fn said(missing: &Missing) -> String {
    match missing {
        Missing::Address(component) => format!("the address of {component}"),
        Missing::Port(component) => format!("the port of {component}"),
        Missing::Part(component, part) => format!("the {part} of {component}"),
        Missing::Secret(id) => {
            let file = secret_file::secrets_path(id.environment.as_str());
            format!("{} in {file}", id.variable())
        }
    }
}
