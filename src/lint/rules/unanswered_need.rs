//! `unanswered-need`: a role that an app says it needs and that nothing it uses fills.

use std::collections::BTreeSet;

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::answers::{OpenNeeds, Proposal};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{Choice, ComponentName, PlanPath, Role};
use crate::suggest::Filled;

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "unanswered-need",
        severity: Severity::Warn,
        summary: "an app needs a role that nothing it uses fills",
        explanation: "\
What it finds: a role in an app's `needs` that none of its uses is declared for. A use without a role
has the usual one of its service's kind. Uses that only some environments declare count as well, and so
does a proxy or something that measures, which uses the app, and a dashboard over anything.

Why it matters: the app says that it cannot do without, and the plan gives it nothing: no service, no
address, no credentials.

When it is fine: while the plan is being written. Keep the need as a reminder, and let the finding
remind you.

Instead: add a use in this role. Where the plan has a service that fills it well, `backstay check --fix`
lets the app use it; otherwise it adds the service that the plan's stack answers with, where it belongs
in each environment. `backstay suggest` says more: what was rejected, and what the answer grows into.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    let plan = context.plan;
    if plan.apps.values().all(|app| app.needs.is_empty()) {
        return;
    }
    let filled = Filled::of(plan, context.catalog);
    let mut open = OpenNeeds::of(context);
    for (app, declared) in &plan.apps {
        let mut seen: BTreeSet<Role> = BTreeSet::new();
        for need in &declared.needs {
            if seen.insert(*need) && filled.by_what(app, *need).is_none() {
                sink.push(finding(app, *need, open.proposal(app, *need)));
            }
        }
    }
}

fn finding(app: &ComponentName, need: Role, proposal: Option<Proposal>) -> Finding {
    let place = PlanPath::app(app.as_str()).key("needs").item(need.as_str());
    let message = format!("nothing that `{app}` uses answers its need `{need}`");
    let finding = Finding::new(&RULE.info, Label::new(place, ""), message);
    match proposal {
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
            "role = \"cache\", also = [\"queue\"] }",
        );
        check_fix("unanswered-need", plan, &after);
    }
}
