//! Paths in compose files: from the folder of the file that names them.

/// `path` seen from `folder`, without `.` and `..` where they can be resolved. A path from the root stays as it is
/// written, which is how Compose prints it.
pub(super) fn joined(folder: &str, path: &str) -> String {
    if path.starts_with('/') {
        return path.to_owned();
    }
    cleaned(&format!("{folder}/{path}"))
}

/// A path without doubled slashes, `.` and `..` where they can be resolved.
pub fn cleaned(path: &str) -> String {
    if path.is_empty() {
        return String::new();
    }
    let is_absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if is_absolute => {}
            part => parts.push(part),
        }
    }
    match (is_absolute, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => parts.join("/"),
    }
}

/// The folder of a file.
pub fn folder_of(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some(("", _)) => "/",
        Some((folder, _)) => folder,
        None => ".",
    }
}

/// Whether a path leads below a folder, both without `..`.
pub fn is_below(path: &str, folder: &str) -> bool {
    folder == "/"
        || path
            .strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/') || rest.is_empty())
}

/// Whether a path of a mount or a secret stands for itself, on any system.
pub(super) fn is_absolute(path: &str) -> bool {
    let bytes = path.as_bytes();
    let is_drive = bytes.len() > 2
        && bytes[0].is_ascii_alphabetic()
        && bytes[1] == b':'
        && matches!(bytes[2], b'\\' | b'/');
    path.starts_with('/') || path.starts_with("\\\\") || is_drive
}

/// Whether a file is named that Compose would fetch.
pub(super) fn is_remote(path: &str) -> bool {
    is_repository(path) || path.starts_with("oci://")
}

/// Whether a build's context is no folder but something that the builder fetches.
pub(super) fn is_remote_context(context: &str) -> bool {
    is_repository(context) || context.starts_with("service:")
}

/// Whether a text names something on a server rather than a file.
fn is_repository(text: &str) -> bool {
    let starts = [
        "https://",
        "http://",
        "git://",
        "ssh://",
        "github.com/",
        "git@",
    ];
    starts.iter().any(|start| text.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_and_cleaned() {
        assert_eq!(joined("/a/b", "../c/./d//e"), "/a/c/d/e");
        assert_eq!(joined("/a", "/c/../d"), "/c/../d");
        assert_eq!(joined("a", "../../b"), "../b");
        assert_eq!(cleaned("/.."), "/");
        assert_eq!(cleaned("./"), ".");
        assert!(is_below("/a/b", "/a"));
        assert!(!is_below("/ab", "/a"));
    }
}
