//! What a user wants changed, as edits of the plan: adding, renaming, moving, connecting, taking away.
//!
//! Every function here is asked of a plan as it is declared, and answers with edits for `source::apply` or with
//! a sentence that says why not. Nothing is applied here.

mod add;
mod between;
mod property;
mod remove;
mod rename;

pub use add::{
    Site, add_app, add_environment, add_host, add_service, address, copy_environment, free_name,
    port,
};
pub use between::{accept_difference, connect, disconnect, move_to, place, set_level, take_off};
pub use property::{Extent, Property, named, properties, reset, set};
pub use remove::{Removal, remove};
pub use rename::{name_plan, rename};

use crate::model::{ComponentName, Edit, EnvironmentName, HostName, NameError, Plan, PlanPath};

/// A change of the plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What it does, as an order: "move db to data-1".
    pub title: String,
    /// The edits, applied in order.
    pub edits: Vec<Edit>,
}

/// Something that has a name in the plan.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Named {
    /// An app or a service.
    Component(ComponentName),
    /// A host of an environment.
    Host(EnvironmentName, HostName),
    /// An environment.
    Environment(EnvironmentName),
}

impl Named {
    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Named::Component(name) => name.as_str(),
            Named::Host(_, name) => name.as_str(),
            Named::Environment(name) => name.as_str(),
        }
    }

    /// Where the plan declares it.
    pub fn path(&self, plan: &Plan) -> PlanPath {
        match self {
            Named::Component(name) => component_path(plan, name),
            Named::Host(environment, name) => PlanPath::host(environment.as_str(), name.as_str()),
            Named::Environment(name) => PlanPath::environment(name.as_str()),
        }
    }
}

/// Why a change cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// It is no name.
    #[error("the name {0}; use 1 to 63 of `a-z`, `0-9`, `-` and `_`, a letter or digit first")]
    Name(NameError),
    /// Something else is called so.
    #[error("`{0}` is there already")]
    Taken(String),
    /// Nothing is called so.
    #[error("there is no `{0}`")]
    Missing(String),
    /// The host belongs to another environment.
    #[error("`{host}` is borrowed from `{lender}`: change it there")]
    Borrowed {
        /// The host.
        host: HostName,
        /// Where it belongs to.
        lender: EnvironmentName,
    },
    /// Nothing would change.
    #[error("{0}")]
    Nothing(String),
    /// The value is none of those that may stand there.
    #[error("{0}")]
    Value(String),
}

impl From<NameError> for ChangeError {
    fn from(error: NameError) -> Self {
        ChangeError::Name(error)
    }
}

/// The table of a component.
fn component_path(plan: &Plan, name: &ComponentName) -> PlanPath {
    match plan.apps.contains_key(name) {
        true => PlanPath::app(name.as_str()),
        false => PlanPath::service(name.as_str()),
    }
}

/// The tables in which `component` may say something: its own, and one in each environment that overrides it.
fn tables_of(plan: &Plan, component: &ComponentName) -> Vec<PlanPath> {
    let mut tables = vec![component_path(plan, component)];
    for (name, environment) in &plan.environments {
        let sort = match () {
            () if environment.apps.contains_key(component) => "apps",
            () if environment.services.contains_key(component) => "services",
            () => continue,
        };
        let table = PlanPath::environment(name.as_str());
        tables.push(table.key(sort).key(component.as_str()));
    }
    if plan.differences.contains_key(component) {
        tables.push(PlanPath::keys(["differences", component.as_str()]));
    }
    tables
}

/// Every place where something says that it uses `target`.
fn uses_of(plan: &Plan, target: &ComponentName) -> Vec<(ComponentName, PlanPath)> {
    let mut found = Vec::new();
    let mut look = |above: PlanPath, user: &ComponentName, uses_it: bool| {
        if uses_it {
            let path = above.key(user.as_str()).key("uses").key(target.as_str());
            found.push((user.clone(), path));
        }
    };
    for (user, app) in &plan.apps {
        look(
            PlanPath::keys(["apps"]),
            user,
            app.uses.contains_key(target),
        );
    }
    for (user, service) in &plan.services {
        look(
            PlanPath::keys(["services"]),
            user,
            service.uses.contains_key(target),
        );
    }
    for (name, environment) in &plan.environments {
        let above = |sort| PlanPath::environment(name.as_str()).key(sort);
        for (user, app) in &environment.apps {
            look(above("apps"), user, app.uses.contains_key(target));
        }
        for (user, service) in &environment.services {
            look(above("services"), user, service.uses.contains_key(target));
        }
    }
    found
}

/// The environments that borrow a host, itself not among them.
fn borrowers<'p>(
    plan: &'p Plan,
    lender: &'p EnvironmentName,
    host: &'p HostName,
) -> impl Iterator<Item = &'p EnvironmentName> {
    let environments = plan.environments.iter();
    environments.filter_map(move |(name, environment)| {
        let borrowed = environment.hosts.get(host)?;
        (borrowed.borrow.as_ref() == Some(lender) && name != lender).then_some(name)
    })
}

#[cfg(test)]
mod testing;
