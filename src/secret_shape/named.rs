//! Names of credentials: `SMTP_PASS`, but not `BYPASS`.

const SECRET_WORDS: &[&str] = &[
    "PASSWORD",
    "PASSWD",
    "PASSWORDS",
    "PWD",
    "PASSPHRASE",
    "SECRET",
    "TOKEN",
    "APIKEY",
    "CREDENTIAL",
    "CREDENTIALS",
];
/// Ends of words that run together what others keep apart: `PGPASSWORD`.
const SECRET_ENDS: &[&str] = &[
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "SECRET",
    "APIKEY",
    "REQUIREPASS",
    "MASTERAUTH",
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
    "FILE",
    "PATH",
    "DIR",
    "NAME",
    "ID",
    "TTL",
    "LENGTH",
    "EXPIRY",
    "LIFETIME",
    "POLICY",
    "TYPE",
    "ISSUER",
    "SECONDS",
    "MINUTES",
    "HOURS",
    "DAYS",
    "AGE",
    "TIMEOUT",
    "EXPIRES",
    "EXPIRATION",
    "PREFIX",
    "SUFFIX",
    "METHOD",
    "HEADER",
    "URL",
    "URI",
    "HOST",
    "PORT",
    "ALGORITHM",
    "FORMAT",
    "FIELD",
    "SIZE",
    "COUNT",
    "LIMIT",
    "ROUNDS",
    "REGEX",
    "PATTERN",
    "MODE",
    "PROVIDER",
    "BACKEND",
    "USER",
    "USERNAME",
    "EMAIL",
    "SUBJECT",
    "TEMPLATE",
    "AUDIENCE",
    "SCOPE",
    "ENABLED",
    "REQUIRED",
];
/// Ends of words that end in `PASS` by chance.
const NO_PASSWORDS: &[&str] = &[
    "BYPASS",
    "COMPASS",
    "TRESPASS",
    "OVERPASS",
    "UNDERPASS",
    "SURPASS",
    "KEEPASS",
];

/// Whether what stands under `key` is a credential by its name, as far as `text` can be one at all.
pub(super) fn named_like_a_secret(key: &str, text: &str) -> bool {
    // Most names are of no credential, whatever stands under them.
    may_name_a_secret(key) && !is_answer(text) && !is_path(text) && names_a_secret(key, text)
}

/// Whether a name holds a part that every name of a credential holds, in lower or upper case.
pub(super) fn may_name_a_secret(key: &str) -> bool {
    let bytes = key.as_bytes();
    bytes.iter().enumerate().any(|(at, byte)| {
        let parts: &[&str] = match byte | 0x20 {
            b'a' => &["auth"],
            b'c' => &["cred", "cookie"],
            b'd' => &["dsn"],
            b'j' => &["jwt"],
            b'k' => &["key"],
            b'l' => &["licen"],
            b'p' => &["pass", "pw"],
            b's' => &["secret", "salt"],
            b't' => &["token"],
            _ => &[],
        };
        parts.iter().any(|part| {
            let own = bytes.get(at..at + part.len());
            own.is_some_and(|own| own.eq_ignore_ascii_case(part.as_bytes()))
        })
    })
}

fn names_a_secret(key: &str, text: &str) -> bool {
    if key.starts_with('-') {
        return named_like_an_option(key);
    }
    // The plan's own keys are lower-case words, so that these are judged by fewer of them.
    if !key.contains(|c: char| c.is_ascii_uppercase()) {
        return ends_in_a_secret_word(key) || names_a_login(key) && is_login(text);
    }
    let shouted = shouted_words(key);
    let words: Vec<&str> = shouted.split('_').filter(|word| !word.is_empty()).collect();
    if words
        .last()
        .is_some_and(|last| HARMLESS_ENDS.contains(last))
    {
        return false;
    }
    let is_amount = is_number(text) && words.iter().any(|word| matches!(*word, "MAX" | "MIN"));
    let is_secret = |word: &&str| {
        SECRET_WORDS.contains(word) || SECRET_ENDS.iter().any(|end| word.ends_with(end))
    };
    !is_amount
        && (words.iter().any(is_secret)
            || SECRET_PAIRS.iter().any(|pair| shouted.contains(pair))
            || ends_like_a_secret(&words, text))
}

