//! What holds for any input: random texts, random changes of plans, random values.

use std::collections::BTreeSet;

use backstay::catalog::Catalog;
use backstay::compare::{Side, compare};
use backstay::generate::env_file::{Portability, encode, entries};
use backstay::generate::merge::{Base, line_hashes, merge_env, merge_lines};
use backstay::report;
use backstay::report::text::Excerpts;
use backstay::settings::SecretNeed;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::RngSeed;

use crate::files_check::{check_files, container_variables};
use crate::fixes::fault_of_fix;
use crate::golden::all_fixtures;
use crate::plan_text::{Mutation, changed, fixable, marked, shuffled};
use crate::support::{analysis, built, placeholder, plain, try_built, variables};

/// Any text, with those characters often that mean something somewhere.
fn any_text() -> impl Strategy<Value = String> {
    let awkward = "[ '\"\\\\$`#=:{}\\[\\]\n\r\ta-c0-1%&;,éß🐘\u{a0}\u{85}\u{2028}\u{feff}\u{1b}\u{e000}-\u{e003}-]{0,24}";
    prop_oneof![awkward, any::<String>(), "[\\x20-\\x7e]{0,40}"]
}

/// Any text that an env file can hold.
pub fn any_value() -> impl Strategy<Value = String> {
    any_text().prop_map(|text| text.replace('\0', ""))
}

/// A fixture, or the plan with many mistakes, with a few lines and words changed.
fn mutated_plan() -> impl Strategy<Value = String> {
    let changes = prop::collection::vec(any::<Mutation>(), 0..6);
    (any::<Index>(), changes).prop_map(|(which, changes)| {
        let mut plans = all_fixtures();
        plans.push(fixable().to_owned());
        changed(which.get::<String>(&plans), &plans.concat(), &changes)
    })
}

/// Everything that is derived from a text, as text.
fn derived(plan: &str) -> String {
    let analysis = analysis(plan);
    let excerpts = Excerpts::new("backstay.toml", plan, &analysis.secrets);
    let topologies: Vec<_> = analysis.topologies.iter().collect();
    format!(
        "{}{}{}{}",
        report::text::findings(&analysis.findings, &excerpts),
        report::json::findings("backstay.toml", plan, &analysis.findings),
        report::show::show(
            "plan",
            &topologies,
            &analysis.findings,
            report::show::Screen::default()
        ),
        report::json::show("plan", &topologies),
    )
}

/// What a finding says, wherever it stands.
fn sayings(plan: &str) -> BTreeSet<(&'static str, String)> {
    let findings = analysis(plan).findings.into_iter();
    findings
        .map(|finding| (finding.rule, finding.message))
        .collect()
}

/// So many cases, or as many as `PROPTEST_CASES` asks for; no file is left behind. The same cases in
/// every run, so that a failure is about the change at hand; `PROPTEST_RNG_SEED` chooses others.
pub fn cases(usual: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok());
    let seed = std::env::var("PROPTEST_RNG_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    ProptestConfig {
        rng_seed: RngSeed::Fixed(seed.unwrap_or(20_261_122)),
        failure_persistence: None,
        ..ProptestConfig::with_cases(asked.unwrap_or(usual))
    }
}

