//! A stack: which kind answers which need, and why.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::model::{Choice, Date, Role};

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
                let kind = catalog.kind(&answer.kind);
                let by_id = kind.as_ref().is_some_and(|kind| kind.id == answer.kind);
                let fit = kind.as_ref().and_then(|kind| Some(kind.fit(role)?.fit));
                if !by_id || fit.is_none_or(|fit| fit == Fit::Poor) {
                    wrong.push(format!("{}: {role} by {}: {fit:?}", stack.id, answer.kind));
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
