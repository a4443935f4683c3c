//! What is told of an import: first what the plan does not keep, then everything else.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::cli::imported::Read;
use crate::finding::{counted, few, printed};
use crate::import::{FilledIn, Imported, Left, OneCredential, Outcome};
use crate::report::compose::Places;

/// What is told of an import, in lines.
pub struct Told {
    /// What the plan is, and what it does not keep.
    pub first: String,
    /// What else was found, and what follows from it.
    pub rest: String,
}

/// Most things that are named where there are many.
const MOST_NAMED: usize = 3;

/// Most variables with their values in one line.
const MOST_FILLED: usize = 6;

/// What was found, and what was not kept.
pub fn told(imported: &Imported, all: &[Read]) -> Told {
    let mut told = Told {
        first: String::new(),
        rest: String::new(),
    };
    let project = all.first().map_or("", |read| read.reading.name.as_str());
    if project != imported.name {
        told.first.push_str(&format!(
            "the plan is called `{}`, because no plan can be called `{}`\n",
            imported.name,
            printed(project)
        ));
    }
    let is_one = all.len() == 1;
    for (outcome, read) in imported.environments.iter().zip(all) {
        let places = Places::of(&read.sources);
        let head = format!(
            "{}: {}, {}\n",
            outcome.environment,
            counted(outcome.apps, "app"),
            counted(outcome.services.len(), "service")
        );
        told.first.push_str(&head);
        let first = renamed(outcome).chain(unset(read, &places));
        told.first.extend(first.chain(not_kept(outcome, &places)));
        if !is_one {
            told.rest.push_str(&format!("{}:\n", outcome.environment));
        }
        told.rest.extend(kinds(outcome));
        told.rest.extend(taken_for_apps(outcome));
        told.rest.extend(closed(outcome));
        told.rest.extend(data_of_before(outcome));
        told.rest.extend(credentials(outcome, &places));
        told.rest.extend(filled_in(outcome, &places, is_one));
    }
    told.rest.push_str(
        "added to every container: limits for how many processes it has and how large its logs become\n",
    );
    told
}

/// The services whose names no component can have.
fn renamed(outcome: &Outcome) -> impl Iterator<Item = String> {
    let renamed = outcome.renamed.iter();
    renamed.map(|(before, now)| format!("  `{}` is called {now} in the plan\n", printed(before)))
}

/// The variables without a value, every one of them: one may be misspelt.
fn unset(read: &Read, places: &Places) -> Option<String> {
    let reading = &read.reading;
    let said = reading.unset.iter();
    let said = said.map(|(name, at)| format!("`{}` at {}", printed(name), places.said(*at)));
    let said: Vec<String> = said.collect();
    if said.is_empty() {
        return None;
    }
    let more = reading.lacks_env_file.as_ref();
    let more = more.map_or_else(String::new, |more| format!("  {}\n", printed(more)));
    let became = "which became nothing";
    Some(format!("  no value: {}, {became}\n{more}", said.join(", ")))
}

/// Things that are not kept for one reason, of one section of a service: `environment`.
type Group<'a> = (bool, &'a str, &'a str);

fn group_of(left: &Left) -> Group<'_> {
    let (section, _) = parts_of(&left.what);
    (left.service.is_some(), section, &left.why)
}

/// `environment` and `A` of `environment.A`.
fn parts_of(what: &str) -> (&str, Option<&str>) {
    let parts = what.split_once('.');
    parts.map_or((what, None), |(section, name)| (section, Some(name)))
}

/// What is not kept, where there is much for one reason in one line.
fn not_kept(outcome: &Outcome, places: &Places) -> Vec<String> {
    let mut groups: HashMap<Group<'_>, Vec<&Left>> = HashMap::new();
    for left in &outcome.left {
        groups.entry(group_of(left)).or_default().push(left);
    }
    let lines = outcome.left.iter().filter_map(|left| {
        let group = &groups[&group_of(left)];
        let said = || (places.said(left.place), printed(&left.why));
        if group.len() <= MOST_NAMED {
            let of = left.service.as_ref();
            let of = of.map_or_else(String::new, |service| format!("{service}."));
            let what = printed(&format!("{of}{}", left.what));
            let (place, why) = said();
            return Some(format!("  not kept: {what} at {place}, because {why}\n"));
        }
        let is_first = std::ptr::eq(group[0], left);
        is_first.then(|| {
            let (what, (place, why)) = (all_of(group), said());
            format!("  not kept: {what}, first at {place}, because {why}\n")
        })
    });
    lines.collect()
}

/// `web.environment.A, B, C and 2 more`, `devices of a, b, c and 4 more`
fn all_of(group: &[&Left]) -> String {
    let (section, _) = parts_of(&group[0].what);
    let names = group.iter().filter_map(|left| parts_of(&left.what).1);
    let names: BTreeSet<String> = names.map(str::to_owned).collect();
    let services = group.iter().filter_map(|left| left.service.clone());
    let services: BTreeSet<String> = services.collect();
    let some = |all: &BTreeSet<String>| {
        let all: Vec<String> = all.iter().cloned().collect();
        few(&all, MOST_NAMED)
    };
    let mut what = printed(section);
    if !names.is_empty() {
        what = format!("{what}.{}", some(&names));
    }
    match services.len() {
        0 => what,
        1 => format!("{}.{what}", some(&services)),
        _ => format!("{what} of {}", some(&services)),
    }
}

