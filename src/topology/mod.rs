//! One environment, resolved: hosts, what runs on them, and who reaches whom at which address.
//!
//! ```text
//!  Plan + Catalog ── resolve ──► Topology ── query ──► order, cycles, reach
//!                                   │
//!                  hosts, components, and a graph of
//!                  instances (a component on a host)
//!                  joined by connections
//! ```
//!
//! Names go in and come out; indexes into the graph stay in here.

mod address;
mod by_name;
mod host_order;
mod limits;
mod open_door;
mod outage;
mod publish;
mod query;
mod resolve;

use std::collections::BTreeMap;
use std::sync::Arc;

use petgraph::graph::DiGraph;

use crate::catalog::Kind;
use crate::model::{
    Address, Build, ByteSize, Choice, ComponentName, Container, EnvironmentName, Expose, HostKind,
    HostName, Period, Quoting, Role, RunsAs, SecretName, SecretSource, Tier, VariableName, Wait,
};

pub use address::HOST_GATEWAY;
pub use by_name::ByName;
pub use limits::Limits;
pub use open_door::OpenDoor;
pub use outage::{Failing, Left, LostUse, Outage, SinglePoint};
pub use publish::{Door, Publication, Reach};
pub use resolve::resolve_all;

/// One environment of a plan, resolved.
#[derive(Debug)]
pub struct Topology {
    /// Its name.
    pub environment: EnvironmentName,
    /// What it is for; `None` if nothing says so.
    pub tier: Option<Tier>,
    /// Its hosts, borrowed ones too.
    pub hosts: BTreeMap<HostName, Host>,
    /// Everything that is placed in it.
    pub components: ByName<Component>,
    /// Uses whose target is placed nowhere in this environment.
    pub unreached: Vec<Unreached>,
    /// For how long what is stored in a role is kept, where the plan says.
    pub kept_for: BTreeMap<Role, Period>,
    placements: ByName<Placement>,
    /// Those of each instance, by its node.
    publications: Vec<Vec<Publication>>,
    /// Its nodes are in the order of their instances.
    graph: DiGraph<Instance, Connection>,
    /// The number of the component of each instance, by its node.
    component_of: Vec<usize>,
}

/// Where a component is placed.
#[derive(Debug)]
struct Placement {
    /// On which hosts, by name.
    hosts: Vec<HostName>,
    /// The node on the first of them; those on the others follow. None if what the component is is unknown.
    first_node: Option<usize>,
}

/// Where components run.
#[derive(Clone, Debug)]
pub struct Host {
    /// Its name.
    pub name: HostName,
    /// What it is.
    pub kind: HostKind,
    /// By which other hosts reach it.
    pub address: Option<Address>,
    /// The environment it belongs to, if that is another one.
    pub borrowed_from: Option<EnvironmentName>,
    /// What runs on it, in the order written.
    pub runs: Vec<ComponentName>,
    /// Processors it has.
    pub cpus: Option<f64>,
    /// Memory it has.
    pub memory: Option<ByteSize>,
}

/// An app or service as it is in one environment.
#[derive(Clone, Debug)]
pub struct Component {
    /// Its name.
    pub name: ComponentName,
    /// The environment whose component it is: another one's if it runs on borrowed hosts only.
    pub owner: EnvironmentName,
    /// What it is.
    pub what: What,
    /// How it runs on a machine.
    pub runs_as: RunsAs,
    /// The port that others connect to; `None` for an app that listens on none.
    pub port: Option<u16>,
    /// How far the port reaches, if the plan says.
    pub expose: Option<Expose>,
    /// Settings of its own.
    pub settings: BTreeMap<VariableName, String>,
    /// Settings of its own whose values are credentials.
    pub secret_settings: Vec<VariableName>,
    /// Most memory it may take.
    pub memory: Option<ByteSize>,
    /// Most processors it may take.
    pub cpus: Option<f64>,
    /// How its image is built, if the plan says.
    pub build: Option<Arc<Build>>,
    /// What the plan says about its container.
    pub container: Arc<Container>,
}

