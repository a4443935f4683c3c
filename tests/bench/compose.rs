//! How fast compose files become a plan, beside Docker Compose's own reading of files like these.

use std::fmt::Write;

use crate::measure::Sample;
use crate::process::Folder;
use crate::row;

/// Services, the aim in milliseconds, and what `docker-compose config` of version 2.40 needs for as many.
const SIZES: [(usize, f64, &str); 3] = [
    (10, 3.0, "0.07 s"),
    (100, 8.0, "0.25 s"),
    (1_000, 30.0, "1.5 s"),
];

/// Prints the rows.
pub fn rows() {
    for (services, aim, of_compose) in SIZES {
        let folder = Folder::with_file("compose.yaml", &compose_file(services));
        let arguments = ["import", "compose", "compose.yaml", "--output", "-"];
        let times = (0..20).map(|_| folder.time(&arguments));
        let name = format!("import, {services} services, process (Compose: {of_compose})");
        row(&name, aim, "ms", &Sample::from_durations(times));
        let memory = (0..3).filter_map(|_| folder.peak_memory(&arguments));
        row(
            "its peak memory",
            f64::INFINITY,
            "MiB",
            &Sample::from_values(memory),
        );
    }
}

/// Apps in front of databases and caches, about 600 bytes a service as in files of real projects.
fn compose_file(services: usize) -> String {
    let mut text =
        "name: bench\nx-common: &common\n  restart: unless-stopped\n  init: true\nservices:\n"
            .to_owned();
    for number in 0..services {
        let (image, port) = match number % 4 {
            0 => ("postgres:17", 5432),
            1 => ("redis:8.2", 6379),
            _ => ("ghcr.io/acme/app:1.4.2", 8080),
        };
        let (db, cache) = (number / 4 * 4, number / 4 * 4 + 1);
        let _ = write!(
            text,
            "  s{number}:\n    <<: *common\n    image: {image}\n    ports:\n      - \"127.0.0.1:{}:{port}\"\n    \
             environment:\n      LOG_LEVEL: ${{LOG_LEVEL:-info}}\n      DATABASE_URL: postgres://app@s{db}:5432/app\n      \
             CACHE_HOST: s{cache}\n      WORKERS: {number}\n    volumes:\n      - data{number}:/var/lib/data\n      \
             - ./conf/s{number}:/etc/app:ro\n    healthcheck:\n      test: [\"CMD\", \"true\"]\n      interval: 10s\n      \
             timeout: 3s\n      retries: 5\n    labels:\n      com.example.number: \"{number}\"\n      com.example.team: a\n",
            10_000 + number
        );
        if number % 4 > 1 {
            let _ = write!(
                text,
                "    depends_on:\n      s{db}: {{condition: service_healthy}}\n      s{cache}: {{condition: service_started}}\n"
            );
        }
    }
    text.push_str("volumes:\n");
    for number in 0..services {
        let _ = writeln!(text, "  data{number}:");
    }
    text
}
