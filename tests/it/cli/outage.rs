//! `backstay show ENVIRONMENT --without NAME`: what an outage costs.

use crate::cli::Test;

const EXAMPLE: &str = include_str!("../../../templates/example.toml");

#[test]
fn what_is_gone_what_is_harmed_and_what_goes_on_is_said() {
    Test::new()
        .plan(EXAMPLE)
        .args(["show", "prod", "--without", "data-1"])
        .stdout(
            "coding-events: prod without data-1

gone
  db on data-1  MySQL

harmed
  web on app-1  loses db as database

goes on
  cache on app-1
  uploads on wasabi

single points of failure while everything runs: hosts without which no instance of an app does all it should
  app-1   web
  data-1  web
  wasabi  web
",
        )
        .run();
}

#[test]
fn several_can_fail_and_scripts_read_it() {
    Test::new()
        .plan(EXAMPLE)
        .args([
            "show",
            "prod",
            "--without",
            "cache,wasabi",
            "--format",
            "json",
        ])
        .stdout_has([
            "\"without\": [\n    \"cache\",\n    \"wasabi\"\n  ]",
            "\"component\": \"uploads\",\n      \"host\": \"wasabi\"",
            "\"target\": \"cache\"",
        ])
        .run();
}

#[test]
fn what_is_not_there_cannot_fail() {
    Test::new()
        .plan(EXAMPLE)
        .args(["show", "prod", "--without", "uplods"])
        .stderr("error: nothing in `prod` is called `uplods`\n  help: did you mean `uploads`?\n")
        .status(2)
        .run();
    Test::new()
        .plan(EXAMPLE)
        .args(["show", "--without", "db"])
        .stderr(
            "error: an outage is asked for in one environment\n  help: name it: backstay show ENVIRONMENT --without NAME\n",
        )
        .status(2)
        .run();
}

#[test]
fn a_second_instance_helps_only_whom_it_is_told_of() {
    let plan = "name = \"x\"\n[apps.web]\nport = 80\nuses.cache = {}\n[services.cache]\nkind = \"redis\"\n\
        [environments.prod.hosts.a]\naddress = \"a.lan\"\nruns = [\"web\", \"cache\"]\n\
        [environments.prod.hosts.b]\naddress = \"b.lan\"\nruns = [\"web\", \"cache\"]\n\
        [environments.prod.hosts.c]\naddress = \"c.lan\"\nruns = [\"web\"]\n";
    Test::new()
        .plan(plan)
        .args(["show", "prod", "--without", "a"])
        .stdout_has([
            "gone\n  cache on a  Redis\n  web on a    an app\n",
            "harmed\n  web on c  loses cache as cache: it also runs on b, but nothing points there\n",
            "goes on\n  cache on b\n  web on b\n",
        ])
        .stderr_has(["the plan has a mistake"])
        .run();
}
