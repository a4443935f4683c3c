//! `backstay check --format sarif` and `--format github`: what other programs read of the findings.

use serde_json::Value;

use crate::cli::Test;

/// A warning with a fix and another end, a mistake with a fix, and credentials beside both.
const PLAN: &str = "\
name = \"shop\"
[apps.web]
image = \"ghcr.io/acme/shop:1.0.0\"
settings = { API_KEY = \"hunter2hunter2\", \"é\" = \"x\", LEVEL = \"y\" }
uses.db = {}
[services.db]
kind = \"postgres\"
version = 17
[environments.prod.hosts.app-1]
address = \"10.0.0.1\"
runs = [\"web\", \"db\"]
";

fn log() -> Value {
    let test = Test::new().plan(PLAN).args(["check", "--format", "sarif"]);
    let (_, log, _) = test.status(1).stdout_has(["2.1.0"]).output();
    assert!(!log.contains("hunter2"), "{log}");
    serde_json::from_str(&log).expect("a log is JSON")
}

fn results(log: &Value) -> &Vec<Value> {
    log["runs"][0]["results"].as_array().expect("a list")
}

#[track_caller]
fn result<'a>(log: &'a Value, rule: &str) -> &'a Value {
    let mut found = results(log).iter();
    found
        .find(|result| result["ruleId"] == rule)
        .unwrap_or_else(|| panic!("no {rule} in {log:#}"))
}

#[test]
fn a_log_has_rules_places_and_related_places() {
    let log = log();
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let finding = result(&log, "internal-in-production");
    let index = finding["ruleIndex"].as_u64().expect("a number") as usize;
    let rule = &run["tool"]["driver"]["rules"][index];
    assert_eq!(rule["id"], "internal-in-production");
    assert_eq!(rule["defaultConfiguration"]["level"], "warning");
    let help = rule["help"]["text"].as_str().expect("a text");
    assert!(help.contains("Why it matters:"), "{help}");
    let place = &finding["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "backstay.toml");
    assert_eq!(place["region"]["snippet"]["text"], "\"db\"");
    assert_eq!(place["region"]["startLine"], 11);
    let related = &finding["relatedLocations"][0];
    assert_eq!(related["message"]["text"], "used from here");
}

#[test]
fn fixes_are_replacements_that_mend_the_plan() {
    let log = log();
    let fix = &result(&log, "wrong-type")["fixes"][0]["artifactChanges"][0];
    let replacements = fix["replacements"].as_array().expect("a list");
    let mut text: Vec<String> = PLAN.lines().map(str::to_owned).collect();
    for one in replacements.iter().rev() {
        let region = &one["deletedRegion"];
        let number = |key: &str| region[key].as_u64().expect("a number") as usize;
        assert_eq!(number("startLine"), number("endLine"));
        let line = &mut text[number("startLine") - 1];
        let columns = number("startColumn") - 1..number("endColumn") - 1;
        let inserted = one["insertedContent"]["text"].as_str().expect("a text");
        line.replace_range(columns, inserted);
    }
    let expected = PLAN.replace("version = 17", "version = \"17\"");
    assert_eq!(text.join("\n") + "\n", expected);
}

#[test]
fn a_credential_is_in_no_excerpt_and_no_fix_takes_it_along() {
    let log = log();
    let finding = result(&log, "secret-in-plan");
    let region = &finding["locations"][0]["physicalLocation"]["region"];
    assert_eq!(region["snippet"]["text"], "\"**************\"");
    // Taking the key away leaves nothing of it in what is inserted.
    let replacements = &finding["fixes"][0]["artifactChanges"][0]["replacements"];
    let replacements = replacements.as_array().expect("the fix can be said");
    assert!(!replacements.is_empty());
}

#[test]
fn a_finding_keeps_its_fingerprint_when_its_line_moves() {
    let prints = |plan: &str| -> Vec<Value> {
        let test = Test::new().plan(plan).args(["check", "--format", "sarif"]);
        let (_, log, _) = test.status(1).stdout_has([]).output();
        let log: Value = serde_json::from_str(&log).expect("a log is JSON");
        let of = |result: &Value| result["partialFingerprints"]["backstay/v1"].clone();
        results(&log).iter().map(of).collect()
    };
    let before = prints(PLAN);
    assert!(before.len() > 2);
    assert_eq!(prints(&format!("# Our shop.\n\n{PLAN}")), before);
}

#[test]
fn annotations_stand_one_a_line() {
    Test::new()
        .plan("name = \"shop\"\n[services.db]\nkind = \"postgers\"\n")
        .args(["check", "--format", "github"])
        .status(1)
        .stdout(
            "::warning title=unused-service,file=backstay.toml,line=2,endLine=2,col=11,endColumn=13::\
             nothing uses the service `db`%0Ahelp: add `uses.db = {}` to the app that needs it, or take the service away\n\
             ::error title=unknown-name,file=backstay.toml,line=3,endLine=3,col=8,endColumn=18::\
             `postgers` is not a kind of the catalog%0Ahelp: did you mean `postgres`?\n",
        )
        .run();
}
