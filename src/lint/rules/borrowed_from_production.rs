//! `borrowed-from-production`: a host of production that a lower environment connects to.

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::declared::{override_of, service_path};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{ComponentName, Edit, EnvironmentName, HostKind, HostName, PlanPath, Tier};
use crate::topology::{Component, Instance, Service, Topology, Via};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "borrowed-from-production",
        severity: Severity::Deny,
        summary: "an environment below production connects to production's hosts",
        explanation: "\
What it finds: in an environment of any tier but `production`, a host with `borrow` of an environment of
the tier `production`; also a connection to a service whose `address` is the same as in production.

Why it matters: whatever is tried out there is tried on the users' data. A test that clears its tables
clears theirs, a developer's laptop holds credentials of production, and the load of an experiment
slows down everybody.

When it is fine: hardly ever. A read-only copy that production itself offers is a host of its own and
better declared as one.

Instead: give the environment a host of its own with a copy of the data, stripped of what is personal,
or borrow from an environment below production. `backstay check --fix` makes the host its own, unless an
address would lead to production all the same.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    for topology in context
        .topologies
        .iter()
        .filter(|topology| is_lower(topology))
    {
        for host in topology.hosts.values() {
            if let Some(lender) = &host.borrowed_from
                && context.plan.environments.contains_key(lender)
                && context.plan.tier(lender) == Some(Tier::Production)
            {
                sink.push(finding(context, topology, &host.name, lender));
            }
        }
        check_addresses(context, topology, sink);
    }
}

/// Services that the environment reaches at an address that production says too.
fn check_addresses(context: &LintContext, topology: &Topology, sink: &mut Sink) {
    let reached = with_address(topology).filter(|(component, _)| {
        let mut instances = topology.instances_of(&component.name);
        instances.any(|instance| is_reached_at_its_address(topology, component, instance))
    });
    for (component, service) in reached {
        let productions = context
            .topologies
            .iter()
            .filter(|other| other.tier == Some(Tier::Production));
        let shared = productions
            .flat_map(|production| {
                with_address(production).map(move |(theirs, of)| (production, theirs, of))
            })
            .find(|(_, theirs, of)| {
                of.address == service.address
                    && theirs.port == component.port
                    && !are_apart(service, of)
            });
        if let Some((production, theirs, _)) = shared {
            sink.push(shared_address(
                context,
                topology,
                component,
                (production, theirs),
            ));
        }
    }
}

/// The services that the plan says an address of.
fn with_address(topology: &Topology) -> impl Iterator<Item = (&Component, &Service)> {
    let services = topology.components.values();
    services
        .filter_map(|component| Some((component, component.service()?)))
        .filter(|(_, service)| service.address.is_some())
}

fn is_reached_at_its_address(
    topology: &Topology,
    component: &Component,
    instance: &Instance,
) -> bool {
    let said = component
        .service()
        .and_then(|service| service.address.as_ref());
    topology.users_of(instance).iter().any(|link| {
        // Of a borrowed host there is a finding already.
        let is_borrowed = matches!(link.connection.via, Via::Borrowed(_));
        !is_borrowed && link.connection.endpoint.host.as_ref() == said
    })
}

/// Whether a part that is the environment's own, such as a bucket, keeps the data apart.
fn are_apart(service: &Service, theirs: &Service) -> bool {
    let parts = service.kind.parts.iter();
    let mut own = parts.filter(|(_, part)| {
        let default = part.default.as_deref();
        default.is_some_and(|default| default.contains("environment"))
    });
    own.any(|(part, _)| {
        let said = service.parts.get(part.as_str());
        said.is_none() || said != theirs.parts.get(part.as_str())
    })
}

