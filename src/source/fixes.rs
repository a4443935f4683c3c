//! Which fixes may be applied together without being named.

use std::cmp::Reverse;

use crate::finding::{Finding, Fix, Severity};
use crate::source::rules;

/// The rule whose fixes correct a name: like those of the text, they say what was meant.
const MISSPELT_NAME: &str = "unknown-name";

/// The rule whose fixes raise versions: data that an old one has written a new one often cannot read.
const OLD_VERSION: &str = "end-of-life-version";

/// Most fixes applied in one run: each can bring up another finding, but not for ever.
pub const MOST: usize = 1_000;

/// Whether mistakes of the text are left. What could not be read is missing from the plan, so that
/// other rules judge less than its author wrote.
pub fn text_is_wrong(findings: &[Finding]) -> bool {
    findings.iter().any(of_the_text)
}

/// Whether a finding's fix may be applied without being named, among the `findings` of its plan.
pub fn is_plain(finding: &Finding, text_is_wrong: bool) -> bool {
    finding.fix.is_some()
        && !finding.takes_away()
        && !raises_a_version(finding)
        && (!text_is_wrong || of_the_text(finding) || finding.rule == MISSPELT_NAME)
}

/// Whether a finding's fix lets another version read data that is there already.
pub fn raises_a_version(finding: &Finding) -> bool {
    finding.rule == OLD_VERSION && finding.fix.is_some()
}

/// The next finding to mend of those that are `wanted` and were not `tried`, with its fix: mistakes first, as a
/// misspelt use must not cost the service that it meant.
pub fn next(
    findings: &[Finding],
    tried: &[Finding],
    wanted: impl Fn(&Finding) -> bool,
) -> Option<(Finding, Fix)> {
    let untried = |finding: &&Finding| !tried.iter().any(|tried| same(tried, finding));
    findings
        .iter()
        .filter(|finding| wanted(finding))
        .filter(untried)
        .filter_map(|finding| Some((finding, finding.fix.clone()?)))
        .min_by_key(|(finding, _)| Reverse(finding.severity))
        .map(|(finding, fix)| (finding.clone(), fix))
}

/// What a run of fixes has gained, so that it ends where fixes only bring up what they mend.
#[derive(Debug, Default)]
pub struct Progress {
    least: Option<usize>,
    without: usize,
}

/// Most fixes in a row after which a plan has no fewer findings than it ever had.
const MOST_WITHOUT_GAIN: usize = 50;

impl Progress {
    /// Whether the fix of a finding is worth making, given the findings of the plan without and with it: afterwards
    /// fewer must be of its rule, and no more be denied. What mends the text or a name may bring up more, as more of
    /// the plan is read then.
    pub fn is_gain(&mut self, mended: &Finding, before: &[Finding], after: &[Finding]) -> bool {
        let of_rule = |findings: &[Finding]| {
            let same = findings.iter().filter(|it| it.rule == mended.rule);
            same.count()
        };
        let reads_more = of_the_text(mended) || mended.rule == MISSPELT_NAME;
        let denied = |findings: &[Finding]| {
            let denied = findings.iter().filter(|it| it.severity == Severity::Deny);
            denied.count()
        };
        let is_worse = of_rule(after) >= of_rule(before) || denied(after) > denied(before);
        if !reads_more && is_worse {
            return false;
        }
        match self.least.unwrap_or(before.len()) {
            least if after.len() < least => {
                *self = Progress {
                    least: Some(after.len()),
                    without: 0,
                }
            }
            least => {
                self.least = Some(least);
                self.without += 1;
            }
        }
        true
    }

    /// Whether fixes have long made nothing better.
    pub fn is_stuck(&self) -> bool {
        self.without >= MOST_WITHOUT_GAIN
    }
}

/// Whether two findings are about the same thing; their bytes move with every fix.
fn same(a: &Finding, b: &Finding) -> bool {
    (a.rule, &a.message, &a.environment, &a.primary.path, &a.fix)
        == (b.rule, &b.message, &b.environment, &b.primary.path, &b.fix)
}

