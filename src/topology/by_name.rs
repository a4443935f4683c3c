//! What is known by the names of components, made once and then only asked: rules look up the ends of every use.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::ops::Index;

use crate::model::ComponentName;

/// As a `BTreeMap` by component name that nothing is added to any more. The names stand side by side, so that a
/// look-up touches little memory, and what they name has a number.
#[derive(Clone, Debug)]
pub struct ByName<V> {
    names: Vec<ComponentName>,
    values: Vec<V>,
}

impl<V> ByName<V> {
    /// What a component's name leads to.
    pub fn get<Q>(&self, name: &Q) -> Option<&V>
    where
        ComponentName: Borrow<Q>,
        Q: Ord + ?Sized,
    {
        self.number(name).map(|at| &self.values[at])
    }

    /// The same with the name as it stands here.
    pub fn get_key_value<Q>(&self, name: &Q) -> Option<(&ComponentName, &V)>
    where
        ComponentName: Borrow<Q>,
        Q: Ord + ?Sized,
    {
        let at = self.number(name)?;
        Some((&self.names[at], &self.values[at]))
    }

    /// Whether there is something of that name.
    pub fn contains_key<Q>(&self, name: &Q) -> bool
    where
        ComponentName: Borrow<Q>,
        Q: Ord + ?Sized,
    {
        self.number(name).is_some()
    }

    /// The names, in order.
    pub fn keys(&self) -> std::slice::Iter<'_, ComponentName> {
        self.names.iter()
    }

    /// What they lead to, in the order of the names.
    pub fn values(&self) -> std::slice::Iter<'_, V> {
        self.values.iter()
    }

    /// Both, in the order of the names.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&ComponentName, &V)> {
        self.names.iter().zip(&self.values)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The place of a name among all, if it is there.
    fn number<Q>(&self, name: &Q) -> Option<usize>
    where
        ComponentName: Borrow<Q>,
        Q: Ord + ?Sized,
    {
        let found = self.names.binary_search_by(|it| it.borrow().cmp(name));
        found.ok()
    }

    /// Adds what comes after all names that are there.
    pub(super) fn push(&mut self, name: ComponentName, value: V) {
        debug_assert!(self.names.last().is_none_or(|last| *last < name));
        self.names.push(name);
        self.values.push(value);
    }

    /// What has that number.
    pub(super) fn numbered(&self, number: usize) -> &V {
        &self.values[number]
    }
}

impl<V> Default for ByName<V> {
    fn default() -> Self {
        ByName {
            names: Vec::new(),
            values: Vec::new(),
        }
    }
}

impl<V> From<BTreeMap<ComponentName, V>> for ByName<V> {
    fn from(map: BTreeMap<ComponentName, V>) -> Self {
        let (names, values) = map.into_iter().unzip();
        ByName { names, values }
    }
}

impl<Q, V> Index<&Q> for ByName<V>
where
    ComponentName: Borrow<Q>,
    Q: Ord + ?Sized,
{
    type Output = V;

    /// What a name leads to that is known to be there.
    ///
    /// # Panics
    ///
    /// If it is not.
    fn index(&self, name: &Q) -> &V {
        self.get(name).expect("the name is there")
    }
}
