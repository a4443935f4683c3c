//! `backstay new`.

use crate::cli::Test;

#[test]
fn a_plan_is_begun_with_arguments_and_never_over_another() {
    let args = [
        "new",
        "--name",
        "shop",
        "--app",
        "web:8080",
        "--needs",
        "database,cache",
        "--environments",
        "local,prod",
        "--adr",
        "adr.md",
    ];
    let folder = Test::new()
        .args(args)
        .stderr_has([
            "created backstay.toml",
            "created adr.md",
            "database: PostgreSQL",
        ])
        .run();
    let record = folder.read("adr.md");
    assert!(
        record.contains("- Date: 2026-11-22") && record.contains("## Growth"),
        "{record}"
    );
    let folder = folder
        .test()
        .args(["check", "--fail-on", "warn"])
        .stdout_has(["only keeps the place"])
        .run();
    let before = folder.read("backstay.toml");
    let folder = folder
        .test()
        .args(args)
        .stderr("error: `backstay.toml` is there already\n  help: name another file: nothing is overwritten\n")
        .status(2)
        .run();
    assert_eq!(folder.read("backstay.toml"), before);
    Test::new()
        .args(["new", "--name", "shop", "--needs", "cache", "-o", "-"])
        .stdout_has(["[services.cache]\nkind = \"redis\""])
        .stderr_has(["cache: Redis"])
        .run();
}

#[test]
fn a_need_may_be_of_some_apps_alone() {
    let apps = [
        "new", "--name", "shop", "--app", "web:80", "--app", "worker", "-o", "-",
    ];
    let with = |needs: &str| Test::new().args(apps.into_iter().chain(["--needs", needs]));
    let (_, plan, _) = with("database,queue@worker,cache@web")
        .stdout_has(["cache = { role = \"queue\" }"])
        .stderr_has(["queue: Redis, as `cache`, for `worker`"])
        .output();
    let of = |app: &str| {
        let (_, plan) = plan
            .split_once(&format!("[apps.{app}]\n"))
            .expect("the app");
        plan.split("\n\n").next().unwrap_or_default().to_owned()
    };
    assert!(
        of("web").contains("needs = [\"database\", \"cache\"]"),
        "{plan}"
    );
    assert!(
        of("worker").contains("needs = [\"database\", \"queue\"]"),
        "{plan}"
    );
    with("queue@wroker")
        .stderr("error: there is no app `wroker` that could need `queue`\n  help: did you mean `worker`?\n")
        .status(2)
        .run();
    Test::new()
        .args(["suggest", "queue@worker"])
        .stderr_has(["the plan says which app needs what"])
        .status(2)
        .run();
}

#[test]
fn a_plan_is_begun_with_questions_and_nothing_without_answers() {
    let folder = Test::new()
        .args(["new", "--ask"])
        .stdin("radar\nweb:80, worker\ndatabase,files\n\n2TiB\nlocal,prod\ngcp\n")
        .stderr_has([
            "name of the application",
            "how much is stored",
            "created backstay.toml",
        ])
        .run();
    let text = folder.read("backstay.toml");
    assert!(
        text.contains("stack = \"gcp\"") && text.contains("stored = \"2 TiB\""),
        "{text}"
    );
    let folder = Test::new()
        .args(["new"])
        .stderr_has(["nobody is there to be asked"])
        .status(2)
        .run();
    assert_eq!(folder.paths(""), [""; 0]);
    let folder = Test::new()
        .args(["new", "--ask"])
        .stdin("radar\n")
        .stderr_has(["the answers end before the questions do; nothing was written"])
        .status(2)
        .run();
    assert_eq!(folder.paths(""), [""; 0]);
}

#[test]
fn the_port_of_the_web_is_the_proxy_s_whatever_comes_first() {
    for needs in ["files:5GiB,proxy@web", "proxy@web,files:5GiB"] {
        let args = ["new", "--name", "shop", "--app", "web=acme/web:1.0.0:8000"];
        let args = args.into_iter().chain(["--app", "api=acme/api:1.0.0:9000"]);
        let args = args.chain(["--environments", "prod", "--needs", needs, "-o", "-"]);
        let (_, plan, _) = Test::new()
            .args(args)
            .stdout_has([
                "[environments.prod.services.proxy]\nexpose = \"world\"\nport = 80\n",
                "[environments.prod.services.files]\nexpose = \"world\"\n\n",
                // One of the two apps alone is behind it.
                "A single\n# app behind it is at `/`; of several each is at `/NAME/`",
            ])
            .stderr_has(["proxy: NGINX"])
            .output();
        assert_eq!(plan.matches("port = 80\n").count(), 1, "{plan}");
    }
}

