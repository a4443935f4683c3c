//! What answers lead to: the next question, or a change of the plan.

use crossterm::event::KeyCode;

use crate::change::{self, Change, ChangeError};
use crate::finding::printed;
use crate::import::Wanted;
use crate::model::{Choice, ComponentName, EnvironmentName, HostKind, HostName, Level, Tier};
use crate::suggest;
use crate::tui::ask::{Ask, HERE, NO, NewApp, NewWhat, Offer, Then, UNSAID, YES};
use crate::tui::key::Key;
use crate::tui::msg::Effect;
use crate::tui::regions;
use crate::tui::state::{Dialog, Notice, State};
use crate::tui::update::{begin, edit, generate, import, new, properties, save, suggestions};
use crate::tui::view;
use crate::tui::world::{Found, Handover, InConflict};

/// What an answer leads to.
pub enum Next {
    /// Another question.
    Ask(Box<Ask>),
    /// A change of the plan.
    Change(Change),
    /// Something that only the state knows how to do.
    Do(fn(&mut State) -> Vec<Effect>),
    /// Writing the files, with credentials that are handed over.
    Write(Vec<Handover>, InConflict),
    /// Saving under a path.
    SaveAs(String),
    /// The text of a new plan.
    Text(String),
    /// Reading compose files.
    Read(Vec<Wanted>),
    /// What compose files gave.
    Import(Found),
    /// The edits, although the file's text is another.
    Mine(String),
    /// The file's text instead of the one that was edited, or beside it.
    Theirs(String),
    /// What lies over the panels next.
    Show(Dialog),
    /// Nothing.
    Done,
}

/// Gives a key to a question.
pub fn on_key(state: &mut State, mut ask: Ask, key: Key) -> Vec<Effect> {
    let before = ask.query.clone();
    let pages = || view::ask::pages(state, &ask, regions::of_question(&ask, state));
    match (key.code, key.typed()) {
        // A path that is chosen is one among others.
        (KeyCode::Enter, _) if ask.paths().is_some() && ask.selected.is_some() => {
            take_offer(&mut ask);
        }
        (KeyCode::Enter, _) => return on_enter(state, ask),
        (KeyCode::Char('o'), None) if ask.is_for_compose_files() => {
            return on_enter(state, import::anywhere(ask));
        }
        (KeyCode::Char('e'), None) if ask.is_for_compose_files() => {
            return import::ask_for_env_files(state, ask);
        }
        (KeyCode::Up, _) => {
            let at = ask.selected.and_then(|at| at.checked_sub(1));
            ask.selected = at.or(ask.is_choice.then_some(0));
        }
        (KeyCode::Down, _) => {
            let last = ask.found().len().checked_sub(1);
            let next = ask.selected.map_or(0, |at| at + 1);
            ask.selected = last.map(|last| next.min(last)).or(ask.selected);
        }
        (KeyCode::PageDown, _) => {
            let (page, last) = pages();
            ask.scroll = (ask.scroll + page).min(last);
        }
        (KeyCode::PageUp, _) => {
            let (page, last) = pages();
            ask.scroll = ask.scroll.min(last).saturating_sub(page);
        }
        (KeyCode::Tab, _) => {
            // Where paths are offered, the first is meant.
            if ask.paths().is_some() && !ask.offers.is_empty() {
                ask.selected = ask.selected.or(Some(0));
            }
            take_offer(&mut ask);
        }
        (KeyCode::Backspace, _) => {
            ask.query.pop();
            begin_again(&mut ask);
        }
        (KeyCode::Char('u'), None) => {
            ask.query.clear();
            begin_again(&mut ask);
        }
        // No name has a blank in it.
        (_, Some(' ')) if ask.marked.is_some() => ask.mark(),
        (_, Some(c)) if ask.is_decision() => {
            ask.query.push(c);
            choose_by_beginning(&mut ask);
        }
        (_, Some(c)) => {
            ask.query.push(c);
            begin_again(&mut ask);
        }
        _ => {}
    }
    let effects = match ask.query == before {
        true => Vec::new(),
        false => import::completed(&ask),
    };
    state.dialog = Some(Dialog::Ask(Box::new(ask)));
    effects
}

/// Types the offer that was gone to.
fn take_offer(ask: &mut Ask) {
    if let Some(answer) = ask.answer().filter(|_| !ask.is_choice) {
        ask.query = answer;
        ask.selected = None;
    }
}

