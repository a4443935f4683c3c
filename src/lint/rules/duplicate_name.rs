//! `duplicate-name`: two components that are called the same, or alike but for `-` and `_`.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{ComponentName, Edit, Plan, PlanPath, VariableName};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "duplicate-name",
        severity: Severity::Deny,
        summary: "two components have the same name, or names that differ in `-` and `_` only",
        explanation: "\
What it finds: an app and a service of the same name, components whose names differ only in `-` and
`_`, such as `user-db` and `user_db`, and a component that stands twice in the `runs` of one host.

Why it matters: `runs` and `uses` name components, and one name cannot mean two. Backstay takes the app
wherever the name stands, so the service runs nowhere and nothing uses it. In the names of variables
`-` becomes `_`, so two names that differ in nothing else would share their credentials.

When it is fine: never.

Instead: give one of the two another name, there and wherever it is meant.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    let plan = context.plan;
    check_alike(plan, sink);
    check_credentials(context, sink);
    check_runs(plan, sink);
    for name in plan
        .services
        .keys()
        .filter(|name| plan.apps.contains_key(*name))
    {
        let service = Label::new(PlanPath::service(name.as_str()), "");
        let app = Label::new(PlanPath::app(name.as_str()), "the app");
        let message = format!("`{name}` is a service and an app");
        sink.push(Finding::new(&RULE.info, service, message).and(app).help(
            "give one of the two another name; until then every mention of it means the app",
        ));
    }
}

/// Services whose credentials would carry one name: `db` with `root_password`, `db-root` with `password`.
/// Only a service whose name goes on where another's ends can have one.
fn check_credentials(context: &LintContext, sink: &mut Sink) {
    let services = context.plan.services.keys();
    let shouted: Vec<(String, &ComponentName)> = services
        .map(|name| (VariableName::shouted(name.as_str()), name))
        .collect();
    let names: HashMap<&str, &ComponentName> = shouted
        .iter()
        .map(|(shouted, name)| (shouted.as_str(), *name))
        .collect();
    for (shouted, name) in &shouted {
        let ends = shouted.match_indices('_').map(|(end, _)| &shouted[..end]);
        for other in ends.filter_map(|start| names.get(start)) {
            let theirs = credentials(context, other);
            for variable in credentials(context, name).intersection(&theirs) {
                let message = format!(
                    "a credential of `{name}` and one of `{other}` would both be {variable}"
                );
                let place = Label::new(PlanPath::service(name.as_str()), "");
                let other = Label::new(PlanPath::service(other.as_str()), "the other");
                let finding = Finding::new(&RULE.info, place, message).and(other);
                sink.push(finding.help("give one of the two another name"));
            }
        }
    }
}

/// The variables that carry the credentials of a service.
fn credentials(context: &LintContext, service: &ComponentName) -> BTreeSet<String> {
    let kind = context.plan.services[service].kind.as_deref();
    let kind = kind.and_then(|kind| context.catalog.kind(kind));
    let secrets = kind.iter().flat_map(|kind| kind.secrets.keys());
    secrets
        .map(|secret| VariableName::shouted(&format!("{service}_{secret}")))
        .collect()
}

/// Components that a host is said to run twice.
fn check_runs(plan: &Plan, sink: &mut Sink) {
    for (environment, declared) in &plan.environments {
        for (host, declared) in &declared.hosts {
            let mut seen = BTreeSet::new();
            for name in declared.runs.iter().filter(|name| !seen.insert(*name)) {
                let names = (environment.as_str(), host.as_str(), name.as_str());
                let path = PlanPath::placement(names.0, names.1, names.2);
                let message = format!("`{name}` stands twice in what `{host}` runs");
                sink.push(
                    Finding::new(&RULE.info, Label::new(path.clone(), ""), message)
                        .in_environment(environment)
                        .help("a host runs a component once; replicas need a host each")
                        .fix("let it stand once", vec![Edit::RemoveRepeats { path }]),
                );
            }
        }
    }
}

/// Components that become one in the names of variables.
fn check_alike(plan: &Plan, sink: &mut Sink) {
    let names = || plan.apps.keys().chain(plan.services.keys());
    // Two names that differ in `-` and `_` only have a `_` somewhere.
    if !names().any(|name| name.as_str().contains('_')) {
        return;
    }
    let mut first: BTreeMap<String, &ComponentName> = BTreeMap::new();
    for name in names().filter(|name| name.as_str().contains(['-', '_'])) {
        match first.entry(VariableName::shouted(name.as_str())) {
            Entry::Vacant(free) => drop(free.insert(name)),
            Entry::Occupied(taken) if *taken.get() != name => {
                let other = *taken.get();
                let message =
                    format!("`{name}` and `{other}` are the same in the names of variables");
                let other = Label::new(declared_at(plan, other), "the other");
                let place = Label::new(declared_at(plan, name), "");
                let finding = Finding::new(&RULE.info, place, message).and(other);
                sink.push(finding.help("let them differ in more than `-` and `_`"));
            }
            Entry::Occupied(_) => {}
        }
    }
}

fn declared_at(plan: &Plan, name: &ComponentName) -> PlanPath {
    match plan.apps.contains_key(name) {
        true => PlanPath::app(name.as_str()),
        false => PlanPath::service(name.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn an_app_and_a_service_of_one_name_are_found() {
        check(
            "duplicate-name",
            r#"
name = "shop"
[apps.web]
[apps.search]
[services.search]
        # ^^^^^^ `search` is a service and an app
kind = "redis"
[services.db]
kind = "postgres"
[environments.dev.hosts.search]
runs = ["search"]
"#,
        );
    }

    #[test]
    fn names_that_become_one_in_variables_are_found() {
        check(
            "duplicate-name",
            r#"
name = "shop"
[services.user-db]
kind = "postgres"
[services.user_db]
        # ^^^^^^^ `user_db` and `user-db` are the same in the names of variables
kind = "postgres"
"#,
        );
    }

    #[test]
    fn a_component_twice_on_one_host_is_found_and_one_is_taken_away() {
        let plan = r#"
name = "shop"
[services.db]
kind = "postgres"
[environments.dev.hosts.box]
runs = ["db", "db"]
"#;
        check_fix(
            "duplicate-name",
            plan,
            &plan.replace("\"db\", \"db\"", "\"db\""),
        );
    }

    #[test]
    fn services_whose_credentials_carry_one_name_are_found() {
        check(
            "duplicate-name",
            r#"
name = "shop"
[services.db]
kind = "mysql"
[services.db-root]
        # ^^^^^^^ a credential of `db-root` and one of `db` would both be DB_ROOT_PASSWORD
kind = "postgres"
"#,
        );
    }
}
