//! Who uses whom: dependencies, links, and the names of other services in variables and commands.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::catalog::Kind;
use crate::compose_file::{Node, Place, Reading};
use crate::import::draft::Left;
use crate::import::kinds::Recognised;
use crate::model::{Choice, Role, about, is_host_word, is_short_for, speaks_of_hosts};

/// What a service uses of another.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Used {
    /// What it waits for, as Compose says it; `None` if it waits for nothing.
    pub condition: Option<String>,
    /// A role that the name of a variable speaks of.
    pub role: Option<Role>,
    /// The variables that name it.
    pub variables: Vec<String>,
}

/// Every use of a project, and the ports that services are asked for.
#[derive(Default)]
pub(super) struct Uses {
    /// By user and used service.
    pub edges: BTreeMap<String, BTreeMap<String, Used>>,
    /// By service.
    pub asked: BTreeMap<String, BTreeSet<u16>>,
    /// Other names under which services are linked, by service.
    pub aliases: BTreeMap<String, Vec<(String, Place)>>,
    /// Links under a name that is another service's, by user.
    pub clashes: BTreeMap<String, Vec<(String, Place)>>,
    /// Mentions that would close a circle, by user and used service.
    circles: BTreeSet<(String, String)>,
    /// How many uses were followed to see whether a mention would close a circle.
    followed: usize,
    /// How many mentions were not looked at, and where the first is.
    passed_over: Option<(usize, Place)>,
}

/// Most uses that are followed: whether a mention would close a circle may take a look at all that were found before.
const MOST_FOLLOWED: usize = 8_000_000;

impl Uses {
    /// Those of a reading whose services of known kinds are `backing`.
    pub fn of(reading: &Reading, backing: &BTreeMap<&str, Recognised>) -> Uses {
        let mut uses = Uses::default();
        let shared = LazyCell::new(|| shared_variables(reading));
        let hosts = hosts(reading);
        for link in links(reading) {
            let is_free = hosts.get(link.alias) == Some(&link.service);
            let (named, by) = match is_free {
                true => (
                    link.alias.to_owned(),
                    uses.aliases.entry(link.service.to_owned()),
                ),
                false => {
                    let said = format!("{}:{}", link.service, link.alias);
                    (said, uses.clashes.entry(link.user.to_owned()))
                }
            };
            by.or_default().push((named, link.place));
        }
        for (user, service) in reading.section("services") {
            for (used, node) in service
                .get("depends_on")
                .and_then(Node::map)
                .into_iter()
                .flatten()
            {
                let condition = node.get("condition").map(|node| node.value.to_string());
                let edge = uses.edges.entry(user.to_owned()).or_default();
                edge.insert(
                    used.to_string(),
                    Used {
                        condition,
                        ..Used::default()
                    },
                );
            }
        }
        for (user, service) in reading.section("services") {
            let kind = backing.get(user).map(|it| &it.kind);
            for mention in mentions(service, &hosts) {
                // What stands in a file that several services share is not what a backing service connects to.
                let is_shared = || shared.contains(&(mention.variable, mention.place));
                let is_needed = |kind: &Kind| {
                    let other = backing.get(mention.service);
                    other.is_some_and(|other| kind.needs_use.contains(&other.kind.id))
                };
                let is_meant = match kind {
                    Some(kind) => {
                        user == mention.service
                            || uses.edge(user, mention.service).is_some()
                            || is_needed(kind)
                            || !is_shared()
                    }
                    None => true,
                };
                if is_meant {
                    uses.add(user, service.place, mention);
                }
            }
            uses.add_ports(user, service, backing);
        }
        uses
    }

    fn edge(&self, user: &str, used: &str) -> Option<&Used> {
        self.edges.get(user)?.get(used)
    }

