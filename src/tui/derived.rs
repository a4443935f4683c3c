//! What the screen says about the selection and the environment, worked out when one of them changes and not for
//! every frame: large plans have thousands of uses and findings.

use std::sync::Arc;

use crate::analysis::Analysis;
use crate::catalog::Catalog;
use crate::change::{self, Named, Property};
use crate::compare::{Difference, Side, compare};
use crate::finding::{Finding, Severity};
use crate::model::{EnvironmentName, Plan, Service};
use crate::report::comparison::sections;
use crate::source;
use crate::topology::{Failing, Instance, Locality, Outage, Topology};
use crate::tui::state::Thing;
use crate::tui::update::thing_of;

/// Most uses of a sort that are listed; no screen shows more.
const MOST_LISTED: usize = 200;

/// What is derived.
#[derive(Debug, Default)]
pub struct Derived {
    from: Option<From>,
    /// The findings of the list, the gravest first, by their places in the analysis.
    pub listed: Vec<usize>,
    /// How many there are of each severity in the whole plan, the gravest first.
    pub counts: Vec<(Severity, usize)>,
    /// Those about what is selected, or about the environment.
    pub concerning: Vec<usize>,
    /// Those of the environment, each with what it is about.
    here: Vec<(usize, Option<Thing>)>,
    /// What was selected.
    selection: Option<Thing>,
    /// Uses that leave the machine.
    pub external: Uses,
    /// Uses that stay on it.
    pub internal: Uses,
    /// What may be said of what its dialog is about.
    pub properties: Vec<Property>,
    /// Of what that is.
    properties_of: Option<Named>,
    /// What it costs that something fails, if that is looked at.
    pub outage: Option<Outage>,
    /// What fails.
    failing: Option<Thing>,
    /// How the environment differs from the one that its dialog is about.
    pub comparison: Compared,
    /// Which one that is.
    compared_with: Option<EnvironmentName>,
}

/// How the environment differs from another.
#[derive(Debug, Default)]
pub struct Compared {
    /// How much they are alike, from 0 to 100.
    pub score: u32,
    /// What differs, each with the title of its section.
    pub differences: Vec<(&'static str, Difference)>,
}

/// Uses of one locality in the environment.
#[derive(Debug, Default)]
pub struct Uses {
    /// How many there are.
    pub count: usize,
    /// The first of them, by target and then by user.
    pub first: Vec<(Instance, Instance)>,
}

/// What it was derived from.
#[derive(Debug)]
struct From {
    analysis: Arc<Analysis>,
    environment: usize,
    all_environments: bool,
}

impl Derived {
    /// Brings it up to date.
    pub fn update(
        &mut self,
        analysis: &Arc<Analysis>,
        environment: usize,
        selection: Option<&Thing>,
        all_environments: bool,
    ) {
        let topology = analysis.topologies.get(environment);
        let is_same = self.from.as_ref().is_some_and(|from| {
            Arc::ptr_eq(&from.analysis, analysis)
                && from.environment == environment
                && from.all_environments == all_environments
        });
        if !is_same {
            let is_here = |finding: &Finding| {
                topology.is_none_or(|topology| analysis.concerns(finding, &topology.environment))
            };
            let here = by_severity(analysis, is_here);
            let thing = |at: usize| thing_of(&analysis.findings[at], topology?);
            *self = Derived {
                listed: match all_environments {
                    true => by_severity(analysis, |_| true),
                    false => here.clone(),
                },
                counts: [Severity::Deny, Severity::Warn, Severity::Note]
                    .map(|severity| (severity, analysis.count(severity)))
                    .into(),
                here: here.into_iter().map(|at| (at, thing(at))).collect(),
                concerning: Vec::new(),
                external: uses(topology, Locality::External),
                internal: uses(topology, Locality::Internal),
                properties: Vec::new(),
                properties_of: None,
                outage: None,
                failing: None,
                comparison: Compared::default(),
                compared_with: None,
                selection: None,
                from: Some(From {
                    analysis: analysis.clone(),
                    environment,
                    all_environments,
                }),
            };
        }
        if !is_same || self.selection.as_ref() != selection {
            let about = |thing: &Option<Thing>| selection.is_none() || thing.as_ref() == selection;
            let concerning = self.here.iter().filter(|(_, thing)| about(thing));
            self.concerning = concerning.map(|(at, _)| *at).collect();
            self.selection = selection.cloned();
        }
    }

