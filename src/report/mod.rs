//! Findings, topologies and diffs as text, JSON and SARIF. Returns text; `cli` prints it.

pub mod diff;
pub mod explain;
pub mod github;
pub mod json;
pub mod json_schema;
mod replacements;
pub mod sarif;
pub mod secrets;
pub mod show;
mod table;
pub mod text;
