//! What the screen knows of the world outside, and what it may ask of it; `cli` answers.

use std::path::PathBuf;
use std::sync::Arc;

use crate::analysis::Analysis;
use crate::catalog::Catalog;
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
    /// Everything derived.
    pub analysis: Arc<Analysis>,
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Plan({})", self.shown_path)
    }
}

/// A file that would be generated, with credentials masked.
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

/// What the screen asks of the world.
pub trait World {
    /// The plan as it stands on the disk now; a sentence if it cannot be read.
    fn plan(&mut self) -> Result<Plan, String>;

    /// Whether the plan's file is another than when it was last read. Must be cheap: it is asked twice a second.
    fn has_changed(&mut self) -> bool;

    /// The files of an environment as they would be generated from `plan`; a sentence if they cannot be.
    fn files(
        &mut self,
        plan: &Plan,
        environment: &EnvironmentName,
    ) -> Result<Vec<FilePreview>, String>;

    /// Opens the plan in the user's editor at a line, counted from 1, and waits until it is closed.
    fn edit(&mut self, line: usize) -> Result<(), String>;
}
