//! Short forms of compose files as long forms, so that what follows knows one form of everything.
//!
//! What has no form that is known stays as it is: the shapes are checked elsewhere.

use crate::compose_file::fault::{Fault, Read};
use crate::compose_file::map::Map;
use crate::compose_file::merge::{keyed, nothing, plain_dependency};
use crate::compose_file::mounts;
use crate::compose_file::node::{Node, Place, Value};
use crate::compose_file::ports;
use crate::compose_file::unique::entries;
use crate::compose_file::yaml::Budget;

/// Brings a file into its long form.
pub(super) fn canonical(file: &mut Map, budget: &mut Budget) -> Read<()> {
    for section in ["networks", "volumes", "secrets", "configs"] {
        entries(file, section).try_for_each(external)?;
    }
    for service in entries(file, "services") {
        service_of(service, budget)?;
    }
    Ok(())
}

fn service_of(service: &mut Map, budget: &mut Budget) -> Read<()> {
    change(service, "build", |node| text_as(node, "context"));
    if let Some(build) = service.get_mut("build").and_then(Node::map_mut) {
        change(build, "additional_contexts", pairs);
        each(build, "secrets", |node| Ok(text_as(node, "source")))?;
    }
    change(service, "depends_on", dependencies);
    change(service, "env_file", as_list);
    each(service, "env_file", |node| {
        Ok(env_file(text_as(node, "path")))
    })?;
    for key in ["dns", "label_file"] {
        change(service, key, as_list);
    }
    for key in ["networks", "models"] {
        change(service, key, |node| keyed(node, nothing));
    }
    for key in ["secrets", "configs"] {
        each(service, key, |node| Ok(text_as(node, "source")))?;
    }
    each(service, "devices", |node| Ok(device(node)))?;
    each(service, "volumes", |node| match node.text() {
        Some(text) => mounts::long_form(text, node.place),
        None => Ok(node),
    })?;
    change(service, "gpus", gpus);
    ports_of(service, budget)?;
    if let Some(Value::List(dns)) = service.get_mut("dns").map(|node| &mut node.value) {
        dns.retain(|node| !node.is_null() && node.text() != Some(""));
    }
    Ok(())
}

/// Changes the value under a key, if there is one.
pub(super) fn change(map: &mut Map, key: &str, change: impl FnOnce(Node) -> Node) {
    if let Some(node) = map.get_mut(key) {
        let place = node.place;
        *node = change(std::mem::replace(node, nothing(place)));
    }
}

/// Changes every entry of the list under a key.
fn each(map: &mut Map, key: &str, change: impl Fn(Node) -> Read<Node>) -> Read<()> {
    if let Some(Value::List(list)) = map.get_mut(key).map(|node| &mut node.value) {
        let old = std::mem::take(list);
        *list = old.into_iter().map(change).collect::<Read<_>>()?;
    }
    Ok(())
}

/// A text as a table with that text under a key.
fn text_as(node: Node, key: &str) -> Node {
    match node.value {
        Value::Text(_) => {
            let place = node.place;
            Node::of_pairs([(key, node.value)], place)
        }
        _ => node,
    }
}

/// A text as a list of one.
pub(super) fn as_list(node: Node) -> Node {
    match node.value {
        Value::Text(_) => {
            let place = node.place;
            Node::new(Value::List(vec![node]), place)
        }
        _ => node,
    }
}

/// A list of `key=value` as a table, if every entry is one.
fn pairs(node: Node) -> Node {
    let Some(list) = node.list() else {
        return node;
    };
    let pair = |item: &Node| {
        let (key, value) = item.text()?.split_once('=')?;
        Some((key.into(), Node::of_text(value, item.place)))
    };
    match list.iter().map(pair).collect::<Option<Map>>() {
        Some(map) => Node::new(Value::Map(map), node.place),
        None => node,
    }
}

fn dependencies(node: Node) -> Node {
    let mut node = keyed(node, plain_dependency);
    for dependency in node.map_mut().into_iter().flat_map(|map| map.values_mut()) {
        let place = dependency.place;
        if let Some(map) = dependency.map_mut() {
            or_set(
                map,
                "condition",
                Value::Text("service_started".into()),
                place,
            );
            or_set(map, "required", Value::Flag(true), place);
        }
    }
    node
}

/// Sets what is not said.
pub(super) fn or_set(map: &mut Map, key: &str, value: Value, place: Place) {
    if !map.contains_key(key) {
        map.insert(key, Node::new(value, place));
    }
}

fn env_file(mut node: Node) -> Node {
    let place = node.place;
    if let Some(map) = node.map_mut() {
        or_set(map, "required", Value::Flag(true), place);
    }
    node
}

fn device(node: Node) -> Node {
    let Some(text) = node.text() else {
        return node;
    };
    let parts: Vec<&str> = text.split(':').collect();
    let (source, target, permissions) = match parts[..] {
        [source] => (source, source, "rwm"),
        [source, target] => (source, target, "rwm"),
        [source, target, permissions] => (source, target, permissions),
        _ => return node,
    };
    let target = if target.is_empty() { source } else { target };
    let text = |text: &str| Value::Text(text.into());
    Node::of_pairs(
        [
            ("source", text(source)),
            ("target", text(target)),
            ("permissions", text(permissions)),
        ],
        node.place,
    )
}

fn gpus(node: Node) -> Node {
    match node.value {
        Value::Text(_) => {
            let all = Node::of_pairs([("count", Value::Text("all".into()))], node.place);
            Node::new(Value::List(vec![all]), node.place)
        }
        _ => node,
    }
}

fn ports_of(service: &mut Map, budget: &mut Budget) -> Read<()> {
    let Some(Value::List(list)) = service.get_mut("ports").map(|node| &mut node.value) else {
        return Ok(());
    };
    let mut all = Vec::with_capacity(list.len());
    for node in std::mem::take(list) {
        match node.value {
            Value::Whole(_) | Value::Text(_) => {
                let ports = ports::long_forms(&node.value.to_string(), node.place)?;
                budget.spend(ports.len(), node.place)?;
                all.extend(ports);
            }
            _ => all.push(node),
        }
    }
    *list = all;
    Ok(())
}

/// `external: {name: x}` of before as `external: true` and `name: x`.
fn external(map: &mut Map) -> Read<()> {
    let Some(external) = map.get_mut("external").filter(|node| node.map().is_some()) else {
        return Ok(());
    };
    let place = external.place;
    let said = std::mem::replace(external, Node::new(Value::Flag(true), place));
    match (said.get("name"), map.get("name")) {
        (Some(one), Some(other)) if one != other => {
            let fault = Fault::at(place, "`name` and `external.name` name different things");
            Err(fault.help("keep `name`"))
        }
        (Some(one), None) => {
            map.insert("name", one.clone());
            Ok(())
        }
        _ => Ok(()),
    }
}
