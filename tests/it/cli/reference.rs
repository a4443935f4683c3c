//! Commands that only tell: show, explain, catalog, schema, example, completions, man, and `backstay` alone.

use crate::cli::Test;
use crate::golden::fixture;

const NO_PLAN: &str =
    "no backstay.toml here or above: this is the embedded example (`backstay example` prints it)\n";

#[test]
fn alone_it_shows_every_environment_and_the_findings() {
    let (_, stdout, _) = Test::new()
        .plan(&fixture("one-vm"))
        .stdout_has([
            "── local ─",
            "── prod (production) ─",
            "internal-in-production",
        ])
        .output();
    let (picture, findings) = stdout.split_once("\nnote[").expect("findings come last");
    assert!(picture.starts_with("guestbook\n\n── local "), "{picture}");
    assert!(findings.ends_with("can mend 2\n"), "{findings}");
}

#[test]
fn without_a_plan_the_example_is_shown_and_said_to_be_one() {
    Test::new()
        .stdout_has(["coding-events\n\n── local"])
        .stderr(NO_PLAN)
        .run();
    Test::new()
        .args(["show"])
        .stdout_has(["coding-events"])
        .stderr(NO_PLAN)
        .run();
}

#[test]
fn without_a_plan_nothing_is_written_and_nothing_is_clean() {
    for args in [
        vec!["generate"],
        vec!["check", "--fix"],
        vec!["check"],
        vec!["check", "--format", "json"],
        vec!["diff", "dev", "prod"],
    ] {
        let folder = Test::new()
            .args(args)
            .stderr(
                "error: there is no `backstay.toml` here or in a folder above\n  \
                 help: name one with `--plan`, or begin one: `backstay new`; `backstay show` shows an example\n",
            )
            .status(2)
            .run();
        assert_eq!(folder.paths(""), [""; 0]);
    }
}

#[test]
fn the_example_is_a_plan_to_start_from() {
    let example = fixture("coding-events");
    let folder = Test::new().args(["example"]).stdout(example.as_str()).run();
    let test = folder.test().plan(&example).args(["check"]);
    test.stdout_has(["to warn about"]).run();
}

#[test]
fn a_plan_is_found_above_and_named_in_every_way() {
    let plan = fixture("one-vm");
    let shown = ["guestbook"];
    let folder = Test::new().file("a/plan.toml", &plan).args(["a/plan.toml"]);
    let folder = folder.stdout_has(shown).run();
    let folder = folder
        .test()
        .args(["show", "--plan", "a/plan.toml"])
        .stdout_has(shown)
        .run();
    let folder = folder
        .test()
        .args(["-p", "a/plan.toml", "show"])
        .stdout_has(shown)
        .run();
    let folder = folder
        .test()
        .file("b/backstay.toml", &plan)
        .args(["b"])
        .stdout_has(shown)
        .run();
    folder
        .test()
        .args(["a"])
        .stderr(
            "error: `a` is a folder, not a plan\n  help: name the file, or the folder's `backstay.toml`\n",
        )
        .status(2)
        .run();
}

#[test]
fn in_a_folder_inside_the_plan_above_is_used() {
    let plan = fixture("one-vm");
    let shown = ["backstay.toml:22:16"];
    let test = Test::new().plan(&plan).within("src/deep").args(["check"]);
    let folder = test.stdout_has(shown).run();
    let test = folder.test().within("src/deep").args(["generate", "local"]);
    let folder = test.stdout_has(["deploy/local/README.md\n"]).run();
    assert!(folder.has("deploy/local/README.md"), "beside the plan");
    assert_eq!(folder.paths("src"), [""; 0]);
}

#[test]
fn an_environment_is_not_explained_as_a_whole() {
    Test::new()
        .plan("name = \"shop\"\n[environments.prod]\n")
        .args(["explain", "prod"])
        .stderr(
            "error: `prod` is an environment, of which apps are explained\n  \
             help: name one: `backstay explain prod/APP`\n",
        )
        .status(2)
        .run();
}

#[test]
fn show_prints_the_environments_that_are_named() {
    Test::new()
        .plan(&fixture("two-hosts-one-service"))
        .args(["show", "staging"])
        .stdout(
            "\
shop

── staging ─────────────────────────────────────────────────────
╭─ back 10.1.0.12 ───────────╮    ╭─ front 10.1.0.11 ─────────────────────────────╮
│ worker  app  → cache:6379 ─├────▶ 6379/redis  cache  redis 8.2              ◀─╮ │
│              → web:8080   ─├────▶ 8080/http   web    app        → cache:6379 ─╯ │
╰────────────────────────────╯    ╰───────────────────────────────────────────────╯
  uses
    web → cache     cache  internal  cache:6379      same machine
    worker → cache  queue  external  10.1.0.11:6379  another machine
    worker → web           external  10.1.0.11:8080  another machine
  open ports
    cache  published on 10.1.0.11:6379 for other hosts
    web    published on 127.0.0.1:8080, published on 10.1.0.11:8080 for other hosts
",
        )
        .run();
}

