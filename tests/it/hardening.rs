//! What OWASP's Docker cheat sheet and CIS ask of containers, held by the container of every kind.
//!
//! A kind that goes without a protection says why in its own file, and nothing else may go without.

use backstay::catalog::{Catalog, Kind};
use serde_json::Value;

use crate::compose_files::{compose_files, entries, keys};
use crate::support::{Built, built};

/// A point, and whether a service of a compose file holds it.
struct Point {
    /// Where it is asked.
    asked: &'static str,
    /// What it asks.
    what: &'static str,
    holds: fn(&Value) -> bool,
    /// The reason of a kind that goes without it.
    exception: fn(&Kind) -> Option<&String>,
}

fn none(_: &Kind) -> Option<&String> {
    None
}

macro_rules! exception {
    ($field:ident) => {
        |kind| kind.container.as_ref()?.exceptions.$field.as_ref()
    };
}

const POINTS: &[Point] = &[
    Point {
        asked: "OWASP 1, CIS 5.32",
        what: "no socket of the engine is mounted",
        holds: |service| !service.to_string().contains("docker.sock"),
        exception: none,
    },
    Point {
        asked: "OWASP 2",
        what: "it runs as a user other than root",
        holds: |service| {
            let user = service["user"].as_str();
            user.is_some_and(|user| !user.starts_with("0") && !user.starts_with("root"))
        },
        exception: exception!(user),
    },
    Point {
        asked: "OWASP 3, CIS 5.4",
        what: "all capabilities are dropped",
        holds: |service| entries(service, "cap_drop") == ["ALL"],
        exception: none,
    },
    Point {
        asked: "OWASP 3, CIS 5.4",
        what: "none is added",
        holds: |service| entries(service, "cap_add").is_empty(),
        exception: exception!(capabilities),
    },
    Point {
        asked: "OWASP 4, CIS 5.26",
        what: "no process gains privileges",
        holds: |service| entries(service, "security_opt") == ["no-new-privileges:true"],
        exception: exception!(no_new_privileges),
    },
    Point {
        asked: "CIS 5.5, 5.16, 5.17, 5.21, 5.22, 5.31",
        what: "it shares no namespace with the host and keeps the engine's filters",
        holds: |service| {
            let shared = [
                "privileged",
                "pid",
                "ipc",
                "uts",
                "userns_mode",
                "devices",
                "cgroup",
            ];
            let unconfined = service.to_string().contains("unconfined");
            shared.iter().all(|key| service.get(key).is_none()) && !unconfined
        },
        exception: none,
    },
    Point {
        asked: "CIS 5.6, 5.20",
        what: "no folder of the host is mounted, files read-only and without propagation",
        holds: |service| {
            entries(service, "volumes").iter().all(|mount| {
                let file = mount["source"]
                    .as_str()
                    .is_some_and(|source| source.starts_with("./config/"));
                let guarded =
                    mount["read_only"] == true && mount["bind"].get("propagation").is_none();
                mount["type"] == "volume" || file && guarded
            })
        },
        exception: none,
    },
    Point {
        asked: "OWASP 5, CIS 5.10, 5.30",
        what: "it is on networks of its own project",
        holds: |service| {
            let networks = entries(service, "networks");
            !networks.is_empty() && service.get("network_mode").is_none()
        },
        exception: none,
    },
    Point {
        asked: "OWASP 5a, CIS 5.14",
        what: "its ports are bound to one address",
        holds: |service| {
            entries(service, "ports")
                .iter()
                .all(|port| port["host_ip"].is_string())
        },
        exception: none,
    },
    Point {
        asked: "CIS 5.8",
        what: "no privileged port is published",
        holds: |service| {
            let ports = entries(service, "ports").iter();
            let mut numbers = ports.map(|port| port["published"].as_str()?.parse::<u16>().ok());
            numbers.all(|port| port.is_some_and(|port| port >= 1024))
        },
        exception: none,
    },
    Point {
        asked: "OWASP 7, CIS 5.11, 5.12, 5.29",
        what: "memory, processors and processes are limited",
        holds: |service| keys(&service["deploy"]["resources"], "limits").len() == 3,
        exception: none,
    },
    Point {
        asked: "OWASP 7, CIS 5.15",
        what: "it is not restarted for ever whatever an operator says",
        holds: |service| service["restart"] == "unless-stopped",
        exception: none,
    },
    Point {
        asked: "OWASP 8, CIS 5.13",
        what: "its root is read-only",
        holds: |service| service["read_only"] == true,
        exception: exception!(read_only),
    },
    Point {
        asked: "CIS 5.27",
        what: "it has a healthcheck",
        holds: |service| !entries(&service["healthcheck"], "test").is_empty(),
        exception: none,
    },
    Point {
        asked: "OWASP 12",
        what: "credentials come from files, not from its environment",
        holds: |service| !service["environment"].to_string().contains("${"),
        exception: exception!(secrets),
    },
    Point {
        asked: "OWASP 13",
        what: "its image names a version",
        holds: |service| {
            let image = service["image"].as_str().unwrap_or_default();
            let tag = image
                .rsplit('/')
                .next()
                .and_then(|last| last.split_once(':'));
            tag.is_some_and(|(_, tag)| !tag.is_empty() && tag != "latest")
        },
        exception: none,
    },
];

/// A kind's container on a machine that says its size, used from another one.
fn on_a_host(kind: &Kind) -> Built {
    let role = kind.roles[0].role;
    built(&format!(
        r#"name = "museum"
[apps.web]
uses.piece = {{ role = "{role}" }}
[services.piece]
kind = "{}"
[environments.prod.hosts.app-1]
address = "10.0.1.11"
runs = ["web"]
[environments.prod.hosts.data-1]
address = "10.0.1.21"
cpus = 4
memory = "16 GiB"
runs = ["piece"]
"#,
        kind.id
    ))
}

#[test]
fn the_container_of_every_kind_holds_every_point_or_says_why_not() {
    let mut faults = Vec::new();
    for kind in Catalog::builtin()
        .kinds()
        .filter(|kind| kind.container.is_some())
    {
        let built = on_a_host(&kind);
        let files = compose_files(&built);
        let service = &files["prod/data-1/compose.yaml"]["services"]["piece"];
        for point in POINTS {
            let (asked, what) = (point.asked, point.what);
            match ((point.holds)(service), (point.exception)(&kind)) {
                (true, None) => {}
                (false, Some(reason)) if !reason.trim().is_empty() => {}
                (false, _) => faults.push(format!("{}: not so: {what} ({asked})", kind.id)),
                (true, Some(_)) => faults.push(format!("{}: needs no exception: {what}", kind.id)),
            }
        }
        let compose = built.file("prod/data-1/compose.yaml");
        for secret in built
            .secrets
            .values()
            .filter(|secret| compose.contains(*secret))
        {
            faults.push(format!("{}: its compose file holds {secret}", kind.id));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_point_can_fail() {
    // A service that does everything wrong.
    let wrong = serde_json::json!({
        "image": "db:latest", "user": "0:0", "privileged": true, "network_mode": "host",
        "cap_add": ["SYS_ADMIN"], "restart": "always", "environment": { "PASSWORD": "${PASSWORD:?}" },
        "volumes": ["/var/run/docker.sock:/var/run/docker.sock"], "ports": [{ "published": "80" }],
    });
    for point in POINTS {
        assert!(!(point.holds)(&wrong), "{}", point.what);
    }
}
