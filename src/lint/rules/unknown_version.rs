//! `unknown-version`: a version that belongs to no line that the catalog knows.

use std::collections::BTreeMap;

use crate::catalog::Kind;
use crate::finding::{Finding, Label, RuleInfo, Severity, quoted};
use crate::lint::declared_kinds::DeclaredVersion;
use crate::lint::{LintContext, Rule, Sink};
use crate::model::Date;

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "unknown-version",
        severity: Severity::Note,
        summary: "a version belongs to no line that the catalog knows",
        explanation: "\
What it finds: a version of a self-hosted kind that none of the catalog's lines covers. `8.4` covers
`8.4` and `8.4.11`, but not `8.40`. What is older than a line without support is `end-of-life-version`.

Why it matters: Backstay cannot say when it ends, nor whether paths and settings that changed between
versions are right for it. A typing mistake shows only when the image cannot be fetched.

When it is fine: when the version is newer than the catalog's facts. They are dated, and they age.

Instead: check the version. A file of your own in `.backstay/services/` can add the line.",
    },
    check,
};

/// How many lines the help names.
const LINES_NAMED: usize = 6;

fn check(context: &LintContext, sink: &mut Sink) {
    let mut unknown: BTreeMap<_, Vec<&DeclaredVersion>> = BTreeMap::new();
    for declared in context.declared.versions() {
        if let Some(version) = declared
            .said
            .filter(|_| !declared.of_image)
            .filter(|said| is_unknown(&declared.kind, said, context.today))
        {
            let key = (declared.service, &declared.kind.id, version);
            unknown.entry(key).or_default().push(declared);
        }
    }
    for ((_, _, version), places) in unknown {
        sink.push(finding(context.today, version, &places));
    }
}

fn is_unknown(kind: &Kind, version: &str, today: &Date) -> bool {
    let has_ended = || {
        let oldest = kind.oldest_line_after(version);
        oldest.is_some_and(|oldest| oldest.has_ended(today))
    };
    let listed = kind.is_cloud_only() || kind.version_line(version).is_some();
    !listed && !kind.versions.is_empty() && !has_ended()
}

fn finding(today: &Date, version: &str, places: &[&DeclaredVersion]) -> Finding {
    let (service, kind) = (places[0].service, &places[0].kind);
    let message = format!(
        "`{service}` runs {} {}, of no line that is known",
        kind.title,
        quoted(version)
    );
    let finding =
        Finding::new(&RULE.info, Label::new(places[0].path(), ""), message).help(format!(
            "on {} the lines with support were {}",
            kind.facts.reviewed,
            lines_with_support(kind, today)
        ));
    let others = places[1..]
        .iter()
        .map(|place| Label::new(place.path(), "here too"));
    others.fold(finding, Finding::and)
}

fn lines_with_support(kind: &Kind, today: &Date) -> String {
    let lines: Vec<String> = kind
        .versions
        .iter()
        .filter(|line| line.end_of_life.as_ref().is_none_or(|end| end >= today))
        .take(LINES_NAMED)
        .map(|line| format!("`{}`", line.line))
        .collect();
    lines.join(", ")
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::check;

    #[test]
    fn a_version_of_no_known_line_is_found_once() {
        check(
            "unknown-version",
            r#"
name = "shop"
[services.db]
kind = "mysql"
version = "8.40"
        # ^^^^^^ `db` runs MySQL `8.40`, of no line that is known
[environments.dev.services.db]
version = "8.40"
[environments.test.services.db]
kind = "postgres"
version = "99"
        # ^^^^ `db` runs PostgreSQL `99`, of no line that is known
"#,
        );
    }

    #[test]
    fn what_has_ended_long_ago_is_not_unknown_unless_no_date_says_so() {
        check(
            "unknown-version",
            r#"
name = "shop"
[services.db]
kind = "postgres"
version = "9.6"
[services.files]
kind = "seaweedfs"
version = "2.9"
        # ^^^^^ `files` runs SeaweedFS `2.9`, of no line that is known
[services.cache]
kind = "redis"
version = "newest"
        # ^^^^^^^^ `cache` runs Redis `newest`, of no line that is known
"#,
        );
    }

    #[test]
    fn exact_versions_of_a_line_and_a_provider_s_versions_are_fine() {
        check(
            "unknown-version",
            r#"
name = "shop"
[services.db]
kind = "mysql"
version = "8.4.11"
[services.uploads]
kind = "wasabi"
version = "2006-03-01"
[services.metrics]
kind = "victoriametrics"
version = "v1.152.0"
[services.cache]
kind = "redis"
version = "7"
[services.other]
kind = "redis"
version = "7-alpine"
"#,
        );
    }
}
