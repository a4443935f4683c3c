//! `duplicate-name`: an app and a service that are called the same.

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::PlanPath;

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "duplicate-name",
        severity: Severity::Deny,
        summary: "an app and a service have the same name",
        explanation: "\
What it finds: an app and a service of the same name.

Why it matters: `runs` and `uses` name components, and one name cannot mean two. Backstay takes the app
wherever the name stands, so the service runs nowhere and nothing uses it.

When it is fine: never.

Instead: give one of the two another name, there and wherever it is meant.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    let plan = context.plan;
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

#[cfg(test)]
mod tests {
    use crate::lint::testing::check;

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
}
