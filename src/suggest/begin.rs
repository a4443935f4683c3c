//! A new plan from needs: its text, with comments that say why each choice was made.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Catalog;
use crate::finding::quoted;
use crate::model::{
    Choice, ComponentName, Demand, Edit, EditValue, EnvironmentName, NameError, Plan, PlanName,
    PlanPath, Role, SizeHint, Step, Tier,
};
use crate::source;
use crate::suggest::layout::Places;
use crate::suggest::remarks::{OF_ADDRESS, OF_PUBLISHED};
use crate::suggest::{
    AnswerSource, Basis, Cause, DEFAULT_STACK, Expected, HintError, Suggestion, WantedNeed,
    check_apps, check_named, check_required, edits, suggestions, taken_for,
};

/// What a new plan is made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewPlan {
    /// What the application is called.
    pub name: String,
    /// Its apps.
    pub apps: Vec<NewApp>,
    /// What the apps need.
    pub needs: Vec<WantedNeed>,
    /// Its environments; the tier where the name does not say it, which is development unless said.
    pub environments: Vec<(String, Option<Tier>)>,
    /// The set of defaults; the founding one if not said.
    pub stack: Option<String>,
    /// Kinds that the team knows.
    pub team: Vec<String>,
}

/// An app of a new plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewApp {
    /// Its name.
    pub name: String,
    /// Its image; without one it runs as a process.
    pub image: Option<String>,
    /// The port that it listens on.
    pub port: Option<u16>,
}

/// A new plan as text, and how its needs are answered.
#[derive(Clone, Debug)]
pub struct Begun {
    /// The text.
    pub text: String,
    /// The answers, in the order of the needs.
    pub suggestions: Vec<Suggestion>,
    /// What its environments were taken to be for, where their names leave it open.
    pub taken_for: Option<String>,
}

/// Why a plan cannot be begun.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BeginError {
    /// Something has a name that it cannot have.
    #[error(
        "the name {} {fault}; use 1 to 63 of `a-z`, `0-9`, `-` and `_`, a letter or digit first",
        quoted(name)
    )]
    Name {
        /// The name.
        name: String,
        /// What about it cannot be.
        fault: NameError,
    },
    /// Two things have one name.
    #[error("`{0}` is named twice")]
    Twice(String),
    /// There is no such stack.
    #[error("there is no set of defaults `{0}`")]
    Stack(String),
    /// Needs without an app that has them.
    #[error("needs belong to an app: name one")]
    NoApp,
    /// An app or a need that cannot be had so.
    #[error("{0}")]
    Refused(HintError),
}

impl From<HintError> for BeginError {
    fn from(error: HintError) -> Self {
        BeginError::Refused(error)
    }
}

/// The text of a new plan: apps on the first host of every environment, and services where they belong.
pub fn new_plan(new: &NewPlan, catalog: &Catalog) -> Result<Begun, BeginError> {
    check(new, catalog)?;
    let (base, environments) = (base(new), environments(new));
    let text = applied("", &[base.clone(), environments.clone()].concat());
    let plan = source::read(&text).plan;
    let begun = |text: String, suggestions| Begun {
        text: text.trim_start().to_owned(),
        suggestions,
        taken_for: taken_for(&new.environments),
    };
    let Some(basis) = Basis::of_plan(&plan, catalog) else {
        return Ok(begun(text, Vec::new()));
    };
    let found = suggestions(&basis);
    let moved = published(new, &pages(catalog, &found));
    let base = [base, moved.clone()].concat();
    let text = applied("", &[base.clone(), environments.clone()].concat());
    let plan = source::read(&text).plan;
    let basis = Basis {
        plan: &plan,
        ..basis
    };
    // Services stand behind the apps and before the environments.
    let (services, rest): (Vec<Edit>, Vec<Edit>) =
        edits(&basis, &found).into_iter().partition(declares_kind);
    let all = [base, services, environments, rest].concat();
    let text = applied("", &all);
    let text = applied(&text, &comments(&basis, new, &found));
    let text = applied(&text, &why_moved(moved));
    Ok(begun(text, found))
}

