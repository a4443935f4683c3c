//! The shapes of a compose file, one table after the other, as the Compose Specification has them.

use crate::compose_file::service_shapes::{
    BLKIO, BUILD, CREDENTIAL_SPEC, DEPENDS_ON, DEPLOY, DEVELOP, DEVICE, ENV_FILE, EXTENDS,
    HEALTHCHECK, LOGGING, MOUNT, MOUNTED_FILES, PORT, PROVIDER, SERVICE_NETWORKS, ULIMITS,
};
use crate::compose_file::shape::{
    COMPOSE_FILE_SAID, FLAG, NULL, Shape, TEXT, Table, WHOLE, list, scalar, table, words,
};
use crate::compose_file::simple_shapes::{
    ANY, COMMAND, EXTENSIONS, EXTRA_HOSTS, FLAG_ONLY, FLAG_OR_TEXT, NUMBER_OR_TEXT, OPTIONS, PAIRS,
    TEXT_ONLY, TEXT_OR_TEXTS, TEXTS, UNIQUE_TEXTS, WHOLE_OR_TEXT, keys, names, pairs,
};

pub(super) const COMPOSE_FILE: Shape = table(&Table {
    of: COMPOSE_FILE_SAID,
    keys: &[
        ("configs", table(&names("a config", CONFIG))),
        ("include", list(&INCLUDE)),
        ("models", table(&names("a model", MODEL))),
        ("name", TEXT_ONLY),
        ("networks", table(&names("a network", NETWORK))),
        ("secrets", table(&names("a secret", SECRET))),
        ("services", table(&names("a service", SERVICE))),
        ("version", TEXT_ONLY),
        ("volumes", table(&names("a volume", VOLUME))),
    ],
    required: &[],
    others: EXTENSIONS,
});

const INCLUDE: Shape = table(&keys(
    "an include",
    &[
        ("env_file", TEXT_OR_TEXTS),
        ("path", TEXT_OR_TEXTS),
        ("project_directory", TEXT_ONLY),
    ],
))
.or(TEXT);

const SERVICE: Shape = table(&keys(
    "a service",
    &[
        ("annotations", PAIRS),
        ("attach", FLAG_OR_TEXT),
        ("blkio_config", table(&BLKIO)),
        ("build", BUILD),
        ("cap_add", UNIQUE_TEXTS),
        ("cap_drop", UNIQUE_TEXTS),
        ("cgroup", words(&["host", "private"])),
        ("cgroup_parent", TEXT_ONLY),
        ("command", COMMAND),
        ("configs", MOUNTED_FILES),
        ("container_name", TEXT_ONLY),
        ("cpu_count", WHOLE_OR_TEXT),
        ("cpu_percent", WHOLE_OR_TEXT),
        ("cpu_period", NUMBER_OR_TEXT),
        ("cpu_quota", NUMBER_OR_TEXT),
        ("cpu_rt_period", NUMBER_OR_TEXT),
        ("cpu_rt_runtime", NUMBER_OR_TEXT),
        ("cpu_shares", NUMBER_OR_TEXT),
        ("cpus", NUMBER_OR_TEXT),
        ("cpuset", TEXT_ONLY),
        ("credential_spec", table(&CREDENTIAL_SPEC)),
        ("depends_on", DEPENDS_ON),
        ("deploy", DEPLOY),
        ("develop", DEVELOP),
        ("device_cgroup_rules", UNIQUE_TEXTS),
        ("devices", list(&DEVICE)),
        ("dns", TEXT_OR_TEXTS),
        ("dns_opt", UNIQUE_TEXTS),
        ("dns_search", TEXT_OR_TEXTS),
        ("domainname", TEXT_ONLY),
        ("entrypoint", COMMAND),
        ("env_file", list(&ENV_FILE).or(TEXT)),
        ("environment", PAIRS),
        ("expose", list(&NUMBER_OR_TEXT).unique()),
        ("extends", EXTENDS),
        ("external_links", UNIQUE_TEXTS),
        ("extra_hosts", EXTRA_HOSTS),
        ("gpus", list(&ANY).or(TEXT)),
        ("group_add", list(&NUMBER_OR_TEXT).unique()),
        ("healthcheck", HEALTHCHECK),
        ("hostname", TEXT_ONLY),
        ("image", TEXT_ONLY),
        ("init", FLAG_OR_TEXT),
        ("ipc", TEXT_ONLY),
        ("isolation", TEXT_ONLY),
        ("label_file", TEXTS.or(TEXT)),
        ("labels", PAIRS),
        ("links", UNIQUE_TEXTS),
        ("logging", table(&LOGGING)),
        ("mac_address", TEXT_ONLY),
        ("mem_limit", NUMBER_OR_TEXT),
        ("mem_reservation", WHOLE_OR_TEXT),
        ("mem_swappiness", WHOLE_OR_TEXT),
        ("memswap_limit", NUMBER_OR_TEXT),
        ("models", table(&pairs("a model", ANY)).or_list(&TEXT_ONLY)),
        ("network_mode", TEXT_ONLY),
        ("networks", SERVICE_NETWORKS),
        ("oom_kill_disable", FLAG_OR_TEXT),
        ("oom_score_adj", WHOLE_OR_TEXT),
        ("pid", scalar(TEXT | NULL)),
        ("pids_limit", NUMBER_OR_TEXT),
        ("platform", TEXT_ONLY),
        ("ports", list(&PORT).unique()),
        ("post_start", list(&ANY)),
        ("pre_start", list(&ANY)),
        ("pre_stop", list(&ANY)),
        ("privileged", FLAG_OR_TEXT),
        ("profiles", UNIQUE_TEXTS),
        ("provider", table(&PROVIDER)),
        ("pull_policy", TEXT_ONLY),
        ("pull_refresh_after", TEXT_ONLY),
        ("read_only", FLAG_OR_TEXT),
        ("restart", TEXT_ONLY),
        ("runtime", TEXT_ONLY),
        ("scale", WHOLE_OR_TEXT),
        ("secrets", MOUNTED_FILES),
        ("security_opt", UNIQUE_TEXTS),
        ("shm_size", NUMBER_OR_TEXT),
        ("stdin_open", FLAG_OR_TEXT),
        ("stop_grace_period", TEXT_ONLY),
        ("stop_signal", TEXT_ONLY),
        ("storage_opt", table(&pairs("an option", ANY))),
        ("sysctls", PAIRS),
        ("tmpfs", TEXT_OR_TEXTS),
        ("tty", FLAG_OR_TEXT),
        ("ulimits", ULIMITS),
        ("use_api_socket", FLAG_ONLY),
        ("user", TEXT_ONLY),
        ("userns_mode", TEXT_ONLY),
        ("uts", TEXT_ONLY),
        ("volumes", list(&MOUNT).unique()),
        ("volumes_from", UNIQUE_TEXTS),
        ("working_dir", TEXT_ONLY),
    ],
));

