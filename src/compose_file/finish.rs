//! The last step of a reading: every value in the form in which Compose prints it.

use crate::compose_file::World;
use crate::compose_file::canonical::{change, or_set};
use crate::compose_file::fault::{Fault, Read};
use crate::compose_file::forms::{
    Form, flag, hosts, list, number, size, test, texts, texts_by_key, time, values_by_key, whole,
    words,
};
use crate::compose_file::load::{Environment, Loader};
use crate::compose_file::map::Map;
use crate::compose_file::merge::{nothing, plain_dependency};
use crate::compose_file::node::{Node, Place, Value};
use crate::compose_file::paths::cleaned;
use crate::compose_file::settle::items;
use crate::compose_file::unique::entries;
use crate::finding::quoted;

/// Brings the services of a project into their last form, env files included.
pub(super) fn finish(
    model: &mut Map,
    environment: &Environment,
    loader: &mut Loader<'_>,
) -> Read<()> {
    for (section, forms) in [
        ("networks", NETWORK),
        ("volumes", RESOURCE),
        ("secrets", RESOURCE),
        ("configs", RESOURCE),
    ] {
        for resource in entries(model, section) {
            form(resource, forms)?;
            if resource
                .get("external")
                .is_some_and(|node| node.value == Value::Flag(false))
            {
                resource.remove("external");
            }
        }
    }
    for service in entries(model, "services") {
        form_sorted(service, SERVICE)?;
        for (section, forms) in SECTIONS {
            if let Some(section) = section_of(service, section) {
                form(section, forms)?;
            }
        }
        arguments(service, environment, &*loader.world);
        mounts(service)?;
        ports(service)?;
        ulimits(service)?;
        variables(service, environment, loader)?;
    }
    Ok(())
}

/// Keys with the forms of their values.
type Forms = &'static [(&'static str, Form)];

const SERVICE: Forms = &[
    ("annotations", texts_by_key),
    ("attach", flag),
    ("command", words),
    ("cpus", number),
    ("dns", list),
    ("dns_search", list),
    ("entrypoint", words),
    ("environment", values_by_key),
    ("expose", texts),
    ("extra_hosts", hosts),
    ("group_add", texts),
    ("init", flag),
    ("labels", texts_by_key),
    ("mem_limit", size),
    ("mem_reservation", size),
    ("memswap_limit", size),
    ("oom_kill_disable", flag),
    ("oom_score_adj", whole),
    ("pids_limit", whole),
    ("privileged", flag),
    ("read_only", flag),
    ("scale", whole),
    ("shm_size", size),
    ("stdin_open", flag),
    ("stop_grace_period", time),
    ("sysctls", texts_by_key),
    ("tmpfs", list),
    ("tty", flag),
];

/// Sections of a service by their paths, and the forms of what stands in them.
const SECTIONS: &[(&[&str], Forms)] = &[
    (
        &["build"],
        &[
            ("args", values_by_key),
            ("extra_hosts", hosts),
            ("labels", texts_by_key),
            ("no_cache", flag),
            ("privileged", flag),
            ("pull", flag),
            ("shm_size", size),
        ],
    ),
    (
        &["healthcheck"],
        &[
            ("disable", flag),
            ("interval", time),
            ("retries", whole),
            ("start_interval", time),
            ("start_period", time),
            ("test", test),
            ("timeout", time),
        ],
    ),
    (
        &["deploy"],
        &[("labels", texts_by_key), ("replicas", whole)],
    ),
    (
        &["deploy", "resources", "limits"],
        &[("cpus", number), ("memory", size), ("pids", whole)],
    ),
    (
        &["deploy", "resources", "reservations"],
        &[("cpus", number), ("memory", size)],
    ),
    (
        &["deploy", "restart_policy"],
        &[("delay", time), ("max_attempts", whole), ("window", time)],
    ),
    (&["deploy", "update_config"], UPDATE),
    (&["deploy", "rollback_config"], UPDATE),
    (&["logging"], &[("options", texts_by_key)]),
];

