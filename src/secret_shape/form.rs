//! Forms of credentials: tokens of well-known issuers, and texts with a password in a part of them.

use crate::secret_shape::named::{at_scheme, is_path, named_like_a_secret};

/// Starts of tokens that well-known issuers give out, and how long such a token is at least.
pub(super) const TOKEN_STARTS: &[(&str, usize)] = &[
    ("AKIA", 20),
    ("ASIA", 20),
    ("ghp_", 36),
    ("gho_", 36),
    ("ghs_", 36),
    ("github_pat_", 40),
    ("glpat-", 20),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("xapp-", 20),
    ("npm_", 36),
    ("hvs.", 24),
    ("whsec_", 20),
    ("sk_live_", 20),
    ("sk_test_", 20),
    ("rk_live_", 20),
    ("sk-", 40),
    ("AIza", 35),
    ("eyJhbGci", 40),
    ("eyJ0eXAi", 40),
    ("eyJraWQi", 40),
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
        passwords_in(text).next().is_some()
            || authorization(text)
            || key_in_url(text)
            || hashed_password(text)
    };
    TOKEN_STARTS.iter().any(is_token) || webhook(text) || has_parts() && in_parts()
}

/// The passwords that stand in URLs, connection strings, commands and JSON.
pub fn passwords_in(text: &str) -> impl Iterator<Item = &str> {
    let in_url = password_in_url(text).into_iter();
    let others = || {
        let in_keywords = password_in_keywords(text).into_iter();
        in_keywords
            .chain(password_in_options(text))
            .chain(password_of_a_login(text))
            .chain(password_in_json(text))
    };
    in_url.chain(std::iter::once_with(others).flatten())
}

/// `scheme://user:password@host`
fn password_in_url(text: &str) -> Option<&str> {
    let (_, rest) = at_scheme(text)?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let credentials = authority
        .rsplit_once('@')
        .and_then(|(user, _)| user.split_once(':'));
    let password = credentials.map(|(_, password)| password)?;
    is_said(password).then_some(password)
}

/// Whether a text is said here, and not taken from elsewhere or left to be filled in.
pub(super) fn is_said(text: &str) -> bool {
    !text.is_empty() && !text.starts_with(['$', '{', '<'])
}

/// `https://KEY@host`, as Sentry and hosts of packages have it.
fn key_in_url(text: &str) -> bool {
    let Some((scheme, rest)) = at_scheme(text) else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let key = authority.rsplit_once('@').map_or("", |(key, _)| key);
    (scheme.ends_with("http") || scheme.ends_with("https"))
        && key.len() >= 16
        && key.contains(|c: char| c.is_ascii_digit())
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// How programs that write files of users begin what they make of a password.
pub(super) const HASHES: &[&str] = &["$apr1$", "$2a$", "$2b$", "$2y$", "$5$", "$6$", "{SHA}"];

/// `admin:$apr1$…`, as labels of proxies have it: whoever has it tries passwords as long as it takes.
fn hashed_password(text: &str) -> bool {
    let users = text.split([',', ' ', '\n']);
    let mut hashes = users.filter_map(|user| Some(user.split_once(':')?.1));
    hashes.any(|hash| {
        HASHES
            .iter()
            .any(|start| hash.starts_with(start) && hash.len() >= 20)
    })
}

/// Addresses whose last part lets everybody in who knows it.
pub(super) const WEBHOOKS: &[&str] = &[
    "hooks.slack.com/services/",
    "discord.com/api/webhooks/",
    "discordapp.com/api/webhooks/",
    "webhook.office.com/webhookb2/",
    "api.telegram.org/bot",
];

fn webhook(text: &str) -> bool {
    let rest = |start: &&str| text.split_once(*start).map(|(_, rest)| rest);
    let is_of_the_web = || text.contains(".com/") || text.contains(".org/");
    text.contains('/') && is_of_the_web() && WEBHOOKS.iter().filter_map(rest).any(is_said)
}

/// `-u root -pPASSWORD`, `-u root -p PASSWORD`, `-U sa -P PASSWORD`, `some-cli -a PASSWORD` and
/// `-u USER:PASSWORD URL`: each letter means many things, but not beside the other in one command.
fn password_of_a_login(text: &str) -> Option<&str> {
    if !text.contains('-') {
        return None;
    }
    // A command that goes on in the next line is one.
    let goes_on = text.contains("\\\n");
    let ends = |c: char| matches!(c, ';' | '|' | '(' | ')' | '`') || c == '\n' && !goes_on;
    text.split(ends).find_map(|commands| {
        let words = commands.split_ascii_whitespace();
        let words = words.map(|word| word.trim_matches(['"', '\'']));
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        let mut each = words.split(|word| *word == "&&");
        each.find_map(password_in_words)
    })
}

/// The same in the words of one command.
fn password_in_words<'a>(words: &[&'a str]) -> Option<&'a str> {
    let has = |is_it: &dyn Fn(&str) -> bool| words.iter().any(|word| is_it(word));
    let names_a_user = has(&|word| word.starts_with("-u") || word.starts_with("--user"));
    let names_a_login = has(&|word| word.starts_with("-U"));
    let is_client = has(&|word| word.ends_with("-cli"));
    let has_url = has(&|word| at_scheme(word).is_some());
    let is_one = |password: &&str| {
        let is_port = |c: char| c.is_ascii_digit() || c == ':';
        let is_other = password.starts_with('-') || password.chars().all(is_port);
        is_said(password) && !is_other && !is_path(password)
    };
    let glued =
        |word: &&'_ str| (names_a_user || has(&is_client_of_data)) && word.starts_with("-p");
    let glued = words.iter().copied().filter(glued).map(|word| {
        let password = &word["-p".len()..];
        password.trim_start_matches(['"', '\''])
    });
    let behind = words.windows(2).filter_map(|pair| match pair[0] {
        "-p" if names_a_user => Some(pair[1]),
        "-P" if names_a_login && !pair[1].contains('=') => Some(pair[1]),
        "-a" if is_client => Some(pair[1]),
        "-u" | "--user" if has_url => pair[1].split_once(':').map(|(_, password)| password),
        _ => None,
    });
    glued.chain(behind).find(is_one)
}

