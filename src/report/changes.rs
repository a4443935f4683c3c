//! What an edit changed besides the text: findings that are gone and new, and variables with another value.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::analysis::Analysis;
use crate::catalog::Catalog;
use crate::finding::{Finding, Label};
use crate::model::{EnvironmentName, PlanPath};
use crate::report::variable::shown;
use crate::settings::{Speller, masked_values, needs};
use crate::template::Templates;

/// What differs between two analyses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// What was found before and is no more, in sentences.
    pub gone: Vec<String>,
    /// What is found now and was not before.
    pub new: Vec<String>,
    /// Variables of apps whose value is another, by environment, host, app and name.
    pub variables: Vec<ChangedVariable>,
}

/// A variable whose value is another; credentials are masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedVariable {
    /// Whose it is: `prod/app-1/web`.
    pub owner: String,
    /// Its name.
    pub name: String,
    /// Its value before; `None` if it is new.
    pub before: Option<String>,
    /// Its value now; `None` if it is gone.
    pub after: Option<String>,
}

/// What differs between the analyses of two texts.
pub fn changes(before: &Analysis, after: &Analysis, catalog: &Catalog) -> Changes {
    let (old, new) = (values(before, catalog), values(after, catalog));
    let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    let changed = names
        .into_iter()
        .filter(|name| old.get(*name) != new.get(*name));
    let variables = changed.map(|key| ChangedVariable {
        owner: key.0.clone(),
        name: key.1.clone(),
        before: old.get(key).cloned(),
        after: new.get(key).cloned(),
    });
    Changes {
        gone: sentences(missing(&before.findings, &after.findings)),
        new: sentences(missing(&after.findings, &before.findings)),
        variables: variables.collect(),
    }
}

/// So many findings are compared with every other one by one, which is sooner done than looking them up.
const MOST_COMPARED: usize = 8;

/// The findings that are about what none of the others is about, each once. One that says the same of the same thing
/// in other words is the same.
pub fn missing<'f>(of: &'f [Finding], from: &[Finding]) -> Vec<&'f Finding> {
    let mut missing = unsaid(of, from);
    if missing.is_empty() {
        return missing;
    }
    let mut others: HashMap<_, Vec<&Finding>> = HashMap::new();
    for other in unsaid(from, of) {
        others.entry(subject(other)).or_default().push(other);
    }
    missing.retain(|finding| {
        let same = others.get_mut(&subject(finding));
        let is_same =
            |other: &&Finding| finding.primary.path.is_some() && shares_ends(finding, other);
        let at = same.as_ref().and_then(|same| same.iter().position(is_same));
        match (same, at) {
            // Each stands for one.
            (Some(same), Some(at)) => {
                same.swap_remove(at);
                false
            }
            _ => true,
        }
    });
    missing
}

/// What a finding is of: rule, environment and place.
fn subject(finding: &Finding) -> (&str, Option<&EnvironmentName>, Option<&PlanPath>) {
    let place = finding.primary.path.as_ref();
    (finding.rule, finding.environment.as_ref(), place)
}

/// Whether two findings have another end in common, where both have any.
fn shares_ends(a: &Finding, b: &Finding) -> bool {
    let has = |finding: &Finding, label: &Label| {
        let mut labels = finding.secondary.iter();
        labels.any(|it| it.path == label.path)
    };
    let (mut ends, others) = (a.secondary.iter(), &b.secondary);
    a.secondary.is_empty() || others.is_empty() || ends.any(|label| has(b, label))
}

/// The findings that say what none of the others says, each once.
fn unsaid<'f>(of: &'f [Finding], from: &[Finding]) -> Vec<&'f Finding> {
    fn said(finding: &Finding) -> (&str, &str, Option<&EnvironmentName>) {
        (finding.rule, &finding.message, finding.environment.as_ref())
    }
    // An edit of a large plan leaves most findings as they were, at either end of both lists.
    let same = |(a, b): &(&Finding, &Finding)| said(a) == said(b);
    let first = of.iter().zip(from).take_while(same).count();
    let (of, rest) = (&of[first..], &from[first..]);
    let last = of.iter().rev().zip(rest.iter().rev());
    let last = last.take_while(same).count();
    let (of, rest) = (&of[..of.len() - last], &rest[..rest.len() - last]);
    let mut seen: HashSet<_> = rest.iter().map(said).collect();
    let mut missing: Vec<&Finding> = of
        .iter()
        .filter(|finding| seen.insert(said(finding)))
        .collect();
    if missing.len() > MOST_COMPARED {
        let all: HashSet<_> = from.iter().map(said).collect();
        missing.retain(|finding| !all.contains(&said(finding)));
    } else {
        for other in from[..first].iter().chain(&from[from.len() - last..]) {
            missing.retain(|finding| said(finding) != said(other));
        }
    }
    missing
}

