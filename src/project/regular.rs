//! Refuses what is no file before it is opened: a named pipe would be waited for, a device never ends.
#![expect(
    clippy::disallowed_methods,
    reason = "this is where the sort of a file is looked up"
)]

use std::fs::{self, FileType};
use std::path::Path;

use crate::project::ProjectError;

/// Where the system keeps what the program was started with: `/dev/stdin`, and `/dev/fd/63` for `<(…)`.
const OPEN_ALREADY: [&str; 3] = ["/dev/stdin", "/dev/fd", "/proc"];

/// Whether a path names what is open already: a pipe there has its writer.
pub(super) fn is_open_already(path: &Path) -> bool {
    OPEN_ALREADY.iter().any(|place| path.starts_with(place))
}

/// Refuses a path at which something else than a file stands; what is not there is no fault here.
pub(super) fn check_is_file(path: &Path) -> Result<(), ProjectError> {
    match fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => {
            let fault = format!("is {}, not a file", sort(metadata.file_type()));
            let help = "move it away: only a file is read there";
            Err(ProjectError::unusable(path, fault, help))
        }
        _ => Ok(()),
    }
}

/// What stands there, for a sentence.
pub(super) fn sort(found: FileType) -> &'static str {
    if found.is_dir() {
        return "a folder";
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if found.is_fifo() {
            return "a named pipe";
        }
        if found.is_socket() {
            return "a socket";
        }
    }
    "a device"
}
