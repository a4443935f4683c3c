//! The shapes of what stands in a service: builds, ports, mounts, healthchecks and the like.

use crate::compose_file::shape::{
    NULL, NUMBER, Shape, TEXT, Table, WHOLE, list, scalar, table, words,
};
use crate::compose_file::simple_shapes::{
    ANY, EXTENSIONS, EXTRA_HOSTS, FLAG_ONLY, FLAG_OR_TEXT, NUMBER_OR_TEXT, OPTIONS, PAIRS,
    TEXT_ONLY, TEXT_OR_TEXTS, TEXTS, UNIQUE_TEXTS, WHOLE_OR_TEXT, keys, names, pairs,
};

pub(super) const BUILD: Shape = table(&keys(
    "a build",
    &[
        ("additional_contexts", PAIRS),
        ("args", PAIRS),
        ("cache_from", TEXTS),
        ("cache_to", TEXTS),
        ("context", TEXT_ONLY),
        ("dockerfile", TEXT_ONLY),
        ("dockerfile_inline", TEXT_ONLY),
        ("entitlements", TEXTS),
        ("extra_hosts", EXTRA_HOSTS),
        ("isolation", TEXT_ONLY),
        ("labels", PAIRS),
        ("network", TEXT_ONLY),
        ("no_cache", FLAG_OR_TEXT),
        ("no_cache_filter", TEXT_OR_TEXTS),
        ("platforms", TEXTS),
        ("privileged", FLAG_OR_TEXT),
        ("provenance", FLAG_OR_TEXT),
        ("pull", FLAG_OR_TEXT),
        ("sbom", FLAG_OR_TEXT),
        ("secrets", MOUNTED_FILES),
        ("shm_size", WHOLE_OR_TEXT),
        ("ssh", PAIRS),
        ("tags", TEXTS),
        ("target", TEXT_ONLY),
        ("ulimits", ULIMITS),
    ],
))
.or(TEXT);

pub(super) const BLKIO: Table = keys(
    "a limit of input and output",
    &[
        ("device_read_bps", list(&ANY)),
        ("device_read_iops", list(&ANY)),
        ("device_write_bps", list(&ANY)),
        ("device_write_iops", list(&ANY)),
        ("weight", WHOLE_OR_TEXT),
        ("weight_device", list(&ANY)),
    ],
);

pub(super) const CREDENTIAL_SPEC: Table = keys(
    "a credential spec",
    &[
        ("config", TEXT_ONLY),
        ("file", TEXT_ONLY),
        ("registry", TEXT_ONLY),
    ],
);

pub(super) const PROVIDER: Table = Table {
    of: "a provider",
    keys: &[
        ("options", table(&pairs("an option", ANY))),
        ("type", TEXT_ONLY),
    ],
    required: &["type"],
    others: EXTENSIONS,
};

const CONDITIONS: &[&str] = &[
    "service_started",
    "service_healthy",
    "service_completed_successfully",
];

pub(super) const DEPENDS_ON: Shape = table(&names(
    "a service",
    table(&Table {
        of: "a dependency",
        keys: &[
            ("condition", words(CONDITIONS)),
            ("required", FLAG_ONLY),
            ("restart", FLAG_OR_TEXT),
        ],
        required: &["condition"],
        others: EXTENSIONS,
    }),
))
.or_list(&TEXT_ONLY)
.unique();

pub(super) const DEVELOP: Shape =
    table(&keys("a development section", &[("watch", list(&ANY))])).or(NULL);

pub(super) const DEPLOY: Shape = table(&keys(
    "a deploy section",
    &[
        ("endpoint_mode", TEXT_ONLY),
        ("labels", PAIRS),
        ("mode", TEXT_ONLY),
        ("placement", table(&PLACEMENT)),
        ("replicas", WHOLE_OR_TEXT),
        ("resources", table(&RESOURCES)),
        ("restart_policy", table(&RESTART_POLICY)),
        ("rollback_config", table(&UPDATE)),
        ("update_config", table(&UPDATE)),
    ],
))
.or(NULL);

const PLACEMENT: Table = keys(
    "a placement",
    &[
        ("constraints", TEXTS),
        ("max_replicas_per_node", WHOLE_OR_TEXT),
        ("preferences", list(&ANY)),
    ],
);

const RESOURCES: Table = keys(
    "resources",
    &[
        (
            "limits",
            table(&keys(
                "limits",
                &[
                    ("cpus", NUMBER_OR_TEXT),
                    ("memory", TEXT_ONLY),
                    ("pids", WHOLE_OR_TEXT),
                ],
            )),
        ),
        (
            "reservations",
            table(&keys(
                "reservations",
                &[
                    ("cpus", NUMBER_OR_TEXT),
                    ("devices", list(&DEVICE_REQUEST)),
                    ("generic_resources", list(&ANY)),
                    ("memory", TEXT_ONLY),
                ],
            )),
        ),
    ],
);

const DEVICE_REQUEST: Shape = table(&Table {
    of: "a device request",
    keys: &[
        ("capabilities", UNIQUE_TEXTS),
        ("count", WHOLE_OR_TEXT),
        ("device_ids", UNIQUE_TEXTS),
        ("driver", TEXT_ONLY),
        ("options", PAIRS),
    ],
    required: &["capabilities"],
    others: EXTENSIONS,
});

const RESTART_POLICY: Table = keys(
    "a restart policy",
    &[
        ("condition", TEXT_ONLY),
        ("delay", TEXT_ONLY),
        ("max_attempts", WHOLE_OR_TEXT),
        ("window", TEXT_ONLY),
    ],
);

