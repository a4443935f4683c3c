//! `literal-address`: a setting names another component as if it were beside it, where it is not.

use std::collections::BTreeSet;

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::declared::{component_path, setting_path};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{ComponentName, Edit, Plan, VariableName};
use crate::settings::{names_a_host, told_of};
use crate::topology::{Component, Instance, Link, Topology, Via};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "literal-address",
        severity: Severity::Warn,
        summary: "a setting holds the name of a service that is not beside the app",
        explanation: "\
What it finds: a text in `settings` in which another component stands where a host stands, such as
`http://api:8080/v1`, of a component that does not run in a container beside it, or that no container
knows by that name. Likewise what a component tells others of itself, in a setting that speaks of what it advertises,
where others connect from another host.

Why it matters: only containers of one machine know each other by their names. From another machine, or
from a process, the name leads nowhere, and the app fails when it connects.

When it is fine: where a name service of your own knows the component by this very name.

Instead: leave the address to the use, which gives it in a variable of its own, or say in which settings it
stands: `uses.api = { named-in = [\"API_URL\"] }`. Then it follows the service wherever that runs;
`backstay check --fix` writes it.",
    },
    check,
};

/// Longest text that is searched, in bytes.
const LONGEST: usize = 16_384;

fn check(context: &LintContext, sink: &mut Sink) {
    for topology in context.topologies {
        for component in topology.components.values() {
            let is_own = component.owner == topology.environment;
            let texts = component.settings.iter().filter(|_| is_own);
            for (variable, text) in texts.filter(|(_, text)| text.len() <= LONGEST) {
                if let Some(link) = advertised(topology, component, variable, text) {
                    let found = (topology, &link);
                    sink.push(advertised_finding(context.plan, component, variable, found));
                }
                for target in named(topology, component, variable, text) {
                    if let Some(host) = led_astray(topology, component, variable, target) {
                        let found = (variable, target, &host.host);
                        sink.push(finding(context.plan, topology, component, found));
                    }
                }
            }
        }
    }
}

/// The components whose names stand in a text where hosts stand.
fn named<'t>(
    topology: &'t Topology,
    component: &Component,
    variable: &VariableName,
    text: &str,
) -> BTreeSet<&'t ComponentName> {
    let in_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let words = text
        .split(|c: char| !in_name(c))
        .filter(|word| !word.is_empty());
    let known = words.filter_map(|word| topology.components.get_key_value(word));
    known
        .map(|(name, _)| name)
        .filter(|name| **name != component.name)
        .filter(|name| names_a_host(variable, text, name.as_str()))
        .collect()
}

/// What names of settings say that are told to whoever connects.
const ADVERTISED: &[&str] = &["advertis", "announce"];

/// The first connection from another host to a component that tells its own name to whoever connects.
fn advertised<'t>(
    topology: &'t Topology,
    component: &'t Component,
    variable: &VariableName,
    text: &str,
) -> Option<Link<'t>> {
    let said = variable.as_str().to_ascii_lowercase();
    let tells = ADVERTISED.iter().any(|word| said.contains(word));
    let names = component.names_inside();
    let mut names = names.iter();
    if !tells || !names.any(|name| names_a_host(variable, text, name) || text == *name) {
        return None;
    }
    let instances = topology.instances_of(&component.name);
    let mut links = instances.flat_map(|instance| topology.links_to(instance));
    links.find(|link| {
        link.connection.via == Via::AnotherMachine && link.user.component != component.name
    })
}

fn advertised_finding(
    plan: &Plan,
    component: &Component,
    variable: &VariableName,
    (topology, link): (&Topology, &Link),
) -> Finding {
    let (environment, name) = (&topology.environment, &component.name);
    let (user, host) = (&link.user.component, &link.user.host);
    let message = format!(
        "`{variable}` of `{name}` tells whoever connects the name `{name}`, which `{user}` on `{host}` does not know"
    );
    let section = match component.app() {
        Some(_) => "apps",
        None => "services",
    };
    let at = setting_path(plan, environment, component, variable);
    Finding::new(&RULE.info, Label::new(at, ""), message)
        .in_environment(environment)
        .help(format!(
            "say it otherwise in [environments.{environment}.{section}.{name}.settings], with `{}` in the place of the name",
            link.connection.endpoint
        ))
}

