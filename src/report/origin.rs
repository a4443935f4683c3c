//! Where each part of a value comes from: the line of the plan that says it, or who else does.

use crate::generate::secret_file::secrets_path;
use crate::model::{ComponentName, EnvironmentName, HostKind, PlanPath, SecretSource};
use crate::settings::{SecretId, SecretOrigin, needs};
use crate::source::Places;
use crate::span::Lines;
use crate::topology::{Component, Link, Topology, Via};

/// The plan's text as places are told from it.
pub(super) struct Said<'a> {
    pub text: &'a str,
    pub lines: Lines,
    pub places: &'a Places<'a>,
    /// The file, as messages name it.
    pub file: &'a str,
}

/// Who says a part, and where if the plan does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PartOrigin {
    pub by: String,
    pub place: Option<String>,
}

impl PartOrigin {
    fn by(by: impl Into<String>) -> PartOrigin {
        PartOrigin {
            by: by.into(),
            place: None,
        }
    }
}

impl Said<'_> {
    /// `backstay.toml:31`, if the plan says something there.
    pub fn at(&self, path: &PlanPath) -> Option<String> {
        let span = self.places.find_said(path)?;
        let line = self.lines.line_column(span.start, self.text).line;
        Some(format!("{}:{line}", self.file))
    }

    /// The first of these that the plan says.
    fn first(&self, paths: impl IntoIterator<Item = (PlanPath, String)>) -> Option<PartOrigin> {
        paths.into_iter().find_map(|(path, by)| {
            let place = Some(self.at(&path)?);
            Some(PartOrigin { by, place })
        })
    }

    /// What an environment or the base of the plan says of a component under `key`.
    pub fn of_component(&self, component: &Component, key: &str) -> Option<PartOrigin> {
        let (table, name) = (table(component), component.name.as_str());
        let owner = component.owner.as_str();
        let over = PlanPath::environment(owner).key(table).key(name).key(key);
        let base = PlanPath::keys([table, name, key]);
        self.first([
            (over, format!("an override of the environment {owner}")),
            (base, format!("the plan, for {name}")),
        ])
    }

    /// Where `user` says that it uses `target`.
    pub fn of_use(&self, user: &Component, target: &ComponentName) -> Option<PartOrigin> {
        let (table, name) = (table(user), user.name.as_str());
        let owner = user.owner.as_str();
        let over = PlanPath::environment(owner).key(table).key(name);
        let by = format!("the use of {target}");
        self.first([
            (
                over.key("uses").key(target.as_str()),
                format!("{by}, as the environment {owner} has it"),
            ),
            (PlanPath::keys([table, name, "uses", target.as_str()]), by),
        ])
    }
}

fn table(component: &Component) -> &'static str {
    match component.app() {
        Some(_) => "apps",
        None => "services",
    }
}

/// Where the part `name` of what a use reaches comes from.
pub(super) fn of_part(said: &Said, topology: &Topology, link: &Link, name: &str) -> PartOrigin {
    let target = link.target_component;
    let kind = target.kind();
    match name {
        "host" => of_host(said, topology, link),
        "port" => of_port(said, topology, link),
        "tls" => of_tls(topology, link),
        "name" => PartOrigin::by("the service's name"),
        "plan" => PartOrigin::by("the plan's name"),
        "environment" => PartOrigin::by("the environment's name"),
        _ if kind.secrets.contains_key(name) => of_secret(said, topology, target, name),
        _ => said.of_component(target, name).unwrap_or_else(|| {
            let default = kind.parts.get(name).and_then(|part| part.default.clone());
            match default {
                Some(default) => {
                    PartOrigin::by(format!("default of the kind {}: {default}", kind.id))
                }
                None => PartOrigin::by("nothing says it yet"),
            }
        }),
    }
}

