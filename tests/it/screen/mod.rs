//! The terminal app without a terminal: keys go in, screens come out.

mod adding;
mod choosing;
mod cut;
mod editing;
mod facts;
mod fixes;
mod import_keys;
mod imported;
mod importing;
mod pictures;
mod random;
mod remarks;
mod renamed;
mod saving;
mod sizes;
mod suggestions;
mod terminal;
mod words;
mod writing;

use std::sync::Arc;

use backstay::analysis::{Config, analyze};
use backstay::catalog::Catalog;
use backstay::layout::Charset;
use backstay::model::Date;
use backstay::tui::{
    Effect, FilePreview, FileState, Key, Keymap, Msg, Plan, State, Theme, ToWrite, draw, settle,
    try_fixes, update,
};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

/// The embedded example.
pub const EXAMPLE: &str = include_str!("../../../templates/example.toml");

/// The app on a plan.
pub struct Screen {
    state: State,
    /// What it asked for and has not got.
    effects: Vec<Effect>,
    /// The texts that it saved.
    saved: Vec<String>,
    /// Credentials that could be handed over.
    to_write: ToWrite,
    /// Whether compose files take longer to be read than the test waits.
    is_slow: bool,
}

impl Screen {
    /// A plan on a screen of so many columns and rows.
    pub fn new(plan: &str, width: u16, height: u16) -> Screen {
        let size = (width, height);
        let mut state = State::new(
            read(plan),
            Keymap::builtin(),
            Theme::Terminal,
            Charset::Unicode,
            size,
        );
        let effects = settle(&mut state).into_iter().collect();
        Screen {
            state,
            effects,
            saved: Vec::new(),
            to_write: ToWrite::default(),
            is_slow: false,
        }
    }

    /// Presses keys: `jj<enter>` is j twice and Enter.
    pub fn keys(mut self, script: &str) -> Screen {
        for key in keys_of(script) {
            self = self.msg(Msg::Key(key));
        }
        self
    }

    fn msg(mut self, msg: Msg) -> Screen {
        let effects = update(&mut self.state, msg);
        for effect in effects {
            match effect {
                Effect::ReadFiles(environment, _) => {
                    let files = Msg::Files(environment, Ok(files()));
                    self = self.msg(files);
                }
                Effect::Save => {
                    self.saved.push(self.state.plan.text.to_string());
                    self = self.msg(Msg::Saved(Ok(None)));
                }
                Effect::Analyze(text, cause) => {
                    let plan = self.state.plan.with_text(&text);
                    self = self.msg(Msg::Analyzed(Box::new(plan), cause));
                }
                Effect::FindToWrite => {
                    let to_write = self.to_write.clone();
                    self = self.msg(Msg::ToWrite(Ok(to_write)));
                }
                Effect::TryFixes => {
                    let tried = try_fixes(&self.state.plan);
                    self = self.msg(Msg::Tried(Box::new(tried)));
                }
                Effect::ListPaths(sort, typed) => {
                    let paths = importing::paths_like(sort, &typed);
                    self = self.msg(Msg::Listed(sort, typed, paths));
                }
                Effect::Import(wanted, how) if !self.is_slow => {
                    self = self.msg(Msg::Imported(importing::found(&wanted, &how)));
                }
                other => self.effects.push(other),
            }
        }
        self
    }

    fn drawn(&self) -> Buffer {
        let (width, height) = self.state.size;
        let backend = TestBackend::new(width, height);
        let mut terminal = Terminal::new(backend).expect("it is no terminal that could fail");
        let drawn = terminal.draw(|frame| draw(&self.state, frame));
        drawn.expect("it is no terminal that could fail");
        terminal.backend().buffer().clone()
    }

    /// The screen as text.
    pub fn text(&self) -> String {
        let buffer = self.drawn();
        rows(&buffer)
            .map(|row| format!("{}\n", text_of(row)))
            .collect()
    }

