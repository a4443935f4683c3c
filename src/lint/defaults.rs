//! What the plan's stack answers to a need, for help and fixes.

use std::sync::Arc;

use crate::catalog::Kind;
use crate::lint::LintContext;
use crate::model::Role;
use crate::suggest::{Basis, DEFAULT_STACK, Expected, Lack, chosen, lack};

/// What suggestions for the plan are made from.
pub(super) fn basis<'c>(context: &LintContext<'c>) -> Option<Basis<'c>> {
    Basis::of_plan(context.plan, context.catalog)
}

/// The kind that answers `role` by default, and why.
pub(super) fn default_answer(context: &LintContext, role: Role) -> Option<(Arc<Kind>, String)> {
    chosen(&basis(context)?, role)
}

/// The words for what a stack answers with.
pub(super) fn said_default(basis: &Basis) -> String {
    match basis.stack.id.as_str() {
        DEFAULT_STACK => "the default".to_owned(),
        id => format!("the answer of the stack `{id}`"),
    }
}

/// The help for a service that should be another one in `role`.
pub(super) fn help_for(context: &LintContext, role: Role) -> String {
    let said = || {
        let basis = basis(context)?;
        let (kind, reason) = chosen(&basis, role)?;
        let default = said_default(&basis);
        let lack = match lack(&kind, role, &Expected::of(context.plan, role)) {
            Some(Lack::Unable(said)) => format!("; but {said}"),
            _ => String::new(),
        };
        Some(format!(
            "{default} for `{role}` is {}: {reason}{lack}",
            kind.title
        ))
    };
    said().unwrap_or_else(|| {
        format!("choose a kind that fills `{role}`: `backstay catalog` lists them")
    })
}
