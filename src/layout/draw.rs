//! A part of the picture as cells; only what the view shows is looked at.

use crate::layout::canvas::{Canvas, Part, Subject};
use crate::layout::charset::{Arms, Charset, DOWN, LEFT, RIGHT, UP};
use crate::layout::graph::{HostId, PortId, UseId};
use crate::layout::{Card, Channel, Layout, Rect, Row};

const NO_NET: u32 = u32::MAX;

/// Draws what `view` shows of the picture; what lies outside of the picture stays blank.
pub fn draw(layout: &Layout, charset: Charset, view: Rect) -> Canvas {
    let mut drawing = Drawing {
        layout,
        charset,
        view,
        lines: Lines::new(view),
        canvas: Canvas::new(view),
    };
    drawing.draw_lines();
    drawing.lines.paint(&mut drawing.canvas, charset);
    drawing.draw_cards();
    drawing.canvas
}

struct Drawing<'l> {
    layout: &'l Layout,
    charset: Charset,
    view: Rect,
    lines: Lines,
    canvas: Canvas,
}

/// The cells of lines, before their characters are chosen.
struct Lines {
    view: Rect,
    cells: Vec<LineCell>,
}

#[derive(Clone, Copy)]
struct LineCell {
    across: Arms,
    down: Arms,
    /// Whose the horizontal line is, and the vertical one.
    across_net: PortId,
    down_net: PortId,
    /// The one use that the horizontal line belongs to.
    of_use: UseId,
}

const NO_LINE: LineCell = LineCell {
    across: 0,
    down: 0,
    across_net: NO_NET,
    down_net: NO_NET,
    of_use: NO_NET,
};

impl Lines {
    fn new(view: Rect) -> Lines {
        Lines {
            view,
            cells: vec![NO_LINE; view.width.max(0) as usize * view.height.max(0) as usize],
        }
    }

    /// A horizontal line from one cell to another; `ends` are the arms of these two.
    fn across(
        &mut self,
        y: i32,
        (left, right): (i32, i32),
        ends: [Arms; 2],
        net: (PortId, Option<UseId>),
    ) {
        if !(self.view.y..self.view.y + self.view.height).contains(&y) {
            return;
        }
        let row = (y - self.view.y) as usize * self.view.width as usize;
        let from = left.max(self.view.x);
        let to = right.min(self.view.x + self.view.width - 1);
        for x in from..=to {
            let cell = &mut self.cells[row + (x - self.view.x) as usize];
            cell.across |= match x {
                _ if x == left => ends[0],
                _ if x == right => ends[1],
                _ => LEFT | RIGHT,
            };
            cell.across_net = net.0;
            cell.of_use = net.1.unwrap_or(NO_NET);
        }
    }

    /// A vertical line.
    fn down(&mut self, x: i32, (top, bottom): (i32, i32), net: PortId) {
        if !(self.view.x..self.view.x + self.view.width).contains(&x) {
            return;
        }
        let from = top.max(self.view.y);
        let to = bottom.min(self.view.y + self.view.height - 1);
        for y in from..=to {
            let at = (y - self.view.y) as usize * self.view.width as usize;
            let cell = &mut self.cells[at + (x - self.view.x) as usize];
            if y > top {
                cell.down |= UP;
            }
            if y < bottom {
                cell.down |= DOWN;
            }
            cell.down_net = net;
        }
    }

    fn paint(&self, canvas: &mut Canvas, charset: Charset) {
        let width = self.view.width.max(1) as usize;
        for (at, cell) in self.cells.iter().enumerate() {
            if cell.across == 0 && cell.down == 0 {
                continue;
            }
            let x = self.view.x + (at % width) as i32;
            let y = self.view.y + (at / width) as i32;
            let both = cell.across != 0 && cell.down != 0;
            if both && cell.across_net != cell.down_net {
                canvas.put_crossing(x, y, charset.crossing(), cell.down_net, cell.across_net);
                continue;
            }
            let subject = match (cell.down, cell.of_use) {
                (0, NO_NET) => Subject::Net(cell.across_net),
                (0, used) => Subject::Use(used),
                _ => Subject::Net(cell.down_net),
            };
            canvas.put(
                x,
                y,
                charset.line(cell.across | cell.down),
                subject,
                Part::Line,
            );
        }
    }
}

