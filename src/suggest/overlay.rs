//! An environment in which a service and the larger kind that it moves to both run.

use std::collections::BTreeSet;

use crate::catalog::Kind;
use crate::model::{
    Choice, ComponentName, Edit, EditValue, Environment, EnvironmentName, Expose, Host, HostName,
    Plan, PlanPath, Role, RunsAs, Service, Use,
};
use crate::source::{self, EditError};
use crate::suggest::edits::new_use;
use crate::suggest::growth::{apps_of, next_name, placed, used, users};
use crate::suggest::{Basis, Move, kind_of};

/// Above how far something reaches that is open to the world elsewhere.
const OF_EXPOSE: &str = "For those who make the move alone: its users stay where they are.";

/// An environment for a move.
#[derive(Clone, Debug)]
pub struct Overlay {
    /// What it is called.
    pub environment: String,
    /// What the larger service is called in it.
    pub service: String,
    /// The edits that add it.
    pub edits: Vec<Edit>,
    /// The services that have data and run in it a second time, with volumes that are new and empty.
    pub anew: Vec<ComponentName>,
}

/// What the environment beside `environment` is called in which a move to a kind is made.
pub fn overlay_name(environment: &EnvironmentName, to: &Kind) -> String {
    format!("{environment}-to-{}", to.id)
}

/// An environment beside `environment` in which apps reach both the smaller and the larger service: the apps run as
/// they do there, services are borrowed, and the larger one is new. Services beside the apps cannot be borrowed from
/// their machine; there, all of it is a copy. Nothing where no app uses the service, or where it
/// is there already.
pub fn overlay(
    basis: &Basis,
    text: &str,
    environment: &EnvironmentName,
    moved: &Move,
) -> Result<Option<Overlay>, EditError> {
    let plan = basis.plan;
    let (Some(to), Some(declared)) = (&moved.to, plan.environments.get(environment)) else {
        return Ok(None);
    };
    let runs = |name: &ComponentName| declared.hosts.values().any(|host| host.runs.contains(name));
    let mut apps = apps_of(plan, &moved.service).into_iter();
    // Without an app that reaches it there, there is nothing to run both for.
    if !runs(&moved.service) || !apps.any(|app| runs(&app)) {
        return Ok(None);
    }
    let service = next_name(plan, moved);
    let name = overlay_name(environment, to);
    if plan.environments.keys().any(|known| known.as_str() == name) {
        return Ok(None);
    }
    let path = PlanPath::environment(&name);
    let mut edits = vec![Edit::set_text(
        PlanPath::service(&service).key("kind"),
        &to.id,
    )];
    let tier = plan.tier(environment).map(|tier| tier.to_string());
    edits.extend(tier.map(|tier| Edit::set_text(path.clone().key("tier"), &tier)));
    for (host, said) in &declared.hosts {
        edits.extend(host_edits(plan, environment, &name, host, said));
    }
    let copied = declared.hosts.values().filter(|host| is_copied(plan, host));
    let copied: BTreeSet<&ComponentName> = copied.flat_map(|host| &host.runs).collect();
    let apps = declared.apps.keys().map(|app| ("apps", app));
    let services = declared.services.keys().map(|it| ("services", it));
    let services = services.filter(|(_, service)| copied.contains(service));
    for (section, name) in apps.chain(services) {
        let of = |path: PlanPath| path.key(section).key(name.as_str());
        edits.push(Edit::Copy {
            path: of(PlanPath::environment(environment.as_str())),
            to: of(path.clone()),
        });
    }
    edits.extend(ports_apart(basis, declared, &path));
    edits.extend(kept_in(plan, declared, &copied, &path));
    edits.extend(both_used(plan, declared, moved, &path, &service));
    let keeps = |name: &&&ComponentName| {
        kind_of(plan, basis.catalog, name).is_some_and(|kind| kind.keeps_data)
    };
    let anew: Vec<ComponentName> = copied.iter().filter(keeps).copied().cloned().collect();
    edits.extend(remarks(declared, (environment, &path), moved, &anew, plan));
    let changed = source::read(&source::apply(text, &edits)?).plan;
    let changed = Basis {
        plan: &changed,
        ..basis.clone()
    };
    edits.extend(placed(&changed, moved, to, &service, |other| {
        other.as_str() == name
    }));
    Ok(Some(Overlay {
        environment: name,
        service,
        edits,
        anew,
    }))
}

/// What is open to the world is open to its own machine here: the users of the environment stay where they are.
fn kept_in(
    plan: &Plan,
    declared: &Environment,
    copied: &BTreeSet<&ComponentName>,
    path: &PlanPath,
) -> Vec<Edit> {
    let mut edits = Vec::new();
    for name in copied {
        let app = [plan.apps.get(*name), declared.apps.get(*name)];
        let app = app.into_iter().flatten().filter_map(|app| app.expose);
        let service = [plan.services.get(*name), declared.services.get(*name)];
        let service = service.into_iter().flatten().filter_map(|it| it.expose);
        if app.chain(service).next_back() != Some(Expose::World) {
            continue;
        }
        let section = match plan.apps.contains_key(*name) {
            true => "apps",
            false => "services",
        };
        let expose = path.clone().key(section).key(name.as_str()).key("expose");
        edits.push(Edit::set_text(expose.clone(), Expose::Machine.as_str()));
        edits.push(Edit::comment(expose, OF_EXPOSE));
    }
    edits
}

