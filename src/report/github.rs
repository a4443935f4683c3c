//! Findings as annotations of a GitHub workflow: one command a line, in the order of the plan.

use crate::finding::{Finding, Severity, printed};
use crate::span::Lines;

/// Findings as workflow commands; `path` as the repository has it.
pub fn findings(path: &str, text: &str, findings: &[Finding]) -> String {
    let lines = Lines::new(text);
    findings
        .iter()
        .map(|finding| annotation(path, text, &lines, finding))
        .collect()
}

fn annotation(path: &str, text: &str, lines: &Lines, finding: &Finding) -> String {
    let command = match finding.severity {
        Severity::Deny => "error",
        Severity::Warn => "warning",
        Severity::Note => "notice",
    };
    let span = finding.primary.span.unwrap_or_default().within(text);
    let (start, end) = (
        lines.line_column(span.start, text),
        lines.line_column(span.end, text),
    );
    // Columns are taken only where they are columns of one line.
    let columns = match start.line == end.line {
        true => format!(",col={},endColumn={}", start.column, end.column),
        false => String::new(),
    };
    format!(
        "::{command} title={},file={},line={},endLine={}{columns}::{}\n",
        property(finding.rule),
        property(&path.replace('\\', "/")),
        start.line,
        end.line,
        message(&said(finding)),
    )
}

/// All that is said about a finding; an annotation shows line breaks.
fn said(finding: &Finding) -> String {
    let mut said = finding.said();
    for label in &finding.secondary {
        if !label.text.is_empty() {
            said.push_str(&format!("\n{}", label.text));
        }
    }
    if let Some(help) = &finding.help {
        said.push_str(&format!("\nhelp: {help}"));
    }
    said
}

/// A text as a command's message: what ends a command is escaped.
fn message(text: &str) -> String {
    let shown: String = text
        .chars()
        .flat_map(crate::finding::printable_or_break)
        .collect();
    shown
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A text as a property of a command: what ends a property is escaped too.
fn property(text: &str) -> String {
    let shown: String = printed(text);
    message(&shown).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Label, RuleInfo};
    use crate::span::Span;

    static RULE: RuleInfo = RuleInfo {
        name: "odd",
        severity: Severity::Warn,
        summary: "",
        explanation: "",
    };

    fn finding(span: Span) -> Finding {
        Finding::new(&RULE, Label::at(span, ""), "100 % a:b, c")
            .and(Label::at(Span::default(), "there too"))
            .help("do\nthis")
    }

    #[test]
    fn nothing_of_a_finding_ends_its_command() {
        let span = Span { start: 2, end: 4 };
        assert_eq!(
            findings("a,b:c%\u{1b}.toml", "é1234\n", &[finding(span)]),
            "::warning title=odd,file=a%2Cb%3Ac%25\\u{1b}.toml,line=1,endLine=1,col=2,endColumn=4\
             ::100 %25 a:b, c%0Athere too%0Ahelp: do%0Athis\n"
        );
    }

    #[test]
    fn several_lines_have_no_columns_and_a_note_is_a_notice() {
        let span = Span { start: 0, end: 3 };
        let note = finding(span).severity(Severity::Note);
        let text = findings("p", "a\nb\n", &[note]);
        assert!(
            text.starts_with("::notice title=odd,file=p,line=1,endLine=2::"),
            "{text}"
        );
    }
}
