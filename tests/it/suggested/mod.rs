//! What is suggested for each need: every answer as it is told, and what the founding documents say of needs.
//!
//! `BACKSTAY_BLESS=1 cargo test` writes what is told as what is expected. Read the difference.

mod founding;

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use backstay::catalog::Catalog;
use backstay::model::{Choice, Date, Plan, Role};
use backstay::report::{record::record, suggest};
use backstay::suggest::{
    Basis, Cause, Need, NewApp, NewPlan, Suggestion, WantedNeed, asked_about, decide, new_plan,
};

use crate::support::{TODAY, analysis, difference};

/// Every hint of a size and every requirement that a stack or a kind knows.
const HINTS: &str =
    "database:2000/s,files:5GiB,queue:redelivery,stream:many-readers,metrics:7days,search:1GiB";
const MORE_HINTS: &str =
    "database:20000/s,files:200GiB,queue:dead-letters,stream:7days,metrics:2years,search:8GiB";
const MOST: &str = "files:2TiB,backup:2TiB,queue:redelivery+dead-letters,cache:1GiB";

/// What every test asks: reading it anew each time would be most of the work.
pub fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    CATALOG.get_or_init(Catalog::builtin)
}

/// Needs that are only asked about.
pub fn needs(wanted: &[WantedNeed]) -> Vec<Need> {
    let need = |wanted: &WantedNeed| Need {
        role: wanted.role,
        asked_by: Vec::new(),
        cause: Cause::Said,
    };
    wanted.iter().map(need).collect()
}

/// What is suggested without a plan, with the plan that stands for what is expected.
pub fn suggested(typed: &str, stack: &str, team: &[&str]) -> (Plan, Vec<Suggestion>) {
    let catalog = catalog();
    let wanted = WantedNeed::parse_all(typed).expect("needs");
    let team: Vec<String> = team.iter().map(|name| (*name).to_owned()).collect();
    let plan = asked_about(&wanted, Some(stack), &team);
    let basis = Basis::of_plan(&plan, catalog).expect("a stack");
    let suggestions = decide(&basis, needs(&wanted));
    (plan, suggestions)
}

fn told(typed: &str, stack: &str) -> String {
    let catalog = catalog();
    let (plan, suggestions) = suggested(typed, stack, &[]);
    let basis = Basis::of_plan(&plan, catalog).expect("a stack");
    suggest::markdown(&basis, &suggestions)
}

fn expect(name: &str, found: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/suggested")
        .join(name);
    if std::env::var_os("BACKSTAY_BLESS").is_some() {
        fs::write(&path, found).expect("it can be written");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == found,
        "{name}:\n{}",
        difference(&expected, found)
    );
}

#[test]
fn every_need_is_answered_as_expected_in_every_stack() {
    let roles: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
    for stack in ["default", "aws", "azure", "gcp", "self-hosted"] {
        // One at a time, so that no answer leans on another.
        let all: Vec<String> = roles.iter().map(|role| told(role, stack)).collect();
        expect(&format!("{stack}.md"), &all.join("\n"));
    }
}

#[test]
fn sizes_and_requirements_change_answers_as_expected() {
    let all = [HINTS, MORE_HINTS, MOST].iter().flat_map(|hints| {
        let stacks = ["default", "self-hosted", "azure"].into_iter();
        stacks.map(move |stack| format!("# {stack}: {hints}\n\n{}", told(hints, stack)))
    });
    expect("sizes.md", &all.collect::<Vec<_>>().join("\n"));
}

/// A new plan for one app with an image.
pub fn begun(needs: &str, environments: &[&str], stack: &str) -> String {
    let new = NewPlan {
        name: "shop".to_owned(),
        apps: vec![NewApp::parse("web=ghcr.io/acme/shop:1.0.0:8080").expect("an app")],
        needs: WantedNeed::parse_all(needs).expect("needs"),
        environments: environments
            .iter()
            .map(|name| ((*name).to_owned(), None))
            .collect(),
        stack: Some(stack.to_owned()),
        team: Vec::new(),
    };
    new_plan(&new, catalog()).expect("it begins").text
}

#[test]
fn a_new_plan_and_its_record_say_why() {
    let catalog = catalog();
    let needs = "database,cache,queue:redelivery,files:5GiB,logs,identity,proxy";
    for stack in ["default", "aws"] {
        let text = begun(needs, &["local", "dev", "test", "prod"], stack);
        expect(&format!("new-{stack}.toml"), &text);
        let analysis = analysis(&text);
        let basis = Basis::of_plan(&analysis.plan, catalog).expect("a stack");
        let new = NewPlan {
            name: "shop".to_owned(),
            apps: vec![NewApp::parse("web:8080").expect("an app")],
            needs: WantedNeed::parse_all(needs).expect("needs"),
            environments: vec![("prod".to_owned(), None)],
            stack: Some(stack.to_owned()),
            team: Vec::new(),
        };
        let begun = new_plan(&new, catalog).expect("it begins");
        let today = Date::parse(TODAY).expect("a date");
        let text = record(&basis, &analysis, &begun.suggestions, &today);
        expect(&format!("record-{stack}.md"), &text);
    }
}
