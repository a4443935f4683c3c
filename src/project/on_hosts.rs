//! Finds credentials that only the files of hosts still hold.
#![expect(
    clippy::disallowed_methods,
    reason = "this is where generated files are read"
)]

use std::fs;
use std::path::{Path, PathBuf};

use crate::generate::env_file;
use crate::generate::left_behind::{KEPT_FILE, is_held};
use crate::settings::SecretId;

/// A credential from the files of the hosts of its environment, the first host by name that has it. What a file holds
/// that stays for a container of before alone is not found.
pub(super) fn find_on_hosts(root: &Path, id: &SecretId) -> Option<String> {
    let environment = root.join(id.environment.as_str());
    let hosts = folders(&environment).into_iter();
    let mut hosts = hosts.map(|name| environment.join(name));
    let is_of_before = |host: &Path| {
        let name = host.file_name().unwrap_or_default().to_string_lossy();
        let path = format!("{}/{name}/secrets/{}", id.environment, id.file_name());
        text(root.join(KEPT_FILE)).is_some_and(|kept| is_held(&kept, &path))
    };
    let known = |host: PathBuf| {
        let alone = text(host.join("secrets").join(id.file_name()));
        let alone = alone.filter(|_| !is_of_before(&host));
        let found = alone.or_else(|| in_env_file(&host, id));
        found.filter(|found| !found.is_empty())
    };
    hosts.find_map(known)
}

/// The names of the folders in a folder, sorted; none if it cannot be looked into.
pub(super) fn folders(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let inside = entries.filter(|entry| entry.path().is_dir());
    let mut names: Vec<String> = inside
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}

fn in_env_file(host: &Path, id: &SecretId) -> Option<String> {
    let (env, variable) = (text(host.join(".env"))?, id.variable());
    let entries = env_file::entries(&env);
    let entry = entries.iter().find(|entry| entry.key == Some(&variable))?;
    Some(entry.value())
}

/// The text of a file; a named pipe would be waited for.
fn text(path: PathBuf) -> Option<String> {
    let is_file = path.is_file();
    is_file.then(|| fs::read_to_string(path).ok()).flatten()
}
