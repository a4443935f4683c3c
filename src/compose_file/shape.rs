//! Checks what is written in a compose file against the shapes that Compose takes.

use crate::compose_file::fault::{Fault, Read};
use crate::compose_file::map::Map;
use crate::compose_file::node::{Node, Value};
use crate::compose_file::shapes::COMPOSE_FILE;
use crate::finding::{did_you_mean, quoted};

/// What may stand somewhere: some scalars, a list, a table.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub scalars: u8,
    /// The only texts that may stand there; any if there are none.
    pub words: &'static [&'static str],
    pub list: Option<&'static Shape>,
    /// Whether no text may stand twice in the list.
    pub unique: bool,
    pub table: Option<&'static Table>,
}

/// Which keys a table may have.
pub(super) struct Table {
    /// What the table is, for a sentence: "a service".
    pub of: &'static str,
    pub keys: &'static [(&'static str, Shape)],
    pub required: &'static [&'static str],
    pub others: Others,
}

/// Which keys a table may have besides those that are listed.
pub(super) enum Others {
    /// `x-…` alone.
    Extensions,
    /// Names of the user's own, of letters, digits and `._-`.
    Names(Shape),
    /// Any text.
    Any(Shape),
}

pub(super) const TEXT: u8 = 1;
pub(super) const WHOLE: u8 = 2;
pub(super) const NUMBER: u8 = 4;
pub(super) const FLAG: u8 = 8;
pub(super) const NULL: u8 = 16;
pub(super) const ANYTHING: u8 = 32;

/// Scalars of some sorts.
pub(super) const fn scalar(scalars: u8) -> Shape {
    Shape {
        scalars,
        words: &[],
        list: None,
        unique: false,
        table: None,
    }
}

/// One of some words.
pub(super) const fn words(words: &'static [&'static str]) -> Shape {
    Shape {
        words,
        ..scalar(TEXT)
    }
}

/// A list.
pub(super) const fn list(item: &'static Shape) -> Shape {
    Shape {
        list: Some(item),
        ..scalar(0)
    }
}

/// A table.
pub(super) const fn table(table: &'static Table) -> Shape {
    Shape {
        table: Some(table),
        ..scalar(0)
    }
}

impl Shape {
    /// Or a scalar.
    pub(super) const fn or(self, scalars: u8) -> Shape {
        Shape {
            scalars: self.scalars | scalars,
            ..self
        }
    }

    /// Or a list.
    pub(super) const fn or_list(self, item: &'static Shape) -> Shape {
        Shape {
            list: Some(item),
            ..self
        }
    }

    /// In which no text stands twice.
    pub(super) const fn unique(self) -> Shape {
        Shape {
            unique: true,
            ..self
        }
    }

    /// What may stand there, for a sentence.
    fn said(&self) -> String {
        let sorts = [
            (self.scalars & TEXT != 0, "a text"),
            (self.scalars & NUMBER != 0, "a number"),
            (
                self.scalars & WHOLE != 0 && self.scalars & NUMBER == 0,
                "a whole number",
            ),
            (self.scalars & FLAG != 0, "`true` or `false`"),
            (self.list.is_some(), "a list"),
            (self.table.is_some(), "a table"),
        ];
        let said: Vec<&str> = sorts
            .iter()
            .filter_map(|(is_there, word)| is_there.then_some(*word))
            .collect();
        said.join(" or ")
    }
}

/// Checks a whole compose file.
pub(super) fn check(file: &Node) -> Read<()> {
    check_at(file, &COMPOSE_FILE, &mut vec![])
}

fn check_at<'a>(node: &'a Node, shape: &Shape, path: &mut Vec<&'a str>) -> Read<()> {
    match &node.value {
        _ if shape.scalars & ANYTHING != 0 => Ok(()),
        Value::Map(map) if shape.table.is_some() => {
            let table = shape.table.expect("the guard saw it");
            check_table(node, map, table, path)
        }
        Value::List(list) if shape.list.is_some() => {
            let item = shape.list.expect("the guard saw it");
            if shape.unique {
                check_unique(list)?;
            }
            list.iter().try_for_each(|node| check_at(node, item, path))
        }
        value if takes(shape.scalars, value) => check_word(node, shape),
        _ => {
            let named = match path.is_empty() {
                true => "a compose file".to_owned(),
                false => quoted(&path.join(".")),
            };
            let message = format!("{named} must be {}, not {}", shape.said(), node.sort());
            Err(Fault::at(node.place, message))
        }
    }
}