    /// Variables that hold nothing but a port belong to the host that a variable of the same beginning names,
    /// `DB_PORT` to `DB_HOST`, or else to the one that is called so itself: `POSTGRES_PORT` to a `db` of that kind.
    fn add_ports(&mut self, user: &str, service: &Node, backing: &BTreeMap<&str, Recognised>) {
        let variables = service.get("environment").and_then(Node::map);
        let Some(edges) = self.edges.get_mut(user) else {
            return;
        };
        for (name, node) in variables.into_iter().flatten() {
            let is_port = node.text().is_some_and(|text| text.parse::<u16>().is_ok());
            let Some(of_port) = about(name, &["port"]).filter(|_| is_port) else {
                continue;
            };
            let names_it = |variable: &String| {
                let of_host = without_last(variable, is_host_word);
                let of_host = of_host.map(|it| it.trim_end_matches('_').to_lowercase());
                let of_host = of_host.or_else(|| about(variable, &["host", "hostname", "server"]));
                of_host.as_ref() == Some(&of_port)
            };
            let is_called_so = |service: &str| {
                let kind = backing.get(service).map(|it| &it.kind);
                let names = kind.map(|kind| kind.aliases.iter().chain([&kind.id]));
                service == of_port || names.is_some_and(|mut names| names.any(|it| *it == of_port))
            };
            let named = |used: &&Used| used.variables.iter().any(names_it);
            let called = || {
                let mut called = edges.iter().filter(|(service, used)| {
                    !used.variables.is_empty() && is_called_so(service.as_str())
                });
                let first = called.next().map(|(service, _)| service);
                // Which of two is meant nobody says.
                first.filter(|_| called.next().is_none())
            };
            let by_name = edges.iter().find(|(_, used)| named(used));
            let by_name = by_name.map(|(service, _)| service);
            let found = by_name.or_else(called).cloned();
            if let Some(used) = found.and_then(|service| edges.get_mut(&service)) {
                used.variables.push(name.to_string());
            }
        }
    }

    /// That names stand in variables and commands that were not looked at.
    pub fn passed_over(&self) -> Option<Left> {
        let (n_names, place) = self.passed_over?;
        Some(Left {
            service: None,
            what: "uses".to_owned(),
            place,
            why: format!(
                "services name one another so often that {n_names} of these names are no uses: add those that are missing"
            ),
        })
    }

    fn add(&mut self, user: &str, said_at: Place, mention: Mention<'_>) {
        let used = mention.service;
        if let Some(port) = mention.port {
            self.asked.entry(used.to_owned()).or_default().insert(port);
        }
        if user == used {
            return;
        }
        let is_there = self
            .edges
            .get(user)
            .is_some_and(|edges| edges.contains_key(used));
        let pair = (user.to_owned(), used.to_owned());
        if !is_there && self.circles.contains(&pair) {
            return;
        }
        // What uses nothing itself, as most of what is used, closes no circle.
        if !is_there && self.edges.contains_key(used) {
            if self.followed >= MOST_FOLLOWED {
                let place = match mention.variable {
                    "" => said_at,
                    _ => mention.place,
                };
                self.passed_over.get_or_insert((0, place)).0 += 1;
                return;
            }
            let (is_circle, n_followed) = self.leads(used, user);
            self.followed += n_followed;
            if is_circle {
                self.circles.insert(pair);
                return;
            }
        }
        let edge = self
            .edges
            .entry(user.to_owned())
            .or_default()
            .entry(used.to_owned())
            .or_default();
        edge.role = edge.role.or(mention.role);
        let variable = mention.variable.to_owned();
        if !variable.is_empty() && !edge.variables.contains(&variable) {
            edge.variables.push(variable);
        }
    }

    /// The services whose mention by `user` would close a circle.
    pub fn circles_of(&self, user: &str) -> impl Iterator<Item = &str> {
        let first = (user.to_owned(), String::new());
        let from_first = self.circles.range(first..);
        let own = from_first.take_while(move |(other, _)| other == user);
        own.map(|(_, used)| used.as_str())
    }

