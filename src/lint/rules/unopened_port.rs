//! `unopened-port`: a setting asks another host for a port that is not opened there.

use std::collections::BTreeSet;

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::declared::setting_path;
use crate::lint::{LintContext, Rule, Sink};
use crate::model::VariableName;
use crate::topology::{Link, Topology, Via};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "unopened-port",
        severity: Severity::Warn,
        summary: "a setting names a port that the host of a service does not open",
        explanation: "\
What it finds: a setting in which the address of a container on another host stands with a port that is
neither the one of the container nor among its further ports.

Why it matters: beside each other, containers reach every port of each other. From another host only those
that are published can be reached; a connection to any other is refused.

When it is fine: where something besides Backstay opens the port.

Instead: say it among the further ports of the container: `container.ports.native = { port = 9000 }`. It is
then opened for those who ask for it, and stands in the runbook's table of the firewall.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    for topology in context.topologies {
        let mut said = BTreeSet::new();
        for link in topology.links() {
            let elsewhere = link.connection.via == Via::AnotherMachine;
            if !elsewhere
                || link.connection.named_in.is_empty()
                || !link.target_component.runs_as.in_container()
            {
                continue;
            }
            for (variable, port) in topology.ports_asked(&link) {
                let (user, target) = (&link.user.component, &link.target.component);
                let target = &topology.components[target];
                let is_open =
                    target.container_port() == Some(port) || target.further_port(port).is_some();
                if !is_open && said.insert((user, variable, port)) {
                    sink.push(finding(context, topology, &link, (variable, port)));
                }
            }
        }
    }
}

fn finding(
    context: &LintContext,
    topology: &Topology,
    link: &Link,
    (variable, port): (&VariableName, u16),
) -> Finding {
    let (user, target) = (&link.user.component, &link.target.component);
    let environment = &topology.environment;
    let user = &topology.components[user];
    let path = setting_path(context.plan, environment, user, variable);
    let message = format!(
        "`{variable}` of `{}` names port {port} of `{target}`, which `{}` does not open",
        user.name, link.target.host
    );
    Finding::new(&RULE.info, Label::new(path, ""), message)
        .in_environment(environment)
        .help(format!(
            "say it among the ports of `{target}`: container.ports.p{port} = {{ port = {port} }}"
        ))
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{analysis, check};

    const PLAN: &str = r#"
name = "shop"
[apps.web]
image = "acme/web:1"
dialect = "own"
uses.store = { named-in = ["STORE_URL", "STORE_ADMIN"] }
[apps.web.settings]
STORE_URL = "store://store:9000,store:9123"
STORE_ADMIN = "http://store:9555"
# <- `STORE_ADMIN` of `web` names port 9555 of `store`, which `data-1` does not open
[apps.store]
image = "acme/store:1"
port = 9123
container.ports.native = { port = 9000, published = 19000 }
[environments.local.hosts.laptop]
runs = ["web", "store"]
[environments.prod.hosts.app-1]
address = "10.0.0.1"
runs = ["web"]
[environments.prod.hosts.data-1]
address = "10.0.0.2"
runs = ["store"]
"#;

    #[test]
    fn ports_that_no_host_opens_are_found() {
        check("unopened-port", PLAN);
    }

    #[test]
    fn a_further_port_that_a_setting_names_is_opened_for_who_asks() {
        let analysis = analysis(PLAN);
        let prod = analysis.topology("prod").expect("the plan has it");
        let opened = prod.publications().filter(|one| !one.users.is_empty());
        let opened: Vec<String> = opened
            .map(|one| format!("{} for {:?}", one.said_ports(), one.reach))
            .collect();
        assert_eq!(opened, ["9123 for Network", "19000 for Network"]);
    }
}
