//! What the compose template sees: the shape of a compose file, resolved, still without quoting.

use std::collections::BTreeSet;

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
    pub(super) command: Vec<String>,
    pub(super) env_file: Option<String>,
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

/// Ports as Compose lists them, each address once.
pub(super) fn ports(publications: &[Publication], host: &Host) -> Vec<PortView> {
    let everywhere = publications
        .iter()
        .any(|publication| address(publication.reach, host).is_none());
    let mut seen = BTreeSet::new();
    let mut ports = Vec::new();
    for publication in publications {
        let host_ip = if everywhere {
            None
        } else {
            address(publication.reach, host)
        };
        if seen.insert(host_ip.clone()) {
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
fn address(reach: Reach, host: &Host) -> Option<String> {
    match reach {
        Reach::Machine => Some("127.0.0.1".to_owned()),
        Reach::Network => host
            .address
            .as_ref()
            .and_then(|address| address.ip())
            .map(|ip| ip.to_string()),
        Reach::World => None,
    }
}

/// A size as Compose writes it; its units are powers of 1,024.
pub(super) fn compose_size(size: ByteSize) -> String {
    format!("{}m", size.mebibytes())
}
