//! The tables of the plan that say how an image is built and how a container runs.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use toml::de::DeValue;

use crate::finding::{Finding, Label, RuleInfo};
use crate::model::{
    Build, ComponentName, Container, FurtherPort, Healthcheck, Mount, Plan, PlanPath, Step,
};
use crate::source::field::{FieldValue, Fields, Name, Problem};
use crate::source::rules;
use crate::source::shape::Shape;
use crate::source::value::{SettingText, pattern};

/// Limits of processes, by Compose's names.
const ULIMITS: &[(&str, &str)] = &[
    ("nofile", "Most files open at once; -1 for any number."),
    ("nproc", "Most processes of its user; -1 for any number."),
    ("memlock", "Most bytes locked in memory; -1 for all of it."),
    ("core", "Most bytes of a core dump; -1 for any number."),
    ("stack", "Most bytes of a stack; -1 for any number."),
    ("rtprio", "Highest real-time priority."),
];

/// What stands for the host's own address in a container's hosts file.
const HOST_GATEWAY: &str = "host-gateway";

/// An address of a hosts file.
struct HostAddress(String);

impl FieldValue for HostAddress {
    fn shape() -> Shape {
        Shape::Text
    }

    fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
        let help = "write an IP address, or host-gateway for that of the host";
        let is_address = |text: &str| text == HOST_GATEWAY || text.parse::<IpAddr>().is_ok();
        let parse = |text: &str| is_address(text).then(|| HostAddress(text.to_owned()));
        pattern(value, "an address in quotes", "an IP address", help, parse)
    }
}

/// How the image of a component is built, if the plan says.
pub(super) fn build(fields: &mut Fields) -> Option<Arc<Build>> {
    let doc = "How its image is built; with an `image`, what it is called then.";
    fields.nested("build", doc, |fields| Build {
        folder: fields.value(
            "folder",
            "Folder with the sources, by its path from the plan's folder; that folder itself if not said.",
        ),
        dockerfile: fields.value(
            "dockerfile",
            "File with the steps, by its path from that folder; `Dockerfile` if not said.",
        ),
        target: fields.value("target", "Stage to build; the last one if not said."),
        args: texts(fields, "args", "Arguments of the build. No secrets."),
    })
    .map(Arc::new)
}

/// How the container of a component runs, if the plan says.
pub(super) fn container(fields: &mut Fields) -> Option<Arc<Container>> {
    let doc = "How its container runs, where that differs from what Backstay writes by itself.";
    fields.nested("container", doc, said).map(Arc::new)
}

fn said(fields: &mut Fields) -> Container {
    let container = said_values(fields);
    let is_relative = |folder: &String| !folder.starts_with('/');
    let tmpfs = container.tmpfs.iter().flatten();
    for folder in tmpfs.chain(&container.working_folder) {
        if is_relative(folder) {
            let help = "begin every folder of the container at its root, with `/`";
            push(
                fields,
                &rules::INVALID_VALUE,
                "names a folder that is nowhere",
                help,
            );
        }
    }
    container
}

