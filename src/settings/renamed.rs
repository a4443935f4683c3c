//! What keeps the variables of a use when the component that is used gets another name.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Alternatives, Catalog};
use crate::model::{ComponentName, VariableName};
use crate::settings::spell::{DEFAULT_DIALECT, named};

/// What becomes of the variables of a use under another name of what is used.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kept {
    /// The prefix that keeps them, as a use says it in `env`; none where nothing has to be said.
    pub by: Option<VariableName>,
    /// Those that nothing keeps: apps know them by another name, or not any more.
    pub lost: BTreeSet<String>,
}

/// What keeps the variables that a dialect makes of the name of a component that speaks `protocol`.
pub fn kept(
    catalog: &Catalog,
    (dialect, protocol): (Option<&str>, &str),
    from: &ComponentName,
    to: &ComponentName,
) -> Kept {
    let dialect = catalog.dialect(dialect.unwrap_or(DEFAULT_DIALECT));
    let Some(spelling) = dialect.as_ref().and_then(|it| it.spelling(protocol)) else {
        return Kept::default();
    };
    let usual = spelling.usual.as_ref().unwrap_or(&spelling.named);
    let all = |names: &BTreeMap<String, Alternatives>, used: &ComponentName, prefix: &str| {
        let names = names.keys();
        let names = names.map(|name| named(name, used.as_str(), prefix));
        names.collect::<BTreeSet<String>>()
    };
    let shouted = |name: &ComponentName| VariableName::shouted(name.as_str());
    let before = all(usual, from, &shouted(from));
    let lost = |after: BTreeSet<String>| before.difference(&after).cloned().collect();
    let without = Kept {
        by: None,
        lost: lost(all(usual, to, &shouted(to))),
    };
    // Dialects write names in capitals, or as they are.
    let prefixes = [shouted(from), from.as_str().replace('-', "_")];
    let prefixes = prefixes.iter().filter_map(|it| VariableName::new(it).ok());
    let with = prefixes.map(|prefix| Kept {
        lost: lost(all(&spelling.named, to, prefix.as_str())),
        by: Some(prefix),
    });
    let best = std::iter::once(without).chain(with);
    best.min_by_key(|kept| kept.lost.len()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_keeps_names_that_come_from_that_of_the_component() {
        let catalog = Catalog::builtin();
        let name = |name| ComponentName::new(name).expect("a name");
        let kept = |dialect, protocol| {
            let (from, to) = (name("job-queue"), name("broker"));
            let kept = kept(&catalog, (dialect, protocol), &from, &to);
            assert_eq!(kept.lost, BTreeSet::new(), "{dialect:?} {protocol}");
            kept.by.map(|by| by.to_string())
        };
        assert_eq!(kept(None, "amqp").as_deref(), Some("JOB_QUEUE"));
        // `DATABASE_URL`, whatever the service is called.
        assert_eq!(kept(Some("node"), "postgres"), None);
        assert_eq!(
            kept(Some("dotnet"), "postgres").as_deref(),
            Some("job_queue")
        );
        assert_eq!(kept(Some("own"), "postgres"), None);
    }
}
