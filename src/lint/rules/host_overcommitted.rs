//! `host-overcommitted`: what a machine runs may take more than the machine has.

use std::cmp::Reverse;

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::listing::listed;
use crate::lint::machines::{HostIn, machines};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{ByteSize, PlanPath};
use crate::topology::Component;

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "host-overcommitted",
        severity: Severity::Warn,
        summary: "what a machine runs may take more than the machine has",
        explanation: "\
What it finds: a machine whose `memory` is less than the limits of what it runs, taken together: those of
the plan, or else of the kinds. Denied where it is less than the kinds need to start at all, and where
one component is to have more `cpus` than the machine has, which engines refuse. As a note: `cpus` of the
plan that add up to more. Hosts of several environments with one address are one machine.

Why it matters: limits are what things grow to under load. When the memory is gone, the kernel ends
whatever is largest, and that is usually the database.

When it is fine: services that are never busy at the same time, with swap for the rest. Say so in
`[rules]` with the reason.

Instead: give the machine more memory, move something to another, or lower a `memory` that is more than
its component needs.",
    },
    check,
};

/// Something that a machine runs, with where it is said to.
struct Tenant<'t> {
    place: HostIn<'t>,
    component: &'t Component,
}

fn check(context: &LintContext, sink: &mut Sink) {
    for machine in machines(context.topologies) {
        let memory = first_said(&machine, |(_, host)| host.memory);
        let cpus = first_said(&machine, |(_, host)| host.cpus);
        if memory.is_none() && cpus.is_none() {
            continue;
        }
        let tenants = tenants(&machine);
        if let Some((place, memory)) = memory {
            memory_finding(place, memory, &tenants)
                .into_iter()
                .for_each(|finding| sink.push(finding));
        }
        if let Some((place, cpus)) = cpus {
            cpus_finding(place, cpus, &tenants)
                .into_iter()
                .for_each(|finding| sink.push(finding));
        }
    }
}

/// The first host of a machine that says something, with what it says.
fn first_said<'t, T>(
    machine: &[HostIn<'t>],
    said: impl Fn(&HostIn<'t>) -> Option<T>,
) -> Option<(HostIn<'t>, T)> {
    let mut hosts = machine.iter();
    hosts.find_map(|place| Some((*place, said(place)?)))
}

fn tenants<'t>(machine: &[HostIn<'t>]) -> Vec<Tenant<'t>> {
    let hosts = machine.iter().flat_map(|place| {
        let (topology, host) = *place;
        let components = host.runs.iter().map(|name| topology.components.get(name));
        components.flatten().map(|component| Tenant {
            place: *place,
            component,
        })
    });
    hosts.collect()
}

fn memory_finding(place: HostIn, has: ByteSize, tenants: &[Tenant]) -> Option<Finding> {
    let mut shares: Vec<(&Tenant, ByteSize)> = tenants
        .iter()
        .filter_map(|tenant| Some((tenant, tenant.component.known_memory()?)))
        .collect();
    let sum: ByteSize = shares.iter().map(|(_, share)| *share).sum();
    let least: ByteSize = tenants.iter().filter_map(minimum).sum();
    let host = &place.1.name;
    let message = if least > has {
        format!("`{host}` has {has}, but what it runs needs {least} to start at all")
    } else if sum > has {
        format!("`{host}` has {has}, but what it runs may take {sum}")
    } else {
        return None;
    };
    shares.sort_by_key(|(tenant, share)| (Reverse(*share), &tenant.component.name));
    let shares = shares
        .iter()
        .map(|(tenant, share)| format!("{} {share}", tenant.said(place)));
    let finding = finding(place, "memory", message).help(format!(
        "more memory, another machine, or a lower `memory` of one: {}",
        listed(shares)
    ));
    Some(match least > has {
        true => finding.severity(Severity::Deny),
        false => finding,
    })
}

/// What a component cannot start below.
fn minimum(tenant: &Tenant) -> Option<ByteSize> {
    let service = tenant.component.service()?;
    Some(service.kind.container.as_ref()?.memory.minimum)
}

