//! `unused-service`: a service that nothing uses.

use std::collections::BTreeSet;

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::declared::uses;
use crate::lint::declared_kinds::kind_in;
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{ComponentName, Edit, Plan, PlanPath};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "unused-service",
        severity: Severity::Warn,
        summary: "a service is declared that no app or service uses",
        explanation: "\
What it finds: a service that no app and no other service uses, in any environment. A proxy, a
dashboard and what measures apps are not reported if they themselves use others: their users are people.

Why it matters: every service must be run, secured, backed up and paid for. Do not introduce one until
you know that you need it.

When it is fine: in a plan that is being written. Declare the use when the app gets it.

Instead: add the use to the app that needs it, or take the service away;
`backstay check --fix=unused-service` does.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    let used: BTreeSet<&ComponentName> =
        uses(context.plan).map(|declared| declared.target).collect();
    for (name, service) in &context.plan.services {
        let serves_people = || {
            let kind = kind_in(context, None, name);
            let usual = kind.as_ref().and_then(|kind| kind.roles.first());
            let comes = usual.is_some_and(|fit| fit.comes_to_apps || !fit.shows.is_empty());
            comes && !service.uses.is_empty()
        };
        if !used.contains(name) && !serves_people() {
            sink.push(finding(context.plan, name));
        }
    }
}

fn finding(plan: &Plan, name: &ComponentName) -> Finding {
    let mut edits = vec![Edit::Remove {
        path: PlanPath::service(name.as_str()),
    }];
    let mut finding = Finding::new(
        &RULE.info,
        Label::new(PlanPath::service(name.as_str()), ""),
        format!("nothing uses the service `{name}`"),
    )
    .help(format!(
        "add `uses.{name} = {{}}` to the app that needs it, or take the service away"
    ));
    // What may differ of it goes with it.
    if plan.differences.contains_key(name) {
        let path = PlanPath::keys(["differences", name.as_str()]);
        edits.push(Edit::Remove { path });
    }
    for (environment_name, environment) in &plan.environments {
        for (host_name, host) in &environment.hosts {
            if host.runs.contains(name) {
                let path = PlanPath::placement(
                    environment_name.as_str(),
                    host_name.as_str(),
                    name.as_str(),
                );
                finding = finding.and(Label::new(path.clone(), "runs here all the same"));
                edits.push(Edit::Remove { path });
            }
        }
        if environment.services.contains_key(name) {
            let path = PlanPath::environment(environment_name.as_str())
                .key("services")
                .key(name.as_str());
            edits.push(Edit::Remove { path });
        }
    }
    finding.fix(format!("remove `{name}`"), edits)
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{check, check_fix};

    const PLAN: &str = r#"
name = "shop"

[services.cache]
        # ^^^^^ nothing uses the service `cache`
kind = "redis"

[environments.local.hosts.laptop]
runs = ["cache"]
"#;

    #[test]
    fn a_service_that_nothing_uses_is_found() {
        check("unused-service", PLAN);
    }

    #[test]
    fn its_fix_takes_the_service_away_everywhere() {
        let after = "\nname = \"shop\"\n\n[environments.local.hosts.laptop]\nruns = []\n";
        check_fix("unused-service", PLAN, after);
    }

    #[test]
    fn its_fix_takes_away_what_may_differ_of_it_too() {
        let differing = "\n[differences.cache]\nversion = \"the upgrade is on its way\"\n";
        let after = "\nname = \"shop\"\n\n[environments.local.hosts.laptop]\nruns = []\n";
        check_fix("unused-service", &format!("{PLAN}{differing}"), after);
    }

    #[test]
    fn a_service_used_in_one_environment_only_is_used() {
        check(
            "unused-service",
            r#"
name = "shop"
[apps.web]
port = 80
[services.cache]
kind = "redis"
[services.edge]
kind = "nginx"
uses.web = {}
[environments.prod.apps.web]
uses.cache = { role = "cache" }
"#,
        );
    }
}
