//! What is drawn: hosts, what runs on them, its ports, and who uses which port; plain values with dense numbers.
//!
//! It knows neither plan nor topology, so that tests and benchmarks can lay out any graph.

use std::cmp::Ordering;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::finding::Severity;

/// Which host: its place in [`Graph::hosts`].
pub type HostId = u32;
/// Which component on a host: its place in [`Graph::components`].
pub type ComponentId = u32;
/// Which port: its place in [`Graph::ports`]. All uses of a port are one net, so it names the net too.
pub type PortId = u32;
/// Which use: its place in [`Graph::uses`].
pub type UseId = u32;

/// An environment as it is drawn. What the numbers refer to is in one order whatever the order of the plan:
/// [`Graph::new`] sees to that.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    /// Hosts, by name.
    pub hosts: Vec<Host>,
    /// What runs on them: host by host, on each by name.
    pub components: Vec<Component>,
    /// Ports that are used or listened on: component by component.
    pub ports: Vec<Port>,
    /// Uses: user by user, for each by target.
    pub uses: Vec<Use>,
    /// By host, where its components begin; one more at the end.
    first_component: Vec<u32>,
    /// By component, where its ports begin.
    first_port: Vec<u32>,
    /// By component, where its uses begin.
    first_use: Vec<u32>,
}

/// A host: a card of the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// Its name, the card's title.
    pub name: String,
    /// What the title says besides, such as `managed` or an address.
    pub remark: String,
    /// How its card is framed.
    pub frame: Frame,
    /// Hosts of a lower rank stand to the left of those of a higher one where circles leave a choice.
    pub rank: Option<u32>,
    /// The worst that a finding says about it.
    pub finding: Option<Severity>,
}

/// Something that runs on a host: a row of its card, and more if it has several ports or uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// Where it runs.
    pub host: HostId,
    /// Its name.
    pub name: String,
    /// What else its row says: its kind and version, that it is a stand-in or a process.
    pub remark: String,
    /// The worst that a finding says about it.
    pub finding: Option<Severity>,
    /// Whether another host runs one of the same name, so that uses must say which they mean.
    pub is_replica: bool,
}

/// Where a component is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// Whose it is.
    pub component: ComponentId,
    /// Its number; `None` where nothing says it.
    pub number: Option<u16>,
    /// What is spoken there; may be empty.
    pub protocol: String,
}

/// That a component uses a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    /// Who uses.
    pub user: ComponentId,
    /// What is used.
    pub port: PortId,
}

/// How a card is framed: what sort of host it is, and whether the environment is production.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Frame {
    /// What sort of host it is.
    pub sort: Sort,
    /// Heavy lines for production.
    pub is_heavy: bool,
}

/// What sort of host a card stands for; each has lines of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sort {
    /// A machine of the environment's own.
    #[default]
    Machine,
    /// A provider runs it.
    Managed,
    /// Many machines under an orchestrator.
    Cluster,
    /// A host of another environment.
    Borrowed,
}

impl Port {
    /// Whether nothing is said of it: where a line ends that stands for several ports.
    fn is_nothing(&self) -> bool {
        self.number.is_none() && self.protocol.is_empty()
    }
}

impl Graph {
    /// A graph from its parts, whose numbers refer to the order in which they are given. Sorts everything by
    /// name, and leaves out uses that are said twice.
    ///
    /// # Panics
    ///
    /// If a number refers to nothing.
    pub fn new(
        hosts: Vec<Host>,
        components: Vec<Component>,
        ports: Vec<Port>,
        uses: Vec<Use>,
    ) -> Graph {
        let (hosts, host_ids) = sorted(hosts, |a, b| a.name.cmp(&b.name));
        let (mut components, component_ids) = sorted(components, |a, b| {
            let host = |component: &Component| host_ids[component.host as usize];
            host(a).cmp(&host(b)).then_with(|| a.name.cmp(&b.name))
        });
        for component in &mut components {
            component.host = host_ids[component.host as usize];
        }
        let (mut ports, port_ids) = sorted(ports, |a, b| {
            let key = |port: &Port| (component_ids[port.component as usize], port.number);
            key(a)
                .cmp(&key(b))
                .then_with(|| a.protocol.cmp(&b.protocol))
        });
        for port in &mut ports {
            port.component = component_ids[port.component as usize];
        }
        let renumbered = uses.iter().map(|used| Use {
            user: component_ids[used.user as usize],
            port: port_ids[used.port as usize],
        });
        let mut uses: Vec<Use> = renumbered.collect();
        uses.sort_unstable();
        uses.dedup();
        mark_replicas(&mut components);
        Graph {
            first_component: firsts(hosts.len(), components.iter().map(|it| it.host)),
            first_port: firsts(components.len(), ports.iter().map(|it| it.component)),
            first_use: firsts(components.len(), uses.iter().map(|it| it.user)),
            hosts,
            components,
            ports,
            uses,
        }
    }

    /// What runs on a host.
    pub fn components_of(&self, host: HostId) -> std::ops::Range<ComponentId> {
        range(&self.first_component, host)
    }

    /// The ports of a component.
    pub fn ports_of(&self, component: ComponentId) -> std::ops::Range<PortId> {
        range(&self.first_port, component)
    }

