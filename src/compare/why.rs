//! How much each sort of difference matters, and why: one table of sentences.

use crate::compare::Weight;

/// A judgement: the weight and the reason for it.
pub type Judgement = (Weight, &'static str);

pub const MISSING_APP: Judgement = (
    Weight::Much,
    "what it does cannot be tried in the environment that lacks it",
);
pub const MISSING_USED: Judgement = (
    Weight::Much,
    "something uses it in one environment and goes without it in the other",
);
pub const MISSING_UNUSED: Judgement = (
    Weight::Some,
    "nothing of the application depends on it, but it is watched or served in one only",
);
pub const OTHER_ENGINE: Judgement = (
    Weight::Much,
    "two kinds differ in what they accept, how they sort and when they lock",
);
pub const STAND_IN: Judgement = (
    Weight::Some,
    "a stand-in speaks the same protocol, but not every feature and limit is the same",
);
pub const OTHER_LINE: Judgement = (
    Weight::Much,
    "between lines of versions, features come and go and data is written differently",
);
pub const OTHER_VERSION: Judgement = (
    Weight::Some,
    "faults are mended and defaults change between versions of one line",
);
pub const UNSAID_VERSION: Judgement = (
    Weight::Some,
    "the plan does not say which version the provider runs, so it may be another",
);
pub const OTHER_IMAGE: Judgement = (
    Weight::Some,
    "another image is another program; the same while a release is on its way",
);
pub const RUNS_AS: Judgement = (
    Weight::Some,
    "a process has the libraries, limits and network of its machine, a container those of its image",
);
pub const OTHER_SORT_OF_HOST: Judgement = (
    Weight::Some,
    "a provider or an orchestrator sets limits, versions and failures that a machine of your own does not have",
);
pub const OTHER_HOST: Judgement = (Weight::Little, "every environment has hosts of its own");
pub const OPEN_TO_ANYBODY: Judgement = (
    Weight::Much,
    "it asks for no password, and others than its own host reach it in one environment only",
);
pub const OPEN_TO_ALL: Judgement = (
    Weight::Some,
    "everybody reaches it in one environment only: what it lets in is tried out there first",
);
pub const OPEN_TO_HOSTS: Judgement = (
    Weight::Little,
    "other hosts reach it there: firewalls and the network between them decide who else does",
);
pub const LOOPBACK: Judgement = (
    Weight::Some,
    "it is the same in both, but means the machine itself, where others are to find it",
);
pub const ONE_OR_MANY: Judgement = (
    Weight::Some,
    "what an instance keeps to itself, such as sessions and locks, works with one and fails with several",
);
pub const MORE_OR_FEWER: Judgement = (
    Weight::Little,
    "both have several, so both meet what comes of that",
);
pub const OTHER_USE: Judgement = (
    Weight::Much,
    "the code that talks to it runs in one environment only",
);
pub const OTHER_BACKUP: Judgement = (
    Weight::Some,
    "copies are made, and can be tried to be put back, in one environment only",
);
pub const OTHER_ROLE: Judgement = (
    Weight::Some,
    "it is used for other things in one than in the other",
);
pub const OTHER_LOCALITY: Judgement = (
    Weight::Some,
    "delays, broken connections and firewalls between machines are met in one environment only",
);
pub const OTHER_WAY: Judgement = (Weight::Little, "both go over a network");
pub const TLS: Judgement = (
    Weight::Some,
    "certificates, ciphers and their failures are met in one environment only",
);
pub const OTHER_SETTING: Judgement = (
    Weight::Little,
    "settings are there to differ; whether this one should is for you to say",
);
pub const MISSING_SETTING: Judgement = (
    Weight::Some,
    "where it is not set, a default holds that nothing here says",
);
pub const OTHER_ADDRESS: Judgement = (
    Weight::Little,
    "it follows where the service is; the rest is the same",
);
pub const UNFILLED: Judgement = (Weight::Little, "somebody fills it in there");
pub const OTHER_VALUE: Judgement = (Weight::Some, "more than the address differs");
pub const MISSING_VARIABLE: Judgement = (
    Weight::Much,
    "code that reads it finds nothing in one environment",
);
pub const OTHER_CONTAINER: Judgement = (
    Weight::Some,
    "it is started, fed or allowed otherwise in one environment than in the other",
);
pub const OTHER_LIMIT: Judgement = (
    Weight::Little,
    "environments have machines of different sizes",
);
