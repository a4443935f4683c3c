//! Findings as a person reads them: the message, the place with a caret, the help, the fix.

use std::cmp::Reverse;
use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::finding::{Finding, Label, Severity, printable, printed};
use crate::secret_shape::{
    Hidden, credentials_in, looks_secret, masked, masked_at, shaped_like_a_secret,
};
use crate::source::fixes;
use crate::span::{Lines, Span};

/// Lines between two labels up to which one excerpt shows both.
const NEAR: usize = 12;

/// Most findings printed for people, who mend the first ones first.
const MOST_SHOWN: usize = 200;

/// A plan's text, prepared for excerpts: without credentials, and with nothing a terminal would obey.
pub struct Excerpts {
    path: String,
    text: String,
    lines: Lines,
}

impl Excerpts {
    /// Excerpts of `text`, which is at `path`, with the bytes at `secrets` masked.
    pub fn new(path: &str, text: &str, secrets: &[Span]) -> Excerpts {
        let masked = mask(text, secrets);
        let mut shown = String::with_capacity(masked.len());
        let mut rest = masked.chars().peekable();
        while let Some(c) = rest.next() {
            // Half of another system's line end.
            if c == '\r' && rest.peek() == Some(&'\n') {
                shown.push(' ');
                continue;
            }
            let harmless = c == '\n' || c == '\t' || printable(c).eq([c]);
            match harmless {
                true => shown.push(c),
                // As many bytes as before, so that every place stays where it is.
                false => shown.extend(std::iter::repeat_n('?', c.len_utf8())),
            }
        }
        Excerpts {
            path: printed(path),
            lines: Lines::new(&shown),
            text: shown,
        }
    }

    /// The number of the line at a byte, from 0.
    fn line(&self, byte: usize) -> usize {
        self.lines.index(byte)
    }
}

/// `text` with the bytes of every credential as `*`: those at `secrets`, and whatever else looks like one.
pub fn mask(text: &str, secrets: &[Span]) -> String {
    masked_at(text, &hidden_places(text, secrets))
}

/// The places of the credentials of a text, in order: those that were read, without their quotes, so that the line
/// still reads as TOML, and those that are found where it could not be read.
pub(super) fn hidden_places(text: &str, secrets: &[Span]) -> Vec<Range<usize>> {
    let read = read_places(text, secrets);
    let mut places: Vec<Range<usize>> = read.chain(credentials_in(text)).collect();
    places.sort_by_key(|place| (place.start, place.end));
    places
}

/// The places of the credentials that were read, without their quotes.
fn read_places(text: &str, secrets: &[Span]) -> impl Iterator<Item = Range<usize>> {
    secrets.iter().map(|span| {
        let span = span.within(text);
        let said = &text[span.start..span.end];
        let is_quoted = said.starts_with(['"', '\'']) && said.len() >= 2;
        match is_quoted {
            true => span.start + 1..span.end - 1,
            false => span.start..span.end,
        }
    })
}

/// The credentials that a plan holds, which files that are made of it repeat: what looks like one in a comment goes
/// into none, and may be the name of a variable.
pub fn credentials_of(text: &str, secrets: &[Span]) -> Hidden {
    let places: Vec<Range<usize>> = read_places(text, secrets).collect();
    Hidden::of(text, &places, |_| true)
}

/// A value of the plan as it may be shown in a list.
pub fn shown_value(key: &str, value: &str) -> String {
    let name = key.rsplit('.').next().unwrap_or(key);
    match looks_secret(name, value) && !shaped_like_a_secret(value) {
        true => "*".repeat(value.len()),
        false => masked(value),
    }
}

/// Every finding, most serious last so that it is what stands above the prompt, and a line that counts.
pub fn findings(findings: &[Finding], excerpts: &Excerpts) -> String {
    let renderer = Renderer::styled().decor_style(DecorStyle::Unicode);
    let mut shown: Vec<&Finding> = findings.iter().collect();
    shown.sort_by_key(|finding| Reverse(finding.severity));
    let left_out = shown.len().saturating_sub(MOST_SHOWN);
    shown.truncate(MOST_SHOWN);
    shown.sort_by_key(|finding| finding.severity);
    let mut text = String::new();
    if left_out > 0 {
        text.push_str(&format!(
            "… {left_out} more, less serious or further down: `--format json` prints all\n\n"
        ));
    }
    for finding in shown {
        text.push_str(&renderer.render(&groups(finding, excerpts)));
        text.push_str("\n\n");
    }
    text.push_str(&summary(findings));
    text.push('\n');
    text
}

/// `2 denied, 1 warned about, 3 notes` or `no findings`.
fn summary(findings: &[Finding]) -> String {
    let count = |severity| {
        findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    };
    let fixes = fixes::count_plain(findings);
    let words = [
        (count(Severity::Deny), "denied"),
        (count(Severity::Warn), "to warn about"),
        (count(Severity::Note), "to note"),
    ];
    let said: Vec<String> = words
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| format!("{n} {word}"))
        .collect();
    match (said.is_empty(), fixes) {
        (true, _) => "no findings".to_owned(),
        (false, 0) => format!("findings: {}", said.join(", ")),
        (false, n) => format!(
            "findings: {}; `backstay check --fix` can mend {n}",
            said.join(", ")
        ),
    }
}

