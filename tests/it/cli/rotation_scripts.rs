//! The scripts that tell a service its new credential: run by a shell, with programs in place of the real
//! ones that write down what they are given.
#![cfg(unix)]

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use crate::cli::Folder;
use crate::cli::generate::generated;

/// A credential as it was, and as it will be: whatever a shell, SQL, JSON or curl gives a meaning to.
const OLD: &str = r#" o'1"2\3$4`5 #%6)&\"#;
const NEW: &str = r#" n'1"2\3$4`5 #%6)&\"#;

/// What a program writes down of itself; then it answers as the scripts need it.
const STAND_IN: &str = r#"#!/bin/sh
name="${0##*/}"
case "$name" in
    docker) shift 2; [ "$1" != -T ] || shift; shift; exec "$@" ;;
    bash | stty) exit ;;
esac
{
    printf '== %s\n' "$name"
    printf 'argument %s\n' "$@"
    printf 'variable %s\n' "$OLD" "$SQLCMDPASSWORD" "$KC_CLI_PASSWORD" "$MYSQL_PWD"
    cat >input
    cat input
    echo
} >>log
case "$name $*" in
    "influx user"*) printf '0c1d\tadmin\n' ;;
    bao*login*) printf 's.token' ;;
    curl*) if grep -q '^data = ' input; then printf 200; else printf 401; fi ;;
esac
"#;

/// The programs that are stood in for.
const PROGRAMS: [&str; 15] = [
    "bao",
    "bash",
    "cqlsh",
    "curl",
    "docker",
    "grafana",
    "influx",
    "kcadm.sh",
    "mariadb",
    "mongosh",
    "mysql",
    "psql",
    "rabbitmqctl",
    "sqlcmd",
    "stty",
];

/// What the programs have written down when the script of a kind's credential has run, with OLD on standard
/// input; `variables` say the container's. Those that end in `_FILE` name a file with their text.
fn told(kind: &str, name: &str, variables: &[(&str, &str)]) -> String {
    let plan = format!(
        "name = \"shop\"\n[services.it]\nkind = \"{kind}\"\n[environments.dev.hosts.box]\nruns = [\"it\"]\n"
    );
    let credential = format!("it.{name}");
    let args = ["secrets", "rotate", "dev", &credential, "--dry-run"];
    let test = generated(&plan).test().args(args);
    let (folder, text, _) = test.stdout_has(["docker compose exec "]).output();
    let from = text.find("docker compose exec ").expect("a command");
    let end = "\nEND\n)\"";
    let until = from + text[from..].find(end).expect("its end") + end.len();
    let (rest, _) = text[until..].split_once('\n').expect("a line ends");
    // Whoever pastes more lines behind it loses none of them, unless it asks for something.
    let asks = text[from..until].contains("stty -echo");
    let begin = if asks {
        "docker compose exec it "
    } else {
        "docker compose exec -T it "
    };
    assert!(text[from..].starts_with(begin), "{text}");
    assert_eq!(rest, if asks { "" } else { " </dev/null" }, "{text}");
    let command = text[from..until + rest.len()]
        .replace("/opt/mssql-tools18/bin/", "")
        .replace("/opt/keycloak/bin/", "");
    ran(&folder, &command, variables)
}

fn ran(folder: &Folder, command: &str, variables: &[(&str, &str)]) -> String {
    for program in PROGRAMS {
        let path = format!("programs/{program}");
        folder.write(&path, STAND_IN);
        let all = fs::Permissions::from_mode(0o755);
        fs::set_permissions(folder.path(&path), all).expect("it is ours");
    }
    let path = std::env::var("PATH").expect("programs are found by it");
    let mut shell = Command::new("sh");
    shell
        .args(["-c", command])
        .current_dir(folder.path(""))
        .env(
            "PATH",
            format!("{}:{path}", folder.path("programs").display()),
        )
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for (name, value) in variables {
        match name.ends_with("_FILE") {
            true => {
                folder.write(name, value);
                shell.env(name, name);
            }
            false => drop(shell.env(name, value)),
        }
    }
    let mut child = shell.spawn().expect("the shell starts");
    let mut input = child.stdin.take().expect("it is piped");
    // A script that asks for nothing may have closed it.
    let _ = input.write_all(format!("{OLD}\n").as_bytes());
    drop(input);
    let output = child.wait_with_output().expect("the shell ends");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command}\n{told}");
    let log = folder.read("log");
    for line in log.lines().filter(|line| line.starts_with("argument ")) {
        let shows = [OLD, NEW].iter().any(|secret| line.contains(secret.trim()));
        assert!(!shows, "a list of processes shows it: {line}");
    }
    log
}

