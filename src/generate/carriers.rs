//! Which generated files carry which credential: found by generating them with marks in place of credentials.

use std::collections::BTreeMap;

use crate::generate::{Artifact, GenerateError, Inputs, generate};
use crate::model::{ComponentName, EnvironmentName, HostName};
use crate::settings::{SecretId, SecretValues, needs};

/// A file of a host that carries a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carrier {
    /// The environment of the host; another one than the credential's if it borrows the service.
    pub environment: EnvironmentName,
    /// The host.
    pub host: HostName,
    /// The app whose variables the file holds; `None` for files of services.
    pub app: Option<ComponentName>,
    /// The file, below the output folder.
    pub path: String,
}

/// The files of all environments that carry each credential, by path. The credentials of `inputs` are not
/// looked at.
pub fn carriers(inputs: &Inputs) -> Result<BTreeMap<SecretId, Vec<Carrier>>, GenerateError> {
    let ids = inputs.topologies.iter().flat_map(needs).map(|need| need.id);
    // Letters and digits alone, which no encoding changes, and none begins another.
    let marked = ids.enumerate().map(|(n, id)| (id, format!("Mark{n:06}x")));
    let marks: SecretValues = marked.collect();
    let marked = Inputs {
        secrets: &marks,
        ..*inputs
    };
    let environments: Vec<EnvironmentName> = inputs
        .topologies
        .iter()
        .map(|topology| topology.environment.clone())
        .collect();
    let artifacts = generate(&marked, &environments)?;
    let carried_by = |mark: &str| {
        let holding = artifacts
            .iter()
            .filter(|artifact| artifact.audience.is_secret() && artifact.text.contains(mark));
        holding.filter_map(carrier).collect()
    };
    Ok(marks
        .iter()
        .map(|(id, mark)| (id.clone(), carried_by(mark)))
        .collect())
}

fn carrier(artifact: &Artifact) -> Option<Carrier> {
    let mut parts = artifact.path.splitn(3, '/');
    let (environment, host, file) = (parts.next()?, parts.next()?, parts.next()?);
    let app = file.strip_suffix(".env");
    Some(Carrier {
        environment: EnvironmentName::new(environment).ok()?,
        host: HostName::new(host).ok()?,
        app: app.and_then(|app| ComponentName::new(app).ok()),
        path: artifact.path.clone(),
    })
}
