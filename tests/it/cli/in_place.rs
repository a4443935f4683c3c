//! What stays on hosts of services that keep their place, and of those that come back to it.

use crate::cli::generate::{PLAN, generated};

#[test]
fn what_comes_back_and_goes_is_said_to_stay_where_it_ran_last() {
    let mut folder = generated(PLAN);
    let moved = PLAN.replace(
        "runs = [\"db\", \"cache\"]",
        "runs = [\"cache\"]\n[environments.prod.hosts.data-2]\naddress = \"10.0.1.22\"\nruns = [\"db\"]",
    );
    for plan in [moved.as_str(), PLAN] {
        let test = folder.test().plan(plan).args(["generate", "prod"]);
        folder = test.stdout_has(["left behind: db on data-"]).run();
    }
    let plan = PLAN
        .replace("uses.db = {}\n", "")
        .replace("[services.db]\nkind = \"postgres\"\n", "")
        .replace("\"db\", \"cache\"]", "\"cache\"]")
        .replace(", \"db\"", "");
    let test = folder.test().plan(&plan).args(["generate", "prod"]);
    test.stdout_has([
        "left behind: db on data-1 of prod, which nothing runs any more\n",
        "# docker volume rm shop-prod_db-data\n",
    ])
    .run();
}

/// The plan with the data of its database in a folder of the host.
fn in_folder(plan: &str) -> String {
    format!("{plan}\n[services.db.container.volumes.data]\nfrom = \"./pg\"\n")
}

#[test]
fn a_volume_that_becomes_a_folder_is_brought_over() {
    let test = generated(PLAN).test().plan(&in_folder(PLAN));
    let folder = test
        .args(["generate", "prod"])
        .stdout_has([
            "\nleft behind: db on data-1 of prod, which leaves its data in the volume shop-prod_db-data\n",
            "nobody writes to it: it stays there, in the volume shop-prod_db-data.\n",
            "docker stop shop-prod-db-1 &&\ndocker rm shop-prod-db-1\n",
            "\ntest -s db.dump &&\ndocker compose up --detach --wait db &&\ndocker compose exec -T db sh -c ",
            "where db.dump is:\ntest -s db.dump &&\ndocker volume rm shop-prod_db-data\n",
        ])
        .run();
    // And back: its folder is nobody's to take away but the user's.
    let test = folder.test().plan(PLAN).args(["generate", "prod"]);
    let (_, said, _) = test
        .stdout_has([
            "\nleft behind: db on data-1 of prod, which leaves its data in the folder ../../../pg\n",
            "where its container is gone, this starts another one on its folder. A new one that is in its place already goes before.",
            "\n\"\" | *\" docker.io/library/postgres:18 \"*\" $(cd \"$PWD/../../../pg\" && pwd) \"*) ;;\n*) docker stop shop-prod-db-1 && docker rm shop-prod-db-1 ;;\nesac &&\ntest -d \"$PWD/../../../pg\" && {\n  docker start shop-prod-db-1 ||\n",
            "    --volume \"$PWD/../../../pg\":/var/lib/postgresql \\\n",
            ". When all of this works, take away the data of before, on data-1, in deploy/prod/data-1, where db.dump is; no command takes away the folder ../../../pg, which others may need.\n",
        ])
        .output();
    assert!(!said.contains("volume rm"), "{said}");
}

#[test]
fn a_folder_is_carried_along_to_another_host() {
    let before = in_folder(PLAN);
    let after = before.replace(
        "runs = [\"db\", \"cache\"]",
        "runs = [\"cache\"]\n[environments.prod.hosts.data-2]\naddress = \"10.0.1.22\"\nruns = [\"db\"]",
    );
    let test = generated(&before).test().plan(&after);
    test.args(["generate", "prod"])
        .stdout_has([
            "nobody writes to it: it stays there, in the folder ../../../pg.\n",
            "Carry db.dump from data-1 to data-2,",
            "no command takes away the folder ../../../pg, which others may need:\ntest -s db.dump &&\ndocker rm shop-prod-db-1\n",
        ])
        .run();
    // What stays on its host has its folder there, whatever it is called.
    let renamed = before.replace("name = \"shop\"", "name = \"market\"");
    let test = generated(&before).test().plan(&renamed);
    let (_, said, _) = test
        .args(["generate", "prod"])
        .stdout_has(["Take the old db down, on data-1; it runs on until then:\n"])
        .output();
    assert!(!said.contains("db.dump"), "{said}");
}

#[test]
fn files_go_from_a_volume_to_a_folder_and_back() {
    let sessions = PLAN.replace("role = \"cache\"", "role = \"session\"");
    let folder = format!("{sessions}\n[services.cache.container.volumes.data]\nfrom = \"./d\"\n");
    let test = generated(&folder).test().plan(&sessions);
    test.args(["generate", "prod"])
        .stdout_has([
            "  docker create --name shop-prod-cache-1 --volume \"$PWD/../../../d\":/data docker.io/library/redis:8.2\n",
            "mv cache-data.part.tar cache-data.tar &&\ndocker rm shop-prod-cache-1\n",
            "docker compose create cache &&\ndocker compose cp - cache:/data <cache-data.tar &&\n",
        ])
        .run();
}

#[test]
fn a_major_version_that_reads_no_files_of_another_gets_a_dump() {
    let of = |version: &str| {
        let kind = "kind = \"postgres\"";
        PLAN.replace(kind, &format!("{kind}\nversion = \"{version}\""))
    };
    let steps = [
        "\nleft behind: db on data-1 of prod, which is PostgreSQL 18 now and was PostgreSQL 17\n",
        "    --volume shop-prod_db-data:/var/lib/postgresql/data \\\n",
        "    docker.io/library/postgres:17\n",
        "Stop web, which writes to db, on app-1, ",
        "docker stop shop-prod-db-1 &&\ndocker rm shop-prod-db-1\n",
        "; otherwise PostgreSQL 18 starts on what PostgreSQL 17 has left there:\ntest -s db.dump &&\ndocker volume rm shop-prod_db-data\n",
        "Start db on data-1, in deploy/prod/data-1, and put the data back:\ntest -s db.dump &&\ndocker compose up --detach --wait db &&\n",
    ];
    let test = generated(&of("17")).test().plan(&of("18"));
    test.args(["generate", "prod"]).stdout_has(steps).run();
    let test = generated(&of("17.2")).test().plan(&of("17.5"));
    let (_, said, _) = test
        .args(["generate", "prod"])
        .stdout_has(["updated "])
        .output();
    assert!(!said.contains("left behind"), "{said}");
    // In a folder, too, which nobody empties but the user.
    let test = generated(&in_folder(&of("17"))).test();
    let test = test.plan(&in_folder(&of("18"))).args(["generate", "prod"]);
    test.stdout_has([
        "Once the copy is safe, empty the folder ../../../pg, on data-1, seen from deploy/prod/data-1; otherwise PostgreSQL 18 starts on what PostgreSQL 17 has left there.\n",
    ])
    .run();
}
