//! A project as Compose resolves it, and how it is read.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::compose_file::consistency;
use crate::compose_file::fault::Fault;
use crate::compose_file::finish::{finish, imply};
use crate::compose_file::interpolate::{Filler, variables_in};
use crate::compose_file::load::{Environment, Loader, Shared};
use crate::compose_file::map::Map;
use crate::compose_file::merge::nothing;
use crate::compose_file::node::{Node, Place, Value};
use crate::compose_file::paths::{folder_of, joined};
use crate::compose_file::unique::entries;
use crate::compose_file::{Request, Source, World};
use crate::finding::quoted;

/// A project, every value in the form in which Compose prints it.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// What the project is called.
    pub name: String,
    /// The whole: `services`, `networks`, `volumes`, `secrets`, `configs` and the user's own `x-…`.
    pub model: Map,
    /// The folder that paths start from.
    pub folder: String,
    /// Variables that had no value and became nothing, with the first place that asks for each.
    pub unset: BTreeMap<String, Place>,
    /// Variables that were filled in.
    pub filled: BTreeMap<String, Filled>,
    /// The variable of each text that is the value of one alone, by its place.
    pub of_variable: HashMap<Place, String>,
    /// Where those that have no value could come from, if no file with variables was read: a sentence.
    pub lacks_env_file: Option<String>,
}

/// What was filled in for a variable.
#[derive(Clone, Debug)]
pub struct Filled {
    /// Its value.
    pub value: String,
    /// The first place that asks for it.
    pub place: Place,
    /// Whether the value is that of the shell, and of no file.
    pub from_shell: bool,
}

impl Reading {
    /// One entry of a section.
    pub fn entry(&self, section: &str, name: &str) -> Option<&Node> {
        self.model.get(section)?.get(name)
    }

    /// The entries of a section, by name.
    pub fn section<'a>(&'a self, name: &str) -> impl Iterator<Item = (&'a str, &'a Node)> {
        let map = self.model.get(name).and_then(Node::map);
        map.into_iter()
            .flatten()
            .map(|(name, node)| (&**name, node))
    }
}

/// Reads compose files. The sources are there in any case, so that a fault can be shown in its text.
pub fn read(
    request: &Request,
    world: &mut dyn World,
) -> (Result<Reading, Box<Fault>>, Vec<Source>) {
    let mut loader = Loader::new(world, request);
    let reading = read_with(request, &mut loader).map_err(|mut fault| {
        fault = blame_variables(fault, request, &mut loader);
        let file = fault.place.map(|place| place.file as usize);
        if let Some(source) = file.and_then(|file| loader.sources.get(file)) {
            fault.find_key(&source.text);
        }
        fault
    });
    (reading, loader.sources)
}

fn read_with(request: &Request, loader: &mut Loader<'_>) -> Result<Reading, Box<Fault>> {
    let Some(first) = request.files.first() else {
        return Err(Fault::nowhere("no compose file is named"));
    };
    let folder = folder_of(first).to_owned();
    let named = request.env_files.iter().map(|path| (path.clone(), None));
    let named: Vec<_> = named.collect();
    let mut environment = loader.with_env_files(&Environment::default(), &named)?;
    if request.env_files.is_empty() {
        let usual = joined(&folder, ".env");
        environment = loader
            .with_env_file(&environment, &usual, None)?
            .unwrap_or(environment);
    }
    environment.project = project_name(request, &folder, &environment, loader)?;
    let mut shared = Shared {
        folder: &folder,
        environment: &environment,
        included: Vec::new(),
        extended: Default::default(),
    };
    let mut model = loader.model(&request.files, &mut shared, None)?;
    model.remove("name");
    if model.is_empty() {
        return Err(
            Fault::nowhere(format!("{} declares nothing", quoted(first)))
                .help("a compose file has `services:`"),
        );
    }
    connect(&mut model);
    entries(&mut model, "services").for_each(imply);
    name_resources(&mut model, &environment.project);
    finish(&mut model, &environment, loader)?;
    consistency::check(&model)?;
    // Nobody asks where all have values.
    let lacks_env_file = match loader.unset.is_empty() {
        true => None,
        false => lacks_env_file(request, loader),
    };
    Ok(Reading {
        lacks_env_file,
        name: environment.project,
        model,
        folder,
        unset: std::mem::take(&mut loader.unset),
        filled: std::mem::take(&mut loader.filled),
        of_variable: std::mem::take(&mut loader.of_variable),
    })
}

