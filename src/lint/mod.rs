//! Topologies to findings: every rule is run, then the plan's own levels are applied.

mod answers;
mod declared;
mod declared_kinds;
mod defaults;
mod level;
mod listing;
mod machines;
mod network;
mod outside;
mod parity;
mod placing;
mod port_fixes;
mod ports;
mod protection;
mod roles;
mod rule;
pub mod rules;
mod settings;
mod shared_in_files;

use crate::catalog::Catalog;
use crate::finding::{Finding, RuleInfo};
use crate::model::{Date, Plan, PlanPath};
use crate::parallel::{self, Amount};
use crate::source;
use crate::span::Span;
use crate::topology::Topology;

pub use declared_kinds::Declared;
pub use rule::{Rule, Sink};
pub use shared_in_files::{KeptValues, shared_in_files};

/// What rules look at.
pub struct LintContext<'a> {
    /// The plan as declared.
    pub plan: &'a Plan,
    /// What the plan declares about services.
    pub declared: &'a Declared<'a>,
    /// What is known about kinds.
    pub catalog: &'a Catalog,
    /// Every environment, by tier.
    pub topologies: &'a [Topology],
    /// Texts of the plan that look like credentials.
    pub secrets: &'a [(PlanPath, Span)],
    /// The day that facts are judged on.
    pub today: &'a Date,
}

/// The findings of every rule, at the levels that the plan sets.
pub fn run(context: &LintContext) -> Vec<Finding> {
    let found = parallel::each(amount(context), rules::RULES, |rule| {
        let mut sink = Sink::default();
        (rule.check)(context, &mut sink);
        sink.into_findings()
    });
    level::apply(context.plan, found.into_iter().flatten().collect())
}

fn amount(context: &LintContext) -> Amount {
    let topologies = context.topologies.iter();
    let components: usize = topologies.map(|topology| topology.components.len()).sum();
    match components < 300 {
        true => Amount::Little,
        false => Amount::Much,
    }
}

/// What every rule says about itself, those of the text first.
pub fn all_rules() -> impl Iterator<Item = &'static RuleInfo> {
    source::rules::RULES
        .iter()
        .copied()
        .chain(rules::RULES.iter().map(|rule| &rule.info))
        .chain([&level::UNUSED_ALLOWANCE])
}

#[cfg(test)]
pub(crate) mod testing;
