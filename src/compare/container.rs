//! What a plan says about a container, as texts that can be compared and texts that can be shown.

use std::collections::BTreeMap;
use std::fmt::Display;

use crate::compare::told::shown_setting;
use crate::model::Container;
use crate::secret_shape::credentials_among;
use crate::settings::MASK;

/// What a key says.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Text {
    /// As it is: two that differ behind a mask are not the same.
    whole: String,
    /// As it may be shown.
    pub shown: String,
}

/// What is said, by the key that says it.
pub(super) fn said(container: &Container) -> BTreeMap<&'static str, Text> {
    let mut said = Said(BTreeMap::new());
    said.words("entrypoint", container.entrypoint.as_deref());
    said.words("command", container.command.as_deref());
    said.one("user", container.user.as_ref());
    said.one("working-folder", container.working_folder.as_ref());
    said.one("platform", container.platform.as_ref());
    said.one("restart", container.restart.as_ref());
    said.one("init", container.init.as_ref());
    said.one("stop-signal", container.stop_signal.as_ref());
    said.words("tmpfs", container.tmpfs.as_deref());
    said.words("devices", container.devices.as_deref());
    said.one("read-only", container.read_only.as_ref());
    said.one("privileged", container.privileged.as_ref());
    said.one("no-new-privileges", container.no_new_privileges.as_ref());
    said.one("host-processes", container.host_processes.as_ref());
    said.words("healthcheck", container.healthcheck.test.as_deref());
    let labels = container.labels.iter();
    said.listed(
        "labels",
        labels.map(|(name, value)| Text {
            whole: format!("{name}={value}"),
            shown: format!("{name}={}", shown_setting(name.as_str(), value)),
        }),
    );
    let limits = container.ulimits.iter();
    said.list(
        "ulimits",
        limits.map(|(name, value)| format!("{name}={value}")),
    );
    let volumes = container.volumes.iter().map(|(name, mount)| {
        let from = mount.from.clone().unwrap_or_else(|| name.to_string());
        let path = mount.path.as_deref().unwrap_or_default();
        format!("{from} at {path}")
    });
    said.list("volumes", volumes);
    let ports = container.ports.values().map(|port| {
        let inside = port.port.map(|port| port.to_string()).unwrap_or_default();
        match port.published {
            Some(published) => format!("{inside} as {published}"),
            None => inside,
        }
    });
    said.list("ports", ports);
    said.0
}

struct Said(BTreeMap<&'static str, Text>);

impl Said {
    fn one(&mut self, key: &'static str, value: Option<&impl Display>) {
        if let Some(value) = value {
            self.0.insert(key, Text::open(value.to_string()));
        }
    }

    fn words(&mut self, key: &'static str, words: Option<&[String]>) {
        let Some(words) = words else { return };
        let plain: Vec<&str> = words.iter().map(String::as_str).collect();
        let hidden = credentials_among(key, &plain);
        let shown = plain
            .iter()
            .enumerate()
            .map(|(at, word)| match hidden.contains(&at) {
                true => MASK,
                false => word,
            });
        let shown = shown.collect::<Vec<_>>().join(" ");
        let whole = words.join(" ");
        self.0.insert(key, Text { whole, shown });
    }

    fn list(&mut self, key: &'static str, items: impl Iterator<Item = String>) {
        self.listed(key, items.map(Text::open));
    }

    fn listed(&mut self, key: &'static str, items: impl Iterator<Item = Text>) {
        let (whole, shown): (Vec<_>, Vec<_>) = items.map(|it| (it.whole, it.shown)).unzip();
        if !whole.is_empty() {
            let (whole, shown) = (whole.join(", "), shown.join(", "));
            self.0.insert(key, Text { whole, shown });
        }
    }
}

impl Text {
    /// What hides nothing.
    fn open(text: String) -> Text {
        Text {
            whole: text.clone(),
            shown: text,
        }
    }
}
