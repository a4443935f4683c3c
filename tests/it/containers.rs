//! What a plan says about containers arrives in the compose file as it stands, and changes nothing else there.

use proptest::prelude::*;
use serde_json::{Value, json};
use toml_edit::value;

use crate::compose_files::{compose_files, entries};
use crate::properties::any_value;
use crate::support::built;

/// A plan of one app, whose container says `text` wherever any text may stand.
fn plan(text: &str) -> String {
    let mut plan = toml_edit::DocumentMut::new();
    plan["name"] = value("shop");
    let mut words = toml_edit::Array::new();
    words.push(text);
    let app = &mut plan["apps"]["web"];
    *app = toml_edit::table();
    app["image"] = value("acme/web:1");
    app["build"]["args"]["ARG"] = value(text);
    app["container"]["entrypoint"] = value(words.clone());
    app["container"]["command"] = value(words);
    app["container"]["labels"]["a.b/c"] = value(text);
    let mut test = toml_edit::Array::new();
    test.push("CMD-SHELL");
    test.push(text);
    app["container"]["healthcheck"]["test"] = value(test);
    let mut runs = toml_edit::Array::new();
    runs.push("web");
    plan["environments"]["local"]["hosts"]["laptop"]["runs"] = value(runs);
    plan.to_string()
}

/// The only service of the only compose file, with every `$$` undone.
fn web(plan: &str) -> Value {
    let built = built(plan);
    let files = compose_files(&built);
    let (_, compose) = files.into_iter().next().expect("a compose file");
    let services = compose["services"].as_object().expect("services");
    assert_eq!(services.len(), 1, "{compose}");
    undone(&services["web"])
}

