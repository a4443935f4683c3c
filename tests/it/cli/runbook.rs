//! What the runbook of an environment says of its data.

use crate::cli::generate::{PLAN, generated};

#[test]
fn the_runbook_says_that_making_copies_remains_to_be_set_up() {
    let plan = format!(
        "{PLAN}
[services.backups]
kind = \"wasabi\"
region = \"eu-central-1\"
[environments.prod.hosts.wasabi]
kind = \"managed\"
runs = [\"backups\"]
[environments.prod.apps.web.uses]
backups = {{ role = \"backup\" }}
[environments.prod.services]
db.uses.backups = {{ role = \"backup\" }}
cache.uses.backups = {{ role = \"backup\" }}
"
    );
    let runbook = generated(&plan).read("deploy/prod/README.md");
    let left = "nothing makes them yet. That remains to be set up, and so does\n  restoring one from time to time";
    for said in [
        "| db | data-1 | shop-prod_db-data | backups |\n".to_owned(),
        format!(
            "- **cache on data-1**, copies to backups: {left}.\n\n  Out:\n\n  ```sh\n  docker compose stop cache\n  docker compose cp cache:/data/. - >cache-data.part.tar &&\n  mv cache-data.part.tar cache-data.tar\n"
        ),
        format!(
            "- **db on data-1**, copies to backups: {left}.\n\n  Out:\n\n  ```sh\n  docker compose exec -T db sh -c 'PG"
        ),
        format!("- **web on app-1**, copies to backups: {left}; whoever builds it says how.\n"),
    ] {
        assert!(runbook.contains(&said), "{said}\nin {runbook}");
    }
}

#[test]
fn containers_from_elsewhere_are_told_of_as_they_are() {
    let plain = |name: &str, kind: &str, more: &str| {
        format!(
            "[services.{name}]\nkind = \"{kind}\"\n{more}[services.{name}.container]\nfrom-catalog = false\n"
        )
    };
    let plan = [
        "name = \"shop\"\n".to_owned(),
        plain("db", "postgres", "version = \"16\"\n"),
        "volumes.pgdata = { path = \"/var/lib/postgresql/data\" }\n".to_owned(),
        "volumes.init-sql = { from = \"./init.sql\", path = \"/docker-entrypoint-initdb.d/init.sql\" }\n"
            .to_owned(),
        plain("maria", "mariadb", "settings.MYSQL_DATABASE = \"shop\"\nsecret-settings = [\"MYSQL_ROOT_PASSWORD\"]\n"),
        "volumes.data = { path = \"/var/lib/mysql\" }\n".to_owned(),
        plain("old", "mysql", "secret-settings = [\"MYSQL_ROOT_PASSWORD\"]\n"),
        "volumes.data = { path = \"/var/lib/mysql\" }\n".to_owned(),
        plain("cache", "redis", ""),
        "[environments.local.hosts.box]\nruns = [\"db\", \"maria\", \"old\", \"cache\"]\n".to_owned(),
    ]
    .concat();
    let runbook = generated(&plan).read("deploy/local/README.md");
    for said in [
        "| db | box | shop-local_db-pgdata |  |\n",
        "sh -c 'PGDATABASE=\"postgres\" pg_dump -U \"postgres\" --clean --if-exists' </dev/null >db.part.dump &&\n",
        "sh -c 'MYSQL_PWD=\"$MYSQL_ROOT_PASSWORD\" mariadb -u root \"$MYSQL_DATABASE\"' <maria.dump\n",
        "- **old on box**: the documentation of MySQL says how to copy it.\n\n  The usual command is left out: it reads `MYSQL_DATABASE`, which its container does not have.\n",
    ] {
        assert!(runbook.contains(said), "{said}\nin {runbook}");
    }
    for wrong in ["cache-data", "_FILE", "must own", "old.dump"] {
        assert!(!runbook.contains(wrong), "{wrong}\nin {runbook}");
    }
}

#[test]
fn whoever_writes_a_folder_of_the_host_must_own_it_unless_the_machine_has_it_anyway() {
    let plan = "name = \"shop\"\n[apps.web]\nimage = \"acme/web:1\"\n[apps.web.container]\nuser = \"1000\"\n\
                volumes.books = { from = \"/library/books\", path = \"/books\" }\n\
                volumes.modules = { from = \"/lib/modules\", path = \"/lib/modules\" }\n\
                [environments.local.hosts.box]\nruns = [\"web\"]\n";
    let runbook = generated(plan).read("deploy/local/README.md");
    let said = "web writes as 1000, who must own /library/books.";
    assert!(runbook.contains(said), "{runbook}");
}
