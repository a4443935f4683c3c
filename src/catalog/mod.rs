//! What the world's services are: kinds, dialects and stacks, as data, with the user's own on top.
//!
//! A kind's file is parsed when it is first asked for, so that a plan of five kinds pays for five.

mod builtin;
mod container;
mod dialect;
mod entries;
mod exceptions;
mod fit;
mod hosting;
mod kind;
mod mistakes;
mod secret_rule;
mod stack;
mod told_port;
mod version;

use std::sync::Arc;

pub use container::{
    Consent, Container, ContainerFile, DataSetting, Dump, Healthcheck, Instead, Memory, Rest,
    Volume,
};
pub use dialect::{Alternatives, Dialect, Spelling};
pub use entries::CatalogError;
pub use exceptions::Exceptions;
pub use fit::{Fit, OpenDoor, RoleFit, WeakSetting, WrittenVolume};
pub use hosting::Hosting;
pub use kind::{
    Clients, Encoding, Facts, Form, Growth, Image, Kind, Letters, Login, Managed, Part,
    ProviderEndpoint, PublicSetting, ServicePort, Supply, VersionLine,
};
pub use secret_rule::{Alphabet, SecretRule};
pub use stack::{Answer, Otherwise, Rejected, Stack, When};
pub use version::{is_older, is_same_line};

use entries::Entries;

/// Kinds, dialects and stacks by name.
pub struct Catalog {
    kinds: Entries<Kind>,
    dialects: Entries<Dialect>,
    stacks: Entries<Stack>,
    app: Arc<Kind>,
}

/// A catalog file of the user's own.
#[derive(Clone, Debug)]
pub struct CatalogFile {
    /// What it adds or replaces.
    pub of: CatalogFileOf,
    /// The id it declares: the file's name without `.toml`.
    pub id: String,
    /// Its text.
    pub text: String,
    /// Where it is, for messages.
    pub place: String,
}

/// What a catalog file declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CatalogFileOf {
    /// A kind of service.
    Kind,
    /// A dialect.
    Dialect,
    /// A set of defaults.
    Stack,
}

impl Catalog {
    /// The catalog that Backstay brings along.
    pub fn builtin() -> Catalog {
        let app = entries::parse("app", builtin::APP)
            .expect("the application's own file is part of the program");
        Catalog {
            kinds: Entries::embedded(builtin::KINDS),
            dialects: Entries::embedded(builtin::DIALECTS),
            stacks: Entries::embedded(builtin::STACKS),
            app: Arc::new(app),
        }
    }

    /// This catalog with a file of the user's own on top.
    pub fn add(&mut self, file: &CatalogFile) -> Result<(), CatalogError> {
        match file.of {
            CatalogFileOf::Kind => self.kinds.add(file),
            CatalogFileOf::Dialect => self.dialects.add(file),
            CatalogFileOf::Stack => self.stacks.add(file),
        }
    }

    /// The kind with this id or alias.
    pub fn kind(&self, name: &str) -> Option<Arc<Kind>> {
        let otherwise = || {
            let lower = name.to_ascii_lowercase();
            let by_id = self.kinds.find(&lower);
            let quoted = [format!("\"{lower}\"")];
            let mut others = self.kinds.saying(&["aliases"], &quoted);
            by_id.or_else(|| others.find(|kind| kind.aliases.contains(&lower)))
        };
        self.kinds.find(name).or_else(otherwise)
    }

    /// All kinds by id.
    pub fn kinds(&self) -> impl Iterator<Item = Arc<Kind>> {
        self.kinds.all()
    }

    /// The kinds that may name this container image, by the last parts of its name.
    pub fn kinds_with_image(&self, name: &str) -> impl Iterator<Item = Arc<Kind>> {
        let texts = [format!("\"{name}\""), format!("/{name}\"")];
        self.kinds
            .saying(&["name", "also"], &texts)
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// What an app is when another component uses it.
    pub fn app(&self) -> &Arc<Kind> {
        &self.app
    }

    /// The dialect with this id.
    pub fn dialect(&self, id: &str) -> Option<Arc<Dialect>> {
        self.dialects.find(id)
    }

    /// All dialects by id.
    pub fn dialects(&self) -> impl Iterator<Item = Arc<Dialect>> {
        self.dialects.all()
    }

    /// The set of defaults with this id; `default` is the founding one.
    pub fn stack(&self, id: &str) -> Option<Arc<Stack>> {
        self.stacks.find(id)
    }

    /// All sets of defaults by id.
    pub fn stacks(&self) -> impl Iterator<Item = Arc<Stack>> {
        self.stacks.all()
    }

    /// Every id and alias of a kind, for suggestions.
    pub fn kind_names(&self) -> Vec<String> {
        self.kinds
            .all()
            .flat_map(|kind| std::iter::once(kind.id.clone()).chain(kind.aliases.clone()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_found_by_all_that_their_files_say_before_anything_is_parsed() {
        for kind in Catalog::builtin().kinds() {
            for alias in &kind.aliases {
                let found = Catalog::builtin().kind(alias);
                assert_eq!(found.map(|kind| kind.id.clone()), Some(kind.id.clone()));
            }
            for image in kind
                .image
                .iter()
                .flat_map(|it| it.also.iter().chain([&it.name]))
            {
                for name in [image.as_str(), image.rsplit('/').next().unwrap_or_default()] {
                    let catalog = Catalog::builtin();
                    let mut found = catalog.kinds_with_image(name);
                    assert!(found.any(|found| found.id == kind.id), "{name}");
                }
            }
        }
    }

    #[test]
    fn only_kinds_that_are_called_so_are_parsed() {
        // Many files say `"app"`, none as a name of its kind.
        let catalog = Catalog::builtin();
        assert!(catalog.kind("app").is_none());
        assert_eq!(catalog.kinds.parsed_ids(), Vec::<&str>::new());
        assert!(catalog.kind("PSQL").is_some());
        assert_eq!(catalog.kinds.parsed_ids(), ["postgres"]);
    }
}
