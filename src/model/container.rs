//! What a plan says about a container: what it starts, mounts, publishes and may do.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::model::{
    Address, ByteSize, Expose, LabelName, PortName, Protocol, TimeSpan, VariableName, VolumeName,
    WordPart, word_parts,
};

/// How an image is built.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Build {
    /// The folder with the sources, by its path from the plan's folder.
    pub folder: Option<String>,
    /// The file with the steps, by its path from that folder.
    pub dockerfile: Option<String>,
    /// The stage to build.
    pub target: Option<String>,
    /// Arguments of the build.
    pub args: BTreeMap<VariableName, String>,
}

/// How a container runs, where that differs from what Backstay would write.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Container {
    /// Whether what the catalog knows about containers of this kind is used: variables, files, command,
    /// healthcheck, protection.
    pub from_catalog: Option<bool>,
    /// The program to start in place of the image's own.
    pub entrypoint: Option<Vec<String>>,
    /// The command and its arguments.
    pub command: Option<Vec<String>>,
    /// `user` or `user:group`, by name or number.
    pub user: Option<String>,
    /// The folder it starts in.
    pub working_folder: Option<String>,
    /// The name it calls itself.
    pub hostname: Option<Address>,
    /// Further names by which the containers beside it reach it.
    pub aliases: Option<Vec<Address>>,
    /// Further entries of its hosts file: addresses by name.
    pub extra_hosts: BTreeMap<Address, String>,
    /// When it is started again.
    pub restart: Option<Restart>,
    /// Whether a small init process runs in it first.
    pub init: Option<bool>,
    /// Whether it has a terminal and an open standard input.
    pub terminal: Option<bool>,
    /// The platform of the image: `linux/amd64`.
    pub platform: Option<String>,
    /// How long it may take to stop.
    pub stop_grace: Option<TimeSpan>,
    /// The signal that stops it.
    pub stop_signal: Option<String>,
    /// Whether its root file system is read-only.
    pub read_only: Option<bool>,
    /// Folders in memory, with options as Compose has them.
    pub tmpfs: Option<Vec<String>>,
    /// Shared memory.
    pub shared_memory: Option<ByteSize>,
    /// Whether it may do all that the machine may.
    pub privileged: Option<bool>,
    /// Whether its processes can never gain privileges.
    pub no_new_privileges: Option<bool>,
    /// Capabilities that it has besides.
    pub add_capabilities: Option<Vec<Capability>>,
    /// Capabilities that it does not have.
    pub drop_capabilities: Option<Vec<Capability>>,
    /// Devices of the host, as Compose has them.
    pub devices: Option<Vec<String>>,
    /// Whether it sees the processes of the host.
    pub host_processes: Option<bool>,
    /// Limits of its processes by Compose's names.
    pub ulimits: BTreeMap<&'static str, i64>,
    /// Labels that other programs read.
    pub labels: BTreeMap<LabelName, String>,
    /// What is mounted, by name.
    pub volumes: BTreeMap<VolumeName, Mount>,
    /// Ports beyond the component's own, by name.
    pub ports: BTreeMap<PortName, FurtherPort>,
    /// How to see that it works.
    pub healthcheck: Healthcheck,
}

/// The label of generated containers whose value changes with the texts of the generated files that they mount.
pub const FILES_LABEL: &str = "dev.backstay.files";

/// Something that a container may do, by its name without `CAP_`; `ALL` stands for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capability(&'static str);

/// Something mounted into a container: a volume of its own, a shared one, or a folder or file of the host.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mount {
    /// Where the container sees it.
    pub path: Option<String>,
    /// The folder or file of the host, by its path from the plan's folder.
    pub from: Option<String>,
    /// The name of a volume that several components share.
    pub shared: Option<VolumeName>,
    /// Whether the container can only read it.
    pub read_only: Option<bool>,
}

