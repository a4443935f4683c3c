//! A plan of compose files: which ones is asked, they are read beside the screen, and what was found is shown before
//! it is taken over. Nothing is written before the plan is saved.

use crate::change::ChangeError;
use crate::import::{How, Reach, Wanted, proposed};
use crate::tui::ask::{Ask, NO, Offer, Then, YES};
use crate::tui::command::Command;
use crate::tui::msg::{Cause, Effect};
use crate::tui::state::{Dialog, Notice, Panel, State};
use crate::tui::update::{edit, fix};
use crate::tui::world::{ALLOWS_OUTSIDE, FileSort, Found, NotFound};

/// What is to be known when a plan is saved that was imported.
pub const ABOUT_SAVING: [&str; 2] = [
    "Its credentials go to `deploy/ENVIRONMENT/secrets.env` beside it, which nobody else can read.",
    "Paths in it begin at the folder where it was imported: save it there.",
];

/// Asks which compose files are to be read, and what they become.
pub fn open(state: &mut State) -> Vec<Effect> {
    let ask = Ask::text(
        "compose files, and the environment that each becomes",
        Wanted::line(&state.proposed),
        Then::ImportFiles(How::default()),
    );
    edit::open(state, ask.about(about(&How::default())));
    // The folder may hold others by now.
    vec![Effect::ListPaths(FileSort::Compose, String::new())]
}

/// What is said of the question for files that are read so.
fn about(how: &How) -> Vec<String> {
    let mut about = vec![
        "`NAME=FILE,FILE; NAME=FILE`: a later file lies over those before it, as Compose reads them."
            .to_owned(),
        "What is found is shown first, and nothing is written before you save.".to_owned(),
    ];
    if !how.env_files.is_empty() {
        about.push(format!(
            "Variables come from {} and the shell, not from `.env`.",
            how.env_files_line()
        ));
    }
    if how.reach == Reach::Anywhere {
        about.push("Files that they name may lie anywhere.".to_owned());
    }
    about
}

/// The question for files that may name others anywhere.
pub fn anywhere(ask: Ask) -> Ask {
    let reach = Reach::Anywhere;
    let how = match &ask.then {
        Then::ImportFiles(how) => How {
            reach,
            ..how.clone()
        },
        _ => How::default(),
    };
    // What is typed is meant, not the path that was gone to.
    let selected = None;
    read_so(Ask { selected, ..ask }, how)
}

/// The question for files that are read so.
fn read_so(ask: Ask, how: How) -> Ask {
    Ask {
        about: about(&how),
        faults: Vec::new(),
        scroll: 0,
        then: Then::ImportFiles(how),
        ..ask
    }
}

/// Asks which files hold the variables of those that are asked for.
pub fn ask_for_env_files(state: &mut State, files: Ask) -> Vec<Effect> {
    let now = match &files.then {
        Then::ImportFiles(how) => how.env_files_line(),
        _ => String::new(),
    };
    let ask = Ask::text(
        "files with the variables of the compose files",
        now,
        Then::ImportEnvFiles,
    );
    let back = Some(Box::new(Dialog::Ask(Box::new(files))));
    let about = [
        "Several with commas between, a later one over those before it; none for `.env` beside the first compose file.",
    ];
    let ask = Ask { back, ..ask }.about(about);
    let effects = completed(&ask);
    edit::open(state, ask);
    effects
}

/// The question behind this one, with the env files that were typed.
pub fn with_env_files(ask: &Ask, typed: &str) -> Option<Dialog> {
    match ask.back.as_deref()? {
        Dialog::Ask(files) => match &files.then {
            Then::ImportFiles(how) => {
                let how = how.with_env_files(typed);
                Some(Dialog::Ask(Box::new(read_so((**files).clone(), how))))
            }
            _ => None,
        },
        _ => None,
    }
}

/// What is to be asked for when something was typed: the paths that it may become.
pub fn completed(ask: &Ask) -> Vec<Effect> {
    let typed = || ask.query[ask.offered_from()..].to_owned();
    let sort = ask.paths().into_iter();
    sort.map(|sort| Effect::ListPaths(sort, typed())).collect()
}

/// Takes over the paths that begin with what was typed.
pub fn on_listed(state: &mut State, sort: FileSort, typed: &str, paths: Vec<String>) {
    let before = Wanted::line(&state.proposed);
    if typed.is_empty() && sort == FileSort::Compose {
        state.proposed = proposed(&paths);
    }
    let now = Wanted::line(&state.proposed);
    match &mut state.dialog {
        Some(Dialog::Ask(ask)) if ask.paths() == Some(sort) => {
            if ask.is_for_compose_files() && ask.query == before {
                ask.query = now;
            }
            let is_asked = ask.query[ask.offered_from()..] == *typed;
            // A path that is typed to its end needs no offer.
            let others = paths.into_iter().filter(|path| is_asked && path != typed);
            ask.offers = others.map(|path| Offer::new(path, "")).collect();
        }
        None => welcome(state),
        Some(_) => {}
    }
}

