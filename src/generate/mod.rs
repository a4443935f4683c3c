//! Topologies to artifacts: compose files, env files, container files, runbooks. Writes nothing.
//!
//! ```text
//!  Topology + SecretValues ─┬─ app_env ──► web.env, web.env.example
//!                           ├─ compose ──► compose.yaml, .env, .env.example, container files
//!                           └─ runbook ──► README.md
//! ```
//!
//! The same topologies, credentials and templates give the same bytes.

mod ahead;
mod app_env;
mod carriers;
mod compose;
mod compose_container;
mod compose_view;
mod conflict;
mod container_context;
mod container_text;
mod copies;
mod dependencies;
pub mod env_file;
mod fingerprint;
mod host_files;
pub mod left_behind;
pub mod merge;
mod pages;
mod public;
mod quote;
mod render;
mod rotation;
mod runbook;
pub mod secret_file;
mod secret_text;

use std::collections::BTreeMap;

use crate::catalog::Catalog;
use crate::model::{ComponentName, EnvironmentName};
use crate::parallel::{self, Amount};
use crate::settings::{SecretId, SecretValues, Speller, needs};
use crate::template::Templates;
use crate::topology::{Host, Topology};

pub use ahead::{Ahead, Start};
pub use carriers::{Carrier, carriers};
pub use render::{FileTemplate, RenderError, Renderer, TEMPLATE_NAMES};
pub use rotation::{Instruction, renewal, rotation_steps};
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
    /// Two services would share one credential.
    #[error(
        "the services `{}` and `{}` of {environment} would share the credential {variable}: rename one of them",
        services[0], services[1]
    )]
    SharedSecret {
        /// The environment of both.
        environment: EnvironmentName,
        /// The two.
        services: Box<[ComponentName; 2]>,
        /// The variable of both.
        variable: String,
    },
}

/// What generation works from.
#[derive(Clone, Copy)]
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
    /// How the plan's folder is reached from a host's folder.
    pub plan_folder: &'a str,
}

/// How the plan's folder is reached from a host's folder, if files are generated where they usually are:
/// from `deploy/ENVIRONMENT/HOST`.
pub const PLAN_FOLDER: &str = "../../..";

/// The files of the given environments, by path.
pub fn generate(
    inputs: &Inputs,
    environments: &[EnvironmentName],
) -> Result<Vec<Artifact>, GenerateError> {
    Generated::of(inputs, environments).map(|generated| generated.artifacts)
}

/// The files of some environments, and what is ahead of whoever has them.
#[derive(Debug)]
pub struct Generated {
    /// By path.
    pub artifacts: Vec<Artifact>,
    /// Of each environment.
    pub ahead: BTreeMap<EnvironmentName, Ahead>,
}

impl Generated {
    /// Of the given environments.
    pub fn of(
        inputs: &Inputs,
        environments: &[EnvironmentName],
    ) -> Result<Generated, GenerateError> {
        let mut artifacts = before_credentials(inputs, environments)?;
        let mut ahead = BTreeMap::new();
        let wanted = |topology: &&Topology| environments.contains(&topology.environment);
        for topology in inputs.topologies.iter().filter(wanted) {
            let all = of_environment(inputs, topology)?;
            let steps = runbook::steps(inputs, topology);
            let comes = Ahead::of(topology, &all, &steps);
            ahead.insert(topology.environment.clone(), comes);
            artifacts.extend(all.artifacts);
            artifacts.push(runbook::generate(
                inputs,
                topology,
                steps,
                all.waiting,
                all.before_start,
            )?);
        }
        artifacts.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Generated { artifacts, ahead })
    }
}

/// What is there before any credential of the given environments is: what keeps them out of Git.
pub fn before_credentials(
    inputs: &Inputs,
    environments: &[EnvironmentName],
) -> Result<Vec<Artifact>, GenerateError> {
    let wanted = |topology: &&Topology| environments.contains(&topology.environment);
    let mut wanted = inputs.topologies.iter().filter(wanted);
    wanted.try_for_each(check_credentials)?;
    Ok(vec![Artifact {
        path: ".gitignore".to_owned(),
        text: inputs.renderer.static_text("gitignore"),
        audience: Audience::Everybody,
    }])
}

