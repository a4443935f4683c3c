//! The journal of a run that writes an output folder: a line for each file that is written or removed.

use crate::generate::merge::line_hash;
use crate::project::below::is_below;
use crate::project::transaction::FileWrite;

/// One line of the journal.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Where, below the output folder.
    pub path: String,
    /// The number and the hash of the staged file; `None` if the path is removed.
    pub staged: Option<(usize, u32)>,
}

impl Entry {
    pub fn print(&self) -> String {
        match self.staged {
            Some((number, hash)) => format!("{number}\t{hash:x}\t{}\n", self.path),
            None => format!("-\t-\t{}\n", self.path),
        }
    }

    pub fn parse(line: &str) -> Option<Entry> {
        let mut parts = line.splitn(3, '\t');
        let (number, hash, path) = (parts.next()?, parts.next()?, parts.next()?);
        let staged = match number {
            "-" => None,
            number => Some((number.parse().ok()?, u32::from_str_radix(hash, 16).ok()?)),
        };
        // A journal can come with a cloned repository: it must not reach beyond its folder.
        is_below(path).then(|| Entry {
            path: path.to_owned(),
            staged,
        })
    }
}

/// The journal's lines.
pub(super) fn entries(writes: &[FileWrite]) -> Vec<Entry> {
    let entry = |(number, write): (usize, &FileWrite)| Entry {
        path: write.path.clone(),
        staged: write.text.as_ref().map(|text| (number, line_hash(text))),
    };
    writes.iter().enumerate().map(entry).collect()
}
