//! What became of compose files: what there is to tell whoever imported them.

use std::collections::BTreeMap;

use crate::compose_file::{Place, Reading};
use crate::import::Described;
use crate::import::draft::{Credential, Draft, Drafts, Left, Sort};
use crate::import::one_credential::OneCredential;
use crate::import::secrets::Secrets;
use crate::model::EnvironmentName;

/// What became of one environment's files.
pub struct Outcome {
    /// The environment.
    pub environment: EnvironmentName,
    /// How many apps there are.
    pub apps: usize,
    /// The services whose names no component can have, with their names in the plan.
    pub renamed: Vec<(String, String)>,
    /// The services with what they are and why.
    pub services: Vec<(String, String)>,
    /// Those that became apps because no kind is known for their images.
    pub unknown: Vec<Unknown>,
    /// Services that reach nothing outside of their host's network any more.
    pub closed: Vec<String>,
    /// Credentials, none of which is in the plan.
    pub credentials: Vec<Credential>,
    /// The same, each once with all that carries it.
    pub one_credentials: Vec<OneCredential>,
    /// What the plan does not say.
    pub left: Vec<Left>,
    /// Variables that were filled in, as they may be shown.
    pub filled: Vec<FilledIn>,
    /// Volumes that hold data of before, each with the one that takes its place and begins empty.
    pub volumes: BTreeMap<String, String>,
}

/// What may be a service, and became an app.
pub struct Unknown {
    /// The component.
    pub component: String,
    /// Its image.
    pub image: String,
    /// Whether it keeps data in volumes.
    pub keeps_data: bool,
}

/// A variable that was filled in: the plan holds its value.
pub struct FilledIn {
    /// Its name, and its value if that may be shown.
    pub said: String,
    /// The first place that asks for it.
    pub place: Place,
    /// Whether the value is that of the shell.
    pub from_shell: bool,
}

/// What became of the files of `described` in the plan `plan`.
pub(super) fn of(
    described: &Described,
    plan: &str,
    drafts: Drafts<'_>,
    secrets: &Secrets,
) -> Outcome {
    let mut outcome = Outcome {
        environment: described.environment.clone(),
        apps: 0,
        renamed: Vec::new(),
        services: Vec::new(),
        unknown: Vec::new(),
        closed: Vec::new(),
        credentials: Vec::new(),
        one_credentials: drafts.credentials,
        left: drafts.left,
        filled: filled_in(described.reading, secrets),
        volumes: BTreeMap::new(),
    };
    for draft in drafts.all {
        if draft.service != draft.name {
            let renamed = (draft.service.to_owned(), draft.name.clone());
            outcome.renamed.push(renamed);
        }
        outcome.unknown.extend(unknown(&draft));
        if is_closed(&draft) {
            outcome.closed.push(draft.name.clone());
        }
        let volumes = draft.volumes.into_iter();
        let environment = &described.environment;
        outcome
            .volumes
            .extend(volumes.map(|(before, now)| (before, format!("{plan}-{environment}_{now}"))));
        match draft.sort {
            Sort::App => outcome.apps += 1,
            Sort::Service => {
                let why = draft.remarks.first().cloned().unwrap_or_default();
                outcome.services.push((draft.name.clone(), why));
            }
        }
        outcome.credentials.extend(draft.credentials);
        outcome.left.extend(draft.left);
    }
    outcome.left.sort_by_key(|left| left.place);
    outcome
}

/// What is neither built here nor known to be a service.
fn unknown(draft: &Draft<'_>) -> Option<Unknown> {
    let is_own =
        draft.sort == Sort::Service || draft.says_below(&["build"]) || draft.says("runs-as");
    let image = draft.text_of("image").filter(|_| !is_own)?;
    Some(Unknown {
        component: draft.name.clone(),
        image: image.to_owned(),
        keeps_data: !draft.volumes.is_empty(),
    })
}

/// Whether nothing of a service is published, so that it stands in the inner network of its host alone.
fn is_closed(draft: &Draft<'_>) -> bool {
    let is_inside = draft
        .text_of("expose")
        .is_none_or(|reach| reach == "containers");
    draft.sort == Sort::Service && is_inside && !draft.says_below(&["container", "ports"])
}

fn filled_in(reading: &Reading, secrets: &Secrets) -> Vec<FilledIn> {
    let filled = reading.filled.iter();
    let filled = filled.filter(|(_, filled)| filled.place != Place::default());
    filled
        .map(|(name, filled)| FilledIn {
            said: match secrets.may_show(name, &filled.value) {
                true => format!("{name}={}", filled.value),
                false => name.clone(),
            },
            place: filled.place,
            from_shell: filled.from_shell,
        })
        .collect()
}