fn shared_address(
    context: &LintContext,
    topology: &Topology,
    component: &Component,
    (production, theirs): (&Topology, &Component),
) -> Finding {
    let (environment, name) = (&topology.environment, &component.name);
    let lender = &production.environment;
    let place = address_path(context, component);
    let other = match address_path(context, theirs) {
        path if path == place => {
            let host = &production.hosts_of(&theirs.name)[0];
            PlanPath::placement(lender.as_str(), host.as_str(), theirs.name.as_str())
        }
        path => path,
    };
    let message = format!(
        "`{environment}` connects to production: `{name}` has the address that `{lender}` uses"
    );
    Finding::new(&RULE.info, Label::new(place, ""), message)
        .in_environment(environment)
        .and(Label::new(other, "serves production"))
        .help(format!(
            "give `{environment}` a copy, and its `address` in `[environments.{environment}.services.{name}]`"
        ))
}

/// Where the plan says the address that a service has in the environment that owns it.
fn address_path(context: &LintContext, component: &Component) -> PlanPath {
    let over = override_of(context.plan, Some(&component.owner), &component.name);
    let says = over.is_some_and(|over| over.address.is_some());
    service_path(says.then_some(&component.owner), &component.name).key("address")
}

fn is_lower(topology: &Topology) -> bool {
    topology.tier.is_some_and(|tier| tier != Tier::Production)
}

fn finding(
    context: &LintContext,
    topology: &Topology,
    host: &HostName,
    lender: &EnvironmentName,
) -> Finding {
    let environment = &topology.environment;
    let path = PlanPath::host(environment.as_str(), host.as_str());
    let lent = PlanPath::host(lender.as_str(), host.as_str());
    let finding = Finding::new(
        &RULE.info,
        Label::new(path.key("borrow"), ""),
        format!("`{environment}` connects to production: `{host}` is borrowed from `{lender}`"),
    )
    .in_environment(environment)
    .and(Label::new(lent, "serves production"))
    .help(format!(
        "give `{environment}` a copy on a host of its own, or borrow from an environment below production"
    ));
    match edits(context, topology, host) {
        Some(edits) => {
            let is_managed = topology.hosts[host].kind == HostKind::Managed;
            let left = match is_managed {
                true => "give what it runs an `address` of its own then",
                false => "give it its `address` then",
            };
            finding.fix(
                format!("make `{host}` a host of `{environment}`; {left}"),
                edits,
            )
        }
        None => finding,
    }
}

/// The edits that end the borrowing. None where the host says an address, or what it runs keeps one: that
/// would be production's.
fn edits(context: &LintContext, topology: &Topology, host: &HostName) -> Option<Vec<Edit>> {
    let environment = &topology.environment;
    let declared = context
        .plan
        .environments
        .get(environment)?
        .hosts
        .get(host)?;
    let keeps_address = |name: &ComponentName| keeps_address(context, environment, name);
    if declared.address.is_some() || declared.runs.iter().any(keeps_address) {
        return None;
    }
    let path = PlanPath::host(environment.as_str(), host.as_str());
    let mut edits = vec![Edit::Remove {
        path: path.clone().key("borrow"),
    }];
    let kind = topology.hosts[host].kind;
    if declared.kind.is_none() && kind != HostKind::Machine {
        edits.push(Edit::set_text(path.key("kind"), kind.to_string()));
    }
    Some(edits)
}

