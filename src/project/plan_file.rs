//! Finds, reads and replaces the plan.
#![expect(
    clippy::disallowed_methods,
    reason = "this is where the plan file is touched"
)]

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::project::ProjectError;
use crate::project::regular::{is_open_already, sort};

/// What a plan is called.
pub const PLAN_FILE: &str = "backstay.toml";

/// Largest plan that is read. Ten thousand services need about 2 MiB.
const LARGEST_PLAN: u64 = 16 << 20;

/// The plan in `folder` or the nearest folder above it.
pub fn find_plan(folder: &Path) -> Option<PathBuf> {
    folder
        .ancestors()
        .map(|folder| folder.join(PLAN_FILE))
        // A link that leads to nothing is somebody's plan too, and is not passed over.
        .find(|plan| plan.exists() || plan.is_symlink())
}

/// The text of a plan: of a file, or of what is open already. A named pipe would be waited for until
/// somebody writes to it, so it is refused like every other thing that is no file.
pub fn read_plan(path: &Path) -> Result<String, ProjectError> {
    check_leads_somewhere(path)?;
    let metadata = fs::metadata(path).map_err(ProjectError::io("read", path))?;
    if !metadata.is_file() && (metadata.is_dir() || !is_open_already(path)) {
        let help = match metadata.is_dir() {
            true => "name the file, or the folder's `backstay.toml`",
            false => "name a file; a pipe is read as `/dev/stdin`",
        };
        let fault = format!("is {}, not a plan", sort(metadata.file_type()));
        return Err(ProjectError::unusable(path, fault, help));
    }
    let file = File::open(path).map_err(ProjectError::io("read", path))?;
    let mut bytes = Vec::new();
    // One byte more than allowed tells a file that is too large, or a pipe that never ends.
    file.take(LARGEST_PLAN + 1)
        .read_to_end(&mut bytes)
        .map_err(ProjectError::io("read", path))?;
    if bytes.len() as u64 > LARGEST_PLAN {
        let fault = format!("is larger than {} MiB", LARGEST_PLAN >> 20);
        return Err(ProjectError::unusable(
            path,
            fault,
            "a plan is a small text file; is this the right one?",
        ));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..at]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
            + 1;
        let fault = format!("is not UTF-8 text: byte {at}, in line {line}");
        ProjectError::unusable(path, fault, "save it as UTF-8")
    })
}

/// Refuses a link that leads to nothing: it is neither read nor replaced.
fn check_leads_somewhere(path: &Path) -> Result<(), ProjectError> {
    match fs::read_link(path) {
        Ok(target) if matches!(path.try_exists(), Ok(false)) => {
            let fault = format!("is a link to `{}`, which is not there", target.display());
            let help = "put the plan there, or take the link away";
            Err(ProjectError::unusable(path, fault, help))
        }
        _ => Ok(()),
    }
}

/// What tells a file from what it was before, without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
}

/// The stamp of a plan; `None` if it is not there.
pub fn plan_stamp(path: &Path) -> Option<Stamp> {
    let metadata = fs::metadata(path).ok()?;
    Some(Stamp {
        modified: metadata.modified().ok(),
        length: metadata.len(),
    })
}

/// The folder that a plan belongs to: the one it is in, or the working folder if it is only passed in.
pub fn folder_of(path: &Path) -> &Path {
    match is_open_already(path) {
        true => Path::new(""),
        false => path.parent().unwrap_or(Path::new("")),
    }
}

/// Replaces the plan's text at once and as a whole, unless it changed on disk since `old` was read.
pub fn replace_plan(path: &Path, old: &str, new: &str) -> Result<(), ProjectError> {
    if is_open_already(path) {
        let help = "name the file itself with `--plan`";
        return Err(ProjectError::unusable(path, "can only be read", help));
    }
    // A link stays a link: what it points to is replaced.
    let target = fs::canonicalize(path).map_err(ProjectError::io("find", path))?;
    // Always the same name, so that a run that was killed leaves nothing for long.
    let beside = target.with_file_name(".backstay.toml.new");
    let mut file = open_alone(&beside)?;
    let unchanged = read_plan(path).and_then(|text| match text == old {
        true => Ok(()),
        false => Err(ProjectError::unusable(
            path,
            "changed on disk meanwhile; nothing was written",
            "run it again",
        )),
    });
    let replaced = unchanged.and_then(|()| {
        write_whole(&mut file, new, &target)
            .and_then(|()| fs::rename(&beside, &target))
            .map_err(ProjectError::io("write", path))
    });
    if replaced.is_err() {
        let _ = fs::remove_file(&beside);
    }
    replaced
}

/// Makes files where nothing is yet: all of them, or none.
pub fn create_all(files: &[(&Path, &str)]) -> Result<(), ProjectError> {
    for (at, (path, text)) in files.iter().enumerate() {
        if let Err(error) = create_plan(path, text) {
            for (made, _) in &files[..at] {
                let _ = fs::remove_file(made);
            }
            return Err(error);
        }
    }
    Ok(())
}

