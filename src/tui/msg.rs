//! Everything that can happen to the screen, and everything that it may ask for.

use crate::model::EnvironmentName;
use crate::tui::command::Command;
use crate::tui::key::Key;
use crate::tui::world::{FilePreview, Plan};

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(Key),
    /// A command was chosen by other means than a key.
    Command(Command),
    /// Text was pasted.
    Paste(String),
    /// The mouse did something at a cell.
    Mouse(Mouse, u16, u16),
    /// The screen has another size: columns and rows.
    Resize(u16, u16),
    /// The plan's file is another than it was.
    PlanChanged,
    /// The plan was read again.
    Plan(Result<Plan, String>),
    /// The files of an environment were worked out.
    Files(EnvironmentName, Result<Vec<FilePreview>, String>),
    /// The editor was closed.
    Edited(Result<(), String>),
}

/// What the mouse did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mouse {
    /// The left button went down.
    Press,
    /// The same cell was pressed again at once.
    DoublePress,
    /// It moved with the button down.
    Drag,
    /// The button went up.
    Release,
    /// The wheel turned away from the user.
    WheelUp,
    /// The wheel turned towards the user.
    WheelDown,
    /// The wheel was tilted to the left.
    WheelLeft,
    /// The wheel was tilted to the right.
    WheelRight,
}

/// Something that is asked of the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Read the plan again.
    ReadPlan,
    /// Work out the files of an environment.
    ReadFiles(EnvironmentName),
    /// Open the plan in the user's editor at a line, counted from 1.
    Edit(usize),
    /// Go to the background until the user comes back.
    Suspend,
    /// End.
    Quit,
}
