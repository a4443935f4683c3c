//! `external-without-address`: something is used from elsewhere, and nothing says where it is.

use std::collections::BTreeMap;

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{HostKind, PlanPath};
use crate::topology::{Host, Instance, Link, Locality, Topology};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "external-without-address",
        severity: Severity::Deny,
        summary: "something is used from another machine, but has no address",
        explanation: "\
What it finds: a host without an `address` although something on another host connects to what it runs.
As a warning: a service at a provider whose address neither the plan nor a pattern of the provider's
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
    }
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
}
