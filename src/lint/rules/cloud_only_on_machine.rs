//! `cloud-only-on-machine`: what only a provider or a cluster runs on a machine, with nothing to stand in for it.

use crate::catalog::Kind;
use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::{LintContext, Rule, Sink, placing};
use crate::model::{ComponentName, Edit, HostKind, PlanPath};
use crate::topology::{Host, Topology};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "cloud-only-on-machine",
        severity: Severity::Deny,
        summary: "a machine cannot run what only a provider or a cluster runs",
        explanation: "\
What it finds: a service on a machine of the environment when only its provider, or only a cluster of
its own, can run it and the catalog knows no stand-in that could take its place.

Why it matters: there is nothing that one container could run, so no file is written for it and its
users find nobody at the address that they are given.

When it is fine: never. A service that a provider runs is on a managed host, and one that takes many
machines is on a cluster, in every environment.

Instead: run it on a host with kind = \"managed\" or \"cluster\"; `backstay check --fix` does so. For
development, declare another kind for this environment, or a stand-in of your own in
`.backstay/services/`.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    for topology in context.topologies {
        for component in topology.components.values() {
            let stranded = component.service().filter(|service| {
                !service.kind.runs_on_machines() && service.stands_in_for.is_none()
            });
            let Some(service) = stranded else { continue };
            let hosts = topology.hosts_of(&component.name).iter();
            for host in hosts.map(|host| &topology.hosts[host]) {
                if host.is_own_machine() {
                    sink.push(finding(topology, host, &component.name, &service.kind));
                }
            }
        }
    }
}

fn finding(topology: &Topology, host: &Host, service: &ComponentName, kind: &Kind) -> Finding {
    let environment = &topology.environment;
    let path = PlanPath::host(environment.as_str(), host.name.as_str());
    let place = path.clone().key("runs").item(service.as_str());
    let (title, home) = (&kind.title, kind.hosting.home());
    let who = match home {
        HostKind::Cluster => "only a cluster of its own",
        HostKind::Managed | HostKind::Machine => "only its provider",
    };
    let message = format!("`{service}` ({title}) is on a machine, but {who} can run it");
    let finding = Finding::new(&RULE.info, Label::new(place, ""), message)
        .in_environment(environment)
        .help(format!(
            "run it on a host with kind = \"{home}\"; no stand-in for {title} is known"
        ));
    if host.runs.len() == 1 {
        let becomes = Edit::set_text(path.key("kind"), home.to_string());
        let what = match home {
            HostKind::Cluster => "a cluster",
            HostKind::Managed | HostKind::Machine => "a managed host",
        };
        return finding.fix(format!("make `{}` {what}", host.name), vec![becomes]);
    }
    let destination = placing::home_of(topology, kind);
    finding.fix(
        format!("move `{service}` to {destination}"),
        placing::relocate(topology, service, &host.name, &destination),
    )
}

#[cfg(test)]
mod tests {
    use crate::analysis::{Config, analyze};
    use crate::catalog::{Catalog, CatalogFile, CatalogFileOf};
    use crate::finding::Finding;
    use crate::lint::testing::check;
    use crate::model::Date;
    use crate::source;

    const PLAN: &str = r#"name = "shop"
[apps.web]
uses.store = {}
[services.store]
kind = "lonely"
[environments.dev.hosts.laptop]
runs = ["web"]
[environments.dev.hosts.store]
runs = ["store"]
"#;

    /// The rule's findings with a kind in the catalog that has no stand-in.
    fn findings(plan: &str) -> Vec<Finding> {
        findings_with("cloud-only", plan)
    }

    fn findings_with(hosting: &str, plan: &str) -> Vec<Finding> {
        let wasabi = include_str!("../../../templates/services/wasabi.toml");
        let mut catalog = Catalog::builtin();
        let lonely = wasabi.replace("stand-in = \"seaweedfs\"\n", "");
        catalog
            .add(&CatalogFile {
                of: CatalogFileOf::Kind,
                id: "lonely".into(),
                text: lonely.replace("\"cloud-only\"", &format!("\"{hosting}\"")),
                place: "lonely.toml".into(),
            })
            .expect("the file is a kind's");
        let today = Date::parse("2026-11-22").expect("a date");
        let mut findings = analyze(plan, &catalog, &Config { today }).findings;
        findings.retain(|finding| finding.rule == super::RULE.info.name);
        findings
    }

    fn fixed(plan: &str) -> String {
        fixed_with("cloud-only", plan)
    }

    fn fixed_with(hosting: &str, plan: &str) -> String {
        let found = findings_with(hosting, plan);
        let fix = found[0].fix.clone().expect("there is a fix");
        let text = source::apply(plan, &fix.edits).expect("the fix applies");
        assert_eq!(findings_with(hosting, &text), []);
        text
    }

    #[test]
    fn what_only_a_provider_runs_is_found_on_a_machine() {
        let found = findings(PLAN);
        assert_eq!(
            found[0].message,
            "`store` (Wasabi) is on a machine, but only its provider can run it"
        );
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn its_fix_makes_a_host_of_its_own_managed_or_makes_one() {
        let own = PLAN.replace(
            "runs = [\"store\"]\n",
            "runs = [\"store\"]\nkind = \"managed\"\n",
        );
        assert_eq!(fixed(PLAN), own);
        let shared = PLAN.replace("[\"web\"]", "[\"web\", \"store\"]");
        let shared = shared.replace("[environments.dev.hosts.store]\nruns = [\"store\"]\n", "");
        let moved = shared.replace("[\"web\", \"store\"]", "[\"web\"]");
        let host = "\n[environments.dev.hosts.lonely]\nkind = \"managed\"\nruns = [\"store\"]\n";
        assert_eq!(fixed(&shared), format!("{moved}{host}"));
    }

    #[test]
    fn what_takes_a_cluster_is_moved_to_one() {
        let found = findings_with("cluster-only", PLAN);
        assert_eq!(
            found[0].message,
            "`store` (Wasabi) is on a machine, but only a cluster of its own can run it"
        );
        let own = PLAN.replace(
            "runs = [\"store\"]\n",
            "runs = [\"store\"]\nkind = \"cluster\"\n",
        );
        assert_eq!(fixed_with("cluster-only", PLAN), own);
        let shared = PLAN.replace("[\"web\"]", "[\"web\", \"store\"]");
        let shared = shared.replace("[environments.dev.hosts.store]\nruns = [\"store\"]\n", "");
        let moved = shared.replace("[\"web\", \"store\"]", "[\"web\"]");
        let host = "\n[environments.dev.hosts.lonely]\nkind = \"cluster\"\nruns = [\"store\"]\n";
        assert_eq!(
            fixed_with("cluster-only", &shared),
            format!("{moved}{host}")
        );
    }

    #[test]
    fn on_a_managed_host_or_with_a_stand_in_it_is_fine() {
        let managed = PLAN.replace("hosts.store]", "hosts.store]\nkind = \"managed\"");
        assert_eq!(findings(&managed), []);
        check("cloud-only-on-machine", &PLAN.replace("lonely", "wasabi"));
    }
}
