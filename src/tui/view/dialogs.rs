//! What lies over the panels: every key, commands by name, and the search.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Padding};

use crate::finding::printed;
use crate::report::changes::Changes;
use crate::tui::command::{Command, Scope};
use crate::tui::state::{Dialog, State, Thing};
use crate::tui::update::matches;
use crate::tui::view::{ask, comparison, list, palette, properties, span, wrapped};

/// How wide the column of keys is.
const KEYS: usize = 20;

/// Draws the dialog that is open.
pub fn draw(state: &State, area: Rect, frame: &mut Frame) {
    let Some(dialog) = &state.dialog else { return };
    let title = match dialog {
        Dialog::Help { .. } => " keys ",
        Dialog::Palette { .. } => " commands ",
        Dialog::Search { .. } => " search ",
        Dialog::Changes { .. } => " what the last edit changed ",
        Dialog::Written { .. } => " what is to be done now ",
        Dialog::Ask(question) => return ask::draw(state, question, area, frame),
        Dialog::Properties { of, selected } => {
            return properties::draw(state, of, *selected, area, frame);
        }
        Dialog::Comparison { with, selected } => {
            return comparison::draw(state, with, *selected, area, frame);
        }
    };
    let keys = match dialog {
        Dialog::Help { .. } | Dialog::Changes { .. } | Dialog::Written { .. } => {
            " up and down scroll, esc closes "
        }
        _ => " up and down choose, enter takes it, esc closes ",
    };
    let block = block()
        .title(title)
        .title_bottom(Line::styled(keys, state.theme.dim()))
        .border_style(state.theme.accent());
    let inner = block.inner(area);
    frame.render_widget(block, area);
    match dialog {
        Dialog::Help { scroll }
        | Dialog::Changes { scroll, .. }
        | Dialog::Written { scroll, .. } => wrapped(text(state, dialog), *scroll, inner, frame),
        Dialog::Palette { query, selected } => {
            let found = palette::found(state, query);
            let lines: Vec<Line> = found.iter().map(|command| entry(state, *command)).collect();
            choice(state, query, lines, *selected, inner, frame);
        }
        Dialog::Search { query, selected } => {
            let things = matches(state, query);
            let lines: Vec<Line> = things
                .iter()
                .map(|thing| thing_line(state, thing))
                .collect();
            choice(state, query, lines, *selected, inner, frame);
        }
        Dialog::Ask(_) | Dialog::Properties { .. } | Dialog::Comparison { .. } => {}
    }
}

/// The last row of an open text that can come first.
pub fn most_scroll(state: &State, dialog: &Dialog, area: Rect) -> usize {
    super::most_scroll(&text(state, dialog), block().inner(area))
}

fn block() -> Block<'static> {
    Block::bordered().padding(Padding::horizontal(1))
}

/// What a dialog says that is only read.
fn text(state: &State, dialog: &Dialog) -> Vec<Line<'static>> {
    match dialog {
        Dialog::Help { .. } => help(state),
        Dialog::Changes { changes, .. } => changed(state, changes),
        Dialog::Written { steps, .. } => {
            let lines = steps.iter().map(|line| Line::from(printed(line)));
            lines.collect()
        }
        _ => Vec::new(),
    }
}

/// A line of text, and below it what it finds.
fn choice(
    state: &State,
    query: &str,
    lines: Vec<Line<'static>>,
    selected: usize,
    area: Rect,
    frame: &mut Frame,
) {
    let prompt = Line::from(vec![
        span("> ", state.theme.accent()),
        Span::raw(printed(query)),
        span(" ", state.theme.selected()),
    ]);
    frame.render_widget(prompt, Rect { height: 1, ..area });
    // Where there is hardly room, what is selected is worth more than a gap.
    let above = if area.height > 2 { 2 } else { 1 };
    let below = Rect {
        y: area.y + above.min(area.height),
        height: area.height.saturating_sub(above),
        ..area
    };
    if lines.is_empty() {
        frame.render_widget(
            Line::styled("nothing is called so", state.theme.dim()),
            below,
        );
        return;
    }
    let count = lines.len();
    list(&mut lines.into_iter(), selected, count, below, state, frame);
}

fn thing_line(state: &State, thing: &Thing) -> Line<'static> {
    match thing {
        Thing::Host(host) => Line::from(vec![
            Span::raw(host.to_string()),
            span("  host", state.theme.dim()),
        ]),
        Thing::Instance(instance) => Line::from(vec![
            Span::raw(instance.component.to_string()),
            span(format!("  on {}", instance.host), state.theme.dim()),
        ]),
    }
}

fn entry(state: &State, command: Command) -> Line<'static> {
    let keys = state
        .keymap
        .keys_of(command)
        .iter()
        .map(ToString::to_string);
    let mut keys = keys.collect::<Vec<_>>().join(" ");
    if keys.is_empty() {
        // What has no key is reached by its name.
        let palette = state.keymap.shown(Command::Palette);
        keys = format!("{palette} {}", command.name());
    }
    match command.available(state) {
        Ok(()) => Line::from(vec![
            span(format!("{keys:<KEYS$}"), state.theme.accent()),
            Span::raw(command.title()),
        ]),
        Err(why) => Line::styled(
            format!("{keys:<KEYS$}{} ({why})", command.title()),
            state.theme.dim(),
        ),
    }
}

fn help(state: &State) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let shown = Scope::of(state.panel);
    // The keys of this panel first.
    let scopes = std::iter::once(shown).chain(Scope::ALL.into_iter().filter(|it| *it != shown));
    for scope in scopes {
        let of_scope = Command::ALL
            .iter()
            .filter(|command| command.scopes().contains(&scope));
        let title = match scope {
            Scope::Everywhere => "everywhere".to_owned(),
            scope => format!("in the {} panel", scope.name()),
        };
        lines.push(Line::styled(title, state.theme.strong()));
        lines.extend(of_scope.map(|command| entry(state, *command)));
        lines.push(Line::default());
    }
    lines.push(Line::styled(
        "With the mouse: click to select, double click to focus or open, turn the wheel to scroll, drag the map.",
        state.theme.dim(),
    ));
    lines
}

/// Findings that are gone and new, and variables with their values before and now.
fn changed(state: &State, changes: &Changes) -> Vec<Line<'static>> {
    let theme = state.theme;
    let mut lines = Vec::new();
    let mut section = |title: &str, entries: Vec<Line<'static>>| {
        if !entries.is_empty() {
            lines.push(Line::styled(title.to_owned(), theme.strong()));
            lines.extend(entries);
            lines.push(Line::default());
        }
    };
    let all = |texts: &[String], style| {
        let lines = texts
            .iter()
            .map(|text| Line::styled(format!("  {}", printed(text)), style));
        lines.collect()
    };
    section("findings that are gone", all(&changes.gone, theme.added()));
    section("findings that are new", all(&changes.new, theme.removed()));
    let variables = changes.variables.iter().flat_map(|variable| {
        let name = Line::from(vec![
            span(format!("  {} ", printed(&variable.owner)), theme.dim()),
            Span::raw(printed(&variable.name)),
        ]);
        let value = |sign: &str, value: &Option<String>, style| {
            let value = value.as_ref()?;
            Some(Line::styled(
                format!("    {sign} {}", printed(value)),
                style,
            ))
        };
        let before = value("-", &variable.before, theme.removed());
        let after = value("+", &variable.after, theme.added());
        std::iter::once(name).chain(before).chain(after)
    });
    section("variables with another value", variables.collect());
    if lines.is_empty() {
        lines.push(Line::styled("nothing but the text", theme.dim()));
    }
    lines
}
