//! For tests: a plan, and what changes make of its text.

use super::{Change, ChangeError};
use crate::model::Plan;
use crate::source;

/// A plan in which everything occurs.
pub const PLAN: &str = r#"# The shop.
name = "shop"

[apps.web]
image = "ghcr.io/acme/web:1"   # built elsewhere
port = 8080

[apps.web.uses]
db = { role = "database" }
cache = {}

[services.db]
kind = "postgres"
version = "17"

[services.cache]
kind = "redis"

# On one machine.
[environments.local.hosts.laptop]
runs = ["web", "db", "cache"]  # all of it

[environments.local.services.db]
version = "16"                 # as long as the driver is old

[environments.prod.hosts.app-1]
address = "10.0.0.1"
runs = ["web", "db"]

[environments.prod.hosts.data-1]
address = "10.0.0.2"
runs = ["cache"]

[environments.staging.hosts.app]
runs = ["web"]

[environments.staging.hosts.data-1]
borrow = "prod"
runs = ["cache"]
"#;

/// The plan of a text.
pub fn plan(text: &str) -> Plan {
    source::read(text).plan
}

/// What a change makes of the plan.
pub fn changed(change: Result<Change, ChangeError>) -> String {
    let change = change.expect("it can be done");
    source::apply(PLAN, &change.edits).expect("the edits apply")
}

/// The lines that are only in one of two texts: `-` before those that go, `+` before those that come.
pub fn difference(after: &str) -> String {
    let gone = PLAN
        .lines()
        .filter(|line| !after.lines().any(|it| it == *line));
    let come = after
        .lines()
        .filter(|line| !PLAN.lines().any(|it| it == *line));
    let gone = gone.map(|line| format!("-{line}\n"));
    gone.chain(come.map(|line| format!("+{line}\n"))).collect()
}
