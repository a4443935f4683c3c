//! What the screen shows and what the user has chosen: plain values, changed by `update` alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::change::Named;
use crate::finding::Finding;
use crate::import::Wanted;
use crate::layout::Charset;
use crate::model::{ComponentName, EnvironmentName, HostName, PlanPath};
use crate::report::changes::Changes;
use crate::topology::{Instance, Topology};
use crate::tui::ask::Ask;
use crate::tui::derived::Derived;
use crate::tui::history::History;
use crate::tui::keymap::Keymap;
use crate::tui::map::{Map, Seeds};
use crate::tui::theme::Theme;
use crate::tui::unsaved::Unsaved;
use crate::tui::world::{Credentials, FilePreview, Handover, InConflict, Plan, Sealed, ToWrite};

/// Everything.
#[derive(Debug)]
pub struct State {
    /// The plan.
    pub plan: Plan,
    /// The text that the plan's file held when it was last read or written.
    pub saved: Arc<str>,
    /// What was edited.
    pub history: History,
    /// What of that is not saved.
    pub unsaved: Unsaved,
    /// What the last edit brought into the environment; it stands out until the next key.
    pub fresh: Vec<Thing>,
    /// The plan before the last edit, to tell what that changed.
    pub before: Option<Plan>,
    /// Whether the plan's file is there no more.
    pub is_gone: bool,
    /// What is said besides when the next text is shown; empty if nothing.
    pub besides: String,
    /// Whether what follows from an edit is being worked out.
    pub is_working: bool,
    /// Whether fixes are being tried or compose files are being read, which can be given up.
    pub is_trying: bool,
    /// What was picked up, to be dropped on another host.
    pub carried: Option<Instance>,
    /// Whether to leave as soon as the plan is saved, or to write the files.
    pub after_saving: AfterSaving,
    /// What the compose files of the working folder would become, while the plan has no file.
    pub proposed: Vec<Wanted>,
    /// What is to be kept beside the plan that was imported.
    pub imported: Option<Sealed>,
    /// Keys.
    pub keymap: Keymap,
    /// Colours.
    pub theme: Theme,
    /// Characters of the picture.
    pub charset: Charset,
    /// Columns and rows of the screen.
    pub size: (u16, u16),
    /// Which environment is shown, by its place in the analysis.
    pub environment: usize,
    /// What the main part of the screen shows.
    pub panel: Panel,
    /// What is selected in the environment.
    pub selection: Option<Thing>,
    /// How much the map says.
    pub zoom: Zoom,
    /// What the map is narrowed to, with its neighbours.
    pub focus: Option<Thing>,
    /// What is looked at as if it had failed.
    pub failing: Option<Thing>,
    /// Whether the inspector is shown where there is room.
    pub shows_inspector: bool,
    /// Whether the small map is shown.
    pub shows_minimap: bool,
    /// The map as it was last laid out; `None` while nothing was, and at the level of tiers.
    pub map: Option<Map>,
    /// What is said about the selection and the environment.
    pub derived: Derived,
    /// The layouts of before, so that things stay where they were.
    pub seeds: Seeds,
    /// The cell of the picture in the upper left corner of the map.
    pub offset: (i32, i32),
    /// Lists, each with what is selected in it.
    pub lists: Lists,
    /// What was searched for last.
    pub search: String,
    /// What lies over the panels.
    pub dialog: Option<Dialog>,
    /// What is said at the bottom until the next key.
    pub notice: Option<Notice>,
    /// The files of an environment, once they are worked out.
    pub files: Option<Files>,
    /// How credentials are shown in them.
    pub credentials: Credentials,
    /// Whether the preview shows what would change instead of the file.
    pub shows_diff: bool,
    /// What would be written, as it was last looked for.
    pub to_write: ToWrite,
    /// Whether the files of the environment are being worked out.
    pub waits_for_files: bool,
    /// Where a drag of the mouse began: the cell, and the offset of then.
    pub drag: Option<Drag>,
}

/// What the main part of the screen shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Panel {
    /// One environment as a picture, or as a tree where there is no room.
    Map,
    /// Components by environments.
    Matrix,
    /// What is wrong.
    Findings,
    /// What would be generated.
    Files,
    /// What services there are.
    Catalog,
}

/// Something of an environment that can be selected.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    /// A host.
    Host(HostName),
    /// A component on a host.
    Instance(Instance),
}

