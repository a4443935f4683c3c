//! When a container starts again and what it may take at most: what `deploy` says, and the keys that say the same.

use crate::compose_file::{Map, Node, Value};
use crate::import::draft::Draft;
use crate::model::Restart;
use crate::source::Written;

/// Takes when the container starts again, and its limits.
pub(super) fn take(draft: &mut Draft<'_>) {
    let deploy = draft.take_map("deploy");
    restart(draft, deploy);
    deployed(draft, deploy);
    limits(draft);
}

fn restart(draft: &mut Draft<'_>, deploy: &Map) {
    let own = draft.take_text("restart");
    let (said, place) = match deploy.get("restart_policy") {
        // As Compose has it, whatever `restart` says.
        Some(node) if !node.is_null() => {
            let said = of_policy(draft, node);
            if let Some((_, place)) = own.filter(|(own, _)| *own != said) {
                draft.leave(
                    "restart",
                    place,
                    "Compose reads `deploy.restart_policy` instead",
                );
            }
            (said, node.place)
        }
        _ => own.unwrap_or_else(|| ("no".to_owned(), draft.place)),
    };
    // YAML reads `no` without quotes as `false`.
    let stands_for_no = |text: &str| text == "false";
    match Restart::parse(&said) {
        Some(_) => draft.say_text(&["container", "restart"], said),
        None if stands_for_no(&said) => draft.say_text(&["container", "restart"], "no"),
        None => draft.leave("restart", place, "it is no way to restart that Docker has"),
    }
}

/// When a container starts again by `deploy.restart_policy`: Swarm's words for it, which Compose passes on to Docker.
fn of_policy(draft: &mut Draft<'_>, policy: &Node) -> String {
    let said = |key: &str| Some(policy.get(key)?.value.to_string());
    let condition = said("condition").unwrap_or_default();
    for key in ["delay", "window"] {
        if let Some(node) = policy.get(key) {
            draft.leave(
                &format!("deploy.restart_policy.{key}"),
                node.place,
                BY_SWARM,
            );
        }
    }
    let attempts = said("max_attempts").filter(|attempts| attempts != "0");
    match (condition.as_str(), attempts) {
        ("on-failure", Some(attempts)) => return format!("on-failure:{attempts}"),
        (_, Some(_)) => draft.leave(
            "deploy.restart_policy.max_attempts",
            policy.place,
            "Docker counts how often a container failed, and nothing else",
        ),
        (_, None) => {}
    }
    match condition.as_str() {
        "" | "none" => "no".to_owned(),
        "any" => "always".to_owned(),
        _ => condition,
    }
}

/// Why parts of `deploy` are left.
const BY_SWARM: &str = "only Swarm reads it";

/// Limits are kept; the rest of `deploy` is for Swarm.
fn deployed(draft: &mut Draft<'_>, deploy: &Map) {
    for (key, node) in deploy {
        let Value::Map(inner) = &node.value else {
            let is_one = &**key == "replicas" && node.value == Value::Whole(1);
            if !is_one {
                draft.leave(
                    &format!("deploy.{key}"),
                    node.place,
                    "a component on several hosts is what a plan has for copies",
                );
            }
            continue;
        };
        if &**key != "resources" {
            if &**key != "restart_policy" && !inner.is_empty() {
                draft.leave(&format!("deploy.{key}"), node.place, BY_SWARM);
            }
            continue;
        }
        let limits = inner.get("limits").and_then(Node::map);
        for (key, value) in limits.into_iter().flatten() {
            limit(draft, key, value);
        }
        let others = inner.iter().filter(|(key, _)| &***key != "limits");
        for (key, value) in others {
            draft.leave(
                &format!("deploy.resources.{key}"),
                value.place,
                "a plan says how much a container may take at most",
            );
        }
    }
}

fn limits(draft: &mut Draft<'_>) {
    if let Some(node) = draft.take("mem_limit") {
        limit(draft, "memory", node);
    }
    if let Some(node) = draft.take("cpus") {
        limit(draft, "cpus", node);
    }
}

fn limit(draft: &mut Draft<'_>, key: &str, node: &Node) {
    let already = draft
        .facts
        .iter()
        .any(|(path, _)| path.len() == 1 && path[0] == key);
    let text = node.value.to_string();
    match (key, text.parse::<f64>()) {
        _ if already => {}
        ("memory", Ok(bytes)) if bytes > 0.0 => {
            let mebibytes = (bytes / f64::from(1 << 20)).ceil();
            draft.say_text(&["memory"], format!("{mebibytes} MiB"));
        }
        ("cpus", Ok(cpus)) if cpus > 0.0 => draft.say(&["cpus"], Written::Number(cpus)),
        (_, Ok(0.0)) => {}
        _ => draft.leave(
            key,
            node.place,
            "a plan says how much memory and how many processors, and no more",
        ),
    }
}
