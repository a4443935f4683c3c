//! `invalid-mount`: something that cannot be mounted into a container as the plan says.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Label, RuleInfo, Severity, quoted};
use crate::lint::declared::container_path;
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{Mount, PlanPath, VolumeName};
use crate::topology::{Component, Topology};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "invalid-mount",
        severity: Severity::Deny,
        summary: "something cannot be mounted as the plan says",
        explanation: "\
What it finds: two volumes, or a volume and a folder in memory, at one path of a container, and a volume of a
service without a `path`, unless the service's kind has a volume of that name.

Why it matters: engines refuse a container with two things at one path, and one that is mounted nowhere, when
it is started; nothing sees it before.

When it is fine: never.

Instead: give each of them a `path` of its own. What a kind mounts by itself gives way to what the plan mounts by
the same name or at the same path.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    let mut reported = BTreeSet::new();
    for topology in context.topologies {
        for component in topology.components.values() {
            let is_written = topology.container_hosts(component).next().is_some();
            if !is_written || component.container.volumes.is_empty() {
                continue;
            }
            for (place, other, message) in faults(context, topology, component) {
                let is_new = reported.insert((place.clone(), message.clone()));
                if is_new {
                    sink.push(finding(topology, place, other, message));
                }
            }
        }
    }
}

type Fault = (PlanPath, Option<PlanPath>, String);

fn faults(context: &LintContext, topology: &Topology, component: &Component) -> Vec<Fault> {
    let place = |words: &[&str]| container_path(context.plan, topology, component, words);
    let of_mount = |name: &VolumeName| place(&["volumes", name.as_str()]);
    let mut faults = Vec::new();
    let mut taken: BTreeMap<String, PlanPath> = BTreeMap::new();
    for folder in component.container.tmpfs.iter().flatten() {
        let folder = folder.split(':').next().unwrap_or_default();
        taken.insert(plain(folder), place(&["tmpfs"]));
    }
    for (name, mount) in &component.container.volumes {
        let Some(path) = path_of(component, name, mount) else {
            let message = format!("the volume `{name}` of `{}` has no `path`", component.name);
            faults.push((of_mount(name), None, message));
            continue;
        };
        if let Some(other) = taken.insert(plain(&path), of_mount(name)) {
            let message = format!(
                "`{}` has two things at {}",
                component.name,
                quoted(&plain(&path))
            );
            faults.push((of_mount(name), Some(other), message));
        }
    }
    faults
}

/// Where something is mounted: as said, or as the kind has it.
fn path_of(component: &Component, name: &VolumeName, mount: &Mount) -> Option<String> {
    let of_kind = || {
        let service = component.service()?;
        let volumes = &service.kind.container.as_ref()?.volumes;
        let mut volumes = volumes.iter();
        let volume = volumes
            .find(|volume| volume.name == name.as_str() && volume.applies_to(&service.version));
        volume.map(|volume| volume.path.clone())
    };
    mount.path.clone().or_else(of_kind)
}

fn plain(path: &str) -> String {
    let plain = path.trim_end_matches('/');
    if plain.is_empty() { "/" } else { plain }.to_owned()
}

fn finding(
    topology: &Topology,
    place: PlanPath,
    other: Option<PlanPath>,
    message: String,
) -> Finding {
    let in_environment = place.leads_into_an_environment();
    let finding = Finding::new(&RULE.info, Label::new(place, ""), message);
    let finding = match in_environment {
        true => finding.in_environment(&topology.environment),
        false => finding,
    };
    match other {
        Some(other) => finding
            .and(Label::new(other, "the other one"))
            .help("give one of them another `path`"),
        None => finding.help("say where the container sees it: path = \"/data\""),
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::check;

    #[test]
    fn two_things_at_one_path_and_things_at_none_are_found() {
        check(
            "invalid-mount",
            r#"
name = "shop"
[apps.web]
image = "acme/web:1"
[apps.web.container]
tmpfs = ["/tmp:size=1m"]
[apps.web.container.volumes.scratch]
                          # ^^^^^^^ `web` has two things at `/tmp`
path = "/tmp/"
[services.db]
kind = "postgres"
[services.db.container.volumes.data]
from = "./pgdata"
[services.db.container.volumes.more]
                             # ^^^^ the volume `more` of `db` has no `path`
from = "./more"
[environments.dev.hosts.box]
runs = ["web", "db"]
[environments.test.hosts.box]
runs = ["web", "db"]
[environments.test.apps.web.container.volumes.more]
                                            # ^^^^ `web` has two things at `/tmp`
path = "/tmp"
"#,
        );
    }

    #[test]
    fn what_a_kind_mounts_gives_way() {
        check(
            "invalid-mount",
            r#"
name = "shop"
[services.db]
kind = "postgres"
version = "17"
[services.db.container.volumes.pgdata]
path = "/var/lib/postgresql/data"
[services.db.container.volumes.run]
path = "/var/run/postgresql"
[environments.dev.hosts.box]
runs = ["db"]
"#,
        );
    }
}
