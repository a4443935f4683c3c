//! A plan from the compose files that a team has: kinds by image, uses by what names what, secrets taken out.
//!
//! Every container is kept as it ran: the plan says `from-catalog = false` of services, so that it is the
//! user who decides when one of them is to run Backstay's way.

mod container;
mod deploy;
mod draft;
mod in_text;
mod kinds;
mod leave;
mod masked;
mod mounts;
mod names;
mod one_credential;
mod outcome;
mod ports;
mod proposed;
mod secrets;
mod uses;
mod variables;
mod wanted;
mod words;
mod write;

use std::collections::{BTreeMap, BTreeSet};

pub use draft::{Credential, Left};
pub use masked::masked;
pub use one_credential::OneCredential;
pub use outcome::{FilledIn, Outcome, Unknown};
pub use proposed::{LOCAL, proposed, usual};
pub use wanted::{How, Reach, Wanted, WantedError};

use crate::catalog::Catalog;
use crate::compose_file::{Node, Place, Reading, Value};
use crate::import::draft::{Draft, Drafts, Sort};
use crate::import::kinds::{Kinds, Recognised};
use crate::import::mounts::Mounts;
use crate::import::secrets::Secrets;
use crate::import::uses::{Used, Uses};
use crate::model::EnvironmentName;
use crate::parallel::{self, Amount};
use crate::source::Written;

/// An environment as its compose files describe it.
pub struct Described<'a> {
    /// What it is called.
    pub environment: EnvironmentName,
    /// What its files say.
    pub reading: &'a Reading,
    /// Its files, as the user named them.
    pub files: Vec<String>,
}

/// A plan that was made, and what is to be known about it.
pub struct Imported {
    /// The plan's text.
    pub plan: String,
    /// What is in the plan of each environment.
    pub environments: Vec<Outcome>,
    /// What the plan is called.
    pub name: String,
}

/// Makes a plan of what compose files describe; `plan_folder` is the folder that it will be in, from the root.
pub fn import(described: &[Described], catalog: &Catalog, plan_folder: &str) -> Imported {
    let kinds = Kinds::of(catalog);
    let mut recognised = described
        .iter()
        .map(|one| recognised(one.reading, &kinds))
        .collect::<Vec<_>>();
    let apps = apps_of_some(described, &recognised);
    let mut passed_over: BTreeMap<&str, String> = BTreeMap::new();
    for recognised in &mut recognised {
        recognised.retain(|name, it| {
            let is_app = apps.contains(name);
            passed_over.extend(is_app.then(|| (*name, it.kind.id.clone())));
            !is_app
        });
    }
    let readings = described.iter().map(|one| one.reading);
    let n_services = readings
        .clone()
        .map(|reading| reading.section("services").count());
    let (secrets, projects) = parallel::both(
        amount(n_services.sum()),
        || Secrets::of(readings.zip(&recognised)),
        || {
            let all = described.iter().zip(&recognised);
            let projects =
                all.map(|(one, recognised)| Project::of(one.reading, recognised, plan_folder));
            projects.collect::<Vec<_>>()
        },
    );
    let mut all: Vec<Drafts<'_>> = projects
        .iter()
        .zip(&recognised)
        .map(|(project, recognised)| drafts(project, recognised, &secrets))
        .collect();
    for draft in all.iter_mut().flat_map(|drafts| &mut drafts.all) {
        draft.remarks.extend(passed_over.get(draft.service).map(|kind| {
            format!("{kind} by its image in one environment, but built or waited for to its end in another: an app in all")
        }));
    }
    let name = names::plan_name(
        described
            .first()
            .map_or("", |one| one.reading.name.as_str()),
    );
    let plan = write::plan(described, &name, &all);
    let environments = described.iter().zip(all);
    let environments = environments.map(|(one, all)| outcome::of(one, &name, all, &secrets));
    Imported {
        plan,
        environments: environments.collect(),
        name,
    }
}

