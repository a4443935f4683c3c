//! What is said last when files were written: what is still empty in them, and what is run next.

use std::path::Path;

use crate::cli::files::{AheadIn, Files, plain};
use crate::generate::{Ahead, Start, env_file, secret_file::is_secrets_path};
use crate::model::{EnvironmentName, Tier};
use crate::project::{ChangeKind, FileChange};

/// Most names that are said of one file, and most files that are named in one line.
const MOST_NAMED: usize = 4;

/// Begins what is run next.
const NEXT: &str = "next: ";
/// Begins where every step is.
const EVERY_STEP: &str = "every step is in ";

/// The credentials that wait to be filled in, a line for each file.
pub fn to_fill_in(changes: &[FileChange], root: &Path) -> String {
    let secrets = changes.iter().filter(|it| is_secrets_path(&it.path));
    let said = secrets.filter_map(|change| {
        let empty = empty(change);
        (!empty.is_empty()).then(|| {
            let path = plain(&root.join(&change.path).display().to_string());
            format!(
                "to fill in: {} in {path}, then run this again\n",
                some(&empty)
            )
        })
    });
    said.collect()
}

/// What comes next in the environments whose files have changed; nothing if none have.
pub fn said(files: &Files, mut ahead: AheadIn, changes: &[FileChange], root: &Path) -> String {
    let of = |environment: &EnvironmentName| {
        let folder = format!("{environment}/");
        changes
            .iter()
            .filter(move |it| it.path.starts_with(&folder))
    };
    let topologies = files.topologies();
    let mut written: Vec<_> = topologies
        .filter(|topology| of(&topology.environment).any(is_to_start))
        .collect();
    // What runs on this machine is tried first.
    written.sort_by_key(|topology| topology.tier.unwrap_or(Tier::Production));
    let (mut said, mut first, mut runbooks) = (String::new(), None, Vec::new());
    for topology in written {
        let environment = &topology.environment;
        let Some(Ahead {
            open,
            lacks_credentials,
            starts,
            has_more,
        }) = ahead.remove(environment)
        else {
            continue;
        };
        let lacks = lacks_credentials || !open.is_empty();
        if !open.is_empty() {
            said.push_str(&format!(
                "to fill in: {} in the plan, for {environment}, then run this again\n",
                some(&open)
            ));
        }
        let has_changed = |start: &Start| {
            let folder = format!("{}/", start.folder);
            of(environment).any(|it| is_to_start(it) && it.path.starts_with(&folder))
        };
        let is_first = !lacks && first.is_none();
        if is_first {
            first = starts.into_iter().find(has_changed);
        }
        if has_more || !is_first {
            let path = root.join(format!("{environment}/README.md"));
            runbooks.push(plain(&path.display().to_string()));
        }
    }
    said.extend(first.map(|start| next(&start, root)));
    if !runbooks.is_empty() {
        said.push_str(&format!("{EVERY_STEP}{}\n", some(&runbooks)));
    }
    said
}

/// Whether a line says what comes next and where every step is, and no more.
pub fn is_next(line: &str) -> bool {
    [NEXT, EVERY_STEP]
        .iter()
        .any(|begin| line.starts_with(begin))
}

fn next(start: &Start, root: &Path) -> String {
    let before = match start.is_prepared_first {
        true => "prepare the machine as the README.md says, then ",
        false => "",
    };
    match start.is_here {
        true => {
            let output = plain(&root.display().to_string());
            format!("{NEXT}{before}{}\n", start.in_folder(&output))
        }
        false => {
            let folder = plain(&root.join(&start.folder).display().to_string());
            let command = &start.command;
            format!("{NEXT}{before}copy {folder} to its host and run there: {command}\n")
        }
    }
}

/// Whether it is a file with which containers or processes run that has changed.
fn is_to_start(change: &FileChange) -> bool {
    let is_of_host = change.path.matches('/').count() > 1 && !change.path.ends_with(".example");
    let is_written = matches!(change.kind, ChangeKind::Create | ChangeKind::Update);
    is_of_host && (is_written || !change.conflicts.is_empty())
}

/// The variables of a file that have no value.
fn empty(change: &FileChange) -> Vec<String> {
    let entries = env_file::entries(&change.new);
    let empty = entries.iter().filter(|entry| entry.value().is_empty());
    empty.filter_map(|entry| entry.key).map(plain).collect()
}

/// `a, b, c, d and 2 more`
pub fn some(names: &[String]) -> String {
    let named = names[..names.len().min(MOST_NAMED)].join(", ");
    match names.len().saturating_sub(MOST_NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}
