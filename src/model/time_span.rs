//! Spans of time, as Compose writes them: `10s`, `1m30s`, `500ms`.

/// A span of time, checked and kept as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeSpan(String);

const UNITS: [&str; 5] = ["us", "ms", "s", "m", "h"];

impl TimeSpan {
    /// Checks `text`: numbers, each with one of the units `us`, `ms`, `s`, `m` and `h`.
    pub fn parse(text: &str) -> Option<TimeSpan> {
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
            // Longer numbers would be more than Compose can count.
            let number = rest[..end].parse::<f64>().ok().filter(|_| end <= 9);
            number.filter(|_| !rest.starts_with('.') && !rest[..end].ends_with('.'))?;
            let unit_end = rest[end..]
                .find(|c: char| !c.is_ascii_lowercase())
                .map_or(rest.len(), |at| end + at);
            if !UNITS.contains(&&rest[end..unit_end]) {
                return None;
            }
            rest = &rest[unit_end..];
        }
        (!text.is_empty()).then(|| TimeSpan(text.to_owned()))
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_numbers_with_units() {
        for text in ["10s", "1m30s", "500ms", "1h0m0s", "1.5s", "0s"] {
            assert_eq!(TimeSpan::parse(text).expect(text).as_str(), text);
        }
        for wrong in [
            "",
            "10",
            "s",
            "10 s",
            "10x",
            "-1s",
            "1d",
            ".s",
            "1.s",
            "9999999999s",
        ] {
            assert_eq!(TimeSpan::parse(wrong), None, "{wrong}");
        }
    }
}
