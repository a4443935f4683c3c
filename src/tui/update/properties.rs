//! What may be said of the selected thing, key by key: changed everywhere, in one environment, or reset.

use crossterm::event::KeyCode;

use crate::change::{self, Change, ChangeError, Extent, Property};
use crate::model::{ComponentName, EnvironmentName};
use crate::report::text::shown_value;
use crate::source::Shape;
use crate::tui::ask::{Ask, Offer, Then, UNSAID};
use crate::tui::command::Command;
use crate::tui::key::Key;
use crate::tui::msg::Effect;
use crate::tui::state::{Dialog, Notice, State};
use crate::tui::update::edit;
use crate::tui::words::of_screen;

/// Opens the properties of what is selected.
pub fn open(state: &mut State) {
    if let Some(of) = edit::selected(state) {
        state.dialog = Some(Dialog::Properties { of, selected: 0 });
    }
}

/// Gives a key to the list of properties.
pub fn on_key(state: &mut State, what: change::Named, selected: usize, key: Key) -> Vec<Effect> {
    let last = state.derived.properties.len().saturating_sub(1);
    let command = state
        .keymap
        .command(crate::tui::command::Scope::Everywhere, key);
    let moved = match command {
        Some(Command::Up) => Some(selected.saturating_sub(1)),
        Some(Command::Down) => Some((selected + 1).min(last)),
        Some(Command::First | Command::PageUp) => Some(0),
        Some(Command::Last | Command::PageDown) => Some(last),
        Some(Command::Quit) => return Vec::new(),
        _ => None,
    };
    let property = state.derived.properties.get(selected).cloned();
    match (moved, property, key.code, key.typed()) {
        (Some(selected), ..) => state.dialog = Some(Dialog::Properties { of: what, selected }),
        (_, Some(property), KeyCode::Enter, _) => {
            ask(state, property, Extent::Everywhere, (what, selected));
        }
        (_, Some(property), _, Some('o')) => match here_only(state, &property) {
            Some(environment) => {
                ask(state, property, Extent::Only(environment), (what, selected));
            }
            None => {
                state.notice = Some(Notice::said("this belongs to one environment anyway"));
                state.dialog = Some(Dialog::Properties { of: what, selected });
            }
        },
        (_, Some(property), KeyCode::Delete | KeyCode::Backspace, _)
        | (_, Some(property), _, Some('x')) => {
            let only = here_only(state, &property).filter(|_| property.override_value.is_some());
            let extent = only.map_or(Extent::Everywhere, Extent::Only);
            let change = change::reset(&property, &extent);
            state.dialog = Some(Dialog::Properties { of: what, selected });
            return edit::made(state, change);
        }
        _ => state.dialog = Some(Dialog::Properties { of: what, selected }),
    }
    Vec::new()
}

fn here_only(state: &State, property: &Property) -> Option<EnvironmentName> {
    property.override_path.as_ref()?;
    edit::here(state)
}

/// Asks for a value, or first for the name of a setting.
fn ask(state: &mut State, property: Property, extent: Extent, back: (change::Named, usize)) {
    let ask = match property.shape {
        Shape::Map(..) => {
            let about = [of_screen(&state.keymap, Command::Properties, property.doc)];
            let then = Then::SettingName(Box::new(property), extent);
            Ask::text("the name of a new setting", "", then).about(about)
        }
        _ => question(state, property, extent),
    };
    let (of, selected) = back;
    let back = Some(Box::new(Dialog::Properties { of, selected }));
    edit::open(state, Ask { back, ..ask });
}

/// The question for a value.
pub fn question(state: &State, property: Property, extent: Extent) -> Ask {
    let place = match &extent {
        Extent::Everywhere => String::new(),
        Extent::Only(environment) => format!(" in {environment} only"),
    };
    let said = said(&property, &extent).map(str::to_owned);
    let is_hidden = is_hidden(&property, &extent);
    let title = format!("{}{place}", property.key);
    let mut offers = offers(state, &property);
    let is_choice =
        matches!(property.shape, Shape::Choice(_) | Shape::Truth) || property.key == "kind";
    let at = offers
        .iter()
        .position(|offer| Some(&offer.answer) == said.as_ref());
    let doc = of_screen(&state.keymap, Command::Properties, property.doc);
    let then = Then::Set(Box::new(property), extent);
    if is_choice {
        offers.push(Offer::new(UNSAID, "what holds otherwise"));
        let selected = at.or(Some(0));
        return Ask {
            selected,
            ..Ask::choice(title, offers, then).about([doc])
        };
    }
    let how = match is_hidden {
        true => {
            "What it says is not shown. Left empty, the line changes nothing; x in the list takes it away."
        }
        false => "To take it away, leave the line empty.",
    };
    let begin = said.filter(|_| !is_hidden).unwrap_or_default();
    let ask = Ask::text(title, begin, then);
    ask.about([doc, how.to_owned()]).with_offers(offers)
}

/// Writes what was typed; what is not shown stays if nothing was.
pub fn set(property: &Property, extent: &Extent, typed: &str) -> Result<Change, ChangeError> {
    match typed.trim().is_empty() && is_hidden(property, extent) {
        true => Err(ChangeError::Nothing("it stays as it is".to_owned())),
        false => change::set(property, extent, typed),
    }
}

/// What holds now.
fn said<'p>(property: &'p Property, extent: &Extent) -> Option<&'p str> {
    let everywhere = property.value.as_deref();
    match extent {
        Extent::Everywhere => everywhere,
        Extent::Only(_) => property.override_value.as_deref().or(everywhere),
    }
}

/// Whether what holds now is a credential, which the list does not show either.
fn is_hidden(property: &Property, extent: &Extent) -> bool {
    said(property, extent).is_some_and(|said| shown_value(&property.key, said) != said)
}

/// What the plan's form and the catalog know of values.
fn offers(state: &State, property: &Property) -> Vec<Offer> {
    if let Shape::Choice(words) = &property.shape {
        return words
            .iter()
            .map(|(word, meaning)| Offer::new(*word, *meaning))
            .collect();
    }
    if property.shape == Shape::Truth {
        return vec![Offer::new("true", ""), Offer::new("false", "")];
    }
    let catalog = &state.plan.catalog;
    match property.key.as_str() {
        "kind" => catalog
            .kinds()
            .map(|kind| Offer::new(kind.id.as_str(), kind.title.as_str()))
            .collect(),
        "dialect" => catalog
            .dialects()
            .map(|dialect| Offer::new(dialect.id.as_str(), dialect.title.as_str()))
            .collect(),
        "version" => versions(state, property),
        _ => Vec::new(),
    }
}

/// The lines of a service's kind.
fn versions(state: &State, property: &Property) -> Vec<Offer> {
    let name = match property.path.steps() {
        [_, crate::model::Step::Key(name), ..] => ComponentName::new(name).ok(),
        _ => None,
    };
    let service = name.and_then(|name| state.plan.analysis.plan.services.get(&name).cloned());
    let kind = service.and_then(|service| state.plan.catalog.kind(service.kind.as_deref()?));
    let Some(kind) = kind else { return Vec::new() };
    let lines = kind.versions.iter().map(|line| {
        let ends = line.end_of_life.as_ref().map(|day| format!("until {day}"));
        Offer::new(line.line.as_str(), ends.unwrap_or_default())
    });
    lines.collect()
}
