//! What a component is, where it runs and what it uses, in one environment and in the other.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::is_same_line;
use crate::compare::openings::Openings;
use crate::compare::why::{self, Judgement};
use crate::compare::{Difference, Side, container};
use crate::model::{Aspect, ComponentName, HostKind, Role, Tier};
use crate::settings::means_this_machine;
use crate::topology::{Component, Link, Locality, Service, Topology, What};

/// What differs about a component, apart from what it is told about what it uses.
pub(super) fn of_component(left: &Side, right: &Side, name: &ComponentName) -> Vec<Difference> {
    let mut pair = Pair {
        name,
        found: Vec::new(),
    };
    match (
        Facts::of(left.topology, name),
        Facts::of(right.topology, name),
    ) {
        (Some(here), Some(there)) => pair.both(&here, &there),
        (Some(here), None) => {
            pair.missing(&here, right.topology, true);
            pair.opened(&here, true);
        }
        (None, Some(there)) => {
            pair.missing(&there, left.topology, false);
            pair.opened(&there, false);
        }
        (None, None) => {}
    }
    pair.found
}

/// A component as one environment has it.
struct Facts<'t> {
    topology: &'t Topology,
    component: &'t Component,
    /// What it uses, by name.
    uses: BTreeMap<&'t ComponentName, Used>,
}

/// How a component uses another.
#[derive(Default)]
struct Used {
    roles: BTreeSet<Role>,
    localities: BTreeSet<Locality>,
    ways: BTreeSet<String>,
    encrypted: BTreeSet<bool>,
}

impl<'t> Facts<'t> {
    fn of(topology: &'t Topology, name: &ComponentName) -> Option<Facts<'t>> {
        let component = topology.components.get(name)?;
        let mut uses: BTreeMap<&ComponentName, Used> = BTreeMap::new();
        for link in topology
            .instances_of(name)
            .flat_map(|on| topology.connections_from(on))
        {
            let connection = link.connection;
            let used = uses.entry(&link.target.component).or_default();
            used.roles.extend(&connection.roles);
            used.localities.insert(connection.via.locality());
            if connection.via.locality() == Locality::External {
                used.ways.insert(connection.via.to_string());
            }
            used.encrypted.insert(connection.endpoint.tls);
        }
        Some(Facts {
            topology,
            component,
            uses,
        })
    }

    fn host_kinds(&self) -> BTreeSet<HostKind> {
        let hosts = self.topology.hosts_of(&self.component.name).iter();
        hosts
            .filter_map(|host| Some(self.topology.hosts.get(host)?.kind))
            .collect()
    }

    fn hosts(&self) -> String {
        let hosts = self.topology.hosts_of(&self.component.name).iter();
        joined(hosts.map(ToString::to_string))
    }
}

/// Two of the same name, and what was found to differ.
struct Pair<'n> {
    name: &'n ComponentName,
    found: Vec<Difference>,
}

