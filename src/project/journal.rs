//! Edits that are not saved yet, kept beside the plan until they are: they survive the end of the program.
//!
//! ```text
//!  .backstay.toml.journal   what the edits were made to, and what they gave; replaced as a whole
//!  .backstay.toml.journal.left, .left-2 …   journals of before that were not brought back
//!  .backstay.toml.lock      locked while somebody edits the plan, so that two notice each other
//! ```
#![expect(
    clippy::disallowed_methods,
    reason = "this is where unsaved edits are kept"
)]

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::project::ProjectError;
use crate::project::journal_entry::{Entry, Unsaved, parsed, printed};
use crate::project::plan_file::is_still_there;

/// The journal of one plan.
#[derive(Debug)]
pub struct Journal {
    /// Beside the plan, and where that folder cannot be written, elsewhere.
    places: Vec<JournalFiles>,
    /// Held while edits are kept.
    lock: Option<(File, PathBuf)>,
    /// Journals of before that could not be read, or not be moved out of the way.
    unread: Vec<PathBuf>,
    /// The plan's file as the journal names it.
    plan: String,
    /// What is noted beside the edits.
    note: String,
}

#[derive(Clone, Debug)]
struct JournalFiles {
    journal: PathBuf,
    lock: PathBuf,
    is_beside: bool,
}

impl Journal {
    /// The journal of the plan at `plan`; `elsewhere` is a folder for when that of the plan cannot be written.
    pub fn of(plan: &Path, elsewhere: Option<&Path>) -> Journal {
        // A plan that has no file yet is known by the folder in which it would be.
        let absolute = || std::path::absolute(plan).unwrap_or_else(|_| plan.to_owned());
        let target = fs::canonicalize(plan).unwrap_or_else(|_| absolute());
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let folder = target.parent().unwrap_or(Path::new(""));
        let beside = JournalFiles {
            is_beside: true,
            ..JournalFiles::named(folder, &name)
        };
        // In a folder for all plans, the name says which one.
        let mut whole = String::new();
        for c in target.to_string_lossy().chars() {
            match c.is_alphanumeric() || c == '.' {
                true => whole.push(c),
                false => whole.push_str(&format!("-{:x}-", u32::from(c))),
            }
        }
        let elsewhere = elsewhere.map(|folder| JournalFiles::named(folder, &whole));
        Journal {
            places: std::iter::once(beside).chain(elsewhere).collect(),
            lock: None,
            unread: Vec::new(),
            plan: target.to_string_lossy().into_owned(),
            note: String::new(),
        }
    }

    /// Notes something beside the edits that are kept from now on.
    pub fn note(&mut self, note: String) {
        self.note = note;
    }

    /// Whether the plan's folder is there.
    pub fn has_folder(&self) -> bool {
        // By its whole name: a working folder that was removed still answers to its short one.
        let beside = self.places.first().and_then(|place| place.journal.parent());
        beside.is_some_and(Path::is_dir)
    }

