//! `variable-clash`: two uses of one app that get the same variable.

use std::collections::BTreeSet;

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::declared::component_path;
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{ComponentName, Edit, Plan, PlanPath, VariableName};
use crate::settings::{Clash, InTheWay, Replaced};
use crate::topology::Topology;

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "variable-clash",
        severity: Severity::Deny,
        summary: "two uses of one app get a variable of the same name",
        explanation: "\
What it finds: an app whose dialect gives two of its uses a variable of the same name, such as
`DATABASE_URL` for each of two databases. As a note: a setting of the plan that takes the place of a
use's variable. As a warning: a variable of the plan in whose place the catalog gives
the container the file that holds the credential, or the other way round.

Why it matters: a variable has one value. The app would be connected to one of the two and never know
of the other. What the plan says of a container wins over the catalog's variable, since images refuse both; the
credential that Backstay makes and gives to users is then not the one that the service takes. A setting wins over a use: the app then no longer follows where the service is placed.

When it is fine: for two uses never. A setting may replace a variable on purpose, for a value that the
dialect does not spell as the app reads it.

Instead: keep the usual name for the one that the framework looks for, and give the other a prefix of
its own: `uses.events = { env = \"EVENTS_DB\" }`. `backstay check --fix` does.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    check_catalog(context, sink);
    let (mut said, mut noted) = (BTreeSet::new(), BTreeSet::new());
    for topology in context.topologies {
        for (instance, component) in topology.placed() {
            let found = InTheWay::of(context.catalog, topology, component, instance);
            for replaced in found.replaced {
                let app = instance.component.clone();
                let place = setting(context.plan, topology, &app, &replaced.variable);
                if noted.insert((place.to_string(), replaced.used.clone())) {
                    sink.push(note(&app, place, &replaced));
                }
            }
            for clash in found.clashes {
                let app = instance.component.as_str();
                if said.insert((app.to_owned(), clash.second.clone())) {
                    sink.push(finding(context, app, &clash));
                }
            }
        }
    }
}

/// Variables of the plan that take the place of another form of the catalog's.
fn check_catalog(context: &LintContext, sink: &mut Sink) {
    let mut said = BTreeSet::new();
    for topology in context.topologies {
        for component in topology.components.values() {
            let container = component.catalog_container();
            let of_kind = container.into_iter().flat_map(|it| it.environment.keys());
            let name = &component.name;
            for variable in of_kind.filter(|variable| component.says_otherwise(variable)) {
                if said.insert((name.clone(), variable.clone())) {
                    sink.push(replaces_catalog(name, variable));
                }
            }
        }
    }
}

fn replaces_catalog(service: &ComponentName, variable: &str) -> Finding {
    let message = format!(
        "`{service}` has a variable of the plan in the place of the catalog's `{variable}`, and with it a credential that Backstay does not know"
    );
    let place = Label::new(PlanPath::service(service.as_str()), "");
    Finding::new(&RULE.info, place, message)
        .severity(Severity::Warn)
        .help(format!(
            "take it out of its settings and `secret-settings`; `backstay secrets set` gives {service}'s own credential the value that it has"
        ))
}

/// Where a setting that holds in an environment is said.
fn setting(
    plan: &Plan,
    topology: &Topology,
    app: &ComponentName,
    variable: &VariableName,
) -> PlanPath {
    let environment = &topology.components[app].owner;
    let over = plan.environments.get(environment);
    let over = over.and_then(|over| over.apps.get(app));
    let is_here = over.is_some_and(|over| over.settings.contains_key(variable));
    component_path(is_here.then_some(environment), "apps", app)
        .key("settings")
        .key(variable.as_str())
}

fn note(app: &ComponentName, place: PlanPath, replaced: &Replaced) -> Finding {
    let Replaced { variable, used } = replaced;
    let message =
        format!("the setting `{variable}` of `{app}` replaces the value that `{used}` gives it");
    Finding::new(&RULE.info, Label::new(place, ""), message)
        .severity(Severity::Note)
        .help(format!(
            "take it away, and `{app}` follows where `{used}` is placed"
        ))
}

