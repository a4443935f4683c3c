//! Answers to needs as text, Markdown and JSON.

use std::sync::Arc;

use serde::Serialize;

use crate::catalog::{Kind, Rejected, Stack};
use crate::model::{Choice, Tier};
use crate::report::json;
use crate::report::table::labelled;
use crate::suggest::{
    Answer, AnswerSource, Basis, Cause, DEFAULT_STACK, Grown, Lack, Suggestion, chosen, grown,
    lack, offers, place_words,
};

/// Most that is said of what was not chosen.
const MOST_REJECTED: usize = 4;

/// Suggestions for people.
pub fn text(basis: &Basis, suggestions: &[Suggestion]) -> String {
    let mut text: String = suggestions
        .iter()
        .map(|suggestion| {
            let rows = rows(basis, suggestion, MOST_REJECTED);
            let lines = rows.into_iter().flat_map(fitted);
            let lines = lines.map(|(label, said)| format!("  {label:<11} {said}\n"));
            format!("{}\n{}\n", heading(suggestion), lines.collect::<String>())
        })
        .collect();
    text.push_str(&format!("{}\n", reviewed(&basis.stack)));
    text
}

/// Widest list of what stands beside a label.
const WIDEST: usize = 84;

/// A row whose parts are apart by semicolons in as many rows as it takes, where they are a list.
fn fitted((label, said): (&'static str, String)) -> Vec<(&'static str, String)> {
    if label != MANAGED {
        return vec![(label, said)];
    }
    let mut lines: Vec<String> = Vec::new();
    for part in said.split_inclusive("; ") {
        match lines.last_mut() {
            Some(line) if line.len() + part.trim_end().len() <= WIDEST => line.push_str(part),
            _ => lines.push(part.to_owned()),
        }
    }
    let lines = lines.into_iter().map(|line| line.trim_end().to_owned());
    labelled(label, lines).collect()
}

/// The label of who runs it for others.
const MANAGED: &str = "managed";

/// Suggestions as a part of a document.
pub fn markdown(basis: &Basis, suggestions: &[Suggestion]) -> String {
    let mut text = String::new();
    for suggestion in suggestions {
        text.push_str(&format!("## {}\n\n", heading(suggestion)));
        let rows = rows(basis, suggestion, usize::MAX);
        let mut last = "";
        for (label, said) in &rows {
            if !label.is_empty() {
                last = label;
            }
            text.push_str(&format!("- **{last}**: {said}\n"));
        }
        text.push('\n');
    }
    text.push_str(&format!("{}\n", reviewed(&basis.stack)));
    text
}

/// When the answers were reviewed, and that they age.
pub fn reviewed(stack: &Stack) -> String {
    format!(
        "Answers of `{}` ({}), reviewed {}; they age: check what matters to you.",
        stack.id, stack.title, stack.reviewed
    )
}

/// What answers which need, for whom.
pub fn heading(suggestion: &Suggestion) -> String {
    let need = &suggestion.need;
    let asked_by: Vec<String> = need
        .asked_by
        .iter()
        .map(|name| format!("`{name}`"))
        .collect();
    let asked_by = match (asked_by.is_empty(), need.cause) {
        (true, _) => String::new(),
        (false, Cause::Copies) => format!(", for copies of {}", asked_by.join(", ")),
        (false, _) => format!(", for {}", asked_by.join(", ")),
    };
    let answer = match &suggestion.answer {
        None => "no answer".to_owned(),
        Some(answer) => match answer.source {
            AnswerSource::Used => {
                let does = match lack(&answer.kind, need.role, &suggestion.expected) {
                    Some(Lack::Unable(_)) => "is there, and does not do all of it",
                    Some(Lack::Strained(_)) => "is there, and does it with difficulty",
                    None => "does it",
                };
                format!("`{}` ({}) {does}", answer.service, answer.kind.title)
            }
            AnswerSource::Declared => format!("`{}` ({}) can", answer.service, answer.kind.title),
            AnswerSource::New if need.asked_by.is_empty() => answer.kind.title.clone(),
            AnswerSource::New => format!("{}, as `{}`", answer.kind.title, answer.service),
        },
    };
    format!("{}: {answer}{asked_by}", need.role)
}

/// Labels and what stands behind them; a label that is empty goes on with the last one.
fn rows(basis: &Basis, suggestion: &Suggestion, most: usize) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    let expected = suggestion.expected.words();
    let Some(answer) = &suggestion.answer else {
        rows.push(("why", none(basis)));
        return rows;
    };
    rows.push(("why", answer.reason.clone()));
    if !expected.is_empty() {
        rows.push(("expected", expected.join(", ")));
    }
    rows.extend(
        answer
            .lack
            .iter()
            .map(|lack| ("but", lack.said().to_owned())),
    );
    rows.extend(cause(suggestion).map(|said| ("comes with", said)));
    let otherwise = otherwise(basis, suggestion, answer);
    let said = otherwise.as_ref().map(said_otherwise);
    rows.extend(said.map(|said| ("instead", said)));
    // What would be chosen instead is not rejected.
    let is_rejected = |it: &&Rejected| {
        let instead = otherwise.as_ref();
        instead.is_none_or(|(kind, _)| kind.id != it.kind)
    };
    let rejected: Vec<&Rejected> = suggestion.rejected.iter().filter(is_rejected).collect();
    let more = rejected.len().saturating_sub(most);
    let rejected = rejected.into_iter().take(most);
    let rejected = rejected.map(|rejected| not_chosen(basis, rejected));
    let more = (more > 0).then(|| format!("and {more} more, which --format markdown names"));
    rows.extend(labelled("rejected", rejected.chain(more)));
    let role = suggestion.need.role;
    let grown = grown(basis, &answer.kind, role);
    rows.extend(labelled("grows into", grown.iter().map(growth)));
    let offers = offers(basis, &answer.kind, role);
    let offers = offers
        .iter()
        .map(|offer| format!("{} ({})", offer.service, offer.provider));
    rows.extend(labelled(
        MANAGED,
        Some(offers.collect::<Vec<_>>().join("; ")).into_iter(),
    ));
    let places = place_words(basis, &answer.kind, role);
    rows.extend(labelled("runs", places.iter().map(place)));
    rows.retain(|(_, said)| !said.is_empty());
    rows
}