/// Chooses anew after what was typed has changed.
pub fn begin_again(ask: &mut Ask) {
    match ask.is_decision() {
        true => choose_by_beginning(ask),
        false => ask.selected = ask.is_choice.then_some(0),
    }
}

/// Goes to the answer that begins with what was typed; to none where none does, or nothing is typed.
fn choose_by_beginning(ask: &mut Ask) {
    let mut offers = ask.offers.iter();
    let meant = offers.position(|offer| offer.answer.starts_with(&ask.query));
    ask.selected = meant.filter(|_| !ask.query.is_empty());
}

fn on_enter(state: &mut State, ask: Ask) -> Vec<Effect> {
    let Some(answer) = ask.answer() else {
        state.dialog = Some(Dialog::Ask(Box::new(ask)));
        return Vec::new();
    };
    match next(state, &ask, &answer) {
        Ok(Next::Ask(next)) => {
            let back = next.back.clone().or(ask.back);
            state.dialog = Some(Dialog::Ask(Box::new(Ask { back, ..*next })));
        }
        Ok(Next::Change(change)) => {
            state.dialog = ask.back.map(|back| *back);
            return edit::make(state, &change);
        }
        Ok(Next::Do(act)) => return act(state),
        Ok(Next::Write(handovers, in_conflict)) => {
            return generate::write_files(state, handovers, in_conflict);
        }
        Ok(Next::SaveAs(path)) => return vec![Effect::SaveAs(path)],
        Ok(Next::Text(text)) => return save::begin(state, text),
        Ok(Next::Read(wanted)) => return import::read(state, ask, wanted),
        Ok(Next::Import(found)) => return import::accept(state, found),
        Ok(Next::Mine(text)) => return save::keep_mine(state, &text),
        Ok(Next::Theirs(text)) => return save::take_theirs(state, &text),
        Ok(Next::Show(dialog)) => state.dialog = Some(dialog),
        Ok(Next::Done) => {}
        Err(error) => {
            state.notice = Some(Notice::error(error.to_string()));
            // What was wrong with another answer says nothing of this one.
            let faults = Vec::new();
            state.dialog = Some(Dialog::Ask(Box::new(Ask { faults, ..ask })));
        }
    }
    Vec::new()
}

/// What is wrong with what was typed so far.
pub fn fault(state: &State, ask: &Ask) -> Option<String> {
    let typed = ask
        .answer()
        .filter(|_| !ask.is_choice && !ask.query.is_empty())?;
    match next(state, ask, &typed).err()? {
        // What stands there to begin with is no mistake.
        ChangeError::Nothing(_) => None,
        error => Some(error.to_string()),
    }
}

/// One change of those that each of some components asks for, with commas between their names.
fn each(
    names: &str,
    change: impl Fn(&ComponentName) -> Result<Change, ChangeError>,
) -> Result<Change, ChangeError> {
    let names = names.split(',').map(ComponentName::new);
    let changes = names.map(|name| change(&name?));
    let changes: Vec<Change> = changes.collect::<Result<_, ChangeError>>()?;
    let titles: Vec<&str> = changes.iter().map(|it| it.title.as_str()).collect();
    Ok(Change {
        title: titles.join(", "),
        edits: changes.into_iter().flat_map(|it| it.edits).collect(),
    })
}

