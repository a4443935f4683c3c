//! Plan and catalog to topologies: overrides, stand-ins, borrowed hosts, connections.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use petgraph::graph::{DiGraph, NodeIndex};

use crate::catalog::{Catalog, Kind};
use crate::model::{App as DeclaredApp, Host as DeclaredHost, Service as DeclaredService};
use crate::model::{
    ComponentName, Container, EnvironmentName, HostKind, Plan, Quoting, Role, RunsAs, Use,
};
use crate::template::Templates;
use crate::topology::address::Ends;
use crate::topology::{
    App, ByName, Component, Connection, Host, Instance, Placement, Service, Topology, Unreached,
    What, address, publish,
};

/// Every environment of the plan, by tier and then by name.
///
/// Names that the plan does not declare are passed over; rules report them.
pub fn resolve_all(plan: &Plan, catalog: &Catalog) -> Vec<Topology> {
    let templates = Templates::new();
    let mut topologies: Vec<Topology> = plan
        .environments
        .keys()
        .map(|name| resolve(plan, catalog, &templates, name))
        .collect();
    topologies.sort_by_key(|topology| (topology.tier, topology.environment.clone()));
    publish::publish(&mut topologies);
    topologies
}

fn resolve(
    plan: &Plan,
    catalog: &Catalog,
    templates: &Templates,
    environment: &EnvironmentName,
) -> Topology {
    let declared = &plan.environments[environment];
    let mut hosts = BTreeMap::new();
    for (name, host) in &declared.hosts {
        let runs = placed(plan, host);
        let lender = host
            .borrow
            .as_ref()
            .and_then(|lender| plan.environments.get(lender));
        let lent = lender.and_then(|lender| lender.hosts.get(name));
        let resolved = Host {
            name: name.clone(),
            kind: host
                .kind
                .or(lent.and_then(|lent| lent.kind))
                .unwrap_or(HostKind::Machine),
            address: host
                .address
                .clone()
                .or_else(|| lent.and_then(|lent| lent.address.clone())),
            borrowed_from: host.borrow.clone().filter(|lender| lender != environment),
            runs,
            cpus: host.cpus,
            memory: host.memory,
        };
        hosts.insert(name.clone(), resolved);
    }
    let mut topology = Topology {
        environment: environment.clone(),
        tier: plan.tier(environment),
        hosts,
        components: ByName::default(),
        publications: Vec::new(),
        unreached: Vec::new(),
        kept_for: plan
            .sizes
            .iter()
            .filter_map(|(role, size)| Some((*role, size.kept_for?)))
            .collect(),
        placements: ByName::default(),
        graph: DiGraph::new(),
        component_of: Vec::new(),
    };
    let resolver = Resolver {
        plan,
        catalog,
        templates,
        plain: Arc::default(),
    };
    let uses = resolver.place(&mut topology);
    resolver.connect(&mut topology, &uses);
    topology
}

/// What `runs` names that exists, each once.
fn placed(plan: &Plan, host: &DeclaredHost) -> Vec<ComponentName> {
    let mut seen = BTreeSet::new();
    let names = host.runs.iter();
    names
        .filter(|name| plan.declares(*name) && seen.insert(*name))
        .cloned()
        .collect()
}

struct Resolver<'p> {
    plan: &'p Plan,
    catalog: &'p Catalog,
    templates: &'p Templates,
    /// The container of which the plan says nothing.
    plain: Arc<Container>,
}

/// What a component uses: as the base of the plan declares it, or with what an environment says differently.
type Uses<'p> = Cow<'p, BTreeMap<ComponentName, Use>>;