const UPDATE: Forms = &[("delay", time), ("monitor", time), ("parallelism", whole)];
const RESOURCE: Forms = &[
    ("driver_opts", texts_by_key),
    ("external", flag),
    ("labels", texts_by_key),
];
const NETWORK: Forms = &[
    ("attachable", flag),
    ("driver_opts", texts_by_key),
    ("enable_ipv4", flag),
    ("enable_ipv6", flag),
    ("external", flag),
    ("internal", flag),
    ("labels", texts_by_key),
];

/// As `form`, for forms in the order of their keys: the table is gone through once, which has fewer keys than
/// there are forms.
fn form_sorted(map: &mut Map, forms: Forms) -> Read<()> {
    let mut forms = forms.iter().peekable();
    for (key, node) in map.iter_mut() {
        while forms.next_if(|(other, _)| *other < &**key).is_some() {}
        if let Some((_, form)) = forms.next_if(|(other, _)| *other == &**key) {
            let place = node.place;
            *node = form(std::mem::replace(node, nothing(place)))?;
        }
    }
    Ok(())
}

fn form(map: &mut Map, forms: &[(&str, Form)]) -> Read<()> {
    for (key, form) in forms {
        if let Some(node) = map.get_mut(key) {
            let place = node.place;
            *node = form(std::mem::replace(node, nothing(place)))?;
        }
    }
    Ok(())
}

fn section_of<'a>(map: &'a mut Map, path: &[&str]) -> Option<&'a mut Map> {
    path.iter()
        .try_fold(map, |map, key| map.get_mut(key)?.map_mut())
}

/// Arguments of a build that only name themselves are taken from outside, or there are none.
fn arguments(service: &mut Map, environment: &Environment, world: &dyn World) {
    if let Some(arguments) = section_of(service, &["build", "args"]) {
        arguments.retain(|name, node| {
            if node.is_null()
                && let Some(value) = environment.get(world, name)
            {
                node.value = Value::Text(value.into());
            }
            !node.is_null()
        });
    }
}

fn mounts(service: &mut Map) -> Read<()> {
    for mount in items(service, "volumes") {
        let place = mount.place;
        let Some(map) = mount.map_mut() else {
            continue;
        };
        let Some(target) = map.get("target").and_then(Node::text).map(cleaned) else {
            return Err(
                Fault::at(place, "a mount does not say where it is mounted").help("add `target:`")
            );
        };
        map.insert("target", Node::of_text(target, place));
        if map.get("type").and_then(Node::text) == Some("bind") && map.get("source").is_none() {
            return Err(
                Fault::at(place, "a bind mount does not say what is mounted").help("add `source:`"),
            );
        }
        form(map, &[("read_only", flag)])?;
        for (section, forms) in [
            ("bind", &[("create_host_path", flag as Form)] as &[_]),
            (
                "volume",
                &[("nocopy", flag as Form), ("labels", texts_by_key as Form)],
            ),
            ("tmpfs", &[("size", size as Form), ("mode", whole as Form)]),
        ] {
            if let Some(section) = section_of(map, &[section]) {
                form(section, forms)?;
            }
        }
    }
    Ok(())
}

fn ports(service: &mut Map) -> Read<()> {
    for port in items(service, "ports") {
        let place = port.place;
        let Some(map) = port.map_mut() else {
            continue;
        };
        form(map, &[("target", whole)])?;
        let target = map.get("target").map(|node| node.value.clone());
        if !matches!(target, Some(Value::Whole(1..=65_535))) {
            return Err(Fault::at(
                place,
                "a published port lacks its `target`, a number up to 65535",
            ));
        }
        change(map, "published", |node| {
            Node::of_text(node.value.to_string(), node.place)
        });
    }
    Ok(())
}

fn ulimits(service: &mut Map) -> Read<()> {
    let Some(map) = service.get_mut("ulimits").and_then(Node::map_mut) else {
        return Ok(());
    };
    for limit in map.values_mut() {
        match limit.map_mut() {
            Some(both) => form(both, &[("hard", whole), ("soft", whole)])?,
            None => *limit = whole(limit.clone())?,
        }
    }
    Ok(())
}

