//! Credentials in an output folder: those that are known, new ones, others in their place, and earlier ones.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::generate::env_file::{self, Unread};
use crate::generate::merge::{Base, line_hash};
use crate::generate::secret_file::{previous_path, secrets_path, without_advice};
use crate::generate::{Audience, draw};
use crate::model::EnvironmentName;
use crate::project::ProjectError;
use crate::project::on_hosts::{find_on_hosts, folders};
use crate::project::output::{ChangeKind, FileChange, Output};
use crate::settings::{SecretId, SecretNeed, SecretOrigin, SecretValues};

/// What stands above the values that credentials had before.
const PREVIOUS_HEADER: &str = "\
# Values that credentials of this environment had before, the newest last. Holds secrets: do not commit it.
# A service that has data keeps its old credential until it is changed there; until then the old one is here.
# `backstay secrets rotate --forget` takes away what is no longer needed.
";

impl Output {
    /// The credentials that are known, with new ones for those that Backstay makes. `taken` are those that
    /// come from elsewhere.
    pub fn secrets(
        &self,
        needs: &[SecretNeed],
        taken: &SecretValues,
    ) -> Result<SecretValues, ProjectError> {
        let mut values = SecretValues::new();
        let environments: BTreeSet<&EnvironmentName> =
            needs.iter().map(|need| &need.id.environment).collect();
        for environment in environments {
            let kept = self.kept(environment)?;
            let is_here = |need: &&SecretNeed| need.id.environment == *environment;
            for need in needs.iter().filter(is_here) {
                let value = match &need.origin {
                    SecretOrigin::Taken(_) => taken.get(&need.id).cloned().unwrap_or_default(),
                    _ => match self
                        .replaced
                        .get(&need.id)
                        .or(kept.get(&need.id.variable()))
                    {
                        Some(value) => value.clone(),
                        None => self.found_or_new(need)?,
                    },
                };
                values.insert(need.id.clone(), value);
            }
            let here: Vec<&SecretNeed> = needs.iter().filter(is_here).collect();
            self.draw_as_elsewhere(environment, &here, &mut values)?;
        }
        Ok(values)
    }

    /// Draws what opens the own containers of a new environment, where another environment shows who else says it:
    /// all that have one value there get one here. What the file has a line for is its owner's to fill in.
    fn draw_as_elsewhere(
        &self,
        environment: &EnvironmentName,
        needs: &[&SecretNeed],
        values: &mut SecretValues,
    ) -> Result<(), ProjectError> {
        let waits = |need: &SecretNeed, values: &SecretValues| {
            need.origin == SecretOrigin::Given && values.get(&need.id).is_some_and(String::is_empty)
        };
        let opening = |need: &&&SecretNeed| need.opens_own && need.in_container;
        if !needs.iter().filter(opening).any(|need| waits(need, values)) {
            return Ok(());
        }
        let listed = self.listed(environment)?;
        let elsewhere = self.kept_elsewhere(environment);
        for need in needs.iter().filter(opening) {
            let variable = need.id.variable();
            let there = elsewhere.iter().find(|kept| kept.contains_key(&variable));
            let Some(there) = there.filter(|_| waits(need, values) && !listed.contains(&variable))
            else {
                continue;
            };
            let is_alike = |other: &&&SecretNeed| {
                let value = there.get(&other.id.variable());
                is_called_a_credential(&other.id.name) && value == there.get(&variable)
            };
            let alike: Vec<&&SecretNeed> = needs.iter().filter(is_alike).collect();
            let mut known = alike.iter().filter_map(|other| values.get(&other.id));
            let known = known.find(|value| !value.is_empty()).cloned();
            let value = match known {
                Some(known) => known,
                None => self.drawn(need)?,
            };
            for other in alike {
                if waits(other, values) {
                    values.insert(other.id.clone(), value.clone());
                }
            }
        }
        Ok(())
    }