/// What an answer leads to.
pub fn next(state: &State, ask: &Ask, answer: &str) -> Result<Next, ChangeError> {
    let plan = &state.plan.analysis.plan;
    let typed = answer.trim();
    let here = edit::here(state);
    let component = || ComponentName::new(typed).map_err(ChangeError::from);
    let missing = || ChangeError::Missing("environment".to_owned());
    let change = match &ask.then {
        Then::Add => return Ok(edit::add_what(state, typed).map_or(Next::Done, asked)),
        Then::AddKind => {
            let name = edit::free(state, typed);
            let title = format!("a name for the {typed} service");
            return Ok(asked(Ask::text(
                title,
                name,
                Then::AddService(typed.to_owned()),
            )));
        }
        Then::AddService(kind) => {
            change::add_service(plan, typed, kind, &[], &[])?;
            return new::where_to(state, typed, NewWhat::Service(kind.clone()));
        }
        Then::AddOn(what) => return new::used_by_whom(state, what, typed),
        Then::AddUsed(what, on) => new::added(state, what, on, typed)?,
        Then::AddApp => {
            change::add_app(plan, typed, "", None, &[])?;
            let ask = Ask::text(
                "its container image, with its tag",
                "",
                Then::AddImage(typed.to_owned()),
            );
            return Ok(asked(
                ask.about(["Without an image it runs as a process: press enter."]),
            ));
        }
        Then::AddImage(name) => {
            let then = Then::AddPort(name.clone(), typed.to_owned());
            let ask = Ask::text("the port that it listens on", "", then);
            return Ok(asked(ask.about([
                "An app that nobody connects to needs none: press enter.",
            ])));
        }
        Then::AddPort(name, image) => {
            let port = match typed {
                "" => None,
                typed => Some(change::port(typed)?),
            };
            let image = image.clone();
            let app = NewApp { image, port };
            return new::where_to(state, name, NewWhat::App(app));
        }
        Then::AddHost => {
            let environment = here.as_ref().ok_or_else(missing)?;
            change::add_host(plan, environment, typed, (HostKind::Machine, None))?;
            let then = Then::AddHostKind(typed.to_owned());
            return Ok(asked(Ask::choice(
                "what it is",
                choices::<HostKind>(),
                then,
            )));
        }
        Then::AddHostKind(name) => {
            let environment = here.as_ref().ok_or_else(missing)?;
            let kind = HostKind::find(typed).unwrap_or(HostKind::Machine);
            // What a provider runs has an address of its own for each service.
            if kind == HostKind::Managed {
                change::add_host(plan, environment, name, (kind, None))?
            } else {
                let then = Then::AddHostAddress(name.clone(), kind);
                let ask = Ask::text("the address by which other hosts reach it", "", then);
                return Ok(asked(ask.about([
                    "An IP address or a name. A host that no other reaches needs none: press enter.",
                ])));
            }
        }
        Then::AddHostAddress(name, kind) => {
            let environment = here.as_ref().ok_or_else(missing)?;
            let address = change::address(typed)?;
            change::add_host(plan, environment, name, (*kind, address.as_ref()))?
        }
        Then::AddEnvironment => {
            change::add_environment(plan, typed, Tier::Local, "host")?;
            return Ok(asked(match Tier::inferred_from(typed) {
                Some(tier) => first_host(typed, tier),
                None => {
                    let then = Then::AddTier(typed.to_owned());
                    Ask::choice(format!("what {typed} is for"), choices::<Tier>(), then)
                }
            }));
        }
        Then::AddTier(name) => {
            let tier = Tier::find(typed).unwrap_or(Tier::Development);
            return Ok(asked(first_host(name, tier)));
        }
        Then::AddFirstHost(name, tier) => change::add_environment(plan, name, *tier, typed)?,
        Then::CopyEnvironment => {
            change::copy_environment(plan, here.as_ref().ok_or_else(missing)?, typed)?
        }
        Then::PlaceOn(host) => {
            let environment = here.as_ref().ok_or_else(missing)?;
            change::place(plan, environment, &component()?, host)?
        }
        Then::Place(name) => {
            let environment = here.as_ref().ok_or_else(missing)?;
            change::place(plan, environment, name, &HostName::new(typed)?)?
        }
        Then::Move(carried) => {
            let environment = here.as_ref().ok_or_else(missing)?;
            let to = HostName::new(typed)?;
            change::move_to(plan, environment, &carried.component, &carried.host, &to)?
        }
        Then::Rename(what) => change::rename(plan, &state.plan.catalog, what, typed)?,
        Then::Connect(user) => each(typed, |target| change::connect(plan, user, target))?,
        Then::Disconnect(user) => each(typed, |target| change::disconnect(plan, user, target))?,
        Then::Set(property, extent) if typed == UNSAID => change::reset(property, extent)?,
        Then::Set(property, extent) => properties::set(property, extent, answer)?,
        Then::SettingName(table, extent) => {
            let property = change::named(table, typed)?;
            return Ok(asked(properties::question(state, property, extent.clone())));
        }
        Then::RuleLevel(rule) => {
            let level = Level::find(typed).unwrap_or(Level::Note);
            let then = Then::RuleReason(rule, level);
            return Ok(asked(Ask::text(
                format!("why {rule} is set to {level} here"),
                "",
                then,
            )));
        }
        Then::CompareWith => {
            let with = EnvironmentName::new(typed)?;
            return Ok(Next::Show(Dialog::Comparison { with, selected: 0 }));
        }
        Then::Accept(component, aspect) => {
            change::accept_difference(plan, component, *aspect, typed)?
        }
        Then::RuleReason(rule, level) => change::set_level(rule, *level, typed)?,
        Then::Suggest => return suggestions::next(state, typed),
        Then::ImportFiles(_) => return import::wanted(typed).map(Next::Read),
        Then::ImportEnvFiles => {
            let back = import::with_env_files(ask, typed);
            return Ok(back.map_or(Next::Done, Next::Show));
        }
        Then::Import(found) if typed == YES => return Ok(Next::Import((**found).clone())),
        Then::Import(_) => {
            let back = ask.back.clone();
            return Ok(back.map_or(Next::Done, |back| Next::Show(*back)));
        }
        Then::PlanName => change::name_plan(typed)?,
        Then::NewName | Then::NewApps(_) | Then::NewNeeds(..) | Then::NewEnvironments(..) => {
            return begin::next(state, &ask.then, typed);
        }
        Then::Confirm(change) if typed == YES => change.clone(),
        Then::Remove(everywhere, _) if typed == YES => everywhere.clone(),
        Then::Remove(_, here) if typed == HERE => here.clone(),
        Then::Confirm(_) | Then::Remove(..) => return Ok(Next::Done),
        Then::Quit => return Ok(save::on_quit_answer(typed)),
        Then::Conflict(text) if typed == save::THEIRS => return Ok(Next::Theirs(text.clone())),
        Then::Conflict(text) => return Ok(Next::Mine(text.clone())),
        Then::SaveAs if typed.is_empty() => {
            return Err(ChangeError::Value("type the path of a file".to_owned()));
        }
        Then::SaveAs => return Ok(Next::SaveAs(typed.to_owned())),
        Then::HandOver(open, agreed) => {
            return Ok(asked(generate::after_handover(
                state,
                open,
                agreed,
                typed == YES,
            )));
        }
        Then::Generate(_) if generate::is_for_findings(typed) => {
            return Ok(Next::Do(generate::show_findings));
        }
        Then::Generate(handovers) if typed != NO => {
            let in_conflict = match typed {
                generate::REPLACE => InConflict::Replaced,
                _ => InConflict::Left,
            };
            return Ok(Next::Write(handovers.clone(), in_conflict));
        }
        Then::Reveal if typed == YES => return Ok(Next::Do(save::reveal_credentials)),
        Then::Generate(_) | Then::Reveal => return Ok(Next::Done),
    };
    Ok(Next::Change(change))
}

