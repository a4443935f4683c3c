//! What is said, and kept, when files have changed so that hosts go on running what no file has any more.

use std::collections::BTreeSet;
use std::path::Path;

use crate::cli::ahead::some;
use crate::cli::files::{Files, numbered, plain};
use crate::generate::left_behind::{
    FileTexts, KEPT_FILE, LeftBehind, is_held, left_behind, not_kept_yet, with_kept,
};
use crate::project::{ChangeKind, FileChange, Output, ProjectError};
use crate::settings::SecretValues;
use crate::tui::Handover;

/// What is said and kept of what stays on hosts.
pub struct SaidLeftBehind {
    /// What these changes leave behind on their hosts, and what is to be done about it; nothing if every
    /// container has its place in a file still.
    pub said: String,
    /// What it is about, in a sentence; nothing if there is nothing.
    pub ahead: Option<String>,
    /// The change that keeps it until it is done.
    pub kept: Option<FileChange>,
    /// Whether something of before is kept.
    pub is_pending: bool,
}

impl SaidLeftBehind {
    /// What these changes leave behind, of environments too that have handed their credentials over.
    pub fn of(
        files: &Files,
        output: &Output,
        (changes, handovers): (&[FileChange], &[Handover]),
        root: &Path,
    ) -> Result<SaidLeftBehind, ProjectError> {
        let kept = output.left_behind()?;
        let kept_text = kept.clone().unwrap_or_default();
        let mut texts: Vec<FileTexts> = changes.iter().map(texts_of).collect();
        let mut handed_over = Vec::new();
        for handover in handovers {
            handed_over.extend(output.composed(&handover.from)?);
        }
        let is_new = |path: &str| changes.iter().all(|change| change.path != path);
        let handed_over = handed_over.iter().filter(|(path, _)| is_new(path));
        texts.extend(handed_over.map(|(path, old)| FileTexts { path, old, new: "" }));
        let environments: BTreeSet<&str> = texts
            .iter()
            .filter_map(|file| Some(file.path.split_once('/')?.0))
            .collect();
        let mut credentials = Vec::new();
        for environment in environments {
            credentials.extend(output.credential_files(environment)?);
        }
        let unchanged = credentials.iter().filter(|(path, _)| is_new(path));
        texts.extend(unchanged.map(|(path, text)| FileTexts {
            path,
            old: text,
            new: text,
        }));
        let renamed: Vec<_> = handovers.iter().map(|it| (&it.from, &it.to)).collect();
        let none = SecretValues::new();
        let inputs = files.inputs(&none);
        let left = |output: &str| {
            let left = left_behind(&inputs, &texts, &renamed, output);
            not_kept_yet(&kept_text, left)
        };
        let shown = left(&plain(&root.display().to_string()));
        let is_pending = kept.is_some();
        if shown.is_empty() {
            return Ok(SaidLeftBehind {
                said: String::new(),
                ahead: None,
                kept: None,
                is_pending,
            });
        }
        // Others have the folder elsewhere.
        let whole = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        let name = whole.file_name().map(|name| plain(&name.to_string_lossy()));
        let new = with_kept(&kept_text, &left(name.as_deref().unwrap_or(".")));
        Ok(SaidLeftBehind {
            said: said(&shown),
            ahead: Some(ahead(&shown)),
            kept: Some(output.keeping_left_behind(kept, new)),
            is_pending,
        })
    }

    /// The changes without those that would take away what is needed until all of it is done.
    pub fn without_needed(&self, mut changes: Vec<FileChange>) -> Vec<FileChange> {
        let kept = self.kept.as_ref().map_or("", |kept| &kept.new);
        let is_held = |it: &FileChange| it.kind == ChangeKind::Remove && is_held(kept, &it.path);
        changes.retain(|change| !is_held(change));
        changes
    }

    /// Where it is kept, if there is anything.
    pub fn place(&self, root: &Path) -> String {
        let path = plain(&root.join(KEPT_FILE).display().to_string());
        match (&self.kept, self.is_pending) {
            (Some(_), _) => {
                format!("\nall of this is kept in {path}: delete each part there when it is done\n")
            }
            (None, true) => {
                format!(
                    "still to be done by hand: {path}; delete each part there when it is done\n"
                )
            }
            (None, false) => String::new(),
        }
    }
}

fn texts_of(change: &FileChange) -> FileTexts<'_> {
    FileTexts {
        path: &change.path,
        old: &change.old,
        new: match change.kind {
            // What stays because it was changed is not what the plan says either.
            ChangeKind::Remove | ChangeKind::Orphan => "",
            ChangeKind::Create | ChangeKind::Update | ChangeKind::Keep => &change.new,
        },
    }
}

/// `2 services leave something behind (db on data-1 of prod, cache on data-1 of prod): steps by hand follow`
fn ahead(left: &[LeftBehind]) -> String {
    let heads = left.iter().flat_map(|left| &left.heads);
    let subjects: Vec<String> = heads
        .map(|head| head.split(", ").next().unwrap_or(head).to_owned())
        .collect();
    let leave = if subjects.len() == 1 {
        "leaves"
    } else {
        "leave"
    };
    let subjects = some(&subjects);
    format!("{subjects} {leave} something behind: steps are to be taken by hand")
}

fn said(left: &[LeftBehind]) -> String {
    let mut said = String::new();
    for left in left {
        said.push('\n');
        for head in &left.heads {
            said.push_str(&format!("left behind: {head}\n"));
        }
        said.push_str(&numbered(&left.steps));
    }
    said
}
