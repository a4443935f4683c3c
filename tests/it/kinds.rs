//! Every kind of the catalog: it has a fixture that shows it on both sides of an app, and can be used in every dialect.

use std::collections::{BTreeMap, BTreeSet};

use backstay::catalog::Catalog;
use backstay::finding::Severity;
use backstay::template::percent_encoded;
use backstay::topology::{Instance, Locality, Topology};

use crate::cli::Test;
use crate::golden::{KINDS, fixture, folders_in, of_kind};
use crate::support::{Built, built, variables};

#[test]
fn every_kind_has_a_fixture() {
    assert_eq!(
        folders_in(KINDS),
        kinds(),
        "tests/fixtures/kinds/ and templates/services/ differ"
    );
}

#[test]
fn a_fixture_shows_its_kind_beside_its_app_and_away_from_it() {
    for kind in kinds() {
        let built = built(&fixture(&of_kind(&kind)));
        let both = BTreeSet::from([Locality::Internal, Locality::External]);
        assert_eq!(localities(&built, &kind), both, "{kind}");
        let denied: Vec<&str> = built
            .analysis
            .findings
            .iter()
            .filter(|finding| finding.severity == Severity::Deny)
            .map(|finding| finding.message.as_str())
            .collect();
        assert!(denied.is_empty(), "{kind}: {denied:#?}");
        let apps: Vec<_> = built.analysis.plan.apps.keys().collect();
        assert_eq!(apps.len(), 1, "{kind} is shown with one app: {apps:?}");
    }
}

/// Where a service of `kind`, or its stand-in, stands to those who use it and to what it uses.
fn localities(built: &Built, kind: &str) -> BTreeSet<Locality> {
    let is_of_kind = |topology: &Topology, end: &Instance| {
        let service = topology.components[&end.component].service();
        service.is_some_and(|service| {
            let declared = service.stands_in_for.as_ref().unwrap_or(&service.kind);
            declared.id == kind
        })
    };
    let links = built.analysis.topologies.iter().flat_map(|topology| {
        topology.links().filter(move |link| {
            is_of_kind(topology, link.user) || is_of_kind(topology, link.target)
        })
    });
    links.map(|link| link.connection.via.locality()).collect()
}

