//! What is answered, as text: findings also as JSON, SARIF and for GitHub; topologies, variables,
//! credentials, the catalog and diffs. `cli` prints it.

pub mod changes;
pub mod comparison;
pub mod compose;
pub mod container_variables;
pub mod diff;
pub mod explain;
pub mod export;
pub mod github;
pub mod grow;
pub mod json;
pub mod json_schema;
pub mod map;
mod origin;
pub mod outage;
pub mod record;
mod replacements;
pub mod sarif;
pub mod secrets;
pub mod show;
pub mod suggest;
mod table;
pub mod text;
pub mod tree;
pub mod variable;
pub mod variable_text;
