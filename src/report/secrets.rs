//! Credentials as a table for people and as JSON for scripts: everything about them but what they are.

use serde::Serialize;

use crate::finding::printed;
use crate::report::json::print;
use crate::report::table::aligned;

/// What there is to say about a credential.
#[derive(Clone, Debug, Serialize)]
pub struct Credential {
    /// Its environment.
    pub environment: String,
    /// The service that it opens.
    pub service: String,
    /// Its name in the kind.
    pub name: String,
    /// The variable that carries it.
    pub variable: String,
    /// Who makes it: `generated`, `given`, `variable` or `file`.
    pub origin: &'static str,
    /// The variable or file that it is taken from.
    pub source: Option<String>,
    /// Whether it is there.
    pub is_there: bool,
    /// The file that keeps it, if one does.
    pub file: Option<String>,
    /// That file's permissions, such as `0600`.
    pub mode: Option<String>,
    /// Whether an earlier value is kept too.
    pub has_earlier: bool,
    /// The files of hosts that carry it.
    pub carriers: Vec<CarrierRow>,
}

/// A file that carries a credential.
#[derive(Clone, Debug, Serialize)]
pub struct CarrierRow {
    /// The environment of the host.
    pub environment: String,
    /// The host.
    pub host: String,
    /// The app whose variables the file holds.
    pub app: Option<String>,
    /// The file.
    pub path: String,
}

#[derive(Serialize)]
struct SecretsJson<'a> {
    plan: &'a str,
    secrets: &'a [Credential],
}

/// Credentials as JSON.
pub fn json(plan: &str, credentials: &[Credential]) -> String {
    print(&SecretsJson {
        plan,
        secrets: credentials,
    })
}

/// Credentials as a table, with the files that carry each below it.
pub fn table(credentials: &[Credential]) -> String {
    if credentials.is_empty() {
        return "no service here has a credential\n".to_owned();
    }
    let head = [
        "credential",
        "variable",
        "origin",
        "state",
        "mode",
        "kept in",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(credentials.iter().map(row));
    let shown = aligned(&rows, "");
    let mut lines = shown.lines();
    let mut text = format!("{}\n", lines.next().unwrap_or_default());
    for (line, credential) in lines.zip(credentials) {
        text.push_str(&format!("{line}\n"));
        for carrier in &credential.carriers {
            let path: String = printed(&carrier.path);
            text.push_str(&match &carrier.app {
                Some(app) => format!("  in {path}, for {app}\n"),
                None => format!("  in {path}\n"),
            });
        }
    }
    text
}

fn row(credential: &Credential) -> Vec<String> {
    let source = credential.source.as_deref().unwrap_or_default();
    let state = match (credential.is_there, credential.has_earlier) {
        (true, true) => "there, an earlier one too",
        (true, false) => "there",
        (false, true) => "missing, an earlier one is there",
        (false, false) => "missing",
    };
    let dash = || "-".to_owned();
    vec![
        format!(
            "{} {}.{}",
            credential.environment, credential.service, credential.name
        ),
        credential.variable.clone(),
        match credential.origin {
            "variable" => format!("the variable {source}"),
            "file" => format!("the file {source}"),
            "given" => "to be given".to_owned(),
            origin => origin.to_owned(),
        },
        state.to_owned(),
        credential.mode.clone().unwrap_or_else(dash),
        credential.file.clone().unwrap_or_else(dash),
    ]
}
