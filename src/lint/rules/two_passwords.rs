//! `two-passwords`: a service that runs as the catalog says, with a credential of the plan's own besides the catalog's.

use crate::catalog::Kind;
use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::declared::{container_path, secret_setting_path};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{Edit, PlanPath, VariableName, WordPart, word_parts};
use crate::topology::{Component, Topology};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "two-passwords",
        severity: Severity::Warn,
        summary: "a service has a password of the catalog's and another one of the plan's",
        explanation: "\
What it finds: a service that runs the way the catalog knows, and so with credentials of Backstay's, while its
`command`, `entrypoint` or `healthcheck` names another one with `{{ secret('NAME') }}`, or `secret-settings` names a
variable that the catalog sets to a credential. That is what is left when `from-catalog = false` is taken away from an
imported service, and what stood with it is not.

Why it matters: both are drawn or kept, and each is right for somebody only. The server asks for one of them, and those
who use it, or its healthcheck, come with the other one and are refused.

When it is fine: where the other one opens something else, such as a second user. Say so in `[rules]` with the reason.

Instead: take away what names the other one, so that the catalog's own is used; `backstay check --fix` does. Or name
the catalog's credential there, such as `{{ secret('password') }}`. Or let the container run as it ran before, with
`from-catalog = false`.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    let mut said: Vec<PlanPath> = Vec::new();
    for topology in context.topologies {
        for component in topology.components.values() {
            let is_own =
                component.owner == topology.environment && component.runs_as.in_container();
            let Some(service) = component.service().filter(|_| is_own) else {
                continue;
            };
            let kind = &service.kind;
            if component.catalog_container().is_none() || kind.secrets.is_empty() {
                continue;
            }
            for other in others(context, topology, component, kind) {
                if !said.contains(&other.path) {
                    said.push(other.path.clone());
                    sink.push(finding(topology, component, kind, other));
                }
            }
        }
    }
}

/// A place that names a credential which is not the catalog's.
struct Other {
    path: PlanPath,
    name: String,
    /// What is taken away for the catalog's: `command`.
    what: &'static str,
}

fn others(
    context: &LintContext,
    topology: &Topology,
    component: &Component,
    kind: &Kind,
) -> Vec<Other> {
    let container = &component.container;
    let test = &container.healthcheck.test;
    let lists = [
        ("command", &["command"][..], &container.command),
        ("entrypoint", &["entrypoint"], &container.entrypoint),
        ("healthcheck", &["healthcheck", "test"], test),
    ];
    let in_words = lists.into_iter().filter_map(|(what, keys, words)| {
        let name = other_in(words.as_deref()?, kind)?;
        let path = container_path(context.plan, topology, component, keys);
        Some(Other {
            path,
            name: name.to_owned(),
            what,
        })
    });
    // Where the file is named that holds it, `variable-clash` says so.
    let of_catalog = component.catalog_container();
    let is_set = |variable: &&VariableName| {
        let mut set = of_catalog.iter().flat_map(|it| &it.environment);
        set.any(|(name, text)| name == variable.as_str() && text.contains("secret("))
    };
    let in_settings = component.secret_settings.iter().filter(is_set);
    let in_settings = in_settings.map(|variable| Other {
        path: secret_setting_path(
            context.plan,
            &topology.environment,
            &component.name,
            variable,
        ),
        name: variable.to_string(),
        what: "secret-settings",
    });
    in_words.chain(in_settings).collect()
}

/// A credential in the words of a command that is none of the kind's.
fn other_in<'w>(words: &'w [String], kind: &Kind) -> Option<&'w str> {
    let parts = words.iter().flat_map(|word| word_parts(word));
    let mut names = parts.filter_map(|part| match part {
        WordPart::Secret(name) => Some(name),
        WordPart::Text(_) => None,
    });
    names.find(|name| !kind.secrets.contains_key(*name))
}

fn finding(topology: &Topology, component: &Component, kind: &Kind, other: Other) -> Finding {
    let (service, name) = (&component.name, &other.name);
    let own: Vec<String> = kind
        .secrets
        .keys()
        .map(|name| format!("`{{{{ secret('{name}') }}}}`"))
        .collect();
    let message = format!(
        "`{service}` runs as the catalog knows, with a credential of Backstay's, and its `{}` has another one, `{name}`",
        other.what
    );
    let (help, title) = match other.what {
        "secret-settings" => (
            "take it away for the catalog's, or say `from-catalog = false`".to_owned(),
            format!("take `{name}` away, for the catalog's credential"),
        ),
        what => (
            format!(
                "name the catalog's there, {}, or take the {what} away, or say `from-catalog = false`",
                own.join(" or ")
            ),
            format!("take the {what} of `{service}` away, for the catalog's"),
        ),
    };
    let path = other.path;
    let is_override = path.leads_into_an_environment();
    let finding = Finding::new(&RULE.info, Label::new(path.clone(), ""), message)
        .help(help)
        .fix(title, vec![Edit::Remove { path }]);
    match is_override {
        true => finding.in_environment(&topology.environment),
        false => finding,
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn a_credential_besides_the_catalogs_is_found_where_it_stands() {
        check(
            "two-passwords",
            r#"
name = "shop"
[services.cache]
kind = "redis"
[services.cache.container]
command = ["redis-server", "--requirepass", "{{ secret('REQUIREPASS') }}"]
        # <- `cache` runs as the catalog knows, with a credential of Backstay's, and its `command` has another one, `REQUIREPASS`
[services.cache.container.healthcheck]
test = ["CMD-SHELL", "redis-cli -a {{ secret('REQUIREPASS') }} ping"]
# <- `cache` runs as the catalog knows, with a credential of Backstay's, and its `healthcheck` has another one, `REQUIREPASS`
[services.queue]
kind = "rabbitmq"
secret-settings = ["RABBITMQ_DEFAULT_PASS", "OTHER_TOKEN"]
# <- `queue` runs as the catalog knows, with a credential of Backstay's, and its `secret-settings` has another one, `RABBITMQ_DEFAULT_PASS`
[services.right]
kind = "redis"
container.command = ["redis-server", "--requirepass", "{{ secret('password') }}"]
[services.before]
kind = "redis"
container = { from-catalog = false, command = ["redis-server", "--requirepass", "{{ secret('REQUIREPASS') }}"] }
[environments.dev.hosts.box]
runs = ["cache", "queue", "right", "before"]
[environments.test.hosts.box]
runs = ["cache", "queue", "right", "before"]
"#,
        );
    }

    #[test]
    fn its_fix_lets_the_catalogs_run() {
        check_fix(
            "two-passwords",
            "name = \"shop\"\n[services.cache]\nkind = \"redis\"\ncontainer.restart = \"always\"\n\
             container.command = [\"redis-server\", \"--requirepass\", \"{{ secret('A') }}\"]\n\
             [environments.dev.hosts.box]\nruns = [\"cache\"]\n",
            "name = \"shop\"\n[services.cache]\nkind = \"redis\"\ncontainer.restart = \"always\"\n\
             [environments.dev.hosts.box]\nruns = [\"cache\"]\n",
        );
    }
}
