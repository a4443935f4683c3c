//! What a rule is, and where its findings go.

use crate::finding::{Finding, RuleInfo};
use crate::lint::LintContext;

/// A rule: what it says about itself, and how it looks.
pub struct Rule {
    /// Name, severity and explanation.
    pub info: RuleInfo,
    /// Looks at everything and reports what it finds.
    pub check: fn(&LintContext, &mut Sink),
}

/// Where findings go.
#[derive(Default)]
pub struct Sink {
    findings: Vec<Finding>,
}

impl Sink {
    /// Reports a finding.
    pub fn push(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }
}
