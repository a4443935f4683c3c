//! Taking something away, with everything that says something of it.

use crate::change::{Change, ChangeError, Named, borrowers, tables_of, uses_of};
use crate::model::{ComponentName, Edit, EnvironmentName, HostName, Plan, PlanPath};

/// A change that takes something away.
#[derive(Clone, Debug, PartialEq)]
pub struct Removal {
    /// The change.
    pub change: Change,
    /// What goes along with it, a line each.
    pub takes_along: Vec<String>,
}

/// Takes something away.
pub fn remove(plan: &Plan, what: &Named) -> Result<Removal, ChangeError> {
    let (edits, takes_along) = match what {
        Named::Component(name) => of_component(plan, name),
        Named::Host(environment, name) => of_host(plan, environment, name)?,
        Named::Environment(name) => of_environment(plan, name)?,
    };
    let change = Change {
        title: format!("remove {}", what.name()),
        edits,
    };
    Ok(Removal {
        change,
        takes_along,
    })
}

fn of_component(plan: &Plan, name: &ComponentName) -> (Vec<Edit>, Vec<String>) {
    let mut edits = Vec::new();
    let mut along = Vec::new();
    for (user, path) in uses_of(plan, name) {
        // What a component says of itself goes with its table.
        if user != *name {
            edits.push(Edit::Remove { path });
            let said = format!("the use of it by {user}");
            if !along.contains(&said) {
                along.push(said);
            }
        }
    }
    for (environment, declared) in &plan.environments {
        for (host, _) in declared
            .hosts
            .iter()
            .filter(|(_, host)| host.runs.contains(name))
        {
            let path = PlanPath::placement(environment.as_str(), host.as_str(), name.as_str());
            edits.push(Edit::Remove { path });
            along.push(format!("its place on {host} in {environment}"));
        }
    }
    let tables = tables_of(plan, name);
    if tables.len() > 1 {
        along.push("what environments say differently about it".to_owned());
    }
    edits.extend(tables.into_iter().map(|path| Edit::Remove { path }));
    (edits, along)
}

fn of_host(
    plan: &Plan,
    environment: &EnvironmentName,
    name: &HostName,
) -> Result<(Vec<Edit>, Vec<String>), ChangeError> {
    let declared = plan.environments.get(environment);
    let host = declared.and_then(|declared| declared.hosts.get(name));
    let host = host.ok_or_else(|| ChangeError::Missing(name.to_string()))?;
    let mut along = Vec::new();
    for component in &host.runs {
        along.push(format!("the place of {component} on it"));
    }
    let mut edits = Vec::new();
    if host.borrow.is_none() {
        for borrower in borrowers(plan, environment, name) {
            along.push(format!("what {borrower} borrows of it"));
            edits.push(Edit::Remove {
                path: PlanPath::host(borrower.as_str(), name.as_str()),
            });
        }
    }
    edits.push(Edit::Remove {
        path: PlanPath::host(environment.as_str(), name.as_str()),
    });
    Ok((edits, along))
}

fn of_environment(
    plan: &Plan,
    name: &EnvironmentName,
) -> Result<(Vec<Edit>, Vec<String>), ChangeError> {
    let declared = plan.environments.get(name);
    let declared = declared.ok_or_else(|| ChangeError::Missing(name.to_string()))?;
    let mut along: Vec<String> = declared
        .hosts
        .keys()
        .map(|host| format!("its host {host}"))
        .collect();
    let mut edits = Vec::new();
    for (other, environment) in plan.environments.iter().filter(|(other, _)| *other != name) {
        for (host, lent) in &environment.hosts {
            if lent.borrow.as_ref() == Some(name) {
                along.push(format!("the host {host} that {other} borrows of it"));
                edits.push(Edit::Remove {
                    path: PlanPath::host(other.as_str(), host.as_str()),
                });
            }
        }
    }
    edits.push(Edit::Remove {
        path: PlanPath::environment(name.as_str()),
    });
    Ok((edits, along))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::testing::{PLAN, changed, difference, plan};

    #[test]
    fn what_says_something_of_it_goes_along() {
        let db = Named::Component(ComponentName::new("db").expect("a name"));
        let removal = remove(&plan(PLAN), &db).expect("it can go");
        assert_eq!(
            removal.takes_along,
            [
                "the use of it by web",
                "its place on laptop in local",
                "its place on app-1 in prod",
                "what environments say differently about it",
            ]
        );
        let after = changed(Ok(removal.change));
        assert!(!after.contains("db"), "{after}");
        assert!(after.contains("# On one machine.") && after.contains("# all of it"));
    }

    #[test]
    fn a_host_goes_where_it_is_borrowed_too() {
        let prod = EnvironmentName::new("prod").expect("a name");
        let host = HostName::new("data-1").expect("a name");
        let removal = remove(&plan(PLAN), &Named::Host(prod.clone(), host)).expect("it can go");
        assert_eq!(
            removal.takes_along,
            ["the place of cache on it", "what staging borrows of it"]
        );
        assert!(!changed(Ok(removal.change)).contains("data-1"));
        let removal = remove(&plan(PLAN), &Named::Environment(prod)).expect("it can go");
        let after = changed(Ok(removal.change));
        assert!(!after.contains("prod"), "{}", difference(&after));
        assert_eq!(plan(&after).environments.len(), 2);
    }
}
