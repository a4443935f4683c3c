//! Addresses follow placement: the same use, whatever runs where, and what the files make of it.

use crate::support::{Built, built};

/// A plan in which `web` uses `db`, with this after the declarations.
fn placed(declared: &str, environments: &str) -> Built {
    built(&format!(
        "name = \"shop\"\n[apps.web]\nimage = \"a/b:1\"\nport = 8080\nuses.db = {{}}\n\
         [services.db]\nkind = \"postgres\"\n{declared}\n{environments}\n"
    ))
}

const BESIDE: &str = "[environments.dev.hosts.box]\nruns = [\"web\", \"db\"]";
const APART: &str = "[environments.dev.hosts.box]\nruns = [\"web\"]\n\
                     [environments.dev.hosts.data]\naddress = \"10.0.0.9\"\nruns = [\"db\"]";

#[test]
fn the_same_use_is_reached_where_its_placement_says() {
    let process =
        |what: &str| format!("{BESIDE}\n[environments.dev.{what}]\nruns-as = \"process\"");
    let managed = |more: &str| {
        format!(
            "{}\n{more}",
            APART.replace("address = \"10.0.0.9\"", "kind = \"managed\"")
        )
    };
    let cluster = APART.replace("runs = [\"db\"]", "kind = \"cluster\"\nruns = [\"db\"]");
    for (declared, environments, expected) in [
        ("", BESIDE.to_owned(), "internal db:5432"),
        ("port = 5433", BESIDE.to_owned(), "internal db:5432"),
        ("", process("apps.web"), "internal 127.0.0.1:5432"),
        (
            "port = 5433",
            process("apps.web"),
            "internal 127.0.0.1:5433",
        ),
        (
            "",
            process("services.db"),
            "internal host.docker.internal:5432",
        ),
        (
            "port = 5433",
            process("services.db"),
            "internal host.docker.internal:5433",
        ),
        ("", APART.to_owned(), "external 10.0.0.9:5432"),
        ("port = 5433", APART.to_owned(), "external 10.0.0.9:5433"),
        (
            "",
            APART.replace("address = \"10.0.0.9\"\n", ""),
            "external ?:5432",
        ),
        ("", managed(""), "external ?:5432"),
        (
            "",
            managed("[environments.dev.services.db]\naddress = \"db.example.com\""),
            "external db.example.com:5432",
        ),
        ("", cluster, "external 10.0.0.9:5432"),
    ] {
        let built = placed(declared, &environments);
        assert_eq!(
            built.reached("dev", "web", "db"),
            expected,
            "{environments}"
        );
    }
}

