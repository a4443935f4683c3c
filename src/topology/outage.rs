//! What an outage costs: which instances go with a host or a service, what those that are left have lost, and
//! which hosts take a whole app along.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::visit::EdgeRef;

use crate::model::{ComponentName, HostName, Role};
use crate::topology::{Connection, Instance, Topology};

/// Something that fails.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failing {
    /// A host with everything on it.
    Host(HostName),
    /// A component on every host.
    Component(ComponentName),
}

/// What is gone and what is left when something fails.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outage {
    /// What does not run any more, by component and then by host.
    pub gone: Vec<Instance>,
    /// What goes on, in the same order.
    pub left: Vec<Left>,
}

/// An instance that goes on, with what it has lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Which one.
    pub instance: Instance,
    /// What it reaches no more.
    pub lost: Vec<LostUse>,
    /// What it still reaches, but that has itself lost something.
    pub through: Vec<ComponentName>,
    /// What it still reaches on fewer hosts than before.
    pub fewer: Vec<ComponentName>,
}

/// A use whose target is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostUse {
    /// What was used.
    pub target: ComponentName,
    /// In which roles; none between apps.
    pub roles: Vec<Role>,
    /// A host on which the target still runs, which this user was not told of.
    pub elsewhere: Option<HostName>,
}

/// A host whose outage hits apps everywhere they run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SinglePoint {
    /// The host.
    pub host: HostName,
    /// The apps of which no instance is left unharmed.
    pub apps: Vec<ComponentName>,
}

impl Left {
    /// Whether it cannot do all that it did.
    pub fn is_harmed(&self) -> bool {
        !self.lost.is_empty() || !self.through.is_empty()
    }
}

/// Instances and the connections between them, by number, for questions that go over all of them many times.
struct Web<'t> {
    topology: &'t Topology,
    instances: Vec<&'t Instance>,
    /// What each instance is connected to: a group for each component, with its instances.
    groups: Vec<Vec<Group<'t>>>,
}

/// The instances of one component that somebody is connected to.
struct Group<'t> {
    target: &'t ComponentName,
    connection: &'t Connection,
    instances: Vec<usize>,
}

/// What became of each instance.
struct Fate {
    gone: Vec<bool>,
    harmed: Vec<bool>,
}

impl Topology {
    /// What it costs when all of `failing` fail at once.
    pub fn outage(&self, failing: &[Failing]) -> Outage {
        let web = Web::of(self);
        let fate = web.fate(|instance| {
            failing.iter().any(|failing| match failing {
                Failing::Host(host) => instance.host == *host,
                Failing::Component(component) => instance.component == *component,
            })
        });
        let mut outage = Outage::default();
        for (at, instance) in web.instances.iter().enumerate() {
            match fate.gone[at] {
                true => outage.gone.push((*instance).clone()),
                false => outage.left.push(web.left(at, &fate)),
            }
        }
        outage
    }

    /// The hosts whose outage leaves no instance of some app unharmed, by name.
    pub fn single_points(&self) -> Vec<SinglePoint> {
        let web = Web::of(self);
        let points = self.hosts.keys().map(|host| {
            let fate = web.fate(|instance| instance.host == *host);
            let mut whole: BTreeSet<&ComponentName> = BTreeSet::new();
            let mut hit: BTreeSet<&ComponentName> = BTreeSet::new();
            for (at, instance) in web.instances.iter().enumerate() {
                match fate.gone[at] || fate.harmed[at] {
                    true => hit.insert(&instance.component),
                    false => whole.insert(&instance.component),
                };
            }
            let is_app = |name: &&&ComponentName| self.components[**name].app().is_some();
            let apps = hit.difference(&whole).filter(is_app);
            SinglePoint {
                host: host.clone(),
                apps: apps.map(|name| (*name).clone()).collect(),
            }
        });
        points.filter(|point| !point.apps.is_empty()).collect()
    }
}

