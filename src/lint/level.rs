//! The levels that a plan sets in `[rules]`, and allowances that nothing needs.

use std::collections::BTreeSet;

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::model::{Edit, Level, Plan, PlanPath};

/// An allowance that nothing needs.
pub static UNUSED_ALLOWANCE: RuleInfo = RuleInfo {
    name: "unused-allowance",
    severity: Severity::Warn,
    summary: "a rule is allowed that finds nothing",
    explanation: "\
What it finds: a level in `[rules]` below the rule's own, when the rule finds nothing in this plan.

Why it matters: an allowance is a decision with a reason. When what it excused is gone, it only waits
to excuse the next mistake.

When it is fine: never for long. A plan that is about to change may keep it for a day.

Instead: take the line away; `backstay check --fix` does.",
};

/// The findings at the levels that the plan sets, and one more for each allowance that was not needed.
pub(super) fn apply(plan: &Plan, findings: Vec<Finding>) -> Vec<Finding> {
    let found: BTreeSet<&'static str> = findings.iter().map(|finding| finding.rule).collect();
    let mut kept: Vec<Finding> = findings
        .into_iter()
        .filter_map(|finding| at_level(plan, finding))
        .collect();
    let unused = super::rules::RULES
        .iter()
        .filter(|rule| !found.contains(rule.info.name) && lowers(plan, &rule.info))
        // What it excuses may be in files, which a plan knows nothing of.
        .filter(|rule| rule.info.name != super::rules::SHARED_SECRET.info.name)
        .map(|rule| unused_allowance(rule.info.name));
    kept.extend(unused.filter_map(|finding| at_level(plan, finding)));
    kept
}

/// A finding at the level that the plan sets; nothing if it allows it.
pub(super) fn at_level(plan: &Plan, mut finding: Finding) -> Option<Finding> {
    if let Some(level) = plan
        .rules
        .get(finding.rule)
        .and_then(|setting| setting.level)
    {
        finding.severity = Severity::of(level)?;
    }
    Some(finding)
}

fn lowers(plan: &Plan, rule: &RuleInfo) -> bool {
    let level = plan.rules.get(rule.name).and_then(|setting| setting.level);
    level.is_some_and(|level| level == Level::Allow || Severity::of(level) < Some(rule.severity))
}

fn unused_allowance(rule: &'static str) -> Finding {
    let path = PlanPath::keys(["rules", rule]);
    Finding::new(
        &UNUSED_ALLOWANCE,
        Label::new(path.clone(), ""),
        format!("nothing here needs `{rule}` to be allowed"),
    )
    .help("take it away, so that it does not excuse the next mistake")
    .fix(
        format!("remove the level of `{rule}`"),
        vec![Edit::Remove { path }],
    )
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn an_allowance_that_nothing_needs_is_found_and_one_that_is_needed_is_not() {
        check(
            "unused-allowance",
            r#"
name = "shop"
[services.db]
kind = "postgres"
[rules.unused-service]
level = "allow"
reason = "next month"
[rules.port-clash]
     # ^^^^^^^^^^ nothing here needs `port-clash` to be allowed
level = "allow"
reason = "it was so once"
"#,
        );
    }

    #[test]
    fn its_fix_takes_the_allowance_away() {
        check_fix(
            "unused-allowance",
            "name = \"shop\"\n[rules]\nport-clash = { level = \"allow\", reason = \"once\" }\n",
            "name = \"shop\"\n[rules]\n",
        );
    }
}