/// The comments that say what the environment is for, and what in it is empty.
fn remarks(
    declared: &Environment,
    (environment, path): (&EnvironmentName, &PlanPath),
    moved: &Move,
    anew: &[ComponentName],
    plan: &Plan,
) -> Vec<Edit> {
    let title = moved.to.as_ref().map_or("", |kind| kind.title.as_str());
    let purpose = format!(
        "For the move of `{}` to {title}, from {environment}: to be taken away when the data is over.",
        moved.service
    );
    let mut edits = vec![Edit::comment(path.clone(), purpose)];
    for (host, said) in declared.hosts.iter().filter(|(_, it)| is_copied(plan, it)) {
        let here = anew.iter().filter(|name| said.runs.contains(name));
        let here: Vec<String> = here.map(|name| format!("`{name}`")).collect();
        if !here.is_empty() {
            let text = format!(
                "What runs beside the apps cannot be borrowed: {} is here a second time, its volumes new and empty. Copy into them what the apps are to find.",
                here.join(", ")
            );
            edits.push(Edit::comment(
                path.clone().key("hosts").key(host.as_str()),
                text,
            ));
        }
    }
    edits
}

/// A host as it is in the overlay: with apps on it its own, otherwise borrowed.
fn host_edits(
    plan: &Plan,
    environment: &EnvironmentName,
    name: &str,
    host: &HostName,
    said: &Host,
) -> Vec<Edit> {
    let path = PlanPath::host(name, host.as_str());
    let lender = said.borrow.as_ref().unwrap_or(environment);
    match is_copied(plan, said) {
        true => vec![Edit::Copy {
            path: PlanPath::host(environment.as_str(), host.as_str()),
            to: path,
        }],
        false => vec![
            Edit::set_text(path.clone().key("borrow"), lender.as_str()),
            Edit::Set {
                path: path.key("runs"),
                value: EditValue::List(said.runs.iter().map(ToString::to_string).collect()),
            },
        ],
    }
}

/// Other ports for what runs in a container on a host that is copied, as both are on one machine.
fn ports_apart(basis: &Basis, declared: &Environment, path: &PlanPath) -> Vec<Edit> {
    let mut taken = taken_ports(basis);
    let copied = declared
        .hosts
        .values()
        .filter(|host| host.address.is_some() && is_copied(basis.plan, host));
    let all: BTreeSet<&ComponentName> = copied.flat_map(|host| &host.runs).collect();
    let of_app = |name: &ComponentName| {
        let layers = [basis.plan.apps.get(name), declared.apps.get(name)];
        let layers = || layers.into_iter().flatten();
        let contained = layers().any(|app| app.image.is_some() || app.build.is_some());
        let published = layers().filter_map(|app| app.published).next_back();
        let own = || layers().filter_map(|app| app.port).next_back();
        published.or_else(own).filter(|_| contained)
    };
    let of_service = |name: &ComponentName| {
        let layers = [basis.plan.services.get(name), declared.services.get(name)];
        let layers = || layers.into_iter().flatten();
        let is_process = |service: &Service| service.runs_as == Some(RunsAs::Process);
        let said = layers().filter_map(|service| service.port).next_back();
        let usual = || Some(kind_of(basis.plan, basis.catalog, name)?.port());
        said.or_else(usual).filter(|_| !layers().any(is_process))
    };
    let with_port = all.into_iter().filter_map(|name| {
        let published = of_app(name).map(|port| ("apps", "published", port));
        let (section, key, port) =
            published.or_else(|| Some(("services", "port", of_service(name)?)))?;
        Some((path.clone().key(section).key(name.as_str()).key(key), port))
    });
    let moved = with_port.filter_map(|(path, port)| {
        let free = (port..=u16::MAX).find(|port| taken.insert(*port))?;
        Some(Edit::Set {
            path,
            value: EditValue::Integer(free.into()),
        })
    });
    moved.collect()
}

/// Every port that the plan says or that a kind in it has.
fn taken_ports(basis: &Basis) -> BTreeSet<u16> {
    let plan = basis.plan;
    let here = || plan.environments.values();
    let apps = plan
        .apps
        .values()
        .chain(here().flat_map(|it| it.apps.values()));
    let services = plan.services.values();
    let services = services.chain(here().flat_map(|it| it.services.values()));
    let kinds = plan.services.keys();
    let kinds = kinds.filter_map(|name| kind_of(plan, basis.catalog, name));
    apps.flat_map(|app| [app.port, app.published])
        .chain(services.map(|service| service.port))
        .flatten()
        .chain(
            kinds
                .flat_map(|kind| kind.ports.clone())
                .map(|port| port.number),
        )
        .collect()
}

/// Whether the overlay has a host of its own for one of the environment: where apps run.
fn is_copied(plan: &Plan, host: &Host) -> bool {
    host.borrow.is_none() && host.runs.iter().any(|run| plan.apps.contains_key(run))
}

/// The edits that let apps use the larger service besides, under variables of its own, and let its copies go where
/// those of the smaller one go.
fn both_used(
    plan: &Plan,
    declared: &Environment,
    moved: &Move,
    path: &PlanPath,
    service: &str,
) -> Vec<Edit> {
    let mut edits = Vec::new();
    let prefix = service.to_uppercase().replace('-', "_");
    for app in users(plan, &moved.service)
        .iter()
        .filter(|name| plan.apps.contains_key(*name))
    {
        let uses = path
            .clone()
            .key("apps")
            .key(app.as_str())
            .key("uses")
            .key(service);
        edits.extend(used(&uses, &moved.roles));
        edits.push(Edit::set_text(uses.key("env"), &prefix));
    }
    let is_backup = |edge: &Use| edge.role == Some(Role::Backup);
    let base = plan.services.get(&moved.service);
    let over = declared.services.get(&moved.service);
    let all = base
        .into_iter()
        .chain(over)
        .flat_map(|service| &service.uses);
    for (store, _) in all.filter(|(_, edge)| is_backup(edge)) {
        let uses = path.clone().key("services").key(service).key("uses");
        edits.extend(new_use(&uses.key(store.as_str()), Role::Backup));
    }
    edits
}
