//! Services that are used from outside the machine of their user, in tiers that keep everything in one place.

use std::collections::BTreeMap;

use crate::finding::{Finding, Label, RuleInfo};
use crate::lint::LintContext;
use crate::lint::placing::{self, Destination};
use crate::model::{Edit, HostName, PlanPath};
use crate::topology::{Instance, Link, Locality, Topology, Via};

/// What lies outside, a finding of `rule` each, as `said` completes it; `None` where it is not to be said.
pub(super) fn findings(
    rule: &'static RuleInfo,
    context: &LintContext,
    topology: &Topology,
    said: impl Fn(&Link, Finding) -> Option<Finding>,
) -> Vec<Finding> {
    let only_hosts = only_hosts(topology);
    let mut findings = Vec::new();
    for user in topology.instances() {
        let mut links = topology.uses_of(user);
        // The nearest instance of a target comes first, and one beside the user is enough.
        links.dedup_by(|next, nearest| next.target.component == nearest.target.component);
        for link in links.iter().filter(|link| is_external(link)) {
            let Some(finding) = said(link, finding(rule, topology, link)) else {
                continue;
            };
            let movable = only_hosts[link.target].is_some() && can_move(context, topology, link);
            findings.push(match movable {
                true => with_fix(finding, topology, link),
                false => finding,
            });
        }
    }
    findings
}

/// The host that all users of an instance are on, if they are on one.
fn only_hosts(topology: &Topology) -> BTreeMap<&Instance, Option<&HostName>> {
    let mut hosts: BTreeMap<&Instance, Option<&HostName>> = BTreeMap::new();
    for link in topology.links() {
        let host = &link.user.host;
        let known = hosts.entry(link.target).or_insert(Some(host));
        *known = known.filter(|known| *known == host);
    }
    hosts
}

fn is_external(link: &Link) -> bool {
    let target = link.target_component;
    target.service().is_some() && link.connection.via.locality() == Locality::External
}

fn finding(rule: &'static RuleInfo, topology: &Topology, link: &Link) -> Finding {
    let environment = topology.environment.as_str();
    let (user, target) = (link.user, link.target);
    let (user_host, service) = (user.host.as_str(), &target.component);
    let via = &link.connection.via;
    let message = format!(
        "`{service}` is external to `{}` on `{user_host}`: {via}",
        user.component
    );
    let used_from = PlanPath::placement(environment, user_host, user.component.as_str());
    Finding::new(rule, Label::new(place(topology, link), ""), message)
        .in_environment(&topology.environment)
        .and(Label::new(used_from, "used from here"))
}

fn with_fix(finding: Finding, topology: &Topology, link: &Link) -> Finding {
    let target = link.target;
    let beside_user = Destination::Existing(link.user.host.clone());
    finding.fix(
        format!("move `{}` to {beside_user}", target.component),
        edits(topology, link, &beside_user),
    )
}

/// The edits that bring the target to its user; a host that was borrowed for it alone goes.
fn edits(topology: &Topology, link: &Link, beside_user: &Destination) -> Vec<Edit> {
    let (component, host) = (&link.target.component, &topology.hosts[&link.target.host]);
    if host.is_own() || host.runs.len() > 1 {
        return placing::relocate(topology, component, &host.name, beside_user);
    }
    let environment = topology.environment.as_str();
    let mut edits = vec![Edit::Remove {
        path: PlanPath::host(environment, host.name.as_str()),
    }];
    edits.extend(placing::place(topology, component, beside_user));
    edits
}

/// What places the target where it is: its word in `runs`, or what borrows its host.
fn place(topology: &Topology, link: &Link) -> PlanPath {
    let (environment, target) = (topology.environment.as_str(), link.target);
    match link.connection.via {
        Via::Borrowed(_) => PlanPath::host(environment, target.host.as_str()).key("borrow"),
        _ => PlanPath::placement(environment, target.host.as_str(), target.component.as_str()),
    }
}

/// Whether the target can run on the user's machine.
fn can_move(context: &LintContext, topology: &Topology, link: &Link) -> bool {
    let service = link.target_component.service();
    let kind = service.map(|service| service.stands_in_for.as_ref().unwrap_or(&service.kind));
    topology.hosts[&link.user.host].is_own_machine()
        && kind.is_some_and(|kind| placing::runs_on_machines(context.catalog, kind))
}
