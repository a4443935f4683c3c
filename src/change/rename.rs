//! Another name, everywhere where the old one stands.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Catalog;
use crate::change::{Change, ChangeError, Named, borrowers, tables_of, uses_of};
use crate::model::{
    App, ComponentName, Container, Edit, EnvironmentName, HostName, Plan, PlanName, PlanPath,
    Service, VolumeName,
};
use crate::settings::{Kept, kept};

/// Gives something another name, wherever the plan names it. Apps go on reading the variables that they read.
pub fn rename(
    plan: &Plan,
    catalog: &Catalog,
    what: &Named,
    to: &str,
) -> Result<Change, ChangeError> {
    if what.name() == to {
        return Err(ChangeError::Nothing(format!("it is called `{to}` already")));
    }
    let mut title = format!("rename {} to {to}", what.name());
    let edits = match what {
        Named::Component(name) => {
            let mut edits = of_component(plan, name, to)?;
            let (prefixes, said) = prefixes(plan, catalog, name, &ComponentName::new(to)?);
            edits.extend(prefixes);
            title.push_str(&said);
            edits
        }
        Named::Host(environment, name) => of_host(plan, environment, name, to)?,
        Named::Environment(name) => of_environment(plan, name, to)?,
    };
    Ok(Change { title, edits })
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
    edits.extend(shared_volumes(plan, name, to));
    edits.extend(
        tables_of(plan, name)
            .into_iter()
            .map(|path| renamed(path, to)),
    );
    Ok(edits)
}

/// The volumes of a component that others mount too are called after it.
fn shared_volumes(plan: &Plan, name: &ComponentName, to: &str) -> Vec<Edit> {
    let of = |name: &ComponentName, volume: &VolumeName| {
        let rest = volume.as_str().strip_prefix(name.as_str())?;
        Some(rest.strip_prefix('-')?.to_owned())
    };
    let is_of_another = |volume: &VolumeName| {
        let longer = |other: &&ComponentName| other.as_str().len() > name.as_str().len();
        let mut others = plan.apps.keys().chain(plan.services.keys()).filter(longer);
        others.any(|other| of(other, volume).is_some())
    };
    let mut edits = Vec::new();
    for (table, container) in containers(plan) {
        for (mount, said) in &container.volumes {
            let shared = said.shared.as_ref().filter(|it| !is_of_another(it));
            if let Some(rest) = shared.and_then(|shared| of(name, shared)) {
                let path = table.clone().key("container").key("volumes");
                let path = path.key(mount.as_str()).key("shared");
                edits.push(Edit::set_text(path, format!("{to}-{rest}")));
            }
        }
    }
    edits
}

/// What the plan says of containers, with the tables in which it does.
fn containers(plan: &Plan) -> impl Iterator<Item = (PlanPath, &Container)> {
    layers(plan)
        .into_iter()
        .flat_map(|(above, apps, services)| {
            let of = |section: &str, name: &ComponentName| {
                let section = above.clone().key(section);
                section.key(name.as_str())
            };
            let apps = apps.iter().filter_map(|(name, app)| {
                let container = app.container.as_deref()?;
                Some((of("apps", name), container))
            });
            let services = services.iter().filter_map(|(name, service)| {
                let container = service.container.as_deref()?;
                Some((of("services", name), container))
            });
            apps.chain(services).collect::<Vec<_>>()
        })
}

type Layer<'p> = (
    PlanPath,
    &'p BTreeMap<ComponentName, App>,
    &'p BTreeMap<ComponentName, Service>,
);

/// What the plan says of components: in its base, and in each environment.
fn layers(plan: &Plan) -> Vec<Layer<'_>> {
    let base = (PlanPath::root(), &plan.apps, &plan.services);
    let here = plan.environments.iter().map(|(name, it)| {
        let above = PlanPath::environment(name.as_str());
        (above, &it.apps, &it.services)
    });
    std::iter::once(base).chain(here).collect()
}

