//! What kinds are, judged by the roles they fill.

use crate::catalog::{Fit, Kind};
use crate::model::Role;

/// Whether a kind is a database that is no store for files: it is made for records.
pub(super) fn holds_records(kind: &Kind) -> bool {
    let is_for = |role, fit| kind.fit(role).is_some_and(|found| found.fit >= fit);
    let records = [Role::Database, Role::Document, Role::WideColumn];
    records.into_iter().any(|role| is_for(role, Fit::Fair)) && !is_for(Role::Files, Fit::Fair)
}
