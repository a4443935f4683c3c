//! Services that a provider runs now and Backstay started before, or the other way round: whose credentials are
//! others then.

use std::collections::BTreeMap;
use std::path::Path;

use crate::cli::files::{Files, plain};
use crate::cli::session::Opened;
use crate::generate::secret_file::previous_path;
use crate::project::{Output, ProjectError};
use crate::settings::{SecretId, SecretValues};

/// The credentials that cannot stay what they are: new ones, and empty ones that are to be filled in.
pub fn changed_origins(
    opened: &Opened,
    files: &Files,
    output: &Output,
) -> Result<SecretValues, ProjectError> {
    let is_provided = |id: &SecretId| {
        let topology = opened.analysis.topology(id.environment.as_str());
        let component = topology.and_then(|topology| topology.components.get(&id.service));
        let service = component.and_then(|component| component.service());
        service.is_some_and(|service| service.is_managed)
    };
    output.changed_origins(&files.needs(), is_provided)
}

/// What became of them, a line an environment and kind of change.
pub fn said_origins(changed: &SecretValues, root: &Path) -> String {
    let mut names: BTreeMap<(&str, bool), Vec<String>> = BTreeMap::new();
    for (id, value) in changed {
        let of_provider = value.is_empty();
        let names = names.entry((id.environment.as_str(), of_provider));
        names.or_default().push(id.said());
    }
    let said = names.into_iter().map(|((environment, of_provider), names)| {
        let path = plain(&root.join(previous_path(environment)).display().to_string());
        let names = names.join(", ");
        match of_provider {
            true => format!(
                "{names} of {environment}: the provider's are to be filled in; what Backstay had drawn is kept in {path}\n"
            ),
            false => format!(
                "{names} of {environment}: drawn for your own server; the provider's are kept in {path}\n"
            ),
        }
    });
    said.collect()
}
