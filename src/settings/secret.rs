//! Credentials: which ones an environment needs, and who makes them.

use std::collections::BTreeMap;

use crate::catalog::SecretRule;
use crate::model::{ComponentName, EnvironmentName, RunsAs, SecretSource, VariableName};
use crate::topology::{Component, Link, Topology};

/// Which credential: one a service, environment and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretId {
    /// The environment whose service it opens.
    pub environment: EnvironmentName,
    /// The service.
    pub service: ComponentName,
    /// Its name in the kind: `password`.
    pub name: String,
}

/// A credential that an environment needs.
#[derive(Clone, Debug)]
pub struct SecretNeed {
    /// Which.
    pub id: SecretId,
    /// What it must look like.
    pub rule: SecretRule,
    /// Who makes it.
    pub origin: SecretOrigin,
    /// Whether Backstay writes the container of its service.
    pub in_container: bool,
    /// What the service is called by its makers.
    pub title: String,
}

/// Who makes a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretOrigin {
    /// Backstay, for the services that it starts.
    Generated,
    /// Whoever runs the service: a provider, or the user for what is installed already.
    Given,
    /// Somebody else, who keeps it where the plan says. It is asked for whenever files are generated,
    /// and stands in none but those that need it.
    Taken(SecretSource),
}

/// Credentials that are known, by which they are. An empty text is one that waits to be filled in.
pub type SecretValues = BTreeMap<SecretId, String>;

impl SecretNeed {
    /// Whether its value is kept in the secrets file of its environment.
    pub fn is_kept(&self) -> bool {
        !matches!(self.origin, SecretOrigin::Taken(_))
    }
}

impl SecretId {
    /// `SERVICE.NAME`, as the command line has it.
    pub fn said(&self) -> String {
        format!("{}.{}", self.service, self.name)
    }

    /// The variable that carries it in files: `DB_PASSWORD`.
    pub fn variable(&self) -> String {
        VariableName::shouted(&format!("{}_{}", self.service, self.name))
    }

    /// What the file is called that holds it alone: `db-root-password`.
    pub fn file_name(&self) -> String {
        format!("{}-{}", self.service, self.name.replace('_', "-"))
    }
}

/// The credentials of an environment's own services, by service and then by name.
pub fn needs(topology: &Topology) -> Vec<SecretNeed> {
    let own = topology
        .components
        .values()
        .filter(|component| component.owner == topology.environment);
    own.filter_map(|component| Some((component, component.service()?)))
        .flat_map(|(component, service)| {
            let in_container = is_started_here(topology, component);
            service
                .kind
                .secrets
                .iter()
                .map(move |(name, rule)| SecretNeed {
                    id: SecretId {
                        environment: component.owner.clone(),
                        service: component.name.clone(),
                        name: name.clone(),
                    },
                    rule: rule.clone(),
                    origin: match service.secrets.get(name.as_str()) {
                        Some(source) => SecretOrigin::Taken(source.clone()),
                        None if in_container => SecretOrigin::Generated,
                        None => SecretOrigin::Given,
                    },
                    in_container,
                    title: service.kind.title.clone(),
                })
        })
        .filter(|need| need.in_container || need.rule.for_clients && is_wanted(topology, need))
        .collect()
}

/// Whether somebody uses the service who needs the credential.
fn is_wanted(topology: &Topology, need: &SecretNeed) -> bool {
    let kinds = &need.rule.for_kinds;
    let needs_it = |link: Link| {
        link.target.component == need.id.service
            && kinds.contains(&topology.components[&link.user.component].kind().id)
    };
    kinds.is_empty() || topology.links().any(needs_it)
}

/// Whether Backstay writes the containers of a component, wherever it runs.
fn is_started_here(topology: &Topology, component: &Component) -> bool {
    let is_own = |host| {
        let host = topology.hosts.get(host);
        host.is_some_and(|host| host.is_own_machine())
    };
    let mut hosts = topology.hosts_of(&component.name).iter();
    component.runs_as == RunsAs::Container && hosts.all(is_own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_credential_has_a_variable_that_shells_take() {
        for service in ["db", "2fa", "9a", "a-b", "0_0"] {
            let id = SecretId {
                environment: EnvironmentName::new("prod").expect("a name"),
                service: ComponentName::new(service).expect("a name"),
                name: "password".to_owned(),
            };
            let variable = id.variable();
            assert!(VariableName::new(&variable).is_ok(), "{variable}");
        }
    }
}
