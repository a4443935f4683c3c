//! The values that connection strings and container settings of a service are made from.

use std::collections::BTreeMap;

use minijinja::Value;

use crate::catalog::Encoding;
use crate::model::ComponentName;
use crate::settings::{SecretId, SecretValues};
use crate::template::Templates;
use crate::topology::{Component, Endpoint, What};

/// Something that only the user can fill in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// Where a component is reached.
    Address(ComponentName),
    /// The port of a component.
    Port(ComponentName),
    /// A part that the plan must say: `region`.
    Part(ComponentName, String),
    /// A credential, to be written into the environment's secrets file.
    Secret(SecretId),
}

/// Values by name, and those that are missing.
#[derive(Debug, Default)]
pub struct Values {
    /// What is known.
    pub known: BTreeMap<String, Value>,
    /// What is not, and why.
    pub missing: BTreeMap<String, Missing>,
    /// The host as URLs and `host:port` pairs have it: an IPv6 address in brackets.
    host_in_url: Option<Value>,
}

/// The values of a component as reached at `endpoint`.
pub fn values_of(
    templates: &Templates,
    plan: &str,
    component: &Component,
    endpoint: &Endpoint,
    secrets: &SecretValues,
) -> Values {
    let mut values = Values::default();
    values
        .known
        .insert("name".into(), component.name.as_str().into());
    values.known.insert("plan".into(), plan.into());
    values
        .known
        .insert("environment".into(), component.owner.as_str().into());
    values.known.insert("tls".into(), endpoint.tls.into());
    match &endpoint.host {
        Some(host) => {
            values.insert("host", Value::from_safe_string(host.as_str().to_owned()));
            values.host_in_url = Some(Value::from_safe_string(host.to_string()));
        }
        None => values.lack("host", Missing::Address(component.name.clone())),
    }
    match endpoint.port {
        Some(port) => values.insert("port", port.into()),
        None => values.lack("port", Missing::Port(component.name.clone())),
    }
    if let What::Service(service) = &component.what {
        values.insert("version", service.version.as_str().into());
        for (part, rule) in &service.kind.parts {
            let default = || {
                let default = rule.default.as_deref();
                default
                    .filter(|_| !(service.is_managed && rule.provider_chooses))
                    .and_then(|default| render_default(templates, default, &values))
            };
            match service.parts.get(part.as_str()).cloned().or_else(default) {
                Some(value) => values.insert(part, value.into()),
                None => values.lack(part, Missing::Part(component.name.clone(), part.clone())),
            }
        }
        add_secrets(&mut values, component, secrets);
    }
    values
}

fn add_secrets(values: &mut Values, component: &Component, secrets: &SecretValues) {
    let clients = component
        .kind()
        .secrets
        .iter()
        .filter(|(_, rule)| rule.for_clients);
    for (name, _) in clients {
        let id = SecretId {
            environment: component.owner.clone(),
            service: component.name.clone(),
            name: name.clone(),
        };
        match secrets.get(&id).filter(|secret| !secret.is_empty()) {
            Some(secret) => values.insert(name, secret.as_str().into()),
            None => values.lack(name, Missing::Secret(id)),
        }
    }
}

fn render_default(templates: &Templates, default: &str, values: &Values) -> Option<String> {
    templates
        .render(default, Encoding::Plain, Value::from(values.known.clone()))
        .ok()
}

impl Values {
    fn insert(&mut self, name: &str, value: Value) {
        self.known.insert(name.to_owned(), value);
    }

    fn lack(&mut self, name: &str, missing: Missing) {
        self.missing.insert(name.to_owned(), missing);
    }

    /// The known values as the context of a connection string.
    pub fn context(&self, encoding: Encoding) -> Value {
        let mut known = self.known.clone();
        let alone = matches!(encoding, Encoding::Ado | Encoding::Libpq | Encoding::Braces);
        if let Some(host) = self.host_in_url.clone().filter(|_| !alone) {
            known.insert("host".to_owned(), host);
        }
        Value::from(known)
    }
}
