//! Texts that look like credentials, by the key they stand under or by their own form.

/// Whether the text under `key` looks like a credential.
pub fn looks_secret(key: &str, text: &str) -> bool {
    if text.is_empty() || text.starts_with("${") {
        return false;
    }
    named_like_a_secret(key) || shaped_like_a_secret(text)
}

const SECRET_WORDS: &[&str] = &[
    "PASSWORD",
    "PASSWD",
    "PWD",
    "PASSPHRASE",
    "SECRET",
    "TOKEN",
    "APIKEY",
    "CREDENTIAL",
    "CREDENTIALS",
];
const SECRET_PAIRS: &[&str] = &[
    "API_KEY",
    "PRIVATE_KEY",
    "ACCESS_KEY",
    "SIGNING_KEY",
    "ENCRYPTION_KEY",
    "MASTER_KEY",
];
/// Last words of keys that speak of a secret without being one.
const HARMLESS_ENDS: &[&str] = &[
    "FILE", "PATH", "DIR", "NAME", "ID", "TTL", "LENGTH", "EXPIRY", "LIFETIME", "POLICY", "TYPE",
    "ISSUER", "SECONDS",
];

fn named_like_a_secret(key: &str) -> bool {
    if key.starts_with('-') {
        return named_like_an_option(key);
    }
    // The plan's own keys are lower-case words, so that these are judged by fewer of them.
    if !key.contains(|c: char| c.is_ascii_uppercase()) {
        return ends_in_a_secret_word(key);
    }
    let shouted = shouted_words(key);
    let words: Vec<&str> = shouted.split('_').filter(|word| !word.is_empty()).collect();
    if words
        .last()
        .is_some_and(|last| HARMLESS_ENDS.contains(last))
    {
        return false;
    }
    words.iter().any(|word| SECRET_WORDS.contains(word))
        || SECRET_PAIRS.iter().any(|pair| shouted.contains(pair))
}

const LOWER_CASE_WORDS: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "secret",
    "token",
    "api_key",
    "api-key",
    "apikey",
    "access_key",
    "access-key",
    "secret_key",
    "secret-key",
    "private_key",
    "private-key",
    "credential",
    "credentials",
];

/// `password` and `db_password`, but not `secrets`.
fn ends_in_a_secret_word(key: &str) -> bool {
    LOWER_CASE_WORDS.iter().any(|word| {
        key.strip_suffix(word)
            .is_some_and(|start| start.is_empty() || start.ends_with(['_', '-']))
    })
}

/// `ApiKey` and `API_KEY` alike as `API_KEY`.
fn shouted_words(key: &str) -> String {
    let mut shouted = String::with_capacity(key.len() + 4);
    let mut before_lower = false;
    for c in key.chars() {
        if c.is_ascii_uppercase() && before_lower {
            shouted.push('_');
        }
        before_lower = c.is_ascii_lowercase();
        shouted.push(if c.is_ascii_alphanumeric() {
            c.to_ascii_uppercase()
        } else {
            '_'
        });
    }
    shouted
}

/// Starts of tokens that well-known issuers give out, and how long such a token is at least.
const TOKEN_STARTS: &[(&str, usize)] = &[
    ("AKIA", 20),
    ("ASIA", 20),
    ("ghp_", 36),
    ("gho_", 36),
    ("ghs_", 36),
    ("github_pat_", 40),
    ("glpat-", 20),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("sk_live_", 20),
    ("sk-", 40),
    ("AIza", 35),
    ("eyJhbGci", 40),
    ("-----BEGIN ", 20),
];

/// Whether a text looks like a credential by its own form.
pub fn shaped_like_a_secret(text: &str) -> bool {
    let is_token =
        |(start, length): &(&str, usize)| text.len() >= *length && text.starts_with(start);
    // Most texts are one word, which is not looked at more closely.
    let has_parts = || {
        let parts = |byte| matches!(byte, b':' | b'=' | b'"' | b' ');
        text.bytes().any(parts)
    };
    let in_parts = || {
        password_in_url(text)
            || password_in_keywords(text)
            || password_in_json(text)
            || authorization(text)
            || password_in_options(text)
    };
    TOKEN_STARTS.iter().any(is_token) || has_parts() && in_parts()
}

/// `scheme://user:password@host`
fn password_in_url(text: &str) -> bool {
    let Some((_, rest)) = text.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let credentials = authority
        .rsplit_once('@')
        .and_then(|(user, _)| user.split_once(':'));
    credentials.is_some_and(|(_, password)| !password.is_empty() && !password.starts_with('$'))
}

/// `Server=…;Password=…`, `host=… password=…`
fn password_in_keywords(text: &str) -> bool {
    let pairs = text
        .split([';', ' ', '&', '?'])
        .filter_map(|pair| pair.split_once('='));
    let mut passwords = pairs
        .filter(|(key, _)| matches!(key.trim().to_ascii_lowercase().as_str(), "password" | "pwd"));
    passwords.any(|(_, value)| !value.trim().is_empty() && !value.starts_with('$'))
}

