//! Credentials of compose files: they go to the secrets, stand nowhere else, and what cannot be said is told.

use crate::cli::{Test, imported};

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
            "a credential: cache.REQUIREPASS at compose.yaml:26:14",
            "a credential: web.JWTSECRET at",
            "a credential: web.NOTE at",
            "a credential: web.SENTRY_DSN at",
            "one credential: MYSQL_ROOT_PASSWORD of db, and within DATABASE_URL of web, first at",
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
             #   web without `labels.acme.admin`\n"
        ) && !plan.contains("Every container runs as it ran before"),
        "{plan}"
    );
    // Names stand where credentials stood, and who waited for what is tested still does.
    for said in [
        "uses.db = { role = \"database\", named-in = [\"DATABASE_URL\"] }",
        "command = [\"redis-server\", \"--requirepass\", \"{{ secret('REQUIREPASS') }}\"]",
        "test = [\"CMD-SHELL\", \"redis-cli -a {{ secret('REQUIREPASS') }} ping\"]",
        "test = [\"CMD\", \"mysqladmin\", \"ping\", \"-u\", \"root\", \"-p{{ secret('MYSQL_ROOT_PASSWORD') }}\"]",
        "test = [\"CMD-SHELL\", \"curl -u app:{{ secret('RABBITMQ_DEFAULT_PASS') }} http://localhost:15672\"]",
    ] {
        assert!(plan.contains(said), "{said}: {plan}");
    }
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
    let compose = folder.read("deploy/local/machine/compose.yaml");
    let filled_in = "- \"${CACHE_REQUIREPASS:?fill it in, in .env}\"";
    assert!(compose.contains(filled_in), "{compose}");
    let values = folder.read("deploy/local/machine/.env");
    assert!(
        values.contains("CACHE_REQUIREPASS=cachepw-77\n"),
        "{values}"
    );
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

#[test]
fn a_short_password_is_no_part_of_paths_and_longer_words() {
    let compose = r#"
services:
  store:
    image: mysql:8.4
    environment: {MYSQL_ROOT_PASSWORD: shop1, MYSQL_PASSWORD: basket}
  setup:
    image: acme/setup:1
    entrypoint: /bin/bash
    command: ["-c", "owner=$$(id -u)\nmkdir -v -p /opt/shop1/{logs,dags}\nrun-basket /opt/basket my-shop1"]
  tool:
    image: acme/tool:1
    entrypoint: /bin/bash
    command: ["-c", "mysql -u root -pshop1; echo 'basket'"]
"#;
    let folder = Test::new()
        .file("compose.yaml", compose)
        .args(["import", "compose", "compose.yaml"])
        .stdout_has(["a credential: tool.PASSWORD at compose.yaml:13:5"])
        .run();
    let plan = folder.read("backstay.toml");
    assert!(
        plan.contains("mkdir -v -p /opt/shop1/{logs,dags}"),
        "{plan}"
    );
}

#[test]
fn a_reading_is_printed_without_credentials_unless_they_are_asked_for() {
    let compose = r#"
services:
  web:
    image: acme/web:1
    environment: {SHOP_NOTE: "see keeperpw77 there", DB_NAME: shop}
    command: serve --token abc123def --verbose
    labels: {acme.users: "root:keeperpw77"}
  db:
    image: postgres:16
    environment: {POSTGRES_PASSWORD: "${DB_PASS:-keeperpw77}"}
    healthcheck: {test: "psql postgres://app:keeperpw77@localhost/shop"}
"#;
    let args = ["import", "compose", "compose.yaml", "--format", "json"];
    let folder = Test::new()
        .file("compose.yaml", compose)
        .args(args)
        .stdout_has([
            "\"SHOP_NOTE\": \"********\"",
            "\"DB_NAME\": \"shop\"",
            "\"--token\",\n        \"********\",\n        \"--verbose\"",
            "\"acme.users\": \"********\"",
            "\"POSTGRES_PASSWORD\": \"********\"",
            "\"psql postgres://app:********@localhost/shop\"",
        ])
        .run();
    folder
        .test()
        .args(args.into_iter().chain(["--reveal"]))
        .stdout_has(["\"abc123def\"", "\"see keeperpw77 there\""])
        .run();
}

