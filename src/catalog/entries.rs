//! Catalog files by id, each parsed when it is first asked for.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use serde::de::DeserializeOwned;

use crate::catalog::kind::Part;
use crate::catalog::mistakes::mistakes;
use crate::catalog::{CatalogFile, Dialect, Hosting, Kind, Stack};
use crate::finding::{printable, printable_or_break};
use crate::model::{Choice, Service, Tier, VariableName};
use crate::secret_shape::{Hidden, credentials_in};

/// A catalog file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the catalog file `{file}` cannot be used:{message}")]
pub struct CatalogError {
    /// Where the file is.
    pub file: String,
    /// What is wrong with it: each mistake in a line of its own, with its place.
    pub message: String,
}

/// Something that a catalog file declares.
pub(super) trait Entry: DeserializeOwned {
    /// Tells it its own id and checks what types cannot; the fault if there is one.
    fn finish(&mut self, id: &str) -> Result<(), String>;
}

/// Files by id.
pub(super) struct Entries<T> {
    files: BTreeMap<Cow<'static, str>, CatalogEntry<T>>,
}

/// A file's text, and what it says once somebody has asked.
struct CatalogEntry<T> {
    text: Cow<'static, str>,
    parsed: OnceLock<Arc<T>>,
}

impl<T: Entry> Entries<T> {
    pub(super) fn embedded(list: &'static [(&'static str, &'static str)]) -> Entries<T> {
        let file = |(id, text): &(&'static str, &'static str)| {
            let entry = CatalogEntry {
                text: Cow::Borrowed(*text),
                parsed: OnceLock::new(),
            };
            (Cow::Borrowed(*id), entry)
        };
        Entries {
            files: list.iter().map(file).collect(),
        }
    }

    pub(super) fn add(&mut self, file: &CatalogFile) -> Result<(), CatalogError> {
        let unusable = |message: String| CatalogError {
            file: file.place.clone(),
            message,
        };
        let parsed = parse::<T>(&file.id, &file.text).map_err(unusable)?;
        check_texts(&file.text).map_err(unusable)?;
        let entry = CatalogEntry {
            text: Cow::Owned(file.text.clone()),
            parsed: OnceLock::from(Arc::new(parsed)),
        };
        self.files.insert(Cow::Owned(file.id.clone()), entry);
        Ok(())
    }

    pub(super) fn find(&self, id: &str) -> Option<Arc<T>> {
        let (id, entry) = self.files.get_key_value(id)?;
        Some(Self::parsed(id, entry))
    }

    pub(super) fn all(&self) -> impl Iterator<Item = Arc<T>> {
        self.files.iter().map(|(id, entry)| Self::parsed(id, entry))
    }

    /// Those that may say one of these texts under one of these keys, in the order of their ids: whose file holds it
    /// in quotes behind the key, in one line, as every embedded one does, or that are parsed anyway. The others are
    /// not parsed.
    pub(super) fn saying(&self, keys: &[&str], texts: &[String]) -> impl Iterator<Item = Arc<T>> {
        let says = |entry: &CatalogEntry<T>| {
            let mut texts = texts.iter();
            texts.any(|text| says_under(&entry.text, keys, text))
        };
        let files = self.files.iter();
        files
            .filter(move |(_, entry)| entry.parsed.get().is_some() || says(entry))
            .map(|(id, entry)| Self::parsed(id, entry))
    }

    #[cfg(test)]
    pub(super) fn parsed_ids(&self) -> Vec<&str> {
        let files = self.files.iter();
        let parsed = files.filter(|(_, entry)| entry.parsed.get().is_some());
        parsed.map(|(id, _)| &**id).collect()
    }

    fn parsed(id: &str, entry: &CatalogEntry<T>) -> Arc<T> {
        let parse = || {
            let parsed = parse(id, &entry.text);
            Arc::new(parsed.expect("embedded files are checked by a test, added ones when added"))
        };
        entry.parsed.get_or_init(parse).clone()
    }
}

/// Whether a text stands in a line that begins with one of these keys.
fn says_under(file: &str, keys: &[&str], text: &str) -> bool {
    // Whether it is there at all is found out much sooner than where.
    let places = file.contains(text).then(|| file.match_indices(text));
    places.into_iter().flatten().any(|(at, _)| {
        let line = file[..at].rfind('\n').map_or(0, |end| end + 1);
        let line = &file[line..];
        keys.iter().any(|key| {
            let rest = line.strip_prefix(key);
            rest.is_some_and(|rest| rest.starts_with(" = "))
        })
    })
}

/// Reads a catalog file, or says what is wrong with it.
pub(super) fn parse<T: Entry>(id: &str, text: &str) -> Result<T, String> {
    let mut entry: T = toml::from_str(text).map_err(|first| all_mistakes::<T>(text, &first))?;
    entry.finish(id).map_err(|fault| format!("\n  {fault}"))?;
    Ok(entry)
}

/// Every mistake in a line of its own; what was found first where no more can be told.
fn all_mistakes<T: Entry>(text: &str, first: &toml::de::Error) -> String {
    let mistakes = mistakes::<T>(text);
    let shown = match mistakes.is_empty() {
        // With its place it would show the line.
        true => format!("\n  {}", first.message()),
        false => {
            let lines = mistakes.iter().map(|mistake| format!("\n  {mistake}"));
            lines.collect::<String>()
        }
    };
    let hidden = Hidden::of(text, &credentials_in(text), |_| true);
    let shown = hidden.out_of(&shown);
    shown.chars().flat_map(printable_or_break).collect()
}

