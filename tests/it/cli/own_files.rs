//! Kinds, dialects and templates of the user's own, beside the plan and in the home folder.

use crate::cli::generate::{PLAN, generated};
use crate::cli::{Folder, Test};
use crate::support::variables;

const MAILER: &str = "\
title = \"Mailer\"
category = \"mail catcher\"
summary = \"Catches mail.\"
aliases = [\"mail-thing\"]
protocol = \"smtp\"
hosting = \"self-hosted\"
keeps-data = false
roles = [{ role = \"mail\", fit = \"good\", reason = \"made for it\" }]
ports = [{ name = \"smtp\", number = 1025 }]
pros = []
cons = []

[image]
name = \"example.com/mailer\"
tag = \"v{{ version }}\"
version = \"2\"

[secrets]
token = { length = 24 }

[forms]
url.encoding = \"uri\"
url.text = \"smtp://{{ token }}@{{ host }}:{{ port }}\"

[container]
read-only = true

[container.environment]
MAILER_TOKEN = '{{ secret(\"token\") }}'

[container.healthcheck]
test = [\"CMD\", \"true\"]
interval = \"5s\"
timeout = \"3s\"
retries = 10
start-period = \"2s\"

[container.memory]
minimum = \"16 MiB\"
limit = \"64 MiB\"

[supply]
licence = \"MIT\"

[facts]
reviewed = \"2026-11-21\"
sources = []
";

const MAIL_PLAN: &str = "\
name = \"shop\"

[apps.web]
image = \"ghcr.io/acme/shop:1.0.0\"
dialect = \"node\"
uses.post = { role = \"mail\" }

[services.post]
kind = \"mail-thing\"

[environments.dev.hosts.box]
runs = [\"web\", \"post\"]
";

#[test]
fn a_kind_of_ones_own_works_like_any_other() {
    for place in [
        ".backstay/services/mailer.toml",
        "home/.config/backstay/services/mailer.toml",
    ] {
        let test = Test::new().plan(MAIL_PLAN).file(place, MAILER);
        let folder = test.args(["check"]).stdout("no findings\n").run();
        let folder = folder
            .test()
            .args(["generate"])
            .stdout_has(["created"])
            .run();
        let compose = folder.read("deploy/dev/box/compose.yaml");
        assert!(
            compose.contains("image: \"example.com/mailer:v2\""),
            "{compose}"
        );
        let token = variables(&folder.read("deploy/dev/box/.env")).remove("POST_TOKEN");
        let url = variables(&folder.read("deploy/dev/box/web.env")).remove("SMTP_URL");
        let token = token.expect("the token is drawn");
        assert_eq!(url, Some(format!("smtp://{token}@post:1025")));
        let listed = folder.test().args(["catalog"]).stdout_has(["mailer"]).run();
        listed
            .test()
            .args(["explain", "mailer"])
            .stdout_has(["mailer (Mailer)"])
            .run();
    }
}

#[test]
fn the_file_beside_the_plan_wins_over_the_one_in_the_home_folder() {
    let other = MAILER.replace("example.com/mailer", "example.com/other");
    let test = Test::new()
        .plan(MAIL_PLAN)
        .file("home/.config/backstay/services/mailer.toml", other)
        .file(".backstay/services/mailer.toml", MAILER);
    let folder = test.args(["generate"]).stdout_has(["created"]).run();
    assert!(
        folder
            .read("deploy/dev/box/compose.yaml")
            .contains("example.com/mailer:v2")
    );
}

#[test]
fn a_kind_of_ones_own_takes_an_embedded_ones_place() {
    let mine = MAILER.replace("category = ", "# mine\ncategory = ");
    let plan = MAIL_PLAN.replace("mail-thing", "memcached");
    let test = Test::new()
        .plan(&plan)
        .file(".backstay/services/memcached.toml", mine);
    let folder = test.args(["generate"]).stdout_has(["created"]).run();
    assert!(
        folder
            .read("deploy/dev/box/compose.yaml")
            .contains("example.com/mailer:v2")
    );
}

#[test]
fn a_broken_kind_is_said_with_its_file_and_line() {
    for (from, to, said) in [
        ("number = 1025", "nummer = 1025", "nummer"),
        ("fit = \"good\"", "fit = \"best\"", "best"),
        ("role = \"mail\"", "role = \"post\"", "`post` is not a role"),
        ("2026-11-21", "yesterday", "date"),
        ("title = \"Mailer\"", "title = ", "expected"),
        (
            "ports = [{ name = \"smtp\", number = 1025 }]",
            "ports = []",
            "`ports` is empty",
        ),
    ] {
        let test = Test::new()
            .plan(MAIL_PLAN)
            .file(".backstay/services/mailer.toml", MAILER.replace(from, to));
        let folder = test
            .args(["check"])
            .stderr_has([
                "error: the catalog file `.backstay/services/mailer.toml` cannot be used:\n  ",
                said,
            ])
            .status(2)
            .run();
        folder
            .test()
            .args(["generate"])
            .stderr_has(["mailer.toml"])
            .status(2)
            .run();
    }
}

#[test]
fn a_broken_template_inside_a_kind_is_said() {
    for (from, to) in [
        ("v{{ version }}", "{{ nowhere }}"),
        ("{{ secret(", "{{ secrett("),
        ("smtp://{{ token }}", "smtp://{{ token"),
    ] {
        let test = Test::new()
            .plan(MAIL_PLAN)
            .file(".backstay/services/mailer.toml", MAILER.replace(from, to));
        let folder = test
            .args(["generate"])
            .stderr_has(["error: "])
            .status(2)
            .run();
        assert!(!folder.has("deploy/dev"), "{to}");
    }
}

#[test]
fn a_kind_that_is_not_text_is_said() {
    let test = Test::new()
        .plan(MAIL_PLAN)
        .file(".backstay/services/mailer.toml", b"\xff\xfe");
    test.args(["check"])
        .stderr_has(["error: ", "mailer.toml"])
        .status(2)
        .run();
}

/// A cloud-only kind without a stand-in, on a machine although it cannot run there.
#[test]
fn what_cannot_run_on_a_machine_is_not_waited_for() {
    let cloud = MAILER.replace("self-hosted", "cloud-only").replace(
        "[supply]",
        "[endpoint]\naddress = \"smtp.example.com\"\nport = 465\ntls = true\n\n[supply]",
    );
    let (start, rest) = cloud.split_once("[image]").expect("it has an image");
    let (_, rest) = rest.split_once("[secrets]").expect("it has secrets");
    let (middle, rest) = rest.split_once("[container]").expect("it has a container");
    let (_, end) = rest.split_once("[endpoint]").expect("it has an endpoint");
    let cloud = format!("{start}[secrets]{middle}[endpoint]{end}");
    let plan = format!(
        "{MAIL_PLAN}\n[rules]\ncloud-only-on-machine = {{ level = \"note\", reason = \"a test\" }}\n"
    );
    let test = Test::new()
        .plan(&plan)
        .file(".backstay/services/mailer.toml", cloud);
    let folder = test.args(["generate"]).stdout_has(["created"]).run();
    let compose = folder.read("deploy/dev/box/compose.yaml");
    assert!(!compose.contains("depends_on"), "{compose}");
}

const DIALECT: &str = "\
title = \"Ours\"
summary = \"As we spell it.\"

[app]
OUR_PORT = \"{{ port }}\"
OUR_PLACE = \"{{ environment }}\"

[protocols.postgres]
named.\"{{ prefix }}_AT\" = \"{{ host }}:{{ port }}/{{ database }}\"

[protocols.default]
named.\"{{ prefix }}_URL\" = \"{{ url }}\"
";

#[test]
fn a_dialect_of_ones_own_spells_the_settings() {
    let plan = PLAN.replace("dialect = \"node\"", "dialect = \"ours\"");
    let test = Test::new()
        .plan(&plan)
        .file(".backstay/dialects/ours.toml", DIALECT);
    let folder = test.args(["generate"]).stdout_has(["created"]).run();
    let settings = variables(&folder.read("deploy/prod/app-1/web.env"));
    let names: Vec<&str> = settings.keys().map(String::as_str).collect();
    assert_eq!(names, ["CACHE_URL", "DB_AT", "OUR_PLACE", "OUR_PORT"]);
    assert_eq!(settings["DB_AT"], "10.0.1.21:5432/shop");
    assert_eq!(
        (
            settings["OUR_PORT"].as_str(),
            settings["OUR_PLACE"].as_str()
        ),
        ("8080", "prod")
    );
}

#[test]
fn a_dialect_that_there_is_not_is_a_finding() {
    let plan = PLAN.replace("dialect = \"node\"", "dialect = \"ours\"");
    Test::new()
        .plan(&plan)
        .args(["check"])
        .stdout_has(["`ours` is not a dialect"])
        .status(1)
        .run();
}

const RUNBOOK: &str =
    "# Ours: {{ plan }}\n{% for host in hosts %}\n- {{ host.name }}\n{% endfor %}\n";

#[test]
fn a_template_of_ones_own_takes_the_embedded_ones_place() {
    let test = Test::new()
        .plan(PLAN)
        .file(".backstay/templates/runbook.md.j2", RUNBOOK);
    let test = test.file(
        ".backstay/templates/app.env.header",
        "# For our eyes only.\n",
    );
    let folder = test
        .args(["generate", "prod"])
        .stdout_has(["created"])
        .run();
    assert_eq!(
        folder.read("deploy/prod/README.md"),
        "# Ours: shop\n- app-1\n- data-1\n"
    );
    assert!(
        folder
            .read("deploy/prod/app-1/web.env")
            .starts_with("# For our eyes only.\n")
    );
}

/// A changed template changes files like a changed plan does.
#[test]
fn files_follow_a_template() {
    let folder = generated(PLAN);
    folder.write(".backstay/templates/runbook.md.j2", RUNBOOK);
    let test = folder.test().args(["generate"]);
    test.stdout("updated deploy/dev/README.md\nupdated deploy/prod/README.md\n")
        .run();
}

#[track_caller]
fn broken(name: &str, text: &str) -> (Folder, String) {
    let test = Test::new()
        .plan(PLAN)
        .file(&format!(".backstay/templates/{name}"), text);
    let test = test.args(["generate"]).stderr_has(["error: "]).status(2);
    let (folder, _, stderr) = test.output();
    (folder, stderr)
}

#[test]
fn a_broken_template_is_said_with_its_line_and_nothing_is_written() {
    for (text, line) in [
        ("# a\n{% for x in %}\n", "in line 2"),
        ("# a\n\n{{ nowhere }}\n", "in line 3"),
        ("{{ plan | nofilter }}", "in line 1"),
        ("{% include \"/etc/passwd\" %}", "in line 1"),
    ] {
        let (folder, stderr) = broken("runbook.md.j2", text);
        assert!(
            stderr.starts_with("error: the template `runbook.md.j2` failed: "),
            "{stderr}"
        );
        assert!(stderr.contains(line), "{stderr}");
        let written = folder
            .paths("deploy")
            .into_iter()
            .find(|path| !path.starts_with(".backstay/"));
        assert_eq!(written, None);
    }
}

#[test]
fn every_mistake_of_every_file_of_ones_own_is_said_at_once() {
    let wrong = MAILER
        .replace("title = ", "titel = ")
        .replace("fit = \"good\"", "fit = \"best\"")
        .replace("number = 1025", "nummer = 1025")
        .replace("read-only = true", "read-only = \"yes\"");
    Test::new()
        .plan(MAIL_PLAN)
        .file(".backstay/services/mailer.toml", wrong)
        .file(".backstay/dialects/mine.toml", "title = 5\n")
        .args(["check"])
        .stderr_has([
            "error: the catalog file `.backstay/services/mailer.toml` cannot be used:\n  line 1: ",
            "\n  line 1: `titel` means nothing; the keys there are title, ",
            "\n  line 1: `title` is missing\n",
            "\n  line 8: `roles[0].fit` is `best`, not one of poor, fair, good\n",
            "\n  line 9: `ports[0].number` is missing\n",
            "\n  line 9: `ports[0].nummer` means nothing; the keys there are name, number, ",
            "\n  line 26: `container.read-only` is string \"yes\", not a boolean\n",
            "\nthe catalog file `.backstay/dialects/mine.toml` cannot be used:\n  line 1: ",
            "\n  line 1: `summary` is missing\n",
            "\n  line 1: `title` is integer `5`, not a string\n",
        ])
        .status(2)
        .run();
}

#[test]
fn a_template_without_end_is_stopped() {
    let endless =
        "{% for a in range(9999) %}{% for b in range(9999) %}{{ b }}{% endfor %}{% endfor %}";
    let folder = Test::new()
        .plan(PLAN)
        .file(".backstay/templates/runbook.md.j2", endless)
        .args(["generate"])
        .stderr_has(["error: the template `runbook.md.j2` failed: it runs without end"])
        .status(2)
        .run();
    assert!(!folder.has("deploy/dev"), "nothing is written");
}

#[test]
fn a_template_that_replaces_nothing_is_said() {
    let (_, stderr) = broken("runbok.md.j2", "x");
    assert_eq!(
        stderr,
        "error: `.backstay/templates/runbok.md.j2` replaces no template of Backstay's\n  help: the templates are \
         app.env.header, compose.yaml.j2, example.env.header, gitignore, host.env.header, runbook.md.j2, secrets.env.header\n"
    );
}

#[test]
fn values_are_quoted_in_a_template_of_ones_own_too() {
    let compose = "{% for service in services %}\n{% for variable in service.environment %}\n\
                   {{ variable.name | bare }}: {{ variable.value }}\n{% endfor %}\n{% endfor %}\n";
    let awkward = "x: {y\\\", privileged: true, z: \\\"$HOME";
    let plan = PLAN.replace(
        "[services.db]\n",
        &format!("[services.db]\nsettings.A = \"{awkward}\"\n"),
    );
    let test = Test::new()
        .plan(&plan)
        .file(".backstay/templates/compose.yaml.j2", compose);
    let folder = test.args(["generate", "dev"]).stdout_has(["created"]).run();
    let text = folder.read("deploy/dev/box/compose.yaml");
    let quoted = "A: \"x: {y\\\", privileged: true, z: \\\"$$HOME\"\n";
    assert!(text.contains(quoted), "{text}");
}