fn takes(scalars: u8, value: &Value) -> bool {
    let taken = match value {
        Value::Null => NULL,
        Value::Flag(_) => FLAG,
        Value::Whole(_) => WHOLE | NUMBER,
        Value::Decimal(number) if number.fract() == 0.0 => WHOLE | NUMBER,
        Value::Decimal(number) if number.is_finite() => NUMBER,
        Value::Text(_) => TEXT,
        _ => 0,
    };
    scalars & taken != 0
}

fn check_word(node: &Node, shape: &Shape) -> Read<()> {
    let Some(text) = node.text().filter(|_| !shape.words.is_empty()) else {
        return Ok(());
    };
    if shape.words.contains(&text) {
        return Ok(());
    }
    let fault = Fault::at(node.place, format!("{} cannot stand here", quoted(text)));
    Err(fault.help(format!("it is one of {}", shape.words.join(", "))))
}

fn check_table<'a>(
    node: &'a Node,
    map: &'a Map,
    table: &Table,
    path: &mut Vec<&'a str>,
) -> Read<()> {
    for (key, value) in map {
        let listed = table.keys.binary_search_by(|(name, _)| (*name).cmp(key));
        let listed = listed.ok().map(|at| &table.keys[at].1);
        let shape = match (listed, &table.others) {
            (Some(shape), _) => shape,
            (None, Others::Extensions) if key.starts_with("x-") => continue,
            (None, Others::Names(shape)) if is_name(key) => shape,
            (None, Others::Any(shape)) if !key.is_empty() => shape,
            _ => return Err(unknown_key(key, value, table)),
        };
        path.push(key);
        check_at(value, shape, path)?;
        path.pop();
    }
    match table.required.iter().find(|key| !map.contains_key(key)) {
        Some(key) => {
            let message = format!("{} lacks `{key}`", table.of);
            Err(Fault::at(node.place, message))
        }
        None => Ok(()),
    }
}

fn unknown_key(key: &str, value: &Node, table: &Table) -> Box<Fault> {
    let message = match table.others {
        Others::Extensions => format!("{} is not a key of {}", quoted(key), table.of),
        _ => format!("{} cannot be the name of {}", quoted(key), table.of),
    };
    let fault = Fault::at(value.place, message).of_key(key);
    if !matches!(table.others, Others::Extensions) {
        return match key.is_empty() {
            true => fault.help("it is empty: give it a name"),
            false => fault.help("a name consists of letters, digits, `.`, `_` and `-`"),
        };
    }
    let near = did_you_mean(key, table.keys.iter().map(|(name, _)| *name));
    let is_first_form = table.of == COMPOSE_FILE_SAID
        && value
            .map()
            .is_some_and(|map| map.contains_key("image") || map.contains_key("build"));
    match near {
        _ if is_first_form => fault.help("in the first form of compose files services stood at the top: put them under `services:`"),
        Some(near) => fault.help(format!("did you mean `{near}`?")),
        None => fault,
    }
}

/// What a whole compose file is called in a sentence.
pub(super) const COMPOSE_FILE_SAID: &str = "a compose file";

fn check_unique(list: &[Node]) -> Read<()> {
    let mut seen = std::collections::HashMap::with_capacity(list.len());
    for node in list {
        if let Some(text) = node.text()
            && let Some(first) = seen.insert(text, node.place)
        {
            let fault = Fault::at(node.place, format!("{} stands here twice", quoted(text)));
            return Err(fault.and(first, "said here already"));
        }
    }
    Ok(())
}

fn is_name(key: &str) -> bool {
    let in_name = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    !key.is_empty() && key.chars().all(in_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unsorted(shape: &Shape, found: &mut Vec<&'static str>) {
        let inner = shape.list.into_iter().copied();
        let table = shape.table.into_iter();
        let keys = table.flat_map(|table| {
            if !table.keys.is_sorted_by_key(|(key, _)| *key) {
                found.push(table.of);
            }
            let others = match table.others {
                Others::Extensions => None,
                Others::Names(shape) | Others::Any(shape) => Some(shape),
            };
            table.keys.iter().map(|(_, shape)| *shape).chain(others)
        });
        let all: Vec<Shape> = inner.chain(keys).collect();
        all.iter().for_each(|shape| unsorted(shape, found));
    }

    #[test]
    fn keys_are_in_the_order_in_which_they_are_looked_up() {
        let mut found = Vec::new();
        unsorted(&COMPOSE_FILE, &mut found);
        assert_eq!(found, Vec::<&str>::new());
    }
}
