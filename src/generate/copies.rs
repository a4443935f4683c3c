//! Where the data of an environment is, and how it is copied: what the runbook says of it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::catalog::{Dump, Volume};
use crate::generate::compose_container::{is_at, volume_of};
use crate::model::{Mount, Role, VolumeName};
use crate::topology::{Component, Host, Instance, Topology};

/// What keeps a command that asks for nothing from swallowing the lines that are pasted after it.
pub(super) const NO_INPUT: &str = "</dev/null";

/// A component on a host that keeps data, or whose copies the plan sends somewhere.
#[derive(Serialize)]
pub(super) struct DataView {
    pub(super) component: String,
    pub(super) host: String,
    /// Its volumes, as the engine calls them; none for what is no container of Backstay's.
    pub(super) volumes: String,
    /// The services that copies go to.
    pub(super) copies_to: String,
    /// How its data is copied out and put back, where that is known.
    pub(super) ways: Vec<Way>,
    /// The variable that the known command reads and its container does not have.
    pub(super) lacks: Option<String>,
    /// Who says how it is copied, where no command is known.
    pub(super) says_how: String,
}

/// A way to copy data, in lines of commands.
#[derive(Serialize)]
pub(super) struct Way {
    /// What it is like, where there are several or it is not all.
    note: String,
    out: Vec<String>,
    back: Vec<String>,
}

/// What the runbook of an environment says about data, by component and host.
pub(super) fn data(plan: &str, topology: &Topology) -> Vec<DataView> {
    let mut targets: BTreeMap<&Instance, BTreeSet<&str>> = BTreeMap::new();
    let links = topology.links();
    for link in links.filter(|link| link.connection.roles.contains(&Role::Backup)) {
        let targets = targets.entry(link.user).or_default();
        targets.insert(link.target.component.as_str());
    }
    let mut views = Vec::new();
    for component in topology.components.values() {
        for instance in topology.instances_of(&component.name) {
            let host = &topology.hosts[&instance.host];
            if host.borrowed_from.is_some() {
                continue;
            }
            let volumes = volumes(plan, topology, component, host);
            let targets = targets.get(instance);
            if volumes.is_empty() && targets.is_none() {
                continue;
            }
            let targets = targets.into_iter().flatten().copied();
            let (ways, lacks) = match volumes.is_empty() {
                true => (Vec::new(), None),
                false => ways(component, &volumes),
            };
            views.push(DataView {
                component: component.name.to_string(),
                host: host.name.to_string(),
                ways,
                lacks,
                volumes: volumes.join(", "),
                copies_to: targets.collect::<Vec<_>>().join(", "),
                says_how: match component.service() {
                    Some(service) => format!("the documentation of {}", service.kind.title),
                    None => "whoever builds it".to_owned(),
                },
            });
        }
    }
    views.sort_by(|a, b| (&a.component, &a.host).cmp(&(&b.component, &b.host)));
    views
}

/// The volumes of a container whose data is kept, as the engine calls them, and the folders that the plan has
/// put in the place of one.
fn volumes(plan: &str, topology: &Topology, component: &Component, host: &Host) -> Vec<String> {
    if !topology.writes_container(component, host) {
        return Vec::new();
    }
    let project = format!("{plan}-{}", topology.environment);
    let said = &component.container.volumes;
    let of_kind: Vec<&Volume> = of_kind(component).collect();
    let is_taken = |volume: &Volume, name: &VolumeName, mount: &Mount| {
        name.as_str() == volume.name || is_at(mount, &volume.path)
    };
    let is_ours = component.is_from_catalog();
    let by_kind = of_kind.iter().filter(|volume| {
        let mut said = said.iter();
        is_ours && !said.any(|(name, mount)| is_taken(volume, name, mount))
    });
    let by_kind = by_kind.map(|volume| format!("{project}_{}-{}", component.name, volume.name));
    let by_plan = said.iter().filter_map(|(name, mount)| {
        let is_written = !mount.read_only.unwrap_or(false);
        let mut of_kind = of_kind.iter();
        match &mount.from {
            Some(from) => of_kind
                .any(|volume| is_taken(volume, name, mount))
                .then(|| from.clone()),
            None if is_written => Some(format!("{project}_{}", volume_of(component, name, mount))),
            None => None,
        }
    });
    by_kind.chain(by_plan).collect()
}

/// The volumes that the kind of a service has for what it keeps.
fn of_kind(component: &Component) -> impl Iterator<Item = &Volume> {
    let keeping = component
        .service()
        .filter(|service| service.kind.keeps_data);
    let container = keeping.and_then(|service| Some((service, service.kind.container.as_ref()?)));
    container.into_iter().flat_map(|(service, container)| {
        let volumes = container.volumes.iter();
        volumes.filter(|volume| volume.applies_to(&service.version))
    })
}

/// The ways to copy the data of a container, and the variable that it lacks where a command cannot be run in it.
fn ways(component: &Component, volumes: &[String]) -> (Vec<Way>, Option<String>) {
    let files = files_way(component, volumes);
    match dump_way(component) {
        Ok(dump) => (dump.into_iter().chain(files).collect(), None),
        Err(lacks) if files.is_none() => (Vec::new(), Some(lacks)),
        Err(_) => (Vec::from_iter(files), None),
    }
}