/// The edits that let apps read the variables of before, where these are called after a component; and what is said
/// of it, if anything.
fn prefixes(
    plan: &Plan,
    catalog: &Catalog,
    from: &ComponentName,
    to: &ComponentName,
) -> (Vec<Edit>, String) {
    let Some(protocol) = protocol(plan, catalog, from) else {
        return (Vec::new(), String::new());
    };
    let mut edits = Vec::new();
    let mut said: BTreeMap<Kept, BTreeSet<&ComponentName>> = BTreeMap::new();
    for (above, apps, _) in layers(plan) {
        for (name, app) in apps {
            let silent = app.uses.get(from).filter(|edge| edge.env.is_none());
            if silent.is_none() {
                continue;
            }
            let base = plan.apps.get(name).and_then(|app| app.dialect.as_deref());
            let dialect = app.dialect.as_deref().or(base);
            let kept = kept(catalog, (dialect, &protocol), from, to);
            if let Some(prefix) = &kept.by {
                let uses = above.clone().key("apps").key(name.as_str()).key("uses");
                let path = uses.key(to.as_str()).key("env");
                edits.push(Edit::set_text(path, prefix.as_str()));
            }
            said.entry(kept).or_default().insert(name);
        }
    }
    let said = said.into_iter().map(|(kept, apps)| {
        let apps: Vec<&str> = apps.into_iter().map(|name| name.as_str()).collect();
        let by = kept.by.map(|by| {
            let apps = apps.join(", ");
            format!("; env = \"{by}\" keeps the variables of {apps}")
        });
        let lost = kept.lost.into_iter().collect::<Vec<_>>().join(", ");
        let lost =
            (!lost.is_empty()).then(|| format!("; {} no longer reads {lost}", apps.join(", ")));
        by.into_iter().chain(lost).collect::<String>()
    });
    (edits, said.collect())
}

/// What a component speaks; nothing if its kind is not known.
fn protocol(plan: &Plan, catalog: &Catalog, name: &ComponentName) -> Option<String> {
    let kind = match plan.services.get(name) {
        Some(service) => catalog.kind(service.kind.as_deref()?)?,
        None => catalog.app().clone(),
    };
    Some(kind.protocol.clone())
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
    use crate::source;

    fn renamed(text: &str, what: &Named, to: &str) -> Result<Change, ChangeError> {
        rename(&plan(text), &Catalog::builtin(), what, to)
    }

    #[test]
    fn a_component_is_renamed_wherever_it_stands() {
        let db = Named::Component(ComponentName::new("db").expect("a name"));
        let after = changed(renamed(PLAN, &db, "store"));
        let expected = PLAN
            .replace(
                "\ndb = { role = \"database\" }",
                "\nstore = { role = \"database\", env = \"DB\" }",
            )
            .replace("services.db", "services.store")
            .replace("\"db\"", "\"store\"");
        assert_eq!(after, expected);
        assert!(renamed(PLAN, &db, "web").is_err());
    }

    #[test]
    fn apps_go_on_reading_what_they_read() {
        let cache = Named::Component(ComponentName::new("cache").expect("a name"));
        let change = renamed(PLAN, &cache, "memory").expect("it can be done");
        assert_eq!(
            change.title,
            "rename cache to memory; env = \"CACHE\" keeps the variables of web"
        );
        let after = changed(Ok(change));
        assert!(
            after.contains("\nmemory = { env = \"CACHE\" }\n"),
            "{after}"
        );
        // Whoever says a prefix keeps it, and some dialects call them the same whatever the service is called.
        for quiet in [
            PLAN.replace("cache = {}", "cache = { env = \"STORE\" }"),
            PLAN.replace("port = 8080", "port = 8080\ndialect = \"node\""),
        ] {
            let change = renamed(&quiet, &cache, "memory").expect("it can be done");
            assert_eq!(change.title, "rename cache to memory");
        }
    }

    #[test]
    fn a_volume_that_apps_share_goes_along() {
        let mount = "\n[apps.web.container.volumes.files]\npath = \"/srv/files\"\nshared = \"cache-data\"\n";
        let text = format!("{PLAN}{mount}");
        let cache = Named::Component(ComponentName::new("cache").expect("a name"));
        let change = renamed(&text, &cache, "memory").expect("it can be done");
        let after = source::apply(&text, &change.edits).expect("the edits apply");
        assert!(after.contains("shared = \"memory-data\""), "{after}");
        let web = Named::Component(ComponentName::new("web").expect("a name"));
        let change = renamed(&text, &web, "shop").expect("it can be done");
        let after = source::apply(&text, &change.edits).expect("the edits apply");
        assert!(after.contains("shared = \"cache-data\""), "{after}");
    }

    #[test]
    fn hosts_and_environments_are_renamed_with_what_borrows_from_them() {
        let prod = EnvironmentName::new("prod").expect("a name");
        let host = Named::Host(prod.clone(), HostName::new("data-1").expect("a name"));
        let after = changed(renamed(PLAN, &host, "store"));
        assert_eq!(after, PLAN.replace("hosts.data-1", "hosts.store"));
        let after = changed(renamed(PLAN, &Named::Environment(prod), "live"));
        let expected = PLAN
            .replace("environments.prod", "environments.live")
            .replace("\"prod\"", "\"live\"");
        assert_eq!(after, expected, "{}", difference(&after));
    }
}