/// How many of `findings` a plain `check --fix` begins with.
pub fn count_plain(findings: &[Finding]) -> usize {
    let has_layout = findings
        .iter()
        .all(|finding| finding.rule != rules::INVALID_SYNTAX.name);
    let stays_wrong = findings
        .iter()
        .any(|finding| of_the_text(finding) && finding.fix.is_none());
    let plain = |finding: &&Finding| has_layout && is_plain(finding, stays_wrong);
    findings.iter().filter(plain).count()
}

fn of_the_text(finding: &Finding) -> bool {
    rules::RULES.iter().any(|rule| rule.name == finding.rule)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Label;
    use crate::model::{Edit, PlanPath};

    fn finding(rule: &'static crate::finding::RuleInfo) -> Finding {
        Finding::new(rule, Label::new(PlanPath::root(), ""), "wrong")
    }

    #[test]
    fn fixes_that_take_away_what_the_user_wrote_are_not_plain() {
        let remove = |path| Edit::Remove { path };
        let fixed = |edits| finding(&rules::UNKNOWN_KEY).fix("mend", edits);
        let service = fixed(vec![remove(PlanPath::service("db"))]);
        let key = PlanPath::service("db").key("bucket");
        let setting = fixed(vec![remove(key.clone())]);
        let placement = fixed(vec![remove(PlanPath::placement("prod", "app-1", "db"))]);
        assert!([&service, &setting, &placement].map(|it| is_plain(it, false)) == [false; 3]);
        let copy = Edit::Copy {
            path: key.clone(),
            to: PlanPath::service("kv").key("bucket"),
        };
        let moved_key = fixed(vec![copy, remove(key)]);
        let push = Edit::Push {
            path: PlanPath::host("prod", "data-1").key("runs"),
            text: "db".to_owned(),
        };
        let moved = fixed(vec![
            remove(PlanPath::placement("prod", "app-1", "db")),
            push,
        ]);
        assert!(is_plain(&moved_key, false) && is_plain(&moved, false));
        assert_eq!(count_plain(&[service, setting, moved]), 1);
    }

    #[test]
    fn a_fix_that_brings_up_what_it_mends_is_no_gain() {
        static RULE: crate::finding::RuleInfo = crate::finding::RuleInfo {
            name: "some-rule",
            ..rules::UNKNOWN_KEY
        };
        let (text, other) = (finding(&rules::UNKNOWN_KEY), finding(&RULE));
        let two = [text.clone(), other.clone()];
        let mut progress = Progress::default();
        assert!(!progress.is_gain(&other, &two, &two));
        assert!(progress.is_gain(&other, &two, &two[..1]));
        for _ in 0..MOST_WITHOUT_GAIN {
            assert!(!progress.is_stuck());
            assert!(progress.is_gain(&text, &two, &two));
        }
        assert!(progress.is_stuck());
    }

    #[test]
    fn a_fix_that_brings_up_what_is_denied_is_no_gain() {
        static RULE: crate::finding::RuleInfo = crate::finding::RuleInfo {
            name: "some-rule",
            severity: Severity::Warn,
            ..rules::UNKNOWN_KEY
        };
        static OTHER: crate::finding::RuleInfo = crate::finding::RuleInfo {
            name: "other-rule",
            severity: Severity::Deny,
            ..rules::UNKNOWN_KEY
        };
        let (mended, denied) = (finding(&RULE), finding(&OTHER));
        let mut progress = Progress::default();
        let (one, other) = (std::slice::from_ref(&mended), std::slice::from_ref(&denied));
        assert!(!progress.is_gain(&mended, one, other));
        assert!(progress.is_gain(&mended, &[one, other].concat(), other));
    }

    #[test]
    fn nothing_is_plain_in_a_text_without_layout() {
        let fixable = finding(&rules::UNKNOWN_KEY).fix("rename", Vec::new());
        assert_eq!(count_plain(std::slice::from_ref(&fixable)), 1);
        assert_eq!(count_plain(&[finding(&rules::INVALID_SYNTAX), fixable]), 0);
    }
}
