//! A change of the plan as data: what a fix or a keystroke wants, before anything is touched.

use crate::model::PlanPath;

/// A value that an edit writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditValue {
    /// A quoted text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number, as it is to be written: `0.5`.
    Number(String),
    /// True or false.
    Truth(bool),
    /// A list of texts.
    List(Vec<String>),
    /// An empty inline table: `uses.api = {}`.
    EmptyTable,
}

/// One change of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Writes a value, making the tables above it where they are missing.
    Set {
        /// The key to write.
        path: PlanPath,
        /// What to write.
        value: EditValue,
    },
    /// Makes an empty table where there is none.
    Declare {
        /// The table.
        path: PlanPath,
    },
    /// Puts a comment above a key or the header of a table, below the comments that stand there. Where no comment
    /// can stand, as in a table within braces, or nothing is, nothing happens.
    Comment {
        /// The key or table.
        path: PlanPath,
        /// The comment, without `#`; each line becomes one.
        text: String,
    },
    /// Takes a comment away that stands above a key or the header of a table with just these words. Where there is
    /// none, nothing happens.
    Uncomment {
        /// The key or table.
        path: PlanPath,
        /// The comment, without `#`; each line became one.
        text: String,
    },
    /// Takes away a key with everything in it, or an element of a list wherever it stands in it.
    Remove {
        /// What to take away.
        path: PlanPath,
    },
    /// Takes away the elements of a list that repeat one before them.
    RemoveRepeats {
        /// The element that stays once.
        path: PlanPath,
    },
    /// Adds a text at the end of a list, making the list where it is missing.
    Push {
        /// The list.
        path: PlanPath,
        /// The text to add.
        text: String,
    },
    /// Writes what stands at a key once more at another, without the comments about it.
    Copy {
        /// The key to copy.
        path: PlanPath,
        /// The key to write, which nothing stands at.
        to: PlanPath,
    },
    /// Gives a key another name in its place, or an element of a list another text wherever it stands.
    Rename {
        /// The key or element.
        path: PlanPath,
        /// Its new name.
        to: String,
    },
}

impl Edit {
    /// Writes a text at a key.
    pub fn set_text(path: PlanPath, text: impl Into<String>) -> Self {
        Self::Set {
            path,
            value: EditValue::Text(text.into()),
        }
    }

    /// Puts a comment above a key or the header of a table.
    pub fn comment(path: PlanPath, text: impl Into<String>) -> Self {
        Self::Comment {
            path,
            text: text.into(),
        }
    }
}
