//! `default-credential`: names and settings that everybody tries first.

use crate::catalog::Kind;
use crate::finding::{Finding, Label, RuleInfo, Severity, quoted};
use crate::lint::declared::{declared_services, override_of, service_path};
use crate::lint::declared_kinds::kind_in;
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{ComponentName, Edit, EnvironmentName, PlanPath, Service, Tier};
use crate::topology::{Component, Topology};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "default-credential",
        severity: Severity::Warn,
        summary: "a service is opened by what everybody tries first",
        explanation: "\
What it finds: a service whose user is the administrator or another name that everybody tries first, and a
setting that lets people in without a password, as the catalog knows them of its kind. What only a local
or a test environment says is passed over. Of a container with `from-catalog = false`, as imports make them, the
setting of its image that names the user is read, for a note, where it runs in another environment than those; what
lets people in there is for `no-password` to say.

Why it matters: whoever tries doors begins with the names that come with the product. An app that
connects as the administrator gives away everything when it is broken into, and not only its own tables.

When it is fine: a user of that name which somebody has made weak on purpose. Say so in `[rules]` with
the reason.

Instead: give the app a user of its own; `backstay check --fix` takes the key away, so that the kind's
own default is used, or the setting. An image makes the user that its setting names only while its volume is empty:
in one that has data, make the user there too.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    for (environment, name, service) in declared_services(context.plan) {
        let says_nothing = service.settings.is_empty() && service.said_parts().next().is_none();
        if says_nothing || environment.is_some_and(|environment| is_alone(context, environment)) {
            continue;
        }
        if let Some(kind) = kind_in(context, environment, name) {
            check_parts((environment, name, service), &kind, sink);
            match is_from_catalog(context, environment, name) {
                true => check_settings((environment, name, service), &kind, sink),
                false => check_plain(context, (environment, name, service), &kind, sink),
            }
        }
    }
}

/// The settings of an image of which the catalog knows that they say a part of the service.
fn check_plain(context: &LintContext, declared: Declared, kind: &Kind, sink: &mut Sink) {
    let (environment, name, service) = declared;
    let runs = |topology: &Topology| {
        let of_this = environment.is_none_or(|said| *said == topology.environment);
        let is_own = |component: &Component| component.owner == topology.environment;
        of_this
            && !is_alone(context, &topology.environment)
            && topology.components.get(name).is_some_and(is_own)
    };
    if !context.topologies.iter().any(runs) {
        return;
    }
    let variables = kind.container.iter().flat_map(|it| &it.environment);
    for (variable, template) in variables {
        let part = template.trim_start_matches("{{ ").trim_end_matches(" }}");
        let said = service.settings.get(variable.as_str());
        let (Some(rule), Some(said)) = (kind.parts.get(part), said) else {
            continue;
        };
        if rule.well_known.iter().any(|known| known == said) {
            let message = format!(
                "the {part} of `{name}` is {}, which everybody tries first",
                quoted(said)
            );
            let path = service_path(environment, name)
                .key("settings")
                .key(variable);
            let finding = finding(declared, path, message)
                .severity(Severity::Note)
                .help(format!("give the apps a {part} of their own in `{name}`"));
            sink.push(finding);
        }
    }
}

/// Whether a service runs as the catalog says. What runs otherwise has no credential that Backstay draws, and
/// `no-password` speaks of it.
fn is_from_catalog(
    context: &LintContext,
    environment: Option<&EnvironmentName>,
    name: &ComponentName,
) -> bool {
    let said = |service: &Service| service.container.as_ref()?.from_catalog;
    let over = override_of(context.plan, environment, name).and_then(said);
    let base = || context.plan.services.get(name).and_then(said);
    over.or_else(base).unwrap_or(true)
}

/// Whether nobody but one developer, or one run of the tests, reaches an environment.
fn is_alone(context: &LintContext, environment: &EnvironmentName) -> bool {
    matches!(
        context.plan.tier(environment),
        Some(Tier::Local | Tier::Test)
    )
}

