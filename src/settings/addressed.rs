//! Settings of the user's own in which the address of another component stands: it follows placement too.
//!
//! A use says by `named-in` in which settings. There its target is named as containers on one machine name each
//! other, by its name and the port inside its container; elsewhere the real address takes the place of both.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::model::{ComponentName, VariableName, is_host_word, is_short_for, speaks_of_hosts};
use crate::topology::{Component, Endpoint, Instance, Link, Topology};

/// The address of a component as it may stand in a text, and the one that takes its place.
struct Replacement<'t> {
    /// Every name that the component has for the containers beside it.
    names: Vec<&'t str>,
    /// The port inside its container.
    port: Option<u16>,
    /// The component, which may have further ports.
    target: Option<&'t Component>,
    /// Where it is reached.
    endpoint: &'t Endpoint,
}

/// A setting with the addresses of those uses that say they are named in it, as they are for this instance.
pub fn addressed<'t>(
    topology: &Topology,
    instance: &Instance,
    variable: &VariableName,
    text: &'t str,
) -> Cow<'t, str> {
    let links = super::spell::nearest(topology, instance);
    let mut text = Cow::Borrowed(text);
    for link in &links {
        if link.connection.named_in.contains(variable) {
            let target = link.target_component;
            let replacement = Replacement {
                names: target.names_inside(),
                port: target.container_port(),
                target: Some(target),
                endpoint: &link.connection.endpoint,
            };
            if let Some(replaced) = replacement.in_text(&text) {
                text = Cow::Owned(replaced);
            }
        }
    }
    text
}

/// The settings of an instance by name, with the addresses that stand in them.
pub fn all_addressed(topology: &Topology, instance: &Instance) -> BTreeMap<String, String> {
    let component = topology.components.get(&instance.component);
    let settings = component.into_iter().flat_map(|it| &it.settings);
    let settings = settings.map(|(name, text)| {
        let text = addressed(topology, instance, name, text);
        (name.to_string(), text.into_owned())
    });
    settings.collect()
}

/// Whether the connection of an instance to a component says that it is named in a setting.
pub fn told_of(
    topology: &Topology,
    instance: &Instance,
    target: &ComponentName,
    variable: &VariableName,
) -> bool {
    // A use says the same wherever its target runs, so that it does not matter which instance is the nearest.
    let links = topology.links_from(instance);
    let mut of_target = links.filter(|link| link.target.component == *target);
    of_target
        .any(|link| link.connection.named_in.contains(variable) && !topology.is_for_order(&link))
}

/// Whether one of the settings in which a use says that the address of its target stands is there and holds it. What
/// is in a credential nobody reads here.
pub fn is_told(link: &Link) -> bool {
    let user = link.user_component;
    let holds = |text: &String| {
        let names = link.target_component.names_inside();
        let mut places = names
            .iter()
            .flat_map(|name| text.match_indices(name).map(move |(at, _)| (at, name)));
        places.any(|(at, name)| is_host(&text[..at], &text[at + name.len()..]))
    };
    let mut named_in = link.connection.named_in.iter();
    named_in.any(|name| {
        user.secret_settings.contains(name) || user.settings.get(name).is_some_and(holds)
    })
}

/// Whether a name stands in a setting where a host stands: with a port behind it, in a URL, or alone in a variable
/// whose name speaks of a host or is short for it.
pub fn names_a_host(variable: &VariableName, text: &str, name: &str) -> bool {
    let variable = variable.as_str();
    let speaks_of_hosts = speaks_of_hosts(variable) || is_short_for(variable, name);
    let mut places = text.match_indices(name);
    places.any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + name.len()..]);
        let has_port = after
            .strip_prefix([':', ','])
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        let in_url = before.ends_with("//") || before.ends_with('@');
        let is_alone = text == name && speaks_of_hosts;
        is_host(before, after) && (has_port || in_url || is_alone)
    })
}