fn finding(context: &LintContext, app: &str, clash: &Clash) -> Finding {
    let Clash {
        variable,
        first,
        second,
    } = clash;
    let uses = |name: &str| PlanPath::app(app).key("uses").key(name);
    let prefix = VariableName::shouted(second.as_str());
    let finding = Finding::new(
        &RULE.info,
        Label::new(uses(second.as_str()), format!("`{variable}` again")),
        format!("`{first}` and `{second}` both give `{app}` the variable `{variable}`"),
    )
    .and(Label::new(
        uses(first.as_str()),
        format!("`{variable}` first"),
    ))
    .help(format!(
        "give one of them a prefix of its own: `env = \"{prefix}\"`"
    ));
    let in_base = context
        .plan
        .apps
        .get(app)
        .is_some_and(|app| app.uses.contains_key(second));
    match in_base {
        true => finding.fix(
            format!("give `{second}` the prefix `{prefix}`"),
            vec![Edit::set_text(uses(second.as_str()).key("env"), prefix)],
        ),
        false => finding,
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn a_credential_beside_the_catalogs_file_is_found() {
        check(
            "variable-clash",
            r#"
name = "shop"
[apps.web]
uses.db = {}
[services.db]
       #  ^^ `db` has a variable of the plan in the place of the catalog's `POSTGRES_PASSWORD_FILE`, and with it a credential that Backstay does not know
kind = "postgres"
secret-settings = ["POSTGRES_PASSWORD"]
[services.old]
kind = "postgres"
secret-settings = ["POSTGRES_PASSWORD"]
container.from-catalog = false
[environments.local.hosts.laptop]
runs = ["web", "db", "old"]
"#,
        );
    }

    const PLAN: &str = r#"
name = "shop"
[apps.web]
dialect = "node"
uses.db = {}
uses.events = {}
   # ^^^^^^ `db` and `events` both give `web` the variable `DATABASE_URL`
[services.db]
kind = "postgres"
[services.events]
kind = "mysql"
[environments.local.hosts.laptop]
runs = ["web", "db", "events"]
[environments.test.hosts.ci]
runs = ["web", "db", "events"]
"#;

    #[test]
    fn two_databases_under_one_name_are_found_once() {
        check("variable-clash", PLAN);
    }

    #[test]
    fn its_fix_gives_the_second_a_prefix() {
        let after = PLAN.replace("uses.events = {}", "uses.events = { env = \"EVENTS\" }");
        check_fix("variable-clash", PLAN, &after);
    }

    #[test]
    fn a_setting_that_replaces_the_variable_of_a_use_is_noted_once() {
        check(
            "variable-clash",
            r#"
name = "shop"
[apps.web]
dialect = "node"
uses.db = {}
uses.cache = {}
settings.DATABASE_URL = "postgresql://elsewhere"
                      # ^^^^^^^^^^^^^^^^^^^^^^^^ the setting `DATABASE_URL` of `web` replaces the value that `db` gives it
settings.OTHER = "mine"
[services.db]
kind = "postgres"
[services.cache]
kind = "redis"
[environments.local.hosts.laptop]
runs = ["web", "db", "cache"]
[environments.test.hosts.ci]
runs = ["web", "db", "cache"]
[environments.test.apps.web.settings]
REDIS_URL = "redis://elsewhere"
          # ^^^^^^^^^^^^^^^^^^^ the setting `REDIS_URL` of `web` replaces the value that `cache` gives it
"#,
        );
    }

    #[test]
    fn names_made_from_the_use_do_not_clash() {
        let lines = PLAN.lines().filter(|line| !line.contains("# ^"));
        let plain: Vec<String> = lines.map(|line| line.replace("node", "plain")).collect();
        check("variable-clash", &plain.join("\n"));
    }
}
