//! New apps, services, hosts and environments.

use std::collections::BTreeSet;

use crate::change::{Change, ChangeError, component_path, uses_of};
use crate::model::{
    Address, Choice, ComponentName, Edit, EditValue, EnvironmentName, HostKind, HostName, Plan,
    PlanPath, Tier,
};

/// A host of an environment.
pub type Site = (EnvironmentName, HostName);

/// A new app on some hosts; with an image it runs in a container.
pub fn add_app(
    plan: &Plan,
    name: &str,
    image: &str,
    port: Option<u16>,
    on: &[Site],
) -> Result<Change, ChangeError> {
    let name = new_component(plan, name)?;
    let path = PlanPath::app(name.as_str());
    let mut edits = vec![Edit::Declare { path: path.clone() }];
    if !image.is_empty() {
        edits.push(text(path.clone().key("image"), image));
    }
    edits.extend(port.map(|port| Edit::Set {
        path: path.key("port"),
        value: EditValue::Integer(port.into()),
    }));
    edits.extend(on.iter().filter_map(|place| placed(plan, &name, place)));
    Ok(Change {
        title: format!("add the app {name}"),
        edits,
    })
}

/// A port as it is typed.
pub fn port(typed: &str) -> Result<u16, ChangeError> {
    let port = typed.parse().ok().filter(|port| *port > 0);
    let wrong = || ChangeError::Value("a whole number from 1 to 65535 belongs here".to_owned());
    port.ok_or_else(wrong)
}

/// An address of a host as it is typed; nothing for an empty line.
pub fn address(typed: &str) -> Result<Option<Address>, ChangeError> {
    let wrong = || ChangeError::Value("an IP address or a name belongs here".to_owned());
    match typed {
        "" => Ok(None),
        typed => Address::new(typed).map(Some).ok_or_else(wrong),
    }
}

/// A new service of a kind on some hosts, used by some components.
pub fn add_service(
    plan: &Plan,
    name: &str,
    kind: &str,
    on: &[Site],
    users: &[ComponentName],
) -> Result<Change, ChangeError> {
    let name = new_component(plan, name)?;
    let path = PlanPath::service(name.as_str());
    let mut edits = vec![text(path.key("kind"), kind)];
    let uses = uses_of(plan, &name);
    let is_new = |user: &&ComponentName| uses.iter().all(|(by, _)| by != *user);
    edits.extend(users.iter().filter(is_new).map(|user| Edit::Set {
        path: component_path(plan, user).key("uses").key(name.as_str()),
        value: EditValue::EmptyTable,
    }));
    edits.extend(on.iter().filter_map(|place| placed(plan, &name, place)));
    Ok(Change {
        title: format!("add the service {name}"),
        edits,
    })
}

/// A new host of an environment; without an address, nobody reaches it from another one yet.
pub fn add_host(
    plan: &Plan,
    environment: &EnvironmentName,
    name: &str,
    (kind, address): (HostKind, Option<&Address>),
) -> Result<Change, ChangeError> {
    let name = HostName::new(name)?;
    let declared = plan.environments.get(environment);
    if declared.is_some_and(|declared| declared.hosts.contains_key(&name)) {
        return Err(ChangeError::Taken(name.to_string()));
    }
    let path = PlanPath::host(environment.as_str(), name.as_str());
    let mut edits = Vec::new();
    if kind != HostKind::Machine {
        edits.push(text(path.clone().key("kind"), kind.as_str()));
    }
    if let Some(address) = address {
        edits.push(text(path.clone().key("address"), address.as_str()));
    }
    edits.push(Edit::Set {
        path: path.key("runs"),
        value: EditValue::List(Vec::new()),
    });
    Ok(Change {
        title: format!("add the host {name} to {environment}"),
        edits,
    })
}

/// A new environment with one machine; its tier is said where its name does not say it.
pub fn add_environment(
    plan: &Plan,
    name: &str,
    tier: Tier,
    host: &str,
) -> Result<Change, ChangeError> {
    let name = new_environment(plan, name)?;
    let host = HostName::new(host)?;
    let mut edits = Vec::new();
    if Tier::inferred_from(name.as_str()) != Some(tier) {
        let path = PlanPath::environment(name.as_str()).key("tier");
        edits.push(text(path, tier.as_str()));
    }
    edits.push(Edit::Set {
        path: PlanPath::host(name.as_str(), host.as_str()).key("runs"),
        value: EditValue::List(Vec::new()),
    });
    Ok(Change {
        title: format!("add the environment {name}"),
        edits,
    })
}

/// A new environment with everything that another one has.
pub fn copy_environment(
    plan: &Plan,
    from: &EnvironmentName,
    name: &str,
) -> Result<Change, ChangeError> {
    let declared = plan.environments.get(from);
    let declared = declared.ok_or_else(|| ChangeError::Missing(from.to_string()))?;
    let name = new_environment(plan, name)?;
    let to = PlanPath::environment(name.as_str());
    let mut edits = vec![Edit::Copy {
        path: PlanPath::environment(from.as_str()),
        to: to.clone(),
    }];
    // What the name of the first said of its tier, the name of the copy may not say, or say otherwise.
    let tier = plan.tier(from);
    if let (None, Some(tier)) = (declared.tier, tier)
        && Tier::inferred_from(name.as_str()).is_none()
    {
        edits.push(text(to.key("tier"), tier.as_str()));
    }
    Ok(Change {
        title: format!("copy {from} to {name}"),
        edits,
    })
}

