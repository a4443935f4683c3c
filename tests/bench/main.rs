//! The speed figures that Backstay is held to: `cargo bench` measures them and prints one table; `cargo bench -- map`,
//! `-- screen` and `-- import` print those of the map, of the terminal app or of imports alone.
//!
//! Nothing fails because of time. Medians are what counts; a wide range says that the machine was busy.
#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

mod compose;
#[allow(dead_code, reason = "the tests use other parts of it")]
mod graphs;
mod library;
mod map;
mod measure;
mod plan;
mod process;
mod screen;

use std::time::Instant;

use library::{Library, secrets};
use measure::{Sample, growth};
use plan::{Environments, plan};
use process::Folder;
use screen::{App, Sink};

/// Sizes between which growth is measured, in services.
const SIZES: [usize; 5] = [250, 500, 1_000, 2_000, 4_000];

fn main() {
    println!(
        "{:<58} {:>10} {:>10} {:>21}  held",
        "figure", "aim", "median", "range"
    );
    if std::env::args().any(|argument| argument == "map") {
        map::rows();
        return;
    }
    if std::env::args().any(|argument| argument == "screen") {
        screens();
        return;
    }
    if std::env::args().any(|argument| argument == "import") {
        compose::rows();
        return;
    }
    check_as_a_process();
    compose::rows();
    let library = Library::new();
    analysis(&library);
    generation_as_a_process();
    grows(&library);
    screens();
    map::rows();
}

fn check_as_a_process() {
    let folder = Folder::with_plan(&plan(50, Environments::LocalDevelopmentProduction));
    let times = (0..40).map(|_| folder.time(&["check"]));
    row(
        "check, 50 services in 3 environments, process",
        5.0,
        "ms",
        &Sample::from_durations(times),
    );
    let memory = (0..5).filter_map(|_| folder.peak_memory(&["check", "--format", "json"]));
    row("its peak memory", 15.0, "MiB", &Sample::from_values(memory));
}

fn analysis(library: &Library) {
    let one = plan(1_000, Environments::Production);
    let sample = Sample::of(40, || library.analyze(&one));
    row("analysis, 1,000 services on 125 hosts", 8.0, "ms", &sample);
    let three = plan(1_000, Environments::LocalDevelopmentProduction);
    let sample = Sample::of(20, || library.analyze(&three));
    row("the same in 3 environments", f64::INFINITY, "ms", &sample);
}

fn generation_as_a_process() {
    let folder = Folder::with_plan(&plan(1_000, Environments::Production));
    let mut ratios = Vec::new();
    let (mut written, mut copied) = (Vec::new(), Vec::new());
    // In turn, so that a busy machine is busy for both.
    for _ in 0..9 {
        let generated = folder.time(&["generate", "--output", "out"]);
        let copy = folder.time_copy("out", "copy");
        ratios.push(generated.as_secs_f64() / copy.as_secs_f64());
        written.push(generated);
        copied.push(copy);
        folder.remove("copy");
        folder.remove("out");
    }
    row(
        "generate, 1,000 services on 125 hosts, process",
        f64::INFINITY,
        "ms",
        &Sample::from_durations(written),
    );
    row(
        "`cp -r` of the same files",
        f64::INFINITY,
        "ms",
        &Sample::from_durations(copied),
    );
    row(
        "generate by `cp -r`, pair by pair",
        3.0,
        "×",
        &Sample::from_values(ratios),
    );
    folder.time(&["generate", "--output", "out"]);
    let again = (0..9).map(|_| folder.time(&["generate", "--output", "out"]));
    row(
        "generate when nothing changes",
        f64::INFINITY,
        "ms",
        &Sample::from_durations(again),
    );
    let (files, bytes) = folder.size_of("out");
    println!(
        "  ({files} files, {:.1} MiB)",
        bytes as f64 / f64::from(1 << 20)
    );
}

fn grows(library: &Library) {
    let (mut analysed, mut generated) = (Vec::new(), Vec::new());
    for n_services in SIZES {
        let text = plan(n_services, Environments::Production);
        let analysis = library.analyze(&text);
        let secrets = secrets(&analysis);
        let analysing = Sample::of(11, || library.analyze(&text));
        let generating = Sample::of(5, || library.generate(&analysis, &secrets));
        let n = n_services as f64;
        analysed.extend(analysing.median().map(|median| (n, median)));
        generated.extend(generating.median().map(|median| (n, median)));
    }
    row(
        "growth of analysis, exponent",
        1.1,
        "",
        &Sample::from_values([growth(&analysed)]),
    );
    row(
        "growth of generation, exponent",
        1.1,
        "",
        &Sample::from_values([growth(&generated)]),
    );
}

fn screens() {
    let text = plan(10_000, Environments::Production);
    let mut app = App::open(&text);
    let mut sink = Sink::new();
    let frame = Sample::of(60, || app.draw());
    let name = "a frame of 200 × 60, 10,000 services";
    row(name, 1.0, "ms", &frame);
    let keys = [
        "L", "J", "down", "L", "down", "H", "right", "K", "]", "down",
    ];
    let mut bytes = Vec::new();
    let pressed = (0..200).map(|at| {
        let start = Instant::now();
        bytes.push(app.press_and_write(keys[at % keys.len()], &mut sink) as f64);
        start.elapsed().as_secs_f64() * 1_000.0
    });
    let pressed = Sample::from_values(pressed);
    row(
        "key to last byte, 10,000 services",
        f64::INFINITY,
        "ms",
        &pressed,
    );
    let slowest = Sample::from_values(pressed.percentile(0.99));
    row("the same, 99th percentile", 5.0, "ms", &slowest);
    let name = "bytes of such a frame";
    row(name, f64::INFINITY, "B", &Sample::from_values(bytes));
    for (n_services, aim) in [
        (30, 5.0),
        (300, 16.0),
        (3_000, 50.0),
        (10_000, f64::INFINITY),
    ] {
        let mut app = App::open(&plan(n_services, Environments::Production));
        let edited = Sample::of(11, || app.edit());
        row(
            &format!("edit to new frame, {n_services} services"),
            aim,
            "ms",
            &edited,
        );
    }
    let small = plan(50, Environments::LocalDevelopmentProduction);
    let opened = Sample::of(20, || {
        let mut app = App::open(&small);
        app.draw();
        app
    });
    row(
        "start to first frame, 50 services, in process",
        20.0,
        "ms",
        &opened,
    );
}

/// One line of the table; an aim of infinity is none.
pub(crate) fn row(figure: &str, aim: f64, unit: &str, sample: &Sample) {
    let Some((median, (least, most))) = sample.median().zip(sample.range()) else {
        println!("{figure:<58} {:>10}", "not measured here");
        return;
    };
    let number = |value: f64| format!("{value:.2} {unit}").trim_end().to_owned();
    let (aim_text, held) = match aim.is_finite() {
        true => (
            format!("≤ {}", number(aim)),
            if median <= aim { "yes" } else { "no" },
        ),
        false => (String::new(), ""),
    };
    let range = format!("{least:.2} – {most:.2}");
    println!(
        "{figure:<58} {aim_text:>10} {:>10} {range:>21}  {held} ({} runs)",
        number(median),
        sample.len()
    );
}
