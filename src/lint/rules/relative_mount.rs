//! `relative-mount`: a host away from the plan mounts what lies beside the plan.

use std::collections::BTreeMap;

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::declared::container_path;
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{Tier, VolumeName};
use crate::topology::{Component, Host, Topology};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "relative-mount",
        severity: Severity::Note,
        summary: "a host away from the plan mounts what lies beside the plan",
        explanation: "\
What it finds: a folder or file of `container.volumes` with a `from` that starts at the plan's folder, on a machine
that is not the one where the plan is: one with an `address`, in an environment that is neither local nor for tests.
One finding for each environment.

Why it matters: what is copied to a host is its own folder, `deploy/prod/data-1`, and seen from there the plan's folder
is three above. Copied to `/root/data-1`, that is `/`; what is not there the container engine makes as an empty
folder, so that a database begins anew and a file of settings becomes a folder.

When it is fine: where the whole folder of the plan is on the host, as after `git clone`. Say so in `[rules]` with the
reason.

Instead: for data a volume: take `from` away, and copy the data in once. Or the place on the host that it has there,
in the environment: `[environments.prod.services.db.container.volumes.data]` with `from = \"/srv/db\"`. What is only read
is copied along, as the `README.md` of the environment says.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    for topology in context.topologies {
        let mut found: BTreeMap<&str, Mounted> = BTreeMap::new();
        for component in topology.components.values() {
            let hosts = topology.container_hosts(component);
            let Some(host) = hosts.into_iter().find(|host| is_away(topology, host)) else {
                continue;
            };
            for (volume, mount) in &component.container.volumes {
                if let Some(from) = mount.beside_plan() {
                    let mounted = Mounted {
                        component,
                        host,
                        volume,
                        is_read: mount.read_only.unwrap_or(false),
                    };
                    let known = found.entry(from).or_insert(mounted);
                    // Who writes there loses most.
                    if known.is_read && !mounted.is_read {
                        *known = mounted;
                    }
                }
            }
        }
        if let Some(finding) = finding(context, topology, found) {
            sink.push(finding);
        }
    }
}

/// What lies beside the plan, as the first component mounts it.
#[derive(Clone, Copy)]
struct Mounted<'t> {
    component: &'t Component,
    host: &'t Host,
    volume: &'t VolumeName,
    is_read: bool,
}

/// Whether a host is another machine than the one where the plan is. One that nobody has to reach may be the same.
fn is_away(topology: &Topology, host: &Host) -> bool {
    let is_at_hand = matches!(topology.tier, Some(Tier::Local | Tier::Test));
    !is_at_hand && host.address.is_some()
}

/// Most places that are shown.
const MOST_SHOWN: usize = 5;

fn finding(
    context: &LintContext,
    topology: &Topology,
    found: BTreeMap<&str, Mounted>,
) -> Option<Finding> {
    let count = found.len();
    let mut found: Vec<(&str, Mounted)> = found.into_iter().collect();
    found.sort_by_key(|(from, mounted)| (mounted.is_read, *from));
    let place = |mounted: &Mounted| {
        let words = ["volumes", mounted.volume.as_str()];
        container_path(context.plan, topology, mounted.component, &words).key("from")
    };
    let (from, first) = found.first()?;
    let (name, host) = (&first.component.name, &first.host.name);
    let more = match count {
        1 => String::new(),
        2 => "; so does one more folder or file that is mounted".to_owned(),
        n => format!("; so do {} more folders and files that are mounted", n - 1),
    };
    let message = format!(
        "`{name}` on `{host}` mounts `{from}`, which lies beside the plan and not in the folder that is copied there{more}"
    );
    let finding = Finding::new(&RULE.info, Label::new(place(first), ""), message)
        .in_environment(&topology.environment)
        .help("keep data in a volume, without `from`, or say where it lies on the host: from = \"/srv/data\"; bring along what is only read");
    let others = found.iter().skip(1).take(MOST_SHOWN - 1);
    let labels = others.map(|(_, mounted)| {
        let (name, host) = (&mounted.component.name, &mounted.host.name);
        Label::new(place(mounted), format!("`{name}` on `{host}`"))
    });
    Some(labels.fold(finding, Finding::and))
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::check;

    #[test]
    fn what_lies_beside_the_plan_is_not_on_other_hosts() {
        check(
            "relative-mount",
            r#"
name = "shop"
[apps.web]
image = "acme/web:1"
container.volumes.conf = { from = "./conf", path = "/conf", read-only = true }
container.volumes.time = { from = "/etc/localtime", path = "/etc/localtime" }
[services.db]
kind = "postgres"
container.from-catalog = false
container.volumes.data = { from = "./db", path = "/data" }
                                # ^^^^^^ `db` on `data-1` mounts `./db`, which lies beside the plan and not in the folder that is copied there; so does one more folder or file that is mounted
container.volumes.more = { path = "/more" }
[environments.local.hosts.laptop]
runs = ["web", "db"]
[environments.dev.hosts.laptop]
runs = ["web"]
[environments.prod.hosts.app-1]
address = "10.0.0.1"
runs = ["web"]
[environments.prod.hosts.data-1]
address = "10.0.0.2"
runs = ["db"]
"#,
        );
    }
}
