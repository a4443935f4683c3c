//! `backstay import`: a plan from what a team has already.

use std::io::{IsTerminal, Read as _};
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::cli::Answer;
use crate::cli::args::{Format, ImportArgs, ImportComposeArgs, ImportFrom};
use crate::cli::imported::{INPUT, Read, Reader, keep_credentials};
use crate::cli::session::{Advised, Session, working_folder};
use crate::cli::told::told;
use crate::compose_file;
use crate::finding::{Severity, counted, printed};
use crate::import::{Described, How, Imported, Reach, Wanted, WantedError, import, masked, usual};
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
    let (wanted, read_unasked) = wanted(args, &here)?;
    let reader = Reader {
        here: &here,
        how: &how,
        input: input(&wanted)?,
        allowed_by: "`--outside`",
        env_files_by: "`--env-file`",
    };
    let mut all: Vec<Read> = Vec::new();
    for wanted in wanted {
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
            notes: read_unasked,
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
    let told = read_unasked + &told.first + &told.rest;
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

/// The environments that are asked for, each with its files, and which are read though nobody named them.
fn wanted(args: &ImportComposeArgs, here: &Path) -> anyhow::Result<(Vec<Wanted>, String)> {
    let wrong = |error: WantedError| advised(error.message, error.help);
    if args.as_.is_empty() {
        let (files, said) = match args.files.is_empty() {
            true => usual_files(here)?,
            false => (args.files.clone(), String::new()),
        };
        let one = Wanted::of(&args.environment, files);
        return Ok((vec![one.map_err(wrong)?], said));
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
    let all = Wanted::each_once(all.collect::<Result<_, _>>()?).map_err(wrong)?;
    Ok((all, String::new()))
}

/// The files that Compose would take here, and that they are.
fn usual_files(here: &Path) -> anyhow::Result<(Vec<PathBuf>, String)> {
    let files = usual(|name| here.join(name).is_file());
    if files.is_empty() {
        let help = "name one: `backstay import compose stack.yaml`";
        return Err(advised("there is no compose file here".to_owned(), help));
    }
    let names: Vec<String> = files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    let said = format!(
        "read {}, as Docker Compose does unasked\n",
        names.join(" and ")
    );
    Ok((files, said))
}

/// Standard input, if it is asked for.
fn input(wanted: &[Wanted]) -> anyhow::Result<Option<Vec<u8>>> {
    let mut files = wanted.iter().flat_map(|one| &one.files);
    if !files.any(|file| file.as_os_str() == INPUT) {
        return Ok(None);
    }
    let input = std::io::stdin();
    if input.is_terminal() {
        let message = "nothing is piped in".to_owned();
        return Err(advised(
            message,
            "`-` is standard input: pipe a compose file in, or name it",
        ));
    }
    let mut text = Vec::new();
    let read = input
        .take(compose_file::LONGEST_FILE as u64 + 1)
        .read_to_end(&mut text);
    read.context("cannot read standard input")?;
    Ok(Some(text))
}

/// Writes the plan, and the credentials beside it.
fn written(
    session: &Session,
    args: &ImportComposeArgs,
    imported: &Imported,
    told: &str,
) -> anyhow::Result<Answer> {
    let path = &args.output;
    let opened = session.opened_as(path.clone(), imported.plan.clone())?;
    let mut text = format!("made {}\n{told}", path.display());
    // Before the plan: where they cannot be kept, there is none that lacks them.
    for outcome in &imported.environments {
        let kept = keep_credentials(&opened, outcome).map_err(|error| {
            let environment = &outcome.environment;
            let message = format!("cannot keep the credentials of {environment}: {error}");
            error.context(message)
        })?;
        text.push_str(&kept);
    }
    match path.exists() {
        true => replace_plan(path, &read_plan(path)?, &imported.plan)?,
        false => create_plan(path, &imported.plan)?,
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
        "`backstay check` has {} that must be mended, and {warned} to think about\n",
        counted(denied, "finding")
    ));
    Ok(Answer {
        text,
        ..Answer::default()
    })
}
