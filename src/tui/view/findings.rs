//! What is wrong: a list, and beside it everything about the one that is selected.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::finding::{Finding, Severity, printed};
use crate::lint;
use crate::span::Lines;
use crate::tui::command::Command;
use crate::tui::state::State;
use crate::tui::view::{heading, list, paragraph, span, wrapped};
use crate::tui::words::of_screen;

/// Draws the list.
pub fn draw_list(state: &State, area: Rect, frame: &mut Frame) {
    let findings = state.listed_findings();
    if findings.len() == 0 {
        let here = match state.topology().filter(|_| !state.lists.all_environments) {
            Some(topology) => format!(" nothing to find in {}", topology.environment),
            None => " nothing to find".to_owned(),
        };
        paragraph(vec![Line::styled(here, state.theme.dim())], area, frame);
        return;
    }
    let count = findings.len();
    let mut lines = findings.map(|finding| line(state, finding));
    list(&mut lines, state.lists.finding, count, area, state, frame);
}

fn line(state: &State, finding: &Finding) -> Line<'static> {
    let severity = finding.severity;
    let mark = format!(" {} {:<5}", state.charset.mark(severity), severity.as_str());
    let message = match state.lists.all_environments {
        true => finding.said(),
        false => finding.message.clone(),
    };
    Line::from(vec![
        span(mark, state.theme.severity(severity)),
        Span::raw(printed(&message)),
    ])
}

/// Draws what is known about the selected one.
pub fn draw_detail(state: &State, area: Rect, frame: &mut Frame) {
    let Some(finding) = state.listed_finding() else {
        return;
    };
    wrapped(detail(state, finding), 0, area, frame);
}

fn detail(state: &State, finding: &Finding) -> Vec<Line<'static>> {
    let theme = state.theme;
    let of_screen = |text: &str| of_screen(&state.keymap, Command::Reload, text);
    let title = vec![
        span(finding.severity.as_str(), theme.severity(finding.severity)),
        span(format!("  {}", finding.rule), theme.strong()),
    ];
    let mut lines = vec![
        Line::from(title),
        Line::from(printed(&finding.said())),
        Line::default(),
    ];
    let text = &state.plan.text;
    let places = Lines::new(text);
    for label in std::iter::once(&finding.primary).chain(&finding.secondary) {
        let Some(span_of) = label.span else { continue };
        let at = places.line_column(span_of.start, text);
        let place = format!("{}:{}", state.plan.shown_path, at.line);
        let said = match label.text.is_empty() {
            true => String::new(),
            false => format!("  {}", printed(&label.text)),
        };
        lines.push(Line::from(vec![span(place, theme.dim()), Span::raw(said)]));
    }
    if let Some(help) = &finding.help {
        lines.push(Line::default());
        lines.push(Line::from(vec![
            span("help  ", theme.dim()),
            Span::raw(printed(&of_screen(help))),
        ]));
    }
    if let Some(fix) = &finding.fix {
        lines.push(Line::from(vec![
            span("fix   ", theme.added()),
            Span::raw(printed(&fix.title)),
        ]));
    }
    let rule = lint::all_rules().find(|rule| rule.name == finding.rule);
    if let Some(rule) = rule {
        lines.push(Line::default());
        lines.push(heading("about this rule", state));
        let paragraphs = rule.explanation.split("\n\n");
        for words in paragraphs {
            lines.push(Line::from(of_screen(&words.replace('\n', " "))));
            lines.push(Line::default());
        }
    }
    lines
}

/// A finding in few words, for the inspector.
pub fn short(state: &State, finding: &Finding) -> Line<'static> {
    let severity: Severity = finding.severity;
    Line::from(vec![
        span(
            format!("{} {} ", state.charset.mark(severity), severity.as_str()),
            state.theme.severity(severity),
        ),
        Span::raw(printed(&finding.message)),
    ])
}
