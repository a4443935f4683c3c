//! Which ports of a component are reached from beyond its host, and whether it asks who comes.

use std::collections::BTreeSet;

use crate::compare::why::{self, Judgement};
use crate::topology::{Component, Reach, Topology};

/// What of a component is open beyond its host.
#[derive(Default)]
pub(super) struct Openings {
    said: BTreeSet<String>,
    to_all: bool,
    asks_nobody: bool,
}

impl Openings {
    pub fn of(topology: &Topology, component: &Component) -> Openings {
        let publications = topology
            .instances_of(&component.name)
            .flat_map(|instance| topology.publications_of(instance));
        let open = publications.filter(|open| open.reach > Reach::Machine);
        let mut openings = Openings::default();
        for open in open {
            let whom = match open.reach {
                Reach::World => "everybody",
                _ => "other hosts",
            };
            openings
                .said
                .insert(format!("{} to {whom}", open.said_ports()));
            openings.to_all |= open.reach == Reach::World;
            openings.asks_nobody = component.open_door().is_some();
        }
        openings
    }

    /// As it is shown; nothing where nothing is open.
    pub fn shown(&self) -> Option<String> {
        let said: Vec<&str> = self.said.iter().map(String::as_str).collect();
        let asks = if self.asks_nobody {
            ", without a password"
        } else {
            ""
        };
        (!said.is_empty()).then(|| format!("{}{asks}", said.join(", ")))
    }

    /// How much a difference from others matters.
    pub fn judged(&self, other: &Openings) -> Judgement {
        match self {
            _ if self.asks_nobody != other.asks_nobody => why::OPEN_TO_ANYBODY,
            _ if self.to_all != other.to_all => why::OPEN_TO_ALL,
            _ => why::OPEN_TO_HOSTS,
        }
    }
}
