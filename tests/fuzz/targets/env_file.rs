//! Any value in an env file is read back, and any env file is taken apart and put together again.

#![no_main]

use backstay::generate::env_file::{encode, entries};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let joined: String = entries(text)
        .iter()
        .flat_map(|entry| [entry.lead, entry.assignment])
        .collect();
    assert_eq!(joined, text);
    for entry in entries(text) {
        entry.value();
    }
    let Some((written, _)) = encode(text) else {
        assert!(text.contains('\0'));
        return;
    };
    let file = format!("# comment\nA={written}\nB=after\n");
    let read: Vec<_> = entries(&file)
        .iter()
        .map(|entry| (entry.key.unwrap_or_default().to_owned(), entry.value()))
        .collect();
    let expected = [("A", text), ("B", "after")];
    assert_eq!(
        read,
        expected.map(|(key, value)| (key.to_owned(), value.to_owned()))
    );
});
