//! Plans with an open bracket or quote: one finding for each, and nothing else is hidden by it.

use super::bad_plan::found;
use super::generate::PLAN;

#[test]
fn one_open_bracket_or_quote_is_one_finding() {
    let table = "this table is not closed";
    let (text, list) = ("this text is not closed", "this list is not closed");
    let name = "the name of this table is not closed";
    let runs = "[\"web\", \"db\", \"cache\"]";
    for (from, to, said) in [
        (runs, "[\"web\", \"db\", \"cache\"", list),
        (runs, "[\"web\", \"db\", \"cache]", text),
        (runs, "[\n\"web\", # app\n\"db,\n\"cache\",\n]", text),
        (runs, "[\n\"web\",\n\"db\",\n\"cache\",\n# all", list),
        ("{ role = \"cache\" }", "{ role = \"cache\"", table),
        ("{ role = \"cache\" }", "{ role = \"cache }", text),
        ("[services.db]", "[services.db", name),
        ("\"postgres\"", "\"postgres", text),
        ("\"postgres\"", "'''postgres", text),
    ] {
        assert!(PLAN.contains(from), "{from}");
        let plan = below_production().replacen(from, to, 1);
        found(&plan, &[&format!("deny[invalid-syntax]: {said}")]);
    }
}

#[test]
fn an_open_bracket_hides_no_other_mistake() {
    let plan = below_production()
        .replacen("\"cache\"]", "\"cache\"", 1)
        .replace("redis", "rediss");
    let plan = plan.replace("8080", "= 8080");
    found(
        &plan,
        &[
            "deny[invalid-syntax]: extra `=`, expected nothing",
            "deny[unknown-name]: `rediss` is not a kind of the catalog",
            "deny[invalid-syntax]: this list is not closed",
        ],
    );
}

/// A plan of which nothing is advised against.
fn below_production() -> String {
    PLAN.replace("prod", "dev-eu")
}
