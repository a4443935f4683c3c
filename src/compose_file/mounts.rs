//! The short form of a mount, `source:target:options`, and the paths in it.

use crate::compose_file::fault::{Fault, Read};
use crate::compose_file::map::Map;
use crate::compose_file::node::{Node, Place, Value};
use crate::compose_file::paths::cleaned;
use crate::finding::quoted;

/// Options of a bind mount that say how mounts below it are seen.
const PROPAGATIONS: &[&str] = &[
    "rprivate", "private", "rshared", "shared", "rslave", "slave",
];

/// A mount as its short form says it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Mount<'a> {
    source: &'a str,
    target: &'a str,
    options: &'a str,
}

/// The long form of a mount's short form.
pub(super) fn long_form(text: &str, place: Place) -> Read<Node> {
    let mount =
        split(text).map_err(|fault| Fault::at(place, format!("{} {fault}", quoted(text))))?;
    let mut map = Map::new();
    let mut set = |key: &str, value: Value| {
        map.insert(key, Node::new(value, place));
    };
    let is_bind = is_path(mount.source);
    let (mut of_bind, mut of_volume) = (Vec::new(), Vec::new());
    for option in mount.options.split(',') {
        match option {
            "ro" => set("read_only", Value::Flag(true)),
            "nocopy" => of_volume.push(("nocopy", Value::Flag(true))),
            "z" | "Z" => of_bind.push(("selinux", Value::Text(option.into()))),
            _ if PROPAGATIONS.contains(&option) => {
                of_bind.push(("propagation", Value::Text(option.into())));
            }
            _ => {}
        }
    }
    if is_bind {
        of_bind.push(("create_host_path", Value::Flag(true)));
    }
    let kind = if is_bind { "bind" } else { "volume" };
    set("type", Value::Text(kind.into()));
    if !mount.source.is_empty() {
        set("source", Value::Text(mount.source.into()));
    }
    set("target", Value::Text(cleaned(mount.target).into()));
    for (section, said) in [("bind", of_bind), ("volume", of_volume)] {
        if section == kind || !said.is_empty() {
            let said = said.into_iter();
            let said = said.map(|(key, value)| (key.into(), Node::new(value, place)));
            set(section, Value::Map(said.collect()));
        }
    }
    Ok(Node::new(Value::Map(map), place))
}

/// Where an entry of `volumes` is mounted.
pub(super) fn target_of(node: &Node) -> Option<String> {
    match &node.value {
        Value::Text(text) => Some(split(text).ok()?.target.to_owned()),
        _ => Some(node.get("target")?.text()?.to_owned()),
    }
}

fn split(text: &str) -> Result<Mount<'_>, String> {
    if text.is_empty() {
        return Err("names no folder".to_owned());
    }
    if text.len() <= 2 {
        return Ok(Mount {
            target: text,
            ..Mount::default()
        });
    }
    let parts = parts(text);
    if parts.iter().any(|part| part.is_empty()) {
        return Err("has nothing between two colons".to_owned());
    }
    match parts[..] {
        [target] => Ok(Mount {
            target,
            ..Mount::default()
        }),
        [source, target] => Ok(Mount {
            source,
            target,
            options: "",
        }),
        [source, target, options] => Ok(Mount {
            source,
            target,
            options,
        }),
        _ => Err("has too many colons".to_owned()),
    }
}

/// Parts between colons, where a single letter with a colon is a drive and no part.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices(':') {
        let part = &text[start..at];
        let mut letters = part.chars();
        let is_drive = letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none();
        if !is_drive {
            parts.push(part);
            start = at + 1;
        }
    }
    parts.push(&text[start..]);
    parts
}

/// Whether the source of a mount is a folder or file of the host, not the name of a volume.
fn is_path(source: &str) -> bool {
    let mut chars = source.chars();
    let (first, second) = (chars.next(), chars.next());
    let is_drive = first.is_some_and(char::is_alphabetic) && second == Some(':');
    matches!(first, Some('.' | '/' | '~')) || source.starts_with("\\\\") || is_drive
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mounts_are_split_as_compose_splits_them() {
        for (text, long) in [
            (
                "./x:/y:ro,z",
                "map[bind:map[create_host_path:true selinux:z] read_only:true source:./x target:/y type:bind]",
            ),
            (
                "data:/z/",
                "map[source:data target:/z type:volume volume:map[]]",
            ),
            ("/anon", "map[target:/anon type:volume volume:map[]]"),
            ("d:/data", "map[target:d:/data type:volume volume:map[]]"),
            (
                "C:\\x:/y",
                "map[bind:map[create_host_path:true] source:C:\\x target:/y type:bind]",
            ),
        ] {
            let node = long_form(text, Place::default()).expect("it is a mount");
            assert_eq!(node.value.to_string(), long);
        }
        for text in ["", ":/x", "data:", "data:/x:ro:rw"] {
            assert!(long_form(text, Place::default()).is_err(), "{text}");
        }
    }
}
