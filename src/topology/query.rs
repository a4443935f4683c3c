//! Questions to a topology: who uses what, in which order things start, what goes in circles.

use std::collections::BTreeMap;

use petgraph::Direction;
use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, EdgeReference, NodeIndex};
use petgraph::visit::{DfsPostOrder, EdgeRef};

use crate::model::{ComponentName, HostName, RunsAs, VariableName, Wait, ports_behind};
use crate::topology::{
    Component, Connection, Host, Instance, Link, Locality, Publication, Service, Topology,
};

impl Topology {
    /// Every instance, by component and then by host.
    pub fn instances(&self) -> impl Iterator<Item = &Instance> {
        self.graph.node_weights()
    }

    /// The instances of a component, by host.
    pub fn instances_of(&self, component: &ComponentName) -> impl Iterator<Item = &Instance> {
        self.nodes_of(component).map(|node| &self.graph[node])
    }

    /// The hosts that run a component.
    pub fn hosts_of(&self, component: &ComponentName) -> &[HostName] {
        let placement = self.placements.get(component);
        placement.map_or(&[], |placement| &placement.hosts)
    }

    /// Whether Backstay writes the container of a component on a host: on a machine of the environment,
    /// and where the kind of a service has a container at all.
    pub fn writes_container(&self, component: &Component, host: &Host) -> bool {
        let has_container = |service: &Service| service.kind.container.is_some();
        host.is_own_machine()
            && component.runs_as.in_container()
            && component.service().is_none_or(has_container)
    }

