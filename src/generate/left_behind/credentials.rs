//! The credentials that files keep of services, by what stands above them.

use crate::generate::env_file;
use crate::generate::left_behind::Item;
use crate::generate::left_behind::now::Now;
use crate::model::VariableName;
use crate::settings;

/// A credential that is kept, now or as one of before.
pub(super) struct Kept<'t> {
    /// The environment whose file it is.
    pub(super) environment: &'t str,
    /// The service that the line above says it is of; none if none does.
    pub(super) service: Option<&'t str>,
    /// The variable.
    pub(super) variable: &'t str,
    /// Whether a value of before is meant.
    pub(super) is_earlier: bool,
}

/// What a file of credentials keeps: `# db: PostgreSQL` or `# db.password` stands above those of `db`.
pub(super) fn kept<'t>(environment: &'t str, text: &'t str, is_earlier: bool) -> Vec<Kept<'t>> {
    let mut heading = None;
    let mut found = Vec::new();
    for entry in env_file::entries(text) {
        let Some(variable) = entry.key else {
            continue;
        };
        // The user's own comments are no headings, and the user's own lines not below one.
        let is_of = |service: &&str| variable.starts_with(&begin(service));
        let mut comments = entry.lead.lines().filter_map(|line| {
            let text = line.strip_prefix("# ")?;
            let name_end = text.find(['.', ':'])?;
            Some(&text[..name_end])
        });
        heading = comments.rfind(is_of).or(heading);
        found.push(Kept {
            environment,
            service: heading.filter(is_of),
            variable,
            is_earlier,
        });
    }
    found
}

/// How the variables of a service begin: `DB_`.
fn begin(service: &str) -> String {
    VariableName::shouted(&format!("{service}_"))
}

impl Now<'_> {
    /// What is kept of a service that the plan does not need, by variable.
    pub(super) fn unneeded<'n>(&'n self, item: &'n Item) -> Vec<&'n str> {
        let needed = self.needed(item.environment);
        let mut variables: Vec<&'n str> = Vec::new();
        for kept in self.kept_of(item) {
            let is_needed = needed.iter().any(|needed| needed == kept.variable);
            if !is_needed && !variables.contains(&kept.variable) {
                variables.push(kept.variable);
            }
        }
        variables
    }

    /// Whether values of before are kept of what a service needs now, too.
    pub(super) fn keeps_earlier(&self, item: &Item) -> bool {
        let needed = self.needed(item.environment);
        let mut kept = self.kept_of(item);
        kept.any(|kept| kept.is_earlier && needed.iter().any(|needed| needed == kept.variable))
    }

    /// Whether the files of an environment keep any credential.
    pub(super) fn keeps_any(&self, environment: &str) -> bool {
        let mut kept = self.written.kept.iter();
        kept.any(|kept| kept.environment == environment)
    }

    fn kept_of<'n>(&'n self, item: &'n Item) -> impl Iterator<Item = &'n Kept<'n>> {
        let is_of_kind = |variable: &str| {
            let mut names = item.kind.iter().flat_map(|kind| kind.secrets.keys());
            let name = variable.strip_prefix(&begin(item.name));
            name.is_some_and(|rest| names.any(|name| VariableName::shouted(name) == rest))
        };
        let kept = self.written.kept.iter();
        kept.filter(move |kept| {
            kept.environment == item.environment
                && match kept.service {
                    Some(service) => service == item.name,
                    None => is_of_kind(kept.variable),
                }
        })
    }

    /// The variables of the credentials that an environment needs.
    fn needed(&self, environment: &str) -> Vec<String> {
        let needs = self.topology(environment).map(settings::needs);
        let needs = needs.into_iter().flatten();
        needs.map(|need| need.id.variable()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_of_the_service_that_stands_above_it() {
        let text = "# Credentials: all of them.\n\n# db: PostgreSQL\nDB_POSTGRES_PASSWORD=x\n# note: ask Bob\n\
                    DB_URL=y\nMINE=z\n\n# db-two: Redis\nDB_TWO_REQUIREPASS=w\nDB_PASSWORD=v\n";
        let found = kept("prod", text, false);
        let found: Vec<_> = found.iter().map(|it| (it.service, it.variable)).collect();
        assert_eq!(
            found,
            [
                (Some("db"), "DB_POSTGRES_PASSWORD"),
                (Some("db"), "DB_URL"),
                (None, "MINE"),
                (Some("db-two"), "DB_TWO_REQUIREPASS"),
                (None, "DB_PASSWORD"),
            ]
        );
        let earlier = kept("prod", "\n# db.password\nDB_PASSWORD=x\n", true);
        assert_eq!(earlier[0].service, Some("db"));
    }
}
