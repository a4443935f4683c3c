//! Writes many files as one: staged beside, then put in place; finished later if interrupted.
//!
//! ```text
//!  stage every file ──► write the journal ──► rename each into place ──► remove the journal
//!       │ failure: remove what is staged         │ interrupted: the next run goes on here
//!       ▼ nothing has changed                    ▼ all of it is in place
//! ```
#![expect(
    clippy::disallowed_methods,
    reason = "this is where generated files are written"
)]

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::generate::Audience;
use crate::generate::merge::line_hash;
use crate::generate::secret_file::is_secrets_path;
use crate::project::ProjectError;
use crate::project::below::{check_below, check_links};
use crate::project::modes;
use crate::project::probe::{probe_folders, remove_left_probes};
use crate::project::regular::check_is_file;
use crate::project::unfinished::{Entry, entries};

/// Where unfinished work is kept, below the output folder.
pub(super) const WORK_FOLDER: &str = ".backstay";

/// One file to write or remove.
#[derive(Clone, Debug)]
pub(super) struct FileWrite {
    /// Where, below the output folder.
    pub path: String,
    /// Its text; `None` removes it.
    pub text: Option<String>,
    /// Who may read it.
    pub audience: Audience,
}

/// The only writer of an output folder, for as long as it lives.
pub(super) struct Transaction {
    root: PathBuf,
    _lock: File,
}

impl Transaction {
    /// Becomes the writer of `root`, and finishes what an interrupted run left.
    pub(super) fn begin(root: &Path) -> Result<Transaction, ProjectError> {
        let work = root.join(WORK_FOLDER);
        create_private_folder(&work)?;
        for name in ["lock", "journal", "staging"] {
            check_links(&work, Path::new(name))?;
        }
        for name in ["lock", "journal"] {
            check_is_file(&work.join(name))?;
        }
        let path = work.join("lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path);
        let lock = lock.map_err(ProjectError::io("write", &path))?;
        lock.try_lock().map_err(|_| {
            let help = "wait until it has finished, then run this again";
            ProjectError::unusable(root, "is being written by another run of Backstay", help)
        })?;
        let transaction = Transaction {
            root: root.to_owned(),
            _lock: lock,
        };
        transaction.finish_interrupted()?;
        Ok(transaction)
    }

    /// Writes everything, or nothing if it fails before all is staged.
    pub(super) fn commit(&self, writes: &[FileWrite]) -> Result<(), ProjectError> {
        writes
            .iter()
            .try_for_each(|write| check_below(&write.path))?;
        let staging = self.staging();
        let staged = self.stage(&staging, writes);
        if let Err(error) = staged {
            let _ = fs::remove_dir_all(&staging);
            return Err(error);
        }
        self.put_in_place(&entries(writes))
    }

    fn stage(&self, staging: &Path, writes: &[FileWrite]) -> Result<(), ProjectError> {
        create_private_folder(staging)?;
        for (number, write) in writes.iter().enumerate() {
            if let Some(text) = &write.text {
                let path = staging.join(number.to_string());
                let there = modes::mode(&self.root.join(&write.path));
                write_file(&path, text, write, there)
                    .map_err(ProjectError::io("write", self.root.join(&write.path)))?;
            }
            self.make_folder_of(write)?;
        }
        // Before anything has its place: half of a run would be left undone.
        let paths = writes.iter().map(|write| write.path.as_str());
        probe_folders(&self.root, staging, paths)?;
        // From the moment the journal has its name, the run counts as done.
        let journal: String = entries(writes).iter().map(|entry| entry.print()).collect();
        let (new, path) = (staging.join("journal"), self.journal());
        let written = File::create(&new).and_then(|mut file| {
            file.write_all(journal.as_bytes())?;
            file.sync_all()
        });
        written
            .and_then(|()| fs::rename(&new, &path))
            .map_err(ProjectError::io("write", path))
    }

    fn make_folder_of(&self, write: &FileWrite) -> Result<(), ProjectError> {
        let path = self.root.join(&write.path);
        let Some(folder) = path.parent().filter(|_| write.text.is_some()) else {
            return Ok(());
        };
        match write.audience {
            Audience::Container => create_private_folder(folder),
            _ => fs::create_dir_all(folder).map_err(ProjectError::io("create", folder)),
        }
    }

    fn put_in_place(&self, entries: &[Entry]) -> Result<(), ProjectError> {
        let staging = self.staging();
        // What is removed takes its folder along if nothing else is in it: what comes to it, comes first.
        let (written, removed): (Vec<&Entry>, Vec<&Entry>) =
            entries.iter().partition(|entry| entry.staged.is_some());
        for (done, entry) in written.into_iter().chain(removed).enumerate() {
            let path = self.root.join(&entry.path);
            let placed = match entry.staged {
                Some((number, _)) => rename_into(&staging.join(number.to_string()), &path),
                None => remove_with_empty_folders(&path, &self.root),
            };
            placed.map_err(|error| half_way(path, done, entries.len(), &error))?;
        }
        fs::remove_file(self.journal()).map_err(ProjectError::io("remove", self.journal()))?;
        self.remove_staging()
    }

    fn remove_staging(&self) -> Result<(), ProjectError> {
        let staging = self.staging();
        match fs::remove_dir_all(&staging) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(ProjectError::io("remove", staging)(error))
            }
            _ => Ok(()),
        }
    }

    fn finish_interrupted(&self) -> Result<(), ProjectError> {
        let staging = self.staging();
        if let Ok(journal) = fs::read_to_string(self.journal()) {
            let whole = |entry: &Entry| match entry.staged {
                // What is not there any more is in place already; what is not whole stays out.
                Some((number, hash)) => fs::read_to_string(staging.join(number.to_string()))
                    .is_ok_and(|text| line_hash(&text) == hash),
                None => true,
            };
            let entries: Vec<Entry> = journal
                .lines()
                .filter_map(Entry::parse)
                .filter(whole)
                .collect();
            for entry in &entries {
                check_links(&self.root, Path::new(&entry.path))?;
            }
            return self.put_in_place(&entries);
        }
        remove_left_probes(&self.root, &staging);
        self.remove_staging()
    }

    fn staging(&self) -> PathBuf {
        self.root.join(WORK_FOLDER).join("staging")
    }

    fn journal(&self) -> PathBuf {
        self.root.join(WORK_FOLDER).join("journal")
    }
}