/// A name that nothing has yet: `wanted`, or `wanted` with a number.
pub fn free_name<'a>(wanted: &str, taken: impl Iterator<Item = &'a str>) -> String {
    let taken: BTreeSet<&str> = taken.collect();
    let numbered = (2..).map(|number| format!("{wanted}-{number}"));
    let mut names = std::iter::once(wanted.to_owned()).chain(numbered);
    let free = names.find(|name| !taken.contains(name.as_str()));
    free.unwrap_or_else(|| wanted.to_owned())
}

fn new_component(plan: &Plan, name: &str) -> Result<ComponentName, ChangeError> {
    let name = ComponentName::new(name)?;
    match plan.declares(&name) {
        true => Err(ChangeError::Taken(name.to_string())),
        false => Ok(name),
    }
}

fn new_environment(plan: &Plan, name: &str) -> Result<EnvironmentName, ChangeError> {
    let name = EnvironmentName::new(name)?;
    match plan.environments.contains_key(&name) {
        true => Err(ChangeError::Taken(name.to_string())),
        false => Ok(name),
    }
}

/// Nothing where the host runs something of that name, although there was none.
fn placed(plan: &Plan, name: &ComponentName, (environment, host): &Site) -> Option<Edit> {
    let declared = plan.environments.get(environment);
    let runs = declared.and_then(|it| Some(&it.hosts.get(host)?.runs));
    let is_there = runs.is_some_and(|runs| runs.contains(name));
    (!is_there).then(|| Edit::Push {
        path: PlanPath::host(environment.as_str(), host.as_str()).key("runs"),
        text: name.to_string(),
    })
}

pub(super) fn text(path: PlanPath, value: &str) -> Edit {
    Edit::set_text(path, value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::testing::{PLAN, changed, difference, plan};

    fn names(environment: &str, host: &str) -> (EnvironmentName, HostName) {
        let environment = EnvironmentName::new(environment).expect("a name");
        (environment, HostName::new(host).expect("a name"))
    }

    #[test]
    fn what_is_new_stands_with_its_like_and_on_its_host() {
        let (environment, host) = names("prod", "data-1");
        let place = [(environment.clone(), host)];
        let after = changed(add_service(&plan(PLAN), "queue", "rabbitmq", &place, &[]));
        assert_eq!(
            difference(&after),
            "+[services.queue]\n+kind = \"rabbitmq\"\n+runs = [\"cache\", \"queue\"]\n"
        );
        assert!(
            after.contains(
                "kind = \"redis\"\n\n[services.queue]\nkind = \"rabbitmq\"\n\n# On one machine."
            ),
            "{after}"
        );
        let web = [ComponentName::new("web").expect("a name")];
        let after = changed(add_service(&plan(PLAN), "mail", "mailpit", &[], &web));
        assert_eq!(
            difference(&after),
            "+mail = {}\n+[services.mail]\n+kind = \"mailpit\"\n"
        );
        let after = changed(add_app(&plan(PLAN), "worker", "", Some(80), &[]));
        assert_eq!(difference(&after), "+[apps.worker]\n+port = 80\n");
        let after = changed(add_host(
            &plan(PLAN),
            &environment,
            "s3",
            (HostKind::Managed, None),
        ));
        assert_eq!(
            difference(&after),
            "+[environments.prod.hosts.s3]\n+kind = \"managed\"\n+runs = []\n"
        );
    }

    #[test]
    fn an_environment_is_new_or_a_copy() {
        let after = changed(add_environment(&plan(PLAN), "eu", Tier::Production, "vm"));
        assert_eq!(
            difference(&after),
            "+[environments.eu]\n+tier = \"production\"\n+[environments.eu.hosts.vm]\n+runs = []\n"
        );
        let local = EnvironmentName::new("local").expect("a name");
        let after = changed(copy_environment(&plan(PLAN), &local, "dev"));
        let (before, copy) = after.split_at(after.find("\n[environments.dev").expect("a copy"));
        assert_eq!(
            copy.replace(".dev.", ".local."),
            "\n[environments.local.hosts.laptop]\nruns = [\"web\", \"db\", \"cache\"]\n\n[environments.local.services.db]\nversion = \"16\"\n"
        );
        assert_eq!(before, PLAN, "what was there stays as it was");
        assert_eq!(plan(&after).environments.len(), 4);
    }

    #[test]
    fn what_is_taken_or_no_name_is_said() {
        let taken = add_service(&plan(PLAN), "web", "redis", &[], &[]);
        assert_eq!(taken, Err(ChangeError::Taken("web".into())));
        assert!(matches!(
            add_app(&plan(PLAN), "A b", "", None, &[]),
            Err(ChangeError::Name(_))
        ));
        assert_eq!(free_name("db", ["db", "db-2"].into_iter()), "db-3");
    }
}
