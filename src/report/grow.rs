//! What services can grow into, and what changes with it: ports, strings, settings, features, variables, findings.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::analysis::Analysis;
use crate::catalog::{Catalog, Kind};
use crate::model::{Choice, Plan, Tier};
use crate::report::changes::{Changes, changes};
use crate::report::json;
use crate::report::table::labelled;
use crate::settings::forms_asked;
use crate::suggest::Move;
use crate::template::Templates;

/// A move, and what the plan would be after it.
pub struct Moved<'a> {
    /// The move.
    pub by: &'a Move,
    /// What follows from the plan after it; `None` if the larger kind is not in the catalog.
    pub after: Option<Analysis>,
}

/// Most variables of one move that are shown to people.
const MOST_VARIABLES: usize = 8;

/// What services can grow into, for people.
pub fn text(before: &Analysis, catalog: &Catalog, moved: &[Moved]) -> String {
    let mut text = String::new();
    let mut last = None;
    for one in moved {
        let by = one.by;
        if last != Some(&by.service) {
            let gap = if last.is_some() { "\n" } else { "" };
            text.push_str(&format!("{gap}{} ({})\n", by.service, by.from.title));
            last = Some(&by.service);
        }
        text.push_str(&format!("  {}: {}\n", heading(by), by.when));
        for (label, said) in rows(before, catalog, one, MOST_VARIABLES) {
            text.push_str(&format!("    {label:<11} {said}\n"));
        }
    }
    text
}

/// What services can grow into, as a part of a document.
pub fn markdown(before: &Analysis, catalog: &Catalog, moved: &[Moved]) -> String {
    let mut text = String::new();
    for one in moved {
        let by = one.by;
        text.push_str(&format!(
            "## {} ({}) into {}\n\n",
            by.service,
            by.from.title,
            heading(by)
        ));
        text.push_str(&format!("{}\n\n", by.when));
        let mut last = "";
        for (label, said) in rows(before, catalog, one, usize::MAX) {
            last = if label.is_empty() { last } else { label };
            text.push_str(&format!("- **{last}**: {said}\n"));
        }
        text.push('\n');
    }
    text
}

fn heading(by: &Move) -> String {
    let roles: Vec<&str> = by.roles.iter().map(|role| role.as_str()).collect();
    let roles = roles.join(", ");
    match &by.to {
        None => format!(
            "{} (not in the catalog, so nothing more is known here)",
            by.name
        ),
        Some(to) if by.is_whole => format!("{}, for all that it does ({roles})", to.title),
        Some(to) => format!("{}, for {roles} alone", to.title),
    }
}

/// Labels and what stands behind them; a label that is empty goes on with the last one.
fn rows(
    before: &Analysis,
    catalog: &Catalog,
    one: &Moved,
    most: usize,
) -> Vec<(&'static str, String)> {
    let (by, Some(to)) = (one.by, &one.by.to) else {
        return Vec::new();
    };
    let from = &by.from;
    let mut rows = Vec::new();
    // What stays for other roles keeps all that it has.
    let replaced = |names: BTreeSet<String>, others: &BTreeSet<String>| match by.is_whole {
        true => names,
        false => names.intersection(others).cloned().collect(),
    };
    rows.extend(match by.is_whole {
        true => changed(ports(from), ports(to)).map(|said| ("ports", said)),
        false => Some(("ports", format!("{}, besides {}", ports(to), ports(from)))),
    });
    if from.protocol != to.protocol {
        rows.push((
            "protocol",
            format!("{} → {}: clients change", from.protocol, to.protocol),
        ));
    }
    let forms = forms_read(&before.plan, catalog, by, [from, to]);
    rows.extend(labelled("strings", strings(from, to, &forms).into_iter()));
    let secrets = |kind: &Kind| kind.secrets.keys().cloned().collect();
    let all: [(_, BTreeSet<String>, _); 2] = [
        ("settings", settings(from), settings(to)),
        ("credentials", secrets(from), secrets(to)),
    ];
    for (label, before, after) in all {
        let before = replaced(before, &after);
        rows.extend(labelled(label, difference(&before, &after)));
    }
    let reason = |kind: &Kind, role| {
        kind.fit(role)
            .map_or("", |fit| fit.reason.as_str())
            .to_owned()
    };
    let roles = by.roles.iter();
    let roles = roles.filter_map(|role| {
        let said = changed(reason(from, *role), reason(to, *role))?;
        Some(format!("{role}: {said}"))
    });
    rows.extend(labelled("features", roles));
    rows.extend(labelled("for it", to.pros.iter().cloned()));
    rows.extend(labelled(
        "against it",
        to.cons.iter().chain(&to.supply.warning).cloned(),
    ));
    if let Some(after) = &one.after {
        rows.extend(in_the_plan(before, &changes(before, after, catalog), most));
    }
    rows
}

/// What the move changes in the plan's variables and findings.
fn in_the_plan(before: &Analysis, changes: &Changes, most: usize) -> Vec<(&'static str, String)> {
    let all = variables(before, changes);
    let more = all.len().saturating_sub(most);
    let more = (more > 0).then(|| format!("and {more} more, which --format markdown names"));
    labelled("variables", all.into_iter().take(most).chain(more))
        .chain(labelled("findings", findings(changes).into_iter()))
        .collect()
}

