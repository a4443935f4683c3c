//! `backstay import`: a plan from compose files, what is told of it, and what is refused.

use crate::cli::Test;

const COMPOSE: &str = r#"
services:
  web:
    image: acme/web:1.4
    ports: ["8080:80"]
    environment:
      DATABASE_URL: postgres://app:hunter-2-secret@db:5432/shop
      LOG_LEVEL: info
      discovery.type: single-node
    volumes: ["./conf:/etc/web:ro", "uploads:/var/uploads"]
    depends_on:
      db: {condition: service_healthy}
      migrate: {condition: service_completed_successfully}
    devices: ["/dev/fuse"]
    sysctls: {net.core.somaxconn: 1024}
  migrate:
    build: ./migrate
    command: migrate --all
    environment: [CACHE_HOST=cache]
  db:
    image: postgres:16
    environment: {POSTGRES_PASSWORD: hunter-2-secret, POSTGRES_DB: shop}
    volumes: ["data:/var/lib/postgresql/data"]
    healthcheck: {test: pg_isready, interval: 5s}
  cache:
    image: redis/redis-stack:7.2.0
    ports: ["127.0.0.1:6380:6379"]
volumes: {data: , uploads: }
"#;

const PLAN: &str = r#"# Made of compose.yaml by `backstay import compose`.
# Every container runs as it ran before, with limits for its processes and logs besides.
# Where a service says `from-catalog = false`, take that line away, and with it its command, healthcheck
# and credentials, to let it run the way the catalog knows, with those of its own and protection.
# Volumes are new and begin empty: the import said how to copy what those of before hold.
name = "shop"

[apps.web]
image = "acme/web:1.4"
dialect = "own"
port = 80
published = 8080
expose = "world"
uses.db = { role = "database", named-in = ["DATABASE_URL"] }
uses.migrate = {}
secret-settings = ["DATABASE_URL"]

[apps.web.settings]
LOG_LEVEL = "info"
"discovery.type" = "single-node"

[apps.web.container]
restart = "no"
init = false
devices = ["/dev/fuse:/dev/fuse:rwm"]
no-new-privileges = false
volumes.web = { from = "./conf", path = "/etc/web", read-only = true }
volumes.uploads = { path = "/var/uploads" }

[apps.migrate]
dialect = "own"
runs-as = "job"
uses.cache = { role = "cache", wait = "nothing", named-in = ["CACHE_HOST"] }

[apps.migrate.build]
folder = "./migrate"

[apps.migrate.settings]
CACHE_HOST = "cache"

[apps.migrate.container]
command = ["migrate", "--all"]
restart = "no"
init = false
no-new-privileges = false

# postgres: `postgres` is the image of PostgreSQL
# one credential: POSTGRES_PASSWORD of db, and within DATABASE_URL of web
[services.db]
kind = "postgres"
version = "16"
expose = "containers"
secret-settings = ["POSTGRES_PASSWORD"]

[services.db.settings]
POSTGRES_DB = "shop"

[services.db.container]
from-catalog = false
restart = "no"
init = false
no-new-privileges = false
volumes.data = { path = "/var/lib/postgresql/data" }

[services.db.container.healthcheck]
interval = "5s"
test = ["CMD-SHELL", "pg_isready"]

# redis: `redis/redis-stack` is known to hold Redis
[services.cache]
kind = "redis"
image = "redis/redis-stack:7.2.0"
port = 6380
expose = "machine"

[services.cache.container]
from-catalog = false
restart = "no"
init = false
no-new-privileges = false

# One host for everything: say here what runs where, and the address by which others reach it.
[environments.local.hosts.machine]
runs = ["web", "migrate", "db", "cache"]
"#;

const TOLD: &str = "\
local: 2 apps, 2 services
  not kept: web.sysctls at shop/compose.yaml:15:5, because a plan says nothing about a container's own network
  db is postgres: `postgres` is the image of PostgreSQL
  cache is redis: `redis/redis-stack` is known to hold Redis
  taken for an app, because the catalog knows no kind for its image: web (acme/web:1.4, keeps data)
  no way out any more: db, because what publishes no port is in a network of its host alone
  data of before: volume shop_data becomes shop-local_db-data, which begins empty
  data of before: volume shop_uploads becomes shop-local_web-uploads, which begins empty
  copy each before the first start: `docker run --rm -v BEFORE:/from -v NOW:/to alpine cp -a /from/. /to`
  one credential: POSTGRES_PASSWORD of db, and within DATABASE_URL of web, first at shop/compose.yaml:7:21
