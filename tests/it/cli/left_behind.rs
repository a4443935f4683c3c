//! What `backstay generate` says when a host goes on running what no file has any more.

use crate::cli::generate::{NEXT_IN_PROD, PLAN, generated, lines};
use crate::cli::{Folder, Test};
use crate::support::variables;

const DUMP: &str = "sh -c 'PGDATABASE=\"$POSTGRES_DB\" pg_dump -U \"$POSTGRES_USER\" --clean --if-exists' >db.part.dump &&
test -s db.part.dump &&
mv db.part.dump db.dump";
const RESTORE: &str = "sh -c 'PGDATABASE=\"$POSTGRES_DB\" psql -U \"$POSTGRES_USER\" -v ON_ERROR_STOP=1 -q -o /dev/null' <db.dump ||
{ echo 'db.dump was not put back' >&2; false; }";
const LOOK: &str = "sh -c 'PGDATABASE=\"$POSTGRES_DB\" psql -U \"$POSTGRES_USER\" -c \"SELECT schemaname, relname, pg_size_pretty(pg_total_relation_size(relid)) AS size FROM pg_stat_user_tables ORDER BY 1, 2\"'";
const HEALTH: &str =
    "sh -c 'PGDATABASE=\"$POSTGRES_DB\" pg_isready -h 127.0.0.1 -p 5432 -U \"$POSTGRES_USER\"'";
const UNMASKED: &str = "case \"$(docker inspect --format ' {{.Config.Image}} {{range .Mounts}} {{.Name}} {{.Source}} {{end}}' shop-prod-db-1 2>/dev/null)\" in\n\"\" | *\" docker.io/library/postgres:18 \"*\" shop-prod_db-data \"*) ;;\n*) docker stop shop-prod-db-1 && docker rm shop-prod-db-1 ;;\nesac &&";
const ASIDE: &str =
    "{ test ! -e db.dump || mv db.dump \"db.before-$(date +%Y%m%d-%H%M%S).dump\"; } &&";

const QUIET: &str = "while the old container runs and nobody writes to it: it stays there, in the volume shop-prod_db-data.";

/// Production, where web uses db alone.
fn with_db_alone() -> String {
    PLAN.replace("uses.cache = { role = \"cache\" }\n", "")
        .replace("[services.cache]\nkind = \"redis\"\n", "")
        .replace(", \"cache\"", "")
}

/// The command that sees that the old database runs, or starts another one with these files of its folder.
fn started_again(project: &str, files: &str) -> String {
    let container = format!("{project}-db-1");
    format!(
        "docker volume inspect --format 'found {{{{.Name}}}}' {project}_db-data && {{
  docker start {container} ||
  docker run --detach --name {container} \\
    --user 999:999 \\
    --env POSTGRES_DB=shop \\
    --env POSTGRES_PASSWORD_FILE=/run/secrets/db-password \\
    --env POSTGRES_USER=app \\
    --volume {project}_db-data:/var/lib/postgresql \\
    --volume \"$PWD/{files}secrets/db-password\":/run/secrets/db-password:ro \\
    docker.io/library/postgres:18
}} &&
until docker exec {container} {HEALTH} >/dev/null 2>&1 || ! docker exec {container} true; do sleep 2; done &&
docker exec {container} {LOOK}"
    )
}

fn db_on_data_2(plan: &str) -> String {
    let (before, after) = plan.rsplit_once("runs = [\"db\"").expect("db is on data-1");
    let after = after.trim_start_matches(", ");
    format!(
        "{before}runs = [{after}[environments.prod.hosts.data-2]\naddress = \"10.0.1.22\"\nruns = [\"db\"]\n"
    )
}