fn groups<'a>(finding: &'a Finding, excerpts: &'a Excerpts) -> Vec<Group<'a>> {
    let level = match finding.severity {
        Severity::Deny => Level::ERROR.with_name("deny"),
        Severity::Warn => Level::WARNING.with_name("warn"),
        Severity::Note => Level::NOTE,
    };
    let mut group = level
        .primary_title(finding.said())
        .id(finding.rule)
        .elements(snippets(finding, excerpts));
    let fix = finding.fix.as_ref().map(|fix| &fix.title);
    if let Some(help) = finding.help.as_ref().filter(|help| Some(*help) != fix) {
        group = group.element(Level::HELP.message(help));
    }
    if let Some(fix) = fix {
        group = group.element(Level::HELP.with_name("fix").message(fix));
    }
    vec![group]
}

/// The excerpts of a finding: labels that are near each other share one.
fn snippets<'a>(
    finding: &'a Finding,
    excerpts: &'a Excerpts,
) -> Vec<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let primary = (&finding.primary, AnnotationKind::Primary);
    let others = finding
        .secondary
        .iter()
        .map(|label| (label, AnnotationKind::Context));
    let mut labels: Vec<(&Label, AnnotationKind)> =
        std::iter::once(primary).chain(others).collect();
    let span = |label: &Label| label.span.unwrap_or_default().within(&excerpts.text);
    let primary_line = excerpts.line(span(&finding.primary).start);
    // The primary place comes first, then the others by their distance from it.
    labels.sort_by_key(|(label, _)| excerpts.line(span(label).start).abs_diff(primary_line));
    let mut clusters: Vec<Vec<(&Label, AnnotationKind)>> = Vec::new();
    for (label, kind) in labels {
        let line = excerpts.line(span(label).start);
        let near = |other: &&(&Label, AnnotationKind)| {
            excerpts.line(span(other.0).start).abs_diff(line) <= NEAR
        };
        match clusters
            .iter_mut()
            .find(|cluster| cluster.iter().any(|other| near(&other)))
        {
            Some(cluster) => cluster.push((label, kind)),
            None => clusters.push(vec![(label, kind)]),
        }
    }
    clusters
        .into_iter()
        .map(|cluster| snippet(&cluster, excerpts))
        .collect()
}

fn snippet<'a>(
    cluster: &[(&'a Label, AnnotationKind)],
    excerpts: &'a Excerpts,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let spans: Vec<Span> = cluster
        .iter()
        .map(|(label, _)| label.span.unwrap_or_default().within(&excerpts.text))
        .collect();
    let first = excerpts.line(
        spans
            .iter()
            .map(|span| span.start)
            .min()
            .unwrap_or_default(),
    );
    let last = excerpts.line(spans.iter().map(|span| span.end).max().unwrap_or_default());
    let Span { start, end } = excerpts.lines.span(first, last, &excerpts.text);
    let mut snippet = Snippet::source(&excerpts.text[start..end])
        .line_start(first + 1)
        .path(excerpts.path.as_str());
    for ((label, kind), span) in cluster.iter().zip(spans) {
        let annotation = kind.span(span.start - start..span.end.min(end) - start);
        snippet = snippet.annotation(match label.text.is_empty() {
            true => annotation,
            false => annotation.label(label.text.as_str()),
        });
    }
    snippet
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_masked_and_every_place_stays() {
        let text = "A = \"häkel\"\nB = 1";
        let masked = mask(text, &[Span { start: 4, end: 12 }]);
        assert_eq!(masked, "A = \"******\"\nB = 1");
    }

    #[test]
    fn credentials_are_masked_where_the_text_is_not_toml() {
        for (line, masked) in [
            ("password = \"hunter2", "password = \"*******"),
            (
                "db.password=hunter2\r\nx = 1",
                "db.password=*******\r\nx = 1",
            ),
            ("# token = 'ab'", "# token = '**'"),
            ("pwd = \"\"\"\nhunter2\nx", "pwd = \"\"\"\n*******\n*"),
            ("password = \"${DB}\"", "password = \"${DB}\""),
            ("uses.secret = {}", "uses.secret = {}"),
            ("role = \"secrets\"", "role = \"secrets\""),
        ] {
            assert_eq!(mask(line, &[]), masked);
        }
    }

    #[test]
    fn excerpts_hold_nothing_a_terminal_obeys() {
        let excerpts = Excerpts::new("p\u{1b}", "a\u{1b}[2J\u{202e}b", &[]);
        assert_eq!(excerpts.text, "a?[2J???b");
        assert_eq!(excerpts.path, "p\\u{1b}");
    }
}
