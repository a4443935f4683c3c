//! `unreachable-proxy`: a proxy in staging or production whose port nothing outside can reach.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{Choice, ComponentName, Edit, Expose, PlanPath, Role, Tier};
use crate::topology::{Component, Instance, Link, Topology};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "unreachable-proxy",
        severity: Severity::Warn,
        summary: "nobody can reach a proxy from outside its machine",
        explanation: "\
What it finds: in an environment of the tier `staging` or `production`, a proxy that runs on a machine,
says no `expose`, and has nothing in front of it.

Why it matters: a proxy is there to be reached. Without `expose` its port is not published, so what
stands behind it runs, looks healthy, and answers nobody.

When it is fine: behind something that the plan does not know and that runs on the same machine. Say
`expose` in that case too.

Instead: say how far its port reaches; `backstay check --fix` says expose = \"world\".",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    let mut unreachable: BTreeMap<&ComponentName, Vec<(&Topology, &Instance)>> = BTreeMap::new();
    for topology in context
        .topologies
        .iter()
        .filter(|topology| is_served(topology))
    {
        let proxies = used_as_proxies(topology);
        let silent = topology.components.values().filter(|of| is_silent(of));
        for component in silent {
            let is_proxy =
                |instance: &&Instance| is_made_for_it(component) || proxies.contains(*instance);
            let on_machines = instances(topology, component).filter(is_proxy);
            for instance in on_machines.filter(|instance| !has_one_before(topology, instance)) {
                let places = unreachable.entry(&component.name).or_default();
                places.push((topology, instance));
            }
        }
    }
    for (service, places) in unreachable {
        sink.push(finding(service, &places));
    }
}

/// Whether people other than developers use what the environment runs.
fn is_served(topology: &Topology) -> bool {
    matches!(topology.tier, Some(Tier::Staging | Tier::Production))
}

fn is_silent(component: &Component) -> bool {
    component.service().is_some() && component.expose.is_none()
}

fn instances<'t>(
    topology: &'t Topology,
    component: &'t Component,
) -> impl Iterator<Item = &'t Instance> {
    topology.instances_of(&component.name).filter(|instance| {
        let host = &topology.hosts[&instance.host];
        host.is_own_machine()
    })
}

fn is_made_for_it(component: &Component) -> bool {
    component.kind().usual_role() == Some(Role::Proxy)
}

fn used_as_proxies(topology: &Topology) -> BTreeSet<&Instance> {
    let as_proxy = |link: &Link| link.connection.roles.first() == Some(&Role::Proxy);
    let links = topology.links().filter(as_proxy);
    links.map(|link| link.target).collect()
}

/// Whether a service that people reach stands in front of it; an app that uses it only names the proxy in
/// front of itself.
fn has_one_before(topology: &Topology, instance: &Instance) -> bool {
    let is_service = |link: Link| {
        let user = link.user_component;
        user.service().is_some()
    };
    topology.links_to(instance).any(is_service)
}

fn finding(service: &ComponentName, places: &[(&Topology, &Instance)]) -> Finding {
    let path = PlanPath::service(service.as_str());
    let environment = &places[0].0.environment;
    let message = format!("nobody can reach the proxy `{service}` in `{environment}`");
    let finding = Finding::new(&RULE.info, Label::new(path.clone(), ""), message)
        .help("say how far its port reaches: expose = \"world\"")
        .fix(
            format!("publish `{service}` to the world"),
            vec![Edit::set_text(path.key("expose"), Expose::World.as_str())],
        );
    places
        .iter()
        .fold(finding, |finding, (topology, instance)| {
            let (environment, host) = (topology.environment.as_str(), instance.host.as_str());
            let place = PlanPath::placement(environment, host, service.as_str());
            finding.and(Label::new(place, "runs here, unpublished"))
        })
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{check, check_fix};

    const PLAN: &str = r#"name = "shop"
[apps.web]
port = 80
[services.edge]
kind = "nginx"
uses.web = {}
[environments.dev.hosts.laptop]
runs = ["web", "edge"]
[environments.prod.hosts.app-1]
runs = ["web", "edge"]
"#;

    #[test]
    fn a_proxy_without_expose_is_found_in_production_and_not_below() {
        let found = "[services.edge]\n        # ^^^^ nobody can reach the proxy `edge` in `prod`";
        check("unreachable-proxy", &PLAN.replace("[services.edge]", found));
        check("unreachable-proxy", &PLAN.replace("prod", "test"));
    }

    #[test]
    fn its_fix_publishes_the_proxy() {
        let after = PLAN.replace("uses.web = {}\n", "uses.web = {}\nexpose = \"world\"\n");
        check_fix("unreachable-proxy", PLAN, &after);
    }

    #[test]
    fn a_proxy_at_a_provider_or_behind_another_or_with_expose_is_fine() {
        let managed = PLAN.replace("app-1]\n", "app-1]\nkind = \"managed\"\n");
        check("unreachable-proxy", &managed);
        let behind = "[services.front]\nkind = \"nginx\"\nexpose = \"world\"\nuses.edge = {}\n[env";
        let behind = PLAN
            .replacen("[env", behind, 1)
            .replace("\"edge\"]", "\"edge\", \"front\"]");
        check("unreachable-proxy", &behind);
    }
}
