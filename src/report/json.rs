//! Findings and topologies as JSON. The shapes are Backstay's promise to scripts; they have their own structs.

use serde::Serialize;

use crate::finding::{Finding, Label};
use crate::model::Choice;
use crate::secret_shape::{Hidden, credentials_in};
use crate::span::Lines;
use crate::topology::{Component, Link, Topology};

#[derive(Serialize)]
struct FindingsJson<'a> {
    plan: &'a str,
    findings: Vec<FindingJson<'a>>,
}

#[derive(Serialize)]
struct FindingJson<'a> {
    rule: &'a str,
    severity: &'a str,
    message: &'a str,
    environment: Option<&'a str>,
    place: PlaceJson<'a>,
    related: Vec<PlaceJson<'a>>,
    help: Option<&'a str>,
    fix: Option<&'a str>,
}

#[derive(Serialize)]
struct PlaceJson<'a> {
    path: Option<String>,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    label: &'a str,
}

/// Findings as JSON, with lines and columns from 1.
pub fn findings(plan: &str, text: &str, findings: &[Finding]) -> String {
    let lines = Lines::new(text);
    // The path of an item or of a mistaken key repeats what stands there.
    let hidden = Hidden::of(text, &credentials_in(text), |_| false);
    let place = |label| {
        let mut place = place(text, &lines, label);
        place.path = place.path.map(|path| hidden.out_of(&path));
        place
    };
    let findings = findings.iter().map(|finding| FindingJson {
        rule: finding.rule,
        severity: finding.severity.as_str(),
        message: &finding.message,
        environment: finding
            .environment
            .as_ref()
            .map(|environment| environment.as_str()),
        place: place(&finding.primary),
        related: finding.secondary.iter().map(place).collect(),
        help: finding.help.as_deref(),
        fix: finding.fix.as_ref().map(|fix| fix.title.as_str()),
    });
    print(&FindingsJson {
        plan,
        findings: findings.collect(),
    })
}

fn place<'a>(text: &str, lines: &Lines, label: &'a Label) -> PlaceJson<'a> {
    let span = label.span.unwrap_or_default().within(text);
    let (start, end) = (
        lines.line_column(span.start, text),
        lines.line_column(span.end, text),
    );
    PlaceJson {
        path: label.path.as_ref().map(ToString::to_string),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        label: &label.text,
    }
}

#[derive(Serialize)]
struct PlanJson<'a> {
    plan: &'a str,
    environments: Vec<EnvironmentJson<'a>>,
}

#[derive(Serialize)]
struct EnvironmentJson<'a> {
    name: &'a str,
    tier: Option<&'a str>,
    hosts: Vec<HostJson<'a>>,
    components: Vec<ComponentJson<'a>>,
    uses: Vec<UseJson<'a>>,
}

#[derive(Serialize)]
struct HostJson<'a> {
    name: &'a str,
    kind: &'a str,
    address: Option<&'a str>,
    borrowed_from: Option<&'a str>,
    runs: Vec<&'a str>,
}

#[derive(Serialize)]
struct ComponentJson<'a> {
    name: &'a str,
    what: &'a str,
    kind: Option<&'a str>,
    stands_in_for: Option<&'a str>,
    version: Option<&'a str>,
    runs_as: &'a str,
    port: Option<u16>,
}

#[derive(Serialize)]
struct UseJson<'a> {
    user: &'a str,
    user_host: &'a str,
    target: &'a str,
    target_host: &'a str,
    roles: Vec<&'a str>,
    locality: &'a str,
    via: String,
    host: Option<&'a str>,
    port: Option<u16>,
    tls: bool,
}

/// Environments as JSON.
pub fn show(plan: &str, topologies: &[&Topology]) -> String {
    let environments = topologies.iter().map(|topology| {
        let mut links: Vec<Link> = topology.connections().collect();
        links.sort_by_key(|link| (link.user, link.target));
        EnvironmentJson {
            name: topology.environment.as_str(),
            tier: topology.tier.map(Choice::as_str),
            hosts: topology.hosts.values().map(host).collect(),
            components: topology.components.values().map(component).collect(),
            uses: links.into_iter().map(a_use).collect(),
        }
    });
    print(&PlanJson {
        plan,
        environments: environments.collect(),
    })
}

fn host(host: &crate::topology::Host) -> HostJson<'_> {
    HostJson {
        name: host.name.as_str(),
        kind: host.kind.as_str(),
        address: host.address.as_ref().map(|address| address.as_str()),
        borrowed_from: host.borrowed_from.as_ref().map(|lender| lender.as_str()),
        runs: host.runs.iter().map(|name| name.as_str()).collect(),
    }
}

fn component(component: &Component) -> ComponentJson<'_> {
    let service = component.service();
    ComponentJson {
        name: component.name.as_str(),
        what: if service.is_some() { "service" } else { "app" },
        kind: service.map(|service| service.kind.id.as_str()),
        stands_in_for: service
            .and_then(|service| service.stands_in_for.as_ref())
            .map(|kind| kind.id.as_str()),
        version: service
            .map(|service| service.version.as_str())
            .filter(|version| !version.is_empty()),
        runs_as: component.runs_as.as_str(),
        port: component.port,
    }
}

fn a_use(link: Link<'_>) -> UseJson<'_> {
    UseJson {
        user: link.user.component.as_str(),
        user_host: link.user.host.as_str(),
        target: link.target.component.as_str(),
        target_host: link.target.host.as_str(),
        roles: link
            .connection
            .roles
            .iter()
            .map(|role| role.as_str())
            .collect(),
        locality: link.connection.via.locality().as_str(),
        via: link.connection.via.to_string(),
        host: link
            .connection
            .endpoint
            .host
            .as_ref()
            .map(|host| host.as_str()),
        port: link.connection.endpoint.port,
        tls: link.connection.endpoint.tls,
    }
}

pub(super) fn print(value: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(value).expect("these structs have text keys only");
    format!("{text}\n")
}
