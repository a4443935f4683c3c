//! The world: the plan file, the user's own catalog files and templates, the output folder.
//!
//! Only this folder reads and writes files. What it finds wrong there is a `ProjectError`.

mod below;
mod changed_origins;
mod compose_files;
mod credentials;
mod editor;
mod journal;
mod journal_entry;
mod left_behind;
mod modes;
mod on_hosts;
mod output;
mod own_files;
mod plan_file;
mod probe;
mod record;
mod regular;
mod transaction;
mod unfinished;

use std::path::PathBuf;

pub use compose_files::{ComposeFiles, compose_paths_like, env_paths_like};
pub use editor::edit_file;
pub use journal::Journal;
pub use journal_entry::Unsaved;
pub use modes::{Loose, read_credential};
pub use output::{Access, ChangeKind, FileChange, Output};
pub use own_files::{OwnFiles, read_beside, read_own_files};
pub use plan_file::{
    PLAN_FILE, Stamp, create_all, create_plan, find_plan, folder_of, plan_stamp, read_plan,
    replace_plan,
};

/// Why something outside the program could not be done.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// The system refused.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// What was to be done: "read".
        action: &'static str,
        /// To what.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// What is there cannot be used.
    #[error("`{}` {fault}", path.display())]
    Unusable {
        /// What.
        path: PathBuf,
        /// Why: "is not UTF-8 text (byte 17)".
        fault: String,
        /// How to mend it.
        help: String,
    },
}

impl ProjectError {
    /// How to mend it, where there is a way to say.
    pub fn help(&self) -> Option<&str> {
        match self {
            ProjectError::Unusable { help, .. } => {
                Some(help.as_str()).filter(|help| !help.is_empty())
            }
            ProjectError::Io { source, .. } => match source.kind() {
                std::io::ErrorKind::PermissionDenied => {
                    Some("check who owns it and who may write there")
                }
                std::io::ErrorKind::StorageFull => {
                    Some("free some space and run it again; nothing was changed")
                }
                std::io::ErrorKind::ReadOnlyFilesystem => {
                    Some("choose a folder that can be written, with `--output`")
                }
                std::io::ErrorKind::NotFound => Some("check the name, and the folder you are in"),
                std::io::ErrorKind::NotADirectory => {
                    Some("a file stands where a folder must be: move it away")
                }
                std::io::ErrorKind::IsADirectory => {
                    Some("a folder stands where a file must be: move it away")
                }
                std::io::ErrorKind::AlreadyExists => {
                    Some("something else stands there already: move it away")
                }
                _ => None,
            },
        }
    }

    fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> ProjectError {
        let path = path.into();
        move |source| ProjectError::Io {
            action,
            path,
            source,
        }
    }

    fn unusable(
        path: impl Into<PathBuf>,
        fault: impl Into<String>,
        help: impl Into<String>,
    ) -> ProjectError {
        ProjectError::Unusable {
            path: path.into(),
            fault: fault.into(),
            help: help.into(),
        }
    }
}