impl Pair<'_> {
    fn both(&mut self, here: &Facts, there: &Facts) {
        match (&here.component.what, &there.component.what) {
            (What::Service(here), What::Service(there)) => self.services(here, there),
            (What::App(here), What::App(there)) => {
                let images = (here.image.clone(), there.image.clone());
                self.unlike(Aspect::Image, None, images, why::OTHER_IMAGE);
            }
            // An app in one version of a plan and a service in the other.
            _ => self.unlike(
                Aspect::Engine,
                None,
                (sort(here), sort(there)),
                why::OTHER_ENGINE,
            ),
        }
        let runs_as = |facts: &Facts| Some(facts.component.runs_as.to_string());
        let ways = (runs_as(here), runs_as(there));
        // At a provider neither means anything.
        if [here, there]
            .iter()
            .all(|facts| facts.host_kinds().contains(&HostKind::Machine))
        {
            self.unlike(Aspect::RunsAs, None, ways, why::RUNS_AS);
        }
        self.placement(here, there);
        self.openings(here, there);
        self.uses(here, there);
        self.settings(here, there);
        self.containers(here.component, there.component);
        let limits = (limits(here.component), limits(there.component));
        self.unlike(Aspect::Limits, None, limits, why::OTHER_LIMIT);
    }

    fn services(&mut self, here: &Service, there: &Service) {
        let title = |service: &Service| Some(service.kind.title.clone());
        if here.kind.id != there.kind.id {
            let declared = |service: &Service| -> String {
                let kind = service.stands_in_for.as_ref().unwrap_or(&service.kind);
                kind.id.clone()
            };
            let judgement = match declared(here) == declared(there) {
                true => why::STAND_IN,
                false => why::OTHER_ENGINE,
            };
            self.unlike(Aspect::Engine, None, (title(here), title(there)), judgement);
            return;
        }
        let image = |service: &Service| service.image.clone();
        self.unlike(
            Aspect::Image,
            None,
            (image(here), image(there)),
            why::OTHER_IMAGE,
        );
        let said = |service: &Service| Some(service.version.clone()).filter(|it| !it.is_empty());
        let versions = (said(here), said(there));
        let judgement = match &versions {
            (Some(one), Some(other)) if is_same_line(one, other) => return,
            (Some(one), Some(other)) => {
                let line = |version: &str| here.kind.version_line(version).map(|it| &it.line);
                match line(one).is_some() && line(one) == line(other) {
                    true => why::OTHER_VERSION,
                    false => why::OTHER_LINE,
                }
            }
            _ => why::UNSAID_VERSION,
        };
        self.unlike(Aspect::Version, None, versions, judgement);
    }

    fn placement(&mut self, here: &Facts, there: &Facts) {
        let (kinds, others) = (here.host_kinds(), there.host_kinds());
        let said = |facts: &Facts, kinds: &BTreeSet<HostKind>| {
            let kinds = joined(kinds.iter().map(ToString::to_string));
            Some(format!("{} ({kinds})", facts.hosts()))
        };
        let places = (said(here, &kinds), said(there, &others));
        let judgement = match kinds == others {
            true => why::OTHER_HOST,
            false => why::OTHER_SORT_OF_HOST,
        };
        self.unlike(Aspect::Placement, None, places, judgement);
        let count = |facts: &Facts| facts.topology.hosts_of(&facts.component.name).len();
        let (one, other) = (count(here), count(there));
        let judgement = match one.min(other) {
            0 | 1 => why::ONE_OR_MANY,
            _ => why::MORE_OR_FEWER,
        };
        let counts = (Some(one.to_string()), Some(other.to_string()));
        self.unlike(Aspect::Replicas, None, counts, judgement);
    }

    fn openings(&mut self, here: &Facts, there: &Facts) {
        let [one, other] = [here, there].map(|of| Openings::of(of.topology, of.component));
        let sides = (one.shown(), other.shown());
        self.unlike(Aspect::Openings, None, sides, one.judged(&other));
    }

    /// What is open of something that only one environment has, where more come in than those who use it.
    fn opened(&mut self, present: &Facts, is_left: bool) {
        let openings = Openings::of(present.topology, present.component);
        let judgement = openings.judged(&Openings::default());
        let sides = match is_left {
            true => (openings.shown(), None),
            false => (None, openings.shown()),
        };
        if judgement != why::OPEN_TO_HOSTS {
            self.unlike(Aspect::Openings, None, sides, judgement);
        }
    }

    fn uses(&mut self, here: &Facts, there: &Facts) {
        let targets: BTreeSet<&ComponentName> =
            here.uses.keys().chain(there.uses.keys()).copied().collect();
        for target in targets {
            let detail = Some(target.to_string());
            let (one, other) = (here.uses.get(target), there.uses.get(target));
            let (Some(one), Some(other)) = (one, other) else {
                // What is not there at all is told of itself.
                let is_in = |facts: &Facts| facts.topology.components.contains_key(target);
                if is_in(here) && is_in(there) {
                    let backs_up = |used: &Used| used.roles == BTreeSet::from([Role::Backup]);
                    let judgement = match one.or(other).is_some_and(backs_up) {
                        true => why::OTHER_BACKUP,
                        false => why::OTHER_USE,
                    };
                    let sides = (one.map(said_roles), other.map(said_roles));
                    self.unlike(Aspect::Uses, detail, sides, judgement);
                }
                continue;
            };
            let texts = |of: fn(&Used) -> String| (Some(of(one)), Some(of(other)));
            let roles = texts(said_roles);
            self.unlike(Aspect::Uses, detail.clone(), roles, why::OTHER_ROLE);
            let judgement = match one.localities == other.localities {
                true => why::OTHER_WAY,
                false => why::OTHER_LOCALITY,
            };
            self.unlike(
                Aspect::Locality,
                detail.clone(),
                texts(said_locality),
                judgement,
            );
            let tls = texts(|used| match used.encrypted.contains(&true) {
                true => "over TLS".to_owned(),
                false => "without TLS".to_owned(),
            });
            self.unlike(Aspect::Encryption, detail, tls, why::TLS);
        }
    }

    fn settings(&mut self, here: &Facts, there: &Facts) {
        let is_reached = |facts: &Facts| facts.topology.tier >= Some(Tier::Staging);
        // What is right on a laptop is not where people come by.
        let is_for_others = is_reached(here) != is_reached(there);
        let (here, there) = (here.component, there.component);
        let names: BTreeSet<_> = here.settings.keys().chain(there.settings.keys()).collect();
        for name in names {
            let value = |component: &Component| {
                let text = component.settings.get(name)?;
                Some(super::told::shown_setting(name.as_str(), text))
            };
            let raw = |component: &Component| component.settings.get(name).cloned();
            if raw(here) == raw(there) {
                let in_container = [here, there].iter().any(|it| it.runs_as.in_container());
                let is_said = is_for_others && in_container && here.app().is_some();
                let text = there.settings.get(name).filter(|_| is_said);
                if text.is_some_and(|text| means_this_machine(name, text)) {
                    let detail = Some(name.to_string());
                    self.found.push(Difference {
                        component: self.name.clone(),
                        aspect: Aspect::Settings,
                        detail,
                        left: value(here),
                        right: value(there),
                        weight: why::LOOPBACK.0,
                        why: why::LOOPBACK.1,
                        accepted: None,
                    });
                }
                continue;
            }
            let values = (value(here), value(there));
            let judgement = match values {
                (Some(_), Some(_)) => why::OTHER_SETTING,
                _ => why::MISSING_SETTING,
            };
            self.differs(Aspect::Settings, Some(name.to_string()), values, judgement);
        }
    }

    /// What the plan says of containers, where it says something.
    fn containers(&mut self, here: &Component, there: &Component) {
        let [one, other] = [here, there].map(|component| container::said(&component.container));
        let keys: BTreeSet<&str> = one.keys().chain(other.keys()).copied().collect();
        for key in keys {
            let (one, other) = (one.get(key), other.get(key));
            if one == other {
                continue;
            }
            let shown = |text: Option<&container::Text>| Some(text?.shown.clone());
            let sides = (shown(one), shown(other));
            let detail = Some(key.to_owned());
            self.differs(Aspect::Container, detail, sides, why::OTHER_CONTAINER);
        }
    }

    fn missing(&mut self, present: &Facts, elsewhere: &Topology, is_left: bool) {
        let users = present.topology.instances_of(self.name);
        let users: Vec<Link> = users.flat_map(|on| present.topology.links_to(on)).collect();
        // Copies are made of what must not be lost, which is not so everywhere.
        let keeps_copies = |link: &Link| link.connection.roles == [Role::Backup];
        let is_for_copies = !users.is_empty() && users.iter().all(keeps_copies);
        let is_elsewhere = |link: &Link| elsewhere.components.contains_key(&link.user.component);
        let judgement = match &present.component.what {
            What::App(_) => why::MISSING_APP,
            What::Service(_) if is_for_copies => why::OTHER_BACKUP,
            What::Service(_) if users.iter().any(is_elsewhere) => why::MISSING_USED,
            What::Service(_) => why::MISSING_UNUSED,
        };
        let there = Some(format!("on {}", present.hosts()));
        let sides = match is_left {
            true => (there, None),
            false => (None, there),
        };
        self.differs(Aspect::Presence, None, sides, judgement);
    }

    /// Notes two texts that are not the same.
    fn unlike(
        &mut self,
        aspect: Aspect,
        detail: Option<String>,
        sides: (Option<String>, Option<String>),
        judgement: Judgement,
    ) {
        if sides.0 != sides.1 {
            self.differs(aspect, detail, sides, judgement);
        }
    }

    fn differs(
        &mut self,
        aspect: Aspect,
        detail: Option<String>,
        (left, mut right): (Option<String>, Option<String>),
        (weight, why): Judgement,
    ) {
        if let Some(right) = right
            .as_mut()
            .filter(|right| Some(&**right) == left.as_ref())
        {
            right.push_str(" (not the same behind the mask)");
        }
        self.found.push(Difference {
            component: self.name.clone(),
            aspect,
            detail,
            left,
            right,
            weight,
            why,
            accepted: None,
        });
    }
}

fn sort(facts: &Facts) -> Option<String> {
    let word = match facts.component.what {
        What::App(_) => "an app",
        What::Service(_) => "a service",
    };
    Some(word.to_owned())
}

/// The roles, or that it is used at all: apps have none for each other.
fn said_roles(used: &Used) -> String {
    match used.roles.is_empty() {
        true => "used".to_owned(),
        false => joined(used.roles.iter().map(ToString::to_string)),
    }
}

/// `internal`, or `external (managed)`.
fn said_locality(used: &Used) -> String {
    let words = used
        .localities
        .iter()
        .map(|locality| locality.as_str().to_owned());
    match used.localities.contains(&Locality::External) {
        true => format!("{} ({})", joined(words), joined(used.ways.iter().cloned())),
        false => joined(words),
    }
}

fn limits(component: &Component) -> Option<String> {
    let memory = component.memory.map(|memory| memory.to_string());
    let cpus = component.cpus.map(|cpus| format!("{cpus} processors"));
    let said: Vec<String> = memory.into_iter().chain(cpus).collect();
    (!said.is_empty()).then(|| said.join(", "))
}

fn joined(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(", ")
}
