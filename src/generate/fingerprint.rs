//! A number that tells texts from others: FNV-1a of 64 bits, the same on every machine and in every version.
//!
//! It sees changes, and keeps nobody out: whoever wants to can make two texts with one number.

const START: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// The fingerprint of some texts, each with its name, as 16 hexadecimal digits.
pub(super) fn of_texts<'t>(texts: impl IntoIterator<Item = (&'t str, &'t str)>) -> String {
    let mut hash = START;
    for (name, text) in texts {
        // No byte of UTF-8 is 0xff: what ends in one place cannot begin in the next.
        for part in [name, text] {
            hash = fnv_1a(fnv_1a(hash, part.as_bytes()), &[0xff]);
        }
    }
    format!("{hash:016x}")
}

fn fnv_1a(hash: u64, bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(PRIME);
    bytes.iter().fold(hash, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_that_the_makers_publish() {
        for (text, expected) in [
            ("", 0xcbf2_9ce4_8422_2325),
            ("a", 0xaf63_dc4c_8601_ec8c),
            ("foobar", 0x8594_4171_f739_67e8),
        ] {
            assert_eq!(fnv_1a(START, text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn every_name_and_every_text_counts() {
        let of = |texts: &[(&'static str, &'static str)]| of_texts(texts.iter().copied());
        let all = [
            of(&[("a", "b")]),
            of(&[("ab", "")]),
            of(&[("a", "c")]),
            of(&[("a", "b"), ("c", "d")]),
            of(&[("a", "bc"), ("", "d")]),
        ];
        for (at, one) in all.iter().enumerate() {
            assert_eq!(one.len(), 16);
            assert!(!all[..at].contains(one), "{one}");
        }
    }
}
