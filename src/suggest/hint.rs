//! A need as it is typed: a role, what is expected of it, and which apps have it: `files:5GiB`,
//! `queue:redelivery+dead-letters`, `queue@worker`.

use crate::finding::{did_you_mean, printed, quoted};
use crate::model::{ByteSize, Choice, Period, Requirement, Role};
use crate::suggest::Expected;

/// A need that somebody asks about.
#[derive(Clone, Debug, PartialEq)]
pub struct WantedNeed {
    /// The role.
    pub role: Role,
    /// What is expected of it.
    pub expected: Expected,
    /// The names of the apps that have it; all of them if none is named.
    pub apps: Vec<String>,
}

/// Why it is no need.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct HintError {
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub help: String,
}

impl WantedNeed {
    /// Whether an app has it.
    pub fn is_of(&self, app: &str) -> bool {
        self.apps.is_empty() || self.apps.iter().any(|name| name == app)
    }

    /// Reads a role, alone or with a colon and what is expected, `+` between; then `@` and the apps that have it.
    pub fn parse(text: &str) -> Result<WantedNeed, HintError> {
        let (text, names) = match text.split_once('@') {
            Some((text, names)) => (text, Some(names)),
            None => (text, None),
        };
        let apps = names.unwrap_or_default().split('+').map(str::trim);
        let apps: Vec<String> = apps
            .filter(|app| !app.is_empty())
            .map(str::to_owned)
            .collect();
        if names.is_some() && apps.is_empty() {
            return Err(HintError {
                message: format!("no app is named behind the `@` of {}", quoted(text)),
                help: "name those that have the need, as in `queue@worker` or `queue@web+worker`"
                    .to_owned(),
            });
        }
        let (word, hints) = text.split_once(':').unwrap_or((text, ""));
        let role = Role::find(word.trim()).ok_or_else(|| unknown_role(word.trim()))?;
        let mut expected = Expected::default();
        for hint in hints
            .split('+')
            .map(str::trim)
            .filter(|hint| !hint.is_empty())
        {
            read(hint, &mut expected)?;
        }
        Ok(WantedNeed {
            role,
            expected,
            apps,
        })
    }

    /// Reads needs with commas between. A role stands once, or says the same again, of other apps or of all.
    pub fn parse_all(text: &str) -> Result<Vec<WantedNeed>, HintError> {
        let mut needs: Vec<WantedNeed> = Vec::new();
        let words = text
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty());
        for need in words.map(WantedNeed::parse) {
            let need = need?;
            match needs.iter_mut().find(|known| known.role == need.role) {
                Some(known) if known.expected == need.expected => known.join(need.apps),
                Some(_) => return Err(twice(need.role)),
                None => needs.push(need),
            }
        }
        Ok(needs)
    }

    /// As a need of these apps too.
    fn join(&mut self, apps: Vec<String>) {
        match self.apps.is_empty() || apps.is_empty() {
            true => self.apps.clear(),
            false => self.apps.extend(apps),
        }
    }
}

fn read(hint: &str, expected: &mut Expected) -> Result<(), HintError> {
    let spaced = hint.replace('_', " ");
    let size = &mut expected.size;
    let is_again = if let Some(required) = Requirement::find(hint) {
        let is_again = expected.demand.requires.contains(&required);
        expected.demand.requires.push(required);
        is_again
    } else if let Some(stored) = typed_size(&spaced).filter(|size| size.0 > 0) {
        size.stored.replace(stored).is_some()
    } else if let Some(kept) = Period::parse(&spaced) {
        size.kept_for.replace(kept).is_some()
    } else if let Some(writes) = hint
        .strip_suffix("/s")
        .and_then(|number| number.parse().ok())
        .filter(|writes| *writes > 0)
    {
        size.writes_per_second.replace(writes).is_some()
    } else {
        return Err(unknown_hint(hint));
    };
    match is_again {
        true => Err(HintError {
            message: format!("{} says again what was said before it", quoted(hint)),
            help: "say each amount once".to_owned(),
        }),
        false => Ok(()),
    }
}

/// An amount as people type it, who mean the same by `5GB`, `5gb` and `5G`.
fn typed_size(text: &str) -> Option<ByteSize> {
    let known = || {
        let end = text.find(|c: char| c.is_ascii_alphabetic())?;
        let (number, typed) = text.split_at(end);
        let long = format!("{typed}B");
        let is_it = |unit: &&str| {
            [typed, &long]
                .iter()
                .any(|it| unit.eq_ignore_ascii_case(it))
        };
        let unit = ByteSize::units().into_iter().find(is_it)?;
        ByteSize::parse(&format!("{number}{unit}"))
    };
    ByteSize::parse(text).or_else(known)
}

fn unknown_role(word: &str) -> HintError {
    let words = || Role::ALL.iter().map(|role| role.as_str());
    HintError {
        message: format!("{} is not a role", quoted(word)),
        help: match did_you_mean(word, words()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the roles are {}", words().collect::<Vec<_>>().join(", ")),
        },
    }
}

