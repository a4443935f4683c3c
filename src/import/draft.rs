//! One component of a plan that is being made of a compose service: what is said of it, and what is left over.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::compose_file::{Map, Node, Place, Value};
use crate::import::one_credential::OneCredential;
use crate::source::Written;

/// Whether a service of a compose file is the user's own or backing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    App,
    Service,
}

impl Sort {
    /// The table of the plan that declares it.
    pub fn table(self) -> &'static str {
        match self {
            Sort::App => "apps",
            Sort::Service => "services",
        }
    }
}

/// Something in the files that the plan does not say.
#[derive(Clone, Debug, PartialEq)]
pub struct Left {
    /// The service that says it; nothing if it stands beside them.
    pub service: Option<String>,
    /// What: `devices` of a service, `networks.front.ipam` beside them.
    pub what: String,
    /// Where it is written.
    pub place: Place,
    /// Why it was left, as the end of a sentence.
    pub why: String,
}

/// A credential that was found, and where it goes.
#[derive(Clone, PartialEq)]
pub struct Credential {
    /// The component that it belongs to.
    pub component: String,
    /// The variable that carries it.
    pub variable: String,
    /// The credential itself.
    pub value: String,
    /// Where it was found.
    pub place: Place,
}

/// A key of a plan. Most are known here, and thousands of services say the same.
pub(super) type Key = Cow<'static, str>;

/// A path below a component's table, and what stands there.
pub(super) type Fact = (Vec<Key>, Written);

/// What an environment becomes.
pub(super) struct Drafts<'a> {
    /// Its components, in the order of its files.
    pub all: Vec<Draft<'a>>,
    /// What is said beside them, and what is left of those that are none.
    pub left: Vec<Left>,
    /// Their credentials.
    pub credentials: Vec<OneCredential>,
}

/// A component on its way into the plan.
pub(super) struct Draft<'a> {
    /// Its name in the plan.
    pub name: String,
    /// Its name in the files.
    pub service: &'a str,
    pub sort: Sort,
    pub place: Place,
    /// What nobody has taken yet.
    rest: BTreeMap<&'a str, &'a Node>,
    pub facts: Vec<Fact>,
    /// Sentences for whoever reads the plan.
    pub remarks: Vec<String>,
    pub left: Vec<Left>,
    pub credentials: Vec<Credential>,
    /// Keys that are left because they hold a credential, so that the container runs otherwise than before.
    pub without: Vec<String>,
    /// The words of commands and healthchecks whose credentials have names in their place, by key.
    pub words: BTreeMap<&'static str, Vec<String>>,
    /// Volumes of before, and what takes the place of each within the project.
    pub volumes: Vec<(String, String)>,
}

