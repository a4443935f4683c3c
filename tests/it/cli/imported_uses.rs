//! What an import finds that its users ask for: who uses whom, and what is told of much in few lines.

use crate::cli::{Test, imported};

#[test]
fn a_name_alone_is_an_address_where_its_variable_says_so() {
    let compose = r#"
services:
  shop:
    image: acme/shop:1
    environment: {SHOP_DBHOST: db, SHOP_DBPORT: "5432", ES: elastic, CACHE_DRIVER: redis, SHOP_USER: db}
    depends_on: [db, elastic, redis]
  db: {image: "postgres:16"}
  redis: {image: "redis:7"}
  elastic: {image: "elasticsearch:8.19.1"}
"#;
    let folder = imported(compose);
    folder.read_with(
        "backstay.toml",
        [
            "uses.db = { named-in = [\"SHOP_DBHOST\", \"SHOP_DBPORT\"] }",
            "uses.elastic = { named-in = [\"ES\"] }",
            "uses.redis = {}",
        ],
    );
}

#[test]
fn a_shared_file_of_variables_makes_no_backing_service_use_another() {
    let compose = r#"
x-shared: &shared {DB_HOST: db, CACHE_URL: "redis://cache:6379"}
services:
  shop: {image: "acme/shop:1", env_file: shop.env}
  worker: {image: "acme/shop:1", environment: *shared}
  db: {image: "postgres:16", environment: *shared}
  cache: {image: "redis:7", env_file: shop.env}
  board: {image: "acme/board:1", env_file: shop.env}
"#;
    let folder = Test::new()
        .file("compose.yaml", compose)
        .file("shop.env", "DB_HOST=db\nCACHE_URL=redis://cache:6379\n")
        .args(["import", "compose", "compose.yaml"])
        .stdout_has(["made backstay.toml"])
        .run();
    let plan = folder.read("backstay.toml");
    let n_uses = |of: &str| plan.matches(&format!("uses.{of} = ")).count();
    assert_eq!((n_uses("db"), n_uses("cache")), (3, 3), "{plan}");
    assert!(!plan.contains("go in a circle"), "{plan}");
}

#[test]
fn what_many_services_have_is_said_once_and_new_names_are_said() {
    let service =
        |name: &str| format!("  {name}: {{image: 'acme/x:1', volumes: ['./conf:/conf:ro,z']}}\n");
    let services = ["a", "b", "c", "d", "e", "A-B", "a-b"].map(service);
    Test::new()
        .file("compose.yaml", format!("services:\n{}", services.concat()))
        .args(["import", "compose", "compose.yaml"])
        .stdout_has([
            "local: 7 apps, 0 services\n  `A-B` is called a-b in the plan\n  `a-b` is called a-b-2 in the plan\n  not kept: volumes.bind.selinux of A-B, a, a-b and 4 more, first at compose.yaml:2:",
        ])
        .run();
    Test::new()
        .file(
            "compose.yaml",
            "services: {web: {image: 'acme/x:1', environment: [QA, QB, QC, QD, QE]}}",
        )
        .args(["import", "compose", "compose.yaml"])
        .stdout_has(["  not kept: web.environment.QA, QB, QC and 2 more, first at compose.yaml:1:"])
        .run();
    let all = "services: {web: &web {image: 'acme/x:1', environment: [QA, QB, QC, QD, QE]}, a: *web, b: *web, c: *web}";
    let told = Test::new()
        .file("compose.yaml", all)
        .args(["import", "compose", "compose.yaml"])
        .said();
    let all = "  not kept: environment.QA, QB, QC and 2 more of a, b, c and 1 more, first at";
    assert_eq!(
        (told.matches("not kept").count(), told.contains(all)),
        (1, true),
        "{told}"
    );
    let two = ["a", "b"].map(service);
    Test::new()
        .file("compose.yaml", format!("services:\n{}", two.concat()))
        .args(["import", "compose", "compose.yaml"])
        .stdout_has([
            "not kept: a.volumes.bind.selinux at compose.yaml:2:",
            "not kept: b.volumes.bind.selinux at compose.yaml:3:",
        ])
        .run();
}

#[test]
fn a_file_that_backing_services_alone_share_makes_none_use_another() {
    let compose = r#"
services:
  shop: {image: "acme/shop:1", environment: {PGHOST: db, POSTGRES_PORT: "5432", OTHER_PORT: "5432"}}
  db: {image: "postgres:16", env_file: all.env}
  cache: {image: "redis:7", env_file: all.env}
  search: {image: "elasticsearch:8.19.1", environment: &search {ELASTICSEARCH_HOSTS: "http://search:9200"}}
  board: {image: "kibana:8.19.1", environment: *search}
"#;
    let folder = Test::new()
        .file("compose.yaml", compose)
        .file("all.env", "DB_HOST=db\nREDIS_HOST=cache\nREDIS_PORT=6379\n")
        .args(["import", "compose", "compose.yaml"])
        .stdout_has(["made backstay.toml"])
        .run();
    let plan = folder.read("backstay.toml");
    // A port goes with the host of the kind that it is called after.
    let uses = "uses.db = { wait = \"nothing\", named-in = [\"PGHOST\", \"POSTGRES_PORT\"] }";
    assert!(plan.contains(uses), "{plan}");
    let n_uses = |of: &str| plan.matches(&format!("uses.{of} = ")).count();
    assert_eq!(
        (n_uses("db"), n_uses("cache"), n_uses("search")),
        (1, 0, 1),
        "{plan}"
    );
}

#[test]
fn every_app_uses_the_database_that_thousands_name() {
    let app = |n: usize| format!("  a{n}: {{image: 'acme/x:1', environment: {{DB_HOST: db}}}}\n");
    let apps: String = (0..4_100).map(app).collect();
    let folder = Test::new()
        .file(
            "compose.yaml",
            format!("services:\n{apps}  db: {{image: 'postgres:16'}}\n"),
        )
        .args(["import", "compose", "compose.yaml"])
        .stdout_has(["made backstay.toml"])
        .run();
    let plan = folder.read("backstay.toml");
    assert_eq!(plan.matches("uses.db = ").count(), 4_100);
}

#[test]
fn names_that_were_not_looked_at_are_told_of() {
    let app = |n: usize| {
        let named: String = (0..n)
            .map(|other| format!("A{other}_HOST: a{other:03}, "))
            .collect();
        format!(
            "  a{n:03}: {{image: 'acme/x:1', environment: {{{named}}}, ports: ['{}:80']}}\n",
            8_000 + n
        )
    };
    let apps: String = (0..160).map(app).collect();
    Test::new()
        .file("compose.yaml", format!("services:\n{apps}"))
        .args(["import", "compose", "compose.yaml"])
        .stdout_has(["not kept: uses at compose.yaml:", "are no uses"])
        .run();
}
