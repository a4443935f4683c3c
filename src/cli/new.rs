//! `backstay new`: a plan from needs, asked for in the terminal or said as arguments.

use std::io::IsTerminal;
use std::path::Path;

use crate::analysis::analyze;
use crate::catalog::Catalog;
use crate::cli::Answer;
use crate::cli::args::NewArgs;
use crate::cli::questions::{Questions, asked};
use crate::cli::session::{Advised, Session};
use crate::cli::suggest::{check_team, unknown_stack};
use crate::finding::{Severity, printed, quoted};
use crate::model::{App, ComponentName, Plan, PlanName};
use crate::project::create_all;
use crate::report::{self, record::record, text::Excerpts};
use crate::suggest::{
    Basis, BeginError, Begun, NewApp, NewPlan, WantedNeed, environment, new_plan, words,
};

/// Where an application usually runs.
pub const USUAL_ENVIRONMENTS: &str = "local, dev, prod";

/// Begins a plan in a file of its own.
pub fn run(session: &Session, args: &NewArgs) -> anyhow::Result<Answer> {
    let is_printed = args.output == Path::new("-");
    let files = [
        Some(&args.output).filter(|_| !is_printed),
        args.adr.as_ref(),
    ];
    for file in files.into_iter().flatten() {
        refuse_existing(file)?;
    }
    let catalog = session.catalog_beside(&args.output)?;
    let usual_name = usual_name(&args.output);
    let new = match wants_questions(args) {
        true => asked(&mut Questions::of_terminal(), args, &usual_name, &catalog)?,
        false => said(args, &usual_name)?,
    };
    check_team(&catalog, &new.team)?;
    let begun = new_plan(&new, &catalog).map_err(|error| advised(&catalog, error))?;
    written(session, args, &catalog, &begun)
}

/// Whether somebody is there to be asked, and nothing is said yet.
fn wants_questions(args: &NewArgs) -> bool {
    let is_silent = args.apps.is_empty() && args.needs.is_none() && args.environments.is_none();
    args.ask || is_silent && std::io::stdin().is_terminal()
}

fn refuse_existing(file: &Path) -> anyhow::Result<()> {
    match file.symlink_metadata().is_ok() {
        true => Err(Advised {
            message: format!("`{}` is there already", file.display()),
            help: "name another file: nothing is overwritten".to_owned(),
        }
        .into()),
        false => Ok(()),
    }
}

/// What the arguments say.
fn said(args: &NewArgs, usual_name: &str) -> anyhow::Result<NewPlan> {
    if args.apps.is_empty() && args.needs.is_none() && args.environments.is_none() {
        return Err(Advised {
            message: "nothing says what the plan is to be of, and nobody is there to be asked"
                .to_owned(),
            help:
                "say it: `backstay new --app web --needs database,cache --environments local,prod`"
                    .to_owned(),
        }
        .into());
    }
    let apps = match args.apps.is_empty() {
        true => vec![NewApp {
            name: "web".to_owned(),
            ..NewApp::default()
        }],
        false => {
            let apps = args.apps.iter().map(|app| one_app(app));
            apps.collect::<Result<_, _>>()?
        }
    };
    let environments = args.environments.as_deref().unwrap_or(USUAL_ENVIRONMENTS);
    let environments = words(environments);
    if environments.is_empty() {
        return Err(Advised {
            message: "there is no environment".to_owned(),
            help: "name one, such as `--environments local`".to_owned(),
        }
        .into());
    }
    let environments = environments.into_iter().map(environment);
    Ok(NewPlan {
        name: args.name.clone().unwrap_or_else(|| usual_name.to_owned()),
        apps,
        needs: WantedNeed::parse_all(args.needs.as_deref().unwrap_or_default())
            .map_err(Advised::from)?,
        environments: environments
            .collect::<Result<_, _>>()
            .map_err(Advised::from)?,
        stack: args.stack.clone(),
        team: args.team.clone(),
    })
}

/// An app of the command line, where each is said on its own.
fn one_app(typed: &str) -> Result<NewApp, Advised> {
    if typed.contains(',') {
        let each = words(typed).into_iter().map(|app| format!("--app {app}"));
        let each: Vec<String> = each.collect();
        return Err(Advised {
            message: format!("{} names several apps at once", quoted(typed)),
            help: format!("say `--app` once for each: `{}`", printed(&each.join(" "))),
        });
    }
    NewApp::parse(typed).map_err(Advised::from)
}

