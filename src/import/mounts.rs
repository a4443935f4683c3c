//! What a container mounts: volumes, folders and files of the host, secrets and configs.

use std::collections::{BTreeMap, BTreeSet};

use crate::compose_file::{Map, Node, Reading, Value, is_below};
use crate::import::container::texts;
use crate::import::draft::Draft;
use crate::import::names::Taken;
use crate::source::Written;

/// What mounts are made with.
pub(super) struct Mounts<'a> {
    pub reading: &'a Reading,
    /// The folder that the plan is in, from the root.
    pub plan_folder: &'a str,
    /// How many services mount each volume.
    users: BTreeMap<&'a str, usize>,
    /// The names that volumes have in the plan.
    labels: BTreeMap<&'a str, String>,
}

impl<'a> Mounts<'a> {
    pub fn of(reading: &'a Reading, plan_folder: &'a str) -> Mounts<'a> {
        let mut users: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, service) in reading.section("services") {
            let mounts = service.get("volumes").and_then(Node::list);
            let sources = mounts.into_iter().flatten().filter_map(volume_of);
            for source in sources.collect::<BTreeSet<_>>() {
                *users.entry(source).or_default() += 1;
            }
        }
        let mut taken = Taken::default();
        let labels = users
            .keys()
            .map(|name| (*name, taken.label(name)))
            .collect();
        Mounts {
            reading,
            plan_folder,
            users,
            labels,
        }
    }

    /// Takes everything that a service mounts.
    pub fn take(&self, draft: &mut Draft<'_>) {
        let mut taken = Taken::default();
        let mut tmpfs = texts(draft.take_list("tmpfs"));
        for mount in draft.take_list("volumes") {
            if text(mount, "target").is_some_and(|target| !target.starts_with('/')) {
                draft.leave(
                    "volumes",
                    mount.place,
                    "it is mounted nowhere: Docker wants a path that begins with `/`",
                );
                continue;
            }
            let kind = mount
                .get("type")
                .map(|node| node.value.to_string())
                .unwrap_or_default();
            match kind.as_str() {
                "bind" => self.bind(draft, mount, &mut taken),
                "volume" => self.volume(draft, mount, &mut taken),
                "tmpfs" => tmpfs.extend(in_memory(mount)),
                _ => draft.leave(
                    "volumes",
                    mount.place,
                    format!("a plan does not mount what is of the type `{kind}`"),
                ),
            }
            leave_options(draft, mount);
        }
        if !tmpfs.is_empty() {
            draft.say(&["container", "tmpfs"], Written::List(tmpfs));
        }
        self.files(draft, "secrets", "/run/secrets/", &mut taken);
        self.files(draft, "configs", "/", &mut taken);
    }

    fn bind(&self, draft: &mut Draft<'_>, mount: &Node, taken: &mut Taken) {
        let (Some(source), Some(target)) = (text(mount, "source"), text(mount, "target")) else {
            return;
        };
        let name = taken.label(
            target
                .rsplit('/')
                .find(|part| !part.is_empty())
                .unwrap_or("root"),
        );
        let from = (
            "from".to_owned(),
            Written::Text(self.seen_from_plan(source)),
        );
        say_mount(draft, &name, from, target, is_read_only(mount));
    }

    fn volume(&self, draft: &mut Draft<'_>, mount: &Node, taken: &mut Taken) {
        let Some(target) = text(mount, "target") else {
            return;
        };
        let source = volume_of(mount);
        let last = || {
            target
                .rsplit('/')
                .find(|part| !part.is_empty())
                .unwrap_or("data")
        };
        let known = source.and_then(|source| self.labels.get(source));
        let name = taken.label(known.map_or_else(last, String::as_str));
        let mut pairs = Vec::new();
        if let (Some(source), Some(known)) = (source, known) {
            // A second mount of the same volume needs its name as much as another service does.
            if self.users[source] > 1 || name != *known {
                pairs.push(("shared".to_owned(), Written::Text(known.clone())));
            }
            let declared = self.reading.entry("volumes", source);
            let before = declared
                .and_then(|node| text(node, "name"))
                .unwrap_or(source);
            let now = match pairs.is_empty() {
                true => format!("{}-{name}", draft.name),
                false => known.clone(),
            };
            draft.volumes.push((before.to_owned(), now));
        }
        pairs.push(("path".to_owned(), Written::Text(target.to_owned())));
        if is_read_only(mount) {
            pairs.push(("read-only".to_owned(), Written::Flag(true)));
        }
        draft.say_named(&["container", "volumes"], &name, Written::Pairs(pairs));
    }

    /// Secrets and configs that come from files are mounted as files.
    fn files(&self, draft: &mut Draft<'_>, section: &'static str, folder: &str, taken: &mut Taken) {
        for mount in draft.take_list(section) {
            let source = text(mount, "source").unwrap_or_default().to_owned();
            let declared = self.reading.entry(section, &source);
            let file = declared.and_then(|node| text(node, "file"));
            let Some(file) = file else {
                let why = "only what comes from a file can be mounted; put it into a file, and mount that";
                draft.leave(&format!("{section}.{source}"), mount.place, why);
                continue;
            };
            let target = match text(mount, "target") {
                Some(target) if target.starts_with('/') => target.to_owned(),
                Some(target) => format!("{folder}{target}"),
                None => format!("{folder}{source}"),
            };
            let name = taken.label(&source);
            let from = ("from".to_owned(), Written::Text(self.seen_from_plan(file)));
            say_mount(draft, &name, from, &target, true);
        }
    }

    /// A path as the plan has it: from its folder, if it lies near.
    pub fn seen_from_plan(&self, path: &str) -> String {
        if !path.starts_with('/') {
            return path.to_owned();
        }
        // What lies outside of the project stays where it is on every machine.
        let project = self.reading.folder.as_str();
        let is_near = is_below(path, project) || is_below(path, self.plan_folder);
        match is_near {
            true => relative(path, self.plan_folder),
            false => path.to_owned(),
        }
    }
}

