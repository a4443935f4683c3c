//! What Compose refuses of a project as a whole: names that nothing has, mounts over mounts, circles.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::compose_file::fault::{Fault, Read};
use crate::compose_file::load::key_names;
use crate::compose_file::node::{Map, Node, Place, Value};
use crate::finding::{did_you_mean, quoted};

/// Checks a finished project.
pub(super) fn check(model: &Map) -> Read<()> {
    let services = key_names(model.get("services"));
    let declared = Declared {
        volumes: key_names(model.get("volumes")),
        networks: key_names(model.get("networks")),
        secrets: key_names(model.get("secrets")),
        configs: key_names(model.get("configs")),
        services,
    };
    let all = model.get("services").and_then(Node::map);
    for (name, service) in all.into_iter().flatten() {
        if let Some(map) = service.map() {
            check_service(name, service.place, map, &declared)?;
        }
    }
    check_secrets(model)?;
    check_circles(model)
}

/// What a project declares, by name.
struct Declared<'a> {
    services: BTreeSet<&'a str>,
    volumes: BTreeSet<&'a str>,
    networks: BTreeSet<&'a str>,
    secrets: BTreeSet<&'a str>,
    configs: BTreeSet<&'a str>,
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
        known(network, node.place, &declared.networks, "network")?;
    }
    for (other, node) in entries(service, "depends_on") {
        let is_required = node
            .get("required")
            .is_none_or(|node| node.value != Value::Flag(false));
        if is_required {
            known(other, node.place, &declared.services, "service")?;
        }
    }
    if let Some(mode) = service.get("network_mode")
        && let Some(other) = mode.text().and_then(|text| text.strip_prefix("service:"))
    {
        known(other, mode.place, &declared.services, "service")?;
    }
    for (key, names, of) in [
        ("secrets", &declared.secrets, "secret"),
        ("configs", &declared.configs, "config"),
    ] {
        for source in items(service, key).filter_map(|node| node.get("source")) {
            known(&source.value.to_string(), source.place, names, of)?;
        }
    }
    check_mounts(name, service, declared)?;
    check_limits(name, service)
}

fn known(name: &str, place: Place, names: &BTreeSet<&str>, of: &str) -> Read<()> {
    if names.contains(name) {
        return Ok(());
    }
    let fault = Fault::at(place, format!("there is no {of} {}", quoted(name)));
    Err(match did_you_mean(name, names.iter().copied()) {
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
            known(source, node.place, &declared.volumes, "volume")?;
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

fn check_secrets(model: &Map) -> Read<()> {
    for (name, secret) in entries(model, "secrets") {
        let is_said = ["external", "file", "environment", "driver"]
            .iter()
            .any(|key| secret.get(key).is_some());
        if !is_said {
            let fault = Fault::at(
                secret.place,
                format!(
                    "the secret {} has neither `file` nor `environment`",
                    quoted(name)
                ),
            );
            return Err(fault);
        }
    }
    Ok(())
}

/// Services that wait for each other in a circle never start.
fn check_circles(model: &Map) -> Read<()> {
    let mut left: BTreeMap<&str, Vec<(&str, Place)>> = BTreeMap::new();
    for (name, service) in entries(model, "services") {
        let Some(map) = service.map() else {
            continue;
        };
        let others = entries(map, "depends_on").map(|(other, node)| (&**other, node.place));
        left.insert(name, others.collect());
    }
    // Whoever waits for nobody that is left goes; a circle stays.
    loop {
        let free: Vec<&str> = left
            .iter()
            .filter(|(_, others)| !others.iter().any(|(other, _)| left.contains_key(other)))
            .map(|(name, _)| *name)
            .collect();
        if free.is_empty() {
            break;
        }
        free.iter().for_each(|name| drop(left.remove(name)));
    }
    // What is left waits for a circle, or is in one: following it leads into it.
    let Some((first, _)) = left.first_key_value() else {
        return Ok(());
    };
    let next = |name: &str| {
        left[name]
            .iter()
            .find(|(other, _)| left.contains_key(other))
            .copied()
    };
    let mut seen = BTreeSet::new();
    let mut at = *first;
    while seen.insert(at) {
        match next(at) {
            Some((other, _)) => at = other,
            None => return Ok(()),
        }
    }
    let place = next(at).map(|(_, place)| place).unwrap_or_default();
    let fault = Fault::at(place, format!("{} waits for itself in the end", quoted(at)));
    Err(fault.help("take one of the dependencies out"))
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