    /// The hosts of a component on which Backstay writes its container.
    pub fn container_hosts<'t>(
        &'t self,
        component: &'t Component,
    ) -> impl Iterator<Item = &'t Host> {
        let hosts = self.hosts_of(&component.name).iter();
        hosts
            .filter_map(|host| self.hosts.get(host))
            .filter(|host| self.writes_container(component, host))
    }

    pub(super) fn nodes_of(
        &self,
        component: &ComponentName,
    ) -> impl Iterator<Item = NodeIndex> + use<> {
        let placement = self.placements.get(component);
        let nodes = placement.and_then(|placement| {
            let first = placement.first_node?;
            Some(first..first + placement.hosts.len())
        });
        nodes.into_iter().flatten().map(NodeIndex::new)
    }

    pub(super) fn node(&self, instance: &Instance) -> Option<NodeIndex> {
        let placement = self.placements.get(&instance.component)?;
        let at = placement.hosts.binary_search(&instance.host).ok()?;
        Some(NodeIndex::new(placement.first_node? + at))
    }

    /// Every connection, in the order of its user, then of its target.
    pub fn links(&self) -> impl Iterator<Item = Link<'_>> {
        self.graph.edge_references().map(|edge| self.link(edge))
    }

    /// What an instance uses, by the target's name; the nearest instance of each target first.
    pub fn uses_of(&self, instance: &Instance) -> Vec<Link<'_>> {
        let mut links: Vec<Link<'_>> = self.links_from(instance).collect();
        links.sort_by(|a, b| {
            let by_target = a.target.component.cmp(&b.target.component);
            by_target.then_with(|| distance(a).cmp(&distance(b)))
        });
        links
    }

    /// The connections that an instance really makes, in the order of `uses_of`: of several instances of a target
    /// an app is told the nearest, unless they form one service.
    pub fn connections_from(&self, instance: &Instance) -> Vec<Link<'_>> {
        let mut links = self.uses_of(instance);
        let user = self.components.get(&instance.component);
        if user.is_some_and(|user| user.app().is_some()) {
            links.dedup_by(|next, nearest| {
                let target = &self.components[&next.target.component];
                next.target.component == nearest.target.component && target.peers_port().is_none()
            });
        }
        links
    }

    /// The connections that are really made: the variables of an app name the nearest instance of what
    /// it uses and no other, the files of a service name them all. Instances that know each other tell
    /// their clients of all.
    pub fn connections(&self) -> impl Iterator<Item = Link<'_>> {
        self.connection_edges().map(|edge| self.link(edge))
    }

    /// Every instance with its component, in the order of `instances`.
    pub fn placed(&self) -> impl Iterator<Item = (&Instance, &Component)> {
        let components = self.component_of.iter();
        let components = components.map(|number| self.components.numbered(*number));
        self.instances().zip(components)
    }

    /// As `connections`, each with the numbers of its user and its target, counted as `instances` has them.
    pub fn numbered_connections(&self) -> impl Iterator<Item = ([usize; 2], Link<'_>)> {
        self.connection_edges().map(|edge| {
            let ends = [edge.source().index(), edge.target().index()];
            (ends, self.link(edge))
        })
    }

    /// The edges of `connections`.
    pub(super) fn connection_edges(&self) -> impl Iterator<Item = EdgeReference<'_, Connection>> {
        let mut nearest: BTreeMap<(&Instance, &ComponentName), Link<'_>> = BTreeMap::new();
        let has_choice = |link: &Link<'_>| {
            self.hosts_of(&link.target.component).len() > 1
                && link.target_component.peers_port().is_none()
                && link.user_component.app().is_some()
        };
        let mut placements = self.placements.values();
        let any_choice = placements.any(|placement| placement.hosts.len() > 1);
        let links = self.links().filter(|_| any_choice);
        for link in links.filter(has_choice) {
            let key = (link.user, &link.target.component);
            let kept = nearest.entry(key).or_insert(link);
            if distance(&link) < distance(kept) {
                *kept = link;
            }
        }
        self.graph.edge_references().filter(move |edge| {
            let link = self.link(*edge);
            nearest.is_empty()
                || nearest
                    .get(&(link.user, &link.target.component))
                    .is_none_or(|nearest| nearest.target == link.target)
        })
    }

    /// Who uses an instance.
    pub fn users_of(&self, instance: &Instance) -> Vec<Link<'_>> {
        let mut links: Vec<Link<'_>> = self.links_to(instance).collect();
        links.sort_by_key(|link| link.user);
        links
    }

    /// The connections that end at an instance, in no particular order.
    pub fn links_to(&self, instance: &Instance) -> impl Iterator<Item = Link<'_>> {
        let node = self.node(instance).into_iter();
        node.flat_map(|node| self.graph.edges_directed(node, Direction::Incoming))
            .map(|edge| self.link(edge))
    }

    /// The connections that begin at an instance, in no particular order.
    pub fn links_from(&self, instance: &Instance) -> impl Iterator<Item = Link<'_>> {
        let node = self.node(instance).into_iter();
        node.flat_map(|node| self.graph.edges(node))
            .map(|edge| self.link(edge))
    }

    /// Ports that must be reachable from outside their Compose project, by whose they are.
    pub fn publications(&self) -> impl Iterator<Item = &Publication> {
        self.publications.iter().flatten()
    }

    /// Whether a use says no more than what comes first: its target is an app that listens on no port, and a
    /// job or waited for by the plan's own word, and no setting asks for its address.
    pub fn is_for_order(&self, link: &Link) -> bool {
        link.connection.named_in.is_empty() && self.is_waited_for(link)
    }

    /// Whether a use says what comes first, of an app that listens on no port: because it is a job, or by the plan's
    /// own word.
    pub fn is_waited_for(&self, link: &Link) -> bool {
        let target = link.target_component;
        let is_waited_for = link
            .connection
            .wait
            .is_some_and(|wait| wait != Wait::Nothing);
        target.app().is_some()
            && target.port.is_none()
            && (target.runs_as == RunsAs::Job || is_waited_for)
    }

    /// The ports of its target that the settings name in which a use says that its address stands.
    pub fn ports_asked<'t>(
        &'t self,
        link: &Link<'t>,
    ) -> impl Iterator<Item = (&'t VariableName, u16)> + 't {
        let settings = &link.user_component.settings;
        let target = link.target_component;
        let said = link.connection.named_in.iter();
        let said = said.filter_map(|name| settings.get_key_value(name));
        said.flat_map(move |(variable, text)| {
            let names = target.names_inside().into_iter();
            let ports = names.flat_map(|name| ports_behind(text, name));
            ports.map(move |port| (variable, port))
        })
    }

    /// The publications of an instance, nearest reach first.
    pub fn publications_of(&self, instance: &Instance) -> &[Publication] {
        let node = self.node(instance);
        node.map_or(&[], |node| &self.publications[node.index()])
    }

    /// Groups of components that use each other in a circle, each by name.
    pub fn circles(&self) -> Vec<Vec<ComponentName>> {
        let graph = self.component_graph();
        let circular = |group: &Vec<_>| group.len() > 1 || graph.contains_edge(group[0], group[0]);
        let mut circles: Vec<Vec<ComponentName>> = kosaraju_scc(&graph)
            .into_iter()
            .filter(circular)
            .map(|group| {
                let mut names: Vec<ComponentName> =
                    group.into_iter().map(|node| graph[node].clone()).collect();
                names.sort();
                names
            })
            .collect();
        circles.sort();
        circles
    }

    /// Every component after what it uses; those in a circle by name.
    pub fn start_order(&self) -> Vec<ComponentName> {
        let graph = self.component_graph();
        // Without recursion, as circles are found too: plans may be long chains.
        let mut groups = kosaraju_scc(&graph);
        let mut group_of = vec![0; graph.node_count()];
        for (number, group) in groups.iter_mut().enumerate() {
            group.sort_by_key(|node| graph[*node]);
            group
                .iter()
                .for_each(|node| group_of[node.index()] = number);
        }
        let mut to_come: Vec<usize> = groups.iter().map(Vec::len).collect();
        let mut order = Vec::with_capacity(graph.node_count());
        let mut visit = DfsPostOrder::empty(&graph);
        for start in graph.node_indices() {
            visit.move_to(start);
            while let Some(node) = visit.next(&graph) {
                // A circle stands where the last of it would.
                let number = group_of[node.index()];
                to_come[number] -= 1;
                let group = groups[number].iter().filter(|_| to_come[number] == 0);
                order.extend(group.map(|node| graph[*node].clone()));
            }
        }
        order
    }

    pub(super) fn link<'t>(&'t self, edge: EdgeReference<'t, Connection>) -> Link<'t> {
        Link {
            user: &self.graph[edge.source()],
            target: &self.graph[edge.target()],
            user_component: self.component_at(edge.source()),
            target_component: self.component_at(edge.target()),
            connection: edge.weight(),
        }
    }

    fn component_at(&self, node: NodeIndex) -> &Component {
        self.components.numbered(self.component_of[node.index()])
    }

    /// Components joined by use, each once however many hosts it runs on.
    fn component_graph(&self) -> DiGraph<&ComponentName, ()> {
        let mut graph = DiGraph::new();
        for name in self.components.keys() {
            graph.add_node(name);
        }
        // They have the numbers of their components.
        let component_of = |node: NodeIndex| NodeIndex::new(self.component_of[node.index()]);
        let edges = self.graph.edge_references();
        let mut pairs: Vec<_> = edges
            .map(|edge| {
                let [user, target] = [edge.source(), edge.target()];
                (component_of(user), component_of(target))
            })
            .collect();
        pairs.sort_unstable();
        pairs.dedup();
        // A visit takes the edges that were added first before the others: of what starts when it may, the last by
        // name.
        for (user, target) in pairs.into_iter().rev() {
            graph.add_edge(user, target, ());
        }
        graph
    }
}

