//! Tests over many needs, environments and stacks at once: what is new is clean, and what is accepted mends.

use crate::analysis::{Analysis, Config, analyze};
use crate::catalog::Catalog;
use crate::finding::Severity;
use crate::model::{Choice, Date, Edit, PlanPath, Role};
use crate::source::apply;
use crate::suggest::{
    Basis, Move, NewApp, NewPlan, Suggestion, WantedNeed, accepting, edits, move_edits, moves,
    new_plan, overlay, suggestions,
};

fn analysis(text: &str, catalog: &Catalog) -> Analysis {
    let today = Date::parse("2026-11-22").expect("a date");
    analyze(text, catalog, &Config { today })
}

fn new(
    needs: &[&str],
    environments: &[&str],
    stack: &str,
    apps: &[(&str, Option<&str>)],
) -> NewPlan {
    let app = |(name, image): &(&str, Option<&str>)| NewApp {
        name: (*name).to_owned(),
        image: image.map(str::to_owned),
        port: None,
    };
    let need = |need: &&str| WantedNeed::parse(need).expect("a need");
    NewPlan {
        name: "shop".to_owned(),
        apps: apps.iter().map(app).collect(),
        needs: needs.iter().map(need).collect(),
        environments: environments
            .iter()
            .map(|name| ((*name).to_owned(), None))
            .collect(),
        stack: Some(stack.to_owned()),
        team: Vec::new(),
    }
}

/// The text of a new plan, which is clean.
fn clean(catalog: &Catalog, new: &NewPlan) -> Result<String, String> {
    let begun = new_plan(new, catalog).expect("it can be begun");
    let found = analysis(&begun.text, catalog).findings;
    let grave: Vec<String> = found
        .iter()
        .filter(|finding| finding.severity >= Severity::Warn)
        .map(|finding| format!("{}: {}", finding.rule, finding.said()))
        .collect();
    match grave.is_empty() {
        true => Ok(begun.text),
        false => Err(format!("{}\n{}", grave.join("\n"), begun.text)),
    }
}

/// How many plans a test tries: `SUGGEST_CASES`, or as many as take a moment.
#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the tests says how many cases are tried"
)]
fn cases(usual: usize) -> usize {
    let said = std::env::var("SUGGEST_CASES").ok();
    said.and_then(|said| said.parse().ok()).unwrap_or(usual)
}

const STACKS: [&str; 5] = ["default", "aws", "azure", "gcp", "self-hosted"];
const IMAGE: Option<&str> = Some("ghcr.io/acme/shop:1.0.0");

