//! Edits of the plan: from a command to a question or a change, from a change to a text, and back.

use crate::change::{self, Change, ChangeError, Named};
use crate::model::{ComponentName, Edit, EnvironmentName, HostName};
use crate::parallel::{self, Amount};
use crate::report::changes::{changes, missing};
use crate::source::EditError;
use crate::suggest;
use crate::topology::Topology;
use crate::tui::ask::{Ask, HERE, NO, Offer, Then, YES};
use crate::tui::command::Command;
use crate::tui::msg::{Cause, Effect};
use crate::tui::state::{Dialog, Notice, Panel, State, Thing};
use crate::tui::unsaved::Of;
use crate::tui::update::{ask, select, take_over};
use crate::tui::world::Plan;

/// From this many bytes on, it takes a while to give back what follows from a text.
const LARGE: usize = 100_000;

/// The environment that is shown.
pub fn here(state: &State) -> Option<EnvironmentName> {
    state
        .topology()
        .map(|topology| topology.environment.clone())
}

/// The host that is selected, or that what is selected runs on, if it belongs to the environment.
pub fn host_here(state: &State) -> Option<HostName> {
    let topology = state.topology()?;
    let host = match &state.selection {
        Some(thing) => thing.host().clone(),
        // Where there is one host, nothing needs to be selected.
        None if topology.hosts.len() == 1 => topology.hosts.keys().next()?.clone(),
        None => return None,
    };
    let own = topology.hosts.get(&host)?.is_own();
    own.then_some(host)
}

/// A name that no component has.
pub fn free(state: &State, wanted: &str) -> String {
    let plan = &state.plan.analysis.plan;
    let taken = plan.apps.keys().chain(plan.services.keys());
    change::free_name(wanted, taken.map(|name| name.as_str()))
}

/// What is selected, as the plan names it.
pub fn selected(state: &State) -> Option<Named> {
    match &state.selection {
        Some(Thing::Instance(instance)) => Some(Named::Component(instance.component.clone())),
        Some(Thing::Host(host)) => Some(Named::Host(here(state)?, host.clone())),
        None if state.panel == Panel::Matrix => {
            let row = state.matrix_rows();
            let name = row.get(state.lists.component)?;
            Some(Named::Component((*name).clone()))
        }
        None => here(state).map(Named::Environment),
    }
}

/// The component that is selected.
pub fn component(state: &State) -> Option<ComponentName> {
    match selected(state)? {
        Named::Component(name) => Some(name),
        Named::Host(..) | Named::Environment(_) => None,
    }
}

/// Opens a question.
pub fn open(state: &mut State, ask: Ask) {
    state.dialog = Some(Dialog::Ask(Box::new(ask)));
}

/// Asks what to add.
pub fn add(state: &mut State) {
    let mut offers = vec![
        Offer::new("service", "a database, cache, queue … of the catalog"),
        Offer::new("app", "a workload of your own"),
    ];
    if let Some(environment) = here(state) {
        offers.push(Offer::new(
            "host",
            format!("a machine or provider in {environment}"),
        ));
        if let Some(host) = host_here(state) {
            offers.push(Offer::new(
                "place",
                format!("an app or service of the plan, on {host}"),
            ));
        }
        offers.push(Offer::new(
            "copy",
            format!("a new environment like {environment}"),
        ));
    }
    offers.push(Offer::new(
        "environment",
        "local, dev, test, staging, prod …",
    ));
    open(state, Ask::choice("what to add", offers, Then::Add));
}