fn twice(role: Role) -> HintError {
    HintError {
        message: format!("`{role}` is asked for twice, and not with the same words"),
        help: format!("say all that is expected of it at once, as in `{role}:5GiB+90days`"),
    }
}

/// What begins as a number and is no amount.
fn unknown_amount(hint: &str) -> HintError {
    let digits = hint.trim_end_matches(|c: char| c.is_alphabetic() || c == '/' || c == ' ');
    let is_nothing = digits.parse() == Ok(0.0);
    // `300GiB:50000/s`
    if hint.contains(':') {
        return HintError {
            message: format!("{} holds a `:`", quoted(hint)),
            help: format!(
                "write `+` between what is expected, as in `{}`",
                printed(&hint.replace(':', "+"))
            ),
        };
    }
    HintError {
        message: match is_nothing {
            true => format!("{} is nothing", quoted(hint)),
            false => format!("{} is no amount that is known here", quoted(hint)),
        },
        help: format!(
            "amounts are in {}, spans of time in whole numbers of {}, and writes a second as in 2000/s; `+` stands between several",
            ByteSize::units().join(", "),
            Period::units().join(", ")
        ),
    }
}

fn unknown_hint(hint: &str) -> HintError {
    if hint.starts_with(|c: char| c.is_ascii_digit()) {
        return unknown_amount(hint);
    }
    let words = || Requirement::ALL.iter().map(|required| required.as_str());
    HintError {
        message: format!("{} says nothing about a need", quoted(hint)),
        help: match did_you_mean(hint, words()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "say how much (5GiB), how often (2000/s), for how long (90days), or {}",
                words().collect::<Vec<_>>().join(", ")
            ),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_need_is_read_with_what_is_expected_of_it() {
        let needs = WantedNeed::parse_all(
            "database, files:5GiB,queue:redelivery+dead-letters+2000/s+90days",
        );
        let needs = needs.expect("they are needs");
        let words: Vec<_> = needs
            .iter()
            .map(|need| (need.role.as_str(), need.expected.words().join(", ")))
            .collect();
        assert_eq!(
            words,
            [
                ("database", String::new()),
                ("files", "5 GiB stored".to_owned()),
                (
                    "queue",
                    "redelivery, dead-letters, 2000 writes a second, kept for 3 months".to_owned()
                ),
            ]
        );
    }

    #[test]
    fn what_is_no_need_is_said_with_what_was_meant() {
        let wrong = |text| WantedNeed::parse_all(text).expect_err("it is none");
        assert_eq!(wrong("cahce").help, "did you mean `cache`?");
        assert_eq!(wrong("queue:redelivry").help, "did you mean `redelivery`?");
        assert!(wrong("files:many").help.starts_with("say how much"));
        assert_eq!(
            wrong("database:300GiB:50000/s").help,
            "write `+` between what is expected, as in `300GiB+50000/s`"
        );
        for amount in ["files:1PiB", "metrics:2y", "files:0GiB", "database:0/s"] {
            let wrong = wrong(amount);
            assert!(
                wrong.help.contains("TiB") && wrong.help.contains("month"),
                "{wrong:?}"
            );
        }
        assert_eq!(wrong("files:0GiB").message, "`0GiB` is nothing");
    }

    #[test]
    fn amounts_are_read_as_people_type_them() {
        for (typed, size) in [
            ("5gb", "5 GB"),
            ("5G", "5 GB"),
            ("5g", "5 GB"),
            ("5 gib", "5 GiB"),
            ("5Gi", "5 GiB"),
            ("1.5tb", "1.5 TB"),
            ("300b", "300 B"),
        ] {
            let need = WantedNeed::parse(&format!("files:{typed}")).expect("an amount");
            assert_eq!(need.expected.size.stored, ByteSize::parse(size), "{typed}");
        }
        for typed in ["5x", "5Gx", "5gbb", "G", "5"] {
            assert!(
                WantedNeed::parse(&format!("files:{typed}")).is_err(),
                "{typed}"
            );
        }
    }

    #[test]
    fn a_role_is_asked_for_once() {
        let wrong = WantedNeed::parse_all("files:1GiB,files:500GiB").expect_err("which of them");
        assert_eq!(
            wrong.message,
            "`files` is asked for twice, and not with the same words"
        );
        let same = WantedNeed::parse_all("files:1GiB, files:1GiB").expect("one need");
        assert_eq!(same.len(), 1);
        let of = |text| {
            WantedNeed::parse_all(text).expect("one need")[0]
                .apps
                .clone()
        };
        assert_eq!(of("files:1GiB@web+worker"), ["web", "worker"]);
        assert_eq!(of("files@web, files@worker"), ["web", "worker"]);
        assert_eq!(of("files@web, files"), [""; 0]);
        assert!(WantedNeed::parse("files@").is_err());
        let wrong = WantedNeed::parse("files:5GiB+3GiB").expect_err("which of them");
        assert_eq!(wrong.message, "`3GiB` says again what was said before it");
    }
}
