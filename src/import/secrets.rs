//! Credentials of a project by what they are, and where they stand besides the variables that carry them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::compose_file::{Node, Place, Reading, Value};
use crate::import::container::texts;
use crate::import::draft::{Draft, Fact, Key};
use crate::import::kinds::Recognised;
use crate::secret_shape::{looks_secret, passwords_in, shaped_like_a_secret};
use crate::source::Written;

/// Shortest credential that is looked for anywhere in other texts, in bytes: a shorter one is found by chance.
const SHORTEST: usize = 6;

/// The credentials of a project.
#[derive(Default)]
pub(super) struct Secrets {
    values: BTreeSet<String>,
    /// Those that are looked for anywhere, by their first bytes.
    by_start: HashMap<[u8; SHORTEST], Vec<String>>,
    /// Whether one of them begins with a byte: most places of a text are passed over by it.
    begins: Begins,
    /// What users, databases and hosts are called: a password may be the same, and does not make them one.
    names: BTreeSet<String>,
}

/// Whether something begins with each byte.
struct Begins([bool; 256]);

impl Default for Begins {
    fn default() -> Begins {
        Begins([false; 256])
    }
}

impl Secrets {
    /// Those of all readings, each with the kinds of its services: what is a credential in one environment is said
    /// in none.
    pub fn of<'r, 'a>(
        readings: impl Iterator<Item = (&'r Reading, &'r BTreeMap<&'a str, Recognised>)>,
    ) -> Secrets
    where
        'a: 'r,
    {
        let mut secrets = Secrets::default();
        for (reading, kinds) in readings {
            secrets.names.insert(reading.name.clone());
            for (name, service) in reading.section("services") {
                secrets.names.insert(name.to_owned());
                let kind = kinds.get(name);
                secrets.names.extend(kind.map(|kind| kind.kind.id.clone()));
                secrets.add_variables(service, kind);
                secrets.add_words(service);
                let labels = named(service, &["labels"]);
                for (name, node) in labels.chain(named(service, &["build", "args"])) {
                    secrets.add(name, &node.value.to_string());
                }
            }
        }
        let long = secrets.values.iter().filter(|value| {
            let is_number = value.parse::<f64>().is_ok();
            value.len() >= SHORTEST && !is_number && !secrets.names.contains(*value)
        });
        for value in long {
            let start = value.as_bytes().first_chunk().expect("it is as long");
            secrets.begins.0[usize::from(start[0])] = true;
            let same = secrets.by_start.entry(*start).or_default();
            same.push(value.clone());
        }
        secrets
    }

    fn add_variables(&mut self, service: &Node, kind: Option<&Recognised>) {
        for (name, node) in named(service, &["environment"]) {
            let Some(value) = node.text() else {
                continue;
            };
            self.add(name, value);
            let is_word = value.bytes().all(|byte| byte.is_ascii_lowercase());
            let is_name = kind.is_some_and(|kind| kind.says_a_name(name))
                || is_word && is_called_like_a_name(name);
            if is_name && !looks_secret(name, value) {
                self.names.insert(value.to_owned());
            }
        }
    }

    fn add_words(&mut self, service: &Node) {
        let test = service.get("healthcheck").and_then(|it| it.get("test"));
        let lists = [service.get("command"), service.get("entrypoint"), test];
        for list in lists.into_iter().flatten().filter_map(Node::list) {
            let words = texts(list);
            let behind = words
                .windows(2)
                .filter(|pair| is_behind(&pair[0], &pair[1]));
            self.values.extend(behind.map(|pair| pair[1].clone()));
            let line = words.join(" ");
            self.values.extend(passwords_in(&line).map(str::to_owned));
        }
    }

    fn add(&mut self, name: &str, value: &str) {
        if looks_secret(name, value) {
            self.values.insert(value.to_owned());
            self.values.extend(passwords_in(value).map(str::to_owned));
        }
    }

    /// Whether a variable's value is a credential, or holds one.
    pub fn is_in(&self, name: &str, value: &str) -> bool {
        looks_secret(name, value) || self.stands_in(value)
    }

    /// Whether the value of a variable that files were filled in from may be shown.
    pub fn may_show(&self, name: &str, value: &str) -> bool {
        !self.is_in(name, value) && !self.values.contains(value)
    }

    /// Whether a known credential stands in a text.
    pub fn stands_in(&self, text: &str) -> bool {
        let starts = text.as_bytes().windows(SHORTEST).enumerate();
        let starts = starts.filter(|(_, start)| self.begins.0[usize::from(start[0])]);
        let mut found = starts.filter_map(|(at, start)| {
            let start: &[u8; SHORTEST] = start.try_into().expect("windows are as long");
            Some((at, self.by_start.get(start)?))
        });
        found.any(|(at, values)| values.iter().any(|value| stands_at(text, at, value)))
            || self.stands_where_passwords_stand(text)
    }

    /// `-pX`, `-p X`, `-u root:X`, `root:X@host`: there a credential is one, however short or like a name it is.
    fn stands_where_passwords_stand(&self, text: &str) -> bool {
        if !text.contains(['-', '@']) {
            return false;
        }
        let words: Vec<&str> = text
            .split(|c: char| c.is_whitespace() || matches!(c, ';' | '|' | '(' | ')'))
            .map(|word| word.trim_matches(['"', '\'']))
            .filter(|word| !word.is_empty())
            .collect();
        let is_known = |text: &str| {
            let is_port = text.bytes().all(|byte| byte.is_ascii_digit());
            !is_port && self.values.contains(text)
        };
        let behind = |pair: &[&str]| match pair[0] {
            "-p" | "-a" | "-P" | "-w" => is_known(pair[1]),
            "-u" | "--user" => pair[1].split_once(':').is_some_and(|it| is_known(it.1)),
            _ => false,
        };
        let glued = |word: &str| {
            let rest = word.strip_prefix("-p").or_else(|| word.strip_prefix("-a"));
            let before_host = word
                .rsplit_once('@')
                .and_then(|(login, _)| login.rsplit_once(':'));
            rest.is_some_and(is_known) || before_host.is_some_and(|it| is_known(it.1))
        };
        words.windows(2).any(behind) || words.iter().any(|word| glued(word))
    }

    /// Whether the words of a command hold a credential.
    pub fn stand_in_words(&self, words: &[String]) -> bool {
        let line = words.join(" ");
        words.windows(2).any(|pair| is_behind(&pair[0], &pair[1]))
            || words.iter().any(|word| shaped_like_a_secret(word))
            || shaped_like_a_secret(&line)
            || self.stands_in(&line)
    }

    /// The text in a fact that a plan must not hold.
    fn offence<'f>(&self, path: &[Key], value: &'f Written) -> Option<&'f str> {
        let key = path.last().map_or("", |key| &**key);
        match value {
            Written::Text(text) => {
                let is_one = looks_secret(key, text) || is_searched(path) && self.stands_in(text);
                is_one.then_some(text)
            }
            Written::List(all) => {
                let before = std::iter::once("").chain(all.iter().map(String::as_str));
                let mut pairs = all.iter().zip(before);
                let found = pairs.find(|(text, before)| {
                    let is_option = before.starts_with('-') && looks_secret(before, text);
                    looks_secret(key, text)
                        || is_option
                        || is_searched(path) && self.stands_in(text)
                });
                found.map(|(text, _)| text.as_str())
            }
            Written::Pairs(pairs) => pairs.iter().find_map(|(key, value)| {
                let path = [path, &[Key::Owned(key.clone())]].concat();
                self.offence(&path, value)
            }),
            Written::Integer(_) | Written::Number(_) | Written::Flag(_) => None,
        }
    }
}

