//! Credentials: which ones an environment needs, and who makes them.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::SecretRule;
use crate::model::{ComponentName, EnvironmentName, SecretSource, VariableName};
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
    /// Whether a container that runs as the plan says is opened by it, so that a new one may have a new one.
    pub opens_own: bool,
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
    /// The credential of a component by this name.
    pub fn of(component: &Component, name: &str) -> SecretId {
        SecretId {
            environment: component.owner.clone(),
            service: component.name.clone(),
            name: name.to_owned(),
        }
    }

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

/// What a credential looks like to people.
pub const MASK: &str = "********";

/// Stands for a credential while a value is made, because no form has to escape any of it.
pub const MASKED: &str = "BACKSTAYxMASKSxTHISxCREDENTIAL";

/// `MASKED` for every credential that is needed.
pub fn masked_values(needs: impl IntoIterator<Item = SecretNeed>) -> SecretValues {
    let masked = |need: SecretNeed| (need.id, MASKED.to_owned());
    needs.into_iter().map(masked).collect()
}

/// The credentials of an environment's own services, by service and then by name.
pub fn needs(topology: &Topology) -> Vec<SecretNeed> {
    let own = topology
        .components
        .values()
        .filter(|component| component.owner == topology.environment);
    own.flat_map(|component| {
        let of_kind = of_kind(topology, component);
        of_kind.chain(of_settings(topology, component))
    })
    .collect()
}

/// The credentials that the kind of a service asks for.
fn of_kind<'t>(
    topology: &'t Topology,
    component: &'t Component,
) -> impl Iterator<Item = SecretNeed> + 't {
    let in_container = is_started_here(topology, component);
    // What the catalog does not run has no other credentials than the plan says.
    let service = component.service().filter(|_| component.is_from_catalog());
    let rules = service.into_iter().flat_map(|service| {
        let rules = service.kind.secrets.iter();
        rules.map(move |(name, rule)| (service, name, rule))
    });
    let need = move |(service, name, rule): (&crate::topology::Service, &String, &SecretRule)| {
        SecretNeed {
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
            opens_own: false,
            title: service.kind.title.clone(),
        }
    };
    let needs = rules.map(need);
    needs.filter(|need| need.in_container || need.rule.for_clients && is_wanted(topology, need))
}

/// The settings of a component that are credentials, and those in the words of its commands. Whoever runs it knows them.
fn of_settings<'t>(
    topology: &'t Topology,
    component: &'t Component,
) -> impl Iterator<Item = SecretNeed> + 't {
    let need = |name: &str| SecretNeed {
        id: SecretId::of(component, name),
        rule: SecretRule::of_settings(),
        origin: SecretOrigin::Given,
        in_container: is_started_here(topology, component),
        opens_own: opens(component, name),
        title: component.kind().title.clone(),
    };
    let settings = component.secret_settings.iter().map(VariableName::as_str);
    let service = component.service().filter(|_| component.is_from_catalog());
    let is_of_kind = |name: &str| service.is_some_and(|of| of.kind.secrets.contains_key(name));
    let mut names: BTreeSet<&str> = component.container.secrets_in_words();
    names.retain(|name| !is_of_kind(name));
    names.extend(settings);
    names.into_iter().map(need)
}

/// Whether a credential that the plan says is what opens the service itself: the image reads it for that, or it stands
/// in the words with which the container starts.
fn opens(component: &Component, name: &str) -> bool {
    let Some(service) = component.service().filter(|_| !component.is_from_catalog()) else {
        return false;
    };
    let kind = &service.kind;
    let variables = kind.container.iter().flat_map(|it| &it.environment);
    let mut variables = variables.filter(|(_, template)| {
        let begins = ["{{ secret(", "{{ secret_file("];
        let is_whole = template.ends_with(") }}") && template.matches("{{").count() == 1;
        is_whole && begins.iter().any(|begin| template.starts_with(begin))
    });
    let mut asked = kind.open_door.iter().flat_map(|door| &door.unless_set);
    variables.any(|(variable, _)| variable.trim_end_matches("_FILE").trim_end_matches('_') == name)
        || asked.any(|variable| variable == name)
        || component.container.secrets_in_words().contains(name)
}

/// Whether somebody uses the service who needs the credential.
fn is_wanted(topology: &Topology, need: &SecretNeed) -> bool {
    let kinds = &need.rule.for_kinds;
    let needs_it = |link: Link| {
        link.target.component == need.id.service && kinds.contains(&link.user_component.kind().id)
    };
    kinds.is_empty() || topology.links().any(needs_it)
}

/// Whether Backstay writes the containers of a component on every host that runs it. All of them share one
/// credential, so a single one that somebody else runs decides who makes it.
fn is_started_here(topology: &Topology, component: &Component) -> bool {
    let hosts = topology.hosts_of(&component.name);
    hosts.len() == topology.container_hosts(component).count() && component.runs_as.in_container()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Config, analyze};
    use crate::catalog::{Catalog, CatalogFile, CatalogFileOf};
    use crate::model::Date;

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

    #[test]
    fn what_no_container_can_run_gets_no_credential_of_backstays() {
        let plan = "name = \"shop\"\n[apps.web]\nuses.store = {}\n[services.store]\nkind = \"lonely\"\n\
                    [environments.dev.hosts.laptop]\nruns = [\"web\", \"store\"]\n";
        let wasabi = include_str!("../../templates/services/wasabi.toml");
        let mut catalog = Catalog::builtin();
        let file = CatalogFile {
            of: CatalogFileOf::Kind,
            id: "lonely".into(),
            text: wasabi.replace("stand-in = \"seaweedfs\"\n", ""),
            place: "lonely.toml".into(),
        };
        catalog.add(&file).expect("the file is a kind's");
        let today = Date::parse("2026-11-22").expect("a date");
        let analysis = analyze(plan, &catalog, &Config { today });
        let needs = needs(&analysis.topologies[0]);
        assert!(!needs.is_empty());
        let given = |need: &SecretNeed| need.origin == SecretOrigin::Given && !need.in_container;
        assert!(needs.iter().all(given), "{needs:?}");
    }
}
