//! The plan's text and the plan: reading with recovery, finding places, and edits that keep comments.
//!
//! The text is the only ground state. `read` turns it into a `Plan` and findings and never stops at
//! the first mistake; `edit::apply` turns it into another text.

mod close;
mod comment;
mod container;
mod copy;
mod edit;
mod field;
pub mod fixes;
mod halves;
mod list;
mod locate;
mod merge;
mod print;
mod read;
pub mod rules;
mod section;
mod shape;
mod spacing;
mod tables;
mod value;

pub use close::{Closed, drop_followers};
pub use edit::{EditError, apply};
pub use locate::Places;
pub use merge::{Side, merge, merge_for};
pub use print::{Printer, Written};
pub use read::{Source, read};
pub use shape::{FieldShape, Shape, TableShape};
pub use tables::plan_shape;
