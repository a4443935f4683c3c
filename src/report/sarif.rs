//! Findings as SARIF 2.1.0, which code hosts and editors read. The shapes are the standard's own.
//!
//! Columns count characters, which the log says with `columnKind`. What looks like a credential is
//! masked in excerpts, and a fix that would carry one along is left out.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::report::json::print;
use crate::report::replacements::replacements;
use crate::report::text::{hidden_places, mask};
use crate::source;
use crate::span::{Lines, Span};

/// What a log is about.
pub struct Subject<'a> {
    /// The plan's file, as the repository has it.
    pub path: &'a str,
    /// Its text.
    pub text: &'a str,
    /// Bytes of the text that look like credentials.
    pub secrets: &'a [Span],
}

/// Findings as a SARIF log with every rule's explanation.
pub fn findings(
    subject: &Subject,
    rules: impl Iterator<Item = &'static RuleInfo>,
    findings: &[Finding],
) -> String {
    let rules: Vec<&RuleInfo> = rules.collect();
    let writer = Writer {
        subject,
        uri: uri(subject.path),
        lines: Lines::new(subject.text),
        masked: mask(subject.text, subject.secrets),
        hidden: hidden_texts(subject),
    };
    let mut seen = BTreeMap::new();
    let mut results = Vec::with_capacity(findings.len());
    for finding in findings {
        let rule_index = rules.iter().position(|rule| rule.name == finding.rule);
        let identity = identity(finding);
        // Two findings that say the same of the same place are told apart by their number.
        let number: &mut usize = seen.entry(identity.clone()).or_default();
        let fingerprint = format!("{:016x}", hash(&format!("{identity}\n{number}")));
        *number += 1;
        results.push(writer.result(finding, rule_index, fingerprint));
    }
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "Backstay",
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    rules: rules.into_iter().map(rule).collect(),
                },
            },
            column_kind: "unicodeCodePoints",
            results,
        }],
    };
    print(&log)
}

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    column_kind: &'static str,
    results: Vec<ResultJson>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    short_description: Text,
    full_description: Text,
    help: Text,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultJson {
    rule_id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Text,
    locations: [Location; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<FixJson>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    snippet: Option<Text>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FixJson {
    description: Text,
    artifact_changes: [ArtifactChange; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange {
    artifact_location: ArtifactLocation,
    replacements: Vec<ReplacementJson>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReplacementJson {
    deleted_region: Region,
    inserted_content: Text,
}

/// What every result needs.
struct Writer<'a> {
    subject: &'a Subject<'a>,
    uri: ArtifactLocation,
    lines: Lines,
    masked: String,
    /// The credentials of the text.
    hidden: Vec<&'a str>,
}

impl Writer<'_> {
    fn result(
        &self,
        finding: &Finding,
        rule_index: Option<usize>,
        fingerprint: String,
    ) -> ResultJson {
        let help = finding.help.as_ref();
        let help = help.map(|help| format!("\nhelp: {help}"));
        let related = finding.secondary.iter().enumerate();
        ResultJson {
            rule_id: finding.rule,
            rule_index,
            level: level(finding.severity),
            message: text(finding.said() + &help.unwrap_or_default()),
            locations: [self.location(&finding.primary, None)],
            related_locations: related
                .map(|(id, label)| self.location(label, Some(id)))
                .collect(),
            partial_fingerprints: BTreeMap::from([("backstay/v1", fingerprint)]),
            fixes: self.fix(finding).into_iter().collect(),
        }
    }

    fn location(&self, label: &Label, id: Option<usize>) -> Location {
        let span = label.span.unwrap_or_default();
        let span = span.within(self.subject.text);
        let snippet = self.masked.get(span.start..span.end);
        Location {
            id,
            physical_location: PhysicalLocation {
                artifact_location: self.uri.clone(),
                region: Region {
                    snippet: snippet.filter(|snippet| !snippet.is_empty()).map(text),
                    ..self.region(span)
                },
            },
            message: (!label.text.is_empty()).then(|| text(label.text.as_str())),
        }
    }

    fn region(&self, span: Span) -> Region {
        let text = self.subject.text;
        let start = self.lines.line_column(span.start, text);
        let end = self.lines.line_column(span.end, text);
        Region {
            start_line: start.line,
            start_column: start.column,
            end_line: end.line,
            end_column: end.column,
            snippet: None,
        }
    }

    /// The fix as replacements; nothing if it cannot be applied, or if they would repeat a credential.
    fn fix(&self, finding: &Finding) -> Option<FixJson> {
        let fix = finding.fix.as_ref()?;
        let mended = source::apply(self.subject.text, &fix.edits).ok()?;
        let changes = replacements(self.subject.text, &mended);
        let repeats = |text: &String| self.hidden.iter().any(|hidden| text.contains(hidden));
        if changes.is_empty() || changes.iter().any(|change| repeats(&change.text)) {
            return None;
        }
        let replacement = changes.into_iter().map(|change| ReplacementJson {
            deleted_region: self.region(change.span),
            inserted_content: text(change.text),
        });
        Some(FixJson {
            description: text(fix.title.as_str()),
            artifact_changes: [ArtifactChange {
                artifact_location: self.uri.clone(),
                replacements: replacement.collect(),
            }],
        })
    }
}

fn rule(rule: &RuleInfo) -> Rule {
    let first = rule.explanation.split("\n\n").next().unwrap_or_default();
    Rule {
        id: rule.name,
        short_description: text(rule.summary),
        full_description: text(first.replace('\n', " ")),
        help: text(rule.explanation),
        default_configuration: Configuration {
            level: level(rule.severity),
        },
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Deny => "error",
        Severity::Warn => "warning",
        Severity::Note => "note",
    }
}

fn text(text: impl Into<String>) -> Text {
    Text { text: text.into() }
}

/// The texts of every credential, without the quotes around them.
fn hidden_texts<'a>(subject: &Subject<'a>) -> Vec<&'a str> {
    let places = hidden_places(subject.text, subject.secrets).into_iter();
    let texts = places.filter_map(|place| subject.text.get(place));
    let texts = texts.map(|text| text.trim_matches(['"', '\'', ' ', '\t', '\r', '\n']));
    texts.filter(|text| !text.is_empty()).collect()
}

/// What makes a finding the same one after its lines have moved.
fn identity(finding: &Finding) -> String {
    let environment = finding.environment.as_ref();
    let environment = environment.map_or("", |environment| environment.as_str());
    let path = finding.primary.path.as_ref();
    let path = path.map(ToString::to_string).unwrap_or_default();
    [finding.rule, environment, &path, &finding.message].join("\n")
}

/// FNV-1a, 64 bits: the same for ever and everywhere.
fn hash(text: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}

/// A path as a URI: relative to the root of the sources, unless it says where it begins itself.
fn uri(path: &str) -> ArtifactLocation {
    let slashed = path.replace('\\', "/");
    let encoded: String = slashed.bytes().map(encoded).collect();
    let has_drive = slashed.as_bytes().get(1) == Some(&b':');
    let is_absolute = Path::new(path).is_absolute() || slashed.starts_with('/') || has_drive;
    let leads_out = slashed.split('/').any(|part| part == "..");
    ArtifactLocation {
        uri: match is_absolute {
            true => format!("file:///{}", encoded.trim_start_matches('/')),
            false => encoded.trim_start_matches("./").to_owned(),
        },
        uri_base_id: (!is_absolute && !leads_out).then_some("%SRCROOT%"),
    }
}

/// A byte of a path as a URI has it.
fn encoded(byte: u8) -> String {
    match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        for (path, wanted, has_base) in [
            ("backstay.toml", "backstay.toml", true),
            ("./a b/é%.toml", "a%20b/%C3%A9%25.toml", true),
            ("../shop/backstay.toml", "../shop/backstay.toml", false),
            ("/srv/a:b.toml", "file:///srv/a%3Ab.toml", false),
            (
                "C:\\shop\\backstay.toml",
                "file:///C%3A/shop/backstay.toml",
                false,
            ),
        ] {
            let location = uri(path);
            assert_eq!(location.uri, wanted);
            assert_eq!(location.uri_base_id.is_some(), has_base, "{path}");
        }
    }
}
