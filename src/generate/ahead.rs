//! What is ahead of whoever has an environment's files: what the plan leaves open, and what is started first.

use crate::generate::runbook::StepView;
use crate::generate::{OfHosts, app_env, copies};
use crate::model::Tier;
use crate::settings::Missing;
use crate::topology::{Host, Topology};

/// What comes next in an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ahead {
    /// What the plan does not say yet, though variables wait for it.
    pub open: Vec<String>,
    /// Whether variables wait for credentials.
    pub lacks_credentials: bool,
    /// What starts its containers, host by host in the order in which that can be done.
    pub starts: Vec<Start>,
    /// Whether its runbook says more than that: of its hosts before, or of what follows.
    pub has_more: bool,
}

/// Starting the containers of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// The host's folder, below the output folder.
    pub folder: String,
    /// What is run in it.
    pub command: String,
    /// Whether it is most likely the machine on which the files are written.
    pub is_here: bool,
    /// Whether its machine has to be prepared.
    pub is_prepared_first: bool,
}

impl Start {
    /// The command with the way into the host's folder, of which `output` is above.
    pub fn in_folder(&self, output: &str) -> String {
        let folder = copies::word(&format!("{output}/{}", self.folder));
        format!("cd {folder} && {}", self.command)
    }
}

impl Ahead {
    /// In an environment whose hosts have these files and these steps.
    pub(super) fn of(topology: &Topology, hosts: &OfHosts, steps: &[StepView]) -> Ahead {
        let (credentials, of_plan): (Vec<&Missing>, Vec<&Missing>) = {
            let is_credential = |missing: &&Missing| matches!(missing, Missing::Secret(_));
            hosts.waiting.keys().partition(is_credential)
        };
        let n_steps = steps.len();
        let has_notes = steps.iter().any(|step| !step.notes.is_empty());
        let is_prepared_first = !hosts.before_start.is_empty();
        let start = |step: &StepView| {
            let mut hosts = topology.hosts.values();
            let host = hosts.find(|host| host.name.as_str() == step.host)?;
            Some(Start {
                folder: format!("{}/{}", topology.environment, step.host),
                command: step.command.clone()?,
                is_here: n_steps == 1 && is_here(topology, host),
                is_prepared_first,
            })
        };
        Ahead {
            open: of_plan.into_iter().map(app_env::said).collect(),
            lacks_credentials: !credentials.is_empty(),
            starts: steps.iter().filter_map(start).collect(),
            has_more: n_steps != 1 || has_notes || is_prepared_first,
        }
    }
}

/// Whether files for a host are used where they are: on the machine of a developer.
fn is_here(topology: &Topology, host: &Host) -> bool {
    match topology.tier {
        Some(Tier::Local) => true,
        Some(Tier::Staging | Tier::Production) => false,
        // Nobody can copy them to a machine that has no address.
        _ => host.address.is_none(),
    }
}