impl<'p> Resolver<'p> {
    /// Adds every placed component and its instances; returns what each of this environment's own uses.
    fn place(&self, topology: &mut Topology) -> Vec<(ComponentName, Uses<'p>)> {
        let mut placements: BTreeMap<ComponentName, Placement> = BTreeMap::new();
        for host in topology.hosts.values() {
            for component in &host.runs {
                let placement = placements.entry(component.clone()).or_insert(Placement {
                    hosts: Vec::with_capacity(1),
                    first_node: None,
                });
                placement.hosts.push(host.name.clone());
            }
        }
        let mut uses = Vec::with_capacity(placements.len());
        for (name, placement) in &mut placements {
            let hosts = placement.hosts.iter();
            let hosts: Vec<&Host> = hosts.map(|host| &topology.hosts[host]).collect();
            // A component that runs here too is this environment's own, whatever is borrowed beside it.
            let lender = hosts
                .iter()
                .map(|host| host.borrowed_from.as_ref())
                .min()
                .flatten();
            let owner = lender.unwrap_or(&topology.environment).clone();
            let Some((component, used)) = self.component(name, &owner, &hosts) else {
                continue;
            };
            placement.first_node = Some(topology.graph.node_count());
            for host in hosts {
                topology.graph.add_node(Instance {
                    component: name.clone(),
                    host: host.name.clone(),
                });
                topology.component_of.push(topology.components.len());
            }
            if lender.is_none() {
                uses.push((name.clone(), used));
            }
            topology.components.push(name.clone(), component);
        }
        topology.placements = placements.into();
        uses
    }

    fn component(
        &self,
        name: &ComponentName,
        owner: &EnvironmentName,
        hosts: &[&Host],
    ) -> Option<(Component, Uses<'p>)> {
        let environment = self.plan.environments.get(owner);
        if let Some(app) = self.plan.apps.get(name) {
            let over = environment.and_then(|environment| environment.apps.get(name));
            return Some(match over {
                None => (self.app(name, owner, app), Cow::Borrowed(&app.uses)),
                Some(over) => {
                    let app = app.overridden_by(over);
                    (self.app(name, owner, &app), Cow::Owned(app.uses))
                }
            });
        }
        let service = self.plan.services.get(name)?;
        let over = environment.and_then(|environment| environment.services.get(name));
        Some(match over {
            None => {
                let component = self.service(name, owner, service, hosts)?;
                (component, Cow::Borrowed(&service.uses))
            }
            Some(over) => {
                let service = service.overridden_by(over);
                let component = self.service(name, owner, &service, hosts)?;
                (component, Cow::Owned(service.uses))
            }
        })
    }

    fn app(&self, name: &ComponentName, owner: &EnvironmentName, app: &DeclaredApp) -> Component {
        // Without an image there is no container to write.
        let runs_as = match app.image.is_none() && app.build.is_none() {
            true => RunsAs::Process,
            false => app.runs_as.unwrap_or(RunsAs::Container),
        };
        let published = app.published.filter(|_| runs_as.in_container());
        Component {
            name: name.clone(),
            owner: owner.clone(),
            runs_as,
            what: What::App(App {
                image: app.image.clone(),
                listens: app.port,
                dialect: app.dialect.clone(),
                quoting: app.env_file.unwrap_or(Quoting::Compose),
                kind: self.catalog.app().clone(),
            }),
            port: app.port.map(|port| published.unwrap_or(port)),
            expose: app.expose,
            settings: app.settings.clone(),
            secret_settings: app.secret_settings.clone(),
            memory: app.memory,
            cpus: app.cpus,
            build: app.build.clone(),
            container: self.container(app.container.as_ref()),
        }
    }

    fn container(&self, said: Option<&Arc<Container>>) -> Arc<Container> {
        said.unwrap_or(&self.plain).clone()
    }

