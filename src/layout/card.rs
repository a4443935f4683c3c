//! What stands on a card: its rows, how wide their texts are, and the lines that stay inside.
//!
//! ```text
//!  ╭─ app-1 10.0.0.8 ────────────────────────────╮
//!  ▶ 8080/http   api      app  → billing:8081 ─╮ │
//!  │                           → db:5432 ──────┼─├──
//!  │ 8081/grpc   billing  app ◀────────────────╯ │
//!  ┤ ← auth:9000               → db:5432 ────────├──
//!    port      ▲ name     remark target        lanes
//! ```

use std::ops::Range;

use crate::layout::graph::{ComponentId, Graph, HostId, PortId, UseId, width};
use crate::layout::wires::Wires;
use crate::layout::{Exit, Lane, Row, TextColumns};

/// A name is cut where it is longer.
const LONGEST_NAME: i32 = 32;
/// A remark is cut where it is longer.
const LONGEST_REMARK: i32 = 48;
/// A title is cut where it needs more than this of a card that its rows do not.
const LONGEST_TITLE: i32 = 44;

/// The rows of all cards.
#[derive(Clone)]
pub(super) struct Contents {
    /// Card by card.
    pub rows: Vec<Row>,
    /// By host, its first row; one more at the end.
    pub first_row: Vec<u32>,
    /// By port.
    pub port_rows: Vec<u32>,
    /// By use.
    pub use_rows: Vec<u32>,
    /// The components of each host in the order of their rows, host by host.
    pub sequence: Vec<ComponentId>,
    n_rows: Vec<u32>,
}

/// By what the parts of a card are put in order: the row of the picture that each would like to be in.
pub(super) struct Wishes {
    /// By component.
    pub components: Vec<i64>,
    /// By use.
    pub uses: Vec<i64>,
    /// By port.
    pub ports: Vec<i64>,
}

/// What takes the right part of a row.
#[derive(Clone, Copy)]
enum Right {
    Use(UseId),
    Port(PortId),
}

impl Contents {
    /// Rows in the order of the graph.
    pub fn new(graph: &Graph, wires: &Wires) -> Contents {
        let n_components = graph.components.len();
        let mut contents = Contents {
            rows: Vec::new(),
            first_row: Vec::with_capacity(graph.hosts.len() + 1),
            port_rows: vec![0; graph.ports.len()],
            use_rows: vec![0; graph.uses.len()],
            sequence: (0..n_components as u32).collect(),
            n_rows: (0..n_components as u32)
                .map(|component| n_rows(graph, wires, component))
                .collect(),
        };
        let mut n = 0;
        for host in 0..graph.hosts.len() as u32 {
            contents.first_row.push(n);
            let components = graph.components_of(host);
            n += components
                .map(|component| contents.n_rows[component as usize])
                .sum::<u32>();
        }
        contents.first_row.push(n);
        contents.rows = vec![Row::default(); n as usize];
        let wishes = Wishes::none(graph);
        for host in 0..graph.hosts.len() as u32 {
            contents.arrange(graph, wires, host, &wishes);
        }
        contents
    }

    /// How high a card is, its frame included.
    pub fn height(&self, host: HostId) -> i32 {
        let rows = self.rows_of(host);
        (rows.end - rows.start) as i32 + 2
    }

    /// How many rows a component takes.
    pub fn n_rows(&self, component: ComponentId) -> u32 {
        self.n_rows[component as usize]
    }

    /// The rows of a card.
    pub fn rows_of(&self, host: HostId) -> Range<u32> {
        self.first_row[host as usize]..self.first_row[host as usize + 1]
    }

    /// Puts the components of a host, and what each has, in the order of their wishes; ties by name.
    pub fn arrange(&mut self, graph: &Graph, wires: &Wires, host: HostId, wishes: &Wishes) {
        let components = graph.components_of(host);
        let sequence = &mut self.sequence[components.start as usize..components.end as usize];
        sequence.sort_unstable_by_key(|it| (wishes.components[*it as usize], *it));
        let mut row = self.first_row[host as usize];
        for at in components {
            let component = self.sequence[at as usize];
            self.arrange_component(graph, wires, component, row, wishes);
            row += self.n_rows[component as usize];
        }
    }