#[test]
fn show_prints_a_tree_where_there_is_no_room_for_a_map_and_ascii_if_asked() {
    Test::new()
        .plan(&fixture("two-hosts-one-service"))
        .args(["show", "staging", "--width", "60", "--ascii"])
        .stdout_has(["back 10.1.0.12
`-worker    app
    -> cache:6379 external, front
    -> web:8080 external, front
front 10.1.0.11
|-cache  6379/redis  redis 8.2
|   <- worker external, back
|   <- web internal
`-web    8080/http   app
    -> cache:6379 internal
    <- worker external, back
"])
        .run();
}

#[test]
fn show_says_when_something_may_be_missing() {
    Test::new()
        .plan("name = \"x\"\n[services.db]\nkind = \"postgers\"\n")
        .args(["show"])
        .stdout("x\n")
        .stderr("the plan has a mistake, so something may be missing here: `backstay check` says what\n")
        .run();
}

#[test]
fn show_prints_json_for_scripts() {
    let (_, stdout, _) = Test::new()
        .plan(&fixture("two-hosts-one-service"))
        .args(["show", "--format", "json"])
        .stdout_has([])
        .output();
    let shown: serde_json::Value = serde_json::from_str(&stdout).expect("it is JSON");
    let environment = &shown["environments"][0];
    assert_eq!(environment["tier"], "staging");
    let used = environment["uses"].as_array().expect("a list");
    let localities: Vec<(&str, &str, &str)> = used
        .iter()
        .map(|one| {
            let text = |key: &str| one[key].as_str().expect("a text");
            (text("user"), text("target"), text("locality"))
        })
        .collect();
    let expected = [
        ("web", "cache", "internal"),
        ("worker", "cache", "external"),
        ("worker", "web", "external"),
    ];
    assert_eq!(localities, expected);
    assert_eq!(
        (&used[1]["host"], &used[1]["port"]),
        (&"10.1.0.11".into(), &6379.into())
    );
}

#[test]
fn an_environment_that_there_is_not_is_an_error_with_the_one_that_was_meant() {
    for command in ["show", "generate"] {
        Test::new()
            .plan(&fixture("one-vm"))
            .args([command, "prd"])
            .stderr("error: there is no environment `prd`\n  help: did you mean `prod`?\n")
            .status(2)
            .run();
    }
}

#[test]
fn rules_kinds_and_dialects_are_explained() {
    let rule = [
        "What it finds",
        "Why it matters",
        "When it is fine",
        "Instead",
    ];
    Test::new()
        .args(["explain", "internal-in-production"])
        .stdout_has(rule)
        .run();
    Test::new()
        .args(["explain"])
        .stdout_has(["unknown-name ", "invalid-syntax "])
        .run();
    Test::new()
        .args(["explain", "postgresql"])
        .stdout_has(["postgres (PostgreSQL)"])
        .run();
    Test::new()
        .args(["catalog", "spring"])
        .stdout_has(["SPRING_DATASOURCE_URL"])
        .run();
    let listed = ["postgres", "seaweedfs", "cloud only", "dotnet"];
    Test::new().args(["catalog"]).stdout_has(listed).run();
    Test::new()
        .args(["explain", "internal-in-prodution"])
        .stderr(
            "error: nothing is called `internal-in-prodution`\n  help: did you mean `internal-in-production`?\n",
        )
        .status(2)
        .run();
    Test::new()
        .args(["catalog", "oracle-rac"])
        .stderr_has(["error: nothing is called `oracle-rac`\n  help: "])
        .status(2)
        .run();
}

#[test]
fn every_rule_can_be_explained() {
    let (_, listed, _) = Test::new().args(["explain"]).stdout_has([]).output();
    let rules: Vec<&str> = listed
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert!(rules.len() >= 10, "{listed}");
    for rule in rules {
        Test::new()
            .args(["explain", rule])
            .stdout_has(["What it finds:"])
            .run();
    }
}

#[test]
fn the_schema_describes_the_plan() {
    let (_, schema, _) = Test::new().args(["schema"]).stdout_has([]).output();
    let schema: serde_json::Value = serde_json::from_str(&schema).expect("it is JSON");
    let plan: toml::Table = fixture("coding-events").parse().expect("it is TOML");
    for key in plan.keys() {
        assert!(schema["properties"].get(key).is_some(), "{key}");
    }
    let service = &schema["properties"]["services"]["additionalProperties"];
    assert!(
        service["properties"].get("version").is_some(),
        "{service:#}"
    );
}

#[test]
fn completions_and_the_man_page_know_every_command() {
    let commands = [
        "check", "show", "generate", "explain", "catalog", "schema", "example",
    ];
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        Test::new()
            .args(["completions", shell])
            .stdout_has(commands)
            .run();
    }
    Test::new()
        .args(["man"])
        .stdout_has([".TH backstay 1"])
        .run();
    Test::new()
        .args(["--help"])
        .stdout_has(["Exit codes: 0 clean, 1 findings"])
        .run();
}

#[test]
fn wrong_arguments_are_said_and_end_with_2() {
    Test::new()
        .args(["check", "--nope"])
        .stderr_has(["unexpected argument"])
        .status(2)
        .run();
    Test::new()
        .args(["check", "--dry-run"])
        .stderr_has(["--fix"])
        .status(2)
        .run();
    Test::new()
        .args(["generate", "--dry-run", "--check"])
        .stderr_has(["--check"])
        .status(2)
        .run();
    Test::new()
        .args(["chekc"])
        .stderr("error: there is no plan `chekc`\n  help: did you mean the command `check`?\n")
        .status(2)
        .run();
}

#[test]
fn a_day_that_is_none_is_said() {
    Test::new()
        .args(["check", "--today", "22.11.2026"])
        .stderr("error: `22.11.2026` is not a date\n  help: write it as 2026-11-22\n")
        .status(2)
        .run();
}
