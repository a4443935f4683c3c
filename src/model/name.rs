//! Names that are safe everywhere they go: file paths, container names, host names, variables.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;
use std::sync::Arc;

/// Longest name of a component, host, environment or plan: the length of a DNS label.
const MAX_LENGTH: usize = 63;

/// Why a text cannot be a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameError {
    /// Nothing at all.
    Empty,
    /// More than the given number of characters.
    TooLong(usize),
    /// Does not start with a letter or digit.
    BadStart,
    /// Holds a character that a name cannot have.
    BadCharacter(char),
    /// A number, which every resolver takes for an IPv4 address.
    Number,
}

impl std::fmt::Display for NameError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NameError::Empty => f.write_str("is empty"),
            NameError::TooLong(limit) => write!(f, "is longer than {limit} characters"),
            NameError::BadStart => f.write_str("does not start with a letter or a digit"),
            NameError::BadCharacter(c) => write!(f, "holds `{}`", c.escape_debug()),
            NameError::Number => f.write_str("is a number, which networks take for an address"),
        }
    }
}

/// A name's text. Plans are full of look-ups by name, and most are decided by the first sixteen bytes,
/// which stand here as a number in the text's own order: no name holds a zero byte.
#[derive(Clone, Eq)]
struct NameText {
    start: u128,
    whole: Arc<str>,
}

impl NameText {
    /// How many bytes of the text are in `start`.
    const START: usize = 16;

    fn new(text: &str) -> NameText {
        let mut start = [0; Self::START];
        let length = text.len().min(Self::START);
        start[..length].copy_from_slice(&text.as_bytes()[..length]);
        NameText {
            start: u128::from_be_bytes(start),
            whole: text.into(),
        }
    }

    fn fits(&self) -> bool {
        self.whole.len() <= Self::START
    }
}

impl PartialEq for NameText {
    fn eq(&self, other: &NameText) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Ord for NameText {
    fn cmp(&self, other: &NameText) -> Ordering {
        self.start.cmp(&other.start).then_with(|| {
            if self.fits() && other.fits() {
                return Ordering::Equal;
            }
            self.whole.cmp(&other.whole)
        })
    }
}

impl PartialOrd for NameText {
    fn partial_cmp(&self, other: &NameText) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for NameText {
    /// As the text alone, because names are looked up by texts too.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.whole.hash(state);
    }
}

macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(NameText);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0.whole
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({:?})", stringify!($name), self.as_str())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                self.as_str()
            }
        }
    };
}

macro_rules! label_type {
    ($(#[$doc:meta])* $name:ident) => {
        name_type!($(#[$doc])* $name);

        impl $name {
            /// Checks `text`: 1 to 63 of `a-z`, `0-9`, `-` and `_`, a letter or digit first.
            pub fn new(text: &str) -> Result<Self, NameError> {
                check_label(text).map(|()| $name(NameText::new(text)))
            }
        }
    };
}

label_type!(
    /// The name of an app or a service; unique among both.
    ComponentName
);
label_type!(
    /// The name of a host; unique in its environment.
    HostName
);
label_type!(
    /// The name of an environment.
    EnvironmentName
);
label_type!(
    /// The name of the plan: the application it is for.
    PlanName
);
label_type!(
    /// The name of a credential of a service, as its kind calls it: `password`.
    SecretName
);
label_type!(
    /// The name of something mounted into a container, and of a volume that components share.
    VolumeName
);
label_type!(
    /// The name of a port of a container.
    PortName
);
name_type!(
    /// The name of an environment variable.
    VariableName
);
name_type!(
    /// The name of a label of a container, as other programs look for it: `traefik.enable`.
    LabelName
);

impl LabelName {
    /// Checks `text`: 1 to 255 visible ASCII characters without blanks and `=`.
    pub fn new(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.len() > 255 {
            return Err(NameError::TooLong(255));
        }
        match text.chars().find(|c| !c.is_ascii_graphic() || *c == '=') {
            Some(c) => Err(NameError::BadCharacter(c)),
            None => Ok(LabelName(NameText::new(text))),
        }
    }
}

impl VariableName {
    /// Checks `text`: letters, digits and `_`, not a digit first.
    pub fn new(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.len() > 255 {
            return Err(NameError::TooLong(255));
        }
        if text.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(NameError::BadStart);
        }
        match text
            .chars()
            .find(|c| !c.is_ascii_alphanumeric() && *c != '_')
        {
            Some(c) => Err(NameError::BadCharacter(c)),
            None => Ok(VariableName(NameText::new(text))),
        }
    }

    /// Checks `text` as the name of a variable inside a container, where some programs read names that no
    /// shell takes: `discovery.type`. Letters, digits, `_`, `.` and `-`, not a digit first.
    pub fn of_container(text: &str) -> Result<Self, NameError> {
        let plain = text.replace(['.', '-'], "_");
        VariableName::new(&plain).map(|_| VariableName(NameText::new(text)))
    }

    /// `text` in capitals with every other byte as `_`: how a component's name enters a variable's.
    /// One that begins with a digit gets a `_` before it, since no variable can begin so.
    pub fn shouted(text: &str) -> String {
        let before = text
            .starts_with(|c: char| c.is_ascii_digit())
            .then_some('_');
        let mut shouted = String::with_capacity(text.len() + 1);
        shouted.extend(before);
        shouted.extend(text.bytes().map(|b| match b.is_ascii_alphanumeric() {
            true => char::from(b.to_ascii_uppercase()),
            false => '_',
        }));
        shouted
    }
}

/// Where something is reached: an IP address, or a host name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(Arc<str>);

impl Address {
    /// Checks `text`: an IPv4 or IPv6 address, or labels of letters, digits, `-` and `_` with dots between.
    pub fn new(text: &str) -> Option<Address> {
        let is_label = |label: &str| {
            let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
            (1..=63).contains(&label.len()) && label.bytes().all(allowed) && !label.starts_with('-')
        };
        let is_name = text.len() <= 253 && text.split('.').all(is_label);
        (text.parse::<IpAddr>().is_ok() || is_name).then(|| Address(text.into()))
    }

    /// The address as text, an IPv6 address without brackets.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The IP address, if it is one.
    pub fn ip(&self) -> Option<IpAddr> {
        self.0.parse().ok()
    }

    /// Whether it only keeps the place of an address that is not known yet: one of 192.0.2.0/24 or a name below
    /// `.example`, which are for documents and belong to nobody.
    pub fn is_placeholder(&self) -> bool {
        match self.ip() {
            Some(IpAddr::V4(ip)) => ip.octets()[..3] == [192, 0, 2],
            Some(IpAddr::V6(_)) => false,
            None => self.0.to_ascii_lowercase().ends_with(".example"),
        }
    }
}

impl std::fmt::Display for Address {
    /// As URLs and `host:port` pairs have it: an IPv6 address in brackets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0.contains(':') {
            true => write!(f, "[{}]", self.0),
            false => f.write_str(&self.0),
        }
    }
}

