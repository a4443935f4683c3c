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