/// The question that follows from what is to be added.
pub fn add_what(state: &State, what: &str) -> Option<Ask> {
    let ask = match what {
        "service" => {
            let kinds = state.plan.catalog.kinds();
            let kinds = kinds.map(|kind| {
                let roles = kind.roles.iter().map(|fit| fit.role.to_string());
                let roles = roles.collect::<Vec<_>>().join(", ");
                let note = format!("{} ({roles}): {}", kind.title, kind.summary);
                Offer::new(kind.id.as_str(), note)
            });
            Ask::choice("of which kind", kinds.collect(), Then::AddKind)
        }
        "app" => Ask::text("a name for the app", free(state, "app"), Then::AddApp),
        "host" => Ask::text(
            format!("a name for the host in {}", here(state)?),
            "",
            Then::AddHost,
        ),
        "environment" => Ask::text("a name for the environment", "", Then::AddEnvironment)
            .about(["local, dev, test, staging and prod say themselves what they are for."]),
        "copy" => Ask::text(
            format!("a name for the copy of {}", here(state)?),
            "",
            Then::CopyEnvironment,
        ),
        "place" => {
            let (topology, host) = (state.topology()?, host_here(state)?);
            let runs = &topology.hosts[&host].runs;
            let others = ask::components(state, |name| !runs.contains(name));
            Ask::choice(
                format!("what is to run on {host}"),
                others,
                Then::PlaceOn(host),
            )
        }
        _ => return None,
    };
    Some(ask)
}

/// Asks for another name.
pub fn rename(state: &mut State) {
    if let Some(what) = selected(state) {
        let title = format!("another name for {}", what.name());
        let name = what.name().to_owned();
        let mut about = Vec::new();
        if let Named::Environment(name) = &what {
            about.push(format!(
                "Files that were generated stay under {name} until files are written; whether its credentials go along is asked then."
            ));
        }
        open(
            state,
            Ask::text(title, name, Then::Rename(what)).about(about),
        );
    }
}

/// Asks before something is taken away.
pub fn remove(state: &mut State) {
    let Some(what) = selected(state) else { return };
    match change::remove(&state.plan.analysis.plan, &what) {
        Ok(removal) => {
            let goes_along = removal.takes_along.iter();
            let about = goes_along.map(|it| format!("goes along: {it}")).collect();
            match off_host(state, &what) {
                Some(here) => remove_or_take_off(state, removal.change, here, about),
                None => confirm(state, removal.change, about),
            }
        }
        Err(error) => state.notice = Some(Notice::error(error.to_string())),
    }
}

/// The change that takes the selected component off the host where it is selected, and leaves it elsewhere.
fn off_host(state: &State, what: &Named) -> Option<Change> {
    let (Named::Component(name), Some(Thing::Instance(on))) = (what, &state.selection) else {
        return None;
    };
    let plan = &state.plan.analysis.plan;
    change::take_off(plan, &here(state)?, name, &on.host).ok()
}

/// Asks whether something goes altogether, or from one host alone.
fn remove_or_take_off(state: &mut State, everywhere: Change, here: Change, about: Vec<String>) {
    let offers = vec![
        Offer::new(YES, everywhere.title.clone()),
        Offer::new(HERE, here.title.clone()),
        Offer::new(NO, "leave everything as it is"),
    ];
    let title = format!("{}?", everywhere.title);
    open(
        state,
        Ask::choice(title, offers, Then::Remove(everywhere, here)).about(about),
    );
}

/// Asks before a change is made.
pub fn confirm(state: &mut State, change: Change, about: Vec<String>) {
    let offers = vec![
        Offer::new(YES, change.title.clone()),
        Offer::new(NO, "leave everything as it is"),
    ];
    let title = format!("{}?", change.title);
    open(
        state,
        Ask::choice(title, offers, Then::Confirm(change)).about(about),
    );
}

/// Picks up what is selected, or drops what was picked up on the host that is selected.
pub fn pick_up_or_drop(state: &mut State) -> Vec<Effect> {
    let Some(carried) = state.carried.take() else {
        pick_up(state);
        return Vec::new();
    };
    let plan = &state.plan.analysis.plan;
    let (Some(environment), Some(host)) = (here(state), host_here(state)) else {
        state.notice = Some(Notice::error(format!(
            "drop {} on a host of this environment",
            carried.component
        )));
        state.carried = Some(carried);
        return Vec::new();
    };
    if host == carried.host {
        let said = format!("{} stays on {host}", carried.component);
        state.notice = Some(Notice::said(said));
        return Vec::new();
    }
    let change = change::move_to(plan, &environment, &carried.component, &carried.host, &host);
    made(state, change)
}

