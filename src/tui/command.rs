//! Everything that a key, the palette or a click can ask for: one table for keys, help and palette.

use crate::finding::Finding;
use crate::source::{fixes, rules};
use crate::tui::state::{Panel, State};
use crate::tui::update::edit;

/// Where keys mean something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// In every panel.
    Everywhere,
    /// On the map.
    Map,
    /// In the list of findings.
    Findings,
    /// In the preview of generated files.
    Files,
    /// In the catalog.
    Catalog,
}

impl Scope {
    /// All of them, in the order in which help shows them.
    pub const ALL: [Scope; 5] = [
        Scope::Everywhere,
        Scope::Map,
        Scope::Findings,
        Scope::Files,
        Scope::Catalog,
    ];

    /// Its table in the keymap.
    pub fn name(self) -> &'static str {
        match self {
            Scope::Everywhere => "everywhere",
            Scope::Map => "map",
            Scope::Findings => "findings",
            Scope::Files => "files",
            Scope::Catalog => "catalog",
        }
    }

    /// The scope of a panel's own keys.
    pub fn of(panel: Panel) -> Scope {
        match panel {
            Panel::Map => Scope::Map,
            Panel::Matrix => Scope::Everywhere,
            Panel::Findings => Scope::Findings,
            Panel::Files => Scope::Files,
            Panel::Catalog => Scope::Catalog,
        }
    }
}

macro_rules! commands {
    ($($variant:ident, $name:literal, $scopes:expr, $title:literal;)*) => {
        /// What can be asked for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Command {
            $(#[doc = $title] $variant,)*
        }

        impl Command {
            /// Every command, in the order in which help shows them.
            pub const ALL: &'static [Command] = &[$(Command::$variant,)*];

            /// Its name in the keymap.
            pub fn name(self) -> &'static str {
                match self { $(Command::$variant => $name,)* }
            }

            /// What it does, as an order.
            pub fn title(self) -> &'static str {
                match self { $(Command::$variant => $title,)* }
            }

            /// Where its keys work.
            pub fn scopes(self) -> &'static [Scope] {
                match self { $(Command::$variant => $scopes,)* }
            }
        }
    };
}

use Scope::{Catalog, Everywhere, Files, Findings, Map};

