//! Texts of a kind's container: what the catalog writes with placeholders, filled in for one service.

use std::collections::BTreeSet;

use minijinja::Value;
use minijinja::value::Rest;

use crate::catalog::is_older;
use crate::generate::quote::{FILE_OPENS, VARIABLE_CLOSES, VARIABLE_OPENS, unmarked};
use crate::generate::render::RenderError;
use crate::settings::SecretId;
use crate::template;
use crate::topology::{Component, Link, Topology};

/// Renders the container texts of services.
pub(super) struct ContainerTexts {
    environment: minijinja::Environment<'static>,
}

/// A container's texts, and which credentials they ask for.
pub(super) struct ContainerText<'a> {
    texts: &'a ContainerTexts,
    topology: &'a Topology,
    component: &'a Component,
    context: Value,
    /// Credentials that come as variables from `.env`.
    pub variables: BTreeSet<SecretId>,
    /// Credentials that are mounted as files.
    pub files: BTreeSet<SecretId>,
}

impl ContainerTexts {
    pub(super) fn new() -> ContainerTexts {
        let mut environment = template::strict_environment();
        environment.add_function("secret", |name: String, _: Rest<Value>| {
            variable_mark(&name)
        });
        environment.add_function("secret_file", |name: String, _: Rest<Value>| {
            file_mark(&name)
        });
        environment.add_filter("quoted", |text: String| quoted(&text));
        environment.add_test("older_than", |version: String, line: String| {
            is_older(&version, &line)
        });
        ContainerTexts { environment }
    }

    /// The texts of `component`, which see the values of `context`.
    pub(super) fn of<'a>(
        &'a self,
        topology: &'a Topology,
        component: &'a Component,
        context: Value,
    ) -> ContainerText<'a> {
        ContainerText {
            texts: self,
            topology,
            component,
            context,
            variables: BTreeSet::new(),
            files: BTreeSet::new(),
        }
    }
}

impl ContainerText<'_> {
    /// A template of the catalog as text. Credentials stay marks that `yaml_string` turns into interpolations.
    pub(super) fn render(&mut self, what: &str, source: &str) -> Result<String, RenderError> {
        if !source.contains('{') {
            return Ok(source.to_owned());
        }
        let (engine, context) = (&self.texts.environment, self.context.clone());
        let rendered = template::render_cached(engine, "plain", source, context);
        let rendered = rendered.map_err(|error| RenderError {
            template: format!("{} of {}", what, self.component.kind().id),
            message: template::describe(&error),
        })?;
        self.resolve_marks(what, &rendered)
    }

    /// The texts of a list; those that come out empty are left out.
    pub(super) fn render_all(
        &mut self,
        what: &str,
        sources: &[String],
    ) -> Result<Vec<String>, RenderError> {
        let rendered = sources
            .iter()
            .filter_map(|source| self.render_some(what, source).transpose());
        rendered.collect()
    }

    /// A text; nothing if a template makes nothing of it. What is written empty is meant to be.
    pub(super) fn render_some(
        &mut self,
        what: &str,
        source: &str,
    ) -> Result<Option<String>, RenderError> {
        let rendered = self.render(what, source)?;
        Ok((source.is_empty() || !rendered.is_empty()).then_some(rendered))
    }

    /// A template of the catalog as the text of a file, which can name the files of credentials only.
    pub(super) fn render_file(&mut self, what: &str, source: &str) -> Result<String, RenderError> {
        let text = self.render(what, source)?;
        match text.contains(VARIABLE_OPENS) {
            true => Err(RenderError {
                template: format!("{what} of {}", self.component.kind().id),
                message: "a file holds no credential: name its `secret_file` instead".to_owned(),
            }),
            false => Ok(text),
        }
    }

    fn resolve_marks(&mut self, what: &str, rendered: &str) -> Result<String, RenderError> {
        let mut text = String::with_capacity(rendered.len());
        let mut rest = rendered;
        while let Some(at) = rest.find([VARIABLE_OPENS, FILE_OPENS]) {
            let (before, marked) = rest.split_at(at);
            let is_file = marked.starts_with(FILE_OPENS);
            let marked = &marked[FILE_OPENS.len_utf8()..];
            let (name, after) = marked.split_once(VARIABLE_CLOSES).unwrap_or((marked, ""));
            text.push_str(before);
            let id = self.known(what, name)?;
            if is_file {
                text.push_str("/run/secrets/");
                text.push_str(&id.file_name());
                self.files.insert(id);
            } else {
                text.push(VARIABLE_OPENS);
                text.push_str(&id.variable());
                text.push(VARIABLE_CLOSES);
                self.variables.insert(id);
            }
            rest = after;
        }
        text.push_str(rest);
        Ok(text)
    }

    /// The credential called `NAME`, or `COMPONENT/NAME` of a component that this one uses. Refuses one
    /// that is not there or not for it: its name becomes part of a path.
    fn known(&self, what: &str, marked: &str) -> Result<SecretId, RenderError> {
        let found = match marked.split_once('/') {
            None => Some((self.component, marked)),
            Some((used, name)) => self.used(used, name).map(|component| (component, name)),
        };
        let found = found.filter(|(of, name)| of.kind().secrets.contains_key(*name));
        let (component, name) = found.ok_or_else(|| RenderError {
            template: format!("{what} of {}", self.component.kind().id),
            message: format!(
                "the kind has no credential called `{}`",
                marked.escape_debug()
            ),
        })?;
        Ok(SecretId {
            environment: component.owner.clone(),
            service: component.name.clone(),
            name: name.to_owned(),
        })
    }

    /// A component that this one uses, if the credential is one for clients.
    fn used(&self, used: &str, name: &str) -> Option<&Component> {
        let is_used = |link: &Link| {
            link.user.component == self.component.name && link.target.component.as_str() == used
        };
        let link = self.topology.links().find(is_used)?;
        let component = link.target_component;
        let rule = component.kind().secrets.get(name)?;
        rule.for_clients.then_some(component)
    }
}

/// What stands for a credential's text until it is resolved: one of the service's own by its name, one of
/// a used component's as `COMPONENT/NAME`.
pub(super) fn variable_mark(name: &str) -> String {
    format!("{VARIABLE_OPENS}{name}{VARIABLE_CLOSES}")
}

/// What stands for the path of a credential's file until it is resolved.
pub(super) fn file_mark(name: &str) -> String {
    format!("{FILE_OPENS}{name}{VARIABLE_CLOSES}")
}

/// `text` in the quotes that JSON, JavaScript and YAML share. Marks stay as they are.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A value of the plan as a context holds it: without the marks that only the catalog may write.
pub(super) fn plan_text(text: &str) -> Value {
    Value::from(unmarked(text).into_owned())
}
