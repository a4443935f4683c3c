//! The rules of the house that a reader of the source could check: who imports whom, and in what form.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::rust_source::{Token, mentions_crate, path_heads, program_tokens, test_modules};

/// Every module of the crate, lowest first, with the modules that it may use.
///
/// A module can only name modules above its own line, so that no circle can be written down here.
const MAY_USE: &[(&str, &[&str])] = &[
    // L0: places, values and findings.
    ("span", &[]),
    ("model", &[]),
    ("secret_shape", &[]),
    ("parallel", &[]),
    ("finding", &["span", "model", "secret_shape"]),
    // L1: what is known, and what the plan and the compose files of a team say.
    ("catalog", &["span", "model", "secret_shape", "finding"]),
    ("template", &["span", "model", "finding", "catalog"]),
    (
        "source",
        &["span", "model", "secret_shape", "parallel", "finding"],
    ),
    ("compose_file", &["parallel", "finding"]),
    // L2: the resolved environment.
    (
        "topology",
        &["span", "model", "finding", "catalog", "template"],
    ),
    // L3: what follows from it.
    (
        "settings",
        &[
            "span", "model", "finding", "catalog", "template", "topology",
        ],
    ),
    (
        "compare",
        &[
            "model",
            "secret_shape",
            "catalog",
            "template",
            "topology",
            "settings",
        ],
    ),
    ("suggest", &["model", "finding", "catalog", "source"]),
    (
        "lint",
        &[
            "span",
            "model",
            "secret_shape",
            "parallel",
            "finding",
            "catalog",
            "template",
            "source",
            "topology",
            "settings",
            "suggest",
            "compare",
        ],
    ),
    (
        "generate",
        &[
            "span",
            "model",
            "secret_shape",
            "parallel",
            "finding",
            "catalog",
            "template",
            "topology",
            "settings",
        ],
    ),
    (
        "import",
        &[
            "model",
            "secret_shape",
            "parallel",
            "finding",
            "catalog",
            "source",
            "compose_file",
        ],
    ),
    ("layout", &["model", "finding", "topology"]),
    ("change", &["model", "source", "catalog", "settings"]),
    // L4: all of it at once, and how it is told.
    (
        "analysis",
        &[
            "span",
            "model",
            "secret_shape",
            "parallel",
            "finding",
            "catalog",
            "source",
            "topology",
            "lint",
        ],
    ),
    (
        "report",
        &[
            "span",
            "model",
            "secret_shape",
            "finding",
            "compose_file",
            "catalog",
            "template",
            "source",
            "topology",
            "settings",
            "suggest",
            "generate",
            "layout",
            "compare",
            "analysis",
        ],
    ),
    // L5: files.
    (
        "project",
        &["model", "catalog", "compose_file", "settings", "generate"],
    ),
    // L6: the screen, which asks the command line for what lies outside.
    (
        "tui",
        &[
            "span", "model", "parallel", "finding", "catalog", "source", "topology", "lint",
            "suggest", "import", "layout", "change", "compare", "analysis", "report",
        ],
    ),
    // L7: the command line.
    (
        "cli",
        &[
            "span",
            "model",
            "parallel",
            "finding",
            "catalog",
            "template",
            "source",
            "compose_file",
            "topology",
            "settings",
            "suggest",
            "lint",
            "generate",
            "import",
            "layout",
            "compare",
            "analysis",
            "report",
            "project",
            "tui",
        ],
    ),
    ("main", &["cli"]),
];

/// Crates that only some files may use: a folder ends with `/`.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("petgraph", &["topology/"]),
    (
        "minijinja",
        &[
            "template.rs",
            "topology/address.rs",
            "settings/",
            "generate/",
        ],
    ),
    // Compose files are read event by event: places, tags and anchors are lost to a reader of values.
    ("granit_parser", &["compose_file/yaml.rs"]),
    ("serde", &["catalog/", "generate/", "report/"]),
    ("serde_json", &["report/"]),
    (
        "toml",
        &["source/", "catalog/", "tui/keymap.rs", "tui/preferences.rs"],
    ),
    ("ratatui", &["tui/"]),
    (
        "crossterm",
        &[
            "tui/key.rs",
            "tui/runtime.rs",
            "tui/update/ask.rs",
            "tui/update/comparison.rs",
            "tui/update/dialog.rs",
            "tui/update/properties.rs",
        ],
    ),
    ("signal_hook", &["tui/runtime.rs"]),
    ("nucleo_matcher", &["tui/"]),
    ("toml_edit", &["source/"]),
    ("clap", &["cli/"]),
    ("clap_complete", &["cli/"]),
    ("clap_mangen", &["cli/"]),
    ("anyhow", &["cli/", "main.rs"]),
    ("annotate_snippets", &["report/"]),
    ("getrandom", &["project/"]),
    ("unicode_segmentation", &["layout/"]),
];

const LONGEST_FILE: usize = 500;

/// A file of the repository.
struct File {
    /// Below its folder, with `/` between the parts.
    path: String,
    text: String,
}

