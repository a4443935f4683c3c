//! Values of a compose file, each with the place where it is written.

use std::fmt;
use std::sync::Arc;

use crate::compose_file::map::Map;

/// A place in one of the files that were read: a byte range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Which file, counted in the order in which they were read.
    pub file: u32,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Whole(i64),
    /// Any other number.
    Decimal(f64),
    /// A text; shared, so that an anchor which is used often costs little.
    Text(Arc<str>),
    /// A list.
    List(Vec<Node>),
    /// A table.
    Map(Map),
}

/// What a tag asks for when files are merged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mark {
    #[default]
    None,
    /// `!reset`: takes away what stands there.
    Reset,
    /// `!override`: takes its place instead of being merged with it.
    Override,
}

/// A value with its place: of the text itself, or of the key that holds a list or a table.
#[derive(Clone, Debug)]
pub struct Node {
    /// What is written.
    pub value: Value,
    /// Where.
    pub place: Place,
    pub(super) mark: Mark,
}

impl PartialEq for Node {
    /// The same value, wherever it is written.
    fn eq(&self, other: &Node) -> bool {
        self.value == other.value
    }
}

impl Node {
    /// A value at a place.
    pub fn new(value: Value, place: Place) -> Node {
        Node {
            value,
            place,
            mark: Mark::None,
        }
    }

    /// A text at a place.
    pub fn of_text(text: impl Into<Arc<str>>, place: Place) -> Node {
        Node::new(Value::Text(text.into()), place)
    }

    /// A table at a place.
    pub fn of_pairs<const N: usize>(pairs: [(&str, Value); N], place: Place) -> Node {
        let pairs = pairs.into_iter();
        let map = pairs.map(|(key, value)| (Arc::from(key), Node::new(value, place)));
        Node::new(Value::Map(map.collect()), place)
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The table, if it is one.
    pub fn map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The table to change, if it is one.
    pub fn map_mut(&mut self) -> Option<&mut Map> {
        match &mut self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The list, if it is one.
    pub fn list(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    /// The value under a key of a table.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.map()?.get(key)
    }

    /// Whether nothing is written.
    pub fn is_null(&self) -> bool {
        self.value == Value::Null
    }

    /// What it is, for a sentence.
    pub fn sort(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Flag(_) => "`true` or `false`",
            Value::Whole(_) | Value::Decimal(_) => "a number",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a table",
        }
    }
}

impl fmt::Display for Value {
    /// As Compose writes a value where a text is wanted: `1e3` becomes `1000`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("<nil>"),
            Value::Flag(flag) => write!(f, "{flag}"),
            Value::Whole(number) => write!(f, "{number}"),
            Value::Decimal(number) => f.write_str(&decimal(*number)),
            Value::Text(text) => f.write_str(text),
            Value::List(list) => {
                f.write_str("[")?;
                for (index, node) in list.iter().enumerate() {
                    let gap = if index == 0 { "" } else { " " };
                    write!(f, "{gap}{}", node.value)?;
                }
                f.write_str("]")
            }
            Value::Map(map) => {
                f.write_str("map[")?;
                for (index, (key, node)) in map.iter().enumerate() {
                    let gap = if index == 0 { "" } else { " " };
                    write!(f, "{gap}{key}:{}", node.value)?;
                }
                f.write_str("]")
            }
        }
    }
}

/// A number as Compose prints it: the fewest digits that read back the same, with an exponent below -4 and from 6.
pub fn decimal(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    if number == 0.0 {
        return if number.is_sign_negative() { "-0" } else { "0" }.to_owned();
    }
    // `1.23456789e8`: the shortest digits, with the exponent that decides the form.
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..6).contains(&exponent) {
        return format!("{number}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_compose_writes_them() {
        for (number, written) in [
            (1000.0, "1000"),
            (1.5, "1.5"),
            (1e30, "1e+30"),
            (1e-7, "1e-07"),
            (0.1, "0.1"),
            (123456789.0, "1.23456789e+08"),
            (1e21, "1e+21"),
            (-0.5, "-0.5"),
        ] {
            assert_eq!(decimal(number), written);
        }
    }
}
