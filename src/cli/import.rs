//! `backstay import`: a plan from what a team has already.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::cli::Answer;
use crate::cli::args::{Format, ImportArgs, ImportComposeArgs, ImportFrom};
use crate::cli::files::{Files, open_output};
use crate::cli::session::{Advised, Opened, Session, working_folder};
use crate::cli::taken::variable;
use crate::compose_file::{self, Reading, Request, Source};
use crate::finding::{Severity, printed};
use crate::generate::secret_file::secrets_path;
use crate::import::{Described, Imported, import};
use crate::model::EnvironmentName;
use crate::project::{Access, ComposeFiles, FileChange, create_plan, read_plan, replace_plan};
use crate::report::{self, compose::Credentials};
use crate::settings::SecretValues;

/// Imports what is named.
pub fn run(session: &Session, args: &ImportArgs) -> anyhow::Result<Answer> {
    match &args.from {
        ImportFrom::Compose(args) => compose(session, args),
    }
}

/// The files of one environment, and what was read of them.
struct Read {
    environment: EnvironmentName,
    files: Vec<PathBuf>,
    reading: Reading,
    sources: Vec<Source>,
}

fn compose(session: &Session, args: &ImportComposeArgs) -> anyhow::Result<Answer> {
    let here = working_folder()?;
    let mut all: Vec<Read> = Vec::new();
    for (environment, files) in wanted(args)? {
        let (reading, sources) = read(&files, args, &here);
        match reading {
            Ok(reading) => all.push(Read {
                environment,
                files,
                reading,
                sources,
            }),
            Err(notes) => {
                return Ok(Answer {
                    notes,
                    code: 2,
                    ..Answer::default()
                });
            }
        }
    }
    if args.format == Format::Json {
        let credentials = match args.reveal {
            true => Credentials::Shown,
            false => Credentials::Masked,
        };
        let texts = all
            .iter()
            .map(|one| report::compose::json(&one.reading, credentials));
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
    let described: Vec<Described> = all.iter().map(described).collect();
    let plan_folder = compose_file::cleaned(&folder.to_string_lossy());
    let imported = import(&described, &session.catalog()?, &plan_folder);
    let told = told(&imported, &all);
    match is_printed {
        true => Ok(Answer {
            text: imported.plan,
            notes: told,
            code: 0,
        }),
        false => written(session, args, &imported, &told),
    }
}

fn advised(message: String, help: impl Into<String>) -> anyhow::Error {
    Advised {
        message,
        help: help.into(),
    }
    .into()
}

/// The environments that are asked for, each with its files.
fn wanted(args: &ImportComposeArgs) -> anyhow::Result<Vec<(EnvironmentName, Vec<PathBuf>)>> {
    let name = |text: &str| {
        EnvironmentName::new(text).map_err(|why| {
            let message = format!("the environment `{}` {why}", printed(text));
            advised(
                message,
                "name it with letters, digits, `-` and `_`: local, prod",
            )
        })
    };
    if args.as_.is_empty() {
        return Ok(vec![(name(&args.environment)?, args.files.clone())]);
    }
    let mut all: Vec<(EnvironmentName, Vec<PathBuf>)> = Vec::new();
    for said in &args.as_ {
        let pair = said.split_once('=').filter(|(_, files)| !files.is_empty());
        let Some((environment, files)) = pair else {
            let message = format!(
                "`--as {}` does not say an environment and its files",
                printed(said)
            );
            return Err(advised(
                message,
                "write `--as prod=compose.yaml,compose.prod.yaml`",
            ));
        };
        let environment = name(environment)?;
        if all.iter().any(|(other, _)| *other == environment) {
            let message = format!("the environment `{environment}` is said twice");
            return Err(advised(message, "name all of its files in one `--as`"));
        }
        all.push((environment, files.split(',').map(PathBuf::from).collect()));
    }
    Ok(all)
}

fn described(read: &Read) -> Described<'_> {
    let files = read.files.iter();
    Described {
        environment: read.environment.clone(),
        reading: &read.reading,
        files: files.map(|file| file.display().to_string()).collect(),
    }
}

