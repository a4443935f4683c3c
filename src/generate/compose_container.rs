//! What a plan says about a container, put over what Backstay would write by itself.

use crate::generate::compose_view::{
    ArgumentView, BindView, BuildView, HealthcheckView, LabelView, MountView, ServiceView,
    compose_size,
};
use crate::generate::container_text::variable_mark;
use crate::generate::quote::unmarked;
use crate::model::{Build, Container, Mount, Quoting, VolumeName, WordPart, word_parts};
use crate::settings::SecretId;
use crate::topology::{App, Component};

/// The container of an app, before the plan's say.
pub(super) fn of_app(common: ServiceView, component: &Component, app: &App) -> ServiceView {
    ServiceView {
        image: app
            .image
            .as_deref()
            .map(|image| unmarked(image).into_owned())
            .unwrap_or_default(),
        env_file: Some(format!("./{}.env", component.name)),
        env_file_is_raw: app.quoting == Quoting::Raw,
        ..common
    }
}

/// `view` with what the plan says instead; `plan_folder` leads from a host's folder to the plan's.
pub(super) fn said(view: ServiceView, component: &Component, plan_folder: &str) -> ServiceView {
    let of_plan = &*component.container;
    let build = component.build.as_ref();
    let protected = protected(view, of_plan);
    let named = named(protected, of_plan);
    let started = started(named, component);
    ServiceView {
        build: build.map(|build| build_view(build, plan_folder)),
        ..mounted(started, component, plan_folder)
    }
}

fn build_view(build: &Build, plan_folder: &str) -> BuildView {
    BuildView {
        context: from_host_folder(build.folder.as_deref().unwrap_or("."), plan_folder),
        dockerfile: build.dockerfile.as_deref().map(text),
        target: build.target.as_deref().map(text),
        args: build
            .args
            .iter()
            .map(|(name, value)| ArgumentView {
                name: name.to_string(),
                value: text(value),
            })
            .collect(),
    }
}

/// What it starts, and when again.
fn started(view: ServiceView, component: &Component) -> ServiceView {
    let of_plan = &*component.container;
    let words = |said: &Option<Vec<String>>, otherwise: Vec<String>| match said {
        Some(words) => all_words(words, component),
        None => otherwise,
    };
    // Another program does not take the arguments of the one before.
    let command = match of_plan.entrypoint {
        Some(_) => Vec::new(),
        None => view.command,
    };
    ServiceView {
        entrypoint: words(&of_plan.entrypoint, view.entrypoint),
        command: words(&of_plan.command, command),
        user: of_plan.user.as_deref().map(text).or(view.user),
        working_folder: of_plan.working_folder.as_deref().map(text),
        restart: of_plan
            .restart
            .map_or(view.restart, |restart| restart.to_string()),
        init: of_plan.init.unwrap_or(view.init),
        terminal: of_plan.terminal.unwrap_or(false),
        platform: of_plan.platform.as_deref().map(text),
        stop_grace: of_plan
            .stop_grace
            .as_ref()
            .map(|span| span.as_str().to_owned())
            .or(view.stop_grace),
        stop_signal: of_plan.stop_signal.as_deref().map(text),
        healthcheck: healthcheck(component, view.healthcheck),
        ..view
    }
}

fn healthcheck(component: &Component, of_kind: Option<HealthcheckView>) -> Option<HealthcheckView> {
    let said = &component.container.healthcheck;
    if said.is_off() {
        return Some(HealthcheckView {
            disable: true,
            ..HealthcheckView::default()
        });
    }
    let of_kind = of_kind.unwrap_or_default();
    let span = |said: &Option<crate::model::TimeSpan>, otherwise: Option<String>| {
        let said = said.as_ref().map(|span| span.as_str().to_owned());
        said.or(otherwise)
    };
    let words = said.test.as_ref();
    let view = HealthcheckView {
        disable: false,
        test: words.map_or(of_kind.test, |test| all_words(test, component)),
        interval: span(&said.interval, of_kind.interval),
        timeout: span(&said.timeout, of_kind.timeout),
        retries: said.retries.or(of_kind.retries),
        start_period: span(&said.start_period, of_kind.start_period),
    };
    (view != HealthcheckView::default()).then_some(view)
}

/// The words of a command, where Compose fills credentials in from the host's `.env`.
fn all_words(words: &[String], component: &Component) -> Vec<String> {
    let part = |part: WordPart<'_>| match part {
        WordPart::Text(said) => text(said),
        WordPart::Secret(name) => variable_mark(&SecretId::of(component, name).variable()),
    };
    let mut all = Vec::with_capacity(words.len());
    for word in words {
        all.push(word_parts(word).into_iter().map(part).collect());
    }
    all
}

/// How it is called and what it calls others.
fn named(view: ServiceView, of_plan: &Container) -> ServiceView {
    let mut extra_hosts = view.extra_hosts;
    for (name, address) in &of_plan.extra_hosts {
        let opens = format!("{}:", name.as_str());
        extra_hosts.retain(|entry| !entry.starts_with(&opens));
        extra_hosts.push(text(&format!("{opens}{address}")));
    }
    let hostname = of_plan.hostname.as_ref();
    let aliases = of_plan.aliases.iter().flatten();
    let mut labels = view.labels;
    for (name, value) in &of_plan.labels {
        labels.retain(|label| label.name != name.as_str());
        labels.push(LabelView {
            name: name.to_string(),
            value: text(value),
        });
    }
    ServiceView {
        hostname: hostname
            .map(|name| name.as_str().to_owned())
            .or(view.hostname),
        aliases: aliases.map(|name| name.as_str().to_owned()).collect(),
        extra_hosts,
        labels,
        ..view
    }
}

