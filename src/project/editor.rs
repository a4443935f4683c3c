//! Opens a file in the user's editor.
#![expect(
    clippy::disallowed_methods,
    reason = "the editor is the one process that is started"
)]

use std::path::Path;
use std::process::Command;

use crate::project::ProjectError;

/// Opens `path` at a line, counted from 1, with the command `editor`, and waits until it is closed.
pub fn edit_file(editor: &str, path: &Path, line: usize) -> Result<(), ProjectError> {
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or("vi");
    let mut command = Command::new(program);
    command.args(words);
    match named_with_line(program) {
        true => command.arg(format!("{}:{line}", path.display())),
        false => command.arg(format!("+{line}")).arg(path),
    };
    let help = "set `VISUAL` or `EDITOR` to an editor that is installed";
    let unusable = |fault: String| ProjectError::unusable(program, fault, help);
    let status = command
        .status()
        .map_err(|error| unusable(format!("cannot be started as the editor: {error}")))?;
    match status.success() {
        true => Ok(()),
        false => Err(unusable(format!("ended with {status}"))),
    }
}

/// Editors that are told the line after the file's name; all others know `+LINE`, as vi does.
fn named_with_line(program: &str) -> bool {
    let name = Path::new(program).file_stem().unwrap_or_default();
    ["hx", "helix", "subl", "zed"]
        .iter()
        .any(|known| name == *known)
}