// Whole plans: analysing one takes milliseconds in a debug build.
proptest! {
    #![proptest_config(cases(16))]

    #[test]
    fn any_text_is_analysed(text in any_text()) {
        derived(&text);
        derived(&format!("name = \"x\"\n{text}"));
        derived(&format!("[services.db]\nkind = \"{text}\"\n"));
    }

    #[test]
    fn any_plan_is_analysed_in_one_way_and_every_finding_has_a_place(plan in mutated_plan()) {
        prop_assert_eq!(derived(&plan), derived(&plan));
        for finding in analysis(&plan).findings {
            for label in std::iter::once(&finding.primary).chain(&finding.secondary) {
                let span = label.span.expect("every label has a place");
                prop_assert!(plan.get(span.start..span.end).is_some(), "{:?}", finding);
            }
            let message = &finding.message;
            prop_assert!(!message.contains(char::is_control), "{}", message);
            prop_assert!(!message.ends_with('.') && !message.is_empty(), "{}", message);
        }
    }

    #[test]
    fn nothing_that_a_terminal_obeys_is_printed(plan in mutated_plan(), text in any_text()) {
        let plan = plan.replacen("kind = \"", &format!("kind = \"{text}"), 1);
        let obeyed = |c: char| c.is_control() && c != '\n' && c != '\t';
        let printed = plain(&derived(&plan));
        prop_assert!(!printed.contains(obeyed), "{:?}", printed);
    }

    #[test]
    fn fixes_apply_or_say_why_not(plan in mutated_plan()) {
        for plan in [marked(&plan), plan] {
            for finding in analysis(&plan).findings {
                fault_of_fix(&plan, &finding).map_err(TestCaseError::fail)?;
            }
        }
    }

    #[test]
    fn the_order_of_tables_means_nothing(which in any::<Index>(), order in prop::collection::vec(any::<u32>(), 64)) {
        let mut plans = all_fixtures();
        plans.push(fixable().to_owned());
        let plan = which.get::<String>(&plans);
        let other = shuffled(plan, &order);
        prop_assert_eq!(sayings(plan), sayings(&other), "{}", other);
        let (one, two) = (built(plan), built(&other));
        prop_assert!(one.artifacts == two.artifacts, "the files differ for\n{}", other);
    }

    #[test]
    fn an_environment_differs_from_itself_in_nothing(plan in mutated_plan()) {
        let analysis = analysis(&plan);
        let catalog = Catalog::builtin();
        let side = |topology| Side { plan: &analysis.plan, topology, all: &analysis.topologies, catalog: &catalog };
        for pair in analysis.topologies.windows(2) {
            let [one, other] = [side(&pair[0]), side(&pair[1])];
            let comparison = compare(one, one);
            prop_assert_eq!(&comparison.differences, &Vec::new());
            prop_assert_eq!(comparison.score, 100);
            let [there, back] = [compare(one, other), compare(other, one)];
            prop_assert_eq!(there.score, back.score);
            prop_assert_eq!(there.differences.len(), back.differences.len());
        }
    }

    #[test]
    fn generating_any_plan_gives_the_same_files_twice(plan in mutated_plan()) {
        let once = try_built(&plan, placeholder).map(|built| built.artifacts);
        let twice = try_built(&plan, placeholder).map(|built| built.artifacts);
        prop_assert_eq!(once, twice);
    }

}

