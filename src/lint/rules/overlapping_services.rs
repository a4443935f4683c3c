//! `overlapping-services`: two products that do the same work.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Fit;
use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::declared::{service_path, uses};
use crate::lint::declared_kinds::ServiceUse;
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{ComponentName, PlanPath, Role};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "overlapping-services",
        severity: Severity::Warn,
        summary: "services of different kinds do the same work",
        explanation: "\
What it finds: services of different kinds that are used in the same role, such as two products that are
both a cache. Databases and files are not reported, since each may hold something of its own, nor are
several services of one kind, nor two of which one uses the other, such as one that passes on what it gets.

Why it matters: every product must be learnt, secured, watched, updated and paid for. Two that do the
same work cost twice and give nothing that one alone would not.

When it is fine: while one takes the other's place, and where a part of the application that others wrote
insists on its own. Say so in `[rules]` with the reason.

Instead: let all of them use the one that fills the role better, and take the other away. Clients of the
two speak different languages, so that this is work in the app as well.",
    },
    check,
};

/// The services that fill a role, each with its first use in it.
type Filled<'p> = BTreeMap<Role, BTreeMap<&'p ComponentName, &'p ServiceUse<'p>>>;

/// Services that use another one: each with that.
type Joined<'p> = BTreeSet<(&'p ComponentName, &'p ComponentName)>;

fn check(context: &LintContext, sink: &mut Sink) {
    let mut filled = Filled::new();
    for used in context
        .declared
        .service_uses(|role, _| is_one_service_enough(role))
    {
        let services = filled.entry(used.role).or_default();
        services.entry(used.declared.target).or_insert(used);
    }
    let services = &context.plan.services;
    let joined: Joined = uses(context.plan)
        .filter(|declared| services.contains_key(declared.user))
        .map(|declared| (declared.user, declared.target))
        .collect();
    for services in filled.values() {
        if let Some(finding) = finding(services, &joined) {
            sink.push(finding);
        }
    }
}

/// Roles that one service can fill for everybody.
fn is_one_service_enough(role: Role) -> bool {
    matches!(
        role,
        Role::Cache
            | Role::Session
            | Role::Queue
            | Role::Stream
            | Role::Search
            | Role::Metrics
            | Role::Logs
            | Role::Dashboard
            | Role::Mail
            | Role::Tracing
    )
}

fn finding<'p>(
    services: &BTreeMap<&'p ComponentName, &'p ServiceUse<'p>>,
    joined: &Joined<'p>,
) -> Option<Finding> {
    let mut by_fit: Vec<&ServiceUse> = services.values().copied().collect();
    by_fit.sort_by_key(|used| std::cmp::Reverse(fit(used)));
    let best = by_fit.first()?;
    let are_joined = |used: &ServiceUse<'p>| {
        let (one, other) = (best.declared.target, used.declared.target);
        joined.contains(&(one, other)) || joined.contains(&(other, one))
    };
    let others: Vec<&&ServiceUse> = by_fit
        .iter()
        .filter(|used| used.kind.id != best.kind.id && !are_joined(used))
        .collect();
    let other = others.first()?;
    let (role, name) = (best.role, best.declared.target);
    let message = format!(
        "`{name}` ({}) and `{}` ({}) are both used as {role}",
        best.kind.title, other.declared.target, other.kind.title
    );
    let places = others[1..].iter().map(|used| (used, "and this"));
    let finding = Finding::new(&RULE.info, Label::new(kind_path(other), ""), message)
        .and(Label::new(kind_path(best), "the other"))
        .help(format!(
            "one of them is enough: {} as {role}: {}",
            best.kind.title,
            best.kind.fit(role).map_or("", |fit| fit.reason.as_str())
        ));
    Some(
        places
            .map(|(used, text)| Label::new(kind_path(used), text))
            .fold(finding, Finding::and),
    )
}

/// How well a service fills its role. What fills several roles well is the one to keep.
fn fit(used: &ServiceUse) -> (Option<Fit>, usize) {
    let fit = used.kind.fit(used.role).map(|fit| fit.fit);
    (fit, used.kind.roles.len())
}

fn kind_path(used: &ServiceUse) -> PlanPath {
    service_path(used.kind_from, used.declared.target).key("kind")
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::check;

    #[test]
    fn redis_and_memcached_both_as_cache_are_found_once() {
        check(
            "overlapping-services",
            r#"
name = "shop"
[apps.web]
uses.cache = { role = "cache", also = ["queue"] }
uses.pages = { role = "cache" }
[apps.admin]
uses.pages = { role = "cache" }
[services.cache]
kind = "redis"
[services.pages]
kind = "memcached"
     # ^^^^^^^^^^^ `cache` (Redis) and `pages` (Memcached) are both used as cache
"#,
        );
    }

    #[test]
    fn other_roles_one_kind_twice_two_databases_and_a_drift_are_fine() {
        check(
            "overlapping-services",
            r#"
name = "shop"
[apps.web]
uses.db = {}
uses.old-db = {}
uses.cache = { role = "cache" }
uses.pages = { role = "cache" }
uses.jobs = { role = "queue" }
[services.db]
kind = "postgres"
[services.old-db]
kind = "mysql"
[services.cache]
kind = "redis"
[services.pages]
kind = "redis"
[services.jobs]
kind = "rabbitmq"
[environments.dev.services.cache]
kind = "memcached"
"#,
        );
    }

    #[test]
    fn one_that_writes_on_into_the_other_is_fine() {
        let plan = |uses: &str| {
            format!(
                r#"
name = "shop"
[apps.web]
uses.metrics = {{ role = "metrics" }}
uses.long-term = {{ role = "metrics" }}
[services.metrics]
kind = "prometheus"
{uses}
[services.long-term]
kind = "victoriametrics"
"#
            )
        };
        check("overlapping-services", &plan("uses.long-term = {}"));
        let apart = crate::lint::testing::analysis(&plan("")).findings;
        assert!(
            apart
                .iter()
                .any(|found| found.rule == "overlapping-services")
        );
    }
}
