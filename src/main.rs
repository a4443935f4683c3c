//! The `backstay` program: arguments in, an answer out, an exit code.

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    let answer = backstay::cli::run(std::env::args_os());
    // A reader that has gone away, such as `head`, is no failure; a full device is.
    let notes = anstream::stderr().write_all(answer.notes.as_bytes());
    let text = match may_be_styled(&answer.text) {
        true => anstream::stdout().write_all(answer.text.as_bytes()),
        false => std::io::stdout().write_all(answer.text.as_bytes()),
    };
    match notes.and(text).and_then(|()| std::io::stdout().flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            let _ = writeln!(std::io::stderr(), "error: cannot print the answer: {error}");
            ExitCode::from(2)
        }
        _ => ExitCode::from(answer.code),
    }
}

/// Whether a text holds more than lines of plain text: only then are styles looked for, which takes long in a
/// plan of thousands of services.
fn may_be_styled(text: &str) -> bool {
    let is_plain = |byte: u8| !byte.is_ascii_control() || byte.is_ascii_whitespace();
    !text.bytes().all(is_plain)
}
