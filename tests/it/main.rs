//! Integration tests: everything a user could notice, through the library's one door and the command line.
#![expect(
    clippy::disallowed_methods,
    reason = "tests read fixtures, make folders and start the program"
)]

mod addressed;
mod addresses;
mod architecture;
mod cli;
mod compose_bounds;
mod compose_files;
mod compose_reading;
mod connection_strings;
mod containers;
mod dialects;
mod docs;
mod env_quoting;
mod files_check;
mod fixes;
mod golden;
#[path = "../bench/graphs.rs"]
mod graphs;
mod hardening;
mod kinds;
mod map;
mod plan_text;
mod properties;
mod read_back;
mod rust_source;
mod screen;
mod shown_files;
mod statements;
mod suggested;
mod support;
mod traps;
