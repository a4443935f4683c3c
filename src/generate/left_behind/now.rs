//! Where a service is now that ran somewhere else before, or under another name.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::catalog::{Catalog, Kind};
use crate::generate::left_behind::written::{ComposeFile, Seen, Written};
use crate::generate::left_behind::{Item, RanBy, kind_of};
use crate::model::{EnvironmentName, HostKind, ImageName, Role, RunsAs};
use crate::topology::{Component, Connection, Link, Topology};

/// What the plan says now, and what was written.
pub(super) struct Now<'a> {
    pub(super) topologies: &'a [Topology],
    pub(super) written: &'a Written<'a>,
    pub(super) catalog: &'a Catalog,
    /// Environments with the names that they have now.
    pub(super) renamed: &'a [(&'a EnvironmentName, &'a EnvironmentName)],
}

/// Where a service is.
#[derive(Clone)]
pub(super) struct Place<'a> {
    pub(super) environment: &'a str,
    pub(super) host: &'a str,
    pub(super) name: &'a str,
    pub(super) run: Run,
    /// What it is; none for an app.
    pub(super) kind: Option<Arc<Kind>>,
    /// What its container is, where Backstay writes one.
    pub(super) seen: Option<Seen<'a>>,
    /// Whether it ran there before too.
    pub(super) is_old: bool,
}

/// Who runs it there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Run {
    /// Compose.
    Container,
    /// The host itself.
    Process,
    /// A provider.
    Provider,
    /// Others: a cluster, or another environment.
    Others,
}