    /// Edits of before that were not saved, the latest, where the plan's file holds `now`; an error if somebody else
    /// is editing the plan right now.
    ///
    /// A folder that was copied or moved brings its journal along. What it holds belongs to the text that it was made
    /// to; where that is another by now, it is put aside, which is an error too.
    pub fn unsaved(&mut self, now: Option<&str>) -> Result<Option<Unsaved>, ProjectError> {
        let mut found = Vec::new();
        let mut fault = None;
        for place in self.places.clone() {
            if !place.lock.exists() && !place.journal.exists() {
                continue;
            }
            match self.take_lock(&place) {
                Err(error @ ProjectError::Unusable { .. }) => return Err(error),
                // A folder that cannot be written can be read.
                Err(ProjectError::Io { .. }) | Ok(_) => {}
            }
            let written = fs::metadata(&place.journal)
                .and_then(|it| it.modified())
                .ok();
            match fs::read(&place.journal).map(parsed) {
                Ok(Some(entry)) if self.is_of_another(&entry, now) => {
                    let of = entry.plan.unwrap_or_default();
                    fault = fault.or(Some(self.put_aside(&place.journal, &of)));
                }
                Ok(entry) => found.extend(entry.map(|entry| (written, entry.unsaved))),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    fault = fault.or(Some(unreadable(&place.journal, &error)));
                    self.unread.push(place.journal);
                }
            }
        }
        let latest = found.into_iter().max_by_key(|(written, _)| *written);
        match (latest, fault) {
            (Some((_, unsaved)), _) => Ok(Some(unsaved)),
            (None, Some(fault)) => Err(fault),
            (None, None) => Ok(None),
        }
    }

    /// Whether edits were made to the plan of another place, and to another text than the one that is here.
    fn is_of_another(&self, entry: &Entry, now: Option<&str>) -> bool {
        let is_elsewhere = entry.plan.as_ref().is_some_and(|plan| *plan != self.plan);
        let Unsaved { base, text, .. } = &entry.unsaved;
        is_elsewhere && now.is_some_and(|now| now != base && now != text)
    }

    /// Moves a journal of another place out of the way, and tells where it is.
    fn put_aside(&mut self, journal: &Path, of: &str) -> ProjectError {
        let fault = format!("holds edits of `{of}` that were not saved, made to another text");
        match left(journal) {
            Ok(left) => {
                let help = "they are not applied here; it was moved there, and ends with the plan that they gave";
                ProjectError::unusable(left, fault, help)
            }
            Err(_) => {
                self.unread.push(journal.to_owned());
                let help = "they are not applied here, and it cannot be moved out of the way";
                ProjectError::unusable(journal, fault, help)
            }
        }
    }

    /// Keeps edits: they were made to `base`, and gave `text`. Tells where.
    pub fn keep(&mut self, base: &str, text: &str) -> Result<PathBuf, ProjectError> {
        let mut fault = None;
        for place in self.places.clone() {
            match self.keep_at(&place, base, text) {
                Ok(()) => return Ok(place.journal),
                // Whoever edits the plan as well does so wherever its journal is.
                Err(error @ ProjectError::Unusable { .. }) => return Err(error),
                Err(error) => fault = fault.or(Some(error)),
            }
        }
        Err(fault.expect("there is a place beside the plan"))
    }

    fn keep_at(
        &mut self,
        place: &JournalFiles,
        base: &str,
        text: &str,
    ) -> Result<(), ProjectError> {
        // Edits that nobody brought back are not written over: they came up since this session began.
        let is_unread = self.unread.contains(&place.journal);
        let is_others = (self.take_lock(place)? || is_unread) && place.journal.exists();
        let left = match is_others.then(|| left(&place.journal)).transpose() {
            Err(error) if is_unread => return Err(ProjectError::io("move", &place.journal)(error)),
            left => left.ok().flatten(),
        };
        self.unread.retain(|unread| *unread != place.journal);
        self.write(&place.journal, base, text)?;
        match left {
            Some(left) => {
                let help = "it was moved there; your own edits are kept";
                let fault = "holds edits of another session that were not saved";
                Err(ProjectError::unusable(left, fault, help))
            }
            None => Ok(()),
        }
    }

    fn write(&self, journal: &Path, base: &str, text: &str) -> Result<(), ProjectError> {
        let new = journal.with_extension("journal.new");
        let parts = [&self.plan, &self.note, base, text];
        let written = || -> io::Result<()> {
            // What a link would lead to is not ours.
            let _ = fs::remove_file(&new);
            let mut file = private().create_new(true).open(&new)?;
            file.write_all(printed(parts).as_bytes())?;
            fs::rename(&new, journal)
        };
        written().map_err(|error| {
            let _ = fs::remove_file(&new);
            ProjectError::io("keep your edits in", journal)(error)
        })
    }

    /// Sees to it that what was kept survives a power cut too; until then it survives the end of the program.
    pub fn flush(&self) {
        let held = self.lock.as_ref().map(|(_, path)| path);
        let kept = self.places.iter().find(|place| Some(&place.lock) == held);
        if let Some(file) = kept.and_then(|place| File::open(&place.journal).ok()) {
            let _ = file.sync_data();
        }
    }

    /// Forgets what was kept: the edits are saved, or given up.
    pub fn forget(&mut self) {
        if self.lock.is_some() {
            for place in &self.places {
                let _ = fs::remove_file(&place.journal);
            }
        }
        self.let_go();
    }

    fn let_go(&mut self) {
        if let Some((_, path)) = self.lock.take() {
            let _ = fs::remove_file(path);
        }
    }

    /// Takes the lock of a place; whether it was not held before.
    fn take_lock(&mut self, place: &JournalFiles) -> Result<bool, ProjectError> {
        if self
            .lock
            .as_ref()
            .is_some_and(|(_, path)| *path == place.lock)
        {
            return Ok(false);
        }
        // The plan's own folder is not made again when it is gone.
        let folder = place.lock.parent().filter(|_| !place.is_beside);
        if let Some(folder) = folder.filter(|folder| !folder.exists()) {
            fs::create_dir_all(folder).map_err(ProjectError::io("make", folder))?;
        }
        let file = private().create(true).truncate(false).open(&place.lock);
        let file = file.map_err(ProjectError::io("write", &place.lock))?;
        let held = || {
            let help = "save there first: changes that do not touch are joined";
            let fault = "is held: another Backstay is editing this plan";
            ProjectError::unusable(&place.lock, fault, help)
        };
        match file.try_lock() {
            Ok(()) if is_still_there(&file, &place.lock) => {}
            Ok(()) | Err(TryLockError::WouldBlock) => return Err(held()),
            Err(TryLockError::Error(error)) => {
                return Err(ProjectError::io("lock", &place.lock)(error));
            }
        }
        self.lock = Some((file, place.lock.clone()));
        Ok(true)
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.let_go();
    }
}

