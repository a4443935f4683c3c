//! `version-drift`: a service that runs in different versions in different environments.

use crate::catalog::is_same_line;
use crate::finding::{Finding, Label, RuleInfo, Severity, quoted};
use crate::lint::declared::{override_of, service_path};
use crate::lint::parity::{Copy, copies, overridden};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{Aspect, ComponentName, Edit, HostKind, Plan, PlanPath, Service};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "version-drift",
        severity: Severity::Warn,
        summary: "a service runs in different versions in different environments",
        explanation: "\
What it finds: a service whose version in an environment differs from that in the environment of the
highest tier. `18` and `18.1` are the same line and no difference. Borrowed services, stand-ins and
services at a provider whose version the plan does not say are not compared.

Why it matters: what a newer version accepts an older one may refuse, and data that a newer one has
written an older one often cannot read. The fault then shows in production first.

When it is fine: for the days of an upgrade, from the lowest environment upwards. Say so in
`[differences.SERVICE]` with `version = \"REASON\"`.

Instead: run the version of the highest tier everywhere; `backstay check --fix=version-drift` writes it, or
takes the other one away. To upgrade, change the version once, in the base of the plan.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    let differs = |over: &Service| over.version.is_some() || over.kind.is_some();
    for service in overridden(context, differs) {
        if context.plan.accepts(service, Aspect::Version).is_some() {
            continue;
        }
        let mut copies = copies(context, service);
        copies.retain(|copy| is_comparable(context.plan, service, copy));
        let Some((reference, others)) = copies.split_first() else {
            continue;
        };
        for copy in others {
            let same_kind = copy.service.kind.id == reference.service.kind.id;
            if same_kind && !is_same_line(&copy.service.version, &reference.service.version) {
                sink.push(finding(context.plan, service, copy, reference));
            }
        }
    }
}

/// Whether it is known which version of what the plan declares runs there.
fn is_comparable(plan: &Plan, service: &ComponentName, copy: &Copy) -> bool {
    let hosts = copy.topology.hosts_of(&copy.component.name);
    let managed = hosts
        .iter()
        .any(|host| copy.topology.hosts[host].kind == HostKind::Managed);
    let said = place(plan, service, copy).1;
    let known = said || (!managed && copy.service.image.is_none());
    known && copy.service.stands_in_for.is_none() && !copy.service.version.is_empty()
}

/// Where the version of a copy is said, or else what it follows from, and whether it is said.
fn place(plan: &Plan, service: &ComponentName, copy: &Copy) -> (PlanPath, bool) {
    let environment = Some(&copy.topology.environment);
    let over = override_of(plan, environment, service);
    let base = plan.services.get(service);
    let here = service_path(environment, service);
    if over.is_some_and(|over| over.version.is_some()) {
        return (here.key("version"), true);
    }
    let other_kind = over
        .and_then(|over| over.kind.as_ref())
        .filter(|kind| base.is_none_or(|base| base.kind.as_ref() != Some(*kind)));
    if other_kind.is_some() {
        return (here.key("kind"), false);
    }
    let said = base.is_some_and(|base| base.version.is_some());
    let declared = service_path(None, service);
    (
        if said {
            declared.key("version")
        } else {
            declared
        },
        said,
    )
}

fn finding(plan: &Plan, service: &ComponentName, copy: &Copy, reference: &Copy) -> Finding {
    let (environment, other) = (&copy.topology.environment, &reference.topology.environment);
    let (version, wanted) = (
        quoted(&copy.service.version),
        quoted(&reference.service.version),
    );
    let title = &copy.service.kind.title;
    let message =
        format!("`{service}` runs {title} {version} in `{environment}` but {wanted} in `{other}`");
    let (here, _) = place(plan, service, copy);
    let (there, _) = place(plan, service, reference);
    Finding::new(
        &RULE.info,
        Label::new(here, format!("in `{environment}`")),
        message,
    )
    .in_environment(environment)
    .and(Label::new(there, format!("in `{other}`")))
    .help(format!("run {wanted} in `{environment}` too"))
    .fix(
        format!("let `{service}` run {wanted} in `{environment}`"),
        vec![edit(plan, service, copy, reference)],
    )
}