/// What is an app in one of several environments, because it is built or waited for to its end there: a plan says of
/// a component once what it is.
fn apps_of_some<'a>(
    described: &[Described<'a>],
    recognised: &[BTreeMap<&str, Recognised>],
) -> BTreeSet<&'a str> {
    let mut apps = BTreeSet::new();
    if described.len() < 2 {
        return apps;
    }
    for (one, recognised) in described.iter().zip(recognised) {
        for (name, node) in one.reading.section("services") {
            apps.extend((!recognised.contains_key(name)).then_some(name));
            let waits = node.get("depends_on").and_then(Node::map);
            let jobs = waits.into_iter().flatten().filter(|(_, wait)| {
                let condition = wait.get("condition").and_then(Node::text);
                condition == Some(UNTIL_ITS_END)
            });
            apps.extend(jobs.map(|(name, _)| &**name));
        }
    }
    apps
}

/// How Compose says that a service waits for the end of another.
const UNTIL_ITS_END: &str = "service_completed_successfully";

/// Whether it is worth several threads to look at so many services.
fn amount(n_services: usize) -> Amount {
    match n_services < MANY {
        true => Amount::Little,
        false => Amount::Much,
    }
}

fn drafts<'a>(
    project: &Project<'a>,
    recognised: &BTreeMap<&'a str, Recognised>,
    secrets: &Secrets,
) -> Drafts<'a> {
    let known = Known {
        project,
        secrets,
        recognised,
        jobs: jobs(&project.uses),
    };
    let reading = project.reading;
    let mut services: Vec<(&str, &Node)> = reading.section("services").collect();
    services.sort_by_key(|(_, node)| node.place);
    let drafted = parallel::each(amount(services.len()), &services, |(name, node)| {
        draft(name, node, &known)
    });
    let mut left = leave::of_project(reading);
    left.extend(project.uses.passed_over());
    let mut drafts: Vec<Draft<'a>> = Vec::with_capacity(drafted.len());
    let mut tested: BTreeSet<&str> = BTreeSet::new();
    for one in drafted {
        match one {
            Ok((draft, is_tested)) => {
                tested.extend(is_tested.then_some(draft.service));
                drafts.push(draft);
            }
            Err(one) => left.push(one),
        }
    }
    let silent = |draft: &&Draft| draft.sort == Sort::App && !draft.says("port");
    let silent = drafts.iter().filter(silent).map(|draft| draft.service);
    let is_untested = |draft: &&Draft| draft.without.iter().any(|key| key == "healthcheck");
    let untested = drafts.iter().filter(is_untested).map(|draft| draft.service);
    let ends = Ends {
        untested: untested.collect(),
        silent: silent.collect(),
        tested,
        known: &known,
    };
    for draft in &mut drafts {
        say_uses(draft, &ends);
    }
    let credentials = one_credential::of(&drafts, reading, &project.uses, recognised);
    one_credential::remark(&mut drafts, &credentials);
    Drafts {
        all: drafts,
        left,
        credentials,
    }
}

/// From this many services on, several threads make drafts of them.
const MANY: usize = 200;

/// What is known of a project by itself before its services are looked at one by one.
struct Project<'a> {
    reading: &'a Reading,
    names: BTreeMap<&'a str, String>,
    mounts: Mounts<'a>,
    uses: Uses,
}

impl<'a> Project<'a> {
    fn of(
        reading: &'a Reading,
        recognised: &BTreeMap<&'a str, Recognised>,
        plan_folder: &'a str,
    ) -> Project<'a> {
        Project {
            reading,
            names: names::component_names(reading.section("services").map(|(name, _)| name)),
            mounts: Mounts::of(reading, plan_folder),
            uses: Uses::of(reading, recognised),
        }
    }
}

/// The same, with what is known of all projects.
struct Known<'a, 'u> {
    project: &'u Project<'a>,
    secrets: &'u Secrets,
    recognised: &'u BTreeMap<&'a str, Recognised>,
    jobs: BTreeSet<&'u str>,
}