/// How the files of a container are copied out while it is stopped, and back into new volumes; none where files are
/// not all that it needs, or where the plan mounts others.
fn files_way(component: &Component, volumes: &[String]) -> Option<Way> {
    let container = component.catalog_container()?;
    if !container.copied_stopped || !component.container.volumes.is_empty() {
        return None;
    }
    let name = component.name.as_str();
    let files: Vec<(String, &str)> = of_kind(component)
        .map(|volume| (format!("{name}-{}", volume.name), volume.path.as_str()))
        .collect();
    let files = || files.iter().map(|(name, path)| (name.as_str(), *path));
    let is_there = files().map(|(name, _)| format!("test -s {name}.tar"));
    let taken_away = [
        format!("docker compose rm --stop --force {name}"),
        format!("docker volume rm {}", volumes.join(" ")),
    ];
    let back = is_there
        .chain(taken_away)
        .chain(files_in(name, files()))
        .chain([format!("docker compose up --detach --wait {name}")]);
    let out = files_out("docker compose", name, files()).into_iter();
    Some(Way {
        note: match container.dump {
            Some(_) => "all of it, while it is stopped".to_owned(),
            None => String::new(),
        },
        out: [
            format!("docker compose stop {name}"),
            chained(out),
            format!("docker compose start {name}"),
        ]
        .iter()
        .flat_map(|command| command.lines().map(str::to_owned))
        .collect(),
        back: lines(&chained(back)),
    })
}

/// How data is copied by what a kind says of its container, if it says anything; the variable that the container
/// lacks if that cannot be run in it.
fn dump_way(component: &Component) -> Result<Option<Way>, String> {
    let container = component
        .service()
        .and_then(|service| service.kind.container.as_ref());
    let Some((container, dump)) = container.and_then(|it| Some((it, it.dump.as_ref()?))) else {
        return Ok(None);
    };
    let by_kind =
        |name: &str| component.is_from_catalog() && container.environment.contains_key(name);
    let by_plan = |name: &str| {
        let mut settings = component.settings.keys().chain(&component.secret_settings);
        settings.any(|setting| setting.as_str() == name)
    };
    let dump = dump.in_container(|name| by_kind(name) || by_plan(name))?;
    let name = component.name.as_str();
    let inside = format!("docker compose exec -T {name}");
    Ok(Some(Way {
        note: match &dump.leaves_out {
            Some(left) => format!("without {left}"),
            None => String::new(),
        },
        out: lines(&chained(out(&dump, (&inside, NO_INPUT), name))),
        back: lines(&chained(back(&dump, &inside, name))),
    }))
}

fn lines(commands: &str) -> Vec<String> {
    commands.lines().map(str::to_owned).collect()
}

/// Commands of which each is run only if the one before it has ended well, so that whoever pastes all of them goes no
/// further than that.
pub(super) fn chained(commands: impl IntoIterator<Item = String>) -> String {
    let commands: Vec<String> = commands.into_iter().collect();
    commands.join(" &&\n")
}

/// The commands that copy data out, given the one that runs something inside of the container and what it reads. The
/// file has its name once all of it is there.
pub(super) fn out(dump: &Dump, (inside, input): (&str, &str), name: &str) -> [String; 3] {
    let copy = format!("{inside} sh -c {} {input}", quoted(&dump.command));
    let (part, whole) = (format!("{name}.part.dump"), format!("{name}.dump"));
    [
        format!("{} >{part}", copy.trim_end()),
        format!("test -s {part}"),
        format!("mv {part} {whole}"),
    ]
}

/// The commands that put data back, unless there is none.
pub(super) fn back(dump: &Dump, inside: &str, name: &str) -> [String; 2] {
    let back = format!("{inside} sh -c {} <{name}.dump", quoted(&dump.restore));
    [format!("test -s {name}.dump"), back]
}

/// The commands that copy the files of a stopped container out, by the names and paths of its volumes; `engine` is
/// `docker` or `docker compose`.
pub(super) fn files_out<'v>(
    engine: &str,
    container: &str,
    volumes: impl Iterator<Item = (&'v str, &'v str)>,
) -> Vec<String> {
    let commands = volumes.flat_map(|(name, path)| {
        let from = word(&format!("{container}:{path}/."));
        [
            format!("{engine} cp {from} - >{name}.part.tar"),
            format!("mv {name}.part.tar {name}.tar"),
        ]
    });
    commands.collect()
}

/// The commands that make the container of a service, which is not started yet, and put its files back.
pub(super) fn files_in<'v>(
    service: &str,
    volumes: impl Iterator<Item = (&'v str, &'v str)>,
) -> Vec<String> {
    let mut commands = vec![format!("docker compose create {service}")];
    commands.extend(volumes.map(|(name, path)| {
        let to = word(&format!("{service}:{path}"));
        format!("docker compose cp - {to} <{name}.tar")
    }));
    commands
}

/// `text` as one word of a shell, without quotes where it needs none, and changed in nothing.
pub(super) fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=".contains(c);
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text.to_owned(),
        false => verbatim(text),
    }
}

/// `text` in quotes, as it is. What a terminal obeys is said by its number.
fn verbatim(text: &str) -> String {
    let mut quoted = String::from("'");
    for c in text.chars() {
        match c {
            '\'' => quoted.push_str("'\\''"),
            c if c.is_control() && c != '\n' => {
                let bytes = c.to_string().into_bytes();
                let numbers: String = bytes.iter().map(|byte| format!("\\{byte:03o}")).collect();
                quoted.push_str(&format!("'\"$(printf '{numbers}')\"'"));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('\'');
    quoted
}

/// A shell text as one word of a shell, in one line.
pub(super) fn quoted(text: &str) -> String {
    let line = text.trim().replace(char::is_control, " ");
    format!("'{}'", line.replace('\'', "'\\''"))
}
