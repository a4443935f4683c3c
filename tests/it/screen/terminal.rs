//! The real program on a real terminal: it starts, draws, reacts, and leaves the terminal as it was.

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use backstay::import::{How, Wanted};
use backstay::layout::Charset;
use backstay::model::EnvironmentName;
use backstay::tui::{
    BroughtBack, Credentials, FilePreview, FileSort, Handover, InConflict, Keymap, NotFound,
    NotSaved, Options, Plan, Reading, SavedAs, Sealed, Seen, Theme, ToWrite, World, Written, run,
};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use tempfile::TempDir;

use crate::screen::EXAMPLE;

/// Longest that anything is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// Asks a test that starts itself on a terminal to be the program there, and to panic.
const PANICS: &str = "BACKSTAY_TEST_PANICS";

/// The program on a terminal of its own.
pub struct Running {
    pub child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    is_hung_up: Arc<AtomicBool>,
    screen: vt100::Parser,
}

impl Running {
    pub fn start(folder: &Path, arguments: &[&str]) -> Running {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_backstay"));
        command.args(arguments);
        Running::of(command, folder)
    }

    /// The program where no file can grow: writing fails as it does on a full disk.
    #[cfg(unix)]
    pub fn start_on_a_full_disk(folder: &Path) -> Running {
        let mut command = CommandBuilder::new("sh");
        let program = env!("CARGO_BIN_EXE_backstay");
        command.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\"", program]);
        Running::of(command, folder)
    }

    /// The program with a folder for what is kept of all plans.
    #[cfg(unix)]
    pub fn start_with_state(folder: &Path, state: &Path) -> Running {
        let mut command = CommandBuilder::new("sh");
        let script = "export XDG_STATE_HOME=\"$1\"; exec \"$0\"";
        command.args(["-c", script, env!("CARGO_BIN_EXE_backstay")]);
        command.arg(state);
        Running::of(command, folder)
    }

    fn of(mut command: CommandBuilder, folder: &Path) -> Running {
        let size = PtySize {
            rows: 30,
            cols: 110,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system()
            .openpty(size)
            .expect("there are terminals");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let wish = command.get_env(PANICS).map(ToOwned::to_owned);
        command.cwd(folder);
        command.env_clear();
        command.env("PATH", path);
        if let Some(wish) = wish {
            command.env(PANICS, wish);
        }
        command.env("TERM", "xterm-256color");
        command.env("EDITOR", "true");
        let child = pair.slave.spawn_command(command).expect("it starts");
        let mut reader = pair.master.try_clone_reader().expect("it can be read");
        let (sender, output) = channel();
        let is_hung_up = Arc::new(AtomicBool::new(false));
        let ends = is_hung_up.clone();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                if ends.load(Ordering::Relaxed) || sender.send(bytes[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Running {
            child,
            writer: pair.master.take_writer().expect("it can be written"),
            master: pair.master,
            output,
            is_hung_up,
            screen: vt100::Parser::new(cells(30), cells(110), 0),
        }
    }

    pub fn keys(&mut self, keys: &str) {
        self.writer
            .write_all(keys.as_bytes())
            .expect("it can be written");
        self.writer.flush().expect("it can be written");
    }

    /// Waits until the screen is as wanted.
    pub fn wait(&mut self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        let start = Instant::now();
        while !wanted(self.screen.screen()) {
            assert!(
                start.elapsed() < PATIENCE,
                "no {what}:\n{}",
                self.screen.screen().contents()
            );
            self.read();
        }
    }

    /// Takes over what the program has drawn, or waits for it for a moment.
    fn read(&mut self) {
        if let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(50)) {
            self.screen.process(&bytes);
        }
    }

    /// Takes the terminal away.
    pub fn hang_up(mut self) -> Box<dyn Child + Send + Sync> {
        self.is_hung_up.store(true, Ordering::Relaxed);
        // What is drawn next is the last that is read; with that, nobody holds the terminal any more.
        self.keys("?");
        self.child
    }

    pub fn wait_for(&mut self, text: &str) {
        self.wait(text, |screen| screen.contents().contains(text));
    }

    /// Waits until the program has ended and everything that it wrote is read; its exit code.
    pub fn ended(&mut self) -> u32 {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("it is our child") {
                while let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(200)) {
                    self.screen.process(&bytes);
                }
                return status.exit_code();
            }
            assert!(start.elapsed() < PATIENCE, "it does not end");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// That the terminal is as it was before the program started.
    fn assert_restored(&self) {
        let screen = self.screen.screen();
        assert!(
            !screen.alternate_screen(),
            "the screen of before is not back"
        );
        assert!(!screen.hide_cursor(), "the cursor is hidden");
        assert!(!screen.bracketed_paste(), "pastes are still bracketed");
        let mouse = screen.mouse_protocol_mode();
        assert_eq!(
            mouse,
            vt100::MouseProtocolMode::None,
            "the mouse is still taken"
        );
    }
}

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).expect("it is not zero")
}

