//! `port-clash`: two components that take the same port of one machine.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::machines::{Place, machines};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{ComponentName, Edit, EditValue, HostName, PlanPath, RunsAs};
use crate::topology::{Component, Host, Instance, Topology};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "port-clash",
        severity: Severity::Deny,
        summary: "two components take the same port of one machine",
        explanation: "\
What it finds: two components on one machine of an environment that take the same port there: the
published ports of containers and the ports of processes. Containers that only their own host's
containers use publish nothing and never clash. Hosts of several environments that say the same address
are one machine.

Why it matters: only the first to start gets the port. The other one fails to start, and which of the
two that is may change from day to day.

When it is fine: never, unless the two are never started together.

Instead: give one of them another `port` in this environment; `backstay check --fix` takes the next one
that is free. Every address that mentions it follows. An app, and whatever runs as a process, must then
listen on that port itself.",
    },
    check,
};

/// Who takes which port of which machine, in the order in which they keep it.
type Taken<'t> = BTreeMap<&'t HostName, BTreeMap<u16, Vec<&'t Component>>>;

fn check(context: &LintContext, sink: &mut Sink) {
    for topology in context.topologies {
        let mut ports = Ports {
            taken: taken(topology),
            given: BTreeMap::new(),
        };
        for (host, port, components) in clashes(&ports.taken) {
            for component in &components[1..] {
                // A page moves with the port for clients, which is the one that the plan can say.
                let free = ports.free(topology, component, component.port.unwrap_or(port));
                sink.push(finding(
                    topology,
                    host,
                    port,
                    [components[0], component],
                    free,
                ));
            }
        }
    }
    for machine in machines(context.topologies) {
        check_across(&machine, sink);
    }
}

/// Ports that several hosts take which are one machine.
fn check_across(machine: &[Place], sink: &mut Sink) {
    if machine.len() < 2 {
        return;
    }
    let mut first: BTreeMap<u16, (Place, &Component)> = BTreeMap::new();
    for place in machine {
        for (port, components) in ports_of(place.0, place.1) {
            match first.get(&port) {
                // What is installed on a machine once may serve two environments.
                Some((_, taker)) if is_one_process(taker, components[0]) => {}
                Some(taker) => sink.push(across(port, *taker, (*place, components[0]), machine)),
                None => drop(first.insert(port, (*place, components[0]))),
            }
        }
    }
}

fn is_one_process(one: &Component, other: &Component) -> bool {
    let process = |component: &Component| component.runs_as == RunsAs::Process;
    process(one) && process(other) && one.name == other.name
}

fn across(
    port: u16,
    (first, taker): (Place, &Component),
    (second, other): (Place, &Component),
    machine: &[Place],
) -> Finding {
    let place = |(topology, host): Place, component: &Component| {
        let (environment, host) = (topology.environment.as_str(), host.name.as_str());
        PlanPath::placement(environment, host, component.name.as_str())
    };
    let (topology, environment) = (second.0, &second.0.environment);
    let message = format!(
        "`{}` and `{}` of `{}` both take port {port} of one machine",
        other.name, taker.name, first.0.environment
    );
    let takes = format!("takes port {port}");
    let finding = Finding::new(
        &RULE.info,
        Label::new(place(second, other), takes.clone()),
        message,
    )
    .in_environment(environment)
    .and(Label::new(place(first, taker), takes))
    .help(help(topology, other));
    let taken: BTreeSet<u16> = machine
        .iter()
        .flat_map(|(topology, host)| ports_of(topology, host).into_keys())
        .collect();
    let free = (port.saturating_add(1)..=u16::MAX).find(|port| !taken.contains(port));
    match free {
        Some(free) => finding.fix(
            format!("let `{}` take port {free} in `{environment}`", other.name),
            vec![edit(topology, other, free)],
        ),
        None => finding,
    }
}

fn taken(topology: &Topology) -> Taken<'_> {
    let mut taken = Taken::new();
    for host in topology.hosts.values().filter(|host| host.is_own_machine()) {
        taken.insert(&host.name, ports_of(topology, host));
    }
    taken
}

