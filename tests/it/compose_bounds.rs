//! Large compose files and long chains of them: what is read all the same, and what is refused in plain words.

use backstay::compose_file::Reading;

use crate::compose_reading::read_files;

#[track_caller]
fn read(files: &[(&str, &str)]) -> Reading {
    let (reading, _) = read_files(files);
    reading.expect("it is read")
}

#[test]
fn ten_megabytes_are_read_or_refused() {
    let service = |n: usize| {
        format!(
            "  s{n}:\n    image: x\n    command: {}\n",
            "y".repeat(2_200)
        )
    };
    let text = "services:\n".to_owned() + &(0..5_000).map(service).collect::<String>();
    assert!(text.len() > 10 << 20);
    let reading = read(&[("compose.yaml", &text)]);
    assert_eq!(reading.section("services").count(), 5_000);
}
