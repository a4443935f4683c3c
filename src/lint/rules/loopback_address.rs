//! `loopback-address`: a setting of an app that people reach speaks of the machine itself.

use std::collections::BTreeMap;

use crate::finding::{Finding, Label, RuleInfo, Severity, quoted};
use crate::lint::declared::setting_path;
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{Tier, VariableName};
use crate::settings::means_this_machine;
use crate::topology::{Component, Topology};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "loopback-address",
        severity: Severity::Warn,
        summary: "a setting says localhost where others are to find the app",
        explanation: "\
What it finds: in an environment of the tier `staging` or `production`, a setting of a container of an app with a URL, a
domain or an address of `localhost` or of `127.0.0.1`: `WEB_URL = \"http://localhost\"`. What the app listens on or binds to,
and what is of the container's own, in a variable that says so, is passed over. One finding for each text.

Why it matters: such a setting was right on the laptop that it came from. To a browser it means the machine that the
browser runs on, so that links, sign-ins and cookies lead nowhere; in a container it means the container itself, where
nothing else runs.

When it is fine: where the container does run a second program that is meant. Say so in `[rules]` with the reason.

Instead: the name by which the environment is reached, in the environment's own settings:
`[environments.prod.apps.web.settings]` with `WEB_URL = \"https://shop.example.com\"`.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    let is_reached =
        |topology: &&Topology| matches!(topology.tier, Some(Tier::Staging | Tier::Production));
    for topology in context.topologies.iter().filter(is_reached) {
        let mut found: BTreeMap<(&VariableName, &str), Vec<&Component>> = BTreeMap::new();
        let own = topology.components.values().filter(|component| {
            component.owner == topology.environment
                && component.app().is_some()
                && component.runs_as.in_container()
        });
        for component in own {
            let settings = component.settings.iter();
            for (variable, text) in settings.filter(|(name, text)| means_this_machine(name, text)) {
                let components = found.entry((variable, text)).or_default();
                components.push(component);
            }
        }
        for ((variable, text), components) in found {
            sink.push(finding(context, topology, (variable, text), &components));
        }
    }
}

/// Most apps that are shown.
const MOST_SHOWN: usize = 5;

fn finding(
    context: &LintContext,
    topology: &Topology,
    (variable, text): (&VariableName, &str),
    components: &[&Component],
) -> Finding {
    let environment = &topology.environment;
    let place =
        |component: &Component| setting_path(context.plan, environment, component, variable);
    let first = components[0];
    let more = match components.len() {
        1 => String::new(),
        2 => " and of one more app".to_owned(),
        n => format!(" and of {} more apps", n - 1),
    };
    let message = format!(
        "`{variable}` of `{}`{more} says {}, which is nowhere but in its own container",
        first.name,
        quoted(text)
    );
    let finding = Finding::new(&RULE.info, Label::new(place(first), ""), message)
        .in_environment(environment)
        .help(format!(
            "write what it is there: [environments.{environment}.apps.{}.settings] {variable} = \"…\"",
            first.name
        ));
    let others = components.iter().skip(1).take(MOST_SHOWN - 1);
    let labels = others.map(|component| Label::new(place(component), "the same"));
    labels.fold(finding, Finding::and)
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::check;

    #[test]
    fn localhost_is_found_where_others_are_to_find_the_app() {
        check(
            "loopback-address",
            r#"
name = "shop"
[apps.web]
image = "acme/web:1"
[apps.web.settings]
WEB_URL = "http://localhost"
        # ^^^^^^^^^^^^^^^^^^ `WEB_URL` of `web` and of one more app says `http://localhost`, which is nowhere but in its own container
APP_DOMAIN = "localhost"
           # ^^^^^^^^^^^ `APP_DOMAIN` of `web` says `localhost`, which is nowhere but in its own container
LISTEN_ADDRESS = "127.0.0.1:8080"
BIND = "127.0.0.1"
NO_PROXY = "localhost,127.0.0.1"
MODE = "localhost-only"
API_URL = "http://api.example.com/?to=localhost"
[apps.worker]
image = "acme/web:1"
settings.WEB_URL = "http://localhost"
[apps.local]
image = "acme/local:1"
settings.WEB_URL = "http://127.0.0.1:80/"
[environments.local.hosts.laptop]
runs = ["web", "worker", "local"]
[environments.prod.hosts.app-1]
runs = ["web", "worker"]
"#,
        );
    }
}
