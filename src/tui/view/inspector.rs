//! Everything about what is selected: a component, a host, or the environment.

use std::cell::Cell;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::finding::{Severity, counted, printed};
use crate::model::{HostName, RunsAs};
use crate::report::outage;
use crate::topology::{
    Component, Host, Instance, Link, Locality, Outage, Publication, Reach, Topology,
};
use crate::tui::command::Command;
use crate::tui::state::{State, Thing};
use crate::tui::view::{columns, findings, heading, span};

/// Most rows of a sort that are listed when something fails.
const MOST_ROWS: usize = 200;

/// The lines above the first finding: a gap and a heading.
const ABOVE_FINDINGS: usize = 2;

/// Most findings that are listed; their panel lists all.
const MOST_FINDINGS: usize = 60;

/// Draws it.
pub fn draw(state: &State, area: Rect, frame: &mut Frame) {
    let Some(topology) = state.topology() else {
        return;
    };
    if let Some(outage) = &state.derived.outage {
        let lines = of_outage(state, topology, outage);
        let left = |_| Line::styled("… and more", state.theme.dim());
        columns(lines.into_iter(), left, area, frame);
        return;
    }
    // How many lines were made before those of the findings.
    let before = Cell::new(0);
    let count = |_: &Line| before.set(before.get() + 1);
    let findings = of_findings(state);
    let left = |n_shown: usize| {
        let above = before.get() + ABOVE_FINDINGS;
        said_left(state, n_shown.saturating_sub(above))
    };
    let lines = match &state.selection {
        Some(Thing::Instance(instance)) => of_instance(state, topology, instance),
        Some(Thing::Host(host)) => of_host(state, topology, &topology.hosts[host]),
        None => {
            let lines = of_environment(state, topology).inspect(count);
            return columns(lines.chain(findings), left, area, frame);
        }
    };
    let lines = lines.into_iter().inspect(count);
    columns(lines.chain(findings), left, area, frame);
}

/// What is said in the place of findings that are not shown, or of other lines where there are none.
fn said_left(state: &State, n_shown: usize) -> Line<'static> {
    let key = state.keymap.shown(Command::ShowFindings);
    let left = state.derived.concerning.len().saturating_sub(n_shown);
    let said = match (left, n_shown) {
        (0, _) => "… and more".to_owned(),
        (left, 0) => format!("… and {}: press {key}", counted(left, "finding")),
        (left, _) => format!("… and {left} more: press {key}"),
    };
    Line::styled(said, state.theme.dim())
}

/// What fails with what is looked at as failing, and what goes on.
fn of_outage(state: &State, topology: &Topology, outage: &Outage) -> Vec<Line<'static>> {
    let theme = state.theme;
    let mut lines = Vec::new();
    for (title, rows) in outage::sections(topology, outage) {
        let style = match title {
            outage::GONE => theme.removed(),
            outage::HARMED => theme.severity(Severity::Warn),
            _ => theme.dim(),
        };
        lines.push(Line::styled(format!("{title}: {}", rows.len()), style));
        lines.extend(rows.into_iter().take(MOST_ROWS).map(|row| {
            Line::from(vec![
                Span::raw(row.who),
                span(format!("  {}", printed(&row.what)), theme.dim()),
            ])
        }));
        lines.push(Line::default());
    }
    lines
}

/// Large environments have more to say than any screen shows, so each line is made when it is asked for.
fn of_environment<'s>(
    state: &'s State,
    topology: &'s Topology,
) -> impl Iterator<Item = Line<'static>> + 's {
    let theme = state.theme;
    let tier = topology
        .tier
        .map(|tier| tier.to_string())
        .unwrap_or_default();
    let head = [
        Line::from(vec![
            span(topology.environment.to_string(), theme.strong()),
            span(format!("  {tier}"), theme.dim()),
        ]),
        Line::styled(
            format!(
                "{}, {}",
                counted(topology.hosts.len(), "host"),
                counted(topology.components.len(), "component")
            ),
            theme.dim(),
        ),
    ];
    let derived = &state.derived;
    let localities = [
        (Locality::External, &derived.external),
        (Locality::Internal, &derived.internal),
    ];
    let uses = localities.into_iter().flat_map(move |(locality, uses)| {
        let title = format!("{} uses: {}", locality.as_str(), uses.count);
        let each = uses.first.iter().map(move |(target, user)| {
            Line::from(vec![
                span(target.component.to_string(), theme.locality(locality)),
                span(format!(" on {}", target.host), theme.dim()),
                Span::raw(format!("  for {}", user.component)),
            ])
        });
        let title = [Line::default(), heading(title, state)];
        title.into_iter().chain(each)
    });
    let unreached = topology.unreached.iter().map(move |unreached| {
        Line::from(vec![
            span("unplaced ", theme.removed()),
            Span::raw(format!(
                "{}, used by {}",
                unreached.target, unreached.user.component
            )),
        ])
    });
    head.into_iter().chain(uses).chain(unreached)
}

