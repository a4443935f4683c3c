//! What could answer a need, and the edits that let an app use it.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::catalog::{Fit, Kind};
use crate::finding::Finding;
use crate::lint::declared::uses_of_app;
use crate::lint::declared_kinds::{ServiceUse, kind_in, roles};
use crate::lint::defaults::default_answer;
use crate::lint::{LintContext, Sink};
use crate::model::{ComponentName, Edit, EditValue, Plan, PlanPath, Role};

/// What could answer a need.
pub(super) struct Answers<'p> {
    /// Services of the plan that fill the role well, the best first.
    present: Vec<(&'p ComponentName, Arc<Kind>)>,
    /// What the default stack answers, and why.
    default: Option<(Arc<Kind>, String)>,
}

/// What could answer `need` in this plan.
pub(super) fn answers_to<'p>(context: &LintContext<'p>, need: Role) -> Answers<'p> {
    let default = default_answer(context, need);
    let wanted = default.as_ref().map(|(kind, _)| &kind.id);
    let names = context.plan.services.keys();
    let mut present: Vec<(&ComponentName, Arc<Kind>)> = names
        .filter(|name| !context.plan.apps.contains_key(*name))
        .filter_map(|name| Some((name, kind_in(context, None, name)?)))
        .filter(|(_, kind)| fills_well(kind, need))
        .collect();
    present.sort_by_key(|(_, kind)| {
        let fit = kind.fit(need).map(|fit| fit.fit);
        (Reverse(fit), wanted != Some(&kind.id))
    });
    Answers { present, default }
}

/// Reports each of some uses with what could answer its role instead, which is worked out once for each role.
pub(super) fn report_with_answers<'p>(
    context: &LintContext<'p>,
    uses: impl Iterator<Item = &'p ServiceUse<'p>>,
    sink: &mut Sink,
    finding: impl Fn(&LintContext, &ServiceUse, &Answers) -> Finding,
) {
    let mut answers: BTreeMap<Role, Answers> = BTreeMap::new();
    for used in uses {
        let answers = answers
            .entry(used.role)
            .or_insert_with(|| answers_to(context, used.role));
        sink.push(finding(context, used, answers));
    }
}

/// An answer to propose.
pub(super) struct Proposal {
    /// Why this one.
    pub help: String,
    /// What its edits do, as an order.
    pub title: String,
    /// The edits that let the app use it.
    pub edits: Vec<Edit>,
}

/// The best answer to a need of `app`: a service of the plan, or else a new one of the default kind.
pub(super) fn proposal(
    plan: &Plan,
    app: &ComponentName,
    need: Role,
    answers: &Answers,
) -> Option<Proposal> {
    let base = plan.apps.get(app).map(|app| &app.uses);
    match (answers.present.first(), &answers.default) {
        (Some((name, kind)), _) => {
            let reason = kind.fit(need).map_or("", |fit| fit.reason.as_str());
            Some(Proposal {
                help: format!("`{name}` ({}) can: {reason}", kind.title),
                title: format!("let `{app}` use `{name}` as {need}"),
                // One service that fills two roles is one service less to run.
                edits: match base.is_some_and(|uses| uses.contains_key(*name)) {
                    true => vec![another_role(app, need, name)],
                    false => new_use(app, need, name.as_str()),
                },
            })
        }
        (None, Some((kind, reason))) => {
            let name = free_name(plan, need);
            Some(Proposal {
                help: format!("the default is {}: {reason}", kind.title),
                title: format!("add `{name}`, a service of {}", kind.title),
                edits: new_service(app, need, &name, kind),
            })
        }
        (None, None) => None,
    }
}

/// How an app fills a role with something else than what it uses for it now: `None` if only an environment
/// or a service declares the use, which says nothing of the app everywhere, or if nothing answers.
pub(super) fn instead(
    context: &LintContext,
    used: &ServiceUse,
    answers: &Answers,
) -> Option<Proposal> {
    let (app, target, role) = (used.declared.user, used.declared.target, used.role);
    let is_base = used.declared.environment.is_none() && context.plan.apps.contains_key(app);
    // Without a role it would be used in the kind's usual one, which must not be this one.
    let usual = used.kind.roles.first().map(|fit| fit.role);
    if !is_base || usual == Some(role) {
        return None;
    }
    let mut proposal = proposal(context.plan, app, role, answers)?;
    // The use keeps its other roles, or the usual one of its kind.
    let away = Edit::Remove {
        path: used.role_path(),
    };
    match has_another(context, used) {
        true => Some(Proposal {
            help: proposal.help,
            title: format!("do not use `{target}` as {role}"),
            edits: vec![away],
        }),
        false => {
            proposal.edits.insert(0, away);
            Some(proposal)
        }
    }
}

/// Whether the app uses something else for the same role already, that fills it well.
fn has_another(context: &LintContext, used: &ServiceUse) -> bool {
    let (app, target, role) = (used.declared.user, used.declared.target, used.role);
    let mut others = uses_of_app(context.plan, app).filter(|other| other.target != target);
    others.any(|other| {
        let kind = kind_in(context, other.environment, other.target);
        kind.is_some_and(|kind| fills_well(&kind, role)) && roles(context, &other).contains(&role)
    })
}

/// Whether a kind fills a role well, and keeps what must be kept.
pub(super) fn fills_well(kind: &Kind, need: Role) -> bool {
    let well = kind.fit(need).is_some_and(|fit| fit.fit >= Fit::Fair);
    well && (kind.keeps_data || !need.is_durable())
}

fn new_service(app: &ComponentName, need: Role, name: &str, kind: &Kind) -> Vec<Edit> {
    let declare = Edit::Set {
        path: PlanPath::service(name).key("kind"),
        value: EditValue::Text(kind.id.clone()),
    };
    let mut edits = vec![declare];
    edits.extend(new_use(app, need, name));
    edits
}

fn another_role(app: &ComponentName, need: Role, service: &ComponentName) -> Edit {
    let uses = PlanPath::app(app.as_str()).key("uses");
    Edit::Push {
        path: uses.key(service.as_str()).key("also"),
        text: need.to_string(),
    }
}

fn new_use(app: &ComponentName, need: Role, service: &str) -> Vec<Edit> {
    let path = PlanPath::app(app.as_str()).key("uses").key(service);
    let table = Edit::Set {
        path: path.clone(),
        value: EditValue::EmptyTable,
    };
    let role = Edit::Set {
        path: path.key("role"),
        value: EditValue::Text(need.to_string()),
    };
    vec![table, role]
}

/// The role's word, or that word and a number if something is called so already.
fn free_name(plan: &Plan, need: Role) -> String {
    let numbered = (2..).map(|number| format!("{need}-{number}"));
    std::iter::once(need.to_string())
        .chain(numbered)
        .find(|name| !plan.declares(name.as_str()))
        .expect("there are more numbers than services")
}
