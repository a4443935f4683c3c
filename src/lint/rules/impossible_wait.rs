//! `impossible-wait`: a component that waits for what cannot be told, or never comes.

use std::collections::BTreeSet;

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::declared::{container_path, use_path};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{PlanPath, RunsAs, Wait};
use crate::topology::{Component, Link, Topology};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "impossible-wait",
        severity: Severity::Deny,
        summary: "a component waits for what never comes",
        explanation: "\
What it finds: a use with `wait = \"completed\"` whose target is no job, and one with `wait = \"healthy\"` whose
target has no healthcheck: a job, or a component whose `healthcheck` is turned off. Of an app of which the plan
says no `healthcheck` it only notes it: its image may have one.

Why it matters: what runs on never completes, and Compose refuses to wait for the health of what has no
healthcheck, so that the user is not started at all.

When it is fine: where the image of an app brings a healthcheck with it. Say so in `[rules]` with the reason.

Instead: say `runs-as = \"job\"` of what does its work once, and `container.healthcheck` of what is to be healthy;
or take `wait` away: then what is known of the target decides.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    let mut reported = BTreeSet::new();
    for topology in context.topologies {
        for link in topology.links() {
            let Some((severity, fault)) = fault(topology, &link) else {
                continue;
            };
            let (user, target) = (&link.user.component, &link.target.component);
            let used = use_path(context.plan, &topology.environment, user, target);
            if reported.insert(used.clone()) {
                let target = &topology.components[target];
                let check = container_path(context.plan, topology, target, &["healthcheck"]);
                let check = Some(check).filter(|_| target.container.healthcheck.is_off());
                let message = format!("`{user}` waits for {fault} of `{}`", target.name);
                sink.push(finding(topology, used, check, message).severity(severity));
            }
        }
    }
}

/// What is waited for in vain, and how sure that is.
fn fault(topology: &Topology, link: &Link) -> Option<(Severity, &'static str)> {
    let target = link.target_component;
    let host = &topology.hosts[&link.target.host];
    let is_beside = link.user.host == link.target.host && topology.writes_container(target, host);
    let is_job = target.runs_as == RunsAs::Job;
    match link.connection.wait.filter(|_| is_beside)? {
        Wait::Completed if !is_job => Some((Severity::Deny, "the end")),
        Wait::Healthy if is_job || target.container.healthcheck.is_off() => {
            Some((Severity::Deny, "the health"))
        }
        Wait::Healthy if !is_tested(target) => Some((Severity::Note, "the health")),
        _ => None,
    }
}

fn is_tested(target: &Component) -> bool {
    target.catalog_container().is_some() || target.container.healthcheck.test.is_some()
}

fn finding(
    topology: &Topology,
    used: PlanPath,
    check: Option<PlanPath>,
    message: String,
) -> Finding {
    let in_environment = used.leads_into_an_environment();
    let place = Label::new(used.key("wait"), "");
    let finding = Finding::new(&RULE.info, place, message)
        .help("take `wait` away, or say how to see that it is there");
    let finding = match in_environment {
        true => finding.in_environment(&topology.environment),
        false => finding,
    };
    match check {
        Some(check) => finding.and(Label::new(check, "turned off here")),
        None => finding,
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::check;

    #[test]
    fn waiting_in_vain_is_found() {
        check(
            "impossible-wait",
            r#"
name = "shop"
[apps.web]
image = "acme/web:1"
uses.db = { wait = "completed" }
                 # ^^^^^^^^^^^ `web` waits for the end of `db`
uses.cache = { wait = "healthy" }
                    # ^^^^^^^^^ `web` waits for the health of `cache`
uses.api = { wait = "healthy" }
                  # ^^^^^^^^^ `web` waits for the health of `api`
uses.migrate = { wait = "completed" }
[apps.api]
image = "acme/api:1"
port = 80
[apps.migrate]
image = "acme/web:1"
runs-as = "job"
uses.db = { wait = "healthy" }
[services.db]
kind = "postgres"
[services.cache]
kind = "redis"
container.healthcheck.test = ["NONE"]
[environments.dev.hosts.box]
runs = ["web", "api", "migrate", "db", "cache"]
"#,
        );
    }
}
