//! `backstay secrets list`: every credential, where it is kept and which files carry it; never its value.

use std::path::Path;

use crate::cli::Answer;
use crate::cli::args::{Format, SecretsListArgs};
use crate::cli::files::{Files, open_output, output_root, plain, said_loose, said_unread};
use crate::cli::secrets::needs_of;
use crate::cli::session::Opened;
use crate::cli::taken::taken;
use crate::generate::carriers;
use crate::generate::secret_file::secrets_path;
use crate::model::SecretSource;
use crate::project::Access;
use crate::report::secrets::{CarrierRow, Credential, json, table};
use crate::settings::{SecretOrigin, SecretValues};

/// The credentials of some environments, or of all.
pub fn run(
    opened: &Opened,
    args: &SecretsListArgs,
    named: Option<&Path>,
) -> anyhow::Result<Answer> {
    let environments = opened.environments(&args.environments)?;
    let files = Files::of(opened, named, environments.clone())?;
    let output = open_output(opened, named, Access::Read)?;
    let root = output_root(opened, named);
    let shown = |path: &str| plain(&root.join(path).display().to_string());
    let mut carriers = carriers(&files.inputs(&SecretValues::new()))?;
    let mut credentials = Vec::new();
    for environment in &environments {
        let needs = needs_of(opened, environment);
        let (kept, earlier) = (output.kept(environment)?, output.earlier(environment)?);
        let taken = taken(opened, &needs).values;
        let path = secrets_path(environment.as_str());
        for need in &needs {
            let variable = need.id.variable();
            let is_here = need.is_kept();
            let carriers = carriers.remove(&need.id).unwrap_or_default();
            credentials.push(Credential {
                environment: environment.to_string(),
                service: need.id.service.to_string(),
                name: need.id.name.clone(),
                origin: match &need.origin {
                    SecretOrigin::Generated => "generated",
                    SecretOrigin::Given => "given",
                    SecretOrigin::Taken(SecretSource::Variable(_)) => "variable",
                    SecretOrigin::Taken(SecretSource::File(_)) => "file",
                },
                source: match &need.origin {
                    SecretOrigin::Taken(SecretSource::Variable(name)) => Some(name.to_string()),
                    SecretOrigin::Taken(SecretSource::File(path)) => Some(path.clone()),
                    SecretOrigin::Generated | SecretOrigin::Given => None,
                },
                is_there: match is_here {
                    true => kept.contains_key(&variable),
                    false => taken.contains_key(&need.id),
                },
                file: is_here.then(|| shown(&path)),
                mode: output
                    .mode(&path)
                    .filter(|_| is_here)
                    .map(|mode| format!("{mode:04o}")),
                has_earlier: earlier.contains(&variable),
                carriers: carriers
                    .into_iter()
                    .map(|carrier| CarrierRow {
                        environment: carrier.environment.to_string(),
                        host: carrier.host.to_string(),
                        app: carrier.app.map(|app| app.to_string()),
                        path: shown(&carrier.path),
                    })
                    .collect(),
                variable,
            });
        }
    }
    Ok(Answer {
        text: match args.format {
            Format::Text => table(&credentials),
            Format::Json => json(opened.plan_name(), &credentials),
        },
        notes: said_loose(&output.loose(&environments)) + &said_unread(&output, &environments),
        code: 0,
    })
}