/// How much the map says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Zoom {
    /// A line an environment.
    Tiers,
    /// A row a host.
    Hosts,
    /// Every component; lines of what is selected only.
    Cards,
    /// Every component and every line.
    Lines,
}

/// Where each list stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    /// Which finding, of those that are listed.
    pub finding: usize,
    /// Whether the findings of all environments are listed.
    pub all_environments: bool,
    /// Which file.
    pub file: usize,
    /// The first line of the file that is shown.
    pub file_scroll: usize,
    /// The first column of the file that is shown.
    pub file_shift: usize,
    /// Which kind.
    pub kind: usize,
    /// The first line of the kind's description that is shown.
    pub kind_scroll: usize,
    /// Which row of the matrix.
    pub component: usize,
}

/// The files of an environment.
#[derive(Clone, Debug)]
pub struct Files {
    /// Which environment.
    pub environment: EnvironmentName,
    /// Whether they are those of the plan as it is now, and shown as is wanted now.
    pub is_current: bool,
    /// What they are, or why they cannot be made.
    pub result: Result<Vec<FilePreview>, String>,
}

/// What lies over the panels and takes keys first.
#[derive(Clone, Debug, PartialEq)]
pub enum Dialog {
    /// Every key.
    Help {
        /// The first row that is shown.
        scroll: usize,
    },
    /// Commands by name.
    Palette {
        /// What was typed.
        query: String,
        /// Which of those that it finds.
        selected: usize,
    },
    /// Hosts and components by name.
    Search {
        /// What was typed.
        query: String,
        /// Which of those that it finds.
        selected: usize,
    },
    /// What the last edit changed.
    Changes {
        /// What it is.
        changes: Box<Changes>,
        /// The first row that is shown.
        scroll: usize,
    },
    /// What is to be done now that files were written.
    Written {
        /// In lines.
        steps: Vec<String>,
        /// The first row that is shown.
        scroll: usize,
    },
    /// How the environment differs from another.
    Comparison {
        /// From which.
        with: EnvironmentName,
        /// Which of the differences is selected.
        selected: usize,
    },
    /// A question.
    Ask(Box<Ask>),
    /// What may be said of something.
    Properties {
        /// Of what.
        of: Named,
        /// Which of its keys is selected.
        selected: usize,
    },
}

/// What follows when the plan is saved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AfterSaving {
    /// Nothing.
    #[default]
    Stay,
    /// The app ends.
    Quit,
    /// The files are written, with these credentials handed over.
    WriteFiles(Vec<Handover>, InConflict),
}

/// Something that is said at the bottom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// A sentence.
    pub text: String,
    /// Whether something went wrong.
    pub is_error: bool,
}

/// A drag of the mouse: of a component to another host, or of the map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drag {
    /// The component that was pressed.
    pub carries: Option<Instance>,
    /// The cell of the screen where it began.
    pub from: (u16, u16),
    /// The offset of the map at that time.
    pub offset: (i32, i32),
}

impl Notice {
    /// Something that went as it should.
    pub fn said(text: impl Into<String>) -> Notice {
        Notice {
            text: text.into(),
            is_error: false,
        }
    }

    /// Something that went wrong.
    pub fn error(text: impl Into<String>) -> Notice {
        Notice {
            text: text.into(),
            is_error: true,
        }
    }
}

impl Lists {
    /// Shows another file, from its beginning.
    pub fn show_file(&mut self, file: usize) {
        (self.file, self.file_scroll, self.file_shift) = (file, 0, 0);
    }
}

impl Zoom {
    /// The next one that says more.
    pub fn more(self) -> Option<Zoom> {
        match self {
            Zoom::Tiers => Some(Zoom::Hosts),
            Zoom::Hosts => Some(Zoom::Cards),
            Zoom::Cards => Some(Zoom::Lines),
            Zoom::Lines => None,
        }
    }

    /// The next one that says less.
    pub fn less(self) -> Option<Zoom> {
        match self {
            Zoom::Tiers => None,
            Zoom::Hosts => Some(Zoom::Tiers),
            Zoom::Cards => Some(Zoom::Hosts),
            Zoom::Lines => Some(Zoom::Cards),
        }
    }

    /// Its name on the screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Zoom::Tiers => "tiers",
            Zoom::Hosts => "hosts",
            Zoom::Cards => "cards",
            Zoom::Lines => "lines",
        }
    }
}

impl Panel {
    /// All of them, in the order of their keys.
    pub const ALL: [Panel; 5] = [
        Panel::Map,
        Panel::Matrix,
        Panel::Findings,
        Panel::Files,
        Panel::Catalog,
    ];

