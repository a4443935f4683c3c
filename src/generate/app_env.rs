//! The env file of an app: where everything it uses is reached, in the app's dialect.

use crate::generate::secret_file::{self, Line};
use crate::generate::{Artifact, GenerateError, Inputs};
use crate::model::ComponentName;
use crate::settings::{Missing, Origin, SettingValue, Speller, Variable};
use crate::topology::{Host, Instance, Topology};

/// Adds the env files of the apps on a host.
pub(super) fn generate(
    inputs: &Inputs,
    speller: &Speller,
    topology: &Topology,
    host: &Host,
    artifacts: &mut Vec<Artifact>,
) -> Result<(), GenerateError> {
    let is_app = |name: &&ComponentName| {
        topology
            .components
            .get(*name)
            .is_some_and(|component| component.app().is_some())
    };
    for name in host.runs.iter().filter(|name| is_app(name)) {
        let instance = Instance {
            component: name.clone(),
            host: host.name.clone(),
        };
        let lines: Vec<Line> = speller
            .variables(topology, &instance)
            .iter()
            .map(|variable| line(topology, &instance, variable))
            .collect();
        let path = format!("{}/{}/{name}.env", topology.environment, host.name);
        secret_file::push(inputs.renderer, &path, "app.env.header", &lines, artifacts)?;
    }
    Ok(())
}

fn line(topology: &Topology, instance: &Instance, variable: &Variable) -> Line {
    let (value, to_fill) = match &variable.value {
        SettingValue::Known(text) => (text.clone(), None),
        SettingValue::Unfilled(missing) => (String::new(), Some(missing)),
    };
    let comment = match &variable.origin {
        Origin::App => format!("{}: the app itself", instance.component),
        Origin::Setting => "settings of the plan".to_owned(),
        Origin::Use(target) => use_comment(topology, instance, target.as_str()),
    };
    Line {
        name: variable.name.to_string(),
        value,
        comment,
        note: to_fill.map(|missing| format!("waits for {}", said(missing))),
        // Most values of a use carry a credential or an address of one environment.
        is_secret: matches!(variable.origin, Origin::Use(_)),
    }
}

fn use_comment(topology: &Topology, instance: &Instance, target: &str) -> String {
    let links = topology.uses_of(instance);
    let link = links
        .iter()
        .find(|link| link.target.component.as_str() == target);
    let Some(link) = link else {
        return target.to_owned();
    };
    let component = &topology.components[&link.target.component];
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

/// What is missing, as a sentence lists it.
pub(super) fn said(missing: &[Missing]) -> String {
    let one = |missing: &Missing| match missing {
        Missing::Address(component) => format!("the address of {component}"),
        Missing::Port(component) => format!("the port of {component}"),
        Missing::Part(component, part) => format!("the {part} of {component}"),
        Missing::Secret(id) => format!(
            "{} in {}",
            id.variable(),
            secret_file::secrets_path(id.environment.as_str())
        ),
    };
    missing.iter().map(one).collect::<Vec<_>>().join(", ")
}
