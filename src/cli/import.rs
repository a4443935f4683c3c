//! `backstay import`: a plan from what a team has already.

use std::path::{Path, PathBuf};

use crate::cli::Answer;
use crate::cli::args::{Format, ImportArgs, ImportComposeArgs, ImportFrom};
use crate::cli::session::{Session, working_folder};
use crate::cli::taken::variable;
use crate::compose_file::{self, Reading, Request, Source};
use crate::project::ComposeFiles;
use crate::report;

/// Imports what is named.
pub fn run(session: &Session, args: &ImportArgs) -> anyhow::Result<Answer> {
    match &args.from {
        ImportFrom::Compose(args) => compose(session, args),
    }
}

fn compose(_session: &Session, args: &ImportComposeArgs) -> anyhow::Result<Answer> {
    let here = working_folder()?;
    let (reading, sources) = read(&args.files, args, &here);
    let reading = match reading {
        Ok(reading) => reading,
        Err(notes) => return Ok(failed(notes)),
    };
    let _ = sources;
    match args.format {
        Format::Json => Ok(Answer {
            text: report::compose::json(&reading),
            ..Answer::default()
        }),
        Format::Text => Ok(Answer::default()),
    }
}

fn failed(notes: String) -> Answer {
    Answer {
        text: String::new(),
        notes,
        code: 2,
    }
}

/// Reads the files of one environment; what is wrong with them as it is to be shown.
fn read(
    files: &[PathBuf],
    args: &ImportComposeArgs,
    here: &Path,
) -> (Result<Reading, String>, Vec<Source>) {
    let path = |file: &PathBuf| compose_file::cleaned(&here.join(file).to_string_lossy());
    let files: Vec<String> = files.iter().map(path).collect();
    let mut roots = Vec::new();
    if !args.outside {
        let folders = files
            .iter()
            .map(|file| compose_file::folder_of(file).to_owned());
        roots.extend(folders.chain([compose_file::cleaned(&here.to_string_lossy())]));
    }
    let request = Request {
        files,
        env_files: args.env_file.iter().map(path).collect(),
        roots,
    };
    let variable = |name: &str| variable(name).ok();
    let mut world = ComposeFiles::new(&request.roots, &variable);
    let (reading, mut sources) = compose_file::read(&request, &mut world);
    for source in &mut sources {
        source.path = shown_path(&source.path, here);
    }
    (
        reading.map_err(|fault| report::compose::fault(&fault, &sources)),
        sources,
    )
}

/// A path as the user would write it.
fn shown_path(path: &str, here: &Path) -> String {
    let below = Path::new(path).strip_prefix(here).ok();
    below.map_or_else(|| path.to_owned(), |below| below.display().to_string())
}
