//! All needs together: few services, each of which fills as many of them as it does well.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::catalog::{Fit, Kind};
use crate::model::{Choice, ComponentName, Role};
use crate::suggest::choose::{Chosen, choose, reason_of, rejected};
use crate::suggest::copies::runs_itself_in_production;
use crate::suggest::expected::{is_able, lack_of_answer, shortfall};
use crate::suggest::target::is_managed;
use crate::suggest::{
    Answer, AnswerSource, Basis, Cause, Expected, Filled, Need, Suggestion, fills_well, kind_of,
    open_needs,
};

/// What answers the needs of the plan that nothing fills, and what these bring with them.
pub fn suggestions(basis: &Basis) -> Vec<Suggestion> {
    decide(basis, open_needs(basis.plan, basis.catalog))
}

/// What answers some needs, decided together, and what these bring with them: a service that answers one of them
/// answers others too where it can.
pub fn decide(basis: &Basis, needs: Vec<Need>) -> Vec<Suggestion> {
    let needs = with_companions(basis, needs);
    let declared = declared_kinds(basis);
    let chosen = choose_all(basis, &needs, &declared);
    let mut names = Names::new(basis);
    let mut found: Vec<Suggestion> = Vec::new();
    let answers = joined(basis, &needs, &declared, &chosen);
    let new: Vec<(Role, Chosen)> = needs
        .iter()
        .zip(&answers)
        .filter_map(|(need, answer)| match answer {
            Some(Picked::New(chosen)) => Some((need.role, chosen.clone())),
            _ => None,
        })
        .collect();
    names.give(basis, &new);
    for (need, picked) in needs.into_iter().zip(answers) {
        let expected = Expected::of(basis.plan, need.role);
        let answer = picked.map(|picked| answered(&names, need.role, &expected, picked));
        found.push(suggestion(basis, need, expected, answer));
    }
    keep_data(basis, &mut names, &mut found);
    keep_copies(basis, &mut names, &mut found);
    found
}

/// The kind that answers a role in this plan, were nothing there, and why.
pub fn chosen(basis: &Basis, role: Role) -> Option<(Arc<Kind>, String)> {
    let need = Need {
        role,
        asked_by: Vec::new(),
        cause: Cause::Said,
    };
    let chosen = choose_all(basis, &[need], &declared_kinds(basis)).pop()??;
    Some((chosen.kind, chosen.reason))
}

/// What accepting the answer to one need takes, of one app or of all that have it: that answer first, then what comes
/// along with it. What only comes along is accepted with what brings it.
pub fn accepting(
    suggestions: &[Suggestion],
    role: Role,
    app: Option<&ComponentName>,
) -> Vec<Suggestion> {
    let asks = |it: &Suggestion| app.is_none_or(|app| it.need.asked_by.contains(app));
    let of_app = |it: &&Suggestion| it.need.role == role && asks(it);
    let role = match suggestions.iter().find(of_app).map(|it| it.need.cause) {
        Some(Cause::ComesWith(with) | Cause::KeepsIn(with)) => with,
        _ => role,
    };
    let with = |cause: Cause| match cause {
        Cause::ComesWith(with) | Cause::KeepsIn(with) => Some(with),
        Cause::Said | Cause::Instead | Cause::Copies => None,
    };
    let is_itself = |it: &&Suggestion| {
        it.need.role == role && matches!(it.need.cause, Cause::Said | Cause::Instead)
    };
    let along = |it: &&Suggestion| !is_itself(it) && with(it.need.cause) == Some(role);
    let said = suggestions.iter().find(is_itself);
    let narrowed = |it: &Suggestion| {
        let mut it = it.clone();
        if let Some(app) = app.filter(|app| it.need.asked_by.contains(app)) {
            it.need.asked_by = vec![app.clone()];
        }
        it
    };
    let mut accepted: Vec<Suggestion> = said.into_iter().map(narrowed).collect();
    accepted.extend(suggestions.iter().filter(along).map(narrowed));
    accepted.extend(needed_by(suggestions, &accepted));
    let names: Vec<String> = accepted
        .iter()
        .filter_map(|it| Some(it.answer.as_ref()?.service.clone()))
        .collect();
    let copies = suggestions
        .iter()
        .filter(|it| it.need.cause == Cause::Copies);
    accepted.extend(copies.filter_map(|it| {
        let mut it = it.clone();
        it.need
            .asked_by
            .retain(|service| names.iter().any(|name| name == service.as_str()));
        (!it.need.asked_by.is_empty()).then_some(it)
    }));
    accepted
}

