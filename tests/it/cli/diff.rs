//! `backstay diff`: how environments differ, and what that is worth.

use crate::cli::Test;

const EXAMPLE: &str = include_str!("../../../templates/example.toml");

const PLAN: &str = r#"name = "shop"
[apps.web]
image = "acme/web:1"
port = 80
uses.db = { role = "database" }
uses.cache = { role = "cache" }
settings.PAGE_SIZE = "20"
[services.db]
kind = "postgres"
version = "18"
[services.cache]
kind = "redis"
[environments.dev.hosts.box]
runs = ["web", "db"]
[environments.dev.services.db]
version = "17"
[environments.dev.apps.web.settings]
PAGE_SIZE = "5"
API_TOKEN = "sk-live-0123456789abcdef0123"
[environments.prod.hosts.app-1]
address = "10.0.0.1"
runs = ["web"]
[environments.prod.hosts.app-2]
address = "10.0.0.2"
runs = ["web"]
[environments.prod.hosts.data]
address = "10.0.0.3"
runs = ["db", "cache"]
"#;

#[test]
fn what_matters_most_comes_first_with_the_reason() {
    Test::new()
        .plan(PLAN)
        .args(["diff", "dev", "prod"])
        .stdout(
            "shop: dev → prod, 46 % alike (3 components)
alike: each component counts the same, and loses half of that by a difference that matters much, a fifth by one that matters some, nothing by others

matters much
  something uses it in one environment and goes without it in the other
    cache  presence  -  →  on data
  between lines of versions, features come and go and data is written differently
    db  version  17  →  18

matters some
  what an instance keeps to itself, such as sessions and locks, works with one and fails with several
    web  replicas  1  →  2
  delays, broken connections and firewalls between machines are met in one environment only
    web  locality db  internal  →  external (another machine)
  where it is not set, a default holds that nothing here says
    web  settings API_TOKEN  ********  →  -

matters little: it is meant to differ
  every environment has hosts of its own
    db   placement  box (machine)  →  data (machine)
    web  placement  box (machine)  →  app-1, app-2 (machine)
  other hosts reach it there: firewalls and the network between them decide who else does
    db  openings  -  →  5432 to other hosts
  settings are there to differ; whether this one should is for you to say
    web  settings PAGE_SIZE  5  →  20
  it follows where the service is; the rest is the same
    web  variables DB_HOST
      dev   db
      prod  10.0.0.3
    web  variables DB_URL
      dev   postgresql://app:********@db:5432/shop?sslmode=disable
      prod  postgresql://app:********@10.0.0.3:5432/shop?sslmode=disable
",
        )
        .status(1)
        .run();
}

const IMPORTED: &str = r#"name = "shop"
[apps.web]
image = "acme/web:1"
settings.WEB_URL = "http://localhost"
settings.BIND = "127.0.0.1"
[apps.worker]
image = "acme/web:1"
uses.cache = {}
[apps.mailer]
image = "acme/web:1"
[apps.cron]
image = "acme/web:1"
[services.cache]
kind = "valkey"
container.from-catalog = false
[environments.local.hosts.machine]
runs = ["web", "worker", "mailer", "cron", "cache"]
[environments.prod.hosts.app-1]
address = "10.0.0.1"
runs = ["web", "worker", "mailer", "cron"]
[environments.prod.hosts.data-1]
address = "10.0.0.2"
runs = ["cache"]
"#;

#[test]
fn open_doors_and_settings_that_should_differ_are_told_and_what_moved_together_is_one_line() {
    let folder = Test::new()
        .plan(IMPORTED)
        .args(["diff", "local", "prod"])
        .stdout_has([
            "    cache  openings  -  →  6379 to other hosts, without a password\n",
            "    web  settings WEB_URL  http://localhost  →  http://localhost\n",
            "    cron, mailer and 2 more  placement  machine (machine)  →  app-1 (machine)\n",
        ])
        .status(1)
        .run();
    let plan = folder.read("backstay.toml");
    folder.write(
        "backstay.toml",
        plan.replace(
            "settings.BIND",
            "secret-settings = [\"API_KEY\"]\nsettings.BIND",
        ),
    );
    let folder = folder
        .test()
        .args(["generate", "prod"])
        .stdout_has(["to fill in: WEB_API_KEY"])
        .run();
    let said = folder
        .test()
        .args(["diff", "local", "prod"])
        .status(1)
        .said();
    assert!(
        said.ends_with("\nnot filled in yet in prod: WEB_API_KEY\n") && !said.contains("BIND"),
        "{said}"
    );
}

#[test]
fn copies_may_be_made_in_production_alone_and_what_follows_is_folded() {
    let plan = format!(
        "{PLAN}[services.copies]\nkind = \"wasabi\"\n[environments.prod.services.db]\nuses.copies = {{ role = \"backup\" }}\n[environments.prod.hosts.store]\nkind = \"managed\"\nruns = [\"copies\"]\n"
    )
    .replace("runs = [\"web\", \"db\"]", "runs = [\"web\", \"db\", \"cache\"]")
    .replace("version = \"17\"", "version = \"18\"");
    Test::new()
        .plan(&plan)
        .args(["diff", "dev", "prod"])
        .stdout_has([
            "copies are made, and can be tried to be put back, in one environment only\n    copies  presence  -  →  on store\n",
            "    web  CACHE_HOST, CACHE_URL, DB_HOST, DB_URL\n    (--format markdown shows their values)\n",
        ])
        .run();
}