added to every container: limits for how many processes it has and how large its logs become
";

#[test]
fn a_plan_is_made_and_credentials_are_kept_beside_it() {
    let folder = Test::new()
        .file("shop/compose.yaml", COMPOSE)
        .args(["import", "compose", "shop/compose.yaml", "-o", "shop/backstay.toml"])
        .stdout(format!(
            "made shop/backstay.toml\n{TOLD}2 credentials are kept in shop/deploy/local/secrets.env, and in no plan\n\
             `backstay check` has 0 findings that must be mended, and 0 to think about\n"
        ))
        .run();
    assert_eq!(
        folder.read("shop/backstay.toml"),
        PLAN.replace("of compose.yaml", "of shop/compose.yaml")
    );
    let secrets = folder.read("shop/deploy/local/secrets.env");
    assert!(
        secrets.contains("DB_POSTGRES_PASSWORD=hunter-2-secret\n"),
        "{secrets}"
    );
    assert!(folder.has("shop/deploy/.gitignore"));
    let folder = folder
        .test()
        .within("shop")
        .args(["generate"])
        .stdout_has(["created deploy/local/machine/compose.yaml"])
        .run();
    let compose = folder.read("shop/deploy/local/machine/compose.yaml");
    assert!(!compose.contains("hunter"), "{compose}");
    assert!(
        compose.contains("POSTGRES_PASSWORD: \"${DB_POSTGRES_PASSWORD"),
        "{compose}"
    );
    let env = folder.read("shop/deploy/local/machine/web.env");
    assert!(
        env.contains("DATABASE_URL=postgres://app:hunter-2-secret@db:5432/shop\n"),
        "{env}"
    );
    assert!(env.contains("discovery.type=single-node\n"), "{env}");
}

#[test]
fn a_plan_that_is_there_is_not_written_over_unasked() {
    let folder = Test::new()
        .file("compose.yaml", "services: {web: {image: x}}")
        .plan("name = \"mine\"\n")
        .args(["import", "compose", "compose.yaml"])
        .stderr("error: there is a plan already at `backstay.toml`\n  help: name another file with `--output`, or write over it with `--force`\n")
        .status(2)
        .run();
    assert_eq!(folder.read("backstay.toml"), "name = \"mine\"\n");
    let folder = folder
        .test()
        .args(["import", "compose", "compose.yaml", "--force"])
        .stdout_has(["made backstay.toml\n", "local: 1 app, 0 services\n"])
        .run();
    assert!(folder.read("backstay.toml").contains("[apps.web]"));
}

#[test]
fn a_plan_is_printed_and_nothing_is_written() {
    let folder = Test::new()
        .file("shop/compose.yaml", COMPOSE)
        .within("shop")
        .args(["import", "compose", "compose.yaml", "-o", "-"])
        .stdout(PLAN)
        .stderr(TOLD.replace("shop/", ""))
        .run();
    assert!(!folder.has("shop/backstay.toml") && !folder.has("shop/deploy"));
}

