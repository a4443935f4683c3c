//! Finds, reads and replaces the plan.
#![expect(
    clippy::disallowed_methods,
    reason = "this is where the plan file is touched"
)]

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use crate::project::ProjectError;

/// What a plan is called.
pub const PLAN_FILE: &str = "backstay.toml";

/// Largest plan that is read. Ten thousand services need about 2 MiB.
const LARGEST_PLAN: u64 = 16 << 20;

/// The plan in `folder` or the nearest folder above it.
pub fn find_plan(folder: &Path) -> Option<PathBuf> {
    folder
        .ancestors()
        .map(|folder| folder.join(PLAN_FILE))
        .find(|plan| plan.exists())
}

/// The text of a plan.
pub fn read_plan(path: &Path) -> Result<String, ProjectError> {
    let metadata = fs::metadata(path).map_err(ProjectError::io("read", path))?;
    if metadata.is_dir() {
        return Err(ProjectError::unusable(
            path,
            "is a folder, not a plan",
            "name the file, or the folder's `backstay.toml`",
        ));
    }
    let file = File::open(path).map_err(ProjectError::io("read", path))?;
    let mut bytes = Vec::new();
    // One byte more than allowed tells a file that is too large, or a device that never ends.
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

/// Replaces the plan's text at once and as a whole, unless it changed on disk since `old` was read.
pub fn replace_plan(path: &Path, old: &str, new: &str) -> Result<(), ProjectError> {
    if read_plan(path)? != old {
        return Err(ProjectError::unusable(
            path,
            "changed on disk meanwhile; nothing was written",
            "run it again",
        ));
    }
    // A link stays a link: what it points to is replaced.
    let target = fs::canonicalize(path).map_err(ProjectError::io("find", path))?;
    let beside = target.with_extension(format!("toml.{}.new", std::process::id()));
    let written = write_whole(&beside, new, &target).and_then(|()| fs::rename(&beside, &target));
    written.map_err(|error| {
        let _ = fs::remove_file(&beside);
        ProjectError::io("write", path)(error)
    })
}

fn write_whole(beside: &Path, text: &str, like: &Path) -> std::io::Result<()> {
    let mut file = File::create(beside)?;
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
}
