//! The steps that bring services over with their data, for all that is left behind of one environment at once.
//!
//! They go through phases, each for all of the services: what ran is seen to run, nobody writes any more, the data is
//! copied out, what ran is stopped, files and copies go to their hosts, the services start with their data and are
//! looked at, then those start who use them, and what was before is taken away last.
//!
//! Whoever pastes all of the commands at once loses nothing by it: what goes wrong ends its step, a copy has its name
//! once it is whole, and no data is taken away where there is no copy of it.

use std::collections::BTreeSet;

use crate::generate::left_behind::container::OldContainer;
use crate::generate::left_behind::now::{Now, Place, Run};
use crate::generate::left_behind::written::{ComposeFile, Seen};
use crate::generate::left_behind::{Item, RanBy};
use crate::generate::rotation::Instruction;
use crate::generate::secret_file::{previous_path, secrets_path};
use crate::model::{Choice, Role};

/// When a step is taken, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    Order,
    CopyFolders,
    See,
    Drain,
    Quiet,
    CopyRunning,
    Stop,
    CopyStopped,
    Clear,
    Carry,
    Start,
    Fill,
    Look,
    StartUsers,
    TakeAway,
    Forget,
}

/// Those of one environment.
pub(super) fn steps(now: &Now, items: &[Item], output: &str) -> Vec<Instruction> {
    let mut steps = Steps {
        now,
        items,
        output,
        all: Vec::new(),
    };
    for item in items {
        match &item.ran_by {
            RanBy::Container {
                file, project, was, ..
            } => steps.of_container(item, (file, project), was),
            RanBy::Provider => steps.of_provider(item),
        }
    }
    steps.users();
    steps.taken_away();
    steps.forgotten();
    let mut all = steps.all;
    all.sort_by_key(|(phase, _)| *phase);
    let mut said: Vec<Instruction> = Vec::new();
    for (_, step) in all {
        if !said.contains(&step) {
            said.push(step);
        }
    }
    said
}

/// The steps so far, and what they are made of.
pub(super) struct Steps<'s> {
    pub(super) now: &'s Now<'s>,
    pub(super) items: &'s [Item<'s>],
    pub(super) output: &'s str,
    pub(super) all: Vec<(Phase, Instruction)>,
}

