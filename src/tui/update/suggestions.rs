//! What answers the needs that nothing fills: offered with the reasons, and accepted as an edit, one or all.

use crate::change::{Change, ChangeError};
use crate::model::{Choice, Role};
use crate::report::suggest::{heading, reviewed};
use crate::suggest::{Basis, Suggestion, accepting, edits, suggestions};
use crate::tui::ask::{Ask, NO, Offer, Then, YES};
use crate::tui::state::{Notice, State};
use crate::tui::update::ask::{Next, asked};
use crate::tui::update::edit;
use crate::tui::update::fix::difference;

/// The answer that accepts everything.
pub const ALL: &str = "all of them";

/// Most that is said of what was not chosen.
const MOST_REJECTED: usize = 5;

/// Offers the answers to all needs that nothing fills.
pub fn open(state: &mut State) {
    let found = found(state);
    let answered = found
        .iter()
        .filter(|suggestion| suggestion.answer.is_some());
    let mut offers: Vec<Offer> = answered.map(offer).collect();
    if offers.len() > 1 {
        offers.push(Offer::new(ALL, "one edit, which can be undone"));
    }
    if offers.is_empty() {
        let said = "every need that the apps say is answered";
        state.notice = Some(Notice::said(said));
        return;
    }
    let about = basis(state).map(|basis| reviewed(&basis.stack));
    let ask = Ask::choice("what answers the needs of the apps", offers, Then::Suggest);
    edit::open(state, ask.about(about));
}

/// Shows why an answer is given and what accepting it changes, and asks.
pub fn next(state: &State, answer: &str) -> Result<Next, ChangeError> {
    let nothing = || ChangeError::Nothing("nothing would change".to_owned());
    let basis = basis(state).ok_or_else(nothing)?;
    let all = found(state);
    let (title, accepted) = match Role::find(answer) {
        Some(role) => (
            format!("accept the answer to {role}"),
            accepting(&all, role, None),
        ),
        None => ("accept all answers".to_owned(), all),
    };
    let edits = edits(&basis, &accepted);
    let text = edit::changed(&state.plan, &edits);
    let text = text.map_err(|error| ChangeError::Value(error.to_string()))?;
    let mut about: Vec<String> = Vec::new();
    if Role::find(answer).is_none() {
        about.extend(accepted.iter().map(heading));
        about.push(String::new());
    }
    about.extend(accepted.iter().flat_map(|it| why(&basis, it)));
    about.push(String::new());
    about.extend(difference(&state.plan, &state.plan.text, &text));
    let offers = vec![
        Offer::new(YES, title.clone()),
        Offer::new(NO, "leave everything as it is"),
    ];
    let heading = format!("{title}?");
    let then = Then::Confirm(Change { title, edits });
    Ok(asked(Ask::choice(heading, offers, then).about(about)))
}

fn basis(state: &State) -> Option<Basis<'_>> {
    Basis::of_plan(&state.plan.analysis.plan, &state.plan.catalog)
}

fn found(state: &State) -> Vec<Suggestion> {
    basis(state).map_or_else(Vec::new, |basis| suggestions(&basis))
}

fn offer(suggestion: &Suggestion) -> Offer {
    let answer = suggestion.answer.as_ref();
    let reason = answer.map_or("", |answer| answer.reason.as_str());
    let heading = heading(suggestion);
    let said = heading
        .split_once(": ")
        .map_or(heading.as_str(), |(_, said)| said);
    Offer::new(suggestion.need.role.as_str(), format!("{said}: {reason}"))
}

/// Why an answer is given, what lacks, and what was not chosen.
fn why(basis: &Basis, suggestion: &Suggestion) -> Vec<String> {
    let mut lines = vec![heading(suggestion)];
    if let Some(answer) = &suggestion.answer {
        lines.push(format!("  {}", answer.reason));
        lines.extend(
            answer
                .lack
                .iter()
                .map(|lack| format!("  but {}", lack.said())),
        );
    }
    let rejected = suggestion.rejected.iter().take(MOST_REJECTED);
    lines.extend(rejected.map(|rejected| {
        let kind = basis.catalog.kind(&rejected.kind);
        let title = kind.map_or_else(|| rejected.kind.clone(), |kind| kind.title.clone());
        format!("  not {title}: {}", rejected.reason)
    }));
    lines
}
