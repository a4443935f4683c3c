//! `app-without-port`: an app that something connects to, with no port to connect to.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::declared::use_path;
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{ComponentName, PlanPath, RunsAs, ports_behind};
use crate::topology::{Link, Reach, Topology, Via};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "app-without-port",
        severity: Severity::Deny,
        summary: "an app is used, but says no port to connect to",
        explanation: "\
What it finds: an app without a `port` that another app or a service uses, unless the use only says what
comes first: the app is a job (`runs-as = \"job\"`), or the use says what to `wait` for. As a warning: an app without
a port that is waited for from another host, where none of its ports can be reached then.

Why it matters: an address is a host and a port. Without the port the settings of those who use the app
cannot be written, and a proxy in front of it has nowhere to pass requests on to.

When it is fine: never. What listens on no port cannot be used; what hands it work is a queue or a
database that both use.

Instead: say the `port` that the app listens on, say what the use is to `wait` for, or take it away.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    let mut users: BTreeMap<&ComponentName, BTreeSet<PlanPath>> = BTreeMap::new();
    for topology in context.topologies {
        check_awaited(context, topology, sink);
        let silent = topology.components.values();
        for app in silent.filter(|component| component.app().is_some() && component.port.is_none())
        {
            let links = topology.instances_of(&app.name);
            let users_of = links.flat_map(|instance| topology.users_of(instance));
            for link in users_of.filter(|link| !topology.is_waited_for(link)) {
                let places = users.entry(&app.name).or_default();
                places.insert(place(context, topology, &link));
            }
        }
    }
    for (app, places) in users {
        sink.push(finding(app, places.into_iter()));
    }
}

/// Apps that are only waited for, as it says, but from another host: beside each other, containers reach every port
/// of each other, so that nobody needs to know it, and from elsewhere they reach none.
fn check_awaited(context: &LintContext, topology: &Topology, sink: &mut Sink) {
    let mut awaited: BTreeMap<&ComponentName, Vec<Link>> = BTreeMap::new();
    for link in topology.connections() {
        let target = link.target_component;
        let is_elsewhere = link.connection.via == Via::AnotherMachine;
        let is_job = target.runs_as == RunsAs::Job;
        if is_elsewhere && !is_job && topology.is_waited_for(&link) && !opens(topology, &link) {
            awaited.entry(&target.name).or_default().push(link);
        }
    }
    for links in awaited.values() {
        sink.push(awaited_finding(context, topology, links));
    }
}

/// Whether the host of a target opens one of its further ports.
fn opens(topology: &Topology, link: &Link) -> bool {
    let publications = topology.publications_of(link.target);
    publications.iter().any(|open| open.reach > Reach::Machine)
}

/// Most users that are shown.
const MOST_USERS: usize = 3;

fn awaited_finding(context: &LintContext, topology: &Topology, links: &[Link]) -> Finding {
    let (first, app) = (links[0], &links[0].target.component);
    let message = format!(
        "`{app}` is used from another host, `{}`, but says no `port`: none is open for it on `{}`",
        first.user.host, first.target.host
    );
    let healthcheck = &topology.components[app].container.healthcheck;
    let asked = healthcheck.test.iter().flatten();
    let asked = asked.flat_map(|word| {
        let here = ["localhost", "127.0.0.1"].into_iter();
        here.flat_map(move |name| ports_behind(word, name))
    });
    let help = match asked.min() {
        Some(port) => format!(
            "say the port that it listens on, which may be the one that its healthcheck asks: port = {port}"
        ),
        None => "say the port that it listens on: port = 8080".to_owned(),
    };
    let path = PlanPath::app(app.as_str());
    let finding = Finding::new(&RULE.info, Label::new(path, ""), message)
        .severity(Severity::Warn)
        .in_environment(&topology.environment)
        .help(help);
    let places: BTreeSet<PlanPath> = links
        .iter()
        .map(|link| place(context, topology, link))
        .collect();
    let more = places.len().saturating_sub(MOST_USERS);
    let shown = places.into_iter().take(MOST_USERS).enumerate();
    shown.fold(finding, |finding, (nth, place)| {
        let said = match nth + 1 == MOST_USERS && more > 0 {
            true => format!("used here, and in {more} more places"),
            false => "used here".to_owned(),
        };
        finding.and(Label::new(place, said))
    })
}

fn place(context: &LintContext, topology: &Topology, link: &Link) -> PlanPath {
    let (user, target) = (&link.user.component, &link.target.component);
    use_path(context.plan, &topology.environment, user, target)
}

fn finding(app: &ComponentName, places: impl Iterator<Item = PlanPath>) -> Finding {
    let path = PlanPath::app(app.as_str());
    let message = format!("`{app}` is used, but says no `port` to connect to");
    let finding = Finding::new(&RULE.info, Label::new(path, ""), message)
        .help("say the port that it listens on: port = 8080");
    places.fold(finding, |finding, place| {
        finding.and(Label::new(place, "used here"))
    })
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{analysis, check};

    #[test]
    fn an_app_that_is_waited_for_needs_one_only_from_another_host() {
        let plan = r#"
name = "shop"
[apps.web]
image = "acme/web:1"
dialect = "own"
uses.store = { wait = "healthy", named-in = ["STORE"] }
uses.setup = { wait = "completed" }
settings.STORE = "store"
[apps.store]
    # ^^^^^ `store` is used from another host, `app-1`, but says no `port`: none is open for it on `data-1`
image = "acme/store:1"
container.healthcheck.test = ["CMD-SHELL", "wget http://localhost:8123/"]
[apps.setup]
image = "acme/setup:1"
runs-as = "job"
[environments.local.hosts.laptop]
runs = ["web", "store", "setup"]
[environments.prod.hosts.app-1]
address = "10.0.0.1"
runs = ["web"]
[environments.prod.hosts.data-1]
address = "10.0.0.2"
runs = ["store", "setup"]
"#;
        check("app-without-port", plan);
        let findings = analysis(plan).findings;
        let mut helps = findings
            .iter()
            .filter_map(|finding| finding.help.as_deref());
        assert!(
            helps.any(|help| help.ends_with("port = 8123")),
            "{findings:?}"
        );
        // The address follows, so that the port is all that is missing.
        assert!(
            findings.iter().all(|it| it.rule != "literal-address"),
            "{findings:?}"
        );
        let open =
            format!("{plan}[apps.store.container.ports.http]\nport = 8123\nexpose = \"network\"\n");
        check(
            "app-without-port",
            &open.replace("    # ^^^^^", "    # -----"),
        );
    }

    #[test]
    fn an_app_that_is_used_needs_a_port() {
        let plan = r#"
name = "shop"
[apps.api]
    # ^^^ `api` is used, but says no `port` to connect to
[apps.docs]
port = 81
[apps.worker]
uses.api = {}
uses.docs = {}
[services.edge]
kind = "nginx"
uses.api = {}
[environments.dev.hosts.laptop]
runs = ["api", "docs", "worker", "edge"]
[environments.test.hosts.box]
runs = ["api", "docs", "worker", "edge"]
"#;
        check("app-without-port", plan);
        let findings = analysis(plan).findings;
        let finding = findings
            .iter()
            .find(|finding| finding.rule == "app-without-port");
        assert_eq!(finding.map(|finding| finding.secondary.len()), Some(2));
    }
}
