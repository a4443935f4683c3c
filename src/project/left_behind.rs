//! The file of an output folder that keeps what is left behind, and how to mend that; it is the user's to delete.

use crate::generate::Audience;
use crate::generate::left_behind::KEPT_FILE;
use crate::generate::secret_file::{previous_path, secrets_path};
use crate::model::EnvironmentName;
use crate::project::ProjectError;
use crate::project::output::{ChangeKind, FileChange, Output};

impl Output {
    /// What is left behind, as far as nobody has deleted it.
    pub fn left_behind(&self) -> Result<Option<String>, ProjectError> {
        self.read(KEPT_FILE)
    }

    /// The change that keeps `new` as what is left behind, in the place of `old`.
    pub fn keeping_left_behind(&self, old: Option<String>, new: String) -> FileChange {
        FileChange {
            path: KEPT_FILE.to_owned(),
            kind: match old {
                Some(_) => ChangeKind::Update,
                None => ChangeKind::Create,
            },
            old: old.unwrap_or_default(),
            new,
            audience: Audience::Everybody,
            conflicts: Vec::new(),
            generated: String::new(),
            forced: String::new(),
        }
    }

    /// The files that keep the credentials of an environment, now and of before, with their texts, by path.
    pub fn credential_files(
        &self,
        environment: &str,
    ) -> Result<Vec<(String, String)>, ProjectError> {
        let mut texts = Vec::new();
        for path in [secrets_path(environment), previous_path(environment)] {
            texts.extend(self.read(&path)?.map(|text| (path, text)));
        }
        Ok(texts)
    }

    /// The compose files of an environment that were written, with their texts, by path.
    pub fn composed(
        &self,
        environment: &EnvironmentName,
    ) -> Result<Vec<(String, String)>, ProjectError> {
        let begin = format!("{environment}/");
        let paths = self.committed.paths();
        let paths =
            paths.filter(|path| path.starts_with(&begin) && path.ends_with("/compose.yaml"));
        let mut texts = Vec::new();
        for path in paths {
            texts.extend(self.read(path)?.map(|text| (path.to_owned(), text)));
        }
        Ok(texts)
    }
}