// Single values.
proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn an_env_file_gives_back_any_value(value in any_value(), after in any_value()) {
        let written = |value: &str| encode(value).expect("it holds no zero byte");
        let text = format!("# first\nA={}\n\n# second\nB={}\n", written(&value).0, written(&after).0);
        let read = entries(&text);
        prop_assert_eq!(read.len(), 2, "{}", text);
        prop_assert_eq!((read[0].key, read[0].value()), (Some("A"), value.clone()), "{}", text);
        prop_assert_eq!((read[1].key, read[1].value()), (Some("B"), after), "{}", text);
        let joined: String = read.iter().map(|entry| format!("{}{}", entry.lead, entry.assignment)).collect();
        prop_assert_eq!(joined, text);
        let generated = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        prop_assert!(!generated || written(&value) == (value, Portability::Everywhere));
    }

    #[test]
    fn any_text_joined_from_its_entries_is_itself(text in any_text()) {
        let joined: String = entries(&text).iter().map(|entry| format!("{}{}", entry.lead, entry.assignment)).collect();
        prop_assert_eq!(joined, text);
    }

    #[test]
    fn yaml_gives_back_any_setting(value in any_value(), database in "[^\u{0}-\u{1f}\u{7f}-\u{9f}]{1,20}") {
        let text = |value: &str| toml_edit::Value::from(value).to_string();
        let plan = format!(
            "name = \"x\"\n[services.db]\nkind = \"postgres\"\ndatabase = {}\nsettings.MINE = {}\n\
             [environments.test.hosts.box]\nruns = [\"db\"]\n",
            text(&database), text(&value)
        );
        let built = built(&plan);
        check_files(&built);
        let found = container_variables(built.file("test/box/compose.yaml"), "db");
        // Marks that only the catalog may write are replaced, whatever they were to mean.
        let kept = |text: &str| !text.contains(|c| ('\u{e000}'..='\u{e003}').contains(&c));
        if kept(&value) {
            prop_assert_eq!(&found["MINE"], &value);
        }
        if kept(&database) && built.analysis.plan.services["db"].database.is_some() {
            prop_assert_eq!(&found["POSTGRES_DB"], &database);
        }
    }

    #[test]
    fn any_setting_and_credential_arrives_in_the_apps_env_file(value in any_value(), secret in any_value()) {
        let text = toml_edit::Value::from(value.as_str()).to_string();
        let plan = format!(
            "name = \"x\"\n[apps.web]\nsettings.MINE = {text}\nuses.db = {{}}\n[services.db]\nkind = \"postgres\"\n\
             [environments.test.hosts.box]\nruns = [\"web\", \"db\"]\n"
        );
        let given = |_: &SecretNeed| secret.clone();
        let built = try_built(&plan, given).expect("it can be written");
        let found = variables(built.file("test/box/web.env"));
        prop_assert_eq!(&found["MINE"], &value);
        prop_assert_eq!(&found["DB_PASSWORD"], &secret);
        if !secret.is_empty() {
            let url = &found["DB_URL"];
            let encoded = url.strip_prefix("postgresql://app:").and_then(|url| url.strip_suffix("@127.0.0.1:5432/x?sslmode=disable"));
            prop_assert_eq!(encoded.map(decoded), Some(secret), "{}", url);
        }
    }

    #[test]
    fn merged_lines_follow_the_side_that_changed(base in lines(), other in lines()) {
        let written: Base = Some(line_hashes(&base));
        prop_assert_eq!(merge_lines(&written, &base, &other).text, other.clone(), "only Backstay changed it");
        let kept = merge_lines(&written, &other, &base);
        prop_assert_eq!(kept.text, other.clone(), "only the user changed it");
        prop_assert!(kept.conflicts.is_empty());
        prop_assert_eq!(merge_lines(&None, &other, &other).text, other);
    }

    #[test]
    fn merged_lines_lose_nothing_of_the_users(base in lines(), mine in lines(), new in lines()) {
        let merged = merge_lines(&Some(line_hashes(&base)), &mine, &new);
        if !merged.conflicts.is_empty() {
            prop_assert_eq!(&merged.text, &mine, "with conflicts the user's file stays as it is");
        }
        let own: BTreeSet<&str> = base.lines().collect();
        let added = mine.lines().filter(|line| !own.contains(line));
        for line in added {
            prop_assert!(merged.text.lines().any(|kept| kept == line), "{} is lost", line);
        }
    }

    #[test]
    fn merged_env_files_follow_the_side_that_changed(base in env_file(), other in env_file(), mine in added_keys()) {
        let written: Base = Some(line_hashes(&base));
        let merged = merge_env(&written, &base, &other);
        prop_assert_eq!((merged.text, merged.conflicts.len()), (other.clone(), 0), "only Backstay changed it");
        let disk = with_added(&base, &mine);
        let merged = merge_env(&written, &disk, &base);
        prop_assert_eq!((merged.text, merged.conflicts.len()), (disk.clone(), 0), "only the user changed it");
        let merged = merge_env(&written, &disk, &other);
        prop_assert!(merged.conflicts.is_empty());
        let found = variables(&merged.text);
        for (_, _, key, value) in &mine {
            prop_assert_eq!(found.get(key), Some(value), "the user's key {}", key);
        }
        for (key, value) in variables(&other) {
            prop_assert_eq!(found.get(&key), Some(&value), "the plan's key {}", key);
        }
        let again = merge_env(&Some(line_hashes(&other)), &merged.text, &other);
        prop_assert_eq!(again.text, merged.text, "a second run changes nothing");
    }

    #[test]
    fn a_value_that_the_user_changed_is_kept_or_in_conflict(base in env_file(), other in env_file(), which in any::<Index>(), value in any_value()) {
        let keys: Vec<String> = variables(&base).into_keys().collect();
        prop_assume!(!keys.is_empty());
        let key = which.get::<String>(&keys);
        let disk: String = entries(&base).iter().map(|entry| match entry.key {
            Some(found) if found == key => format!("{}{key}={}\n", entry.lead, encode(&value).expect("no zero byte").0),
            _ => format!("{}{}", entry.lead, entry.assignment),
        }).collect();
        let merged = merge_env(&Some(line_hashes(&base)), &disk, &other);
        let (found, wanted) = (variables(&merged.text), variables(&other));
        let users = variables(&base)[key] != value;
        let agreed = wanted.get(key) == Some(&value);
        if users && !agreed {
            prop_assert_eq!(found.get(key), Some(&value), "the user's side stays:\n{}", merged.text);
        }
        let forced = variables(&merged.forced);
        if let (false, Some(wanted)) = (merged.conflicts.is_empty(), wanted.get(key)) {
            prop_assert_eq!(forced.get(key), Some(wanted));
        }
    }
}

