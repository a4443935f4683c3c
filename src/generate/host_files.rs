//! What the containers of a host need of the plan's folder and of the host's own files: what the runbook says of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::generate::PLAN_FOLDER;
use crate::generate::compose::containers_on;
use crate::generate::compose_container::from_host_folder;
use crate::model::{ComponentName, Mount, Tier};
use crate::topology::{Component, Host, Topology};

/// A sentence for whatever somebody must bring to a host, or see to there.
pub(super) fn notes(topology: &Topology, host: &Host, plan_folder: &str) -> Vec<String> {
    // On the machine of a developer the plan's folder is at hand.
    let is_elsewhere = topology.tier != Some(Tier::Local);
    let mut notes = Vec::new();
    if is_elsewhere {
        notes.extend(brought(topology, host, plan_folder));
    }
    for component in containers_on(topology, host) {
        if is_elsewhere {
            notes.extend(built(component, host, plan_folder));
        }
        notes.extend(owned(component, host, plan_folder));
    }
    notes
}

fn built(component: &Component, host: &Host, plan_folder: &str) -> Option<String> {
    let build = component.build.as_ref()?;
    let folder = build.folder.as_deref().unwrap_or(".");
    let place = from_host_folder(folder, plan_folder);
    let name = &component.name;
    let image = match component.app().map(|app| &app.image) {
        Some(image) => image.as_ref(),
        None => component.service()?.image.as_ref(),
    };
    let otherwise = match image {
        Some(image) => format!(", unless {image} is built and pushed elsewhere"),
        None => String::new(),
    };
    Some(format!(
        "{name} is built there: its sources must be at {place}, seen from {}{otherwise}.",
        host.name
    ))
}

/// Most components that are named for one place.
const MOST_NAMED: usize = 3;

/// What is mounted from the plan's folder, each place once with those who mount it, and how the host's folder may lie
/// so that there is such a place.
fn brought(topology: &Topology, host: &Host, plan_folder: &str) -> Option<String> {
    let mut users: BTreeMap<String, BTreeSet<&ComponentName>> = BTreeMap::new();
    for component in containers_on(topology, host) {
        let mounts = component.container.volumes.values();
        let sources = mounts.filter_map(|mount| mount.from.as_deref());
        for from in sources.filter(|from| !from.starts_with(['/', '~'])) {
            let place = from_host_folder(from, plan_folder);
            users.entry(place).or_default().insert(&component.name);
        }
    }
    let said = users.iter().map(|(place, users)| {
        let names = users.iter().take(MOST_NAMED).map(|name| name.as_str());
        let names = names.collect::<Vec<_>>().join(", ");
        match users.len().saturating_sub(MOST_NAMED) {
            0 => format!("{place} (for {names})"),
            more => format!("{place} (for {names} and {more} more)"),
        }
    });
    let said: Vec<String> = said.collect();
    let name = &host.name;
    // Copied to just below the root, the plan's folder would be the root.
    let deep = match plan_folder == PLAN_FOLDER {
        true => format!(
            " (/srv/app/deploy/{}/{name} sees /srv/app at {plan_folder})",
            topology.environment
        ),
        false => String::new(),
    };
    (!said.is_empty()).then(|| {
        format!(
            "Copy along what is mounted of the plan's folder, to the same places seen from {name}{deep}: {}.",
            said.join(", ")
        )
    })
}

/// Folders of the host that a container writes as another user than root.
fn owned(component: &Component, host: &Host, plan_folder: &str) -> Option<String> {
    let of_plan = component.container.user.as_ref();
    let service = component.service().filter(|_| component.is_from_catalog());
    let kind = service.map(|service| &service.kind);
    let of_kind = kind.and_then(|kind| kind.container.as_ref()?.user.as_ref());
    let user = of_plan.or(of_kind)?;
    if ["root", "0", "0:0", "root:root"].contains(&user.as_str()) {
        return None;
    }
    let mounts = component.container.volumes.values();
    let written = mounts.filter(|mount| {
        !mount.read_only.unwrap_or(false) && !is_only_read(mount) && !mount.is_of_machine()
    });
    let written = written.filter_map(|mount| mount.from.as_deref());
    let is_relative = |from: &&str| !from.starts_with(['/', '~']);
    let (relative, written): (Vec<&str>, Vec<&str>) = written.partition(is_relative);
    let relative = relative.into_iter().map(|from| {
        let place = from_host_folder(from, plan_folder);
        format!("{place}, seen from {}", host.name)
    });
    let written = written.into_iter().map(str::to_owned).chain(relative);
    let written: Vec<String> = written.collect();
    (!written.is_empty()).then(|| {
        format!(
            "{} writes as {user}, who must own {}.",
            component.name,
            written.join(", ")
        )
    })
}

/// Whether a mount puts configuration into a container, by its name there: `init.sql`, `conf.d`. Data is in folders.
fn is_only_read(mount: &Mount) -> bool {
    let name = mount
        .path
        .as_deref()
        .and_then(|path| path.rsplit('/').next());
    name.is_some_and(|name| name.trim_start_matches('.').contains('.'))
}