/// Where each of several apps is reached on its machine.
fn ports(plan: &Plan) -> String {
    let port = |app: &App| app.published.or(app.port);
    let apps = plan.apps.iter();
    let apps = apps.filter_map(|(name, app)| Some(format!("{name} on port {}", port(app)?)));
    let apps: Vec<String> = apps.collect();
    match apps.len() {
        0 | 1 => String::new(),
        _ => format!("  on its machine: {}\n", apps.join(", ")),
    }
}

/// The apps in containers that say no port, as nobody can connect to them.
fn without_port(plan: &Plan) -> String {
    let silent = |(_, app): &(&ComponentName, &App)| app.port.is_none() && app.image.is_some();
    let apps: Vec<(&ComponentName, &App)> = plan.apps.iter().filter(silent).collect();
    let Some((first, app)) = apps.first() else {
        return String::new();
    };
    let image = app.image.as_deref().unwrap_or_default();
    let names: Vec<String> = apps.iter().map(|(name, _)| format!("`{name}`")).collect();
    let (is, one) = match names.len() {
        1 => ("is", "it"),
        _ => ("are", "one of them"),
    };
    format!(
        "  {} {is} published nowhere: if something connects to {one}, say its port, as in `{first}={}:8080`\n",
        names.join(", "),
        printed(image)
    )
}

/// The name of the folder, as far as a plan may be called so.
fn usual_name(output: &Path) -> String {
    let folder = output
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let folder = folder.canonicalize().ok();
    let name = folder.as_deref().and_then(Path::file_name);
    let name = name.map(|name| name.to_string_lossy().to_lowercase());
    let name = name.filter(|name| PlanName::new(name).is_ok());
    name.unwrap_or_else(|| "app".to_owned())
}

fn advised(catalog: &Catalog, error: BeginError) -> anyhow::Error {
    match error {
        BeginError::Stack(named) => unknown_stack(catalog, &named).into(),
        BeginError::Refused(hint) => Advised::from(hint).into(),
        error => anyhow::Error::new(error),
    }
}

fn written(
    session: &Session,
    args: &NewArgs,
    catalog: &Catalog,
    begun: &Begun,
) -> anyhow::Result<Answer> {
    let analysis = analyze(&begun.text, catalog, &session.config());
    let basis = Basis::of_plan(&analysis.plan, catalog);
    let is_printed = args.output == Path::new("-");
    let shown = args.output.display().to_string();
    let decided = args.adr.as_deref().zip(basis.as_ref());
    let decided = decided.map(|(file, basis)| {
        let text = record(basis, &analysis, &begun.suggestions, session.today());
        (file, text)
    });
    let plan = (!is_printed).then_some((args.output.as_path(), begun.text.as_str()));
    let record = decided.as_ref().map(|(file, text)| (*file, text.as_str()));
    let files: Vec<(&Path, &str)> = plan.into_iter().chain(record).collect();
    create_all(&files)?;
    let mut notes = String::new();
    for (file, _) in &files {
        notes.push_str(&format!("created {}\n", file.display()));
    }
    notes.push_str(&ports(&analysis.plan));
    notes.push_str(&without_port(&analysis.plan));
    for suggestion in &begun.suggestions {
        notes.push_str(&format!("  {}\n", report::suggest::heading(suggestion)));
    }
    if let Some(said) = &begun.taken_for {
        notes.push_str(&format!("{said}\n"));
    }
    let grave = analysis
        .findings
        .iter()
        .filter(|it| it.severity >= Severity::Warn);
    let grave: Vec<_> = grave.cloned().collect();
    if !grave.is_empty() {
        let excerpts = Excerpts::new(&shown, &begun.text, &analysis.secrets);
        notes.push_str(&report::text::findings(&grave, &excerpts));
    }
    if !is_printed {
        notes.push_str("next:\n  `backstay` shows it\n  `backstay check` says what is left to fill in\n  `backstay generate` writes the files, and says what is run next\n");
    }
    Ok(Answer {
        text: match is_printed {
            true => begun.text.clone(),
            false => String::new(),
        },
        notes,
        code: 0,
    })
}
