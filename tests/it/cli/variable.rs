//! `backstay explain ENVIRONMENT/APP/VARIABLE`: where a value comes from, layer by layer.

use crate::cli::{Folder, Test};
use crate::golden::fixture;
use crate::support::variables;

const PLAN: &str = r#"name = "shop"

[apps.web]
image = "a/b:1"
port = 8080
dialect = "node"
uses.db = {}
uses.files = { env = "UPLOADS" }
settings.LOG_LEVEL = "info"
settings.MAIL_TOKEN = "hunter2hunter2"

[services.db]
kind = "postgres"
database = "orders"
user = "clerk"

[services.files]
kind = "wasabi"
region = "eu-central-1"

[environments.local.apps.web]
runs-as = "process"
settings.DATABASE_URL = "postgresql://clerk@127.0.0.1/mine"
[environments.local.hosts.laptop]
runs = ["web", "db", "files"]

[environments.prod.services.db]
database = "orders_prod"
[environments.prod.hosts.app-1]
address = "10.0.1.11"
runs = ["web"]
[environments.prod.hosts.data-1]
address = "10.0.1.21"
runs = ["db"]
[environments.prod.hosts.wasabi]
kind = "managed"
runs = ["files"]

[environments.staging.hosts.box]
runs = ["web"]
[environments.staging.hosts.data-1]
borrow = "prod"
runs = ["db"]
"#;

#[track_caller]
fn explained(topic: &str) -> String {
    let test = Test::new().plan(PLAN).args(["explain", topic]);
    test.stdout_has([]).output().1
}

#[test]
fn a_connection_string_is_taken_apart() {
    Test::new()
        .plan(PLAN)
        .args(["explain", "prod/web/DATABASE_URL"])
        .stdout(
            "\
DATABASE_URL of web in prod, on app-1

  value       postgresql://clerk:********@10.0.1.21:5432/orders_prod?sslmode=disable
  comes from  the use of db (backstay.toml:7)
  dialect     node (backstay.toml:6)
  spelled by  DATABASE_URL = {{ url }} in [protocols.postgres.usual]
  form        url of postgres, encoding uri
              postgresql://{{ user }}:{{ password }}@{{ host }}:{{ port }}/{{ database }}?sslmode={% if tls %}require{% else %}disable{% endif %}
  reached     external, another machine: data-1 (machine) (backstay.toml:34) at 10.0.1.21:5432

parts
  database  orders_prod  an override of the environment prod (backstay.toml:28)
  host      10.0.1.21    the address of the host data-1 (backstay.toml:33)
  password  ********     DB_PASSWORD in prod/secrets.env, drawn by Backstay
  port      5432         the usual port of the kind postgres
  tls       no           no provider is between
  user      clerk        the plan, for db (backstay.toml:15)

elsewhere
  local on laptop  postgresql://clerk@127.0.0.1/mine
  staging on box   postgresql://clerk:********@10.0.1.21:5432/orders_prod?sslmode=disable
",
        )
        .run();
}

#[test]
fn a_setting_says_whose_it_is_and_what_it_hides() {
    let hiding = explained("local/web/DATABASE_URL");
    assert!(
        hiding.contains(
            "comes from  settings of the plan, an override of local (backstay.toml:23)\n"
        ),
        "{hiding}"
    );
    assert!(hiding.contains("instead of  the use of db\n"), "{hiding}");
    let base = explained("prod/web/LOG_LEVEL");
    assert!(
        base.contains("comes from  settings of the plan (backstay.toml:9)\n"),
        "{base}"
    );
    assert!(!base.contains("instead of"), "{base}");
}

#[test]
fn addresses_say_what_makes_them() {
    let own = explained("prod/web/PORT");
    assert!(
        own.contains("  port  8080  the plan, for web (backstay.toml:5)\n"),
        "{own}"
    );
    let by_tier = explained("prod/web/NODE_ENV");
    assert!(
        by_tier.contains("NODE_ENV = production in [tiers.production]\n"),
        "{by_tier}"
    );
    let provider = explained("prod/web/UPLOADS_ENDPOINT");
    assert!(
        provider.contains("the provider's pattern s3.{{ region }}.wasabisys.com\n")
            && provider.contains("in [protocols.s3.named]\n")
            && provider.contains("external, managed: wasabi (managed) (backstay.toml:37) at s3.eu-central-1.wasabisys.com:443\n"),
        "{provider}"
    );
    let process = explained("local/web/UPLOADS_ENDPOINT");
    assert!(
        process.contains("the machine itself, because the app is a process on it\n"),
        "{process}"
    );
    let borrowed = explained("staging/web/DATABASE_URL");
    assert!(
        borrowed.contains("the address of the host data-1 in prod (backstay.toml:33)\n")
            && borrowed.contains("DB_PASSWORD in prod/secrets.env\n")
            && borrowed
                .contains("external, borrowed from prod: data-1 (machine) (backstay.toml:43)"),
        "{borrowed}"
    );
}

#[test]
fn what_is_missing_is_said() {
    let key = explained("prod/web/UPLOADS_ACCESS_KEY");
    assert!(
        key.contains("value       (waits for FILES_ACCESS_KEY)\n")
            && key.contains(
                "FILES_ACCESS_KEY in prod/secrets.env, given by whoever runs the service\n"
            ),
        "{key}"
    );
}

#[test]
fn a_credential_from_elsewhere_is_not_read_to_be_explained() {
    let plan = format!(
        "{PLAN}[environments.prod.services.db.secrets]\npassword = {{ from-env = \"PROD_DB\" }}\n"
    );
    let test = Test::new()
        .plan(&plan)
        .args(["explain", "prod/web/DATABASE_URL"]);
    test.stdout_has([
        "postgresql://clerk:********@10.0.1.21:5432/orders_prod",
        "password  ********     PROD_DB, a variable of whoever generates the files (backstay.toml:45)\n",
    ])
    .run();
}

