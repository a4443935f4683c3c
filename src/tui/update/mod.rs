//! What happens, applied to the state; what must be done in the world comes out as effects.

pub mod ask;
mod begin;
mod comparison;
mod dialog;
pub mod edit;
mod fix;
mod generate;
mod import;
mod list;
mod mouse;
mod navigate;
mod new;
pub mod properties;
mod save;
mod select;
mod suggestions;

pub use fix::try_fixes;
pub use select::{matches, thing_of};

use crate::topology::Topology;
use crate::tui::ask::{Ask, Then};
use crate::tui::command::{Command, Scope};
use crate::tui::key::Key;
use crate::tui::map::{Map, MapKey};
use crate::tui::msg::{Effect, Msg};
use crate::tui::regions::{is_narrow, regions};
use crate::tui::state::{Dialog, Notice, Panel, State, Thing, Zoom};
use crate::tui::words::told;
use crate::tui::world::{Credentials, Plan};

/// Most components of a picture that is tried in short form where it is wider than the screen; larger ones do
/// not fit in any form.
const MOST_SHORTENED: usize = 200;

/// Applies what happened.
pub fn update(state: &mut State, msg: Msg) -> Vec<Effect> {
    let mut effects = match told(&state.keymap, msg) {
        Msg::Key(key) => on_key(state, key),
        Msg::Command(command) => run(state, command),
        Msg::Paste(text) => dialog::paste(state, &text),
        Msg::Mouse(mouse, x, y) => mouse::on_mouse(state, mouse, x, y),
        Msg::Resize(width, height) => {
            state.size = (width, height);
            Vec::new()
        }
        Msg::PlanChanged => vec![Effect::ReadPlan],
        Msg::PlanGone(what, kept) => {
            save::on_gone(state, what, kept);
            Vec::new()
        }
        Msg::Plan(Ok(plan)) => save::on_read(state, plan),
        Msg::Plan(Err(text)) => {
            state.notice = Some(Notice::error(text));
            Vec::new()
        }
        Msg::Analyzed(plan, cause) => {
            edit::on_analyzed(state, *plan, cause);
            Vec::new()
        }
        Msg::Tried(tried) => {
            fix::on_tried(state, *tried);
            Vec::new()
        }
        Msg::Saved(result) => save::on_saved(state, result),
        Msg::ToWrite(result) => {
            generate::on_to_write(state, result);
            Vec::new()
        }
        Msg::Written(result) => {
            generate::on_written(state, result);
            Vec::new()
        }
        Msg::Listed(sort, typed, paths) => {
            import::on_listed(state, sort, &typed, paths);
            Vec::new()
        }
        Msg::Imported(result) => {
            import::on_imported(state, result);
            Vec::new()
        }
        Msg::Unsaved(unsaved) => save::on_unsaved(state, *unsaved),
        Msg::Files(environment, result) => {
            list::on_files(state, environment, result);
            Vec::new()
        }
        Msg::Edited(result) => on_edited(state, result),
    };
    effects.extend(settle(state));
    effects
}

/// Brings what follows from the state up to date with it.
pub fn settle(state: &mut State) -> Option<Effect> {
    lay_out(state);
    derive(state);
    list::clamp(state);
    list::clamp_dialog(state);
    hide_credentials(state);
    let environment = state.topology()?.environment.clone();
    let has_files = state
        .files
        .as_ref()
        .is_some_and(|files| files.environment == environment && files.is_current);
    let wanted = state.panel == Panel::Files && !has_files && !state.waits_for_files;
    wanted.then(|| {
        state.waits_for_files = true;
        Effect::ReadFiles(environment, state.credentials)
    })
}

/// Forgets credentials that were revealed as soon as something else is shown than their files.
fn hide_credentials(state: &mut State) {
    let shown = state.topology().map(|topology| &topology.environment);
    let is_shown = match &state.files {
        Some(files) => Some(&files.environment) == shown,
        None => true,
    };
    if state.credentials == Credentials::Revealed && !(is_shown && state.panel == Panel::Files) {
        state.credentials = Credentials::Masked;
        state.files = None;
    }
}

fn derive(state: &mut State) {
    let all_environments = state.lists.all_environments;
    let selection = state.selection.as_ref();
    let analysis = &state.plan.analysis;
    state
        .derived
        .update(analysis, state.environment, selection, all_environments);
    let what = match &state.dialog {
        Some(Dialog::Properties { of, .. }) => Some(of),
        _ => None,
    };
    let text = &state.plan.text;
    state.derived.update_properties(
        what,
        text,
        (analysis, &state.plan.catalog),
        state.environment,
    );
    state
        .derived
        .update_outage(state.failing.as_ref(), analysis, state.environment);
    let with = match &state.dialog {
        Some(Dialog::Comparison { with, .. }) => Some(with),
        _ => None,
    };
    let catalog = &state.plan.catalog;
    state
        .derived
        .update_comparison(with, catalog, analysis, state.environment);
}

