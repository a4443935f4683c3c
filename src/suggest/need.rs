//! The needs of a plan, and which of them something fills already.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::catalog::{Catalog, Kind};
use crate::model::{Choice, ComponentName, Plan, Role, Service, Use};
use crate::suggest::{Cause, Need};

/// Who fills which role for which app.
pub struct Filled<'p> {
    by_app: BTreeMap<&'p ComponentName, BTreeMap<Role, &'p ComponentName>>,
    everybody: BTreeMap<Role, &'p ComponentName>,
}

/// The kind of a service, as its base says.
pub fn kind_of(plan: &Plan, catalog: &Catalog, service: &ComponentName) -> Option<Arc<Kind>> {
    catalog.kind(plan.services.get(service)?.kind.as_deref()?)
}

impl<'p> Filled<'p> {
    /// What the plan declares, in its base or in an environment.
    pub fn of(plan: &'p Plan, catalog: &Catalog) -> Filled<'p> {
        let mut filled = Filled {
            by_app: BTreeMap::new(),
            everybody: BTreeMap::new(),
        };
        for (app, target, edge, over) in uses_of_apps(plan) {
            let word = over.or_else(|| plan.services.get(target)?.kind.as_deref());
            let kind = word.and_then(|word| catalog.kind(word));
            let usual = || kind.as_ref().and_then(|kind| kind.usual_role());
            let first = edge.role.or_else(usual);
            for role in first.into_iter().chain(edge.also.iter().copied()) {
                filled.by(app, role, target);
            }
        }
        for (name, service) in &plan.services {
            let word = service.kind.as_deref();
            if let Some(kind) = word.and_then(|word| catalog.kind(word)) {
                filled.by_service(plan, name, service, &kind);
            }
        }
        filled
    }

    /// What fills a role for an app; nothing if nothing does.
    pub fn by_what(&self, app: &ComponentName, role: Role) -> Option<&'p ComponentName> {
        let own = self.by_app.get(app).and_then(|roles| roles.get(&role));
        own.or_else(|| self.everybody.get(&role)).copied()
    }

    /// A service that comes to the apps, or shows others to people.
    fn by_service(
        &mut self,
        plan: &'p Plan,
        name: &'p ComponentName,
        service: &'p Service,
        kind: &Kind,
    ) {
        let overrides = plan.environments.values();
        let overrides = overrides.filter_map(|environment| environment.services.get(name));
        let all = std::iter::once(service).chain(overrides);
        let targets: BTreeSet<&ComponentName> = all.flat_map(|it| it.uses.keys()).collect();
        for fit in &kind.roles {
            if fit.comes_to_apps {
                let apps = targets.iter().filter(|name| plan.apps.contains_key(**name));
                for app in apps {
                    self.by(app, fit.role, name);
                }
            }
            if !fit.shows.is_empty() && !targets.is_empty() {
                self.everybody.entry(fit.role).or_insert(name);
            }
        }
    }

    fn by(&mut self, app: &'p ComponentName, role: Role, service: &'p ComponentName) {
        let roles = self.by_app.entry(app).or_default();
        roles.entry(role).or_insert(service);
    }
}

/// Every use of every app, with the kind that an environment gives its target, if it does.
fn uses_of_apps(
    plan: &Plan,
) -> impl Iterator<Item = (&ComponentName, &ComponentName, &Use, Option<&str>)> {
    let base = plan.apps.iter().flat_map(|(app, declared)| {
        let uses = declared.uses.iter();
        uses.map(move |(target, edge)| (app, target, edge, None))
    });
    let overrides = plan.environments.values().flat_map(|environment| {
        environment.apps.iter().flat_map(move |(app, declared)| {
            declared.uses.iter().map(move |(target, edge)| {
                let over = environment.services.get(target);
                (
                    app,
                    target,
                    edge,
                    over.and_then(|over| over.kind.as_deref()),
                )
            })
        })
    });
    base.chain(overrides)
}

/// The needs that nothing fills, each with the apps that have it.
pub fn open_needs(plan: &Plan, catalog: &Catalog) -> Vec<Need> {
    let filled = Filled::of(plan, catalog);
    needs_where(plan, |app, role| filled.by_what(app, role).is_none())
}

/// Every need of every app.
pub fn all_needs(plan: &Plan) -> Vec<Need> {
    needs_where(plan, |_, _| true)
}

fn needs_where(plan: &Plan, wanted: impl Fn(&ComponentName, Role) -> bool) -> Vec<Need> {
    let need = |role: &Role| {
        let apps = plan.apps.iter();
        let apps = apps.filter(|(name, app)| app.needs.contains(role) && wanted(name, *role));
        Need {
            role: *role,
            asked_by: apps.map(|(name, _)| name.clone()).collect(),
            cause: Cause::Said,
        }
    };
    let needs = Role::ALL.iter().map(need);
    needs.filter(|need| !need.asked_by.is_empty()).collect()
}