/// Whether the last word of a name says that it is a credential, where it says so of some texts alone.
fn ends_like_a_secret(words: &[&str], text: &str) -> bool {
    let all = words;
    let mut words = words.iter().rev();
    // `SMTP_PASS_2` is one of several.
    let mut words = words
        .by_ref()
        .skip_while(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
    let last = words.next().copied().unwrap_or_default();
    let before = words.next().copied().unwrap_or_default();
    match last {
        "PW" | "ROOTPW" | "DBPW" | "ADMINPW" | "USERPW" => true,
        "SALT" => !is_number(text),
        "COOKIE" => matches!(before, "" | "ERLANG" | "RELEASE") && !is_number(text),
        "AUTH" => is_login(text) || is_made_up(text),
        "JWT" => is_made_up(text),
        "LICENSE" | "LICENCE" => text.len() >= 16 && is_made_up(text),
        "DSN" => has_login_of_web(text),
        "KEY" => is_key(all, before, text),
        // `PROXY_PASS` is where NGINX passes to.
        last if last.ends_with("PASS") => {
            !NO_PASSWORDS.iter().any(|end| last.ends_with(end)) && !is_address(text)
        }
        _ => false,
    }
}

/// Words of names of keys that everybody may have.
const PUBLIC_WORDS: &[&str] = &["PUBLIC", "PUB", "PUBLISHABLE", "SITE"];

/// Whether what a name that ends in `KEY` stands for is a credential; `before` is the word before it.
fn is_key(words: &[&str], before: &str, text: &str) -> bool {
    if words.iter().any(|word| PUBLIC_WORDS.contains(word)) {
        return false;
    }
    let encrypts = |word: &&str| matches!(*word, "ENCRYPTION" | "ENCRYPT" | "CRYPTO" | "CIPHER");
    match before {
        "ENC" | "LICENSE" | "LICENCE" => true,
        _ if words.iter().any(encrypts) => true,
        "APP" | "AUTH" | "JWT" | "HMAC" | "SESSION" | "NONCE" => {
            text.len() >= 16 && text.contains(|c: char| c.is_ascii_digit())
        }
        _ => is_random(text),
    }
}

/// Whether a text is one long word that nobody would think of.
fn is_random(text: &str) -> bool {
    let is_of_it = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=_-".contains(&byte);
    let n_digits = text.bytes().filter(u8::is_ascii_digit).count();
    text.len() >= 32 && n_digits >= 4 && !is_number(text) && text.bytes().all(is_of_it)
}

/// Ways to say who one is, which settings that end in `AUTH` choose from.
const SCHEMES: &[&str] = &[
    "cram-md5",
    "digest-md5",
    "hmac-sha256",
    "hs256",
    "md5",
    "oauth2",
    "rs256",
    "scram-sha-1",
    "scram-sha-256",
    "scram-sha-512",
    "sha256",
    "xoauth2",
];

/// Whether a text is rather a credential than the name of a scheme or of a server.
fn is_made_up(text: &str) -> bool {
    let has_digit = text.contains(|c: char| c.is_ascii_digit());
    let is_of_words = text.contains(['-', '_', '.']);
    let is_long = text.len() >= 12 && !is_of_words || text.len() >= 6 && has_digit;
    let is_host = text.contains('.') && !text.contains(|c: char| c.is_ascii_uppercase());
    let is_scheme = SCHEMES.iter().any(|one| text.eq_ignore_ascii_case(one));
    let is_said = !text.contains([' ', '$', '{', '<', ',']);
    is_long && is_said && !is_host && !is_scheme && !is_address(text) && !is_number(text)
}

/// `https://KEY@host`: what stands there lets everybody report who has it.
fn has_login_of_web(text: &str) -> bool {
    let Some((scheme, rest)) = at_scheme(text) else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let login = authority.rsplit_once('@').map_or("", |(login, _)| login);
    matches!(scheme, "http" | "https") && !login.is_empty() && !login.starts_with(['$', '{', '<'])
}

/// `neo4j/password` and `user:password`, but not `none` or `basic`.
fn is_login(text: &str) -> bool {
    let parts = text.split_once('/').or_else(|| text.split_once(':'));
    let is_part = |part: &str| !part.is_empty() && !part.contains(['/', ' ', '$', '{', '<']);
    parts.is_some_and(|(user, password)| is_part(user) && is_part(password) && !is_address(text))
}

/// What stands before and behind the `://` of a URL. Looking for one letter is much faster than for three, and
/// every variable of every plan is looked at.
pub(super) fn at_scheme(text: &str) -> Option<(&str, &str)> {
    let mut colons = text.match_indices(':');
    colons.find_map(|(at, _)| Some((&text[..at], text[at..].strip_prefix("://")?)))
}

/// `http://app`, `app:80`
fn is_address(text: &str) -> bool {
    at_scheme(text).is_some()
        || text
            .rsplit_once(':')
            .is_some_and(|(_, port)| is_number(port))
}

fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok()
}

