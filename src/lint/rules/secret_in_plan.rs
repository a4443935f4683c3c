//! `secret-in-plan`: a credential in the plan, which is there to be shared.

use crate::finding::{Finding, Label, RuleInfo, Severity, quoted};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{Edit, EnvironmentName, Plan, PlanPath, Step};
use crate::span::Span;

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "secret-in-plan",
        severity: Severity::Deny,
        summary: "the plan holds what looks like a credential",
        explanation: "\
What it finds: a text that looks like a credential, by its key (`API_KEY`, `db_password`) or by its own
form: a known issuer's token, a private key, a password inside a URL or connection string. What only
refers to one, such as `${API_KEY}` or the path of a file, is not reported.

Why it matters: the plan is committed, copied and shown. Whoever can read it, now or in its history,
has the credential.

When it is fine: a value that only looks like one, such as the public key of a test. Say so in `[rules]`
with the reason.

Instead: take it out; `backstay check --fix` does. Backstay generates the credentials of services and
keeps them outside the plan. One that exists already goes in by `backstay secrets set`, or the service's
table `secrets` says `from-env` or `from-file`. A secret of the app's own belongs into its env file,
`deploy/ENVIRONMENT/HOST/APP.env`: lines that you add there stay. A credential that has been shared must be changed at its issuer.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    for (path, span) in context.secrets {
        sink.push(finding(context.plan, path, *span));
    }
}

fn finding(plan: &Plan, path: &PlanPath, span: Span) -> Finding {
    let environment = environment(plan, path);
    let file = format!(
        "deploy/{}/HOST/APP.env",
        environment.map_or("ENVIRONMENT", EnvironmentName::as_str)
    );
    let (place, is_element) = key_of(path);
    let message = match place.steps().last() {
        Some(Step::Key(key)) => format!("{} holds what looks like a credential", quoted(key)),
        _ => "the plan holds what looks like a credential".to_owned(),
    };
    let mut label = Label::at(span, "");
    label.path = Some(place.clone());
    let help = match is_of_service(path) {
        true => "Backstay generates the credentials of services; one that exists already goes in by `backstay secrets set`, or the service's table `secrets` says `from-env` or `from-file`".to_owned(),
        false => format!(
            "Backstay generates the credentials of services and keeps them outside the plan; an app's own secret belongs into `{file}`, where lines that you add stay"
        ),
    };
    let mut finding = Finding::new(&RULE.info, label, message).help(help);
    if let Some(environment) = environment {
        finding = finding.in_environment(environment);
    }
    match is_element {
        true => finding,
        false => finding.fix(
            "take it out of the plan",
            vec![Edit::Remove { path: place }],
        ),
    }
}

/// The key that a text stands under, and whether it is an element of a list: the path of an element
/// holds its text, which nothing may repeat.
fn key_of(path: &PlanPath) -> (PlanPath, bool) {
    match path.split_last() {
        Some((Step::Item(_), above)) => (above, true),
        _ => (path.clone(), false),
    }
}

/// Whether a path leads into a service, in the base of the plan or in an environment.
fn is_of_service(path: &PlanPath) -> bool {
    let is_services = |step: &Step| matches!(step, Step::Key(key) if key == "services");
    match path.steps() {
        [Step::Key(table), _, section, ..] if table == "environments" => is_services(section),
        [section, ..] => is_services(section),
        [] => false,
    }
}

