//! The command line as a user has it: a folder, arguments, then exact output, files and exit code.
//!
//! Whatever a test is about, no run may panic, send an escape byte to a pipe, or show a credential.

mod bad_output;
mod bad_plan;
mod bad_syntax;
mod brought_over;
mod changed_origins;
mod check;
mod diff;
mod export;
mod formats;
mod generate;
mod import;
mod imported_credentials;
mod imported_runs;
mod imported_secrets;
mod imported_uses;
mod in_place;
mod kept;
mod left_behind;
mod new;
mod no_files;
mod outage;
mod own_files;
mod reference;
mod renamed;
mod rotate;
mod rotation_scripts;
mod runbook;
mod secrets;
mod suggest;
mod taken;
mod variable;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use backstay::generate::env_file;
use tempfile::TempDir;

use crate::support::{TODAY, difference};

/// A folder to run in, and files in it.
pub struct Folder {
    _held: TempDir,
    path: PathBuf,
}

/// One run and what it must give.
pub struct Test {
    folder: Folder,
    args: Vec<OsString>,
    inside: String,
    stdin: String,
    variables: Vec<(String, String)>,
    colours: bool,
    hunks_anywhere: bool,
    stdout: Expected,
    stderr: Expected,
    status: i32,
}

/// What a run gave.
struct Ran {
    stdout: String,
    stderr: String,
    code: i32,
    /// All of it, for failing tests.
    told: String,
}

/// What a stream must hold.
enum Expected {
    /// This text, where `[dir]` stands for the folder.
    Exactly(String),
    /// All of these.
    Has(Vec<String>),
}

impl Test {
    /// A run in a folder of its own; nothing is expected on either stream, and exit code 0.
    pub fn new() -> Test {
        let held = tempfile::tempdir().expect("a temporary folder");
        let path = fs::canonicalize(held.path()).expect("it is there");
        Folder { _held: held, path }.test()
    }

    /// With this plan.
    pub fn plan(self, text: &str) -> Test {
        self.file("backstay.toml", text)
    }

    /// With a file.
    pub fn file(self, path: &str, content: impl AsRef<[u8]>) -> Test {
        self.folder.write(path, content);
        self
    }

    /// With these arguments.
    pub fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Test {
        self.args = args.into_iter().map(Into::into).collect();
        self
    }

    /// Standard output is this text.
    pub fn stdout(mut self, text: impl Into<String>) -> Test {
        self.stdout = Expected::Exactly(text.into());
        self
    }

    /// Standard output holds these texts.
    pub fn stdout_has<const N: usize>(mut self, texts: [&str; N]) -> Test {
        self.stdout = Expected::Has(texts.map(str::to_owned).to_vec());
        self
    }

    /// Standard error is this text.
    pub fn stderr(mut self, text: impl Into<String>) -> Test {
        self.stderr = Expected::Exactly(text.into());
        self
    }

    /// Standard error holds these texts.
    pub fn stderr_has<const N: usize>(mut self, texts: [&str; N]) -> Test {
        self.stderr = Expected::Has(texts.map(str::to_owned).to_vec());
        self
    }

    /// The exit code is this.
    pub fn status(mut self, code: i32) -> Test {
        self.status = code;
        self
    }

    /// With this text on standard input.
    pub fn stdin(mut self, text: &str) -> Test {
        self.stdin = text.to_owned();
        self
    }

