//! What is told of an import: first what the plan does not keep, then everything else.

use std::collections::{BTreeMap, BTreeSet};

use crate::cli::imported::Read;
use crate::finding::{counted, printed};
use crate::import::{FilledIn, Imported, Left, Outcome};
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
        let first = renamed(outcome).chain(not_kept(outcome, &places));
        told.first.extend(first);
        if !is_one {
            told.rest.push_str(&format!("{}:\n", outcome.environment));
        }
        let kinds = outcome.services.iter();
        let kinds = kinds.map(|(name, why)| format!("  {name} is {why}\n"));
        told.rest.extend(kinds);
        let unset = read.reading.unset.iter().map(|(name, at)| {
            let (name, at) = (printed(name), places.said(*at));
            format!("  no value: `{name}` at {at}, which became nothing\n")
        });
        told.rest.extend(unset);
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

/// Things that are not kept for one reason, and are told in one line: the same of many services, or many of one.
type Group = (String, String, String);

/// What is not kept, where there is much for one reason in one line.
fn not_kept(outcome: &Outcome, places: &Places) -> impl Iterator<Item = String> {
    let mut groups: BTreeMap<Group, BTreeSet<String>> = BTreeMap::new();
    for left in &outcome.left {
        for (group, name) in groups_of(left) {
            groups.entry(group).or_default().insert(name);
        }
    }
    let mut lines = Vec::new();
    let mut said: BTreeSet<Group> = BTreeSet::new();
    for left in &outcome.left {
        let (place, why) = (places.said(left.place), printed(&left.why));
        let mut large = groups_of(left).into_iter().map(|(group, _)| group);
        let large = large.find(|group| groups[group].len() > MOST_NAMED);
        let Some(group) = large else {
            let what = printed(&left.what);
            lines.push(format!("  not kept: {what} at {place}, because {why}\n"));
            continue;
        };
        if !said.insert(group.clone()) {
            continue;
        }
        let names = groups[&group].iter();
        let named: Vec<String> = names.take(MOST_NAMED).map(|name| printed(name)).collect();
        let (before, behind, _) = &group;
        lines.push(format!(
            "  not kept: {}{}{} and {} more, first at {place}, because {why}\n",
            printed(before),
            printed(behind),
            named.join(", "),
            groups[&group].len() - MOST_NAMED
        ));
    }
    lines.into_iter()
}

/// The groups that something belongs to, each with its name there.
fn groups_of(left: &Left) -> Vec<(Group, String)> {
    let why = || left.why.clone();
    let of_services = left.what.split_once('.').map(|(service, what)| {
        let group = (what.to_owned(), " of ".to_owned(), why());
        (group, service.to_owned())
    });
    let of_service = left.what.rsplit_once('.').map(|(above, name)| {
        let group = (above.to_owned(), ".".to_owned(), why());
        (group, name.to_owned())
    });
    of_services.into_iter().chain(of_service).collect()
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

fn credentials(outcome: &Outcome, places: &Places) -> impl Iterator<Item = String> {
    outcome.credentials.iter().map(|credential| {
        let (component, variable) = (&credential.component, printed(&credential.variable));
        let place = places.said(credential.place);
        format!("  a credential: {component}.{variable} at {place}\n")
    })
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
        of_file.push(format!("{} (line {line})", printed(said)));
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
            said.join(", ")
        )
    })
}