#[test]
fn credentials_that_are_kept_already_stay() {
    let compose = |password: &str| {
        format!(
            "services:\n  db: {{image: 'postgres:16', environment: {{POSTGRES_PASSWORD: {password}}}}}\n"
        )
    };
    let folder = Test::new()
        .file("compose.yaml", compose("first-pw-1"))
        .file("second.yaml", compose("other-pw-2"))
        .args(["import", "compose", "compose.yaml"])
        .stdout_has(["1 credential is kept in deploy/local/secrets.env, and in no plan\n"])
        .run();
    let folder = folder
        .test()
        .args(["import", "compose", "second.yaml", "--force"])
        .stdout_has([
            "kept before with another value, which stays: db.POSTGRES_PASSWORD in deploy/local/secrets.env; the one of the files takes its place by `backstay secrets set local db.POSTGRES_PASSWORD`\n",
        ])
        .run();
    let secrets = folder.read("deploy/local/secrets.env");
    assert!(
        secrets.contains("DB_POSTGRES_PASSWORD=first-pw-1\n"),
        "{secrets}"
    );
    let folder = folder
        .test()
        .args(["import", "compose", "compose.yaml", "-o", "second.toml"])
        .stdout_has(["1 credential is kept in deploy/local/secrets.env, and in no plan\n"])
        .run();
    let secrets = folder.read("deploy/local/secrets.env");
    assert!(
        secrets.contains("DB_POSTGRES_PASSWORD=first-pw-1\n"),
        "{secrets}"
    );
}

#[test]
fn a_password_is_found_between_any_marks() {
    let compose = r#"
services:
  cache:
    image: redis:7
    command: sh -c "echo Pa55w0rd>/run/one; redis-server --requirepass Pa55w0rd"
    environment: {REDIS_PASSWORD: Pa55w0rd}
  job:
    image: acme/job:1
    command: ["sh", "-c", "echo [Pa55w1rd] >/run/two"]
    environment: {JOB_PASSWORD: Pa55w1rd}
"#;
    let folder = Test::new()
        .file("compose.yaml", compose)
        .args(["import", "compose", "compose.yaml"])
        .stdout_has(["job.JOB_PASSWORD"])
        .run();
    let plan = folder.read("backstay.toml");
    assert!(!plan.contains("Pa55w"), "{plan}");
    let name = "{{ secret('REDIS_PASSWORD') }}";
    let said = format!("echo {name}>/run/one; redis-server --requirepass {name}");
    assert!(plan.contains(&said), "{plan}");
}

