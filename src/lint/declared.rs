//! What the plan declares about uses, images and versions, each with the place that says it.

use std::collections::BTreeMap;

use crate::model::{
    App, ComponentName, EnvironmentName, Plan, PlanPath, Service, Use, VariableName,
};
use crate::topology::{Component, Topology};

/// A use as it is declared, in the base of the plan or in an environment.
#[derive(Clone, Copy)]
pub(super) struct DeclaredUse<'p> {
    /// The environment that declares it; `None` for the base.
    pub environment: Option<&'p EnvironmentName>,
    /// Who uses.
    pub user: &'p ComponentName,
    /// What is used.
    pub target: &'p ComponentName,
    /// What is said about it.
    pub edge: &'p Use,
    section: &'static str,
}

impl DeclaredUse<'_> {
    /// Its key in the plan.
    pub fn path(&self) -> PlanPath {
        component_path(self.environment, self.section, self.user)
            .key("uses")
            .key(self.target.as_str())
    }
}

/// A text that the plan says about a component, in its base or in an environment.
pub(super) struct DeclaredText<'p> {
    /// The environment that says it; `None` for the base.
    pub environment: Option<&'p EnvironmentName>,
    /// About what.
    pub component: &'p ComponentName,
    /// The text.
    pub text: &'p str,
    section: &'static str,
    key: &'static str,
}

impl DeclaredText<'_> {
    /// The key that says it.
    pub fn path(&self) -> PlanPath {
        component_path(self.environment, self.section, self.component).key(self.key)
    }
}

/// Every service as it is declared, in the base of the plan and in every environment.
pub(super) fn declared_services(
    plan: &Plan,
) -> impl Iterator<Item = (Option<&EnvironmentName>, &ComponentName, &Service)> {
    let base = plan
        .services
        .iter()
        .map(|(name, service)| (None, name, service));
    let overrides = plan.environments.iter().flat_map(|(environment, over)| {
        let services = over.services.iter();
        services.map(move |(name, service)| (Some(environment), name, service))
    });
    base.chain(overrides)
}

/// Every app as it is declared, in the base of the plan and in every environment.
pub(super) fn declared_apps(
    plan: &Plan,
) -> impl Iterator<Item = (Option<&EnvironmentName>, &ComponentName, &App)> {
    let base = plan.apps.iter().map(|(name, app)| (None, name, app));
    let overrides = plan.environments.iter().flat_map(|(environment, over)| {
        let apps = over.apps.iter();
        apps.map(move |(name, app)| (Some(environment), name, app))
    });
    base.chain(overrides)
}

/// Every image that the plan says.
pub(super) fn images(plan: &Plan) -> impl Iterator<Item = DeclaredText<'_>> {
    let of_apps = declared_apps(plan).filter_map(|(environment, component, app)| {
        Some(DeclaredText {
            environment,
            component,
            text: app.image.as_deref()?,
            section: "apps",
            key: "image",
        })
    });
    let of_services = declared_services(plan).filter_map(|(environment, component, service)| {
        Some(DeclaredText {
            environment,
            component,
            text: service.image.as_deref()?,
            section: "services",
            key: "image",
        })
    });
    of_apps.chain(of_services)
}

/// Every version that the plan says.
pub(super) fn said_versions(plan: &Plan) -> impl Iterator<Item = DeclaredText<'_>> {
    declared_services(plan).filter_map(|(environment, component, service)| {
        Some(DeclaredText {
            environment,
            component,
            text: service.version.as_deref()?,
            section: "services",
            key: "version",
        })
    })
}

/// `[services.NAME]`, or what an environment says differently about it.
pub(super) fn service_path(
    environment: Option<&EnvironmentName>,
    service: &ComponentName,
) -> PlanPath {
    component_path(environment, "services", service)
}

/// Where the use of `target` by `user` is declared, as it holds in `environment`.
pub(super) fn use_path(
    plan: &Plan,
    environment: &EnvironmentName,
    user: &ComponentName,
    target: &ComponentName,
) -> PlanPath {
    let is_app = plan.apps.contains_key(user);
    let over = plan.environments.get(environment);
    let uses = over.and_then(|over| match is_app {
        true => over.apps.get(user).map(|app| &app.uses),
        false => over.services.get(user).map(|service| &service.uses),
    });
    let is_override = uses.is_some_and(|uses| uses.contains_key(target));
    let section = if is_app { "apps" } else { "services" };
    component_path(is_override.then_some(environment), section, user)
        .key("uses")
        .key(target.as_str())
}

