//! Credentials from elsewhere that are others than those which the files carried until now.

use std::collections::BTreeMap;

use crate::cli::files::Files;
use crate::generate::{Artifact, env_file, generate};
use crate::project::{ChangeKind, FileChange, Output};
use crate::settings::{SecretNeed, SecretValues};

/// Stands in place of a credential, to find where it is.
const MARK: &str = "Mark0";

/// The credentials of `taken` that changes have brought into files which carried another value.
pub fn changed(
    files: &Files,
    output: &Output,
    taken: &SecretValues,
    changes: &[FileChange],
) -> anyhow::Result<Vec<SecretNeed>> {
    let is_rewritten =
        |change: &&FileChange| change.kind == ChangeKind::Update && change.audience.is_secret();
    let rewritten: BTreeMap<&str, &FileChange> = changes
        .iter()
        .filter(is_rewritten)
        .map(|change| (change.path.as_str(), change))
        .collect();
    let mut changed = Vec::new();
    if rewritten.is_empty() {
        return Ok(changed);
    }
    let needs = files.needs();
    let secrets = output.secrets(&needs, taken)?;
    let artifacts = generate(&files.inputs(&secrets), &files.environments)?;
    for need in needs.iter().filter(|need| !need.is_kept()) {
        let mut marked = secrets.clone();
        marked.insert(need.id.clone(), MARK.to_owned());
        let marked = generate(&files.inputs(&marked), &files.environments)?;
        let carried_another = artifacts.iter().zip(&marked).any(|(artifact, marked)| {
            let change = rewritten.get(artifact.path.as_str());
            change.is_some_and(|change| has_replaced(change, artifact, marked))
        });
        if carried_another {
            changed.push(need.clone());
        }
    }
    Ok(changed)
}

/// Whether a file had another text where the artifact with the mark differs from the one without.
fn has_replaced(change: &FileChange, artifact: &Artifact, marked: &Artifact) -> bool {
    if !artifact.path.ends_with(".env") {
        let part = differing(&artifact.text, &marked.text);
        return part.is_some_and(|part| !change.old.contains(part) || part == artifact.text);
    }
    let old = env_file::entries(&change.old);
    let entries = env_file::entries(&artifact.text);
    entries
        .iter()
        .zip(&env_file::entries(&marked.text))
        .any(|(entry, marked)| {
            let (value, marked) = (entry.value(), marked.value());
            // A variable that is new there says nothing of a credential of before.
            let before = old
                .iter()
                .find(|old| old.key.is_some() && old.key == entry.key);
            let part = differing(&value, &marked);
            part.is_some_and(|part| before.is_some_and(|before| !before.value().contains(part)))
        })
}

/// The part of a text in which it differs from another; nothing if it does not.
fn differing<'t>(text: &'t str, other: &str) -> Option<&'t str> {
    if text == other {
        return None;
    }
    let alike = |(a, b): &(char, char)| a == b;
    let length = |pairs: &mut dyn Iterator<Item = (char, char)>| -> usize {
        pairs.take_while(alike).map(|(a, _)| a.len_utf8()).sum()
    };
    let start = length(&mut text.chars().zip(other.chars()));
    let (text, other) = (&text[start..], &other[start..]);
    let end = length(&mut text.chars().rev().zip(other.chars().rev()));
    Some(&text[..text.len() - end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_differ_in_one_part() {
        assert_eq!(differing("u:abc@h", "u:Mark0@h"), Some("abc"));
        assert_eq!(differing("u:é@h", "u:ü@h"), Some("é"));
        assert_eq!(differing("abc", "abc"), None);
        assert_eq!(differing("aa", "a"), Some("a"));
    }
}