    fn arrange_component(
        &mut self,
        graph: &Graph,
        wires: &Wires,
        component: ComponentId,
        first: u32,
        wishes: &Wishes,
    ) {
        let n = self.n_rows[component as usize];
        let rows = &mut self.rows[first as usize..(first + n) as usize];
        for (at, row) in rows.iter_mut().enumerate() {
            *row = Row {
                component,
                is_first: at == 0,
                ..Row::default()
            };
        }
        let mut right = Vec::new();
        let mut left_uses = Vec::new();
        let mut plain = Vec::new();
        for port in graph.ports_of(component) {
            match wires.has_right_side(port) {
                true => right.push((wishes.ports[port as usize], Right::Port(port))),
                false => plain.push((wishes.ports[port as usize], port)),
            }
        }
        for used in graph.uses_of(component) {
            let wish = wishes.uses[used as usize];
            match wires.exits[used as usize] {
                Exit::Left => left_uses.push((wish, used)),
                _ => right.push((wish, Right::Use(used))),
            }
        }
        right.sort_by_key(|it| it.0);
        plain.sort_by_key(|it| it.0);
        left_uses.sort_by_key(|it| it.0);
        if plain.is_empty() {
            // The first row says the name and so a port, if there is one.
            let first = right.iter().position(|it| matches!(it.1, Right::Port(_)));
            if let Some(at) = first {
                right[..=at].rotate_right(1);
            }
        }
        for (row, (_, right)) in rows.iter_mut().zip(&right) {
            match right {
                Right::Port(port) => row.port = Some(*port),
                Right::Use(used) => row.right = Some(*used),
            }
        }
        let mut plain = plain.into_iter();
        let mut left_uses = left_uses.into_iter();
        for (at, row) in rows.iter_mut().enumerate() {
            if row.port.is_some() {
                continue;
            }
            row.port = plain.next().map(|it| it.1);
            if row.port.is_none() && at > 0 {
                row.left = left_uses.next().map(|it| it.1);
            }
        }
        for (at, row) in rows.iter().enumerate() {
            let at = first + at as u32;
            row.port.inspect(|port| self.port_rows[*port as usize] = at);
            for used in row.left.into_iter().chain(row.right) {
                self.use_rows[used as usize] = at;
            }
        }
    }

    /// Where the texts of a card stand.
    pub fn text_columns(&self, graph: &Graph, wires: &Wires, host: HostId) -> TextColumns {
        let mut widest = Widths::default();
        for component in graph.components_of(host) {
            widest.add(graph, wires, component);
        }
        let gap = |width: i32, gap: i32| if width > 0 { gap } else { 0 };
        let port = 2;
        let mark = port + widest.port + gap(widest.port, 1);
        let name = match widest.has_mark {
            true => mark + 2,
            false => port + widest.port + gap(widest.port, 2),
        };
        let remark = name + widest.name + gap(widest.remark, 2);
        let target = remark + widest.remark + gap(widest.target, 1 + gap(widest.remark, 1));
        let left = port + 2 + widest.left_target + 1;
        let target = target.max(left);
        let line = target + gap(widest.target, 2) + widest.target + 1;
        TextColumns {
            port,
            mark,
            name,
            name_width: widest.name,
            remark,
            remark_width: widest.remark,
            target,
            target_width: widest.target,
            line,
        }
    }

