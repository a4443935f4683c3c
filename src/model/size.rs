//! Amounts of storage and spans of time, as people write them: `512 MiB`, `4 GiB`, `30 days`.

/// An amount of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(pub u64);

const UNITS: &[(&str, u64)] = &[
    ("B", 1),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

impl ByteSize {
    /// The units that are known.
    pub fn units() -> Vec<&'static str> {
        UNITS.iter().map(|(name, _)| *name).collect()
    }

    /// Reads a number and a unit, with or without a blank between them; `None` if it is not one.
    pub fn parse(text: &str) -> Option<ByteSize> {
        let split = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, unit) = text.split_at(split);
        let unit = unit.strip_prefix(' ').unwrap_or(unit);
        let factor = UNITS.iter().find(|(name, _)| *name == unit)?.1;
        let bytes = number.parse::<f64>().ok()? * factor as f64;
        (bytes >= 0.0 && bytes < u64::MAX as f64).then_some(ByteSize(bytes as u64))
    }

    /// As it is written into a plan, without a loss: as it is shown, or in bytes.
    pub fn exact(self) -> String {
        let shown = self.to_string();
        match ByteSize::parse(&shown) == Some(self) {
            true => shown,
            false => format!("{} B", self.0),
        }
    }

    /// Whole mebibytes, rounded up.
    pub fn mebibytes(self) -> u64 {
        self.0.div_ceil(1 << 20)
    }
}

/// All together, or the most that can be said if that is more.
impl std::iter::Sum for ByteSize {
    fn sum<I: Iterator<Item = ByteSize>>(sizes: I) -> ByteSize {
        sizes.fold(ByteSize(0), |sum, size| {
            ByteSize(sum.0.saturating_add(size.0))
        })
    }
}

impl std::fmt::Display for ByteSize {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The largest unit in which it is written without a loss; else the largest of those that computers count in.
        let written = |units: &[(&str, u64)]| {
            let mut units = units.iter().rev();
            units
                .find(|(_, factor)| self.0 >= *factor)
                .map(|unit| in_unit(self.0, *unit))
        };
        let binary = written(&UNITS[5..]);
        let decimal = || written(&UNITS[1..5]);
        let is_exact = |text: &String| ByteSize::parse(text) == Some(*self);
        let exact = binary.clone().filter(is_exact);
        let exact = exact.or_else(|| decimal().filter(is_exact));
        let text = exact
            .or(binary)
            .unwrap_or_else(|| in_unit(self.0, UNITS[0]));
        f.write_str(&text)
    }
}

fn in_unit(bytes: u64, (unit, factor): (&str, u64)) -> String {
    let text = format!("{:.1}", bytes as f64 / factor as f64);
    format!("{} {unit}", text.strip_suffix(".0").unwrap_or(&text))
}

/// A span of time in whole days, for how long something is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    /// Days; a month has 30, a year 365.
    pub days: u32,
}

/// Units of time with their days, the largest last.
const SPANS: &[(&str, u32)] = &[("day", 1), ("week", 7), ("month", 30), ("year", 365)];

impl Period {
    /// The units that are known.
    pub fn units() -> Vec<&'static str> {
        SPANS.iter().map(|(name, _)| *name).collect()
    }

    /// Reads a whole number and a unit, such as `1 day`, `3 months` or `2 years`; `None` if it is not one.
    pub fn parse(text: &str) -> Option<Period> {
        let split = text.find(|c: char| !c.is_ascii_digit())?;
        let (number, unit) = text.split_at(split);
        let unit = unit.strip_prefix(' ').unwrap_or(unit);
        let is_it = |name: &str| unit.strip_suffix('s').unwrap_or(unit) == name;
        let factor = SPANS.iter().find(|(name, _)| is_it(name))?.1;
        let days = number.parse::<u32>().ok()?.checked_mul(factor)?;
        (days > 0).then_some(Period { days })
    }
}

impl std::fmt::Display for Period {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let whole = |span: &&(&str, u32)| self.days.is_multiple_of(span.1);
        let (name, days) = SPANS.iter().rev().find(whole).unwrap_or(&SPANS[0]);
        let number = self.days / days;
        let plural = if number == 1 { "" } else { "s" };
        write!(f, "{number} {name}{plural}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_written_and_shown_in_the_largest_unit() {
        for (text, shown) in [
            ("4 GiB", "4 GiB"),
            ("512MiB", "512 MiB"),
            ("1.5 GiB", "1.5 GiB"),
            ("0 B", "0 B"),
            ("5GB", "5 GB"),
            ("2.5 TB", "2.5 TB"),
            ("1000 KiB", "1000 KiB"),
        ] {
            assert_eq!(
                ByteSize::parse(text)
                    .map(|size| size.to_string())
                    .as_deref(),
                Some(shown)
            );
        }
        for wrong in ["4", "GiB", "4 gigs", "-1 GiB", "4  GiB", "1e99 TiB"] {
            assert_eq!(ByteSize::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn sizes_are_written_without_a_loss() {
        for text in ["5 GB", "1.3 GiB", "4.65 GiB", "1234567 B", "0.1 TB"] {
            let size = ByteSize::parse(text).expect("a size");
            assert_eq!(ByteSize::parse(&size.exact()), Some(size), "{text}");
        }
    }

    #[test]
    fn periods_are_read_as_written_and_shown_in_the_largest_whole_unit() {
        for (text, shown) in [
            ("1 day", "1 day"),
            ("14days", "2 weeks"),
            ("90 days", "3 months"),
            ("2 years", "2 years"),
            ("400 days", "400 days"),
        ] {
            let period = Period::parse(text).map(|period| period.to_string());
            assert_eq!(period.as_deref(), Some(shown));
        }
        for wrong in [
            "5",
            "days",
            "0 days",
            "-1 day",
            "1 hour",
            "4294967295 years",
        ] {
            assert_eq!(Period::parse(wrong), None, "{wrong}");
        }
    }
}
