//! What a plain scalar means: the mixture of YAML 1.1 and 1.2 that Compose reads.

use std::sync::Arc;

use crate::compose_file::Value;

/// The value of a scalar without quotes and without a tag.
///
/// `0123` is octal, `08` a decimal number, `22:22` and `yes` are texts.
pub(super) fn plain(text: &str) -> Value {
    if let Some(value) = word(text) {
        return value;
    }
    let first = text.as_bytes().first().copied().unwrap_or_default();
    match first {
        b'.' => decimal(text),
        b'0'..=b'9' | b'+' | b'-' => number(text),
        _ => None,
    }
    .unwrap_or_else(|| Value::Text(text.into()))
}

/// The value of a scalar with one of YAML's own tags, such as `!!str 0123`; `None` for a tag of no meaning here.
pub(super) fn tagged(tag: &str, text: &str) -> Option<Value> {
    match tag {
        "str" => Some(Value::Text(text.into())),
        "null" => Some(Value::Null),
        "bool" | "int" | "float" => {
            let value = plain(text);
            match (tag, &value) {
                ("bool", Value::Flag(_)) | ("int", Value::Whole(_)) => Some(value),
                ("float", Value::Decimal(_)) => Some(value),
                ("float", Value::Whole(number)) => Some(Value::Decimal(*number as f64)),
                _ => None,
            }
        }
        _ => None,
    }
}

fn word(text: &str) -> Option<Value> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Some(Value::Null),
        "true" | "True" | "TRUE" => Some(Value::Flag(true)),
        "false" | "False" | "FALSE" => Some(Value::Flag(false)),
        ".nan" | ".NaN" | ".NAN" => Some(Value::Decimal(f64::NAN)),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            Some(Value::Decimal(f64::INFINITY))
        }
        "-.inf" | "-.Inf" | "-.INF" => Some(Value::Decimal(f64::NEG_INFINITY)),
        _ => None,
    }
}

fn number(text: &str) -> Option<Value> {
    if is_date(text) {
        return Some(Value::Text(Arc::from(format!("{text} 00:00:00 +0000 UTC"))));
    }
    let digits: String = text.chars().filter(|c| *c != '_').collect();
    if let Some(number) = whole(&digits) {
        return Some(match i64::try_from(number) {
            Ok(number) => Value::Whole(number),
            // Beyond what a whole number can hold its digits stay.
            Err(_) => Value::Text(digits.into()),
        });
    }
    decimal(&digits)
}

/// A whole number with its base said as in `0x1F`, `0b11`, `0o17` or `017`.
fn whole(text: &str) -> Option<i128> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (base, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    if !digits.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let number = i128::from(u64::from_str_radix(digits, base).ok()?);
    match negative {
        true => Some(-number).filter(|number| i64::try_from(*number).is_ok()),
        false => Some(number),
    }
}

/// `1.5`, `.5`, `1e3`; not `1.5.2`, `infinity` or `1e`.
fn decimal(text: &str) -> Option<Value> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (digits, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, Some(exponent)),
        None => (unsigned, None),
    };
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_right = match digits.split_once('.') {
        Some((before, after)) => {
            (before.is_empty() || all_digits(before))
                && (after.is_empty() || all_digits(after))
                && digits.len() > 1
        }
        None => all_digits(digits),
    };
    let exponent_is_right = exponent
        .is_none_or(|exponent| all_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)));
    if !is_right || !exponent_is_right {
        return None;
    }
    text.parse().ok().map(Value::Decimal)
}

/// `2026-11-26`, which YAML takes for a point in time.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let in_range = |text: &str, range: std::ops::RangeInclusive<u8>| {
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        digits && text.parse().is_ok_and(|number: u8| range.contains(&number))
    };
    match parts[..] {
        [year, month, day] => {
            year.len() == 4
                && year.bytes().all(|b| b.is_ascii_digit())
                && month.len() == 2
                && in_range(month, 1..=12)
                && day.len() == 2
                && in_range(day, 1..=31)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_are_read_as_compose_reads_them() {
        for (text, read) in [
            ("0123", "83"),
            ("22:22", "22:22"),
            ("1e3", "1000"),
            ("yes", "yes"),
            ("on", "on"),
            ("08", "8"),
            ("0x1F", "31"),
            ("1_000", "1000"),
            ("1.50", "1.5"),
            ("2020-01-01", "2020-01-01 00:00:00 +0000 UTC"),
            (".5", "0.5"),
            ("1e30", "1e+30"),
            ("0o17", "15"),
            ("0b11", "3"),
            ("TRUE", "true"),
            ("+5", "5"),
            ("12345678901234567890", "12345678901234567890"),
            ("123456789.0", "1.23456789e+08"),
            ("1e21", "1e+21"),
            ("1.", "1"),
            ("3.0", "3"),
            ("1.5.2", "1.5.2"),
            ("-", "-"),
            ("+", "+"),
            (".", "."),
            ("1e", "1e"),
            ("0x", "0x"),
            ("127.0.0.1", "127.0.0.1"),
            ("-1", "-1"),
            ("0", "0"),
        ] {
            assert_eq!(plain(text).to_string(), read, "{text}");
        }
    }
}
