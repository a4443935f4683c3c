//! Environments that are renamed: their credentials go along when that is asked for, and are lost in no case.

use crate::cli::generate::{PLAN, generated};
use crate::cli::{Folder, Test};
use crate::support::variables;

/// The plan of before, with production under another name.
fn renamed() -> String {
    PLAN.replace("environments.prod.", "environments.production.")
}

#[track_caller]
fn secret(folder: &Folder, path: &str, variable: &str) -> String {
    let mut all = variables(&folder.read(path));
    all.remove(variable).expect("the variable is there")
}

#[test]
fn credentials_go_along_to_the_new_name_with_every_file_that_carries_them() {
    let folder = generated(PLAN);
    let old = secret(&folder, "deploy/prod/secrets.env", "DB_PASSWORD");
    let move_it = ["secrets", "move", "prod", "production"];
    let test = folder.test().plan(&renamed()).args(move_it);
    let folder = test
        .stdout_has([
            "created deploy/production/secrets.env\n",
            "created deploy/production/data-1/compose.yaml\n",
            "removed deploy/prod/secrets.env\n",
            "production goes on with the credentials of prod\n",
        ])
        .run();
    let file = "deploy/production/secrets.env";
    assert_eq!(secret(&folder, file, "DB_PASSWORD"), old);
    let url = secret(&folder, "deploy/production/app-1/web.env", "DATABASE_URL");
    assert!(url.contains(&old));
    assert!(!folder.has("deploy/prod/secrets.env"));
    let test = folder.test().args(["generate"]);
    let folder = test
        .stdout_has(["removed deploy/prod/data-1/compose.yaml\n"])
        .run();
    assert_eq!(secret(&folder, file, "DB_PASSWORD"), old);
    // But for what the container of before needs, as long as its data is there.
    let held = ["data-1/secrets/db-password"];
    assert_eq!(folder.paths("deploy/prod"), held);
    // And back again, as whoever undoes the renaming wants it.
    let test = folder.test().plan(PLAN);
    let test = test.args(["secrets", "move", "production", "prod"]);
    let folder = test.stdout_has(["prod goes on with"]).run();
    let back = secret(&folder, "deploy/prod/secrets.env", "DB_PASSWORD");
    assert_eq!(back, old);
}

/// The plan with a way in, and with files that a server has in a volume, on the machine for development.
fn with_servers(environment: &str) -> String {
    let (plan, _) = PLAN.split_once("[environments.prod").expect("prod is last");
    let plan = plan.replace(
        "uses.cache = { role = \"cache\" }\n",
        "uses.cache = { role = \"cache\" }\nuses.files = { role = \"files\" }\n",
    );
    let plan = plan.replace("\"db\", \"cache\"]", "\"db\", \"cache\", \"files\"]");
    let plan = plan.replace("environments.dev.", &format!("environments.{environment}."));
    format!("{plan}\n[services.files]\nkind = \"nginx\"\n")
}

#[test]
fn the_configuration_that_old_containers_mount_stays_as_long_as_the_steps() {
    let folder = generated(&with_servers("local"));
    let held = "deploy/local/box/config/files/default.conf";
    assert!(folder.has(held));
    let test = folder.test().plan(&with_servers("workstation"));
    let (folder, said, _) = test
        .args(["generate"])
        .stdout_has([&format!(
            "this makes another one on its volume. For that, `{held}` stays until this part is deleted:\n"
        )])
        .output();
    assert!(!said.contains(&format!("removed {held}")), "{said}");
    assert!(folder.has(held));
    folder.remove("deploy/left-behind.md");
    let test = folder.test().args(["generate"]);
    test.stdout_has([&format!("removed {held}\n")]).run();
}

#[test]
fn data_is_put_back_where_the_files_were_written_before_the_credentials_moved() {
    // Production is in the plan too: what is named alone takes nothing away.
    let plan = |environment: &str| {
        let plan = PLAN.replace("role = \"cache\"", "role = \"session\"");
        plan.replace("environments.dev.", &format!("environments.{environment}."))
    };
    let folder = generated(&plan("local"));
    let test = folder.test().plan(&plan("workstation"));
    let (folder, said, _) = test
        .args(["generate", "workstation"])
        .stdout_has(["`backstay secrets move local workstation` takes them along\n"])
        .output();
    // What is local still holds its ports.
    assert!(!said.contains("next: "), "{said}");
    let test = folder.test();
    test.args(["secrets", "move", "local", "workstation"])
        .stdout_has([
            ". Take down what runs of workstation already, on box, in deploy/workstation/box. It began without the data of before: where it holds nothing that you need, throw that away too, by the command that begins with a # that you take away:\ndocker compose down\n# docker compose down --volumes\n",
            ". Start db on box, in deploy/workstation/box, and put the data back:\n",
            ". Put the data back before cache is first started on box, and start it, in deploy/workstation/box:\n",
            ". Start web on box, in deploy/workstation/box:\n",
        ])
        .run();
}