/// What the services are, and why, those that are so for one reason in one line.
fn kinds(outcome: &Outcome) -> Vec<String> {
    let mut of_reason: HashMap<&str, Vec<String>> = HashMap::new();
    for (name, why) in &outcome.services {
        of_reason.entry(why).or_default().push(name.clone());
    }
    let lines = outcome.services.iter().filter_map(|(name, why)| {
        let same = &of_reason[why.as_str()];
        match same.len() {
            ..=MOST_NAMED => Some(format!("  {name} is {why}\n")),
            _ if same[0] == *name => Some(format!("  {} are {why}\n", few(same, MOST_NAMED))),
            _ => None,
        }
    });
    lines.collect()
}

/// Most images that are named in one line.
const MOST_IMAGES: usize = 12;

/// Those that may be services, though no kind is known for their images: first those that keep data.
fn taken_for_apps(outcome: &Outcome) -> Option<String> {
    let mut by_image: BTreeMap<(bool, &str), Vec<String>> = BTreeMap::new();
    for one in &outcome.unknown {
        let of_image = by_image.entry((!one.keeps_data, &one.image)).or_default();
        of_image.push(one.component.clone());
    }
    let n_with_data = by_image
        .keys()
        .take_while(|(is_without, _)| !is_without)
        .count();
    let names = by_image.iter().map(|((is_without, image), names)| {
        let data = if *is_without { "" } else { ", keeps data" };
        format!("{} ({image}{data})", few(names, MOST_NAMED))
    });
    let names = few(
        &names.collect::<Vec<String>>(),
        n_with_data.clamp(MOST_NAMED, MOST_IMAGES),
    );
    let (as_what, of_what) = match outcome.unknown.len() {
        0 => return None,
        1 => ("an app", "its image"),
        _ => ("apps", "their images"),
    };
    Some(format!(
        "  taken for {as_what}, because the catalog knows no kind for {of_what}: {names}\n"
    ))
}

/// The services that could reach what is outside, and cannot any more.
fn closed(outcome: &Outcome) -> Option<String> {
    let names = few(&outcome.closed, MOST_NAMED);
    (!outcome.closed.is_empty()).then(|| {
        format!("  no way out any more: {names}, because what publishes no port is in a network of its host alone\n")
    })
}

/// The volumes that begin empty, and how to fill them.
fn data_of_before(outcome: &Outcome) -> impl Iterator<Item = String> {
    let volumes = outcome.volumes.iter().map(|(before, now)| {
        let before = printed(before);
        format!("  data of before: volume {before} becomes {now}, which begins empty\n")
    });
    let how = "  copy each before the first start: `docker run --rm -v BEFORE:/from -v NOW:/to alpine cp -a /from/. /to`\n";
    let how = (!outcome.volumes.is_empty()).then(|| how.to_owned());
    volumes.chain(how)
}

/// The credentials: those that several carry with all of them; of the others, where one component has many of them or
/// many have one of the same name, all in one line.
fn credentials(outcome: &Outcome, places: &Places) -> Vec<String> {
    let all = &outcome.one_credentials;
    let single = |one: &'_ OneCredential| -> Option<String> {
        let name = one.alone.keys().next().filter(|_| one.n_carriers() == 1);
        name.cloned()
    };
    let mut of_component: HashMap<&str, Vec<String>> = HashMap::new();
    let mut of_name: HashMap<String, Vec<String>> = HashMap::new();
    let singles = || all.iter().filter_map(|one| Some((one, single(one)?)));
    for (one, name) in singles() {
        of_component.entry(&one.owner).or_default().push(name);
    }
    for (one, name) in singles() {
        if of_component[one.owner.as_str()].len() <= MOST_NAMED {
            of_name.entry(name).or_default().push(one.owner.clone());
        }
    }
    let lines = all.iter().filter_map(|one| {
        let Some(name) = single(one) else {
            let carriers = one.said(|components| few(components, MOST_NAMED));
            let place = places.said(one.place);
            return Some(format!("  one credential: {carriers}, first at {place}\n"));
        };
        let (owner, shown) = (&one.owner, printed(&name));
        let names = &of_component[owner.as_str()];
        let owners = of_name.get(&name).filter(|_| names.len() <= MOST_NAMED);
        let (what, is_first) = match owners {
            None => (
                format!("{owner}.{}", few(names, MOST_NAMED)),
                names[0] == name,
            ),
            Some(owners) if owners.len() > MOST_NAMED => (
                format!("{shown} of {}", few(owners, MOST_NAMED)),
                owners[0] == *owner,
            ),
            Some(_) => {
                let place = places.said(one.place);
                return Some(format!("  a credential: {owner}.{shown} at {place}\n"));
            }
        };
        is_first.then(|| {
            let place = places.said(one.place);
            format!("  credentials: {what}, first at {place}\n")
        })
    });
    lines.collect()
}

/// The variables that were filled in, a line for each file.
fn filled_in(outcome: &Outcome, places: &Places, is_one: bool) -> impl Iterator<Item = String> {
    let mut by_file: BTreeMap<(String, bool), Vec<String>> = BTreeMap::new();
    for FilledIn {
        said,
        place,
        from_shell,
    } in &outcome.filled
    {
        let place = places.said(*place);
        // `compose.yaml:4:10`: the line is enough among others.
        let mut parts = place.rsplitn(3, ':');
        let (_, line, file) = (parts.next(), parts.next(), parts.next());
        let line = line.unwrap_or_default();
        let file = file.unwrap_or(&place).to_owned();
        let of_file = by_file.entry((file, *from_shell)).or_default();
        of_file.push(format!("{said} (line {line})"));
    }
    let everywhere = match is_one {
        true => "",
        false => ", the same in every environment",
    };
    by_file.into_iter().map(move |((file, from_shell), said)| {
        let from = match from_shell {
            true => " from your shell",
            false => "",
        };
        format!(
            "  filled in{from}, in {file}: {}{everywhere}\n",
            few(&said, MOST_FILLED)
        )
    })
}