/// Where something about the container of a component is said, as it holds in an environment: `words` lead to it
/// from the table `container`.
pub(super) fn container_path(
    plan: &Plan,
    topology: &Topology,
    component: &Component,
    words: &[&str],
) -> PlanPath {
    let name = &component.name;
    let is_app = component.app().is_some();
    let over = plan.environments.get(&topology.environment);
    let over = over.and_then(|over| match is_app {
        true => over.apps.get(name)?.container.as_ref(),
        false => over.services.get(name)?.container.as_ref(),
    });
    let is_override = over.is_some_and(|over| match words {
        ["volumes", name] => over.volumes.contains_key(*name),
        ["ports", name] => over.ports.contains_key(*name),
        ["command"] => over.command.is_some(),
        ["entrypoint"] => over.entrypoint.is_some(),
        ["healthcheck", ..] => over.healthcheck.test.is_some(),
        ["tmpfs"] => over.tmpfs.is_some(),
        _ => false,
    });
    let section = if is_app { "apps" } else { "services" };
    let environment = is_override.then_some(&topology.environment);
    let path = component_path(environment, section, name).key("container");
    words.iter().fold(path, |path, word| path.key(word))
}

/// Where the plan says a setting: in the environment, or in the base.
pub(super) fn setting_path(
    plan: &Plan,
    environment: &EnvironmentName,
    component: &Component,
    variable: &VariableName,
) -> PlanPath {
    let name = &component.name;
    let declared = plan.environments.get(environment);
    let (section, over) = match component.app() {
        Some(_) => {
            let over = declared.and_then(|it| it.apps.get(name));
            ("apps", over.map(|it| &it.settings))
        }
        None => {
            let over = declared.and_then(|it| it.services.get(name));
            ("services", over.map(|it| &it.settings))
        }
    };
    let says = over.is_some_and(|settings| settings.contains_key(variable));
    component_path(says.then_some(environment), section, name)
        .key("settings")
        .key(variable.as_str())
}

/// Where the plan says that a setting is a credential: in the environment, or in the base.
pub(super) fn secret_setting_path(
    plan: &Plan,
    environment: &EnvironmentName,
    service: &ComponentName,
    variable: &VariableName,
) -> PlanPath {
    let over = override_of(plan, Some(environment), service);
    let says = over.is_some_and(|over| over.secret_settings.contains(variable));
    service_path(says.then_some(environment), service)
        .key("secret-settings")
        .item(variable.as_str())
}

/// Every use that the plan declares, those of its base first.
pub(super) fn uses(plan: &Plan) -> impl Iterator<Item = DeclaredUse<'_>> {
    let overrides = plan.environments.iter().flat_map(|(name, environment)| {
        uses_in(Some(name), &environment.apps, &environment.services)
    });
    uses_in(None, &plan.apps, &plan.services).chain(overrides)
}

/// What an app declares that it uses, in the base of the plan and in every environment.
pub(super) fn uses_of_app<'p>(
    plan: &'p Plan,
    name: &'p ComponentName,
) -> impl Iterator<Item = DeclaredUse<'p>> {
    let base = plan.apps.get(name).map(|app| (None, app));
    let overrides = plan
        .environments
        .iter()
        .filter_map(|(environment, over)| Some((Some(environment), over.apps.get(name)?)));
    base.into_iter()
        .chain(overrides)
        .flat_map(|(environment, app)| declared_uses(environment, "apps", name, &app.uses))
}

/// What an environment says differently about a service.
pub(super) fn override_of<'p>(
    plan: &'p Plan,
    environment: Option<&EnvironmentName>,
    service: &ComponentName,
) -> Option<&'p Service> {
    plan.environments.get(environment?)?.services.get(service)
}

fn uses_in<'p>(
    environment: Option<&'p EnvironmentName>,
    apps: &'p BTreeMap<ComponentName, App>,
    services: &'p BTreeMap<ComponentName, Service>,
) -> impl Iterator<Item = DeclaredUse<'p>> {
    let of_apps = apps
        .iter()
        .flat_map(move |(name, app)| declared_uses(environment, "apps", name, &app.uses));
    let of_services = services.iter().flat_map(move |(name, service)| {
        declared_uses(environment, "services", name, &service.uses)
    });
    of_apps.chain(of_services)
}

fn declared_uses<'p>(
    environment: Option<&'p EnvironmentName>,
    section: &'static str,
    user: &'p ComponentName,
    uses: &'p BTreeMap<ComponentName, Use>,
) -> impl Iterator<Item = DeclaredUse<'p>> {
    uses.iter().map(move |(target, edge)| DeclaredUse {
        environment,
        user,
        target,
        edge,
        section,
    })
}

/// `[apps.NAME]` or `[services.NAME]`, or what an environment says differently about it.
pub(super) fn component_path(
    environment: Option<&EnvironmentName>,
    section: &str,
    name: &ComponentName,
) -> PlanPath {
    match environment {
        Some(environment) => PlanPath::environment(environment.as_str())
            .key(section)
            .key(name.as_str()),
        None => PlanPath::keys([section, name.as_str()]),
    }
}
