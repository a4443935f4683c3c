//! `backstay generate`: the files of each environment and host, written, shown or compared.

use std::path::Path;

use crate::cli::Answer;
use crate::cli::args::GenerateArgs;
use crate::cli::session::{Opened, Session};
use crate::finding::{Finding, Severity, printable};
use crate::generate::secret_file::{is_secrets_path, secrets_file};
use crate::generate::{Inputs, Renderer, generate};
use crate::model::EnvironmentName;
use crate::project::{Access, Change, ChangeKind, Output};
use crate::report::diff::{shown, unified};
use crate::report::{self, text::Excerpts};
use crate::settings::{self, SecretNeed};

/// Writes the files, or shows or compares them.
pub fn run(session: &Session, args: &GenerateArgs) -> anyhow::Result<Answer> {
    let opened = session.open()?;
    let environments = opened.environments(&args.environments)?;
    if let Some(answer) = blocked(&opened, &environments) {
        return Ok(answer);
    }
    let root = args
        .output
        .clone()
        .unwrap_or_else(|| opened.output_folder());
    let inside = args.output.is_none().then(|| opened.folder());
    let access = if args.dry_run || args.check {
        Access::Read
    } else {
        Access::Write
    };
    let mut output = Output::open(&root, inside.as_deref(), access)?;
    let changes = changes(&opened, &environments, &output)?;
    if args.check {
        return Ok(compared(&changes, args));
    }
    if args.dry_run {
        return Ok(dry_run(&changes));
    }
    let conflicts = said_conflicts(&changes);
    if !conflicts.is_empty() && !args.force {
        let notes = format!(
            "{conflicts}nothing was written: undo your change, or take Backstay's with `--force` (yours is kept as NAME.orig)\n"
        );
        return Ok(Answer {
            text: String::new(),
            notes,
            code: 1,
        });
    }
    output.write(&changes)?;
    Ok(written(&changes, &root))
}

/// Findings that would make the files wrong; nothing if there are none.
fn blocked(opened: &Opened, environments: &[EnvironmentName]) -> Option<Answer> {
    let concerns = |finding: &&Finding| {
        finding.severity == Severity::Deny
            && finding
                .environment
                .as_ref()
                .is_none_or(|environment| environments.contains(environment))
    };
    let denied: Vec<Finding> = opened
        .analysis
        .findings
        .iter()
        .filter(concerns)
        .cloned()
        .collect();
    if denied.is_empty() {
        return None;
    }
    let excerpts = Excerpts::new(&opened.shown_path(), &opened.text, &opened.analysis.secrets);
    let notes = format!(
        "{}nothing was written: mend the plan first\n",
        report::text::findings(&denied, &excerpts)
    );
    Some(Answer {
        text: String::new(),
        notes,
        code: 1,
    })
}

fn changes(
    opened: &Opened,
    environments: &[EnvironmentName],
    output: &Output,
) -> anyhow::Result<Vec<Change>> {
    let analysis = &opened.analysis;
    let wanted =
        |topology: &&crate::topology::Topology| environments.contains(&topology.environment);
    let chosen = || analysis.topologies.iter().filter(wanted);
    // Whoever borrows needs the lender's credentials too.
    let lenders = chosen()
        .flat_map(|topology| topology.hosts.values())
        .filter_map(|host| host.borrowed_from.clone());
    let owners: Vec<EnvironmentName> = environments.iter().cloned().chain(lenders).collect();
    let owning = analysis
        .topologies
        .iter()
        .filter(|topology| owners.contains(&topology.environment));
    let needs: Vec<(EnvironmentName, Vec<SecretNeed>)> = owning
        .map(|topology| (topology.environment.clone(), settings::needs(topology)))
        .collect();
    let all_needs: Vec<SecretNeed> = needs.iter().flat_map(|(_, needs)| needs.clone()).collect();
    let secrets = output.secrets(&all_needs)?;
    let renderer = Renderer::new(&opened.own.templates)?;
    let inputs = Inputs {
        plan: opened.plan_name(),
        topologies: &analysis.topologies,
        catalog: &opened.catalog,
        secrets: &secrets,
        renderer: &renderer,
    };
    let mut artifacts = generate(&inputs, environments)?;
    for (environment, needs) in needs.iter().filter(|(_, needs)| !needs.is_empty()) {
        artifacts.push(secrets_file(
            &renderer,
            environment.as_str(),
            needs,
            &secrets,
        )?);
    }
    let known: Vec<EnvironmentName> = analysis
        .topologies
        .iter()
        .map(|topology| topology.environment.clone())
        .collect();
    Ok(output.changes(&artifacts, environments, &known)?)
}

