//! `no-way-in`: staging or production in which nobody outside can reach an app.

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{HostKind, PlanPath, Role, RunsAs, Tier};
use crate::topology::{Component, Instance, Link, Topology};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "no-way-in",
        severity: Severity::Note,
        summary: "nobody outside can reach any app of staging or production",
        explanation: "\
What it finds: an environment of the tier `staging` or `production` whose apps listen on ports, run in
containers on machines, say no `expose`, and have no proxy before any of them.

Why it matters: a port that nothing publishes is open inside its Compose project alone. All is healthy, and
no user gets an answer.

When it is fine: where something on the same machine that the plan does not know passes requests on. Say
`expose = \"machine\"` in that case, so that it can.

Instead: say `expose = \"world\"` of the app that users reach, or put a proxy before it.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    for topology in context.topologies {
        if !matches!(topology.tier, Some(Tier::Staging | Tier::Production)) {
            continue;
        }
        let apps = || topology.components.values().filter(|it| it.app().is_some());
        if apps().any(|app| has_way_in(topology, app)) {
            continue;
        }
        let silent = apps().flat_map(|app| closed(topology, app));
        let silent: Vec<&Instance> = silent.collect();
        if !silent.is_empty() {
            sink.push(finding(topology, &silent));
        }
    }
}

/// Whether somebody outside may reach an app, as far as the plan says: also where that is left to something else.
fn has_way_in(topology: &Topology, app: &Component) -> bool {
    let says = app.expose.is_some() || !app.container.ports.is_empty();
    // A process listens by itself, and what is in a cluster or at a provider has an entrance there.
    let is_elsewhere = topology.instances_of(&app.name).any(|instance| {
        let host = &topology.hosts[&instance.host];
        host.kind != HostKind::Machine || app.runs_as == RunsAs::Process
    });
    let mut instances = topology.instances_of(&app.name);
    says || is_elsewhere || instances.any(|it| topology.links_to(it).any(|link| is_proxy(&link)))
}

/// Whether a service passes requests on to what it uses.
fn is_proxy(link: &Link) -> bool {
    let user = link.user_component;
    let is_made_for_it = user.kind().usual_role() == Some(Role::Proxy);
    user.service().is_some() && (is_made_for_it || link.connection.roles.contains(&Role::Proxy))
}

/// The instances of an app that listens on a port, unless it is there for other apps.
fn closed<'t>(topology: &'t Topology, app: &'t Component) -> Vec<&'t Instance> {
    let by_app = |link: Link| link.user_component.app().is_some();
    let is_for_apps = |instance: &Instance| topology.links_to(instance).any(by_app);
    let instances = topology.instances_of(&app.name);
    let own = instances.filter(|instance| topology.hosts[&instance.host].is_own_machine());
    let listens = app.container_port().is_some() && app.runs_as == RunsAs::Container;
    own.filter(|instance| listens && !is_for_apps(instance))
        .collect()
}

fn finding(topology: &Topology, silent: &[&Instance]) -> Finding {
    let environment = &topology.environment;
    let place = |instance: &Instance| {
        let (host, app) = (instance.host.as_str(), instance.component.as_str());
        PlanPath::placement(environment.as_str(), host, app)
    };
    let mut names: Vec<String> = silent
        .iter()
        .map(|it| format!("`{}`", it.component))
        .collect();
    names.dedup();
    let message = format!(
        "nothing is open to users: {} is published nowhere",
        names.join(", ")
    );
    let first = Finding::new(&RULE.info, Label::new(place(silent[0]), ""), message)
        .in_environment(environment)
        .help("say `expose = \"world\"` of what users reach, or put a proxy before it");
    let others = silent[1..].iter();
    others.fold(first, |finding, instance| {
        finding.and(Label::new(place(instance), "published nowhere"))
    })
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::check;

    const PLAN: &str = r#"name = "shop"
[apps.web]
image = "acme/web:1"
port = 80
uses.api = {}
[apps.api]
image = "acme/api:1"
port = 81
[apps.worker]
image = "acme/worker:1"
[services.measures]
kind = "prometheus"
uses.web = {}
[environments.dev.hosts.laptop]
runs = ["web", "api", "worker", "measures"]
[environments.prod.hosts.app-1]
runs = ["web", "api", "worker", "measures"]
"#;

    #[test]
    fn an_app_that_nobody_outside_can_reach_is_found_in_production_and_not_below() {
        let found = "[environments.prod.hosts.app-1]\nruns = [\"web\", \"api\", \"worker\", \"measures\"]\n      # ^^^^^ nothing is open to users: `web` is published nowhere";
        let at = PLAN.find("[environments.prod").expect("it is there");
        check("no-way-in", &format!("{}{found}\n", &PLAN[..at]));
        check("no-way-in", &PLAN.replace("prod", "test"));
        let worker = PLAN.replace("port = 80\n", "").replace("port = 81\n", "");
        check("no-way-in", &worker);
    }

    #[test]
    fn an_app_that_says_how_far_it_reaches_or_has_a_proxy_before_it_is_fine() {
        for (from, to) in [
            ("port = 80\n", "port = 80\nexpose = \"machine\"\n"),
            ("port = 80\n", "port = 80\nruns-as = \"process\"\n"),
            ("prometheus\"\n", "nginx\"\nexpose = \"world\"\n"),
            ("app-1]\n", "app-1]\nkind = \"cluster\"\n"),
            (
                "port = 80\n",
                "port = 80\ncontainer.ports.web = { port = 80, published = 80, expose = \"world\" }\n",
            ),
        ] {
            check("no-way-in", &PLAN.replace(from, to));
        }
    }
}
