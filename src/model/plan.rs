//! The plan as declared: apps, services, environments, rule levels and size hints.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::container::merged;
use crate::model::{
    Address, Aspect, Build, ByteSize, ComponentName, Container, EnvironmentName, Expose, HostKind,
    HostName, Level, Period, PlanName, Quoting, Requirement, Role, RunsAs, SecretName, Tier,
    VariableName, Wait,
};

/// Everything a `backstay.toml` declares.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// What the application is called.
    pub name: Option<PlanName>,
    /// The set of defaults that answers its needs; the founding one if not said.
    pub stack: Option<String>,
    /// Kinds that the team knows and runs already: ids or aliases of the catalog.
    pub team: Vec<String>,
    /// The user's own workloads.
    pub apps: BTreeMap<ComponentName, App>,
    /// What the apps consume over a network.
    pub services: BTreeMap<ComponentName, Service>,
    /// Where the whole application runs.
    pub environments: BTreeMap<EnvironmentName, Environment>,
    /// Levels that the user set, by rule name.
    pub rules: BTreeMap<String, LevelSetting>,
    /// What is asked of whatever answers the need for a role.
    pub needs: BTreeMap<Role, Demand>,
    /// How much each role is expected to hold.
    pub sizes: BTreeMap<Role, SizeHint>,
    /// Differences between environments that are meant, with the reason for each.
    pub differences: BTreeMap<ComponentName, BTreeMap<Aspect, String>>,
}

/// An app, or what an environment says differently about one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct App {
    /// Container image with its tag.
    pub image: Option<String>,
    /// How its image is built.
    pub build: Option<Arc<Build>>,
    /// Port that the app listens on.
    pub port: Option<u16>,
    /// Port of the host that leads to its container's, if it is another.
    pub published: Option<u16>,
    /// How its settings are spelled: a dialect of the catalog.
    pub dialect: Option<String>,
    /// How the values of its env file are quoted.
    pub env_file: Option<Quoting>,
    /// Roles that the app says it needs.
    pub needs: Vec<Role>,
    /// What it uses, by component name.
    pub uses: BTreeMap<ComponentName, Use>,
    /// Settings of the app's own.
    pub settings: BTreeMap<VariableName, String>,
    /// Settings of the app's own whose values are credentials, kept with the other credentials.
    pub secret_settings: Vec<VariableName>,
    /// In a container or as a process.
    pub runs_as: Option<RunsAs>,
    /// How far its port reaches.
    pub expose: Option<Expose>,
    /// Most memory it may take.
    pub memory: Option<ByteSize>,
    /// Most processors it may take.
    pub cpus: Option<f64>,
    /// How its container runs.
    pub container: Option<Arc<Container>>,
}

/// A backing service, or what an environment says differently about one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Service {
    /// What it is an instance of: an id or alias of the catalog.
    pub kind: Option<String>,
    /// Line or exact version.
    pub version: Option<String>,
    /// An image to use instead of the catalog's.
    pub image: Option<String>,
    /// How that image is built.
    pub build: Option<Arc<Build>>,
    /// Where it is reached, if not at its host's address.
    pub address: Option<Address>,
    /// Port that others connect to.
    pub port: Option<u16>,
    /// Database to connect to.
    pub database: Option<String>,
    /// User to connect as.
    pub user: Option<String>,
    /// Bucket to store objects in.
    pub bucket: Option<String>,
    /// Region of a cloud service.
    pub region: Option<String>,
    /// Virtual host of a message broker.
    pub vhost: Option<String>,
    /// What it uses itself.
    pub uses: BTreeMap<ComponentName, Use>,
    /// Further settings that its image reads.
    pub settings: BTreeMap<VariableName, String>,
    /// Further settings whose values are credentials, kept with the other credentials.
    pub secret_settings: Vec<VariableName>,
    /// Where its credentials are taken from, if they are not kept beside the generated files. Only
    /// environments say so, because no two of them share a credential.
    pub secrets: BTreeMap<SecretName, SecretSource>,
    /// In a container or as a process.
    pub runs_as: Option<RunsAs>,
    /// How far its port reaches.
    pub expose: Option<Expose>,
    /// Most memory it may take.
    pub memory: Option<ByteSize>,
    /// Most processors it may take.
    pub cpus: Option<f64>,
    /// How its container runs.
    pub container: Option<Arc<Container>>,
}

/// Where a credential is taken from when files are generated. The credential itself is in no plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// A variable of whoever runs Backstay.
    Variable(VariableName),
    /// A file, by its path from the plan's folder.
    File(String),
}

/// An edge: a component uses a service in a role, or another app.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Use {
    /// In which role; the kind's first role if not said.
    pub role: Option<Role>,
    /// In which other roles.
    pub also: Vec<Role>,
    /// Prefix of the variables it gets, instead of the dialect's usual names.
    pub env: Option<VariableName>,
    /// What of it is waited for; as its container allows if not said.
    pub wait: Option<Wait>,
    /// Settings of the user in which its address stands.
    pub named_in: Vec<VariableName>,
}

/// An environment as declared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Environment {
    /// What it is for, where the name does not say it.
    pub tier: Option<Tier>,
    /// Where its components run.
    pub hosts: BTreeMap<HostName, Host>,
    /// What differs here about apps.
    pub apps: BTreeMap<ComponentName, App>,
    /// What differs here about services.
    pub services: BTreeMap<ComponentName, Service>,
}