    /// The screen as text, each row with the styles of its parts.
    fn styled(&self) -> String {
        let buffer = self.drawn();
        let row = |row: &[Cell]| {
            let runs = runs(row);
            let runs = if runs.is_empty() {
                runs
            } else {
                format!("        ┊ {runs}\n")
            };
            format!("{}\n{runs}", text_of(row))
        };
        rows(&buffer).map(row).collect()
    }
}

/// A plan as the world would give it.
fn read(text: &str) -> Plan {
    let catalog = Catalog::builtin();
    let today = Date::parse("2026-11-22").expect("a date");
    let config = Config { today };
    let analysis = analyze(text, &catalog, &config);
    Plan {
        path: Some("backstay.toml".into()),
        shown_path: "backstay.toml".to_owned(),
        text: text.into(),
        catalog: Arc::new(catalog),
        config,
        analysis: Arc::new(analysis),
    }
}

/// Files as the world would give them.
fn files() -> Vec<FilePreview> {
    let file = |path: &str, state, old: &str, new: &str| FilePreview {
        path: path.to_owned(),
        state,
        old: old.to_owned(),
        new: new.to_owned(),
    };
    let compose = "# Written by Backstay.\nname: x\nservices:\n  db:\n    image: \"mysql:8.4\"\n";
    vec![
        file("prod/README.md", FileState::Current, "# prod\n", "# prod\n"),
        file(
            "prod/app-1/web.env",
            FileState::Conflict,
            "A=1\n",
            "A=********\nB=2\n",
        ),
        file(
            "prod/data-1/compose.yaml",
            FileState::Changed,
            "name: x\n",
            compose,
        ),
    ]
}

fn keys_of(script: &str) -> Vec<Key> {
    let mut keys = Vec::new();
    let mut rest = script;
    while let Some(first) = rest.chars().next() {
        let name = rest.strip_prefix('<').and_then(|rest| rest.split_once('>'));
        let (name, after) = match name {
            Some((name, after)) => (name.to_owned(), after),
            None => (first.to_string(), &rest[first.len_utf8()..]),
        };
        keys.push(Key::parse(&name).unwrap_or_else(|| panic!("{name} is no key")));
        rest = after;
    }
    keys
}

fn rows(buffer: &Buffer) -> impl Iterator<Item = &[Cell]> {
    buffer.content.chunks(usize::from(buffer.area.width.max(1)))
}

fn text_of(row: &[Cell]) -> String {
    let mut text = String::new();
    let mut skip = 0;
    for cell in row {
        if skip == 0 {
            text.push_str(cell.symbol());
            skip = unicode_width::UnicodeWidthStr::width(cell.symbol()).saturating_sub(1);
        } else {
            skip -= 1;
        }
    }
    text.trim_end().to_owned()
}

/// `3..8 bold cyan, 10..12 reversed`: the parts of a row that are not plain.
fn runs(row: &[Cell]) -> String {
    let mut runs: Vec<(usize, usize, String)> = Vec::new();
    for (x, cell) in row.iter().enumerate() {
        let style = style_of(cell);
        match runs.last_mut() {
            Some((_, end, last)) if *end == x && *last == style => *end += 1,
            _ => runs.push((x, x + 1, style)),
        }
    }
    let said = runs.into_iter().filter(|(_, _, style)| !style.is_empty());
    let said = said.map(|(start, end, style)| format!("{start}..{end} {style}"));
    said.collect::<Vec<_>>().join(", ")
}

fn style_of(cell: &Cell) -> String {
    let mut words = Vec::new();
    for (modifier, word) in [
        (Modifier::BOLD, "bold"),
        (Modifier::DIM, "dim"),
        (Modifier::REVERSED, "reversed"),
    ] {
        if cell.modifier.contains(modifier) {
            words.push(word.to_owned());
        }
    }
    // The colour of nothing cannot be seen.
    let is_seen = cell.symbol() != " " || cell.modifier.contains(Modifier::REVERSED);
    if cell.fg != Color::Reset && is_seen {
        words.push(cell.fg.to_string().to_lowercase());
    }
    if !is_seen {
        words.clear();
    }
    words.join(" ")
}
