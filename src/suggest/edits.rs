//! Answers as edits of the plan: services, who uses them in which roles, and where they run.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Kind;
use crate::model::{
    ByteSize, ComponentName, Edit, EditValue, Plan, PlanPath, Role, Tier, VariableName,
};
use crate::suggest::expected::memory_for;
use crate::suggest::growth::roles_of;
use crate::suggest::layout::Layout;
use crate::suggest::remarks::OF_PORT;
use crate::suggest::{Answer, AnswerSource, Basis, Cause, Suggestion, kind_of};

/// The edits that accept some suggestions; those of one plan, decided together.
pub fn edits(basis: &Basis, accepted: &[Suggestion]) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut layout = Layout::of(basis);
    let services = by_service(accepted);
    for (_, suggestions) in &services {
        if let Some(declared) = declared(suggestions) {
            edits.push(declared);
        }
    }
    for (_, suggestions) in &services {
        let shown = shown(basis, accepted, suggestions);
        for (asker, roles) in by_asker(suggestions) {
            edits.extend(uses(
                basis.plan,
                asker,
                suggestions[0].1,
                &roles,
                !shown.is_empty(),
            ));
        }
        edits.extend(written(basis.plan, suggestions));
        for (name, role) in &shown {
            let path = PlanPath::service(&suggestions[0].1.service);
            edits.extend(new_use(&path.key("uses").key(name), *role));
        }
    }
    for (_, suggestions) in &services {
        edits.extend(room(basis, suggestions));
    }
    edits.extend(ports(basis.plan, accepted));
    edits.extend(apart_from_proxies(basis.plan, accepted));
    // What others use must run before they do.
    for (_, suggestions) in &services {
        for (suggestion, answer) in suggestions {
            if answer.source != AnswerSource::Used && suggestion.need.cause != Cause::Copies {
                let (users, role) = (&suggestion.need.asked_by, suggestion.need.role);
                let reaches = reached(basis, accepted, suggestions, users);
                edits.extend(layout.place(answer, role, users, &reaches));
            }
        }
    }
    for (suggestion, answer) in answered(accepted) {
        if suggestion.need.cause == Cause::Copies {
            edits.extend(copies(basis, suggestion, answer, &mut layout));
        }
    }
    edits
}

/// The port of an app that something comes to and that says none.
const USUAL_PORT: u16 = 4000;

/// Ports of the apps that say none, where something comes to them and must know where they listen.
fn ports(plan: &Plan, accepted: &[Suggestion]) -> Vec<Edit> {
    let coming = answered(accepted).filter(|(suggestion, answer)| {
        let fit = answer.kind.fit(suggestion.need.role);
        fit.is_some_and(|fit| fit.comes_to_apps) && answer.source != AnswerSource::Used
    });
    let askers = coming.flat_map(|(suggestion, _)| &suggestion.need.asked_by);
    let is_silent = |name: &&ComponentName| {
        let app = plan.apps.get(*name);
        app.is_some_and(|app| app.port.is_none())
    };
    let silent: BTreeSet<&ComponentName> = askers.filter(is_silent).collect();
    let numbered = silent.into_iter().zip(free_ports(plan, USUAL_PORT));
    let edits = numbered.flat_map(|(app, port)| {
        let path = PlanPath::app(app.as_str()).key("port");
        let set = Edit::Set {
            path: path.clone(),
            value: EditValue::Integer(port.into()),
        };
        [set, Edit::comment(path, OF_PORT)]
    });
    edits.collect()
}

/// The ports from one on that no app of the plan says: processes share those of their machine.
fn free_ports(plan: &Plan, first: u16) -> impl Iterator<Item = u16> + use<> {
    let apps = plan.apps.values();
    let said: BTreeSet<u16> = apps
        .flat_map(|app| app.port.into_iter().chain(app.published))
        .collect();
    (first..=u16::MAX).filter(move |port| !said.contains(port))
}

/// The port of the web, which proxies take of their machine.
const WEB: u16 = 80;