/// Picks up what is selected; where it cannot be carried to a host, asks for one.
fn pick_up(state: &mut State) {
    let instance = match &state.selection {
        Some(Thing::Instance(instance)) => Some(instance.clone()),
        _ => None,
    };
    if instance.is_some() && state.panel != Panel::Matrix {
        state.carried = instance;
        return;
    }
    let Some(name) = component(state) else { return };
    let environment = here(state).map_or(String::new(), |it| format!(" in {it}"));
    let hosts = ask::hosts(state);
    let ask = match instance {
        Some(instance) => {
            let there = |offer: &Offer| offer.answer != instance.host.as_str();
            let others = hosts.into_iter().filter(there).collect();
            let title = format!(
                "where {name} is to run{environment} instead of {}",
                instance.host
            );
            Ask::choice(title, others, Then::Move(instance))
        }
        None => {
            let title = format!("where {name} is to run{environment}");
            Ask::choice(title, hosts, Then::Place(name))
        }
    };
    open(state, ask);
}

/// Asks what a component is to use.
pub fn connect(state: &mut State) {
    let Some(user) = component(state) else { return };
    let plan = &state.plan.analysis.plan;
    let free = |name: &ComponentName| change::connect(plan, &user, name).is_ok();
    let others = ask::components(state, free);
    open(
        state,
        Ask::choices(
            format!("what {user} is to use"),
            others,
            Then::Connect(user),
        ),
    );
}

/// Asks what a component is to use no more.
pub fn disconnect(state: &mut State) {
    let Some(user) = component(state) else { return };
    let plan = &state.plan.analysis.plan;
    let used = |name: &ComponentName| change::disconnect(plan, &user, name).is_ok();
    let used = ask::components(state, used);
    open(
        state,
        Ask::choices(
            format!("what {user} is to use no more"),
            used,
            Then::Disconnect(user),
        ),
    );
}

/// Makes a change, or says why it cannot be made.
pub fn made(state: &mut State, change: Result<Change, ChangeError>) -> Vec<Effect> {
    match change {
        Ok(change) => make(state, &change),
        Err(error) => {
            state.notice = Some(Notice::error(error.to_string()));
            Vec::new()
        }
    }
}

/// A plan's text with edits, without the comments of Backstay's own that they make untrue.
pub fn changed(plan: &Plan, edits: &[Edit]) -> Result<String, EditError> {
    let before = (plan.text.as_ref(), &plan.analysis.plan);
    suggest::applied(before, &plan.catalog, edits)
}

/// Makes a change.
pub fn make(state: &mut State, change: &Change) -> Vec<Effect> {
    match changed(&state.plan, &change.edits) {
        Ok(text) if *text == *state.plan.text => {
            state.notice = Some(Notice::said("nothing has changed"));
            Vec::new()
        }
        Ok(text) => analyze(state, text, Cause::Edit(change.title.clone())),
        Err(error) => {
            state.notice = Some(Notice::error(error.to_string()));
            Vec::new()
        }
    }
}

/// Undoes the last edit.
pub fn undo(state: &mut State) -> Vec<Effect> {
    let text = state.history.before(&state.plan.text);
    text.map_or_else(Vec::new, |text| analyze(state, text, Cause::Undo))
}

/// What is undone where the file was changed meanwhile.
pub const OF_FILE: &str = "the change of the file";

/// Makes the edit again that was undone last.
pub fn redo(state: &mut State) -> Vec<Effect> {
    let text = state.history.after(&state.plan.text);
    text.map_or_else(Vec::new, |text| analyze(state, text, Cause::Redo))
}

/// Asks for everything that follows from a text.
pub fn analyze(state: &mut State, text: String, cause: Cause) -> Vec<Effect> {
    if state.is_working {
        state.notice = Some(Notice::error(
            "not made: the last step is still being worked out",
        ));
        return Vec::new();
    }
    state.is_working = true;
    vec![Effect::Analyze(text, cause)]
}

