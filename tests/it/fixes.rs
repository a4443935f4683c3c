//! What holds for every fix: it mends what it is offered for, keeps the rest, and brings up nothing that is denied.

use std::collections::BTreeSet;

use backstay::finding::{Finding, Severity};
use backstay::source::fixes::{MOST, Progress, is_plain, next, text_is_wrong};

use crate::golden::all_fixtures;
use crate::plan_text::{fixable, marked};
use crate::support::analysis;

/// A plan as imports make them, with a second environment beside it: a pool of connections before the database, a
/// store without a port, data of apps and of the host, and a credential that is one for both.
const IMPORTED: &str = r#"name = "monitor"

[apps.web]
image = "acme/web:1"
dialect = "own"
port = 9000
expose = "world"
uses.pool = { wait = "healthy" }
uses.store = { wait = "healthy", named-in = ["STORE_HOST"] }
uses.log = { named-in = ["LOG_BROKERS"] }
uses.cache = { named-in = ["CACHE_HOST"] }
uses.objects = { wait = "started" }
secret-settings = ["DB_PASSWORD"]

[apps.web.settings]
STORE_HOST = "store"
LOG_BROKERS = "log:9092"
WEB_URL = "http://localhost"

[apps.web.container]
restart = "always"
volumes.data = { from = "./data", path = "/data" }

[apps.worker]
image = "acme/web:1"
dialect = "own"
uses.db = {}
settings.DB_HOST = "db"

[apps.worker.container]
volumes.data = { from = "./data", path = "/data" }

[apps.pool]
image = "edoburu/pgbouncer:v1"
dialect = "own"
uses.db = { named-in = ["DB_HOST"] }
settings.DB_HOST = "db"

[apps.store]
image = "acme/store:1"
dialect = "own"
container.volumes.store = { path = "/var/lib/store" }
container.healthcheck.test = ["CMD-SHELL", "wget http://localhost:8123/"]

[services.db]
kind = "postgres"
image = "postgres:17"
secret-settings = ["POSTGRES_PASSWORD"]
settings.POSTGRES_USER = "postgres"

[services.db.container]
from-catalog = false
volumes.data = { from = "./postgres", path = "/var/lib/postgresql/data" }

[services.cache]
kind = "valkey"
container.from-catalog = false

[services.log]
kind = "kafka"
container.from-catalog = false
settings.KAFKA_ADVERTISED_LISTENERS = "PLAINTEXT://log:9092"

[services.objects]
kind = "seaweedfs"

[environments.local.hosts.machine]
runs = ["web", "worker", "pool", "store", "db", "cache", "log", "objects"]

[environments.prod.hosts.app-1]
address = "10.0.1.11"
runs = ["web", "worker", "cache"]

[environments.prod.hosts.data-1]
address = "10.0.1.21"
runs = ["pool", "store", "db", "log", "objects"]
"#;

fn same_thing(one: &Finding, other: &Finding) -> bool {
    (one.rule, &one.message, &one.environment, &one.primary.path)
        == (
            other.rule,
            &other.message,
            &other.environment,
            &other.primary.path,
        )
}

/// Applies the fix of a finding and says what is wrong with the outcome.
pub fn fault_of_fix(plan: &str, finding: &Finding) -> Result<(), String> {
    let Some(fix) = &finding.fix else {
        return Ok(());
    };
    let Ok(mended) = backstay::source::apply(plan, &fix.edits) else {
        return Ok(());
    };
    if let Err(error) = mended.parse::<toml_edit::DocumentMut>() {
        return Err(format!(
            "{error}\nis what `{}` leaves:\n{mended}",
            fix.title
        ));
    }
    let left = analysis(&mended).findings;
    if left.iter().any(|left| same_thing(left, finding)) {
        return Err(format!(
            "{}: `{}` leaves `{}`:\n{mended}",
            finding.rule, fix.title, finding.message
        ));
    }
    let lost = crate::plan_text::lost_comments(plan, &mended, &fix.edits);
    match lost.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "`{}` loses {lost:?} of\n{plan}\nand leaves\n{mended}",
            fix.title
        )),
    }
}

