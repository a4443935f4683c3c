//! `backstay export`: an environment as a picture or a graph for other programs.

use std::sync::Arc;

use anyhow::anyhow;

use crate::cli::Answer;
use crate::cli::args::{ExportArgs, ExportFormat};
use crate::cli::check::example_note;
use crate::cli::session::Session;
use crate::layout::{Graph, layout};
use crate::report::{export, json};

/// Prints the picture.
pub fn run(session: &Session, args: &ExportArgs) -> anyhow::Result<Answer> {
    let opened = session.open_or_example()?;
    let named: Vec<String> = args.environment.iter().cloned().collect();
    let environments = opened.environments(&named)?;
    let topology = environments
        .last()
        .and_then(|name| opened.analysis.topology(name.as_str()))
        .ok_or_else(|| anyhow!("the plan has no environment to export"))?;
    let plan = opened.plan_name();
    let graph = || Graph::of(topology, &opened.analysis.findings);
    let title = format!("{plan}: {}", topology.environment);
    let text = match args.format {
        ExportFormat::Svg => {
            let tier = topology
                .tier
                .map(|tier| tier.to_string())
                .unwrap_or_default();
            let description = format!("the environment {} ({tier})", topology.environment);
            export::svg(&title, &description, &layout(&Arc::new(graph()), None))
        }
        ExportFormat::Mermaid => export::mermaid(&graph()),
        ExportFormat::Dot => export::dot(&title, &graph()),
        ExportFormat::D2 => export::d2(&graph()),
        ExportFormat::Json => json::show(plan, &[topology]),
    };
    Ok(Answer {
        text,
        notes: example_note(&opened),
        code: 0,
    })
}