impl<'a> Draft<'a> {
    /// A draft of the service `service`, which is called `name` in the plan.
    pub fn new(service: &'a str, name: String, node: &'a Node, sort: Sort) -> Draft<'a> {
        let said = node.map().into_iter().flatten();
        Draft {
            name,
            service,
            sort,
            place: node.place,
            rest: said.map(|(key, node)| (&**key, node)).collect(),
            facts: Vec::new(),
            remarks: Vec::new(),
            left: Vec::new(),
            credentials: Vec::new(),
            without: Vec::new(),
            words: BTreeMap::new(),
            volumes: Vec::new(),
        }
    }

    /// What stands under a key that nobody has taken.
    pub fn peek(&self, key: &str) -> Option<&'a Node> {
        self.rest.get(key).copied()
    }

    /// What stands under a key; it counts as kept from now on.
    pub fn take(&mut self, key: &str) -> Option<&'a Node> {
        self.rest.remove(key)
    }

    /// Puts back what was taken.
    pub fn give_back(&mut self, key: &'a str, node: &'a Node) {
        self.rest.insert(key, node);
    }

    /// As `take`, if it is a text. An empty one is none, as Compose has it.
    pub fn take_text(&mut self, key: &str) -> Option<(String, Place)> {
        let node = self.take(key)?;
        let text = node.text().filter(|text| !text.is_empty())?;
        Some((text.to_owned(), node.place))
    }

    /// The entries of a list.
    pub fn take_list(&mut self, key: &str) -> &'a [Node] {
        self.take(key).and_then(Node::list).unwrap_or_default()
    }

    /// The entries of a table.
    pub fn take_map(&mut self, key: &str) -> &'a Map {
        static EMPTY: Map = Map::new();
        self.take(key).and_then(Node::map).unwrap_or(&EMPTY)
    }

    /// Whether a key of its own table is said.
    pub fn says(&self, key: &str) -> bool {
        self.facts
            .iter()
            .any(|(path, _)| path.len() == 1 && path[0] == key)
    }

    /// Whether something is said below a table of its own.
    pub fn says_below(&self, table: &[&str]) -> bool {
        let mut paths = self.facts.iter().map(|(path, _)| path);
        paths.any(|path| path.len() > table.len() && path.iter().zip(table).all(|(a, b)| a == b))
    }

    /// The text of a key of its own table.
    pub fn text_of(&self, key: &str) -> Option<&str> {
        let mut facts = self.facts.iter();
        facts.find_map(|(path, value)| match value {
            Written::Text(text) if path.len() == 1 && path[0] == key => Some(text.as_str()),
            _ => None,
        })
    }

    /// Whether a setting of this name is said.
    pub fn sets(&self, name: &str) -> bool {
        let mut facts = self.facts.iter();
        facts.any(|(path, _)| path.len() == 2 && path[0] == "settings" && path[1] == name)
    }

    /// The words of a list, as the plan may hold them; `key` is that of the service.
    pub fn words_of(&mut self, key: &str, list: &[Node]) -> Vec<String> {
        let said = || list.iter().map(|node| node.value.to_string()).collect();
        self.words.remove(key).unwrap_or_else(said)
    }

    /// Says something of the component.
    pub fn say(&mut self, path: &[&'static str], value: Written) {
        let path = path.iter().map(|key| Cow::Borrowed(*key)).collect();
        self.facts.push((path, value));
    }

    /// Says a text of the component.
    pub fn say_text(&mut self, path: &[&'static str], text: impl Into<String>) {
        self.say(path, Written::Text(text.into()));
    }

    /// Says something under a name of the user's.
    pub fn say_named(&mut self, table: &[&'static str], name: &str, value: Written) {
        let table = table.iter().map(|key| Cow::Borrowed(*key));
        let path = table.chain([Cow::Owned(name.to_owned())]).collect();
        self.facts.push((path, value));
    }

    /// Notes that something is not kept.
    pub fn leave(&mut self, what: &str, place: Place, why: impl Into<String>) {
        self.left.push(Left {
            service: Some(self.service.to_owned()),
            what: what.to_owned(),
            place,
            why: why.into(),
        });
    }

    /// Notes everything that nobody has taken.
    pub fn leave_rest(&mut self) {
        for (key, node) in std::mem::take(&mut self.rest) {
            if says_something(key, node) {
                self.leave(key, node.place, why_not(key));
            }
        }
    }
}

/// Whether leaving it out could be noticed: anchors of the user's own, and what is usual anyway, could not.
fn says_something(key: &str, node: &Node) -> bool {
    let is_empty = match &node.value {
        Value::Flag(flag) if key == "attach" => *flag,
        Value::Null | Value::Flag(false) => true,
        Value::List(list) => list.is_empty(),
        Value::Map(map) => map.is_empty(),
        _ => false,
    };
    !is_empty && !key.starts_with("x-")
}

/// Why a key of a service is not kept.
fn why_not(key: &str) -> &'static str {
    match key {
        "annotations" | "attach" | "develop" | "pull_policy" | "pull_refresh_after" => {
            "it says how Compose itself works, not how the container runs"
        }
        "logging" => "Backstay keeps the logs of every container small by itself",
        "scale" => "a component on several hosts is what a plan has for copies",
        "profiles" => "a plan has environments instead of profiles: it is kept in this one",
        "dns" | "dns_opt" | "dns_search" | "mac_address" | "sysctls" => {
            "a plan says nothing about a container's own network"
        }
        "gpus"
        | "device_cgroup_rules"
        | "runtime"
        | "cgroup"
        | "cgroup_parent"
        | "cpuset"
        | "cpu_count"
        | "cpu_percent"
        | "cpu_period"
        | "cpu_quota"
        | "cpu_shares"
        | "cpu_rt_period"
        | "cpu_rt_runtime"
        | "blkio_config"
        | "oom_kill_disable"
        | "oom_score_adj"
        | "mem_swappiness"
        | "memswap_limit"
        | "mem_reservation"
        | "pids_limit" => "a plan says how much memory and how many processors, and no more",
        _ => "a plan has no key for it",
    }
}
