//! What lies beyond an answer: what it grows into, who runs it for others, and where it runs by tier.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::catalog::{Kind, Managed};
use crate::model::{Choice, Role, Tier};
use crate::suggest::Basis;
use crate::suggest::target::{Target, offered_by_stack, target};

/// What a kind grows into.
#[derive(Clone, Debug)]
pub struct Grown {
    /// Its name, as the catalog of the smaller kind has it.
    pub name: String,
    /// What it is; `None` if it is not in the catalog.
    pub kind: Option<Arc<Kind>>,
    /// When, and what changes.
    pub when: String,
}

/// What a kind grows into in a role: kinds that fill it, and what is not in the catalog.
pub fn grown(basis: &Basis, kind: &Kind, role: Role) -> Vec<Grown> {
    let grown = kind.grows_into.iter().map(|growth| Grown {
        name: growth.kind.clone(),
        kind: basis.catalog.kind(&growth.kind),
        when: growth.when.clone(),
    });
    let fills = |kind: &Arc<Kind>| kind.fit(role).is_some();
    grown
        .filter(|grown| grown.kind.as_ref().is_none_or(fills))
        .collect()
}

/// Who does the work of a kind in a role for others, the provider of the stack first.
pub fn offers<'k>(basis: &Basis, kind: &'k Kind, role: Role) -> Vec<&'k Managed> {
    let all = kind.managed.iter();
    let mut offers: Vec<&Managed> = all.filter(|offer| offer.fills(role)).collect();
    offers.sort_by_key(|offer| basis.stack.provider.as_ref() != Some(&offer.provider));
    offers
}

/// Where a kind runs in each tier that the plan has, in words: tiers that agree stand together. In every tier where
/// no environment says for what it is.
pub fn place_words(basis: &Basis, kind: &Kind, role: Role) -> Vec<(Vec<Tier>, String)> {
    let mut places: Vec<(Vec<Tier>, String)> = Vec::new();
    let environments = basis.plan.environments.keys();
    let said: BTreeSet<Tier> = environments
        .filter_map(|environment| basis.plan.tier(environment))
        .collect();
    for tier in Tier::ALL {
        if !said.is_empty() && !said.contains(tier) {
            continue;
        }
        let words = words(basis, kind, role, *tier);
        match places.last_mut().filter(|(_, said)| *said == words) {
            Some((tiers, _)) => tiers.push(*tier),
            None => places.push((vec![*tier], words)),
        }
    }
    places
}

fn words(basis: &Basis, kind: &Kind, role: Role, tier: Tier) -> String {
    let stand_in = kind
        .stand_in
        .as_deref()
        .filter(|_| !kind.runs_on_machines());
    let stand_in = stand_in.and_then(|id| basis.catalog.kind(id));
    let place = match (target(basis, kind, role, Some(tier)), tier) {
        (Target::Beside, Tier::Test) => "with everything else in one place".to_owned(),
        (Target::Beside, _) => "beside the app, on its machine".to_owned(),
        (Target::Apart, _) => "on a host of its own".to_owned(),
        (Target::Cluster, _) => return "in a cluster".to_owned(),
        (Target::Managed, _) if offered_by_stack(basis, kind) => {
            let offer = offers(basis, kind, role)
                .first()
                .map(|offer| offer.service.clone());
            return format!("managed: {}", offer.unwrap_or_default());
        }
        (Target::Managed, _) => return format!("managed: {}", kind.title),
    };
    match stand_in {
        Some(stand_in) => format!("{place}; {} stands in for it", stand_in.title),
        None => place,
    }
}
