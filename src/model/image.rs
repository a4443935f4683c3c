//! The name of a container image, taken apart: `registry:port/repository:tag@digest`.

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
}

fn split(text: &str, at: Option<usize>) -> (&str, Option<&str>) {
    match at {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    }
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
}
