//! `default-credential`: names and settings that everybody tries first.

use crate::catalog::Kind;
use crate::finding::{Finding, Label, RuleInfo, Severity, quoted};
use crate::lint::declared::{declared_services, override_of, service_path};
use crate::lint::declared_kinds::kind_in;
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{ComponentName, Edit, EnvironmentName, PlanPath, Service, Tier};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "default-credential",
        severity: Severity::Warn,
        summary: "a service is opened by what everybody tries first",
        explanation: "\
What it finds: a service whose user is the administrator or another name that everybody tries first, and a
setting that lets people in without a password, as the catalog knows them of its kind. What only a local
or a test environment says is passed over.

Why it matters: whoever tries doors begins with the names that come with the product. An app that
connects as the administrator gives away everything when it is broken into, and not only its own tables.

When it is fine: a user of that name which somebody has made weak on purpose. Say so in `[rules]` with
the reason.

Instead: give the app a user of its own; `backstay check --fix` takes the key away, so that the kind's
own default is used, or the setting.",
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
            if is_from_catalog(context, environment, name) {
                check_settings((environment, name, service), &kind, sink);
            }
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
    fn its_fix_takes_the_user_away() {
        check_fix(
            "default-credential",
            "name = \"shop\"\n[services.db]\nkind = \"postgres\"\nuser = \"postgres\"\n",
            "name = \"shop\"\n[services.db]\nkind = \"postgres\"\n",
        );
    }
}
