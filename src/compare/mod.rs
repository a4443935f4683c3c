//! How two environments differ, how much each difference matters and why, and how much the two are alike.
//!
//! Only what a fault could hide in is compared: names of hosts, addresses and credentials differ everywhere and
//! are meant to, so that where they are all that differs it is said, and counts for nothing.

mod container;
mod facts;
mod openings;
mod told;
mod why;

use std::collections::BTreeSet;

use crate::catalog::Catalog;
use crate::model::{Aspect, ComponentName, Plan};
use crate::topology::Topology;

/// Points that a component brings to the score.
const POINTS: u32 = 10;

/// An environment of a plan.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// The plan as declared.
    pub plan: &'a Plan,
    /// The environment.
    pub topology: &'a Topology,
    /// All environments of the plan: the one may borrow from others.
    pub all: &'a [Topology],
    /// What is known about kinds.
    pub catalog: &'a Catalog,
}

/// What two environments have in common, and what not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// What differs: what matters most first, then by component.
    pub differences: Vec<Difference>,
    /// How much they are alike, from 0 to 100.
    ///
    /// Every component brings ten points. A difference that matters much takes five of its component's, one that
    /// matters some two, and one that the plan accepts none. The score is the part that is left.
    pub score: u32,
    /// How many components were compared.
    pub components: usize,
}

/// Something that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Whose it is.
    pub component: ComponentName,
    /// In what they differ.
    pub aspect: Aspect,
    /// What of it, where it can be several things: what is used, the setting, the variable.
    pub detail: Option<String>,
    /// What holds in the first environment; nothing if there is nothing of the sort.
    pub left: Option<String>,
    /// What holds in the second.
    pub right: Option<String>,
    /// How much it matters.
    pub weight: Weight,
    /// Why it matters that much.
    pub why: &'static str,
    /// Why the plan accepts it.
    pub accepted: Option<String>,
}

/// How much a difference matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// As environments always differ.
    Little,
    /// A fault can hide in it.
    Some,
    /// What holds in one says little about the other.
    Much,
}

impl Weight {
    /// The word on the screen and in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Weight::Little => "little",
            Weight::Some => "some",
            Weight::Much => "much",
        }
    }

    fn points(self) -> u32 {
        match self {
            Weight::Little => 0,
            Weight::Some => 2,
            Weight::Much => 5,
        }
    }
}

impl Comparison {
    /// The differences that the plan does not accept.
    pub fn unaccepted(&self) -> impl Iterator<Item = &Difference> {
        let differences = self.differences.iter();
        differences.filter(|difference| difference.accepted.is_none())
    }
}

/// What differs of some components, whether the plan accepts it or not, for each of them.
pub fn differences_of<'n>(
    left: Side,
    right: Side,
    names: impl Iterator<Item = &'n ComponentName>,
) -> impl Iterator<Item = Vec<Difference>> {
    let told = [told::Told::of(&left), told::Told::of(&right)];
    names.map(move |name| {
        let mut found = facts::of_component(&left, &right, name);
        let [told_left, told_right] = &told;
        found.extend(told::differences(
            (&left, told_left),
            (&right, told_right),
            name,
        ));
        found
    })
}

/// What differs between two environments, of one plan or of two versions of it. What the plan of `right` accepts
/// is accepted.
pub fn compare(left: Side, right: Side) -> Comparison {
    let names: BTreeSet<&ComponentName> = left
        .topology
        .components
        .keys()
        .chain(right.topology.components.keys())
        .collect();
    let mut differences: Vec<Difference> = Vec::new();
    let mut points = 0;
    let found = differences_of(left, right, names.iter().copied());
    for (name, mut found) in names.iter().zip(found) {
        for difference in &mut found {
            let reason = right.plan.accepts(name, difference.aspect);
            difference.accepted = reason.map(str::to_owned);
        }
        let taken = found
            .iter()
            .filter(|difference| difference.accepted.is_none())
            .map(|difference| difference.weight.points());
        points += POINTS.saturating_sub(taken.sum());
        differences.extend(found);
    }
    differences.sort_by_key(|difference| std::cmp::Reverse(difference.weight));
    let whole = POINTS * names.len() as u32;
    Comparison {
        differences,
        score: (points * 100).checked_div(whole).unwrap_or(100),
        components: names.len(),
    }
}
