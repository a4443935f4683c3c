//! Variables of an app: the dialect's names, and values made of what is known about each use.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::Value;

use crate::catalog::{Alternatives, Catalog, Dialect, Encoding, Form, Kind};
use crate::model::VariableName;
use crate::settings::values::Values;
use crate::settings::{
    Missing, Origin, SecretId, SecretValues, SettingValue, Variable, addressed, values_of,
};
use crate::template::{TemplateError, Templates};
use crate::topology::{App, Component, Instance, Link, Topology};

/// The dialect of an app that names none.
pub(super) const DEFAULT_DIALECT: &str = "plain";

/// Spells the settings of apps.
pub struct Speller<'a> {
    catalog: &'a Catalog,
    pub(super) templates: &'a Templates,
    plan: &'a str,
    secrets: &'a SecretValues,
}

/// A value that cannot be said where a variable needs it: a comma in a list that has no escape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsayableValue {
    /// The variable.
    pub variable: VariableName,
    /// Why.
    pub reason: String,
}

/// A value, nothing, or why it cannot be said.
type Rendered = Result<Option<SettingValue>, TemplateError>;

impl UnsayableValue {
    fn of(variable: &VariableName) -> impl FnOnce(TemplateError) -> UnsayableValue {
        let variable = variable.clone();
        move |error| UnsayableValue {
            variable,
            reason: error.0,
        }
    }
}

impl<'a> Speller<'a> {
    /// A speller for the plan called `plan`, which knows these credentials.
    pub fn new(
        catalog: &'a Catalog,
        templates: &'a Templates,
        plan: &'a str,
        secrets: &'a SecretValues,
    ) -> Self {
        Speller {
            catalog,
            templates,
            plan,
            secrets,
        }
    }

    /// The variables of an app's instance, by origin and then by name. The plan's `settings` win.
    ///
    /// Fails if a value cannot be said in a form that the dialect asks for.
    pub fn variables(
        &self,
        topology: &Topology,
        instance: &Instance,
    ) -> Result<Vec<Variable>, UnsayableValue> {
        let Some((component, app)) = app_of(topology, instance) else {
            return Ok(Vec::new());
        };
        let dialect = dialect_of(self.catalog, app);
        let mut variables = BTreeMap::new();
        if let Some(dialect) = &dialect {
            self.add_own(&mut variables, topology, component, dialect)?;
            for link in nearest(topology, instance) {
                self.add_use(&mut variables, &link, dialect)?;
            }
        }
        let mut replaced = BTreeMap::new();
        for (name, text) in &component.settings {
            let text = addressed(topology, instance, name, text).into_owned();
            let setting = (Origin::Setting, SettingValue::Known(text));
            if let Some((origin, _)) = variables.insert(name.clone(), setting) {
                replaced.insert(name, origin);
            }
        }
        for name in &component.secret_settings {
            let value = match self.secret_setting(component, name) {
                SettingValue::Known(text) => {
                    SettingValue::Known(addressed(topology, instance, name, &text).into_owned())
                }
                unfilled => unfilled,
            };
            let setting = (Origin::SecretSetting, value);
            if let Some((origin, _)) = variables.insert(name.clone(), setting) {
                replaced.insert(name, origin);
            }
        }
        let mut variables: Vec<Variable> = variables
            .into_iter()
            .map(|(name, (origin, value))| Variable {
                replaces: replaced.remove(&name),
                name,
                value,
                origin,
            })
            .collect();
        variables.sort_by(|a, b| (&a.origin, &a.name).cmp(&(&b.origin, &b.name)));
        Ok(variables)
    }

    /// The value of a setting that is a credential.
    fn secret_setting(&self, component: &Component, name: &VariableName) -> SettingValue {
        let id = SecretId::of(component, name.as_str());
        match self.secrets.get(&id).filter(|value| !value.is_empty()) {
            Some(value) => SettingValue::Known(value.clone()),
            None => unfilled(vec![Missing::Secret(id)]),
        }
    }

