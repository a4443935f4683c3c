//! Moving about: the selection, the view over the map, lists.

use crate::layout::Rect;
use crate::tui::command::Command;
use crate::tui::regions::{is_narrow, regions};
use crate::tui::state::{Panel, State, Thing, Zoom};
use crate::tui::update::{list, select};
use crate::tui::view::tree;

/// Moves as a command says.
pub fn go(state: &mut State, command: Command) {
    match state.panel {
        Panel::Map if state.zoom == Zoom::Tiers && !is_narrow(state) => tiers(state, command),
        Panel::Map if is_narrow(state) => in_tree(state, command),
        Panel::Map => on_map(state, command),
        Panel::Matrix => in_matrix(state, command),
        Panel::Findings | Panel::Files | Panel::Catalog => list::go(state, command),
    }
}

/// Brings what is selected into view.
pub fn follow(state: &mut State) {
    let Some(area) = selected_area(state) else {
        clamp_offset(state);
        return;
    };
    let main = regions(state).main;
    let (width, height) = (i32::from(main.width), i32::from(main.height));
    state.offset = (
        shifted(state.offset.0, area.x - 2, area.x + area.width + 2, width),
        shifted(state.offset.1, area.y - 1, area.y + area.height + 1, height),
    );
    clamp_offset(state);
}

/// Keeps the view on the picture.
pub fn clamp_offset(state: &mut State) {
    let main = regions(state).main;
    let (width, height) = match &state.map {
        Some(map) => (map.layout.width, map.layout.height),
        None => (0, 0),
    };
    let most = |whole: i32, shown: u16| (whole - i32::from(shown)).max(0);
    state.offset.0 = state.offset.0.clamp(0, most(width, main.width));
    state.offset.1 = state.offset.1.clamp(0, most(height, main.height));
}

/// The offset that shows from `start` to `end`, moved as little as possible; the start if both do not fit.
fn shifted(offset: i32, start: i32, end: i32, shown: i32) -> i32 {
    if start < offset || end - start > shown {
        start
    } else if end > offset + shown {
        end - shown
    } else {
        offset
    }
}

fn selected_area(state: &State) -> Option<Rect> {
    let map = state.map.as_ref()?;
    map.area(state.selection.as_ref()?)
}

fn on_map(state: &mut State, command: Command) {
    let main = regions(state).main;
    let half = (i32::from(main.width) / 2, i32::from(main.height) / 2);
    match command {
        Command::PanLeft => pan(state, -half.0, 0),
        Command::PanRight => pan(state, half.0, 0),
        Command::PanUp => pan(state, 0, -half.1),
        Command::PanDown => pan(state, 0, half.1),
        Command::PageUp => pan(state, 0, -2 * half.1),
        Command::PageDown => pan(state, 0, 2 * half.1),
        Command::Center => center(state),
        _ => {
            if let Some(thing) = neighbour(state, command) {
                state.selection = Some(thing);
                follow(state);
            }
        }
    }
}

/// Moves the view by cells.
pub fn pan(state: &mut State, x: i32, y: i32) {
    state.offset.0 += x;
    state.offset.1 += y;
    clamp_offset(state);
}

fn center(state: &mut State) {
    if let Some(area) = selected_area(state) {
        let main = regions(state).main;
        state.offset = (
            area.x + area.width / 2 - i32::from(main.width) / 2,
            area.y + area.height / 2 - i32::from(main.height) / 2,
        );
        clamp_offset(state);
    }
}

/// What is next to the selection in a direction.
fn neighbour(state: &State, command: Command) -> Option<Thing> {
    let (map, topology) = (state.map.as_ref()?, state.topology()?);
    let mut stops = map.stops();
    stops.sort_unstable_by_key(|(_, area)| (area.x, area.y));
    let stop = state.selection.as_ref().and_then(|thing| map.stop(thing));
    let here = stop.and_then(|stop| stops.iter().find(|(other, _)| *other == stop));
    let nearest_row = |column: i32, y: i32| {
        let of_column = stops.iter().filter(|(_, area)| area.x == column);
        of_column.min_by_key(|(_, area)| (area.y - y).abs())
    };
    let found = match (command, here) {
        (Command::First, _) => stops.first(),
        (Command::Last, _) => stops.last(),
        (_, None) => stops.first(),
        (Command::Up, Some((_, at))) => {
            let above = |area: &Rect| area.x == at.x && area.y < at.y;
            stops.iter().rfind(|(_, area)| above(area))
        }
        (Command::Down, Some((_, at))) => {
            let below = |area: &Rect| area.x == at.x && area.y > at.y;
            stops.iter().find(|(_, area)| below(area))
        }
        (Command::Left, Some((_, at))) => {
            let column = stops.iter().map(|(_, area)| area.x).rfind(|x| *x < at.x);
            column.and_then(|column| nearest_row(column, at.y))
        }
        (Command::Right, Some((_, at))) => {
            let column = stops.iter().map(|(_, area)| area.x).find(|x| *x > at.x);
            column.and_then(|column| nearest_row(column, at.y))
        }
        _ => None,
    };
    found.and_then(|(stop, _)| map.thing(topology, *stop))
}

fn in_tree(state: &mut State, command: Command) {
    let Some(topology) = state.topology() else {
        return;
    };
    let things = tree::things(topology);
    let here = state
        .selection
        .as_ref()
        .and_then(|thing| things.iter().position(|other| other == thing));
    let page = usize::from(regions(state).main.height).max(1);
    let last = things.len().saturating_sub(1);
    let to = match (command, here) {
        (Command::First, _) => 0,
        (Command::Last, _) => last,
        (_, None) => 0,
        (Command::Up, Some(at)) => at.saturating_sub(1),
        (Command::Down, Some(at)) => at + 1,
        (Command::PageUp, Some(at)) => at.saturating_sub(page),
        (Command::PageDown, Some(at)) => at + page,
        // Out to the host, and in to the first that it runs.
        (Command::Left, Some(at)) => things[..=at]
            .iter()
            .rposition(|thing| thing.component().is_none())
            .unwrap_or(at),
        (Command::Right, Some(at)) if things[at].component().is_none() => at + 1,
        (_, Some(at)) => at,
    };
    if let Some(thing) = things.get(to.min(last)) {
        state.selection = Some(thing.clone());
    }
}

fn in_matrix(state: &mut State, command: Command) {
    let last = state.matrix_rows().len().saturating_sub(1);
    let page = usize::from(regions(state).main.height).max(1);
    let row = state.lists.component;
    match command {
        Command::Left => select::set_environment(state, state.environment.saturating_sub(1)),
        Command::Right => select::set_environment(state, state.environment + 1),
        _ => state.lists.component = list::moved(row, last, page, command),
    }
    select::select_matrix_cell(state);
}

fn tiers(state: &mut State, command: Command) {
    let last = state.plan.analysis.topologies.len().saturating_sub(1);
    let to = list::moved(state.environment, last, 1, command);
    select::set_environment(state, to);
}
