//! `backstay suggest` and `backstay grow`.

use crate::cli::Test;

const PLAN: &str = "# Ours.\nname = \"shop\"\n\n[apps.web] # the app\nneeds = [\"database\", \"queue\"]\nuses.db = {}\n\n[services.db]\nkind = \"postgres\"\n";

#[test]
fn needs_are_answered_without_a_plan() {
    Test::new()
        .args(["suggest", "files:5GiB", "queue:redelivery"])
        .stdout_has([
            "files: NGINX\n",
            "queue: RabbitMQ\n",
            "expected    5 GiB stored",
            "reviewed",
        ])
        .run();
    Test::new()
        .args(["suggest", "cache", "--stack", "aws", "--format", "json"])
        .stdout_has(["\"kind\": \"valkey\"", "\"source\": \"new\""])
        .run();
    Test::new()
        .args(["suggest", "queue:redelivery+dead-letters+many-readers"])
        .stdout_has([
            "queue: RabbitMQ\n",
            "but         as queue it has no `many-readers` of its own",
            "NATS: as queue it has no `dead-letters` or `many-readers` of its own",
        ])
        .stderr_has(["note: nothing in the role `queue` has `many-readers`"])
        .run();
    // What nothing does is told the same with a plan and without one.
    for test in [Test::new(), Test::new().plan(PLAN)] {
        test.args(["suggest", "queue:many-readers"])
            .stdout_has(["but         as queue it has no `many-readers` of its own"])
            .stderr_has(["`many-readers` can be required of `stream`"])
            .run();
    }
    // A database that is there already carries no more than others do.
    Test::new()
        .plan(PLAN)
        .args(["suggest", "queue:2000000/s"])
        .stdout_has(["but         2000000 writes a second are more than the"])
        .stderr_has([""])
        .run();
    Test::new()
        .args([
            "suggest",
            "queue:2000000/s",
            "stream:99999999/s",
            "files:5gb",
        ])
        .stdout_has([
            "but         2000000 writes a second are more than the",
            "but         99999999 writes a second are more than the",
            "but         it only serves: the app writes the files itself",
        ])
        .run();
    Test::new()
        .args(["suggest"])
        .stderr_has(["there is no `backstay.toml`", "backstay suggest database"])
        .status(2)
        .run();
    Test::new()
        .args(["suggest", "cahce"])
        .stderr("error: `cahce` is not a role\n  help: did you mean `cache`?\n")
        .status(2)
        .run();
    Test::new()
        .args(["suggest", "cache", "--stack", "asw"])
        .stderr("error: there is no set of defaults `asw`\n  help: did you mean `aws`?\n")
        .status(2)
        .run();
}

#[test]
fn the_open_needs_of_a_plan_are_answered_and_written_into_it() {
    let folder = Test::new()
        .plan(PLAN)
        .args(["suggest"])
        .stdout_has([
            "queue: `db` (PostgreSQL) can, for `web`",
            "without it, Redis",
        ])
        .stderr_has(["--apply"])
        .run();
    let folder = folder
        .test()
        .args(["suggest", "--apply", "--dry-run"])
        .stdout_has(["queue"])
        .stderr_has(["+uses.db = { also = [\"queue\"]", "nothing was written"])
        .run();
    assert_eq!(folder.read("backstay.toml"), PLAN);
    let folder = folder
        .test()
        .args([
            "suggest",
            "queue:redelivery",
            "--stack",
            "self-hosted",
            "--apply",
        ])
        .stdout_has(["RabbitMQ, as `queue`"])
        .stderr_has(["+[services.queue]", "+[needs.queue]"])
        .run();
    let text = folder.read("backstay.toml");
    assert!(
        text.starts_with("# Ours.\n") && text.contains("# the app"),
        "{text}"
    );
    folder
        .test()
        .args(["suggest"])
        .stdout("every need is answered; `--all` says what would be chosen for each\n")
        .run()
        .test()
        .args(["suggest", "--all"])
        .stdout_has([
            "database: `db` (PostgreSQL) does it",
            "queue: `queue` (RabbitMQ) does it",
        ])
        .run();
}