/// A draft of a service, and whether its healthcheck tests something; or why it is left out.
fn draft<'a>(
    service: &'a str,
    node: &'a Node,
    known: &Known<'a, '_>,
) -> Result<(Draft<'a>, bool), Left> {
    if node.get("provider").is_some() {
        return Err(Left {
            service: None,
            what: service.to_owned(),
            place: node.place,
            why: "Compose has another program run it; a plan runs containers".to_owned(),
        });
    }
    let is_job = known.jobs.contains(service);
    // A job is the user's own work, whatever its image is otherwise used for.
    let kind = known.recognised.get(service).filter(|_| !is_job);
    let sort = if kind.is_some() {
        Sort::Service
    } else {
        Sort::App
    };
    let mut draft = Draft::new(service, known.project.names[service].clone(), node, sort);
    what_it_is(&mut draft, kind, &known.project.mounts);
    if is_job {
        draft.say_text(&["runs-as"], "job");
    }
    let nobody = BTreeSet::new();
    let asked = known.project.uses.asked.get(service).unwrap_or(&nobody);
    let variables = draft.take_map("environment");
    variables::take(&mut draft, variables, known.secrets);
    words::take(&mut draft, known.secrets);
    let usual = kind.map(|kind| kind.kind.port_told_by(words(&draft)));
    ports::take(&mut draft, usual, asked);
    let is_tested = container::healthcheck(&mut draft);
    let linked_as = known.project.uses.aliases.get(service);
    container::take(&mut draft, linked_as.map_or(&[], Vec::as_slice));
    known.project.mounts.take(&mut draft);
    leave::order(&mut draft);
    for (link, place) in known
        .project
        .uses
        .clashes
        .get(service)
        .into_iter()
        .flatten()
    {
        let why = "another service is called so, and the containers of a host share their names";
        draft.leave(&format!("links.{link}"), *place, why);
    }
    for key in ["depends_on", "links", "extends"] {
        draft.take(key);
    }
    for used in known.project.uses.circles_of(service) {
        draft.remarks.push(format!(
            "names {used}, which uses it in the end: no use, so that they do not go in a circle"
        ));
    }
    draft.leave_rest();
    secrets::leave_facts(&mut draft, node, known.secrets);
    Ok((draft, is_tested))
}

/// The words with which a container is started, as far as its image does not say them.
fn words<'a>(draft: &Draft<'a>) -> impl Iterator<Item = &'a str> {
    let lists = ["entrypoint", "command"].map(|key| draft.peek(key).and_then(Node::list));
    let words = lists.into_iter().flatten().flatten();
    words.filter_map(Node::text)
}

/// The services whose image is that of a kind that can stand alone here.
fn recognised<'a>(reading: &'a Reading, kinds: &Kinds<'_>) -> BTreeMap<&'a str, Recognised> {
    let image = |node: &Node| Some(node.get("image")?.text()?.to_owned());
    let services = reading.section("services");
    let found = services.filter_map(|(name, node)| {
        // What is built here is the user's own, whatever it is called.
        let image = image(node).filter(|_| node.get("build").is_none())?;
        Some((
            name,
            kinds
                .recognise(&image)
                .or_else(|| kinds.alike(&image, node))?,
        ))
    });
    let mut found: BTreeMap<&str, Recognised> = found.collect();
    let ids: BTreeSet<String> = found.values().map(|kind| kind.kind.id.clone()).collect();
    found.retain(|_, kind| {
        kind.kind.needs_use.is_empty() || kind.kind.needs_use.iter().any(|id| ids.contains(id))
    });
    found
}

fn jobs(uses: &Uses) -> BTreeSet<&str> {
    let edges = uses.edges.values().flatten();
    let is_job = |used: &Used| used.condition.as_deref() == Some(UNTIL_ITS_END);
    edges
        .filter(|(_, used)| is_job(used))
        .map(|(name, _)| name.as_str())
        .collect()
}

fn what_it_is(draft: &mut Draft<'_>, kind: Option<&Recognised>, mounts: &Mounts) {
    let image = draft.take_text("image");
    if let Some(kind) = kind {
        draft.say_text(&["kind"], kind.kind.id.clone());
        draft
            .remarks
            .push(format!("{}: {}", kind.kind.id, kind.evidence));
    }
    match (kind.and_then(|kind| kind.version.clone()), image) {
        (Some(version), _) => draft.say_text(&["version"], version),
        (None, Some((image, _))) => draft.say_text(&["image"], image),
        (None, None) => {}
    }
    match draft.sort {
        Sort::Service => draft.say(&["container", "from-catalog"], Written::Flag(false)),
        Sort::App => draft.say_text(&["dialect"], "own"),
    }
    build(draft, mounts);
}

