//! `external-without-address`: something is used from elsewhere, and nothing says where it is.

use std::collections::BTreeMap;

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::declared::{override_of, service_path};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{Address, ComponentName, HostKind, HostName, PlanPath};
use crate::topology::{Component, Host, Instance, Link, Locality, Topology};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "external-without-address",
        severity: Severity::Deny,
        summary: "something is used from another machine, but has no address",
        explanation: "\
What it finds: a host without an `address` although something on another host connects to what it runs, be
it another instance of the same service, or with one that only the host itself reaches, such as `127.0.0.1` or `localhost`. As a note: an address that keeps the place of one
that is not known yet, which is one of 192.0.2.0/24 or a name below `.example`. As a warning: a service at a provider whose address neither the plan nor a pattern of the provider's
names says.

Why it matters: an external service is reached by the address of its machine. Without one, the settings
of its users cannot be written, and its port cannot be bound to where it is needed.

When it is fine: before the machine or the provider's service exists. Then it is a list of what to fill
in.

Instead: write the address by which others reach it: at a machine, `address` in the host's table; at a
provider, `address` at the service in this environment. The provider shows it once the service exists.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    for topology in context.topologies {
        let mut of_hosts: BTreeMap<&str, Vec<Link>> = BTreeMap::new();
        let mut of_providers: BTreeMap<&Instance, Vec<Link>> = BTreeMap::new();
        for link in topology.links().filter(is_unaddressed) {
            match topology.hosts[&link.target.host].kind {
                HostKind::Managed => of_providers.entry(link.target).or_default().push(link),
                _ => of_hosts
                    .entry(link.target.host.as_str())
                    .or_default()
                    .push(link),
            }
        }
        for links in of_hosts.values() {
            sink.push(host_finding(topology, links));
        }
        for links in of_providers.values() {
            sink.push(provider_finding(topology, links));
        }
        check_peers(topology, sink);
        check_local(context, topology, sink);
    }
}

/// Hosts without an address of services whose instances must reach each other.
fn check_peers(topology: &Topology, sink: &mut Sink) {
    let is_own = |component: &&Component| component.owner == topology.environment;
    for component in topology.components.values().filter(is_own) {
        let hosts = topology.hosts_of(&component.name);
        if hosts.len() < 2 || component.peers_port().is_none() {
            continue;
        }
        let hosts = hosts.iter().map(|host| &topology.hosts[host]);
        for host in hosts.filter(|host| host.is_own_machine() && host.address.is_none()) {
            sink.push(peer_finding(topology, component, host));
        }
    }
}

fn peer_finding(topology: &Topology, component: &Component, host: &Host) -> Finding {
    let (environment, name) = (topology.environment.as_str(), &component.name);
    let place = PlanPath::host(environment, host.name.as_str());
    let message = format!(
        "`{}` has no `address`, but `{name}` runs on other hosts too and must be reached from there",
        host.name
    );
    Finding::new(&RULE.info, Label::new(place, ""), message)
        .in_environment(&topology.environment)
        .help(host_help(host))
        .and(Label::new(
            PlanPath::placement(environment, host.name.as_str(), name.as_str()),
            "one of several instances",
        ))
}

/// Who says an address: a service of its own, or the host.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sayer<'t> {
    Host(&'t HostName),
    Service(&'t ComponentName),
}

/// Addresses that mean the machine of whoever uses them.
fn check_local(context: &LintContext, topology: &Topology, sink: &mut Sink) {
    for (sayer, links) in by_sayer(topology, is_local) {
        sink.push(local_finding(context, topology, sayer, &links));
    }
    for (sayer, links) in by_sayer(topology, is_placeholder) {
        sink.push(placeholder_finding(context, topology, sayer, &links));
    }
}

fn by_sayer<'t>(
    topology: &'t Topology,
    wanted: fn(&Link) -> bool,
) -> BTreeMap<Sayer<'t>, Vec<Link<'t>>> {
    let mut of_sayers: BTreeMap<Sayer, Vec<Link>> = BTreeMap::new();
    for link in topology.links().filter(wanted) {
        let component = &link.target.component;
        let service = topology.components[component].service();
        let sayer = match service.and_then(|service| service.address.as_ref()) {
            Some(_) => Sayer::Service(component),
            None => Sayer::Host(&link.target.host),
        };
        of_sayers.entry(sayer).or_default().push(link);
    }
    of_sayers
}

fn is_local(link: &Link) -> bool {
    let connection = link.connection;
    connection.via.locality() == Locality::External
        && link.user.host != link.target.host
        && connection
            .endpoint
            .host
            .as_ref()
            .is_some_and(is_of_the_machine_itself)
}

fn is_placeholder(link: &Link) -> bool {
    let connection = link.connection;
    connection.via.locality() == Locality::External
        && connection
            .endpoint
            .host
            .as_ref()
            .is_some_and(Address::is_placeholder)
}

