//! `untold-address`: something on another host is used, and no variable says where it is.

use std::collections::BTreeSet;

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::declared::use_path;
use crate::lint::{LintContext, Rule, Sink};
use crate::model::RunsAs;
use crate::settings::gives_variables;
use crate::topology::{Link, Topology, Via};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "untold-address",
        severity: Severity::Warn,
        summary: "a service on another host is used, and no variable carries its address",
        explanation: "\
What it finds: an app whose dialect gives it no variables, or a service that the catalog does not run, which
uses something on another host without saying in which setting the address stands.

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
        let mut said = BTreeSet::new();
        let untold = topology
            .links()
            .filter(|link| is_untold(context, topology, link));
        for link in untold {
            if said.insert((&link.user.component, &link.target.component)) {
                sink.push(finding(context, topology, &link));
            }
        }
    }
}

fn is_untold(context: &LintContext, topology: &Topology, link: &Link) -> bool {
    let is_elsewhere = matches!(
        link.connection.via,
        Via::AnotherMachine | Via::Borrowed(_) | Via::Managed
    );
    if !is_elsewhere || !link.connection.named_in.is_empty() {
        return false;
    }
    let user = &topology.components[&link.user.component];
    let target = &topology.components[&link.target.component];
    let is_told = || match user.app() {
        Some(_) => gives_variables(context.catalog, topology, link),
        // What the catalog runs gets its files and variables from there.
        None => user.is_from_catalog(),
    };
    user.owner == topology.environment && target.runs_as != RunsAs::Job && !is_told()
}

fn finding(context: &LintContext, topology: &Topology, link: &Link) -> Finding {
    let (user, target) = (&link.user.component, &link.target.component);
    let path = use_path(context.plan, &topology.environment, user, target);
    let message = format!(
        "`{user}` uses `{target}` on another host, `{}`, and no variable carries its address",
        link.target.host
    );
    let is_silent = topology.components[target].port.is_none();
    let port = match is_silent {
        true => format!("say the `port` of `{target}`, and "),
        false => String::new(),
    };
    Finding::new(&RULE.info, Label::new(path, ""), message)
        .in_environment(&topology.environment)
        .help(format!(
            "{port}name the setting that says where it is, with `{target}` in it: uses.{target} = {{ named-in = [\"DATABASE_URL\"] }}; or run both on one host"
        ))
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::check;

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
  #  ^^ `web` uses `db` on another host, `data-1`, and no variable carries its address
uses.cache = { named-in = ["CACHE_HOST"] }
uses.setup = {}
uses.office = { wait = "started" }
  #  ^^^^^^ `web` uses `office` on another host, `data-1`, and no variable carries its address
settings.CACHE_HOST = "cache"
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
runs = ["web", "plain", "setup", "office", "db", "cache"]
[environments.prod.hosts.app-1]
address = "10.0.0.1"
runs = ["web", "plain"]
[environments.prod.hosts.data-1]
address = "10.0.0.2"
runs = ["setup", "office", "db", "cache"]
"#,
        );
    }
}
