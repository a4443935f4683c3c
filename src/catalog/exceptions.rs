//! Protections that a kind's container goes without, each with the reason.

use serde::Deserialize;

/// Why a container goes without a protection; what is absent here it has.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Exceptions {
    /// A root file system that cannot be written.
    pub read_only: Option<String>,
    /// No process gains privileges that its parent has not.
    pub no_new_privileges: Option<String>,
    /// A user other than root.
    pub user: Option<String>,
    /// No capabilities at all.
    pub capabilities: Option<String>,
    /// Credentials in files, and not in its environment.
    pub secrets: Option<String>,
}

impl Exceptions {
    /// Every protection that is lacking, with the reason.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all = [
            ("read-only", &self.read_only),
            ("no-new-privileges", &self.no_new_privileges),
            ("user", &self.user),
            ("capabilities", &self.capabilities),
            ("secrets", &self.secrets),
        ];
        all.into_iter()
            .filter_map(|(name, reason)| Some((name, reason.as_deref()?)))
    }
}