/// Says that compose files are there, to somebody who has no plan.
fn welcome(state: &mut State) {
    let is_new = state.plan.path.is_none() && !state.is_edited() && state.notice.is_none();
    let files = state.proposed.iter().flat_map(|wanted| &wanted.files);
    let mut names: Vec<String> = Vec::new();
    for file in files.map(|file| file.display().to_string()) {
        if !names.contains(&file) {
            names.push(file);
        }
    }
    if is_new && !names.is_empty() {
        let (key, names) = (state.keymap.shown(Command::Import), names.join(", "));
        state.notice = Some(Notice::said(format!(
            "this is an example; {key} makes a plan of your own from {names}"
        )));
    }
}

/// The files that a line asks for.
pub fn wanted(line: &str) -> Result<Vec<Wanted>, ChangeError> {
    let all = Wanted::parse_line(line);
    let all =
        all.map_err(|error| ChangeError::Value(format!("{}; {}", error.message, error.help)))?;
    match all.iter().find(|wanted| wanted.files.is_empty()) {
        Some(wanted) => Err(ChangeError::Nothing(format!(
            "{} has no file yet: type its path",
            wanted.environment
        ))),
        None if all.is_empty() => Err(ChangeError::Nothing(
            "type the path of a compose file".to_owned(),
        )),
        None => Ok(all),
    }
}

/// Has compose files read; the question stays until they are.
pub fn read(state: &mut State, ask: Ask, wanted: Vec<Wanted>) -> Vec<Effect> {
    let faults = Vec::new();
    let how = match &ask.then {
        Then::ImportFiles(how) => how.clone(),
        _ => How::default(),
    };
    edit::open(state, Ask { faults, ..ask });
    (state.is_working, state.is_trying) = (true, true);
    say_that_it_reads(state);
    vec![Effect::Import(wanted, how)]
}

/// Says what goes on, and how it ends sooner.
pub fn say_that_it_reads(state: &mut State) {
    let key = state.keymap.shown(Command::Back);
    let text = format!("reading compose files; {key} gives up");
    state.notice = Some(Notice::said(text));
}

/// Whether compose files are being read for the question that is shown.
pub fn is_reading(state: &State) -> bool {
    state.is_trying && matches!(&state.dialog, Some(Dialog::Ask(ask)) if ask.is_for_compose_files())
}

/// Waits for the files no more, if they are read.
pub fn give_up(state: &mut State) {
    if is_reading(state) {
        fix::give_up(state);
        state.notice = Some(Notice::said("given up: nothing was read"));
    }
}

/// Shows what was found, and asks whether to take it; or shows what is wrong, with what was typed.
pub fn on_imported(state: &mut State, result: Result<Box<Found>, NotFound>) {
    let is_asked = is_reading(state);
    if !fix::give_up(state) || !is_asked {
        return;
    }
    state.notice = None;
    match (result, state.dialog.take()) {
        (Ok(found), back) => {
            let offers = vec![
                Offer::new(YES, "show it as your plan"),
                Offer::new(NO, "go back to the files"),
            ];
            let about = found.about.clone();
            let ask = Ask::choice("make a plan of this?", offers, Then::Import(found));
            let back = back.map(Box::new);
            edit::open(state, Ask { back, ..ask }.about(about));
        }
        (Err(not_found), Some(Dialog::Ask(ask))) => {
            if not_found.is_outside {
                state.notice = Some(Notice::error(format!(
                    "{ALLOWS_OUTSIDE} reads files outside of the folders of the compose files, too"
                )));
            }
            let faults = not_found.faults;
            let scroll = 0;
            edit::open(
                state,
                Ask {
                    faults,
                    scroll,
                    ..*ask
                },
            );
        }
        (Err(_), dialog) => state.dialog = dialog,
    }
}

/// Takes over what was found, in the place of the example; it has no file until it is saved.
pub fn accept(state: &mut State, found: Found) -> Vec<Effect> {
    if state.plan.path.is_some() {
        state.notice = Some(Notice::error("not made: there is a plan by now"));
        return Vec::new();
    }
    state.panel = Panel::Map;
    let effects = edit::analyze(state, found.text, Cause::Import(found.n_left));
    if !effects.is_empty() {
        state.imported = Some(found.credentials);
    }
    effects
}
