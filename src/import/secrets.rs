//! Credentials of a project by what they are, and where they stand besides the variables that carry them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::compose_file::{Node, Place, Reading, Value};
use crate::import::container::texts;
use crate::import::draft::{Credential, Draft, Fact, Key};
use crate::import::in_text::{is_a_name_at, is_called_like_a_name, is_plain_word, stands_at};
use crate::import::kinds::Recognised;
use crate::model::{ImageName, secret_word};
use crate::secret_shape::{
    Spot, is_behind, looks_secret, passwords_in, passwords_in_words, shaped_like_a_secret,
};
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
    /// What users, databases, hosts and programs are called: a password may be the same, and does not make them one.
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
                secrets.add_names(name, service);
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
            // Digits alone are a credential as good as others where they are as many.
            let is_digits = value.bytes().all(|byte| byte.is_ascii_digit());
            let is_number = !is_digits && value.parse::<f64>().is_ok();
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

    /// The plain words of which the names of a service are made, of its image, of whom it runs as and of its programs.
    fn add_names(&mut self, name: &str, service: &Node) {
        let said = |key: &str| service.get(key).and_then(Node::text);
        let image = said("image").map(|image| ImageName::of(image).name);
        let of_service = ["container_name", "hostname", "user"].map(said);
        let programs = ["entrypoint", "command"].map(|key| {
            let program = service.get(key)?.list()?.first()?.text()?;
            program.split_whitespace().next()
        });
        let texts = of_service
            .into_iter()
            .chain(programs)
            .chain([image, Some(name)]);
        for text in texts.flatten() {
            let words = text.split(|c: char| !c.is_ascii_alphanumeric());
            let words = words.filter(|word| word.len() >= SHORTEST && is_plain_word(word));
            for word in words
                .filter(|word| !self.names.contains(*word))
                .collect::<Vec<_>>()
            {
                self.names.insert(word.to_owned());
            }
        }
    }

    fn add_variables(&mut self, service: &Node, kind: Option<&Recognised>) {
        for (name, node) in named(service, &["environment"]) {
            let Some(value) = node.text() else {
                continue;
            };
            self.add(name, value);
            let is_name = kind.is_some_and(|kind| kind.says_a_name(name))
                || is_plain_word(value) && is_called_like_a_name(name);
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
                .filter(|pair| is_named_by(&pair[0], &pair[1]));
            self.values.extend(behind.map(|pair| pair[1].clone()));
            let together = passwords_in_words(&words);
            let together = together.iter().map(|spot| spot.text(&words).to_owned());
            self.values.extend(together);
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
        self.first_in(text).is_some()
    }

    /// A known credential that stands in a text.
    fn first_in<'t>(&self, text: &'t str) -> Option<&'t str> {
        let found = self.first_known(text, |_, _| false);
        found.or_else(|| self.where_passwords_stand(text))
    }

    /// A known credential wherever it stands in a text, but for the places that are passed over.
    fn first_known<'t>(
        &self,
        text: &'t str,
        is_passed_over: impl Fn(usize, &str) -> bool,
    ) -> Option<&'t str> {
        let starts = text.as_bytes().windows(SHORTEST).enumerate();
        let starts = starts.filter(|(_, start)| self.begins.0[usize::from(start[0])]);
        let mut found = starts.filter_map(|(at, start)| {
            let start: &[u8; SHORTEST] = start.try_into().expect("windows are as long");
            let values = self.by_start.get(start)?.iter();
            let standing = values
                .filter(|value| stands_at(text, at, value) && !is_passed_over(at, value.as_str()));
            // One may begin as another does.
            let longest = standing.map(String::len).max()?;
            Some(&text[at..at + longest])
        });
        found.next()
    }

    /// `-pX`, `-p X`, `-u root:X`, `root:X@host`: there a credential is one, however short or like a name it is.
    fn where_passwords_stand<'t>(&self, text: &'t str) -> Option<&'t str> {
        if !text.contains(['-', '@']) {
            return None;
        }
        let words: Vec<&str> = text
            .split(|c: char| c.is_whitespace() || matches!(c, ';' | '|' | '(' | ')'))
            .map(|word| word.trim_matches(['"', '\'']))
            .filter(|word| !word.is_empty())
            .collect();
        let known = |text: &'t str| {
            let is_port = text.parse::<u16>().is_ok();
            (!is_port && self.values.contains(text)).then_some(text)
        };
        let behind = |pair: &[&'t str]| match pair[0] {
            "-p" | "-a" | "-P" | "-w" => known(pair[1]),
            "-u" | "--user" => known(pair[1].split_once(':')?.1),
            _ => None,
        };
        let glued = |word: &&'t str| {
            let rest = word.strip_prefix("-p").or_else(|| word.strip_prefix("-a"));
            let before_host = || {
                let (login, _) = word.rsplit_once('@')?;
                known(login.rsplit_once(':')?.1)
            };
            rest.and_then(known).or_else(before_host)
        };
        let behind = words.windows(2).find_map(behind);
        behind.or_else(|| words.iter().find_map(glued))
    }

    /// Where a credential stands in the words of a command; nothing if what makes them one cannot be told from the
    /// rest. Those that are `placed` have a name in the place of a credential already.
    pub fn first_in_words(&self, words: &[String], placed: &[&str]) -> Option<Spot> {
        let mut pairs = words.windows(2);
        let behind = pairs.position(|pair| is_named_by(&pair[0], &pair[1]));
        if let Some(before) = behind {
            let word = before + 1;
            let text = words[word].as_str();
            // An address behind an option that names nothing holds its password in one part.
            let is_named = looks_secret(&words[before], "x");
            let part = passwords_in(text).next().filter(|_| !is_named);
            let part = part.and_then(|part| Spot::of(&words[word..=word], text, part));
            let range = part.map_or(0..text.len(), |part| part.range);
            return Some(Spot { word, range });
        }
        if let Some(spot) = passwords_in_words(words).into_iter().next() {
            return Some(spot);
        }
        let line = words.join(" ");
        Spot::of(words, &line, self.known_in_line(&line, placed)?)
    }

    /// Whether the words of a command hold a credential, besides the names of those that are `placed`.
    pub fn stand_in_words(&self, words: &[String], placed: &[&str]) -> bool {
        let line = words.join(" ");
        words.windows(2).any(|pair| is_named_by(&pair[0], &pair[1]))
            || words.iter().any(|word| shaped_like_a_secret(word))
            || shaped_like_a_secret(&line)
            || self.known_in_line(&line, placed).is_some()
    }

    /// A known credential in a command. Whoever has a user or a host that is called as its password is has said
    /// which is which, once the password has its name.
    fn known_in_line<'l>(&self, line: &'l str, placed: &[&str]) -> Option<&'l str> {
        let is_name = |at: usize, value: &str| placed.contains(&value) && is_a_name_at(line, at);
        let found = self.where_passwords_stand(line);
        found.or_else(|| self.first_known(line, is_name))
    }

    /// The text in a fact that a plan must not hold. Those that are `placed` have names in their places.
    fn offence<'f>(&self, path: &[Key], value: &'f Written, placed: &[&str]) -> Option<&'f str> {
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
                    looks_secret(key, text) || is_option
                });
                let known = || {
                    let line = all.join(" ");
                    let known = self.known_in_line(&line, placed)?;
                    let spot = Spot::of(all, &line, known);
                    Some(all[spot.map_or(0, |spot| spot.word)].as_str())
                };
                let found = found.map(|(text, _)| text.as_str());
                found.or_else(|| known().filter(|_| is_searched(path)))
            }
            Written::Pairs(pairs) => pairs.iter().find_map(|(key, value)| {
                let path = [path, &[Key::Owned(key.clone())]].concat();
                self.offence(&path, value, placed)
            }),
            Written::Integer(_) | Written::Number(_) | Written::Flag(_) => None,
        }
    }
}

