//! Which credentials of compose files are one, what is called as one is, and that no plan stands without them.

use crate::cli::Test;

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
    let plan = folder.read("backstay.toml");
    for said in [
        "\"gosu\", \"keeper\", \"keeper\", \"cleanup\", \"--for\", \"{{ secret(",
        "ADMIN_USERS = \"postgres,keeper\"",
        "secret-settings = [\"OWNERS\"]",
    ] {
        assert!(plan.contains(said), "{said}: {plan}");
    }
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