/// What hosts need, and what the runbook says of them.
#[derive(Default)]
struct OfHosts {
    artifacts: Vec<Artifact>,
    waiting: app_env::Waiting,
    before_start: Vec<String>,
}

impl OfHosts {
    fn append(&mut self, more: OfHosts) {
        self.artifacts.extend(more.artifacts);
        self.before_start.extend(more.before_start);
        for (missing, who) in more.waiting {
            self.waiting.entry(missing).or_default().extend(who);
        }
    }
}

fn of_environment(inputs: &Inputs, topology: &Topology) -> Result<OfHosts, GenerateError> {
    let circles = topology.circles().into_iter().enumerate();
    let circles: dependencies::Circles = circles
        .flat_map(|(number, names)| names.into_iter().map(move |name| (name, number)))
        .collect();
    let own = |host: &&Host| host.is_own();
    let hosts: Vec<&Host> = topology.hosts.values().filter(own).collect();
    let made = parallel::parts(amount(topology), &hosts, |hosts| {
        of_hosts(inputs, topology, hosts, &circles)
    });
    let mut all = OfHosts::default();
    for of_some in made {
        all.append(of_some?);
    }
    Ok(all)
}

fn of_hosts(
    inputs: &Inputs,
    topology: &Topology,
    hosts: &[&Host],
    circles: &dependencies::Circles,
) -> Result<OfHosts, GenerateError> {
    let templates = Templates::new();
    let speller = Speller::new(inputs.catalog, &templates, inputs.plan, inputs.secrets);
    let engines = compose::Engines {
        templates: &templates,
        texts: container_text::ContainerTexts::new(),
    };
    let mut made = OfHosts::default();
    for host in hosts {
        let place = (topology, *host);
        let app_files = app_env::generate(inputs, &speller, place, &mut made.waiting)?;
        made.artifacts.extend(app_files);
        let composed = compose::generate(inputs, &engines, place, circles)?;
        made.artifacts.extend(composed.artifacts);
        made.before_start.extend(composed.before_start);
    }
    Ok(made)
}

/// Making the files of a component takes about as long as starting a thread.
fn amount(topology: &Topology) -> Amount {
    match topology.components.len() < 20 {
        true => Amount::Little,
        false => Amount::Much,
    }
}

