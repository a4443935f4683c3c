//! Where an answer runs in each environment: by tier, beside what is there already.
//!
//! Local and test environments have everything in one place. Development gives services a host of their own, staging
//! and production one that runs no app. What only a provider runs is replaced by its stand-in below staging.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::catalog::Kind;
use crate::model::{ComponentName, Edit, EnvironmentName, Plan, Role, Tier};
use crate::suggest::rooms::Rooms;
use crate::suggest::{Answer, AnswerSource, Basis};

/// Where a new service runs in every environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Everywhere {
    /// The host of each environment that has one, by their names; it may be new.
    pub hosts: Vec<(EnvironmentName, String)>,
    /// The edits that let it run there.
    pub edits: Vec<Edit>,
}

/// Lets a new service that somebody wants in every environment run where an answer to its usual role would, and
/// near those who use it.
pub fn everywhere(
    basis: &Basis,
    service: &str,
    kind: Arc<Kind>,
    users: &[ComponentName],
) -> Everywhere {
    let Some(role) = kind.usual_role() else {
        return Everywhere::default();
    };
    let answer = Answer {
        service: service.to_owned(),
        kind,
        source: AnswerSource::New,
        reason: String::new(),
        lack: None,
    };
    let mut layout = Layout::of(basis);
    let places = &mut layout.places;
    let rooms = layout.environments.iter_mut();
    let edits = rooms
        .flat_map(|rooms| rooms.place_anyway(basis, places, &answer, role, users))
        .collect();
    let rooms = layout.environments.iter();
    let hosts = rooms.filter_map(|rooms| {
        Some((
            rooms.environment.clone(),
            rooms.host_of(service)?.to_owned(),
        ))
    });
    Everywhere {
        hosts: hosts.collect(),
        edits,
    }
}

/// The hosts of all environments, with what is new on them.
pub(super) struct Layout<'a> {
    basis: &'a Basis<'a>,
    environments: Vec<Rooms>,
    places: Places,
}

/// Addresses that keep the place of real ones; each is given once, as one address is one machine.
pub(super) struct Places {
    taken: BTreeSet<String>,
}

impl Places {
    /// Beside the addresses that a plan says.
    pub fn of(plan: &Plan) -> Places {
        let hosts = plan.environments.values().flat_map(|it| it.hosts.values());
        let said = hosts.filter_map(|host| host.address.as_ref());
        Places {
            taken: said.map(|address| address.as_str().to_owned()).collect(),
        }
    }

    /// One that is free.
    pub fn next(&mut self) -> String {
        let numbers = (11..255).map(|number| format!("192.0.2.{number}"));
        let names = (1..).map(|number| format!("host-{number}.example"));
        let mut all = numbers.chain(names);
        let free = all.find(|address| self.taken.insert(address.clone()));
        free.expect("there are more numbers than hosts")
    }
}

impl<'a> Layout<'a> {
    pub fn of(basis: &'a Basis<'a>) -> Layout<'a> {
        let plan = basis.plan;
        let environments = plan.environments.iter();
        let environments = environments.map(|(name, declared)| Rooms::of(basis, name, declared));
        Layout {
            basis,
            environments: environments.collect(),
            places: Places::of(plan),
        }
    }

    /// The edits that let an answer run wherever those run who use it, and does not run yet; `reaches` is what it
    /// connects to itself.
    pub fn place(
        &mut self,
        answer: &Answer,
        role: Role,
        users: &[ComponentName],
        reaches: &[String],
    ) -> Vec<Edit> {
        self.place_where(|_| true, answer, role, users, reaches)
    }

    /// As `place`, in the environments of some tiers alone.
    pub fn place_in_tiers(
        &mut self,
        tiers: &[Tier],
        answer: &Answer,
        role: Role,
        users: &[ComponentName],
    ) -> Vec<Edit> {
        let wanted = |rooms: &Rooms| rooms.tier.is_some_and(|tier| tiers.contains(&tier));
        self.place_where(wanted, answer, role, users, &[])
    }

    /// As `place`, in the environments for which `wanted` holds alone.
    pub fn place_in(
        &mut self,
        wanted: impl Fn(&EnvironmentName) -> bool,
        answer: &Answer,
        role: Role,
        users: &[ComponentName],
    ) -> Vec<Edit> {
        self.place_where(|rooms| wanted(&rooms.environment), answer, role, users, &[])
    }

    fn place_where(
        &mut self,
        wanted: impl Fn(&Rooms) -> bool,
        answer: &Answer,
        role: Role,
        users: &[ComponentName],
        reaches: &[String],
    ) -> Vec<Edit> {
        let (basis, places) = (self.basis, &mut self.places);
        let rooms = self.environments.iter_mut();
        let rooms = rooms.filter(|rooms| wanted(rooms));
        rooms
            .flat_map(|rooms| rooms.place(basis, places, answer, role, users, reaches))
            .collect()
    }

    /// Those of some components that an environment runs itself, on machines or in clusters.
    pub fn run_here<'n>(
        &self,
        environment: &EnvironmentName,
        names: &'n [ComponentName],
    ) -> Vec<&'n ComponentName> {
        let mut rooms = self.environments.iter();
        let rooms = rooms.find(|rooms| rooms.environment == *environment);
        rooms.map_or_else(Vec::new, |rooms| rooms.run_here(names))
    }
}
