//! Findings that are mended or allowed: what a fix changes is shown before it is made.

use crate::change::Change;
use crate::finding::{Finding, Fix};
use crate::model::{Choice, Edit, Level};
use crate::source::fixes;
use crate::tui::ask::{Ask, Offer, Then};
use crate::tui::command::Command;
use crate::tui::msg::{Effect, Tried};
use crate::tui::state::{Notice, State};
use crate::tui::update::edit::{changed, confirm, open};
use crate::tui::world::Plan;

/// Most lines of a change that are shown before it is made.
const MOST_LINES: usize = 400;

/// Asks for the level of the rule of the finding that is selected.
pub fn rule_level(state: &mut State) {
    if let Some(finding) = state.listed_finding() {
        let rule = finding.rule;
        let levels = Level::ALL.iter();
        let offers = levels.map(|level| Offer::new(level.as_str(), level.meaning()));
        let title = format!("how much {rule} matters in this plan");
        open(
            state,
            Ask::choice(title, offers.collect(), Then::RuleLevel(rule)),
        );
    }
}

/// Shows what the fix of the selected finding changes, and asks.
pub fn fix(state: &mut State) {
    let fix = state
        .listed_finding()
        .and_then(|finding| finding.fix.clone());
    if let Some(Fix { title, edits }) = fix {
        preview(state, Change { title, edits });
    }
}

/// Asks for what all plain fixes change together: each is judged by the plan that the last one left, which takes
/// long in a large plan.
pub fn fix_all(state: &mut State) -> Vec<Effect> {
    (state.is_working, state.is_trying) = (true, true);
    let key = state.keymap.shown(Command::Back);
    let text = format!("trying the fixes, each on what the last one left; {key} gives up");
    state.notice = Some(Notice::said(text));
    vec![Effect::TryFixes]
}

/// Waits for the fixes no more; whether they were waited for.
pub fn give_up(state: &mut State) -> bool {
    let was_trying = std::mem::take(&mut state.is_trying);
    state.is_working &= !was_trying;
    was_trying
}

/// Shows what all plain fixes change together, and asks.
pub fn on_tried(state: &mut State, tried: Tried) {
    if !give_up(state) {
        return;
    }
    if tried.text != state.plan.text {
        state.notice = Some(Notice::error(
            "the plan changed while its fixes were tried; try again",
        ));
        return;
    }
    if tried.about.is_empty() {
        state.notice = Some(Notice::said("nothing would change"));
        return;
    }
    confirm(state, tried.change, tried.about);
}

/// Works out what all plain fixes change together.
pub fn try_fixes(begun: &Plan) -> Tried {
    let mut plan = begun.clone();
    let mut tried: Vec<Finding> = Vec::new();
    let mut edits: Vec<Edit> = Vec::new();
    let mut count = 0;
    let mut progress = fixes::Progress::default();
    for _ in 0..fixes::MOST {
        if progress.is_stuck() {
            break;
        }
        let findings = &plan.analysis.findings;
        let is_wrong = fixes::text_is_wrong(findings);
        let is_plain = |finding: &Finding| fixes::is_plain(finding, is_wrong);
        let Some((finding, fix)) = fixes::next(findings, &tried, is_plain) else {
            break;
        };
        if let Ok(text) = changed(&plan, &fix.edits)
            && *text != *plan.text
        {
            let after = plan.with_text(&text);
            if progress.is_gain(&finding, findings, &after.analysis.findings) {
                edits.extend(fix.edits);
                plan = after;
                count += 1;
            }
        }
        tried.push(finding);
    }
    let title = match count {
        1 => "apply 1 fix".to_owned(),
        count => format!("apply {count} fixes"),
    };
    Tried {
        about: difference(begun, &begun.text, &plan.text),
        text: begun.text.clone(),
        change: Change { title, edits },
    }
}

/// Shows what a change makes of the text, and asks.
fn preview(state: &mut State, change: Change) {
    match changed(&state.plan, &change.edits) {
        Ok(text) if *text != *state.plan.text => {
            let about = difference(&state.plan, &state.plan.text, &text);
            confirm(state, change, about);
        }
        Ok(_) => state.notice = Some(Notice::said("nothing would change")),
        Err(error) => state.notice = Some(Notice::error(error.to_string())),
    }
}

/// The lines that a text has and another has not, and the other way round, without credentials.
pub fn difference(plan: &Plan, old: &str, new: &str) -> Vec<String> {
    let masked = |text: &str| {
        let analysis = match *text == *plan.text {
            true => plan.analysis.clone(),
            false => plan.with_text(text).analysis,
        };
        crate::report::text::mask(text, &analysis.secrets)
    };
    let (old, new) = (masked(old), masked(new));
    let patch = diffy::create_patch(&old, &new);
    let tables = tables(&old);
    let mut lines = Vec::new();
    let mut said = None;
    for hunk in patch.hunks() {
        let mut at = hunk.old_range().start().saturating_sub(1);
        for (nth, line) in hunk.lines().iter().enumerate() {
            let (mark, line) = match line {
                diffy::Line::Context(_) => {
                    at += 1;
                    continue;
                }
                diffy::Line::Delete(line) => ('-', line),
                diffy::Line::Insert(line) => ('+', line),
            };
            // Many tables have keys of the same name.
            let table = tables.get(at.saturating_sub(1)).copied().flatten();
            if table != said && !begins_a_table(&hunk.lines()[nth..]) {
                lines.extend(table.map(|table| format!("  {table}")));
                said = table;
            }
            lines.push(format!("{mark} {}", line.trim_end()));
            if is_header(line) {
                said = Some(line.trim_end());
            }
            at += usize::from(mark == '-');
        }
    }
    lines.truncate(MOST_LINES);
    lines
}

fn is_header(line: &str) -> bool {
    line.starts_with('[')
}

/// The header that is above each line of a text, or in it.
fn tables(text: &str) -> Vec<Option<&str>> {
    let mut header = None;
    let lines = text.lines().map(|line| {
        if is_header(line) {
            header = Some(line.trim_end());
        }
        header
    });
    lines.collect()
}

/// Whether changed lines come with the header of the table that they are in.
fn begins_a_table(lines: &[diffy::Line<str>]) -> bool {
    let changed = lines.iter().map_while(|line| match line {
        diffy::Line::Context(_) => None,
        diffy::Line::Delete(line) | diffy::Line::Insert(line) => Some(*line),
    });
    let mut said = changed.filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    said.next().is_some_and(is_header)
}
