//! `backstay secrets rotate` and `set`: another value in every file that carries the old one, and what is
//! left to be done by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{IsTerminal, Read};
use std::path::Path;

use crate::cli::Answer;
use crate::cli::args::{SecretsRotateArgs, SecretsSetArgs};
use crate::cli::files::{
    Files, blocked, numbered, open_output, output_root, plain, said_changes, said_closed,
    said_conflicts, said_unread,
};
use crate::cli::secrets::{chosen, environment, needs_of};
use crate::cli::session::{Advised, Opened};
use crate::cli::taken::{said, variable};
use crate::generate::secret_file::previous_path;
use crate::generate::{carriers, renewal, rotation_steps};
use crate::model::EnvironmentName;
use crate::project::{Access, ChangeKind, FileChange, Output, read_credential};
use crate::settings::{SecretNeed, SecretOrigin, SecretValues};

/// Draws new values.
pub fn rotate(
    opened: &Opened,
    args: &SecretsRotateArgs,
    named: Option<&Path>,
) -> anyhow::Result<Answer> {
    let environment = environment(opened, &args.environment)?;
    let needs = needs_of(opened, &environment);
    let is_drawn =
        |need: &SecretNeed| need.origin == SecretOrigin::Generated && need.rule.is_drawn_anew();
    let mut notes = String::new();
    let wanted = match args.all {
        true => {
            for need in needs.iter().filter(|need| !is_drawn(need)) {
                notes.push_str(&format!("not rotated: {}\n", not_drawn(need)));
            }
            needs
                .iter()
                .filter(|need| is_drawn(need))
                .cloned()
                .collect()
        }
        false if args.which.is_empty() => {
            let names: Vec<String> = needs
                .iter()
                .filter(|need| is_drawn(need))
                .map(|need| need.id.said())
                .collect();
            let message = format!("nothing is named of which {environment} is to have a new one");
            let help = match names.is_empty() {
                true => "it has no credential that Backstay makes".to_owned(),
                false => format!("name some of {}, or say `--all`", names.join(", ")),
            };
            return Err(advised(message, help));
        }
        false => all_chosen(&needs, &environment, &args.which)?,
    };
    if let Some(need) = wanted.iter().find(|need| !is_drawn(need)) {
        return Err(advised(not_drawn(need), how_to_set(need)));
    }
    if wanted.is_empty() {
        let message = format!("{environment} has no credential that Backstay makes");
        return Err(advised(
            message,
            "`backstay secrets list` shows what there is",
        ));
    }
    let access = if args.dry_run {
        Access::Read
    } else {
        Access::Write
    };
    let mut answer = exchange(
        opened,
        (&environment, named, access),
        &wanted,
        |output, need| Ok(output.drawn(need)?),
    )?;
    answer.notes.insert_str(0, &notes);
    Ok(answer)
}

/// Takes away values of before.
pub fn forget(
    opened: &Opened,
    args: &SecretsRotateArgs,
    named: Option<&Path>,
) -> anyhow::Result<Answer> {
    let environment = environment(opened, &args.environment)?;
    let needs = needs_of(opened, &environment);
    let access = if args.dry_run {
        Access::Read
    } else {
        Access::Write
    };
    let mut output = open_output(opened, named, access)?;
    let notes = said_unread(&output, std::slice::from_ref(&environment));
    let (listed, earlier) = (output.listed(&environment)?, output.earlier(&environment)?);
    // The variables of services that the plan has no more.
    let is_gone = |name: &String| {
        let is_needed = needs.iter().any(|need| need.id.variable() == *name);
        !is_needed && (listed.contains(name) || earlier.contains(name))
    };
    let (gone, which): (Vec<String>, Vec<String>) = args.which.iter().cloned().partition(is_gone);
    let chosen = all_chosen(&needs, &environment, &which)?;
    let chosen = chosen.iter().map(|need| need.id.variable());
    let variables: Vec<String> = chosen.chain(gone.iter().cloned()).collect();
    // Without a name all are meant, those too whose services are gone from the plan.
    let variables = (!args.which.is_empty()).then_some(variables.as_slice());
    let mut changes = Vec::from_iter(output.forgotten(&environment, variables)?);
    if !gone.is_empty() {
        changes.extend(output.without_variables(&environment, &gone.into_iter().collect())?);
    }
    if changes.is_empty() {
        return Ok(Answer {
            text: format!("nothing to forget: {environment} keeps no earlier value of it\n"),
            notes,
            code: 0,
        });
    }
    let root = output_root(opened, named);
    if args.dry_run {
        return Ok(Answer {
            text: would(&changes, &root),
            notes,
            code: 0,
        });
    }
    output.write(&changes)?;
    Ok(Answer {
        text: said_changes(&changes, &root),
        notes,
        code: 0,
    })
}

