//! The README is true: its printed blocks are what the program prints, and its plan is a plan.

use std::path::PathBuf;

use backstay::analysis::{Analysis, Config, analyze};
use backstay::catalog::Catalog;
use backstay::generate::{Inputs, PLAN_FOLDER, Renderer, generate, secret_file};
use backstay::lint::all_rules;
use backstay::model::Date;
use backstay::report;
use backstay::settings::SecretValues;
use backstay::tui::{Command, Keymap};

use crate::screen::{EXAMPLE, Screen};

fn readme_path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

fn analysis(text: &str) -> Analysis {
    let today = Date::parse("2026-11-22").expect("a date");
    analyze(text, &Catalog::builtin(), &Config { today })
}

/// The first TOML block of the README.
fn readme_plan(readme: &str) -> &str {
    let (_, rest) = readme
        .split_once("```toml\n")
        .expect("the README has a plan");
    rest.split_once("```").expect("the block ends").0
}

/// The first screen of the app on the example.
fn screen() -> String {
    in_block(&Screen::new(EXAMPLE, 118, 26).text())
}

fn keys() -> String {
    let keymap = Keymap::builtin();
    let rows = Command::ALL.iter().map(|command| {
        let keys = keymap.keys_of(*command).iter();
        let keys: Vec<String> = keys.map(|key| format!("`{key}`")).collect();
        let scopes: Vec<&str> = command.scopes().iter().map(|scope| scope.name()).collect();
        let (name, title) = (command.name(), command.title());
        let keys = match keys.is_empty() {
            true => "`:` and its name".to_owned(),
            false => keys.join(" "),
        };
        format!(
            "| {} | `{name}` | {} | {title} |\n",
            keys,
            scopes.join(", ")
        )
    });
    let rows: String = rows.collect();
    format!("| keys | command | where | does |\n|---|---|---|---|\n{rows}")
}

fn checked(text: &str) -> String {
    let analysis = analysis(text);
    let excerpts = report::text::Excerpts::new("backstay.toml", text, &analysis.secrets);
    let coloured = report::text::findings(&analysis.findings, &excerpts);
    in_block(&anstream::adapter::strip_str(&coloured).to_string())
}

/// The files of one environment and the names of the others.
fn generated(text: &str) -> String {
    let analysis = analysis(text);
    let renderer = Renderer::new(&[]).expect("the embedded templates are valid");
    let secrets = SecretValues::new();
    let catalog = Catalog::builtin();
    let inputs = Inputs {
        plan: "shop",
        topologies: &analysis.topologies,
        catalog: &catalog,
        secrets: &secrets,
        renderer: &renderer,
        plan_folder: PLAN_FOLDER,
    };
    let environments: Vec<_> = analysis
        .topologies
        .iter()
        .map(|topology| topology.environment.clone())
        .collect();
    let mut paths: Vec<String> = generate(&inputs, &environments)
        .expect("the plan generates")
        .into_iter()
        .map(|artifact| artifact.path)
        .collect();
    paths.extend(
        environments
            .iter()
            .map(|name| secret_file::secrets_path(name.as_str())),
    );
    paths.sort();
    let shown = paths.iter().filter(|path| path.starts_with("local/"));
    let lines: String = shown.map(|path| format!("deploy/{path}\n")).collect();
    in_block(&lines)
}

fn rules() -> String {
    let rows: String = all_rules()
        .map(|rule| {
            format!(
                "| `{}` | {} | {} |\n",
                rule.name,
                rule.severity.as_str(),
                rule.summary
            )
        })
        .collect();
    format!("| rule | level | finds that |\n|---|---|---|\n{rows}")
}

fn in_block(text: &str) -> String {
    format!("```text\n{}\n```\n", text.trim_end())
}

/// `readme` with the block called `name` replaced by `text`.
fn with_block(readme: &str, name: &str, text: &str) -> String {
    let opening = format!("<!-- printed: {name} -->\n");
    let (before, rest) = readme
        .split_once(&opening)
        .expect("the README has the block");
    let (_, after) = rest.split_once("<!-- end -->").expect("the block ends");
    format!("{before}{opening}{text}<!-- end -->{after}")
}

#[test]
fn the_printed_blocks_are_what_the_program_prints() {
    let readme = std::fs::read_to_string(readme_path()).expect("the README");
    let plan = readme_plan(&readme).to_owned();
    let mut expected = with_block(&readme, "screen", &screen());
    expected = with_block(&expected, "keys", &keys());
    expected = with_block(&expected, "check", &checked(&plan));
    expected = with_block(&expected, "generate", &generated(&plan));
    expected = with_block(&expected, "rules", &rules());
    if std::env::var_os("BACKSTAY_BLESS").is_some() {
        std::fs::write(readme_path(), &expected).expect("the README can be written");
        return;
    }
    assert_eq!(
        readme, expected,
        "run BACKSTAY_BLESS=1 cargo test to rewrite the blocks"
    );
}

#[test]
fn the_plan_tables_name_every_key() {
    let readme = std::fs::read_to_string(readme_path()).expect("the README");
    let (_, tables) = readme
        .split_once("## The plan")
        .expect("the README describes the plan");
    let (tables, _) = tables.split_once("## Rules").expect("the rules follow");
    let shape = backstay::source::plan_shape();
    for field in &shape.fields {
        let inner = match &field.shape {
            backstay::source::Shape::Map(_, inner) => inner.as_ref(),
            _ => continue,
        };
        let backstay::source::Shape::Table(table) = inner else {
            continue;
        };
        for key in table.keys() {
            assert!(
                tables.contains(&format!("`{key}`")),
                "the README does not name `{key}`"
            );
        }
    }
}

#[test]
fn what_the_catalog_rests_on_is_said_as_a_document_or_a_behaviour() {
    // The number of somebody's report says nothing to who reads it, and leads nowhere once it has moved.
    let number = |line: &&str| {
        let mut marks = line.match_indices('#');
        marks.any(|(at, _)| {
            let rest = &line[at + 1..];
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            digits >= 2 && !rest[digits..].starts_with(|c: char| c.is_ascii_alphanumeric())
        })
    };
    for folder in ["services", "dialects", "stacks"] {
        let folder = readme_path().with_file_name("templates").join(folder);
        for entry in std::fs::read_dir(folder).expect("the folder is part of the source") {
            let path = entry.expect("a file of the source").path();
            let text = std::fs::read_to_string(&path).expect("it is text");
            assert_eq!(text.lines().find(number), None, "{}", path.display());
        }
    }
}
