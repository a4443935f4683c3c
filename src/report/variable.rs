//! Variables explained: which layer says one, how it is spelled, what its value is made of, and where else it is.

use serde::Serialize;

use crate::model::{Choice, ComponentName, PlanPath, VariableName};
use crate::report::origin::{self, Said};
use crate::secret_shape::looks_secret;
use crate::settings::{
    MASK, MASKED, Missing, Origin, SettingValue, Speller, Trace, UnsayableValue, Variable,
};
use crate::source::Places;
use crate::span::Lines;
use crate::topology::{Component, Instance, Link, Topology};

/// What variables are explained from. The speller must know no real credential, only `MASKED` ones.
pub struct Inputs<'a> {
    /// The plan's text.
    pub text: &'a str,
    /// Where everything stands in it.
    pub places: &'a Places<'a>,
    /// The plan's file, as messages name it.
    pub file: &'a str,
    /// Every environment.
    pub topologies: &'a [Topology],
    /// Spells the variables.
    pub speller: &'a Speller<'a>,
}

/// A variable, explained.
#[derive(Debug, Serialize)]
pub struct Explained {
    pub(super) environment: String,
    pub(super) app: String,
    pub(super) host: String,
    pub(super) variable: String,
    pub(super) value: String,
    pub(super) layer: Layer,
    /// What the plan says, where addresses were put into it.
    pub(super) said: Option<String>,
    /// The addresses that were put in.
    pub(super) put_in: Vec<ReachedStep>,
    pub(super) dialect: Option<DialectStep>,
    pub(super) forms: Vec<FormStep>,
    pub(super) reached: Option<ReachedStep>,
    pub(super) parts: Vec<PartStep>,
    pub(super) elsewhere: Vec<Elsewhere>,
}

#[derive(Debug, Serialize)]
pub(super) struct Layer {
    /// `app`, `use`, `setting`.
    pub(super) kind: &'static str,
    pub(super) by: String,
    pub(super) place: Option<String>,
    /// What the plan's setting is laid over.
    pub(super) hides: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct DialectStep {
    pub(super) name: String,
    pub(super) said: String,
    pub(super) table: String,
    pub(super) spelling: String,
    pub(super) template: String,
}

#[derive(Debug, Serialize)]
pub(super) struct FormStep {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) encoding: String,
    pub(super) template: String,
}

#[derive(Debug, Serialize)]
pub(super) struct ReachedStep {
    pub(super) locality: String,
    pub(super) via: String,
    pub(super) host: String,
    pub(super) address: String,
    pub(super) placed: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct PartStep {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) by: String,
    pub(super) place: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Elsewhere {
    pub(super) environment: String,
    pub(super) host: String,
    pub(super) value: Option<String>,
}

/// The variables of an app in an environment, one line each: name, value, layer.
pub fn list(
    inputs: &Inputs,
    topology: &Topology,
    app: &ComponentName,
) -> Result<Vec<[String; 3]>, UnsayableValue> {
    let mut rows: Vec<[String; 3]> = Vec::new();
    for instance in topology.instances_of(app) {
        let component = &topology.components[app];
        for variable in inputs.speller.variables(topology, instance)? {
            let layer = layer(inputs, component, &variable);
            let row = [variable.name.to_string(), shown(&variable), layer.by];
            if !rows.contains(&row) {
                rows.push(row);
            }
        }
    }
    Ok(rows)
}

/// One variable of an app in an environment, explained for each instance in which it is another.
pub fn explain(
    inputs: &Inputs,
    topology: &Topology,
    app: &ComponentName,
    name: &VariableName,
) -> Result<Vec<Explained>, UnsayableValue> {
    let mut all: Vec<Explained> = Vec::new();
    for instance in topology.instances_of(app) {
        let variables = inputs.speller.variables(topology, instance)?;
        let Some(variable) = variables.iter().find(|variable| variable.name == *name) else {
            continue;
        };
        let explained = explained(inputs, topology, instance, variable);
        if all.iter().all(|other| other.value != explained.value) {
            all.push(explained);
        }
    }
    Ok(all)
}

fn explained(
    inputs: &Inputs,
    topology: &Topology,
    instance: &Instance,
    variable: &Variable,
) -> Explained {
    let component = &topology.components[&instance.component];
    let trace = inputs.speller.trace(topology, instance, &variable.name);
    let layer = layer(inputs, component, variable);
    // What a setting hides made nothing of the value.
    let trace =
        trace.filter(|_| !matches!(variable.origin, Origin::Setting | Origin::SecretSetting));
    let steps = trace.as_ref();
    let text = component.settings.get(&variable.name);
    let text = text.filter(|text| {
        let is_other = !matches!(&variable.value, SettingValue::Known(value) if value == *text);
        variable.origin == Origin::Setting
            && is_other
            && !looks_secret(variable.name.as_str(), text)
    });
    let put_in = text.map(|_| {
        let links = topology.uses_of(instance).into_iter();
        let named = links.filter(|link| link.connection.named_in.contains(&variable.name));
        named
            .map(|link| reached_by(inputs, topology, &link))
            .collect()
    });
    Explained {
        environment: topology.environment.to_string(),
        app: component.name.to_string(),
        host: instance.host.to_string(),
        variable: variable.name.to_string(),
        value: shown(variable),
        layer,
        said: text.cloned(),
        put_in: put_in.unwrap_or_default(),
        dialect: steps.map(|trace| dialect_step(inputs, component, trace)),
        forms: steps.map(form_steps).unwrap_or_default(),
        reached: steps.and_then(|trace| reached_step(inputs, topology, trace)),
        parts: steps
            .map(|trace| part_steps(inputs, topology, component, trace))
            .unwrap_or_default(),
        elsewhere: elsewhere(inputs, topology, instance, &variable.name),
    }
}

fn said<'a>(inputs: &Inputs<'a>) -> Said<'a> {
    Said {
        text: inputs.text,
        lines: Lines::new(inputs.text),
        places: inputs.places,
        file: inputs.file,
    }
}