#[test]
fn a_port_is_published_only_where_another_host_or_a_process_needs_it() {
    let published = |environments: &str| {
        let built = placed("", environments);
        let compose = built
            .artifacts
            .values()
            .filter(|artifact| artifact.path.ends_with("compose.yaml"));
        let text: String = compose.map(|artifact| artifact.text.as_str()).collect();
        let (_, db) = text
            .split_once("\n  db:\n")
            .expect("it runs in a container");
        let lines = db.lines().filter(|line| line.contains("host_ip: "));
        lines.map(|line| line.trim().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        published(BESIDE),
        ["host_ip: \"127.0.0.1\""],
        "the app's own alone"
    );
    let process = format!("{BESIDE}\n[environments.dev.apps.web]\nruns-as = \"process\"");
    assert_eq!(published(&process), ["host_ip: \"127.0.0.1\""]);
    assert_eq!(published(APART), ["host_ip: \"10.0.0.9\""]);
}

#[test]
fn an_ipv6_address_has_brackets_in_urls_and_none_by_itself() {
    let built = placed("", &APART.replace("10.0.0.9", "fd00::9"));
    let value = |key: &str| built.variable("dev/box/web.env", key);
    assert_eq!(
        value("DB_URL"),
        "postgresql://app:dev.db.password@[fd00::9]:5432/shop?sslmode=disable"
    );
    assert_eq!(
        value("DB_HOST"),
        "fd00::9",
        "what is handed to a resolver as it is"
    );
    assert!(
        built
            .file("dev/data/compose.yaml")
            .contains("host_ip: \"fd00::9\"")
    );
}

#[test]
fn a_stand_in_is_not_at_the_providers_address() {
    let built = built(
        "name = \"shop\"\n[apps.web]\nuses.uploads = {}\n\
         [services.uploads]\nkind = \"s3\"\naddress = \"bucket.vpce-1.s3.eu-west-1.vpce.amazonaws.com\"\n\
         [environments.dev.hosts.box]\nruns = [\"web\"]\n\
         [environments.dev.hosts.data]\naddress = \"10.0.0.9\"\nruns = [\"uploads\"]\n\
         [environments.prod.hosts.app-1]\naddress = \"10.0.1.1\"\nruns = [\"web\"]\n\
         [environments.prod.hosts.aws]\nkind = \"managed\"\nruns = [\"uploads\"]\n",
    );
    let at_provider = "external bucket.vpce-1.s3.eu-west-1.vpce.amazonaws.com:443";
    assert_eq!(built.reached("prod", "web", "uploads"), at_provider);
    assert_eq!(
        built.reached("dev", "web", "uploads"),
        "external 10.0.0.9:8333"
    );
}

#[test]
fn an_instance_that_the_lender_does_not_run_there_is_found() {
    let built = built(
        "name = \"shop\"\n[apps.web]\nuses.db = {}\n[services.db]\nkind = \"postgres\"\n\
         [environments.dev.hosts.box]\naddress = \"10.0.3.1\"\nruns = [\"web\"]\n\
         [environments.dev.hosts.web-1]\nborrow = \"staging\"\nruns = [\"db\"]\n\
         [environments.staging.hosts.web-1]\naddress = \"10.0.2.1\"\nruns = [\"web\"]\n\
         [environments.staging.hosts.data-1]\naddress = \"10.0.2.2\"\nruns = [\"db\"]\n",
    );
    let said = built.analysis.findings.iter().any(|finding| {
        let environment = finding.environment.as_ref().map(|name| name.as_str());
        environment == Some("dev") && finding.message.contains("`db`")
    });
    assert!(
        said,
        "nothing says that `web-1` of `staging` runs no `db`: {:#?}",
        built.analysis.findings
    );
    let runbook = built.file("staging/README.md");
    assert!(
        !runbook.contains("| web-1 | 5432/tcp"),
        "a port is opened for nobody:\n{runbook}"
    );
}

const REPLICAS: &str = "\
name = \"shop\"
[apps.web]
image = \"a/b:1\"
port = 5000
[apps.admin]
image = \"a/c:1\"
port = 5100
[services.edge]
kind = \"nginx\"
uses.admin = {}
uses.web = {}
[environments.prod.hosts.app-1]
address = \"10.0.1.1\"
runs = [\"web\"]
[environments.prod.hosts.app-2]
address = \"10.0.1.2\"
runs = [\"web\"]
[environments.prod.hosts.app-3]
address = \"10.0.1.3\"
runs = [\"web\"]
[environments.prod.hosts.edge-1]
address = \"10.0.1.9\"
runs = [\"edge\", \"admin\"]
";

#[test]
fn a_proxy_shares_requests_out_over_every_replica() {
    let built = built(REPLICAS);
    assert_eq!(built.uses("prod", "edge", "web").len(), 3);
    let conf = built.file("prod/edge-1/config/edge/default.conf");
    let mut locations: Vec<&str> = conf
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("location "))
        .collect();
    let count = locations.len();
    locations.sort_unstable();
    locations.dedup();
    assert_eq!(
        locations.len(),
        count,
        "NGINX refuses a location that stands twice:\n{conf}"
    );
    let servers: Vec<&str> = conf
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("server 10.0.1."))
        .collect();
    assert_eq!(
        servers.len(),
        3,
        "every replica stands in an upstream:\n{conf}"
    );
    assert!(conf.contains("upstream "), "{conf}");
}

#[test]
fn a_proxy_gives_the_root_to_one_app_alone_and_to_none_of_several() {
    let alone = REPLICAS.replace("uses.admin = {}\n", "");
    let alone = built(&alone);
    let conf = alone.file("prod/edge-1/config/edge/default.conf");
    assert!(
        conf.contains("location / {\n        proxy_pass http://to_web;"),
        "{conf}"
    );
    assert!(!conf.contains("404"), "{conf}");
    let several = built(REPLICAS);
    let conf = several.file("prod/edge-1/config/edge/default.conf");
    for path in [
        "location /admin/ {",
        "location /web/ {",
        "location / {\n        return 404;",
    ] {
        assert!(conf.contains(path), "{path} in {conf}");
    }
}

/// The file of NGINX before an app, with both on one machine and this said of them.
fn before_an_app(of_edge: &str, of_app: &str) -> String {
    let built = built(&format!(
        "name = \"shop\"\n[apps.web]\nimage = \"a/b:1\"\nport = 8000\n\
         [services.edge]\nkind = \"nginx\"\nuses.web = {{}}\n{of_edge}\n\
         [environments.dev.hosts.box]\nruns = [\"web\", \"edge\"]\n{of_app}\n"
    ));
    built.file("dev/box/config/edge/default.conf").to_owned()
}

#[test]
fn a_proxy_follows_the_containers_beside_it_to_other_addresses() {
    let conf = before_an_app("", "");
    assert!(
        conf.contains("\nresolver 127.0.0.11 valid=5s;\n")
            && conf.contains("{\n    zone to_web 64k;\n    server web:8000 resolve;\n}"),
        "{conf}"
    );
    // Others than containers are not known to Docker's name server, nor is `resolve` to versions before.
    let process = "[environments.dev.apps.web]\nruns-as = \"process\"";
    for (conf, server) in [
        (before_an_app("", process), "host.docker.internal:8000"),
        (before_an_app("version = \"1.26\"", ""), "web:8000"),
        (before_an_app("version = \"1.27.2\"", ""), "web:8000"),
    ] {
        let plain = conf.contains(&format!("{{\n    server {server};"));
        assert!(plain && !conf.contains("resolve"), "{conf}");
    }
    for version in ["1.27", "1.27.3"] {
        let conf = before_an_app(&format!("version = \"{version}\""), "");
        assert!(conf.contains("server web:8000 resolve;"), "{conf}");
    }
    let built = built(REPLICAS);
    let conf = built.file("prod/edge-1/config/edge/default.conf");
    let servers = ["server 10.0.1.1:5000;\n", "server admin:5100 resolve;\n"];
    assert!(servers.iter().all(|server| conf.contains(server)), "{conf}");
}

#[test]
fn every_replica_has_the_same_settings_and_its_own_files() {
    let built = built(REPLICAS);
    let files: Vec<&str> = ["app-1", "app-2", "app-3"]
        .map(|host| built.file(&format!("prod/{host}/web.env")))
        .to_vec();
    assert!(files.windows(2).all(|pair| pair[0] == pair[1]));
    for (host, address) in [("app-1", "10.0.1.1"), ("app-2", "10.0.1.2")] {
        let compose = built.file(&format!("prod/{host}/compose.yaml"));
        assert!(
            compose.contains(&format!("host_ip: \"{address}\"")),
            "{compose}"
        );
    }
}

#[test]
fn only_what_is_really_connected_to_is_opened() {
    let two_caches = "
name = \"shop\"
[apps.web]
image = \"a/b:1\"
port = 8080
uses.cache = {}
[services.cache]
kind = \"memcached\"
[services.edge]
kind = \"nginx\"
uses.web = {}
[environments.prod.hosts.app-1]
address = \"10.0.1.1\"
runs = [\"web\", \"cache\"]
[environments.prod.hosts.app-2]
address = \"10.0.1.2\"
runs = [\"web\", \"cache\"]
[environments.prod.hosts.app-3]
address = \"10.0.1.3\"
runs = [\"web\"]
[environments.prod.hosts.edge-1]
address = \"10.0.1.9\"
runs = [\"edge\"]
";
    let built = built(two_caches);
    let runbook = built.file("prod/README.md");
    let (_, openings) = runbook
        .split_once("## Firewall openings")
        .expect("there are openings");
    let (openings, uses) = openings
        .split_once("## Who uses what")
        .expect("there are uses");
    let openings: Vec<&str> = openings
        .lines()
        .filter(|line| line.contains("/tcp"))
        .collect();
    assert_eq!(
        openings,
        [
            "| app-1 | 11211/tcp | cache | app-3 (10.0.1.3) |",
            "| app-1 | 8080/tcp | web | edge-1 (10.0.1.9) |",
            "| app-2 | 8080/tcp | web | edge-1 (10.0.1.9) |",
            "| app-3 | 8080/tcp | web | edge-1 (10.0.1.9) |",
        ]
    );
    assert!(
        !uses.contains("web on app-1 | cache on app-2"),
        "nobody connects there:\n{uses}"
    );
    let compose = built.file("prod/app-2/compose.yaml");
    assert!(compose.contains("published: \"8080\""), "{compose}");
    assert!(!compose.contains("published: \"11211\""), "{compose}");
}

#[test]
fn a_setting_that_replaces_a_variable_is_said_above_it() {
    let built = placed(
        "[apps.web.settings]\nDB_HOST = \"elsewhere\"\nPORT = \"1\"\nMINE = \"2\"",
        BESIDE,
    );
    for file in ["dev/box/web.env", "dev/box/web.env.example"] {
        let (_, settings) = built
            .file(file)
            .split_once("# settings of the plan\n")
            .expect("there are settings");
        assert_eq!(
            settings,
            "# replaces the value of db\nDB_HOST=elsewhere\nMINE=2\n\
             # replaces the value of the app itself\nPORT=1\n"
        );
    }
}

#[test]
fn names_that_a_service_refuses_are_found() {
    for (kind, setting, fault) in [
        ("mysql", "user = \"root\"", "root"),
        (
            "mysql",
            "database = \"information_schema\"",
            "information_schema",
        ),
        ("postgres", "database = \"template0\"", "template0"),
        ("rabbitmq", "user = \"guest\"", "guest"),
        (
            "mysql",
            "user = \"a-user-with-more-than-thirty-two-characters\"",
            "32",
        ),
    ] {
        let built = built(&format!(
            "name = \"shop\"\n[apps.web]\nuses.db = {{}}\n[services.db]\nkind = \"{kind}\"\n{setting}\n{BESIDE}\n"
        ));
        let messages: Vec<String> = built
            .analysis
            .findings
            .iter()
            .map(|finding| {
                format!(
                    "{} {}",
                    finding.message,
                    finding.help.as_deref().unwrap_or_default()
                )
            })
            .collect();
        assert!(
            messages.iter().any(|message| message.contains(fault)),
            "{kind} refuses {setting}: {messages:?}"
        );
    }
}

#[test]
fn a_page_beside_the_port_for_clients_is_opened_on_its_machine_and_moves_with_it() {
    let published = |port: &str| {
        let built = built(&format!(
            "name = \"shop\"\n[apps.web]\nimage = \"a/b:1\"\nuses.jobs = {{}}\n\
             [services.jobs]\nkind = \"rabbitmq\"\n{port}\n\
             [environments.dev.hosts.box]\nruns = [\"web\", \"jobs\"]\n"
        ));
        let text = built.file("dev/box/compose.yaml").to_owned();
        let at = text.find("    ports:").expect("the page is published");
        let lines: Vec<&str> = text[at..].lines().skip(1).take(3).map(str::trim).collect();
        lines.join(" ")
    };
    let page = |port: u16| format!("- target: 15672 published: \"{port}\" host_ip: \"127.0.0.1\"");
    assert_eq!(published(""), page(15672));
    assert_eq!(published("port = 5673"), page(15673));
    // There is no such port; the page stays where it was.
    assert_eq!(published("port = 60000"), page(15672));
}

#[test]
fn a_proxy_stands_before_apps_and_what_it_is_said_to_be_a_proxy_of() {
    for (kind, file) in [("nginx", "default.conf"), ("traefik", "routes.yaml")] {
        let plan = format!(
            "\
name = \"shop\"
[apps.web]
image = \"a/b:1\"
port = 5000
[services.edge]
kind = \"{kind}\"
uses.web = {{}}
uses.page = {{}}
uses.search = {{ role = \"proxy\" }}
uses.copies = {{ role = \"backup\" }}
[services.page]
kind = \"grafana\"
[services.search]
kind = \"meilisearch\"
[services.copies]
kind = \"seaweedfs\"
[environments.test.hosts.ci]
runs = [\"web\", \"edge\", \"page\", \"search\", \"copies\"]
"
        );
        let built = built(&plan);
        let routes = built.file(&format!("test/ci/config/edge/{file}"));
        for before in ["web:5000", "page:3000", "search:7700"] {
            assert!(routes.contains(before), "{routes}");
        }
        assert!(!routes.contains("copies"), "{routes}");
    }
}
