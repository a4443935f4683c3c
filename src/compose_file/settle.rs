//! What a merged file leaves unsaid: usual values, paths from the root, variables taken from outside.

use std::net::IpAddr;

use crate::compose_file::canonical::or_set;
use crate::compose_file::fault::{Fault, Read};
use crate::compose_file::load::{Loader, Shared};
use crate::compose_file::map::Map;
use crate::compose_file::node::{Node, Value};
use crate::compose_file::paths::{cleaned, is_absolute, is_remote_context, joined};
use crate::compose_file::unique::entries;
use crate::finding::quoted;

/// Fills in usual values, checks what excludes each other, and resolves paths and variables.
pub(super) fn settle(model: &mut Map, shared: &Shared<'_>, loader: &mut Loader<'_>) -> Read<()> {
    for service in entries(model, "services") {
        defaults(service);
        check_addresses(service)?;
    }
    check_sources(model, "secrets", &["file", "environment"])?;
    check_sources(model, "configs", &["file", "environment", "content"])?;
    entries(model, "volumes").try_for_each(|volume| check_external(volume))?;
    let home = loader.world.variable("HOME");
    resolve_paths(model, shared.folder, home.as_deref());
    for service in entries(model, "services") {
        take_from_outside(service, shared, loader);
    }
    for config in entries(model, "configs") {
        let named = config.get("environment").and_then(Node::text);
        let value = named.and_then(|name| shared.environment.get(&*loader.world, name));
        if let (Some(value), Some(place)) =
            (value, config.get("environment").map(|node| node.place))
        {
            config.insert("content", Node::of_text(value, place));
        }
    }
    Ok(())
}

fn defaults(service: &mut Map) {
    if let Some(build) = service.get_mut("build") {
        let place = build.place;
        if let Some(map) = build.map_mut() {
            or_set(map, "context", Value::Text(".".into()), place);
        }
    }
    for port in items(service, "ports") {
        let place = port.place;
        if let Some(map) = port.map_mut() {
            or_set(map, "protocol", Value::Text("tcp".into()), place);
            or_set(map, "mode", Value::Text("ingress".into()), place);
        }
    }
    for secret in items(service, "secrets") {
        let source = secret.get("source").map(|node| node.value.to_string());
        let place = secret.place;
        if let (Some(map), Some(source)) = (secret.map_mut(), source) {
            or_set(
                map,
                "target",
                Value::Text(format!("/run/secrets/{source}").into()),
                place,
            );
        }
    }
    for mount in items(service, "volumes") {
        let place = mount.place;
        if let Some(bind) = mount
            .map_mut()
            .and_then(|map| map.get_mut("bind"))
            .and_then(Node::map_mut)
        {
            or_set(bind, "create_host_path", Value::Flag(true), place);
        }
    }
}

/// The entries of the list under a key.
pub(super) fn items<'a>(map: &'a mut Map, key: &str) -> impl Iterator<Item = &'a mut Node> {
    let list = match map.get_mut(key).map(|node| &mut node.value) {
        Some(Value::List(list)) => list.as_mut_slice(),
        _ => &mut [],
    };
    list.iter_mut()
}

fn check_addresses(service: &Map) -> Read<()> {
    let ports = service.get("ports").and_then(Node::list);
    for address in ports
        .into_iter()
        .flatten()
        .filter_map(|port| port.get("host_ip"))
    {
        if address
            .text()
            .is_some_and(|text| text.parse::<IpAddr>().is_err())
        {
            let message = format!("{} is no IP address", quoted(&address.value.to_string()));
            return Err(Fault::at(address.place, message));
        }
    }
    Ok(())
}

/// A secret or config comes from one place.
fn check_sources(model: &Map, section: &str, keys: &[&str]) -> Read<()> {
    for (name, node) in model.get(section).and_then(Node::map).into_iter().flatten() {
        let said = keys.iter().filter(|key| node.get(key).is_some()).count();
        let is_elsewhere = node.get("driver").is_some() || node.get("external").is_some();
        let message = match said {
            0 if !is_elsewhere => "does not say where it comes from",
            0 | 1 => continue,
            _ => "says more than once where it comes from",
        };
        let fault = Fault::at(node.place, format!("{} {message}", quoted(name)));
        return Err(fault.help(format!("say one of {}", keys.join(", "))));
    }
    Ok(())
}

