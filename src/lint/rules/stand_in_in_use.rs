//! `stand-in-in-use`: a stand-in runs where the plan names a provider's service.

use crate::catalog::Kind;
use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{ComponentName, HostKind, PlanPath, Tier};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "stand-in-in-use",
        severity: Severity::Note,
        summary: "a stand-in runs in place of what no machine can run",
        explanation: "\
What it finds: a service on a machine that only its provider, or only a cluster of its own, can run,
and in whose place another kind runs there: the stand-in that the catalog knows for it.

Why it matters: the stand-in speaks the same language to its clients, so that the app need not know. It
is still another product: limits, permissions, speed and faults differ, and only the real one shows how
the real one behaves.

When it is fine: in local, development and test environments, which is what stand-ins are for.

Instead: nothing, as long as one environment below production uses the real service. To run the
stand-in for good, declare it as the service's kind.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    for topology in context.topologies {
        for component in topology.components.values() {
            let Some(service) = component.service() else {
                continue;
            };
            let Some(declared) = &service.stands_in_for else {
                continue;
            };
            let hosts = topology.hosts_of(&component.name).iter();
            for host in hosts.filter(|host| topology.hosts[*host].is_own_machine()) {
                let place = PlanPath::placement(
                    topology.environment.as_str(),
                    host.as_str(),
                    component.name.as_str(),
                );
                let finding = finding(place, &component.name, &service.kind, declared)
                    .in_environment(&topology.environment)
                    .help(help(topology.tier, &service.kind, declared));
                sink.push(finding);
            }
        }
    }
}

fn finding(place: PlanPath, service: &ComponentName, runs: &Kind, declared: &Kind) -> Finding {
    let (runs, declared) = (&runs.title, &declared.title);
    let message = format!("`{service}` runs as {runs} here, the stand-in for {declared}");
    Finding::new(&RULE.info, Label::new(place, ""), message)
}

fn help(tier: Option<Tier>, runs: &Kind, declared: &Kind) -> String {
    let home = match declared.hosting.home() {
        HostKind::Cluster => "a cluster of its own",
        HostKind::Managed | HostKind::Machine => "a managed host",
    };
    let (runs, declared) = (&runs.title, &declared.title);
    match tier {
        Some(Tier::Production) => format!(
            "run {declared} itself on {home}, or declare {runs} as the kind if it is meant to stay"
        ),
        _ => format!(
            "only {declared} itself shows how it behaves: use it in an environment below production too"
        ),
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::check;

    #[test]
    fn a_stand_in_is_said_where_it_runs_and_the_real_thing_is_not() {
        check(
            "stand-in-in-use",
            r#"
name = "shop"
[apps.web]
uses.uploads = {}
[services.uploads]
kind = "wasabi"
[environments.local.hosts.laptop]
runs = ["web", "uploads"]
             # ^^^^^^^^^ `uploads` runs as SeaweedFS here, the stand-in for Wasabi
[environments.dev.hosts.laptop]
borrow = "local"
runs = ["uploads"]
[environments.prod.hosts.wasabi]
kind = "managed"
runs = ["uploads"]
"#,
        );
    }

    #[test]
    fn what_takes_a_cluster_has_a_stand_in_too_and_runs_itself_on_a_cluster() {
        check(
            "stand-in-in-use",
            r#"
name = "shop"
[apps.web]
uses.uploads = {}
[services.uploads]
kind = "ceph"
[environments.local.hosts.laptop]
runs = ["web", "uploads"]
             # ^^^^^^^^^ `uploads` runs as SeaweedFS here, the stand-in for Ceph
[environments.prod.hosts.storage]
kind = "cluster"
address = "10.0.9.1"
runs = ["uploads"]
"#,
        );
    }
}
