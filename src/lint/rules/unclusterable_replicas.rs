//! `unclusterable-replicas`: a service on several hosts whose kind does not form one of them.

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{ComponentName, Edit, HostName, PlanPath};
use crate::topology::{Component, Topology};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "unclusterable-replicas",
        severity: Severity::Deny,
        summary: "several hosts run one service that does not form a cluster",
        explanation: "\
What it finds: a service that several hosts of one environment run, although instances of its kind do
not form one service by themselves. An app on several hosts is replicas and never reported.

Why it matters: each host gets a service of its own, with its own data. What is written to one is not
found on the other, and which one a user of it reaches is a matter of chance.

When it is fine: never under one name. Replication that you set up yourself is several services, each
with a name and a use of its own.

Instead: run it on one host, or declare one service for each host. When one server no longer suffices,
`backstay explain KIND` says what the kind grows into.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    for topology in context.topologies {
        for component in topology.components.values() {
            let hosts = topology.hosts_of(&component.name);
            if hosts.len() > 1 && is_one_server(topology, component) {
                sink.push(finding(topology, component, hosts));
            }
        }
    }
}

/// Whether it is a service of this environment that several hosts cannot run as one.
fn is_one_server(topology: &Topology, component: &Component) -> bool {
    let own = component.owner == topology.environment;
    own && component
        .service()
        .is_some_and(|service| !service.kind.clusters)
}

fn finding(topology: &Topology, component: &Component, hosts: &[HostName]) -> Finding {
    let (environment, name) = (&topology.environment, &component.name);
    let place =
        |host: &HostName| PlanPath::placement(environment.as_str(), host.as_str(), name.as_str());
    let kept = kept(topology, hosts);
    let others: Vec<&HostName> = hosts.iter().filter(|host| *host != kept).collect();
    let finding = Finding::new(
        &RULE.info,
        Label::new(place(others[0]), ""),
        message(component, hosts.len()),
    )
    .in_environment(environment)
    .and(Label::new(place(kept), "runs here"))
    .help(help(name));
    let labels = others[1..]
        .iter()
        .map(|host| Label::new(place(host), "and here"));
    let remove = |host: &&HostName| Edit::Remove { path: place(host) };
    labels.fold(finding, Finding::and).fix(
        format!("run `{name}` on `{kept}` alone"),
        others.iter().map(remove).collect(),
    )
}

fn message(component: &Component, n_hosts: usize) -> String {
    let (name, kind) = (&component.name, &component.kind().title);
    format!("`{name}` runs on {n_hosts} hosts, but instances of {kind} do not form one service")
}

fn help(name: &ComponentName) -> String {
    format!("run `{name}` on one host, or declare a service for each")
}

/// The host that keeps it: the first one of the environment's own.
fn kept<'h>(topology: &Topology, hosts: &'h [HostName]) -> &'h HostName {
    let is_own = |host: &&HostName| topology.hosts[*host].is_own();
    hosts.iter().find(is_own).unwrap_or(&hosts[0])
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{check, check_fix};

    const PLAN: &str = r#"
name = "shop"
[services.db]
kind = "postgres"
[environments.prod.hosts.data-1]
runs = ["db"]
[environments.prod.hosts.data-2]
runs = ["db"]
      # ^^^^ `db` runs on 2 hosts, but instances of PostgreSQL do not form one service
"#;

    #[test]
    fn a_database_on_two_hosts_is_found() {
        check("unclusterable-replicas", PLAN);
    }

    #[test]
    fn its_fix_leaves_it_on_the_first_host() {
        let after = PLAN.replace("data-2]\nruns = [\"db\"]", "data-2]\nruns = []");
        check_fix("unclusterable-replicas", PLAN, &after);
    }

    #[test]
    fn replicas_of_an_app_and_of_what_clusters_are_fine_and_environments_are_apart() {
        check(
            "unclusterable-replicas",
            r#"
name = "shop"
[apps.web]
[services.cache]
kind = "memcached"
[services.db]
kind = "postgres"
[environments.prod.hosts.app-1]
runs = ["web", "cache", "db"]
[environments.prod.hosts.app-2]
runs = ["web", "cache"]
[environments.dev.hosts.app-1]
borrow = "prod"
runs = ["db"]
"#,
        );
    }
}