    fn add_own(
        &self,
        variables: &mut Spelled,
        topology: &Topology,
        component: &Component,
        dialect: &Dialect,
    ) -> Result<(), UnsayableValue> {
        let mut known: BTreeMap<String, Value> = BTreeMap::new();
        known.insert("environment".into(), topology.environment.as_str().into());
        known.insert("plan".into(), self.plan.into());
        if let Some(port) = component.container_port() {
            known.insert("port".into(), port.into());
        }
        let by_tier = topology
            .tier
            .and_then(|tier| dialect.tiers.get(crate::model::Choice::as_str(tier)));
        for (name, template) in dialect.app.iter().chain(by_tier.into_iter().flatten()) {
            if !self
                .templates
                .names(template)
                .iter()
                .all(|asked| known.contains_key(asked))
            {
                continue;
            }
            let Ok(name) = VariableName::new(name) else {
                continue;
            };
            let context = Value::from(known.clone());
            let text = self.templates.render(template, Encoding::Plain, context);
            let text = text.map_err(UnsayableValue::of(&name))?;
            variables.insert(name, (Origin::App, SettingValue::Known(text)));
        }
        Ok(())
    }

    fn add_use(
        &self,
        variables: &mut Spelled,
        link: &Link,
        dialect: &Dialect,
    ) -> Result<(), UnsayableValue> {
        let target = link.target_component;
        let values = self.values(link);
        for (name, templates) in spelling(link, target.kind(), dialect) {
            let value = self.first_value(templates, target.kind(), &values);
            let Some((_, value)) = value.map_err(UnsayableValue::of(&name))? else {
                continue;
            };
            // The first use keeps its variable; the rule `variable-clash` reports the second.
            variables
                .entry(name)
                .or_insert((Origin::Use(target.name.clone()), value));
        }
        Ok(())
    }

    /// The first template that the kind has everything for, and its value.
    pub(super) fn first_value<'t>(
        &self,
        templates: &'t Alternatives,
        kind: &Kind,
        values: &Values,
    ) -> Result<Option<(&'t str, SettingValue)>, TemplateError> {
        for template in templates.iter() {
            if let Some(value) = self.value(template, kind, values)? {
                return Ok(Some((template, value)));
            }
        }
        Ok(None)
    }

    /// The values of what a use reaches.
    pub(super) fn values(&self, link: &Link) -> Values {
        let target = link.target_component;
        let endpoint = &link.connection.endpoint;
        values_of(self.templates, self.plan, target, endpoint, self.secrets)
    }

    /// The catalog that the dialects come from.
    pub(super) fn catalog(&self) -> &Catalog {
        self.catalog
    }

    /// The value of a variable; nothing if its template asks for what the kind does not have.
    fn value(&self, template: &str, kind: &Kind, values: &Values) -> Rendered {
        if let Some(name) = alone(template) {
            return self.value_alone(name, kind, values);
        }
        let mut context = values.known.clone();
        let mut missing = Vec::new();
        for name in self.templates.names(template).iter() {
            match self.value_alone(name, kind, values)? {
                None => return Ok(None),
                Some(SettingValue::Unfilled(more)) => missing.extend(more),
                Some(SettingValue::Known(text)) if kind.forms.contains_key(name) => {
                    context.insert(name.clone(), text.into());
                }
                Some(SettingValue::Known(_)) => {}
            }
        }
        if !missing.is_empty() {
            return Ok(Some(unfilled(missing)));
        }
        let context = Value::from(context);
        let text = self.templates.render(template, Encoding::Plain, context)?;
        Ok(Some(SettingValue::Known(text)))
    }

    /// The value of a variable that is one name and nothing more, as most are.
    fn value_alone(&self, name: &str, kind: &Kind, values: &Values) -> Rendered {
        if let Some(form) = kind.forms.get(name) {
            return self.form(form, values).map(Some);
        }
        if let Some(lacking) = values.missing.get(name) {
            return Ok(Some(unfilled(vec![lacking.clone()])));
        }
        let known = values.known.get(name);
        Ok(known.map(|known| SettingValue::Known(known.to_string())))
    }

    fn form(&self, form: &Form, values: &Values) -> Result<SettingValue, TemplateError> {
        let asked = self.templates.names(&form.text);
        let missing: Vec<Missing> = asked
            .iter()
            .filter_map(|name| values.missing.get(name).cloned())
            .collect();
        if !missing.is_empty() {
            return Ok(unfilled(missing));
        }
        let context = values.context(form.encoding);
        let text = self.templates.render_form(form, context)?;
        Ok(SettingValue::Known(text))
    }
}

