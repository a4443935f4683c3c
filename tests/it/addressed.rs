//! Settings in which an address stands follow where it leads to, in env files and in compose files.

use crate::files_check::container_variables;
use crate::support::{built, variables};

const PLAN: &str = r#"name = "shop"
[apps.web]
image = "acme/web:1"
port = 80
dialect = "own"
uses.db = { role = "database", named-in = ["DATABASE_URL", "DB_HOST", "DB_PORT"] }
uses.cache = { role = "cache", named-in = ["REDIS_URL"] }
[apps.web.settings]
DATABASE_URL = "postgres://app@db:5432/db?sslmode=disable"
DB_HOST = "db"
DB_PORT = "5432"
REDIS_URL = "redis://cache:6379/0"
OTHER = "db"
[services.db]
kind = "postgres"
port = 6432
[services.cache]
kind = "redis"
[services.board]
kind = "grafana"
uses.db = { role = "database", named-in = ["GF_DATABASE_HOST"] }
settings.GF_DATABASE_HOST = "db:5432"
[environments.local.hosts.laptop]
runs = ["web", "db", "cache", "board"]
[environments.prod.hosts.app-1]
address = "10.0.0.1"
runs = ["web", "board"]
[environments.prod.hosts.data-1]
address = "10.0.0.3"
runs = ["db"]
[environments.prod.hosts.cloud]
kind = "managed"
runs = ["cache"]
[environments.prod.services.cache]
address = "cache.example.com"
[environments.dev.hosts.laptop]
runs = ["web", "db", "cache", "board"]
[environments.dev.apps.web]
runs-as = "process"
"#;

#[test]
fn the_address_in_a_setting_follows_the_service() {
    let built = built(PLAN);
    let of = |file: &str, name: &str| variables(built.file(file))[name].clone();
    for (file, url, host, port, redis) in [
        (
            "local/laptop/web.env",
            "postgres://app@db:5432/db?sslmode=disable",
            "db",
            "5432",
            "redis://cache:6379/0",
        ),
        (
            "dev/laptop/web.env",
            "postgres://app@127.0.0.1:6432/db?sslmode=disable",
            "127.0.0.1",
            "6432",
            "redis://127.0.0.1:6379/0",
        ),
        (
            "prod/app-1/web.env",
            "postgres://app@10.0.0.3:6432/db?sslmode=disable",
            "10.0.0.3",
            "6432",
            "redis://cache.example.com:6379/0",
        ),
    ] {
        assert_eq!(of(file, "DATABASE_URL"), url, "{file}");
        assert_eq!(of(file, "DB_HOST"), host, "{file}");
        assert_eq!(of(file, "DB_PORT"), port, "{file}");
        assert_eq!(of(file, "REDIS_URL"), redis, "{file}");
        assert_eq!(of(file, "OTHER"), "db", "what no use names stays");
    }
}

#[test]
fn the_settings_of_services_follow_too() {
    let built = built(PLAN);
    for (file, expected) in [
        ("local/laptop/compose.yaml", "db:5432"),
        ("prod/app-1/compose.yaml", "10.0.0.3:6432"),
    ] {
        let found = container_variables(built.file(file), "board");
        assert_eq!(found["GF_DATABASE_HOST"], expected, "{file}");
    }
}
