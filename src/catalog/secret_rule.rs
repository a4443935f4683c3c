//! What a kind says of each of its credentials: what it looks like, and how it is changed.

use serde::Deserialize;

use crate::catalog::kind::yes;

/// A credential of a kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SecretRule {
    /// How many characters a generated one has; of the alphabets in base 64, how many bytes are written with them.
    pub length: usize,
    /// What a generated one always begins with, besides.
    #[serde(default)]
    pub prefix: String,
    /// Which characters a generated one has.
    #[serde(default)]
    pub alphabet: Alphabet,
    /// Whether clients need it too, or only the service itself.
    #[serde(default = "yes")]
    pub for_clients: bool,
    /// The kinds of services that alone need it; empty if every client does. A provider's service is
    /// asked for it only where one of them uses it.
    #[serde(default)]
    pub for_kinds: Vec<String>,
    /// Fewest characters that the service takes.
    pub shortest: Option<usize>,
    /// Most characters that the service takes.
    pub longest: Option<usize>,
    /// Characters that its container cannot take, though the service could.
    #[serde(default)]
    pub refused: String,
    /// Why another one would cost what is stored already, as a sentence. No new one is drawn then.
    pub permanent: Option<String>,
    /// Whether the service reads it at every start, so that a new one needs nothing but a restart.
    #[serde(default)]
    pub read_at_start: bool,
    /// Whether the healthcheck logs in with it: the container is not healthy before the service knows it.
    #[serde(default)]
    pub needed_for_health: bool,
    /// *Template* of a shell script that, run in the container after it has been made anew, changes it in a
    /// service that has data already. It reads the credential from the container's own files and variables.
    /// `{{ ask }}` in it stands for lines that ask for the value of before and put it into `$old`. Where one
    /// of its service is `needed-for-health`, it waits by itself until the service answers.
    pub rotation: Option<String>,
    /// A shell command that, run in the container, has the service draw another one and prints it: once it has
    /// data, it takes none that somebody else has chosen. No new one is drawn then.
    pub renewal: Option<String>,
    /// What whoever runs the script is asked for, or has to know.
    pub rotation_note: Option<String>,
}

/// Characters of generated credentials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Alphabet {
    /// `A-Za-z0-9-_.` with all four sorts, a letter first: no format needs to escape it.
    #[default]
    Portable,
    /// `A-Za-z0-9`, a letter first.
    Alphanumeric,
    /// `A-Z0-9`, a letter first.
    UpperAlphanumeric,
    /// Base 64 with `+`, `/` and padding.
    Base64,
    /// Base 64 with `-` and `_`, without padding, a letter or digit first.
    Base64Url,
}

impl SecretRule {
    /// The rule of a setting that is a credential, of which only its owner knows more.
    pub fn of_settings() -> SecretRule {
        SecretRule {
            length: 32,
            prefix: String::new(),
            alphabet: Alphabet::Portable,
            for_clients: false,
            for_kinds: Vec::new(),
            shortest: None,
            longest: None,
            refused: String::new(),
            permanent: None,
            read_at_start: true,
            needed_for_health: false,
            rotation: None,
            renewal: None,
            rotation_note: None,
        }
    }

    /// Whether a service that has data must be told of another one, by a script or by hand.
    pub fn is_told(&self) -> bool {
        !self.read_at_start && self.is_drawn_anew()
    }

    /// Whether Backstay may draw another one in place of the one that is there.
    pub fn is_drawn_anew(&self) -> bool {
        self.permanent.is_none() && self.renewal.is_none()
    }

    /// Why a service with this rule cannot take `value`, as the end of a sentence about it; `None` if it can.
    /// `in_container` for one whose container Backstay writes.
    pub fn refusal(&self, value: &str, in_container: bool) -> Option<String> {
        let length = value.chars().count();
        if value.is_empty() {
            return Some("is empty".to_owned());
        }
        if value.chars().any(char::is_control) {
            return Some("holds a line break or another control character".to_owned());
        }
        let in_base_64 = |c: char| c.is_ascii_alphanumeric() || "+/=".contains(c);
        if self.alphabet == Alphabet::Base64 && !value.chars().all(in_base_64) {
            return Some("is not in base 64".to_owned());
        }
        if let Some(longest) = self.longest.filter(|longest| length > *longest) {
            return Some(format!("is longer than {longest} characters"));
        }
        if let Some(shortest) = self.shortest.filter(|shortest| length < *shortest) {
            return Some(format!("is shorter than {shortest} characters"));
        }
        let refused = value.chars().find(|c| self.refused.contains(*c));
        refused
            .filter(|_| in_container)
            .map(|c| format!("holds `{c}`, which breaks the first start of its container"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_service_cannot_take_is_said() {
        let rule: SecretRule =
            toml::from_str("length = 32\nshortest = 8\nlongest = 10\nrefused = \"'\"\n")
                .expect("a rule");
        for (value, in_container, refusal) in [
            ("", true, Some("is empty")),
            (
                "a\nbcdefgh",
                true,
                Some("holds a line break or another control character"),
            ),
            ("abcdefg", true, Some("is shorter than 8 characters")),
            ("abcdefghijk", true, Some("is longer than 10 characters")),
            (
                "it's mine",
                true,
                Some("holds `'`, which breaks the first start of its container"),
            ),
            ("it's mine", false, None),
            ("pässword", true, None),
        ] {
            assert_eq!(
                rule.refusal(value, in_container).as_deref(),
                refusal,
                "{value}"
            );
        }
    }
}
