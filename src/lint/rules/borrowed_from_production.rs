//! `borrowed-from-production`: a host of production that a lower environment connects to.

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{Edit, EditValue, EnvironmentName, HostKind, HostName, PlanPath, Tier};
use crate::topology::Topology;

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "borrowed-from-production",
        severity: Severity::Deny,
        summary: "an environment below production connects to production's hosts",
        explanation: "\
What it finds: in an environment of any tier but `production`, a host with `borrow` of an environment of
the tier `production`.

Why it matters: whatever is tried out there is tried on the users' data. A test that clears its tables
clears theirs, a developer's laptop holds credentials of production, and the load of an experiment
slows down everybody.

When it is fine: hardly ever. A read-only copy that production itself offers is a host of its own and
better declared as one.

Instead: give the environment a host of its own with a copy of the data, stripped of what is personal,
or borrow from an environment below production. `backstay check --fix` makes the host its own.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    for topology in context
        .topologies
        .iter()
        .filter(|topology| is_lower(topology))
    {
        for host in topology.hosts.values() {
            if let Some(lender) = &host.borrowed_from
                && context.plan.environments.contains_key(lender)
                && context.plan.tier(lender) == Some(Tier::Production)
            {
                sink.push(finding(context, topology, &host.name, lender));
            }
        }
    }
}

fn is_lower(topology: &Topology) -> bool {
    topology.tier.is_some_and(|tier| tier != Tier::Production)
}

fn finding(
    context: &LintContext,
    topology: &Topology,
    host: &HostName,
    lender: &EnvironmentName,
) -> Finding {
    let environment = &topology.environment;
    let path = PlanPath::host(environment.as_str(), host.as_str());
    let lent = PlanPath::host(lender.as_str(), host.as_str());
    let finding = Finding::new(
        &RULE.info,
        Label::new(path.key("borrow"), ""),
        format!("`{environment}` connects to production: `{host}` is borrowed from `{lender}`"),
    )
    .in_environment(environment)
    .and(Label::new(lent, "serves production"))
    .help(format!(
        "give `{environment}` a copy on a host of its own, or borrow from an environment below production"
    ));
    match edits(context, topology, host) {
        Some(edits) => finding.fix(format!("make `{host}` a host of `{environment}`"), edits),
        None => finding,
    }
}

/// The edits that end the borrowing. None where the host says an address: that would be production's.
fn edits(context: &LintContext, topology: &Topology, host: &HostName) -> Option<Vec<Edit>> {
    let environment = &topology.environment;
    let declared = context
        .plan
        .environments
        .get(environment)?
        .hosts
        .get(host)?;
    if declared.address.is_some() {
        return None;
    }
    let path = PlanPath::host(environment.as_str(), host.as_str());
    let mut edits = vec![Edit::Remove {
        path: path.clone().key("borrow"),
    }];
    let kind = topology.hosts[host].kind;
    if declared.kind.is_none() && kind != HostKind::Machine {
        edits.push(Edit::Set {
            path: path.key("kind"),
            value: EditValue::Text(kind.to_string()),
        });
    }
    Some(edits)
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{analysis, check, check_fix};

    const PLAN: &str = r#"
name = "shop"
[apps.web]
uses.db = {}
[services.db]
kind = "postgres"
[environments.dev.hosts.laptop]
runs = ["web"]
[environments.dev.hosts.data-1]
borrow = "prod"
       # ^^^^^^ `dev` connects to production: `data-1` is borrowed from `prod`
runs = ["db"]
[environments.prod.hosts.data-1]
address = "10.0.1.21"
runs = ["db"]
"#;

    #[test]
    fn a_lower_environment_on_production_data_is_found() {
        check("borrowed-from-production", PLAN);
    }

    #[test]
    fn its_fix_makes_the_host_the_environments_own() {
        let borrowed = "borrow = \"prod\"\n       # ^^^^^^ `dev` connects to production: `data-1` is borrowed from `prod`\n";
        let before = PLAN.replace(borrowed, "borrow = \"prod\"\n");
        check_fix(
            "borrowed-from-production",
            &before,
            &PLAN.replace(borrowed, ""),
        );
    }

    #[test]
    fn a_managed_host_stays_managed_when_it_is_fixed() {
        let plan = r#"name = "shop"
[services.uploads]
kind = "wasabi"
[environments.dev.hosts.cloud]
borrow = "prod"
runs = ["uploads"]
[environments.prod.hosts.cloud]
kind = "managed"
runs = ["uploads"]
"#;
        let after = plan.replace(
            "borrow = \"prod\"\nruns = [\"uploads\"]\n",
            "runs = [\"uploads\"]\nkind = \"managed\"\n",
        );
        check_fix("borrowed-from-production", plan, &after);
    }

    #[test]
    fn production_s_own_address_is_never_made_another_s() {
        let plan = PLAN.replace(
            "runs = [\"db\"]\n[env",
            "address = \"10.0.1.21\"\nruns = [\"db\"]\n[env",
        );
        let findings = analysis(&plan).findings;
        let mut of_rule = findings
            .iter()
            .filter(|finding| finding.rule == "borrowed-from-production");
        assert_eq!(of_rule.next().map(|finding| &finding.fix), Some(&None));
    }

    #[test]
    fn borrowing_from_below_or_within_production_is_fine() {
        check(
            "borrowed-from-production",
            r#"
name = "shop"
[services.db]
kind = "postgres"
[environments.dev.hosts.data-1]
runs = ["db"]
[environments.local.hosts.data-1]
borrow = "dev"
runs = ["db"]
[environments.eu-prod.hosts.data-1]
borrow = "us-prod"
runs = ["db"]
[environments.us-prod.hosts.data-1]
runs = ["db"]
[environments.test.hosts.data-1]
borrow = "live"
runs = ["db"]
"#,
        );
    }
}
