//! What is said when files have changed so that hosts go on running what no file has any more.

use std::path::Path;

use crate::cli::files::{Files, numbered, plain};
use crate::generate::left_behind;
use crate::project::{ChangeKind, FileChange};
use crate::settings::SecretValues;

/// What these changes leave behind on their hosts, and what is to be done about it by hand; nothing if
/// every container has its place in a file still.
pub fn said_left_behind(files: &Files, changes: &[FileChange], root: &Path) -> String {
    let none = SecretValues::new();
    let inputs = files.inputs(&none);
    let output = plain(&root.display().to_string());
    let mut said = String::new();
    for change in changes {
        let new = match change.kind {
            ChangeKind::Create | ChangeKind::Keep => continue,
            ChangeKind::Update => change.new.as_str(),
            // What stays because it was changed is not what the plan says either.
            ChangeKind::Remove | ChangeKind::Orphan => "",
        };
        for left in left_behind(&inputs, &change.path, (&change.old, new), &output) {
            let steps = numbered(&left.steps);
            said.push_str(&format!("\nleft behind: {}\n{steps}", left.text));
        }
    }
    said
}
