//! Questions to the user: a line to type, answers to choose from, and what an answer leads to.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::change::{Change, Extent, Named, Property};
use crate::import::How;
use crate::model::{Aspect, ComponentName, HostKind, HostName, Level};
use crate::topology::Instance;
use crate::tui::state::Dialog;
use crate::tui::world::{FileSort, Found, Handover};

/// A question.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// What is asked, as a heading.
    pub title: String,
    /// What is said before anything is typed: what an answer means, what goes along, what would change.
    pub about: Vec<String>,
    /// What is wrong with what was answered before, in lines.
    pub faults: Vec<String>,
    /// The first line of that which is shown.
    pub scroll: usize,
    /// What was typed.
    pub query: String,
    /// Which of the offers that the query finds; `None` if the query itself is the answer.
    pub selected: Option<usize>,
    /// Answers to choose from.
    pub offers: Vec<Offer>,
    /// Whether only an offer is an answer.
    pub is_choice: bool,
    /// The answers that were marked, where several may be given at once.
    pub marked: Option<Vec<String>>,
    /// What the answer leads to.
    pub then: Then,
    /// What is shown again afterwards.
    pub back: Option<Box<Dialog>>,
}

/// An answer to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The answer.
    pub answer: String,
    /// What it means.
    pub note: String,
}

/// What an answer leads to.
#[derive(Clone, Debug, PartialEq)]
pub enum Then {
    /// Add what was chosen.
    Add,
    /// Add a service of this kind.
    AddKind,
    /// Add a service of a kind under this name.
    AddService(String),
    /// Add this to the host of this name.
    AddOn(Box<New>),
    /// Add this to a host, for the component of this name.
    AddUsed(Box<New>, String),
    /// Add an app under this name.
    AddApp,
    /// Add an app of a name with this image.
    AddImage(String),
    /// Add an app of a name and an image with this port.
    AddPort(String, String),
    /// Add a host under this name.
    AddHost,
    /// Add a host of a name of this kind.
    AddHostKind(String),
    /// Add a host of a name and a kind at this address.
    AddHostAddress(String, HostKind),
    /// Add an environment under this name.
    AddEnvironment,
    /// Add an environment of a name for this tier.
    AddTier(String),
    /// Add an environment of a name and a tier with this host.
    AddFirstHost(String, crate::model::Tier),
    /// Copy the environment under this name.
    CopyEnvironment,
    /// Place the component of this name on a host.
    PlaceOn(HostName),
    /// Place a component on the host of this name.
    Place(ComponentName),
    /// Move a component to the host of this name.
    Move(Instance),
    /// Give something this name.
    Rename(Named),
    /// Let a component use this one.
    Connect(ComponentName),
    /// Let a component use this one no more.
    Disconnect(ComponentName),
    /// Write a property.
    Set(Box<Property>, Extent),
    /// Add a setting of this name.
    SettingName(Box<Property>, Extent),
    /// Set a rule to this level.
    RuleLevel(&'static str),
    /// Set a rule to a level for this reason.
    RuleReason(&'static str, Level),
    /// Make a change, if the answer is yes.
    Confirm(Change),
    /// Take something away if the answer is yes, or off its host alone.
    Remove(Change, Change),
    /// Leave, with the edits or without.
    Quit,
    /// The file changed where the plan was edited: whose side holds. The text is the file's.
    Conflict(String),
    /// Save under this path.
    SaveAs,
    /// Hand the credentials over that come first among those that are still to be asked about; the others were
    /// agreed to.
    HandOver(Vec<Handover>, Vec<Handover>),
    /// Write the files, with these credentials handed over.
    Generate(Vec<Handover>),
    /// Compare with the environment of this name.
    CompareWith,
    /// Accept that a component differs in this way.
    Accept(ComponentName, Aspect),
    /// Show the credentials in the files.
    Reveal,
    /// Accept the answer to the need of this name, or all.
    Suggest,
    /// Read these compose files in this way.
    ImportFiles(How),
    /// Take variables from these files when the compose files are read that are asked for behind this question.
    ImportEnvFiles,
    /// Take over what compose files gave.
    Import(Box<Found>),
    /// Give the plan this name.
    PlanName,
    /// Begin a plan of this name.
    NewName,
    /// Begin a plan of a name with these apps, with commas between.
    NewApps(String),
    /// Begin a plan of a name, with apps that have these needs, with commas between.
    NewNeeds(String, String),
    /// Begin a plan of a name, with apps and needs, in these environments, with commas between.
    NewEnvironments(String, String, String),
}

impl Then {
    /// Whether answers were given before this question that leaving it throws away.
    pub fn is_late(&self) -> bool {
        matches!(
            self,
            Then::AddService(_)
                | Then::AddOn(_)
                | Then::AddUsed(..)
                | Then::AddImage(_)
                | Then::AddPort(..)
                | Then::AddHostKind(_)
                | Then::AddHostAddress(..)
                | Then::AddTier(_)
                | Then::AddFirstHost(..)
                | Then::RuleReason(..)
                | Then::NewApps(_)
                | Then::NewEnvironments(..)
        )
    }
}

/// An app or a service that is about to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct New {
    /// Its name.
    pub name: String,
    /// The kind of a service, or the image of an app.
    pub what: NewWhat,
}

/// What is about to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewWhat {
    /// An app.
    App(NewApp),
    /// A service of this kind.
    Service(String),
}