/// The new services without which accepted ones do not work, and which answer other needs.
fn needed_by(suggestions: &[Suggestion], accepted: &[Suggestion]) -> Vec<Suggestion> {
    let kinds = |of: &[Suggestion]| -> Vec<Arc<Kind>> {
        let answers = of.iter().filter_map(|it| it.answer.as_ref());
        let new = answers.filter(|answer| answer.source == AnswerSource::New);
        new.map(|answer| answer.kind.clone()).collect()
    };
    let there = kinds(accepted);
    let needed: Vec<&String> = there.iter().flat_map(|kind| &kind.needs_use).collect();
    if there.iter().any(|kind| needed.contains(&&kind.id)) {
        return Vec::new();
    }
    let is_one = |it: &&Suggestion| {
        kinds(std::slice::from_ref(*it))
            .iter()
            .any(|kind| needed.contains(&&kind.id))
    };
    suggestions
        .iter()
        .find(is_one)
        .cloned()
        .into_iter()
        .collect()
}

/// What was picked for a need.
enum Picked {
    Declared(ComponentName, Arc<Kind>, AnswerSource),
    New(Chosen),
}

/// Services that the plan declares, each with its kind.
type Declared = Vec<(ComponentName, Arc<Kind>)>;

fn declared_kinds(basis: &Basis) -> Declared {
    let names = basis.plan.services.keys();
    let own = names.filter(|name| !basis.plan.apps.contains_key(*name));
    own.filter_map(|name| Some((name.clone(), kind_of(basis.plan, basis.catalog, name)?)))
        .collect()
}

/// The needs, and those that the stack says come with them.
fn with_companions(basis: &Basis, mut needs: Vec<Need>) -> Vec<Need> {
    let filled = Filled::of(basis.plan, basis.catalog);
    let mut more = Vec::new();
    for need in &needs {
        let answer = basis.answer(need.role);
        if need.cause == Cause::Instead {
            continue;
        }
        for role in answer.iter().flat_map(|answer| &answer.brings) {
            let is_asked = needs.iter().any(|other| other.role == *role);
            let is_filled = need
                .asked_by
                .iter()
                .any(|app| filled.by_what(app, *role).is_some());
            if !is_asked && !is_filled {
                more.push(Need {
                    role: *role,
                    asked_by: need.asked_by.clone(),
                    cause: Cause::ComesWith(need.role),
                });
            }
        }
    }
    needs.extend(more);
    let place = |need: &Need| Role::ALL.iter().position(|role| *role == need.role);
    needs.sort_by_key(place);
    needs
}

/// The kind that each need would be answered with, were nothing there.
fn choose_all(basis: &Basis, needs: &[Need], declared: &Declared) -> Vec<Option<Chosen>> {
    let one = |role: Role, has: &dyn Fn(&Kind) -> bool| {
        choose(basis, role, &Expected::of(basis.plan, role), has)
    };
    let independent = |kind: &Kind| kind.needs_use.is_empty();
    let first: Vec<Option<Chosen>> = needs
        .iter()
        .map(|need| one(need.role, &independent))
        .collect();
    let mut there: BTreeSet<String> = declared.iter().map(|(_, kind)| kind.id.clone()).collect();
    there.extend(first.iter().flatten().map(|chosen| chosen.kind.id.clone()));
    // What cannot do without another kind is chosen once it is known what is there.
    let has = |kind: &Kind| {
        kind.needs_use.is_empty() || kind.needs_use.iter().any(|id| there.contains(id))
    };
    needs.iter().map(|need| one(need.role, &has)).collect()
}