#[test]
fn nothing_is_next_while_steps_are_still_to_be_taken_by_hand() {
    let folder = generated(&with_servers("local"));
    let test = folder.test().plan(&with_servers("workstation"));
    let folder = test.args(["generate"]).stdout_has(["left behind: "]).run();
    let test = folder.test();
    let (_, said, _) = test
        .args(["secrets", "move", "local", "workstation"])
        .stdout_has(["still to be done by hand: "])
        .output();
    // It would start without its data, where the steps have not brought that over.
    assert!(!said.contains("next: "), "{said}");
}

#[test]
fn whoever_did_not_ask_is_told_and_can_still_move_them() {
    let folder = generated(PLAN);
    let old = secret(&folder, "deploy/prod/secrets.env", "DB_PASSWORD");
    let told = "if it is only called production now, `backstay secrets move prod production` takes them along\n";
    let test = folder.test().plan(&renamed());
    let test = test.args(["generate", "--dry-run"]);
    let folder = test.stdout_has([told]).run();
    assert!(!folder.has("deploy/production"));
    let test = folder.test().args(["generate"]).stdout_has([told]);
    let folder = test.run();
    let drawn = secret(&folder, "deploy/production/secrets.env", "DB_PASSWORD");
    assert_ne!(drawn, old);
    assert_eq!(
        secret(&folder, "deploy/prod/secrets.env", "DB_PASSWORD"),
        old,
        "nothing is lost"
    );
    // Said once: from now on production has credentials of its own.
    let test = folder.test().args(["generate"]);
    let folder = test
        .stdout("nothing changed: every file is up to date\nstill to be done by hand: deploy/left-behind.md; delete each part there when it is done\n")
        .run();
    let move_it = ["secrets", "move", "prod", "production"];
    let test = folder.test().args(move_it.into_iter().chain(["--dry-run"]));
    let folder = test
        .stdout_has(["production/secrets.env", "production goes on with"])
        .run();
    assert!(folder.has("deploy/prod/secrets.env"));
    let test = folder.test().args(move_it);
    let folder = test
        .stdout_has(["created deploy/production/secrets.previous.env\n"])
        .run();
    let now = secret(&folder, "deploy/production/secrets.env", "DB_PASSWORD");
    let earlier = "deploy/production/secrets.previous.env";
    assert_eq!(now, old);
    assert_eq!(secret(&folder, earlier, "DB_PASSWORD"), drawn);
}

#[test]
fn what_the_new_environment_does_not_need_stays_where_it_is() {
    let folder = generated(PLAN);
    let cache = secret(&folder, "deploy/prod/secrets.env", "CACHE_PASSWORD");
    let plan = renamed().replace("runs = [\"db\", \"cache\"]\n", "runs = [\"db\"]\n");
    let plan = plan.replace("uses.cache = { role = \"cache\" }\n", "");
    folder.append("deploy/prod/secrets.env", "MINE='1'\n");
    let test = folder.test().plan(&plan);
    let test = test.args(["secrets", "move", "prod", "production"]);
    let folder = test.stdout_has(["updated deploy/prod/secrets.env\n"]).run();
    let left = folder.read("deploy/prod/secrets.env");
    let left_of = |name: &str| variables(&left).remove(name);
    assert_eq!(left_of("CACHE_PASSWORD"), Some(cache));
    assert_eq!(left_of("MINE").as_deref(), Some("1"));
    assert_eq!(left_of("DB_PASSWORD"), None);
    assert!(
        left.starts_with("# The credentials of this environment."),
        "{left}"
    );
}

#[test]
fn what_cannot_be_moved_is_said() {
    let folder = generated(PLAN);
    let test = folder.test().args(["secrets", "move", "prod", "dev"]);
    let folder = test
        .stderr("error: the plan still has `prod`, which needs its credentials\n  help: rename it in the plan first\n")
        .status(2)
        .run();
    let test = folder.test().args(["secrets", "move", "staging", "prod"]);
    let folder = test
        .stderr("error: nothing that `prod` needs is kept for `staging`\n  help: no environment that the plan has no more has left credentials\n")
        .status(2)
        .run();
    let test = folder.test().args(["secrets", "move", "../prod", "prod"]);
    let test = test.stderr_has(["is no name of an environment"]).status(2);
    let folder = test.run();
    let test = folder.test().plan(&renamed());
    let test = test.args(["secrets", "move", "staging", "production"]);
    test.stderr_has(["credentials are left of prod"])
        .status(2)
        .run();
    // Without files of before there is nothing to say.
    Test::new()
        .plan(&renamed())
        .args(["generate"])
        .stdout_has(["created deploy/production/secrets.env\n"])
        .run();
}
