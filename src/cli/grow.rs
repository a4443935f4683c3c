//! `backstay grow`: what services can grow into, what changes with it, and an environment that runs both for the move.

use std::collections::BTreeSet;

use crate::cli::Answer;
use crate::cli::args::{GrowArgs, SuggestFormat};
use crate::cli::session::{Advised, Opened, Session};
use crate::finding::{did_you_mean, quoted};
use crate::model::ComponentName;
use crate::project::replace_plan;
use crate::report::{self, grow::Moved};
use crate::source;
use crate::suggest::{Basis, Move, move_edits, moves, overlay, overlay_name};

/// Says what services can grow into, or adds an environment for one move.
pub fn run(session: &Session, args: &GrowArgs) -> anyhow::Result<Answer> {
    let opened = session.open()?;
    let plan = &opened.analysis.plan;
    let Some(basis) = Basis::of_plan(plan, &opened.catalog) else {
        return Ok(Answer::default());
    };
    let services = services(&opened, args.service.as_deref())?;
    let mut all: Vec<Move> = services
        .iter()
        .flat_map(|service| moves(&basis, service))
        .collect();
    if let Some(to) = &args.to {
        let there = all.clone();
        let id = opened
            .catalog
            .kind(to)
            .map_or_else(|| to.clone(), |kind| kind.id.clone());
        all.retain(|moved| moved.to.as_ref().map_or(&moved.name, |kind| &kind.id) == &id);
        if all.is_empty() {
            return Err(no_such_move(args, to, &there).into());
        }
    }
    if all.is_empty() {
        let named = services.first().filter(|_| args.service.is_some());
        let text = match named {
            Some(service) => format!(
                "`{service}` grows into nothing that the catalog knows of, in what it is used for\n"
            ),
            None => {
                "nothing of the plan grows into anything that the catalog knows of\n".to_owned()
            }
        };
        return Ok(Answer {
            text,
            ..Answer::default()
        });
    }
    if let Some(environment) = &args.overlay {
        return add_overlay(&opened, &basis, args, environment, &all);
    }
    let mut moved = Vec::new();
    for by in &all {
        let edits = move_edits(&basis, &opened.text, by)?;
        let after = source::apply(&opened.text, &edits)?;
        let after = by.to.as_ref().map(|_| opened.analyze(&after));
        moved.push(Moved { by, after });
    }
    let (before, catalog) = (&opened.analysis, &opened.catalog);
    let text = match args.format {
        SuggestFormat::Text => report::grow::text(before, catalog, &moved),
        SuggestFormat::Json => report::grow::json(before, catalog, &moved),
        SuggestFormat::Markdown => report::grow::markdown(before, catalog, &moved),
    };
    Ok(Answer {
        text,
        ..Answer::default()
    })
}

/// The error for a kind into which nothing grows, with those into which something does.
fn no_such_move(args: &GrowArgs, to: &str, there: &[Move]) -> Advised {
    let what = match &args.service {
        Some(service) => quoted(service),
        None => "nothing of the plan".to_owned(),
    };
    let known: BTreeSet<&str> = there.iter().map(|moved| moved.name.as_str()).collect();
    Advised {
        message: match args.service {
            Some(_) => format!("{what} does not grow into {}, as it is used", quoted(to)),
            None => format!("{what} grows into {}", quoted(to)),
        },
        help: match (known.is_empty(), did_you_mean(to, known.iter().copied())) {
            (true, _) => "the catalog knows of nothing larger for it".to_owned(),
            (_, Some(near)) => format!("did you mean `{near}`?"),
            _ => format!("it grows into {}", Vec::from_iter(known).join(", ")),
        },
    }
}

fn services(opened: &Opened, named: Option<&str>) -> anyhow::Result<Vec<ComponentName>> {
    let all = || opened.analysis.plan.services.keys();
    let Some(named) = named else {
        return Ok(all().cloned().collect());
    };
    let found = all().find(|name| name.as_str() == named).cloned();
    let found = found.ok_or_else(|| Advised {
        message: format!("there is no service {}", quoted(named)),
        help: match did_you_mean(named, all().map(|name| name.as_str())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`backstay show` shows what there is".to_owned(),
        },
    })?;
    Ok(vec![found])
}

fn plan_has(opened: &Opened, environment: &str) -> bool {
    let mut known = opened.analysis.plan.environments.keys();
    known.any(|name| name.as_str() == environment)
}

/// Adds an environment in which the smaller and the larger service run, or shows it.
fn add_overlay(
    opened: &Opened,
    basis: &Basis,
    args: &GrowArgs,
    environment: &str,
    all: &[Move],
) -> anyhow::Result<Answer> {
    let mut named = opened.environments(&[environment.to_owned()])?;
    let environment = named.remove(0);
    let known: Vec<&Move> = all.iter().filter(|moved| moved.to.is_some()).collect();
    let [moved] = known.as_slice() else {
        let moves = known
            .iter()
            .map(|moved| format!("`backstay grow {} --to {}`", moved.service, moved.name));
        let moves: Vec<String> = moves.collect();
        return Err(Advised {
            message: "an environment is for one move to a kind of the catalog".to_owned(),
            help: match moves.is_empty() {
                true => "the catalog has none of these kinds".to_owned(),
                false => format!("say which: {}", moves.join(", ")),
            },
        }
        .into());
    };
    let name = moved.to.as_ref().map(|to| overlay_name(&environment, to));
    let is_known = |name: &String| plan_has(opened, name);
    if let Some(name) = name.filter(is_known) {
        return Err(Advised {
            message: format!("the environment `{name}` is there already"),
            help: format!("take {name} away first if it is to be made anew"),
        }
        .into());
    }
    let made = overlay(basis, &opened.text, &environment, moved)?.ok_or_else(|| Advised {
        message: format!("no app in `{environment}` uses `{}`", moved.service),
        help: "name an environment that runs it and an app that uses it".to_owned(),
    })?;
    let text = source::apply(&opened.text, &made.edits)?;
    let masked = |text: &str| report::text::mask(text, &opened.analyze(text).secrets);
    let (old, new) = (masked(&opened.text), masked(&text));
    let mut notes = report::diff::unified(&opened.shown_path(), &old, &new);
    let anew: Vec<String> = made.anew.iter().map(|name| format!("`{name}`")).collect();
    if !anew.is_empty() {
        notes.push_str(&format!(
            "what runs beside the apps cannot be borrowed: in {}, {} with volumes that are empty at first\n",
            made.environment,
            match anew.len() {
                1 => format!("{} runs", anew.concat()),
                _ => format!("{} run", anew.join(", ")),
            }
        ));
    }
    match (args.dry_run, &opened.path) {
        (false, Some(path)) => {
            replace_plan(path, &opened.text, &text)?;
            let (name, service) = (&made.environment, &made.service);
            notes.push_str(&format!(
                "added the environment {name}: apps reach both `{}` and `{service}`; when the data is over, make the move in the plan and take {name} away\n",
                moved.service
            ));
        }
        _ => notes.push_str("nothing was written (--dry-run)\n"),
    }
    Ok(Answer {
        notes,
        ..Answer::default()
    })
}
