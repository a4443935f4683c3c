//! The terminal app: what it asks of the world, answered from the plan's file and the output folder.

use std::io::IsTerminal;

use anyhow::anyhow;

use crate::cli::Answer;
use crate::cli::files::{Files, open_output};
use crate::cli::session::{Opened, Session, error_text};
use crate::cli::taken::variable;
use crate::finding::printed;
use crate::layout::Charset;
use crate::model::EnvironmentName;
use crate::project::{Access, Change, ChangeKind, Stamp, edit_file, plan_stamp, read_beside};
use crate::report::diff::shown;
use crate::tui::{self, FilePreview, FileState, Options, Plan, Preferences, Theme, World};

/// The user's own file with keys and colours.
const SCREEN_FILE: &str = "screen.toml";

/// Whether there is a terminal to show the app on.
pub fn is_there() -> bool {
    std::io::stdout().is_terminal() && std::io::stdin().is_terminal()
}

/// Shows the app until the user leaves.
pub fn run(session: &Session) -> anyhow::Result<Answer> {
    let opened = session.open_or_example()?;
    let own = read_beside(&opened.own_folders(), SCREEN_FILE)?;
    let preferences = Preferences::of(&own);
    let options = Options {
        theme: theme(preferences.theme),
        charset: preferences.charset.unwrap_or_else(charset),
        keymap: preferences.keymap,
        notice: (!preferences.faults.is_empty()).then(|| preferences.faults.join("; ")),
    };
    let mut outside = Outside {
        session,
        stamp: stamp(&opened),
        opened,
    };
    tui::run(&mut outside, options)
        .map_err(|error| anyhow!("the terminal cannot be used: {error}"))?;
    Ok(Answer::default())
}

fn theme(said: Option<Theme>) -> Theme {
    match variable("NO_COLOR").is_ok_and(|value| !value.is_empty()) {
        true => Theme::Plain,
        false => said.unwrap_or_default(),
    }
}

/// ASCII where the locale says that there is nothing else.
fn charset() -> Charset {
    let said = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| variable(name).ok().filter(|value| !value.is_empty()));
    let is_other = said.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        !locale.contains("utf-8") && !locale.contains("utf8")
    });
    match is_other {
        true => Charset::Ascii,
        false => Charset::Unicode,
    }
}

/// The world as the screen sees it.
struct Outside<'s> {
    session: &'s Session,
    opened: Opened,
    /// Which file was read last.
    stamp: Option<Stamp>,
}

impl World for Outside<'_> {
    fn plan(&mut self) -> Result<Plan, String> {
        // A plan that is the example stays so: a file that comes up meanwhile is another plan.
        if let Some(path) = self.opened.path.clone() {
            self.stamp = plan_stamp(&path);
            let reopened = self.session.open_at(path);
            self.opened = reopened.map_err(|error| sentence(&error))?;
        }
        Ok(Plan {
            path: self.opened.path.clone(),
            shown_path: self.opened.shown_path(),
            text: self.opened.text.as_str().into(),
            catalog: self.opened.catalog.clone(),
            analysis: self.opened.analysis.clone(),
        })
    }

    fn has_changed(&mut self) -> bool {
        let now = stamp(&self.opened);
        // A file that an editor is about to put in place is not there for a moment.
        now.is_some() && now != self.stamp
    }

    fn files(
        &mut self,
        _: &Plan,
        environment: &EnvironmentName,
    ) -> Result<Vec<FilePreview>, String> {
        let previews = previews(&self.opened, environment);
        previews.map_err(|error| sentence(&error))
    }

    fn edit(&mut self, line: usize) -> Result<(), String> {
        let path = self
            .opened
            .path
            .as_deref()
            .ok_or("the example is no file")?;
        let editor = ["VISUAL", "EDITOR"]
            .into_iter()
            .find_map(|name| variable(name).ok().filter(|value| !value.trim().is_empty()));
        let editor = editor.unwrap_or_else(|| "vi".to_owned());
        edit_file(&editor, path, line).map_err(|error| error.to_string())
    }
}

fn stamp(opened: &Opened) -> Option<Stamp> {
    opened.path.as_deref().and_then(plan_stamp)
}

fn sentence(error: &anyhow::Error) -> String {
    let text = error_text(error);
    let text = text
        .trim_start_matches("error: ")
        .replace("\n  help: ", "; ");
    printed(text.trim())
}

fn previews(opened: &Opened, environment: &EnvironmentName) -> anyhow::Result<Vec<FilePreview>> {
    let files = Files::of(opened, vec![environment.clone()])?;
    // What is kept elsewhere and is not there shows as empty.
    let taken = files.taken().values;
    let output = open_output(opened, None, Access::Read)?;
    let changes = files.changes(&output, &taken)?;
    Ok(changes
        .iter()
        .map(|change| preview(opened, change))
        .collect())
}

fn preview(opened: &Opened, change: &Change) -> FilePreview {
    // Nothing on the disk belongs to the example.
    let is_example = opened.path.is_none();
    let state = match change.kind {
        _ if is_example => FileState::New,
        _ if !change.conflicts.is_empty() => FileState::Conflict,
        ChangeKind::Create => FileState::New,
        ChangeKind::Update => FileState::Changed,
        ChangeKind::Remove => FileState::Removed,
        ChangeKind::Keep | ChangeKind::Orphan => FileState::Current,
    };
    let old = if is_example { "" } else { &change.old };
    FilePreview {
        path: change.path.clone(),
        state,
        new: shown(&change.new, change.audience).into_owned(),
        old: shown(old, change.audience).into_owned(),
    }
}
