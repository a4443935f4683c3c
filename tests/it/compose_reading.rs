//! Compose files as they are read: what they say, and what is wrong with hostile ones, with its place.

use std::collections::BTreeMap;
use std::time::Instant;

use backstay::catalog::Catalog;
use backstay::compose_file::{Fault, Node, Reading, Request, Source, World, read};
use backstay::import::{Described, import, masked};
use backstay::model::EnvironmentName;
use backstay::report;
use proptest::prelude::*;

use crate::support::{analysis, plain};

/// Files by path, and a shell with one variable.
struct Memory(BTreeMap<String, Vec<u8>>);

impl World for Memory {
    fn read(&mut self, path: &str) -> Result<Option<Vec<u8>>, String> {
        Ok(self.0.get(path).cloned())
    }

    fn variable(&self, name: &str) -> Option<String> {
        (name == "HOME").then(|| "/home/me".to_owned())
    }
}

pub type Outcome = (Result<Reading, Box<Fault>>, Vec<Source>);

/// Reads `/p/compose.yaml`, which may read what is below `/p`.
fn read_bytes(files: &[(&str, &[u8])]) -> Outcome {
    let files = files
        .iter()
        .map(|(path, bytes)| (format!("/p/{path}"), bytes.to_vec()));
    let request = Request {
        files: vec!["/p/compose.yaml".to_owned()],
        env_files: Vec::new(),
        allowed_by: "`--outside`",
        env_files_by: "`--env-file`",
        roots: vec!["/p".to_owned()],
    };
    read(&request, &mut Memory(files.collect()))
}

pub fn read_files(files: &[(&str, &str)]) -> Outcome {
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(path, text)| (*path, text.as_bytes()))
        .collect();
    read_bytes(&files)
}

/// The first line and the place of a fault: `error: …` and `/p/compose.yaml:1:2`.
#[track_caller]
pub fn fault_of(outcome: Outcome) -> String {
    let (reading, sources) = outcome;
    let fault = reading.expect_err("it is refused");
    let text = plain(&report::compose::fault(&fault, &sources));
    let mut lines = text.lines();
    let message = lines.next().unwrap_or_default();
    let place = lines.find_map(|line| line.split_once("╭▸ "));
    match place {
        Some((_, place)) => format!("{message} @ {place}"),
        None => message.to_owned(),
    }
}

#[track_caller]
fn check_fault(text: &str, wanted: &str) {
    assert_eq!(fault_of(read_files(&[("compose.yaml", text)])), wanted);
}

#[test]
fn wrong_types_are_refused_wherever_they_stand() {
    for (text, fault) in [
        (
            "services: [a]",
            "error: `services` must be a table, not a list @ /p/compose.yaml:1:1",
        ),
        (
            "- a",
            "error: a compose file must be a table, not a list @ /p/compose.yaml:1:1",
        ),
        (
            "services:\n  a: x",
            "error: `services.a` must be a table, not a text @ /p/compose.yaml:2:6",
        ),
        (
            "services:\n  a:\n    image: [x]",
            "error: `services.a.image` must be a text, not a list @ /p/compose.yaml:3:5",
        ),
        (
            "services:\n  a:\n    image: x\n    ports: 80",
            "error: `services.a.ports` must be a list, not a number @ /p/compose.yaml:4:12",
        ),
        (
            "services:\n  a:\n    image: x\n    imgae: y",
            "error: `imgae` is not a key of a service @ /p/compose.yaml:4:5",
        ),
        (
            "services:\n  a: {image: x, 'imgae' : y}",
            "error: `imgae` is not a key of a service @ /p/compose.yaml:2:18",
        ),
        (
            "services:\n  \"We b/../x\":\n    image: x",
            "error: `We b/../x` cannot be the name of a service @ /p/compose.yaml:2:3",
        ),
        (
            "services:\n  a:\n    image: x\n    environment: {A: [1]}",
            "error: `services.a.environment.A` must be a text or a number or `true` or `false`, not a list @ /p/compose.yaml:4:19",
        ),
        (
            "services:\n  a:\n    image: x\n    tty: maybe",
            "error: `maybe` is not `true` or `false` @ /p/compose.yaml:4:10",
        ),
        (
            "services:\n  a:\n    image: x\n    stop_grace_period: soon",
            "error: `soon` is not a duration such as `1m30s` @ /p/compose.yaml:4:24",
        ),
        (
            "services:\n  a:\n    image: x\n    ports: ['80:x']",
            "error: `80:x` is not a port: the container's port is no number up to 65535 @ /p/compose.yaml:4:13",
        ),
        (
            "services:\n  a:\n    image: x\n    volumes: ['nope:/x']",
            "error: there is no volume `nope` @ /p/compose.yaml:4:15",
        ),
        (
            "services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, depends_on: [a]}",
            "error: `a` waits for itself in the end @ /p/compose.yaml:3:30",
        ),
        (
            "web:\n  image: x",
            "error: `web` is not a key of a compose file @ /p/compose.yaml:1:1",
        ),
        (
            "services:\n  a: {}",
            "error: `a` has neither an image nor a build @ /p/compose.yaml:2:3",
        ),
        ("", "error: `/p/compose.yaml` declares nothing"),
    ] {
        check_fault(text, fault);
    }
}

