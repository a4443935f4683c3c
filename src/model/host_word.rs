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

/// Whether the name of a variable says that it holds a host.
pub fn speaks_of_hosts(variable: &str) -> bool {
    let mut words = variable.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(is_host_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_of_a_name_speak_of_hosts() {
        for name in ["DB_HOST", "kafka.brokers", "Server", "URL"] {
            assert!(speaks_of_hosts(name), "{name}");
        }
        for name in ["GHOST", "DB_NAME", "", "_"] {
            assert!(!speaks_of_hosts(name), "{name}");
        }
    }
}
