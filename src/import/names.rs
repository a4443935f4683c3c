//! Names of components for the services of compose files, whose names may be any.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{ComponentName, VolumeName};

/// The name in the plan of every service, by its name in the files.
pub(super) fn component_names<'a>(
    services: impl Iterator<Item = &'a str>,
) -> BTreeMap<&'a str, String> {
    let mut taken = BTreeSet::new();
    let mut names = BTreeMap::new();
    for service in services {
        let is_name = |text: &str| ComponentName::new(text).is_ok();
        names.insert(service, unique(service, "s", &is_name, &mut taken));
    }
    names
}

/// A name for a volume or port that is not among `taken`, made of a text.
pub(super) fn label(text: &str, taken: &mut BTreeSet<String>) -> String {
    let is_name = |text: &str| VolumeName::new(text).is_ok();
    unique(text, "v", &is_name, taken)
}

/// `text` with only what a name may have, distinct from what is taken.
fn unique(
    text: &str,
    start: &str,
    is_name: &dyn Fn(&str) -> bool,
    taken: &mut BTreeSet<String>,
) -> String {
    let lower = text.to_lowercase();
    let kept = lower.chars().map(|c| match c {
        'a'..='z' | '0'..='9' | '-' | '_' => c,
        _ => '-',
    });
    let mut name: String = kept.take(50).collect();
    name = name.trim_matches(['-', '_']).to_owned();
    if !is_name(&name) {
        name = format!("{start}{name}");
    }
    let mut candidate = name.clone();
    let mut number = 2;
    while !taken.insert(candidate.clone()) {
        candidate = format!("{name}-{number}");
        number += 1;
    }
    candidate
}

#[cfg(test)]
mod tests {
    use super::*;

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