fn cpus_finding(place: HostIn, has: f64, tenants: &[Tenant]) -> Option<Finding> {
    let shares: Vec<(&Tenant, f64)> = tenants
        .iter()
        .filter_map(|tenant| Some((tenant, tenant.component.cpus?)))
        .collect();
    let sum: f64 = shares.iter().map(|(_, share)| share).sum();
    let host = &place.1.name;
    if let Some((tenant, share)) = shares.iter().find(|(_, share)| *share > has) {
        let message = format!(
            "{} is to have {share} processors, but `{host}` has {has}",
            tenant.said(place)
        );
        return Some(
            finding(place, "cpus", message)
                .severity(Severity::Deny)
                .help("engines refuse to start it: lower its `cpus`, or give it a larger machine"),
        );
    }
    let said = shares
        .iter()
        .map(|(tenant, share)| format!("{} {share}", tenant.said(place)));
    (sum > has).then(|| {
        let message =
            format!("`{host}` has {has} processors, but what it runs may take {sum:.1} together");
        finding(place, "cpus", message)
            .severity(Severity::Note)
            .help(format!("when all are busy, all are slow: {}", listed(said)))
    })
}

fn finding((topology, host): HostIn, key: &str, message: String) -> Finding {
    let environment = &topology.environment;
    let path = PlanPath::host(environment.as_str(), host.name.as_str());
    Finding::new(&RULE.info, Label::new(path.key(key), ""), message).in_environment(environment)
}

impl Tenant<'_> {
    /// Its name, with its environment if that is another than the finding's.
    fn said(&self, (topology, _): HostIn) -> String {
        let (name, own) = (&self.component.name, &self.place.0.environment);
        match *own == topology.environment {
            true => format!("`{name}`"),
            false => format!("`{name}` of `{own}`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{analysis, check};

    fn host(more: &str) -> String {
        format!(
            r#"
name = "shop"
[apps.web]
image = "acme/web:1"
memory = "512 MiB"
uses.db = {{}}
uses.cache = {{}}
[services.db]
kind = "mysql"
[services.cache]
kind = "redis"
[environments.dev.hosts.box]
runs = ["web", "db", "cache"]
{more}
"#
        )
    }

    fn help(plan: &str) -> String {
        let findings = analysis(plan).findings;
        let finding = findings
            .iter()
            .find(|finding| finding.rule == "host-overcommitted");
        finding
            .and_then(|finding| finding.help.clone())
            .expect("it is found")
    }

    #[test]
    fn limits_of_plan_and_kinds_beyond_the_memory_are_found_with_their_shares() {
        let plan = host(
            "memory = \"1 GiB\"\n       # ^^^^^^^ `box` has 1 GiB, but what it runs may take 2 GiB",
        );
        check("host-overcommitted", &plan);
        assert_eq!(
            help(&plan),
            "more memory, another machine, or a lower `memory` of one: `db` 1 GiB, `cache` 512 MiB, `web` 512 MiB"
        );
    }

    #[test]
    fn limits_beyond_all_numbers_are_as_much_as_can_be_said() {
        let most =
            |name: &str| format!("\n[environments.dev.services.{name}]\nmemory = \"16000000 TiB\"");
        let said = "memory = \"1 GiB\"\n       # ^^^^^^^ `box` has 1 GiB, but what it runs may take 16777216 TiB";
        let plan = host(&format!("{said}{}{}", most("db"), most("cache")));
        check("host-overcommitted", &plan);
    }

    #[test]
    fn less_than_what_starts_is_denied_and_enough_is_fine() {
        let plan = host(
            "memory = \"256 MiB\"\n       # ^^^^^^^^^ `box` has 256 MiB, but what it runs needs 416 MiB to start at all",
        );
        check("host-overcommitted", &plan);
        check("host-overcommitted", &host("memory = \"2 GiB\""));
    }

    #[test]
    fn processors_are_added_up_and_none_may_have_more_than_there_are() {
        let cpus = |said: &str| {
            format!(
                "[environments.dev.services.db]\ncpus = {said}\n[environments.dev.services.cache]\ncpus = 1.5"
            )
        };
        check(
            "host-overcommitted",
            &host(&format!(
                "cpus = 2\n     # ^ `box` has 2 processors, but what it runs may take 3.0 together\n{}",
                cpus("1.5")
            )),
        );
        check(
            "host-overcommitted",
            &host(&format!(
                "cpus = 2\n     # ^ `db` is to have 4 processors, but `box` has 2\n{}",
                cpus("4")
            )),
        );
    }

    #[test]
    fn one_address_is_one_machine_in_all_environments() {
        let plan = host(
            "address = \"10.0.3.7\"\nmemory = \"3 GiB\"\n       # ^^^^^^^ `box` has 3 GiB, but what it runs may take 4 GiB\n[environments.test.hosts.ci]\naddress = \"10.0.3.7\"\nruns = [\"web\", \"db\", \"cache\"]",
        );
        check("host-overcommitted", &plan);
        assert!(help(&plan).contains("`db` of `test` 1 GiB"));
    }
}
