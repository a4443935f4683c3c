//! Which kind of service an image is, by the names in the catalog.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::catalog::{Catalog, Kind};
use crate::compose_file::Node;
use crate::model::ImageName;

/// A kind, and what speaks for it.
pub(super) struct Recognised {
    pub kind: Arc<Kind>,
    /// As the end of a sentence: "its image is the kind's own".
    pub evidence: String,
    /// The version, where the image is exactly the one that the catalog would use for it.
    pub version: Option<String>,
}

impl Recognised {
    /// Whether the kind declares a variable, or a file in its place.
    pub fn declares(&self, variable: &str) -> bool {
        let container = self.kind.container.as_ref();
        let mut declared = container.into_iter().flat_map(|it| it.environment.keys());
        declared.any(|own| own.trim_end_matches("_FILE") == variable)
    }

    /// Whether the kind declares that a variable says what a user or a database is called.
    pub fn says_a_name(&self, variable: &str) -> bool {
        let container = self.kind.container.as_ref();
        let template = container.and_then(|container| container.environment.get(variable));
        let names = ["user", "database", "vhost", "bucket"];
        template.is_some_and(|template| {
            let said = template.trim_start_matches("{{").trim_end_matches("}}");
            names.contains(&said.trim())
        })
    }
}

/// The kinds of a catalog, looked up by image.
pub(super) struct Kinds<'a> {
    catalog: &'a Catalog,
    /// What is known already: most images of a project stand in it often.
    known: RefCell<BTreeMap<String, Known>>,
    /// The kinds of names that are called like one.
    called: RefCell<BTreeMap<String, Option<Arc<Kind>>>>,
}

/// The kind of an image without its tag, and whether the image is the kind's own; nothing for other images.
type Known = Option<(Arc<Kind>, bool)>;

impl<'a> Kinds<'a> {
    pub fn of(catalog: &'a Catalog) -> Kinds<'a> {
        Kinds {
            catalog,
            known: RefCell::default(),
            called: RefCell::default(),
        }
    }

    /// The kind of an image with its tag.
    pub fn recognise(&self, image: &str) -> Option<Recognised> {
        let ImageName { name, tag, .. } = ImageName::of(image);
        let repository = repository(name);
        let (kind, is_own) = self.known(repository)?;
        let evidence = match is_own {
            true => format!("`{repository}` is the image of {}", kind.title),
            false => format!("`{repository}` is known to hold {}", kind.title),
        };
        let template = kind.image.as_ref().map(|image| image.tag.as_str());
        let is_plain = |tag: &&str| {
            let is_number = !tag.is_empty() && tag.bytes().all(|b| b.is_ascii_digit() || b == b'.');
            template == Some("{{ version }}") && is_number
        };
        let version = tag
            .filter(is_plain)
            .filter(|_| is_own && !image.contains('@'));
        Some(Recognised {
            evidence,
            version: version.map(str::to_owned),
            kind,
        })
    }

    /// The kind that an image of somebody else's is made of: called like it, and fed or mounted like it.
    pub fn alike(&self, image: &str, service: &Node) -> Option<Recognised> {
        let name = ImageName::of(image).name.rsplit('/').next()?;
        let kind = self.called(name)?;
        let container = kind.container.as_ref()?;
        let variables = service.get("environment").and_then(Node::map);
        let reads = |variable: &str| {
            let own = |own: &String| own.trim_end_matches("_FILE") == variable;
            container.environment.keys().any(own)
        };
        let mut variables = variables.into_iter().flatten().map(|(name, _)| &**name);
        let mounts = service.get("volumes").and_then(Node::list);
        let targets = mounts
            .into_iter()
            .flatten()
            .filter_map(|it| it.get("target")?.text());
        let keeps = |target: &&str| container.volumes.iter().any(|it| it.path == *target);
        let told = match variables.find(|name| reads(name)) {
            Some(variable) => format!("reads `{variable}`"),
            None => format!("keeps data in `{}`", targets.into_iter().find(keeps)?),
        };
        Some(Recognised {
            evidence: format!(
                "its image is called `{name}` and {told}, as {} does",
                kind.title
            ),
            version: None,
            kind,
        })
    }

    fn called(&self, name: &str) -> Option<Arc<Kind>> {
        let mut called = self.called.borrow_mut();
        if let Some(kind) = called.get(name) {
            return kind.clone();
        }
        let kind = self.catalog.kind(name);
        called.insert(name.to_owned(), kind.clone());
        kind
    }

    fn known(&self, repository: &str) -> Known {
        let mut known = self.known.borrow_mut();
        let found = known
            .entry(repository.to_owned())
            .or_insert_with(|| self.find(repository));
        found.clone()
    }

    fn find(&self, name: &str) -> Known {
        let mut also = None;
        for kind in self
            .catalog
            .kinds_with_image(name)
            .filter(|_| !name.is_empty())
        {
            let Some(image) = &kind.image else {
                continue;
            };
            if repository(&image.name) == name {
                return Some((kind, true));
            }
            if image.also.iter().any(|other| repository(other) == name) {
                also = also.or(Some((kind, false)));
            }
        }
        also
    }
}

/// Registries that hold the same images as the usual one, and how they write its own images.
const SAME_IMAGES: &[&str] = &[
    "docker.io/",
    "index.docker.io/",
    "registry-1.docker.io/",
    "registry.hub.docker.com/",
    "mirror.gcr.io/",
    "public.ecr.aws/docker/",
    "library/",
];

/// The name of an image without the registry, where that is the usual one.
fn repository(name: &str) -> &str {
    let mut name = name;
    for start in SAME_IMAGES {
        name = name.strip_prefix(start).unwrap_or(name);
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(image: &str) -> Option<String> {
        let catalog = Catalog::builtin();
        let kinds = Kinds::of(&catalog);
        let found = kinds.recognise(image)?;
        Some(format!(
            "{} {}",
            found.kind.id,
            found.version.unwrap_or_default()
        ))
    }

    #[test]
    fn images_are_recognised_wherever_they_come_from() {
        for (image, kind) in [
            ("postgres:16", "postgres 16"),
            ("docker.io/library/postgres:16.2", "postgres 16.2"),
            (
                "public.ecr.aws/docker/library/postgres:16-alpine",
                "postgres ",
            ),
            ("postgres", "postgres "),
            ("postgres:16@sha256:0123", "postgres "),
            ("postgis/postgis:16-3.4", "postgres "),
            ("bitnami/postgresql:16", "postgres "),
            ("redis/redis-stack:7.2.0-v9", "redis "),
            ("mcr.microsoft.com/mssql/server:2022-latest", "mssql "),
            ("elasticsearch:8.1.0", "elasticsearch "),
        ] {
            assert_eq!(said(image).as_deref(), Some(kind), "{image}");
        }
        for image in ["localhost:5000/postgres:16", "acme/postgres", "", ":", "@"] {
            assert_eq!(said(image), None, "{image}");
        }
    }
}