/// `path` from `folder`, both from the root.
fn relative(path: &str, folder: &str) -> String {
    let parts = |path: &str| {
        path.split('/')
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let (path, folder) = (parts(path), parts(folder));
    let same = path.iter().zip(&folder).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..", folder.len() - same);
    let down = path[same..].iter().map(String::as_str);
    let all: Vec<&str> = up.chain(down).collect();
    match all.first() {
        None => ".".to_owned(),
        Some(&"..") => all.join("/"),
        Some(_) => format!("./{}", all.join("/")),
    }
}

fn say_mount(
    draft: &mut Draft<'_>,
    name: &str,
    from: (String, Written),
    path: &str,
    read_only: bool,
) {
    let mut pairs = vec![from, ("path".to_owned(), Written::Text(path.to_owned()))];
    if read_only {
        pairs.push(("read-only".to_owned(), Written::Flag(true)));
    }
    draft.say_named(&["container", "volumes"], name, Written::Pairs(pairs));
}

/// The named volume that a mount is of.
fn volume_of(mount: &Node) -> Option<&str> {
    let is_volume = text(mount, "type") == Some("volume");
    text(mount, "source").filter(|source| is_volume && !source.is_empty())
}

fn text<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    node.get(key)?.text()
}

fn is_read_only(mount: &Node) -> bool {
    mount
        .get("read_only")
        .is_some_and(|node| node.value == Value::Flag(true))
}

fn in_memory(mount: &Node) -> Option<String> {
    let target = text(mount, "target")?;
    let options = mount.get("tmpfs").and_then(Node::map);
    let option = |(key, node): (&std::sync::Arc<str>, &Node)| match &**key {
        "mode" => format!(
            "mode={:o}",
            node.value.to_string().parse::<u32>().unwrap_or(0o1777)
        ),
        key => format!("{key}={}", node.value),
    };
    let options: Vec<String> = options.into_iter().flatten().map(option).collect();
    Some(match options.is_empty() {
        true => target.to_owned(),
        false => format!("{target}:{}", options.join(",")),
    })
}

/// Options that a plan has no word for.
fn leave_options(draft: &mut Draft<'_>, mount: &Node) {
    let empty = Map::new();
    for section in ["bind", "volume"] {
        let options = mount.get(section).and_then(Node::map).unwrap_or(&empty);
        for (key, node) in options {
            let is_usual = &**key == "create_host_path" || node.value == Value::Flag(false);
            if !is_usual {
                draft.leave(
                    &format!("volumes.{section}.{key}"),
                    node.place,
                    "a plan has no key for it",
                );
            }
        }
    }
    if let Some(node) = mount.get("consistency") {
        draft.leave(
            "volumes.consistency",
            node.place,
            "Docker has ignored it for years",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_seen_from_the_plan() {
        assert_eq!(relative("/a/b/c", "/a/b"), "./c");
        assert_eq!(relative("/a/x", "/a/b"), "../x");
        assert_eq!(relative("/a", "/a"), ".");
    }
}