#[test]
fn what_is_meant_is_accepted_with_a_reason() {
    let accepted = format!(
        "{PLAN}[differences.db]\nversion = \"prod is upgraded in May\"\n[differences.cache]\npresence = \"dev does without\"\n"
    );
    Test::new()
        .plan(&accepted)
        .args(["diff", "dev", "prod"])
        .stdout_has([
            "80 % alike",
            "accepted in the plan\n",
            "prod is upgraded in May\n    db  version  17  →  18",
        ])
        .run();
    let wrong = accepted
        .replace("differences.db", "differences.dbb")
        .replace("presence =", "presense =");
    Test::new()
        .plan(&wrong)
        .args(["check"])
        .stdout_has(["`dbb` is neither an app nor a service", "presense"])
        .status(1)
        .run();
}

#[test]
fn what_containers_are_told_is_compared_without_its_credentials() {
    let plan = format!(
        "{PLAN}[environments.prod.apps.web.container]\ncommand = [\"serve\", \"--password\", \"hunter2hunter2\", \"--verbose\"]\nread-only = true\n[environments.prod.apps.web.container.volumes.data]\npath = \"/data\"\n"
    );
    Test::new()
        .plan(&plan)
        .args(["diff", "dev", "prod"])
        .stdout_has([
            "web  container command    -  →  serve --password ******** --verbose\n",
            "web  container read-only  -  →  true\n",
            "web  container volumes    -  →  data at /data\n",
        ])
        .status(1)
        .run();
}

#[test]
fn words_that_others_make_credentials_are_not_shown() {
    let plan = format!(
        "{PLAN}[environments.prod.apps.web.container]\ncommand = [\"mysqldump\", \"-u\", \"root\", \"-p\", \"hunter2x\", \"shop\"]\nentrypoint = [\"mysqldump\", \"-phunter3x\"]\nhealthcheck.test = [\"CMD\", \"redis-cli\", \"-a\", \"hunter4x\", \"ping\"]\n"
    );
    for format in ["text", "json"] {
        let said = Test::new()
            .plan(&plan)
            .args(["diff", "dev", "prod", "--format", format])
            .stdout_has([
                "mysqldump -u root -p ******** shop",
                "mysqldump ********",
                "CMD redis-cli -a ******** ping",
            ])
            .status(1)
            .said();
        assert!(!said.contains("hunter"), "{said}");
    }
}

#[test]
fn what_differs_behind_masks_differs() {
    let command =
        |password: &str| format!("command = [\"serve\", \"--password\", \"{password}\"]\n");
    let label = |token: &str| format!("labels.API_TOKEN = \"{token}\"\n");
    let of = |environment: &str, keys: [String; 2]| {
        format!(
            "[environments.{environment}.apps.web.container]\n{}",
            keys.concat()
        )
    };
    let one = of("dev", [command("hunter2hunter2"), label("aaaa1111")]);
    let other = of("prod", [command("hunter3hunter3"), label("bbbb2222")]);
    let said = Test::new()
        .plan(&format!("{PLAN}{one}{other}"))
        .args(["diff", "dev", "prod"])
        .stdout_has([
            "web  container command\n",
            "prod  serve --password ******** (not the same behind the mask)\n",
            "prod  API_TOKEN=******** (not the same behind the mask)\n",
        ])
        .status(1)
        .said();
    assert!(!said.contains("hunter") && !said.contains("1111"), "{said}");
    let same = of("prod", [command("hunter2hunter2"), label("aaaa1111")]);
    let said = Test::new()
        .plan(&format!("{PLAN}{one}{same}"))
        .args(["diff", "dev", "prod"])
        .status(1)
        .said();
    assert!(!said.contains("container"), "{said}");
}

#[test]
fn the_level_that_fails_is_chosen() {
    for (level, status) in [("much", 1), ("some", 1), ("little", 1), ("never", 0)] {
        Test::new()
            .plan(PLAN)
            .args(["diff", "dev", "prod", "--fail-on", level])
            .stdout_has(["46 % alike"])
            .status(status)
            .run();
    }
    Test::new()
        .plan(PLAN)
        .args(["diff", "prod", "prod", "--fail-on", "little"])
        .stdout("shop: prod → prod, 100 % alike (3 components)\nnothing differs\n")
        .run();
}

#[test]
fn one_environment_is_compared_between_two_versions_of_the_plan() {
    Test::new()
        .plan(PLAN)
        .file(
            "old.toml",
            PLAN.replace("version = \"18\"", "version = \"16\""),
        )
        .args(["diff", "prod", "--against", "old.toml"])
        .stdout_has(["shop: prod in old.toml → prod", "db  version  16  →  18"])
        .status(1)
        .run();
    Test::new()
        .plan(PLAN)
        .args(["diff", "prod"])
        .stderr("error: nothing to compare with\n  help: name two environments, or one and --against FILE\n")
        .status(2)
        .run();
    Test::new()
        .plan(PLAN)
        .args(["diff", "prod", "porduction"])
        .stderr_has(["there is no environment `porduction`"])
        .status(2)
        .run();
}

#[test]
fn scripts_and_pages_get_the_same() {
    Test::new()
        .plan(PLAN)
        .args(["diff", "dev", "prod", "--format", "json"])
        .stdout_has([
            "\"score\": 46",
            "\"aspect\": \"version\"",
            "\"weight\": \"much\"",
            "\"left\": \"17\"",
        ])
        .status(1)
        .run();
    Test::new()
        .plan(EXAMPLE)
        .args(["diff", "local", "prod", "--format", "markdown"])
        .stdout_has([
            "# coding-events: local and prod\n",
            "| component | what | local | prod | why |",
            "| uploads | engine | `SeaweedFS` | `Wasabi` |",
        ])
        .run();
}