/// Takes a value from standard input, a variable or a file.
pub fn set(opened: &Opened, args: &SecretsSetArgs, named: Option<&Path>) -> anyhow::Result<Answer> {
    let environment = environment(opened, &args.environment)?;
    let needs = needs_of(opened, &environment);
    let wanted = chosen(&needs, &environment, &args.which)?;
    let [need] = wanted.as_slice() else {
        let names: Vec<String> = wanted.iter().map(|need| need.id.said()).collect();
        let message = format!("`{}` has several credentials", wanted[0].id.service);
        return Err(advised(message, format!("name one: {}", names.join(", "))));
    };
    let is_settable = match &need.origin {
        SecretOrigin::Taken(_) => false,
        SecretOrigin::Generated => need.rule.permanent.is_none(),
        SecretOrigin::Given => true,
    };
    if !is_settable {
        return Err(advised(not_drawn(need), how_to_set(need)));
    }
    let value = given_value(args)?;
    if let Some(refusal) = need.rule.refusal(&value, need.in_container) {
        let message = format!("the value for `{}` {refusal}", need.id.said());
        return Err(advised(message, "nothing was written; give another one"));
    }
    let at = (&environment, named, Access::Write);
    exchange(opened, at, &wanted, |_, _| Ok(value.clone()))
}

/// Puts new values into every file, all or none, and says what is left to do.
fn exchange(
    opened: &Opened,
    (environment, named, access): (&EnvironmentName, Option<&Path>, Access),
    wanted: &[SecretNeed],
    new_value: impl Fn(&Output, &SecretNeed) -> anyhow::Result<String>,
) -> anyhow::Result<Answer> {
    let environments = carrying(opened, environment);
    if let Some(answer) = blocked(opened, &environments) {
        return Ok(answer);
    }
    let files = Files::of(opened, named, environments)?;
    let taken = files.taken().whole()?;
    let mut output = open_output(opened, named, access)?;
    let unread = said_unread(&output, &files.owners);
    // With other changes among them, nobody could tell what a new credential has changed.
    let is_pending = |change: &FileChange| {
        !matches!(change.kind, ChangeKind::Keep | ChangeKind::Orphan)
            || !change.conflicts.is_empty()
    };
    if files.changes(&output, &taken)?.iter().any(is_pending) {
        let names: Vec<&str> = files
            .environments
            .iter()
            .map(|name| name.as_str())
            .collect();
        let message = format!("the files of {environment} are not up to date");
        let help = format!(
            "run `backstay generate {}` first; nothing was written",
            names.join(" ")
        );
        return Err(advised(message, help));
    }
    let same = said_same(&output.kept(environment)?, wanted);
    let mut values = SecretValues::new();
    for need in wanted {
        values.insert(need.id.clone(), new_value(&output, need)?);
    }
    output.replace(values);
    let changes = files.changes(&output, &taken)?;
    let conflicts = said_conflicts(&changes);
    if !conflicts.is_empty() {
        return Ok(Answer {
            text: String::new(),
            notes: format!(
                "{unread}{conflicts}nothing was written: undo your change of these lines first\n"
            ),
            code: 1,
        });
    }
    let root = output_root(opened, named);
    if !changes.iter().any(is_pending) {
        return Ok(Answer {
            text: "nothing changed: that is its value already\n".to_owned(),
            notes: unread,
            code: 0,
        });
    }
    let left = same + &said_rotation_steps(&files, wanted, &changes, &root)?;
    if access == Access::Read {
        let text = format!("{}{left}", would(&changes, &root));
        return Ok(Answer {
            text,
            notes: unread,
            code: 0,
        });
    }
    output.write(&changes)?;
    let closed = said_closed(&output.close(&files.owners)?);
    Ok(Answer {
        text: format!("{closed}{}{left}", said_changes(&changes, &root)),
        notes: unread,
        code: 0,
    })
}

/// Other credentials of the environment that were the same until now, as imported ones are that a service and its
/// users name each in its own way.
fn said_same(kept: &BTreeMap<String, String>, wanted: &[SecretNeed]) -> String {
    let changed: BTreeSet<String> = wanted.iter().map(|need| need.id.variable()).collect();
    let before: BTreeSet<&String> = changed.iter().filter_map(|name| kept.get(name)).collect();
    let same = kept
        .iter()
        .filter(|(name, value)| before.contains(value) && !changed.contains(*name));
    let same: Vec<String> = same.map(|(name, _)| plain(name)).collect();
    match same.is_empty() {
        true => String::new(),
        false => format!(
            "still the value of before: {}; set them too, where they are one credential\n",
            same.join(", ")
        ),
    }
}

/// The environment and those that borrow from it: their files carry its credentials too.
pub(super) fn carrying(opened: &Opened, environment: &EnvironmentName) -> Vec<EnvironmentName> {
    let topologies = opened.analysis.topologies.iter();
    let carries = topologies.filter(|topology| {
        let mut hosts = topology.hosts.values();
        topology.environment == *environment
            || hosts.any(|host| host.borrowed_from.as_ref() == Some(environment))
    });
    carries
        .map(|topology| topology.environment.clone())
        .collect()
}