    /// With a variable in the environment.
    pub fn variable(mut self, name: &str, value: &str) -> Test {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Not in the folder itself, but in one inside.
    pub fn within(mut self, inside: &str) -> Test {
        fs::create_dir_all(self.folder.path(inside)).expect("folders");
        self.inside = inside.to_owned();
        self
    }

    /// Wherever in a file the hunks of a shown difference begin.
    pub fn hunks_anywhere(mut self) -> Test {
        self.hunks_anywhere = true;
        self
    }

    /// As if the output went to a terminal.
    pub fn colours(mut self) -> Test {
        self.colours = true;
        self
    }

    /// Runs and compares.
    #[track_caller]
    pub fn run(self) -> Folder {
        self.output().0
    }

    /// Runs and compares; both streams too.
    #[track_caller]
    pub fn output(self) -> (Folder, String, String) {
        let (status, expected_out, expected_err) = (self.status, &self.stdout, &self.stderr);
        let ran = self.ran();
        let Ran {
            stdout,
            stderr,
            code,
            told,
        } = &ran;
        assert_eq!(*code, status, "{told}");
        compare("stdout", expected_out, stdout, told);
        compare("stderr", expected_err, stderr, told);
        (self.folder, ran.stdout, ran.stderr)
    }

    /// Runs without expectations but those that hold for every run; tells the exit code.
    #[track_caller]
    pub fn code(self) -> (Folder, i32) {
        let code = self.ran().code;
        (self.folder, code)
    }

    /// As `code`, and tells what was printed.
    #[track_caller]
    pub fn said(self) -> String {
        let ran = self.ran();
        format!("{}{}", ran.stdout, ran.stderr)
    }

    #[track_caller]
    fn ran(&self) -> Ran {
        let path = &self.folder.path;
        let mut command = Command::new(env!("CARGO_BIN_EXE_backstay"));
        command
            .args(&self.args)
            .current_dir(path.join(&self.inside))
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .env("HOME", path.join("home"))
            .env("XDG_CONFIG_HOME", path.join("home/.config"))
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR_FORCE")
            .env("RUST_BACKTRACE", "0");
        if !self.args.iter().any(|arg| arg == "--today") {
            command.args(["--today", TODAY]);
        }
        if self.colours {
            command.env("CLICOLOR_FORCE", "1");
        }
        let mut child = command.spawn().expect("the program starts");
        // A program that does not read has closed the pipe; dropping it is the end of the text.
        let mut input = child.stdin.take().expect("it is piped");
        let _ = input.write_all(self.stdin.as_bytes());
        drop(input);
        let output = child.wait_with_output().expect("the program ends");
        let text = |bytes: Vec<u8>| {
            let text = String::from_utf8(bytes).expect("output is UTF-8");
            text.replace(path.to_str().expect("a plain path"), "[dir]")
        };
        let (mut stdout, stderr) = (text(output.stdout), text(output.stderr));
        if self.hunks_anywhere {
            let unplaced = |line: &str| {
                if line.starts_with("@@ ") {
                    "@@\n"
                } else {
                    line
                }
                .to_owned()
            };
            stdout = stdout.split_inclusive('\n').map(unplaced).collect();
        }
        let told = format!("{:?}\n--- stdout\n{stdout}--- stderr\n{stderr}", self.args);
        assert!(!stderr.contains("panicked"), "{told}");
        let code = output
            .status
            .code()
            .unwrap_or_else(|| panic!("ended by a signal: {told}"));
        for stream in [&stdout, &stderr] {
            match self.colours {
                true => only_colours(stream),
                false => assert!(!stream.contains('\u{1b}'), "an escape byte: {told}"),
            }
            for secret in self.folder.secrets() {
                assert!(!stream.contains(&secret), "a credential is shown: {told}");
            }
        }
        Ran {
            stdout,
            stderr,
            code,
            told,
        }
    }
}

/// A folder with a compose file and the plan that is made of it.
pub fn imported(compose: &str) -> Folder {
    Test::new()
        .file("compose.yaml", compose)
        .args(["import", "compose", "compose.yaml"])
        .stdout_has(["made backstay.toml"])
        .run()
}

impl Folder {
    /// Another run here.
    pub fn test(self) -> Test {
        Test {
            folder: self,
            args: Vec::new(),
            stdin: String::new(),
            variables: Vec::new(),
            inside: String::new(),
            colours: false,
            hunks_anywhere: false,
            stdout: Expected::Exactly(String::new()),
            stderr: Expected::Exactly(String::new()),
            status: 0,
        }
    }