/// A service as the base of the plan or an environment declares it.
type Declared<'p> = (Option<&'p EnvironmentName>, &'p ComponentName, &'p Service);

fn check_parts(declared: Declared, kind: &Kind, sink: &mut Sink) {
    let (environment, name, service) = declared;
    for (part, said) in service.said_parts() {
        let Some(rule) = kind.parts.get(part) else {
            continue;
        };
        if !rule.well_known.iter().any(|known| known == said) {
            continue;
        }
        let message = format!(
            "the {part} of `{name}` is {}, which everybody tries first",
            quoted(said)
        );
        let path = service_path(environment, name).key(part);
        let finding = finding(declared, path.clone(), message)
            .help(format!("give `{name}` a {part} of its own"));
        sink.push(match &rule.default {
            Some(_) => finding.fix(
                format!("take the {part} of `{name}` away, for the kind's own"),
                vec![Edit::Remove { path }],
            ),
            None => finding,
        });
    }
}

fn check_settings(declared: Declared, kind: &Kind, sink: &mut Sink) {
    let (environment, name, service) = declared;
    for weak in &kind.weak_settings {
        let Some(said) = service.settings.get(weak.name.as_str()) else {
            continue;
        };
        if weak.is_weak(said) {
            let path = service_path(environment, name)
                .key("settings")
                .key(&weak.name);
            let message = format!("`{}` of `{name}` {}", weak.name, weak.reason);
            let finding = finding(declared, path.clone(), message)
                .help("take it away: Backstay generates what opens the service")
                .fix(
                    format!("take `{}` away", weak.name),
                    vec![Edit::Remove { path }],
                );
            sink.push(finding);
        }
    }
}

fn finding((environment, ..): Declared, path: PlanPath, message: String) -> Finding {
    let finding = Finding::new(&RULE.info, Label::new(path, ""), message);
    match environment {
        Some(environment) => finding.in_environment(environment),
        None => finding,
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn the_administrator_and_open_doors_are_found_where_others_come_by() {
        check(
            "default-credential",
            r#"
name = "shop"
[services.db]
kind = "postgres"
user = "postgres"
     # ^^^^^^^^^^ the user of `db` is `postgres`, which everybody tries first
settings.POSTGRES_HOST_AUTH_METHOD = "trust"
                                   # ^^^^^^^ `POSTGRES_HOST_AUTH_METHOD` of `db` lets everybody in without a password
[services.orders]
kind = "postgres"
user = "orders"
settings.POSTGRES_HOST_AUTH_METHOD = "scram-sha-256"
[environments.local.services.orders]
user = "postgres"
[environments.dev.services.orders]
user = "admin"
     # ^^^^^^^ the user of `orders` is `admin`, which everybody tries first
"#,
        );
    }

    #[test]
    fn the_administrator_of_an_imported_container_is_noted_where_others_come_by() {
        let plan = r#"
name = "shop"
[services.db]
kind = "postgres"
container.from-catalog = false
settings.POSTGRES_USER = "postgres"
                       # ^^^^^^^^^^ the user of `db` is `postgres`, which everybody tries first
settings.POSTGRES_DB = "postgres"
[environments.local.hosts.laptop]
runs = ["db"]
[environments.prod.hosts.data-1]
runs = ["db"]
"#;
        check("default-credential", plan);
        let local = plan.split("[environments.prod").next().unwrap_or_default();
        check("default-credential", &local.replace("# ^^^", "# ---"));
    }

    #[test]
    fn its_fix_takes_the_user_away() {
        check_fix(
            "default-credential",
            "name = \"shop\"\n[services.db]\nkind = \"postgres\"\nuser = \"postgres\"\n",
            "name = \"shop\"\n[services.db]\nkind = \"postgres\"\n",
        );
    }
}
