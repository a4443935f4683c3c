//! Calls the library as the program does, without processes and files.

use backstay::analysis::{Analysis, Config, analyze};
use backstay::catalog::Catalog;
use backstay::generate::{Inputs, PLAN_FOLDER, Renderer, draw, generate};
use backstay::model::{Date, EnvironmentName};
use backstay::settings::{SecretValues, needs};

/// A catalog, a day and the templates: what stays the same from one edit to the next.
pub struct Library {
    catalog: Catalog,
    config: Config,
    renderer: Renderer,
}

impl Library {
    /// The library as a session begins with it.
    pub fn new() -> Library {
        let today = Date::parse("2026-11-22").expect("this is a date");
        Library {
            catalog: Catalog::builtin(),
            config: Config { today },
            renderer: Renderer::new(&[]).expect("the embedded templates are valid"),
        }
    }

    /// What an edit of the plan costs.
    pub fn analyze(&self, plan: &str) -> Analysis {
        analyze(plan, &self.catalog, &self.config)
    }

    /// Generates every file; how many bytes they have together.
    pub fn generate(&self, analysis: &Analysis, secrets: &SecretValues) -> usize {
        let inputs = Inputs {
            plan: "figures",
            topologies: &analysis.topologies,
            catalog: &self.catalog,
            secrets,
            renderer: &self.renderer,
            plan_folder: PLAN_FOLDER,
        };
        let environments: Vec<EnvironmentName> = analysis
            .topologies
            .iter()
            .map(|topology| topology.environment.clone())
            .collect();
        let artifacts = generate(&inputs, &environments).expect("the plan's files can be made");
        artifacts.iter().map(|artifact| artifact.text.len()).sum()
    }
}

/// Credentials for everything that needs one, always the same.
pub fn secrets(analysis: &Analysis) -> SecretValues {
    let mut byte = 0_u8;
    let mut fill = |bytes: &mut [u8]| {
        bytes.fill_with(|| {
            byte = byte.wrapping_mul(109).wrapping_add(89);
            byte
        });
        Ok::<(), std::convert::Infallible>(())
    };
    let needs = analysis.topologies.iter().flat_map(needs);
    needs
        .map(|need| {
            let Ok(value) = draw(&need.rule, &mut fill);
            (need.id, value)
        })
        .collect()
}
