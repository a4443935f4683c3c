//! What is read back from the files that Backstay has written before: who ran where, with which volumes.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Catalog;
use crate::generate::left_behind::credentials::{Kept, kept};
use crate::generate::left_behind::{FileTexts, keeps_at, kind_of};
use crate::generate::runbook::BY_PROVIDER;
use crate::model::ImageName;

/// The head of the table of hosts in a runbook.
const HOSTS_HEAD: &str = "| host | what it is | address | runs |";

/// The head of the table of uses.
const USES_HEAD: &str = "| who | uses | as | where | address |";

/// A compose file as it was and as it will be.
pub(super) struct ComposeFile<'t> {
    pub(super) environment: &'t str,
    pub(super) host: &'t str,
    /// The name by which Compose knew its containers and volumes; none if there was no file.
    pub(super) project: Option<&'t str>,
    /// The name by which it will know them.
    pub(super) project_now: Option<&'t str>,
    pub(super) before: BTreeMap<&'t str, Seen<'t>>,
    pub(super) after: BTreeMap<&'t str, Seen<'t>>,
    /// The networks that it had.
    pub(super) networks: Vec<&'t str>,
    /// Its text as it was, and as it will be.
    pub(super) text: &'t str,
    pub(super) text_now: &'t str,
}

/// The services that a compose file starts.
pub fn started(compose: &str) -> BTreeSet<&str> {
    services(compose).into_keys().collect()
}

/// The services that a provider runs, by the runbook of their environment.
pub fn provided(runbook: &str) -> BTreeSet<&str> {
    let found = by_provider("", runbook).into_iter();
    found.map(|service| service.name).collect()
}

/// A service that a provider ran.
pub(super) struct ByProvider<'t> {
    pub(super) environment: &'t str,
    pub(super) host: &'t str,
    pub(super) name: &'t str,
    /// What it was, with its version if it had one.
    pub(super) title: &'t str,
}

/// Everything that is read back.
pub(super) struct Written<'t> {
    pub(super) files: Vec<ComposeFile<'t>>,
    pub(super) by_provider: Vec<ByProvider<'t>>,
    /// The credentials that will be kept.
    pub(super) kept: Vec<Kept<'t>>,
    /// What the runbook of each environment said of its hosts, and what it will say.
    hosts: BTreeMap<&'t str, (HostRows<'t>, HostRows<'t>)>,
    /// What runbooks said that services are used as, by service.
    roles: BTreeMap<&'t str, BTreeSet<&'t str>>,
    /// The files that go.
    gone: BTreeSet<&'t str>,
    /// The hosts with a file that changes, by environment and name.
    pub(super) changed: BTreeSet<(&'t str, &'t str)>,
}

impl<'t> Written<'t> {
    pub(super) fn of(texts: &[FileTexts<'t>], catalog: &Catalog) -> Written<'t> {
        let mut written = Written {
            files: Vec::new(),
            by_provider: Vec::new(),
            kept: Vec::new(),
            hosts: BTreeMap::new(),
            roles: BTreeMap::new(),
            gone: BTreeSet::new(),
            changed: BTreeSet::new(),
        };
        for file in texts {
            if file.new.is_empty() && !file.old.is_empty() {
                written.gone.insert(file.path);
            }
            let parts: Vec<&str> = file.path.splitn(3, '/').collect();
            match parts[..] {
                [environment, "README.md"] => {
                    written
                        .by_provider
                        .extend(by_provider(environment, file.old));
                    let hosts = (host_rows(file.old), host_rows(file.new));
                    written.hosts.insert(environment, hosts);
                    for (service, role) in roles(file.old) {
                        written.roles.entry(service).or_default().insert(role);
                    }
                }
                [environment, "secrets.env"] => {
                    written.kept.extend(kept(environment, file.new, false));
                }
                [environment, "secrets.previous.env"] => {
                    written.kept.extend(kept(environment, file.new, true));
                }
                [environment, host, name] => {
                    if file.old != file.new {
                        written.changed.insert((environment, host));
                    }
                    if name == "compose.yaml" {
                        written
                            .files
                            .push(ComposeFile::of((environment, host), file, catalog));
                    }
                }
                _ => {}
            }
        }
        written
    }

    /// The compose file of a host.
    pub(super) fn file(&self, environment: &str, host: &str) -> Option<&ComposeFile<'t>> {
        let mut files = self.files.iter();
        files.find(|file| file.environment == environment && file.host == host)
    }

    /// The compose files of an environment.
    pub(super) fn of_environment<'w>(
        &'w self,
        environment: &'w str,
    ) -> impl Iterator<Item = &'w ComposeFile<'t>> {
        let files = self.files.iter();
        files.filter(move |file| file.environment == environment)
    }

