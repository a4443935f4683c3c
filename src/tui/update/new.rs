//! Something new: where it is to run, and who is to use it.

use crate::change::{self, Change, ChangeError, Site};
use crate::model::{ComponentName, Edit, EnvironmentName, HostKind, HostName};
use crate::suggest::{Basis, Everywhere, everywhere};
use crate::topology::Host;
use crate::tui::ask::{Ask, EVERYWHERE, NOBODY, NOWHERE, New, NewWhat, Offer, PROVIDER, Then};
use crate::tui::state::State;
use crate::tui::update::ask::{Next, asked, components, hosts};
use crate::tui::update::edit;

/// Asks on which host something new is to run, the selected one first; where there is none it runs nowhere.
pub fn where_to(state: &State, name: &str, what: NewWhat) -> Result<Next, ChangeError> {
    let new = New {
        name: name.to_owned(),
        what,
    };
    let mut offers = hosts(state);
    if let Some(title) = stand_in(state, &new) {
        for offer in &mut offers {
            if is_machine(state, &offer.answer) {
                offer.note = format!("its stand-in {title} would run there; {}", offer.note);
            }
        }
    }
    if offers.is_empty() {
        return used_by_whom(state, &new, NOWHERE);
    }
    let here = edit::host_here(state);
    let is_here = |offer: &Offer| {
        here.as_ref()
            .is_some_and(|host| host.as_str() == offer.answer)
    };
    offers.sort_by_key(|offer| !is_here(offer));
    if state.plan.analysis.topologies.len() > 1 {
        let places = all_places(state, &new).into_iter();
        let places = places.map(|(environment, host)| format!("{environment}: {host}"));
        let places = places.collect::<Vec<_>>().join(", ");
        offers.push(Offer::new(EVERYWHERE, places));
    }
    if let NewWhat::Service(_) = new.what {
        offers.push(Offer::new(PROVIDER, "a new host that a provider manages"));
    }
    offers.push(Offer::new(NOWHERE, "place it later"));
    let environment = edit::here(state).map_or(String::new(), |it| format!(" in {it}"));
    let title = format!("where {name} is to run{environment}");
    Ok(asked(Ask::choice(
        title,
        offers,
        Then::AddOn(Box::new(new)),
    )))
}

/// Asks who is to use a new service, if there is somebody.
pub fn used_by_whom(state: &State, new: &New, on: &str) -> Result<Next, ChangeError> {
    let plan = &state.plan.analysis.plan;
    if plan.apps.is_empty() || matches!(new.what, NewWhat::App(_)) {
        return added(state, new, on, NOBODY).map(Next::Change);
    }
    let mut offers = components(state, |_| true);
    offers.push(Offer::new(NOBODY, "connect it later"));
    let title = format!("who is to use {}", new.name);
    let then = Then::AddUsed(Box::new(new.clone()), on.to_owned());
    Ok(asked(Ask::choices(title, offers, then)))
}

/// The change that adds something new, for users with commas between them.
pub fn added(state: &State, new: &New, on: &str, users: &str) -> Result<Change, ChangeError> {
    let plan = &state.plan.analysis.plan;
    let users = users.split(',').filter(|user| *user != NOBODY);
    let users: Vec<ComponentName> = users.map(ComponentName::new).collect::<Result<_, _>>()?;
    let (mut before, mut behind): (Vec<Edit>, Vec<Edit>) = Default::default();
    let on: Vec<Site> = match (on, edit::here(state)) {
        (NOWHERE, _) | (_, None) => Vec::new(),
        (PROVIDER, Some(environment)) => {
            let hosts = state.topology().into_iter().flat_map(|it| it.hosts.keys());
            let name = change::free_name(&new.name, hosts.map(|host| host.as_str()));
            let managed = change::add_host(plan, &environment, &name, (HostKind::Managed, None))?;
            before = managed.edits;
            vec![(environment, HostName::new(&name)?)]
        }
        (EVERYWHERE, _) => match by_tier(state, new, &users) {
            Some(everywhere) => {
                behind = everywhere.edits;
                Vec::new()
            }
            None => first_hosts(state),
        },
        (host, Some(environment)) => vec![(environment, HostName::new(host)?)],
    };
    let change = match &new.what {
        NewWhat::App(app) => change::add_app(plan, &new.name, &app.image, app.port, &on),
        NewWhat::Service(kind) => change::add_service(plan, &new.name, kind, &on, &users),
    }?;
    before.extend(change.edits);
    before.extend(behind);
    Ok(Change {
        edits: before,
        ..change
    })
}

/// What runs on machines instead of a service that only providers offer.
fn stand_in(state: &State, new: &New) -> Option<String> {
    let NewWhat::Service(kind) = &new.what else {
        return None;
    };
    let kind = state.plan.catalog.kind(kind)?;
    let stand_in = kind
        .stand_in
        .as_deref()
        .filter(|_| !kind.runs_on_machines())?;
    Some(state.plan.catalog.kind(stand_in)?.title.clone())
}

fn is_machine(state: &State, host: &str) -> bool {
    let host = state
        .topology()
        .and_then(|topology| topology.hosts.get(host));
    host.is_some_and(|host| host.kind == HostKind::Machine)
}

/// Where something new runs if it is to run in every environment; the users of a service are asked for later, and
/// may bring it elsewhere.
fn all_places(state: &State, new: &New) -> Vec<(EnvironmentName, String)> {
    match by_tier(state, new, &[]) {
        Some(everywhere) => everywhere.hosts,
        None => {
            let first = first_hosts(state).into_iter();
            first.map(|(at, host)| (at, host.to_string())).collect()
        }
    }
}

/// Where a new service of a known kind belongs in every environment, as `backstay suggest` would place it; nothing
/// for an app.
fn by_tier(state: &State, new: &New, users: &[ComponentName]) -> Option<Everywhere> {
    let NewWhat::Service(kind) = &new.what else {
        return None;
    };
    let kind = state.plan.catalog.kind(kind)?;
    let basis = Basis::of_plan(&state.plan.analysis.plan, &state.plan.catalog)?;
    Some(everywhere(&basis, &new.name, kind, users))
}

/// The first host of each environment that is its own, a machine if there is one.
fn first_hosts(state: &State) -> Vec<Site> {
    let topologies = state.plan.analysis.topologies.iter();
    let first = topologies.filter_map(|topology| {
        let own = |host: &&Host| host.is_own();
        let mut hosts: Vec<&Host> = topology.hosts.values().filter(own).collect();
        hosts.sort_by_key(|host| host.kind != HostKind::Machine);
        Some((topology.environment.clone(), hosts.first()?.name.clone()))
    });
    first.collect()
}
