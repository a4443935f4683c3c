//! Addresses follow placement: where a user reaches its target, given where both run.

use std::collections::BTreeMap;

use minijinja::Value;

use crate::catalog::Encoding;
use crate::model::{Address, HostKind, HostName};
use crate::template::Templates;
use crate::topology::{Component, Endpoint, Host, Via};

/// How a container reaches what runs on its host outside of containers.
pub const HOST_GATEWAY: &str = "host.docker.internal";

/// The two ends of a connection.
pub(super) struct Ends<'t> {
    /// Who uses.
    pub user: &'t Component,
    /// Where the user runs.
    pub user_host: &'t HostName,
    /// What is used.
    pub target: &'t Component,
    /// Where it runs.
    pub target_host: &'t Host,
}

/// Which way a connection goes and where it ends.
pub(super) fn endpoint(templates: &Templates, ends: &Ends) -> (Via, Endpoint) {
    let (host, component) = (ends.target_host, ends.target);
    let via = via(ends);
    let endpoint = match via {
        Via::SameMachine => on_same_machine(ends.user, component),
        // Inside a cluster components find each other by name.
        Via::Cluster if *ends.user_host == host.name => Endpoint {
            host: Address::new(component.name.as_str()),
            port: component.container_port(),
            tls: false,
        },
        _ if host.kind == HostKind::Managed => at_provider(templates, host, component),
        _ => Endpoint {
            host: service_address(component)
                .or(host.address.as_ref())
                .cloned(),
            port: component.port,
            tls: false,
        },
    };
    (via, endpoint)
}

fn via(ends: &Ends) -> Via {
    let target = ends.target_host;
    match (&target.borrowed_from, target.kind) {
        (Some(lender), _) => Via::Borrowed(lender.clone()),
        (None, HostKind::Managed) => Via::Managed,
        (None, HostKind::Cluster) => Via::Cluster,
        (None, HostKind::Machine) if *ends.user_host == target.name => Via::SameMachine,
        (None, HostKind::Machine) => Via::AnotherMachine,
    }
}

fn on_same_machine(user: &Component, target: &Component) -> Endpoint {
    let (host, port) = match (user.runs_as.in_container(), target.runs_as.in_container()) {
        (true, true) => (target.name.as_str(), target.container_port()),
        (true, false) => (HOST_GATEWAY, target.port),
        (false, _) => ("127.0.0.1", target.port),
    };
    Endpoint {
        host: Address::new(host),
        port,
        tls: false,
    }
}

fn at_provider(templates: &Templates, host: &Host, component: &Component) -> Endpoint {
    let offer = component.kind().endpoint.as_ref();
    let said = service_address(component)
        .or(host.address.as_ref())
        .cloned();
    let pattern = offer.and_then(|offer| offer.address.as_deref());
    Endpoint {
        host: said.or_else(|| provider_address(templates, pattern?, component)),
        port: component.port,
        tls: offer.is_some_and(|offer| offer.tls),
    }
}

/// The provider's name for it, from the parts that the plan says and the kind's defaults.
fn provider_address(
    templates: &Templates,
    pattern: &str,
    component: &Component,
) -> Option<Address> {
    let service = component.service()?;
    let defaults = service
        .kind
        .parts
        .iter()
        .filter_map(|(part, rule)| Some((part.clone(), rule.default.clone()?)));
    let said = service
        .parts
        .iter()
        .map(|(part, value)| ((*part).to_owned(), value.clone()));
    let parts: BTreeMap<String, String> = defaults.chain(said).collect();
    let rendered = templates.render(pattern, Encoding::Plain, Value::from(parts));
    Address::new(&rendered.ok()?)
}

fn service_address(component: &Component) -> Option<&Address> {
    component
        .service()
        .and_then(|service| service.address.as_ref())
}
