//! A decision record for a plan that was begun: context, decisions, alternatives, consequences, growth.

use std::collections::BTreeSet;

use crate::analysis::Analysis;
use crate::finding::Severity;
use crate::model::{Choice, Date};
use crate::report::suggest::{growth, heading, place, reviewed};
use crate::suggest::{Answer, Basis, Suggestion, grown, place_words};

/// The record in Markdown.
pub fn record(
    basis: &Basis,
    analysis: &Analysis,
    suggestions: &[Suggestion],
    today: &Date,
) -> String {
    let plan = &analysis.plan;
    let name = plan.name.as_ref().map_or("unnamed", |name| name.as_str());
    let mut text = format!(
        "# Backing services of {name}\n\n- Date: {today}\n- Status: proposed\n\n## Context\n\n{}",
        context(analysis)
    );
    text.push_str(&format!("\n{}\n\n## Decisions\n", reviewed(&basis.stack)));
    if suggestions.is_empty() {
        text.push_str("\nNone yet: no app says what it needs.\n");
    }
    for suggestion in suggestions {
        text.push_str(&decision(basis, suggestion));
    }
    text.push_str(&format!(
        "\n## Consequences\n\n{}",
        consequences(suggestions)
    ));
    text.push_str(&to_fill_in(analysis));
    text.push_str(&format!("\n## Growth\n\n{}", growths(basis, suggestions)));
    text.push_str(&format!("\n## Review\n\n{}", review(suggestions)));
    text
}

fn context(analysis: &Analysis) -> String {
    let plan = &analysis.plan;
    let mut lines = String::new();
    for (name, app) in &plan.apps {
        let needs: Vec<&str> = app.needs.iter().map(|need| need.as_str()).collect();
        let needs = match needs.is_empty() {
            true => "says no needs".to_owned(),
            false => format!("needs {}", needs.join(", ")),
        };
        lines.push_str(&format!("- The app `{name}` {needs}.\n"));
    }
    let environments: Vec<String> = analysis
        .topologies
        .iter()
        .map(|topology| match topology.tier {
            Some(tier) => format!("`{}` ({tier})", topology.environment),
            None => format!("`{}`", topology.environment),
        })
        .collect();
    if !environments.is_empty() {
        lines.push_str(&format!("- It runs in {}.\n", environments.join(", ")));
    }
    if !plan.team.is_empty() {
        lines.push_str(&format!("- The team knows {}.\n", plan.team.join(", ")));
    }
    lines.push_str("- Few services: each fills as many needs as it does well, and none is introduced that no need asks for.\n");
    lines
}

fn decision(basis: &Basis, suggestion: &Suggestion) -> String {
    let mut text = format!("\n### {}\n\n", heading(suggestion));
    let Some(answer) = &suggestion.answer else {
        text.push_str("Left open: the set of defaults has no answer to it.\n");
        return text;
    };
    text.push_str(&format!("Because: {}.\n", answer.reason));
    let expected = suggestion.expected.words();
    if !expected.is_empty() {
        text.push_str(&format!("Expected: {}.\n", expected.join(", ")));
    }
    if let Some(lack) = &answer.lack {
        text.push_str(&format!("But {}.\n", lack.said()));
    }
    text.push_str("\nWhere it runs:\n\n");
    for places in place_words(basis, &answer.kind, suggestion.need.role) {
        text.push_str(&format!("- {}\n", place(&places)));
    }
    if !suggestion.rejected.is_empty() {
        text.push_str("\nAlternatives rejected:\n\n");
    }
    for rejected in &suggestion.rejected {
        let kind = basis.catalog.kind(&rejected.kind);
        let title = kind.map_or_else(|| rejected.kind.clone(), |kind| kind.title.clone());
        text.push_str(&format!("- {title}: {}\n", rejected.reason));
    }
    text
}

/// The answers, each kind once.
fn answers(suggestions: &[Suggestion]) -> Vec<&Answer> {
    let mut seen = BTreeSet::new();
    let answers = suggestions.iter().filter_map(|it| it.answer.as_ref());
    answers
        .filter(|answer| seen.insert(&answer.kind.id))
        .collect()
}

fn consequences(suggestions: &[Suggestion]) -> String {
    let mut lines = String::new();
    for answer in answers(suggestions) {
        let kind = &answer.kind;
        for said in &kind.pros {
            lines.push_str(&format!("- {}, for it: {said}\n", kind.title));
        }
        for said in kind.cons.iter().chain(&kind.supply.warning) {
            lines.push_str(&format!("- {}, against it: {said}\n", kind.title));
        }
    }
    match lines.is_empty() {
        true => "- Nothing to run besides the apps.\n".to_owned(),
        false => lines,
    }
}

/// What the plan still waits for.
fn to_fill_in(analysis: &Analysis) -> String {
    let open = analysis.findings.iter();
    let open = open.filter(|finding| finding.severity == Severity::Note);
    let lines: Vec<String> = open
        .map(|finding| format!("- {}\n", finding.said()))
        .collect();
    match lines.is_empty() {
        true => String::new(),
        false => format!(
            "\nWhat `backstay check` notes of it today:\n\n{}",
            lines.concat()
        ),
    }
}

fn growths(basis: &Basis, suggestions: &[Suggestion]) -> String {
    let mut lines = BTreeSet::new();
    for suggestion in suggestions {
        if let Some(answer) = &suggestion.answer {
            for grown in grown(basis, &answer.kind, suggestion.need.role) {
                lines.insert(format!("- {} into {}\n", answer.kind.title, growth(&grown)));
            }
        }
    }
    match lines.is_empty() {
        true => "- Nothing that the catalog knows of.\n".to_owned(),
        false => lines.into_iter().collect(),
    }
}

fn review(suggestions: &[Suggestion]) -> String {
    let lines = answers(suggestions).into_iter().map(|answer| {
        format!(
            "- Facts about {} were reviewed {}.\n",
            answer.kind.title, answer.kind.facts.reviewed
        )
    });
    format!(
        "{}- Facts age: look at this record again when needs, sizes or licences change.\n",
        lines.collect::<String>()
    )
}
