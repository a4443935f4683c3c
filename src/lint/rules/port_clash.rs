//! `port-clash`: two components that take the same port of one machine.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::machines::{HostIn, machines};
use crate::lint::port_fixes::{Fixes, further_of, mended};
use crate::lint::ports::{HostPort, Ports, Taker, is_for_the_world, ports_of};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{HostName, PlanPath, Protocol, RunsAs};
use crate::topology::{Component, Topology};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "port-clash",
        severity: Severity::Deny,
        summary: "two components take the same port of one machine",
        explanation: "\
What it finds: two components on one machine of an environment that take the same port there: the
published ports of containers and the ports of processes. Containers that only their own host's
containers use publish nothing and never clash, and an app behind a proxy of its own host leaves the port to
the proxy unless it says `expose` itself. Hosts of several environments that say the same address
are one machine.

Why it matters: only the first to start gets the port. The other one fails to start, and which of the
two that is may change from day to day.

When it is fine: never, unless the two are never started together.

Instead: give one of them another `port` in this environment; `backstay check --fix` takes the next one
that is free, and moves what is not `expose = \"world\"` where it can. Every address that mentions it follows. What
runs as a process must then listen on that port itself; of an app in a container `published` is another, and it
goes on listening on its `port`. A further port of a container gets another `published`. The port by which the instances of one service reach each other stays where it
is: run one of the two on another host.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    for topology in context.topologies {
        check_hosts(topology, sink);
    }
    for machine in machines(context.topologies) {
        check_across(&machine, sink);
    }
}

/// Ports that one host of an environment is asked for twice.
fn check_hosts(topology: &Topology, sink: &mut Sink) {
    let own = topology.hosts.values().filter(|host| host.is_own_machine());
    let hosts: BTreeMap<&HostName, Ports> = own
        .map(|host| (&host.name, ports_of(topology, host)))
        .collect();
    let mut fixes = Fixes::default();
    for (host, ports) in &hosts {
        let mut reported = BTreeSet::new();
        for (port, takers) in ports {
            for taker in &takers[1..] {
                // Of two ranges one clash is enough.
                let both = [&takers[0], taker].map(|one| (&one.component.name, one.taken.further));
                let is_of_range = both.iter().any(|(_, further)| is_range(*further));
                if is_of_range && !reported.insert(both) {
                    continue;
                }
                let of = topology.hosts_of(&taker.component.name);
                let is_taken = |port: u16| {
                    let mut of = of.iter().filter_map(|host| hosts.get(host));
                    of.any(|ports| ports.contains_key(&(port, Protocol::Tcp)))
                };
                let place = (topology, &topology.hosts[*host]);
                let free = fixes.free(place, *taker, is_taken);
                sink.push(finding(topology, host, *port, [&takers[0], taker], free));
            }
        }
    }
}

/// Ports that several hosts take which are one machine.
fn check_across(machine: &[HostIn], sink: &mut Sink) {
    if machine.len() < 2 {
        return;
    }
    let hosts: Vec<(HostIn, Ports)> = machine
        .iter()
        .map(|place| (*place, ports_of(place.0, place.1)))
        .collect();
    let is_taken = |port: u16| {
        let mut hosts = hosts.iter();
        hosts.any(|(_, ports)| ports.contains_key(&(port, Protocol::Tcp)))
    };
    let mut fixes = Fixes::default();
    let mut first: BTreeMap<HostPort, (HostIn, Taker)> = BTreeMap::new();
    let mut reported = BTreeSet::new();
    for (place, ports) in &hosts {
        for (port, takers) in ports {
            let second = (*place, takers[0]);
            match first.get(port) {
                // What is installed on a machine once may serve two environments.
                Some((_, taker)) if is_one_process(taker.component, second.1.component) => {}
                Some(keeper) => {
                    let both =
                        [keeper.1, second.1].map(|one| (&one.component.name, one.taken.further));
                    if both.iter().any(|(_, further)| is_range(*further)) && !reported.insert(both)
                    {
                        continue;
                    }
                    let gives_way = gives_way(*keeper, second);
                    let free = fixes.free(gives_way.0, gives_way.1, is_taken);
                    sink.push(across(*port, *keeper, second, (gives_way, free)));
                }
                None => drop(first.insert(*port, second)),
            }
        }
    }
}

/// Which of two takes another port: the second, unless it cannot or is the one that the world knows.
fn gives_way<'t>(
    first: (HostIn<'t>, Taker<'t>),
    second: (HostIn<'t>, Taker<'t>),
) -> (HostIn<'t>, Taker<'t>) {
    let known = |one: &(HostIn, Taker)| is_for_the_world(one.1.component);
    let moves = |one: &(HostIn, Taker)| one.1.taken.moves;
    let stays = !moves(&second) || moves(&first) && known(&second) && !known(&first);
    if stays { first } else { second }
}

fn is_range(further: Option<(usize, bool)>) -> bool {
    further.is_some_and(|(_, is_range)| is_range)
}

fn is_one_process(one: &Component, other: &Component) -> bool {
    (one.runs_as, other.runs_as) == (RunsAs::Process, RunsAs::Process) && one.name == other.name
}