/// An app that is about to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewApp {
    /// Its image; empty for none.
    pub image: String,
    /// Its port.
    pub port: Option<u16>,
}

/// The answer that takes a value away.
pub const UNSAID: &str = "not said";
/// The answer that makes a host of a provider's for something new.
pub const PROVIDER: &str = "a provider";
/// The answer that places something nowhere.
pub const NOWHERE: &str = "nowhere yet";
/// The answer that places something in every environment: an app on the first host, a service where it belongs.
pub const EVERYWHERE: &str = "every environment";
/// The answer that connects nothing.
pub const NOBODY: &str = "nobody yet";
/// The answer that goes on.
pub const YES: &str = "yes";
/// The answer that takes something off one host alone.
pub const HERE: &str = "here";
/// The answer that leaves everything as it is.
pub const NO: &str = "no";

impl Offer {
    /// An answer and what it means.
    pub fn new(answer: impl Into<String>, note: impl Into<String>) -> Offer {
        Offer {
            answer: answer.into(),
            note: note.into(),
        }
    }
}

impl Ask {
    /// A question for a text, with one to begin with.
    pub fn text(title: impl Into<String>, query: impl Into<String>, then: Then) -> Ask {
        Ask {
            title: title.into(),
            about: Vec::new(),
            faults: Vec::new(),
            scroll: 0,
            query: query.into(),
            selected: None,
            offers: Vec::new(),
            is_choice: false,
            marked: None,
            then,
            back: None,
        }
    }

    /// A question for one of some answers.
    pub fn choice(title: impl Into<String>, offers: Vec<Offer>, then: Then) -> Ask {
        Ask {
            offers,
            selected: Some(0),
            is_choice: true,
            ..Ask::text(title, "", then)
        }
    }

    /// A question for one or several of some answers.
    pub fn choices(title: impl Into<String>, offers: Vec<Offer>, then: Then) -> Ask {
        Ask {
            marked: Some(Vec::new()),
            ..Ask::choice(title, offers, then)
        }
    }

    /// Marks the selected answer, or takes its mark away.
    pub fn mark(&mut self) {
        let at = self.selected.unwrap_or_default();
        let answer = self.found().get(at).map(|offer| offer.answer.clone());
        let (Some(marked), Some(answer)) = (&mut self.marked, answer) else {
            return;
        };
        match marked.iter().position(|other| *other == answer) {
            Some(at) => drop(marked.remove(at)),
            // Nobody is alone.
            None if answer == NOBODY => *marked = vec![answer],
            None => {
                marked.retain(|other| other != NOBODY);
                marked.push(answer);
            }
        }
    }

