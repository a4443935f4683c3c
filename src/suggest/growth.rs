//! What each service of a plan can grow into: who moves, in which roles, by which edits.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::catalog::{Fit, Growth, Kind};
use crate::model::{ComponentName, Edit, EnvironmentName, Plan, PlanPath, Role, Service, Use};
use crate::source::{self, EditError};
use crate::suggest::edits::new_use;
use crate::suggest::layout::Layout;
use crate::suggest::{Answer, AnswerSource, Basis, kind_of};

/// A service that moves to a larger kind.
#[derive(Clone, Debug)]
pub struct Move {
    /// The service.
    pub service: ComponentName,
    /// What it is.
    pub from: Arc<Kind>,
    /// The larger kind's name.
    pub name: String,
    /// What the larger kind is; `None` if it is not in the catalog.
    pub to: Option<Arc<Kind>>,
    /// When, and what changes.
    pub when: String,
    /// The roles that move; all that are used, or those that the larger kind is made for.
    pub roles: Vec<Role>,
    /// Whether everything moves that the service does.
    pub is_whole: bool,
}

/// What a service can grow into, given the roles in which the plan uses it. Kinds that take none of them are left out.
pub fn moves(basis: &Basis, service: &ComponentName) -> Vec<Move> {
    let Some(from) = kind_of(basis.plan, basis.catalog, service) else {
        return Vec::new();
    };
    let used = roles_of(basis, service, &from);
    let one = |growth: &Growth| {
        let to = basis.catalog.kind(&growth.kind);
        let roles: Vec<Role> = match &to {
            Some(to) => used
                .iter()
                .copied()
                .filter(|role| takes(&from, to, *role))
                .collect(),
            None => used.iter().copied().collect(),
        };
        (!roles.is_empty()).then(|| Move {
            service: service.clone(),
            from: from.clone(),
            name: growth.kind.clone(),
            to,
            when: growth.when.clone(),
            is_whole: roles.len() == used.len(),
            roles,
        })
    };
    from.grows_into.iter().filter_map(one).collect()
}

/// Whether the larger kind takes a role over: it is made for it, or speaks the same language and is as good.
fn takes(from: &Kind, to: &Kind, role: Role) -> bool {
    let fit = |kind: &Kind| kind.fit(role).map(|fit| fit.fit);
    let is_same = from.protocol == to.protocol && fit(to) >= fit(from) && fit(to).is_some();
    fit(to) == Some(Fit::Good) || is_same
}

/// The roles in which anything uses a service; its usual one if nothing does.
pub(super) fn roles_of(basis: &Basis, service: &ComponentName, kind: &Kind) -> BTreeSet<Role> {
    let plan = basis.plan;
    let apps = plan.apps.values().map(|app| &app.uses);
    let services = plan.services.values().map(|service| &service.uses);
    let here = plan.environments.values().flat_map(|environment| {
        let apps = environment.apps.values().map(|app| &app.uses);
        apps.chain(environment.services.values().map(|service| &service.uses))
    });
    let edges = apps
        .chain(services)
        .chain(here)
        .filter_map(|uses| uses.get(service));
    let roles = |edge: &Use| {
        let first = edge.role.or(kind.usual_role());
        first
            .into_iter()
            .chain(edge.also.iter().copied())
            .collect::<Vec<_>>()
    };
    let mut all: BTreeSet<Role> = edges.flat_map(roles).collect();
    if all.is_empty() {
        all.extend(kind.usual_role());
    }
    all
}

/// The edits that make the move in the plan: another kind under the same name, or a service beside it for some roles.
pub fn move_edits(basis: &Basis, text: &str, moved: &Move) -> Result<Vec<Edit>, EditError> {
    let Some(to) = &moved.to else {
        return Ok(Vec::new());
    };
    match moved.is_whole {
        true => whole(basis, text, moved, to),
        false => Ok(apart(basis, moved, to)),
    }
}

/// The service becomes the larger kind. What it said of its old kind goes.
fn whole(basis: &Basis, text: &str, moved: &Move, to: &Arc<Kind>) -> Result<Vec<Edit>, EditError> {
    let plan = basis.plan;
    let base = PlanPath::service(moved.service.as_str());
    let mut edits = vec![Edit::set_text(base.clone().key("kind"), &to.id)];
    edits.extend(
        plan.services
            .get(&moved.service)
            .iter()
            .flat_map(|it| outdated(&base, it, moved)),
    );
    edits.extend(unmounted(plan, moved));
    for (name, environment) in &plan.environments {
        let path = PlanPath::environment(name.as_str()).key("services");
        let path = path.key(moved.service.as_str());
        let over = environment.services.get(&moved.service);
        edits.extend(over.iter().flat_map(|over| outdated(&path, over, moved)));
        if to.runs_on_machines() {
            continue;
        }
        // What only a provider runs leaves its machine where no stand-in will do.
        let hosts = environment
            .hosts
            .iter()
            .filter(|(_, host)| host.runs.contains(&moved.service));
        edits.extend(hosts.map(|(host, _)| Edit::Remove {
            path: PlanPath::placement(name.as_str(), host.as_str(), moved.service.as_str()),
        }));
    }
    if to.runs_on_machines() {
        return Ok(edits);
    }
    let plan = source::read(&source::apply(text, &edits)?).plan;
    let basis = Basis {
        plan: &plan,
        ..basis.clone()
    };
    edits.extend(placed(&basis, moved, to, moved.service.as_str(), |_| true));
    Ok(edits)
}

