//! The steps for whoever uses what is brought over.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Kind;
use crate::generate::left_behind::RanBy;
use crate::generate::left_behind::now::{Place, Run};
use crate::generate::left_behind::steps::{Phase, Steps};
use crate::generate::rotation::{
    Instruction, RECREATE, all_started_anew, copied, restarted_by_hand,
};

/// Those on a host that write to what is brought over.
#[derive(Default)]
struct Writers<'a> {
    users: BTreeSet<&'a str>,
    write_to: BTreeSet<&'a str>,
}

impl Steps<'_> {
    /// Whoever uses what is brought over: nobody writes to it meanwhile, and they learn its new address.
    pub(super) fn users(&mut self) {
        let mut hosts: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
        let mut writers: BTreeMap<(&str, &str), Writers> = BTreeMap::new();
        let mut changed: BTreeSet<(&str, &str)> = BTreeSet::new();
        let own: Vec<&Place> = self.items.iter().flat_map(|item| &item.to).collect();
        let is_own = |(environment, host, name): (&str, &str, &str)| {
            let mut own = own.iter();
            own.any(|it| (it.environment, it.host, it.name) == (environment, host, name))
        };
        for item in self.items {
            let with_data = match &item.ran_by {
                RanBy::Container { was, .. } => was.keeps_data() && !self.is_made_again(item),
                RanBy::Provider => true,
            };
            for place in &item.to {
                if place.run == Run::Container {
                    changed.insert((place.environment, place.host));
                }
                // Whatever has no data is not waited for, but its address changes too.
                let is_other = |was: &Kind| place.kind.as_ref().is_some_and(|is| is.id != was.id);
                let moves = place.host != item.host
                    || place.name != item.name
                    || item.kind.as_deref().is_some_and(is_other);
                if !with_data && !moves {
                    continue;
                }
                for user in self
                    .now
                    .users(place)
                    .into_iter()
                    .filter(|user| !is_own(*user))
                {
                    let (environment, host, name) = user;
                    hosts.entry((environment, host)).or_default().insert(name);
                    if with_data {
                        let writers = writers.entry((environment, host)).or_default();
                        writers.users.insert(name);
                        writers.write_to.insert(item.name);
                    }
                }
            }
        }
        for (place, writers) in writers {
            self.quieted(place, &writers);
        }
        changed.extend(hosts.keys());
        let changed = changed
            .intersection(&self.now.written.changed)
            .copied()
            .collect();
        let folders = copied(&changed, self.output).map(|step| (Phase::CopyFolders, step));
        self.all.extend(folders);
        for (place, names) in hosts {
            self.started_again(place, &names);
        }
    }

    /// Those on a host that do not write to services while they are copied.
    fn quieted(&mut self, (environment, host): (&str, &str), writers: &Writers) {
        let file = self.now.written.file(environment, host);
        let ran = |user: &&&str| file.is_some_and(|file| file.before.contains_key(**user));
        let (ran, others): (Vec<&str>, Vec<&str>) = writers.users.iter().partition(ran);
        let names = Vec::from_iter(writers.write_to.iter().copied()).join(", ");
        if !ran.is_empty() {
            let folder = format!("{}/{environment}/{host}", self.output);
            let writes = if ran.len() == 1 { "writes" } else { "write" };
            let text = format!(
                "Stop {}, which {writes} to {names}, on {host}, in {folder}:",
                ran.join(", ")
            );
            let command = format!("docker compose stop {}", ran.join(" "));
            self.push(Phase::Quiet, text, command);
        }
        for user in others {
            let text = format!("Stop {user} on {host}, if it runs there: it writes to {names}.");
            self.push(Phase::Quiet, text, None);
        }
    }

    fn started_again(&mut self, (environment, host): (&str, &str), names: &BTreeSet<&str>) {
        let is_written = |name: &&&str| {
            let file = self.now.written.file(environment, host);
            file.is_some_and(|file| file.after.contains_key(**name))
        };
        let (composed, others): (Vec<&str>, Vec<&str>) =
            names.iter().partition(|name| is_written(name));
        if !composed.is_empty() {
            let step = all_started_anew((environment, host), &composed, self.output, RECREATE);
            self.all.push((Phase::StartUsers, step));
        }
        for name in others {
            let component = self.now.component(environment, name);
            let is_app = component.is_some_and(|component| component.app().is_some());
            let step = match is_app {
                true => {
                    let path = format!("{}/{environment}/{host}/{name}.env", self.output);
                    restarted_by_hand(name, host, &path)
                }
                false => Instruction::new(format!("Start {name} anew on {host}."), None),
            };
            self.all.push((Phase::StartUsers, step));
        }
    }
}