fn of_host(state: &State, topology: &Topology, host: &Host) -> Vec<Line<'static>> {
    let theme = state.theme;
    let kind = match &host.borrowed_from {
        Some(lender) => format!("borrowed from {lender}"),
        None => host.kind.to_string(),
    };
    let mut lines = vec![Line::from(vec![
        span(host.name.to_string(), theme.strong()),
        span(format!("  {kind}"), theme.dim()),
    ])];
    let mut facts = Vec::new();
    facts.extend(host.address.as_ref().map(ToString::to_string));
    facts.extend(host.cpus.map(|cpus| format!("{cpus} cpus")));
    facts.extend(host.memory.map(|memory| memory.to_string()));
    if !facts.is_empty() {
        lines.push(Line::styled(facts.join(", "), theme.dim()));
    }
    lines.push(Line::default());
    lines.push(heading("runs", state));
    for name in &host.runs {
        let component = topology.components.get(name);
        let said = component
            .map(|component| format!("  {}", what(component)))
            .unwrap_or_default();
        lines.push(Line::from(vec![
            Span::raw(name.to_string()),
            span(said, theme.dim()),
        ]));
    }
    if host.is_own_machine() && !host.runs.is_empty() {
        lines.push(Line::default());
        let key = state.keymap.shown(Command::ShowFiles);
        lines.push(heading(
            format!(
                "files in {}/{}: press {key}",
                topology.environment, host.name
            ),
            state,
        ));
    }
    lines
}

fn of_instance(state: &State, topology: &Topology, instance: &Instance) -> Vec<Line<'static>> {
    let theme = state.theme;
    let component = &topology.components[&instance.component];
    let mut lines = vec![
        Line::from(vec![
            span(instance.component.to_string(), theme.strong()),
            span(format!("  {}", what(component)), theme.dim()),
        ]),
        Line::styled(
            where_it_is(topology, component, &instance.host),
            theme.dim(),
        ),
    ];
    if let Some(declared) = component
        .service()
        .and_then(|service| service.stands_in_for.as_ref())
    {
        lines.push(Line::styled(
            format!("stands in for {}", declared.title),
            theme.dim(),
        ));
    }
    let uses = topology.connections_from(instance);
    section(
        &mut lines,
        state,
        "uses",
        uses.iter().map(|link| use_lines(state, link, Side::Target)),
    );
    let mut users = topology.users_of(instance);
    users.retain(|link| {
        let made = topology.connections_from(link.user);
        made.iter().any(|made| made.target == instance)
    });
    section(
        &mut lines,
        state,
        "used by",
        users.iter().map(|link| use_lines(state, link, Side::User)),
    );
    let published = topology.publications_of(instance).iter();
    let published = published.map(|publication| vec![Line::from(reached(publication))]);
    section(
        &mut lines,
        state,
        "reached from outside its project",
        published,
    );
    lines
}

fn section(
    lines: &mut Vec<Line<'static>>,
    state: &State,
    title: &str,
    entries: impl Iterator<Item = Vec<Line<'static>>>,
) {
    let mut entries = entries.peekable();
    if entries.peek().is_some() {
        lines.push(Line::default());
        lines.push(heading(title, state));
        lines.extend(entries.flatten());
    }
}

/// Which end of a connection is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    User,
    Target,
}

fn use_lines(state: &State, link: &Link, side: Side) -> Vec<Line<'static>> {
    let theme = state.theme;
    let via = &link.connection.via;
    let shown = match side {
        Side::User => link.user,
        Side::Target => link.target,
    };
    let roles = link.connection.said_roles();
    let first = Line::from(vec![
        span(shown.component.to_string(), theme.locality(via.locality())),
        span(format!(" on {}  {roles}", shown.host), theme.dim()),
    ]);
    let second = Line::from(vec![
        span(
            format!("  {}", via.locality().as_str()),
            theme.locality(via.locality()),
        ),
        span(
            format!(
                ": {via}, {}",
                printed(&link.connection.endpoint.to_string())
            ),
            theme.dim(),
        ),
    ]);
    vec![first, second]
}

fn what(component: &Component) -> String {
    let mut words = match component.service() {
        None => "app".to_owned(),
        Some(service) if service.is_of_unknown_version() => {
            format!("{}, version not known", service.kind.title)
        }
        Some(service) => format!("{} {}", service.kind.title, printed(&service.version)),
    };
    words.push_str(match component.runs_as {
        RunsAs::Container => "",
        RunsAs::Job => ", a job",
        RunsAs::Process => ", a process",
    });
    words
}

fn where_it_is(topology: &Topology, component: &Component, host: &HostName) -> String {
    let address = topology.hosts[host].address.as_ref();
    let address = address
        .map(|address| format!(", {address}"))
        .unwrap_or_default();
    let port = component
        .port
        .map(|port| format!(", port {port}"))
        .unwrap_or_default();
    format!("on {host}{address}{port}")
}

fn reached(publication: &Publication) -> String {
    let reach = match publication.reach {
        Reach::Machine => "on its own machine",
        Reach::Network => "from other hosts",
        Reach::World => "from everywhere",
    };
    format!("port {} {reach}", publication.said_ports())
}

/// The findings about what is selected, or about the environment.
fn of_findings(state: &State) -> impl Iterator<Item = Line<'static>> + '_ {
    let concerning = &state.derived.concerning;
    let all = &state.plan.analysis.findings;
    let title = format!("findings: {}", concerning.len());
    let title = [Line::default(), heading(title, state)];
    let title = title.into_iter().filter(|_| !concerning.is_empty());
    let shown = concerning.iter().take(MOST_FINDINGS);
    let is_more = concerning.len() > MOST_FINDINGS;
    let left = is_more.then(|| said_left(state, MOST_FINDINGS));
    let shown = shown.map(|at| findings::short(state, &all[*at]));
    title.chain(shown).chain(left)
}
