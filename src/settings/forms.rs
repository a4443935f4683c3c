//! Which forms of connection strings an app gets of what it uses.

use std::collections::BTreeSet;

use crate::catalog::{Catalog, Kind};
use crate::model::Use;
use crate::settings::spell::DEFAULT_DIALECT;
use crate::template::Templates;

/// The forms that an app of a dialect gets of a kind by a use: those that the values of its variables are made of.
pub fn forms_asked(
    (catalog, templates): (&Catalog, &Templates),
    dialect: Option<&str>,
    edge: &Use,
    kind: &Kind,
) -> BTreeSet<String> {
    let dialect = catalog.dialect(dialect.unwrap_or(DEFAULT_DIALECT));
    let Some(spelling) = dialect.as_ref().and_then(|it| it.spelling(&kind.protocol)) else {
        return BTreeSet::new();
    };
    let usual = spelling.usual.as_ref().filter(|_| edge.env.is_none());
    let variables = usual.unwrap_or(&spelling.named).values();
    let forms = |template: &str| -> Vec<String> {
        let names = templates.names(template);
        let is_form = |name: &&String| kind.forms.contains_key(*name);
        names.iter().filter(is_form).cloned().collect()
    };
    // Of several ways to make a value the first holds that the kind has a form for.
    let first = variables.filter_map(|ways| ways.iter().map(forms).find(|it| !it.is_empty()));
    first.flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::VariableName;

    #[test]
    fn only_forms_that_the_variables_of_a_dialect_are_made_of_are_asked_for() {
        let catalog = Catalog::builtin();
        let templates = Templates::new();
        let asked = |dialect, kind, edge: &Use| {
            let kind = catalog.kind(kind).expect("it is built in");
            let forms = forms_asked((&catalog, &templates), Some(dialect), edge, &kind);
            Vec::from_iter(forms).join(" ")
        };
        let edge = Use::default();
        assert_eq!(asked("node", "postgres", &edge), "url");
        assert_eq!(asked("dotnet", "postgres", &edge), "ado");
        assert_eq!(asked("rails", "postgres", &edge), "url");
        assert_eq!(asked("rails", "cockroachdb", &edge), "rails");
        let env = VariableName::new("STORE").ok();
        let named = Use { env, ..edge };
        assert_eq!(asked("dotnet", "postgres", &named), "ado");
    }
}