#[test]
fn every_need_alone_makes_a_clean_plan_in_every_stack_and_environment() {
    let catalog = Catalog::builtin();
    let hints = [
        "files:5GiB",
        "files:200GiB",
        "files:2TiB",
        "queue:redelivery",
        "queue:dead-letters",
        "stream:many-readers",
        "stream:7days",
        "metrics:2years",
        "database:20000/s",
        "search:8GiB",
        "cache:1GiB",
        "cache:5GB",
        "session:300MiB",
        "queue:2.5GiB",
    ];
    let roles = Role::ALL.iter().map(|role| role.as_str()).chain(hints);
    let mut wrong = Vec::new();
    // By itself every fifth, so that each need meets each stack and each list of environments.
    let step = (930 / cases(186)).max(1);
    let mut count = 0;
    for need in roles {
        for stack in STACKS {
            for image in [IMAGE, None] {
                for environments in [
                    &["local", "dev", "test", "staging", "prod"][..],
                    &["local"],
                    &["prod"],
                ] {
                    count += 1;
                    if count % step != 0 {
                        continue;
                    }
                    let new = new(&[need], environments, stack, &[("web", image)]);
                    if let Err(fault) = clean(&catalog, &new) {
                        wrong.push(format!(
                            "{need} {stack} {environments:?} {image:?}: {fault}"
                        ));
                    }
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} are wrong, such as\n{}",
        wrong.len(),
        wrong
            .iter()
            .take(12)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n\n")
    );
}

/// A number from a seed: the tests try the same plans every time.
fn drawn(seed: &mut u64, below: usize) -> usize {
    *seed = seed
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    ((*seed >> 33) as usize) % below
}

#[test]
fn needs_together_make_a_clean_plan_too() {
    let catalog = Catalog::builtin();
    let mut seed = 7;
    let names = ["local", "dev", "test", "staging", "prod", "prod-eu", "demo"];
    // Apps like the ports that services have.
    let ports = catalog.kinds().flat_map(|kind| kind.ports.clone());
    let ports = ports.map(|port| port.number).chain([80, 4000, 4080]);
    let taken: Vec<u16> = ports.collect();
    let mut wrong = Vec::new();
    for _ in 0..cases(60) {
        let stack = STACKS[drawn(&mut seed, STACKS.len())];
        let answers = |role: &Role| {
            catalog
                .stack(stack)
                .is_some_and(|it| it.answer(*role).is_some())
        };
        let mut needs: Vec<&str> = Vec::new();
        for role in Role::ALL.iter().filter(|role| answers(role)) {
            if drawn(&mut seed, 3) == 0 {
                needs.push(match (role, drawn(&mut seed, 3)) {
                    (Role::Files, 0) => "files:5GiB",
                    (Role::Cache, 0) => "cache:1.3GiB",
                    (Role::Queue, 0) => "queue:redelivery+dead-letters",
                    (Role::Stream, 0) => "stream:many-readers+7days",
                    (Role::Database, 0) => "database:20000/s",
                    (Role::Metrics, 0) => "metrics:1year",
                    _ => role.as_str(),
                });
            }
        }
        let environments: Vec<&str> = names
            .into_iter()
            .filter(|_| drawn(&mut seed, 2) == 0)
            .collect();
        let apps: Vec<(&str, Option<&str>)> = [("web", IMAGE), ("worker", None), ("api", IMAGE)]
            .into_iter()
            .take(1 + drawn(&mut seed, 3))
            .collect();
        let mut new = NewPlan {
            team: match drawn(&mut seed, 3) {
                0 => vec!["mysql".to_owned(), "rabbitmq".to_owned()],
                1 => vec![
                    "loki".to_owned(),
                    "memcached".to_owned(),
                    "prometheus".to_owned(),
                ],
                _ => Vec::new(),
            },
            ..new(&needs, &environments, stack, &apps)
        };
        // Containers may listen on one port, processes of one machine may not.
        for (at, app) in new.apps.iter_mut().enumerate() {
            let port = taken[drawn(&mut seed, taken.len())];
            app.port = match app.image.is_some() {
                _ if drawn(&mut seed, 4) == 0 => None,
                true => Some(port),
                false => Some(port + 1_000 * at as u16),
            };
        }
        if let Err(fault) = clean(&catalog, &new) {
            wrong.push(format!(
                "{needs:?} {stack} {environments:?} {apps:?} {:?}: {fault}",
                new.team
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} are wrong, such as\n{}",
        wrong.len(),
        wrong
            .iter()
            .take(6)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n\n")
    );
}

/// How many findings advise against something or deny it, the deniers apart.
fn grave(catalog: &Catalog, text: &str) -> (usize, usize) {
    let analysis = analysis(text, catalog);
    let deny = analysis.count(Severity::Deny);
    (deny, deny + analysis.count(Severity::Warn))
}

#[test]
fn accepting_one_or_all_leaves_the_plan_no_worse() {
    let catalog = Catalog::builtin();
    let mut seed = 11;
    let roles: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
    let mut wrong = Vec::new();
    for _ in 0..cases(30) {
        let stack = STACKS[drawn(&mut seed, STACKS.len())];
        let mut first: Vec<&str> = Vec::new();
        let mut later: Vec<&str> = Vec::new();
        for role in &roles {
            match drawn(&mut seed, 6) {
                0 => first.push(role),
                1 => later.push(role),
                _ => {}
            }
        }
        let environments: Vec<&str> = ["local", "dev", "test", "staging", "prod", "demo"]
            .into_iter()
            .filter(|_| drawn(&mut seed, 2) == 0)
            .collect();
        let apps = [("web", IMAGE), ("worker", None)];
        let apps = &apps[..1 + drawn(&mut seed, 2)];
        let has = new_plan(&new(&first, &environments, stack, apps), &catalog).expect("it begins");
        // Apps that need more than the plan was made for, on hosts as somebody else would have them.
        let needs = later.iter().map(|role| Edit::Push {
            path: PlanPath::app("web").key("needs"),
            text: (*role).to_owned(),
        });
        let mut text = apply(&has.text, &needs.collect::<Vec<_>>()).expect("it applies");
        if drawn(&mut seed, 2) == 0 {
            text = text.replace("address = \"192.0.2.", "#address = \"192.0.2.");
        }
        let before = grave(&catalog, &text);
        let plan = analysis(&text, &catalog).plan;
        let basis = Basis::of_plan(&plan, &catalog).expect("there is a stack");
        let all = suggestions(&basis);
        let each = all.iter().flat_map(|it| {
            let role = it.need.role;
            let apps = it
                .need
                .asked_by
                .iter()
                .filter(|name| plan.apps.contains_key(*name));
            apps.map(move |app| (role, app))
        });
        let mut accepted: Vec<Vec<Suggestion>> = each
            .map(|(role, app)| accepting(&all, role, Some(app)))
            .collect();
        accepted.push(all.clone());
        for accepted in accepted {
            let what: Vec<_> = accepted.iter().map(|it| it.need.role.as_str()).collect();
            let after = apply(&text, &edits(&basis, &accepted)).expect("it applies");
            let now = grave(&catalog, &after);
            if now.0 > before.0 || now.1 > before.1 {
                let old = analysis(&text, &catalog).findings;
                let new = analysis(&after, &catalog).findings;
                let said = |it: &&crate::finding::Finding| {
                    it.severity >= Severity::Warn && !old.iter().any(|old| old.said() == it.said())
                };
                let more: Vec<String> = new
                    .iter()
                    .filter(said)
                    .map(|it| format!("{}: {}", it.rule, it.said()))
                    .collect();
                wrong.push(format!("{what:?} {before:?} {now:?} {more:?}\n{after}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} are wrong, such as\n{}",
        wrong.len(),
        wrong
            .iter()
            .take(6)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n\n")
    );
}

#[test]
fn a_plan_without_needs_has_what_was_named() {
    let catalog = Catalog::builtin();
    let named = |apps, environments| NewPlan {
        stack: None,
        ..new(&[], environments, "", apps)
    };
    let begin = |new| new_plan(&new, &catalog).map(|begun| begun.text);
    let text = begin(named(
        &[("web", None), ("worker", None)],
        &["local", "eu", "prod"],
    ))
    .expect("it can be made");
    assert_eq!(
        text,
        r#"name = "shop"

[apps.web]

[apps.worker]

[environments.local.hosts.laptop]
runs = ["web", "worker"]

[environments.eu]
tier = "development"

[environments.eu.hosts.laptop]
runs = ["web", "worker"]

[environments.prod.hosts.app-1]
runs = ["web", "worker"]
"#
    );
    assert_eq!(begin(named(&[], &[])).as_deref(), Ok("name = \"shop\"\n"));
    assert!(begin(named(&[("a b", None)], &[])).is_err());
}

#[test]
fn an_environment_for_a_move_adds_nothing_grave_but_what_it_says() {
    let catalog = Catalog::builtin();
    let needs = [
        "database",
        "cache",
        "queue",
        "stream",
        "search",
        "files:5GiB",
    ];
    for stack in ["default", "self-hosted", "aws"] {
        let mut new = new(&needs, &["local", "dev", "prod"], stack, &[("web", IMAGE)]);
        new.apps[0].port = Some(8080);
        let text = new_plan(&new, &catalog).expect("it begins").text;
        let before = grave(&catalog, &text);
        let plan = analysis(&text, &catalog).plan;
        let basis = Basis::of_plan(&plan, &catalog).expect("there is a stack");
        let all: Vec<Move> = plan
            .services
            .keys()
            .flat_map(|name| moves(&basis, name))
            .collect();
        assert!(all.len() > 5, "{}", all.len());
        for moved in &all {
            let edits = move_edits(&basis, &text, moved).expect("it can be made");
            apply(&text, &edits).expect("it applies");
            for environment in plan.environments.keys() {
                let made = overlay(&basis, &text, environment, moved).expect("it can be made");
                let Some(made) = made else { continue };
                let after = apply(&text, &made.edits).expect("it applies");
                let findings = analysis(&after, &catalog).findings;
                let new: Vec<String> = findings
                    .iter()
                    .filter(|it| it.severity >= Severity::Warn)
                    .map(|it| format!("{}: {}", it.rule, it.said()))
                    .collect();
                // The larger kind may do the same work as the smaller for as long as the move lasts, and what a
                // provider looked after may now be one's own to keep copies of.
                let is_said = |it: &&String| {
                    it.starts_with("overlapping-services")
                        || stack == "aws" && it.starts_with("no-backup")
                };
                let new: Vec<_> = new.iter().filter(|it| !is_said(it)).collect();
                assert!(
                    new.len() <= before.1,
                    "{stack} {environment} {} {new:#?}\n{after}",
                    moved.name
                );
            }
        }
    }
}
