//! Everything that a key, the palette or a click can ask for: one table for keys, help and palette.

use crate::tui::state::{Panel, State};

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
    Suspend, "suspend", &[Everywhere], "go to the background";
    Quit, "quit", &[Everywhere], "leave Backstay";
    MoreDetail, "more-detail", &[Map], "show more detail: tiers, hosts, cards, lines";
    LessDetail, "less-detail", &[Map], "show less detail";
    Focus, "focus", &[Map], "show only what is selected and its neighbours, or everything again";
    PanLeft, "pan-left", &[Map], "move the view to the left";
    PanDown, "pan-down", &[Map], "move the view down";
    PanUp, "pan-up", &[Map], "move the view up";
    PanRight, "pan-right", &[Map], "move the view to the right";
    Center, "center", &[Map], "bring what is selected to the middle";
    ToggleMinimap, "toggle-minimap", &[Map], "show or hide the small map";
    Tidy, "tidy", &[Map], "lay the map out afresh";
    ToggleEnvironments, "toggle-environments", &[Findings], "list those of this environment or of all";
    ToggleDiff, "toggle-diff", &[Files], "show the file or what would change on the disk";
    ScrollDown, "scroll-down", &[Files, Catalog], "scroll the text down";
    ScrollUp, "scroll-up", &[Files, Catalog], "scroll the text up";
}

/// Why a command cannot be carried out now.
pub type Why = &'static str;

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
            Command::Edit => need(state.plan.path.is_some(), "the example is no file"),
            Command::Reload => need(state.plan.path.is_some(), "the example is no file"),
            Command::Focus => need(
                state.is_focused() || state.selection.is_some(),
                "nothing is selected",
            ),
            Command::Center => need(state.selection.is_some(), "nothing is selected"),
            Command::MoreDetail => need(state.level.more().is_some(), "there is no more detail"),
            Command::LessDetail => need(state.level.less().is_some(), "there is no less detail"),
            _ => Ok(()),
        }
    }

    /// Whether it belongs to the panel that is shown.
    pub fn fits(self, panel: Panel) -> bool {
        let scopes = self.scopes();
        scopes.contains(&Scope::Everywhere) || scopes.contains(&Scope::of(panel))
    }
}