/// What a component is.
#[derive(Clone, Debug)]
pub enum What {
    /// A workload of the user's own.
    App(App),
    /// A backing service.
    Service(Service),
}

/// An app as it is in one environment.
#[derive(Clone, Debug)]
pub struct App {
    /// Its image; without one that is named or built it runs as a process.
    pub image: Option<String>,
    /// The port that it listens on itself.
    pub listens: Option<u16>,
    /// How its settings are spelled.
    pub dialect: Option<String>,
    /// How the values of its env file are quoted.
    pub quoting: Quoting,
    /// What it is for those who use it.
    pub kind: Arc<Kind>,
}

/// A service as it is in one environment.
#[derive(Clone, Debug)]
pub struct Service {
    /// What runs: the declared kind, or its stand-in.
    pub kind: Arc<Kind>,
    /// The declared kind, if a stand-in takes its place here.
    pub stands_in_for: Option<Arc<Kind>>,
    /// The port inside its container: the kind's, unless a command in the plan tells another.
    pub listens: u16,
    /// Line or exact version of what runs; empty for a provider's service without versions, and for an image of the
    /// user's own whose tag says none.
    pub version: String,
    /// The user's own image.
    pub image: Option<String>,
    /// Where it is reached, if not at its host.
    pub address: Option<Address>,
    /// Whether a provider runs it.
    pub is_managed: bool,
    /// Parts that the plan says: database, user, bucket …
    pub parts: BTreeMap<&'static str, String>,
    /// Where its credentials are taken from, as far as the plan says.
    pub secrets: BTreeMap<SecretName, SecretSource>,
}

impl Service {
    /// Whether nobody can tell its version: the user's own image says none.
    pub fn is_of_unknown_version(&self) -> bool {
        self.version.is_empty() && self.image.is_some()
    }

    /// Its version where there is little room: `?` where it is not known, nothing where there are none.
    pub fn short_version(&self) -> &str {
        match self.is_of_unknown_version() {
            true => "?",
            false => &self.version,
        }
    }
}

/// A component on a host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instance {
    /// What runs.
    pub component: ComponentName,
    /// Where.
    pub host: HostName,
}

/// How one instance reaches another.
#[derive(Clone, Debug)]
pub struct Connection {
    /// In which roles, the first one first; none between apps.
    pub roles: Vec<Role>,
    /// Whether the plan says the first role; it is the kind's usual one otherwise.
    pub is_role_said: bool,
    /// Prefix of the variables that the use asks for.
    pub env: Option<VariableName>,
    /// What the user waits for before it starts, if the plan says.
    pub wait: Option<Wait>,
    /// Settings of the user in which the target's address stands.
    pub named_in: Vec<VariableName>,
    /// Which way it goes.
    pub via: Via,
    /// Where it ends.
    pub endpoint: Endpoint,
}

/// Whether a used component is on the machine of its user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Locality {
    /// The same machine: a sidecar.
    Internal,
    /// Another machine, a provider, a cluster, or another environment.
    External,
}

/// Which way a connection goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    /// It stays on the machine.
    SameMachine,
    /// To another machine of this environment.
    AnotherMachine,
    /// To a provider.
    Managed,
    /// Into or within a cluster.
    Cluster,
    /// To a host of another environment.
    Borrowed(EnvironmentName),
}

/// Where a connection ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Host name or IP address; `None` if nothing says it.
    pub host: Option<Address>,
    /// Port; `None` for an app that listens on none.
    pub port: Option<u16>,
    /// Whether it is reached over TLS.
    pub tls: bool,
}

/// A use whose target is placed nowhere in the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreached {
    /// Who uses it.
    pub user: Instance,
    /// What is not there.
    pub target: ComponentName,
}

/// A connection with both its ends.
#[derive(Clone, Copy, Debug)]
pub struct Link<'t> {
    /// Who uses.
    pub user: &'t Instance,
    /// What is used.
    pub target: &'t Instance,
    /// What the user is.
    pub user_component: &'t Component,
    /// What the used is.
    pub target_component: &'t Component,
    /// How it is reached.
    pub connection: &'t Connection,
}

