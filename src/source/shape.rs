//! The form of the plan file as data: which keys a table has, what they hold, what they mean.
//!
//! Nobody writes a shape by hand: the functions in `tables` that read the plan describe it too.

/// What a table holds.
#[derive(Clone, Debug, PartialEq)]
pub struct TableShape {
    /// Its keys in the order they are read.
    pub fields: Vec<FieldShape>,
}

/// One key of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldShape {
    /// The key.
    pub key: &'static str,
    /// What it means, for editors and help.
    pub doc: &'static str,
    /// What it holds.
    pub shape: Shape,
}

/// What a value may be.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Any text.
    Text,
    /// A text that follows a regular expression.
    Pattern(&'static str),
    /// One of these words, each with its meaning.
    Choice(Vec<(&'static str, &'static str)>),
    /// A whole number between two bounds.
    Integer(i64, i64),
    /// A number above zero.
    Number,
    /// True or false.
    Truth,
    /// A list.
    List(Box<Shape>),
    /// A table whose keys are names that follow a regular expression.
    Map(&'static str, Box<Shape>),
    /// A table with known keys.
    Table(TableShape),
}

impl TableShape {
    /// The names of its keys.
    pub fn keys(&self) -> impl Iterator<Item = &'static str> {
        self.fields.iter().map(|field| field.key)
    }
}