/// A host as declared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Host {
    /// A machine if not said.
    pub kind: Option<HostKind>,
    /// IP address or name by which other hosts reach it.
    pub address: Option<Address>,
    /// The environment it belongs to, if it is borrowed.
    pub borrow: Option<EnvironmentName>,
    /// What runs on it, in the order written.
    pub runs: Vec<ComponentName>,
    /// Processors it has.
    pub cpus: Option<f64>,
    /// Memory it has.
    pub memory: Option<ByteSize>,
}

/// A level that the user set for a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelSetting {
    /// How much its findings matter.
    pub level: Option<Level>,
    /// Why.
    pub reason: Option<String>,
}

/// What is asked of whatever answers a need.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    /// What it must do by itself.
    pub requires: Vec<Requirement>,
}

/// How much a role is expected to hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SizeHint {
    /// How much is stored.
    pub stored: Option<ByteSize>,
    /// Writes a second.
    pub writes_per_second: Option<u32>,
    /// How long what is stored is kept.
    pub kept_for: Option<Period>,
}

impl App {
    /// This app with everything that `over` says instead.
    pub fn overridden_by(&self, over: &App) -> App {
        App {
            image: over.image.clone().or_else(|| self.image.clone()),
            build: build(self.build.as_ref(), over.build.as_ref()),
            port: over.port.or(self.port),
            published: over.published.or(self.published),
            dialect: over.dialect.clone().or_else(|| self.dialect.clone()),
            env_file: over.env_file.or(self.env_file),
            needs: self.needs.clone(),
            uses: merged(&self.uses, &over.uses),
            settings: merged(&self.settings, &over.settings),
            secret_settings: united(&self.secret_settings, &over.secret_settings),
            runs_as: over.runs_as.or(self.runs_as),
            expose: over.expose.or(self.expose),
            memory: over.memory.or(self.memory),
            cpus: over.cpus.or(self.cpus),
            container: container(self.container.as_ref(), over.container.as_ref()),
        }
    }
}

impl Service {
    /// The parts that a plan can say.
    pub const PARTS: [&str; 5] = ["database", "user", "bucket", "region", "vhost"];

    /// The parts that it says, such as its database, with what it says.
    pub fn said_parts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let said = [
            &self.database,
            &self.user,
            &self.bucket,
            &self.region,
            &self.vhost,
        ];
        let parts = Service::PARTS.into_iter().zip(said);
        parts.filter_map(|(part, said)| Some((part, said.as_deref()?)))
    }

    /// This service with everything that `over` says instead.
    pub fn overridden_by(&self, over: &Service) -> Service {
        let text =
            |over: &Option<String>, base: &Option<String>| over.clone().or_else(|| base.clone());
        // A version or image of one kind says nothing about another.
        let same_kind = over.kind.is_none() || over.kind == self.kind;
        let of_kind = |over: &Option<String>, base: &Option<String>| {
            if same_kind {
                text(over, base)
            } else {
                over.clone()
            }
        };
        Service {
            kind: text(&over.kind, &self.kind),
            version: of_kind(&over.version, &self.version),
            image: of_kind(&over.image, &self.image),
            build: build(
                self.build.as_ref().filter(|_| same_kind),
                over.build.as_ref(),
            ),
            address: over.address.clone().or_else(|| self.address.clone()),
            port: over.port.or(self.port),
            database: text(&over.database, &self.database),
            user: text(&over.user, &self.user),
            bucket: text(&over.bucket, &self.bucket),
            region: text(&over.region, &self.region),
            vhost: text(&over.vhost, &self.vhost),
            uses: merged(&self.uses, &over.uses),
            settings: merged(&self.settings, &over.settings),
            secret_settings: united(&self.secret_settings, &over.secret_settings),
            secrets: merged(&self.secrets, &over.secrets),
            runs_as: over.runs_as.or(self.runs_as),
            expose: over.expose.or(self.expose),
            memory: over.memory.or(self.memory),
            cpus: over.cpus.or(self.cpus),
            container: container(
                self.container.as_ref().filter(|_| same_kind),
                over.container.as_ref(),
            ),
        }
    }
}

impl Plan {
    /// Whether `name` is an app or a service of this plan.
    pub fn declares<N: Ord + ?Sized>(&self, name: &N) -> bool
    where
        ComponentName: Borrow<N>,
    {
        self.apps.contains_key(name) || self.services.contains_key(name)
    }

    /// Why a component may differ between environments in this way, if the plan says.
    pub fn accepts(&self, component: &ComponentName, aspect: Aspect) -> Option<&str> {
        let accepted = self.differences.get(component)?.get(&aspect)?;
        Some(accepted)
    }

    /// The tier of an environment, said or inferred; `None` if its name says nothing.
    pub fn tier(&self, environment: &EnvironmentName) -> Option<Tier> {
        let said = self
            .environments
            .get(environment)
            .and_then(|environment| environment.tier);
        said.or_else(|| Tier::inferred_from(environment.as_str()))
    }
}

fn build(base: Option<&Arc<Build>>, over: Option<&Arc<Build>>) -> Option<Arc<Build>> {
    match (base, over) {
        (Some(base), Some(over)) => Some(Arc::new(base.overridden_by(over))),
        _ => over.or(base).cloned(),
    }
}

fn container(
    base: Option<&Arc<Container>>,
    over: Option<&Arc<Container>>,
) -> Option<Arc<Container>> {
    match (base, over) {
        (Some(base), Some(over)) => Some(Arc::new(base.overridden_by(over))),
        _ => over.or(base).cloned(),
    }
}

/// What either of them names, each once.
fn united(base: &[VariableName], over: &[VariableName]) -> Vec<VariableName> {
    let new = over.iter().filter(|name| !base.contains(name));
    base.iter().chain(new).cloned().collect()
}