/// `--check`: files that hold secrets are not committed, so only those that are there are compared.
fn compared(changes: &[Change], args: &GenerateArgs) -> Answer {
    let stale = |change: &&Change| match change.kind {
        ChangeKind::Create => !change.audience.is_secret(),
        ChangeKind::Update | ChangeKind::Remove => true,
        ChangeKind::Keep | ChangeKind::Orphan => !change.conflicts.is_empty(),
    };
    let stale: Vec<&Change> = changes.iter().filter(stale).collect();
    if stale.is_empty() {
        return Answer {
            text: "every file is up to date\n".to_owned(),
            ..Answer::default()
        };
    }
    let lines: String = stale
        .iter()
        .map(|change| format!("stale: {}\n", plain(&change.path)))
        .collect();
    let environments = args.environments.join(" ");
    let command = format!("backstay generate {environments}");
    let notes = format!(
        "{lines}run `{}` to bring them up to date\n",
        command.trim_end()
    );
    Answer {
        text: String::new(),
        notes,
        code: 1,
    }
}

fn dry_run(changes: &[Change]) -> Answer {
    let mut text = String::new();
    for change in changes
        .iter()
        .filter(|change| change.kind != ChangeKind::Keep)
    {
        let diff = unified(
            &change.path,
            &shown(&change.old, change.audience),
            &shown(&change.new, change.audience),
        );
        text.push_str(&match (change.kind, diff.is_empty()) {
            (ChangeKind::Orphan, _) => format!(
                "{}: no longer generated; it stays because you changed it\n",
                plain(&change.path)
            ),
            (_, true) => format!(
                "{}: credentials change; they are not shown\n",
                plain(&change.path)
            ),
            (_, false) => diff,
        });
    }
    let conflicts = said_conflicts(changes);
    let code = u8::from(!conflicts.is_empty());
    if text.is_empty() && conflicts.is_empty() {
        text.push_str("nothing would change\n");
    }
    Answer {
        text,
        notes: conflicts,
        code,
    }
}

fn said_conflicts(changes: &[Change]) -> String {
    let in_conflict = changes.iter().filter(|change| !change.conflicts.is_empty());
    let said = in_conflict.map(|change| {
        let places: String = match change.audience {
            crate::generate::Audience::Container => {
                "    its credential was changed here\n".to_owned()
            }
            _ => change
                .conflicts
                .iter()
                .map(|place| format!("    {place}\n"))
                .collect(),
        };
        format!("conflict: {}\n{places}", plain(&change.path))
    });
    said.collect()
}

fn written(changes: &[Change], root: &Path) -> Answer {
    let mut text = String::new();
    for change in changes {
        let word = match change.kind {
            _ if !change.conflicts.is_empty() => "replaced (yours is kept as .orig)",
            ChangeKind::Create => "created",
            ChangeKind::Update => "updated",
            ChangeKind::Remove => "removed",
            ChangeKind::Orphan => "no longer generated; it stays because you changed it:",
            ChangeKind::Keep => continue,
        };
        let path = root.join(&change.path);
        text.push_str(&format!("{word} {}\n", plain(&path.display().to_string())));
    }
    if text.is_empty() {
        text.push_str("nothing changed: every file is up to date\n");
    }
    let unfilled = changes
        .iter()
        .filter(|change| is_secrets_path(&change.path))
        .filter(|change| {
            crate::generate::env_file::entries(&change.new)
                .iter()
                .any(|entry| entry.key.is_some() && entry.value().is_empty())
        });
    for change in unfilled {
        text.push_str(&format!(
            "to fill in: {}, then run this again\n",
            plain(&root.join(&change.path).display().to_string())
        ));
    }
    Answer {
        text,
        ..Answer::default()
    }
}

/// A path without characters that a terminal obeys.
fn plain(path: &str) -> String {
    path.chars().flat_map(printable).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_cannot_move_the_cursor() {
        assert_eq!(plain("prod/\u{1b}[2J"), "prod/\\u{1b}[2J");
        assert_eq!(plain("deploy/prod/é"), "deploy/prod/é");
    }
}
