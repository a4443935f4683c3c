//! The steps that take away what nothing needs any more, when all else works.

use std::collections::{BTreeMap, BTreeSet};

use crate::generate::copies::word;
use crate::generate::left_behind::RanBy;
use crate::generate::left_behind::steps::{Phase, Steps, container, volumes};
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
        let mut hosts: BTreeMap<(bool, &str), [BTreeSet<String>; 3]> = BTreeMap::new();
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
            let of_host = hosts.entry((item.to.is_empty(), item.host)).or_default();
            let seen = item.to.iter().filter_map(|place| place.seen.as_ref());
            let mounted: BTreeSet<&str> = seen
                .filter(|_| *is_replaced)
                .flat_map(|seen| seen.volumes.iter().map(|volume| volume.name))
                .collect();
            // What another kind must not find was taken away before it started.
            let is_cleared = was
                .volumes
                .iter()
                .any(|volume| mounted.contains(volume.name));
            if !was.volumes.is_empty() && !is_cleared {
                if !is_replaced {
                    of_host[0].insert(container(project, item.name));
                }
                of_host[1].extend(volumes(project, &item.own(was)));
            }
            if file.project_now != Some(*project) {
                let of_file = self.items.iter().filter(|it| it.host == item.host);
                let are_gone = of_file.into_iter().all(|it| it.to.is_empty());
                let of_host = hosts.entry((are_gone, item.host)).or_default();
                let networks = file.networks.iter();
                of_host[2].extend(networks.map(|network| format!("{project}_{network}")));
            }
        }
        for ((is_gone, host), names) in hosts {
            let commands = ["rm", "volume rm", "network rm"].into_iter().zip(&names);
            let commands =
                commands
                    .filter(|(_, names)| !names.is_empty())
                    .map(|(command, names)| {
                        let names: Vec<&str> = names.iter().map(String::as_str).collect();
                        format!("docker {command} {}", names.join(" "))
                    });
            let commands: Vec<String> = commands.collect();
            if commands.is_empty() {
                continue;
            }
            let when = match is_gone {
                true => "When nothing needs it any more",
                false => "When all of this works",
            };
            let what = match names[1].is_empty() {
                true => "what is left of before",
                false => "the data of before",
            };
            let text = format!("{when}, take away {what}, on {host}:");
            self.push(Phase::TakeAway, text, commands.join("\n"));
        }
    }
}
