//! `published-to-the-world`: a backing service whose port every address of its host answers on.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::declared::{container_path, service_path};
use crate::lint::declared_kinds::kind_in;
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{
    ComponentName, Edit, EnvironmentName, Expose, HostName, PlanPath, Role, Service,
};
use crate::topology::{Door, Host, Instance, Publication, Reach, Topology};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "published-to-the-world",
        severity: Severity::Warn,
        summary: "a backing service can be reached from everywhere",
        explanation: "\
What it finds: a service with expose = \"world\", unless it is a proxy, whose work that is; and a further port of
its container that is open on every address. As a note: a
host that others connect to and whose `address` is a name. A port can be bound to an IP address only,
so what it runs is published on every address that the host has. Also as a note: something that is to be
published on the network on a host without an `address`, where it is kept to the host itself.

Why it matters: a published port goes past most firewalls that are set up on the host itself. Databases
on public addresses are found within hours and tried until one gives way.

When it is fine: a host in a private network whose every address is private, or behind a firewall that
is not on the host. Say so in `[rules]` with the reason.

Instead: take `expose` away. Backstay publishes a port only where another host needs it, and only on the
address that is needed. Give hosts an IP address. What people must reach belongs behind a proxy.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    let plan = context.plan;
    for (name, service) in &plan.services {
        check_exposed(context, None, name, service, sink);
    }
    for (environment, declared) in &plan.environments {
        for (name, service) in &declared.services {
            check_exposed(context, Some(environment), name, service, sink);
        }
    }
    let mut reported = BTreeSet::new();
    for topology in context.topologies {
        for (place, finding) in further(context, topology) {
            if reported.insert(place) {
                sink.push(finding);
            }
        }
        check_named_hosts(topology, sink);
        check_hosts_without_address(topology, sink);
    }
}

fn check_exposed(
    context: &LintContext,
    environment: Option<&EnvironmentName>,
    name: &ComponentName,
    service: &Service,
    sink: &mut Sink,
) {
    if service.expose != Some(Expose::World) {
        return;
    }
    let kind = kind_in(context, environment, name);
    let usual_role = kind.and_then(|kind| kind.usual_role());
    if usual_role.is_some_and(|role| role != Role::Proxy) {
        sink.push(exposed(environment, name));
    }
}

/// The further ports of services that are open to everybody, where the plan says them.
fn further(context: &LintContext, topology: &Topology) -> Vec<(PlanPath, Finding)> {
    let is_open = |open: &&Publication| open.reach == Reach::World;
    let found = topology.publications().filter(is_open).filter_map(|open| {
        let Door::Further(at) = open.door else {
            return None;
        };
        let component = &topology.components[&open.instance.component];
        let role = component.service()?.kind.usual_role();
        let (name, port) = component.container.ports.iter().nth(at)?;
        if role.is_none_or(|role| role == Role::Proxy) {
            return None;
        }
        let words = ["ports", name.as_str()];
        let path = container_path(context.plan, topology, component, &words);
        let key = if port.address.is_some() {
            "address"
        } else {
            "expose"
        };
        let place = path.clone().key(key);
        let message = format!(
            "port {} of `{}` is published to the world",
            open.said_ports(),
            component.name
        );
        let finding = Finding::new(&RULE.info, Label::new(place.clone(), ""), message)
            .help(format!(
                "take `{key}` away: only the host itself can connect then"
            ))
            .fix(
                format!(
                    "publish `{name}` of `{}` on its machine only",
                    component.name
                ),
                vec![Edit::Remove { path: place }],
            );
        Some(match path.leads_into_an_environment() {
            true => (path, finding.in_environment(&topology.environment)),
            false => (path, finding),
        })
    });
    found.collect()
}

fn exposed(environment: Option<&EnvironmentName>, name: &ComponentName) -> Finding {
    let key = service_path(environment, name).key("expose");
    let message = format!("`{name}` is published to the world");
    let finding = Finding::new(&RULE.info, Label::new(key.clone(), ""), message)
        .help("take `expose` away: the port is then published only for those who use it")
        .fix(
            format!("publish `{name}` only where it is needed"),
            vec![Edit::Remove { path: key }],
        );
    match environment {
        Some(environment) => finding.in_environment(environment),
        None => finding,
    }
}

/// Hosts that others connect to by a name, with what they must publish.
fn check_named_hosts(topology: &Topology, sink: &mut Sink) {
    let named: BTreeSet<&HostName> = topology
        .hosts
        .values()
        .filter(|host| {
            let address = host.address.as_ref();
            address.is_some_and(|address| address.ip().is_none())
        })
        .map(|host| &host.name)
        .collect();
    if named.is_empty() {
        return;
    }
    let mut published: BTreeMap<&HostName, Vec<&Instance>> = BTreeMap::new();
    for instance in topology.instances() {
        let mut publications = topology.publications_of(instance).iter();
        let to_network = publications.any(|publication| publication.reach == Reach::Network);
        // A process binds its port by itself; the address changes nothing about that.
        let component = topology.components.get(&instance.component);
        let is_container = component.is_some_and(|of| of.runs_as.in_container());
        if to_network && is_container && named.contains(&instance.host) {
            published.entry(&instance.host).or_default().push(instance);
        }
    }
    for (host, instances) in published {
        sink.push(named_host(topology, host, &instances));
    }
}

