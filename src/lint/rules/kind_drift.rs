//! `kind-drift`: a service that is one thing in one environment and another thing in the next.

use std::sync::Arc;

use crate::catalog::Kind;
use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::declared::{override_of, service_path};
use crate::lint::parity::{Copy, copies, overridden};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{Aspect, ComponentName, Edit, Plan, PlanPath};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "kind-drift",
        severity: Severity::Warn,
        summary: "a service is of different kinds in different environments",
        explanation: "\
What it finds: a service that an environment declares to be of another kind than the environment of the
highest tier does. A stand-in for what no machine can run is not counted: it speaks the same
language to its clients.

Why it matters: environments are there to find faults before production does. Two kinds differ in what
they accept, how they sort and when they lock, so a test that passes on one says little about the other.

When it is fine: during a move from one kind to the other, and where the app knows both and is tested
with both. Say so in `[differences.SERVICE]` with `engine = \"REASON\"`.

Instead: run the same kind everywhere; in a container it is no more work than the lighter one.
`backstay check --fix` declares the kind of the highest tier.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    for service in overridden(context, |over| over.kind.is_some()) {
        if context.plan.accepts(service, Aspect::Engine).is_some() {
            continue;
        }
        let copies = copies(context, service);
        let Some((reference, others)) = copies.split_first() else {
            continue;
        };
        for copy in others {
            if declared_kind(copy).id != declared_kind(reference).id {
                sink.push(finding(context.plan, service, copy, reference));
            }
        }
    }
}

fn declared_kind<'t>(copy: &Copy<'t>) -> &'t Arc<Kind> {
    let service = copy.service;
    service.stands_in_for.as_ref().unwrap_or(&service.kind)
}

fn finding(plan: &Plan, service: &ComponentName, copy: &Copy, reference: &Copy) -> Finding {
    let (environment, other) = (&copy.topology.environment, &reference.topology.environment);
    let (kind, wanted) = (declared_kind(copy), declared_kind(reference));
    let message = format!(
        "`{service}` is {} in `{environment}` but {} in `{other}`",
        kind.title, wanted.title
    );
    Finding::new(
        &RULE.info,
        Label::new(said_at(plan, service, copy), format!("in `{environment}`")),
        message,
    )
    .in_environment(environment)
    .and(Label::new(
        said_at(plan, service, reference),
        format!("in `{other}`"),
    ))
    .help(format!("run {} in `{environment}` too", wanted.title))
    .fix(
        format!("make `{service}` {} in `{environment}`", wanted.title),
        edits(plan, service, copy, reference),
    )
}

/// The key that says what the service is in the copy's environment.
fn said_at(plan: &Plan, service: &ComponentName, copy: &Copy) -> PlanPath {
    let environment = Some(&copy.topology.environment);
    let over = override_of(plan, environment, service);
    let says = over.is_some_and(|over| over.kind.is_some());
    service_path(environment.filter(|_| says), service).key("kind")
}

/// The edits that make a copy like the reference: by taking its own kind away where that is enough.
fn edits(plan: &Plan, service: &ComponentName, copy: &Copy, reference: &Copy) -> Vec<Edit> {
    let environment = Some(&copy.topology.environment);
    let path = service_path(environment, service);
    let over = override_of(plan, environment, service);
    let from_base = said_at(plan, service, reference) == service_path(None, service).key("kind");
    let kind = path.clone().key("kind");
    let mut edits = vec![match from_base {
        true => Edit::Remove { path: kind },
        false => Edit::set_text(kind, declared_kind(reference).id.clone()),
    }];
    // A version or image of the other kind would mean nothing any more.
    let said = [
        ("version", over.is_some_and(|over| over.version.is_some())),
        ("image", over.is_some_and(|over| over.image.is_some())),
    ];
    edits.extend(
        said.iter()
            .filter(|(_, said)| *said)
            .map(|(key, _)| Edit::Remove {
                path: path.clone().key(key),
            }),
    );
    edits
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{check, check_fix};

    const PLAN: &str = r#"
name = "shop"
[services.db]
kind = "postgres"
[environments.dev.hosts.laptop]
runs = ["db"]
[environments.prod.hosts.data-1]
runs = ["db"]
[environments.dev.services.db]
kind = "mysql"
     # ^^^^^^^ `db` is MySQL in `dev` but PostgreSQL in `prod`
version = "8.4"
port = 3307
"#;

    #[test]
    fn another_kind_than_in_production_is_found() {
        check("kind-drift", PLAN);
    }

    #[test]
    fn its_fix_takes_the_other_kind_and_its_version_away() {
        let (before, rest) = PLAN.split_once("kind = \"mysql\"").expect("it is there");
        let (_, rest) = rest.split_once("version = \"8.4\"\n").expect("it is there");
        let plan = format!("{before}kind = \"mysql\"\nversion = \"8.4\"\n{rest}");
        check_fix("kind-drift", &plan, &format!("{before}{rest}"));
    }

    const PRODUCTION_DIFFERS: &str = r#"name = "shop"
[services.db]
kind = "postgres"
     # ^^^^^^^^^^ `db` is PostgreSQL in `dev` but MySQL in `prod`
     # ^^^^^^^^^^ `db` is PostgreSQL in `test` but MySQL in `prod`
[environments.dev.hosts.laptop]
runs = ["db"]
[environments.test.hosts.runner]
runs = ["db"]
[environments.prod.hosts.data-1]
runs = ["db"]
[environments.prod.services.db]
kind = "mysql"
"#;

    #[test]
    fn every_environment_that_differs_from_the_highest_is_found() {
        check("kind-drift", PRODUCTION_DIFFERS);
    }

    #[test]
    fn its_fix_declares_the_kind_where_the_base_says_another() {
        let after = PRODUCTION_DIFFERS.replace(
            "[environments.test",
            "\n[environments.dev.services.db]\nkind = \"mysql\"\n\n[environments.test",
        );
        check_fix("kind-drift", PRODUCTION_DIFFERS, &after);
    }

    #[test]
    fn stand_ins_aliases_and_what_is_borrowed_or_not_there_are_no_drift() {
        check(
            "kind-drift",
            r#"
name = "shop"
[services.uploads]
kind = "wasabi"
[services.db]
kind = "postgres"
[services.cache]
kind = "redis"
[environments.local.hosts.laptop]
runs = ["uploads", "db"]
[environments.local.services.db]
kind = "postgresql"
[environments.local.services.cache]
kind = "memcached"
[environments.prod.hosts.wasabi]
kind = "managed"
runs = ["uploads"]
[environments.prod.hosts.data-1]
runs = ["db", "cache"]
[environments.dev.hosts.data-1]
borrow = "local"
runs = ["cache"]
"#,
        );
    }
}
