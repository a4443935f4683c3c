//! Any value in an env file of any quoting is read back, and any env file is taken apart and put together again.

#![no_main]

use backstay::generate::env_file::{encode_as, entries, mark};
use backstay::model::{Choice, Quoting};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for quoting in Quoting::ALL.iter().copied() {
        is_joined_again(text, quoting);
        is_read_back(text, quoting);
    }
});

/// The text as a file of that quoting: its entries are the whole of it, and each has a value that can be quoted
/// in every other way or says why not.
fn is_joined_again(text: &str, quoting: Quoting) {
    let file = mark(quoting).unwrap_or_default() + text;
    let entries = entries(&file);
    let joined: String = entries
        .iter()
        .flat_map(|entry| [entry.lead, entry.assignment])
        .collect();
    assert_eq!(joined, file);
    for entry in entries.iter().filter(|entry| entry.key.is_some()) {
        for other in Quoting::ALL.iter().copied() {
            let Ok(requoted) = entry.requoted(other) else {
                continue;
            };
            let file = mark(other).unwrap_or_default() + &requoted;
            let read = pairs(&file);
            let key = entry.key.expect("the others are left out");
            assert_eq!(read, [(key.to_owned(), entry.value())], "{requoted:?}");
        }
    }
}

/// The text as a value in a file of that quoting: it arrives as it is, and so does what stands behind it.
fn is_read_back(text: &str, quoting: Quoting) {
    let Ok((written, _)) = encode_as(text, quoting) else {
        let cannot_be_said = match quoting {
            Quoting::Raw => text.contains(['\0', '\n', '\r']),
            Quoting::Compose | Quoting::Shell => text.contains('\0'),
        };
        assert!(cannot_be_said, "{text:?}");
        return;
    };
    let top = mark(quoting).unwrap_or_default();
    let file = format!("{top}# comment\nA={written}\nB=after\n");
    let expected = [("A", text), ("B", "after")];
    assert_eq!(
        pairs(&file),
        expected.map(|(key, value)| (key.to_owned(), value.to_owned()))
    );
}

/// What a file assigns, in its order.
fn pairs(file: &str) -> Vec<(String, String)> {
    entries(file)
        .iter()
        .filter_map(|entry| Some((entry.key?.to_owned(), entry.value())))
        .collect()
}
