//! In which order the hosts of an environment can be started.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::kosaraju_scc;
use petgraph::graphmap::DiGraphMap;

use crate::model::{ComponentName, HostKind, HostName};
use crate::topology::{Host, Topology};

impl Topology {
    /// The hosts of this environment that run anything, each after those that it uses; what a provider runs comes
    /// first. Of hosts that use each other the one comes first whose components can start first.
    pub fn host_order(&self) -> Vec<&Host> {
        let mut waiting = self.by_rank();
        let uses = self.hosts_used(&waiting);
        let mut order: Vec<&Host> = Vec::with_capacity(waiting.len());
        let mut started: BTreeSet<&HostName> = BTreeSet::new();
        while !waiting.is_empty() {
            let can_start = |host: &&Host| {
                let mut used = uses.get(&host.name).into_iter().flatten();
                used.all(|used| started.contains(used))
            };
            // Hosts that use each other in a circle are not asked for one another, so that one always can.
            let next = waiting.iter().position(can_start).unwrap_or_default();
            let host = waiting.remove(next);
            started.insert(&host.name);
            order.push(host);
        }
        order
    }

    /// The hosts by when the last of their components can start, wherever what that uses runs.
    fn by_rank(&self) -> Vec<&Host> {
        let order = self.start_order();
        let rank: BTreeMap<&ComponentName, usize> = order
            .iter()
            .enumerate()
            .map(|(rank, name)| (name, rank))
            .collect();
        let last_rank = |host: &Host| host.runs.iter().filter_map(|name| rank.get(name)).max();
        let after = |host: &Host| {
            let first = self.first_of_clusters(host);
            first.map(last_rank).max()
        };
        let own = self.hosts.values().filter(|host| host.is_own());
        let mut hosts: Vec<&Host> = own.filter(|host| !host.runs.is_empty()).collect();
        // What a provider runs comes first: it runs already, and in a circle of hosts no rank would say so.
        hosts.sort_by_key(|host| {
            let is_ours = host.kind != HostKind::Managed;
            (
                is_ours,
                last_rank(host).max(after(host).flatten()),
                after(host),
            )
        });
        hosts
    }

    /// The other hosts that each of these uses, but for those that use it in the end too.
    fn hosts_used<'t>(&'t self, hosts: &[&'t Host]) -> BTreeMap<&'t HostName, Vec<&'t HostName>> {
        let mut graph: DiGraphMap<&HostName, ()> = DiGraphMap::new();
        for link in self.links() {
            graph.add_edge(&link.user.host, &link.target.host, ());
        }
        for host in hosts {
            for first in self.first_of_clusters(host) {
                graph.add_edge(&host.name, &first.name, ());
            }
        }
        let circles = kosaraju_scc(&graph).into_iter().enumerate();
        let circle_of: BTreeMap<&HostName, usize> = circles
            .flat_map(|(number, hosts)| hosts.into_iter().map(move |host| (host, number)))
            .collect();
        let mut uses: BTreeMap<&HostName, Vec<&HostName>> = BTreeMap::new();
        for (user, used, ()) in graph.all_edges() {
            if circle_of[user] != circle_of[used] && self.hosts[used].is_own() {
                uses.entry(user).or_default().push(used);
            }
        }
        uses
    }

    /// The other hosts that run the first instances of what this one runs others of: whoever joins a cluster waits for
    /// the host that sets it up.
    fn first_of_clusters(&self, host: &Host) -> impl Iterator<Item = &Host> {
        let first = host.runs.iter().filter_map(|name| {
            self.components.get(name)?.peers_port()?;
            self.hosts.get(self.hosts_of(name).first()?)
        });
        let name = host.name.clone();
        first.filter(move |first| first.name != name)
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::analysis;

    /// The order of hosts that run such components, of which some use others.
    fn order(hosts: &[(&str, &[&str])], uses: &[(&str, &str)]) -> Vec<String> {
        let mut plan = "name = \"shop\"\n".to_owned();
        let runs = hosts.iter().flat_map(|(_, runs)| runs.iter());
        plan.extend(runs.map(|app| format!("[apps.{app}]\nport = 80\n")));
        plan.extend(
            uses.iter()
                .map(|(user, used)| format!("[apps.{user}.uses.{used}]\n")),
        );
        for (host, runs) in hosts {
            plan += &format!("[environments.dev.hosts.{host}]\nruns = {runs:?}\n");
        }
        let analysis = analysis(&plan);
        let order = analysis.topologies[0].host_order().into_iter();
        order.map(|host| host.name.to_string()).collect()
    }

    #[test]
    fn a_host_starts_after_what_it_uses_whatever_else_runs_there() {
        let hosts: &[(&str, &[&str])] = &[("app", &["web"]), ("data", &["db", "worker"])];
        let uses = [("web", "db"), ("worker", "db")];
        assert_eq!(order(hosts, &uses), ["data", "app"]);
    }

    #[test]
    fn hosts_that_use_each_other_start_before_who_uses_them() {
        let hosts: &[(&str, &[&str])] = &[("a", &["web"]), ("b", &["x", "y"]), ("c", &["z"])];
        let uses = [("web", "x"), ("x", "z"), ("z", "y")];
        assert_eq!(order(hosts, &uses), ["c", "b", "a"]);
    }
}