/// A port of a container beyond the one that users connect to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FurtherPort {
    /// The port inside the container.
    pub port: Option<u16>,
    /// The last of a range of ports that begins with it.
    pub through: Option<u16>,
    /// The port of the host, or the first of as many; the same as inside if not said.
    pub published: Option<u16>,
    /// TCP if not said.
    pub protocol: Option<Protocol>,
    /// How far it reaches.
    pub expose: Option<Expose>,
    /// The address of the host to bind it to.
    pub address: Option<IpAddr>,
}

/// How to see that a container works.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Healthcheck {
    /// `CMD` or `CMD-SHELL` and what to run, or `NONE`.
    pub test: Option<Vec<String>>,
    /// Time between two.
    pub interval: Option<TimeSpan>,
    /// Longest one may take.
    pub timeout: Option<TimeSpan>,
    /// Failures in a row that make it unhealthy.
    pub retries: Option<u32>,
    /// Time to start in which failures do not count.
    pub start_period: Option<TimeSpan>,
}

/// When a container that has ended is started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restart {
    /// Never.
    Never,
    /// Always.
    Always,
    /// Always, unless somebody stopped it.
    UnlessStopped,
    /// After a failure, at most so many times if that is said.
    OnFailure(Option<u16>),
}

impl Capability {
    /// Every name, in the order of their numbers.
    pub const NAMES: [&str; 42] = [
        "CHOWN",
        "DAC_OVERRIDE",
        "DAC_READ_SEARCH",
        "FOWNER",
        "FSETID",
        "KILL",
        "SETGID",
        "SETUID",
        "SETPCAP",
        "LINUX_IMMUTABLE",
        "NET_BIND_SERVICE",
        "NET_BROADCAST",
        "NET_ADMIN",
        "NET_RAW",
        "IPC_LOCK",
        "IPC_OWNER",
        "SYS_MODULE",
        "SYS_RAWIO",
        "SYS_CHROOT",
        "SYS_PTRACE",
        "SYS_PACCT",
        "SYS_ADMIN",
        "SYS_BOOT",
        "SYS_NICE",
        "SYS_RESOURCE",
        "SYS_TIME",
        "SYS_TTY_CONFIG",
        "MKNOD",
        "LEASE",
        "AUDIT_WRITE",
        "AUDIT_CONTROL",
        "SETFCAP",
        "MAC_OVERRIDE",
        "MAC_ADMIN",
        "SYSLOG",
        "WAKE_ALARM",
        "BLOCK_SUSPEND",
        "AUDIT_READ",
        "PERFMON",
        "BPF",
        "CHECKPOINT_RESTORE",
        "ALL",
    ];

    /// The capability of a name, in capitals or not, with `CAP_` or without.
    pub fn find(name: &str) -> Option<Capability> {
        let name = name.to_ascii_uppercase();
        let plain = name.strip_prefix("CAP_").unwrap_or(&name);
        let mut names = Self::NAMES.into_iter();
        names.find(|known| *known == plain).map(Capability)
    }

    /// Its name, without `CAP_`.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl Build {
    /// This build with everything that `over` says instead.
    pub fn overridden_by(&self, over: &Build) -> Build {
        Build {
            folder: either(&over.folder, &self.folder),
            dockerfile: either(&over.dockerfile, &self.dockerfile),
            target: either(&over.target, &self.target),
            args: merged(&self.args, &over.args),
        }
    }
}

impl Container {
    /// The credentials that stand in the words of its program, command and healthcheck, each once.
    pub fn secrets_in_words(&self) -> BTreeSet<&str> {
        let lists = [&self.entrypoint, &self.command, &self.healthcheck.test];
        let words = lists.into_iter().flatten().flatten();
        let secret = |part| match part {
            WordPart::Secret(name) => Some(name),
            WordPart::Text(_) => None,
        };
        let parts = words.flat_map(|word| word_parts(word));
        parts.filter_map(secret).collect()
    }

