//! The short form of a published port: `127.0.0.1:8080:80/tcp`, ranges too.

use std::net::IpAddr;

use crate::compose_file::fault::{Fault, Read};
use crate::compose_file::map::Map;
use crate::compose_file::node::{Node, Place, Value};
use crate::finding::quoted;

/// The long forms of a port's short form, one for each port of the container.
pub(super) fn long_forms(text: &str, place: Place) -> Read<Vec<Node>> {
    let ports = split(text).map_err(|fault| {
        Fault::at(place, format!("{} is not a port: {fault}", quoted(text)))
            .help("write it as `\"8080:80\"` or `\"127.0.0.1:8080:80/tcp\"`")
    })?;
    let node = |port: &Port| {
        let mut map = Map::new();
        let mut set = |key: &str, value: Value| {
            map.insert(key, Node::new(value, place));
        };
        set("mode", Value::Text("ingress".into()));
        set("protocol", Value::Text(port.protocol.as_str().into()));
        set("target", Value::Whole(i64::from(port.target)));
        if !port.address.is_empty() {
            set("host_ip", Value::Text(port.address.as_str().into()));
        }
        if !port.published.is_empty() {
            set("published", Value::Text(port.published.as_str().into()));
        }
        Node::new(Value::Map(map), place)
    };
    Ok(ports.iter().map(node).collect())
}

struct Port {
    address: String,
    published: String,
    target: u16,
    protocol: String,
}

fn split(text: &str) -> Result<Vec<Port>, &'static str> {
    let (address, published, target) = match text.rsplitn(3, ':').collect::<Vec<_>>()[..] {
        [target] => ("", "", target),
        [target, published] => ("", published, target),
        [target, published, address] => (address, published, target),
        _ => return Err("it has no part"),
    };
    let (target, protocol) = target.split_once('/').unwrap_or((target, ""));
    let protocol = if protocol.is_empty() { "tcp" } else { protocol }.to_lowercase();
    if !["tcp", "udp", "sctp"].contains(&protocol.as_str()) {
        return Err("its protocol is none of tcp, udp and sctp");
    }
    let address = address
        .strip_prefix('[')
        .and_then(|address| address.strip_suffix(']'))
        .unwrap_or(address);
    if !address.is_empty() && address.parse::<IpAddr>().is_err() {
        return Err("what stands first is no IP address");
    }
    let (first, last) = range(target).ok_or("the container's port is no number up to 65535")?;
    let host = match published {
        "" => None,
        published => Some(range(published).ok_or("the published port is no number up to 65535")?),
    };
    let (length, host_length) = (last - first, host.map_or(0, |(first, last)| last - first));
    if host.is_some() && length != host_length && length != 0 {
        return Err("its two ranges are not of the same length");
    }
    let published = |offset: u16| match host {
        None => String::new(),
        // One port of the container takes any of a range of the host.
        Some((first, last)) if length == 0 && first != last => format!("{first}-{last}"),
        Some((first, _)) => (first + offset).to_string(),
    };
    let mut ports: Vec<Port> = (0..=length)
        .map(|offset| Port {
            address: address.to_owned(),
            published: published(offset),
            target: first + offset,
            protocol: protocol.clone(),
        })
        .collect();
    // Compose sorts the ports of a range as texts.
    ports.sort_by_cached_key(|port| port.target.to_string());
    Ok(ports)
}

/// A port, or the first and last of a range.
fn range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let port = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| text.parse::<u16>().ok())?
    };
    let (first, last) = (port(first)?, port(last)?);
    (first <= last).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        let ports = split(text).map_err(str::to_owned);
        let said = |port: &Port| {
            let Port {
                address,
                published,
                target,
                protocol,
            } = port;
            format!("{address}|{published}|{target}|{protocol}")
        };
        ports.map_or_else(
            |fault| fault,
            |ports| ports.iter().map(said).collect::<Vec<_>>().join(" "),
        )
    }

    #[test]
    fn short_forms_are_read_as_compose_reads_them() {
        assert_eq!(said("80"), "||80|tcp");
        assert_eq!(said("8080:80"), "|8080|80|tcp");
        assert_eq!(
            said("127.0.0.1:1000-1001:2000-2001/UDP"),
            "127.0.0.1|1000|2000|udp 127.0.0.1|1001|2001|udp"
        );
        assert_eq!(said("9000-9001:90"), "|9000-9001|90|tcp");
        assert_eq!(said("[::1]:80:80"), "::1|80|80|tcp");
        assert_eq!(said("127.0.0.1::80"), "127.0.0.1||80|tcp");
        assert_eq!(said("99-100"), "||100|tcp ||99|tcp");
        for wrong in [
            "", "a", "80:", "1-2:3-5", "99999", "2-1", "x:80:80", "80/icmp", "+80",
        ] {
            assert!(split(wrong).is_err(), "{wrong}");
        }
    }
}
