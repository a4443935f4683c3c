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

    /// How many findings it has.
    pub fn len(&self) -> usize {
        self.findings.len()
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// Takes over what another one has.
    pub fn extend(&mut self, other: Sink) {
        self.findings.extend(other.findings);
    }

    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }
}
