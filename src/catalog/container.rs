//! How a kind's container runs: the table `[container]` of its file.
//!
//! Its templates know the service's own values, and besides:
//!
//! - `secret(NAME)` and `secret_file(NAME)`: a credential of its own, as text or as the path of a file.
//! - `published_port`: the port on the host by which others connect.
//! - `kept_days`: for how many days what it stores is kept, by the plan's `[sizes]`; none if they say nothing.
//! - `members`: the instances of the service by host, each with `number` from 1, `host`, `address` and
//!   `address_in_url`; the last two are none if the plan does not say where the host is reached.
//! - `member`: the one of them that this container is.
//! - `uses`: the components that the service uses, each with `name`, `kind`, `protocol`, `version`, `role`,
//!   `roles`, `scheme`, `host` (as URLs have it), `address`, `port`, `tls`, `url`, the `addresses` of all its
//!   replicas, those of them that are `beside` it (names of containers, known to the engine alone), its parts (`user`, `database` …), `forms` (the connection strings without credentials) and,
//!   by name, `secret` and `secret_file`. Of a kind that is a proxy, what it stands before, and nothing else.
//! - `mounts`: the paths at which the plan mounts something itself.
//! - `is older_than(LINE)`: a test of a `version`, which a word such as `latest` never meets.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::catalog::Exceptions;
use crate::catalog::version::numbers;
use crate::model::ByteSize;

/// How a kind's container runs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Container {
    /// `uid:gid` to run as.
    pub user: Option<String>,
    /// *Templates* of the program to start in place of the image's own, which drops the image's command too.
    /// An argument whose text comes out empty is left out.
    #[serde(default)]
    pub entrypoint: Vec<String>,
    /// *Templates* of the command and its arguments. One whose text comes out empty is left out.
    #[serde(default)]
    pub command: Vec<String>,
    /// Whether the host name must stay the same when the container is made anew.
    #[serde(default)]
    pub fixed_hostname: bool,
    /// *Templates* of the variables that the image reads. `{{ secret(…) }}` and `{{ secret_file(…) }}` put credentials in.
    /// A variable whose text comes out empty is left out.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// What must outlive the container.
    #[serde(default)]
    pub volumes: Vec<Volume>,
    /// Files put into the container.
    #[serde(default)]
    pub files: Vec<ContainerFile>,
    /// How to see that it works.
    pub healthcheck: Healthcheck,
    /// Memory it needs.
    pub memory: Memory,
    /// Whether its root file system can be read-only.
    pub read_only: bool,
    /// Folders it writes that need not outlive it.
    #[serde(default)]
    pub tmpfs: Vec<String>,
    /// Capabilities it needs besides none.
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// Whether it works under `no-new-privileges`.
    #[serde(default = "yes")]
    pub no_new_privileges: bool,
    /// Shared memory, where the engine's 64 MiB are too few.
    #[serde(default, deserialize_with = "size")]
    pub shared_memory: Option<ByteSize>,
    /// How long it may take to stop, such as `1m`.
    pub stop_grace: Option<String>,
    /// Why it goes without a protection that containers have.
    #[serde(default)]
    pub exceptions: Exceptions,
    /// Limits of its processes by Compose's names, such as `nofile`.
    #[serde(default)]
    pub ulimits: BTreeMap<String, i64>,
    /// What the user agrees to by starting it.
    pub consent: Option<Consent>,
    /// *Templates* of what somebody must see to before the first start, a sentence each; the runbook says
    /// it. One whose text comes out empty is left out.
    #[serde(default)]
    pub before_start: Vec<String>,
    /// How its data is copied out and back, where somebody has tried it.
    pub dump: Option<Dump>,
    /// Whether the files of its volumes, copied while it is stopped, are all that it needs to go on elsewhere
    /// in the same version, where somebody has tried it.
    #[serde(default)]
    pub copied_stopped: bool,
    /// Whether the first number of its version says whose files it reads: those of that version and of no other, as its
    /// makers say.
    #[serde(default)]
    pub files_of_one_major: bool,
    /// Shell text that runs in the container and shows in a few lines what it keeps, for people to compare.
    pub look: Option<String>,
}

