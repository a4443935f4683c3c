//! What every set of generated files must hold, whatever the plan: parsed back by other readers than ours.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use backstay::generate::{Artifact, Audience, PLAN_FOLDER, env_file};
use backstay::template::percent_encoded;
use backstay::topology::Reach;
use serde_json::{Map, Value};

use crate::support::{Built, variables};

/// Checks every file of a plan.
#[track_caller]
pub fn check_files(built: &Built) {
    for (path, artifact) in &built.artifacts {
        let text = &artifact.text;
        if artifact.audience == Audience::Everybody {
            check_no_secret(built, path, text);
        }
        if path.ends_with(".env") {
            check_env_file(built, path, artifact);
        }
        if path.ends_with("/compose.yaml") {
            check_compose(built, path, text);
        }
    }
}

/// No credential stands in a file that is committed, in whatever form.
fn check_no_secret(built: &Built, path: &str, text: &str) {
    for secret in built.secrets.values().filter(|secret| !secret.is_empty()) {
        for form in [secret.clone(), percent_encoded(secret)] {
            assert!(!text.contains(&form), "{path} holds the credential {form}");
        }
    }
}

fn check_env_file(built: &Built, path: &str, artifact: &Artifact) {
    assert_eq!(artifact.audience, Audience::Owner, "{path}");
    let values = variables(&artifact.text);
    for entry in env_file::entries(&artifact.text) {
        let stray = entry
            .lead
            .lines()
            .find(|line| !line.is_empty() && !line.starts_with('#'));
        assert_eq!(stray, None, "{path} holds a line that is no assignment");
        if let Some(key) = entry.key {
            let (written, _) =
                env_file::encode_as(&values[key], entry.quoting).expect("it was written");
            assert_eq!(entry.assignment, format!("{key}={written}\n"), "{path}");
        }
    }
    if path.ends_with("/secrets.env") && path.matches('/').count() == 1 {
        return;
    }
    let example = built.file(&format!("{path}.example"));
    let keys: Vec<String> = values.into_keys().collect();
    let shown: Vec<String> = variables(example).into_keys().collect();
    assert_eq!(keys, shown, "{path} and its example");
}

fn check_compose(built: &Built, path: &str, text: &str) {
    let control = text.chars().find(|c| c.is_control() && *c != '\n');
    assert_eq!(control, None, "{path} holds a control character");
    let compose: Value = serde_saphyr::from_str(text)
        .unwrap_or_else(|error| panic!("{path} is not YAML: {error}\n{text}"));
    let folder = path.trim_end_matches("compose.yaml");
    let beside = built.artifacts.get(&format!("{folder}.env"));
    let filled = beside
        .map(|artifact| variables(&artifact.text))
        .unwrap_or_default();
    check_dollars(path, &compose, &filled.into_keys().collect());
    let services = table(&compose, "services");
    assert!(!services.is_empty(), "{path} has no services");
    for (name, service) in services {
        let at = format!("{path}: {name}");
        check_dependencies(&at, service, services);
        check_mounts(built, &at, folder, service, &compose);
        for network in networks(service) {
            assert!(table(&compose, "networks").contains_key(network), "{at}");
        }
        for secret in list(service, "secrets") {
            let declared = &table(&compose, "secrets")[text_of(secret)];
            let file = format!(
                "{folder}{}",
                text_of(&declared["file"]).trim_start_matches("./")
            );
            let artifact = built.artifacts.get(&file);
            let artifact = artifact.unwrap_or_else(|| panic!("{at}: there is no {file}"));
            assert_eq!(artifact.audience, Audience::Container, "{file}");
        }
        for file in list(service, "env_file") {
            let path = file.get("path").unwrap_or(file);
            let text = built.file(&format!(
                "{folder}{}",
                text_of(path).trim_start_matches("./")
            ));
            let is_raw = text.starts_with("# Quoting: raw");
            let format = file.get("format").map(text_of);
            assert_eq!(format, is_raw.then_some("raw"), "{at}");
        }
        match service.get("image").map(text_of) {
            Some(image) => {
                let last = image.rsplit('/').next();
                let tag = last.and_then(|last| last.split_once([':', '@']));
                assert!(tag.is_some(), "{at}: {image} has no tag");
            }
            None => assert!(service["build"]["context"].is_string(), "{at}"),
        }
    }
    check_ports(built, path, services);
}

/// The networks of a service, whether or not they say its names there.
fn networks(service: &Value) -> Vec<&str> {
    match &service["networks"] {
        Value::Object(named) => named.keys().map(String::as_str).collect(),
        _ => list(service, "networks").iter().map(text_of).collect(),
    }
}

/// Everything that is waited for is there, and can become healthy where that is waited for.
fn check_dependencies(at: &str, service: &Value, services: &Map<String, Value>) {
    for (target, dependency) in table(service, "depends_on") {
        let target = services.get(target);
        let target = target.unwrap_or_else(|| panic!("{at} depends on what is not there"));
        if dependency["condition"] == "service_healthy" {
            assert!(target.get("healthcheck").is_some(), "{at}");
        }
    }
}

