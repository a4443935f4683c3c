//! The picture of an environment, with what is selected standing out.

use std::collections::HashSet;

use ratatui::Frame;
use ratatui::layout::Rect as Area;
use ratatui::style::{Modifier, Style};

use crate::finding::Severity;
use crate::layout::{Cell, Charset, Part, Rect, Subject, draw as draw_picture};
use crate::topology::{Instance, Locality};
use crate::tui::map::{Highlight, Map};
use crate::tui::state::{State, Thing, Zoom};

/// Draws what the view shows of the picture.
pub fn draw(state: &State, area: Area, frame: &mut Frame) {
    let Some(map) = &state.map else { return };
    let view = view_of(state, map, area);
    let canvas = draw_picture(&map.layout, state.charset, view);
    let (gone, harmed) = failed(state, map);
    let painter = Painter {
        gone,
        harmed,
        state,
        map,
        highlight: map.highlight(state.selection.as_ref()),
        selected: state
            .selection
            .as_ref()
            .and_then(|thing| map.component_id(thing)),
        selected_host: state
            .selection
            .as_ref()
            .filter(|thing| thing.component().is_none() || map.component_id(thing).is_none())
            .and_then(|thing| map.host_id(thing)),
        fresh: state
            .fresh
            .iter()
            .filter_map(|thing| map.component_id(thing))
            .collect(),
    };
    let marked = painter.marked();
    let buffer = frame.buffer_mut();
    let (mut bytes, mut side_bytes) = ([0; 4], [0; 4]);
    for (row, cells) in canvas.rows().enumerate().take(usize::from(area.height)) {
        for (column, cell) in cells.iter().enumerate() {
            let symbol = canvas.symbol(cell, &mut bytes);
            let (x, y) = (view.x + column as i32, view.y + row as i32);
            let is_marked = marked.is_some_and(|marked| marked.contains(x, y));
            if cell.part == Part::Blank && !is_marked {
                continue;
            }
            let (symbol, style) = match painter.style(cell, (x, y)) {
                Some(style) => (symbol, style),
                // A line that is not shown leaves no hole in the frame that it goes through.
                None => match painter.side(cell, (x, y)) {
                    Some(side) => (&*side.encode_utf8(&mut side_bytes), state.theme.dim()),
                    None => continue,
                },
            };
            let style = match is_marked {
                true => style.patch(state.theme.selected()),
                false => style,
            };
            let place = (area.x + column as u16, area.y + row as u16);
            if let Some(target) = buffer.cell_mut(place) {
                if !symbol.is_empty() {
                    target.set_symbol(symbol);
                }
                target.set_style(style);
            }
        }
    }
    show_more(state, map, view, area, frame);
}

/// Signs in the middle of the edges behind which the picture goes on.
fn show_more(state: &State, map: &Map, view: Rect, area: Area, frame: &mut Frame) {
    let [left, right, up, down] = match state.charset {
        Charset::Unicode => ["◂", "▸", "▴", "▾"],
        Charset::Ascii => ["<", ">", "^", "v"],
    };
    let middle = (area.x + area.width / 2, area.y + area.height / 2);
    let last = (
        area.right().saturating_sub(1),
        area.bottom().saturating_sub(1),
    );
    let signs = [
        (view.x > 0, (area.x, middle.1), left),
        (
            view.x + view.width < map.layout.width,
            (last.0, middle.1),
            right,
        ),
        (view.y > 0, (middle.0, area.y), up),
        (
            view.y + view.height < map.layout.height,
            (middle.0, last.1),
            down,
        ),
    ];
    for (is_cut, place, sign) in signs {
        if let Some(cell) = frame.buffer_mut().cell_mut(place).filter(|_| is_cut) {
            cell.set_symbol(sign).set_style(state.theme.selected());
        }
    }
}

/// The components that are gone, and those that are harmed, if something fails.
fn failed(state: &State, map: &Map) -> (HashSet<u32>, HashSet<u32>) {
    let Some(outage) = &state.derived.outage else {
        return Default::default();
    };
    let id = |instance: &Instance| map.component_id(&Thing::Instance(instance.clone()));
    let harmed = outage.left.iter().filter(|left| left.is_harmed());
    (
        outage.gone.iter().filter_map(id).collect(),
        harmed.filter_map(|left| id(&left.instance)).collect(),
    )
}

/// The part of the picture that an area of the screen shows.
fn view_of(state: &State, map: &Map, area: Area) -> Rect {
    Rect {
        x: state.offset.0 - margin(map.layout.width, area.width),
        y: state.offset.1,
        width: i32::from(area.width),
        height: i32::from(area.height),
    }
}

