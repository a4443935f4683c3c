//! One compose file over another: maps are merged, lists appended, a few things replaced, as Compose does it.

use std::collections::HashSet;
use std::sync::Arc;

use crate::compose_file::fault::{Fault, Read};
use crate::compose_file::map::Map;
use crate::compose_file::node::{Mark, Node, Place, Value};
use crate::finding::quoted;

/// `base` with what `over` says on top. The path is that of both, from the top of the file.
pub(super) fn merge(base: Node, over: Node, path: &[&str]) -> Read<Node> {
    match special(path) {
        Some(special) => special(base, over, path),
        None => plainly(base, over, path),
    }
}

/// `base` with the tables of `over` merged into it key by key.
pub(super) fn merge_maps(mut base: Map, over: Map, path: &[&str]) -> Read<Map> {
    let mut new = Vec::new();
    for (key, over) in over {
        let Some(own) = base.get_mut(&key) else {
            new.push((key, over));
            continue;
        };
        let path: Vec<&str> = path.iter().copied().chain([&*key]).collect();
        *own = merge(taken(own), over, &path)?;
    }
    base.extend(new);
    Ok(base)
}

/// What stands somewhere, which is to be changed.
pub(super) fn taken(node: &mut Node) -> Node {
    let place = node.place;
    std::mem::replace(node, nothing(place))
}

type Merge = fn(Node, Node, &[&str]) -> Read<Node>;

/// What is merged in a way of its own.
fn special(path: &[&str]) -> Option<Merge> {
    let service = match path {
        ["networks" | "volumes", _, "labels"] => return Some(as_sequence),
        ["networks", _, "ipam", "config"] => return Some(subnets),
        ["services", _, service @ ..] => service,
        _ => return None,
    };
    match service {
        ["annotations" | "dns" | "dns_opt" | "dns_search" | "env_file" | "label_file"]
        | ["environment" | "labels" | "sysctls" | "tmpfs"]
        | ["build", "args" | "additional_contexts" | "labels"]
        | ["deploy", "labels"] => Some(as_sequence),
        ["build"] => Some(build),
        ["command" | "entrypoint"] | ["healthcheck", "test"] | ["ulimits", _] => Some(replaced),
        ["depends_on"] => Some(dependencies),
        ["extra_hosts"] | ["build", "extra_hosts"] => Some(hosts),
        ["logging"] => Some(logging),
        ["networks" | "models"] => Some(names),
        _ => None,
    }
}

fn plainly(base: Node, over: Node, path: &[&str]) -> Read<Node> {
    if over.is_null() {
        return Ok(base);
    }
    let place = over.place;
    let value = match (base.value, over.value) {
        (Value::Map(base), Value::Map(over)) => Value::Map(merge_maps(base, over, path)?),
        (Value::List(mut base), Value::List(over)) => {
            base.extend(over);
            Value::List(base)
        }
        (Value::Map(_) | Value::List(_), over) => {
            let over = Node::new(over, place);
            let message = format!(
                "{} cannot be replaced by {}",
                quoted(&path.join(".")),
                over.sort()
            );
            return Err(Fault::at(place, message).and(base.place, "said here"));
        }
        (_, over) => over,
    };
    Ok(Node::new(value, place))
}

fn replaced(_: Node, over: Node, _: &[&str]) -> Read<Node> {
    Ok(over)
}

fn as_sequence(base: Node, over: Node, _: &[&str]) -> Read<Node> {
    let place = over.place;
    let mut all = sequence(base);
    all.extend(sequence(over));
    Ok(Node::new(Value::List(all), place))
}

/// A text, list or table as a list: `{A: 1}` becomes `["A=1"]`.
pub(super) fn sequence(node: Node) -> Vec<Node> {
    let place = node.place;
    let pair = |(key, value): (Arc<str>, Node)| match value.value {
        Value::Null => vec![Node::of_text(key, value.place)],
        Value::List(list) => {
            let each = |item: Node| Node::of_text(format!("{key}={}", item.value), item.place);
            list.into_iter().map(each).collect()
        }
        said => vec![Node::of_text(format!("{key}={said}"), value.place)],
    };
    match node.value {
        Value::Map(map) => map.into_iter().flat_map(pair).collect(),
        Value::List(list) => list,
        Value::Text(text) => vec![Node::of_text(text, place)],
        _ => Vec::new(),
    }
}

fn build(base: Node, over: Node, path: &[&str]) -> Read<Node> {
    let as_map = |node: Node| match &node.value {
        Value::Text(_) => {
            let place = node.place;
            Node::of_pairs([("context", node.value)], place)
        }
        _ => node,
    };
    plainly(as_map(base), as_map(over), path)
}

/// A list of names as a table, each with what `each` makes of it.
pub(super) fn keyed(node: Node, each: fn(Place) -> Node) -> Node {
    let place = node.place;
    let value = match node.value {
        Value::List(list) if list.iter().all(|item| item.text().is_some()) => {
            let pairs = list.into_iter().filter_map(|item| {
                let value = each(item.place);
                Some((Arc::from(item.text()?), value))
            });
            Value::Map(pairs.collect())
        }
        other => other,
    };
    Node::new(value, place)
}

