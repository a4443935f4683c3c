//! Calendar dates, for facts that age.

/// A day, written `2026-11-22`. Compares in time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(String);

impl Date {
    /// The date that `text` spells as year, month and day; `None` if it is not one.
    pub fn parse(text: &str) -> Option<Date> {
        let mut parts = text.split('-');
        let mut number = |digits: usize| {
            let part = parts.next()?;
            let plain = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| part.parse::<u32>().ok())?
        };
        let (_, month, day) = (number(4)?, number(2)?, number(2)?);
        let valid = (1..=12).contains(&month) && (1..=31).contains(&day) && parts.next().is_none();
        valid.then(|| Date(text.to_owned()))
    }

    /// The date as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_checked_and_compare_in_time() {
        assert!(Date::parse("2026-04-30") < Date::parse("2026-11-02"));
        for wrong in [
            "2026-13-01",
            "2026-1-01",
            "26-01-01",
            "2026-01-01-01",
            "",
            "2026-01-0x",
        ] {
            assert_eq!(Date::parse(wrong), None, "{wrong}");
        }
    }
}
