//! The `backstay` program: arguments in, an answer out, an exit code.

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let answer = backstay::cli::run(std::env::args_os());
    // A reader that has gone away, such as `head`, is no failure.
    let _ = anstream::stderr().write_all(answer.notes.as_bytes());
    let _ = anstream::stdout().write_all(answer.text.as_bytes());
    ExitCode::from(answer.code)
}
