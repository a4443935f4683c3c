//! A kind of service, as its file in `templates/services/` describes it.
//!
//! Texts marked *template* are rendered with the names that `settings::values` offers: `host`,
//! `port`, `tls`, `name`, `plan`, `environment`, `version`, the parts and the secrets of the kind.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::catalog::fit::choices;
use crate::catalog::told_port::told_port;
use crate::catalog::version::{covers, is_older};
use crate::catalog::{Container, Hosting, OpenDoor, RoleFit, SecretRule, WeakSetting};
use crate::model::{Choice, Date, HostKind, ImageName, Role, is_short_for};

/// What a service can be an instance of. Sources and date of its facts are in `facts`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Kind {
    /// The name in the catalog: the file's name without `.toml`.
    #[serde(skip)]
    pub id: String,
    /// The product's own name.
    pub title: String,
    /// What sort of thing it is, in two or three words.
    pub category: String,
    /// One sentence for a list.
    pub summary: String,
    /// Other names people use for it.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// What its clients speak; dialects spell settings by it.
    pub protocol: String,
    /// Who can run it.
    pub hosting: Hosting,
    /// Whether what is stored survives a restart.
    pub keeps_data: bool,
    /// Whether several instances form one service.
    #[serde(default)]
    pub clusters: bool,
    /// Kinds without which it does not work: it must use a service of one of them.
    #[serde(default)]
    pub needs_use: Vec<String>,
    /// The role of a service in which it keeps its data, if it is to keep them in one of its own.
    #[serde(default, deserialize_with = "role")]
    pub keeps_in: Option<Role>,
    /// The kind that takes its place on a machine, if no machine can run it.
    pub stand_in: Option<String>,
    /// Roles it fills, the usual one first.
    pub roles: Vec<RoleFit>,
    /// What to move to when it no longer suffices.
    #[serde(default)]
    pub grows_into: Vec<Growth>,
    /// Providers that run it.
    #[serde(default)]
    pub managed: Vec<Managed>,
    /// Container image; only self-hosted kinds have one.
    pub image: Option<Image>,
    /// Lines of versions, newest first.
    #[serde(default)]
    pub versions: Vec<VersionLine>,
    /// Ports it listens on, the one for clients first.
    pub ports: Vec<ServicePort>,
    /// Options by which its command tells the port for clients, if it is another: `--port`. One without dashes is
    /// what stands before a `=`. The first that is told counts.
    #[serde(default)]
    pub port_options: Vec<String>,
    /// What a connection needs besides host and port: database, user, bucket …
    #[serde(default)]
    pub parts: BTreeMap<String, Part>,
    /// Credentials.
    #[serde(default)]
    pub secrets: BTreeMap<String, SecretRule>,
    /// With what people log in to its page; nothing if the page asks for nothing.
    pub login: Option<Login>,
    /// Settings that nobody but its owner can know, and that it needs where people reach it.
    #[serde(default)]
    pub public_settings: Vec<PublicSetting>,
    /// Settings of its image that let people in whom nobody invited.
    #[serde(default)]
    pub weak_settings: Vec<WeakSetting>,
    /// When its container lets in whoever reaches it, where the catalog does not run it.
    pub open_door: Option<OpenDoor>,
    /// Whether every connection to it is encrypted wherever it runs: its server offers encryption by
    /// itself, and clients ask for it with what its forms say or by their own defaults.
    #[serde(default)]
    pub encrypts: bool,
    /// How a provider offers it.
    pub endpoint: Option<ProviderEndpoint>,
    /// Connection strings, by the form's name: `url`, `jdbc`, `ado` …
    #[serde(default)]
    pub forms: BTreeMap<String, Form>,
    /// How its container runs; only self-hosted kinds say it.
    pub container: Option<Container>,
    /// Licence and supply.
    pub supply: Supply,
    /// What speaks for it.
    pub pros: Vec<String>,
    /// What speaks against it.
    pub cons: Vec<String>,
    /// What goes wrong unless one knows.
    #[serde(default)]
    pub traps: Vec<String>,
    /// Where all this comes from.
    pub facts: Facts,
}

