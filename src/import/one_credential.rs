//! Which credentials of an environment are one: whoever gives it another value gives it to all that carry it.

use std::collections::{BTreeMap, HashMap};

use crate::compose_file::{Place, Reading};
use crate::import::draft::{Credential, Draft, Sort};
use crate::import::kinds::Recognised;
use crate::import::uses::Uses;
use crate::secret_shape::passwords_in;

/// A credential with all that carries it.
#[derive(Clone, Debug, PartialEq)]
pub struct OneCredential {
    /// The components that have it alone in a variable, by variable.
    pub alone: BTreeMap<String, Vec<String>>,
    /// Those that have it within a longer value.
    pub within: BTreeMap<String, Vec<String>>,
    /// The service that it is made for; else the first that carries it.
    pub owner: String,
    /// Where it was found first.
    pub place: Place,
}

impl OneCredential {
    /// How many variables carry it.
    pub fn n_carriers(&self) -> usize {
        let carriers = self.alone.values().chain(self.within.values());
        carriers.map(Vec::len).sum()
    }

    /// `POSTGRES_PASSWORD of db = DB_PASSWORD of web, worker, and within DATABASE_URL of jobs`, where `few` makes a list
    /// of names.
    pub fn said(&self, few: impl Fn(&[String]) -> String) -> String {
        let all = |of: &BTreeMap<String, Vec<String>>, between: &str| {
            // That of its owner says what it is.
            let mut of: Vec<(&String, &Vec<String>)> = of.iter().collect();
            of.sort_by_key(|(_, components)| !components.contains(&self.owner));
            let said = of.iter();
            let said = said.map(|(variable, components)| {
                let mut components = (*components).clone();
                components.sort_by_key(|component| *component != self.owner);
                format!("{variable} of {}", few(&components))
            });
            said.collect::<Vec<String>>().join(between)
        };
        let alone = all(&self.alone, " = ");
        match self.within.is_empty() {
            true => alone,
            false => format!("{alone}, and within {}", all(&self.within, ", ")),
        }
    }
}

/// A credential of a draft, by their numbers.
type At = (usize, usize);

/// The credentials of the drafts of a reading.
pub(super) fn of(
    drafts: &[Draft<'_>],
    reading: &Reading,
    uses: &Uses,
    recognised: &BTreeMap<&str, Recognised>,
) -> Vec<OneCredential> {
    if drafts.iter().all(|draft| draft.credentials.is_empty()) {
        return Vec::new();
    }
    let by_service = drafts.iter().enumerate();
    let mut carriers: HashMap<Place, usize> = HashMap::new();
    for credential in drafts.iter().flat_map(|draft| &draft.credentials) {
        *carriers.entry(credential.place).or_default() += 1;
    }
    let found = Found {
        carriers,
        by_service: by_service.map(|(at, it)| (it.service, at)).collect(),
        drafts,
        uses,
        recognised,
    };
    let mut groups = found.of_one_source(reading);
    let mut group_of: HashMap<At, usize> = HashMap::new();
    for (number, group) in groups.iter().enumerate() {
        group_of.extend(group.iter().map(|at| (*at, number)));
    }
    for number in 0..groups.len() {
        if let Some(other) = found.given_to(&groups[number], &group_of) {
            let moved = std::mem::take(&mut groups[number]);
            group_of.extend(moved.iter().map(|at| (*at, other)));
            groups[other].extend(moved);
        }
    }
    let mut within: BTreeMap<usize, Vec<At>> = BTreeMap::new();
    for group in &mut groups {
        group.retain(|at| match found.held_by(*at) {
            Some(other) => {
                within.entry(group_of[&other]).or_default().push(*at);
                false
            }
            None => true,
        });
    }
    let groups = groups.iter().enumerate();
    let groups = groups.filter(|(_, group)| !group.is_empty());
    let one = |(number, group): (usize, &Vec<At>)| {
        let within = within.get(&number).map_or(&[][..], Vec::as_slice);
        found.one(group, within)
    };
    groups.map(one).collect()
}

struct Found<'a, 'd> {
    drafts: &'d [Draft<'a>],
    by_service: HashMap<&'d str, usize>,
    /// How many credentials are written at one place, as those of a shared file are.
    carriers: HashMap<Place, usize>,
    uses: &'d Uses,
    recognised: &'d BTreeMap<&'d str, Recognised>,
}

