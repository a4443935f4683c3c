//! What is shown of files that somebody wrote: no credential, however it is written and whatever is wrong beside it.

use std::collections::BTreeMap;

use backstay::catalog::{Catalog, CatalogFile, CatalogFileOf};
use backstay::compose_file::{Request, World, read};
use backstay::lint::all_rules;
use backstay::report;
use backstay::report::sarif::Subject;
use backstay::report::text::Excerpts;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::cli::Test;
use crate::screen::Screen;
use crate::support::{analysis, plain};

/// What stands where a credential would; nothing else is written so.
const MARK: &str = "zq7Xk29mQv";

/// Names of credentials, as variables, labels and keys have them.
const NAMES: &[&str] = &[
    "POSTGRES_PASSWORD",
    "PGPASSWORD",
    "SMTP_PASS",
    "JWT_SECRET",
    "API_TOKEN",
    "STRIPE_API_KEY",
    "ENCRYPTION_KEY",
    "RABBITMQ_ERLANG_COOKIE",
    "db_password",
    "spring.datasource.password",
    "client-secret",
    "access_token",
    "apiKey",
];

/// Words of commands with a credential.
const COMMANDS: &[&[&str]] = &[
    &["serve", "--requirepass", "@"],
    &["serve", "--db-password=@"],
    &["serve", "--token", "@", "--port", "7"],
    &["mysqladmin", "-u", "root", "-p@", "ping"],
    &["mysqladmin", "-p@", "ping"],
    &["mongosh", "-u", "root", "-p", "@"],
    &["redis-cli", "-a", "@", "ping"],
    &["sqlcmd", "-U", "sa", "-P", "@"],
    &["curl", "-u", "admin:@", "http://localhost"],
    &["env", "PGPASSWORD=@", "psql"],
];

/// Texts with a credential in a part.
const TEXTS: &[&str] = &[
    "postgres://u:@@h/db",
    "redis://:@@h:6379/0?x=y",
    "Server=db;User=a;Password=@;Timeout=3",
    "host=db password=@ user=a",
    "{\"user\":\"a\",\"password\":\"@\",\"b\":1}",
    "Authorization: Bearer @",
    "https://hooks.slack.com/services/T0/B0/@",
    "admin:$apr1$Zx81$@uTyHdzEyYmUy",
    "ghp_0123456789abcdef0123456789@",
    "${DB_PASSWORD:-@}",
    "u:@@tcp(db:3306)/shop",
];

/// A text with what may be changed before and behind the credential and its name.
type Piece = (String, String, String);

/// An entry of a table: how a name and its credential are written.
fn entry(separators: &'static [&'static str]) -> impl Strategy<Value = String> + Clone {
    let quotes = prop::sample::select(vec![
        ("", ""),
        ("\"", "\""),
        ("'", "'"),
        ("\"", ""),
        ("'", "\""),
    ]);
    let name = prop::sample::select(NAMES);
    let separator = prop::sample::select(separators);
    (name, separator, quotes).prop_map(|(name, separator, (open, close))| {
        format!("{name}{separator}{open}{MARK}{close}")
    })
}

fn listed(words: &[&str], quote: &str, between: &str) -> String {
    let words = words
        .iter()
        .map(|word| format!("{quote}{}{quote}", with_mark(word)));
    words.collect::<Vec<_>>().join(between)
}

/// The last `@` of two that stand together belongs to a URL.
fn with_mark(text: &str) -> String {
    text.replacen('@', MARK, 1)
}

fn piece(before: &str, core: impl Into<String>, after: &str) -> Piece {
    (before.to_owned(), core.into(), after.to_owned())
}

