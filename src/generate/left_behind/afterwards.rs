//! The steps that take away what nothing needs any more, when all else works.

use std::collections::{BTreeMap, BTreeSet};

use crate::generate::copies::{chained, word};
use crate::generate::left_behind::RanBy;
use crate::generate::left_behind::copying::copy_of;
use crate::generate::left_behind::steps::{Phase, Steps, container, folders, volumes};
use crate::generate::secret_file::{previous_path, secrets_path};

impl Steps<'_> {
    /// The credentials that nothing uses any more.
    pub(super) fn forgotten(&mut self) {
        for item in self
            .items
            .iter()
            .filter(|item| !matches!(item.ran_by, RanBy::Provider))
        {
            let (environment, name) = (item.environment, item.name);
            if self.now.topology(environment).is_some() {
                let variables = self.now.unneeded(item);
                if variables.is_empty() || self.now.component(environment, name).is_some() {
                    continue;
                }
                let text = format!("Take away the credentials of {name}, which nothing uses then:");
                let variables = variables.join(" ");
                let command = format!("backstay secrets rotate {environment} {variables} --forget");
                self.push(Phase::Forget, text, command);
            } else if self.now.keeps_any(environment) {
                let text = format!(
                    "Take away the credentials that {environment} has left, which nothing uses then:"
                );
                let paths = [secrets_path(environment), previous_path(environment)];
                let paths = paths.map(|path| word(&format!("{}/{path}", self.output)));
                self.push(Phase::Forget, text, format!("rm -f {}", paths.join(" ")));
            }
        }
    }

    /// What nothing needs any more, by host.
    pub(super) fn taken_away(&mut self) {
        let mut hosts: BTreeMap<(bool, &str, String), Unneeded> = BTreeMap::new();
        for item in self.items {
            let RanBy::Container {
                file,
                project,
                was,
                is_replaced,
            } = &item.ran_by
            else {
                continue;
            };
            let folder = self.copies_folder(item);
            let of_host = hosts
                .entry((item.to.is_empty(), item.host, folder.clone()))
                .or_default();
            let seen = item.to.iter().filter_map(|place| place.seen.as_ref());
            let mounted: BTreeSet<&str> = seen
                .filter(|_| *is_replaced)
                .flat_map(|seen| seen.volumes.iter().map(|volume| volume.name))
                .collect();
            // What another kind must not find was taken away before it started, and a cache when it stopped.
            let is_cleared = was
                .volumes
                .iter()
                .any(|volume| mounted.contains(volume.name));
            if was.keeps_data() && !is_cleared && !self.is_made_again(item) {
                if !is_replaced {
                    of_host.containers.insert(container(project, item.name));
                }
                let volumes = volumes(project, &item.own(was));
                let copies = copy_of(item, was).whole(item.name);
                match copies.is_empty() || item.to.is_empty() {
                    true => of_host.volumes.extend(volumes),
                    false => {
                        of_host.copied.extend(volumes);
                        of_host.copies.extend(copies);
                    }
                }
                let is_used = |folder: &&String| {
                    let mut here = item.to.iter().filter(|place| place.host == item.host);
                    here.any(|it| it.seen.as_ref().is_some_and(|is| is.has_folder(folder)))
                };
                let folders = folders(was);
                of_host
                    .folders
                    .extend(folders.iter().filter(|it| !is_used(it)).cloned());
            }
            if file.project_now != Some(*project) {
                let of_file = self.items.iter().filter(|it| it.host == item.host);
                let are_gone = of_file.into_iter().all(|it| it.to.is_empty());
                let of_host = hosts.entry((are_gone, item.host, folder)).or_default();
                let networks = file.networks.iter();
                of_host
                    .networks
                    .extend(networks.map(|network| format!("{project}_{network}")));
            }
        }
        for ((is_gone, host, folder), unneeded) in hosts {
            let command = Some(unneeded.command()).filter(|command| !command.is_empty());
            if command.is_none() && unneeded.folders.is_empty() {
                continue;
            }
            let when = match is_gone {
                true => "When nothing needs it any more",
                false => "When all of this works",
            };
            let end = if command.is_some() { ':' } else { '.' };
            let text = format!("{when}, take away {}{end}", unneeded.what(host, &folder));
            self.push(Phase::TakeAway, text, command);
        }
    }
}

/// What nothing on a host needs any more.
#[derive(Default)]
struct Unneeded {
    containers: BTreeSet<String>,
    /// Volumes with data that was copied, and the files that hold it.
    copied: BTreeSet<String>,
    copies: BTreeSet<String>,
    /// Volumes with data of which nothing here has made a copy.
    volumes: BTreeSet<String>,
    /// Folders of the host with data of before.
    folders: BTreeSet<String>,
    networks: BTreeSet<String>,
}

impl Unneeded {
    /// What it is, and where; and how it is taken away.
    fn what(&self, host: &str, folder: &str) -> String {
        if self.volumes.is_empty() && self.copied.is_empty() && self.folders.is_empty() {
            return format!("what is left of before, on {host}");
        }
        let mut said = format!("the data of before, on {host}");
        if !self.copies.is_empty() {
            let copies: Vec<&str> = self.copies.iter().map(String::as_str).collect();
            let are = if copies.len() == 1 { "is" } else { "are" };
            said += &format!(", in {folder}, where {} {are}", copies.join(", "));
        }
        if !self.volumes.is_empty() {
            said += "; nothing brings it back, so the command begins with a # that you take away";
        }
        if !self.folders.is_empty() {
            let folders: Vec<&str> = self.folders.iter().map(String::as_str).collect();
            said += &format!(
                "; no command takes away the folder {}, which others may need",
                folders.join(", ")
            );
        }
        said
    }

    /// The commands, of which those about copied data do nothing where the copy is not.
    fn command(&self) -> String {
        let words = |names: &BTreeSet<String>| {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            names.join(" ")
        };
        let some = |begin: &str, names: &BTreeSet<String>| {
            (!names.is_empty()).then(|| format!("{begin} {}", words(names)))
        };
        let there = self.copies.iter().map(|file| format!("test -s {file}"));
        let gone = some("docker rm", &self.containers);
        let gone = gone
            .into_iter()
            .chain(some("docker volume rm", &self.copied));
        let gone: Vec<String> = gone.collect();
        let lines = (!gone.is_empty()).then(|| chained(there.chain(gone)));
        let lines = lines
            .into_iter()
            .chain(some("# docker volume rm", &self.volumes))
            .chain(some("docker network rm", &self.networks));
        lines.collect::<Vec<_>>().join("\n")
    }
}
