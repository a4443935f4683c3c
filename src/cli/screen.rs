//! The terminal app: what it asks of the world, answered from the plan's file and the output folder.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use anyhow::anyhow;

use crate::cli::Answer;
use crate::cli::ahead;
use crate::cli::args::GenerateArgs;
use crate::cli::changed_origins::changed_origins;
use crate::cli::files::{Files, open_output, output_root};
use crate::cli::found::{self, Import};
use crate::cli::left_behind::SaidLeftBehind;
use crate::cli::locale::charset;
use crate::cli::session::{Opened, Session, error_text, working_folder};
use crate::cli::taken::variable;
use crate::cli::{generate, handover};
use crate::finding::{counted, printed};
use crate::import::{How, Wanted};
use crate::model::EnvironmentName;
use crate::project::{
    Access, ChangeKind, FileChange, Journal, PLAN_FILE, ProjectError, Stamp, compose_paths_like,
    create_plan, edit_file, env_paths_like, plan_stamp, read_beside, read_plan, replace_plan,
};
use crate::report::diff::shown;
use crate::report::text::credentials_of;
use crate::tui::{
    self, BroughtBack, Credentials, FilePreview, FileSort, FileState, Gone, Handover, InConflict,
    NotFound, NotSaved, Options, Plan, Preferences, Reading, SavedAs, Sealed, Seen, Theme, ToWrite,
    World, Written,
};

/// The user's own file with keys and colours.
const SCREEN_FILE: &str = "screen.toml";

/// As often as this a plan's file is not there before it is said to be gone.
const LOOKS: usize = 2;

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
        n_missed: 0,
        said_gone: None,
        journal: journal(&opened),
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

/// The world as the screen sees it.
struct Outside<'s> {
    session: &'s Session,
    opened: Opened,
    /// Which file was read last.
    stamp: Option<Stamp>,
    /// How often the file was looked for since, and was not there.
    n_missed: usize,
    /// What was said of that.
    said_gone: Option<Gone>,
    /// Of what is edited and not saved.
    journal: Journal,
}

impl Outside<'_> {
    /// What the screen edited is what files are made of.
    fn show(&mut self, plan: &Plan) {
        self.opened.text = plan.text.to_string();
        self.opened.analysis = plan.analysis.clone();
    }

    /// Notes which file is the plan's now.
    fn remember(&mut self, path: &Path) {
        self.stamp = plan_stamp(path);
        (self.n_missed, self.said_gone) = (0, None);
    }

    fn importing(&self, how: How) -> Result<Import, String> {
        Ok(Import {
            here: working_folder().map_err(|error| sentence(&error))?,
            how,
            catalog: self.opened.catalog.clone(),
            config: self.opened.config().clone(),
        })
    }

    fn current(&self) -> Plan {
        Plan {
            path: self.opened.path.clone(),
            shown_path: self.opened.shown_path(),
            text: self.opened.text.as_str().into(),
            catalog: self.opened.catalog.clone(),
            config: self.opened.config().clone(),
            analysis: self.opened.analysis.clone(),
        }
    }
}

fn journal(opened: &Opened) -> Journal {
    let folder = ["XDG_STATE_HOME", "HOME"].into_iter().find_map(|name| {
        let folder = variable(name).ok().filter(|value| value.starts_with('/'))?;
        let below = if name == "HOME" {
            ".local/state/backstay"
        } else {
            "backstay"
        };
        Some(Path::new(&folder).join(below))
    });
    // What has no file yet is kept where it would have one.
    let path = opened.path.as_deref().unwrap_or(Path::new(PLAN_FILE));
    Journal::of(path, folder.as_deref())
}

