//! What stands between things: where components run, what uses what, and how much a rule matters.

use crate::change::{Change, ChangeError, component_path, uses_of};
use crate::model::{
    Aspect, Choice, ComponentName, Edit, EditValue, EnvironmentName, HostName, Level, Plan,
    PlanPath,
};

/// Lets a component run on a host.
pub fn place(
    plan: &Plan,
    environment: &EnvironmentName,
    component: &ComponentName,
    host: &HostName,
) -> Result<Change, ChangeError> {
    free_on(plan, environment, component, host)?;
    Ok(Change {
        title: format!("place {component} on {host} in {environment}"),
        edits: vec![put(environment, component, host)],
    })
}

/// Lets a component run on another host than before.
pub fn move_to(
    plan: &Plan,
    environment: &EnvironmentName,
    component: &ComponentName,
    from: &HostName,
    to: &HostName,
) -> Result<Change, ChangeError> {
    free_on(plan, environment, component, to)?;
    Ok(Change {
        title: format!("move {component} to {to} in {environment}"),
        edits: vec![
            take(plan, environment, component, from)?,
            put(environment, component, to),
        ],
    })
}

/// Lets a component run on a host no more.
pub fn take_off(
    plan: &Plan,
    environment: &EnvironmentName,
    component: &ComponentName,
    host: &HostName,
) -> Result<Change, ChangeError> {
    Ok(Change {
        title: format!("take {component} off {host} in {environment}"),
        edits: vec![take(plan, environment, component, host)?],
    })
}

/// Lets a component use another, in every environment.
pub fn connect(
    plan: &Plan,
    user: &ComponentName,
    target: &ComponentName,
) -> Result<Change, ChangeError> {
    if user == target {
        return Err(ChangeError::Nothing("nothing uses itself".to_owned()));
    }
    let path = component_path(plan, user).key("uses").key(target.as_str());
    let has_it = match (plan.apps.get(user), plan.services.get(user)) {
        (Some(app), _) => app.uses.contains_key(target),
        (None, Some(service)) => service.uses.contains_key(target),
        (None, None) => return Err(ChangeError::Missing(user.to_string())),
    };
    if has_it {
        let said = format!("{user} uses {target} already");
        return Err(ChangeError::Nothing(said));
    }
    Ok(Change {
        title: format!("let {user} use {target}"),
        edits: vec![Edit::Set {
            path,
            value: EditValue::EmptyTable,
        }],
    })
}

/// Lets a component use another no more, in no environment.
pub fn disconnect(
    plan: &Plan,
    user: &ComponentName,
    target: &ComponentName,
) -> Result<Change, ChangeError> {
    let uses = uses_of(plan, target).into_iter();
    let said: Vec<PlanPath> = uses
        .filter(|(by, _)| by == user)
        .map(|(_, path)| path)
        .collect();
    if said.is_empty() {
        return Err(ChangeError::Nothing(format!(
            "{user} does not use {target}"
        )));
    }
    Ok(Change {
        title: format!("let {user} use {target} no more"),
        edits: said.into_iter().map(|path| Edit::Remove { path }).collect(),
    })
}

/// Says how much a rule matters in this plan, and why.
pub fn set_level(rule: &str, level: Level, reason: &str) -> Result<Change, ChangeError> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(ChangeError::Value("say why in a few words".to_owned()));
    }
    let path = PlanPath::keys(["rules", rule]);
    let set = |key: &str, text: &str| Edit::set_text(path.clone().key(key), text);
    Ok(Change {
        title: format!("set {rule} to {level}"),
        edits: vec![set("level", level.as_str()), set("reason", reason)],
    })
}

/// Accepts that a component differs between environments in some way, for a reason; without one, no more.
pub fn accept_difference(
    plan: &Plan,
    component: &ComponentName,
    aspect: Aspect,
    reason: &str,
) -> Result<Change, ChangeError> {
    let path = PlanPath::keys(["differences", component.as_str(), aspect.as_str()]);
    let reason = reason.trim();
    if reason.is_empty() && plan.accepts(component, aspect).is_none() {
        return Err(ChangeError::Value("say why in a few words".to_owned()));
    }
    let (title, edit) = match reason.is_empty() {
        true => (
            format!("accept no more that {component} differs in {aspect}"),
            Edit::Remove { path },
        ),
        false => (
            format!("accept that {component} differs in {aspect}"),
            Edit::set_text(path, reason),
        ),
    };
    Ok(Change {
        title,
        edits: vec![edit],
    })
}

