//! Saving, leaving, and what happens when the plan's file is another than the one that was edited.

use crate::source::{self, Side};
use crate::tui::ask::{Ask, NO, Offer, Then, YES};
use crate::tui::command::Command;
use crate::tui::msg::{Cause, Effect};
use crate::tui::state::{AfterSaving, Dialog, Notice, Panel, State};
use crate::tui::unsaved::{Of, Unsaved};
use crate::tui::update::ask::Next;
use crate::tui::update::{edit, fix, import, take_over};
use crate::tui::world::{BroughtBack, Credentials, FilePreview, Gone, NotSaved, Plan, SavedAs};

/// Save, then leave.
const SAVE: &str = "save and leave";
/// Leave without saving.
const DISCARD: &str = "leave without saving";
/// Do not leave.
const STAY: &str = "stay";
/// The file's side of a conflict.
pub const THEIRS: &str = "the file's";
/// The side of the edits.
const MINE: &str = "mine";

/// Saves the plan, or asks where.
pub fn save(state: &mut State) -> Vec<Effect> {
    if is_working(state) {
        return Vec::new();
    }
    match state.plan.path {
        Some(_) => vec![Effect::Save],
        None => {
            save_as(state);
            Vec::new()
        }
    }
}

/// Asks for what a new plan is to be.
pub fn new_plan(state: &mut State) {
    let ask = Ask::text("the name of the application", "", Then::NewName);
    let key = state.keymap.shown(Command::Import);
    let about = [
        "It names Compose projects, databases and buckets; once they run, another name means that data is brought over.".to_owned(),
        format!("Compose files that are there already become a plan with {key} instead of this."),
    ];
    edit::open(state, ask.about(about));
}

/// Begins a new plan in the place of the example; it has no file until it is saved.
pub fn begin(state: &mut State, text: String) -> Vec<Effect> {
    state.panel = Panel::Map;
    state.imported = None;
    edit::analyze(state, text, Cause::Begin)
}

/// Asks for the path of a new file.
pub fn save_as(state: &mut State) {
    let ask = Ask::text("save the plan as", "backstay.toml", Then::SaveAs);
    let mut about = vec!["A file that is there already is not overwritten."];
    if state.imported.is_some() {
        about.extend(import::ABOUT_SAVING);
    }
    edit::open(state, ask.about(about));
}

/// Whether an edit is on its way, which is said then: nothing may be saved or left before it has come.
fn is_working(state: &mut State) -> bool {
    if state.is_working {
        state.notice = Some(Notice::said("the last step is still being worked out"));
    }
    state.is_working
}

/// Leaves, or asks what is to become of the edits.
pub fn quit(state: &mut State) -> Vec<Effect> {
    fix::give_up(state);
    if is_working(state) {
        return Vec::new();
    }
    if !state.is_edited() && !state.is_gone {
        return vec![Effect::Quit];
    }
    let offers = vec![
        Offer::new(SAVE, "write the plan's file"),
        Offer::new(DISCARD, "the edits are lost"),
        Offer::new(STAY, "go on"),
    ];
    let title = match state.is_edited() {
        true => "there are edits that are not saved",
        false => "the plan's file is gone, and what is shown is not saved",
    };
    let mut ask = Ask::choice(title, offers, Then::Quit);
    if let Some(last) = state.history.undo_title() {
        ask = ask.about([format!("The last one: {last}.")]);
    }
    edit::open(state, ask);
    Vec::new()
}

/// What the answer to `quit` leads to.
pub fn on_quit_answer(answer: &str) -> Next {
    match answer {
        SAVE => Next::Do(|state| {
            state.after_saving = AfterSaving::Quit;
            save(state)
        }),
        DISCARD => Next::Do(|state| {
            state.saved = state.plan.text.clone();
            vec![Effect::Quit]
        }),
        _ => Next::Done,
    }
}

