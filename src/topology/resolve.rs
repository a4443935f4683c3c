//! Plan and catalog to topologies: overrides, stand-ins, borrowed hosts, connections.

use std::collections::BTreeMap;

use petgraph::graph::DiGraph;

use crate::catalog::{Catalog, Kind};
use crate::model::{App as DeclaredApp, Host as DeclaredHost, Service as DeclaredService};
use crate::model::{ComponentName, EnvironmentName, HostKind, HostName, Plan, Role, RunsAs, Use};
use crate::template::Templates;
use crate::topology::{
    App, Component, Connection, Host, Instance, Service, Topology, Unreached, What, address,
    publish,
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
        components: BTreeMap::new(),
        publications: BTreeMap::new(),
        unreached: Vec::new(),
        placements: BTreeMap::new(),
        graph: DiGraph::new(),
        nodes: BTreeMap::new(),
    };
    let resolver = Resolver {
        plan,
        catalog,
        templates,
    };
    let uses = resolver.place(&mut topology);
    resolver.connect(&mut topology, &uses);
    topology
}

/// What `runs` names that exists, each once.
fn placed(plan: &Plan, host: &DeclaredHost) -> Vec<ComponentName> {
    let mut runs: Vec<ComponentName> = Vec::with_capacity(host.runs.len());
    for name in &host.runs {
        if plan.declares(name.as_str()) && !runs.contains(name) {
            runs.push(name.clone());
        }
    }
    runs
}

struct Resolver<'a> {
    plan: &'a Plan,
    catalog: &'a Catalog,
    templates: &'a Templates,
}

type Uses = BTreeMap<ComponentName, BTreeMap<ComponentName, Use>>;

