//! `supply-warning`: a kind whose licence or supply is not what people take for granted.

use std::collections::BTreeMap;

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::declared::{declared_services, service_path};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{ComponentName, EnvironmentName};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "supply-warning",
        severity: Severity::Note,
        summary: "the licence or the supply of a kind is not what people take for granted",
        explanation: "\
What it finds: a kind of which the catalog knows something about its licence or its supply that decides
where and for how long it may be run: terms that are no open-source licence, an edition that is not for
production, a product that nobody maintains any more. Each kind is named once.

Why it matters: such a thing is read when the service is chosen, or in a letter from its makers. Moving
away later means moving the data.

When it is fine: when somebody has read the terms and they fit. Say so in `[rules]` with the reason.

Instead: read the terms, or choose a kind without them that speaks the same protocol;
`backstay explain KIND` says more about each.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    let mut places: BTreeMap<&str, Vec<Declaration>> = BTreeMap::new();
    for (environment, name, service) in declared_services(context.plan) {
        if let Some(word) = service.kind.as_deref() {
            places.entry(word).or_default().push((environment, name));
        }
    }
    for (word, places) in places {
        let kind = context.catalog.kind(word);
        let known = kind.as_ref().map(|kind| (&kind.title, &kind.supply));
        if let Some((title, warning)) =
            known.and_then(|(title, supply)| Some((title, supply.warning.as_ref()?)))
        {
            sink.push(finding(title, warning, &places));
        }
    }
}

/// A service, in the base of the plan or in an environment.
type Declaration<'p> = (Option<&'p EnvironmentName>, &'p ComponentName);

fn finding(title: &str, warning: &str, places: &[Declaration]) -> Finding {
    let mut places = places
        .iter()
        .map(|(environment, name)| service_path(*environment, name).key("kind"));
    let first = places.next().unwrap_or_default();
    let message = format!("{title}: {}", warning.trim_end_matches('.'));
    let finding = Finding::new(&RULE.info, Label::new(first, ""), message).help(
        "read its terms before it holds data, or choose a kind that speaks the same protocol",
    );
    let labels = places.map(|place| Label::new(place, "and here"));
    labels.fold(finding, Finding::and)
}

#[cfg(test)]
mod tests {
    use crate::catalog::{Catalog, CatalogFile, CatalogFileOf};
    use crate::lint::testing::{check, check_with};

    /// A kind like the catalog's cache, of which there is something to say.
    fn catalog() -> Catalog {
        let text = include_str!("../../../templates/services/memcached.toml").replace(
            "[supply]\n",
            "[supply]\nwarning = \"free for one server only, by its licence of 2026.\"\n",
        );
        let mut catalog = Catalog::builtin();
        let file = CatalogFile {
            of: CatalogFileOf::Kind,
            id: "closedcache".to_owned(),
            text,
            place: "mine.toml".into(),
        };
        catalog.add(&file).expect("it is a kind");
        catalog
    }

    #[test]
    fn each_kind_with_a_warning_is_named_once() {
        check_with(
            &catalog(),
            "supply-warning",
            r#"
name = "shop"
[services.cache]
kind = "closedcache"
     # ^^^^^^^^^^^^^ Memcached: free for one server only, by its licence of 2026
[services.pages]
kind = "closedcache"
[services.db]
kind = "postgres"
[environments.dev.services.db]
kind = "closedcache"
"#,
        );
    }

    #[test]
    fn a_kind_without_one_is_fine() {
        check(
            "supply-warning",
            "name = \"shop\"\n[services.db]\nkind = \"postgres\"\n",
        );
    }
}
