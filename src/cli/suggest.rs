//! `backstay suggest`: what answers which need, and the answers as edits of the plan.

use crate::catalog::Catalog;
use crate::cli::Answer;
use crate::cli::args::{SuggestArgs, SuggestFormat};
use crate::cli::session::{Advised, Opened, Session};
use crate::finding::{Finding, Severity, counted, did_you_mean, quoted};
use crate::model::{ComponentName, Edit, Plan, PlanPath};
use crate::project::{PLAN_FILE, replace_plan};
use crate::report;
use crate::source;
use crate::suggest::{
    Basis, Cause, Filled, HintError, Need, Suggestion, WantedNeed, all_needs, asked_about,
    check_required, decide, edits, expected_edits, open_needs,
};

impl From<HintError> for Advised {
    fn from(error: HintError) -> Advised {
        Advised {
            message: error.message,
            help: error.help,
        }
    }
}

/// Says what answers which need, and writes it into the plan if that is asked for.
pub fn run(session: &Session, args: &SuggestArgs) -> anyhow::Result<Answer> {
    let wanted = WantedNeed::parse_all(&args.needs.join(",")).map_err(Advised::from)?;
    if let Some(need) = wanted.iter().find(|need| !need.apps.is_empty()) {
        return Err(Advised {
            message: format!("`{}` names apps behind an `@`", need.role),
            help: "the plan says which app needs what; name the role alone".to_owned(),
        }
        .into());
    }
    let Some(opened) = session.open_if_there()? else {
        return without_plan(session, args, &wanted);
    };
    let plan = expecting(&opened.analysis.plan, args, &wanted);
    let basis = basis(&plan, &opened.catalog, args)?;
    let needs = match (args.all, wanted.is_empty()) {
        (true, _) => all_needs(&plan),
        (false, true) => open_needs(&plan, &opened.catalog),
        (false, false) => needs_of(&plan, &wanted),
    };
    let suggestions = decide(&basis, needs);
    let more = match args.apply {
        true => apply(&opened, &basis, args, &wanted, &suggestions)?,
        false => hint(&opened, args, &suggestions),
    };
    let notes = format!("{}{more}", impossible(&opened.catalog, &wanted));
    Ok(Answer {
        text: match suggestions.is_empty() {
            true if args.format == SuggestFormat::Text => nothing(&plan),
            _ => printed(args.format, &basis, &suggestions),
        },
        notes,
        code: 0,
    })
}

/// What is required and nothing has in its role, with the roles in which it can be had.
fn impossible(catalog: &Catalog, wanted: &[WantedNeed]) -> String {
    let faults = wanted
        .iter()
        .filter_map(|need| check_required(catalog, need).err());
    let lines = faults.map(|fault| format!("note: {}; {}\n", fault.message, fault.help));
    lines.collect()
}

fn printed(format: SuggestFormat, basis: &Basis, suggestions: &[Suggestion]) -> String {
    match format {
        SuggestFormat::Text => report::suggest::text(basis, suggestions),
        SuggestFormat::Json => report::suggest::json(basis, suggestions),
        SuggestFormat::Markdown => report::suggest::markdown(basis, suggestions),
    }
}

/// What is said where no need is open.
fn nothing(plan: &Plan) -> String {
    let has_needs = plan.apps.values().any(|app| !app.needs.is_empty());
    match has_needs {
        true => "every need is answered; `--all` says what would be chosen for each\n".to_owned(),
        false => "no app says what it needs: `needs = [\"database\", …]`, or name needs here\n"
            .to_owned(),
    }
}

/// Answers to needs that are only asked about.
fn without_plan(
    session: &Session,
    args: &SuggestArgs,
    wanted: &[WantedNeed],
) -> anyhow::Result<Answer> {
    if args.apply {
        // There is none, which `open` says.
        session.open()?;
    }
    if wanted.is_empty() {
        return Err(Advised {
            message: format!("there is no `{PLAN_FILE}` here or in a folder above"),
            help: "name needs, such as `backstay suggest database cache`, or begin a plan: `backstay new`".to_owned(),
        }
        .into());
    }
    let catalog = session.catalog()?;
    let plan = asked_about(wanted, args.stack.as_deref(), &args.team);
    let basis = basis(&plan, &catalog, args)?;
    let need = |wanted: &WantedNeed| Need {
        role: wanted.role,
        asked_by: Vec::new(),
        cause: Cause::Said,
    };
    let suggestions = decide(&basis, wanted.iter().map(need).collect());
    Ok(Answer {
        text: printed(args.format, &basis, &suggestions),
        notes: impossible(&catalog, wanted),
        ..Answer::default()
    })
}

/// The plan, as if it said what was said on the command line.
fn expecting(plan: &Plan, args: &SuggestArgs, wanted: &[WantedNeed]) -> Plan {
    let mut plan = plan.clone();
    let asked = asked_about(wanted, args.stack.as_deref(), &args.team);
    plan.sizes.extend(asked.sizes);
    plan.needs.extend(asked.needs);
    plan.team.splice(0..0, asked.team);
    plan
}

fn basis<'a>(
    plan: &'a Plan,
    catalog: &'a Catalog,
    args: &SuggestArgs,
) -> anyhow::Result<Basis<'a>> {
    check_team(catalog, &args.team)?;
    let basis = match &args.stack {
        Some(stack) => Basis::of(plan, catalog, Some(stack)),
        None => Basis::of_plan(plan, catalog),
    };
    let named = args.stack.as_deref().unwrap_or_default();
    basis.ok_or_else(|| unknown_stack(catalog, named).into())
}

