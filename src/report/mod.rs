//! Findings, topologies and diffs as text and as JSON. Returns text; `cli` prints it.

pub mod diff;
pub mod explain;
pub mod json;
pub mod json_schema;
pub mod show;
mod table;
pub mod text;
