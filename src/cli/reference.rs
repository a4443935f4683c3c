//! Commands that print what Backstay knows: catalog, rules, schema, example, completions, man page.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::Answer;
use crate::cli::args::{Args, ExplainArgs, Format};
use crate::cli::session::{Advised, EXAMPLE, Session};
use crate::cli::variable;
use crate::finding::{did_you_mean, quoted};
use crate::lint::all_rules;
use crate::report::{explain, json_schema};
use crate::source::plan_shape;

/// A rule, a kind, a dialect or variables; every rule if none is named.
pub fn explain(session: &Session, args: &ExplainArgs) -> anyhow::Result<Answer> {
    let topic = args.topic.as_deref();
    if let Some(topic) = topic.filter(|topic| topic.contains('/')) {
        return variable::explain(session, topic, args.format);
    }
    if args.format == Format::Json {
        return Err(Advised {
            message: "only variables are explained as JSON".to_owned(),
            help: "name some: ENVIRONMENT/APP or ENVIRONMENT/APP/VARIABLE".to_owned(),
        }
        .into());
    }
    let Some(topic) = topic else {
        return Ok(printed(explain::rules(all_rules())));
    };
    if let Some(rule) = all_rules().find(|rule| rule.name == topic) {
        return Ok(printed(explain::rule(rule)));
    }
    let rules = all_rules().map(|rule| rule.name.to_owned()).collect();
    describe(session, topic, rules).map_err(|nothing| match is_environment(session, topic) {
        true => Advised {
            message: format!(
                "{} is an environment, of which apps are explained",
                quoted(topic)
            ),
            help: format!("name one: `backstay explain {topic}/APP`"),
        }
        .into(),
        false => nothing,
    })
}

/// Whether the plan, if there is one, has an environment of this name.
fn is_environment(session: &Session, name: &str) -> bool {
    let Ok(opened) = session.open() else {
        return false;
    };
    let topologies = &opened.analysis.topologies;
    topologies
        .iter()
        .any(|topology| topology.environment.as_str() == name)
}

/// A kind or a dialect; all of them if none is named.
pub fn catalog(session: &Session, name: Option<&str>) -> anyhow::Result<Answer> {
    match name {
        Some(name) => describe(session, name, Vec::new()),
        None => Ok(printed(explain::catalog(&session.catalog()?))),
    }
}

fn describe(session: &Session, name: &str, mut known: Vec<String>) -> anyhow::Result<Answer> {
    let catalog = session.catalog()?;
    if let Some(kind) = catalog.kind(name) {
        return Ok(printed(explain::kind(&kind)));
    }
    if let Some(dialect) = catalog.dialect(name) {
        return Ok(printed(explain::dialect(&dialect)));
    }
    known.extend(catalog.kind_names());
    known.extend(catalog.dialects().map(|dialect| dialect.id.clone()));
    let help = match did_you_mean(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`backstay catalog` lists the kinds and dialects, `backstay explain` the rules"
            .to_owned(),
    };
    Err(Advised {
        message: format!("nothing is called {}", quoted(name)),
        help,
    }
    .into())
}

/// The plan file's JSON Schema.
pub fn schema() -> Answer {
    printed(json_schema::schema(&plan_shape()))
}

/// The example plan.
pub fn example() -> Answer {
    printed(EXAMPLE.to_owned())
}

/// Completions for a shell.
pub fn completions(shell: Shell) -> Answer {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "backstay", &mut script);
    printed(String::from_utf8_lossy(&script).into_owned())
}

/// The man page.
pub fn man() -> anyhow::Result<Answer> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Args::command()).render(&mut page)?;
    Ok(printed(String::from_utf8_lossy(&page).into_owned()))
}

fn printed(text: String) -> Answer {
    Answer {
        text,
        ..Answer::default()
    }
}