    /// Where something in it is.
    pub fn path(&self, path: &str) -> PathBuf {
        self.path.join(path)
    }

    /// Writes a file and the folders above it.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("it is in the folder")).expect("folders");
        fs::write(path, content).expect("the file can be written");
    }

    /// Reads a file that must hold all of these texts.
    pub fn read_with<const N: usize>(&self, path: &str, texts: [&str; N]) -> String {
        let text = self.read(path);
        for said in texts {
            assert!(text.contains(said), "{said}: {text}");
        }
        text
    }

    /// The text of a file.
    #[track_caller]
    pub fn read(&self, path: &str) -> String {
        let full = self.path(path);
        fs::read_to_string(&full).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Replaces the only place of `from` in a file.
    #[track_caller]
    pub fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert_eq!(text.matches(from).count(), 1, "{from:?} in {path}:\n{text}");
        self.write(path, text.replace(from, to));
    }

    /// Adds to a file's end.
    pub fn append(&self, path: &str, text: &str) {
        self.write(path, format!("{}{text}", self.read(path)));
    }

    /// Removes a file or folder.
    pub fn remove(&self, path: &str) {
        let path = self.path(path);
        let removed = if path.is_dir() {
            fs::remove_dir_all(path)
        } else {
            fs::remove_file(path)
        };
        removed.expect("it can be removed");
    }

    /// Whether there is something.
    pub fn has(&self, path: &str) -> bool {
        fs::symlink_metadata(self.path(path)).is_ok()
    }

    /// Every file below a folder with its content; links are followed by nobody.
    pub fn files(&self, below: &str) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(&self.path(below), &self.path(below), &mut files);
        files
    }

    /// The paths of every file below a folder.
    pub fn paths(&self, below: &str) -> Vec<String> {
        self.files(below).into_keys().collect()
    }

    /// Every credential that the generated files hold.
    fn secrets(&self) -> Vec<String> {
        let files = self.files("deploy").into_iter();
        let files = files.filter(|(path, _)| {
            path.ends_with("/secrets.env") || path.ends_with("/secrets.previous.env")
        });
        let texts = files.map(|(_, bytes)| String::from_utf8_lossy(&bytes).into_owned());
        let values = texts.flat_map(|text| {
            let entries = env_file::entries(&text).into_iter();
            let values = entries.filter(|entry| entry.key.is_some());
            values.map(|entry| entry.value()).collect::<Vec<_>>()
        });
        values.filter(|value| value.len() >= 6).collect()
    }
}

#[track_caller]
fn compare(stream: &str, expected: &Expected, found: &str, ran: &str) {
    match expected {
        Expected::Exactly(text) if text == found => {}
        Expected::Exactly(text) => panic!("{stream} differs\n{}\n{ran}", difference(text, found)),
        Expected::Has(texts) => {
            for text in texts {
                assert!(
                    found.contains(text.as_str()),
                    "{stream} lacks {text:?}\n{ran}"
                );
            }
        }
    }
}

/// Escape sequences may set colours and do nothing else.
#[track_caller]
fn only_colours(text: &str) {
    for piece in text.split('\u{1b}').skip(1) {
        let end = piece.find(|c: char| !c.is_ascii_digit() && !matches!(c, '[' | ';'));
        let sequence = &piece[..end.map_or(piece.len(), |end| end + 1)];
        assert!(
            sequence.starts_with('[') && sequence.ends_with('m'),
            "{sequence:?} in {text:?}"
        );
    }
    let obeyed = text
        .chars()
        .find(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\u{1b}'));
    assert_eq!(obeyed, None, "{text:?}");
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            collect(root, &path, files);
        } else {
            let below = path.strip_prefix(root).expect("it is inside");
            let below = below.to_string_lossy().replace('\\', "/");
            files.insert(below, fs::read(&path).unwrap_or_default());
        }
    }
}
