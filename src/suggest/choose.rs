//! One need: the kind that a stack answers it with, given what is expected of it and what the team knows.

use std::sync::Arc;

use crate::catalog::{self, Fit, Kind, Rejected};
use crate::model::Role;
use crate::suggest::expected::{is_able, shortfall};
use crate::suggest::{Basis, Expected, Lack, fills_well, lack};

/// A kind that was chosen, and why.
#[derive(Clone)]
pub(super) struct Chosen {
    pub kind: Arc<Kind>,
    pub reason: String,
}

/// The kind that answers a need. `has_what_it_needs` says whether what a kind cannot do without is there.
pub(super) fn choose(
    basis: &Basis,
    role: Role,
    expected: &Expected,
    has_what_it_needs: &dyn Fn(&Kind) -> bool,
) -> Option<Chosen> {
    let is_fit = |kind: &Kind| is_able(kind, role, expected) && has_what_it_needs(kind);
    let by_team = known_by_team(basis)
        .filter(|kind| kind.fit(role).is_some_and(|fit| fit.fit == Fit::Good))
        .find(|kind| is_fit(kind))
        .map(|kind| Chosen {
            reason: format!(
                "the team runs {} already; {}",
                kind.title,
                reason_of(&kind, role)
            ),
            kind,
        });
    if by_team.is_some() {
        return by_team;
    }
    let answer = basis.answer(role)?;
    let in_place = basis.in_place(role);
    let known = |id: &str, reason: &str| {
        Some(Chosen {
            kind: basis.catalog.kind(id)?,
            reason: format!("{in_place}{reason}"),
        })
    };
    let holds = |other: &&catalog::Otherwise| other.when.holds(&expected.size, &expected.demand);
    let meant = answer.otherwise.iter().filter(holds);
    let others = answer.otherwise.iter().filter(|other| !holds(other));
    // What the conditions name, then the usual answer, then whatever else is thought of, then what it grows into.
    let known: Vec<Chosen> = meant
        .map(|other| (&other.kind, &other.reason))
        .chain([(&answer.kind, &answer.reason)])
        .chain(others.map(|other| (&other.kind, &other.reason)))
        .filter_map(|(kind, reason)| known(kind, reason))
        .chain(grown(basis, role, &answer.kind))
        .collect();
    let able = known.iter().find(|chosen| is_fit(&chosen.kind));
    let nearest = || {
        let works =
            |chosen: &&Chosen| fills_well(&chosen.kind, role) && has_what_it_needs(&chosen.kind);
        let short = |chosen: &&Chosen| shortfall(&chosen.kind, role, expected);
        known.iter().filter(works).min_by_key(short)
    };
    let usual = || known.iter().find(|chosen| chosen.kind.id == answer.kind);
    able.or_else(nearest).or_else(usual).cloned()
}

/// What the usual answer grows into.
fn grown(basis: &Basis, role: Role, kind: &str) -> Vec<Chosen> {
    let Some(kind) = basis.catalog.kind(kind) else {
        return Vec::new();
    };
    let grown = kind.grows_into.iter().filter_map(|growth| {
        Some(Chosen {
            kind: basis.catalog.kind(&growth.kind)?,
            reason: growth.when.clone(),
        })
    });
    grown
        .filter(|chosen| fills_well(&chosen.kind, role))
        .collect()
}

/// The kinds that the team runs already.
fn known_by_team<'a>(basis: &'a Basis) -> impl Iterator<Item = Arc<Kind>> + 'a {
    let team = basis.plan.team.iter();
    team.filter_map(|name| basis.catalog.kind(name))
}

/// Why a kind fills a role as it does.
pub(super) fn reason_of(kind: &Kind, role: Role) -> &str {
    kind.fit(role).map_or("", |fit| fit.reason.as_str())
}

/// What else could have answered, and why it does not: the stack's usual answer, what the team knows, what the stack
/// has thought of, and what else the catalog says is made for it.
pub(super) fn rejected(
    basis: &Basis,
    role: Role,
    expected: &Expected,
    chosen: &Kind,
) -> Vec<Rejected> {
    let mut found: Vec<Rejected> = Vec::new();
    let mut add = |kind: &Kind, reason: &str| {
        let is_known = found.iter().any(|rejected| rejected.kind == kind.id);
        if kind.id == chosen.id || is_known {
            return;
        }
        let reason = match lack(kind, role, expected) {
            Some(Lack::Unable(said)) if kind.fit(role).is_some() => said,
            Some(Lack::Strained(said)) => said,
            _ => reason.to_owned(),
        };
        let kind = kind.id.clone();
        found.push(Rejected { kind, reason });
    };
    let answer = basis.answer(role);
    if let Some(answer) = answer
        && let Some(kind) = basis.catalog.kind(&answer.kind)
    {
        let usual = format!(
            "the usual answer, which is not needed here: {}",
            answer.reason
        );
        add(&kind, &usual);
    }
    for kind in known_by_team(basis) {
        let reason = match kind.fit(role) {
            Some(fit) => format!("the team runs it already, but {}", fit.reason),
            None => format!("the team runs it already, but it is not made for {role}"),
        };
        if kind.fit(role).is_some() {
            add(&kind, &reason);
        }
    }
    let thought_of = answer.iter().flat_map(|answer| &answer.rejected);
    for rejected in thought_of {
        if let Some(kind) = basis.catalog.kind(&rejected.kind) {
            add(&kind, &rejected.reason);
        }
    }
    let made_for_it = |kind: &Arc<Kind>| kind.fit(role).is_some_and(|fit| fit.fit == Fit::Good);
    for kind in basis.catalog.kinds().filter(made_for_it) {
        let against = kind.cons.first().map_or("", String::as_str);
        add(&kind, against);
    }
    found
}
