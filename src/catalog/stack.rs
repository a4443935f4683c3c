//! A stack: which kind answers which need, and why.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::catalog::container::size;
use crate::catalog::fit::{choices, period};
use crate::model::{ByteSize, Choice, Date, Demand, Period, Requirement, Role, SizeHint};

/// A set of defaults, as its file in `templates/stacks/` describes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Stack {
    /// The name in the catalog: the file's name without `.toml`.
    #[serde(skip)]
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// The day the answers were last reviewed; they age.
    pub reviewed: String,
    /// The provider that runs in production what it offers, as `managed` of the kinds names it; without
    /// one, whatever a machine can run is run on machines of one's own.
    pub provider: Option<String>,
    /// The answer to each need, by the role's name.
    answers: BTreeMap<String, Answer>,
}

/// The kind that answers a need.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Answer {
    /// The kind.
    pub kind: String,
    /// Why this one.
    pub reason: String,
    /// Kinds that answer it instead: the first whose conditions all hold. One without conditions answers
    /// where neither the first kind nor another can.
    #[serde(default)]
    pub otherwise: Vec<Otherwise>,
    /// What else was thought of, and why it was not chosen.
    #[serde(default)]
    pub rejected: Vec<Rejected>,
    /// Needs that come with this one: without them its answer is of little use.
    #[serde(default, deserialize_with = "choices")]
    pub brings: Vec<Role>,
}

/// A kind that answers a need under some conditions.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Otherwise {
    /// The kind.
    pub kind: String,
    /// Why this one then.
    pub reason: String,
    /// When; never by itself without conditions.
    #[serde(default)]
    pub when: When,
}

/// Conditions on what is expected; all that are said must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct When {
    /// One of these is required.
    #[serde(default, deserialize_with = "choices")]
    pub requires: Vec<Requirement>,
    /// No more than this is stored, and it is known how much.
    #[serde(default, deserialize_with = "size")]
    pub stored_at_most: Option<ByteSize>,
    /// At least this is stored.
    #[serde(default, deserialize_with = "size")]
    pub stored_from: Option<ByteSize>,
    /// At least so many writes a second are expected.
    pub writes_from: Option<u32>,
    /// It is kept for at least so long.
    #[serde(default, deserialize_with = "period")]
    pub kept_from: Option<Period>,
}

/// A kind that was not chosen.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rejected {
    /// The kind.
    pub kind: String,
    /// Why not.
    pub reason: String,
}

impl When {
    /// Whether everything that it says holds for what is expected; not if it says nothing.
    pub fn holds(&self, size: &SizeHint, demand: &Demand) -> bool {
        let required = |requirement| demand.requires.contains(requirement);
        let requires = self.requires.is_empty() || self.requires.iter().any(required);
        let at_most = |limit| size.stored.is_some_and(|stored| stored <= limit);
        let from = |limit| size.stored.is_some_and(|stored| stored >= limit);
        let writes = |limit| size.writes_per_second.is_some_and(|writes| writes >= limit);
        let kept = |limit| size.kept_for.is_some_and(|kept| kept >= limit);
        *self != When::default()
            && requires
            && self.stored_at_most.is_none_or(at_most)
            && self.stored_from.is_none_or(from)
            && self.writes_from.is_none_or(writes)
            && self.kept_from.is_none_or(kept)
    }
}

impl Stack {
    /// What answers `role`, if the set has an answer.
    pub fn answer(&self, role: Role) -> Option<&Answer> {
        self.answers.get(role.as_str())
    }

    /// Every answer with the role it is for, by the role's name.
    pub fn answers(&self) -> impl Iterator<Item = (Role, &Answer)> {
        let answers = self.answers.iter();
        answers.filter_map(|(role, answer)| Some((Role::find(role)?, answer)))
    }

    /// What is wrong with the file, if anything: a role that does not exist, a date that is none.
    pub fn problem(&self) -> Option<String> {
        if Date::parse(&self.reviewed).is_none() {
            return Some(format!("`reviewed` is not a date: {}", self.reviewed));
        }
        let unknown = self
            .answers
            .keys()
            .find(|role| Role::find(role).is_none())?;
        Some(format!("`{unknown}` is not a role"))
    }
}

#[cfg(test)]
mod tests {
    use crate::catalog::{Catalog, Fit};
    use crate::model::{Choice, Role};

    #[test]
    fn every_answer_is_a_kind_that_fills_the_role() {
        let catalog = Catalog::builtin();
        let mut wrong = Vec::new();
        for stack in catalog.stacks() {
            for (role, answer) in stack.answers() {
                let others = answer.otherwise.iter().map(|other| &other.kind);
                for id in std::iter::once(&answer.kind).chain(others) {
                    let kind = catalog.kind(id);
                    let by_id = kind.as_ref().is_some_and(|kind| kind.id == *id);
                    let fit = kind.as_ref().and_then(|kind| Some(kind.fit(role)?.fit));
                    if !by_id || fit.is_none_or(|fit| fit == Fit::Poor) {
                        wrong.push(format!("{}: {role} by {id}: {fit:?}", stack.id));
                    }
                }
                for rejected in &answer.rejected {
                    if catalog
                        .kind(&rejected.kind)
                        .is_none_or(|kind| kind.id != rejected.kind)
                    {
                        wrong.push(format!("{}: {role} rejects {}", stack.id, rejected.kind));
                    }
                }
            }
            if let Some(provider) = &stack.provider {
                let mut offers = catalog.kinds().flat_map(|kind| kind.managed.clone());
                if !offers.any(|offer| offer.provider == *provider) {
                    wrong.push(format!("{}: nobody is called {provider}", stack.id));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn the_founding_answers_are_what_the_founders_named_and_leave_no_need_open() {
        let stack = Catalog::builtin().stack("default").expect("there is one");
        let kind_for = |role| stack.answer(role).map(|answer| answer.kind.as_str());
        for (role, kind) in [
            (Role::Database, "postgres"),
            (Role::Files, "wasabi"),
            (Role::Backup, "wasabi"),
            (Role::Cache, "redis"),
            (Role::Session, "redis"),
            (Role::Queue, "redis"),
            (Role::Stream, "redis"),
            (Role::Search, "redis"),
            (Role::Metrics, "victoriametrics"),
            (Role::Logs, "elasticsearch"),
            (Role::Dashboard, "kibana"),
        ] {
            assert_eq!(kind_for(role), Some(kind), "{role}");
        }
        let open: Vec<&Role> = Role::ALL
            .iter()
            .filter(|role| kind_for(**role).is_none())
            .collect();
        assert_eq!(open, [] as [&Role; 0]);
    }

    #[test]
    fn the_self_hosted_answers_run_on_machines() {
        let catalog = Catalog::builtin();
        let stack = catalog.stack("self-hosted").expect("there is one");
        for (role, answer) in stack.answers() {
            let kind = catalog.kind(&answer.kind).expect("another test says so");
            assert!(kind.runs_on_machines(), "{role} by {}", answer.kind);
        }
    }
}
