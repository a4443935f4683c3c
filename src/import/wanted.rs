//! Which compose files become which environment, as a user writes it: `prod=compose.yaml,compose.prod.yaml`.

use std::path::PathBuf;

use crate::finding::printed;
use crate::import::LOCAL;
use crate::model::EnvironmentName;

/// An environment that is wanted, and the files that describe it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// What it is called.
    pub environment: EnvironmentName,
    /// Its files, each over the one before.
    pub files: Vec<PathBuf>,
}

/// How the files of an import are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct How {
    /// Files with variables, instead of `.env` beside the first file.
    pub env_files: Vec<PathBuf>,
    /// Which files may be read.
    pub reach: Reach,
}

/// Which files may be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Those in or below the folders of the compose files and the working folder.
    #[default]
    Below,
    /// All of them.
    Anywhere,
}

/// What is wrong with what is wanted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct WantedError {
    /// A sentence.
    pub message: String,
    /// How to mend it.
    pub help: &'static str,
}

impl Wanted {
    /// Files that describe the environment of this name.
    ///
    /// # Errors
    ///
    /// If no environment can be called so.
    pub fn of(environment: &str, files: Vec<PathBuf>) -> Result<Wanted, WantedError> {
        match EnvironmentName::new(environment) {
            Ok(environment) => Ok(Wanted { environment, files }),
            Err(why) => Err(WantedError {
                message: format!("the environment `{}` {why}", printed(environment)),
                help: "name it with letters, digits, `-` and `_`: local, prod",
            }),
        }
    }

    /// `NAME=FILE,FILE`; nothing if the text is not of that form.
    ///
    /// # Errors
    ///
    /// If no environment can be called so.
    pub fn parse(text: &str) -> Result<Option<Wanted>, WantedError> {
        let pair = text
            .split_once('=')
            .filter(|(_, files)| !files.trim().is_empty());
        let wanted = pair.map(|(environment, files)| Wanted::of(environment.trim(), paths(files)));
        wanted.transpose()
    }

    /// What a line says: files of environments with semicolons between, or the files of the usual one.
    ///
    /// # Errors
    ///
    /// If no environment can be called so, or one is said twice.
    pub fn parse_line(line: &str) -> Result<Vec<Wanted>, WantedError> {
        let parts = line
            .split(';')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        let all = parts.map(|part| match part.split_once('=') {
            Some((environment, files)) => Wanted::of(environment.trim(), paths(files)),
            None => Wanted::of(LOCAL, paths(part)),
        });
        Wanted::each_once(all.collect::<Result<_, _>>()?)
    }

    /// A line that says all of them.
    pub fn line(all: &[Wanted]) -> String {
        let parts = all.iter().map(|wanted| {
            let files = wanted.files.iter().map(|file| file.display().to_string());
            let files: Vec<String> = files.collect();
            format!("{}={}", wanted.environment, files.join(","))
        });
        parts.collect::<Vec<String>>().join("; ")
    }

    /// All of them, if each environment is said once.
    ///
    /// # Errors
    ///
    /// If one is said twice.
    pub fn each_once(all: Vec<Wanted>) -> Result<Vec<Wanted>, WantedError> {
        let twice = all.iter().enumerate().find(|(at, one)| {
            let before = &all[..*at];
            before
                .iter()
                .any(|other| other.environment == one.environment)
        });
        match twice {
            Some((_, one)) => Err(WantedError {
                message: format!("the environment `{}` is said twice", one.environment),
                help: "name all of its files together, with commas between",
            }),
            None => Ok(all),
        }
    }
}

impl How {
    /// The env files that a line names, with commas between.
    pub fn with_env_files(&self, line: &str) -> How {
        How {
            env_files: paths(line),
            ..self.clone()
        }
    }

    /// A line that names its env files.
    pub fn env_files_line(&self) -> String {
        let files = self.env_files.iter();
        let files: Vec<String> = files.map(|file| file.display().to_string()).collect();
        files.join(", ")
    }
}

/// Paths with commas between.
fn paths(files: &str) -> Vec<PathBuf> {
    let files = files.split(',').map(str::trim);
    let files = files.filter(|file| !file.is_empty());
    files.map(PathBuf::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_it_is_written() {
        let line = "local=compose.yaml,compose.override.yaml; prod=a b.yaml";
        let all = Wanted::parse_line(line).expect("it is one");
        assert_eq!(Wanted::line(&all), line);
        let said = |line: &str| Wanted::parse_line(line).map(|all| Wanted::line(&all));
        assert_eq!(
            said(" a.yaml , b.yaml ;").as_deref(),
            Ok("local=a.yaml,b.yaml")
        );
        assert_eq!(said("prod=").as_deref(), Ok("prod="));
        assert_eq!(said("").as_deref(), Ok(""));
    }

    #[test]
    fn what_is_wrong_with_a_line_is_said() {
        let fault = |line: &str| Wanted::parse_line(line).map_err(|error| error.to_string());
        let twice = Err("the environment `prod` is said twice".to_owned());
        assert_eq!(fault("prod=a.yaml; prod=b.yaml"), twice);
        let message = fault("a b=c.yaml").expect_err("no environment is called so");
        assert!(message.starts_with("the environment `a b` "), "{message}");
    }
}