    /// The service, or nothing if its kind is unknown.
    fn service(
        &self,
        name: &ComponentName,
        owner: &EnvironmentName,
        service: &DeclaredService,
        hosts: &[&Host],
    ) -> Option<Component> {
        let declared = self.catalog.kind(service.kind.as_deref()?)?;
        let on_machine = hosts.iter().any(|host| host.kind == HostKind::Machine);
        let stand_in = declared
            .stand_in
            .as_deref()
            .filter(|_| on_machine && !declared.runs_on_machines());
        let stand_in = stand_in.and_then(|kind| self.catalog.kind(kind));
        let (kind, stands_in_for) = match stand_in {
            Some(stand_in) => (stand_in, Some(declared)),
            None => (declared, None),
        };
        let default_version = || {
            kind.image
                .as_ref()
                .map(|image| image.version.clone())
                .unwrap_or_default()
        };
        // What the plan says of version, image, address and container is of the declared kind, not of its stand-in.
        let is_itself = stands_in_for.is_none();
        let (version, image, address) = match stands_in_for {
            Some(_) => (default_version(), None, None),
            None => {
                let tagged =
                    |image: &String| kind.tagged_version(image).unwrap_or_default().to_owned();
                let of_image = || service.image.as_ref().map(tagged);
                let version = service.version.clone().or_else(of_image);
                let version = version.unwrap_or_else(default_version);
                (version, service.image.clone(), service.address.clone())
            }
        };
        let container = self.container(service.container.as_ref().filter(|_| is_itself));
        let words = [&container.entrypoint, &container.command].into_iter();
        let words = words.flatten().flatten().map(String::as_str);
        let listens = kind.port_told_by(words);
        let managed = hosts.iter().any(|host| host.kind == HostKind::Managed);
        let offered = kind
            .endpoint
            .as_ref()
            .filter(|_| managed)
            .map(|endpoint| endpoint.port);
        Some(Component {
            name: name.clone(),
            owner: owner.clone(),
            runs_as: service.runs_as.unwrap_or(RunsAs::Container),
            port: Some(service.port.or(offered).unwrap_or(listens)),
            expose: service.expose,
            settings: service.settings.clone(),
            secret_settings: service.secret_settings.clone(),
            memory: service.memory,
            cpus: service.cpus,
            build: service.build.clone().filter(|_| is_itself),
            container,
            what: What::Service(Service {
                listens,
                is_managed: managed,
                parts: service
                    .said_parts()
                    .map(|(part, said)| (part, said.to_owned()))
                    .collect(),
                secrets: service.secrets.clone(),
                kind,
                stands_in_for,
                version,
                image,
                address,
            }),
        })
    }

    fn connect(&self, topology: &mut Topology, uses: &[(ComponentName, Uses)]) {
        for (user, used) in uses {
            let is_own = |node: &NodeIndex| {
                let host = &topology.hosts[&topology.graph[*node].host];
                host.is_own()
            };
            let users: Vec<NodeIndex> = topology.nodes_of(user).filter(is_own).collect();
            for (target, declared) in used.iter() {
                self.connect_one(topology, (user, &users), target, declared);
            }
        }
    }

    /// Connects these instances of a component to every instance of `target`, if that is anything.
    fn connect_one(
        &self,
        topology: &mut Topology,
        (user, users): (&ComponentName, &[NodeIndex]),
        target: &ComponentName,
        declared: &Use,
    ) {
        let Some(target_component) = topology.components.get(target) else {
            let is_declared = self.plan.declares(target);
            let users = users.iter().filter(|_| is_declared);
            let unreached = users.map(|node| Unreached {
                user: topology.graph[*node].clone(),
                target: target.clone(),
            });
            topology.unreached.extend(unreached);
            return;
        };
        let user_component = &topology.components[user];
        let targets: Vec<NodeIndex> = topology.nodes_of(target).collect();
        for &from in users {
            for &to in &targets {
                let ends = Ends {
                    user: user_component,
                    user_host: &topology.graph[from].host,
                    target: target_component,
                    target_host: &topology.hosts[&topology.graph[to].host],
                };
                let (via, endpoint) = address::endpoint(self.templates, &ends);
                let connection = Connection {
                    roles: roles(declared, target_component.kind()),
                    is_role_said: declared.role.is_some(),
                    env: declared.env.clone(),
                    wait: declared.wait,
                    named_in: declared.named_in.clone(),
                    via,
                    endpoint,
                };
                topology.graph.add_edge(from, to, connection);
            }
        }
    }
}

/// The roles of a use: as said, with the kind's usual one where none is said first.
fn roles(declared: &Use, kind: &Kind) -> Vec<Role> {
    let first = declared.role.or_else(|| kind.usual_role());
    first
        .into_iter()
        .chain(
            declared
                .also
                .iter()
                .copied()
                .filter(|also| Some(*also) != first),
        )
        .collect()
}