    /// Brings the properties up to date with the plan and an environment of it: those of `what`, or none. The text
    /// is read for that, once after every edit.
    pub fn update_properties(
        &mut self,
        what: Option<&Named>,
        text: &str,
        (analysis, catalog): (&Analysis, &Catalog),
        environment: usize,
    ) {
        if self.properties_of.as_ref() == what {
            return;
        }
        let topology = analysis.topologies.get(environment);
        let environment = topology.map(|topology| &topology.environment);
        self.properties = what.map_or_else(Vec::new, |what| {
            let places = source::read(text).places;
            let all = change::properties(&analysis.plan, &places, what, environment).into_iter();
            let is_said =
                |property: &Property| property.value.is_some() || property.override_value.is_some();
            let has = |key: &str| has_part((&analysis.plan, catalog), what, key);
            all.filter(|property| is_said(property) || has(&property.key))
                .collect()
        });
        self.properties_of = what.cloned();
    }

    /// Brings what it costs that something fails up to date, or forgets it.
    pub fn update_outage(
        &mut self,
        failing: Option<&Thing>,
        analysis: &Analysis,
        environment: usize,
    ) {
        if self.failing.as_ref() == failing {
            return;
        }
        self.failing = failing.cloned();
        let failing = failing.map(|thing| match thing {
            Thing::Host(host) => Failing::Host(host.clone()),
            Thing::Instance(instance) => Failing::Component(instance.component.clone()),
        });
        let topology = analysis.topologies.get(environment);
        self.outage = failing.and_then(|failing| Some(topology?.outage(&[failing])));
    }

    /// Brings the comparison with another environment up to date, or forgets it.
    pub fn update_comparison(
        &mut self,
        with: Option<&EnvironmentName>,
        catalog: &Catalog,
        analysis: &Analysis,
        environment: usize,
    ) {
        if self.compared_with.as_ref() == with {
            return;
        }
        self.compared_with = with.cloned();
        self.comparison = Compared::default();
        let here = analysis.topologies.get(environment);
        let there = with.and_then(|with| analysis.topology(with.as_str()));
        let (Some(here), Some(there)) = (here, there) else {
            return;
        };
        let side = |topology| Side {
            plan: &analysis.plan,
            topology,
            all: &analysis.topologies,
            catalog,
        };
        let comparison = compare(side(here), side(there));
        let sections = sections(&comparison).into_iter();
        let differences = sections.flat_map(|(title, differences)| {
            let differences = differences.into_iter();
            differences.map(move |difference| (title, difference.clone()))
        });
        self.comparison = Compared {
            score: comparison.score,
            differences: differences.collect(),
        };
    }
}

/// The findings that are wanted, the gravest first, in the order of the text.
fn by_severity(analysis: &Analysis, wanted: impl Fn(&Finding) -> bool) -> Vec<usize> {
    let findings = &analysis.findings;
    let mut found: Vec<usize> = (0..findings.len())
        .filter(|at| wanted(&findings[*at]))
        .collect();
    found.sort_by_key(|at| std::cmp::Reverse(findings[*at].severity));
    found
}

fn uses(topology: Option<&Topology>, locality: Locality) -> Uses {
    let links = topology.into_iter().flat_map(Topology::connections);
    let mut ends: Vec<_> = links
        .filter(|link| link.connection.via.locality() == locality)
        .map(|link| (link.target, link.user))
        .collect();
    let count = ends.len();
    // Those that no screen shows need no order.
    if count > MOST_LISTED {
        ends.select_nth_unstable(MOST_LISTED);
        ends.truncate(MOST_LISTED);
    }
    ends.sort_unstable();
    let first = ends.into_iter().take(MOST_LISTED);
    Uses {
        count,
        first: first
            .map(|(target, user)| (target.clone(), user.clone()))
            .collect(),
    }
}

/// Whether something has what a key says, where the key is a part of services: no queue has a bucket.
fn has_part((plan, catalog): (&Plan, &Catalog), what: &Named, key: &str) -> bool {
    let service = match what {
        Named::Component(name) => plan.services.get(name).map(|service| (name, service)),
        Named::Host(..) | Named::Environment(_) => None,
    };
    let Some((name, service)) = service.filter(|_| Service::PARTS.contains(&key)) else {
        return true;
    };
    let environments = plan.environments.values();
    let over = environments.filter_map(|environment| environment.services.get(name));
    let mut kinds = std::iter::once(service)
        .chain(over)
        .filter_map(|service| service.kind.as_deref());
    // A kind that nobody knows may have every part.
    kinds.any(|kind| {
        let known = catalog.kind(kind);
        known.is_none_or(|kind| kind.parts.contains_key(key))
    })
}
