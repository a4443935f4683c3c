//! What the templates of a container see: the service itself, its instances, and what it uses.
//!
//! Credentials are not among it: they come as marks, which `container_text` resolves.

use std::collections::BTreeMap;

use minijinja::Value;

use crate::catalog::Catalog;
use crate::generate::container_text::{file_mark, plan_text, variable_mark};
use crate::model::{HostName, Role};
use crate::settings::{Missing, SecretValues, Values, values_of};
use crate::template::Templates;
use crate::topology::{Component, Endpoint, Instance, Link, Topology, Via};

/// Which container, and what its values are made with.
pub(super) struct ContainerInputs<'a> {
    /// The engine of connection strings.
    pub templates: &'a Templates,
    /// For what dialects say of apps.
    pub catalog: &'a Catalog,
    /// The plan's name.
    pub plan: &'a str,
    /// The environment.
    pub topology: &'a Topology,
    /// The service on a host.
    pub instance: &'a Instance,
}

/// Values by name.
type Context = BTreeMap<String, Value>;

/// The context of a container's templates; `catalog::container` says what is in it.
pub(super) fn of(place: &ContainerInputs) -> Context {
    let component = &place.topology.components[&place.instance.component];
    let endpoint = Endpoint {
        host: None,
        port: component.container_port(),
        tls: false,
    };
    let mut context = plain(values(place, component, &endpoint));
    let members = members(place);
    let is_here = |host: &&HostName| **host == place.instance.host;
    let own = place.topology.hosts_of(&component.name).iter();
    let at = own.clone().position(|host| is_here(&host));
    let member = at.and_then(|at| members.get(at).cloned());
    context.insert("member".into(), member.unwrap_or_default());
    context.insert("members".into(), members.into());
    context.insert("published_port".into(), component.port.into());
    context.insert("kept_days".into(), kept_days(place).into());
    context.insert("uses".into(), uses(place));
    context.insert("mounts".into(), mounts(component));
    context
}

/// The paths at which the plan itself mounts something.
fn mounts(component: &Component) -> Value {
    let mounts = component.container.volumes.values();
    let paths = mounts.filter_map(|mount| mount.path.as_deref());
    paths
        .map(|path| plan_text(path.trim_end_matches('/')))
        .collect()
}

fn values(place: &ContainerInputs, component: &Component, endpoint: &Endpoint) -> Values {
    let secrets = SecretValues::new();
    values_of(place.templates, place.plan, component, endpoint, &secrets)
}

/// For how many days what the service stores is kept at the longest, in the roles that it is used in.
fn kept_days(place: &ContainerInputs) -> Option<u32> {
    let instances = place.topology.instances_of(&place.instance.component);
    let links = instances.flat_map(|instance| place.topology.users_of(instance));
    let roles = links.flat_map(|link| &link.connection.roles);
    let kept = roles.filter_map(|role| place.topology.kept_for.get(role));
    kept.map(|kept| kept.days).max()
}

/// What is known, without the marks that only the catalog may write.
fn plain(values: Values) -> Context {
    let unmarked = |(name, value): (String, Value)| match value.as_str() {
        Some(text) => (name, plan_text(text)),
        None => (name, value),
    };
    // A part that is still to be filled in, as the runbook says.
    let missing = values.missing.iter();
    let unsaid = missing.filter(|(_, missing)| matches!(missing, Missing::Part(..)));
    let unsaid = unsaid.map(|(name, _)| (name.clone(), Value::from("")));
    let known = values.known.into_iter().map(unmarked);
    unsaid.chain(known).collect()
}

/// The instances of the service, by host.
fn members(place: &ContainerInputs) -> Vec<Value> {
    let hosts = place.topology.hosts_of(&place.instance.component);
    let component = &place.topology.components[&place.instance.component];
    let of_service = component.service().and_then(|of| of.address.as_ref());
    // An address of the service's own is where its users go; it cannot be that of several hosts.
    let own = of_service.filter(|_| hosts.len() == 1);
    let member = |(at, name): (usize, &HostName)| {
        let address = own.or(place.topology.hosts[name].address.as_ref());
        minijinja::context! {
            number => at + 1,
            host => name.as_str(),
            address => address.map(|address| plan_text(address.as_str())),
            address_in_url => address.map(|address| plan_text(&address.to_string())),
        }
    };
    hosts.iter().enumerate().map(member).collect()
}