impl<'a, 'd> Found<'a, 'd> {
    fn credential(&self, (draft, credential): At) -> &'d Credential {
        &self.drafts[draft].credentials[credential]
    }

    fn all(&self) -> impl Iterator<Item = At> {
        let drafts = self.drafts.iter().enumerate();
        drafts.flat_map(|(at, draft)| (0..draft.credentials.len()).map(move |it| (at, it)))
    }

    /// The credentials that come from one variable together, those that apps have under one name, and those that are
    /// written at one place.
    fn of_one_source(&self, reading: &Reading) -> Vec<Vec<At>> {
        let mut groups: Vec<Vec<At>> = Vec::new();
        let mut numbers: HashMap<(Option<&str>, Place, &str), usize> = HashMap::new();
        for at in self.all() {
            let Credential {
                variable,
                value,
                place,
                ..
            } = self.credential(at);
            let source = match reading.of_variable.get(place) {
                Some(source) => (Some(source.as_str()), Place::default(), value.as_str()),
                // Two services may be opened alike by chance.
                None if self.is_own(at) => (None, *place, value.as_str()),
                None => (Some(variable.as_str()), Place::default(), value.as_str()),
            };
            let number = *numbers.entry(source).or_insert(groups.len());
            if number == groups.len() {
                groups.push(Vec::new());
            }
            groups[number].push(at);
        }
        groups
    }

    /// Whether a credential is one that its service is opened with: it may have those of others too, by a shared file.
    fn is_own(&self, at: At) -> bool {
        let draft = &self.drafts[at.0];
        let Credential {
            variable, place, ..
        } = self.credential(at);
        let kind = self.recognised.get(draft.service);
        let is_declared = || kind.is_some_and(|kind| kind.declares(variable));
        draft.sort == Sort::Service && (self.carriers[place] == 1 || is_declared())
    }

    /// The drafts of services that a draft uses, each with the variables that name it.
    fn used_by(&self, draft: usize) -> impl Iterator<Item = (usize, &'d [String])> {
        let uses: &'d Uses = self.uses;
        let edges = uses
            .edges
            .get(self.drafts[draft].service)
            .into_iter()
            .flatten();
        edges.filter_map(|(service, used)| {
            let at = *self.by_service.get(service.as_str())?;
            let is_backing = self.drafts[at].sort == Sort::Service;
            is_backing.then_some((at, used.variables.as_slice()))
        })
    }

    /// The credential of a service that those who use it have elsewhere, if it cannot be that of another service.
    fn given_to(&self, group: &[At], group_of: &HashMap<At, usize>) -> Option<usize> {
        if group.is_empty() || group.iter().any(|at| self.is_own(*at)) {
            return None;
        }
        let Credential {
            variable, value, ..
        } = self.credential(group[0]);
        let mut others: Vec<(usize, &str)> = Vec::new();
        for (draft, _) in group {
            for (used, _) in self.used_by(*draft) {
                let same = self.drafts[used].credentials.iter().enumerate();
                let same = same.filter(|(_, other)| other.value == *value);
                let same = same.map(|(it, _)| (used, it)).filter(|at| self.is_own(*at));
                others
                    .extend(same.map(|at| (group_of[&at], self.credential(at).variable.as_str())));
            }
        }
        others.sort_unstable();
        others.dedup_by_key(|(group, _)| *group);
        let first_word = |name: &str| name.split('_').next().map(str::to_owned);
        let is_alike = |(_, other): &&(usize, &str)| first_word(other) == first_word(variable);
        let mut alike = others.iter().filter(is_alike);
        match (&others[..], alike.next(), alike.next()) {
            ([(only, _)], ..) => Some(*only),
            // `POSTGRES_PASSWORD` is that of the one, `RABBITMQ_PASSWORD` of the other.
            (_, Some((other, _)), None) => Some(*other),
            _ => None,
        }
    }

    /// The credential of a service that stands within the address by which it is used.
    fn held_by(&self, at: At) -> Option<At> {
        let Credential {
            variable, value, ..
        } = self.credential(at);
        let named = self.used_by(at.0);
        let mut named = named.filter(|(_, variables)| variables.contains(variable));
        named.find_map(|(used, _)| {
            let others = self.drafts[used].credentials.len();
            let mut others = (0..others).map(|it| (used, it));
            others.find(|other| {
                let held = &self.credential(*other).value;
                let is_within = || passwords_in(value).any(|part| part == held);
                held != value && is_within() && self.is_own(*other)
            })
        })
    }

    fn one(&self, group: &[At], within: &[At]) -> OneCredential {
        let carriers = |all: &[At]| {
            let mut by_variable: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for at in all {
                let Credential {
                    component,
                    variable,
                    ..
                } = self.credential(*at);
                let of_it = by_variable.entry(variable.clone()).or_default();
                of_it.push(component.clone());
            }
            by_variable
        };
        let is_app = |at: &&At| self.drafts[at.0].sort == Sort::App;
        let owner = group.iter().find(|at| self.is_own(**at));
        let owner = owner
            .or_else(|| group.iter().find(is_app))
            .unwrap_or(&group[0]);
        let places = group.iter().chain(within);
        let places = places.map(|at| self.credential(*at).place);
        OneCredential {
            alone: carriers(group),
            within: carriers(within),
            owner: self.drafts[owner.0].name.clone(),
            place: places.min().unwrap_or_default(),
        }
    }
}

/// Says of each credential that several carry, at the component that it is made for, which they are.
pub(super) fn remark(drafts: &mut [Draft<'_>], all: &[OneCredential]) {
    let several = all.iter().filter(|one| one.n_carriers() > 1);
    let mut remarks: HashMap<&str, Vec<String>> = HashMap::new();
    for one in several {
        let said = one.said(|components| crate::finding::few(components, MOST_NAMED));
        let of_owner = remarks.entry(&one.owner).or_default();
        of_owner.push(format!("one credential: {said}"));
    }
    for draft in drafts {
        draft
            .remarks
            .extend(remarks.remove(draft.name.as_str()).into_iter().flatten());
    }
}

/// Most components that are named in a line of a plan.
const MOST_NAMED: usize = 6;
