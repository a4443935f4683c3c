//! `shared-secret`, seen in the files of credentials: what production and an environment below it have alike there.
//!
//! The values are only compared: none of them gets into a finding.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Label};
use crate::lint::declared::component_path;
use crate::lint::level;
use crate::lint::listing::named;
use crate::lint::rules::SHARED_SECRET;
use crate::model::{EnvironmentName, Plan, PlanPath, Tier};
use crate::settings::{SecretNeed, needs};
use crate::topology::Topology;

/// What the secrets files of environments hold, by variable.
pub type KeptValues = BTreeMap<EnvironmentName, BTreeMap<String, String>>;

/// The environments below production that have a credential of it.
type Sharers<'t> = (&'t EnvironmentName, BTreeSet<&'t EnvironmentName>);

/// The credentials that production and environments below it have alike, a finding for all that the same have, at the
/// levels that the plan sets.
pub fn shared_in_files(plan: &Plan, topologies: &[Topology], kept: &KeptValues) -> Vec<Finding> {
    let mut by_value: BTreeMap<&str, Vec<(&Topology, SecretNeed)>> = BTreeMap::new();
    for topology in topologies {
        let Some(values) = kept.get(&topology.environment) else {
            continue;
        };
        for need in needs(topology).into_iter().filter(SecretNeed::is_kept) {
            if let Some(value) = values.get(&need.id.variable()) {
                by_value.entry(value).or_default().push((topology, need));
            }
        }
    }
    let is_production = |topology: &Topology| topology.tier == Some(Tier::Production);
    let mut shared: BTreeMap<Sharers, Vec<&SecretNeed>> = BTreeMap::new();
    for found in by_value.values() {
        let lower = found
            .iter()
            .filter(|(topology, _)| !is_production(topology));
        let lower: BTreeSet<&EnvironmentName> =
            lower.map(|(topology, _)| &topology.environment).collect();
        let of_production = found.iter().filter(|(topology, _)| is_production(topology));
        for (topology, need) in of_production.filter(|_| !lower.is_empty()) {
            let sharers = (&topology.environment, lower.clone());
            shared.entry(sharers).or_default().push(need);
        }
    }
    let found = shared.into_iter();
    let found = found.filter_map(|(sharers, needs)| finding(plan, sharers, needs));
    found
        .filter_map(|finding| level::at_level(plan, finding))
        .collect()
}

/// Most credentials that are shown.
const MOST_SHOWN: usize = 5;

fn finding(
    plan: &Plan,
    (production, lower): Sharers,
    mut needs: Vec<&SecretNeed>,
) -> Option<Finding> {
    needs.sort_by(|one, other| one.id.cmp(&other.id));
    let first = needs.first()?;
    let (name, service) = (&first.id.name, &first.id.service);
    let lower = named(lower);
    let what = match needs.len() {
        1 => format!("`{name}` of `{service}` is the same credential"),
        2 => format!("`{name}` of `{service}` and one more credential are the same"),
        n => format!(
            "`{name}` of `{service}` and {} more credentials are the same",
            n - 1
        ),
    };
    let message = format!("{what} in `{production}` and in {lower}: their files hold one value");
    let finding = Finding::new(&SHARED_SECRET.info, Label::new(place(plan, first), ""), message)
        .help(format!(
            "keep others for `{production}`: `backstay secrets set {production} {}` takes one; a service that has data is told too",
            first.id.said()
        ));
    let others = needs.iter().skip(1).take(MOST_SHOWN - 1);
    let labels = others.map(|need| Label::new(place(plan, need), "likewise"));
    Some(labels.fold(finding, Finding::and))
}

/// Where the plan speaks of a credential: among the `secret-settings`, or else its component.
fn place(plan: &Plan, need: &SecretNeed) -> PlanPath {
    let (name, of) = (&need.id.service, need.id.name.as_str());
    let over = plan.environments.get(&need.id.environment);
    let says = |names: &[crate::model::VariableName]| names.iter().any(|name| name.as_str() == of);
    let (section, base, over) = match plan.apps.get(name) {
        Some(app) => {
            let over = over.and_then(|over| over.apps.get(name));
            let over = over.is_some_and(|app| says(&app.secret_settings));
            ("apps", says(&app.secret_settings), over)
        }
        None => {
            let base = plan.services.get(name);
            let base = base.is_some_and(|service| says(&service.secret_settings));
            let over = over.and_then(|over| over.services.get(name));
            let over = over.is_some_and(|service| says(&service.secret_settings));
            ("services", base, over)
        }
    };
    let environment = over.then_some(&need.id.environment);
    let path = component_path(environment, section, name);
    match base || over {
        true => path.key("secret-settings").item(of),
        false => path,
    }
}
