//! `unsuitable-role`: a service in a role that its kind fills badly or not at all.

use crate::catalog::{Fit, Kind};
use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::answers::{Proposal, report_instead};
use crate::lint::declared_kinds::ServiceUse;
use crate::lint::defaults::help_for;
use crate::lint::roles::holds_records;
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{Choice, Plan, Requirement, Role};
use crate::suggest::{any_of, missing};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "unsuitable-role",
        severity: Severity::Warn,
        summary: "a service is used in a role that its kind fills badly or not at all",
        explanation: "\
What it finds: a use whose role the service's kind fills poorly, with the reason, or does not fill at
all, or in which it does not do by itself what `[needs]` requires. `backstay explain KIND` lists the roles of a kind and how well it fills each.

Why it matters: one service can pull a lot of weight, but not every weight. What a product was not
designed for works while there is little of it, and moving away later means moving the data.

When it is fine: for a small amount that will stay small, and for a prototype. Say so in `[rules]` with
the reason.

Instead: use a kind that is made for the role; the help names the default one, and `backstay check --fix`
lets the app use it, or what the plan has that fills the role.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    let plan = context.plan;
    let unsuitable = context.declared.service_uses(|role, kind| {
        is_unsuitable(role, kind) || !lacking(plan, role, kind).is_empty()
    });
    report_instead(context, unsuitable, sink, |used, instead| {
        finding(context, used, instead)
    });
}

fn is_unsuitable(role: Role, kind: &Kind) -> bool {
    // Other rules speak of what keeps nothing and of files in a database, and of a kind without roles
    // nothing is known.
    let ephemeral = !kind.keeps_data && role.is_durable();
    if role == Role::Files && holds_records(kind) {
        return false;
    }
    let unfit = kind.fit(role).is_none_or(|fit| fit.fit == Fit::Poor);
    unfit && !ephemeral && !kind.roles.is_empty()
}

/// What the plan requires of a role and a kind that fills it does not do by itself.
fn lacking(plan: &Plan, role: Role, kind: &Kind) -> Vec<Requirement> {
    match (plan.needs.get(&role), kind.fit(role)) {
        (Some(demand), Some(_)) => missing(kind, role, demand),
        _ => Vec::new(),
    }
}

fn finding(context: &LintContext, used: &ServiceUse, instead: Option<Proposal>) -> Finding {
    let message = message(context.plan, used);
    let mut finding = Finding::new(&RULE.info, Label::new(used.role_path(), ""), message)
        .and(Label::new(used.kind_path(), roles(&used.kind)))
        .help(help_for(context, used.role));
    if let Some(environment) = used.environment() {
        finding = finding.in_environment(environment);
    }
    match instead {
        Some(proposal) => finding.fix(proposal.title, proposal.edits),
        None => finding,
    }
}

fn message(plan: &Plan, used: &ServiceUse) -> String {
    let (user, target) = (used.declared.user, used.declared.target);
    let (role, title) = (used.role, &used.kind.title);
    let lacking = lacking(plan, role, &used.kind);
    if !lacking.is_empty() && !is_unsuitable(role, &used.kind) {
        let required = any_of(&lacking);
        return format!(
            "`{user}` uses `{target}` ({title}) as {role}, which has no {required} of its own, but that is required"
        );
    }
    match used.kind.fit(role) {
        Some(fit) => format!(
            "`{user}` uses `{target}` ({title}) as {role}; {}",
            fit.reason
        ),
        None => format!("`{user}` uses `{target}` as {role}, which {title} is not made for"),
    }
}

/// What a kind does well, or what it is, for the label beside it.
fn roles(kind: &Kind) -> String {
    let well = kind.roles.iter().filter(|fit| fit.fit > Fit::Poor);
    let roles: Vec<&str> = well.map(|fit| fit.role.as_str()).collect();
    match roles.is_empty() {
        true => kind.category.clone(),
        false => format!("made for {}", roles.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{analysis, check, check_fix};

    #[test]
    fn redis_as_primary_database_is_found_with_the_reason() {
        check(
            "unsuitable-role",
            r#"
name = "shop"
[apps.web]
uses.store = { role = "database" }
                    # ^^^^^^^^^^ `web` uses `store` (Redis) as database; it is not designed to be a primary database: everything must fit in memory, and a crash can lose the last second
[services.store]
kind = "redis"
"#,
        );
    }

    #[test]
    fn what_is_required_and_not_done_is_found_and_mended() {
        let plan = r#"name = "shop"
[apps.web]
uses.fast = { role = "cache", also = ["queue"] }
[services.fast]
kind = "redis"
[needs.queue]
requires = ["redelivery"]
"#;
        let findings = analysis(plan).findings;
        let found = findings.iter().find(|it| it.rule == "unsuitable-role");
        let message = &found.expect("it is found").message;
        assert!(message.contains("no `redelivery` of its own"), "{message}");
        let after = plan
            .replace(
                ", also = [\"queue\"] }",
                " }\nuses.queue = { role = \"queue\" }",
            )
            .replace(
                "[needs.queue]",
                "\n[services.queue]\nkind = \"rabbitmq\"\n\n[needs.queue]",
            );
        check_fix("unsuitable-role", plan, &after);
    }

    #[test]
    fn what_nothing_does_better_has_no_fix() {
        let plan = r#"name = "shop"
[apps.web]
uses.fast = { role = "cache", also = ["queue"] }
[services.fast]
kind = "redis"
[needs.queue]
requires = ["many-readers"]
"#;
        let findings = analysis(plan).findings;
        let found = findings.iter().find(|it| it.rule == "unsuitable-role");
        assert_eq!(found.expect("it is found").fix, None);
    }

    #[test]
    fn a_role_that_the_kind_does_not_fill_at_all_is_found() {
        check(
            "unsuitable-role",
            r#"
name = "shop"
[apps.web]
uses.uploads = { role = "database" }
                      # ^^^^^^^^^^ `web` uses `uploads` as database, which Wasabi is not made for
[services.uploads]
kind = "wasabi"
"#,
        );
    }

    #[test]
    fn what_keeps_nothing_is_left_to_the_other_rule_and_what_fits_is_fine() {
        check(
            "unsuitable-role",
            r#"
name = "shop"
[apps.web]
port = 80
uses.cache = { role = "database" }
uses.queue = { role = "queue" }
uses.db = {}
uses.api = {}
[apps.api]
[services.cache]
kind = "memcached"
[services.queue]
kind = "redis"
[services.db]
kind = "postgres"
"#,
        );
    }

    #[test]
    fn its_help_names_the_default_for_the_role() {
        let plan = "name = \"shop\"\n[apps.web]\nuses.db = { role = \"database\" }\n[services.db]\nkind = \"redis\"\n";
        let findings = analysis(plan).findings;
        let help = findings
            .iter()
            .find(|finding| finding.rule == "unsuitable-role")
            .and_then(|finding| finding.help.as_deref());
        assert!(
            help.is_some_and(|help| help.starts_with("the default for `database` is PostgreSQL: ")),
            "{help:?}"
        );
    }

    #[test]
    fn its_fix_adds_the_default_and_leaves_the_rest_of_the_use() {
        let plan = r#"name = "shop"
[apps.web]
uses.store = { role = "database", also = ["cache"] }
[services.store]
kind = "redis"
"#;
        let after = r#"name = "shop"
[apps.web]
uses.store = { also = ["cache"] }
uses.database = { role = "database" }
[services.store]
kind = "redis"

[services.database]
kind = "postgres"
"#;
        check_fix("unsuitable-role", plan, after);
    }
}
