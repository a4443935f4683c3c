//! The text of an imported plan: what all environments have in common once, then each with its differences.

use std::collections::{BTreeMap, BTreeSet};

use crate::import::draft::{Draft, Drafts, Fact, Key, Sort};
use crate::import::{Described, amount};
use crate::parallel;
use crate::source::{Printer, Written};

/// The plan of several environments.
pub(super) fn plan(described: &[Described], name: &str, all: &[Drafts<'_>]) -> String {
    let mut printer = Printer::default();
    header(&mut printer, described, name, all);
    let components = common(all);
    let printed = parallel::parts(amount(components.len()), &components, |part| {
        let mut printer = Printer::further();
        part.iter().for_each(|one| one.print(&mut printer));
        printer.finish()
    });
    printed.iter().for_each(|part| printer.append(part));
    let base: BTreeMap<&str, &Component> = components.iter().map(|one| (one.name, one)).collect();
    for (one, drafts) in described.iter().zip(all) {
        environment(&mut printer, one, &drafts.all);
        // One environment says nothing that the base does not.
        if all.len() > 1 {
            differences(&mut printer, one, &drafts.all, &base);
        }
    }
    printer.finish()
}

fn header(printer: &mut Printer, described: &[Described], name: &str, all: &[Drafts<'_>]) {
    let files = described.iter().flat_map(|one| one.files.iter());
    let mut seen = BTreeSet::new();
    let files = files.map(String::as_str).filter(|file| seen.insert(*file));
    let files: Vec<&str> = files.collect();
    printer.comment(&format!(
        "Made of {} by `backstay import compose`.",
        files.join(", ")
    ));
    let drafts = all.iter().flat_map(|drafts| &drafts.all);
    let mut without: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for draft in drafts.filter(|draft| !draft.without.is_empty()) {
        let keys = draft.without.iter().map(String::as_str);
        without.entry(&draft.name).or_default().extend(keys);
    }
    if without.is_empty() {
        printer.comment(
            "Every container runs as it ran before, with limits for its processes and logs besides.",
        );
    } else {
        printer.comment("Containers run as they ran before, but without what held a credential, which no plan may:");
        for (name, keys) in without {
            let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
            printer.comment(&format!("  {name} without {}", keys.join(", ")));
        }
    }
    printer.comment("Where a service says `from-catalog = false`, take that line away, and with it its command, healthcheck");
    printer.comment("and credentials, to let it run the way the catalog knows, with those of its own and protection.");
    if all
        .iter()
        .flat_map(|drafts| &drafts.all)
        .any(|draft| !draft.volumes.is_empty())
    {
        printer.comment("Volumes are new and begin empty: the import said how to copy what those of before hold.");
    }
    printer.set(&["name"], &Written::Text(name.to_owned()));
}

/// A component with what is to be written of it.
struct Component<'a> {
    name: &'a str,
    sort: Sort,
    remarks: &'a [String],
    facts: Vec<&'a Fact>,
}

/// What a draft says, by path.
type Said<'a> = BTreeMap<&'a [Key], &'a Written>;

/// What the environments have in common: what each of those that have a component says of it. Where they
/// differ, the first one's word stands in the base.
fn common<'a>(all: &'a [Drafts<'_>]) -> Vec<Component<'a>> {
    let mut by_name: BTreeMap<(&str, Sort), Vec<Said<'a>>> = BTreeMap::new();
    // One environment has everything in common with itself.
    for draft in all
        .iter()
        .filter(|_| all.len() > 1)
        .flat_map(|drafts| &drafts.all)
    {
        let said = draft
            .facts
            .iter()
            .map(|(path, value)| (path.as_slice(), value));
        by_name
            .entry((&draft.name, draft.sort))
            .or_default()
            .push(said.collect());
    }
    let mut components: Vec<Component<'a>> = Vec::new();
    let mut seen = BTreeSet::new();
    for draft in all.iter().flat_map(|drafts| &drafts.all) {
        if !seen.insert(draft.name.as_str()) {
            continue;
        }
        let others = by_name.get(&(draft.name.as_str(), draft.sort));
        let is_everywhere = |fact: &&Fact| {
            let mut others = others.into_iter().flatten();
            others.all(|other| other.contains_key(fact.0.as_slice()))
        };
        components.push(Component {
            name: &draft.name,
            sort: draft.sort,
            remarks: &draft.remarks,
            facts: draft.facts.iter().filter(is_everywhere).collect(),
        });
    }
    components
}

fn environment(printer: &mut Printer, described: &Described, drafts: &[Draft]) {
    let name = described.environment.as_str();
    printer.gap();
    printer.comment("One host for everything: say here what runs where, and the address by which others reach it.");
    printer.table(&["environments", name, "hosts", "machine"]);
    let runs = drafts.iter().map(|draft| draft.name.clone()).collect();
    printer.set(&["runs"], &Written::List(runs));
}

/// What an environment says otherwise than the base, or besides it.
fn differences(
    printer: &mut Printer,
    described: &Described,
    drafts: &[Draft],
    base: &BTreeMap<&str, &Component<'_>>,
) {
    let name = described.environment.as_str();
    for draft in drafts {
        let Some(base) = base.get(draft.name.as_str()) else {
            continue;
        };
        let said = base
            .facts
            .iter()
            .map(|(path, value)| (path.as_slice(), value));
        let said: Said = said.collect();
        let is_new = |(path, value): &&Fact| said.get(path.as_slice()) != Some(&value);
        let facts: Vec<&Fact> = draft.facts.iter().filter(is_new).collect();
        if facts.is_empty() {
            continue;
        }
        let component = Component {
            name: &draft.name,
            sort: base.sort,
            remarks: &[],
            facts,
        };
        component.print_below(printer, &["environments", name]);
    }
}

/// Tables of their own below a component's; what is not below them stands in the component's own.
const TABLES: &[&[&str]] = &[
    &["build"],
    &["settings"],
    &["container"],
    &["container", "healthcheck"],
    &["container", "labels"],
];

impl Component<'_> {
    fn print(&self, printer: &mut Printer) {
        self.print_below(printer, &[]);
    }

    fn print_below(&self, printer: &mut Printer, above: &[&str]) {
        let own: Vec<&str> = above
            .iter()
            .copied()
            .chain([self.sort.table(), self.name])
            .collect();
        let mut tables: BTreeMap<usize, Vec<&Fact>> = BTreeMap::new();
        for fact in &self.facts {
            let below = |table: &&&[&str]| {
                fact.0.len() > table.len() && fact.0.iter().zip(**table).all(|(a, b)| a == b)
            };
            let tables_above = TABLES.iter().enumerate().filter(|(_, table)| below(table));
            let nearest = tables_above.max_by_key(|(_, table)| table.len());
            let at = nearest.map_or(0, |(at, _)| at + 1);
            tables.entry(at).or_default().push(fact);
        }
        if above.is_empty() {
            tables.entry(0).or_default();
        }
        for (at, facts) in &tables {
            let table: &[&str] = if *at == 0 { &[] } else { TABLES[at - 1] };
            printer.gap();
            if *at == 0 {
                self.remarks
                    .iter()
                    .for_each(|remark| printer.comment(remark));
            }
            let path: Vec<&str> = own.iter().chain(table).copied().collect();
            printer.table(&path);
            print_facts(printer, facts, table.len());
        }
    }
}

/// The facts of one table, whose path takes up the first `depth` keys of theirs.
fn print_facts(printer: &mut Printer, facts: &[&Fact], depth: usize) {
    let mut secret = Vec::new();
    for (path, value) in facts {
        let key: Vec<&str> = path[depth..].iter().map(|key| &**key).collect();
        match key[..] {
            // Each is a fact of its own, so that environments can name others.
            ["secret-settings", name] => secret.push(name.to_owned()),
            _ => printer.set(&key, value),
        }
    }
    if !secret.is_empty() {
        printer.set(&["secret-settings"], &Written::List(secret));
    }
}