fn none(basis: &Basis) -> String {
    match basis.stack.id.as_str() {
        DEFAULT_STACK => "the founding defaults have no answer to it".to_owned(),
        id => format!("neither the stack `{id}` nor the founding defaults have an answer to it"),
    }
}

fn cause(suggestion: &Suggestion) -> Option<String> {
    match suggestion.need.cause {
        Cause::ComesWith(role) => Some(format!("{role}, which are of little use without")),
        Cause::KeepsIn(role) => Some(format!("{role}, which keeps its data in it")),
        Cause::Copies => Some("production, whose data only a copy brings back".to_owned()),
        Cause::Said | Cause::Instead => None,
    }
}

/// What would be chosen, were nothing there, if that is something else.
fn otherwise(
    basis: &Basis,
    suggestion: &Suggestion,
    answer: &Answer,
) -> Option<(Arc<Kind>, String)> {
    if answer.source == AnswerSource::New {
        return None;
    }
    let found = chosen(basis, suggestion.need.role);
    found.filter(|(kind, _)| kind.id != answer.kind.id)
}

fn said_otherwise((kind, why): &(Arc<Kind>, String)) -> String {
    format!("without it, {}: {why}", kind.title)
}

fn not_chosen(basis: &Basis, rejected: &Rejected) -> String {
    let kind = basis.catalog.kind(&rejected.kind);
    let title = kind.map_or_else(|| rejected.kind.clone(), |kind| kind.title.clone());
    format!("{title}: {}", rejected.reason)
}

/// What a kind grows into, and when.
pub fn growth(grown: &Grown) -> String {
    match &grown.kind {
        Some(kind) => format!("{}: {}", kind.title, grown.when),
        None => format!("{} (not in the catalog): {}", grown.name, grown.when),
    }
}

