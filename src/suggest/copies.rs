//! What production would run itself, and nothing keeps a copy of.

use crate::model::{ComponentName, HostKind, Role, Tier, Use};
use crate::suggest::target::{Target, target};
use crate::suggest::{Answer, AnswerSource, Basis, Cause, Suggestion};

/// The services among the answers that production is to run itself, that hold what only a copy brings back, and that
/// nothing keeps a copy of.
pub(super) fn runs_itself_in_production(basis: &Basis, found: &[Suggestion]) -> Vec<ComponentName> {
    let mut services = Vec::new();
    for suggestion in found {
        let Some(answer) = &suggestion.answer else {
            continue;
        };
        let role = suggestion.need.role;
        let is_new = answer.source != AnswerSource::Used;
        let holds = role.wants_copies() && answer.kind.keeps_data && answer.kind.keeps_in.is_none();
        let Ok(name) = ComponentName::new(&answer.service) else {
            continue;
        };
        if is_new
            && holds
            && !services.contains(&name)
            && is_alone(basis, suggestion, answer, &name, found)
        {
            services.push(name);
        }
    }
    services
}

/// Whether some production runs it, or would, and nothing keeps a copy of it there.
fn is_alone(
    basis: &Basis,
    suggestion: &Suggestion,
    answer: &Answer,
    name: &ComponentName,
    found: &[Suggestion],
) -> bool {
    let plan = basis.plan;
    let apps = apps_of(suggestion, found);
    let productions = plan
        .environments
        .iter()
        .filter(|(environment, _)| plan.tier(environment) == Some(Tier::Production));
    let is_backup =
        |edge: &Use| edge.role == Some(Role::Backup) || edge.also.contains(&Role::Backup);
    let base = plan
        .services
        .get(name)
        .is_some_and(|service| service.uses.values().any(is_backup));
    let by_app = apps.iter().any(|app| {
        plan.apps
            .get(app)
            .is_some_and(|app| app.uses.values().any(is_backup))
    });
    let mut alone = productions.filter(|(_, environment)| {
        let mut hosts = environment
            .hosts
            .values()
            .filter(|host| host.borrow.is_none());
        let runs_app = hosts
            .clone()
            .any(|host| apps.iter().any(|app| host.runs.contains(app)));
        let there = hosts.find(|host| host.runs.contains(name));
        let is_managed = match there {
            Some(host) => host.kind == Some(HostKind::Managed),
            None => {
                target(
                    basis,
                    &answer.kind,
                    suggestion.need.role,
                    Some(Tier::Production),
                ) == Target::Managed
            }
        };
        let over = environment.services.get(name);
        let copied = over.is_some_and(|over| over.uses.values().any(is_backup));
        runs_app && !is_managed && !copied
    });
    !base && !by_app && alone.next().is_some()
}

/// The apps that a need goes back to.
fn apps_of(suggestion: &Suggestion, found: &[Suggestion]) -> Vec<ComponentName> {
    match suggestion.need.cause {
        Cause::Said | Cause::Instead | Cause::ComesWith(_) => suggestion.need.asked_by.clone(),
        Cause::KeepsIn(role) => {
            let by = found
                .iter()
                .find(|other| other.need.role == role && other.need.cause != suggestion.need.cause);
            by.map_or_else(Vec::new, |other| other.need.asked_by.clone())
        }
        Cause::Copies => Vec::new(),
    }
}
