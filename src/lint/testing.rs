//! How rules are tested: a plan with comments that say what is found where.

use crate::analysis::{Analysis, Config, analyze};
use crate::catalog::Catalog;
use crate::model::Date;
use crate::source;
use crate::span::Lines;

/// Analyses `plan` on a fixed day with the built-in catalog.
pub(crate) fn analysis(plan: &str) -> Analysis {
    analysis_with(&Catalog::builtin(), plan)
}

fn analysis_with(catalog: &Catalog, plan: &str) -> Analysis {
    let today = Date::parse("2026-11-22").expect("a date");
    analyze(plan, catalog, &Config { today })
}

/// Compares the findings of `rule` with the comments in `plan`.
///
/// `# ^^^^ message` under a line stands for a finding at those columns, with that message;
/// `# <- message` for one anywhere in the line above.
#[track_caller]
pub(crate) fn check(rule: &str, plan: &str) {
    check_with(&Catalog::builtin(), rule, plan);
}

/// As `check`, with a catalog of the caller's choice.
#[track_caller]
pub(crate) fn check_with(catalog: &Catalog, rule: &str, plan: &str) {
    let expected = expectations(plan);
    let found = analysis_with(catalog, plan).findings;
    let mut found: Vec<Expectation> = found
        .iter()
        .filter(|finding| finding.rule == rule)
        .map(|finding| {
            let span = finding.primary.span.unwrap_or_default();
            let place = Lines::new(plan).line_column(span.start, plan);
            let width = plan[span.start..span.end].chars().count();
            let columns =
                Some((place.column, width)).filter(|_| !expects_line_only(&expected, place.line));
            (place.line, columns, finding.message.clone())
        })
        .collect();
    found.sort();
    assert_eq!(
        found, expected,
        "\nfound (left) and expected (right) differ in\n{plan}"
    );
}

/// Applies the fix of the first finding of `rule` and compares the text; the finding must be gone then.
#[track_caller]
pub(crate) fn check_fix(rule: &str, before: &str, after: &str) {
    let analysis_before = analysis(before);
    let finding = analysis_before
        .findings
        .iter()
        .find(|finding| finding.rule == rule)
        .expect("the rule finds something");
    let fix = finding.fix.as_ref().expect("the finding has a fix");
    let fixed = source::apply(before, &fix.edits).expect("the fix applies");
    assert_eq!(fixed, after);
    let left = analysis(&fixed).findings;
    assert!(
        !left
            .iter()
            .any(|left| left.rule == rule && left.message == finding.message),
        "the fix leaves the finding"
    );
}

type Expectation = (usize, Option<(usize, usize)>, String);

fn expectations(plan: &str) -> Vec<Expectation> {
    let mut expected = Vec::new();
    let mut line_above = 0;
    for (index, line) in plan.lines().enumerate() {
        let comment = line.trim_start().strip_prefix('#').map(str::trim_start);
        if let Some(message) = comment.and_then(|comment| comment.strip_prefix("<- ")) {
            expected.push((line_above, None, message.to_owned()));
        } else if let Some(rest) = comment.filter(|comment| comment.starts_with('^')) {
            let width = rest.chars().take_while(|c| *c == '^').count();
            let column = line.chars().take_while(|c| *c != '^').count() + 1;
            expected.push((
                line_above,
                Some((column, width)),
                rest[width..].trim().to_owned(),
            ));
        } else {
            line_above = index + 1;
        }
    }
    expected.sort();
    expected
}

fn expects_line_only(expected: &[Expectation], line: usize) -> bool {
    expected
        .iter()
        .any(|(at, columns, _)| *at == line && columns.is_none())
}