#[test]
fn an_apps_variables_are_listed() {
    Test::new()
        .plan(PLAN)
        .args(["explain", "prod/web"])
        .stdout(
            "\
NODE_ENV            production                                                              the app itself
PORT                8080                                                                    the app itself
DATABASE_URL        postgresql://clerk:********@10.0.1.21:5432/orders_prod?sslmode=disable  the use of db
UPLOADS_ACCESS_KEY  (waits for FILES_ACCESS_KEY)                                            the use of files
UPLOADS_BUCKET      shop-prod                                                               the use of files
UPLOADS_ENDPOINT    https://s3.eu-central-1.wasabisys.com                                   the use of files
UPLOADS_REGION      eu-central-1                                                            the use of files
UPLOADS_SECRET_KEY  (waits for FILES_SECRET_KEY)                                            the use of files
LOG_LEVEL           info                                                                    settings of the plan
MAIL_TOKEN          ********                                                                settings of the plan
",
        )
        .run();
}

#[test]
fn a_services_variables_are_listed_where_its_container_is_written() {
    let listed = explained("prod/db");
    assert!(
        listed.contains("POSTGRES_DB ") && listed.contains("the kind postgres"),
        "{listed}"
    );
    Test::new()
        .plan(PLAN)
        .args(["explain", "prod/files"])
        .stderr(
            "error: Backstay gives no variables to `files` in prod\n  \
             help: it has those of containers that it writes, and of apps\n",
        )
        .status(2)
        .run();
}

#[test]
fn names_that_there_are_not_are_errors_with_what_was_meant() {
    for (topic, message) in [
        (
            "prd/web",
            "there is no environment `prd`\n  help: did you mean `prod`?\n",
        ),
        (
            "prod/wep/PORT",
            "nothing called `wep` runs in prod\n  help: did you mean `web`?\n",
        ),
        (
            "prod/web/DATABASE_URI",
            "`web` has no variable `DATABASE_URI`\n  help: did you mean `DATABASE_URL`?\n",
        ),
        (
            "prod/web/a=b\u{1b}",
            "`web` has no variable `a=b\\u{1b}`\n  help: it has NODE_ENV, PORT, DATABASE_URL, UPLOADS_ACCESS_KEY, UPLOADS_BUCKET, UPLOADS_ENDPOINT, UPLOADS_REGION, UPLOADS_SECRET_KEY, LOG_LEVEL, MAIL_TOKEN\n",
        ),
    ] {
        let test = Test::new().plan(PLAN).args(["explain", topic]);
        test.stderr(format!("error: {message}")).status(2).run();
    }
    let test = Test::new().args(["explain", "unsuitable-role", "--format", "json"]);
    test.stderr(
        "error: only variables are explained as JSON\n  help: name some: ENVIRONMENT/APP or ENVIRONMENT/APP/VARIABLE\n",
    )
    .status(2)
    .run();
}

#[test]
fn variables_are_explained_as_json_for_scripts() {
    let json = |topic: &str| {
        let test = Test::new()
            .plan(PLAN)
            .args(["explain", topic, "--format", "json"]);
        let (_, stdout, _) = test.stdout_has([]).output();
        serde_json::from_str::<serde_json::Value>(&stdout).expect("it is JSON")
    };
    let one = &json("prod/web/DATABASE_URL")[0];
    assert_eq!(one["layer"]["kind"], "use");
    assert_eq!(one["dialect"]["table"], "protocols.postgres.usual");
    assert_eq!(one["parts"][0]["place"], "backstay.toml:28");
    assert_eq!(one["elsewhere"][0]["environment"], "local");
    assert_eq!(json("prod/web")[0]["variable"], "NODE_ENV");
    assert_eq!(json("prod/db/POSTGRES_DB")[0]["value"], "{{ database }}");
}

#[test]
fn no_credential_is_ever_explained() {
    let mut folder: Folder = Test::new()
        .plan(&fixture("coding-events"))
        .args(["generate"])
        .stdout_has(["created"])
        .run();
    let secrets: Vec<String> = ["local", "dev", "test", "prod"]
        .iter()
        .flat_map(|name| {
            variables(&folder.read(&format!("deploy/{name}/secrets.env"))).into_values()
        })
        .filter(|secret| !secret.is_empty())
        .collect();
    assert!(!secrets.is_empty());
    for name in variables(&folder.read("deploy/prod/app-1/web.env")).into_keys() {
        let test = folder.test().args(["explain", &format!("prod/web/{name}")]);
        let (after, stdout, _) = test.stdout_has([name.as_str()]).output();
        folder = after;
        for secret in &secrets {
            assert!(!stdout.contains(secret.as_str()), "{stdout}");
        }
    }
}

#[test]
fn a_setting_in_which_an_address_stands_says_what_the_plan_has_there() {
    let plan = r#"name = "shop"
[apps.web]
image = "a/b:1"
dialect = "own"
uses.cache = { named-in = ["CACHE_URL"] }
settings.CACHE_URL = "redis://cache:6379/0"
[services.cache]
kind = "redis"
[environments.prod.hosts.app-1]
address = "10.0.1.11"
runs = ["web"]
[environments.prod.hosts.data-1]
address = "10.0.1.21"
runs = ["cache"]
"#;
    Test::new()
        .plan(plan)
        .args(["explain", "prod/web/CACHE_URL"])
        .stdout_has([
            "redis://10.0.1.21:6379/0",
            "the plan says",
            "redis://cache:6379/0",
            "put into it",
            "external, another machine: data-1 (machine) (backstay.toml:14) at 10.0.1.21:6379",
        ])
        .run();
}