fn check_mounts(built: &Built, at: &str, folder: &str, service: &Value, compose: &Value) {
    let mut targets = BTreeSet::new();
    for mount in list(service, "volumes") {
        let source = text_of(&mount["source"]);
        assert!(targets.insert(text_of(&mount["target"])), "{at}: {mount}");
        match text_of(&mount["type"]) {
            "volume" => assert!(
                table(compose, "volumes").contains_key(source),
                "{at}: {source}"
            ),
            // What the plan mounts is not generated.
            "bind" if source.starts_with(['/', '~']) || source.starts_with(PLAN_FOLDER) => {
                assert!(mount["bind"]["create_host_path"].is_boolean(), "{at}");
            }
            "bind" => {
                let file = format!("{folder}{}", source.trim_start_matches("./"));
                assert_eq!(
                    built.artifacts[&file].audience,
                    Audience::Everybody,
                    "{file}"
                );
                assert_eq!(mount["bind"]["create_host_path"], false, "{at}");
            }
            other => panic!("{at}: a mount of the type {other}"),
        }
    }
}

/// Ports in the long form where they are no range, each once, and on one address wherever there is one.
fn check_ports(built: &Built, path: &str, services: &Map<String, Value>) {
    let mut parts = path.split('/');
    let environment = parts.next().expect("an environment");
    let host = parts.next().expect("a host");
    let topology = built.environment(environment);
    // A port can be bound to an IP address only; a host that has none is open on all that it has.
    let bindable = topology.hosts[host]
        .address
        .as_ref()
        .is_some_and(|address| address.ip().is_some());
    let everywhere: BTreeSet<(&str, String)> = topology
        .publications()
        .filter(|open| open.instance.host.as_str() == host)
        .filter(|open| match open.reach {
            Reach::Machine => false,
            Reach::Network => !bindable,
            Reach::World => true,
        })
        .filter(|open| open.address.is_none())
        .map(|open| (open.instance.component.as_str(), open.port.to_string()))
        .collect();
    let mut taken = BTreeSet::new();
    for (name, service) in services {
        for port in list(service, "ports") {
            if let Some(range) = port.as_str() {
                let parts: Vec<&str> = range.split(':').collect();
                let is_open = parts.len() == 2;
                let (first, _) = parts[parts.len() - 2].split_once('-').expect("a range");
                assert_eq!(
                    is_open,
                    everywhere.contains(&(name.as_str(), first.to_owned()))
                );
                continue;
            }
            assert!(
                port["target"].is_u64() && port["published"].is_string(),
                "{path}: {port}"
            );
            let address = port.get("host_ip").map(text_of);
            let number = text_of(&port["published"]);
            assert_eq!(
                address.is_none(),
                everywhere.contains(&(name.as_str(), number.to_owned())),
                "{path}: {name}"
            );
            let published = (address, number, text_of(&port["protocol"]));
            assert!(taken.insert(published), "{path}: {port} is taken");
        }
    }
}

/// Every `$` is doubled or opens `${NAME:?…}` of a variable that is filled in; keys hold none.
fn check_dollars(path: &str, value: &Value, filled: &BTreeSet<String>) {
    match value {
        Value::String(text) => {
            for piece in text.replace("$$", "").split('$').skip(1) {
                let name = piece
                    .strip_prefix('{')
                    .and_then(|piece| piece.split_once(":?"));
                let name = name.map(|(name, _)| name).unwrap_or_default();
                assert!(filled.contains(name), "{path}: a bare `$` in {text:?}");
            }
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| check_dollars(path, item, filled)),
        Value::Object(entries) => {
            for (key, value) in entries {
                assert!(!key.contains('$'), "{path}: {key}");
                check_dollars(path, value, filled);
            }
        }
        _ => {}
    }
}

/// The variables that a service's container gets from its compose file, `$$` undone.
pub fn container_variables(compose: &str, service: &str) -> BTreeMap<String, String> {
    let compose: Value = serde_saphyr::from_str(compose).expect("the file is YAML");
    let variables = table(&compose["services"][service], "environment");
    let undone =
        |(name, value): (&String, &Value)| (name.clone(), text_of(value).replace("$$", "$"));
    variables.iter().map(undone).collect()
}

fn table<'v>(value: &'v Value, key: &str) -> &'v Map<String, Value> {
    static NONE: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
    value.get(key).map_or(&NONE, |inner| {
        inner
            .as_object()
            .unwrap_or_else(|| panic!("`{key}` is no table: {inner}"))
    })
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).map_or(&[], |inner| {
        inner
            .as_array()
            .unwrap_or_else(|| panic!("`{key}` is no list: {inner}"))
    })
}

fn text_of(value: &Value) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
}
