//! Three-way merge: what Backstay last wrote, what is there now, and what it would write.
//!
//! Of what was last written only a hash of each line is kept, so that no secret is stored twice and
//! the record stays small. A line whose hash is in the record is Backstay's own; any other the user's.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::generate::conflict::{backstays_side, conflict_hunks, described, shown_by_hash};
use crate::generate::env_file;
use crate::model::{Choice, Quoting};

/// Hashes of the lines that were last written, in order; `None` where nothing is recorded.
pub type Base = Option<Vec<u32>>;

/// What a merge gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// The text to write; where there are conflicts, with the user's side of each.
    pub text: String,
    /// The text with Backstay's side of each conflict.
    pub forced: String,
    /// Places that both changed, for the user to read.
    pub conflicts: Vec<String>,
}

impl Merged {
    /// A merge without conflicts.
    pub fn clean(text: impl Into<String>) -> Merged {
        let text = text.into();
        Merged {
            forced: text.clone(),
            text,
            conflicts: Vec::new(),
        }
    }

    /// Adds what was merged already.
    fn append(&mut self, other: Merged) {
        self.text.push_str(&other.text);
        self.forced.push_str(&other.forced);
        self.conflicts.extend(other.conflicts);
    }

    /// Adds an assignment of the user's, quoted as the file will be.
    fn push_users(&mut self, entry: &env_file::Entry, quoting: Quoting) {
        if entry.quoting == quoting {
            return self.push(&with_break(entry.assignment));
        }
        match entry.requoted(quoting) {
            Ok(assignment) => self.push(&assignment),
            Err(reason) => {
                let key = entry.key.unwrap_or_default();
                self.conflicts.push(format!(
                    "`{key}` is yours and cannot be said in the quoting `{quoting}`: {reason}"
                ));
                self.text.push_str(&with_break(entry.assignment));
                let lines = entry.assignment.lines();
                let commented: String = lines.map(|line| format!("# {line}\n")).collect();
                self.forced.push_str(&commented);
            }
        }
    }

    /// Adds a piece that no conflict is about.
    fn push(&mut self, piece: &str) {
        self.text.push_str(piece);
        self.forced.push_str(piece);
    }
}

/// The hash of a line, stable for ever: FNV-1a, 32 bits.
pub fn line_hash(line: &str) -> u32 {
    let step = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    line.trim_end_matches(['\n', '\r'])
        .bytes()
        .fold(0x811c_9dc5, step)
}

/// The hashes of a text's lines.
pub fn line_hashes(text: &str) -> Vec<u32> {
    text.lines().map(line_hash).collect()
}

/// Merges line by line, for compose files, runbooks and all other texts.
pub fn merge_lines(base: &Base, disk: &str, new: &str) -> Merged {
    if disk == new {
        return Merged::clean(new);
    }
    let Some(base) = base else {
        let conflict =
            "it differs from what Backstay would write, and nothing tells who changed it"
                .to_owned();
        return Merged {
            text: disk.to_owned(),
            forced: new.to_owned(),
            conflicts: vec![conflict],
        };
    };
    if *base == line_hashes(disk) {
        return Merged::clean(new);
    }
    let base_text: String = base.iter().map(|hash| format!("{hash:08x}\n")).collect();
    let (disk_text, new_text) = (hashed(disk), hashed(new));
    match diffy::merge(&base_text, &disk_text, &new_text) {
        Ok(merged) => Merged::clean(ended_like(disk, restored(&merged, disk, new))),
        Err(marked) => Merged {
            text: disk.to_owned(),
            forced: ended_like(new, restored(&backstays_side(&marked), disk, new)),
            conflicts: conflict_hunks(&marked)
                .iter()
                .map(|hunk| described(hunk, &shown_by_hash(disk, new)))
                .collect(),
        },
    }
}

