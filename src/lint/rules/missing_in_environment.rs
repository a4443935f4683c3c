//! `missing-in-environment`: what runs in production and not where production is rehearsed.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::declared_kinds::kind_in;
use crate::lint::listing::named;
use crate::lint::placing::{self, Destination};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{Aspect, ComponentName, EnvironmentName, HostName, PlanPath, Tier};
use crate::topology::Topology;

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "missing-in-environment",
        severity: Severity::Warn,
        summary: "something of production is missing in another environment, or the other way round",
        explanation: "\
What it finds: in an environment of the tier `staging`, an app or service that production runs and that
does not run there. As a note: an app of production that an environment below staging does not run, and
an app that runs below production and not in it. What something there uses and nothing runs is told by
`unplaced`. An environment without apps, which only lends its hosts, is passed over.

Why it matters: what is not there is not tested there. A worker that runs in production alone meets new
code, new settings and new data for the first time in production.

When it is fine: an app that the environment does without, such as a scheduled export on a laptop. Say
so in `[differences.NAME]` with `presence = \"REASON\"`.

Instead: run it there too; `backstay check --fix` places it.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    let of_tier = |tier| {
        let topologies = context.topologies.iter();
        topologies.filter(move |topology| topology.tier == Some(tier))
    };
    let in_production = placed(of_tier(Tier::Production));
    if in_production.is_empty() {
        return;
    }
    let all = placed(context.topologies.iter());
    let apps = |placed: &Placed<'_>| -> Vec<ComponentName> {
        let names = placed.keys().filter(|name| is_app(context, name));
        names.map(|name| (*name).clone()).collect()
    };
    let (all_apps, production_apps) = (apps(&all), apps(&in_production));
    let production: Vec<ComponentName> = in_production.keys().copied().cloned().collect();
    for topology in context
        .topologies
        .iter()
        .filter(|topology| runs_an_app(topology))
    {
        let (expected, there, severity): (&[ComponentName], &Placed, _) = match topology.tier {
            Some(Tier::Production) => (&all_apps, &all, Severity::Note),
            Some(Tier::Staging) => (&production, &in_production, Severity::Warn),
            _ => (&production_apps, &in_production, Severity::Note),
        };
        // Of what something there uses another rule speaks.
        let unreached = topology.unreached.iter();
        let reported: BTreeSet<&ComponentName> =
            unreached.map(|unreached| &unreached.target).collect();
        let missing: Vec<&ComponentName> = expected
            .iter()
            .filter(|name| topology.hosts_of(name).is_empty() && !reported.contains(name))
            .filter(|name| context.plan.accepts(name, Aspect::Presence).is_none())
            .collect();
        if !missing.is_empty() {
            sink.push(finding(context, topology, &missing, there).severity(severity));
        }
    }
}

/// What environments run, and the first of them that does.
type Placed<'t> = BTreeMap<&'t ComponentName, &'t EnvironmentName>;

fn placed<'t>(topologies: impl DoubleEndedIterator<Item = &'t Topology>) -> Placed<'t> {
    // Of several the last one stays in the map.
    let latest_first = topologies.rev().flat_map(|topology| {
        let names = topology.components.keys();
        names.map(|name| (name, &topology.environment))
    });
    latest_first.collect()
}

fn is_app(context: &LintContext, name: &ComponentName) -> bool {
    context.plan.apps.contains_key(name)
}

fn runs_an_app(topology: &Topology) -> bool {
    let mut components = topology.components.values();
    components.any(|component| component.app().is_some() && component.owner == topology.environment)
}

