//! What apps are told about what they use: their variables in one environment and in the other.

use std::collections::{BTreeMap, BTreeSet};

use crate::compare::why;
use crate::compare::{Difference, Side};
use crate::model::{Aspect, ComponentName, VariableName};
use crate::secret_shape::looks_secret;
use crate::settings::{
    MASK, MASKED, Origin, SecretValues, SettingValue, Speller, masked_values, needs,
};
use crate::template::Templates;
use crate::topology::{Instance, Topology};

/// What spells the variables of an environment, without its credentials.
pub(super) struct Told {
    templates: Templates,
    plan: String,
    masked: SecretValues,
}

/// A variable of an app, with what each of its instances is told.
struct Variable {
    /// What it is about.
    origin: Origin,
    /// Its values for people; nothing where it waits to be filled in.
    values: BTreeSet<Option<String>>,
    /// The same with words in the place of addresses.
    without_address: BTreeSet<Option<String>>,
}

impl Told {
    pub fn of(side: &Side) -> Told {
        let name = side.plan.name.as_ref();
        // Whoever borrows is told the lender's credentials.
        Told {
            templates: Templates::new(),
            plan: name.map_or("unnamed", |name| name.as_str()).to_owned(),
            masked: masked_values(side.all.iter().flat_map(needs)),
        }
    }

    /// The variables of an app on all its hosts.
    fn variables(&self, side: &Side, app: &ComponentName) -> BTreeMap<VariableName, Variable> {
        let speller = Speller::new(side.catalog, &self.templates, &self.plan, &self.masked);
        let mut all: BTreeMap<VariableName, Variable> = BTreeMap::new();
        for instance in side.topology.instances_of(app) {
            let addresses = addresses(side.topology, instance);
            // What cannot be said is a finding of its own.
            let variables = speller.variables(side.topology, instance);
            for variable in variables.unwrap_or_default() {
                let value = match variable.value {
                    SettingValue::Known(text) => Some(text),
                    SettingValue::Unfilled(_) => None,
                };
                let told = all.entry(variable.name).or_insert_with(|| Variable {
                    origin: variable.origin,
                    values: BTreeSet::new(),
                    without_address: BTreeSet::new(),
                });
                let without = value.as_deref().map(|text| without(text, &addresses));
                told.without_address.insert(without);
                told.values
                    .insert(value.map(|text| text.replace(MASKED, MASK)));
            }
        }
        all
    }
}

/// What differs in what an app is told.
pub(super) fn differences(
    (left, told_left): (&Side, &Told),
    (right, told_right): (&Side, &Told),
    name: &ComponentName,
) -> Vec<Difference> {
    let is_app = |side: &Side| {
        let component = side.topology.components.get(name);
        component.is_some_and(|component| component.app().is_some())
    };
    if !(is_app(left) && is_app(right)) {
        return Vec::new();
    }
    let (here, there) = (
        told_left.variables(left, name),
        told_right.variables(right, name),
    );
    let names: BTreeSet<&VariableName> = here.keys().chain(there.keys()).collect();
    let mut found = Vec::new();
    for variable in names {
        let (one, other) = (here.get(variable), there.get(variable));
        let Some(origin) = one.or(other).map(|it| &it.origin) else {
            continue;
        };
        // Settings are compared as settings, and what one environment lacks altogether is told of itself.
        let is_told = match origin {
            Origin::Setting | Origin::SecretSetting => true,
            Origin::Use(target) => {
                let is_in = |side: &Side| side.topology.components.contains_key(target);
                !(is_in(left) && is_in(right))
            }
            Origin::App => false,
        };
        let Some((weight, why)) = judged(one, other).filter(|_| !is_told) else {
            continue;
        };
        found.push(Difference {
            component: name.clone(),
            aspect: Aspect::Variables,
            detail: Some(variable.to_string()),
            left: one.map(said),
            right: other.map(said),
            weight,
            why,
            accepted: None,
        });
    }
    found
}

fn judged(one: Option<&Variable>, other: Option<&Variable>) -> Option<why::Judgement> {
    let (Some(one), Some(other)) = (one, other) else {
        return Some(why::MISSING_VARIABLE);
    };
    if one.values == other.values {
        return None;
    }
    Some(match (&one.without_address, &other.without_address) {
        (one, other) if one.contains(&None) || other.contains(&None) => why::UNFILLED,
        (one, other) if one == other => why::OTHER_ADDRESS,
        _ if one.origin == Origin::App => why::OTHER_SETTING,
        _ => why::OTHER_VALUE,
    })
}

fn said(variable: &Variable) -> String {
    let values = variable.values.iter();
    let values = values.map(|value| value.as_deref().unwrap_or("(to be filled in)"));
    values.collect::<Vec<_>>().join(" | ")
}

/// The value of a setting as it may be shown.
pub(super) fn shown_setting(name: &str, text: &str) -> String {
    match looks_secret(name, text) {
        true => MASK.to_owned(),
        false => text.to_owned(),
    }
}

/// Hosts and ports that an instance connects to.
fn addresses(topology: &Topology, instance: &Instance) -> Vec<(String, &'static str)> {
    let mut addresses = BTreeSet::new();
    for link in topology.links_from(instance) {
        let endpoint = &link.connection.endpoint;
        addresses.extend(
            endpoint
                .host
                .as_ref()
                .map(|host| (host.to_string(), "HOST")),
        );
        addresses.extend(endpoint.port.map(|port| (port.to_string(), "PORT")));
    }
    let mut addresses: Vec<_> = addresses.into_iter().collect();
    // The longest first: `db` is a part of `db.example`.
    addresses.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
    addresses
}

/// A text with words in the place of hosts and ports, where they stand as a whole.
fn without(text: &str, addresses: &[(String, &'static str)]) -> String {
    let mut left = text;
    let mut out = String::with_capacity(text.len());
    let mut before: Option<char> = None;
    while let Some(first) = left.chars().next() {
        let is_within = |c: char| c.is_alphanumeric() || c == '.' || c == '-' || c == '_';
        let found = addresses.iter().find(|(address, _)| {
            let after = left
                .strip_prefix(address.as_str())
                .map(|rest| rest.chars().next());
            after.is_some_and(|next| !next.is_some_and(is_within) && !before.is_some_and(is_within))
        });
        match found {
            Some((address, word)) => {
                out.push_str(word);
                left = &left[address.len()..];
                before = address.chars().last();
            }
            None => {
                out.push(first);
                left = &left[first.len_utf8()..];
                before = Some(first);
            }
        }
    }
    out
}