pub fn asked(ask: Ask) -> Next {
    Next::Ask(Box::new(ask))
}

fn first_host(environment: &str, tier: Tier) -> Ask {
    let usual = suggest::usual_host(tier);
    let then = Then::AddFirstHost(environment.to_owned(), tier);
    Ask::text(format!("the first host of {environment}"), usual, then)
}

fn choices<C: Choice>() -> Vec<Offer> {
    let all = C::ALL.iter();
    all.map(|choice| Offer::new(choice.as_str(), choice.meaning()))
        .collect()
}

/// The names of hosts that may be chosen, with what they run.
pub fn hosts(state: &State) -> Vec<Offer> {
    let Some(topology) = state.topology() else {
        return Vec::new();
    };
    let own = topology.hosts.values().filter(|host| host.is_own());
    own.map(|host| {
        let runs = host
            .runs
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>();
        let runs = match runs.is_empty() {
            true => "nothing yet".to_owned(),
            false => format!("runs {}", runs.join(", ")),
        };
        Offer::new(host.name.as_str(), printed(&runs))
    })
    .collect()
}

/// The apps and services of the plan for which `wanted` holds, with what they are.
pub fn components(state: &State, wanted: impl Fn(&ComponentName) -> bool) -> Vec<Offer> {
    let plan = &state.plan.analysis.plan;
    let apps = plan.apps.keys().map(|name| (name, "app"));
    let services = plan
        .services
        .iter()
        .map(|(name, service)| (name, service.kind.as_deref().unwrap_or("service")));
    let all = apps.chain(services).filter(|(name, _)| wanted(name));
    all.map(|(name, what)| Offer::new(name.as_str(), printed(what)))
        .collect()
}