fn finding(
    context: &LintContext,
    topology: &Topology,
    missing: &[&ComponentName],
    there: &Placed,
) -> Finding {
    let environment = &topology.environment;
    let (names, other) = (named(missing), there[missing[0]]);
    let verb = if missing.len() == 1 { "runs" } else { "run" };
    let message = format!("{names} {verb} in `{other}` but not in `{environment}`");
    let place = PlanPath::environment(environment.as_str());
    let finding = Finding::new(&RULE.info, Label::new(place, ""), message)
        .in_environment(environment)
        .help(
            "run it there too, or say in `[differences]` why not: what is not there is not tested there",
        );
    let beside_apps =
        LazyCell::new(|| host_of_apps(topology).map(|host| Destination::Existing(host.clone())));
    let apart = LazyCell::new(|| placing::host_of_its_own(topology));
    // An app goes beside the first app, a service to a machine without apps, and what no machine runs to
    // its provider or cluster.
    let destination = |name: &ComponentName| {
        if is_app(context, name) {
            return beside_apps.clone();
        }
        let kind = kind_in(context, Some(environment), name)?;
        Some(match kind.runs_on_machines() {
            true => apart.clone(),
            false => placing::home_of(topology, &kind),
        })
    };
    let edits = missing
        .iter()
        .map(|name| Some(placing::place(topology, name, &destination(name)?)));
    match edits.collect::<Option<Vec<_>>>() {
        Some(edits) => finding.fix(
            format!("run {names} in `{environment}`"),
            edits.into_iter().flatten().collect(),
        ),
        None => finding,
    }
}

fn host_of_apps(topology: &Topology) -> Option<&HostName> {
    let is_app = |name: &ComponentName| {
        let component = topology.components.get(name);
        component.is_some_and(|component| component.app().is_some())
    };
    let mut hosts = topology.hosts.values();
    let host = hosts.find(|host| host.is_own() && host.runs.iter().any(is_app))?;
    Some(&host.name)
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{analysis, check, check_fix};

    const PLAN: &str = r#"
name = "shop"
[apps.web]
uses.db = {}
[apps.worker]
uses.db = {}
[services.db]
kind = "postgres"
[services.edge]
kind = "nginx"
uses.web = {}
[environments.dev.hosts.box]
runs = ["web", "worker", "db"]
[environments.staging.hosts.box]
runs = ["web"] # alone
[environments.staging.hosts.data-1]
runs = ["db"]
[environments.prod.hosts.app-1]
runs = ["web", "worker", "edge"]
[environments.prod.hosts.data-1]
runs = ["db"]
"#;

    #[test]
    fn what_staging_lacks_of_production_is_found_in_one_finding() {
        let plan = PLAN.replace(
            "[environments.staging.hosts.box]\n",
            "[environments.staging.hosts.box]\n# <- `edge`, `worker` run in `prod` but not in `staging`\n",
        );
        check("missing-in-environment", &plan);
    }

    #[test]
    fn its_fix_places_apps_beside_apps_and_services_apart() {
        let after = PLAN
            .replace("[\"web\"] # alone", "[\"web\", \"worker\"] # alone")
            .replacen("runs = [\"db\"]\n", "runs = [\"db\", \"edge\"]\n", 1);
        check_fix("missing-in-environment", PLAN, &after);
    }

    #[test]
    fn below_staging_and_in_production_apps_are_noted() {
        let plan = r#"
name = "shop"
[apps.web]
[apps.worker]
[apps.admin]
[services.edge]
kind = "nginx"
uses.web = {}
[environments.dev.hosts.box]
            # ^^^ `worker` runs in `prod` but not in `dev`
runs = ["web", "admin"]
[environments.shared.hosts.box]
runs = []
[environments.prod.hosts.app-1]
            # ^^^^ `admin` runs in `dev` but not in `prod`
runs = ["web", "worker", "edge"]
"#;
        check("missing-in-environment", plan);
        let findings = analysis(plan).findings;
        let mut of_rule = findings
            .iter()
            .filter(|finding| finding.rule == "missing-in-environment");
        assert!(of_rule.all(|finding| finding.severity.as_str() == "note"));
    }

    #[test]
    fn what_something_uses_is_left_to_the_rule_about_it() {
        check(
            "missing-in-environment",
            r#"
name = "shop"
[apps.web]
uses.db = {}
[services.db]
kind = "postgres"
[environments.staging.hosts.box]
runs = ["web"]
[environments.prod.hosts.app-1]
runs = ["web", "db"]
"#,
        );
    }
}