/// What the service uses, one entry each; of a proxy, what it stands before.
fn uses(place: &ContainerInputs) -> Value {
    let mut links = place.topology.uses_of(place.instance);
    links.retain(|link| link.connection.endpoint.host.is_some());
    let component = &place.topology.components[&place.instance.component];
    if component.kind().usual_role() == Some(Role::Proxy) {
        links.retain(stands_before);
    }
    let replicas = links.chunk_by(|a, b| a.target.component == b.target.component);
    replicas.map(|replicas| used(place, replicas)).collect()
}

/// Whether a proxy passes requests on by a use: to an app, to what it is said to be a proxy of, and to whatever the
/// plan says no role of. The store that its copies go to has another role, and is nobody's business outside.
fn stands_before(link: &Link) -> bool {
    let is_app = link.target_component.app().is_some();
    let connection = link.connection;
    is_app || !connection.is_role_said || connection.roles.contains(&Role::Proxy)
}

/// Whether a use is of a container on the same machine, which is reached by its name.
fn is_beside(link: &Link) -> bool {
    let is_container = link.target_component.runs_as.in_container();
    is_container && matches!(link.connection.via, Via::SameMachine)
}

/// A used component, by the connections to all its replicas.
fn used(place: &ContainerInputs, replicas: &[Link]) -> Value {
    // The nearest comes first.
    let connection = replicas[0].connection;
    let component = &place.topology.components[&replicas[0].target.component];
    let (kind, endpoint) = (component.kind(), &connection.endpoint);
    let values = values(place, component, endpoint);
    let forms = forms(place, component, &values);
    let mut entry = plain(values);
    let dialect = component.app().and_then(|app| app.dialect.as_deref());
    let dialect = dialect.and_then(|dialect| place.catalog.dialect(dialect));
    let text = |text: String| plan_text(&text);
    let host = endpoint.host.as_ref();
    let scheme = if endpoint.tls { "https" } else { "http" };
    let address = |link: &Link| text(link.connection.endpoint.to_string());
    let addresses = replicas.iter().map(address);
    let beside = replicas.iter().filter(|link| is_beside(link)).map(address);
    let roles: Vec<String> = connection.roles.iter().map(ToString::to_string).collect();
    let credentials = |mark: fn(&str) -> String| -> Context {
        let clients = kind.secrets.iter().filter(|(_, rule)| rule.for_clients);
        clients
            .map(|(name, _)| {
                (
                    name.clone(),
                    mark(&format!("{}/{name}", component.name)).into(),
                )
            })
            .collect()
    };
    entry.extend([
        ("kind".to_owned(), Value::from(kind.id.as_str())),
        ("protocol".to_owned(), kind.protocol.as_str().into()),
        ("role".to_owned(), roles.first().cloned().into()),
        ("roles".to_owned(), roles.into()),
        (
            "host".to_owned(),
            host.map(|host| text(host.to_string())).into(),
        ),
        (
            "address".to_owned(),
            host.map(|host| plan_text(host.as_str())).into(),
        ),
        ("port".to_owned(), endpoint.port.into()),
        ("scheme".to_owned(), scheme.into()),
        ("url".to_owned(), text(format!("{scheme}://{endpoint}"))),
        (
            "metrics_path".to_owned(),
            dialect
                .and_then(|dialect| dialect.metrics_path.clone())
                .into(),
        ),
        ("addresses".to_owned(), addresses.collect()),
        ("beside".to_owned(), beside.collect()),
        ("forms".to_owned(), forms.into()),
        ("secret".to_owned(), credentials(variable_mark).into()),
        ("secret_file".to_owned(), credentials(file_mark).into()),
    ]);
    entry.into()
}