#[test]
fn a_service_that_moves_leaves_its_data_and_its_container() {
    let plan = db_on_data_2(PLAN);
    let steps = format!(
        "
1. Unless the host is this machine, copy to it again what has changed: deploy/prod/app-1 to app-1, deploy/prod/data-2 to data-2.

2. See that the old db runs, on data-1, in deploy/prod/data-1; where its container is gone, this starts another one on its volume. For that, `deploy/prod/data-1/secrets/db-password` stays until this part is deleted.
{again}

3. Stop web, which writes to db, on app-1, in deploy/prod/app-1:
docker compose stop web

4. Copy the data of db out, on data-1, in deploy/prod/data-1, {QUIET}
{ASIDE}
docker exec shop-prod-db-1 {DUMP}

5. Stop the old db, on data-1; it runs on until then:
docker stop shop-prod-db-1

6. Carry db.dump from data-1 to data-2, into deploy/prod/data-2 there.

7. Start db on data-2, in deploy/prod/data-2, and put the data back:
test -s db.dump &&
docker compose up --detach --wait db &&
docker compose exec -T db {RESTORE}

8. On data-2, in deploy/prod/data-2, look whether db has all that the old db had:
docker compose exec -T db {LOOK} </dev/null

9. Start web anew on app-1, in deploy/prod/app-1:
docker compose up --detach --force-recreate web

10. When all of this works, take away the data of before, on data-1, in deploy/prod/data-1, where db.dump is:
test -s db.dump &&
docker rm shop-prod-db-1 &&
docker volume rm shop-prod_db-data
",
        again = started_again("shop-prod", "")
    );
    let said = format!("\nleft behind: db on data-1 of prod, which runs on data-2 now\n{steps}");
    let test = generated(PLAN).test().plan(&plan);
    let folder = test
        .args(["generate", "--dry-run"])
        .stdout_has([&said])
        .run();
    assert!(!folder.has("deploy/left-behind.md"));
    let kept =
        "all of this is kept in deploy/left-behind.md: delete each part there when it is done\n";
    let test = folder.test().args(["generate"]);
    let folder = test
        .stdout_has([&said, kept, "created deploy/left-behind.md\n"])
        .run();
    let file = folder.read("deploy/left-behind.md");
    let head = "\n## db on data-1 of prod, which runs on data-2 now\n\n1. Unless the host";
    assert!(file.contains(head), "{file}");
    assert!(
        file.contains("\n```sh\ndocker stop shop-prod-db-1\n```\n"),
        "{file}"
    );
    // It is said once, and kept until somebody deletes it.
    let test = folder.test().args(["generate"]);
    let folder = test
        .stdout("nothing changed: every file is up to date\nstill to be done by hand: deploy/left-behind.md; delete each part there when it is done\n")
        .run();
    assert_eq!(folder.read("deploy/left-behind.md"), file);
    folder.remove("deploy/left-behind.md");
    let test = folder.test().args(["generate"]);
    test.stdout("removed deploy/prod/data-1/secrets/db-password\n")
        .run();
}

#[test]
fn what_was_not_done_yet_is_not_forgotten_by_what_comes_after() {
    let folder = generated(PLAN);
    let plan = db_on_data_2(PLAN);
    let folder = folder.test().plan(&plan).args(["generate"]);
    let folder = folder.stdout_has(["left behind: db on data-1"]).run();
    let plan = plan
        .replace("uses.db ", "uses.main ")
        .replace("[services.db]", "[services.main]")
        .replace("\"db\"", "\"main\"");
    let said = "\n1. An earlier part of left-behind.md leads to db on data-2 of prod. If that is not done yet, the data is still where that part copies it from";
    let test = folder.test().plan(&plan).args(["generate", "prod"]);
    let folder = test
        .stdout_has([
            "\nleft behind: db on data-2 of prod, which is called main now\n",
            said,
            "updated deploy/left-behind.md\n",
        ])
        .run();
    let file = folder.read("deploy/left-behind.md");
    let [first, second] = ["## db on data-1 of prod", "## db on data-2 of prod"]
        .map(|head| file.find(head).expect("both are kept"));
    assert!(first < second);
}

#[test]
fn a_service_with_another_name_goes_on_with_its_data() {
    let plan = PLAN
        .replace("uses.db ", "uses.main ")
        .replace("[services.db]", "[services.main]")
        .replace("\"db\"", "\"main\"");
    let said = format!(
        "\nleft behind: db on data-1 of prod, which is called main now

1. Unless the host is this machine, copy to it again what has changed: deploy/prod/app-1 to app-1, deploy/prod/data-1 to data-1.

2. See that the old db runs, on data-1, in deploy/prod/data-1; where its container is gone, this starts another one on its volume. For that, `deploy/prod/data-1/secrets/db-password` stays until this part is deleted.
{again}

3. Stop web, which writes to db, on app-1, in deploy/prod/app-1:
docker compose stop web

4. Copy the data of db out, on data-1, in deploy/prod/data-1, {QUIET}
{ASIDE}
docker exec shop-prod-db-1 {DUMP}

5. Stop the old db, on data-1; it runs on until then:
docker stop shop-prod-db-1

6. Start main on data-1, in deploy/prod/data-1, and put the data back:
test -s db.dump &&
docker compose up --detach --wait main &&
docker compose exec -T main {RESTORE}

7. On data-1, in deploy/prod/data-1, look whether main has all that the old db had:
docker compose exec -T main {LOOK} </dev/null

8. Start web anew on app-1, in deploy/prod/app-1:
docker compose up --detach --force-recreate web

9. When all of this works, take away the data of before, on data-1, in deploy/prod/data-1, where db.dump is:
test -s db.dump &&
docker rm shop-prod-db-1 &&
docker volume rm shop-prod_db-data

10. Take away the credentials of db, which nothing uses then:
backstay secrets rotate prod DB_PASSWORD --forget
",
        again = started_again("shop-prod", "")
    );
    let test = generated(PLAN).test().plan(&plan);
    let folder = test.args(["generate", "prod"]).stdout_has([&said]).run();
    let has = |folder: &Folder| {
        variables(&folder.read("deploy/prod/secrets.env")).contains_key("DB_PASSWORD")
    };
    assert!(has(&folder));
    let forget = ["secrets", "rotate", "prod", "DB_PASSWORD", "--forget"];
    let test = folder.test().args(forget);
    let folder = test.stdout("updated deploy/prod/secrets.env\n").run();
    assert!(!has(&folder));
    // What is used is not forgotten by its variable.
    let test = folder
        .test()
        .args(["secrets", "rotate", "prod", "MAIN_PASSWORD", "--forget"]);
    test.stderr_has(["prod has no credential `MAIN_PASSWORD`"])
        .status(2)
        .run();
}