#[test]
fn users_hosts_and_programs_that_are_called_as_the_password_keep_their_names() {
    let compose = r#"
services:
  db:
    image: mysql:8.4
    environment: {MYSQL_ROOT_PASSWORD: root}
    healthcheck: {test: ["CMD", "mysqladmin", "ping", "-h", "root", "-u", "root", "-proot"]}
  cache:
    image: redis:7
    command: redis-server --requirepass redis
    healthcheck: {test: redis-cli -a redis ping}
  app:
    image: postgres:16
    environment: {POSTGRES_PASSWORD: app}
    healthcheck: {test: psql postgres://app:app@app/app}
    command: sh -c "PGPASSWORD=app psql -U app -d app -h app"
  long:
    image: acme/long:1
    environment: {LONG_PASSWORD: shopkeeper}
    command: ["shopkeeper", "-u", "shopkeeper", "-pshopkeeper", "--host=shopkeeper", "postgres://shopkeeper:shopkeeper@shopkeeper/shopkeeper"]
  json:
    image: acme/json:1
    environment: {JSON_PASSWORD: shopfitter}
    command: ["serve", '{"user": "shopfitter", "password": "shopfitter", "host": "shopfitter"}']
"#;
    let folder = Test::new()
        .file("compose.yaml", compose)
        .args(["import", "compose", "compose.yaml"])
        .stdout_has(["a credential: cache.REQUIREPASS"])
        .run();
    folder.read_with("backstay.toml", [
        r#"test = ["CMD", "mysqladmin", "ping", "-h", "root", "-u", "root", "-p{{ secret('MYSQL_ROOT_PASSWORD') }}"]"#,
        r#"command = ["redis-server", "--requirepass", "{{ secret('REQUIREPASS') }}"]"#,
        r#"test = ["CMD-SHELL", "redis-cli -a {{ secret('REQUIREPASS') }} ping"]"#,
        r#"["sh", "-c", "PGPASSWORD={{ secret('POSTGRES_PASSWORD') }} psql -U app -d app -h app"]"#,
        r#"test = ["CMD-SHELL", "psql postgres://app:{{ secret('POSTGRES_PASSWORD') }}@app/app"]"#,
        r#"command = ["shopkeeper", "-u", "shopkeeper", "-p{{ secret('LONG_PASSWORD') }}", "--host=shopkeeper", "postgres://shopkeeper:{{ secret('LONG_PASSWORD') }}@shopkeeper/shopkeeper"]"#,
        r#"\"user\": \"shopfitter\", \"password\": \"{{ secret('JSON_PASSWORD') }}\", \"host\": \"shopfitter\""#,
    ]);
}

#[test]
fn what_an_import_leaves_open_and_what_letting_the_catalog_run_mixes_is_found() {
    let compose = r#"
services:
  cache:
    image: redis:7
    command: redis-server --requirepass cachepw-77
  open:
    image: redis:7
    ports: ["6379:6379"]
  db:
    image: postgres:16
    environment: {POSTGRES_HOST_AUTH_METHOD: trust}
"#;
    let folder = imported(compose);
    let (folder, said, _) = folder
        .test()
        .args(["check"])
        .stdout_has([
            "warn[no-password]: `open` asks for no password: whoever reaches any address of `machine` on port 6379 is let in (in local)",
            "note[no-password]: `db` asks for no password: every container beside it on `machine` is let in (in local)",
        ])
        .output();
    assert!(!said.contains("default-credential"), "{said}");
    let line = "[services.cache.container]\nfrom-catalog = false\n";
    folder.edit("backstay.toml", line, "[services.cache.container]\n");
    let fix = ["check", "--fix=two-passwords"];
    let test = folder.test().args(fix).stdout_has([]);
    let folder = test.stderr_has(["take the command of `cache` away"]).run();
    let plan = folder.read("backstay.toml");
    assert!(!plan.contains("requirepass"), "{plan}");
}

/// A new environment has containers of its own, which a password of their own opens; what only the user can know is
/// left to be filled in.
#[test]
fn a_new_environment_gets_passwords_of_its_own_for_its_own_containers() {
    let compose = r#"
services:
  web:
    image: acme/web:1.4
    environment: {DB_PASSWORD: localpw99, DB_USER: app, SIGNING_SECRET: signs-it-all}
    depends_on: [db]
  db:
    image: postgres:17
    environment: {POSTGRES_PASSWORD: localpw99, POSTGRES_USER: app}
"#;
    let folder = Test::new()
        .file("compose.yaml", compose)
        .args(["import", "compose", "compose.yaml"])
        .stdout_has(["3 credentials are kept"])
        .run();
    folder.append(
        "backstay.toml",
        "\n[environments.prod.hosts.box]\nruns = [\"web\", \"db\"]\n",
    );
    let folder = folder
        .test()
        .args(["generate"])
        .stdout_has(["to fill in: WEB_SIGNING_SECRET in deploy/prod/secrets.env"])
        .run();
    let secrets = folder.read("deploy/prod/secrets.env");
    let value = |name: &str| {
        let lines = secrets.lines();
        let value = lines.filter_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        value.collect::<String>()
    };
    let drawn = value("DB_POSTGRES_PASSWORD");
    assert!(drawn.len() >= 24 && !secrets.contains("localpw99"));
    assert_eq!(value("WEB_DB_PASSWORD"), drawn);
    assert_eq!(value("WEB_SIGNING_SECRET"), "");
    // Both have a value of their own now, and nothing is drawn again.
    let folder = folder
        .test()
        .args(["generate", "--check"])
        .stdout_has(["up to date"])
        .run();
    folder.edit(
        "deploy/prod/secrets.env",
        &format!("WEB_DB_PASSWORD={drawn}"),
        "WEB_DB_PASSWORD=localpw99",
    );
    folder
        .test()
        .args(["check"])
        .stdout_has(["warn[shared-secret]: `DB_PASSWORD` of `web` is the same credential in `prod` and in `local`: their files hold one value"])
        .run();
}

#[test]
fn a_credential_of_digits_is_one_wherever_it_stands() {
    let compose = r#"
x-shared: &shared {DB_PASSWORD: 73019284}
services:
  cache:
    image: redis:7
    environment: {<<: *shared}
    command: ["redis-server", "--port", "6380"]
    healthcheck: {test: ["CMD", "redis-cli", "-p", "6380", "-a", "73019284", "ping"]}
  db:
    image: mysql:8.4
    environment: {MYSQL_ROOT_PASSWORD: "73019284"}
    healthcheck: {test: "mysql -uroot -p73019284 -e 'select 1' || curl -u root:73019284 http://localhost:33060"}
"#;
    let folder = imported(compose);
    let plan = folder.read_with("backstay.toml", ["\"-p\", \"6380\", \"-a\", \"{{ secret("]);
    assert!(!plan.contains("73019284"), "{plan}");
    let json = ["import", "compose", "compose.yaml", "--format", "json"];
    let read = folder.test().args(json).stdout_has(["\"6380\""]);
    let (_, read, _) = read.output();
    assert!(!read.contains("73019284"), "{read}");
}
