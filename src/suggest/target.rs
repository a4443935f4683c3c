//! On what sort of host a kind runs, by the tier of the environment.

use crate::catalog::{Hosting, Kind};
use crate::model::{Role, Tier};
use crate::suggest::Basis;

/// Where something is to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// On the machine of whoever uses it.
    Beside,
    /// On a machine that runs no app.
    Apart,
    /// At a provider.
    Managed,
    /// In a cluster.
    Cluster,
}

/// Where a kind runs in an environment of a tier.
pub(super) fn target(basis: &Basis, kind: &Kind, role: Role, tier: Option<Tier>) -> Target {
    let is_served = matches!(tier, Some(Tier::Staging | Tier::Production));
    let has_stand_in = kind.stand_in.is_some();
    let offered = || offered_by_stack(basis, kind);
    if kind.fit(role).is_some_and(|fit| fit.written_in.is_some()) {
        return Target::Beside;
    }
    match kind.hosting {
        Hosting::CloudOnly if is_served || !has_stand_in => Target::Managed,
        Hosting::ClusterOnly if is_served || !has_stand_in => Target::Cluster,
        Hosting::SelfHosted if is_served && offered() && role != Role::Proxy => Target::Managed,
        _ => match tier {
            _ if role == Role::Proxy => Target::Beside,
            Some(Tier::Development | Tier::Staging | Tier::Production) => Target::Apart,
            Some(Tier::Local | Tier::Test) | None => Target::Beside,
        },
    }
}

/// Whether a kind runs at a provider in production.
pub(super) fn is_managed(basis: &Basis, kind: &Kind, role: Role) -> bool {
    target(basis, kind, role, Some(Tier::Production)) == Target::Managed
}

/// Whether the provider of the stack runs a kind.
pub(super) fn offered_by_stack(basis: &Basis, kind: &Kind) -> bool {
    let provider = basis.stack.provider.as_ref();
    let mut same = kind.managed.iter().filter(|offer| !offer.equivalent);
    provider.is_some_and(|provider| same.any(|offer| offer.provider == *provider))
}
