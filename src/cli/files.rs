//! The files of environments as they would be: what `generate` and the commands about credentials share.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use crate::cli::Answer;
use crate::cli::session::Opened;
use crate::cli::taken::{Taken, taken};
use crate::finding::{Finding, Severity, printed};
use crate::generate::env_file::Unread;
use crate::generate::secret_file::{secrets_file, secrets_path};
use crate::generate::{
    Ahead, Artifact, Audience, Generated, Inputs, Instruction, PLAN_FOLDER, Renderer,
    before_credentials, generate,
};
use crate::model::EnvironmentName;
use crate::project::{Access, ChangeKind, FileChange, Loose, Output};
use crate::report::{self, text::Excerpts};
use crate::settings::{self, SecretNeed, SecretValues, masked_values};
use crate::topology::Topology;

/// What comes next in environments whose files are written.
pub type AheadIn = BTreeMap<EnvironmentName, Ahead>;

/// The files of some environments, and the credentials that they need.
pub struct Files<'a> {
    opened: &'a Opened,
    renderer: Renderer,
    /// The environments whose files they are.
    pub environments: Vec<EnvironmentName>,
    /// Those environments and whoever lends them something: whose credentials are needed.
    pub owners: Vec<EnvironmentName>,
    needs: Vec<(EnvironmentName, Vec<SecretNeed>)>,
    /// How the plan's folder is reached from a host's.
    plan_folder: String,
}

impl<'a> Files<'a> {
    /// The files of `environments`, in the folder that the user names or in the usual one.
    pub fn of(
        opened: &'a Opened,
        named: Option<&Path>,
        environments: Vec<EnvironmentName>,
    ) -> anyhow::Result<Self> {
        let topologies = &opened.analysis.topologies;
        let wanted = |topology: &&Topology| environments.contains(&topology.environment);
        let chosen = topologies.iter().filter(wanted);
        // Whoever borrows needs the lender's credentials too.
        let lenders = chosen
            .flat_map(|topology| topology.hosts.values())
            .filter_map(|host| host.borrowed_from.clone());
        let owners: BTreeSet<EnvironmentName> =
            environments.iter().cloned().chain(lenders).collect();
        let owning = topologies
            .iter()
            .filter(|topology| owners.contains(&topology.environment));
        Ok(Files {
            opened,
            renderer: Renderer::new(&opened.own.templates)?,
            needs: owning
                .map(|topology| (topology.environment.clone(), settings::needs(topology)))
                .collect(),
            environments,
            plan_folder: named.map_or_else(
                || PLAN_FOLDER.to_owned(),
                |root| plan_folder(root, &opened.folder()),
            ),
            owners: owners.into_iter().collect(),
        })
    }

    /// Every credential that they need.
    pub fn needs(&self) -> Vec<SecretNeed> {
        let needs = self.needs.iter().flat_map(|(_, needs)| needs);
        needs.cloned().collect()
    }

    /// The credentials that the plan says are kept elsewhere.
    pub fn taken(&self) -> Taken {
        taken(self.opened, &self.needs())
    }

    /// What generation works from, with these credentials.
    pub fn inputs<'b>(&'b self, secrets: &'b SecretValues) -> Inputs<'b> {
        Inputs {
            plan: self.opened.plan_name(),
            topologies: &self.opened.analysis.topologies,
            catalog: &self.opened.catalog,
            secrets,
            renderer: &self.renderer,
            plan_folder: &self.plan_folder,
        }
    }

    /// What would happen to each of them.
    pub fn changes(
        &self,
        output: &Output,
        taken: &SecretValues,
    ) -> anyhow::Result<Vec<FileChange>> {
        self.changes_and_ahead(output, taken)
            .map(|(changes, _)| changes)
    }

    /// The same, and what comes next in each environment then.
    pub fn changes_and_ahead(
        &self,
        output: &Output,
        taken: &SecretValues,
    ) -> anyhow::Result<(Vec<FileChange>, AheadIn)> {
        let secrets = output.secrets(&self.needs(), taken)?;
        let generated = Generated::of(&self.inputs(&secrets), &self.environments)?;
        let changes = self.changes_of(output, generated.artifacts, &secrets)?;
        Ok((changes, generated.ahead))
    }

