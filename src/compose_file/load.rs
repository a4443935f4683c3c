//! Compose files, merged: reading, variables, includes, extensions, short forms, paths, in Compose's order.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::compose_file::canonical::canonical;
use crate::compose_file::env_files::EnvFiles;
use crate::compose_file::extends::ExtendedFiles;
use crate::compose_file::fault::{Fault, Read};
use crate::compose_file::interpolate::{Filler, only_variable};
use crate::compose_file::map::Map;
use crate::compose_file::merge::{Marks, merge, merge_maps, take_marks, taken};
use crate::compose_file::node::{Node, Place, Value};
use crate::compose_file::paths::{cleaned, is_below};
use crate::compose_file::settle::settle;
use crate::compose_file::yaml::{self, Budget};
use crate::compose_file::{Filled, Request, Source, World, shape, unique};
use crate::finding::{printed, quoted};

/// Longest file that is read, in bytes.
pub const LONGEST_FILE: usize = 16 << 20;

/// Most files that are read for one import; compose files are counted each time, as includes of includes can double
/// for ever.
const MOST_FILES: usize = 2_000;

/// The sections with entries of the user's own names.
const SECTIONS: [&str; 6] = [
    "services", "volumes", "networks", "secrets", "configs", "models",
];

/// How deep includes may be nested.
const MOST_INCLUDES: usize = 32;

/// Variables of env files, the first layer first, behind those of the shell.
#[derive(Clone, Default)]
pub(super) struct Environment {
    pub layers: Vec<Arc<BTreeMap<String, String>>>,
    /// What the project is called, which files may ask for.
    pub project: String,
}

impl Environment {
    /// The value of a variable.
    pub fn get(&self, world: &dyn World, name: &str) -> Option<String> {
        if name == "COMPOSE_PROJECT_NAME" && !self.project.is_empty() {
            return Some(self.project.clone());
        }
        let layered = || {
            self.layers
                .iter()
                .find_map(|layer| layer.get(name).cloned())
        };
        world.variable(name).or_else(layered)
    }
}

/// What the files of a project share while they are merged.
pub(super) struct Shared<'a> {
    /// The folder that relative paths start from.
    pub folder: &'a str,
    pub environment: &'a Environment,
    /// The files whose includes led here.
    pub included: Vec<String>,
    /// Files that services were taken from.
    pub extended: ExtendedFiles,
}

/// Reads files, and keeps their texts for messages.
pub(super) struct Loader<'a> {
    pub world: &'a mut dyn World,
    request: &'a Request,
    pub sources: Vec<Source>,
    pub budget: Budget,
    /// Variables that have no value, with the first place that asks for each.
    pub unset: BTreeMap<String, Place>,
    /// Variables that were filled in, with what and where first.
    pub filled: BTreeMap<String, Filled>,
    /// Texts that are one variable's value alone, by their places.
    pub of_variable: HashMap<Place, String>,
    pub env_files: EnvFiles,
    files_read: usize,
    /// Files that are not there.
    missing: BTreeSet<String>,
    /// Documents that were looked into for the project's name, and are not read a second time.
    ready: BTreeMap<String, Vec<Node>>,
}

