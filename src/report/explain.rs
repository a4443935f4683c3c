//! What the catalog and the rules say about themselves, for `catalog` and `explain`.

use crate::catalog::{Catalog, Dialect, Fit, Kind, Managed, RoleFit};
use crate::finding::RuleInfo;
use crate::model::Choice;
use crate::report::table::aligned;

/// A rule: its severity and its explanation.
pub fn rule(rule: &RuleInfo) -> String {
    format!(
        "{} ({})\n{}\n\n{}\n",
        rule.name,
        rule.severity.as_str(),
        rule.summary,
        rule.explanation
    )
}

/// Every rule in a line.
pub fn rules(rules: impl Iterator<Item = &'static RuleInfo>) -> String {
    let row = |rule: &RuleInfo| {
        vec![
            rule.name.to_owned(),
            rule.severity.as_str().to_owned(),
            rule.summary.to_owned(),
        ]
    };
    aligned(&rules.map(row).collect::<Vec<_>>(), "")
}

/// Every kind and dialect in a line.
pub fn catalog(catalog: &Catalog) -> String {
    let kinds: Vec<Vec<String>> = catalog
        .kinds()
        .map(|kind| {
            let roles = kind
                .roles
                .iter()
                .filter(|fit| fit.fit > Fit::Poor)
                .map(|fit| fit.role.to_string());
            let version = match &kind.image {
                Some(image) => &image.version,
                None => kind.hosting.words(),
            };
            vec![
                kind.id.clone(),
                version.to_owned(),
                roles.collect::<Vec<_>>().join(", "),
            ]
        })
        .collect();
    let dialects: Vec<Vec<String>> = catalog
        .dialects()
        .map(|dialect| vec![dialect.id.clone(), dialect.summary.clone()])
        .collect();
    format!(
        "kinds of services, with the default version and the roles they fill\n{}\ndialects of apps\n{}\n\
         `backstay catalog NAME` describes one.\n",
        aligned(&kinds, "  "),
        aligned(&dialects, "  ")
    )
}

/// Everything worth knowing about a kind.
pub fn kind(kind: &Kind) -> String {
    let mut text = format!(
        "{} ({}): {}\n{}\n",
        kind.id, kind.title, kind.category, kind.summary
    );
    if !kind.aliases.is_empty() {
        text.push_str(&format!("also called {}\n", kind.aliases.join(", ")));
    }
    let mut section = |title: &str, rows: Vec<Vec<String>>| {
        if !rows.is_empty() {
            text.push_str(&format!("\n{title}\n{}", aligned(&rows, "  ")));
        }
    };
    section(
        "roles",
        kind.roles
            .iter()
            .map(|fit| {
                vec![
                    fit.role.to_string(),
                    fit_word(fit.fit).into(),
                    format!("{}{}", fit.reason, up_to(fit)),
                ]
            })
            .collect(),
    );
    section("runs", runs(kind));
    section(
        "versions",
        kind.versions
            .iter()
            .map(|line| {
                let end = line
                    .end_of_life
                    .as_ref()
                    .map(|date| format!("supported until {date}"))
                    .unwrap_or_default();
                vec![
                    line.line.clone(),
                    end,
                    line.note.clone().unwrap_or_default(),
                ]
            })
            .collect(),
    );
    section(
        "ports",
        kind.ports
            .iter()
            .map(|port| {
                vec![
                    port.number.to_string(),
                    port.name.clone(),
                    port.note.clone().unwrap_or_default(),
                ]
            })
            .collect(),
    );
    section(
        "connection forms",
        kind.forms
            .iter()
            .map(|(name, form)| vec![name.clone(), form.text.clone()])
            .collect(),
    );
    section(
        "grows into",
        kind.grows_into
            .iter()
            .map(|growth| vec![growth.kind.clone(), growth.when.clone()])
            .collect(),
    );
    section(
        "managed by",
        kind.managed
            .iter()
            .map(|offer| vec![offer.provider.clone(), offered(offer)])
            .collect(),
    );
    section(
        "goes without",
        kind.container
            .iter()
            .flat_map(|container| container.exceptions.all())
            .map(|(protection, reason)| vec![protection.to_owned(), reason.to_owned()])
            .collect(),
    );
    section("for it", bullets(&kind.pros));
    section("against it", bullets(&kind.cons));
    section("traps", bullets(&kind.traps));
    section(
        "licence and supply",
        std::iter::once(&kind.supply.licence)
            .chain(&kind.supply.warning)
            .map(|line| vec![line.clone()])
            .collect(),
    );
    section("sources", bullets(&kind.facts.sources));
    section("not verified", bullets(&kind.facts.unverified));
    text.push_str(&format!("\nreviewed {}; facts age\n", kind.facts.reviewed));
    text
}

/// A dialect: what it calls things.
pub fn dialect(dialect: &Dialect) -> String {
    let mut text = format!("{} ({})\n{}\n", dialect.id, dialect.title, dialect.summary);
    for (protocol, spelling) in &dialect.protocols {
        let usual = spelling.usual.as_ref().unwrap_or(&spelling.named);
        let rows: Vec<Vec<String>> = usual
            .iter()
            .map(|(name, values)| {
                let values: Vec<&str> = values.iter().collect();
                vec![name.clone(), values.join(", or ")]
            })
            .collect();
        text.push_str(&format!("\n{protocol}\n{}", aligned(&rows, "  ")));
    }
    text
}

fn runs(kind: &Kind) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    if let Some(image) = &kind.image {
        rows.push(vec![
            "image".to_owned(),
            format!(
                "{}, version {} unless the plan says another",
                image.name, image.version
            ),
        ]);
    }
    if let Some(stand_in) = &kind.stand_in {
        rows.push(vec![
            kind.hosting.words().to_owned(),
            format!("on a machine `{stand_in}` stands in for it"),
        ]);
    }
    let keeps = if kind.keeps_data {
        "survives a restart"
    } else {
        "is lost with a restart"
    };
    rows.push(vec!["data".to_owned(), keeps.to_owned()]);
    if let Some(container) = &kind.container {
        let memory = &container.memory;
        rows.push(vec![
            "memory".to_owned(),
            format!("{} at least, limited to {}", memory.minimum, memory.limit),
        ]);
    }
    rows
}

/// What a provider calls its offer, and for which of the kind's roles it is one.
fn offered(offer: &Managed) -> String {
    let roles: Vec<&str> = offer.roles.iter().map(|role| role.as_str()).collect();
    match roles.is_empty() {
        true => offer.service.clone(),
        false => format!("{} (as {})", offer.service, roles.join(", ")),
    }
}

fn bullets(lines: &[String]) -> Vec<Vec<String>> {
    lines.iter().map(|line| vec![format!("- {line}")]).collect()
}

/// Up to which size it fills a role, where there is a limit.
fn up_to(fit: &RoleFit) -> String {
    let stored = match (fit.holds, fit.at_most) {
        (Some(holds), Some(most)) => Some(format!("about {holds}, {most} at most")),
        (Some(size), None) | (None, Some(size)) => Some(format!("about {size}")),
        (None, None) => None,
    };
    let writes = fit
        .writes_per_second
        .map(|writes| format!("about {writes} writes a second"));
    let limits: Vec<String> = stored.into_iter().chain(writes).collect();
    match limits.as_slice() {
        [] => String::new(),
        limits => format!(" ({})", limits.join(", ")),
    }
}

fn fit_word(fit: Fit) -> &'static str {
    match fit {
        Fit::Good => "good",
        Fit::Fair => "fair",
        Fit::Poor => "poor",
    }
}
