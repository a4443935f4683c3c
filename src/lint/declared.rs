//! What the plan declares about uses, kinds and versions, each with the place that says it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::catalog::Kind;
use crate::lint::LintContext;
use crate::model::{
    App, Choice, ComponentName, EnvironmentName, Plan, PlanPath, Role, Service, Use,
};

/// A use as it is declared, in the base of the plan or in an environment.
#[derive(Clone, Copy)]
pub(super) struct DeclaredUse<'p> {
    /// The environment that declares it; `None` for the base.
    pub environment: Option<&'p EnvironmentName>,
    /// Who uses.
    pub user: &'p ComponentName,
    /// What is used.
    pub target: &'p ComponentName,
    edge: &'p Use,
    section: &'static str,
}

/// The use of a service, with the kind that the service has there.
pub(super) struct ServiceUse<'p> {
    /// The use.
    pub declared: DeclaredUse<'p>,
    /// In which role.
    pub role: Role,
    /// What the service is.
    pub kind: Arc<Kind>,
    /// The environment that says so; `None` for the base.
    pub kind_from: Option<&'p EnvironmentName>,
}

/// The version of a service, in the base of the plan or in an environment that changes it.
pub(super) struct DeclaredVersion<'p> {
    /// Whose version.
    pub service: &'p ComponentName,
    /// What the service is there.
    pub kind: Arc<Kind>,
    /// The version that the plan says; the kind's own if it says none.
    pub said: Option<&'p str>,
    environment: Option<&'p EnvironmentName>,
}

impl DeclaredUse<'_> {
    /// Its key in the plan.
    pub fn path(&self) -> PlanPath {
        component_path(self.environment, self.section, self.user)
            .key("uses")
            .key(self.target.as_str())
    }
}

impl ServiceUse<'_> {
    /// Where the plan says the role, or else the use.
    pub fn role_path(&self) -> PlanPath {
        let (path, edge) = (self.declared.path(), self.declared.edge);
        match edge.role {
            Some(role) if role == self.role => path.key("role"),
            _ if edge.also.contains(&self.role) => path.key("also").item(self.role.as_str()),
            _ => path,
        }
    }

    /// Where the plan says what the service is.
    pub fn kind_path(&self) -> PlanPath {
        service_path(self.kind_from, self.declared.target).key("kind")
    }

    /// The environment it concerns, if it is not about the plan as a whole.
    pub fn environment(&self) -> Option<&EnvironmentName> {
        self.declared.environment.or(self.kind_from)
    }
}

impl DeclaredVersion<'_> {
    /// The version that runs there; `None` if nothing says one.
    pub fn version(&self) -> Option<&str> {
        let of_kind = || Some(self.kind.image.as_ref()?.version.as_str());
        self.said.or_else(of_kind)
    }

    /// Where the plan says it, or else what makes it so.
    pub fn path(&self) -> PlanPath {
        match (self.said, self.environment) {
            (Some(_), _) => self.key(),
            (None, Some(_)) => service_path(self.environment, self.service).key("kind"),
            (None, None) => service_path(None, self.service),
        }
    }

    /// The key that sets it.
    pub fn key(&self) -> PlanPath {
        service_path(self.environment, self.service).key("version")
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

/// The roles of a use: as said, with the usual one of what the service is there where none is first.
pub(super) fn roles(context: &LintContext, declared: &DeclaredUse) -> Vec<Role> {
    let kind = kind_in(context, declared.environment, declared.target);
    roles_as(declared.edge, kind.as_deref()).collect()
}

fn roles_as(edge: &Use, kind: Option<&Kind>) -> impl Iterator<Item = Role> {
    let first = edge.role.or_else(|| kind.and_then(Kind::usual_role));
    first.into_iter().chain(edge.also.iter().copied())
}

/// The declared kind of a service in the base of the plan, or in an environment.
pub(super) fn kind_in(
    context: &LintContext,
    environment: Option<&EnvironmentName>,
    service: &ComponentName,
) -> Option<Arc<Kind>> {
    let over = override_of(context.plan, environment, service);
    let base = || context.plan.services.get(service)?.kind.as_deref();
    let word = over.and_then(|over| over.kind.as_deref()).or_else(base)?;
    context.catalog.kind(word)
}

/// What an environment says differently about a service.
pub(super) fn override_of<'p>(
    plan: &'p Plan,
    environment: Option<&EnvironmentName>,
    service: &ComponentName,
) -> Option<&'p Service> {
    plan.environments.get(environment?)?.services.get(service)
}