#[test]
fn lower_layers_never_import_higher_ones() {
    let mut wrong = Vec::new();
    for (index, (module, may_use)) in MAY_USE.iter().enumerate() {
        for used in *may_use {
            let lower = MAY_USE[..index].iter().any(|(lower, _)| lower == used);
            assert!(lower, "the table lets `{module}` use `{used}` below it");
        }
    }
    for file in program_files() {
        let module = module_of(&file.path);
        let tokens = program_tokens(&file.text);
        let Some((_, may_use)) = MAY_USE.iter().find(|(name, _)| *name == module) else {
            assert_eq!(module, "lib", "`{module}` has no line in the table");
            continue;
        };
        let used = path_heads(&tokens, "crate")
            .into_iter()
            .chain(path_heads(&tokens, "backstay"));
        let is_module = |used: &String| MAY_USE.iter().any(|(name, _)| name == used);
        for used in used.filter(is_module).collect::<BTreeSet<_>>() {
            if used != module && !may_use.contains(&used.as_str()) {
                wrong.push(format!("{} uses `{used}`", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn every_module_of_the_library_has_a_line_in_the_table() {
    let lib = fs::read_to_string(source_folder().join("lib.rs")).expect("the crate has a root");
    let tokens = program_tokens(&lib);
    let declared: BTreeSet<String> = tokens
        .windows(3)
        .filter_map(|window| match window {
            [Token::Word(keyword), Token::Word(name), Token::Mark(';')] if keyword == "mod" => {
                Some(name.clone())
            }
            _ => None,
        })
        .chain(["main".to_owned()])
        .collect();
    let listed: BTreeSet<String> = MAY_USE.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(declared, listed);
}

#[test]
fn crates_stay_in_the_modules_that_wrap_them() {
    let mut wrong = Vec::new();
    for file in program_files() {
        let tokens = program_tokens(&file.text);
        for (name, places) in ONLY_IN {
            let allowed = places.iter().any(|place| file.path.starts_with(place));
            if !allowed && mentions_crate(&tokens, name) {
                wrong.push(format!("{} uses the crate `{name}`", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn files_say_what_they_are_for_and_stay_short() {
    let mut wrong = Vec::new();
    let folders = [source_folder(), root().join("tests")];
    for file in folders.iter().flat_map(|folder| rust_files(folder)) {
        if !file.text.starts_with("//! ") {
            wrong.push(format!("{} does not start with `//! `", file.path));
        }
        let lines = file.text.lines().count();
        if lines > LONGEST_FILE {
            wrong.push(format!("{} has {lines} lines", file.path));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn no_module_has_a_name_that_says_nothing() {
    for file in rust_files(&source_folder()) {
        for part in file.path.trim_end_matches(".rs").split('/') {
            let vague = ["util", "helper", "common", "manager", "misc"];
            let vague = vague.iter().any(|word| part.trim_end_matches('s') == *word);
            assert!(!vague, "{}", file.path);
        }
    }
}

#[test]
fn no_code_knows_a_service_by_name() {
    let names = service_names();
    let mut wrong = Vec::new();
    for file in program_files() {
        if file.path == "catalog/builtin.rs" {
            continue;
        }
        for token in program_tokens(&file.text) {
            let (Token::Word(text) | Token::Text(text)) = token else {
                continue;
            };
            let lower = text.to_lowercase();
            for name in names.iter().filter(|name| has_word(&lower, name)) {
                wrong.push(format!("{} says `{name}`: {text}", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

/// Ids and aliases of every kind in `templates/services/`.
fn service_names() -> BTreeSet<String> {
    let folder = root().join("templates/services");
    let files = fs::read_dir(folder).expect("the folder is part of the source");
    let mut names = BTreeSet::new();
    for file in files {
        let path = file.expect("an entry").path();
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        names.insert(stem.expect("ids are plain names").to_owned());
        let text = fs::read_to_string(&path).expect("a kind's file is text");
        let kind: toml::Table = text.parse().expect("a kind's file is TOML");
        let aliases = kind.get("aliases").and_then(|aliases| aliases.as_array());
        let aliases = aliases
            .into_iter()
            .flatten()
            .filter_map(|name| name.as_str());
        names.extend(aliases.map(str::to_owned));
    }
    assert!(names.len() > 10, "{names:?}");
    names
}

/// Whether `text` has `word` with neither a letter nor a digit beside it.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        let apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        apart(before) && apart(after)
    })
}

fn module_of(path: &str) -> &str {
    let first = path.split('/').next().unwrap_or(path);
    first.trim_end_matches(".rs")
}

/// The files of `src/` that are part of the program, not of its tests alone.
fn program_files() -> Vec<File> {
    let files = rust_files(&source_folder());
    let tests: BTreeSet<String> = files
        .iter()
        .flat_map(|file| {
            let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let modules = test_modules(&file.text).into_iter();
            modules.map(move |module| format!("{folder}/{module}.rs"))
        })
        .collect();
    let program = files.into_iter().filter(|file| !tests.contains(&file.path));
    program.collect()
}

fn rust_files(folder: &Path) -> Vec<File> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(&inner).expect("a folder of the source") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let below = path.strip_prefix(folder).expect("it is inside");
                files.push(File {
                    path: below.to_str().expect("plain names").replace('\\', "/"),
                    text: fs::read_to_string(&path).expect("source is text"),
                });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!files.is_empty(), "no source in {}", folder.display());
    files
}

fn source_folder() -> PathBuf {
    root().join("src")
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