/// Other ports of the machine for apps whose own one a proxy before them takes, and that something else comes to as
/// well, past the proxy.
fn apart_from_proxies(plan: &Plan, accepted: &[Suggestion]) -> Vec<Edit> {
    let coming = |wanted: fn(Role) -> bool| {
        let of_role = answered(accepted).filter(move |(it, _)| wanted(it.need.role));
        let coming = of_role.filter(|(it, answer)| {
            let fit = answer.kind.fit(it.need.role);
            fit.is_some_and(|fit| fit.comes_to_apps)
        });
        let askers = coming.flat_map(|(it, _)| &it.need.asked_by);
        askers.collect::<BTreeSet<&ComponentName>>()
    };
    let proxied = coming(|role| role == Role::Proxy);
    let measured = coming(|role| role != Role::Proxy);
    let both = proxied.intersection(&measured).filter(|name| {
        let app = plan.apps.get(**name);
        app.is_some_and(|app| app.port == Some(WEB) && app.published.is_none())
    });
    let numbered = both.zip(free_ports(plan, USUAL_PORT + WEB));
    numbered
        .map(|(app, port)| Edit::Set {
            path: PlanPath::app(app.as_str()).key("published"),
            value: EditValue::Integer(port.into()),
        })
        .collect()
}

type Accepted<'s> = (&'s Suggestion, &'s Answer);

fn answered(accepted: &[Suggestion]) -> impl Iterator<Item = Accepted<'_>> {
    let pair = |suggestion| Some((suggestion, suggestion_answer(suggestion)?));
    accepted.iter().filter_map(pair)
}

fn suggestion_answer(suggestion: &Suggestion) -> Option<&Answer> {
    suggestion.answer.as_ref()
}

/// The suggestions that one service answers, in the order of the suggestions.
fn by_service(accepted: &[Suggestion]) -> Vec<(&str, Vec<Accepted<'_>>)> {
    let mut services: Vec<(&str, Vec<Accepted>)> = Vec::new();
    for (suggestion, answer) in answered(accepted) {
        let name = answer.service.as_str();
        match services.iter_mut().find(|(known, _)| *known == name) {
            Some((_, suggestions)) => suggestions.push((suggestion, answer)),
            None => services.push((name, vec![(suggestion, answer)])),
        }
    }
    services
}

/// The declaration of a service, if it is new.
fn declared(suggestions: &[Accepted]) -> Option<Edit> {
    let (_, answer) = suggestions.first()?;
    (answer.source == AnswerSource::New).then(|| {
        Edit::set_text(
            PlanPath::service(&answer.service).key("kind"),
            answer.kind.id.clone(),
        )
    })
}

/// The volume of a service in the containers of the apps that write it themselves.
fn written(plan: &Plan, suggestions: &[Accepted]) -> Vec<Edit> {
    let mut edits = Vec::new();
    for (suggestion, answer) in suggestions {
        let role = suggestion.need.role;
        let fit = answer
            .kind
            .fit(role)
            .filter(|_| answer.source != AnswerSource::Used);
        let Some(written) = fit.and_then(|fit| fit.written_in.as_ref()) else {
            continue;
        };
        let in_container = |name: &&ComponentName| {
            let app = plan.apps.get(*name);
            app.is_some_and(|app| app.image.is_some() || app.build.is_some())
        };
        for app in suggestion.need.asked_by.iter().filter(in_container) {
            let mounts = PlanPath::app(app.as_str()).key("container").key("volumes");
            let mount = mounts.key(&answer.service);
            let shared = format!("{}-{}", answer.service, written.volume);
            edits.push(Edit::set_text(
                mount.clone().key("path"),
                written.path.as_str(),
            ));
            edits.push(Edit::set_text(mount.key("shared"), shared));
        }
    }
    edits
}