fn check_label(text: &str) -> Result<(), NameError> {
    let first = text.chars().next().ok_or(NameError::Empty)?;
    if text.len() > MAX_LENGTH && text.chars().count() > MAX_LENGTH {
        return Err(NameError::TooLong(MAX_LENGTH));
    }
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if let Some(c) = text.chars().find(|c| !allowed(*c)) {
        return Err(NameError::BadCharacter(c));
    }
    if !first.is_ascii_alphanumeric() {
        return Err(NameError::BadStart);
    }
    let hexadecimal = |rest: &str| rest.bytes().all(|b| b.is_ascii_hexdigit());
    let is_number = text.bytes().all(|b| b.is_ascii_digit());
    match is_number || text.strip_prefix("0x").is_some_and(hexadecimal) {
        true => Err(NameError::Number),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_leave_a_folder_or_change_a_file_are_refused() {
        for wrong in [
            "",
            "../etc",
            "a/b",
            "a:b",
            "-x",
            "_x",
            "a b",
            "a\nb",
            "é",
            "🐘",
            "A",
            "a.b",
            "\u{1b}[2J",
        ] {
            assert!(ComponentName::new(wrong).is_err(), "{wrong:?}");
        }
        assert!(ComponentName::new(&"x".repeat(64)).is_err());
        assert!(ComponentName::new(&"x".repeat(63)).is_ok());
        assert!(HostName::new("app-1").is_ok());
    }

    #[test]
    fn names_are_ordered_as_their_texts_are() {
        let long = "a-name-of-sixteen-and-more";
        let texts = [
            "a",
            "a-",
            "a-b",
            "aa",
            "b",
            "a-name-of-sixtee",
            "a-name-of-sixteen",
            long,
            "a-name-of-z",
        ];
        for a in texts {
            for b in texts {
                let name = |text| ComponentName::new(text).expect("a name");
                assert_eq!(name(a).cmp(&name(b)), a.cmp(b), "{a} and {b}");
                assert_eq!(name(a) == name(b), a == b, "{a} and {b}");
            }
        }
    }

    #[test]
    fn addresses_are_names_or_ip_addresses_and_nothing_else() {
        for right in [
            "10.0.1.21",
            "db.internal",
            "fd00::1",
            "s3.eu-central-1.wasabisys.com",
        ] {
            assert!(Address::new(right).is_some(), "{right}");
        }
        for wrong in [
            "",
            "10.0.1.21:3306",
            "a b",
            "db/x",
            "u@h",
            "a..b",
            "-x",
            "[::1]",
            "http://db",
        ] {
            assert!(Address::new(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn variables_are_what_every_shell_takes() {
        assert!(VariableName::new("ConnectionStrings__db").is_ok());
        assert!(VariableName::new("1A").is_err());
        assert!(VariableName::new("A-B").is_err());
        assert!(VariableName::of_container("discovery.type").is_ok());
        assert!(VariableName::of_container("a b").is_err());
        assert_eq!(VariableName::shouted("coding-events"), "CODING_EVENTS");
        assert_eq!(VariableName::shouted("2fa"), "_2FA");
    }
}
