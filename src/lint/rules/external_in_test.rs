//! `external-in-test`: a service on another machine than its user, in a test environment.

use crate::finding::{Finding, RuleInfo, Severity};
use crate::lint::{LintContext, Rule, Sink, outside};
use crate::model::Tier;
use crate::topology::Link;

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
        for finding in outside::findings(&RULE.info, context, topology, said) {
            sink.push(finding);
        }
    }
}

fn said(link: &Link, finding: Finding) -> Option<Finding> {
    Some(finding.help(format!(
        "run `{}` on `{}` too: a test environment has everything in one place",
        link.target.component, link.user.host
    )))
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
