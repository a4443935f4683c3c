//! Environments that were renamed: which credentials of before they could go on with, and that they do.

use std::collections::BTreeSet;

use crate::cli::files::{Files, plain};
use crate::cli::session::Opened;
use crate::generate::secret_file::secrets_path;
use crate::model::EnvironmentName;
use crate::project::{FileChange, Output, ProjectError};
use crate::settings::{SecretNeed, SecretOrigin, SecretValues};
use crate::tui::Handover;

/// Environments whose credentials would all be drawn, each with one that the plan has no more and that has kept
/// some of the same: most of them first.
pub fn possible(
    opened: &Opened,
    files: &Files,
    output: &Output,
) -> Result<Vec<Handover>, ProjectError> {
    let topologies = opened.analysis.topologies.iter();
    let known: Vec<EnvironmentName> = topologies.map(|it| it.environment.clone()).collect();
    let abandoned = output.abandoned(&known);
    let mut found = Vec::new();
    if abandoned.is_empty() {
        return Ok(found);
    }
    for to in &files.environments {
        let needs = drawn(files, to);
        if needs.is_empty() || !output.is_new(&needs)? {
            continue;
        }
        let mut shared = Vec::new();
        for from in &abandoned {
            shared.push((output.kept_as(from, &needs)?.len(), from));
        }
        shared.retain(|(count, _)| *count > 0);
        shared.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        found.extend(shared.into_iter().map(|(_, from)| Handover {
            from: from.clone(),
            to: to.clone(),
        }));
    }
    Ok(found)
}

/// The credentials of an environment that Backstay makes.
fn drawn(files: &Files, environment: &EnvironmentName) -> Vec<SecretNeed> {
    let mut needs = files.needs();
    needs.retain(|need| {
        need.id.environment == *environment && need.origin == SecretOrigin::Generated
    });
    needs
}

/// The values that go along with handovers.
pub fn values(
    files: &Files,
    output: &Output,
    handovers: &[Handover],
) -> Result<SecretValues, ProjectError> {
    let mut values = SecretValues::new();
    for Handover { from, to } in handovers {
        let mut needs = files.needs();
        needs.retain(|need| need.id.environment == *to);
        values.extend(output.kept_as(from, &needs)?);
    }
    Ok(values)
}

/// The changes that take `values` from those who kept them before.
pub fn taken_away(
    output: &Output,
    handovers: &[Handover],
    values: &SecretValues,
) -> Result<Vec<FileChange>, ProjectError> {
    let mut changes = Vec::new();
    for Handover { from, to } in handovers {
        let theirs = values.keys().filter(|id| id.environment == *to);
        let variables: BTreeSet<String> = theirs.map(|id| id.variable()).collect();
        changes.extend(output.without_variables(from, &variables)?);
    }
    Ok(changes)
}

/// What was handed over, and what could have been, a line each.
pub fn said(agreed: &[Handover], possible: &[Handover], root: &str) -> String {
    let mut said = String::new();
    for Handover { from, to } in agreed {
        said.push_str(&format!("{to} goes on with the credentials of {from}\n"));
    }
    for Handover { from, to } in possible {
        let path = plain(&format!("{root}/{}", secrets_path(from.as_str())));
        said.push_str(&format!(
            "new credentials for {to}, while {path} keeps those of {from}, which the plan has no more: \
             if it is only called {to} now, `backstay secrets move {from} {to}` takes them along\n"
        ));
    }
    said
}
