//! Which credentials of compose files are one, what is called as one is, and that no plan stands without them.

use crate::cli::{Test, imported};

#[test]
fn a_word_that_is_a_user_and_a_program_too_is_a_credential_only_where_its_variable_says_so() {
    let compose = r#"
services:
  store:
    image: chrislusf/seaweedfs:4.47
    environment: {AWS_SECRET_ACCESS_KEY: keeper, STORE_PASSWORD: others}
  clean:
    image: ghcr.io/acme/clean:1
    user: keeper
    command: gosu keeper keeper cleanup --for others
    environment: {ADMIN_USERS: "postgres,keeper", OWNERS: "keeper,others"}
"#;
    let folder = Test::new()
        .file("compose.yaml", compose)
        .args(["import", "compose", "compose.yaml"])
        .stdout_has(["a credential: store.AWS_SECRET_ACCESS_KEY at"])
        .run();
    folder.read_with(
        "backstay.toml",
        [
            "\"gosu\", \"keeper\", \"keeper\", \"cleanup\", \"--for\", \"{{ secret(",
            "ADMIN_USERS = \"postgres,keeper\"",
            "secret-settings = [\"OWNERS\"]",
        ],
    );
}

#[test]
fn a_credential_that_several_carry_is_told_and_written_as_one() {
    let compose = r#"
services:
  db:
    image: postgres:16
    environment: {POSTGRES_PASSWORD: "${PG_PASS}", POSTGRES_USER: shop}
  server: &server
    image: acme/server:1
    environment: {SHOP_DB__PASSWORD: "${PG_PASS}", SHOP_SECRET_KEY: "${KEY}", DB_HOST: db}
  worker: *server
  jobs:
    image: acme/jobs:1
    environment: {DB_PASSWORD: hunter-2-hunter, DB_HOST: db, API_TOKEN: hunter-3-hunter}
"#;
    let folder = Test::new()
        .file("compose.yaml", compose)
        .file(".env", "PG_PASS=hunter-2-hunter\nKEY=hunter-4-hunter\n")
        .args(["import", "compose", "compose.yaml"])
        .stdout_has([
            "  one credential: POSTGRES_PASSWORD of db = DB_PASSWORD of jobs = SHOP_DB__PASSWORD of server, worker, first at compose.yaml:5:38\n",
            "  one credential: SHOP_SECRET_KEY of server, worker, first at",
            "  a credential: jobs.API_TOKEN at",
        ])
        .run();
    let plan = folder.read("backstay.toml");
    let remark = "# one credential: POSTGRES_PASSWORD of db = DB_PASSWORD of jobs = SHOP_DB__PASSWORD of server, worker\n[services.db]\n";
    assert!(plan.contains(remark), "{plan}");
}

#[test]
fn what_is_the_same_by_chance_is_not_one_credential() {
    let compose = r#"
services:
  db: {image: "postgres:16", env_file: all.env, environment: {POSTGRES_PASSWORD: hunter-2}}
  mq: {image: "rabbitmq:4", env_file: all.env, environment: {RABBITMQ_DEFAULT_PASS: hunter-2}}
  shop:
    image: acme/shop:1
    environment: {DB_HOST: db, MQ_HOST: mq, SHOP_PASSWORD: hunter-2, SIGNING_KEY: hunter-3}
"#;
    let told = Test::new()
        .file("compose.yaml", compose)
        .file("all.env", "OTHER_TOKEN=hunter-3\n")
        .args(["import", "compose", "compose.yaml"])
        .said();
    let said = "one credential: OTHER_TOKEN of db, mq, first at";
    let one = (told.matches("one credential").count(), told.contains(said));
    assert_eq!(one, (1, true), "{told}");
}

#[test]
fn where_credentials_cannot_be_kept_there_is_no_plan() {
    let compose =
        "services: {db: {image: 'postgres:16', environment: {POSTGRES_PASSWORD: hunter-2}}}";
    let folder = Test::new()
        .file("compose.yaml", compose)
        .file("deploy", "in the way")
        .args(["import", "compose", "compose.yaml"])
        .stderr_has(["error: cannot keep the credentials of local: ", "deploy"])
        .status(2)
        .run();
    assert!(!folder.has("backstay.toml"));
}

/// What looks like a credential in a comment of the plan is the name of a variable.
#[test]
fn names_of_variables_are_shown_in_what_would_be_written() {
    let compose = r#"
services:
  db: {image: "postgres:16", environment: {POSTGRES_PASSWORD: sharedpw77}}
  app: {image: "acme/app:1", depends_on: [db], environment: {DB_APP_PASSWORD: sharedpw77}}
"#;
    let folder = imported(compose);
    folder.read_with(
        "backstay.toml",
        ["# one credential: POSTGRES_PASSWORD of db"],
    );
    let (_, said, _) = folder
        .test()
        .args(["generate", "--dry-run"])
        .stdout_has(["DB_APP_PASSWORD=", "POSTGRES_PASSWORD: "])
        .output();
    assert!(!said.contains("sharedpw77"), "{said}");
}

#[test]
fn what_was_the_same_credential_is_named_when_one_of_it_is_set() {
    let compose = r#"
services:
  db: {image: "postgres:16", environment: {POSTGRES_PASSWORD: sharedpw77}}
  app: {image: "acme/app:1", depends_on: [db], environment: {DB_PASSWORD: sharedpw77, API_TOKEN: othertoken88}}
"#;
    let folder = imported(compose);
    let folder = folder
        .test()
        .args(["generate"])
        .stdout_has(["created"])
        .run();
    folder
        .test()
        .args(["secrets", "set", "local", "db.POSTGRES_PASSWORD"])
        .stdin("a-new-one-99\n")
        .stdout_has(["still the value of before: APP_DB_PASSWORD; set them too, where they are one credential\n"])
        .run();
}