/// A failure after the first file has its place; the journal stays for the next run.
fn half_way(path: PathBuf, done: usize, all: usize, error: &std::io::Error) -> ProjectError {
    let fault = format!("cannot be replaced ({error}); {done} of {all} files are in place already");
    let help = "let it be written, then run this again: the next run finishes it";
    ProjectError::unusable(path, fault, help)
}

/// Writes a staged file. One that takes the place of a file which fewer may read stays as closed as that is.
fn write_file(
    path: &Path,
    text: &str,
    write: &FileWrite,
    there: Option<u32>,
) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let usual = if write.audience == Audience::Owner {
            0o600
        } else {
            0o644
        };
        options.mode(there.map_or(usual, |there| there & usual));
    }
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    // Losing a credential is the one loss that cannot be made good by running again.
    match is_secrets_path(&write.path) {
        true => file.sync_data(),
        false => Ok(()),
    }
}

fn create_private_folder(folder: &Path) -> Result<(), ProjectError> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    if let Some(above) = folder.parent() {
        fs::create_dir_all(above).map_err(ProjectError::io("create", above))?;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder
        .create(folder)
        .map_err(ProjectError::io("create", folder))
}

/// Gives a staged file its place. A folder that went away meanwhile comes back, for its owner alone: nothing says any
/// more who may look into it.
fn rename_into(staged: &Path, path: &Path) -> std::io::Result<()> {
    let renamed = fs::rename(staged, path);
    match (&renamed, path.parent()) {
        (Err(error), Some(folder))
            if error.kind() == std::io::ErrorKind::NotFound
                && staged.exists()
                && create_private_folder(folder).is_ok() =>
        {
            fs::rename(staged, path)
        }
        _ => renamed,
    }
}