fn said_values(fields: &mut Fields) -> Container {
    Container {
        from_catalog: fields.value(
            "from-catalog",
            "Whether it runs as the catalog says, with its variables, command, healthcheck and protection; true if not said. Otherwise it is what the plan says and no more, and its credentials are `secret-settings`.",
        ),
        entrypoint: arguments(
            fields,
            "entrypoint",
            "Program to start in place of the image's own, with its arguments.",
        ),
        command: arguments(
            fields,
            "command",
            "Command and its arguments, in place of those of the image and of the catalog. A credential stands in it as `{{ secret('NAME') }}`, and is kept in the environment's secrets file.",
        ),
        user: fields.value("user", "User to run as: a name or number, with a group behind a colon."),
        working_folder: fields.value("working-folder", "Folder that it starts in."),
        hostname: fields.value("hostname", "Name by which it calls itself."),
        aliases: fields.said_list(
            "aliases",
            "Further names by which the containers beside it reach it.",
        ),
        extra_hosts: fields
            .values::<_, HostAddress>(
                "extra-hosts",
                "Further addresses by host name; `host-gateway` is that of the host.",
            )
            .into_iter()
            .map(|(name, HostAddress(address))| (name, address))
            .collect(),
        restart: fields.value("restart", "When it is started again after it has ended; by tier if not said."),
        init: fields.value("init", "Whether a small init process runs first in it; true if not said."),
        terminal: fields.value("terminal", "Whether it has a terminal and an open standard input."),
        platform: fields.value("platform", "Platform of its image: linux/amd64."),
        stop_grace: fields.value("stop-grace", "How long it may take to stop before it is killed."),
        stop_signal: fields.value("stop-signal", "Signal that asks it to stop: SIGINT."),
        read_only: fields.value("read-only", "Whether its root file system is read-only."),
        tmpfs: fields.said_list("tmpfs", "Folders in memory, with options behind a colon."),
        shared_memory: fields.value("shared-memory", "Size of its shared memory."),
        privileged: fields.value("privileged", "Whether it may do whatever the machine may."),
        no_new_privileges: fields.value(
            "no-new-privileges",
            "Whether its processes can never gain privileges; true if not said.",
        ),
        add_capabilities: fields.said_list("add-capabilities", "Capabilities that it has besides."),
        drop_capabilities: fields.said_list(
            "drop-capabilities",
            "Capabilities that it does not have, or ALL of them.",
        ),
        devices: fields.said_list("devices", "Devices of the host: /dev/kmsg, or HOST:CONTAINER."),
        host_processes: fields.value("host-processes", "Whether it sees the processes of the host."),
        ulimits: fields
            .nested("ulimits", "Limits of its processes, soft and hard.", ulimits)
            .unwrap_or_default(),
        labels: texts(fields, "labels", "Labels that other programs read, such as a proxy."),
        volumes: fields.tables(
            "volumes",
            "What is mounted, by name: a volume of its own that outlives it, unless it says `from` or `shared`.",
            mount,
        ),
        ports: fields.tables("ports", "Ports that are published beyond its `port`, by name.", port),
        healthcheck: fields
            .nested("healthcheck", "How to see that it works; who uses it waits for that.", healthcheck)
            .unwrap_or_default(),
    }
}

fn mount(fields: &mut Fields) -> Mount {
    let mount = Mount {
        path: fields.value("path", "Where the container sees it."),
        from: fields.value(
            "from",
            "Folder or file of the host, by its path from the plan's folder.",
        ),
        shared: fields.value("shared", "Name of a volume that several components mount."),
        read_only: fields.value("read-only", "Whether the container can only read it."),
    };
    let is_relative = |path: &String| !path.starts_with('/');
    if mount.path.as_ref().is_some_and(is_relative) {
        let help = "begin its `path` at the root of the container, with `/`";
        push(fields, &rules::INVALID_VALUE, "is mounted nowhere", help);
    }
    if fields.has("from") && fields.has("shared") {
        let help = "take `from` or `shared` away";
        push(
            fields,
            &rules::INVALID_VALUE,
            "mounts two things in one place",
            help,
        );
    }
    mount
}

fn port(fields: &mut Fields) -> FurtherPort {
    let port = FurtherPort {
        port: fields.value("port", "Port inside the container."),
        through: fields.value(
            "through",
            "Last of a range of ports that begins with `port`.",
        ),
        published: fields.value(
            "published",
            "Port of the host, or the first of as many; the same as `port` if not said.",
        ),
        protocol: fields.value("protocol", "What the port speaks; tcp if not said."),
        expose: fields.value(
            "expose",
            "How far the port can be reached from; `machine` if not said.",
        ),
        address: fields.value(
            "address",
            "Address of the host to bind it to, in place of `expose`.",
        ),
    };
    if fields.has("expose") && fields.has("address") {
        let help = "take `expose` or `address` away";
        push(
            fields,
            &rules::INVALID_VALUE,
            "says twice how far it reaches",
            help,
        );
    }
    let is_backwards = port
        .port
        .zip(port.through)
        .is_some_and(|(first, last)| last <= first);
    let published = port.published.or(port.port);
    if is_backwards {
        let help = "write a `through` that is greater than `port`";
        push(fields, &rules::INVALID_VALUE, "ends before it begins", help);
    } else if published.is_some_and(|first| first.checked_add(port.more()).is_none()) {
        let help = "publish it from a lower port on";
        push(
            fields,
            &rules::INVALID_VALUE,
            "goes beyond the last port, 65535",
            help,
        );
    }
    port
}