/// Lays the map out if it shows something else than what is wanted.
fn lay_out(state: &mut State) {
    let key = state.topology().and_then(|topology| {
        let detail = state.zoom.detail()?;
        let focus = state.focus.clone().filter(|thing| thing.is_in(topology));
        Some(MapKey {
            environment: topology.environment.clone(),
            detail,
            focus,
            is_short: false,
        })
    });
    let Some(key) = key else {
        state.map = None;
        return;
    };
    let width = i32::from(state.size.0);
    if let Some(map) = &state.map {
        let shown = MapKey {
            is_short: map.key.is_short,
            ..key.clone()
        };
        if map.key == shown && map.width == width {
            return;
        }
    }
    let analysis = state.plan.analysis.clone();
    let topology = &analysis.topologies[state.environment];
    let mut lay = |is_short| {
        let key = MapKey {
            is_short,
            ..key.clone()
        };
        Map::new(key, topology, &analysis.findings, &mut state.seeds, width)
    };
    let mut map = lay(false);
    let is_small = map.graph().components.len() <= MOST_SHORTENED;
    if is_small && map.layout.width > width {
        map = lay(true);
    }
    state.map = Some(map);
    state.offset = (0, 0);
    navigate::follow(state);
}

fn on_key(state: &mut State, key: Key) -> Vec<Effect> {
    state.notice = None;
    state.fresh.clear();
    if state.dialog.is_some() {
        return dialog::on_key(state, key);
    }
    match state.keymap.command(Scope::of(state.panel), key) {
        Some(command) => run(state, command),
        None => Vec::new(),
    }
}

/// Carries out a command, or says why it cannot be.
pub(super) fn run(state: &mut State, command: Command) -> Vec<Effect> {
    if let Err(why) = command.available(state) {
        state.notice = Some(Notice {
            text: format!("not now: {why}"),
            is_error: false,
        });
        return Vec::new();
    }
    match command {
        Command::Quit => return save::quit(state),
        Command::Add => edit::add(state),
        Command::Properties => properties::open(state),
        Command::Rename => edit::rename(state),
        Command::Remove => edit::remove(state),
        Command::PickUp => return edit::pick_up_or_drop(state),
        Command::Connect => edit::connect(state),
        Command::Disconnect => edit::disconnect(state),
        Command::Undo => return edit::undo(state),
        Command::Redo => return edit::redo(state),
        Command::ShowChanges => edit::show_changes(state),
        Command::Save => return save::save(state),
        Command::SaveAs => save::save_as(state),
        Command::Generate => return generate::generate(state),
        Command::NewPlan => save::new_plan(state),
        Command::Import => return import::open(state),
        Command::NamePlan => {
            let ask = Ask::text("a name for the plan", "", Then::PlanName);
            edit::open(state, ask);
        }
        Command::Fix => fix::fix(state),
        Command::FixAll => return fix::fix_all(state),
        Command::Compare => comparison::open(state),
        Command::Suggest => suggestions::open(state),
        Command::SetLevel => fix::rule_level(state),
        Command::Suspend => return vec![Effect::Suspend],
        Command::Reload => {
            state.expire_files();
            return vec![Effect::ReadPlan];
        }
        Command::Edit => return edit(state),
        Command::ShowMap => show(state, Panel::Map),
        Command::ShowMatrix => show(state, Panel::Matrix),
        Command::ShowFindings => show(state, Panel::Findings),
        Command::ShowFiles => show(state, Panel::Files),
        Command::ShowCatalog => show(state, Panel::Catalog),
        Command::NextEnvironment => select::step_environment(state, 1),
        Command::PreviousEnvironment => select::step_environment(state, -1),
        Command::NextFinding => select::step_finding(state, 1),
        Command::PreviousFinding => select::step_finding(state, -1),
        Command::NextMatch => select::step_match(state, 1),
        Command::PreviousMatch => select::step_match(state, -1),
        Command::Back => back(state),
        Command::Enter if state.carried.is_some() => return edit::pick_up_or_drop(state),
        Command::Enter => select::enter(state),
        Command::Help => state.dialog = Some(Dialog::Help { scroll: 0 }),
        Command::Palette => {
            state.dialog = Some(Dialog::Palette {
                query: String::new(),
                selected: 0,
            });
        }
        Command::Search => {
            state.dialog = Some(Dialog::Search {
                query: String::new(),
                selected: 0,
            });
        }
        Command::ToggleInspector => state.shows_inspector = !state.shows_inspector,
        Command::ToggleMinimap => toggle_minimap(state),
        Command::ToggleCredentials => save::toggle_credentials(state),
        Command::ToggleDiff => {
            state.shows_diff = !state.shows_diff;
            state.lists.show_file(state.lists.file);
        }
        Command::ToggleEnvironments => {
            state.lists.all_environments = !state.lists.all_environments;
        }
        Command::MoreDetail => set_zoom(state, state.zoom.more()),
        Command::LessDetail => set_zoom(state, state.zoom.less()),
        Command::Focus => {
            state.focus = match state.focus {
                Some(_) => None,
                None => state.selection.clone(),
            };
        }
        Command::Outage => outage(state),
        Command::Tidy => {
            state.seeds.clear();
            state.map = None;
        }
        Command::Up
        | Command::Down
        | Command::Left
        | Command::Right
        | Command::PageUp
        | Command::PageDown
        | Command::First
        | Command::Last
        | Command::PanLeft
        | Command::PanDown
        | Command::PanUp
        | Command::PanRight
        | Command::Center
        | Command::ScrollDown
        | Command::ScrollUp => navigate::go(state, command),
    }
    Vec::new()
}

