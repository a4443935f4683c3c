//! The environment beside another: which one, and differences that are accepted.

use crossterm::event::KeyCode;

use crate::model::{Choice, EnvironmentName};
use crate::report::comparison::what;
use crate::topology::Instance;
use crate::tui::ask::{Ask, Offer, Then};
use crate::tui::command::Scope;
use crate::tui::key::Key;
use crate::tui::state::{Dialog, Panel, State, Thing};
use crate::tui::update::{edit, list, select};

/// Asks which environment to compare with; where there is one other, compares with that.
pub fn open(state: &mut State) {
    let Some(here) = edit::here(state) else {
        return;
    };
    let topologies = state.plan.analysis.topologies.iter();
    let others: Vec<Offer> = topologies
        .filter(|topology| topology.environment != here)
        .map(|topology| {
            let tier = topology.tier.map(Choice::meaning).unwrap_or_default();
            Offer::new(topology.environment.as_str(), tier)
        })
        .collect();
    if let [only] = others.as_slice() {
        let with = EnvironmentName::new(&only.answer);
        state.dialog = with
            .ok()
            .map(|with| Dialog::Comparison { with, selected: 0 });
        return;
    }
    let title = format!("compare {here} with");
    edit::open(state, Ask::choice(title, others, Then::CompareWith));
}

/// Gives a key to the list of differences.
pub fn on_key(state: &mut State, with: EnvironmentName, selected: usize, key: Key) {
    let count = state.derived.comparison.differences.len();
    let command = state.keymap.command(Scope::Everywhere, key);
    let at = command.map_or(selected, |command| {
        list::moved(selected, count.saturating_sub(1), 10, command)
    });
    state.dialog = Some(Dialog::Comparison {
        with: with.clone(),
        selected: at,
    });
    let difference = state.derived.comparison.differences.get(selected);
    let Some(difference) = difference.map(|(_, difference)| difference.clone()) else {
        return;
    };
    match (key.code, key.typed()) {
        (KeyCode::Enter, _) => {
            let title = format!(
                "why {} may differ in {}",
                difference.component, difference.aspect
            );
            let about = [
                format!("{}: {}", what(&difference), difference.why),
                "It is accepted between all environments, in `[differences]` of the plan."
                    .to_owned(),
            ];
            let said = difference.accepted.clone().unwrap_or_default();
            let then = Then::Accept(difference.component, difference.aspect);
            let ask = Ask::text(title, said, then).about(about);
            let back = Some(Box::new(Dialog::Comparison { with, selected }));
            edit::open(state, Ask { back, ..ask });
        }
        (_, Some('o')) => {
            let topology = state.topology();
            let hosts = topology.map(|topology| topology.hosts_of(&difference.component));
            let host = hosts.and_then(|hosts| hosts.first().cloned());
            state.dialog = None;
            if let Some(host) = host {
                state.panel = Panel::Map;
                let component = difference.component;
                state.selection = Some(Thing::Instance(Instance { component, host }));
                select::follow(state);
            }
        }
        _ => {}
    }
}
