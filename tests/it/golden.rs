//! Plans in `tests/fixtures/` and all that follows from them: findings, picture and every file.
//! Those in `tests/fixtures/kinds/` show one kind each; `kinds.rs` says what such a plan must hold.
//!
//! `BACKSTAY_BLESS=1 cargo test` writes what is found as what is expected. Read the difference.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use backstay::report;
use backstay::report::text::Excerpts;
use backstay::topology::Topology;

use crate::files_check::check_files;
use crate::support::{Built, built, difference, plain};

/// The folder with a fixture for each kind of the catalog.
pub const KINDS: &str = "kinds";

macro_rules! cases {
    ($($name:ident: $folder:literal;)+) => {
        $(#[test] fn $name() { check_case($folder); })+
        const CASES: &[&str] = &[$($folder),+];
    };
}

cases! {
    awkward: "awkward";
    borrowed: "borrowed";
    coding_events: "coding-events";
    containers: "containers";
    managed: "managed";
    one_vm: "one-vm";
    process_beside_container: "process-beside-container";
    replicas: "replicas";
    several_in_one_role: "several-in-one-role";
    ten_mistakes: "ten-mistakes";
    two_hosts_one_service: "two-hosts-one-service";
}

#[test]
fn the_list_holds_every_fixture() {
    let mut folders = folders_in("");
    folders.retain(|folder| folder != KINDS);
    assert_eq!(folders, CASES);
}

#[test]
fn every_kind_is_as_expected() {
    let faults: String = folders_in(KINDS)
        .iter()
        .filter_map(|kind| fault(&of_kind(kind)))
        .collect();
    assert!(faults.is_empty(), "{faults}");
}

#[test]
fn the_example_is_the_fixture_of_its_name() {
    let example = format!("{}/templates/example.toml", env!("CARGO_MANIFEST_DIR"));
    let example = fs::read_to_string(example).expect("the example is part of the source");
    let fixture = fixture("coding-events");
    assert!(
        example == fixture,
        "copy templates/example.toml to tests/fixtures/coding-events/backstay.toml:\n{}",
        difference(&fixture, &example)
    );
}

#[test]
fn ten_mistakes_are_ten_findings_at_their_places() {
    let built = built(&fixture("ten-mistakes"));
    let found: Vec<(&str, &str)> = built
        .analysis
        .findings
        .iter()
        .map(|finding| {
            let span = finding.primary.span.expect("every finding has a place");
            (finding.rule, &built.text[span.start..span.end])
        })
        .collect();
    let expected = [
        ("invalid-value", "70000"),
        ("invalid-value", "\"databse\""),
        ("unknown-name", "chache"),
        ("invalid-name", "\"Web UI\""),
        ("wrong-type", "17"),
        ("unknown-key", "vershun"),
        ("unknown-name", "\"reddis\""),
        ("invalid-value", "\"10.0.1.11:80\""),
        ("invalid-syntax", "runs"),
        ("missing-key", "blue"),
    ];
    assert_eq!(found, expected);
    // What is right stands all the same.
    assert_eq!(
        built.reached("staging", "web", "db"),
        "external 10.0.1.21:5432"
    );
    assert_eq!(built.reached("blue", "web", "db"), "internal db:5432");
}

/// The plan of a case.
pub fn fixture(case: &str) -> String {
    let path = fixtures().join(case).join("backstay.toml");
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every fixture's plan, but for those of single kinds: they are many and much alike.
pub fn all_fixtures() -> Vec<String> {
    CASES.iter().map(|case| fixture(case)).collect()
}

/// The case that shows a kind.
pub fn of_kind(kind: &str) -> String {
    format!("{KINDS}/{kind}")
}

/// The folders in a folder of fixtures, by name.
pub fn folders_in(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(fixtures().join(folder)).expect("the folder is part of the source");
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("an entry").file_name();
    let names = entries.map(|entry| name(entry).into_string().expect("a plain name"));
    names.collect::<BTreeSet<_>>().into_iter().collect()
}

#[track_caller]
fn check_case(case: &str) {
    if let Some(fault) = fault(case) {
        panic!("{fault}");
    }
}

/// What is not as a case expects it; nothing if all is.
#[track_caller]
fn fault(case: &str) -> Option<String> {
    let built = built(&fixture(case));
    check_files(&built);
    let found = outcome(&built);
    let folder = fixtures().join(case).join("expected");
    if std::env::var_os("BACKSTAY_BLESS").is_some() {
        bless(&folder, &found);
        return None;
    }
    let mut expected = BTreeMap::new();
    read_all(&folder, &folder, &mut expected);
    let paths = found.keys().chain(expected.keys());
    let mut wrong = String::new();
    for path in paths.collect::<BTreeSet<_>>() {
        let text = |files: &BTreeMap<String, String>| files.get(path).cloned().unwrap_or_default();
        let (expected, found) = (text(&expected), text(&found));
        if expected != found {
            wrong.push_str(&format!("{path}\n{}\n", difference(&expected, &found)));
        }
    }
    let accepts = "`BACKSTAY_BLESS=1 cargo test golden` accepts it";
    (!wrong.is_empty()).then(|| format!("{case} is not as expected ({accepts})\n{wrong}"))
}

/// Everything that follows from a plan, as files.
fn outcome(built: &Built) -> BTreeMap<String, String> {
    let analysis = &built.analysis;
    let excerpts = Excerpts::new("backstay.toml", &built.text, &analysis.secrets);
    let findings = plain(&report::text::findings(&analysis.findings, &excerpts));
    let topologies: Vec<&Topology> = analysis.topologies.iter().collect();
    let name = analysis
        .plan
        .name
        .as_ref()
        .map_or("unnamed", |name| name.as_str());
    let mut files = BTreeMap::from([
        ("findings.txt".to_owned(), findings),
        (
            "show.txt".to_owned(),
            anstream::adapter::strip_str(&report::show::show(
                name,
                &topologies,
                &analysis.findings,
                report::show::Screen::default(),
            ))
            .to_string(),
        ),
    ]);
    for (path, artifact) in &built.artifacts {
        // A `.gitignore` in here would hide its neighbours from git, and some machines hide every `.env`.
        let path = format!("deploy/{path}").replace("/.", "/dot.");
        files.insert(path, artifact.text.clone());
    }
    files
}

fn bless(folder: &Path, found: &BTreeMap<String, String>) {
    if folder.exists() {
        fs::remove_dir_all(folder).expect("the old files can be removed");
    }
    for (path, text) in found {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("it is in a folder")).expect("a folder");
        fs::write(path, text).expect("the file can be written");
    }
}

fn read_all(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) {
    let entries = fs::read_dir(folder);
    for entry in entries.into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read_all(root, &path, files);
        } else {
            let below = path.strip_prefix(root).expect("it is inside");
            let below = below.to_str().expect("plain names").replace('\\', "/");
            files.insert(
                below,
                fs::read_to_string(&path).expect("expected files are text"),
            );
        }
    }
}

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}
