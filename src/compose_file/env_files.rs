//! Env files of a project: each is parsed once for all who take it in, as long as what its values ask for is the same.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::compose_file::dotenv;
use crate::compose_file::fault::{Fault, Read};
use crate::compose_file::load::{Environment, Loader};
use crate::compose_file::map::Map;
use crate::compose_file::node::{Node, Place};
use crate::finding::quoted;

/// What is known of env files that were parsed.
pub(super) struct EnvFiles {
    /// By the number of the file.
    parsed: HashMap<u32, Parsed>,
    /// Those of the form `raw`.
    raw: HashMap<u32, Arc<Map>>,
    /// How many bytes the values of further ones may have.
    left: usize,
}

/// An env file's variables, which are the same again wherever these names mean the same.
struct Parsed {
    variables: Arc<Map>,
    /// What was looked up outside of the file, with what was found.
    asked: BTreeMap<String, Option<String>>,
}

impl Default for EnvFiles {
    fn default() -> EnvFiles {
        EnvFiles {
            parsed: HashMap::new(),
            raw: HashMap::new(),
            left: dotenv::MOST_BYTES,
        }
    }
}

impl Loader<'_> {
    /// An environment with the variables of an env file behind those that are known; unchanged if there is none.
    pub(super) fn with_env_file(
        &mut self,
        environment: &Environment,
        path: &str,
        named_at: Option<Place>,
    ) -> Read<Option<Environment>> {
        let Some(variables) = self.env_file(environment, path, named_at, &|_| None)? else {
            return Ok(None);
        };
        let mut environment = environment.clone();
        environment
            .layers
            .push(Arc::new(texts(&variables).collect()));
        Ok(Some(environment))
    }

    /// An environment with the variables of env files behind those that are known; a later file over those before it.
    pub(super) fn with_env_files(
        &mut self,
        environment: &Environment,
        paths: &[(String, Option<Place>)],
    ) -> Read<Environment> {
        let mut variables = BTreeMap::new();
        for (path, named_at) in paths {
            let before = |name: &str| variables.get(name).cloned();
            let Some(said) = self.env_file(environment, path, *named_at, &before)? else {
                let message = format!("there is no env file {}", quoted(path));
                return Err(match *named_at {
                    Some(place) => Fault::at(place, message),
                    None => Fault::nowhere(message),
                });
            };
            variables.extend(texts(&said));
        }
        let mut environment = environment.clone();
        environment.layers.push(Arc::new(variables));
        Ok(environment)
    }

    /// What an env file says, with places; `None` if there is no such file.
    pub(super) fn env_file(
        &mut self,
        environment: &Environment,
        path: &str,
        named_at: Option<Place>,
        further: &dyn Fn(&str) -> Option<String>,
    ) -> Read<Option<Arc<Map>>> {
        let Some((text, file)) = self.text(path, named_at)? else {
            return Ok(None);
        };
        let world = &*self.world;
        let lookup = |name: &str| environment.get(world, name).or_else(|| further(name));
        let known = self.env_files.parsed.get(&file).filter(|known| {
            let mut asked = known.asked.iter();
            asked.all(|(name, found)| lookup(name) == *found)
        });
        if let Some(known) = known {
            return Ok(Some(known.variables.clone()));
        }
        let asked = RefCell::new(BTreeMap::new());
        let noted = |name: &str| {
            let found = lookup(name);
            asked.borrow_mut().insert(name.to_owned(), found.clone());
            found
        };
        let variables = dotenv::read(&text, &noted, &mut self.env_files.left)
            .map_err(|wrong| Fault::at(place_in(file, wrong.at..wrong.at + 1), wrong.message))?;
        let parsed = Parsed {
            variables: placed(file, variables),
            asked: asked.take(),
        };
        let variables = parsed.variables.clone();
        self.env_files.parsed.insert(file, parsed);
        Ok(Some(variables))
    }

    /// As `env_file`, with every value as it stands.
    pub(super) fn raw_env_file(
        &mut self,
        path: &str,
        named_at: Option<Place>,
    ) -> Read<Option<Arc<Map>>> {
        let Some((text, file)) = self.text(path, named_at)? else {
            return Ok(None);
        };
        let read = || placed(file, dotenv::read_raw(&text));
        let variables = self.env_files.raw.entry(file).or_insert_with(read);
        Ok(Some(variables.clone()))
    }
}

fn placed(file: u32, variables: dotenv::Variables) -> Arc<Map> {
    let variables = variables.into_iter();
    let placed = variables.map(|(name, (value, bytes))| {
        let value = Node::of_text(value, place_in(file, bytes));
        (name.into(), value)
    });
    Arc::new(placed.collect())
}

/// Names with values.
fn texts(variables: &Map) -> impl Iterator<Item = (String, String)> {
    let text = |node: &Node| node.text().map(str::to_owned);
    let variables = variables.iter();
    variables.filter_map(move |(name, node)| Some((name.to_string(), text(node)?)))
}

fn place_in(file: u32, bytes: std::ops::Range<usize>) -> Place {
    let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Place {
        file,
        start: byte(bytes.start),
        end: byte(bytes.end),
    }
}