/// Merges key by key, for env files. Keys that the user added stay; keys that Backstay no longer
/// writes go, unless the user changed them; a changed value that Backstay would change too is a conflict.
pub fn merge_env(base: &Base, disk: &str, new: &str) -> Merged {
    if disk == new {
        return Merged::clean(new);
    }
    let disk = &with_its_mark(base, disk);
    let is_own = |line: &str| {
        base.as_ref()
            .is_some_and(|base| base.contains(&line_hash(line)))
    };
    let new_entries = env_file::entries(new);
    let disk_entries = env_file::entries(disk);
    // Line by line every addition keeps its exact place; key by key nothing is ever lost.
    let lines = merge_lines(base, disk, new);
    // A value that is quoted otherwise must be written anew even where nobody changed it.
    let is_quoted_alike = env_file::quoting_of(disk) == env_file::quoting_of(new);
    let is_whole = base.is_some() && lines.conflicts.is_empty() && is_quoted_alike;
    if is_whole && holds_every_key(&lines.text, &disk_entries, &new_entries) {
        return lines;
    }
    let added = users_additions(&disk_entries, &new_entries, &is_own, new);
    weave(&disk_entries, &new_entries, added, &is_own, base)
}

/// The text on the disk with the line that says how it is quoted, if the user took that out.
fn with_its_mark(base: &Base, disk: &str) -> String {
    let was_written = |mark: &String| {
        let hash = line_hash(mark);
        base.as_ref().is_some_and(|base| base.contains(&hash))
    };
    let marks = Quoting::ALL.iter().copied().filter_map(env_file::mark);
    let taken_out = match env_file::marked(disk) {
        Some(_) => None,
        None => marks.into_iter().find(was_written),
    };
    format!("{}{disk}", taken_out.unwrap_or_default())
}

/// Whether a text has every generated key once, with the generated value or the one on the disk.
fn holds_every_key(text: &str, disk: &[env_file::Entry], new: &[env_file::Entry]) -> bool {
    let merged = env_file::entries(text);
    let mut values: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for entry in &merged {
        if let Some(key) = entry.key {
            values.entry(key).or_default().push(entry.value());
        }
    }
    new.iter().filter(|entry| entry.key.is_some()).all(|entry| {
        let Some([value]) = entry.key.and_then(|key| values.get(key)).map(Vec::as_slice) else {
            return false;
        };
        let on_disk = disk.iter().find(|old| old.key == entry.key);
        *value == entry.value() || on_disk.is_some_and(|old| *value == old.value())
    })
}

/// The user's own lines, each after the key that stood before it.
type Additions<'a> = BTreeMap<Option<&'a str>, Merged>;

fn users_additions<'a>(
    disk_entries: &[env_file::Entry<'a>],
    new_entries: &[env_file::Entry],
    is_own: &impl Fn(&str) -> bool,
    new: &str,
) -> Additions<'a> {
    let wanted: BTreeSet<&str> = new_entries.iter().filter_map(|entry| entry.key).collect();
    let quoting = env_file::quoting_of(new);
    let mut added = Additions::new();
    let mut anchor = None;
    for entry in disk_entries {
        let own_lead: String = entry
            .lead
            .split_inclusive('\n')
            .filter(|line| is_users_lead(line, is_own, new))
            .map(with_break)
            .collect();
        let here = added.entry(anchor).or_default();
        // What stood apart from what is above it goes on doing so.
        let is_left = entry.key.is_some_and(|key| !wanted.contains(key));
        let is_apart = is_left && entry.lead.starts_with('\n') && !own_lead.is_empty();
        if is_apart && (anchor.is_some() || !here.text.is_empty()) {
            here.push("\n");
        }
        here.push(&own_lead);
        match entry.key {
            Some(key) if wanted.contains(key) => anchor = Some(key),
            Some(_) if !entry.assignment.lines().all(is_own) => {
                here.push_users(entry, quoting);
            }
            _ => {}
        }
    }
    added
}

