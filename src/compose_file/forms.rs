//! Forms that values are brought into: flags, numbers, sizes, durations, command lines, tables of texts.

use std::sync::Arc;

use crate::compose_file::canonical::as_list;
use crate::compose_file::fault::{Fault, Read};
use crate::compose_file::map::Map;
use crate::compose_file::merge::sequence;
use crate::compose_file::node::{Node, Value};
use crate::compose_file::quantity::{bytes, command_words, duration};
use crate::finding::quoted;

/// A form that a value is brought into.
pub(super) type Form = fn(Node) -> Read<Node>;

fn wrong(node: &Node, wanted: &str) -> Box<Fault> {
    Fault::at(
        node.place,
        format!("{} is not {wanted}", quoted(&node.value.to_string())),
    )
}

/// `true` or `false`, also as words.
pub(super) fn flag(node: Node) -> Read<Node> {
    let Some(text) = node.text() else {
        return Ok(node);
    };
    let flag = match text.to_lowercase().as_str() {
        "true" | "y" | "yes" | "on" => true,
        "false" | "n" | "no" | "off" => false,
        _ => return Err(wrong(&node, "`true` or `false`")),
    };
    Ok(Node::new(Value::Flag(flag), node.place))
}

/// A whole number, also as a text.
pub(super) fn whole(node: Node) -> Read<Node> {
    let number = match &node.value {
        Value::Text(text) => text.parse().map_err(|_| wrong(&node, "a whole number"))?,
        Value::Decimal(number) if number.fract() == 0.0 => *number as i64,
        _ => return Ok(node),
    };
    Ok(Node::new(Value::Whole(number), node.place))
}

/// A number, also as a text.
pub(super) fn number(node: Node) -> Read<Node> {
    let Some(text) = node.text() else {
        return Ok(node);
    };
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
    let number = number.ok_or_else(|| wrong(&node, "a number"))?;
    Ok(Node::new(Value::Decimal(number), node.place))
}

/// A size in bytes, as a text.
pub(super) fn size(node: Node) -> Read<Node> {
    let bytes = match &node.value {
        Value::Decimal(number) => Some(*number as i64),
        value => bytes(&value.to_string()),
    };
    let bytes = bytes.ok_or_else(|| wrong(&node, "a size such as `512m`"))?;
    Ok(Node::of_text(bytes.to_string(), node.place))
}

/// A duration as Go writes it.
pub(super) fn time(node: Node) -> Read<Node> {
    let text = node.value.to_string();
    let time = duration(&text).ok_or_else(|| wrong(&node, "a duration such as `1m30s`"))?;
    Ok(Node::of_text(time, node.place))
}

/// A text as a list of one.
pub(super) fn list(node: Node) -> Read<Node> {
    Ok(as_list(node))
}

/// A command line as its words.
pub(super) fn words(node: Node) -> Read<Node> {
    let Some(line) = node.text() else {
        return Ok(node);
    };
    let words = command_words(line).ok_or_else(|| {
        wrong(&node, "a command line").help("write it as a list, one word an entry")
    })?;
    let words = words
        .into_iter()
        .map(|word| Node::of_text(word, node.place));
    Ok(Node::new(Value::List(words.collect()), node.place))
}

/// The test of a healthcheck as a list.
pub(super) fn test(node: Node) -> Read<Node> {
    let list = match &node.value {
        Value::Text(line) => {
            let words = [Arc::from("CMD-SHELL"), line.clone()];
            let words = words
                .into_iter()
                .map(|word| Node::of_text(word, node.place));
            Node::new(Value::List(words.collect()), node.place)
        }
        _ => node,
    };
    let first = list.list().and_then(<[Node]>::first).and_then(Node::text);
    match first {
        None | Some("CMD" | "CMD-SHELL" | "NONE") => Ok(list),
        Some(_) => {
            let fault = Fault::at(
                list.place,
                "the test of a healthcheck begins with `CMD`, `CMD-SHELL` or `NONE`",
            );
            Err(fault.help("write a line as a text, or `[\"CMD\", …]`"))
        }
    }
}

/// A list of texts.
pub(super) fn texts(node: Node) -> Read<Node> {
    let place = node.place;
    let Some(list) = node.list() else {
        return Ok(node);
    };
    let text = |item: &Node| Node::of_text(item.value.to_string(), item.place);
    Ok(Node::new(
        Value::List(list.iter().map(text).collect()),
        place,
    ))
}

/// Variables by name: texts, or nothing where only the name is said.
pub(super) fn values_by_key(node: Node) -> Read<Node> {
    let place = node.place;
    let map = match node.value {
        Value::Map(mut said) => {
            for value in said.values_mut() {
                if !matches!(value.value, Value::Null | Value::Text(_)) {
                    value.value = Value::Text(value.value.to_string().into());
                }
            }
            said
        }
        Value::List(list) => {
            let mut pairs: Vec<(Arc<str>, Node)> = Vec::with_capacity(list.len());
            for item in list {
                let said = item.value.to_string();
                let (key, value) = match said.split_once('=') {
                    Some((key, value)) => (key, Node::of_text(value, item.place)),
                    None => (&*said, Node::new(Value::Null, item.place)),
                };
                if key.ends_with(char::is_whitespace) {
                    let fault = Fault::at(
                        item.place,
                        format!("the name {} ends in a space", quoted(key)),
                    );
                    return Err(fault.help("take the space out"));
                }
                pairs.push((key.into(), value));
            }
            pairs.into_iter().collect()
        }
        _ => Map::new(),
    };
    Ok(Node::new(Value::Map(map), place))
}

/// Labels and options by name, where nothing said is an empty text.
pub(super) fn texts_by_key(node: Node) -> Read<Node> {
    let mut node = values_by_key(node)?;
    for value in node.map_mut().into_iter().flat_map(|map| map.values_mut()) {
        if value.is_null() {
            value.value = Value::Text("".into());
        }
    }
    Ok(node)
}

/// Further hosts as sorted `name=address`.
pub(super) fn hosts(node: Node) -> Read<Node> {
    let place = node.place;
    let mut hosts = Vec::new();
    for item in sequence(node) {
        let said = item.value.to_string();
        let pair = said.split_once('=').or_else(|| said.split_once(':'));
        let Some((name, addresses)) = pair.filter(|(name, _)| !name.is_empty()) else {
            return Err(wrong(&item, "a host with its address").help("write it as `name:address`"));
        };
        for address in addresses.split(',') {
            let bare = address
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'));
            hosts.push(Node::of_text(
                format!("{name}={}", bare.unwrap_or(address)),
                item.place,
            ));
        }
    }
    hosts.sort_by(|a, b| a.text().cmp(&b.text()));
    Ok(Node::new(Value::List(hosts), place))
}