fn applied(text: &str, edits: &[Edit]) -> String {
    // Only names that were checked and keys that are not there yet are in these edits.
    source::apply(text, edits).expect("edits of a plan that was just made")
}

fn check(new: &NewPlan, catalog: &Catalog) -> Result<(), BeginError> {
    let wrong = |name: &str| {
        let name = name.to_owned();
        |fault| BeginError::Name { name, fault }
    };
    PlanName::new(&new.name).map_err(wrong(&new.name))?;
    let mut seen: Vec<&str> = Vec::new();
    for app in &new.apps {
        ComponentName::new(&app.name).map_err(wrong(&app.name))?;
        if seen.contains(&app.name.as_str()) {
            return Err(BeginError::Twice(app.name.clone()));
        }
        seen.push(&app.name);
    }
    check_apps(&new.apps)?;
    for need in &new.needs {
        check_required(catalog, need)?;
        check_named(&new.apps, need)?;
    }
    let mut seen: Vec<&str> = Vec::new();
    for (name, _) in &new.environments {
        EnvironmentName::new(name).map_err(wrong(name))?;
        if seen.contains(&name.as_str()) {
            return Err(BeginError::Twice(name.clone()));
        }
        seen.push(name);
    }
    if let Some(stack) = new.stack.as_ref().filter(|id| catalog.stack(id).is_none()) {
        return Err(BeginError::Stack(stack.clone()));
    }
    match new.apps.is_empty() && !new.needs.is_empty() {
        true => Err(BeginError::NoApp),
        false => Ok(()),
    }
}

fn declares_kind(edit: &Edit) -> bool {
    let Edit::Set { path, .. } = edit else {
        return false;
    };
    match path.steps() {
        [Step::Key(table), _, Step::Key(key)] => table == "services" && key == "kind",
        _ => false,
    }
}

/// The name, the apps and what is expected.
fn base(new: &NewPlan) -> Vec<Edit> {
    let root = |key: &str| PlanPath::keys([key]);
    let mut edits = vec![Edit::set_text(root("name"), &new.name)];
    let stack = new.stack.iter().filter(|stack| *stack != DEFAULT_STACK);
    edits.extend(stack.map(|stack| Edit::set_text(root("stack"), stack)));
    if !new.team.is_empty() {
        edits.push(list(root("team"), new.team.clone()));
    }
    for app in &new.apps {
        edits.extend(app_edits(new, app));
    }
    for need in &new.needs {
        edits.extend(expected_edits(need.role, &need.expected));
    }
    edits
}

/// Other ports of the machine for containers of apps whose own port is taken: by another app, or by a page of a
/// service, which no plan moves.
fn published(new: &NewPlan, pages: &BTreeSet<u16>) -> Vec<Edit> {
    let mut taken: BTreeSet<u16> = new.apps.iter().filter_map(|app| app.port).collect();
    taken.extend(pages);
    let processes = new.apps.iter().filter(|app| app.image.is_none());
    let mut seen: BTreeSet<u16> = processes.filter_map(|app| app.port).collect();
    seen.extend(pages);
    let containers = new.apps.iter().filter(|app| app.image.is_some());
    let clashing =
        containers.filter_map(|app| Some((app, app.port.filter(|port| !seen.insert(*port))?)));
    let moved = clashing
        .filter_map(|(app, port)| Some((app, (port..=u16::MAX).find(|port| taken.insert(*port))?)));
    let edits = moved.map(|(app, port)| Edit::Set {
        path: PlanPath::app(&app.name).key("published"),
        value: EditValue::Integer(port.into()),
    });
    edits.collect()
}

/// Why apps have other ports on the machine than their own.
fn why_moved(moved: Vec<Edit>) -> Vec<Edit> {
    let said = moved.into_iter().filter_map(|edit| match edit {
        Edit::Set { path, .. } => Some(Edit::comment(path, OF_PUBLISHED)),
        _ => None,
    });
    said.collect()
}

