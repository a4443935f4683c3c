//! Conflicts of a merge: found by the markers that the merge leaves, and told to people.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::finding::printable;
use crate::generate::merge::line_hash;
use crate::secret_shape::masked;

/// A text with merge markers, with Backstay's side of each conflict.
pub(super) fn backstays_side(marked: &str) -> String {
    let mut side = ' ';
    let mut text = String::with_capacity(marked.len());
    for line in marked.lines() {
        match line.get(..7) {
            Some("<<<<<<<") => side = 'd',
            Some("|||||||") => side = 'b',
            Some("=======") => side = 'n',
            Some(">>>>>>>") => side = ' ',
            _ if side == ' ' || side == 'n' => {
                text.push_str(line);
                text.push('\n');
            }
            _ => {}
        }
    }
    text
}

/// A conflict: the hashes of the lines on the disk and of those that would be written.
pub(super) struct Hunk<'m> {
    disk: Vec<&'m str>,
    new: Vec<&'m str>,
}

/// The conflicts of a text with merge markers.
pub(super) fn conflict_hunks(marked: &str) -> Vec<Hunk<'_>> {
    let mut hunks: Vec<Hunk> = Vec::new();
    let mut side = ' ';
    for line in marked.lines() {
        match line.get(..7) {
            Some("<<<<<<<") => {
                hunks.push(Hunk {
                    disk: Vec::new(),
                    new: Vec::new(),
                });
                side = 'd';
            }
            Some("|||||||") => side = 'b',
            Some("=======") => side = 'n',
            Some(">>>>>>>") => side = ' ',
            _ => match (side, hunks.last_mut()) {
                ('d', Some(hunk)) => hunk.disk.push(line),
                ('n', Some(hunk)) => hunk.new.push(line),
                _ => {}
            },
        }
    }
    hunks
}

/// The lines by their hashes as they may be shown: those of the user without credentials.
pub(super) fn shown_by_hash(disk: &str, new: &str) -> BTreeMap<String, VecDeque<String>> {
    let own: BTreeSet<&str> = new.lines().collect();
    let masked = masked(disk);
    let mut lines: BTreeMap<String, VecDeque<String>> = BTreeMap::new();
    let of_disk = disk.lines().zip(masked.lines());
    let of_disk = of_disk.map(|(line, masked)| match own.contains(line) {
        true => (line, line),
        false => (line, masked),
    });
    for (line, shown) in of_disk.chain(new.lines().map(|line| (line, line))) {
        let hash = format!("{:08x}", line_hash(line));
        lines.entry(hash).or_default().push_back(shown.to_owned());
    }
    lines
}

/// A conflict for people: what is here, and what would be written.
pub(super) fn described(hunk: &Hunk, lines: &BTreeMap<String, VecDeque<String>>) -> String {
    let side = |mark: char, hashes: &[&str]| -> String {
        let line = |hash: &&str| {
            let line = lines
                .get(*hash)
                .and_then(VecDeque::front)
                .map_or("", |line: &String| line.trim_end());
            let line: String = line.chars().flat_map(printable).collect();
            format!("\n      {mark} {line}")
        };
        hashes.iter().map(line).collect()
    };
    format!(
        "both changed these lines (- here, + generated):{}{}",
        side('-', &hunk.disk),
        side('+', &hunk.new)
    )
}
