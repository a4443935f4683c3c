//! The steps that bring services over with their data, for all that is left behind of one environment at once.
//!
//! They go through phases, each for all of the services: nobody writes any more, the data is copied out, what
//! ran is stopped, files and copies go to their hosts, the services start with their data, then those who use
//! them, and what was before is taken away last.

use std::collections::BTreeSet;

use crate::catalog::Dump;
use crate::generate::copies;
use crate::generate::left_behind::now::{Now, Place, Run};
use crate::generate::left_behind::written::{Seen, SeenVolume};
use crate::generate::left_behind::{Item, RanBy};
use crate::generate::rotation::Instruction;
use crate::generate::secret_file::{previous_path, secrets_path};

/// When a step is taken, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    Order,
    CopyFolders,
    Quiet,
    CopyRunning,
    Stop,
    CopyStopped,
    Clear,
    Carry,
    Start,
    Fill,
    StartUsers,
    TakeAway,
    Forget,
}

/// How the data of a service comes out of its old container.
enum Copy<'a> {
    /// By what the kind says.
    Dumped(Dump),
    /// As the files of its volumes, of a container that is stopped.
    Files(&'a [SeenVolume<'a>]),
    /// By a client that reads there and writes here.
    Client,
    /// By a way that is not known here.
    Unknown,
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
            RanBy::Container { project, was, .. } => steps.of_container(item, project, was),
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

    fn folder(&self, place: &Place) -> String {
        format!("{}/{}/{}", self.output, place.environment, place.host)
    }

    /// A service whose container ran.
    fn of_container(&mut self, item: &Item, project: &str, was: &Seen) {
        let (host, name) = (item.host, item.name);
        let container = container(project, name);
        if was.volumes.is_empty() {
            let text = format!("Take the old {name} down, on {host}; it runs on until then:");
            let command = format!("docker stop {container}\ndocker rm {container}");
            self.push(Phase::Quiet, text, command);
            for place in item.to.iter().filter(|place| !place.is_old) {
                self.started(place);
            }
            return;
        }
        let copy = copy_of(item, was);
        let is_replaced = matches!(
            item.ran_by,
            RanBy::Container {
                is_replaced: true,
                ..
            }
        );
        let mut command = format!("docker stop {container}");
        if is_replaced {
            command += &format!("\ndocker rm {container}");
        }
        let text = format!("Stop the old {name}, on {host}; it runs on until then:");
        self.push(Phase::Stop, text, command);
        self.copied_out(item, (project, was), &copy);
        if is_replaced {
            self.cleared(item, (project, was));
        }
        for place in item.to.iter().filter(|place| !place.is_old) {
            self.brought_in(item, place, &copy);
        }
    }

    /// The copy of what is in its volumes.
    fn copied_out(&mut self, item: &Item, (project, was): (&str, &Seen), copy: &Copy) {
        let (host, name) = (item.host, item.name);
        let container = container(project, name);
        let volumes = volumes(project, was).join(", ");
        let stays = format!("it stays there, in the volume {volumes}");
        let quiet = "while the old container runs and nobody writes to it";
        // Where it is put back, if that is on the same host.
        let here = item.to.iter().find(|place| place.host == host);
        let folder = here.map_or(String::new(), |place| {
            format!(", in {}", self.folder(place))
        });
        match copy {
            Copy::Dumped(dump) => {
                let text =
                    format!("Copy the data of {name} out, on {host}{folder}, {quiet}: {stays}.");
                let inside = format!("docker exec {container}");
                self.push(Phase::CopyRunning, text, copies::out(dump, &inside, name));
            }
            Copy::Files(files) => {
                let text = format!(
                    "Copy the data of {name} out, on {host}{folder}, now that it is stopped: {stays}."
                );
                let files = files.iter().map(|volume| (volume.name, volume.path));
                let command = copies::files_out("docker", &container, files);
                self.push(Phase::CopyStopped, text, command);
            }
            Copy::Client => {
                let text = format!(
                    "Copy the data of {name} from the old container, on {host}, to the provider's, {quiet}, with a client that speaks to {}: {stays}. The credentials of the old one are in {}/{}.",
                    both(item),
                    self.output,
                    previous_path(item.environment)
                );
                self.push(Phase::CopyRunning, text, None);
            }
            Copy::Unknown => {
                let text = format!(
                    "Copy the data of {name} out, on {host}{folder}, {quiet}: {stays}; {} says how.",
                    documentation(item)
                );
                self.push(Phase::CopyRunning, text, None);
            }
        }
    }

    /// The volume in which another kind would find what it does not read.
    fn cleared(&mut self, item: &Item, (project, was): (&str, &Seen)) {
        let Some(Place {
            kind: Some(is),
            seen: Some(seen),
            ..
        }) = item.to.first()
        else {
            return;
        };
        let is_found = |volume: &&SeenVolume| seen.mounts(volume.name);
        if !was.volumes.iter().any(|volume| is_found(&volume)) {
            return;
        }
        let old = item.kind.as_ref().map_or("the old one", |kind| &kind.title);
        let otherwise = format!("otherwise {} starts on what {old} has left there", is.title);
        let own = item.own(was);
        if !own.volumes.is_empty() {
            let text = format!(
                "Once the copy is safe, take away the data of before, on {}; {otherwise}:",
                item.host
            );
            let command = format!("docker volume rm {}", volumes(project, &own).join(" "));
            self.push(Phase::Clear, text, command);
        }
        let RanBy::Container { file, .. } = &item.ran_by else {
            return;
        };
        // Docker takes away no volume that has a container, and others have theirs in it.
        let shared = was.volumes.iter().filter(is_found);
        for volume in shared.filter(|volume| !own.mounts(volume.name)) {
            let others = file.others(item.name);
            let others = others.filter(|(_, other)| other.mounts(volume.name));
            let others: Vec<&str> = others.map(|(name, _)| name).collect();
            let text = format!(
                "Once the copy is safe, delete what {old} has left in the volume {project}_{}, on {}, and not the volume, which {} mounts too; {otherwise}.",
                volume.name,
                item.host,
                others.join(", ")
            );
            self.push(Phase::Clear, text, None);
        }
    }

    /// The service where it is now, with the data.
    fn brought_in(&mut self, item: &Item, place: &Place, copy: &Copy) {
        let (name, host, folder) = (place.name, place.host, self.folder(place));
        let files = match copy {
            Copy::Dumped(_) => vec![format!("{}.dump", item.name)],
            Copy::Files(files) => files.iter().map(|it| format!("{}.tar", it.name)).collect(),
            Copy::Client | Copy::Unknown => Vec::new(),
        };
        let files = files.join(", ");
        let is_same =
            item.kind.as_ref().map(|kind| &kind.id) == place.kind.as_ref().map(|kind| &kind.id);
        if host != item.host && !files.is_empty() && place.run == Run::Container {
            let text = format!(
                "Carry {files} from {} to {host}, into {folder} there.",
                item.host
            );
            self.push(Phase::Carry, text, None);
        }
        match (place.run, copy) {
            (Run::Container, Copy::Dumped(dump)) if is_same => {
                let text = format!("Start {name} on {host}, in {folder}, and put the data back:");
                let inside = format!("docker compose exec -T {name}");
                let back = copies::back(dump, &inside, item.name);
                self.push(Phase::Start, text, format!("{}\n{back}", start(name)));
            }
            (Run::Container, Copy::Files(files)) if is_same => {
                let text = format!(
                    "Put the data back before {name} is first started on {host}, and start it, in {folder}:"
                );
                let files = files.iter().map(|volume| (volume.name, volume.path));
                let command = copies::files_in(name, files);
                self.push(Phase::Start, text, format!("{command}\n{}", start(name)));
            }
            (Run::Container, copy) => {
                self.push(
                    Phase::Start,
                    format!("Start {name} on {host}, in {folder}:"),
                    start(name),
                );
                let text = match (copy, &place.kind, &item.kind) {
                    (_, Some(is), Some(was)) if !is_same => {
                        let copy = if files.is_empty() { "the copy" } else { &files };
                        format!(
                            "Fill {name} on {host} with what {copy} holds, converted first, by a tool that knows both: {} does not read what {} has written.",
                            is.title, was.title
                        )
                    }
                    _ => format!(
                        "Put the data of {name} back on {host}, as {} says.",
                        documentation(item)
                    ),
                };
                self.push(Phase::Fill, text, None);
            }
            (Run::Provider, copy) => {
                self.ordered(place);
                if !matches!(copy, Copy::Client) {
                    let text = format!("Put {files} into {name} at {host}, with a client of it.");
                    self.push(Phase::Fill, text, None);
                }
            }
            (Run::Process, _) => {
                let copy = if files.is_empty() { "the copy" } else { &files };
                let text = format!(
                    "Start {name} on {host}, where it is a process of the machine now, and put {copy} back with its own client."
                );
                self.push(Phase::Start, text, None);
            }
            (Run::Others, _) => {
                let text = format!(
                    "Start {name} on {host}, as whoever runs it there does, and put the copy back."
                );
                self.push(Phase::Start, text, None);
            }
        }
    }

    fn ordered(&mut self, place: &Place) {
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
    fn started(&mut self, place: &Place) {
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

fn start(name: &str) -> String {
    format!("docker compose up --detach --wait {name}")
}

pub(super) fn volumes(project: &str, was: &Seen) -> Vec<String> {
    let names = was.volumes.iter();
    names
        .map(|volume| format!("{project}_{}", volume.name))
        .collect()
}

/// What it was and what it is: `PostgreSQL and to MySQL`.
fn both(item: &Item) -> String {
    let now = item.to.iter().filter_map(|place| place.kind.as_ref());
    let titles: BTreeSet<&str> = item
        .kind
        .iter()
        .chain(now)
        .map(|kind| kind.title.as_str())
        .collect();
    Vec::from_iter(titles).join(" and to ")
}

fn documentation(item: &Item) -> String {
    match &item.kind {
        Some(kind) => format!("the documentation of {}", kind.title),
        None => format!("whoever builds {}", item.name),
    }
}

/// How the data of a container comes out that a compose file knows.
fn copy_of<'a>(item: &Item, was: &'a Seen<'a>) -> Copy<'a> {
    let container = item.kind.as_ref().and_then(|kind| kind.container.as_ref());
    let dump = container.and_then(|container| container.dump.as_ref());
    let dump = dump.and_then(|dump| dump.in_container(|name| was.variables.contains(&name)).ok());
    // Files are read by the version alone that wrote them.
    let images = item.to.iter().filter_map(|place| place.seen.as_ref());
    let is_same_image = images.into_iter().all(|seen| seen.image == was.image);
    let has_files = container.is_some_and(|container| container.copied_stopped);
    match dump {
        Some(dump) => Copy::Dumped(dump),
        None if item.to.iter().any(|place| place.run == Run::Provider) => Copy::Client,
        None if has_files && is_same_image => Copy::Files(&was.volumes),
        None => Copy::Unknown,
    }
}
