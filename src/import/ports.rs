//! Ports: the one that users connect to, and the further ones that are published.

use std::collections::BTreeSet;

use crate::compose_file::{Node, Place, Value};
use crate::import::draft::{Draft, Sort};
use crate::import::names::Taken;
use crate::source::Written;

/// A published port.
#[derive(Clone, Debug, PartialEq)]
struct Published {
    target: i64,
    /// The port of the host; `None` for any.
    host: Option<i64>,
    address: Option<String>,
    protocol: String,
    place: Place,
}

/// Takes the ports of a service. `usual` is the port that its kind listens on here; `asked` the ports that others
/// are told to connect to.
pub(super) fn take(draft: &mut Draft<'_>, usual: Option<u16>, asked: &BTreeSet<u16>) {
    let mut published: Vec<Published> = Vec::new();
    for node in draft.take_list("ports") {
        published.extend(port(draft, node));
    }
    let exposed = draft.take_list("expose");
    let main = main_port(draft.sort, usual, &published, exposed, asked);
    let at = published.iter().position(|port| {
        Some(port.target) == main && port.protocol == "tcp" && port.host.is_some()
    });
    let own = at.map(|at| published.remove(at));
    match (draft.sort, main) {
        (Sort::App, Some(main)) => {
            draft.say(&["port"], Written::Integer(main));
            if let Some(host) = own
                .as_ref()
                .and_then(|port| port.host)
                .filter(|host| *host != main)
            {
                draft.say(&["published"], Written::Integer(host));
            }
        }
        (Sort::Service, Some(_)) => {
            let host = own.as_ref().and_then(|port| port.host);
            if let Some(host) =
                host.filter(|host| usual.is_none_or(|usual| i64::from(usual) != *host))
            {
                draft.say(&["port"], Written::Integer(host));
            }
        }
        (_, None) => {}
    }
    if main.is_some() {
        draft.say_text(&["expose"], reach(own.as_ref()));
    }
    let mut taken = Taken::default();
    for port in published {
        further(draft, &port, &mut taken);
    }
}

fn port(draft: &mut Draft<'_>, node: &Node) -> Option<Published> {
    let said = |key: &str| node.get(key).map(|node| node.value.to_string());
    let number = |text: String| {
        text.parse::<i64>()
            .ok()
            .filter(|port| (1..=65_535).contains(port))
    };
    let target = said("target").and_then(number)?;
    let published = said("published").unwrap_or_default();
    let first = published.split('-').next().unwrap_or_default().to_owned();
    if first != published {
        draft.leave("ports", node.place, format!("{published}: one port of a container is one port of the host, so that it is {first}"));
    }
    if node
        .get("mode")
        .and_then(Node::text)
        .is_some_and(|mode| mode != "ingress")
    {
        draft.leave("ports.mode", node.place, "only Swarm reads it");
    }
    let protocol = said("protocol").unwrap_or_else(|| "tcp".to_owned());
    if !["tcp", "udp"].contains(&protocol.as_str()) {
        draft.leave(
            "ports",
            node.place,
            format!("a plan does not publish {protocol}"),
        );
        return None;
    }
    Some(Published {
        target,
        host: number(first),
        address: said("host_ip").filter(|address| !address.is_empty()),
        protocol,
        place: node.place,
    })
}

/// The port that users connect to.
fn main_port(
    sort: Sort,
    usual: Option<u16>,
    published: &[Published],
    exposed: &[Node],
    asked: &BTreeSet<u16>,
) -> Option<i64> {
    if sort == Sort::Service {
        return usual.map(i64::from);
    }
    let is_tcp = |port: &&Published| port.protocol == "tcp";
    let is_asked = |port: &i64| u16::try_from(*port).is_ok_and(|port| asked.contains(&port));
    let targets = || published.iter().filter(is_tcp).map(|port| port.target);
    let exposed = exposed.iter().filter_map(|node| match &node.value {
        Value::Text(text) => text.split('/').next()?.parse::<u16>().ok().map(i64::from),
        _ => None,
    });
    let exposed: Vec<i64> = exposed.collect();
    targets()
        .find(is_asked)
        .or_else(|| targets().next())
        .or_else(|| exposed.iter().copied().find(is_asked))
        .or_else(|| asked.first().map(|port| i64::from(*port)))
        .or_else(|| exposed.first().copied())
}

/// How far the main port reaches.
fn reach(own: Option<&Published>) -> &'static str {
    match own {
        None => "containers",
        Some(own) if is_loopback(own) => "machine",
        Some(Published {
            address: Some(address),
            ..
        }) if !is_everywhere(address) => "network",
        Some(_) => "world",
    }
}

fn is_loopback(port: &Published) -> bool {
    port.address
        .as_deref()
        .is_some_and(|address| address == "127.0.0.1" || address == "::1")
}

fn is_everywhere(address: &str) -> bool {
    address == "0.0.0.0" || address == "::"
}

fn further(draft: &mut Draft<'_>, port: &Published, taken: &mut Taken) {
    let Some(host) = port.host else {
        draft.leave(
            "ports",
            port.place,
            format!(
                "{}: the host's port is not said, and would be another one at each start",
                port.target
            ),
        );
        return;
    };
    let ending = if port.protocol == "udp" { "-udp" } else { "" };
    let name = taken.label(&format!("p{}{ending}", port.target));
    let mut pairs = vec![("port".to_owned(), Written::Integer(port.target))];
    if host != port.target {
        pairs.push(("published".to_owned(), Written::Integer(host)));
    }
    if port.protocol != "tcp" {
        pairs.push(("protocol".to_owned(), Written::Text(port.protocol.clone())));
    }
    let address = port
        .address
        .as_deref()
        .filter(|address| !is_everywhere(address));
    match address {
        _ if is_loopback(port) && address == Some("127.0.0.1") => {}
        Some(address) => pairs.push(("address".to_owned(), Written::Text(address.to_owned()))),
        None => pairs.push(("expose".to_owned(), Written::Text("world".to_owned()))),
    }
    draft.say_named(&["container", "ports"], &name, Written::Pairs(pairs));
}