const UPDATE: Table = keys(
    "an update",
    &[
        ("delay", TEXT_ONLY),
        ("failure_action", TEXT_ONLY),
        ("max_failure_ratio", NUMBER_OR_TEXT),
        ("monitor", TEXT_ONLY),
        ("order", words(&["start-first", "stop-first"])),
        ("parallelism", WHOLE_OR_TEXT),
    ],
);

pub(super) const DEVICE: Shape = table(&Table {
    of: "a device",
    keys: &[
        ("permissions", TEXT_ONLY),
        ("source", TEXT_ONLY),
        ("target", TEXT_ONLY),
    ],
    required: &["source"],
    others: EXTENSIONS,
})
.or(TEXT);

pub(super) const ENV_FILE: Shape = table(&Table {
    of: "an env file",
    keys: &[
        ("format", TEXT_ONLY),
        ("path", TEXT_ONLY),
        ("required", FLAG_OR_TEXT),
    ],
    required: &["path"],
    others: EXTENSIONS,
})
.or(TEXT);

pub(super) const EXTENDS: Shape = table(&Table {
    of: "an extension",
    keys: &[("file", TEXT_ONLY), ("service", TEXT_ONLY)],
    required: &["service"],
    others: EXTENSIONS,
})
.or(TEXT);

pub(super) const HEALTHCHECK: Shape = table(&keys(
    "a healthcheck",
    &[
        ("disable", FLAG_OR_TEXT),
        ("interval", TEXT_ONLY),
        ("retries", NUMBER_OR_TEXT),
        ("start_interval", TEXT_ONLY),
        ("start_period", TEXT_ONLY),
        ("test", TEXTS.or(TEXT)),
        ("timeout", TEXT_ONLY),
    ],
));

pub(super) const LOGGING: Table = keys(
    "logging",
    &[
        ("driver", TEXT_ONLY),
        (
            "options",
            table(&pairs("an option", scalar(TEXT | NUMBER | NULL))),
        ),
    ],
);

pub(super) const SERVICE_NETWORKS: Shape = table(&names(
    "a network",
    table(&keys(
        "a connection to a network",
        &[
            ("aliases", UNIQUE_TEXTS),
            ("driver_opts", OPTIONS),
            ("gw_priority", scalar(NUMBER)),
            ("interface_name", TEXT_ONLY),
            ("ipv4_address", TEXT_ONLY),
            ("ipv6_address", TEXT_ONLY),
            ("link_local_ips", UNIQUE_TEXTS),
            ("mac_address", TEXT_ONLY),
            ("priority", scalar(NUMBER)),
        ],
    ))
    .or(NULL),
))
.or_list(&TEXT_ONLY)
.unique();

pub(super) const PORT: Shape = table(&keys(
    "a port",
    &[
        ("app_protocol", TEXT_ONLY),
        ("host_ip", TEXT_ONLY),
        ("mode", TEXT_ONLY),
        ("name", TEXT_ONLY),
        ("protocol", TEXT_ONLY),
        ("published", WHOLE_OR_TEXT),
        ("target", WHOLE_OR_TEXT),
    ],
))
.or(NUMBER | TEXT);

pub(super) const MOUNTED_FILES: Shape = list(&MOUNTED_FILE);
const MOUNTED_FILE: Shape = table(&keys(
    "a mounted file",
    &[
        ("gid", TEXT_ONLY),
        ("mode", NUMBER_OR_TEXT),
        ("source", TEXT_ONLY),
        ("target", TEXT_ONLY),
        ("uid", TEXT_ONLY),
    ],
))
.or(TEXT);

pub(super) const ULIMITS: Shape = table(&pairs(
    "a limit",
    table(&Table {
        of: "a limit",
        keys: &[("hard", WHOLE_OR_TEXT), ("soft", WHOLE_OR_TEXT)],
        required: &["soft", "hard"],
        others: EXTENSIONS,
    })
    .or(WHOLE | TEXT),
));

const MOUNT_TYPES: &[&str] = &["bind", "volume", "tmpfs", "cluster", "npipe", "image"];

pub(super) const MOUNT: Shape = table(&Table {
    of: "a mount",
    keys: &[
        (
            "bind",
            table(&keys(
                "a bind mount",
                &[
                    ("create_host_path", FLAG_OR_TEXT),
                    ("propagation", TEXT_ONLY),
                    (
                        "recursive",
                        words(&["enabled", "disabled", "writable", "readonly"]),
                    ),
                    ("selinux", words(&["z", "Z"])),
                ],
            )),
        ),
        ("consistency", TEXT_ONLY),
        (
            "image",
            table(&keys("an image mount", &[("subpath", TEXT_ONLY)])),
        ),
        ("read_only", FLAG_OR_TEXT),
        ("source", TEXT_ONLY),
        ("target", TEXT_ONLY),
        (
            "tmpfs",
            table(&keys(
                "a tmpfs mount",
                &[("mode", NUMBER_OR_TEXT), ("size", WHOLE_OR_TEXT)],
            )),
        ),
        ("type", words(MOUNT_TYPES)),
        (
            "volume",
            table(&keys(
                "a volume mount",
                &[
                    ("labels", PAIRS),
                    ("nocopy", FLAG_OR_TEXT),
                    ("subpath", TEXT_ONLY),
                ],
            )),
        ),
    ],
    required: &["type"],
    others: EXTENSIONS,
})
.or(TEXT);