/// What a healthcheck, command or label that goes is told to do instead.
fn instead(key: &str, draft: &Draft<'_>) -> String {
    let name = &draft.name;
    match key {
        // Docker takes the arguments of an image away with its program.
        "command" if has_entrypoint(draft) => format!(
            "let it read a variable of `secret-settings`; until then {name} runs its `entrypoint` without arguments, and perhaps without a password"
        ),
        "command" | "entrypoint" => format!(
            "let it read a variable of `secret-settings`; until then {name} runs with the {key} of its image, and perhaps without a password"
        ),
        "healthcheck" => format!(
            "let it read a variable of `secret-settings`; until then nothing tests {name}, and who waits for it waits until it has started"
        ),
        "build" => "it would stay in the image".to_owned(),
        _ => "let what reads it take it from a file or a variable".to_owned(),
    }
}

/// Whether a service says what program it runs.
fn has_entrypoint(draft: &Draft<'_>) -> bool {
    let mut paths = draft.facts.iter().map(|(path, _)| path.iter());
    let mut is_said = || paths.any(|path| path.map(|key| &**key).eq(["container", "entrypoint"]));
    draft.peek("entrypoint").is_some() || is_said()
}

/// Leaves out what a service says with a credential in it.
pub(super) fn leave(draft: &mut Draft<'_>, what: &str, place: Place) {
    let key = what.split('.').next().unwrap_or_default();
    let why = format!("it holds a credential: {}", instead(key, draft));
    draft.leave(what, place, why);
    draft.without.push(what.to_owned());
}

/// Takes away what else a plan must not hold of all that is said of a component. Its variables have been judged
/// when they were taken.
pub(super) fn leave_facts(draft: &mut Draft<'_>, service: &Node, secrets: &Secrets) {
    let facts = std::mem::take(&mut draft.facts);
    let credentials = std::mem::take(&mut draft.credentials);
    let offence = |(path, value): &Fact| {
        let placed: Vec<&str> = match value {
            Written::List(words) => placed(&credentials, words),
            _ => Vec::new(),
        };
        secrets.offence(path, value, &placed).map(str::to_owned)
    };
    let mut left: Vec<(Fact, String)> = Vec::new();
    for fact in facts {
        match offence(&fact).filter(|_| !is_judged(&fact.0)) {
            Some(text) => left.push((fact, text)),
            None => draft.facts.push(fact),
        }
    }
    draft.credentials = credentials;
    for ((path, _), text) in &left {
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

/// Whether a word of a command is a credential by the option before it, and is not taken from elsewhere.
fn is_named_by(option: &str, word: &str) -> bool {
    !word.starts_with('$') && is_behind(option, word)
}

/// The credentials whose names stand in the words of a command.
fn placed<'c>(credentials: &'c [Credential], words: &[String]) -> Vec<&'c str> {
    let is_named = |credential: &&Credential| {
        let name = secret_word(&credential.variable);
        words.iter().any(|word| word.contains(&name))
    };
    let named = credentials.iter().filter(is_named);
    named.map(|credential| credential.value.as_str()).collect()
}

/// The entries of a table of a service.
fn named<'n>(service: &'n Node, path: &[&str]) -> impl Iterator<Item = (&'n str, &'n Node)> {
    let table = path.iter().try_fold(service, |node, key| node.get(key));
    let map = table.and_then(Node::map);
    map.into_iter()
        .flatten()
        .map(|(name, node)| (&**name, node))
}
