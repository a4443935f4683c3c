//! `app-without-port`: an app that something connects to, with no port to connect to.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::declared::use_path;
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{ComponentName, PlanPath};
use crate::topology::{Link, Topology};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "app-without-port",
        severity: Severity::Deny,
        summary: "an app is used, but says no port to connect to",
        explanation: "\
What it finds: an app without a `port` that another app or a service uses, unless the use only says what
comes first: the app is a job (`runs-as = \"job\"`), or the use says what to `wait` for.

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
        let silent = topology.components.values();
        for app in silent.filter(|component| component.app().is_some() && component.port.is_none())
        {
            let links = topology.instances_of(&app.name);
            let users_of = links.flat_map(|instance| topology.users_of(instance));
            for link in users_of.filter(|link| !topology.is_for_order(link)) {
                let places = users.entry(&app.name).or_default();
                places.insert(place(context, topology, &link));
            }
        }
    }
    for (app, places) in users {
        sink.push(finding(app, places.into_iter()));
    }
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