/// The ports of new services besides those for clients.
fn pages(catalog: &Catalog, found: &[Suggestion]) -> BTreeSet<u16> {
    let kinds = found
        .iter()
        .filter_map(|it| Some(it.answer.as_ref()?.kind.clone()));
    let kinds = kinds.flat_map(|kind| {
        let stand_in = kind.stand_in.as_deref().and_then(|id| catalog.kind(id));
        [Some(kind), stand_in]
    });
    let ports = kinds
        .flatten()
        .flat_map(|kind| kind.ports.clone().into_iter().skip(1));
    ports.map(|port| port.number).collect()
}

/// The environments with the apps in them.
fn environments(new: &NewPlan) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut places = Places::of(&Plan::default());
    let apps: Vec<String> = new.apps.iter().map(|app| app.name.clone()).collect();
    for (name, said) in &new.environments {
        let inferred = Tier::inferred_from(name);
        let tier = said.or(inferred).unwrap_or(Tier::Development);
        if inferred != Some(tier) {
            let path = PlanPath::environment(name).key("tier");
            edits.push(Edit::set_text(path, tier.as_str()));
        }
        let host = PlanPath::host(name, usual_host(tier));
        // In production services may come to the apps, as what measures them does.
        if matches!(tier, Tier::Staging | Tier::Production) && !new.needs.is_empty() {
            edits.push(Edit::set_text(host.clone().key("address"), places.next()));
        }
        edits.push(list(host.key("runs"), apps.clone()));
    }
    edits
}

fn app_edits(new: &NewPlan, app: &NewApp) -> Vec<Edit> {
    let path = PlanPath::app(&app.name);
    let mut edits = vec![Edit::Declare { path: path.clone() }];
    let image = app.image.iter();
    edits.extend(image.map(|image| Edit::set_text(path.clone().key("image"), image)));
    edits.extend(app.port.map(|port| Edit::Set {
        path: path.clone().key("port"),
        value: EditValue::Integer(port.into()),
    }));
    let needs = new.needs.iter().filter(|need| need.is_of(&app.name));
    let needs: Vec<String> = needs.map(|need| need.role.to_string()).collect();
    if !needs.is_empty() {
        edits.push(list(path.key("needs"), needs));
    }
    edits
}

/// The edits that write what is expected of a role.
pub fn expected_edits(role: Role, expected: &Expected) -> Vec<Edit> {
    let Expected {
        size,
        demand: Demand { requires },
    } = expected;
    let SizeHint {
        stored,
        writes_per_second,
        kept_for,
    } = size;
    let needs = PlanPath::keys(["needs", role.as_str()]).key("requires");
    let sizes = |key: &str| PlanPath::keys(["sizes", role.as_str(), key]);
    let words = || requires.iter().map(|required| required.as_str().to_owned());
    let requires = (!requires.is_empty()).then(|| list(needs, words().collect()));
    let stored = stored.map(|stored| Edit::set_text(sizes("stored"), stored.exact()));
    let writes = writes_per_second.map(|writes| Edit::Set {
        path: sizes("writes-per-second"),
        value: EditValue::Integer(writes.into()),
    });
    let kept = kept_for.map(|kept| Edit::set_text(sizes("kept-for"), kept.to_string()));
    requires
        .into_iter()
        .chain(stored)
        .chain(writes)
        .chain(kept)
        .collect()
}

/// What the first host of an environment is usually called.
pub fn usual_host(tier: Tier) -> &'static str {
    match tier {
        Tier::Local | Tier::Development => "laptop",
        Tier::Test => "ci",
        Tier::Staging | Tier::Production => "app-1",
    }
}

