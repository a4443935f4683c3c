//! Env files as artifacts: the file with values for its owner, and the example without them.

use crate::generate::env_file;
use crate::generate::{Artifact, Audience, GenerateError, Renderer};
use crate::model::Quoting;
use crate::settings::{SecretNeed, SecretOrigin, SecretValues};

/// What is said behind the title of a service whose credential is missing.
const GIVEN: &str = "; fill it in: whoever runs the service gives it to you";

/// What is said behind the title of a container whose credential is missing, where the plan alone says that it has
/// one. Whoever uses the container may need the same value.
const OWN: &str = "; fill it in: the plan says no more of it, and nothing draws one";

/// What `comment` says of a component, without what is said where a credential is missing.
pub fn without_advice(comment: &str) -> &str {
    let mut ends = [GIVEN, OWN].into_iter();
    let title = ends.find_map(|end| comment.strip_suffix(end));
    title.unwrap_or(comment)
}

/// A line of an env file.
#[derive(Clone, Debug)]
pub struct Line {
    /// The variable.
    pub name: String,
    /// Its value.
    pub value: String,
    /// What it belongs to; said once above the lines that share it.
    pub comment: String,
    /// What else to know about this line alone.
    pub note: Option<String>,
    /// Whether the example must not show its value.
    pub is_secret: bool,
}

/// What an env file is like.
#[derive(Clone, Copy)]
pub(super) struct Style {
    /// The template of its first lines.
    pub header: &'static str,
    /// How its values are quoted.
    pub quoting: Quoting,
}

/// Adds the file at `path` and `path.example`.
pub(super) fn push(
    renderer: &Renderer,
    path: &str,
    style: Style,
    lines: &[Line],
    artifacts: &mut Vec<Artifact>,
) -> Result<(), GenerateError> {
    let header = |template| {
        let mark = env_file::mark(style.quoting).unwrap_or_default();
        format!("{mark}{}", renderer.static_text(template))
    };
    let values = text(path, &header(style.header), lines, style.quoting)?;
    artifacts.push(Artifact {
        path: path.to_owned(),
        text: values,
        audience: Audience::Owner,
    });
    let shown: Vec<Line> = lines
        .iter()
        .map(|line| Line {
            value: if line.is_secret {
                String::new()
            } else {
                line.value.clone()
            },
            // What a secret waits for depends on credentials, and the example is committed.
            note: line.note.clone().filter(|_| !line.is_secret),
            ..line.clone()
        })
        .collect();
    artifacts.push(Artifact {
        path: format!("{path}.example"),
        text: text(path, &header("example.env.header"), &shown, style.quoting)?,
        audience: Audience::Everybody,
    });
    Ok(())
}

/// The credentials of an environment as its secrets file holds them.
pub fn secrets_file(
    renderer: &Renderer,
    environment: &str,
    needs: &[SecretNeed],
    secrets: &SecretValues,
) -> Result<Artifact, GenerateError> {
    let lines: Vec<Line> = needs
        .iter()
        .filter(|need| need.is_kept())
        .map(|need| {
            let value = secrets.get(&need.id).cloned().unwrap_or_default();
            let told = match need.origin {
                _ if !value.is_empty() => "",
                SecretOrigin::Generated | SecretOrigin::Taken(_) => "",
                SecretOrigin::Given if need.in_container => OWN,
                SecretOrigin::Given => GIVEN,
            };
            let comment = format!("{}: {}{told}", need.id.service, need.title);
            Line {
                name: need.id.variable(),
                value,
                comment,
                note: None,
                is_secret: true,
            }
        })
        .collect();
    let path = secrets_path(environment);
    let header = renderer.static_text("secrets.env.header");
    let text = text(&path, &header, &lines, Quoting::Compose)?;
    Ok(Artifact {
        path,
        text,
        audience: Audience::Owner,
    })
}

/// Where an environment's credentials are kept, below the output folder.
pub fn secrets_path(environment: &str) -> String {
    format!("{environment}/secrets.env")
}

/// Where the values that an environment's credentials had before are kept, below the output folder.
pub fn previous_path(environment: &str) -> String {
    format!("{environment}/secrets.previous.env")
}

/// Whether a path below the output folder is that of an environment's credentials, or of those before.
pub fn is_secrets_path(path: &str) -> bool {
    // An app of that name has its own file one folder deeper: `prod/web/secrets.env`.
    path.split_once('/')
        .is_some_and(|(_, file)| matches!(file, "secrets.env" | "secrets.previous.env"))
}

/// Who may read a file that is no longer generated, by its path: `prod/web/secrets/db-password`.
pub fn audience_of(path: &str) -> Audience {
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        [_, _, "secrets", _] => Audience::Container,
        [.., name] if name.ends_with(".env") => Audience::Owner,
        _ => Audience::Everybody,
    }
}

fn text(
    path: &str,
    header: &str,
    lines: &[Line],
    quoting: Quoting,
) -> Result<String, GenerateError> {
    let mut text = header.to_owned();
    let mut group = "";
    for line in lines {
        let unsayable = |reason: &str| GenerateError::Unsayable {
            path: path.to_owned(),
            name: line.name.clone(),
            reason: reason.to_owned(),
        };
        let encoded = env_file::encode_as(&line.value, quoting);
        let (value, portability) = encoded.map_err(unsayable)?;
        if line.comment != group {
            text.push_str(&format!("\n# {}\n", line.comment));
            group = &line.comment;
        }
        if let Some(note) = &line.note {
            text.push_str(&format!("# {note}\n"));
        }
        if let Some(note) = portability.note(quoting) {
            text.push_str(&format!("# {note}\n"));
        }
        text.push_str(&format!("{}={value}\n", line.name));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_environments_own_file_is_its_secrets_file() {
        assert!(is_secrets_path(&secrets_path("prod")));
        assert!(is_secrets_path(&previous_path("prod")));
        assert!(!is_secrets_path("prod/web/secrets.env"));
        assert!(!is_secrets_path("secrets.env"));
    }

    #[test]
    fn a_path_tells_what_holds_a_credential() {
        for (path, audience) in [
            ("prod/web/secrets/db-password", Audience::Container),
            ("prod/web/.env", Audience::Owner),
            ("prod/secrets/compose.yaml", Audience::Everybody),
            ("prod/web/web.env.example", Audience::Everybody),
        ] {
            assert_eq!(audience_of(path), audience, "{path}");
        }
    }
}
