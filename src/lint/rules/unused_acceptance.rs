//! `unused-acceptance`: the plan accepts a difference that there is not.

use std::collections::{BTreeMap, BTreeSet};

use crate::compare::{Side, differences_of};
use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{Aspect, Choice, ComponentName, Edit, PlanPath};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "unused-acceptance",
        severity: Severity::Note,
        summary: "the plan accepts a difference between environments that there is not",
        explanation: "\
What it finds: a reason in `[differences.COMPONENT]` for an aspect in which no two environments of the
plan differ.

Why it matters: it was right once. If they come to differ again, by mistake this time, nobody is told.

When it is fine: while a difference is being prepared.

Instead: take it away; `backstay check --fix=unused-acceptance` does.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    let plan = context.plan;
    let declared = plan.differences.iter();
    let mut unused: BTreeMap<&ComponentName, BTreeSet<Aspect>> = declared
        .filter(|(component, _)| plan.declares(*component))
        .map(|(component, accepted)| (component, accepted.keys().copied().collect()))
        .collect();
    let pairs = context
        .topologies
        .iter()
        .enumerate()
        .flat_map(|(at, left)| {
            let others = context.topologies[at + 1..].iter();
            others.map(move |right| (left, right))
        });
    for (left, right) in pairs {
        if unused.values().all(BTreeSet::is_empty) {
            return;
        }
        let [left, right] = [left, right].map(|topology| Side {
            plan,
            topology,
            all: context.topologies,
            catalog: context.catalog,
        });
        let names: Vec<&ComponentName> = unused.keys().copied().collect();
        for difference in differences_of(left, right, names.into_iter()).flatten() {
            if let Some(aspects) = unused.get_mut(&difference.component) {
                aspects.remove(&difference.aspect);
            }
        }
    }
    for (component, aspects) in unused {
        for aspect in aspects {
            let is_only = plan.differences[component].len() == 1;
            sink.push(finding(component, aspect, is_only));
        }
    }
}

fn finding(component: &ComponentName, aspect: Aspect, is_only: bool) -> Finding {
    let all = PlanPath::keys(["differences", component.as_str()]);
    let path = all.clone().key(aspect.as_str());
    let message = format!("no two environments differ in the {aspect} of `{component}`");
    let removed = Edit::Remove {
        path: if is_only { all } else { path.clone() },
    };
    Finding::new(&RULE.info, Label::new(path, ""), message)
        .help("take it away: it would hide a difference that comes by mistake")
        .fix("take it away", vec![removed])
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{check, check_fix};

    const PLAN: &str = r#"
name = "shop"

[apps.web]
port = 8080
uses.db = { role = "database" }

[services.db]
kind = "postgres"
version = "18"

[environments.dev]
services.db.version = "17"
[environments.dev.hosts.laptop]
runs = ["web", "db"]

[environments.prod.hosts.app-1]
runs = ["web", "db"]

[differences.db]
version = "the upgrade is on its way"
"#;

    #[test]
    fn a_difference_that_is_there_is_accepted() {
        check("unused-acceptance", PLAN);
    }

    #[test]
    fn one_that_is_not_there_is_found_and_taken_away() {
        let same = PLAN.replace("version = \"17\"", "version = \"18\"");
        let marked = format!("{same}# <- no two environments differ in the version of `db`\n");
        check("unused-acceptance", &marked);
        let after = same.replace(
            "\n[differences.db]\nversion = \"the upgrade is on its way\"\n",
            "",
        );
        check_fix("unused-acceptance", &same, &after);
    }

    #[test]
    fn each_aspect_stands_for_itself() {
        let more = PLAN.replace(
            "[differences.db]\n",
            "[differences.db]\nreplicas = \"one is enough\"\n# <- no two environments differ in the replicas of `db`\n",
        );
        check("unused-acceptance", &more);
    }
}
