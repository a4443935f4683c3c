//! Which data of an environment must be kept, and what keeps copies of it.

use std::collections::BTreeMap;

use crate::model::{ComponentName, HostKind, HostName, Mount, Role, VolumeName};
use crate::topology::{Component, Instance, Link, Topology};

/// A service or an app that holds what cannot be made again.
pub(super) struct Kept<'t> {
    /// Which.
    pub component: &'t Component,
    /// Where it runs.
    pub instances: Vec<&'t Instance>,
    /// Other apps on its hosts that mount some of the same, of which nothing else keeps copies either.
    pub others: Vec<&'t Component>,
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
    let mut all: Vec<Kept<'_>> = Vec::new();
    let mut at: BTreeMap<(&HostName, &str), usize> = BTreeMap::new();
    let found = own.filter_map(|component| {
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
        // Who has data of its own keeps copies of that; whether of what it keeps elsewhere too, nothing says.
        let keeps_own = |keeper: &&Instance| {
            keeper.component != component.name
                && holds_data(topology, &topology.components[&keeper.component])
        };
        keepers.retain(|keeper| !keeps_own(keeper));
        let links = keepers.into_iter().filter_map(|keeper| backups.get(keeper));
        let of_others = |link: &&Link| link.target.component != component.name;
        let backups = links.flatten().filter(of_others).copied().collect();
        Some(Kept {
            component,
            instances,
            others: Vec::new(),
            backups,
        })
    });
    for kept in found {
        // What several apps of a host mount is there once.
        let shared = shared(kept.component);
        let hosts = || kept.instances.iter().map(|instance| &instance.host);
        let names = || shared.iter().flatten();
        let places: Vec<(&HostName, &str)> = hosts()
            .flat_map(|host| names().map(move |name| (host, *name)))
            .collect();
        let first = places.iter().find_map(|place| at.get(place)).copied();
        let is_known =
            shared.iter().all(Option::is_some) && places.iter().all(|place| at.contains_key(place));
        let are_both_bare =
            |first: &usize| kept.backups.is_empty() && all[*first].backups.is_empty();
        match first.filter(|first| is_known || are_both_bare(first)) {
            Some(first) => {
                for place in places {
                    at.entry(place).or_insert(first);
                }
                all[first].others.push(kept.component);
                all[first].backups.extend(kept.backups);
            }
            None => {
                at.extend(places.into_iter().map(|place| (place, all.len())));
                all.push(kept);
            }
        }
    }
    all
}

/// What an app mounts to keep data in: the volumes and folders that others may mount too, and nothing for each of
/// its own.
fn shared(component: &Component) -> Vec<Option<&str>> {
    if component.app().is_none() {
        return vec![None];
    }
    let mounts = component.container.volumes.iter();
    let mounts = mounts.filter(|(name, mount)| holds(name, mount));
    let names = mounts.map(|(_, mount)| {
        let shared = mount.shared.as_ref().map(VolumeName::as_str);
        shared.or(mount.from.as_deref())
    });
    names.collect()
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

/// An app has a volume, or a folder of the host beside the plan, for nothing else; what it mounts of a service is the
/// service's.
fn holds_data(topology: &Topology, component: &Component) -> bool {
    let mut mounts = component.container.volumes.iter();
    match component.service() {
        Some(service) => service.kind.keeps_data,
        None => {
            component.runs_as.in_container()
                && mounts.any(|(name, mount)| {
                    let shared = mount.shared.as_ref();
                    holds(name, mount) && !shared.is_some_and(|name| is_of_service(topology, name))
                })
        }
    }
}

/// Words for what can be made again, or tells only of what has been.
const FLEETING: &[&str] = &["cache", "caches", "log", "logs", "temp", "temporary", "tmp"];

/// Whether data may be kept in what is mounted: not in what is only read, in a single file, in what belongs to the
/// machine, or in what is called a cache or a log, where it is said or where it is mounted.
fn holds(name: &VolumeName, mount: &Mount) -> bool {
    let said = [
        Some(name.as_str()),
        mount.from.as_deref(),
        mount.path.as_deref(),
    ];
    let mut words = said
        .into_iter()
        .flatten()
        .flat_map(|said| said.split(|c: char| !c.is_ascii_alphanumeric()));
    if words.any(|word| FLEETING.iter().any(|it| it.eq_ignore_ascii_case(word))) {
        return false;
    }
    let is_folder = |from: &str| {
        let name = from.trim_end_matches('/').rsplit('/').next();
        !name.is_some_and(|name| name.trim_start_matches('.').contains('.'))
    };
    let from = mount.from.as_deref();
    !mount.read_only.unwrap_or(false) && from.is_none_or(is_folder) && !mount.is_of_machine()
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