fn healthcheck(fields: &mut Fields) -> Healthcheck {
    let check = Healthcheck {
        test: arguments(
            fields,
            "test",
            "CMD and a command, CMD-SHELL and a line for the shell, or NONE.",
        ),
        interval: fields.value("interval", "Time between two tests."),
        timeout: fields.value("timeout", "Longest time that a test may take."),
        retries: fields.value(
            "retries",
            "Failures in a row after which it counts as unhealthy.",
        ),
        start_period: fields.value(
            "start-period",
            "Time to start in which failures do not count.",
        ),
    };
    if let Some(test) = &check.test {
        let words: Vec<&str> = test.iter().map(String::as_str).collect();
        if !matches!(words[..], ["CMD", _, ..] | ["CMD-SHELL", _] | ["NONE"]) {
            let help = "begin it with CMD and a command, or with CMD-SHELL and one line; [\"NONE\"] turns it off";
            push(
                fields,
                &rules::INVALID_VALUE,
                "does not say what to test",
                help,
            );
        }
    }
    check
}

fn ulimits(fields: &mut Fields) -> BTreeMap<&'static str, i64> {
    let known = ULIMITS.iter();
    known
        .filter_map(|(name, doc)| Some((*name, fields.value(name, doc)?)))
        .collect()
}

/// What containers need and no environment says: the ports of their ports, and where volumes are mounted. A
/// service's volume may be one that its kind knows; only the catalog can tell.
pub(super) fn check(plan: &Plan, findings: &mut Vec<Finding>) {
    let said =
        |component: &'static str, name: &ComponentName, container: &Option<Arc<Container>>| {
            let said = container.clone();
            said.map(|container| (PlanPath::keys([component, name.as_str()]), container))
        };
    let apps = plan.apps.iter();
    let apps = apps.filter_map(|(name, app)| said("apps", name, &app.container));
    let services = plan.services.iter();
    let services =
        services.filter_map(|(name, service)| said("services", name, &service.container));
    for (path, container) in apps.chain(services) {
        check_container(&path, &container, findings);
    }
    for (name, environment) in &plan.environments {
        let here = PlanPath::environment(name.as_str());
        let apps = environment.apps.iter().filter_map(|(name, over)| {
            let base = plan.apps.get(name).and_then(|app| app.container.as_ref());
            Some((
                here.clone().key("apps").key(name.as_str()),
                base,
                over.container.as_ref()?,
            ))
        });
        let services = environment.services.iter().filter_map(|(name, over)| {
            let base = plan.services.get(name);
            let base = base.and_then(|service| service.container.as_ref());
            Some((
                here.clone().key("services").key(name.as_str()),
                base,
                over.container.as_ref()?,
            ))
        });
        for (path, base, over) in apps.chain(services) {
            // What the base lacks is said there.
            let mut new = (**over).clone();
            if let Some(base) = base {
                new.volumes
                    .retain(|name, _| !base.volumes.contains_key(name));
                new.ports.retain(|name, _| !base.ports.contains_key(name));
            }
            check_container(&path, &new, findings);
        }
    }
}

fn check_container(component: &PlanPath, container: &Container, findings: &mut Vec<Finding>) {
    let path = component.clone().key("container");
    let is_app = component
        .steps()
        .iter()
        .any(|step| matches!(step, Step::Key(key) if key == "apps"));
    let missing = |path: PlanPath, key: &str, help: &str| {
        let message = format!("`{path}` has no `{key}`");
        Finding::new(&rules::MISSING_KEY, Label::new(path, ""), message).help(help)
    };
    let ports = container
        .ports
        .iter()
        .filter(|(_, port)| port.port.is_none());
    findings.extend(ports.map(|(name, _)| {
        let path = path.clone().key("ports").key(name.as_str());
        missing(
            path,
            "port",
            "say the port inside the container: port = 9000",
        )
    }));
    let volumes = container.volumes.iter();
    let nowhere = volumes.filter(|(_, mount)| is_app && mount.path.is_none());
    findings.extend(nowhere.map(|(name, _)| {
        let path = path.clone().key("volumes").key(name.as_str());
        missing(
            path,
            "path",
            "say where the container sees it: path = \"/data\"",
        )
    }));
}