commands! {
    ShowMap, "show-map", &[Everywhere], "show the map";
    ShowMatrix, "show-matrix", &[Everywhere], "compare all environments in a matrix";
    ShowFindings, "show-findings", &[Everywhere], "list what is wrong";
    ShowFiles, "show-files", &[Everywhere], "preview the files that would be generated";
    ShowCatalog, "show-catalog", &[Everywhere], "look services up in the catalog";
    NextEnvironment, "next-environment", &[Everywhere], "go to the next environment";
    PreviousEnvironment, "previous-environment", &[Everywhere], "go to the environment before";
    Up, "up", &[Everywhere], "select what is above";
    Down, "down", &[Everywhere], "select what is below";
    Left, "left", &[Everywhere], "select what is to the left";
    Right, "right", &[Everywhere], "select what is to the right";
    PageUp, "page-up", &[Everywhere], "go up by a page";
    PageDown, "page-down", &[Everywhere], "go down by a page";
    First, "first", &[Everywhere], "select the first";
    Last, "last", &[Everywhere], "select the last";
    Enter, "enter", &[Everywhere], "open what is selected";
    Back, "back", &[Everywhere], "go back: close, leave the focus, select nothing";
    Search, "search", &[Everywhere], "search for a host or a component";
    NextMatch, "next-match", &[Everywhere], "go to the next match of the search";
    PreviousMatch, "previous-match", &[Everywhere], "go to the match before";
    NextFinding, "next-finding", &[Everywhere], "go to the next finding";
    PreviousFinding, "previous-finding", &[Everywhere], "go to the finding before";
    Edit, "edit", &[Everywhere], "open its line in your editor";
    ToggleInspector, "toggle-inspector", &[Everywhere], "show or hide the inspector";
    Reload, "reload", &[Everywhere], "read the plan again";
    Palette, "palette", &[Everywhere], "find a command by its name";
    Help, "help", &[Everywhere], "show every key";
    Add, "add", &[Everywhere], "add a service, an app, a host or an environment";
    Properties, "properties", &[Everywhere], "change what the plan says of what is selected";
    Rename, "rename", &[Everywhere], "rename what is selected, wherever it stands";
    Remove, "remove", &[Everywhere], "take away what is selected";
    PickUp, "pick-up", &[Everywhere], "pick a component up, and drop it on another host";
    Connect, "connect", &[Everywhere], "let what is selected use something";
    Disconnect, "disconnect", &[Everywhere], "let what is selected use something no more";
    Undo, "undo", &[Everywhere], "undo the last edit";
    Redo, "redo", &[Everywhere], "make the edit again that was undone";
    ShowChanges, "show-changes", &[Everywhere], "list what the last edit changed: findings and variables";
    Compare, "compare", &[Everywhere], "compare this environment with another";
    Suggest, "suggest", &[Everywhere], "see and accept what answers the needs of the apps";
    Save, "save", &[Everywhere], "save the plan";
    SaveAs, "save-as", &[Everywhere], "save the plan as a new file";
    Generate, "generate", &[Everywhere], "write the files of every environment";
    NewPlan, "new-plan", &[Everywhere], "begin a plan of your own";
    Import, "import", &[Everywhere], "import compose files as a plan of your own";
    NamePlan, "name-plan", &[Everywhere], "give the plan a name";
    Suspend, "suspend", &[Everywhere], "go to the background";
    Quit, "quit", &[Everywhere], "leave Backstay";
    MoreDetail, "more-detail", &[Map], "show more detail: tiers, hosts, cards, lines";
    LessDetail, "less-detail", &[Map], "show less detail";
    Focus, "focus", &[Map], "show only what is selected and its neighbours, or everything again";
    Outage, "outage", &[Map], "see what fails with what is selected, and what goes on";
    PanLeft, "pan-left", &[Map, Files], "move the view to the left";
    PanDown, "pan-down", &[Map], "move the view down";
    PanUp, "pan-up", &[Map], "move the view up";
    PanRight, "pan-right", &[Map, Files], "move the view to the right";
    Center, "center", &[Map], "bring what is selected to the middle";
    ToggleMinimap, "toggle-minimap", &[Map], "show or hide the small map";
    Tidy, "tidy", &[Map], "lay the map out afresh";
    ToggleEnvironments, "toggle-environments", &[Findings], "list those of this environment or of all";
    Fix, "fix", &[Findings], "see and apply the fix of what is selected";
    FixAll, "fix-all", &[Findings], "see and apply all fixes that take nothing away";
    SetLevel, "set-level", &[Findings], "say how much this rule matters here, and why";
    ToggleDiff, "toggle-diff", &[Files], "show the file or what would change on the disk";
    ToggleCredentials, "toggle-credentials", &[Files], "reveal credentials in the files, or mask them again";
    ScrollDown, "scroll-down", &[Files, Catalog], "scroll the text down";
    ScrollUp, "scroll-up", &[Files, Catalog], "scroll the text up";
}

/// Why a command cannot be carried out now.
pub type Why = &'static str;

/// Whether an edit can be made now.
fn free(state: &State) -> Result<(), Why> {
    let is_broken = |finding: &Finding| finding.rule == rules::INVALID_SYNTAX.name;
    match () {
        () if state.is_working => Err("the last step is still being worked out"),
        () if state.plan.analysis.findings.iter().any(is_broken) => {
            Err("the plan has syntax errors; mend them in your editor first")
        }
        () => Ok(()),
    }
}

impl Command {
    /// The command of that name.
    pub fn find(name: &str) -> Option<Command> {
        Command::ALL
            .iter()
            .copied()
            .find(|command| command.name() == name)
    }

