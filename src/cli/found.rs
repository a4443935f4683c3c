//! Compose files for the screen: what becomes of them, told before anything is written.

use std::path::PathBuf;
use std::sync::Arc;

use crate::analysis::{Analysis, Config, analyze};
use crate::catalog::Catalog;
use crate::cli::imported::{Read, Reader, Refused, keep_credentials};
use crate::cli::session::Opened;
use crate::cli::told::told;
use crate::compose_file;
use crate::finding::{Severity, printed};
use crate::generate::secret_file::secrets_path;
use crate::import::{Described, How, Outcome, Reach, Wanted, import};
use crate::tui::{ALLOWS_OUTSIDE, Found, NAMES_ENV_FILES, NotFound, Sealed};

/// Most lines that are told.
const MOST_LINES: usize = 1_000;

/// Most credentials that are named where they are missing.
const MOST_NAMED: usize = 5;

/// What a plan was imported from, and what is kept beside it.
struct Origin {
    /// The compose files, as they are asked for.
    line: String,
    env_files: Vec<PathBuf>,
    outcomes: Vec<Outcome>,
}

/// Where and with what compose files are read.
pub struct Import {
    /// The working folder.
    pub here: PathBuf,
    /// How they are read.
    pub how: How,
    /// The catalog.
    pub catalog: Arc<Catalog>,
    /// What an analysis depends on besides.
    pub config: Config,
}

impl Import {
    /// Makes a plan of compose files; what is wrong with them, in lines.
    pub fn found(&self, wanted: Vec<Wanted>) -> Result<Found, NotFound> {
        let reader = Reader {
            here: &self.here,
            how: &self.how,
            allowed_by: ALLOWS_OUTSIDE,
            env_files_by: NAMES_ENV_FILES,
            input: None,
        };
        let refused = |refused: Refused| NotFound {
            faults: lines(&refused.text),
            is_outside: refused.is_outside,
        };
        let read = |wanted| reader.read(wanted).map_err(refused);
        let all: Vec<Read> = wanted
            .clone()
            .into_iter()
            .map(read)
            .collect::<Result<_, _>>()?;
        let described: Vec<Described> = all.iter().map(Read::described).collect();
        let plan_folder = compose_file::cleaned(&self.here.to_string_lossy());
        let imported = import(&described, &self.catalog, &plan_folder);
        let analysis = analyze(&imported.plan, &self.catalog, &self.config);
        let told = told(&imported, &all);
        let mut about = lines(&told.first);
        about.extend(said_findings(&analysis));
        about.extend(said_credentials(&imported.environments));
        about.extend(lines(&told.rest));
        if about.len() > MOST_LINES {
            let left = about.len() - MOST_LINES;
            about.truncate(MOST_LINES);
            about.push(format!(
                "… {left} more: `backstay import compose` tells all"
            ));
        }
        Ok(Found {
            text: imported.plan,
            about,
            n_left: imported.environments.iter().map(|one| one.left.len()).sum(),
            credentials: Sealed::new(Origin {
                line: Wanted::line(&wanted),
                env_files: self.how.env_files.clone(),
                outcomes: imported.environments,
            }),
        })
    }
}

/// A text for a terminal, as lines without colours.
fn lines(text: &str) -> Vec<String> {
    let plain = anstream::adapter::strip_str(text).to_string();
    plain.lines().map(str::to_owned).collect()
}

/// What will be found in the plan, a line for each rule.
fn said_findings(analysis: &Analysis) -> Vec<String> {
    let severities = [Severity::Deny, Severity::Warn, Severity::Note];
    let counts = severities.map(|severity| (severity, analysis.count(severity)));
    let counts = counts.iter().filter(|(_, count)| *count > 0);
    let counts: Vec<String> = counts
        .map(|(severity, count)| format!("{count} {}", severity.as_str()))
        .collect();
    if counts.is_empty() {
        return vec!["nothing to find in the plan".to_owned()];
    }
    let mut said = vec![format!("findings in the plan: {}", counts.join(", "))];
    let mut rules: Vec<(Severity, &str, &str, usize)> = Vec::new();
    for finding in &analysis.findings {
        match rules.iter_mut().find(|(_, rule, ..)| *rule == finding.rule) {
            Some((.., count)) => *count += 1,
            None => rules.push((finding.severity, finding.rule, &finding.message, 1)),
        }
    }
    rules.sort_by_key(|(severity, ..)| std::cmp::Reverse(*severity));
    said.extend(rules.iter().map(|(severity, rule, message, count)| {
        let more = match count {
            1 => String::new(),
            count => format!(", and {} more", count - 1),
        };
        format!("  {} {rule}: {}{more}", severity.as_str(), printed(message))
    }));
    said
}