    /// What a component uses.
    pub fn uses_of(&self, component: ComponentId) -> std::ops::Range<UseId> {
        range(&self.first_use, component)
    }

    /// The host that a component runs on.
    pub fn host_of(&self, component: ComponentId) -> HostId {
        self.components[component as usize].host
    }

    /// The host of the component that a port is of.
    pub fn host_of_port(&self, port: PortId) -> HostId {
        self.host_of(self.ports[port as usize].component)
    }

    /// The component that a use ends at.
    pub fn target_of(&self, used: UseId) -> ComponentId {
        self.ports[self.uses[used as usize].port as usize].component
    }

    /// Whether a use stays on its host.
    pub fn is_internal(&self, used: UseId) -> bool {
        let user = self.uses[used as usize].user;
        self.host_of(user) == self.host_of(self.target_of(used))
    }

    /// A port as its row says it: `5432/postgres`, `:5000` where nothing says what is spoken, `?` where nothing
    /// says the number.
    pub fn port_label(&self, port: PortId) -> String {
        let port = &self.ports[port as usize];
        match (port.number, port.protocol.as_str()) {
            (None, "") => String::new(),
            (None, protocol) => format!("?/{protocol}"),
            (Some(number), "") => format!(":{number}"),
            (Some(number), protocol) => format!("{number}/{protocol}"),
        }
    }

    /// What a use names, as its pin says it: `db`, or `db@data-2` where several hosts run one.
    pub fn target_name(&self, used: UseId) -> String {
        let target = &self.components[self.target_of(used) as usize];
        match target.is_replica {
            true => format!("{}@{}", target.name, self.hosts[target.host as usize].name),
            false => target.name.clone(),
        }
    }

    /// The port that a use names, as its pin says it after the name: `:5432`.
    pub fn target_port(&self, used: UseId) -> String {
        let port = &self.ports[self.uses[used as usize].port as usize];
        match port.number {
            Some(number) => format!(":{number}"),
            None if port.is_nothing() => String::new(),
            None => ":?".to_owned(),
        }
    }

    /// How many cells a port's label takes.
    pub(super) fn port_width(&self, port: PortId) -> i32 {
        let port = &self.ports[port as usize];
        match (port.number, port.protocol.as_str()) {
            (None, "") => 0,
            (number, protocol) => digits(number) + 1 + width(protocol),
        }
    }

    /// How many cells the name of a use's target takes, and how many its port.
    pub(super) fn target_widths(&self, used: UseId) -> (i32, i32) {
        let target = &self.components[self.target_of(used) as usize];
        let host = match target.is_replica {
            true => 1 + width(&self.hosts[target.host as usize].name),
            false => 0,
        };
        let port = &self.ports[self.uses[used as usize].port as usize];
        let port = match port.is_nothing() {
            true => 0,
            false => 1 + digits(port.number),
        };
        (width(&target.name) + host, port)
    }
}

/// How many cells a text takes.
pub(super) fn width(text: &str) -> i32 {
    let cells = match text.is_ascii() {
        true => text.len(),
        // As they are written, cluster by cluster.
        false => text.graphemes(true).map(UnicodeWidthStr::width).sum(),
    };
    i32::try_from(cells).unwrap_or(i32::MAX / 4)
}

fn digits(number: Option<u16>) -> i32 {
    match number {
        None | Some(0..10) => 1,
        Some(10..100) => 2,
        Some(100..1_000) => 3,
        Some(1_000..10_000) => 4,
        Some(_) => 5,
    }
}

/// `values` in order, and for each of the old places the new one.
fn sorted<T>(values: Vec<T>, order: impl Fn(&T, &T) -> Ordering) -> (Vec<T>, Vec<u32>) {
    let mut numbered: Vec<(usize, T)> = values.into_iter().enumerate().collect();
    numbered.sort_by(|a, b| order(&a.1, &b.1));
    let mut places = vec![0; numbered.len()];
    for (new, (old, _)) in numbered.iter().enumerate() {
        places[*old] = new as u32;
    }
    (
        numbered.into_iter().map(|(_, value)| value).collect(),
        places,
    )
}

/// By owner, where what it owns begins, for things that are sorted by their owner.
fn firsts(n_owners: usize, owners: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut firsts = vec![0; n_owners + 1];
    for owner in owners {
        firsts[owner as usize + 1] += 1;
    }
    for at in 1..firsts.len() {
        firsts[at] += firsts[at - 1];
    }
    firsts
}

fn range(firsts: &[u32], owner: u32) -> std::ops::Range<u32> {
    firsts[owner as usize]..firsts[owner as usize + 1]
}

fn mark_replicas(components: &mut [Component]) {
    let mut by_name: Vec<usize> = (0..components.len()).collect();
    by_name.sort_by(|a, b| components[*a].name.cmp(&components[*b].name));
    let same: Vec<usize> = by_name
        .chunk_by(|a, b| components[*a].name == components[*b].name)
        .filter(|group| group.len() > 1)
        .flatten()
        .copied()
        .collect();
    for at in same {
        components[at].is_replica = true;
    }
}
