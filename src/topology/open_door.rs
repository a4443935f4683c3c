//! Whether a container that runs as an import or the user says asks for a password.

use crate::catalog::{Kind, WeakSetting};
use crate::model::{ImageName, VariableName};
use crate::topology::{Component, Service};

/// What lets in whoever reaches a container.
#[derive(Clone, Copy, Debug)]
pub struct OpenDoor<'t> {
    /// The setting that lets everybody in, if it is one.
    pub weak: Option<&'t WeakSetting>,
}

impl Component {
    /// What lets in whoever reaches its container, if that asks for no password as far as the catalog knows. What
    /// runs as the catalog says asks.
    pub fn open_door(&self) -> Option<OpenDoor<'_>> {
        let service = self.service().filter(|_| !self.is_from_catalog())?;
        let kind = &service.kind;
        let weak = weak_setting(self, kind);
        let is_open = weak.is_some() || asks_nobody(self, service);
        (is_open && !asks_all_the_same(self, kind)).then_some(OpenDoor { weak })
    }
}

/// A setting that lets everybody in.
fn weak_setting<'t>(component: &Component, kind: &'t Kind) -> Option<&'t WeakSetting> {
    let mut weak = kind.weak_settings.iter();
    weak.find(|weak| {
        let said = component.settings.get(weak.name.as_str());
        said.is_some_and(|said| weak.is_weak(said))
    })
}

/// Whether the container lets everybody in by itself, or is told to.
fn asks_nobody(component: &Component, service: &Service) -> bool {
    let Some(door) = &service.kind.open_door else {
        return false;
    };
    let is_told = door.when_told.iter().any(|text| says(component, text));
    // What others have made of it may ask for what the plan says is a credential.
    let image = service.kind.image.as_ref();
    let is_own = match &service.image {
        Some(named) => image.is_some_and(|own| own.name == ImageName::of(named).name),
        None => true,
    };
    let may_ask = component.build.is_some() || !is_own && !component.secret_settings.is_empty();
    is_told || door.by_itself && !may_ask
}

/// Whether a credential is said besides that it asks for, or may be in a file that it reads.
fn asks_all_the_same(component: &Component, kind: &Kind) -> bool {
    let Some(door) = &kind.open_door else {
        return false;
    };
    let is_set = |name: &String| {
        let file = format!("{name}_FILE");
        let mut secrets = component.secret_settings.iter().map(VariableName::as_str);
        secrets.any(|secret| secret == name) || component.settings.contains_key(file.as_str())
    };
    let container = &component.container;
    let words = [&container.entrypoint, &container.command];
    let mut words = words.into_iter().flatten().flatten();
    door.unless_set.iter().any(is_set)
        || door.unless_told.iter().any(|text| says(component, text))
        || door.by_itself && words.any(|word| word.contains("{{ secret("))
}

/// Whether a text stands in what a container starts, is set to, or mounts.
fn says(component: &Component, text: &str) -> bool {
    let container = &component.container;
    let words = [&container.entrypoint, &container.command];
    let words = words.into_iter().flatten().flatten();
    let mounts = container.volumes.values();
    let mounts = mounts.flat_map(|mount| [&mount.from, &mount.path].into_iter().flatten());
    let mut said = words.chain(component.settings.values()).chain(mounts);
    said.any(|said| said.contains(text))
}