/// Where credentials will be.
fn said_credentials(outcomes: &[Outcome]) -> Vec<String> {
    let with = outcomes.iter().filter(|one| !one.credentials.is_empty());
    let mut said: Vec<String> = with
        .map(|outcome| {
            let count = match outcome.credentials.len() {
                1 => "1 credential goes".to_owned(),
                count => format!("{count} credentials go"),
            };
            let path = secrets_path(outcome.environment.as_str());
            format!("{count} to deploy/{path} when you save, and into no plan")
        })
        .collect();
    if !said.is_empty() {
        said.push("Until then they are in memory alone: end without saving, and they are in the compose files as before.".to_owned());
    }
    said
}

/// Keeps the credentials that were imported beside the plan that is about to be saved, and says so; nothing if it is
/// a plan without them.
pub fn keep(opened: &Opened, imported: &Sealed) -> anyhow::Result<String> {
    let outcomes = imported.content::<Origin>().map(|origin| &origin.outcomes);
    let mut said = Vec::new();
    for outcome in outcomes.into_iter().flatten() {
        let kept = keep_credentials(opened, outcome)?;
        said.extend(kept.lines().map(str::to_owned));
    }
    Ok(said.join("; "))
}

/// Begins a line of a note that names a file with variables.
const ENV_FILE: &str = ":env ";

/// How the credentials of a plan that has no file yet are found again, without any of them: the compose files in a
/// line, files with variables, then the name of each.
pub fn note(imported: &Sealed) -> String {
    let origin = imported.content::<Origin>();
    origin.map_or_else(String::new, |origin| {
        let env_files = origin.env_files.iter();
        let env_files = env_files.map(|file| format!("{ENV_FILE}{}", file.display()));
        let lines = std::iter::once(origin.line.clone()).chain(env_files);
        let lines = lines.chain(names(&origin.outcomes));
        lines.collect::<Vec<String>>().join("\n")
    })
}

/// How the files of a note are read again. Whatever was allowed then, none outside of their folders is read without
/// being asked for.
pub fn how_of(note: &str) -> How {
    let env_files = note.lines().filter_map(|line| line.strip_prefix(ENV_FILE));
    How {
        env_files: env_files.map(PathBuf::from).collect(),
        reach: Reach::Below,
    }
}

/// What a note leads to, read once more, and a sentence about the credentials that are not there any more.
pub fn again(import: &Import, note: &str) -> (Option<Sealed>, String) {
    let mut lines = note.lines();
    let wanted = Wanted::parse_line(lines.next().unwrap_or_default());
    let found = wanted.ok().and_then(|wanted| import.found(wanted).ok());
    let imported = found.map(|found| found.credentials);
    let origin = imported.as_ref().and_then(|it| it.content::<Origin>());
    let there = origin.map_or_else(Vec::new, |origin| names(&origin.outcomes));
    let missing: Vec<String> = lines
        .filter(|line| !line.starts_with(ENV_FILE) && !there.iter().any(|it| it == line))
        .map(printed)
        .collect();
    let more = match missing.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let named = &missing[..missing.len().min(MOST_NAMED)];
    let said = match missing.is_empty() {
        true => String::new(),
        false => format!(
            "these credentials were not found again in the compose files: {}{more}",
            named.join(", ")
        ),
    };
    (imported, said)
}

/// What credentials are called: their environment, component and variable.
fn names(outcomes: &[Outcome]) -> Vec<String> {
    let each = outcomes.iter().flat_map(|outcome| {
        let environment = &outcome.environment;
        outcome
            .credentials
            .iter()
            .map(move |it| format!("{environment} {}.{}", it.component, it.variable))
    });
    each.collect()
}
