//! Generated compose files, read back as values.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::golden::all_fixtures;
use crate::support::{Built, built};

/// Every compose file of a plan, by path.
pub fn compose_files(built: &Built) -> BTreeMap<&str, Value> {
    let files = built.artifacts.iter();
    files
        .filter(|(path, _)| path.ends_with("/compose.yaml"))
        .map(|(path, artifact)| {
            let value = serde_saphyr::from_str(&artifact.text);
            (path.as_str(), value.expect("the file is YAML"))
        })
        .collect()
}

/// Every fixture, built.
pub fn built_fixtures() -> Vec<Built> {
    all_fixtures().iter().map(|plan| built(plan)).collect()
}

/// The services of a compose file, each with the file's path and its own name.
pub fn services(compose: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let services = compose["services"].as_object();
    let services = services.expect("a compose file has services");
    services
        .iter()
        .map(|(name, service)| (name.as_str(), service))
}

/// The entries of a list, or none.
pub fn entries<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// The keys of a table, or none.
pub fn keys<'v>(value: &'v Value, key: &str) -> Vec<&'v str> {
    let table = value.get(key).and_then(Value::as_object);
    table.map_or_else(Vec::new, |table| table.keys().map(String::as_str).collect())
}
