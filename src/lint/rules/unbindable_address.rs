//! `unbindable-address`: a port that is bound to an address which the machine may not have.

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::network::{is_no_host, public_ip};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{Address, PlanPath};
use crate::topology::{Host, Instance, Publication, Reach, Topology};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "unbindable-address",
        severity: Severity::Note,
        summary: "a port is bound to an address that the machine may not have itself",
        explanation: "\
What it finds: a machine with a public address on which something is published for other machines, and so
bound to that address. Denied where no single machine can have the address, such as a multicast one.

Why it matters: a container's port can be bound only to an address of the machine's own network card. At
most cloud providers a public address is translated on the way and stands on no card; the container then
fails to start, with \"cannot assign requested address\". The plan alone does not show which it is.

When it is fine: where `ip address` on the machine lists the address. Say so in `[rules]` with the reason.

Instead: write the private address by which the other machines reach it; between machines of one provider
it is the better one anyway.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    for topology in context.topologies {
        for host in topology.hosts.values().filter(|host| host.is_own_machine()) {
            if let Some((address, severity)) = doubtful(host) {
                let bound: Vec<&Publication> = bound(topology, host).collect();
                if !bound.is_empty() {
                    sink.push(finding(topology, host, address, &bound).severity(severity));
                }
            }
        }
    }
}

/// The address of a host, if it may not be on its network card.
fn doubtful(host: &Host) -> Option<(&Address, Severity)> {
    let address = host.address.as_ref()?;
    if address.ip().is_some_and(is_no_host) {
        return Some((address, Severity::Deny));
    }
    public_ip(address).map(|_| (address, Severity::Note))
}

/// What is bound to the address of a host.
fn bound<'t>(topology: &'t Topology, host: &'t Host) -> impl Iterator<Item = &'t Publication> {
    let instances = host.runs.iter().map(|component| Instance {
        component: component.clone(),
        host: host.name.clone(),
    });
    let published = instances.flat_map(|instance| topology.publications_of(&instance));
    published.filter(|publication| {
        let component = &topology.components[&publication.instance.component];
        publication.reach == Reach::Network && component.runs_as.in_container()
    })
}

fn finding(topology: &Topology, host: &Host, address: &Address, bound: &[&Publication]) -> Finding {
    let path = PlanPath::host(topology.environment.as_str(), host.name.as_str());
    let message = format!(
        "`{}` is bound to {address}, which must be on a network card of `{}` itself",
        bound[0].instance.component, host.name
    );
    let place = Label::new(path.clone().key("address"), "");
    let finding = Finding::new(&RULE.info, place, message)
        .in_environment(&topology.environment)
        .help("write the private address by which the other machines reach it, unless `ip address` lists this one");
    bound
        .iter()
        .map(|publication| {
            let name = publication.instance.component.as_str();
            Label::new(path.clone().key("runs").item(name), "bound to it")
        })
        .fold(finding, Finding::and)
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{analysis, check};

    fn plan(address: &str, finding: &str) -> String {
        format!(
            r#"
name = "shop"
[apps.web]
uses.db = {{}}
[services.db]
kind = "postgres"
[environments.dev.hosts.laptop]
runs = ["web"]
[environments.dev.hosts.box]
address = "{address}"
{finding}
runs = ["db"]
[environments.test.hosts.ci]
address = "203.0.113.9"
runs = ["web", "db"]
"#
        )
    }

    #[test]
    fn what_is_bound_to_a_public_address_is_noted() {
        check(
            "unbindable-address",
            &plan(
                "203.0.113.7",
                "        # ^^^^^^^^^^^^^ `db` is bound to 203.0.113.7, which must be on a network card of `box` itself",
            ),
        );
    }

    #[test]
    fn an_address_that_no_machine_has_is_denied() {
        let findings = analysis(&plan("224.0.0.7", "")).findings;
        let of_rule = findings
            .iter()
            .find(|finding| finding.rule == "unbindable-address");
        let severity = of_rule.map(|finding| finding.severity.as_str());
        assert_eq!(severity, Some("deny"));
    }

    #[test]
    fn a_private_address_and_a_name_are_fine() {
        for address in ["10.0.3.7", "fd00::7", "box.internal"] {
            check("unbindable-address", &plan(address, ""));
        }
    }
}