/// What tells the instances of a target apart: on the user's machine first, then by host.
fn distance<'t>(link: &Link<'t>) -> (Locality, &'t HostName) {
    (link.connection.via.locality(), &link.target.host)
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::analysis;

    /// In which order a host's apps start that use each other so.
    fn order(uses: &[(&str, &[&str])]) -> Vec<String> {
        let mut plan = "name = \"shop\"\n".to_owned();
        for (app, used) in uses {
            plan += &format!("[apps.{app}]\nport = 80\n");
            plan.extend(used.iter().map(|used| format!("uses.{used} = {{}}\n")));
        }
        let runs: Vec<&str> = uses.iter().map(|(app, _)| *app).collect();
        plan += &format!("[environments.dev.hosts.box]\nruns = {runs:?}\n");
        let order = analysis(&plan).topologies[0].start_order();
        order.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_used_starts_first_and_a_circle_where_the_last_of_it_can() {
        let uses: &[(&str, &[&str])] = &[("a", &["c", "b"]), ("b", &["d"]), ("c", &[]), ("d", &[])];
        assert_eq!(order(uses), ["c", "d", "b", "a"]);
        let uses: &[(&str, &[&str])] =
            &[("a", &["b"]), ("b", &["a", "c"]), ("c", &[]), ("d", &["a"])];
        assert_eq!(order(uses), ["c", "a", "b", "d"]);
    }

    #[test]
    fn a_long_chain_has_an_order_and_no_circle() {
        let name = |n: usize| format!("a{n:05}");
        let mut plan = "name = \"shop\"\n".to_owned();
        for n in 0..12_000 {
            plan += &format!("[apps.{}]\nuses.{} = {{}}\n", name(n), name(n + 1));
        }
        plan += &format!(
            "[apps.{}]\n[environments.dev.hosts.box]\nruns = [",
            name(12_000)
        );
        plan.extend((0..=12_000).map(|n| format!("\"{}\",", name(n))));
        plan += "]\n";
        let analysis = analysis(&plan);
        let topology = &analysis.topologies[0];
        assert!(topology.circles().is_empty());
        let order = topology.start_order();
        assert_eq!(order.len(), 12_001);
        assert!(order.is_sorted_by(|a, b| a > b));
    }
}
