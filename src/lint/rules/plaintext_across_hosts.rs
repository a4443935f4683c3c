//! `plaintext-across-hosts`: connections that leave the machine without TLS.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::listing::named;
use crate::lint::network::public_ip;
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{Address, ComponentName, HostName, PlanPath, Role, Tier};
use crate::topology::{Link, Topology, Via};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "plaintext-across-hosts",
        severity: Severity::Warn,
        summary: "a connection to another machine is not encrypted",
        explanation: "\
What it finds: in an environment of the tier `production` or `staging`, a host whose services others
connect to from another machine without TLS, at a public address. As a note: the same at a private address
or a name, in production only and once for all hosts, and a public address in the other tiers. Proxies,
connections between apps, and kinds whose every connection is encrypted are not reported.

Why it matters: passwords and data cross the network as they are. On the public internet everybody on
the way can read and change them; in a private network whoever breaks into one machine can.

When it is fine: a network that encrypts by itself, such as WireGuard or a provider's private network
whose promise is enough. Say so in `[rules]` with the reason.

Instead: join the hosts by an encrypted network and write its addresses, set up TLS in the service, or
use a provider's service, whose endpoint takes TLS only.",
    },
    check,
};

/// How far an address can be reached from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Network {
    Public,
    /// Private, or a name that says neither.
    Private,
}

fn check(context: &LintContext, sink: &mut Sink) {
    for topology in context.topologies {
        let mut hosts: BTreeMap<&HostName, Open> = BTreeMap::new();
        for link in topology.links().filter(is_open) {
            let open = hosts.entry(&link.target.host).or_insert_with(|| Open {
                host: &link.target.host,
                network: link
                    .connection
                    .endpoint
                    .host
                    .as_ref()
                    .map_or(Network::Private, network),
                services: BTreeSet::new(),
            });
            open.services.insert(&link.target.component);
        }
        let (public, private): (Vec<Open>, Vec<Open>) = hosts
            .into_values()
            .partition(|open| open.network == Network::Public);
        for open in public {
            sink.push(finding(topology, &[open], in_public(topology.tier)));
        }
        if !private.is_empty() && topology.tier == Some(Tier::Production) {
            sink.push(finding(topology, &private, Severity::Note));
        }
    }
}

/// A host whose services are reached as they are.
struct Open<'t> {
    host: &'t HostName,
    network: Network,
    services: BTreeSet<&'t ComponentName>,
}

fn in_public(tier: Option<Tier>) -> Severity {
    match tier {
        Some(Tier::Production | Tier::Staging) => Severity::Warn,
        _ => Severity::Note,
    }
}

/// Whether a connection carries a service's data to another machine of the user's own as it is.
fn is_open(link: &Link) -> bool {
    let leaves = match link.connection.via {
        Via::AnotherMachine | Via::Borrowed(_) => true,
        Via::Cluster => link.user.host != link.target.host,
        Via::SameMachine | Via::Managed => false,
    };
    let target = link.target_component;
    let as_it_is = target
        .service()
        .is_some_and(|service| !service.kind.encrypts);
    let as_proxy = link.connection.roles.contains(&Role::Proxy);
    leaves && as_it_is && !as_proxy && !link.connection.endpoint.tls
}

fn network(address: &Address) -> Network {
    match public_ip(address) {
        Some(_) => Network::Public,
        None => Network::Private,
    }
}

fn finding(topology: &Topology, hosts: &[Open], severity: Severity) -> Finding {
    let path = |host: &HostName| PlanPath::host(topology.environment.as_str(), host.as_str());
    let services: BTreeSet<&ComponentName> = hosts
        .iter()
        .flat_map(|open| open.services.iter().copied())
        .collect();
    let network = match hosts[0].network {
        Network::Public => "a public network",
        Network::Private => "the network",
    };
    let message = format!(
        "connections to {} on {} cross {network} unencrypted",
        named(services),
        named(hosts.iter().map(|open| open.host))
    );
    let finding = Finding::new(&RULE.info, Label::new(path(hosts[0].host), ""), message)
        .severity(severity)
        .in_environment(&topology.environment)
        .help("join the hosts by an encrypted network and write its addresses, or set up TLS in the service");
    let others = hosts[1..].iter();
    others
        .map(|open| Label::new(path(open.host), "connections to this host too"))
        .fold(finding, Finding::and)
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{analysis, check};

    /// A plan with its services at `address`.
    fn plan(environment: &str, address: &str) -> String {
        format!(
            r#"
name = "shop"
[apps.web]
uses.db = {{}}
uses.cache = {{}}
[apps.worker]
uses.db = {{}}
[services.db]
kind = "postgres"
[services.cache]
kind = "redis"
[environments.{environment}.hosts.app-1]
runs = ["web", "worker"]
[environments.{environment}.hosts.data-1]
address = "{address}"
runs = ["db", "cache"]
"#
        )
    }

    fn found(environment: &str, address: &str) -> Vec<&'static str> {
        let findings = analysis(&plan(environment, address)).findings;
        let of_rule = findings
            .iter()
            .filter(|finding| finding.rule == "plaintext-across-hosts");
        of_rule.map(|finding| finding.severity.as_str()).collect()
    }

    #[test]
    fn each_host_is_named_once_whoever_connects_to_it() {
        let plan = plan("prod", "203.0.113.7").replace(
            "[environments.prod.hosts.data-1]\n",
            "[environments.prod.hosts.data-1]\n# <- connections to `cache`, `db` on `data-1` cross a public network unencrypted\n",
        );
        check("plaintext-across-hosts", &plan);
    }

    #[test]
    fn how_grave_it_is_depends_on_the_tier_and_on_the_network() {
        for (environment, address, expected) in [
            ("prod", "203.0.113.7", Some("warn")),
            ("staging", "2001:db8::7", Some("warn")),
            ("prod", "10.0.1.21", Some("note")),
            ("prod", "data.internal", Some("note")),
            ("prod", "100.100.1.1", Some("note")),
            ("prod", "fd00::21", Some("note")),
            ("staging", "10.0.2.21", None),
            ("dev", "203.0.113.7", Some("note")),
            ("dev", "10.0.3.7", None),
            ("test", "box", None),
        ] {
            let expected: Vec<&str> = expected.into_iter().collect();
            assert_eq!(
                found(environment, address),
                expected,
                "{environment} {address}"
            );
        }
    }

    #[test]
    fn the_same_machine_a_provider_and_an_app_are_fine() {
        check(
            "plaintext-across-hosts",
            r#"
name = "shop"
[apps.web]
uses.db = {}
uses.cache = {}
uses.api = {}
[apps.api]
port = 80
[services.db]
kind = "postgres"
[services.cache]
kind = "redis"
[environments.prod.hosts.app-1]
runs = ["web", "cache"]
[environments.prod.hosts.app-2]
address = "203.0.113.7"
runs = ["api"]
[environments.prod.hosts.rds]
kind = "managed"
address = "db.example.com"
runs = ["db"]
"#,
        );
    }

    #[test]
    fn what_always_encrypts_is_fine() {
        for kind in ["cockroachdb", "mssql"] {
            let plan = plan("prod", "203.0.113.7")
                .replace("postgres", kind)
                .replace("uses.cache = {}\n", "");
            let findings = analysis(&plan).findings;
            let mut rules = findings.iter().map(|finding| finding.rule);
            assert!(
                !rules.any(|rule| rule == "plaintext-across-hosts"),
                "{kind}"
            );
        }
    }
}
