//! The environment as a tree, for screens that are too narrow for the picture: hosts, what runs on them, and
//! what that uses.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::finding::Severity;
use crate::layout::Charset;
use crate::topology::{Component, Host, Instance, Locality, Topology};
use crate::tui::state::{State, Thing};
use crate::tui::view::{list, span};

/// Every host with what runs on it, in the order of the rows.
pub fn things(topology: &Topology) -> Vec<Thing> {
    let of_host = |host: &Host| {
        let instances = host
            .runs
            .iter()
            .filter(|name| topology.components.contains_key(*name));
        let instances = instances.map(|name| {
            Thing::Instance(Instance {
                component: name.clone(),
                host: host.name.clone(),
            })
        });
        let instances: Vec<Thing> = instances.collect();
        std::iter::once(Thing::Host(host.name.clone())).chain(instances)
    };
    topology.hosts.values().flat_map(of_host).collect()
}

/// The row of what is selected; the first if nothing is.
pub fn selected(things: &[Thing], selection: Option<&Thing>) -> usize {
    let at = selection.and_then(|thing| things.iter().position(|other| other == thing));
    at.unwrap_or(0)
}

/// Draws the tree.
pub fn draw(state: &State, area: Rect, frame: &mut Frame) {
    let Some(topology) = state.topology() else {
        return;
    };
    let things = things(topology);
    let at = selected(&things, state.selection.as_ref());
    let mut lines = things.iter().enumerate().map(|(row, thing)| {
        let is_last = things
            .get(row + 1)
            .is_none_or(|next| next.component().is_none());
        line(state, topology, thing, is_last)
    });
    // Without a selection no row is marked.
    let marked = if state.selection.is_some() {
        at
    } else {
        usize::MAX
    };
    if marked == usize::MAX {
        let count = things.len();
        let shown = lines.take(usize::from(area.height));
        for (row, line) in shown.enumerate().take(count) {
            frame.render_widget(line, Rect::new(area.x, area.y + row as u16, area.width, 1));
        }
        return;
    }
    list(&mut lines, at, things.len(), area, state, frame);
}

fn line(state: &State, topology: &Topology, thing: &Thing, is_last: bool) -> Line<'static> {
    let mut spans = match thing {
        Thing::Host(host) => host_spans(state, &topology.hosts[host]),
        Thing::Instance(instance) => instance_spans(state, topology, instance, is_last),
    };
    if let Some(severity) = worst(state, thing) {
        let mark = format!(" {}", state.charset.mark(severity));
        spans.insert(1, span(mark, state.theme.severity(severity)));
    }
    Line::from(spans)
}

fn host_spans(state: &State, host: &Host) -> Vec<Span<'static>> {
    let kind = match &host.borrowed_from {
        Some(lender) => format!("borrowed from {lender}"),
        None => host.kind.to_string(),
    };
    let address = host
        .address
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    vec![
        span(format!(" {}", host.name), state.theme.strong()),
        span(format!("  {kind}  {address}"), state.theme.dim()),
    ]
}

fn instance_spans(
    state: &State,
    topology: &Topology,
    instance: &Instance,
    is_last: bool,
) -> Vec<Span<'static>> {
    let (middle, end, arrow) = match state.charset {
        Charset::Unicode => ("├", "└", "→"),
        Charset::Ascii => ("|", "`", "->"),
    };
    let branch = if is_last { end } else { middle };
    let component = &topology.components[&instance.component];
    let port = component
        .port
        .map(|port| format!(" :{port}"))
        .unwrap_or_default();
    let mut spans = vec![
        Span::raw(format!("  {branch} {}", instance.component)),
        span(format!("{port}{}", remark(component)), state.theme.dim()),
    ];
    let mut arrow = Some(arrow);
    for link in topology.connections_from(instance) {
        let locality = link.connection.via.locality();
        if let Some(arrow) = arrow.take() {
            spans.push(span(format!("  {arrow}"), state.theme.dim()));
        }
        let word = match locality {
            Locality::Internal => String::new(),
            Locality::External => format!("({})", link.target.host),
        };
        let target = format!(" {}{word}", link.target.component);
        spans.push(span(target, state.theme.locality(locality)));
    }
    spans
}

/// What else is said of a component in its row.
fn remark(component: &Component) -> String {
    match component
        .service()
        .and_then(|service| service.stands_in_for.as_ref())
    {
        Some(declared) => format!(" stands in for {}", declared.id),
        None => String::new(),
    }
}

/// The worst that a finding says about a thing, as the map has it.
fn worst(state: &State, thing: &Thing) -> Option<Severity> {
    let map = state.map.as_ref()?;
    match map.component_id(thing) {
        Some(component) => map.graph().components[component as usize].finding,
        None => map.graph().hosts[map.host_id(thing)? as usize].finding,
    }
}
