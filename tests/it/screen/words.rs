//! What both the command line and the screen say is said on the screen in its own words: by keys.

use std::fs;
use std::path::{Path, PathBuf};

use backstay::tui::{Command, Keymap, Msg, Written, of_screen, reworded};

use crate::rust_source::{Token, program_tokens};
use crate::screen::{EXAMPLE, Screen};

/// What says things that the screen shows too, below `src/`.
const SHARED: &[&str] = &[
    "analysis.rs",
    "catalog",
    "change",
    "cli/ahead.rs",
    "cli/changed.rs",
    "cli/changed_origins.rs",
    "cli/files.rs",
    "cli/found.rs",
    "cli/generate.rs",
    "cli/handover.rs",
    "cli/left_behind.rs",
    "cli/screen.rs",
    "cli/taken.rs",
    "compose_file",
    "import",
    "lint",
    "project",
    "settings",
    "source",
    "topology",
];

/// What nobody can do on the screen.
const ELSEWHERE: &[&str] = &[
    "run this again",
    "run it again",
    "next run",
    "`--",
    "`backstay catalog",
    "`backstay check",
    "`backstay explain KIND",
    "`backstay generate",
    "`backstay show",
    "`backstay suggest",
];

fn sources(path: PathBuf) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path];
    }
    let entries = fs::read_dir(&path).expect("it is part of the source");
    let entries = entries.map(|entry| entry.expect("an entry").path());
    entries.flat_map(sources).collect()
}

/// What the program says there, each text with the file in which it stands.
fn said() -> Vec<(PathBuf, String)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let paths = SHARED
        .iter()
        .flat_map(|shared| sources(source.join(shared)));
    let mut all = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).expect("source is text");
        for token in program_tokens(&text) {
            if let Token::Text(said) = token {
                all.push((path.clone(), said.replace('\n', " ")));
            }
        }
    }
    all
}

#[test]
fn nothing_that_the_screen_shares_with_the_command_line_asks_to_run_anything_that_a_key_does() {
    let keymap = Keymap::builtin();
    let (mut wrong, mut n_told) = (Vec::new(), 0);
    for (path, said) in said() {
        let told = of_screen(&keymap, Command::Generate, &said);
        n_told += usize::from(told != said);
        if ELSEWHERE.iter().any(|words| told.contains(words)) {
            wrong.push(format!("{}: {told}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    assert!(n_told > 30, "only {n_told} texts were told otherwise");
}

#[test]
fn every_phrase_that_the_screen_says_otherwise_is_said_somewhere() {
    // Who changes a sentence elsewhere finds here that the screen said it in its own words.
    let all = said();
    let is_said = |phrase: &&str| {
        let begin = phrase.split('_').next().unwrap_or_default();
        all.iter().any(|(_, said)| said.contains(begin))
    };
    let gone: Vec<&str> = reworded().filter(|phrase| !is_said(phrase)).collect();
    assert_eq!(gone, [""; 0]);
    let keymap = Keymap::builtin();
    let same = reworded().filter(|phrase| {
        let phrase = phrase.replace('_', "rule");
        of_screen(&keymap, Command::Generate, &phrase) == phrase
    });
    assert_eq!(same.collect::<Vec<&str>>(), [""; 0]);
}

#[test]
fn what_is_to_be_filled_in_and_what_mends_a_finding_are_said_by_keys() {
    let written = Written {
        said: "to fill in: deploy/prod/secrets.env, then run this again".to_owned(),
        steps: Vec::new(),
    };
    let screen = Screen::new(EXAMPLE, 120, 40).msg(Msg::Written(Ok(written)));
    assert!(
        screen.text().contains("then press g again"),
        "{}",
        screen.text()
    );
    let plan = EXAMPLE.replace("kind = \"redis\"", "kind = \"cachething\"");
    let text = Screen::new(&plan, 140, 60).keys("3").text();
    let words = text.split_whitespace().filter(|word| *word != "│");
    let text = words.collect::<Vec<&str>>().join(" ");
    assert!(text.contains("the key 5 lists the kinds"), "{text}");
    assert!(!text.contains("`backstay c"), "{text}");
}