fn check_external(volume: &Map) -> Read<()> {
    if volume
        .get("external")
        .is_none_or(|node| node.value != Value::Flag(true))
    {
        return Ok(());
    }
    let further = |(key, _): &(&std::sync::Arc<str>, &Node)| {
        !matches!(&***key, "name" | "external") && !key.starts_with("x-")
    };
    match volume.iter().find(further) {
        Some((key, node)) => {
            let message = format!("an external volume has no {}", quoted(key));
            Err(Fault::at(node.place, message))
        }
        None => Ok(()),
    }
}

/// Makes every path one from the root; `folder` is where relative ones start, and `home` where those with `~` do.
pub(super) fn resolve_paths(model: &mut Map, folder: &str, home: Option<&str>) {
    let from_folder = |path: &str| joined(folder, &expanded(path, home));
    // Paths of mounts may be those of another system.
    let of_mount = |path: &str| {
        let path = expanded(path, home);
        if is_absolute(&path) {
            path
        } else {
            joined(folder, &path)
        }
    };
    let context = |path: &str| match is_remote_context(path) {
        true => path.to_owned(),
        false => from_folder(path),
    };
    for service in entries(model, "services") {
        if let Some(build) = service.get_mut("build").and_then(Node::map_mut) {
            resolve(build.get_mut("context"), context);
            let further = build.get_mut("additional_contexts").and_then(Node::map_mut);
            further
                .into_iter()
                .flat_map(|map| map.values_mut())
                .for_each(|node| resolve(Some(node), context));
        }
        items(service, "env_file").for_each(|file| resolve(inner(file, "path"), from_folder));
        items(service, "label_file").for_each(|file| resolve(Some(file), from_folder));
        if let Some(extends) = service.get_mut("extends") {
            resolve(inner(extends, "file"), from_folder);
        }
        for mount in items(service, "volumes") {
            if mount.get("type").and_then(Node::text) == Some("bind") {
                resolve(inner(mount, "source"), of_mount);
            }
        }
        if let Some(develop) = service.get_mut("develop").and_then(Node::map_mut) {
            items(develop, "watch").for_each(|watch| resolve(inner(watch, "path"), from_folder));
        }
    }
    for section in ["secrets", "configs"] {
        entries(model, section).for_each(|entry| resolve(entry.get_mut("file"), of_mount));
    }
    for volume in entries(model, "volumes") {
        let is_local = volume.get("driver").and_then(Node::text) == Some("local");
        let options = volume.get_mut("driver_opts").and_then(Node::map_mut);
        if let Some(options) = options
            .filter(|options| is_local && options.get("o").and_then(Node::text) == Some("bind"))
        {
            resolve(options.get_mut("device"), of_mount);
        }
    }
}

fn inner<'a>(node: &'a mut Node, key: &str) -> Option<&'a mut Node> {
    node.map_mut()?.get_mut(key)
}

fn resolve(node: Option<&mut Node>, resolved: impl Fn(&str) -> String) {
    if let Some(node) = node
        && let Some(path) = node.text().filter(|path| !path.is_empty())
    {
        let path = resolved(path);
        node.value = Value::Text(path.into());
    }
}

/// `~` as the user's folder.
fn expanded(path: &str, home: Option<&str>) -> String {
    let rest = path
        .strip_prefix('~')
        .filter(|rest| rest.is_empty() || rest.starts_with('/'));
    match (rest, home) {
        (Some(rest), Some(home)) => cleaned(&format!("{home}{rest}")),
        _ => path.to_owned(),
    }
}

/// Variables that only name themselves take their value from outside.
fn take_from_outside(service: &mut Map, shared: &Shared<'_>, loader: &mut Loader<'_>) {
    for variable in items(service, "environment") {
        let Some(name) = variable.text().filter(|text| !text.contains('=')) else {
            continue;
        };
        if let Some(value) = loader.passed(shared.environment, name, variable.place) {
            variable.value = Value::Text(format!("{name}={value}").into());
        }
    }
}
