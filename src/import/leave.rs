//! What a plan does not say of a project and of the order in which it starts.

use std::collections::BTreeSet;

use crate::compose_file::{Node, Reading, Value};
use crate::import::draft::{Draft, Left};

/// What the files say beside services, as far as a plan does not.
pub(super) fn of_project(reading: &Reading) -> Vec<Left> {
    let mut left = Vec::new();
    for (section, why) in [
        (
            "networks",
            "the containers of a host share the networks that Backstay makes",
        ),
        (
            "volumes",
            "Backstay makes a volume of its own: copy what the old one holds",
        ),
    ] {
        for (name, node) in reading.section(section) {
            let said = node.map().into_iter().flatten();
            let unusual = said.filter(|(key, value)| !is_usual(reading, name, key, value));
            left.extend(unusual.map(|(key, value)| Left {
                service: None,
                what: format!("{section}.{name}.{key}"),
                place: value.place,
                why: why.to_owned(),
            }));
        }
    }
    left.extend(kept_apart(reading));
    let sections = reading
        .model
        .iter()
        .filter(|(key, _)| !key.starts_with("x-"));
    for (key, node) in sections {
        if !["services", "networks", "volumes", "secrets", "configs"].contains(&&**key) {
            left.push(Left {
                service: None,
                what: key.to_string(),
                place: node.place,
                why: "a plan has no key for it".to_owned(),
            });
        }
    }
    left
}

/// Whether what is said of a network or a volume makes no difference.
fn is_usual(reading: &Reading, name: &str, key: &str, value: &Node) -> bool {
    match key {
        "name" => value.value.to_string() == format!("{}_{name}", reading.name),
        "driver" => matches!(value.text(), Some("bridge" | "local")),
        "labels" => value.map().is_some_and(|map| map.is_empty()),
        "ipam" => value.map().is_some_and(|map| map.is_empty()),
        "internal" | "attachable" => value.value == Value::Flag(false),
        _ => key.starts_with("x-"),
    }
}

/// Networks that keep services apart, which the networks of a host do not.
fn kept_apart(reading: &Reading) -> Option<Left> {
    let networks = |service: &Node| -> BTreeSet<String> {
        let map = service.get("networks").and_then(Node::map);
        let names = map.into_iter().flatten();
        names.map(|(name, _)| name.to_string()).collect()
    };
    let all = reading.section("services").map(|(_, node)| networks(node));
    let mut all = all.filter(|networks| !networks.is_empty());
    let first = all.next()?;
    let shared = all.fold(first, |shared, other| {
        shared.intersection(&other).cloned().collect()
    });
    let place = reading.model.get("networks")?.place;
    shared.is_empty().then(|| Left {
        service: None,
        what: "networks".to_owned(),
        place,
        why: "the containers of a host share their networks: services that no network joined can reach each other now".to_owned(),
    })
}

/// What is said of the order of the start besides what is waited for.
pub(super) fn order(draft: &mut Draft<'_>) {
    let is_linked = draft.peek("links").is_some();
    let used = draft.peek("depends_on").and_then(Node::map);
    for (name, node) in used.into_iter().flatten() {
        let said = |key: &str, flag: bool| {
            let node = node.get(key)?;
            (node.value == Value::Flag(flag)).then_some(node.place)
        };
        // A link means it by itself.
        if let Some(place) = said("restart", true).filter(|_| !is_linked) {
            let why = "a plan has nobody restarted with what is used";
            draft.leave(&format!("depends_on.{name}.restart"), place, why);
        }
        if let Some(place) = said("required", false) {
            let why = "what a plan waits for is there: take the use out where it is not";
            draft.leave(&format!("depends_on.{name}.required"), place, why);
        }
    }
}