/// Whether a service has an address in `environment` even if it is the environment's own.
fn keeps_address(
    context: &LintContext,
    environment: &EnvironmentName,
    name: &ComponentName,
) -> bool {
    let base = context.plan.services.get(name);
    let over = override_of(context.plan, Some(environment), name);
    let mut declared = base.into_iter().chain(over);
    declared.any(|service| service.address.is_some())
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{analysis, check, check_fix};

    const PLAN: &str = r#"
name = "shop"
[apps.web]
uses.db = {}
[services.db]
kind = "postgres"
[environments.dev.hosts.laptop]
runs = ["web"]
[environments.dev.hosts.data-1]
borrow = "prod"
       # ^^^^^^ `dev` connects to production: `data-1` is borrowed from `prod`
runs = ["db"]
[environments.prod.hosts.data-1]
address = "10.0.1.21"
runs = ["db"]
"#;

    #[test]
    fn a_lower_environment_on_production_data_is_found() {
        check("borrowed-from-production", PLAN);
    }

    #[test]
    fn its_fix_makes_the_host_the_environments_own() {
        let borrowed = "borrow = \"prod\"\n       # ^^^^^^ `dev` connects to production: `data-1` is borrowed from `prod`\n";
        let before = PLAN.replace(borrowed, "borrow = \"prod\"\n");
        check_fix(
            "borrowed-from-production",
            &before,
            &PLAN.replace(borrowed, ""),
        );
        let findings = analysis(PLAN).findings;
        let fixes = findings.iter().filter_map(|finding| finding.fix.as_ref());
        let titles: Vec<&str> = fixes.map(|fix| fix.title.as_str()).collect();
        let title = "make `data-1` a host of `dev`; give it its `address` then";
        assert!(titles.contains(&title), "{titles:?}");
    }

    #[test]
    fn a_managed_host_stays_managed_when_it_is_fixed() {
        let plan = r#"name = "shop"
[services.uploads]
kind = "wasabi"
[environments.dev.hosts.cloud]
borrow = "prod"
runs = ["uploads"]
[environments.prod.hosts.cloud]
kind = "managed"
runs = ["uploads"]
"#;
        let after = plan.replace(
            "borrow = \"prod\"\nruns = [\"uploads\"]\n",
            "runs = [\"uploads\"]\nkind = \"managed\"\n",
        );
        check_fix("borrowed-from-production", plan, &after);
    }

    #[test]
    fn production_s_own_address_is_never_made_another_s() {
        let plan = PLAN.replace(
            "runs = [\"db\"]\n[env",
            "address = \"10.0.1.21\"\nruns = [\"db\"]\n[env",
        );
        let findings = analysis(&plan).findings;
        let mut of_rule = findings
            .iter()
            .filter(|finding| finding.rule == "borrowed-from-production");
        assert_eq!(of_rule.next().map(|finding| &finding.fix), Some(&None));
    }

    #[test]
    fn a_service_that_keeps_production_s_address_gets_no_fix() {
        let plan = PLAN.replace(
            "kind = \"postgres\"\n",
            "kind = \"postgres\"\naddress = \"db.corp.example\"\n",
        );
        let findings = analysis(&plan).findings;
        let mut of_rule = findings
            .iter()
            .filter(|finding| finding.rule == "borrowed-from-production");
        assert_eq!(of_rule.next().map(|finding| &finding.fix), Some(&None));
        assert_eq!(of_rule.next(), None);
    }

    #[test]
    fn an_address_that_production_says_too_is_found_once_in_each_environment() {
        check(
            "borrowed-from-production",
            r#"
name = "shop"
[apps.web]
uses.db = {}
uses.cache = {}
uses.uploads = {}
[services.db]
kind = "postgres"
address = "db.corp.example"
        # ^^^^^^^^^^^^^^^^^ `dev` connects to production: `db` has the address that `prod` uses
[services.cache]
kind = "redis"
[services.uploads]
kind = "wasabi"
address = "s3.corp.example"
[environments.dev.hosts.box]
runs = ["web"]
[environments.dev.hosts.cloud]
kind = "managed"
runs = ["db", "cache", "uploads"]
[environments.dev.services.cache]
address = "10.0.1.21"
        # ^^^^^^^^^^^ `dev` connects to production: `cache` has the address that `prod` uses
[environments.local.hosts.laptop]
runs = ["web", "db", "cache"]
[environments.prod.hosts.app-1]
runs = ["web"]
[environments.prod.hosts.cloud]
kind = "managed"
runs = ["db", "cache", "uploads"]
[environments.prod.services.cache]
address = "10.0.1.21"
"#,
        );
    }

    #[test]
    fn borrowing_from_below_or_within_production_is_fine() {
        check(
            "borrowed-from-production",
            r#"
name = "shop"
[services.db]
kind = "postgres"
[environments.dev.hosts.data-1]
runs = ["db"]
[environments.local.hosts.data-1]
borrow = "dev"
runs = ["db"]
[environments.eu-prod.hosts.data-1]
borrow = "us-prod"
runs = ["db"]
[environments.us-prod.hosts.data-1]
runs = ["db"]
[environments.test.hosts.data-1]
borrow = "live"
runs = ["db"]
"#,
        );
    }
}
