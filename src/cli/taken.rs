//! Credentials that are kept elsewhere: read from variables and files, with the plan's place for each that is not.

use crate::cli::session::{Advised, Opened};
use crate::finding::printed;
use crate::model::{PlanPath, SecretSource};
use crate::project::read_credential;
use crate::settings::{SecretNeed, SecretOrigin, SecretValues};
use crate::source;
use crate::span::Lines;

/// Credentials from elsewhere.
#[derive(Debug, Default)]
pub struct Taken {
    /// Those that are there.
    pub values: SecretValues,
    /// Why others are not, a sentence each.
    pub missing: Vec<String>,
}

impl Taken {
    /// The values, if none is missing.
    pub fn whole(self) -> anyhow::Result<SecretValues> {
        match self.missing.is_empty() {
            true => Ok(self.values),
            false => Err(Advised {
                message: self.missing.join("\nerror: "),
                help: "set the variable or write the file for this run; nothing was written"
                    .to_owned(),
            }
            .into()),
        }
    }
}

/// Reads what `needs` says is kept elsewhere.
pub fn taken(opened: &Opened, needs: &[SecretNeed]) -> Taken {
    let mut taken = Taken::default();
    for need in needs {
        let SecretOrigin::Taken(from) = &need.origin else {
            continue;
        };
        let value = read(opened, from);
        let value = value.and_then(|value| match need.rule.refusal(&value, need.in_container) {
            None => Ok(value),
            Some(refusal) => Err(format!("{} {refusal}", said(from))),
        });
        match value {
            Ok(value) => {
                taken.values.insert(need.id.clone(), value);
            }
            Err(fault) => {
                let (id, environment) = (need.id.said(), &need.id.environment);
                let place = place(opened, need, from);
                taken.missing.push(format!(
                    "{place}: the credential `{id}` of {environment} cannot be had: {fault}"
                ));
            }
        }
    }
    taken
}

fn read(opened: &Opened, from: &SecretSource) -> Result<String, String> {
    match from {
        SecretSource::Variable(name) => variable(name.as_str()),
        SecretSource::File(path) => {
            read_credential(&opened.beside(path)).map_err(|error| error.to_string())
        }
    }
}

/// A variable of whoever runs this.
#[expect(
    clippy::disallowed_methods,
    reason = "the user's environment is read in this folder alone"
)]
pub fn variable(name: &str) -> Result<String, String> {
    let shown: String = printed(name);
    std::env::var(name).map_err(|error| match error {
        std::env::VarError::NotPresent => format!("the variable `{shown}` is not set"),
        std::env::VarError::NotUnicode(_) => format!("the variable `{shown}` is not UTF-8 text"),
    })
}

/// A source as the start of a sentence.
pub fn said(from: &SecretSource) -> String {
    match from {
        SecretSource::Variable(name) => format!("the variable `{name}`"),
        SecretSource::File(path) => format!("the file `{path}`"),
    }
}

/// Where the plan says the source: `backstay.toml:14:49`.
fn place(opened: &Opened, need: &SecretNeed, from: &SecretSource) -> String {
    let key = match from {
        SecretSource::Variable(_) => "from-env",
        SecretSource::File(_) => "from-file",
    };
    let path = PlanPath::environment(need.id.environment.as_str())
        .key("services")
        .key(need.id.service.as_str())
        .key("secrets")
        .key(&need.id.name)
        .key(key);
    let span = source::read(&opened.text).places.find(&path);
    let at = Lines::new(&opened.text).line_column(span.start, &opened.text);
    let plan: String = printed(&opened.shown_path());
    format!("{plan}:{}:{}", at.line, at.column)
}
