//! `shared-secret`: one credential for production and for an environment below it.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::declared::service_path;
use crate::lint::listing::named;
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{
    ComponentName, EnvironmentName, Plan, PlanPath, SecretName, SecretSource, Step, Tier,
    VariableName,
};
use crate::topology::Topology;

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "shared-secret",
        severity: Severity::Warn,
        summary: "production and a lower environment have one credential",
        explanation: "\
What it finds: a setting that looks like a credential and that an environment of the tier `production`
has in common with one below it: because the base of the plan says it for all of them, or because both
say the same. Likewise the file that the `secrets` of services take a credential from; as a note, the
variable, which may be set otherwise for each run. Environments that borrow each other's hosts share credentials on purpose and are told by
`borrowed-from-production`. Where the files of credentials are at hand, the command line compares what `secrets.env` of
the environments hold as well, with one finding for all that the same have alike; no value is shown.

Why it matters: laptops, test runners and chat messages see the credentials of lower environments. What
opens production as well is then known to all of them, and cannot be changed without breaking them.

When it is fine: a key that opens nothing of worth, such as one for a public map. Say so in `[rules]`
with the reason.

Instead: one credential for each environment, which its issuer gives out for the asking, kept outside of
the plan. Backstay generates those of services that way.",
    },
    check,
};

/// A credential where the plan says it.
struct Said<'p> {
    path: &'p PlanPath,
    component: &'p ComponentName,
    key: &'p VariableName,
    /// The environments that have it from there.
    environments: BTreeSet<&'p EnvironmentName>,
}

fn check(context: &LintContext, sink: &mut Sink) {
    let mut by_text: BTreeMap<&str, Vec<Said>> = BTreeMap::new();
    for (path, _) in context.secrets {
        if let Some((text, said)) = said(context, path) {
            by_text.entry(text).or_default().push(said);
        }
    }
    for said in by_text.values() {
        if let Some(finding) = finding(context, said) {
            sink.push(finding);
        }
    }
    check_sources(context, sink);
}

/// A file or a variable that credentials are taken from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Source<'p> {
    File(&'p str),
    Variable(&'p VariableName),
}

/// A credential that is taken from somewhere.
struct Taken<'t> {
    topology: &'t Topology,
    service: &'t ComponentName,
    secret: &'t SecretName,
}

/// Files and variables that services of production and of an environment below it take credentials from.
fn check_sources(context: &LintContext, sink: &mut Sink) {
    let mut by_source: BTreeMap<Source, Vec<Taken>> = BTreeMap::new();
    for topology in context.topologies {
        let components = topology.components.values();
        for component in components.filter(|of| of.owner == topology.environment) {
            let secrets = component.service().map(|service| &service.secrets);
            for (secret, source) in secrets.into_iter().flatten() {
                let source = match source {
                    SecretSource::File(path) => Source::File(path.trim_start_matches("./")),
                    SecretSource::Variable(name) => Source::Variable(name),
                };
                by_source.entry(source).or_default().push(Taken {
                    topology,
                    service: &component.name,
                    secret,
                });
            }
        }
    }
    for (source, taken) in by_source {
        if let Some(finding) = source_finding(source, &taken) {
            sink.push(finding);
        }
    }
}

fn source_finding(source: Source, taken: &[Taken]) -> Option<Finding> {
    let is_production = |taken: &&Taken| taken.topology.tier == Some(Tier::Production);
    let production = taken.iter().find(is_production)?;
    let lower: BTreeSet<&EnvironmentName> = taken
        .iter()
        .filter(|taken| !is_production(taken))
        .map(|taken| &taken.topology.environment)
        .collect();
    if lower.is_empty() {
        return None;
    }
    let (from, severity, help) = match source {
        Source::File(_) => (
            "file",
            Severity::Warn,
            "keep one file for each environment, and say which in the environment's own `secrets`",
        ),
        Source::Variable(_) => (
            "variable",
            Severity::Note,
            "set it otherwise for each environment, or name another variable in the environment's own `secrets`",
        ),
    };
    let message = format!(
        "`{}` of `{}` is taken from one {from} in `{}` and in {}",
        production.secret,
        production.service,
        production.topology.environment,
        named(lower)
    );
    let paths: BTreeSet<PlanPath> = taken.iter().map(source_path).collect();
    let mut paths = paths.into_iter();
    let finding = Finding::new(&RULE.info, Label::new(paths.next()?, ""), message)
        .severity(severity)
        .help(help);
    Some(
        paths
            .map(|path| Label::new(path, "the same"))
            .fold(finding, Finding::and),
    )
}

/// Where the plan says what a credential is taken from: only environments can.
fn source_path(taken: &Taken) -> PlanPath {
    service_path(Some(&taken.topology.environment), taken.service)
        .key("secrets")
        .key(taken.secret.as_str())
}

/// The text at `path` and who has it from there, if it is a setting.
fn said<'p>(context: &LintContext<'p>, path: &'p PlanPath) -> Option<(&'p str, Said<'p>)> {
    let keys: Option<Vec<&str>> = path.steps().iter().map(key).collect();
    let (environment, section, name, variable) = match keys?.as_slice() {
        [section, name, "settings", key] => (None, *section, *name, *key),
        ["environments", environment, section, name, "settings", key] => {
            (Some(*environment), *section, *name, *key)
        }
        _ => return None,
    };
    let (component, settings) = settings(context.plan, environment, section, name)?;
    let (key, text) = settings.get_key_value(variable)?;
    let has_it = |topology: &&Topology| {
        let runs = topology.components.get(name);
        let own = runs.filter(|component| component.owner == topology.environment);
        let from_here = environment.is_none_or(|said| said == topology.environment.as_str());
        from_here && own.is_some_and(|component| component.settings.get(key) == Some(text))
    };
    let topologies = context.topologies.iter().filter(has_it);
    let said = Said {
        path,
        component,
        key,
        environments: topologies.map(|topology| &topology.environment).collect(),
    };
    Some((text, said))
}