/// Who takes which port of a host, in the order in which they keep it.
fn ports_of<'t>(topology: &'t Topology, host: &Host) -> BTreeMap<u16, Vec<&'t Component>> {
    let mut ports: BTreeMap<u16, Vec<&Component>> = BTreeMap::new();
    for component in host
        .runs
        .iter()
        .filter_map(|name| topology.components.get(name))
    {
        for port in host_ports(topology, host, component) {
            ports.entry(port).or_default().push(component);
        }
    }
    for components in ports.values_mut() {
        components.sort_by_key(|component| moves_easily(component));
    }
    ports
}

/// The ports of the host that a component takes.
fn host_ports(topology: &Topology, host: &Host, component: &Component) -> BTreeSet<u16> {
    if component.runs_as == RunsAs::Process {
        return component.port.into_iter().collect();
    }
    let instance = Instance {
        component: component.name.clone(),
        host: host.name.clone(),
    };
    let published = topology.publications_of(&instance).iter();
    published.map(|publication| publication.port).collect()
}

/// Whether the port on the host is Backstay's to choose: a container of a service keeps its own inside.
fn moves_easily(component: &Component) -> bool {
    component.service().is_some() && component.runs_as == RunsAs::Container
}

fn clashes<'t>(taken: &Taken<'t>) -> Vec<(&'t HostName, u16, Vec<&'t Component>)> {
    let all = taken.iter().flat_map(|(host, ports)| {
        ports
            .iter()
            .map(move |(port, components)| (*host, *port, components))
    });
    all.filter(|(_, _, components)| components.len() > 1)
        .map(|(host, port, components)| (host, port, components.clone()))
        .collect()
}

/// The ports of an environment, and those that fixes give out.
struct Ports<'t> {
    taken: Taken<'t>,
    given: BTreeMap<&'t ComponentName, u16>,
}

impl<'t> Ports<'t> {
    /// The next port that is free on every host of a component: each fix gets one of its own.
    fn free(&mut self, topology: &Topology, component: &'t Component, port: u16) -> Option<u16> {
        if let Some(given) = self.given.get(&component.name) {
            return Some(*given);
        }
        let hosts = topology.hosts_of(&component.name);
        let is_free = |port: &u16| {
            let mut taken = hosts.iter().filter_map(|host| self.taken.get(host));
            !taken.any(|ports| ports.contains_key(port))
        };
        let free = (port.checked_add(1)?..=u16::MAX).find(is_free)?;
        for host in hosts {
            if let Some(ports) = self.taken.get_mut(host) {
                ports.insert(free, vec![component]);
            }
        }
        self.given.insert(&component.name, free);
        Some(free)
    }
}

fn finding(
    topology: &Topology,
    host: &HostName,
    port: u16,
    [first, second]: [&Component; 2],
    free: Option<u16>,
) -> Finding {
    let environment = &topology.environment;
    let place = |component: &Component| {
        PlanPath::placement(environment.as_str(), host.as_str(), component.name.as_str())
    };
    let message = format!(
        "`{}` and `{}` both take port {port} of `{host}`",
        first.name, second.name
    );
    let takes = format!("takes port {port}");
    let finding = Finding::new(
        &RULE.info,
        Label::new(place(second), takes.clone()),
        message,
    )
    .in_environment(environment)
    .and(Label::new(place(first), takes))
    .help(help(topology, second));
    match free {
        Some(free) => finding.fix(
            format!("let `{}` take port {free}", second.name),
            vec![edit(topology, second, free)],
        ),
        None => finding,
    }
}

fn edit(topology: &Topology, component: &Component, port: u16) -> Edit {
    let section = match component.app() {
        Some(_) => "apps",
        None => "services",
    };
    let path = PlanPath::environment(topology.environment.as_str())
        .key(section)
        .key(component.name.as_str())
        .key("port");
    Edit::Set {
        path,
        value: EditValue::Integer(port.into()),
    }
}

