//! What `backstay generate` says when a host goes on running what no file has any more.

use crate::cli::generate::{PLAN, generated, lines};

const COPIED: &str = "\
1. Copy its data out first, on data-1, while the old container runs and nobody writes to it: it stays there, in the volume shop-prod_db-data.
docker exec -i shop-prod-db-1 sh -c 'PGDATABASE=\"$POSTGRES_DB\" pg_dump -U \"$POSTGRES_USER\" --clean --if-exists' >db.dump
";

#[test]
fn a_service_that_moves_leaves_its_data_and_its_container() {
    let plan = PLAN.replace("runs = [\"db\", \"cache\"]\n", "runs = [\"cache\"]\n")
        + "[environments.prod.hosts.data-2]\naddress = \"10.0.1.22\"\nruns = [\"db\"]\n";
    let steps = "
2. Take its old container down, on data-1; it runs on until then:
docker stop shop-prod-db-1
docker rm shop-prod-db-1

3. Start it on data-2, in deploy/prod/data-2, and put the data back:
docker compose up --detach --wait db
docker compose exec -T db sh -c 'PGDATABASE=\"$POSTGRES_DB\" psql -U \"$POSTGRES_USER\" -v ON_ERROR_STOP=1 -q -o /dev/null' <db.dump

4. When all of this works, take away the data of before, on data-1:
docker volume rm shop-prod_db-data
";
    let said =
        format!("\nleft behind: db on data-1 of prod, which runs on data-2 now\n\n{COPIED}{steps}");
    let test = generated(PLAN).test().plan(&plan);
    let folder = test
        .args(["generate", "--dry-run"])
        .stdout_has([&said])
        .run();
    let folder = folder.test().args(["generate"]).stdout_has([&said]).run();
    // It is said once: then the files are as they should be.
    let test = folder.test().args(["generate"]);
    test.stdout("nothing changed: every file is up to date\n")
        .run();
}

#[test]
fn a_service_that_becomes_another_kind_must_not_start_on_the_files_of_before() {
    let plan = PLAN.replace("kind = \"postgres\"", "kind = \"mysql\"");
    let said = format!(
        "\nleft behind: db on data-1 of prod, which is MySQL now and was PostgreSQL\n\n{COPIED}
2. Take its old container down, on data-1; it runs on until then:
docker stop shop-prod-db-1
docker rm shop-prod-db-1

3. Once the copy is safe, or MySQL starts on what PostgreSQL has left there, take away the data of before, on data-1:
docker volume rm shop-prod_db-data

4. Start it on data-1, in deploy/prod/data-1:
docker compose up --detach --wait db

5. Bring the data over: MySQL does not read what PostgreSQL has written.
"
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
        "\nleft behind: web on app-1 of prod, which nothing runs any more\n\n1. Take its old container down, on app-1; it runs on until then:\ndocker stop shop-prod-web-1\ndocker rm shop-prod-web-1\n",
        "\nleft behind: db on data-1 of prod, which nothing runs any more\n",
    ])
    .run();
}

#[test]
fn a_plan_with_another_name_starts_without_its_data() {
    let plan = PLAN.replace("name = \"shop\"", "name = \"market\"");
    assert_ne!(plan, PLAN);
    let steps = "
2. Take its old container down, on data-1; it runs on until then:
docker stop shop-prod-db-1
docker rm shop-prod-db-1

3. Start it on data-1, in deploy/prod/data-1, and put the data back:
docker compose up --detach --wait db
docker compose exec -T db sh -c 'PGDATABASE=\"$POSTGRES_DB\" psql -U \"$POSTGRES_USER\" -v ON_ERROR_STOP=1 -q -o /dev/null' <db.dump

4. When all of this works, take away the data of before, on data-1:
docker volume rm shop-prod_db-data
";
    let said = format!(
        "\nleft behind: db on data-1 of prod, which starts anew, without its data: its project is called market-prod now and was called shop-prod\n\n{COPIED}{steps}"
    );
    let test = generated(PLAN).test().plan(&plan);
    test.args(["generate", "prod"]).stdout_has([&said]).run();
}

#[test]
fn what_only_changes_leaves_nothing() {
    let plan = PLAN
        .replace(
            "kind = \"postgres\"",
            "kind = \"postgres\"\nversion = \"17\"",
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
    test.stdout(lines("updated", &updated)).run();
}
