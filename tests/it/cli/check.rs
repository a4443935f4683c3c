//! `backstay check`: findings with their places, exit codes, and fixes that keep what the user wrote.

use crate::cli::Test;
use crate::golden::fixture;

const CLEAN: &str = "\
name = \"shop\"
[apps.web]
image = \"ghcr.io/acme/shop:1.0.0\"
uses.db = {}
[services.db]
kind = \"postgres\"
[environments.local.hosts.laptop]
runs = [\"web\", \"db\"]
";

/// A warning that has a fix, and comments wherever one can stand.
const COMMENTED: &str = "\
# Our shop.
name = \"shop\" # short

# The app.
[apps.web] # there is one
image = \"ghcr.io/acme/shop:1.0.0\"
uses.db = {} # orders

# The store.
[services.db] # there is one
kind = \"postgres\" # since 2019

# Where the users are.
[environments.prod.hosts.app-1] # the big one
address = \"10.0.0.1\" # by the provider
runs = [
    # The app first.
    \"web\", # the app itself
    \"db\", # its store
] # both

# The end.
";

#[test]
fn a_clean_plan_has_no_findings_and_ends_with_0() {
    let test = Test::new().plan(CLEAN).args(["check"]);
    let folder = test.stdout("no findings\n").run();
    let test = folder.test().args(["check", "--fail-on", "note"]);
    test.stdout("no findings\n").run();
}

#[test]
fn a_denied_plan_ends_with_1_and_shows_the_place() {
    Test::new()
        .plan(&CLEAN.replace("postgres", "postgers"))
        .args(["check"])
        .stdout(
            "\
deny[unknown-name]: `postgers` is not a kind of the catalog
  ╭▸ backstay.toml:6:8
  │
6 │ kind = \"postgers\"
  │        ━━━━━━━━━━
  │
  ├ help: did you mean `postgres`?
  ╰ fix: write `postgres`

findings: 1 denied; `backstay check --fix` can mend 1
",
        )
        .status(1)
        .run();
}

#[test]
fn warnings_fail_where_they_are_asked_to() {
    let plan = format!("{CLEAN}[services.old]\nkind = \"mysql\"\n");
    let folder = Test::new()
        .plan(&plan)
        .args(["check"])
        .stdout_has(["unused-service"])
        .run();
    let failing = folder.test().args(["check", "--fail-on", "warn"]);
    let folder = failing.stdout_has(["unused-service"]).status(1).run();
    let failing = folder.test().args(["check", "--fail-on", "note"]);
    failing.stdout_has(["unused-service"]).status(1).run();
}

#[test]
fn levels_of_the_plan_hold() {
    let plan = format!(
        "{CLEAN}[services.old]\nkind = \"mysql\"\n[environments.local.hosts.box]\nruns = [\"old\"]\n[rules]\n"
    );
    let level = |level: &str| {
        format!("{plan}unused-service = {{ level = \"{level}\", reason = \"a test\" }}\n")
    };
    let test = Test::new().plan(&level("allow")).args(["check"]);
    test.stdout("no findings\n").run();
    let test = Test::new().plan(&level("deny")).args(["check"]);
    test.stdout_has(["deny[unused-service]"]).status(1).run();
    let test = Test::new().plan(&level("note")).args(["check"]);
    test.stdout_has(["note[unused-service]"]).run();
}

#[test]
fn findings_are_json_for_scripts() {
    let (_, stdout, _) = Test::new()
        .plan(&CLEAN.replace("postgres", "postgers"))
        .args(["check", "--format", "json"])
        .stdout_has([])
        .status(1)
        .output();
    let found: serde_json::Value = serde_json::from_str(&stdout).expect("it is JSON");
    let finding = &found["findings"][0];
    assert_eq!(finding["rule"], "unknown-name");
    assert_eq!(finding["severity"], "deny");
    assert_eq!(finding["place"]["path"], "services.db.kind");
    assert_eq!(
        (&finding["place"]["line"], &finding["place"]["column"]),
        (&6.into(), &8.into())
    );
    assert_eq!(finding["fix"], "write `postgres`");
}

#[test]
fn a_fix_keeps_every_comment() {
    let folder = Test::new()
        .plan(COMMENTED)
        .args(["check", "--fix=internal-in-production"])
        .stdout_has([])
        .stderr_has(["fixed internal-in-production: move `db` to a host of its own, `data-1`; give it its `address` then\n"])
        .run();
    let expected = COMMENTED.replace("    \"db\", # its store\n", "").replace(
        "\n# The end.\n",
        "\n[environments.prod.hosts.data-1]\naddress = \"192.0.2.11\"\nruns = [\n    \"db\", # its store\n]\n\n# The end.\n",
    );
    assert_eq!(folder.read("backstay.toml"), expected);
}

#[test]
fn a_fix_keeps_line_ends_and_the_byte_order_mark() {
    for (start, end) in [("", "\r\n"), ("\u{feff}", "\n"), ("\u{feff}", "\r\n")] {
        let plan = format!("{start}{}", CLEAN.replace('\n', end));
        let test = Test::new().plan(&plan.replace("postgres", "postgers"));
        let test = test.args(["check", "--fix"]).stdout("no findings\n");
        let folder = test.stderr_has(["fixed unknown-name"]).run();
        assert_eq!(folder.read("backstay.toml"), plan);
    }
}

#[test]
fn a_fix_of_one_rule_leaves_the_others() {
    let plan = CLEAN.replace("postgres", "postgers") + "[services.old]\nkind = \"mysql\"\n";
    let folder = Test::new()
        .plan(&plan)
        .args(["check", "--fix=unknown-name"])
        .stdout_has(["unused-service"])
        .stderr_has([
            "fixed unknown-name: write `postgres`\n",
            "-kind = \"postgers\"\n+kind = \"postgres\"\n",
        ])
        .run();
    assert_eq!(
        folder.read("backstay.toml"),
        plan.replace("postgers", "postgres")
    );
    let folder = folder
        .test()
        .args(["check", "--fix=unknown-name"])
        .stdout_has(["unused-service"])
        .stderr("nothing to fix\n")
        .run();
    let test = folder.test().args(["check", "--fix=unused-service"]);
    let test = test
        .stdout("no findings\n")
        .stderr_has(["fixed unused-service"]);
    assert_eq!(test.run().read("backstay.toml"), CLEAN);
}

#[test]
fn a_plain_fix_takes_no_service_away() {
    let plan = CLEAN.to_owned() + "[services.old]\nkind = \"mysql\"\n";
    let said = "1 more fix takes something away: name it, --fix=unused-service\nnothing to fix\n";
    let test = Test::new().plan(&plan).args(["check", "--fix"]);
    let folder = test.stdout_has(["unused-service"]).stderr(said).run();
    assert_eq!(folder.read("backstay.toml"), plan);
}

#[test]
fn a_plain_fix_takes_nothing_away_on_account_of_a_slip_elsewhere() {
    let slip = "uses.db = \"database\"\nuses.kv = {}";
    let plan = CLEAN
        .replace("uses.db = {}", slip)
        .replace("postgres", "postgers")
        + "[services.kv]\nkind = \"redis\"\nbucket = \"nothing\"\n";
    let test = Test::new().plan(&plan).args(["check", "--fix"]);
    let said = ["fixed unknown-name", "wait"];
    let folder = test
        .stdout_has(["wrong-type"])
        .stderr_has(said)
        .status(1)
        .run();
    let mended = plan.replace("postgers", "postgres");
    assert_eq!(folder.read("backstay.toml"), mended);
}

#[test]
fn several_rules_are_fixed_at_once() {
    let plan = CLEAN
        .replace("postgres", "postgers")
        .replace("image =", "imgae =")
        + "[services.old]\nkind = \"mysql\"\n";
    let folder = Test::new()
        .plan(&plan)
        .args(["check", "--fix=unknown-name,unknown-key"])
        .stdout_has(["unused-service"])
        .stderr_has(["fixed unknown-key", "fixed unknown-name"])
        .run();
    assert!(folder.read("backstay.toml").starts_with(CLEAN));
}

#[test]
fn a_dry_run_shows_the_fix_and_writes_nothing() {
    let plan = CLEAN.replace("postgres", "postgers");
    let folder = Test::new()
        .plan(&plan)
        .args(["check", "--fix", "--dry-run"])
        .stdout("no findings\n")
        .stderr(
            "\
fixed unknown-name: write `postgres`
--- backstay.toml
+++ backstay.toml
@@ -3,6 +3,6 @@
 image = \"ghcr.io/acme/shop:1.0.0\"
 uses.db = {}
 [services.db]
-kind = \"postgers\"
+kind = \"postgres\"
 [environments.local.hosts.laptop]
 runs = [\"web\", \"db\"]
nothing was written (--dry-run)
",
        )
        .run();
    assert_eq!(folder.read("backstay.toml"), plan);
}

#[test]
fn a_rule_that_there_is_not_cannot_be_fixed() {
    Test::new()
        .plan(CLEAN)
        .args(["check", "--fix=unknown-nam"])
        .stderr("error: there is no rule `unknown-nam`\n  help: did you mean `unknown-name`?\n")
        .status(2)
        .run();
}

#[test]
fn a_text_that_is_not_toml_is_not_mended_and_not_touched() {
    let plan = format!("{CLEAN}[services.old]\nkind = \n");
    let folder = Test::new()
        .plan(&plan)
        .args(["check", "--fix"])
        .stdout_has(["invalid-syntax"])
        .stderr_has(["mend them first"])
        .status(1)
        .run();
    assert_eq!(folder.read("backstay.toml"), plan);
}

#[test]
fn every_fix_of_the_fixtures_can_be_applied() {
    for case in ["coding-events", "one-vm", "borrowed"] {
        let folder = Test::new()
            .plan(&fixture(case))
            .args(["check", "--fix", "--dry-run"])
            .stdout_has([])
            .stderr_has(["fixed "]);
        let status = i32::from(case == "borrowed");
        let (_, _, stderr) = folder.status(status).output();
        assert!(!stderr.contains("not fixed"), "{stderr}");
    }
}

#[test]
fn a_link_to_a_plan_stays_a_link() {
    #[cfg(unix)]
    {
        let plan = CLEAN.replace("postgres", "postgers");
        let folder = Test::new().file("real/plan.toml", plan).args(["schema"]);
        let folder = folder.stdout_has([]).run();
        std::os::unix::fs::symlink("real/plan.toml", folder.path("backstay.toml")).expect("a link");
        let test = folder
            .test()
            .args(["check", "--fix"])
            .stdout("no findings\n");
        let folder = test.stderr_has(["fixed unknown-name"]).run();
        let link = std::fs::symlink_metadata(folder.path("backstay.toml")).expect("it is there");
        assert!(link.is_symlink());
        assert_eq!(folder.read("real/plan.toml"), CLEAN);
        assert_eq!(folder.paths("real"), ["plan.toml"]);
    }
}

#[test]
fn colours_are_only_colours() {
    let plan = "name = \"shop\"\n[services.\"a\\u001B[2Jb\"]\nkind = \"\\u001B]0;x\\u0007\"\n";
    Test::new()
        .plan(plan)
        .args(["check"])
        .colours()
        .stdout_has(["invalid-name"])
        .status(1)
        .run();
    Test::new()
        .plan(plan)
        .colours()
        .stdout_has(["invalid-name"])
        .run();
    Test::new()
        .plan(plan)
        .args(["check", "--format", "json"])
        .colours()
        .stdout_has(["invalid-name"])
        .status(1)
        .run();
}

#[test]
fn fixes_end_where_nothing_does_all_that_is_required() {
    let plan = "name = \"shop\"\n[apps.web]\nuses.queue = { role = \"queue\" }\n[services.queue]\nkind = \"redis\"\n[needs.queue]\nrequires = [\"redelivery\", \"many-readers\"]\n[environments.local.hosts.laptop]\nruns = [\"web\", \"queue\"]\n";
    Test::new()
        .plan(plan)
        .args(["check", "--fix"])
        .stdout_has([
            "warn[unsuitable-role]",
            "`redelivery` or `many-readers`",
            "; but as queue it has no `many-readers` of its own",
        ])
        .stderr("nothing to fix\n")
        .run();
}

#[test]
fn no_more_than_a_few_of_many_hosts_are_named() {
    let hosts: String = (10..40)
        .map(|n| format!("[environments.prod.hosts.app-{n}]\n"))
        .collect();
    let plan = format!("name = \"shop\"\n[environments.dev.hosts.box]\nborrow = \"prod\"\n{hosts}");
    Test::new()
        .plan(&plan)
        .args(["check"])
        .status(1)
        .stdout_has([
            "its hosts are `app-10`, `app-11`, `app-12`, `app-13`, `app-14`, `app-15` and 24 more",
        ])
        .run();
}
