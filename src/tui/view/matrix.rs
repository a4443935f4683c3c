//! Components by environments: where each runs, in which version, and whether it is internal.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

use crate::finding::printed;
use crate::layout::Charset;
use crate::model::ComponentName;
use crate::topology::{Locality, Topology};
use crate::tui::state::State;
use crate::tui::view::{list_offset, span};

/// Rows above the first component.
const HEADING: u16 = 2;
/// Widest that a column is made.
const WIDEST: usize = 30;

/// What stands in a cell.
struct Cell {
    text: String,
    /// `None` for what nothing uses, and for what is not there.
    locality: Option<Locality>,
}

/// Draws the matrix.
pub fn draw(state: &State, area: Rect, frame: &mut Frame) {
    let theme = state.theme;
    let rows = state.matrix_rows();
    let (names, columns) = widths(state);
    for (at, x, width) in columns_at(state, area, names, &columns) {
        let topology = &state.plan.analysis.topologies[at];
        let style = match at == state.environment {
            true => theme.accent(),
            false => theme.strong(),
        };
        let title = Line::styled(topology.environment.to_string(), style);
        frame.render_widget(title, Rect::new(x, area.y, width, 1));
    }
    let body = area.height.saturating_sub(HEADING);
    let offset = list_offset(state.lists.component, rows.len(), body);
    say_what_is_not_shown(state, area, names, &columns, frame);
    let shown = rows.iter().enumerate().skip(offset).take(usize::from(body));
    for (row, (at, name)) in shown.enumerate() {
        let y = area.y + HEADING + row as u16;
        let is_app = state.plan.analysis.plan.apps.contains_key(*name);
        let style = if is_app {
            theme.strong()
        } else {
            ratatui::style::Style::new()
        };
        let title = Line::styled(format!(" {name}"), style);
        frame.render_widget(title, Rect::new(area.x, y, names as u16, 1));
        for (environment, x, width) in columns_at(state, area, names, &columns) {
            let topology = &state.plan.analysis.topologies[environment];
            let cell = cell(topology, name);
            let style = match cell.locality {
                Some(locality) => theme.locality(locality),
                None => theme.dim(),
            };
            let place = Rect::new(x, y, width, 1);
            frame.render_widget(Line::from(span(cell.text, style)), place);
            if at == state.lists.component && environment == state.environment {
                let marked = Rect {
                    width: width.saturating_sub(1),
                    ..place
                };
                frame.buffer_mut().set_style(marked, theme.selected());
            }
        }
    }
}

/// Says at the ends of the heading how many environments, and below it how many components, there is no room for.
fn say_what_is_not_shown(
    state: &State,
    area: Rect,
    names: usize,
    columns: &[usize],
    frame: &mut Frame,
) {
    let placed = columns_at(state, area, names, columns);
    let (Some(first), Some(last)) = (placed.first(), placed.last()) else {
        return;
    };
    let [before, after] = [first.0, columns.len() - 1 - last.0];
    let dim = state.theme.dim();
    let [left, right] = match state.charset {
        Charset::Unicode => ["‹", "›"],
        Charset::Ascii => ["<", ">"],
    };
    if before > 0 {
        let place = Rect::new(area.x, area.y, names as u16, 1);
        frame.render_widget(Line::styled(format!(" {left} {before} more"), dim), place);
    }
    if after > 0 {
        let text = format!("{after} more {right}");
        let width = (text.width() as u16).min(area.width);
        let place = Rect::new(area.right() - width, area.y, width, 1);
        frame.render_widget(Line::styled(text, dim), place);
    }
    let body = usize::from(area.height.saturating_sub(HEADING));
    let rows = state.matrix_rows().len();
    if rows > body && area.height > 1 {
        let text = format!(" {} of {rows}", state.lists.component + 1);
        let place = Rect::new(area.x, area.y + 1, area.width, 1);
        frame.render_widget(Line::styled(text, dim), place);
    }
}

/// How many cells the whole matrix is wide and high.
pub fn size(state: &State) -> (i32, i32) {
    let (names, columns) = widths(state);
    let rows = state.matrix_rows().len();
    let width = names + columns.iter().sum::<usize>();
    (width as i32, rows as i32 + i32::from(HEADING))
}

/// The component and the environment at a cell of the screen.
pub fn at(state: &State, area: Rect, at: Position) -> Option<(usize, usize)> {
    let (names, columns) = widths(state);
    let mut placed = columns_at(state, area, names, &columns).into_iter();
    let (environment, ..) = placed.find(|(_, x, width)| (*x..*x + *width).contains(&at.x))?;
    let rows = state.matrix_rows().len();
    let body = area.height.saturating_sub(HEADING);
    let row = usize::from(at.y.checked_sub(area.y + HEADING)?);
    let row = row + list_offset(state.lists.component, rows, body);
    (row < rows).then_some((row, environment))
}

/// The width of the names, and of each column.
fn widths(state: &State) -> (usize, Vec<usize>) {
    let rows = state.matrix_rows();
    let names = rows
        .iter()
        .map(|name| name.as_str().width())
        .max()
        .unwrap_or(0);
    // What is not on the screen does not need to fit; a hundred rows are enough to choose by.
    let sample = || rows.iter().take(100);
    let columns = state.plan.analysis.topologies.iter().map(|topology| {
        let cells = sample().map(|name| cell(topology, name).text.width());
        let title = topology.environment.as_str().width();
        cells.chain([title]).max().unwrap_or(0).min(WIDEST) + 2
    });
    (names.min(WIDEST) + 3, columns.collect())
}

/// The columns that fit, each with its place and width; the one of the shown environment is always among them.
fn columns_at(
    state: &State,
    area: Rect,
    names: usize,
    columns: &[usize],
) -> Vec<(usize, u16, u16)> {
    let room = usize::from(area.width).saturating_sub(names);
    let mut first = 0;
    while first < state.environment
        && columns[first..=state.environment].iter().sum::<usize>() > room
    {
        first += 1;
    }
    let mut x = names;
    let mut placed = Vec::new();
    for (at, width) in columns.iter().enumerate().skip(first) {
        let left = usize::from(area.width).saturating_sub(x);
        if left < 4 {
            break;
        }
        let width = (*width).min(left);
        placed.push((at, area.x + x as u16, width as u16));
        x += width;
    }
    placed
}

fn cell(topology: &Topology, name: &ComponentName) -> Cell {
    let hosts = topology.hosts_of(name);
    let Some(component) = topology.components.get(name).filter(|_| !hosts.is_empty()) else {
        return Cell {
            text: "·".to_owned(),
            locality: None,
        };
    };
    let mut text = hosts[0].to_string();
    if hosts.len() > 1 {
        text.push_str(&format!(" +{}", hosts.len() - 1));
    }
    if let Some(service) = component.service() {
        let kind = match &service.stands_in_for {
            Some(_) => format!(" {}", service.kind.id),
            None => String::new(),
        };
        text.push_str(&kind);
        let version = service.short_version();
        if !version.is_empty() {
            text.push_str(&format!(" {}", printed(version)));
        }
    }
    let locality = locality(topology, name);
    if let Some(locality) = locality {
        text.push_str(match locality {
            Locality::Internal => " int",
            Locality::External => " ext",
        });
    }
    Cell { text, locality }
}

/// Whether a component is internal to all who use it; external if it is so to one of them.
fn locality(topology: &Topology, name: &ComponentName) -> Option<Locality> {
    let instances = topology.instances_of(name);
    let links = instances.flat_map(|instance| topology.links_to(instance));
    links.map(|link| link.connection.via.locality()).max()
}
