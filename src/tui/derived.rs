//! What the screen says about the selection and the environment, worked out when one of them changes and not for
//! every frame: large plans have thousands of uses and findings.

use std::sync::Arc;

use crate::analysis::Analysis;
use crate::finding::Finding;
use crate::topology::{Instance, Locality, Topology};
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
    /// Those about what is selected, or about the environment.
    pub concerning: Vec<usize>,
    /// Uses that leave the machine.
    pub external: Uses,
    /// Uses that stay on it.
    pub internal: Uses,
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
    selection: Option<Thing>,
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
        if let Some(from) = &self.from {
            let is_same = Arc::ptr_eq(&from.analysis, analysis)
                && from.environment == environment
                && from.selection.as_ref() == selection
                && from.all_environments == all_environments;
            if is_same {
                return;
            }
        }
        let topology = analysis.topologies.get(environment);
        let is_here = |finding: &Finding| {
            topology.is_none_or(|topology| analysis.concerns(finding, &topology.environment))
        };
        let about = |finding: &Finding| match (selection, topology) {
            (Some(thing), Some(topology)) => {
                is_here(finding) && thing_of(finding, topology).as_ref() == Some(thing)
            }
            _ => is_here(finding),
        };
        *self = Derived {
            listed: by_severity(analysis, |finding| all_environments || is_here(finding)),
            concerning: by_severity(analysis, about),
            external: uses(topology, Locality::External),
            internal: uses(topology, Locality::Internal),
            from: Some(From {
                analysis: analysis.clone(),
                environment,
                selection: selection.cloned(),
                all_environments,
            }),
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
    ends.sort_unstable();
    let count = ends.len();
    let first = ends.into_iter().take(MOST_LISTED);
    Uses {
        count,
        first: first
            .map(|(target, user)| (target.clone(), user.clone()))
            .collect(),
    }
}
