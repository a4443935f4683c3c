//! What the compose template sees: the shape of a compose file, resolved, still without quoting.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::model::{ByteSize, Choice};
use crate::topology::{Host, Publication, Reach};

#[derive(Serialize)]
pub(super) struct ComposeView {
    pub(super) plan: String,
    pub(super) environment: String,
    pub(super) host: String,
    pub(super) project: String,
    /// Whether to wait for the start would fail, because a job ends meanwhile.
    pub(super) has_loose_job: bool,
    pub(super) services: Vec<ServiceView>,
    pub(super) networks: Vec<NetworkView>,
    pub(super) volumes: Vec<String>,
    pub(super) secrets: Vec<SecretView>,
}

#[derive(Serialize, Default)]
pub(super) struct ServiceView {
    pub(super) name: String,
    /// Empty if it is built without a name.
    pub(super) image: String,
    pub(super) build: Option<BuildView>,
    pub(super) platform: Option<String>,
    pub(super) restart: String,
    pub(super) hostname: Option<String>,
    pub(super) user: Option<String>,
    pub(super) working_folder: Option<String>,
    pub(super) init: bool,
    pub(super) terminal: bool,
    pub(super) privileged: bool,
    pub(super) host_processes: bool,
    /// What the user agrees to by starting it.
    pub(super) consent: Option<String>,
    pub(super) entrypoint: Vec<String>,
    pub(super) command: Vec<String>,
    pub(super) env_file: Option<String>,
    /// Whether Compose is to take the values of the env file as they are.
    pub(super) env_file_is_raw: bool,
    pub(super) environment: Vec<VariableView>,
    pub(super) depends_on: Vec<DependencyView>,
    pub(super) healthcheck: Option<HealthcheckView>,
    pub(super) ports: Vec<PortView>,
    pub(super) extra_hosts: Vec<String>,
    pub(super) networks: Vec<&'static str>,
    pub(super) aliases: Vec<String>,
    pub(super) labels: Vec<LabelView>,
    pub(super) volumes: Vec<MountView>,
    /// Folders and files of the host.
    pub(super) binds: Vec<BindView>,
    pub(super) files: Vec<MountView>,
    pub(super) secrets: Vec<String>,
    pub(super) read_only: bool,
    pub(super) tmpfs: Vec<String>,
    pub(super) drop_capabilities: Vec<String>,
    pub(super) capabilities: Vec<String>,
    pub(super) devices: Vec<String>,
    pub(super) no_new_privileges: bool,
    pub(super) ulimits: BTreeMap<String, i64>,
    pub(super) shared_memory: Option<String>,
    pub(super) stop_grace: Option<String>,
    pub(super) stop_signal: Option<String>,
    pub(super) memory: Option<String>,
    pub(super) cpus: Option<String>,
    pub(super) pids: Option<u32>,
}

#[derive(Serialize)]
pub(super) struct VariableView {
    pub(super) name: String,
    pub(super) value: String,
}

#[derive(Serialize)]
pub(super) struct DependencyView {
    pub(super) name: String,
    pub(super) condition: &'static str,
}

#[derive(Serialize, Default, PartialEq)]
pub(super) struct HealthcheckView {
    /// Whether nothing is tested, not even what the image says.
    pub(super) disable: bool,
    pub(super) test: Vec<String>,
    pub(super) interval: Option<String>,
    pub(super) timeout: Option<String>,
    pub(super) retries: Option<u32>,
    pub(super) start_period: Option<String>,
}

#[derive(Serialize)]
pub(super) struct BuildView {
    pub(super) context: String,
    pub(super) dockerfile: Option<String>,
    pub(super) target: Option<String>,
    pub(super) args: Vec<ArgumentView>,
}

#[derive(Serialize)]
pub(super) struct ArgumentView {
    pub(super) name: String,
    pub(super) value: String,
}

#[derive(Serialize)]
pub(super) struct LabelView {
    pub(super) name: String,
    pub(super) value: String,
}

#[derive(Serialize)]
pub(super) struct PortView {
    pub(super) target: u16,
    pub(super) published: String,
    pub(super) host_ip: Option<String>,
    pub(super) protocol: &'static str,
    /// Compose's short form, which alone can say a range of ports inside; nothing for a single port.
    pub(super) range: Option<String>,
}

