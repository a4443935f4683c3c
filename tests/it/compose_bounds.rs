//! Large compose files and long chains of them: what is read all the same, and what is refused in plain words.

use std::time::Instant;

use backstay::compose_file::Reading;

use crate::compose_reading::{fault_of, read_files};

#[track_caller]
fn read(files: &[(&str, &str)]) -> Reading {
    let (reading, _) = read_files(files);
    reading.expect("it is read")
}

/// The value of a variable of a service.
fn variable<'r>(reading: &'r Reading, service: &str, name: &str) -> Option<&'r str> {
    let service = reading.entry("services", service)?;
    service.get("environment")?.get(name)?.text()
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
fn a_file_that_many_services_share_is_one_file() {
    let service = |n: usize| {
        format!(
            "  s{n}:\n    image: x\n    environment: {{OWN: own{}}}\n    env_file: [common.env, more.env, {{path: no.env, required: false}}, {{path: raw.env, format: raw}}]\n",
            n % 2
        )
    };
    let services: String = (0..2_100).map(service).collect();
    let reading = read(&[
        ("compose.yaml", &format!("services:\n{services}")),
        ("common.env", "A=1\nB=$OWN-$A\n"),
        ("more.env", "C=${A:-other}\n"),
        ("raw.env", "D=$A\n"),
    ]);
    for (service, own) in [("s0", "own0"), ("s1", "own1"), ("s2098", "own0")] {
        let b = format!("{own}-1");
        for (name, value) in [("A", "1"), ("B", &b), ("C", "other"), ("D", "$A")] {
            assert_eq!(variable(&reading, service, name), Some(value), "{name}");
        }
    }
}

#[test]
fn includes_of_one_and_the_same_file_are_counted() {
    let doubled = |next: usize| format!("include: [i{next}.yaml, i{next}.yaml]");
    let mut files: Vec<(String, String)> = (0..20)
        .map(|n| (format!("i{n}.yaml"), doubled(n + 1)))
        .collect();
    files.push(("compose.yaml".to_owned(), doubled(0)));
    files.push(("i20.yaml".to_owned(), "services: {}".to_owned()));
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    let fault = fault_of(read_files(&files));
    assert!(
        fault.contains("more than 2000 files would be read"),
        "{fault}"
    );
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

#[test]
fn a_long_chain_is_no_circle() {
    let service = |n: usize| format!("  s{n:02}: {{image: x, extends: s{:02}}}\n", n + 1);
    let services: String = (0..80).map(service).collect();
    let text = format!("services:\n{services}  s80: {{image: x}}\n");
    assert_eq!(
        fault_of(read_files(&[("compose.yaml", &text)])),
        "error: more than 64 services extend one another in a chain @ /p/compose.yaml:66:28"
    );
}

#[test]
fn a_path_that_leads_out_and_back_is_looked_at_where_it_ends() {
    let text = |path: &str| format!("services: {{a: {{image: x, env_file: {path}}}}}");
    let reading = read(&[
        ("compose.yaml", &text("/p/../p/sub/../x.env")),
        ("x.env", "A=1"),
    ]);
    assert_eq!(variable(&reading, "a", "A"), Some("1"));
    assert_eq!(
        fault_of(read_files(&[("compose.yaml", &text("/p/../out/x.env"))])),
        "error: `/out/x.env` lies outside of the folders of the compose files @ /p/compose.yaml:1:36"
    );
    let include = |path: &str| format!("include: [{path}]\nservices: {{}}");
    assert_eq!(
        fault_of(read_files(&[(
            "compose.yaml",
            &include("/p/../out/x.yaml")
        )])),
        "error: `/out/x.yaml` lies outside of the folders of the compose files @ /p/compose.yaml:1:11"
    );
}

#[test]
fn what_is_said_ten_thousand_times_is_read_in_time() {
    let started = Instant::now();
    // Hosts of two documents.
    let hosts = |from: usize| {
        let hosts: Vec<String> = (from..from + 20_000)
            .map(|n| format!("\"h{n}=10.0.0.1\""))
            .collect();
        format!(
            "services: {{a: {{image: x, extra_hosts: [{}]}}}}\n",
            hosts.join(", ")
        )
    };
    let text = format!("{}---\n{}", hosts(0), hosts(10_000));
    let reading = read(&[("compose.yaml", &text)]);
    let hosts = reading
        .entry("services", "a")
        .and_then(|a| a.get("extra_hosts"));
    let n_hosts = hosts.and_then(|hosts| Some(hosts.list()?.len()));
    assert_eq!(n_hosts, Some(30_000));
    // A large table that takes in the same small one over and over.
    let keys: String = (0..20_000).map(|n| format!("      K{n}: v\n")).collect();
    let sources = vec!["*a"; 10_000].join(", ");
    let text = format!(
        "x-a: &a {{K1: other, NEW: new}}\nservices:\n  a:\n    image: x\n    environment:\n{keys}      <<: [{sources}]\n"
    );
    let reading = read(&[("compose.yaml", &text)]);
    assert_eq!(variable(&reading, "a", "K1"), Some("v"));
    assert_eq!(variable(&reading, "a", "NEW"), Some("new"));
    // Documents that say one service each.
    let document = |n: usize| {
        format!(
            "services: {{s{n}: {{image: x, ports: [\"{}:80\"]}}}}\n",
            n + 1
        )
    };
    let documents: Vec<String> = (0..4_000).map(document).collect();
    let reading = read(&[("compose.yaml", &documents.join("---\n"))]);
    assert_eq!(reading.section("services").count(), 4_000);
    // Far more than it takes, and far less than it would take one by one.
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}