/// Hosts without an address that the plan asks to publish something for others on.
fn check_hosts_without_address(topology: &Topology, sink: &mut Sink) {
    let without = |host: &&Host| host.is_own_machine() && host.address.is_none();
    for host in topology.hosts.values().filter(without) {
        let is_asked = |name: &&ComponentName| {
            let component = topology.components.get(*name);
            component.is_some_and(|component| {
                component.expose == Some(Expose::Network)
                    && component.runs_as.in_container()
                    && component.port.is_some()
            })
        };
        let asked: Vec<&ComponentName> = host.runs.iter().filter(is_asked).collect();
        if !asked.is_empty() {
            sink.push(host_without_address(topology, &host.name, &asked));
        }
    }
}

fn host_without_address(topology: &Topology, host: &HostName, asked: &[&ComponentName]) -> Finding {
    let environment = &topology.environment;
    let path = PlanPath::host(environment.as_str(), host.as_str());
    let message = format!(
        "`{}` is to be published on the network, but `{host}` has no `address` to publish it on",
        asked[0]
    );
    let finding = Finding::new(&RULE.info, Label::new(path.clone(), ""), message)
        .severity(Severity::Note)
        .in_environment(environment)
        .help("give the host its `address`; until then only the host itself can connect");
    asked.iter().fold(finding, |finding, name| {
        let place = path.clone().key("runs").item(name.as_str());
        finding.and(Label::new(place, "to be published"))
    })
}

fn named_host(topology: &Topology, host: &HostName, instances: &[&Instance]) -> Finding {
    let environment = &topology.environment;
    let path = PlanPath::host(environment.as_str(), host.as_str());
    let message = format!("what `{host}` publishes is bound to every address it has");
    let finding = Finding::new(
        &RULE.info,
        Label::new(path.clone().key("address"), "a name, not an IP address"),
        message,
    )
    .severity(Severity::Note)
    .in_environment(environment)
    .help("write the IP address that the other hosts use, so that ports are bound to it alone");
    instances.iter().fold(finding, |finding, instance| {
        let place = path.clone().key("runs").item(instance.component.as_str());
        finding.and(Label::new(place, "published for other hosts"))
    })
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn a_service_that_is_open_to_the_world_is_found_and_a_proxy_is_not() {
        check(
            "published-to-the-world",
            r#"
name = "shop"
[apps.web]
port = 80
expose = "world"
uses.db = {}
uses.cache = {}
[services.db]
kind = "postgres"
expose = "world"
       # ^^^^^^^ `db` is published to the world
[services.cache]
kind = "redis"
expose = "network"
[services.edge]
kind = "nginx"
expose = "world"
uses.web = {}
[environments.dev.services.cache]
expose = "world"
       # ^^^^^^^ `cache` is published to the world
"#,
        );
    }

    #[test]
    fn a_host_that_is_reached_by_name_binds_every_address() {
        check(
            "published-to-the-world",
            r#"
name = "shop"
[apps.web]
uses.db = {}
uses.cache = {}
[services.db]
kind = "postgres"
[services.cache]
kind = "redis"
[environments.prod.hosts.app-1]
address = "app.internal"
runs = ["web"]
[environments.prod.hosts.data-1]
address = "data.internal"
        # ^^^^^^^^^^^^^^^ what `data-1` publishes is bound to every address it has
runs = ["db"]
[environments.prod.hosts.data-2]
address = "fd00::21"
runs = ["cache"]
"#,
        );
    }

    #[test]
    fn a_host_without_an_address_cannot_publish_on_the_network() {
        check(
            "published-to-the-world",
            r#"
name = "shop"
[services.db]
kind = "postgres"
expose = "network"
[services.cache]
kind = "redis"
[environments.dev.hosts.data-1]
                      # ^^^^^^ `db` is to be published on the network, but `data-1` has no `address` to publish it on
runs = ["cache", "db"]
[environments.dev.hosts.data-2]
runs = ["cache"]
[environments.prod.hosts.data-1]
address = "10.0.1.21"
runs = ["db"]
"#,
        );
    }

    #[test]
    fn its_fix_takes_the_key_away() {
        check_fix(
            "published-to-the-world",
            "name = \"shop\"\n[services.db]\nkind = \"postgres\"\nexpose = \"world\"\n",
            "name = \"shop\"\n[services.db]\nkind = \"postgres\"\n",
        );
    }

    #[test]
    fn a_process_on_a_host_that_is_reached_by_name_is_bound_by_itself() {
        check(
            "published-to-the-world",
            r#"
name = "shop"
[apps.web]
uses.db = {}
[services.db]
kind = "postgres"
runs-as = "process"
[environments.prod.hosts.app-1]
address = "app.internal"
runs = ["web"]
[environments.prod.hosts.data-1]
address = "data.internal"
runs = ["db"]
"#,
        );
    }

    #[test]
    fn a_further_port_that_is_open_to_the_world_is_found_once() {
        check(
            "published-to-the-world",
            r#"
name = "shop"
[services.queue]
kind = "rabbitmq"
container.ports.web = { port = 15675, expose = "world" }
                                             # ^^^^^^^ port 15675 of `queue` is published to the world
container.ports.own = { port = 15676 }
[services.edge]
kind = "nginx"
container.ports.tls = { port = 443, expose = "world" }
[environments.dev.hosts.box]
runs = ["queue", "edge"]
[environments.test.hosts.box]
runs = ["queue"]
"#,
        );
    }
}
