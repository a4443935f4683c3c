//! The output folder: what is in it, what would change, and the changes themselves.
#![expect(
    clippy::disallowed_methods,
    reason = "this is where generated files are read"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::generate::left_behind::{KEPT_FILE, is_held};
use crate::generate::merge::{self, Merged, line_hashes};
use crate::generate::secret_file::{audience_of, is_secrets_path};
use crate::generate::{Artifact, Audience};
use crate::model::EnvironmentName;
use crate::project::ProjectError;
use crate::project::below::{check_below, check_inside, check_links};
use crate::project::credentials::{changeable_lines, is_old_heading};
use crate::project::plan_file::PLAN_FILE;
use crate::project::record::{COMMITTED_HEADER, LOCAL_HEADER, Record};
use crate::project::regular::check_is_file;
use crate::project::transaction::{FileWrite, Transaction, WORK_FOLDER};
use crate::settings::SecretValues;

/// Hashes of the files that are committed.
const LOCK_FILE: &str = "backstay.lock";

/// A folder that generated files go to.
pub struct Output {
    pub(super) root: PathBuf,
    pub(super) committed: Record,
    pub(super) local: Record,
    transaction: Option<Transaction>,
    /// Credentials that get another value than the files have.
    pub(super) replaced: SecretValues,
}

/// What an output folder is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// To look at it.
    Read,
    /// To write to it; nobody else can meanwhile.
    Write,
}

/// What happens to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// Which, below the output folder.
    pub path: String,
    /// What.
    pub kind: ChangeKind,
    /// What is there now.
    pub old: String,
    /// What will be there.
    pub new: String,
    /// Who may read it.
    pub audience: Audience,
    /// Places that the user changed and Backstay would change too.
    pub conflicts: Vec<String>,
    /// What Backstay wants there, for the record.
    pub(super) generated: String,
    /// What is written when the user's side of the conflicts is given up.
    pub(super) forced: String,
}

/// What happens to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is made.
    Create,
    /// It gets another text.
    Update,
    /// It is no longer generated and nobody changed it.
    Remove,
    /// It is no longer generated, but the user changed it, so it stays.
    Orphan,
    /// It stays as it is.
    Keep,
}

impl Output {
    /// Looks at an output folder, which need not exist. `inside` is the folder that it must not leave
    /// by a link, unless the user named it.
    pub fn open(
        root: &Path,
        inside: Option<&Path>,
        access: Access,
    ) -> Result<Output, ProjectError> {
        match fs::metadata(root) {
            Ok(metadata) if !metadata.is_dir() => {
                let help = "move it away, or choose another folder with `--output`";
                return Err(ProjectError::unusable(
                    root,
                    "is a file, not a folder",
                    help,
                ));
            }
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(ProjectError::io("read", root)(error)),
        }
        check_holds_no_plan(root)?;
        if let Some(inside) = inside {
            check_inside(root, inside)?;
        }
        if root.exists() {
            check_inside(&root.join(WORK_FOLDER), root)?;
        }
        // Whoever writes must be alone from before the first look: credentials are drawn from what is missing.
        let transaction = match access {
            Access::Read => None,
            Access::Write => Some(Transaction::begin(root)?),
        };
        Ok(Output {
            root: root.to_owned(),
            committed: read_record(&root.join(LOCK_FILE))?,
            local: read_record(&root.join(WORK_FOLDER).join("record"))?,
            transaction,
            replaced: SecretValues::new(),
        })
    }

    /// What would happen to every file of these environments, and of those that the plan no longer has:
    /// `known` are all that it has, and the others' files go when every one of them is generated. `is_title`
    /// tells what kinds are called.
    pub fn changes(
        &self,
        artifacts: &[Artifact],
        environments: &[EnvironmentName],
        known: &[EnvironmentName],
        is_title: &dyn Fn(&str) -> bool,
    ) -> Result<Vec<FileChange>, ProjectError> {
        let mut changes = Vec::with_capacity(artifacts.len());
        for artifact in artifacts {
            changes.push(self.change(artifact, is_title)?);
        }
        let wanted: BTreeSet<&str> = artifacts
            .iter()
            .map(|artifact| artifact.path.as_str())
            .collect();
        let is_all = known.iter().all(|known| environments.contains(known));
        let in_scope = |path: &str| {
            let is_of = |environment: &EnvironmentName| {
                path.split('/').next() == Some(environment.as_str())
            };
            environments.iter().any(is_of) || is_all && !known.iter().any(is_of)
        };
        let recorded = self
            .committed
            .paths()
            .map(|path| (path, Audience::Everybody));
        let recorded = recorded.chain(self.local.paths().map(|path| (path, Audience::Owner)));
        // Credentials outlive what they were for: no record can make Backstay delete them.
        // Nor does what a container of before needs go, as long as its data is not brought over.
        let kept = self.read(KEPT_FILE)?.unwrap_or_default();
        let stays = |path: &str| is_secrets_path(path) || is_held(&kept, path);
        let gone = |path: &str| !wanted.contains(path) && in_scope(path) && !stays(path);
        for (path, audience) in recorded.filter(|(path, _)| gone(path)) {
            changes.extend(self.removal(path, audience)?);
        }
        changes.extend(self.previous_values()?);
        changes.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(changes)
    }

