//! The two rows at the top: the plan, its environments, how many findings; and the panels.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use crate::finding::printed;
use crate::topology::Locality;
use crate::tui::regions::{Regions, panel_title, plan_name};
use crate::tui::state::{Panel, State};
use crate::tui::view::span;
use crate::tui::world::Credentials;

/// Draws both rows.
pub fn draw(state: &State, areas: &Regions, frame: &mut Frame) {
    let theme = state.theme;
    let header = areas.header;
    let name = Line::from(span(
        format!(" {}", printed(plan_name(state))),
        theme.strong(),
    ));
    let room = areas
        .environments
        .first()
        .map_or(header.width, |(area, _)| area.x);
    frame.render_widget(
        name,
        Rect {
            width: room,
            ..header
        },
    );
    for (area, at) in &areas.environments {
        let topology = &state.plan.analysis.topologies[*at];
        let shown = *at == state.environment;
        let style = match shown {
            true => theme.accent().add_modifier(Modifier::REVERSED),
            false => theme.dim(),
        };
        let text = format!(" {} ", topology.environment);
        frame.render_widget(Line::styled(text, style), *area);
    }
    let taken = areas
        .environments
        .last()
        .map_or(room, |(area, _)| area.right());
    right(counts(state), taken, header, frame);
    for (at, (area, panel)) in areas.panels.iter().enumerate() {
        let style = match *panel == state.panel {
            true => theme.accent(),
            false => theme.dim(),
        };
        let title = format!(" {} ", panel_title(at, *panel));
        frame.render_widget(Line::styled(title, style), *area);
    }
    let taken = areas.panels.last().map_or(0, |(area, _)| area.right());
    let row = Rect {
        y: header.y + 1,
        ..header
    };
    right(legend(state), taken, row, frame);
}

/// Draws a line at the right end of a row, if there is room behind what is taken.
fn right(line: Line<'_>, taken: u16, row: Rect, frame: &mut Frame) {
    let width = line.width() as u16;
    if taken + width < row.width {
        let area = Rect::new(row.right() - width, row.y, width, 1);
        frame.render_widget(line, area);
    }
}

fn counts(state: &State) -> Line<'static> {
    let theme = state.theme;
    let mut spans: Vec<Span> = Vec::new();
    if state.plan.path.is_none() {
        // What was begun has no file until it is saved.
        let words = match state.is_edited() {
            true => "no file yet  ",
            false => "the embedded example  ",
        };
        spans.push(span(words, theme.dim()));
    }
    if state.credentials == Credentials::Revealed {
        spans.push(span("credentials shown  ", theme.removed()));
    }
    if state.is_working {
        spans.push(span("working  ", theme.accent()));
    }
    if state.is_edited() {
        spans.push(span("edited  ", theme.accent()));
    }
    for (severity, count) in &state.derived.counts {
        if *count > 0 {
            let style = theme.severity(*severity);
            spans.push(span(format!("{count} {}", severity.as_str()), style));
            spans.push(Span::raw("  "));
        }
    }
    if state.plan.analysis.findings.is_empty() {
        spans.push(span("nothing to find  ", theme.dim()));
    }
    Line::from(spans)
}

/// What the colours of lines say, and how much the map shows.
fn legend(state: &State) -> Line<'static> {
    let theme = state.theme;
    if !matches!(state.panel, Panel::Map | Panel::Matrix) {
        return Line::default();
    }
    let mut spans = vec![
        span("internal", theme.locality(Locality::Internal)),
        Span::raw("  "),
        span("external", theme.locality(Locality::External)),
        Span::raw("  "),
    ];
    if state.panel == Panel::Map {
        let level = match &state.focus {
            Some(thing) => {
                let name = thing
                    .component()
                    .map_or(thing.host().as_str(), |it| it.as_str());
                format!("around {name}  ")
            }
            None => format!("{}  ", state.zoom.as_str()),
        };
        spans.push(span(level, theme.dim()));
    }
    Line::from(spans)
}
