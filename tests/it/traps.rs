//! What `docker compose config` passes and `up` trips over, and what Backstay does about each.
//!
//! A trap is kept out of every file that is written, or it depends on the plan and is a finding.

use std::collections::{BTreeMap, BTreeSet};

use backstay::catalog::Catalog;
use backstay::finding::Severity;
use backstay::generate::PLAN_FOLDER;
use backstay::model::Restart;

use crate::cli::Test;
use crate::compose_files::{built_fixtures, compose_files, entries, keys, services};
use crate::support::{analysis, built};

/// One row a trap: its test, what Compose lets through, and what Backstay does.
macro_rules! traps {
    ($($test:ident: $trap:literal => $answer:literal;)+) => {
        /// The traps by the name of their test.
        const TRAPS: &[(&str, &str, &str)] = &[$((stringify!($test), $trap, $answer)),+];
        #[test]
        fn every_trap_has_a_test() {
            // A test that is deleted or renamed no longer compiles here.
            $(let _: fn() = $test;)+
            assert_eq!(TRAPS.len(), 11);
            for (test, trap, answer) in TRAPS {
                assert!(!trap.is_empty() && !answer.is_empty(), "{test}");
            }
        }
    };
}

traps! {
    only_files_are_mounted:
        "configs with `content`, or secrets from the environment, in a read-only service: only `file` works"
        => "never written: texts are bind mounts, every secret is a `file`";
    a_port_is_taken_once:
        "the same host port twice on one host, also across two projects"
        => "never written within a host unless `port-clash` denies it; across environments where hosts say one address";
    every_secret_has_its_file:
        "a secret whose file does not exist"
        => "never written: the file is generated with it";
    every_bind_mount_has_its_file:
        "a bind mount of a missing file becomes a folder, silently"
        => "never written: the file is generated with it, and `create_host_path: false` fails loudly if it is lost";
    only_what_has_a_healthcheck_is_waited_for:
        "`service_healthy` of a service without a healthcheck"
        => "never written: apps are waited for as `service_started`";
    restart_policies_are_known:
        "an invalid restart policy"
        => "never written: it follows from the tier";
    capabilities_are_known:
        "an unknown capability"
        => "never written: kinds say which, and this test knows the kernel's";
    addresses_are_the_host_s_own:
        "a port bound to an address that the host lacks"
        => "the plan cannot show it: the host's own `address` is used, `unbindable-address` speaks of a public one, \
            `external-without-address` of a loopback one";
    secret_files_can_be_read_by_their_containers:
        "a secret file with mode 0600 and a container that is not root: permission denied"
        => "never written: 0644 in a folder with 0700";
    healthchecks_need_nothing_that_images_lack:
        "a healthcheck whose tool the image lacks; `/dev/tcp` under a shell that has none"
        => "kinds name tools that their image holds and never `/dev/tcp`; an image of the user's own is not looked into";
    databases_are_asked_over_tcp:
        "`pg_isready` without `-h` answers while the data is still being made"
        => "never written: healthchecks ask 127.0.0.1";
}

#[test]
fn only_files_are_mounted() {
    for built in built_fixtures() {
        for (path, compose) in compose_files(&built) {
            assert_eq!(compose.get("configs"), None, "{path}");
            for secret in keys(&compose, "secrets") {
                assert_eq!(
                    keys(&compose["secrets"], secret),
                    ["file"],
                    "{path}: {secret}"
                );
            }
        }
    }
}

