//! A team's compose files, read as Docker Compose reads them, with the place of every value.
//!
//! ```text
//!  text ─ yaml ─ variables ─ include ─ extends ─ merge ─ shapes ─ canonical ─┐ for each file
//!                                                                            ▼
//!             Reading ◄── consistency ◄── finish ◄── names, networks ◄──── settle
//! ```
//!
//! Contents of files and variables come in through [`World`], so that nothing here touches the system.
//! Unlike a plan, which is read to its end with all its faults, a compose file that Compose would refuse is
//! refused at its first fault: there is nothing right to make of the rest.

mod canonical;
mod consistency;
mod dotenv;
mod env_files;
mod extends;
mod fault;
mod finish;
mod forms;
mod include;
mod interpolate;
mod load;
mod map;
mod merge;
mod mounts;
mod node;
mod paths;
mod ports;
mod quantity;
mod reading;
mod scalar;
mod service_shapes;
mod settle;
mod shape;
mod shapes;
mod simple_shapes;
mod table;
mod unique;
mod yaml;

use std::sync::Arc;

pub use fault::Fault;
pub use load::LONGEST_FILE;
pub use map::Map;
pub use node::{Node, Place, Value};
pub use paths::{cleaned, folder_of, is_below};
pub use reading::{Filled, Reading, read};

/// What lies outside: files by their paths from the root, and the variables of the shell.
pub trait World {
    /// The content of a file; `None` if there is none at that path.
    ///
    /// # Errors
    ///
    /// Why it cannot be read, in the system's words.
    fn read(&mut self, path: &str) -> Result<Option<Vec<u8>>, String>;

    /// The value of a variable of the shell.
    fn variable(&self, name: &str) -> Option<String>;
}

/// What is to be read.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The compose files, the later over the earlier, as cleaned paths from the root.
    pub files: Vec<String>,
    /// Files with variables, instead of the `.env` beside the first file.
    pub env_files: Vec<String>,
    /// The folders below which everything that is read must lie; anywhere if there are none.
    pub roots: Vec<String>,
    /// By what the user allows what lies elsewhere, for messages: an option or a key.
    pub allowed_by: &'static str,
    /// By what the user names files with variables, for messages too.
    pub env_files_by: &'static str,
}

/// A file that was read.
#[derive(Clone, Debug)]
pub struct Source {
    /// Where it is, from the root.
    pub path: String,
    /// What it says.
    pub text: Arc<str>,
}
