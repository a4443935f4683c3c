//! How two environments differ, for people, for a page of Markdown, and for scripts.

use anstyle::{AnsiColor, Effects, Style};
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use crate::compare::{Comparison, Difference, Weight};
use crate::finding::{counted, printed};
use crate::model::{Aspect, Choice};
use crate::report::table::aligned;

/// What the score counts.
const SCORE: &str = "alike: each component counts the same, and loses half of that by a difference that matters much, a fifth by one that matters some, nothing by others";

/// How many components are named where more differ in the same.
const MOST_NAMED: usize = 2;

/// Longest texts that stand beside each other.
const LONG: usize = 40;

const MUCH: Style = AnsiColor::Red.on_default().effects(Effects::BOLD);
const SOME: Style = AnsiColor::Yellow.on_default().effects(Effects::BOLD);

/// What was compared with what.
#[derive(Clone, Copy, Debug)]
pub struct Compared<'a> {
    /// What the plan is called.
    pub plan: &'a str,
    /// The first, as it is to be called.
    pub left: &'a str,
    /// The second.
    pub right: &'a str,
    /// How they differ.
    pub comparison: &'a Comparison,
}

/// Differences as text, those that matter most first.
pub fn text(compared: &Compared) -> String {
    let Compared {
        plan,
        left,
        right,
        comparison,
    } = compared;
    let mut text = format!(
        "{plan}: {left} → {right}, {} % alike ({})\n",
        comparison.score,
        counted(comparison.components, "component"),
    );
    if comparison.score < 100 {
        text.push_str(&format!("{SCORE}\n"));
    }
    if comparison.differences.is_empty() {
        text.push_str("nothing differs\n");
    }
    for (title, differences) in sections(comparison) {
        let style = match differences[0].weight {
            Weight::Much => MUCH,
            Weight::Some => SOME,
            Weight::Little => Style::new(),
        };
        text.push_str(&format!("\n{style}{title}{style:#}\n"));
        for group in differences.chunk_by(|a, b| reason(a) == reason(b)) {
            text.push_str(&format!("  {}\n", printed(reason(group[0]))));
            text.push_str(&match is_folded(group) {
                true => folded(group),
                false => rows(compared, group),
            });
        }
    }
    text
}

/// Differences as a page of Markdown.
pub fn markdown(compared: &Compared) -> String {
    let Compared {
        plan,
        left,
        right,
        comparison,
    } = compared;
    let mut text = format!(
        "# {}: {left} and {right}\n\n{} % alike, {} compared.\n\n{}{}.\n",
        cell(plan),
        comparison.score,
        counted(comparison.components, "component"),
        SCORE[..1].to_uppercase(),
        &SCORE[1..],
    );
    for (title, differences) in sections(comparison) {
        text.push_str(&format!(
            "\n## {}{}\n\n| component | what | {left} | {right} | why |\n|---|---|---|---|---|\n",
            &title[..1].to_uppercase(),
            &title[1..],
        ));
        for difference in differences {
            let side = |side: &Option<String>| match side {
                Some(said) => format!("`{}`", cell(said)),
                None => "-".to_owned(),
            };
            text.push_str(&format!(
                "| {} | {} | {} | {} | {} |\n",
                cell(difference.component.as_str()),
                cell(&what(difference)),
                side(&difference.left),
                side(&difference.right),
                cell(reason(difference)),
            ));
        }
    }
    text
}

#[derive(Serialize)]
struct ComparisonJson<'a> {
    plan: &'a str,
    left: &'a str,
    right: &'a str,
    score: u32,
    components: usize,
    differences: Vec<DifferenceJson<'a>>,
}

#[derive(Serialize)]
struct DifferenceJson<'a> {
    component: &'a str,
    aspect: &'a str,
    detail: Option<&'a str>,
    left: Option<&'a str>,
    right: Option<&'a str>,
    weight: &'a str,
    why: &'a str,
    accepted: Option<&'a str>,
}

/// Differences as JSON.
pub fn json(compared: &Compared) -> String {
    let differences = compared.comparison.differences.iter();
    let differences = differences.map(|difference| DifferenceJson {
        component: difference.component.as_str(),
        aspect: difference.aspect.as_str(),
        detail: difference.detail.as_deref(),
        left: difference.left.as_deref(),
        right: difference.right.as_deref(),
        weight: difference.weight.as_str(),
        why: difference.why,
        accepted: difference.accepted.as_deref(),
    });
    super::json::print(&ComparisonJson {
        plan: compared.plan,
        left: compared.left,
        right: compared.right,
        score: compared.comparison.score,
        components: compared.comparison.components,
        differences: differences.collect(),
    })
}