#[test]
fn an_environment_with_another_name_goes_on_with_its_data_and_leaves_no_network() {
    let plan = with_db_alone();
    let renamed = plan.replace("environments.dev.", "environments.development.");
    let said = format!(
        "
left behind: db on box of dev, which runs on box of development now
left behind: web on box of dev, which runs on box of development now

1. Unless the host is this machine, copy to it again what has changed: deploy/development/box to box.

2. See that the old db runs, on box, in deploy/development/box; where its container is gone, this starts another one on its volume. For that, `deploy/dev/box/secrets/db-password` stays until this part is deleted.
{again}

3. Take the old web down, on box; it runs on until then:
docker stop shop-dev-web-1
docker rm shop-dev-web-1

4. Copy the data of db out, on box, in deploy/development/box, while the old container runs and nobody writes to it: it stays there, in the volume shop-dev_db-data.
{ASIDE}
docker exec shop-dev-db-1 {DUMP}

5. Stop the old db, on box; it runs on until then:
docker stop shop-dev-db-1

6. Start db on box, in deploy/development/box, and put the data back:
test -s db.dump &&
docker compose up --detach --wait db &&
docker compose exec -T db {RESTORE}

7. On box, in deploy/development/box, look whether db has all that the old db had:
docker compose exec -T db {LOOK} </dev/null

8. Start web on box, in deploy/development/box:
docker compose up --detach --wait web

9. When all of this works, take away the data of before, on box, in deploy/development/box, where db.dump is:
test -s db.dump &&
docker rm shop-dev-db-1 &&
docker volume rm shop-dev_db-data
docker network rm shop-dev_inside shop-dev_outside

10. Take away the credentials that dev has left, which nothing uses then:
rm -f deploy/dev/secrets.env deploy/dev/secrets.previous.env
",
        again = started_again("shop-dev", "../../dev/box/")
    );
    let test = generated(&plan).test().plan(&renamed);
    test.args(["generate"]).stdout_has([&said]).run();
    // Its credentials may go along first, and its files after that.
    let test = generated(&plan).test().plan(&renamed);
    let test = test.args(["secrets", "move", "dev", "development"]);
    let (said, _) = said.split_once("\n10. ").expect("credentials come last");
    let (folder, told, _) = test.stdout_has([said]).output();
    assert!(!told.contains("Take away the credentials"), "{told}");
    let test = folder.test().args(["generate"]);
    let test = test.stdout_has(["removed deploy/dev/box/compose.yaml\n"]);
    let (folder, said, _) = test.output();
    assert!(!said.contains("left behind: "), "{said}");
    let file = folder.read("deploy/left-behind.md");
    assert_eq!(file.matches("## db on box of dev,").count(), 1, "{file}");
}

