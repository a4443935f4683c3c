//! `unanswered-need`: a role that an app says it needs and that nothing it uses fills.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::answers::{self, Answers, answers_to};
use crate::lint::declared::uses_of_app;
use crate::lint::declared_kinds::roles;
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{Choice, ComponentName, Plan, PlanPath, Role};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "unanswered-need",
        severity: Severity::Warn,
        summary: "an app needs a role that nothing it uses fills",
        explanation: "\
What it finds: a role in an app's `needs` that none of its uses is declared for. A use without a role
has the usual one of its service's kind. Uses that only some environments declare count as well.

Why it matters: the app says that it cannot do without, and the plan gives it nothing: no service, no
address, no credentials.

When it is fine: while the plan is being written. Keep the need as a reminder, and let the finding
remind you.

Instead: add a use in this role. Where the plan has a service that fills it well, `backstay check --fix`
lets the app use it; otherwise it adds the service that the default stack answers with.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    let mut answers: BTreeMap<Role, Answers> = BTreeMap::new();
    for (app, declared) in &context.plan.apps {
        if declared.needs.is_empty() {
            continue;
        }
        let mut answered: BTreeSet<Role> = uses_of_app(context.plan, app)
            .flat_map(|declared| roles(context, &declared))
            .collect();
        for need in &declared.needs {
            if answered.insert(*need) {
                let answers = answers
                    .entry(*need)
                    .or_insert_with(|| answers_to(context, *need));
                sink.push(finding(context.plan, app, *need, answers));
            }
        }
    }
}

fn finding(plan: &Plan, app: &ComponentName, need: Role, answers: &Answers) -> Finding {
    let place = PlanPath::app(app.as_str()).key("needs").item(need.as_str());
    let message = format!("nothing that `{app}` uses answers its need `{need}`");
    let finding = Finding::new(&RULE.info, Label::new(place, ""), message);
    match answers::proposal(plan, app, need, answers) {
        Some(proposal) => finding
            .help(proposal.help)
            .fix(proposal.title, proposal.edits),
        None => finding.help(
            "declare a service that does and let the app use it; `backstay catalog` lists the kinds",
        ),
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{analysis, check, check_fix};

    #[test]
    fn a_need_that_no_use_answers_is_found() {
        check(
            "unanswered-need",
            r#"
name = "shop"
[apps.web]
needs = ["database", "cache", "files", "files", "mail"]
                            # ^^^^^^^ nothing that `web` uses answers its need `files`
                                              # ^^^^^^ nothing that `web` uses answers its need `mail`
uses.db = {}
[services.db]
kind = "postgres"
[services.cache]
kind = "redis"
[environments.prod.apps.web]
uses.cache = { role = "cache" }
"#,
        );
    }

    #[test]
    fn its_fix_lets_the_app_use_the_service_that_fills_it_best() {
        let plan = r#"name = "shop"
[apps.web]
needs = ["cache"]
uses.db = { role = "database" }
[services.db]
kind = "postgres"
[services.edge]
kind = "nginx"
[services.memory]
kind = "memcached"
[services.store]
kind = "redis"
"#;
        let uses = "uses.db = { role = \"database\" }\n";
        let more = format!("{uses}uses.store = {{ role = \"cache\" }}\n");
        check_fix("unanswered-need", plan, &plan.replace(uses, &more));
    }

    #[test]
    fn its_fix_adds_the_default_where_nothing_fills_it() {
        let plan = "name = \"shop\"\n\n[apps.web]\nneeds = [\"cache\"]\n\n[apps.cache]\n";
        let after = "name = \"shop\"\n\n[apps.web]\nneeds = [\"cache\"]\n\n[apps.web.uses]\ncache-2 = { role = \"cache\" }\n\n[apps.cache]\n\n[services.cache-2]\nkind = \"redis\"\n";
        check_fix("unanswered-need", plan, after);
    }

    #[test]
    fn its_help_gives_the_reason_of_the_default() {
        let findings = analysis("name = \"shop\"\n[apps.web]\nneeds = [\"files\"]\n").findings;
        let finding = findings
            .iter()
            .find(|finding| finding.rule == "unanswered-need")
            .expect("it is found");
        let help = finding.help.as_deref().expect("there is help");
        assert!(
            help.starts_with("the default is Wasabi: room without end"),
            "{help}"
        );
    }

    #[test]
    fn a_service_that_is_used_already_can_fill_another_role() {
        let plan = r#"
name = "shop"
[apps.web]
needs = ["cache", "queue"]
uses.cache = { role = "cache" }
[services.cache]
kind = "redis"
"#;
        let after = plan.replace(
            "role = \"cache\" }",
            "role = \"cache\" , also = [\"queue\"] }",
        );
        check_fix("unanswered-need", plan, &after);
    }
}
