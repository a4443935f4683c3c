//! What the screen knows of the world outside, and what it may ask of it; `cli` answers.

use std::any::Any;
use std::path::PathBuf;
use std::sync::Arc;

use crate::analysis::{Analysis, Config, analyze};
use crate::catalog::Catalog;
use crate::import::{How, Wanted};
use crate::model::EnvironmentName;

/// A plan as it was last read.
#[derive(Clone)]
pub struct Plan {
    /// Where it is; `None` for the embedded example.
    pub path: Option<PathBuf>,
    /// As messages name it.
    pub shown_path: String,
    /// Its text.
    pub text: Arc<str>,
    /// The catalog with the user's own kinds.
    pub catalog: Arc<Catalog>,
    /// What an analysis depends on besides.
    pub config: Config,
    /// Everything derived.
    pub analysis: Arc<Analysis>,
}

impl Plan {
    /// The same plan with another text.
    pub fn with_text(&self, text: &str) -> Plan {
        Plan {
            text: text.into(),
            analysis: Arc::new(analyze(text, &self.catalog, &self.config)),
            ..self.clone()
        }
    }
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Plan({})", self.shown_path)
    }
}

/// How credentials are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Credentials {
    /// As stars.
    #[default]
    Masked,
    /// As they are.
    Revealed,
}

/// A file that would be generated, with credentials masked unless they were asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePreview {
    /// Its path below the output folder: `prod/data-1/compose.yaml`.
    pub path: String,
    /// What writing it would do.
    pub state: FileState,
    /// What would stand in it.
    pub new: String,
    /// What stands on the disk.
    pub old: String,
}

/// What writing a file would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileState {
    /// It would be created.
    New,
    /// It would change.
    Changed,
    /// The user changed it where Backstay wants to change it too.
    Conflict,
    /// It would be removed.
    Removed,
    /// It is as it would be written.
    Current,
}

/// What writing the files did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// It, in a sentence.
    pub said: String,
    /// What is to be done besides, where a sentence does not hold it, in lines.
    pub steps: Vec<String>,
}

/// Credentials that one environment has kept and another goes on with, because it is the same under another name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handover {
    /// The name of before, which the plan has no more.
    pub from: EnvironmentName,
    /// The name of now.
    pub to: EnvironmentName,
}

/// What is asked about before files are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToWrite {
    /// Environments that have no credentials yet, each with one that the plan has no more and whose credentials it
    /// could go on with.
    pub handovers: Vec<Handover>,
    /// The files of every environment, with those that go, by their paths below the output folder, and what writing
    /// them would do.
    pub files: Vec<(String, FileState)>,
    /// What will be left to be done by hand, in a sentence; nothing if nothing will.
    pub ahead: Option<String>,
}

/// What becomes of files that the user changed where Backstay wants to change them too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InConflict {
    /// They keep nothing from being written, and stay as they are.
    #[default]
    Left,
    /// They are written, and the user's are kept beside them.
    Replaced,
    /// Nothing is written while there are any.
    Refused,
}

/// Why a plan was not saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotSaved {
    /// Its file is another than the one that was edited.
    Changed,
    /// For another reason, in a sentence.
    Failed(String),
}

/// A plan that was saved as a new file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedAs {
    /// Where it is.
    pub path: PathBuf,
    /// What was kept beside it, in a sentence; empty if nothing was.
    pub said: String,
}

/// What compose files gave; nothing of it is written yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The text of a plan.
    pub text: String,
    /// What is in it and what is not, a line each.
    pub about: Vec<String>,
    /// How many things are not kept as they were.
    pub n_left: usize,
    /// What is to be kept beside the plan when it is saved.
    pub credentials: Sealed,
}

/// Credentials that the screen passes on and cannot look into.
#[derive(Clone)]
pub struct Sealed(Arc<dyn Any + Send + Sync>);

impl Sealed {
    /// Seals something.
    pub fn new(content: impl Any + Send + Sync) -> Sealed {
        Sealed(Arc::new(content))
    }

    /// What was sealed, for whoever knows what it is.
    pub fn content<T: Any>(&self) -> Option<&T> {
        self.0.downcast_ref()
    }
}

