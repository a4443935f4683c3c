//! File templates: the embedded ones, the user's own on top, every value quoted for its file.

use std::collections::BTreeMap;

use minijinja::value::{Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State};
use serde::Serialize;

use crate::generate::quote::yaml_string;
use crate::template;

/// Why a file could not be rendered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the template {template} failed: {message}")]
pub struct RenderError {
    /// Which template.
    pub template: String,
    /// What is wrong with it.
    pub message: String,
}

/// A template of the user's own.
#[derive(Clone, Debug)]
pub struct FileTemplate {
    /// The name of the embedded template that it replaces: `compose.yaml.j2`.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Renders file templates.
pub struct Renderer {
    environment: Environment<'static>,
    statics: BTreeMap<&'static str, String>,
}

/// Templates that take values. Their endings choose how values are quoted.
const TEMPLATES: &[(&str, &str)] = &[
    (
        "compose.yaml.j2",
        include_str!("../../templates/files/compose.yaml.j2"),
    ),
    (
        "runbook.md.j2",
        include_str!("../../templates/files/runbook.md.j2"),
    ),
];

/// Texts that stand at the top of a file, or are all of it.
const STATICS: &[(&str, &str)] = &[
    ("gitignore", include_str!("../../templates/files/gitignore")),
    (
        "app.env.header",
        include_str!("../../templates/files/app.env.header"),
    ),
    (
        "host.env.header",
        include_str!("../../templates/files/host.env.header"),
    ),
    (
        "example.env.header",
        include_str!("../../templates/files/example.env.header"),
    ),
    (
        "secrets.env.header",
        include_str!("../../templates/files/secrets.env.header"),
    ),
];

/// Every file in `templates/files/`; each can be replaced by one of the user's own.
pub const TEMPLATE_NAMES: &[&str] = &[
    "app.env.header",
    "compose.yaml.j2",
    "example.env.header",
    "gitignore",
    "host.env.header",
    "runbook.md.j2",
    "secrets.env.header",
];

impl Renderer {
    /// A renderer with the embedded templates and the user's own in place of those they replace.
    pub fn new(own: &[FileTemplate]) -> Result<Renderer, RenderError> {
        let mut environment = template::strict_environment();
        environment.set_auto_escape_callback(|name| match name {
            name if name.ends_with(".yaml.j2") => AutoEscape::Custom("yaml".into()),
            name if name.ends_with(".md.j2") => AutoEscape::Custom("markdown".into()),
            _ => AutoEscape::None,
        });
        environment.set_formatter(write_quoted);
        environment.add_filter("bare", bare);
        environment.add_filter("comment", comment);
        let text_of = |name: &str, embedded: &str| {
            let own = own.iter().find(|template| template.name == name);
            own.map_or_else(|| embedded.to_owned(), |template| template.text.clone())
        };
        for (name, embedded) in TEMPLATES {
            environment
                .add_template_owned(*name, text_of(name, embedded))
                .map_err(|error| render_error(name, &error))?;
        }
        let statics = STATICS
            .iter()
            .map(|(name, embedded)| (*name, text_of(name, embedded)))
            .collect();
        Ok(Renderer {
            environment,
            statics,
        })
    }

    /// The template called `name` with the values of `context`.
    pub fn render(
        &self,
        name: &'static str,
        context: &impl Serialize,
    ) -> Result<String, RenderError> {
        let template = self
            .environment
            .get_template(name)
            .map_err(|error| render_error(name, &error))?;
        template
            .render(minijinja::value::Serde(context))
            .map_err(|error| render_error(name, &error))
    }

    /// A text without values.
    pub fn static_text(&self, name: &'static str) -> String {
        self.statics.get(name).cloned().unwrap_or_default()
    }
}

/// A checked name without quotes; anything else keeps them.
fn bare(text: String) -> Value {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    // A name of digits alone would be read as a number, and some words as truth values.
    let is_name = text.bytes().all(plain) && text.starts_with(|c: char| c.is_ascii_alphabetic());
    let reserved = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    if is_name && !reserved.contains(&text.to_ascii_lowercase().as_str()) {
        return Value::from_safe_string(text);
    }
    Value::from(text)
}

/// Text for the rest of a line that is a comment.
fn comment(text: String) -> Value {
    let one_line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    Value::from_safe_string(one_line.collect())
}

fn render_error(name: &str, error: &Error) -> RenderError {
    RenderError {
        template: format!("`{name}`"),
        message: template::describe(error),
    }
}

fn write_quoted(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    let language = match state.auto_escape() {
        AutoEscape::Custom(language) => language.to_string(),
        _ => String::new(),
    };
    if value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    if value.kind() != ValueKind::String || value.is_safe() {
        return write!(out, "{value}").map_err(Error::from);
    }
    let text = value.as_str().unwrap_or_default();
    let quoted = match language.as_str() {
        "yaml" => yaml_string(text),
        "markdown" => markdown_text(text),
        _ => text.to_owned(),
    };
    out.write_str(&quoted).map_err(Error::from)
}

/// `text` as one line of Markdown in which no character means anything.
fn markdown_text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '|' | '#' => escaped.extend(['\\', c]),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The files in `templates/files`, as the file system has them.
    #[expect(
        clippy::disallowed_methods,
        reason = "the test compares the list with the folder"
    )]
    fn files() -> Vec<String> {
        let path = format!("{}/templates/files", env!("CARGO_MANIFEST_DIR"));
        let files = std::fs::read_dir(path).expect("the folder is part of the source");
        let mut names: Vec<String> = files
            .filter_map(|file| file.ok()?.file_name().into_string().ok())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn the_lists_hold_what_the_folder_holds() {
        assert_eq!(TEMPLATE_NAMES, files());
        assert_eq!(TEMPLATES.len() + STATICS.len(), TEMPLATE_NAMES.len());
    }

    #[test]
    fn a_template_of_the_users_own_takes_the_embedded_ones_place() {
        let own = FileTemplate {
            name: "compose.yaml.j2".into(),
            text: "x: {{ name }}\n".into(),
        };
        let renderer = Renderer::new(&[own]).expect("the template is valid");
        let name = BTreeMap::from([("name", "a: {b")]);
        assert_eq!(
            renderer.render("compose.yaml.j2", &name).as_deref(),
            Ok("x: \"a: {b\"\n")
        );
    }

    #[test]
    fn an_unknown_name_in_a_template_is_an_error_with_its_line() {
        let own = FileTemplate {
            name: "runbook.md.j2".into(),
            text: "\n{{ nowhere }}".into(),
        };
        let renderer = Renderer::new(&[own]).expect("the template is valid");
        let error = renderer
            .render("runbook.md.j2", &BTreeMap::<&str, &str>::new())
            .expect_err("the name is unknown");
        assert!(error.to_string().contains("in line 2"), "{error}");
    }
}
