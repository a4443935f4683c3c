//! What was last written, as hashes of lines: the base of every later merge.
//!
//! Two files: `backstay.lock` for the files that are committed, to be committed with them, and one
//! inside `.backstay/` for those that hold secrets.

use std::collections::BTreeMap;

use crate::generate::merge::{Base, line_hashes};
use crate::project::below::is_below;

/// What stands above the record of the files that are committed.
pub(super) const COMMITTED_HEADER: &str = "\
# What Backstay last wrote here, as hashes of lines. It tells your changes from its own: commit it.
";

/// What stands above the record of the files that hold secrets.
pub(super) const LOCAL_HEADER: &str = "\
# What Backstay last wrote in files that hold secrets, as hashes of lines. It stays on this machine.
";

/// Hashes of lines by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Record {
    files: BTreeMap<String, Vec<u32>>,
}

impl Record {
    /// Reads a record; lines that are none are passed over, as if nothing were recorded.
    pub(super) fn parse(text: &str) -> Record {
        let entry = |line: &str| {
            let (path, hashes) = line.split_once('\t')?;
            // A record can come with a cloned repository: it must not reach beyond its folder.
            let path = Some(path).filter(|path| is_below(path))?;
            let hashes = hashes
                .split_ascii_whitespace()
                .map(|hash| u32::from_str_radix(hash, 16));
            Some((
                path.to_owned(),
                hashes.collect::<Result<Vec<u32>, _>>().ok()?,
            ))
        };
        Record {
            files: text
                .lines()
                .filter(|line| !line.starts_with('#'))
                .filter_map(entry)
                .collect(),
        }
    }

    /// The record as text, below one of the headers.
    pub(super) fn print(&self, header: &str) -> String {
        let mut text = header.to_owned();
        for (path, hashes) in &self.files {
            text.push_str(path);
            text.push('\t');
            for (index, hash) in hashes.iter().enumerate() {
                let blank = if index == 0 { "" } else { " " };
                // Writing into a string cannot fail.
                let _ = std::fmt::Write::write_fmt(&mut text, format_args!("{blank}{hash:x}"));
            }
            text.push('\n');
        }
        text
    }

    /// What was last written at `path`.
    pub(super) fn base(&self, path: &str) -> Base {
        self.files.get(path).cloned()
    }

    /// Notes what is written at `path`.
    pub(super) fn note(&mut self, path: &str, text: &str) {
        self.files.insert(path.to_owned(), line_hashes(text));
    }

    /// Forgets `path`.
    pub(super) fn forget(&mut self, path: &str) {
        self.files.remove(path);
    }

    /// Every path.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_as_it_was_printed_and_damage_is_passed_over() {
        let mut record = Record::default();
        record.note("prod/README.md", "a\n\nb\n");
        record.note("empty", "");
        assert_eq!(Record::parse(&record.print(LOCAL_HEADER)), record);
        assert_eq!(Record::parse("../x\t1\n/etc/x\t1\n"), Record::default());
        assert_eq!(Record::parse("<<<<<<< ours\nx\tzz\n"), Record::default());
    }
}