/// What it may do.
fn protected(view: ServiceView, of_plan: &Container) -> ServiceView {
    let texts = |said: &Option<Vec<String>>| {
        let said = said.iter().flatten();
        said.map(|word| text(word)).collect::<Vec<String>>()
    };
    let is_privileged = of_plan.privileged.unwrap_or(false);
    let dropped = match (&of_plan.drop_capabilities, is_privileged) {
        (Some(dropped), _) => dropped.iter().map(|one| one.as_str().to_owned()).collect(),
        // Nothing is taken from what may do everything.
        (None, true) => Vec::new(),
        (None, false) => view.drop_capabilities,
    };
    let mut capabilities = view.capabilities;
    for more in of_plan.add_capabilities.iter().flatten() {
        if !capabilities.iter().any(|one| one == more.as_str()) {
            capabilities.push(more.as_str().to_owned());
        }
    }
    let mut ulimits = view.ulimits;
    for (name, limit) in &of_plan.ulimits {
        let limit = *limit;
        ulimits.insert((*name).to_owned(), limit);
    }
    let no_new_privileges = view.no_new_privileges && !is_privileged;
    ServiceView {
        read_only: of_plan.read_only.unwrap_or(view.read_only),
        shared_memory: of_plan
            .shared_memory
            .map(compose_size)
            .or(view.shared_memory),
        privileged: is_privileged,
        no_new_privileges: of_plan.no_new_privileges.unwrap_or(no_new_privileges),
        drop_capabilities: dropped,
        capabilities,
        devices: texts(&of_plan.devices),
        host_processes: of_plan.host_processes.unwrap_or(false),
        ulimits,
        ..view
    }
}

/// What it sees of files.
fn mounted(view: ServiceView, component: &Component, plan_folder: &str) -> ServiceView {
    let of_plan = &*component.container;
    let (mut volumes, mut binds) = (Vec::new(), Vec::new());
    let mut of_kind = view.volumes;
    let mut tmpfs = view.tmpfs;
    for (name, mount) in &of_plan.volumes {
        let own = own_volume(component, name);
        // It takes the place of what the kind mounts by that name, or there.
        let is_replaced = |volume: &MountView| volume.source == own || is_at(mount, &volume.target);
        let replaced = of_kind.iter().position(is_replaced);
        let of_kind = replaced.map(|at| of_kind.remove(at).target);
        tmpfs.retain(|folder| !is_at(mount, folder_of(folder)));
        let Some(target) = mount.path.as_deref().map(text).or(of_kind) else {
            continue;
        };
        let read_only = mount.read_only.unwrap_or(false);
        match &mount.from {
            Some(from) => binds.push(BindView {
                source: from_host_folder(from, plan_folder),
                target,
                read_only,
                is_made: is_made(mount),
            }),
            None => volumes.push(MountView {
                source: volume_of(component, name, mount),
                target,
                read_only,
            }),
        }
    }
    if let Some(folders) = &of_plan.tmpfs {
        tmpfs = folders.iter().map(|folder| text(folder)).collect();
    }
    of_kind.extend(volumes);
    ServiceView {
        volumes: of_kind,
        binds,
        tmpfs,
        ..view
    }
}

/// The name of the volume that a mount is of.
pub(super) fn volume_of(component: &Component, name: &VolumeName, mount: &Mount) -> String {
    let shared = mount.shared.as_ref();
    shared.map_or_else(|| own_volume(component, name), ToString::to_string)
}

/// Whether the plan mounts something at a path of the container.
pub(super) fn is_at(mount: &Mount, path: &str) -> bool {
    let plain = |path: &str| path.trim_end_matches('/').to_owned();
    let said = mount.path.as_deref();
    said.is_some_and(|said| plain(said) == plain(path))
}

/// The folder that an entry of `tmpfs` is about, without its options.
fn folder_of(tmpfs: &str) -> &str {
    tmpfs.split(':').next().unwrap_or_default()
}

fn own_volume(component: &Component, name: &VolumeName) -> String {
    format!("{}-{name}", component.name)
}

/// Whether Docker makes the folder where there is none. What is only read, or called like a file, must be
/// there: an empty folder in its place would go unnoticed.
fn is_made(mount: &Mount) -> bool {
    let from = mount.from.as_deref().unwrap_or_default();
    let name = from.rsplit('/').find(|part| !part.is_empty());
    let looks_like_a_file = name.is_some_and(|name| {
        let ending = name.rsplit_once('.');
        ending.is_some_and(|(stem, ending)| {
            !stem.is_empty() && !ending.is_empty() && !stem.ends_with('.')
        })
    });
    !mount.read_only.unwrap_or(false) && !looks_like_a_file
}

/// A path of the plan, as it is from a host's folder.
pub(super) fn from_host_folder(path: &str, plan_folder: &str) -> String {
    let is_absolute = path.starts_with(['/', '~']);
    if is_absolute || path.contains("://") {
        return text(path);
    }
    let path = path.strip_prefix("./").unwrap_or(path);
    match path.trim_end_matches('/') {
        "" | "." => plan_folder.to_owned(),
        path => format!("{plan_folder}/{}", text(path)),
    }
}

fn text(text: &str) -> String {
    unmarked(text).into_owned()
}
