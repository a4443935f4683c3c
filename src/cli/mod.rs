//! The command line: arguments to library calls to an answer. Only `main` prints it.

mod ahead;
mod args;
mod changed;
mod changed_origins;
mod check;
mod diff;
mod export;
mod files;
mod found;
mod generate;
mod grow;
mod handover;
mod import;
mod imported;
mod left_behind;
mod locale;
mod new;
mod questions;
mod reference;
mod screen;
mod secrets;
mod session;
mod show;
mod suggest;
mod taken;
mod told;
mod variable;
mod wrapped;

use std::ffi::OsString;

use clap::Parser;

use args::{Args, Command};
use session::Session;

/// What a run has to say.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// For standard output.
    pub text: String,
    /// For standard error.
    pub notes: String,
    /// The exit code: 0 clean, 1 findings at or above the failing level, 2 could not run.
    pub code: u8,
}

/// Runs Backstay with these arguments, the program's name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Answer {
    let args = match Args::try_parse_from(arguments) {
        Ok(args) => args,
        Err(error) => return usage(&error),
    };
    answer(args).unwrap_or_else(|error| Answer {
        text: String::new(),
        notes: wrapped::error(&session::error_text(&error), wrapped::width_of_notes()),
        code: 2,
    })
}

fn answer(args: Args) -> anyhow::Result<Answer> {
    let session = Session::new(
        args.plan.as_deref().or(args.path.as_deref()),
        args.today.as_deref(),
    )?;
    match args.command {
        None if screen::is_there() => screen::run(&session),
        None => show::overview(&session),
        Some(Command::New(new)) => new::run(&session, &new),
        Some(Command::Suggest(suggest)) => suggest::run(&session, &suggest),
        Some(Command::Grow(grow)) => grow::run(&session, &grow),
        Some(Command::Check(check)) => check::run(&session, &check),
        Some(Command::Show(show)) => show::run(&session, &show),
        Some(Command::Diff(diff)) => diff::run(&session, &diff),
        Some(Command::Export(export)) => export::run(&session, &export),
        Some(Command::Generate(generate)) => generate::run(&session, &generate),
        Some(Command::Import(import)) => import::run(&session, &import),
        Some(Command::Secrets(secrets)) => secrets::run(&session, &secrets),
        Some(Command::Explain(args)) => reference::explain(&session, &args),
        Some(Command::Catalog { name }) => reference::catalog(&session, name.as_deref()),
        Some(Command::Schema) => Ok(reference::schema()),
        Some(Command::Example) => Ok(reference::example()),
        Some(Command::Completions { shell }) => Ok(reference::completions(shell)),
        Some(Command::Man) => reference::man(),
    }
}

/// Help and version go to standard output; what is wrong with the arguments to standard error.
fn usage(error: &clap::Error) -> Answer {
    let text = error.render().ansi().to_string();
    match error.use_stderr() {
        true => Answer {
            text: String::new(),
            notes: text,
            code: 2,
        },
        false => Answer {
            text,
            notes: String::new(),
            code: 0,
        },
    }
}