/// Whether a part of the area in which the picture is shown has nothing of it.
pub fn is_blank(state: &State, map: &Map, area: Area, part: Area) -> bool {
    let view = view_of(state, map, area);
    let view = Rect {
        x: view.x + i32::from(part.x - area.x),
        y: view.y + i32::from(part.y - area.y),
        width: i32::from(part.width),
        height: i32::from(part.height),
    };
    let canvas = draw_picture(&map.layout, state.charset, view);
    let mut cells = canvas.rows().flatten();
    cells.all(|cell| cell.part == Part::Blank)
}

/// How far a picture that is narrower than the screen stands from the left edge.
pub fn margin(width: i32, shown: u16) -> i32 {
    if width + 2 <= i32::from(shown) { 1 } else { 0 }
}

struct Painter<'s> {
    state: &'s State,
    map: &'s Map,
    highlight: Highlight,
    selected: Option<u32>,
    selected_host: Option<u32>,
    /// What the last edit brought.
    fresh: Vec<u32>,
    /// What is gone, and what is harmed, where something fails.
    gone: HashSet<u32>,
    harmed: HashSet<u32>,
}

impl Painter<'_> {
    /// The style of a cell; `None` for one that is not shown.
    fn style(&self, cell: &Cell, at: (i32, i32)) -> Option<Style> {
        let theme = self.state.theme;
        let style = match cell.part {
            Part::Blank => Style::new(),
            Part::Frame => self.frame(cell),
            Part::Title => theme.strong(),
            Part::Remark => theme.dim(),
            Part::Name => match cell.subject {
                Subject::Component(component) if self.gone.contains(&component) => {
                    theme.removed().add_modifier(Modifier::CROSSED_OUT)
                }
                Subject::Component(component) if self.harmed.contains(&component) => {
                    theme.severity(Severity::Warn).add_modifier(Modifier::BOLD)
                }
                Subject::Component(component) if self.fresh.contains(&component) => theme.added(),
                _ => Style::new(),
            },
            Part::Port => self.port(cell),
            Part::Target | Part::Line | Part::Pin => return self.line(cell, at),
            Part::Mark(severity) => theme.severity(severity).add_modifier(Modifier::BOLD),
        };
        let is_selected_title = cell.part == Part::Title
            && matches!(cell.subject, Subject::Host(host) if self.selected_host == Some(host));
        Some(match is_selected_title {
            true => style.patch(theme.selected()),
            false => style,
        })
    }

    /// The side of the card that a cell belongs to, if a line leaves or enters there.
    fn side(&self, cell: &Cell, (x, y): (i32, i32)) -> Option<char> {
        let (host, _) = self
            .map
            .layout
            .at(x, y)
            .filter(|_| cell.part == Part::Pin)?;
        let frame = self.map.graph().hosts[host as usize].frame;
        Some(self.state.charset.side(frame))
    }

    /// The cells of the name and the remark of what is selected.
    fn marked(&self) -> Option<Rect> {
        let component = self.selected?;
        let layout = &self.map.layout;
        let rows = layout.component_area(component);
        let card = &layout.cards[self.map.graph().host_of(component) as usize];
        let text = &card.text;
        let end = match text.remark_width {
            0 => text.name + text.name_width,
            width => text.remark + width,
        };
        Some(Rect {
            x: card.area.x + text.name,
            y: rows.y,
            width: end - text.name,
            height: 1,
        })
    }

    fn frame(&self, cell: &Cell) -> Style {
        match cell.subject {
            Subject::Host(host) if self.selected_host == Some(host) => self.state.theme.accent(),
            _ => self.state.theme.dim(),
        }
    }

    fn port(&self, cell: &Cell) -> Style {
        match cell.subject {
            Subject::Net(port) if self.highlight.nets.contains(&port) => {
                Style::new().add_modifier(Modifier::BOLD)
            }
            _ => Style::new(),
        }
    }

    fn line(&self, cell: &Cell, (x, y): (i32, i32)) -> Option<Style> {
        let is_its_own = match cell.subject {
            Subject::Use(used) => self.highlight.uses.contains(&used),
            Subject::Net(port) => {
                self.highlight.nets.contains(&port)
                    || cell
                        .crossed
                        .is_some_and(|net| self.highlight.nets.contains(&net))
            }
            _ => false,
        };
        let hides =
            self.state.zoom == Zoom::Cards && !is_its_own && !self.map.layout.is_inside(x, y);
        if hides {
            return None;
        }
        let is_internal = self.map.layout.is_internal(cell.subject, x, y);
        let theme = self.state.theme;
        let color = theme.locality(match is_internal {
            true => Locality::Internal,
            false => Locality::External,
        });
        Some(match (self.state.selection.is_some(), is_its_own) {
            (true, true) => color.add_modifier(Modifier::BOLD),
            (true, false) => theme.dim(),
            (false, _) => color,
        })
    }
}
