//! Another name, everywhere where the old one stands.

use crate::change::{Change, ChangeError, Named, borrowers, tables_of, uses_of};
use crate::model::{ComponentName, Edit, EnvironmentName, HostName, Plan, PlanName, PlanPath};

/// Gives something another name, wherever the plan names it.
pub fn rename(plan: &Plan, what: &Named, to: &str) -> Result<Change, ChangeError> {
    if what.name() == to {
        return Err(ChangeError::Nothing(format!("it is called `{to}` already")));
    }
    let edits = match what {
        Named::Component(name) => of_component(plan, name, to)?,
        Named::Host(environment, name) => of_host(plan, environment, name, to)?,
        Named::Environment(name) => of_environment(plan, name, to)?,
    };
    Ok(Change {
        title: format!("rename {} to {to}", what.name()),
        edits,
    })
}

/// Gives the plan a name.
pub fn name_plan(name: &str) -> Result<Change, ChangeError> {
    let name = PlanName::new(name)?;
    Ok(Change {
        title: format!("call the plan {name}"),
        edits: vec![super::add::text(PlanPath::keys(["name"]), name.as_str())],
    })
}

fn of_component(plan: &Plan, name: &ComponentName, to: &str) -> Result<Vec<Edit>, ChangeError> {
    let new = ComponentName::new(to)?;
    if plan.declares(&new) {
        return Err(ChangeError::Taken(to.to_owned()));
    }
    let mut edits: Vec<Edit> = uses_of(plan, name)
        .into_iter()
        .map(|(_, path)| renamed(path, to))
        .collect();
    for (environment, declared) in &plan.environments {
        let hosts = declared.hosts.iter();
        let hosts = hosts.filter(|(_, host)| host.runs.contains(name));
        edits.extend(hosts.map(|(host, declared)| {
            let path = PlanPath::placement(environment.as_str(), host.as_str(), name.as_str());
            match declared.runs.contains(&new) {
                true => Edit::Remove { path },
                false => renamed(path, to),
            }
        }));
    }
    edits.extend(
        tables_of(plan, name)
            .into_iter()
            .map(|path| renamed(path, to)),
    );
    Ok(edits)
}

fn of_host(
    plan: &Plan,
    environment: &EnvironmentName,
    name: &HostName,
    to: &str,
) -> Result<Vec<Edit>, ChangeError> {
    let new = HostName::new(to)?;
    let declared = plan.environments.get(environment);
    let host = declared.and_then(|declared| declared.hosts.get(name));
    let host = host.ok_or_else(|| ChangeError::Missing(name.to_string()))?;
    if let Some(lender) = host.borrow.clone() {
        let host = name.clone();
        return Err(ChangeError::Borrowed { host, lender });
    }
    let mut all = vec![environment];
    all.extend(borrowers(plan, environment, name));
    let has_new = |of: &&EnvironmentName| plan.environments[*of].hosts.contains_key(&new);
    if all.iter().any(has_new) {
        return Err(ChangeError::Taken(to.to_owned()));
    }
    let renamed = |of: &EnvironmentName| renamed(PlanPath::host(of.as_str(), name.as_str()), to);
    Ok(all.into_iter().map(renamed).collect())
}

fn of_environment(plan: &Plan, name: &EnvironmentName, to: &str) -> Result<Vec<Edit>, ChangeError> {
    let new = EnvironmentName::new(to)?;
    if plan.environments.contains_key(&new) {
        return Err(ChangeError::Taken(to.to_owned()));
    }
    let mut edits = Vec::new();
    for (other, environment) in &plan.environments {
        for (host, declared) in &environment.hosts {
            if declared.borrow.as_ref() == Some(name) {
                let path = PlanPath::host(other.as_str(), host.as_str());
                edits.push(super::add::text(path.key("borrow"), to));
            }
        }
    }
    // The tier that its name said, the new name may not say.
    let (old, new) = (plan.tier(name), crate::model::Tier::inferred_from(to));
    let declared = plan.environments.get(name);
    if let Some(tier) = old.filter(|_| declared.is_some_and(|it| it.tier.is_none()) && new != old) {
        let path = PlanPath::environment(name.as_str()).key("tier");
        edits.push(super::add::text(path, crate::model::Choice::as_str(tier)));
    }
    edits.push(renamed(PlanPath::environment(name.as_str()), to));
    Ok(edits)
}

fn renamed(path: PlanPath, to: &str) -> Edit {
    Edit::Rename {
        path,
        to: to.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::testing::{PLAN, changed, difference, plan};

    #[test]
    fn a_component_is_renamed_wherever_it_stands() {
        let db = Named::Component(ComponentName::new("db").expect("a name"));
        let after = changed(rename(&plan(PLAN), &db, "store"));
        let expected = PLAN
            .replace("\ndb =", "\nstore =")
            .replace("services.db", "services.store")
            .replace("\"db\"", "\"store\"");
        assert_eq!(after, expected);
        assert!(rename(&plan(PLAN), &db, "web").is_err());
    }

    #[test]
    fn hosts_and_environments_are_renamed_with_what_borrows_from_them() {
        let prod = EnvironmentName::new("prod").expect("a name");
        let host = Named::Host(prod.clone(), HostName::new("data-1").expect("a name"));
        let after = changed(rename(&plan(PLAN), &host, "store"));
        assert_eq!(after, PLAN.replace("hosts.data-1", "hosts.store"));
        let after = changed(rename(&plan(PLAN), &Named::Environment(prod), "live"));
        let expected = PLAN
            .replace("environments.prod", "environments.live")
            .replace("\"prod\"", "\"live\"");
        assert_eq!(after, expected, "{}", difference(&after));
    }
}
