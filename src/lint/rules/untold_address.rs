//! `untold-address`: something on another host is used, and no variable says where it is.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::declared::use_path;
use crate::lint::listing::{MOST_NAMED, named};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{ComponentName, Role, RunsAs, VariableName, holds_a_host};
use crate::settings::{gives_variables, is_told};
use crate::topology::{Component, Link, Topology, Via};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "untold-address",
        severity: Severity::Warn,
        summary: "a service on another host is used, and no variable carries its address",
        explanation: "\
What it finds: an app whose dialect gives it no variables, or a service that the catalog does not run, which
uses something on another host without saying in which setting the address stands, or names a setting that holds
no address of it. Those who use the same are found together. A use for backups alone is passed over: what makes
the copies is told the way there by hand.

Why it matters: beside each other, containers find each other by name, so that a default in the image or a
name in a file is enough. From another host that name leads nowhere, and nothing that Backstay writes says
the address that leads there.

When it is fine: where the address stands in a file of the app's own, or comes from a name service.

Instead: name the variable that the app reads the address from, and give it the name by which the container
beside it would be called: `settings.DATABASE_HOST = \"db\"` with `uses.db = { named-in = [\"DATABASE_HOST\"] }`.
Then it follows the service wherever that runs.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    for topology in context.topologies {
        let mut users: BTreeMap<&ComponentName, Vec<Link>> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        let untold = topology
            .links()
            .filter(|link| is_untold(context, topology, link));
        for link in untold {
            let target = &link.target.component;
            if seen.insert((target, &link.user.component)) {
                users.entry(target).or_default().push(link);
            }
        }
        for links in users.values() {
            sink.push(finding(context, topology, links));
        }
    }
}

fn is_untold(context: &LintContext, topology: &Topology, link: &Link) -> bool {
    let is_elsewhere = matches!(
        link.connection.via,
        Via::AnotherMachine | Via::Borrowed(_) | Via::Managed
    );
    let is_for_copies = link.connection.roles == [Role::Backup];
    if !is_elsewhere || is_for_copies || is_told(link) {
        return false;
    }
    let user = link.user_component;
    let target = link.target_component;
    let has_variables = || match user.app() {
        Some(_) => gives_variables(context.catalog, link),
        // What the catalog runs gets its files and variables from there.
        None => user.is_from_catalog(),
    };
    user.owner == topology.environment && target.runs_as != RunsAs::Job && !has_variables()
}

/// What is found of a component that these connections lead to, each of another user.
fn finding(context: &LintContext, topology: &Topology, links: &[Link]) -> Finding {
    let link = &links[0];
    let (user, target) = (&link.user.component, &link.target.component);
    let place = |link: &Link, text: &str| {
        let user = &link.user.component;
        Label::new(
            use_path(context.plan, &topology.environment, user, target),
            text,
        )
    };
    let (verb, reader) = match links.len() {
        1 => ("uses", format!("`{user}`")),
        _ => ("use", "each of them".to_owned()),
    };
    let message = format!(
        "{} {verb} `{target}` on another host, `{}`, and no variable carries its address",
        named(links.iter().map(|link| &link.user.component)),
        link.target.host
    );
    let used = link.target_component;
    let port = match used.port {
        None => format!("say the `port` of `{target}`, and "),
        Some(_) => String::new(),
    };
    let (name, text) = proposed(used, link);
    let finding = Finding::new(&RULE.info, place(link, ""), message)
        .in_environment(&topology.environment)
        .help(format!(
            "{port}write it into the setting that {reader} reads it from, and name that in the use, such as settings.{name} = \"{text}\" and uses.{target}.named-in = [\"{name}\"]; or run both on one host"
        ));
    // As many places as the message has names.
    let others = links[1..].iter().take(MOST_NAMED - 1);
    others.fold(finding, |finding, other| {
        finding.and(place(other, "used here too"))
    })
}

/// A setting for an address, as programs usually call it, and its text.
fn proposed(target: &Component, link: &Link) -> (String, String) {
    let host = &target.name;
    let said = link.connection.named_in.iter();
    if let Some(said) = said.map(VariableName::as_str).find(|it| holds_a_host(it)) {
        return (said.to_owned(), host.to_string());
    }
    let named = |end: &str| VariableName::shouted(&format!("{host}_{end}"));
    let with_port = || match target.container_port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_string(),
    };
    match link.connection.roles.first() {
        Some(Role::Files) => (named("ENDPOINT"), format!("http://{}", with_port())),
        Some(Role::Stream) => (named("BROKERS"), with_port()),
        Some(_) => (named("HOST"), host.to_string()),
        None if target.port.is_some() => (named("URL"), format!("http://{}", with_port())),
        None => (named("HOST"), host.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{analysis, check};

    /// A setting that is not there, or holds something else, tells nothing.
    #[test]
    fn a_name_without_its_setting_does_not_mend_it() {
        let plan = r#"
name = "shop"
[apps.web]
image = "acme/web:1"
dialect = "own"
uses.db = { named-in = ["DB_HOST"] }
  #  ^^ `web` uses `db` on another host, `data-1`, and no variable carries its address
uses.cache = { named-in = ["CACHE_HOST", "CACHE_PORT"] }
  #  ^^^^^ `web` uses `cache` on another host, `data-1`, and no variable carries its address
uses.copies = { role = "backup" }
settings.CACHE_HOST = "localhost"
settings.CACHE_PORT = "6379"
[services.db]
kind = "postgres"
[services.cache]
kind = "redis"
[services.copies]
kind = "s3"
[environments.prod.hosts.app-1]
address = "10.0.0.1"
runs = ["web"]
[environments.prod.hosts.data-1]
address = "10.0.0.2"
runs = ["db", "cache"]
[environments.prod.hosts.aws]
kind = "managed"
runs = ["copies"]
"#;
        check("untold-address", plan);
        let helps = analysis(plan).findings.into_iter();
        let helps = helps.filter(|finding| finding.rule == "untold-address");
        let helps: Vec<String> = helps.filter_map(|finding| finding.help).collect();
        let both = "settings.CACHE_HOST = \"cache\" and uses.cache.named-in = [\"CACHE_HOST\"]";
        assert!(helps[1].contains(both), "{helps:?}");
    }

    #[test]
    fn who_is_told_nothing_of_another_host_is_found() {
        check(
            "untold-address",
            r#"
name = "shop"
[apps.web]
image = "acme/web:1"
dialect = "own"
uses.db = {}
  #  ^^ `web`, `worker` use `db` on another host, `data-1`, and no variable carries its address
uses.cache = { named-in = ["CACHE_HOST"] }
uses.setup = {}
uses.office = { wait = "started" }
  #  ^^^^^^ `web` uses `office` on another host, `data-1`, and no variable carries its address
settings.CACHE_HOST = "cache"
[apps.worker]
image = "acme/web:1"
dialect = "own"
uses.db = {}
[apps.setup]
image = "acme/setup:1"
runs-as = "job"
[apps.office]
image = "acme/office:1"
[apps.plain]
image = "acme/plain:1"
uses.db = {}
[services.db]
kind = "postgres"
[services.cache]
kind = "redis"
[environments.local.hosts.laptop]
runs = ["web", "worker", "plain", "setup", "office", "db", "cache"]
[environments.prod.hosts.app-1]
address = "10.0.0.1"
runs = ["web", "worker", "plain"]
[environments.prod.hosts.data-1]
address = "10.0.0.2"
runs = ["setup", "office", "db", "cache"]
"#,
        );
    }
}