/// Shows or hides the small map, and says when it is seen if that is not now.
fn toggle_minimap(state: &mut State) {
    state.shows_minimap = !state.shows_minimap;
    if state.shows_minimap && regions(state).minimap.is_none() {
        let said =
            "the small map shows where a corner of a map that is larger than the screen is blank";
        state.notice = Some(Notice::said(said));
    }
}

/// Looks at the environment without what is selected, or with everything again.
fn outage(state: &mut State) {
    state.failing = match state.failing == state.selection {
        true => None,
        false => state.selection.clone(),
    };
    derive(state);
    let name = state.failing.as_ref().map(|thing| match thing {
        Thing::Host(host) => host.to_string(),
        Thing::Instance(instance) => instance.component.to_string(),
    });
    let (Some(outage), Some(name)) = (&state.derived.outage, name) else {
        return;
    };
    let harmed = outage.left.iter().filter(|left| left.is_harmed()).count();
    let gone = outage.gone.len();
    let text = format!("without {name}: {gone} gone, {harmed} harmed; esc brings it back");
    state.notice = Some(Notice::said(text));
}

fn show(state: &mut State, panel: Panel) {
    state.panel = panel;
    if panel == Panel::Files {
        list::choose_file(state);
    }
}

fn set_zoom(state: &mut State, zoom: Option<Zoom>) {
    if is_narrow(state) {
        state.notice = Some(Notice {
            text: "below 100 columns the map is a tree, which has one level".to_owned(),
            is_error: false,
        });
        return;
    }
    state.zoom = zoom.unwrap_or(state.zoom);
    navigate::follow(state);
}

/// One step out: of the focus, then of the selection, then back to the map.
fn back(state: &mut State) {
    if fix::give_up(state) {
        state.notice = Some(Notice::said("given up: nothing was changed"));
        return;
    }
    if state.carried.take().is_some() {
        return;
    }
    if state.failing.take().is_some() || state.focus.take().is_some() {
        return;
    }
    match state.panel {
        Panel::Map => state.selection = None,
        _ => state.panel = Panel::Map,
    }
}

/// Opens the line of what is selected: of the finding in their list, else of the thing.
fn edit(state: &State) -> Vec<Effect> {
    vec![Effect::Edit(select::line(state))]
}

fn on_edited(state: &mut State, result: Result<(), String>) -> Vec<Effect> {
    match result {
        Ok(()) => vec![Effect::ReadPlan],
        Err(text) => {
            state.notice = Some(Notice {
                text,
                is_error: true,
            });
            Vec::new()
        }
    }
}

/// Shows another plan: what was selected stays so where it is still there.
fn take_over(state: &mut State, plan: Plan) {
    let shown = edit::here(state);
    state.plan = plan;
    let topologies = &state.plan.analysis.topologies;
    let is_shown = |topology: &Topology| Some(&topology.environment) == shown.as_ref();
    let found = topologies.iter().position(is_shown);
    state.environment = found.unwrap_or(topologies.len().saturating_sub(1));
    let topology = topologies.get(state.environment);
    let selection = state.selection.take();
    state.selection = selection.and_then(|thing| select::same_in(topology?, thing));
    let is_there = |thing: &Thing| topology.is_some_and(|it| thing.is_in(it));
    state.focus = state.focus.take().filter(is_there);
    state.failing = state.failing.take().filter(is_there);
    let carried = state.carried.take();
    state.carried = carried.filter(|it| is_there(&Thing::Instance(it.clone())));
    state.expire_files();
    state.waits_for_files = false;
    let offset = state.offset;
    state.map = None;
    lay_out(state);
    state.offset = offset;
    navigate::clamp_offset(state);
}
