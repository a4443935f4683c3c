//! Settings that speak of the machine itself, where they are to say how something is found.

use crate::model::{VariableName, speaks_of_hosts};

/// Words in names of settings that say what a program listens on, or lets in, and not where something is found.
const OF_ITS_OWN: &[&str] = &[
    "allow",
    "allowed",
    "bind",
    "bound",
    "healthcheck",
    "interface",
    "listen",
    "listener",
    "listeners",
    "no",
    "statsd",
    "trusted",
];

/// Words in names of settings by which something is found, besides those that speak of hosts.
const NAMES: &[&str] = &["domain", "fqdn", "origin", "site"];

/// Names of settings that say what a program listens on where nothing else is said.
const BARE: &[&str] = &["ADDR", "ADDRESS", "HOST", "HOSTNAME", "SERVER_HOST"];

/// Whether a setting says that something is found at the machine itself.
pub fn means_this_machine(variable: &VariableName, text: &str) -> bool {
    let name = variable.as_str();
    let is = |list: &[&str], word: &str| list.iter().any(|it| it.eq_ignore_ascii_case(word));
    let words = || name.split(|c: char| !c.is_ascii_alphanumeric());
    if words().any(|word| is(OF_ITS_OWN, word)) || is(BARE, name) {
        return false;
    }
    let finds = speaks_of_hosts(name) || words().any(|word| is(NAMES, word));
    let mut parts = text
        .split([',', ' ', ';'])
        .filter(|part| !part.is_empty())
        .peekable();
    parts.peek().is_some() && parts.all(|part| is_local(part, finds))
}

/// Whether a text is a URL of the machine itself, or, where hosts `may_be_bare`, its name or address.
fn is_local(text: &str, may_be_bare: bool) -> bool {
    let url = text.split_once("://").map(|(_, rest)| rest);
    let Some(rest) = url.or(may_be_bare.then_some(text)) else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = match host.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    host.eq_ignore_ascii_case("localhost") || matches!(host, "127.0.0.1" | "::1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_be_found_is_told_from_what_is_listened_on() {
        for (name, text, expected) in [
            ("WEB_URL", "http://localhost", true),
            ("WEB_URL", "https://user@127.0.0.1:8080/path", true),
            ("PAGE", "http://[::1]/", true),
            ("APP_DOMAIN", "localhost", true),
            ("MAIL_SERVER", "localhost:25", true),
            ("CORS_ORIGINS", "http://localhost, http://127.0.0.1", true),
            (
                "CORS_ORIGINS",
                "http://localhost,https://shop.example",
                false,
            ),
            ("HOST", "127.0.0.1", false),
            ("LISTEN_ADDRESS", "127.0.0.1", false),
            ("ALLOWED_HOSTS", "localhost", false),
            ("NO_PROXY", "localhost", false),
            ("MODE", "localhost", false),
            ("WEB_URL", "http://localhost.example", false),
            ("WEB_URL", "", false),
        ] {
            let variable = VariableName::new(name).expect("a name");
            assert_eq!(
                means_this_machine(&variable, text),
                expected,
                "{name}={text}"
            );
        }
    }
}
