//! The least detail: a line an environment, with how much of it is internal and what is wrong.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::finding::Severity;
use crate::topology::{Locality, Topology};
use crate::tui::state::State;
use crate::tui::view::span;

/// Draws them; the first two rows are a heading.
pub fn draw(state: &State, area: Rect, frame: &mut Frame) {
    let theme = state.theme;
    let heading = format!(
        "   {:<16} {:<12} {:>5} {:>11} {:>9} {:>9}   findings",
        "environment", "tier", "hosts", "components", "internal", "external"
    );
    frame.render_widget(
        Line::styled(heading, theme.dim()),
        Rect { height: 1, ..area },
    );
    for (at, topology) in state.plan.analysis.topologies.iter().enumerate() {
        let y = area.y + 2 + at as u16;
        if y >= area.bottom() {
            break;
        }
        let row = Rect::new(area.x, y, area.width, 1);
        frame.render_widget(line(state, topology), row);
        if at == state.environment {
            frame.buffer_mut().set_style(row, theme.selected());
        }
    }
}

fn line(state: &State, topology: &Topology) -> Line<'static> {
    let theme = state.theme;
    let tier = topology
        .tier
        .map(|tier| tier.to_string())
        .unwrap_or_default();
    let count = |locality: Locality| {
        let links = topology.connections();
        links
            .filter(|link| link.connection.via.locality() == locality)
            .count()
    };
    let mut spans = vec![
        span(
            format!("   {:<16}", topology.environment.as_str()),
            theme.strong(),
        ),
        span(
            format!(
                " {tier:<12} {:>5} {:>11}",
                topology.hosts.len(),
                topology.components.len()
            ),
            theme.dim(),
        ),
    ];
    for locality in [Locality::Internal, Locality::External] {
        let text = format!(" {:>9}", count(locality));
        spans.push(span(text, theme.locality(locality)));
    }
    spans.push(span("   ", theme.dim()));
    for severity in [Severity::Deny, Severity::Warn, Severity::Note] {
        let of_it = state.plan.analysis.findings_in(&topology.environment);
        let count = of_it.filter(|finding| finding.severity == severity).count();
        if count > 0 {
            let text = format!("{count} {}  ", severity.as_str());
            spans.push(span(text, theme.severity(severity)));
        }
    }
    Line::from(spans)
}