impl<'a> Now<'a> {
    pub(super) fn topology(&self, environment: &str) -> Option<&'a Topology> {
        let mut topologies = self.topologies.iter();
        topologies.find(|topology| topology.environment.as_str() == environment)
    }

    /// Where a service is that is no longer in a compose file; nothing if nobody can tell.
    pub(super) fn became(&self, file: &ComposeFile<'a>, name: &str, was: &Seen) -> Vec<Place<'a>> {
        if self.topology(file.environment).is_none() {
            let places = self.environment_now(file.environment);
            let places = places.map(|environment| self.places(environment, name));
            let mut places = places.unwrap_or_default();
            let kind = kind_of(self.catalog, was.image).map(|kind| kind.id.clone());
            places.retain(|place| place.kind.as_ref().map(|it| it.id.clone()) == kind);
            // Its files may have been written before anybody said whose data it goes on with.
            for place in &mut places {
                place.is_old = false;
            }
            return places;
        }
        match self.places(file.environment, name) {
            places if !places.is_empty() => places,
            _ => match self.called_now(file.environment, was) {
                Some(name) => self.places(file.environment, name),
                None => Vec::new(),
            },
        }
    }

    /// The place of a service that its compose file still has.
    pub(super) fn here(&self, file: &ComposeFile<'a>, name: &'a str, is: &Seen<'a>) -> Place<'a> {
        Place {
            environment: file.environment,
            host: file.host,
            name,
            run: Run::Container,
            kind: kind_of(self.catalog, is.image),
            seen: Some(is.clone()),
            is_old: false,
        }
    }

    /// Where the plan says that a component runs.
    fn places(&self, environment: &str, name: &str) -> Vec<Place<'a>> {
        let Some(topology) = self.topology(environment) else {
            return Vec::new();
        };
        let mut components = topology.components.values();
        let Some(component) = components.find(|it| it.name.as_str() == name) else {
            return Vec::new();
        };
        let hosts = topology.hosts_of(&component.name).iter();
        let hosts = hosts.filter_map(|host| topology.hosts.get(host));
        let places = hosts.map(|host| {
            let run = match host.kind {
                _ if !host.is_own() => Run::Others,
                _ if topology.writes_container(component, host) => Run::Container,
                HostKind::Managed => Run::Provider,
                HostKind::Machine if component.runs_as == RunsAs::Process => Run::Process,
                HostKind::Machine | HostKind::Cluster => Run::Others,
            };
            let file = self.written.file(environment, host.name.as_str());
            let seen = file.and_then(|file| file.after.get(name)).cloned();
            Place {
                environment: topology.environment.as_str(),
                host: host.name.as_str(),
                name: component.name.as_str(),
                run,
                kind: component.service().map(|service| service.kind.clone()),
                seen,
                is_old: file.is_some_and(|file| {
                    file.before.contains_key(name) && file.after.contains_key(name)
                }),
            }
        });
        places.collect()
    }

    /// What a service that went is called now: the only one that came and has its image, if it is the only
    /// one with it that went.
    fn called_now(&self, environment: &str, was: &Seen) -> Option<&'a str> {
        let image = ImageName::of(was.image).name;
        let names = |is_after: bool| {
            let files = self.written.of_environment(environment);
            let names: BTreeSet<&'a str> = files
                .flat_map(|file| if is_after { &file.after } else { &file.before })
                .filter(|(_, seen)| ImageName::of(seen.image).name == image)
                .map(|(name, _)| *name)
                .collect();
            names
        };
        let (before, after) = (names(false), names(true));
        let (mut went, mut came) = (before.difference(&after), after.difference(&before));
        match (went.next(), went.next(), came.next(), came.next()) {
            (Some(_), None, Some(came), None) => Some(came),
            _ => None,
        }
    }

    /// The name of an environment that the plan has no more: the one that was said, or of the only one that
    /// has no files yet, if it is the same: data must not go to hosts that have nothing to do with it.
    fn environment_now(&self, was: &str) -> Option<&'a str> {
        let mut renamed = self.renamed.iter();
        if let Some((_, to)) = renamed.find(|(from, _)| from.as_str() == was) {
            return Some(to.as_str());
        }
        let names = self.topologies.iter().map(|it| it.environment.as_str());
        let mut new = names.filter(|name| {
            let mut files = self.written.of_environment(name).peekable();
            files.peek().is_some() && files.all(|file| file.project.is_none())
        });
        match (new.next(), new.next()) {
            (Some(name), None) if self.written.is_same(was, name) => Some(name),
            _ => None,
        }
    }

    /// What providers ran, and what containers of one's own run now.
    pub(super) fn of_providers(&self) -> Vec<Item<'a>> {
        let mut items = Vec::new();
        for by in &self.written.by_provider {
            let mut to = self.places(by.environment, by.name);
            to.retain(|place| place.run == Run::Container && !place.is_old);
            if to.is_empty() {
                continue;
            }
            let hosts: Vec<&str> = to.iter().map(|place| place.host).collect();
            let head = format!(
                "{} at {} of {}, a provider's, which runs on {} now",
                by.name,
                by.host,
                by.environment,
                hosts.join(", ")
            );
            // The longest of the titles that it can be, as its version stands behind it.
            let kinds = self.catalog.kinds();
            let kind = kinds
                .filter(|kind| by.title.starts_with(&kind.title))
                .max_by_key(|kind| kind.title.len());
            items.push(Item {
                environment: by.environment,
                host: by.host,
                name: by.name,
                ran_by: RanBy::Provider,
                kind,
                to,
                head,
            });
        }
        items
    }

    /// Who uses a service in any environment: environment, host and component.
    pub(super) fn users(&self, place: &Place) -> BTreeSet<(&'a str, &'a str, &'a str)> {
        let links = self.links(place);
        let own = links.filter(|(topology, link)| topology.hosts[&link.user.host].is_own());
        let users = own.map(|(topology, link)| {
            let (host, user) = (&link.user.host, &link.user.component);
            (topology.environment.as_str(), host.as_str(), user.as_str())
        });
        users.collect()
    }

    /// Whether the plan says of every use of a service, in any environment, that it is a cache. What a kind usually is
    /// tells nothing: whoever imports a plan may keep there what nobody can compute again.
    pub(super) fn is_said_cache(&self, place: &Place) -> bool {
        let mut uses = self
            .links(place)
            .map(|(_, link)| link.connection)
            .peekable();
        let is_cache = |use_: &Connection| {
            use_.is_role_said && use_.roles.iter().all(|role| *role == Role::Cache)
        };
        uses.peek().is_some() && uses.all(is_cache)
    }

    /// The uses of a service, each with the environment of whoever uses it.
    fn links(&self, place: &Place) -> impl Iterator<Item = (&'a Topology, Link<'a>)> {
        let (name, environment) = (place.name, place.environment);
        let topologies = self.topologies.iter();
        topologies.flat_map(move |topology| {
            let links = topology.links().filter(move |link| {
                let target = &link.target.component;
                let owner = topology.components.get(target).map(|it| &it.owner);
                target.as_str() == name && owner.is_some_and(|it| it.as_str() == environment)
            });
            links.map(move |link| (topology, link))
        })
    }

    /// A component of an environment.
    pub(super) fn component(&self, environment: &str, name: &str) -> Option<&'a Component> {
        let mut components = self.topology(environment)?.components.values();
        components.find(|component| component.name.as_str() == name)
    }
}