    /// What a service was used as, by anybody.
    pub(super) fn roles_of(&self, service: &str) -> BTreeSet<&'t str> {
        self.roles.get(service).cloned().unwrap_or_default()
    }

    /// Whether a file of a host goes, by itself or with all others of its host.
    pub(super) fn goes(&self, path: &str) -> bool {
        let folder = path.splitn(3, '/').take(2).collect::<Vec<_>>().join("/");
        let all = format!("{folder}/compose.yaml");
        self.gone.contains(path) || self.gone.contains(all.as_str())
    }

    /// Whether what an environment was is what another one will be: the same hosts at the same addresses, with
    /// the same services on each. What has the same name at another address is another machine.
    pub(super) fn is_same(&self, was: &str, is: &str) -> bool {
        let hosts = |environment, is_after: bool| {
            let hosts = self.hosts.get(environment);
            let hosts = hosts.map(|(before, after)| if is_after { after } else { before });
            hosts.cloned().unwrap_or_default()
        };
        let services = |environment, is_after: bool| {
            let files = self.of_environment(environment);
            let services = files.flat_map(move |file| {
                let services = if is_after { &file.after } else { &file.before };
                let services = services.iter();
                services.map(|(name, seen)| (file.host, *name, ImageName::of(seen.image).name))
            });
            services.collect::<BTreeSet<_>>()
        };
        hosts(was, false) == hosts(is, true) && services(was, false) == services(is, true)
    }
}

impl<'t> ComposeFile<'t> {
    fn of(
        (environment, host): (&'t str, &'t str),
        file: &FileTexts<'t>,
        catalog: &Catalog,
    ) -> ComposeFile<'t> {
        let kept = |text| {
            let mut services = services(text);
            for seen in services.values_mut() {
                let kind = kind_of(catalog, seen.image);
                let keeps = |path| kind.as_ref().is_some_and(|kind| keeps_at(kind, path));
                seen.folders.retain(|folder| keeps(folder.path));
            }
            services
        };
        ComposeFile {
            environment,
            host,
            project: project(file.old),
            project_now: project(file.new),
            before: kept(file.old),
            after: kept(file.new),
            networks: networks(file.old),
            text: file.old,
            text_now: file.new,
        }
    }

    /// The services that the file will have besides one.
    pub(super) fn others(&self, name: &str) -> impl Iterator<Item = (&'t str, &Seen<'t>)> {
        let after = self.after.iter().map(|(name, is)| (*name, is));
        after.filter(move |(other, _)| *other != name)
    }
}

/// What a compose file says of a service.
#[derive(Clone, Default)]
pub(super) struct Seen<'t> {
    pub(super) image: &'t str,
    /// The name of its machine, if that is said.
    pub(super) hostname: Option<&'t str>,
    pub(super) volumes: Vec<SeenVolume<'t>>,
    /// Folders of the host, by their paths as the file has them, in which it keeps what its kind keeps in a volume.
    pub(super) folders: Vec<SeenVolume<'t>>,
    pub(super) variables: Vec<&'t str>,
}

/// A volume of a service.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct SeenVolume<'t> {
    pub(super) name: &'t str,
    /// Where the container has it.
    pub(super) path: &'t str,
}

impl<'t> Seen<'t> {
    /// Without the volumes that others mount too, and still do: those are not to be taken away.
    pub(super) fn alone<'s>(
        &self,
        others: impl Iterator<Item = (&'s str, &'s Seen<'t>)>,
    ) -> Seen<'t>
    where
        't: 's,
    {
        let mut volumes = self.volumes.clone();
        for (_, other) in others {
            volumes.retain(|volume| !other.mounts(volume.name));
        }
        Seen {
            image: self.image,
            hostname: self.hostname,
            volumes,
            folders: self.folders.clone(),
            variables: self.variables.clone(),
        }
    }

    pub(super) fn mounts(&self, volume: &str) -> bool {
        self.volumes.iter().any(|own| own.name == volume)
    }

    pub(super) fn has_folder(&self, path: &str) -> bool {
        self.folders.iter().any(|own| own.name == path)
    }

    pub(super) fn keeps_data(&self) -> bool {
        !self.volumes.is_empty() || !self.folders.is_empty()
    }
}

/// The services of a compose file that Backstay has written, by name. What is laid out otherwise is not
/// seen: a template of the user's own gets no notes, but no wrong ones either.
fn services(text: &str) -> BTreeMap<&str, Seen<'_>> {
    let lines = text.lines().skip_while(|line| *line != "services:").skip(1);
    let lines = lines.take_while(|line| line.is_empty() || line.starts_with([' ', '#']));
    let mut services: Vec<(&str, Seen)> = Vec::new();
    let (mut mount, mut in_environment) = ("", false);
    for line in lines {
        let indented = line.trim_start();
        let depth = line.len() - indented.len();
        in_environment = match depth {
            4 => indented == "environment:",
            _ => in_environment,
        };
        let key = indented.split_once(':');
        if let (2, Some((name, ""))) = (depth, key) {
            services.push((unquoted(name), Seen::default()));
            continue;
        }
        let Some((_, seen)) = services.last_mut() else {
            continue;
        };
        match (depth, key) {
            (4, Some(("image", image))) => seen.image = unquoted(image),
            (4, Some(("hostname", name))) => seen.hostname = Some(unquoted(name)),
            (6, Some((name, _))) if in_environment => seen.variables.push(unquoted(name)),
            (6, _) => mount = indented.strip_prefix("- type: ").unwrap_or_default(),
            (8, Some((key, value))) => {
                let mounts = match mount {
                    "volume" => &mut seen.volumes,
                    "bind" => &mut seen.folders,
                    _ => continue,
                };
                let value = unquoted(value);
                match (key, mounts.last_mut()) {
                    ("source", _) => mounts.push(SeenVolume {
                        name: value,
                        path: "",
                    }),
                    ("target", Some(last)) => last.path = value,
                    _ => {}
                }
            }
            _ => {}
        }
    }
    services.into_iter().collect()
}