impl Component {
    /// Whether its container is as the catalog says, with what the plan says instead.
    pub fn is_from_catalog(&self) -> bool {
        self.container.from_catalog.unwrap_or(true)
    }

    /// What the catalog says about its container, if that is used.
    pub fn catalog_container(&self) -> Option<&crate::catalog::Container> {
        let service = self.service().filter(|_| self.is_from_catalog());
        service?.kind.container.as_ref()
    }

    /// Whether the plan says a variable of the catalog in its other form, which images refuse beside it: the
    /// credential itself for the file that holds it, or the file for the credential.
    pub fn says_otherwise(&self, variable: &str) -> bool {
        if self.settings.is_empty() && self.secret_settings.is_empty() {
            return false;
        }
        let file = format!("{variable}_FILE");
        let other = variable.strip_suffix("_FILE").unwrap_or(&file);
        let mut said = self.settings.keys().chain(&self.secret_settings);
        said.any(|name| name.as_str() == other)
    }

    /// Every name that it has for the containers beside it.
    pub fn names_inside(&self) -> Vec<&str> {
        let aliases = self.container.aliases.iter().flatten();
        let others = aliases.chain(&self.container.hostname);
        let others = others.map(|name| name.as_str());
        std::iter::once(self.name.as_str()).chain(others).collect()
    }

    /// Where a host publishes a further port of its container, if the plan says that port.
    pub fn further_port(&self, inside: u16) -> Option<u16> {
        let mut ports = self.container.ports.values();
        ports.find_map(|port| {
            let first = port.port.filter(|first| *first <= inside)?;
            let nth = (inside - first <= port.more()).then_some(inside - first)?;
            port.published.unwrap_or(first).checked_add(nth)
        })
    }

    /// The service, if it is one.
    pub fn service(&self) -> Option<&Service> {
        match &self.what {
            What::Service(service) => Some(service),
            What::App(_) => None,
        }
    }

    /// The app, if it is one.
    pub fn app(&self) -> Option<&App> {
        match &self.what {
            What::App(app) => Some(app),
            What::Service(_) => None,
        }
    }

    /// What it is for those who use it.
    pub fn kind(&self) -> &Arc<Kind> {
        match &self.what {
            What::App(app) => &app.kind,
            What::Service(service) => &service.kind,
        }
    }

    /// The port inside its container.
    pub fn container_port(&self) -> Option<u16> {
        match &self.what {
            What::App(app) => app.listens,
            What::Service(service) => Some(service.listens),
        }
    }

    /// The port that its instances on other hosts connect to, if they form one service.
    pub fn peers_port(&self) -> Option<u16> {
        self.service()?.kind.peers_port()
    }
}

impl Host {
    /// Whether it belongs to this environment, and is not borrowed from another.
    pub fn is_own(&self) -> bool {
        self.borrowed_from.is_none()
    }

    /// Whether Backstay writes files for it: a machine of this environment.
    pub fn is_own_machine(&self) -> bool {
        self.kind == HostKind::Machine && self.is_own()
    }
}

impl Connection {
    /// The roles as a list for people: `cache, queue`.
    pub fn said_roles(&self) -> String {
        let words: Vec<&str> = self.roles.iter().map(|role| role.as_str()).collect();
        words.join(", ")
    }
}

impl Via {
    /// Internal or external.
    pub fn locality(&self) -> Locality {
        match self {
            Via::SameMachine => Locality::Internal,
            _ => Locality::External,
        }
    }
}

impl Locality {
    /// The word on the screen and in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Locality::Internal => "internal",
            Locality::External => "external",
        }
    }
}

impl std::fmt::Display for Via {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Via::SameMachine => f.write_str("same machine"),
            Via::AnotherMachine => f.write_str("another machine"),
            Via::Managed => f.write_str("managed"),
            Via::Cluster => f.write_str("cluster"),
            Via::Borrowed(environment) => write!(f, "borrowed from {environment}"),
        }
    }
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.host {
            Some(host) => write!(f, "{host}")?,
            None => f.write_str("?")?,
        }
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}
