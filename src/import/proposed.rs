//! What the compose files of a folder would become if nobody said: Compose's own file is `local`, and a file that is
//! called like an environment is that environment.

use std::path::PathBuf;

use crate::import::Wanted;
use crate::model::{EnvironmentName, Tier};

/// The names of Compose's own file, in the order in which Compose looks for them.
const BASES: [&str; 4] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yml",
    "docker-compose.yaml",
];

/// The names of what Compose lays over it unasked, in that order too.
const OVERRIDES: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// The files that Compose takes where nobody names any: its own, and what it lays over it unasked.
pub fn usual(is_there: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let first = |known: [&'static str; 4]| known.into_iter().find(|name| is_there(name));
    let Some(base) = first(BASES) else {
        return Vec::new();
    };
    let files = std::iter::once(base).chain(first(OVERRIDES));
    files.map(PathBuf::from).collect()
}

/// Environments to read the files of these names as, in the order of their tiers.
pub fn proposed(names: &[String]) -> Vec<Wanted> {
    let usual = usual(|name| is_in(names, name));
    let base = usual.first();
    let mut all: Vec<(Tier, Wanted)> = Vec::new();
    let mut names: Vec<&String> = names.iter().collect();
    names.sort();
    for name in names {
        let Some((tier, environment)) = environment_of(name) else {
            continue;
        };
        if all
            .iter()
            .all(|(_, other)| other.environment != environment)
        {
            let files = base.cloned().into_iter().chain([name.into()]).collect();
            all.push((tier, Wanted { environment, files }));
        }
    }
    let is_local = |(_, wanted): &(Tier, Wanted)| wanted.environment.as_str() == LOCAL;
    if base.is_some() && !all.iter().any(is_local) {
        let local = Wanted::of(LOCAL, usual).expect("an environment can be called local");
        all.push((Tier::Local, local));
    }
    all.sort_by(|(tier, one), (other_tier, other)| {
        (tier, &one.environment).cmp(&(other_tier, &other.environment))
    });
    all.into_iter().map(|(_, wanted)| wanted).collect()
}

/// The environment that files describe unless it is said.
pub const LOCAL: &str = "local";

fn is_in(names: &[String], name: &str) -> bool {
    names.iter().any(|other| other == name)
}

/// The environment that a file such as `compose.prod.yaml` is called after. Others are called after what they add:
/// `compose.gpu.yaml` is no environment.
fn environment_of(name: &str) -> Option<(Tier, EnvironmentName)> {
    let name = name.strip_prefix("docker-").unwrap_or(name);
    let rest = name.strip_prefix("compose.")?;
    let middle = rest
        .strip_suffix(".yaml")
        .or_else(|| rest.strip_suffix(".yml"))?;
    let tier = Tier::inferred_from(middle)?;
    Some((tier, EnvironmentName::new(middle).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(names: &[&str], expected: &str) {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        assert_eq!(Wanted::line(&proposed(&names)), expected, "{names:?}");
    }

    #[test]
    fn files_become_the_environments_that_they_are_called_after() {
        check(&[], "");
        check(&["app.yaml", "compose.yaml.bak"], "");
        check(&["compose.yaml"], "local=compose.yaml");
        check(
            &["docker-compose.override.yml", "docker-compose.yml"],
            "local=docker-compose.yml,docker-compose.override.yml",
        );
        check(
            &[
                "compose.prod.yaml",
                "compose.yaml",
                "compose.gpu.yaml",
                "compose.test.yml",
                "compose.override.yaml",
            ],
            "local=compose.yaml,compose.override.yaml; test=compose.yaml,compose.test.yml; \
             prod=compose.yaml,compose.prod.yaml",
        );
        check(
            &["docker-compose.production.yml"],
            "production=docker-compose.production.yml",
        );
        check(
            &["compose.local.yml", "compose.yml"],
            "local=compose.yml,compose.local.yml",
        );
    }

    #[test]
    fn one_of_two_files_of_one_environment_is_taken() {
        check(
            &[
                "compose.yaml",
                "docker-compose.yml",
                "docker-compose.prod.yml",
                "compose.prod.yml",
            ],
            "local=compose.yaml; prod=compose.yaml,compose.prod.yml",
        );
    }
}