/// Whether a program is one that a database is asked and copied with, whose `-p` takes a password with no space
/// before it.
fn is_client_of_data(word: &str) -> bool {
    let name = word.rsplit('/').next().unwrap_or(word);
    let is_name = name
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'_'));
    let parts = ["sql", "db"];
    is_name && parts.iter().any(|part| name.contains(part))
}

/// `Server=…;Password=…`, `host=… password=…`
fn password_in_keywords(text: &str) -> Option<&str> {
    let pairs = text
        .split([';', ' ', '&', '?'])
        .filter_map(|pair| pair.split_once('='));
    let is_password = |key: &str| {
        let names = ["password", "pwd"];
        names.iter().any(|name| key.eq_ignore_ascii_case(name))
    };
    let passwords = pairs.filter(|(key, _)| is_password(key.trim()));
    let mut values = passwords.map(|(_, value)| value.trim());
    values.find(|value| is_said(value))
}

/// `--db-password=…`, and `PGPASSWORD=… psql` as shells have it.
fn password_in_options(text: &str) -> Option<&str> {
    let pairs = text
        .split_ascii_whitespace()
        .map(|word| word.trim_start_matches(['"', '\'']))
        .filter_map(|word| word.split_once('='));
    let is_key =
        |key: &str| key.starts_with('-') || !key.is_empty() && key.bytes().all(is_of_variable);
    let pairs = pairs
        .filter(|(key, _)| is_key(key))
        .map(|(key, value)| (key, value.trim_matches(['"', '\''])));
    let mut found = pairs.filter(|(key, value)| {
        is_said(value) && !value.starts_with('/') && named_like_a_secret(key, value)
    });
    found.next().map(|(_, value)| value)
}

fn is_of_variable(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_'
}

/// `{"password": "…"}`
fn password_in_json(text: &str) -> Option<&str> {
    if !text.contains('"') {
        return None;
    }
    // In the words of a shell the quotes may have backslashes before them.
    let parts: Vec<&str> = text.split('"').collect();
    let plain = |part: &'_ str| part.len() - usize::from(part.ends_with('\\'));
    parts.windows(2).enumerate().find_map(|(at, pair)| {
        let key = &pair[0][..plain(pair[0])];
        let between = &pair[1][..plain(pair[1])];
        let number = between.trim_start().strip_prefix(':')?.trim();
        let value = match number {
            "" => parts.get(at + 2).map_or("", |value| &value[..plain(value)]),
            _ => {
                let is_of_number = |c: char| c.is_ascii_digit() || c == '.';
                let end = number.find(|c| !is_of_number(c));
                &number[..end.unwrap_or(number.len())]
            }
        };
        let is_said = !value.is_empty() && !value.starts_with('$') && !value.starts_with("{{");
        (is_said && named_like_a_secret(key, value)).then_some(value)
    })
}

/// `Authorization: Bearer …`, with or without the name of the header.
fn authorization(text: &str) -> bool {
    // There is one behind the scheme.
    if !text.contains(' ') {
        return false;
    }
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