/// Notes that the plan is saved, or why it is not.
pub fn on_saved(state: &mut State, result: Result<Option<SavedAs>, NotSaved>) -> Vec<Effect> {
    let after = std::mem::take(&mut state.after_saving);
    match result {
        Ok(new) => {
            state.saved = state.plan.text.clone();
            state.unsaved.clear();
            state.is_gone = false;
            let mut said = String::new();
            if let Some(new) = new {
                state.plan.shown_path = new.path.display().to_string();
                state.plan.path = Some(new.path);
                state.imported = None;
                said = new.said;
            }
            state.expire_files();
            let saved = format!("saved {}; {said}", state.plan.shown_path);
            state.notice = Some(Notice::said(saved.trim_end_matches("; ")));
            match after {
                AfterSaving::Stay => Vec::new(),
                AfterSaving::Quit => vec![Effect::Quit],
                AfterSaving::WriteFiles(handovers, in_conflict) => {
                    vec![Effect::WriteFiles(handovers, in_conflict)]
                }
            }
        }
        // It is read, and joined or asked about.
        Err(NotSaved::Changed) => vec![Effect::ReadPlan],
        Err(NotSaved::Failed(text)) => {
            let key = state.keymap.shown(Command::SaveAs);
            let text =
                format!("not saved, but your edits are kept; {key} saves them elsewhere: {text}");
            state.notice = Some(Notice::error(text));
            Vec::new()
        }
    }
}

/// Says that the plan's file is gone, and where edits are kept that are not saved.
pub fn on_gone(state: &mut State, what: Gone, kept: Option<Result<String, String>>) {
    state.is_gone = true;
    let key = |command| state.keymap.shown(command);
    let (save, save_as) = (key(Command::Save), key(Command::SaveAs));
    let said = match what {
        Gone::File => format!("the plan's file is gone: {save} writes it again, {save_as} another"),
        Gone::Folder => {
            format!("the folder of the plan is gone: {save_as} saves the plan elsewhere")
        }
    };
    let kept = match kept {
        Some(Ok(place)) => format!("; your edits are kept in {place}"),
        Some(Err(why)) => format!("; your edits are not kept safe: {why}"),
        None => String::new(),
    };
    state.notice = Some(Notice::error(format!("{said}{kept}")));
}

/// Takes over a plan that was read again: what was edited meanwhile is joined with it.
pub fn on_read(state: &mut State, plan: Plan) -> Vec<Effect> {
    state.is_gone = false;
    // What was asked about is not what the file says any more.
    if let Some(Dialog::Ask(ask)) = &state.dialog
        && matches!(ask.then, Then::Conflict(_))
    {
        state.dialog = None;
    }
    let theirs = plan.text.clone();
    if theirs == state.saved && state.is_edited() {
        state.notice = Some(Notice::said(
            "the plan's file is as it was; your edits are not saved",
        ));
        return Vec::new();
    }
    if !state.is_edited() {
        let is_same = theirs == state.plan.text;
        if !is_same {
            let before = state.plan.text.clone();
            state.history.push(edit::OF_FILE, &before, &theirs);
        }
        state.saved = theirs;
        take_over(state, plan);
        state.before = None;
        let said = if is_same {
            "the plan is as it was"
        } else {
            "the plan was read again"
        };
        state.notice = Some(Notice::said(said));
        return Vec::new();
    }
    let merged = source::merge(&state.saved, &state.plan.text, &theirs);
    match merged {
        Some(text) => {
            let unsaved = state
                .unsaved
                .onto(Side::Mine, &state.saved, &state.plan.text, &theirs);
            let unsaved = match unsaved {
                (unsaved, joined) if joined == text => unsaved,
                _ => Unsaved::of(Of::Several, &theirs, &text),
            };
            let title = format!("join with {}", edit::OF_FILE);
            join(state, &theirs, (unsaved, text), Cause::Join(title))
        }
        None => {
            let mine = state.plan.text.clone();
            ask_whose(state, &mine, &theirs);
            Vec::new()
        }
    }
}

/// Asks whose text holds. Until that is answered the file counts as unread, so that nothing replaces it.
fn ask_whose(state: &mut State, mine: &str, theirs: &str) {
    let offers = vec![
        Offer::new(
            MINE,
            "your lines there (+); undoing brings the file's text back",
        ),
        Offer::new(
            THEIRS,
            "the file's lines there (-), and no edit by half; undoing brings yours back",
        ),
    ];
    let title = "the plan's file was changed where you edited it: whose text?";
    let of = |side| with_side(state, side, mine, theirs).1;
    let mut about = vec![
        "Whatever else either changed is joined; all lines of one edit go the same way.".to_owned(),
    ];
    let (kept, given_up) = (of(Side::Mine), of(Side::Theirs));
    about.extend(fix::difference(&state.plan, &given_up, &kept));
    let ask = Ask::choice(title, offers, Then::Conflict(theirs.to_owned()));
    // Nothing is chosen yet: it may come up under the keys of something else.
    let ask = Ask {
        selected: None,
        ..ask
    };
    edit::open(state, ask.about(about));
}