/// Variables of a service: those of its env files, then its own; one that only names itself is taken from outside.
fn variables(service: &mut Map, environment: &Environment, loader: &mut Loader<'_>) -> Read<()> {
    let said = service.get("environment");
    let said = said.or_else(|| service.get("env_file"));
    let place = said.map(|node| node.place).unwrap_or_default();
    let own = service.get_mut("environment").and_then(Node::map_mut);
    let mut own = own.map(std::mem::take).unwrap_or_default();
    for (name, node) in own.iter_mut() {
        if node.is_null()
            && let Some(value) = loader.passed(environment, name, node.place)
        {
            *node = Node::of_text(value, node.place);
        }
    }
    let files: Vec<EnvFile> = items(service, "env_file").filter_map(env_file).collect();
    let mut all = Map::new();
    for file in &files {
        let lookup = |name: &str| own.get(name).and_then(Node::text).map(str::to_owned);
        let read = match file.is_raw {
            true => loader.raw_env_file(&file.path, Some(file.place))?,
            false => loader.env_file(environment, &file.path, Some(file.place), &lookup)?,
        };
        match read {
            Some(read) => {
                let nodes = read.iter();
                all.extend(nodes.map(|(name, node)| (name.clone(), node.clone())));
            }
            None if file.is_required => {
                let fault = Fault::at(
                    file.place,
                    format!("there is no env file {}", quoted(&file.path)),
                );
                return Err(fault.help("make it, or say `required: false` beside its `path`"));
            }
            None => {}
        }
    }
    match all.is_empty() {
        true => all = own,
        false => all.extend(own),
    }
    loader.budget.spend(all.len(), Place::default())?;
    if !all.is_empty() {
        let node = Node::new(Value::Map(all), place);
        service.insert("environment", node);
    }
    service.remove("env_file");
    Ok(())
}

struct EnvFile {
    path: String,
    place: Place,
    is_raw: bool,
    is_required: bool,
}

fn env_file(node: &mut Node) -> Option<EnvFile> {
    let path = node.get("path")?;
    Some(EnvFile {
        path: path.text()?.to_owned(),
        place: path.place,
        is_raw: node.get("format").and_then(Node::text) == Some("raw"),
        is_required: node
            .get("required")
            .is_none_or(|node| !matches!(node.value.to_string().as_str(), "false" | "no" | "off")),
    })
}

/// What other keys of a service mean for the order of its start, and a build's usual file.
pub(super) fn imply(service: &mut Map) {
    if let Some(build) = service.get_mut("build") {
        let place = build.place;
        if let Some(map) = build.map_mut()
            && !map.contains_key("dockerfile_inline")
        {
            or_set(map, "dockerfile", Value::Text("Dockerfile".into()), place);
        }
    }
    let mut implied: Vec<(String, bool, Place)> = Vec::new();
    for link in items(service, "links") {
        let name = link.text().and_then(|text| text.split(':').next());
        implied.extend(name.map(|name| (name.to_owned(), true, link.place)));
    }
    for key in ["network_mode", "ipc", "pid", "uts", "cgroup"] {
        if let Some(node) = service.get(key) {
            let name = node.text().and_then(|text| text.strip_prefix("service:"));
            implied.extend(name.map(|name| (name.to_owned(), true, node.place)));
        }
    }
    for from in items(service, "volumes_from") {
        let text = from.text().filter(|text| !text.starts_with("container:"));
        let name = text.and_then(|text| text.split(':').next());
        implied.extend(name.map(|name| (name.to_owned(), false, from.place)));
    }
    let place = implied.first().map(|(_, _, place)| *place);
    let Some(place) = place else {
        return;
    };
    let empty = || Node::new(Value::Map(Map::new()), place);
    let dependencies = service.get_or_insert_with("depends_on", empty);
    let Some(dependencies) = dependencies.map_mut() else {
        return;
    };
    // The first of several wins, and what is said itself over all of them.
    implied.retain(|(name, ..)| !dependencies.contains_key(name));
    let new = implied.into_iter().rev().map(|(name, restart, place)| {
        let mut node = plain_dependency(place);
        if let Some(map) = node.map_mut().filter(|_| restart) {
            or_set(map, "restart", Value::Flag(true), place);
        }
        (name.into(), node)
    });
    dependencies.extend(new);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_a_service_are_in_the_order_of_their_keys() {
        assert!(SERVICE.is_sorted_by_key(|(key, _)| *key));
    }
}
