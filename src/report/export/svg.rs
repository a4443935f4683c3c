//! The map as SVG: a cell of the screen is 8 by 16 pixels, and everything stands where the screen has it.

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use crate::finding::Severity;
use crate::layout::{Cell, Charset, Graph, Layout, Part, Rect, Sort, Subject, UseId, draw};
use crate::report::export::plain;

/// Pixels of a cell.
const CELL: (i32, i32) = (8, 16);
/// Cells left free around the picture.
const MARGIN: i32 = 1;

const STYLE: &str = "\
:root { color-scheme: light dark }
.page { fill: #ffffff } .card { fill: #f7f8fa; stroke: #5c6570 }
.managed { stroke-dasharray: 7 3 } .cluster { stroke-dasharray: 3 3 } .borrowed { stroke-dasharray: 1 3 }
.heavy { stroke-width: 2.5 }
text { font: 13px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #1c2128; white-space: pre }
.title { font-weight: 700 } .remark { fill: #57606a } .deny { fill: #b03a00 } .warn { fill: #8f3d70 } .note { fill: #3a5a80 }
.line { fill: none; stroke-width: 1.4 } .internal { stroke: #005b94 } .external { stroke: #965a00 }
.tip.internal, text.internal { fill: #005b94; stroke: none } .tip.external, text.external { fill: #965a00; stroke: none }
@media (prefers-color-scheme: dark) {
.page { fill: #14171c } .card { fill: #1d2127; stroke: #9aa4af } text { fill: #e2e6ea } .remark { fill: #a3adb8 }
.deny { fill: #ff8a6a } .warn { fill: #e3a1ca } .note { fill: #9ab8d8 }
.internal { stroke: #56b4e9 } .external { stroke: #e6a52e }
.tip.internal, text.internal { fill: #56b4e9 } .tip.external, text.external { fill: #e6a52e }
}";

/// The picture of a layout, with a title and a description for those who do not see it.
pub fn svg(title: &str, description: &str, layout: &Layout) -> String {
    let view = Rect {
        x: -MARGIN,
        y: -MARGIN,
        width: layout.width + 2 * MARGIN,
        height: layout.height + 2 * MARGIN,
    };
    let (width, height) = (view.width * CELL.0, view.height * CELL.1);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"title desc\" \
         viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\">\n\
         <title id=\"title\">{}</title>\n<desc id=\"desc\">{}</desc>\n<style>{STYLE}</style>\n\
         <rect class=\"page\" width=\"{width}\" height=\"{height}\"/>\n",
        escaped(&plain(title)),
        escaped(&description_of(description, &layout.graph)),
    );
    let mut picture = Picture {
        layout,
        view,
        lines: Vec::new(),
        text: &mut text,
    };
    picture.cards();
    picture.cells();
    picture.paths();
    text.push_str("</svg>\n");
    text
}

/// Every host with what it runs, and every use, in words.
fn description_of(before: &str, graph: &Graph) -> String {
    let mut words = plain(before);
    for (id, host) in graph.hosts.iter().enumerate() {
        let names = graph.components_of(id as u32);
        let names: Vec<String> = names
            .map(|component| plain(&graph.components[component as usize].name))
            .collect();
        let _ = write!(words, "; {} runs {}", plain(&host.name), names.join(", "));
    }
    for id in 0..graph.uses.len() as UseId {
        let user = &graph.components[graph.uses[id as usize].user as usize];
        let locality = if graph.is_internal(id) {
            "internal"
        } else {
            "external"
        };
        let _ = write!(
            words,
            "; {} uses {}{}, {locality}",
            plain(&user.name),
            plain(&graph.target_name(id)),
            graph.target_port(id)
        );
    }
    words
}

/// A straight piece of a line, in half cells.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Piece {
    is_internal: bool,
    is_upright: bool,
    /// The row of one that lies, the column of one that stands.
    at: i32,
    from: i32,
    to: i32,
}

struct Picture<'l, 't> {
    layout: &'l Layout,
    view: Rect,
    lines: Vec<Piece>,
    text: &'t mut String,
}

impl Picture<'_, '_> {
    fn cards(&mut self) {
        for (host, card) in self.layout.graph.hosts.iter().zip(&self.layout.cards) {
            let (x, y) = self.middle(card.area.x, card.area.y);
            let width = (card.area.width - 1) * CELL.0;
            let height = (card.area.height - 1) * CELL.1;
            let sort = match host.frame.sort {
                Sort::Machine => "machine",
                Sort::Managed => "managed",
                Sort::Cluster => "cluster",
                Sort::Borrowed => "borrowed",
            };
            let heavy = if host.frame.is_heavy { " heavy" } else { "" };
            let _ = writeln!(
                self.text,
                "<rect class=\"card {sort}{heavy}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"4\"/>"
            );
        }
    }

    /// Texts as they come, row by row; lines are collected.
    fn cells(&mut self) {
        let canvas = draw(self.layout, Charset::Unicode, self.view);
        let mut bytes = [0; 4];
        for (row, cells) in canvas.rows().enumerate() {
            let y = self.view.y + row as i32;
            let mut run: Option<(i32, &'static str, String)> = None;
            for (column, cell) in cells.iter().enumerate() {
                let x = self.view.x + column as i32;
                let symbol = canvas.symbol(cell, &mut bytes);
                let class = self.class_of_text(cell);
                if matches!(cell.part, Part::Line | Part::Pin) {
                    self.line(cell, symbol, (x, y));
                }
                match (&mut run, class) {
                    (Some((_, running, text)), Some(class)) if *running == class => {
                        text.push_str(symbol);
                    }
                    _ => {
                        self.end_run(run.take(), y);
                        run = class.map(|class| (x, class, symbol.to_owned()));
                    }
                }
            }
            self.end_run(run, y);
        }
    }

    fn class_of_text(&self, cell: &Cell) -> Option<&'static str> {
        Some(match cell.part {
            Part::Title => "title",
            Part::Remark => "remark",
            Part::Name => "name",
            Part::Port => "port",
            Part::Target => match cell.subject {
                Subject::Use(used) if self.layout.graph.is_internal(used) => "internal",
                _ => "external",
            },
            Part::Mark(Severity::Deny) => "deny",
            Part::Mark(Severity::Warn) => "warn",
            Part::Mark(Severity::Note) => "note",
            Part::Blank | Part::Frame | Part::Line | Part::Pin => return None,
        })
    }

    fn end_run(&mut self, run: Option<(i32, &'static str, String)>, y: i32) {
        let Some((x, class, text)) = run else { return };
        let text = text.trim_end();
        if text.is_empty() {
            return;
        }
        let (left, top) = ((x - self.view.x) * CELL.0, (y - self.view.y) * CELL.1);
        let width = text.width() as i32 * CELL.0;
        if matches!(class, "title" | "remark") && self.is_on_frame(x, y) {
            // The frame goes on behind its title.
            let _ = writeln!(
                self.text,
                "<rect class=\"page\" x=\"{}\" y=\"{top}\" width=\"{}\" height=\"{}\"/>",
                left - CELL.0 / 2,
                width + CELL.0,
                CELL.1
            );
        }
        let _ = writeln!(
            self.text,
            "<text class=\"{class}\" x=\"{left}\" y=\"{}\" textLength=\"{width}\" lengthAdjust=\"spacingAndGlyphs\">{}</text>",
            top + CELL.1 - 4,
            escaped(text)
        );
    }

    fn is_on_frame(&self, x: i32, y: i32) -> bool {
        self.layout.at(x, y).is_some_and(|(_, row)| row.is_none())
    }

    /// Takes the arms of a line's cell apart.
    fn line(&mut self, cell: &Cell, symbol: &str, (x, y): (i32, i32)) {
        let is_internal = self.layout.is_internal(cell.subject, x, y);
        let (left, right, up, down) = match symbol {
            "─" | "▶" | "◀" => (true, true, false, false),
            "│" => (false, false, true, true),
            "╯" => (true, false, true, false),
            "╰" => (false, true, true, false),
            "╮" => (true, false, false, true),
            "╭" => (false, true, false, true),
            "┴" => (true, true, true, false),
            "┬" => (true, true, false, true),
            "┤" if cell.part == Part::Line => (true, false, true, true),
            "├" if cell.part == Part::Line => (false, true, true, true),
            "╋" | "┼" => (true, true, true, true),
            // Where a line leaves a card: the upright is the frame's.
            _ => (true, true, false, false),
        };
        let mut piece = |is_upright, at, from, to| {
            self.lines.push(Piece {
                is_internal,
                is_upright,
                at,
                from,
                to,
            });
        };
        let (cx, cy) = (2 * x + 1, 2 * y + 1);
        if left {
            piece(false, y, cx - 1, cx);
        }
        if right {
            piece(false, y, cx, cx + 1);
        }
        if up {
            piece(true, x, cy - 1, cy);
        }
        if down {
            piece(true, x, cy, cy + 1);
        }
        let joins = [left, right, up, down].iter().filter(|arm| **arm).count() > 2 && symbol != "┼";
        let class = if is_internal { "internal" } else { "external" };
        let (mx, my) = self.middle(x, y);
        if joins {
            let _ = writeln!(
                self.text,
                "<circle class=\"tip {class}\" cx=\"{mx}\" cy=\"{my}\" r=\"2.5\"/>"
            );
        }
        let half = CELL.0 / 2;
        let tip = match symbol {
            "▶" => (mx + half, mx - half),
            "◀" => (mx - half, mx + half),
            _ => return,
        };
        let _ = writeln!(
            self.text,
            "<path class=\"tip {class}\" d=\"M{} {my} L{} {} L{} {} Z\"/>",
            tip.0,
            tip.1,
            my - 4,
            tip.1,
            my + 4
        );
    }

    /// The collected lines, those that go on in each other as one.
    fn paths(&mut self) {
        self.lines.sort_unstable();
        let mut joined: Vec<Piece> = Vec::new();
        for piece in self.lines.drain(..) {
            match joined.last_mut() {
                Some(last)
                    if (last.is_internal, last.is_upright, last.at, last.to)
                        == (piece.is_internal, piece.is_upright, piece.at, piece.from) =>
                {
                    last.to = piece.to;
                }
                _ => joined.push(piece),
            }
        }
        for is_internal in [true, false] {
            let mut path = String::new();
            for piece in joined
                .iter()
                .filter(|piece| piece.is_internal == is_internal)
            {
                let (x, y) = (self.view.x, self.view.y);
                let _ = match piece.is_upright {
                    false => write!(
                        path,
                        "M{} {}H{}",
                        (piece.from - 2 * x) * CELL.0 / 2,
                        (piece.at - y) * CELL.1 + CELL.1 / 2,
                        (piece.to - 2 * x) * CELL.0 / 2
                    ),
                    true => write!(
                        path,
                        "M{} {}V{}",
                        (piece.at - x) * CELL.0 + CELL.0 / 2,
                        (piece.from - 2 * y) * CELL.1 / 2,
                        (piece.to - 2 * y) * CELL.1 / 2
                    ),
                };
            }
            if !path.is_empty() {
                let class = if is_internal { "internal" } else { "external" };
                let _ = writeln!(self.text, "<path class=\"line {class}\" d=\"{path}\"/>");
            }
        }
    }

    /// The middle of a cell, in pixels.
    fn middle(&self, x: i32, y: i32) -> (i32, i32) {
        (
            (x - self.view.x) * CELL.0 + CELL.0 / 2,
            (y - self.view.y) * CELL.1 + CELL.1 / 2,
        )
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
