//! What was read of compose files, with something else in the place of every credential.

use crate::catalog::Catalog;
use crate::compose_file::{Map, Node, Reading, Value};
use crate::import::container::texts;
use crate::import::kinds::Kinds;
use crate::import::secrets::Secrets;
use crate::import::words::{MOST, put};
use crate::model::secret_word;

/// Keys whose texts say what something is: a credential may be called the same.
const NAMES: &[&str] = &["container_name", "hostname", "image", "name", "source"];

/// The model of a project with `mask` wherever a plan of it would hold no text.
pub fn masked(reading: &Reading, catalog: &Catalog, mask: &str) -> Map {
    let recognised = super::recognised(reading, &Kinds::of(catalog));
    let masking = Masking {
        secrets: Secrets::of(std::iter::once((reading, &recognised))),
        mask,
    };
    let sections = reading.model.iter();
    sections
        .map(|(key, node)| (key.clone(), masking.node(key, node)))
        .collect()
}

struct Masking<'m> {
    secrets: Secrets,
    mask: &'m str,
}

impl Masking<'_> {
    fn node(&self, key: &str, node: &Node) -> Node {
        let value = match &node.value {
            Value::Text(text) if self.is_hidden(key, text) => Value::Text(self.mask.into()),
            Value::Whole(_) | Value::Decimal(_) if self.is_hidden(key, &node.value.to_string()) => {
                Value::Text(self.mask.into())
            }
            Value::Map(map) => {
                let pairs = map.iter();
                let pairs = pairs.map(|(key, node)| (key.clone(), self.node(key, node)));
                Value::Map(pairs.collect())
            }
            Value::List(list) if list.iter().all(|node| node.text().is_some()) => {
                let words = masked_words(&self.secrets, &texts(list), self.mask);
                let nodes = words.into_iter().zip(list);
                let nodes = nodes.map(|(word, node)| Node::of_text(word, node.place));
                Value::List(nodes.collect())
            }
            Value::List(list) => Value::List(list.iter().map(|it| self.node("", it)).collect()),
            other => other.clone(),
        };
        Node::new(value, node.place)
    }

    fn is_hidden(&self, key: &str, text: &str) -> bool {
        match NAMES.contains(&key) {
            true => crate::secret_shape::looks_secret(key, text),
            false => self.secrets.is_in(key, text),
        }
    }
}

/// Words with `mask` in the place of every credential; all of them, if what makes them one cannot be told.
fn masked_words(secrets: &Secrets, words: &[String], mask: &str) -> Vec<String> {
    // A name is no credential to whoever looks for the next one, as a mask behind an option would be.
    const NAME: &str = "x";
    let mut words = words.to_vec();
    let mut placed: Vec<String> = Vec::new();
    for _ in 0..MOST {
        let all: Vec<&str> = placed.iter().map(String::as_str).collect();
        if !secrets.stand_in_words(&words, &all) {
            let shown = words
                .iter()
                .map(|word| word.replace(&secret_word(NAME), mask));
            return shown.collect();
        }
        let Some(spot) = secrets.first_in_words(&words, &all) else {
            break;
        };
        placed.push(spot.text(&words).to_owned());
        put(&spot, &mut words, NAME);
    }
    words.iter().map(|_| mask.to_owned()).collect()
}
