//! The terminal app on large plans, drawn into memory.

use std::cell::Cell;
use std::io::{self, Write};
use std::rc::Rc;
use std::sync::Arc;

use backstay::analysis::{Config, analyze};
use backstay::catalog::Catalog;
use backstay::layout::Charset;
use backstay::model::Date;
use backstay::tui::{Effect, Key, Keymap, Msg, Plan, State, Theme, Thing, draw, settle, update};
use ratatui::backend::{CrosstermBackend, TestBackend};
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};

/// The app on a screen of 200 by 60 cells.
pub struct App {
    state: State,
    terminal: Terminal<TestBackend>,
}

/// Columns and rows of the screen.
const SIZE: (u16, u16) = (200, 60);

impl App {
    /// The app as it is when it has opened a plan.
    pub fn open(text: &str) -> App {
        let catalog = Catalog::builtin();
        let today = Date::parse("2026-11-22").expect("a date");
        let config = Config { today };
        let analysis = analyze(text, &catalog, &config);
        let plan = Plan {
            config,
            path: Some("backstay.toml".into()),
            shown_path: "backstay.toml".to_owned(),
            text: text.into(),
            catalog: Arc::new(catalog),
            analysis: Arc::new(analysis),
        };
        let (keymap, theme) = (Keymap::builtin(), Theme::Terminal);
        let mut state = State::new(plan, keymap, theme, Charset::Unicode, SIZE);
        settle(&mut state);
        let backend = TestBackend::new(SIZE.0, SIZE.1);
        App {
            state,
            terminal: Terminal::new(backend).expect("memory does not fail"),
        }
    }

    /// Presses a key.
    pub fn press(&mut self, key: &str) {
        let key = Key::parse(key).expect("it is a key");
        update(&mut self.state, Msg::Key(key));
    }

    /// Moves the first service of the environment to the next host, as two keys and a frame do: text,
    /// analysis, layout, inspector.
    pub fn edit(&mut self) {
        let topology = self.state.topology().expect("the plan has environments");
        let mut services = topology
            .components
            .values()
            .filter(|it| it.service().is_some());
        let service = services.next().expect("the plan has services").name.clone();
        let from = topology
            .instances_of(&service)
            .next()
            .expect("it is placed");
        let mut others = topology.hosts.keys().filter(|host| **host != from.host);
        let to = others.next_back().expect("there is another").clone();
        self.state.carried = Some(from.clone());
        self.state.selection = Some(Thing::Host(to));
        let key = Key::parse("p").expect("it is a key");
        for effect in update(&mut self.state, Msg::Key(key)) {
            if let Effect::Analyze(text, cause) = effect {
                let plan = self.state.plan.with_text(&text);
                update(&mut self.state, Msg::Analyzed(Box::new(plan), cause));
            }
        }
        self.draw();
    }

    /// Draws a frame.
    pub fn draw(&mut self) {
        let drawn = self.terminal.draw(|frame| draw(&self.state, frame));
        drawn.expect("memory does not fail");
    }

    /// Presses a key, and writes what a terminal would get; how many bytes that is.
    pub fn press_and_write(&mut self, key: &str, sink: &mut Sink) -> usize {
        self.press(key);
        let before = sink.written.get();
        let drawn = sink.terminal.draw(|frame| draw(&self.state, frame));
        drawn.expect("memory does not fail");
        sink.written.get() - before
    }
}

/// A terminal that counts what is written to it.
pub struct Sink {
    terminal: Terminal<CrosstermBackend<Counter>>,
    written: Rc<Cell<usize>>,
}

/// Counts bytes.
struct Counter(Rc<Cell<usize>>);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.set(self.0.get() + bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Sink {
    /// A screen with nothing on it.
    pub fn new() -> Sink {
        let written = Rc::new(Cell::new(0));
        let backend = CrosstermBackend::new(Counter(written.clone()));
        let viewport = Viewport::Fixed(Rect::new(0, 0, SIZE.0, SIZE.1));
        let terminal = Terminal::with_options(backend, TerminalOptions { viewport });
        Sink {
            terminal: terminal.expect("memory does not fail"),
            written,
        }
    }
}
