//! What each container of a host may take at most: what the plan says, what its kind needs, or its share.

use std::collections::BTreeMap;

use crate::model::{ByteSize, ComponentName};
use crate::topology::{Component, Host, Topology};

/// Below this an app's share of what is left is no limit but a mistake.
const LEAST_SHARE: u64 = 64 << 20;
/// One part in so many stays with the system.
const SYSTEM_PART: u64 = 8;
const MEBIBYTE: u64 = 1 << 20;

/// The most that a container may take; `None` where nothing limits it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    /// Memory.
    pub memory: Option<ByteSize>,
    /// Processors.
    pub cpus: Option<f64>,
}

impl Component {
    /// The memory that it may take by what the plan says, or else its kind.
    pub fn known_memory(&self) -> Option<ByteSize> {
        let of_kind = || Some(self.catalog_container()?.memory.limit);
        self.memory.or_else(of_kind)
    }
}

impl Topology {
    /// The limits of everything that a host runs, by component.
    ///
    /// Where neither the plan nor the kind says the memory, a host that says its own shares out what the
    /// others and the system leave. Where the plan says no processors, a host that says its own keeps one of them, or half of
    /// the only one, free for the others.
    pub fn limits(&self, host: &Host) -> BTreeMap<&ComponentName, Limits> {
        let components: Vec<&Component> = host
            .runs
            .iter()
            .filter_map(|name| self.components.get(name))
            .collect();
        let share = share(host, &components);
        let cpus = host.cpus.map(|cpus| match components.len() {
            0 | 1 => cpus,
            _ => (cpus - 1.0).max(cpus / 2.0),
        });
        let limits = |component: &Component| Limits {
            memory: component.known_memory().or(share),
            cpus: component.cpus.or(cpus),
        };
        let in_containers = components
            .iter()
            .filter(|component| component.runs_as.in_container());
        in_containers
            .map(|component| (&component.name, limits(component)))
            .collect()
    }
}

/// What is left of a host's memory for each of those of whom nothing is known.
fn share(host: &Host, components: &[&Component]) -> Option<ByteSize> {
    let known = components
        .iter()
        .filter_map(|component| component.known_memory());
    let taken: ByteSize = known.sum();
    let unknown = components
        .iter()
        .filter(|component| component.known_memory().is_none())
        .count();
    let memory = host.memory?.0;
    let left = (memory - memory / SYSTEM_PART).checked_sub(taken.0)?;
    let share = left.checked_div(unknown as u64)?;
    (share >= LEAST_SHARE).then_some(ByteSize(share / MEBIBYTE * MEBIBYTE))
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::analysis;

    /// The limits on the only host of a plan, as `web 1024 MiB 1 cpu`.
    fn limits(host: &str, web: &str) -> Vec<String> {
        let plan = format!(
            "name = \"shop\"\n[apps.web]\nimage = \"acme/web:1\"\n{web}\nuses.db = {{}}\n\
             [services.db]\nkind = \"postgres\"\n\
             [environments.dev.hosts.box]\nruns = [\"web\", \"db\"]\n{host}\n"
        );
        let analysis = analysis(&plan);
        let topology = &analysis.topologies[0];
        let host = topology.hosts.values().next().expect("there is a host");
        let limits = topology.limits(host).into_iter();
        let said = |(name, limits): (&crate::model::ComponentName, super::Limits)| {
            let memory = limits.memory.map(|memory| memory.to_string());
            let cpus = limits.cpus.map(|cpus| cpus.to_string());
            format!(
                "{name} {} {}",
                memory.as_deref().unwrap_or("-"),
                cpus.as_deref().unwrap_or("-")
            )
        };
        limits.map(said).collect()
    }

    #[test]
    fn a_host_without_a_size_limits_nothing_but_by_the_kind() {
        assert_eq!(limits("", ""), ["db 1 GiB -", "web - -"]);
    }

    #[test]
    fn an_app_gets_what_services_and_the_system_leave() {
        let host = "memory = \"4 GiB\"\ncpus = 4";
        assert_eq!(limits(host, ""), ["db 1 GiB 3", "web 2.5 GiB 3"]);
        let said = "memory = \"1 GiB\"\ncpus = 2";
        assert_eq!(limits(host, said), ["db 1 GiB 3", "web 1 GiB 2"]);
    }

    #[test]
    fn what_is_beyond_all_numbers_leaves_nothing() {
        let most = "memory = \"16000000 TiB\"";
        let host = format!("memory = \"4 GiB\"\n[environments.dev.services.db]\n{most}");
        let all = limits(&host, most);
        assert_eq!(all, ["db 16000000 TiB -", "web 16000000 TiB -"]);
    }

    #[test]
    fn a_small_host_shares_its_only_processor_and_no_memory_that_it_lacks() {
        let host = "memory = \"1 GiB\"\ncpus = 1";
        assert_eq!(limits(host, ""), ["db 1 GiB 0.5", "web - 0.5"]);
    }
}