    /// The environments whose files they are, resolved.
    pub fn topologies(&self) -> impl Iterator<Item = &Topology> {
        let topologies = self.opened.analysis.topologies.iter();
        topologies.filter(|topology| self.environments.contains(&topology.environment))
    }

    /// What would happen where credentials are kept, and to nothing that runs with them.
    pub fn changes_of_credentials(&self, output: &Output) -> anyhow::Result<Vec<FileChange>> {
        let secrets = output.secrets(&self.needs(), &SecretValues::new())?;
        let artifacts = before_credentials(&self.inputs(&secrets), &self.environments)?;
        let secrets_files = self.environments.iter().map(|it| secrets_path(it.as_str()));
        let paths = artifacts.iter().map(|it| it.path.clone());
        let paths: BTreeSet<String> = paths.chain(secrets_files).collect();
        let mut changes = self.changes_of(output, artifacts, &secrets)?;
        // The other files are not gone: they are not looked at.
        changes.retain(|it| paths.contains(&it.path));
        Ok(changes)
    }

    /// What would happen to files of a run, and to those that keep credentials.
    fn changes_of(
        &self,
        output: &Output,
        mut artifacts: Vec<Artifact>,
        secrets: &SecretValues,
    ) -> anyhow::Result<Vec<FileChange>> {
        for (environment, needs) in &self.needs {
            if needs.iter().any(SecretNeed::is_kept) {
                let name = environment.as_str();
                artifacts.push(secrets_file(&self.renderer, name, needs, secrets)?);
            }
        }
        let topologies = self.opened.analysis.topologies.iter();
        let known: Vec<EnvironmentName> = topologies
            .map(|topology| topology.environment.clone())
            .collect();
        let is_title = |title: &str| {
            let mut kinds = self.opened.catalog.kinds();
            kinds.any(|kind| kind.title == title)
        };
        Ok(output.changes(&artifacts, &self.environments, &known, &is_title)?)
    }

    /// The files, by path, with a mark in the place of every credential: what may be shown of them.
    pub fn masked(&self) -> BTreeMap<String, String> {
        let secrets = masked_values(self.needs());
        let artifacts = generate(&self.inputs(&secrets), &self.environments).unwrap_or_default();
        let pair = |artifact: Artifact| (artifact.path, artifact.text);
        artifacts.into_iter().map(pair).collect()
    }
}

/// Where the generated files of a plan are: the folder that the user names, or `deploy` beside the plan.
pub fn output_root(opened: &Opened, named: Option<&Path>) -> PathBuf {
    named.map_or_else(|| opened.output_folder(), Path::to_owned)
}

/// How the plan's folder is reached from a host's folder below `root`; by its whole path where nothing else
/// leads there.
fn plan_folder(root: &Path, plan: &Path) -> String {
    let (Ok(root), Ok(plan)) = (absolute(root), absolute(plan)) else {
        return plan.display().to_string();
    };
    let (root, plan): (Vec<_>, Vec<_>) = (root.components().collect(), plan.components().collect());
    let both = root.iter().zip(&plan);
    let shared = both.take_while(|(one, other)| one == other).count();
    if shared == 0 {
        let whole: PathBuf = plan.iter().collect();
        return whole.display().to_string();
    }
    // A host's folder lies two below the output folder.
    let up = std::iter::repeat_n("..".to_owned(), root.len() - shared + 2);
    let down = plan[shared..].iter();
    let down = down.map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<String>>().join("/")
}

/// A path from the root, without the parts that lead nowhere or back.
fn absolute(path: &Path) -> std::io::Result<PathBuf> {
    let mut plain = PathBuf::new();
    for part in std::path::absolute(path)?.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
    }
    Ok(plain)
}

/// The output folder.
pub fn open_output(
    opened: &Opened,
    named: Option<&Path>,
    access: Access,
) -> anyhow::Result<Output> {
    let inside = named.is_none().then(|| opened.folder());
    let root = output_root(opened, named);
    Ok(Output::open(&root, inside.as_deref(), access)?)
}