const EXTERNAL: Shape =
    table(&keys("an external resource", &[("name", TEXT_ONLY)])).or(FLAG | TEXT);

const NETWORK: Shape = table(&keys(
    "a network",
    &[
        ("attachable", FLAG_OR_TEXT),
        ("driver", TEXT_ONLY),
        ("driver_opts", OPTIONS),
        ("enable_ipv4", FLAG_OR_TEXT),
        ("enable_ipv6", FLAG_OR_TEXT),
        ("external", EXTERNAL),
        ("internal", FLAG_OR_TEXT),
        (
            "ipam",
            table(&keys(
                "addresses of a network",
                &[
                    ("config", list(&ANY)),
                    ("driver", TEXT_ONLY),
                    ("options", OPTIONS),
                ],
            )),
        ),
        ("labels", PAIRS),
        ("name", TEXT_ONLY),
    ],
))
.or(NULL);

const VOLUME: Shape = table(&keys(
    "a volume",
    &[
        ("driver", TEXT_ONLY),
        ("driver_opts", OPTIONS),
        ("external", EXTERNAL),
        ("labels", PAIRS),
        ("name", TEXT_ONLY),
    ],
))
.or(NULL);

const SECRET: Shape = table(&keys(
    "a secret",
    &[
        ("driver", TEXT_ONLY),
        ("driver_opts", OPTIONS),
        ("environment", TEXT_ONLY),
        ("external", EXTERNAL),
        ("file", TEXT_ONLY),
        ("labels", PAIRS),
        ("name", TEXT_ONLY),
        ("template_driver", TEXT_ONLY),
    ],
));

const CONFIG: Shape = table(&keys(
    "a config",
    &[
        ("content", TEXT_ONLY),
        ("environment", TEXT_ONLY),
        ("external", EXTERNAL),
        ("file", TEXT_ONLY),
        ("labels", PAIRS),
        ("name", TEXT_ONLY),
        ("template_driver", TEXT_ONLY),
    ],
));

const MODEL: Shape = table(&Table {
    of: "a model",
    keys: &[
        ("context_size", scalar(WHOLE)),
        ("model", TEXT_ONLY),
        ("name", TEXT_ONLY),
        ("runtime_flags", TEXTS),
    ],
    required: &["model"],
    others: EXTENSIONS,
});
