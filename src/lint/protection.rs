//! Which data of an environment must be kept, and what keeps copies of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{ComponentName, HostKind, HostName, Role};
use crate::topology::{Component, Instance, Link, Topology};

/// A service that holds what cannot be made again.
pub(super) struct Kept<'t> {
    /// The service.
    pub component: &'t Component,
    /// Where it runs.
    pub instances: Vec<&'t Instance>,
    /// The uses that keep copies of it: its own, and those of who uses it for what must be kept.
    pub backups: Vec<Link<'t>>,
}

/// The uses of each instance that say something of its data.
#[derive(Default)]
struct Uses<'t> {
    /// Where its copies go.
    backups: BTreeMap<&'t Instance, Vec<Link<'t>>>,
    /// Components that keep their own data in another service.
    elsewhere: BTreeSet<&'t ComponentName>,
    /// Who uses an instance for what must be kept.
    users: BTreeMap<&'t Instance, Vec<&'t Instance>>,
}

/// The services that an environment runs itself, on machines or in clusters, and that hold what must be kept.
///
/// What a provider runs is not among them: copies are part of what is paid for there. Nor is a service that
/// keeps its data in another one, as a sign-in does in its database.
pub(super) fn kept(topology: &Topology) -> Vec<Kept<'_>> {
    let uses = uses(topology);
    let own = topology.components.values().filter(|component| {
        component.owner == topology.environment
            && holds_data(component)
            && runs_here(topology, &component.name)
            && !uses.elsewhere.contains(&component.name)
    });
    own.filter_map(|component| {
        let instances: Vec<&Instance> = topology.instances_of(&component.name).collect();
        let users: BTreeSet<&Instance> = instances
            .iter()
            .flat_map(|instance| uses.users.get(*instance))
            .flatten()
            .copied()
            .collect();
        if users.is_empty() {
            return None;
        }
        let keepers: BTreeSet<&Instance> = instances.iter().copied().chain(users).collect();
        let links = keepers
            .into_iter()
            .filter_map(|keeper| uses.backups.get(keeper));
        let of_others = |link: &&Link| link.target.component != component.name;
        let backups = links.flatten().filter(of_others).copied().collect();
        Some(Kept {
            component,
            instances,
            backups,
        })
    })
    .collect()
}

fn uses(topology: &Topology) -> Uses<'_> {
    let mut uses = Uses::default();
    for link in topology.links() {
        let roles = &link.connection.roles;
        if roles.contains(&Role::Backup) {
            uses.backups.entry(link.user).or_default().push(link);
        }
        if roles.iter().any(|role| is_kept(*role)) && link.user.component != link.target.component {
            uses.users.entry(link.target).or_default().push(link.user);
            uses.elsewhere.insert(&link.user.component);
        }
    }
    uses
}

/// Roles whose data only a copy brings back. What passes through, such as a queue's messages, and what is
/// measured or logged is not worth a backup to most.
fn is_kept(role: Role) -> bool {
    matches!(
        role,
        Role::Database
            | Role::Document
            | Role::WideColumn
            | Role::Files
            | Role::Identity
            | Role::Secrets
    )
}

fn holds_data(component: &Component) -> bool {
    component
        .service()
        .is_some_and(|service| service.kind.keeps_data)
}

fn runs_here(topology: &Topology, name: &ComponentName) -> bool {
    let is_own = |host: &HostName| {
        let host = &topology.hosts[host];
        host.borrowed_from.is_none() && host.kind != HostKind::Managed
    };
    topology.hosts_of(name).iter().any(is_own)
}