fn of_host(said: &Said, topology: &Topology, link: &Link) -> PartOrigin {
    let (user, target) = (&link.user.component, &link.target.component);
    let is_inside = |name: &ComponentName| topology.components[name].runs_as.in_container();
    let component = &topology.components[target];
    match link.connection.via {
        Via::SameMachine => PartOrigin::by(match (is_inside(user), is_inside(target)) {
            (true, true) => "the service's name, which containers of one host find each other by",
            (true, false) => {
                "the host as containers see it, because the service is a process there"
            }
            (false, _) => "the machine itself, because the app is a process on it",
        }),
        Via::Cluster if link.user.host == link.target.host => {
            PartOrigin::by("the service's name inside the cluster")
        }
        _ => said_address(said, topology, link).unwrap_or_else(|| {
            match (&link.connection.endpoint.host, &component.kind().endpoint) {
                (Some(_), Some(offer)) => {
                    let pattern = offer.address.as_deref().unwrap_or_default();
                    PartOrigin::by(format!("the provider's pattern {pattern}"))
                }
                _ => PartOrigin::by("nothing says it yet"),
            }
        }),
    }
}

/// The address that the plan says for the service or for its host.
fn said_address(said: &Said, topology: &Topology, link: &Link) -> Option<PartOrigin> {
    link.connection.endpoint.host.as_ref()?;
    let target = link.target_component;
    let service = target.service();
    if service.is_some_and(|service| service.address.is_some()) {
        return said.of_component(target, "address");
    }
    let host = &link.target.host;
    let address = |environment: &EnvironmentName| {
        PlanPath::host(environment.as_str(), host.as_str()).key("address")
    };
    let lender = topology.hosts[host].borrowed_from.as_ref();
    let here = (
        address(&topology.environment),
        format!("the address of the host {host}"),
    );
    let there = lender.map(|lender| {
        (
            address(lender),
            format!("the address of the host {host} in {lender}"),
        )
    });
    said.first(std::iter::once(here).chain(there))
}

fn of_port(said: &Said, topology: &Topology, link: &Link) -> PartOrigin {
    let target = link.target_component;
    let kind = target.kind();
    let is_inside = |name: &ComponentName| topology.components[name].runs_as.in_container();
    let inside = match link.connection.via {
        Via::SameMachine => is_inside(&link.user.component) && is_inside(&link.target.component),
        Via::Cluster => link.user.host == link.target.host,
        _ => false,
    };
    if inside && target.service().is_some() {
        return PartOrigin::by(format!(
            "the port that the kind {} has inside its container",
            kind.id
        ));
    }
    let managed = topology.hosts[&link.target.host].kind == HostKind::Managed;
    said.of_component(target, "port").unwrap_or_else(|| {
        PartOrigin::by(match managed && kind.endpoint.is_some() {
            true => format!("the port at providers of the kind {}", kind.id),
            false => format!("the usual port of the kind {}", kind.id),
        })
    })
}

fn of_tls(topology: &Topology, link: &Link) -> PartOrigin {
    let host = &topology.hosts[&link.target.host];
    let encrypts = link.target_component.kind().encrypts;
    PartOrigin::by(match (link.connection.endpoint.tls, host.kind) {
        (true, _) => "its provider is reached over TLS",
        (false, _) if encrypts => {
            "no provider is between; it encrypts with a certificate of its own"
        }
        (false, HostKind::Managed) => "its provider is reached without TLS",
        (false, _) => "no provider is between",
    })
}

fn of_secret(said: &Said, topology: &Topology, target: &Component, name: &str) -> PartOrigin {
    let id = SecretId::of(target, name);
    let taken = |by: String| {
        let service = PlanPath::environment(id.environment.as_str())
            .key("services")
            .key(id.service.as_str());
        let place = said.at(&service.key("secrets").key(name));
        PartOrigin { by, place }
    };
    let origin = needs(topology).into_iter().find(|need| need.id == id);
    let told = match origin.map(|need| need.origin) {
        Some(SecretOrigin::Generated) => ", drawn by Backstay",
        Some(SecretOrigin::Given) => ", given by whoever runs the service",
        Some(SecretOrigin::Taken(SecretSource::Variable(variable))) => {
            return taken(format!(
                "{variable}, a variable of whoever generates the files"
            ));
        }
        Some(SecretOrigin::Taken(SecretSource::File(path))) => {
            return taken(format!("the file {path}, read when files are generated"));
        }
        None => "",
    };
    let file = secrets_path(id.environment.as_str());
    PartOrigin::by(format!("{} in {file}{told}", id.variable()))
}