/// What a healthcheck, command or label that goes is told to do instead.
fn instead(key: &str, name: &str) -> String {
    match key {
        "command" | "entrypoint" => format!(
            "let it read a variable of `secret-settings`; until then {name} runs with the {key} of its image"
        ),
        "healthcheck" => format!(
            "let it read a variable of `secret-settings`; until then nothing tests {name}, and who waits for it waits until it has started"
        ),
        "build" => "it would stay in the image".to_owned(),
        _ => "let what reads it take it from a file or a variable".to_owned(),
    }
}

/// Leaves out what a service says with a credential in it.
fn leave(draft: &mut Draft<'_>, what: &str, place: Place) {
    let key = what.split('.').next().unwrap_or_default();
    let why = format!("it holds a credential: {}", instead(key, &draft.name));
    draft.leave(what, place, why);
    draft.without.push(what.to_owned());
}

/// Takes away commands and healthchecks that hold a credential: a plan must not.
pub(super) fn leave_commands(draft: &mut Draft<'_>, secrets: &Secrets) {
    for key in ["command", "entrypoint", "healthcheck"] {
        let Some(node) = draft.take(key) else {
            continue;
        };
        let list = node.list().or_else(|| node.get("test")?.list());
        match secrets.stand_in_words(&list.map(texts).unwrap_or_default()) {
            true => leave(draft, key, node.place),
            false => draft.give_back(key, node),
        }
    }
}