/// What answers each need: what is declared where it is made for it, else what is new for another need anyway, else
/// what is declared and does well enough, else something new.
fn joined(
    basis: &Basis,
    needs: &[Need],
    declared: &Declared,
    chosen: &[Option<Chosen>],
) -> Vec<Option<Picked>> {
    let filled = Filled::of(basis.plan, basis.catalog);
    let best: Vec<Option<&(ComponentName, Arc<Kind>)>> = needs
        .iter()
        .zip(chosen)
        .map(|(need, chosen)| best_declared(basis, need, declared, chosen.as_ref()))
        .collect();
    let introduced: BTreeSet<&str> = best
        .iter()
        .zip(chosen)
        .filter(|(best, _)| best.is_none())
        .filter_map(|(_, chosen)| Some(chosen.as_ref()?.kind.id.as_str()))
        .collect();
    let all = needs.iter().zip(best).zip(chosen);
    all.map(|((need, best), chosen)| {
        let used = used_by_all(&filled, need, declared);
        if let Some((name, kind)) = used {
            let (name, kind) = (name.clone(), kind.clone());
            return Some(Picked::Declared(name, kind, AnswerSource::Used));
        }
        let is_better = |chosen: &&Chosen| {
            let (_, kind) = best?;
            let only_fair = kind.fit(need.role)?.fit < Fit::Good;
            let is_new_anyway = introduced.contains(chosen.kind.id.as_str());
            (only_fair && kind.id != chosen.kind.id && is_new_anyway).then_some(())
        };
        let better = chosen.as_ref().filter(|chosen| is_better(chosen).is_some());
        match (better, best) {
            (None, Some((name, kind))) => {
                let (name, kind) = (name.clone(), kind.clone());
                Some(Picked::Declared(name, kind, AnswerSource::Declared))
            }
            _ => chosen.clone().map(Picked::New),
        }
    })
    .collect()
}

/// The service that fills a need already for everybody who asks.
fn used_by_all<'d>(
    filled: &Filled,
    need: &Need,
    declared: &'d Declared,
) -> Option<&'d (ComponentName, Arc<Kind>)> {
    let mut by = need
        .asked_by
        .iter()
        .map(|app| filled.by_what(app, need.role));
    if need.cause == Cause::Instead {
        return None;
    }
    let first = by.next()??;
    if !by.all(|other| other.is_some()) {
        return None;
    }
    declared.iter().find(|(name, _)| name == first)
}

/// The declared service that fills a role best, as expected; of equals the one of the kind that was chosen.
fn best_declared<'d>(
    basis: &Basis,
    need: &Need,
    declared: &'d Declared,
    chosen: Option<&Chosen>,
) -> Option<&'d (ComponentName, Arc<Kind>)> {
    let (role, askers) = (need.role, &need.asked_by);
    let expected = Expected::of(basis.plan, role);
    let wanted = chosen.map(|chosen| &chosen.kind.id);
    let comes = |kind: &Kind| kind.fit(role).is_some_and(|fit| fit.comes_to_apps);
    // What uses those who ask cannot be used by them as well.
    let uses_them = |name: &ComponentName| {
        let service = basis.plan.services.get(name);
        service.is_some_and(|service| askers.iter().any(|app| service.uses.contains_key(app)))
    };
    // Where nothing does all that is expected, what is there will do if nothing else falls short by less.
    let short = |kind: &Kind| shortfall(kind, role, &expected);
    let unable = chosen.filter(|chosen| !is_able(&chosen.kind, role, &expected));
    let is_as_able = |kind: &Kind| {
        let least = unable.map(|chosen| short(&chosen.kind));
        fills_well(kind, role) && least.is_some_and(|least| short(kind) <= least)
    };
    let able = declared
        .iter()
        .filter(|(_, kind)| is_able(kind, role, &expected) || is_as_able(kind))
        .filter(|(name, kind)| comes(kind) || !uses_them(name));
    able.min_by_key(|(_, kind)| {
        let fit = kind.fit(role).map(|fit| fit.fit);
        (short(kind), Reverse(fit), wanted != Some(&kind.id))
    })
}