/// What a dependency is that only names a service.
pub(super) fn plain_dependency(place: Place) -> Node {
    Node::of_pairs(
        [
            ("condition", Value::Text("service_started".into())),
            ("required", Value::Flag(true)),
        ],
        place,
    )
}

/// Nothing, at a place.
pub(super) fn nothing(place: Place) -> Node {
    Node::new(Value::Null, place)
}

fn dependencies(base: Node, over: Node, path: &[&str]) -> Read<Node> {
    plainly(
        keyed(base, plain_dependency),
        keyed(over, plain_dependency),
        path,
    )
}

fn names(base: Node, over: Node, path: &[&str]) -> Read<Node> {
    plainly(keyed(base, nothing), keyed(over, nothing), path)
}

fn hosts(base: Node, over: Node, _: &[&str]) -> Read<Node> {
    let place = over.place;
    let mut all = sequence(base);
    // What is no text is refused later.
    let text = |host: &Node| match &host.value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    };
    let mut said: HashSet<Option<Arc<str>>> = all.iter().map(text).collect();
    let over = sequence(over).into_iter();
    all.extend(over.filter(|host| said.insert(text(host))));
    Ok(Node::new(Value::List(all), place))
}

/// Options of one driver say nothing about another.
fn logging(base: Node, over: Node, path: &[&str]) -> Read<Node> {
    match (base.get("driver"), over.get("driver")) {
        (Some(one), Some(other)) if one != other => Ok(over),
        _ => plainly(base, over, path),
    }
}

/// Address ranges are merged where they have the same subnet.
fn subnets(base: Node, over: Node, path: &[&str]) -> Read<Node> {
    let place = over.place;
    let (Value::List(base), Value::List(over)) = (base.value, over.value) else {
        return Err(Fault::at(place, "address ranges are a list"));
    };
    let mut all = base;
    for range in over {
        let same = |other: &Node| other.get("subnet") == range.get("subnet");
        match all.iter().position(same) {
            Some(at) => {
                let merged = plainly(all[at].clone(), range, path)?;
                all[at] = merged;
            }
            None => all.push(range),
        }
    }
    Ok(Node::new(Value::List(all), place))
}

/// The places of a document that say `!reset` or `!override`, as paths.
#[derive(Default)]
pub(super) struct Marks(Vec<Vec<Arc<str>>>);

/// Takes what says `!reset` out of a document, and remembers it and what says `!override`.
pub(super) fn take_marks(document: &mut Node) -> Marks {
    let mut marks = Vec::new();
    // Few documents have any.
    if holds_mark(document) {
        take_marks_at(document, &mut Vec::new(), &mut marks);
    }
    Marks(marks)
}

fn holds_mark(node: &Node) -> bool {
    let is_marked = |inner: &Node| inner.mark != Mark::None || holds_mark(inner);
    match &node.value {
        Value::Map(map) => map.values().any(is_marked),
        Value::List(list) => list.iter().any(is_marked),
        _ => false,
    }
}

fn take_marks_at(node: &mut Node, path: &mut Vec<Arc<str>>, marks: &mut Vec<Vec<Arc<str>>>) {
    match &mut node.value {
        Value::Map(map) => map.retain(|key, inner| {
            path.push(key.clone());
            let stays = take_mark(inner, path, marks);
            path.pop();
            stays
        }),
        Value::List(list) => list.retain_mut(|inner| {
            path.push("[]".into());
            let stays = take_mark(inner, path, marks);
            path.pop();
            stays
        }),
        _ => {}
    }
}

fn take_mark(node: &mut Node, path: &mut Vec<Arc<str>>, marks: &mut Vec<Vec<Arc<str>>>) -> bool {
    let mark = std::mem::take(&mut node.mark);
    if mark != Mark::None {
        marks.push(path.clone());
    }
    if mark == Mark::None {
        take_marks_at(node, path, marks);
    }
    mark != Mark::Reset
}

impl Marks {
    /// Takes out of what was read before whatever this document resets or replaces.
    pub fn apply(&self, file: &mut Map) {
        take_out(file, self.0.iter().map(Vec::as_slice));
    }

    /// As `apply`, for one entry of a section, such as one service.
    pub fn apply_to(&self, section: &str, name: &str, entry: &mut Node) {
        let Some(map) = entry.map_mut() else {
            return;
        };
        let of_entry = self.0.iter().filter_map(|path| match path.as_slice() {
            [first, second, below @ ..] if **first == *section && **second == *name => Some(below),
            _ => None,
        });
        take_out(map, of_entry);
    }
}

/// Takes out what stands at these paths, all of it in one go: a table may have thousands of entries to lose.
fn take_out<'p>(map: &mut Map, paths: impl Iterator<Item = &'p [Arc<str>]>) {
    let mut is_found = false;
    for path in paths {
        let found = path.split_first().and_then(|(first, below)| {
            let first = map.get_mut(first)?;
            below
                .iter()
                .try_fold(first, |node, key| node.map_mut()?.get_mut(key))
        });
        if let Some(node) = found {
            node.mark = Mark::Reset;
            is_found = true;
        }
    }
    if is_found {
        sweep(map);
    }
}

fn sweep(map: &mut Map) {
    map.retain(|_, node| node.mark != Mark::Reset);
    map.values_mut().filter_map(Node::map_mut).for_each(sweep);
}