#[test]
fn what_is_no_yaml_is_refused_at_its_place() {
    for (text, place) in [
        ("services:\n\ta: x", "@ /p/compose.yaml:2:"),
        ("services:\n  a: {image: x", "@ /p/compose.yaml:2:"),
        (
            "services:\n  a:\n    image: x\n   ports: 1",
            "@ /p/compose.yaml:4:",
        ),
        ("a: *nope", "@ /p/compose.yaml:1:4"),
        ("a: \"x", "@ /p/compose.yaml:1:"),
    ] {
        let fault = fault_of(read_files(&[("compose.yaml", text)]));
        assert!(
            fault.starts_with("error: this is not YAML: ") && fault.contains(place),
            "{fault}"
        );
    }
    let twice = "services:\n  a:\n    image: x\n    image: y";
    check_fault(twice, "error: `image` is said twice @ /p/compose.yaml:4:5");
}

#[test]
fn other_encodings_line_ends_and_documents_are_read_or_refused() {
    let text =
        b"\xef\xbb\xbfservices:\r\n  a:\r\n    image: x\r\n---\r\nservices: {a: {image: y}}\r\n";
    let (reading, _) = read_bytes(&[("compose.yaml", text)]);
    let reading = reading.expect("it is read");
    let image = reading
        .section("services")
        .next()
        .and_then(|(_, node)| node.get("image"));
    assert_eq!(image.and_then(|image| image.text()), Some("y"));
    let latin = read_bytes(&[("compose.yaml", b"services: {a: {image: \xe4}}")]);
    assert_eq!(
        fault_of(latin),
        "error: `/p/compose.yaml` is not UTF-8 text (byte 22)"
    );
    let nul = read_bytes(&[("compose.yaml", b"services: \0")]);
    assert!(fault_of(nul).starts_with("error: this is not YAML"));
}

#[test]
fn circles_of_files_and_services_are_refused() {
    let fault = fault_of(read_files(&[
        ("compose.yaml", "include: [b.yaml]"),
        ("b.yaml", "include: [compose.yaml]"),
    ]));
    assert_eq!(
        fault,
        "error: `compose.yaml` includes itself @ /p/b.yaml:1:11"
    );
    check_fault(
        "services:\n  a: {extends: b}\n  b: {extends: a}",
        "error: `a` extends itself in the end @ /p/compose.yaml:2:16",
    );
    let fault = fault_of(read_files(&[
        (
            "compose.yaml",
            "services: {a: {extends: {file: b.yaml, service: a}}}",
        ),
        (
            "b.yaml",
            "services: {a: {extends: {file: compose.yaml, service: a}}}",
        ),
    ]));
    assert_eq!(
        fault,
        "error: `a` extends itself in the end @ /p/compose.yaml:1:16"
    );
}

/// The ports that `app` publishes, which extends `base` of another file.
#[track_caller]
fn published(base: &str, further: &str) -> Vec<String> {
    let text =
        format!("services:\n  app: {{extends: {{file: base.yaml, service: base}}}}\n{further}");
    let (reading, _) = read_files(&[("compose.yaml", &text), ("base.yaml", base)]);
    let reading = reading.expect("it is read");
    let app = reading.entry("services", "app").expect("it is there");
    let ports = app.get("ports").and_then(|ports| ports.list());
    let published = |port: &Node| Some(port.get("published")?.value.to_string());
    ports.into_iter().flatten().filter_map(published).collect()
}