/// Removes a file and the folders that are empty then, up to the root.
fn remove_with_empty_folders(path: &Path, root: &Path) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    for folder in path
        .ancestors()
        .skip(1)
        .take_while(|folder| *folder != root)
    {
        if fs::remove_dir(folder).is_err() {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &str, text: Option<&str>) -> FileWrite {
        FileWrite {
            path: path.into(),
            text: text.map(str::to_owned),
            audience: Audience::Everybody,
        }
    }

    #[test]
    fn files_come_and_go_together_and_nothing_is_left_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let transaction = Transaction::begin(folder.path()).expect("a writer");
        transaction
            .commit(&[write("a/b/c", Some("1")), write("d", Some("2"))])
            .expect("written");
        transaction
            .commit(&[write("a/b/c", None), write("d", Some("3"))])
            .expect("written");
        assert!(!folder.path().join("a").exists());
        assert_eq!(
            fs::read_to_string(folder.path().join("d")).expect("the file"),
            "3"
        );
        let left: Vec<_> = fs::read_dir(folder.path().join(WORK_FOLDER))
            .expect("the folder")
            .collect();
        assert_eq!(left.len(), 1, "only the lock: {left:?}");
    }

    #[test]
    fn an_interrupted_run_is_finished_by_the_next() {
        let folder = tempfile::tempdir().expect("a folder");
        let transaction = Transaction::begin(folder.path()).expect("a writer");
        let writes = [write("a", Some("1")), write("b", Some("2"))];
        transaction
            .stage(&transaction.staging(), &writes)
            .expect("staged");
        // The run ends here, with one of two files in place.
        fs::rename(transaction.staging().join("0"), folder.path().join("a")).expect("in place");
        drop(transaction);
        Transaction::begin(folder.path()).expect("a writer");
        assert_eq!(
            fs::read_to_string(folder.path().join("b")).expect("the file"),
            "2"
        );
        assert!(!folder.path().join(WORK_FOLDER).join("journal").exists());
    }

    #[test]
    fn wherever_a_run_is_cut_off_all_of_it_or_nothing_is_there() {
        let writes = [
            write("a", Some("1")),
            write("b/c", Some("2")),
            write("d", None),
        ];
        // Before the journal has its name nothing has happened; from then on all of it will.
        for cut_off_at in 0..=writes.len() + 1 {
            let folder = tempfile::tempdir().expect("a folder");
            let text = |name: &str| fs::read_to_string(folder.path().join(name)).ok();
            for name in ["a", "d"] {
                fs::write(folder.path().join(name), "0").expect("a file");
            }
            let transaction = Transaction::begin(folder.path()).expect("a writer");
            let staging = transaction.staging();
            transaction.stage(&staging, &writes).expect("staged");
            match cut_off_at.checked_sub(1) {
                None => fs::remove_file(transaction.journal()).expect("there is no journal yet"),
                Some(done) => {
                    for (number, write) in writes.iter().enumerate().take(done) {
                        let path = folder.path().join(&write.path);
                        match write.text {
                            Some(_) => fs::rename(staging.join(number.to_string()), path),
                            None => fs::remove_file(path),
                        }
                        .expect("in place");
                    }
                }
            }
            drop(transaction);
            Transaction::begin(folder.path()).expect("a writer");
            let found = [text("a"), text("b/c"), text("d")];
            let some = |text: &str| Some(text.to_owned());
            match cut_off_at {
                0 => assert_eq!(found, [some("0"), None, some("0")]),
                _ => assert_eq!(found, [some("1"), some("2"), None], "{cut_off_at}"),
            }
            assert!(!staging.exists(), "{cut_off_at}");
        }
    }

    #[test]
    fn what_comes_to_a_folder_stays_when_all_that_was_there_goes() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = |name: &str| fs::read_to_string(folder.path().join(name)).ok();
        let transaction = Transaction::begin(folder.path()).expect("a writer");
        let before = [write("secrets/db", Some("1")), write("z", Some("1"))];
        transaction.commit(&before).expect("written");
        let after = [write("secrets/db", None), write("secrets/main", Some("2"))];
        transaction.commit(&after).expect("written");
        assert_eq!(
            [text("secrets/db"), text("secrets/main")],
            [None, Some("2".to_owned())]
        );
    }

    #[test]
    fn a_folder_that_went_away_does_not_stop_the_next_run() {
        let folder = tempfile::tempdir().expect("a folder");
        let transaction = Transaction::begin(folder.path()).expect("a writer");
        let writes = [write("a/b", Some("1")), write("a/c", None)];
        transaction
            .stage(&transaction.staging(), &writes)
            .expect("staged");
        drop(transaction);
        fs::remove_dir_all(folder.path().join("a")).expect("removed");
        Transaction::begin(folder.path()).expect("a writer");
        let text = fs::read_to_string(folder.path().join("a/b")).expect("the file");
        assert_eq!(text, "1");
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_cannot_be_written_stops_everything() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let transaction = Transaction::begin(folder.path()).expect("a writer");
        let closed = folder.path().join("closed");
        fs::create_dir(&closed).expect("a folder");
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o555)).expect("permissions");
        let is_root = fs::write(closed.join("x"), "").is_ok();
        let result = transaction.commit(&[write("a", Some("1")), write("closed/b", Some("2"))]);
        // Whoever runs this with every right is stopped by nothing.
        assert_eq!(result.is_ok(), is_root, "{result:?}");
        assert_eq!(folder.path().join("a").exists(), is_root);
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).expect("permissions");
    }

    #[test]
    fn a_failure_half_way_is_told_and_finished_by_the_next_run() {
        let folder = tempfile::tempdir().expect("a folder");
        let transaction = Transaction::begin(folder.path()).expect("a writer");
        // No file takes the place of a folder that holds something.
        fs::create_dir_all(folder.path().join("b/c")).expect("a folder");
        let writes = [write("a", Some("1")), write("b", Some("2"))];
        let error = transaction.commit(&writes).expect_err("a folder is there");
        assert!(
            error.to_string().contains("1 of 2 files are in place"),
            "{error}"
        );
        drop(transaction);
        fs::remove_dir_all(folder.path().join("b")).expect("removed");
        Transaction::begin(folder.path()).expect("a writer");
        let text = fs::read_to_string(folder.path().join("b")).expect("the file");
        assert_eq!(text, "2");
    }

    #[test]
    fn nothing_outside_is_written_or_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let (root, victim) = (folder.path().join("deploy"), folder.path().join("victim"));
        fs::create_dir_all(root.join(WORK_FOLDER)).expect("a folder");
        fs::write(&victim, "mine").expect("a file");
        let journal = format!("-\t-\t../victim\n-\t-\t{}\n", victim.display());
        fs::write(root.join(WORK_FOLDER).join("journal"), journal).expect("a file");
        let transaction = Transaction::begin(&root).expect("a writer");
        assert!(transaction.commit(&[write("../victim", None)]).is_err());
        assert_eq!(fs::read_to_string(&victim).expect("the file"), "mine");
    }

    #[cfg(unix)]
    #[test]
    fn a_journal_follows_no_link_out_of_the_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let (root, outside) = (folder.path().join("deploy"), folder.path().join("outside"));
        fs::create_dir_all(root.join(WORK_FOLDER)).expect("a folder");
        fs::create_dir_all(&outside).expect("a folder");
        fs::write(outside.join("victim"), "mine").expect("a file");
        std::os::unix::fs::symlink(&outside, root.join("prod")).expect("a link");
        let journal = root.join(WORK_FOLDER).join("journal");
        fs::write(journal, "-\t-\tprod/victim\n").expect("a file");
        assert!(Transaction::begin(&root).is_err());
        assert!(outside.join("victim").exists());
    }

    #[test]
    fn a_second_writer_is_told_so() {
        let folder = tempfile::tempdir().expect("a folder");
        let _first = Transaction::begin(folder.path()).expect("a writer");
        let second = Transaction::begin(folder.path())
            .err()
            .expect("there is a writer already");
        assert!(second.to_string().contains("another run"), "{second}");
    }
}
