//! What every command starts from: the plan's text, the catalog, the day.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::anyhow;

use crate::analysis::{Analysis, Config, analyze};
use crate::catalog::Catalog;
use crate::finding::{Severity, printable, printable_or_break};
use crate::lint::KeptValues;
use crate::model::Date;
use crate::project::{
    OwnFiles, PLAN_FILE, ProjectError, find_plan, folder_of, read_own_files, read_plan,
};

/// The plan that is shown when there is none.
pub const EXAMPLE: &str = include_str!("../../templates/example.toml");

/// An error with a way to mend it.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Advised {
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub help: String,
}

/// What the command line says, before anything is read.
pub struct Session {
    named: Option<PathBuf>,
    today: Date,
}

/// A plan with all that belongs to it.
pub struct Opened {
    /// Where it is; `None` for the embedded example.
    pub path: Option<PathBuf>,
    /// Its text.
    pub text: String,
    /// The catalog with the user's own files on top.
    pub catalog: Arc<Catalog>,
    /// The user's own files.
    pub own: OwnFiles,
    /// Everything derived.
    pub analysis: Arc<Analysis>,
    config: Config,
}

impl Session {
    /// A session on the plan that is named, if one is, as of `today`.
    pub fn new(named: Option<&Path>, today: Option<&str>) -> anyhow::Result<Session> {
        let today = match today {
            Some(text) => Date::parse(text).ok_or_else(|| Advised {
                message: format!(
                    "`{}` is not a date",
                    text.chars().flat_map(printable).collect::<String>()
                ),
                help: "write it as 2026-11-22".to_owned(),
            })?,
            None => current_date()?,
        };
        Ok(Session {
            named: named.map(Path::to_owned),
            today,
        })
    }

    /// The plan that is named, or the one here or above.
    pub fn open(&self) -> anyhow::Result<Opened> {
        match self.plan_path()? {
            Some(path) => self.open_at(path),
            None => Err(no_plan()),
        }
    }

    /// As `open`; nothing where there is no plan and none is named.
    pub fn open_if_there(&self) -> anyhow::Result<Option<Opened>> {
        let path = self.plan_path()?;
        path.map(|path| self.open_at(path)).transpose()
    }

    /// The catalog, with the user's own files beside a plan that may not be there yet.
    pub fn catalog_beside(&self, plan: &Path) -> anyhow::Result<Catalog> {
        catalog(&own_files(plan)?)
    }

    /// The day that is judged on.
    pub fn today(&self) -> &Date {
        &self.today
    }

    /// What an analysis depends on besides text and catalog.
    pub fn config(&self) -> Config {
        Config {
            today: self.today.clone(),
        }
    }

    /// As `open`, with the embedded example where there is no plan.
    pub fn open_or_example(&self) -> anyhow::Result<Opened> {
        match self.plan_path()? {
            Some(path) => self.open_at(path),
            None => self.analysed(None, EXAMPLE.to_owned(), OwnFiles::default()),
        }
    }

    /// The catalog, with the user's own files where there is a plan.
    pub fn catalog(&self) -> anyhow::Result<Catalog> {
        let own = self
            .plan_path()?
            .map(|path| own_files(&path))
            .transpose()?
            .unwrap_or_default();
        catalog(&own)
    }

    fn plan_path(&self) -> anyhow::Result<Option<PathBuf>> {
        if let Some(named) = &self.named {
            // A folder stands for the plan in it.
            let inside = named.join(PLAN_FILE);
            let path = if named.is_dir() && inside.exists() {
                inside
            } else {
                named.clone()
            };
            return Ok(Some(path));
        }
        let here = working_folder()?;
        // A plan in this very folder is called by its name alone.
        Ok(find_plan(&here)
            .map(|path| path.strip_prefix(&here).map(Path::to_owned).unwrap_or(path)))
    }

    /// The plan at `path`.
    pub fn open_at(&self, path: PathBuf) -> anyhow::Result<Opened> {
        let text = read_plan(&path).map_err(|error| self.maybe_a_command(error))?;
        self.opened_as(path, text)
    }

    /// A plan of this text as it will be at `path`.
    pub fn opened_as(&self, path: PathBuf, text: String) -> anyhow::Result<Opened> {
        let own = own_files(&path)?;
        self.analysed(Some(path), text, own)
    }

    fn analysed(
        &self,
        path: Option<PathBuf>,
        text: String,
        own: OwnFiles,
    ) -> anyhow::Result<Opened> {
        let catalog = catalog(&own)?;
        let config = Config {
            today: self.today.clone(),
        };
        let analysis = analyze(&text, &catalog, &config);
        Ok(Opened {
            path,
            text,
            catalog: Arc::new(catalog),
            own,
            analysis: Arc::new(analysis),
            config,
        })
    }

    /// A name that is no file may be a misspelt command.
    fn maybe_a_command(&self, error: ProjectError) -> anyhow::Error {
        let missing = matches!(&error, ProjectError::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound);
        let word = self
            .named
            .as_deref()
            .and_then(Path::to_str)
            .filter(|word| missing && !word.contains(['/', '.']));
        let command = <super::Args as clap::CommandFactory>::command();
        let commands: Vec<String> = command
            .get_subcommands()
            .map(|command| command.get_name().to_owned())
            .collect();
        match word.and_then(|word| {
            crate::finding::did_you_mean(word, commands.iter().map(String::as_str))
        }) {
            Some(near) => {
                let word = word.unwrap_or_default();
                Advised {
                    message: format!("there is no plan `{word}`"),
                    help: format!("did you mean the command `{near}`?"),
                }
                .into()
            }
            None => error.into(),
        }
    }
}

