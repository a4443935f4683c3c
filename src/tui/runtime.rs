//! The loop: reads what happens, updates, carries out effects, draws. Alone in `tui` it touches the terminal.

use std::io::{self, BufWriter, Stdout, Write, stdout};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use crossterm::event::{
    self, DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
    Event, KeyEventKind, MouseButton, MouseEvent, MouseEventKind,
};
use crossterm::execute;
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

use crate::layout::Charset;
use crate::tui::command::Command;
use crate::tui::key::Key;
use crate::tui::keymap::Keymap;
use crate::tui::msg::{Effect, Mouse, Msg};
use crate::tui::state::{Notice, State};
use crate::tui::theme::Theme;
use crate::tui::update::{settle, try_fixes, update};
use crate::tui::view;
use crate::tui::words::of_screen;
use crate::tui::world::{FileSort, Gone, Seen, World};

/// How long nothing happens before the plan's file is looked at.
const PAUSE: Duration = Duration::from_millis(500);
/// The same while something is worked out.
const SHORT_PAUSE: Duration = Duration::from_millis(5);
/// Texts that are longer are analysed while the screen goes on: more than some 3,000 services.
const LONG: usize = 400_000;
/// Most events that are taken before the screen is drawn again.
const MOST_EVENTS: usize = 64;
/// Presses that follow each other this soon at one cell are a double press.
const DOUBLE_PRESS: Duration = Duration::from_millis(400);
/// Room for a whole screen, so that it is written at once.
const BUFFER: usize = 256 * 1024;

/// How the screen looks, and what keys mean.
#[derive(Debug)]
pub struct Options {
    /// Keys.
    pub keymap: Keymap,
    /// Colours.
    pub theme: Theme,
    /// Characters of the picture.
    pub charset: Charset,
    /// What to say first: faults of the user's own files.
    pub notice: Option<String>,
}

/// Whether the process was stopped and goes on.
static HAS_CONTINUED: AtomicBool = AtomicBool::new(false);

type Screen = Terminal<CrosstermBackend<BufWriter<Stdout>>>;

/// Shows the plan until the user leaves.
///
/// # Errors
///
/// If the terminal cannot be used, or is gone. It is left as it was found in any case.
pub fn run(world: &mut dyn World, options: Options) -> io::Result<()> {
    let plan = world.plan().map_err(io::Error::other)?;
    end_on_signals()?;
    restore_on_panic();
    let mut screen = open()?;
    let size = screen.size()?;
    let mut state = State::new(
        plan,
        options.keymap,
        options.theme,
        options.charset,
        (size.width, size.height),
    );
    state.notice = options.notice.map(|text| Notice {
        text,
        is_error: true,
    });
    let result = show(&mut screen, &mut state, world);
    let closed = close();
    result.and(closed)
}

fn show(screen: &mut Screen, state: &mut State, world: &mut dyn World) -> io::Result<()> {
    let mut effects: Vec<Effect> = settle(state).into_iter().collect();
    match world.unsaved() {
        Ok(Some(unsaved)) => effects.extend(update(state, Msg::Unsaved(Box::new(unsaved)))),
        Ok(None) => {}
        Err(text) => {
            let text = of_screen(&state.keymap, Command::Save, &text);
            state.notice = Some(Notice::error(text));
        }
    }
    if state.plan.path.is_none() {
        effects.push(Effect::ListPaths(FileSort::Compose, String::new()));
    }
    let mut presses = Presses::default();
    let mut work = Work::default();
    let mut kept = Kept {
        text: state.plan.text.clone(),
        saved: state.saved.clone(),
        has_failed: false,
    };
    loop {
        if follow(screen, state, world, &mut work, effects)? {
            return Ok(());
        }
        // An edit that is seen is kept; what takes long about that comes when it is seen.
        let is_new = keep(state, world, &mut kept);
        draw(screen, state)?;
        if is_new {
            world.flush();
        }
        effects = Vec::new();
        for happened in wait(state, world, &mut work)? {
            let msg = match happened {
                Happened::Resumed => {
                    close()?;
                    *screen = open()?;
                    None
                }
                Happened::Event(event) => presses.msg(event),
                Happened::Worked(msg) => Some(*msg),
                Happened::PlanChanged => Some(Msg::PlanChanged),
                Happened::PlanGone(what) => Some(Msg::PlanGone(what, kept_now(state, world))),
            };
            let asked = msg.map(|msg| update(state, msg)).unwrap_or_default();
            // What a key asks for is done before the next key is looked at.
            if follow(screen, state, world, &mut work, asked)? {
                return Ok(());
            }
        }
    }
}