/// Makes a file of a plan where nothing is yet.
pub fn create_plan(path: &Path, text: &str) -> Result<(), ProjectError> {
    check_leads_somewhere(path)?;
    let mut file = File::create_new(path).map_err(ProjectError::io("make", path))?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all());
    written.map_err(|error| {
        let _ = fs::remove_file(path);
        ProjectError::io("write", path)(error)
    })
}

/// Opens the file that takes the plan's place, for this run alone.
fn open_alone(beside: &Path) -> Result<File, ProjectError> {
    let another = || {
        let help = "wait until it has finished, then run this again";
        ProjectError::unusable(beside, "is being written by another run of Backstay", help)
    };
    if beside.is_symlink() {
        let help = "remove it: nothing but Backstay writes there";
        return Err(ProjectError::unusable(beside, "is a link", help));
    }
    let mut options = File::options();
    let file = options
        .create(true)
        .truncate(false)
        .write(true)
        .open(beside);
    let file = file.map_err(ProjectError::io("write", beside))?;
    file.try_lock().map_err(|_| another())?;
    match is_still_there(&file, beside) {
        true => Ok(file),
        false => Err(another()),
    }
}

/// Whether `path` leads to `file`: another run may have made it the plan before it could be locked.
#[cfg(unix)]
pub(super) fn is_still_there(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (Ok(ours), Ok(there)) = (file.metadata(), fs::symlink_metadata(path)) else {
        return false;
    };
    (ours.dev(), ours.ino()) == (there.dev(), there.ino())
}

/// Whether `path` leads to `file`; elsewhere a file that is open cannot be renamed.
#[cfg(not(unix))]
pub(super) fn is_still_there(_: &File, path: &Path) -> bool {
    path.exists()
}

fn write_whole(file: &mut File, text: &str, like: &Path) -> std::io::Result<()> {
    file.set_len(0)?;
    file.write_all(text.as_bytes())?;
    file.set_permissions(fs::metadata(like)?.permissions())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_found_above_and_read_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let inner = folder.path().join("a/b");
        fs::create_dir_all(&inner).expect("folders");
        let plan = folder.path().join(PLAN_FILE);
        fs::write(&plan, "name = \"x\"\n").expect("a file");
        assert_eq!(find_plan(&inner).as_deref(), Some(plan.as_path()));
        assert_eq!(read_plan(&plan).expect("it can be read"), "name = \"x\"\n");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_to_nothing_is_said_and_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let plan = folder.path().join(PLAN_FILE);
        std::os::unix::fs::symlink("gone/plan.toml", &plan).expect("a link");
        assert_eq!(find_plan(folder.path()).as_deref(), Some(plan.as_path()));
        let faults = [
            read_plan(&plan).expect_err("there is nothing"),
            create_plan(&plan, "x").expect_err("a link is there"),
        ];
        for fault in faults {
            let said = "is a link to `gone/plan.toml`, which is not there";
            assert!(fault.to_string().ends_with(said), "{fault}");
        }
        assert!(plan.is_symlink() && !plan.exists());
    }

    #[test]
    fn what_is_no_plan_is_said_with_its_place() {
        let folder = tempfile::tempdir().expect("a folder");
        let plan = folder.path().join(PLAN_FILE);
        fs::write(&plan, b"a\nb\xff").expect("a file");
        let error = read_plan(&plan).expect_err("it is not text");
        assert!(
            error
                .to_string()
                .ends_with("is not UTF-8 text: byte 3, in line 2"),
            "{error}"
        );
        assert!(
            read_plan(folder.path())
                .expect_err("it is a folder")
                .to_string()
                .contains("is a folder")
        );
    }

    #[test]
    fn a_plan_that_changed_meanwhile_is_not_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let plan = folder.path().join(PLAN_FILE);
        fs::write(&plan, "b = 2\n").expect("a file");
        assert!(replace_plan(&plan, "a = 1\n", "c = 3\n").is_err());
        replace_plan(&plan, "b = 2\n", "c = 3\n").expect("it is replaced");
        assert_eq!(read_plan(&plan).expect("it can be read"), "c = 3\n");
        assert_eq!(
            fs::read_dir(folder.path()).expect("a folder").count(),
            1,
            "nothing is left beside it"
        );
    }

    #[test]
    fn what_a_killed_run_left_is_written_over_and_two_runs_do_not_mix() {
        let folder = tempfile::tempdir().expect("a folder");
        let plan = folder.path().join(PLAN_FILE);
        let beside = folder.path().join(".backstay.toml.new");
        fs::write(&plan, "a = 1\n").expect("a file");
        fs::write(&beside, "half a plan that is longer than the other").expect("a file");
        let other = open_alone(&beside).expect("alone");
        let error = replace_plan(&plan, "a = 1\n", "b = 2\n").expect_err("not alone");
        assert!(error.to_string().contains("another run"), "{error}");
        drop(other);
        replace_plan(&plan, "a = 1\n", "b = 2\n").expect("it is replaced");
        assert_eq!(read_plan(&plan).expect("it can be read"), "b = 2\n");
        assert!(!beside.exists());
    }
}
