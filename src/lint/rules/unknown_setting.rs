//! `unknown-setting`: a use says that an address stands in a setting, and its user has none of that name.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Label, RuleInfo, Severity, did_you_mean};
use crate::lint::declared::{DeclaredUse, component_path, uses};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{ComponentName, Edit, EnvironmentName, Plan, VariableName, holds_a_host};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "unknown-setting",
        severity: Severity::Deny,
        summary: "a use says that an address stands in a setting that there is not",
        explanation: "\
What it finds: a name in the `named-in` of a use that is among neither the `settings` nor the `secret-settings` of
its user, in the base of the plan or in an environment.

Why it matters: `named-in` makes no variable. It says in which settings the name of the used component stands, so
that its address takes the place of the name wherever that is needed. Without the setting nothing is written, and
nothing tells the user where what it uses is.

When it is fine: never; what stands there has no effect.

Instead: write the setting, with the name by which the container beside it would be called:
`settings.DB_HOST = \"db\"` with `uses.db = { named-in = [\"DB_HOST\"] }`. `backstay check --fix` writes it where the
name says that a host alone is meant, and corrects a name that is misspelt.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    for edge in uses(context.plan) {
        if edge.edge.named_in.is_empty() {
            continue;
        }
        let known = settings_of(context.plan, &edge);
        let mut said = BTreeSet::new();
        let unknown = edge.edge.named_in.iter();
        for name in unknown.filter(|name| !known.contains_key(*name)) {
            if said.insert(name) {
                sink.push(finding(context.plan, &edge, name, &known));
            }
        }
    }
}

/// The settings of a component, with their texts; nothing for those that are credentials.
type Known<'p> = BTreeMap<&'p VariableName, Option<&'p str>>;

/// The settings that the user of a use has where the use holds.
fn settings_of<'p>(plan: &'p Plan, edge: &DeclaredUse) -> Known<'p> {
    let holds = |name: &EnvironmentName| edge.environment.is_none_or(|it| it == name);
    let over = || {
        let environments = plan.environments.iter();
        environments.filter(|(name, _)| holds(name))
    };
    let mut known = Known::new();
    let mut add = |settings: &'p BTreeMap<VariableName, String>, secret: &'p [VariableName]| {
        known.extend(secret.iter().map(|name| (name, None)));
        known.extend(
            settings
                .iter()
                .map(|(name, text)| (name, Some(text.as_str()))),
        );
    };
    let apps = over().filter_map(|(_, over)| over.apps.get(edge.user));
    for app in plan.apps.get(edge.user).into_iter().chain(apps) {
        add(&app.settings, &app.secret_settings);
    }
    let services = over().filter_map(|(_, over)| over.services.get(edge.user));
    for service in plan.services.get(edge.user).into_iter().chain(services) {
        add(&service.settings, &service.secret_settings);
    }
    known
}

fn finding(plan: &Plan, edge: &DeclaredUse, name: &VariableName, known: &Known) -> Finding {
    let (user, target) = (edge.user, edge.target);
    let at = edge.path().key("named-in").item(name.as_str());
    let message = format!(
        "`{user}` has no setting `{name}`, in which the address of `{target}` is said to stand"
    );
    let finding = Finding::new(&RULE.info, Label::new(at.clone(), ""), message);
    let finding = match edge.environment {
        Some(environment) => finding.in_environment(environment),
        None => finding,
    };
    // A name that is like it is meant only where the used component stands in its setting.
    let holds_it = known.iter().filter(|(name, text)| {
        let is_free = !edge.edge.named_in.contains(name);
        is_free && text.is_some_and(|text| text.contains(target.as_str()))
    });
    if let Some(near) = did_you_mean(name.as_str(), holds_it.map(|(name, _)| name.as_str())) {
        let near = near.to_owned();
        return finding.help(format!("did you mean `{near}`?")).fix(
            format!("write `{near}`"),
            vec![Edit::Rename { path: at, to: near }],
        );
    }
    let finding = finding.help(format!(
        "write the setting too, with `{target}` where the host stands: settings.{name} = \"{target}\""
    ));
    match holds_a_host(name.as_str()) {
        true => finding.fix(
            format!("set `{name}` of `{user}` to `{target}`"),
            vec![setting(plan, edge, name, target)],
        ),
        false => finding,
    }
}

/// The edit that writes the setting beside the use.
fn setting(plan: &Plan, edge: &DeclaredUse, name: &VariableName, target: &ComponentName) -> Edit {
    let section = match plan.apps.contains_key(edge.user) {
        true => "apps",
        false => "services",
    };
    let path = component_path(edge.environment, section, edge.user)
        .key("settings")
        .key(name.as_str());
    Edit::set_text(path, target.to_string())
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn settings_that_there_are_not_are_found() {
        check(
            "unknown-setting",
            r#"
name = "shop"
[apps.web]
image = "acme/web:1"
dialect = "own"
uses.db = { named-in = ["DB_HOST", "DB_URL", "LOCAL_DB"] }
          #             ^^^^^^^^^ `web` has no setting `DB_HOST`, in which the address of `db` is said to stand
secret-settings = ["DB_URL"]
[services.db]
kind = "postgres"
[environments.local.hosts.laptop]
runs = ["web", "db"]
[environments.local.apps.web]
settings.LOCAL_DB = "db"
[environments.prod.apps.web]
uses.db = { named-in = ["LOCAL_DB"] }
          #             ^^^^^^^^^^ `web` has no setting `LOCAL_DB`, in which the address of `db` is said to stand
"#,
        );
    }

    #[test]
    fn its_fix_writes_the_setting_or_the_name_that_was_meant() {
        let plan = "name = \"shop\"\n[apps.web]\nimage = \"a/web:1\"\nuses.db = { named-in = [\"DB_HOST\"] }\n\
            [services.db]\nkind = \"postgres\"\n";
        let after = plan.replace(
            "[services.db]",
            "\n[apps.web.settings]\nDB_HOST = \"db\"\n\n[services.db]",
        );
        check_fix("unknown-setting", plan, &after);
        let misspelt = plan.replace("uses.db", "settings.DB_HOTS = \"db\"\nuses.db");
        let after = misspelt.replace("named-in = [\"DB_HOST\"]", "named-in = [\"DB_HOTS\"]");
        check_fix("unknown-setting", &misspelt, &after);
        // Another's host is called alike, too.
        let other = plan.replace("uses.db", "settings.MQ_HOST = \"mq\"\nuses.db");
        let after = other.replace("= \"mq\"\n", "= \"mq\"\nsettings.DB_HOST = \"db\"\n");
        check_fix("unknown-setting", &other, &after);
    }
}
