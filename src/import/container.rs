//! How a container runs: what a compose service says of it, in the plan's words.

use std::collections::BTreeSet;

use crate::compose_file::{Node, Place, Value};
use crate::import::deploy;
use crate::import::draft::Draft;
use crate::model::{Address, Capability, FILES_LABEL, LabelName, TimeSpan};
use crate::source::Written;

/// Takes everything about the container but its variables, mounts and ports. Others may link it under further names.
pub(super) fn take(draft: &mut Draft<'_>, linked_as: &[(String, Place)]) {
    words(draft, "entrypoint");
    words(draft, "command");
    for (key, to) in [
        ("user", "user"),
        ("working_dir", "working-folder"),
        ("platform", "platform"),
        ("stop_signal", "stop-signal"),
    ] {
        if let Some((text, place)) = draft.take_text(key) {
            match is_plain(&text) {
                true => draft.say_text(&["container", to], text),
                false => draft.leave(
                    key,
                    place,
                    "it holds characters that a plan does not take there",
                ),
            }
        }
    }
    names(draft, linked_as);
    deploy::take(draft);
    flags(draft);
    stop_grace(draft);
    protection(draft);
    ulimits(draft);
    labels(draft);
}

fn is_plain(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(char::is_control)
}

/// The texts of a list.
pub(super) fn texts(list: &[Node]) -> Vec<String> {
    list.iter().map(|node| node.value.to_string()).collect()
}

fn words(draft: &mut Draft<'_>, key: &'static str) {
    let Some(node) = draft.take(key) else {
        return;
    };
    let Some(list) = node.list() else {
        return;
    };
    let words = draft.words_of(key, list);
    draft.say(&["container", key], Written::List(words));
}

/// What becomes of the name of a container.
const ANOTHER_NAME: &str = "Compose names containers by plan, environment and service now: others reach this one by it still, `docker exec` does not";

fn names(draft: &mut Draft<'_>, linked_as: &[(String, Place)]) {
    let mut aliases = Vec::new();
    if draft.service != draft.name {
        aliases.push((draft.service.to_owned(), draft.place));
    }
    if let Some((name, place)) = draft.take_text("container_name") {
        draft.leave("container_name", place, ANOTHER_NAME);
        aliases.push((name, place));
    }
    if let Some((name, place)) = draft.take_text("hostname") {
        match Address::new(&name) {
            Some(_) => draft.say_text(&["container", "hostname"], name.clone()),
            None => draft.leave("hostname", place, "it is no name that a plan takes"),
        }
        // Other containers find each other by it, too.
        aliases.push((name, place));
    }
    for (network, node) in draft.take_map("networks") {
        let Value::Map(said) = &node.value else {
            continue;
        };
        for (key, value) in said {
            match (&**key, value.list()) {
                ("aliases", Some(list)) => {
                    aliases.extend(
                        list.iter()
                            .map(|alias| (alias.value.to_string(), alias.place)),
                    );
                }
                _ => draft.leave(
                    &format!("networks.{network}.{key}"),
                    value.place,
                    "the containers of a host share its networks",
                ),
            }
        }
    }
    aliases.extend(linked_as.iter().cloned());
    let mut said: Vec<String> = Vec::new();
    for (alias, place) in aliases {
        match Address::new(&alias) {
            Some(_) if alias == draft.name || said.contains(&alias) => {}
            Some(_) => said.push(alias),
            None => draft.leave("container_name", place, "it is no name that a plan takes"),
        }
    }
    if !said.is_empty() {
        draft.say(&["container", "aliases"], Written::List(said));
    }
    extra_hosts(draft);
}

fn extra_hosts(draft: &mut Draft<'_>) {
    let mut names = BTreeSet::new();
    for node in draft.take_list("extra_hosts") {
        let said = node.value.to_string();
        match said.split_once('=') {
            Some((name, _)) if !names.insert(name.to_owned()) => {
                let why = "a plan says one address for a name";
                draft.leave(&format!("extra_hosts.{name}"), node.place, why);
            }
            Some((name, address)) if Address::new(name).is_some() && is_plain(address) => {
                let address = Written::Text(address.to_owned());
                draft.say_named(&["container", "extra-hosts"], name, address);
            }
            _ => draft.leave("extra_hosts", node.place, "it is no name that a plan takes"),
        }
    }
}

fn flags(draft: &mut Draft<'_>) {
    // What the file does not say is off in Compose, and on in what Backstay writes by itself.
    let is_on = |node: Option<&Node>| node.is_some_and(|node| node.value == Value::Flag(true));
    let init = is_on(draft.take("init"));
    if !init {
        draft.say(&["container", "init"], Written::Flag(false));
    }
    let (tty, stdin) = (is_on(draft.take("tty")), is_on(draft.take("stdin_open")));
    if tty || stdin {
        draft.say(&["container", "terminal"], Written::Flag(true));
    }
    for (key, to) in [("privileged", "privileged"), ("read_only", "read-only")] {
        if is_on(draft.take(key)) {
            draft.say(&["container", to], Written::Flag(true));
        }
    }
    match draft.take_text("pid") {
        Some((text, _)) if text == "host" => {
            draft.say(&["container", "host-processes"], Written::Flag(true));
        }
        Some((_, place)) => {
            draft.leave("pid", place, "a plan can share the host's processes alone")
        }
        None => {}
    }
}

fn stop_grace(draft: &mut Draft<'_>) {
    let Some((text, place)) = draft.take_text("stop_grace_period") else {
        return;
    };
    match TimeSpan::parse(&text) {
        Some(_) => draft.say_text(&["container", "stop-grace"], text),
        None => draft.leave(
            "stop_grace_period",
            place,
            "it is no time that a plan takes",
        ),
    }
}

