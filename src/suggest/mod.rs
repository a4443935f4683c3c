//! From needs to services: which kind answers which need, why, what else was thought of, and where it runs.
//!
//! All of it is decided here and nowhere else: rules, the command line and the app ask these functions. The
//! preferences are data, in the stacks of the catalog; what kinds can do is data, in their files. Nothing here
//! knows a kind by its name, and nothing is suggested that no need asked for.

mod begin;
mod choose;
mod copies;
mod decide;
mod edits;
mod expected;
mod growth;
mod hint;
mod layout;
mod need;
mod outlook;
mod overlay;
mod refuse;
mod remarks;
mod rooms;
mod target;
mod typed;

#[cfg(test)]
mod testing;

use std::sync::Arc;

use crate::catalog::{self, Catalog, Kind, Rejected, Stack};
use crate::model::{ComponentName, Plan, Role};

pub use begin::{
    BeginError, Begun, NewApp, NewPlan, asked_about, expected_edits, new_plan, usual_host,
};
pub use decide::{accepting, chosen, decide, suggestions};
pub use edits::{edits, new_use};
pub use expected::{Expected, Lack, any_of, fills_well, lack, missing};
pub use growth::{Move, move_edits, moves};
pub use hint::{HintError, WantedNeed};
pub use layout::{Everywhere, everywhere};
pub use need::{Filled, all_needs, kind_of, open_needs};
pub use outlook::{Grown, grown, offers, place_words};
pub use overlay::{Overlay, overlay, overlay_name};
pub use refuse::{check_apps, check_named, check_required};
pub use remarks::applied;
pub use typed::{environment, taken_for, words};

/// What answers when nobody has chosen.
pub const DEFAULT_STACK: &str = "default";

/// What suggestions are made from.
#[derive(Clone)]
pub struct Basis<'a> {
    /// The plan; an empty one if there is none.
    pub plan: &'a Plan,
    /// What is known about kinds.
    pub catalog: &'a Catalog,
    /// The set of defaults that answers.
    pub stack: Arc<Stack>,
    /// The founding set, which answers what that one does not.
    founding: Option<Arc<Stack>>,
}

impl<'a> Basis<'a> {
    /// With the stack that is named, or the plan's, or the founding one; `None` if there is none of that name.
    pub fn of(plan: &'a Plan, catalog: &'a Catalog, named: Option<&str>) -> Option<Basis<'a>> {
        let id = named.or(plan.stack.as_deref()).unwrap_or(DEFAULT_STACK);
        Some(Basis {
            plan,
            catalog,
            stack: catalog.stack(id)?,
            founding: catalog.stack(DEFAULT_STACK),
        })
    }

    /// The answer to a role: of the stack, or else of the founding one.
    pub fn answer(&self, role: Role) -> Option<&catalog::Answer> {
        let founding = || self.founding.as_ref()?.answer(role);
        self.stack.answer(role).or_else(founding)
    }

    /// What is said before a reason where the founding stack answers in place of another.
    fn in_place(&self, role: Role) -> String {
        match self.stack.answer(role) {
            Some(_) => String::new(),
            None => format!(
                "the stack `{}` has no answer of its own, so that of the founding defaults: ",
                self.stack.id
            ),
        }
    }

    /// As `of`, with the founding stack where the plan names one that is not there.
    pub fn of_plan(plan: &'a Plan, catalog: &'a Catalog) -> Option<Basis<'a>> {
        Basis::of(plan, catalog, None).or_else(|| Basis::of(plan, catalog, Some(DEFAULT_STACK)))
    }
}

/// A role that is needed, and who needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The role.
    pub role: Role,
    /// Who asks for it: apps, or the services of which copies or data are to be kept.
    pub asked_by: Vec<ComponentName>,
    /// Why it is needed, where no app says so itself.
    pub cause: Cause,
}

/// Why a role is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// An app says that it needs it, or somebody asked.
    Said,
    /// Another need brings it along: without it, the answer to that is of little use.
    ComesWith(Role),
    /// A service that answers another need keeps its data in one of this role.
    KeepsIn(Role),
    /// What fills it now does not do it well.
    Instead,
    /// Production runs services itself whose data only a copy brings back.
    Copies,
}

/// A need and what answers it.
#[derive(Clone, Debug)]
pub struct Suggestion {
    /// The need.
    pub need: Need,
    /// What is expected of the answer.
    pub expected: Expected,
    /// The answer; `None` if the stack has none.
    pub answer: Option<Answer>,
    /// What was not chosen, and why; what was nearest first.
    pub rejected: Vec<Rejected>,
}

/// What answers a need.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The service's name.
    pub service: String,
    /// What it is.
    pub kind: Arc<Kind>,
    /// Where the service comes from.
    pub source: AnswerSource,
    /// Why this one.
    pub reason: String,
    /// What it does not do as asked, or only just.
    pub lack: Option<Lack>,
}

/// Where a service that answers a need comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerSource {
    /// Whoever asks uses it in this role already.
    Used,
    /// The plan declares it, and it can fill the role too.
    Declared,
    /// It is new.
    New,
}