/// Goes on with the edits where the file says something else.
pub fn keep_mine(state: &mut State, theirs: &str) -> Vec<Effect> {
    let text = with_side(state, Side::Mine, &state.plan.text, theirs);
    let title = "keep your edits where the file was changed too".to_owned();
    join(state, theirs, text, Cause::Over(title, theirs.to_owned()))
}

/// Takes the file's text where the edits say something else.
pub fn take_theirs(state: &mut State, theirs: &str) -> Vec<Effect> {
    let text = with_side(state, Side::Theirs, &state.plan.text, theirs);
    let title = "take the file's text where you edited it too".to_owned();
    join(state, theirs, text, Cause::Join(title))
}

/// `mine` and `theirs` in one text in which one side holds where they clash, and the edits of it.
fn with_side(state: &State, side: Side, mine: &str, theirs: &str) -> (Unsaved, String) {
    let (unsaved, text) = state.unsaved.onto(side, &state.saved, mine, theirs);
    match side {
        Side::Theirs => (unsaved, text),
        // What is kept is what is seen, however it came about.
        Side::Mine => {
            let kept = source::merge_for(side, &state.saved, mine, theirs);
            match kept == text {
                true => (unsaved, text),
                false => (Unsaved::of(Of::Several, theirs, &kept), kept),
            }
        }
    }
}

/// Goes on with a text that was joined with the file's, and the edits of it.
fn join(
    state: &mut State,
    theirs: &str,
    (unsaved, text): (Unsaved, String),
    cause: Cause,
) -> Vec<Effect> {
    let effects = edit::analyze(state, text, cause);
    if !effects.is_empty() {
        (state.saved, state.unsaved) = (theirs.into(), unsaved);
    }
    effects
}

/// Brings edits back that were not saved.
pub fn on_unsaved(state: &mut State, unsaved: BroughtBack) -> Vec<Effect> {
    let (base, text) = (unsaved.base.as_str(), unsaved.text.as_str());
    let file = state.plan.text.clone();
    if *text == *file {
        return Vec::new();
    }
    let again = Cause::Join("bring back edits that were not saved".to_owned());
    // Without a file there is nobody to disagree with: the example is shown, and is no plan of the user's.
    if state.plan.path.is_none() {
        state.imported = unsaved.imported;
        if !unsaved.missing.is_empty() {
            let key = state.keymap.shown(Command::Import);
            state.besides = format!("{}; {key} imports them again", unsaved.missing);
        }
        return join(state, &file, several(&file, text.to_owned()), again);
    }
    match source::merge(base, text, &file) {
        Some(text) => join(state, &file, several(&file, text), again),
        None => {
            // Until that is answered, saving is to fail rather than to replace what the file says.
            let effects = join(state, base, several(base, text.to_owned()), again);
            ask_whose(state, text, &file);
            effects
        }
    }
}

/// Edits that nobody can tell apart any more: they made `text` of `base`.
fn several(base: &str, text: String) -> (Unsaved, String) {
    (Unsaved::of(Of::Several, base, &text), text)
}

/// Masks the credentials in the files again, or asks before it shows them.
pub fn toggle_credentials(state: &mut State) {
    if state.credentials == Credentials::Revealed {
        state.credentials = Credentials::Masked;
        state.expire_files();
        return;
    }
    let offers = vec![
        Offer::new(NO, "leave them masked"),
        Offer::new(YES, "show them until this panel is left"),
    ];
    let ask = Ask::choice("show credentials on this screen?", offers, Then::Reveal);
    edit::open(state, ask);
}

/// Shows the credentials in the files.
pub fn reveal_credentials(state: &mut State) -> Vec<Effect> {
    state.credentials = Credentials::Revealed;
    state.expire_files();
    Vec::new()
}

/// Whether credentials cannot be shown, which is said then; the files stay as they are without them.
pub fn cannot_reveal(state: &mut State, result: &Result<Vec<FilePreview>, String>) -> bool {
    let Err(why) = result else { return false };
    if state.credentials == Credentials::Masked {
        return false;
    }
    state.notice = Some(Notice::error(why.clone()));
    state.credentials = Credentials::Masked;
    if let Some(files) = &mut state.files {
        files.is_current = true;
    }
    true
}