impl Steps<'_> {
    pub(super) fn push(
        &mut self,
        phase: Phase,
        text: impl Into<String>,
        command: impl Into<Option<String>>,
    ) {
        self.all.push((phase, Instruction::new(text, command)));
    }

    pub(super) fn folder(&self, place: &Place) -> String {
        format!("{}/{}/{}", self.output, place.environment, place.host)
    }

    /// A service whose container ran.
    fn of_container(&mut self, item: &Item, (file, project): (&ComposeFile, &str), was: &Seen) {
        let (host, name) = (item.host, item.name);
        for place in &item.to {
            self.begun(item, place);
        }
        let container = container(project, name);
        let is_cache = self.is_made_again(item);
        if !was.keeps_data() || is_cache {
            let mut commands = vec![
                format!("docker stop {container}"),
                format!("docker rm {container}"),
            ];
            let held = self.held_config(item, &OldContainer::of(file.text, name));
            let held = held.map(|held| format!(". {held}")).unwrap_or_default();
            let mut text =
                format!("Take the old {name} down, on {host}; it runs on until then{held}:");
            let own = item.own(was);
            if !own.volumes.is_empty() {
                text = format!(
                    "Throw the old {name} away, on {host}, with what it keeps: as a cache, it can be filled again."
                );
                commands.push(format!(
                    "docker volume rm {}",
                    volumes(project, &own).join(" ")
                ));
            }
            // What is gone already keeps the rest from nothing.
            self.push(Phase::Quiet, text, commands.join("\n"));
            for place in item.to.iter().filter(|place| !place.is_old) {
                self.started(place);
            }
            return;
        }
        self.copied(item, (project, was));
    }

    /// Whether a service was and is a cache alone, by what the plan itself says: what it keeps can be computed again.
    /// What the plan was is not known but for a runbook, which has the usual role where none was said.
    pub(super) fn is_made_again(&self, item: &Item) -> bool {
        let cache = Role::Cache.as_str();
        let was = self.now.written.roles_of(item.name);
        let mut places = item.to.iter();
        matches!(item.ran_by, RanBy::Container { .. })
            && !was.is_empty()
            && was.iter().all(|role| *role == cache)
            && !item.to.is_empty()
            && places.all(|place| self.now.is_said_cache(place))
    }

    pub(super) fn ordered(&mut self, place: &Place) {
        let environment = place.environment;
        let text = format!(
            "Order {} at its provider, unless it is there already; fill in what the provider tells you, in {}/{} and in the plan, and write the files again:",
            place.name,
            self.output,
            secrets_path(environment)
        );
        let command = format!("backstay generate {environment}");
        self.push(Phase::Order, text, command);
    }

    /// A service without data, where it is now.
    pub(super) fn started(&mut self, place: &Place) {
        let (name, host, folder) = (place.name, place.host, self.folder(place));
        match place.run {
            Run::Container => {
                let text = format!("Start {name} on {host}, in {folder}:");
                self.push(Phase::StartUsers, text, start(name));
            }
            Run::Process => {
                let text =
                    format!("Start {name} on {host}, where it is a process of the machine now.");
                self.push(Phase::StartUsers, text, None);
            }
            Run::Provider => self.ordered(place),
            Run::Others => {}
        }
    }

    /// A service that a provider ran.
    fn of_provider(&mut self, item: &Item) {
        let (name, by) = (item.name, item.host);
        for place in &item.to {
            let folder = self.folder(place);
            let text = format!("Start {name} on {}, in {folder}:", place.host);
            self.push(Phase::Start, text, start(name));
        }
        let hosts: Vec<&str> = item.to.iter().map(|place| place.host).collect();
        let text = format!(
            "Copy the data of {name} from {by}, the provider's, to the container on {}, with a client that speaks to {}: all of it is at the provider still, and its credentials of before are in {}/{}.",
            hosts.join(", "),
            both(item),
            self.output,
            previous_path(item.environment)
        );
        self.push(Phase::Fill, text, None);
        let text = format!(
            "When all of this works, delete it at {by}, with its credentials: the provider keeps it, and asks for money, until then."
        );
        let of_service = self.now.keeps_earlier(item).then_some(name);
        let names: Vec<&str> = of_service
            .into_iter()
            .chain(self.now.unneeded(item))
            .collect();
        if names.is_empty() {
            self.push(Phase::TakeAway, text, None);
            return;
        }
        let (environment, names) = (item.environment, names.join(" "));
        let command = format!("backstay secrets rotate {environment} {names} --forget");
        self.push(
            Phase::TakeAway,
            format!("{text} Then forget them here:"),
            command,
        );
    }
}

pub(super) fn container(project: &str, name: &str) -> String {
    format!("{project}-{name}-1")
}

pub(super) fn start(name: &str) -> String {
    format!("docker compose up --detach --wait {name}")
}

pub(super) fn volumes(project: &str, was: &Seen) -> Vec<String> {
    let names = was.volumes.iter();
    names
        .map(|volume| format!("{project}_{}", volume.name))
        .collect()
}

/// What keeps its data: `the volume shop-prod_db-data`, and folders by their paths from the folder of their host;
/// nothing if nothing does.
pub(super) fn kept_in(project: &str, was: &Seen) -> Option<String> {
    let said = |what: &str, names: Vec<String>| {
        (!names.is_empty()).then(|| format!("the {what} {}", names.join(", ")))
    };
    let kept = [
        said("volume", volumes(project, was)),
        said("folder", folders(was)),
    ];
    let kept: Vec<String> = kept.into_iter().flatten().collect();
    (!kept.is_empty()).then(|| kept.join(" and "))
}

pub(super) fn folders(was: &Seen) -> Vec<String> {
    let names = was.folders.iter();
    names.map(|folder| folder.name.to_owned()).collect()
}

/// What it was and what it is: `PostgreSQL and to MySQL`.
pub(super) fn both(item: &Item) -> String {
    let now = item.to.iter().filter_map(|place| place.kind.as_ref());
    let titles: BTreeSet<&str> = item
        .kind
        .iter()
        .chain(now)
        .map(|kind| kind.title.as_str())
        .collect();
    Vec::from_iter(titles).join(" and to ")
}

pub(super) fn documentation(item: &Item) -> String {
    match &item.kind {
        Some(kind) => format!("the documentation of {}", kind.title),
        None => format!("whoever builds {}", item.name),
    }
}
