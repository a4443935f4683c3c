//! The terminal app: a plan's environments on the screen, to look around in and to edit.
//!
//! ```text
//!  key, mouse, size ──► runtime ── Msg ──► update(&mut State) ── Effect ──► runtime ──► World
//!                          ▲                    │                              │        (cli)
//!                          │                    ▼                              │
//!                       terminal ◄────────  view(&State)                ◄─ Msg ┘
//! ```
//!
//! `update` changes the state and nothing else; `view` reads it and draws; only `runtime` touches the terminal,
//! and what lies outside is asked of a [`World`]. Keys, help and palette come from one table of commands.

mod ask;
mod command;
mod derived;
mod history;
mod key;
mod keymap;
mod map;
mod msg;
mod preferences;
mod regions;
mod runtime;
mod state;
mod theme;
mod unsaved;
mod update;
mod view;
mod words;
mod world;

pub use command::{Command, Scope};
pub use key::Key;
pub use keymap::Keymap;
pub use msg::{Cause, Effect, Mouse, Msg};
pub use preferences::Preferences;
pub use runtime::{Options, run};
pub use state::{Dialog, Panel, State, Thing, Zoom};
pub use theme::Theme;
pub use update::{settle, try_fixes, update};
pub use view::draw;
pub use words::{of_screen, reworded};
pub use world::{
    ALLOWS_OUTSIDE, BroughtBack, Credentials, FilePreview, FileSort, FileState, Found, Gone,
    Handover, InConflict, NAMES_ENV_FILES, NotFound, NotSaved, Plan, Reading, SavedAs, Sealed,
    Seen, ToWrite, World, Written,
};
