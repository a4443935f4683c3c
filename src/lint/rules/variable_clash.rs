//! `variable-clash`: two uses of one app that get the same variable.

use std::collections::BTreeSet;

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{Edit, EditValue, PlanPath, VariableName};
use crate::settings::{Clash, clashes};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "variable-clash",
        severity: Severity::Deny,
        summary: "two uses of one app get a variable of the same name",
        explanation: "\
What it finds: an app whose dialect gives two of its uses a variable of the same name, such as
`DATABASE_URL` for each of two databases.

Why it matters: a variable has one value. The app would be connected to one of the two and never know
of the other.

When it is fine: never.

Instead: keep the usual name for the one that the framework looks for, and give the other a prefix of
its own: `uses.events = { env = \"EVENTS_DB\" }`. `backstay check --fix` does.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    let mut said = BTreeSet::new();
    for topology in context.topologies {
        for instance in topology.instances() {
            for clash in clashes(context.catalog, topology, instance) {
                let app = instance.component.as_str();
                if said.insert((app.to_owned(), clash.second.clone())) {
                    sink.push(finding(context, app, &clash));
                }
            }
        }
    }
}

fn finding(context: &LintContext, app: &str, clash: &Clash) -> Finding {
    let Clash {
        variable,
        first,
        second,
    } = clash;
    let uses = |name: &str| PlanPath::app(app).key("uses").key(name);
    let prefix = VariableName::shouted(second.as_str());
    let finding = Finding::new(
        &RULE.info,
        Label::new(uses(second.as_str()), format!("`{variable}` again")),
        format!("`{first}` and `{second}` both give `{app}` the variable `{variable}`"),
    )
    .and(Label::new(
        uses(first.as_str()),
        format!("`{variable}` first"),
    ))
    .help(format!(
        "give one of them a prefix of its own: `env = \"{prefix}\"`"
    ));
    let in_base = context
        .plan
        .apps
        .get(app)
        .is_some_and(|app| app.uses.contains_key(second));
    match in_base {
        true => finding.fix(
            format!("give `{second}` the prefix `{prefix}`"),
            vec![Edit::Set {
                path: uses(second.as_str()).key("env"),
                value: EditValue::Text(prefix),
            }],
        ),
        false => finding,
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{check, check_fix};

    const PLAN: &str = r#"
name = "shop"
[apps.web]
dialect = "node"
uses.db = {}
uses.events = {}
   # ^^^^^^ `db` and `events` both give `web` the variable `DATABASE_URL`
[services.db]
kind = "postgres"
[services.events]
kind = "mysql"
[environments.local.hosts.laptop]
runs = ["web", "db", "events"]
[environments.test.hosts.ci]
runs = ["web", "db", "events"]
"#;

    #[test]
    fn two_databases_under_one_name_are_found_once() {
        check("variable-clash", PLAN);
    }

    #[test]
    fn its_fix_gives_the_second_a_prefix() {
        let after = PLAN.replace("uses.events = {}", "uses.events = { env = \"EVENTS\" }");
        check_fix("variable-clash", PLAN, &after);
    }

    #[test]
    fn names_made_from_the_use_do_not_clash() {
        let lines = PLAN.lines().filter(|line| !line.contains("# ^"));
        let plain: Vec<String> = lines.map(|line| line.replace("node", "plain")).collect();
        check("variable-clash", &plain.join("\n"));
    }
}