impl Replacement<'_> {
    /// The text with the real address; nothing if it is the same or not known.
    fn in_text(&self, text: &str) -> Option<String> {
        let host = self.endpoint.host.as_ref()?.to_string();
        if self.port.is_some_and(|port| text == port.to_string()) {
            return self.endpoint.port.map(|port| port.to_string());
        }
        let is_elsewhere = !self.names.contains(&host.as_str()) || self.endpoint.port != self.port;
        if !is_elsewhere {
            return None;
        }
        let mut made = String::with_capacity(text.len() + host.len());
        let mut rest = text;
        while let Some((at, name)) = self.first_in(text, text.len() - rest.len()) {
            let done = text.len() - rest.len();
            made.push_str(&text[done..at]);
            // An IPv6 address stands in brackets only where a port may follow it.
            made.push_str(match name.len() == text.len() {
                true => host.trim_matches(['[', ']']),
                false => &host,
            });
            rest = self.port_after(&mut made, &text[..at], &text[at + name.len()..]);
        }
        made.push_str(rest);
        (made != text).then_some(made)
    }

    /// The first place at or after `from` where one of the names stands as a host.
    fn first_in(&self, text: &str, from: usize) -> Option<(usize, &str)> {
        let found = self.names.iter().flat_map(|name| {
            let places = text[from..].match_indices(name);
            let places = places.map(move |(at, _)| from + at);
            places
                .filter(|at| is_host(&text[..*at], &text[at + name.len()..]))
                .map(|at| (at, *name))
        });
        // At one place the longest counts: `db` begins `db-replica`, which `is_host` rules out already.
        found.min_by_key(|(at, _)| *at)
    }

    /// Writes the port, where one stands or the usual one is not the right one any more; what follows it.
    fn port_after<'r>(&self, made: &mut String, before: &str, after: &'r str) -> &'r str {
        let Some(wanted) = self.endpoint.port else {
            return after;
        };
        for mark in [':', ','] {
            let Some(digits) = after.strip_prefix(mark) else {
                continue;
            };
            let length = digits.bytes().take_while(u8::is_ascii_digit).count();
            let said: Option<u16> = digits[..length].parse().ok();
            if said.is_some() && said == self.port {
                made.push_str(&format!("{mark}{wanted}"));
                return &digits[length..];
            }
            let further = said.and_then(|said| self.target?.further_port(said));
            if let Some(outside) = further {
                made.push_str(&format!("{mark}{outside}"));
                return &digits[length..];
            }
            if said.is_some() {
                return after;
            }
        }
        // A connection string without a port means the usual one.
        if self.endpoint.port != self.port && (before.ends_with("//") || before.ends_with('@')) {
            made.push_str(&format!(":{wanted}"));
        }
        after
    }
}

/// Keys of connection strings whose values are hosts, besides the words that speak of hosts.
const HOST_KEYS: [&str; 2] = ["source", "tcp"];

/// Whether what stands between two texts is a whole word that stands where a host does.
fn is_host(before: &str, after: &str) -> bool {
    let in_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if after.starts_with(in_name) || before.ends_with(in_name) {
        return false;
    }
    // A scheme, and who logs in, stand in such places too.
    if after.starts_with("://") || authority(after).contains('@') {
        return false;
    }
    let key = || {
        let key = before[..before.len() - 1].rsplit(|c: char| !c.is_ascii_alphanumeric());
        key.into_iter()
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
    };
    match before.chars().next_back() {
        None | Some(',' | ' ' | ';' | '"' | '\'' | '[' | '(' | '@') => true,
        Some('/') => before.ends_with("//"),
        Some('=' | ':') => is_host_word(&key()) || HOST_KEYS.contains(&key().as_str()),
        Some(_) => false,
    }
}

/// What of a URL comes before its path.
fn authority(text: &str) -> &str {
    text.split(['/', '?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Address;

    fn replaced(text: &str, host: &str, port: u16) -> String {
        let endpoint = Endpoint {
            host: Address::new(host),
            port: Some(port),
            tls: false,
        };
        let replacement = Replacement {
            names: vec!["db", "postgres.local"],
            port: Some(5432),
            target: None,
            endpoint: &endpoint,
        };
        let made = replacement.in_text(text);
        made.unwrap_or_else(|| text.to_owned())
    }

    #[test]
    fn the_address_follows_and_nothing_else_changes() {
        for (text, expected) in [
            (
                "postgres://db:db@db:5432/db",
                "postgres://db:db@10.0.0.3:6432/db",
            ),
            ("postgres://db/db", "postgres://10.0.0.3:6432/db"),
            (
                "jdbc:postgresql://db:5432/db?user=db",
                "jdbc:postgresql://10.0.0.3:6432/db?user=db",
            ),
            ("host=db port=1 dbname=db", "host=10.0.0.3 port=1 dbname=db"),
            (
                "Server=db,5432;Database=db",
                "Server=10.0.0.3,6432;Database=db",
            ),
            ("db://db:5432/0", "db://10.0.0.3:6432/0"),
            ("db:secret@db:5432", "db:secret@10.0.0.3:6432"),
            ("db", "10.0.0.3"),
            ("5432", "6432"),
            ("db:5432,db-2:5432", "10.0.0.3:6432,db-2:5432"),
            ("[\"db:5432\"]", "[\"10.0.0.3:6432\"]"),
            ("postgres.local:5432", "10.0.0.3:6432"),
            ("http://db:8080/x", "http://10.0.0.3:8080/x"),
            ("my-db:5432 mydb xdb.y", "my-db:5432 mydb xdb.y"),
            ("", ""),
        ] {
            assert_eq!(replaced(text, "10.0.0.3", 6432), expected);
        }
    }

    #[test]
    fn beside_each_other_nothing_changes() {
        for text in ["postgres://db:5432/db", "db", "5432"] {
            assert_eq!(replaced(text, "db", 5432), text);
        }
    }

    #[test]
    fn an_address_of_the_sixth_version_stands_in_brackets_where_a_port_may_follow() {
        assert_eq!(
            replaced("redis://db:5432", "fd00::1", 5432),
            "redis://[fd00::1]:5432"
        );
        assert_eq!(replaced("db", "fd00::1", 5432), "fd00::1");
    }
}
