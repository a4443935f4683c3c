//! What stays on a host when its compose file changes: containers that run on, and their data.
//!
//! Compose takes down no container that is no longer in its file unless it is told to, and never a volume.
//! So whoever moves a service to another host, or makes another kind of it, is told what to do by hand.

use std::collections::BTreeMap;

use crate::catalog::{Catalog, Dump, Kind};
use crate::generate::rotation::Instruction;
use crate::generate::{Inputs, copies};
use crate::model::ImageName;
use crate::topology::Topology;

/// What a service leaves behind on a host, and what is to be done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftBehind {
    /// What, where, and why.
    pub text: String,
    /// What is to be done by hand, in order.
    pub steps: Vec<Instruction>,
}

/// What the compose file at `path`, below `output`, leaves behind when it becomes another text; an empty
/// one if it goes.
pub fn left_behind(
    inputs: &Inputs,
    path: &str,
    (old, new): (&str, &str),
    output: &str,
) -> Vec<LeftBehind> {
    let parts: Vec<&str> = path.split('/').collect();
    let [environment, host, "compose.yaml"] = parts[..] else {
        return Vec::new();
    };
    let (before, after) = (services(old), services(new));
    let now = project(new);
    let Some(project) = project(old).filter(|_| !before.is_empty()) else {
        return Vec::new();
    };
    let called_now = now.filter(|now| *now != project);
    let mut topologies = inputs.topologies.iter();
    let place = ChangedFile {
        environment,
        host,
        project,
        folder: format!("{output}/{environment}/{host}"),
        output,
        topology: topologies.find(|topology| topology.environment.as_str() == environment),
    };
    let left = before
        .iter()
        .filter_map(|(name, was)| match after.get(name) {
            None => Some(place.moved(inputs.catalog, name, &was.alone(&after))),
            Some(is) => match called_now {
                Some(now) => Some(place.renamed(inputs.catalog, name, was, now)),
                None => place.changed(inputs.catalog, name, (was, is)),
            },
        });
    left.collect()
}

/// A compose file that changes.
struct ChangedFile<'a> {
    environment: &'a str,
    host: &'a str,
    /// The name by which Compose knows its containers and volumes.
    project: &'a str,
    folder: String,
    output: &'a str,
    topology: Option<&'a Topology>,
}