    /// What the secrets files of other environments hold.
    fn kept_elsewhere(&self, environment: &EnvironmentName) -> Vec<BTreeMap<String, String>> {
        let folders = folders(&self.root).into_iter();
        let others = folders.filter_map(|name| EnvironmentName::new(&name).ok());
        let others = others.filter(|other| other != environment);
        others.filter_map(|other| self.kept(&other).ok()).collect()
    }

    /// Whether all credentials that Backstay makes are there already.
    pub fn keeps_all(&self, needs: &[SecretNeed]) -> Result<bool, ProjectError> {
        for need in needs.iter().filter(|need| need.is_kept()) {
            let kept = self.kept(&need.id.environment)?;
            if !kept.contains_key(&need.id.variable()) && need.origin != SecretOrigin::Given {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What an environment's secrets file holds, by variable; nothing that is empty.
    pub fn kept(
        &self,
        environment: &EnvironmentName,
    ) -> Result<BTreeMap<String, String>, ProjectError> {
        let text = self.read(&secrets_path(environment.as_str()))?;
        let text = text.unwrap_or_default();
        let entries = env_file::entries(&text).into_iter();
        let values = entries.filter_map(|entry| Some((entry.key?.to_owned(), entry.value())));
        // Of a key that stands there twice the last one counts, even if it is empty.
        let mut kept: BTreeMap<String, String> = values.collect();
        kept.retain(|_, value| !value.is_empty());
        Ok(kept)
    }

    /// The variables of an environment's secrets file, in the order of the file, those too that wait for a value.
    pub fn listed(&self, environment: &EnvironmentName) -> Result<Vec<String>, ProjectError> {
        self.variables_of(&secrets_path(environment.as_str()))
    }

    /// The variables whose earlier values are still kept, in the order of the file.
    pub fn earlier(&self, environment: &EnvironmentName) -> Result<Vec<String>, ProjectError> {
        self.variables_of(&previous_path(environment.as_str()))
    }

    fn variables_of(&self, path: &str) -> Result<Vec<String>, ProjectError> {
        let text = self.read(path)?.unwrap_or_default();
        let keys = env_file::entries(&text).into_iter();
        Ok(keys
            .filter_map(|entry| entry.key.map(str::to_owned))
            .collect())
    }

    /// The lines of these environments' files of credentials that nothing reads, each with its file. What cannot
    /// be read at all is a fault of whoever needs it.
    pub fn unread(&self, environments: &[EnvironmentName]) -> Vec<(PathBuf, Unread)> {
        let names = environments.iter().map(EnvironmentName::as_str);
        let paths = names.flat_map(|name| [secrets_path(name), previous_path(name)]);
        let unread = paths.flat_map(|path| {
            let text = self.read(&path).ok().flatten().unwrap_or_default();
            let unread = env_file::unread(&text).into_iter();
            let path = self.root.join(path);
            unread.map(move |unread| (path.clone(), unread))
        });
        unread.collect()
    }

    /// A new value for a credential, from the system's random source.
    pub fn drawn(&self, need: &SecretNeed) -> Result<String, ProjectError> {
        draw(&need.rule, getrandom::fill).map_err(|error| {
            let fault = format!("cannot get new credentials: {error}");
            ProjectError::unusable(
                &self.root,
                fault,
                "the system's random source does not answer",
            )
        })
    }

    /// The environments that are not among `known`, but whose credentials are kept here, by name.
    pub fn abandoned(&self, known: &[EnvironmentName]) -> Vec<EnvironmentName> {
        // What cannot be read is a fault only where it is asked for by its name.
        let keeps = |name: &EnvironmentName| self.kept(name).is_ok_and(|kept| !kept.is_empty());
        let folders = folders(&self.root).into_iter();
        let named = folders.filter_map(|name| EnvironmentName::new(&name).ok());
        let named = named.filter(|name| !known.contains(name));
        named.filter(keeps).collect()
    }

    /// Those of `needs` that are kept under the name of another environment, with their values there.
    pub fn kept_as(
        &self,
        other: &EnvironmentName,
        needs: &[SecretNeed],
    ) -> Result<SecretValues, ProjectError> {
        let kept = self.kept(other)?;
        let kept = needs
            .iter()
            .filter(|need| need.is_kept())
            .filter_map(|need| {
                let value = kept.get(&need.id.variable())?;
                Some((need.id.clone(), value.clone()))
            });
        Ok(kept.collect())
    }

    /// Whether nothing is known yet of any of these credentials, so that all of them would be drawn.
    pub fn is_new(&self, needs: &[SecretNeed]) -> Result<bool, ProjectError> {
        for need in needs {
            let kept = self.kept(&need.id.environment)?;
            let is_kept = kept.contains_key(&need.id.variable());
            if is_kept || find_on_hosts(&self.root, &need.id).is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The change that takes variables out of an environment's secrets file; without any left it goes.
    pub fn without_variables(
        &self,
        environment: &EnvironmentName,
        variables: &BTreeSet<String>,
    ) -> Result<Option<FileChange>, ProjectError> {
        let path = secrets_path(environment.as_str());
        let Some(old) = self.read(&path)? else {
            return Ok(None);
        };
        let mut new = String::new();
        let mut is_empty = true;
        for (nth, entry) in env_file::entries(&old).iter().enumerate() {
            if entry.key.is_some_and(|key| variables.contains(key)) {
                // What stands above the first comment is about the whole file.
                let whole = entry.lead.split_once("\n\n").filter(|_| nth == 0);
                new.push_str(&whole.map_or(String::new(), |(whole, _)| format!("{whole}\n")));
                continue;
            }
            is_empty &= entry.key.is_none_or(|_| entry.value().is_empty());
            new.push_str(entry.lead);
            new.push_str(entry.assignment);
        }
        Ok(match is_empty {
            true => Some(plain_change(path, ChangeKind::Remove, old, String::new())),
            false if new == old => None,
            false => Some(plain_change(path, ChangeKind::Update, old, new)),
        })
    }

    /// From now on these credentials have these values in place of those in the files, which are kept
    /// beside them as earlier ones.
    pub fn replace(&mut self, values: SecretValues) {
        self.replaced = values;
    }

    /// The change that forgets earlier values of an environment: those of `variables`, or all.
    pub fn forgotten(
        &self,
        environment: &EnvironmentName,
        variables: Option<&[String]>,
    ) -> Result<Option<FileChange>, ProjectError> {
        let path = previous_path(environment.as_str());
        let Some(old) = self.read(&path)? else {
            return Ok(None);
        };
        let goes = |key: &str| variables.is_none_or(|named| named.iter().any(|name| name == key));
        let entries = env_file::entries(&old);
        let mut new = String::new();
        let mut is_empty = true;
        for entry in &entries {
            // What stands above a value belongs to it, but for the header.
            let header = entry
                .lead
                .strip_prefix(PREVIOUS_HEADER)
                .map(|_| PREVIOUS_HEADER);
            if entry.key.is_some_and(goes) {
                new.push_str(header.unwrap_or_default());
                continue;
            }
            is_empty &= entry.key.is_none();
            new.push_str(entry.lead);
            new.push_str(entry.assignment);
        }
        let kind = match (is_empty, old == new) {
            (true, _) => ChangeKind::Remove,
            (false, true) => return Ok(None),
            (false, false) => ChangeKind::Update,
        };
        Ok(Some(plain_change(path, kind, old, new)))
    }

    /// A credential that only a host's own files still hold, or a new one, or nothing to be filled in.
    fn found_or_new(&self, need: &SecretNeed) -> Result<String, ProjectError> {
        if let Some(found) = find_on_hosts(&self.root, &need.id) {
            return Ok(found);
        }
        match need.origin {
            SecretOrigin::Generated => self.drawn(need),
            SecretOrigin::Given | SecretOrigin::Taken(_) => Ok(String::new()),
        }
    }

    /// The variables of a secrets file that get another value.
    pub(super) fn replaced_in(&self, path: &str) -> BTreeSet<String> {
        let ids = self.replaced.keys();
        ids.filter(|id| secrets_path(id.environment.as_str()) == path)
            .map(SecretId::variable)
            .collect()
    }

    /// The files that keep what is replaced, with what they kept before.
    pub(super) fn previous_values(&self) -> Result<Vec<FileChange>, ProjectError> {
        let environments: BTreeSet<&EnvironmentName> =
            self.replaced.keys().map(|id| &id.environment).collect();
        let mut changes = Vec::new();
        for environment in environments {
            let path = previous_path(environment.as_str());
            let old = self.read(&path)?;
            let kept = self.kept(environment)?;
            let mut new = match &old {
                Some(old) if old.is_empty() || old.ends_with('\n') => old.clone(),
                Some(old) => format!("{old}\n"),
                None => PREVIOUS_HEADER.to_owned(),
            };
            let before = new.len();
            for (id, value) in self
                .replaced
                .iter()
                .filter(|(id, _)| id.environment == *environment)
            {
                let variable = id.variable();
                let earlier = kept.get(&variable).filter(|earlier| *earlier != value);
                let Some((written, _)) = earlier.and_then(|earlier| env_file::encode(earlier))
                else {
                    continue;
                };
                new.push_str(&format!("\n# {}\n{variable}={written}\n", id.said()));
            }
            if new.len() > before {
                let kind = match old {
                    Some(_) => ChangeKind::Update,
                    None => ChangeKind::Create,
                };
                changes.push(plain_change(path, kind, old.unwrap_or_default(), new));
            }
        }
        Ok(changes)
    }
}

/// Parts of names of credentials. What a user or a database is called may be the same as its password.
const CALLED: [&str; 8] = [
    "AUTH",
    "KEY",
    "PASS",
    "PASSPHRASE",
    "PASSWD",
    "PASSWORD",
    "PW",
    "SECRET",
];

/// Whether a credential is called one, and not what may be in one file with it.
fn is_called_a_credential(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    CALLED.iter().any(|word| upper.ends_with(word))
}

/// A change of a file that nothing is merged into.
fn plain_change(path: String, kind: ChangeKind, old: String, new: String) -> FileChange {
    FileChange {
        path,
        kind,
        old,
        new,
        audience: Audience::Owner,
        conflicts: Vec::new(),
        generated: String::new(),
        forced: String::new(),
    }
}

/// The lines of a secrets file that Backstay may change: those that wait for a value, those of `replaced`
/// variables, and headings that are old.
pub(super) fn changeable_lines(
    disk: &str,
    replaced: &BTreeSet<String>,
    is_old: impl Fn(&str) -> bool,
) -> Base {
    let entries = env_file::entries(disk);
    let lines = entries.iter().flat_map(|entry| {
        let key = entry.key;
        let is_changeable =
            key.is_some_and(|key| replaced.contains(key) || entry.value().is_empty());
        let heading = entry.lead.lines().filter(|line| is_old(line));
        let assignment = entry.assignment.lines().filter(move |_| is_changeable);
        heading.chain(assignment)
    });
    Some(lines.map(line_hash).collect())
}

/// Whether a line stood above the credentials of a service that is another kind now, or run by others, and has
/// another heading in `new`: `# db: PostgreSQL`.
pub(super) fn is_old_heading(line: &str, new: &str, is_title: impl Fn(&str) -> bool) -> bool {
    let Some((service, title)) = line.strip_prefix("# ").and_then(|it| it.split_once(": ")) else {
        return false;
    };
    let begin = format!("# {service}: ");
    let mut headings = new.lines().filter(|new| new.starts_with(&begin)).peekable();
    let title = without_advice(title);
    headings.peek().is_some() && headings.all(|new| new != line) && is_title(title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_behind_nothing_leaves_the_line_empty() {
        let text = "A= # ask Bob\nB=#1\nC=''\nD=x\nE=y\n";
        let base = changeable_lines(text, &BTreeSet::from(["E".to_owned()]), |_| false);
        let lines = ["A= # ask Bob", "C=''", "E=y"].map(line_hash);
        assert_eq!(base, Some(lines.to_vec()));
    }
}