fn help(topology: &Topology, component: &Component) -> String {
    let (name, environment) = (&component.name, &topology.environment);
    match moves_easily(component) {
        true => format!("give `{name}` another `port` in `{environment}`; every address follows"),
        false => format!(
            "give `{name}` another `port` in `{environment}`, and let it listen there; every address follows"
        ),
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{analysis, check, check_fix};

    const PLAN: &str = r#"name = "shop"
[apps.web]
uses.db = {}
uses.reports = {}
[services.db]
kind = "postgres"
[services.reports]
kind = "postgres"
[environments.dev.hosts.laptop]
runs = ["web"]
[environments.dev.hosts.box]
address = "10.0.3.7"
runs = ["db", "reports"]
            # ^^^^^^^^^ `db` and `reports` both take port 5432 of `box`
"#;

    #[test]
    fn two_databases_that_others_reach_on_one_machine_are_found() {
        check("port-clash", PLAN);
    }

    #[test]
    fn its_fix_gives_the_second_the_next_free_port() {
        let (plan, _) = PLAN.split_once("            # ^^^").expect("it is there");
        let after = format!("{plan}\n[environments.dev.services.reports]\nport = 5433\n");
        check_fix("port-clash", plan, &after);
    }

    #[test]
    fn three_on_one_port_get_two_ports_that_differ() {
        let plan = PLAN
            .replace("uses.db = {}", "uses.db = {}\nuses.old = {}")
            .replace(
                "[services.db]",
                "[services.old]\nkind = \"postgres\"\n[services.db]",
            )
            .replace("[\"db\", \"reports\"]", "[\"old\", \"db\", \"reports\"]");
        let findings = analysis(&plan).findings;
        let titles: Vec<&str> = findings
            .iter()
            .filter(|finding| finding.rule == "port-clash")
            .map(|finding| finding.fix.as_ref().expect("a fix").title.as_str())
            .collect();
        assert_eq!(
            titles,
            ["let `db` take port 5433", "let `reports` take port 5434"]
        );
    }

    #[test]
    fn processes_take_ports_too_and_a_container_gives_way_to_them() {
        check(
            "port-clash",
            r#"
name = "shop"
[apps.web]
uses.new = {}
[apps.admin]
image = "ghcr.io/acme/admin:1"
uses.old = {}
[services.new]
kind = "mysql"
[services.old]
kind = "mysql"
runs-as = "process"
[environments.local.hosts.laptop]
runs = ["web", "admin", "new", "old"]
                      # ^^^^^ `old` and `new` both take port 3306 of `laptop`
"#,
        );
    }

    #[test]
    fn containers_that_only_their_neighbours_use_never_clash() {
        check(
            "port-clash",
            r#"
name = "shop"
[apps.web]
image = "ghcr.io/acme/web:1"
uses.db = {}
uses.reports = {}
[services.db]
kind = "postgres"
[services.reports]
kind = "postgres"
[environments.dev.hosts.box]
runs = ["web", "db", "reports"]
"#,
        );
    }

    #[test]
    fn pages_clash_too_and_move_with_the_port_for_clients() {
        let plan = PLAN
            .replace("postgres", "rabbitmq")
            .replace("address = \"10.0.3.7\"\n", "")
            .replace("[\"web\"]", "[\"web\", \"db\", \"reports\"]");
        let (plan, _) = plan
            .split_once("[environments.dev.hosts.box]")
            .expect("it is there");
        let plan = plan.replace("uses.db", "image = \"a/b:1\"\nuses.db");
        let found = analysis(&plan).findings;
        let clash = found.iter().find(|finding| finding.rule == "port-clash");
        assert_eq!(
            clash.expect("there is one").message,
            "`db` and `reports` both take port 15672 of `laptop`"
        );
        let after = format!("{plan}\n[environments.dev.services.reports]\nport = 5673\n");
        check_fix("port-clash", &plan, &after);
    }

    const ONE_MACHINE: &str = r#"name = "shop"
[apps.web]
image = "ghcr.io/acme/web:1"
uses.db = {}
[services.db]
kind = "postgres"
expose = "network"
[environments.dev.hosts.box]
address = "10.0.3.7"
runs = ["web", "db"]
[environments.test.hosts.ci]
address = "10.0.3.7"
runs = ["web", "db"]
             # ^^^^ `db` and `db` of `dev` both take port 5432 of one machine
[environments.local.hosts.laptop]
runs = ["web", "db"]
[environments.other-test.hosts.laptop]
runs = ["web", "db"]
"#;

    #[test]
    fn two_environments_on_one_machine_clash_where_their_hosts_say_one_address() {
        check("port-clash", ONE_MACHINE);
    }

    #[test]
    fn its_fix_gives_the_second_environment_another_port() {
        let comment =
            "             # ^^^^ `db` and `db` of `dev` both take port 5432 of one machine\n";
        let plan = ONE_MACHINE.replace(comment, "");
        let after = plan.replace(
            "[environments.local.",
            "\n[environments.test.services.db]\nport = 5433\n[environments.local.",
        );
        check_fix("port-clash", &plan, &after);
    }
}
