//! What the default stack answers to a need, for help and fixes.

use std::sync::Arc;

use crate::catalog::Kind;
use crate::lint::LintContext;
use crate::model::Role;

/// The stack that answers when the user has chosen none.
const STACK: &str = "default";

/// The kind that answers `role` by default, and why.
pub(super) fn default_answer(context: &LintContext, role: Role) -> Option<(Arc<Kind>, String)> {
    let stack = context.catalog.stack(STACK)?;
    let answer = stack.answer(role)?;
    Some((context.catalog.kind(&answer.kind)?, answer.reason.clone()))
}

/// The help for a service that should be another one in `role`.
pub(super) fn help_for(context: &LintContext, role: Role) -> String {
    match default_answer(context, role) {
        Some((kind, reason)) => format!("the default for `{role}` is {}: {reason}", kind.title),
        None => format!("choose a kind that fills `{role}`: `backstay catalog` lists them"),
    }
}
