//! `backstay secrets move`: an environment goes on with the credentials that it had under another name.

use std::path::Path;

use crate::cli::args::{GenerateArgs, SecretsMoveArgs};
use crate::cli::files::open_output;
use crate::cli::secrets::change::{advised, carrying};
use crate::cli::secrets::{environment, needs_of};
use crate::cli::session::Opened;
use crate::cli::{Answer, generate};
use crate::finding::quoted;
use crate::model::EnvironmentName;
use crate::project::Access;
use crate::tui::{Handover, InConflict};

/// Writes the files of the environment with the credentials of before.
pub fn run(
    opened: &Opened,
    args: &SecretsMoveArgs,
    named: Option<&Path>,
) -> anyhow::Result<Answer> {
    let to = environment(opened, &args.to)?;
    if opened.analysis.topology(&args.from).is_some() {
        let message = format!(
            "the plan still has {}, which needs its credentials",
            quoted(&args.from)
        );
        return Err(advised(message, "rename it in the plan first"));
    }
    let from = EnvironmentName::new(&args.from);
    let from = from.map_err(|error| {
        let message = format!(
            "{} is no name of an environment: it {error}",
            quoted(&args.from)
        );
        advised(message, "name the one that the plan had before")
    })?;
    let output = open_output(opened, named, Access::Read)?;
    if output.kept_as(&from, &needs_of(opened, &to))?.is_empty() {
        let message = format!("nothing that `{to}` needs is kept for `{from}`");
        let topologies = opened.analysis.topologies.iter();
        let known: Vec<_> = topologies.map(|it| it.environment.clone()).collect();
        let kept: Vec<String> = output
            .abandoned(&known)
            .iter()
            .map(ToString::to_string)
            .collect();
        let help = match kept.is_empty() {
            true => "no environment that the plan has no more has left credentials".to_owned(),
            false => format!("credentials are left of {}", kept.join(", ")),
        };
        return Err(advised(message, help));
    }
    drop(output);
    let environments = carrying(opened, &to);
    let args = GenerateArgs {
        environments: environments.iter().map(ToString::to_string).collect(),
        output: named.map(Path::to_owned),
        dry_run: args.dry_run,
        ..GenerateArgs::default()
    };
    generate::of_plan(opened, &args, &[Handover { from, to }], InConflict::Refused)
}