    /// The lines that stay on a card: short ones to the left, so that they cross few others.
    pub fn lanes(&self, graph: &Graph, wires: &Wires, host: HostId, line: i32) -> Vec<Lane> {
        let first = self.first_row[host as usize];
        let mut spans: Vec<(i32, i32, PortId)> = Vec::new();
        for component in graph.components_of(host) {
            for port in graph.ports_of(component) {
                if wires.entries[port as usize].inside {
                    let row = (self.port_rows[port as usize] - first) as i32;
                    spans.push((row, row, port));
                }
            }
        }
        for component in graph.components_of(host) {
            for used in graph.uses_of(component) {
                if wires.exits[used as usize] != Exit::Inside {
                    continue;
                }
                let row = (self.use_rows[used as usize] - first) as i32;
                let port = graph.uses[used as usize].port;
                let at = spans.binary_search_by_key(&port, |it| it.2);
                let span = &mut spans[at.expect("an entry from inside for each use inside")];
                *span = (span.0.min(row), span.1.max(row), port);
            }
        }
        spans.sort_unstable_by_key(|(top, bottom, port)| (bottom - top, *top, *port));
        let mut lanes: Vec<(i32, Lane)> = Vec::new();
        for (top, bottom, port) in spans {
            let touching = lanes
                .iter()
                .filter(|(_, lane)| lane.top <= bottom + 1 && top <= lane.bottom + 1);
            let nth = touching.map(|(nth, _)| nth + 1).max().unwrap_or(0);
            let x = line + 1 + 2 * nth;
            lanes.push((
                nth,
                Lane {
                    port,
                    x,
                    top,
                    bottom,
                },
            ));
        }
        lanes.sort_unstable_by_key(|(nth, lane)| (*nth, lane.top));
        lanes.into_iter().map(|(_, lane)| lane).collect()
    }
}

/// How wide a card must be for its texts, its lines and its title.
pub(super) fn card_width(graph: &Graph, host: HostId, text: &TextColumns, lanes: &[Lane]) -> i32 {
    // A lane keeps away from the frame, so that a line that leaves does not seem to join it.
    let lanes = lanes.iter().map(|lane| lane.x + 3).max();
    let rows = lanes.unwrap_or(text.line + 2);
    let host = &graph.hosts[host as usize];
    let remark = match host.remark.is_empty() {
        true => 0,
        false => width(&host.remark) + 1,
    };
    let mark = if host.finding.is_some() { 2 } else { 0 };
    let title = width(&host.name) + remark + mark + 6;
    rows.max(title.min(LONGEST_TITLE))
}

impl Wishes {
    /// No wish: everything stays in the order of the graph.
    pub fn none(graph: &Graph) -> Wishes {
        Wishes {
            components: vec![0; graph.components.len()],
            uses: vec![0; graph.uses.len()],
            ports: vec![0; graph.ports.len()],
        }
    }
}

/// How many rows a component takes. A row has room for a port or a use to the left, and for a use to the right;
/// a port with a line from the right has its row alone; and the first row has no use to the left, because it says
/// the name. Whatever the order, it is the same number.
fn n_rows(graph: &Graph, wires: &Wires, component: ComponentId) -> u32 {
    let [mut plain, mut alone, mut left, mut right] = [0; 4];
    for port in graph.ports_of(component) {
        match wires.has_right_side(port) {
            true => alone += 1,
            false => plain += 1,
        }
    }
    for used in graph.uses_of(component) {
        match wires.exits[used as usize] {
            Exit::Left => left += 1,
            _ => right += 1,
        }
    }
    match plain + alone {
        0 => right.max(left + 1),
        _ => alone + right.max(plain + left),
    }
}

/// How wide the texts of a card are.
#[derive(Default)]
struct Widths {
    port: i32,
    name: i32,
    remark: i32,
    target: i32,
    left_target: i32,
    has_mark: bool,
}

impl Widths {
    fn add(&mut self, graph: &Graph, wires: &Wires, component: ComponentId) {
        let it = &graph.components[component as usize];
        self.has_mark |= it.finding.is_some();
        self.name = self.name.max(width(&it.name).min(LONGEST_NAME));
        self.remark = self.remark.max(width(&it.remark).min(LONGEST_REMARK));
        for port in graph.ports_of(component) {
            self.port = self.port.max(graph.port_width(port));
        }
        for used in graph.uses_of(component) {
            let (name, port) = graph.target_widths(used);
            let needed = name.min(LONGEST_NAME) + port;
            let widest = match wires.exits[used as usize] {
                Exit::Left => &mut self.left_target,
                _ => &mut self.target,
            };
            *widest = needed.max(*widest);
        }
    }
}
