//! What the mouse does: clicks select and open, the wheel scrolls, a drag moves the map or a component.

use ratatui::layout::{Position, Rect};

use crate::tui::command::Command;
use crate::tui::msg::{Effect, Mouse};
use crate::tui::regions::{Regions, is_narrow, regions};
use crate::tui::state::{Drag, Panel, State, Thing, Zoom};
use crate::tui::update::{dialog, list, navigate, run, select};
use crate::tui::view::{list_offset, matrix, tree};

/// Cells that a turn of the wheel moves the map by.
const WHEEL: i32 = 3;

/// Applies what the mouse did at a cell of the screen.
pub fn on_mouse(state: &mut State, mouse: Mouse, x: u16, y: u16) -> Vec<Effect> {
    let areas = regions(state);
    let at = Position::new(x, y);
    if let Some(dialog) = areas.dialog {
        return over_dialog(state, mouse, dialog.contains(at));
    }
    match mouse {
        Mouse::Press | Mouse::DoublePress => {
            state.notice = None;
            press(state, &areas, at);
            if mouse == Mouse::DoublePress && areas.main.contains(at) {
                return match state.panel {
                    Panel::Map if state.selection.is_some() => run(state, Command::Focus),
                    _ => run(state, Command::Enter),
                };
            }
        }
        Mouse::Drag => drag(state, at),
        Mouse::Release => return release(state, at),
        Mouse::WheelUp => wheel(state, &areas, at, -1),
        Mouse::WheelDown => wheel(state, &areas, at, 1),
        Mouse::WheelLeft => tilt(state, -2 * WHEEL),
        Mouse::WheelRight => tilt(state, 2 * WHEEL),
    }
    Vec::new()
}

/// A press beside a dialog closes it; the wheel scrolls it.
fn over_dialog(state: &mut State, mouse: Mouse, is_inside: bool) -> Vec<Effect> {
    use crate::tui::state::Dialog;
    let step = match mouse {
        Mouse::WheelDown => WHEEL as isize,
        Mouse::WheelUp => -WHEEL as isize,
        Mouse::Press if !is_inside => {
            dialog::close(state);
            return Vec::new();
        }
        _ => return Vec::new(),
    };
    if let Some(Dialog::Help { scroll }) = &mut state.dialog {
        *scroll = scroll.saturating_add_signed(step);
    }
    Vec::new()
}

fn press(state: &mut State, areas: &Regions, at: Position) {
    let tab = areas.panels.iter().find(|(area, _)| area.contains(at));
    if let Some((_, panel)) = tab {
        state.panel = *panel;
        return;
    }
    let tab = areas
        .environments
        .iter()
        .find(|(area, _)| area.contains(at));
    if let Some((_, environment)) = tab {
        select::set_environment(state, *environment);
        return;
    }
    if let Some(minimap) = areas.minimap.filter(|area| area.contains(at)) {
        jump(state, minimap, at);
    } else if areas.main.contains(at) {
        press_main(state, areas, at);
    }
}

fn press_main(state: &mut State, areas: &Regions, at: Position) {
    let row = usize::from(at.y - areas.main.y);
    let entry = |selected: usize, count: usize| {
        let entry = row + list_offset(selected, count, areas.main.height);
        (entry < count).then_some(entry)
    };
    match state.panel {
        Panel::Map if is_narrow(state) => {
            let Some(topology) = state.topology() else {
                return;
            };
            let things = tree::things(topology);
            let at = tree::selected(&things, state.selection.as_ref());
            if let Some(thing) = entry(at, things.len()).map(|entry| things[entry].clone()) {
                state.selection = Some(thing);
            }
        }
        Panel::Map if state.zoom == Zoom::Tiers => {
            if let Some(environment) = row.checked_sub(2) {
                select::set_environment(state, environment);
            }
        }
        Panel::Map => {
            state.selection = thing_at(state, areas, at);
            let carries = match &state.selection {
                Some(Thing::Instance(instance)) => Some(instance.clone()),
                _ => None,
            };
            state.drag = Some(Drag {
                carries,
                from: (at.x, at.y),
                offset: state.offset,
            });
        }
        Panel::Matrix => {
            if let Some((row, environment)) = matrix::at(state, areas.main, at) {
                state.lists.component = row;
                select::set_environment(state, environment);
                select::select_matrix_cell(state);
            }
        }
        Panel::Findings => {
            if let Some(to) = entry(state.lists.finding, list::length(state)) {
                state.lists.finding = to;
            }
        }
        Panel::Files => {
            if let Some(to) = entry(state.lists.file, list::length(state)) {
                state.lists.show_file(to);
            }
        }
        Panel::Catalog => {
            if let Some(to) = entry(state.lists.kind, list::length(state)) {
                state.lists.kind = to;
                state.lists.kind_scroll = 0;
            }
        }
    }
}

