//! What the founding documents say, one test a statement: through `analyze` and the generated files.

use std::collections::BTreeSet;

use backstay::finding::Finding;
use backstay::generate::Audience;
use backstay::report::show::{Screen, show};
use backstay::source;
use backstay::topology::Topology;

use crate::files_check::check_files;
use crate::golden::{KINDS, fixture, folders_in, of_kind};
use crate::support::{Built, analysis, built, plain, variables};

/// Environments as `show` prints them, without colours.
fn shown(name: &str, topologies: &[&Topology], built: &Built) -> String {
    let findings = &built.analysis.findings;
    plain(&show(name, topologies, findings, Screen::default()))
}

#[test]
fn same_machine_is_internal_and_another_machine_is_external() {
    let built = built(&fixture("two-hosts-one-service"));
    // One service, one environment, both at once.
    assert_eq!(
        built.reached("staging", "web", "cache"),
        "internal cache:6379"
    );
    assert_eq!(
        built.reached("staging", "worker", "cache"),
        "external 10.1.0.11:6379"
    );
    let topologies: Vec<_> = built.analysis.topologies.iter().collect();
    let shown = shown("shop", &topologies, &built);
    let line = |user: &str| {
        shown
            .lines()
            .find(|line| line.contains(user))
            .expect("it is shown")
    };
    assert!(line("web → cache").contains("internal"), "{shown}");
    assert!(line("worker → cache").contains("external"), "{shown}");
}

#[test]
fn in_development_the_app_on_the_laptop_gets_address_port_and_credentials() {
    let built = built(&fixture("coding-events"));
    assert_eq!(built.reached("dev", "web", "db"), "external 10.0.3.7:3306");
    assert_eq!(
        built.reached("local", "web", "db"),
        "internal 127.0.0.1:3306"
    );
    assert_eq!(
        built.variable("dev/laptop/web.env", "ConnectionStrings__db"),
        "Server=10.0.3.7;Port=3306;User ID=coding_events_user;Password=dev.db.password;Database=coding-events"
    );
}

#[test]
fn production_on_one_machine_is_found_and_its_fix_moves_the_database_out() {
    let plan = fixture("one-vm");
    let before = analysis(&plan);
    let found = one(&before.findings, "internal-in-production");
    assert_eq!(
        found.environment.as_ref().map(|name| name.as_str()),
        Some("prod")
    );
    let fix = found.fix.as_ref().expect("it can be mended");
    let mended = source::apply(&plan, &fix.edits).expect("the fix applies");
    let after = built(&mended);
    let host = after.uses("prod", "web", "db")[0].target.host.clone();
    assert_ne!(host.as_str(), "vm");
    assert_eq!(
        after.environment("prod").hosts[&host].runs.len(),
        1,
        "a host of its own"
    );
    assert!(after.reached("prod", "web", "db").starts_with("external"));
    assert!(!after.rules().contains("internal-in-production"));
}