impl Container {
    /// Whether version `is` reads the files that version `was` has left. Of a word such as `latest` nobody can tell
    /// that it does not.
    pub fn reads_files(&self, was: &str, is: &str) -> bool {
        let first = |version| numbers(version).first().copied();
        let (was, is) = (first(was), first(is));
        !self.files_of_one_major || was.is_none() || is.is_none() || was == is
    }

    /// What shows what a container keeps that has these variables; none if it cannot be said.
    pub fn look_in(&self, has: impl Fn(&str) -> bool) -> Option<String> {
        let instead = self.dump.as_ref().map_or(&[][..], |dump| &dump.instead);
        fitted(self.look.as_ref()?, instead, &has).ok()
    }
}

/// What the user agrees to by starting a service. It is said in the compose file and in the runbook.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Consent {
    /// To what: the end of the sentence "starting it accepts …".
    pub to: String,
    /// The variable by which the image is told.
    pub variable: String,
    /// The variable's value.
    pub value: String,
}

/// A volume of a container.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Volume {
    /// What it holds; the volume is called `SERVICE-NAME`.
    pub name: String,
    /// Where it is mounted.
    pub path: String,
    /// The first version line it is for.
    pub since: Option<String>,
    /// The last version line it is for.
    pub until: Option<String>,
}

/// A file put into a container.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ContainerFile {
    /// Its name beside the compose file.
    pub name: String,
    /// Where the container sees it.
    pub path: String,
    /// *Template* of its text. It can name the file of a credential but never hold one.
    pub text: String,
}

/// How data is copied out of a running container and back. Both are shell text that runs in there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Dump {
    /// Writes all that apps keep in the service to standard output.
    pub command: String,
    /// Reads it from standard input, and puts it in the place of what is there.
    pub restore: String,
    /// What says the same in containers that were set up by somebody else.
    #[serde(default)]
    pub instead: Vec<Instead>,
    /// What the service keeps and the copy does not hold, such as `the messages in its queues`.
    pub leaves_out: Option<String>,
    /// How that goes from one container to another, while both run.
    pub rest: Option<Rest>,
}

/// How what a copy leaves out goes from the old container to the new one. Both are shell text.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rest {
    /// Runs in the new one, and writes to standard output how it is reached.
    pub reached: String,
    /// Runs in the old one, reads that from standard input, and ends when all has gone over.
    pub command: String,
}

/// What stands in the place of a part of a shell text whose variables a container does not have.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Instead {
    /// The part.
    pub of: String,
    /// What says the same by other variables, or as the image's own default; the first that can be said holds.
    pub by: Vec<String>,
}

impl Dump {
    /// The variables that copying out reads.
    pub fn reads(&self) -> Vec<&str> {
        variables(&self.command)
    }

    /// The commands for a container that has these variables.
    ///
    /// # Errors
    ///
    /// The first variable that they read and it does not have.
    pub fn in_container(&self, has: impl Fn(&str) -> bool) -> Result<Dump, String> {
        Ok(Dump {
            command: fitted(&self.command, &self.instead, &has)?,
            restore: fitted(&self.restore, &self.instead, &has)?,
            instead: Vec::new(),
            leaves_out: self.leaves_out.clone(),
            rest: self.rest.clone(),
        })
    }
}

/// A shell text for a container that has these variables, or the first that it reads and the container lacks.
fn fitted(text: &str, instead: &[Instead], has: &dyn Fn(&str) -> bool) -> Result<String, String> {
    let unset = |text: &str| {
        let mut names = variables(text).into_iter();
        names.find(|name| !has(name)).map(str::to_owned)
    };
    let mut text = text.to_owned();
    for Instead { of, by } in instead {
        let other = by.iter().find(|by| unset(by).is_none());
        if let Some(other) = other.filter(|_| unset(of).is_some()) {
            text = text.replace(of, other);
        }
    }
    match unset(&text) {
        Some(name) => Err(name),
        None => Ok(text),
    }
}

