//! Tries whether folders can be written, and takes away what a try left whose run was killed.
#![expect(
    clippy::disallowed_methods,
    reason = "whether a folder can be written shows in writing to it only"
)]

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::path::Path;

use crate::project::ProjectError;
use crate::project::below::{check_links, is_below};

/// The files that a run tries to make, one a line; stands beside what is staged.
const LIST: &str = "probes";

/// Refuses paths below `root` whose folders are there but cannot be written.
pub(super) fn probe_folders<'a>(
    root: &Path,
    staging: &Path,
    paths: impl Iterator<Item = &'a str>,
) -> Result<(), ProjectError> {
    let folders: BTreeSet<&Path> = paths
        .filter_map(|path| Path::new(path).parent())
        .filter(|folder| root.join(folder).is_dir())
        .collect();
    let name = format!(".backstay-probe.{}", std::process::id());
    let probes: Vec<_> = folders.iter().map(|folder| folder.join(&name)).collect();
    let list: String = probes
        .iter()
        .map(|probe| format!("{}\n", probe.display()))
        .collect();
    let path = staging.join(LIST);
    fs::write(&path, list).map_err(ProjectError::io("write", path))?;
    for (folder, probe) in folders.iter().zip(&probes) {
        let probe = root.join(probe);
        let made = OpenOptions::new().write(true).create_new(true).open(&probe);
        made.and_then(|_| fs::remove_file(&probe))
            .map_err(ProjectError::io("write to", root.join(folder)))?;
    }
    Ok(())
}

/// Removes what a run left that was killed between making such a file and removing it.
pub(super) fn remove_left_probes(root: &Path, staging: &Path) {
    let list = fs::read_to_string(staging.join(LIST)).unwrap_or_default();
    for probe in list.lines() {
        // The list can come with a cloned repository: it must name nothing but such files below the folder.
        let is_probe = Path::new(probe)
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with(".backstay-probe."));
        if is_probe && is_below(probe) && check_links(root, Path::new(probe)).is_ok() {
            // Most of them are not there.
            let _ = fs::remove_file(root.join(probe));
        }
    }
}
