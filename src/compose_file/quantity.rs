//! Durations, byte sizes and command lines in compose files, as Compose writes them out.

/// A duration such as `1m30s`, `1.5s` or `2d`, in the form of Go: `1m30s`.
pub(super) fn duration(text: &str) -> Option<String> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest.is_empty() {
        return None;
    }
    let mut nanoseconds: u128 = 0;
    while !rest.is_empty() && rest != "0" {
        let length = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, unit) = rest.split_at(length);
        let length = unit
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(unit.len());
        let (unit, after) = unit.split_at(length);
        nanoseconds = nanoseconds.checked_add(scaled(number, unit_length(unit)?)?)?;
        rest = after;
    }
    if nanoseconds > i64::MAX as u128 {
        return None;
    }
    let sign = if negative && nanoseconds > 0 { "-" } else { "" };
    Some(format!("{sign}{}", duration_text(nanoseconds)))
}

/// How long a unit is, in nanoseconds.
fn unit_length(unit: &str) -> Option<u128> {
    Some(match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        "d" => 24 * 3_600_000_000_000,
        "w" => 7 * 24 * 3_600_000_000_000,
        _ => return None,
    })
}

/// `number` with up to 18 decimals, times `unit`.
fn scaled(number: &str, unit: u128) -> Option<u128> {
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && decimals.is_empty() || whole.len() > 18 || decimals.len() > 18 {
        return None;
    }
    let read = |digits: &str| match digits {
        "" => Some(0),
        digits => digits.parse::<u128>().ok(),
    };
    let below = read(decimals)? * unit / 10_u128.pow(u32::try_from(decimals.len()).ok()?);
    Some(read(whole)? * unit + below)
}

fn duration_text(nanoseconds: u128) -> String {
    if nanoseconds == 0 {
        return "0s".to_owned();
    }
    let with_decimals = |unit: u128| {
        let decimals = format!(
            "{:0width$}",
            nanoseconds % unit,
            width = unit.ilog10() as usize
        );
        let decimals = decimals.trim_end_matches('0');
        let dot = if decimals.is_empty() || unit == 1 {
            ""
        } else {
            "."
        };
        let decimals = if unit == 1 { "" } else { decimals };
        format!("{dot}{decimals}")
    };
    let second = 1_000_000_000;
    if nanoseconds < second {
        let (unit, name) = match nanoseconds {
            0..1_000 => (1, "ns"),
            1_000..1_000_000 => (1_000, "µs"),
            _ => (1_000_000, "ms"),
        };
        return format!("{}{}{name}", nanoseconds / unit, with_decimals(unit));
    }
    let seconds = nanoseconds / second;
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let mut text = String::new();
    if hours > 0 {
        text.push_str(&format!("{hours}h"));
    }
    if hours > 0 || minutes > 0 {
        text.push_str(&format!("{minutes}m"));
    }
    text.push_str(&format!("{rest}{}s", with_decimals(second)));
    text
}

/// A size such as `1.5g`, `512m` or `64`, in bytes.
pub(super) fn bytes(text: &str) -> Option<i64> {
    if let Ok(bytes) = text.parse::<i64>() {
        return Some(bytes);
    }
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let unit = text[digits.len()..].trim().to_ascii_lowercase();
    let unit = unit.strip_suffix('b').unwrap_or(&unit);
    let unit = unit.strip_suffix('i').unwrap_or(unit);
    let power = match unit {
        "" => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        "p" => 5,
        _ => return None,
    };
    let number: f64 = digits
        .trim()
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite() && *number >= 0.0)?;
    Some((number * 1024_f64.powi(power)) as i64)
}

/// The words of a command line, split as a shell would; `None` if a quote is not closed or a
/// parenthesis opens outside of quotes.
pub(super) fn command_words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut in_word = false;
    let mut quote: Option<char> = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (c, quote) {
            ('\\', None | Some('"')) => {
                word.extend(chars.next());
                in_word = true;
            }
            (c, Some(open)) if c == open => quote = None,
            (c, Some(_)) => word.push(c),
            ('"' | '\'', None) => {
                quote = Some(c);
                in_word = true;
            }
            // What a shell would take for the end of the command ends it.
            (';' | '&' | '|' | '<' | '>', None) => {
                break;
            }
            ('(', None) => return None,
            (c, None) if c.is_whitespace() => {
                if in_word {
                    words.push(std::mem::take(&mut word));
                    in_word = false;
                }
            }
            (c, None) => {
                word.push(c);
                in_word = true;
            }
        }
    }
    if quote.is_some() {
        return None;
    }
    if in_word {
        words.push(word);
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_compose_writes_them() {
        for (text, written) in [
            ("1m30s", "1m30s"),
            ("1.5s", "1.5s"),
            ("90s", "1m30s"),
            ("1h", "1h0m0s"),
            ("100ms", "100ms"),
            ("1.5ms", "1.5ms"),
            ("2d", "48h0m0s"),
            ("0", "0s"),
            ("0s", "0s"),
            ("10us", "10µs"),
            ("5ns", "5ns"),
        ] {
            assert_eq!(duration(text).as_deref(), Some(written), "{text}");
        }
        for text in ["", "5", "s", "1x", "1.2.3s", "-"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn sizes_are_bytes() {
        assert_eq!(bytes("1.5g"), Some(1_610_612_736));
        assert_eq!(bytes("64"), Some(64));
        assert_eq!(bytes("-1"), Some(-1));
        assert_eq!(bytes("512 MiB"), Some(512 << 20));
        assert_eq!(bytes("x"), None);
        assert_eq!(bytes("1é"), None);
    }

    #[test]
    fn command_lines_are_split_into_words() {
        let words = |line: &str| command_words(line).map(|words| words.join("|"));
        assert_eq!(
            words("echo \"a b\" c'd e'").as_deref(),
            Some("echo|a b|cd e")
        );
        assert_eq!(words("a\\ b ''").as_deref(), Some("a b|"));
        assert_eq!(words("sh -c \"x && y\"").as_deref(), Some("sh|-c|x && y"));
        assert_eq!(words("a; b").as_deref(), Some("a"));
        assert_eq!(words("'x"), None);
        assert_eq!(words("a (b)"), None);
    }
}