    /// Whether one service leads to another one by what is used, and how many uses were followed to see that.
    fn leads(&self, from: &str, to: &str) -> (bool, usize) {
        let mut seen = BTreeSet::new();
        let mut open = vec![from];
        let mut n_followed = 0;
        while let Some(at) = open.pop() {
            n_followed += 1;
            let Some(edges) = self.edges.get(at).filter(|_| seen.insert(at)) else {
                continue;
            };
            if edges.contains_key(to) {
                return (true, n_followed);
            }
            open.extend(edges.keys().map(String::as_str));
        }
        (false, n_followed)
    }
}

/// The variables that several services have, with their places: those of a shared file or anchor have the same place
/// wherever they are taken in.
fn shared_variables(reading: &Reading) -> HashSet<(&str, Place)> {
    let variables = reading.section("services").filter_map(|(_, service)| {
        let variables = service.get("environment")?.map()?;
        Some(variables.iter().map(|(name, node)| (&**name, node.place)))
    });
    let mut seen = HashSet::new();
    let mut variables: Vec<_> = variables.flatten().collect();
    variables.retain(|variable| !seen.insert(*variable));
    variables.into_iter().collect()
}

/// The services by every name under which others reach them.
fn hosts(reading: &Reading) -> HashMap<String, &str> {
    let mut hosts = HashMap::new();
    for (name, service) in reading.section("services") {
        let mut add = |alias: String| {
            hosts.entry(alias).or_insert(name);
        };
        for key in ["container_name", "hostname"] {
            service
                .get(key)
                .into_iter()
                .for_each(|node| add(node.value.to_string()));
        }
        for network in service
            .get("networks")
            .and_then(Node::map)
            .into_iter()
            .flat_map(|map| map.values())
        {
            let aliases = network.get("aliases").and_then(Node::list);
            aliases
                .into_iter()
                .flatten()
                .for_each(|node| add(node.value.to_string()));
        }
    }
    for link in links(reading) {
        hosts.entry(link.alias.to_owned()).or_insert(link.service);
    }
    // A service's own name wins over what another calls itself.
    hosts.extend(
        reading
            .section("services")
            .map(|(name, _)| (name.to_owned(), name)),
    );
    hosts
}

/// A service that another links under a name of its own: `links: ["mq:broker"]`.
struct Link<'a> {
    user: &'a str,
    service: &'a str,
    alias: &'a str,
    place: Place,
}

fn links(reading: &Reading) -> impl Iterator<Item = Link<'_>> {
    reading.section("services").flat_map(|(user, service)| {
        let said = service.get("links").and_then(Node::list);
        said.into_iter().flatten().filter_map(move |node| {
            let (service, alias) = node.text()?.split_once(':')?;
            Some(Link {
                user,
                service,
                alias,
                place: node.place,
            })
        })
    })
}

/// A service whose name stands where a host's name stands.
struct Mention<'a> {
    service: &'a str,
    /// The variable that it stands in; nothing for a command.
    variable: &'a str,
    port: Option<u16>,
    role: Option<Role>,
    /// Where the variable is said.
    place: Place,
}

fn mentions<'a>(service: &'a Node, hosts: &HashMap<String, &'a str>) -> Vec<Mention<'a>> {
    let mut found = Vec::new();
    for (name, node) in service
        .get("environment")
        .and_then(Node::map)
        .into_iter()
        .flatten()
    {
        if let Some(value) = node.text() {
            found.extend(in_text((name, node.place), value, hosts));
        }
    }
    for key in ["command", "entrypoint"] {
        for word in service.get(key).and_then(Node::list).into_iter().flatten() {
            if let Some(word) = word.text() {
                found.extend(in_text(("", Place::default()), word, hosts));
            }
        }
    }
    found
}

/// Longest text that is searched for names, in bytes.
const LONGEST_TEXT: usize = 16_384;

