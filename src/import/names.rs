//! Names of components for the services of compose files, whose names may be any.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{ComponentName, PlanName, VolumeName};
use crate::secret_shape::looks_secret;

/// Names that are taken, so that the next one is another.
#[derive(Debug, Default)]
pub(super) struct Taken {
    names: BTreeSet<String>,
    /// The next number to try behind a name; many may begin alike.
    next: BTreeMap<String, usize>,
}

/// The name in the plan of every service, by its name in the files.
pub(super) fn component_names<'a>(
    services: impl Iterator<Item = &'a str>,
) -> BTreeMap<&'a str, String> {
    let mut taken = Taken::default();
    let is_name = |text: &str| ComponentName::new(text).is_ok();
    services
        .map(|service| (service, taken.unique(service, "s", &is_name)))
        .collect()
}

/// The name of a plan for a project's; another where no plan can be called so.
pub(super) fn plan_name(project: &str) -> String {
    let is_name = |name: &str| PlanName::new(name).is_ok() && !looks_secret("name", name);
    let prefixed = format!("app-{project}");
    let candidates = [
        project.to_owned(),
        prefixed.trim_end_matches('-').to_owned(),
    ];
    let found = candidates.into_iter().find(|name| is_name(name));
    found.unwrap_or_else(|| "app".to_owned())
}

impl Taken {
    /// A name for a volume or port that is not taken yet, made of a text.
    pub fn label(&mut self, text: &str) -> String {
        self.unique(text, "v", &|text| VolumeName::new(text).is_ok())
    }

    /// `text` with only what a name may have, distinct from what is taken.
    fn unique(&mut self, text: &str, start: &str, is_name: &dyn Fn(&str) -> bool) -> String {
        let name = plain_name(text, start, is_name);
        let mut candidate = name.clone();
        while self.names.contains(&candidate) {
            let number = self.next.entry(name.clone()).or_insert(1);
            *number += 1;
            candidate = format!("{name}-{number}");
        }
        self.names.insert(candidate.clone());
        candidate
    }
}

/// Longest name that is made of a text, in characters.
const LONGEST: usize = 50;

/// `text` with only what a name may have.
fn plain_name(text: &str, start: &str, is_name: &dyn Fn(&str) -> bool) -> String {
    let is_kept = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '-' | '_');
    let trimmed = text.trim_matches(['-', '_']);
    // Most are names already.
    if text.len() <= LONGEST && text.chars().all(is_kept) && is_name(trimmed) {
        return trimmed.to_owned();
    }
    let lower = text.to_lowercase();
    let kept = lower.chars().map(|c| if is_kept(c) { c } else { '-' });
    let name: String = kept.take(LONGEST).collect();
    let name = name.trim_matches(['-', '_']);
    match is_name(name) {
        true => name.to_owned(),
        false => format!("{start}{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_can_be_called_what_it_is_called() {
        for (project, name) in [("shop", "shop"), ("2024", "app-2024"), ("", "app")] {
            assert_eq!(plan_name(project), name);
            assert!(PlanName::new(name).is_ok());
        }
    }

    #[test]
    fn every_service_gets_a_name_of_its_own() {
        let names = component_names(["web", "Web", "a.b", "1", "0x12", "_x_", "é"].into_iter());
        let said: Vec<(&str, &str)> = names
            .iter()
            .map(|(from, to)| (*from, to.as_str()))
            .collect();
        let wanted = [
            ("0x12", "s0x12"),
            ("1", "s1"),
            ("Web", "web-2"),
            ("_x_", "x"),
            ("a.b", "a-b"),
            ("web", "web"),
            ("é", "s"),
        ];
        assert_eq!(said, wanted);
        assert!(names.values().all(|name| ComponentName::new(name).is_ok()));
    }
}
