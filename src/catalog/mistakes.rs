//! Everything that is wrong with the form of a catalog file, in one pass.
//!
//! The types of the catalog say what a file may hold, and `serde` reads it into them, but gives up at the
//! first mistake. Here the file is read again and again: what was wrong gives way to a stand-in that fits,
//! so that the next mistake shows, until nothing is wrong any more. What is read that way is thrown away.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use serde::de::value::{MapDeserializer, SeqDeserializer, StrDeserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Expected, MapAccess, SeqAccess, Unexpected,
    Visitor,
};
use toml::de::{DeTable, DeValue};

/// A mistake in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mistake {
    /// The line, from 1.
    line: usize,
    /// The key, as `ports[0].number`; empty where the text itself is wrong.
    path: String,
    message: String,
}

impl Display for Mistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.path.as_str() {
            "" => write!(f, "line {}: {}", self.line, self.message),
            path => write!(f, "line {}: `{path}` {}", self.line, self.message),
        }
    }
}

/// More than these nobody reads.
const MOST: usize = 100;

/// Texts that stand in for what is wrong or missing; each type takes one of them.
const STAND_INS: [&str; 6] = ["", "2026-01-01", "1 MiB", "database", "1 day", "redelivery"];

/// What keeps `text` from being a `T`, by line.
pub(super) fn mistakes<T: DeserializeOwned>(text: &str) -> Vec<Mistake> {
    let line = |at: usize| text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let mistake = |error: &toml::de::Error| Mistake {
            line: line(error.span().map_or(0, |span| span.start)),
            path: String::new(),
            message: error.message().to_owned(),
        };
        let mut mistakes: Vec<Mistake> = errors.iter().take(MOST).map(mistake).collect();
        mistakes.sort();
        return mistakes;
    }
    let found = Found::default();
    for _ in 0..MOST * STAND_INS.len() {
        let root = Node {
            value: Content::Table(table.get_ref()),
            path: String::new(),
            start: 0,
            found: &found,
        };
        let read_on = T::deserialize(root).is_err_and(|fault| found.takes(fault));
        if !read_on {
            break;
        }
    }
    let mistakes = found.mistakes.into_inner().into_iter();
    let mut mistakes: Vec<Mistake> = mistakes
        .map(|((start, path), message)| Mistake {
            line: line(start),
            path,
            message,
        })
        .collect();
    mistakes.sort();
    mistakes
}

/// What is known to be wrong so far.
#[derive(Default)]
struct Found {
    mistakes: RefCell<BTreeMap<(usize, String), String>>,
    /// Where stand-ins are.
    replaced: RefCell<BTreeSet<String>>,
    /// How many stand-ins did not fit.
    misfits: RefCell<BTreeMap<String, usize>>,
}

impl Found {
    /// Notes a fault and puts a stand-in there; whether it is worth reading on.
    fn takes(&self, fault: Fault) -> bool {
        if fault.of_stand_in {
            let mut misfits = self.misfits.borrow_mut();
            let count = misfits.entry(fault.path.unwrap_or_default()).or_default();
            *count += 1;
            return *count < STAND_INS.len();
        }
        let Some(path) = fault.path else { return false };
        self.note(fault.start, &path, fault.message);
        self.replaced.borrow_mut().insert(path)
    }

    fn note(&self, start: usize, path: &str, message: String) {
        let mut mistakes = self.mistakes.borrow_mut();
        mistakes.insert((start, path.to_owned()), message);
    }
}

/// Why a value cannot be read.
#[derive(Debug)]
struct Fault {
    message: String,
    /// The key that is missing, until its table is known.
    missing: Option<&'static str>,
    path: Option<String>,
    start: usize,
    of_stand_in: bool,
}

impl Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl serde::de::Error for Fault {
    fn custom<T: Display>(message: T) -> Fault {
        Fault {
            message: format!("cannot be read: {message}"),
            missing: None,
            path: None,
            start: 0,
            of_stand_in: false,
        }
    }

    fn invalid_type(found: Unexpected, expected: &dyn Expected) -> Fault {
        Fault {
            message: format!("is {found}, not {expected}"),
            ..Fault::custom("")
        }
    }

    fn invalid_value(found: Unexpected, expected: &dyn Expected) -> Fault {
        Fault::invalid_type(found, expected)
    }

    fn unknown_variant(word: &str, words: &'static [&'static str]) -> Fault {
        Fault {
            message: format!("is `{word}`, not one of {}", words.join(", ")),
            ..Fault::custom("")
        }
    }

    fn missing_field(field: &'static str) -> Fault {
        Fault {
            message: "is missing".to_owned(),
            missing: Some(field),
            ..Fault::custom("")
        }
    }
}

