//! The files of `templates/` that are part of the program. A test compares these lists with the folders.

macro_rules! files {
    ($folder:literal: $($id:literal),+ $(,)?) => {
        &[$(($id, include_str!(concat!("../../templates/", $folder, "/", $id, ".toml")))),+]
    };
}

/// What an app is when another component uses it.
pub(super) const APP: &str = include_str!("../../templates/app.toml");

/// Kinds of services.
pub(super) const KINDS: &[(&str, &str)] = files!("services":
    "azure-blob",
    "azure-redis",
    "azurite",
    "cassandra",
    "ceph",
    "clickhouse",
    "cockroachdb",
    "couchdb",
    "dynamodb",
    "dynamodb-local",
    "elasticsearch",
    "fake-gcs-server",
    "gcs",
    "grafana",
    "influxdb",
    "jaeger",
    "kafka",
    "keycloak",
    "kibana",
    "loki",
    "mailpit",
    "mariadb",
    "meilisearch",
    "memcached",
    "minio",
    "mongodb",
    "mssql",
    "mysql",
    "nats",
    "nginx",
    "openbao",
    "opensearch",
    "postgres",
    "prometheus",
    "rabbitmq",
    "redis",
    "rustfs",
    "s3",
    "seaweedfs",
    "smtp",
    "traefik",
    "typesense",
    "valkey",
    "victoriametrics",
    "wasabi",
);

/// Dialects.
pub(super) const DIALECTS: &[(&str, &str)] = files!("dialects": "django", "dotnet", "go", "laravel", "node", "own", "plain", "prisma", "rails", "spring");

/// Sets of defaults.
pub(super) const STACKS: &[(&str, &str)] =
    files!("stacks": "aws", "azure", "default", "gcp", "self-hosted");

#[cfg(test)]
mod tests {
    use super::*;

    /// The ids in a folder of `templates/`, as the file system has them.
    #[expect(
        clippy::disallowed_methods,
        reason = "the test compares the list with the folder"
    )]
    fn ids_in(folder: &str) -> Vec<String> {
        let path = format!("{}/templates/{folder}", env!("CARGO_MANIFEST_DIR"));
        let files = std::fs::read_dir(path).expect("the folder is part of the source");
        let mut ids: Vec<String> = files
            .filter_map(|file| {
                Some(
                    file.ok()?
                        .file_name()
                        .to_str()?
                        .strip_suffix(".toml")?
                        .to_owned(),
                )
            })
            .collect();
        ids.sort();
        ids
    }

    #[test]
    fn the_lists_hold_what_the_folders_hold() {
        for (folder, list) in [
            ("services", KINDS),
            ("dialects", DIALECTS),
            ("stacks", STACKS),
        ] {
            let listed: Vec<&str> = list.iter().map(|(id, _)| *id).collect();
            assert_eq!(
                listed,
                ids_in(folder),
                "templates/{folder} and catalog/builtin.rs differ"
            );
        }
    }
}
