//! `end-of-life-version`: a version that gets no more fixes, or soon will not.

use std::collections::BTreeMap;

use crate::catalog::{Kind, VersionLine};
use crate::finding::{Finding, Label, RuleInfo, Severity, quoted};
use crate::lint::declared_kinds::DeclaredVersion;
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{Date, Edit};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "end-of-life-version",
        severity: Severity::Warn,
        summary: "a service runs in a version that gets no more fixes, or soon will not",
        explanation: "\
What it finds: a service whose line of versions is past the end of its support, or is older than a line
that is and than every other that the catalog knows; the tag of an image of the user's own tells its
version too. As a note: one whose support ends within half a year, unless it is the newest that the catalog
knows. The dates are the catalog's; `backstay explain KIND` says when they
were last reviewed.

Why it matters: faults that are found from then on are not mended, those that let an attacker in among
them, while everybody can read about them.

When it is fine: when somebody else is paid to mend it. Say so in `[rules]` with the reason.

Instead: plan the move to a line with support; `backstay check --fix` writes the one that Backstay would
choose. A new major version may need the data to be dumped and read again: try it below production.",
    },
    check,
};

/// How many days before its end a line is mentioned.
const NOTICE_DAYS: u32 = 180;

fn check(context: &LintContext, sink: &mut Sink) {
    let mut ending: BTreeMap<_, Vec<&DeclaredVersion>> = BTreeMap::new();
    for declared in context.declared.versions() {
        if let Some((version, end)) = end_of_life(declared, context.today) {
            let key = (declared.service, &declared.kind.id, version, end);
            ending.entry(key).or_default().push(declared);
        }
    }
    for ((_, _, version, end), places) in ending {
        sink.push(finding(context.today, version, end, &places));
    }
}

/// The version that runs, and when the support of its line ended or soon will. Of what is older than
/// every known line it is only known that it ended before the oldest one did.
fn end_of_life<'d>(declared: &'d DeclaredVersion, today: &Date) -> Option<(&'d str, &'d Date)> {
    let version = declared.version()?;
    let (line, is_listed) = match declared.kind.version_line(version) {
        Some(line) => (line, true),
        None => (declared.kind.oldest_line_after(version)?, false),
    };
    let end = line.end_of_life.as_ref()?;
    // There is nothing to move to from the newest line before its end.
    let newest = declared.kind.versions.first();
    let is_newest = newest.is_some_and(|newest| newest.line == line.line);
    let is_near = || is_listed && !is_newest && days(end) - days(today) <= NOTICE_DAYS;
    (line.has_ended(today) || is_near()).then_some((version, end))
}

/// Days on a calendar whose every month has thirty: near enough for a notice.
fn days(date: &Date) -> u32 {
    let mut numbers = date
        .as_str()
        .split('-')
        .map(|part| part.parse().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    (next() * 12 + next()) * 30 + next()
}

fn finding(today: &Date, version: &str, end: &Date, places: &[&DeclaredVersion]) -> Finding {
    let first = places[0];
    let (service, kind) = (first.service, &first.kind);
    let subject = format!("`{service}` runs {} {}", kind.title, quoted(version));
    let finding = Finding::new(
        &RULE.info,
        Label::new(first.path(), ""),
        match kind.oldest_line_after(version) {
            Some(oldest) => format!(
                "{subject}, which is older than {}, without support since {end}",
                quoted(&oldest.line)
            ),
            None if end < today => format!("{subject}, which has had no support since {end}"),
            None => format!("{subject}, whose support ends on {end}"),
        },
    )
    .severity(if end < today {
        Severity::Warn
    } else {
        Severity::Note
    });
    let others = places[1..]
        .iter()
        .map(|place| Label::new(place.path(), "here too"));
    let finding = others.fold(finding, Finding::and);
    let Some(newest) = newest_with_support(kind, today) else {
        return finding.help(format!("no line of {} with support is known", kind.title));
    };
    let finding = finding.help(format!("the newest line with support is `{}`", newest.line));
    let target = replacement(kind, today, &newest.line);
    // Nobody knows which tags an image of the user's own has.
    if first.of_image || !is_better(kind, target, version) {
        return finding;
    }
    let set = |place: &&DeclaredVersion| Edit::set_text(place.key(), target);
    finding.fix(
        format!("set the version of `{service}` to `{target}`"),
        places.iter().map(set).collect(),
    )
}

/// The newest line whose support is known to go on, or else the newest of which no end is known.
fn newest_with_support<'k>(kind: &'k Kind, today: &Date) -> Option<&'k VersionLine> {
    let ends_later = |line: &&VersionLine| line.end_of_life.as_ref().is_some_and(|end| end > today);
    let open = |line: &&VersionLine| line.end_of_life.is_none();
    let lines = || kind.versions.iter();
    lines().find(ends_later).or_else(|| lines().find(open))
}

