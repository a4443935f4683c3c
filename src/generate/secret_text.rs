//! Draws credentials: letters first, never a character that any format has to escape.

use crate::catalog::{Alphabet, SecretRule};

const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
const DIGITS: &[u8] = b"0123456789";
const MARKS: &[u8] = b"-_.";

/// A credential that follows `rule`, from random bytes that `fill` provides.
pub fn draw<E>(
    rule: &SecretRule,
    mut fill: impl FnMut(&mut [u8]) -> Result<(), E>,
) -> Result<String, E> {
    let classes: &[&[u8]] = match rule.alphabet {
        Alphabet::Portable => &[UPPER, LOWER, DIGITS, MARKS],
        Alphabet::Alphanumeric => &[UPPER, LOWER, DIGITS],
        Alphabet::UpperAlphanumeric => &[UPPER, DIGITS],
    };
    let alphabet: Vec<u8> = classes.concat();
    // Drawing again until every class is there keeps all such texts equally likely.
    loop {
        let text = draw_once(rule.length.max(classes.len()), &alphabet, &mut fill)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    fn rule(length: usize, alphabet: Alphabet) -> SecretRule {
        SecretRule {
            length,
            alphabet,
            for_clients: true,
        }
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