/// The error for a stack that is not there.
pub fn unknown_stack(catalog: &Catalog, named: &str) -> Advised {
    let known: Vec<String> = catalog.stacks().map(|stack| stack.id.clone()).collect();
    Advised {
        message: format!("there is no set of defaults {}", quoted(named)),
        help: match did_you_mean(named, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "there are {}; your own go into `.backstay/stacks/`",
                known.join(", ")
            ),
        },
    }
}

/// Refuses kinds that the catalog does not have.
pub fn check_team(catalog: &Catalog, team: &[String]) -> anyhow::Result<()> {
    let Some(unknown) = team.iter().find(|name| catalog.kind(name).is_none()) else {
        return Ok(());
    };
    let known = catalog.kind_names();
    Err(Advised {
        message: format!("{} is not a kind of the catalog", quoted(unknown)),
        help: match did_you_mean(unknown, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`backstay catalog` lists the kinds".to_owned(),
        },
    }
    .into())
}

/// The needs that are named, for the apps that have them; for every app where none says so.
fn needs_of(plan: &Plan, wanted: &[WantedNeed]) -> Vec<Need> {
    let need = |wanted: &WantedNeed| {
        let says = |app: &&ComponentName| plan.apps[*app].needs.contains(&wanted.role);
        let all = plan.apps.keys();
        let saying: Vec<ComponentName> = all.clone().filter(says).cloned().collect();
        Need {
            role: wanted.role,
            asked_by: match saying.is_empty() {
                true => all.cloned().collect(),
                false => saying,
            },
            cause: Cause::Said,
        }
    };
    wanted.iter().map(need).collect()
}

/// How to accept, where there is something to accept.
fn hint(opened: &Opened, args: &SuggestArgs, suggestions: &[Suggestion]) -> String {
    let filled = Filled::of(&opened.analysis.plan, &opened.catalog);
    let is_open = |suggestion: &Suggestion| {
        let need = &suggestion.need;
        let mut askers = need.asked_by.iter();
        suggestion.answer.is_some() && askers.any(|app| filled.by_what(app, need.role).is_none())
    };
    match args.format == SuggestFormat::Text && suggestions.iter().any(is_open) {
        true => {
            "`--apply` writes the answers into the plan, `--apply --dry-run` shows how\n".to_owned()
        }
        false => String::new(),
    }
}

/// Writes the answers into the plan and says what changes.
fn apply(
    opened: &Opened,
    basis: &Basis,
    args: &SuggestArgs,
    wanted: &[WantedNeed],
    suggestions: &[Suggestion],
) -> anyhow::Result<String> {
    let plan = &opened.analysis.plan;
    let mut all: Vec<Edit> = Vec::new();
    if let Some(stack) = args
        .stack
        .as_ref()
        .filter(|stack| plan.stack.as_ref() != Some(*stack))
    {
        all.push(Edit::set_text(PlanPath::keys(["stack"]), stack.clone()));
    }
    for need in wanted {
        all.extend(expected_edits(need.role, &need.expected));
    }
    all.extend(unsaid(plan, wanted, suggestions));
    all.extend(edits(basis, suggestions));
    let text = source::apply(&opened.text, &all).map_err(|error| Advised {
        message: format!("nothing was written: {error}"),
        help: "`backstay check` says what is wrong with the plan".to_owned(),
    })?;
    if text == opened.text {
        return Ok("nothing to accept\n".to_owned());
    }
    // Credentials are masked on both sides.
    let after = opened.analyze(&text);
    let old = report::text::mask(&opened.text, &opened.analysis.secrets);
    let new = report::text::mask(&text, &after.secrets);
    let mut said = report::diff::unified(&opened.shown_path(), &old, &new);
    match (args.dry_run, &opened.path) {
        (false, Some(path)) => replace_plan(path, &opened.text, &text)?,
        _ => said.push_str("nothing was written (--dry-run)\n"),
    }
    said.push_str(&new_findings(&opened.analysis.findings, &after.findings));
    Ok(said)
}

/// What the answers leave to be mended: something may be required that a service of the plan does not do.
fn new_findings(before: &[Finding], after: &[Finding]) -> String {
    let grave = |it: &&Finding| it.severity >= Severity::Warn;
    let is_new = |it: &&Finding| !before.iter().any(|old| old.said() == it.said());
    let new: Vec<&Finding> = after.iter().filter(grave).filter(is_new).collect();
    match new.first() {
        None => String::new(),
        Some(first) => format!(
            "this leaves {} to be mended, first: {}; `backstay check` shows how\n",
            counted(new.len(), "new finding"),
            first.said()
        ),
    }
}

/// The edits that say needs which no app says yet.
fn unsaid(plan: &Plan, wanted: &[WantedNeed], suggestions: &[Suggestion]) -> Vec<Edit> {
    let mut edits = Vec::new();
    for need in wanted {
        let said = suggestions.iter().find(|it| it.need.role == need.role);
        for app in said.iter().flat_map(|it| &it.need.asked_by) {
            let says = plan
                .apps
                .get(app)
                .is_some_and(|app| app.needs.contains(&need.role));
            if !says && plan.apps.contains_key(app) {
                edits.push(Edit::Push {
                    path: PlanPath::app(app.as_str()).key("needs"),
                    text: need.role.to_string(),
                });
            }
        }
    }
    edits
}
