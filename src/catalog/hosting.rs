//! Who can run a kind, and so what sort of host it belongs on.

use serde::Deserialize;

use crate::model::HostKind;

/// Who can run a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hosting {
    /// Anybody, on a machine of their own.
    SelfHosted,
    /// Only its provider.
    CloudOnly,
    /// Whoever has a cluster for it alone: no container on a machine makes one.
    ClusterOnly,
}

impl Hosting {
    /// What a host must be to run the kind itself, rather than a stand-in.
    pub fn home(self) -> HostKind {
        match self {
            Hosting::SelfHosted => HostKind::Machine,
            Hosting::CloudOnly => HostKind::Managed,
            Hosting::ClusterOnly => HostKind::Cluster,
        }
    }

    /// The words of lists: `cloud only`.
    pub fn words(self) -> &'static str {
        match self {
            Hosting::SelfHosted => "self-hosted",
            Hosting::CloudOnly => "cloud only",
            Hosting::ClusterOnly => "cluster only",
        }
    }
}
