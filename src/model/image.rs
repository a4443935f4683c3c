//! The name of a container image, taken apart: `registry:port/repository:tag@digest`; and which can be one.

/// The longest tag that registries take.
const LONGEST_TAG: usize = 128;

/// The parts of an image's name, as they stand in it; what is wrong with them is not judged here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageName<'t> {
    /// Registry and repository.
    pub name: &'t str,
    /// The tag, if there is one.
    pub tag: Option<&'t str>,
    /// The digest, if there is one.
    pub digest: Option<&'t str>,
}

impl<'t> ImageName<'t> {
    /// Takes a name apart.
    pub fn of(text: &'t str) -> ImageName<'t> {
        let (rest, digest) = split(text, text.find('@'));
        // The colon of a registry's port stands before the last slash.
        let last = rest.rfind('/').map_or(0, |slash| slash + 1);
        let colon = rest[last..].find(':').map(|colon| last + colon);
        let (name, tag) = split(rest, colon);
        ImageName { name, tag, digest }
    }

    /// Reads a name as container engines do, or says what about it cannot be.
    pub fn parse(text: &'t str) -> Result<ImageName<'t>, &'static str> {
        if text.trim().is_empty() {
            return Err("it is blank");
        }
        let image = ImageName::of(text);
        let ImageName { name, tag, digest } = image;
        let (registry, repository) = match name.split_once('/') {
            Some((first, repository)) if is_registry(first) => (Some(first), repository),
            _ => (None, name),
        };
        if registry.is_some_and(|registry| !registry.chars().all(is_of_registry)) {
            return Err("its registry is not a host name");
        }
        check_repository(repository)?;
        if tag.is_some_and(|tag| !Self::is_tag(tag)) {
            return Err("a tag has letters, digits, `.`, `_` and `-` only");
        }
        if digest.is_some_and(|digest| !is_digest(digest)) {
            return Err("a digest is an algorithm, `:`, and at least 32 hexadecimal digits");
        }
        Ok(image)
    }

    /// Whether `text` can be the tag of an image.
    pub fn is_tag(text: &str) -> bool {
        let starts_well = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        let is_of_tag = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        starts_well && text.len() <= LONGEST_TAG && text.chars().all(is_of_tag)
    }
}

fn split(text: &str, at: Option<usize>) -> (&str, Option<&str>) {
    match at {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    }
}

fn is_registry(first: &str) -> bool {
    first.contains(['.', ':']) || first == "localhost"
}

/// An IPv6 address stands in brackets.
fn is_of_registry(c: char) -> bool {
    c.is_ascii_alphanumeric() || ".-:[]".contains(c)
}

fn check_repository(repository: &str) -> Result<(), &'static str> {
    if repository.contains(|c: char| c.is_ascii_uppercase()) {
        return Err("a repository has no capital letters");
    }
    let is_end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_part = |part: &str| {
        part.starts_with(is_end)
            && part.ends_with(is_end)
            && part.chars().all(|c| is_end(c) || "._-".contains(c))
    };
    match repository.split('/').all(is_part) {
        true => Ok(()),
        false => Err("a repository has lower-case letters, digits, `.`, `_`, `-` and `/` only"),
    }
}

fn is_digest(digest: &str) -> bool {
    digest.split_once(':').is_some_and(|(algorithm, digits)| {
        !algorithm.is_empty() && digits.len() >= 32 && digits.chars().all(|c| c.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registrys_port_is_no_tag() {
        for (text, name, tag, digest) in [
            ("redis", "redis", None, None),
            ("redis:8", "redis", Some("8"), None),
            ("r.io:5000/app", "r.io:5000/app", None, None),
            (
                "r.io:5000/app:2@sha256:0a",
                "r.io:5000/app",
                Some("2"),
                Some("sha256:0a"),
            ),
            ("", "", None, None),
            ("app:", "app", Some(""), None),
        ] {
            assert_eq!(ImageName::of(text), ImageName { name, tag, digest });
        }
    }

    #[test]
    fn what_engines_accept_is_accepted() {
        let digest = format!("app@sha256:{}", "0a".repeat(32));
        for text in [
            "nginx",
            "acme/shop:1.0.0",
            "ghcr.io/acme/shop__web:1_rc-2",
            "localhost/app",
            "localhost:5000/app",
            "Registry.Example.com:5000/acme/app:V1",
            "[::1]:5000/app:1",
            &digest,
            &digest.replace('@', ":1.0@"),
        ] {
            assert!(ImageName::parse(text).is_ok(), "{text}");
        }
        assert_eq!(
            ImageName::parse("r.io:5000/app").map(|image| image.tag),
            Ok(None)
        );
        assert_eq!(
            ImageName::parse("r.io:5000/app:2").map(|image| image.tag),
            Ok(Some("2"))
        );
    }

    #[test]
    fn what_engines_refuse_is_refused() {
        for text in [
            "",
            "  ",
            "Acme/Shop",
            "acme/Shop:1",
            "a b",
            "app:",
            "app:1 2",
            "app:-1",
            "app@sha256",
            "app@sha256:12",
            "/app",
            "app/",
            "acme//app",
            "https://r.io/app",
            "app:${TAG}",
        ] {
            assert!(ImageName::parse(text).is_err(), "{text}");
        }
    }
}