/// Takes away what else a plan must not hold of all that is said of a component. Its variables have been judged
/// when they were taken.
pub(super) fn leave_facts(draft: &mut Draft<'_>, service: &Node, secrets: &Secrets) {
    let facts = std::mem::take(&mut draft.facts);
    let (kept, left): (Vec<Fact>, Vec<Fact>) = facts
        .into_iter()
        .partition(|(path, value)| is_judged(path) || secrets.offence(path, value).is_none());
    draft.facts = kept;
    for (path, value) in &left {
        let text = secrets.offence(path, value).unwrap_or_default();
        let key = key_of(path);
        let (what, place) = match service.get(key).and_then(|node| find(node, text)) {
            Some((below, place)) if below.is_empty() => (key.to_owned(), place),
            Some((below, place)) => (format!("{key}.{below}"), place),
            None => (key.to_owned(), draft.place),
        };
        leave(draft, &what, place);
    }
}

fn is_judged(path: &[Key]) -> bool {
    path.first().is_some_and(|first| first == "settings")
}

/// The key of a service that a fact comes from.
fn key_of(path: &[Key]) -> &str {
    match first_two(path) {
        ("container", "labels") => "labels",
        ("container", "extra-hosts") => "extra_hosts",
        ("container", "working-folder") => "working_dir",
        ("container", second) if !second.is_empty() => second,
        (first, _) => first,
    }
}

/// Where a text stands: the keys that lead there, and the place.
fn find(node: &Node, wanted: &str) -> Option<(String, Place)> {
    match &node.value {
        Value::Text(text) => {
            let is_it = **text == *wanted || text.contains(wanted);
            is_it.then(|| (String::new(), node.place))
        }
        Value::List(list) => list.iter().find_map(|node| find(node, wanted)),
        Value::Map(map) => map.iter().find_map(|(key, node)| {
            let (below, place) = find(node, wanted)?;
            let what = match below.is_empty() {
                true => key.to_string(),
                false => format!("{key}.{below}"),
            };
            Some((what, place))
        }),
        _ => None,
    }
}

/// Whether known credentials are looked for in a fact: names, images and paths are what they are.
fn is_searched(path: &[Key]) -> bool {
    matches!(
        first_two(path),
        ("build", "args")
            | (
                "container",
                "command" | "entrypoint" | "healthcheck" | "labels"
            )
    )
}

/// The first two keys of a path.
fn first_two(path: &[Key]) -> (&str, &str) {
    let key = |at: usize| path.get(at).map_or("", |key| &**key);
    (key(0), key(1))
}

/// Whether a word of a command is a credential by the option before it.
fn is_behind(option: &str, word: &str) -> bool {
    option.starts_with('-') && !word.starts_with(['-', '$']) && looks_secret(option, word)
}

/// Whether a variable is called like what holds a name.
fn is_called_like_a_name(variable: &str) -> bool {
    let upper = variable.to_ascii_uppercase();
    let last = upper.rsplit(['_', '.', '-']).next().unwrap_or_default();
    let ends = ["USER", "USERNAME", "DATABASE", "DBNAME", "HOST", "HOSTNAME"];
    ends.iter().any(|end| last.ends_with(end))
        || matches!(
            last,
            "DB" | "NAME" | "VHOST" | "BUCKET" | "SCHEMA" | "SERVER"
        )
}

/// Whether a credential stands at a byte of a text. One that is a plain word is found by chance, unless it stands
/// between the marks that set it off in connection strings and commands.
fn stands_at(text: &str, at: usize, value: &str) -> bool {
    if !text.as_bytes()[at..].starts_with(value.as_bytes()) {
        return false;
    }
    let is_word = value.bytes().all(|byte| byte.is_ascii_lowercase())
        || value.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_mark = |byte: u8| {
        matches!(
            byte,
            b':' | b'=' | b'@' | b';' | b'&' | b',' | b'"' | b'\'' | b'`' | b'|'
        ) || byte.is_ascii_whitespace()
    };
    let (before, after) = (&text.as_bytes()[..at], &text.as_bytes()[at + value.len()..]);
    !is_word
        || before.last().is_none_or(|byte| is_mark(*byte))
            && after.first().is_none_or(|byte| is_mark(*byte))
}

/// The entries of a table of a service.
fn named<'n>(service: &'n Node, path: &[&str]) -> impl Iterator<Item = (&'n str, &'n Node)> {
    let table = path.iter().try_fold(service, |node, key| node.get(key));
    let map = table.and_then(Node::map);
    map.into_iter()
        .flatten()
        .map(|(name, node)| (&**name, node))
}