    /// Its name on the screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Panel::Map => "map",
            Panel::Matrix => "matrix",
            Panel::Findings => "findings",
            Panel::Files => "files",
            Panel::Catalog => "catalog",
        }
    }
}

impl Thing {
    /// The host that it is, or is on.
    pub fn host(&self) -> &HostName {
        match self {
            Thing::Host(host) => host,
            Thing::Instance(instance) => &instance.host,
        }
    }

    /// The component that it is.
    pub fn component(&self) -> Option<&ComponentName> {
        match self {
            Thing::Host(_) => None,
            Thing::Instance(instance) => Some(&instance.component),
        }
    }

    /// Where the plan says it, in an environment.
    pub fn path(&self, environment: &EnvironmentName) -> PlanPath {
        match self {
            Thing::Host(host) => PlanPath::host(environment.as_str(), host.as_str()),
            Thing::Instance(instance) => PlanPath::placement(
                environment.as_str(),
                instance.host.as_str(),
                instance.component.as_str(),
            ),
        }
    }

    /// Whether the environment has it.
    pub fn is_in(&self, topology: &Topology) -> bool {
        match self {
            Thing::Host(host) => topology.hosts.contains_key(host),
            Thing::Instance(instance) => {
                let mut instances = topology.instances_of(&instance.component);
                instances.any(|other| other == instance)
            }
        }
    }
}

impl State {
    /// What a plan looks like when it is opened.
    pub fn new(
        plan: Plan,
        keymap: Keymap,
        theme: Theme,
        charset: Charset,
        size: (u16, u16),
    ) -> State {
        // Production is what is looked at first; it comes last in the order of tiers.
        let environment = plan.analysis.topologies.len().saturating_sub(1);
        State {
            saved: plan.text.clone(),
            history: History::default(),
            unsaved: Unsaved::default(),
            fresh: Vec::new(),
            before: None,
            is_gone: false,
            besides: String::new(),
            is_working: false,
            is_trying: false,
            carried: None,
            after_saving: AfterSaving::default(),
            proposed: Vec::new(),
            imported: None,
            plan,
            keymap,
            theme,
            charset,
            size,
            environment,
            panel: Panel::Map,
            selection: None,
            zoom: Zoom::Lines,
            focus: None,
            failing: None,
            shows_inspector: true,
            shows_minimap: true,
            map: None,
            derived: Derived::default(),
            seeds: BTreeMap::new(),
            offset: (0, 0),
            lists: Lists::default(),
            search: String::new(),
            dialog: None,
            notice: None,
            files: None,
            credentials: Credentials::default(),
            shows_diff: false,
            to_write: ToWrite::default(),
            waits_for_files: false,
            drag: None,
        }
    }

    /// The environment that is shown; `None` if the plan has none.
    pub fn topology(&self) -> Option<&Topology> {
        self.plan.analysis.topologies.get(self.environment)
    }

    /// Whether there are edits that are not saved.
    pub fn is_edited(&self) -> bool {
        self.plan.text != self.saved
    }

    /// Whether the map is narrowed to something.
    pub fn is_focused(&self) -> bool {
        self.focus.is_some()
    }

    /// The findings that are listed.
    pub fn listed_findings(&self) -> impl ExactSizeIterator<Item = &Finding> + DoubleEndedIterator {
        let findings = &self.plan.analysis.findings;
        self.derived.listed.iter().map(|at| &findings[*at])
    }

    /// The finding that is selected in their list.
    pub fn listed_finding(&self) -> Option<&Finding> {
        self.listed_findings().nth(self.lists.finding)
    }

    /// The names of components in the rows of the matrix: apps first.
    pub fn matrix_rows(&self) -> Vec<&ComponentName> {
        let plan = &self.plan.analysis.plan;
        plan.apps.keys().chain(plan.services.keys()).collect()
    }

    /// Has the files worked out again; until then the list stays as it is.
    pub fn expire_files(&mut self) {
        if let Some(files) = &mut self.files {
            files.is_current = false;
        }
    }

    /// The files that are listed: those of the environment, if they are worked out.
    pub fn listed_files(&self) -> &[FilePreview] {
        let shown = self.topology().map(|topology| &topology.environment);
        match &self.files {
            Some(files) if Some(&files.environment) == shown => {
                files.result.as_deref().unwrap_or_default()
            }
            _ => &[],
        }
    }
}