impl Resolver<'_> {
    /// Adds every placed component and its instances; returns what each of this environment's own uses.
    fn place(&self, topology: &mut Topology) -> Uses {
        let mut placements: BTreeMap<ComponentName, Vec<HostName>> = BTreeMap::new();
        for host in topology.hosts.values() {
            for component in &host.runs {
                placements
                    .entry(component.clone())
                    .or_default()
                    .push(host.name.clone());
            }
        }
        let mut uses = Uses::new();
        for (name, hosts) in &placements {
            let hosts: Vec<&Host> = hosts.iter().map(|host| &topology.hosts[host]).collect();
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
            for host in hosts {
                let instance = Instance {
                    component: name.clone(),
                    host: host.name.clone(),
                };
                let node = topology.graph.add_node(instance.clone());
                topology.nodes.insert(instance, node);
            }
            if lender.is_none() {
                uses.insert(name.clone(), used);
            }
            topology.components.insert(name.clone(), component);
        }
        topology.placements = placements;
        uses
    }

    fn component(
        &self,
        name: &ComponentName,
        owner: &EnvironmentName,
        hosts: &[&Host],
    ) -> Option<(Component, BTreeMap<ComponentName, Use>)> {
        let environment = self.plan.environments.get(owner);
        if let Some(app) = self.plan.apps.get(name) {
            let over = environment.and_then(|environment| environment.apps.get(name));
            let app = over.map_or_else(|| app.clone(), |over| app.overridden_by(over));
            return Some(self.app(name, owner, app));
        }
        let service = self.plan.services.get(name)?;
        let over = environment.and_then(|environment| environment.services.get(name));
        let service = over.map_or_else(|| service.clone(), |over| service.overridden_by(over));
        self.service(name, owner, service, hosts)
    }

    fn app(
        &self,
        name: &ComponentName,
        owner: &EnvironmentName,
        app: DeclaredApp,
    ) -> (Component, BTreeMap<ComponentName, Use>) {
        let component = Component {
            name: name.clone(),
            owner: owner.clone(),
            // Without an image there is no container to write.
            runs_as: if app.image.is_none() {
                RunsAs::Process
            } else {
                app.runs_as.unwrap_or(RunsAs::Container)
            },
            what: What::App(App {
                image: app.image,
                dialect: app.dialect,
                kind: self.catalog.app().clone(),
            }),
            port: app.port,
            expose: app.expose,
            settings: app.settings,
            memory: app.memory,
            cpus: app.cpus,
        };
        (component, app.uses)
    }

    /// The service, or nothing if its kind is unknown.
    fn service(
        &self,
        name: &ComponentName,
        owner: &EnvironmentName,
        service: DeclaredService,
        hosts: &[&Host],
    ) -> Option<(Component, BTreeMap<ComponentName, Use>)> {
        let declared = self.catalog.kind(service.kind.as_deref()?)?;
        let on_machine = hosts.iter().any(|host| host.kind == HostKind::Machine);
        let stand_in = declared
            .stand_in
            .as_deref()
            .filter(|_| on_machine && declared.is_cloud_only());
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
        // What the plan says of version, image and address is of the declared kind, not of its stand-in.
        let (version, image, address) = match stands_in_for {
            Some(_) => (default_version(), None, None),
            None => {
                let tagged = || service.image.as_deref().and_then(tagged_version);
                let version = service.version.clone().or_else(tagged);
                let version = version.unwrap_or_else(default_version);
                (version, service.image.clone(), service.address.clone())
            }
        };
        let managed = hosts.iter().any(|host| host.kind == HostKind::Managed);
        let offered = kind
            .endpoint
            .as_ref()
            .filter(|_| managed)
            .map(|endpoint| endpoint.port);
        let component = Component {
            name: name.clone(),
            owner: owner.clone(),
            runs_as: service.runs_as.unwrap_or(RunsAs::Container),
            port: Some(service.port.or(offered).unwrap_or_else(|| kind.port())),
            expose: service.expose,
            settings: service.settings.clone(),
            memory: service.memory,
            cpus: service.cpus,
            what: What::Service(Service {
                parts: said_parts(&service),
                kind,
                stands_in_for,
                version,
                image,
                address,
            }),
        };
        Some((component, service.uses))
    }

    fn connect(&self, topology: &mut Topology, uses: &Uses) {
        for (user_name, used) in uses {
            for (target_name, declared) in used {
                if !self.plan.declares(target_name.as_str()) {
                    continue;
                }
                for user_host in topology.hosts_of(user_name).to_vec() {
                    let user = Instance {
                        component: user_name.clone(),
                        host: user_host,
                    };
                    self.connect_one(topology, user, target_name, declared);
                }
            }
        }
    }

    fn connect_one(
        &self,
        topology: &mut Topology,
        user: Instance,
        target_name: &ComponentName,
        declared: &Use,
    ) {
        let targets = topology.hosts_of(target_name).to_vec();
        if topology.hosts[&user.host].borrowed_from.is_some() {
            return;
        }
        if targets.is_empty() || !topology.components.contains_key(target_name) {
            topology.unreached.push(Unreached {
                user,
                target: target_name.clone(),
            });
            return;
        }
        for host in targets {
            let target = Instance {
                component: target_name.clone(),
                host,
            };
            let (via, endpoint) = address::endpoint(topology, self.templates, &user, &target);
            let kind = topology.components[target_name].kind();
            let connection = Connection {
                roles: roles(declared, kind),
                env: declared.env.clone(),
                via,
                endpoint,
            };
            let (from, to) = (topology.nodes[&user], topology.nodes[&target]);
            topology.graph.add_edge(from, to, connection);
        }
    }
}

/// The version that an image's tag begins with: `17` of `registry:5000/postgres:17-alpine@sha256:…`.
fn tagged_version(image: &str) -> Option<String> {
    let name = image.split('@').next()?;
    let (_, tag) = name.rsplit('/').next()?.split_once(':')?;
    let version = tag.split('-').next()?;
    let digits = version.strip_prefix('v').unwrap_or(version);
    digits
        .starts_with(|c: char| c.is_ascii_digit())
        .then(|| version.to_owned())
}

/// The roles of a use: as said, with the kind's usual one where none is said first.
fn roles(declared: &Use, kind: &Kind) -> Vec<Role> {
    let usual = || kind.roles.first().map(|fit| fit.role);
    let first = declared.role.or_else(usual);
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

fn said_parts(service: &DeclaredService) -> BTreeMap<&'static str, String> {
    let said = [
        ("database", &service.database),
        ("user", &service.user),
        ("bucket", &service.bucket),
        ("region", &service.region),
        ("vhost", &service.vhost),
    ];
    said.into_iter()
        .filter_map(|(part, value)| Some((part, value.clone()?)))
        .collect()
}
