//! What a value of the plan may be: texts, numbers, sizes, addresses, choices and names.

use std::net::IpAddr;

use toml::de::DeValue;

use crate::finding::{did_you_mean, printable, quoted};
use crate::model::{
    Address, ByteSize, Capability, Choice, ComponentName, EditValue, EnvironmentName, HostName,
    LabelName, NameError, Period, PlanName, PortName, Restart, SecretName, TimeSpan, VariableName,
    VolumeName,
};
use crate::secret_shape::shaped_like_a_secret;
use crate::source::field::{FieldValue, Name, Problem, in_quotes, listed, name_help, wrong_type};
use crate::source::rules;
use crate::source::shape::Shape;

/// A value for a message, which never repeats what looks like a credential.
fn repeated(text: &str) -> String {
    match shaped_like_a_secret(text) {
        true => "the value".to_owned(),
        false => quoted(text),
    }
}

impl FieldValue for String {
    fn shape() -> Shape {
        Shape::Text
    }

    fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
        let text = value
            .as_str()
            .ok_or_else(|| wrong_type(value, "a text in quotes", in_quotes(value)))?;
        if text.is_empty() {
            return Err(Problem::new(
                &rules::INVALID_VALUE,
                "the text is empty",
                "write a value, or take the key away",
            ));
        }
        if text.bytes().all(|b| matches!(b, b' '..=b'~')) {
            return Ok(text.to_owned());
        }
        match text.chars().find(|c| !printable(*c).eq([*c])) {
            Some(c) => Err(Problem::new(
                &rules::INVALID_VALUE,
                format!(
                    "the text holds the {} `{}`",
                    match c.is_control() {
                        true => "control character",
                        false => "invisible character",
                    },
                    c.escape_unicode()
                ),
                "write it without line breaks, control characters and invisible ones",
            )),
            None => Ok(text.to_owned()),
        }
    }
}

/// A setting's value: any text at all, empty and with line breaks too.
pub(super) struct SettingText(pub String);

impl FieldValue for SettingText {
    fn shape() -> Shape {
        Shape::Text
    }

    fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
        let text = value
            .as_str()
            .ok_or_else(|| wrong_type(value, "a text in quotes", in_quotes(value)))?;
        if text.contains('\0') {
            return Err(Problem::new(
                &rules::INVALID_VALUE,
                "the text holds a zero byte",
                "no variable can hold one",
            ));
        }
        Ok(SettingText(text.to_owned()))
    }
}

impl FieldValue for u16 {
    fn shape() -> Shape {
        Shape::Integer(1, 65_535)
    }

    fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
        integer(value, 1, 65_535).map(|number| number as u16)
    }
}

impl FieldValue for u32 {
    fn shape() -> Shape {
        Shape::Integer(1, i64::from(u32::MAX))
    }

    fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
        integer(value, 1, i64::from(u32::MAX)).map(|number| number as u32)
    }
}

fn integer(value: &DeValue<'_>, least: i64, most: i64) -> Result<i64, Problem> {
    let quoted_number = || value.as_str()?.parse().ok().map(EditValue::Integer);
    let number = value
        .as_integer()
        .ok_or_else(|| wrong_type(value, "a whole number", quoted_number()))?;
    let parsed = i64::from_str_radix(number.as_str(), number.radix()).ok();
    parsed
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| {
            Problem::new(
                &rules::INVALID_VALUE,
                format!("{} is out of range", quoted(&number.to_string())),
                format!("write a number from {least} to {most}"),
            )
        })
}

impl FieldValue for i64 {
    fn shape() -> Shape {
        Shape::Integer(-1, i64::from(u32::MAX))
    }

    fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
        integer(value, -1, i64::from(u32::MAX))
    }
}

impl FieldValue for bool {
    fn shape() -> Shape {
        Shape::Truth
    }

    fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
        value.as_bool().ok_or_else(|| Problem {
            help: "write true or false, without quotes".to_owned(),
            ..wrong_type(value, "true or false", None)
        })
    }
}

impl FieldValue for TimeSpan {
    fn shape() -> Shape {
        Shape::Pattern("^([0-9]+(\\.[0-9]+)?(us|ms|s|m|h))+$")
    }

    fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
        let help = "write numbers with units: \"10s\", \"1m30s\" or \"500ms\"";
        pattern(value, "a time in quotes", "a time", help, TimeSpan::parse)
    }
}

impl FieldValue for Restart {
    fn shape() -> Shape {
        Shape::Pattern("^(no|always|unless-stopped|on-failure(:[0-9]{1,5})?)$")
    }

    fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
        let help = "write no, always, unless-stopped, on-failure or on-failure:5";
        pattern(
            value,
            "a text in quotes",
            "a way to restart",
            help,
            Restart::parse,
        )
    }
}

impl FieldValue for Capability {
    fn shape() -> Shape {
        Shape::Pattern("^(CAP_)?[A-Z_]+$")
    }

    fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
        let text = value.as_str().unwrap_or_default().to_ascii_uppercase();
        let plain = text.strip_prefix("CAP_").unwrap_or(&text);
        let help = match did_you_mean(plain, Capability::NAMES) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "write its name as Linux has it, such as NET_ADMIN, or ALL".to_owned(),
        };
        pattern(
            value,
            "a name in quotes",
            "a capability",
            &help,
            Capability::find,
        )
    }
}

impl FieldValue for IpAddr {
    fn shape() -> Shape {
        Shape::Text
    }

    fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
        let help = "write an IP address that the host has: \"10.0.1.21\"";
        let parse = |text: &str| text.parse().ok();
        pattern(value, "an address in quotes", "an IP address", help, parse)
    }
}

/// A text that is read in a way of its own; `what` it should be.
pub(super) fn pattern<T>(
    value: &DeValue<'_>,
    expected: &str,
    what: &str,
    help: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, Problem> {
    let text = value.as_str().ok_or_else(|| Problem {
        help: help.to_owned(),
        ..wrong_type(value, expected, None)
    })?;
    parse(text).ok_or_else(|| {
        let message = format!("{} is not {what}", repeated(text));
        Problem::new(&rules::INVALID_VALUE, message, help)
    })
}

impl FieldValue for f64 {
    fn shape() -> Shape {
        Shape::Number
    }

    fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
        let number = match value {
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .ok()
                .map(|number| number as f64),
            DeValue::Float(number) => number.as_str().parse::<f64>().ok(),
            _ => return Err(wrong_type(value, "a number", None)),
        };
        number
            .filter(|number| *number > 0.0 && *number <= 65_536.0)
            .ok_or_else(|| {
                Problem::new(
                    &rules::INVALID_VALUE,
                    "the number is out of range",
                    "write a number above 0, such as 1.5",
                )
            })
    }
}

impl FieldValue for ByteSize {
    fn shape() -> Shape {
        Shape::Pattern("^[0-9]+(\\.[0-9]+)? ?([KMGT]i?B|B)$")
    }

    fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
        let help = "write a number and a unit, such as \"512 MiB\" or \"4 GiB\"";
        let text = value.as_str().ok_or_else(|| Problem {
            help: help.to_owned(),
            ..wrong_type(value, "a size in quotes", None)
        })?;
        ByteSize::parse(text)
            .filter(|size| size.0 > 0)
            .ok_or_else(|| {
                Problem::new(
                    &rules::INVALID_VALUE,
                    format!("{} is not a size", repeated(text)),
                    help,
                )
            })
    }
}

impl FieldValue for Period {
    fn shape() -> Shape {
        Shape::Pattern("^[0-9]+ ?(day|week|month|year)s?$")
    }

    fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
        let help = "write a number and a unit, such as \"7 days\", \"3 months\" or \"2 years\"";
        let text = value.as_str().ok_or_else(|| Problem {
            help: help.to_owned(),
            ..wrong_type(value, "a period in quotes", None)
        })?;
        Period::parse(text).ok_or_else(|| {
            let message = format!("{} is not a period", repeated(text));
            Problem::new(&rules::INVALID_VALUE, message, help)
        })
    }
}

impl<T: Choice> FieldValue for T {
    fn shape() -> Shape {
        Shape::Choice(
            T::ALL
                .iter()
                .map(|choice| (choice.as_str(), choice.meaning()))
                .collect(),
        )
    }

    fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
        let words = || T::ALL.iter().map(|choice| choice.as_str());
        let text = value.as_str().ok_or_else(|| Problem {
            help: format!("write one of {}", listed(words())),
            ..wrong_type(value, T::WHAT, None)
        })?;
        T::find(text).ok_or_else(|| match did_you_mean(text, words()) {
            Some(near) => Problem {
                instead: Some((format!("write `{near}`"), EditValue::Text(near.to_owned()))),
                ..Problem::new(
                    &rules::INVALID_VALUE,
                    format!("{} is not {}", repeated(text), T::WHAT),
                    format!("did you mean `{near}`?"),
                )
            },
            None => Problem::new(
                &rules::INVALID_VALUE,
                format!("{} is not {}", repeated(text), T::WHAT),
                format!("write one of {}", listed(words())),
            ),
        })
    }
}