#[derive(Serialize)]
pub(super) struct MountView {
    pub(super) source: String,
    pub(super) target: String,
    pub(super) read_only: bool,
}

#[derive(Serialize)]
pub(super) struct BindView {
    pub(super) source: String,
    pub(super) target: String,
    pub(super) read_only: bool,
    /// Whether Docker makes the folder where there is none.
    pub(super) is_made: bool,
}

#[derive(Serialize)]
pub(super) struct NetworkView {
    pub(super) name: &'static str,
    pub(super) internal: bool,
}

#[derive(Serialize)]
pub(super) struct SecretView {
    pub(super) name: String,
    pub(super) file: String,
}

/// Ports as Compose lists them, each address once. A port that is open on every address leads to where the
/// farthest of its users belong.
pub(super) fn ports(publications: &[Publication], host: &Host) -> Vec<PortView> {
    let mut seen = BTreeSet::new();
    let mut ports = Vec::new();
    for publication in publications {
        let is_open = |other: &&Publication| {
            (other.port, other.protocol) == (publication.port, publication.protocol)
                && address(other, host).is_none()
        };
        let open = publications.iter().rfind(is_open);
        let publication = open.unwrap_or(publication);
        let host_ip = address(publication, host);
        if seen.insert((publication.port, publication.protocol, host_ip.clone())) {
            ports.push(PortView {
                target: publication.container_port,
                published: publication.port.to_string(),
                protocol: publication.protocol.as_str(),
                range: (publication.more > 0).then(|| range(publication, host_ip.as_deref())),
                host_ip,
            });
        }
    }
    ports
}

/// `127.0.0.1:30000-30010:20000-20010/udp`
fn range(publication: &Publication, host_ip: Option<&str>) -> String {
    let host = match host_ip {
        Some(ip) if ip.contains(':') => format!("[{ip}]:"),
        Some(ip) => format!("{ip}:"),
        None => String::new(),
    };
    let (first, last) = (publication.port, publication.last_port());
    let inside = publication.container_port;
    let inside_last = inside.saturating_add(publication.more);
    let protocol = publication.protocol;
    format!("{host}{first}-{last}:{inside}-{inside_last}/{protocol}")
}

/// The address to bind to; `None` for all of them.
///
/// A host whose address is a name has one that nobody can bind to. A host without any is kept to itself
/// until it has one: a port must not be open to everybody because something is missing.
fn address(publication: &Publication, host: &Host) -> Option<String> {
    if let Some(address) = publication.address {
        return Some(address.to_string());
    }
    match (publication.reach, &host.address) {
        (Reach::Machine, _) | (Reach::Network, None) => Some("127.0.0.1".to_owned()),
        (Reach::Network, Some(address)) => address.ip().map(|ip| ip.to_string()),
        (Reach::World, _) => None,
    }
}

/// A size as Compose writes it; its units are powers of 1,024.
pub(super) fn compose_size(size: ByteSize) -> String {
    format!("{}m", size.mebibytes())
}

#[cfg(test)]
mod tests {
    use crate::generate::compose_view::ports;
    use crate::lint::testing::analysis;
    use crate::model::ComponentName;
    use crate::topology::Instance;

    /// Where the only host binds the port of a database that is exposed to the network.
    fn bound_to(host: &str) -> Vec<Option<String>> {
        let plan = format!(
            "name = \"shop\"\n[services.db]\nkind = \"postgres\"\nexpose = \"network\"\n\
             [environments.dev.hosts.box]\n{host}runs = [\"db\"]\n"
        );
        let analysis = analysis(&plan);
        let topology = &analysis.topologies[0];
        let host = topology.hosts.values().next().expect("there is a host");
        let instance = Instance {
            component: ComponentName::new("db").expect("a name"),
            host: host.name.clone(),
        };
        let ports = ports(topology.publications_of(&instance), host);
        ports.into_iter().map(|port| port.host_ip).collect()
    }

    #[test]
    fn what_others_connect_to_is_never_open_to_all_for_want_of_an_address() {
        assert_eq!(bound_to(""), [Some("127.0.0.1".to_owned())]);
        assert_eq!(
            bound_to("address = \"10.0.1.21\"\n"),
            [Some("10.0.1.21".to_owned())]
        );
        assert_eq!(bound_to("address = \"data.internal\"\n"), [None]);
    }
}