/// Undoes percent-encoding.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let digit =
            |byte: Option<u8>| char::from(byte.unwrap_or(b'x')).to_digit(16).unwrap_or(255) as u8;
        bytes.push(match byte {
            b'%' => digit(rest.next()) * 16 + digit(rest.next()),
            byte => byte,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A text of a few lines that are often the same.
fn lines() -> impl Strategy<Value = String> {
    prop::collection::vec("[ab]?[ ]?[c-e]?", 0..8)
        .prop_map(|lines| lines.iter().map(|line| format!("{line}\n")).collect())
}

/// An env file as Backstay writes them: a header, then groups with a comment each.
fn env_file() -> impl Strategy<Value = String> {
    let groups = prop::collection::btree_map("[A-D]", (0..3_u8, any_value()), 1..5);
    groups.prop_map(|variables| {
        let mut text = "# Written by Backstay.\n".to_owned();
        let mut group = None;
        for (key, (of, value)) in variables {
            if group.replace(of) != Some(of) {
                text.push_str(&format!("\n# group {of}\n"));
            }
            text.push_str(&format!(
                "{key}={}\n",
                encode(&value).expect("no zero byte").0
            ));
        }
        text
    })
}

/// A key of the user's own, and where it goes.
type Added = (Index, bool, String, String);

/// Keys of the user's own with where they go.
fn added_keys() -> impl Strategy<Value = Vec<Added>> {
    let place = (any::<Index>(), any::<bool>(), any_value());
    let keys = prop::collection::btree_map("MY_[A-D]", place, 0..4);
    keys.prop_map(|keys| {
        keys.into_iter()
            .map(|(key, (at, above, value))| (at, above, key, value))
            .collect()
    })
}

/// An env file with keys of the user's own above or below some of its assignments, each with a comment.
fn with_added(base: &str, mine: &[Added]) -> String {
    let pieces = entries(base);
    let mut beside = vec![(String::new(), String::new()); pieces.len()];
    for (at, above, key, value) in mine {
        let (before, after) = &mut beside[at.index(pieces.len())];
        let side = if *above { before } else { after };
        side.push_str(&format!(
            "# why {key}\n{key}={}\n",
            encode(value).expect("no zero byte").0
        ));
    }
    let with = pieces.iter().zip(beside);
    with.map(|(entry, (before, after))| {
        format!("{}{before}{}{after}", entry.lead, entry.assignment)
    })
    .collect()
}

#[test]
fn the_plan_with_many_mistakes_has_many_fixes() {
    let findings = analysis(fixable()).findings;
    assert!(
        findings
            .iter()
            .all(|finding| finding.rule != "invalid-syntax"),
        "{findings:#?}"
    );
}