fn is_of_the_machine_itself(address: &Address) -> bool {
    match address.ip() {
        Some(ip) => ip.is_loopback() || ip.is_unspecified(),
        None => address.as_str().eq_ignore_ascii_case("localhost"),
    }
}

fn local_finding(
    context: &LintContext,
    topology: &Topology,
    sayer: Sayer,
    links: &[Link],
) -> Finding {
    let message = |name: &str, address: &str| {
        format!("`{name}` is said to be at `{address}`, which other hosts cannot reach")
    };
    address_finding(context, topology, (sayer, links), message)
        .help("write the address by which the other hosts reach it: address = \"10.0.1.21\"")
}

fn placeholder_finding(
    context: &LintContext,
    topology: &Topology,
    sayer: Sayer,
    links: &[Link],
) -> Finding {
    let message = |name: &str, address: &str| {
        format!("the address of `{name}`, `{address}`, only keeps the place of its own")
    };
    address_finding(context, topology, (sayer, links), message)
        .severity(Severity::Note)
        .help("write the address by which others reach it, once it is known")
}

/// A finding about an address that somebody says, with those who use it.
fn address_finding(
    context: &LintContext,
    topology: &Topology,
    (sayer, links): (Sayer, &[Link]),
    message: impl Fn(&str, &str) -> String,
) -> Finding {
    let (name, place) = said_at(context, topology, sayer);
    let address = links[0].connection.endpoint.host.as_ref();
    let message = message(name, address.map_or("", Address::as_str));
    let finding = Finding::new(&RULE.info, Label::new(place, ""), message)
        .in_environment(&topology.environment);
    with_users(finding, topology, links)
}

/// Who says an address, by name, and where.
fn said_at<'t>(
    context: &LintContext,
    topology: &'t Topology,
    sayer: Sayer<'t>,
) -> (&'t str, PlanPath) {
    match sayer {
        Sayer::Host(host) => (host.as_str(), host_address_path(context, topology, host)),
        Sayer::Service(service) => {
            let owner = &topology.components[service].owner;
            let over = override_of(context.plan, Some(owner), service);
            let says = over.is_some_and(|over| over.address.is_some());
            let place = service_path(says.then_some(owner), service).key("address");
            (service.as_str(), place)
        }
    }
}

/// Where the address of a host is said: here, or by the environment that lends it.
fn host_address_path(context: &LintContext, topology: &Topology, name: &HostName) -> PlanPath {
    let environment = &topology.environment;
    let declared = &context.plan.environments[environment].hosts[name];
    let lender = declared
        .borrow
        .as_ref()
        .filter(|_| declared.address.is_none());
    PlanPath::host(lender.unwrap_or(environment).as_str(), name.as_str()).key("address")
}

fn is_unaddressed(link: &Link) -> bool {
    let connection = link.connection;
    connection.via.locality() == Locality::External && connection.endpoint.host.is_none()
}

fn host_finding(topology: &Topology, links: &[Link]) -> Finding {
    let host = &topology.hosts[&links[0].target.host];
    let place = PlanPath::host(topology.environment.as_str(), host.name.as_str());
    let (name, user) = (&host.name, links[0].user);
    let message = format!(
        "`{name}` has no `address`, but `{}` on `{}` connects to it",
        user.component, user.host
    );
    let finding = Finding::new(&RULE.info, Label::new(place, ""), message)
        .in_environment(&topology.environment)
        .help(host_help(host));
    let finding = match &host.borrowed_from {
        Some(lender) => finding.and(Label::new(
            PlanPath::host(lender.as_str(), name.as_str()),
            "borrowed from here",
        )),
        None => finding,
    };
    with_users(finding, topology, links)
}

fn host_help(host: &Host) -> String {
    let key = "address = \"10.0.1.21\"";
    match &host.borrowed_from {
        Some(lender) => format!("write where others reach it, in `{lender}`: {key}"),
        None => format!("write where others reach it: {key}"),
    }
}

fn provider_finding(topology: &Topology, links: &[Link]) -> Finding {
    let environment = &topology.environment;
    let target = links[0].target;
    let owner = &topology.components[&target.component].owner;
    let service = &target.component;
    let place = PlanPath::placement(environment.as_str(), target.host.as_str(), service.as_str());
    let message = format!("nothing says where `{service}` is reached at its provider");
    let finding = Finding::new(&RULE.info, Label::new(place, ""), message)
        .severity(Severity::Warn)
        .in_environment(environment)
        .help(format!(
            "give it an `address` in `[environments.{owner}.services.{service}]`; the provider shows it once the service exists"
        ));
    with_users(finding, topology, links)
}