/// The uses of services for which `wanted` holds, given the role and what the service is there. Each
/// is named once, whether the base or an environment declares it.
pub(super) fn service_uses<'p>(
    context: &LintContext<'p>,
    wanted: impl Fn(Role, &Kind) -> bool,
) -> Vec<ServiceUse<'p>> {
    let kinds = Kinds::new(context);
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for declared in uses(context.plan) {
        for (kind_from, kind) in kinds.where_it_holds(&declared) {
            for role in roles_as(declared.edge, Some(kind)) {
                let key = (declared.user, declared.target, role, kind.id.clone());
                if wanted(role, kind) && seen.insert(key) {
                    found.push(ServiceUse {
                        declared,
                        role,
                        kind: kind.clone(),
                        kind_from,
                    });
                }
            }
        }
    }
    found
}

/// The version of every service in the base of the plan and in every environment that changes it.
/// A service with an image of the user's own has one only where the plan says it.
pub(super) fn versions<'p>(context: &LintContext<'p>) -> Vec<DeclaredVersion<'p>> {
    let plan = context.plan;
    let kinds = Kinds::new(context);
    declared_services(plan)
        .filter(|(environment, name, declared)| {
            environment.is_none() || changes_version(plan, name, declared)
        })
        .filter(|(_, _, service)| service.version.is_some() || service.image.is_none())
        .filter_map(|(environment, service, declared)| {
            Some(DeclaredVersion {
                service,
                kind: kinds.at(service, environment)?.1.clone(),
                said: declared.version.as_deref(),
                environment,
            })
        })
        .collect()
}

fn changes_version(plan: &Plan, name: &ComponentName, over: &Service) -> bool {
    let base = plan.services.get(name).and_then(|base| base.kind.as_ref());
    over.version.is_some() || (over.kind.is_some() && over.kind.as_ref() != base)
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

/// What services are declared to be, with every word for a kind looked up once.
struct Kinds<'p> {
    plan: &'p Plan,
    by_word: BTreeMap<&'p str, Arc<Kind>>,
    /// The environments that say another kind, by service.
    overridden: BTreeMap<&'p ComponentName, Vec<&'p EnvironmentName>>,
}

impl<'p> Kinds<'p> {
    fn new(context: &LintContext<'p>) -> Self {
        let plan = context.plan;
        let mut words: BTreeSet<&str> = plan.services.values().filter_map(kind_word).collect();
        let mut overridden: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (environment, declared) in &plan.environments {
            for (name, over) in &declared.services {
                if let Some(word) = kind_word(over) {
                    words.insert(word);
                    overridden.entry(name).or_default().push(environment);
                }
            }
        }
        let known = |word: &'p str| Some((word, context.catalog.kind(word)?));
        Kinds {
            plan,
            by_word: words.into_iter().filter_map(known).collect(),
            overridden,
        }
    }

    /// The kind of a service in an environment or in the base, and which of the two says so.
    fn at(
        &self,
        service: &ComponentName,
        environment: Option<&'p EnvironmentName>,
    ) -> Option<(Option<&'p EnvironmentName>, &Arc<Kind>)> {
        let over = override_of(self.plan, environment, service).and_then(kind_word);
        let (from, word) = match over {
            Some(word) => (environment, word),
            None => (None, kind_word(self.plan.services.get(service)?)?),
        };
        Some((from, self.by_word.get(word)?))
    }

    /// The kinds that the target of a use has where the use holds.
    fn where_it_holds(
        &self,
        declared: &DeclaredUse<'p>,
    ) -> impl Iterator<Item = (Option<&'p EnvironmentName>, &Arc<Kind>)> {
        let overridden = match declared.environment {
            None => self.overridden.get(declared.target).map(Vec::as_slice),
            Some(_) => None,
        };
        let elsewhere = overridden
            .unwrap_or_default()
            .iter()
            .copied()
            .filter(|environment| {
                let path = use_path(self.plan, environment, declared.user, declared.target);
                path == declared.path()
            });
        let is_app = self.plan.apps.contains_key(declared.target);
        std::iter::once(declared.environment)
            .chain(elsewhere.map(Some))
            .filter_map(move |place| self.at(declared.target, place).filter(|_| !is_app))
    }
}

fn kind_word(service: &Service) -> Option<&str> {
    service.kind.as_deref()
}