#[derive(Clone, Copy)]
enum Content<'a> {
    Value(&'a DeValue<'a>),
    Table(&'a DeTable<'a>),
    StandIn,
}

/// A value, and where it is.
struct Node<'a> {
    value: Content<'a>,
    path: String,
    start: usize,
    found: &'a Found,
}

impl<'a> Node<'a> {
    fn table(&self) -> Option<&'a DeTable<'a>> {
        match self.value {
            Content::Table(table) => Some(table),
            Content::Value(value) => value.as_table(),
            Content::StandIn => None,
        }
    }

    fn is_stand_in(&self) -> bool {
        matches!(self.value, Content::StandIn)
    }

    /// What belongs to `path` inside of this one; nothing there is a stand-in's place.
    fn inside(&self, path: String, value: Option<&'a toml::Spanned<DeValue<'a>>>) -> Node<'a> {
        let is_replaced = self.found.replaced.borrow().contains(&path);
        let kept = value.filter(|_| !is_replaced);
        Node {
            value: kept.map_or(Content::StandIn, |value| Content::Value(value.get_ref())),
            start: value.map_or(self.start, |value| value.span().start),
            path,
            found: self.found,
        }
    }

    fn key(&self, key: &str) -> String {
        match self.path.as_str() {
            "" => key.to_owned(),
            path => format!("{path}.{key}"),
        }
    }

    fn stand_in_text(&self) -> &'static str {
        let misfits = self.found.misfits.borrow();
        STAND_INS[misfits.get(&self.path).copied().unwrap_or(0)]
    }

    /// The entries of a table, for which a struct has these fields.
    fn fields(&self, fields: &'static [&'static str]) -> Entries<'a> {
        let Some(table) = self.table() else {
            let all = fields
                .iter()
                .map(|field| self.inside(self.key(field), None));
            return Entries::new(fields.iter().map(|field| (*field).to_owned()).zip(all));
        };
        let mut entries = Vec::new();
        for (key, value) in table.iter() {
            let path = self.key(key.get_ref());
            if fields.contains(&key.get_ref().as_ref()) {
                entries.push((key.get_ref().to_string(), self.inside(path, Some(value))));
            } else {
                let message = format!("means nothing; the keys there are {}", fields.join(", "));
                self.found.note(key.span().start, &path, message);
            }
        }
        let absent = fields.iter().filter(|field| !table.contains_key(**field));
        for field in absent {
            let path = self.key(field);
            if self.found.replaced.borrow().contains(&path) {
                entries.push(((*field).to_owned(), self.inside(path, None)));
            }
        }
        Entries::new(entries.into_iter())
    }

    /// Says of a key that is missing where it is.
    fn lacking<T>(&self, read: Result<T, Fault>) -> Result<T, Fault> {
        read.map_err(|fault| match (&fault.path, fault.missing) {
            (None, Some(key)) => Fault {
                path: Some(self.key(key)),
                start: self.start,
                of_stand_in: self.is_stand_in(),
                ..fault
            },
            _ => fault,
        })
    }

    /// Reads the value; a fault says where it is.
    fn read<'de, S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Fault> {
        let (path, start, of_stand_in) = (self.path.clone(), self.start, self.is_stand_in());
        seed.deserialize(self).map_err(|fault| match fault.path {
            Some(_) => fault,
            None => Fault {
                path: Some(path),
                start,
                of_stand_in,
                ..fault
            },
        })
    }

    fn visit<'de, V: Visitor<'de>>(&self, visitor: V) -> Result<V::Value, Fault> {
        let fault = |what: &dyn Display| <Fault as serde::de::Error>::custom(what);
        if let Some(table) = self.table() {
            let inside = |(key, value): (&'a toml::Spanned<_>, _)| {
                let key: &std::borrow::Cow<'_, str> = key.get_ref();
                (key.to_string(), self.inside(self.key(key), Some(value)))
            };
            return visitor.visit_map(Entries::new(table.iter().map(inside)));
        }
        let Content::Value(value) = self.value else {
            return visitor.visit_str(self.stand_in_text());
        };
        match value {
            DeValue::String(text) => visitor.visit_str(text),
            DeValue::Boolean(truth) => visitor.visit_bool(*truth),
            DeValue::Integer(number) => {
                let parsed = i64::from_str_radix(number.as_str(), number.radix());
                visitor.visit_i64(parsed.map_err(|error| fault(&error))?)
            }
            DeValue::Float(number) => visitor.visit_f64(
                number
                    .as_str()
                    .parse::<f64>()
                    .map_err(|error| fault(&error))?,
            ),
            DeValue::Array(items) => {
                let inside =
                    |(number, item)| self.inside(format!("{}[{number}]", self.path), Some(item));
                visitor.visit_seq(Items(items.iter().enumerate().map(inside).collect()))
            }
            DeValue::Datetime(_) | DeValue::Table(_) => Err(fault(&"a date belongs in quotes")),
        }
    }
}