#[test]
fn a_port_is_taken_once() {
    for built in built_fixtures() {
        for (path, compose) in compose_files(&built) {
            let mut taken = BTreeSet::new();
            for (name, service) in services(&compose) {
                for port in entries(service, "ports") {
                    let taken_before =
                        !taken.insert((port["host_ip"].to_string(), port["published"].to_string()));
                    assert!(
                        !taken_before || built.rules().contains("port-clash"),
                        "{path}: {name}"
                    );
                }
            }
        }
    }
    let two_environments = "\
name = \"shop\"
[services.db]
kind = \"postgres\"
expose = \"network\"
[environments.dev.hosts.box]
address = \"10.0.3.7\"
runs = [\"db\"]
[environments.test.hosts.ci]
address = \"10.0.3.7\"
runs = [\"db\"]
";
    assert_denied(two_environments, "port-clash");
    let two_services = "\
name = \"shop\"
[services.db]
kind = \"postgres\"
expose = \"network\"
[services.reports]
kind = \"postgres\"
expose = \"network\"
[environments.dev.hosts.box]
address = \"10.0.3.7\"
runs = [\"db\", \"reports\"]
";
    assert_denied(two_services, "port-clash");
}

#[track_caller]
fn assert_denied(plan: &str, rule: &str) {
    let findings = analysis(plan).findings;
    let mut denied = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Deny);
    assert!(denied.any(|finding| finding.rule == rule), "{findings:#?}");
}

#[test]
fn every_secret_has_its_file() {
    let mut n_secrets = 0;
    for built in built_fixtures() {
        for (path, compose) in compose_files(&built) {
            for secret in keys(&compose, "secrets") {
                let file = compose["secrets"][secret]["file"].as_str();
                assert_is_written(&built.artifacts, path, file.expect("a file"));
                n_secrets += 1;
            }
        }
    }
    assert!(n_secrets > 0, "no fixture has a secret");
}

#[test]
fn every_bind_mount_has_its_file() {
    // Fixtures mount data and scripts; a proxy has a file of routes.
    let plan = "\
name = \"shop\"
[apps.web]
image = \"acme/web:1\"
port = 80
[services.edge]
kind = \"nginx\"
uses.web = {}
[environments.dev.hosts.box]
runs = [\"web\", \"edge\"]
";
    let mut n_mounts = 0;
    for built in built_fixtures().into_iter().chain([built(plan)]) {
        for (path, compose) in compose_files(&built) {
            for (_, service) in services(&compose) {
                for mount in entries(service, "volumes") {
                    let is_bind = mount["type"] == "bind";
                    assert!(is_bind || mount["type"] == "volume", "{path}: {mount}");
                    let source = mount["source"].as_str().expect("a source");
                    // What the plan mounts is not written; an empty folder in its place is asked for.
                    if source.starts_with(PLAN_FOLDER) || source.starts_with('/') {
                        let is_made = &mount["bind"]["create_host_path"];
                        let is_read = mount["read_only"] == true;
                        assert!(is_made.is_boolean() && !(is_read && *is_made == true));
                    } else if is_bind {
                        assert_eq!(mount["bind"]["create_host_path"], false, "{path}: {mount}");
                        assert_is_written(&built.artifacts, path, source);
                        n_mounts += 1;
                    }
                }
            }
        }
    }
    assert!(n_mounts > 0, "nothing is mounted");
}

#[track_caller]
fn assert_is_written<T>(artifacts: &BTreeMap<String, T>, compose: &str, file: &str) {
    let folder = compose.trim_end_matches("compose.yaml");
    let beside = file.strip_prefix("./");
    let beside = beside.expect("a file beside the compose file");
    assert!(
        artifacts.contains_key(&format!("{folder}{beside}")),
        "{compose}: {beside}"
    );
}

#[test]
fn only_what_has_a_healthcheck_is_waited_for() {
    let mut n_waits = 0;
    for built in built_fixtures() {
        for (path, compose) in compose_files(&built) {
            for (name, service) in services(&compose) {
                for target in keys(service, "depends_on") {
                    if service["depends_on"][target]["condition"] == "service_healthy" {
                        let check = &compose["services"][target]["healthcheck"]["test"];
                        assert!(check.is_array(), "{path}: {name} waits for {target}");
                        n_waits += 1;
                    }
                }
            }
        }
    }
    assert!(n_waits > 0, "nothing waits");
}

#[test]
fn restart_policies_are_known() {
    for built in built_fixtures() {
        for (path, compose) in compose_files(&built) {
            for (name, service) in services(&compose) {
                let policy = service["restart"].as_str().and_then(Restart::parse);
                assert!(policy.is_some(), "{path}: {name}");
            }
        }
    }
}

/// The capabilities that engines give out one by one, `CAP_` left out.
const CAPABILITIES: &[&str] = &[
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "IPC_LOCK",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "NET_RAW",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
    "SYS_NICE",
    "SYS_RESOURCE",
];

#[test]
fn capabilities_are_known() {
    for kind in Catalog::builtin().kinds() {
        for capability in kind
            .container
            .iter()
            .flat_map(|container| &container.capabilities)
        {
            let known = CAPABILITIES.contains(&capability.as_str());
            assert!(known, "{}: {capability}", kind.id);
        }
    }
}

#[test]
fn addresses_are_the_host_s_own() {
    let mut n_bound = 0;
    for built in built_fixtures() {
        for (path, compose) in compose_files(&built) {
            let mut parts = path.split('/');
            let environment = built.environment(parts.next().expect("an environment"));
            let host = &environment.hosts[parts.next().expect("a host")];
            for (name, service) in services(&compose) {
                for address in entries(service, "ports")
                    .iter()
                    .filter_map(|port| port.get("host_ip"))
                {
                    let own = host.address.as_ref().map(|own| own.as_str());
                    let bound = address.as_str();
                    let by_plan = environment
                        .publications()
                        .any(|open| open.address.map(|ip| ip.to_string()).as_deref() == bound);
                    let is_own = bound == own || bound == Some("127.0.0.1");
                    assert!(is_own || by_plan, "{path}: {name}");
                    n_bound += 1;
                }
            }
        }
    }
    assert!(n_bound > 0, "nothing is bound");
    let at = |address: &str| {
        format!(
            "name = \"shop\"\n[apps.web]\nuses.db = {{}}\n[services.db]\nkind = \"postgres\"\n\
             [environments.dev.hosts.laptop]\nruns = [\"web\"]\n\
             [environments.dev.hosts.box]\naddress = \"{address}\"\nruns = [\"db\"]\n"
        )
    };
    assert_denied(&at("127.0.0.1"), "external-without-address");
    assert_denied(&at("224.0.0.1"), "unbindable-address");
    assert!(
        built(&at("203.0.113.7"))
            .rules()
            .contains("unbindable-address")
    );
}

#[cfg(unix)]
#[test]
fn secret_files_can_be_read_by_their_containers() {
    use std::os::unix::fs::PermissionsExt;
    let plan = "name = \"shop\"\n[services.db]\nkind = \"postgres\"\n\
                [environments.dev.hosts.box]\nruns = [\"db\"]\n";
    let folder = Test::new()
        .plan(plan)
        .args(["generate"])
        .stdout_has(["secrets/db-password"])
        .run();
    let mode = |path: &str| {
        let metadata = std::fs::metadata(folder.path(path)).expect("it is there");
        metadata.permissions().mode() & 0o777
    };
    assert_eq!(mode("deploy/dev/box/secrets"), 0o700);
    assert_eq!(mode("deploy/dev/box/secrets/db-password"), 0o644);
}

/// The healthchecks of every kind, as one text each.
fn healthchecks() -> Vec<(String, Vec<String>)> {
    let kinds = Catalog::builtin();
    let kinds = kinds.kinds();
    kinds
        .filter_map(|kind| {
            Some((
                kind.id.clone(),
                kind.container.as_ref()?.healthcheck.test.clone(),
            ))
        })
        .collect()
}

#[test]
fn healthchecks_need_nothing_that_images_lack() {
    for (kind, test) in healthchecks() {
        let text = test.join(" ");
        assert!(
            matches!(test[0].as_str(), "CMD" | "CMD-SHELL"),
            "{kind}: {text}"
        );
        // Only bash has it, and only where bash itself is asked to run the text.
        let asks_bash = test[0] == "CMD" && test[1].ends_with("bash");
        assert!(!text.contains("/dev/tcp") || asks_bash, "{kind}: {text}");
        assert!(
            !text.contains("localhost"),
            "{kind}: a name may mean ::1 first: {text}"
        );
    }
}

#[test]
fn databases_are_asked_over_tcp() {
    let asked = |tool: &str| {
        let checks = healthchecks().into_iter().map(|(_, test)| test.join(" "));
        checks
            .filter(|text| text.contains(tool))
            .collect::<Vec<_>>()
    };
    for tool in ["pg_isready", "mysqladmin ping"] {
        let checks = asked(tool);
        assert!(!checks.is_empty(), "{tool}");
        for check in checks {
            assert!(check.contains("-h 127.0.0.1"), "{check}");
        }
    }
}

/// Whether a text calls a program of clients' with a login among the words that other processes see.
fn shows_a_login(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_login = |pair: &[&str]| matches!(pair[0], "-u" | "--user") && pair[1].contains('$');
    text.contains("curl") && words.windows(2).any(is_login)
}

#[test]
fn passwords_go_to_curl_by_its_input() {
    assert!(shows_a_login("curl -f -u \"admin:$PASSWORD\" http://a"));
    for kind in Catalog::builtin().kinds() {
        let Some(container) = &kind.container else {
            continue;
        };
        let files = container.files.iter().map(|file| file.text.clone());
        let rotations = kind.secrets.values();
        let rotations = rotations.filter_map(|rule| rule.rotation.clone());
        let words = [
            &container.entrypoint,
            &container.command,
            &container.healthcheck.test,
        ];
        let lines = words.map(|words| words.join(" ")).into_iter();
        for text in lines.chain(files).chain(rotations) {
            assert!(!shows_a_login(&text), "{}: {text}", kind.id);
        }
    }
}
