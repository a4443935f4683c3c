//! How versions and lines of versions compare: number by number, never as texts.

/// Whether `version` is the line itself or a version of it: `8.4` covers `8.4.11` but not `8.40`.
pub(super) fn covers(line: &str, version: &str) -> bool {
    version
        .strip_prefix(line)
        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// Whether two versions are the same, or one is the line of the other.
pub fn is_same_line(one: &str, other: &str) -> bool {
    covers(one, other) || covers(other, one)
}

/// Whether `version` came before a line and all its versions; never for a word such as `latest`.
pub fn is_older(version: &str, line: &str) -> bool {
    let (version, line) = (numbers(version), numbers(line));
    let shared = version.len().min(line.len());
    version[..shared] < line[..shared]
}

/// The numbers that a version begins with; none for a word such as `latest`.
pub(super) fn numbers(version: &str) -> Vec<u32> {
    version
        .trim_start_matches('v')
        .split(['.', '-'])
        .map_while(|part| part.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_covers_its_own_versions_only() {
        for (line, version, covered) in [
            ("8.4", "8.4.11", true),
            ("8.4", "8.40", false),
            ("18", "18-alpine", true),
        ] {
            assert_eq!(covers(line, version), covered, "{line} {version}");
            assert_eq!(is_same_line(version, line), covered, "{line} {version}");
        }
    }
    #[test]
    fn older_is_by_number_and_only_where_numbers_say_so() {
        for (version, line, older) in [
            ("9.6", "11", true),
            ("5", "5.6", false),
            ("5.10", "5.6", false),
            ("v0.9", "v1", true),
            ("latest", "11", false),
            ("11-alpine", "11", false),
            ("9.6-alpine", "stable", false),
        ] {
            assert_eq!(is_older(version, line), older, "{version} {line}");
        }
    }
}