fn answered(names: &Names, role: Role, expected: &Expected, picked: Picked) -> Answer {
    match picked {
        Picked::Declared(name, kind, source) => Answer {
            service: name.to_string(),
            reason: reason_of(&kind, role).to_owned(),
            lack: lack_of_answer(&kind, role, expected),
            source,
            kind,
        },
        Picked::New(chosen) => Answer {
            service: names.of(role),
            lack: lack_of_answer(&chosen.kind, role, expected),
            source: AnswerSource::New,
            kind: chosen.kind,
            reason: chosen.reason,
        },
    }
}

fn suggestion(basis: &Basis, need: Need, expected: Expected, answer: Option<Answer>) -> Suggestion {
    let rejected = answer
        .as_ref()
        .map(|answer| rejected(basis, need.role, &expected, &answer.kind));
    Suggestion {
        need,
        expected,
        answer,
        rejected: rejected.unwrap_or_default(),
    }
}

/// Adds a service for the data of each new one that keeps them in another.
fn keep_data(basis: &Basis, names: &mut Names, found: &mut Vec<Suggestion>) {
    let mut more = Vec::new();
    for suggestion in found.iter() {
        let Some(answer) = &suggestion.answer else {
            continue;
        };
        let Some(role) = answer
            .kind
            .keeps_in
            .filter(|_| answer.source == AnswerSource::New)
        else {
            continue;
        };
        let Ok(keeper) = ComponentName::new(&answer.service) else {
            continue;
        };
        let expected = Expected::default();
        let independent = |kind: &Kind| kind.needs_use.is_empty();
        let Some(chosen) = choose(basis, role, &expected, &independent) else {
            continue;
        };
        let service = names.free(&format!("{keeper}-{role}"));
        let answer = Answer {
            service,
            reason: format!("keeps the data of `{keeper}`, apart from what the apps keep"),
            lack: None,
            source: AnswerSource::New,
            kind: chosen.kind,
        };
        let need = Need {
            role,
            asked_by: vec![keeper],
            cause: Cause::KeepsIn(suggestion.need.role),
        };
        more.push(self::suggestion(basis, need, expected, Some(answer)));
    }
    found.extend(more);
}

/// Adds a store for copies of what production runs itself and nothing keeps a copy of.
fn keep_copies(basis: &Basis, names: &mut Names, found: &mut Vec<Suggestion>) {
    let asked_by = runs_itself_in_production(basis, found);
    if asked_by.is_empty() {
        return;
    }
    let mut need = Need {
        role: Role::Backup,
        asked_by,
        cause: Cause::Copies,
    };
    let expected = Expected::of(basis.plan, need.role);
    let answered = found.iter().find(|it| it.need.role == need.role);
    let answer = match answered {
        Some(answered) => answered.answer.clone(),
        None => store_for_copies(basis, names, found, &need),
    };
    if let Some(answer) = &answer {
        let is_other = |service: &ComponentName| service.as_str() != answer.service;
        need.asked_by.retain(is_other);
    }
    if !need.asked_by.is_empty() {
        found.push(suggestion(basis, need, expected, answer));
    }
}