/// Refuses two credentials that would be one in files: `db` with `root_password`, `db-root` with `password`.
fn check_credentials(topology: &Topology) -> Result<(), GenerateError> {
    let mut seen: BTreeMap<String, SecretId> = BTreeMap::new();
    for need in needs(topology) {
        let variable = need.id.variable();
        if let Some(first) = seen.insert(variable.clone(), need.id.clone()) {
            return Err(GenerateError::SharedSecret {
                environment: need.id.environment,
                services: Box::new([first.service, need.id.service]),
                variable,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Analysis, Config, analyze};
    use crate::model::Date;

    fn analysis(plan: &str) -> Analysis {
        let today = Date::parse("2026-11-22").expect("a date");
        analyze(plan, &Catalog::builtin(), &Config { today })
    }

    fn generated(analysis: &Analysis, value: &str) -> Result<Vec<Artifact>, GenerateError> {
        let needs = analysis.topologies.iter().flat_map(needs);
        let secrets: SecretValues = needs.map(|need| (need.id, value.to_owned())).collect();
        let renderer = Renderer::new(&[]).expect("the embedded templates are valid");
        let inputs = Inputs {
            plan: "shop",
            topologies: &analysis.topologies,
            catalog: &Catalog::builtin(),
            secrets: &secrets,
            renderer: &renderer,
            plan_folder: PLAN_FOLDER,
        };
        let environments: Vec<EnvironmentName> = analysis
            .topologies
            .iter()
            .map(|topology| topology.environment.clone())
            .collect();
        generate(&inputs, &environments)
    }

    fn committed(analysis: &Analysis, value: &str) -> Vec<Artifact> {
        let mut artifacts = generated(analysis, value).expect("the files can be generated");
        artifacts.retain(|artifact| artifact.audience == Audience::Everybody);
        artifacts
    }

    #[test]
    fn files_that_are_committed_do_not_depend_on_credentials() {
        for plan in [
            include_str!("../../tests/fixtures/managed/backstay.toml"),
            include_str!("../../tests/fixtures/borrowed/backstay.toml"),
            include_str!("../../tests/fixtures/several-in-one-role/backstay.toml"),
        ] {
            let analysis = analysis(plan);
            let (empty, filled) = (committed(&analysis, ""), committed(&analysis, "it's $5 #"));
            assert_eq!(empty, filled);
        }
    }

    #[test]
    fn what_a_provider_runs_comes_first_and_its_user_is_asked_for() {
        let plan = r#"
name = "shop"
[apps.api]
image = "acme/api:1"
port = 80
dialect = "spring"
uses.mail = {}
[apps.worker]
image = "acme/worker:1"
uses.edge = {}
[services.edge]
kind = "traefik"
uses.api = {}
[services.mail]
kind = "smtp"
[environments.prod.hosts.a-1]
address = "10.0.0.1"
runs = ["api", "worker"]
[environments.prod.hosts.edge]
address = "10.0.0.2"
runs = ["edge"]
[environments.prod.hosts.relay]
kind = "managed"
address = "smtp.example.com"
runs = ["mail"]
"#;
        let text = |artifacts: &[Artifact], path: &str| {
            let artifact = artifacts.iter().find(|artifact| artifact.path == path);
            artifact.expect("it is written").text.clone()
        };
        let artifacts = generated(&analysis(plan), "x").expect("the files can be generated");
        let runbook = text(&artifacts, "prod/README.md");
        assert!(runbook.contains("1. **relay**: mail"), "{runbook}");
        assert!(
            runbook.contains("- the user of mail: needed by api on a-1"),
            "{runbook}"
        );
        let variables = text(&artifacts, "prod/a-1/api.env");
        assert!(
            variables.contains("\nSPRING_MAIL_USERNAME=\n"),
            "{variables}"
        );
        let starts_tls = "SPRING_MAIL_PROPERTIES_MAIL_SMTP_STARTTLS_ENABLE=true";
        assert!(variables.contains(starts_tls), "{variables}");
    }

    #[test]
    fn a_runbook_says_what_a_provider_s_service_is_used_with() {
        let plan = r#"
name = "shop"
[apps.api]
image = "acme/api:1"
uses.db = {}
uses.events = {}
[services.db]
kind = "postgres"
[services.events]
kind = "cassandra"
database = "events"
[environments.prod.hosts.a-1]
runs = ["api"]
[environments.prod.hosts.aws]
kind = "managed"
runs = ["db", "events"]
"#;
        let artifacts = generated(&analysis(plan), "x").expect("the files can be generated");
        let runbook = artifacts.iter().find(|file| file.path == "prod/README.md");
        let runbook = &runbook.expect("it is written").text;
        // It can be made there, or named when the database is ordered.
        let expected = "What uses db expects there: database shop, user app. Where";
        assert!(runbook.contains(expected), "{runbook}");
        // The provider alone says it.
        let expected = "What uses events expects there: database events. Where";
        assert!(runbook.contains(expected), "{runbook}");
        let missing = "- the user of events: needed by api on a-1";
        assert!(runbook.contains(missing), "{runbook}");
    }

    #[test]
    fn two_services_never_share_a_credential() {
        let plan = r#"
name = "shop"
[services.db]
kind = "mysql"
[services.db-root]
kind = "postgres"
[environments.prod.hosts.one]
runs = ["db", "db-root"]
"#;
        let error = generated(&analysis(plan), "x").expect_err("one name for two");
        assert_eq!(
            error.to_string(),
            "the services `db` and `db-root` of prod would share the credential DB_ROOT_PASSWORD: rename one of them"
        );
    }
}
