//! Everything that can happen to the screen, and everything that it may ask for.

use std::sync::Arc;

use crate::change::Change;
use crate::import::{How, Wanted};
use crate::model::EnvironmentName;
use crate::tui::command::Command;
use crate::tui::key::Key;
use crate::tui::world::{
    BroughtBack, Credentials, FilePreview, FileSort, Found, Gone, Handover, InConflict, NotFound,
    NotSaved, Plan, SavedAs, ToWrite, Written,
};

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
    /// The plan's file is gone; where edits that are not saved are kept, if there are any.
    PlanGone(Gone, Option<Result<String, String>>),
    /// The plan was read again.
    Plan(Result<Plan, String>),
    /// The files of an environment were worked out.
    Files(EnvironmentName, Result<Vec<FilePreview>, String>),
    /// The editor was closed.
    Edited(Result<(), String>),
    /// Everything that follows from an edited text was worked out.
    Analyzed(Box<Plan>, Cause),
    /// What all plain fixes change together was worked out.
    Tried(Box<Tried>),
    /// The plan was saved: as what, if it is a new file.
    Saved(Result<Option<SavedAs>, NotSaved>),
    /// What is to be asked before the files are written was looked for.
    ToWrite(Result<ToWrite, String>),
    /// The files were written: what was done.
    Written(Result<Written, String>),
    /// What was typed begins these paths of files of a sort.
    Listed(FileSort, String, Vec<String>),
    /// Compose files were read: what they gave, or what is wrong with them.
    Imported(Result<Box<Found>, NotFound>),
    /// Edits of before, which were not saved, were found.
    Unsaved(Box<BroughtBack>),
}

/// What all plain fixes change together.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    /// The text that they were tried on.
    pub text: Arc<str>,
    /// The change.
    pub change: Change,
    /// The lines that it changes.
    pub about: Vec<String>,
}

/// Why a text takes the place of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A plan was begun in the place of the example.
    Begin,
    /// A plan was made of compose files in the place of the example, which does not keep so many things of theirs.
    Import(usize),
    /// An edit, by its title.
    Edit(String),
    /// Edits that were joined with a text of the file, by a title; it is noted already which they are.
    Join(String),
    /// Edits that went on, by a title, although the file had become this text: they are undone to
    /// that first, and it is noted which they are.
    Over(String, String),
    /// The last edit was undone.
    Undo,
    /// The edit that was undone last was made again.
    Redo,
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
    ReadFiles(EnvironmentName, Credentials),
    /// Open the plan in the user's editor at a line, counted from 1.
    Edit(usize),
    /// Work out everything that follows from a text.
    Analyze(String, Cause),
    /// Work out what all plain fixes change together.
    TryFixes,
    /// Save the plan where it is.
    Save,
    /// Save the plan as a new file.
    SaveAs(String),
    /// List the paths that begin with what was typed.
    ListPaths(FileSort, String),
    /// Read compose files.
    Import(Vec<Wanted>, How),
    /// Look for what is to be asked before the files are written.
    FindToWrite,
    /// Write the files of all environments, with these credentials handed over.
    WriteFiles(Vec<Handover>, InConflict),
    /// Go to the background until the user comes back.
    Suspend,
    /// End.
    Quit,
}
