//! Topologies to artifacts: compose files, env files, container files, runbooks. Writes nothing.
//!
//! ```text
//!  Topology + SecretValues ─┬─ app_env ──► web.env, web.env.example
//!                           ├─ compose ──► compose.yaml, .env, .env.example, container files
//!                           └─ runbook ──► README.md
//! ```
//!
//! The same topologies, credentials and templates give the same bytes.

mod app_env;
mod compose;
mod compose_view;
mod container_text;
pub mod env_file;
pub mod merge;
mod quote;
mod render;
mod runbook;
pub mod secret_file;
mod secret_text;

use crate::catalog::Catalog;
use crate::model::EnvironmentName;
use crate::settings::{SecretValues, Speller};
use crate::template::Templates;
use crate::topology::{Host, Topology};

pub use render::{FileTemplate, RenderError, Renderer, TEMPLATE_NAMES};
pub use secret_text::draw;

/// A generated file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Where it goes, below the output folder, with `/` between the parts.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Who may read it.
    pub audience: Audience,
}

/// Who may read a generated file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Audience {
    /// Everybody: it is committed and holds no secret.
    Everybody,
    /// Its owner only: mode 0600, ignored by git.
    Owner,
    /// A container whose user is not known here: readable, but in a folder that only the owner can enter.
    Container,
}

impl Audience {
    /// Whether git must not see the file.
    pub fn is_secret(self) -> bool {
        self != Audience::Everybody
    }
}

/// Why an environment's files cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GenerateError {
    /// A template failed.
    #[error(transparent)]
    Template(#[from] RenderError),
    /// A value cannot be said where it would have to be.
    #[error("`{name}` in {path} cannot be written: {reason}")]
    Unsayable {
        /// The file.
        path: String,
        /// The variable or key.
        name: String,
        /// Why.
        reason: String,
    },
}

/// What generation works from.
pub struct Inputs<'a> {
    /// The plan's name.
    pub plan: &'a str,
    /// Every environment, because borrowed hosts and firewalls look into others.
    pub topologies: &'a [Topology],
    /// What is known about kinds and dialects.
    pub catalog: &'a Catalog,
    /// Credentials, generated ones included.
    pub secrets: &'a SecretValues,
    /// File templates, the user's own included.
    pub renderer: &'a Renderer,
}

/// The files of the given environments, by path.
pub fn generate(
    inputs: &Inputs,
    environments: &[EnvironmentName],
) -> Result<Vec<Artifact>, GenerateError> {
    let templates = Templates::new();
    let speller = Speller::new(inputs.catalog, &templates, inputs.plan, inputs.secrets);
    let mut artifacts = vec![Artifact {
        path: ".gitignore".to_owned(),
        text: inputs.renderer.static_text("gitignore"),
        audience: Audience::Everybody,
    }];
    let engines = compose::Engines {
        templates: &templates,
        texts: container_text::ContainerTexts::new(),
    };
    for topology in inputs
        .topologies
        .iter()
        .filter(|topology| environments.contains(&topology.environment))
    {
        let circles = topology.circles().into_iter().enumerate();
        let circles: compose::Circles = circles
            .flat_map(|(number, names)| names.into_iter().map(move |name| (name, number)))
            .collect();
        let mut waiting = app_env::Waiting::new();
        let own = |host: &&Host| host.borrowed_from.is_none();
        for host in topology.hosts.values().filter(own) {
            let place = (topology, host);
            artifacts.extend(app_env::generate(inputs, &speller, place, &mut waiting)?);
            artifacts.extend(compose::generate(inputs, &engines, place, &circles)?);
        }
        artifacts.push(runbook::generate(inputs, topology, waiting)?);
    }
    artifacts.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(artifacts)
}
