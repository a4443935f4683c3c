//! Entries of lists that say the same thing twice: the later one takes the place of the earlier.

use std::collections::HashMap;

use crate::compose_file::map::Map;
use crate::compose_file::mounts;
use crate::compose_file::node::{Node, Value};

/// Keeps one entry for each variable, label, port, mount and the like of every service.
pub(super) fn enforce(file: &mut Map) {
    for network in entries(file, "networks") {
        keep_last(network, "labels", key_of_pair);
    }
    for service in entries(file, "services") {
        // A service says few of the keys that it may say, so that those are gone through that it does.
        for (key, node) in service.iter_mut() {
            match &**key {
                "configs" => keep_last_of(node, |node| mounted(node, "")),
                "devices" => keep_last_of(node, device),
                "env_file" => keep_last_of(node, env_file),
                "expose" => keep_last_of(node, |node| Some(node.value.to_string())),
                "ports" => keep_last_of(node, port),
                "secrets" => keep_last_of(node, |node| mounted(node, "/run/secrets")),
                "volumes" => keep_last_of(node, mounts::target_of),
                key if PAIRS.contains(&key) => keep_last_of(node, key_of_pair),
                _ => {}
            }
        }
        for (section, keys) in INNER_PAIRS {
            if let Some(section) = service.get_mut(section).and_then(Node::map_mut) {
                keys.iter()
                    .for_each(|key| keep_last(section, key, key_of_pair));
            }
        }
    }
}

const PAIRS: &[&str] = &[
    "annotations",
    "cap_add",
    "cap_drop",
    "dns",
    "dns_opt",
    "dns_search",
    "environment",
    "labels",
    "links",
    "profiles",
    "sysctls",
    "tmpfs",
];

const INNER_PAIRS: &[(&str, &[&str])] = &[
    ("build", &["args", "additional_contexts", "tags", "labels"]),
    ("deploy", &["labels"]),
];

/// The tables of a section.
pub(super) fn entries<'a>(file: &'a mut Map, section: &str) -> impl Iterator<Item = &'a mut Map> {
    let section = file.get_mut(section).and_then(Node::map_mut);
    section
        .into_iter()
        .flat_map(|map| map.values_mut())
        .filter_map(Node::map_mut)
}

fn keep_last(map: &mut Map, key: &str, name: impl Fn(&Node) -> Option<String>) {
    if let Some(node) = map.get_mut(key) {
        keep_last_of(node, name);
    }
}

fn keep_last_of(node: &mut Node, name: impl Fn(&Node) -> Option<String>) {
    let Value::List(list) = &mut node.value else {
        return;
    };
    if list.len() < 2 {
        return;
    }
    let mut kept: Vec<Node> = Vec::with_capacity(list.len());
    let mut seen: HashMap<String, usize> = HashMap::with_capacity(list.len());
    for entry in list.drain(..) {
        let at = name(&entry).and_then(|name| match seen.get(&name) {
            Some(at) => Some(*at),
            None => {
                seen.insert(name, kept.len());
                None
            }
        });
        match at {
            Some(at) => kept[at] = entry,
            None => kept.push(entry),
        }
    }
    *list = kept;
}

fn key_of_pair(node: &Node) -> Option<String> {
    let text = node.text()?;
    let key = text.split_once('=').map_or(text, |(key, _)| key);
    Some(key.to_owned())
}

fn mounted(node: &Node, folder: &str) -> Option<String> {
    match &node.value {
        Value::Text(name) => Some(format!("{folder}/{name}")),
        Value::Map(map) => match map.get("target") {
            Some(target) => target.text().map(str::to_owned),
            None => Some(format!("{folder}/{}", map.get("source")?.value)),
        },
        _ => None,
    }
}

fn device(node: &Node) -> Option<String> {
    match &node.value {
        Value::Text(text) => {
            let mut parts = text.split(':');
            let source = parts.next()?;
            Some(parts.next().unwrap_or(source).to_owned())
        }
        _ => Some(node.get("target")?.value.to_string()),
    }
}

fn env_file(node: &Node) -> Option<String> {
    let path = node.get("path").or_else(|| node.text().map(|_| node));
    path.and_then(Node::text).map(str::to_owned)
}

fn port(node: &Node) -> Option<String> {
    let Some(map) = node.map() else {
        return Some(node.value.to_string());
    };
    let said = |key: &str, usual: &str| {
        let value = map.get(key).map(|node| node.value.to_string());
        value.unwrap_or_else(|| usual.to_owned())
    };
    Some(format!(
        "{}:{}:{}/{}",
        said("host_ip", "0.0.0.0"),
        said("published", ""),
        said("target", ""),
        said("protocol", "tcp")
    ))
}