/// With what people log in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Login {
    /// The user; without one it is the part `user`.
    pub user: Option<String>,
    /// Names of its credentials.
    #[serde(default)]
    pub secrets: Vec<String>,
    /// The same where apps log in as that user too.
    #[serde(default)]
    pub secrets_of_app: Vec<String>,
    /// Whether people log in with what the service that it uses says here.
    #[serde(default)]
    pub of_used: bool,
}

/// A setting that a kind needs where people reach it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PublicSetting {
    /// The variable.
    pub name: String,
    /// What it is to say, and why.
    pub reason: String,
}

/// What a kind grows into.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Growth {
    /// The larger kind; it need not be in the catalog.
    pub kind: String,
    /// When, and what changes.
    pub when: String,
}

/// A provider's offer of a kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Managed {
    /// Who.
    pub provider: String,
    /// What they call it.
    pub service: String,
    /// Whether it is another product that does the same work: apps must be changed for it.
    #[serde(default)]
    pub equivalent: bool,
    /// The roles in which it does the work of the kind; all of them if none is said.
    #[serde(default, deserialize_with = "choices")]
    pub roles: Vec<Role>,
}

impl Managed {
    /// Whether it does the work of the kind in a role.
    pub fn fills(&self, role: Role) -> bool {
        self.roles.is_empty() || self.roles.contains(&role)
    }
}

/// A container image.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Image {
    /// Registry and repository, without a tag.
    pub name: String,
    /// *Template* of the tag.
    pub tag: String,
    /// The version used when the plan says none.
    pub version: String,
    /// Other images that hold the same product, by which an import recognises it.
    #[serde(default)]
    pub also: Vec<String>,
}

/// A line of versions that ages together.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct VersionLine {
    /// Its number: `8.4` covers `8.4` and `8.4.11`.
    pub line: String,
    /// The last day of support; absent where none is published.
    #[serde(default, deserialize_with = "date")]
    pub end_of_life: Option<Date>,
    /// What else to know about it.
    pub note: Option<String>,
}

/// A port a kind listens on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ServicePort {
    /// What it speaks.
    pub name: String,
    /// Its number inside the container.
    pub number: u16,
    /// What it is for, where the name does not say it.
    pub note: Option<String>,
    /// The clients that come here and not to the first port: for services that tell clients their own
    /// address, and so need a port for each address that they are known by.
    pub serves: Option<Clients>,
    /// Whether its instances on other hosts come here.
    #[serde(default)]
    pub peers: bool,
    /// Whether people open it in a browser. So it is published on its own machine even if nothing there
    /// connects to it.
    #[serde(default)]
    pub people: bool,
}

/// Where clients are that come from outside of the service's Compose project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Clients {
    /// On the same machine, by `127.0.0.1`.
    Machine,
    /// On other hosts, by the address of the service's host.
    Network,
}

/// Something a connection needs that is not secret.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Part {
    /// *Template* of the value when the plan gives none; without it the plan must say.
    pub default: Option<String>,
    /// Whether a provider chooses it: at a managed host the plan must say it, whatever the default.
    #[serde(default)]
    pub provider_chooses: bool,
    /// Values that the service refuses.
    #[serde(default)]
    pub refused: Vec<String>,
    /// Shortest value it takes, in characters.
    pub shortest: Option<usize>,
    /// Longest value it takes, in characters.
    pub longest: Option<usize>,
    /// Which letters it takes besides digits; any character at all where it does not say.
    pub letters: Option<Letters>,
    /// Characters that it takes besides `letters` and digits.
    #[serde(default)]
    pub marks: String,
    /// Whether they may stand first and last, too.
    #[serde(default)]
    pub marks_at_ends: bool,
    /// Characters that it refuses, where it takes any letters: those that its start cannot handle in it.
    #[serde(default)]
    pub refused_characters: String,
    /// Values that everybody tries first, such as the administrator's usual name.
    #[serde(default)]
    pub well_known: Vec<String>,
}

