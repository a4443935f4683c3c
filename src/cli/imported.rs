//! Compose files read from the disk, and where their credentials are kept: for the command line and for the screen.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::cli::files::{Files, open_output};
use crate::cli::session::Opened;
use crate::cli::taken::variable;
use crate::compose_file::{self, Reading, Request, Source, World};
use crate::generate::secret_file::secrets_path;
use crate::import::{Credential, Described, How, Outcome, Reach, Wanted};
use crate::project::{Access, ComposeFiles};
use crate::report;
use crate::settings::SecretValues;

/// The files of one environment, and what was read of them.
pub struct Read {
    wanted: Wanted,
    /// What they say.
    pub reading: Reading,
    /// Where it stands.
    pub sources: Vec<Source>,
}

/// Why files are not read.
pub struct Refused {
    /// What is wrong, as it is to be shown.
    pub text: String,
    /// Whether it is that something lies where nothing may be read.
    pub is_outside: bool,
}

/// Where files may lie, and where variables come from.
pub struct Reader<'a> {
    /// The working folder.
    pub here: &'a Path,
    /// How they are read.
    pub how: &'a How,
    /// By what the user allows what lies elsewhere.
    pub allowed_by: &'static str,
    /// By what the user names files with variables.
    pub env_files_by: &'static str,
    /// What `-` stands for; without it that is a file too.
    pub input: Option<Vec<u8>>,
}

/// What stands for standard input.
pub const INPUT: &str = "-";

/// The disk, with a text that is no file of it.
struct WithInput<'a> {
    files: ComposeFiles<'a>,
    path: String,
    input: Option<&'a [u8]>,
}

impl World for WithInput<'_> {
    fn read(&mut self, path: &str) -> Result<Option<Vec<u8>>, String> {
        match self.input.filter(|_| path == self.path) {
            Some(input) => Ok(Some(input.to_vec())),
            None => self.files.read(path),
        }
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.files.variable(name)
    }
}

impl Reader<'_> {
    /// Reads the files of one environment; what is wrong with them as it is to be shown.
    pub fn read(&self, wanted: Wanted) -> Result<Read, Refused> {
        let here = self.here;
        let path = |file: &PathBuf| compose_file::cleaned(&here.join(file).to_string_lossy());
        let files: Vec<String> = wanted.files.iter().map(path).collect();
        let mut roots = Vec::new();
        if self.how.reach == Reach::Below {
            let folders = files
                .iter()
                .map(|file| compose_file::folder_of(file).to_owned());
            roots.extend(folders.chain([compose_file::cleaned(&here.to_string_lossy())]));
        }
        let request = Request {
            files,
            env_files: self.how.env_files.iter().map(path).collect(),
            roots,
            allowed_by: self.allowed_by,
            env_files_by: self.env_files_by,
        };
        let variable = |name: &str| variable(name).ok();
        let mut world = WithInput {
            files: ComposeFiles::new(&request.roots, self.allowed_by, &variable),
            path: path(&PathBuf::from(INPUT)),
            input: self.input.as_deref(),
        };
        let (reading, mut sources) = compose_file::read(&request, &mut world);
        for source in &mut sources {
            source.path = shown_path(&source.path, here);
        }
        match reading {
            Ok(reading) => Ok(Read {
                wanted,
                reading,
                sources,
            }),
            Err(fault) => Err(Refused {
                text: report::compose::fault(&fault, &sources),
                is_outside: fault.is_outside || world.files.was_led_out(),
            }),
        }
    }
}

/// A file of the user's, as a plan names it.
fn said_file(file: &Path) -> String {
    match file.as_os_str() == INPUT {
        true => "standard input".to_owned(),
        false => file.display().to_string(),
    }
}

/// A path as the user would write it.
fn shown_path(path: &str, here: &Path) -> String {
    let below = Path::new(path).strip_prefix(here).ok();
    below.map_or_else(|| path.to_owned(), |below| below.display().to_string())
}

impl Read {
    /// The reading with the environment that it describes.
    pub fn described(&self) -> Described<'_> {
        let files = self.wanted.files.iter();
        Described {
            environment: self.wanted.environment.clone(),
            reading: &self.reading,
            files: files.map(|file| said_file(file)).collect(),
        }
    }
}

/// Puts the credentials of an environment into its secrets file, and says so.
pub fn keep_credentials(opened: &Opened, outcome: &Outcome) -> anyhow::Result<String> {
    if outcome.credentials.is_empty() {
        return Ok(String::new());
    }
    let environment = outcome.environment.clone();
    let files = Files::of(opened, None, vec![environment.clone()])?;
    let named = outcome.credentials.iter();
    let named = named.map(|it| ((it.component.as_str(), it.variable.as_str()), it));
    let named: HashMap<(&str, &str), &Credential> = named.collect();
    let mut values = SecretValues::new();
    for need in files.needs() {
        let name = (need.id.service.as_str(), need.id.name.as_str());
        let value = named.get(&name).map(|credential| credential.value.clone());
        values.extend(value.map(|value| (need.id, value)));
    }
    if values.is_empty() {
        return Ok(String::new());
    }
    let mut output = open_output(opened, None, Access::Write)?;
    let before = output.kept(&environment)?;
    let path = secrets_path(environment.as_str());
    let shown = opened.output_folder().join(&path).display().to_string();
    let mut text = String::new();
    values.retain(|id, value| {
        let kept = before.get(&id.variable());
        // Whoever has data may know this one alone, and nobody else keeps it.
        let is_other = kept.is_some_and(|kept| kept != value);
        if is_other {
            let said = id.said();
            text.push_str(&format!(
                "kept before with another value, which stays: {said} in {shown}; the one of the files takes its place by `backstay secrets set {environment} {said}`\n"
            ));
        }
        !is_other
    });
    if values.is_empty() {
        return Ok(text);
    }
    let n_kept = match values.len() {
        1 => "1 credential is".to_owned(),
        n => format!("{n} credentials are"),
    };
    output.replace(values);
    output.write(&files.changes_of_credentials(&output)?)?;
    text.insert_str(0, &format!("{n_kept} kept in {shown}, and in no plan\n"));
    Ok(text)
}