#[test]
fn files_that_an_app_writes_itself_are_beside_it_and_within_its_reach() {
    let folder = Test::new()
        .args([
            "new",
            "--name",
            "shop",
            "--app",
            "web=acme/web:1.0.0:8080",
            "--needs",
            "files:5GiB",
            "--environments",
            "local,prod",
        ])
        .stderr_has(["files: NGINX"])
        .run();
    let text = folder.read("backstay.toml");
    for said in [
        "[apps.web.container.volumes.files]\npath = \"/srv/files\"\nshared = \"files-html\"\n",
        "runs = [\"web\", \"files\"]\n\n[environments.prod.hosts.wasabi]",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let check = folder.test().args(["check", "--fail-on", "warn"]);
    let folder = check
        .stdout_has(["nothing is open to users: `web`", "findings: 2 to note"])
        .run();
    // Copies go to a store, which is nobody's to be reached through the server of the files.
    let (folder, ..) = folder
        .test()
        .args(["generate"])
        .stdout_has(["config/files/default.conf"])
        .output();
    let text = folder.read("deploy/prod/app-1/config/files/default.conf");
    assert!(
        text.contains("root /var/tmp;") && !text.contains("proxy_pass"),
        "{text}"
    );
    // What differs is meant to.
    let folder = folder
        .test()
        .args(["diff", "local", "prod"])
        .stdout_has(["matters some\n  copies are made"])
        .run();
    // Nothing of the environment for a move reaches users, and what is empty in it is said.
    folder
        .test()
        .args(["grow", "files", "--overlay", "prod", "--dry-run"])
        .stderr_has([
            "+# For the move of `files` to Wasabi, from prod",
            "`files` is here a second time",
            "+expose = \"machine\"",
            "cannot be borrowed: in prod-to-wasabi, `files` runs with volumes that are empty at first\n",
        ])
        .run();
}

#[test]
fn an_app_without_a_port_is_told_that_nobody_can_connect_to_it() {
    let args = ["new", "--name", "shop", "-o", "-", "--app", "job"];
    Test::new()
        .args(args.into_iter().chain(["--app", "web=acme/web:1"]))
        .stderr_has(["  `web` is published nowhere: if something connects to it, say its port, as in `web=acme/web:1:8080`\n"])
        .stdout_has(["[apps.web]"])
        .run();
}

#[test]
fn a_record_without_needs_says_that_nothing_was_decided() {
    let folder = Test::new()
        .args(["new", "--name", "shop", "--app", "web", "--adr", "adr.md"])
        .stderr_has(["created adr.md"])
        .run();
    let record = folder.read("adr.md");
    assert!(
        record.contains("## Decisions\n\nNone yet: no app says what it needs.\n"),
        "{record}"
    );
}

#[test]
fn a_plan_and_its_record_are_both_made_or_neither() {
    for record in ["nowhere/adr.md", "backstay.toml"] {
        let folder = Test::new()
            .args(["new", "--name", "shop", "--needs", "cache", "--adr", record])
            .stderr_has(["error: cannot make"])
            .status(2)
            .run();
        assert_eq!(folder.paths(""), [""; 0], "{record}");
    }
}

#[test]
fn apps_and_environments_are_named_once_each() {
    Test::new()
        .args(["new", "--app", "web,api"])
        .stderr(
            "error: `web,api` names several apps at once\n  help: say `--app` once for each: `--app web --app api`\n",
        )
        .status(2)
        .run();
    Test::new()
        .args(["new", "--app", "web", "--environments", "local,local"])
        .stderr_has(["error: `local` is named twice"])
        .status(2)
        .run();
}

#[test]
fn several_apps_are_told_their_ports_and_their_proxy() {
    let folder = Test::new()
        .args([
            "new",
            "--name",
            "shop",
            "--needs",
            "proxy",
            "--app",
            "web=acme/web:1:8080",
            "--app",
            "api=acme/api:1:8080",
        ])
        .stderr_has(["  on its machine: api on port 8081, web on port 8080\n"])
        .run();
    let plan = folder.read("backstay.toml");
    for said in [
        "# Its port on the machine: its own is taken there by another.\npublished = 8081\n",
        "is at `/NAME/`, and `/` answers 404 until `default.conf`",
    ] {
        assert!(plan.contains(said), "{plan}");
    }
}

#[test]
fn ports_on_the_machine_are_free_and_there_are_no_more_than_there_are() {
    let new = |apps: &str, more: &str| {
        let args = format!("new --name shop --environments local {apps} {more}");
        let args = args.split_whitespace().map(str::to_owned);
        Test::new().args(args.collect::<Vec<_>>())
    };
    let (folder, _) = new("--app a=x/a:1:65535 --app b=x/b:1:65535", "").code();
    assert!(!folder.read("backstay.toml").contains("published = 0"));
    let apps = "--app a=x/a:1:80 --app b=x/b:1:4080";
    new(apps, "--needs proxy,metrics --team prometheus,nginx")
        .stderr_has(["created"])
        .run()
        .read_with("backstay.toml", ["published = 4081"]);
    new("--app a=x:1", "--needs queue:redelivery+redelivery")
        .stderr_has(["`redelivery` says again what was said before it"])
        .status(2)
        .run();
}
