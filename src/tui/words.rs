//! What the command line says, in the words of the screen: which key is pressed instead of what is run.

use crate::tui::command::Command;
use crate::tui::keymap::Keymap;
use crate::tui::msg::Msg;
use crate::tui::world::{NotFound, NotSaved, Written};

/// A command line, with `_` for a word that may be any, and the command whose key does the same here.
const COMMANDS: &[(&str, Command)] = &[
    ("`backstay catalog`", Command::ShowCatalog),
    ("`backstay explain KIND`", Command::ShowCatalog),
    ("`backstay show`", Command::ShowMatrix),
    ("`backstay suggest`", Command::Suggest),
    ("`backstay check --fix`", Command::Fix),
    ("`backstay check --fix=_`", Command::Fix),
];

/// What is said of a run, and what is said here instead; `{}` is the key of what was done.
const OF_RUNS: &[(&str, &str)] = &[
    (
        "run this again: the next run finishes it",
        "press {} again, which finishes it",
    ),
    ("run this again", "press {} again"),
    ("run it again", "press {} again"),
    (
        "set the variable or write the file for this run",
        "write the file, or set the variable and start Backstay again",
    ),
    (
        "whoever runs `backstay generate`",
        "whoever starts Backstay",
    ),
    (
        "choose a folder that can be written, with `--output`",
        "save the plan in a folder that can be written",
    ),
    (", or choose another folder with `--output`", ""),
    (
        "name another folder with `--output`, for example `deploy`",
        "move that plan away",
    ),
    (
        "name its target with `--output` if you mean it",
        "put a folder in its place",
    ),
    (
        "name the file itself with `--plan`",
        "start Backstay with the file itself",
    ),
    (
        "take Backstay's with `--force`",
        "press {} again and replace it",
    ),
    (
        "in a file for `--env-file`, or in the shell",
        "or in the shell before you start Backstay",
    ),
    (
        "run the import in a folder that holds all of them",
        "start Backstay in a folder that holds all of them",
    ),
];

/// Every phrase that is said otherwise on the screen, in the words of the command line.
pub fn reworded() -> impl Iterator<Item = &'static str> {
    let commands = COMMANDS.iter().map(|(line, _)| *line);
    OF_RUNS.iter().map(|(run, _)| *run).chain(commands)
}

/// A text of the command line's for the screen; `done` is what it came of. What has no key is left as it is.
pub fn of_screen(keymap: &Keymap, done: Command, text: &str) -> String {
    let mut text = text.to_owned();
    for (run, here) in OF_RUNS {
        let key = keymap.shown(done);
        if text.contains(run) && !(here.contains("{}") && key.is_empty()) {
            text = text.replace(run, &here.replace("{}", &key));
        }
    }
    for (line, command) in COMMANDS {
        let key = keymap.shown(*command);
        if !key.is_empty() {
            text = with_key(&text, line, &key);
        }
    }
    text
}

/// `text` with a key for a command line.
fn with_key(text: &str, line: &str, key: &str) -> String {
    let (begin, end) = line.split_once('_').unwrap_or((line, ""));
    let mut done = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(begin) {
        // What goes on is a word, up to the end of the command line.
        let Some((_, after)) = after.split_once(end).filter(|(word, _)| is_word(word)) else {
            break;
        };
        done.push_str(before);
        let begins = done.trim_end().ends_with('.');
        done.push_str(if begins { "The key " } else { "the key " });
        done.push_str(key);
        rest = after;
    }
    done + rest
}

fn is_word(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || c == '-')
}

/// What came of something outside, in the words of the screen.
pub fn told(keymap: &Keymap, msg: Msg) -> Msg {
    let said = |done, text: String| of_screen(keymap, done, &text);
    let all = |done, lines: Vec<String>| lines.into_iter().map(|it| said(done, it)).collect();
    let generated = |text| said(Command::Generate, text);
    match msg {
        Msg::Plan(Err(text)) => Msg::Plan(Err(said(Command::Reload, text))),
        Msg::Files(environment, Err(text)) => Msg::Files(environment, Err(generated(text))),
        Msg::Edited(Err(text)) => Msg::Edited(Err(said(Command::Edit, text))),
        Msg::Saved(Err(NotSaved::Failed(text))) => {
            Msg::Saved(Err(NotSaved::Failed(said(Command::Save, text))))
        }
        Msg::ToWrite(Err(text)) => Msg::ToWrite(Err(generated(text))),
        Msg::Written(Err(text)) => Msg::Written(Err(generated(text))),
        Msg::Written(Ok(written)) => Msg::Written(Ok(Written {
            said: generated(written.said),
            steps: all(Command::Generate, written.steps),
        })),
        Msg::Imported(Err(not)) => Msg::Imported(Err(NotFound {
            faults: all(Command::Import, not.faults),
            ..not
        })),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_lines_become_keys_and_what_has_none_stays() {
        let of = |text| of_screen(&Keymap::builtin(), Command::Generate, text);
        assert_eq!(
            of(
                "`backstay check --fix=a-rule` does. `backstay check --fix` too, `backstay catalog` lists"
            ),
            "the key f does. The key f too, the key 5 lists"
        );
        assert_eq!(
            of("wait until it has finished, then run this again"),
            "wait until it has finished, then press g again"
        );
        assert_eq!(of("`backstay secrets set`"), "`backstay secrets set`");
        assert_eq!(
            of("`backstay check --fix=a b` x"),
            "`backstay check --fix=a b` x"
        );
    }
}