impl Drawing<'_> {
    fn rows_in_view(&self) -> std::ops::Range<i32> {
        self.view.y..self.view.y + self.view.height
    }

    fn in_view(&self, x: i32, width: i32) -> bool {
        x < self.view.x + self.view.width && self.view.x < x + width
    }

    fn draw_lines(&mut self) {
        let layout = self.layout;
        for channel in &layout.channels {
            if self.in_view(channel.x, channel.width) {
                self.draw_channel(channel);
            }
        }
        let rows = self.rows_in_view();
        for column in &layout.columns {
            if !self.in_view(column.x, column.width) {
                continue;
            }
            let first = column.passages.partition_point(|it| it.y < rows.start);
            for passage in &column.passages[first..] {
                if passage.y >= rows.end {
                    break;
                }
                let span = (column.x, column.x + column.width - 1);
                let whole = [LEFT | RIGHT; 2];
                self.lines
                    .across(passage.y, span, whole, (passage.port, None));
            }
        }
    }

    fn draw_channel(&mut self, channel: &Channel) {
        let rows = self.rows_in_view();
        let (left_edge, right_edge) = (channel.x, channel.x + channel.width - 1);
        let first = channel.branches.partition_point(|it| it.y < rows.start);
        for branch in &channel.branches[first..] {
            if branch.y >= rows.end {
                break;
            }
            let whole = LEFT | RIGHT;
            let ends = [
                if branch.left == left_edge {
                    whole
                } else {
                    RIGHT
                },
                if branch.right == right_edge {
                    whole
                } else {
                    LEFT
                },
            ];
            let span = (branch.left, branch.right);
            self.lines
                .across(branch.y, span, ends, (branch.port, branch.of_use));
        }
        let first = channel.trunks.partition_point(|it| it.x < self.view.x);
        for trunk in &channel.trunks[first..] {
            if trunk.x >= self.view.x + self.view.width {
                break;
            }
            if trunk.top < rows.end && rows.start <= trunk.bottom {
                self.lines
                    .down(trunk.x, (trunk.top, trunk.bottom), trunk.port);
            }
        }
    }

    fn draw_cards(&mut self) {
        let layout = self.layout;
        for column in &layout.columns {
            if !self.in_view(column.x, column.width) {
                continue;
            }
            let area = |host: &HostId| layout.cards[*host as usize].area;
            let first = column.cards.partition_point(|host| {
                let area = area(host);
                area.y + area.height <= self.view.y
            });
            for host in &column.cards[first..] {
                if area(host).y >= self.view.y + self.view.height {
                    break;
                }
                self.draw_card(*host);
            }
        }
        let first = layout
            .shelves
            .partition_point(|it| it.y + it.height <= self.view.y);
        for shelf in &layout.shelves[first..] {
            if shelf.y >= self.view.y + self.view.height {
                break;
            }
            for host in &shelf.cards {
                let area = layout.cards[*host as usize].area;
                if self.in_view(area.x, area.width) {
                    self.draw_card(*host);
                }
            }
        }
    }

    fn draw_card(&mut self, host: HostId) {
        let card = &self.layout.cards[host as usize];
        self.draw_frame(host, card);
        self.draw_inside_lines(card);
        let first = (self.view.y - card.area.y - 1).max(0) as u32;
        for nth in first..card.rows.end - card.rows.start {
            let y = card.area.y + 1 + nth as i32;
            if y >= self.view.y + self.view.height {
                break;
            }
            let row = self.layout.rows[(card.rows.start + nth) as usize];
            self.draw_row(card, &row, y);
        }
    }

    fn draw_frame(&mut self, host: HostId, card: &Card) {
        let Rect {
            x,
            y,
            width,
            height,
        } = card.area;
        let frame = self.layout.graph.hosts[host as usize].frame;
        let chars = self.charset.frame(frame);
        let (right, bottom) = (x + width - 1, y + height - 1);
        let mut put = |x, y, c| self.canvas.put(x, y, c, Subject::Host(host), Part::Frame);
        let from = (x + 1).max(self.view.x);
        let to = right.min(self.view.x + self.view.width);
        for x in from..to {
            put(x, y, chars.horizontal);
            put(x, bottom, chars.horizontal);
        }
        let from = (y + 1).max(self.view.y);
        let to = bottom.min(self.view.y + self.view.height);
        for y in from..to {
            put(x, y, chars.vertical);
            put(right, y, chars.vertical);
        }
        put(x, y, chars.top_left);
        put(right, y, chars.top_right);
        put(x, bottom, chars.bottom_left);
        put(right, bottom, chars.bottom_right);
        self.draw_title(host, card);
    }

    fn draw_title(&mut self, host: HostId, card: &Card) {
        let Rect { x, y, width, .. } = card.area;
        if !self.rows_in_view().contains(&y) {
            return;
        }
        let it = &self.layout.graph.hosts[host as usize];
        let end = x + width - 3;
        let subject = Subject::Host(host);
        let ellipsis = self.charset.ellipsis();
        let mut at = x + 2;
        self.canvas.put(at, y, ' ', subject, Part::Frame);
        at += 1;
        if let Some(severity) = it.finding {
            let mark = self.charset.mark(severity);
            self.canvas.put(at, y, mark, subject, Part::Mark(severity));
            self.canvas.put(at + 1, y, ' ', subject, Part::Frame);
            at += 2;
        }
        for (text, part) in [(&it.name, Part::Title), (&it.remark, Part::Remark)] {
            if text.is_empty() || at >= end {
                continue;
            }
            let style = (subject, part);
            at += self.canvas.write((at, y), text, end - at, ellipsis, style);
            self.canvas.put(at, y, ' ', subject, Part::Frame);
            at += 1;
        }
    }

    /// Lines inside a card, and those of rows up to the frame.
    fn draw_inside_lines(&mut self, card: &Card) {
        let Some(inside) = intersection(card.area, self.view) else {
            return;
        };
        let mut lines = Lines::new(inside);
        let layout = self.layout;
        let right_edge = card.area.x + card.area.width - 2;
        let start = card.area.x + card.text.line;
        let row_at = |nth: i32| &layout.rows[card.rows.start as usize + nth as usize];
        for lane in &card.lanes {
            let x = card.area.x + lane.x;
            let top = card.area.y + 1 + lane.top;
            lines.down(x, (top, card.area.y + 1 + lane.bottom), lane.port);
            for nth in lane.top..=lane.bottom {
                let row = row_at(nth);
                let of_use = row.right.filter(|used| {
                    layout.graph.uses[*used as usize].port == lane.port
                        && layout.graph.is_internal(*used)
                });
                if of_use.is_some() || row.port == Some(lane.port) {
                    let ends = [LEFT | RIGHT, LEFT];
                    let y = card.area.y + 1 + nth;
                    lines.across(y, (start, x), ends, (lane.port, of_use));
                }
            }
        }
        let whole = [LEFT | RIGHT; 2];
        let rows = self.rows_in_view();
        let first = (rows.start - card.area.y - 1).max(0);
        let n_rows = (card.rows.end - card.rows.start) as i32;
        for nth in first..n_rows.min(rows.end - card.area.y - 1) {
            let row = row_at(nth);
            let y = card.area.y + 1 + nth;
            let leaving = row.right.filter(|used| !layout.graph.is_internal(*used));
            if let Some(used) = leaving {
                let port = layout.graph.uses[used as usize].port;
                lines.across(y, (start, right_edge), whole, (port, Some(used)));
            }
            let entered = row.port.filter(|port| layout.entries[*port as usize].right);
            if let Some(port) = entered {
                lines.across(y, (start, right_edge), whole, (port, None));
            }
        }
        lines.paint(&mut self.canvas, self.charset);
    }

    fn draw_row(&mut self, card: &Card, row: &Row, y: i32) {
        let x = card.area.x;
        let right = x + card.area.width - 1;
        let layout = self.layout;
        let graph = &layout.graph;
        let text = &card.text;
        let ellipsis = self.charset.ellipsis();
        let host = graph.host_of(row.component);
        let frame = self.charset.frame(graph.hosts[host as usize].frame);
        if row.is_first {
            self.draw_name(card, row, y);
        }
        if let Some(port) = row.port {
            let label = graph.port_label(port);
            let style = (Subject::Net(port), Part::Port);
            let width = text.name - text.port;
            self.canvas
                .write((x + text.port, y), &label, width, ellipsis, style);
            let entries = layout.entries[port as usize];
            let pin = (Subject::Net(port), Part::Pin);
            if entries.left {
                self.canvas
                    .put(x, y, self.charset.arrow_right(), pin.0, pin.1);
            }
            if entries.right || entries.inside {
                let arrow = self.charset.arrow_left();
                self.canvas.put(x + text.line - 1, y, arrow, pin.0, pin.1);
            }
            if entries.right {
                self.canvas.put(right, y, frame.right_exit, pin.0, pin.1);
            }
        }
        if let Some(used) = row.right {
            let at = x + text.target;
            self.draw_target(used, (at, y), self.charset.uses(), text.target_width);
            if !graph.is_internal(used) {
                let subject = Subject::Use(used);
                self.canvas
                    .put(right, y, frame.right_exit, subject, Part::Pin);
            }
        }
        if let Some(used) = row.left {
            let width = text.target - text.port - 3;
            let at = x + text.port;
            self.draw_target(used, (at, y), self.charset.uses_against(), width);
            let subject = Subject::Use(used);
            self.canvas.put(x, y, frame.left_exit, subject, Part::Pin);
            self.canvas.put(
                x + 1,
                y,
                self.charset.line(LEFT | RIGHT),
                subject,
                Part::Line,
            );
        }
    }

    fn draw_name(&mut self, card: &Card, row: &Row, y: i32) {
        let component = &self.layout.graph.components[row.component as usize];
        let (x, text) = (card.area.x, &card.text);
        let ellipsis = self.charset.ellipsis();
        let subject = Subject::Component(row.component);
        if let Some(severity) = component.finding {
            let mark = self.charset.mark(severity);
            self.canvas
                .put(x + text.mark, y, mark, subject, Part::Mark(severity));
        }
        let style = (subject, Part::Name);
        let at = (x + text.name, y);
        self.canvas
            .write(at, &component.name, text.name_width, ellipsis, style);
        let style = (subject, Part::Remark);
        let at = (x + text.remark, y);
        self.canvas
            .write(at, &component.remark, text.remark_width, ellipsis, style);
    }

    /// An arrow and the target of a use; its port is never cut.
    fn draw_target(&mut self, used: UseId, (x, y): (i32, i32), arrow: char, width: i32) {
        let graph = &self.layout.graph;
        let style = (Subject::Use(used), Part::Target);
        self.canvas.put(x, y, arrow, style.0, style.1);
        let port = graph.target_port(used);
        let ellipsis = self.charset.ellipsis();
        let name = graph.target_name(used);
        let name_width = width - port.len() as i32;
        let taken = self
            .canvas
            .write((x + 2, y), &name, name_width, ellipsis, style);
        let at = (x + 2 + taken, y);
        self.canvas
            .write(at, &port, port.len() as i32, ellipsis, style);
    }
}

fn intersection(a: Rect, b: Rect) -> Option<Rect> {
    let (x, y) = (a.x.max(b.x), a.y.max(b.y));
    let width = (a.x + a.width).min(b.x + b.width) - x;
    let height = (a.y + a.height).min(b.y + b.height) - y;
    (width > 0 && height > 0).then_some(Rect {
        x,
        y,
        width,
        height,
    })
}