#[test]
fn a_service_that_becomes_another_kind_must_not_start_on_the_files_of_before() {
    let plan = PLAN.replace("kind = \"postgres\"", "kind = \"mysql\"");
    let said = format!(
        "\nleft behind: db on data-1 of prod, which is MySQL now and was PostgreSQL

1. Unless the host is this machine, copy to it again what has changed: deploy/prod/app-1 to app-1, deploy/prod/data-1 to data-1.

2. See that the old db runs, on data-1, in deploy/prod/data-1; where its container is gone, this starts another one on its volume. A new one that is in its place already goes before.
{UNMASKED}
{again}

3. Stop web, which writes to db, on app-1, in deploy/prod/app-1:
docker compose stop web

4. Copy the data of db out, on data-1, in deploy/prod/data-1, {QUIET}
{ASIDE}
docker exec shop-prod-db-1 {DUMP}

5. Stop the old db, on data-1; it runs on until then:
docker stop shop-prod-db-1 &&
docker rm shop-prod-db-1

6. Once the copy is safe, take away the data of before, on data-1, in deploy/prod/data-1; otherwise MySQL starts on what PostgreSQL has left there:
test -s db.dump &&
docker volume rm shop-prod_db-data

7. Start db on data-1, in deploy/prod/data-1:
docker compose up --detach --wait db

8. Fill db on data-1 with what db.dump holds, converted first, by a tool that knows both: MySQL does not read what PostgreSQL has written.

9. On data-1, in deploy/prod/data-1, look whether db has all that the old db had:
docker compose exec -T db sh -c 'MYSQL_PWD=\"$(cat \"$MYSQL_ROOT_PASSWORD_FILE\")\" mysql -u root -t -e \"SELECT table_name, table_rows, data_length FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY 1\" \"$MYSQL_DATABASE\"' </dev/null

10. Start web anew on app-1, in deploy/prod/app-1:
docker compose up --detach --force-recreate web
",
        again = started_again("shop-prod", "")
    );
    let test = generated(PLAN).test().plan(&plan);
    test.args(["generate", "prod"]).stdout_has([&said]).run();
}

#[test]
fn a_host_that_goes_leaves_all_of_it() {
    let (plan, _) = PLAN
        .split_once("[environments.prod")
        .expect("prod comes last");
    let test = generated(PLAN).test().plan(plan).args(["generate"]);
    test.stdout_has([
        "left behind: cache on data-1 of prod, which nothing runs any more\nleft behind: db on data-1 of prod, which nothing runs any more\n",
        "left behind: web on app-1 of prod, which nothing runs any more\n",
        "\n2. Take the old web down, on app-1; it runs on until then:\ndocker stop shop-prod-web-1\ndocker rm shop-prod-web-1\n",
        ". When nothing needs it any more, take away the data of before, on data-1; nothing brings it back, so the command begins with a # that you take away:\ndocker rm shop-prod-cache-1 shop-prod-db-1\n# docker volume rm shop-prod_cache-data shop-prod_db-data\n",
        // Nobody says any more that it was a cache.
        "Copy the data of cache out, on data-1, ",
    ])
    .run();
}

#[test]
fn a_plan_with_another_name_starts_without_its_data() {
    let plan = with_db_alone();
    let renamed = plan.replace("name = \"shop\"", "name = \"market\"");
    assert_ne!(plan, renamed);
    let heads = "
left behind: web on app-1 of prod, which starts anew: its project is called market-prod now and was called shop-prod
left behind: db on data-1 of prod, which starts anew, without its data: its project is called market-prod now and was called shop-prod
";
    let start = format!(
        "Start db on data-1, in deploy/prod/data-1, and put the data back:
test -s db.dump &&
docker compose up --detach --wait db &&
docker compose exec -T db {RESTORE}
"
    );
    let test = generated(&plan).test().plan(&renamed);
    test.args(["generate", "prod"])
        .stdout_has([
            heads,
            &start,
            "docker network rm shop-prod_inside shop-prod_outside\n",
        ])
        .run();
}

#[test]
fn what_a_machine_or_a_provider_runs_now_is_said_so() {
    let plan = with_db_alone();
    let process = format!("{plan}[environments.dev.apps.web]\nruns-as = \"process\"\n");
    let test = generated(&plan).test().plan(&process);
    test.args(["generate", "dev"])
        .stdout_has(["left behind: web on box of dev, which is a process now\n"])
        .run();
    let process = format!("{plan}[environments.dev.services.db]\nruns-as = \"process\"\n");
    let test = generated(&plan).test().plan(&process);
    test.args(["generate", "dev"])
        .stdout_has([
            "left behind: db on box of dev, which is a process now\n",
            "Start db on box, where it is a process of the machine now, and put db.dump back with its own client.\n",
        ])
        .run();
    let managed = plan.replace(
        "[environments.prod.hosts.data-1]\n",
        "[environments.prod.hosts.data-1]\nkind = \"managed\"\n",
    );
    let test = generated(&plan).test().plan(&managed);
    test.args(["generate", "prod"])
        .stdout_has([
            "left behind: db on data-1 of prod, which a provider runs now (data-1)\n",
            "1. Order db at its provider, unless it is there already; fill in what the provider tells you, in deploy/prod/secrets.env and in the plan, and write the files again:\nbackstay generate prod\n",
            "Put db.dump into db at data-1, with a client of it.\n",
        ])
        .run();
}

