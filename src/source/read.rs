//! Text to plan, with everything that is wrong with the text. Never stops at the first mistake.

use toml::de::DeTable;

use crate::finding::{Finding, Label};
use crate::model::{Choice, EnvironmentName, Plan, PlanPath, Tier};
use crate::source::field::{Trail, listed, read_table};
use crate::source::locate::Places;
use crate::source::{container, halves, rules, tables};
use crate::span::Span;

/// What a text says.
pub struct Source<'a> {
    /// The plan, without whatever could not be read.
    pub plan: Plan,
    /// What is wrong with the text.
    pub findings: Vec<Finding>,
    /// Where everything stands.
    pub places: Places<'a>,
}

/// Most syntax errors that are reported: a file that is no plan at all has one in every line.
const MOST_SYNTAX_ERRORS: usize = 1_000;

/// From this many bytes on, a text is read sooner in two halves.
const LONG: usize = 50_000;

/// Reads a plan. Any text gives a plan; what is wrong with it is in the findings.
pub fn read(text: &str) -> Source<'_> {
    let is_long = text.len() >= LONG;
    match is_long.then(|| halves::read(text)).flatten() {
        Some((plan, places)) => checked(plan, places, Vec::new()),
        None => read_whole(text),
    }
}

pub(super) fn read_whole(text: &str) -> Source<'_> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut findings: Vec<Finding> = errors
        .iter()
        .take(MOST_SYNTAX_ERRORS)
        .map(|error| syntax_finding(text, error))
        .collect();
    let plan = read_table(table.get_ref(), Trail::ROOT, &mut findings, tables::plan);
    checked(plan, Places::new(table), findings)
}

fn checked<'a>(plan: Plan, places: Places<'a>, mut findings: Vec<Finding>) -> Source<'a> {
    check_required(&plan, &places, &mut findings);
    container::check(&plan, &mut findings);
    Source {
        plan,
        findings,
        places,
    }
}

fn syntax_finding(text: &str, error: &toml::de::Error) -> Finding {
    let is_too_deep = error.message().starts_with("recursion limit");
    let span: Span = match error.span() {
        _ if is_too_deep => deepest_line(text),
        Some(span) => span.into(),
        None => Span::default(),
    };
    // The parser's words may repeat the user's text; only the first line is a sentence.
    let words: String = error
        .message()
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .flat_map(crate::finding::printable)
        .collect();
    let (message, help) = match words.strip_prefix("duplicate key") {
        Some(_) => (
            "this name stands here for the second time".to_owned(),
            "write one table or key with all that belongs to it",
        ),
        None if is_too_deep => (
            "tables are nested too deeply".to_owned(),
            "no plan needs more than a few tables inside each other",
        ),
        None => (words, "see https://toml.io for how TOML is written"),
    };
    Finding::new(
        &rules::INVALID_SYNTAX,
        Label::at(span.within(text), ""),
        message,
    )
    .help(help)
}

/// The line that nests most: the parser does not say where it gave up.
fn deepest_line(text: &str) -> Span {
    let depth = |line: &str| line.bytes().filter(|byte| b".[{".contains(byte)).count();
    let mut deepest = (0, Span::default());
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if depth(line) > deepest.0 {
            let end = start + line.trim_end().len();
            deepest = (depth(line), Span { start, end });
        }
        start += line.len();
    }
    deepest.1
}

fn check_required(plan: &Plan, places: &Places<'_>, findings: &mut Vec<Finding>) {
    let is_said = |path: PlanPath| places.find_said(&path).is_some();
    let missing = |label: Label, message: String| Finding::new(&rules::MISSING_KEY, label, message);
    let start = || Label::at(Span::default(), "");
    if places.is_empty() && findings.is_empty() {
        let help = "`backstay example` prints a plan to start from";
        findings.push(missing(start(), "the plan is empty".to_owned()).help(help));
        return;
    }
    if plan.name.is_none() && !is_said(PlanPath::root().key("name")) {
        findings.push(
            missing(start(), "the plan has no `name`".to_owned())
                .help("write name = \"my-app\" in the first line"),
        );
    }
    for name in plan
        .services
        .iter()
        .filter(|(_, service)| service.kind.is_none())
        .map(|(name, _)| name.as_str())
    {
        if !is_said(PlanPath::service(name).key("kind")) {
            let label = Label::new(PlanPath::service(name), "");
            let help = "say what it is, with `kind`; `backstay catalog` lists the kinds";
            findings.push(missing(label, format!("the service `{name}` has no `kind`")).help(help));
        }
    }
    findings.extend(
        plan.environments
            .keys()
            .filter(|name| plan.tier(name).is_none())
            .map(tier_finding),
    );
}

fn tier_finding(environment: &EnvironmentName) -> Finding {
    let label = Label::new(PlanPath::environment(environment.as_str()), "");
    let words = listed(Tier::ALL.iter().map(|tier| tier.as_str()));
    Finding::new(
        &rules::MISSING_KEY,
        label,
        format!("nothing says what the environment `{environment}` is for"),
    )
    .in_environment(environment)
    .help(format!("add `tier`, one of {words}"))
}