/// The generated entries with the user's values and additions.
fn weave<'a>(
    disk_entries: &[env_file::Entry<'a>],
    new_entries: &[env_file::Entry<'a>],
    mut added: Additions<'a>,
    is_own: &impl Fn(&str) -> bool,
    base: &Base,
) -> Merged {
    let all_own = |text: &str| text.lines().all(is_own);
    let on_disk: BTreeMap<&str, &env_file::Entry> = disk_entries
        .iter()
        .filter_map(|entry| Some((entry.key?, entry)))
        .collect();
    let mut first_added = added.remove(&None).unwrap_or_default();
    let mut merged = Merged::clean("");
    for (index, entry) in new_entries.iter().enumerate() {
        match (index, entry.lead.rsplit_once("\n\n")) {
            // What stands above the first key alone stays with it.
            (0, Some((file, own))) if !first_added.text.is_empty() => {
                merged.push(file);
                merged.push("\n\n");
                merged.append(std::mem::take(&mut first_added));
                merged.push("\n");
                merged.push(own);
            }
            _ => merged.push(entry.lead),
        }
        if index == 0 {
            merged.append(std::mem::take(&mut first_added));
        }
        let Some(key) = entry.key else { continue };
        match on_disk.get(key) {
            Some(old) if old.quoting == entry.quoting && old.value() == entry.value() => {
                merged.push(&with_break(old.assignment));
            }
            Some(old) if !all_own(old.assignment) && all_own(entry.assignment) => {
                // The user changed it, and Backstay has nothing new to say: that is how it stays.
                merged.push_users(old, entry.quoting);
            }
            Some(old) if old.value() == entry.value() => merged.push(entry.assignment),
            Some(old) if !all_own(old.assignment) => {
                merged.conflicts.push(match base {
                    Some(_) => {
                        format!("`{key}` was changed here, and its generated value changed too")
                    }
                    None => format!(
                        "`{key}` differs from its generated value, and nothing tells who changed it"
                    ),
                });
                merged.text.push_str(&with_break(old.assignment));
                merged.forced.push_str(entry.assignment);
            }
            _ => merged.push(entry.assignment),
        }
        merged.append(added.remove(&Some(key)).unwrap_or_default());
    }
    // Where nothing is generated it has not been added yet.
    merged.append(first_added);
    merged
}

/// Whether a line above an assignment is the user's: neither written by Backstay nor blank.
fn is_users_lead(line: &str, is_own: &impl Fn(&str) -> bool, new: &str) -> bool {
    let trimmed = line.trim_end_matches(['\n', '\r']);
    !trimmed.is_empty() && !is_own(trimmed) && !new.lines().any(|generated| generated == trimmed)
}

fn with_break(assignment: &str) -> String {
    match assignment.ends_with('\n') {
        true => assignment.to_owned(),
        false => format!("{assignment}\n"),
    }
}

/// `text` with or without its last line break, as `model` has it: a credential alone in its file has none.
fn ended_like(model: &str, mut text: String) -> String {
    if !model.ends_with('\n') && text.ends_with('\n') {
        text.pop();
    }
    text
}

/// A text of hashes as the lines they stand for. Each line keeps its own line break, another system's
/// and those inside values too.
fn restored(hashes: &str, disk: &str, new: &str) -> String {
    let mut lines = lines_by_hash(disk, new);
    let line = |hash: &str| match lines.get_mut(hash) {
        // The last one serves for every further occurrence.
        Some(lines) if lines.len() > 1 => lines.pop_front().map_or_else(String::new, with_break),
        Some(lines) => lines.front().copied().map_or_else(String::new, with_break),
        None => with_break(hash),
    };
    hashes.lines().map(line).collect()
}

/// The lines of both texts by their hash, those of the disk first and in their order.
fn lines_by_hash<'a>(disk: &'a str, new: &'a str) -> BTreeMap<String, VecDeque<&'a str>> {
    let mut lines: BTreeMap<String, VecDeque<&str>> = BTreeMap::new();
    for line in disk.split_inclusive('\n').chain(new.split_inclusive('\n')) {
        let hash = format!("{:08x}", line_hash(line));
        lines.entry(hash).or_default().push_back(line);
    }
    lines
}

fn hashed(text: &str) -> String {
    text.lines()
        .map(|line| format!("{:08x}\n", line_hash(line)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(text: &str) -> Base {
        Some(line_hashes(text))
    }

    fn clean(text: &str) -> Merged {
        Merged::clean(text)
    }

    #[test]
    fn lines_of_both_sides_come_together() {
        let written = "a\nb\nc\nd\ne\n";
        assert_eq!(
            merge_lines(&base(written), "a\nb\nc\nd\ne\nmine\n", "A\nb\nc\nd\ne\n"),
            clean("A\nb\nc\nd\ne\nmine\n")
        );
        assert_eq!(merge_lines(&base(written), written, "x\n"), clean("x\n"));
    }

    #[test]
    fn a_conflict_shows_no_credential_of_the_users() {
        let disk = "a\nx: {DB_PASSWORD: hunter2}\nc\n";
        let merged = merge_lines(&base("a\nb\nc\n"), disk, "a\ntheirs\nc\n");
        assert!(
            merged.conflicts[0].contains("- x: {DB_PASSWORD: *******}"),
            "{merged:?}"
        );
        assert_eq!(merged.text, disk);
    }

    #[test]
    fn lines_that_both_changed_are_a_conflict_and_the_users_side_stays() {
        let merged = merge_lines(&base("a\nb\nc\n"), "a\nmine\nc\n", "a\ntheirs\nc\n");
        assert_eq!(
            (merged.text.as_str(), merged.forced.as_str()),
            ("a\nmine\nc\n", "a\ntheirs\nc\n")
        );
        assert_eq!(merged.conflicts.len(), 1);
        assert!(
            merged.conflicts[0].contains("- mine") && merged.conflicts[0].contains("+ theirs"),
            "{merged:?}"
        );
        assert_eq!(merge_lines(&None, "mine\n", "theirs\n").conflicts.len(), 1);
    }

    #[test]
    fn keys_of_the_users_own_stay_where_they_are() {
        let written = "# head\n\n# db\nA=1\nB=2\n";
        let disk = "# head\n\n# db\nA=1\n# mine\nMINE=x\nB=2\nLAST=y\n";
        let new = "# head\n\n# db\nA=1\nAB=9\nB=3\n";
        let expected = "# head\n\n# db\nA=1\n# mine\nMINE=x\nAB=9\nB=3\nLAST=y\n";
        assert_eq!(merge_env(&base(written), disk, new), clean(expected));
    }

    #[test]
    fn a_changed_value_stays_until_its_generated_value_changes_too() {
        let written = "A=1\nB=2\n";
        assert_eq!(
            merge_env(&base(written), "A=mine\nB=2\n", "A=1\nB=2\n"),
            clean("A=mine\nB=2\n")
        );
        let merged = merge_env(&base(written), "A=mine\nB=2\n", "A=9\nB=2\n");
        assert_eq!(
            (merged.text.as_str(), merged.forced.as_str()),
            ("A=mine\nB=2\n", "A=9\nB=2\n")
        );
        assert_eq!(merged.conflicts.len(), 1);
    }

    #[test]
    fn keys_that_are_no_longer_written_go_and_missing_ones_come_back() {
        assert_eq!(
            merge_env(&base("A=1\nB=2\n"), "A=1\nB=2\n", "A=1\n"),
            clean("A=1\n")
        );
        assert_eq!(
            merge_env(&base("A=1\nB=2\n"), "A=1\nB=mine\n", "A=1\n"),
            clean("A=1\nB=mine\n")
        );
        assert_eq!(
            merge_env(&base("A=1\nB=2\n"), "B=2\n", "A=1\nB=2\n"),
            clean("A=1\nB=2\n")
        );
    }

    #[test]
    fn a_last_comment_without_a_line_break_swallows_no_key() {
        assert_eq!(
            merge_env(&base("A=1\n"), "A=1\n# mine", "A=1\nB=2\n"),
            clean("A=1\n# mine\nB=2\n")
        );
    }

    #[test]
    fn a_file_that_ends_without_a_line_break_still_does() {
        assert_eq!(merge_lines(&base("old"), "mine", "old"), clean("mine"));
        let merged = merge_lines(&base("old"), "mine", "new");
        assert_eq!(
            (merged.text.as_str(), merged.forced.as_str()),
            ("mine", "new")
        );
    }

    #[test]
    fn a_conflict_cannot_move_the_cursor() {
        let merged = merge_lines(&base("a\n"), "\u{1b}[2J\n", "b\n");
        assert!(!merged.conflicts[0].contains('\u{1b}'), "{merged:?}");
    }

    #[test]
    fn a_value_over_several_lines_is_one_value() {
        let written = "A='1\n2'\n";
        assert_eq!(
            merge_env(&base(written), "A='1\n2'\nMINE=1\n", "A='1\n3'\n"),
            clean("A='1\n3'\nMINE=1\n")
        );
    }

    #[test]
    fn what_is_no_longer_generated_stays_apart() {
        let left = "# head\n\n# a: A\nA=1\n\n# b: B\nB=1\n";
        let merged = merge_env(&base(""), left, "# head\n\n# c: C\nC=1\n");
        assert_eq!(merged, clean(&format!("{left}\n# c: C\nC=1\n")));
    }

    #[test]
    fn the_users_own_values_are_quoted_as_the_file_is() {
        let raw = env_file::mark(Quoting::Raw).expect("it says so");
        let written = "A='1 2'\n";
        let disk = "A='1 2'\nexport MINE='x y' # mine\n";
        let merged = merge_env(&base(written), disk, &format!("{raw}A=1 2\n"));
        assert_eq!(merged, clean(&format!("{raw}A=1 2\n# mine\nMINE=x y\n")));
        let disk = format!("{raw}A=1 2\nMINE='x' y\n");
        let merged = merge_env(&base(&format!("{raw}A=1 2\n")), &disk, written);
        assert_eq!(env_file::entries(&merged.text)[1].value(), "'x' y");
        assert_eq!(merged.conflicts, Vec::<String>::new());
    }

    #[test]
    fn a_value_that_the_new_quoting_cannot_hold_is_a_conflict() {
        let raw = env_file::mark(Quoting::Raw).expect("it says so");
        for mine in ["MINE='x\ny'\n", "MINE=\"$HOME/x\"\n"] {
            let disk = format!("A=1\n{mine}");
            let merged = merge_env(&base("A=1\n"), &disk, &format!("{raw}A=1\n"));
            assert!(
                merged.conflicts[0].contains("`MINE` is yours"),
                "{merged:?}"
            );
            assert!(merged.forced.contains("# MINE="), "{merged:?}");
        }
    }

    #[test]
    fn the_line_that_says_how_a_file_is_quoted_comes_back() {
        let written = format!(
            "{}A='1 2\n",
            env_file::mark(Quoting::Raw).expect("it says so")
        );
        let disk = "A='1 2\nMINE='x\n";
        let merged = merge_env(&base(&written), disk, &written);
        assert_eq!(merged, clean(&format!("{written}MINE='x\n")));
    }

    #[test]
    fn without_a_record_nobody_is_said_to_have_changed_a_value() {
        let merged = merge_env(&None, "A=1\nB=mine\n", "A=1\nB=2\n");
        assert_eq!(
            merged.conflicts,
            ["`B` differs from its generated value, and nothing tells who changed it"]
        );
    }
}
