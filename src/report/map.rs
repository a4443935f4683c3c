//! The map of an environment as coloured text.

use anstyle::{AnsiColor, Color, Style};

use crate::finding::Severity;
use crate::layout::{Charset, Layout, Part, PortId, Subject, draw};

/// Nets next to each other differ in colour; the colour only helps, the lines say it all.
const NETS: [AnsiColor; 5] = [
    AnsiColor::Cyan,
    AnsiColor::Yellow,
    AnsiColor::Blue,
    AnsiColor::Magenta,
    AnsiColor::Green,
];

/// The whole picture, line by line, without blanks at their ends.
pub fn map(layout: &Layout, charset: Charset) -> String {
    let canvas = draw(layout, charset, layout.whole());
    let mut text = String::new();
    for row in canvas.rows() {
        let is_blank = |cell: &&crate::layout::Cell| cell.part == Part::Blank;
        let n_blank = row.iter().rev().take_while(is_blank).count();
        let mut current = Style::new();
        for cell in &row[..row.len() - n_blank] {
            let style = style(layout, cell.part, cell.subject);
            if style != current && cell.part != Part::Blank {
                text.push_str(&format!("{current:#}{style}"));
                current = style;
            }
            text.push_str(canvas.symbol(cell, &mut [0; 4]));
        }
        text.push_str(&format!("{current:#}\n"));
    }
    text
}

fn style(layout: &Layout, part: Part, subject: Subject) -> Style {
    let plain = Style::new();
    match part {
        Part::Blank | Part::Frame => plain,
        Part::Title | Part::Name => plain.bold(),
        Part::Remark => plain.dimmed(),
        Part::Mark(severity) => mark(severity),
        Part::Port | Part::Target | Part::Line | Part::Pin => match subject {
            Subject::Net(port) => net(port),
            Subject::Use(used) => net(layout.graph.uses[used as usize].port),
            _ => plain,
        },
    }
}

fn net(port: PortId) -> Style {
    let color = NETS[port as usize % NETS.len()];
    Style::new().fg_color(Some(Color::Ansi(color)))
}

/// The style of a finding's mark.
pub(super) fn mark(severity: Severity) -> Style {
    let color = match severity {
        Severity::Deny => AnsiColor::Red,
        Severity::Warn => AnsiColor::Yellow,
        Severity::Note => AnsiColor::Blue,
    };
    color.on_default().bold()
}