/// The version to move to: the kind's own, unless that has ended too.
fn replacement<'k>(kind: &'k Kind, today: &Date, newest: &'k str) -> &'k str {
    let own = kind.image.as_ref().map(|image| image.version.as_str());
    let ended = |version: &str| {
        let line = kind.version_line(version);
        line.and_then(|line| line.end_of_life.as_ref())
            .is_some_and(|end| end <= today)
    };
    own.filter(|version| !ended(version)).unwrap_or(newest)
}

/// Whether `target` is of another line than `version`, and one whose support ends later or on no known
/// day.
fn is_better(kind: &Kind, target: &str, version: &str) -> bool {
    let (to, from) = (kind.version_line(target), kind.version_line(version));
    match (to, from) {
        (Some(to), Some(from)) => {
            let ends_later = || to.end_of_life.is_none() || to.end_of_life > from.end_of_life;
            to.line != from.line && ends_later()
        }
        _ => target != version,
    }
}

#[cfg(test)]
mod tests {
    use crate::analysis::{Config, analyze};
    use crate::catalog::Catalog;
    use crate::lint::testing::{analysis, check, check_fix};
    use crate::model::Date;

    // The tests' day is 2026-11-22.
    const PLAN: &str = r#"
name = "shop"
[services.db]
kind = "mysql"
version = "8.0.36"
        # ^^^^^^^^ `db` runs MySQL `8.0.36`, which has had no support since 2026-04-30
[services.cache]
kind = "redis"
version = "8.0"
        # ^^^^^ `cache` runs Redis `8.0`, whose support ends on 2026-12-01
[services.fine]
kind = "postgres"
version = "18"
[services.image]
kind = "postgres"
image = "docker.io/library/postgres:13-alpine"
      # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `image` runs PostgreSQL `13`, which has had no support since 2025-11-13
[services.tag]
kind = "postgres"
image = "acme/postgres:ours"
[services.own]
kind = "nginx"
[environments.dev.services.db]
version = "8.0.36"
[environments.test.services.db]
version = "8.4"
"#;

    #[test]
    fn what_has_ended_or_soon_will_is_found_once_for_each_version() {
        check("end-of-life-version", PLAN);
        let findings = analysis(PLAN).findings;
        let labels: Vec<usize> = findings
            .iter()
            .filter(|finding| finding.rule == "end-of-life-version")
            .map(|finding| finding.secondary.len())
            .collect();
        assert_eq!(labels, [1, 0, 0]);
    }

    #[test]
    fn what_is_older_than_every_known_line_has_ended_too() {
        let plan = r#"
name = "shop"
[services.db]
kind = "postgres"
version = "9.6"
        # ^^^^^ `db` runs PostgreSQL `9.6`, which is older than `11`, without support since 2023-11-09
[services.word]
kind = "postgres"
version = "latest"
[services.undated]
kind = "seaweedfs"
version = "2.9"
[services.gap]
kind = "mysql"
version = "5.9"
[services.newer]
kind = "postgres"
version = "99"
"#;
        check("end-of-life-version", plan);
        let after = plan.replace("\"9.6\"", "\"18\"");
        check_fix("end-of-life-version", plan, &after);
    }

    #[test]
    fn its_fix_writes_the_version_that_backstay_would_choose_everywhere() {
        let after = PLAN.replace("version = \"8.0.36\"", "version = \"8.4\"");
        check_fix("end-of-life-version", PLAN, &after);
    }

    #[test]
    fn a_version_that_nobody_chose_ages_too() {
        let plan = "name = \"shop\"\n[services.db]\nkind = \"postgres\"\n";
        let today = Date::parse("2031-01-01").expect("a date");
        let findings = analyze(plan, &Catalog::builtin(), &Config { today }).findings;
        let finding = findings
            .iter()
            .find(|finding| finding.rule == "end-of-life-version")
            .expect("it is found");
        assert_eq!(
            finding.message,
            "`db` runs PostgreSQL `18`, which has had no support since 2030-11-14"
        );
    }

    #[test]
    fn the_newest_line_is_passed_over_until_its_end() {
        check(
            "end-of-life-version",
            "name = \"shop\"\n[services.boards]\nkind = \"grafana\"\n",
        );
    }

    #[test]
    fn a_fix_never_leads_to_a_line_that_ends_no_later() {
        let plan = |version: &str| {
            format!(
                "name = \"shop\"\n[services.boards]\nkind = \"grafana\"\nversion = \"{version}\"\n"
            )
        };
        let today = Date::parse("2027-01-02").expect("a date");
        let config = Config { today };
        let fix = |version: &str| {
            let findings = analyze(&plan(version), &Catalog::builtin(), &config).findings;
            let of_rule = |finding: &&_| -> bool {
                let finding: &crate::finding::Finding = finding;
                finding.rule == "end-of-life-version"
            };
            findings
                .iter()
                .find(of_rule)
                .expect("it is found")
                .fix
                .is_some()
        };
        assert!(fix("13.1"));
        assert!(
            !fix("12.4"),
            "version 12.4 has support for longer than 13.2"
        );
    }
}
