//! `unplaced`: something that runs nowhere although it is used, declared, or meant to.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::declared::use_path;
use crate::lint::declared_kinds::kind_in;
use crate::lint::placing::{self, Destination};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{ComponentName, EnvironmentName, HostKind, PlanPath, Tier};
use crate::topology::{Host, Instance, Topology};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "unplaced",
        severity: Severity::Deny,
        summary: "something is used or declared that no host runs",
        explanation: "\
What it finds: a component that something in an environment uses and that no host of this environment
runs. Also, as a warning, an app or service that no host of any environment runs, and an environment
without hosts.

Why it matters: where a component runs decides how it is reached. What runs nowhere has no address, so
its users cannot be configured, and no file is written for it.

When it is fine: in a plan that is being written. An environment in which the app does without the
service is better served by an override of its uses.

Instead: add the component to the `runs` of a host, or borrow the host of another environment that runs
it. `backstay check --fix` places it beside its user, in production on a host of its own, and what no
machine can run on a managed host or a cluster.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    let mut used = BTreeSet::new();
    for topology in context.topologies {
        let missing = missing(topology);
        if missing.is_empty() {
            continue;
        }
        let apart = placing::host_of_its_own(topology);
        for missing in &missing {
            sink.push(unreached(context, missing, &apart));
            used.insert(missing.target);
        }
    }
    check_declared(context, &used, sink);
    for (name, environment) in &context.plan.environments {
        if environment.hosts.is_empty() {
            sink.push(without_hosts(name));
        }
    }
}

/// Something that is used in an environment and runs nowhere there.
struct Missing<'t> {
    topology: &'t Topology,
    target: &'t ComponentName,
    /// One instance of each component that uses it.
    users: Vec<&'t Instance>,
}

fn missing(topology: &Topology) -> Vec<Missing<'_>> {
    let mut users_of: BTreeMap<&ComponentName, Vec<&Instance>> = BTreeMap::new();
    for unreached in &topology.unreached {
        let users = users_of.entry(&unreached.target).or_default();
        let user = &unreached.user;
        if users
            .last()
            .is_none_or(|last| last.component != user.component)
        {
            users.push(user);
        }
    }
    // Of a component that is placed but not known another rule speaks.
    users_of.retain(|target, _| topology.hosts_of(target).is_empty());
    let missing = users_of.into_iter();
    missing
        .map(|(target, users)| Missing {
            topology,
            target,
            users,
        })
        .collect()
}

fn unreached(context: &LintContext, missing: &Missing, apart: &Destination) -> Finding {
    let (target, environment) = (missing.target, &missing.topology.environment);
    let place = |user: &Instance| use_path(context.plan, environment, &user.component, target);
    let first = missing.users[0];
    let message = format!(
        "`{}` uses `{target}`, which runs nowhere in `{environment}`",
        first.component
    );
    let destination = destination(context, missing, apart);
    let finding = Finding::new(&RULE.info, Label::new(place(first), ""), message)
        .in_environment(environment)
        .help(help(context, missing))
        .fix(
            format!("run `{target}` on {destination}"),
            placing::place(missing.topology, target, &destination),
        );
    let others = missing.users[1..].iter();
    let labels = others.map(|user| Label::new(place(user), "used here too"));
    labels.fold(finding, Finding::and)
}

fn help(context: &LintContext, missing: &Missing) -> String {
    let target = missing.target;
    match borrowed_that_runs(context, missing) {
        Some(host) => format!(
            "add `{target}` to the `runs` of `{}`, which `{}` borrows without saying what for",
            host.name, missing.topology.environment
        ),
        None => format!(
            "add `{target}` to the `runs` of a host, or borrow the host of another environment that runs it"
        ),
    }
}

/// A borrowed host on which its owner runs the target, though it is not said to run anything here.
fn borrowed_that_runs<'t>(context: &LintContext, missing: &Missing<'t>) -> Option<&'t Host> {
    let runs_target = |host: &&Host| {
        let lender = host.borrowed_from.as_ref();
        let lender = lender.and_then(|lender| context.plan.environments.get(lender));
        let lent = lender.and_then(|lender| lender.hosts.get(&host.name));
        host.runs.is_empty() && lent.is_some_and(|lent| lent.runs.contains(missing.target))
    };
    missing.topology.hosts.values().find(runs_target)
}

/// Where the target should run: on a host that is borrowed for it, beside its user, in production apart from apps, or where alone the real thing runs.
fn destination(context: &LintContext, missing: &Missing, apart: &Destination) -> Destination {
    if let Some(host) = borrowed_that_runs(context, missing) {
        return Destination::Existing(host.name.clone());
    }
    let (topology, target) = (missing.topology, missing.target);
    let is_app = context.plan.apps.contains_key(target);
    let kind = kind_in(context, Some(&topology.environment), target)
        .filter(|kind| !is_app && !kind.runs_on_machines());
    let user_host = &topology.hosts[&missing.users[0].host];
    let in_production = topology.tier == Some(Tier::Production);
    let real_thing = in_production || topology.tier == Some(Tier::Staging);
    match kind {
        Some(kind) if real_thing || !placing::runs_on_machines(context.catalog, &kind) => {
            placing::home_of(topology, &kind)
        }
        _ if in_production && !is_app => apart.clone(),
        _ if user_host.kind == HostKind::Managed => apart.clone(),
        _ => Destination::Existing(user_host.name.clone()),
    }
}