pub fn folder_with_plan() -> TempDir {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    std::fs::write(folder.path().join("backstay.toml"), EXAMPLE).expect("there is room");
    folder
}

#[test]
fn it_starts_is_looked_around_in_and_leaves_the_terminal_as_it_was() {
    let folder = folder_with_plan();
    let mut running = Running::start(folder.path(), &[]);
    running.wait_for("app-1");
    assert!(running.screen.screen().alternate_screen());
    running.keys("3");
    running.wait_for("about this rule");
    running.keys("1\t");
    running.wait_for("laptop");
    let size = PtySize {
        rows: 24,
        cols: 80,
        pixel_width: 0,
        pixel_height: 0,
    };
    running.screen.screen_mut().set_size(cells(24), cells(80));
    running.master.resize(size).expect("it has a size");
    running.wait_for("├");
    running.keys("q");
    assert_eq!(running.ended(), 0);
    running.assert_restored();
}

#[test]
fn without_a_plan_it_opens_the_example_and_says_so() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let mut running = Running::start(folder.path(), &[]);
    running.wait_for("the embedded example");
    running.keys("q");
    assert_eq!(running.ended(), 0);
}

#[test]
fn a_plan_that_changes_on_the_disk_is_shown_as_it_is_then() {
    let folder = folder_with_plan();
    let mut running = Running::start(folder.path(), &[]);
    running.wait_for("app-1");
    let path = folder.path().join("backstay.toml");
    let renamed = EXAMPLE.replace("hosts.app-1", "hosts.other-name");
    std::fs::write(path, renamed).expect("there is room");
    running.wait_for("other-name");
    running.keys("q");
    assert_eq!(running.ended(), 0);
}

#[test]
fn the_editor_is_opened_and_come_back_from() {
    let folder = folder_with_plan();
    let mut running = Running::start(folder.path(), &[]);
    running.wait_for("app-1");
    running.keys("e");
    running.wait_for("the plan is as it was");
    assert!(running.screen.screen().alternate_screen());
    running.keys("q");
    assert_eq!(running.ended(), 0);
    running.assert_restored();
}

#[test]
#[cfg(unix)]
fn a_signal_ends_it_and_leaves_the_terminal_as_it_was() {
    for signal in ["TERM", "HUP", "INT"] {
        let folder = folder_with_plan();
        let mut running = Running::start(folder.path(), &[]);
        running.wait_for("app-1");
        let id = running.child.process_id().expect("it runs").to_string();
        let sent = std::process::Command::new("kill")
            .args(["-s", signal, &id])
            .status();
        assert!(sent.expect("kill is there").success());
        assert_ne!(running.ended(), 0, "{signal}");
        running.assert_restored();
    }
}

