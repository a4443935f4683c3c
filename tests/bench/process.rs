//! Runs the program as a user does, in folders that vanish afterwards.
#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark of a program starts it and looks at its files"
)]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// More than a pipe holds.
const A_PIPEFUL: usize = 1 << 20;
/// Long enough for a thread or a program to get as far as it can.
const A_WHILE: Duration = Duration::from_millis(20);

/// A folder with a plan.
pub struct Folder(TempDir);

impl Folder {
    /// A folder with this plan in it.
    pub fn with_plan(text: &str) -> Folder {
        Folder::with_file("backstay.toml", text)
    }

    /// A folder with this file in it.
    pub fn with_file(name: &str, text: &str) -> Folder {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        fs::write(folder.path().join(name), text).expect("there is room for a file");
        Folder(folder)
    }

    /// How long the program takes from its start to its end.
    pub fn time(&self, arguments: &[&str]) -> Duration {
        let mut command = self.command(arguments);
        timed(command.stdout(Stdio::null()).stderr(Stdio::null()))
    }

    /// How long `cp -r` takes for a folder in here.
    pub fn time_copy(&self, from: &str, to: &str) -> Duration {
        timed(
            Command::new("cp")
                .arg("-r")
                .args([self.path(from), self.path(to)]),
        )
    }

    /// Takes a folder in here away.
    pub fn remove(&self, name: &str) {
        fs::remove_dir_all(self.path(name)).expect("the folder is there and ours");
    }

    /// How many files a folder in here has, and how many bytes.
    pub fn size_of(&self, name: &str) -> (usize, u64) {
        size_of(&self.path(name))
    }

    /// The most memory that the program has had when all its work was done, in MiB.
    ///
    /// Its output goes to a full pipe, so it waits at its end and can be looked at. Only Linux tells.
    pub fn peak_memory(&self, arguments: &[&str]) -> Option<f64> {
        let (mut reader, writer) = std::io::pipe().ok()?;
        let mut filler = writer.try_clone().ok()?;
        let filling = thread::spawn(move || filler.write_all(&vec![0; A_PIPEFUL]));
        thread::sleep(A_WHILE);
        let mut child = self
            .command(arguments)
            .stdout(writer)
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let peak = peak_when_asleep(&format!("/proc/{}/status", child.id()));
        std::io::copy(&mut reader, &mut std::io::sink()).ok()?;
        child.wait().ok()?;
        filling.join().ok()?.ok()?;
        peak
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_backstay"));
        command.args(arguments).current_dir(self.0.path());
        command
    }
}

/// How long Graphviz takes for a text; `None` where it is not installed or fails.
pub fn dot(text: &str) -> Option<Duration> {
    let folder = tempfile::tempdir().ok()?;
    let path = folder.path().join("graph.dot");
    fs::write(&path, text).ok()?;
    let start = Instant::now();
    let mut command = Command::new("dot");
    let quiet = command.arg("-Tplain").arg(&path).stdout(Stdio::null());
    let status = quiet.stderr(Stdio::null()).status().ok()?;
    status.success().then(|| start.elapsed())
}

fn timed(command: &mut Command) -> Duration {
    let start = Instant::now();
    let status = command.status().expect("the program is there");
    let taken = start.elapsed();
    assert!(status.success(), "{command:?} ended with {status}");
    taken
}

/// The greatest resident size in a process's status, once it sleeps twice in a row.
fn peak_when_asleep(status: &str) -> Option<f64> {
    let mut was_asleep = false;
    for _ in 0..100 {
        thread::sleep(A_WHILE);
        let text = fs::read_to_string(status).ok()?;
        let is_asleep = text.contains("State:\tS");
        if was_asleep && is_asleep {
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
            let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
            return Some(kibibytes / 1_024.0);
        }
        was_asleep = is_asleep;
    }
    None
}

fn size_of(folder: &Path) -> (usize, u64) {
    let entries = fs::read_dir(folder).expect("the folder is there and ours");
    let sizes = entries.map(|entry| {
        let entry = entry.expect("the folder is ours");
        match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => size_of(&entry.path()),
            Ok(metadata) => (1, metadata.len()),
            Err(_) => (0, 0),
        }
    });
    sizes.fold((0, 0), |(files, bytes), (more, size)| {
        (files + more, bytes + size)
    })
}