fn free_on(
    plan: &Plan,
    environment: &EnvironmentName,
    component: &ComponentName,
    host: &HostName,
) -> Result<(), ChangeError> {
    let declared = plan.environments.get(environment);
    let declared = declared.and_then(|declared| declared.hosts.get(host));
    let declared = declared.ok_or_else(|| ChangeError::Missing(host.to_string()))?;
    if declared.runs.contains(component) {
        let said = format!("{component} runs on {host} already");
        return Err(ChangeError::Nothing(said));
    }
    Ok(())
}

fn put(environment: &EnvironmentName, component: &ComponentName, host: &HostName) -> Edit {
    Edit::Push {
        path: PlanPath::host(environment.as_str(), host.as_str()).key("runs"),
        text: component.to_string(),
    }
}

fn take(
    plan: &Plan,
    environment: &EnvironmentName,
    component: &ComponentName,
    host: &HostName,
) -> Result<Edit, ChangeError> {
    let declared = plan.environments.get(environment);
    let declared = declared.and_then(|declared| declared.hosts.get(host));
    match declared.is_some_and(|host| host.runs.contains(component)) {
        true => Ok(Edit::Remove {
            path: PlanPath::placement(environment.as_str(), host.as_str(), component.as_str()),
        }),
        false => Err(ChangeError::Nothing(format!(
            "{component} does not run on {host}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::testing::{PLAN, changed, difference, plan};

    fn component(name: &str) -> ComponentName {
        ComponentName::new(name).expect("a name")
    }

    fn place_of(environment: &str, host: &str) -> (EnvironmentName, HostName) {
        let environment = EnvironmentName::new(environment).expect("a name");
        (environment, HostName::new(host).expect("a name"))
    }

    #[test]
    fn a_component_moves_and_nothing_else_does() {
        let (prod, data) = place_of("prod", "data-1");
        let (_, app) = place_of("prod", "app-1");
        let after = changed(move_to(&plan(PLAN), &prod, &component("db"), &app, &data));
        assert_eq!(
            difference(&after),
            "-runs = [\"web\", \"db\"]\n+runs = [\"cache\", \"db\"]\n"
        );
        let text = PLAN.replace(
            "\"web\", \"db\"]",
            "\n  \"web\", # bound\n  \"db\", # big\n]",
        );
        assert_ne!(text, PLAN);
        let change = move_to(&plan(&text), &prod, &component("db"), &app, &data);
        let edits = change.expect("it can be made").edits;
        let after = crate::source::apply(&text, &edits).expect("it applies");
        assert!(after.contains("\n    \"db\", # big\n]"), "{after}");
        let off = changed(take_off(&plan(PLAN), &prod, &component("db"), &app));
        assert_eq!(difference(&off), "-runs = [\"web\", \"db\"]\n");
        assert!(place(&plan(PLAN), &prod, &component("web"), &app).is_err());
    }

    #[test]
    fn uses_come_and_go() {
        let (web, db) = (component("web"), component("db"));
        let after = changed(disconnect(&plan(PLAN), &web, &db));
        assert_eq!(difference(&after), "-db = { role = \"database\" }\n");
        let after = changed(connect(&plan(PLAN), &db, &component("cache")));
        assert_eq!(plan(&after).services["db"].uses.len(), 1, "{after}");
        assert!(connect(&plan(PLAN), &web, &db).is_err());
        assert!(connect(&plan(PLAN), &web, &web).is_err());
    }

    #[test]
    fn a_level_has_a_reason() {
        let after = changed(set_level(
            "no-backup",
            Level::Allow,
            " the provider does it ",
        ));
        assert_eq!(
            difference(&after),
            "+[rules.no-backup]\n+level = \"allow\"\n+reason = \"the provider does it\"\n"
        );
        assert!(set_level("no-backup", Level::Allow, " ").is_err());
    }
}