#[test]
fn a_queue_that_must_redeliver_moves_for_every_app_at_once() {
    let plan = r#"name = "shop"
[apps.web]
image = "acme/web:1.0.0"
uses.cache = { role = "cache", also = ["queue"] }
[apps.worker]
image = "acme/worker:1.0.0"
uses.cache = { role = "cache", also = ["queue", "session"] }
[services.cache]
kind = "redis"
[needs.queue]
requires = ["redelivery"]
[environments.local.hosts.laptop]
runs = ["web", "worker", "cache"]
"#;
    let folder = Test::new()
        .plan(plan)
        .args(["check", "--fix", "--fail-on", "warn"])
        .stdout_has(["no findings"])
        .stderr_has(["let `worker` use `queue` as queue"])
        .run();
    let text = folder.read("backstay.toml");
    for said in [
        "cache = { role = \"cache\" }\nuses.queue = { role = \"queue\" }",
        "cache = { role = \"cache\", also = [\"session\"] }",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[test]
fn a_stack_of_ones_own_answers_too() {
    let stack = "title = \"Ours\"\nreviewed = \"2026-11-01\"\n[answers.cache]\nkind = \"memcached\"\nreason = \"we run it\"\n";
    let plan = "name = \"shop\"\nstack = \"ours\"\n[apps.web]\nneeds = [\"cache\"]\n";
    Test::new()
        .plan(plan)
        .file(".backstay/stacks/ours.toml", stack)
        .args(["suggest"])
        .stdout_has([
            "cache: Memcached, as `cache`",
            "we run it",
            "Answers of `ours`",
        ])
        .stderr_has(["--apply"])
        .run()
        .test()
        .args(["check"])
        .stdout_has(["the answer of the stack `ours` is Memcached: we run it"])
        .run();
    Test::new()
        .plan(&plan.replace("ours", "orus"))
        .args(["check"])
        .stdout_has(["deny[unknown-name]: `orus` is not a set of defaults"])
        .status(1)
        .run();
}

#[test]
fn who_runs_it_for_others_is_said_in_lines_that_fit() {
    let (_, said, _) = Test::new()
        .args(["suggest", "cache"])
        .stdout_has(["managed"])
        .output();
    let offers = said.lines().skip_while(|line| !line.contains("managed"));
    let offers: Vec<&str> = offers.take_while(|line| !line.contains("runs ")).collect();
    assert!(offers.len() > 1, "{said}");
    assert!(offers.iter().all(|line| line.len() <= 100), "{said}");
}

#[test]
fn sizes_that_are_much_are_said_and_make_room() {
    Test::new()
        .args(["suggest", "cache:500GiB", "database:50TiB"])
        .stdout_has([
            "it keeps everything in memory, of which 500 GiB take about 1000 GiB",
            "it holds about 10 TiB with ease and 64 TiB at most, and 50 TiB lie between",
        ])
        .run();
    let plan = "name = \"shop\"\n[apps.web]\nneeds = [\"cache\"]\nuses.cache = { role = \"cache\" }\n[services.cache]\nkind = \"redis\"\n";
    let folder = Test::new()
        .plan(plan)
        .args(["suggest", "cache:5GB", "--apply"])
        .stdout_has([
            "`cache` (Redis) does it",
            "it keeps everything in memory, of which 5 GB take about 9.5 GiB",
        ])
        .stderr_has(["+memory = \"9.5 GiB\"", "+stored = \"5 GB\""])
        .run();
    // What somebody chose stays.
    let text = folder.read("backstay.toml").replace("9.5 GiB", "1 GiB");
    folder.write("backstay.toml", &text);
    let (_, _, said) = folder
        .test()
        .args(["suggest", "cache:6GB", "--apply", "--dry-run"])
        .stderr_has(["+stored = \"6 GB\""])
        .stdout_has(["cache"])
        .output();
    assert!(!said.contains("+memory"), "{said}");
}

const GROWING: &str = r#"name = "shop"

[apps.web]
image = "ghcr.io/acme/shop:1.0.0"
port = 8080
dialect = "node"
uses.db = { role = "database" }
uses.fast = { role = "cache", also = ["queue", "stream"] }

[services.db]
kind = "postgres"
version = "17"

[services.fast]
kind = "redis"

[environments.prod.hosts.app-1]
address = "10.0.1.11"
runs = ["web"]

[environments.prod.hosts.data-1] # the store
address = "10.0.1.21"
runs = ["db", "fast"]
"#;

#[test]
fn what_services_grow_into_is_said_with_what_changes() {
    let folder = Test::new().plan(GROWING).args(["grow", "db"]).stdout_has([
        "CockroachDB, for all that it does (database): one server no longer suffices",
        "5432 (postgres) → 26257",
        "    strings     url: postgresql://app:PASSWORD@host.example:5432/app",
        "prod/app-1/web DATABASE_URL: postgresql://",
        "citus (not in the catalog, so nothing more is known here)",
    ]);
    let (folder, said, _) = folder.output();
    // The app is one of Node's.
    assert!(!said.contains("jdbc:") && !said.contains("Host="), "{said}");
    let folder = folder
        .test()
        .args(["grow", "fast", "--format", "markdown"])
        .stdout_has([
            "into Valkey",
            "into RabbitMQ, for queue alone",
            "into Apache Kafka, for stream alone",
            "redis → amqp: clients change",
            "redis-cluster (not in the catalog",
        ])
        .run();
    let folder = folder
        .test()
        .args(["grow", "fast", "--to", "kafka", "--format", "json"])
        .stdout_has(["\"to\": \"kafka\"", "\"whole\": false"])
        .run();
    let folder = folder
        .test()
        .args(["grow", "fast", "--to", "valkey"])
        .stdout_has(["new: VALKEYCLI_AUTH"]);
    let (folder, said, _) = folder.output();
    for unchanged in [
        "6379",
        "cache: made for it",
        "{{",
        "{%",
        "strings",
        "findings",
    ] {
        assert!(!said.contains(unchanged), "{unchanged}: {said}");
    }
    let folder = folder
        .test()
        .args(["grow", "fast", "--to", "rabbitmq"])
        .stdout_has([
            "url: redis://default:PASSWORD@host.example:6379/0 → amqp://app:PASSWORD@host.example:5672/",
        ]);
    let (folder, said, _) = folder.output();
    assert!(
        !said.contains("gone: plaintext") && !said.contains("{{"),
        "{said}"
    );
    let folder = folder
        .test()
        .args(["grow", "db", "--to", "nixdb"])
        .stderr("error: `db` does not grow into `nixdb`, as it is used\n  help: it grows into citus, cockroachdb, yugabytedb\n")
        .status(2)
        .run();
    let folder = folder
        .test()
        .args(["grow", "db", "--to", "rabbitmq"])
        .stderr_has(["`db` does not grow into `rabbitmq`"])
        .status(2)
        .run();
    folder
        .test()
        .args(["grow", "dbb"])
        .stderr("error: there is no service `dbb`\n  help: did you mean `db`?\n")
        .status(2)
        .run();
}

#[test]
fn files_that_outgrow_their_server_leave_it_as_a_whole() {
    let plan = r#"name = "shop"
[apps.web]
image = "acme/web:1"
port = 80
uses.files = { role = "files" }
[apps.web.container.volumes.files]
path = "/srv/files"
shared = "files-html"
[apps.jobs]
image = "acme/jobs:1"
uses.files = { role = "files" }
[services.files]
kind = "nginx"
[environments.local.hosts.laptop]
runs = ["web", "jobs", "files"]
[environments.prod.hosts.app-1]
runs = ["web", "jobs", "files"]
[environments.prod.services.files]
expose = "world"
port = 80
"#;
    let test = Test::new()
        .plan(plan)
        .args(["suggest", "files:200GiB", "--stack", "aws"]);
    let test =
        test.stdout_has(["files: `files` (NGINX) is there, and does it with difficulty, for"]);
    let (folder, said, _) = test.output();
    assert!(!said.contains("Load Balancer"), "{said}");
    let test = folder.test().args(["grow", "files", "--to", "wasabi"]);
    let test = test.stdout_has([
        "url: http://host.example:8080 → https://host.example\n",
        "    variables   prod/app-1/jobs, prod/app-1/web FILES_ACCESS_KEY: nothing → ********\n",
    ]);
    let (_, said, _) = test.output();
    for gone in ["new: no-backup", "new: published-to-the-world"] {
        assert!(!said.contains(gone), "{said}");
    }
}

#[test]
fn an_environment_for_a_move_runs_both() {
    let folder = Test::new()
        .plan(GROWING)
        .args(["grow", "fast", "--overlay", "prod"])
        .stderr_has([
            "an environment is for one move",
            "backstay grow fast --to kafka",
        ])
        .status(2)
        .run();
    let folder = folder
        .test()
        .args(["grow", "db", "--overlay", "prod"])
        .stderr_has([
            "+[environments.prod-to-cockroachdb.hosts.data-1]\n+borrow = \"prod\"",
            "apps reach both `db` and `db-next`",
        ])
        .run();
    let text = folder.read("backstay.toml");
    assert!(
        text.contains("# the store") && !text.contains("cockroachdb.hosts]"),
        "{text}"
    );
    let folder = folder.test().args(["check"]).stdout_has(["findings"]);
    let (folder, said, _) = folder.output();
    assert!(!said.contains("port-clash"), "{said}");
    let folder = folder
        .test()
        .args(["grow", "db", "--overlay", "prod"])
        .stderr("error: the environment `prod-to-cockroachdb` is there already\n  help: take prod-to-cockroachdb away first if it is to be made anew\n")
        .status(2)
        .run();
    assert_eq!(folder.read("backstay.toml"), text);
    folder
        .test()
        .args(["explain", "prod-to-cockroachdb/web"])
        .stdout_has(["DATABASE_URL", "DB_NEXT_", "10.0.1.21"])
        .run();
}
