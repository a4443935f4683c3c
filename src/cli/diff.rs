//! `backstay diff`: how two environments differ, or one between two versions of the plan.

use std::path::Path;

use crate::cli::Answer;
use crate::cli::args::{DiffArgs, DiffFailOn, DiffFormat};
use crate::cli::files::open_output;
use crate::cli::session::{Advised, Opened, Session};
use crate::compare::{Side, Weight, compare};
use crate::model::EnvironmentName;
use crate::project::Access;
use crate::report::comparison::{self, Compared};
use crate::settings::{self, SecretNeed};

/// Compares and says what differs.
pub fn run(session: &Session, args: &DiffArgs) -> anyhow::Result<Answer> {
    let opened = session.open()?;
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
        DiffFormat::Text => {
            let left_open = match &other {
                Some(_) => String::new(),
                None => unfilled(&opened, &first),
            };
            comparison::text(&compared) + &left_open + &unfilled(&opened, &second)
        }
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
        code: u8::from(failing.is_some() && fails),
        ..Answer::default()
    })
}

/// Most credentials that are named where they are missing.
const MOST_NAMED: usize = 4;

/// The credentials of an environment that wait to be filled in, in a line; nothing where no files are yet, or there
/// is none.
fn unfilled(opened: &Opened, environment: &EnvironmentName) -> String {
    // What cannot be read is a fault of whoever writes there.
    let output = opened
        .path
        .as_ref()
        .and_then(|_| open_output(opened, None, Access::Read).ok());
    let topology = opened.analysis.topology(environment.as_str());
    let listed = output
        .as_ref()
        .and_then(|output| output.listed(environment).ok());
    let kept = output.and_then(|output| output.kept(environment).ok());
    let (Some(topology), Some(listed), Some(kept)) = (topology, listed, kept) else {
        return String::new();
    };
    let needs = settings::needs(topology).into_iter();
    let variables = needs
        .filter(SecretNeed::is_kept)
        .map(|need| need.id.variable());
    let empty: Vec<String> = variables
        .filter(|variable| !listed.is_empty() && !kept.contains_key(variable))
        .collect();
    let named = empty[..empty.len().min(MOST_NAMED)].join(", ");
    match (empty.len(), empty.len().saturating_sub(MOST_NAMED)) {
        (0, _) => String::new(),
        (_, 0) => format!("\nnot filled in yet in {environment}: {named}\n"),
        (_, more) => format!("\nnot filled in yet in {environment}: {named} and {more} more\n"),
    }
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
