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
fn other_names_closed_networks_and_unknown_images_are_told() {
    let compose = r#"
services:
  db: {image: "postgres:16", container_name: shop_db, platform: ""}
  cache: {image: "redis:7", ports: ["127.0.0.1:6379:6379"]}
  web: {image: "acme/web:1"}
  work: {image: "acme/web:1"}
  own: {build: .}
  store: {image: "quay.io/acme/store:2", volumes: ["data:/data"]}
volumes: {data: }
"#;
    let told = Test::new()
        .file("compose.yaml", compose)
        .args(["import", "compose", "compose.yaml"])
        .said();
    for said in [
        "  not kept: db.container_name at compose.yaml:3:46, because Compose names containers by plan, environment and service now: others reach this one by it still, `docker exec` does not\n",
        "  no way out any more: db, because what publishes no port is in a network of its host alone\n",
        "  taken for apps, because the catalog knows no kind for their images: store (quay.io/acme/store:2, keeps data), web, work (acme/web:1)\n",
    ] {
        assert!(told.contains(said), "{said}: {told}");
    }
    assert!(!told.contains("platform"), "{told}");
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

#[test]
fn what_has_no_value_says_where_variables_could_come_from() {
    let folder = Test::new()
        .file("compose.yaml", "services: {db: {image: 'postgres:${TAG}', volumes: ['${DATA}:/var/lib/postgresql/data']}}")
        .file("example.env", "TAG=16\nDATA=./data\n")
        .args(["import", "compose", "compose.yaml"])
        .stderr_has([
            "has nothing between two colons",
            "`${DATA}` has no value: there is no `.env` beside the compose file, only `example.env`: name a file with variables by `--env-file`",
        ])
        .status(2)
        .run();
    folder
        .test()
        .args([
            "import",
            "compose",
            "compose.yaml",
            "--env-file",
            "example.env",
        ])
        .stdout_has(["filled in, in compose.yaml: DATA=./data (line 1), TAG=16 (line 1)"])
        .run();
    Test::new()
        .file("compose.yaml", "services:\n  a: {image: 'acme/x:1', environment: {A: '${VERSOIN}', B: $$c, C: '${X}'}}\n")
        .args(["import", "compose", "compose.yaml"])
        .stdout_has(["local: 1 app, 0 services\n  no value: `VERSOIN` at compose.yaml:2:43, `X` at compose.yaml:2:68, which became nothing\n  there is no `.env` beside the compose file: name a file"])
        .run();
}

/// A plan says once what a component is.
#[test]
fn what_is_built_or_a_job_in_one_environment_is_an_app_in_all() {
    let local = "services:\n  db: {build: ./db}\n  web: {image: 'acme/web:1', depends_on: {cache: {condition: service_completed_successfully}}}\n  cache: {image: 'redis:7'}\n";
    let prod = "services:\n  db: {image: 'postgres:16'}\n  web: {image: 'acme/web:1', depends_on: [cache]}\n  cache: {image: 'redis:7'}\n";
    let folder = Test::new()
        .file("local.yaml", local)
        .file("prod.yaml", prod)
        .args("import compose --as local=local.yaml --as prod=prod.yaml".split(' '))
        .stdout_has(["`backstay check` has 0 findings that must be mended"])
        .run();
    let plan = folder.read_with(
        "backstay.toml",
        [
            "postgres by its image in one environment, but built or waited for to its end in another: an app in all",
            "[environments.prod.apps.db]\nimage = \"postgres:16\"\n",
        ],
    );
    assert!(!plan.contains("services."), "{plan}");
}

#[test]
fn a_host_with_two_addresses_keeps_the_first() {
    let compose = "services: {web: {image: 'acme/web:1', extra_hosts: ['a:1.1.1.1', 'a:2.2.2.2', 'b:3.3.3.3']}}";
    Test::new()
        .file("compose.yaml", compose)
        .args(["import", "compose", "compose.yaml"])
        .stdout_has(["extra_hosts.a", "a plan says one address for a name"])
        .run()
        .read_with("backstay.toml", ["a = \"1.1.1.1\"", "b = \"3.3.3.3\""]);
}
