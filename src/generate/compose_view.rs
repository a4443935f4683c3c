//! What the compose template sees: the shape of a compose file, resolved, still without quoting.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::model::ByteSize;
use crate::topology::{Host, Publication, Reach};

#[derive(Serialize)]
pub(super) struct ComposeView {
    pub(super) plan: String,
    pub(super) environment: String,
    pub(super) host: String,
    pub(super) project: String,
    pub(super) services: Vec<ServiceView>,
    pub(super) networks: Vec<NetworkView>,
    pub(super) volumes: Vec<String>,
    pub(super) secrets: Vec<SecretView>,
}

#[derive(Serialize, Default)]
pub(super) struct ServiceView {
    pub(super) name: String,
    pub(super) image: String,
    pub(super) restart: &'static str,
    pub(super) hostname: Option<String>,
    pub(super) user: Option<String>,
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
    pub(super) volumes: Vec<MountView>,
    pub(super) files: Vec<MountView>,
    pub(super) secrets: Vec<String>,
    pub(super) read_only: bool,
    pub(super) tmpfs: Vec<String>,
    pub(super) drop_capabilities: bool,
    pub(super) capabilities: Vec<String>,
    pub(super) no_new_privileges: bool,
    pub(super) ulimits: BTreeMap<String, i64>,
    pub(super) shared_memory: Option<String>,
    pub(super) stop_grace: Option<String>,
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

#[derive(Serialize)]
pub(super) struct HealthcheckView {
    pub(super) test: Vec<String>,
    pub(super) interval: String,
    pub(super) timeout: String,
    pub(super) retries: u32,
    pub(super) start_period: String,
}

#[derive(Serialize)]
pub(super) struct PortView {
    pub(super) target: u16,
    pub(super) published: String,
    pub(super) host_ip: Option<String>,
}

#[derive(Serialize)]
pub(super) struct MountView {
    pub(super) source: String,
    pub(super) target: String,
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
            other.port == publication.port && address(other.reach, host).is_none()
        };
        let open = publications.iter().rfind(is_open);
        let publication = open.unwrap_or(publication);
        let host_ip = address(publication.reach, host);
        if seen.insert((publication.port, host_ip.clone())) {
            ports.push(PortView {
                target: publication.container_port,
                published: publication.port.to_string(),
                host_ip,
            });
        }
    }
    ports
}

/// The address to bind to; `None` for all of them.
///
/// A host whose address is a name has one that nobody can bind to. A host without any is kept to itself
/// until it has one: a port must not be open to everybody because something is missing.
fn address(reach: Reach, host: &Host) -> Option<String> {
    match (reach, &host.address) {
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