impl<'a> Loader<'a> {
    pub fn new(world: &'a mut dyn World, request: &'a Request) -> Loader<'a> {
        Loader {
            world,
            request,
            sources: Vec::new(),
            budget: Budget::default(),
            unset: BTreeMap::new(),
            filled: BTreeMap::new(),
            of_variable: HashMap::new(),
            env_files: EnvFiles::default(),
            files_read: 0,
            missing: BTreeSet::new(),
            ready: BTreeMap::new(),
        }
    }

    /// The text of a file and its number; `None` if there is no such file. Nothing is looked for a second time.
    pub fn text(&mut self, path: &str, named_at: Option<Place>) -> Read<Option<(Arc<str>, u32)>> {
        let fault = |message: String| match named_at {
            Some(place) => Fault::at(place, message),
            None => Fault::nowhere(message),
        };
        // What leads out of a folder and back again is named by where it ends.
        let path = cleaned(path);
        let path = path.as_str();
        let shown = quoted(path);
        self.check_root(path, named_at)?;
        if let Some(at) = self.number_of(path) {
            let number = u32::try_from(at).unwrap_or(u32::MAX);
            return Ok(Some((self.sources[at].text.clone(), number)));
        }
        if self.missing.contains(path) {
            return Ok(None);
        }
        self.count_file(named_at)?;
        let bytes = self
            .world
            .read(path)
            .map_err(|why| fault(format!("{shown} cannot be read: {}", printed(&why))))?;
        let Some(bytes) = bytes else {
            self.missing.insert(path.to_owned());
            return Ok(None);
        };
        if bytes.len() > LONGEST_FILE {
            return Err(fault(format!(
                "{shown} is longer than {} MiB",
                LONGEST_FILE >> 20
            )));
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            fault(format!("{shown} is not UTF-8 text (byte {at})")).help("save it as UTF-8")
        })?;
        let number = u32::try_from(self.sources.len()).unwrap_or(u32::MAX);
        let text: Arc<str> = text.into();
        self.sources.push(Source {
            path: path.to_owned(),
            text: text.clone(),
        });
        Ok(Some((text, number)))
    }

    fn number_of(&self, path: &str) -> Option<usize> {
        self.sources.iter().position(|source| source.path == path)
    }

    fn count_file(&mut self, named_at: Option<Place>) -> Read<()> {
        self.files_read += 1;
        if self.files_read <= MOST_FILES {
            return Ok(());
        }
        let message = format!("more than {MOST_FILES} files would be read");
        Err(match named_at {
            Some(place) => Fault::at(place, message),
            None => Fault::nowhere(message),
        })
    }

    /// Refuses a file that lies outside of the folders that may be read.
    pub fn check_root(&self, path: &str, named_at: Option<Place>) -> Read<()> {
        let roots = &self.request.roots;
        let path = cleaned(path);
        if roots.is_empty() || roots.iter().any(|root| is_below(&path, root)) {
            return Ok(());
        }
        let message = format!(
            "{} lies outside of the folders of the compose files",
            quoted(&path)
        );
        let fault = named_at.map_or_else(
            || Fault::nowhere(&message),
            |place| Fault::at(place, &message),
        );
        Err(fault.outside().help(format!(
            "run the import in a folder that holds all of them, or allow it with {}",
            self.request.allowed_by
        )))
    }

    /// The documents of a compose file, which `documents` gives again.
    pub fn peek(&mut self, path: &str) -> Read<&[Node]> {
        let documents = self.documents(path, None)?;
        Ok(self.ready.entry(path.to_owned()).or_insert(documents))
    }

    /// The documents of a compose file.
    pub fn documents(&mut self, path: &str, named_at: Option<Place>) -> Read<Vec<Node>> {
        if let Some(documents) = self.ready.remove(path) {
            return Ok(documents);
        }
        if self.number_of(&cleaned(path)).is_some() {
            self.count_file(named_at)?;
        }
        let Some((text, file)) = self.text(path, named_at)? else {
            let message = format!("there is no compose file {}", quoted(path));
            return Err(match named_at {
                Some(place) => Fault::at(place, message),
                None => Fault::nowhere(message).help("check the name, and the folder you are in"),
            });
        };
        yaml::documents(&text, file, &mut self.budget)
    }

    /// The files of one project, merged, in long form, with paths from the root.
    pub fn model(
        &mut self,
        files: &[String],
        shared: &mut Shared<'_>,
        named_at: Option<Place>,
    ) -> Read<Map> {
        if shared.included.len() > MOST_INCLUDES {
            let message = format!("includes are nested more than {MOST_INCLUDES} deep");
            return Err(Fault::nowhere(message));
        }
        let mut model = Map::new();
        for path in files {
            for document in self.documents(path, named_at)? {
                model = self.add_document(model, document, path, shared)?;
            }
        }
        settle(&mut model, shared, self)?;
        Ok(model)
    }

    fn add_document(
        &mut self,
        mut model: Map,
        mut document: Node,
        path: &str,
        shared: &mut Shared<'_>,
    ) -> Read<Map> {
        let top = document.place;
        let marks = take_marks(&mut document);
        self.fill(&mut document, shared.environment)?;
        let Value::Map(mut file) = document.value else {
            return Err(Fault::at(
                top,
                format!("a compose file must be a table, not {}", document.sort()),
            ));
        };
        if let Some(includes) = file.remove("include") {
            self.include(&includes, &mut file, path, &marks, shared)?;
        }
        marks.apply(&mut model);
        self.extend(&mut file, path, &marks, shared)?;
        // The rest was looked at with the documents that say it.
        let mut spoken_of = merge_maps(taken_out(&mut model, &file), file, &[])?;
        unique::enforce(&mut spoken_of);
        let whole = Node::new(Value::Map(spoken_of), top);
        shape::check(&whole)?;
        let Value::Map(mut spoken_of) = whole.value else {
            return Ok(model);
        };
        // Every version of Compose since 2020 ignores it.
        spoken_of.remove("version");
        canonical(&mut spoken_of, &mut self.budget)?;
        unique::enforce(&mut spoken_of);
        put_in(&mut model, spoken_of);
        Ok(model)
    }

    /// Fills in the variables of a document.
    pub fn fill(&mut self, document: &mut Node, environment: &Environment) -> Read<()> {
        let world = &*self.world;
        let lookup = |name: &str| environment.get(world, name);
        let mut filler = Filler::new(&lookup);
        let mut found = Found {
            unset: &mut self.unset,
            of_variable: &mut self.of_variable,
            filled: Vec::new(),
        };
        fill_at(document, &mut filler, &mut found)?;
        for (name, value, place) in found.filled {
            // A variable may be asked for by every service.
            let Entry::Vacant(first) = self.filled.entry(name) else {
                continue;
            };
            let from_shell = world.variable(first.key()).is_some();
            first.insert(Filled {
                value,
                place,
                from_shell,
            });
        }
        Ok(())
    }

    /// The value of a variable for what only names it.
    pub fn passed(
        &mut self,
        environment: &Environment,
        name: &str,
        place: Place,
    ) -> Option<String> {
        let value = environment.get(&*self.world, name)?;
        let filled = Filled {
            value: value.clone(),
            place,
            from_shell: self.world.variable(name).is_some(),
        };
        self.filled.entry(name.to_owned()).or_insert(filled);
        self.of_variable.insert(place, name.to_owned());
        Some(value)
    }

    /// Puts what other files declare beside what this one does.
    fn include(
        &mut self,
        includes: &Node,
        file: &mut Map,
        path: &str,
        marks: &Marks,
        shared: &mut Shared<'_>,
    ) -> Read<()> {
        let Some(list) = includes.list() else {
            let message = format!("`include` must be a list, not {}", includes.sort());
            return Err(Fault::at(includes.place, message));
        };
        for include in list {
            let model = self.included(include, path, shared)?;
            for section in SECTIONS {
                if let Some(Value::Map(entries)) = model.get(section).map(|node| &node.value) {
                    take_in(file, section, entries, marks)?;
                }
            }
        }
        Ok(())
    }
}

