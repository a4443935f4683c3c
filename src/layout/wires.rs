//! Nets cut into what one channel holds of each: a wire, with its pins on either side.
//!
//! ```text
//!   column 0     channel 1     column 1     channel 2     column 2
//!  ┌───────┐                                             ┌───────┐
//!  │  use ─├──────────╮                              ╭───▶ port  │
//!  │  use ─├──────────┴──────── passage ─────────────╯   │       │
//!  └───────┘          wire        item              wire └───────┘
//! ```
//!
//! A line from users on the left and one from users on the right of a port never share a channel.

use std::ops::Range;

use crate::layout::graph::{self, Graph, PortId, UseId};
use crate::layout::rank::Columns;
use crate::layout::{Entries, Exit};

/// What stands in a column: a card, by its host's id, or a passage, by its place behind all hosts.
pub(super) type ItemId = u32;

/// No pin at all.
pub(super) const NO_PIN: u32 = u32::MAX;

/// Every channel with its wires.
pub(super) struct Wires {
    /// Which column each host is in.
    pub columns: Columns,
    /// By port.
    pub entries: Vec<Entries>,
    /// By use.
    pub exits: Vec<Exit>,
    /// Lines that pass a column; their items follow those of the hosts.
    pub passages: Vec<PassageItem>,
    /// By column, what stands in it, cards first.
    pub items: Vec<Vec<ItemId>>,
    /// By channel.
    pub wires: Vec<Wire>,
    /// By channel, its wires.
    pub channels: Vec<Range<u32>>,
    /// By wire, those on its left first.
    pub pins: Vec<Pin>,
    /// By use, its pin; none if it stays inside.
    pub use_pins: Vec<u32>,
    /// By port, its pins on the left and on the right.
    pub port_pins: Vec<[u32; 2]>,
    /// By host, the ports that it uses itself.
    pub inside_nets: Lists,
    /// By port, its uses by its own host.
    pub inside_users: Lists,
    /// By item, its pins in the channel to its left.
    pub left_pins: Lists,
    /// By item, its pins in the channel to its right.
    pub right_pins: Lists,
}

/// A line that passes a column.
#[derive(Clone, Copy)]
pub(super) struct PassageItem {
    pub port: PortId,
    pub column: u32,
}

/// What a channel holds of a net.
#[derive(Clone, Copy)]
pub(super) struct Wire {
    pub port: PortId,
    first_pin: u32,
    first_right_pin: u32,
    last_pin: u32,
}

/// Where a wire meets an item.
#[derive(Clone, Copy)]
pub(super) struct Pin {
    pub item: ItemId,
    pub wire: u32,
    pub end: End,
}

/// What a wire meets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The line of a column that it goes on in.
    Passage,
    /// The pin of a use.
    Use(UseId),
    /// The port.
    Port(PortId),
}

/// Lists of numbers, one for each of many owners.
#[derive(Default)]
pub(super) struct Lists {
    firsts: Vec<u32>,
    values: Vec<u32>,
}

/// All that comes to a port from one side.
struct Line {
    port: PortId,
    is_against: bool,
    /// The port's column.
    column: u32,
    /// Users with their columns, in the order of these.
    users: Range<u32>,
    first_passage: ItemId,
}

impl Wire {
    pub fn left(&self) -> Range<usize> {
        self.first_pin as usize..self.first_right_pin as usize
    }

    pub fn right(&self) -> Range<usize> {
        self.first_right_pin as usize..self.last_pin as usize
    }

    pub fn all(&self) -> Range<usize> {
        self.first_pin as usize..self.last_pin as usize
    }
}

impl Lists {
    /// The values of each owner in the order in which `pairs` gives them.
    pub fn new(n_owners: usize, pairs: impl Iterator<Item = (u32, u32)> + Clone) -> Lists {
        let mut firsts = vec![0_u32; n_owners + 1];
        for (owner, _) in pairs.clone() {
            firsts[owner as usize + 1] += 1;
        }
        for at in 1..firsts.len() {
            firsts[at] += firsts[at - 1];
        }
        let mut next = firsts.clone();
        let mut values = vec![0; firsts[n_owners] as usize];
        for (owner, value) in pairs {
            values[next[owner as usize] as usize] = value;
            next[owner as usize] += 1;
        }
        Lists { firsts, values }
    }

    pub fn of(&self, owner: u32) -> &[u32] {
        let owner = owner as usize;
        &self.values[self.firsts[owner] as usize..self.firsts[owner + 1] as usize]
    }
}

