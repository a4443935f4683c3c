//! Texts of a kind's container: what the catalog writes with placeholders, filled in for one service.

use std::collections::BTreeSet;

use minijinja::Value;
use minijinja::value::Rest;

use crate::generate::quote::{FILE_OPENS, VARIABLE_CLOSES, VARIABLE_OPENS, unmarked};
use crate::generate::render::RenderError;
use crate::model::ComponentName;
use crate::settings::SecretId;
use crate::template;
use crate::topology::Component;

/// Renders the container texts of services.
pub(super) struct ContainerTexts {
    environment: minijinja::Environment<'static>,
}

/// A container's texts, and which credentials they ask for.
pub(super) struct ContainerText<'a> {
    texts: &'a ContainerTexts,
    component: &'a Component,
    context: Value,
    /// Names of credentials that come as variables from `.env`.
    pub variables: BTreeSet<String>,
    /// Names of credentials that are mounted as files.
    pub files: BTreeSet<String>,
}

impl ContainerTexts {
    pub(super) fn new() -> ContainerTexts {
        let mut environment = template::strict_environment();
        environment.add_function("secret", |name: String, _: Rest<Value>| {
            format!("{VARIABLE_OPENS}{name}{VARIABLE_CLOSES}")
        });
        environment.add_function("secret_file", |name: String, _: Rest<Value>| {
            format!("{FILE_OPENS}{name}{VARIABLE_CLOSES}")
        });
        ContainerTexts { environment }
    }

    /// The texts of `component`, which see the values of `context`.
    pub(super) fn of<'a>(&'a self, component: &'a Component, context: Value) -> ContainerText<'a> {
        ContainerText {
            texts: self,
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

    fn resolve_marks(&mut self, what: &str, rendered: &str) -> Result<String, RenderError> {
        let mut text = String::with_capacity(rendered.len());
        let mut rest = rendered;
        while let Some(at) = rest.find([VARIABLE_OPENS, FILE_OPENS]) {
            let (before, marked) = rest.split_at(at);
            let is_file = marked.starts_with(FILE_OPENS);
            let marked = &marked[FILE_OPENS.len_utf8()..];
            let (name, after) = marked.split_once(VARIABLE_CLOSES).unwrap_or((marked, ""));
            text.push_str(before);
            self.check_known(what, name)?;
            if is_file {
                text.push_str("/run/secrets/");
                text.push_str(&secret_name(&self.component.name, name));
                self.files.insert(name.to_owned());
            } else {
                text.push(VARIABLE_OPENS);
                text.push_str(&self.id(name).variable());
                text.push(VARIABLE_CLOSES);
                self.variables.insert(name.to_owned());
            }
            rest = after;
        }
        text.push_str(rest);
        Ok(text)
    }

    /// Refuses a credential that the kind does not have: its name becomes part of a path.
    fn check_known(&self, what: &str, name: &str) -> Result<(), RenderError> {
        let kind = self.component.kind();
        if kind.secrets.contains_key(name) {
            return Ok(());
        }
        Err(RenderError {
            template: format!("{what} of {}", kind.id),
            message: format!(
                "the kind has no credential called `{}`",
                name.escape_debug()
            ),
        })
    }

    /// The credential of this component's with a name.
    pub(super) fn id(&self, name: &str) -> SecretId {
        SecretId {
            environment: self.component.owner.clone(),
            service: self.component.name.clone(),
            name: name.to_owned(),
        }
    }
}

/// What a credential's file is called: `db-root-password`.
pub(super) fn secret_name(component: &ComponentName, name: &str) -> String {
    format!("{component}-{}", name.replace('_', "-"))
}

/// A value of the plan as a context holds it: without the marks that only the catalog may write.
pub(super) fn plan_text(text: &str) -> Value {
    Value::from(unmarked(text).into_owned())
}
