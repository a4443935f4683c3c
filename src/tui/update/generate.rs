//! Writing the files of every environment: what would happen to them is said before, with what can be done.

use std::collections::BTreeMap;

use crate::finding::Severity;
use crate::tui::ask::{Ask, NO, Offer, Then, YES};
use crate::tui::command::Command;
use crate::tui::msg::Effect;
use crate::tui::state::{AfterSaving, Dialog, Notice, Panel, State};
use crate::tui::update::{edit, save};
use crate::tui::world::{FileState, Handover, InConflict, ToWrite, Written};

/// Look at what keeps files from being written.
const FINDINGS: &str = "findings";
/// Write what is in no conflict.
const SKIP: &str = "skip";
/// Write also what is in conflict.
pub const REPLACE: &str = "replace";

/// Shows what would be written; asked again, looks for what is to be asked before it is.
pub fn generate(state: &mut State) -> Vec<Effect> {
    let is_shown = state.panel == Panel::Files && state.shows_diff && !state.waits_for_files;
    if !is_shown {
        state.panel = Panel::Files;
        state.shows_diff = true;
        let key = state.keymap.shown(Command::Generate);
        let text = format!(
            "what would change on the disk; {key} again writes the files of every environment"
        );
        state.notice = Some(Notice::said(text));
        return Vec::new();
    }
    vec![Effect::FindToWrite]
}

/// Asks whether to write the files, and before that of every environment that seems to be another under a new name
/// whether it goes on with the credentials of that.
pub fn on_to_write(state: &mut State, result: Result<ToWrite, String>) {
    match result {
        // Whoever has opened another question meanwhile is not interrupted.
        Ok(_) if state.dialog.is_some() => {}
        Ok(to_write) => {
            let open = to_write.handovers.clone();
            state.to_write = to_write;
            let ask = denied(state).unwrap_or_else(|| ask_to_write(state, open, Vec::new()));
            edit::open(state, ask);
        }
        Err(text) => state.notice = Some(Notice::error(text)),
    }
}

/// What is said instead of asking, where findings deny that files are written.
fn denied(state: &State) -> Option<Ask> {
    let (count, keep) = match state.plan.analysis.count(Severity::Deny) {
        0 => return None,
        1 => ("1 finding that is denied".to_owned(), "keeps"),
        count => (format!("{count} findings that are denied"), "keep"),
    };
    let offers = vec![
        Offer::new(FINDINGS, "list them; those that are denied come first"),
        Offer::new(NO, "write nothing"),
    ];
    let title = format!("{count} {keep} all files from being written");
    let key = |command| state.keymap.shown(command);
    let (list, fix) = (key(Command::ShowFindings), key(Command::Fix));
    let mut about = vec![
        "What they are about would be wrong in the files. Mend the plan first, then write."
            .to_owned(),
        format!(
            "{list} lists findings at any time, and {fix} there shows a fix where there is one."
        ),
    ];
    about.extend(said(&state.to_write.files));
    Some(Ask::choice(title, offers, Then::Generate(Vec::new())).about(about))
}

/// Whether an answer asks for the findings.
pub fn is_for_findings(answer: &str) -> bool {
    answer == FINDINGS
}

/// Lists what keeps files from being written.
pub fn show_findings(state: &mut State) -> Vec<Effect> {
    state.panel = Panel::Findings;
    (state.lists.all_environments, state.lists.finding) = (true, 0);
    Vec::new()
}

/// The question that follows the answer to the first of those that are `open`.
pub fn after_handover(
    state: &State,
    open: &[Handover],
    agreed: &[Handover],
    is_agreed: bool,
) -> Ask {
    let mut agreed = agreed.to_vec();
    let Some((first, open)) = open.split_first() else {
        return ask_to_write(state, Vec::new(), agreed);
    };
    if is_agreed {
        agreed.push(first.clone());
    }
    // Nobody's credentials go to two.
    let open = open.iter().filter(|it| !is_agreed || it.from != first.from);
    let open = open.cloned().collect();
    ask_to_write(state, open, agreed)
}

