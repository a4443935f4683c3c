//! Credentials of services that a provider runs now and Backstay started before, or the other way round.
//!
//! What was drawn for a server of one's own opens nothing at a provider, and what a provider gave is not to
//! lie on a server of one's own. Their origin is another then, while a service and its credentials keep their names.

use std::collections::{BTreeMap, BTreeSet};

use crate::generate::left_behind::{provided, started};
use crate::model::EnvironmentName;
use crate::project::ProjectError;
use crate::project::on_hosts::find_on_hosts;
use crate::project::output::Output;
use crate::settings::{SecretId, SecretNeed, SecretOrigin, SecretValues};

impl Output {
    /// The credentials that are others now: new ones for servers of one's own, and empty ones where the provider's
    /// are to be filled in. `is_provided` tells whether a provider runs the service of a credential.
    pub fn changed_origins(
        &self,
        needs: &[SecretNeed],
        is_provided: impl Fn(&SecretId) -> bool,
    ) -> Result<SecretValues, ProjectError> {
        let mut changed = SecretValues::new();
        let mut by_environment: BTreeMap<&EnvironmentName, Vec<&SecretNeed>> = BTreeMap::new();
        for need in needs.iter().filter(|need| need.is_kept()) {
            let environment = &need.id.environment;
            by_environment.entry(environment).or_default().push(need);
        }
        for (environment, needs) in by_environment {
            let kept = self.kept(environment)?;
            let needs = needs.into_iter();
            let needs = needs.filter(|need| kept.contains_key(&need.id.variable()));
            // What a setting of the plan's own holds is the user's, whoever runs the service.
            let is_given = |need: &&SecretNeed| {
                let by_kind = need.rule.for_clients && !need.in_container;
                need.origin == SecretOrigin::Given && by_kind && is_provided(&need.id)
            };
            let is_drawn = |need: &&SecretNeed| need.origin == SecretOrigin::Generated;
            let (given, others): (Vec<&SecretNeed>, Vec<_>) = needs.partition(is_given);
            let drawn: Vec<&SecretNeed> = others.into_iter().filter(is_drawn).collect();
            let ran = self.ran(environment)?;
            if !given.is_empty() {
                for need in given {
                    let value = find_on_hosts(&self.root, &need.id);
                    let is_as_drawn = value.as_ref() == kept.get(&need.id.variable());
                    if is_as_drawn && ran.contains(need.id.service.as_str()) {
                        changed.insert(need.id.clone(), String::new());
                    }
                }
            }
            if !drawn.is_empty() {
                let runbook = self.read(&format!("{environment}/README.md"))?;
                let runbook = runbook.unwrap_or_default();
                let provided = provided(&runbook);
                for need in drawn {
                    let service = need.id.service.as_str();
                    // A runbook that was left as it is, in conflict, goes on saying what was.
                    if provided.contains(service) && !ran.contains(service) {
                        changed.insert(need.id.clone(), self.drawn(need)?);
                    }
                }
            }
        }
        Ok(changed)
    }

    /// The services whose containers the compose files of an environment start until now.
    fn ran(&self, environment: &EnvironmentName) -> Result<BTreeSet<String>, ProjectError> {
        let composed = self.composed(environment)?;
        let names = composed.iter().flat_map(|(_, text)| started(text));
        Ok(names.map(str::to_owned).collect())
    }
}
