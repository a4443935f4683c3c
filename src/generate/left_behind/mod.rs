//! What stays on hosts when files change: containers that run on, and their data.
//!
//! Compose takes down no container that is no longer in its file unless it is told to, and never a volume.
//! So whoever moves a service to another host, calls it or its environment otherwise, or makes another kind
//! of it, is told what to do by hand.

mod afterwards;
mod arriving;
mod container;
mod copying;
mod credentials;
mod held;
mod kept;
mod now;
mod steps;
mod users;
mod written;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::catalog::{Catalog, Kind};
use crate::generate::Inputs;
use crate::generate::rotation::Instruction;
use crate::model::{EnvironmentName, ImageName};

use now::{Now, Place};
use written::{ComposeFile, Seen, SeenVolume, Written};

pub use kept::{KEPT_FILE, is_held, not_kept_yet, with_kept};
pub use written::{provided, started};

/// The texts of a file below the output folder: what it holds, and what it will hold.
#[derive(Clone, Copy)]
pub struct FileTexts<'a> {
    /// Which.
    pub path: &'a str,
    /// Its text now; an empty one if there is none.
    pub old: &'a str,
    /// Its text then; an empty one if it goes.
    pub new: &'a str,
}

/// What services of an environment leave behind, and what is to be done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftBehind {
    /// What, where, and why: one sentence a service.
    pub heads: Vec<String>,
    /// What is to be done by hand, in order.
    pub steps: Vec<Instruction>,
}

/// What is left behind when these files, below `output`, become others. `renamed` are environments with the
/// names that they have now.
pub fn left_behind(
    inputs: &Inputs,
    texts: &[FileTexts],
    renamed: &[(&EnvironmentName, &EnvironmentName)],
    output: &str,
) -> Vec<LeftBehind> {
    let is_changed = |file: &FileTexts| !file.old.is_empty() && file.old != file.new;
    if !texts.iter().any(is_changed) {
        return Vec::new();
    }
    let written = Written::of(texts, inputs.catalog);
    let now = Now {
        topologies: inputs.topologies,
        written: &written,
        catalog: inputs.catalog,
        renamed,
    };
    let mut groups: BTreeMap<&str, Vec<Item>> = BTreeMap::new();
    for item in items(&now) {
        groups.entry(item.environment).or_default().push(item);
    }
    let groups = groups.into_values().map(|items| LeftBehind {
        heads: items.iter().map(|item| item.head.clone()).collect(),
        steps: steps::steps(&now, &items, output),
    });
    groups.collect()
}

/// A service that leaves something behind.
struct Item<'a> {
    environment: &'a str,
    host: &'a str,
    name: &'a str,
    ran_by: RanBy<'a>,
    /// What it was; none for an app.
    kind: Option<Arc<Kind>>,
    /// Where it is now; nothing if it is nowhere any more.
    to: Vec<Place<'a>>,
    head: String,
}

/// Who ran it.
enum RanBy<'a> {
    /// The container of a compose file.
    Container {
        file: &'a ComposeFile<'a>,
        project: &'a str,
        was: Seen<'a>,
        /// Whether Compose replaces the container itself, because its file still has the service.
        is_replaced: bool,
    },
    /// A provider.
    Provider,
}

impl<'a> Item<'a> {
    /// What it was, without the volumes that others on its host mount too and still do.
    fn own(&self, was: &Seen<'a>) -> Seen<'a> {
        match &self.ran_by {
            RanBy::Container {
                file,
                is_replaced: true,
                ..
            } => was.alone(file.others(self.name)),
            // What others mount was left out when it was seen that it went.
            RanBy::Container { .. } | RanBy::Provider => was.clone(),
        }
    }
}

fn items<'a>(now: &Now<'a>) -> Vec<Item<'a>> {
    let mut items = Vec::new();
    for file in &now.written.files {
        let Some(project) = file.project else {
            continue;
        };
        let of_file = file.before.iter();
        items.extend(of_file.filter_map(|(name, was)| {
            let is_renamed = file.project_now != Some(project);
            let is = file.after.get(name);
            let kind = kind_of(now.catalog, was.image);
            let (to, mut was, head) = match is {
                None => {
                    let to = now.became(file, name, was);
                    let was = was.alone(file.others(name));
                    let head = moved(file, name, kind.as_deref(), &to);
                    (to, was, head)
                }
                Some(is) if is_renamed => {
                    let to = vec![now.here(file, name, is)];
                    (to, was.clone(), starts_anew(file, name, was))
                }
                Some(is) => {
                    let to = now.here(file, name, is);
                    let (was, why) = in_place(file, (name, was), (kind.as_deref(), &to))?;
                    let head = format!("{}, which {why}", place(file, name));
                    (vec![to], was, head)
                }
            };
            // Where it finds its folder again, that is no move.
            let before = was.clone();
            was.folders.retain(|folder| {
                let before = (kind.as_deref(), &before);
                !to.iter().any(|place| finds(file, before, place, folder))
            });
            let is_replaced = is.is_some() && !is_renamed;
            Some(Item {
                environment: file.environment,
                host: file.host,
                name,
                ran_by: RanBy::Container {
                    file,
                    project,
                    was,
                    is_replaced,
                },
                kind,
                to,
                head,
            })
        }));
    }
    items.extend(now.of_providers());
    items
}