/// The name in a template that is nothing but `{{ name }}`.
fn alone(template: &str) -> Option<&str> {
    let name = template.strip_prefix("{{ ")?.strip_suffix(" }}")?;
    let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    is_name.then_some(name)
}

type Spelled = BTreeMap<VariableName, (Origin, SettingValue)>;

pub(super) fn app_of<'t>(
    topology: &'t Topology,
    instance: &Instance,
) -> Option<(&'t Component, &'t App)> {
    let component = topology.components.get(&instance.component)?;
    Some((component, component.app()?))
}

pub(super) fn dialect_of(catalog: &Catalog, app: &App) -> Option<Arc<Dialect>> {
    catalog.dialect(app.dialect.as_deref().unwrap_or(DEFAULT_DIALECT))
}

/// One connection to each component that an app's instance uses: the nearest, as `Topology::connections`
/// has it.
pub(super) fn nearest<'t>(topology: &'t Topology, instance: &Instance) -> Vec<Link<'t>> {
    let mut links = topology.uses_of(instance);
    // There is nothing to connect to.
    links.retain(|link| !topology.is_for_order(link));
    links.dedup_by(|next, kept| next.target.component == kept.target.component);
    links
}

/// The templates of names and values that the dialect gives to a use, and the prefix of its names.
pub(super) fn names<'d>(
    link: &Link,
    kind: &Kind,
    dialect: &'d Dialect,
) -> Option<(&'d BTreeMap<String, Alternatives>, String)> {
    let spelling = dialect.spelling(&kind.protocol)?;
    Some(match &link.connection.env {
        Some(env) => (&spelling.named, env.as_str().to_owned()),
        None => {
            let prefix = VariableName::shouted(link.target.component.as_str());
            (spelling.usual.as_ref().unwrap_or(&spelling.named), prefix)
        }
    })
}

/// A name of the dialect for one use.
pub(super) fn spelled(name: &str, link: &Link, prefix: &str) -> Option<VariableName> {
    VariableName::new(&filled_in(name, link, prefix)).ok()
}

pub(super) fn filled_in<'d>(name: &'d str, link: &Link, prefix: &str) -> Cow<'d, str> {
    if !is_template(name) {
        return Cow::Borrowed(name);
    }
    Cow::Owned(named(name, link.target.component.as_str(), prefix))
}

/// A name of the dialect that differs from use to use, for the use of `used`.
pub(super) fn named(name: &str, used: &str, prefix: &str) -> String {
    let name = name
        .replace("{{ use }}", used)
        .replace("{{ prefix }}", prefix);
    name.replace('-', "_")
}

/// Whether a name of a dialect differs from use to use.
pub(super) fn is_template(name: &str) -> bool {
    name.contains('{')
}

/// Whether the dialect of an app gives it a variable for a use.
pub fn gives_variables(catalog: &Catalog, link: &Link) -> bool {
    let app = link.user_component.app();
    let dialect = app.and_then(|app| dialect_of(catalog, app));
    let kind = link.target_component.kind();
    dialect.is_some_and(|dialect| {
        let names = names(link, kind, &dialect);
        names.is_some_and(|(names, prefix)| {
            let mut names = names.keys();
            names.any(|name| spelled(name, link, &prefix).is_some())
        })
    })
}

/// The names that the dialect gives to a use, with the templates of their values.
fn spelling<'d>(
    link: &Link,
    kind: &Kind,
    dialect: &'d Dialect,
) -> Vec<(VariableName, &'d Alternatives)> {
    let Some((names, prefix)) = names(link, kind, dialect) else {
        return Vec::new();
    };
    let spell = |(name, templates): (&String, &'d Alternatives)| {
        Some((spelled(name, link, &prefix)?, templates))
    };
    names.iter().filter_map(spell).collect()
}

fn unfilled(mut missing: Vec<Missing>) -> SettingValue {
    missing.sort();
    missing.dedup();
    SettingValue::Unfilled(missing)
}