/// A fault in a text whose variables had no value comes of that, if nothing else is known to mend it.
fn blame_variables(fault: Box<Fault>, request: &Request, loader: &mut Loader<'_>) -> Box<Fault> {
    let place = fault.place.filter(|_| fault.help.is_none());
    let text = place.and_then(|place| {
        let source = loader.sources.get(place.file as usize)?;
        source.text.get(place.start as usize..place.end as usize)
    });
    let names = text.into_iter().flat_map(variables_in);
    let names: BTreeSet<&str> = names
        .filter(|name| loader.unset.contains_key(*name))
        .collect();
    let said = match names.len() {
        0 => return fault,
        1 => "has no value",
        _ => "have no values",
    };
    let names: Vec<String> = names.iter().map(|name| format!("`${{{name}}}`")).collect();
    let names = names.join(", ");
    let more = lacks_env_file(request, loader).unwrap_or_else(|| {
        format!(
            "set it in the file with variables, in another one by {}, or in the shell",
            request.env_files_by
        )
    });
    fault.help(format!("{names} {said}: {more}"))
}

/// Names of files that show what variables there are.
const EXAMPLES: [&str; 6] = [
    ".env.example",
    "example.env",
    "env.example",
    ".env.dist",
    ".env.sample",
    ".env.template",
];

/// That no file with variables was read, which are beside the first file, and how to name one.
fn lacks_env_file(request: &Request, loader: &mut Loader<'_>) -> Option<String> {
    let folder = folder_of(request.files.first()?);
    let is_there = |name: &str, loader: &mut Loader<'_>| {
        let path = joined(folder, name);
        let is_read = loader.sources.iter().any(|source| source.path == path);
        is_read || matches!(loader.world.read(&path), Ok(Some(_)))
    };
    if !request.env_files.is_empty() || is_there(".env", loader) {
        return None;
    }
    let example = EXAMPLES.iter().find(|name| is_there(name, loader));
    let but = example.map_or_else(String::new, |name| format!(", only `{name}`"));
    Some(format!(
        "there is no `.env` beside the compose file{but}: name a file with variables by {}",
        request.env_files_by
    ))
}

/// The name of the project: a variable's, the last that a file says, or the folder's.
fn project_name(
    request: &Request,
    folder: &str,
    environment: &Environment,
    loader: &mut Loader<'_>,
) -> Result<String, Box<Fault>> {
    let mut said = environment.get(&*loader.world, "COMPOSE_PROJECT_NAME");
    if said.is_none() {
        for path in &request.files {
            // What is wrong with the file is said when it is read for good.
            let documents = loader.peek(path)?.iter();
            let names: Vec<String> = documents
                .filter_map(|document| Some(document.get("name")?.text()?.to_owned()))
                .collect();
            for name in names {
                let lookup = |name: &str| environment.get(&*loader.world, name);
                said = Filler::new(&lookup)
                    .fill(&name)
                    .ok()
                    .filter(|name| !name.is_empty())
                    .or(said);
            }
        }
    }
    let folder_name = folder.rsplit('/').next().unwrap_or_default();
    let name = normalized(said.as_deref().unwrap_or(folder_name));
    Ok(match name.is_empty() {
        true => "project".to_owned(),
        false => name,
    })
}

/// A project's name as Compose writes it: lower case, of letters, digits, `-` and `_`.
fn normalized(name: &str) -> String {
    let kept = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    let name: String = name.to_lowercase().chars().filter(kept).collect();
    name.trim_start_matches(['-', '_']).to_owned()
}

/// Connects services that name no network to the usual one.
fn connect(model: &mut Map) {
    let mut uses_default = None;
    let services = model.get_mut("services").and_then(Node::map_mut);
    for service in services.into_iter().flat_map(|map| map.values_mut()) {
        let place = service.place;
        let Some(map) = service.map_mut() else {
            continue;
        };
        if map.contains_key("network_mode") || map.contains_key("provider") {
            continue;
        }
        let networks = map.get_or_insert_with("networks", || nothing(place));
        let is_empty = networks.map().is_none_or(Map::is_empty);
        if is_empty {
            networks.value = Value::Map(Map::from_iter([("default".into(), nothing(place))]));
        }
        if networks.get("default").is_some() {
            uses_default = Some(place);
        }
    }
    let Some(place) = uses_default else {
        return;
    };
    let empty = || Node::new(Value::Map(Map::new()), place);
    let networks = model.get_or_insert_with("networks", empty);
    if let Some(map) = networks.map_mut() {
        map.get_or_insert_with("default", || nothing(place));
    }
}

/// Gives networks, volumes, secrets and configs the names that they have outside of the project.
fn name_resources(model: &mut Map, project: &str) {
    for section in ["networks", "volumes", "configs", "secrets"] {
        let Some(section) = model.get_mut(section).and_then(Node::map_mut) else {
            continue;
        };
        for (key, resource) in section.iter_mut() {
            let place = resource.place;
            if resource.is_null() {
                resource.value = Value::Map(Map::new());
            }
            let Some(map) = resource.map_mut() else {
                continue;
            };
            let is_external = map
                .get("external")
                .is_some_and(|node| node.value.to_string() == "true");
            map.get_or_insert_with("name", || match is_external {
                true => Node::of_text(key.clone(), place),
                false => Node::of_text(format!("{project}_{key}"), place),
            });
        }
    }
}