/// What answers whether something is wanted.
fn is_answer(text: &str) -> bool {
    const ANSWERS: &[&str] = &[
        "true", "false", "yes", "no", "on", "off", "0", "1", "none", "null", "enabled", "disabled",
        "required", "optional",
    ];
    ANSWERS
        .iter()
        .any(|answer| text.eq_ignore_ascii_case(answer))
}

/// Whether a text is the path of a file; keys in base 64 may begin with a slash too.
pub(super) fn is_path(text: &str) -> bool {
    if text.contains([' ', '+', '=']) {
        return false;
    }
    let begins = ["./", "../", "~/"]
        .iter()
        .any(|start| text.starts_with(start));
    let is_folder = |name: &str| {
        let is_of_it = |byte: u8| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'_' | b'.');
        !name.is_empty() && name.bytes().all(is_of_it)
    };
    let from_root = text.strip_prefix('/').and_then(|rest| rest.split_once('/'));
    begins
        || from_root.is_some_and(|(first, _)| is_folder(first))
        || [".json", ".pem", ".key", ".crt", ".txt", ".p12", ".jks"]
            .iter()
            .any(|end| text.len() > end.len() && text.ends_with(end))
}

const LOWER_CASE_WORDS: &[&str] = &[
    "pwd",
    "pass",
    "passphrase",
    "token",
    "api_key",
    "api-key",
    "apikey",
    "access_key",
    "access-key",
    "enc_key",
    "enc-key",
    "encryption_key",
    "encryption-key",
    "license_key",
    "license-key",
    "secret_key",
    "secret-key",
    "private_key",
    "private-key",
    "credential",
    "credentials",
];

/// `password`, `db_password` and `dbpassword`, but not `secrets`.
fn ends_in_a_secret_word(key: &str) -> bool {
    let runs_together = [
        "password",
        "passwd",
        "requirepass",
        "masterauth",
        "secret",
        "dbpass",
    ];
    runs_together.iter().any(|end| key.ends_with(end))
        || LOWER_CASE_WORDS.iter().any(|word| {
            key.strip_suffix(word)
                .is_some_and(|start| start.is_empty() || start.ends_with(['_', '-', '.']))
        })
}

/// `auth` and `basicauth.users`, as labels have them.
fn names_a_login(key: &str) -> bool {
    let last = key.rsplit(['.', '_', '-']).next().unwrap_or_default();
    let is_basic = |part: &str| matches!(part, "basicauth" | "basic-auth" | "basic_auth");
    last == "auth" || key.split(['.', '/']).any(is_basic)
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

/// Options run words together that variables keep apart: `--requirepass`, `PGPASSWORD`.
fn named_like_an_option(key: &str) -> bool {
    let plain = key.trim_start_matches('-').to_ascii_lowercase();
    let last = plain.rsplit(['.', '-', '_']).next().unwrap_or_default();
    let is_path = HARMLESS_ENDS
        .iter()
        .any(|end| last.eq_ignore_ascii_case(end));
    !is_path && ends_in_a_secret_word(&plain)
}
