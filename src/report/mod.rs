//! Findings, topologies and diffs as text, JSON and SARIF. Returns text; `cli` prints it.

pub mod container_variables;
pub mod diff;
pub mod explain;
pub mod github;
pub mod json;
pub mod json_schema;
mod origin;
mod replacements;
pub mod sarif;
pub mod secrets;
pub mod show;
mod table;
pub mod text;
pub mod variable;
pub mod variable_text;