fn key(step: &Step) -> Option<&str> {
    match step {
        Step::Key(key) => Some(key),
        Step::Item(_) => None,
    }
}

type Settings = BTreeMap<VariableName, String>;

/// The settings of a component, as the base of the plan or an environment says them.
fn settings<'p>(
    plan: &'p Plan,
    environment: Option<&str>,
    section: &str,
    name: &str,
) -> Option<(&'p ComponentName, &'p Settings)> {
    let (apps, services) = match environment {
        Some(environment) => {
            let environment = plan.environments.get(environment)?;
            (&environment.apps, &environment.services)
        }
        None => (&plan.apps, &plan.services),
    };
    if section == "apps" {
        let (name, app) = apps.get_key_value(name)?;
        return Some((name, &app.settings));
    }
    let (name, service) = services.get_key_value(name)?;
    Some((name, &service.settings))
}

fn finding(context: &LintContext, said: &[Said]) -> Option<Finding> {
    let environments: BTreeSet<&EnvironmentName> = said
        .iter()
        .flat_map(|said| said.environments.iter().copied())
        .collect();
    let in_production =
        |environment: &&&EnvironmentName| context.plan.tier(environment) == Some(Tier::Production);
    let production = environments.iter().find(in_production)?;
    let lower = || environments.iter().filter(|other| !in_production(other));
    let n_lower = lower().count();
    if n_lower == 0 {
        return None;
    }
    let first = &said[0];
    let message = format!(
        "`{}` of `{}` is the same credential in `{production}` and in {}",
        first.key,
        first.component,
        named(lower())
    );
    let finding = Finding::new(&RULE.info, Label::new(first.path.clone(), ""), message).help(
        "let its issuer give out one for each environment, and keep them outside of the plan",
    );
    let others = said[1..].iter();
    let labels = others.map(|said| Label::new(said.path.clone(), "the same"));
    Some(labels.fold(finding, Finding::and))
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{analysis, check};

    #[test]
    fn a_credential_of_production_and_of_development_is_found_once() {
        check(
            "shared-secret",
            r#"
name = "shop"
[apps.web.settings]
API_TOKEN = "abcdefgh12345678"
          # ^^^^^^^^^^^^^^^^^^ `API_TOKEN` of `web` is the same credential in `prod` and in `dev`
MAIL_TOKEN = "of-lower-environments"
[apps.worker]
[environments.dev.hosts.box]
runs = ["web", "worker"]
[environments.dev.apps.worker.settings]
SIGNING_SECRET = "one-for-both"
               # ^^^^^^^^^^^^^^ `SIGNING_SECRET` of `worker` is the same credential in `prod` and in `dev`
[environments.test.hosts.ci]
runs = ["web"]
[environments.test.apps.web.settings]
API_TOKEN = "another-one-for-tests"
[environments.prod.hosts.app-1]
runs = ["web", "worker"]
[environments.prod.apps.web.settings]
MAIL_TOKEN = "of-production"
[environments.prod.apps.worker.settings]
SIGNING_SECRET = "one-for-both"
"#,
        );
    }

    #[test]
    fn what_only_lower_environments_share_and_what_is_no_credential_is_fine() {
        check(
            "shared-secret",
            r#"
name = "shop"
[apps.web.settings]
LOG_LEVEL = "info"
API_TOKEN = "${API_TOKEN}"
[environments.dev.hosts.box]
runs = ["web"]
[environments.dev.apps.web.settings]
JWT_SECRET = "for-trying-out"
[environments.test.hosts.ci]
runs = ["web"]
[environments.test.apps.web.settings]
JWT_SECRET = "for-trying-out"
[environments.prod.hosts.app-1]
runs = ["web"]
"#,
        );
    }

    const TAKEN: &str = r#"
name = "shop"
[services.db]
kind = "postgres"
[services.cache]
kind = "redis"
[environments.dev.hosts.box]
runs = ["db", "cache"]
[environments.dev.services.db.secrets]
password = { from-env = "DB_PASSWORD" }
# <- `password` of `db` is taken from one variable in `prod` and in `dev`
[environments.dev.services.cache.secrets]
password = { from-file = "cache.txt" }
# <- `password` of `cache` is taken from one file in `prod` and in `dev`
[environments.test.hosts.ci]
runs = ["db", "cache"]
[environments.test.services.db.secrets]
password = { from-env = "TEST_DB_PASSWORD" }
[environments.prod.hosts.data-1]
runs = ["db", "cache"]
[environments.prod.services.db.secrets]
password = { from-env = "DB_PASSWORD" }
[environments.prod.services.cache.secrets]
password = { from-file = "./cache.txt" }
"#;

    #[test]
    fn one_file_is_warned_of_and_one_variable_is_noted() {
        check("shared-secret", TAKEN);
        let findings = analysis(TAKEN).findings;
        let of_rule = findings
            .iter()
            .filter(|found| found.rule == "shared-secret");
        let severities: Vec<&str> = of_rule.map(|found| found.severity.as_str()).collect();
        assert_eq!(severities, ["note", "warn"]);
    }
}