fn protection(draft: &mut Draft<'_>) {
    for (key, to) in [
        ("cap_add", "add-capabilities"),
        ("cap_drop", "drop-capabilities"),
    ] {
        let mut named = Vec::new();
        for node in draft.take_list(key) {
            let name = node.value.to_string();
            match Capability::find(&name) {
                Some(known) => named.push(known.as_str().to_owned()),
                None => draft.leave(key, node.place, "it is no capability that Linux has"),
            }
        }
        if !named.is_empty() {
            draft.say(&["container", to], Written::List(named));
        }
    }
    let devices = draft.take_list("devices");
    if !devices.is_empty() {
        let part = |node: &Node, key: &str| {
            node.get(key)
                .map(|node| node.value.to_string())
                .unwrap_or_default()
        };
        let said = |node: &Node| {
            format!(
                "{}:{}:{}",
                part(node, "source"),
                part(node, "target"),
                part(node, "permissions")
            )
        };
        draft.say(
            &["container", "devices"],
            Written::List(devices.iter().map(said).collect()),
        );
    }
    let mut is_protected = false;
    for node in draft.take_list("security_opt") {
        match node.value.to_string().as_str() {
            "no-new-privileges:true" | "no-new-privileges" | "no-new-privileges=true" => {
                is_protected = true
            }
            "no-new-privileges:false" => {}
            _ => draft.leave("security_opt", node.place, "a plan has no key for it"),
        }
    }
    if !is_protected {
        draft.say(&["container", "no-new-privileges"], Written::Flag(false));
    }
    if let Some(node) = draft.take("shm_size")
        && let Ok(bytes) = node.value.to_string().parse::<u64>()
        && bytes > 0
    {
        draft.say_text(
            &["container", "shared-memory"],
            format!("{} MiB", bytes.div_ceil(1 << 20)),
        );
    }
}

/// The limits that a plan knows.
const ULIMITS: &[&str] = &["nofile", "nproc", "memlock", "core", "stack", "rtprio"];

fn ulimits(draft: &mut Draft<'_>) {
    for (name, node) in draft.take_map("ulimits") {
        let one = match &node.value {
            Value::Whole(limit) => Some(*limit),
            _ => match (node.get("soft"), node.get("hard")) {
                (Some(soft), Some(hard)) if soft == hard => match soft.value {
                    Value::Whole(limit) => Some(limit),
                    _ => None,
                },
                _ => None,
            },
        };
        match one.filter(|limit| {
            (-1..=i64::from(u32::MAX)).contains(limit) && ULIMITS.contains(&&**name)
        }) {
            Some(limit) => {
                draft.say_named(&["container", "ulimits"], name, Written::Integer(limit))
            }
            None => draft.leave(
                &format!("ulimits.{name}"),
                node.place,
                "a plan says one limit for both, of the usual ones",
            ),
        }
    }
}

fn labels(draft: &mut Draft<'_>) {
    for (name, node) in draft.take_map("labels") {
        let value = node.value.to_string();
        match LabelName::new(name) {
            // It would stay as it is for ever.
            Ok(name) if name.as_str() == FILES_LABEL => draft.leave(
                &format!("labels.{FILES_LABEL}"),
                node.place,
                "Backstay writes its own",
            ),
            Ok(_) => draft.say_named(&["container", "labels"], name, Written::Text(value)),
            Err(why) => draft.leave(
                &format!("labels.{name}"),
                node.place,
                format!("its name {why}"),
            ),
        }
    }
}

/// The healthcheck, and whether it tests anything.
pub(super) fn healthcheck(draft: &mut Draft<'_>) -> bool {
    let check = draft.take_map("healthcheck");
    if check.is_empty() {
        return false;
    }
    let said = check.get("test").and_then(Node::list);
    let test = draft.words_of("healthcheck", said.unwrap_or_default());
    let is_off = check
        .get("disable")
        .is_some_and(|node| node.value == Value::Flag(true))
        || test.first().is_some_and(|word| word == "NONE");
    if is_off {
        draft.say(
            &["container", "healthcheck", "test"],
            Written::List(vec!["NONE".to_owned()]),
        );
        return false;
    }
    for (key, node) in check {
        span(draft, key, node);
    }
    match test[..] {
        [] => false,
        [ref word, ..] if word == "CMD-SHELL" && test.len() > 2 => {
            let line = test[1..].join(" ");
            draft.say(
                &["container", "healthcheck", "test"],
                Written::List(vec![word.clone(), line]),
            );
            true
        }
        _ => {
            draft.say(&["container", "healthcheck", "test"], Written::List(test));
            true
        }
    }
}

fn span(draft: &mut Draft<'_>, key: &str, node: &Node) {
    let to = match key {
        "interval" => "interval",
        "timeout" => "timeout",
        "start_period" => "start-period",
        "retries" => {
            match node.value {
                Value::Whole(retries) if retries > 0 => {
                    draft.say(
                        &["container", "healthcheck", "retries"],
                        Written::Integer(retries),
                    );
                }
                _ => {}
            }
            return;
        }
        "test" | "disable" => return,
        _ => return leave_part(draft, key, node.place),
    };
    let text = node.value.to_string();
    match TimeSpan::parse(&text) {
        Some(_) if text != "0s" => draft.say_text(&["container", "healthcheck", to], text),
        Some(_) => {}
        None => leave_part(draft, key, node.place),
    }
}

fn leave_part(draft: &mut Draft<'_>, key: &str, place: Place) {
    draft.leave(
        &format!("healthcheck.{key}"),
        place,
        "a plan has no key for it",
    );
}
