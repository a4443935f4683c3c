//! The one door: a text in, everything that follows from it out. Cannot fail.

use crate::catalog::Catalog;
use crate::finding::{Finding, Severity};
use crate::lint::{self, LintContext, looks_secret};
use crate::model::{Date, EnvironmentName, Plan};
use crate::parallel::{self, Amount};
use crate::source::{self, Places};
use crate::span::Span;
use crate::topology::{self, Topology};

/// What an analysis depends on besides the text and the catalog.
#[derive(Clone, Debug)]
pub struct Config {
    /// The day that ends of life are judged on.
    pub today: Date,
}

/// Everything derived from one text.
#[derive(Debug)]
pub struct Analysis {
    /// The plan as declared.
    pub plan: Plan,
    /// Its environments, by tier and then by name.
    pub topologies: Vec<Topology>,
    /// What is wrong, in the order of the text; each has its bytes.
    pub findings: Vec<Finding>,
    /// Bytes of the text that look like credentials and are never shown.
    pub secrets: Vec<Span>,
}

/// Analyses a plan's text. Whatever is wrong with it is in the findings.
pub fn analyze(text: &str, catalog: &Catalog, config: &Config) -> Analysis {
    let source = source::read(text);
    let (secrets, topologies) = parallel::both(
        amount(text),
        || source.places.texts_where(looks_secret),
        || topology::resolve_all(&source.plan, catalog),
    );
    let mut findings = source.findings;
    findings.extend(lint::run(&LintContext {
        plan: &source.plan,
        catalog,
        topologies: &topologies,
        secrets: &secrets,
        today: &config.today,
    }));
    for finding in &mut findings {
        locate(finding, &source.places);
    }
    findings.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)));
    Analysis {
        plan: source.plan,
        topologies,
        findings,
        secrets: secrets.into_iter().map(|(_, span)| span).collect(),
    }
}

impl Analysis {
    /// One environment, resolved.
    pub fn topology(&self, environment: &str) -> Option<&Topology> {
        self.topologies
            .iter()
            .find(|topology| topology.environment.as_str() == environment)
    }

    /// The findings that concern an environment or the plan as a whole.
    pub fn findings_in<'a>(
        &'a self,
        environment: &'a EnvironmentName,
    ) -> impl Iterator<Item = &'a Finding> {
        self.findings.iter().filter(move |finding| {
            finding
                .environment
                .as_ref()
                .is_none_or(|of| of == environment)
        })
    }

    /// How many findings are of `severity`.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    }
}

fn amount(text: &str) -> Amount {
    match text.len() < 50_000 {
        true => Amount::Little,
        false => Amount::Much,
    }
}

fn locate(finding: &mut Finding, places: &Places<'_>) {
    for label in std::iter::once(&mut finding.primary).chain(&mut finding.secondary) {
        if let (None, Some(path)) = (label.span, &label.path) {
            label.span = Some(places.find(path));
        }
    }
}

fn sort_key(finding: &Finding) -> (Option<Span>, &'static str, &str) {
    (finding.primary.span, finding.rule, &finding.message)
}