fn undone(value: &Value) -> Value {
    match value {
        Value::String(text) => json!(text.replace("$$", "$")),
        Value::Array(items) => items.iter().map(undone).collect(),
        Value::Object(table) => {
            let undone = |(key, value): (&String, &Value)| (key.clone(), undone(value));
            table.iter().map(undone).collect()
        }
        other => other.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_arrives_as_it_stands(text in any_value()) {
        // Marks of the generator's own are replaced, as everywhere.
        prop_assume!(!text.contains(['\u{e000}', '\u{e001}', '\u{e002}']));
        let web = web(&plan(&text));
        let words = json!([text]);
        prop_assert_eq!(&web["entrypoint"], &words);
        prop_assert_eq!(&web["command"], &words);
        prop_assert_eq!(&web["labels"], &json!({ "a.b/c": text }));
        prop_assert_eq!(&web["build"]["args"], &json!({ "ARG": text }));
        prop_assert_eq!(&web["healthcheck"]["test"], &json!(["CMD-SHELL", text]));
    }
}

const PLAN: &str = r#"
name = "shop"
[apps.web]
image = "acme/web:1"
port = 80
published = 8080
[apps.api]
image = "acme/api:1"
port = 80
uses.db = {}
[apps.init]
image = "acme/api:1"
runs-as = "job"
uses.db = {}
[services.db]
kind = "postgres"
version = "17"
[environments.local.hosts.laptop]
runs = ["web", "api", "init", "db"]
"#;

/// A service of the compose file of `PLAN` with more said.
fn service(name: &str, more: &str) -> Value {
    let built = built(&format!("{PLAN}{more}\n"));
    let files = compose_files(&built);
    let (_, compose) = files.into_iter().next().expect("a compose file");
    compose["services"][name].clone()
}

#[test]
fn a_job_that_nothing_waits_for_is_not_waited_for_by_compose() {
    let start = |more: &str| {
        let built = built(&format!("{PLAN}{more}"));
        let compose = built.file("local/laptop/compose.yaml");
        let runbook = built.file("local/README.md");
        let waits = |text: &str| text.contains("docker compose up --detach --wait` in");
        assert_eq!(waits(compose), waits(runbook));
        waits(compose)
    };
    assert!(!start(""));
    assert!(!start("[apps.web.uses.init]\nwait = \"started\"\n"));
    assert!(start("[apps.web.uses.init]\n"));
    assert_eq!(service("init", "")["restart"], "no");
}

#[test]
fn what_a_healthcheck_or_the_end_tells_is_waited_for() {
    let waits = |more: &str| service("web", more)["depends_on"].clone();
    let condition = |name: &str, condition: &str| json!({ name: { "condition": condition } });
    let uses_api = "[apps.web.uses.api]\n";
    assert_eq!(waits(uses_api), condition("api", "service_started"));
    let tested = format!("{uses_api}[apps.api.container.healthcheck]\ntest = [\"CMD\", \"x\"]\n");
    assert_eq!(waits(&tested), condition("api", "service_healthy"));
    let told = tested.replace(uses_api, &format!("{uses_api}wait = \"started\"\n"));
    assert_eq!(waits(&told), condition("api", "service_started"));
    let not = tested.replace(uses_api, &format!("{uses_api}wait = \"nothing\"\n"));
    assert_eq!(waits(&not), Value::Null);
    let job = condition("init", "service_completed_successfully");
    assert_eq!(waits("[apps.web.uses.init]\n"), job);
    let off = "[apps.web.uses.db]\n[services.db.container.healthcheck]\ntest = [\"NONE\"]\n";
    assert_eq!(waits(off), condition("db", "service_started"));
}

#[test]
fn a_port_of_the_host_leads_to_the_one_that_an_app_listens_on() {
    let built = built(&format!("{PLAN}[apps.api.uses.web]\n"));
    assert_eq!(built.reached("local", "api", "web"), "internal web:80");
    let ports = service("web", "");
    let port = &entries(&ports, "ports")[0];
    assert_eq!(
        (&port["target"], &port["published"]),
        (&json!(80), &json!("8080"))
    );
    let hidden = service(
        "web",
        "[environments.local.apps.web]\nexpose = \"containers\"\n",
    );
    assert_eq!(entries(&hidden, "ports"), &[] as &[Value]);
}

#[test]
fn what_a_plan_mounts_takes_the_place_of_what_a_kind_mounts_there() {
    let mounts = |more: &str| {
        let db = service("db", more);
        let pair = |mount: &Value| format!("{} {}", mount["source"], mount["target"]);
        entries(&db, "volumes").iter().map(pair).collect::<Vec<_>>()
    };
    let data = "\"/var/lib/postgresql/data\"";
    assert_eq!(mounts(""), [format!("\"db-data\" {data}")]);
    let more = "[services.db.container.volumes]\ndata = { from = \"pg\" }\n";
    assert_eq!(mounts(more), [format!("\"../../../pg\" {data}")]);
    let more = "[services.db.container.volumes]\npg = { path = \"/var/lib/postgresql/data/\" }\n";
    assert_eq!(mounts(more), ["\"db-pg\" \"/var/lib/postgresql/data/\""]);
    let more = "[services.db.container.volumes]\nmore = { shared = \"pool\", path = \"/pool\" }\n";
    assert_eq!(
        mounts(more),
        [
            format!("\"db-data\" {data}"),
            "\"pool\" \"/pool\"".to_owned()
        ]
    );
}

#[test]
fn a_container_is_made_anew_when_a_file_that_it_mounts_changes() {
    let labels = |port: u16, name: &str| {
        let built = built(&format!(
            "name = \"shop\"\n[apps.web]\nimage = \"a/b:1\"\nport = {port}\n\
             container.labels.\"a.b\" = \"c\"\nuses.db = {{}}\n[services.db]\nkind = \"postgres\"\n\
             [services.edge]\nkind = \"nginx\"\nuses.web = {{}}\n\
             container.labels.\"a.b\" = \"c\"\n\
             [environments.local.hosts.laptop]\nruns = [\"web\", \"edge\", \"db\"]\n"
        ));
        let (_, compose) = compose_files(&built).into_iter().next().expect("a file");
        compose["services"][name]["labels"].clone()
    };
    let own = |port: u16| labels(port, "edge")["dev.backstay.files"].clone();
    let digits = own(8000).as_str().map(str::len);
    assert_eq!(digits, Some(16));
    assert_eq!(own(8000), own(8000));
    assert_ne!(own(8000), own(8001));
    assert_eq!(labels(8000, "edge")["a.b"], "c");
    // What mounts no file has nothing to follow.
    assert_eq!(labels(8000, "web"), json!({"a.b": "c"}));
    assert_eq!(labels(8000, "db"), Value::Null);
}

#[test]
fn protections_give_way_to_the_plan_alone() {
    let db = service("db", "");
    assert_eq!(db["cap_drop"], json!(["ALL"]));
    let privileged = service("db", "[services.db.container]\nprivileged = true\n");
    assert_eq!(privileged["privileged"], true);
    assert_eq!(
        (&privileged["cap_drop"], &privileged["security_opt"]),
        (&Value::Null, &Value::Null)
    );
    let more = "[services.db.container]\nread-only = false\nuser = \"root\"\n\
                add-capabilities = [\"cap_chown\"]\ninit = false\n";
    let open = service("db", more);
    assert_eq!(
        (&open["read_only"], &open["init"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(
        (&open["user"], &open["cap_drop"]),
        (&json!("root"), &json!(["ALL"]))
    );
    assert_eq!(open["cap_add"], json!(["CHOWN"]));
}

#[test]
fn a_credential_of_a_command_is_filled_in_from_the_hosts_own_file() {
    let plan = PLAN.replace(
        "port = 80\npublished",
        "dialect = \"own\"\nport = 80\npublished",
    );
    let words = "[apps.web.container]\ncommand = [\"serve\", \"--token={{ secret('TOKEN') }}\", \"$HOME {{ x }}\"]\n";
    let built = built(&format!("{plan}{words}"));
    let compose = built.file("local/laptop/compose.yaml");
    for said in [
        "- \"--token=${WEB_TOKEN:?fill it in, in .env}\"",
        "- \"$$HOME {{ x }}\"",
    ] {
        assert!(compose.contains(said), "{said}: {compose}");
    }
    let token = built.variable("local/laptop/.env", "WEB_TOKEN");
    assert!(!token.is_empty());
    // The container gets it in its words, and in no variable.
    let web = built.file("local/laptop/web.env");
    assert!(!web.contains("TOKEN"), "{web}");
}

#[test]
fn a_variable_of_the_plan_stands_beside_no_other_form_of_it() {
    let names = |more: &str| {
        let db = service("db", more);
        let variables = db["environment"].as_object().expect("variables");
        let of_password = variables.keys().filter(|name| name.contains("PASSWORD"));
        of_password.cloned().collect::<Vec<String>>()
    };
    assert_eq!(names(""), ["POSTGRES_PASSWORD_FILE"]);
    let own = "[services.db.container]\nread-only = true\n[environments.local.services.db]\nsecret-settings = [\"POSTGRES_PASSWORD\"]\n";
    assert_eq!(names(own), ["POSTGRES_PASSWORD"]);
}

#[test]
fn a_setting_that_names_a_further_port_gets_the_one_of_the_host() {
    let plan = r#"
name = "shop"
[apps.web]
image = "acme/web:1"
dialect = "own"
uses.store = { named-in = ["STORE_URL", "STORE_HTTP"] }
[apps.web.settings]
STORE_URL = "store://store:9000/x"
STORE_HTTP = "http://store:8123"
[apps.store]
image = "acme/store:1"
port = 8123
container.ports.native = { port = 9000, published = 19000 }
[environments.prod.hosts.app-1]
address = "10.0.0.1"
runs = ["web"]
[environments.prod.hosts.data-1]
address = "10.0.0.2"
runs = ["store"]
"#;
    let built = built(plan);
    let web = built.file("prod/app-1/web.env");
    for said in [
        "STORE_URL=store://10.0.0.2:19000/x",
        "STORE_HTTP=http://10.0.0.2:8123",
    ] {
        assert!(web.contains(said), "{said}: {web}");
    }
    let store = built.file("prod/data-1/compose.yaml");
    assert!(store.contains("host_ip: \"10.0.0.2\""), "{store}");
    let runbook = built.file("prod/README.md");
    assert!(runbook.contains("19000"), "{runbook}");
}

#[test]
fn what_the_plan_keeps_for_how_long_is_kept_so_long() {
    let kept = |role: &str, kind: &str, kept: &str, variable: &str| {
        let plan = format!(
            "name = \"shop\"\n[apps.web]\nuses.it = {{ role = \"{role}\" }}\n[services.it]\nkind = \"{kind}\"\n{kept}\n[environments.local.hosts.laptop]\nruns = [\"web\", \"it\"]\n"
        );
        let built = built(&plan);
        let (_, compose) = compose_files(&built)
            .into_iter()
            .next()
            .expect("a compose file");
        compose["services"]["it"]["environment"][variable].clone()
    };
    let metrics = |size| kept("metrics", "victoriametrics", size, "VM_retentionPeriod");
    assert_eq!(metrics(""), json!("365d"));
    assert_eq!(
        metrics("[sizes.metrics]\nkept-for = \"2 years\""),
        json!("730d")
    );
    assert_eq!(
        metrics("[sizes.logs]\nkept-for = \"2 years\""),
        json!("365d")
    );
    let logs = |size| kept("logs", "loki", size, "LOKI_RETENTION");
    assert_eq!(logs(""), json!("744h"));
    assert_eq!(
        logs("[sizes.logs]\nkept-for = \"3 months\""),
        json!("2160h")
    );
    let stream = |size| kept("stream", "kafka", size, "KAFKA_LOG_RETENTION_HOURS");
    assert_eq!(stream(""), json!(null));
    assert_eq!(
        stream("[sizes.stream]\nkept-for = \"2 weeks\""),
        json!("336")
    );
}