/// The comments that say why.
fn comments(basis: &Basis, new: &NewPlan, found: &[Suggestion]) -> Vec<Edit> {
    let mut edits = Vec::new();
    for (service, text) in why(basis, new.apps.len(), found) {
        edits.push(Edit::comment(PlanPath::service(&service), &text));
    }
    for (name, _) in new.environments.iter().filter(|_| !found.is_empty()) {
        let text = EnvironmentName::new(name)
            .ok()
            .and_then(|name| basis.plan.tier(&name))
            .map(why_there);
        let path = PlanPath::environment(name);
        edits.extend(text.map(|text| Edit::comment(path, text)));
    }
    let served = new.environments.iter().filter(|_| !new.needs.is_empty());
    for (name, _) in served {
        let tier = EnvironmentName::new(name)
            .ok()
            .and_then(|name| basis.plan.tier(&name));
        if matches!(tier, Some(Tier::Staging | Tier::Production)) {
            let path = PlanPath::host(name, usual_host(Tier::Production)).key("address");
            edits.push(Edit::comment(path, OF_ADDRESS));
        }
    }
    edits
}

/// Why each new service is there, by its name.
pub(super) fn why(basis: &Basis, n_apps: usize, found: &[Suggestion]) -> BTreeMap<String, String> {
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    for suggestion in found {
        let Some(answer) = &suggestion.answer else {
            continue;
        };
        if answer.source != AnswerSource::New {
            continue;
        }
        let role = suggestion.need.role;
        let text = texts.entry(answer.service.clone()).or_default();
        let sentence = format!(
            "{}: {}.",
            heading(&suggestion.need.cause, role),
            answer.reason
        );
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&sentence);
        if let Some(lack) = &answer.lack {
            text.push_str(&format!(" But {}.", lack.said()));
        }
        let fit = answer.kind.fit(role);
        if let Some(known) = fit
            .and_then(|fit| fit.of_several.as_ref())
            .filter(|_| n_apps > 1)
        {
            text.push_str(&format!(" {known}"));
        }
        let growth = super::grown(basis, &answer.kind, role).into_iter().next();
        let growth = growth.filter(|_| suggestion.need.cause == Cause::Said);
        if let Some(growth) = growth.filter(|growth| growth.kind.is_some()) {
            let title = growth
                .kind
                .map(|kind| kind.title.clone())
                .unwrap_or_default();
            text.push_str(&format!(" Grows into {title}: {}.", growth.when));
        }
    }
    texts
}

fn heading(cause: &Cause, role: Role) -> String {
    match cause {
        Cause::Said | Cause::Instead => format!("For {role}"),
        Cause::ComesWith(with) => format!("For {role}, which {with} are of little use without"),
        Cause::KeepsIn(_) => format!("For {role}"),
        Cause::Copies => "For copies of what production keeps".to_owned(),
    }
}

fn why_there(tier: Tier) -> &'static str {
    match tier {
        Tier::Local => {
            "Local: everything on one machine; what only a provider runs has a stand-in."
        }
        Tier::Development => {
            "Development: the apps on the laptop, services on a machine that the team shares."
        }
        Tier::Test => "Test: everything in one place.",
        Tier::Staging => "Staging: as in production.",
        Tier::Production => {
            "Production: services are external, on other machines than the apps or at a provider."
        }
    }
}

fn list(path: PlanPath, items: Vec<String>) -> Edit {
    Edit::Set {
        path,
        value: EditValue::List(items),
    }
}

/// The plan that a command line without a plan asks about: one app that has the needs.
pub fn asked_about(needs: &[WantedNeed], stack: Option<&str>, team: &[String]) -> Plan {
    let sizes = needs
        .iter()
        .filter(|need| need.expected.size != SizeHint::default());
    let demands = needs
        .iter()
        .filter(|need| need.expected.demand != Demand::default());
    Plan {
        stack: stack.map(str::to_owned),
        team: team.to_vec(),
        sizes: sizes
            .map(|need| (need.role, need.expected.size.clone()))
            .collect(),
        needs: demands
            .map(|need| (need.role, need.expected.demand.clone()))
            .collect(),
        ..Plan::default()
    }
}