/// What was found while variables were filled in.
struct Found<'f> {
    unset: &'f mut BTreeMap<String, Place>,
    of_variable: &'f mut HashMap<Place, String>,
    /// Names with values and places.
    filled: Vec<(String, String, Place)>,
}

fn fill_at(node: &mut Node, filler: &mut Filler<'_>, found: &mut Found<'_>) -> Read<()> {
    match &mut node.value {
        Value::Text(text) if text.contains('$') => {
            if let Some(name) = only_variable(text) {
                found.of_variable.insert(node.place, name.to_owned());
            }
            let whole = filler.fill(text).map_err(|wrong| {
                let (message, help) = wrong.said();
                Fault::at(node.place, message).help(help)
            })?;
            *text = whole.into();
            let filled = filler.filled.drain(..);
            let filled = filled.map(|(name, value)| (name, value, node.place));
            found.filled.extend(filled);
            for name in std::mem::take(&mut filler.unset) {
                found.unset.entry(name).or_insert(node.place);
            }
            Ok(())
        }
        Value::List(list) => list
            .iter_mut()
            .try_for_each(|node| fill_at(node, filler, found)),
        Value::Map(map) => map
            .values_mut()
            .try_for_each(|node| fill_at(node, filler, found)),
        _ => Ok(()),
    }
}

/// What `model` says of that which `file` speaks of, too, taken out of it.
fn taken_out(model: &mut Map, file: &Map) -> Map {
    let mut both = Map::new();
    for (key, said) in file {
        let Some(own) = model.get_mut(key) else {
            continue;
        };
        let place = own.place;
        let section = own.map_mut().zip(said.map());
        let value = match section.filter(|_| SECTIONS.contains(&&**key)) {
            Some((own, said)) => {
                let entry = |name: &Arc<str>| Some((name.clone(), taken(own.get_mut(name)?)));
                Value::Map(said.keys().filter_map(entry).collect())
            }
            None => taken(own).value,
        };
        both.insert(key.clone(), Node::new(value, place));
    }
    both
}

/// Puts in what was taken out, and what is new.
fn put_in(model: &mut Map, spoken_of: Map) {
    for (key, mut node) in spoken_of {
        let section = model.get_mut(&key).filter(|_| SECTIONS.contains(&&*key));
        let Some((own, new)) = section.and_then(|own| Some((own, node.map_mut()?))) else {
            model.insert(key, node);
            continue;
        };
        let new = std::mem::take(new);
        own.place = node.place;
        match own.map_mut() {
            Some(own) => own.extend(new),
            None => own.value = Value::Map(new),
        }
    }
}

/// Entries of an included file, beside those of the file that includes it, which win.
fn take_in(file: &mut Map, section: &str, entries: &Map, marks: &Marks) -> Read<()> {
    let place = file
        .get(section)
        .map_or_else(Place::default, |node| node.place);
    let mut own = match file.remove(section).map(|node| node.value) {
        Some(Value::Map(own)) => own,
        None | Some(Value::Null) => Map::new(),
        Some(_) => return Err(Fault::at(place, format!("`{section}` must be a table"))),
    };
    let mut new = Vec::new();
    for (name, entry) in entries {
        let mut entry = entry.clone();
        let Some(conflict) = own.get_mut(name) else {
            new.push((name.clone(), entry));
            continue;
        };
        marks.apply_to(section, name, &mut entry);
        *conflict = merge(entry, taken(conflict), &[section, name])?;
    }
    own.extend(new);
    file.insert(section, Node::new(Value::Map(own), place));
    Ok(())
}