/// What a service leaves behind that its file still has, and why; nothing if it goes on with all that it keeps.
fn in_place<'a>(
    file: &ComposeFile<'a>,
    (name, was): (&str, &Seen<'a>),
    (kind, to): (Option<&Kind>, &Place<'a>),
) -> Option<(Seen<'a>, String)> {
    if !was.keeps_data() {
        return None;
    }
    let is = to.seen.as_ref()?;
    if let (Some(was_kind), Some(is_kind)) = (kind, &to.kind)
        && was_kind.id != is_kind.id
    {
        let why = format!("is {} now and was {}", is_kind.title, was_kind.title);
        return Some((was.clone(), why));
    }
    if to.kind.is_some() && !reads_files(kind, was, is) {
        let (is, was_title) = (titled(to.kind.as_deref(), is), titled(kind, was));
        return Some((was.clone(), format!("is {is} now and was {was_title}")));
    }
    // Of what others mount too, only what it keeps there itself is missed.
    let is_missed = |volume: &SeenVolume| match kind {
        Some(kind) if kind.keeps_data => keeps_at(kind, volume.path),
        _ => !file
            .others(name)
            .any(|(_, other)| other.mounts(volume.name)),
    };
    let mut left = was.clone();
    left.volumes
        .retain(|volume| !is.mounts(volume.name) && is_missed(volume));
    left.folders.retain(|folder| !is.has_folder(folder.name));
    let kept_in = steps::kept_in(file.project?, &left)?;
    Some((left, format!("leaves its data in {kept_in}")))
}

/// Whether a service has the folder of before where it is now, and reads what is in it.
fn finds(
    file: &ComposeFile,
    (kind, was): (Option<&Kind>, &Seen),
    place: &Place,
    folder: &SeenVolume,
) -> bool {
    let reads = |seen: &Seen| seen.has_folder(folder.name) && reads_files(kind, was, seen);
    let is_kind = kind.map(|kind| &kind.id) == place.kind.as_ref().map(|kind| &kind.id);
    place.host == file.host && is_kind && place.seen.as_ref().is_some_and(reads)
}

/// Whether a service that has become `is` reads the files that it left as `was`, by the versions of its images.
fn reads_files(kind: Option<&Kind>, was: &Seen, is: &Seen) -> bool {
    let container = kind.and_then(|kind| kind.container.as_ref());
    let of = |seen: &Seen| ImageName::of(seen.image).tag.unwrap_or_default().to_owned();
    container.is_none_or(|container| container.reads_files(&of(was), &of(is)))
}

/// `PostgreSQL 18`
fn titled(kind: Option<&Kind>, seen: &Seen) -> String {
    let title = kind.map_or("the old one", |kind| &kind.title);
    match ImageName::of(seen.image).tag {
        Some(tag) => format!("{title} {tag}"),
        None => title.to_owned(),
    }
}

/// Whether a kind keeps its data at a path of its container.
fn keeps_at(kind: &Kind, path: &str) -> bool {
    let container = kind.container.as_ref().filter(|_| kind.keeps_data);
    let mut volumes = container.iter().flat_map(|container| &container.volumes);
    volumes.any(|volume| volume.path.trim_end_matches('/') == path.trim_end_matches('/'))
}

/// `db on data-1 of prod`
fn place(file: &ComposeFile, name: &str) -> String {
    format!("{name} on {} of {}", file.host, file.environment)
}

/// A service whose project has another name now: Compose starts it anew, beside what ran before.
fn starts_anew(file: &ComposeFile, name: &str, was: &Seen) -> String {
    let data = match was.volumes.is_empty() {
        true => "",
        false => ", without its data",
    };
    let (was, is) = (file.project, file.project_now);
    format!(
        "{}, which starts anew{data}: its project is called {} now and was called {}",
        place(file, name),
        is.unwrap_or_default(),
        was.unwrap_or_default()
    )
}

/// A service that no longer runs where it ran.
fn moved(file: &ComposeFile, name: &str, kind: Option<&Kind>, to: &[Place]) -> String {
    let was = place(file, name);
    let Some(first) = to.first() else {
        return format!("{was}, which nothing runs any more");
    };
    let hosts: Vec<&str> = to.iter().map(|place| place.host).collect();
    let hosts = hosts.join(", ");
    let is_elsewhere = to.iter().any(|place| place.host != file.host);
    let mut said = match first.name == name {
        true => String::new(),
        false => format!(" is called {} now", first.name),
    };
    let begin = if said.is_empty() { "" } else { " and" };
    said += &match (first.run, first.environment == file.environment) {
        (now::Run::Process, _) if is_elsewhere => format!("{begin} is a process on {hosts} now"),
        (now::Run::Process, _) => format!("{begin} is a process now"),
        (now::Run::Provider, _) => format!("{begin} a provider runs now ({hosts})"),
        (_, true) if !said.is_empty() && !is_elsewhere => String::new(),
        (_, true) => format!("{begin} runs on {hosts} now"),
        (_, false) => format!("{begin} runs on {hosts} of {} now", first.environment),
    };
    let as_kind = match (kind, &first.kind) {
        (Some(was), Some(is)) if was.id != is.id => {
            format!(", as {}; it was {}", is.title, was.title)
        }
        _ => String::new(),
    };
    format!("{was}, which{said}{as_kind}")
}

/// The kind whose image that is.
fn kind_of(catalog: &Catalog, image: &str) -> Option<Arc<Kind>> {
    let name = ImageName::of(image).name;
    let mut kinds = catalog.kinds();
    kinds.find(|kind| kind.image.as_ref().is_some_and(|image| image.name == name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_known_by_its_image_whatever_its_tag() {
        let catalog = Catalog::builtin();
        let id = |image: &str| kind_of(&catalog, image).map(|kind| kind.id.clone());
        for image in [
            "docker.io/library/postgres",
            "docker.io/library/postgres:18",
            "docker.io/library/postgres:18@sha256:00",
        ] {
            assert_eq!(id(image).as_deref(), Some("postgres"), "{image}");
        }
        assert_eq!(id("localhost:5000/postgres"), None);
    }
}
