//! What services are declared to be, and in which roles they are used: worked out once for every rule.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::catalog::{Catalog, Kind};
use crate::lint::LintContext;
use crate::lint::declared::{
    DeclaredUse, declared_services, override_of, service_path, use_path, uses,
};
use crate::model::{Choice, ComponentName, EnvironmentName, Plan, PlanPath, Role, Service, Use};

/// What the plan declares about services, with the catalog's kinds.
pub struct Declared<'p> {
    kinds: Kinds<'p>,
    uses: Vec<ServiceUse<'p>>,
    versions: Vec<DeclaredVersion<'p>>,
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
    /// Whether an image of the user's own says it.
    pub of_image: bool,
    environment: Option<&'p EnvironmentName>,
}

/// What services are declared to be, with every word for a kind looked up once.
struct Kinds<'p> {
    plan: &'p Plan,
    by_word: BTreeMap<&'p str, Arc<Kind>>,
    /// The environments that say another kind, by service.
    overridden: BTreeMap<&'p ComponentName, Vec<&'p EnvironmentName>>,
}

impl<'p> Declared<'p> {
    /// What a plan declares.
    pub fn of(plan: &'p Plan, catalog: &Catalog) -> Self {
        let kinds = Kinds::new(plan, catalog);
        Declared {
            uses: service_uses_of(plan, &kinds),
            versions: versions_of(plan, &kinds),
            kinds,
        }
    }

    /// The version of every service in the base of the plan and in every environment that changes it.
    /// A service with an image of the user's own has one only where the plan says it, or the image's tag tells it.
    pub(super) fn versions(&self) -> &[DeclaredVersion<'p>] {
        &self.versions
    }

    /// The uses of services for which `wanted` holds, given the role and what the service is there. Each
    /// is named once, whether the base or an environment declares it.
    pub(super) fn service_uses(
        &self,
        wanted: impl Fn(Role, &Kind) -> bool,
    ) -> impl Iterator<Item = &ServiceUse<'p>> {
        let uses = self.uses.iter();
        uses.filter(move |used| wanted(used.role, &used.kind))
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
        let key = if self.of_image { "image" } else { "version" };
        service_path(self.environment, self.service).key(key)
    }
}

/// The roles of a use: as said, with the usual one of what the service is there where none is first.
pub(super) fn roles(context: &LintContext, declared: &DeclaredUse) -> Vec<Role> {
    let kind = kind_in(context, declared.environment, declared.target);
    roles_as(declared.edge, kind.as_deref()).collect()
}

/// The declared kind of a service in the base of the plan, or in an environment.
pub(super) fn kind_in(
    context: &LintContext,
    environment: Option<&EnvironmentName>,
    service: &ComponentName,
) -> Option<Arc<Kind>> {
    let kinds = &context.declared.kinds;
    let over = override_of(context.plan, environment, service).and_then(kind_word);
    let base = || kind_word(context.plan.services.get(service)?);
    kinds.by_word.get(over.or_else(base)?).cloned()
}

fn service_uses_of<'p>(plan: &'p Plan, kinds: &Kinds<'p>) -> Vec<ServiceUse<'p>> {
    let mut found = Vec::new();
    for declared in uses(plan) {
        for (kind_from, kind) in kinds.where_it_holds(&declared) {
            found.extend(roles_as(declared.edge, Some(kind)).map(|role| ServiceUse {
                declared,
                role,
                kind: kind.clone(),
                kind_from,
            }));
        }
    }
    let mut seen = BTreeSet::new();
    found.retain(|used| {
        let (user, target) = (used.declared.user, used.declared.target);
        seen.insert((user, target, used.role, used.kind.id.clone()))
    });
    found
}

fn versions_of<'p>(plan: &'p Plan, kinds: &Kinds<'p>) -> Vec<DeclaredVersion<'p>> {
    declared_services(plan)
        .filter(|(environment, name, declared)| {
            environment.is_none() || changes_version(plan, name, declared)
        })
        .filter_map(|(environment, service, declared)| {
            let kind = kinds.at(service, environment)?.1.clone();
            let image = declared.image.as_deref();
            let image = image.filter(|_| declared.version.is_none());
            let said = match image {
                Some(image) => Some(kind.tagged_version(image)?),
                None => declared.version.as_deref(),
            };
            Some(DeclaredVersion {
                service,
                kind,
                said,
                of_image: image.is_some(),
                environment,
            })
        })
        .collect()
}

fn changes_version(plan: &Plan, name: &ComponentName, over: &Service) -> bool {
    let base = plan.services.get(name).and_then(|base| base.kind.as_ref());
    over.version.is_some()
        || over.image.is_some()
        || (over.kind.is_some() && over.kind.as_ref() != base)
}

impl<'p> Kinds<'p> {
    fn new(plan: &'p Plan, catalog: &Catalog) -> Self {
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
        let known = |word: &'p str| Some((word, catalog.kind(word)?));
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

fn roles_as(edge: &Use, kind: Option<&Kind>) -> impl Iterator<Item = Role> {
    let first = edge.role.or_else(|| kind.and_then(Kind::usual_role));
    first.into_iter().chain(edge.also.iter().copied())
}
