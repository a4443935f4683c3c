//! `external-in-local`: a service on another machine than its user, in a local environment.

use crate::finding::{Finding, RuleInfo, Severity};
use crate::lint::{LintContext, Rule, Sink, outside};
use crate::model::Tier;
use crate::topology::{Link, Via};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "external-in-local",
        severity: Severity::Warn,
        summary: "a local environment depends on another machine",
        explanation: "\
What it finds: in an environment of the tier `local`, a service that an app or another service uses from
another machine or from a cluster. As a note: one on a host that is borrowed from another environment,
which somebody chose. Of what a provider runs `managed-in-local` speaks, of production's hosts
`borrowed-from-production`.

Why it matters: a local environment almost always has its services on the developer's own machine. It
then works on a train, nobody else's changes break it, and whatever is tried out is tried on data that
only its owner misses.

When it is fine: data that is too large for a laptop, or a service that only one machine in the house
can run. Say so in `[rules]` with the reason.

Instead: run the service beside its user; `backstay check --fix` moves it. What only a provider can run
is replaced there by its stand-in, where it has one.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    let locals = context
        .topologies
        .iter()
        .filter(|topology| topology.tier == Some(Tier::Local));
    for topology in locals {
        let said = |link: &Link, finding| said(context, link, finding);
        for finding in outside::findings(&RULE.info, context, topology, said) {
            sink.push(finding);
        }
    }
}

fn said(context: &LintContext, link: &Link, finding: Finding) -> Option<Finding> {
    let help = format!(
        "run `{}` on `{}` too: a local environment needs nobody else",
        link.target.component, link.user.host
    );
    match &link.connection.via {
        // Of providers and of production other rules speak.
        Via::Managed => None,
        Via::Borrowed(lender) if context.plan.tier(lender) == Some(Tier::Production) => None,
        // Somebody chose to borrow it.
        Via::Borrowed(_) => Some(finding.severity(Severity::Note).help(help)),
        _ => Some(finding.help(help)),
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{analysis, check, check_fix};

    const PLAN: &str = r#"
name = "shop"
[apps.web]
uses.db = {}
uses.cache = {}
uses.uploads = {}
[services.db]
kind = "postgres"
[services.cache]
kind = "redis"
[services.uploads]
kind = "wasabi"
[environments.local.hosts.laptop]
runs = ["web"]
[environments.local.hosts.attic]
runs = ["db"] # apart
      # ^^^^ `db` is external to `web` on `laptop`: another machine
[environments.local.hosts.box]
borrow = "dev"
       # ^^^^^ `cache` is external to `web` on `laptop`: borrowed from dev
runs = ["cache"]
[environments.local.hosts.wasabi]
kind = "managed"
runs = ["uploads"]
[environments.dev.hosts.laptop]
runs = ["web"]
[environments.dev.hosts.box]
runs = ["db", "cache", "uploads"]
"#;

    #[test]
    fn what_other_machines_run_is_found_in_local_only() {
        check("external-in-local", PLAN);
    }

    #[test]
    fn what_is_borrowed_on_purpose_is_only_noted() {
        let findings = analysis(PLAN).findings;
        let of_rule = findings
            .iter()
            .filter(|finding| finding.rule == "external-in-local");
        let severities: Vec<_> = of_rule.map(|finding| finding.severity.as_str()).collect();
        assert_eq!(severities, ["warn", "note"]);
    }

    #[test]
    fn its_fix_moves_the_service_to_the_laptop() {
        let after = PLAN
            .replace(
                "[\"web\"]\n[environments.local.hosts.attic]",
                "[\"web\", \"db\"]\n[environments.local.hosts.attic]",
            )
            .replace("runs = [\"db\"] # apart", "runs = [] # apart");
        check_fix("external-in-local", PLAN, &after);
    }

    #[test]
    fn a_host_that_was_borrowed_for_it_alone_goes() {
        let plan = r#"name = "shop"
[apps.web]
uses.db = {}
[services.db]
kind = "postgres"
[environments.local.hosts.laptop]
runs = ["web"]
[environments.local.hosts.box]
borrow = "dev"
runs = ["db"]
[environments.dev.hosts.box]
runs = ["db"]
"#;
        let after = plan
            .replace(
                "[environments.local.hosts.box]\nborrow = \"dev\"\nruns = [\"db\"]\n",
                "",
            )
            .replacen("[\"web\"]", "[\"web\", \"db\"]", 1);
        check_fix("external-in-local", plan, &after);
    }

    #[test]
    fn production_s_hosts_are_left_to_the_rule_about_them() {
        check(
            "external-in-local",
            r#"
name = "shop"
[apps.web]
uses.db = {}
[services.db]
kind = "postgres"
[environments.local.hosts.laptop]
runs = ["web"]
[environments.local.hosts.data-1]
borrow = "prod"
runs = ["db"]
[environments.prod.hosts.data-1]
runs = ["db"]
"#,
        );
    }
}
