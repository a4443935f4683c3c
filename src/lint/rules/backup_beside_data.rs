//! `backup-beside-data`: copies on the machine of what they are copies of.

use std::collections::BTreeMap;

use crate::catalog::Kind;
use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::listing::named;
use crate::lint::placing::{self, Destination};
use crate::lint::protection::{Kept, kept};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{HostName, PlanPath, Role, Tier};
use crate::topology::{Instance, Topology};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "backup-beside-data",
        severity: Severity::Warn,
        summary: "backups are kept on the machine of the data",
        explanation: "\
What it finds: in an environment of the tier `production`, a service whose copies all go to something on
its own machine: every target that it, or an app that uses it, has in the role `backup` runs there.

Why it matters: a backup is for the day on which the machine is gone: its disk, its provider, or its
owner's access to it. Copies beside the data are gone with the data.

When it is fine: a first copy that is kept near for speed, when something outside of the plan carries it
further. Say so in `[rules]` with the reason.

Instead: let the copies go to another machine, better to another place. `backstay check --fix` moves the
target: to its provider if only a provider runs it, else to a host of its own.",
    },
    check,
};

/// A backup's target and the services whose machine it shares.
type Beside<'t> = BTreeMap<&'t Instance, Vec<Kept<'t>>>;

fn check(context: &LintContext, sink: &mut Sink) {
    let productions = context
        .topologies
        .iter()
        .filter(|topology| topology.tier == Some(Tier::Production));
    for topology in productions {
        for (target, services) in beside(topology) {
            sink.push(finding(topology, target, &services));
        }
    }
}

fn beside(topology: &Topology) -> Beside<'_> {
    let mut found = Beside::new();
    let mut links = topology.links();
    if !links.any(|link| link.connection.roles.contains(&Role::Backup)) {
        return found;
    }
    for kept in kept(topology) {
        let is_near = |host: &HostName| {
            let mut instances = kept.instances.iter();
            instances.any(|instance| instance.host == *host)
        };
        let all_near = kept.backups.iter().all(|link| is_near(&link.target.host));
        let first = kept.backups.first().map(|link| link.target);
        if let Some(target) = first.filter(|_| all_near) {
            found.entry(target).or_default().push(kept);
        }
    }
    found
}

fn finding(topology: &Topology, target: &Instance, services: &[Kept]) -> Finding {
    let environment = &topology.environment;
    let place = |instance: &Instance| {
        let (host, component) = (instance.host.as_str(), instance.component.as_str());
        PlanPath::placement(environment.as_str(), host, component)
    };
    let names = named(services.iter().map(|kept| &kept.component.name));
    let (name, host) = (&target.component, &target.host);
    let message = format!("`{name}` keeps the copies of {names} on the same machine, `{host}`");
    let destination = destination(topology, target);
    let finding = Finding::new(&RULE.info, Label::new(place(target), "the copies"), message)
        .in_environment(environment)
        .help("let the copies go to another machine: whoever loses this one loses both")
        .fix(
            format!("move `{name}` to {destination}"),
            placing::relocate(topology, name, host, &destination),
        );
    let near = services.iter().flat_map(|kept| &kept.instances);
    near.filter(|instance| instance.host == *host)
        .map(|instance| Label::new(place(instance), "the data"))
        .fold(finding, Finding::and)
}

/// Its provider if only a provider runs it, or else a machine of its own.
fn destination(topology: &Topology, target: &Instance) -> Destination {
    let service = topology.components[&target.component].service();
    let declared: Option<&Kind> = service.map(|service| {
        let declared = service.stands_in_for.as_ref();
        &**declared.unwrap_or(&service.kind)
    });
    match declared.filter(|kind| !kind.runs_on_machines()) {
        Some(kind) => placing::home_of(topology, kind),
        None => Destination::NewMachine(placing::free_name(topology, "backup", 1)),
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{check, check_fix};

    const PLAN: &str = r#"name = "shop"
[apps.web]
uses.db = {}
[services.db]
kind = "postgres"
uses.copies = { role = "backup" }
[services.copies]
kind = "seaweedfs"
[environments.test.hosts.ci]
runs = ["web", "db", "copies"]
[environments.prod.hosts.app-1]
address = "10.0.1.11"
runs = ["web"]
[environments.prod.hosts.data-1]
address = "10.0.1.21"
runs = ["db", "copies"] # both
            # ^^^^^^^^ `copies` keeps the copies of `db` on the same machine, `data-1`
"#;

    #[test]
    fn copies_beside_the_data_are_found_in_production_only() {
        check("backup-beside-data", PLAN);
    }

    #[test]
    fn its_fix_moves_the_copies_to_a_machine_of_their_own() {
        let (plan, _) = PLAN.split_once("            # ^^^^").expect("it is there");
        let after = format!(
            "{}\n[environments.prod.hosts.backup-1]\naddress = \"192.0.2.11\"\nruns = [\"copies\"]\n",
            plan.replace("[\"db\", \"copies\"] # both", "[\"db\"] # both")
        );
        check_fix("backup-beside-data", plan, &after);
    }

    #[test]
    fn what_only_a_provider_runs_is_moved_to_the_provider() {
        let (plan, _) = PLAN.split_once("            # ^^^^").expect("it is there");
        let plan = plan.replace("seaweedfs", "wasabi");
        let after = format!(
            "{}\n[environments.prod.hosts.wasabi]\nkind = \"managed\"\nruns = [\"copies\"]\n",
            plan.replace("[\"db\", \"copies\"] # both", "[\"db\"] # both")
        );
        check_fix("backup-beside-data", &plan, &after);
    }

    #[test]
    fn a_second_target_elsewhere_is_enough() {
        check(
            "backup-beside-data",
            r#"
name = "shop"
[apps.web]
uses.db = {}
uses.lake = { role = "backup" }
[services.db]
kind = "postgres"
uses.copies = { role = "backup" }
[services.copies]
kind = "seaweedfs"
[services.lake]
kind = "s3"
[environments.prod.hosts.data-1]
runs = ["web", "db", "copies"]
[environments.prod.hosts.aws]
kind = "managed"
runs = ["lake"]
"#,
        );
    }
}