/// The edits that take the volume of a service away from the apps that write it themselves: they write to what takes
/// its place by connecting to it.
fn unmounted(plan: &Plan, moved: &Move) -> Vec<Edit> {
    let fits = moved.roles.iter().filter_map(|role| moved.from.fit(*role));
    let written = fits.filter_map(|fit| fit.written_in.as_ref());
    let shared: BTreeSet<String> = written
        .map(|written| format!("{}-{}", moved.service, written.volume))
        .collect();
    let mut edits = Vec::new();
    for (app, declared) in &plan.apps {
        let volumes = declared.container.iter().flat_map(|it| &it.volumes);
        for (name, mount) in volumes {
            let is_it = mount
                .shared
                .as_ref()
                .is_some_and(|it| shared.contains(it.as_str()));
            if is_it {
                let mounts = PlanPath::app(app.as_str()).key("container").key("volumes");
                edits.push(Edit::Remove {
                    path: mounts.key(name.as_str()),
                });
            }
        }
    }
    edits
}

/// The keys of a service that say something of its kind. What people reach is open to them for what it is.
fn outdated(path: &PlanPath, service: &Service, moved: &Move) -> Vec<Edit> {
    let is_open = |kind: &Kind| kind.usual_role() == Some(Role::Proxy);
    let to = moved.to.as_ref();
    let closes = is_open(&moved.from) && !to.is_some_and(|to| is_open(to));
    let said = [
        ("expose", service.expose.is_some() && closes),
        ("version", service.version.is_some()),
        ("image", service.image.is_some()),
        ("port", service.port.is_some()),
        ("settings", !service.settings.is_empty()),
    ];
    let said = said.into_iter().filter(|(_, is_said)| *is_said);
    said.map(|(key, _)| Edit::Remove {
        path: path.clone().key(key),
    })
    .collect()
}

/// A new service takes some roles over, and the old one keeps the others.
fn apart(basis: &Basis, moved: &Move, to: &Arc<Kind>) -> Vec<Edit> {
    let name = next_name(basis.plan, moved);
    let mut edits = vec![Edit::set_text(PlanPath::service(&name).key("kind"), &to.id)];
    for (app, declared) in &basis.plan.apps {
        let Some(edge) = declared.uses.get(&moved.service) else {
            continue;
        };
        let uses = PlanPath::app(app.as_str()).key("uses");
        let old = uses.clone().key(moved.service.as_str());
        let first = edge.role.or(moved.from.usual_role());
        let all: Vec<Role> = first.into_iter().chain(edge.also.iter().copied()).collect();
        let (going, staying): (Vec<Role>, Vec<Role>) =
            all.into_iter().partition(|role| moved.roles.contains(role));
        let Some((first, others)) = going.split_first() else {
            continue;
        };
        edits.push(Edit::Remove { path: old.clone() });
        edits.extend(used(&old, &staying));
        edits.extend(new_use(&uses.clone().key(&name), *first));
        edits.extend(
            others
                .iter()
                .map(|role| another(&uses.clone().key(&name), *role)),
        );
    }
    edits.extend(placed(basis, moved, to, &name, |_| true));
    edits
}

pub(super) fn used(path: &PlanPath, roles: &[Role]) -> Vec<Edit> {
    let Some((first, others)) = roles.split_first() else {
        return Vec::new();
    };
    let others = others.iter().map(|role| another(path, *role));
    new_use(path, *first).into_iter().chain(others).collect()
}

fn another(path: &PlanPath, role: Role) -> Edit {
    Edit::Push {
        path: path.clone().key("also"),
        text: role.to_string(),
    }
}

/// The edits that let the larger service run where those run who use the smaller one.
pub(super) fn placed(
    basis: &Basis,
    moved: &Move,
    to: &Arc<Kind>,
    name: &str,
    wanted: impl Fn(&EnvironmentName) -> bool,
) -> Vec<Edit> {
    let answer = Answer {
        service: name.to_owned(),
        kind: to.clone(),
        source: AnswerSource::New,
        reason: String::new(),
        lack: None,
    };
    let users = users(basis.plan, &moved.service);
    let role = moved.roles.first().copied().unwrap_or(Role::Database);
    let mut layout = Layout::of(basis);
    layout.place_in(wanted, &answer, role, &users)
}

/// The apps that use a service, in the base of the plan or in an environment.
pub(super) fn apps_of(plan: &Plan, service: &ComponentName) -> Vec<ComponentName> {
    let here = plan.environments.values().flat_map(|it| &it.apps);
    let using = plan
        .apps
        .iter()
        .chain(here)
        .filter(|(_, app)| app.uses.contains_key(service));
    let using: BTreeSet<&ComponentName> = using.map(|(name, _)| name).collect();
    using.into_iter().cloned().collect()
}

/// The apps, or else the services, that use a service.
pub(super) fn users(plan: &Plan, service: &ComponentName) -> Vec<ComponentName> {
    let apps = apps_of(plan, service);
    if !apps.is_empty() {
        return apps;
    }
    let here = plan.environments.values().flat_map(|it| &it.services);
    let using = plan
        .services
        .iter()
        .chain(here)
        .filter(|(_, it)| it.uses.contains_key(service));
    let using: BTreeSet<&ComponentName> = using.map(|(name, _)| name).collect();
    using.into_iter().cloned().collect()
}

/// What the larger service is called beside the smaller one.
pub(super) fn next_name(plan: &Plan, moved: &Move) -> String {
    let stem = match (moved.is_whole, moved.roles.first()) {
        (false, Some(role)) => role.to_string(),
        _ => format!("{}-next", moved.service),
    };
    let numbered = (2..).map(|number| format!("{stem}-{number}"));
    let mut names = std::iter::once(stem.clone()).chain(numbered);
    let free = names.find(|name| !plan.declares(name.as_str()));
    free.expect("there are more numbers than services")
}
