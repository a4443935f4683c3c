//! The port on which a service is told to listen by its own command.

/// The port that the words of a command tell by one of these options, the first one of which counts that is there:
/// `--port 6380`, `--port=6380`, `-p 5433`, `-p5433`. An option without a dash stands before a `=` alone. Words may
/// be lines of a shell.
pub(super) fn told_port<'w>(
    options: &[String],
    words: impl Iterator<Item = &'w str>,
) -> Option<u16> {
    if options.is_empty() {
        return None;
    }
    let words: Vec<&str> = words.flat_map(str::split_ascii_whitespace).collect();
    let told = |option: &String| {
        // Of several the program takes the last.
        let found = words.iter().enumerate().rev();
        found
            .filter_map(|(at, word)| value(option, word, words.get(at + 1).copied()))
            .find_map(port_of)
    };
    options.iter().find_map(told)
}

/// What a word says of an option, the next word included.
fn value<'w>(option: &str, word: &'w str, next: Option<&'w str>) -> Option<&'w str> {
    let name = option.trim_start_matches('-');
    if name == option {
        let (key, value) = word.split_once('=')?;
        return (key == option).then_some(value);
    }
    if option.len() == 2 {
        let glued = word.strip_prefix(option)?;
        return if glued.is_empty() { next } else { Some(glued) };
    }
    // Programs that take one dash before a long name take two as well, or no capital letters into account.
    let said = word.strip_prefix('-')?.trim_start_matches('-');
    let (key, value) = match said.split_once('=') {
        Some((key, value)) => (key, Some(value)),
        None => (said, next),
    };
    value.filter(|_| key.eq_ignore_ascii_case(name))
}

/// The port in `6380`, `:80`, `0.0.0.0:80`, `[::]:80` and `:80/tcp`.
fn port_of(text: &str) -> Option<u16> {
    let text = text.trim_matches(['"', '\'', ';', ')']);
    let text = text.strip_suffix("/tcp").unwrap_or(text);
    let port = text.rsplit(':').next().unwrap_or(text);
    port.parse().ok().filter(|port| *port > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_told_in_the_ways_in_which_programs_take_it() {
        for (options, command, port) in [
            (&["--port"][..], "redis-server --port 6380", Some(6380)),
            (&["--port"], "redis-server --port=6380", Some(6380)),
            (
                &["--port"],
                "sh|-c|exec redis-server --port 6380; true",
                Some(6380),
            ),
            (
                &["--port"],
                "redis-server --port 6380 --port 6381",
                Some(6381),
            ),
            (&["--port"], "redis-server --portal 6380", None),
            (&["--port"], "redis-server --port $PORT", None),
            (&["--port"], "redis-server --port", None),
            (&["--port"], "redis-server --port 0", None),
            (&["--port"], "redis-server --port 70000", None),
            (&["-p", "--port", "port"], "postgres -p 5433", Some(5433)),
            (&["-p", "--port", "port"], "postgres -p5433", Some(5433)),
            (
                &["-p", "--port", "port"],
                "postgres -c port=5433",
                Some(5433),
            ),
            (&["-p", "--port", "port"], "postgres -c support=5433", None),
            (&["-p"], "nats-server -P /run/pid", None),
            (&["--e.web.address"], "--e.web.address=:80", Some(80)),
            (
                &["--e.web.address"],
                "--E.Web.Address=0.0.0.0:80/tcp",
                Some(80),
            ),
            (&["--e.web.address"], "--e.web.address=[::]:80", Some(80)),
            (&["--e.web.address"], "--e.websecure.address=:443", None),
            (&["--a", "--b"], "x --b=2 --a=1", Some(1)),
            (&["-listen"], "x --listen=:9", Some(9)),
            (&["--port"], "", None),
            (&[], "x --port 1", None),
        ] {
            let options: Vec<String> = options.iter().map(|it| (*it).to_owned()).collect();
            assert_eq!(told_port(&options, command.split('|')), port, "{command}");
        }
    }
}
