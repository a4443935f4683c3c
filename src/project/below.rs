//! What lies below a folder: by its path, and once links are followed.

use std::fs;
use std::path::{Component, Path};

use crate::project::ProjectError;

/// Whether a path can only lead to something below the folder that it is joined to, links aside.
pub(super) fn is_below(path: &str) -> bool {
    let normal = |part| matches!(part, Component::Normal(_));
    !path.is_empty() && Path::new(path).components().all(normal)
}

/// Refuses a path that does not stay below the output folder.
pub(super) fn check_below(path: &str) -> Result<(), ProjectError> {
    match is_below(path) {
        true => Ok(()),
        false => Err(ProjectError::unusable(
            path,
            "does not lie in the output folder",
            "no name in the plan or the templates may lead out of it",
        )),
    }
}

/// Refuses `root` with `below` if a link leads it out of `root`.
pub(super) fn check_links(root: &Path, below: &Path) -> Result<(), ProjectError> {
    let mut path = root.to_owned();
    for part in below.components() {
        path.push(part);
        match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_symlink() => check_inside(&path, root)?,
            Ok(_) => {}
            Err(_) => break,
        }
    }
    Ok(())
}

/// Refuses a path that does not lie below `folder` once links are followed.
pub(super) fn check_inside(path: &Path, folder: &Path) -> Result<(), ProjectError> {
    let Ok(real) = fs::canonicalize(path) else {
        return match fs::symlink_metadata(path) {
            Ok(metadata) if metadata.is_symlink() => Err(ProjectError::unusable(
                path,
                "is a link that leads nowhere",
                "remove the link",
            )),
            _ => Ok(()),
        };
    };
    let real_folder = fs::canonicalize(folder).map_err(ProjectError::io("find", folder))?;
    match real.starts_with(&real_folder) {
        true => Ok(()),
        false => {
            let fault = format!("is a link out of `{}`", folder.display());
            Err(ProjectError::unusable(
                path,
                fault,
                "name its target with `--output` if you mean it",
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_lie_below() {
        for right in ["a", "prod/web/.env", ".gitignore"] {
            assert!(is_below(right), "{right}");
        }
        for wrong in ["", "/etc/x", "../x", "a/../../x", "a/..", "./a"] {
            assert!(!is_below(wrong), "{wrong}");
            assert!(check_below(wrong).is_err(), "{wrong}");
        }
    }
}
