//! `backstay import`: a plan from what a team has already.

use std::path::Path;

use anyhow::Context;

use crate::cli::Answer;
use crate::cli::args::{Format, ImportArgs, ImportComposeArgs, ImportFrom};
use crate::cli::imported::{Read, Reader, keep_credentials};
use crate::cli::session::{Advised, Session, working_folder};
use crate::cli::told::told;
use crate::compose_file;
use crate::finding::{Severity, printed};
use crate::import::{Described, How, Imported, Reach, Wanted, WantedError, import, masked};
use crate::parallel::{self, Amount};
use crate::project::{create_plan, read_plan, replace_plan};
use crate::report;
use crate::settings::MASK;

/// Imports what is named.
pub fn run(session: &Session, args: &ImportArgs) -> anyhow::Result<Answer> {
    match &args.from {
        ImportFrom::Compose(args) => compose(session, args),
    }
}

fn compose(session: &Session, args: &ImportComposeArgs) -> anyhow::Result<Answer> {
    let here = working_folder()?;
    let how = How {
        env_files: args.env_file.clone(),
        reach: match args.outside {
            true => Reach::Anywhere,
            false => Reach::Below,
        },
    };
    let reader = Reader {
        here: &here,
        how: &how,
        allowed_by: "`--outside`",
    };
    let mut all: Vec<Read> = Vec::new();
    for wanted in wanted(args)? {
        match reader.read(wanted) {
            Ok(read) => all.push(read),
            Err(refused) => {
                return Ok(Answer {
                    notes: refused.text,
                    code: 2,
                    ..Answer::default()
                });
            }
        }
    }
    if args.format == Format::Json {
        let catalog = session.catalog()?;
        let texts = all.iter().map(|one| match args.reveal {
            true => report::compose::json(&one.reading.name, &one.reading.model),
            false => {
                let model = masked(&one.reading, &catalog, MASK);
                report::compose::json(&one.reading.name, &model)
            }
        });
        return Ok(Answer {
            text: texts.collect(),
            ..Answer::default()
        });
    }
    let is_printed = args.output.as_os_str() == "-";
    if !is_printed && !args.force && args.output.exists() {
        let message = format!("there is a plan already at `{}`", args.output.display());
        let help = "name another file with `--output`, or write over it with `--force`";
        return Err(advised(message, help));
    }
    let folder = match is_printed {
        true => here.clone(),
        false => here
            .join(&args.output)
            .parent()
            .map_or(here.clone(), Path::to_owned),
    };
    let described: Vec<Described> = all.iter().map(Read::described).collect();
    let plan_folder = compose_file::cleaned(&folder.to_string_lossy());
    let imported = import(&described, &session.catalog()?, &plan_folder);
    let told = told(&imported, &all);
    let told = told.first + &told.rest;
    drop(described);
    // What was read is not needed any more, and is large where the plan is.
    let amount = match imported.plan.len() < LARGE {
        true => Amount::Little,
        false => Amount::Much,
    };
    parallel::let_go(amount, all);
    match is_printed {
        true => Ok(Answer {
            text: imported.plan,
            notes: told,
            code: 0,
        }),
        false => written(session, args, &imported, &told),
    }
}

/// From this many bytes of a plan on, it takes a while to give back what it was made of.
const LARGE: usize = 100_000;

fn advised(message: String, help: impl Into<String>) -> anyhow::Error {
    Advised {
        message,
        help: help.into(),
    }
    .into()
}

/// The environments that are asked for, each with its files.
fn wanted(args: &ImportComposeArgs) -> anyhow::Result<Vec<Wanted>> {
    let wrong = |error: WantedError| advised(error.message, error.help);
    if args.as_.is_empty() {
        let one = Wanted::of(&args.environment, args.files.clone());
        return Ok(vec![one.map_err(wrong)?]);
    }
    let all = args.as_.iter().map(|said| {
        Wanted::parse(said).map_err(wrong)?.ok_or_else(|| {
            let message = format!(
                "`--as {}` does not say an environment and its files",
                printed(said)
            );
            advised(message, "write `--as prod=compose.yaml,compose.prod.yaml`")
        })
    });
    Wanted::each_once(all.collect::<Result<_, _>>()?).map_err(wrong)
}

/// Writes the plan, and the credentials beside it.
fn written(
    session: &Session,
    args: &ImportComposeArgs,
    imported: &Imported,
    told: &str,
) -> anyhow::Result<Answer> {
    let path = &args.output;
    match path.exists() {
        true => replace_plan(path, &read_plan(path)?, &imported.plan)?,
        false => create_plan(path, &imported.plan)?,
    }
    let opened = session.open_at(path.clone())?;
    let mut text = format!("made {}\n{told}", path.display());
    for outcome in &imported.environments {
        let kept = keep_credentials(&opened, outcome)
            .with_context(|| format!("cannot keep the credentials of {}", outcome.environment))?;
        text.push_str(&kept);
    }
    let findings = &opened.analysis.findings;
    let count = |severity| {
        findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    };
    let (denied, warned) = (count(Severity::Deny), count(Severity::Warn));
    text.push_str(&format!(
        "`backstay check` has {denied} findings that must be mended, and {warned} to think about\n"
    ));
    Ok(Answer {
        text,
        ..Answer::default()
    })
}