/// Carries out effects and what follows from them; whether the app ends.
fn follow(
    screen: &mut Screen,
    state: &mut State,
    world: &mut dyn World,
    work: &mut Work,
    mut effects: Vec<Effect>,
) -> io::Result<bool> {
    // The first asked for is the first done.
    effects.reverse();
    while let Some(effect) = effects.pop() {
        match carry_out(screen, state, world, work, effect)? {
            Done::Said(msg) => effects.extend(update(state, *msg)),
            Done::Nothing => {}
            Done::Ended => {
                world.forget();
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// What was kept last.
struct Kept {
    text: Arc<str>,
    /// What it was made of.
    saved: Arc<str>,
    has_failed: bool,
}

/// Keeps edits that are not saved, so that they survive whatever happens to this process; whether there is
/// something new.
fn keep(state: &mut State, world: &mut dyn World, kept: &mut Kept) -> bool {
    let (text, saved) = (&state.plan.text, &state.saved);
    if Arc::ptr_eq(&kept.text, text) && Arc::ptr_eq(&kept.saved, saved) {
        return false;
    }
    (kept.text, kept.saved) = (text.clone(), saved.clone());
    match state.is_edited() {
        true => {
            let result = world.keep(&state.saved, &state.plan.text, state.imported.as_ref());
            // Said once: what every edit brings is not read.
            if let Err(text) = &result
                && !kept.has_failed
            {
                state.notice = Some(Notice::error(format!(
                    "your edits are not kept safe: {}",
                    of_screen(&state.keymap, Command::Save, text)
                )));
            }
            kept.has_failed = result.is_err();
        }
        false => world.forget(),
    }
    state.is_edited()
}

/// Keeps edits that are not saved once more, wherever that is possible now; where, or why not.
fn kept_now(state: &State, world: &mut dyn World) -> Option<Result<String, String>> {
    let keep = || world.keep(&state.saved, &state.plan.text, state.imported.as_ref());
    state.is_edited().then(keep)
}

/// What is worked out while the screen goes on showing what was before.
#[derive(Default)]
struct Work {
    under_way: Option<Receiver<Msg>>,
}

impl Work {
    fn begin(&mut self, work: impl FnOnce() -> Msg + Send + 'static) {
        let (sender, receiver) = mpsc::channel();
        self.under_way = Some(receiver);
        std::thread::spawn(move || {
            // Nobody listens any more once the app has ended.
            let _ = sender.send(work());
        });
    }

    fn done(&mut self) -> Option<Msg> {
        let msg = self.under_way.as_ref()?.try_recv().ok()?;
        self.under_way = None;
        Some(msg)
    }
}

/// Something from outside.
enum Happened {
    Event(Event),
    Worked(Box<Msg>),
    PlanChanged,
    PlanGone(Gone),
    /// The process was stopped from outside and goes on; the terminal may be as the shell left it.
    Resumed,
}

/// Waits until something happens; then everything that has.
fn wait(state: &State, world: &mut dyn World, work: &mut Work) -> io::Result<Vec<Happened>> {
    loop {
        let pause = match work.under_way {
            Some(_) => SHORT_PAUSE,
            None => PAUSE,
        };
        match event::poll(pause) {
            Ok(true) => break,
            Ok(false) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if HAS_CONTINUED.swap(false, Ordering::Relaxed) {
            return Ok(vec![Happened::Resumed]);
        }
        if let Some(msg) = work.done() {
            return Ok(vec![Happened::Worked(Box::new(msg))]);
        }
        if work.under_way.is_none() && state.plan.path.is_some() {
            match world.look() {
                Seen::Same => {}
                Seen::Changed => return Ok(vec![Happened::PlanChanged]),
                Seen::Gone(what) => return Ok(vec![Happened::PlanGone(what)]),
            }
        }
    }
    let mut happened = Vec::new();
    while happened.len() < MOST_EVENTS && event::poll(Duration::ZERO)? {
        happened.push(Happened::Event(event::read()?));
    }
    Ok(happened)
}

/// What came of an effect.
enum Done {
    Nothing,
    Said(Box<Msg>),
    Ended,
}

fn carry_out(
    screen: &mut Screen,
    state: &State,
    world: &mut dyn World,
    work: &mut Work,
    effect: Effect,
) -> io::Result<Done> {
    let msg = match effect {
        Effect::Quit => return Ok(Done::Ended),
        Effect::ReadPlan => Msg::Plan(world.plan()),
        Effect::Analyze(text, cause) if text.len() > LONG => {
            let plan = state.plan.clone();
            work.begin(move || Msg::Analyzed(Box::new(plan.with_text(&text)), cause));
            return Ok(Done::Nothing);
        }
        Effect::TryFixes => {
            let plan = state.plan.clone();
            work.begin(move || Msg::Tried(Box::new(try_fixes(&plan))));
            return Ok(Done::Nothing);
        }
        Effect::Analyze(text, cause) => Msg::Analyzed(Box::new(state.plan.with_text(&text)), cause),
        Effect::Save => Msg::Saved(world.save(&state.saved, &state.plan.text).map(|_| None)),
        Effect::SaveAs(path) => {
            let saved = world.save_as(&path, &state.plan.text, state.imported.as_ref());
            Msg::Saved(saved.map(Some))
        }
        Effect::ListPaths(sort, typed) => {
            let paths = world.paths_like(sort, &typed);
            Msg::Listed(sort, typed, paths)
        }
        Effect::Import(wanted, how) => {
            let read = world.import(&wanted, &how);
            work.begin(move || Msg::Imported(read().map(Box::new)));
            return Ok(Done::Nothing);
        }
        Effect::FindToWrite => Msg::ToWrite(world.to_write(&state.plan)),
        Effect::WriteFiles(handovers, in_conflict) => {
            Msg::Written(world.write_files(&state.plan, &handovers, in_conflict))
        }
        Effect::ReadFiles(environment, credentials) => {
            let files = world.files(&state.plan, &environment, credentials);
            Msg::Files(environment, files)
        }
        Effect::Edit(line) => {
            close()?;
            let edited = world.edit(line);
            *screen = open()?;
            Msg::Edited(edited)
        }
        Effect::Suspend => {
            close()?;
            suspend()?;
            *screen = open()?;
            return Ok(Done::Nothing);
        }
    };
    Ok(Done::Said(Box::new(msg)))
}

/// Draws what has changed, in one piece.
fn draw(screen: &mut Screen, state: &State) -> io::Result<()> {
    execute_buffered(screen, BeginSynchronizedUpdate)?;
    screen.draw(|frame| view::draw(state, frame))?;
    execute_buffered(screen, EndSynchronizedUpdate)?;
    screen.backend_mut().flush()
}

fn execute_buffered(screen: &mut Screen, command: impl crossterm::Command) -> io::Result<()> {
    crossterm::queue!(screen.backend_mut(), command)
}

fn open() -> io::Result<Screen> {
    enable_raw_mode()?;
    execute!(
        stdout(),
        EnterAlternateScreen,
        Clear(ClearType::All),
        EnableMouseCapture,
        EnableBracketedPaste
    )?;
    let writer = BufWriter::with_capacity(BUFFER, stdout());
    // `Terminal::clear` would ask where the cursor is, which not every terminal answers.
    Terminal::new(CrosstermBackend::new(writer))
}

/// Leaves the terminal as it was found.
fn close() -> io::Result<()> {
    let left = execute!(
        stdout(),
        EndSynchronizedUpdate,
        DisableBracketedPaste,
        DisableMouseCapture,
        LeaveAlternateScreen,
        crossterm::cursor::Show
    );
    disable_raw_mode().and(left)
}

/// The message of a panic is read on the screen of before.
fn restore_on_panic() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let _ = close();
        before(info);
    }));
}

/// Leaves the terminal and ends when the program is told to: by `kill`, or since its terminal is gone. A thread
/// of its own waits for that, because reading from a terminal that is gone may never return.
fn end_on_signals() -> io::Result<()> {
    #[cfg(unix)]
    {
        use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM};
        let mut signals = signal_hook::iterator::Signals::new([SIGTERM, SIGHUP, SIGINT, SIGCONT])?;
        std::thread::spawn(move || {
            for signal in signals.forever() {
                if signal == SIGCONT {
                    HAS_CONTINUED.store(true, Ordering::Relaxed);
                    continue;
                }
                let _ = close();
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        });
    }
    Ok(())
}

/// Stops until the shell lets it go on.
fn suspend() -> io::Result<()> {
    #[cfg(unix)]
    signal_hook::low_level::raise(signal_hook::consts::SIGTSTP)?;
    Ok(())
}

/// The last press of the mouse, to know a double one by.
#[derive(Default)]
struct Presses {
    last: Option<(Instant, u16, u16)>,
}

impl Presses {
    fn msg(&mut self, event: Event) -> Option<Msg> {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => {
                Some(Msg::Key(Key::from_event(key)))
            }
            Event::Mouse(mouse) => self.mouse(mouse),
            Event::Resize(width, height) => Some(Msg::Resize(width, height)),
            Event::Paste(text) => Some(Msg::Paste(text)),
            _ => None,
        }
    }

    fn mouse(&mut self, event: MouseEvent) -> Option<Msg> {
        let (x, y) = (event.column, event.row);
        let mouse = match event.kind {
            MouseEventKind::Down(MouseButton::Left) => self.press(x, y),
            MouseEventKind::Drag(MouseButton::Left) => Mouse::Drag,
            MouseEventKind::Up(MouseButton::Left) => Mouse::Release,
            MouseEventKind::ScrollUp => Mouse::WheelUp,
            MouseEventKind::ScrollDown => Mouse::WheelDown,
            MouseEventKind::ScrollLeft => Mouse::WheelLeft,
            MouseEventKind::ScrollRight => Mouse::WheelRight,
            _ => return None,
        };
        Some(Msg::Mouse(mouse, x, y))
    }

    fn press(&mut self, x: u16, y: u16) -> Mouse {
        let now = Instant::now();
        let is_double = self
            .last
            .is_some_and(|(at, ..)| now.duration_since(at) < DOUBLE_PRESS)
            && self.last.is_some_and(|(_, a, b)| (a, b) == (x, y));
        self.last = (!is_double).then_some((now, x, y));
        match is_double {
            true => Mouse::DoublePress,
            false => Mouse::Press,
        }
    }
}
