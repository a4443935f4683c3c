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
    let of_swarm = deploy.get("restart_policy").map(|node| node.place);
    let policy = draft.take_text("restart");
    let said = policy.as_ref().map_or("no", |(policy, _)| policy.as_str());
    let is_no_yes = |text: &str| text == "false";
    match Restart::parse(said) {
        Some(_) => draft.say_text(&["container", "restart"], said),
        None if is_no_yes(said) => draft.say_text(&["container", "restart"], "no"),
        None => draft.leave(
            "restart",
            draft.place,
            "it is no way to restart that Docker has",
        ),
    }
    if let Some(place) = of_swarm {
        draft.leave(
            "deploy.restart_policy",
            place,
            "only Swarm reads it; `restart` is kept",
        );
    }
}

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
                draft.leave(&format!("deploy.{key}"), node.place, "only Swarm reads it");
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
