//! What an import changes of how containers run, whether it says so, and which files it takes unasked.

use crate::cli::Test;

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