/// `--db-password=…`, and `PGPASSWORD=… psql` as shells have it.
fn password_in_options(text: &str) -> bool {
    let pairs = text
        .split_ascii_whitespace()
        .filter_map(|word| word.split_once('='));
    let is_key = |key: &str| key.starts_with('-') || key.bytes().all(is_of_variable);
    let mut passwords = pairs.filter(|(key, _)| is_key(key) && named_like_an_option(key));
    passwords.any(|(_, value)| {
        let value = value.trim_matches(['"', '\'']);
        !value.is_empty() && !value.starts_with(['$', '{', '<', '/'])
    })
}

fn is_of_variable(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_'
}

/// Options run words together that variables keep apart: `--requirepass`, `PGPASSWORD`.
fn named_like_an_option(key: &str) -> bool {
    let plain = key.trim_start_matches('-').to_ascii_lowercase();
    let last = plain.rsplit(['.', '-', '_']).next().unwrap_or_default();
    let is_path = HARMLESS_ENDS
        .iter()
        .any(|end| last.eq_ignore_ascii_case(end));
    let runs_together = ["password", "passwd", "requirepass", "masterauth", "secret"];
    !is_path
        && (ends_in_a_secret_word(&plain) || runs_together.iter().any(|end| last.ends_with(end)))
}

/// `{"password": "…"}`
fn password_in_json(text: &str) -> bool {
    let parts: Vec<&str> = text.split('"').collect();
    parts.windows(2).enumerate().any(|(at, pair)| {
        let Some(number) = pair[1].trim_start().strip_prefix(':') else {
            return false;
        };
        let value = match number.trim() {
            "" => parts.get(at + 2).copied().unwrap_or_default(),
            number if number.starts_with(|c: char| c.is_ascii_digit()) => number,
            _ => "",
        };
        named_like_a_secret(pair[0]) && !value.is_empty() && !value.starts_with('$')
    })
}

/// `Authorization: Bearer …`, with or without the name of the header.
fn authorization(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let header = lower.split_once("authorization").map(|(_, rest)| rest);
    let value = header.unwrap_or(&lower);
    let value = value.trim_start_matches([':', '=', '"', '\'', ' ']);
    let credential = ["basic ", "bearer "]
        .iter()
        .find_map(|scheme| value.strip_prefix(scheme))
        .unwrap_or_default()
        .trim();
    if credential.is_empty() || credential.starts_with(['$', '<', '{']) {
        return false;
    }
    // Without the header's name it may be prose.
    let is_one_token = !credential.contains(' ') && credential.len() >= 8;
    header.is_some() || is_one_token && credential.contains(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_known_by_their_key_or_by_their_form() {
        for (key, text) in [
            ("DB_PASSWORD", "hunter2"),
            ("ApiKey", "x1"),
            ("JWT_SECRET", "s"),
            ("DATABASE_URL", "postgres://app:hunter2@db/shop"),
            ("X", "Server=db;User=a;Password=hunter2"),
            ("description", "AKIAIOSFODNN7EXAMPLE"),
            ("password", "hunter2"),
            ("db_password", "hunter2"),
            ("stripe-api-key", "x1"),
            ("secret", "x1"),
            ("OPTIONS", r#"{"user":"a","password":"abc"}"#),
            ("OPTIONS", r#"{"db_token": 7}"#),
            ("HEADER", "Authorization: Basic YXBwOmFiYw=="),
            ("HEADER", "Bearer abc123def456"),
            ("command", "--requirepass=hunter2"),
            ("command", "serve --db.password=\"hunter2\""),
            ("test", "PGPASSWORD=hunter2 psql -c 'select 1'"),
            ("--requirepass", "hunter2"),
        ] {
            assert!(looks_secret(key, text), "{key} = {text}");
        }
    }

    #[test]
    fn what_only_speaks_of_a_secret_is_none() {
        for (key, text) in [
            ("DB_PASSWORD_FILE", "/run/secrets/db"),
            ("DB_PASSWORD", "${DB_PASSWORD}"),
            ("TOKEN_TTL", "3600"),
            ("role", "secrets"),
            ("needs", "secrets"),
            ("secrets", "vault"),
            ("kind", "token"),
            ("token_ttl", "3600"),
            ("password", "${DB_PASSWORD}"),
            ("OPTIONS", r#"{"password":"${DB_PASSWORD}"}"#),
            ("HEADER", "Authorization: Bearer ${TOKEN}"),
            ("reason", "Bearer tokens are used"),
            ("DATABASE_URL", "postgres://db/shop"),
            ("KEY_ID", "7"),
            ("command", "--password-file=/run/secrets/db"),
            ("command", "PGPASSWORD=\"$DB_PASSWORD\" psql"),
            ("command", "--secret=/run/secrets/one"),
            ("--password-file", "x"),
            ("--verbose", "x"),
        ] {
            assert!(!looks_secret(key, text), "{key} = {text}");
        }
    }
}