/// The finding with a label for each user.
fn with_users(finding: Finding, topology: &Topology, links: &[Link]) -> Finding {
    let mut users: Vec<&Instance> = links.iter().map(|link| link.user).collect();
    users.sort();
    users.dedup();
    users.iter().fold(finding, |finding, user| {
        let place = PlanPath::placement(
            topology.environment.as_str(),
            user.host.as_str(),
            user.component.as_str(),
        );
        finding.and(Label::new(place, "connects from here"))
    })
}

#[cfg(test)]
mod tests {
    use crate::finding::Severity;
    use crate::lint::testing::{analysis, check};

    #[test]
    fn instances_of_one_service_must_reach_each_other() {
        check(
            "external-without-address",
            r#"
name = "shop"
[services.wide]
kind = "cassandra"
[services.pages]
kind = "memcached"
[environments.prod.hosts.data-1]
address = "10.0.1.21"
runs = ["wide", "pages"]
[environments.prod.hosts.data-2]
                       # ^^^^^^ `data-2` has no `address`, but `wide` runs on other hosts too and must be reached from there
runs = ["wide", "pages"]
"#,
        );
    }

    #[test]
    fn an_address_that_keeps_the_place_of_another_is_noted() {
        let plan = r#"
name = "shop"
[apps.web]
uses.db = {}
uses.cache = {}
[services.db]
kind = "postgres"
[services.cache]
kind = "redis"
[environments.prod.services.cache]
address = "cache.prod.example"
        # ^^^^^^^^^^^^^^^^^^^^ the address of `cache`, `cache.prod.example`, only keeps the place of its own
[environments.prod.hosts.app-1]
runs = ["web"]
[environments.prod.hosts.provider]
kind = "managed"
runs = ["cache"]
[environments.prod.hosts.data-1]
address = "192.0.2.21"
        # ^^^^^^^^^^^^ the address of `data-1`, `192.0.2.21`, only keeps the place of its own
runs = ["db"]
"#;
        check("external-without-address", plan);
        let findings = analysis(plan).findings;
        let mut of_it = findings
            .iter()
            .filter(|it| it.rule == "external-without-address");
        assert!(of_it.all(|finding| finding.severity == Severity::Note));
    }

    #[test]
    fn a_machine_that_others_connect_to_needs_an_address() {
        check(
            "external-without-address",
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
runs = ["web"]
[environments.prod.hosts.data-1]
                       # ^^^^^^ `data-1` has no `address`, but `web` on `app-1` connects to it
runs = ["db", "cache"]
[environments.dev.hosts.laptop]
runs = ["web"]
[environments.dev.hosts.data-1]
                      # ^^^^^^ `data-1` has no `address`, but `web` on `laptop` connects to it
borrow = "prod"
runs = ["db"]
[environments.dev.hosts.box]
address = "10.0.3.7"
runs = ["cache"]
"#,
        );
    }

    const MANAGED: &str = r#"
name = "shop"
[apps.web]
uses.db = {}
uses.uploads = {}
[services.db]
kind = "postgres"
[services.uploads]
kind = "wasabi"
[environments.prod.hosts.app-1]
runs = ["web"]
[environments.prod.hosts.cloud]
kind = "managed"
runs = ["db", "uploads"]
      # ^^^^ nothing says where `db` is reached at its provider
"#;

    #[test]
    fn a_provider_s_address_is_asked_for_unless_its_names_follow_a_pattern() {
        check("external-without-address", MANAGED);
        let findings = analysis(MANAGED).findings;
        let finding = findings
            .iter()
            .find(|finding| finding.rule == "external-without-address")
            .expect("it is found");
        assert_eq!(finding.severity, Severity::Warn);
    }

    #[test]
    fn a_sidecar_and_a_service_with_an_address_of_its_own_are_fine() {
        check(
            "external-without-address",
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
runs = ["web", "cache"]
[environments.prod.hosts.cloud]
kind = "managed"
runs = ["db"]
[environments.prod.services.db]
address = "shop.db.example.com"
"#,
        );
    }

    #[test]
    fn an_address_that_only_the_host_itself_reaches_is_found() {
        check(
            "external-without-address",
            r#"
name = "shop"
[apps.web]
uses.db = {}
uses.cache = {}
uses.queue = {}
[services.db]
kind = "postgres"
[services.cache]
kind = "redis"
[services.queue]
kind = "rabbitmq"
address = "::1"
        # ^^^^^ `queue` is said to be at `::1`, which other hosts cannot reach
[environments.prod.hosts.app-1]
address = "127.0.0.1"
runs = ["web"]
[environments.prod.hosts.data-1]
address = "LOCALHOST"
        # ^^^^^^^^^^^ `data-1` is said to be at `LOCALHOST`, which other hosts cannot reach
runs = ["db", "cache", "queue"]
[environments.dev.hosts.laptop]
address = "127.0.0.1"
runs = ["web", "db", "cache", "queue"]
"#,
        );
    }
}
