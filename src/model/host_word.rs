//! Words that speak of hosts: in names of variables and as keys of connection strings.

const HOST_WORDS: &[&str] = &[
    "host",
    "hosts",
    "hostname",
    "server",
    "servers",
    "addr",
    "address",
    "addresses",
    "broker",
    "brokers",
    "seeds",
    "endpoint",
    "endpoints",
    "url",
    "urls",
    "uri",
    "nodes",
    "upstream",
];

/// Whether a word speaks of a host, in capitals or not.
pub fn is_host_word(word: &str) -> bool {
    HOST_WORDS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(word))
}

/// Ends of words that run together what others keep apart: `DBHOST`.
const HOST_ENDS: &[&str] = &["host", "hostname", "hosts", "server", "url", "uri"];

/// Words that end so by chance.
const NO_HOSTS: &[&str] = &["ghost", "observer", "curl"];

/// Whether the name of a variable says that it holds a host.
pub fn speaks_of_hosts(variable: &str) -> bool {
    let mut words = variable.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| is_host_word(word) || ends_like_a_host(word))
}

fn ends_like_a_host(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let is_end = |end: &&str| lower.ends_with(*end);
    HOST_ENDS.iter().any(is_end) && !NO_HOSTS.contains(&lower.as_str())
}

/// What the name of a variable is about that holds a host alone, or a port alone: `DB` of `DB_HOST`, `DBPORT`.
pub fn about(variable: &str, ends: &[&str]) -> Option<String> {
    let lower = variable.to_ascii_lowercase();
    let about = ends.iter().find_map(|end| lower.strip_suffix(end))?;
    Some(about.trim_end_matches('_').to_owned())
}

/// Words at the end of a name that holds a host alone, where a URL or an endpoint may hold more.
const HOST_ALONE: &[&str] = &["host", "hostname", "server", "addr", "address"];

/// Whether the name of a variable says that it holds a host and nothing else.
pub fn holds_a_host(variable: &str) -> bool {
    let last = variable.rsplit(|c: char| !c.is_ascii_alphanumeric()).next();
    let last = last.unwrap_or_default().to_ascii_lowercase();
    HOST_ALONE.iter().any(|word| last.ends_with(word)) && !NO_HOSTS.contains(&last.as_str())
}

/// Words for what something is, or is called, rather than where.
const OTHER_WORDS: &[&str] = &[
    "db", "database", "name", "user", "username", "password", "type", "driver", "engine", "kind",
    "role", "tag",
];

/// Whether a variable whose whole value is the name of a component means the component itself, since it is called
/// like it or by letters of it: `ES` for `elasticsearch`.
pub fn is_short_for(variable: &str, name: &str) -> bool {
    let last = variable.rsplit(|c: char| !c.is_ascii_alphanumeric()).next();
    let last = last.unwrap_or_default().to_ascii_lowercase();
    let name = name.to_ascii_lowercase();
    let mut letters = name.chars();
    let is_of_it = last.chars().all(|c| letters.any(|other| other == c));
    let starts_or_ends = last.chars().next() == name.chars().next()
        || last.chars().next_back() == name.chars().next_back();
    last.len() >= 2 && is_of_it && starts_or_ends && !OTHER_WORDS.contains(&last.as_str())
}

/// The ports that stand behind a name in a text: `9000` of `store://db:9000`.
pub fn ports_behind<'t>(text: &'t str, name: &'t str) -> impl Iterator<Item = u16> + 't {
    let in_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    text.match_indices(name).filter_map(move |(at, _)| {
        let (before, after) = (&text[..at], &text[at + name.len()..]);
        let port = after.strip_prefix([':', ','])?;
        let length = port.bytes().take_while(u8::is_ascii_digit).count();
        // Who logs in may be called so too: `db:1234@db:5432`.
        let rest = &port[length..];
        let is_login = rest.split(['/', '?', '#']).next()?.contains('@');
        let is_port = !before.ends_with(in_name) && !rest.starts_with(in_name) && !is_login;
        port[..length].parse().ok().filter(|_| is_port)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_of_a_name_speak_of_hosts() {
        for name in [
            "DB_HOST",
            "kafka.brokers",
            "Server",
            "URL",
            "SHOP_DBHOST",
            "PGHOST",
        ] {
            assert!(speaks_of_hosts(name), "{name}");
        }
        for name in ["GHOST", "DB_NAME", "", "_", "CURL", "é"] {
            assert!(!speaks_of_hosts(name), "{name}");
        }
    }

    #[test]
    fn short_names_stand_for_what_they_are_short_for() {
        for (variable, name) in [
            ("ES", "elasticsearch"),
            ("SHOP_ES", "elasticsearch"),
            ("REDIS", "redis"),
            ("MQ", "rabbitmq"),
            ("tika", "tika"),
        ] {
            assert!(is_short_for(variable, name), "{variable} {name}");
        }
        for (variable, name) in [
            ("CACHE_DRIVER", "redis"),
            ("DB", "db"),
            ("POSTGRES_USER", "postgres"),
            ("STORE_TYPE", "store"),
            ("E", "elasticsearch"),
            ("", "é"),
            ("MODE", "redis"),
        ] {
            assert!(!is_short_for(variable, name), "{variable} {name}");
        }
    }

    #[test]
    fn ports_are_found_behind_whole_names() {
        let found = |text| ports_behind(text, "db").collect::<Vec<u16>>();
        assert_eq!(found("store://db:9000/x,db:9001"), [9000, 9001]);
        assert_eq!(found("db:1234@db:5432"), [5432]);
        assert!(found("my-db:1 dbx:2 db:x db db:3a db:99999").is_empty());
    }
}
