//! `backstay diff`: how two environments differ, or one between two versions of the plan.

use std::path::Path;

use crate::cli::Answer;
use crate::cli::args::{DiffArgs, DiffFailOn, DiffFormat};
use crate::cli::check::example_note;
use crate::cli::session::{Advised, Opened, Session};
use crate::compare::{Side, Weight, compare};
use crate::model::EnvironmentName;
use crate::report::comparison::{self, Compared};

/// Compares and says what differs.
pub fn run(session: &Session, args: &DiffArgs) -> anyhow::Result<Answer> {
    let opened = session.open_or_example()?;
    let other = args.against.as_deref();
    let other = other.map(|path| against(session, path)).transpose()?;
    let names = match (&args.second, &other) {
        (Some(second), None) => (args.first.clone(), second.clone()),
        (None, Some(_)) => (args.first.clone(), args.first.clone()),
        _ => {
            return Err(Advised {
                message: "nothing to compare with".to_owned(),
                help: "name two environments, or one and --against FILE".to_owned(),
            }
            .into());
        }
    };
    let left = other.as_ref().unwrap_or(&opened);
    let (first, second) = (named(left, &names.0)?, named(&opened, &names.1)?);
    let comparison = compare(side(left, &first)?, side(&opened, &second)?);
    let title = match &other {
        Some(other) => format!("{first} in {}", other.shown_path()),
        None => first.to_string(),
    };
    let compared = Compared {
        plan: opened.plan_name(),
        left: &title,
        right: second.as_str(),
        comparison: &comparison,
    };
    let text = match args.format {
        DiffFormat::Text => comparison::text(&compared),
        DiffFormat::Json => comparison::json(&compared),
        DiffFormat::Markdown => comparison::markdown(&compared),
    };
    let failing = match args.fail_on {
        DiffFailOn::Much => Some(Weight::Much),
        DiffFailOn::Some => Some(Weight::Some),
        DiffFailOn::Little => Some(Weight::Little),
        DiffFailOn::Never => None,
    };
    let mut unaccepted = comparison.unaccepted();
    let fails = unaccepted.any(|difference| Some(difference.weight) >= failing);
    Ok(Answer {
        text,
        notes: example_note(&opened),
        code: u8::from(failing.is_some() && fails),
    })
}

/// Another version of the plan.
fn against(session: &Session, path: &Path) -> anyhow::Result<Opened> {
    session.open_at(path.to_owned())
}

/// The environment of this name.
fn named(opened: &Opened, name: &str) -> anyhow::Result<EnvironmentName> {
    let names = opened.environments(&[name.to_owned()])?;
    let first = names.into_iter().next();
    first.ok_or_else(|| anyhow::anyhow!("the plan has no environments"))
}

fn side<'o>(opened: &'o Opened, name: &EnvironmentName) -> anyhow::Result<Side<'o>> {
    let topology = opened.analysis.topology(name.as_str());
    Ok(Side {
        plan: &opened.analysis.plan,
        topology: topology.ok_or_else(|| anyhow::anyhow!("{name} cannot be resolved"))?,
        all: &opened.analysis.topologies,
        catalog: &opened.catalog,
    })
}