impl World for Outside<'_> {
    fn plan(&mut self) -> Result<Plan, String> {
        // A plan that is the example stays so: a file that comes up meanwhile is another plan.
        if let Some(path) = self.opened.path.clone() {
            self.remember(&path);
            let reopened = self.session.open_at(path);
            self.opened = reopened.map_err(|error| sentence(&error))?;
        }
        Ok(self.current())
    }

    fn look(&mut self) -> Seen {
        let now = stamp(&self.opened);
        if now.is_some() {
            (self.n_missed, self.said_gone) = (0, None);
            return match now == self.stamp {
                true => Seen::Same,
                false => Seen::Changed,
            };
        }
        // A file that an editor is about to put in place is not there for a moment.
        self.n_missed += 1;
        let gone = match self.journal.has_folder() {
            true => Gone::File,
            false => Gone::Folder,
        };
        if self.n_missed < LOOKS || self.said_gone == Some(gone) {
            return Seen::Same;
        }
        self.said_gone = Some(gone);
        // Should it come back, it is another.
        self.stamp = None;
        Seen::Gone(gone)
    }

    fn files(
        &mut self,
        plan: &Plan,
        environment: &EnvironmentName,
        credentials: Credentials,
    ) -> Result<Vec<FilePreview>, String> {
        self.show(plan);
        let previews = previews(&self.opened, environment, credentials);
        previews.map_err(|error| sentence(&error))
    }

    fn to_write(&mut self, plan: &Plan) -> Result<ToWrite, String> {
        self.show(plan);
        to_write(&self.opened).map_err(|error| sentence(&error))
    }

    fn write_files(
        &mut self,
        plan: &Plan,
        handovers: &[Handover],
        in_conflict: InConflict,
    ) -> Result<Written, String> {
        self.show(plan);
        let args = GenerateArgs::default();
        let answer = generate::of_plan(&self.opened, &args, handovers, in_conflict);
        written(&answer.map_err(|error| sentence(&error))?)
    }

    fn save(&mut self, old: &str, new: &str) -> Result<PathBuf, NotSaved> {
        let failed = |error: ProjectError| NotSaved::Failed(sentence(&error.into()));
        let no_file = || NotSaved::Failed("the example is no file".to_owned());
        let path = self.opened.path.clone().ok_or_else(no_file)?;
        // A file that somebody took away is made again.
        if !path.exists() {
            create_plan(&path, new).map_err(failed)?;
        } else if read_plan(&path).map_err(failed)? != old {
            return Err(NotSaved::Changed);
        } else {
            replace_plan(&path, old, new).map_err(failed)?;
        }
        self.remember(&path);
        Ok(path)
    }

    fn save_as(
        &mut self,
        path: &str,
        text: &str,
        imported: Option<&Sealed>,
    ) -> Result<SavedAs, NotSaved> {
        let path = PathBuf::from(path);
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        // What was meant is a name of a file, more likely than a new folder.
        if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
            let folder = printed(&folder.display().to_string());
            return Err(NotSaved::Failed(format!(
                "there is no folder `{folder}`: make it, or save the plan elsewhere"
            )));
        }
        let failed = |error: ProjectError| NotSaved::Failed(sentence(&error.into()));
        let mut said = String::new();
        // Before the plan: what cannot be kept leaves nothing behind, and can be tried again.
        if let Some(imported) = imported.filter(|_| !path.exists()) {
            let opened = self.session.opened_as(path.clone(), text.to_owned());
            let kept = opened.and_then(|opened| found::keep(&opened, imported));
            said = kept.map_err(|error| NotSaved::Failed(sentence(&error)))?;
        }
        create_plan(&path, text).map_err(failed)?;
        self.forget();
        self.opened.path = Some(path.clone());
        self.journal = journal(&self.opened);
        self.remember(&path);
        Ok(SavedAs { path, said })
    }

    fn paths_like(&mut self, sort: FileSort, typed: &str) -> Vec<String> {
        let Ok(here) = working_folder() else {
            return Vec::new();
        };
        match sort {
            FileSort::Compose => compose_paths_like(&here, typed),
            FileSort::Env => env_paths_like(&here, typed),
        }
    }

    fn import(&mut self, wanted: &[Wanted], how: &How) -> Reading {
        let import = self.importing(how.clone());
        let wanted = wanted.to_vec();
        Box::new(move || {
            let import = import.map_err(|fault| NotFound {
                faults: vec![fault],
                is_outside: false,
            })?;
            import.found(wanted)
        })
    }

    fn keep(
        &mut self,
        base: &str,
        text: &str,
        imported: Option<&Sealed>,
    ) -> Result<String, String> {
        self.journal
            .note(imported.map(found::note).unwrap_or_default());
        let kept = self.journal.keep(base, text);
        let kept = kept.map_err(|error| sentence(&error.into()))?;
        Ok(kept.display().to_string())
    }

    fn flush(&mut self) {
        self.journal.flush();
    }

    fn forget(&mut self) {
        self.journal.forget();
    }

    fn unsaved(&mut self) -> Result<Option<BroughtBack>, String> {
        let has_file = self.opened.path.is_some();
        let now = has_file.then_some(self.opened.text.as_str());
        let found = self.journal.unsaved(now);
        let Some(unsaved) = found.map_err(|error| sentence(&error.into()))? else {
            return Ok(None);
        };
        let (imported, missing) = match unsaved.note.as_str() {
            "" => (None, String::new()),
            note => found::again(&self.importing(found::how_of(note))?, note),
        };
        Ok(Some(BroughtBack {
            base: unsaved.base,
            text: unsaved.text,
            imported,
            missing,
        }))
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

/// What writing the files did.
fn written(answer: &Answer) -> Result<Written, String> {
    if answer.code != 0 {
        let mut notes = answer.notes.lines().filter(|line| !line.trim().is_empty());
        return Err(notes
            .next_back()
            .map_or_else(|| "nothing was written".to_owned(), printed));
    }
    let is_file = |line: &&str| {
        ["created ", "updated ", "removed "]
            .iter()
            .any(|word| line.starts_with(word))
    };
    let (files, steps): (Vec<&str>, Vec<&str>) = answer.text.trim().lines().partition(is_file);
    let mut said = match files.len() {
        0 => Vec::new(),
        count => vec![format!("{} written", counted(count, "file"))],
    };
    let steps: Vec<String> = steps.into_iter().map(printed).collect();
    let steps = match steps.join("\n").trim() {
        text if text.lines().any(|line| !ahead::is_next(line)) && text.contains('\n') => {
            text.lines().map(str::to_owned).collect()
        }
        // What comes next is no reason to interrupt anybody.
        text => {
            said.extend(text.lines().next().map(str::to_owned));
            Vec::new()
        }
    };
    Ok(Written {
        said: said.join("; "),
        steps,
    })
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

fn previews(
    opened: &Opened,
    environment: &EnvironmentName,
    credentials: Credentials,
) -> anyhow::Result<Vec<FilePreview>> {
    let files = Files::of(opened, None, vec![environment.clone()])?;
    // What is kept elsewhere and is not there shows as empty.
    let taken = files.taken().values;
    let output = open_output(opened, None, Access::Read)?;
    if credentials == Credentials::Revealed {
        // What would be drawn now is not what will be drawn when the files are written.
        anyhow::ensure!(
            opened.path.is_some() && output.keeps_all(&files.needs())?,
            "some credentials are drawn when the files are written; write them first"
        );
        let plain = |change: &FileChange| preview(opened, change, str::to_owned);
        let changes = files.changes(&output, &taken)?;
        return Ok(changes.iter().map(plain).collect());
    }
    let changes = files.changes(&output, &taken)?;
    let masked = files.masked();
    let of_plan = credentials_of(&opened.text, &opened.analysis.secrets);
    let masked_preview = |change: &FileChange| {
        let masked = masked.get(&change.path).map(String::as_str);
        let masked = |text: &str| of_plan.out_of(&shown(text, change.audience, masked));
        preview(opened, change, masked)
    };
    Ok(changes.iter().map(masked_preview).collect())
}

/// What is to be asked before the files are written.
fn to_write(opened: &Opened) -> anyhow::Result<ToWrite> {
    let files = Files::of(opened, None, opened.environments(&[])?)?;
    let mut output = open_output(opened, None, Access::Read)?;
    let mut handovers = Vec::new();
    // Nothing on the disk belongs to the example.
    if opened.path.is_some() {
        handovers = handover::possible(opened, &files, &output)?;
        output.replace(changed_origins(opened, &files, &output)?);
    }
    let mut changes = files.changes(&output, &files.taken().values)?;
    let mut ahead = None;
    if opened.path.is_some() {
        let root = output_root(opened, None);
        let left = SaidLeftBehind::of(&files, &output, (&changes, &[]), &root)?;
        changes = left.without_needed(changes);
        ahead = left.ahead;
    }
    let files = changes
        .iter()
        .map(|change| (change.path.clone(), state_of(opened, change)));
    Ok(ToWrite {
        handovers,
        files: files.collect(),
        ahead,
    })
}

/// What writing a file would do.
fn state_of(opened: &Opened, change: &FileChange) -> FileState {
    match change.kind {
        // Nothing on the disk belongs to the example.
        _ if opened.path.is_none() => FileState::New,
        _ if !change.conflicts.is_empty() => FileState::Conflict,
        ChangeKind::Create => FileState::New,
        ChangeKind::Update => FileState::Changed,
        ChangeKind::Remove => FileState::Removed,
        ChangeKind::Keep | ChangeKind::Orphan => FileState::Current,
    }
}

/// A change with its texts as `shown` shows them.
fn preview(opened: &Opened, change: &FileChange, shown: impl Fn(&str) -> String) -> FilePreview {
    let is_example = opened.path.is_none();
    let state = state_of(opened, change);
    let old = if is_example { "" } else { &change.old };
    FilePreview {
        path: change.path.clone(),
        state,
        new: shown(&change.new),
        old: shown(old),
    }
}
