//! Variables of an app that get in each other's way: of two uses, or of a use and a setting.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::catalog::{Catalog, Dialect};
use crate::model::{ComponentName, VariableName};
use crate::settings::spell::{dialect_of, filled_in, is_template, names, nearest, spelled};
use crate::topology::{Component, Instance, Link, Topology};

/// Two uses of one app that get a variable of the same name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clash {
    /// The variable.
    pub variable: VariableName,
    /// The use that gets it first.
    pub first: ComponentName,
    /// The use that cannot have it any more.
    pub second: ComponentName,
}

/// A variable of a use whose place a setting of the plan takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// The variable.
    pub variable: VariableName,
    /// The use that would give it.
    pub used: ComponentName,
}

/// How the variables of an app's instance get in each other's way, judged by names alone.
#[derive(Debug, Default)]
pub struct InTheWay {
    /// Variables that two uses would both get.
    pub clashes: Vec<Clash>,
    /// Variables of uses that settings take the place of.
    pub replaced: Vec<Replaced>,
}

impl InTheWay {
    /// Of the variables of one instance; nothing if it is no app's.
    pub fn of(
        catalog: &Catalog,
        topology: &Topology,
        component: &Component,
        instance: &Instance,
    ) -> InTheWay {
        let Some(dialect) = component.app().and_then(|app| dialect_of(catalog, app)) else {
            return InTheWay::default();
        };
        let links = nearest(topology, instance);
        InTheWay {
            clashes: clashes(&links, &dialect),
            replaced: replaced(&links, &dialect, &component.settings),
        }
    }
}

fn clashes(links: &[Link], dialect: &Dialect) -> Vec<Clash> {
    if links.len() < 2 {
        return Vec::new();
    }
    let by_name_alone = !prefixes_touch(links);
    let mut taken: HashMap<Cow<str>, &ComponentName> = HashMap::new();
    let mut clashes: Vec<Clash> = Vec::new();
    for link in links {
        let second = &link.target.component;
        let Some((names, prefix)) = names(link, link.target_component.kind(), dialect) else {
            continue;
        };
        // Names made from prefixes that do not touch cannot meet; most apps have no others.
        let fixed = |name: &&String| !by_name_alone || !is_template(name);
        let variables = names.keys().filter(fixed);
        for variable in variables.map(|name| filled_in(name, link, &prefix)) {
            match taken.get(&variable) {
                Some(first) if clashes.iter().all(|clash| clash.second != *second) => {
                    let Ok(variable) = VariableName::new(&variable) else {
                        continue;
                    };
                    clashes.push(Clash {
                        variable,
                        first: (*first).clone(),
                        second: second.clone(),
                    });
                }
                Some(_) => {}
                None => drop(taken.insert(variable, second)),
            }
        }
    }
    clashes
}

fn replaced(
    links: &[Link],
    dialect: &Dialect,
    settings: &BTreeMap<VariableName, String>,
) -> Vec<Replaced> {
    let mut found = Vec::new();
    for link in links.iter().filter(|_| !settings.is_empty()) {
        let Some((names, prefix)) = names(link, link.target_component.kind(), dialect) else {
            continue;
        };
        let names = names
            .keys()
            .filter(|name| could_be_one_of(name, settings))
            .filter_map(|name| spelled(name, link, &prefix))
            .filter(|variable| settings.contains_key(variable));
        found.extend(names.map(|variable| Replaced {
            variable,
            used: link.target.component.clone(),
        }));
    }
    found
}

/// Whether a name of a dialect could be that of a setting, judged by its end, which is the same for every use.
fn could_be_one_of(name: &str, settings: &BTreeMap<VariableName, String>) -> bool {
    // Most are told apart by the last letter alone.
    let last = |text: &str| text.bytes().next_back();
    let mut known = settings.keys();
    let is_open = name.ends_with('}') || name.contains('-');
    if !is_open && !known.any(|setting| last(setting.as_str()) == last(name)) {
        return false;
    }
    match name.rsplit_once("}}") {
        None => settings.contains_key(name),
        Some((_, end)) => {
            let ends_so = |setting: &VariableName| setting.as_str().ends_with(end);
            end.contains('-') || settings.keys().any(ends_so)
        }
    }
}

/// Whether the names that two uses make from their prefixes could be the same: `A` and `A_B` touch.
fn prefixes_touch(links: &[Link]) -> bool {
    let prefix = |link: &Link| match &link.connection.env {
        Some(env) => VariableName::shouted(env.as_str()),
        None => VariableName::shouted(link.target.component.as_str()),
    };
    let prefixes: BTreeSet<String> = links.iter().map(prefix).collect();
    let begins_with_another = |prefix: &String| {
        let mut ends = prefix.match_indices('_').map(|(end, _)| end);
        ends.any(|end| prefixes.contains(&prefix[..end]))
    };
    prefixes.len() < links.len() || prefixes.iter().any(begins_with_another)
}