/// The first instance for which the name leads nowhere.
fn led_astray<'t>(
    topology: &'t Topology,
    component: &Component,
    variable: &VariableName,
    target: &ComponentName,
) -> Option<&'t Instance> {
    let used = &topology.components[target];
    let mut instances = topology.instances_of(&component.name);
    instances.find(|instance| {
        let is_beside = topology.hosts_of(target).contains(&instance.host)
            && component.runs_as.in_container()
            && used.runs_as.in_container();
        let is_own_machine = topology
            .hosts
            .get(&instance.host)
            .is_some_and(|host| host.is_own_machine());
        is_own_machine && !is_beside && !told_of(topology, instance, target, variable)
    })
}

fn finding(
    plan: &Plan,
    topology: &Topology,
    component: &Component,
    (variable, target, host): (&VariableName, &ComponentName, &crate::model::HostName),
) -> Finding {
    let environment = &topology.environment;
    let name = &component.name;
    let at = setting_path(plan, environment, component, variable);
    let message = format!(
        "`{variable}` of `{name}` holds the name of `{target}`, which is not beside it on `{host}`"
    );
    let finding = Finding::new(&RULE.info, Label::new(at, ""), message)
        .in_environment(environment)
        .help(format!(
            "let the address follow: uses.{target} = {{ named-in = [\"{variable}\"] }}"
        ));
    let base = match component.app() {
        Some(_) => plan.apps.get(name).map(|app| &app.uses),
        None => plan.services.get(name).map(|service| &service.uses),
    };
    if base.is_none_or(|uses| !uses.contains_key(target)) {
        return finding;
    }
    let section = if component.app().is_some() {
        "apps"
    } else {
        "services"
    };
    let path = component_path(None, section, name)
        .key("uses")
        .key(target.as_str())
        .key("named-in");
    finding.fix(
        format!("let the address of `{target}` follow in `{variable}`"),
        vec![Edit::Push {
            path,
            text: variable.to_string(),
        }],
    )
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{check, check_fix};

    #[test]
    fn names_that_lead_nowhere_are_found_and_those_that_follow_are_not() {
        check(
            "literal-address",
            r#"
name = "shop"
[apps.web]
image = "acme/web:1"
dialect = "own"
uses.cache = {}
uses.db = { named-in = ["DB_URL"] }
[apps.web.settings]
CACHE_URL = "redis://cache:6379/0"
# <- `CACHE_URL` of `web` holds the name of `cache`, which is not beside it on `app-1`
DB_URL = "postgres://db:5432/db"
MODE = "cache"
CACHE_NAME = "cache"
[services.cache]
kind = "redis"
[services.db]
kind = "postgres"
[environments.local.hosts.laptop]
runs = ["web", "cache", "db"]
[environments.prod.hosts.app-1]
address = "10.0.0.1"
runs = ["web"]
[environments.prod.hosts.data-1]
address = "10.0.0.2"
runs = ["cache", "db"]
"#,
        );
    }

    #[test]
    fn a_name_that_is_told_to_other_hosts_is_found() {
        check(
            "literal-address",
            r#"
name = "shop"
[apps.web]
image = "acme/web:1"
uses.log = {}
[services.log]
kind = "kafka"
container.from-catalog = false
[services.log.settings]
KAFKA_ADVERTISED_LISTENERS = "PLAINTEXT://127.0.0.1:29092,EXTERNAL://log:9092"
# <- `KAFKA_ADVERTISED_LISTENERS` of `log` tells whoever connects the name `log`, which `web` on `app-1` does not know
KAFKA_LISTENERS = "PLAINTEXT://0.0.0.0:29092,EXTERNAL://log:9092"
[environments.local.hosts.laptop]
runs = ["web", "log"]
[environments.prod.hosts.app-1]
address = "10.0.0.1"
runs = ["web"]
[environments.prod.hosts.data-1]
address = "10.0.0.2"
runs = ["log"]
"#,
        );
    }

    #[test]
    fn its_fix_lets_the_address_follow() {
        let plan = "name = \"shop\"\n[apps.web]\nimage = \"a/web:1\"\nsettings.CACHE_HOST = \"cache\"\n[apps.web.uses.cache]\nrole = \"cache\"\n\
            [services.cache]\nkind = \"redis\"\n\
            [environments.prod.hosts.a]\naddress = \"10.0.0.1\"\nruns = [\"web\"]\n\
            [environments.prod.hosts.b]\naddress = \"10.0.0.2\"\nruns = [\"cache\"]\n";
        let after = plan.replace(
            "role = \"cache\"\n",
            "role = \"cache\"\nnamed-in = [\"CACHE_HOST\"]\n",
        );
        check_fix("literal-address", plan, &after);
    }
}