fn across(
    port: HostPort,
    (first, keeper): (HostIn, Taker),
    (second, other): (HostIn, Taker),
    ((giving, gives_way), free): ((HostIn, Taker), Option<u16>),
) -> Finding {
    let further = further_of([&keeper, &other]);
    let port = said(port);
    let (taker, other) = (keeper.component, other.component);
    let place = |(topology, host): HostIn, component: &Component| {
        let (environment, host) = (topology.environment.as_str(), host.name.as_str());
        PlanPath::placement(environment, host, component.name.as_str())
    };
    let environment = &second.0.environment;
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
    .and(Label::new(place(first, taker), takes));
    let moving = (giving.0, gives_way.component);
    mended(finding, moving, free, further, |name, free| {
        format!(
            "let `{name}` take port {free} in `{}`",
            giving.0.environment
        )
    })
}

fn finding(
    topology: &Topology,
    host: &HostName,
    port: HostPort,
    both: [&Taker; 2],
    free: Option<u16>,
) -> Finding {
    let [first, second] = both.map(|taker| taker.component);
    let port = said(port);
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
    .and(Label::new(place(first), takes));
    let further = further_of(both);
    mended(finding, (topology, second), free, further, |name, free| {
        format!("let `{name}` take port {free}")
    })
}

/// `53/udp`, and TCP's by their numbers alone.
fn said((port, protocol): HostPort) -> String {
    match protocol {
        Protocol::Tcp => port.to_string(),
        Protocol::Udp => format!("{port}/{protocol}"),
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
            "\n[environments.test.services.db]\nport = 5433\n\n[environments.local.",
        );
        check_fix("port-clash", &plan, &after);
    }

    #[test]
    fn what_the_world_knows_keeps_its_port() {
        let plan = r#"name = "shop"
[apps.web]
image = "ghcr.io/acme/web:1"
port = 8080
expose = "machine"
[services.front]
kind = "nginx"
expose = "world"
uses.web = { role = "proxy" }
[environments.local.hosts.laptop]
runs = ["web", "front"]
"#;
        let after = format!("{plan}\n[environments.local.apps.web]\npublished = 8081\n");
        check_fix("port-clash", plan, &after);
        let two = plan.replace(
            "runs = [\"web\", \"front\"]",
            "address = \"10.0.3.7\"\nruns = [\"web\"]\n[environments.test.hosts.ci]\naddress = \"10.0.3.7\"\nruns = [\"front\"]",
        );
        let two = two.replace("expose = \"machine\"", "expose = \"network\"");
        let after = two.replace(
            "[environments.test.",
            "\n[environments.local.apps.web]\npublished = 8081\n\n[environments.test.",
        );
        check_fix("port-clash", &two, &after);
    }

    #[test]
    fn the_port_for_peers_never_moves_so_that_no_fix_is_offered() {
        let mut plan = r#"name = "shop"
[services.one]
kind = "cassandra"
[services.two]
kind = "cassandra"
"#
        .to_owned();
        for number in 1..4 {
            plan += &format!(
                "[environments.prod.hosts.box-{number}]\naddress = \"10.0.3.{number}\"\nruns = [\"one\", \"two\"]\n"
            );
        }
        let findings = analysis(&plan).findings;
        let clashes: Vec<_> = findings
            .iter()
            .filter(|finding| finding.rule == "port-clash")
            .map(|finding| (finding.help.as_deref(), finding.fix.is_some()))
            .collect();
        assert_eq!(
            clashes,
            [(Some("run one of them on another host"), false); 3]
        );
        let as_processes = plan.replace("\"cassandra\"", "\"cassandra\"\nruns-as = \"process\"");
        let findings = analysis(&as_processes).findings;
        let mut messages = findings.iter().map(|finding| finding.message.as_str());
        assert!(
            messages.any(|message| message == "`one` and `two` both take port 7000 of `box-1`")
        );
    }

    #[test]
    fn a_page_on_one_machine_moves_with_the_port_for_clients_too() {
        let plan = ONE_MACHINE.replace("postgres", "rabbitmq");
        let found = analysis(&plan).findings;
        let titles: Vec<&str> = found
            .iter()
            .filter(|finding| finding.rule == "port-clash")
            .map(|finding| finding.fix.as_ref().expect("a fix").title.as_str())
            .collect();
        assert_eq!(titles, ["let `db` take port 5673 in `test`"; 2]);
    }

    #[test]
    fn further_ports_clash_by_what_they_speak_and_ranges_once() {
        let plan = r#"
name = "shop"
[apps.calls]
image = "acme/calls:1"
container.ports.media = { port = 30000, through = 30009, protocol = "udp" }
container.ports.plain = { port = 30005 }
[apps.dns]
image = "acme/dns:1"
container.ports.dns = { port = 53, published = 30008, protocol = "udp" }
[apps.more]
image = "acme/more:1"
container.ports.media = { port = 1, through = 5, published = 30001, protocol = "udp" }
[apps.web]
image = "acme/web:1"
port = 80
published = 30005
[environments.dev.hosts.box]
runs = ["calls", "dns", "more", "web"]
               # ^^^^^ `calls` and `dns` both take port 30008/udp of `box`
                      # ^^^^^^ `calls` and `more` both take port 30001/udp of `box`
                              # ^^^^^ `calls` and `web` both take port 30005 of `box`
"#;
        check("port-clash", plan);
        let found = analysis(plan).findings;
        let clashes = found.iter().filter(|finding| finding.rule == "port-clash");
        let helps: Vec<_> = clashes.map(|finding| finding.help.as_deref()).collect();
        assert_eq!(
            helps[0],
            Some("give `container.ports.dns` of `dns` another `published`")
        );
        let web = found
            .iter()
            .find(|finding| finding.message.contains("`web`"));
        let fix = web.and_then(|finding| finding.fix.as_ref()).expect("a fix");
        assert_eq!(fix.title, "let `web` take port 30006");
    }
}