/// Findings that would make the files wrong; nothing if there are none.
pub fn blocked(opened: &Opened, environments: &[EnvironmentName]) -> Option<Answer> {
    let concerns = |finding: &&Finding| {
        finding.severity == Severity::Deny
            && finding
                .environment
                .as_ref()
                .is_none_or(|environment| environments.contains(environment))
    };
    let denied: Vec<Finding> = opened
        .analysis
        .findings
        .iter()
        .filter(concerns)
        .cloned()
        .collect();
    if denied.is_empty() {
        return None;
    }
    let excerpts = Excerpts::new(&opened.shown_path(), &opened.text, &opened.analysis.secrets);
    let notes = format!(
        "{}nothing was written: mend the plan first\n",
        report::text::findings(&denied, &excerpts)
    );
    Some(Answer {
        text: String::new(),
        notes,
        code: 1,
    })
}

/// The conflicts among changes, each with its places.
pub fn said_conflicts(changes: &[FileChange]) -> String {
    let in_conflict = changes.iter().filter(|change| !change.conflicts.is_empty());
    let said = in_conflict.map(|change| {
        let places: String = match change.audience {
            Audience::Container => "    its credential was changed here\n".to_owned(),
            _ => change
                .conflicts
                .iter()
                .map(|place| format!("    {place}\n"))
                .collect(),
        };
        format!("conflict: {}\n{places}", plain(&change.path))
    });
    said.collect()
}

/// The changes that were made, a line each; nothing for files that stay.
pub fn said_changes(changes: &[FileChange], root: &Path) -> String {
    let said = changes.iter().filter_map(|change| {
        let word = match change.kind {
            _ if !change.conflicts.is_empty() => "replaced (yours is kept as .orig)",
            ChangeKind::Create => "created",
            ChangeKind::Update => "updated",
            ChangeKind::Remove => "removed",
            ChangeKind::Orphan => "no longer generated; it stays because you changed it:",
            ChangeKind::Keep => return None,
        };
        let path = root.join(&change.path);
        Some(format!("{word} {}\n", plain(&path.display().to_string())))
    });
    said.collect()
}

/// Steps that are to be taken by hand, each with what is run in it.
pub fn numbered(steps: &[Instruction]) -> String {
    let mut text = String::new();
    for (number, step) in steps.iter().enumerate() {
        text.push_str(&format!("\n{}. {}\n", number + 1, step.text));
        if let Some(command) = &step.command {
            text.push_str(&format!("{command}\n"));
        }
    }
    text
}

/// Files that others can read, each with its cure.
pub fn said_loose(loose: &[Loose]) -> String {
    let said = loose.iter().map(|one| {
        let path = plain(&one.path.display().to_string());
        let (mode, wanted) = (one.mode, one.wanted);
        format!("warning: others can read {path} (mode {mode:04o}): chmod {wanted:o} {path}\n")
    });
    said.collect()
}

/// Lines of files with credentials that nothing reads, each with its place and not with what it holds.
pub fn said_unread(output: &Output, environments: &[EnvironmentName]) -> String {
    let unread = output.unread(environments).into_iter();
    let said = unread.map(|(path, Unread { line, why })| {
        let path = plain(&path.display().to_string());
        format!("warning: line {line} of {path}: {why}\n")
    });
    said.collect()
}

/// Files that others could read until now.
pub fn said_closed(loose: &[Loose]) -> String {
    let said = loose.iter().map(|one| {
        let path = plain(&one.path.display().to_string());
        let (mode, wanted) = (one.mode, one.wanted);
        format!("closed {path}: others could read it (mode {mode:04o}, now {wanted:04o})\n")
    });
    said.collect()
}

/// A path without characters that a terminal obeys.
pub fn plain(path: &str) -> String {
    printed(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_cannot_move_the_cursor() {
        assert_eq!(plain("prod/\u{1b}[2J"), "prod/\\u{1b}[2J");
        assert_eq!(plain("deploy/prod/é"), "deploy/prod/é");
    }
}
