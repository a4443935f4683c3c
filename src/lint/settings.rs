//! The settings that the plan says, each with the place that says it.

use crate::lint::declared::{component_path, declared_apps, declared_services};
use crate::model::{ComponentName, EnvironmentName, Plan, PlanPath, VariableName};

/// A setting that the plan says, in its base or in an environment.
pub(super) struct DeclaredSetting<'p> {
    /// The environment that says it; `None` for the base.
    pub environment: Option<&'p EnvironmentName>,
    /// Whose.
    pub component: &'p ComponentName,
    /// Its name.
    pub variable: &'p VariableName,
    /// Its text.
    pub text: &'p str,
    section: &'static str,
}

impl DeclaredSetting<'_> {
    /// The key that says it.
    pub fn path(&self) -> PlanPath {
        component_path(self.environment, self.section, self.component)
            .key("settings")
            .key(self.variable.as_str())
    }
}

/// Every setting that the plan says.
pub(super) fn settings(plan: &Plan) -> impl Iterator<Item = DeclaredSetting<'_>> {
    let of_apps = declared_apps(plan)
        .map(|(environment, component, app)| (environment, component, &app.settings, "apps"));
    let of_services = declared_services(plan).map(|(environment, component, service)| {
        (environment, component, &service.settings, "services")
    });
    of_apps
        .chain(of_services)
        .flat_map(|(environment, component, settings, section)| {
            settings
                .iter()
                .map(move |(variable, text)| DeclaredSetting {
                    environment,
                    component,
                    variable,
                    text,
                    section,
                })
        })
}
