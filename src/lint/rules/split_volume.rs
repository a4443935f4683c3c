//! `split-volume`: what components share on one machine is another one on each of several.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::lint::declared::container_path;
use crate::lint::listing::{MOST_NAMED, named};
use crate::lint::{LintContext, Rule, Sink};
use crate::model::{ComponentName, HostName, VolumeName};
use crate::topology::{Component, Topology};

/// The rule.
pub static RULE: Rule = Rule {
    info: RuleInfo {
        name: "split-volume",
        severity: Severity::Warn,
        summary: "a volume that components share is another one on each of their hosts",
        explanation: "\
What it finds: components on several machines of an environment that mount a volume of the same `shared` name, or the
same folder beside the plan, of whom at least one writes to it.

Why it matters: a volume is on one machine. What the one writes there the other never sees: uploads that a worker
should look at, files that a web server should hand out. Nothing fails; the files are just not there.

When it is fine: where the volume's driver keeps the files on the network, or where each of them only reads again what
it has written itself. Say so in `[rules]` with the reason.

Instead: run them on one machine, or keep the files in an object store or on a network file system that each machine
mounts: `from = \"/mnt/files\"`.",
    },
    check,
};

fn check(context: &LintContext, sink: &mut Sink) {
    for topology in context.topologies {
        let mut mounts: BTreeMap<&str, Vec<Mounted>> = BTreeMap::new();
        for component in topology.components.values() {
            if component.owner != topology.environment {
                continue;
            }
            for (volume, mount) in &component.container.volumes {
                let shared = mount.shared.as_ref().map(VolumeName::as_str);
                let name = shared.or(mount.beside_plan());
                if let Some(name) = name {
                    let is_read = mount.read_only.unwrap_or(false);
                    let hosts = topology.container_hosts(component);
                    let mounted = hosts.map(|host| Mounted {
                        component,
                        host: &host.name,
                        volume,
                        is_read,
                    });
                    mounts.entry(name).or_default().extend(mounted);
                }
            }
        }
        for (name, mounted) in &mounts {
            let hosts: BTreeSet<&HostName> = mounted.iter().map(|it| it.host).collect();
            let is_written = mounted.iter().any(|it| !it.is_read);
            if hosts.len() > 1 && is_written {
                sink.push(finding(context, topology, name, mounted, &hosts));
            }
        }
    }
}

/// What a component mounts on a host.
struct Mounted<'t> {
    component: &'t Component,
    host: &'t HostName,
    volume: &'t VolumeName,
    is_read: bool,
}

fn finding(
    context: &LintContext,
    topology: &Topology,
    name: &str,
    mounted: &[Mounted],
    hosts: &BTreeSet<&HostName>,
) -> Finding {
    let components: BTreeSet<&ComponentName> =
        mounted.iter().map(|it| &it.component.name).collect();
    let message = format!(
        "`{name}` of {} is another one on each of {}",
        named(components),
        named(hosts)
    );
    let label = |it: &Mounted| {
        let words = ["volumes", it.volume.as_str()];
        let place = container_path(context.plan, topology, it.component, &words);
        Label::new(place, format!("`{}` on `{}`", it.component.name, it.host))
    };
    let finding = Finding::new(&RULE.info, label(&mounted[0]), message)
        .in_environment(&topology.environment)
        .help("run them on one host, or keep the files where each host reaches them: in an object store, or on a network file system by `from`");
    let others = mounted[1..].iter().take(MOST_NAMED - 1);
    others.fold(finding, |finding, it| finding.and(label(it)))
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::check;

    #[test]
    fn a_volume_of_two_hosts_is_found_unless_all_only_read_it() {
        check(
            "split-volume",
            r#"
name = "shop"
[apps.web]
image = "acme/web:1"
[apps.web.container]
volumes.files = { shared = "files", path = "/files" }
      # ^^^^^ `files` of `web`, `worker` is another one on each of `app-1`, `work-1`
volumes.media = { from = "./media/", path = "/media" }
      # ^^^^^ `./media` of `web`, `worker` is another one on each of `app-1`, `work-1`
volumes.conf = { from = "./conf", path = "/conf", read-only = true }
volumes.own = { path = "/own" }
[apps.worker]
image = "acme/web:1"
[apps.worker.container]
volumes.all = { shared = "files", path = "/files", read-only = true }
volumes.media = { from = "./media", path = "/media" }
volumes.conf = { from = "./conf", path = "/conf", read-only = true }
volumes.own = { path = "/own" }
[environments.local.hosts.laptop]
runs = ["web", "worker"]
[environments.prod.hosts.app-1]
address = "10.0.0.1"
runs = ["web"]
[environments.prod.hosts.work-1]
address = "10.0.0.2"
runs = ["worker"]
"#,
        );
    }
}
