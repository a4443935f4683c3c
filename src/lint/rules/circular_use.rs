//! `circular-use`: components that use each other in a circle.

use std::collections::BTreeSet;

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::declared::use_path;
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{ComponentName, Edit, Plan, PlanPath};
use crate::topology::{Instance, Topology};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "circular-use",
        severity: Severity::Warn,
        summary: "components use each other in a circle",
        explanation: "\
What it finds: apps and services that use each other in a circle, directly or by way of others, and a
component that uses itself.

Why it matters: none of them can start before the others, so Backstay cannot put them in order, and
each must bear that what it uses is not there yet. None can be changed or moved by itself.

When it is fine: apps that find each other later and wait until they do. Say so in `[rules]` with the
reason.

Instead: let one side tell the other through a queue or stream that both use, or move what both need
into a third component.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    let mut reported = BTreeSet::new();
    for topology in context.topologies {
        for circle in topology.circles() {
            if reported.insert(circle.clone()) {
                sink.push(finding(context.plan, topology, &circle));
            }
        }
    }
}

fn finding(plan: &Plan, topology: &Topology, circle: &[ComponentName]) -> Finding {
    let uses: Vec<PlanPath> = circle
        .iter()
        .filter_map(|user| use_within(plan, topology, user, circle))
        .collect();
    let place = uses.first().cloned().unwrap_or_default();
    let in_environment = uses.iter().any(PlanPath::leads_into_an_environment);
    let finding = Finding::new(&RULE.info, Label::new(place.clone(), ""), message(circle));
    let finding = match in_environment {
        true => finding.in_environment(&topology.environment),
        false => finding,
    };
    if let [alone] = circle {
        return finding
            .help("take the use away: nothing connects to itself over a network")
            .fix(
                format!("remove the use of `{alone}` by itself"),
                vec![Edit::Remove { path: place }],
            );
    }
    let others = uses.into_iter().skip(1);
    let labels = others.map(|path| Label::new(path, "and from here"));
    labels
        .fold(finding, Finding::and)
        .help("take one of the uses away, or let the two sides meet in a queue that both use")
}

/// The first use of a component that stays in the circle, which is in the order of names.
fn use_within(
    plan: &Plan,
    topology: &Topology,
    user: &ComponentName,
    circle: &[ComponentName],
) -> Option<PlanPath> {
    // On a borrowed host it uses nothing here, beside it on one of this environment it may.
    let target = topology.hosts_of(user).iter().find_map(|host| {
        let instance = Instance {
            component: user.clone(),
            host: host.clone(),
        };
        let links = topology.uses_of(&instance);
        let mut targets = links.iter().map(|link| &link.target.component);
        targets.find(|target| circle.binary_search(target).is_ok())
    })?;
    Some(use_path(plan, &topology.environment, user, target))
}

fn message(circle: &[ComponentName]) -> String {
    let names: Vec<String> = circle.iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [alone] => format!("{alone} uses itself"),
        [one, other] => format!("{one} and {other} use each other"),
        [first @ .., last] => format!("{} and {last} use each other in a circle", first.join(", ")),
        [] => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{analysis, check, check_fix};

    #[test]
    fn circles_are_found_once_for_all_environments() {
        check(
            "circular-use",
            r#"
name = "shop"
[apps.web]
uses.api = {}
[apps.api]
uses.jobs = {}
   # ^^^^ `api`, `jobs` and `web` use each other in a circle
[apps.jobs]
uses.web = {}
[environments.dev.hosts.laptop]
runs = ["web", "api", "jobs"]
[environments.prod.hosts.app-1]
runs = ["web", "api"]
[environments.prod.hosts.app-2]
runs = ["jobs"]
"#,
        );
    }

    #[test]
    fn a_circle_that_an_environment_closes_is_about_that_environment() {
        let plan = r#"
name = "shop"
[apps.web]
port = 80
uses.edge = {}
[services.edge]
kind = "nginx"
[environments.dev.hosts.laptop]
runs = ["web", "edge"]
[environments.prod.hosts.app-1]
runs = ["web", "edge"]
[environments.prod.services.edge]
uses.web = {}
   # ^^^ `edge` and `web` use each other
"#;
        check("circular-use", plan);
        let findings = analysis(plan).findings;
        let finding = findings
            .iter()
            .find(|finding| finding.rule == "circular-use")
            .expect("it is found");
        let environment = finding.environment.as_ref().map(|name| name.as_str());
        assert_eq!((environment, finding.secondary.len()), (Some("prod"), 1));
    }

    #[test]
    fn what_uses_itself_is_found_and_its_fix_takes_the_use_away() {
        let plan = "name = \"shop\"\n[apps.web]\nuses.web = {}\nuses.db = {}\n[services.db]\nkind = \"postgres\"\n[environments.dev.hosts.laptop]\nruns = [\"web\", \"db\"]\n";
        let marked = plan.replace(
            "uses.web = {}\n",
            "uses.web = {}\n   # ^^^ `web` uses itself\n",
        );
        check("circular-use", &marked);
        check_fix("circular-use", plan, &plan.replace("uses.web = {}\n", ""));
    }

    #[test]
    fn a_chain_and_a_shared_service_are_no_circle() {
        check(
            "circular-use",
            r#"
name = "shop"
[apps.web]
uses.api = {}
uses.db = {}
[apps.api]
uses.db = {}
[services.db]
kind = "postgres"
[environments.dev.hosts.laptop]
runs = ["web", "api", "db"]
"#,
        );
    }
}