impl ChangedFile<'_> {
    /// A service that no longer runs there.
    fn moved(&self, catalog: &Catalog, name: &str, was: &Seen) -> LeftBehind {
        let (environment, host) = (self.environment, self.host);
        let now = self.hosts_now(name);
        let kind = kind_of(catalog, was.image);
        let text = match now.is_empty() {
            true => format!("{name} on {host} of {environment}, which nothing runs any more"),
            false => format!(
                "{name} on {host} of {environment}, which runs on {} now",
                now.join(", ")
            ),
        };
        let dump = kind.as_deref().and_then(|kind| dump_of(kind, was));
        let now = now.iter().filter(|_| !was.volumes.is_empty());
        let folders = now.map(|now| (now.as_str(), format!("{}/{environment}/{now}", self.output)));
        let steps = self.brought_over(name, was, dump.as_ref(), folders);
        LeftBehind { text, steps }
    }

    /// A service whose project has another name now: Compose starts it anew, beside what ran before.
    fn renamed(&self, catalog: &Catalog, name: &str, was: &Seen, now: &str) -> LeftBehind {
        let has_data = !was.volumes.is_empty();
        let kind = kind_of(catalog, was.image);
        let dump = kind.as_deref().and_then(|kind| dump_of(kind, was));
        let dump = dump.as_ref().filter(|_| has_data);
        let folder = (self.host, self.folder.clone());
        let steps = self.brought_over(name, was, dump, std::iter::once(folder));
        let data = if has_data { ", without its data" } else { "" };
        LeftBehind {
            text: format!(
                "{name} on {} of {}, which starts anew{data}: its project is called {now} now and was called {}",
                self.host, self.environment, self.project
            ),
            steps,
        }
    }

    /// A service that is another kind now; nothing if it is not, or has no data.
    fn changed(
        &self,
        catalog: &Catalog,
        name: &str,
        (was, is): (&Seen, &Seen),
    ) -> Option<LeftBehind> {
        let (old, new) = (kind_of(catalog, was.image)?, kind_of(catalog, is.image)?);
        if old.id == new.id || was.volumes.is_empty() {
            return None;
        }
        let host = self.host;
        let dump = dump_of(&old, was);
        let mut steps = Vec::from_iter(self.copied_out(name, was, dump.as_ref()));
        let is_mounted = was.volumes.iter().any(|volume| is.volumes.contains(volume));
        if is_mounted {
            steps.push(self.taken_down(name));
            let why = format!(
                "Once the copy is safe, or {} starts on what {} has left there, take",
                new.title, old.title
            );
            steps.extend(self.volumes_taken_away(was, &why));
        }
        steps.push(started(name, (host, &self.folder), None));
        let text = format!(
            "Bring the data over: {} does not read what {} has written.",
            new.title, old.title
        );
        steps.push(Instruction::new(text, None));
        if !is_mounted {
            steps.extend(self.volumes_taken_away(was, "When all of this works, take"));
        }
        Some(LeftBehind {
            text: format!(
                "{name} on {host} of {}, which is {} now and was {}",
                self.environment, new.title, old.title
            ),
            steps,
        })
    }

    /// Its data is copied out, and it goes on where it is started anew, on hosts with their folders.
    fn brought_over<'h>(
        &self,
        name: &str,
        was: &Seen,
        dump: Option<&Dump>,
        to: impl Iterator<Item = (&'h str, String)>,
    ) -> Vec<Instruction> {
        let mut steps = Vec::from_iter(self.copied_out(name, was, dump));
        steps.push(self.taken_down(name));
        steps.extend(to.map(|(host, folder)| started(name, (host, &folder), dump)));
        steps.extend(self.volumes_taken_away(was, "When all of this works, take"));
        steps
    }

    fn hosts_now(&self, name: &str) -> Vec<String> {
        let Some(topology) = self.topology else {
            return Vec::new();
        };
        let mut components = topology.components.values();
        let component = components.find(|component| component.name.as_str() == name);
        let hosts = component.map_or(&[][..], |component| topology.hosts_of(&component.name));
        hosts.iter().map(ToString::to_string).collect()
    }

    fn container(&self, name: &str) -> String {
        format!("{}-{name}-1", self.project)
    }

    /// The copy of what is in its volumes; nothing if it has none.
    fn copied_out(&self, name: &str, was: &Seen, dump: Option<&Dump>) -> Option<Instruction> {
        let volumes = self.volumes(was)?;
        let (host, container) = (self.host, self.container(name));
        let text = format!(
            "Copy its data out first, on {host}, while the old container runs and nobody writes to it: it stays there, in the volume {volumes}"
        );
        Some(match dump {
            Some(dump) => {
                let inside = format!("docker exec -i {container}");
                Instruction::new(format!("{text}."), copies::out(dump, &inside, name))
            }
            None => Instruction::new(format!("{text}; its documentation says how."), None),
        })
    }

    /// Alone: its neighbours may have data to be copied yet.
    fn taken_down(&self, name: &str) -> Instruction {
        let (host, container) = (self.host, self.container(name));
        Instruction::new(
            format!("Take its old container down, on {host}; it runs on until then:"),
            format!("docker stop {container}\ndocker rm {container}"),
        )
    }

    fn volumes_taken_away(&self, was: &Seen, begin: &str) -> Option<Instruction> {
        let volumes = self.volumes(was)?.replace(", ", " ");
        Some(Instruction::new(
            format!("{begin} away the data of before, on {}:", self.host),
            format!("docker volume rm {volumes}"),
        ))
    }

    fn volumes(&self, was: &Seen) -> Option<String> {
        let names = was.volumes.iter();
        let names: Vec<String> = names
            .map(|volume| format!("{}_{volume}", self.project))
            .collect();
        (!names.is_empty()).then(|| names.join(", "))
    }
}

/// The start where it runs now, and the data put back if that can be said.
fn started(name: &str, (host, folder): (&str, &str), dump: Option<&Dump>) -> Instruction {
    let start = format!("docker compose up --detach --wait {name}");
    match dump {
        Some(dump) => {
            let back = copies::back(dump, &format!("docker compose exec -T {name}"), name);
            Instruction::new(
                format!("Start it on {host}, in {folder}, and put the data back:"),
                format!("{start}\n{back}"),
            )
        }
        None => Instruction::new(format!("Start it on {host}, in {folder}:"), start),
    }
}

