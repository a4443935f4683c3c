//! `unused-setting`: a service says something that its kind does not have.

use std::sync::Arc;

use crate::catalog::Kind;
use crate::finding::{Finding, Label, RuleInfo, Severity, quoted};
use crate::lint::declared::service_path;
use crate::lint::declared_kinds::kind_in;
use crate::lint::settings::{DeclaredSetting, settings};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{ComponentName, Edit, EnvironmentName, Service};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "unused-setting",
        severity: Severity::Warn,
        summary: "a service says something that its kind does not have",
        explanation: "\
What it finds: `database`, `user`, `bucket`, `region` or `vhost` at a service whose kind has no such
thing, such as a bucket at a relational database. As a note: a text in `settings` with `${NAME}` in it,
which no file that Backstay writes fills in.

Why it matters: nothing reads it. The plan says something about the service that is not so, and whoever
wrote it meant something else. `${NAME}` arrives as these very characters.

When it is fine: never for long. It is often left over from another kind. `${NAME}` is fine where the
program itself fills it in when it reads its settings.

Instead: take it away; `backstay check --fix` does. The help names what the kind has. In place of
`${NAME}` write the value, in each environment that differs.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    let plan = context.plan;
    for (name, service) in &plan.services {
        check_service(context, None, name, service, sink);
    }
    for (environment, declared) in &plan.environments {
        for (name, service) in &declared.services {
            check_service(context, Some(environment), name, service, sink);
        }
    }
    for setting in settings(plan) {
        if let Some(name) = filled_in(setting.text) {
            sink.push(interpolation(&setting, name));
        }
    }
}

/// The name in the first `${NAME}` of a text.
fn filled_in(text: &str) -> Option<&str> {
    text.split("${").skip(1).find_map(|rest| {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = rest.find(|c| !is_name(c))?;
        let ends_well = rest[end..].starts_with(['}', ':', '-', '?', '+']);
        (end > 0 && ends_well).then_some(&rest[..end])
    })
}

fn interpolation(setting: &DeclaredSetting, name: &str) -> Finding {
    let (variable, component) = (setting.variable, setting.component);
    let message = format!(
        "`{variable}` of `{component}` holds {}, which nothing fills in",
        quoted(&format!("${{{name}}}"))
    );
    let finding = Finding::new(&RULE.info, Label::new(setting.path(), ""), message)
        .severity(Severity::Note)
        .help("write the value itself; an environment can say another");
    match setting.environment {
        Some(environment) => finding.in_environment(environment),
        None => finding,
    }
}

fn check_service(
    context: &LintContext,
    environment: Option<&EnvironmentName>,
    name: &ComponentName,
    service: &Service,
    sink: &mut Sink,
) {
    let mut said = service.said_parts().map(|(part, _)| part).peekable();
    if said.peek().is_none() {
        return;
    }
    let Some(kind) = kind_in(context, environment, name) else {
        return;
    };
    for part in said.filter(|part| !kind.parts.contains_key(*part)) {
        if environment.is_some() || !some_environment_reads(context, name, part) {
            sink.push(finding(environment, name, &kind, part));
        }
    }
}

/// Whether an environment runs another kind that has the part after all.
fn some_environment_reads(context: &LintContext, name: &ComponentName, part: &str) -> bool {
    let mut overrides = context.plan.environments.iter();
    overrides.any(|(environment, declared)| {
        let over = declared.services.get(name);
        let says_kind = over.is_some_and(|over| over.kind.is_some());
        says_kind
            && kind_in(context, Some(environment), name)
                .is_some_and(|kind| kind.parts.contains_key(part))
    })
}

fn finding(
    environment: Option<&EnvironmentName>,
    name: &ComponentName,
    kind: &Arc<Kind>,
    part: &str,
) -> Finding {
    let key = service_path(environment, name).key(part);
    let message = format!(
        "`{name}` says a `{part}`, which {} does not have",
        kind.title
    );
    let finding = Finding::new(&RULE.info, Label::new(key.clone(), ""), message)
        .help(help(kind))
        .fix(
            format!("take the `{part}` of `{name}` away"),
            vec![Edit::Remove { path: key }],
        );
    match environment {
        Some(environment) => finding.in_environment(environment),
        None => finding,
    }
}

fn help(kind: &Kind) -> String {
    let parts: Vec<String> = kind.parts.keys().map(|part| format!("`{part}`")).collect();
    match parts.is_empty() {
        true => format!("take it away; {} has nothing of that sort", kind.title),
        false => format!("take it away; {} has {}", kind.title, parts.join(" and ")),
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn what_the_kind_does_not_have_is_found() {
        check(
            "unused-setting",
            r#"
name = "shop"
[services.db]
kind = "mysql"
database = "shop"
user = "app"
bucket = "shop"
       # ^^^^^^ `db` says a `bucket`, which MySQL does not have
[services.cache]
kind = "redis"
[environments.dev.services.cache]
vhost = "/"
      # ^^^ `cache` says a `vhost`, which Redis does not have
"#,
        );
    }

    #[test]
    fn what_nobody_fills_in_is_noted() {
        check(
            "unused-setting",
            r#"
name = "shop"
[apps.web.settings]
HOME_PAGE = "https://${HOST}/"
          # ^^^^^^^^^^^^^^^^^^ `HOME_PAGE` of `web` holds `${HOST}`, which nothing fills in
PRICE = "$5 {x} ${} ${a b}"
[services.db]
kind = "mysql"
[environments.dev.services.db.settings]
ZONE = "${TZ:-UTC}"
     # ^^^^^^^^^^^^ `ZONE` of `db` holds `${TZ}`, which nothing fills in
"#,
        );
    }

    #[test]
    fn what_another_environment_s_kind_reads_is_used() {
        check(
            "unused-setting",
            r#"
name = "shop"
[services.store]
kind = "nginx"
bucket = "shop"
[services.odd]
kind = "rediss"
bucket = "shop"
[environments.prod.services.store]
kind = "wasabi"
region = "eu-central-1"
"#,
        );
    }

    #[test]
    fn its_fix_takes_the_key_away() {
        check_fix(
            "unused-setting",
            "name = \"shop\"\n[services.db]\nkind = \"mysql\" # 8\nbucket = \"shop\"\n",
            "name = \"shop\"\n[services.db]\nkind = \"mysql\" # 8\n",
        );
    }
}
