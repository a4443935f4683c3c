//! Draws credentials: letters first, never a character that any format has to escape, unless the service
//! wants them in base 64.

use crate::catalog::{Alphabet, SecretRule};

const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
const DIGITS: &[u8] = b"0123456789";
const MARKS: &[u8] = b"-_.";
/// The last two of the 64 characters where `+` and `/` would need an escape.
const MARKS_IN_URL: &[u8; 2] = b"-_";

/// A credential that follows `rule`, from random bytes that `fill` provides.
pub fn draw<E>(
    rule: &SecretRule,
    mut fill: impl FnMut(&mut [u8]) -> Result<(), E>,
) -> Result<String, E> {
    let drawn = match rule.alphabet {
        Alphabet::Portable => draw_text(rule.length, &[UPPER, LOWER, DIGITS, MARKS], &mut fill),
        Alphabet::Alphanumeric => draw_text(rule.length, &[UPPER, LOWER, DIGITS], &mut fill),
        Alphabet::UpperAlphanumeric => draw_text(rule.length, &[UPPER, DIGITS], &mut fill),
        Alphabet::Base64 => Ok(draw_base64(rule.length, b"+/", &mut fill)? + padding(rule.length)),
        Alphabet::Base64Url => draw_base64(rule.length, MARKS_IN_URL, &mut fill),
    };
    Ok(rule.prefix.clone() + &drawn?)
}

/// A text of `length` characters, a letter first, with at least one of every class.
fn draw_text<E>(
    length: usize,
    classes: &[&[u8]],
    fill: &mut impl FnMut(&mut [u8]) -> Result<(), E>,
) -> Result<String, E> {
    let alphabet: Vec<u8> = classes.concat();
    // Drawing again until every class is there keeps all such texts equally likely.
    loop {
        let text = draw_once(length.max(classes.len()), &alphabet, fill)?;
        let has = |class: &&[u8]| text.bytes().any(|byte| class.contains(&byte));
        if text.starts_with(|c: char| c.is_ascii_alphabetic()) && classes.iter().all(has) {
            return Ok(text);
        }
    }
}

fn draw_once<E>(
    length: usize,
    alphabet: &[u8],
    fill: &mut impl FnMut(&mut [u8]) -> Result<(), E>,
) -> Result<String, E> {
    // Bytes above the largest multiple of the alphabet's size would favour its first characters.
    let fair = 256 - 256 % alphabet.len();
    let mut text = String::with_capacity(length);
    let mut bytes = [0; 64];
    while text.len() < length {
        fill(&mut bytes)?;
        let usable = bytes
            .iter()
            .map(|byte| usize::from(*byte))
            .filter(|byte| *byte < fair);
        let wanted = length - text.len();
        text.extend(
            usable
                .take(wanted)
                .map(|byte| char::from(alphabet[byte % alphabet.len()])),
        );
    }
    Ok(text)
}

/// `length` random bytes in base 64 without padding, never one of the two marks first.
fn draw_base64<E>(
    length: usize,
    marks: &[u8; 2],
    fill: &mut impl FnMut(&mut [u8]) -> Result<(), E>,
) -> Result<String, E> {
    let alphabet = [UPPER, LOWER, DIGITS, marks].concat();
    let mut bytes = vec![0; length];
    loop {
        fill(&mut bytes)?;
        let text: String = bytes
            .chunks(3)
            .flat_map(|chunk| sextets(chunk).map(|sextet| char::from(alphabet[sextet])))
            .collect();
        if text.is_empty() || text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return Ok(text);
        }
    }
}

/// Up to three bytes in groups of six bits, the last one filled up with zeros.
fn sextets(chunk: &[u8]) -> impl Iterator<Item = usize> {
    let byte = |at: usize| usize::from(chunk.get(at).copied().unwrap_or_default());
    let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
    (0..=chunk.len()).map(move |at| bits >> (18 - 6 * at) & 63)
}

/// What fills up the base 64 of so many bytes.
fn padding(length: usize) -> &'static str {
    ["", "==", "="][length % 3]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    fn rule(length: usize, alphabet: Alphabet) -> SecretRule {
        SecretRule {
            length,
            prefix: String::new(),
            alphabet,
            for_clients: true,
            for_kinds: Vec::new(),
            shortest: None,
            longest: None,
            refused: String::new(),
            permanent: None,
            read_at_start: false,
            needed_for_health: false,
            rotation: None,
            renewal: None,
            rotation_note: None,
        }
    }

    #[test]
    fn bytes_are_written_in_base_64() {
        let bytes = |given: &'static [u8]| {
            move |bytes: &mut [u8]| -> Result<(), Infallible> {
                bytes.copy_from_slice(&given[..bytes.len()]);
                Ok(())
            }
        };
        for (length, padded) in [(1, "Zg=="), (2, "Zm8="), (3, "Zm9v"), (6, "Zm9vYmFy")] {
            let Ok(text) = draw(&rule(length, Alphabet::Base64), bytes(b"foobar"));
            assert_eq!(text, padded);
        }
        let Ok(text) = draw(&rule(2, Alphabet::Base64Url), bytes(b"\x6b\xff"));
        assert_eq!(text, "a_8");
        let prefixed = SecretRule {
            prefix: "apiv3_".into(),
            ..rule(2, Alphabet::Base64Url)
        };
        let Ok(text) = draw(&prefixed, bytes(b"fo"));
        assert_eq!(text, "apiv3_Zm8");
    }

    #[test]
    fn credentials_have_every_class_and_begin_with_a_letter() {
        let mut state = 1_u32;
        let mut fill = |bytes: &mut [u8]| -> Result<(), Infallible> {
            for byte in bytes {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *byte = (state >> 24) as u8;
            }
            Ok(())
        };
        for _ in 0..500 {
            let Ok(text) = draw(&rule(24, Alphabet::Portable), &mut fill);
            assert_eq!(text.len(), 24);
            assert!(
                text.starts_with(|c: char| c.is_ascii_alphabetic()),
                "{text}"
            );
            for class in [UPPER, LOWER, DIGITS, MARKS] {
                assert!(text.bytes().any(|byte| class.contains(&byte)), "{text}");
            }
            let Ok(key) = draw(&rule(20, Alphabet::UpperAlphanumeric), &mut fill);
            assert!(
                key.len() == 20
                    && key
                        .bytes()
                        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()),
                "{key}"
            );
        }
    }
}