#[track_caller]
fn check(kind: &str, name: &str, variables: &[(&str, &str)], expected: &[&str]) {
    let log = told(kind, name, variables);
    let mut left = log.as_str();
    for text in expected {
        let Some(at) = left.find(text) else {
            panic!("{kind} {name} is not told {text:?}:\n{log}");
        };
        left = &left[at + text.len()..];
    }
}

/// With every quote of one sort doubled, as SQL has it.
fn doubled(text: &str) -> String {
    text.replace('\'', "''")
}

/// With a backslash before each of these characters.
fn escaped(text: &str, characters: &[char]) -> String {
    let escape = |c: char| match characters.contains(&c) {
        true => format!("\\{c}"),
        false => c.to_string(),
    };
    text.chars().map(escape).collect()
}

fn in_json(text: &str) -> String {
    format!("\"{}\"", escaped(text, &['"', '\\']))
}

#[test]
fn sql_gets_the_new_password_quoted() {
    let variables = [("POSTGRES_USER", "app"), ("POSTGRES_PASSWORD_FILE", NEW)];
    let expected = [
        "argument app\n",
        "\\set new `cat \"$POSTGRES_PASSWORD_FILE\"`\n",
    ];
    check("postgres", "password", &variables, &expected);

    // No quote and no backslash: the kind refuses them.
    let simple = "n1$2`3 #%4)&";
    let variables = [
        ("MYSQL_USER", "app"),
        ("MYSQL_PASSWORD_FILE", simple),
        ("MYSQL_ROOT_PASSWORD_FILE", OLD),
    ];
    let (root, statement) = (format!("variable {OLD}\n"), format!("BY '{simple}';\n"));
    check("mysql", "password", &variables, &[&root, &statement]);

    let variables = [
        ("MARIADB_USER", "app"),
        ("MARIADB_PASSWORD_FILE", NEW),
        ("MARIADB_ROOT_PASSWORD_FILE", OLD),
    ];
    let statement = format!("BY '{}';\n", escaped(NEW, &['\'', '\\']));
    check("mariadb", "password", &variables, &[&root, &statement]);

    let variables = [("ADMIN_PASSWORD_FILE", NEW)];
    let statement = format!("ROLE cassandra WITH PASSWORD = '{}';\n", doubled(NEW));
    check("cassandra", "admin_password", &variables, &[&statement]);

    let variables = [("MSSQL_SA_PASSWORD", NEW)];
    let old = format!("variable {OLD}\n");
    let statement = format!("ALTER LOGIN sa WITH PASSWORD = N'{}';\nGO\n", doubled(NEW));
    check("mssql", "sa_password", &variables, &[&old, &statement]);
}

#[test]
fn json_and_curl_get_the_new_password_quoted() {
    let new = in_json(&format!("{{\"password\": {}}}", in_json(NEW)));
    let new = format!("data = {new}\n");
    let variables = [("ELASTIC_PASSWORD", NEW)];
    let log_in = |password: &str| format!("user = {}\n", in_json(&format!("elastic:{password}")));
    let url = "argument http://127.0.0.1:9200/_security/user/elastic/_password\n";
    let (first, second) = (log_in(NEW), log_in(OLD));
    let expected = [first.as_str(), url, &second, &new];
    check("elasticsearch", "elastic_password", &variables, &expected);

    let variables = [
        ("DOCKER_INFLUXDB_INIT_USERNAME", "admin"),
        ("DOCKER_INFLUXDB_INIT_PASSWORD_FILE", NEW),
        ("DOCKER_INFLUXDB_INIT_ADMIN_TOKEN_FILE", OLD),
    ];
    let header = in_json(&format!("Authorization: Token {OLD}"));
    let header = format!("header = {header}\n");
    let url = "argument http://127.0.0.1:8086/api/v2/users/0c1d/password\n";
    check("influxdb", "password", &variables, &[url, &header, &new]);
}

