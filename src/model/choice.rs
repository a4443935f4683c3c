//! Words the plan chooses from: role, tier, host kind, and the like, each with what it means.

/// A closed list of words, each with its meaning, as the plan spells them.
pub trait Choice: Copy + Sized + 'static {
    /// What the list is of, as errors say it: "a role".
    const WHAT: &'static str;
    /// Every choice in the order it is offered.
    const ALL: &'static [Self];
    /// The word in the plan.
    fn as_str(self) -> &'static str;
    /// What the word means, in half a sentence.
    fn meaning(self) -> &'static str;

    /// The choice that `word` names.
    fn find(word: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|choice| choice.as_str() == word)
    }
}

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident, $what:literal: $($(#[$variant_doc:meta])* $variant:ident = $word:literal, $meaning:literal;)+) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(#[doc = $meaning] $variant,)+
        }

        impl Choice for $name {
            const WHAT: &'static str = $what;
            const ALL: &'static [Self] = &[$($name::$variant),+];
            fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)+ }
            }
            fn meaning(self) -> &'static str {
                match self { $($name::$variant => $meaning,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

choice! {
    /// What a service does for an app.
    Role, "a role":
    Database = "database", "structured business data, kept for good";
    Document = "document", "documents without a fixed schema";
    WideColumn = "wide-column", "very large tables spread over many machines";
    Cache = "cache", "results that can be computed again";
    Session = "session", "who is logged in";
    Queue = "queue", "work to be done later, each message by one worker";
    Stream = "stream", "an ordered log that many readers follow";
    Files = "files", "uploads and other large objects";
    Backup = "backup", "copies kept against loss";
    Search = "search", "an index for the users' searches";
    Metrics = "metrics", "measurements over time";
    Logs = "logs", "what happened, line by line";
    Dashboard = "dashboard", "a screen over metrics or logs";
    Mail = "mail", "outgoing mail";
    Identity = "identity", "accounts and sign-in";
    Tracing = "tracing", "the path of a request through the parts";
    Secrets = "secrets", "credentials handed out at run time";
    Proxy = "proxy", "the way in for the users' requests";
}

impl Role {
    /// Whether only a copy brings its data back. What passes through, such as a queue's messages, and what is
    /// measured or logged is not worth a backup to most.
    pub fn wants_copies(self) -> bool {
        matches!(
            self,
            Role::Database
                | Role::Document
                | Role::WideColumn
                | Role::Files
                | Role::Identity
                | Role::Secrets
        )
    }

    /// Whether losing what is stored in this role loses something that cannot be made again.
    pub fn is_durable(self) -> bool {
        !matches!(
            self,
            Role::Cache | Role::Session | Role::Proxy | Role::Dashboard | Role::Mail | Role::Search
        )
    }
}

choice! {
    /// What a need asks of whatever answers it, besides its role and size.
    Requirement, "a requirement":
    Redelivery = "redelivery", "a message comes again until it has been worked through";
    DeadLetters = "dead-letters", "a message that keeps failing is set aside";
    ManyReaders = "many-readers", "many independent readers follow one log, each at its own pace";
}

choice! {
    /// What an environment is for. It drives the rules.
    Tier, "a tier":
    Local = "local", "one developer's machine";
    Development = "development", "where developers' work comes together";
    Test = "test", "where tests run";
    Staging = "staging", "a rehearsal of production";
    Production = "production", "where the users are";
}

impl Tier {
    /// The tier that an environment's name usually stands for: `prod`, `eu-prod`, `ci`, …
    pub fn inferred_from(environment: &str) -> Option<Tier> {
        environment.split(['-', '_']).find_map(|word| match word {
            "local" | "laptop" | "workstation" => Some(Tier::Local),
            "dev" | "develop" | "development" => Some(Tier::Development),
            "test" | "tests" | "testing" | "ci" | "qa" | "e2e" => Some(Tier::Test),
            "stage" | "staging" | "preprod" | "uat" => Some(Tier::Staging),
            "prod" | "production" | "live" => Some(Tier::Production),
            _ => None,
        })
    }
}

choice! {
    /// What a host is.
    HostKind, "a kind of host":
    Machine = "machine", "a laptop, virtual machine or server of your own";
    Managed = "managed", "a provider runs it; you get an endpoint";
    Cluster = "cluster", "many machines under an orchestrator";
}

choice! {
    /// How a component runs on its host.
    RunsAs, "a way to run":
    Container = "container", "in a container that Backstay writes";
    Job = "job", "in a container that does its work once and ends";
    Process = "process", "on the machine itself; Backstay only connects to it";
}

impl RunsAs {
    /// Whether it runs in a container.
    pub fn in_container(self) -> bool {
        self != RunsAs::Process
    }
}

choice! {
    /// What of a used component its user waits for before it starts.
    Wait, "something to wait for":
    Nothing = "nothing", "nothing: it starts whenever it can";
    Started = "started", "that it has been started";
    Healthy = "healthy", "that its healthcheck succeeds";
    Completed = "completed", "that it has done its work and ended, as jobs do";
}

choice! {
    /// What a port speaks below its own protocol.
    Protocol, "a protocol":
    Tcp = "tcp", "connections";
    Udp = "udp", "single packets";
}

choice! {
    /// How the values of an app's env file are quoted, which depends on what reads it.
    Quoting, "a way to quote an env file":
    Compose = "compose", "for Docker Compose and systemd";
    Shell = "shell", "for a shell: `set -a; . ./NAME.env`";
    Raw = "raw", "not at all, for `docker run --env-file` and `kubectl --from-env-file`; no value may have line breaks";
}

choice! {
    /// How far a published port can be reached from.
    Expose, "a reach":
    Containers = "containers", "the containers beside it only; no port of the host";
    Machine = "machine", "the host itself only (127.0.0.1)";
    Network = "network", "the host's own address, for other hosts";
    World = "world", "every address of the host";
}

choice! {
    /// In what a component can differ between two environments.
    Aspect, "a way to differ":
    Presence = "presence", "whether it is there at all";
    Engine = "engine", "what runs: its kind, or a stand-in";
    Version = "version", "the version that runs";
    Image = "image", "the image that it is started from";
    RunsAs = "runs-as", "in a container or as a process";
    Container = "container", "how its container is started, what it mounts, publishes and may do";
    Placement = "placement", "what kind of host it runs on";
    Openings = "openings", "which of its ports are reached from beyond its host, and whether it asks who comes";
    Replicas = "replicas", "on how many hosts it runs";
    Uses = "uses", "what it uses";
    Locality = "locality", "whether what it uses is internal or external to it";
    Encryption = "encryption", "whether it reaches what it uses over TLS";
    Settings = "settings", "settings of its own";
    Variables = "variables", "what it is told about what it uses";
    Limits = "limits", "most memory and processors that it may take";
}

choice! {
    /// How much a rule's findings matter.
    Level, "a level":
    Allow = "allow", "say nothing";
    Note = "note", "mention it";
    Warn = "warn", "advise against it";
    Deny = "deny", "fail the check";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_finds_its_choice_again() {
        for role in Role::ALL {
            assert_eq!(Role::find(role.as_str()), Some(*role));
        }
        assert_eq!(Role::find("Database"), None);
    }

    #[test]
    fn tiers_come_from_the_usual_names_and_from_parts_of_names() {
        assert_eq!(Tier::inferred_from("eu-prod"), Some(Tier::Production));
        assert_eq!(Tier::inferred_from("ci"), Some(Tier::Test));
        assert_eq!(Tier::inferred_from("product"), None);
    }
}