#[test]
fn a_plan_that_cannot_be_read_is_an_error_and_no_screen() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let mut running = Running::start(folder.path(), &["missing.toml"]);
    assert_eq!(running.ended(), 2);
    let screen = running.screen.screen();
    assert!(
        screen.contents().contains("missing.toml"),
        "{}",
        screen.contents()
    );
    running.assert_restored();
}

/// A world that panics when it is asked for files.
struct Panicking;

impl World for Panicking {
    fn plan(&mut self) -> Result<Plan, String> {
        Ok(crate::screen::read(EXAMPLE))
    }

    fn look(&mut self) -> Seen {
        Seen::Same
    }

    fn files(
        &mut self,
        _: &Plan,
        _: &EnvironmentName,
        _: Credentials,
    ) -> Result<Vec<FilePreview>, String> {
        panic!("this was to be expected")
    }

    fn to_write(&mut self, _: &Plan) -> Result<ToWrite, String> {
        Ok(ToWrite::default())
    }

    fn write_files(&mut self, _: &Plan, _: &[Handover], _: InConflict) -> Result<Written, String> {
        Ok(Written::default())
    }

    fn save(&mut self, _: &str, _: &str) -> Result<PathBuf, NotSaved> {
        Ok(PathBuf::new())
    }

    fn save_as(&mut self, _: &str, _: &str, _: Option<&Sealed>) -> Result<SavedAs, NotSaved> {
        Err(NotSaved::Changed)
    }

    fn paths_like(&mut self, _: FileSort, _: &str) -> Vec<String> {
        Vec::new()
    }

    fn import(&mut self, _: &[Wanted], _: &How) -> Reading {
        Box::new(|| Err(NotFound::default()))
    }

    fn keep(&mut self, _: &str, _: &str, _: Option<&Sealed>) -> Result<String, String> {
        Ok(String::new())
    }

    fn flush(&mut self) {}

    fn forget(&mut self) {}

    fn unsaved(&mut self) -> Result<Option<BroughtBack>, String> {
        Ok(None)
    }

    fn edit(&mut self, _: usize) -> Result<(), String> {
        Ok(())
    }
}

#[test]
fn a_panic_leaves_the_terminal_as_it_was_and_its_message_on_it() {
    if std::env::var_os(PANICS).is_some() {
        let options = Options {
            keymap: Keymap::builtin(),
            theme: Theme::Terminal,
            charset: Charset::Unicode,
            notice: None,
        };
        run(&mut Panicking, options).expect("it panics before it ends");
        return;
    }
    let folder = folder_with_plan();
    let this = std::env::current_exe().expect("it is running");
    let mut command = CommandBuilder::new(this);
    let name = "screen::terminal::a_panic_leaves_the_terminal_as_it_was_and_its_message_on_it";
    command.args(["--exact", name, "--nocapture"]);
    command.env(PANICS, "1");
    let mut running = Running::of(command, folder.path());
    running.wait_for("app-1");
    running.keys("4");
    assert_ne!(running.ended(), 0);
    running.assert_restored();
    let text = running.screen.screen().contents();
    assert!(text.contains("this was to be expected"), "{text}");
}

#[test]
#[cfg(unix)]
fn it_goes_to_the_background_and_comes_back() {
    let folder = folder_with_plan();
    let mut shell = CommandBuilder::new("sh");
    let program = env!("CARGO_BIN_EXE_backstay");
    // Only where there is a shell to come back to can a program be stopped.
    let script = "set -m; \"$0\"; echo it is stopped; read line; fg";
    shell.args(["-c", script, program]);
    let mut running = Running::of(shell, folder.path());
    running.wait_for("app-1");
    running.keys("\u{1a}");
    running.wait_for("it is stopped");
    running.assert_restored();
    running.keys("\r");
    running.wait_for("app-1");
    assert!(running.screen.screen().alternate_screen());
    running.keys("q");
    assert_eq!(running.ended(), 0);
    running.assert_restored();
}