#[test]
fn programs_get_the_new_password_by_input_variable_or_file() {
    let variables = [
        ("RABBITMQ_DEFAULT_USER", "app"),
        ("RABBITMQ_DEFAULT_PASS", NEW),
    ];
    let line = format!("{NEW}\n");
    check("rabbitmq", "password", &variables, &[&line]);

    let variables = [("GF_SECURITY_ADMIN_PASSWORD__FILE", NEW)];
    let expected = ["argument --password-from-stdin\n", NEW];
    check("grafana", "password", &variables, &expected);

    let variables = [
        ("KC_BOOTSTRAP_ADMIN_USERNAME", "admin"),
        ("KC_BOOTSTRAP_ADMIN_PASSWORD", NEW),
    ];
    let (old, new) = (format!("variable {OLD}\n"), format!("variable {NEW}\n"));
    let expected = [
        "argument credentials\n",
        &old,
        "argument set-password\n",
        &new,
    ];
    check("keycloak", "admin_password", &variables, &expected);

    let variables = [
        ("MONGO_INITDB_ROOT_PASSWORD_FILE", NEW),
        ("APP_PASSWORD_FILE", NEW),
    ];
    let expected = ["argument --nodb\n", "app.changeUserPassword("];
    check("mongodb", "password", &variables, &expected);
    let expected = ["argument --nodb\n", "admin.changeUserPassword(", &old];
    check("mongodb", "root_password", &variables, &expected);

    let variables = [("ADMIN_PASSWORD_FILE", NEW), ("SECRET_ID_FILE", NEW)];
    let expected = [
        "argument login\n",
        "argument password=-\n",
        OLD,
        "argument auth/userpass/users/admin/password\nargument password=@ADMIN_PASSWORD_FILE\n",
    ];
    check("openbao", "admin_password", &variables, &expected);
    let expected = [
        "argument password=@ADMIN_PASSWORD_FILE\n",
        "argument secret_id=@SECRET_ID_FILE\n",
        "argument auth/approle/role/app/secret-id/destroy\nargument secret_id=-\n",
        OLD,
    ];
    check("openbao", "secret_id", &variables, &expected);
}

#[test]
fn what_only_a_script_makes_healthy_is_not_waited_for_before_it() {
    let plan = "name = \"shop\"\n[services.it]\nkind = \"KIND\"\n[environments.dev.hosts.box]\nruns = [\"it\"]\n";
    let start = "docker compose up --detach --force-recreate it\n";
    let start_and_wait = "docker compose up --detach --force-recreate --wait it\n";
    let wait = "until docker compose up --detach --wait it; do sleep 5; done\n";
    for (kind, which, waits) in [
        ("mongodb", "it.root_password", true),
        ("mongodb", "it.password", false),
        ("mongodb", "--all", false),
        // Its start tells it.
        ("mssql", "it.password", true),
        ("mssql", "it.sa_password", true),
        ("mssql", "--all", false),
        // By hand.
        ("opensearch", "--all", false),
        ("postgres", "--all", true),
    ] {
        let folder = generated(&plan.replace("KIND", kind));
        let args = ["secrets", "rotate", "dev", which, "--dry-run"];
        let text = folder.test().args(args).said();
        assert_eq!(
            text.contains(start_and_wait),
            waits,
            "{kind} {which}: {text}"
        );
        assert_eq!(text.contains(start), !waits, "{kind} {which}: {text}");
        assert_eq!(text.contains(wait), !waits, "{kind} {which}: {text}");
    }
}

#[test]
fn what_a_service_draws_itself_is_not_rotated_but_set() {
    let plan = "name = \"shop\"\n[services.it]\nkind = \"influxdb\"\n[environments.dev.hosts.box]\nruns = [\"it\"]\n";
    let folder = generated(plan);
    let before = folder.files("deploy");
    let test = folder.test().args(["secrets", "rotate", "dev", "it.token"]);
    let (folder, _, text) = test
        .status(2)
        .stderr_has([
            "error: `it.token` of dev is drawn by InfluxDB itself, which takes no other once it has data\n",
            "  help: give `backstay secrets set dev it.token` what this prints in the folder of its host: docker ",
        ])
        .output();
    assert_eq!(folder.files("deploy"), before);
    let (_, command) = text.split_once("of its host: ").expect("it is said");
    // Its line ends with the help's.
    let command = command.lines().next().expect("a line");
    let command = command.replace("exec -T it", "exec it");
    let variables = [("DOCKER_INFLUXDB_INIT_ADMIN_TOKEN_FILE", OLD)];
    let log = ran(&folder, &command, &variables);
    assert!(log.contains("argument --operator\n"), "{log}");
    let args = ["secrets", "set", "dev", "it.token"];
    let test = folder.test().args(args).stdin("drawn-by-it\n");
    let told =
        "3. InfluxDB has drawn the new it.token itself. The old one is good until it is deleted:";
    test.stdout_has([told]).run();
}