/// Reads the files of one environment; what is wrong with them as it is to be shown.
fn read(
    files: &[PathBuf],
    args: &ImportComposeArgs,
    here: &Path,
) -> (Result<Reading, String>, Vec<Source>) {
    let path = |file: &PathBuf| compose_file::cleaned(&here.join(file).to_string_lossy());
    let files: Vec<String> = files.iter().map(path).collect();
    let mut roots = Vec::new();
    if !args.outside {
        let folders = files
            .iter()
            .map(|file| compose_file::folder_of(file).to_owned());
        roots.extend(folders.chain([compose_file::cleaned(&here.to_string_lossy())]));
    }
    let request = Request {
        files,
        env_files: args.env_file.iter().map(path).collect(),
        roots,
    };
    let variable = |name: &str| variable(name).ok();
    let mut world = ComposeFiles::new(&request.roots, &variable);
    let (reading, mut sources) = compose_file::read(&request, &mut world);
    for source in &mut sources {
        source.path = shown_path(&source.path, here);
    }
    let reading = reading.map_err(|fault| report::compose::fault(&fault, &sources));
    (reading, sources)
}

/// A path as the user would write it.
fn shown_path(path: &str, here: &Path) -> String {
    let below = Path::new(path).strip_prefix(here).ok();
    below.map_or_else(|| path.to_owned(), |below| below.display().to_string())
}

/// What was found, and what was not kept.
fn told(imported: &Imported, all: &[Read]) -> String {
    let mut text = String::new();
    for (outcome, read) in imported.environments.iter().zip(all) {
        let (apps, services) = (outcome.apps, outcome.services.len());
        let counted = |n: usize, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
        text.push_str(&format!(
            "{}: {}, {}\n",
            outcome.environment,
            counted(apps, "app"),
            counted(services, "service")
        ));
        for (name, why) in &outcome.services {
            text.push_str(&format!("  {name} is {why}\n"));
        }
        let places = report::compose::Places::of(&read.sources);
        let place = |place| places.said(place);
        for (name, at) in &read.reading.unset {
            text.push_str(&format!(
                "  no value: `{}` at {}, which became nothing\n",
                printed(name),
                place(*at)
            ));
        }
        for left in &outcome.left {
            let what = printed(&left.what);
            text.push_str(&format!(
                "  not kept: {what} at {}, because {}\n",
                place(left.place),
                printed(&left.why)
            ));
        }
        for credential in &outcome.credentials {
            let (component, variable) = (&credential.component, printed(&credential.variable));
            text.push_str(&format!(
                "  a credential: {component}.{variable} at {}\n",
                place(credential.place)
            ));
        }
    }
    text
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

/// Puts the credentials of an environment into its secrets file, and says so.
fn keep_credentials(opened: &Opened, outcome: &crate::import::Outcome) -> anyhow::Result<String> {
    if outcome.credentials.is_empty() {
        return Ok(String::new());
    }
    let environment = outcome.environment.clone();
    let files = Files::of(opened, None, vec![environment.clone()])?;
    let mut output = open_output(opened, None, Access::Write)?;
    let mut values = SecretValues::new();
    for need in files.needs() {
        let is_it = |credential: &&crate::import::Credential| {
            credential.component == need.id.service.as_str() && credential.variable == need.id.name
        };
        if let Some(credential) = outcome.credentials.iter().find(is_it) {
            values.insert(need.id.clone(), credential.value.clone());
        }
    }
    let n_kept = match values.len() {
        1 => "1 credential is".to_owned(),
        n => format!("{n} credentials are"),
    };
    output.replace(values);
    let path = secrets_path(environment.as_str());
    let changes = files.changes(&output, &SecretValues::new())?;
    let is_wanted = |change: &FileChange| change.path == path || change.path == ".gitignore";
    let wanted: Vec<FileChange> = changes.into_iter().filter(is_wanted).collect();
    output.write(&wanted)?;
    let root = opened.output_folder().join(&path);
    Ok(format!(
        "{n_kept} kept in {}, and in no plan\n",
        root.display()
    ))
}