/// A line or a few of a service, as compose files have them.
fn of_service() -> impl Strategy<Value = Piece> {
    let in_block = entry(&[
        ": ",
        ":",
        " : ",
        "=",
        " ",
        ":\n          ",
        ": |\n          ",
        ": >-\n        ",
        ": &a ",
    ]);
    let in_flow = entry(&[": ", ":", "=", " : "]);
    let in_list = entry(&["=", ": ", " = ", " "]);
    let command = prop::sample::select(COMMANDS);
    let text = prop::sample::select(TEXTS);
    prop_oneof![
        in_block.clone().prop_map(|it| piece(
            "    environment:\n      A: b\n      ",
            it,
            "\n      C: d\n"
        )),
        in_block.prop_map(|it| piece("    enviroment:\n      ", it, "\n")),
        in_flow
            .clone()
            .prop_map(|it| piece("    environment: {A: b, ", it, ", A: c}\n")),
        in_flow.prop_map(|it| piece("    enviroment: {", it, "}\n")),
        in_list.clone().prop_map(|it| piece(
            "    environment:\n      - A=b\n      - ",
            it,
            "\n      - C: d\n"
        )),
        in_list.clone().prop_map(|it| piece(
            "    environment: [A=b, ",
            it,
            ", C=d]\n    imagee: 3\n"
        )),
        in_list.prop_map(|it| piece("    labels: [\"", it, "\"]\n    lables: 3\n")),
        command
            .clone()
            .prop_map(|it| piece("    comand: ", listed(it, "", " "), "\n")),
        command.clone().prop_map(|it| piece(
            "    command: [",
            listed(it, "\"", ", "),
            ", {x: y}]\n"
        )),
        command.clone().prop_map(|it| piece(
            "    command: [",
            listed(it, "", ", "),
            "]\n    command: x\n"
        )),
        command.clone().prop_map(|it| piece(
            "    command:\n      - ",
            listed(it, "", "\n      - "),
            "\n      - {x: y}\n"
        )),
        command.prop_map(|it| piece(
            "    healthcheck: {test: \"",
            listed(it, "", " "),
            "\", intervall: 3s}\n"
        )),
        text.clone().prop_map(|it| piece(
            "    environment: {A: b, X: '",
            with_mark(it),
            "', A: c}\n"
        )),
        text.clone().prop_map(|it| piece(
            "    environment:\n      X: '",
            with_mark(it),
            "'\n      X: y\n"
        )),
        text.prop_map(|it| piece(
            "    labels:\n      - X=",
            with_mark(it),
            "\n      - {x: y}\n"
        )),
    ]
}

/// A line or a few of a plan.
fn of_plan() -> impl Strategy<Value = Piece> {
    let pair = entry(&[" = ", "=", ": ", " ", " =\n", " == "]);
    let long =
        prop::sample::select(NAMES).prop_map(|name| format!("{name} = \"\"\"\n{MARK}\"\"\""));
    let command = prop::sample::select(COMMANDS);
    prop_oneof![
        pair.clone()
            .prop_map(|it| piece("[apps.web.settings]\nA = 1\n", it, "\nC = \"d\"\n")),
        pair.clone()
            .prop_map(|it| piece("[services.db]\n", it, "\nkind = \"postgres\"\n")),
        pair.clone().prop_map(|it| piece(
            "[apps.web]\nsettings = { A = \"b\", ",
            it,
            ", A = \"c\" }\n"
        )),
        pair.prop_map(|it| piece("[apps.web]\nneeds = [\"x\", { ", it, " }]\n")),
        long.prop_map(|it| piece("[services.db.settings]\n", it, "\nC = 1\n")),
        command.prop_map(|it| piece(
            "[apps.web.container]\ncommand = [",
            listed(it, "\"", ", "),
            ", 7]\n"
        )),
        prop::sample::select(TEXTS).prop_map(|it| piece(
            "[apps.web.settings]\nX = '",
            with_mark(it),
            "'\nX = 1\n"
        )),
        prop::sample::select(NAMES).prop_map(|name| piece(
            "",
            format!("[services.db.secrets.{name}]\nvalue = \"{MARK}\""),
            "\n[services.db]\n"
        )),
    ]
}

/// A change of a text: at a place, how much goes, and what comes.
type Change = (Index, usize, &'static str);

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let awkward = prop::sample::select(vec![
        "", "", "{", "}", "[", "]", "\"", "'", ":", ": ", "=", ",", "\n", "\t", "#", " ", "- ",
        "*a", "&a ", "|\n", "${", "é", "\r",
    ]);
    prop::collection::vec((any::<Index>(), 0usize..3, awkward), 0..4)
}

/// A text with changes near its end, or near its beginning.
fn changed(text: &str, changes: &[Change], side: Side) -> String {
    let mut text: Vec<char> = text.chars().collect();
    for (place, n_gone, comes) in changes {
        let near = text.len().min(30);
        if near == 0 {
            continue;
        }
        let at = match side {
            Side::Before => text.len() - near + place.index(near),
            Side::Behind => place.index(near),
        };
        let end = (at + n_gone).min(text.len());
        text.splice(at..end, comes.chars());
    }
    let mut text: String = text.into_iter().collect();
    // What runs into a name makes another one of it.
    let is_of_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '$');
    match side {
        Side::Before if text.ends_with(is_of_name) => text.push(' '),
        Side::Behind if text.starts_with(is_of_name) => text.insert(0, ' '),
        _ => {}
    }
    text
}

#[derive(Clone, Copy)]
enum Side {
    Before,
    Behind,
}

fn put_together((before, core, after): &Piece, first: &[Change], second: &[Change]) -> String {
    let before = changed(before, first, Side::Before);
    let mut after = changed(after, second, Side::Behind);
    // In a line of its own a text with a colon behind it is a key.
    if core.contains('\n')
        && after
            .trim_start_matches(['"', '\'', ' ', '\t'])
            .starts_with([':', '='])
    {
        after.insert(0, '\n');
    }
    format!("{before}{core}{after}")
}

/// Files by path.
struct Memory(BTreeMap<String, String>);