fn in_text<'a>(
    (variable, place): (&'a str, Place),
    text: &str,
    hosts: &HashMap<String, &'a str>,
) -> Vec<Mention<'a>> {
    if text.len() > LONGEST_TEXT {
        return Vec::new();
    }
    // Most texts name nobody, so that nothing is asked of their variables.
    let mut name = None;
    let in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let mut found = Vec::new();
    let mut at = 0;
    for token in text.split(|c: char| !in_name(c)) {
        let start = at;
        at += token.len()
            + text[at + token.len()..]
                .chars()
                .next()
                .map_or(0, char::len_utf8);
        let Some(service) = hosts.get(token) else {
            continue;
        };
        let (names_a_host, role) = *name.get_or_insert_with(|| said_by_name(variable));
        let (before, after) = (&text[..start], &text[start + token.len()..]);
        let said = after.strip_prefix(':').and_then(leading_port);
        let by_scheme = || match before
            .rsplit(|c: char| !c.is_ascii_alphanumeric() && c != ':' && c != '/')
            .next()
        {
            Some("http://") => Some(80),
            Some("https://") => Some(443),
            _ => None,
        };
        let port = said.or_else(by_scheme);
        let is_in_url = before.ends_with("//") || before.ends_with('@');
        let stands_alone = matches!(
            before.chars().next_back(),
            None | Some(',' | ' ' | ';' | '=' | '"')
        ) && matches!(after.chars().next(), None | Some(',' | ' ' | ';' | '"'));
        let is_whole = || token == text && is_short_for(variable, token);
        if is_in_url || port.is_some() || names_a_host && stands_alone || is_whole() {
            found.push(Mention {
                service,
                variable,
                port,
                role,
                place,
            });
        }
    }
    found
}

/// A variable's name without its last word, if that is one that is asked for.
fn without_last(name: &str, is_it: impl Fn(&str) -> bool) -> Option<&str> {
    let (about, last) = name.rsplit_once('_')?;
    is_it(last).then_some(about)
}

fn leading_port(text: &str) -> Option<u16> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    text[..length].parse().ok().filter(|port| *port > 0)
}

/// Whether a variable's name says that it holds a host, and the role that it speaks of.
fn said_by_name(variable: &str) -> (bool, Option<Role>) {
    let upper = variable.to_uppercase();
    let words = || upper.split(|c: char| !c.is_ascii_alphanumeric());
    let of_word = |word: &str| match word {
        "BROKER" | "JOBS" | "QUEUES" => Some(Role::Queue),
        "SESSIONS" => Some(Role::Session),
        word => Role::ALL
            .iter()
            .copied()
            .find(|role| role.as_str().eq_ignore_ascii_case(word)),
    };
    (speaks_of_hosts(variable), words().find_map(of_word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(variable: &'static str, text: &str) -> String {
        let hosts = HashMap::from([("db".to_owned(), "db"), ("my-api".to_owned(), "api")]);
        let said = |mention: &Mention| {
            let port = mention
                .port
                .map(|port| format!(":{port}"))
                .unwrap_or_default();
            let role = mention
                .role
                .map(|role| format!(" {role}"))
                .unwrap_or_default();
            format!("{}{port}{role}", mention.service)
        };
        let mentions = in_text((variable, Place::default()), text, &hosts);
        mentions.iter().map(said).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn names_are_found_where_hosts_stand() {
        for (variable, text, mentions) in [
            (
                "DATABASE_URL",
                "postgres://u:p@db:5432/x",
                "db:5432 database",
            ),
            ("X", "jdbc:mysql://db/x?y", "db"),
            ("DB_HOST", "db", "db"),
            ("POSTGRES_USER", "db", ""),
            ("CACHE_SERVERS", "db,my-api", "db cache, api cache"),
            ("X", "host=db port=5432", ""),
            ("SHOP_DBHOST", "db", "db"),
            ("API", "my-api", "api"),
            ("MODE", "my-api", ""),
            ("X_ADDRESS", "host=db port=5432", "db"),
            ("X", "a-db:80", ""),
            ("API", "http://my-api:8080/db", "api:8080"),
            ("API", "http://my-api/db", "api:80"),
            ("X", "é db:1", "db:1"),
        ] {
            assert_eq!(found(variable, text), mentions, "{variable}={text}");
        }
    }
}