/// The variables with other values, those of production first; what changes in the same way for several apps is said
/// once.
fn variables(before: &Analysis, changes: &Changes) -> Vec<String> {
    let said = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
    let mut together: Vec<(Vec<&str>, &str, String)> = Vec::new();
    for it in &changes.variables {
        let change = format!("{} → {}", said(&it.before), said(&it.after));
        let environment = |owner: &str| owner.split('/').next().unwrap_or_default().to_owned();
        let same = together.iter_mut().find(|(owners, name, known)| {
            let is_here = owners
                .iter()
                .any(|one| environment(one) == environment(&it.owner));
            is_here && *name == it.name && *known == change
        });
        match same {
            Some((owners, ..)) => owners.push(&it.owner),
            None => together.push((vec![&it.owner], &it.name, change)),
        }
    }
    let tier = |owner: &str| {
        let named = |it: &&crate::topology::Topology| {
            let rest = owner.strip_prefix(it.environment.as_str());
            rest.is_some_and(|rest| rest.starts_with('/'))
        };
        before.topologies.iter().find(named).and_then(|it| it.tier)
    };
    let place = |owner: &str| Tier::ALL.iter().position(|it| Some(*it) == tier(owner));
    together.sort_by_key(|(owners, ..)| std::cmp::Reverse(place(owners[0])));
    let lines = together
        .into_iter()
        .map(|(owners, name, change)| format!("{} {name}: {change}", owners.join(", ")));
    lines.collect()
}

/// The findings that are gone and new. What is found before and after of one rule and environment, in other words, is
/// said once.
fn findings(changes: &Changes) -> Vec<String> {
    fn about(said: &str) -> (Option<&str>, Option<&str>) {
        let rule = said.split_once(": ").map(|(rule, _)| rule);
        (rule, said.rsplit_once(" (in ").map(|(_, rest)| rest))
    }
    let mut gone: Vec<&String> = changes.gone.iter().collect();
    let mut later = Vec::new();
    for new in &changes.new {
        let before = gone.iter().position(|gone| about(gone) == about(new));
        let word = match before {
            Some(at) => {
                gone.remove(at);
                "changed"
            }
            None => "new",
        };
        later.push(format!("{word}: {new}"));
    }
    let gone = gone.into_iter().map(|said| format!("gone: {said}"));
    gone.chain(later).collect()
}

/// What was and what is, if that is something else.
fn changed(before: String, after: String) -> Option<String> {
    (before != after).then(|| format!("{before} → {after}"))
}

fn ports(kind: &Kind) -> String {
    let ports = kind
        .ports
        .iter()
        .map(|port| format!("{} ({})", port.number, port.name));
    ports.collect::<Vec<_>>().join(", ")
}

/// The connection strings that differ, by form, with example values in them: those that apps of the plan read.
fn strings(from: &Kind, to: &Kind, read: &BTreeSet<String>) -> Vec<String> {
    let templates = Templates::new();
    let text = |kind: &Kind, name: &String| match kind.forms.get(name) {
        Some(form) => templates.example(form, kind),
        None => Some("nothing".to_owned()),
    };
    let one = |name: &String| {
        let said = changed(text(from, name)?, text(to, name)?)?;
        Some(format!("{name}: {said}"))
    };
    read.iter().filter_map(one).collect()
}

/// The forms of connection strings that apps of the plan get of a service, before a move or after it; all where no app
/// uses it.
fn forms_read(plan: &Plan, catalog: &Catalog, by: &Move, kinds: [&Kind; 2]) -> BTreeSet<String> {
    let templates = Templates::new();
    let here = plan.environments.values().flat_map(|it| &it.apps);
    let using = plan.apps.iter().chain(here);
    let using = using.filter_map(|(name, app)| {
        let base = plan.apps.get(name).and_then(|app| app.dialect.as_deref());
        Some((app.dialect.as_deref().or(base), app.uses.get(&by.service)?))
    });
    let using: Vec<_> = using.collect();
    if using.is_empty() {
        let all = kinds.iter().flat_map(|kind| kind.forms.keys().cloned());
        return all.collect();
    }
    let asked = using.iter().flat_map(|(dialect, edge)| {
        let known = (catalog, &templates);
        kinds.map(|kind| forms_asked(known, *dialect, edge, kind))
    });
    asked.flatten().collect()
}

/// The variables that the image reads.
fn settings(kind: &Kind) -> BTreeSet<String> {
    let container = kind.container.iter();
    container
        .flat_map(|container| container.environment.keys().cloned())
        .collect()
}

fn difference(from: &BTreeSet<String>, to: &BTreeSet<String>) -> impl Iterator<Item = String> {
    let list = |names: Vec<&String>, word: &str| {
        let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
        (!names.is_empty()).then(|| format!("{word} {}", names.join(", ")))
    };
    let gone = list(from.difference(to).collect(), "no more");
    let new = list(to.difference(from).collect(), "new:");
    gone.into_iter().chain(new)
}

#[derive(Serialize)]
struct MoveJson<'a> {
    service: &'a str,
    from: &'a str,
    to: &'a str,
    in_catalog: bool,
    roles: Vec<&'a str>,
    whole: bool,
    when: &'a str,
    changes: Vec<ChangeJson>,
}

#[derive(Serialize)]
struct ChangeJson {
    what: &'static str,
    change: String,
}

/// What services can grow into, for scripts.
pub fn json(before: &Analysis, catalog: &Catalog, moved: &[Moved]) -> String {
    let all: Vec<MoveJson> = moved
        .iter()
        .map(|one| {
            let mut last = "";
            let changes =
                rows(before, catalog, one, usize::MAX)
                    .into_iter()
                    .map(|(label, change)| {
                        last = if label.is_empty() { last } else { label };
                        ChangeJson { what: last, change }
                    });
            MoveJson {
                service: one.by.service.as_str(),
                from: &one.by.from.id,
                to: &one.by.name,
                in_catalog: one.by.to.is_some(),
                roles: one.by.roles.iter().map(|role| role.as_str()).collect(),
                whole: one.by.is_whole,
                when: &one.by.when,
                changes: changes.collect(),
            }
        })
        .collect();
    json::print(&all)
}