fn layer(inputs: &Inputs, component: &Component, variable: &Variable) -> Layer {
    let said = said(inputs);
    let hides = variable.replaces.as_ref().map(|hidden| match hidden {
        Origin::Use(target) => format!("the use of {target}"),
        Origin::App | Origin::Setting | Origin::SecretSetting => "the app itself".to_owned(),
    });
    match &variable.origin {
        Origin::App => Layer {
            kind: "app",
            by: "the app itself".to_owned(),
            place: said.at(&PlanPath::app(component.name.as_str())),
            hides: None,
        },
        Origin::Use(target) => {
            let origin = said.of_use(component, target);
            Layer {
                kind: "use",
                by: format!("the use of {target}"),
                place: origin.and_then(|origin| origin.place),
                hides: None,
            }
        }
        Origin::Setting | Origin::SecretSetting => setting_layer(&said, component, variable, hides),
    }
}

fn setting_layer(
    said: &Said,
    component: &Component,
    variable: &Variable,
    hides: Option<String>,
) -> Layer {
    let (app, owner) = (component.name.as_str(), component.owner.as_str());
    let of_plan = match variable.origin {
        Origin::SecretSetting => "credentials of its own",
        _ => "settings of the plan",
    };
    let under = |path: PlanPath| match variable.origin {
        Origin::SecretSetting => path.key("secret-settings"),
        _ => path.key("settings").key(variable.name.as_str()),
    };
    let over = under(PlanPath::environment(owner).key("apps").key(app));
    let (by, place) = match said.at(&over) {
        Some(place) => (format!("{of_plan}, an override of {owner}"), Some(place)),
        None => (of_plan.to_owned(), said.at(&under(PlanPath::app(app)))),
    };
    Layer {
        kind: "setting",
        by,
        place,
        hides,
    }
}

fn dialect_step(inputs: &Inputs, component: &Component, trace: &Trace) -> DialectStep {
    let origin = said(inputs).of_component(component, "dialect");
    DialectStep {
        name: trace.dialect.clone(),
        said: match origin.and_then(|origin| origin.place) {
            Some(place) => place,
            None => "used where the plan names none".to_owned(),
        },
        table: trace.table.clone(),
        spelling: trace.name.clone(),
        template: trace.template.clone(),
    }
}

fn form_steps(trace: &Trace) -> Vec<FormStep> {
    let kind = trace.link.map(|link| &link.target_component.kind().id);
    let step = |form: &crate::settings::Spelling| FormStep {
        name: form.form.clone(),
        kind: kind.cloned().unwrap_or_default(),
        encoding: form.encoding.to_owned(),
        template: form.text.clone(),
    };
    trace.forms.iter().map(step).collect()
}