fn sentences(findings: Vec<&Finding>) -> Vec<String> {
    findings.into_iter().map(sentence).collect()
}

fn sentence(finding: &Finding) -> String {
    let environment = finding.environment.as_ref();
    let environment = environment
        .map(|it| format!(" (in {it})"))
        .unwrap_or_default();
    format!("{}: {}{environment}", finding.rule, finding.message)
}

/// The values of all variables, by owner and name.
fn values(analysis: &Analysis, catalog: &Catalog) -> BTreeMap<(String, String), String> {
    let masked = masked_values(analysis.topologies.iter().flat_map(needs));
    let templates = Templates::new();
    let name = analysis
        .plan
        .name
        .as_ref()
        .map_or("unnamed", |name| name.as_str());
    let speller = Speller::new(catalog, &templates, name, &masked);
    let mut values = BTreeMap::new();
    for topology in &analysis.topologies {
        let apps = topology
            .instances()
            .filter(|it| topology.components[&it.component].app().is_some());
        for app in apps {
            let owner = format!("{}/{}/{}", topology.environment, app.host, app.component);
            // What cannot be said is a finding of its own.
            for variable in speller.variables(topology, app).unwrap_or_default() {
                values.insert((owner.clone(), variable.name.to_string()), shown(&variable));
            }
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Config, analyze};
    use crate::model::Date;

    #[test]
    fn what_is_missing_is_what_looking_up_every_one_tells() {
        let finding = |text: &str| {
            let label = crate::finding::Label::new(crate::model::PlanPath::service("db"), "");
            Finding::new(&crate::source::rules::INVALID_SYNTAX, label, text)
        };
        let list = |words: &str| words.split_whitespace().map(finding).collect::<Vec<_>>();
        let many: String = (0..20).map(|n| format!("n{n} ")).collect();
        let lists = [
            "", "a", "a b", "b a", "a b c", "a x c", "a a b", "c b a a", "x a c", &many,
        ]
        .map(list);
        for of in &lists {
            for from in &lists {
                let mut seen: HashSet<_> = from.iter().map(|it| &it.message).collect();
                let plain: Vec<_> = of.iter().filter(|it| seen.insert(&it.message)).collect();
                let found = unsaid(of, from);
                let messages = |all: &[&Finding]| -> Vec<String> {
                    all.iter().map(|it| it.message.clone()).collect()
                };
                assert_eq!(messages(&found), messages(&plain));
            }
        }
    }

    #[test]
    fn the_same_in_other_words_is_neither_gone_nor_new() {
        let finding = |service: &str, other: &str, text: &str| {
            let label = |name| Label::new(PlanPath::service(name), "");
            Finding::new(&crate::source::rules::INVALID_SYNTAX, label(service), text)
                .and(label(other))
        };
        let before = [
            finding("db", "kv", "8.0 but 8.4"),
            finding("db", "kv", "two"),
        ];
        let after = [finding("db", "kv", "8.0 but 9.0")];
        assert_eq!(missing(&after, &before), Vec::<&Finding>::new());
        // One of them stands for one.
        assert_eq!(missing(&before, &after).len(), 1);
        for other in [finding("kv", "kv", "8.0"), finding("db", "mq", "8.0")] {
            let other = [other];
            assert_eq!(missing(&other, &after), [&other[0]]);
        }
    }

    #[test]
    fn a_service_that_moves_changes_findings_and_the_addresses_of_its_users() {
        let text = include_str!("../../templates/example.toml");
        let catalog = Catalog::builtin();
        let config = Config {
            today: Date::parse("2026-11-22").expect("a date"),
        };
        let moved = text
            .replace("runs = [\"web\", \"cache\"]", "runs = [\"web\"]")
            .replace("runs = [\"db\"]", "runs = [\"db\", \"cache\"]");
        let before = analyze(text, &catalog, &config);
        let after = analyze(&moved, &catalog, &config);
        let changes = changes(&before, &after, &catalog);
        // What is said of the connections between the machines has other words, and is of the same.
        assert_eq!(
            (changes.gone.len(), changes.new.len()),
            (1, 0),
            "{changes:?}"
        );
        assert!(changes.gone[0].starts_with("internal-in-production: `cache`"));
        let [variable] = changes.variables.as_slice() else {
            panic!("{changes:?}");
        };
        assert_eq!(variable.owner, "prod/app-1/web");
        let (old, new) = (variable.before.as_deref(), variable.after.as_deref());
        assert!(
            old.is_some_and(|old| old.contains("cache:6379") && old.contains("********")),
            "{old:?}"
        );
        assert!(
            new.is_some_and(|new| new.contains("10.0.1.21:6379")),
            "{new:?}"
        );
    }
}