#[test]
fn every_dialect_says_where_a_service_is_and_what_opens_it() {
    let catalog = Catalog::builtin();
    // All but the one that gives no app any variable.
    let dialects: Vec<String> = catalog
        .dialects()
        .map(|dialect| dialect.id.clone())
        .filter(|dialect| dialect != "own")
        .collect();
    let mut wrong = Vec::new();
    for kind in kinds() {
        let built = built(&in_every_dialect(&kind, &dialects));
        for app in built.analysis.plan.apps.keys() {
            let values = variables(built.file(&format!("dev/laptop/{app}.env")));
            let lacking = lacking(&built, &values);
            if !lacking.is_empty() {
                wrong.push(format!("{kind} for {app}: no {lacking:?} in {values:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A service of `kind` on another machine than its apps: two of each dialect, one of which names its variables.
fn in_every_dialect(kind: &str, dialects: &[String]) -> String {
    let mut plan = format!("name = \"shop\"\n[services.it]\nkind = \"{kind}\"\n");
    let mut apps = Vec::new();
    for dialect in dialects {
        for (suffix, used) in [("usual", "{}"), ("named", "{ env = \"OTHER\" }")] {
            let app = format!("{dialect}-{suffix}");
            plan += &format!("[apps.{app}]\ndialect = \"{dialect}\"\nuses.it = {used}\n");
            apps.push(app);
        }
    }
    plan + &format!(
        "[environments.dev.hosts.laptop]\nruns = {apps:?}\n\
         [environments.dev.hosts.shared]\naddress = \"10.0.3.7\"\nruns = [\"it\"]\n"
    )
}

/// What no variable holds of the address and of the credentials that clients need.
fn lacking(built: &Built, values: &BTreeMap<String, String>) -> Vec<String> {
    let component = &built.environment("dev").components["it"];
    let secrets = &component.kind().secrets;
    let secrets = built.secrets.iter().filter(|(id, _)| {
        let rule = &secrets[&id.name];
        rule.for_clients && rule.for_kinds.is_empty()
    });
    let asked = secrets.map(|(id, secret)| (id.name.clone(), secret.clone()));
    let host = ("host".to_owned(), "10.0.3.7".to_owned());
    let holds = |asked: &str| {
        let encoded = percent_encoded(asked);
        values
            .values()
            .any(|value| value.contains(asked) || value.contains(&encoded))
    };
    let asked = std::iter::once(host).chain(asked);
    asked
        .filter(|(_, value)| !holds(value))
        .map(|(name, _)| name)
        .collect()
}

fn kinds() -> Vec<String> {
    Catalog::builtin()
        .kinds()
        .map(|kind| kind.id.clone())
        .collect()
}

#[test]
fn a_service_logs_in_to_a_provider_with_what_is_filled_in() {
    let plan = |user: &str| {
        format!(
            "
name = \"shop\"
[apps.web]
uses.search = {{}}
[services.search]
kind = \"elasticsearch\"
[services.screen]
kind = \"kibana\"
uses.search = {{}}
[environments.prod.hosts.app-1]
runs = [{user}]
[environments.prod.hosts.elastic]
kind = \"managed\"
runs = [\"search\"]
[environments.prod.services.search]
address = \"shop.es.example.net\"
"
        )
    };
    let with = built(&plan("\"web\", \"screen\""));
    let compose = with.file("prod/app-1/compose.yaml");
    for line in [
        "ELASTICSEARCH_HOSTS: \"[\\\"https://shop.es.example.net:443\\\"]\"",
        "ELASTICSEARCH_PASSWORD: \"${SEARCH_KIBANA_PASSWORD:?",
    ] {
        assert!(compose.contains(line), "{line}: {compose}");
    }
    assert!(
        with.file("prod/README.md")
            .contains("prod/secrets.env, of: SEARCH_KIBANA_PASSWORD, SEARCH_PASSWORD")
    );
    // Who has no Kibana is not asked for its password.
    let without = built(&plan("\"web\""));
    assert!(
        without
            .file("prod/README.md")
            .contains("prod/secrets.env, of: SEARCH_PASSWORD\n")
    );
}

#[test]
fn what_real_projects_keep_files_and_events_in_is_recognised() {
    // As Langfuse, Plausible and Plane have them. What makes the bucket is a job of the user's.
    let compose = r#"
services:
  web:
    image: acme/web:1
    environment: {CLICKHOUSE_DATABASE_URL: "http://events:8123/events", S3_ENDPOINT: "http://files:9000"}
    depends_on: [events, files]
  events:
    image: clickhouse/clickhouse-server:24.12-alpine
    environment: {CLICKHOUSE_USER: web, CLICKHOUSE_PASSWORD: Ev3nts-of-all}
    volumes: ["events:/var/lib/clickhouse"]
  files:
    image: minio/minio
    command: server /data --console-address ":9001"
    environment: {MINIO_ROOT_USER: web, MINIO_ROOT_PASSWORD: F1les-of-all}
    volumes: ["files:/data"]
  old: {image: "quay.io/minio/minio:RELEASE.2020-01-03T19-12-21Z", environment: {MINIO_ACCESS_KEY: OLDKEY77, MINIO_SECRET_KEY: 0ld-secret}}
  bucket: {image: minio/mc, entrypoint: "mc mb files/events"}
volumes: {events: {}, files: {}}
"#;
    let folder = Test::new()
        .file("compose.yaml", compose)
        .args(["import", "compose", "compose.yaml"])
        .stdout_has([
            "events is clickhouse",
            "files is minio",
            "old is minio",
            "a credential: events.CLICKHOUSE_PASSWORD",
            "a credential: files.MINIO_ROOT_PASSWORD",
            "a credential: old.MINIO_ACCESS_KEY",
            "a credential: old.MINIO_SECRET_KEY",
        ])
        .run();
    let plan = folder.read("backstay.toml");
    for said in ["[apps.bucket]", "[services.events]", "uses.files = { named"] {
        assert!(plan.contains(said), "{said}: {plan}");
    }
    folder
        .test()
        .args(["check"])
        .stdout_has([
            "note[supply-warning]: MinIO: ",
            "uses `files` (MinIO) as files; ",
        ])
        .run();
}
