//! The runbook of an environment: hosts, what to fill in, start order, firewall openings.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::generate::app_env::Waiting;
use crate::generate::compose::containers_on;
use crate::generate::copies::{self, DataView};
use crate::generate::dependencies;
use crate::generate::pages::{self, PageView};
use crate::generate::secret_file::secrets_path;
use crate::generate::{Artifact, Audience, GenerateError, Inputs, app_env, host_files, public};
use crate::model::{ComponentName, HostKind, Protocol, Quoting, RunsAs, SecretSource, Service};
use crate::settings::{self, Missing, SecretNeed, SecretOrigin, SecretValues, values_of};
use crate::template::Templates;
use crate::topology::{Component, Endpoint, Host, Instance, Publication, Reach, Topology, Via};

#[derive(Serialize)]
struct RunbookView {
    plan: String,
    environment: String,
    tier: Option<String>,
    hosts: Vec<HostView>,
    fill_in: Vec<String>,
    taken: String,
    before_start: Vec<String>,
    steps: Vec<StepView>,
    openings: Vec<OpeningView>,
    /// What is used from another host at a port that the plan does not say.
    unsaid_ports: Vec<String>,
    pages: Vec<PageView>,
    uses: Vec<UseView>,
    data: Vec<DataView>,
    /// Whether waiting would take the end of a job for a failure on one of the hosts.
    has_loose_job: bool,
}

#[derive(Serialize)]
struct HostView {
    name: String,
    what: String,
    address: String,
    runs: String,
}

/// What is started on a host.
#[derive(Serialize)]
pub(super) struct StepView {
    pub(super) host: String,
    components: String,
    /// What is run in the host's folder there; nothing for a host without containers.
    pub(super) command: Option<String>,
    folder: String,
    pub(super) notes: Vec<String>,
}

#[derive(Serialize)]
struct OpeningView {
    host: String,
    port: String,
    component: String,
    from: String,
}

#[derive(Serialize)]
struct UseView {
    user: String,
    target: String,
    role: String,
    locality: String,
    address: String,
}

/// An environment's runbook; `steps` are those of its hosts, `waiting` is what its files wait for, `before_start` what
/// its hosts do.
pub(super) fn generate(
    inputs: &Inputs,
    topology: &Topology,
    steps: Vec<StepView>,
    waiting: Waiting,
    before_start: Vec<String>,
) -> Result<Artifact, GenerateError> {
    let mut own_hosts = topology.hosts.values().filter(|host| host.is_own());
    let view = RunbookView {
        has_loose_job: own_hosts.any(|host| dependencies::has_loose_job(topology, host)),
        plan: inputs.plan.to_owned(),
        environment: topology.environment.to_string(),
        tier: topology.tier.map(|tier| tier.to_string()),
        hosts: topology
            .hosts
            .values()
            .map(|host| host_view(topology, host))
            .collect(),
        fill_in: fill_in(inputs, topology, waiting),
        taken: taken(topology).join(", "),
        before_start,
        steps,
        openings: openings(inputs, topology),
        unsaid_ports: unsaid_ports(topology),
        pages: pages::pages(topology),
        uses: uses(topology),
        data: copies::data(inputs.plan, topology),
    };
    Ok(Artifact {
        path: format!("{}/README.md", topology.environment),
        text: inputs.renderer.render("runbook.md.j2", &view)?,
        audience: Audience::Everybody,
    })
}

/// What the table of hosts says of one that a provider runs; what was is read back from there.
pub(super) const BY_PROVIDER: &str = "managed by a provider";

fn host_view(topology: &Topology, host: &Host) -> HostView {
    let what = match (&host.borrowed_from, host.kind) {
        (Some(lender), _) => format!("borrowed from {lender}"),
        (None, HostKind::Machine) => "machine".to_owned(),
        (None, HostKind::Managed) => BY_PROVIDER.to_owned(),
        (None, HostKind::Cluster) => "cluster".to_owned(),
    };
    let runs = host
        .runs
        .iter()
        .filter_map(|name| topology.components.get(name))
        .map(described);
    HostView {
        name: host.name.to_string(),
        what,
        address: host
            .address
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        runs: runs.collect::<Vec<_>>().join(", "),
    }
}

/// `db (MySQL 8.4)`, `web (app, a process)`
fn described(component: &Component) -> String {
    let mut words = vec![match component.service() {
        Some(service) => format!("{} {}", service.kind.title, service.version)
            .trim_end()
            .to_owned(),
        None => "app".to_owned(),
    }];
    if let Some(cloud) = component
        .service()
        .and_then(|service| service.stands_in_for.as_ref())
    {
        words.push(format!("standing in for {}", cloud.title));
    }
    if component.runs_as == RunsAs::Process {
        words.push("a process".to_owned());
    }
    format!("{} ({})", component.name, words.join(", "))
}