    /// Whether an answer is marked.
    pub fn is_marked(&self, answer: &str) -> bool {
        let mut marked = self.marked.iter().flatten();
        marked.any(|other| other == answer)
    }

    /// With something said first.
    pub fn about(self, about: impl IntoIterator<Item = impl Into<String>>) -> Ask {
        Ask {
            about: about.into_iter().map(Into::into).collect(),
            ..self
        }
    }

    /// With answers that may be chosen instead of typing one.
    pub fn with_offers(self, offers: Vec<Offer>) -> Ask {
        Ask { offers, ..self }
    }

    /// Whether its few answers are chosen by their first letters: it may come up while somebody is typing.
    pub fn is_decision(&self) -> bool {
        matches!(
            self.then,
            Then::Confirm(_)
                | Then::Remove(..)
                | Then::Quit
                | Then::Conflict(_)
                | Then::HandOver(..)
                | Then::Generate(_)
                | Then::Reveal
                | Then::Import(_)
        )
    }

    /// Whether it asks for the paths of compose files.
    pub fn is_for_compose_files(&self) -> bool {
        self.paths() == Some(FileSort::Compose)
    }

    /// The files whose paths it asks for.
    pub fn paths(&self) -> Option<FileSort> {
        match self.then {
            Then::ImportFiles(_) => Some(FileSort::Compose),
            Then::ImportEnvFiles => Some(FileSort::Env),
            _ => None,
        }
    }

    /// The offers that the query finds, the best first.
    pub fn found(&self) -> Vec<&Offer> {
        // What was typed for a text is no search, until an offer is gone to.
        if !self.is_choice || self.is_decision() {
            return self.offers.iter().collect();
        }
        let words = |offer: &Offer| {
            // What a note says behind a colon goes on for too long to be searched.
            let note = offer.note.split(':').next().unwrap_or_default();
            format!("{} {note}", offer.answer)
        };
        let offers = self.offers.iter().map(|offer| (words(offer), offer));
        let mut found = best(&self.query, offers);
        // Whoever types an answer means it, whatever else the words stand in.
        found.sort_by_key(|offer| !offer.answer.starts_with(self.query.trim()));
        found
    }

    /// Where in the query that begins which an offer takes the place of: a path among others, or the whole.
    pub fn offered_from(&self) -> usize {
        let between: &[char] = match self.paths() {
            Some(FileSort::Compose) => &[',', ';', '='],
            Some(FileSort::Env) => &[','],
            None => return 0,
        };
        let before = self.query.rfind(between).map_or(0, |at| at + 1);
        let path = self.query[before..].trim_start();
        self.query.len() - path.len()
    }

    /// The answer as it stands; `None` if there is none to choose. Several have commas between them.
    pub fn answer(&self) -> Option<String> {
        let marked = self.marked.as_ref().filter(|marked| !marked.is_empty());
        if let Some(marked) = marked {
            return Some(marked.join(","));
        }
        match self.selected {
            Some(at) => {
                let before = &self.query[..self.offered_from()];
                let before = if self.is_choice { "" } else { before };
                let found = self.found();
                found
                    .get(at)
                    .map(|offer| format!("{before}{}", offer.answer))
            }
            None if self.is_choice => None,
            None => Some(self.query.clone()),
        }
    }
}

/// The items whose words a query finds by their parts, the best first; all of them for an empty query.
pub fn best<T>(query: &str, items: impl Iterator<Item = (String, T)>) -> Vec<T> {
    if query.trim().is_empty() {
        return items.map(|(_, item)| item).collect();
    }
    let pattern = Pattern::parse(query, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let scored = items.filter_map(|(words, item)| {
        let words = Utf32Str::new(&words, &mut buffer);
        Some((pattern.score(words, &mut matcher)?, item))
    });
    let mut scored: Vec<(u32, T)> = scored.collect();
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.into_iter().map(|(_, item)| item).collect()
}
