//! Compose files and what they name, read from the disk for an import.
#![expect(
    clippy::disallowed_methods,
    reason = "this is where compose files are read"
)]

use std::fs::{self, DirEntry, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::compose_file::World;
use crate::project::regular::check_is_file;

/// Longest file that is read, in bytes, and one more, so that a longer one is noticed.
const MOST_READ: u64 = (16 << 20) + 1;

/// Most entries of a folder that are looked at.
const MOST_ENTRIES: usize = 10_000;
/// Most paths that a path is completed to.
const MOST_PATHS: usize = 200;

/// The YAML files and the folders whose paths from a folder begin with what was typed, files first.
pub fn compose_paths_like(folder: &Path, typed: &str) -> Vec<String> {
    paths_like(folder, typed, |name| {
        name.ends_with(".yaml") || name.ends_with(".yml")
    })
}

/// The files that are called as files with variables are, and the folders, as above: `.env`, `prod.env`, `.env.prod`.
pub fn env_paths_like(folder: &Path, typed: &str) -> Vec<String> {
    paths_like(folder, typed, |name| {
        name.ends_with(".env") || name.contains(".env.")
    })
}

fn paths_like(folder: &Path, typed: &str, is_wanted: fn(&str) -> bool) -> Vec<String> {
    let (above, begun) = typed.split_at(typed.rfind('/').map_or(0, |at| at + 1));
    let Ok(entries) = fs::read_dir(folder.join(above)) else {
        return Vec::new();
    };
    let found = entries.take(MOST_ENTRIES).filter_map(|entry| {
        let entry = entry.ok()?;
        let name = entry.file_name().into_string().ok()?;
        let is_wanted = is_wanted(&name);
        // A file with variables may be called nothing but `.env`.
        let is_env = is_wanted && name.starts_with(".env");
        let is_hidden = name.starts_with('.') && !begun.starts_with('.') && !is_env;
        // These stand between paths where paths are typed.
        let is_one = !name.contains([',', ';']) && name.starts_with(begun) && !is_hidden;
        let path = format!("{above}{name}");
        let is_folder = |entry: &DirEntry| match entry.file_type() {
            Ok(what) if what.is_symlink() => entry.path().is_dir(),
            what => what.is_ok_and(|what| what.is_dir()),
        };
        match is_one {
            true if is_folder(&entry) => Some((true, path + "/")),
            true if is_wanted => Some((false, path)),
            _ => None,
        }
    });
    let mut found: Vec<(bool, String)> = found.collect();
    found.sort();
    let paths = found.into_iter().map(|(_, path)| path);
    paths.take(MOST_PATHS).collect()
}

/// The disk, and a shell's variables.
pub struct ComposeFiles<'a> {
    /// The folders below which files must lie once links are followed; anywhere if there are none.
    roots: Vec<PathBuf>,
    /// By what the user allows what lies elsewhere.
    allowed_by: &'static str,
    /// Whether a link led elsewhere.
    was_led_out: bool,
    variable: &'a dyn Fn(&str) -> Option<String>,
}

impl<'a> ComposeFiles<'a> {
    /// Reads below `roots`, or anywhere if there are none.
    pub fn new(
        roots: &[String],
        allowed_by: &'static str,
        variable: &'a dyn Fn(&str) -> Option<String>,
    ) -> ComposeFiles<'a> {
        let real = |root: &String| {
            let root = Path::new(root);
            root.canonicalize().unwrap_or_else(|_| root.to_owned())
        };
        ComposeFiles {
            roots: roots.iter().map(real).collect(),
            allowed_by,
            was_led_out: false,
            variable,
        }
    }

    /// Whether something was not read because a link leads to where nothing may be read, which the user may allow.
    pub fn was_led_out(&self) -> bool {
        self.was_led_out
    }

    fn read_file(&mut self, path: &Path) -> Result<Option<Vec<u8>>, String> {
        let real = match path.canonicalize() {
            Ok(real) => real,
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(error.to_string()),
        };
        if !self.roots.is_empty() && !self.roots.iter().any(|root| real.starts_with(root)) {
            self.was_led_out = true;
            return Err(format!(
                "it is a link out of the folders of the compose files, to `{}`; allow it with {}",
                real.display(),
                self.allowed_by
            ));
        }
        check_is_file(&real).map_err(|error| error.to_string())?;
        let file = File::open(&real).map_err(|error| error.to_string())?;
        let mut bytes = Vec::new();
        let read = file.take(MOST_READ).read_to_end(&mut bytes);
        read.map_err(|error| error.to_string())?;
        Ok(Some(bytes))
    }
}

impl World for ComposeFiles<'_> {
    fn read(&mut self, path: &str) -> Result<Option<Vec<u8>>, String> {
        self.read_file(Path::new(path))
    }

    fn variable(&self, name: &str) -> Option<String> {
        (self.variable)(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_completed_to_files_and_folders() {
        let folder = tempfile::tempdir().expect("there is room");
        let inside = folder.path().join("stack");
        fs::create_dir_all(inside.join(".hidden")).expect("there is room");
        for name in ["compose.yaml", "readme.md", "stack/b.yml", "a,b.yaml"] {
            fs::write(folder.path().join(name), "").expect("there is room");
        }
        let found = |typed: &str| compose_paths_like(folder.path(), typed);
        assert_eq!(found(""), ["compose.yaml", "stack/"]);
        assert_eq!(found("c"), ["compose.yaml"]);
        assert_eq!(found("stack/"), ["stack/b.yml"]);
        assert_eq!(found("stack/."), ["stack/.hidden/"]);
        assert_eq!(found("nowhere/"), Vec::<String>::new());
        let whole = format!("{}/comp", folder.path().display());
        assert_eq!(found(&whole).len(), 1);
        for name in [".env", ".env.prod", "prod.env", ".envrc", "environment"] {
            fs::write(folder.path().join(name), "").expect("there is room");
        }
        let found = |typed: &str| env_paths_like(folder.path(), typed);
        assert_eq!(found(""), [".env", ".env.prod", "prod.env", "stack/"]);
        assert_eq!(found(".env.p"), [".env.prod"]);
    }

    #[test]
    #[cfg(unix)]
    fn a_link_out_of_the_folders_says_what_allows_it() {
        let folder = tempfile::tempdir().expect("there is room");
        let root = folder.path().join("here");
        fs::create_dir(&root).expect("there is room");
        fs::write(folder.path().join("elsewhere"), "A=1").expect("there is room");
        std::os::unix::fs::symlink("../elsewhere", root.join(".env")).expect("a link");
        let (path, roots) = (root.join(".env"), [root.display().to_string()]);
        let mut files = ComposeFiles::new(&roots, "`--outside`", &|_| None);
        let error = files.read_file(&path).expect_err("it leads out");
        assert!(error.ends_with("allow it with `--outside`"), "{error}");
        assert!(files.was_led_out());
        let mut files = ComposeFiles::new(&[], "`--outside`", &|_| None);
        assert_eq!(files.read_file(&path), Ok(Some(b"A=1".to_vec())));
    }
}
