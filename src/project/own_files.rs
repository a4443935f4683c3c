//! The user's own kinds, dialects, stacks and templates, beside the plan and in the config folder.
#![expect(
    clippy::disallowed_methods,
    reason = "this is where the user's own files are read"
)]

use std::fs;
use std::path::{Path, PathBuf};

use crate::catalog::{CatalogFile, CatalogFileOf};
use crate::generate::{FileTemplate, TEMPLATE_NAMES};
use crate::project::ProjectError;

/// Files of the user's own.
#[derive(Debug, Default)]
pub struct OwnFiles {
    /// Kinds, dialects and stacks; later ones replace earlier ones.
    pub catalog: Vec<CatalogFile>,
    /// Templates of generated files.
    pub templates: Vec<FileTemplate>,
}

/// Reads `services/`, `dialects/`, `stacks/` and `templates/` in each of the folders that exist, the
/// nearest to the plan last.
pub fn read_own_files(folders: &[PathBuf]) -> Result<OwnFiles, ProjectError> {
    let mut own = OwnFiles::default();
    for folder in folders {
        for (name, of) in [
            ("services", CatalogFileOf::Kind),
            ("dialects", CatalogFileOf::Dialect),
            ("stacks", CatalogFileOf::Stack),
        ] {
            for path in files_in(&folder.join(name), "toml")? {
                let id = path
                    .file_stem()
                    .map(|stem| stem.to_string_lossy().into_owned())
                    .unwrap_or_default();
                own.catalog.push(CatalogFile {
                    of,
                    id,
                    text: read(&path)?,
                    place: path.display().to_string(),
                });
            }
        }
        for path in files_in(&folder.join("templates"), "")? {
            let name = path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default();
            if !TEMPLATE_NAMES.contains(&name.as_str()) {
                let help = format!("the templates are {}", TEMPLATE_NAMES.join(", "));
                return Err(ProjectError::unusable(
                    path,
                    "replaces no template of Backstay's",
                    help,
                ));
            }
            own.templates.retain(|template| template.name != name);
            own.templates.push(FileTemplate {
                name,
                text: read(&path)?,
            });
        }
    }
    Ok(own)
}

/// A file of that name in each of the folders that have one, with its place and its text.
pub fn read_beside(folders: &[PathBuf], name: &str) -> Result<Vec<(String, String)>, ProjectError> {
    let paths = folders.iter().map(|folder| folder.join(name));
    paths
        .filter(|path| path.exists())
        .map(|path| Ok((path.display().to_string(), read(&path)?)))
        .collect()
}

/// The files of a folder by name, with one ending or any; none if there is no such folder.
fn files_in(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, ProjectError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(ProjectError::io("read", folder)(error)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(ProjectError::io("read", folder))?.path();
        let hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        let fits = ending.is_empty()
            || path
                .extension()
                .is_some_and(|extension| extension == ending);
        if path.is_file() && fits && !hidden {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn read(path: &Path) -> Result<String, ProjectError> {
    fs::read_to_string(path).map_err(ProjectError::io("read", path))
}