/// The connection strings of a used component that hold no credential.
fn forms(place: &ContainerInputs, component: &Component, values: &Values) -> Context {
    let forms = component.kind().forms.iter();
    let said = forms.filter_map(|(name, form)| {
        let asked = place.templates.names(&form.text);
        if !asked.iter().all(|name| values.known.contains_key(name)) {
            return None;
        }
        let context = values.context(form.encoding);
        let text = place.templates.render_form(form, context).ok()?;
        Some((name.clone(), plan_text(&text)))
    });
    said.collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::analysis::{Config, analyze};
    use crate::catalog::{Catalog, CatalogFile, CatalogFileOf};
    use crate::generate::{Inputs, Renderer, generate};
    use crate::model::Date;
    use crate::settings::{SecretValues, needs};

    /// Two brokers that know each other, with a port for each address they are known by.
    const BROKER: &str = r#"
title = "Broker"
category = "broker"
summary = "A broker."
protocol = "broker"
hosting = "self-hosted"
keeps-data = true
clusters = true
roles = [{ role = "stream", fit = "good", reason = "made for it" }]
ports = [
    { name = "inside", number = 9092 },
    { name = "machine", number = 19092, serves = "machine" },
    { name = "network", number = 29092, serves = "network" },
    { name = "peers", number = 7000, peers = true },
]
pros = []
cons = []
[image]
name = "example.org/broker"
tag = "{{ version }}"
version = "1"
[secrets.password]
length = 24
[secrets.page_password]
length = 24
for-kinds = ["page"]
[forms]
servers.encoding = "plain"
servers.text = "{{ host }}:{{ port }}"
[container]
entrypoint = ["/start", "{% if members | length > 1 %}--join={{ members | map(attribute='address_in_url') | join(',') }}{% endif %}"]
read-only = true
ulimits = { nofile = 65535 }
before-start = ["{% if member.number == 1 %}The first of {{ members | length }}.{% endif %}"]
consent = { to = "the maker's terms", variable = "ACCEPT", value = "Y" }
[container.environment]
ADVERTISED = "127.0.0.1:{{ published_port }}{% if member.address %},{{ member.address }}:{{ published_port }}{% endif %}"
ABSENT = "{% if false %}x{% endif %}"
[container.healthcheck]
test = ["CMD", "true"]
interval = "5s"
timeout = "5s"
retries = 3
start-period = "5s"
[container.memory]
minimum = "64 MiB"
limit = "64 MiB"
[supply]
licence = "MIT"
[facts]
reviewed = "2026-11-21"
sources = []
"#;

    /// What shows them, and logs in to do so.
    fn page() -> String {
        let page = BROKER
            .replace("clusters = true", "clusters = false")
            .replace("stream", "dashboard");
        let page = page.split("entrypoint =").next().unwrap_or_default();
        let rest = BROKER
            .split("[container.healthcheck]")
            .nth(1)
            .unwrap_or_default();
        format!(
            "{page}read-only = true
files = [{{ name = 'page.conf', path = '/page.conf', text = '{{% for use in uses %}}{{{{ use.secret_file.password }}}} {{{{ use.forms.servers }}}} {{{{ use.kind }}}}{{% endfor %}}' }}]
[container.environment]
LOGIN = '{{% for use in uses %}}{{{{ use.secret.page_password }}}}{{% endfor %}}'
[container.healthcheck]{rest}"
        )
    }

    /// The generated files by path, with these two kinds in the catalog.
    fn files(plan: &str) -> BTreeMap<String, String> {
        let mut catalog = Catalog::builtin();
        for (id, text) in [("broker", BROKER.to_owned()), ("page", page())] {
            let of = CatalogFileOf::Kind;
            let file = CatalogFile {
                of,
                id: id.to_owned(),
                text,
                place: id.to_owned(),
            };
            catalog.add(&file).expect("the kind is valid");
        }
        let today = Date::parse("2026-11-22").expect("a date");
        let analysis = analyze(plan, &catalog, &Config { today });
        let needs = analysis.topologies.iter().flat_map(needs);
        let secrets: SecretValues = needs
            .map(|need| (need.id.clone(), format!("value-of-{}", need.id.variable())))
            .collect();
        let renderer = Renderer::new(&[]).expect("the embedded templates are valid");
        let inputs = Inputs {
            plan: "shop",
            topologies: &analysis.topologies,
            catalog: &catalog,
            secrets: &secrets,
            renderer: &renderer,
            plan_folder: crate::generate::PLAN_FOLDER,
        };
        let names = analysis.topologies.iter();
        let names: Vec<_> = names.map(|topology| topology.environment.clone()).collect();
        let artifacts = generate(&inputs, &names).expect("the files can be generated");
        let pair = |artifact: crate::generate::Artifact| (artifact.path, artifact.text);
        artifacts.into_iter().map(pair).collect()
    }

    const PLAN: &str = r#"
name = "shop"
[apps.web]
uses.events = {}
[services.events]
kind = "broker"
port = 9100
[services.screen]
kind = "page"
uses.events = {}
[environments.local.hosts.laptop]
runs = ["web", "events"]
[environments.prod.hosts.app-1]
address = "10.0.1.11"
runs = ["web", "screen"]
[environments.prod.hosts.data-1]
address = "10.0.1.21"
runs = ["events"]
[environments.prod.hosts.data-2]
address = "fd00::22"
runs = ["events"]
[environments.eu-prod.hosts.app]
runs = ["web"]
[environments.eu-prod.hosts.data]
address = "data.example.net"
runs = ["events"]
"#;

    fn ports(compose: &str) -> Vec<String> {
        let lines = compose.lines().map(str::trim);
        let wanted = ["- target:", "published:", "host_ip:"];
        let said = lines.filter_map(|line| {
            let key = wanted.iter().find(|key| line.starts_with(**key))?;
            Some(line[key.len()..].trim().replace('"', ""))
        });
        said.collect()
    }

    #[test]
    fn clients_come_to_the_port_that_tells_them_the_address_they_came_by() {
        let files = files(PLAN);
        let compose = |place: &str| &files[&format!("{place}/compose.yaml")];
        assert_eq!(
            ports(compose("local/laptop")),
            ["19092", "9100", "127.0.0.1"]
        );
        assert_eq!(
            ports(compose("prod/data-1")),
            ["29092", "9100", "10.0.1.21", "7000", "7000", "10.0.1.21"]
        );
        // Nobody can bind to a name: one port is open to all, and leads to the farthest.
        assert_eq!(ports(compose("eu-prod/data")), ["29092", "9100"]);
        let advertised = "ADVERTISED: \"127.0.0.1:9100,fd00::22:9100\"";
        assert!(compose("prod/data-2").contains(advertised));
    }

    #[test]
    fn instances_know_each_other_and_are_let_through() {
        let files = files(PLAN);
        let compose = &files["prod/data-2/compose.yaml"];
        assert!(
            compose.contains("\"--join=10.0.1.21,[fd00::22]\""),
            "{compose}"
        );
        assert!(!files["local/laptop/compose.yaml"].contains("--join"));
        let runbook = &files["prod/README.md"];
        let opening = r"| data-1 | 7000/tcp | events | data-2 (\[fd00::22\]) |";
        assert!(runbook.contains(opening), "{runbook}");
        assert!(!files["eu-prod/README.md"].contains("7000"));
    }

    #[test]
    fn a_service_gets_the_credentials_of_what_it_uses() {
        let files = files(PLAN);
        let compose = &files["prod/app-1/compose.yaml"];
        assert!(
            compose.contains("LOGIN: \"${EVENTS_PAGE_PASSWORD:?"),
            "{compose}"
        );
        let page = &files["prod/app-1/config/screen/page.conf"];
        assert_eq!(page, "/run/secrets/events-password 10.0.1.21:9100 broker");
        let variables = &files["prod/app-1/.env"];
        assert!(variables.contains("EVENTS_PAGE_PASSWORD=value-of-EVENTS_PAGE_PASSWORD"));
        let password = &files["prod/app-1/secrets/events-password"];
        assert_eq!(password, "value-of-EVENTS_PASSWORD");
    }

    #[test]
    fn what_is_accepted_and_what_must_be_seen_to_is_said() {
        let files = files(PLAN);
        let compose = &files["prod/data-1/compose.yaml"];
        assert!(
            compose.contains("# Starting it accepts the maker's terms.\n"),
            "{compose}"
        );
        assert!(compose.contains("ACCEPT: \"Y\"") && compose.contains("nofile: 65535"));
        assert!(!compose.contains("ABSENT"));
        let runbook = &files["prod/README.md"];
        for line in [
            "- events on data-1: Starting it accepts the maker's terms.\n",
            "- events on data-1: The first of 2.\n",
            "- events on data-2: Starting it accepts the maker's terms.\n",
        ] {
            assert!(runbook.contains(line), "{runbook}");
        }
        assert!(!runbook.contains("events on data-2: The first"));
    }
}