    fn change(
        &self,
        artifact: &Artifact,
        is_title: &dyn Fn(&str) -> bool,
    ) -> Result<FileChange, ProjectError> {
        let old = self.read(&artifact.path)?;
        let merged = match &old {
            None => Merged::clean(artifact.text.clone()),
            Some(disk) => self.merged(artifact, disk, is_title),
        };
        let kind = match &old {
            None => ChangeKind::Create,
            Some(old) if *old == merged.text => ChangeKind::Keep,
            Some(_) => ChangeKind::Update,
        };
        Ok(FileChange {
            path: artifact.path.clone(),
            kind,
            old: old.unwrap_or_default(),
            new: merged.text,
            audience: artifact.audience,
            conflicts: merged.conflicts,
            generated: artifact.text.clone(),
            forced: merged.forced,
        })
    }

    fn merged(&self, artifact: &Artifact, disk: &str, is_title: &dyn Fn(&str) -> bool) -> Merged {
        if is_secrets_path(&artifact.path) {
            let replaced = self.replaced_in(&artifact.path);
            let is_old = |line: &str| is_old_heading(line, &artifact.text, is_title);
            let base = changeable_lines(disk, &replaced, is_old);
            return merge::merge_env(&base, disk, &artifact.text);
        }
        let record = if artifact.audience.is_secret() {
            &self.local
        } else {
            &self.committed
        };
        let base = record.base(&artifact.path);
        let is_env = artifact.path.ends_with(".env") || artifact.path.ends_with(".env.example");
        match is_env {
            true => merge::merge_env(&base, disk, &artifact.text),
            false => merge::merge_lines(&base, disk, &artifact.text),
        }
    }

    fn removal(&self, path: &str, audience: Audience) -> Result<Option<FileChange>, ProjectError> {
        let Some(old) = self.read(path)? else {
            return Ok(None);
        };
        let record = if audience.is_secret() {
            &self.local
        } else {
            &self.committed
        };
        let (kind, new) = match record.base(path) == Some(line_hashes(&old)) {
            true => (ChangeKind::Remove, String::new()),
            false => (ChangeKind::Orphan, old.clone()),
        };
        Ok(Some(FileChange {
            path: path.to_owned(),
            kind,
            old,
            new,
            audience: audience.max(audience_of(path)),
            conflicts: Vec::new(),
            generated: String::new(),
            forced: String::new(),
        }))
    }

    /// Makes the changes, all or none. Where there are conflicts, Backstay's side is taken and the
    /// user's file is kept beside it, as `NAME.orig`. The folder must be open for writing.
    pub fn write(&mut self, changes: &[FileChange]) -> Result<(), ProjectError> {
        let transaction = self
            .transaction
            .as_ref()
            .expect("only a folder that is open for writing is written to");
        let (mut committed, mut local) = (self.committed.clone(), self.local.clone());
        let mut writes = Vec::new();
        for change in changes {
            match change.kind {
                ChangeKind::Orphan => {
                    committed.forget(&change.path);
                    local.forget(&change.path);
                }
                ChangeKind::Remove => {
                    committed.forget(&change.path);
                    local.forget(&change.path);
                    writes.push(FileWrite {
                        path: change.path.clone(),
                        text: None,
                        audience: change.audience,
                    });
                }
                ChangeKind::Create | ChangeKind::Update | ChangeKind::Keep => {
                    let record = match change.audience.is_secret() {
                        true => &mut local,
                        false => &mut committed,
                    };
                    // What is left to be done is the user's: no record lets Backstay take it away.
                    if !is_secrets_path(&change.path) && change.path != KEPT_FILE {
                        record.note(&change.path, &change.generated);
                    }
                    writes.extend(self.file_writes(change));
                }
            }
        }
        let printed = committed.print(COMMITTED_HEADER);
        // A record that a merge of branches has damaged is made whole again.
        let on_disk = fs::read_to_string(self.root.join(LOCK_FILE)).ok();
        if on_disk.as_deref() != Some(&printed) {
            let text = Some(printed);
            writes.push(FileWrite {
                path: LOCK_FILE.to_owned(),
                text,
                audience: Audience::Everybody,
            });
        }
        if local != self.local {
            let path = format!("{WORK_FOLDER}/record");
            writes.push(FileWrite {
                path,
                text: Some(local.print(LOCAL_HEADER)),
                audience: Audience::Owner,
            });
        }
        if !writes.is_empty() {
            transaction.commit(&writes)?;
        }
        (self.committed, self.local) = (committed, local);
        Ok(())
    }