/// A random plan in which a fix changed only one of two elements that were the same.
#[test]
fn fixes_mend_what_stands_twice_in_a_list() {
    for (line, rule) in [
        ("    \"cahce\", # misspelt\n", "unknown-name"),
        ("    \"cache\", # second\n", "internal-in-production"),
        ("    \"jobs\", # last\n", "duplicate-name"),
    ] {
        let plan = fixable().replace(line, &line.repeat(3));
        let pairs = [
            (plan.clone(), fixable().to_owned()),
            (marked(&plan), marked(fixable())),
        ];
        for (plan, once) in pairs {
            let findings = analysis(&plan).findings;
            assert!(findings.iter().any(|finding| finding.rule == rule));
            // Another test tries what is found where nothing stands twice.
            let known = analysis(&once).findings;
            let is_known = |finding: &Finding| {
                let mut known = known.iter();
                known.any(|known| same_thing(known, finding) && known.fix == finding.fix)
            };
            for finding in findings.into_iter().filter(|finding| !is_known(finding)) {
                fault_of_fix(&plan, &finding).unwrap_or_else(|fault| panic!("{fault}"));
            }
        }
    }
}

#[test]
fn every_fix_mends_and_keeps_what_it_does_not_concern() {
    let mut fixed = BTreeSet::new();
    let fixtures = all_fixtures();
    let plans = fixtures.iter().map(String::as_str);
    for plan in plans.chain([fixable(), IMPORTED]) {
        for plan in [plan.to_owned(), marked(plan)] {
            for finding in analysis(&plan).findings {
                fault_of_fix(&plan, &finding).unwrap_or_else(|fault| panic!("{fault}"));
                fixed.extend(finding.fix.is_some().then_some(finding.rule));
            }
        }
    }
    assert!(
        fixed.len() >= 10,
        "too few rules offer a fix here: {fixed:?}"
    );
}

fn denied(findings: &[Finding]) -> usize {
    let denied = findings.iter().filter(|it| it.severity == Severity::Deny);
    denied.count()
}

/// A database that was moved to a host without an address could be reached from nowhere.
#[test]
fn no_fix_brings_up_what_is_denied() {
    for plan in all_fixtures().iter().map(String::as_str).chain([IMPORTED]) {
        let before = analysis(plan).findings;
        // What could not be read may be denied once it can.
        if text_is_wrong(&before) {
            continue;
        }
        for finding in &before {
            let Some(fix) = &finding.fix else { continue };
            let mended = backstay::source::apply(plan, &fix.edits).expect("the fix applies");
            let after = analysis(&mended).findings;
            assert!(
                denied(&after) <= denied(&before),
                "{}: `{}` leaves what is denied:\n{mended}",
                finding.rule,
                fix.title
            );
        }
    }
}

#[test]
fn all_plain_fixes_together_bring_up_nothing_that_is_denied() {
    for plan in all_fixtures().iter().map(String::as_str).chain([IMPORTED]) {
        let (mut text, mut findings) = (plan.to_owned(), analysis(plan).findings);
        if text_is_wrong(&findings) {
            continue;
        }
        let (before, mut tried) = (denied(&findings), Vec::new());
        let mut progress = Progress::default();
        for _ in 0..MOST {
            let wanted = |finding: &Finding| is_plain(finding, false);
            let Some((finding, fix)) = next(&findings, &tried, wanted) else {
                break;
            };
            if let Ok(mended) = backstay::source::apply(&text, &fix.edits) {
                let after = analysis(&mended).findings;
                if progress.is_gain(&finding, &findings, &after) && !progress.is_stuck() {
                    (text, findings) = (mended, after);
                }
            }
            tried.push(finding);
        }
        assert!(denied(&findings) <= before, "{text}");
    }
}
