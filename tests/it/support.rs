//! From a plan's text to findings and files, in process, with credentials that can be recognised.

use std::collections::{BTreeMap, BTreeSet};

use backstay::analysis::{Analysis, Config, analyze};
use backstay::catalog::{Alphabet, Catalog};
use backstay::generate::secret_file::secrets_file;
use backstay::generate::{
    Artifact, GenerateError, Inputs, PLAN_FOLDER, Renderer, env_file, generate,
};
use backstay::model::{Date, EnvironmentName};
use backstay::settings::{SecretId, SecretNeed, SecretOrigin, SecretValues, needs};
use backstay::topology::{Link, Topology};

/// The day that every test judges on.
pub const TODAY: &str = "2026-11-22";

/// A plan with everything that follows from it.
pub struct Built {
    /// The plan's text.
    pub text: String,
    /// What was derived.
    pub analysis: Analysis,
    /// The credentials that stand in the files.
    pub secrets: SecretValues,
    /// The files of all environments, by path.
    pub artifacts: BTreeMap<String, Artifact>,
}

/// Analyses `plan` with the catalog that Backstay brings along.
pub fn analysis(plan: &str) -> Analysis {
    let today = Date::parse(TODAY).expect("a date");
    analyze(plan, &Catalog::builtin(), &Config { today })
}

/// Analyses `plan` and generates the files of every environment, whatever the findings.
#[track_caller]
pub fn built(plan: &str) -> Built {
    try_built(plan, placeholder).expect("the files can be generated")
}

/// As `built`, with credentials of the caller's choice.
pub fn try_built(
    plan: &str,
    secret: impl Fn(&SecretNeed) -> String,
) -> Result<Built, GenerateError> {
    let analysis = analysis(plan);
    let secrets: SecretValues = analysis
        .topologies
        .iter()
        .flat_map(needs)
        .map(|need| (need.id.clone(), secret(&need)))
        .collect();
    let renderer = Renderer::new(&[]).expect("the embedded templates are valid");
    let name = analysis.plan.name.as_ref();
    let inputs = Inputs {
        plan: name.map_or("unnamed", |name| name.as_str()),
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
    let mut artifacts = generate(&inputs, &environments)?;
    for topology in &analysis.topologies {
        let needs = needs(topology);
        if !needs.is_empty() {
            let name = topology.environment.as_str();
            artifacts.push(secrets_file(&renderer, name, &needs, &secrets)?);
        }
    }
    let by_path: BTreeMap<String, Artifact> = artifacts
        .iter()
        .map(|artifact| (artifact.path.clone(), artifact.clone()))
        .collect();
    assert_eq!(by_path.len(), artifacts.len(), "two files have one path");
    Ok(Built {
        text: plan.to_owned(),
        analysis,
        secrets,
        artifacts: by_path,
    })
}

/// A credential that says what it is. One that somebody else made holds every awkward character that its sort
/// can hold.
pub fn placeholder(need: &SecretNeed) -> String {
    let SecretId {
        environment,
        service,
        name,
    } = &need.id;
    match need.origin {
        SecretOrigin::Generated => format!("{environment}.{service}.{name}"),
        SecretOrigin::Given | SecretOrigin::Taken(_) if need.rule.alphabet == Alphabet::Base64 => {
            format!("{environment}+{service}/{name}==")
        }
        SecretOrigin::Given | SecretOrigin::Taken(_) => {
            format!("{environment} {service}'s \"{name}\" =$1;#%/?&\\{{é}}")
        }
    }
}

impl Built {
    /// The text of a file.
    #[track_caller]
    pub fn file(&self, path: &str) -> &str {
        let paths: Vec<&String> = self.artifacts.keys().collect();
        let artifact = self.artifacts.get(path);
        &artifact
            .unwrap_or_else(|| panic!("there is no {path} among {paths:#?}"))
            .text
    }

    /// A variable of an env file.
    #[track_caller]
    pub fn variable(&self, path: &str, key: &str) -> String {
        let variables = variables(self.file(path));
        let value = variables.get(key).cloned();
        value.unwrap_or_else(|| panic!("{path} has no {key}: {:?}", variables.keys()))
    }

    /// The names of the rules that find something, each once.
    pub fn rules(&self) -> BTreeSet<&'static str> {
        let findings = self.analysis.findings.iter();
        findings.map(|finding| finding.rule).collect()
    }

    /// One environment.
    #[track_caller]
    pub fn environment(&self, name: &str) -> &Topology {
        self.analysis
            .topology(name)
            .expect("the environment is declared")
    }

    /// How a component reaches another in an environment, wherever both run.
    #[track_caller]
    pub fn uses(&self, environment: &str, user: &str, target: &str) -> Vec<Link<'_>> {
        let links = self.environment(environment).links();
        let wanted = |link: &Link<'_>| {
            link.user.component.as_str() == user && link.target.component.as_str() == target
        };
        links.filter(wanted).collect()
    }

    /// The only use between two components, as `internal 127.0.0.1:3306`.
    #[track_caller]
    pub fn reached(&self, environment: &str, user: &str, target: &str) -> String {
        match self.uses(environment, user, target).as_slice() {
            [link] => format!(
                "{} {}",
                link.connection.via.locality().as_str(),
                link.connection.endpoint
            ),
            links => panic!(
                "{user} uses {target} {} times in {environment}",
                links.len()
            ),
        }
    }
}

/// The variables of an env file; no key may stand in it twice.
#[track_caller]
pub fn variables(text: &str) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    for entry in env_file::entries(text) {
        let Some(key) = entry.key else { continue };
        let before = variables.insert(key.to_owned(), entry.value());
        assert!(before.is_none(), "{key} stands twice in\n{text}");
    }
    variables
}

/// `text` as a terminal without colours shows it.
pub fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

/// What is different between two texts, for a failing test to print.
pub fn difference(expected: &str, found: &str) -> String {
    diffy::create_patch(expected, found).to_string()
}