impl Wires {
    pub fn new(graph: &Graph, columns: Columns) -> Wires {
        let n_hosts = graph.hosts.len() as u32;
        let mut wires = Wires {
            entries: vec![Entries::default(); graph.ports.len()],
            exits: vec![Exit::Inside; graph.uses.len()],
            passages: Vec::new(),
            items: vec![Vec::new(); columns.n as usize],
            wires: Vec::new(),
            channels: Vec::new(),
            pins: Vec::with_capacity(graph.uses.len() * 3),
            use_pins: vec![NO_PIN; graph.uses.len()],
            port_pins: vec![[NO_PIN; 2]; graph.ports.len()],
            inside_nets: Lists::default(),
            inside_users: Lists::default(),
            left_pins: Lists::default(),
            right_pins: Lists::default(),
            columns,
        };
        for host in 0..n_hosts {
            if let Some(column) = wires.columns.of(host) {
                wires.items[column as usize].push(host);
            }
        }
        wires.choose_sides(graph);
        wires.inside_nets = {
            let entries = wires.entries.iter().enumerate();
            let inside = entries.filter(|it| it.1.inside).map(|it| it.0 as u32);
            let host = |port: u32| graph.host_of_port(port);
            Lists::new(graph.hosts.len(), inside.map(|port| (host(port), port)))
        };
        wires.inside_users = {
            let uses = graph.uses.iter().enumerate();
            let inside = uses.filter(|it| wires.exits[it.0] == Exit::Inside);
            Lists::new(graph.ports.len(), inside.map(|it| (it.1.port, it.0 as u32)))
        };
        let mut users = Vec::with_capacity(graph.uses.len());
        let mut lines = wires.lines(graph, &mut users);
        wires.add_wires(graph, &mut lines, &users);
        for (at, pin) in wires.pins.iter().enumerate() {
            let is_right_pin = wires.wires[pin.wire as usize].right().contains(&at);
            match pin.end {
                End::Passage => {}
                End::Use(used) => wires.use_pins[used as usize] = at as u32,
                // A wire's pin on the right is on the left of a card.
                End::Port(port) => {
                    wires.port_pins[port as usize][usize::from(!is_right_pin)] = at as u32;
                }
            }
        }
        let n_items = graph.hosts.len() + wires.passages.len();
        wires.left_pins = wires.pins_by_item(n_items, Wire::right);
        wires.right_pins = wires.pins_by_item(n_items, Wire::left);
        wires
    }

    /// How many uses of other hosts do not lead to the right.
    pub fn n_against(&self, graph: &Graph) -> usize {
        let hosts = graph
            .uses
            .iter()
            .map(|used| (graph.host_of(used.user), graph.host_of_port(used.port)));
        let columns = |(user, target)| self.columns.of(user) >= self.columns.of(target);
        hosts
            .filter(|(user, target)| user != target)
            .filter(|it| columns(*it))
            .count()
    }

    /// How many items there are: hosts, whether in a column or not, and passages.
    pub fn n_items(&self) -> usize {
        self.n_hosts() + self.passages.len()
    }

    fn n_hosts(&self) -> usize {
        self.columns.n_hosts()
    }

    /// Whether an item is a line that passes, not a card.
    pub fn is_passage(&self, item: ItemId) -> bool {
        item as usize >= self.n_hosts()
    }

    /// The passage that an item is.
    pub fn passage(&self, item: ItemId) -> Option<&PassageItem> {
        self.passages
            .get((item as usize).checked_sub(self.n_hosts())?)
    }

    /// The column of an item.
    pub fn column(&self, item: ItemId) -> Option<u32> {
        match self.passage(item) {
            Some(passage) => Some(passage.column),
            None => self.columns.of(item),
        }
    }

    /// The wires of the channel that one is in.
    pub fn channel_of(&self, wire: u32) -> Range<u32> {
        let after = self
            .channels
            .partition_point(|channel| channel.start <= wire);
        self.channels[after - 1].clone()
    }

    /// Whether lines come to a port from the right or from its own card, so that its row has no room for a use.
    pub fn has_right_side(&self, port: PortId) -> bool {
        let entries = self.entries[port as usize];
        entries.right || entries.inside
    }

    /// The pins of a wire's one side, by item.
    fn pins_by_item(&self, n_items: usize, side: fn(&Wire) -> Range<usize>) -> Lists {
        let pins = self.wires.iter().flat_map(side);
        Lists::new(n_items, pins.map(|pin| (self.pins[pin].item, pin as u32)))
    }

    fn choose_sides(&mut self, graph: &Graph) {
        for (used, graph::Use { user, port }) in graph.uses.iter().enumerate() {
            let user_host = graph.host_of(*user);
            let target_host = graph.host_of_port(*port);
            let entries = &mut self.entries[*port as usize];
            if user_host == target_host {
                entries.inside = true;
                continue;
            }
            let (from, to) = (self.columns.of(user_host), self.columns.of(target_host));
            self.exits[used] = match from.cmp(&to) {
                std::cmp::Ordering::Less => {
                    entries.left = true;
                    Exit::Right
                }
                std::cmp::Ordering::Equal => {
                    entries.right = true;
                    Exit::Right
                }
                std::cmp::Ordering::Greater => {
                    entries.right = true;
                    Exit::Left
                }
            };
        }
    }