/// The edit that gives a copy the version of the reference: by taking its own away where that is enough.
fn edit(plan: &Plan, service: &ComponentName, copy: &Copy, reference: &Copy) -> Edit {
    let environment = Some(&copy.topology.environment);
    let path = service_path(environment, service).key("version");
    let over = override_of(plan, environment, service).filter(|over| over.version.is_some());
    let inherited = over.and_then(|over| {
        let without = Service {
            version: None,
            ..over.clone()
        };
        let declared = plan.services.get(service)?.overridden_by(&without);
        let default = || Some(copy.service.kind.image.as_ref()?.version.clone());
        declared.version.or_else(default)
    });
    match inherited.as_ref() == Some(&reference.service.version) {
        true => Edit::Remove { path },
        false => Edit::set_text(path, reference.service.version.clone()),
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{check, check_fix};

    const PLAN: &str = r#"
name = "shop"
[services.db]
kind = "mysql"
version = "8.4"
[environments.dev.hosts.laptop]
runs = ["db"]
[environments.dev.services.db]
version = "8.0"
        # ^^^^^ `db` runs MySQL `8.0` in `dev` but `8.4` in `prod`
port = 3307
[environments.prod.hosts.data-1]
runs = ["db"]
"#;

    #[test]
    fn another_version_than_in_production_is_found() {
        check("version-drift", PLAN);
    }

    #[test]
    fn its_fix_takes_the_other_version_away() {
        let comment = PLAN
            .lines()
            .find(|line| line.contains("^^^"))
            .expect("it is there");
        let plan = PLAN.replace(&format!("{comment}\n"), "");
        check_fix(
            "version-drift",
            &plan,
            &plan.replace("version = \"8.0\"\n", ""),
        );
    }

    #[test]
    fn its_fix_says_the_version_where_the_base_says_another() {
        let plan = r#"name = "shop"
[services.db]
        # ^^ `db` runs PostgreSQL `18` in `dev` but `17` in `prod`
kind = "postgres"
[environments.dev.hosts.laptop]
runs = ["db"]
[environments.prod.hosts.data-1]
runs = ["db"]
[environments.prod.services.db]
version = "17"
"#;
        check("version-drift", plan);
        let after = plan.replace(
            "[environments.prod.hosts",
            "\n[environments.dev.services.db]\nversion = \"17\"\n\n[environments.prod.hosts",
        );
        check_fix("version-drift", plan, &after);
    }

    #[test]
    fn a_difference_that_the_plan_accepts_is_none() {
        let (before, comment) = PLAN.split_once("        # ^^^").expect("it is there");
        let (_, after) = comment.split_once('\n').expect("it is a line");
        let accepted = "[differences.db]\nversion = \"the upgrade is on its way\"\n";
        check("version-drift", &format!("{before}{after}{accepted}"));
    }

    #[test]
    fn the_same_line_a_provider_s_version_and_another_kind_are_no_drift() {
        check(
            "version-drift",
            r#"
name = "shop"
[services.db]
kind = "mysql"
version = "8.4"
[services.cache]
kind = "redis"
[services.search]
kind = "redis"
[environments.dev.hosts.laptop]
runs = ["db", "cache", "search"]
[environments.dev.services.db]
version = "8.4.11"
[environments.dev.services.cache]
version = "7.4"
[environments.dev.services.search]
kind = "memcached"
[environments.prod.hosts.data-1]
runs = ["db", "search"]
[environments.prod.hosts.cloud]
kind = "managed"
runs = ["cache"]
[environments.test.hosts.laptop]
borrow = "dev"
runs = ["cache"]
"#,
        );
    }
}