/// Letters that a part can have; those of English only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Letters {
    /// Small ones.
    Lower,
    /// Small and capital ones.
    Any,
}

/// How a provider offers a kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProviderEndpoint {
    /// *Template* of the host name, if the provider's names follow a pattern.
    pub address: Option<String>,
    /// Port.
    pub port: u16,
    /// Whether it is reached over TLS.
    pub tls: bool,
}

/// A connection string.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Form {
    /// *Template* of the string. Every value that enters it is encoded.
    pub text: String,
    /// How values are encoded.
    pub encoding: Encoding,
    /// Characters that no encoded value may hold, because the string has no escape for them: a value with
    /// one of them is an error.
    #[serde(default)]
    pub refuses: String,
}

/// How a value enters a connection string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// As it is.
    Plain,
    /// Percent-encoded: everything but RFC 3986's unreserved characters.
    Uri,
    /// An ADO.NET value: quoted where it holds `;`, quotes, `=` or blanks at its ends.
    Ado,
    /// A libpq keyword's value: in single quotes where needed, with `\` before `'` and `\`.
    Libpq,
    /// A value of ODBC and of SQL Server's JDBC driver: in braces where needed, with `}` doubled.
    Braces,
    /// A part of a comma-separated list that has no escape: a comma is an error.
    CommaList,
}

/// Licence and supply of a kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Supply {
    /// SPDX expression or the plain words.
    pub licence: String,
    /// What threatens its supply, if anything.
    pub warning: Option<String>,
}

/// Where a kind's facts come from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Facts {
    /// The day they were last reviewed.
    #[serde(deserialize_with = "required_date")]
    pub reviewed: Date,
    /// Documents, with their date.
    pub sources: Vec<String>,
    /// Which statements nobody has checked against a running service.
    #[serde(default)]
    pub unverified: Vec<String>,
}

impl Kind {
    /// How well it fills `role`; `None` if it does not fill it at all.
    pub fn fit(&self, role: Role) -> Option<&RoleFit> {
        self.roles.iter().find(|fit| fit.role == role)
    }

    /// The role that it usually fills; `None` for what is no service.
    pub fn usual_role(&self) -> Option<Role> {
        self.roles.first().map(|fit| fit.role)
    }

    /// The port for clients.
    pub fn port(&self) -> u16 {
        self.ports.first().map_or(0, |port| port.number)
    }

