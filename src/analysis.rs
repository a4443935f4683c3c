//! The one door: a text in, everything that follows from it out. Cannot fail.

use std::ops::Range;

use crate::catalog::Catalog;
use crate::finding::{Finding, Severity};
use crate::lint::{self, Declared, KeptValues, LintContext};
use crate::model::{Date, EnvironmentName, Plan, PlanPath, Step};
use crate::parallel::{self, Amount};
use crate::secret_shape::{Hidden, credentials_among, credentials_in, looks_secret};
use crate::source::{self, Closed, Places};
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
    let mut source = source::read(text);
    // What is read of a text with an open bracket ends there; closed, the rest can be read too.
    let text_is_broken = source.findings.iter().any(is_syntax);
    let closed = match text_is_broken {
        true => Closed::of(text),
        false => None,
    };
    if let Some(closed) = &closed {
        source = source::read(closed.text());
    }
    let ((secrets, declared), topologies) = parallel::both(
        amount(text),
        || {
            let secrets = source.places.texts_where(looks_secret, credentials_among);
            (secrets, Declared::of(&source.plan, catalog))
        },
        || topology::resolve_all(&source.plan, catalog),
    );
    let mut findings = source.findings;
    findings.extend(lint::run(&LintContext {
        plan: &source.plan,
        declared: &declared,
        catalog,
        topologies: &topologies,
        secrets: &secrets,
        today: &config.today,
    }));
    for finding in &mut findings {
        locate(finding, &source.places);
    }
    let mut secrets: Vec<Span> = secrets.into_iter().map(|(_, span)| span).collect();
    if let Some(closed) = &closed {
        findings
            .iter_mut()
            .for_each(|finding| closed.move_back(finding));
        for secret in &mut secrets {
            *secret = closed.in_users_text(*secret);
        }
        findings.extend(closed.findings.iter().cloned());
    }
    hide(text, &secrets, text_is_broken, &mut findings);
    findings.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)));
    // What stands twice in a list has one place, and so one finding.
    findings.dedup();
    if text_is_broken {
        source::drop_followers(text, &mut findings);
    }
    Analysis {
        plan: source.plan,
        topologies,
        findings,
        secrets,
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
        let findings = self.findings.iter();
        findings.filter(move |finding| self.concerns(finding, environment))
    }

    /// Whether a finding concerns an environment, or the plan as a whole.
    pub fn concerns(&self, finding: &Finding, environment: &EnvironmentName) -> bool {
        match &finding.environment {
            Some(of) => of == environment,
            None => has_a_place_in(finding, environment),
        }
    }

    /// Adds what is seen only where the files of credentials are: what environments have alike in them. `text` is
    /// what was analysed.
    pub fn add_shared(&mut self, text: &str, kept: &KeptValues) {
        let mut found = lint::shared_in_files(&self.plan, &self.topologies, kept);
        if found.is_empty() {
            return;
        }
        let source = source::read(text);
        for finding in &mut found {
            locate(finding, &source.places);
        }
        self.findings.extend(found);
        self.findings.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)));
    }

    /// How many findings are of `severity`.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    }
}

/// Whether a finding has a place in an environment or in the base of the plan, and not only in other environments.
fn has_a_place_in(finding: &Finding, environment: &EnvironmentName) -> bool {
    let mut labels = std::iter::once(&finding.primary).chain(&finding.secondary);
    labels.any(|label| {
        let steps = label.path.as_ref().map(PlanPath::steps);
        match steps {
            Some([Step::Key(table), Step::Key(name), ..]) if table == "environments" => {
                name == environment.as_str()
            }
            _ => true,
        }
    })
}

/// Takes the credentials of a text out of what is said of it.
fn hide(text: &str, secrets: &[Span], text_is_broken: bool, findings: &mut [Finding]) {
    let mut places: Vec<Range<usize>> = secrets.iter().map(|span| span.start..span.end).collect();
    // What could not be read may hold others.
    if text_is_broken {
        places.extend(credentials_in(text));
    }
    if places.is_empty() {
        return;
    }
    let everywhere = Hidden::of(text, &places, |_| false);
    places.sort_by_key(|place| place.start);
    let ends = places.iter().scan(0, |furthest: &mut usize, place| {
        *furthest = place.end.max(*furthest);
        Some(*furthest)
    });
    let ends: Vec<usize> = ends.collect();
    let meeting = |span: &Span| {
        let to = places.partition_point(|place| place.start < span.end);
        let from = ends.partition_point(|end| *end <= span.start).min(to);
        let start = span.start;
        places[from..to]
            .iter()
            .filter(move |place| start < place.end)
    };
    for finding in findings {
        let labels = || std::iter::once(&finding.primary).chain(&finding.secondary);
        let spans: Vec<Span> = labels().filter_map(|label| label.span).collect();
        let near = spans.iter().flat_map(meeting);
        let near = Hidden::of(text, near, |_| true);
        let without = |said: &mut String| *said = near.out_of(&everywhere.out_of(said));
        without(&mut finding.message);
        finding.help.iter_mut().for_each(without);
        if let Some(fix) = &mut finding.fix {
            without(&mut fix.title);
        }
        without(&mut finding.primary.text);
        let others = finding.secondary.iter_mut();
        others.for_each(|label| without(&mut label.text));
    }
}

fn amount(text: &str) -> Amount {
    match text.len() < 50_000 {
        true => Amount::Little,
        false => Amount::Much,
    }
}

fn is_syntax(finding: &Finding) -> bool {
    finding.rule == source::rules::INVALID_SYNTAX.name
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