impl JournalFiles {
    fn named(folder: &Path, name: &str) -> JournalFiles {
        JournalFiles {
            journal: folder.join(format!(".{name}.journal")),
            lock: folder.join(format!(".{name}.lock")),
            is_beside: false,
        }
    }
}

/// A file that only its owner reads: a plan is to hold no secrets, but may.
fn private() -> fs::OpenOptions {
    let mut options = File::options();
    options.write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}

/// Moves a journal to a name that nothing has yet, and tells which.
fn left(journal: &Path) -> io::Result<PathBuf> {
    let named = |number: usize| match number {
        1 => journal.with_extension("journal.left"),
        number => journal.with_extension(format!("journal.left-{number}")),
    };
    let is_free = |path: &PathBuf| fs::symlink_metadata(path).is_err();
    let left = (1..).map(named).find(is_free);
    let left = left.expect("there are more numbers than files");
    fs::rename(journal, &left).map(|()| left)
}

/// Edits of before that there may be, but that cannot be read: another user's, say.
fn unreadable(journal: &Path, error: &io::Error) -> ProjectError {
    let fault = format!("may hold edits that were not saved, and cannot be read ({error})");
    let help = "it is never written over; look whose it is before you edit the plan";
    ProjectError::unusable(journal, fault, help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_of_a_plan_without_a_file_stay_with_its_folder() {
        let here = std::env::current_dir().expect("a folder");
        let journal = Journal::of(Path::new("no-such-plan.toml"), Some(Path::new("/state")));
        let beside = here.join(".no-such-plan.toml.journal");
        assert_eq!(journal.places[0].journal, beside);
        let of_folder = Journal::of(&here.join("no-such-plan.toml"), Some(Path::new("/state")));
        assert_eq!(journal.places[1].journal, of_folder.places[1].journal);
        assert_ne!(
            journal.places[1].journal,
            Path::new("/state/.no-such-plan.toml.journal")
        );
    }

    #[test]
    fn edits_are_there_again_until_they_are_forgotten() {
        let folder = tempfile::tempdir().expect("a folder");
        let plan = folder.path().join("backstay.toml");
        fs::write(&plan, "a = 1\n").expect("a file");
        let mut first = Journal::of(&plan, None);
        assert_eq!(first.unsaved(None).expect("nobody edits"), None);
        first.keep("a = 1\n", "ä = 2\n").expect("they are kept");
        first.keep("a = 1\n", "ä = 3\n").expect("they are kept");
        let mut second = Journal::of(&plan, None);
        let error = second.unsaved(None).expect_err("the first one edits");
        assert!(error.to_string().contains("another Backstay"), "{error}");
        assert!(second.keep("a = 1\n", "c = 1\n").is_err());
        drop(first);
        let found = second
            .unsaved(None)
            .expect("nobody edits")
            .expect("there are edits");
        assert_eq!(
            (found.base.as_str(), found.text.as_str()),
            ("a = 1\n", "ä = 3\n")
        );
        second.forget();
        assert_eq!(second.unsaved(None).expect("nobody edits"), None);
        drop(second);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn edits_that_nobody_brought_back_are_not_written_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let plan = folder.path().join("backstay.toml");
        fs::write(&plan, "a = 1\n").expect("a file");
        let mut second = Journal::of(&plan, None);
        assert_eq!(second.unsaved(None).expect("nobody edits"), None);
        let mut first = Journal::of(&plan, None);
        first.keep("a = 1\n", "a = 2\n").expect("they are kept");
        drop(first);
        let error = second
            .keep("a = 1\n", "a = 3\n")
            .expect_err("there are others");
        assert!(error.to_string().contains("another session"), "{error}");
        second.keep("a = 1\n", "a = 4\n").expect("they are kept");
        let left =
            fs::read(folder.path().join(".backstay.toml.journal.left")).expect("it is there");
        assert_eq!(parsed(left).expect("it is whole").unsaved.text, "a = 2\n");
    }

    #[test]
    fn whatever_is_left_has_a_place_of_its_own() {
        let folder = tempfile::tempdir().expect("a folder");
        let plan = folder.path().join("backstay.toml");
        for round in 1..4 {
            let mut other = Journal::of(&plan, None);
            let mut first = Journal::of(&plan, None);
            first.keep("", &round.to_string()).expect("they are kept");
            drop(first);
            other.keep("", "").expect_err("there are others");
            other.forget();
        }
        for (name, text) in [("left", "1"), ("left-2", "2"), ("left-3", "3")] {
            let left = folder.path().join(format!(".backstay.toml.journal.{name}"));
            let left = parsed(fs::read(left).expect("it is there"));
            assert_eq!(left.expect("it is whole").unsaved.text, text);
        }
    }

    #[test]
    fn edits_that_came_along_are_of_use_where_the_text_is_the_same_alone() {
        let folders = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
        let [plan, copy] = [0, 1].map(|at| folders[at].path().join("backstay.toml"));
        let journal = |plan: &Path| plan.with_file_name(".backstay.toml.journal");
        let mut first = Journal::of(&plan, None);
        first.keep("a = 1", "a = 2").expect("they are kept");
        drop(first);
        let come = |now| {
            fs::copy(journal(&plan), journal(&copy)).expect("a file");
            Journal::of(&copy, None).unsaved(now)
        };
        for now in [Some("a = 1"), None] {
            let found = come(now).expect("it can be used").expect("there are edits");
            assert_eq!(found.text, "a = 2");
        }
        let error = come(Some("a = 3")).expect_err("they are of another text");
        let said = error.to_string();
        let left = copy.with_file_name(".backstay.toml.journal.left");
        assert!(said.contains(&left.display().to_string()), "{said}");
        assert!(said.contains(&plan.display().to_string()), "{said}");
        let left = parsed(fs::read(left).expect("it is there")).expect("it is whole");
        assert_eq!(left.unsaved.text, "a = 2");
        assert!(!journal(&copy).exists());
        // Where they were made, a change of the file is joined with them as before.
        let here = Journal::of(&plan, None).unsaved(Some("a = 3"));
        assert!(here.expect("it can be used").is_some());
    }

    #[test]
    fn where_the_folder_cannot_be_written_they_are_kept_elsewhere() {
        let folder = tempfile::tempdir().expect("a folder");
        // A folder that is not there can be written by nobody, root included.
        let plan = folder.path().join("file/backstay.toml");
        fs::write(folder.path().join("file"), "").expect("a file");
        let elsewhere = folder.path().join("state");
        let mut journal = Journal::of(&plan, Some(&elsewhere));
        journal.keep("a", "b").expect("they are kept elsewhere");
        drop(journal);
        let found = Journal::of(&plan, Some(&elsewhere)).unsaved(None);
        assert_eq!(
            found.expect("nobody edits").expect("there are edits").text,
            "b"
        );
    }

    #[test]
    fn a_journal_that_cannot_be_read_is_said_unless_there_is_another() {
        let folder = tempfile::tempdir().expect("a folder");
        let plan = folder.path().join("backstay.toml");
        // What is a folder can be read by nobody, root included.
        fs::create_dir(folder.path().join(".backstay.toml.journal")).expect("a folder");
        let elsewhere = folder.path().join("state");
        let error = Journal::of(&plan, Some(&elsewhere)).unsaved(None);
        let error = error.expect_err("it cannot be read");
        assert!(error.to_string().contains("cannot be read"), "{error}");
        let mut journal = Journal::of(&plan, None);
        assert!(journal.unsaved(None).is_err());
        let error = journal.keep("a", "c").expect_err("it is moved");
        assert!(error.to_string().contains(".journal.left"), "{error}");
        journal.keep("a", "d").expect("they are kept");
        drop(journal);
        fs::remove_file(folder.path().join(".backstay.toml.journal")).expect("they were kept");
        let mut journal = Journal::of(&plan, Some(&elsewhere));
        let other = journal.places[1].journal.clone();
        fs::create_dir(&elsewhere).expect("a folder");
        fs::write(other, "backstay-journal-1 1 1\nab").expect("a file");
        let found = journal.unsaved(None).expect("one can be read");
        assert_eq!(found.expect("there are edits").text, "b");
    }
}