fn ask_to_write(state: &State, open: Vec<Handover>, agreed: Vec<Handover>) -> Ask {
    if let Some(Handover { from, to }) = open.first() {
        let offers = vec![
            Offer::new(
                YES,
                format!("{to} is {from} under another name: its credentials stay"),
            ),
            Offer::new(
                NO,
                format!("draw new ones for {to}; those of {from} stay where they are"),
            ),
        ];
        let about = [
            format!("The plan has no {from} any more, but its credentials are kept in deploy/{from}/secrets.env; {to} has none yet."),
            "They go along when the files are written, and all files carry them. Undoing edits of the plan does not bring them back; writing the files under the old name again asks this again.".to_owned(),
        ];
        let title = format!("does {to} go on with the credentials of {from}?");
        return Ask::choice(title, offers, Then::HandOver(open, agreed)).about(about);
    }
    let mut about: Vec<String> = Vec::new();
    for Handover { from, to } in &agreed {
        about.push(format!("{to} goes on with the credentials of {from}."));
    }
    about.extend(said(&state.to_write.files));
    about.push("They go to the folder `deploy` beside the plan.".to_owned());
    let ahead = state.to_write.ahead.iter();
    about.extend(ahead.map(|ahead| format!("Afterwards, {ahead}; they are shown then.")));
    if state.is_edited() {
        about.push("The plan is saved first.".to_owned());
    }
    let files = state.to_write.files.iter();
    let in_conflict = files.filter(|(_, state)| *state == FileState::Conflict);
    let look = Offer::new(NO, "write nothing; look at them first");
    let offers = match in_conflict.count() {
        0 => vec![
            Offer::new(YES, "write the files of every environment"),
            look,
        ],
        count => vec![
            Offer::new(SKIP, format!("write all but {}", those_in_conflict(count))),
            Offer::new(
                REPLACE,
                "write all; yours in conflict are kept beside them as NAME.orig",
            ),
            look,
        ],
    };
    let title = match offers.len() {
        2 => "write the files?",
        _ => "write the files, although some are in conflict with changes of yours?",
    };
    Ask::choice(title, offers, Then::Generate(agreed)).about(about)
}

fn those_in_conflict(count: usize) -> String {
    match count {
        1 => "the one in conflict, which stays as it is".to_owned(),
        count => format!("the {count} in conflict, which stay as they are"),
    }
}

/// What would be written, a line an environment, with those by name that would go or are in conflict.
fn said(files: &[(String, FileState)]) -> Vec<String> {
    let mut folders: BTreeMap<&str, Vec<(&str, FileState)>> = BTreeMap::new();
    for (path, state) in files {
        let folder = path.split_once('/').map_or("deploy", |(folder, _)| folder);
        folders.entry(folder).or_default().push((path, *state));
    }
    let mut lines = Vec::new();
    for (folder, files) in folders {
        let words = [
            (FileState::New, "new"),
            (FileState::Changed, "changed"),
            (FileState::Removed, "removed"),
            (FileState::Conflict, "in conflict"),
            (FileState::Current, "as they are"),
        ];
        let counts = words.iter().filter_map(|(of, word)| {
            let count = files.iter().filter(|(_, state)| state == of).count();
            (count > 0).then(|| format!("{count} {word}"))
        });
        lines.push(format!("{folder}: {}", Vec::from_iter(counts).join(", ")));
        for (path, state) in files {
            match state {
                FileState::Removed => lines.push(format!("  removes deploy/{path}")),
                FileState::Conflict => lines.push(format!(
                    "  in conflict: deploy/{path}, where you changed what changes here too"
                )),
                FileState::New | FileState::Changed | FileState::Current => {}
            }
        }
    }
    lines
}

/// Writes the files, once the plan is saved.
pub fn write_files(
    state: &mut State,
    handovers: Vec<Handover>,
    in_conflict: InConflict,
) -> Vec<Effect> {
    match state.is_edited() || state.plan.path.is_none() {
        true => {
            state.after_saving = AfterSaving::WriteFiles(handovers, in_conflict);
            save::save(state)
        }
        false => vec![Effect::WriteFiles(handovers, in_conflict)],
    }
}

/// Says what was written, and shows what is to be done besides.
pub fn on_written(state: &mut State, result: Result<Written, String>) {
    state.expire_files();
    state.notice = Some(match result {
        Ok(Written { said, steps }) => {
            if !steps.is_empty() {
                state.dialog = Some(Dialog::Written { steps, scroll: 0 });
            }
            Notice::said(said)
        }
        Err(text) => Notice::error(text),
    });
}
