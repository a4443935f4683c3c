//! `managed-in-local`: something that a provider runs, in a local environment.

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::placing::{self, Destination};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{HostKind, HostName, PlanPath, Tier};
use crate::topology::{Component, Instance, Topology};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "managed-in-local",
        severity: Severity::Warn,
        summary: "a local environment depends on a provider",
        explanation: "\
What it finds: in an environment of the tier `local`, an app or service on a managed host.

Why it matters: a local environment almost always has its services on the developer's own machine. A
provider's service needs a network, an account and credentials on every laptop; it costs money while
nobody looks, and all developers share its data.

When it is fine: a sandbox that the provider offers for this purpose, or something that cannot be run
on a machine at all. Say so in `[rules]` with the reason.

Instead: run it on the developer's machine; what only a provider can run is replaced there by its
stand-in. `backstay check --fix` moves it.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    for topology in context
        .topologies
        .iter()
        .filter(|topology| topology.tier == Some(Tier::Local))
    {
        for host in topology
            .hosts
            .values()
            .filter(|host| host.kind == HostKind::Managed)
        {
            for component in host
                .runs
                .iter()
                .filter_map(|name| topology.components.get(name))
            {
                sink.push(finding(context, topology, &host.name, component));
            }
        }
    }
}

fn finding(
    context: &LintContext,
    topology: &Topology,
    host: &HostName,
    component: &Component,
) -> Finding {
    let (environment, name) = (&topology.environment, &component.name);
    let place = PlanPath::placement(environment.as_str(), host.as_str(), name.as_str());
    let message = format!("a provider runs `{name}` in `{environment}`, which is local");
    let finding =
        Finding::new(&RULE.info, Label::new(place, ""), message).in_environment(environment);
    let movable = placing::runs_on_machines(context.catalog, component.kind());
    match machine_for(topology, host, component).filter(|_| movable) {
        Some(machine) => {
            let destination = Destination::Existing(machine.clone());
            finding.help("run it on the developer's own machine").fix(
                format!("move `{name}` to {destination}"),
                placing::relocate(topology, name, host, &destination),
            )
        }
        None => finding.help("choose a kind for this environment that a machine can run"),
    }
}

/// The machine of the component's first user, or else the first one of the environment.
fn machine_for<'t>(
    topology: &'t Topology,
    host: &HostName,
    component: &Component,
) -> Option<&'t HostName> {
    let instance = Instance {
        component: component.name.clone(),
        host: host.clone(),
    };
    let users = topology.users_of(&instance);
    let of_users = users.iter().map(|link| &topology.hosts[&link.user.host]);
    of_users
        .chain(topology.hosts.values())
        .find(|host| host.is_own_machine() && !host.runs.contains(&component.name))
        .map(|host| &host.name)
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{check, check_fix};

    const PLAN: &str = r#"
name = "shop"
[apps.web]
uses.uploads = {}
[services.uploads]
kind = "wasabi"
[environments.local.hosts.laptop]
runs = ["web"]
[environments.local.hosts.wasabi]
kind = "managed"
runs = ["uploads"] # shared
      # ^^^^^^^^^ a provider runs `uploads` in `local`, which is local
[environments.prod.hosts.wasabi]
kind = "managed"
runs = ["uploads"]
"#;

    #[test]
    fn a_provider_s_service_is_found_in_a_local_environment_only() {
        check("managed-in-local", PLAN);
    }

    #[test]
    fn its_fix_moves_it_to_the_machine_of_its_user() {
        let after = PLAN
            .replace("[\"web\"]", "[\"web\", \"uploads\"]")
            .replace("[\"uploads\"] # shared", "[] # shared");
        check_fix("managed-in-local", PLAN, &after);
    }

    #[test]
    fn a_stand_in_on_the_laptop_is_fine() {
        check(
            "managed-in-local",
            r#"
name = "shop"
[services.uploads]
kind = "wasabi"
[environments.local.hosts.laptop]
runs = ["uploads"]
"#,
        );
    }
}