impl Opened {
    /// Analyses another text of the same plan.
    pub fn analyze(&self, text: &str) -> Analysis {
        analyze(text, &self.catalog, &self.config)
    }

    /// Adds the findings that only the files of credentials show.
    pub fn add_shared(&mut self, kept: &KeptValues) {
        if Arc::get_mut(&mut self.analysis).is_none() {
            self.analysis = Arc::new(self.analyze(&self.text));
        }
        if let Some(analysis) = Arc::get_mut(&mut self.analysis) {
            analysis.add_shared(&self.text, kept);
        }
    }

    /// What an analysis depends on besides text and catalog.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What the plan is called.
    pub fn plan_name(&self) -> &str {
        self.analysis
            .plan
            .name
            .as_ref()
            .map_or("unnamed", |name| name.as_str())
    }

    /// The file, as messages name it.
    pub fn shown_path(&self) -> String {
        self.path
            .as_ref()
            .map_or_else(|| "example".to_owned(), |path| path.display().to_string())
    }

    /// The folder that the plan is in.
    pub fn folder(&self) -> PathBuf {
        let folder = self.path.as_deref().map(folder_of);
        let named = folder.filter(|folder| !folder.as_os_str().is_empty());
        named.map_or_else(|| PathBuf::from("."), Path::to_owned)
    }

    /// Something by its path from the plan's folder.
    pub fn beside(&self, path: &str) -> PathBuf {
        let folder = self.path.as_deref().map(folder_of);
        folder.unwrap_or(Path::new("")).join(path)
    }

    /// Where files of the user's own are, the configuration's before those beside the plan.
    pub fn own_folders(&self) -> Vec<PathBuf> {
        own_folders(self.path.as_deref())
    }

    /// Where generated files go unless the user says.
    pub fn output_folder(&self) -> PathBuf {
        self.beside("deploy")
    }

    /// The names of environments as they are declared; an unknown one is an error.
    pub fn environments(
        &self,
        named: &[String],
    ) -> anyhow::Result<Vec<crate::model::EnvironmentName>> {
        let known = || {
            self.analysis
                .topologies
                .iter()
                .map(|topology| &topology.environment)
        };
        if named.is_empty() {
            return Ok(known().cloned().collect());
        }
        let find = |name: &String| {
            known()
                .find(|known| known.as_str() == name)
                .cloned()
                .ok_or_else(|| {
                    let names: Vec<&str> = known().map(|known| known.as_str()).collect();
                    let help = match crate::finding::did_you_mean(name, names.iter().copied()) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("the plan has {}", names.join(", ")),
                    };
                    Advised {
                        message: format!(
                            "there is no environment {}",
                            crate::finding::quoted(name)
                        ),
                        help,
                    }
                    .into()
                })
        };
        named.iter().map(find).collect()
    }

    /// Whether some finding is at or above `severity`.
    pub fn fails_at(&self, severity: Severity) -> bool {
        self.analysis
            .findings
            .iter()
            .any(|finding| finding.severity >= severity)
    }
}

/// An error as the user reads it: one sentence, then the way to mend it.
pub fn error_text(error: &anyhow::Error) -> String {
    let message: String = format!("{error}")
        .chars()
        .flat_map(printable_or_break)
        .collect();
    let project = error
        .downcast_ref::<ProjectError>()
        .and_then(ProjectError::help)
        .map(str::to_owned);
    let help = project.or_else(|| {
        error
            .downcast_ref::<Advised>()
            .map(|advised| advised.help.clone())
    });
    let help = help
        .map(|help| format!("  help: {help}\n"))
        .unwrap_or_default();
    format!("error: {message}\n{help}")
}

fn no_plan() -> anyhow::Error {
    Advised {
        message: format!("there is no `{PLAN_FILE}` here or in a folder above"),
        help:
            "name one with `--plan`, or begin one: `backstay new`; `backstay show` shows an example"
                .to_owned(),
    }
    .into()
}

fn own_files(plan: &Path) -> Result<OwnFiles, ProjectError> {
    read_own_files(&own_folders(Some(plan)))
}

fn own_folders(plan: Option<&Path>) -> Vec<PathBuf> {
    let beside = plan.map(|plan| folder_of(plan).join(".backstay"));
    config_folder().into_iter().chain(beside).collect()
}

fn catalog(own: &OwnFiles) -> anyhow::Result<Catalog> {
    let mut catalog = Catalog::builtin();
    let added = own.catalog.iter().map(|file| catalog.add(file));
    let faults: Vec<String> = added
        .filter_map(|added| Some(added.err()?.to_string()))
        .collect();
    match faults.is_empty() {
        true => Ok(catalog),
        false => Err(anyhow!(faults.join("\n"))),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the user's environment is read here alone"
)]
fn config_folder() -> Option<PathBuf> {
    let set = |name| {
        std::env::var(name)
            .ok()
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let config = set("XDG_CONFIG_HOME").or_else(|| Some(set("HOME")?.join(".config")))?;
    Some(config.join("backstay"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the working folder is read here alone"
)]
pub(super) fn working_folder() -> anyhow::Result<PathBuf> {
    std::env::current_dir().map_err(|error| anyhow!("cannot tell which folder this is: {error}"))
}

fn current_date() -> anyhow::Result<Date> {
    let now = time::OffsetDateTime::now_utc().date();
    let text = format!(
        "{:04}-{:02}-{:02}",
        now.year(),
        u8::from(now.month()),
        now.day()
    );
    Date::parse(&text)
        .ok_or_else(|| anyhow!("the system's clock says {text}; set it, or give `--today`"))
}