    /// This container with everything that `over` says instead.
    pub fn overridden_by(&self, over: &Container) -> Container {
        Container {
            from_catalog: over.from_catalog.or(self.from_catalog),
            entrypoint: either(&over.entrypoint, &self.entrypoint),
            command: either(&over.command, &self.command),
            user: either(&over.user, &self.user),
            working_folder: either(&over.working_folder, &self.working_folder),
            hostname: either(&over.hostname, &self.hostname),
            aliases: either(&over.aliases, &self.aliases),
            extra_hosts: merged(&self.extra_hosts, &over.extra_hosts),
            restart: over.restart.or(self.restart),
            init: over.init.or(self.init),
            terminal: over.terminal.or(self.terminal),
            platform: either(&over.platform, &self.platform),
            stop_grace: either(&over.stop_grace, &self.stop_grace),
            stop_signal: either(&over.stop_signal, &self.stop_signal),
            read_only: over.read_only.or(self.read_only),
            tmpfs: either(&over.tmpfs, &self.tmpfs),
            shared_memory: over.shared_memory.or(self.shared_memory),
            privileged: over.privileged.or(self.privileged),
            no_new_privileges: over.no_new_privileges.or(self.no_new_privileges),
            add_capabilities: either(&over.add_capabilities, &self.add_capabilities),
            drop_capabilities: either(&over.drop_capabilities, &self.drop_capabilities),
            devices: either(&over.devices, &self.devices),
            host_processes: over.host_processes.or(self.host_processes),
            ulimits: merged(&self.ulimits, &over.ulimits),
            labels: merged(&self.labels, &over.labels),
            volumes: combined(&self.volumes, &over.volumes, Mount::overridden_by),
            ports: combined(&self.ports, &over.ports, FurtherPort::overridden_by),
            healthcheck: self.healthcheck.overridden_by(&over.healthcheck),
        }
    }
}

/// Folders of every machine.
const OF_MACHINE: &[&str] = &[
    "/dev", "/etc", "/lib", "/lib64", "/proc", "/run", "/sys", "/usr", "/var/run",
];

impl Mount {
    /// Whether it is one of the folders that every machine has, or stands in one: nobody makes it for a container.
    pub fn is_of_machine(&self) -> bool {
        let mut folders = OF_MACHINE.iter();
        self.from.as_deref() == Some("/") || folders.any(|folder| self.is_below(folder))
    }

    /// What of the plan's folder it is, if it lies there.
    pub fn beside_plan(&self) -> Option<&str> {
        let from = self.from.as_deref()?;
        let is_relative = !from.starts_with(['/', '~']) && !from.contains("://");
        is_relative.then(|| from.trim_end_matches('/'))
    }

    /// Whether it is a folder of the host, or stands in it.
    pub fn is_below(&self, folder: &str) -> bool {
        let from = self.from.as_deref();
        let rest = from.and_then(|from| from.strip_prefix(folder));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    fn overridden_by(&self, over: &Mount) -> Mount {
        // What is mounted is one thing: another source takes the place of the one before.
        let is_elsewhere = over.from.is_some() || over.shared.is_some();
        let source = if is_elsewhere { over } else { self };
        Mount {
            path: either(&over.path, &self.path),
            from: source.from.clone(),
            shared: source.shared.clone(),
            read_only: over.read_only.or(self.read_only),
        }
    }
}

impl FurtherPort {
    fn overridden_by(&self, over: &FurtherPort) -> FurtherPort {
        // Reach and address say the same thing in two ways.
        let is_elsewhere = over.expose.is_some() || over.address.is_some();
        let reach = if is_elsewhere { over } else { self };
        FurtherPort {
            port: over.port.or(self.port),
            through: over.through.or(self.through),
            published: over.published.or(self.published),
            protocol: over.protocol.or(self.protocol),
            expose: reach.expose,
            address: reach.address,
        }
    }