/// Tiers, and where something runs in them.
pub fn place((tiers, said): &(Vec<Tier>, String)) -> String {
    let tiers: Vec<&str> = tiers.iter().map(|tier| tier.as_str()).collect();
    format!("{}: {said}", tiers.join(", "))
}

#[derive(Serialize)]
struct SuggestionsJson<'a> {
    stack: &'a str,
    reviewed: &'a str,
    needs: Vec<NeedJson<'a>>,
}

#[derive(Serialize)]
struct NeedJson<'a> {
    role: &'a str,
    asked_by: Vec<&'a str>,
    expected: Vec<String>,
    answer: Option<AnswerJson<'a>>,
    rejected: Vec<RejectedJson<'a>>,
}

#[derive(Serialize)]
struct AnswerJson<'a> {
    service: &'a str,
    kind: &'a str,
    title: &'a str,
    source: &'a str,
    reason: &'a str,
    lacks: Option<&'a str>,
    instead: Option<String>,
    grows_into: Vec<GrowthJson>,
    managed: Vec<OfferJson<'a>>,
    places: Vec<PlaceJson>,
    facts_reviewed: &'a str,
}

#[derive(Serialize)]
struct RejectedJson<'a> {
    kind: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct GrowthJson {
    kind: String,
    in_catalog: bool,
    when: String,
}

#[derive(Serialize)]
struct OfferJson<'a> {
    provider: &'a str,
    service: &'a str,
}

#[derive(Serialize)]
struct PlaceJson {
    tiers: Vec<&'static str>,
    place: String,
}

/// Suggestions for scripts.
pub fn json(basis: &Basis, suggestions: &[Suggestion]) -> String {
    let needs = suggestions.iter();
    json::print(&SuggestionsJson {
        stack: &basis.stack.id,
        reviewed: &basis.stack.reviewed,
        needs: needs
            .map(|suggestion| NeedJson {
                role: suggestion.need.role.as_str(),
                asked_by: suggestion
                    .need
                    .asked_by
                    .iter()
                    .map(|name| name.as_str())
                    .collect(),
                expected: suggestion.expected.words(),
                answer: suggestion
                    .answer
                    .as_ref()
                    .map(|answer| answer_json(basis, suggestion, answer)),
                rejected: suggestion
                    .rejected
                    .iter()
                    .map(|rejected| RejectedJson {
                        kind: &rejected.kind,
                        reason: &rejected.reason,
                    })
                    .collect(),
            })
            .collect(),
    })
}

fn answer_json<'a>(
    basis: &Basis,
    suggestion: &'a Suggestion,
    answer: &'a Answer,
) -> AnswerJson<'a> {
    let role = suggestion.need.role;
    let grown = grown(basis, &answer.kind, role).into_iter();
    let places = place_words(basis, &answer.kind, role).into_iter();
    AnswerJson {
        service: &answer.service,
        kind: &answer.kind.id,
        title: &answer.kind.title,
        source: match answer.source {
            AnswerSource::Used => "used",
            AnswerSource::Declared => "declared",
            AnswerSource::New => "new",
        },
        reason: &answer.reason,
        lacks: answer.lack.as_ref().map(|lack| lack.said()),
        instead: otherwise(basis, suggestion, answer)
            .as_ref()
            .map(said_otherwise),
        grows_into: grown
            .map(|grown| GrowthJson {
                in_catalog: grown.kind.is_some(),
                kind: grown.name,
                when: grown.when,
            })
            .collect(),
        managed: offers(basis, &answer.kind, role)
            .into_iter()
            .map(|offer| OfferJson {
                provider: &offer.provider,
                service: &offer.service,
            })
            .collect(),
        places: places
            .map(|(tiers, place)| PlaceJson {
                tiers: tiers.into_iter().map(Choice::as_str).collect(),
                place,
            })
            .collect(),
        facts_reviewed: answer.kind.facts.reviewed.as_str(),
    }
}
