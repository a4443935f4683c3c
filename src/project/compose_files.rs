//! Compose files and what they name, read from the disk for an import.
#![expect(
    clippy::disallowed_methods,
    reason = "this is where compose files are read"
)]

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::compose_file::World;
use crate::project::regular::check_is_file;

/// Longest file that is read, in bytes, and one more, so that a longer one is noticed.
const MOST_READ: u64 = (16 << 20) + 1;

/// The disk, and a shell's variables.
pub struct ComposeFiles<'a> {
    /// The folders below which files must lie once links are followed; anywhere if there are none.
    roots: Vec<PathBuf>,
    variable: &'a dyn Fn(&str) -> Option<String>,
}

impl<'a> ComposeFiles<'a> {
    /// Reads below `roots`, or anywhere if there are none.
    pub fn new(roots: &[String], variable: &'a dyn Fn(&str) -> Option<String>) -> ComposeFiles<'a> {
        let real = |root: &String| {
            let root = Path::new(root);
            root.canonicalize().unwrap_or_else(|_| root.to_owned())
        };
        ComposeFiles {
            roots: roots.iter().map(real).collect(),
            variable,
        }
    }

    fn read_file(&self, path: &Path) -> Result<Option<Vec<u8>>, String> {
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
            return Err(format!(
                "it is a link out of the folders of the compose files, to `{}`",
                real.display()
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
