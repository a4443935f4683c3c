//! Backstay plans where an application's backing services live.
//!
//! A plan, `backstay.toml`, says which apps and services there are and, for each environment, which
//! host runs what. Everything else follows from it and is thrown away when it changes:
//!
//! ```text
//!  backstay.toml                            templates/
//!      │ text                                   │
//!      ▼                                        ▼
//!  source::read ──► Plan ──┐                 Catalog
//!      │                   ├── topology::resolve_all ──► Topology, one an environment
//!   Findings               │                                │
//!      │                   │            settings: the variables of apps, and credentials
//!      │                   │                                │
//!      │                   │        ┌──────────────────┬────┴───────────────┐
//!      │                   │        ▼                  ▼                    ▼
//!      └───────────────────┴──► lint::run     generate::generate     layout, report
//!                                   │                  │                    │
//!                               Findings           Artifacts     map, text, JSON, SARIF …
//!                                   └──────── cli ─────┴────────────────────┘
//!                                              │
//!                                           project: the only one that touches files
//! ```
//!
//! Where to find what, lowest first; a module uses only those above it in this list:
//!
//! | module | what it is for |
//! |---|---|
//! | [`span`], [`finding`], [`model`], [`secret_shape`], [`parallel`] | places, findings, the plan as plain values, what looks like a credential, and work on several processors |
//! | [`catalog`], [`template`], [`source`], [`compose_file`] | what services are; the template engine; text to plan and back; the compose files that a team has already |
//! | [`topology`] | one environment, resolved: locality and addresses |
//! | [`settings`] | the variables of an app, and the credentials of an environment |
//! | [`suggest`] | which kind answers which need, and why |
//! | [`lint`], [`generate`], [`import`], [`layout`] | rules; compose files, env files and runbooks; plans from compose files; the map |
//! | [`change`], [`compare`] | what a user wants changed, as edits; how two environments differ |
//! | [`analysis`], [`report`] | the one door; findings, environments, variables, credentials and diffs as text, JSON, SARIF or for GitHub |
//! | [`project`] | the plan file and what is edited of it and not saved, the user's own files, the output folder |
//! | [`tui`] | the terminal app, to look around in and to edit |
//! | [`cli`] | arguments to calls to an answer, and what the app asks of the world |
//!
//! What holds everywhere, by absence:
//!
//! - Nothing below [`project`] opens a file, reads the environment, looks at a clock, or prints.
//! - [`analysis::analyze`] cannot fail. A mistake of the user's is a [`finding::Finding`] with a place.
//! - No code knows a kind of service by its name; kinds are files in `templates/services/`.
//! - Edits go through the text ([`source::apply`]), so that comments and layout stay.
//! - Indexes into a graph never leave [`topology`].
//! - Whatever can be seen is in an order that does not depend on the order of the file.

pub mod analysis;
pub mod catalog;
pub mod change;
pub mod cli;
pub mod compare;
pub mod compose_file;
pub mod finding;
pub mod generate;
pub mod import;
pub mod layout;
pub mod lint;
pub mod model;
pub mod parallel;
pub mod project;
pub mod report;
pub mod secret_shape;
pub mod settings;
pub mod source;
pub mod span;
pub mod suggest;
pub mod template;
pub mod topology;
pub mod tui;
