//! Explained variables as text and as JSON.

use serde::Serialize;

use crate::report::json::print;
use crate::report::table::aligned;
use crate::report::variable::{Explained, ReachedStep};

/// Explained variables for people.
pub fn text(all: &[Explained]) -> String {
    let texts: Vec<String> = all.iter().map(one_text).collect();
    texts.join("\n")
}

/// ` (backstay.toml:3:1)`
fn at(place: &Option<String>) -> String {
    let place = place.as_ref();
    place.map_or_else(String::new, |place| format!(" ({place})"))
}

/// How something is reached, and where the plan places it.
fn reached(step: &ReachedStep) -> String {
    let placed = at(&step.placed);
    format!(
        "{}, {}: {}{placed} at {}",
        step.locality, step.via, step.host, step.address
    )
}

fn one_text(one: &Explained) -> String {
    let mut rows = vec![vec!["value".to_owned(), one.value.clone()]];
    rows.push(vec![
        "comes from".to_owned(),
        format!("{}{}", one.layer.by, at(&one.layer.place)),
    ]);
    if let Some(hidden) = &one.layer.hides {
        rows.push(vec!["instead of".to_owned(), hidden.clone()]);
    }
    if let Some(said) = &one.said {
        rows.push(vec!["the plan says".to_owned(), said.clone()]);
    }
    for put_in in &one.put_in {
        rows.push(vec!["put into it".to_owned(), reached(put_in)]);
    }
    if let Some(dialect) = &one.dialect {
        rows.push(vec![
            "dialect".to_owned(),
            format!("{} ({})", dialect.name, dialect.said),
        ]);
        let line = format!(
            "{} = {} in [{}]",
            dialect.spelling, dialect.template, dialect.table
        );
        rows.push(vec!["spelled by".to_owned(), line]);
    }
    for form in &one.forms {
        rows.push(vec![
            "form".to_owned(),
            format!("{} of {}, encoding {}", form.name, form.kind, form.encoding),
        ]);
        rows.push(vec![String::new(), form.template.clone()]);
    }
    if let Some(reached) = &one.reached {
        rows.push(vec!["reached".to_owned(), self::reached(reached)]);
    }
    let mut text = format!(
        "{} of {} in {}, on {}\n\n{}",
        one.variable,
        one.app,
        one.environment,
        one.host,
        aligned(&rows, "  ")
    );
    let parts: Vec<Vec<String>> = one
        .parts
        .iter()
        .map(|part| {
            vec![
                part.name.clone(),
                part.value.clone(),
                format!("{}{}", part.by, at(&part.place)),
            ]
        })
        .collect();
    if !parts.is_empty() {
        text.push_str(&format!("\nparts\n{}", aligned(&parts, "  ")));
    }
    let others: Vec<Vec<String>> = one
        .elsewhere
        .iter()
        .map(|other| {
            let value = other
                .value
                .clone()
                .unwrap_or_else(|| "(not there)".to_owned());
            vec![format!("{} on {}", other.environment, other.host), value]
        })
        .collect();
    if !others.is_empty() {
        text.push_str(&format!("\nelsewhere\n{}", aligned(&others, "  ")));
    }
    text
}

/// Explained variables for scripts.
pub fn json(all: &[Explained]) -> String {
    print(&all)
}

/// A list of variables for people.
pub fn list_text(rows: &[[String; 3]]) -> String {
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.to_vec()).collect();
    aligned(&rows, "")
}

#[derive(Serialize)]
struct Listed<'a> {
    variable: &'a str,
    value: &'a str,
    layer: &'a str,
}

/// A list of variables for scripts.
pub fn list_json(rows: &[[String; 3]]) -> String {
    let listed = rows.iter().map(|[variable, value, layer]| Listed {
        variable,
        value,
        layer,
    });
    let listed: Vec<Listed> = listed.collect();
    print(&listed)
}