/// What the map shows at a cell of the screen.
fn thing_at(state: &State, areas: &Regions, at: Position) -> Option<Thing> {
    let x = state.offset.0 + i32::from(at.x) - i32::from(areas.main.x);
    let y = state.offset.1 + i32::from(at.y) - i32::from(areas.main.y);
    let (map, topology) = state.map.as_ref().zip(state.topology())?;
    map.at(topology, x, y)
}

fn drag(state: &mut State, at: Position) {
    let Some(drag) = state.drag.clone() else {
        return;
    };
    match drag.carries {
        // A hand that shakes has not moved anything yet.
        Some(_) if (at.x, at.y) == drag.from => {}
        Some(instance) => {
            state.carried = Some(instance);
            if let Some(thing) = thing_at(state, &regions(state), at) {
                state.selection = Some(thing);
            }
        }
        None => {
            state.offset = (
                drag.offset.0 + i32::from(drag.from.0) - i32::from(at.x),
                drag.offset.1 + i32::from(drag.from.1) - i32::from(at.y),
            );
            navigate::clamp_offset(state);
        }
    }
}

/// Ends a drag: a component that was dragged to another host moves there.
fn release(state: &mut State, at: Position) -> Vec<Effect> {
    let drag = state.drag.take();
    let dragged = drag.is_some_and(|drag| drag.carries.is_some() && drag.from != (at.x, at.y));
    let Some(carried) = state.carried.clone().filter(|_| dragged) else {
        return Vec::new();
    };
    let target = thing_at(state, &regions(state), at);
    let is_other = target
        .as_ref()
        .is_some_and(|thing| *thing.host() != carried.host);
    if !is_other || Command::PickUp.available(state).is_err() {
        state.carried = None;
        state.selection = Some(Thing::Instance(carried));
        return Vec::new();
    }
    state.selection = target;
    run(state, Command::PickUp)
}

/// Brings the place in the small map to the middle of the large one.
fn jump(state: &mut State, minimap: Rect, at: Position) {
    let Some(map) = &state.map else { return };
    let main = regions(state).main;
    let part = |whole: i32, at: u16, of: u16| whole * i32::from(at) / i32::from(of.max(1));
    let x = part(map.layout.width, at.x - minimap.x, minimap.width);
    let y = part(map.layout.height, at.y - minimap.y, minimap.height);
    state.offset = (
        x - i32::from(main.width) / 2,
        y - i32::from(main.height) / 2,
    );
    navigate::clamp_offset(state);
}

/// Moves what is shown to the side.
fn tilt(state: &mut State, cells: i32) {
    match state.panel {
        Panel::Files => {
            let shift = &mut state.lists.file_shift;
            *shift = shift.saturating_add_signed(cells as isize);
        }
        _ => navigate::pan(state, cells, 0),
    }
}

fn wheel(state: &mut State, areas: &Regions, at: Position, step: i32) {
    let in_side = areas.side.is_some_and(|side| side.contains(at));
    match state.panel {
        Panel::Map if !is_narrow(state) && state.zoom != Zoom::Tiers => {
            navigate::pan(state, 0, WHEEL * step);
        }
        Panel::Files | Panel::Catalog if in_side => {
            let lists = &mut state.lists;
            let scroll = match state.panel {
                Panel::Files => &mut lists.file_scroll,
                _ => &mut lists.kind_scroll,
            };
            *scroll = scroll.saturating_add_signed((WHEEL * step) as isize);
        }
        _ => {
            let command = if step > 0 { Command::Down } else { Command::Up };
            navigate::go(state, command);
        }
    }
}
