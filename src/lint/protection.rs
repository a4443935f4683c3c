//! Which data of an environment must be kept, and what keeps copies of it.

use std::collections::BTreeMap;

use crate::model::{ComponentName, HostKind, HostName, Role, VolumeName};
use crate::topology::{Component, Instance, Link, Topology};

/// A service or an app that holds what cannot be made again.
pub(super) struct Kept<'t> {
    /// Which.
    pub component: &'t Component,
    /// Where it runs.
    pub instances: Vec<&'t Instance>,
    /// The uses that keep copies of it: its own, and those of who uses it for what must be kept.
    pub backups: Vec<Link<'t>>,
}

/// The services, and the apps with volumes, that an environment runs itself, on machines or in clusters, and that hold what must be kept.
///
/// What a provider runs is not among them: copies are part of what is paid for there. Nor is a service that
/// keeps its data in another one, as a sign-in does in its database.
pub(super) fn kept(topology: &Topology) -> Vec<Kept<'_>> {
    let backups = backups(topology);
    let own = topology.components.values().filter(|component| {
        component.owner == topology.environment
            && holds_data(topology, component)
            && runs_here(topology, &component.name)
            && (component.app().is_some() || !keeps_it_elsewhere(topology, component))
    });
    own.filter_map(|component| {
        let instances: Vec<&Instance> = topology.instances_of(&component.name).collect();
        let mut keepers: Vec<&Instance> = instances
            .iter()
            .flat_map(|instance| topology.links_to(instance))
            .filter(keeps)
            .map(|link| link.user)
            .collect();
        if keepers.is_empty() && component.app().is_none() {
            return None;
        }
        keepers.extend(&instances);
        keepers.sort_unstable();
        keepers.dedup();
        let links = keepers.into_iter().filter_map(|keeper| backups.get(keeper));
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

/// Where each instance's copies go.
fn backups(topology: &Topology) -> BTreeMap<&Instance, Vec<Link<'_>>> {
    let mut backups: BTreeMap<&Instance, Vec<Link<'_>>> = BTreeMap::new();
    let links = topology.links();
    for link in links.filter(|link| link.connection.roles.contains(&Role::Backup)) {
        backups.entry(link.user).or_default().push(link);
    }
    backups
}

/// Whether a component's own data is in another service.
fn keeps_it_elsewhere(topology: &Topology, component: &Component) -> bool {
    let mut instances = topology.instances_of(&component.name);
    instances.any(|instance| topology.links_from(instance).any(|link| keeps(&link)))
}

/// Whether the user of a connection keeps there what must be kept.
fn keeps(link: &Link) -> bool {
    link.user.component != link.target.component
        && link
            .connection
            .roles
            .iter()
            .copied()
            .any(Role::wants_copies)
}

/// An app has a volume of its own for nothing else; what it mounts of a service is the service's.
fn holds_data(topology: &Topology, component: &Component) -> bool {
    let mut mounts = component.container.volumes.values();
    match component.service() {
        Some(service) => service.kind.keeps_data,
        None => {
            component.runs_as.in_container()
                && mounts.any(|mount| {
                    let of_service = mount.shared.as_ref();
                    mount.from.is_none()
                        && !mount.read_only.unwrap_or(false)
                        && !of_service.is_some_and(|name| is_of_service(topology, name))
                })
        }
    }
}

/// Whether a shared volume is one that the catalog gives a service.
fn is_of_service(topology: &Topology, volume: &VolumeName) -> bool {
    topology.components.values().any(|component| {
        let of_service = volume.as_str().strip_prefix(component.name.as_str());
        let name = of_service.and_then(|rest| rest.strip_prefix('-'));
        let container = component
            .service()
            .and_then(|it| it.kind.container.as_ref());
        let mut volumes = container.iter().flat_map(|it| &it.volumes);
        name.is_some_and(|name| volumes.any(|volume| volume.name == name))
    })
}

fn runs_here(topology: &Topology, name: &ComponentName) -> bool {
    let is_own = |host: &HostName| {
        let host = &topology.hosts[host];
        host.is_own() && host.kind != HostKind::Managed
    };
    topology.hosts_of(name).iter().any(is_own)
}
