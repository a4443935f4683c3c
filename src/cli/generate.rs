//! `backstay generate`: the files of each environment and host, written, shown or compared.

use std::collections::BTreeMap;
use std::path::Path;

use crate::cli::Answer;
use crate::cli::ahead;
use crate::cli::args::GenerateArgs;
use crate::cli::changed::changed;
use crate::cli::changed_origins::{changed_origins, said_origins};
use crate::cli::files::{
    Files, blocked, open_output, output_root, plain, said_changes, said_closed, said_conflicts,
    said_loose, said_unread,
};
use crate::cli::handover;
use crate::cli::left_behind::SaidLeftBehind;
use crate::cli::secrets::said_rotation_steps;
use crate::cli::session::{Opened, Session};
use crate::generate::secret_file::secrets_path;
use crate::model::EnvironmentName;
use crate::project::{Access, ChangeKind, FileChange, Output};
use crate::report::diff::{shown, unified};
use crate::report::text::credentials_of;
use crate::settings::SecretValues;
use crate::tui::{Handover, InConflict};

/// Writes the files, or shows or compares them.
pub fn run(session: &Session, args: &GenerateArgs) -> anyhow::Result<Answer> {
    let in_conflict = match args.force {
        true => InConflict::Replaced,
        false => InConflict::Refused,
    };
    of_plan(&session.open()?, args, &[], in_conflict)
}

/// As `run`, for a plan that is open, with credentials that are handed over.
pub fn of_plan(
    opened: &Opened,
    args: &GenerateArgs,
    handovers: &[Handover],
    in_conflict: InConflict,
) -> anyhow::Result<Answer> {
    let environments = opened.environments(&args.environments)?;
    if let Some(mut answer) = blocked(opened, &environments) {
        answer.notes.push_str(&unblocked(opened, &environments));
        return Ok(answer);
    }
    let named = args.output.as_deref();
    let files = Files::of(opened, named, environments)?;
    let mut taken = files.taken();
    let missing = match args.check {
        true => std::mem::take(&mut taken.missing),
        false => Vec::new(),
    };
    let taken = taken.whole()?;
    let access = if args.dry_run || args.check {
        Access::Read
    } else {
        Access::Write
    };
    let mut output = open_output(opened, named, access)?;
    let root = output_root(opened, named);
    let possible = match handovers {
        [] => handover::possible(opened, &files, &output)?,
        _ => Vec::new(),
    };
    let handed_over = handover::values(&files, &output, handovers)?;
    let given_up = handover::taken_away(&output, handovers, &handed_over)?;
    let of_other_origin = changed_origins(opened, &files, &output)?;
    let origins = said_origins(&of_other_origin, &root);
    output.replace(handed_over.into_iter().chain(of_other_origin).collect());
    let (mut changes, ahead) = files.changes_and_ahead(&output, &taken)?;
    changes.extend(given_up);
    let is_renamed = !possible.is_empty();
    let handed_over = handover::said(handovers, &possible, &root.display().to_string());
    let unread = said_unread(&output, &files.owners);
    let loose = || said_loose(&output.loose(&files.owners)) + &unread;
    if args.check {
        return Ok(with_notes(compared(&changes, args, &missing), &loose()));
    }
    if args.dry_run {
        let left = SaidLeftBehind::of(&files, &output, (&changes, handovers), &root)?;
        let mut answer = dry_run(opened, &left.without_needed(changes), &files.masked());
        if let Some(ahead) = &left.ahead {
            answer.text = format!("{ahead}, as is said at the end\n\n{}", answer.text);
        }
        answer.text += &handed_over;
        answer.text += &origins;
        answer.text += &left.said;
        return Ok(with_notes(answer, &loose()));
    }
    let conflicts = said_conflicts(&changes);
    if !conflicts.is_empty() && in_conflict == InConflict::Refused {
        let notes = format!(
            "{}{conflicts}nothing was written: undo your change, or take Backstay's with `--force` (yours is kept as NAME.orig)\n",
            loose()
        );
        return Ok(Answer {
            text: String::new(),
            notes,
            code: 1,
        });
    }
    let mut left = String::new();
    if in_conflict == InConflict::Left {
        let in_conflict = changes.iter().filter(|it| !it.conflicts.is_empty());
        left.extend(in_conflict.map(|change| {
            let path = root.join(&change.path);
            format!(
                "left as it is, in conflict: {}\n",
                plain(&path.display().to_string())
            )
        }));
        changes.retain(|change| change.conflicts.is_empty());
    }
    let left_behind = SaidLeftBehind::of(&files, &output, (&changes, handovers), &root)?;
    let mut changes = left_behind.without_needed(changes);
    changes.extend(left_behind.kept.clone());
    output.write(&changes)?;
    let closed = said_closed(&output.close(&files.owners)?);
    let elsewhere = changed_elsewhere(&files, &output, &taken, &changes, &root)?;
    let text = format!(
        "{closed}{left}{}{handed_over}{origins}{}{}{}{}",
        said_changes(&changes, &root),
        ahead::to_fill_in(&changes, &root),
        left_over(&files, &output, &root)?,
        left_behind.said,
        elsewhere
    );
    // Steps that are to be taken by hand say themselves what is started, and when, until they are deleted. What may only
    // be called otherwise now has its ports taken by itself, under its old name, until it is brought over.
    let by_hand = left_behind.place(&root);
    let is_next = by_hand.is_empty() && elsewhere.is_empty() && !is_renamed;
    let next = match is_next {
        true => ahead::said(&files, ahead, &changes, &root),
        false => String::new(),
    };
    let text = match text.is_empty() {
        true => "nothing changed: every file is up to date\n".to_owned(),
        false => text,
    };
    Ok(Answer {
        text: text + &by_hand + &next,
        notes: unread,
        code: 0,
    })
}