#[test]
fn what_a_file_resets_is_reset_for_what_it_extends_itself() {
    let first = "services:\n  first: {image: x, ports: ['8080:80']}\n";
    for (base, further, ports) in [
        (
            "  base: {extends: first, ports: !reset []}",
            "",
            &[] as &[&str],
        ),
        (
            "  base: {extends: first, ports: !override ['90:80']}",
            "",
            &["90"],
        ),
        (
            "  second: {extends: first, ports: !reset []}\n  base: {extends: second, ports: ['91:80']}",
            "",
            &["91"],
        ),
        // Each file speaks of its own services, and the last document alone counts.
        (
            "  base: {extends: first}\n  app: {image: y, ports: !reset []}",
            "",
            &["8080"],
        ),
        (
            "  base: {extends: first}",
            "  base: {image: y, ports: !reset []}",
            &["8080"],
        ),
        (
            "  base: {extends: first, ports: !reset []}\n---\nservices: {other: {image: x}}",
            "",
            &["8080"],
        ),
    ] {
        assert_eq!(
            published(&format!("{first}{base}"), further),
            ports,
            "{base}"
        );
    }
}

#[test]
fn nothing_outside_of_the_folders_is_read() {
    let passwd = "services:\n  a:\n    image: x\n    env_file: ../../etc/passwd";
    check_fault(
        passwd,
        "error: `/etc/passwd` lies outside of the folders of the compose files @ /p/compose.yaml:4:15",
    );
    check_fault(
        "include: [/etc/compose.yaml]",
        "error: `/etc/compose.yaml` lies outside of the folders of the compose files @ /p/compose.yaml:1:11",
    );
    check_fault(
        "include: ['https://example.com/compose.yaml']",
        "error: `https://example.com/compose.yaml` is not on this machine @ /p/compose.yaml:1:11",
    );
}

#[test]
fn what_would_grow_for_ever_is_refused_in_time() {
    let started = Instant::now();
    let mut bomb = "x0: &a0 {k: [x, x, x, x, x, x, x, x, x]}\n".to_owned();
    for level in 1..30 {
        let before = format!("*a{}", level - 1);
        bomb.push_str(&format!(
            "x{level}: &a{level} {{k: [{}]}}\n",
            vec![before; 9].join(", ")
        ));
    }
    let fault = fault_of(read_files(&[("compose.yaml", &bomb)]));
    assert!(fault.contains("more than 500000 values"), "{fault}");
    let mut dotenv = "A0=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n".to_owned();
    for level in 1..40 {
        dotenv.push_str(&format!("A{level}=$A{0}$A{0}\n", level - 1));
    }
    let fault = fault_of(read_files(&[
        ("compose.yaml", "services: {}"),
        (".env", &dotenv),
    ]));
    assert!(fault.contains("variables grow without end"), "{fault}");
    let ports = "services:\n".to_owned()
        + &(0..20)
            .map(|n| format!("  s{n}: {{image: x, ports: ['1-65535']}}\n"))
            .collect::<String>();
    let fault = fault_of(read_files(&[("compose.yaml", &ports)]));
    assert!(fault.contains("more than 500000 values"), "{fault}");
    let wide = (0..200)
        .map(|n| format!("include{n}.yaml"))
        .collect::<Vec<_>>();
    let mut files: Vec<(String, String)> = wide
        .iter()
        .map(|name| (name.clone(), format!("include: [{}]", wide.join(", "))))
        .collect();
    files.push((
        "compose.yaml".to_owned(),
        "include: [include0.yaml]".to_owned(),
    ));
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    assert!(fault_of(read_files(&files)).contains("itself"));
    let long = "services:\n  a:\n    image: x # ".to_owned() + &"x".repeat(17 << 20);
    let fault = fault_of(read_files(&[("compose.yaml", &long)]));
    assert_eq!(fault, "error: `/p/compose.yaml` is longer than 16 MiB");
    // Far more than it takes, and far less than without bounds.
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

/// Lines of compose files, some of them wrong.
const LINES: &[&str] = &[
    "services:",
    "  a:",
    "  b:",
    "    image: x",
    "    image: [x]",
    "    build: .",
    "    build: {context: ..}",
    "    extends: a",
    "    extends: {file: compose.yaml, service: b}",
    "    ports: ['80:80', 1-3]",
    "    ports: {}",
    "    environment: [A=1, B]",
    "    environment: {A: 1, B: }",
    "    <<: *x",
    "x: &x {image: y, environment: {C: 2}}",
    "    depends_on: [b]",
    "    depends_on: {b: {condition: service_healthy}}",
    "    volumes: ['./a:/b', 'c:/d:ro']",
    "volumes: {c: }",
    "include: [b.yaml]",
    "    env_file: .env",
    "    healthcheck: {test: x, interval: 1s}",
    "---",
    "    labels: !reset []",
    "    command: ${A:-b ${C?}}",
    "    networks: [n]",
    "networks: {n: }",
    "\t",
    "  - x",
    "    ? [a]",
    "    deploy: {replicas: 2}",
    "    image: postgres:16-alpine",
    "    hostname: 'x y'",
    "    cap_add: [NET_ADMIN, NOPE]",
    "    environment: {POSTGRES_PASSWORD: hunter22, 'a.b': '${', URL: 'http://b:80'}",
    "    command: [serve, --requirepass, hunter22]",
    "    command: serve --db.password=hunter22",
    "    entrypoint: [sh, -c, 'PGPASSWORD=hunter22 psql']",
    "    healthcheck: {test: [CMD, mysqladmin, -u, root, -phunter22]}",
    "    labels: {auth: 'root:hunter22', 'a.token': abc, hook: 'https://hooks.slack.com/services/T/B/x'}",
    "    build: {context: ., args: {NPM_TOKEN: abc, URL: 'http://a:hunter22@b'}}",
    "    hostname: glpat-0123456789abcdef0123",
    "    working_dir: /a?password=x",
    "    user: 'password=x'",
    "    environment: [NOTE=hunter22 it is, AUTH=a/b, SALT=x]",
    "    extra_hosts: ['a=Bearer abc123def456']",
    "    volumes: ['./a;Password=x:/b', 'token=c:/d']",
    "    image: 'x:Password=y'",
    "    restart: sometimes",
    "    container_name: ü",
    "    user: \"\"",
    "    tmpfs: /x",
    "    stop_grace_period: 2d",
    "    mem_limit: 1k",
    "    secrets: [s]",
    "secrets: {s: {file: x}}",
    "    ulimits: {a: {soft: 1}}",
    "\"",
    "{",
    "]",
];

/// What is made of a reading is a plan without a mistake of syntax and without a credential, and holds every service.
fn check_plan(reading: &Reading) {
    let described = Described {
        environment: EnvironmentName::new("local").expect("a name"),
        reading,
        files: vec!["compose.yaml".to_owned()],
    };
    let imported = import(&[described], &Catalog::builtin(), "/p");
    let analysis = analysis(&imported.plan);
    let of_syntax = [
        "invalid-syntax",
        "unknown-key",
        "invalid-value",
        "invalid-name",
        "wrong-type",
        "missing-key",
        "secret-in-plan",
    ];
    let wrong: Vec<_> = analysis
        .findings
        .iter()
        .filter(|finding| of_syntax.contains(&finding.rule))
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}\n{}", imported.plan);
    let n_services = reading
        .section("services")
        .filter(|(_, node)| node.get("provider").is_none())
        .count();
    let plan = &analysis.plan;
    assert_eq!(
        plan.apps.len() + plan.services.len(),
        n_services,
        "{}",
        imported.plan
    );
}

