//! What Compose refuses of a project as a whole: names that nothing has, mounts over mounts, circles.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::compose_file::fault::{Fault, Read};
use crate::compose_file::map::Map;
use crate::compose_file::node::{Node, Place, Value};
use crate::finding::{did_you_mean, quoted};

/// Checks a finished project.
pub(super) fn check(model: &Map) -> Read<()> {
    let section = |name: &str| model.get(name).and_then(Node::map).unwrap_or(NOTHING);
    let declared = Declared {
        services: section("services"),
        volumes: section("volumes"),
        networks: section("networks"),
        secrets: section("secrets"),
        configs: section("configs"),
    };
    for (name, service) in declared.services {
        if let Some(map) = service.map() {
            check_service(name, service.place, map, &declared)?;
        }
    }
    check_circles(model)
}

/// A section that is not there.
const NOTHING: &Map = &Map::new();

/// What a project declares, by name.
struct Declared<'a> {
    services: &'a Map,
    volumes: &'a Map,
    networks: &'a Map,
    secrets: &'a Map,
    configs: &'a Map,
}

fn check_service(name: &str, place: Place, service: &Map, declared: &Declared<'_>) -> Read<()> {
    let has = |key: &str| {
        service
            .get(key)
            .is_some_and(|node| !node.is_null() && node.text() != Some(""))
    };
    if !has("image") && !has("build") && !has("provider") {
        let fault = Fault::at(
            place,
            format!("{} has neither an image nor a build", quoted(name)),
        );
        return Err(fault
            .help("add `image:` or `build:`, or name the file that declares it before this one"));
    }
    if let (Some(mode), true) = (service.get("network_mode"), has("networks")) {
        return Err(Fault::at(
            mode.place,
            format!("{} has both `network_mode` and `networks`", quoted(name)),
        )
        .help("keep one of them"));
    }
    for (network, node) in entries(service, "networks") {
        known(network, node.place, declared.networks, "network")?;
    }
    for (other, node) in entries(service, "depends_on") {
        let is_required = node
            .get("required")
            .is_none_or(|node| node.value != Value::Flag(false));
        if is_required {
            known(other, node.place, declared.services, "service")?;
        }
    }
    if let Some(mode) = service.get("network_mode")
        && let Some(other) = mode.text().and_then(|text| text.strip_prefix("service:"))
    {
        known(other, mode.place, declared.services, "service")?;
    }
    for (key, names, of) in [
        ("secrets", declared.secrets, "secret"),
        ("configs", declared.configs, "config"),
    ] {
        for source in items(service, key).filter_map(|node| node.get("source")) {
            known(&source.value.to_string(), source.place, names, of)?;
        }
    }
    check_mounts(name, service, declared)?;
    check_limits(name, service)
}

fn known(name: &str, place: Place, names: &Map, of: &str) -> Read<()> {
    if names.contains_key(name) {
        return Ok(());
    }
    let fault = Fault::at(place, format!("there is no {of} {}", quoted(name)));
    Err(match did_you_mean(name, names.keys().map(|key| &**key)) {
        Some(near) => fault.help(format!("did you mean `{near}`?")),
        None => fault.help(format!("declare it under `{of}s:`")),
    })
}

fn check_mounts(name: &str, service: &Map, declared: &Declared<'_>) -> Read<()> {
    let mut targets: HashMap<&str, Place> = HashMap::new();
    let tmpfs = items(service, "tmpfs").filter_map(|node| {
        let text = node.text()?;
        Some((text.split(':').next().unwrap_or(text), node))
    });
    let mounts =
        items(service, "volumes").filter_map(|node| Some((node.get("target")?.text()?, node)));
    for (target, node) in tmpfs.chain(mounts) {
        if let Some(first) = targets.insert(target, node.place) {
            let message = format!("{} mounts two things at {}", quoted(name), quoted(target));
            return Err(Fault::at(node.place, message).and(first, "mounted here already"));
        }
    }
    for node in items(service, "volumes") {
        let is_volume = node.get("type").and_then(Node::text) == Some("volume");
        let source = node
            .get("source")
            .and_then(Node::text)
            .filter(|source| !source.is_empty());
        if let Some(source) = source.filter(|_| is_volume) {
            known(source, node.place, declared.volumes, "volume")?;
        }
    }
    Ok(())
}

/// The same limit, said twice, must be the same.
fn check_limits(name: &str, service: &Map) -> Read<()> {
    let deploy = service.get("deploy");
    let resources = deploy.and_then(|deploy| deploy.get("resources"));
    let limit = |of: &str, key: &str| resources?.get(of)?.get(key);
    for (own, other) in [
        ("cpus", limit("limits", "cpus")),
        ("mem_limit", limit("limits", "memory")),
        ("mem_reservation", limit("reservations", "memory")),
        ("pids_limit", limit("limits", "pids")),
        ("scale", deploy.and_then(|deploy| deploy.get("replicas"))),
    ] {
        let Some((own_node, other)) = service.get(own).zip(other) else {
            continue;
        };
        if own_node.value.to_string() != other.value.to_string() {
            let message = format!(
                "`{own}` and `deploy` of {} say different things",
                quoted(name)
            );
            return Err(Fault::at(own_node.place, message).and(other.place, "said here"));
        }
    }
    Ok(())
}

/// Services that wait for each other in a circle never start.
fn check_circles(model: &Map) -> Read<()> {
    let mut waits: BTreeMap<&str, Vec<(&str, Place)>> = BTreeMap::new();
    for (name, service) in entries(model, "services") {
        let Some(map) = service.map() else {
            continue;
        };
        let others = entries(map, "depends_on").map(|(other, node)| (&**other, node.place));
        waits.insert(name, others.collect());
    }
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for start in waits.keys() {
        // The way here: each service with how many of those that it waits for were followed.
        let mut way: Vec<(&str, usize)> = vec![(start, 0)];
        let mut on_way: BTreeSet<&str> = BTreeSet::from([*start]);
        while let Some((at, followed)) = way.last_mut() {
            let next = waits
                .get(at)
                .and_then(|others| others.get(*followed))
                .copied();
            *followed += 1;
            match next {
                Some((other, place)) if on_way.contains(other) => {
                    let message = format!("{} waits for itself in the end", quoted(other));
                    return Err(Fault::at(place, message).help("take one of the dependencies out"));
                }
                Some((other, _)) if !done.contains(other) && waits.contains_key(other) => {
                    on_way.insert(other);
                    way.push((other, 0));
                }
                Some(_) => {}
                None => {
                    done.insert(at);
                    on_way.remove(at);
                    way.pop();
                }
            }
        }
    }
    Ok(())
}

fn entries<'a>(
    map: &'a Map,
    key: &str,
) -> impl Iterator<Item = (&'a std::sync::Arc<str>, &'a Node)> {
    map.get(key).and_then(Node::map).into_iter().flatten()
}

fn items<'a>(map: &'a Map, key: &str) -> impl Iterator<Item = &'a Node> {
    map.get(key).and_then(Node::list).into_iter().flatten()
}