/// The environment that a path leads into.
fn environment<'p>(plan: &'p Plan, path: &PlanPath) -> Option<&'p EnvironmentName> {
    match path.steps() {
        [Step::Key(table), Step::Key(name), ..] if table == "environments" => plan
            .environments
            .get_key_value(name.as_str())
            .map(|(name, _)| name),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{analysis, check, check_fix};

    const PLAN: &str = r#"
name = "shop"
[apps.web.settings]
LOG_LEVEL = "debug"
API_KEY = "hunter2hunter2"
        # ^^^^^^^^^^^^^^^^ `API_KEY` holds what looks like a credential
MAIL_PASSWORD = "${MAIL_PASSWORD}"
[environments.prod.apps.web.settings]
STORE = "postgres://app:hunter2@db/shop"
      # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `STORE` holds what looks like a credential
[environments.prod.hosts.app-1]
"#;

    #[test]
    fn credentials_are_found_and_what_refers_to_one_is_not() {
        check("secret-in-plan", PLAN);
    }

    #[test]
    fn lower_case_keys_are_judged_and_the_plans_own_words_are_not() {
        check(
            "secret-in-plan",
            r#"
name = "shop"
[services.db]
password = "hunter2"
         # ^^^^^^^^^ `password` holds what looks like a credential
[apps.web]
uses.secrets = { role = "secrets", token = 7 }
                                         # ^ `token` holds what looks like a credential
needs = ["secrets"]
[services.secrets]
kind = "vault"
[services.secret]
kind = "vault"
"#,
        );
    }

    #[test]
    fn its_fix_takes_the_key_away() {
        check_fix(
            "secret-in-plan",
            "name = \"shop\"\n[apps.web.settings]\nAPI_KEY = \"hunter2\"\nLOG_LEVEL = \"debug\"\n",
            "name = \"shop\"\n[apps.web.settings]\nLOG_LEVEL = \"debug\"\n",
        );
    }

    #[test]
    fn words_of_commands_are_judged_by_the_others() {
        check(
            "secret-in-plan",
            r#"
name = "shop"
[services.db.container]
command = ["mysqldump", "-u", "root", "-p", "hunter2x", "shop"]
                                          # ^^^^^^^^^^ `command` holds what looks like a credential
entrypoint = ["mysqldump", "-phunter3x"]
                         # ^^^^^^^^^^^^ `entrypoint` holds what looks like a credential
healthcheck.test = ["CMD", "redis-cli", "-a", "hunter4x", "ping"]
                                            # ^^^^^^^^^^ `test` holds what looks like a credential
[apps.web.container]
command = ["mkdir", "-p", "data"]
"#,
        );
    }

    #[test]
    fn nothing_that_is_said_about_it_repeats_it() {
        let token = format!("ghp_{}", "x".repeat(36));
        for plan in [
            PLAN.to_owned(),
            format!("name = \"shop\"\n[apps.web]\nneeds = [\"{token}\"]\n"),
        ] {
            let findings = analysis(&plan).findings;
            let said: Vec<String> = findings
                .iter()
                .filter(|finding| finding.rule == "secret-in-plan")
                .map(|finding| format!("{finding:?}"))
                .collect();
            assert!(!said.is_empty());
            let said = said.concat();
            assert!(
                !said.contains("hunter2") && !said.contains(&token),
                "{said}"
            );
        }
    }

    #[test]
    fn the_file_that_a_secret_belongs_into_is_named() {
        let findings = analysis(PLAN).findings;
        let help = findings
            .iter()
            .filter(|finding| finding.rule == "secret-in-plan" && finding.environment.is_some())
            .filter_map(|finding| finding.help.as_deref())
            .next();
        assert!(
            help.is_some_and(|help| help.contains("`deploy/prod/HOST/APP.env`")),
            "{help:?}"
        );
    }

    #[test]
    fn what_takes_a_services_own_credential_is_named() {
        for table in ["services.db", "environments.prod.services.db"] {
            let plan = format!("name = \"shop\"\n[{table}.settings]\nDB_PASSWORD = \"hunter2\"\n");
            let findings = analysis(&plan).findings;
            let finding = findings.iter().find(|found| found.rule == "secret-in-plan");
            let help = finding.and_then(|finding| finding.help.as_deref());
            let names_both = |help: &str| {
                help.contains("`backstay secrets set`") && help.contains("`from-file`")
            };
            assert!(help.is_some_and(names_both), "{help:?}");
        }
    }
}
