//! `backstay explain ENVIRONMENT/APP` and `ENVIRONMENT/APP/VARIABLE`: where a value comes from.

use anyhow::anyhow;

use crate::cli::Answer;
use crate::cli::args::Format;
use crate::cli::check::example_note;
use crate::cli::session::{Advised, Opened, Session};
use crate::finding::{did_you_mean, quoted};
use crate::model::ComponentName;
use crate::project::{Access, Output};
use crate::report::variable::{self, Inputs};
use crate::report::{container_variables, variable_text};
use crate::settings::{
    self, MASKED, SecretNeed, SecretValues, Speller, UnsayableValue, masked_values,
};
use crate::source;
use crate::template::Templates;
use crate::topology::{Component, Topology};

/// Explains what `topic` names: an app's variables or one of them.
pub fn explain(session: &Session, topic: &str, format: Format) -> anyhow::Result<Answer> {
    let opened = session.open_or_example()?;
    let parts: Vec<&str> = topic.splitn(3, '/').collect();
    let [environment, component, variables @ ..] = parts.as_slice() else {
        return Err(anyhow!("{} names no variable", quoted(topic)));
    };
    let environments = opened.environments(&[(*environment).to_owned()])?;
    let chosen = opened.analysis.topologies.iter();
    let mut chosen = chosen.filter(|topology| environments.contains(&topology.environment));
    let topology = chosen
        .next()
        .ok_or_else(|| anyhow!("the plan has no environments"))?;
    let component = find_component(topology, component)?;
    let secrets = masked_secrets(&opened)?;
    let templates = Templates::new();
    let plan = opened.plan_name();
    let speller = Speller::new(&opened.catalog, &templates, plan, &secrets);
    let source = source::read(&opened.text);
    let file = opened.shown_path();
    let inputs = Inputs {
        text: &opened.text,
        places: &source.places,
        file: &file,
        topologies: &opened.analysis.topologies,
        speller: &speller,
    };
    let wanted = variables
        .first()
        .filter(|wanted| !wanted.is_empty())
        .copied();
    let text = match component.service() {
        None => of_app(&inputs, topology, component, wanted, format)?,
        Some(_) => of_service(&inputs, topology, component, wanted, format)?,
    };
    Ok(Answer {
        text,
        notes: example_note(&opened),
        code: 0,
    })
}

fn of_app(
    inputs: &Inputs,
    topology: &Topology,
    app: &Component,
    wanted: Option<&str>,
    format: Format,
) -> anyhow::Result<String> {
    let rows = variable::list(inputs, topology, &app.name).map_err(unsayable)?;
    let Some(wanted) = wanted else {
        return Ok(match format {
            Format::Text => variable_text::list_text(&rows),
            Format::Json => variable_text::list_json(&rows),
        });
    };
    let names = rows.iter().map(|[name, ..]| name.as_str());
    let name = crate::model::VariableName::new(wanted).ok();
    let all = name.map(|name| variable::explain(inputs, topology, &app.name, &name));
    match all.transpose().map_err(unsayable)? {
        Some(all) if !all.is_empty() => Ok(match format {
            Format::Text => variable_text::text(&all),
            Format::Json => variable_text::json(&all),
        }),
        _ => Err(no_variable(wanted, &app.name, names)),
    }
}

fn of_service(
    inputs: &Inputs,
    topology: &Topology,
    service: &Component,
    wanted: Option<&str>,
    format: Format,
) -> anyhow::Result<String> {
    let rows = container_variables::list(inputs, topology, service);
    if rows.is_empty() {
        let (name, environment) = (&service.name, &topology.environment);
        return Err(Advised {
            message: format!("Backstay gives no variables to `{name}` in {environment}"),
            help: "it has those of containers that it writes, and of apps".to_owned(),
        }
        .into());
    }
    let names = rows.iter().map(|row| row.name());
    let rows: Vec<_> = match wanted {
        None => rows.iter().collect(),
        Some(wanted) => match rows.iter().find(|row| row.name() == wanted) {
            Some(row) => vec![row],
            None => return Err(no_variable(wanted, &service.name, names)),
        },
    };
    Ok(match format {
        Format::Text => container_variables::text(&rows),
        Format::Json => container_variables::json(&rows),
    })
}

fn find_component<'t>(topology: &'t Topology, name: &str) -> anyhow::Result<&'t Component> {
    let names = || topology.components.keys().map(ComponentName::as_str);
    topology.components.get(name).ok_or_else(|| {
        let help = match did_you_mean(name, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", names().collect::<Vec<_>>().join(", ")),
        };
        let message = format!(
            "nothing called {} runs in {}",
            quoted(name),
            topology.environment
        );
        Advised { message, help }.into()
    })
}

fn no_variable<'a>(
    wanted: &str,
    component: &ComponentName,
    names: impl Iterator<Item = &'a str>,
) -> anyhow::Error {
    let names: Vec<&str> = names.collect();
    let help = match did_you_mean(wanted, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if names.is_empty() => "it has no variables at all".to_owned(),
        None => format!("it has {}", names.join(", ")),
    };
    let message = format!("`{component}` has no variable {}", quoted(wanted));
    Advised { message, help }.into()
}

fn unsayable(error: UnsayableValue) -> anyhow::Error {
    anyhow!("`{}` cannot be written: {}", error.variable, error.reason)
}

/// Which credentials are filled in already, each as a mask.
fn masked_secrets(opened: &Opened) -> anyhow::Result<SecretValues> {
    let needs: Vec<SecretNeed> = opened
        .analysis
        .topologies
        .iter()
        .flat_map(settings::needs)
        .collect();
    let known = match &opened.path {
        Some(_) => {
            let folder = opened.folder();
            // What is taken from elsewhere is not read to be explained.
            let taken = needs.iter().filter(|need| !need.is_kept());
            let taken = masked_values(taken.cloned());
            let output = Output::open(&opened.output_folder(), Some(&folder), Access::Read)?;
            output.secrets(&needs, &taken)?
        }
        // The embedded example has no files.
        None => masked_values(needs.iter().cloned()),
    };
    let masked = known.into_iter().map(|(id, value)| {
        let mask = if value.is_empty() { "" } else { MASKED };
        (id, mask.to_owned())
    });
    Ok(masked.collect())
}