/// The variables that a shell text reads: `$NAME`.
fn variables(text: &str) -> Vec<&str> {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let after = text.split('$').skip(1);
    let names = after.map(|rest| &rest[..rest.find(|c| !is_of_name(c)).unwrap_or(rest.len())]);
    names.filter(|name| !name.is_empty()).collect()
}

/// A healthcheck that works inside the image.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Healthcheck {
    /// *Templates* in Compose's form: `CMD` or `CMD-SHELL` first.
    pub test: Vec<String>,
    /// Time between two.
    pub interval: String,
    /// Longest one may take.
    pub timeout: String,
    /// Failures in a row that make it unhealthy.
    pub retries: u32,
    /// Time to start in which failures do not count.
    pub start_period: String,
}

/// Memory that a kind needs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Memory {
    /// What it cannot start below.
    #[serde(deserialize_with = "required_size")]
    pub minimum: ByteSize,
    /// The limit to give it when the plan says none.
    #[serde(deserialize_with = "required_size")]
    pub limit: ByteSize,
    /// The part of its memory that what it stores may take, where all of it must fit into memory.
    pub for_data: Option<f64>,
    /// The setting that says how much of it that is.
    pub data_setting: Option<DataSetting>,
}

/// A setting for an amount of mebibytes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DataSetting {
    /// The variable.
    pub name: String,
    /// What stands behind the number.
    #[serde(default)]
    pub unit: String,
}

impl Volume {
    /// Whether a container of `version` mounts this volume.
    pub fn applies_to(&self, version: &str) -> bool {
        // A word such as `latest` stands for the newest.
        if numbers(version).is_empty() {
            return self.until.is_none();
        }
        let after = self
            .since
            .as_deref()
            .is_none_or(|since| numbers(version) >= numbers(since));
        let before = self.until.as_deref().is_none_or(|until| {
            let until = numbers(until);
            let of_version = numbers(version);
            of_version[..until.len().min(of_version.len())] <= until[..]
        });
        after && before
    }
}

fn yes() -> bool {
    true
}

fn required_size<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<ByteSize, D::Error> {
    let text = String::deserialize(deserializer)?;
    ByteSize::parse(&text)
        .ok_or_else(|| serde::de::Error::custom("expected a size such as \"256 MiB\""))
}

pub(super) fn size<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<ByteSize>, D::Error> {
    required_size(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dump_reads_what_its_container_has() {
        let dump = Dump {
            command: r#"dump -u "$USER_NAME" "$(cat "$KEY_FILE")""#.into(),
            restore: r#"put -u "$USER_NAME""#.into(),
            instead: vec![
                Instead {
                    of: r#"$(cat "$KEY_FILE")"#.into(),
                    by: vec!["$OLD_KEY".into(), "$KEY".into()],
                },
                Instead {
                    of: "$USER_NAME".into(),
                    by: vec!["root".into()],
                },
            ],
            leaves_out: None,
            rest: None,
        };
        let said = |has: &[&str]| {
            let fitted = dump.in_container(|name| has.contains(&name));
            fitted.map(|dump| format!("{}; {}", dump.command, dump.restore))
        };
        assert_eq!(
            said(&["KEY_FILE", "USER_NAME", "KEY"]),
            Ok(format!("{}; {}", dump.command, dump.restore))
        );
        assert_eq!(
            said(&["KEY"]),
            Ok(r#"dump -u "root" "$KEY"; put -u "root""#.to_owned())
        );
        assert_eq!(said(&["USER_NAME"]), Err("KEY_FILE".to_owned()));
    }

    #[test]
    fn volumes_follow_the_version() {
        let volume = |since: Option<&str>, until: Option<&str>| Volume {
            name: "data".into(),
            path: "/data".into(),
            since: since.map(str::to_owned),
            until: until.map(str::to_owned),
        };
        assert!(volume(Some("18"), None).applies_to("18.1"));
        assert!(!volume(Some("18"), None).applies_to("17.9"));
        assert!(volume(None, Some("17")).applies_to("17.9"));
        assert!(!volume(None, Some("17")).applies_to("18"));
        assert!(volume(Some("18"), None).applies_to("latest"));
        assert!(!volume(None, Some("17")).applies_to("latest"));
    }
}