/// Words of a command, of which any may be empty and hold line breaks.
fn arguments(fields: &mut Fields, key: &'static str, doc: &'static str) -> Option<Vec<String>> {
    let words = fields.said_list::<SettingText>(key, doc)?;
    Some(words.into_iter().map(|SettingText(text)| text).collect())
}

fn texts<K: Name>(
    fields: &mut Fields,
    key: &'static str,
    doc: &'static str,
) -> BTreeMap<K, String> {
    let texts = fields.values::<K, SettingText>(key, doc);
    texts
        .into_iter()
        .map(|(name, SettingText(text))| (name, text))
        .collect()
}

/// Says what is wrong with the table that is being read.
fn push(fields: &mut Fields, rule: &'static RuleInfo, fault: &str, help: &str) {
    let path = fields.own_path();
    let message = format!("`{path}` {fault}");
    fields.push(Finding::new(rule, Label::new(path, ""), message).help(help));
}

#[cfg(test)]
mod tests {
    use crate::source::read;

    fn messages(container: &str) -> Vec<String> {
        let plan = format!(
            "name = \"shop\"\n[apps.web]\nimage = \"a/b:1\"\n[apps.web.container]\n{container}\n"
        );
        let findings = read(&plan).findings.into_iter();
        findings.map(|finding| finding.message).collect()
    }

    #[test]
    fn mistakes_are_told_where_they_stand() {
        for (container, message) in [
            (
                "commnd = [\"x\"]",
                "`apps.web.container` has no key `commnd`",
            ),
            ("command = \"serve\"", "expected a list, found a text"),
            ("init = \"no\"", "expected true or false, found a text"),
            ("restart = \"allways\"", "`allways` is not a way to restart"),
            (
                "add-capabilities = [\"NET_ADMN\"]",
                "`NET_ADMN` is not a capability",
            ),
            ("healthcheck.interval = \"10\"", "`10` is not a time"),
            (
                "healthcheck.test = [\"curl\", \"x\"]",
                "`apps.web.container.healthcheck` does not say what to test",
            ),
            (
                "volumes.data = {}",
                "`apps.web.container.volumes.data` has no `path`",
            ),
            (
                "volumes.data = { path = \"data\" }",
                "`apps.web.container.volumes.data` is mounted nowhere",
            ),
            (
                "volumes.data = { path = \"/d\", from = \"x\", shared = \"y\" }",
                "`apps.web.container.volumes.data` mounts two things in one place",
            ),
            (
                "ports.admin = { published = 1 }",
                "`apps.web.container.ports.admin` has no `port`",
            ),
            (
                "ports.a = { port = 9, through = 8 }",
                "`apps.web.container.ports.a` ends before it begins",
            ),
            (
                "ports.a = { port = 1, through = 9, published = 65530 }",
                "`apps.web.container.ports.a` goes beyond the last port, 65535",
            ),
            (
                "ports.a = { port = 1, expose = \"world\", address = \"::1\" }",
                "`apps.web.container.ports.a` says twice how far it reaches",
            ),
            (
                "ports.a = { port = 1, address = \"box\" }",
                "`box` is not an IP address",
            ),
            (
                "tmpfs = [\"tmp\"]",
                "`apps.web.container` names a folder that is nowhere",
            ),
            (
                "extra-hosts.legacy = \"legacy.example.com\"",
                "`legacy.example.com` is not an IP address",
            ),
            ("labels.\"a b\" = \"x\"", "the name `a b` holds ` `"),
        ] {
            assert_eq!(messages(container), [message], "{container}");
        }
    }

    #[test]
    fn an_environment_says_the_rest_of_what_the_base_says() {
        let container = "volumes.data = { path = \"/d\" }\nports.a = { port = 1 }\n\
             [environments.dev.apps.web.container]\nvolumes.data = { from = \"./d\" }\n\
             ports.a = { expose = \"world\" }\nports.b = {}\n";
        let only = "`environments.dev.apps.web.container.ports.b` has no `port`";
        assert_eq!(messages(container), [only]);
    }

    #[test]
    fn a_service_is_no_job() {
        let plan = "name = \"shop\"\n[services.db]\nkind = \"mysql\"\nruns-as = \"job\"\n";
        let source = read(plan);
        assert_eq!(source.findings.len(), 1);
        assert!(
            source
                .plan
                .services
                .values()
                .all(|service| service.runs_as.is_none())
        );
    }
}