    fn file_writes(&self, change: &FileChange) -> Vec<FileWrite> {
        let write = |path: String, text: &str, audience| FileWrite {
            path,
            text: Some(text.to_owned()),
            audience,
        };
        if change.conflicts.is_empty() {
            let changed = change.kind != ChangeKind::Keep;
            return changed
                .then(|| write(change.path.clone(), &change.new, change.audience))
                .into_iter()
                .collect();
        }
        vec![
            write(self.free_name(&change.path), &change.old, Audience::Owner),
            write(change.path.clone(), &change.forced, change.audience),
        ]
    }

    /// `NAME.orig`, or the first of `NAME.orig2`, … that is free.
    fn free_name(&self, path: &str) -> String {
        let names = std::iter::once(format!("{path}.orig"))
            .chain((2..).map(|number| format!("{path}.orig{number}")));
        let mut free = names.filter(|name| !self.root.join(name).exists());
        free.next().expect("there are more numbers than files")
    }

    /// A file below the output folder; `None` if there is none.
    pub(super) fn read(&self, path: &str) -> Result<Option<String>, ProjectError> {
        check_below(path)?;
        let full = self.root.join(path);
        check_is_file(&full)?;
        match fs::read(&full) {
            Ok(bytes) => {
                check_links(&self.root, Path::new(path))?;
                let text = String::from_utf8(bytes);
                let help = "Backstay writes text there: move the file away";
                text.map(Some)
                    .map_err(|_| ProjectError::unusable(full, "is not UTF-8 text", help))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                check_links(&self.root, Path::new(path))?;
                Ok(None)
            }
            Err(error) => Err(ProjectError::io("read", full)(error)),
        }
    }
}

/// Refuses the plan's own folder: Backstay's work folder and the user's own `.backstay` would be one.
fn check_holds_no_plan(root: &Path) -> Result<(), ProjectError> {
    match root.join(PLAN_FILE).exists() {
        false => Ok(()),
        true => Err(ProjectError::unusable(
            root,
            "holds the plan itself: generated files need a folder of their own",
            "name another folder with `--output`, for example `deploy`",
        )),
    }
}

/// A record, or an empty one where there is none or it is no text.
fn read_record(path: &Path) -> Result<Record, ProjectError> {
    check_is_file(path)?;
    match fs::read(path) {
        Ok(bytes) => Ok(Record::parse(&String::from_utf8_lossy(&bytes))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Record::default()),
        Err(error) => Err(ProjectError::io("read", path)(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plans_own_folder_takes_no_output() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(PLAN_FILE), "").expect("a file");
        let error = Output::open(folder.path(), None, Access::Write);
        let error = error.err().expect("the plan is there");
        assert!(
            error.to_string().contains("holds the plan itself"),
            "{error}"
        );
        assert!(!folder.path().join(WORK_FOLDER).exists());
    }

    #[test]
    fn files_of_an_environment_that_is_gone_go_but_not_its_credentials() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        fs::create_dir_all(root.join("old")).expect("a folder");
        for name in ["README.md", "changed", "secrets.env"] {
            fs::write(root.join("old").join(name), "x\n").expect("a file");
        }
        let mut record = Record::default();
        for (path, text) in [
            ("old/README.md", "x"),
            ("old/changed", "y"),
            ("old/secrets.env", "x"),
        ] {
            record.note(path, text);
        }
        fs::write(root.join(LOCK_FILE), record.print(COMMITTED_HEADER)).expect("a file");
        let output = Output::open(root, None, Access::Read).expect("a folder");
        let names = ["prod", "test"].map(|name| EnvironmentName::new(name).expect("a name"));
        let kinds = |environments| -> Vec<(String, ChangeKind)> {
            let changes = output
                .changes(&[], environments, &names, &|_| false)
                .expect("changes");
            changes
                .into_iter()
                .map(|change| (change.path, change.kind))
                .collect()
        };
        assert_eq!(
            kinds(&names),
            [
                ("old/README.md".to_owned(), ChangeKind::Remove),
                ("old/changed".to_owned(), ChangeKind::Orphan)
            ]
        );
        assert_eq!(kinds(&names[..1]), []);
    }
}
