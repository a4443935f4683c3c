//! Credentials of compose files: they go to the secrets, stand nowhere else, and what cannot be said is told.

use crate::cli::Test;

const COMPOSE: &str = r#"
services:
  web:
    image: acme/web:1.4
    ports: ["8080:80"]
    environment:
      DATABASE_URL: mysql://shop:rootpw99@db/shop
      SHOP_DB_NAME: shopshop
      NOTE: see rootpw99 there
      AMQP_URL: amqp://mq:5672
      SENTRY_DSN: https://0123456789abcdef0123@o1.ingest.sentry.io/7
      JWTSECRET: signs-it-all
      PASSWORD_MIN_LENGTH: "8"
    labels: {acme.admin: "root:rootpw99", acme.ok: fine}
    depends_on: {db: {condition: service_healthy}}
  db:
    image: mysql:8.4
    environment:
      MYSQL_ROOT_PASSWORD: rootpw99
      MYSQL_DATABASE: shopshop
      MYSQL_USER: shopshop
      MYSQL_PASSWORD: shopshop
    healthcheck: {test: ["CMD", "mysqladmin", "ping", "-u", "root", "-prootpw99"], interval: 5s}
  cache:
    image: redis:7
    command: redis-server --requirepass cachepw-77
    healthcheck: {test: "redis-cli -a cachepw-77 ping"}
  mq:
    image: rabbitmq:3.13
    environment: {RABBITMQ_DEFAULT_USER: app, RABBITMQ_DEFAULT_PASS: pw}
    healthcheck: {test: "curl -u app:pw http://localhost:15672"}
  search:
    image: postgres:16
    environment: {POSTGRES_USER: pgowner, POSTGRES_PASSWORD: pgowner}
    healthcheck: {test: pg_isready -U pgowner}
"#;

#[test]
fn a_credential_stands_nowhere_but_in_the_secrets() {
    let folder = Test::new()
        .file("compose.yaml", COMPOSE)
        .args(["import", "compose", "compose.yaml"])
        .stdout_has([
            "not kept: web.labels.acme.admin at compose.yaml:14:26, because it holds a credential",
            "not kept: db.healthcheck at compose.yaml:23:5, because it holds a credential",
            "not kept: cache.command at compose.yaml:26:14, because it holds a credential: let it read a variable of `secret-settings`; until then cache runs with the command of its image",
            "not kept: mq.healthcheck at compose.yaml:31:5",
            "a credential: web.JWTSECRET at",
            "a credential: web.NOTE at",
            "a credential: web.SENTRY_DSN at",
            "a credential: mq.RABBITMQ_DEFAULT_PASS at",
            "`backstay check` has 0 findings that must be mended",
        ])
        .run();
    let plan = folder.read("backstay.toml");
    for credential in [
        "rootpw99",
        "cachepw-77",
        "0123456789",
        "signs-it-all",
        "app:pw",
    ] {
        assert!(!plan.contains(credential), "{credential}: {plan}");
    }
    assert!(
        plan.contains(
            "# Containers run as they ran before, but without what held a credential, which no plan may:\n\
             #   cache without `command`, `healthcheck`\n\
             #   db without `healthcheck`\n\
             #   mq without `healthcheck`\n\
             #   web without `labels.acme.admin`\n"
        ) && !plan.contains("Every container runs as it ran before"),
        "{plan}"
    );
    // Who waited for what is tested no longer waits for what can come.
    assert!(
        plan.contains("uses.db = { role = \"database\", named-in = [\"DATABASE_URL\"] }"),
        "{plan}"
    );
    // What a database and its user are called is no credential, whatever the password is.
    for kept in [
        "MYSQL_DATABASE = \"shopshop\"",
        "MYSQL_USER = \"shopshop\"",
        "SHOP_DB_NAME = \"shopshop\"",
        "test = [\"CMD-SHELL\", \"pg_isready -U pgowner\"]",
        "PASSWORD_MIN_LENGTH = \"8\"",
        "\"acme.ok\" = \"fine\"",
    ] {
        assert!(plan.contains(kept), "{kept}: {plan}");
    }
    // Values that are there are not asked for.
    let secrets = folder.read("deploy/local/secrets.env");
    assert!(
        secrets.contains("DB_MYSQL_PASSWORD=shopshop\n"),
        "{secrets}"
    );
    assert!(!secrets.contains("fill it in"), "{secrets}");
    let folder = folder
        .test()
        .args(["generate"])
        .stdout_has(["created deploy/local/README.md"])
        .run();
    for file in ["compose.yaml", ".env.example", "web.env.example"] {
        let text = folder.read(&format!("deploy/local/machine/{file}"));
        assert!(
            !text.contains("rootpw99") && !text.contains("signs-it"),
            "{text}"
        );
    }
}

#[test]
fn a_credential_of_one_environment_is_none_of_anothers_settings() {
    let folder = Test::new()
        .file("a.yaml", "services: {web: {image: 'x:1', environment: {DB_PASS: hunter-2-hunter}}}")
        .file("b.yaml", "services: {web: {image: 'x:1', environment: {DB_PASS: other-2, OLD: hunter-2-hunter}}}")
        .args(["import", "compose", "--as", "local=a.yaml", "--as", "prod=b.yaml"])
        .stdout_has(["a credential: web.OLD at b.yaml"])
        .run();
    let plan = folder.read("backstay.toml");
    assert!(
        !plan.contains("hunter") && !plan.contains("other-2"),
        "{plan}"
    );
}

#[test]
fn an_example_of_a_plan_by_hand_shows_no_credential_either() {
    let plan = "name = \"shop\"\n[apps.web]\nimage = \"acme/web:1\"\nport = 80\n[apps.web.settings]\n\
                SMTP_PASS = \"hunter2\"\nLEVEL = \"info\"\n[environments.local.hosts.machine]\nruns = [\"web\"]\n\
                [rules]\nsecret-in-plan = { level = \"allow\", reason = \"of a test\" }\n";
    let folder = Test::new()
        .plan(plan)
        .args(["generate"])
        .stdout_has(["created deploy/local/README.md"])
        .run();
    let example = folder.read("deploy/local/machine/web.env.example");
    assert!(
        !example.contains("hunter2") && example.contains("LEVEL=info"),
        "{example}"
    );
}
