//! `single-host-production`: everything that production runs itself is on one machine.

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{HostKind, PlanPath, Tier};
use crate::topology::{Host, Topology};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "single-host-production",
        severity: Severity::Note,
        summary: "production stands on one machine",
        explanation: "\
What it finds: an environment of the tier `production` whose only machine runs more than one component,
with no cluster beside it. Managed and borrowed hosts do not count, nor do hosts that run nothing.

Why it matters: when the machine stops, everything stops, and whatever needs more memory or disk takes
it from the others. An internal service cannot grow beyond the machine of its app.

When it is fine: a small application whose owner can wait while the machine is set up again from tested
backups. Many good ones run like that for years.

Instead: run the app and its services on machines of their own, or leave a service to a provider.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    for topology in context
        .topologies
        .iter()
        .filter(|topology| topology.tier == Some(Tier::Production))
    {
        if let Some(host) = only_machine(topology).filter(|host| host.runs.len() > 1) {
            sink.push(finding(topology, host));
        }
    }
}

/// The one machine of an environment that runs something, where no other does and no cluster.
fn only_machine(topology: &Topology) -> Option<&Host> {
    let mut own = topology
        .hosts
        .values()
        .filter(|host| host.is_own() && host.kind != HostKind::Managed && !host.runs.is_empty());
    let first = own.next()?;
    (first.kind == HostKind::Machine && own.next().is_none()).then_some(first)
}

fn finding(topology: &Topology, host: &Host) -> Finding {
    let environment = &topology.environment;
    let place = PlanPath::host(environment.as_str(), host.name.as_str());
    let message = format!(
        "`{}` is the only machine of `{environment}` and runs {} components",
        host.name,
        host.runs.len()
    );
    Finding::new(&RULE.info, Label::new(place, ""), message)
        .in_environment(environment)
        .help("when it stops, everything stops: run the services on another machine, and keep tested backups elsewhere")
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::check;

    #[test]
    fn one_machine_for_everything_is_found_in_production_only() {
        check(
            "single-host-production",
            r#"
name = "shop"
[apps.web]
uses.db = {}
[services.db]
kind = "postgres"
[services.uploads]
kind = "wasabi"
[environments.local.hosts.laptop]
runs = ["web", "db"]
[environments.prod.hosts.wasabi]
kind = "managed"
runs = ["uploads"]
[environments.prod.hosts.spare]
runs = []
[environments.prod.hosts.all]
                       # ^^^ `all` is the only machine of `prod` and runs 2 components
runs = ["web", "db"]
"#,
        );
    }

    #[test]
    fn a_second_machine_a_cluster_or_a_single_component_is_fine() {
        for other in [
            "[environments.prod.hosts.data-1]\nruns = [\"cache\"]",
            "[environments.prod.hosts.k8s]\nkind = \"cluster\"\nruns = [\"cache\"]",
        ] {
            check(
                "single-host-production",
                &format!(
                    r#"
name = "shop"
[apps.web]
[services.db]
kind = "postgres"
[services.cache]
kind = "redis"
[environments.prod.hosts.app-1]
runs = ["web", "db"]
[environments.live.hosts.app-1]
runs = ["web"]
{other}
"#
                ),
            );
        }
    }
}