    /// The port for clients that the words of a command tell; the usual one if they tell none.
    pub fn port_told_by<'w>(&self, words: impl Iterator<Item = &'w str>) -> u16 {
        told_port(&self.port_options, words).unwrap_or_else(|| self.port())
    }

    /// The port for clients from outside of its Compose project.
    pub fn port_for(&self, clients: Clients) -> u16 {
        let own = self.ports.iter().find(|port| port.serves == Some(clients));
        own.map_or_else(|| self.port(), |port| port.number)
    }

    /// The port for its instances on other hosts, if they form one service.
    pub fn peers_port(&self) -> Option<u16> {
        let port = self.ports.iter().find(|port| port.peers)?;
        self.clusters.then_some(port.number)
    }

    /// Ports besides the one for clients that people open in a browser.
    pub fn pages(&self) -> impl Iterator<Item = u16> {
        let pages = self.ports.iter().skip(1).filter(|port| port.people);
        pages.map(|port| port.number)
    }

    /// Whether people open the port for clients in a browser.
    pub fn is_for_people(&self) -> bool {
        self.ports.first().is_some_and(|port| port.people)
    }

    /// The line that `version` belongs to; the newest one of a first number alone, which registries let float.
    pub fn version_line(&self, version: &str) -> Option<&VersionLine> {
        let first = version.split('-').next().unwrap_or_default();
        let is_number = !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_digit());
        let mut lines = self.versions.iter();
        let own = lines.find(|line| covers(&line.line, version));
        let newest = || self.versions.iter().find(|line| covers(first, &line.line));
        own.or_else(|| newest().filter(|_| is_number))
    }

    /// The version that an image's tag begins with: `17` of `registry:5000/postgres:17-alpine@sha256:…`; the one that
    /// stands behind letters of the kind's name where images hold more than the kind: `16` of `pg16`.
    pub fn tagged_version<'i>(&self, image: &'i str) -> Option<&'i str> {
        let tag = ImageName::of(image).tag?;
        let behind_letters = |part: &'i str| {
            let digits = part.trim_start_matches(|c: char| c.is_ascii_lowercase());
            let letters = &part[..part.len() - digits.len()];
            let is_known = self.versions.is_empty() || self.version_line(digits).is_some();
            let is_version = digits.starts_with(|c: char| c.is_ascii_digit()) && is_known;
            let is_its = letters.len() > 1 && is_version && is_short_for(letters, &self.id);
            is_its.then_some(digits)
        };
        let version = tag.split('-').next()?;
        let digits = version.strip_prefix('v').unwrap_or(version);
        let at_start = digits.starts_with(|c: char| c.is_ascii_digit());
        let found = tag.split('-').find_map(behind_letters);
        found.or_else(|| at_start.then_some(version))
    }

    /// The oldest line, if `version` is older than it and so than every line that is known.
    pub fn oldest_line_after(&self, version: &str) -> Option<&VersionLine> {
        let older = |line: &VersionLine| is_older(version, &line.line);
        let oldest = self.versions.last()?;
        self.versions.iter().all(older).then_some(oldest)
    }

    /// Whether only its provider can run it.
    pub fn is_cloud_only(&self) -> bool {
        self.hosting == Hosting::CloudOnly
    }

    /// Whether a machine can run it.
    pub fn runs_on_machines(&self) -> bool {
        self.hosting.home() == HostKind::Machine
    }
}

impl VersionLine {
    /// Whether it is known to have no support any more.
    pub fn has_ended(&self, today: &Date) -> bool {
        self.end_of_life.as_ref().is_some_and(|end| end < today)
    }
}

pub(super) fn yes() -> bool {
    true
}

fn role<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Role>, D::Error> {
    let word = String::deserialize(deserializer)?;
    let unknown = || serde::de::Error::custom(format!("`{word}` is not {}", Role::WHAT));
    Role::find(&word).ok_or_else(unknown).map(Some)
}

fn required_date<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let text = String::deserialize(deserializer)?;
    Date::parse(&text)
        .ok_or_else(|| serde::de::Error::custom("expected a date such as \"2026-11-22\""))
}

fn date<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    required_date(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use crate::catalog::Catalog;

    #[test]
    fn a_version_is_what_a_tag_says_and_else_not_known() {
        let catalog = Catalog::builtin();
        for (kind, image, version) in [
            (
                "postgres",
                "registry:5000/postgres:17-alpine@sha256:0123",
                Some("17"),
            ),
            ("postgres", "acme/vectors:pg16", Some("16")),
            ("postgres", "acme/series:2.17.2-pg16", Some("16")),
            ("postgres", "acme/postgres:v15.2", Some("v15.2")),
            ("postgres", "acme/postgres:bookworm", None),
            ("postgres", "postgres", None),
            ("redis", "redis:alpine3.19", None),
            ("redis", "redis:7-alpine", Some("7")),
            ("mysql", "mysql:oraclelinux8", None),
        ] {
            let kind = catalog.kind(kind).expect("it is built in");
            assert_eq!(kind.tagged_version(image), version, "{image}");
        }
    }
}
