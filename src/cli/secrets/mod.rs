//! `backstay secrets`: which credentials there are, new ones in their place, and under which name they are kept.

mod change;
mod list;
mod renamed;

pub use change::said_rotation_steps;

use crate::cli::Answer;
use crate::cli::args::{SecretsArgs, SecretsCommand};
use crate::cli::session::{Advised, Opened, Session};
use crate::finding::{did_you_mean, quoted};
use crate::model::EnvironmentName;
use crate::settings::{self, SecretNeed};

/// Lists, rotates or sets credentials.
pub fn run(session: &Session, args: &SecretsArgs) -> anyhow::Result<Answer> {
    let opened = session.open()?;
    let output = args.output.as_deref();
    match &args.command {
        SecretsCommand::List(list) => list::run(&opened, list, output),
        SecretsCommand::Rotate(rotate) if rotate.forget => change::forget(&opened, rotate, output),
        SecretsCommand::Rotate(rotate) => change::rotate(&opened, rotate, output),
        SecretsCommand::Set(set) => change::set(&opened, set, output),
        SecretsCommand::Move(moved) => renamed::run(&opened, moved, output),
    }
}

/// The environment of a name.
fn environment(opened: &Opened, name: &str) -> anyhow::Result<EnvironmentName> {
    let mut found = opened.environments(&[name.to_owned()])?;
    Ok(found.remove(0))
}

/// The credentials of an environment's own services.
fn needs_of(opened: &Opened, environment: &EnvironmentName) -> Vec<SecretNeed> {
    let topology = opened.analysis.topology(environment.as_str());
    topology.map(settings::needs).unwrap_or_default()
}

/// The credentials of a service, `SERVICE`, or one of them, `SERVICE.NAME`.
fn chosen(
    needs: &[SecretNeed],
    environment: &EnvironmentName,
    which: &str,
) -> anyhow::Result<Vec<SecretNeed>> {
    let is_meant =
        |need: &&SecretNeed| need.id.service.as_str() == which || need.id.said() == which;
    let found: Vec<SecretNeed> = needs.iter().filter(is_meant).cloned().collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let names: Vec<String> = needs.iter().map(|need| need.id.said()).collect();
    let services = needs.iter().map(|need| need.id.service.as_str());
    let near = did_you_mean(which, names.iter().map(String::as_str).chain(services));
    Err(Advised {
        message: format!("{environment} has no credential {}", quoted(which)),
        help: match (near, names.is_empty()) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, true) => "no service of its own has one".to_owned(),
            (None, false) => format!("it has {}", names.join(", ")),
        },
    }
    .into())
}
