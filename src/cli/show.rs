//! `backstay show`, and what `backstay` alone prints.

use crate::cli::Answer;
use crate::cli::args::{Format, ShowArgs};
use crate::cli::check::example_note;
use crate::cli::session::{Opened, Session};
use crate::finding::Severity;
use crate::report::{self, text::Excerpts};
use crate::topology::Topology;

/// Environments as text or JSON.
pub fn run(session: &Session, args: &ShowArgs) -> anyhow::Result<Answer> {
    let opened = session.open_or_example()?;
    let environments = opened.environments(&args.environments)?;
    let all = opened.analysis.topologies.iter();
    let chosen: Vec<&Topology> = all
        .filter(|topology| environments.contains(&topology.environment))
        .collect();
    let text = match args.format {
        Format::Text => report::show::show(opened.plan_name(), &chosen),
        Format::Json => report::json::show(opened.plan_name(), &chosen),
    };
    let notes = format!("{}{}", example_note(&opened), left_out(&opened));
    Ok(Answer {
        text,
        notes,
        code: 0,
    })
}

/// Every environment, then the findings.
pub fn overview(session: &Session) -> anyhow::Result<Answer> {
    let opened = session.open_or_example()?;
    let all: Vec<&Topology> = opened.analysis.topologies.iter().collect();
    let excerpts = Excerpts::new(&opened.shown_path(), &opened.text, &opened.analysis.secrets);
    let text = format!(
        "{}\n{}",
        report::show::show(opened.plan_name(), &all),
        report::text::findings(&opened.analysis.findings, &excerpts)
    );
    Ok(Answer {
        text,
        notes: example_note(&opened),
        code: 0,
    })
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