/// More memory for a service that keeps everything there, where more is expected than fits by default and the plan does
/// not say how much it has.
fn room(basis: &Basis, suggestions: &[Accepted]) -> Vec<Edit> {
    let Some((_, answer)) = suggestions.first() else {
        return Vec::new();
    };
    let memory = answer.kind.container.as_ref().map(|it| &it.memory);
    let Some(setting) = memory.and_then(|memory| memory.data_setting.as_ref()) else {
        return Vec::new();
    };
    let mut roles: BTreeSet<Role> = suggestions.iter().map(|(it, _)| it.need.role).collect();
    if let Ok(name) = ComponentName::new(&answer.service)
        && answer.source != AnswerSource::New
    {
        if has_said(basis.plan, &name, &setting.name) {
            return Vec::new();
        }
        roles.extend(roles_of(basis, &name, &answer.kind));
    }
    let sizes = roles
        .iter()
        .filter_map(|role| basis.plan.sizes.get(role)?.stored);
    let expected = ByteSize(sizes.fold(0, |sum, stored| stored.0.saturating_add(sum)));
    let Some(memory) = memory_for(&answer.kind, expected) else {
        return Vec::new();
    };
    let path = PlanPath::service(&answer.service);
    let said = format!("{}{}", expected.mebibytes(), setting.unit);
    vec![
        Edit::set_text(path.clone().key("memory"), memory.exact()),
        Edit::set_text(path.key("settings").key(&setting.name), said),
    ]
}

/// Whether the plan says how much memory a service has, or how much of it is for data.
fn has_said(plan: &Plan, name: &ComponentName, setting: &str) -> bool {
    let here = plan.environments.values();
    let here = here.filter_map(|environment| environment.services.get(name));
    plan.services.get(name).into_iter().chain(here).any(|it| {
        let is_it = |known: &VariableName| known.as_str() == setting;
        it.memory.is_some() || it.settings.keys().any(is_it)
    })
}

/// Who asks for which roles of a service, by their names.
fn by_asker<'s>(suggestions: &[Accepted<'s>]) -> BTreeMap<&'s ComponentName, Vec<Role>> {
    let mut askers: BTreeMap<&ComponentName, Vec<Role>> = BTreeMap::new();
    for (suggestion, answer) in suggestions {
        let need = &suggestion.need;
        if answer.source == AnswerSource::Used || need.cause == Cause::Copies {
            continue;
        }
        for asker in &need.asked_by {
            askers.entry(asker).or_default().push(need.role);
        }
    }
    askers
}

/// The edits that let somebody use a service in some roles, or the service come to them.
fn uses(
    plan: &Plan,
    asker: &ComponentName,
    answer: &Answer,
    roles: &[Role],
    has_shown: bool,
) -> Vec<Edit> {
    let service = answer.service.as_str();
    let fit = |role: &&Role| answer.kind.fit(**role);
    let comes = |role: &&Role| fit(role).is_some_and(|fit| fit.comes_to_apps);
    let shows = |role: &&Role| has_shown && fit(role).is_some_and(|fit| !fit.shows.is_empty());
    let mut edits = Vec::new();
    let coming = roles.iter().find(comes);
    if let Some(role) = coming.filter(|_| !uses_it(plan, service, asker)) {
        let path = PlanPath::service(service).key("uses").key(asker.as_str());
        // An app leaves its port to what is said to be a proxy before it.
        edits.extend(match role {
            Role::Proxy => new_use(&path, *role).to_vec(),
            _ => vec![Edit::Set {
                path,
                value: EditValue::EmptyTable,
            }],
        });
    }
    let asked: Vec<Role> = roles
        .iter()
        .filter(|role| !comes(role) && !shows(role))
        .copied()
        .collect();
    let section = match plan.apps.contains_key(asker) {
        true => PlanPath::app(asker.as_str()),
        false => PlanPath::service(asker.as_str()),
    };
    let path = section.key("uses").key(service);
    let has_it = plan
        .apps
        .get(asker)
        .is_some_and(|app| app.uses.contains_key(service));
    if has_it {
        // One service that fills two roles is one service less to run.
        edits.extend(asked.iter().map(|role| another_role(&path, *role)));
    } else if let Some((first, others)) = asked.split_first() {
        edits.extend(new_use(&path, *first));
        edits.extend(others.iter().map(|role| another_role(&path, *role)));
    }
    edits
}

/// Whether a service uses a component already.
fn uses_it(plan: &Plan, service: &str, used: &ComponentName) -> bool {
    let service = plan.services.get(service);
    service.is_some_and(|service| service.uses.contains_key(used))
}

