//! `extends`: a service that begins as a copy of another, of this file or of another one.

use std::collections::HashMap;

use crate::compose_file::canonical::canonical;
use crate::compose_file::fault::{Fault, Read};
use crate::compose_file::load::{Loader, Shared};
use crate::compose_file::map::Map;
use crate::compose_file::merge::{Marks, merge_maps, take_marks, taken};
use crate::compose_file::node::{Node, Place, Value};
use crate::compose_file::paths::{folder_of, is_remote, joined};
use crate::compose_file::settle::resolve_paths;
use crate::compose_file::{unique, yaml};
use crate::finding::quoted;

/// How many services may stand behind each other.
const LONGEST_CHAIN: usize = 64;

/// Files that services are taken from, so that each is read once: their services in long form with paths from the
/// root, and what their last documents reset or replace.
pub(super) type ExtendedFiles = HashMap<String, (Map, Marks)>;

/// Where a service is looked for.
struct Where<'a> {
    /// The file whose services are extended.
    file: &'a str,
    /// What it resets or replaces of what its own services extend; no other file has a say in that.
    marks: &'a Marks,
}

/// The services that led here, by file and name.
type Trail = Vec<(String, String)>;

impl Loader<'_> {
    /// Brings every service of a file together with what it extends.
    pub(super) fn extend(
        &mut self,
        file: &mut Map,
        path: &str,
        marks: &Marks,
        shared: &mut Shared<'_>,
    ) -> Read<()> {
        let Some(services) = file.get_mut("services").and_then(Node::map_mut) else {
            return Ok(());
        };
        let extending = |(name, service): (&std::sync::Arc<str>, &Node)| {
            service.get("extends").is_some().then(|| name.to_string())
        };
        let names: Vec<String> = services.iter().filter_map(extending).collect();
        let place = Where { file: path, marks };
        for name in names {
            self.extend_one(&name, services, &place, shared, &mut Vec::new())?;
        }
        Ok(())
    }

    /// Brings one service together with what it extends, in place.
    fn extend_one(
        &mut self,
        name: &str,
        services: &mut Map,
        place: &Where<'_>,
        shared: &mut Shared<'_>,
        trail: &mut Trail,
    ) -> Read<()> {
        let Some(extends) = services
            .get(name)
            .and_then(|service| service.get("extends"))
            .cloned()
        else {
            return Ok(());
        };
        let at = extends.place;
        let step = (place.file.to_owned(), name.to_owned());
        if trail.contains(&step) {
            let fault = Fault::at(at, format!("{} extends itself in the end", quoted(name)));
            return Err(fault.help("take one of the extensions out"));
        }
        if trail.len() >= LONGEST_CHAIN {
            let message =
                format!("more than {LONGEST_CHAIN} services extend one another in a chain");
            let help = "let one of them extend nothing, and say there what it took over";
            return Err(Fault::at(at, message).help(help));
        }
        trail.push(step);
        let base_name = extends.get("service").unwrap_or(&extends);
        let Some(base_name) = base_name.text() else {
            return Err(Fault::at(
                at,
                format!("{} does not say which service it extends", quoted(name)),
            ));
        };
        let base = match extends.get("file").and_then(Node::text) {
            Some(file) => self.service_from(base_name, file, at, shared, trail)?,
            None => {
                self.extend_one(base_name, services, place, shared, trail)?;
                services.get(base_name).cloned()
            }
        };
        trail.pop();
        let Some(base) = base else {
            let fault = Fault::at(
                at,
                format!("there is no service {} to extend", quoted(base_name)),
            );
            return Err(fault);
        };
        self.budget.spend(yaml::measure(&base).0, at)?;
        put_together(name, base, services, place.marks)
    }

    /// A service of another file, with what it extends itself.
    fn service_from(
        &mut self,
        name: &str,
        file: &str,
        at: Place,
        shared: &mut Shared<'_>,
        trail: &mut Trail,
    ) -> Read<Option<Node>> {
        if is_remote(file) {
            let fault = Fault::at(at, format!("{} is not on this machine", quoted(file)));
            return Err(fault.help("import reads files alone: fetch it, and extend the copy"));
        }
        let path = joined(shared.folder, file);
        let (mut services, marks) = match shared.extended.remove(&path) {
            Some(read) => read,
            None => self.services_of(&path, at, shared)?,
        };
        let inner = Where {
            file: &path,
            marks: &marks,
        };
        self.extend_one(name, &mut services, &inner, shared, trail)?;
        let service = services.get(name).cloned();
        shared.extended.insert(path, (services, marks));
        Ok(service)
    }

    /// The services of a file in long form, with their paths from the root, before they are extended.
    fn services_of(&mut self, path: &str, at: Place, shared: &Shared<'_>) -> Read<(Map, Marks)> {
        let mut model = Map::new();
        let mut marks = Marks::default();
        for mut document in self.documents(path, Some(at))? {
            marks = take_marks(&mut document);
            self.fill(&mut document, shared.environment)?;
            let Value::Map(file) = document.value else {
                return Err(Fault::at(document.place, "a compose file must be a table"));
            };
            marks.apply(&mut model);
            model = merge_maps(model, file, &[])?;
            unique::enforce(&mut model);
            canonical(&mut model, &mut self.budget)?;
        }
        let home = self.world.variable("HOME");
        resolve_paths(&mut model, folder_of(path), home.as_deref());
        match model.remove("services").map(|node| node.value) {
            Some(Value::Map(services)) => Ok((services, marks)),
            _ => Err(Fault::at(at, format!("{} has no services", quoted(path)))),
        }
    }
}

/// The service `name` on top of `base`.
fn put_together(name: &str, mut base: Node, services: &mut Map, marks: &Marks) -> Read<()> {
    let Some(service) = services.get_mut(name) else {
        return Ok(());
    };
    let place = service.place;
    marks.apply_to("services", name, &mut base);
    let (Value::Map(base), Value::Map(own)) = (base.value, taken(service).value) else {
        return Err(Fault::at(place, "a service must be a table"));
    };
    let mut merged = merge_maps(base, own, &["services", name])?;
    merged.remove("extends");
    *service = Node::new(Value::Map(merged), place);
    Ok(())
}