impl<'t> Web<'t> {
    fn of(topology: &'t Topology) -> Web<'t> {
        let instances: Vec<&Instance> = topology.instances().collect();
        let mut groups: Vec<BTreeMap<&ComponentName, Group>> = Vec::new();
        groups.resize_with(instances.len(), BTreeMap::new);
        for edge in topology.connection_edges() {
            let (user, target) = (edge.source().index(), edge.target().index());
            let name = &instances[target].component;
            let group = groups[user].entry(name).or_insert_with(|| Group {
                target: name,
                connection: edge.weight(),
                instances: Vec::new(),
            });
            group.instances.push(target);
        }
        Web {
            topology,
            instances,
            groups: groups
                .into_iter()
                .map(|of| of.into_values().collect())
                .collect(),
        }
    }

    fn fate(&self, fails: impl Fn(&Instance) -> bool) -> Fate {
        let gone: Vec<bool> = self
            .instances
            .iter()
            .map(|instance| fails(instance))
            .collect();
        let mut fate = Fate {
            harmed: vec![false; gone.len()],
            gone,
        };
        // What harms one may harm its users, until nobody new is harmed.
        loop {
            let mut is_new = false;
            for at in 0..self.instances.len() {
                if fate.gone[at] || fate.harmed[at] {
                    continue;
                }
                let mut groups = self.groups[at].iter();
                if groups.any(|group| {
                    group.is_needed() && (group.is_lost(&fate) || group.is_harmed(&fate))
                }) {
                    fate.harmed[at] = true;
                    is_new = true;
                }
            }
            if !is_new {
                return fate;
            }
        }
    }

    fn left(&self, at: usize, fate: &Fate) -> Left {
        let mut left = Left {
            instance: self.instances[at].clone(),
            lost: Vec::new(),
            through: Vec::new(),
            fewer: Vec::new(),
        };
        for group in &self.groups[at] {
            let target = group.target.clone();
            match () {
                () if group.is_lost(fate) => left.lost.push(LostUse {
                    elsewhere: self.elsewhere(group, fate),
                    target,
                    roles: group.connection.roles.clone(),
                }),
                () if group.is_needed() && group.is_harmed(fate) => left.through.push(target),
                () if group.instances.iter().any(|at| fate.gone[*at]) => left.fewer.push(target),
                () => {}
            }
        }
        left
    }

    fn elsewhere(&self, group: &Group, fate: &Fate) -> Option<HostName> {
        let mut nodes = self.topology.nodes_of(group.target);
        let there = nodes.find(|node| !fate.gone[node.index()])?;
        Some(self.instances[there.index()].host.clone())
    }
}

impl Group<'_> {
    /// Whether its user works only with it: copies can be made later.
    fn is_needed(&self) -> bool {
        self.connection.roles != [Role::Backup]
    }

    fn is_lost(&self, fate: &Fate) -> bool {
        self.instances.iter().all(|at| fate.gone[*at])
    }

    /// Whether those that are left are all harmed.
    fn is_harmed(&self, fate: &Fate) -> bool {
        self.instances
            .iter()
            .all(|at| fate.gone[*at] || fate.harmed[*at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Config, analyze};
    use crate::catalog::Catalog;
    use crate::model::Date;

    const PLAN: &str = r#"
name = "shop"
[apps.web]
port = 80
uses.db = { role = "database" }
uses.api = {}
[apps.api]
port = 81
uses.cache = { role = "cache" }
[apps.site]
port = 82
[services.db]
kind = "postgres"
uses.copies = { role = "backup" }
[services.cache]
kind = "redis"
[services.copies]
kind = "wasabi"
[environments.prod.hosts.a]
address = "a.lan"
runs = ["web", "api", "site"]
[environments.prod.hosts.b]
address = "b.lan"
runs = ["web", "db"]
[environments.prod.hosts.c]
address = "c.lan"
runs = ["cache"]
[environments.prod.hosts.wasabi]
kind = "managed"
runs = ["copies"]
"#;

    fn asked<T>(question: impl FnOnce(&Topology) -> T) -> T {
        let config = Config {
            today: Date::parse("2026-11-22").expect("a date"),
        };
        let analysis = analyze(PLAN, &Catalog::builtin(), &config);
        question(&analysis.topologies[0])
    }

    fn host(name: &str) -> Failing {
        Failing::Host(HostName::new(name).expect("a name"))
    }

    fn told(left: &Left) -> String {
        let lost = left.lost.iter().map(|lost| format!("-{}", lost.target));
        let through = left.through.iter().map(|name| format!("~{name}"));
        let all: Vec<String> = lost.chain(through).collect();
        format!(
            "{} on {} {}",
            left.instance.component,
            left.instance.host,
            all.join(" ")
        )
    }

    fn harmed(outage: &Outage) -> Vec<String> {
        let harmed = outage.left.iter().filter(|left| left.is_harmed());
        harmed.map(told).collect()
    }

    #[test]
    fn what_uses_the_lost_loses_it_and_what_uses_that_is_hit_through_it() {
        let outage = asked(|topology| topology.outage(&[host("c")]));
        assert_eq!(outage.gone.len(), 1);
        assert_eq!(
            harmed(&outage),
            ["api on a -cache", "web on a ~api", "web on b ~api"]
        );
    }

    #[test]
    fn a_database_works_without_its_backups() {
        let outage = asked(|topology| topology.outage(&[host("wasabi")]));
        assert_eq!(harmed(&outage), ["db on b -copies"]);
    }

    #[test]
    fn several_can_fail_at_once_and_a_service_on_all_its_hosts() {
        let web = Failing::Component(ComponentName::new("web").expect("a name"));
        let outage = asked(|topology| topology.outage(&[host("c"), web]));
        assert_eq!(outage.gone.len(), 3);
        assert_eq!(harmed(&outage), ["api on a -cache"]);
    }

    #[test]
    fn hosts_that_take_an_app_along_are_single_points() {
        let points = asked(Topology::single_points);
        let told: Vec<String> = points
            .iter()
            .map(|point| {
                let apps: Vec<&str> = point.apps.iter().map(ComponentName::as_str).collect();
                format!("{}: {}", point.host, apps.join(" "))
            })
            .collect();
        assert_eq!(told, ["a: api site web", "b: web", "c: api web"]);
    }
}
