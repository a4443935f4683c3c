//! `external-in-test`: a service on another machine than its user, in a test environment.

use std::collections::BTreeMap;

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::placing::{self, Destination};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{HostName, PlanPath, Tier};
use crate::topology::{Instance, Link, Locality, Topology, Via};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "external-in-test",
        severity: Severity::Warn,
        summary: "a test environment does not have everything in one place",
        explanation: "\
What it finds: in an environment of the tier `test`, a service that an app or another service uses from
another machine, from a provider, from a cluster or from another environment.

Why it matters: a test environment usually has everything that the tests need in one place. It can then
be made, filled and thrown away at will; runs do not disturb each other, and a test fails because of
the code and not because of the network or of somebody else's data.

When it is fine: tests of the very thing that only a provider has, and load tests that need the
machines of production. Say so in `[rules]` with the reason.

Instead: run the service on the machine of its user, as a sidecar; `backstay check --fix` moves it. What
only a provider can run is replaced there by its stand-in, where it has one.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    let tests = context
        .topologies
        .iter()
        .filter(|topology| topology.tier == Some(Tier::Test));
    for topology in tests {
        let only_hosts = only_hosts(topology);
        for user in topology.instances() {
            let mut links = topology.uses_of(user);
            // The nearest instance of a target comes first, and one beside the user is enough.
            links.dedup_by(|next, nearest| next.target.component == nearest.target.component);
            for link in links.iter().filter(|link| is_external(topology, link)) {
                let movable =
                    only_hosts[link.target].is_some() && can_move(context, topology, link);
                let finding = finding(topology, link);
                sink.push(match movable {
                    true => with_fix(finding, topology, link),
                    false => finding,
                });
            }
        }
    }
}

/// The host that all users of an instance are on, if they are on one.
fn only_hosts(topology: &Topology) -> BTreeMap<&Instance, Option<&HostName>> {
    let mut hosts: BTreeMap<&Instance, Option<&HostName>> = BTreeMap::new();
    for link in topology.links() {
        let host = &link.user.host;
        let known = hosts.entry(link.target).or_insert(Some(host));
        *known = known.filter(|known| *known == host);
    }
    hosts
}

fn is_external(topology: &Topology, link: &Link) -> bool {
    let target = &topology.components[&link.target.component];
    target.service().is_some() && link.connection.via.locality() == Locality::External
}

fn finding(topology: &Topology, link: &Link) -> Finding {
    let environment = topology.environment.as_str();
    let (user, target) = (link.user, link.target);
    let (user_host, service) = (user.host.as_str(), &target.component);
    let via = &link.connection.via;
    let message = format!(
        "`{service}` is external to `{}` on `{user_host}`: {via}",
        user.component
    );
    let used_from = PlanPath::placement(environment, user_host, user.component.as_str());
    Finding::new(&RULE.info, Label::new(place(topology, link), ""), message)
        .in_environment(&topology.environment)
        .and(Label::new(used_from, "used from here"))
        .help(format!(
            "run `{service}` on `{user_host}` too: a test environment has everything in one place"
        ))
}

fn with_fix(finding: Finding, topology: &Topology, link: &Link) -> Finding {
    let target = link.target;
    let beside_user = Destination::Existing(link.user.host.clone());
    finding.fix(
        format!("move `{}` to {beside_user}", target.component),
        placing::relocate(topology, &target.component, &target.host, &beside_user),
    )
}

/// What places the target where it is: its word in `runs`, or what borrows its host.
fn place(topology: &Topology, link: &Link) -> PlanPath {
    let (environment, target) = (topology.environment.as_str(), link.target);
    match link.connection.via {
        Via::Borrowed(_) => PlanPath::host(environment, target.host.as_str()).key("borrow"),
        _ => PlanPath::placement(environment, target.host.as_str(), target.component.as_str()),
    }
}

/// Whether the target is this environment's own and can run on the user's machine.
fn can_move(context: &LintContext, topology: &Topology, link: &Link) -> bool {
    let service = topology.components[&link.target.component].service();
    let kind = service.map(|service| service.stands_in_for.as_ref().unwrap_or(&service.kind));
    let is_own = topology.hosts[&link.target.host].borrowed_from.is_none();
    is_own
        && topology.hosts[&link.user.host].is_own_machine()
        && kind.is_some_and(|kind| placing::runs_on_machines(context.catalog, kind))
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{analysis, check, check_fix};

    const PLAN: &str = r#"
name = "shop"
[apps.web]
uses.db = { role = "database" }
[services.db]
kind = "postgres"
[environments.dev.hosts.laptop]
runs = ["web"]
[environments.dev.hosts.dev-db]
runs = ["db"]
[environments.ci.hosts.runner]
runs = ["web"]
[environments.ci.hosts.store]
runs = ["db"] # apart
      # ^^^^ `db` is external to `web` on `runner`: another machine
"#;

    #[test]
    fn a_database_on_another_machine_is_found_in_test_only() {
        check("external-in-test", PLAN);
    }

    #[test]
    fn its_fix_moves_the_service_to_the_machine_of_its_user() {
        let (before, _) = PLAN
            .split_once("      # ^^^^")
            .expect("the comment is there");
        let after = before
            .replace(
                "runner]\nruns = [\"web\"]",
                "runner]\nruns = [\"web\", \"db\"]",
            )
            .replace("runs = [\"db\"] # apart", "runs = [] # apart");
        check_fix("external-in-test", before, &after);
    }

    #[test]
    fn a_service_beside_its_user_is_fine() {
        check(
            "external-in-test",
            r#"
name = "shop"
[apps.web]
uses.db = {}
uses.uploads = {}
[services.db]
kind = "postgres"
[services.uploads]
kind = "wasabi"
[environments.test.hosts.runner]
runs = ["web", "db", "uploads"]
"#,
        );
    }

    const TWO_HOSTS: &str = r#"
name = "shop"
[apps.web]
uses.db = {}
[apps.worker]
uses.db = {}
[services.db]
kind = "postgres"
[environments.test.hosts.runner-1]
runs = ["web", "db"]
             # ^^^^ `db` is external to `worker` on `runner-2`: another machine
[environments.test.hosts.runner-2]
runs = ["worker"]
"#;

    #[test]
    fn one_service_is_internal_to_the_app_beside_it_and_external_to_another() {
        check("external-in-test", TWO_HOSTS);
    }

    #[test]
    fn nothing_is_moved_away_from_another_user() {
        let findings = analysis(TWO_HOSTS).findings;
        let finding = findings
            .iter()
            .find(|finding| finding.rule == "external-in-test")
            .expect("it is found");
        assert_eq!(finding.fix, None);
    }

    #[test]
    fn providers_and_other_environments_are_external_too() {
        check(
            "external-in-test",
            r#"
name = "shop"
[apps.web]
uses.db = {}
uses.uploads = {}
[services.db]
kind = "postgres"
[services.uploads]
kind = "wasabi"
[environments.dev.hosts.dev-db]
runs = ["db"]
[environments.test.hosts.runner]
runs = ["web"]
[environments.test.hosts.cloud]
kind = "managed"
runs = ["uploads"]
      # ^^^^^^^^^ `uploads` is external to `web` on `runner`: managed
[environments.test.hosts.dev-db]
borrow = "dev"
       # ^^^^^ `db` is external to `web` on `runner`: borrowed from dev
runs = ["db"]
"#,
        );
    }
}