    /// Whether it can be carried out, and if not, why. Keys, palette and help ask this one function.
    pub fn available(self, state: &State) -> Result<(), Why> {
        let need = |holds: bool, why: Why| if holds { Ok(()) } else { Err(why) };
        let environments = state.plan.analysis.topologies.len();
        match self {
            Command::NextEnvironment | Command::PreviousEnvironment => {
                need(environments > 1, "the plan has no other environment")
            }
            Command::NextFinding | Command::PreviousFinding => need(
                !state.plan.analysis.findings.is_empty(),
                "there are no findings",
            ),
            Command::NextMatch | Command::PreviousMatch => {
                need(!state.search.is_empty(), "nothing was searched for")
            }
            Command::Edit => {
                need(state.plan.path.is_some(), "the plan has no file yet").and_then(|()| {
                    need(
                        !state.is_edited(),
                        "your edits are not saved; save them first",
                    )
                })
            }
            Command::Reload => need(state.plan.path.is_some(), "the plan has no file yet")
                .and_then(|()| Command::SaveAs.available(state)),
            Command::Focus => need(
                state.is_focused() || state.selection.is_some(),
                "nothing is selected",
            ),
            Command::Add | Command::NamePlan => free(state),
            Command::Rename | Command::Remove | Command::Properties => free(state)
                .and_then(|()| need(edit::selected(state).is_some(), "nothing is selected")),
            Command::PickUp if state.carried.is_some() => free(state),
            Command::PickUp | Command::Connect | Command::Disconnect => {
                let is_one = edit::component(state).is_some();
                free(state).and_then(|()| need(is_one, "no app or service is selected"))
            }
            Command::Undo => Command::SaveAs
                .available(state)
                .and_then(|()| need(state.history.undo_title().is_some(), "nothing was edited")),
            Command::Redo => Command::SaveAs
                .available(state)
                .and_then(|()| need(state.history.redo_title().is_some(), "nothing was undone")),
            Command::Compare => need(environments > 1, "there is no other environment"),
            Command::Suggest => free(state).and_then(|()| {
                let mut apps = state.plan.analysis.plan.apps.values();
                need(
                    apps.any(|app| !app.needs.is_empty()),
                    "no app says what it needs: change `needs` of one",
                )
            }),
            Command::ShowChanges => need(state.before.is_some(), "nothing was edited"),
            Command::Save => Command::SaveAs.available(state).and_then(|()| {
                let is_needed = state.is_edited() || state.is_gone || state.plan.path.is_none();
                need(is_needed, "everything is saved")
            }),
            Command::SaveAs => need(!state.is_working, "the last step is still being worked out"),
            Command::NewPlan => free(state).and_then(|()| {
                need(
                    state.plan.path.is_none(),
                    "this plan has a file; begin in a folder without one",
                )
            }),
            Command::Import => free(state).and_then(|()| {
                need(
                    state.plan.path.is_none(),
                    "this plan has a file; import in a folder without one, or by `backstay import compose --output`",
                )
            }),
            Command::Generate => {
                free(state).and_then(|()| need(environments > 0, "the plan has no environment"))
            }
            Command::Fix => free(state).and_then(|()| {
                let has_fix = state.listed_finding().is_some_and(|it| it.fix.is_some());
                need(has_fix, "nothing here has a fix; its help says what to do")
            }),
            Command::SetLevel => free(state)
                .and_then(|()| need(state.listed_finding().is_some(), "no finding is selected")),
            Command::FixAll => free(state).and_then(|()| {
                let count = fixes::count_plain(&state.plan.analysis.findings);
                need(count > 0, "nothing has a fix that takes nothing away")
            }),
            Command::Outage => need(
                state.selection.is_some() || state.failing.is_some(),
                "nothing is selected",
            ),
            Command::Center => need(state.selection.is_some(), "nothing is selected"),
            Command::MoreDetail => need(state.zoom.more().is_some(), "there is no more detail"),
            Command::LessDetail => need(state.zoom.less().is_some(), "there is no less detail"),
            _ => Ok(()),
        }
    }

    /// Whether it belongs to the panel that is shown.
    pub fn fits(self, panel: Panel) -> bool {
        let scopes = self.scopes();
        scopes.contains(&Scope::Everywhere) || scopes.contains(&Scope::of(panel))
    }
}
