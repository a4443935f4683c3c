//! A table of a YAML file that is being read: each key once, and other tables merged in by `<<`.

use std::collections::HashMap;
use std::sync::Arc;

use crate::compose_file::fault::{Fault, Read};
use crate::compose_file::map::Map;
use crate::compose_file::node::{Node, Place, Value};
use crate::finding::quoted;

/// The key that takes in another table.
pub(super) const MERGE: &str = "<<";

/// So many keys are looked through for one that is said twice; further ones are looked up.
const FEW: usize = 16;

/// Keys and values as they come.
#[derive(Default)]
pub(super) struct Table {
    entries: Vec<(Arc<str>, Node)>,
    /// The key whose value comes next.
    key: Option<(Key, Place)>,
    /// The first keys, and where they are written.
    first: Vec<(Arc<str>, Place)>,
    /// All further ones.
    further: HashMap<Arc<str>, Place>,
    merged: Vec<Node>,
}

enum Key {
    Named(Arc<str>),
    Merge,
}

impl Table {
    /// Where the key is written whose value comes next.
    pub fn place_of_key(&self) -> Option<Place> {
        self.key.as_ref().map(|(_, place)| *place)
    }

    /// Takes a key, or the value of the last one. Where that is the first value, the place of its key.
    pub fn take(&mut self, node: Node, is_merge_key: bool) -> Read<Option<Place>> {
        let (name, place) = match self.key.take() {
            None => {
                self.key = Some(self.new_key(node, is_merge_key)?);
                return Ok(None);
            }
            Some((Key::Merge, _)) => {
                self.merged.push(node);
                return Ok(None);
            }
            Some((Key::Named(name), place)) => (name, place),
        };
        let mut node = node;
        if node.is_null() && node.place.start == node.place.end {
            node.place = place;
        }
        self.entries.push((name, node));
        Ok((self.entries.len() == 1).then_some(place))
    }

    /// The whole table: what is merged in stands below what it says itself.
    pub fn finish(self) -> Read<Map> {
        let mut sources = Vec::new();
        for merged in self.merged {
            take_sources(merged, &mut sources)?;
        }
        // Of two entries with the same key the later one stays.
        let below = sources.into_iter().rev().flatten();
        Ok(below.chain(self.entries).collect())
    }

    fn new_key(&mut self, node: Node, is_merge: bool) -> Read<(Key, Place)> {
        let place = node.place;
        let Value::Text(name) = node.value else {
            return Err(no_key(place));
        };
        if let Some(first) = self.said_at(&name) {
            return Err(Fault::at(place, format!("{} is said twice", quoted(&name)))
                .and(first, "said here already")
                .help("keep one of them"));
        }
        if self.first.len() < FEW {
            self.first.push((name.clone(), place));
        } else {
            self.further.insert(name.clone(), place);
        }
        let key = match is_merge {
            true => Key::Merge,
            false => Key::Named(name),
        };
        Ok((key, place))
    }

    /// Where a key is written already.
    fn said_at(&self, name: &str) -> Option<Place> {
        let mut first = self.first.iter();
        let found = first.find(|(other, _)| **other == *name);
        let found = found.map(|(_, place)| place);
        found.or_else(|| self.further.get(name)).copied()
    }
}

/// The tables that are merged in, the first one over those behind it.
fn take_sources(merged: Node, sources: &mut Vec<Map>) -> Read<()> {
    let place = merged.place;
    match merged.value {
        Value::Map(source) => {
            sources.push(source);
            Ok(())
        }
        Value::List(list) if list.iter().all(|source| source.map().is_some()) => list
            .into_iter()
            .try_for_each(|source| take_sources(source, sources)),
        _ => Err(Fault::at(
            place,
            "only a table, or a list of tables, can be merged in by `<<`",
        )),
    }
}

/// What is no text where a key is asked for.
pub(super) fn no_key(place: Place) -> Box<Fault> {
    Fault::at(place, "a key must be a text").help("write it in quotes")
}