fn reached_step(inputs: &Inputs, topology: &Topology, trace: &Trace) -> Option<ReachedStep> {
    let link = trace.link.as_ref()?;
    Some(reached_by(inputs, topology, link))
}

fn reached_by(inputs: &Inputs, topology: &Topology, link: &Link) -> ReachedStep {
    let host = &topology.hosts[&link.target.host];
    let placement = PlanPath::placement(
        topology.environment.as_str(),
        host.name.as_str(),
        link.target.component.as_str(),
    );
    ReachedStep {
        locality: link.connection.via.locality().as_str().to_owned(),
        via: link.connection.via.to_string(),
        host: format!("{} ({})", host.name, host.kind.as_str()),
        address: link.connection.endpoint.to_string(),
        placed: said(inputs).at(&placement),
    }
}

fn part_steps(
    inputs: &Inputs,
    topology: &Topology,
    app: &Component,
    trace: &Trace,
) -> Vec<PartStep> {
    let said = said(inputs);
    let step = |name: &String| {
        let known = trace
            .values
            .known
            .get(name)
            .map(|value| match name.as_str() {
                "tls" if value.is_true() => "yes".to_owned(),
                "tls" => "no".to_owned(),
                _ => masked(&value.to_string()),
            });
        let missing = trace.values.missing.get(name).map(waits);
        let (value, origin) = match &trace.link {
            Some(link) => (
                known.or(missing),
                origin::of_part(&said, topology, link, name),
            ),
            None => of_app(&said, topology, app, name),
        };
        PartStep {
            name: name.clone(),
            value: value.unwrap_or_default(),
            by: origin.by,
            place: origin.place,
        }
    };
    trace.asked.iter().map(step).collect()
}

/// A value of the app itself, and where it comes from.
fn of_app(
    said: &Said,
    topology: &Topology,
    app: &Component,
    name: &str,
) -> (Option<String>, origin::PartOrigin) {
    let by = |by: &str| origin::PartOrigin {
        by: by.to_owned(),
        place: None,
    };
    match name {
        "port" => {
            let origin = said.of_component(app, "port");
            let port = app.container_port().map(|port| port.to_string());
            (port, origin.unwrap_or_else(|| by("nothing says it yet")))
        }
        "environment" => (
            Some(topology.environment.to_string()),
            by("the environment's name"),
        ),
        _ => (None, by("the plan's name")),
    }
}

/// The same variable wherever else the app runs.
fn elsewhere(
    inputs: &Inputs,
    here: &Topology,
    instance: &Instance,
    name: &VariableName,
) -> Vec<Elsewhere> {
    let mut all = Vec::new();
    for topology in inputs.topologies {
        for other in topology.instances_of(&instance.component) {
            if topology.environment == here.environment && other == instance {
                continue;
            }
            let own = topology.components[&other.component].owner == topology.environment;
            let Ok(variables) = inputs.speller.variables(topology, other) else {
                continue;
            };
            if own {
                let found = variables.iter().find(|variable| variable.name == *name);
                all.push(Elsewhere {
                    environment: topology.environment.to_string(),
                    host: other.host.to_string(),
                    value: found.map(shown),
                });
            }
        }
    }
    all
}

/// The value as it may be shown, or what it waits for.
pub(super) fn shown(variable: &Variable) -> String {
    match &variable.value {
        SettingValue::Unfilled(missing) => {
            let all: Vec<String> = missing.iter().map(waits).collect();
            all.join(", ")
        }
        SettingValue::Known(_) if variable.origin == Origin::SecretSetting => MASK.to_owned(),
        SettingValue::Known(text)
            if variable.origin == Origin::Setting && looks_secret(variable.name.as_str(), text) =>
        {
            MASK.to_owned()
        }
        SettingValue::Known(text) => masked(text),
    }
}

fn waits(missing: &Missing) -> String {
    match missing {
        Missing::Address(component) => format!("(waits for the address of {component})"),
        Missing::Port(component) => format!("(waits for the port of {component})"),
        Missing::Part(component, part) => format!("(waits for the {part} of {component})"),
        Missing::Secret(id) => format!("(waits for {})", id.variable()),
    }
}

fn masked(text: &str) -> String {
    let masked = text.replace(MASKED, MASK);
    masked.chars().flat_map(crate::finding::printable).collect()
}