/// What the plan leaves open, and every credential to be given. The runbook is committed, so it says the
/// same whether or not the credentials are filled in already.
fn fill_in(inputs: &Inputs, topology: &Topology, waiting: Waiting) -> Vec<String> {
    let of_plan = waiting
        .into_iter()
        .filter(|(missing, _)| !matches!(missing, Missing::Secret(_)));
    let listed = of_plan.map(|(missing, who)| {
        let who: Vec<String> = who
            .iter()
            .map(|instance| format!("{} on {}", instance.component, instance.host))
            .collect();
        format!("{}: needed by {}", app_env::said(&missing), who.join(", "))
    });
    let listed = listed.chain(public::lines(topology));
    listed.chain(given(inputs, topology)).collect()
}

/// The credentials that are asked for whenever files are generated: without them there would be no files,
/// so nothing of them is to be filled in.
fn taken(topology: &Topology) -> Vec<String> {
    let said = |need: SecretNeed| {
        let source = match &need.origin {
            SecretOrigin::Taken(SecretSource::Variable(variable)) => {
                format!("the variable {variable}")
            }
            SecretOrigin::Taken(SecretSource::File(path)) => format!("the file {path}"),
            SecretOrigin::Generated | SecretOrigin::Given => return None,
        };
        Some(format!("{} from {source}", need.id.variable()))
    };
    let needs = settings::needs(topology).into_iter();
    needs.filter_map(said).collect()
}

/// The credentials that somebody else makes, one line a file.
fn given(inputs: &Inputs, topology: &Topology) -> Vec<String> {
    let is_here = |need: &SecretNeed| {
        let component = topology.components.get(&need.id.service);
        component.is_some_and(|component| component.owner == need.id.environment)
    };
    let needs = inputs.topologies.iter().flat_map(settings::needs);
    let mut by_file: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for need in needs.filter(|need| need.origin == SecretOrigin::Given && is_here(need)) {
        let variables = by_file.entry(secrets_path(need.id.environment.as_str()));
        variables.or_default().push(need.id.variable());
    }
    by_file
        .into_iter()
        .map(|(file, variables)| {
            format!(
                "Whatever is still empty in {file}, of: {}",
                variables.join(", ")
            )
        })
        .collect()
}

/// Hosts in the order in which they can be started.
pub(super) fn steps(inputs: &Inputs, topology: &Topology) -> Vec<StepView> {
    let order = topology.start_order();
    let rank: BTreeMap<&ComponentName, usize> = order
        .iter()
        .enumerate()
        .map(|(rank, name)| (name, rank))
        .collect();
    let hosts = topology.host_order().into_iter();
    hosts
        .map(|host| step(inputs, (topology, host), &rank))
        .collect()
}

/// What a provider's service is used with, of what the plan says or could say.
fn expected(inputs: &Inputs, component: &Component) -> Option<String> {
    let parts = &component.service()?.kind.parts;
    let endpoint = Endpoint {
        host: None,
        port: component.port,
        tls: false,
    };
    let none = SecretValues::new();
    let known = values_of(&Templates::new(), inputs.plan, component, &endpoint, &none).known;
    let of_kind = Service::PARTS
        .into_iter()
        .filter(|part| parts.contains_key(*part));
    let said = of_kind.filter_map(|part| Some(format!("{part} {}", known.get(part)?)));
    let said: Vec<String> = said.collect();
    (!said.is_empty()).then(|| {
        format!(
            "What uses {} expects there: {}. Where the provider gives something else, write that into the plan.",
            component.name,
            said.join(", ")
        )
    })
}

fn step(
    inputs: &Inputs,
    (topology, host): (&Topology, &Host),
    rank: &BTreeMap<&ComponentName, usize>,
) -> StepView {
    let mut components: Vec<&Component> = host
        .runs
        .iter()
        .filter_map(|name| topology.components.get(name))
        .collect();
    components.sort_by_key(|component| rank.get(&component.name));
    let mut notes = Vec::new();
    match host.kind {
        HostKind::Managed => {
            notes.push("Order it from its provider and fill in what it tells you.".to_owned());
            let components = components.iter();
            notes.extend(components.filter_map(|component| expected(inputs, component)));
        }
        HostKind::Cluster => notes.push("Deploy it with the cluster's own tools.".to_owned()),
        HostKind::Machine => {
            let processes = components
                .iter()
                .filter(|component| component.runs_as == RunsAs::Process);
            notes.extend(processes.map(|component| process_note(topology, host, component)));
            notes.extend(host_files::notes(topology, host, inputs.plan_folder));
        }
    }
    StepView {
        host: host.name.to_string(),
        components: components
            .iter()
            .map(|component| component.name.to_string())
            .collect::<Vec<_>>()
            .join(", "),
        command: command(topology, host),
        folder: host.name.to_string(),
        notes,
    }
}