impl FieldValue for Address {
    fn shape() -> Shape {
        Shape::Text
    }

    fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
        let help = "write an IP address or a host name, without a scheme or port: \"10.0.1.21\"";
        let text = value
            .as_str()
            .ok_or_else(|| wrong_type(value, "an address in quotes", None))?;
        Address::new(text).ok_or_else(|| {
            let message = format!("{} is not an address", repeated(text));
            Problem::new(&rules::INVALID_VALUE, message, help)
        })
    }
}

macro_rules! name_field {
    ($($name:ident: $pattern:expr;)+) => {$(
        impl Name for $name {
            const PATTERN: &'static str = $pattern;
            fn check(text: &str) -> Result<Self, NameError> {
                $name::new(text)
            }
        }

        impl FieldValue for $name {
            fn shape() -> Shape {
                Shape::Pattern($pattern)
            }
            fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
                let text = value.as_str().ok_or_else(|| wrong_type(value, "a name in quotes", in_quotes(value)))?;
                $name::new(text).map_err(|error| {
                    Problem::new(&rules::INVALID_NAME, format!("the name {} {error}", quoted(text)), name_help(""))
                })
            }
        }
    )+};
}

const LABEL: &str = "^[a-z0-9][a-z0-9_-]{0,62}$";

name_field! {
    ComponentName: LABEL;
    HostName: LABEL;
    EnvironmentName: LABEL;
    PlanName: LABEL;
    SecretName: LABEL;
    VolumeName: LABEL;
    PortName: LABEL;
    LabelName: "^[!-<>-~]{1,255}$";
    VariableName: "^[A-Za-z_][A-Za-z0-9_]{0,254}$";
}

/// The host names of a hosts file.
impl Name for Address {
    const PATTERN: &'static str = "^[A-Za-z0-9_][A-Za-z0-9._-]*$";
    fn check(text: &str) -> Result<Self, NameError> {
        let is_allowed = |c: &char| c.is_ascii_alphanumeric() || ['-', '_', '.'].contains(c);
        match text.chars().find(|c| !is_allowed(c)) {
            Some(c) => Err(NameError::BadCharacter(c)),
            None => Address::new(text).ok_or(match text.is_empty() {
                true => NameError::Empty,
                false => NameError::BadStart,
            }),
        }
    }
}

/// A table key that is checked later, against names that the text does not know.
/// The name of a setting: a variable inside a container.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SettingName(pub(super) VariableName);

impl Name for SettingName {
    const PATTERN: &'static str = "^[A-Za-z_][A-Za-z0-9_.-]*$";
    fn check(text: &str) -> Result<Self, NameError> {
        VariableName::of_container(text).map(SettingName)
    }
}

impl FieldValue for SettingName {
    fn shape() -> Shape {
        Shape::Pattern(Self::PATTERN)
    }

    fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
        let wrong = || wrong_type(value, "a name in quotes", in_quotes(value));
        let text = value.as_str().ok_or_else(wrong)?;
        Self::check(text).map_err(|error| {
            let message = format!("the name {} {error}", quoted(text));
            Problem::new(&rules::INVALID_NAME, message, name_help("settings"))
        })
    }
}

impl Name for String {
    const PATTERN: &'static str = "^[a-z-]+$";
    fn check(text: &str) -> Result<Self, NameError> {
        Ok(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use crate::source::read;

    fn messages(service: &str) -> Vec<String> {
        let plan = format!("name = \"shop\"\n[services.db]\nkind = \"mysql\"\n{service}\n");
        let source = read(&plan);
        source.findings.into_iter().map(|f| f.message).collect()
    }

    #[test]
    fn no_message_repeats_a_credential() {
        let found = messages("address = \"postgres://app:hunter3@db/shop\"");
        assert_eq!(found, ["the value is not an address"]);
    }

    #[test]
    fn numbers_are_read_in_their_radix() {
        let plan = "[services.db]\ncpus = 0x10\n";
        let cpus = read(plan)
            .plan
            .services
            .values()
            .next()
            .and_then(|service| service.cpus);
        assert_eq!(cpus, Some(16.0));
    }

    #[test]
    fn invisible_characters_are_refused() {
        let found = messages("version = \"8.4\\u202e\"");
        assert_eq!(
            found,
            ["the text holds the invisible character `\\u{202e}`"]
        );
    }
}