#[test]
fn what_only_changes_leaves_nothing() {
    let plan = PLAN
        .replace(
            "kind = \"postgres\"",
            "kind = \"postgres\"\nversion = \"18.1\"",
        )
        .replace("shop:1.0.0", "shop:1.0.1");
    let updated = [
        "prod/README.md",
        "prod/app-1/compose.yaml",
        "prod/app-1/web.env",
        "prod/app-1/web.env.example",
        "prod/data-1/compose.yaml",
    ];
    let test = generated(PLAN).test().plan(&plan);
    let test = test.args(["generate", "prod"]);
    test.stdout(lines("updated", &updated) + NEXT_IN_PROD).run();
}

#[test]
fn a_host_with_another_name_is_told_once_for_all_that_it_runs() {
    let plan = PLAN
        .replace("hosts.data-1]", "hosts.data-2]")
        .replace(
            "[services.cache]\nkind = \"redis\"",
            "[services.cache]\nkind = \"rabbitmq\"",
        )
        .replace("role = \"cache\"", "role = \"queue\"");
    let before = plan.replace("hosts.data-2]", "hosts.data-1]");
    let test = generated(&before).test().plan(&plan);
    test.args(["generate", "prod"])
        .stdout_has([
            "\nleft behind: cache on data-1 of prod, which runs on data-2 now\nleft behind: db on data-1 of prod, which runs on data-2 now\n\n1. ",
            "\n3. Stop web, which writes to cache, db, on app-1, in deploy/prod/app-1:\ndocker compose stop web\n\n4. ",
            // Its messages lie under the name of its machine, which stays.
            "docker cp shop-prod-cache-1:/var/lib/rabbitmq/. - >cache-data.part.tar &&\n",
            ". Carry cache-data.tar from data-1 to data-2, into deploy/prod/data-2 there.\n",
            "docker rm shop-prod-cache-1 shop-prod-db-1 &&\n",
            "docker network rm shop-prod_inside shop-prod_outside\n",
        ])
        .run();
}

#[test]
fn an_environment_that_goes_and_another_that_comes_are_not_one() {
    let plan = with_db_alone();
    for (before, after) in [
        // Another machine, another service, and a further one.
        (
            "hosts.data-1]\naddress = \"10.0.1.21\"",
            "hosts.data-1]\naddress = \"10.0.7.21\"",
        ),
        ("kind = \"postgres\"", "kind = \"mysql\""),
        ("hosts.app-1]", "hosts.front]"),
    ] {
        let other = plan.replace("environments.prod.", "environments.live.");
        let other = other.replace(before, after);
        assert!(other.contains(after));
        let test = generated(&plan).test().plan(&other).args(["generate"]);
        test.stdout_has([
            "left behind: db on data-1 of prod, which nothing runs any more\n",
            "`backstay secrets move prod live` takes them along\n",
        ])
        .run();
    }
}

#[test]
fn credentials_of_an_import_are_forgotten_by_the_names_they_have() {
    let compose = "\
services:
  web: {image: 'acme/web:1', environment: {CACHE_HOST: cache}}
  cache:
    image: redis:7
    command: redis-server --requirepass cachepw-77
  db:
    image: mysql:8.4
    environment: {MYSQL_ROOT_PASSWORD: rootpw-1, MYSQL_PASSWORD: mypw-2, MYSQL_USER: shop}
";
    let test = Test::new().file("compose.yaml", compose);
    let test = test.args(["import", "compose", "compose.yaml"]);
    let folder = test.stdout_has(["made backstay.toml"]).run();
    let test = folder.test().args(["generate"]);
    let folder = test.stdout_has(["created deploy/local/"]).run();
    let plan = folder.read("backstay.toml");
    let (before, rest) = plan.split_once("[services.db]").expect("it is there");
    let (_, after) = rest.split_once("\n# One host").expect("hosts come last");
    let plan = format!("{before}\n# One host{after}").replace(", \"db\"", "");
    let command =
        "backstay secrets rotate local DB_MYSQL_PASSWORD DB_MYSQL_ROOT_PASSWORD --forget\n";
    let test = folder.test().plan(&plan).args(["generate"]);
    let folder = test.stdout_has([command]).run();
    let words = command.split_whitespace().skip(1).collect::<Vec<_>>();
    let folder = folder.test().args(words);
    let folder = folder.stdout("updated deploy/local/secrets.env\n").run();
    let secrets = folder.read("deploy/local/secrets.env");
    assert!(
        !secrets.contains("DB_") && secrets.contains("CACHE_REQUIREPASS="),
        "{secrets}"
    );
}
