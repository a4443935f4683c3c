//! What an import changes of how containers run, whether it says so, and which files it takes unasked.

use crate::cli::Test;

#[test]
fn containers_start_again_as_compose_has_them_start_again() {
    let compose = r#"
x-base: &base {image: "acme/x:1"}
services:
  any: {<<: *base, deploy: {restart_policy: {condition: any, max_attempts: 3, delay: 5s}}}
  none: {<<: *base, restart: always, deploy: {restart_policy: {condition: none}}}
  failed: {<<: *base, deploy: {restart_policy: {condition: on-failure, max_attempts: 3}}}
  silent: {<<: *base, deploy: {restart_policy: {window: 5s}}}
  own: {<<: *base, restart: unless-stopped, platform: "", user: ""}
"#;
    let folder = Test::new()
        .file("compose.yaml", compose)
        .args(["import", "compose", "compose.yaml"])
        .stdout_has([
            "not kept: none.restart at compose.yaml:5:30, because Compose reads `deploy.restart_policy` instead\n",
            "not kept: any.deploy.restart_policy.max_attempts at",
            "not kept: any.deploy.restart_policy.delay at",
        ])
        .run();
    let plan = folder.read("backstay.toml");
    for (app, restart) in [
        ("any", "always"),
        ("none", "no"),
        ("failed", "on-failure:3"),
        ("silent", "no"),
        ("own", "unless-stopped"),
    ] {
        let said = format!("[apps.{app}.container]\nrestart = \"{restart}\"\n");
        assert!(plan.contains(&said), "{said}: {plan}");
    }
}

#[test]
fn nobody_waits_for_an_app_that_may_end() {
    let start = |init: &str| {
        let web = "web: {image: 'acme/web:1', ports: ['8080:80'], restart: always}";
        let folder = Test::new()
            .file("compose.yaml", format!("services: {{{web}{init}}}"))
            .args(["import", "compose", "compose.yaml"])
            .stdout_has(["made backstay.toml"])
            .run();
        let folder = folder
            .test()
            .args(["generate"])
            .stdout_has(["created deploy/local/README.md"])
            .run();
        folder.read("deploy/local/README.md")
    };
    let runbook = start("");
    assert!(runbook.contains("up --detach --wait"), "{runbook}");
    let runbook = start(", init: {image: 'acme/web:1', command: init, restart: on-failure}");
    assert!(
        runbook.contains("up --detach") && !runbook.contains("--wait"),
        "{runbook}"
    );
}

#[test]
fn the_files_that_compose_takes_unasked_are_read() {
    let folder = Test::new()
        .file("docker-compose.yml", "services: {web: {image: 'acme/web:1'}}")
        .file("docker-compose.override.yml", "services: {web: {image: 'acme/web:2'}}")
        .args(["import", "compose"])
        .stdout_has(["read docker-compose.yml and docker-compose.override.yml, as Docker Compose does unasked\n"])
        .run();
    let plan = folder.read("backstay.toml");
    // In the order in which they are read.
    let header =
        "# Made of docker-compose.yml, docker-compose.override.yml by `backstay import compose`.\n";
    assert!(
        plan.starts_with(header) && plan.contains("acme/web:2"),
        "{plan}"
    );
    let folder = Test::new()
        .args(["import", "compose"])
        .stderr("error: there is no compose file here\n  help: name one: `backstay import compose stack.yaml`\n")
        .status(2)
        .run();
    folder
        .test()
        .args(["import", "compose", "-", "-o", "-"])
        .stdin("services: {web: {image: 'acme/web:1'}}")
        .stdout_has(["# Made of standard input by", "[apps.web]"])
        .stderr_has(["local: 1 app"])
        .run();
}