fn build(draft: &mut Draft<'_>, mounts: &Mounts) {
    let Some(node) = draft.take("build") else {
        return;
    };
    let place = node.place;
    let Value::Map(build) = &node.value else {
        return;
    };
    let context = build.get("context").map(|node| node.value.to_string());
    draft.say_text(
        &["build", "folder"],
        mounts.seen_from_plan(context.as_deref().unwrap_or(".")),
    );
    for (key, node) in build {
        match (&**key, &node.value) {
            ("context", _) => {}
            ("dockerfile", Value::Text(file)) if &**file == "Dockerfile" => {}
            ("dockerfile", Value::Text(file)) => draft.say_text(&["build", "dockerfile"], &**file),
            ("target", Value::Text(stage)) => draft.say_text(&["build", "target"], &**stage),
            ("args", Value::Map(args)) => {
                for (name, value) in args {
                    build_argument(draft, name, value);
                }
            }
            _ => draft.leave(
                &format!("build.{key}"),
                if node.place == Place::default() {
                    place
                } else {
                    node.place
                },
                "a plan says folder, file, stage and arguments of a build",
            ),
        }
    }
}

fn build_argument(draft: &mut Draft<'_>, name: &str, node: &Node) {
    let value = node.value.to_string();
    match crate::model::VariableName::new(name) {
        Ok(_) => draft.say_named(&["build", "args"], name, Written::Text(value)),
        Err(why) => draft.leave(
            &format!("build.args.{name}"),
            node.place,
            format!("its name {why}"),
        ),
    }
}

/// What is known of those that are used.
struct Ends<'a, 'u> {
    known: &'u Known<'a, 'u>,
    /// Those whose healthcheck tests something.
    tested: BTreeSet<&'a str>,
    /// Those whose healthcheck is left out.
    untested: BTreeSet<&'a str>,
    /// Apps that listen on no port that is known.
    silent: BTreeSet<&'a str>,
}

fn say_uses(draft: &mut Draft<'_>, ends: &Ends<'_, '_>) {
    let known = ends.known;
    let edges = known
        .project
        .uses
        .edges
        .get(draft.service)
        .into_iter()
        .flatten();
    for (target, used) in edges {
        let Some(name) = known.project.names.get(target.as_str()) else {
            continue;
        };
        let is_silent = ends.silent.contains(target.as_str());
        let is_job = known.jobs.contains(target.as_str());
        let wait = match used.condition.as_deref() {
            // Nobody knows where it could be connected to.
            None if is_silent => continue,
            None => "nothing",
            // Nothing would ever say that it is.
            Some("service_healthy") if ends.untested.contains(target.as_str()) => "started",
            Some("service_healthy") => "healthy",
            Some("service_completed_successfully") => "completed",
            Some(_) => "started",
        };
        let mut pairs = Vec::new();
        let kind = known.recognised.get(target.as_str()).filter(|_| !is_job);
        let fills = |role: &crate::model::Role| {
            kind.is_some_and(|kind| kind.kind.roles.iter().any(|fit| fit.role == *role))
        };
        if let Some(role) = used.role.filter(fills) {
            pairs.push(("role".to_owned(), Written::Text(role.to_string())));
        }
        let usual = match (is_job, ends.tested.contains(target.as_str())) {
            (true, _) => "completed",
            (false, true) => "healthy",
            (false, false) => "started",
        };
        // Of what listens on no port the use says what comes first, and must say so.
        if wait != usual || is_silent && !is_job {
            pairs.push(("wait".to_owned(), Written::Text(wait.to_owned())));
        }
        if !used.variables.is_empty() {
            pairs.push(("named-in".to_owned(), Written::List(used.variables.clone())));
        }
        draft.say_named(&["uses"], name, Written::Pairs(pairs));
    }
}
