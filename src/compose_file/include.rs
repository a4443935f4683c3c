//! `include`: a project of its own, read in its own folder with its own variables, taken into another.

use crate::compose_file::fault::{Fault, Read};
use crate::compose_file::load::{Environment, Loader, Shared};
use crate::compose_file::map::Map;
use crate::compose_file::node::{Node, Place, Value};
use crate::compose_file::paths::{folder_of, is_remote, joined};
use crate::finding::quoted;

impl Loader<'_> {
    /// What one entry of `include` declares.
    pub(super) fn included(
        &mut self,
        include: &Node,
        from: &str,
        shared: &Shared<'_>,
    ) -> Read<Map> {
        let paths = texts(include.get("path").unwrap_or(include));
        let Some((first, place)) = paths.first().copied() else {
            return Err(
                Fault::at(include.place, "an include names no file").help("write `path: FILE`")
            );
        };
        let mut files = Vec::with_capacity(paths.len());
        for (path, place) in &paths {
            if is_remote(path) {
                let message = format!("{} is not on this machine", quoted(path));
                let help = "import reads files alone: fetch it, and include the copy";
                return Err(Fault::at(*place, message).help(help));
            }
            files.push(joined(shared.folder, path));
        }
        let main = joined(shared.folder, first);
        let trail: Vec<String> = shared
            .included
            .iter()
            .cloned()
            .chain([from.to_owned()])
            .collect();
        if trail.contains(&main) {
            let message = format!("{} includes itself", quoted(first));
            return Err(Fault::at(place, message).help("take one of the includes out"));
        }
        let folder = match include.get("project_directory").and_then(Node::text) {
            Some(folder) => joined(shared.folder, folder),
            None => folder_of(&main).to_owned(),
        };
        for path in &files {
            self.check_root(path, Some(place))?;
        }
        let environment = self.environment_of(include, &folder, shared)?;
        let mut inner = Shared {
            folder: &folder,
            environment: &environment,
            included: trail,
            extended: Default::default(),
        };
        self.model(&files, &mut inner, Some(place))
    }

    fn environment_of(
        &mut self,
        include: &Node,
        folder: &str,
        shared: &Shared<'_>,
    ) -> Read<Environment> {
        let Some(named) = include.get("env_file") else {
            let usual = joined(folder, ".env");
            let with = self.with_env_file(shared.environment, &usual, Some(include.place))?;
            return Ok(with.unwrap_or_else(|| shared.environment.clone()));
        };
        let named = texts(named).into_iter();
        let named = named.filter(|(path, _)| *path != "/dev/null");
        let named = named.map(|(path, place)| (joined(shared.folder, path), Some(place)));
        self.with_env_files(shared.environment, &named.collect::<Vec<_>>())
    }
}

/// A text, or the texts of a list.
fn texts(node: &Node) -> Vec<(&str, Place)> {
    let one = std::slice::from_ref(node);
    let nodes = match &node.value {
        Value::List(list) => list,
        _ => one,
    };
    nodes
        .iter()
        .filter_map(|node| Some((node.text()?, node.place)))
        .collect()
}
