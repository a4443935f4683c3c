//! `backstay show`, and what `backstay` alone prints.

use crate::cli::Answer;
use crate::cli::args::{Coloring, Format, ShowArgs};
use crate::cli::check::example_note;
use crate::cli::locale::charset;
use crate::cli::session::{Advised, Opened, Session};
use crate::finding::{Severity, did_you_mean, quoted};
use crate::layout::Charset;
use crate::report::{self, show::Screen, text::Excerpts};
use crate::topology::{Failing, Topology};

/// Environments as text or JSON.
pub fn run(session: &Session, args: &ShowArgs) -> anyhow::Result<Answer> {
    let opened = session.open_or_example()?;
    let environments = opened.environments(&args.environments)?;
    let all = opened.analysis.topologies.iter();
    let chosen: Vec<&Topology> = all
        .filter(|topology| environments.contains(&topology.environment))
        .collect();
    if !args.without.is_empty() {
        return without(&opened, &chosen, args);
    }
    let text = match args.format {
        Format::Text => {
            color(args.color);
            let findings = &opened.analysis.findings;
            report::show::show(opened.plan_name(), &chosen, findings, screen(args))
        }
        Format::Json => report::json::show(opened.plan_name(), &chosen),
    };
    let notes = format!("{}{}", example_note(&opened), left_out(&opened));
    Ok(Answer {
        text,
        notes,
        code: 0,
    })
}

/// What it costs when some things fail.
fn without(opened: &Opened, chosen: &[&Topology], args: &ShowArgs) -> anyhow::Result<Answer> {
    let is_one = args.environments.len() == 1 || chosen.len() == 1;
    let topology = match chosen.last() {
        Some(topology) if is_one => topology,
        _ => {
            return Err(Advised {
                message: "an outage is asked for in one environment".to_owned(),
                help: "name it: backstay show ENVIRONMENT --without NAME".to_owned(),
            }
            .into());
        }
    };
    let failing = args.without.iter().map(|name| failing(topology, name));
    let failing = failing.collect::<anyhow::Result<Vec<Failing>>>()?;
    let outage = topology.outage(&failing);
    let plan = opened.plan_name();
    let text = match args.format {
        Format::Text => report::outage::text(plan, topology, &failing, &outage),
        Format::Json => report::outage::json(plan, topology, &failing, &outage),
    };
    Ok(Answer {
        text,
        notes: format!("{}{}", example_note(opened), left_out(opened)),
        code: 0,
    })
}

/// The host or the component of this name: a host where both are called so.
fn failing(topology: &Topology, name: &str) -> anyhow::Result<Failing> {
    let host = topology.hosts.keys().find(|host| host.as_str() == name);
    let components = topology.components.keys();
    let component = components
        .clone()
        .find(|component| component.as_str() == name);
    match (host, component) {
        (Some(host), _) => Ok(Failing::Host(host.clone())),
        (None, Some(component)) => Ok(Failing::Component(component.clone())),
        (None, None) => {
            let hosts = topology.hosts.keys().map(|host| host.as_str());
            let known: Vec<&str> = hosts.chain(components.map(|it| it.as_str())).collect();
            let near = did_you_mean(name, known.iter().copied());
            Err(Advised {
                message: format!(
                    "nothing in `{}` is called {}",
                    topology.environment,
                    quoted(name)
                ),
                help: match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!(
                        "`backstay show {}` shows what there is",
                        topology.environment
                    ),
                },
            }
            .into())
        }
    }
}

/// Every environment, then the findings.
pub fn overview(session: &Session) -> anyhow::Result<Answer> {
    let opened = session.open_or_example()?;
    let all: Vec<&Topology> = opened.analysis.topologies.iter().collect();
    let excerpts = Excerpts::new(&opened.shown_path(), &opened.text, &opened.analysis.secrets);
    let text = format!(
        "{}\n{}",
        report::show::show(
            opened.plan_name(),
            &all,
            &opened.analysis.findings,
            screen_here(),
        ),
        report::text::findings(&opened.analysis.findings, &excerpts)
    );
    Ok(Answer {
        text,
        notes: example_note(&opened),
        code: 0,
    })
}

/// Overrides what the terminal and the variables `NO_COLOR`, `CLICOLOR_FORCE` and `TERM` say.
fn color(when: Coloring) {
    match when {
        Coloring::Auto => {}
        Coloring::Always => anstream::ColorChoice::AlwaysAnsi.write_global(),
        Coloring::Never => anstream::ColorChoice::Never.write_global(),
    }
}

/// What to draw for, as the arguments and the terminal say.
fn screen(args: &ShowArgs) -> Screen {
    let here = screen_here();
    Screen {
        width: args.width.unwrap_or(here.width),
        charset: match args.ascii {
            true => Charset::Ascii,
            false => here.charset,
        },
    }
}

/// The terminal, if standard output is one.
fn screen_here() -> Screen {
    match terminal_size::terminal_size_of(std::io::stdout()) {
        Some((width, _)) => Screen {
            width: usize::from(width.0),
            charset: charset(),
        },
        None => Screen::default(),
    }
}

/// A picture of a plan with mistakes is not the whole picture; said once.
fn left_out(opened: &Opened) -> String {
    match opened.analysis.count(Severity::Deny) {
        0 => String::new(),
        1 => {
            "the plan has a mistake, so something may be missing here: `backstay check` says what\n"
                .to_owned()
        }
        n => format!(
            "the plan has {n} mistakes, so something may be missing here: `backstay check` says what\n"
        ),
    }
}