impl World for Memory {
    fn read(&mut self, path: &str) -> Result<Option<Vec<u8>>, String> {
        Ok(self.0.get(path).map(|text| text.clone().into_bytes()))
    }

    fn variable(&self, _: &str) -> Option<String> {
        None
    }
}

/// Why a compose file with an env file cannot be read; nothing if it can.
fn fault_of(compose: &str, env: &str) -> String {
    let request = Request {
        files: vec!["/p/compose.yaml".to_owned()],
        env_files: Vec::new(),
        env_files_by: "`--env-file`",
        allowed_by: "`--outside`",
        roots: vec!["/p".to_owned()],
    };
    let files = [("/p/compose.yaml", compose), ("/p/.env", env)];
    let files = files.map(|(path, text)| (path.to_owned(), text.to_owned()));
    let (reading, sources) = read(&request, &mut Memory(files.into()));
    let fault = reading.err();
    fault.map_or_else(String::new, |fault| {
        report::compose::fault(&fault, &sources)
    })
}

/// Everything that is said of a plan.
fn said_of_plan(text: &str) -> String {
    let analysis = analysis(text);
    let excerpts = Excerpts::new("backstay.toml", text, &analysis.secrets);
    let subject = Subject {
        path: "backstay.toml",
        text,
        secrets: &analysis.secrets,
    };
    let findings = &analysis.findings;
    plain(&report::text::findings(findings, &excerpts))
        + &report::json::findings("backstay.toml", text, findings)
        + &report::sarif::findings(&subject, all_rules(), findings)
        + &report::github::findings("backstay.toml", text, findings)
}

fn said_of_kind(text: &str) -> String {
    let file = CatalogFile {
        of: CatalogFileOf::Kind,
        id: "mine".to_owned(),
        text: text.to_owned(),
        place: "mine.toml".to_owned(),
    };
    let added = Catalog::builtin().add(&file);
    added
        .err()
        .map_or_else(String::new, |error| error.to_string())
}

/// A plan that holds credentials itself, which is allowed here.
fn plan_with_credentials() -> String {
    format!(
        r#"name = "s"
[rules]
secret-in-plan = {{ level = "allow", reason = "a trial" }}
[apps.api]
image = "x:1"
port = 80
settings = {{ API_TOKEN = "{MARK}1", URL = "redis://:{MARK}2@h" }}
[apps.api.container]
command = ["serve", "--token", "{MARK}$3"]
healthcheck.test = ["CMD-SHELL", "mysqladmin -p{MARK}4 ping"]
[apps.api.container.labels]
auth = "admin:{MARK}5"
[environments.local.hosts.box]
runs = ["api"]
"#
    )
}

#[test]
fn the_values_of_what_is_selected_are_listed_without_credentials() {
    let screen = Screen::new(&plan_with_credentials(), 120, 60);
    let text = screen.keys("/api<enter>v").text();
    assert!(
        text.contains("settings.API_TOKEN") && text.contains("redis://:"),
        "{text}"
    );
    assert!(!text.contains(MARK), "{text}");
}

#[test]
fn files_are_shown_without_the_credentials_that_the_plan_holds() {
    let test = Test::new().plan(&plan_with_credentials());
    let said = test.args(["generate", "--dry-run"]).said();
    assert!(said.contains("+++ local/box/compose.yaml"), "{said}");
    assert!(!said.contains(MARK), "{said}");
}

proptest! {
    #![proptest_config(crate::properties::cases(128))]

    #[test]
    fn no_fault_of_a_compose_file_shows_a_credential(it in of_service(), first in changes(), second in changes()) {
        let service = put_together(&it, &first, &second);
        let text = format!("services:\n  db:\n    image: redis:7\n{service}    ports: [x]\n");
        let said = plain(&fault_of(&text, ""));
        prop_assert!(!said.contains(MARK), "{}\nof\n{}", said, text);
    }

    #[test]
    fn no_fault_of_an_env_file_shows_a_credential(
        it in entry(&["=", " = ", ": ", " ", ";", "=\n"]), first in changes(), second in changes()
    ) {
        let text = put_together(&piece("A=b\n", it, "\nC D\n"), &first, &second);
        let said = plain(&fault_of("services:\n  db:\n    image: redis:${A}\n", &text));
        prop_assert!(!said.contains(MARK), "{}\nof\n{}", said, text);
    }

    #[test]
    fn nothing_that_is_said_of_a_plan_or_a_catalog_file_shows_a_credential(
        it in of_plan(), first in changes(), second in changes()
    ) {
        let lines = put_together(&it, &first, &second);
        let text = format!("name = \"shop\"\n{lines}\n[environments.test.hosts.box]\nruns = [\"web\", \"dbb\"]\n");
        let said = said_of_plan(&text) + &said_of_kind(&text);
        prop_assert!(!said.contains(MARK), "{}\nof\n{}", said, text);
    }
}