/// Which of several environments nothing is in the way of, where others keep all from being written.
fn unblocked(opened: &Opened, environments: &[EnvironmentName]) -> String {
    let free = environments
        .iter()
        .filter(|environment| blocked(opened, std::slice::from_ref(*environment)).is_none());
    let free: Vec<&str> = free.map(EnvironmentName::as_str).collect();
    if free.is_empty() {
        return String::new();
    }
    let (them, their) = match free.len() {
        1 => ("it", "its"),
        _ => ("them", "their"),
    };
    format!(
        "nothing is denied in {}: name {them} alone, and {their} files are written\n",
        free.join(", ")
    )
}

fn with_notes(answer: Answer, notes: &str) -> Answer {
    Answer {
        notes: format!("{notes}{}", answer.notes),
        ..answer
    }
}

/// `--check`: files that hold secrets are not committed, so only those that are there are compared, and
/// none where a credential that is kept elsewhere is `missing`.
fn compared(changes: &[FileChange], args: &GenerateArgs, missing: &[String]) -> Answer {
    let stale = |change: &&FileChange| match change.kind {
        _ if change.audience.is_secret() && !missing.is_empty() => false,
        ChangeKind::Create => !change.audience.is_secret(),
        ChangeKind::Update | ChangeKind::Remove => true,
        ChangeKind::Keep | ChangeKind::Orphan => !change.conflicts.is_empty(),
    };
    let left_out: String = missing
        .iter()
        .map(|fault| format!("files with credentials are not compared: {fault}\n"))
        .collect();
    let stale: Vec<&FileChange> = changes.iter().filter(stale).collect();
    if stale.is_empty() {
        return Answer {
            text: "every file is up to date\n".to_owned(),
            notes: left_out,
            code: 0,
        };
    }
    let lines: String = stale
        .iter()
        .map(|change| format!("stale: {}\n", plain(&change.path)))
        .collect();
    let environments = args.environments.join(" ");
    let command = format!("backstay generate {environments}");
    let notes = format!(
        "{left_out}{lines}run `{}` to bring them up to date\n",
        command.trim_end()
    );
    Answer {
        text: String::new(),
        notes,
        code: 1,
    }
}

fn dry_run(opened: &Opened, changes: &[FileChange], masked: &BTreeMap<String, String>) -> Answer {
    let of_plan = credentials_of(&opened.text, &opened.analysis.secrets);
    let mut text = String::new();
    for change in changes
        .iter()
        .filter(|change| change.kind != ChangeKind::Keep)
    {
        let masked = masked.get(&change.path).map(String::as_str);
        let diff = unified(
            &change.path,
            &of_plan.out_of(&shown(&change.old, change.audience, masked)),
            &of_plan.out_of(&shown(&change.new, change.audience, masked)),
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

/// What is left to be done by hand for credentials that have changed where they are kept.
fn changed_elsewhere(
    files: &Files,
    output: &Output,
    taken: &SecretValues,
    changes: &[FileChange],
    root: &Path,
) -> anyhow::Result<String> {
    let changed = changed(files, output, taken, changes)?;
    if changed.is_empty() {
        return Ok(String::new());
    }
    let names = changed
        .iter()
        .map(|need| format!("{} {}", need.id.environment, need.id.said()));
    let names = names.collect::<Vec<_>>().join(", ");
    let steps = said_rotation_steps(files, &changed, changes, root)?;
    Ok(format!("\nchanged at the source: {names}\n{steps}"))
}

/// Credentials that are kept elsewhere now, while the secrets file still holds a value of before.
fn left_over(files: &Files, output: &Output, root: &Path) -> anyhow::Result<String> {
    let mut said = String::new();
    for need in files.needs().iter().filter(|need| !need.is_kept()) {
        let variable = need.id.variable();
        if output.kept(&need.id.environment)?.contains_key(&variable) {
            let path = root.join(secrets_path(need.id.environment.as_str()));
            said.push_str(&format!(
                "no longer used: {variable} in {}; take the line out when nothing needs it any more\n",
                plain(&path.display().to_string())
            ));
        }
    }
    Ok(said)
}