/// Where copies of some services go: to one that is declared, or that is new for another need and lies at a provider,
/// or to one for them alone.
fn store_for_copies(
    basis: &Basis,
    names: &mut Names,
    found: &[Suggestion],
    need: &Need,
) -> Option<Answer> {
    let role = need.role;
    let expected = Expected::of(basis.plan, role);
    let independent = |kind: &Kind| kind.needs_use.is_empty();
    let chosen = choose(basis, role, &expected, &independent);
    let is_other = |name: &str| need.asked_by.iter().all(|asker| asker.as_str() != name);
    let declared = declared_kinds(basis).into_iter();
    let others: Declared = declared
        .filter(|(name, _)| is_other(name.as_str()))
        .collect();
    if let Some((name, kind)) = best_declared(basis, need, &others, chosen.as_ref()) {
        let picked = Picked::Declared(name.clone(), kind.clone(), AnswerSource::Declared);
        return Some(answered(names, role, &expected, picked));
    }
    let chosen = chosen?;
    let is_same = |answer: &&Answer| answer.kind.id == chosen.kind.id && is_other(&answer.service);
    let mut answers = found.iter().filter_map(|it| it.answer.as_ref());
    let same = answers.find(is_same);
    if let Some(answer) = same.filter(|_| is_managed(basis, &chosen.kind, role)) {
        let reason = chosen.reason;
        return Some(Answer {
            reason,
            ..answer.clone()
        });
    }
    names.give(basis, &[(role, chosen.clone())]);
    Some(answered(names, role, &expected, Picked::New(chosen)))
}

/// What a service is usually called that fills a role.
fn usual_name(role: Role) -> &'static str {
    match role {
        Role::Backup => "backups",
        role => role.as_str(),
    }
}

/// Names for new services: one for each kind, after the role that it fills best.
struct Names {
    taken: BTreeSet<String>,
    by_role: BTreeMap<Role, String>,
}

impl Names {
    fn new(basis: &Basis) -> Names {
        let plan = basis.plan;
        let taken = plan.apps.keys().chain(plan.services.keys());
        Names {
            taken: taken.map(ToString::to_string).collect(),
            by_role: BTreeMap::new(),
        }
    }

    fn of(&self, role: Role) -> String {
        let name = self.by_role.get(&role).cloned();
        name.unwrap_or_else(|| usual_name(role).to_owned())
    }

    /// Names a service for each kind and direction: what comes to the apps is no service that apps use, and copies
    /// do not lie in what one runs oneself with what they are copies of.
    fn give(&mut self, basis: &Basis, new: &[(Role, Chosen)]) {
        let is_apart = |role: Role, kind: &Kind| {
            let comes = kind.fit(role).is_some_and(|fit| fit.comes_to_apps);
            comes || role == Role::Backup && !is_managed(basis, kind, role)
        };
        let mut groups: BTreeMap<(&str, bool), Vec<Role>> = BTreeMap::new();
        for (role, chosen) in new {
            let key = (chosen.kind.id.as_str(), is_apart(*role, &chosen.kind));
            groups.entry(key).or_default().push(*role);
        }
        for ((id, _), roles) in groups {
            let kind = new.iter().find(|(_, chosen)| chosen.kind.id == id);
            let by_kind = kind.iter().flat_map(|(_, chosen)| &chosen.kind.roles);
            let mut by_kind = by_kind
                .map(|fit| fit.role)
                .filter(|role| roles.contains(role));
            let Some(first) = by_kind.next().or(roles.first().copied()) else {
                continue;
            };
            let name = self.free(usual_name(first));
            self.by_role
                .extend(roles.into_iter().map(|role| (role, name.clone())));
        }
    }

    /// The name, or the name with a number if something is called so already.
    fn free(&mut self, wanted: &str) -> String {
        let numbered = (2..).map(|number| format!("{wanted}-{number}"));
        let mut names = std::iter::once(wanted.to_owned()).chain(numbered);
        let free = names.find(|name| !self.taken.contains(name));
        let free = free.expect("there are more numbers than services");
        self.taken.insert(free.clone());
        free
    }
}