/// Apps and services that no environment runs, unless the use of one has been reported.
fn check_declared(context: &LintContext, used: &BTreeSet<&ComponentName>, sink: &mut Sink) {
    let plan = context.plan;
    let hosts = || {
        plan.environments
            .values()
            .flat_map(|environment| environment.hosts.values())
    };
    if hosts().next().is_none() {
        return;
    }
    let placed: BTreeSet<&ComponentName> = hosts().flat_map(|host| &host.runs).collect();
    let apps = plan.apps.keys().map(|name| (name, "app"));
    let services = plan.services.keys().map(|name| (name, "service"));
    for (name, what) in apps.chain(services) {
        if !placed.contains(name) && !used.contains(name) {
            sink.push(nowhere(name, what));
        }
    }
}

fn nowhere(name: &ComponentName, what: &str) -> Finding {
    let section = format!("{what}s");
    let place = PlanPath::keys([section.as_str(), name.as_str()]);
    let message = format!("the {what} `{name}` runs in no environment");
    Finding::new(&RULE.info, Label::new(place, ""), message)
        .severity(Severity::Warn)
        .help(format!(
            "add `{name}` to the `runs` of a host, or take the {what} away"
        ))
}

fn without_hosts(environment: &EnvironmentName) -> Finding {
    let place = PlanPath::environment(environment.as_str());
    let message = format!("`{environment}` has no hosts, so nothing runs there");
    Finding::new(&RULE.info, Label::new(place, ""), message)
        .severity(Severity::Warn)
        .in_environment(environment)
        .help(format!(
            "add one, `[environments.{environment}.hosts.NAME]`, and say what it `runs`"
        ))
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn what_is_used_but_runs_nowhere_is_found_once_in_each_environment() {
        check(
            "unplaced",
            r#"
name = "shop"
[apps.web]
uses.db = {}
   # ^^ `web` uses `db`, which runs nowhere in `dev`
[apps.worker]
uses.db = {}
[services.db]
kind = "postgres"
[services.cache]
kind = "redis"
[environments.dev.hosts.laptop]
runs = ["web", "worker"]
[environments.local.hosts.laptop]
runs = ["web", "db"]
[environments.local.apps.web.uses.cache]
                                # ^^^^^ `web` uses `cache`, which runs nowhere in `local`
"#,
        );
    }

    #[test]
    fn what_runs_in_no_environment_and_an_environment_without_hosts_are_found() {
        check(
            "unplaced",
            r#"
name = "shop"
[apps.web]
    # ^^^ the app `web` runs in no environment
uses.cache = {}
[services.cache]
        # ^^^^^ the service `cache` runs in no environment
kind = "redis"
[services.db]
kind = "postgres"
[environments.dev]
            # ^^^ `dev` has no hosts, so nothing runs there
[environments.local.hosts.laptop]
runs = ["db"]
"#,
        );
    }

    #[test]
    fn a_plan_without_environments_and_an_unknown_name_are_left_alone() {
        check(
            "unplaced",
            "name = \"shop\"\n[apps.web]\nuses.db = {}\n[services.db]\nkind = \"postgres\"\n",
        );
        check(
            "unplaced",
            r#"
name = "shop"
[apps.web]
uses.dbb = {}
uses.cache = {}
[services.cache]
kind = "rediss"
[environments.local.hosts.laptop]
runs = ["web", "cache"]
"#,
        );
    }

    /// A plan whose app runs on `app-1` of `environment` and whose service of `kind` runs nowhere there.
    fn plan(environment: &str, kind: &str) -> String {
        format!(
            r#"name = "shop"
[apps.web]
uses.store = {{}}
[services.store]
kind = "{kind}"
[environments.{environment}.hosts.app-1]
runs = ["web"]
"#
        )
    }

    #[test]
    fn its_fix_places_it_beside_its_user() {
        for kind in ["postgres", "wasabi"] {
            let plan = plan("dev", kind);
            check_fix(
                "unplaced",
                &plan,
                &plan.replace("[\"web\"]", "[\"web\", \"store\"]"),
            );
        }
    }

    #[test]
    fn a_host_that_is_borrowed_for_nothing_is_said_to_run_it() {
        let plan = format!(
            "{}[environments.dev.hosts.shared]\nborrow = \"test\"\n\
             [environments.test.hosts.shared]\nruns = [\"store\"]\n",
            plan("dev", "postgres")
        );
        let after = plan.replace("\"test\"\n", "\"test\"\nruns = [\"store\"]\n");
        check_fix("unplaced", &plan, &after);
    }

    #[test]
    fn in_production_its_fix_places_a_service_on_a_host_without_apps() {
        let plan = plan("prod", "postgres");
        let new =
            "\n[environments.prod.hosts.data-1]\naddress = \"192.0.2.11\"\nruns = [\"store\"]\n";
        check_fix("unplaced", &plan, &format!("{plan}{new}"));
        let there = format!("{plan}[environments.prod.hosts.store-1]\nruns = []\n");
        check_fix("unplaced", &there, &there.replace("[]", "[\"store\"]"));
    }

    #[test]
    fn in_production_its_fix_leaves_to_a_provider_what_only_a_provider_runs() {
        let plan = plan("prod", "wasabi");
        let new = "\n[environments.prod.hosts.wasabi]\nkind = \"managed\"\nruns = [\"store\"]\n";
        check_fix("unplaced", &plan, &format!("{plan}{new}"));
    }
}
