//! Which data of an environment must be kept, and what keeps copies of it.

use std::collections::BTreeSet;

use crate::model::{ComponentName, HostName, Role};
use crate::topology::{Component, Instance, Link, Topology};

/// A service that holds what cannot be made again, with those who use it for that.
pub(super) struct Kept<'t> {
    /// The service.
    pub component: &'t Component,
    /// Where it runs.
    pub instances: Vec<&'t Instance>,
    /// Who uses it in such a role.
    pub users: Vec<&'t Instance>,
}

/// The services that an environment runs itself, on machines or in clusters, and that hold what must be kept.
///
/// What a provider runs is not among them: copies are part of what is paid for there.
pub(super) fn kept(topology: &Topology) -> Vec<Kept<'_>> {
    let own = topology
        .components
        .values()
        .filter(|component| component.owner == topology.environment)
        .filter(|component| holds_data(component) && runs_here(topology, &component.name));
    own.filter_map(|component| {
        let instances: Vec<&Instance> = topology.instances_of(&component.name).collect();
        let links = instances
            .iter()
            .flat_map(|instance| topology.users_of(instance));
        let users: Vec<&Instance> = links
            .filter(|link| link.connection.roles.iter().any(|role| is_kept(*role)))
            .map(|link| link.user)
            .collect();
        (!users.is_empty()).then_some(Kept {
            component,
            instances,
            users,
        })
    })
    .collect()
}

/// The uses that keep copies of a service: its own, and those of the apps that use it.
pub(super) fn backups<'t>(topology: &'t Topology, kept: &Kept<'t>) -> Vec<Link<'t>> {
    let mut keepers: BTreeSet<&Instance> = kept.instances.iter().copied().collect();
    keepers.extend(kept.users.iter().copied());
    let links = keepers
        .into_iter()
        .flat_map(|keeper| topology.uses_of(keeper));
    let is_backup = |link: &Link| {
        let of_itself = link.target.component == kept.component.name;
        !of_itself && link.connection.roles.contains(&Role::Backup)
    };
    links.filter(is_backup).collect()
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
        host.borrowed_from.is_none() && host.kind != crate::model::HostKind::Managed
    };
    topology.hosts_of(name).iter().any(is_own)
}