/// A method that a stand-in answers with a value of the wanted type.
macro_rules! stand_in {
    ($($method:ident => $visit:ident($value:expr);)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            match self.is_stand_in() {
                true => visitor.$visit($value),
                false => self.visit(visitor),
            }
        }
    )+};
}

impl<'de> Deserializer<'de> for Node<'_> {
    type Error = Fault;

    stand_in! {
        deserialize_bool => visit_bool(false);
        deserialize_u8 => visit_u8(1);
        deserialize_u16 => visit_u16(1);
        deserialize_u32 => visit_u32(1);
        deserialize_u64 => visit_u64(1);
        deserialize_i64 => visit_i64(1);
        deserialize_f64 => visit_f64(1.0);
        deserialize_seq => visit_seq(SeqDeserializer::<_, Fault>::new(std::iter::empty::<u8>()));
        deserialize_map => visit_map(MapDeserializer::<_, Fault>::new(std::iter::empty::<(u8, u8)>()));
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.visit(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.is_stand_in() {
            true => visitor.visit_none(),
            false => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let is_other = self.table().is_none() && !self.is_stand_in();
        self.lacking(match is_other {
            true => self.visit(visitor),
            false => visitor.visit_map(self.fields(fields)),
        })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let word = match self.value {
            Content::Value(value) => value.as_str().unwrap_or_default(),
            _ => variants.first().copied().unwrap_or_default(),
        };
        visitor.visit_enum(StrDeserializer::<Fault>::new(word))
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i128 u128 f32 char str string bytes byte_buf unit unit_struct tuple
        tuple_struct identifier ignored_any
    }
}

/// A table's entries, the next one last.
struct Entries<'a>(Vec<(String, Node<'a>)>);

impl<'a> Entries<'a> {
    fn new(entries: impl Iterator<Item = (String, Node<'a>)>) -> Entries<'a> {
        let mut entries: Vec<_> = entries.collect();
        entries.reverse();
        Entries(entries)
    }
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        let key = self.0.last().map(|(key, _)| StrDeserializer::new(key));
        key.map(|key| seed.deserialize(key)).transpose()
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        let (_, node) = self.0.pop().expect("its key came before it");
        node.read(seed)
    }
}

struct Items<'a>(std::collections::VecDeque<Node<'a>>);

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Fault;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Fault> {
        let node = self.0.pop_front();
        node.map(|node| node.read(seed)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Kind;

    #[test]
    fn every_mistake_is_found_at_its_line_and_key() {
        let text = include_str!("../../templates/services/redis.toml");
        assert_eq!(mistakes::<Kind>(text), []);
        for (from, to, said) in [
            (
                "title = ",
                "titel = ",
                "`titel` means nothing; the keys there are title, ",
            ),
            ("title = ", "titel = ", "`title` is missing"),
            (
                "keeps-data = true",
                "keeps-data = \"yes\"",
                "`keeps-data` is string \"yes\", not a boolean",
            ),
            (
                "hosting = \"self-hosted\"",
                "hosting = \"mine\"",
                "`hosting` is `mine`, not one of self-hosted, cloud-only",
            ),
            (
                "role = \"cache\"",
                "role = \"post\"",
                "`roles[0].role` cannot be read: `post` is not a role",
            ),
            (
                "retries = ",
                "retrys = ",
                "`container.healthcheck.retries` is missing",
            ),
            (
                "[container.memory]\n",
                "[container.memory]\nlimt = 1\n",
                "`container.memory.limt` means nothing; the keys there are minimum, limit",
            ),
            (
                "reviewed = \"2",
                "reviewed = \"x2",
                "`facts.reviewed` cannot be read: expected a date such as \"2026-11-22\"",
            ),
        ] {
            let wrong = text.replacen(from, to, 1);
            assert_ne!(wrong, text, "{from}");
            let found: Vec<String> = mistakes::<Kind>(&wrong)
                .iter()
                .map(|mistake| mistake.to_string())
                .collect();
            assert!(
                found.iter().any(|line| line.contains(said)),
                "{said} in {found:#?}"
            );
        }
    }
}
