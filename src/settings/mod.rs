//! What a component must know to reach what it uses: variables, spelled in its dialect.

mod addressed;
mod forms;
mod in_the_way;
mod loopback;
mod renamed;
mod secret;
mod spell;
mod trace;
mod values;

use crate::model::{ComponentName, VariableName};

pub use addressed::{addressed, all_addressed, is_told, names_a_host, told_of};
pub use forms::forms_asked;
pub use in_the_way::{Clash, InTheWay, Replaced};
pub use loopback::means_this_machine;
pub use renamed::{Kept, kept};
pub use secret::{
    MASK, MASKED, SecretId, SecretNeed, SecretOrigin, SecretValues, masked_values, needs,
};
pub use spell::{Speller, UnsayableValue, gives_variables};
pub use trace::{Spelling, Trace};
pub use values::{Missing, Values, values_of};

/// A variable of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: VariableName,
    /// Its value, as far as it is known.
    pub value: SettingValue,
    /// What it comes from.
    pub origin: Origin,
    /// What the plan's setting of this name took the place of.
    pub replaces: Option<Origin>,
}

/// The value of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingValue {
    /// Everything in it is known.
    Known(String),
    /// It waits for something that only the user can fill in.
    Unfilled(Vec<Missing>),
}

/// What a variable comes from. In this order they stand in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The app itself: its port, its environment.
    App,
    /// The use of another component.
    Use(ComponentName),
    /// The plan's `settings`.
    Setting,
    /// The plan's `secret-settings`.
    SecretSetting,
}