/// The edits that write a use in a role.
pub fn new_use(path: &PlanPath, role: Role) -> [Edit; 2] {
    let table = Edit::Set {
        path: path.clone(),
        value: EditValue::EmptyTable,
    };
    let role = Edit::set_text(path.clone().key("role"), role.to_string());
    [table, role]
}

fn another_role(path: &PlanPath, role: Role) -> Edit {
    Edit::Push {
        path: path.clone().key("also"),
        text: role.to_string(),
    }
}

/// What a service connects to itself: apps that it comes to, and services that it shows.
fn reached(
    basis: &Basis,
    accepted: &[Suggestion],
    suggestions: &[Accepted],
    users: &[ComponentName],
) -> Vec<String> {
    let comes = suggestions.iter().any(|(suggestion, answer)| {
        let fit = answer.kind.fit(suggestion.need.role);
        fit.is_some_and(|fit| fit.comes_to_apps)
    });
    let apps = users.iter().filter(|_| comes).map(ToString::to_string);
    let shown = shown(basis, accepted, suggestions);
    apps.chain(shown.into_keys()).collect()
}

/// What a service that is new is to show to people, with the roles: what the plan has, and what is new.
fn shown(
    basis: &Basis,
    accepted: &[Suggestion],
    suggestions: &[Accepted],
) -> BTreeMap<String, Role> {
    let mut all = BTreeMap::new();
    for (suggestion, answer) in suggestions {
        let fit = answer.kind.fit(suggestion.need.role);
        let Some(fit) = fit.filter(|_| answer.source != AnswerSource::Used) else {
            continue;
        };
        let shown = shown_by(basis, accepted, &answer.kind, &fit.shows).into_iter();
        all.extend(shown.filter(|(shown, _)| {
            let used = ComponentName::new(shown);
            let is_used = used.is_ok_and(|used| uses_it(basis.plan, &answer.service, &used));
            *shown != answer.service && !is_used
        }));
    }
    all
}

/// The services that a kind shows, each with the role in which it does.
fn shown_by(
    basis: &Basis,
    accepted: &[Suggestion],
    kind: &Kind,
    shows: &[Role],
) -> BTreeMap<String, Role> {
    let is_one = |other: &Kind| kind.needs_use.is_empty() || kind.needs_use.contains(&other.id);
    let role_of = |other: &Kind| {
        shows
            .iter()
            .copied()
            .find(|role| other.fit(*role).is_some())
    };
    let mut shown = BTreeMap::new();
    for name in basis.plan.services.keys() {
        let Some(other) = kind_of(basis.plan, basis.catalog, name) else {
            continue;
        };
        // One that is there for another work may happen to be able to hold these as well.
        let usual = other.usual_role().is_some_and(|role| shows.contains(&role));
        if let Some(role) = role_of(&other).filter(|_| usual && is_one(&other)) {
            shown.insert(name.to_string(), role);
        }
    }
    for (suggestion, answer) in answered(accepted) {
        let role = suggestion.need.role;
        if shows.contains(&role) && is_one(&answer.kind) {
            shown.entry(answer.service.clone()).or_insert(role);
        }
    }
    shown
}

/// The edits that let copies of services go to a store, in every production and where it is rehearsed.
fn copies(
    basis: &Basis,
    suggestion: &Suggestion,
    answer: &Answer,
    layout: &mut Layout,
) -> Vec<Edit> {
    let plan = basis.plan;
    let tiers = [Tier::Staging, Tier::Production];
    let services = &suggestion.need.asked_by;
    let placed = layout.place_in_tiers(&tiers, answer, Role::Backup, services);
    let environments = plan.environments.keys();
    let served =
        environments.filter(|name| plan.tier(name).is_some_and(|tier| tiers.contains(&tier)));
    let uses = served.flat_map(|environment| {
        let here = layout.run_here(environment, services).into_iter();
        here.flat_map(|service| {
            let path = PlanPath::environment(environment.as_str());
            let path = path.key("services").key(service.as_str()).key("uses");
            new_use(&path.key(&answer.service), Role::Backup)
        })
    });
    placed.into_iter().chain(uses).collect()
}