/// Refuses control characters: the texts of a catalog file go to terminals and into files as they are.
fn check_texts(text: &str) -> Result<(), String> {
    let table: toml::Table = toml::from_str(text).map_err(|wrong| wrong.message().to_owned())?;
    match table
        .iter()
        .any(|(key, value)| has_control(key) || value_has_control(value))
    {
        true => Err("\n  its texts hold control characters".to_owned()),
        false => Ok(()),
    }
}

fn value_has_control(value: &toml::Value) -> bool {
    match value {
        toml::Value::String(text) => has_control(text),
        toml::Value::Array(items) => items.iter().any(value_has_control),
        toml::Value::Table(table) => table
            .iter()
            .any(|(key, value)| has_control(key) || value_has_control(value)),
        _ => false,
    }
}

fn has_control(text: &str) -> bool {
    text.chars()
        .any(|c| c != '\n' && c != '\t' && printable(c).ne([c]))
}

impl Entry for Kind {
    fn finish(&mut self, id: &str) -> Result<(), String> {
        self.id = id.to_owned();
        // The application's own file describes no service, so nothing of Backstay's runs it.
        let is_service = !self.roles.is_empty();
        match (self.hosting, self.image.is_some(), self.container.is_some()) {
            (Hosting::SelfHosted, true, true) => {}
            (Hosting::CloudOnly | Hosting::ClusterOnly, false, false) => {}
            (Hosting::SelfHosted, ..) if !is_service => {}
            (Hosting::SelfHosted, ..) => {
                return Err("a self-hosted kind needs an `[image]` and a `[container]`".to_owned());
            }
            (Hosting::CloudOnly | Hosting::ClusterOnly, ..) => {
                return Err(
                    "only a self-hosted kind has an `[image]` and a `[container]`".to_owned(),
                );
            }
        }
        if self.is_cloud_only() && self.endpoint.is_none() {
            return Err("a cloud-only kind says its provider's `[endpoint]`".to_owned());
        }
        if self.stand_in.is_some() && self.runs_on_machines() {
            return Err("a kind that runs on a machine needs no `stand-in`".to_owned());
        }
        let mut parts = self.parts.iter();
        let is_unsayable =
            |part: &str, rule: &Part| rule.provider_chooses && !Service::PARTS.contains(&part);
        if let Some((part, _)) = parts.find(|(part, rule)| is_unsayable(part, rule)) {
            return Err(format!(
                "the part `{part}` is `provider-chooses`, but no plan can say it; plans say {}",
                Service::PARTS.join(", ")
            ));
        }
        for (name, rule) in &self.secrets {
            let ways = [
                ("permanent", rule.permanent.is_some()),
                ("read-at-start", rule.read_at_start),
                ("renewal", rule.renewal.is_some()),
                ("rotation", rule.rotation.is_some()),
            ];
            let mut said = ways.iter().filter(|(_, is_said)| *is_said);
            if let (Some((first, _)), Some((second, _))) = (said.next(), said.next()) {
                return Err(format!(
                    "the credential `{name}` says both `{first}` and `{second}`, and one of them is enough"
                ));
            }
        }
        if self.ports.is_empty() {
            return Err("`ports` is empty; the port for clients comes first".to_owned());
        }
        Ok(())
    }
}

impl Entry for Dialect {
    fn finish(&mut self, id: &str) -> Result<(), String> {
        self.id = id.to_owned();
        if let Some(unknown) = self.tiers.keys().find(|tier| Tier::find(tier).is_none()) {
            return Err(format!("`{unknown}` in `[tiers]` is not a tier"));
        }
        let spellings = self.protocols.values();
        let mut names = spellings.flat_map(|spelling| {
            let usual = spelling.usual.iter().flat_map(|usual| usual.keys());
            usual.chain(spelling.named.keys())
        });
        let wrong = names.find(|name| {
            let filled = name.replace("{{ use }}", "a").replace("{{ prefix }}", "A");
            VariableName::new(&filled).is_err()
        });
        match wrong {
            Some(name) => Err(format!(
                "`{name}` makes no variable; a name may hold letters, digits, `_`, `{{{{ use }}}}` and `{{{{ prefix }}}}`"
            )),
            None => Ok(()),
        }
    }
}

impl Entry for Stack {
    fn finish(&mut self, id: &str) -> Result<(), String> {
        self.id = id.to_owned();
        self.problem().map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_provider_chooses_can_be_said() {
        let cassandra = include_str!("../../templates/services/cassandra.toml");
        let line = "datacenter = { default = \"datacenter1\" }";
        assert!(cassandra.contains(line), "it is said there");
        let text = line.replace(" }", ", provider-chooses = true }");
        let error = parse::<Kind>("cassandra", &cassandra.replace(line, &text));
        let error = error.expect_err("nobody could say it");
        assert!(error.contains("no plan can say it"), "{error}");
    }

    #[test]
    fn a_credential_is_changed_in_one_way() {
        let postgres = include_str!("../../templates/services/postgres.toml");
        let line = "[secrets.password]\nlength = 32\n";
        for (more, second) in [
            ("read-at-start = true", "`read-at-start` and `rotation`"),
            ("renewal = \"draw\"", "`renewal` and `rotation`"),
            ("permanent = \"it stays\"", "`permanent` and `rotation`"),
        ] {
            assert!(postgres.contains(line), "it is said there");
            let text = postgres.replace(line, &format!("{line}{more}\n"));
            let error = parse::<Kind>("postgres", &text).expect_err("two ways");
            assert!(error.contains(second), "{error}");
        }
    }
}
