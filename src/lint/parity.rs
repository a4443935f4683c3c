//! One service in several environments: which of its copies the others should be like.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::lint::LintContext;
use crate::model::{ComponentName, Service as DeclaredService};
use crate::topology::{Component, Service, Topology};

/// A service as one environment runs it itself.
#[derive(Clone, Copy)]
pub(super) struct Copy<'t> {
    /// The environment.
    pub topology: &'t Topology,
    /// What runs there.
    pub component: &'t Component,
    /// The same, as a service.
    pub service: &'t Service,
}

/// The services that some environment declares differently in the way that `differs` looks for.
pub(super) fn overridden<'p>(
    context: &LintContext<'p>,
    differs: impl Fn(&DeclaredService) -> bool,
) -> BTreeSet<&'p ComponentName> {
    let environments = context.plan.environments.values();
    environments
        .flat_map(|environment| &environment.services)
        .filter(|(_, over)| differs(over))
        .map(|(name, _)| name)
        .collect()
}

/// The copies of a service, the one to be like first: that of the highest tier, then by name.
pub(super) fn copies<'t>(context: &LintContext<'t>, service: &ComponentName) -> Vec<Copy<'t>> {
    let mut copies: Vec<Copy> = context
        .topologies
        .iter()
        .filter_map(|topology| copy(topology, service))
        .collect();
    copies.sort_by_key(|copy| (Reverse(copy.topology.tier), &copy.topology.environment));
    copies
}

fn copy<'t>(topology: &'t Topology, name: &ComponentName) -> Option<Copy<'t>> {
    let component = topology.components.get(name)?;
    let own = component.owner == topology.environment;
    let service = component.service().filter(|_| own)?;
    Some(Copy {
        topology,
        component,
        service,
    })
}
