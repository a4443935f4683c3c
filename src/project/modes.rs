//! Who may read files with credentials: what others can read is found and closed; nothing is ever opened.
#![expect(
    clippy::disallowed_methods,
    reason = "this is where permissions are looked at"
)]

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::generate::secret_file::{previous_path, secrets_path};
use crate::model::EnvironmentName;
use crate::project::ProjectError;
use crate::project::below::check_links;
use crate::project::output::Output;
use crate::project::regular::{check_is_file, is_open_already};

/// Longest credential that is read from a file, in bytes.
const LONGEST: u64 = 64 << 10;

/// A file or folder with credentials that others than its owner can read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loose {
    /// Where it is.
    pub path: PathBuf,
    /// Its permissions now.
    pub mode: u32,
    /// Those that keep others out.
    pub wanted: u32,
}

impl Output {
    /// The files of these environments that hold credentials and that others can read, by path.
    pub fn loose(&self, environments: &[EnvironmentName]) -> Vec<Loose> {
        let found = self.private_paths(environments).into_iter();
        found
            .filter_map(|path| {
                let path = self.root.join(path);
                let mode = mode(&path)?;
                (mode & 0o077 != 0).then_some(Loose {
                    wanted: mode & 0o700,
                    path,
                    mode,
                })
            })
            .collect()
    }

    /// Keeps others out of the files of these environments that hold credentials; tells which were open.
    pub fn close(&self, environments: &[EnvironmentName]) -> Result<Vec<Loose>, ProjectError> {
        let loose = self.loose(environments);
        for one in &loose {
            let below = one.path.strip_prefix(&self.root).unwrap_or(&one.path);
            check_links(&self.root, below)?;
            set_mode(&one.path, one.wanted)
                .map_err(ProjectError::io("keep others out of", &one.path))?;
        }
        Ok(loose)
    }

    /// The permissions of a file below the output folder, where the system has such.
    pub fn mode(&self, path: &str) -> Option<u32> {
        mode(&self.root.join(path))
    }

    /// Files for their owner alone, and the folders of files for containers, whose users are not known here.
    fn private_paths(&self, environments: &[EnvironmentName]) -> BTreeSet<String> {
        let recorded = self.local.paths().filter(|path| {
            let of = path.split('/').next();
            environments.iter().any(|name| of == Some(name.as_str()))
        });
        let private = recorded.map(|path| match path.rsplit_once('/') {
            Some((folder, _)) if folder.split('/').nth(2) == Some("secrets") => folder.to_owned(),
            _ => path.to_owned(),
        });
        let own = environments
            .iter()
            .flat_map(|name| [secrets_path(name.as_str()), previous_path(name.as_str())]);
        private.chain(own).collect()
    }
}

/// A credential alone in a file, without the line break at its end.
pub fn read_credential(path: &Path) -> Result<String, ProjectError> {
    if !is_open_already(path) {
        check_is_file(path)?;
    }
    let file = File::open(path).map_err(ProjectError::io("read", path))?;
    let mut text = String::new();
    file.take(LONGEST + 1)
        .read_to_string(&mut text)
        .map_err(ProjectError::io("read", path))?;
    if text.len() as u64 > LONGEST {
        let fault = format!("is larger than {} KiB", LONGEST >> 10);
        let help = "it holds one credential and nothing more; is this the right one?";
        return Err(ProjectError::unusable(path, fault, help));
    }
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
}

#[cfg(unix)]
pub(super) fn mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = fs::metadata(path).ok()?;
    Some(metadata.permissions().mode() & 0o777)
}

#[cfg(not(unix))]
pub(super) fn mode(_: &Path) -> Option<u32> {
    None
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) -> std::io::Result<()> {
    Ok(())
}
