//! Tables of compose files: entries in the order of their keys, which is the order that Compose itself prints.
//!
//! Most tables hold a few entries, and a service is asked for dozens of keys that it does not say. So the entries
//! lie side by side, and are looked through. Tables of thousands are made at once by `collect` and `extend`.

use std::sync::Arc;

use crate::compose_file::node::Node;

/// From this many entries on a key is looked for in halves.
const MANY: usize = 16;

/// A table, in the order of its keys.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map {
    /// Each key once, in their order.
    entries: Vec<(Arc<str>, Node)>,
}

impl Map {
    /// A table without entries.
    pub const fn new() -> Map {
        Map {
            entries: Vec::new(),
        }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value under a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        let at = self.find(key)?;
        Some(&self.entries[at].1)
    }

    /// The value under a key, to change.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        let at = self.find(key)?;
        Some(&mut self.entries[at].1)
    }

    /// Whether there is a key.
    pub fn contains_key(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    /// Sets what stands under a key.
    pub fn insert(&mut self, key: impl Into<Arc<str>>, node: Node) {
        let key = key.into();
        match self.place(&key) {
            Ok(at) => self.entries[at].1 = node,
            Err(at) => self.entries.insert(at, (key, node)),
        }
    }

    /// The value under a key, which is made if there is none.
    pub fn get_or_insert_with(&mut self, key: &str, node: impl FnOnce() -> Node) -> &mut Node {
        let at = self.place(key).unwrap_or_else(|at| {
            self.entries.insert(at, (key.into(), node()));
            at
        });
        &mut self.entries[at].1
    }

    /// Takes out what stands under a key.
    pub fn remove(&mut self, key: &str) -> Option<Node> {
        let at = self.find(key)?;
        Some(self.entries.remove(at).1)
    }

    /// Keeps the entries of which `stays` holds.
    pub fn retain(&mut self, mut stays: impl FnMut(&Arc<str>, &mut Node) -> bool) {
        self.entries.retain_mut(|(key, node)| stays(key, node));
    }

    /// The entries in their order.
    pub fn iter(&self) -> Iter<'_> {
        self.entries.iter().map(|(key, node)| (key, node))
    }

    /// The entries in their order, with values to change.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Arc<str>, &mut Node)> {
        self.entries.iter_mut().map(|(key, node)| (&*key, node))
    }

    /// The keys in their order.
    pub fn keys(&self) -> impl Iterator<Item = &Arc<str>> {
        self.entries.iter().map(|(key, _)| key)
    }

    /// The values in the order of their keys.
    pub fn values(&self) -> impl Iterator<Item = &Node> {
        self.entries.iter().map(|(_, node)| node)
    }

    /// The values in the order of their keys, to change.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Node> {
        self.entries.iter_mut().map(|(_, node)| node)
    }

    fn find(&self, key: &str) -> Option<usize> {
        match self.entries.len() < MANY {
            true => self.entries.iter().position(|(own, _)| **own == *key),
            false => self.place(key).ok(),
        }
    }

    /// Where a key is, or where it would be.
    fn place(&self, key: &str) -> Result<usize, usize> {
        // What is made in order is added at the end.
        match self.entries.last() {
            Some((last, _)) if **last < *key => Err(self.entries.len()),
            _ => self.entries.binary_search_by(|(own, _)| (**own).cmp(key)),
        }
    }

    /// Brings new entries into their order; of two with the same key the later one stays.
    fn settle(&mut self) {
        let is_settled = |pair: &[(Arc<str>, Node)]| pair[0].0 < pair[1].0;
        if self.entries.windows(2).all(is_settled) {
            return;
        }
        self.entries.sort_by(|(one, _), (other, _)| one.cmp(other));
        self.entries.dedup_by(|later, kept| {
            let is_same = later.0 == kept.0;
            if is_same {
                std::mem::swap(later, kept);
            }
            is_same
        });
    }
}

/// The entries of a table.
pub type Iter<'a> = std::iter::Map<
    std::slice::Iter<'a, (Arc<str>, Node)>,
    fn(&'a (Arc<str>, Node)) -> (&'a Arc<str>, &'a Node),
>;

impl<'a> IntoIterator for &'a Map {
    type Item = (&'a Arc<str>, &'a Node);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl IntoIterator for Map {
    type Item = (Arc<str>, Node);
    type IntoIter = std::vec::IntoIter<(Arc<str>, Node)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl Extend<(Arc<str>, Node)> for Map {
    fn extend<I: IntoIterator<Item = (Arc<str>, Node)>>(&mut self, entries: I) {
        self.entries.extend(entries);
        self.settle();
    }
}

impl FromIterator<(Arc<str>, Node)> for Map {
    fn from_iter<I: IntoIterator<Item = (Arc<str>, Node)>>(entries: I) -> Map {
        let mut map = Map {
            entries: entries.into_iter().collect(),
        };
        map.settle();
        map
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::compose_file::node::{Place, Value};

    fn node(number: usize) -> Node {
        let number = i64::try_from(number).expect("it is small");
        Node::new(Value::Whole(number), Place::default())
    }

    fn said(map: &Map) -> Vec<(String, Node)> {
        let entries = map.iter();
        entries
            .map(|(key, node)| (key.to_string(), node.clone()))
            .collect()
    }

    #[test]
    fn a_table_holds_each_key_once_in_their_order() {
        // Keys in no order, many of them more than once, in tables that are small and large.
        for n_entries in [0, 1, 5, MANY, 40, 500] {
            let key = |number: usize| format!("k{}", number * 7_919 % (n_entries / 2 + 1));
            let pairs = (0..n_entries).map(|number| (Arc::from(key(number)), node(number)));
            let sorted: BTreeMap<String, Node> = (0..n_entries)
                .map(|number| (key(number), node(number)))
                .collect();
            let wanted: Vec<(String, Node)> = sorted.into_iter().collect();
            let collected: Map = pairs.clone().collect();
            let (mut inserted, mut extended) = (Map::new(), Map::new());
            for (at, (key, node)) in pairs.enumerate() {
                inserted.insert(key.clone(), node.clone());
                if at % 3 == 0 {
                    extended.insert(key, node);
                } else {
                    extended.extend([(key, node)]);
                }
            }
            for map in [collected, inserted, extended] {
                assert_eq!(said(&map), wanted);
                assert!(wanted.iter().all(|(key, node)| map.get(key) == Some(node)));
                assert_eq!((map.get("k"), map.get("z")), (None, None));
            }
        }
    }

    #[test]
    fn entries_are_taken_out_and_made_where_they_belong() {
        let keys = ["b", "d", "f"].map(|key| (Arc::from(key), node(0)));
        let mut map: Map = keys.into_iter().collect();
        for key in ["a", "c", "d", "g"] {
            map.get_or_insert_with(key, || node(1)).value = Value::Null;
        }
        assert_eq!(map.remove("f"), Some(node(0)));
        assert_eq!(map.remove("f"), None);
        map.retain(|key, _| &**key != "b");
        let keys: Vec<&str> = map.keys().map(|key| &**key).collect();
        assert_eq!(keys, ["a", "c", "d", "g"]);
        assert!(map.values().all(Node::is_null));
    }
}