    /// How many ports follow the first; none for a single one.
    pub fn more(&self) -> u16 {
        let ends = self.port.zip(self.through);
        ends.map_or(0, |(first, last)| last.saturating_sub(first))
    }
}

impl Healthcheck {
    fn overridden_by(&self, over: &Healthcheck) -> Healthcheck {
        Healthcheck {
            test: either(&over.test, &self.test),
            interval: either(&over.interval, &self.interval),
            timeout: either(&over.timeout, &self.timeout),
            retries: over.retries.or(self.retries),
            start_period: either(&over.start_period, &self.start_period),
        }
    }

    /// Whether it says that nothing is to be tested.
    pub fn is_off(&self) -> bool {
        let test = self.test.as_deref();
        test.is_some_and(|test| test.first().is_some_and(|word| word == "NONE"))
    }
}

impl Restart {
    /// Reads it as Compose writes it: `no`, `always`, `unless-stopped`, `on-failure` or `on-failure:5`.
    pub fn parse(text: &str) -> Option<Restart> {
        match text {
            "no" => Some(Restart::Never),
            "always" => Some(Restart::Always),
            "unless-stopped" => Some(Restart::UnlessStopped),
            "on-failure" => Some(Restart::OnFailure(None)),
            _ => {
                let times = text.strip_prefix("on-failure:")?;
                let is_plain = times.bytes().all(|byte| byte.is_ascii_digit());
                let times = times.parse().ok().filter(|_| is_plain)?;
                Some(Restart::OnFailure(Some(times)))
            }
        }
    }
}

impl std::fmt::Display for Restart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Restart::Never => f.write_str("no"),
            Restart::Always => f.write_str("always"),
            Restart::UnlessStopped => f.write_str("unless-stopped"),
            Restart::OnFailure(None) => f.write_str("on-failure"),
            Restart::OnFailure(Some(times)) => write!(f, "on-failure:{times}"),
        }
    }
}

fn either<T: Clone>(over: &Option<T>, base: &Option<T>) -> Option<T> {
    over.as_ref().or(base.as_ref()).cloned()
}

/// `base` with what `over` has more or instead.
pub(super) fn merged<K: Ord + Clone, V: Clone>(
    base: &BTreeMap<K, V>,
    over: &BTreeMap<K, V>,
) -> BTreeMap<K, V> {
    combined(base, over, |_, over| over.clone())
}

fn combined<K: Ord + Clone, V: Clone>(
    base: &BTreeMap<K, V>,
    over: &BTreeMap<K, V>,
    combine: impl Fn(&V, &V) -> V,
) -> BTreeMap<K, V> {
    let mut all = base.clone();
    for (name, over) in over {
        let value = base.get(name).map(|base| combine(base, over));
        all.insert(name.clone(), value.unwrap_or_else(|| over.clone()));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn restarts_are_written_as_they_are_read() {
        for text in [
            "no",
            "always",
            "unless-stopped",
            "on-failure",
            "on-failure:5",
        ] {
            let restart = Restart::parse(text).expect("Compose writes it so");
            assert_eq!(restart.to_string(), text);
        }
        for wrong in [
            "",
            "never",
            "on-failure:",
            "on-failure:+1",
            "on-failure:99999",
        ] {
            assert_eq!(Restart::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn another_source_takes_the_place_of_a_mount_s_source() {
        let base = Mount {
            path: Some("/data".into()),
            from: Some("./data".into()),
            ..Mount::default()
        };
        let over = Mount {
            shared: VolumeName::new("data").ok(),
            ..Mount::default()
        };
        let mount = base.overridden_by(&over);
        assert_eq!((mount.path, mount.from), (Some("/data".into()), None));
        assert_eq!(mount.shared, over.shared);
        let read_only = Mount {
            read_only: Some(true),
            ..Mount::default()
        };
        assert_eq!(base.overridden_by(&read_only).from, base.from);
    }
}
