//! Moving in lists and scrolling the texts beside them.

use crate::model::EnvironmentName;
use crate::tui::command::Command;
use crate::tui::regions::regions;
use crate::tui::state::{Dialog, Files, Panel, State};
use crate::tui::update::save;
use crate::tui::view::{catalog, dialogs, files};
use crate::tui::world::FilePreview;

/// Where a command leads from `at` in a list that ends with `last`.
pub fn moved(at: usize, last: usize, page: usize, command: Command) -> usize {
    let to = match command {
        Command::Up => at.saturating_sub(1),
        Command::Down => at + 1,
        Command::PageUp => at.saturating_sub(page),
        Command::PageDown => at + page,
        Command::First => 0,
        Command::Last => last,
        _ => at,
    };
    to.min(last)
}

/// Moves in the list of the panel that is shown.
pub fn go(state: &mut State, command: Command) {
    let areas = regions(state);
    let page = usize::from(areas.main.height).max(1);
    let half = usize::from(areas.side.unwrap_or_default().height / 2).max(1);
    let aside = usize::from(areas.side.unwrap_or_default().width / 2).max(1);
    let last = length(state).saturating_sub(1);
    let scrolled = |scroll: usize| match command {
        Command::ScrollDown => scroll + half,
        Command::ScrollUp => scroll.saturating_sub(half),
        _ => scroll,
    };
    let lists = &mut state.lists;
    match state.panel {
        Panel::Findings => lists.finding = moved(lists.finding, last, page, command),
        Panel::Files => {
            let to = moved(lists.file, last, page, command);
            if to != lists.file {
                lists.show_file(to);
            }
            lists.file_scroll = scrolled(lists.file_scroll);
            lists.file_shift = match command {
                Command::Left | Command::PanLeft => lists.file_shift.saturating_sub(aside),
                Command::Right | Command::PanRight => lists.file_shift + aside,
                _ => lists.file_shift,
            };
        }
        Panel::Catalog => {
            let to = moved(lists.kind, last, page, command);
            lists.kind_scroll = if to == lists.kind {
                scrolled(lists.kind_scroll)
            } else {
                0
            };
            lists.kind = to;
        }
        Panel::Map | Panel::Matrix => {}
    }
}

/// Takes over the files of an environment; the one that was selected stays so.
pub fn on_files(
    state: &mut State,
    environment: EnvironmentName,
    result: Result<Vec<FilePreview>, String>,
) {
    let selected = state.listed_files().get(state.lists.file);
    let selected = selected.map(|file| file.path.clone());
    state.waits_for_files = false;
    if save::cannot_reveal(state, &result) {
        return;
    }
    state.files = Some(Files {
        environment,
        is_current: true,
        result,
    });
    let is_selected = |file: &FilePreview| Some(&file.path) == selected.as_ref();
    match state.listed_files().iter().position(is_selected) {
        Some(at) => state.lists.file = at,
        None => choose_file(state),
    }
}

/// Selects the file that says most about what is selected: the compose file of its host, else the runbook.
pub fn choose_file(state: &mut State) {
    let Some(topology) = state.topology() else {
        return;
    };
    let host = state.selection.as_ref().map(|thing| thing.host().as_str());
    let wanted = match host {
        Some(host) => format!("{}/{host}/compose.yaml", topology.environment),
        None => format!("{}/README.md", topology.environment),
    };
    let mut files = state.listed_files().iter();
    if let Some(at) = files.position(|file| file.path == wanted) {
        state.lists.show_file(at);
    }
}

/// How many entries the list of the panel has.
pub fn length(state: &State) -> usize {
    match state.panel {
        Panel::Findings => state.listed_findings().len(),
        Panel::Files => state.listed_files().len(),
        Panel::Catalog => state.plan.catalog.kinds().count(),
        Panel::Matrix => state.matrix_rows().len(),
        Panel::Map => 0,
    }
}

/// Keeps every list at an entry that it has, and every text at a line that it has.
pub fn clamp(state: &mut State) {
    let last = length(state).saturating_sub(1);
    let side = regions(state).side.unwrap_or_default();
    match state.panel {
        Panel::Findings => state.lists.finding = state.lists.finding.min(last),
        Panel::Files => {
            state.lists.file = state.lists.file.min(last);
            let extent = files::extent(state, side);
            let lists = &mut state.lists;
            lists.file_scroll = lists.file_scroll.min(extent.most_scroll);
            lists.file_shift = lists.file_shift.min(extent.most_shift);
        }
        Panel::Catalog => {
            state.lists.kind = state.lists.kind.min(last);
            if state.lists.kind_scroll > 0 {
                let most = catalog::most_scroll(state, side);
                state.lists.kind_scroll = state.lists.kind_scroll.min(most);
            }
        }
        Panel::Matrix => state.lists.component = state.lists.component.min(last),
        Panel::Map => {}
    }
}

/// Keeps a text that lies over the panels at a row that it has.
pub fn clamp_dialog(state: &mut State) {
    let area = regions(state).dialog.unwrap_or_default();
    let most = match &state.dialog {
        Some(dialog) => dialogs::most_scroll(state, dialog, area),
        None => return,
    };
    if let Some(
        Dialog::Help { scroll } | Dialog::Changes { scroll, .. } | Dialog::Written { scroll, .. },
    ) = &mut state.dialog
    {
        *scroll = most.min(*scroll);
    }
}