/// Starts the containers of a host, and waits until all of them have started where Compose can.
fn command(topology: &Topology, host: &Host) -> Option<String> {
    containers_on(topology, host).next()?;
    let command = match dependencies::has_loose_job(topology, host) {
        true => "docker compose up --detach",
        false => "docker compose up --detach --wait",
    };
    Some(command.to_owned())
}

fn process_note(topology: &Topology, host: &Host, component: &Component) -> String {
    let name = &component.name;
    if let Some(app) = component.app() {
        let file = format!("{}/{name}.env", host.name);
        return match app.quoting {
            Quoting::Compose => format!("Start {name} with the variables of {file}."),
            Quoting::Shell => {
                format!("Start {name} from a shell that has read {file}: set -a; . {file}; set +a")
            }
            Quoting::Raw => format!("Start {name} with the variables of {file}, as they are."),
        };
    }
    let instance = Instance {
        component: name.clone(),
        host: host.name.clone(),
    };
    let from_container = topology.users_of(&instance).iter().any(|link| {
        link.connection.via == Via::SameMachine && link.user_component.runs_as.in_container()
    });
    match from_container {
        true => format!(
            "{name} runs on the machine itself; containers reach it only if it listens on more than 127.0.0.1."
        ),
        false => format!("{name} runs on the machine itself; see that it is started."),
    }
}

fn openings(inputs: &Inputs, topology: &Topology) -> Vec<OpeningView> {
    let reached = topology
        .publications()
        .filter(|publication| publication.reach != Reach::Machine);
    let opening = |publication: &Publication| {
        let from = match publication.reach {
            Reach::World => "everywhere".to_owned(),
            _ if publication.users.is_empty() => "the hosts you choose".to_owned(),
            _ => publication
                .users
                .iter()
                .map(|(environment, host, _)| {
                    host_address(inputs, environment.as_str(), host.as_str(), topology)
                })
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect::<Vec<_>>()
                .join(", "),
        };
        OpeningView {
            host: publication.instance.host.to_string(),
            port: opened(publication),
            component: publication.instance.component.to_string(),
            from,
        }
    };
    reached.map(opening).collect()
}

/// `store on data-1`, of what is used from another host without anybody saying its port.
fn unsaid_ports(topology: &Topology) -> Vec<String> {
    let links = topology.connections().filter(|link| {
        let target = link.target_component;
        let is_elsewhere = link.connection.via == Via::AnotherMachine;
        is_elsewhere && target.port.is_none() && target.runs_as != RunsAs::Job
    });
    let said = links.map(|link| format!("{} on {}", link.target.component, link.target.host));
    said.collect::<BTreeSet<String>>().into_iter().collect()
}

/// `5432/tcp`, `30000-30010/udp`
fn opened(publication: &Publication) -> String {
    let ports = publication.said_ports();
    match publication.protocol {
        Protocol::Tcp => format!("{ports}/{}", Protocol::Tcp),
        Protocol::Udp => ports,
    }
}

/// `app-1 (10.0.1.11)`, with its environment if that is another one.
fn host_address(inputs: &Inputs, environment: &str, host: &str, here: &Topology) -> String {
    let topology = inputs
        .topologies
        .iter()
        .find(|topology| topology.environment.as_str() == environment);
    let address = topology.and_then(|topology| topology.hosts.get(host)?.address.as_ref());
    let address = address
        .map(|address| format!(" ({address})"))
        .unwrap_or_default();
    match environment == here.environment.as_str() {
        true => format!("{host}{address}"),
        false => format!("{host} of {environment}{address}"),
    }
}

fn uses(topology: &Topology) -> Vec<UseView> {
    let mut links: Vec<_> = topology.connections().collect();
    links.sort_by_key(|link| (link.user, link.target));
    let view = |link: &crate::topology::Link| UseView {
        user: format!("{} on {}", link.user.component, link.user.host),
        target: format!("{} on {}", link.target.component, link.target.host),
        role: link.connection.said_roles(),
        locality: format!(
            "{} ({})",
            link.connection.via.locality().as_str(),
            link.connection.via
        ),
        address: link.connection.endpoint.to_string(),
    };
    links.iter().map(view).collect()
}