/// What is shown together: by weight, then what the plan accepts; within, what has the same reason follows
/// each other.
pub fn sections(comparison: &Comparison) -> Vec<(&'static str, Vec<&Difference>)> {
    let titles = [
        (Some(Weight::Much), "matters much"),
        (Some(Weight::Some), "matters some"),
        (
            Some(Weight::Little),
            "matters little: it is meant to differ",
        ),
        (None, "accepted in the plan"),
    ];
    let section = |(weight, title): (Option<Weight>, &'static str)| {
        let is_in = |difference: &&Difference| match weight {
            Some(weight) => difference.weight == weight && difference.accepted.is_none(),
            None => difference.accepted.is_some(),
        };
        let mut differences: Vec<&Difference> =
            comparison.differences.iter().filter(is_in).collect();
        differences.sort_by_key(|difference| (difference.aspect, reason(difference)));
        (title, differences)
    };
    let sections = titles.into_iter().map(section);
    sections
        .filter(|(_, differences)| !differences.is_empty())
        .collect()
}

/// Why it is accepted, or else why it matters.
pub fn reason(difference: &Difference) -> &str {
    difference.accepted.as_deref().unwrap_or(difference.why)
}

/// In what they differ: `version`, `variables DB_URL`.
pub fn what(difference: &Difference) -> String {
    let aspect = difference.aspect.as_str();
    match &difference.detail {
        Some(detail) => format!("{aspect} {detail}"),
        None => aspect.to_owned(),
    }
}

/// One side as it is shown.
pub fn side(said: &Option<String>) -> String {
    printed(said.as_deref().unwrap_or("-"))
}

/// Most variables that follow where services are and are shown with their values.
const MOST_FOLLOWING: usize = 3;

/// Whether only the names of variables are shown: there are many, and all differ as they are meant to.
fn is_folded(group: &[&Difference]) -> bool {
    let follows = |it: &&Difference| {
        let is_little = it.weight == Weight::Little && it.accepted.is_none();
        is_little && it.aspect == Aspect::Variables
    };
    group.len() > MOST_FOLLOWING && group.iter().all(follows)
}

/// The names of the variables of each component, and how their values are seen.
fn folded(group: &[&Difference]) -> String {
    let of_each = group.chunk_by(|a, b| a.component == b.component);
    let rows = of_each.map(|differences| {
        let names = differences.iter().filter_map(|it| it.detail.as_deref());
        let names = names.collect::<Vec<_>>().join(", ");
        vec![differences[0].component.to_string(), names]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let how = "    (--format markdown shows their values)\n";
    aligned(&rows, "    ") + how
}

/// A row each where both sides are short, else a row for each side.
fn rows(compared: &Compared, group: &[&Difference]) -> String {
    let is_long = |said: &Option<String>| side(said).width() > LONG;
    let joined = joined(group);
    let stacked = group
        .iter()
        .any(|difference| is_long(&difference.left) || is_long(&difference.right));
    if stacked {
        let blocks = joined.iter().map(|(who, difference)| {
            let sides = [
                vec![compared.left.to_owned(), side(&difference.left)],
                vec![compared.right.to_owned(), side(&difference.right)],
            ];
            let head = format!("    {who}  {}\n", what(difference));
            head + &aligned(&sides, "      ")
        });
        return blocks.collect();
    }
    let rows = joined.iter().map(|(who, difference)| {
        vec![
            who.clone(),
            what(difference),
            side(&difference.left),
            "→".to_owned(),
            side(&difference.right),
        ]
    });
    aligned(&rows.collect::<Vec<_>>(), "    ")
}

/// What differs in the same for many components as one line: `api, web and 10 more`.
fn joined<'d>(group: &[&'d Difference]) -> Vec<(String, &'d Difference)> {
    let mut found: Vec<(Vec<&str>, &Difference)> = Vec::new();
    for difference in group {
        let is_same = |other: &Difference| {
            (other.aspect, &other.detail, &other.left, &other.right)
                == (
                    difference.aspect,
                    &difference.detail,
                    &difference.left,
                    &difference.right,
                )
        };
        let name = difference.component.as_str();
        match found.iter_mut().find(|(_, other)| is_same(other)) {
            Some((names, _)) => names.push(name),
            None => found.push((vec![name], difference)),
        }
    }
    let said = |names: &[&str]| match names.len() {
        // One more name is shorter than saying that there is one more.
        n if n <= MOST_NAMED + 1 => names.join(", "),
        n => format!(
            "{} and {} more",
            names[..MOST_NAMED].join(", "),
            n - MOST_NAMED
        ),
    };
    let lines = found.into_iter();
    lines.map(|(names, first)| (said(&names), first)).collect()
}

/// A text in a cell of a table, or between backticks.
fn cell(text: &str) -> String {
    printed(text).replace('|', "\\|").replace('`', "'")
}