impl PartialEq for Sealed {
    fn eq(&self, other: &Sealed) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealed")
    }
}

/// Edits of before that were kept and not saved.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BroughtBack {
    /// What they were made to.
    pub base: String,
    /// What they gave.
    pub text: String,
    /// What is to be kept beside the plan, if it was imported.
    pub imported: Option<Sealed>,
    /// What could not be brought back with them, in a sentence; empty if nothing.
    pub missing: String,
}

/// What became of the plan's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It is the one that was last read.
    Same,
    /// It is another.
    Changed,
    /// It is there no more.
    Gone(Gone),
}

/// What there is no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// The plan's file.
    File,
    /// The folder that it was in.
    Folder,
}

/// Reads compose files, which may take long; what is wrong with them comes out in lines.
pub type Reading = Box<dyn FnOnce() -> Result<Found, NotFound> + Send>;

/// The key of the question for compose files by which those outside of their folders may be read.
pub const ALLOWS_OUTSIDE: &str = "ctrl-o";

/// The key of that question by which files with variables are named.
pub const NAMES_ENV_FILES: &str = "ctrl-e";

/// Files that an import asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileSort {
    /// Those that say which services there are: YAML.
    Compose,
    /// Those that hold variables.
    Env,
}

/// Why compose files give nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotFound {
    /// What is wrong, in lines.
    pub faults: Vec<String>,
    /// Whether it is that something lies outside of their folders, which may be allowed.
    pub is_outside: bool,
}

/// What the screen asks of the world.
pub trait World {
    /// The plan as it stands on the disk now; a sentence if it cannot be read.
    fn plan(&mut self) -> Result<Plan, String>;

    /// What became of the plan's file since it was last read. Must be cheap: it is asked twice a second.
    fn look(&mut self) -> Seen;

    /// The files of an environment as they would be generated from `plan`; a sentence if they cannot be, or not
    /// with their credentials.
    fn files(
        &mut self,
        plan: &Plan,
        environment: &EnvironmentName,
        credentials: Credentials,
    ) -> Result<Vec<FilePreview>, String>;

    /// What is to be asked before the files of every environment of `plan` are written.
    fn to_write(&mut self, plan: &Plan) -> Result<ToWrite, String>;

    /// Writes the files of every environment of `plan`, which is saved, with the credentials that are handed over;
    /// what was done.
    fn write_files(
        &mut self,
        plan: &Plan,
        handovers: &[Handover],
        in_conflict: InConflict,
    ) -> Result<Written, String>;

    /// Replaces the plan's file, which held `old`, with `new`; where it is.
    fn save(&mut self, old: &str, new: &str) -> Result<PathBuf, NotSaved>;

    /// Makes a new file of the plan, and goes on with that one. Credentials that were imported with it are kept
    /// beside it first.
    fn save_as(
        &mut self,
        path: &str,
        text: &str,
        imported: Option<&Sealed>,
    ) -> Result<SavedAs, NotSaved>;

    /// The files of a sort and the folders whose paths begin with what was typed.
    fn paths_like(&mut self, sort: FileSort, typed: &str) -> Vec<String>;

    /// What is to be done to make a plan of compose files.
    fn import(&mut self, wanted: &[Wanted], how: &How) -> Reading;

    /// Keeps edits that are not saved: they were made to `base`, and gave `text`; and with them where it came from
    /// what is to be kept beside the plan. Tells where.
    fn keep(&mut self, base: &str, text: &str, imported: Option<&Sealed>)
    -> Result<String, String>;

    /// Sees to it that what was kept survives a power cut too.
    fn flush(&mut self);

    /// Forgets what was kept.
    fn forget(&mut self);

    /// Edits of before that were kept and not saved. A sentence if somebody else is editing the plan, or if they
    /// cannot be brought back.
    fn unsaved(&mut self) -> Result<Option<BroughtBack>, String>;

    /// Opens the plan in the user's editor at a line, counted from 1, and waits until it is closed.
    fn edit(&mut self, line: usize) -> Result<(), String>;
}