    /// The lines that leave their cards; `users` gets those of each, with their columns.
    fn lines(&mut self, graph: &Graph, users: &mut Vec<(u32, UseId)>) -> Vec<Line> {
        let by_port = graph.uses.iter().enumerate();
        let by_port = by_port.map(|(used, it)| (it.port, used as u32));
        let by_port = Lists::new(graph.ports.len(), by_port);
        let mut lines = Vec::new();
        for port in 0..graph.ports.len() as u32 {
            let host = graph.host_of_port(port);
            let Some(column) = self.columns.of(host) else {
                continue;
            };
            for is_against in [false, true] {
                let first = users.len();
                let outside = by_port.of(port).iter().filter_map(|used| {
                    if self.exits[*used as usize] == Exit::Inside {
                        return None;
                    }
                    let user = graph.host_of(graph.uses[*used as usize].user);
                    let from = self.columns.of(user)?;
                    ((from >= column) == is_against).then_some((from, *used))
                });
                users.extend(outside);
                if users.len() > first {
                    users[first..].sort_unstable();
                    let users = first as u32..users.len() as u32;
                    lines.push(Line {
                        port,
                        is_against,
                        column,
                        users,
                        first_passage: 0,
                    });
                }
            }
        }
        lines
    }

    fn add_wires(&mut self, graph: &Graph, lines: &mut [Line], users: &[(u32, UseId)]) {
        let n_hosts = graph.hosts.len() as u32;
        let mut places = Vec::with_capacity(lines.len() * 2);
        for (index, line) in lines.iter_mut().enumerate() {
            line.first_passage = n_hosts + self.passages.len() as u32;
            let channels = line.channels(users);
            for column in channels.start..channels.end.saturating_sub(1) {
                let item = n_hosts + self.passages.len() as u32;
                self.items[column as usize].push(item);
                self.passages.push(PassageItem {
                    port: line.port,
                    column,
                });
            }
            places.extend(channels.map(|channel| (channel, index as u32)));
        }
        let n_channels = self.items.len() + 1;
        let by_channel = Lists::new(n_channels, places.iter().copied());
        for channel in 0..n_channels as u32 {
            let first = self.wires.len() as u32;
            for &index in by_channel.of(channel) {
                self.add_wire(graph, &lines[index as usize], channel, users);
            }
            self.channels.push(first..self.wires.len() as u32);
        }
    }

    /// What a channel holds of a line.
    fn add_wire(&mut self, graph: &Graph, line: &Line, channel: u32, users: &[(u32, UseId)]) {
        let wire = self.wires.len() as u32;
        let channels = line.channels(users);
        let first_pin = self.pins.len() as u32;
        let before = channel.saturating_sub(1);
        match (channel == channels.start, line.is_against) {
            (true, true) => self.add_port(graph, line, wire),
            (true, false) => {}
            (false, _) => self.add_passage(line, before - channels.start, wire),
        }
        if !line.is_against || channel == channels.start {
            self.add_users(graph, line.users_in(users, before), wire);
        }
        let first_right_pin = self.pins.len() as u32;
        match (channel + 1 == channels.end, line.is_against) {
            (true, false) => self.add_port(graph, line, wire),
            (true, true) => {}
            (false, _) => self.add_passage(line, channel - channels.start, wire),
        }
        if line.is_against {
            self.add_users(graph, line.users_in(users, channel), wire);
        }
        self.wires.push(Wire {
            port: line.port,
            first_pin,
            first_right_pin,
            last_pin: self.pins.len() as u32,
        });
    }

    fn add_port(&mut self, graph: &Graph, line: &Line, wire: u32) {
        self.pins.push(Pin {
            item: graph.host_of_port(line.port),
            wire,
            end: End::Port(line.port),
        });
    }

    fn add_passage(&mut self, line: &Line, nth: u32, wire: u32) {
        self.pins.push(Pin {
            item: line.first_passage + nth,
            wire,
            end: End::Passage,
        });
    }

    fn add_users(&mut self, graph: &Graph, users: &[(u32, UseId)], wire: u32) {
        self.pins.extend(users.iter().map(|(_, used)| Pin {
            item: graph.host_of(graph.uses[*used as usize].user),
            wire,
            end: End::Use(*used),
        }));
    }
}

impl Line {
    /// The channels that it is in.
    fn channels(&self, users: &[(u32, UseId)]) -> Range<u32> {
        let users = &users[self.users.start as usize..self.users.end as usize];
        let (first, last) = (users[0].0, users[users.len() - 1].0);
        match self.is_against {
            false => first + 1..self.column + 1,
            true => self.column + 1..last.max(self.column + 1) + 1,
        }
    }

    /// Its users in a column.
    fn users_in<'u>(&self, users: &'u [(u32, UseId)], column: u32) -> &'u [(u32, UseId)] {
        let users = &users[self.users.start as usize..self.users.end as usize];
        let first = users.partition_point(|(of, _)| *of < column);
        let last = users.partition_point(|(of, _)| *of <= column);
        &users[first..last]
    }
}
