//! How well a kind fills a role, up to which size, and which of its settings are weak.

use serde::Deserialize;

use crate::catalog::container::size;
use crate::model::{ByteSize, Choice, Period, Requirement, Role};

/// How well a kind fills a role.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RoleFit {
    /// The role.
    #[serde(deserialize_with = "choice")]
    pub role: Role,
    /// How well.
    pub fit: Fit,
    /// Why, half a sentence; said to the user when the fit is poor.
    pub reason: String,
    /// Up to how much stored it does so with ease; absent where there is no practical limit.
    #[serde(default, deserialize_with = "size")]
    pub holds: Option<ByteSize>,
    /// More stored than this only something larger holds.
    #[serde(default, deserialize_with = "size")]
    pub at_most: Option<ByteSize>,
    /// About how many writes a second it takes.
    pub writes_per_second: Option<u32>,
    /// For how long it keeps what is stored with ease; absent where there is no practical limit.
    #[serde(default, deserialize_with = "period")]
    pub keeps_for: Option<Period>,
    /// What it does by itself that a need may ask for.
    #[serde(default, deserialize_with = "choices")]
    pub offers: Vec<Requirement>,
    /// Whether it comes to the apps instead of being used by them: a proxy in front, something that measures.
    #[serde(default)]
    pub comes_to_apps: bool,
    /// The volume that apps write themselves, for which they must be on its host.
    pub written_in: Option<WrittenVolume>,
    /// What an app that chooses it must do itself, half a sentence.
    pub but: Option<String>,
    /// What is to be known where several apps share it, a sentence.
    pub of_several: Option<String>,
    /// The roles of the services that it shows to people; apps do not use it then.
    #[serde(default, deserialize_with = "choices")]
    pub shows: Vec<Role>,
}

/// A volume of a service that apps write.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WrittenVolume {
    /// Its name among the volumes of the service.
    pub volume: String,
    /// Where apps find it in their own containers.
    pub path: String,
}

/// A degree of fitness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fit {
    /// Possible, but not what it is made for.
    Poor,
    /// Does it well enough up to a size.
    Fair,
    /// Made for it.
    Good,
}

/// A setting that lets people in whom nobody invited.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WeakSetting {
    /// The variable.
    pub name: String,
    /// Its values that do; without any, every value but an empty one.
    #[serde(default)]
    pub values: Vec<String>,
    /// What it does, half a sentence.
    pub reason: String,
}

impl WeakSetting {
    /// Whether it does what it says with this value.
    pub fn is_weak(&self, said: &str) -> bool {
        match self.values.as_slice() {
            [] => !said.is_empty(),
            values => values.iter().any(|value| value == said),
        }
    }
}

/// When a container lets in whoever reaches it, as its image is and its plan says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OpenDoor {
    /// Whether it does by itself, with nothing said.
    #[serde(default)]
    pub by_itself: bool,
    /// Texts of its command, settings and mounts that let everybody in.
    #[serde(default)]
    pub when_told: Vec<String>,
    /// Texts of its command, settings and mounts by which it may ask for a credential.
    #[serde(default)]
    pub unless_told: Vec<String>,
    /// Variables whose value is the credential that it asks for, or `NAME_FILE` for the file that holds it.
    #[serde(default)]
    pub unless_set: Vec<String>,
}

/// Reads a span of time such as `30 days`.
pub(super) fn period<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Period>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let period = Period::parse(&text);
    let wrong = || serde::de::Error::custom("expected a span of time such as \"30 days\"");
    period.ok_or_else(wrong).map(Some)
}

/// Reads words of a closed list.
pub(super) fn choices<'de, D: serde::Deserializer<'de>, T: Choice>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let words = Vec::<String>::deserialize(deserializer)?;
    let found = words.iter().map(|word| {
        let unknown = || serde::de::Error::custom(format!("`{word}` is not {}", T::WHAT));
        T::find(word).ok_or_else(unknown)
    });
    found.collect()
}

fn choice<'de, D: serde::Deserializer<'de>, T: Choice>(deserializer: D) -> Result<T, D::Error> {
    let word = String::deserialize(deserializer)?;
    T::find(&word).ok_or_else(|| serde::de::Error::custom(format!("`{word}` is not {}", T::WHAT)))
}