/// What the file says that its project is called.
fn project(text: &str) -> Option<&str> {
    let mut lines = text.lines();
    lines
        .find_map(|line| line.strip_prefix("name: "))
        .map(unquoted)
}

/// The networks that the file makes.
fn networks(text: &str) -> Vec<&str> {
    let lines = text.lines().skip_while(|line| *line != "networks:").skip(1);
    let lines = lines.take_while(|line| line.starts_with([' ', '#']));
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'));
    let names = names.filter(|name| !name.starts_with(' '));
    names.map(unquoted).collect()
}

/// The rows of the table of hosts in a runbook: name, what it is, and its address.
type HostRows<'t> = BTreeSet<[&'t str; 3]>;

/// The rows of the table of a runbook with that head.
fn rows<'t>(runbook: &'t str, head: &str) -> impl Iterator<Item = &'t str> {
    let table = runbook.lines().skip_while(move |line| *line != head);
    table.skip(2).take_while(|line| line.starts_with('|'))
}

fn host_rows(runbook: &str) -> HostRows<'_> {
    let rows = rows(runbook, HOSTS_HEAD).filter_map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        match cells[..] {
            [_, name, what, address, ..] => Some([name, what, address]),
            _ => None,
        }
    });
    rows.collect()
}

/// Services with what they are used as, by the table of uses in a runbook.
fn roles(runbook: &str) -> impl Iterator<Item = (&str, &str)> {
    let rows = rows(runbook, USES_HEAD).filter_map(|line| {
        let mut cells = line.split('|').map(str::trim).skip(2);
        let (target, roles) = (cells.next()?, cells.next()?);
        Some((target.split(' ').next()?, roles))
    });
    rows.flat_map(|(service, roles)| roles.split(", ").map(move |role| (service, role)))
}

/// The services that a provider ran, by the table of hosts in the runbook of an environment.
fn by_provider<'t>(environment: &'t str, runbook: &'t str) -> Vec<ByProvider<'t>> {
    let mut found = Vec::new();
    for line in runbook.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, host, BY_PROVIDER, _, runs, _] = cells[..] else {
            continue;
        };
        for one in runs.split("), ") {
            if let Some((name, title)) = one.trim_end_matches(')').split_once(" (") {
                found.push(ByProvider {
                    environment,
                    host,
                    name,
                    title,
                });
            }
        }
    }
    found
}

/// The text between double quotes, or the whole without the space around it.
pub(super) fn unquoted(text: &str) -> &str {
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

networks:
  inside:
    internal: true
  \"2\":
    driver: bridge

volumes:
  \"2nd-data\": {}
";

    #[test]
    fn services_and_their_volumes_are_read_from_what_was_written() {
        let seen = services(FILE);
        let names = |seen: &Seen| {
            let said = seen
                .volumes
                .iter()
                .map(|one| format!("{}:{}", one.name, one.path));
            said.collect::<Vec<_>>().join(" ")
        };
        let said: Vec<_> = seen
            .iter()
            .map(|(name, seen)| (*name, seen.image, names(seen)))
            .collect();
        assert_eq!(
            said,
            [
                (
                    "2nd",
                    "docker.io/library/postgres:18",
                    "2nd-data:/var/lib/postgresql".to_owned()
                ),
                ("web", "ghcr.io/acme/web:1", String::new())
            ]
        );
        assert_eq!(project(FILE), Some("shop-prod"));
        assert_eq!(networks(FILE), ["inside", "2"]);
        assert!(services("services: {web: {image: x}}\n").is_empty());
    }

    #[test]
    fn a_runbook_tells_what_a_provider_ran() {
        let runbook = "\
| host | what it is | address | runs |
|---|---|---|---|
| rds | managed by a provider |  | db (PostgreSQL 18), search (OpenSearch 3.2) |
| box | machine |  | cache (Redis 8.2) |
";
        let said = by_provider("prod", runbook);
        let said: Vec<_> = said.iter().map(|it| (it.host, it.name, it.title)).collect();
        assert_eq!(
            said,
            [
                ("rds", "db", "PostgreSQL 18"),
                ("rds", "search", "OpenSearch 3.2")
            ]
        );
    }
}
