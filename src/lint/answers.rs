//! What could answer a need, and the edits that let an app use it, as `suggest` decides.

use std::collections::BTreeMap;

use crate::finding::Finding;
use crate::lint::declared::uses_of_app;
use crate::lint::declared_kinds::{ServiceUse, kind_in, roles};
use crate::lint::defaults::{basis, said_default};
use crate::lint::{LintContext, Sink};
use crate::model::{ComponentName, Edit, Role};
use crate::suggest::{self, AnswerSource, Basis, Cause, Need, Suggestion, fills_well, missing};

/// An answer to propose.
pub(super) struct Proposal {
    /// Why this one.
    pub help: String,
    /// What its edits do, as an order.
    pub title: String,
    /// The edits that let the app use it.
    pub edits: Vec<Edit>,
}

/// What answers the needs that nothing fills, worked out when somebody first asks.
pub(super) struct OpenNeeds<'c> {
    basis: Option<Basis<'c>>,
    suggestions: Option<Vec<Suggestion>>,
}

impl<'c> OpenNeeds<'c> {
    pub fn of(context: &LintContext<'c>) -> OpenNeeds<'c> {
        OpenNeeds {
            basis: basis(context),
            suggestions: None,
        }
    }

    /// The best answer to a need of `app`: a service of the plan, or else a new one.
    pub fn proposal(&mut self, app: &ComponentName, need: Role) -> Option<Proposal> {
        let basis = self.basis.as_ref()?;
        let decided = || suggest::suggestions(basis);
        let suggestions = self.suggestions.get_or_insert_with(decided);
        proposal(basis, suggestions, app, need)
    }
}

fn proposal(
    basis: &Basis,
    suggestions: &[Suggestion],
    app: &ComponentName,
    need: Role,
) -> Option<Proposal> {
    let accepted = suggest::accepting(suggestions, need, Some(app));
    let answer = accepted.first()?.answer.as_ref()?;
    let (name, title) = (&answer.service, &answer.kind.title);
    let edits = suggest::edits(basis, &accepted);
    let proposal = match answer.source {
        AnswerSource::Used | AnswerSource::Declared => Proposal {
            help: format!("`{name}` ({title}) can: {}", answer.reason),
            title: format!("let `{app}` use `{name}` as {need}"),
            edits,
        },
        AnswerSource::New => Proposal {
            help: format!("{} is {title}: {}", said_default(basis), answer.reason),
            title: format!("add `{name}`, a service of {title}"),
            edits,
        },
    };
    Some(Proposal {
        title: format!("{}{}", proposal.title, along(&accepted[1..])),
        ..proposal
    })
}

/// What else comes along with an answer, for the title of a fix.
fn along(others: &[Suggestion]) -> String {
    let answers = others.iter().filter_map(|other| other.answer.as_ref());
    let new = answers.filter(|answer| answer.source == AnswerSource::New);
    let mut said: Vec<String> = new
        .map(|answer| format!("`{}` ({})", answer.service, answer.kind.title))
        .collect();
    said.dedup();
    match said.is_empty() {
        true => String::new(),
        false => format!(", with {}", said.join(" and ")),
    }
}

/// Reports each of some uses with what could answer its role instead.
pub(super) fn report_instead<'p>(
    context: &LintContext<'p>,
    uses: impl Iterator<Item = &'p ServiceUse<'p>>,
    sink: &mut Sink,
    finding: impl Fn(&ServiceUse, Option<Proposal>) -> Finding,
) {
    let basis = basis(context);
    let mut known: BTreeMap<(Role, &ComponentName), Vec<Suggestion>> = BTreeMap::new();
    for used in uses {
        let proposal = basis.as_ref().and_then(|basis| {
            let app = app_of(context, used)?;
            let decided = || suggest::decide(basis, vec![instead_of(used, app)]);
            let suggestions = known.entry((used.role, app)).or_insert_with(decided);
            instead(context, basis, used, suggestions)
        });
        sink.push(finding(used, proposal));
    }
}

fn instead_of(used: &ServiceUse, app: &ComponentName) -> Need {
    Need {
        role: used.role,
        asked_by: vec![app.clone()],
        cause: Cause::Instead,
    }
}

/// The app whose use it is: `None` if only an environment or a service declares the use, which says nothing of the
/// app everywhere.
fn app_of<'p>(context: &LintContext, used: &ServiceUse<'p>) -> Option<&'p ComponentName> {
    let app = used.declared.user;
    let is_base = used.declared.environment.is_none() && context.plan.apps.contains_key(app);
    is_base.then_some(app)
}

/// How an app fills a role with something else than what it uses for it now.
fn instead(
    context: &LintContext,
    basis: &Basis,
    used: &ServiceUse,
    suggestions: &[Suggestion],
) -> Option<Proposal> {
    let (app, target, role) = (used.declared.user, used.declared.target, used.role);
    // Without a role it would be used in the kind's usual one, which must not be this one.
    let usual = used.kind.roles.first().map(|fit| fit.role);
    if usual == Some(role) {
        return None;
    }
    if !is_better(basis, used, suggestions) {
        return None;
    }
    let mut proposal = proposal(basis, suggestions, app, role)?;
    // The use keeps its other roles, or the usual one of its kind.
    let away = role_taken_away(used);
    match has_another(context, used) {
        true => Some(Proposal {
            help: proposal.help,
            title: format!("do not use `{target}` as {role}"),
            edits: away,
        }),
        false => {
            proposal.edits.splice(0..0, away);
            Some(proposal)
        }
    }
}

/// The edits that end a use in a role.
fn role_taken_away(used: &ServiceUse) -> Vec<Edit> {
    let path = used.role_path();
    let is_last = used.declared.edge.also.len() == 1;
    let list = path.list().filter(|_| is_last);
    let item = Edit::Remove { path };
    let list = list.map(|path| Edit::Remove { path });
    std::iter::once(item).chain(list).collect()
}

/// Whether what is suggested instead leaves nothing to find: it is something else, and does all that is required.
fn is_better(basis: &Basis, used: &ServiceUse, suggestions: &[Suggestion]) -> bool {
    let role = used.role;
    let is_it = |it: &&Suggestion| it.need.role == role && it.need.cause == Cause::Instead;
    let answer = suggestions
        .iter()
        .find(is_it)
        .and_then(|it| it.answer.as_ref());
    answer.is_some_and(|answer| {
        let demand = basis.plan.needs.get(&role);
        let lacks = demand.is_some_and(|demand| !missing(&answer.kind, role, demand).is_empty());
        answer.service != used.declared.target.as_str() && !lacks
    })
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