#[test]
fn several_environments_say_what_they_share_once() {
    let folder = Test::new()
        .file("compose.yaml", "name: shop\nservices: {web: {image: 'acme/web:1', environment: {LEVEL: debug, A: x}}, extra: {image: y}}")
        .file("prod.yaml", "services: {web: {environment: {LEVEL: warn, API_TOKEN: hunter-2-hunter-2}, restart: always}, extra: !reset null}")
        .args(["import", "compose", "--as", "local=compose.yaml", "--as", "prod=compose.yaml,prod.yaml"])
        .stdout_has(["local: 2 apps, 0 services\n", "prod: 1 app, 0 services\n", "1 credential is kept in deploy/prod/secrets.env"])
        .run();
    let plan = folder.read("backstay.toml");
    let (base, environments) = plan.split_once("# One host").expect("a base");
    assert!(
        base.contains("LEVEL = \"debug\"")
            && base.contains("A = \"x\"")
            && !base.contains("API_TOKEN"),
        "{base}"
    );
    assert_eq!(
        environments.split_once("# One host").expect("a second").1,
        " for everything: say here what runs where, and the address by which others reach it.\n\
         [environments.prod.hosts.machine]\nruns = [\"web\"]\n\n\
         [environments.prod.apps.web]\nsecret-settings = [\"API_TOKEN\"]\n\n\
         [environments.prod.apps.web.settings]\nLEVEL = \"warn\"\n\n\
         [environments.prod.apps.web.container]\nrestart = \"always\"\n"
    );
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_nothing_is_written() {
    let folder = Test::new()
        .file(
            "compose.yaml",
            "services:\n  web:\n    image: x\n    env_file: ../.env\n",
        )
        .args(["import", "compose", "compose.yaml"])
        .stderr_has([
            "error: `",
            "lies outside of the folders of the compose files\n",
            "╭▸ compose.yaml:4:15\n",
            "--outside",
        ])
        .status(2)
        .run();
    assert!(!folder.has("backstay.toml"));
    folder
        .test()
        .args(["import", "compose", "nope.yaml"])
        .stderr("error: there is no compose file `[dir]/nope.yaml`\n  help: check the name, and the folder you are in\n")
        .status(2)
        .run();
}

#[test]
fn a_reading_is_printed_as_compose_prints_it() {
    Test::new()
        .file(
            "compose.yaml",
            "name: Shop!\nservices: {web: {image: \"x:${TAG:-1}\", mem_limit: 1g, environment: [API_TOKEN=hunter-2-secret]}}",
        )
        .args(["import", "compose", "compose.yaml", "--format", "json"])
        .stdout_has([
            "\"name\": \"shop\"",
            "\"image\": \"x:1\"",
            "\"mem_limit\": \"1073741824\"",
            "\"API_TOKEN\": \"********\"",
        ])
        .run();
}

#[test]
fn variables_whose_names_no_shell_takes_can_name_services_too() {
    let folder = Test::new()
        .file(
            "compose.yaml",
            "services: {a: {image: 'x:1', environment: {B-SERVER_HOST: b}}, b: {image: 'y:1', ports: ['81:80']}}",
        )
        .args(["import", "compose", "compose.yaml"])
        .stdout_has(["has 0 findings that must be mended"])
        .run();
    let plan = folder.read("backstay.toml");
    assert!(plan.contains("named-in = [\"B-SERVER_HOST\"]"), "{plan}");
}

#[test]
fn an_image_of_somebody_elses_is_known_by_its_name_and_what_it_reads() {
    let compose = r#"
services:
  database:
    image: ghcr.io/acme/postgres:14-vectors
    environment: {POSTGRES_DB: shop}
  store:
    image: registry.acme.dev/tools/redis:7
    volumes: ["cache:/data"]
  other:
    image: ghcr.io/acme/mysql:8
volumes: {cache: }
"#;
    Test::new()
        .file("compose.yaml", compose)
        .args(["import", "compose", "compose.yaml", "-o", "-"])
        .stdout_has([
            "[services.database]\nkind = \"postgres\"\nimage = \"ghcr.io/acme/postgres:14-vectors\"",
            "[services.store]\nkind = \"redis\"",
            "[apps.other]",
        ])
        .stderr_has([
            "its image is called `postgres` and reads `POSTGRES_DB`, as PostgreSQL does",
            "its image is called `redis` and keeps data in `/data`, as Redis does",
        ])
        .run();
}

#[test]
fn a_port_that_a_command_tells_is_followed() {
    let compose = r#"
services:
  edge:
    image: traefik:v3.7
    command: ["--entryPoints.web.address=:80", "--entrypoints.websecure.address=:443"]
    ports: ["80:80", "443:443"]
  cache: {image: "redis:8.2", command: redis-server --port 6380, ports: ["127.0.0.1:7001:6380"]}
  usual: {image: "redis:8.2", command: redis-server --appendonly yes, ports: ["127.0.0.1:7002:6379"]}
  db: {image: "postgres:17", command: postgres -c port=5433, ports: ["127.0.0.1:7003:5433"]}
  untold: {image: "elasticsearch:8.1.0", command: x --port 9999, ports: ["127.0.0.1:7004:9200"]}
  # A name takes the place of the credential in its command, which still says the port.
  named:
    image: redis:8.2
    command: redis-server --port 6381 --requirepass hunter-2-secret
    ports: ["127.0.0.1:7005:6381"]
"#;
    let folder = Test::new()
        .file("compose.yaml", compose)
        .args(["import", "compose", "compose.yaml"])
        .stdout_has(["local: 0 apps, 6 services"])
        .run();
    let plan = folder.read("backstay.toml");
    // The host's port is the one inside, and so is not said.
    let edge = "kind = \"traefik\"\nimage = \"traefik:v3.7\"\nexpose = \"world\"\n";
    assert!(plan.contains(edge), "{plan}");
    assert!(plan.contains("ports.p443 = "), "{plan}");
    assert!(!plan.contains("ports.p80 = "), "{plan}");
    for port in 7001..=7005 {
        assert!(plan.contains(&format!("\nport = {port}\n")), "{plan}");
    }
    let folder = folder
        .test()
        .args(["generate"])
        .stdout_has(["created deploy/local/machine/compose.yaml"])
        .run();
    let compose = folder.read("deploy/local/machine/compose.yaml");
    for port in [80, 6380, 6379, 5433, 9200, 6381] {
        let target = format!("target: {port}\n");
        assert!(compose.contains(&target), "no {target} in {compose}");
    }
}

#[test]
fn a_later_env_file_lies_over_those_before_it() {
    let web = "services: {web: {image: 'acme/web:${TAG}', environment: {X: '${X}', Y: '${Y}'}}}\n";
    let files = [
        ("web.yaml", web),
        (
            "compose.yaml",
            "include: [{path: web.yaml, env_file: [a.env, b.env]}]\n",
        ),
        ("a.env", "TAG=2.5\nX=${TAG}\n"),
        ("b.env", "TAG=2.6\nY=${X}-y\n"),
    ];
    for file in [
        &["web.yaml", "--env-file", "a.env", "--env-file", "b.env"][..],
        &["compose.yaml"],
    ] {
        let test = files
            .iter()
            .fold(Test::new(), |test, (path, text)| test.file(path, text));
        let arguments = ["import", "compose", "-o", "-"];
        test.args(arguments.iter().chain(file))
            .stdout_has(["acme/web:2.6\"", "X = \"2.5\"", "Y = \"2.5-y\""])
            .stderr_has(["local: 1 app"])
            .run();
    }
}

#[test]
fn what_is_linked_under_another_name_is_found_by_it() {
    let compose = r#"
services:
  web:
    image: acme/web:1
    links: ["mq:broker", "mq:db"]
    environment: {BROKER_URL: "http://broker:8000"}
  mq: {image: "acme/mq:1", ports: ["8000:8000"]}
  db: {image: "acme/db:1"}
"#;
    let folder = Test::new()
        .file("compose.yaml", compose)
        .args(["import", "compose", "compose.yaml"])
        .stdout_has([
            "not kept: web.links.mq:db at compose.yaml:5:26, because another service is called so",
        ])
        .run();
    let plan = folder.read("backstay.toml");
    assert!(plan.contains("named-in = [\"BROKER_URL\"]"), "{plan}");
    assert!(plan.contains("aliases = [\"broker\"]"), "{plan}");
}

#[test]
fn what_is_dropped_or_filled_in_is_said() {
    let compose = r#"
name: "2024"
services:
  web:
    image: acme/web:${TAG}
    attach: false
    networks: [front]
    environment: [SMTP_PASS, "DOMAIN=${DOMAIN:-localhost}"]
    depends_on: {api: {condition: service_started, restart: true, required: false}}
  api:
    image: acme/api:1
    networks: [back]
    labels: {dev.backstay.files: "0123456789abcdef"}
    volumes: ["data:/data"]
networks: {front: , back: }
volumes: {data: {labels: {keep: "yes"}}}
"#;
    let folder = Test::new()
        .file("compose.yaml", compose)
        .file(".env", "TAG=1.5\n")
        .variable("SMTP_PASS", "from-the-shell-1")
        .args(["import", "compose", "compose.yaml"])
        .stdout_has([
            "the plan is called `app-2024`, because no plan can be called `2024`\n",
            "filled in, in compose.yaml: DOMAIN=localhost (line 8), TAG=1.5 (line 5)\n",
            "filled in from your shell, in compose.yaml: SMTP_PASS (line 8)\n",
            "not kept: web.attach at compose.yaml:6:13",
            "not kept: web.depends_on.api.restart at",
            "not kept: web.depends_on.api.required at",
            "not kept: networks at compose.yaml:15:1",
            "not kept: api.labels.dev.backstay.files at compose.yaml:13:34, because Backstay writes its own\n",
            "not kept: volumes.data.labels at",
            "a credential: web.SMTP_PASS at compose.yaml:8:19\n",
            "volume 2024_data becomes app-2024-local_api-data",
            "has 0 findings that must be mended",
        ])
        .run();
    assert!(
        folder
            .read("backstay.toml")
            .contains("name = \"app-2024\"\n")
    );
}