/// How the data of a container is copied that a compose file knows.
fn dump_of(kind: &Kind, was: &Seen) -> Option<Dump> {
    let dump = kind.container.as_ref()?.dump.as_ref()?;
    dump.in_container(|name| was.variables.contains(&name)).ok()
}

/// The kind whose image that is.
fn kind_of(catalog: &Catalog, image: &str) -> Option<std::sync::Arc<Kind>> {
    let name = ImageName::of(image).name;
    let mut kinds = catalog.kinds();
    kinds.find(|kind| kind.image.as_ref().is_some_and(|image| image.name == name))
}

/// What a compose file says of a service.
#[derive(Default)]
struct Seen<'t> {
    image: &'t str,
    volumes: Vec<&'t str>,
    variables: Vec<&'t str>,
}

impl<'t> Seen<'t> {
    /// Without the volumes that others mount too, and still do: those are not to be taken away.
    fn alone(&self, after: &BTreeMap<&str, Seen>) -> Seen<'t> {
        let volumes = self.volumes.iter().copied();
        let is_mounted = |volume: &&str| after.values().any(|is| is.volumes.contains(volume));
        Seen {
            image: self.image,
            volumes: volumes.filter(|volume| !is_mounted(volume)).collect(),
            variables: self.variables.clone(),
        }
    }
}

/// The services of a compose file that Backstay has written, by name. What is laid out otherwise is not
/// seen: a template of the user's own gets no notes, but no wrong ones either.
fn services(text: &str) -> BTreeMap<&str, Seen<'_>> {
    let mut services: BTreeMap<&str, Seen> = BTreeMap::new();
    let lines = text.lines().skip_while(|line| *line != "services:").skip(1);
    let lines = lines.take_while(|line| line.is_empty() || line.starts_with([' ', '#']));
    let (mut current, mut in_volume, mut in_environment) = (None, false, false);
    for line in lines {
        let indented = line.trim_start();
        let depth = line.len() - indented.len();
        in_environment = match depth {
            4 => indented == "environment:",
            _ => in_environment,
        };
        match (depth, indented.split_once(':')) {
            (2, Some((name, ""))) => {
                current = Some(unquoted(name));
                services.entry(unquoted(name)).or_default();
            }
            (4, Some(("image", image))) => {
                if let Some(seen) = current.and_then(|name| services.get_mut(name)) {
                    seen.image = unquoted(image);
                }
            }
            (6, Some((name, _))) if in_environment => {
                if let Some(seen) = current.and_then(|name| services.get_mut(name)) {
                    seen.variables.push(unquoted(name));
                }
            }
            (6, _) => in_volume = indented == "- type: volume",
            (8, Some(("source", source))) if in_volume => {
                if let Some(seen) = current.and_then(|name| services.get_mut(name)) {
                    seen.volumes.push(unquoted(source));
                }
            }
            _ => {}
        }
    }
    services
}

/// What the file says that its project is called.
fn project(text: &str) -> Option<&str> {
    let mut lines = text.lines();
    lines
        .find_map(|line| line.strip_prefix("name: "))
        .map(unquoted)
}

fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let inner = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    inner.unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
# shop: prod on data-1.
name: shop-prod

services:
  \"2nd\":
    # Starting it accepts something: a licence.
    image: \"docker.io/library/postgres:18\"
    volumes:
      - type: volume
        source: \"2nd-data\"
        target: \"/var/lib/postgresql\"
      - type: bind
        source: \"./config\"

  web:
    image: \"ghcr.io/acme/web:1\"

volumes:
  \"2nd-data\": {}
";

    #[test]
    fn services_and_their_volumes_are_read_from_what_was_written() {
        let seen = services(FILE);
        let said: Vec<_> = seen
            .iter()
            .map(|(name, seen)| (*name, seen.image, seen.volumes.join(" ")))
            .collect();
        assert_eq!(
            said,
            [
                (
                    "2nd",
                    "docker.io/library/postgres:18",
                    "2nd-data".to_owned()
                ),
                ("web", "ghcr.io/acme/web:1", String::new())
            ]
        );
        assert_eq!(project(FILE), Some("shop-prod"));
        assert!(services("services: {web: {image: x}}\n").is_empty());
    }

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