proptest! {
    /// Whatever stands in the files, they are read or refused; a fault can be shown.
    #[test]
    fn reading_never_panics(
        lines in prop::collection::vec(prop::sample::select(LINES), 0..24),
        other in prop::collection::vec(prop::sample::select(LINES), 0..8),
        env in "[A-C=$ {}:'\"\n#-]{0,30}",
        junk in any::<String>(),
    ) {
        for text in [lines.join("\n"), junk] {
            let files = [("compose.yaml", text.as_str()), ("b.yaml", &other.join("\n")), (".env", &env)];
            let (reading, sources) = read_files(&files);
            match reading {
                Ok(reading) => {
                    let model = masked(&reading, &Catalog::builtin(), "********");
                    report::compose::json(&reading.name, &model);
                    check_plan(&reading);
                }
                Err(fault) => drop(report::compose::fault(&fault, &sources)),
            }
        }
    }

    /// A short form is read, or refused, and never ends the program.
    #[test]
    fn short_forms_never_panic(text in any::<String>(), word in "[0-9a-z:/.\\[\\]-]{0,20}") {
        for text in [text, word] {
            let quoted = format!("{text:?}").replace("\\'", "'");
            let yaml = format!(
                "services: {{a: {{image: {quoted}, ports: [{quoted}], volumes: [{quoted}], command: {quoted}, \
                 mem_limit: {quoted}, stop_grace_period: {quoted}, extra_hosts: [{quoted}], devices: [{quoted}]}}}}"
            );
            let keys = ["ports", "volumes", "command", "mem_limit", "stop_grace_period", "extra_hosts", "devices"];
            for key in keys {
                let one = format!("services: {{a: {{image: x, {key}: {quoted}}}, b: {{image: x, {key}: [{quoted}]}}}}");
                drop(read_files(&[("compose.yaml", &one)]));
            }
            drop(read_files(&[("compose.yaml", &yaml)]));
        }
    }
}
