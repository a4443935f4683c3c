//! Large compose files and long chains of them: what is read all the same, and what is refused in plain words.

use backstay::compose_file::Reading;

use crate::compose_reading::{fault_of, read_files};

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

#[test]
fn env_files_hold_no_more_than_is_sensible() {
    let mut text = format!("A={}\n", "x".repeat(900_000));
    for n in 0..1_500 {
        text.push_str(&format!("B{n}=$A\n"));
    }
    assert_eq!(
        fault_of(read_files(&[
            ("compose.yaml", "services: {a: {image: x}}"),
            (".env", &text)
        ])),
        "error: the values of env files come to more than 64 MiB here @ /p/.env:75:1"
    );
    // Nor do many of them together.
    let service =
        |n: usize| format!("  s{n}: {{image: x, env_file: a.env, environment: [N={n}]}}\n");
    let services: String = (0..100).map(service).collect();
    let fault = fault_of(read_files(&[
        ("compose.yaml", &format!("services:\n{services}")),
        ("a.env", &format!("A={}\nB=$N\n", "x".repeat(900_000))),
    ]));
    assert_eq!(
        fault,
        "error: the values of env files come to more than 64 MiB here @ /p/a.env:1:1"
    );
}

#[test]
fn a_long_text_with_many_dollars_is_read() {
    let line = "        export HOME=$$HOME PATH=$$PATH and more\n";
    let text = format!(
        "services: {{a: {{image: x, configs: [c]}}}}\nconfigs:\n  c:\n    content: |\n{}",
        line.repeat(3_000)
    );
    let reading = read(&[("compose.yaml", &text)]);
    let content = reading
        .entry("configs", "c")
        .and_then(|config| config.get("content")?.text());
    let wanted = "  export HOME=$HOME PATH=$PATH and more\n"
        .trim_start()
        .repeat(3_000);
    assert_eq!(content, Some(wanted.as_str()));
}
