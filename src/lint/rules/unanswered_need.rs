//! `unanswered-need`: a role that an app says it needs and that nothing it uses fills.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::catalog::{Fit, Kind};
use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::declared::{kind_in, roles, uses_of_app};
use crate::lint::defaults::default_answer;
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{Choice, ComponentName, Edit, EditValue, Plan, PlanPath, Role};

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

/// What could answer a need.
struct Answers<'p> {
    /// Services of the plan that fill the role well, the best first.
    present: Vec<(&'p ComponentName, Arc<Kind>)>,
    /// What the default stack answers, and why.
    default: Option<(Arc<Kind>, String)>,
}

fn answers_to<'p>(context: &LintContext<'p>, need: Role) -> Answers<'p> {
    let default = default_answer(context, need);
    let wanted = default.as_ref().map(|(kind, _)| &kind.id);
    let names = context.plan.services.keys();
    let mut present: Vec<(&ComponentName, Arc<Kind>)> = names
        .filter(|name| !context.plan.apps.contains_key(*name))
        .filter_map(|name| Some((name, kind_in(context, None, name)?)))
        .filter(|(_, kind)| fills_well(kind, need))
        .collect();
    present.sort_by_key(|(_, kind)| {
        let fit = kind.fit(need).map(|fit| fit.fit);
        (Reverse(fit), wanted != Some(&kind.id))
    });
    Answers { present, default }
}

fn finding(plan: &Plan, app: &ComponentName, need: Role, answers: &Answers) -> Finding {
    let place = PlanPath::app(app.as_str()).key("needs").item(need.as_str());
    let message = format!("nothing that `{app}` uses answers its need `{need}`");
    let finding = Finding::new(&RULE.info, Label::new(place, ""), message);
    let base = plan.apps.get(app).map(|app| &app.uses);
    match (answers.present.first(), &answers.default) {
        (Some((name, kind)), _) => {
            // One service that fills two roles is one service less to run.
            let edits = match base.is_some_and(|uses| uses.contains_key(*name)) {
                true => vec![another_role(app, need, name)],
                false => new_use(app, need, name.as_str()),
            };
            with_present(finding, app, need, (name, kind), edits)
        }
        (None, Some((kind, reason))) => {
            let name = free_name(plan, need);
            finding
                .help(format!("the default is {}: {reason}", kind.title))
                .fix(
                    format!("add `{name}`, a service of {}", kind.title),
                    new_service(app, need, &name, kind),
                )
        }
        (None, None) => finding.help(
            "declare a service that does and let the app use it; `backstay catalog` lists the kinds",
        ),
    }
}

fn with_present(
    finding: Finding,
    app: &ComponentName,
    need: Role,
    (name, kind): (&ComponentName, &Kind),
    edits: Vec<Edit>,
) -> Finding {
    let reason = kind.fit(need).map_or("", |fit| fit.reason.as_str());
    finding
        .help(format!("`{name}` ({}) can: {reason}", kind.title))
        .fix(format!("let `{app}` use `{name}` as {need}"), edits)
}

fn fills_well(kind: &Kind, need: Role) -> bool {
    let well = kind.fit(need).is_some_and(|fit| fit.fit >= Fit::Fair);
    well && (kind.keeps_data || !need.is_durable())
}

fn new_service(app: &ComponentName, need: Role, name: &str, kind: &Kind) -> Vec<Edit> {
    let declare = Edit::Set {
        path: PlanPath::service(name).key("kind"),
        value: EditValue::Text(kind.id.clone()),
    };
    let mut edits = vec![declare];
    edits.extend(new_use(app, need, name));
    edits
}

fn another_role(app: &ComponentName, need: Role, service: &ComponentName) -> Edit {
    let uses = PlanPath::app(app.as_str()).key("uses");
    Edit::Push {
        path: uses.key(service.as_str()).key("also"),
        text: need.to_string(),
    }
}

fn new_use(app: &ComponentName, need: Role, service: &str) -> Vec<Edit> {
    let path = PlanPath::app(app.as_str()).key("uses").key(service);
    let table = Edit::Set {
        path: path.clone(),
        value: EditValue::EmptyTable,
    };
    let role = Edit::Set {
        path: path.key("role"),
        value: EditValue::Text(need.to_string()),
    };
    vec![table, role]
}

/// The role's word, or that word and a number if something is called so already.
fn free_name(plan: &Plan, need: Role) -> String {
    let numbered = (2..).map(|number| format!("{need}-{number}"));
    std::iter::once(need.to_string())
        .chain(numbered)
        .find(|name| !plan.declares(name.as_str()))
        .expect("there are more numbers than services")
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