/// Takes over what follows from an edited text.
pub fn on_analyzed(state: &mut State, plan: Plan, cause: Cause) {
    state.is_working = false;
    let before = state.plan.clone();
    let is_noted = matches!(cause, Cause::Join(_) | Cause::Over(..));
    if !is_noted {
        let unsaved = &mut state.unsaved;
        unsaved.push(Of::OneEdit, &before.text, &plan.text);
    }
    let history = &mut state.history;
    let has_begun = matches!(cause, Cause::Begin | Cause::Import(_));
    let said = match cause {
        Cause::Begin => {
            history.push("begin a plan", &before.text, &plan.text);
            let key = |command| state.keymap.shown(command);
            let (add, save) = (key(Command::Add), key(Command::Save));
            format!(
                "this is your plan: {add} adds services, hosts and environments, {save} saves it"
            )
        }
        Cause::Import(n_left) => {
            history.push("import compose files", &before.text, &plan.text);
            let save = state.keymap.shown(Command::Save);
            let kept = match n_left {
                0 => ", and every container runs as before".to_owned(),
                1 => ", which does not keep 1 thing of before".to_owned(),
                n => format!(", which does not keep {n} things of before"),
            };
            format!("this is your plan{kept}; {save} saves it")
        }
        Cause::Edit(title) | Cause::Join(title) => {
            history.push(&title, &before.text, &plan.text);
            title
        }
        Cause::Over(title, theirs) => {
            history.push(OF_FILE, &before.text, &theirs);
            history.push(&title, &theirs, &plan.text);
            title
        }
        Cause::Undo => {
            history.undo();
            let title = history.redo_title().unwrap_or_default();
            // It is in the file, and somebody else's.
            let more = match title.ends_with(OF_FILE) {
                true => "; saving takes it out of the file",
                false => "",
            };
            format!("undone: {title}{more}")
        }
        Cause::Redo => {
            history.redo();
            format!("done again: {}", history.undo_title().unwrap_or_default())
        }
    };
    take_over(state, plan);
    if !state.is_edited() {
        state.unsaved.clear();
    }
    if state.plan.path.is_none() {
        let shown = if state.is_edited() {
            "your plan"
        } else {
            "example"
        };
        state.plan.shown_path = shown.to_owned();
    }
    let older = state.before.replace(before.clone());
    let amount = match before.text.len() < LARGE {
        true => Amount::Little,
        false => Amount::Much,
    };
    parallel::let_go(amount, older);
    if has_begun {
        state.before = None;
        state.notice = Some(Notice::said(said));
        return;
    }
    mark_what_is_new(state, &before);
    let (old, now) = (&before.analysis.findings, &state.plan.analysis.findings);
    let (gone, new) = (missing(old, now).len(), missing(now, old).len());
    let counted = |count: usize, what: &str| match count {
        0 => String::new(),
        1 => format!("; 1 finding {what}"),
        count => format!("; {count} findings {what}"),
    };
    let key = state.keymap.shown(Command::ShowChanges);
    let (gone, new) = (counted(gone, "gone"), counted(new, "new"));
    let more = match key.is_empty() {
        true => String::new(),
        false => format!(" · {key} lists what changed"),
    };
    let text = format!("{said}{gone}{new}{more}");
    state.notice = Some(match std::mem::take(&mut state.besides) {
        besides if besides.is_empty() => Notice::said(text),
        besides => Notice::error(format!("{said}; {besides}")),
    });
}

/// Lists what the last edit changed.
pub fn show_changes(state: &mut State) {
    let Some(before) = &state.before else { return };
    let changes = changes(&before.analysis, &state.plan.analysis, &state.plan.catalog);
    state.dialog = Some(Dialog::Changes {
        changes: Box::new(changes),
        scroll: 0,
    });
}

/// Marks what an edit brought into the environment, or elsewhere in it, and selects the first of it.
fn mark_what_is_new(state: &mut State, before: &Plan) {
    let is_new = |topology: &Topology| {
        let name = topology.environment.as_str();
        before.analysis.topology(name).is_none()
    };
    if let Some(new) = state.plan.analysis.topologies.iter().position(is_new) {
        select::set_environment(state, new);
        return;
    }
    let Some(topology) = state.topology() else {
        return;
    };
    let Some(old) = before.analysis.topology(topology.environment.as_str()) else {
        return;
    };
    let things = crate::tui::view::tree::things(topology);
    let is_new = |thing: &Thing| !thing.is_in(old);
    state.fresh = things.into_iter().filter(is_new).collect();
    if let Some(thing) = state.fresh.first() {
        state.selection = Some(thing.clone());
        select::follow(state);
    }
}