/// The steps that are left after these credentials of any origin have changed.
pub fn said_rotation_steps(
    files: &Files,
    wanted: &[SecretNeed],
    changes: &[FileChange],
    root: &Path,
) -> anyhow::Result<String> {
    let none = SecretValues::new();
    let inputs = files.inputs(&none);
    let carriers: BTreeMap<_, _> = carriers(&inputs)?;
    let carriers: Vec<_> = wanted
        .iter()
        .filter_map(|need| carriers.get(&need.id))
        .flatten()
        .cloned()
        .collect();
    let shown_root = plain(&root.display().to_string());
    let steps = rotation_steps(&inputs, wanted, &carriers, &shown_root)?;
    let mut text = "\nleft to be done by hand, in this order:\n".to_owned();
    text.push_str(&numbered(&steps));
    let kept: BTreeSet<&str> = changes
        .iter()
        .map(|change| change.path.as_str())
        .filter(|path| path.ends_with("/secrets.previous.env"))
        .collect();
    let environment = wanted[0].id.environment.as_str();
    if kept.contains(previous_path(environment).as_str()) {
        let names: Vec<String> = wanted.iter().map(|need| need.id.said()).collect();
        let path = root.join(previous_path(environment));
        text.push_str(&format!(
            "\n{} kept in {}; when all of this is done and works:\n\
             backstay secrets rotate {environment} {} --forget\n",
            match names.len() {
                1 => "the value of before is",
                _ => "the values of before are",
            },
            plain(&path.display().to_string()),
            names.join(" ")
        ));
    }
    Ok(text)
}

/// What a dry run says of changes.
fn would(changes: &[FileChange], root: &Path) -> String {
    let changed = said_changes(changes, root);
    let lines = changed.lines().map(|line| format!("would be {line}\n"));
    format!(
        "{}nothing was written (--dry-run)\n",
        lines.collect::<String>()
    )
}

fn all_chosen(
    needs: &[SecretNeed],
    environment: &EnvironmentName,
    which: &[String],
) -> anyhow::Result<Vec<SecretNeed>> {
    let mut wanted: Vec<SecretNeed> = Vec::new();
    for which in which {
        for need in chosen(needs, environment, which)? {
            if wanted.iter().all(|other| other.id != need.id) {
                wanted.push(need);
            }
        }
    }
    Ok(wanted)
}

/// Why no new value of a credential can be drawn.
fn not_drawn(need: &SecretNeed) -> String {
    let (id, environment) = (need.id.said(), &need.id.environment);
    match (&need.origin, &need.rule.permanent) {
        (SecretOrigin::Taken(from), None) => {
            format!("`{id}` of {environment} is taken from {}", said(from))
        }
        (SecretOrigin::Taken(from), Some(reason)) => format!(
            "`{id}` of {environment} is taken from {}, and must stay as it is: {reason}",
            said(from)
        ),
        (SecretOrigin::Generated, Some(reason)) => {
            format!("`{id}` of {environment} stays as it is: {reason}")
        }
        (SecretOrigin::Generated, None) if need.rule.renewal.is_some() => format!(
            "`{id}` of {environment} is drawn by {} itself, which takes no other once it has data",
            need.title
        ),
        (SecretOrigin::Given | SecretOrigin::Generated, _) => format!(
            "`{id}` of {environment} is not made by Backstay: whoever runs {} gives it",
            need.title
        ),
    }
}

fn how_to_set(need: &SecretNeed) -> String {
    match &need.origin {
        SecretOrigin::Taken(_) if need.rule.permanent.is_some() => {
            "leave it as it is there, or begin without data and with another".to_owned()
        }
        SecretOrigin::Taken(_) => "change it there, then run `backstay generate`".to_owned(),
        SecretOrigin::Generated if need.rule.permanent.is_some() => {
            "begin without data if it must change".to_owned()
        }
        SecretOrigin::Given | SecretOrigin::Generated => {
            let (environment, id) = (&need.id.environment, need.id.said());
            let set = format!("`backstay secrets set {environment} {id}`");
            match renewal(need) {
                Some(command) => {
                    format!("give {set} what this prints in the folder of its host: {command}")
                }
                None => format!("change it there, then give it to {set}"),
            }
        }
    }
}

/// The value that is to be set. It is never an argument: others can see those.
fn given_value(args: &SecretsSetArgs) -> anyhow::Result<String> {
    if let Some(name) = &args.from_env {
        let help = "export it first, or give the value on standard input";
        return variable(name).map_err(|fault| advised(fault, help));
    }
    if let Some(path) = &args.from_file {
        return Ok(read_credential(path)?);
    }
    let mut input = std::io::stdin();
    if input.is_terminal() {
        let message = "what is typed here would be shown";
        let help = "pipe the value in, or read it with `--from-file FILE` or `--from-env VARIABLE`";
        return Err(advised(message, help));
    }
    let mut text = String::new();
    let fault = "standard input is not UTF-8 text";
    let read = input.read_to_string(&mut text);
    read.map_err(|_| advised(fault, "give the credential alone"))?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
}

pub(super) fn advised(message: impl Into<String>, help: impl Into<String>) -> anyhow::Error {
    Advised {
        message: message.into(),
        help: help.into(),
    }
    .into()
}