#[test]
fn a_test_environment_has_everything_in_one_place() {
    let apart = "
name = \"shop\"
[apps.web]
uses.db = {}
[services.db]
kind = \"postgres\"
[environments.test.hosts.ci]
runs = [\"web\"]
[environments.test.hosts.data]
address = \"10.0.0.9\"
runs = [\"db\"]
";
    let found = analysis(apart);
    one(&found.findings, "external-in-test");
    let together = apart.replace("runs = [\"web\"]", "runs = [\"web\", \"db\"]");
    let (together, _) = together
        .split_once("[environments.test.hosts.data]")
        .expect("two hosts");
    assert!(!built(together).rules().contains("external-in-test"));
}

#[test]
fn dedicated_cloud_offerings_are_always_external() {
    let built = built(&fixture("managed"));
    for target in ["db", "uploads", "cache"] {
        let reached = built.reached("prod", "reports", target);
        assert!(reached.starts_with("external"), "{target}: {reached}");
    }
    // On a machine a stand-in runs, and the plan's author is told so, in findings and on the picture.
    let service = built.environment("dev").components["uploads"]
        .service()
        .expect("a service");
    let real = service.stands_in_for.as_ref().expect("it is a stand-in");
    assert_eq!(
        (service.kind.id.as_str(), real.id.as_str()),
        ("seaweedfs", "wasabi")
    );
    assert!(built.rules().contains("stand-in-in-use"));
    let shown = shown("atlas", &[built.environment("dev")], &built);
    assert!(shown.contains("stands in for wasabi"), "{shown}");
    assert!(built.file("dev/box/compose.yaml").contains("seaweedfs"));
}

#[test]
fn an_app_gets_address_port_database_user_and_password_in_its_dialect() {
    let plan = |dialect: &str| {
        format!(
            "
name = \"shop\"
[apps.web]
dialect = \"{dialect}\"
uses.db = {{}}
[services.db]
kind = \"postgres\"
database = \"orders\"
user = \"clerk\"
port = 5433
[environments.dev.hosts.laptop]
runs = [\"web\"]
[environments.dev.hosts.data]
address = \"10.0.0.9\"
runs = [\"db\"]
"
        )
    };
    for dialect in [
        "django", "dotnet", "go", "laravel", "node", "plain", "prisma", "rails", "spring",
    ] {
        let built = built(&plan(dialect));
        let settings = variables(built.file("dev/laptop/web.env"));
        let all: Vec<String> = settings.into_values().collect();
        for part in ["10.0.0.9", "5433", "orders", "clerk", "dev.db.password"] {
            assert!(
                all.iter().any(|value| value.contains(part)),
                "{dialect}: {part} in {all:?}"
            );
        }
    }
    let plain = built(&plan("plain"));
    let value = |key: &str| plain.variable("dev/laptop/web.env", key);
    let parts = [
        "DB_HOST",
        "DB_PORT",
        "DB_DATABASE",
        "DB_USER",
        "DB_PASSWORD",
    ]
    .map(value);
    assert_eq!(
        parts,
        ["10.0.0.9", "5433", "orders", "clerk", "dev.db.password"]
    );
    // What is missing is a finding, and the file says what it waits for.
    let without = built(&plan("plain").replace("address = \"10.0.0.9\"\n", ""));
    one(&without.analysis.findings, "external-without-address");
    let file = without.file("dev/laptop/web.env");
    assert!(
        file.contains("waits for the address of db") && file.contains("DB_HOST=\n"),
        "{file}"
    );
}

#[test]
fn environments_change_without_code_and_credentials_stay_out_of_what_is_shared() {
    let cases = ["coding-events", "managed", "several-in-one-role"].map(str::to_owned);
    let kinds = folders_in(KINDS);
    for case in cases
        .into_iter()
        .chain(kinds.iter().map(|kind| of_kind(kind)))
    {
        let built = built(&fixture(&case));
        check_files(&built);
        for app in built.analysis.plan.apps.keys() {
            let files = built.artifacts.iter();
            let names: Vec<(bool, BTreeSet<String>)> = files
                .filter(|(path, _)| path.ends_with(&format!("/{app}.env")))
                .map(|(path, artifact)| {
                    let names = variables(&artifact.text).into_keys().collect();
                    (has_stand_in(&built, path), names)
                })
                .collect();
            let everywhere = names.iter().map(|(_, names)| names.clone());
            let everywhere = everywhere.reduce(|all, names| &all & &names);
            for (has_stand_in, names) in &names {
                // Some libraries find an emulator by a variable that must not be there otherwise.
                let more: BTreeSet<&String> = names
                    .difference(everywhere.as_ref().expect("it has a file"))
                    .collect();
                let is_for_emulators = more.iter().all(|name| EMULATORS.contains(&name.as_str()));
                assert!(
                    more.is_empty() || *has_stand_in && is_for_emulators,
                    "{case}: {app} has other variables elsewhere: {more:?}"
                );
            }
        }
        assert!(no_secret_outside(&built), "{case}");
    }
}

/// What Google's libraries find an emulator by, and the project that they want with it.
const EMULATORS: [&str; 2] = ["GOOGLE_CLOUD_PROJECT", "STORAGE_EMULATOR_HOST"];

/// Whether something stands in for a provider's service in the environment of a file.
fn has_stand_in(built: &Built, path: &str) -> bool {
    let (environment, _) = path.split_once('/').expect("a folder an environment");
    let mut components = built.environment(environment).components.values();
    components.any(|component| {
        component
            .service()
            .is_some_and(|service| service.stands_in_for.is_some())
    })
}

#[test]
fn no_service_is_introduced_before_it_is_needed() {
    let plan = "
name = \"shop\"
[apps.web]
uses.db = {}
[services.db]
kind = \"postgres\"
[services.search]
kind = \"redis\"
[environments.local.hosts.laptop]
runs = [\"web\", \"db\", \"search\"]
";
    let found = analysis(plan);
    let finding = one(&found.findings, "unused-service");
    assert!(finding.message.contains("`search`"), "{}", finding.message);
}

#[test]
fn ephemeral_stores_lose_data() {
    let found = analysis(&role_of("memcached", "database"));
    one(&found.findings, "ephemeral-store-for-durable-role");
    let fine = built(&role_of("memcached", "cache"));
    assert!(!fine.rules().contains("ephemeral-store-for-durable-role"));
}

#[test]
fn redis_is_not_the_primary_database() {
    let found = analysis(&role_of("redis", "database"));
    let finding = one(&found.findings, "unsuitable-role");
    let said = format!(
        "{} {}",
        finding.message,
        finding.help.as_deref().unwrap_or_default()
    );
    assert!(
        said.contains("not designed to be a primary database"),
        "{said}"
    );
    assert!(
        !built(&role_of("redis", "cache"))
            .rules()
            .contains("unsuitable-role")
    );
    assert!(
        !built(&role_of("postgres", "database"))
            .rules()
            .contains("unsuitable-role")
    );
}

/// An app that uses one service of `kind` as `role`.
fn role_of(kind: &str, role: &str) -> String {
    format!(
        "
name = \"shop\"
[apps.web]
uses.store = {{ role = \"{role}\" }}
[services.store]
kind = \"{kind}\"
[environments.local.hosts.laptop]
runs = [\"web\", \"store\"]
"
    )
}

/// The only finding of a rule.
#[track_caller]
fn one<'f>(findings: &'f [Finding], rule: &str) -> &'f Finding {
    let of_rule: Vec<&Finding> = findings
        .iter()
        .filter(|finding| finding.rule == rule)
        .collect();
    match of_rule.as_slice() {
        [finding] => finding,
        _ => panic!("{rule} finds {} things: {of_rule:#?}", of_rule.len()),
    }
}

/// Whether every file that holds a credential is for its owner or a container alone.
fn no_secret_outside(built: &Built) -> bool {
    let shared = built
        .artifacts
        .values()
        .filter(|artifact| artifact.audience == Audience::Everybody);
    let mut texts = shared.map(|artifact| &artifact.text).chain([&built.text]);
    !texts.any(|text| built.secrets.values().any(|secret| text.contains(secret)))
}
